// isinstance and issubclass, imports, audit events, sys attributes, paths.
#include <cstring>
#include <utility>

#include "builtins/bytes.h"
#include "builtins/callable.h"
#include "builtins/dict.h"
#include "builtins/list.h"
#include "builtins/str.h"
#include "builtins/tuple.h"
#include "object/errors.h"
#include "object/file_names.h"
#include "object/internal.h"
#include "object/names.h"
#include "object/protocol.h"
#include "object/unraisable.h"

namespace krait {

namespace {

// `__bases__` of something that is not a type but acts as one; empty without exception when it does not.
Ref abstract_bases(Thread& t, Value cls) {
    Maybe m = lookup_attr(t, cls, ID(__bases__));
    if (!m) return {};
    Ref bases = m.take();
    if (bases && !is_tuple(bases)) return {};
    return bases;
}

Result<bool> abstract_issubclass(Thread& t, Value derived, Value cls) {
    RecursionGuard guard(t, " in __issubclass__");
    if (!guard) return {};
    Ref keep = Ref::share(derived);
    for (;;) {
        if (keep.get() == cls) return true;
        Ref bases = abstract_bases(t, keep);
        if (!bases) {
            if (t.has_exception()) return {};
            return false;
        }
        int64_t n = tuple_size(bases);
        if (n == 0) return false;
        if (n == 1) {
            keep = Ref::share(tuple_get(bases, 0));
            continue;
        }
        for (int64_t i = 0; i < n; i++)
            if (TRY(abstract_issubclass(t, tuple_get(bases, i), cls))) return true;
        return false;
    }
}

Status check_class(Thread& t, Value cls, const char* message) {
    Ref bases = abstract_bases(t, cls);
    if (bases) return Status::ok();
    if (t.has_exception()) return {};
    return raise(t, PyExc_TypeError, "%s", message);
}

}  // namespace

// What object.__class__ is; a data descriptor, which instances cannot hide.
static Value class_of_object() { return type_lookup(&PyBaseObject_Type, ID(__class__)); }

Result<bool> real_is_instance(Thread& t, Value v, Value cls) {
    if (is_type(cls)) {
        PyTypeObject* type = type_of(v);
        if (is_subtype(type, as_type(cls))) return true;
        // With object's own __class__ the answer is no.
        if (ext(type)->generic_getattr && type_lookup(type, ID(__class__)) == class_of_object()) return false;
        Maybe m = lookup_attr(t, v, ID(__class__));
        if (!m) return {};
        Ref claimed = m.take();
        return claimed && is_type(claimed) && claimed.get() != Value(type) &&
               is_subtype(as_type(claimed), as_type(cls));
    }
    TRY(check_class(t, cls, "isinstance() arg 2 must be a type, a tuple of types, or a union"));
    Maybe m = lookup_attr(t, v, ID(__class__));
    if (!m) return {};
    Ref claimed = m.take();
    if (!claimed) return false;
    return abstract_issubclass(t, claimed, cls);
}

Result<bool> real_is_subclass(Thread& t, Value derived, Value cls) {
    if (is_type(cls) && is_type(derived)) return is_subtype(as_type(derived), as_type(cls));
    TRY(check_class(t, derived, "issubclass() arg 1 must be a class"));
    if (!has_type(cls, &_PyUnion_Type))
        TRY(check_class(t, cls, "issubclass() arg 2 must be a class, a tuple of classes, or a union"));
    return abstract_issubclass(t, derived, cls);
}

// `checker`, the __instancecheck__ or __subclasscheck__ that the metaclass has, asked about v.
static Result<bool> ask_checker(Thread& t, Value checker, Value cls, Value v, const char* where, Value name) {
    RecursionGuard guard(t, where);
    if (!guard) return {};
    Ref r;
    if (type_of(checker)->tp_flags & kTpMethodDescriptor) {
        Ref keep = Ref::share(checker);
        r = TRY(call(t, keep, {cls, v}));
    } else {
        Ref bound = TRY(lookup_special(t, cls, name));
        r = TRY(call(t, bound, {v}));
    }
    return is_true(t, r);
}

namespace {

// Whether `check`, is_instance or is_subclass, holds for one of a tuple of classes and of such tuples.
template <auto check>
Result<bool> matches_any(Thread& t, const char* where, Value v, Value classes) {
    if (stack_is_low(t)) [[unlikely]]
        return with_more_stack<matches_any<check>, kSomeMoreStack>(t, where, where, v, classes);
    for (int64_t i = 0; i < tuple_size(classes); i++) {
        Value c = tuple_get(classes, i);
        Result<bool> r = false;
        if (is_tuple(c))
            r = matches_any<check>(t, where, v, c);
        else
            // In line it would make the frames of the recursion several times larger.
            [[clang::noinline]]
            r = check(t, v, c);
        if (!r || r.value()) return r;
    }
    return false;
}

}  // namespace

Result<bool> is_instance(Thread& t, Value v, Value cls) {
    if (Value(type_of(v)) == cls) return true;
    if (has_type(cls, &PyType_Type)) return real_is_instance(t, v, cls);
    Ref members;
    if (has_type(cls, &_PyUnion_Type)) {
        members = TRY(get_attr(t, cls, ID(__args__)));
        cls = members;
    }
    if (is_tuple(cls)) return matches_any<is_instance>(t, " in __instancecheck__", v, cls);
    if (Value checker = type_lookup(type_of(cls), ID(__instancecheck__)))
        return ask_checker(t, checker, cls, v, " in __instancecheck__", ID(__instancecheck__));
    return real_is_instance(t, v, cls);
}

Result<bool> is_subclass(Thread& t, Value derived, Value cls) {
    if (has_type(cls, &PyType_Type)) {
        if (derived == cls) return true;
        return real_is_subclass(t, derived, cls);
    }
    Ref members;
    if (has_type(cls, &_PyUnion_Type)) {
        members = TRY(get_attr(t, cls, ID(__args__)));
        cls = members;
    }
    if (is_tuple(cls)) return matches_any<is_subclass>(t, " in __subclasscheck__", derived, cls);
    if (Value checker = type_lookup(type_of(cls), ID(__subclasscheck__)))
        return ask_checker(t, checker, cls, derived, " in __subclasscheck__", ID(__subclasscheck__));
    return real_is_subclass(t, derived, cls);
}

// --- import ---

Ref import_module(Thread& t, const char* dotted_name) {
    Ref name = TRY(str_intern(t, dotted_name));
    Interpreter& in = *t.interp;
    if (in.modules && is_dict(in.modules)) {
        if (Value m = dict_get_str(in.modules, name)) {
            if (!is_none(m)) return Ref::share(m);
        }
    }
    Value import = in.builtins_dict ? dict_get_str(in.builtins_dict, ID(__import__)) : Value();
    if (!import) return raise(t, PyExc_ImportError, "__import__ not found");
    Ref keep = Ref::share(import);
    // A non-empty fromlist makes __import__ return the submodule itself.
    Ref star = TRY(str_from(t, "*"));
    Ref fromlist = TRY(list_from(t, nullptr, 0));
    TRY(list_append(t, fromlist, star));
    Ref globals = TRY(dict_new(t));
    Ref r = TRY(call(t, keep, {name, globals, globals, fromlist, Value::from_int(0)}));
    if (in.modules && is_dict(in.modules))
        if (Value m = dict_get_str(in.modules, name)) return Ref::share(m);
    return r;
}

Ref import_attr(Thread& t, const char* module, const char* name) {
    Ref m = TRY(import_module(t, module));
    return get_attr(t, m, name);
}

// --- sys ---

namespace {
Ref call_audit_hook(Thread& t, Value hook, Value event, Value args) {
    // Hooks are not traced unless they ask for it.
    bool traceable = false;
    Maybe wish = lookup_attr(t, hook, "__cantrace__");
    if (!wish) return {};
    if (Ref v = wish.take()) traceable = TRY(is_true(t, v));
    t.c.tracing -= traceable;
    Ref done = call(t, hook, {event, args});
    t.c.tracing += traceable;
    return done;
}
}  // namespace

Status call_audit_hooks(Thread& t, Value event, Value args) {
    Value hooks = t.interp->audit_hooks;
    if (!hooks) return Status::ok();
    Ref pending = fetch_error(t);
    t.c.tracing++;
    bool ok = true;
    for (int64_t i = 0; ok && i < list_size(hooks); i++) {
        Ref hook = Ref::share(list_get(hooks, i));
        ok = static_cast<bool>(call_audit_hook(t, hook, event, args));
    }
    t.c.tracing--;
    if (!ok) return {};
    if (pending) restore_error(t, std::move(pending));
    return Status::ok();
}

Status audit(Thread& t, const char* event, std::initializer_list<Value> args) {
    if (!t.interp->audit_hooks || list_size(t.interp->audit_hooks) == 0) return Status::ok();
    Ref name = TRY(str_from(t, event));
    Ref tuple = TRY(tuple_from(t, args.begin(), static_cast<int64_t>(args.size())));
    return call_audit_hooks(t, name, tuple);
}

static PyTypeObject* g_unraisable_args = nullptr;  // constant once sys is there
void set_unraisable_args_type(PyTypeObject* type) { g_unraisable_args = type; }

Value sys_get(Thread& t, const char* name) {
    if (!t.interp->sys_dict) return {};
    // The only thing of sys that its dict does not show.
    if (g_unraisable_args && !strcmp(name, "UnraisableHookArgs")) return Value(g_unraisable_args);
    return dict_get_str(t.interp->sys_dict, name);
}

Status sys_set(Thread& t, const char* name, Value v) {
    if (!t.interp->sys_dict) return raise(t, PyExc_RuntimeError, "sys is not there yet");
    if (!v) {
        Ref key = TRY(str_from(t, name));
        if (!dict_delete(t, t.interp->sys_dict, key)) return {};
        return Status::ok();
    }
    return dict_set_str(t, t.interp->sys_dict, name, v);
}

// --- paths ---

Ref fs_path(Thread& t, Value v) {
    if (is_str(v) || is_bytes(v)) return Ref::share(v);
    Maybe found = lookup_special(t, v, ID(__fspath__));
    if (!found) clear_error(t);
    Ref method = found.take();
    if (!method || is_none(method))
        return raise(t, PyExc_TypeError, "expected str, bytes or os.PathLike object, not %.200s",
                     short_type_name(type_of(v)));
    Ref r = TRY(call(t, method));
    if (is_str(r) || is_bytes(r)) return r;
    return raise(t, PyExc_TypeError, "expected %.200s.__fspath__() to return str or bytes, not %.200s",
                 short_type_name(type_of(v)), short_type_name(type_of(r)));
}

Ref fs_encode(Thread& t, Value path) {
    Ref p = TRY(fs_path(t, path));
    if (is_str(p)) p = TRY(file_name_bytes(t, p));
    if (memchr(bytes_data(p), 0, bytes_size(p))) return raise(t, PyExc_ValueError, "embedded null byte");
    return p;
}

Ref fs_decode(Thread& t, const char* bytes, size_t n) {
    if (file_names_are_utf8()) return decode_utf8(t, bytes, n, "surrogateescape");
    size_t at;
    return decode_in_locale(t, bytes, n, true, &at);
}

}  // namespace krait
