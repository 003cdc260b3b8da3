// Builtin exceptions: parts shared by the exceptions-*.cpp files.
#pragma once

#include "object/errors.h"

namespace krait {

inline PyBaseExceptionObject* as_base_exception(Value v) { return v.as<PyBaseExceptionObject>(); }

// Slots that a subclass with more fields extends.
Ref base_exception_new(Thread& t, PyTypeObject* type, const Value* args, size_t nargs, Value kwnames);
Status base_exception_init(Thread& t, Value self, const Value* args, size_t nargs, Value kwnames);
// An instance of a class that takes its arguments as they come, made without a call; absent: no such class.
Maybe exception_from_args(Thread& t, PyTypeObject* type, Value args_tuple);
void base_exception_dealloc(Thread& t, PyObject* o);
void base_exception_traverse(PyObject* o, Visitor& v);
void base_exception_clear(Thread& t, PyObject* o);
Ref base_exception_str(Thread& t, Value self);
// (type, args) or (type, args, state).
Ref exception_reduce(Thread& t, Value self, Value state_or_empty);

// Replaces a Value field: shares `v` (may be empty).
inline void set_field(Value& field, Value v) {
    Value old = field;
    xincref(v);
    field = v;
    xdecref(old);
}
// What the table in exceptions.cpp needs to know about the types with fields of their own.
struct ExceptionExtras {
    Slots slots;
    TypeSpec spec;
};
ExceptionExtras import_error_extras();
ExceptionExtras os_error_extras();
ExceptionExtras syntax_error_extras();
ExceptionExtras unicode_error_extras(PyTypeObject* which);
ExceptionExtras attribute_error_extras();
ExceptionExtras name_error_extras();
ExceptionExtras stop_iteration_extras();
ExceptionExtras system_exit_extras();
ExceptionExtras exception_group_extras();
Status init_exception_group(Thread& t);  // makes ExceptionGroup
Ref exception_group_type(Thread& t);     // ExceptionGroup
// Publishes all of them in the dict of module builtins.
Status add_exceptions_to(Thread& t, Value builtins_dict);
Status init_builtin_exceptions(Thread& t);
// BaseExceptionGroup(message, excs) or a subclass, through its constructor.
Ref exception_group_new(Thread& t, Value message, Value excs);
// CHECK_EG_MATCH on a group: the matching part (None: nothing), the rest in `rest`.
Ref exception_group_split(Thread& t, Value group, Value type, Ref* rest);
// PREP_RERAISE_STAR: what an except* statement raises at its end, None for nothing. `excs`: list of raised
// and re-raised ones.
Ref exception_group_prepare_reraise(Thread& t, Value orig, Value excs);

// Accessors used by codecs and others.
Ref unicode_error_object(Thread& t, Value exc, bool text);  // the str or bytes being converted
int os_error_errno(Value exc);                              // 0 when it has none

}  // namespace krait
