// The classes of C types: what they know (Info), and what all of them can do.
#include <dlfcn.h>

#include <cstdio>
#include <cstring>

#include "modules/ctypes/ctypes.h"

namespace krait::ctypes {

Type meta_type;

// --- Info ---

Result<Info*> new_info(Thread& t, PyTypeObject* type, Kind kind) {
    if (info_of(type))
        return raise(t, PyExc_SystemError, "StgInfo of '%s' is already initialized.", type->tp_name);
    auto* info = static_cast<Info*>(mem_alloc_zeroed(sizeof(Info)));
    if (!info) return raise_no_memory(t);
    info->kind = kind;
    ext(type)->user = info;
    return info;
}
namespace {
template <class F>
void each_value(Info* info, F f) {
    for (Value* v : {&info->proto, &info->pointer_type, &info->arrays, &info->argtypes, &info->converters,
                     &info->restype, &info->checker})
        f(*v);
}
}  // namespace
void free_info(PyTypeObject* type) {
    Info* info = info_of(type);
    if (!info) return;
    ext(type)->user = nullptr;
    each_value(info, [](Value& v) {
        Value old = v;
        v = Value();
        xdecref(old);
    });
    mem_free(info->format);
    mem_free(info->shape);
    mem_free(info->scalars);
    mem_free(info);
}
Status set_format(Thread& t, Info* info, const char* prefix, const char* format) {
    size_t n = strlen(prefix) + strlen(format) + 1;
    auto* text = static_cast<char*>(mem_alloc(n));
    if (!text) return raise_no_memory(t);
    snprintf(text, n, "%s%s", prefix, format);
    if (!(info->flags & kFinal)) mem_free(info->format);  // otherwise a view may show it
    info->format = text;
    return Status::ok();
}

// --- how aggregates are passed ---

Status add_scalars(Thread& t, Info* to, const Info* from, int64_t offset, bool integer) {
    constexpr int kMost = 64;  // only those of up to 32 bytes matter
    auto add = [&](int64_t at, int64_t size, char kind) -> Status {
        if (to->n_scalars >= kMost) return Status::ok();
        auto* more = static_cast<Scalar*>(
            mem_realloc(to->scalars, static_cast<size_t>(to->n_scalars + 1) * sizeof(Scalar)));
        if (!more) return raise_no_memory(t);
        to->scalars = more;
        more[to->n_scalars++] = {at, size, integer ? 'i' : kind};
        return Status::ok();
    };
    switch (from->kind) {
        case Kind::Simple: {
            char c = from->code->code;
            int64_t half = from->size / 2;
            if (c == 'f' || c == 'd' || c == 'g') return add(offset, from->size, c);
            if (c == 'F' || c == 'D' || c == 'G') {
                char part = c == 'F' ? 'f' : c == 'D' ? 'd' : 'g';
                TRY(add(offset, half, part));
                return add(offset + half, half, part);
            }
            return add(offset, from->size, 'i');
        }
        case Kind::Array: {
            const Info* item = info_of_class(from->proto);
            for (int64_t i = 0; i < from->length && i < kMost; i++)
                TRY(add_scalars(t, to, item, offset + i * item->size, integer));
            return Status::ok();
        }
        case Kind::Struct:
        case Kind::Union:
            for (int i = 0; i < from->n_scalars; i++)
                TRY(add(offset + from->scalars[i].offset, from->scalars[i].size, from->scalars[i].kind));
            return Status::ok();
        default:
            return add(offset, 8, 'i');
    }
}
// Tells libffi no more of a structure than its classes of registers: by eightbytes.
void classify(Info* info) {
    info->ffi.type = FFI_TYPE_STRUCT;
    info->ffi.size = static_cast<size_t>(info->size);
    info->ffi.alignment = static_cast<unsigned short>(info->align);
    info->ffi.elements = info->elements;
    ffi_type** e = info->elements;
    if (info->n_scalars == 1 && info->scalars[0].kind == 'g' && info->size == 16) {
        *e++ = &ffi_type_longdouble;
    } else if (info->size > 16 || info->size == 0) {
        if (info->size) *e++ = &ffi_type_uchar;  // in memory, whatever it is made of
    } else {
        for (int64_t word = 0; word < info->size; word += 8) {
            int64_t n = info->size - word < 8 ? info->size - word : 8;
            bool floats = true, one_double = false;
            for (int i = 0; i < info->n_scalars; i++) {
                const Scalar& s = info->scalars[i];
                if (s.offset + s.size <= word || s.offset >= word + 8) continue;
                floats &= s.kind == 'f' || s.kind == 'd';
                one_double |= s.kind == 'd';
            }
            if (floats && (n == 8 || n == 4)) {
                *e++ = one_double ? &ffi_type_double : &ffi_type_float;
                if (!one_double && n == 8) *e++ = &ffi_type_float;
            } else if (n == 8) {
                *e++ = &ffi_type_uint64;
            } else if (n == 4) {
                *e++ = &ffi_type_uint32;
            } else {
                for (int64_t i = 0; i < n; i++) *e++ = &ffi_type_uint8;
            }
        }
    }
    *e = nullptr;
}
ffi_type* ffi_of(Info* info) {
    switch (info->kind) {
        case Kind::Simple:
            return info->code->ffi;
        case Kind::Struct:
        case Kind::Union:
            return &info->ffi;
        default:
            return &ffi_type_pointer;
    }
}

// --- the metaclass ---

void meta_dealloc(Thread& t, PyObject* o) {
    free_info(reinterpret_cast<PyTypeObject*>(o));
    PyType_Type.x.slots.dealloc(t, o);
}
void meta_traverse(PyObject* o, Visitor& v) {
    if (Info* info = info_of(reinterpret_cast<PyTypeObject*>(o)))
        each_value(info, [&](Value& x) { v.visit(x); });
    if (PyType_Type.x.slots.traverse) PyType_Type.x.slots.traverse(o, v);
}
void meta_clear(Thread& t, PyObject* o) {
    if (Info* info = info_of(reinterpret_cast<PyTypeObject*>(o)))
        each_value(info, [](Value& x) {
            Value old = x;
            x = Value();
            xdecref(old);
        });
    if (PyType_Type.x.slots.clear) PyType_Type.x.slots.clear(t, o);
}
Status init_class(Thread& t, Value self, const Value* args, size_t nargs, Value kwnames) {
    if (InitFn init = PyType_Type.x.slots.init) return init(t, self, args, nargs, kwnames);
    return Status::ok();
}

namespace {

Ref meta_repeat(Thread& t, Value self, int64_t n) {
    if (n < 0) return raise(t, PyExc_ValueError, "Array length must be >= 0, not %zd", n);
    return array_of(t, self, n);
}
Ref meta_sizeof(Thread& t, Value self) {
    Ref base = TRY(get_attr(t, Value(&PyType_Type), "__sizeof__")), n = TRY(call(t, base, {self}));
    int64_t size = TRY(as_int64(t, n));
    return int_from(t, size + static_cast<int64_t>(sizeof(Info)));
}
Ref get_pointer_type(Thread& t, Value self, void*) {
    Info* info = info_of_class(self);
    if (!info) return raise(t, PyExc_TypeError, "%R must have storage info", self);
    if (info->pointer_type) return Ref::share(info->pointer_type);
    return raise(t, PyExc_AttributeError, "type %R has no attribute '__pointer_type__'", self);
}
Status set_pointer_type(Thread& t, Value self, Value v, void*) {
    Info* info = info_of_class(self);
    if (!info) return raise(t, PyExc_TypeError, "%R must have storage info", self);
    put_owned(info->pointer_type, Ref::share(v));
    return Status::ok();
}

// --- making instances ---

Result<Info*> with_size(Thread& t, Value type) {
    Info* info = info_of_class(type);
    if (!info) return raise(t, PyExc_TypeError, "abstract class");
    return info;
}
Ref from_address(Thread& t, Value type, Value v) {
    if (!is_long(v)) return raise(t, PyExc_TypeError, "integer expected");
    return data_at(t, type.as<PyTypeObject>(), pointer_from_int(v));
}
Status offset_arg(Thread& t, const Value* a, size_t n, int64_t* out) {
    *out = n > 1 ? TRY(as_index(t, a[1], PyExc_OverflowError)) : 0;
    return Status::ok();
}
Status check_room(Thread& t, Info* info, int64_t length, int64_t offset) {
    if (offset < 0) return raise(t, PyExc_ValueError, "offset cannot be negative");
    if (info->size > length - offset)
        return raise(t, PyExc_ValueError, "Buffer size too small (%zd instead of at least %zd bytes)", length,
                     info->size + offset);
    return Status::ok();
}
Ref from_buffer(Thread& t, Value type, const Value* a, size_t n) {
    int64_t offset;
    TRY(offset_arg(t, a, n, &offset));
    Info* info = TRY(with_size(t, type));
    Ref keep = TRY(call(t, Value(&PyMemoryView_Type), {a[0]}));  // the buffer stays held as long as the data
    const Py_buffer& view = keep.as<PyMemoryViewObject>()->view;
    if (view.readonly) return raise(t, PyExc_TypeError, "underlying buffer is not writable");
    Ref contiguous = TRY(get_attr(t, keep, "c_contiguous"));
    if (contiguous == boolean(false))
        return raise(t, PyExc_TypeError, "underlying buffer is not C contiguous");
    TRY(check_room(t, info, view.len, offset));
    TRY(audit(t, "ctypes.cdata/buffer",
              {TRY(pointer_to_int(t, view.buf)), TRY(int_from(t, view.len)), TRY(int_from(t, offset))}));
    Ref self = TRY(data_at(t, type.as<PyTypeObject>(), static_cast<char*>(view.buf) + offset));
    TRY(keep_ref(t, self, -1, std::move(keep)));
    return self;
}
Ref from_buffer_copy(Thread& t, Value type, const Value* a, size_t n) {
    int64_t offset;
    TRY(offset_arg(t, a, n, &offset));
    Info* info = TRY(with_size(t, type));
    Buffer buffer;
    TRY(buffer.acquire(t, a[0]));
    TRY(check_room(t, info, buffer.size(), offset));
    TRY(audit(
        t, "ctypes.cdata/buffer",
        {TRY(pointer_to_int(t, buffer.data())), TRY(int_from(t, buffer.size())), TRY(int_from(t, offset))}));
    Ref self = TRY(call(t, type));
    if (!is_data(self)) return raise(t, PyExc_TypeError, "not a ctype instance");
    memcpy(as_data(self)->ptr, buffer.data() + offset, static_cast<size_t>(info->size));
    return self;
}
Ref in_dll(Thread& t, Value type, const Value* a, size_t) {
    TRY(audit(t, "ctypes.dlsym", {a[0], a[1]}));
    if (!is_str(a[1])) return raise(t, PyExc_TypeError, "in_dll() argument 2 must be str, not %K", a[1]);
    std::string_view name = TRY(str_utf8(t, a[1]));
    if (name.find('\0') != std::string_view::npos)
        return raise(t, PyExc_ValueError, "embedded null character");
    void* p = TRY(symbol_of(t, a[0], name.data(), PyExc_ValueError));
    return data_at(t, type.as<PyTypeObject>(), p);
}

}  // namespace

Ref from_param(Thread& t, Value type, Value v) {
    bool same = TRY(is_instance(t, v, type));
    if (same) return Ref::share(v);
    if (has_type(v, &argument_type)) {
        Value held = v.as<Argument>()->obj;
        Info* info = info_of_class(type);
        if (held && info) {  // a pointer to what the type points to
            same = info->proto && is_type(info->proto) && TRY(is_instance(t, held, info->proto));
            if (same) return Ref::share(v);
            return raise(t, PyExc_TypeError, "expected %s instance instead of pointer to %s",
                         type.as<PyTypeObject>()->tp_name, type_of(held)->tp_name);
        }
    }
    Ref as = TRY(lookup_attr(t, v, "_as_parameter_"));
    if (as) {
        RecursionGuard guard(t, " while processing _as_parameter_");
        if (!guard) return {};
        return from_param(t, type, as);
    }
    return raise(t, PyExc_TypeError, "expected %s instance instead of %s", type.as<PyTypeObject>()->tp_name,
                 type_of(v)->tp_name);
}

#define CLASS_METHODS                                                                                      \
    def<from_address>("from_address", "(value, /)", "The data at an address."),                            \
        def<from_buffer>("from_buffer", "(obj, offset=0, /)", "The data in a writable buffer, shared."),   \
        def<from_buffer_copy>("from_buffer_copy", "(buffer, offset=0, /)", "A copy of data in a buffer."), \
        def<in_dll>("in_dll", "(dll, name, /)", "The data that a library exports under a name.")
const NativeDef class_methods[] = {CLASS_METHODS, {}};
const NativeDef class_methods_param[] = {
    def<from_param>("from_param", "(value, /)", "Converts an argument of a call."), CLASS_METHODS, {}};
#undef CLASS_METHODS

TypeDecl meta_decl(const char* name, const NativeDef* methods, InitFn init) {
    return TypeDecl{
        .name = name,
        .basicsize = PyType_Type.tp_basicsize,
        .itemsize = PyType_Type.tp_itemsize,
        .flags = kTpDefault | kTpBaseType | kTpHaveGC | kTpImmutableType | kTpTypeSubclass | kTpItemsAtEnd,
        .base = &meta_type,
        .slots = {.dealloc = meta_dealloc,
                  .traverse = meta_traverse,
                  .clear = meta_clear,
                  .init = init,
                  .new_ = PyType_Type.x.slots.new_},
        .spec = {.methods = methods, .doc = "The class of C types of one kind."}};
}
Status add_meta(Thread& t, Value) {
    static const NativeDef methods[] = {def<meta_sizeof>("__sizeof__", "()", "With what the class knows."),
                                        {}};
    static const GetSetDef getset_table[] = {
        getset("__pointer_type__", get_pointer_type, set_pointer_type, "pointer type"), {}};
    static TypeDecl decl = meta_decl("_ctypes.CType_Type", methods, nullptr);
    decl.base = &PyType_Type;
    decl.slots.sq_repeat = meta_repeat;
    decl.spec.getset = getset_table;
    decl.spec.doc = nullptr;
    return add_static_type(t, Value(), meta_type, decl);
}

}  // namespace krait::ctypes
