#include "bytecode/verify.h"

#include <array>
#include <unordered_set>

#include "bytecode/verify_flow.h"

namespace krait {

namespace {

constexpr int kMaxNesting = 200;            // of code in code
constexpr int64_t kLargestFrame = 1 << 24;  // entries, and locals
constexpr int64_t kLargestArgument = 1 << 24;
constexpr int64_t kFarthestSend = 0xFFF0;  // Frame::return_offset has 16 bits

// What is looked at of an instruction by itself.
struct Check {
    enum Limit : uint8_t { kCount, kConstant, kName, kLocal, kJump };
    bool known = false;
    bool extends = false;    // EXTENDED_ARG
    bool by_itself = false;  // by check_arg()
    uint8_t caches = 0;
    Limit limit = kCount;  // of what the argument is a number; what counts stack entries is bounded, so that
                           // the arithmetic on it is
};

constexpr bool has_rule(Op op) {
    switch (op) {
#define RANGE(name, value, first, limit) case Op::name:
#define RULE(name, condition) case Op::name:
#include "bytecode/operands.def"
        return true;
        default:
            return false;
    }
}

constexpr std::array<Check, kOpCount> kChecks = [] {
    std::array<Check, kOpCount> checks{};
    for (unsigned i = 0; i < kOpCount; i++) {
        Op op{static_cast<uint16_t>(i)};
        unsigned flags = op_info(op).flags;
        if (!(flags & opflag::kDefined) || (flags & (opflag::kSpecialized | opflag::kInstrumented)) ||
            op == Op::CACHE || op == Op::RESERVED || op == Op::ENTER_EXECUTOR || op == Op::INTERPRETER_EXIT)
            continue;
        Check::Limit limit = flags & opflag::kConst                     ? Check::kConstant
                             : flags & opflag::kName                    ? Check::kName
                             : flags & (opflag::kLocal | opflag::kFree) ? Check::kLocal
                             : flags & opflag::kJump                    ? Check::kJump
                                                                        : Check::kCount;
        checks[i] = {true, op == Op::EXTENDED_ARG, has_rule(op), static_cast<uint8_t>(cache_count(op)),
                     limit};
    }
    return checks;
}();

class Verifier {
  public:
    explicit Verifier(const CodeView& code) : code_(code) {}
    bool run() { return check_one_by_one() && check_flow(); }
    bool land(int64_t unit, Landing& landing);
    std::string error() const;

  private:
    bool fail(int64_t unit, const char* text) {
        problem_ = {text, unit};
        return false;
    }
    bool check_one_by_one() { return check_head() && check_instructions() && check_handlers(); }
    bool check_flow() {
        problem_ = krait::check_flow(code_, checked_);
        return problem_.text == nullptr;
    }
    bool check_head();
    bool check_locals();
    bool check_instructions();
    bool unknown(int64_t unit, uint8_t byte);
    bool check_arg(int64_t unit, Op op, int64_t arg);
    bool check_jump(int64_t unit, Op op, int64_t target);
    bool check_handlers();
    bool is_cell(int64_t unit, int64_t local) {
        return within(unit, local, code_.nlocals) &&
               ((code_.localspluskinds[static_cast<size_t>(local)] & (kLocalCell | kLocalFree)) ||
                fail(unit, "not a cell"));
    }
    int32_t begin_block(int64_t unit) {
        int32_t& block = checked_.units[static_cast<size_t>(unit)];
        if (block == CheckedCode::kStart) block = checked_.blocks++;
        return block;
    }
    bool within(int64_t unit, int64_t arg, int64_t limit, int64_t first = 0) {
        return (arg >= first && arg < limit) || fail(unit, "argument out of range");
    }
    int64_t size() const { return static_cast<int64_t>(code_.code.size() / 2); }
    uint8_t byte_at(int64_t i) const { return static_cast<uint8_t>(code_.code[static_cast<size_t>(i)]); }
    // Begins an instruction there? Only what was decoded is known.
    bool starts(int64_t unit) const {
        return unit >= 0 && unit < size() &&
               checked_.units[static_cast<size_t>(unit)] != CheckedCode::kInside;
    }

