// The module _multiprocessing: SemLock, a lock or semaphore between processes.
#include <fcntl.h>
#include <semaphore.h>

#include <climits>
#include <ctime>

#include "modules/args.h"
#include "modules/posix/posix.h"
#include "object/per_interpreter.h"

namespace krait {
namespace {

PER_INTERPRETER_REFS PyTypeObject* g_semlock;
enum Kind { kRecursive = 0, kSemaphore = 1 };

struct SemLock {
    PyObject ob_base;
    sem_t* handle;
    uint64_t owner;  // the thread that took it last
    int count, maxvalue, kind;
    char* name;  // null: none
};
SemLock* as_semlock(Value v) { return v.as<SemLock>(); }
bool is_mine(Thread& t, const SemLock* s) { return s->count > 0 && s->owner == t.c.thread_id; }

Ref make(Thread& t, PyTypeObject* type, sem_t* handle, int kind, int maxvalue, const char* name) {
    Ref self = alloc(t, type);
    if (!self) {
        sem_close(handle);
        return {};
    }
    SemLock* s = as_semlock(self);
    s->handle = handle;
    s->kind = kind;
    s->maxvalue = maxvalue;
    if (name) {
        s->name = static_cast<char*>(mem_alloc(strlen(name) + 1));
        if (!s->name) return raise_no_memory(t);
        strcpy(s->name, name);
    }
    return self;
}
Status text_arg(Thread& t, const char* function, const char* which, Value v, const char*& out) {
    if (!is_str(v))
        return raise(t, PyExc_TypeError, "%s() argument%s must be str, not %.50s", function, which,
                     is_none(v) ? "None" : type_of(v)->tp_name);
    return parse_args(t, "s", &v, 1, &out);
}
Ref semlock_new(Thread& t, PyTypeObject* type, const Value* args, size_t nargs, Value kwnames) {
    Value a[5];
    Ref keep;
    TRY(bind_args(t, "SemLock", "(kind, value, maxvalue, name, unlink)", args, nargs, kwnames, a, keep));
    int kind, value, maxvalue;
    const char* name;
    TRY(parse_args(t, "iii", a, 3, &kind, &value, &maxvalue));
    TRY(text_arg(t, "SemLock", " 'name'", a[3], name));
    bool unlink = TRY(is_true(t, a[4]));
    if (kind != kRecursive && kind != kSemaphore) return raise(t, PyExc_ValueError, "unrecognized kind");
    sem_t* handle = sem_open(name, O_CREAT | O_EXCL, 0600, static_cast<unsigned>(value));
    if (handle == SEM_FAILED) return raise_errno(t, errno);
    if (unlink && sem_unlink(name) < 0) {
        int error = errno;
        sem_close(handle);
        return raise_errno(t, error);
    }
    return make(t, type, handle, kind, maxvalue, unlink ? nullptr : name);
}
Ref rebuild(Thread& t, Value cls, const Value* a, size_t) {
    uint64_t number;
    int kind, maxvalue;
    TRY(parse_args(t, "Kii", a, 3, &number, &kind, &maxvalue));
    auto* handle = reinterpret_cast<sem_t*>(number);
    const char* name = nullptr;
    if (!is_none(a[3])) {
        TRY(text_arg(t, "_rebuild", " 4", a[3], name));
        handle = sem_open(name, 0);
        if (handle == SEM_FAILED) return raise_errno(t, errno);
    }
    return make(t, cls.as<PyTypeObject>(), handle, kind, maxvalue, name);
}
void semlock_dealloc(Thread& t, PyObject* o) {
    gc_untrack(t, o);
    SemLock* s = as_semlock(Value(o));
    if (s->handle) sem_close(s->handle);
    mem_free(s->name);
    free_object(t, o);
}
void semlock_traverse(PyObject*, Visitor&) {}

// The moment on the system's clock when so many seconds are over.
Result<timespec> deadline(Thread& t, Value timeout) {
    double seconds = TRY(as_double(t, timeout));
    if (!(seconds > 0)) seconds = 0;
    if (seconds > 1e9) seconds = 1e9;
    timespec ts;
    clock_gettime(CLOCK_REALTIME, &ts);
    auto whole = static_cast<int64_t>(seconds);
    ts.tv_sec += whole;
    ts.tv_nsec += static_cast<int64_t>((seconds - static_cast<double>(whole)) * 1e9 + 0.5);
    if (ts.tv_nsec >= 1000000000) {
        ts.tv_sec++;
        ts.tv_nsec -= 1000000000;
    }
    return ts;
}
Ref take(Thread& t, SemLock* s, bool block, Value timeout) {
    if (s->kind == kRecursive && is_mine(t, s)) {
        s->count++;
        return bool_ref(true);
    }
    timespec until{};
    bool limited = posix::given(timeout);
    if (limited) until = TRY(deadline(t, timeout));
    int rc, error;
    do {
        rc = sem_trywait(s->handle);
        error = errno;
    } while (rc < 0 && error == EINTR);
    while (rc < 0 && block && (error == EAGAIN || error == EINTR)) {
        {
            AllowThreads allow(t);
            rc = limited ? sem_timedwait(s->handle, &until) : sem_wait(s->handle);
            error = errno;
        }
        if (rc < 0 && error == EINTR) TRY(handle_pending(t));
    }
    if (rc < 0) {
        if (error == EAGAIN || error == ETIMEDOUT) return bool_ref(false);
        return raise_errno(t, error);
    }
    s->count++;
    s->owner = t.c.thread_id;
    return bool_ref(true);
}
Ref acquire(Thread& t, Value self, const Value* a) {
    bool block = a[0] ? TRY(is_true(t, a[0])) : true;
    return take(t, as_semlock(self), block, a[1]);
}
Ref enter(Thread& t, Value self) { return take(t, as_semlock(self), true, {}); }
Ref release(Thread& t, Value self) {
    SemLock* s = as_semlock(self);
    if (s->kind == kRecursive) {
        if (!is_mine(t, s))
            return raise(t, PyExc_AssertionError, "attempt to release recursive lock not owned by thread");
        if (s->count > 1) {
            s->count--;
            return none_ref();
        }
    } else {
        int value;
        if (sem_getvalue(s->handle, &value) < 0) return raise_errno(t, errno);
        if (value >= s->maxvalue)
            return raise(t, PyExc_ValueError, "semaphore or lock released too many times");
    }
    if (sem_post(s->handle) < 0) return raise_errno(t, errno);
    s->count--;
    return none_ref();
}
Ref leave(Thread& t, Value self, const Value*, size_t) { return release(t, self); }
Ref count(Thread&, Value self) { return Ref::from_int(as_semlock(self)->count); }
Ref mine(Thread& t, Value self) { return bool_ref(is_mine(t, as_semlock(self))); }
Result<int> value_of(Thread& t, Value self) {
    int value;
    if (sem_getvalue(as_semlock(self)->handle, &value) < 0) return raise_errno(t, errno);
    return value < 0 ? 0 : value;
}
Ref get_value(Thread& t, Value self) { return Ref::from_int(TRY(value_of(t, self))); }
Ref is_zero(Thread& t, Value self) { return bool_ref(TRY(value_of(t, self)) == 0); }
Ref after_fork(Thread&, Value self) {
    as_semlock(self)->count = 0;
    return none_ref();
}

const NativeDef methods[] = {
    def<acquire>("acquire", "(block=True, timeout=None)", "Takes it; True if that worked."),
    def<release>("release", "()", "Lets it go."),
    def<count>("_count", "()", "How often this process took it and did not let it go."),
    def<mine>("_is_mine", "()", "Whether this thread has it."),
    def<get_value>("_get_value", "()", "The value of the semaphore."),
    def<is_zero>("_is_zero", "()", "Whether the value is zero."),
    def<rebuild>("_rebuild", "(handle, kind, maxvalue, name, /)", nullptr, kMethClass),
    def<after_fork>("_after_fork", "()", "In a new process: nothing is taken here."),
    def<enter>("__enter__", "()", "Takes it."),
    def<leave>("__exit__", "(exc_type=None, exc_value=None, exc_tb=None, /)", "Lets it go."),
    {}};
const MemberDef members[] = {
    member("handle", MemberKind::ULong, offsetof(SemLock, handle), kReadonly, nullptr),
    member("kind", MemberKind::Int, offsetof(SemLock, kind), kReadonly, nullptr),
    member("maxvalue", MemberKind::Int, offsetof(SemLock, maxvalue), kReadonly, nullptr),
    member("name", MemberKind::String, offsetof(SemLock, name), kReadonly, nullptr),
    {}};

Ref sem_unlink_(Thread& t, Value, Value v) {
    const char* name;
    TRY(text_arg(t, "sem_unlink", "", v, name));
    if (sem_unlink(name) < 0) return raise_errno(t, errno);
    return none_ref();
}
const NativeDef functions[] = {def<sem_unlink_>("sem_unlink", "(name, /)", nullptr), {}};

Status exec(Thread& t, Value module) {
    static const TypeDecl decl{
        .name = "_multiprocessing.SemLock",
        .basicsize = sizeof(SemLock),
        .flags = kTpDefault | kTpBaseType | kTpHaveGC | kTpImmutableType,
        .slots = {.dealloc = semlock_dealloc,
                  .traverse = semlock_traverse,
                  .getattr = generic_get_attr,
                  .setattr = generic_set_attr,
                  .new_ = semlock_new},
        .spec = {.methods = methods, .members = members, .doc = "A lock between processes."}};
    if (!g_semlock) {
        g_semlock = TRY(new_native_heap_type(t, module, decl, {})).release().as<PyTypeObject>();
        Ref most = TRY(int_from(t, SEM_VALUE_MAX));
        TRY(dict_set_str(t, Value(g_semlock->tp_dict), "SEM_VALUE_MAX", most));
    }
    TRY(module_add(t, module, "SemLock", Ref::share(Value(g_semlock))));
    Ref flags = TRY(dict_new(t));
    for (const char* name : {"HAVE_SEM_OPEN", "HAVE_SEM_TIMEDWAIT"})
        TRY(dict_set_str(t, flags, name, Value::from_int(1)));
    return module_add(t, module, "flags", std::move(flags));
}

}  // namespace

extern const ModuleSpec module__multiprocessing;
const ModuleSpec module__multiprocessing{
    .name = "_multiprocessing", .doc = nullptr, .functions = functions, .exec = exec};

}  // namespace krait
