// How pickles name things: a module and a path of attributes in it.
#include "object/names.h"

#include "builtins/bytes.h"
#include "modules/pickle/pickle.h"
#include "runtime/import.h"

namespace krait::pickle {

Ref split_dots(Thread& t, Value name) {
    if (!is_str(name)) return raise(t, PyExc_TypeError, "must be str, not %#T", name);
    static LazyName split("split");
    Ref dot = TRY(str_from_char(t, '.'));
    if (is_str_exact(name)) return call_method(t, name, split(t), {dot});
    Ref fn = TRY(get_attr(t, Value(&PyUnicode_Type), split(t)));
    return call(t, fn, {name, dot});
}

Ref dotted_attr(Thread& t, Value obj, Value path) {
    Ref at = Ref::share(obj);
    for (int64_t i = 0; i < list_size(path); i++) at = TRY(get_attr(t, at, list_get(path, i)));
    return at;
}

Ref import_by_name(Thread& t, Value name) {
    TRY_DISCARD(import_module_level(t, name, Value(), Value(), Value(), 0));
    Ref module = TRY(dict_get(t, t.interp->modules, name));
    if (!module) return raise_key_error(t, name);
    return module;
}

namespace {

// The module that holds `v` under this path, for things that do not say theirs; absent when none does.
Maybe search_modules(Thread& t, Value v, Value path) {
    Ref modules = TRY(dict_copy(t, t.interp->modules));
    int64_t pos = 0;
    Value name, module;
    while (dict_next(modules, pos, name, module)) {
        if (is_none(module)) continue;
        if (is_str(name) && (str_equal(name, "__main__") || str_equal(name, "__mp_main__"))) continue;
        Ref found = dotted_attr(t, module, path);
        if (!found && !clear_if(t, PyExc_AttributeError)) return {};
        if (found && is_same(found, v)) return Ref::share(name);
    }
    return Maybe::absent();
}

bool is_local(Value path) {
    for (int64_t i = 0; i < list_size(path); i++)
        if (str_equal(list_get(path, i), "<locals>")) return true;
    return false;
}

// PicklingError with the current exception as its context.
template <class... Args>
Raised replace_error(Thread& t, const char* format, Args... args) {
    Ref cause = fetch_error(t);
    raise(t, pickling_error(), format, args...);
    Ref made = fetch_error(t);
    if (made && is_exception(made)) {
        Ref set = none_ref();
        Status ok = set_attr(t, made, ID(__context__), cause);
        if (!ok) clear_error(t);
    }
    restore_error(t, std::move(made));
    return {};
}

Status check_reachable(Thread& t, Value v, Value module_name, Value name, Value path) {
    Ref module = import_by_name(t, module_name);
    if (!module) {
        if (!error_is(t, PyExc_ImportError) && !error_is(t, PyExc_ValueError) && !error_is(t, PyExc_KeyError))
            return {};
        Ref why = fetch_error(t);
        restore_error(t, why.share());
        return replace_error(t, "Can't pickle %R: %S", v, why.get());
    }
    Ref found = dotted_attr(t, module, path);
    if (!found) {
        if (!error_is(t, PyExc_AttributeError)) return {};
        return replace_error(t, "Can't pickle %R: it's not found as %S.%S", v, module_name, name);
    }
    if (!is_same(found, v))
        return raise(t, pickling_error(), "Can't pickle %R: it's not the same object as %S.%S", v,
                     module_name, name);
    return Status::ok();
}

Ref module_of(Thread& t, Value v, Value name, Value path) {
    Ref module_name = TRY(lookup_attr(t, v, ID(__module__)));
    if (is_local(path)) return raise(t, pickling_error(), "Can't pickle local object %R", v);
    if (!module_name || is_none(module_name)) {
        module_name = TRY(search_modules(t, v, path));
        if (module_name) return module_name;
        module_name = Ref::share(ID(__main__));
    }
    TRY(check_reachable(t, v, module_name, name, path));
    return module_name;
}

// The names Python 2 had. `name` and `module_name` are exchanged.
Status old_names(Thread& t, Ref& module_name, Ref& name) {
    Ref key = TRY(tuple_of(t, {module_name, name}));
    Ref pair = TRY(dict_get(t, g_state.name_3to2, key));
    if (pair) {
        if (!is_tuple(pair) || tuple_size(pair) != 2)
            return raise(t, PyExc_RuntimeError,
                         "_compat_pickle.REVERSE_NAME_MAPPING values should be 2-tuples, not %.200s",
                         type_of(pair)->tp_name);
        if (!is_str(tuple_get(pair, 0)) || !is_str(tuple_get(pair, 1)))
            return raise(
                t, PyExc_RuntimeError,
                "_compat_pickle.REVERSE_NAME_MAPPING values should be pairs of str, not (%.200s, %.200s)",
                type_of(tuple_get(pair, 0))->tp_name, type_of(tuple_get(pair, 1))->tp_name);
        module_name = Ref::share(tuple_get(pair, 0));
        name = Ref::share(tuple_get(pair, 1));
        return Status::ok();
    }
    Ref renamed = TRY(dict_get(t, g_state.import_3to2, module_name));
    if (!renamed) return Status::ok();
    if (!is_str(renamed))
        return raise(t, PyExc_RuntimeError,
                     "_compat_pickle.REVERSE_IMPORT_MAPPING values should be strings, not %.200s",
                     type_of(renamed)->tp_name);
    module_name = std::move(renamed);
    return Status::ok();
}

// A line of the opcode GLOBAL.
Status put_name(Thread& t, Pickler* p, Value name, const char* what) {
    Ref encoded = encode(t, name, p->proto == 3 ? "utf-8" : "ascii", nullptr);
    if (!encoded) {
        if (!error_is(t, PyExc_UnicodeEncodeError)) return {};
        return replace_error(t, what, name, p->proto);
    }
    TRY(put(t, p, bytes_data(encoded), bytes_size(encoded)));
    return put(t, p, "\n", 1);
}

Status put_global(Thread& t, Pickler* p, Ref module_name, Ref name) {
    if (p->fix_imports) TRY(old_names(t, module_name, name));
    TRY(put_op(t, p, kGlobal));
    TRY(put_name(t, p, module_name, "can't pickle module identifier %R using pickle protocol %i"));
    return put_name(t, p, name, "can't pickle global identifier %R using pickle protocol %i");
}

// Before protocol 4 `a.b.c` is getattr(getattr(a, 'b'), 'c').
Status put_path(Thread& t, Pickler* p, Value module_name, Value path) {
    int64_t steps = list_size(path) - 1;
    for (int64_t i = 0; i < steps; i++) {
        TRY(save(t, p, g_state.getattr));
        if (p->proto < 2) TRY(put_op(t, p, kMark));
    }
    TRY(put_global(t, p, Ref::share(module_name), Ref::share(list_get(path, 0))));
    for (int64_t i = 1; i <= steps; i++) {
        TRY(save(t, p, list_get(path, i)));
        TRY(put_op(t, p, p->proto < 2 ? kTuple : kTuple2));
        TRY(put_op(t, p, kReduce));
    }
    return Status::ok();
}

// True when the name has a code in copyreg's registry, which is written.
Result<bool> put_extension(Thread& t, Pickler* p, Value module_name, Value name) {
    Ref key = TRY(tuple_of(t, {module_name, name}));
    Ref found = TRY(dict_get(t, g_state.extension_registry, key));
    if (!found) return false;
    int64_t code = TRY(as_int64(t, found));
    if (code <= 0 || code > INT32_MAX)
        return raise(t, PyExc_RuntimeError, "extension code %ld is out of range", code);
    int bytes = code <= 0xff ? 1 : code <= 0xffff ? 2 : 4;
    char text[5] = {static_cast<char>(bytes == 1 ? kExt1 : bytes == 2 ? kExt2 : kExt4)};
    for (int i = 0; i < bytes; i++) text[1 + i] = static_cast<char>(code >> (8 * i));
    TRY(put(t, p, text, 1 + bytes));
    return true;
}

}  // namespace

Status save_global(Thread& t, Pickler* p, Value v, Value given) {
    Ref name = given ? Ref::share(given) : TRY(lookup_attr(t, v, ID(__qualname__)));
    if (!name) name = TRY(get_attr(t, v, ID(__name__)));
    Ref path = TRY(split_dots(t, name));
    Ref module_name = TRY(module_of(t, v, name, path));
    if (p->proto >= 2 && TRY(put_extension(t, p, module_name, name))) return Status::ok();
    if (p->proto >= 4) {
        TRY(save(t, p, module_name));
        TRY(save(t, p, name));
        TRY(put_op(t, p, kStackGlobal));
    } else {
        TRY(put_path(t, p, module_name, path));
    }
    return memo_put(t, p, v);
}

}  // namespace krait::pickle