    const CodeView& code_;
    CheckedCode checked_;
    struct Jump {
        int64_t from, to;
    };
    SmallVector<Jump, 16> jumps_;
    Problem problem_;
    int bad_opcode_ = -1;
    int64_t nfree_ = 0;
};

std::string Verifier::error() const {
    std::string text = problem_.text;
    if (bad_opcode_ >= 0) text += " " + std::to_string(bad_opcode_);
    if (problem_.unit >= 0) text += " at offset " + std::to_string(problem_.unit * 2);
    return text;
}

bool Verifier::check_head() {
    const CodeView& c = code_;
    if (c.code.empty() || c.code.size() % 2 != 0 || c.code.size() > INT32_MAX / 4)
        return fail(-1, "bad code size");
    if (c.argcount < 0 || c.posonlyargcount < 0 || c.kwonlyargcount < 0 || c.stacksize < 0 ||
        c.posonlyargcount > c.argcount)
        return fail(-1, "bad counts");
    if (static_cast<int64_t>(c.localspluskinds.size()) != c.nlocals)
        return fail(-1, "locals' names and kinds differ in number");
    if (c.stacksize > kLargestFrame || c.nlocals > kLargestFrame) return fail(-1, "frame too large");
    return check_locals();
}

// Parameters and other locals, cells, free variables, in this order.
bool Verifier::check_locals() {
    int64_t plain = 0;
    int last = 0;
    for (char c : code_.localspluskinds) {
        auto kind = static_cast<unsigned char>(c);
        int group = kind & kLocalPlain ? 0 : kind & kLocalCell ? 1 : 2;
        if (group < last || (group == 2) != ((kind & kLocalFree) != 0))
            return fail(-1, "bad kinds of locals");
        last = group;
        plain += group == 0;
        nfree_ += group == 2;
    }
    int64_t parameters = int64_t{code_.argcount} + code_.kwonlyargcount +
                         ((code_.flags & kCodeVarArgs) != 0) + ((code_.flags & kCodeVarKeywords) != 0);
    return parameters <= plain || fail(-1, "more parameters than locals");
}

bool Verifier::check_instructions() {
    checked_.units.assign(static_cast<size_t>(size()), CheckedCode::kInside);
    checked_.units[0] = checked_.blocks++;
    const int64_t limits[] = {kLargestArgument, code_.nconsts, code_.nnames, code_.nlocals, INT32_MAX};
    int64_t arg = 0, start = 0;
    for (int64_t unit = 0, end = size(); unit < end;) {
        uint8_t byte = byte_at(2 * unit);
        const Check& check = kChecks[byte];
        if (!check.known) return unknown(unit, byte);
        arg = arg << 8 | byte_at(2 * unit + 1);
        if (arg > INT32_MAX) return fail(unit, "argument out of range");
        int64_t next = unit + 1 + check.caches;
        if (next > end || (check.extends && next == end)) return fail(unit, "instruction cut off");
        if (!check.extends) {
            // A jump may lead to the EXTENDED_ARG only, which is what CPython's assembler makes too.
            if (start > 0) checked_.units[static_cast<size_t>(start)] = CheckedCode::kStart;
            if (check.by_itself ? !check_arg(unit, Op{byte}, arg) : !within(unit, arg, limits[check.limit]))
                return false;
            if (check.limit == Check::kJump) jumps_.push_back({unit, jump_unit(Op{byte}, next, arg)});
            arg = 0;
            start = next;
        }
        unit = next;
    }
    for (auto [unit, target] : jumps_)
        if (!check_jump(unit, Op{byte_at(2 * unit)}, target)) return false;
    return true;
}

bool Verifier::unknown(int64_t unit, uint8_t byte) {
    bad_opcode_ = byte;
    return fail(unit, "unknown opcode");
}

bool Verifier::check_arg(int64_t unit, Op op, int64_t arg) {
    switch (op) {
#define RANGE(name, value, first, limit) \
    case Op::name:                       \
        return within(unit, value, limit, first);
#define RULE(name, condition) \
    case Op::name:            \
        return condition;
#include "bytecode/operands.def"
        default:
            return true;
    }
}

bool Verifier::check_jump(int64_t unit, Op op, int64_t target) {
    if (!starts(target)) return fail(unit, "jump into nowhere");
    // The END_FOR is stepped over when the iterator has no more.
    if (op == Op::FOR_ITER && Op{byte_at(2 * target)} != Op::END_FOR)
        return fail(unit, "loop without END_FOR");
    // This one only tells where the loop's exception comes from.
    if (op == Op::END_ASYNC_FOR) return true;
    begin_block(target);
    return true;
}

bool Verifier::check_handlers() {
    HandlerReader reader(code_.exceptiontable);
    HandlerRange handler;
    int64_t last = 0;
    while (reader.next(handler)) {
        int64_t start = handler.start / 2, end = handler.end / 2, target = handler.target / 2;
        if (start < last || end <= start || !starts(start) || !(starts(end) || end == size()) ||
            !starts(target) || handler.depth > code_.stacksize)
            return fail(start, "bad exception table entry");
        last = end;
        begin_block(target);
        checked_.handlers.push_back(handler);
    }
    return !reader.bad() || fail(-1, "bad exception table");
}

bool Verifier::land(int64_t unit, Landing& landing) {
    if (!check_one_by_one() || !starts(unit)) return false;
    int32_t block = begin_block(unit);
    problem_ = krait::check_flow(code_, checked_, block, &landing);
    return problem_.text == nullptr && landing.reached;
}

// ---- code objects of the front end ----

Entry plain_constant(const void* owner, int64_t index) {
    const Constant* c = static_cast<const CodeObject*>(owner)->consts[static_cast<size_t>(index)];
    switch (c->kind) {
        case ConstantKind::kStr:
            return {kStr};
        case ConstantKind::kCode:
            return {kCode, entry_count(c->code->nfreevars())};
        case ConstantKind::kTuple:
            for (const Constant* item : c->items())
                if (!item->is(ConstantKind::kStr)) return {kTuple};
            return {kNames, entry_count(static_cast<int64_t>(c->items().size()))};
        default:
            return {kPlain};
    }
}

std::string verify_one(const CodeObject& c) {
    LocationReader locations(c.linetable, c.firstlineno);
    CodeRange range;
    while (locations.next(range)) {
    }
    if (locations.bad()) return "bad location table";
    return verify({.code = c.code,
                   .localspluskinds = c.localspluskinds,
                   .exceptiontable = c.exceptiontable,
                   .argcount = c.argcount,
                   .posonlyargcount = c.posonlyargcount,
                   .kwonlyargcount = c.kwonlyargcount,
                   .stacksize = c.stacksize,
                   .flags = c.flags,
                   .nconsts = static_cast<int64_t>(c.consts.size()),
                   .nnames = static_cast<int64_t>(c.names.size()),
                   .nlocals = static_cast<int64_t>(c.localsplusnames.size()),
                   .owner = &c,
                   .constant = plain_constant});
}

// `seen` keeps the work linear where hostile data shares code objects.
std::string verify_nested(const CodeObject* code, int nesting, std::unordered_set<const CodeObject*>& seen) {
    if (nesting > kMaxNesting) return "code nested too deeply";
    if (!seen.insert(code).second) return "";
    if (std::string error = verify_one(*code); !error.empty())
        return std::string(code->qualname) + ": " + error;
    for (const Constant* constant : code->consts) {
        if (!constant->is(ConstantKind::kCode)) continue;
        if (std::string error = verify_nested(constant->code, nesting + 1, seen); !error.empty())
            return error;
    }
    return "";
}

}  // namespace

std::string verify(const CodeView& code) {
    Verifier verifier(code);
    return verifier.run() ? "" : verifier.error();
}

bool find_landing(const CodeView& code, int64_t unit, Landing& landing) {
    return Verifier(code).land(unit, landing);
}

std::string verify_code(const CodeObject* code) {
    std::unordered_set<const CodeObject*> seen;
    return verify_nested(code, 0, seen);
}

}  // namespace krait
