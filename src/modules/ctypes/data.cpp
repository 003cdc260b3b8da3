// Objects with C data: memory, what is kept alive, buffers and pickling. The common base is _CData.
#include <cstdio>
#include <cstring>

#include "modules/ctypes/ctypes.h"
#include "object/instance.h"

namespace krait::ctypes {

Type data_type;

bool is_simple_subclass(Value type) {
    return is_class_of(type, simple_meta) && type.as<PyTypeObject>()->tp_base != &simple_type;
}

// --- memory ---

namespace {

Status own_memory(Thread& t, Data* d, int64_t size, int64_t align) {
    if (size <= static_cast<int64_t>(sizeof d->value) && align <= 8) {
        d->ptr = d->value;
    } else {
        d->ptr = static_cast<char*>(mem_alloc_zeroed(static_cast<size_t>(size)));
        if (!d->ptr) {
            d->ptr = d->value;
            return raise_no_memory(t);
        }
    }
    d->needs_free = 1;
    return Status::ok();
}
void release(Data* d) {
    Value base = d->base, objects = d->objects;
    d->base = d->objects = Value();
    xdecref(objects);
    xdecref(base);
}
// An instance without memory.
Ref bare(Thread& t, PyTypeObject* type, Info* info) {
    info->flags |= kFinal;
    Ref self = TRY(alloc(t, type));
    auto* d = as_data(self);
    d->ptr = d->value;
    d->length = info->length;
    d->size = info->size;
    return self;
}
Result<Info*> concrete(Thread& t, PyTypeObject* type) {
    Info* info = info_of(type);
    if (!info) return raise(t, PyExc_TypeError, "abstract class");
    return info;
}

}  // namespace

Ref data_new(Thread& t, PyTypeObject* type) {
    Info* info = TRY(concrete(t, type));
    Ref self = TRY(bare(t, type, info));
    TRY(own_memory(t, as_data(self), info->size, info->align));
    return self;
}
Ref data_at(Thread& t, PyTypeObject* type, void* p) {
    TRY(audit(t, "ctypes.cdata", {TRY(pointer_to_int(t, p))}));
    Info* info = TRY(concrete(t, type));
    Ref self = TRY(bare(t, type, info));
    as_data(self)->ptr = static_cast<char*>(p);
    return self;
}
Ref data_from_base(Thread& t, PyTypeObject* type, Value base, int64_t index, char* p) {
    Info* info = TRY(concrete(t, type));
    Ref self = TRY(bare(t, type, info));
    auto* d = as_data(self);
    d->index = index;
    if (base) {
        d->ptr = p;
        d->base = Ref::share(base).release();
    } else {
        TRY(own_memory(t, d, info->size, info->align));
        memcpy(d->ptr, p, static_cast<size_t>(info->size));
    }
    return self;
}
Ref generic_new(Thread& t, PyTypeObject* type, const Value*, size_t, Value) { return data_new(t, type); }

void data_dealloc(Thread& t, PyObject* o) {
    gc_untrack(t, o);
    auto* d = reinterpret_cast<Data*>(o);
    release(d);
    if (d->needs_free && d->ptr != d->value) mem_free(d->ptr);
    free_object(t, o);
}
void data_traverse(PyObject* o, Visitor& v) {
    v.visit(reinterpret_cast<Data*>(o)->base);
    v.visit(reinterpret_cast<Data*>(o)->objects);
}
// The base holds the memory: it stays until the end.
void data_clear(Thread&, PyObject* o) {
    Value objects = reinterpret_cast<Data*>(o)->objects;
    reinterpret_cast<Data*>(o)->objects = Value();
    xdecref(objects);
}

// --- what is kept alive ---

namespace {

// The object whose memory this is, with a place for what it keeps.
Result<Data*> container(Thread& t, Value v) {
    Data* d = as_data(v);
    while (d->base) d = as_data(d->base);
    if (!d->objects) d->objects = d->length ? TRY(dict_new(t)).release() : none();
    return d;
}
// The way from the container down to the part, as text: unique among its parts.
Ref unique_key(Thread& t, Value target, int64_t index) {
    char text[256], *p = text;
    p += snprintf(p, sizeof text, "%x", static_cast<unsigned>(index));
    for (Data* d = as_data(target); d->base; d = as_data(d->base)) {
        if (static_cast<size_t>(p - text) + 20 > sizeof text)
            return raise(t, PyExc_ValueError, "ctypes object structure too deep");
        p += snprintf(p, sizeof text - static_cast<size_t>(p - text), ":%x", static_cast<unsigned>(d->index));
    }
    return str_from(t, text);
}

}  // namespace

Ref kept_objects(Thread& t, Value v) {
    Data* d = TRY(container(t, v));
    return Ref::share(d->objects);
}
Status keep_ref(Thread& t, Value target, int64_t index, Ref keep) {
    if (!keep) return {};
    if (is_none(keep)) return Status::ok();
    Data* d = TRY(container(t, target));
    if (!is_dict_exact(d->objects)) {
        put_owned(d->objects, std::move(keep));
        return Status::ok();
    }
    Ref key = TRY(unique_key(t, target, index));
    return dict_set(t, d->objects, key, keep);
}

// --- values in memory ---

Ref data_get(Thread& t, Value type, Getter get, Value src, int64_t index, int64_t size, char* p, int bits) {
    if (get) return get(t, p, size, bits);
    Info* info = info_of_class(type);
    if (info && info->get && !is_simple_subclass(type)) return info->get(t, p, size, bits);
    return data_from_base(t, type.as<PyTypeObject>(), src, index, p);
}

namespace {

Raised incompatible(Thread& t, Value v, Value type) {
    return raise(t, PyExc_TypeError, "incompatible types, %s instance instead of %s instance",
                 type_of(v)->tp_name, type.as<PyTypeObject>()->tp_name);
}
// An array in the place of a pointer.
Ref set_from_array(Thread& t, Value type, Value v, char* p) {
    if (info_of_object(v)->proto != info_of_class(type)->proto) return incompatible(t, v, type);
    memcpy(p, &as_data(v)->ptr, sizeof(char*));
    Ref keep = TRY(kept_objects(t, v));
    return tuple_of(t, {keep, v});
}
// The exception that is set becomes one of the type, with the former in its text.
Raised extend_error(Thread& t, PyTypeObject* type, Value prefix) {
    Ref old = fetch_error(t);
    Ref text = str(t, old);
    if (!text) {
        clear_error(t);
        text = str_from(t, "???");
    }
    if (!text) return {};
    return raise(t, type, "%U%s: %U", prefix, type_of(old)->tp_name, text.get());
}

Ref set_value(Thread& t, Value type, Setter set, Value v, int64_t size, char* p, int bits) {
    if (set) return set(t, p, v, size, bits);
    Info* info = info_of_class(type);
    if (!is_data(v)) {
        if (info && info->set) return info->set(t, p, v, size, bits);
        if (is_tuple(v)) {  // arguments for the class
            Ref made = call_with(t, type, v, Value());
            if (!made) {
                Ref prefix = TRY(str_format(t, "(%s) ", type.as<PyTypeObject>()->tp_name));
                return extend_error(t, reinterpret_cast<PyTypeObject*>(PyExc_RuntimeError), prefix);
            }
            return set_value(t, type, set, made, size, p, bits);
        }
        if (is_none(v) && is_class_of(type, pointer_meta)) {
            memset(p, 0, sizeof(void*));
            return none_ref();
        }
        return raise(t, PyExc_TypeError, "expected %s instance, got %s", type.as<PyTypeObject>()->tp_name,
                     type_of(v)->tp_name);
    }
    bool same = TRY(is_instance(t, v, type));
    if (same) {
        int64_t n = size < as_data(v)->size ? size : as_data(v)->size;
        memmove(p, as_data(v)->ptr, static_cast<size_t>(n));
        return kept_objects(t, v);
    }
    if (is_class_of(type, pointer_meta) && is_a(v, array_type)) return set_from_array(t, type, v, p);
    return incompatible(t, v, type);
}

}  // namespace

Status data_set(Thread& t, Value inst, Value type, Setter set, Value v, int64_t index, int64_t size, char* p,
                int bits) {
    if (!is_data(inst)) return raise(t, PyExc_TypeError, "not a ctype instance");
    return keep_ref(t, inst, index, set_value(t, type, set, v, size, p, bits));
}

// --- the type ---

namespace {}  // namespace

Status data_getbuffer(Thread& t, Value self, Py_buffer* view, int) {
    auto* d = as_data(self);
    Info* info = info_of(type_of(self));
    if (!info) return raise(t, PyExc_BufferError, "abstract class");
    Info* item = info;
    while (item->kind == Kind::Array) item = info_of_class(item->proto);
    view->buf = d->ptr;
    view->obj = Ref::share(self).release().ptr();
    view->len = d->size;
    view->readonly = 0;
    view->format = info->format ? info->format : const_cast<char*>("B");
    view->ndim = info->ndim;
    view->shape = info->shape;
    view->itemsize = item->size;
    view->strides = nullptr;
    view->suboffsets = nullptr;
    view->internal = nullptr;
    return Status::ok();
}

namespace {

Result<int64_t> data_hash(Thread& t, Value) { return raise(t, PyExc_TypeError, "unhashable type"); }

Ref from_outparam(Thread&, Value self) { return Ref::share(self); }
Ref set_state(Thread& t, Value self, const Value* a, size_t) {
    if (!is_dict(a[0]))
        return raise(t, PyExc_TypeError, "__setstate__() argument 1 must be dict, not %T", a[0]);
    Buffer data;
    TRY(data.acquire(t, a[1]));
    auto* d = as_data(self);
    int64_t n = data.size() < d->size ? data.size() : d->size;
    memmove(d->ptr, data.data(), static_cast<size_t>(n));
    Maybe found = lookup_attr(t, self, "__dict__");
    if (!found) return {};
    Ref dict = found.take();
    if (!dict || !is_dict(dict))
        return raise(t, PyExc_TypeError, "%.200s.__dict__ must be a dictionary, not %T",
                     type_of(self)->tp_name, dict.get());
    TRY(dict_update(t, dict, a[0]));
    return none_ref();
}
Ref reduce(Thread& t, Value self) {
    Info* info = TRY(concrete(t, type_of(self)));
    if (info->flags & (kIsPointer | kHasPointer))
        return raise(t, PyExc_ValueError, "ctypes objects containing pointers cannot be pickled");
    Ref dict = TRY(get_attr(t, self, "__dict__"));
    auto* d = as_data(self);
    Ref bytes = TRY(bytes_from(t, d->ptr, static_cast<size_t>(d->size)));
    Ref state = TRY(tuple_of(t, {dict, bytes})), args = TRY(tuple_of(t, {type_of(self), state}));
    return tuple_of(t, {g_unpickle, args});
}
const NativeDef data_methods[] = {
    def<from_outparam>("__ctypes_from_outparam__", "()", "What an output parameter gives."),
    def<set_state>("__setstate__", "(dict, data, /)", nullptr),
    def<reduce>("__reduce__", "()", nullptr),
    {}};
const MemberDef data_members[] = {
    member("_b_base_", MemberKind::Object, offsetof(Data, base), kReadonly, "the base object"),
    member("_b_needsfree_", MemberKind::Int, offsetof(Data, needs_free), kReadonly,
           "whether the object owns the memory or not"),
    member("_objects", MemberKind::Object, offsetof(Data, objects), kReadonly,
           "internal objects tree (NEVER CHANGE THIS OBJECT!)"),
    {}};

}  // namespace

Status add_data(Thread& t, Value) {
    static const TypeDecl data{
        .name = "_ctypes._CData",
        .basicsize = sizeof(Data),
        .flags = kTpDefault | kTpBaseType | kTpHaveGC | kTpImmutableType | kTpDisallowInstantiation,
        .slots = {.dealloc = data_dealloc,
                  .traverse = data_traverse,
                  .clear = data_clear,
                  .hash = data_hash,
                  .getbuffer = data_getbuffer},
        .spec = {.methods = data_methods, .members = data_members, .doc = "XXX to be provided"}};
    return add_static_type(t, Value(), data_type, data);
}

}  // namespace krait::ctypes
