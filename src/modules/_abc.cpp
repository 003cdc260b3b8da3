// _abc: the checks behind abc.ABCMeta, with registries and caches of weak references.
#include <vector>

#include "builtins/callable.h"
#include "builtins/dict.h"
#include "builtins/list.h"
#include "builtins/number.h"
#include "builtins/set_internal.h"
#include "builtins/str.h"
#include "builtins/tuple.h"
#include "modules/fields.h"
#include "object/names.h"
#include "object/protocol.h"

namespace krait {
namespace {

constexpr uint64_t kCollectionFlags = kTpSequence | kTpMapping;

// Counts registrations: negative caches of an older count are stale.
uint64_t g_invalidation_counter = 0;

Type data_type;
enum { kRegistry, kCache, kNegative };  // sets of weak references, made when needed
struct DataObject {
    Fields<3> fields;
    uint64_t negative_version;
};

Ref data_new(Thread& t, PyTypeObject* type, const Value*, size_t, Value) {
    Ref self = TRY(alloc(t, type));
    self.as<DataObject>()->negative_version = g_invalidation_counter;
    return self;
}

Ref data_of(Thread& t, Value cls) {
    Ref data = TRY(get_attr(t, cls, ID(_abc_impl)));
    if (!has_type(data, &data_type)) return raise(t, PyExc_TypeError, "_abc_impl is set to a wrong type");
    return data;
}

// --- sets of weak references ---

Ref forget(Thread& t, Value set_ref, Value dead) {
    Ref set = Ref::share(weakref_get(set_ref));
    if (is_none(set)) return none_ref();
    TRY_DISCARD(set_discard(t, set, dead));
    return none_ref();
}
const NativeDef forget_def = def<forget>("_destroy", "(ref, /)", "Takes a dead reference out.");

// Whether a reference to `obj`, a class that is hashed and compared by its identity, is there. kUnsure: a
// reference to something else has the same hash.
enum class Found { No, Yes, Unsure };
Found weak_find(Value set, Value obj) {
    const Slots &s = ext(type_of(obj))->slots, &plain = ext(&PyBaseObject_Type)->slots;
    if (s.hash != plain.hash || s.richcompare != plain.richcompare) return Found::Unsure;
    int64_t hash = hash_pointer(obj.ptr());
    auto* table = set.as<PySetObject>();
    bool other = false;
    SetEntry* e = probe(table->table, table->mask, hash, [&](SetEntry& candidate) {
        if (!candidate.key) return candidate.hash != kRemovedHash;
        if (candidate.hash != hash) return false;
        other = weakref_get(candidate.key) != obj;
        return true;
    });
    return other ? Found::Unsure : e->key ? Found::Yes : Found::No;
}

Result<bool> weak_contains(Thread& t, Value set, Value obj) {
    if (!set || set_size(set) == 0) return false;
    Found found = weak_find(set, obj);
    if (found != Found::Unsure) return found == Found::Yes;
    Ref ref = weakref_new(t, obj, Value());
    if (!ref) {
        if (clear_if(t, PyExc_TypeError)) return false;
        return {};
    }
    return set_contains(t, set, ref);
}

Status weak_add(Thread& t, Value& set, Value obj) {
    if (!set) {
        Ref made = TRY(set_new(t));
        if (!set) set = made.release();
    }
    Ref held = Ref::share(set);
    Ref set_ref = TRY(weakref_new(t, held, Value()));
    Ref callback = TRY(builtin_function_new(t, forget_def, set_ref, Value()));
    Ref ref = TRY(weakref_new(t, obj, callback));
    return set_add(t, held, ref);
}

// --- making a class abstract ---

Result<bool> is_abstract(Thread& t, Value v) {
    if (v.is_immediate()) return false;
    Ref flag = TRY(lookup_attr(t, v, ID(__isabstractmethod__)));
    if (!flag) return false;
    return is_true(t, flag);
}

Status inherit_abstract(Thread& t, Value cls, Value base, Value out) {
    Ref names = TRY(lookup_attr(t, base, ID(__abstractmethods__)));
    if (!names) return Status::ok();
    Ref it = TRY(iter(t, names));
    while (Ref name = iter_next(t, it)) {
        Ref value = TRY(lookup_attr(t, cls, name));
        if (!value) continue;
        if (TRY(is_abstract(t, value))) TRY(set_add(t, out, name));
    }
    if (occurred(t)) return {};
    return Status::ok();
}

Status find_abstract_methods(Thread& t, Value cls) {
    Ref found = TRY(frozenset_new(t));
    Ref ns = TRY(get_attr(t, cls, ID(__dict__)));
    Ref items = TRY(mapping_items(t, ns));
    Ref list = TRY(sequence_fast(t, items, "items() of a namespace"));
    for (int64_t i = 0; i < list_size(list); i++) {
        Ref pair = Ref::share(list_get(list, i));
        if (!is_tuple(pair) || tuple_size(pair) != 2)
            return raise(t, PyExc_TypeError, "Iteration over object of type '%T' gave no pairs", ns.get());
        if (TRY(is_abstract(t, tuple_get(pair, 1)))) TRY(set_add(t, found, tuple_get(pair, 0)));
    }
    Ref bases = TRY(get_attr(t, cls, ID(__bases__)));
    if (!is_tuple(bases)) return raise(t, PyExc_TypeError, "__bases__ is not tuple");
    for (int64_t i = 0; i < tuple_size(bases); i++) TRY(inherit_abstract(t, cls, tuple_get(bases, i), found));
    return set_attr(t, cls, ID(__abstractmethods__), found);
}

// `__abc_tpflags__` tells pattern matching that a class is a sequence or a mapping.
Status take_collection_flags(Thread& t, Value cls) {
    static LazyName name("__abc_tpflags__");
    if (!is_type(cls)) return Status::ok();
    auto* type = cls.as<PyTypeObject>();
    Ref flags = TRY(dict_get(t, Value(type->tp_dict), name(t)));
    if (!flags || !is_long_exact(flags)) return Status::ok();
    int64_t value = 0;
    int_to_i64(flags, &value);
    if ((value & kCollectionFlags) == kCollectionFlags)
        return raise(t, PyExc_TypeError,
                     "__abc_tpflags__ cannot be both Py_TPFLAGS_SEQUENCE and Py_TPFLAGS_MAPPING");
    type->tp_flags |= static_cast<uint64_t>(value) & kCollectionFlags;
    TRY_DISCARD(dict_delete(t, Value(type->tp_dict), name(t)));
    type_modified(type);
    return Status::ok();
}

Ref abc_init(Thread& t, Value, Value cls) {
    TRY(find_abstract_methods(t, cls));
    Ref data = TRY(data_new(t, &data_type, nullptr, 0, Value()));
    TRY(set_attr(t, cls, ID(_abc_impl), data));
    TRY(take_collection_flags(t, cls));
    return none_ref();
}

// --- registering ---

Ref subclasses_of(Thread& t, Value cls) {
    static LazyName name("__subclasses__");
    Ref list = TRY(call_method(t, cls, name(t)));
    if (!is_list(list)) return raise(t, PyExc_TypeError, "__subclasses__() must return a list");
    return list;
}

Status set_collection_flags(Thread& t, Value cls, uint64_t flags) {
    RecursionGuard guard(t, " while registering a class");
    if (!guard) return {};
    auto* type = cls.as<PyTypeObject>();
    if ((type->tp_flags & kTpImmutableType) || (type->tp_flags & kCollectionFlags) == flags)
        return Status::ok();
    type->tp_flags = (type->tp_flags & ~kCollectionFlags) | flags;
    Ref subs = TRY(subclasses_of(t, cls));
    for (int64_t i = 0; i < list_size(subs); i++)
        if (is_type(list_get(subs, i))) TRY(set_collection_flags(t, list_get(subs, i), flags));
    type_modified(type);  // last: asking for the subclasses has given it a version
    return Status::ok();
}

Ref abc_register(Thread& t, Value, const Value* a, size_t) {
    Value self = a[0], subclass = a[1];
    if (!is_type(subclass)) return raise(t, PyExc_TypeError, "Can only register classes");
    if (TRY(is_subclass(t, subclass, self))) return Ref::share(subclass);
    if (TRY(is_subclass(t, self, subclass)))
        return raise(t, PyExc_RuntimeError, "Refusing to create an inheritance cycle");
    Ref data = TRY(data_of(t, self));
    TRY(weak_add(t, data.as<DataObject>()->fields.f[kRegistry], subclass));
    g_invalidation_counter++;
    if (is_type(self)) {
        uint64_t flags = self.as<PyTypeObject>()->tp_flags & kCollectionFlags;
        if (flags) TRY(set_collection_flags(t, subclass, flags));
    }
    return Ref::share(subclass);
}

// --- checking ---

Ref instancecheck(Thread& t, Value, const Value* a, size_t) {
    Value self = a[0], instance = a[1];
    Ref data = TRY(data_of(t, self));
    auto* d = data.as<DataObject>();
    Ref subclass = TRY(lookup_attr(t, instance, ID(__class__)));
    if (!subclass) subclass = Ref::share(Value(type_of(instance)));
    if (TRY(weak_contains(t, d->fields.f[kCache], subclass))) return bool_ref(true);
    Ref type = Ref::share(Value(type_of(instance)));
    if (type == subclass) {
        if (d->negative_version == g_invalidation_counter &&
            TRY(weak_contains(t, d->fields.f[kNegative], subclass)))
            return bool_ref(false);
        return call_method(t, self, ID(__subclasscheck__), {subclass});
    }
    Ref first = TRY(call_method(t, self, ID(__subclasscheck__), {subclass}));
    if (TRY(is_true(t, first))) return first;
    return call_method(t, self, ID(__subclasscheck__), {type});
}

// Whether a registered class is an ancestor of `subclass`.
Result<bool> registered(Thread& t, Value data, Value subclass) {
    Value registry = data.as<DataObject>()->fields.f[kRegistry];
    if (!registry || set_size(registry) == 0) return false;
    if (TRY(weak_contains(t, registry, subclass))) return true;
    std::vector<Ref> refs;  // checking runs code that may register more
    int64_t pos = 0;
    Value key;
    while (set_next(registry, pos, key)) refs.push_back(Ref::share(key));
    for (Ref& ref : refs) {
        Ref cls = Ref::share(weakref_get(ref));
        if (is_none(cls)) continue;
        if (TRY(is_subclass(t, subclass, cls))) return true;
    }
    return false;
}

// The answer without the caches.
Result<bool> decide(Thread& t, Value self, Value data, Value subclass) {
    Ref hook = TRY(call_method(t, self, ID(__subclasshook__), {subclass}));
    if (hook == boolean(true)) return true;
    if (hook == boolean(false)) return false;
    if (hook != not_implemented())
        return raise(t, PyExc_AssertionError,
                     "__subclasshook__ must return either False, True, or NotImplemented");
    if (PyObject* mro = subclass.as<PyTypeObject>()->tp_mro)
        for (int64_t i = 0; i < tuple_size(Value(mro)); i++)
            if (tuple_get(Value(mro), i) == self) return true;
    if (TRY(registered(t, data, subclass))) return true;
    Ref subs = TRY(subclasses_of(t, self));
    for (int64_t i = 0; i < list_size(subs); i++) {
        Ref sub = Ref::share(list_get(subs, i));
        if (TRY(is_subclass(t, subclass, sub))) return true;
    }
    return false;
}

Ref subclasscheck(Thread& t, Value, const Value* a, size_t) {
    Value self = a[0], subclass = a[1];
    if (!is_type(subclass)) return raise(t, PyExc_TypeError, "issubclass() arg 1 must be a class");
    Ref data = TRY(data_of(t, self));
    auto* d = data.as<DataObject>();
    if (TRY(weak_contains(t, d->fields.f[kCache], subclass))) return bool_ref(true);
    if (d->negative_version < g_invalidation_counter) {
        if (d->fields.f[kNegative]) set_clear(t, d->fields.f[kNegative]);
        d->negative_version = g_invalidation_counter;
    } else if (TRY(weak_contains(t, d->fields.f[kNegative], subclass))) {
        return bool_ref(false);
    }
    bool answer = TRY(decide(t, self, data, subclass));
    TRY(weak_add(t, d->fields.f[answer ? kCache : kNegative], subclass));
    return bool_ref(answer);
}

// --- looking inside, for tests ---

Ref cache_token(Thread& t, Value) { return int_from_u64(t, g_invalidation_counter); }
Ref reset_registry(Thread& t, Value, Value cls) {
    Ref data = TRY(data_of(t, cls));
    if (Value set = data.as<DataObject>()->fields.f[kRegistry]) set_clear(t, set);
    return none_ref();
}
Ref reset_caches(Thread& t, Value, Value cls) {
    Ref data = TRY(data_of(t, cls));
    for (int i : {kCache, kNegative})
        if (Value set = data.as<DataObject>()->fields.f[i]) set_clear(t, set);
    return none_ref();
}
Ref get_dump(Thread& t, Value, Value cls) {
    Ref data = TRY(data_of(t, cls));
    auto* d = data.as<DataObject>();
    Ref r = TRY(tuple_new(t, 4));
    for (int i = 0; i < 3; i++) tuple_items(r)[i] = TRY(set_new(t, d->fields.f[i])).release();
    tuple_items(r)[3] = TRY(int_from_u64(t, d->negative_version)).release();
    return r;
}

const NativeDef functions[] = {
    def<cache_token>("get_cache_token", "()", "A token that changes with every registration."),
    def<abc_init>("_abc_init", "(self, /)", "Computes the abstract methods and the caches of a class."),
    def<reset_registry>("_reset_registry", "(self, /)", "Empties the registry."),
    def<reset_caches>("_reset_caches", "(self, /)", "Empties both caches."),
    def<get_dump>("_get_dump", "(self, /)", "Registry, cache, negative cache and its version."),
    def<abc_register>("_abc_register", "(self, subclass, /)", "Makes a class a virtual subclass."),
    def<instancecheck>("_abc_instancecheck", "(self, instance, /)", "isinstance() for abstract classes."),
    def<subclasscheck>("_abc_subclasscheck", "(self, subclass, /)", "issubclass() for abstract classes."),
    {}};

Status exec(Thread& t, Value) {
    static const TypeDecl decl{
        .name = "_abc._abc_data",
        .basicsize = sizeof(DataObject),
        .flags = kTpDefault | kTpHaveGC,
        .slots = {.dealloc = Fields<3>::dealloc,
                  .traverse = Fields<3>::traverse,
                  .clear = Fields<3>::clear,
                  .new_ = data_new},
        .spec = {.doc = "Registry and caches of an abstract class."},
    };
    return add_static_type(t, Value(), data_type, decl);
}

}  // namespace

extern const ModuleSpec module__abc;
const ModuleSpec module__abc{
    .name = "_abc", .doc = "The checks behind abc.", .functions = functions, .exec = exec};

}  // namespace krait
