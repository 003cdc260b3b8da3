// The import statements.
#include "builtins/callable.h"
#include "builtins/dict.h"
#include "builtins/list.h"
#include "builtins/set.h"
#include "builtins/str.h"
#include "builtins/tuple.h"
#include "interp/internal.h"
#include "object/names.h"
#include "object/protocol.h"

namespace krait {

Ref import_name(Thread& t, Value builtins, Value globals, Value locals, Value name, Value fromlist,
                Value level) {
    Maybe found;
    if (is_dict_exact(builtins)) {
        Value v = dict_get_str(builtins, ID(__import__));
        found = v ? Maybe::found(Ref::share(v)) : Maybe::absent();
    } else {
        Ref v = get_item(t, builtins, ID(__import__));
        if (v)
            found = Maybe::found(std::move(v));
        else if (clear_if(t, PyExc_KeyError))
            found = Maybe::absent();
    }
    if (!found) return {};
    if (!found.has_value()) return raise(t, PyExc_ImportError, "__import__ not found");
    Ref import = found.take();
    return call(t, import, {name, globals, locals ? locals : none(), fromlist, level});
}

namespace {

Raised raise_import_error(Thread& t, Ref message, Value name, Value path, Value name_from) {
    if (!message) return {};
    Ref names = tuple_new(t, 3);
    static const char* const keys[] = {"name", "path", "name_from"};
    for (int i = 0; names && i < 3; i++) {
        Ref key = str_intern(t, keys[i]);
        if (!key) return {};
        tuple_items(names)[i] = key.release();
    }
    if (!names) return {};
    Value args[] = {message, name ? name : none(), path ? path : none(), name_from ? name_from : none()};
    Ref exc = call(t, Value(PyExc_ImportError), args, 1, names);
    if (exc) raise_object(t, exc);
    return {};
}

// A string attribute; empty for anything else (errors are dropped).
Ref text_attr(Thread& t, Value v, const char* name) {
    Maybe found = lookup_attr(t, v, name);
    if (!found) {
        clear_error(t);
        return {};
    }
    if (!found.has_value()) return {};
    Ref r = found.take();
    return is_str(r) ? std::move(r) : Ref();
}

Result<bool> spec_initializing(Thread& t, Value spec) {
    if (!spec || is_none(spec)) return false;
    Maybe v = lookup_attr(t, spec, ID(_initializing));
    if (!v) {
        clear_error(t);
        return false;
    }
    if (!v.has_value()) return false;
    Ref flag = v.take();
    return is_true(t, flag);
}

Result<bool> is_stdlib_name(Thread& t, Value name) {
    Value names = sys_get(t, "stdlib_module_names");
    if (!names || !is_any_set(names)) return false;
    return set_contains(t, names, name);
}

// Only then is a spec's origin a file.
bool has_location(Thread& t, Value spec) {
    Maybe found = is_none(spec) ? Maybe::absent() : lookup_attr(t, spec, "has_location");
    if (!found) clear_error(t);
    if (!found || !found.has_value()) return false;
    Ref flag = found.take();
    Result<bool> r = is_true(t, flag);
    if (!r) clear_error(t);
    return r && r.value();
}

Raised cannot_import(Thread& t, Value module, Value name, Ref module_name) {
    if (!module_name) module_name = str_from(t, "<unknown module name>");
    Ref spec;
    if (Maybe found = lookup_attr(t, module, ID(__spec__)); !found)
        clear_error(t);
    else if (found.has_value())
        spec = found.take();
    Ref origin = spec && has_location(t, spec) ? text_attr(t, spec, "origin") : Ref();
    Ref file = text_attr(t, module, "__file__");
    bool initializing = false;
    if (Result<bool> r = spec_initializing(t, spec)) initializing = r.value();
    Ref place = origin ? origin.share() : file.share();
    bool shadowing = module_may_shadow(t, origin);
    bool shadows_stdlib = false;
    if (shadowing && module_name) {
        Result<bool> known = is_stdlib_name(t, module_name);
        if (!known) return {};
        shadows_stdlib = known.value();
    }
    Ref message;
    if (shadows_stdlib)
        message =
            str_format(t,
                       "cannot import name %R from %R (consider renaming %R since it has the same name as "
                       "the standard library module named %R and prevents importing that standard library "
                       "module)",
                       name, module_name.get(), place.get(), module_name.get());
    else if (initializing && shadowing)
        message =
            str_format(t,
                       "cannot import name %R from %R (consider renaming %R if it has the same name as a "
                       "library you intended to import)",
                       name, module_name.get(), place.get());
    else if (initializing)
        message =
            str_format(t,
                       "cannot import name %R from partially initialized module %R (most likely due to a "
                       "circular import) (%S)",
                       name, module_name.get(), place ? place.get() : none());
    else if (place)
        message = str_format(t, "cannot import name %R from %R (%S)", name, module_name.get(), place.get());
    else
        message = str_format(t, "cannot import name %R from %R (unknown location)", name, module_name.get());
    return raise_import_error(t, std::move(message), module_name, place, name);
}

}  // namespace

Ref import_from(Thread& t, Value module, Value name) {
    Maybe direct = lookup_attr(t, module, name);
    if (!direct) return {};
    if (direct.has_value()) return direct.take();
    // Modules that import each other: the submodule may be in sys.modules before it is an attribute.
    Maybe found = lookup_attr(t, module, ID(__name__));
    if (!found) return {};
    Ref module_name;
    if (found.has_value()) module_name = found.take();
    if (module_name && !is_str(module_name)) module_name.reset();
    if (module_name) {
        Ref full = TRY(str_format(t, "%U.%U", module_name.get(), name));
        Value modules = t.interp->modules;
        if (modules) {
            Ref v;
            if (is_dict_exact(modules)) {
                Maybe hit = dict_get(t, modules, full);
                if (!hit) return {};
                v = hit.take();
            } else {
                v = get_item(t, modules, full);
                if (!v && !clear_if(t, PyExc_KeyError)) return {};
            }
            if (v) return v;
        }
    }
    return cannot_import(t, module, name, std::move(module_name));
}

Status import_star(Thread& t, Value module, Value locals) {
    if (!locals) return raise(t, PyExc_SystemError, "no locals found during 'import *'");
    Maybe all = lookup_attr(t, module, ID(__all__));
    if (!all) return {};
    bool skip_underscore = !all.has_value();
    Ref names;
    if (all.has_value()) {
        names = all.take();
    } else {
        Maybe dict = lookup_attr(t, module, ID(__dict__));
        if (!dict) return {};
        if (!dict.has_value())
            return raise(t, PyExc_ImportError, "from-import-* object has no __dict__ and no __all__");
        Ref d = dict.take();
        names = TRY(mapping_keys(t, d));
    }
    for (int64_t i = 0;; i++) {
        Ref name = get_item(t, names, i);
        if (!name) {
            if (clear_if(t, PyExc_IndexError)) break;
            return {};
        }
        if (!is_str(name)) {
            Ref module_name = TRY(get_attr(t, module, ID(__name__)));
            if (!is_str(module_name))
                return raise(t, PyExc_TypeError, "module __name__ must be a string, not %T",
                             module_name.get());
            return raise(t, PyExc_TypeError, "%s in %U.%s must be str, not %T",
                         skip_underscore ? "Key" : "Item", module_name.get(),
                         skip_underscore ? "__dict__" : "__all__", name.get());
        }
        if (skip_underscore && str_length(name) && str_char(name, 0) == '_') continue;
        Ref v = TRY(get_attr(t, module, name));
        if (is_dict_exact(locals))
            TRY(dict_set(t, locals, name, v));
        else
            TRY(set_item(t, locals, name, v));
    }
    return Status::ok();
}

}  // namespace krait
