// _SimpleCData: numbers, characters, strings and pointers that are plain values in Python.
#include <cstring>

#include "modules/ctypes/ctypes.h"

namespace krait::ctypes {

Type simple_meta, simple_type;

namespace {

// The type code in the buffer's format.
char format_code(char code) { return code == 'l' ? 'q' : code == 'L' ? 'Q' : code; }

// --- from_param ---

Ref as_parameter(Thread& t, Value type, Value v, Ref (*convert)(Thread&, Value, Value), bool* found) {
    Maybe m = lookup_attr(t, v, "_as_parameter_");
    *found = true;
    if (!m) return {};
    Ref as = m.take();
    if (!as) {
        *found = false;
        return {};
    }
    RecursionGuard guard(t, " while processing _as_parameter_");
    if (!guard) return {};
    return convert(t, type, as);
}
Ref packed(Thread& t, char tag, Value v) {
    const Code* code = find_code(static_cast<uint32_t>(tag));
    Ref arg = TRY(argument_new(t, tag, code->ffi));
    auto* a = arg.as<Argument>();
    Ref keep = TRY(code->set(t, a->value, v, 0, 0));
    put_owned(a->obj, std::move(keep));
    return arg;
}
Ref simple_from_param(Thread& t, Value type, Value v) {
    Info* info = info_of_class(type);
    if (!info) return raise(t, PyExc_TypeError, "abstract class");
    bool same = TRY(is_instance(t, v, type));
    if (same) return Ref::share(v);
    Ref arg = TRY(argument_new(t, info->code->code, info->code->ffi));
    auto* a = arg.as<Argument>();
    Ref keep = info->code->set(t, a->value, v, info->size, 0);
    if (keep) {
        put_owned(a->obj, std::move(keep));
        return arg;
    }
    Ref error = fetch_error(t);
    bool found;
    Ref r = as_parameter(t, type, v, simple_from_param, &found);
    if (found) return r;
    restore_error(t, std::move(error));
    return {};
}
// Is it an array of, or a pointer to, characters of the code?
bool is_text_data(Value v, char code) {
    if (!is_a(v, array_type) && !is_a(v, pointer_type)) return false;
    Info* info = info_of_object(v);
    Info* item = info ? info_of_class(info->proto) : nullptr;
    return item && item->kind == Kind::Simple && item->code->code == code;
}
Ref text_from_param(Thread& t, Value type, Value v, char tag, char item) {
    if (is_none(v)) return none_ref();
    if (tag == 'z' ? is_bytes(v) : is_str(v)) return packed(t, tag, v);
    bool same = TRY(is_instance(t, v, type));
    if (same || is_text_data(v, item)) return Ref::share(v);
    if (has_type(v, &argument_type)) {
        Info* info = v.as<Argument>()->obj ? info_of_object(v.as<Argument>()->obj) : nullptr;
        if (info && info->kind == Kind::Simple && info->code->code == item) return Ref::share(v);
    }
    bool found;
    Ref r = as_parameter(
        t, type, v,
        [](Thread& t2, Value type2, Value v2) {
            bool bytes = info_of_class(type2)->code->code == 'z';
            return text_from_param(t2, type2, v2, bytes ? 'z' : 'Z', bytes ? 'c' : 'u');
        },
        &found);
    if (found) return r;
    return raise(t, PyExc_TypeError, "'%.200s' object cannot be interpreted as ctypes.%s",
                 type_of(v)->tp_name, tag == 'z' ? "c_char_p" : "c_wchar_p");
}
Ref char_p_from_param(Thread& t, Value type, Value v) { return text_from_param(t, type, v, 'z', 'c'); }
Ref wchar_p_from_param(Thread& t, Value type, Value v) { return text_from_param(t, type, v, 'Z', 'u'); }
// The pointer that lies in the memory of an object.
Ref stored_pointer(Thread& t, char tag, Value v) {
    Ref arg = TRY(argument_new(t, tag, &ffi_type_pointer));
    auto* a = arg.as<Argument>();
    memcpy(a->value, as_data(v)->ptr, sizeof(void*));
    put_owned(a->obj, Ref::share(v));
    return arg;
}
Ref void_p_from_param(Thread& t, Value type, Value v) {
    if (is_none(v)) return none_ref();
    if (is_long(v)) return packed(t, 'P', v);
    if (is_bytes(v)) return packed(t, 'z', v);
    if (is_str(v)) return packed(t, 'Z', v);
    bool same = TRY(is_instance(t, v, type));
    if (same || is_a(v, array_type) || is_a(v, pointer_type)) return Ref::share(v);
    if (has_type(v, &argument_type) && v.as<Argument>()->tag == 'P') return Ref::share(v);
    if (is_a(v, function_type)) return stored_pointer(t, 'P', v);
    Info* info = info_of_object(v);
    if (info && info->kind == Kind::Simple && (info->code->code == 'z' || info->code->code == 'Z'))
        return stored_pointer(t, 'Z', v);
    bool found;
    Ref r = as_parameter(t, type, v, void_p_from_param, &found);
    if (found) return r;
    return raise(t, PyExc_TypeError, "'%.200s' object cannot be interpreted as ctypes.c_void_p",
                 type_of(v)->tp_name);
}
const NativeDef char_p_method = def<char_p_from_param>("from_param", "(value, /)", nullptr, kMethClass);
const NativeDef wchar_p_method = def<wchar_p_from_param>("from_param", "(value, /)", nullptr, kMethClass);
const NativeDef void_p_method = def<void_p_from_param>("from_param", "(value, /)", nullptr, kMethClass);

// --- classes ---

Status init_info(Thread& t, PyTypeObject* type, const Code* code, Value proto, bool swapped) {
    Info* info = TRY(new_info(t, type, Kind::Simple));
    info->code = code;
    info->get = swapped ? code->get_swapped : code->get;
    info->set = swapped ? code->set_swapped : code->set;
    info->size = static_cast<int64_t>(code->ffi->size);
    info->align = code->ffi->alignment;
    put_owned(info->proto, Ref::share(proto));
    if (strchr("zZPO", code->code)) info->flags |= kIsPointer;
    char format[3] = {swapped ? '>' : '<', format_code(code->code), 0};
    return set_format(t, info, "", format);
}
// The class for the other byte order, reached by __ctype_be__.
Status add_swapped(Thread& t, Value self, const Value* args, const Code* code, Value proto) {
    Ref name = TRY(str_format(t, "%U_be", args[0])), ns = TRY(dict_new(t));
    Value parts[] = {name, args[1], args[2]};
    Ref swapped = TRY(PyType_Type.x.slots.new_(t, &simple_meta, parts, 3, Value()));
    TRY(init_info(t, swapped.as<PyTypeObject>(), code, proto, true));
    TRY(set_attr(t, self, "__ctype_le__", self));
    TRY(set_attr(t, self, "__ctype_be__", swapped));
    TRY(set_attr(t, swapped, "__ctype_le__", self));
    return set_attr(t, swapped, "__ctype_be__", swapped);
}
Status class_init(Thread& t, Value self, const Value* args, size_t nargs, Value kwnames) {
    TRY(init_class(t, self, args, nargs, kwnames));
    Ref proto = TRY(lookup_attr(t, self, "_type_"));
    if (!proto) return raise(t, PyExc_AttributeError, "class must define a '_type_' attribute");
    if (!is_str(proto)) return raise(t, PyExc_TypeError, "class must define a '_type_' string attribute");
    if (str_length(proto) != 1)
        return raise(t, PyExc_ValueError,
                     "class must define a '_type_' attribute which must be a string of length 1");
    const Code* code = find_code(str_char(proto, 0));
    if (!code)
        return raise(t, PyExc_AttributeError,
                     "class must define a '_type_' attribute which must be\na single character string "
                     "containing one of the\nsupported types: '%s'.",
                     kSimpleCodes);
    auto* type = self.as<PyTypeObject>();
    TRY(init_info(t, type, code, proto, false));
    // from_param of pointers takes more than values; only the classes just below _SimpleCData get it.
    if (type_of(self) == &simple_meta && type->tp_base == &simple_type) {
        const NativeDef* method = code->code == 'z'   ? &char_p_method
                                  : code->code == 'Z' ? &wchar_p_method
                                  : code->code == 'P' ? &void_p_method
                                                      : nullptr;
        if (method) {
            Ref descr = TRY(method_descr_new(t, type, *method));
            TRY(dict_set_str(t, Value(type->tp_dict), "from_param", descr));
            type_modified(type);
        }
    }
    if (type_of(self) == &simple_meta && code->set_swapped && nargs == 3)
        return add_swapped(t, self, args, code, proto);
    return Status::ok();
}

// --- instances ---

Status simple_init(Thread& t, Value self, const Value* args, size_t nargs, Value) {
    if (nargs > 1) return raise(t, PyExc_TypeError, "__init__ expected at most 1 argument, got %zu", nargs);
    if (nargs == 0) return Status::ok();
    Info* info = info_of(type_of(self));
    auto* d = as_data(self);
    return keep_ref(t, self, 0, info->set(t, d->ptr, args[0], info->size, 0));
}
Ref get_value(Thread& t, Value self, void*) {
    Info* info = info_of(type_of(self));
    return info->get(t, as_data(self)->ptr, as_data(self)->size, 0);
}
Status put_value(Thread& t, Value self, Value v, void*) {
    if (!v) return raise(t, PyExc_TypeError, "can't delete attribute");
    Info* info = info_of(type_of(self));
    auto* d = as_data(self);
    return keep_ref(t, self, 0, info->set(t, d->ptr, v, d->size, 0));
}
Ref simple_from_outparam(Thread& t, Value self) {
    if (is_simple_subclass(Value(type_of(self)))) return Ref::share(self);
    return get_value(t, self, nullptr);
}
Result<bool> simple_bool(Thread&, Value self) {
    auto* d = as_data(self);
    for (int64_t i = 0; i < d->size; i++)
        if (d->ptr[i]) return true;
    return false;
}
Ref simple_repr(Thread& t, Value self) {
    PyTypeObject* type = type_of(self);
    if (type->tp_base != &simple_type)
        return str_format(t, "<%s object at %p>", type->tp_name, static_cast<void*>(self.ptr()));
    Ref value = TRY(get_value(t, self, nullptr));
    return str_format(t, "%s(%R)", type->tp_name, value.get());
}
const NativeDef simple_methods[] = {def<simple_from_outparam>("__ctypes_from_outparam__", "()", nullptr), {}};
const GetSetDef simple_getset[] = {getset("value", get_value, put_value, nullptr), {}};

}  // namespace

Status add_simple(Thread& t, Value module) {
    static const NativeDef methods[] = {
        def<simple_from_param>("from_param", "(value, /)", "Converts an argument of a call."),
        class_methods[0],
        class_methods[1],
        class_methods[2],
        class_methods[3],
        {}};
    static const TypeDecl meta = meta_decl("_ctypes.PyCSimpleType", methods, class_init);
    TRY(add_static_type(t, Value(), simple_meta, meta));
    static const TypeDecl simple{
        .name = "_ctypes._SimpleCData",
        .basicsize = sizeof(Data),
        .flags = kTpDefault | kTpBaseType | kTpHaveGC | kTpImmutableType,
        .base = &data_type,
        .slots = {.repr = simple_repr,
                  .init = simple_init,
                  .new_ = generic_new,
                  .nb_bool = simple_bool,
                  .getbuffer = data_getbuffer},
        .spec = {.methods = simple_methods, .getset = simple_getset, .doc = "XXX to be provided"}};
    simple_type.ob_base.ob_base.ob_type = &simple_meta;
    return add_static_type(t, module, simple_type, simple);
}

}  // namespace krait::ctypes
