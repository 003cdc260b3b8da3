// super.
#include "builtins/callable.h"
#include "builtins/dict.h"
#include "builtins/str.h"
#include "builtins/tuple.h"
#include "gc/gc.h"
#include "object/errors.h"
#include "object/internal.h"
#include "object/names.h"
#include "object/protocol.h"

namespace krait {

// From the interpreter: the first argument and the __class__ cell's content of the running function, for
// super() without arguments.
Status super_arguments(Thread& t, Ref& type, Ref& obj);

namespace {

struct Super {
    PyObject ob_base;
    Value type, obj, obj_type;
};
Super* as_super(Value v) { return v.as<Super>(); }

void assign(Value& field, Value v) {
    Value old = field;
    xincref(v);
    field = v;
    xdecref(old);
}

void super_traverse(PyObject* o, Visitor& v) {
    auto* s = as_super(Value(o));
    v.visit(s->type);
    v.visit(s->obj);
    v.visit(s->obj_type);
}
void super_dealloc(Thread& t, PyObject* o) {
    auto* s = as_super(Value(o));
    Value a = s->type, b = s->obj, c = s->obj_type;
    free_object(t, o);
    xdecref(a);
    xdecref(b);
    xdecref(c);
}

Ref super_repr(Thread& t, Value v) {
    auto* s = as_super(v);
    const char* name = s->type ? as_type(s->type)->tp_name : "NULL";
    if (s->obj_type)
        return str_format(t, "<super: <class '%s'>, <%s object>>", name, as_type(s->obj_type)->tp_name);
    return str_format(t, "<super: <class '%s'>, NULL>", name);
}

// What comes after `type` in the order of `start`, for `obj`; empty without exception when there is nothing.
Ref find_after(Thread& t, Value type, Value obj, Value start, Value name) {
    PyObject* mro_ptr = as_type(start)->tp_mro;
    if (!mro_ptr) return {};
    Ref mro = Ref::share(Value(mro_ptr));
    int64_t n = tuple_size(mro), i = 0;
    while (i + 1 < n && tuple_get(mro, i) != type) i++;
    for (i++; i < n; i++) {
        PyObject* dict = as_type(tuple_get(mro, i))->tp_dict;
        Value found = dict ? dict_get_str(Value(dict), name) : Value();
        if (!found) continue;
        Ref keep = Ref::share(found);
        DescrGetFn get = ext(type_of(keep))->slots.descr_get;
        if (!get) return keep;
        // On the class itself there is no instance to bind.
        return get(t, keep, obj == start ? Value() : obj, start);
    }
    return {};
}

Ref super_getattr(Thread& t, Value v, Value name) {
    auto* s = as_super(v);
    // __class__ tells that this is a super object, not what it stands for.
    if (s->obj_type && is_str(name) && !str_equal(name, ID(__class__))) {
        Ref type = Ref::share(s->type), obj = Ref::share(s->obj), start = Ref::share(s->obj_type);
        Ref found = find_after(t, type, obj, start, name);
        if (found || t.has_exception()) return found;
    }
    return generic_get_attr(t, v, name);
}

// The class whose order is searched: `obj` if it is a class below `type`, or obj's class.
Ref check_super(Thread& t, Value type, Value obj) {
    if (is_type(obj) && is_subtype(as_type(obj), as_type(type))) return Ref::share(obj);
    if (is_subtype(type_of(obj), as_type(type))) return Ref::share(Value(type_of(obj)));
    Ref claimed = TRY(lookup_attr(t, obj, ID(__class__)));
    if (claimed && is_type(claimed) && claimed.get() != Value(type_of(obj)) &&
        is_subtype(as_type(claimed), as_type(type)))
        return claimed;
    bool is_class = is_type(obj);
    return raise(t, PyExc_TypeError,
                 "super(type, obj): obj (%s %.200s) is not an instance or subtype of type (%.200s).",
                 is_class ? "type" : "instance of", is_class ? as_type(obj)->tp_name : type_of(obj)->tp_name,
                 as_type(type)->tp_name);
}

Ref super_descr_get(Thread& t, Value v, Value obj, Value) {
    auto* s = as_super(v);
    if (!obj || is_none(obj) || s->obj) return Ref::share(v);
    if (type_of(v) != &PySuper_Type) return call(t, Value(type_of(v)), {s->type, obj});
    Ref start = TRY(check_super(t, s->type, obj));
    Ref r = TRY(alloc(t, &PySuper_Type));
    assign(as_super(r)->type, s->type);
    assign(as_super(r)->obj, obj);
    assign(as_super(r)->obj_type, start);
    return r;
}

Status super_init(Thread& t, Value self, const Value* args, size_t nargs, Value kwnames) {
    TRY(no_kwargs(t, "super", kwnames));
    if (nargs > 2) return raise(t, PyExc_TypeError, "super() expected at most 2 arguments, got %zu", nargs);
    Ref type, obj;
    if (nargs == 0) {
        TRY(super_arguments(t, type, obj));
    } else {
        if (!is_type(args[0]))
            return raise(t, PyExc_TypeError, "super() argument 1 must be a type, not %.200s",
                         type_of(args[0])->tp_name);
        type = Ref::share(args[0]);
        if (nargs == 2 && !is_none(args[1])) obj = Ref::share(args[1]);
    }
    Ref start;
    if (obj) start = TRY(check_super(t, type, obj));
    assign(as_super(self)->type, type);
    assign(as_super(self)->obj, obj);
    assign(as_super(self)->obj_type, start);
    return Status::ok();
}

const MemberDef super_members[] = {member("__thisclass__", MemberKind::Object, offsetof(Super, type),
                                          kReadonly, "The class that called super."),
                                   member("__self__", MemberKind::Object, offsetof(Super, obj), kReadonly,
                                          "The instance; None when unbound."),
                                   member("__self_class__", MemberKind::Object, offsetof(Super, obj_type),
                                          kReadonly, "The class of the instance; None when unbound."),
                                   {}};

}  // namespace

// LOAD_SUPER_ATTR: super(type, obj).name without the super object.
Ref super_lookup(Thread& t, Value type, Value obj, Value name) {
    if (!is_type(type))
        return raise(t, PyExc_TypeError, "super() argument 1 must be a type, not %.200s",
                     type_of(type)->tp_name);
    Ref start = TRY(check_super(t, type, obj));
    if (!str_equal(name, ID(__class__))) {
        Ref found = find_after(t, type, obj, start, name);
        if (found || t.has_exception()) return found;
    }
    Ref s = TRY(call(t, Value(&PySuper_Type), {type, obj}));
    return generic_get_attr(t, s, name);
}

Status init_builtin_super(Thread& t) {
    static const TypeDecl decl{
        .name = "super",
        .basicsize = sizeof(Super),
        .flags = kTpDefault | kTpBaseType | kTpHaveGC,
        .slots = {.dealloc = super_dealloc,
                  .traverse = super_traverse,
                  .repr = super_repr,
                  .getattr = super_getattr,
                  .descr_get = super_descr_get,
                  .init = super_init,
                  .new_ = object_new_any},
        .spec = {.members = super_members,
                 .doc = "super() -> same as super(__class__, <first argument>)\n"
                        "super(type) -> unbound super object\n"
                        "super(type, obj) -> what follows type in the order of obj's class"}};
    init_static_type(PySuper_Type, decl);
    return ready_type(t, &PySuper_Type);
}

}  // namespace krait

krait::Type PySuper_Type;
