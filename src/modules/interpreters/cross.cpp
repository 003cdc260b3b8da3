// What can be sent as it is: None, numbers, text, bytes, tuples of them, memory; and the fallbacks.
#include "modules/interpreters/cross.h"

#include <cstring>
#include <new>

#include "builtins/bytes.h"
#include "builtins/callable.h"
#include "builtins/dict.h"
#include "builtins/number.h"
#include "builtins/str.h"
#include "builtins/tuple.h"
#include "gc/gc.h"
#include "object/names.h"
#include "object/protocol.h"
#include "runtime/interpreters.h"
#include "runtime/marshal.h"

namespace krait::xi {

Data* get_memory(Thread& t, Value v);  // buffer_view.cpp

namespace {

// --- classes of the interpreter ---

constexpr int kClasses = 8;
PER_INTERPRETER_REFS Value g_classes[kClasses];
PER_INTERPRETER Data* (*g_getters[kClasses])(Thread&, Value);

Data* (*getter_of(PyTypeObject* type))(Thread&, Value) {
    for (int i = 0; i < kClasses; i++)
        if (g_classes[i] == Value(type)) return g_getters[i];
    return nullptr;
}

// --- builtin types ---

bool copy_bytes(Thread& t, Data* d, const void* from, size_t n) {
    d->bytes = static_cast<char*>(mem_alloc(n ? n : 1));
    if (!d->bytes) {
        raise_no_memory(t);
        free_data(t, d);
        return false;
    }
    memcpy(d->bytes, from, n);
    d->size = n;
    return true;
}

Ref make_none(Thread&, const Data&) { return none_ref(); }
Ref make_bool(Thread&, const Data& d) { return bool_ref(d.number != 0); }
Ref make_int(Thread& t, const Data& d) { return int_from(t, d.number); }
Ref make_float(Thread& t, const Data& d) { return float_from(t, d.real); }
Ref make_bytes(Thread& t, const Data& d) { return bytes_from(t, d.bytes, d.size); }
Ref make_str(Thread& t, const Data& d) {
    return str_from_kind(t, d.kind, d.bytes, static_cast<int64_t>(d.size / d.kind));
}
Ref make_tuple(Thread& t, const Data& d) {
    RecursionGuard guard(t, " while receiving a tuple");
    if (!guard) return {};
    Ref made = TRY(tuple_new(t, static_cast<int64_t>(d.size)));
    for (size_t i = 0; i < d.size; i++) tuple_items(made)[i] = TRY(new_object(t, *d.items[i])).release();
    return made;
}

Data* get_int(Thread& t, Value v) {
    int64_t n;
    if (!int_to_i64(v, &n)) {
        raise(t, PyExc_OverflowError, "try sending as bytes");
        return nullptr;
    }
    Data* d = data_new(t, make_int);
    if (d) d->number = n;
    return d;
}
Data* get_float(Thread& t, Value v) {
    Data* d = data_new(t, make_float);
    if (d) d->real = float_value(v);
    return d;
}
Data* get_str(Thread& t, Value v) {
    Data* d = data_new(t, make_str);
    if (!d) return nullptr;
    d->kind = str_kind(v);
    return copy_bytes(t, d, str_data(v), static_cast<size_t>(str_length(v)) * d->kind) ? d : nullptr;
}
Data* get_bytes(Thread& t, Value v) {
    Data* d = data_new(t, make_bytes);
    if (!d) return nullptr;
    return copy_bytes(t, d, bytes_data(v), static_cast<size_t>(bytes_size(v))) ? d : nullptr;
}
Data* get_tuple(Thread& t, Value v, Fallback fallback) {
    RecursionGuard guard(t, " while sharing a tuple");
    if (!guard) return nullptr;
    Data* d = data_new(t, make_tuple);
    if (!d) return nullptr;
    auto n = static_cast<size_t>(tuple_size(v));
    d->items = static_cast<Data**>(mem_alloc_zeroed((n ? n : 1) * sizeof(Data*)));
    if (!d->items) {
        raise_no_memory(t);
        free_data(t, d);
        return nullptr;
    }
    d->size = n;
    for (size_t i = 0; i < n; i++) {
        Ref item = Ref::share(tuple_get(v, static_cast<int64_t>(i)));
        d->items[i] = get_data(t, item, fallback);
        if (!d->items[i]) {
            free_data(t, d);
            return nullptr;
        }
    }
    return d;
}

bool is_known(Value v) {
    PyTypeObject* type = type_of(v);
    return type == &_PyNone_Type || type == &PyBool_Type || type == &PyLong_Type || type == &PyFloat_Type ||
           type == &PyUnicode_Type || type == &PyBytes_Type || type == &PyTuple_Type ||
           type == &PyMemoryView_Type || getter_of(type);
}

// Precondition: is_known(v).
Data* get_known(Thread& t, Value v, Fallback fallback) {
    PyTypeObject* type = type_of(v);
    if (type == &_PyNone_Type) return data_new(t, make_none);
    if (type == &PyBool_Type) {
        Data* d = data_new(t, make_bool);
        if (d) d->number = v == boolean(true);
        return d;
    }
    if (type == &PyLong_Type) return get_int(t, v);
    if (type == &PyFloat_Type) return get_float(t, v);
    if (type == &PyUnicode_Type) return get_str(t, v);
    if (type == &PyBytes_Type) return get_bytes(t, v);
    if (type == &PyTuple_Type) return get_tuple(t, v, fallback);
    if (type == &PyMemoryView_Type) return get_memory(t, v);
    return getter_of(type)(t, v);
}

Raised not_supported(Thread& t, Value v, Value cause) {
    Ref text = str_format(t, "%R does not support cross-interpreter data", v);
    if (!text) return {};
    return raise_not_shareable(
        t, std::string(str_utf8_or(text, "object does not support cross-interpreter data")).c_str(), cause);
}

Data* get_plain(Thread& t, Value v, Fallback fallback) {
    if (!is_known(v)) {
        not_supported(t, v, Value());
        return nullptr;
    }
    Data* d = get_known(t, v, fallback);
    if (!d) {
        Ref cause = fetch_error(t);
        not_supported(t, v, cause);
    }
    return d;
}

}  // namespace

Status register_class(Thread& t, Value type, Data* (*get)(Thread&, Value)) {
    for (int i = 0; i < kClasses; i++) {
        if (g_classes[i] && !(g_classes[i] == type)) continue;
        if (!g_classes[i]) g_classes[i] = Ref::share(type).release();
        g_getters[i] = get;
        return Status::ok();
    }
    return raise(t, PyExc_RuntimeError, "too many shareable classes");
}

void unregister_class(Value type) {
    for (Value& place : g_classes)
        if (place == type) {
            place = Value();
            decref(type);
            return;
        }
}

Data* data_new(Thread& t, Ref (*make)(Thread&, const Data&)) {
    auto* d = new (std::nothrow) Data;
    if (!d) {
        raise_no_memory(t);
        return nullptr;
    }
    d->interp = t.interp->id;
    d->make = make;
    return d;
}

void free_data(Thread& t, Data* d) {
    if (!d) return;
    if (d->release) d->release(t, *d);
    if (d->items) {
        for (size_t i = 0; i < d->size; i++) free_data(t, d->items[i]);
        mem_free(d->items);
    }
    mem_free(d->bytes);
    delete d;
}

Ref new_object(Thread& t, const Data& d) { return d.make(t, d); }

bool is_shareable(Thread&, Value v) { return is_known(v); }

Data* get_data(Thread& t, Value v, Fallback fallback) {
    Data* d = get_plain(t, v, fallback);
    if (d || fallback == Fallback::DataOnly) return d;
    Ref error = fetch_error(t);
    if (has_type(v, &PyFunction_Type)) {
        if ((d = get_function(t, v))) return d;
        clear_error(t);
    }
    if ((d = get_pickled(t, v))) return d;
    restore_error(t, std::move(error));
    return nullptr;
}

// --- pickle ---

namespace {

// The program's file, empty if it has none.
std::string main_file(Thread& t) {
    Value modules = t.interp->modules;
    Value main = modules && is_dict(modules) ? dict_get_str(modules, "__main__") : Value();
    if (!main || !is_subtype(type_of(main), &PyModule_Type) || !module_dict(main)) return {};
    Value file = dict_get_str(module_dict(main), "__file__");
    return file && is_str(file) ? std::string(str_utf8_or(file, "")) : std::string();
}

// pickle looks for names of the program in __main__, which here is another one.
bool misses_name_of_main(Value exc) {
    if (!is_instance_exact_or_sub(exc, PyExc_AttributeError)) return false;
    Value args = exc.as<PyBaseExceptionObject>()->args;
    if (!args || tuple_size(args) < 1 || !is_str(tuple_get(args, 0))) return false;
    return str_utf8_or(tuple_get(args, 0), "").starts_with("module '__main__' has no attribute '");
}

// The program as a module under another name, so that its main part does not run; loaded once.
Ref copy_of_main(Thread& t, const std::string& file) {
    Value& dict = record(*t.interp).dict;
    if (!dict) dict = TRY(dict_new(t)).release();
    const char* key = "CACHED_MODULE_NS___main__";
    if (Value known = dict_get_str(dict, key)) return Ref::share(known);
    Ref module = TRY(module_new(t, "__main__"));
    Ref run = TRY(import_attr(t, "runpy", "run_path")), path = TRY(str_from(t, file));
    Ref name = TRY(str_from(t, "<fake __main__>"));
    Ref ns = TRY(call(t, run, {path, none(), name}));
    TRY(dict_update(t, module_dict(module), ns));
    TRY(dict_set_str(t, dict, key, module));
    return module;
}

Ref load_with_copy_of_main(Thread& t, Value loads, Value bytes, const std::string& file) {
    Ref copy = TRY(copy_of_main(t, file));
    Ref modules = Ref::share(t.interp->modules), key = TRY(str_intern(t, "__main__"));
    Ref real = TRY(get_item(t, modules, key));
    TRY(set_item(t, modules, key, copy));
    Ref made = call(t, loads, {bytes});
    SavedError saved(t);
    if (!set_item(t, modules, key, real))
        write_unraisable(t, "Exception ignored while restoring __main__", Value());
    return made;
}

Ref unpickle(Thread& t, const Data& d) {
    Ref loads = TRY(import_attr(t, "pickle", "loads")), bytes = TRY(bytes_from(t, d.bytes, d.size));
    Ref made = call(t, loads, {bytes});
    if (made) return made;
    Ref error = fetch_error(t);
    if (misses_name_of_main(error) && !d.main_file.empty()) {
        made = load_with_copy_of_main(t, loads, bytes, d.main_file);
        if (made) return made;
        clear_error(t);
    }
    restore_error(t, std::move(error));
    return {};
}

Ref make_pickled(Thread& t, const Data& d) {
    Ref made = unpickle(t, d);
    if (made) return made;
    Ref cause = fetch_error(t);
    return raise_not_shareable(t, "object could not be unpickled", cause);
}

Ref make_marshalled(Thread& t, const Data& d) {
    Ref made = marshal_loads(t, {d.bytes, d.size}, true);
    if (made) return made;
    Ref cause = fetch_error(t);
    return raise_not_shareable(t, "object could not be unmarshalled", cause);
}

Data* data_of_bytes(Thread& t, Value bytes, Ref (*make)(Thread&, const Data&)) {
    Data* d = data_new(t, make);
    return d && copy_bytes(t, d, bytes_data(bytes), static_cast<size_t>(bytes_size(bytes))) ? d : nullptr;
}

Data* marshalled(Thread& t, Value v, Ref (*make)(Thread&, const Data&)) {
    Ref bytes = marshal_dumps(t, v, kMarshalVersion, true);
    if (!bytes) {
        Ref cause = fetch_error(t);
        raise_not_shareable(t, "object could not be marshalled", cause);
        return nullptr;
    }
    return data_of_bytes(t, bytes, make);
}

// The function runs with the globals of __main__.
Ref make_function(Thread& t, const Data& d) {
    Ref code = TRY(make_marshalled(t, d));
    Value main = dict_get_str(t.interp->modules, "__main__");
    Ref globals = main && is_subtype(type_of(main), &PyModule_Type) && module_dict(main)
                      ? Ref::share(module_dict(main))
                      : TRY(dict_new(t));
    return call(t, Value(&PyFunction_Type), {code, globals});
}

}  // namespace

Data* get_pickled(Thread& t, Value v) {
    Ref dumps = import_attr(t, "pickle", "dumps");
    Ref bytes = dumps ? call(t, dumps, {v}) : Ref();
    if (bytes && !is_bytes(bytes)) {
        raise(t, PyExc_TypeError, "expected bytes, got %R", bytes.get());
        bytes.reset();
    }
    if (!bytes) {
        Ref cause = fetch_error(t);
        raise_not_shareable(t, "object could not be pickled", cause);
        return nullptr;
    }
    Data* d = data_of_bytes(t, bytes, make_pickled);
    if (d) d->main_file = main_file(t);
    return d;
}

Data* get_marshalled(Thread& t, Value v) { return marshalled(t, v, make_marshalled); }

Data* get_code(Thread& t, Value code) {
    if (has_type(code, &PyCode_Type)) return marshalled(t, code, make_marshalled);
    Ref text = str_format(t, "expected code, got %R", code);
    if (text) raise_not_shareable(t, std::string(str_utf8_or(text, "?")).c_str(), Value());
    return nullptr;
}

Status verify_stateless(Thread& t, Value function);  // stateless.cpp

Data* get_function(Thread& t, Value function) {
    if (!has_type(function, &PyFunction_Type)) {
        Ref text = str_format(t, "expected a function, got %R", function);
        if (text) raise_not_shareable(t, std::string(str_utf8_or(text, "?")).c_str(), Value());
        return nullptr;
    }
    if (!verify_stateless(t, function)) {
        Ref cause = fetch_error(t);
        raise_not_shareable(t, "only stateless functions are shareable", cause);
        return nullptr;
    }
    Ref code = get_attr(t, function, "__code__");
    return code ? marshalled(t, code, make_function) : nullptr;
}

Ref script_code(Thread& t, Value script, bool pure);  // stateless.cpp

Data* get_script(Thread& t, Value script, bool pure) {
    Ref code = script_code(t, script, pure);
    if (!code) {
        Ref cause = fetch_error(t);
        raise_not_shareable(t, "object not a valid script", cause);
        return nullptr;
    }
    return get_code(t, code);
}

}  // namespace krait::xi
