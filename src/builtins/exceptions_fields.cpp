// Exceptions with a few plain fields: StopIteration, SystemExit, ImportError, NameError, AttributeError,
// SyntaxError.
#include <cstring>

#include "builtins/dict.h"
#include "builtins/exceptions.h"
#include "builtins/number.h"
#include "builtins/str.h"
#include "builtins/tuple.h"
#include "gc/gc.h"
#include "object/names.h"
#include "object/protocol.h"

namespace krait {
namespace {

// The Value fields a struct has after PyBaseExceptionObject: traverse, clear and dealloc walk them.
template <class Struct, int N>
struct Fields {
    static Value* at(PyObject* o) {
        return reinterpret_cast<Value*>(reinterpret_cast<char*>(o) + sizeof(PyBaseExceptionObject));
    }
    static void traverse(PyObject* o, Visitor& v) {
        for (int i = 0; i < N; i++) v.visit(at(o)[i]);
        base_exception_traverse(o, v);
    }
    static void clear(Thread& t, PyObject* o) {
        for (int i = 0; i < N; i++) set_field(at(o)[i], Value());
        base_exception_clear(t, o);
    }
    static void dealloc(Thread& t, PyObject* o) {
        gc_untrack(t, o);
        clear(t, o);
        free_object(t, o);
    }
    static Slots slots() {
        Slots s;
        s.dealloc = dealloc;
        s.traverse = traverse;
        s.clear = clear;
        return s;
    }
};

// --- StopIteration, SystemExit ---

Status stop_iteration_init(Thread& t, Value self, const Value* args, size_t nargs, Value kwnames) {
    TRY(base_exception_init(t, self, args, nargs, kwnames));
    set_field(self.as<PyStopIterationObject>()->value, nargs ? args[0] : none());
    return Status::ok();
}

Status system_exit_init(Thread& t, Value self, const Value* args, size_t nargs, Value kwnames) {
    TRY(base_exception_init(t, self, args, nargs, kwnames));
    auto* e = self.as<PySystemExitObject>();
    if (nargs == 1) set_field(e->code, args[0]);
    if (nargs > 1) set_field(e->code, e->base.args);
    return Status::ok();
}

const MemberDef stop_iteration_members[] = {
    member("value", MemberKind::Object, offsetof(PyStopIterationObject, value), 0,
           "What the generator returned."),
    {},
};
const MemberDef system_exit_members[] = {
    member("code", MemberKind::Object, offsetof(PySystemExitObject, code), 0, "The exit code."),
    {},
};

// --- ImportError ---

Status import_error_init(Thread& t, Value self, const Value* args, size_t nargs, Value kwnames) {
    TRY(base_exception_init(t, self, args, nargs, Value()));
    Value kw[3];
    Ref keep;
    TRY(bind_args(t, "ImportError", "(*, name=None, path=None, name_from=None)", args + nargs, 0, kwnames, kw,
                  keep));
    auto* e = self.as<PyImportErrorObject>();
    set_field(e->name, kw[0]);
    set_field(e->path, kw[1]);
    set_field(e->name_from, kw[2]);
    set_field(e->msg, nargs == 1 ? args[0] : Value());
    return Status::ok();
}

Ref import_error_str(Thread& t, Value self) {
    auto* e = self.as<PyImportErrorObject>();
    if (e->msg && is_str_exact(e->msg)) return Ref::share(e->msg);
    return base_exception_str(t, self);
}

// dict plus the named fields that are set; None when there is nothing.
Ref state_with(Thread& t, Value self, std::initializer_list<std::pair<const char*, Value>> fields) {
    Value dict = as_base_exception(self)->dict;
    Ref state;
    for (auto& [name, value] : fields) {
        if (!value) continue;
        if (!state) {
            state = dict ? dict_copy(t, dict) : dict_new(t);
            if (!state) return {};
        }
        TRY(dict_set_str(t, state, name, value));
    }
    if (state) return state;
    return dict ? Ref::share(dict) : none_ref();
}

Ref import_error_reduce(Thread& t, Value self) {
    auto* e = self.as<PyImportErrorObject>();
    Ref state = TRY(state_with(t, self, {{"name", e->name}, {"path", e->path}, {"name_from", e->name_from}}));
    if (is_none(state)) return tuple_of(t, {Value(type_of(self)), e->base.args});
    return tuple_of(t, {Value(type_of(self)), e->base.args, state});
}

const NativeDef import_error_methods[] = {def<import_error_reduce>("__reduce__", "()", nullptr), {}};
const MemberDef import_error_members[] = {
    member("msg", MemberKind::Object, offsetof(PyImportErrorObject, msg), 0, "The message."),
    member("name", MemberKind::Object, offsetof(PyImportErrorObject, name), 0, "Name of the module."),
    member("path", MemberKind::Object, offsetof(PyImportErrorObject, path), 0, "Path of the module."),
    member("name_from", MemberKind::Object, offsetof(PyImportErrorObject, name_from), 0,
           "The name imported from it."),
    {},
};

// --- NameError, AttributeError ---

Status name_error_init(Thread& t, Value self, const Value* args, size_t nargs, Value kwnames) {
    TRY(base_exception_init(t, self, args, nargs, Value()));
    Value kw[1];
    Ref keep;
    TRY(bind_args(t, "NameError", "(*, name=None)", args + nargs, 0, kwnames, kw, keep));
    set_field(self.as<PyNameErrorObject>()->name, kw[0]);
    return Status::ok();
}

Status attribute_error_init(Thread& t, Value self, const Value* args, size_t nargs, Value kwnames) {
    TRY(base_exception_init(t, self, args, nargs, Value()));
    Value kw[2];
    Ref keep;
    TRY(bind_args(t, "AttributeError", "(*, name=None, obj=None)", args + nargs, 0, kwnames, kw, keep));
    set_field(self.as<PyAttributeErrorObject>()->name, kw[0]);
    set_field(self.as<PyAttributeErrorObject>()->obj, kw[1]);
    return Status::ok();
}

// The object is left out of the pickled state: it is often not picklable.
Ref attribute_error_getstate(Thread& t, Value self) {
    auto* e = self.as<PyAttributeErrorObject>();
    if (!e->name && !e->base.args) return state_with(t, self, {});
    return state_with(t, self, {{"name", e->name}, {"args", e->base.args}});
}

Ref attribute_error_reduce(Thread& t, Value self) {
    Ref state = TRY(attribute_error_getstate(t, self));
    return tuple_of(t, {Value(type_of(self)), as_base_exception(self)->args, state});
}

const MemberDef name_error_members[] = {
    member("name", MemberKind::Object, offsetof(PyNameErrorObject, name), 0, "The name that is not defined."),
    {},
};
const MemberDef attribute_error_members[] = {
    member("name", MemberKind::Object, offsetof(PyAttributeErrorObject, name), 0,
           "The attribute that is missing."),
    member("obj", MemberKind::Object, offsetof(PyAttributeErrorObject, obj), 0,
           "The object it is missing from."),
    {},
};
const NativeDef attribute_error_methods[] = {
    def<attribute_error_getstate>("__getstate__", "()", nullptr),
    def<attribute_error_reduce>("__reduce__", "()", nullptr),
    {},
};

// --- SyntaxError ---

Status syntax_error_details(Thread& t, PySyntaxErrorObject* e, Value info) {
    Ref details = TRY(to_tuple(t, info));
    int64_t n = tuple_size(details);
    if (n < 4) return raise(t, PyExc_TypeError, "function takes at least 4 arguments (%zd given)", n);
    if (n > 7) return raise(t, PyExc_TypeError, "function takes at most 7 arguments (%zd given)", n);
    if (n == 5) return raise(t, PyExc_TypeError, "end_offset must be provided when end_lineno is provided");
    Value* fields[] = {&e->filename,   &e->lineno,     &e->offset,  &e->text,
                       &e->end_lineno, &e->end_offset, &e->metadata};
    for (int i = 0; i < 7; i++) set_field(*fields[i], i < n ? tuple_get(details, i) : Value());
    return Status::ok();
}

Status syntax_error_init(Thread& t, Value self, const Value* args, size_t nargs, Value kwnames) {
    TRY(base_exception_init(t, self, args, nargs, kwnames));
    auto* e = self.as<PySyntaxErrorObject>();
    if (nargs >= 1) set_field(e->msg, args[0]);
    if (nargs == 2) return syntax_error_details(t, e, args[1]);
    return Status::ok();
}

Ref syntax_error_str(Thread& t, Value self) {
    auto* e = self.as<PySyntaxErrorObject>();
    Value message = e->msg ? e->msg : none();
    bool have_line = e->lineno && is_long_exact(e->lineno);
    int64_t line = -1;  // as the oracle: also for what no machine word holds
    if (have_line && !int_to_i64(e->lineno, &line)) line = -1;
    Ref file;
    if (e->filename && is_str(e->filename)) {
        int64_t slash = str_find(e->filename, str_from_char(t, '/'), 0, str_length(e->filename), -1);
        file = TRY(str_substring(t, e->filename, slash + 1, str_length(e->filename)));
    }
    if (file && have_line) return str_format(t, "%S (%U, line %zd)", message, file.get(), line);
    if (file) return str_format(t, "%S (%U)", message, file.get());
    if (have_line) return str_format(t, "%S (line %zd)", message, line);
    return str(t, message);
}

const MemberDef syntax_error_members[] = {
#define FIELD(name, doc) member(#name, MemberKind::Object, offsetof(PySyntaxErrorObject, name), 0, doc)
    FIELD(msg, "The message."),
    FIELD(filename, "Name of the file."),
    FIELD(lineno, "Line, from 1."),
    FIELD(offset, "Column in the line, from 1."),
    FIELD(text, "The line."),
    FIELD(end_lineno, "Last line."),
    FIELD(end_offset, "Column behind the end in the last line."),
    FIELD(print_file_and_line, "Kept for compatibility."),
#undef FIELD
    member("_metadata", MemberKind::Object, offsetof(PySyntaxErrorObject, metadata), 0, "Private."),
    {},
};

}  // namespace

ExceptionExtras stop_iteration_extras() {
    ExceptionExtras x{Fields<PyStopIterationObject, 1>::slots(), {.members = stop_iteration_members}};
    x.slots.init = stop_iteration_init;
    return x;
}
ExceptionExtras system_exit_extras() {
    ExceptionExtras x{Fields<PySystemExitObject, 1>::slots(), {.members = system_exit_members}};
    x.slots.init = system_exit_init;
    return x;
}
ExceptionExtras import_error_extras() {
    ExceptionExtras x{Fields<PyImportErrorObject, 4>::slots(),
                      {.methods = import_error_methods, .members = import_error_members}};
    x.slots.init = import_error_init;
    x.slots.str = import_error_str;
    return x;
}
ExceptionExtras name_error_extras() {
    ExceptionExtras x{Fields<PyNameErrorObject, 1>::slots(), {.members = name_error_members}};
    x.slots.init = name_error_init;
    return x;
}
ExceptionExtras attribute_error_extras() {
    ExceptionExtras x{Fields<PyAttributeErrorObject, 2>::slots(),
                      {.methods = attribute_error_methods, .members = attribute_error_members}};
    x.slots.init = attribute_error_init;
    return x;
}
ExceptionExtras syntax_error_extras() {
    ExceptionExtras x{Fields<PySyntaxErrorObject, 9>::slots(), {.members = syntax_error_members}};
    x.slots.init = syntax_error_init;
    x.slots.str = syntax_error_str;
    return x;
}

}  // namespace krait
