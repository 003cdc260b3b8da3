// Slow paths: names, attributes with the method bit, super, special methods, annotations, imports.
#include "builtins/callable.h"
#include "builtins/dict_table.h"
#include "builtins/str.h"
#include "builtins/tuple.h"
#include "interp/attr_cache.h"
#include "interp/eval.h"
#include "object/attributes.h"
#include "object/instance.h"
#include "object/internal.h"
#include "object/names.h"
#include "object/per_interpreter.h"

namespace krait {

Value classmethod_function(Value v);  // builtins/property.cpp

void raise_name_error(Thread& t, const char* format, Value name) {
    raise(t, PyExc_NameError, format, name);
    Value exc(t.c.current_exception);
    if (!exc || type_of(exc) != PyExc_NameError) return;
    auto* e = exc.as<PyNameErrorObject>();
    Value old = e->name;
    incref(name);
    e->name = name;
    xdecref(old);
}

void raise_unbound_local(Thread& t, PyCodeObject* co, int64_t index) {
    Value name = tuple_get(co->co_localsplusnames, index);
    raise(t, PyExc_UnboundLocalError,
          "cannot access local variable '%U' where it is not associated with a value", name);
}

void raise_unbound_deref(Thread& t, PyCodeObject* co, int64_t index) {
    if (index < co->co_nlocalsplus - co->co_nfreevars) return raise_unbound_local(t, co, index);
    Value name = tuple_get(co->co_localsplusnames, index);
    raise_name_error(
        t, "cannot access free variable '%U' where it is not associated with a value in enclosing scope",
        name);
}

Value slow_dict_lookup(Thread& t, Value dict, Value key) {
    Maybe m = dict_get(t, dict, key);
    return m ? Ref(m.take()).release() : Value();
}

Value slow_lookup_mapping(Thread& t, Value mapping, Value name) {
    if (is_dict_exact(mapping)) {
        Value v = dict_get_str(mapping, name);
        if (!v) return slow_dict_lookup(t, mapping, name);  // a key of another type may equal it
        incref(v);
        return v;
    }
    Ref v = get_item(t, mapping, name);
    if (!v && error_is(t, PyExc_KeyError)) clear_error(t);
    return v.release();
}

namespace {
Value lookup_global_or_builtin(Thread& t, Frame* f, Value name) {
    Value v = slow_lookup_mapping(t, f->globals, name);
    if (v || occurred(t)) return v;
    v = slow_lookup_mapping(t, f->builtins, name);
    if (v || occurred(t)) return v;
    raise_name_error(t, "name '%U' is not defined", name);
    return {};
}
}  // namespace

Status store_attr(Thread& t, Value owner, Value name, Value v) {
    if (owner.is_ptr() && ext(owner.heap_type())->generic_setattr) {
        AttrCacheEntry* e = attr_cache_find(t, owner.ptr(), name);
        if (e && e->kind == AttrKind::Data) return set_data_attr(t, owner, e->value, v);
        if (e && e->kind == AttrKind::Inline && preheader(owner.ptr())->attr_last > e->slot) {
            // A value in the place of another. Without one there, or with a dict, the long way knows.
            Value& place = inline_attrs(owner.ptr(), ext(owner.heap_type()))[e->slot];
            if (Value old = place) {
                incref(v);
                place = v;
                decref(old);
                return Status::ok();
            }
        }
        if (e && e->kind == AttrKind::Plain) {
            PyDictObject* d = managed_dict(owner.ptr());
            if (d && !is_watched(d)) {
                Ref keep = Ref::share(Value(&d->ob_base));
                return dict_set_hash(t, keep, name, str_hash(name), v);
            }
        }
        if (e && e->kind == AttrKind::OffsetDict) {
            auto* d = *reinterpret_cast<PyObject**>(owner.bits + owner.heap_type()->tp_dictoffset);
            if (d && d->ob_type == &PyDict_Type) return dict_set_hash(t, Value(d), name, str_hash(name), v);
        }
    }
    return set_attr(t, owner, name, v);
}

Value slow_load_global(Thread& t, Frame* f, Value name) { return lookup_global_or_builtin(t, f, name); }

Value slow_load_name(Thread& t, Frame* f, Value name) {
    if (!f->locals) {
        raise(t, PyExc_SystemError, "no locals when loading %R", name);
        return {};
    }
    Value v = slow_lookup_mapping(t, f->locals, name);
    if (v || occurred(t)) return v;
    return lookup_global_or_builtin(t, f, name);
}

Value slow_load_from_dict_or_globals(Thread& t, Frame* f, Value dict, Value name) {
    Value v = slow_lookup_mapping(t, dict, name);
    if (v || occurred(t)) return v;
    return lookup_global_or_builtin(t, f, name);
}

bool slow_store_name(Thread& t, Frame* f, Value name, Value v) {
    if (!f->locals) {
        raise(t, PyExc_SystemError, "no locals found when storing %R", name);
        return false;
    }
    if (is_dict_exact(f->locals)) return static_cast<bool>(dict_set(t, f->locals, name, v));
    return static_cast<bool>(set_item(t, f->locals, name, v));
}

bool slow_delete_name(Thread& t, Frame* f, Value name) {
    if (!f->locals) {
        raise(t, PyExc_SystemError, "no locals when deleting %R", name);
        return false;
    }
    if (set_item(t, f->locals, name, Value())) return true;
    if (error_is(t, PyExc_KeyError)) {
        clear_error(t);
        raise_name_error(t, "name '%U' is not defined", name);
    }
    return false;
}

bool slow_delete_global(Thread& t, Frame* f, Value name) {
    Result<bool> found = dict_delete(t, f->globals, name);
    if (!found) return false;
    if (!found.value()) raise_name_error(t, "name '%U' is not defined", name);
    return found.value();
}

// --- attributes ---

bool slow_find_attr(Thread& t, Value owner, Value name, Value* found) {
    Maybe m = generic_lookup_attr(t, owner, name);
    if (!m) return false;
    *found = m.has_value() ? Ref(m.take()).release() : Value();
    return true;
}

Value slow_load_method(Thread& t, Value obj, Value name, bool* unbound, Value* cls) {
    *unbound = false;
    PyTypeObject* type = type_of(obj);
    TypeExt* x = ext(type);
    // A class method asked of its class, whose metaclass knows nothing of the name.
    if (is_type(obj) && x->slots.getattr == type_get_attr) {
        Value found = type_lookup(obj.as<PyTypeObject>(), name);
        Value fn = found ? classmethod_function(found) : Value();
        if (!fn || type_lookup(type, name)) return get_attr(t, obj, name).release();
        *unbound = true;
        *cls = obj;
        return Ref::share(fn).release();
    }
    if (!x->generic_getattr || x->has_getattr_hook) return get_attr(t, obj, name).release();
    Value descr = type_lookup(type, name);
    if (descr && has_type(descr, &PyClassMethod_Type)) {
        Value fn = classmethod_function(descr);
        if (!fn) return get_attr(t, obj, name).release();
        if (type->tp_dictoffset != 0) {
            Ref keep = Ref::share(fn);
            Maybe own = instance_get(t, obj, name);
            if (!own) return {};
            if (own.has_value()) return Ref(own.take()).release();
        }
        *unbound = true;
        *cls = Value(type);
        return Ref::share(fn).release();
    }
    if (!descr || !(type_of(descr)->tp_flags & kTpMethodDescriptor)) return get_attr(t, obj, name).release();
    Ref keep = Ref::share(descr);
    if (type->tp_dictoffset != 0) {
        Maybe own = instance_get(t, obj, name);
        if (!own) return {};
        if (own.has_value()) return Ref(own.take()).release();
    }
    *unbound = true;
    return keep.release();
}

// The entry for what the name means behind `cls` in instances of `start`; its value empty while it is not
// known. Null: not to be cached.
static SuperCacheEntry* super_entry(Thread& t, PyTypeObject* start, Value cls, Value name) {
    uint32_t version = type_version(start);
    AttrCache* cache = attr_cache(t);
    if (!version || !cache || !str_is_interned(name)) return nullptr;
    SuperCacheEntry& e = cache->super_entry(version, cls, name);
    if (e.version == version && e.cls == cls && e.name == name) return &e;
    Value old = e.name;
    incref(name);
    e = {version, cls, name, Value()};
    xdecref(old);
    return &e;
}

Value slow_load_super(Thread& t, Value global_super, Value cls, Value self, Value name, int oparg,
                      bool* unbound) {
    bool method = oparg & 1;
    *unbound = false;
    if (global_super == Value(&PySuper_Type) && is_type(cls)) {
        // The common case does what super().name would do, without making the super object.
        PyTypeObject* start = type_of(self);
        bool on_class = false;
        if (is_type(self) && is_subtype(self.as<PyTypeObject>(), cls.as<PyTypeObject>())) {
            start = self.as<PyTypeObject>();
            on_class = true;
        }
        SuperCacheEntry* cached = on_class ? nullptr : super_entry(t, start, cls, name);
        if (cached && cached->value) {
            Ref descr = Ref::share(cached->value);
            *unbound = method;
            if (method) return descr.release();
            return ext(type_of(descr))->slots.descr_get(t, descr, self, Value(start)).release();
        }
        if (start->tp_mro && is_subtype(start, cls.as<PyTypeObject>()) && name != ID(__class__)) {
            Ref mro = Ref::share(Value(start->tp_mro));
            int64_t n = tuple_size(mro), i = 0;
            while (i < n && tuple_get(mro, i) != cls) i++;
            for (i++; i < n; i++) {
                Value base = tuple_get(mro, i);
                Value found = dict_get_str(Value(base.as<PyTypeObject>()->tp_dict), name);
                if (!found) continue;
                Ref descr = Ref::share(found);
                DescrGetFn get = ext(type_of(descr))->slots.descr_get;
                bool is_method = get && (type_of(descr)->tp_flags & kTpMethodDescriptor);
                if (is_method && cached) cached->value = descr;
                if (is_method && method && !on_class) {
                    *unbound = true;
                    return descr.release();
                }
                if (!get) return descr.release();
                return get(t, descr, on_class ? Value() : self, Value(start)).release();
            }
        }
    }
    // Whatever else goes by the name `super` is called as it stands in the source: with two arguments or
    // none.
    bool two = (oparg & 2) || global_super == Value(&PySuper_Type);
    Ref object = two ? call(t, global_super, {cls, self}) : call(t, global_super);
    if (!object) return {};
    return get_attr(t, object, name).release();
}

Value slow_load_special(Thread& t, Value owner, int which, bool* has_self) {
    static LazyName aenter("__aenter__"), aexit("__aexit__"), enter("__enter__"), exit("__exit__");
    Value name = which == 0 ? enter(t) : which == 1 ? exit(t) : which == 2 ? aenter(t) : aexit(t);
    Value descr = type_lookup(type_of(owner), name);
    if (descr) {
        Ref keep = Ref::share(descr);
        if (type_of(descr)->tp_flags & kTpMethodDescriptor) {
            *has_self = true;
            return keep.release();
        }
        *has_self = false;
        DescrGetFn get = ext(type_of(descr))->slots.descr_get;
        if (!get) return keep.release();
        return get(t, descr, owner, Value(type_of(owner))).release();
    }
    bool is_async = which >= 2;
    const char* missing = which == 0   ? "__enter__"
                          : which == 1 ? "__exit__"
                          : which == 2 ? "__aenter__"
                                       : "__aexit__";
    // Whoever uses the wrong kind of with gets a hint.
    Value other_enter = is_async ? enter(t) : aenter(t), other_exit = is_async ? exit(t) : aexit(t);
    bool hint = type_lookup(type_of(owner), other_enter) && type_lookup(type_of(owner), other_exit);
    const char* protocol = is_async ? "asynchronous context manager" : "context manager";
    const char* suggestion =
        is_async ? " but it supports the context manager protocol. Did you mean to use 'with'?"
                 : " but it supports the asynchronous context manager protocol. Did you mean to use "
                   "'async with'?";
    raise(t, PyExc_TypeError, "'%#T' object does not support the %s protocol (missed %s method)%s", owner,
          protocol, missing, hint ? suggestion : "");
    return {};
}

bool slow_setup_annotations(Thread& t, Frame* f) {
    if (!f->locals) {
        raise(t, PyExc_SystemError, "no locals found when setting up annotations");
        return false;
    }
    Value found = slow_lookup_mapping(t, f->locals, ID(__annotations__));
    if (found) {
        decref(found);
        return true;
    }
    if (occurred(t)) return false;
    Ref d = dict_new(t);
    return d && set_item(t, f->locals, ID(__annotations__), d);
}

namespace {
PER_INTERPRETER_REFS Value g_all, g_any;  // the functions themselves, whatever programs put into builtins
}
void set_common_functions(Value all, Value any) {
    g_all = Ref::share(all).release();
    g_any = Ref::share(any).release();
}

Value slow_common_constant(Thread& t, int which) {
    switch (which) {
        case 0:
            return Ref::share(Value(PyExc_AssertionError)).release();
        case 1:
            return Ref::share(Value(PyExc_NotImplementedError)).release();
        case 2:
            return Ref::share(Value(&PyTuple_Type)).release();
        default:
            return Ref::share(which == 3 ? g_all : g_any).release();
    }
}

Value slow_build_class_function(Thread& t, Frame* f) {
    Value v = slow_lookup_mapping(t, f->builtins, ID(__build_class__));
    if (!v && !occurred(t)) raise_name_error(t, "%U not found", ID(__build_class__));
    return v;
}

Value slow_import_name(Thread& t, Frame* f, Value name, Value fromlist, Value level) {
    return import_name(t, f->builtins, f->globals, f->locals, name, fromlist, level).release();
}

}  // namespace krait
