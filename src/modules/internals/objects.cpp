// Of _testinternalcapi: objects, types, the collector and the stack.
#include "builtins/dict.h"
#include "builtins/list.h"
#include "builtins/number.h"
#include "builtins/set.h"
#include "builtins/str.h"
#include "builtins/tuple.h"
#include "builtins/type_flags.h"
#include "gc/gc.h"
#include "gc/memory_stats.h"
#include "gc/state.h"
#include "modules/internals/internals.h"
#include "modules/tracemalloc.h"
#include "object/boundary.h"
#include "object/instance.h"
#include "object/internal.h"
#include "object/protocol.h"
#include "runtime/init.h"

namespace krait::internals {
namespace {

// --- instances and dicts ---

// Attributes lie in the instance, or could: no dict has taken over.
bool keeps_inline(Value v) {
    if (!v.is_ptr() || !has_managed_dict(type_of(v))) return false;
    return (shown_type_flags(type_of(v)) & kTpInlineValues) && !managed_dict(v.ptr());
}
Ref has_inline_values(Thread&, Value, Value v) { return bool_ref(keeps_inline(v)); }
// Keys are shared by instances, never by dicts.
Ref has_split_table(Thread&, Value, Value) { return bool_ref(false); }

Ref object_dict_values(Thread& t, Value, Value v) {
    if (!keeps_inline(v)) return none_ref();
    TypeExt* x = ext(type_of(v));
    int n = x->shared_keys ? x->shared_keys->count : 0;
    Ref list = TRY(list_new(t)), hole = TRY(str_from(t, "<NULL>"));
    for (int i = 0; i < n; i++) {
        bool there = i < preheader(v.ptr())->attr_capacity && inline_attrs(v.ptr(), x)[i];
        TRY(list_append(t, list, there ? inline_attrs(v.ptr(), x)[i] : hole.get()));
    }
    return to_tuple(t, list);
}

Ref next_keys_version(Thread& t, Value) { return int_from(t, t.interp->next_dict_version); }

Ref dict_getitem_knownhash(Thread& t, Value, const Value* args, size_t) {
    if (!is_dict(args[0])) return bad_internal_call(t, "_PyDict_GetItem_KnownHash");
    int64_t h = TRY(as_int64(t, args[2]));
    Ref found = TRY(dict_get_hash(t, args[0], args[1], h));
    if (!found) return raise_key_error(t, args[1]);
    return found;
}

Ref set_key_error(Thread& t, Value, Value key) { return raise_key_error(t, key); }

Ref is_static_immortal(Thread&, Value, Value v) {
    if (v.is_int()) return bool_ref(has_small_box(v.as_int()));
    return bool_ref(v.is_ptr() && is_immortal(v.ptr()) && is_static_object(v.ptr()));
}

// Without threads that run at the same time nothing is put off.
Ref incref_decref_delayed(Thread&, Value, Value v) {
    (void)Ref::share(v);
    return none_ref();
}

Ref has_spam(Thread&, Value, const Value* p) { return Ref::share(p[0]); }

// --- types ---

constexpr uint64_t kStaticBuiltin = 1 << 1;

Status add_static_types(Thread& t, Value list, Value seen, PyTypeObject* type) {
    if (!(shown_type_flags(type) & kStaticBuiltin)) return Status::ok();
    if (TRY(dict_get(t, seen, Value(type)))) return Status::ok();
    TRY(dict_set(t, seen, Value(type), none()));
    TRY(list_append(t, list, Value(type)));
    SubclassList* below = subclasses(type);
    for (size_t i = 0; below && i < below->size; i++) TRY(add_static_types(t, list, seen, below->items[i]));
    return Status::ok();
}
Ref static_builtin_types(Thread& t, Value) {
    Ref list = TRY(list_new(t)), seen = TRY(dict_new(t));
    TRY(add_static_types(t, list, seen, &PyBaseObject_Type));
    return list;
}

Ref assign_version(Thread& t, Value, const Value* args, size_t) {
    if (!is_type(args[0])) return raise(t, PyExc_TypeError, "expected a class, not %T", args[0]);
    auto* type = args[0].as<PyTypeObject>();
    int64_t version = TRY(as_int64(t, args[1]));
    if (version < 0 || version > UINT32_MAX) return raise(t, PyExc_OverflowError, "version out of range");
    if (type->tp_flags & kTpImmutableType) return raise(t, PyExc_TypeError, "the class is immutable");
    type_modified(type);
    type->tp_version_tag = static_cast<uint32_t>(version);
    if (type->tp_versions_used < kMaxVersionsPerType) type->tp_versions_used++;
    return none_ref();
}

Ref type_slot_wrappers(Thread& t, Value) {
    Ref list = TRY(list_new(t));
    for (int i = 0; i < kSlotWrapperCount; i++) {
        Ref name = TRY(str_from(t, g_slot_wrappers[i].name));
        TRY(list_append(t, list, name));
    }
    return list;
}

// --- the collector and memory ---

Ref allocator_name(Thread& t, Value) { return str_from(t, kAllocatorName); }

Ref traceback_of_block(Thread& t, Value, const Value* args, size_t) {
    int64_t domain = TRY(as_int64(t, args[0]));
    return traced_block(t, static_cast<unsigned>(domain), TRY(as_uint64(t, args[1])));
}

Ref tracked_heap_size(Thread& t, Value) {
    int64_t n = 0;
    for (const Generation& g : t.gc->gens)
        for (uint32_t i = 0; i < g.size; i++) n += g.items[i] != nullptr;
    return int_from(t, n);
}

// --- the stack ---

Ref recursion_depth(Thread& t, Value) {
    return Ref::from_int(t.c.py_recursion_limit - t.c.py_recursion_remaining);
}
char* stack_pointer() { return static_cast<char*>(__builtin_frame_address(0)); }
Ref get_stack_pointer(Thread& t, Value) {
    return int_from_u64(t, reinterpret_cast<uintptr_t>(stack_pointer()));
}
Ref get_stack_margin(Thread& t, Value) { return int_from_size(t, kStackMargin); }
// How many frames of the interpreter loop, CPython's of about 300 bytes, there is room for.
Ref c_recursion_remaining(Thread& t, Value) {
    constexpr int64_t kFrame = 300;
    char* here = stack_pointer();
    return Ref::from_int(here > t.c_stack_limit ? (here - t.c_stack_limit) / kFrame : 0);
}

// --- sets ---

Ref update_set(Thread& t, Value, const Value* args, size_t) {
    if (!is_instance_exact_or_sub(args[0], &PySet_Type)) return bad_internal_call(t, "_PySet_Update");
    TRY(set_update(t, args[0], args[1]));
    return Ref::from_int(0);
}
// (1, position, hash, key) of the entry at a position or behind it; None behind the last.
Ref next_entry(Thread& t, Value, const Value* args, size_t) {
    int64_t pos = TRY(as_int64(t, args[1])), h;
    if (!is_any_set(args[0])) return bad_internal_call(t, "_PySet_NextEntry");
    Value key;
    if (!set_next(args[0], pos, key, &h)) return none_ref();
    return tuple_of(t, {Value::from_int(1), int_from(t, pos).get(), int_from(t, h).get(), key});
}

// --- calls that wait for a thread ---

int run_waiting(void* callable) {
    Thread& t = current_thread();
    Ref keep = Ref::steal(Value(static_cast<PyObject*>(callable)));
    return call(t, keep) ? 0 : -1;
}
Ref add_pending(Thread& t, Value, const Value* p) {
    if (!p[0].is_ptr() || !is_callable(p[0])) return raise(t, PyExc_TypeError, "callback must be callable");
    int64_t wanted = p[1] ? TRY(as_int64(t, p[1])) : 1, added = 0;
    bool insists = p[3] && TRY(is_true(t, p[3]));
    while (added < wanted) {
        incref(p[0]);
        bool taken;
        if (p[2] && TRY(is_true(t, p[2]))) {
            taken = add_pending_call(*t.interp, run_waiting, p[0].ptr());
        } else {
            AllowThreads allow(t);
            taken = add_pending_call(*t.interp, run_waiting, p[0].ptr());
        }
        if (taken) {
            added++;
            continue;
        }
        decref(p[0]);
        if (!insists) break;
        TRY(handle_pending(t));
    }
    return int_from(t, added);
}

}  // namespace

const NativeDef kObjectFunctions[] = {
    def<update_set>("set_update", "(set, iterable, /)", nullptr),
    def<next_entry>("set_next_entry", "(set, position, /)", nullptr),
    def<add_pending>("pending_threadfunc", "(callback, num=1, *, blocking=False, ensure_added=False)",
                     nullptr),
    def<has_inline_values>("has_inline_values", "(object, /)", nullptr),
    def<has_split_table>("has_split_table", "(object, /)", nullptr),
    def<object_dict_values>("get_object_dict_values", "(object, /)", nullptr),
    def<next_keys_version>("get_next_dict_keys_version", "()", nullptr),
    def<dict_getitem_knownhash>("dict_getitem_knownhash", "(dict, key, hash, /)", nullptr),
    def<incref_decref_delayed>("incref_decref_delayed", "(object, /)", nullptr),
    def<has_spam>("gh_119213_getargs", "(spam=None)", nullptr),
    def<set_key_error>("_pyerr_setkeyerror", "(object, /)", nullptr),
    def<is_static_immortal>("is_static_immortal", "(object, /)", nullptr),
    def<static_builtin_types>("get_static_builtin_types", "()", nullptr),
    def<assign_version>("type_assign_specific_version_unsafe", "(type, version, /)", nullptr),
    def<type_slot_wrappers>("identify_type_slot_wrappers", "()", nullptr),
    def<traceback_of_block>("_PyTraceMalloc_GetTraceback", "(domain, place, /)", nullptr),
    def<allocator_name>("pymem_getallocatorsname", "()", nullptr),
    def<tracked_heap_size>("get_tracked_heap_size", "()", nullptr),
    def<recursion_depth>("get_recursion_depth", "()", nullptr),
    def<get_stack_pointer>("get_stack_pointer", "()", nullptr),
    def<get_stack_margin>("get_stack_margin", "()", nullptr),
    def<c_recursion_remaining>("get_c_recursion_remaining", "()", nullptr),
    {},
};

}  // namespace krait::internals
