// Of _testinternalcapi: single stages of the compiler, from instruction sequence to instruction sequence.
#include "compiler/compiler.h"

#include <climits>
#include <unordered_map>
#include <vector>

#include "ast/nodes.h"
#include "builtins/dict.h"
#include "builtins/list.h"
#include "builtins/number.h"
#include "builtins/str.h"
#include "builtins/tuple.h"
#include "compiler/assemble.h"
#include "compiler/codegen.h"
#include "interp/code.h"
#include "modules/ast/ast.h"
#include "modules/compilation.h"
#include "modules/internals/instruction_sequence.h"
#include "modules/internals/internals.h"
#include "object/protocol.h"
#include "support/panic.h"

namespace krait::internals {
namespace {

// --- from a tree to instructions ---

Ref sequence_from(Thread& t, const InstrSequence& instrs) {
    Ref object = TRY(sequence_new(t));
    InstructionSequence& s = *as_sequence(object);
    s.instrs = instrs.instrs();
    for (Instr& i : s.instrs)
        if (has_target(i.op)) i.arg = instrs.label_target(Label{i.arg});
    s.resolved = true;
    return object;
}

// Keeps what the code generator hands over, the inner units as nested sequences.
class Recorder : public UnitSink {
  public:
    Recorder(Thread& t, Arena& arena, std::string_view filename)
        : t_(t), arena_(arena), filename_(filename) {}

    void begin() override { open_.emplace_back(); }
    const CodeObject* finish(CodeUnit& unit, Diagnostic& failure) override {
        failed_ = failed_ || !record(unit);
        const char* error = nullptr;
        const CodeObject* code = assemble(arena_, unit, filename_, &error);
        if (!code && error) failure.message = error;
        return code;
    }
    // The outermost unit and what is told of it. Empty: an exception is set.
    Ref result(Thread& t) {
        if (failed_ || !last_) return {};
        return tuple_of(t, {last_, about_});
    }

  private:
    Status record(CodeUnit& unit) {
        std::vector<Ref> inner = std::move(open_.back());
        open_.pop_back();
        Ref sequence = TRY(sequence_from(t_, unit.instrs));
        for (Ref& nested : inner) TRY(sequence_add_nested(t_, sequence, nested));
        if (!open_.empty()) {
            open_.back().push_back(std::move(sequence));
            return Status::ok();
        }
        about_ = TRY(dict_new(t_));
        TRY(dict_set_str(t_, about_, "argcount", Value::from_int(unit.argcount)));
        TRY(dict_set_str(t_, about_, "posonlyargcount", Value::from_int(unit.posonlyargcount)));
        TRY(dict_set_str(t_, about_, "kwonlyargcount", Value::from_int(unit.kwonlyargcount)));
        Ref consts = TRY(list_new(t_));
        for (const Constant* c : unit.consts.values()) {
            Ref object = TRY(constant_to_object(t_, c));
            TRY(list_append(t_, consts, object));
        }
        TRY(dict_set_str(t_, about_, "consts", consts));
        last_ = std::move(sequence);
        return Status::ok();
    }

    Thread& t_;
    Arena& arena_;
    std::string_view filename_;
    std::vector<std::vector<Ref>> open_;  // of each unit that has begun: the nested sequences so far
    Ref last_, about_;
    bool failed_ = false;
};

Ref codegen(Thread& t, Value, const Value* p) {
    CompileRequest request;
    request.source = p[0];
    request.filename = p[1];
    request.optimize = TRY(as_int32(t, p[2]));
    int mode = p[3] ? TRY(as_int32(t, p[3])) : 0;
    if (!is_str(p[1])) return raise(t, PyExc_TypeError, "expected str, got %T", p[1]);
    if (mode < 0 || mode > 2) return raise(t, PyExc_ValueError, "compile_mode must be 0, 1 or 2");
    request.mode = static_cast<CompileMode>(mode);
    Compilation compilation(t, request);
    ast::ModNode* module = compilation.tree_from_objects();
    if (!module) return {};
    Recorder recorder(t, compilation.arena(), compilation.filename());
    if (!compilation.plain_code(module, &recorder)) return {};
    return recorder.result(t);
}

// --- constants: what the compiler knows of objects ---

// Objects that have no form as a constant are stood in for, each by one of its own; what comes back is the
// object itself.
class Constants {
  public:
    Constants(Thread& t, Arena& arena, std::string_view filename = {})
        : t_(t), arena_(arena), filename_(filename) {}

