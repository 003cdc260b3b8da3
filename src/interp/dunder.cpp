// Which plain function a special method of a Python class is, and what becomes of its odd results.
#include "interp/dunder.h"

#include "builtins/number.h"
#include "interp/code.h"
#include "object/errors.h"
#include "object/instance.h"
#include "object/internal.h"
#include "object/names.h"

namespace krait {
namespace {

using BinarySlot = BinaryFn Slots::*;
struct Operator {
    BinarySlot plain, inplace;
    NameId name, reflected, inplace_name;
};
#define OPERATOR(slot, name)                                                                        \
    {&Slots::nb_##slot, &Slots::nb_inplace_##slot, NameId::k___##name##__, NameId::k___r##name##__, \
     NameId::k___i##name##__}
// In the order of BinaryOp. Power has a third operand, and is left to its slot.
const Operator kOperators[] = {
    OPERATOR(add, add),
    OPERATOR(and, and),
    OPERATOR(floor_divide, floordiv),
    OPERATOR(lshift, lshift),
    OPERATOR(matrix_multiply, matmul),
    OPERATOR(multiply, mul),
    OPERATOR(remainder, mod),
    OPERATOR(or, or),
    {nullptr, nullptr, {}, {}, {}},
    OPERATOR(rshift, rshift),
    OPERATOR(subtract, sub),
    OPERATOR(true_divide, truediv),
    OPERATOR(xor, xor),
};
#undef OPERATOR
Value name_of(NameId id) { return g_names[static_cast<int>(id)]; }

bool is_python_class(const PyTypeObject* type) {
    return (type->tp_flags & kTpHeapType) && !ext(type)->is_c_type;
}

constexpr int kGenerators = kCodeGenerator | kCodeCoroutine | kCodeAsyncGenerator;

// A function of so many plain parameters that runs to its end when called.
Value plain_method(PyTypeObject* type, Value name, int nargs, int allowed = 0) {
    Value fn = type_lookup(type, name);
    if (!fn || !runs_its_code(fn)) return {};
    const PyCodeObject* co = as_code(as_function(fn)->func_code);
    int others = (kCodeVarArgs | kCodeVarKeywords | kGenerators) & ~allowed;
    bool plain = (co->co_flags & (kCodeOptimized | others)) == kCodeOptimized && co->co_kwonlyargcount == 0 &&
                 co->co_argcount == nargs;
    return plain ? fn : Value();
}

bool is_real_number(Value v) {
    return v.is_int() || v.is_float() || has_type(v, &PyLong_Type) || has_type(v, &PyFloat_Type);
}
bool is_number_type(const PyTypeObject* type) {
    return is_subtype(type, &PyLong_Type) || is_subtype(type, &PyFloat_Type) ||
           is_subtype(type, &PyComplex_Type);
}

}  // namespace

OperatorMethod operator_method(Value a, Value b, int op) {
    if (op >= 2 * kFirstInplace) return {};
    bool inplace = op >= kFirstInplace;
    const Operator& o = kOperators[inplace ? op - kFirstInplace : op];
    if (!o.plain) return {};
    PyTypeObject *ta = type_of(a), *tb = type_of(b);
    if (is_python_class(ta)) {
        const Slots& s = ext(ta)->slots;
        if (inplace && s.*o.inplace) {
            if (s.*o.inplace != kPythonSlots.*o.inplace) return {};
            return {plain_method(ta, name_of(o.inplace_name), 2), Declined::Inplace};
        }
        // A subclass on the right goes first.
        if (s.*o.plain != kPythonSlots.*o.plain || (ta != tb && is_subtype(tb, ta))) return {};
        return {plain_method(ta, name_of(o.name), 2), Declined::Left};
    }
    // Numbers decline what is no number, without a trace.
    if (!is_real_number(a) || !is_python_class(tb) || is_number_type(tb)) return {};
    if (ext(tb)->slots.*o.plain != kPythonSlots.*o.plain) return {};
    return {plain_method(tb, name_of(o.reflected), 2), Declined::Right};
}

Value compare_method(Value a, Value b, int op) {
    static const NameId kNames[] = {NameId::k___lt__, NameId::k___le__, NameId::k___eq__,
                                    NameId::k___ne__, NameId::k___gt__, NameId::k___ge__};
    PyTypeObject *ta = type_of(a), *tb = type_of(b);
    if (!is_python_class(ta) || ext(ta)->slots.richcompare != kPythonSlots.richcompare) return {};
    if (ta != tb && is_subtype(tb, ta)) return {};
    return plain_method(ta, name_of(kNames[op]), 2);
}

#define METHOD(function, slot, name, nargs)                                                  \
    Value function(Value v) {                                                                \
        PyTypeObject* type = type_of(v);                                                     \
        if (!is_python_class(type) || ext(type)->slots.slot != kPythonSlots.slot) return {}; \
        return plain_method(type, ID(name), nargs);                                          \
    }
METHOD(contains_method, sq_contains, __contains__, 2)
METHOD(bool_method, nb_bool, __bool__, 1)
METHOD(next_method, iternext, __next__, 1)
METHOD(setitem_method, mp_ass_subscript, __setitem__, 3)
#undef METHOD

Value iter_method(Value v, bool* generator) {
    PyTypeObject* type = type_of(v);
    if (!is_python_class(type) || ext(type)->slots.iter != kPythonSlots.iter) return {};
    Value fn = plain_method(type, ID(__iter__), 1, kCodeGenerator);
    *generator = fn && (as_code(as_function(fn)->func_code)->co_flags & kCodeGenerator);
    return fn;
}

Value instancecheck_method(Value cls) {
    if (!is_type(cls) || !is_python_class(type_of(cls))) return {};
    return plain_method(type_of(cls), ID(__instancecheck__), 2);
}

Value getattribute_method(Value owner) {
    PyTypeObject* type = type_of(owner);
    const TypeExt* x = ext(type);
    if (!is_python_class(type) || x->slots.getattr != kPythonSlots.getattr || x->has_getattr_hook) return {};
    return plain_method(type, ID(__getattribute__), 2);
}
Value getattr_method(Value owner) {
    PyTypeObject* type = type_of(owner);
    if (!is_python_class(type) || !ext(type)->generic_but_hook) return {};
    return plain_method(type, ID(__getattr__), 2);
}

Value call_method_of(Value callable) {
    PyTypeObject* type = type_of(callable);
    if (!is_python_class(type) || ext(type)->slots.call != kPythonSlots.call) return {};
    Value fn = type_lookup(type, ID(__call__));
    return fn && runs_its_code(fn) ? fn : Value();
}

Value init_method(Value cls) {
    if (!is_type(cls) || ext(type_of(cls))->slots.call != ext(&PyType_Type)->slots.call) return {};
    auto* type = cls.as<PyTypeObject>();
    if (!is_python_class(type) || (type->tp_flags & kTpIsAbstract)) return {};
    const Slots& s = ext(type)->slots;
    if (s.new_ != ext(&PyBaseObject_Type)->slots.new_ || s.init != kPythonSlots.init) return {};
    Value init = type_lookup(type, ID(__init__));
    if (!init || !runs_its_code(init)) return {};
    int flags = as_code(as_function(init)->func_code)->co_flags;
    return (flags & (kCodeOptimized | kGenerators)) == kCodeOptimized ? init : Value();
}

Value slow_operator_declined(Thread& t, Value a, Value b, int op, Declined by) {
    const Operator& o = kOperators[op >= kFirstInplace ? op - kFirstInplace : op];
    return binary_op_declined(t, a, b, static_cast<BinaryOp>(op), by, name_of(o.reflected)).release();
}

Value slow_compare_returned(Thread& t, Value a, Value b, int oparg, Value result) {
    Ref r = Ref::steal(result);
    if (r.get() == not_implemented()) r = compare_declined(t, a, b, static_cast<CompareOp>(oparg >> 5));
    if (!r || !(oparg & kCompareToBool)) return r.release();
    Result<bool> truth = is_true(t, r);
    return truth ? boolean(truth.value()) : Value();
}

Value slow_truth_returned(Thread& t, Value result, bool of_bool_method) {
    Ref r = Ref::steal(result);
    if (of_bool_method) {
        raise(t, PyExc_TypeError, "__bool__ should return bool, returned %T", r.get());
        return {};
    }
    Result<bool> truth = is_true(t, r);
    return truth ? boolean(truth.value()) : Value();
}

bool slow_check_iter(Thread& t, Value result) {
    if (is_iterator(result)) return true;
    raise(t, PyExc_TypeError, "iter() returned non-iterator of type '%.100s'", type_of(result)->tp_name);
    return false;
}

}  // namespace krait
