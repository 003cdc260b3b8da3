// _Pointer: typed pointers.
#include <cstring>
#include <string>

#include "modules/ctypes/ctypes.h"

namespace krait::ctypes {

Type pointer_meta, pointer_type;

namespace {

// --- classes ---

Status set_proto(Thread& t, Value self, Info* info, Value proto) {
    Info* target = info_of_class(proto);
    if (!is_type(proto)) return raise(t, PyExc_TypeError, "_type_ must be a type");
    if (!target) return raise(t, PyExc_TypeError, "%R must have storage info", proto);
    put_owned(info->proto, Ref::share(proto));
    if (!target->pointer_type) put_owned(target->pointer_type, Ref::share(self));
    // "&" and, for arrays, the shape.
    std::string prefix = "&";
    if (target->ndim > 0) {
        prefix += '(';
        for (int i = 0; i < target->ndim; i++) prefix += (i ? "," : "") + std::to_string(target->shape[i]);
        prefix += ')';
    }
    return set_format(t, info, prefix.c_str(), target->format ? target->format : "B");
}
Status class_init(Thread& t, Value self, const Value* args, size_t nargs, Value kwnames) {
    TRY(init_class(t, self, args, nargs, kwnames));
    auto* type = self.as<PyTypeObject>();
    Ref proto = TRY(dict_get(t, Value(type->tp_dict), TRY(str_intern(t, "_type_"))));
    if (proto && !is_type(proto)) return raise(t, PyExc_TypeError, "_type_ must be a type");
    if (proto && !info_of_class(proto))
        return raise(t, PyExc_TypeError, "%R must have storage info", proto.get());
    Info* info = TRY(new_info(t, type, Kind::Pointer));
    info->size = sizeof(void*);
    info->align = alignof(void*);
    info->length = 1;
    info->flags |= kIsPointer;
    if (proto) return set_proto(t, self, info, proto);
    return Status::ok();
}
Ref set_type(Thread& t, Value self, Value type) {
    Info* info = info_of_class(self);
    if (!info) return raise(t, PyExc_TypeError, "abstract class");
    TRY(set_proto(t, self, info, type));
    TRY(set_attr(t, self, "_type_", type));
    return none_ref();
}
Ref pointer_from_param(Thread& t, Value type, Value v) {
    if (is_none(v)) return none_ref();
    Info* info = info_of_class(type);
    if (!info) return raise(t, PyExc_TypeError, "abstract class");
    if (info->proto) {
        bool target = TRY(is_instance(t, v, info->proto));
        if (target && is_data(v)) return byref(t, v, 0);
        if (is_a(v, pointer_type) || is_a(v, array_type)) {
            Value item = info_of_object(v)->proto;
            if (item) {
                bool fits = TRY(is_subclass(t, item, info->proto));
                if (fits) return Ref::share(v);
            }
        }
    }
    return from_param(t, type, v);
}

// --- instances ---

char* target_of(Value self) {
    char* p;
    memcpy(&p, as_data(self)->ptr, sizeof p);
    return p;
}
Result<Info*> target_info(Thread& t, Value self) {
    Info* info = info_of(type_of(self));
    Info* target = info && info->proto ? info_of_class(info->proto) : nullptr;
    if (!target) return raise(t, PyExc_TypeError, "Cannot create instance: has no _type_");
    return target;
}
Result<char*> live_target(Thread& t, Value self) {
    char* p = target_of(self);
    if (!p) return raise(t, PyExc_ValueError, "NULL pointer access");
    return p;
}
Ref get_contents(Thread& t, Value self, void*) {
    char* p = TRY(live_target(t, self));
    TRY(target_info(t, self));
    return data_from_base(t, info_of(type_of(self))->proto.as<PyTypeObject>(), self, 0, p);
}
Status put_contents(Thread& t, Value self, Value v, void*) {
    if (!v) return raise(t, PyExc_TypeError, "Pointer does not support item deletion");
    TRY(target_info(t, self));
    Value proto = info_of(type_of(self))->proto;
    // As CPython: any C data may be pointed to where it is simple.
    bool fits = TRY(is_instance(t, v, proto));
    if (!fits && !is_data(v))
        return raise(t, PyExc_TypeError, "expected %s instead of %s", proto.as<PyTypeObject>()->tp_name,
                     type_of(v)->tp_name);
    memcpy(as_data(self)->ptr, &as_data(v)->ptr, sizeof(char*));
    TRY(keep_ref(t, self, 1, Ref::share(v)));
    return keep_ref(t, self, 0, kept_objects(t, v));
}
Ref tp_new(Thread& t, PyTypeObject* type, const Value*, size_t, Value) {
    Info* info = info_of(type);
    if (!info || !info->proto) return raise(t, PyExc_TypeError, "Cannot create instance: has no _type_");
    return data_new(t, type);
}
Status tp_init(Thread& t, Value self, const Value* args, size_t nargs, Value kwnames) {
    TRY(no_kwargs(t, "Pointer", kwnames));
    if (nargs > 1) return raise(t, PyExc_TypeError, "Pointer expected at most 1 argument, got %zu", nargs);
    if (nargs == 0) return Status::ok();
    return put_contents(t, self, args[0], nullptr);
}
Ref item(Thread& t, Value self, int64_t i) {
    char* p = TRY(live_target(t, self));
    Info* target = TRY(target_info(t, self));
    return data_get(t, info_of(type_of(self))->proto, nullptr, self, i, target->size, p + i * target->size);
}

// Pointers have no end: slices say where theirs is.
struct Range {
    int64_t start, stop, step, n;
};
Status slice_of(Thread& t, Value key, Range* r) {
    auto* s = key.as<PySliceObject>();
    r->step = is_none(s->step) ? 1 : TRY(as_index(t, s->step, PyExc_ValueError));
    if (r->step == 0) return raise(t, PyExc_ValueError, "slice step cannot be zero");
    if (is_none(s->start)) {
        if (r->step < 0) return raise(t, PyExc_ValueError, "slice start is required for step < 0");
        r->start = 0;
    } else {
        r->start = TRY(as_index(t, s->start, PyExc_ValueError));
    }
    if (is_none(s->stop)) return raise(t, PyExc_ValueError, "slice stop is required");
    r->stop = TRY(as_index(t, s->stop, PyExc_ValueError));
    if ((r->step < 0 && r->stop >= r->start) || (r->step > 0 && r->start >= r->stop))
        r->n = 0;
    else if (r->step < 0)
        r->n = (r->stop - r->start + 1) / r->step + 1;
    else
        r->n = (r->stop - r->start - 1) / r->step + 1;
    return Status::ok();
}
Ref slice(Thread& t, Value self, Value key) {
    Range r;
    TRY(slice_of(t, key, &r));
    Info* target = TRY(target_info(t, self));
    char code = target->kind == Kind::Simple ? target->code->code : 0;
    if (code == 'c' || code == 'u') {
        if (r.n <= 0) return code == 'c' ? bytes_from(t, "", 0) : str_from(t, "");
        char* p = TRY(live_target(t, self));
        auto* text = static_cast<char*>(mem_alloc(static_cast<size_t>(r.n * target->size)));
        if (!text) return raise_no_memory(t);
        for (int64_t i = 0; i < r.n; i++)
            memcpy(text + i * target->size, p + (r.start + i * r.step) * target->size,
                   static_cast<size_t>(target->size));
        Ref out =
            code == 'c' ? bytes_from(t, text, static_cast<size_t>(r.n)) : str_from_kind(t, 4, text, r.n);
        mem_free(text);
        return out;
    }
    Ref list = TRY(list_with_capacity(t, r.n > 0 ? r.n : 0));  // refuses what cannot be meant
    for (int64_t i = 0; i < r.n; i++) TRY(append(t, list, item(t, self, r.start + i * r.step)));
    return list;
}
Ref subscript(Thread& t, Value self, Value key) {
    if (is_index(key)) {
        int64_t i = TRY(as_index(t, key, PyExc_IndexError));
        return item(t, self, i);
    }
    if (has_type(key, &PySlice_Type)) return slice(t, self, key);
    return raise(t, PyExc_TypeError, "Pointer indices must be integer");
}
Status set_item_at(Thread& t, Value self, int64_t i, Value v) {
    if (!v) return raise(t, PyExc_TypeError, "Pointer does not support item deletion");
    char* p = TRY(live_target(t, self));
    Info* target = TRY(target_info(t, self));
    return data_set(t, self, info_of(type_of(self))->proto, nullptr, v, i, target->size,
                    p + i * target->size);
}
Result<bool> tp_bool(Thread&, Value self) { return target_of(self) != nullptr; }
const GetSetDef pointer_getset[] = {
    getset("contents", get_contents, put_contents, "the object this pointer points to (read-write)"), {}};

}  // namespace

Status add_pointer(Thread& t, Value module) {
    static const NativeDef methods[] = {
        class_methods[0],
        class_methods[1],
        class_methods[2],
        class_methods[3],
        def<pointer_from_param>("from_param", "(value, /)", "Converts an argument of a call."),
        def<set_type>("set_type", "(type, /)", "Says what is pointed to."),
        {}};
    static const TypeDecl meta = meta_decl("_ctypes.PyCPointerType", methods, class_init);
    TRY(add_static_type(t, Value(), pointer_meta, meta));
    static const TypeDecl pointer{.name = "_ctypes._Pointer",
                                  .basicsize = sizeof(Data),
                                  .flags = kTpDefault | kTpBaseType | kTpHaveGC | kTpImmutableType,
                                  .base = &data_type,
                                  .slots = {.init = tp_init,
                                            .new_ = tp_new,
                                            .nb_bool = tp_bool,
                                            .mp_subscript = subscript,
                                            .sq_item = item,
                                            .sq_ass_item = set_item_at,
                                            .getbuffer = data_getbuffer},
                                  .spec = {.getset = pointer_getset, .doc = "XXX to be provided"}};
    pointer_type.ob_base.ob_base.ob_type = &pointer_meta;
    return add_static_type(t, module, pointer_type, pointer);
}

}  // namespace krait::ctypes
