// How Python calls the slots of builtin types: the functions behind `int.__add__`, and the table that binds
// dunder names to slots.
#include "builtins/callable.h"
#include "builtins/memoryview.h"
#include "builtins/number.h"
#include "builtins/str.h"
#include "builtins/tuple.h"
#include "object/errors.h"
#include "object/internal.h"
#include "object/names.h"
#include "object/protocol.h"

namespace krait {

const SlotInfo kSlotInfos[kSlotCount] = {
#define SLOT(name, kind, group) {#name, SlotGroup::group},
#include "object/slots.def"
};

namespace {

// The oracle names the method for some wrappers only: `prefix` is "" or "__name__ ".
Status check_count(Thread& t, size_t nargs, size_t min, size_t max, const char* prefix = "") {
    if (nargs >= min && nargs <= max) return Status::ok();
    size_t bound = nargs < min ? min : max;
    const char* how = min == max ? "" : nargs < min ? "at least " : "at most ";
    return raise(t, PyExc_TypeError, "%sexpected %s%zu argument%s, got %zu", prefix, how, bound,
                 bound == 1 ? "" : "s", nargs);
}

template <class Fn>
Fn as_fn(void* f) {
    return reinterpret_cast<Fn>(f);
}

Ref none_if_ok(Status s) { return s ? none_ref() : Ref(); }

#define WRAPPER(name) \
    Ref wrap_##name(Thread& t, Value self, void* fn, const Value* args, size_t nargs, Value kwnames)

WRAPPER(unary) {
    TRY(check_count(t, nargs, 0, 0));
    return as_fn<UnaryFn>(fn)(t, self);
}
WRAPPER(next) {
    TRY(check_count(t, nargs, 0, 0));
    Ref r = as_fn<UnaryFn>(fn)(t, self);
    if (!r && !t.has_exception()) return raise_none(t, PyExc_StopIteration);
    return r;
}
WRAPPER(binary) {
    TRY(check_count(t, nargs, 1, 1));
    return as_fn<BinaryFn>(fn)(t, self, args[0]);
}
WRAPPER(binary_l) { return wrap_binary(t, self, fn, args, nargs, kwnames); }
WRAPPER(concat) { return wrap_binary(t, self, fn, args, nargs, kwnames); }
WRAPPER(binary_r) {
    TRY(check_count(t, nargs, 1, 1));
    return as_fn<BinaryFn>(fn)(t, args[0], self);
}
Status check_power_count(Thread& t, size_t nargs) {
    if (nargs == 1 || nargs == 2) return Status::ok();
    return raise(t, PyExc_TypeError, "expected 1 or 2 arguments, got %zu", nargs);
}
WRAPPER(ternary) {
    TRY(check_power_count(t, nargs));
    return as_fn<TernaryFn>(fn)(t, self, args[0], nargs > 1 ? args[1] : none());
}
WRAPPER(ternary_inplace) { return wrap_ternary(t, self, fn, args, nargs, kwnames); }
WRAPPER(ternary_r) {
    TRY(check_power_count(t, nargs));
    return as_fn<TernaryFn>(fn)(t, args[0], self, nargs > 1 ? args[1] : none());
}
WRAPPER(inquiry) {
    TRY(check_count(t, nargs, 0, 0));
    auto r = as_fn<InquiryFn>(fn)(t, self);
    return r ? bool_ref(r.value()) : Ref();
}
WRAPPER(length) {
    TRY(check_count(t, nargs, 0, 0));
    auto r = as_fn<LengthFn>(fn)(t, self);
    return r ? int_from(t, r.value()) : Ref();
}
WRAPPER(hash) { return wrap_length(t, self, fn, args, nargs, kwnames); }  // same shape
WRAPPER(contains) {
    TRY(check_count(t, nargs, 1, 1));
    auto r = as_fn<ContainsFn>(fn)(t, self, args[0]);
    return r ? bool_ref(r.value()) : Ref();
}
WRAPPER(index_arg) {
    TRY(check_count(t, nargs, 1, 1));
    int64_t i = TRY(as_index(t, args[0], PyExc_OverflowError));
    return as_fn<IndexFn>(fn)(t, self, i);
}

// Index argument of a sequence slot: counted from the end when negative.
Result<int64_t> sequence_index(Thread& t, Value self, Value arg) {
    int64_t i = TRY(as_index(t, arg, PyExc_OverflowError));
    if (i < 0) {
        if (LengthFn len = ext(type_of(self))->slots.sq_length) i += TRY(len(t, self));
    }
    return i;
}
WRAPPER(sq_item) {
    TRY(check_count(t, nargs, 1, 1));
    int64_t i = TRY(sequence_index(t, self, args[0]));
    return as_fn<IndexFn>(fn)(t, self, i);
}
WRAPPER(sq_setitem) {
    TRY(check_count(t, nargs, 2, 2, "__setitem__ "));
    int64_t i = TRY(sequence_index(t, self, args[0]));
    return none_if_ok(as_fn<SetIndexFn>(fn)(t, self, i, args[1]));
}
WRAPPER(sq_delitem) {
    TRY(check_count(t, nargs, 1, 1));
    int64_t i = TRY(sequence_index(t, self, args[0]));
    return none_if_ok(as_fn<SetIndexFn>(fn)(t, self, i, Value()));
}
WRAPPER(setitem) {
    TRY(check_count(t, nargs, 2, 2, "__setitem__ "));
    return none_if_ok(as_fn<SetAttrFn>(fn)(t, self, args[0], args[1]));
}
WRAPPER(delitem) {
    TRY(check_count(t, nargs, 1, 1));
    return none_if_ok(as_fn<SetAttrFn>(fn)(t, self, args[0], Value()));
}

// object.__setattr__(x, ...) must not get around what a builtin base of x's type does on stores (it would
// let programs write into types).
Status check_setattr_override(Thread& t, Value self, void* fn, const char* what) {
    PyTypeObject* type = type_of(self);
    if (!type->tp_mro) return Status::ok();
    auto of = [](PyTypeObject* c) { return ext(c)->slots.setattr; };
    // The class furthest from `type` whose native function `type` uses: what calls may reach starts there.
    Value mro(type->tp_mro);
    PyTypeObject* definer = type;
    for (int64_t i = tuple_size(mro); i-- > 0;) {
        PyTypeObject* base = as_type(tuple_get(mro, i));
        if (of(base) == kPythonSlots.setattr || of(base) != of(type)) continue;
        definer = base;
        break;
    }
    for (PyTypeObject* base = definer; base; base = base->tp_base) {
        if (reinterpret_cast<void*>(of(base)) == fn) return Status::ok();
        if (of(base) != kPythonSlots.setattr)
            return raise(t, PyExc_TypeError, "can't apply this %s to %s object", what, type->tp_name);
    }
    return Status::ok();
}
WRAPPER(setattr) {
    TRY(check_count(t, nargs, 2, 2, "__setattr__ "));
    TRY(check_setattr_override(t, self, fn, "__setattr__"));
    return none_if_ok(as_fn<SetAttrFn>(fn)(t, self, args[0], args[1]));
}
WRAPPER(delattr) {
    TRY(check_count(t, nargs, 1, 1));
    TRY(check_setattr_override(t, self, fn, "__delattr__"));
    return none_if_ok(as_fn<SetAttrFn>(fn)(t, self, args[0], Value()));
}

Ref wrap_compare(Thread& t, Value self, void* fn, const Value* args, size_t nargs, CompareOp op) {
    TRY(check_count(t, nargs, 1, 1));
    return as_fn<CompareFn>(fn)(t, self, args[0], op);
}
WRAPPER(lt) { return wrap_compare(t, self, fn, args, nargs, kLt); }
WRAPPER(le) { return wrap_compare(t, self, fn, args, nargs, kLe); }
WRAPPER(eq) { return wrap_compare(t, self, fn, args, nargs, kEq); }
WRAPPER(ne) { return wrap_compare(t, self, fn, args, nargs, kNe); }
WRAPPER(gt) { return wrap_compare(t, self, fn, args, nargs, kGt); }
WRAPPER(ge) { return wrap_compare(t, self, fn, args, nargs, kGe); }

WRAPPER(call) { return as_fn<CallFn>(fn)(t, self, args, nargs, kwnames); }
WRAPPER(init) { return none_if_ok(as_fn<InitFn>(fn)(t, self, args, nargs, kwnames)); }
WRAPPER(descr_get) {
    TRY(check_count(t, nargs, 1, 2, "__get__ "));
    Value obj = args[0], type = nargs > 1 ? args[1] : Value();
    if (is_none(obj)) obj = Value();
    if (type && is_none(type)) type = Value();
    if (!obj && !type) return raise(t, PyExc_TypeError, "__get__(None, None) is invalid");
    return as_fn<DescrGetFn>(fn)(t, self, obj, type);
}
WRAPPER(descr_set) {
    TRY(check_count(t, nargs, 2, 2, "__set__ "));
    return none_if_ok(as_fn<SetAttrFn>(fn)(t, self, args[0], args[1]));
}
WRAPPER(descr_delete) {
    TRY(check_count(t, nargs, 1, 1));
    return none_if_ok(as_fn<SetAttrFn>(fn)(t, self, args[0], Value()));
}
WRAPPER(del) {
    TRY(check_count(t, nargs, 0, 0));
    as_fn<FinalizeFn>(fn)(t, self.ptr());
    return none_ref();
}
WRAPPER(buffer) {
    TRY(check_count(t, nargs, 1, 1, "__buffer__ "));
    int64_t flags = TRY(as_index(t, args[0], PyExc_OverflowError));
    if (flags > INT32_MAX || flags < INT32_MIN)
        return raise(t, PyExc_OverflowError, "buffer flags out of range");
    return memoryview_from_slot(t, self, as_fn<GetBufferFn>(fn), static_cast<int>(flags));
}
WRAPPER(releasebuffer) {
    TRY(check_count(t, nargs, 1, 1, "__release_buffer__ "));
    if (!has_type(args[0], &PyMemoryView_Type))
        return raise(t, PyExc_TypeError, "expected a memoryview object");
    return memoryview_give_back(t, args[0], self);
}
constexpr WrapperFn wrap_none = nullptr;
#undef WRAPPER

// Text signature of a wrapper, by its function.
const char* signature_for(WrapperFn f, const char* name) {
    struct Entry {
        WrapperFn fn;
        const char* text;
    };
    static const Entry entries[] = {
        {wrap_unary, "($self, /)"},
        {wrap_next, "($self, /)"},
        {wrap_inquiry, "($self, /)"},
        {wrap_length, "($self, /)"},
        {wrap_hash, "($self, /)"},
        {wrap_del, "($self, /)"},
        {wrap_binary_l, "($self, value, /)"},
        {wrap_binary_r, "($self, value, /)"},
        {wrap_concat, "($self, value, /)"},
        {wrap_index_arg, "($self, value, /)"},
        {wrap_lt, "($self, value, /)"},
        {wrap_le, "($self, value, /)"},
        {wrap_eq, "($self, value, /)"},
        {wrap_ne, "($self, value, /)"},
        {wrap_gt, "($self, value, /)"},
        {wrap_ge, "($self, value, /)"},
        {wrap_ternary, "($self, value, mod=None, /)"},
        {wrap_ternary_r, "($self, value, mod=None, /)"},
        {wrap_ternary_inplace, "($self, value, /)"},
        {wrap_contains, "($self, key, /)"},
        {wrap_sq_item, "($self, key, /)"},
        {wrap_setitem, "($self, key, value, /)"},
        {wrap_sq_setitem, "($self, key, value, /)"},
        {wrap_delitem, "($self, key, /)"},
        {wrap_sq_delitem, "($self, key, /)"},
        {wrap_setattr, "($self, name, value, /)"},
        {wrap_delattr, "($self, name, /)"},
        {wrap_call, "($self, /, *args, **kwargs)"},
        {wrap_init, "($self, /, *args, **kwargs)"},
        {wrap_descr_get, "($self, instance, owner=None, /)"},
        {wrap_descr_set, "($self, instance, value, /)"},
        {wrap_descr_delete, "($self, instance, /)"},
        {wrap_buffer, "($self, flags, /)"},
        {wrap_releasebuffer, "($self, buffer, /)"},
    };
    if (f == wrap_binary) {
        std::string_view n = name;
        if (n == "__getattribute__") return "($self, name, /)";
        if (n == "__getitem__") return "($self, key, /)";
        return "($self, value, /)";
    }
    for (const Entry& e : entries)
        if (e.fn == f) return e.text;
    return nullptr;
}

struct DocEntry {
    const char* name;
    const char* doc;
};
const DocEntry kDocs[] = {
#define DOC(name, text) {name, text},
#include "object/slot_docs.def"
};

const char* doc_for(std::string_view name) {
    for (const DocEntry& d : kDocs)
        if (name == d.name) return d.doc;
    return nullptr;
}

}  // namespace

SlotWrapper g_slot_wrappers[] = {
#define DUNDER(dunder, slot, wrapper)                                                                  \
    {dunder,         kSlot_##slot,                                                                     \
     wrap_##wrapper, WrapperFn(wrap_##wrapper) == wrap_call || WrapperFn(wrap_##wrapper) == wrap_init, \
     nullptr,        nullptr,                                                                          \
     Value()},
#include "object/slots.def"
};
const int kSlotWrapperCount = sizeof(g_slot_wrappers) / sizeof(g_slot_wrappers[0]);

Status init_slot_wrappers(Thread& t) {
    for (int i = 0; i < kSlotWrapperCount; i++) {
        SlotWrapper& w = g_slot_wrappers[i];
        Ref name = TRY(str_intern(t, w.name));
        if (!is_immortal(name.get().ptr())) make_immortal(name.get().ptr());
        w.name_value = name.release();
        w.signature = w.wrapper ? signature_for(w.wrapper, w.name) : nullptr;
        w.doc = doc_for(w.name);
    }
    return Status::ok();
}

}  // namespace krait
