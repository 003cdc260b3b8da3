// BaseException, the table of all builtin exceptions, and the simple ones.
#include "builtins/exceptions.h"

#include <cstring>

#include "builtins/callable.h"
#include "builtins/dict.h"
#include "builtins/list.h"
#include "builtins/str.h"
#include "builtins/tuple.h"
#include "gc/gc.h"
#include "object/names.h"
#include "object/protocol.h"

#define EXC_TYPE(name, base, layout) krait::Type exc_type_##name;
namespace {
#include "object/exceptions.def"
}
extern "C" {
#define EXC(name) PyTypeObject* PyExc_##name = &exc_type_##name;
#include "object/exceptions.def"
}

namespace krait {

Ref base_exception_new(Thread& t, PyTypeObject* type, const Value* args, size_t nargs, Value) {
    Ref self = TRY(alloc(t, type));
    auto* e = as_base_exception(self);
    Ref tuple = TRY(tuple_from(t, args, static_cast<int64_t>(nargs)));
    e->args = tuple.release();
    return self;
}

Status base_exception_init(Thread& t, Value self, const Value* args, size_t nargs, Value kwnames) {
    if (kwnames && tuple_size(kwnames))
        return raise(t, PyExc_TypeError, "%s() takes no keyword arguments", type_of(self)->tp_name);
    auto* e = as_base_exception(self);
    // __new__ has usually stored these very arguments already.
    if (static_cast<int64_t>(nargs) == tuple_size(e->args) &&
        (nargs == 0 || memcmp(tuple_items(e->args), args, nargs * sizeof(Value)) == 0))
        return Status::ok();
    Ref tuple = TRY(tuple_from(t, args, static_cast<int64_t>(nargs)));
    set_field(e->args, tuple);
    return Status::ok();
}

Maybe exception_from_args(Thread& t, PyTypeObject* type, Value args_tuple) {
    const Slots& s = ext(type)->slots;
    if (s.new_ != base_exception_new || s.init != base_exception_init ||
        type->ob_base.ob_base.ob_type != &PyType_Type)
        return Maybe::absent();
    Ref self = TRY(alloc(t, type));
    as_base_exception(self)->args = Ref::share(args_tuple).release();
    return self;
}

void base_exception_traverse(PyObject* o, Visitor& v) {
    auto* e = reinterpret_cast<PyBaseExceptionObject*>(o);
    for (Value f : {e->dict, e->args, e->notes, e->traceback, e->context, e->cause}) v.visit(f);
}

void base_exception_clear(Thread&, PyObject* o) {
    auto* e = reinterpret_cast<PyBaseExceptionObject*>(o);
    for (Value* f : {&e->dict, &e->args, &e->notes, &e->traceback, &e->context, &e->cause})
        set_field(*f, Value());
}

void base_exception_dealloc(Thread& t, PyObject* o) {
    gc_untrack(t, o);
    base_exception_clear(t, o);
    free_object(t, o);
}

Ref base_exception_str(Thread& t, Value self) {
    Ref args = Ref::share(as_base_exception(self)->args);
    switch (tuple_size(args)) {
        case 0:
            return Ref::share(empty_str());
        case 1:
            return str(t, tuple_get(args, 0));
        default:
            return str(t, args);
    }
}

Ref exception_reduce(Thread& t, Value self, Value state) {
    auto* e = as_base_exception(self);
    Value dict = state ? state : e->dict;
    if (dict) return tuple_of(t, {Value(type_of(self)), e->args, dict});
    return tuple_of(t, {Value(type_of(self)), e->args});
}

namespace {

Ref base_repr(Thread& t, Value self) {
    Value args = as_base_exception(self)->args;
    const char* name = type_of(self)->tp_name;
    if (const char* dot = strrchr(name, '.')) name = dot + 1;
    if (tuple_size(args) == 1) return str_format(t, "%s(%R)", name, tuple_get(args, 0));
    return str_format(t, "%s%R", name, args);
}

Ref base_reduce(Thread& t, Value self) { return exception_reduce(t, self, Value()); }

Ref base_setstate(Thread& t, Value self, Value state) {
    if (is_none(state)) return none_ref();
    if (!is_dict(state)) return raise(t, PyExc_TypeError, "state is not a dictionary");
    Ref items = TRY(dict_items_list(t, state));
    for (int64_t i = 0; i < list_size(items); i++) {
        Value pair = list_get(items, i);
        TRY(set_attr(t, self, tuple_get(pair, 0), tuple_get(pair, 1)));
    }
    return none_ref();
}

Status set_traceback(Thread& t, Value self, Value tb) {
    if (!is_none(tb) && !has_type(tb, &PyTraceBack_Type))
        return raise(t, PyExc_TypeError, "__traceback__ must be a traceback or None");
    set_field(as_base_exception(self)->traceback, is_none(tb) ? Value() : tb);
    return Status::ok();
}

Ref base_with_traceback(Thread& t, Value self, Value tb) {
    TRY(set_traceback(t, self, tb));
    return Ref::share(self);
}

Ref base_add_note(Thread& t, Value self, Value note) {
    if (!is_str(note)) return raise(t, PyExc_TypeError, "add_note() argument must be str, not %K", note);
    Ref notes = TRY(lookup_attr(t, self, ID(__notes__)));
    if (!notes) {
        notes = TRY(list_new(t));
        TRY(set_attr(t, self, ID(__notes__), notes));
    }
    if (!is_list(notes)) return raise(t, PyExc_TypeError, "Cannot add note: __notes__ is not a list");
    TRY(list_append(t, notes, note));
    return none_ref();
}

const NativeDef base_methods[] = {
    def<base_reduce>("__reduce__", "()", nullptr),
    def<base_setstate>("__setstate__", "(state, /)", nullptr),
    def<base_with_traceback>("with_traceback", "(tb, /)", "Set self.__traceback__ to tb and return self."),
    def<base_add_note>("add_note", "(note, /)",
                       "Add a note that is shown after the message of the exception."),
    {},
};

Ref get_args(Thread&, Value self, void*) {
    Value args = as_base_exception(self)->args;
    return args ? Ref::share(args) : none_ref();
}
Status set_args(Thread& t, Value self, Value v, void*) {
    if (!v) return raise(t, PyExc_TypeError, "args may not be deleted");
    Ref tuple = TRY(to_tuple(t, v));
    set_field(as_base_exception(self)->args, tuple);
    return Status::ok();
}
Ref get_traceback(Thread&, Value self, void*) {
    Value tb = as_base_exception(self)->traceback;
    return tb ? Ref::share(tb) : none_ref();
}
Status set_traceback_attr(Thread& t, Value self, Value v, void*) {
    if (!v) return raise(t, PyExc_TypeError, "__traceback__ may not be deleted");
    return set_traceback(t, self, v);
}
Ref get_context(Thread&, Value self, void*) {
    Value v = as_base_exception(self)->context;
    return v ? Ref::share(v) : none_ref();
}
Status set_context(Thread& t, Value self, Value v, void*) {
    if (!v) return raise(t, PyExc_TypeError, "__context__ may not be deleted");
    if (!is_none(v) && !is_exception(v))
        return raise(t, PyExc_TypeError, "exception context must be None or derive from BaseException");
    set_field(as_base_exception(self)->context, is_none(v) ? Value() : v);
    return Status::ok();
}
Ref get_cause(Thread&, Value self, void*) {
    Value v = as_base_exception(self)->cause;
    return v ? Ref::share(v) : none_ref();
}
Status set_cause(Thread& t, Value self, Value v, void*) {
    if (!v) return raise(t, PyExc_TypeError, "__cause__ may not be deleted");
    if (!is_none(v) && !is_exception(v))
        return raise(t, PyExc_TypeError, "exception cause must be None or derive from BaseException");
    set_field(as_base_exception(self)->cause, is_none(v) ? Value() : v);
    as_base_exception(self)->suppress_context = 1;
    return Status::ok();
}
Ref get_dict(Thread& t, Value self, void*) {
    Value& d = as_base_exception(self)->dict;
    if (!d) {
        Ref made = TRY(dict_new(t));
        d = made.release();
    }
    return Ref::share(d);
}
Status set_dict(Thread& t, Value self, Value v, void*) {
    if (!v) return raise(t, PyExc_TypeError, "cannot delete __dict__");
    if (!is_dict(v)) return raise(t, PyExc_TypeError, "__dict__ must be set to a dictionary, not a '%T'", v);
    set_field(as_base_exception(self)->dict, v);
    return Status::ok();
}

const GetSetDef base_getset[] = {
    getset("__dict__", get_dict, set_dict, nullptr),
    getset("args", get_args, set_args, nullptr),
    getset("__traceback__", get_traceback, set_traceback_attr, nullptr),
    getset("__context__", get_context, set_context, nullptr),
    getset("__cause__", get_cause, set_cause, nullptr),
    {},
};
const MemberDef base_members[] = {
    member("__suppress_context__", MemberKind::Bool, offsetof(PyBaseExceptionObject, suppress_context), 0,
           nullptr),
    {},
};

ExceptionExtras base_extras() {
    ExceptionExtras x;
    x.slots = {.dealloc = base_exception_dealloc,
               .traverse = base_exception_traverse,
               .clear = base_exception_clear,
               .repr = base_repr,
               .str = base_exception_str,
               .init = base_exception_init,
               .new_ = base_exception_new};
    x.spec = {.methods = base_methods, .getset = base_getset, .members = base_members};
    return x;
}

Ref key_error_str(Thread& t, Value self) {
    Value args = as_base_exception(self)->args;
    if (tuple_size(args) == 1) return repr(t, tuple_get(args, 0));
    return base_exception_str(t, self);
}

struct Row {
    const char* name;
    Type* type;
    const char* base;
    int64_t size;
};
const Row rows[] = {
#define EXC_TYPE(name, base, layout) {#name, &exc_type_##name, #base, sizeof(layout)},
#include "object/exceptions.def"
};

struct Doc {
    const char *name, *text;
};
const Doc docs[] = {
    {"BaseException", "The base of all exceptions."},
    {"Exception", "The base of all exceptions that do not mean to end the program."},
    {"TypeError", "A value has the wrong type."},
    {"StopAsyncIteration", "Ends the iteration of an asynchronous iterator."},
    {"StopIteration", "Ends the iteration of an iterator."},
    {"GeneratorExit", "Asks a generator to exit."},
    {"SystemExit", "Asks the interpreter to exit."},
    {"KeyboardInterrupt", "The user interrupted the program."},
    {"ImportError", "An import found no module, or a name is missing from it."},
    {"ModuleNotFoundError", "No such module."},
    {"OSError", "A system call failed."},
    {"EOFError", "Input ended where more was expected."},
    {"RuntimeError", "An error of no other kind."},
    {"RecursionError", "Calls are nested too deeply."},
    {"NotImplementedError", "The method or function is not implemented here."},
    {"NameError", "A name is not defined."},
    {"UnboundLocalError", "A local name is used before it has a value."},
    {"AttributeError", "No such attribute."},
    {"SyntaxError", "The source is not valid."},
    {"IndentationError", "The indentation is not valid."},
    {"TabError", "Tabs and spaces are mixed inconsistently."},
    {"LookupError", "The base of IndexError and KeyError."},
    {"IndexError", "A sequence index is out of range."},
    {"KeyError", "A mapping has no such key."},
    {"ValueError", "A value is of the right type but not acceptable."},
    {"UnicodeError", "Text could not be converted."},
    {"AssertionError", "An assertion does not hold."},
    {"ArithmeticError", "The base of arithmetic errors."},
    {"OverflowError", "A result is too large to be represented."},
    {"ZeroDivisionError", "The second operand of a division or modulo is zero."},
    {"SystemError", "The runtime itself is at fault; please report it."},
    {"ReferenceError", "A weak reference was used after its object had gone."},
    {"MemoryError", "Out of memory."},
    {"BufferError", "A buffer operation cannot be done."},
    {"Warning", "The base of the warning categories."},
};

const char* doc_of(const char* name) {
    for (const Doc& d : docs)
        if (!strcmp(d.name, name)) return d.text;
    return "See the library reference, section Built-in Exceptions.";
}

PyTypeObject* type_by_name(const char* name) {
    if (!strcmp(name, "object")) return &PyBaseObject_Type;
    for (const Row& r : rows)
        if (!strcmp(r.name, name)) return r.type;
    return nullptr;
}

ExceptionExtras extras_for(PyTypeObject* type) {
    if (type == PyExc_BaseException) return base_extras();
    if (type == PyExc_ImportError) return import_error_extras();
    if (type == PyExc_OSError) return os_error_extras();
    if (type == PyExc_SyntaxError) return syntax_error_extras();
    if (type == PyExc_UnicodeEncodeError || type == PyExc_UnicodeDecodeError ||
        type == PyExc_UnicodeTranslateError)
        return unicode_error_extras(type);
    if (type == PyExc_AttributeError) return attribute_error_extras();
    if (type == PyExc_NameError) return name_error_extras();
    if (type == PyExc_StopIteration) return stop_iteration_extras();
    if (type == PyExc_SystemExit) return system_exit_extras();
    if (type == PyExc_BaseExceptionGroup) return exception_group_extras();
    ExceptionExtras x;
    // Those that CPython declares in full, with room for more fields, inherit it.
    bool inherits = false;
    for (PyTypeObject* t : {PyExc_BlockingIOError,
                            PyExc_ChildProcessError,
                            PyExc_ConnectionError,
                            PyExc_FileExistsError,
                            PyExc_FileNotFoundError,
                            PyExc_InterruptedError,
                            PyExc_IsADirectoryError,
                            PyExc_NotADirectoryError,
                            PyExc_PermissionError,
                            PyExc_ProcessLookupError,
                            PyExc_TimeoutError,
                            PyExc_IndentationError,
                            PyExc__IncompleteInputError,
                            PyExc_KeyError,
                            PyExc_ModuleNotFoundError,
                            PyExc_UnboundLocalError,
                            PyExc_BrokenPipeError,
                            PyExc_ConnectionAbortedError,
                            PyExc_ConnectionRefusedError,
                            PyExc_ConnectionResetError,
                            PyExc_TabError})
        inherits |= t == type;
    if (!inherits) x.slots.new_ = base_exception_new;
    if (type == PyExc_KeyError) x.slots.str = key_error_str;
    return x;
}

}  // namespace

Status init_builtin_exceptions(Thread& t) {
    for (const Row& r : rows) {
        ExceptionExtras x = extras_for(r.type);
        auto* decl = new TypeDecl{
            .name = r.name,
            .basicsize = r.size,
            .flags = kTpDefault | kTpBaseType | kTpHaveGC | kTpBaseExcSubclass,
            .base = type_by_name(r.base),
            .slots = x.slots,
            .spec = x.spec,
            .dictoffset = offsetof(PyBaseExceptionObject, dict),
        };
        decl->spec.doc = doc_of(r.name);
        init_static_type(*r.type, *decl);
        TRY(ready_type(t, r.type));
    }
    return init_exception_group(t);
}

// Every exception goes into the builtins module under its name; OSError has two more.
Status add_exceptions_to(Thread& t, Value builtins_dict) {
    for (const Row& r : rows) TRY(dict_set_str(t, builtins_dict, r.name, Value(r.type)));
    TRY(dict_set_str(t, builtins_dict, "EnvironmentError", Value(PyExc_OSError)));
    TRY(dict_set_str(t, builtins_dict, "IOError", Value(PyExc_OSError)));
    Ref group = TRY(exception_group_type(t));
    return dict_set_str(t, builtins_dict, "ExceptionGroup", group);
}

}  // namespace krait
