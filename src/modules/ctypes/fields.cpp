// CField: the descriptors of the fields of structures and unions.
#include <cstring>

#include "modules/ctypes/ctypes.h"

namespace krait::ctypes {

Type field_type;

namespace {

Field* as_field(Value v) { return v.as<Field>(); }

void field_dealloc(Thread& t, PyObject* o) {
    gc_untrack(t, o);
    auto* f = reinterpret_cast<Field*>(o);
    xdecref(f->type);
    xdecref(f->name);
    free_object(t, o);
}
void field_traverse(PyObject* o, Visitor& v) { v.visit(reinterpret_cast<Field*>(o)->type); }

// Fields that are arrays of characters are strings.
void choose_access(Field* f, Info* info) {
    if (info->kind != Kind::Array) return;
    Info* item = info_of_class(info->proto);
    if (!item || item->kind != Kind::Simple) return;
    char code = item->code->code;
    if (code != 'c' && code != 'u') return;
    f->get = char_array_getter(code == 'u');
    f->set = char_array_setter(code == 'u');
}
Status set_bits(Thread& t, Field* f, Info* info, Value bit_size, Value bit_offset) {
    int64_t size = TRY(as_int64(t, bit_size));
    if (info->kind != Kind::Simple || !strchr("bBhHiIlLqQ?cu", info->code->code) || info->code->code == 'c' ||
        info->code->code == 'u')
        return raise(t, PyExc_TypeError, "bit fields not allowed for type %s",
                     f->type.as<PyTypeObject>()->tp_name);
    if (size <= 0 || size > info->size * 8)
        return raise(t, PyExc_ValueError, "number of bits invalid for bit field %R", f->name);
    if (!bit_offset || is_none(bit_offset))
        return raise(t, PyExc_ValueError, "bit_offset must be specified for bit fields");
    int64_t offset = TRY(as_int64(t, bit_offset));
    if (offset < 0 || offset + size > info->size * 8)
        return raise(t, PyExc_ValueError, "bit field %R overflows its type (%zd + %zd > %zd)", f->name,
                     offset, size, info->size * 8);
    f->bits = static_cast<int>(size << 16 | offset);
    f->is_bitfield = true;
    return Status::ok();
}
Ref field_new(Thread& t, PyTypeObject* type, const Value* args, size_t nargs, Value kwnames) {
    Value p[8];
    Ref keep;
    TRY(bind_args(t, "CField",
                  "(*, name, type, byte_size, byte_offset, index, _internal_use, bit_size=None, "
                  "bit_offset=None)",
                  args, nargs, kwnames, p, keep));
    if (!is_str(p[0])) return raise(t, PyExc_TypeError, "CField() argument 'name' must be str, not %K", p[0]);
    if (p[5] != boolean(true)) return raise(t, PyExc_TypeError, "CField is not intended to be used directly");
    int64_t size = TRY(as_int64(t, p[2])), offset = TRY(as_int64(t, p[3])), index = TRY(as_int64(t, p[4]));
    if (size < 0)
        return raise(t, PyExc_ValueError, "byte size of field %R must not be negative, got %zd", p[0], size);
    Info* info = info_of_class(p[1]);
    if (!info) return raise(t, PyExc_TypeError, "type of field %R must be a C type", p[0]);
    if (size != info->size)
        return raise(t, PyExc_ValueError, "byte size of field %R does not match type size", p[0]);
    Ref self = TRY(alloc(t, type));
    auto* f = as_field(self);
    f->name = str_intern(t, Ref::share(p[0])).release();
    f->type = Ref::share(p[1]).release();
    f->byte_size = size;
    f->byte_offset = offset;
    f->index = index;
    if (p[6] && !is_none(p[6])) TRY(set_bits(t, f, info, p[6], p[7]));
    choose_access(f, info);
    return self;
}
Ref field_get(Thread& t, Value self, Value inst, Value) {
    if (!inst || is_none(inst)) return Ref::share(self);
    auto* f = as_field(self);
    if (!is_data(inst)) return raise(t, PyExc_TypeError, "not a ctype instance");
    if (f->byte_offset < 0 || f->byte_offset + f->byte_size > as_data(inst)->size)
        return raise(t, PyExc_TypeError, "not a ctype instance");
    return data_get(t, f->type, f->get, inst, f->index, f->byte_size, as_data(inst)->ptr + f->byte_offset,
                    f->bits);
}
Status field_set(Thread& t, Value self, Value inst, Value v) {
    auto* f = as_field(self);
    if (!is_data(inst)) return raise(t, PyExc_TypeError, "not a ctype instance");
    if (!v) return raise(t, PyExc_TypeError, "can't delete attribute");
    if (f->byte_offset < 0 || f->byte_offset + f->byte_size > as_data(inst)->size)
        return raise(t, PyExc_TypeError, "not a ctype instance");
    return data_set(t, inst, f->type, f->set, v, f->index, f->byte_size, as_data(inst)->ptr + f->byte_offset,
                    f->bits);
}
Ref field_repr(Thread& t, Value self) {
    auto* f = as_field(self);
    const char* type = f->type.as<PyTypeObject>()->tp_name;
    Ref name = TRY(get_attr(t, f->type, "__name__"));
    (void)type;
    if (f->is_bitfield)
        return str_format(t, "<ctypes.CField %R type=%U, ofs=%zd, bit_size=%d, bit_offset=%d>", f->name,
                          name.get(), f->byte_offset, f->bits >> 16, f->bits & 0xffff);
    return str_format(t, "<ctypes.CField %R type=%U, ofs=%zd, size=%zd>", f->name, name.get(), f->byte_offset,
                      f->byte_size);
}
Ref get_size(Thread& t, Value self, void*) {
    auto* f = as_field(self);
    return int_from(t, f->is_bitfield ? f->bits : f->byte_size);
}
Ref get_bit_size(Thread& t, Value self, void*) {
    auto* f = as_field(self);
    if (f->is_bitfield) return int_from(t, f->bits >> 16);
    Ref bytes = TRY(int_from(t, f->byte_size));
    return int_mul(t, bytes, Value::from_int(8));
}
Ref get_bit_offset(Thread& t, Value self, void*) { return int_from(t, as_field(self)->bits & 0xffff); }
Ref get_is_bitfield(Thread&, Value self, void*) { return bool_ref(as_field(self)->is_bitfield); }
Ref get_is_anonymous(Thread&, Value self, void*) { return bool_ref(as_field(self)->anonymous); }
const GetSetDef field_getset[] = {
    getset("size", get_size, nullptr, "size in bytes of this field; for bit fields a number of both parts"),
    getset("bit_size", get_bit_size, nullptr, "size of this field in bits"),
    getset("bit_offset", get_bit_offset, nullptr, "additional offset in bits (relative to byte_offset)"),
    getset("is_bitfield", get_is_bitfield, nullptr, "true if this is a bit field"),
    getset("is_anonymous", get_is_anonymous, nullptr, "true if this field is anonymous"),
    {}};
const MemberDef field_members[] = {
    member("name", MemberKind::Object, offsetof(Field, name), kReadonly, "name of this field"),
    member("type", MemberKind::Object, offsetof(Field, type), kReadonly, "type of this field"),
    member("offset", MemberKind::Ssize, offsetof(Field, byte_offset), kReadonly,
           "offset in bytes of this field (same as byte_offset)"),
    member("byte_offset", MemberKind::Ssize, offsetof(Field, byte_offset), kReadonly,
           "offset in bytes of this field"),
    member("byte_size", MemberKind::Ssize, offsetof(Field, byte_size), kReadonly,
           "size of this field in bytes"),
    {}};

}  // namespace

Status add_fields(Thread& t, Value module) {
    static const TypeDecl field{
        .name = "ctypes.CField",
        .basicsize = sizeof(Field),
        .flags = kTpDefault | kTpHaveGC | kTpImmutableType,
        .slots = {.dealloc = field_dealloc,
                  .traverse = field_traverse,
                  .repr = field_repr,
                  .descr_get = field_get,
                  .descr_set = field_set,
                  .new_ = field_new},
        .spec = {.getset = field_getset, .members = field_members, .doc = "Structure/Union member"}};
    return add_static_type(t, module, field_type, field);
}

}  // namespace krait::ctypes
