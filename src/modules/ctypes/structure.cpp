// Structure and Union. The layout of the fields is worked out by the library (ctypes/_layout.py).
#include <cstring>

#include "modules/ctypes/ctypes.h"

namespace krait::ctypes {

Type struct_meta, union_meta, struct_type, union_type;

namespace {

// --- anonymous fields ---

Result<Field*> field_named(Thread& t, Value type, Value name, Ref& keep, const char* message) {
    keep = TRY(get_attr(t, type, name));
    if (!has_type(keep, &field_type)) return raise(t, PyExc_TypeError, message);
    return keep.as<Field>();
}
// Makes the fields of the field's type fields of `type`.
Status lift_fields(Thread& t, Value type, Field* from, int64_t index, int64_t offset) {
    RecursionGuard guard(t, " while looking at anonymous fields");
    if (!guard) return {};
    Ref list = TRY(get_attr(t, from->type, "_fields_"));
    Ref fields = TRY(sequence_fast(t, list, "_fields_ must be a sequence"));
    fields = TRY(to_tuple(t, fields));
    for (int64_t i = 0; i < tuple_size(fields); i++) {
        Ref pair = TRY(to_tuple(t, tuple_get(fields, i)));
        if (tuple_size(pair) < 1) return raise(t, PyExc_ValueError, "_fields_ must be pairs");
        Value name = tuple_get(pair, 0);
        Ref keep;
        Field* f = TRY(field_named(t, from->type, name, keep, "unexpected type"));
        if (f->anonymous) {
            TRY(lift_fields(t, type, f, index + f->index, offset + f->byte_offset));
            continue;
        }
        Ref copy = TRY(alloc(t, &field_type));
        auto* c = copy.as<Field>();
        c->byte_size = f->byte_size;
        c->byte_offset = f->byte_offset + offset;
        c->index = f->index + index;
        c->bits = f->bits;
        c->is_bitfield = f->is_bitfield;
        c->type = Ref::share(f->type).release();
        c->name = Ref::share(f->name).release();
        c->get = f->get;
        c->set = f->set;
        TRY(set_attr(t, type, name, copy));
    }
    return Status::ok();
}
Status lift_anonymous(Thread& t, Value type) {
    Ref names = TRY(lookup_attr(t, type, "_anonymous_"));
    if (!names) return Status::ok();
    Ref all = TRY(sequence_fast(t, names, "_anonymous_ must be a sequence"));
    all = TRY(to_tuple(t, all));
    for (int64_t i = 0; i < tuple_size(all); i++) {
        Value name = tuple_get(all, i);
        Ref keep = TRY(get_attr(t, type, name));
        if (!has_type(keep, &field_type))
            return raise(t, PyExc_AttributeError, "'%S' is specified in _anonymous_ but not in _fields_",
                         name);
        auto* f = keep.as<Field>();
        f->anonymous = true;
        TRY(lift_fields(t, type, f, f->index, f->byte_offset));
    }
    return Status::ok();
}

// --- the layout ---

Status take_field(Thread& t, Value type, Info* info, Value field) {
    if (!has_type(field, &field_type))
        return raise(t, PyExc_TypeError, "fields must be of type CField, got %T", field);
    auto* f = field.as<Field>();
    Info* part = info_of_class(f->type);
    if (!part)
        return raise(t, PyExc_TypeError, "second item in _fields_ tuple (index %zd) must be a C type",
                     f->index);
    part->flags |= kFinal;
    if (part->flags & (kIsPointer | kHasPointer)) info->flags |= kHasPointer;
    info->flags |= part->flags & (kHasUnion | kHasBitfield);
    if (f->is_bitfield) info->flags |= kHasBitfield;
    TRY(add_scalars(t, info, part, f->byte_offset, f->is_bitfield));
    return set_attr(t, type, f->name, field);
}
Result<int64_t> layout_number(Thread& t, Value layout, const char* name, const char* message) {
    Ref v = TRY(get_attr(t, layout, name));
    int64_t n = TRY(as_int64(t, v));
    if (n < 0) return raise(t, PyExc_ValueError, "%s must be a non-negative integer", message);
    return n;
}
Ref ask_layout(Thread& t, Value type, Value fields, bool is_struct, Info* base) {
    Ref get_layout = TRY(import_attr(t, "ctypes._layout", "get_layout"));
    Ref cls = TRY(str_intern(t, "cls")), input = TRY(str_intern(t, "input_fields")),
        kind = TRY(str_intern(t, "is_struct")), under = TRY(str_intern(t, "base"));
    Ref names = TRY(tuple_of(t, {cls, input, kind, under}));
    Value args[] = {type, fields, boolean(is_struct),
                    base ? Value(type.as<PyTypeObject>()->tp_base) : none()};
    return call(t, get_layout, args, 0, names);
}
Status set_fields(Thread& t, Value self, Value fields, bool is_struct) {
    auto* type = self.as<PyTypeObject>();
    if (!fields) return Status::ok();
    Info* info = info_of(type);
    if (!info) return raise(t, PyExc_TypeError, "ctypes state is not initialized");
    if (info->flags & kFinal) return raise(t, PyExc_AttributeError, "_fields_ is final");
    Info* base = type->tp_base ? info_of(type->tp_base) : nullptr;
    Ref layout = TRY(ask_layout(t, self, fields, is_struct, base));
    int64_t align = TRY(layout_number(t, layout, "align", "align"));
    int64_t size = TRY(layout_number(t, layout, "size", "size"));
    Ref format = TRY(get_attr(t, layout, "format_spec")), list = TRY(get_attr(t, layout, "fields"));
    if (!is_str(format)) return raise(t, PyExc_TypeError, "format_spec must be a str");
    Ref all = TRY(to_tuple(t, list));
    if (info->flags & kFinal) return raise(t, PyExc_AttributeError, "_fields_ is final");
    std::string_view text = TRY(str_utf8(t, format));
    TRY(set_format(t, info, "", text.data()));
    info->n_scalars = 0;
    if (base) {
        info->flags |= base->flags & (kHasPointer | kHasUnion | kHasBitfield);
        TRY(add_scalars(t, info, base, 0, false));
    }
    if (!is_struct) info->flags |= kHasUnion;
    for (int64_t i = 0; i < tuple_size(all); i++) TRY(take_field(t, self, info, tuple_get(all, i)));
    info->size = size;
    info->align = align;
    info->length = (base ? base->length : 0) + tuple_size(all);
    if (info->flags & kFinal)
        return raise(t, PyExc_AttributeError, "Structure or union cannot contain itself");
    classify(info);
    info->flags |= kFinal;
    return lift_anonymous(t, self);
}

// --- classes ---

Status copy_info(Thread& t, Info* to, const Info* from) {
    to->flags = from->flags & ~kFinal;
    to->size = from->size;
    to->align = from->align;
    to->length = from->length;
    TRY(set_format(t, to, "", from->format ? from->format : "B"));
    to->n_scalars = 0;
    TRY(add_scalars(t, to, from, 0, false));
    classify(to);
    return Status::ok();
}
Status init_aggregate(Thread& t, Value self, const Value* args, size_t nargs, Value kwnames, bool is_struct) {
    TRY(init_class(t, self, args, nargs, kwnames));
    auto* type = self.as<PyTypeObject>();
    Value ns(type->tp_dict);
    if (dict_get_str(ns, "_abstract_")) return Status::ok();
    Info* info = TRY(new_info(t, type, is_struct ? Kind::Struct : Kind::Union));
    TRY(set_format(t, info, "", "B"));
    if (!is_struct) info->flags |= kHasUnion;
    classify(info);
    if (Value fields = dict_get_str(ns, "_fields_")) {
        Ref keep = Ref::share(fields);
        return set_attr(t, self, "_fields_", keep);
    }
    Info* base = type->tp_base ? info_of(type->tp_base) : nullptr;
    if (!base) return Status::ok();
    TRY(copy_info(t, info, base));
    base->flags |= kFinal;
    return Status::ok();
}
template <bool IsStruct>
Status class_init(Thread& t, Value self, const Value* args, size_t nargs, Value kwnames) {
    return init_aggregate(t, self, args, nargs, kwnames, IsStruct);
}
template <bool IsStruct>
Status class_setattr(Thread& t, Value self, Value name, Value v) {
    Info* info = info_of_class(self);
    if (info && (info->flags & kFinal) && v && is_str(name) && str_equal(name, "_fields_"))
        return raise(t, PyExc_AttributeError, "_fields_ is final");
    TRY(PyType_Type.x.slots.setattr(t, self, name, v));
    if (v && is_str(name) && str_equal(name, "_fields_")) return set_fields(t, self, v, IsStruct);
    return Status::ok();
}

// --- instances ---

// Positional arguments go to the fields in order, those of the base classes first; how many are used.
Result<int64_t> init_positional(Thread& t, Value self, PyTypeObject* type, const Value* args, int64_t nargs,
                                Value kwnames, int64_t index) {
    if (type->tp_base && info_of(type->tp_base))
        index = TRY(init_positional(t, self, type->tp_base, args, nargs, kwnames, index));
    Value fields = dict_get_str(Value(type->tp_dict), "_fields_");
    if (!fields) return index;
    Ref all = TRY(to_tuple(t, fields));
    for (int64_t i = 0; i < tuple_size(all) && index < nargs; i++, index++) {
        Ref name = TRY(get_item(t, tuple_get(all, i), 0));
        for (int64_t k = 0; kwnames && k < tuple_size(kwnames); k++) {
            bool same = TRY(equal(t, tuple_get(kwnames, k), name));
            if (same) return raise(t, PyExc_TypeError, "duplicate values for field %R", name.get());
        }
        TRY(set_attr(t, self, name, args[index]));
    }
    return index;
}
Status tp_init(Thread& t, Value self, const Value* args, size_t nargs, Value kwnames) {
    if (nargs) {
        int64_t used =
            TRY(init_positional(t, self, type_of(self), args, static_cast<int64_t>(nargs), kwnames, 0));
        if (used < static_cast<int64_t>(nargs)) return raise(t, PyExc_TypeError, "too many initializers");
    }
    for (int64_t k = 0; kwnames && k < tuple_size(kwnames); k++)
        TRY(set_attr(t, self, tuple_get(kwnames, k), args[nargs + static_cast<size_t>(k)]));
    return Status::ok();
}
TypeDecl aggregate_decl(const char* name, const char* doc) {
    return TypeDecl{.name = name,
                    .basicsize = sizeof(Data),
                    .flags = kTpDefault | kTpBaseType | kTpHaveGC | kTpImmutableType,
                    .base = &data_type,
                    .slots = {.init = tp_init, .new_ = generic_new, .getbuffer = data_getbuffer},
                    .spec = {.doc = doc}};
}

}  // namespace

Status add_structures(Thread& t, Value module) {
    static TypeDecl meta1 = meta_decl("_ctypes.PyCStructType", class_methods_param, class_init<true>);
    static TypeDecl meta2 = meta_decl("_ctypes.UnionType", class_methods_param, class_init<false>);
    meta1.slots.setattr = class_setattr<true>;
    meta2.slots.setattr = class_setattr<false>;
    TRY(add_static_type(t, Value(), struct_meta, meta1));
    TRY(add_static_type(t, Value(), union_meta, meta2));
    static const TypeDecl structure = aggregate_decl("_ctypes.Structure", "Structure base class");
    static const TypeDecl union_ = aggregate_decl("_ctypes.Union", "Union base class");
    struct_type.ob_base.ob_base.ob_type = &struct_meta;
    union_type.ob_base.ob_base.ob_type = &union_meta;
    TRY(add_static_type(t, module, struct_type, structure));
    return add_static_type(t, module, union_type, union_);
}

}  // namespace krait::ctypes
