// _thread: lock, RLock and local.
#include <cerrno>
#include <ctime>
#include <new>

#include "builtins/callable.h"
#include "builtins/dict.h"
#include "builtins/list.h"
#include "builtins/number.h"
#include "builtins/str.h"
#include "builtins/tuple.h"
#include "gc/gc.h"
#include "modules/_thread.h"
#include "modules/_thread_internal.h"
#include "object/instance.h"
#include "object/names.h"
#include "object/protocol.h"
#include "runtime/timestamp.h"

namespace krait {

Result<bool> OsLock::acquire(Thread& t, int64_t us) {
    if (sem_trywait(&sem_) == 0) return true;
    if (us == 0) return false;
    int64_t deadline = us > 0 ? monotonic_ns() / kNsPerMicrosecond + us : 0;
    for (;;) {
        int rc, err;
        {
            AllowThreads allow(t);
            if (us < 0) {
                rc = sem_wait(&sem_);
            } else {
                timespec until{deadline / 1000000, (deadline % 1000000) * 1000};
                rc = sem_clockwait(&sem_, CLOCK_MONOTONIC, &until);
            }
            err = errno;
        }
        if (rc == 0) return true;
        if (err == ETIMEDOUT) return false;
        TRY(handle_pending(t));
    }
}

Result<int64_t> parse_timeout(Thread& t, bool blocking, Value timeout) {
    int64_t ns = timeout ? TRY(ns_from_number(t, timeout, kTimeoutRounding)) : -kNsPerSecond;
    if (!blocking && ns != -kNsPerSecond)
        return raise(t, PyExc_ValueError, "can't specify a timeout for a non-blocking call");
    if (ns < 0 && ns != -kNsPerSecond)
        return raise(t, PyExc_ValueError, "timeout value must be a non-negative number");
    if (!blocking) return int64_t{0};
    if (ns == -kNsPerSecond) return int64_t{-1};
    return divided(ns, kNsPerMicrosecond, kTimeoutRounding);
}

namespace {

Type lock_type, rlock_type, local_type;

// --- lock ---

struct LockObject {
    PyObject ob_base;
    OsLock lock;
};
LockObject* as_lock(Value v) { return v.as<LockObject>(); }

void lock_dealloc(Thread& t, PyObject* o) {
    weakrefs_clear(t, o);
    reinterpret_cast<LockObject*>(o)->lock.~OsLock();
    free_object(t, o);
}
Ref lock_tp_new(Thread& t, PyTypeObject*, const Value*, size_t n, Value kwnames) {
    TRY(no_kwargs(t, "lock", kwnames));
    if (n) return raise(t, PyExc_TypeError, "lock expected 0 arguments, got %zu", n);
    return lock_new(t);
}
Ref lock_acquire(Thread& t, Value self, const Value* p) {
    bool blocking = p[0] ? TRY(is_true(t, p[0])) : true;
    int64_t us = TRY(parse_timeout(t, blocking, p[1]));
    bool got = TRY(as_lock(self)->lock.acquire(t, us));
    return bool_ref(got);
}
Ref lock_release(Thread& t, Value self) {
    if (!as_lock(self)->lock.locked()) return raise(t, PyExc_RuntimeError, "release unlocked lock");
    as_lock(self)->lock.release();
    return none_ref();
}
Ref lock_enter(Thread& t, Value self) {
    bool got = TRY(as_lock(self)->lock.acquire(t, -1));
    return bool_ref(got);
}
Ref lock_exit(Thread& t, Value self, const Value*, size_t) { return lock_release(t, self); }
Ref lock_locked(Thread&, Value self) { return bool_ref(as_lock(self)->lock.locked()); }
Ref lock_at_fork(Thread&, Value self) {
    as_lock(self)->lock.reinit();
    return none_ref();
}
Ref lock_repr(Thread& t, Value self) {
    return str_format(t, "<%s %s object at %p>", as_lock(self)->lock.locked() ? "locked" : "unlocked",
                      type_of(self)->tp_name, self.ptr());
}

const NativeDef lock_methods[] = {
    def<lock_acquire>("acquire_lock", "(blocking=True, timeout=-1)", "Obsolete name of acquire()."),
    def<lock_acquire>("acquire", "(blocking=True, timeout=-1)", "Take the lock; True if that worked."),
    def<lock_release>("release_lock", "()", "Obsolete name of release()."),
    def<lock_release>("release", "()", "Let the lock go."),
    def<lock_locked>("locked_lock", "()", "Obsolete name of locked()."),
    def<lock_locked>("locked", "()", "True if somebody has the lock."),
    def<lock_enter>("__enter__", "()", "Take the lock."),
    def<lock_exit>("__exit__", "(*exc_info)", "Let the lock go."),
    def<lock_at_fork>("_at_fork_reinit", "()", nullptr),
    {},
};

// --- RLock ---

struct RLockObject {
    PyObject ob_base;
    OsLock lock;
    uint64_t owner;
    uint64_t count;
};
RLockObject* as_rlock(Value v) { return v.as<RLockObject>(); }
bool is_owner(Thread& t, RLockObject* r) { return r->count && r->owner == t.c.thread_id; }

Ref rlock_tp_new(Thread& t, PyTypeObject* type, const Value*, size_t, Value) {
    Ref r = TRY(alloc(t, type));
    new (&as_rlock(r)->lock) OsLock;
    return r;
}
void rlock_dealloc(Thread& t, PyObject* o) {
    weakrefs_clear(t, o);
    reinterpret_cast<RLockObject*>(o)->lock.~OsLock();
    free_object(t, o);
}
Ref rlock_take(Thread& t, Value self, int64_t us) {
    auto* r = as_rlock(self);
    if (is_owner(t, r)) {
        r->count++;
        return bool_ref(true);
    }
    bool got = TRY(r->lock.acquire(t, us));
    if (got) {
        r->owner = t.c.thread_id;
        r->count = 1;
    }
    return bool_ref(got);
}
Ref rlock_acquire(Thread& t, Value self, const Value* p) {
    bool blocking = p[0] ? TRY(is_true(t, p[0])) : true;
    int64_t us = TRY(parse_timeout(t, blocking, p[1]));
    return rlock_take(t, self, us);
}
Ref rlock_enter(Thread& t, Value self) { return rlock_take(t, self, -1); }
Ref rlock_release(Thread& t, Value self) {
    auto* r = as_rlock(self);
    if (!is_owner(t, r)) return raise(t, PyExc_RuntimeError, "cannot release un-acquired lock");
    if (--r->count == 0) {
        r->owner = 0;
        r->lock.release();
    }
    return none_ref();
}
Ref rlock_exit(Thread& t, Value self, const Value*, size_t) { return rlock_release(t, self); }
Ref rlock_locked(Thread&, Value self) { return bool_ref(as_rlock(self)->lock.locked()); }
Ref rlock_is_owned(Thread& t, Value self) { return bool_ref(is_owner(t, as_rlock(self))); }
Ref rlock_recursion_count(Thread& t, Value self) {
    return int_from_u64(t, is_owner(t, as_rlock(self)) ? as_rlock(self)->count : 0);
}
Ref rlock_release_save(Thread& t, Value self) {
    auto* r = as_rlock(self);
    if (r->count == 0) return raise(t, PyExc_RuntimeError, "cannot release un-acquired lock");
    Ref count = TRY(int_from_u64(t, r->count)), owner = TRY(int_from_u64(t, r->owner));
    r->count = r->owner = 0;
    r->lock.release();
    return tuple_of(t, {count, owner});
}
Ref rlock_acquire_restore(Thread& t, Value self, Value state) {
    uint64_t count, owner;
    if (!is_tuple(state) || tuple_size(state) != 2 || !is_long(tuple_get(state, 0)) ||
        !is_long(tuple_get(state, 1)) || !int_to_u64(tuple_get(state, 0), &count) ||
        !int_to_u64(tuple_get(state, 1), &owner))
        return raise(t, PyExc_TypeError, "_acquire_restore() argument must be a (count, owner) tuple");
    auto* r = as_rlock(self);
    TRY(r->lock.acquire(t, -1));
    r->count = count;
    r->owner = owner;
    return none_ref();
}
Ref rlock_at_fork(Thread&, Value self) {
    auto* r = as_rlock(self);
    r->lock.reinit();
    r->count = r->owner = 0;
    return none_ref();
}
Ref rlock_repr(Thread& t, Value self) {
    auto* r = as_rlock(self);
    return str_format(t, "<%s %s object owner=%zu count=%zu at %p>", r->lock.locked() ? "locked" : "unlocked",
                      type_of(self)->tp_name, static_cast<size_t>(r->owner), static_cast<size_t>(r->count),
                      self.ptr());
}

const NativeDef rlock_methods[] = {
    def<rlock_acquire>("acquire", "(blocking=True, timeout=-1)",
                       "Take the lock, once more if this thread has it."),
    def<rlock_release>("release", "()", "Let the lock go once."),
    def<rlock_locked>("locked", "()", "True if some thread has the lock."),
    def<rlock_enter>("__enter__", "()", "Take the lock."),
    def<rlock_exit>("__exit__", "(*exc_info)", "Let the lock go."),
    def<rlock_is_owned>("_is_owned", "()", "For Condition."),
    def<rlock_recursion_count>("_recursion_count", "()", "For Condition."),
    def<rlock_release_save>("_release_save", "()", "For Condition."),
    def<rlock_acquire_restore>("_acquire_restore", "(state, /)", "For Condition."),
    def<rlock_at_fork>("_at_fork_reinit", "()", nullptr),
    {},
};

// --- local: a dict of its own in every thread, kept in the thread's dict under the object's key ---

struct LocalObject {
    PyObject ob_base;
    Value args, kwargs, key;  // constructor arguments; key: str
    Value dicts;  // by thread id; each thread's dict has a weak reference to this object under `key`
};
LocalObject* as_local(Value v) { return v.as<LocalObject>(); }

Ref add_local_dict(Thread& t, Value self) {
    Ref d = TRY(dict_new(t)), all = TRY(thread_dict(t)), weak = TRY(weakref_new(t, self, {}));
    TRY(dict_set(t, all, as_local(self)->key, weak));
    Ref id = TRY(int_from_u64(t, t.c.id));
    TRY(dict_set(t, as_local(self)->dicts, id, d));
    return d;
}

Ref local_tp_new(Thread& t, PyTypeObject* type, const Value* args, size_t n, Value kwnames) {
    int64_t k = kwnames ? tuple_size(kwnames) : 0;
    if ((n || k) && ext(type)->slots.init == ext(&PyBaseObject_Type)->slots.init)
        return raise(t, PyExc_TypeError, "Initialization arguments are not supported");
    Ref self = TRY(alloc(t, type));
    auto* l = as_local(self);
    l->args = TRY(tuple_from(t, args, static_cast<int64_t>(n))).release();
    Ref kwargs = TRY(dict_new(t));
    for (int64_t i = 0; i < k; i++) TRY(dict_set(t, kwargs, tuple_get(kwnames, i), args[n + i]));
    l->kwargs = kwargs.release();
    l->key = TRY(str_format(t, "_thread._local.%p", self.get().ptr())).release();
    l->dicts = TRY(dict_new(t)).release();
    // The creating thread has its dict at once: __init__ is run by the normal construction.
    TRY_DISCARD(add_local_dict(t, self));
    return self;
}

// This thread's dict; made, and __init__ run again, at the thread's first access.
Ref local_dict(Thread& t, Value self) {
    auto* l = as_local(self);
    Ref id = TRY(int_from_u64(t, t.c.id));
    Ref d = TRY(dict_get(t, l->dicts, id));
    if (d) return d;
    d = TRY(add_local_dict(t, self));
    InitFn init = ext(type_of(self))->slots.init;
    if (init == ext(&PyBaseObject_Type)->slots.init) return d;
    Ref fn = get_attr(t, self, ID(__init__));
    Ref r = fn ? call_with(t, fn, l->args, l->kwargs) : Ref();
    if (!r) {
        SavedError saved(t);
        if (!dict_delete(t, l->dicts, id)) clear_error(t);
        return {};
    }
    return d;
}

Ref local_getattr(Thread& t, Value self, Value name) {
    Ref d = TRY(local_dict(t, self));
    if (is_str(name) && str_equal(name, "__dict__")) return d;
    // As object.__getattribute__ with `d` for the instance dict.
    Value descr = type_lookup(type_of(self), name);
    Ref keep = descr ? Ref::share(descr) : Ref();
    DescrGetFn get = descr ? ext(type_of(descr))->slots.descr_get : nullptr;
    if (get && ext(type_of(descr))->slots.descr_set) return get(t, descr, self, Value(type_of(self)));
    Ref v = TRY(dict_get(t, d, name));
    if (v) return v;
    if (get) return get(t, descr, self, Value(type_of(self)));
    if (keep) return keep;
    raise(t, PyExc_AttributeError, "'%T' object has no attribute '%U'", self, name);
    return {};
}
Status local_setattr(Thread& t, Value self, Value name, Value v) {
    Ref d = TRY(local_dict(t, self));
    bool is_dict_name = TRY(equal(t, name, ID(__dict__)));
    if (is_dict_name)
        return raise(t, PyExc_AttributeError, "'%T' object attribute '%U' is read-only", self, name);
    Value descr = type_lookup(type_of(self), name);
    if (descr && ext(type_of(descr))->slots.descr_set) {
        Ref keep = Ref::share(descr);
        return ext(type_of(descr))->slots.descr_set(t, descr, self, v);
    }
    if (v) return dict_set(t, d, name, v);
    bool found = TRY(dict_delete(t, d, name));
    if (found) return Status::ok();
    return raise(t, PyExc_AttributeError, "'%T' object has no attribute '%U'", self, name);
}
void local_dealloc(Thread& t, PyObject* o) {
    gc_untrack(t, o);
    weakrefs_clear(t, o);
    auto* l = reinterpret_cast<LocalObject*>(o);
    if (l->key) forget_thread_local(t, l->key);
    xdecref(l->args);
    xdecref(l->kwargs);
    xdecref(l->key);
    xdecref(l->dicts);
    free_object(t, o);
}
void local_clear(Thread&, PyObject* o) {
    auto* l = reinterpret_cast<LocalObject*>(o);
    Ref dicts = Ref::share(l->dicts);
    dict_clear(current_thread(), dicts);
}
void local_traverse(PyObject* o, Visitor& v) {
    auto* l = reinterpret_cast<LocalObject*>(o);
    v.visit(l->args);
    v.visit(l->kwargs);
    v.visit(l->dicts);
}

}  // namespace

void drop_thread_locals(Thread& t, Thread& gone) {
    if (!gone.c.dict) return;
    Ref values = dict_values_list(t, Value(gone.c.dict)), id = int_from_u64(t, gone.c.id);
    for (int64_t i = 0; values && id && i < list_size(values); i++) {
        Value weak = list_get(values, i);
        if (!has_type(weak, &_PyWeakref_RefType)) continue;
        Ref local = Ref::share(weakref_get(weak));
        if (!is_instance_exact_or_sub(local, &local_type)) continue;
        if (!dict_delete(t, as_local(local)->dicts, id)) clear_error(t);
    }
    clear_error(t);
}

Ref lock_new(Thread& t) {
    Ref r = TRY(alloc(t, &lock_type));
    new (&as_lock(r)->lock) OsLock;
    return r;
}

Status add_thread_locks(Thread& t, Value module) {
    static const TypeDecl lock_decl = {
        .name = "_thread.lock",
        .basicsize = sizeof(LockObject),
        .flags = kTpDefault | kTpImmutableType | kTpManagedWeakref,
        .slots = {.dealloc = lock_dealloc, .repr = lock_repr, .new_ = lock_tp_new},
        .spec = {.methods = lock_methods,
                 .doc = "A lock that one thread can have at a time.",
                 .text_signature = "()"},
    };
    TRY(add_static_type(t, module, lock_type, lock_decl));
    TRY(module_add(t, module, "LockType", Ref::share(Value(&lock_type))));
    static const TypeDecl rlock_decl = {
        .name = "_thread.RLock",
        .basicsize = sizeof(RLockObject),
        .flags = kTpDefault | kTpBaseType | kTpManagedWeakref,
        .slots = {.dealloc = rlock_dealloc, .repr = rlock_repr, .new_ = rlock_tp_new},
        .spec = {.methods = rlock_methods},
    };
    TRY(add_static_type(t, module, rlock_type, rlock_decl));
    static const TypeDecl local_decl = {
        .name = "_thread._local",
        .basicsize = sizeof(LocalObject),
        .flags = kTpDefault | kTpBaseType | kTpHaveGC | kTpManagedWeakref,
        .slots = {.dealloc = local_dealloc,
                  .traverse = local_traverse,
                  .clear = local_clear,
                  .getattr = local_getattr,
                  .setattr = local_setattr,
                  .new_ = local_tp_new},
        .spec = {.doc = "Attributes that every thread has for itself.", .text_signature = "()"},
    };
    return add_static_type(t, module, local_type, local_decl);
}

}  // namespace krait
