// Array: fixed numbers of items.
#include <cstring>

#include "builtins/slice.h"
#include "modules/ctypes/ctypes.h"

namespace krait::ctypes {

Type array_meta, array_type;

namespace {

char text_code(const Info* item) {
    char c = item && item->kind == Kind::Simple ? item->code->code : 0;
    return c == 'c' || c == 'u' ? c : 0;
}

// --- arrays of characters have `value`, and those of bytes `raw` ---

Ref get_raw(Thread& t, Value self, void*) {
    return bytes_from(t, as_data(self)->ptr, static_cast<size_t>(as_data(self)->size));
}
Status put_raw(Thread& t, Value self, Value v, void*) {
    if (!v) return raise(t, PyExc_AttributeError, "cannot delete attribute");
    Buffer data;
    TRY(data.acquire(t, v));
    if (data.size() > as_data(self)->size) return raise(t, PyExc_ValueError, "byte string too long");
    memcpy(as_data(self)->ptr, data.data(), static_cast<size_t>(data.size()));
    return Status::ok();
}
Ref get_chars(Thread& t, Value self, void*) {
    auto* d = as_data(self);
    return bytes_from(t, d->ptr, strnlen(d->ptr, static_cast<size_t>(d->size)));
}
Status put_chars(Thread& t, Value self, Value v, void*) {
    auto* d = as_data(self);
    if (!v) return raise(t, PyExc_TypeError, "can't delete attribute");
    if (!is_bytes(v))
        return raise(t, PyExc_TypeError, "bytes expected instead of %s instance", type_of(v)->tp_name);
    int64_t n = bytes_size(v);
    if (n > d->size) return raise(t, PyExc_ValueError, "byte string too long");
    memcpy(d->ptr, bytes_data(v), static_cast<size_t>(n));
    if (n < d->size) d->ptr[n] = 0;
    return Status::ok();
}
Ref get_wide_chars(Thread& t, Value self, void*) {
    return char_array_getter(true)(t, as_data(self)->ptr, as_data(self)->size, 0);
}
Status put_wide_chars(Thread& t, Value self, Value v, void*) {
    auto* d = as_data(self);
    if (!v) return raise(t, PyExc_TypeError, "can't delete attribute");
    if (!is_str(v))
        return raise(t, PyExc_TypeError, "unicode string expected instead of %s instance",
                     type_of(v)->tp_name);
    if (str_length(v) > d->size / 4) return raise(t, PyExc_ValueError, "string too long");
    TRY_DISCARD(char_array_setter(true)(t, d->ptr, v, d->size, 0));
    return Status::ok();
}
const GetSetDef chars_getset[] = {
    getset("raw", get_raw, put_raw, "value"), getset("value", get_chars, put_chars, "string value"), {}};
const GetSetDef wide_getset[] = {getset("value", get_wide_chars, put_wide_chars, "string value"), {}};

Status add_text_attributes(Thread& t, PyTypeObject* type, const GetSetDef* table) {
    for (; table->c.name; table++) {
        Ref descr = TRY(getset_descr_new(t, type, *table));
        TRY(dict_set_str(t, Value(type->tp_dict), table->c.name, descr));
    }
    type_modified(type);
    return Status::ok();
}

// --- classes ---

Result<int64_t> length_attribute(Thread& t, Value self) {
    Ref v = TRY(lookup_attr(t, self, "_length_"));
    if (!v) return raise(t, PyExc_AttributeError, "class must define a '_length_' attribute");
    if (!is_long(v)) return raise(t, PyExc_TypeError, "The '_length_' attribute must be an integer");
    if (int_sign(v) < 0) return raise(t, PyExc_ValueError, "The '_length_' attribute must not be negative");
    int64_t n;
    if (!int_to_i64(v, &n)) return raise(t, PyExc_OverflowError, "The '_length_' attribute is too large");
    return n;
}
Status set_shape(Thread& t, Info* info, const Info* item) {
    auto* shape = static_cast<int64_t*>(mem_alloc(static_cast<size_t>(item->ndim + 1) * sizeof(int64_t)));
    if (!shape) return raise_no_memory(t);
    shape[0] = info->length;
    for (int i = 0; i < item->ndim; i++) shape[i + 1] = item->shape[i];
    mem_free(info->shape);
    info->shape = shape;
    info->ndim = item->ndim + 1;
    return set_format(t, info, "", item->format ? item->format : "B");
}
Status class_init(Thread& t, Value self, const Value* args, size_t nargs, Value kwnames) {
    TRY(init_class(t, self, args, nargs, kwnames));
    auto* type = self.as<PyTypeObject>();
    // Array itself is made natively: every class that comes here has a length and a type.
    int64_t length = TRY(length_attribute(t, self));
    Ref item_type = TRY(lookup_attr(t, self, "_type_"));
    if (!item_type) return raise(t, PyExc_AttributeError, "class must define a '_type_' attribute");
    Info* item = info_of_class(item_type);
    if (!item) return raise(t, PyExc_TypeError, "_type_ must have storage info");
    int64_t size;
    if (__builtin_mul_overflow(item->size, length, &size))
        return raise(t, PyExc_OverflowError, "array too large");
    Info* info = TRY(new_info(t, type, Kind::Array));
    info->length = length;
    info->size = size;
    info->align = item->align;
    if (item->flags & (kIsPointer | kHasPointer)) info->flags |= kHasPointer;
    put_owned(info->proto, item_type.share());
    TRY(set_shape(t, info, item));
    if (char code = text_code(item))
        return add_text_attributes(t, type, code == 'c' ? chars_getset : wide_getset);
    return Status::ok();
}

// --- instances ---

Info* item_info(Value self) { return info_of_class(info_of(type_of(self))->proto); }

Ref item(Thread& t, Value self, int64_t i) {
    auto* d = as_data(self);
    if (i < 0 || i >= d->length) return raise(t, PyExc_IndexError, "invalid index");
    int64_t size = item_info(self)->size;
    return data_get(t, info_of(type_of(self))->proto, nullptr, self, i, size, d->ptr + i * size);
}
Status set_item_at(Thread& t, Value self, int64_t i, Value v) {
    auto* d = as_data(self);
    if (!v) return raise(t, PyExc_TypeError, "Array does not support item deletion");
    if (i < 0 || i >= d->length) return raise(t, PyExc_IndexError, "invalid index");
    int64_t size = item_info(self)->size;
    return data_set(t, self, info_of(type_of(self))->proto, nullptr, v, i, size, d->ptr + i * size);
}
struct Range {
    int64_t start, stop, step, length;
};
Status slice_range(Thread& t, Value key, int64_t n, Range* r) {
    TRY(slice_unpack(t, key, &r->start, &r->stop, &r->step));
    r->length = slice_adjust(n, &r->start, &r->stop, r->step);
    return Status::ok();
}
Ref slice(Thread& t, Value self, Value key) {
    Range r;
    TRY(slice_range(t, key, as_data(self)->length, &r));
    Info* info = item_info(self);
    auto* d = as_data(self);
    if (char code = text_code(info)) {
        auto* text = static_cast<char*>(mem_alloc(static_cast<size_t>(r.length * info->size) + 1));
        if (!text) return raise_no_memory(t);
        for (int64_t i = 0; i < r.length; i++)
            memcpy(text + i * info->size, d->ptr + (r.start + i * r.step) * info->size,
                   static_cast<size_t>(info->size));
        Ref out = code == 'c' ? bytes_from(t, text, static_cast<size_t>(r.length))
                              : str_from_kind(t, 4, text, r.length);
        mem_free(text);
        return out;
    }
    Ref list = TRY(list_new(t));
    for (int64_t i = 0; i < r.length; i++) TRY(append(t, list, item(t, self, r.start + i * r.step)));
    return list;
}
Ref subscript(Thread& t, Value self, Value key) {
    if (is_index(key)) {
        int64_t i = TRY(as_index(t, key, PyExc_IndexError));
        return item(t, self, i < 0 ? i + as_data(self)->length : i);
    }
    if (has_type(key, &PySlice_Type)) return slice(t, self, key);
    return raise(t, PyExc_TypeError, "indices must be integers");
}
Status set_subscript(Thread& t, Value self, Value key, Value v) {
    if (!v) return raise(t, PyExc_TypeError, "Array does not support item deletion");
    if (is_index(key)) {
        int64_t i = TRY(as_index(t, key, PyExc_IndexError));
        return set_item_at(t, self, i < 0 ? i + as_data(self)->length : i, v);
    }
    if (!has_type(key, &PySlice_Type)) return raise(t, PyExc_TypeError, "indices must be integer");
    Range r;
    TRY(slice_range(t, key, as_data(self)->length, &r));
    int64_t n = TRY(length(t, v));
    if (n != r.length) return raise(t, PyExc_ValueError, "Can only assign sequence of same size");
    for (int64_t i = 0; i < n; i++) {
        Ref one = TRY(get_item(t, v, i));
        TRY(set_item_at(t, self, r.start + i * r.step, one));
    }
    return Status::ok();
}
Result<int64_t> array_length(Thread&, Value self) { return as_data(self)->length; }
Status tp_init(Thread& t, Value self, const Value* args, size_t nargs, Value) {
    for (size_t i = 0; i < nargs; i++) TRY(set_item_at(t, self, static_cast<int64_t>(i), args[i]));
    return Status::ok();
}
const NativeDef array_methods[] = {
    def<class_getitem>("__class_getitem__", "(object, /)", "See PEP 585", kMethClass), {}};

}  // namespace

Ref array_of(Thread& t, Value item, int64_t length) {
    Info* info = info_of_class(item);
    Ref count = TRY(int_from(t, length));
    if (info && info->arrays) {
        Ref found = TRY(dict_get(t, info->arrays, count));
        if (found && !is_none(weakref_get(found))) return Ref::share(weakref_get(found));
    }
    if (!is_type(item)) return raise(t, PyExc_TypeError, "Expected a type object");
    Ref plain = TRY(get_attr(t, item, "__name__"));
    Ref name = TRY(str_format(t, "%U_Array_%zd", plain.get(), length));
    Ref ns = TRY(dict_new(t)), bases = TRY(tuple_of(t, {&array_type}));
    TRY(dict_set_str(t, ns, "_length_", count));
    TRY(dict_set_str(t, ns, "_type_", item));
    Ref made = TRY(call(t, Value(&array_meta), {name, bases, ns}));
    info = info_of_class(item);
    if (!info) return made;
    if (!info->arrays) info->arrays = TRY(dict_new(t)).release();
    Ref ref = TRY(weakref_new(t, made, Value()));
    TRY(dict_set(t, info->arrays, count, ref));
    return made;
}

Status add_array(Thread& t, Value module) {
    static const TypeDecl meta = meta_decl("_ctypes.PyCArrayType", class_methods_param, class_init);
    TRY(add_static_type(t, Value(), array_meta, meta));
    static const TypeDecl array{.name = "_ctypes.Array",
                                .basicsize = sizeof(Data),
                                .flags = kTpDefault | kTpBaseType | kTpHaveGC | kTpImmutableType,
                                .base = &data_type,
                                .slots = {.init = tp_init,
                                          .new_ = generic_new,
                                          .mp_length = array_length,
                                          .mp_subscript = subscript,
                                          .mp_ass_subscript = set_subscript,
                                          .sq_length = array_length,
                                          .sq_item = item,
                                          .sq_ass_item = set_item_at,
                                          .getbuffer = data_getbuffer},
                                .spec = {.methods = array_methods,
                                         .doc = "Abstract base class for arrays.\n\nThe recommended way to "
                                                "make one is to multiply a type of items by a number."}};
    array_type.ob_base.ob_base.ob_type = &array_meta;
    return add_static_type(t, module, array_type, array);
}

}  // namespace krait::ctypes
