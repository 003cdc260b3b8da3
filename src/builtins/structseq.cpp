// Struct sequences: tuples whose items have names too (os.stat_result, time.struct_time).
#include "builtins/structseq.h"

#include <cstring>
#include <utility>
#include <vector>

#include "builtins/callable.h"
#include "builtins/dict.h"
#include "builtins/list.h"
#include "builtins/number.h"
#include "builtins/str.h"
#include "builtins/tuple.h"
#include "gc/gc.h"
#include "object/errors.h"
#include "object/internal.h"
#include "object/names.h"
#include "object/protocol.h"

namespace krait {

namespace {

LazyName kVisible("n_sequence_fields"), kAll("n_fields"), kUnnamed("n_unnamed_fields");

const StructSeqDesc* desc_of(PyTypeObject* type) {
    while (type && !ext(type)->user) type = type->tp_base;
    return type ? static_cast<const StructSeqDesc*>(ext(type)->user) : nullptr;
}

// The tuple's size counts the visible items; the hidden ones lie behind them.
void seq_dealloc(Thread& t, PyObject* o) {
    const StructSeqDesc* d = desc_of(o->ob_type);
    Value* items = tuple_items(Value(o));
    for (int i = 0; i < d->n_fields; i++) {
        Value v = items[i];
        items[i] = Value();
        xdecref(v);
    }
    free_object(t, o);
}
void seq_traverse(PyObject* o, Visitor& v) {
    const StructSeqDesc* d = desc_of(o->ob_type);
    for (int i = 0; i < d->n_fields; i++) v.visit(tuple_items(Value(o))[i]);
}

Ref seq_alloc(Thread& t, PyTypeObject* type) {
    const StructSeqDesc* d = desc_of(type);
    size_t size = offsetof(PyTupleObject, ob_item) + sizeof(Value) * d->n_fields;
    PyObject* o = alloc_raw(t, type, size);
    if (!o) return {};
    auto* tuple = reinterpret_cast<PyTupleObject*>(o);
    tuple->ob_base.ob_size = d->n_in_sequence;
    tuple->ob_hash = -1;
    memset(static_cast<void*>(tuple->ob_item), 0, sizeof(Value) * d->n_fields);
    return Ref::steal(Value(o));
}

Ref seq_new(Thread& t, PyTypeObject* type, const Value* args, size_t nargs, Value kwnames) {
    const StructSeqDesc* d = desc_of(type);
    Value a[2];
    Ref keep;
    TRY(bind_args(t, "structseq", "(sequence, dict={})", args, nargs, kwnames, a, keep));
    Ref seq = TRY(sequence_fast(t, a[0], "constructor requires a sequence"));
    if (a[1] && !is_dict(a[1]))
        return raise(t, PyExc_TypeError, "%.500s() takes a dict as second arg, if any", type->tp_name);
    bool list = is_list(seq);
    int64_t n = list ? list_size(seq) : tuple_size(seq);
    if (n < d->n_in_sequence || n > d->n_fields) {
        const char* how = d->n_in_sequence == d->n_fields ? ""
                          : n < d->n_in_sequence          ? "at least "
                                                          : "at most ";
        int bound = n > d->n_fields ? d->n_fields : d->n_in_sequence;
        return raise(t, PyExc_TypeError, "%.500s() takes %s%s%d-sequence (%zd-sequence given)", type->tp_name,
                     *how ? "an " : "a ", how, bound, static_cast<size_t>(n));
    }
    Ref r = TRY(seq_alloc(t, type));
    Value* items = tuple_items(r);
    for (int64_t i = 0; i < n; i++)
        items[i] = Ref::share(list ? list_get(seq, i) : tuple_get(seq, i)).release();
    int64_t used = 0;
    for (int64_t i = n; i < d->n_fields; i++) {
        Value v = a[1] && d->fields[i].name ? dict_get_str(a[1], d->fields[i].name) : Value();
        used += static_cast<bool>(v);
        items[i] = Ref::share(v ? v : none()).release();
    }
    if (a[1] && dict_size(a[1]) > used)
        return raise(t, PyExc_TypeError, "%.500s() got duplicate or unexpected field name(s)", type->tp_name);
    gc_track(t, r.get().ptr());
    return r;
}

Ref seq_repr(Thread& t, Value self) {
    const StructSeqDesc* d = desc_of(type_of(self));
    StrBuilder out(t);
    TRY(out.ascii(type_of(self)->tp_name));
    TRY(out.ascii("("));
    for (int i = 0; i < d->n_in_sequence; i++) {
        if (i) TRY(out.ascii(", "));
        if (!d->fields[i].name)
            return raise(t, PyExc_SystemError, "In structseq_repr(), member %d name is NULL for type %.500s",
                         i, type_of(self)->tp_name);
        TRY(out.ascii(d->fields[i].name));
        TRY(out.ascii("="));
        Ref text = TRY(repr(t, tuple_get(self, i)));
        TRY(out.append(text));
    }
    TRY(out.ascii(")"));
    return out.finish();
}

Ref seq_reduce(Thread& t, Value self) {
    const StructSeqDesc* d = desc_of(type_of(self));
    Ref visible = TRY(tuple_from(t, tuple_items(self), d->n_in_sequence));
    Ref hidden = TRY(dict_new(t));
    for (int i = d->n_in_sequence; i < d->n_fields; i++)
        if (d->fields[i].name) TRY(dict_set_str(t, hidden, d->fields[i].name, tuple_items(self)[i]));
    Ref args = TRY(tuple_of(t, {visible, hidden}));
    return tuple_of(t, {Value(type_of(self)), args});
}

Ref seq_replace(Thread& t, Value self, const Value* args, size_t nargs, Value kwnames) {
    const StructSeqDesc* d = desc_of(type_of(self));
    if (nargs) return raise(t, PyExc_TypeError, "__replace__() takes no positional arguments");
    int64_t nkw = kwnames ? tuple_size(kwnames) : 0;
    for (int i = 0; i < d->n_fields; i++)
        if (!d->fields[i].name)
            return raise(t, PyExc_TypeError,
                         "__replace__() is not supported for %.500s because it has unnamed field(s)",
                         type_of(self)->tp_name);
    Ref r = TRY(seq_alloc(t, type_of(self)));
    int64_t matched = 0;
    for (int i = 0; i < d->n_fields; i++) {
        Value v = tuple_items(self)[i];
        for (int64_t k = 0; k < nkw; k++)
            if (str_equal(tuple_get(kwnames, k), d->fields[i].name)) {
                v = args[k];
                matched++;
            }
        tuple_items(r)[i] = Ref::share(v).release();
    }
    if (matched < nkw) {
        Ref unknown = TRY(list_new(t));
        for (int64_t k = 0; k < nkw; k++) {
            bool known = false;
            for (int i = 0; i < d->n_fields; i++)
                known |= str_equal(tuple_get(kwnames, k), d->fields[i].name);
            if (!known) TRY(list_append(t, unknown, tuple_get(kwnames, k)));
        }
        return raise(t, PyExc_TypeError, "Got unexpected field name(s): %R", unknown.get());
    }
    gc_track(t, r.get().ptr());
    return r;
}

const NativeDef seq_methods[] = {
    def<seq_reduce>("__reduce__", "()", nullptr),
    def<seq_replace>("__replace__", "(**changes)", "A copy with the given fields changed."),
    {}};

Status fill_type(Thread& t, PyTypeObject* type, const StructSeqDesc& d) {
    Value dict(type->tp_dict);
    int unnamed = 0, named_visible = 0;
    for (int i = 0; i < d.n_fields; i++) {
        if (!d.fields[i].name) {
            unnamed++;
            continue;
        }
        if (i < d.n_in_sequence) named_visible++;
    }
    Ref match = TRY(tuple_new(t, named_visible));
    for (int i = 0, k = 0; i < d.n_in_sequence; i++) {
        if (!d.fields[i].name) continue;
        tuple_items(match)[k++] = TRY(str_intern(t, d.fields[i].name)).release();
    }
    TRY(dict_set(t, dict, kVisible(t), Value::from_int(d.n_in_sequence)));
    TRY(dict_set(t, dict, kAll(t), Value::from_int(d.n_fields)));
    TRY(dict_set(t, dict, kUnnamed(t), Value::from_int(unnamed)));
    TRY(dict_set(t, dict, ID(__match_args__), match));
    type_modified(type);
    return Status::ok();
}

}  // namespace

// Declaration and member table are made once and stay: types may come and go with their interpreter.
static TypeDecl* make_declaration(const StructSeqDesc& desc, uint64_t flags);
static TypeDecl* declare(const StructSeqDesc& desc, uint64_t flags) {
    struct Made {
        const StructSeqDesc* desc;
        uint64_t flags;
        TypeDecl* decl;
    };
    [[clang::no_destroy]] static std::vector<Made> made;
    for (const Made& m : made)
        if (m.desc == &desc && m.flags == flags) return m.decl;
    made.push_back({&desc, flags, make_declaration(desc, flags)});
    return made.back().decl;
}
static TypeDecl* make_declaration(const StructSeqDesc& desc, uint64_t flags) {
    auto* members = new MemberDef[desc.n_fields + 1]();
    int n = 0;
    for (int i = 0; i < desc.n_fields; i++)
        if (desc.fields[i].name)
            members[n++] =
                member(desc.fields[i].name, MemberKind::Object,
                       offsetof(PyTupleObject, ob_item) + i * sizeof(Value), kReadonly, desc.fields[i].doc);
    int64_t hidden = desc.n_fields - desc.n_in_sequence;
    return new TypeDecl{
        .name = desc.name,
        .basicsize = static_cast<int64_t>(offsetof(PyTupleObject, ob_item) + hidden * sizeof(Value)),
        .itemsize = sizeof(Value),
        .flags = kTpDefault | kTpHaveGC | flags,
        .base = &PyTuple_Type,
        .slots = {.dealloc = seq_dealloc,
                  .traverse = seq_traverse,
                  .repr = seq_repr,
                  .new_ = flags & kTpDisallowInstantiation ? nullptr : seq_new},
        .spec = {.methods = seq_methods, .members = members, .doc = desc.doc},
    };
}

Ref structseq_type_new(Thread& t, const StructSeqDesc& desc) {
    Ref type = TRY(new_native_heap_type(t, Value(), *declare(desc, 0), Value()));
    ext(as_type(type))->user = const_cast<StructSeqDesc*>(&desc);
    TRY(fill_type(t, as_type(type), desc));
    return type;
}

Status structseq_init_c_type(Thread& t, PyTypeObject* type, const StructSeqDesc& desc) {
    const TypeDecl* decl = declare(desc, 0);
    auto* x = static_cast<TypeExt*>(mem_alloc_zeroed(sizeof(TypeExt)));
    if (!x) return raise_no_memory(t);
    x->slots = decl->slots;
    x->spec = &decl->spec;
    x->user = const_cast<StructSeqDesc*>(&desc);
    PyObject& head = type->ob_base.ob_base;
    head.ob_refcnt = kImmortalRefcnt;
    head.ob_upper = kStaticUpper;
    if (!head.ob_type) head.ob_type = &PyType_Type;
    type->tp_cache = x;
    type->tp_name = decl->name;
    type->tp_basicsize = decl->basicsize;
    type->tp_itemsize = decl->itemsize;
    type->tp_flags = decl->flags | kTpImmutableType;
    type->tp_base = decl->base;
    type->tp_doc = decl->spec.doc;
    TRY(ready_type(t, type));
    return fill_type(t, type, desc);
}

Ref structseq_static_type(Thread& t, const StructSeqDesc& desc, bool instantiable) {
    static std::vector<std::pair<const StructSeqDesc*, Type*>> made;  // one for all interpreters
    for (auto& [known, type] : made)
        if (known == &desc) return Ref::share(Value(type));
    auto* type = new Type();
    const TypeDecl* decl = declare(desc, instantiable ? 0 : kTpDisallowInstantiation);
    init_static_type(*type, *decl);
    TRY(ready_type(t, type));
    ext(type)->user = const_cast<StructSeqDesc*>(&desc);
    TRY(fill_type(t, type, desc));
    made.emplace_back(&desc, type);
    return Ref::share(Value(type));
}

Ref structseq_new(Thread& t, PyTypeObject* type, Value* values) {
    const StructSeqDesc* d = desc_of(type);
    Ref r = seq_alloc(t, type);
    for (int i = 0; i < d->n_fields; i++) {
        if (r)
            tuple_items(r)[i] = values[i];
        else
            xdecref(values[i]);
    }
    if (r) gc_track(t, r.get().ptr());
    return r;
}

}  // namespace krait
