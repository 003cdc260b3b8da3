// Bringing builtin types to life: MRO, dict of wrappers and descriptors, inherited slots.
#include <cstring>

#include "builtins/callable.h"
#include "builtins/dict.h"
#include "builtins/str.h"
#include "builtins/tuple.h"
#include "gc/gc.h"
#include "object/attributes.h"
#include "object/errors.h"
#include "object/internal.h"
#include "object/names.h"
#include "object/protocol.h"

namespace krait {

Status (*ready_foreign_type)(Thread& t, PyTypeObject* type) = ready_type;

void init_static_type(Type& type, const TypeDecl& decl) {
    PyObject& head = type.ob_base.ob_base;
    head.ob_refcnt = kImmortalRefcnt;
    head.ob_upper = kStaticUpper;
    if (!head.ob_type) head.ob_type = &PyType_Type;
    type.tp_name = decl.name;
    type.tp_basicsize = decl.basicsize;
    type.tp_itemsize = decl.itemsize;
    type.tp_flags = decl.flags | kTpImmutableType | kTpStaticBuiltin;
    type.tp_base = decl.base ? decl.base : (&type == &PyBaseObject_Type ? nullptr : &PyBaseObject_Type);
    type.tp_weaklistoffset = decl.weaklistoffset;
    type.tp_dictoffset = decl.dictoffset;
    type.tp_doc = decl.spec.doc;
    // Types from specs repeat the members of a builtin base (nanobind does, of property).
    type.tp_members = const_cast<MemberDef*>(decl.spec.members);
    type.tp_cache = &type.x;
    type.x.slots = decl.slots;
    type.x.spec = &decl.spec;
}

const char* short_type_name(const PyTypeObject* type) {
    const char* dot = strrchr(type->tp_name, '.');
    return dot ? dot + 1 : type->tp_name;
}

namespace {

Status put(Thread& t, PyTypeObject* type, Value name, Ref value) {
    if (!value) return {};
    return dict_set(t, Value(type->tp_dict), name, value);
}

bool present(PyTypeObject* type, Value name) {
    return static_cast<bool>(dict_get_str(Value(type->tp_dict), name));
}

// For a name that is not present().
Status put_new(Thread& t, PyTypeObject* type, Value name, Ref value) {
    if (!value) return {};
    return dict_add_name(t, Value(type->tp_dict), name, std::move(value));
}

// About how many entries the dict will have: what the tables say, and few wrappers.
int64_t expected_entries(PyTypeObject* type) {
    int64_t n = 4;
    if (const TypeSpec* spec = ext(type)->spec) {
        for (const NativeDef* d = spec->methods; d && d->c.ml_name; d++) n++;
        for (const MemberDef* d = spec->members; d && d->name; d++) n++;
        for (const GetSetDef* d = spec->getset; d && d->c.name; d++) n++;
    }
    return n;
}

// A wrapper for every slot that the type itself fills.
Status add_wrappers(Thread& t, PyTypeObject* type) {
    TypeExt* x = ext(type);
    if (x->slots.new_ && !(type->tp_flags & kTpDisallowInstantiation))
        TRY(put(t, type, ID(__new__), new_wrapper_function(t, type)));
    for (int i = 0; i < kSlotWrapperCount; i++) {
        const SlotWrapper& w = g_slot_wrappers[i];
        void* fn = slot_at(x, w.slot);
        if (!fn || !w.wrapper || present(type, w.name_value)) continue;
        if (fn == reinterpret_cast<void*>(&hash_not_implemented))
            TRY(put_new(t, type, w.name_value, none_ref()));
        else
            TRY(put_new(t, type, w.name_value, wrapper_descr_new(t, type, &w, fn)));
    }
    return Status::ok();
}

Status add_tables(Thread& t, PyTypeObject* type, const TypeSpec& spec) {
    for (const NativeDef* d = spec.methods; d && d->c.ml_name; d++) {
        Ref name = TRY(str_intern(t, d->c.ml_name));
        if (!present(type, name))
            TRY(put_new(t, type, name, method_descr_new(t, type, *d)));
        else if (d->flags & kMethCoexist)
            TRY(put(t, type, name, method_descr_new(t, type, *d)));
    }
    for (const MemberDef* d = spec.members; d && d->name; d++) {
        Ref name = TRY(str_intern(t, d->name));
        if (present(type, name)) continue;
        TRY(put_new(t, type, name, member_descr_new(t, type, *d)));
    }
    for (const GetSetDef* d = spec.getset; d && d->c.name; d++) {
        Ref name = TRY(str_intern(t, d->c.name));
        if (present(type, name)) continue;
        TRY(put_new(t, type, name, getset_descr_new(t, type, *d)));
    }
    return Status::ok();
}

// The tables of a type made by C, whose entries the descriptors keep by pointer.
Status add_c_tables(Thread& t, PyTypeObject* type) {
    for (const PyMethodDef* d = type->tp_methods; d && d->ml_name; d++) {
        Ref name = TRY(str_intern(t, d->ml_name));
        if (!(d->ml_flags & 0x40) && present(type, name)) continue;
        TRY(put(t, type, name, method_descr_new(t, type, d)));
    }
    for (const PyMemberDef* d = type->tp_members; d && d->name; d++) {
        Ref name = TRY(str_intern(t, d->name));
        if (present(type, name)) continue;
        TRY(put(t, type, name, member_descr_new(t, type, *d)));
    }
    for (const PyGetSetDef* d = type->tp_getset; d && d->name; d++) {
        Ref name = TRY(str_intern(t, d->name));
        if (present(type, name)) continue;
        TRY(put(t, type, name, getset_descr_new(t, type, d)));
    }
    return Status::ok();
}

Status add_doc(Thread& t, PyTypeObject* type) {
    if (present(type, ID(__doc__))) return Status::ok();
    if (type->tp_doc && ext(type)->is_c_type)
        return put(t, type, ID(__doc__), c_doc_text(t, type->tp_name, type->tp_doc));
    if (type->tp_doc) return put(t, type, ID(__doc__), str_from(t, type->tp_doc));
    return put(t, type, ID(__doc__), none_ref());
}

// `__module__` of types outside builtins and of heap types is in the dict.
Status add_match_args(Thread& t, PyTypeObject* type, const char* comma_separated) {
    if (!comma_separated) return Status::ok();
    Ref names = TRY(tuple_new(t, 0));
    const char* p = comma_separated;
    int64_t n = 0;
    for (const char* q = p; *q; q++) n += *q == ',';
    n += *p != 0;
    names = TRY(tuple_new(t, n));
    for (int64_t i = 0; i < n; i++) {
        while (*p == ' ') p++;
        const char* end = strchrnul(p, ',');
        Ref s = TRY(str_from(t, p, end - p));
        tuple_items(names)[i] = TRY(str_intern(t, std::move(s))).release();
        p = end + 1;
    }
    return put(t, type, ID(__match_args__), std::move(names));
}

Status make_ready(Thread& t, PyTypeObject* type) {
    if (type->tp_base) TRY(ready_type(t, type->tp_base));
    if (!type->tp_dict) type->tp_dict = TRY(dict_new(t, expected_entries(type))).release().ptr();
    if (!type->tp_bases)
        type->tp_bases =
            TRY(type->tp_base ? tuple_of(t, {Value(type->tp_base)}) : tuple_new(t, 0)).release().ptr();
    TRY(add_wrappers(t, type));
    const TypeSpec* spec = ext(type)->spec;
    if (spec) TRY(add_tables(t, type, *spec));
    bool is_c = ext(type)->is_c_type && !spec;
    if (is_c) TRY(add_c_tables(t, type));
    TRY(add_doc(t, type));
    if (spec) TRY(add_match_args(t, type, spec->match_args));
    Ref mro = TRY(mro_of(t, type));
    type->tp_mro = mro.release().ptr();
    inherit_slots(type);
    if (is_c && !ext(type)->slots.hash && !present(type, ID(__hash__))) {
        TRY(dict_set(t, Value(type->tp_dict), ID(__hash__), none()));
        ext(type)->slots.hash = hash_not_implemented;
    }
    Value bases(type->tp_bases);
    for (int64_t i = 0; i < tuple_size(bases); i++) TRY(add_subclass(t, as_type(tuple_get(bases, i)), type));
    type->tp_flags |= kTpReady;
    if (spec && spec->setup) TRY(spec->setup(t, type));
    // setup() may have filled the dict with dunders.
    finish_slots(type);
    return Status::ok();
}

}  // namespace

Status ready_type(Thread& t, PyTypeObject* type) {
    if (type->tp_flags & (kTpReady | kTpReadying)) return Status::ok();
    type->tp_flags |= kTpReadying;
    Status s = make_ready(t, type);
    type->tp_flags &= ~uint64_t{kTpReadying};
    return s;
}

Status add_static_type(Thread& t, Value module, Type& type, const TypeDecl& decl) {
    if (!(type.tp_flags & kTpReady)) {
        init_static_type(type, decl);
        TRY(ready_type(t, &type));
    }
    if (!module) return Status::ok();
    return module_add(t, module, short_type_name(&type), Ref::share(Value(&type)));
}

Ref alloc_heap_type(Thread& t, PyTypeObject* meta) { return alloc_heap_type_with(t, meta, 0); }

Ref alloc_heap_type_with(Thread& t, PyTypeObject* meta, int64_t n_members) {
    void* x = mem_alloc_zeroed(sizeof(TypeExt));
    if (!x) return raise_no_memory(t);
    // One more than are counted: the table ends with an empty one.
    Ref made = alloc(t, meta, n_members ? n_members + 1 : 0);
    if (!made) {
        mem_free(x);
    } else {
        as_type(made)->tp_cache = static_cast<TypeExt*>(x);
        made.as<PyVarObject>()->ob_size = n_members;
    }
    return made;
}

Ref new_native_heap_type(Thread& t, Value module, const TypeDecl& decl, Value bases_or_empty) {
    Ref bases = bases_or_empty ? Ref::share(bases_or_empty)
                               : TRY(tuple_of(t, {Value(decl.base ? decl.base : &PyBaseObject_Type)}));
    PyTypeObject* base = best_base(t, bases);
    if (!base) return {};
    Ref made = TRY(alloc_heap_type(t, &PyType_Type));
    PyTypeObject* type = as_type(made);
    auto* h = as_heap(type);
    type->tp_name = decl.name;
    type->tp_basicsize = decl.basicsize > base->tp_basicsize ? decl.basicsize : base->tp_basicsize;
    type->tp_itemsize = decl.itemsize;
    type->tp_flags = decl.flags | kTpHeapType;
    type->tp_weaklistoffset = decl.weaklistoffset;
    type->tp_dictoffset = decl.dictoffset;
    type->tp_doc = decl.spec.doc;
    ext(type)->slots = decl.slots;
    ext(type)->spec = &decl.spec;
    type->tp_base = base;
    incref(&base->ob_base.ob_base);
    type->tp_bases = bases.release().ptr();
    Ref name = TRY(str_intern(t, short_type_name(type)));
    h->ht_qualname = name.share().release().ptr();
    h->ht_name = name.release().ptr();
    type->tp_dict = TRY(dict_new(t, expected_entries(type))).release().ptr();
    if (module && has_type(module, &PyModule_Type)) {
        h->ht_module = Ref::share(module).release().ptr();
        if (Value mod_name = dict_get_str(module_dict(module), ID(__name__)))
            TRY(dict_set(t, Value(type->tp_dict), ID(__module__), mod_name));
    }
    if (!dict_get_str(Value(type->tp_dict), ID(__module__))) {
        if (const char* dot = strrchr(decl.name, '.')) {
            Ref m = TRY(str_from(t, decl.name, dot - decl.name));
            TRY(dict_set(t, Value(type->tp_dict), ID(__module__), m));
        }
    }
    TRY(ready_type(t, type));
    return made;
}

}  // namespace krait
