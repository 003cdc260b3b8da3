#include <algorithm>
#include <unordered_set>

#include "bytecode/decode.h"

namespace krait {

namespace {

constexpr int kMaxNesting = 200;  // of code in code
constexpr int kUnknown = -1;

class Verifier {
  public:
    explicit Verifier(const CodeObject* code) : code_(code) {}
    bool run();
    const std::string& error() const { return error_; }

  private:
    bool fail(int32_t offset, std::string_view what) {
        if (error_.empty()) {
            error_ = std::string(code_->qualname) + ": ";
            error_ += what;
            if (offset >= 0) error_ += " at offset " + std::to_string(offset);
        }
        return false;
    }
    bool check_head();
    bool decode();
    bool check_arg(const DecodedInstr& instr);
    bool check_tables();
    bool enter(int32_t from, int64_t target, int depth);
    bool flow();
    int index_at(int64_t offset) const {
        return offset >= 0 && offset < int64_t(index_.size()) ? index_[offset] : kUnknown;
    }

    const CodeObject* code_;
    std::vector<DecodedInstr> instrs_;
    std::vector<int> index_;  // of the instruction that starts at a byte offset, or kUnknown
    std::vector<int> depth_;  // stack depth before each instruction, or kUnknown when it is not reached
    std::vector<int> todo_;
    std::vector<HandlerRange> handlers_;
    std::string error_;
};

bool Verifier::check_head() {
    const CodeObject& c = *code_;
    if (c.code.empty() || c.code.size() % 2 != 0 || c.code.size() > INT32_MAX / 4)
        return fail(-1, "bad code size");
    if (c.argcount < 0 || c.posonlyargcount < 0 || c.kwonlyargcount < 0 || c.stacksize < 0 ||
        c.posonlyargcount > c.argcount) {
        return fail(-1, "bad counts");
    }
    if (c.localspluskinds.size() != c.localsplusnames.size())
        return fail(-1, "locals' names and kinds differ in number");
    int64_t parameters = int64_t(c.argcount) + c.kwonlyargcount + ((c.flags & kCodeVarArgs) != 0) +
                         ((c.flags & kCodeVarKeywords) != 0);
    if (parameters > c.nlocals()) return fail(-1, "more parameters than locals");
    if (c.stacksize > (1 << 24) || c.localsplusnames.size() > (1 << 24)) return fail(-1, "frame too large");
    return true;
}

bool Verifier::decode() {
    InstrReader reader(code_->code);
    DecodedInstr instr;
    index_.assign(code_->code.size(), kUnknown);
    size_t end = 0;
    while (reader.next(instr)) {
        unsigned flags = op_info(instr.op).flags;
        if (!(flags & opflag::kDefined) || (flags & (opflag::kSpecialized | opflag::kInstrumented)) ||
            instr.op == Op::CACHE || instr.op == Op::RESERVED || instr.op == Op::ENTER_EXECUTOR ||
            instr.op == Op::INTERPRETER_EXIT) {
            return fail(instr.offset, "bad opcode");
        }
        // A jump may lead to the EXTENDED_ARG only, which is what CPython's assembler makes too.
        index_[instr.start] = static_cast<int>(instrs_.size());
        instrs_.push_back(instr);
        end = static_cast<size_t>(instr.end);
    }
    return end == code_->code.size() || fail(static_cast<int32_t>(end), "instruction cut off");
}

bool Verifier::check_arg(const DecodedInstr& instr) {
    uint32_t arg = instr.arg;
    size_t locals = code_->localsplusnames.size();
    auto within = [&](size_t limit) { return arg < limit || fail(instr.offset, "argument out of range"); };
    auto is_cell = [&]() {
        if (arg < locals && (code_->localspluskinds[arg] & (kLocalCell | kLocalFree))) return true;
        return fail(instr.offset, "not a cell");
    };
    switch (instr.op) {
        case Op::LOAD_CONST:
            return within(code_->consts.size());
        case Op::LOAD_ATTR:
        case Op::LOAD_GLOBAL:
            return within(code_->names.size() * 2);
        case Op::LOAD_SUPER_ATTR:
            return within(code_->names.size() * 4);
        case Op::LOAD_FAST_LOAD_FAST:
        case Op::LOAD_FAST_BORROW_LOAD_FAST_BORROW:
        case Op::STORE_FAST_LOAD_FAST:
        case Op::STORE_FAST_STORE_FAST:
            if ((arg >> 4) >= locals || (arg & 15) >= locals)
                return fail(instr.offset, "argument out of range");
            return true;
        case Op::LOAD_DEREF:
        case Op::STORE_DEREF:
        case Op::DELETE_DEREF:
        case Op::MAKE_CELL:
        case Op::LOAD_FROM_DICT_OR_DEREF:
            return is_cell();
        case Op::COPY_FREE_VARS:
            return static_cast<int>(arg) == code_->nfreevars() ||
                   fail(instr.offset, "wrong number of free variables");
        case Op::BINARY_OP:
            return within(kBinaryOpCount);
        case Op::COMPARE_OP:
            return within(6 << 5);
        case Op::CALL_INTRINSIC_1:
            return (arg != 0 || fail(instr.offset, "argument out of range")) && within(12);
        case Op::CALL_INTRINSIC_2:
            return (arg != 0 || fail(instr.offset, "argument out of range")) && within(6);
        case Op::LOAD_SPECIAL:
            return within(4);
        case Op::LOAD_COMMON_CONSTANT:
            return within(5);
        case Op::CONVERT_VALUE:
            return (arg != 0 || fail(instr.offset, "argument out of range")) && within(4);
        case Op::IS_OP:
        case Op::CONTAINS_OP:
            return within(2);
        case Op::RAISE_VARARGS:
            return within(3);
        case Op::LOAD_SMALL_INT:
            return within(256);
        case Op::BUILD_SLICE:
            return arg == 2 || arg == 3 || fail(instr.offset, "argument out of range");
        case Op::SET_FUNCTION_ATTRIBUTE:
            return (arg < 32 && (arg & (arg - 1)) == 0 && arg != 0) ||
                   fail(instr.offset, "argument out of range");
        case Op::COPY:
        case Op::SWAP:
        case Op::LIST_APPEND:
        case Op::LIST_EXTEND:
        case Op::SET_ADD:
        case Op::SET_UPDATE:
        case Op::MAP_ADD:
        case Op::DICT_UPDATE:
        case Op::DICT_MERGE:
            if (arg == 0) return fail(instr.offset, "argument out of range");
            break;
        default:
            if (op_has(instr.op, opflag::kName)) return within(code_->names.size());
            if (op_has(instr.op, opflag::kLocal)) return within(locals);
    }
    // What counts stack entries: bounded, so that the arithmetic on it is.
    return arg < (1u << 24) || jump_target(instr) != -1 || fail(instr.offset, "argument out of range");
}

bool Verifier::check_tables() {
    LocationReader locations(code_->linetable, code_->firstlineno);
    CodeRange range;
    while (locations.next(range)) {
    }
    if (locations.bad()) return fail(-1, "bad location table");
    HandlerReader reader(code_->exceptiontable);
    HandlerRange handler;
    int32_t size = static_cast<int32_t>(code_->code.size()), last = 0;
    while (reader.next(handler)) {
        if (handler.start < last || handler.end <= handler.start || handler.end > size ||
            index_at(handler.target) == kUnknown || handler.depth > code_->stacksize) {
            return fail(handler.start, "bad exception table entry");
        }
        last = handler.end;
        handlers_.push_back(handler);
    }
    return !reader.bad() || fail(-1, "bad exception table");
}

bool Verifier::enter(int32_t from, int64_t target, int depth) {
    int i = index_at(target);
    if (i == kUnknown) return fail(from, "jump into nowhere");
    if (depth < 0 || depth > code_->stacksize) return fail(from, "stack depth out of range");
    if (depth_[i] == kUnknown) {
        depth_[i] = depth;
        todo_.push_back(i);
    }
    return depth_[i] == depth || fail(instrs_[i].offset, "stack depth depends on the path");
}

// Follows all paths, handlers included, and gives each instruction its stack depth.
bool Verifier::flow() {
    depth_.assign(instrs_.size(), kUnknown);
    if (!enter(0, 0, 0)) return false;
    while (!todo_.empty()) {
        int i = todo_.back();
        todo_.pop_back();
        const DecodedInstr& instr = instrs_[i];
        int depth = depth_[i], arg = static_cast<int>(instr.arg);
        // The handler in force, whatever raises here.
        auto after = std::ranges::upper_bound(handlers_, instr.offset, {}, &HandlerRange::start);
        if (after != handlers_.begin() && instr.offset < (after - 1)->end) {
            const HandlerRange& handler = *(after - 1);
            if (depth < handler.depth) return fail(instr.offset, "stack below its handler's");
            if (!enter(instr.offset, handler.target, handler.depth + handler.lasti + 1)) return false;
        }
        int64_t target = jump_target(instr);
        // The argument of a jump is no number of stack entries.
        StackUse use = stack_use(instr.op, target != -1 ? 0 : arg);
        if (use.pops > depth) return fail(instr.offset, "stack runs empty");
        if (target != -1 && !enter(instr.offset, target, depth - use.pops + use.pushes)) return false;
        Op op = instr.op;
        if (op_has(op, opflag::kExit) || op == Op::JUMP_FORWARD || op == Op::JUMP_BACKWARD ||
            op == Op::JUMP_BACKWARD_NO_INTERRUPT) {
            continue;
        }
        if (!enter(instr.offset, instr.end, depth - use.pops + use.pushes)) return false;
    }
    return true;
}

bool Verifier::run() {
    if (!check_head() || !decode()) return false;
    for (const DecodedInstr& instr : instrs_) {
        if (!check_arg(instr)) return false;
    }
    return check_tables() && flow();
}

// `seen` keeps the work linear where hostile data shares code objects.
std::string verify(const CodeObject* code, int nesting, std::unordered_set<const CodeObject*>& seen) {
    if (nesting > kMaxNesting) return "code nested too deeply";
    if (!seen.insert(code).second) return "";
    Verifier verifier(code);
    if (!verifier.run()) return verifier.error();
    for (const Constant* constant : code->consts) {
        if (!constant->is(ConstantKind::kCode)) continue;
        if (std::string error = verify(constant->code, nesting + 1, seen); !error.empty()) return error;
    }
    return "";
}

}  // namespace

std::string verify_code(const CodeObject* code) {
    std::unordered_set<const CodeObject*> seen;
    return verify(code, 0, seen);
}

}  // namespace krait
