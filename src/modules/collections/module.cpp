// _collections: defaultdict, the getters of named tuples, and counting.
#include <cstring>

#include "builtins/callable.h"
#include "builtins/dict_table.h"
#include "builtins/number.h"
#include "builtins/str.h"
#include "builtins/tuple.h"
#include "modules/collections/collections.h"
#include "modules/fields.h"
#include "object/names.h"
#include "object/protocol.h"

namespace krait {
namespace {

// --- defaultdict ---

Type defaultdict_type;
struct DefaultDictObject {
    PyDictObject dict;
    Value factory;
};
Value& factory_of(Value v) { return v.as<DefaultDictObject>()->factory; }

void defdict_dealloc(Thread& t, PyObject* o) {
    gc_untrack(t, o);
    Value factory = factory_of(Value(o));
    factory_of(Value(o)) = Value();
    xdecref(factory);
    dict_dealloc(t, o);
}
void defdict_traverse(PyObject* o, Visitor& v) {
    v.visit(factory_of(Value(o)));
    dict_traverse(o, v);
}
void defdict_clear(Thread& t, PyObject* o) {
    put_owned(factory_of(Value(o)), Ref());
    dict_clear_entries(t, reinterpret_cast<PyDictObject*>(o));
}
Status defdict_init(Thread& t, Value self, const Value* args, size_t nargs, Value kwnames) {
    if (nargs && !is_none(args[0]) && !is_callable(args[0]))
        return raise(t, PyExc_TypeError, "first argument must be callable or None");
    put_owned(factory_of(self), nargs ? Ref::share(args[0]) : Ref());
    return ext(&PyDict_Type)->slots.init(t, self, nargs ? args + 1 : args, nargs ? nargs - 1 : 0, kwnames);
}
Ref missing(Thread& t, Value self, Value key) {
    Ref factory = Ref::share(factory_of(self));
    if (!factory || is_none(factory)) return raise_key_error(t, key);
    Ref value = TRY(call(t, factory));
    return dict_set_default(t, self, key, value);
}
Ref defdict_repr(Thread& t, Value self) {
    Ref base = TRY(ext(&PyDict_Type)->slots.repr(t, self));
    Value factory = factory_of(self);
    Ref text;
    if (!factory) {
        text = TRY(str_from(t, "None"));
    } else if (TRY(repr_enter(t, factory))) {
        text = TRY(str_from(t, "..."));
    } else {
        text = repr(t, factory);
        repr_leave(t, factory);
        if (!text) return {};
    }
    const char* full = type_of(self)->tp_name;
    const char* dot = strrchr(full, '.');
    return str_format(t, "%s(%U, %U)", dot ? dot + 1 : full, text.get(), base.get());
}
Ref defdict_copy(Thread& t, Value self) {
    Value factory = factory_of(self);
    return call(t, Value(type_of(self)), {factory ? factory : none(), self});
}
Ref defdict_reduce(Thread& t, Value self) {
    Value factory = factory_of(self);
    Ref args = !factory || is_none(factory) ? Ref::share(empty_tuple()) : TRY(tuple_of(t, {factory}));
    Ref items = TRY(call_method(t, self, ID(items)));
    Ref it = TRY(iter(t, items));
    return tuple_of(t, {Value(type_of(self)), args, none(), none(), it});
}
Ref defdict_or(Thread& t, Value a, Value b) {
    bool left = is_instance_exact_or_sub(a, &defaultdict_type);
    Value self = left ? a : b, other = left ? b : a;
    if (!is_dict(other)) return not_implemented_ref();
    Value factory = factory_of(self);
    Ref made = TRY(call(t, Value(type_of(self)), {factory ? factory : none(), a}));
    TRY(dict_update(t, made, b));
    return made;
}
Ref get_factory(Thread&, Value self, void*) {
    Value f = factory_of(self);
    return f ? Ref::share(f) : none_ref();
}
Status set_factory(Thread&, Value self, Value v, void*) {
    put_owned(factory_of(self), Ref::share(v));
    return Status::ok();
}
const NativeDef defdict_methods[] = {
    def<missing>("__missing__", "(object, /)", "Called by __getitem__ for a missing key."),
    def<defdict_copy>("copy", "()", "D.copy() -> a shallow copy of D."),
    def<defdict_copy>("__copy__", "()", "D.copy() -> a shallow copy of D."),
    def<defdict_reduce>("__reduce__", "()", "State for pickling."),
    def<class_getitem>("__class_getitem__", "(object, /)", "See PEP 585", kMethClass),
    {}};
const GetSetDef defdict_getset[] = {
    getset("default_factory", get_factory, set_factory, "Factory for default value called by __missing__()."),
    {}};

// --- _tuplegetter ---

Type getter_type;
struct GetterObject {
    Fields<1> fields;  // doc
    int64_t index;
};
Ref getter_new(Thread& t, PyTypeObject* type, const Value* args, size_t nargs, Value kwnames) {
    TRY(no_kwargs(t, "_tuplegetter", kwnames));
    if (nargs != 2) return raise(t, PyExc_TypeError, "_tuplegetter expected 2 arguments, got %zu", nargs);
    int64_t index = TRY(as_index(t, args[0], PyExc_OverflowError));
    Ref self = TRY(alloc(t, type));
    self.as<GetterObject>()->index = index;
    self.as<GetterObject>()->fields.f[0] = Ref::share(args[1]).release();
    return self;
}
Ref getter_get(Thread& t, Value self, Value obj, Value) {
    if (!obj || is_none(obj)) return Ref::share(self);
    int64_t i = self.as<GetterObject>()->index;
    if (!is_tuple(obj))
        return raise(t, PyExc_TypeError,
                     "descriptor for index '%zd' for tuple subclasses doesn't apply to '%s' object", i,
                     type_of(obj)->tp_name);
    if (i < 0 || i >= tuple_size(obj)) return raise(t, PyExc_IndexError, "tuple index out of range");
    return Ref::share(tuple_get(obj, i));
}
Status getter_set(Thread& t, Value, Value, Value v) {
    return raise(t, PyExc_AttributeError, v ? "can't set attribute" : "can't delete attribute");
}
Ref getter_repr(Thread& t, Value self) {
    auto* g = self.as<GetterObject>();
    const char* full = type_of(self)->tp_name;
    const char* dot = strrchr(full, '.');
    return str_format(t, "%s(%zd, %R)", dot ? dot + 1 : full, g->index, g->fields.f[0]);
}
Ref getter_reduce(Thread& t, Value self) {
    Ref index = TRY(int_from(t, self.as<GetterObject>()->index));
    Ref args = TRY(tuple_of(t, {index, self.as<GetterObject>()->fields.f[0]}));
    return tuple_of(t, {Value(type_of(self)), args});
}
const NativeDef getter_methods[] = {def<getter_reduce>("__reduce__", "()", nullptr), {}};
const MemberDef getter_members[] = {member("__doc__", MemberKind::Object, offsetof(Fields<1>, f), 0, nullptr),
                                    {}};

// --- counting ---

Status count_in_dict(Thread& t, Value mapping, Value it) {
    while (Ref key = iter_next(t, it)) {
        Value* place = dict_place_at_once(mapping, key);
        if (place && place->is_int() && place->as_int() < Value::kIntMax) {
            *place = Value::from_int(place->as_int() + 1);
            continue;
        }
        int64_t h = TRY(hash(t, key));
        Ref old = TRY(dict_get_hash(t, mapping, key, h));
        Ref next = old ? TRY(is_long_exact(old) ? int_add(t, old, Value::from_int(1))
                                                : binary_op(t, old, Value::from_int(1), BinaryOp{0}))
                       : Ref::from_int(1);
        TRY(dict_set_hash(t, mapping, key, h, next));
    }
    return occurred(t) ? Status() : Status::ok();
}
Status count_in_mapping(Thread& t, Value mapping, Value it) {
    Ref get = TRY(get_attr(t, mapping, ID(get)));
    while (Ref key = iter_next(t, it)) {
        Ref old = TRY(call(t, get, {key, Value::from_int(0)}));
        Ref next = TRY(binary_op(t, old, Value::from_int(1), BinaryOp{0}));
        TRY(set_item(t, mapping, key, next));
    }
    return occurred(t) ? Status() : Status::ok();
}
Ref count_elements(Thread& t, Value, const Value* a, size_t) {
    Ref it = TRY(iter(t, a[1]));
    PyTypeObject* type = type_of(a[0]);
    bool plain = is_dict(a[0]) && type_lookup(type, ID(get)) == type_lookup(&PyDict_Type, ID(get)) &&
                 type_lookup(type, ID(__setitem__)) == type_lookup(&PyDict_Type, ID(__setitem__));
    TRY(plain ? count_in_dict(t, a[0], it) : count_in_mapping(t, a[0], it));
    return none_ref();
}

const NativeDef functions[] = {def<count_elements>("_count_elements", "(mapping, iterable, /)",
                                                   "Count elements in the iterable, updating the mapping"),
                               {}};

Status exec(Thread& t, Value module) {
    static const TypeDecl defdict{
        .name = "collections.defaultdict",
        .basicsize = sizeof(DefaultDictObject),
        .flags = kTpDefault | kTpHaveGC | kTpBaseType | kTpImmutableType,
        .base = &PyDict_Type,
        .slots = {.dealloc = defdict_dealloc,
                  .traverse = defdict_traverse,
                  .clear = defdict_clear,
                  .repr = defdict_repr,
                  .getattr = generic_get_attr,
                  .init = defdict_init,
                  .nb_or = defdict_or},
        .spec = {.methods = defdict_methods,
                 .getset = defdict_getset,
                 .doc = "defaultdict(default_factory=None, /, [...]) --> dict with default factory"}};
    static const TypeDecl getter{.name = "collections._tuplegetter",
                                 .basicsize = sizeof(GetterObject),
                                 .flags = kTpDefault | kTpHaveGC | kTpImmutableType,
                                 .slots = {.dealloc = Fields<1>::dealloc,
                                           .traverse = Fields<1>::traverse,
                                           .clear = Fields<1>::clear,
                                           .repr = getter_repr,
                                           .descr_get = getter_get,
                                           .descr_set = getter_set,
                                           .new_ = getter_new},
                                 .spec = {.methods = getter_methods, .members = getter_members}};
    TRY(init_deque(t, module));
    TRY(init_ordered_dict(t, module));
    TRY(add_static_type(t, module, defaultdict_type, defdict));
    return add_static_type(t, module, getter_type, getter);
}

}  // namespace

extern const ModuleSpec module__collections;
const ModuleSpec module__collections{
    .name = "_collections", .doc = "High performance data structures.", .functions = functions, .exec = exec};

}  // namespace krait
