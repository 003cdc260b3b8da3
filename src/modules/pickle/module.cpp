// The module _pickle: its functions, its exceptions and what it needs of other modules.
#include "builtins/bytes.h"
#include "builtins/memoryview.h"
#include "builtins/str_methods.h"
#include "modules/fields.h"
#include "modules/pickle/pickle.h"
#include "object/per_interpreter.h"

namespace krait {
namespace pickle {

PER_INTERPRETER_REFS State g_state;

namespace {

Result<bool> flag(Thread& t, Value v) { return v ? is_true(t, v) : Result<bool>(true); }

Ref f_dump(Thread& t, Value, const Value* a) {
    bool fix_imports = TRY(flag(t, a[3]));
    Ref pickler = TRY(pickler_new(t));
    TRY(pickler_setup(t, as_pickler(pickler), a[2], fix_imports, a[1], a[4]));
    TRY(pickler_dump(t, as_pickler(pickler), a[0]));
    TRY(flush_output(t, as_pickler(pickler)));
    return none_ref();
}
Ref f_dumps(Thread& t, Value, const Value* a) {
    bool fix_imports = TRY(flag(t, a[2]));
    Ref pickler = TRY(pickler_new(t));
    TRY(pickler_setup(t, as_pickler(pickler), a[1], fix_imports, Value(), a[3]));
    TRY(pickler_dump(t, as_pickler(pickler), a[0]));
    return take_output(t, as_pickler(pickler));
}
// a: fix_imports, encoding, errors, buffers
Ref load_with(Thread& t, Value file, Value data, const Value* a, const char* fname) {
    TRY_DISCARD(c_string_arg(t, fname, "encoding", a[1]));
    TRY_DISCARD(c_string_arg(t, fname, "errors", a[2]));
    bool fix_imports = TRY(flag(t, a[0]));
    Ref unpickler = TRY(unpickler_new(t));
    TRY(unpickler_setup(t, as_unpickler(unpickler), file, data, fix_imports, a[1], a[2], a[3]));
    return unpickler_load(t, as_unpickler(unpickler));
}
Ref f_load(Thread& t, Value, const Value* a) { return load_with(t, a[0], Value(), a + 1, "load"); }
Ref f_loads(Thread& t, Value, const Value* a) { return load_with(t, Value(), a[0], a + 1, "loads"); }

const NativeDef functions[] = {
    def<f_dump>("dump", "(obj, file, protocol=None, *, fix_imports=True,\n     buffer_callback=None)",
                "Write the pickle of an object to a binary file: Pickler(file, protocol).dump(obj)."),
    def<f_dumps>("dumps", "(obj, protocol=None, *, fix_imports=True,\n      buffer_callback=None)",
                 "The pickle of an object as bytes."),
    def<f_load>("load", "(file, *, fix_imports=True, encoding='ASCII',\n     errors='strict', buffers=())",
                "Read an object from a binary file: Unpickler(file).load()."),
    def<f_loads>("loads",
                 "(data, /, *, fix_imports=True, encoding='ASCII',\n      errors='strict', buffers=())",
                 "The object whose pickle is in the data. What follows it is ignored."),
    {},
};

Ref make_error(Thread& t, const char* name_text, Value base) {
    Ref ns = TRY(dict_new(t)), module = TRY(str_intern(t, "_pickle")), name = TRY(str_intern(t, name_text));
    TRY(dict_set_str(t, ns, "__module__", module));
    Ref bases = TRY(tuple_of(t, {base}));
    return new_class(t, name, bases, ns);
}

Status make_errors(Thread& t) {
    State& s = g_state;
    s.pickle_error = TRY(make_error(t, "PickleError", Value(PyExc_Exception))).release();
    s.pickling_error = TRY(make_error(t, "PicklingError", s.pickle_error)).release();
    s.unpickling_error = TRY(make_error(t, "UnpicklingError", s.pickle_error)).release();
    return Status::ok();
}

// A dict that pickle shares with a module in Python.
Status fetch_dict(Thread& t, const char* module, const char* name, Value& out) {
    Ref found = TRY(import_attr(t, module, name));
    if (!is_dict_exact(found))
        return raise(t, PyExc_RuntimeError, "%s.%s should be a dict, not %.200s", module, name,
                     type_of(found)->tp_name);
    put_owned(out, std::move(found));
    return Status::ok();
}

Status fetch_helpers(Thread& t) {
    State& s = g_state;
    TRY(fetch_dict(t, "copyreg", "dispatch_table", s.dispatch_table));
    TRY(fetch_dict(t, "copyreg", "_extension_registry", s.extension_registry));
    TRY(fetch_dict(t, "copyreg", "_inverted_registry", s.inverted_registry));
    TRY(fetch_dict(t, "copyreg", "_extension_cache", s.extension_cache));
    TRY(fetch_dict(t, "_compat_pickle", "NAME_MAPPING", s.name_2to3));
    TRY(fetch_dict(t, "_compat_pickle", "IMPORT_MAPPING", s.import_2to3));
    TRY(fetch_dict(t, "_compat_pickle", "REVERSE_NAME_MAPPING", s.name_3to2));
    TRY(fetch_dict(t, "_compat_pickle", "REVERSE_IMPORT_MAPPING", s.import_3to2));
    put_owned(s.codecs_encode, TRY(import_attr(t, "codecs", "encode")));
    if (!is_callable(s.codecs_encode))
        return raise(t, PyExc_RuntimeError, "codecs.encode should be a callable, not %.200s",
                     type_of(s.codecs_encode)->tp_name);
    put_owned(s.partial, TRY(import_attr(t, "functools", "partial")));
    put_owned(s.getattr, TRY(import_attr(t, "builtins", "getattr")));
    return Status::ok();
}

// Types and exceptions are made once: objects of an earlier import must go on working.
Status exec(Thread& t, Value module) {
    TRY(fetch_helpers(t));
    State& s = g_state;
    if (!s.unpickler_type) {
        TRY(make_errors(t));
        TRY(init_pickler(t, module));
        TRY(init_unpickler(t, module));
    }
    TRY(module_add(t, module, "PickleBuffer", Ref::share(Value(&PyPickleBuffer_Type))));
    TRY(module_add(t, module, "Pickler", Ref::share(s.pickler_type)));
    TRY(module_add(t, module, "Unpickler", Ref::share(s.unpickler_type)));
    TRY(module_add(t, module, "PickleError", Ref::share(s.pickle_error)));
    TRY(module_add(t, module, "PicklingError", Ref::share(s.pickling_error)));
    return module_add(t, module, "UnpicklingError", Ref::share(s.unpickling_error));
}

}  // namespace
}  // namespace pickle

extern const ModuleSpec module__pickle;
const ModuleSpec module__pickle = {"_pickle", "Pickling and unpickling.", pickle::functions, pickle::exec};

}  // namespace krait
