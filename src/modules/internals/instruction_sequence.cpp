#include "modules/internals/instruction_sequence.h"

#include <new>
#include <utility>

#include "builtins/list.h"
#include "builtins/number.h"
#include "builtins/tuple.h"
#include "gc/gc.h"
#include "object/errors.h"
#include "object/per_interpreter.h"
#include "object/protocol.h"

namespace krait::internals {
namespace {

PER_INTERPRETER_REFS PyTypeObject* g_type = nullptr;

constexpr int kMostLabels = 1 << 20;

void dealloc(Thread& t, PyObject* o) {
    auto* s = reinterpret_cast<InstructionSequence*>(o);
    Value nested = s->nested;
    s->instrs.~vector();
    s->labels.~vector();
    gc_untrack(t, o);
    free_object(t, o);
    xdecref(nested);
}
void traverse(PyObject* o, Visitor& v) { v.visit(reinterpret_cast<InstructionSequence*>(o)->nested); }
void clear(Thread&, PyObject* o) {
    Value& nested = reinterpret_cast<InstructionSequence*>(o)->nested;
    xdecref(std::exchange(nested, Value()));
}
Ref make(Thread& t, PyTypeObject* type, const Value* args, size_t nargs, Value kwnames) {
    if (nargs || (kwnames && tuple_size(kwnames)))
        return raise(t, PyExc_TypeError, "InstructionSequenceType() takes no arguments");
    Ref self = TRY(alloc(t, type));
    auto* s = as_sequence(self);
    new (&s->instrs) std::vector<Instr>;
    new (&s->labels) std::vector<int>;
    return self;
}

int new_label_of(InstructionSequence& s) {
    s.labels.push_back(-1);
    return static_cast<int>(s.labels.size());
}

Ref new_label(Thread&, Value self) { return Ref::from_int(new_label_of(*as_sequence(self))); }

Ref use_label(Thread& t, Value self, const Value* p) {
    int label = TRY(as_int32(t, p[0]));
    if (label < 0 || label > kMostLabels) return raise(t, PyExc_ValueError, "invalid label %d", label);
    auto& labels = as_sequence(self)->labels;
    if (labels.size() <= static_cast<size_t>(label)) labels.resize(static_cast<size_t>(label) + 1, -1);
    labels[static_cast<size_t>(label)] = static_cast<int>(as_sequence(self)->instrs.size());
    return none_ref();
}

bool is_opcode(int n) {
    return n >= 0 && n < static_cast<int>(kAnyOpCount) && (kOpTable[n].flags & opflag::kDefined) &&
           !(kOpTable[n].flags & (opflag::kSpecialized | opflag::kInstrumented));
}

Ref addop(Thread& t, Value self, const Value* p) {
    int n[6];
    for (int i = 0; i < 6; i++) n[i] = TRY(as_int32(t, p[i]));
    if (!is_opcode(n[0])) return raise(t, PyExc_ValueError, "invalid opcode %d", n[0]);
    // The places come in the order in which get_instructions() tells them, whatever the parameters are
    // called.
    as_sequence(self)->instrs.push_back({static_cast<Op>(n[0]), n[1], {n[2], n[3], n[4], n[5]}});
    return none_ref();
}

Ref add_nested(Thread& t, Value self, Value nested) {
    if (!is_sequence_object(nested))
        return raise(t, PyExc_TypeError, "expected an instruction sequence, not %T", Value(type_of(nested)));
    TRY(sequence_add_nested(t, self, nested));
    return none_ref();
}

Ref get_nested(Thread& t, Value self) {
    Value nested = as_sequence(self)->nested;
    return nested ? to_list(t, nested) : list_new(t);
}

Ref get_instructions(Thread& t, Value self) {
    auto& s = *as_sequence(self);
    TRY(sequence_resolve(t, s));
    Ref list = TRY(list_new(t));
    for (const Instr& i : s.instrs) {
        bool shown = op_has(i.op, opflag::kArg) || has_target(i.op);
        Ref item =
            TRY(tuple_of(t, {Value::from_int(static_cast<int>(i.op)), shown ? Value::from_int(i.arg) : none(),
                             Value::from_int(i.loc.line), Value::from_int(i.loc.end_line),
                             Value::from_int(i.loc.col), Value::from_int(i.loc.end_col)}));
        TRY(list_append(t, list, item));
    }
    return list;
}

const NativeDef methods[] = {
    def<addop>("addop", "(opcode, oparg, lineno, col_offset, end_lineno, end_col_offset)",
               "Add an instruction at the end."),
    def<new_label>("new_label", "()", "A label that stands for no place yet."),
    def<use_label>("use_label", "(label)", "The label stands for what is added next."),
    def<add_nested>("add_nested", "(nested, /)", "Add the sequence of a function or class inside."),
    def<get_nested>("get_nested", "()", "The sequences of the functions and classes inside."),
    def<get_instructions>("get_instructions", "()",
                          "The instructions: opcode, argument, line, last line, column, last column."),
    {},
};

PyTypeObject* sequence_type(Thread& t) {
    static const TypeDecl decl{
        .name = "builtins.InstructionSequence",
        .basicsize = sizeof(InstructionSequence),
        .flags = kTpDefault | kTpHaveGC | kTpImmutableType,
        .slots = {.dealloc = dealloc, .traverse = traverse, .clear = clear, .new_ = make},
        .spec = {.methods = methods, .doc = "The instructions of a code object in the making."}};
    if (!g_type) {
        Ref made = new_native_heap_type(t, Value(), decl, {});
        if (!made) return nullptr;
        g_type = made.release().as<PyTypeObject>();
    }
    return g_type;
}

}  // namespace

bool is_sequence_object(Value v) { return g_type && has_type(v, g_type); }

Ref sequence_new(Thread& t) {
    PyTypeObject* type = sequence_type(t);
    return type ? make(t, type, nullptr, 0, {}) : Ref();
}

Status sequence_add_nested(Thread& t, Value self, Value nested) {
    auto* s = as_sequence(self);
    if (!s->nested) s->nested = TRY(list_new(t)).release();
    return list_append(t, s->nested, nested);
}

Status sequence_resolve(Thread& t, InstructionSequence& s) {
    if (s.resolved || s.labels.empty()) return Status::ok();
    for (const Instr& i : s.instrs) {
        if (!has_target(i.op)) continue;
        bool known = i.arg >= 0 && i.arg < static_cast<int>(s.labels.size()) &&
                     s.labels[static_cast<size_t>(i.arg)] >= 0;
        if (!known) return raise(t, PyExc_ValueError, "label %d has no place", i.arg);
    }
    for (Instr& i : s.instrs)
        if (has_target(i.op)) i.arg = s.labels[static_cast<size_t>(i.arg)];
    s.resolved = true;
    return Status::ok();
}

}  // namespace krait::internals