    Result<const Constant*> add(Value object) {
        const Constant* c = constant_from_object(t_, object, arena_);
        if (!c) return {};
        if (c->is(ConstantKind::kInvalid)) return stand_in(object);
        objects_.emplace(c, Ref::share(object));
        return c;
    }
    const Constant* stand_in(Value object) {
        auto* code = arena_.make<CodeObject>();
        code->name = code->qualname = arena_.copy("object " + std::to_string(objects_.size()));
        code->filename = filename_;
        const Constant* c = code_constant(arena_, code);
        objects_.emplace(c, Ref::share(object));
        return c;
    }
    Ref object(const Constant* c) {
        auto found = objects_.find(c);
        return found != objects_.end() ? found->second.share() : constant_to_object(t_, c);
    }

  private:
    Thread& t_;
    Arena& arena_;
    std::string_view filename_;
    std::unordered_map<const Constant*, Ref> objects_;
};

// --- instructions to the flow graph ---

struct Bounds {
    int constants, locals, cells;
};

Status check(Thread& t, const Instr& i, int size, Bounds bounds) {
    if (has_target(i.op) && (i.arg < 0 || i.arg > size))
        return raise(t, PyExc_ValueError, "jump to instruction %d of %d", i.arg, size);
    if (i.arg < 0) return raise(t, PyExc_ValueError, "negative argument %d", i.arg);
    if (i.op == Op::LOAD_CONST && i.arg >= bounds.constants)
        return raise(t, PyExc_ValueError, "LOAD_CONST index %d is out of range for consts (len=%d)", i.arg,
                     bounds.constants);
    bool cell = op_has(i.op, opflag::kFree) || i.op == Op::LOAD_CLOSURE || i.op == Op::MAKE_CELL;
    if (cell && i.arg >= bounds.cells)
        return raise(t, PyExc_ValueError, "cell %d of %d", i.arg, bounds.cells);
    bool pair = i.op == Op::LOAD_FAST_LOAD_FAST || i.op == Op::STORE_FAST_LOAD_FAST ||
                i.op == Op::STORE_FAST_STORE_FAST || i.op == Op::LOAD_FAST_BORROW_LOAD_FAST_BORROW;
    int first = pair ? i.arg >> 4 : i.arg, second = pair ? i.arg & 15 : i.arg;
    if (!cell && op_has(i.op, opflag::kLocal) && std::max(first, second) >= bounds.locals)
        return raise(t, PyExc_ValueError, "local %d of %d", std::max(first, second), bounds.locals);
    return Status::ok();
}

Status to_unit(Thread& t, InstructionSequence& s, CodeUnit& unit, int locals, int cells) {
    TRY(sequence_resolve(t, s));
    int n = static_cast<int>(s.instrs.size());
    Bounds bounds{unit.consts.size(), locals, cells};
    std::vector<Label> labels(static_cast<size_t>(n) + 1);
    for (const Instr& i : s.instrs) {
        TRY(check(t, i, n, bounds));
        if (has_target(i.op) && !labels[static_cast<size_t>(i.arg)])
            labels[static_cast<size_t>(i.arg)] = unit.instrs.new_label();
    }
    for (int at = 0; at <= n; at++) {
        if (Label label = labels[static_cast<size_t>(at)]) unit.instrs.use_label(label);
        if (at == n) break;
        const Instr& i = s.instrs[static_cast<size_t>(at)];
        if (has_target(i.op))
            unit.instrs.add_jump(i.op, labels[static_cast<size_t>(i.arg)], i.loc);
        else
            unit.instrs.add(i.op, i.arg, i.loc);
    }
    return Status::ok();
}

// Before the passes that follow the stack; those of the optimizer do not, and may mend what they are given.
Status check_stack(Thread& t, CodeUnit& unit, Arena& arena) {
    cfg::Cfg graph(unit, arena);
    bool sound = false;
    bool enough = with_memory([&] {
        graph.build();
        graph.mark_handlers();
        sound = graph.stack_depth() >= 0;
    });
    if (!enough) return raise_no_memory(t);
    if (!sound) return raise(t, PyExc_ValueError, "inconsistent stack depth");
    return Status::ok();
}

Ref from_graph(Thread& t, cfg::Cfg& graph) {
    Ref object = TRY(sequence_new(t));
    InstructionSequence& s = *as_sequence(object);
    assembler::place(graph);  // numbers the blocks
    for (cfg::Block* b = graph.entry(); b != nullptr; b = b->next)
        for (const cfg::CfgInstr& i : b->instrs)
            s.instrs.push_back({i.op, i.has_target() && i.target ? i.target->first_index : i.arg, i.loc});
    s.resolved = true;
    return object;
}

// The list `consts` becomes that of the optimized code.
Ref optimize(Thread& t, Value, const Value* p) {
    if (!is_sequence_object(p[0])) return raise(t, PyExc_ValueError, "expected an instruction sequence");
    int locals = TRY(as_int32(t, p[2]));
    if (!is_list(p[1])) return raise(t, PyExc_TypeError, "consts must be a list");
    if (locals < 0 || locals > 0xffff) return raise(t, PyExc_ValueError, "invalid number of locals");
    Arena arena;
    Constants constants(t, arena);
    CodeUnit unit;
    unit.varnames.assign(static_cast<size_t>(locals), "v");
    for (int64_t i = 0; i < list_size(p[1]); i++) {
        Ref item = Ref::share(list_get(p[1], i));
        // Equal ones keep places of their own.
        if (unit.consts.add(TRY(constants.add(item))) != i) unit.consts.add(constants.stand_in(item));
    }
    InstructionSequence& s = *as_sequence(p[0]);
    // Of so few the optimizer only keeps a word of bits: their number need not be right.
    constexpr int kAnyLocals = 64;
    TRY(to_unit(t, s, unit, std::max(locals, kAnyLocals), INT_MAX));
    cfg::Cfg graph(unit, arena);
    bool sound = true;
    if (!with_memory([&] {
            graph.optimize();
            sound = graph.stack_depth() >= 0;
            if (sound) graph.borrow_locals();
        }))
        return raise_no_memory(t);
    if (!sound) return raise(t, PyExc_ValueError, "inconsistent stack depth");
    Ref kept = TRY(list_new(t));
    for (const Constant* c : unit.consts.values()) {
        Ref object = TRY(constants.object(c));
        TRY(list_append(t, kept, object));
    }
    TRY(list_set_slice(t, p[1], 0, list_size(p[1]), kept));
    return from_graph(t, graph);
}

// --- the assembler ---

// The keys of metadata[name], a dict of indices or a list, in their order.
Ref keys_of(Thread& t, Value metadata, const char* name) {
    Ref v = TRY(get_item(t, metadata, TRY(str_from(t, name)).get()));
    return to_tuple(t, v);
}
Result<int> number_of(Thread& t, Value metadata, const char* name) {
    Ref v = TRY(get_item(t, metadata, TRY(str_from(t, name)).get()));
    return as_int32(t, v);
}
Status names_of(Thread& t, Value metadata, const char* name, Arena& arena,
                std::vector<std::string_view>& to) {
    Ref names = TRY(keys_of(t, metadata, name));
    for (int64_t i = 0; i < tuple_size(names); i++) {
        if (!is_str(tuple_get(names, i))) return raise(t, PyExc_TypeError, "%s must be str", name);
        to.push_back(arena.copy(TRY(str_utf8(t, tuple_get(names, i)))));
    }
    return Status::ok();
}

Status describe(Thread& t, Value metadata, Arena& arena, CodeUnit& unit) {
    std::vector<std::string_view> name;
    for (auto [key, to] : {std::pair{"name", &unit.name}, std::pair{"qualname", &unit.qualname}}) {
        Ref v = TRY(get_item(t, metadata, TRY(str_from(t, key)).get()));
        if (!is_str(v)) return raise(t, PyExc_TypeError, "%s must be str", key);
        *to = arena.copy(TRY(str_utf8(t, v)));
    }
    TRY(names_of(t, metadata, "names", arena, unit.names));
    TRY(names_of(t, metadata, "varnames", arena, unit.varnames));
    TRY(names_of(t, metadata, "cellvars", arena, unit.cellvars));
    TRY(names_of(t, metadata, "freevars", arena, unit.freevars));
    TRY(names_of(t, metadata, "fasthidden", arena, unit.hidden));
    int kwonly = TRY(number_of(t, metadata, "kwonlyargcount"));
    unit.argcount = TRY(number_of(t, metadata, "argcount"));
    unit.posonlyargcount = TRY(number_of(t, metadata, "posonlyargcount"));
    unit.kwonlyargcount = kwonly;
    unit.firstlineno = TRY(number_of(t, metadata, "firstlineno"));
    int parameters = unit.argcount + kwonly;
    if (unit.posonlyargcount < 0 || unit.posonlyargcount > unit.argcount || kwonly < 0 ||
        parameters > static_cast<int>(unit.varnames.size()))
        return raise(t, PyExc_ValueError, "more arguments than varnames");
    unit.parameter_count = parameters;
    unit.flags = kCodeOptimized | kCodeNewLocals;
    return Status::ok();
}

Ref assemble_code(Thread& t, Value, const Value* p) {
    if (!is_str(p[0])) return raise(t, PyExc_TypeError, "expected str, got %T", p[0]);
    if (!is_sequence_object(p[1])) return raise(t, PyExc_TypeError, "expected an instruction sequence");
    if (!is_dict(p[2])) return raise(t, PyExc_TypeError, "metadata must be a dict");
    Arena arena;
    CodeUnit unit;
    TRY(describe(t, p[2], arena, unit));
    std::string_view filename = arena.copy(TRY(str_utf8(t, p[0])));
    Constants constants(t, arena, filename);
    Ref consts = TRY(keys_of(t, p[2], "consts"));
    for (int64_t i = 0; i < tuple_size(consts); i++)
        unit.consts.add(TRY(constants.add(tuple_get(consts, i))));
    auto locals = static_cast<int>(unit.varnames.size()),
         cells = static_cast<int>(unit.cellvars.size() + unit.freevars.size());
    TRY(to_unit(t, *as_sequence(p[1]), unit, locals, cells));
    TRY(check_stack(t, unit, arena));
    const CodeObject* code = nullptr;
    const char* error = nullptr;
    if (!with_memory([&] { code = assemble(arena, unit, filename, &error, true); }))
        return raise_no_memory(t);
    if (!code) return raise(t, PyExc_ValueError, "%s", error ? error : "cannot assemble code");
    Ref made = TRY(code_from_plain(t, *code));
    Ref replace = TRY(get_attr(t, made, "replace"));
    Ref names = TRY(tuple_of(t, {TRY(str_intern(t, "co_consts")).get()}));
    Value args[] = {consts};
    return call(t, replace, args, 0, names);
}

Ref new_sequence(Thread& t, Value) { return sequence_new(t); }

}  // namespace

const NativeDef kCompilerFunctions[] = {
    def<new_sequence>("new_instruction_sequence", "()", "An empty sequence of instructions."),
    def<codegen>("compiler_codegen", "(ast, filename, optimize, compile_mode=0)",
                 "The instructions of a tree before any optimization, and a dict with its constants and the "
                 "numbers of\nits arguments."),
    def<optimize>(
        "optimize_cfg", "(instructions, consts, nlocals)",
        "The instructions after the flow graph's optimizations. consts becomes what they refer to."),
    def<assemble_code>("assemble_code_object", "(filename, instructions, metadata)",
                       "The code object of optimized instructions."),
    {},
};

}  // namespace krait::internals
