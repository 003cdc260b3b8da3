// Special methods of Python classes that instructions call: where the method is a plain Python function, its
// frame is entered instead of nesting a loop in the slot. The class is asked each time (type_lookup's cache
// is quick), so nothing has to be guarded; Frame::is_entry says what returning goes on with.
#pragma once

#include "interp/eval.h"
#include "object/operators.h"

namespace krait {

// Functions are borrowed; empty: take the slot.
struct OperatorMethod {
    Value fn;
    Declined kind = Declined::Left;
};
OperatorMethod operator_method(Value a, Value b, int op);
Value compare_method(Value a, Value b, int op);
Value contains_method(Value container);
Value bool_method(Value v);
Value iter_method(Value v, bool* generator);
Value next_method(Value it);
Value setitem_method(Value container);
Value instancecheck_method(Value cls);   // of its metaclass
Value getattribute_method(Value owner);  // of a class without __getattr__
Value getattr_method(Value owner);       // the __getattr__ that comes after a look-up like object's
Value call_method_of(Value callable);    // its __call__, with parameters of any kind
// The __init__ that calling `cls` comes down to after object.__new__; parameters of any kind.
Value init_method(Value cls);

// What the methods returned, `result` owned, where it is not what they mostly return.
Value slow_operator_declined(Thread& t, Value a, Value b, int op, Declined by);
Value slow_compare_returned(Thread& t, Value a, Value b, int oparg, Value result);
Value slow_truth_returned(Thread& t, Value result, bool of_bool_method);  // True, False or an exception
bool slow_check_iter(Thread& t, Value result);                            // borrowed

// May an operator on `s` be a Python class's?
inline bool may_have_methods(Slot s) { return s.is_pointer() && (s.ptr()->ob_type->tp_flags & kTpHeapType); }

// An object of a C type: its slots are C functions, and C may have it as it is.
inline bool made_by_c(Slot s) {
    return s.is_pointer() && (s.ptr()->ob_type->krait_bits & (kMadeByC | kExposable)) == kMadeByC;
}

// The same of a type that C made itself: no methods of Python classes stand in its slots, as a rule.
inline bool has_slots_of_c(Slot s) {
    return s.is_pointer() && (s.ptr()->ob_type->krait_bits & (kSlotsOfC | kExposable)) == kSlotsOfC;
}

// A getset descriptor whose getter is a C function, and which fits.
inline bool is_c_getter(Value descr, PyObject* owner) {
    if (!has_type(descr, &PyGetSetDescr_Type)) return false;
    auto* d = descr.as<PyGetSetDescrObject>();
    return d->d_getset->get && is_subtype(owner->ob_type, d->d_common.d_type);
}

}  // namespace krait
