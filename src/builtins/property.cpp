// property, staticmethod and classmethod.
#include "builtins/callable.h"
#include "builtins/dict.h"
#include "builtins/str.h"
#include "builtins/tuple.h"
#include "gc/gc.h"
#include "object/errors.h"
#include "object/instance.h"
#include "object/internal.h"
#include "object/names.h"
#include "object/protocol.h"

namespace krait {

namespace {

void assign(Value& field, Value v) {
    Value old = field;
    xincref(v);
    field = v;
    xdecref(old);
}

// --- property ---

struct Property {
    PyObject ob_base;
    Value get, set, del, doc, name;
    bool getter_doc;  // the doc came from the getter
};
Property* as_property(Value v) { return v.as<Property>(); }

void property_traverse(PyObject* o, Visitor& v) {
    auto* p = as_property(Value(o));
    for (Value f : {p->get, p->set, p->del, p->doc, p->name}) v.visit(f);
}
void property_clear(Thread&, PyObject* o) {
    auto* p = as_property(Value(o));
    for (Value* f : {&p->get, &p->set, &p->del, &p->doc, &p->name}) assign(*f, {});
}
void property_dealloc(Thread& t, PyObject* o) {
    property_clear(t, o);
    free_object(t, o);
}

// The name given by the class body, else the getter's; empty when there is neither.
Ref property_name(Thread& t, Property* p) {
    if (p->name) return Ref::share(p->name);
    if (!p->get || !type_lookup(type_of(p->get), ID(__name__))) {
        if (!p->get) return {};
    }
    RecursionGuard guard(t, "");
    if (!guard) return {};
    Maybe m = lookup_attr(t, p->get, ID(__name__));
    if (!m) return {};
    return m.take();
}

Raised no_accessor(Thread& t, Value self, Value obj, const char* what) {
    Ref name = property_name(t, as_property(self));
    if (!name && t.has_exception()) return {};
    Ref qualname = type_qualname(t, type_of(obj));
    if (!qualname) return {};
    if (name)
        return raise(t, PyExc_AttributeError, "property %R of %R object has no %s", name.get(),
                     qualname.get(), what);
    return raise(t, PyExc_AttributeError, "property of %R object has no %s", qualname.get(), what);
}

Ref property_get(Thread& t, Value self, Value obj, Value) {
    if (!obj || is_none(obj)) return Ref::share(self);
    Value get = as_property(self)->get;
    if (!get) return no_accessor(t, self, obj, "getter");
    Ref keep = Ref::share(get);
    return call(t, keep, {obj});
}
Status property_set(Thread& t, Value self, Value obj, Value value) {
    Value fn = value ? as_property(self)->set : as_property(self)->del;
    if (!fn) return no_accessor(t, self, obj, value ? "setter" : "deleter");
    Ref keep = Ref::share(fn);
    Ref r = value ? call(t, keep, {obj, value}) : call(t, keep, {obj});
    return r ? Status::ok() : Status();
}

Status take_doc(Thread& t, Value self, Value doc) {
    auto* p = as_property(self);
    Ref text = Ref::share(doc && !is_none(doc) ? doc : Value());
    p->getter_doc = false;
    if (!text && p->get) {
        text = TRY(lookup_attr(t, p->get, ID(__doc__)));
        if (text && is_none(text)) text.reset();
        p->getter_doc = static_cast<bool>(text);
    }
    if (has_type(self, &PyProperty_Type)) {
        assign(p->doc, text);
        return Status::ok();
    }
    // Subclass instances show their own doc, not the class's: it is stored as an attribute.
    Value to_set = text ? text.get() : none();
    if (set_attr(t, self, ID(__doc__), to_set)) return Status::ok();
    // A subclass with __slots__ has no room for it: dropped, unless it is the getter's.
    if (!p->getter_doc && clear_if(t, PyExc_AttributeError)) return Status::ok();
    return {};
}

Status property_init(Thread& t, Value self, const Value* args, size_t nargs, Value kwnames) {
    Value a[4];
    Ref keep;
    TRY(bind_args(t, "property", "(fget=None, fset=None, fdel=None, doc=None)", args, nargs, kwnames, a,
                  keep));
    auto* p = as_property(self);
    auto given = [](Value v) { return v && !is_none(v) ? v : Value(); };
    assign(p->get, given(a[0]));
    assign(p->set, given(a[1]));
    assign(p->del, given(a[2]));
    assign(p->doc, {});
    assign(p->name, {});
    return take_doc(t, self, a[3]);
}

// A copy with one accessor replaced.
Ref property_copy(Thread& t, Value self, Value get, Value set, Value del) {
    auto* p = as_property(self);
    auto pick = [](Value given, Value own) {
        return !given || is_none(given) ? (own ? own : none()) : given;
    };
    get = pick(get, p->get);
    set = pick(set, p->set);
    del = pick(del, p->del);
    Value doc = p->getter_doc && !is_none(get) ? none() : p->doc ? p->doc : none();
    Ref keep_doc = Ref::share(doc);
    Ref r = TRY(call(t, Value(type_of(self)), {get, set, del, keep_doc}));
    if (is_instance_exact_or_sub(r, &PyProperty_Type)) assign(as_property(r)->name, p->name);
    return r;
}
Ref replace_getter(Thread& t, Value self, Value f) { return property_copy(t, self, f, {}, {}); }
Ref replace_setter(Thread& t, Value self, Value f) { return property_copy(t, self, {}, f, {}); }
Ref replace_deleter(Thread& t, Value self, Value f) { return property_copy(t, self, {}, {}, f); }
Ref property_set_name(Thread& t, Value self, const Value* args, size_t nargs, Value kwnames) {
    TRY(no_kwargs(t, "property.__set_name__", kwnames));
    if (nargs != 2)
        return raise(t, PyExc_TypeError, "__set_name__() takes 2 positional arguments but %zu were given",
                     nargs);
    assign(as_property(self)->name, args[1]);
    return none_ref();
}

Ref get_property_name(Thread& t, Value self, void*) {
    Ref name = property_name(t, as_property(self));
    if (name || t.has_exception()) return name;
    return raise(t, PyExc_AttributeError, "'property' object has no attribute '__name__'");
}
Status set_property_name(Thread&, Value self, Value value, void*) {
    assign(as_property(self)->name, value);
    return Status::ok();
}

Result<bool> is_abstract(Thread& t, Value v) {
    if (!v) return false;
    RecursionGuard guard(t, "");  // properties of properties
    if (!guard) return {};
    Ref flag = TRY(lookup_attr(t, v, ID(__isabstractmethod__)));
    if (!flag) return false;
    return is_true(t, flag);
}
Ref property_abstract(Thread& t, Value self, void*) {
    auto* p = as_property(self);
    for (Value f : {p->get, p->set, p->del})
        if (TRY(is_abstract(t, f))) return bool_ref(true);
    return bool_ref(false);
}

const NativeDef property_methods[] = {
    def<replace_getter>("getter", "(object, /)", "A copy of the property with another getter."),
    def<replace_setter>("setter", "(object, /)", "A copy of the property with another setter."),
    def<replace_deleter>("deleter", "(object, /)", "A copy of the property with another deleter."),
    def<property_set_name>("__set_name__", "(owner, name, /)", "Tells the property its name in the class."),
    {}};
const MemberDef property_members[] = {
    member("fget", MemberKind::Object, offsetof(Property, get), kReadonly, nullptr),
    member("fset", MemberKind::Object, offsetof(Property, set), kReadonly, nullptr),
    member("fdel", MemberKind::Object, offsetof(Property, del), kReadonly, nullptr),
    member("__doc__", MemberKind::Object, offsetof(Property, doc), 0, nullptr),
    {}};
const GetSetDef property_getset[] = {getset("__name__", get_property_name, set_property_name, nullptr),
                                     getset("__isabstractmethod__", property_abstract, nullptr, nullptr),
                                     {}};

// --- staticmethod, classmethod ---

struct Wrapper {
    PyObject ob_base;
    Value callable;
    Value dict;
};
Wrapper* as_wrapper(Value v) { return v.as<Wrapper>(); }

void wrapper_traverse(PyObject* o, Visitor& v) {
    v.visit(as_wrapper(Value(o))->callable);
    v.visit(as_wrapper(Value(o))->dict);
}
void wrapper_clear(Thread&, PyObject* o) {
    assign(as_wrapper(Value(o))->callable, {});
    assign(as_wrapper(Value(o))->dict, {});
}
void wrapper_dealloc(Thread& t, PyObject* o) {
    wrapper_clear(t, o);
    free_object(t, o);
}

Status copy_attribute(Thread& t, Value from, Value to, Value name) {
    Ref v = TRY(lookup_attr(t, from, name));
    return v ? set_attr(t, to, name, v) : Status::ok();
}

// The wrapper shows the function's name and documentation as its own.
Status copy_attributes(Thread& t, Value callable, Value self) {
    TRY(copy_attribute(t, callable, self, ID(__module__)));
    TRY(copy_attribute(t, callable, self, ID(__name__)));
    TRY(copy_attribute(t, callable, self, ID(__qualname__)));
    return copy_attribute(t, callable, self, ID(__doc__));
}

template <bool kStatic>
Ref wrapper_make(Thread& t, PyTypeObject* type, const Value* args, size_t nargs, Value kwnames) {
    Ref r = TRY(alloc(t, type));
    as_wrapper(r)->callable = none();
    return r;
}
template <bool kStatic>
Status wrapper_init(Thread& t, Value self, const Value* args, size_t nargs, Value kwnames) {
    Value a[1];
    Ref keep;
    TRY(bind_args(t, kStatic ? "staticmethod" : "classmethod", "(function, /)", args, nargs, kwnames, a,
                  keep));
    assign(as_wrapper(self)->callable, a[0]);
    return copy_attributes(t, a[0], self);
}

Ref static_get(Thread& t, Value self, Value, Value) {
    if (!as_wrapper(self)->callable) return raise(t, PyExc_RuntimeError, "uninitialized staticmethod object");
    return Ref::share(as_wrapper(self)->callable);
}
Ref static_call(Thread& t, Value self, const Value* args, size_t nargs, Value kwnames) {
    Ref f = Ref::share(as_wrapper(self)->callable);
    return call(t, f, args, nargs, kwnames);
}
Ref class_get(Thread& t, Value self, Value obj, Value type) {
    if (!as_wrapper(self)->callable) return raise(t, PyExc_RuntimeError, "uninitialized classmethod object");
    if (!type) type = Value(type_of(obj));
    return method_new(t, as_wrapper(self)->callable, type);
}
template <bool kStatic>
Ref wrapper_repr(Thread& t, Value self) {
    return str_format(t, kStatic ? "<staticmethod(%R)>" : "<classmethod(%R)>", as_wrapper(self)->callable);
}
Ref wrapper_abstract(Thread& t, Value self, void*) {
    return bool_ref(TRY(is_abstract(t, as_wrapper(self)->callable)));
}
Ref wrapper_get_dict(Thread& t, Value self, void*) { return instance_dict(t, self); }
Status wrapper_set_dict(Thread& t, Value self, Value value, void*) {
    if (!value) return raise(t, PyExc_TypeError, "cannot delete __dict__");
    return instance_set_dict(t, self, value);
}
// Annotations are the function's, copied when first asked for.
Ref wrapped_attribute(Thread& t, Value self, void* closure) {
    Value name = closure ? ID(__annotate__) : ID(__annotations__);
    Ref dict = TRY(instance_dict(t, self));
    if (Value v = dict_get_str(dict, name)) return Ref::share(v);
    RecursionGuard guard(t, "");
    if (!guard) return {};
    Ref v = TRY(get_attr(t, as_wrapper(self)->callable, name));
    TRY(dict_set(t, dict, name, v));
    return v;
}
Status set_wrapped_attribute(Thread& t, Value self, Value value, void* closure) {
    Value name = closure ? ID(__annotate__) : ID(__annotations__);
    Ref dict = TRY(instance_dict(t, self));
    if (value) return dict_set(t, dict, name, value);
    if (!TRY(dict_delete(t, dict, name))) return raise_value(t, PyExc_AttributeError, name);
    return Status::ok();
}

const MemberDef wrapper_members[] = {
    member("__func__", MemberKind::Object, offsetof(Wrapper, callable), kReadonly, nullptr),
    member("__wrapped__", MemberKind::Object, offsetof(Wrapper, callable), kReadonly, nullptr),
    {}};
const GetSetDef wrapper_getset[] = {
    getset("__isabstractmethod__", wrapper_abstract, nullptr, nullptr),
    getset("__dict__", wrapper_get_dict, wrapper_set_dict, nullptr),
    getset("__annotations__", wrapped_attribute, set_wrapped_attribute, nullptr),
    getset("__annotate__", wrapped_attribute, set_wrapped_attribute, nullptr, const_cast<char*>("")),
    {}};
const NativeDef wrapper_methods[] = {
    def<class_getitem>("__class_getitem__", "(object, /)", nullptr, kMethClass), {}};

Ref make_wrapper(Thread& t, Type& type, Value callable) {
    Ref r = TRY(alloc(t, &type));
    as_wrapper(r)->callable = Ref::share(callable).release();
    TRY(copy_attributes(t, callable, r));
    return r;
}

}  // namespace

Value property_getter(Value property) { return as_property(property)->get; }

Ref staticmethod_new(Thread& t, Value callable) { return make_wrapper(t, PyStaticMethod_Type, callable); }
// The plain Python function of an exact classmethod, borrowed; empty for anything else.
Value classmethod_function(Value v) {
    if (!has_type(v, &PyClassMethod_Type)) return {};
    Value fn = as_wrapper(v)->callable;
    return fn && has_type(fn, &PyFunction_Type) ? fn : Value();
}
Ref classmethod_new(Thread& t, Value callable) { return make_wrapper(t, PyClassMethod_Type, callable); }
Ref property_new(Thread& t, Value fget, Value fset, Value fdel, Value doc) {
    auto given = [](Value v) { return v ? v : none(); };
    return call(t, Value(&PyProperty_Type), {given(fget), given(fset), given(fdel), given(doc)});
}

Status init_builtin_property(Thread& t) {
    static const TypeDecl property{.name = "property",
                                   .basicsize = sizeof(Property),
                                   .flags = kTpDefault | kTpBaseType | kTpHaveGC,
                                   .slots = {.dealloc = property_dealloc,
                                             .traverse = property_traverse,
                                             .clear = property_clear,
                                             .descr_get = property_get,
                                             .descr_set = property_set,
                                             .init = property_init,
                                             .new_ = object_new_any},
                                   .spec = {.methods = property_methods,
                                            .getset = property_getset,
                                            .members = property_members,
                                            .doc = "An attribute that is computed by functions.",
                                            .text_signature = "(fget=None, fset=None, fdel=None, doc=None)"}};
    static const TypeDecl static_method{
        .name = "staticmethod",
        .basicsize = sizeof(Wrapper),
        .flags = kTpDefault | kTpBaseType | kTpHaveGC,
        .slots = {.dealloc = wrapper_dealloc,
                  .traverse = wrapper_traverse,
                  .clear = wrapper_clear,
                  .repr = wrapper_repr<true>,
                  .call = static_call,
                  .descr_get = static_get,
                  .init = wrapper_init<true>,
                  .new_ = wrapper_make<true>},
        .spec = {.methods = wrapper_methods,
                 .getset = wrapper_getset,
                 .members = wrapper_members,
                 .doc = "A function in a class that gets no first argument of its own.",
                 .text_signature = "(function, /)"},
        .dictoffset = offsetof(Wrapper, dict)};
    static const TypeDecl class_method{
        .name = "classmethod",
        .basicsize = sizeof(Wrapper),
        .flags = kTpDefault | kTpBaseType | kTpHaveGC,
        .slots = {.dealloc = wrapper_dealloc,
                  .traverse = wrapper_traverse,
                  .clear = wrapper_clear,
                  .repr = wrapper_repr<false>,
                  .descr_get = class_get,
                  .init = wrapper_init<false>,
                  .new_ = wrapper_make<false>},
        .spec = {.methods = wrapper_methods,
                 .getset = wrapper_getset,
                 .members = wrapper_members,
                 .doc = "A function in a class that gets the class as its first argument.",
                 .text_signature = "(function, /)"},
        .dictoffset = offsetof(Wrapper, dict)};
    init_static_type(PyProperty_Type, property);
    init_static_type(PyStaticMethod_Type, static_method);
    init_static_type(PyClassMethod_Type, class_method);
    for (Type* type : {&PyProperty_Type, &PyStaticMethod_Type, &PyClassMethod_Type}) TRY(ready_type(t, type));
    return Status::ok();
}

}  // namespace krait

krait::Type PyProperty_Type, PyStaticMethod_Type, PyClassMethod_Type;
