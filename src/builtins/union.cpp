// typing.Union: int | str.
#include "builtins/callable.h"
#include "builtins/dict.h"
#include "builtins/generic_alias.h"
#include "builtins/list.h"
#include "builtins/set.h"
#include "builtins/str.h"
#include "builtins/tuple.h"
#include "bytecode/opcodes.h"
#include "gc/gc.h"
#include "object/errors.h"
#include "object/internal.h"
#include "object/names.h"
#include "object/protocol.h"

namespace krait {

namespace {

struct Union {
    PyObject ob_base;
    Value args;
    Value hashable;    // frozenset of the members that can be hashed
    Value unhashable;  // tuple of the others, or empty
    Value parameters;
    PyObject* weaklist;
};
Union* as_union(Value v) { return v.as<Union>(); }
bool is_union(Value v) { return has_type(v, &_PyUnion_Type); }

void union_traverse(PyObject* o, Visitor& v) {
    auto* u = as_union(Value(o));
    for (Value f : {u->args, u->hashable, u->unhashable, u->parameters}) v.visit(f);
}
void union_dealloc(Thread& t, PyObject* o) {
    auto* u = as_union(Value(o));
    Value fields[] = {u->args, u->hashable, u->unhashable, u->parameters};
    free_object(t, o);
    for (Value f : fields) xdecref(f);
}

// Members without repetitions, in order.
struct Builder {
    Ref args, hashable, unhashable;
};

Status builder_init(Thread& t, Builder& b) {
    b.args = TRY(list_new(t));
    b.hashable = TRY(set_new(t));
    b.unhashable = TRY(list_new(t));
    return Status::ok();
}

Status add_one(Thread& t, Builder& b, Value v) {
    if (is_none(v)) v = Value(&_PyNone_Type);
    if (!hash(t, v)) {
        if (!clear_if(t, PyExc_TypeError)) return {};
        if (TRY(contains(t, b.unhashable, v))) return Status::ok();
        TRY(list_append(t, b.unhashable, v));
        return list_append(t, b.args, v);
    }
    if (TRY(set_contains(t, b.hashable, v))) return Status::ok();
    TRY(set_add(t, b.hashable, v));
    return list_append(t, b.args, v);
}

Status add_members(Thread& t, Builder& b, Value v) {
    if (!is_union(v)) return add_one(t, b, v);
    Ref args = Ref::share(as_union(v)->args);
    for (int64_t i = 0; i < tuple_size(args); i++) TRY(add_one(t, b, tuple_get(args, i)));
    return Status::ok();
}

Ref finish(Thread& t, Builder& b) {
    int64_t n = list_size(b.args);
    if (n == 0) return raise(t, PyExc_TypeError, "Cannot take a Union of no types.");
    if (n == 1) return Ref::share(list_get(b.args, 0));
    Ref args = TRY(list_to_tuple(t, b.args));
    Ref frozen = TRY(frozenset_new(t, b.hashable));
    Ref odd = list_size(b.unhashable) ? TRY(list_to_tuple(t, b.unhashable)) : Ref();
    Ref r = TRY(alloc(t, &_PyUnion_Type));
    auto* u = as_union(r);
    u->args = args.release();
    u->hashable = frozen.release();
    u->unhashable = odd.release();
    return r;
}

// None, classes, generic aliases, unions and type aliases combine with `|`.
bool unionable(Thread& t, Value v) {
    if (is_none(v) || is_type(v) || is_union(v)) return true;
    if (!v.is_ptr()) return false;
    if (is_subtype(v.heap_type(), &Py_GenericAliasType)) return true;
    return std::string_view(v.heap_type()->tp_name) == "typing.TypeAliasType";
}

Ref union_or(Thread& t, Value a, Value b) { return union_new(t, a, b); }

Ref union_repr(Thread& t, Value self) {
    StrBuilder out(t);
    Value args = as_union(self)->args;
    for (int64_t i = 0; i < tuple_size(args); i++) {
        if (i) TRY(out.ascii(" | "));
        Ref item = Ref::share(tuple_get(args, i));
        TRY(type_repr_put(t, out, item));
    }
    return out.finish();
}

Result<int64_t> union_hash(Thread& t, Value self) {
    auto* u = as_union(self);
    if (u->unhashable) {
        // Hashing one of them gives the exact complaint.
        for (int64_t i = 0; i < tuple_size(u->unhashable); i++) TRY(hash(t, tuple_get(u->unhashable, i)));
        return raise(t, PyExc_TypeError, "union contains %zd unhashable elements",
                     static_cast<size_t>(tuple_size(u->unhashable)));
    }
    return hash(t, u->hashable);
}

Ref union_compare(Thread& t, Value a, Value b, CompareOp op) {
    if (!is_union(a) || !is_union(b) || (op != kEq && op != kNe)) return not_implemented_ref();
    auto *x = as_union(a), *y = as_union(b);
    bool same = TRY(equal(t, x->hashable, y->hashable));
    same = same && !x->unhashable == !y->unhashable;
    if (same && x->unhashable) {
        same = tuple_size(x->unhashable) == tuple_size(y->unhashable);
        for (int64_t i = 0; same && i < tuple_size(x->unhashable); i++)
            same = TRY(contains(t, y->unhashable, tuple_get(x->unhashable, i)));
    }
    return bool_ref(same == (op == kEq));
}

Ref union_parameters(Thread& t, Value self) {
    auto* u = as_union(self);
    if (!u->parameters) u->parameters = TRY(type_parameters(t, u->args)).release();
    return Ref::share(u->parameters);
}

Ref union_subscript(Thread& t, Value self, Value item) {
    Ref params = TRY(union_parameters(t, self));
    Ref args = TRY(substitute_parameters(t, self, as_union(self)->args, params, item));
    // `|` decides about each, so that operands with an `__or__` of their own take part.
    Ref r = Ref::share(tuple_get(args, 0));
    for (int64_t i = 1; i < tuple_size(args); i++)
        r = TRY(binary_op(t, r, tuple_get(args, i), BinaryOp::NB_OR));
    return r;
}

// Union[int, str]
Ref union_class_getitem(Thread& t, Value, Value item) {
    Ref items = is_tuple(item) ? Ref::share(item) : TRY(tuple_of(t, {item}));
    Builder b;
    TRY(builder_init(t, b));
    Ref check;
    for (int64_t i = 0; i < tuple_size(items); i++) {
        Ref v = Ref::share(tuple_get(items, i));
        if (!unionable(t, v)) {
            // typing turns strings into forward references and refuses what is no type.
            if (!check) check = TRY(import_attr(t, "typing", "_type_check"));
            Ref message = TRY(str_from(t, "Union[arg, ...]: each arg must be a type."));
            v = TRY(call(t, check, {v, message}));
        }
        TRY(add_members(t, b, v));
    }
    return finish(t, b);
}

Ref union_check(Thread& t, Value self, Value v, bool instance) {
    Value args = as_union(self)->args;
    for (int64_t i = 0; i < tuple_size(args); i++) {
        Value arg = tuple_get(args, i);
        bool hit = TRY(instance ? is_instance(t, v, arg) : is_subclass(t, v, arg));
        if (hit) return bool_ref(true);
    }
    return bool_ref(false);
}
Ref union_instancecheck(Thread& t, Value self, Value v) { return union_check(t, self, v, true); }
Ref union_subclasscheck(Thread& t, Value self, Value v) {
    if (!is_type(v)) return raise(t, PyExc_TypeError, "issubclass() arg 1 must be a class");
    return union_check(t, self, v, false);
}

Ref union_mro_entries(Thread& t, Value self, Value) {
    return raise(t, PyExc_TypeError, "Cannot subclass %R", self);
}

Ref get_name(Thread& t, Value, void*) { return str_from(t, "Union"); }
Ref get_origin(Thread&, Value, void*) { return Ref::share(Value(&_PyUnion_Type)); }
Ref get_parameters(Thread& t, Value self, void*) { return union_parameters(t, self); }

// A union answers with the module of its class, other names are its own only.
Ref union_getattr(Thread& t, Value self, Value name) {
    if (is_str(name) && str_equal(name, ID(__module__))) return get_attr(t, Value(&_PyUnion_Type), name);
    return generic_get_attr(t, self, name);
}

const NativeDef union_methods[] = {
    def<union_mro_entries>("__mro_entries__", "(object, /)", nullptr),
    def<union_class_getitem>("__class_getitem__", "(object, /)", "See PEP 585.", kMethClass),
    def<union_instancecheck>("__instancecheck__", "(instance, /)", nullptr),
    def<union_subclasscheck>("__subclasscheck__", "(subclass, /)", nullptr),
    {}};
const MemberDef union_members[] = {
    member("__args__", MemberKind::Object, offsetof(Union, args), kReadonly, nullptr), {}};
const GetSetDef union_getset[] = {
    getset("__name__", get_name, nullptr, "Name of the type."),
    getset("__qualname__", get_name, nullptr, "Qualified name of the type."),
    getset("__origin__", get_origin, nullptr, "Always typing.Union."),
    getset("__parameters__", get_parameters, nullptr, "The type parameters that are still open."),
    {}};

}  // namespace

Ref union_new(Thread& t, Value a, Value b) {
    // With a union on one side typing has a say about what the other is: a string is a forward reference.
    if (is_union(a) || is_union(b)) {
        Ref both = TRY(tuple_of(t, {a, b}));
        return union_class_getitem(t, Value(), both);
    }
    if (!unionable(t, a) || !unionable(t, b)) return not_implemented_ref();
    Builder builder;
    TRY(builder_init(t, builder));
    TRY(add_members(t, builder, a));
    TRY(add_members(t, builder, b));
    return finish(t, builder);
}

Status init_builtin_union(Thread& t) {
    static const TypeDecl decl{
        .name = "typing.Union",
        .basicsize = sizeof(Union),
        .flags = kTpDefault | kTpHaveGC | kTpDisallowInstantiation,
        .slots = {.dealloc = union_dealloc,
                  .traverse = union_traverse,
                  .repr = union_repr,
                  .hash = union_hash,
                  .richcompare = union_compare,
                  .getattr = union_getattr,
                  .nb_or = union_or,
                  .mp_subscript = union_subscript},
        .spec = {.methods = union_methods,
                 .getset = union_getset,
                 .members = union_members,
                 .doc = "A union of types, such as int | str."},
        .weaklistoffset = offsetof(Union, weaklist),
    };
    init_static_type(_PyUnion_Type, decl);
    return ready_type(t, &_PyUnion_Type);
}

}  // namespace krait

krait::Type _PyUnion_Type;
