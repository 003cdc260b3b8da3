// The module select.
#include <limits.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <time.h>

#include <vector>

#include "modules/posix/posix.h"
#include "object/per_interpreter.h"
#include "runtime/timestamp.h"

namespace krait {

namespace {

using namespace posix;

// A number of `unit` nanoseconds; `message` where it is none.
Result<int64_t> timeout_ns(Thread& t, Value v, int64_t unit, const char* message) {
    if (!is_double(v) && !is_index(v)) return raise(t, PyExc_TypeError, "%s", message);
    return ns_from_number(t, v, kTimeoutRounding, unit);
}

// A wait in milliseconds that goes on after signals. -1: for ever.
struct Deadline {
    int64_t at = -1;
    int ms = -1;
    Status set(Thread& t, Value v, const char* message) {
        if (!given(v)) return Status::ok();
        int64_t ns = TRY(timeout_ns(t, v, kNsPerMillisecond, message));
        return set_ns(t, ns);
    }
    Status set_ns(Thread& t, int64_t ns) {
        if (ns < 0) return Status::ok();
        int64_t wanted = divided(ns, kNsPerMillisecond, Rounding::Ceiling);
        if (wanted > INT_MAX) return raise(t, PyExc_OverflowError, "timeout is too large");
        ms = static_cast<int>(wanted);
        at = monotonic_ns_after(ns);
        return Status::ok();
    }
    // After a signal. False: the time is over.
    bool again() {
        if (at < 0) return true;
        int64_t left = at - monotonic_ns();
        if (left < 0) return false;
        ms = static_cast<int>(divided(left, kNsPerMillisecond, Rounding::Ceiling));
        return true;
    }
};

// --- select ---

struct Watched {
    Ref objects;  // list
    std::vector<int> fds;
    int most = -1;
    fd_set set;
};
Status watch(Thread& t, Value sequence, Watched& w) {
    FD_ZERO(&w.set);
    Ref items = TRY(sequence_fast(t, sequence, "arguments 1-3 must be sequences"));
    w.objects = TRY(list_new(t));
    bool list = is_list(items);  // which a fileno() may change meanwhile
    for (int64_t i = 0; i < (list ? list_size(items) : tuple_size(items)); i++) {
        TRY(list_append(t, w.objects, list ? list_get(items, i) : tuple_get(items, i)));
        int fd = TRY(fildes(t, list_get(w.objects, i)));
        if (fd >= FD_SETSIZE) return raise(t, PyExc_ValueError, "filedescriptor out of range in select()");
        if (w.fds.size() >= FD_SETSIZE)
            return raise(t, PyExc_ValueError, "too many file descriptors in select()");
        FD_SET(fd, &w.set);
        w.fds.push_back(fd);
        if (fd > w.most) w.most = fd;
    }
    return Status::ok();
}
Ref ready(Thread& t, const Watched& w) {
    Ref out = TRY(list_new(t));
    for (size_t i = 0; i < w.fds.size(); i++)
        if (FD_ISSET(w.fds[i], &w.set))
            TRY(list_append(t, out, list_get(w.objects, static_cast<int64_t>(i))));
    return out;
}

Ref select_fn(Thread& t, Value, const Value* args, size_t nargs) {
    int64_t ns = -1, until = 0;
    bool timed = nargs > 3 && !is_none(args[3]);
    if (timed) {
        ns = TRY(timeout_ns(t, args[3], kNsPerSecond, "timeout must be a float or None"));
        if (ns < 0) return raise(t, PyExc_ValueError, "timeout must be non-negative");
    }
    Watched w[3];
    int most = -1;
    for (int i = 0; i < 3; i++) {
        TRY(watch(t, args[i], w[i]));
        if (w[i].most > most) most = w[i].most;
    }
    if (timed && __builtin_add_overflow(monotonic_ns(), ns, &until)) until = INT64_MAX;
    fd_set wanted[3] = {w[0].set, w[1].set, w[2].set};
    for (;;) {
        timeval tv{};
        if (timed) {
            int64_t us = ns / 1000 + (ns % 1000 != 0);
            tv = {us / 1000000, us % 1000000};
        }
        CallResult r = unlocked(
            t, [&] { return select(most + 1, &w[0].set, &w[1].set, &w[2].set, timed ? &tv : nullptr); });
        if (!r.failed()) break;
        if (r.error != EINTR) return raise_errno(t, r.error);
        TRY(handle_pending(t));
        for (int i = 0; i < 3; i++) w[i].set = wanted[i];
        if (!timed) continue;
        ns = until - monotonic_ns();
        if (ns < 0) {
            for (auto& x : w) FD_ZERO(&x.set);
            break;
        }
    }
    Ref a = TRY(ready(t, w[0])), b = TRY(ready(t, w[1])), c = TRY(ready(t, w[2]));
    return tuple_of(t, {a, b, c});
}

// --- poll ---

PER_INTERPRETER_REFS PyTypeObject *g_poll, *g_epoll;

struct Poll {
    PyObject ob_base;
    Value fds;  // dict: descriptor → events
    bool running;
};
Poll* as_poll(Value v) { return v.as<Poll>(); }

Result<int> events_arg(Thread& t, Value v) {
    Ref n = TRY(index(t, v));
    if (int_sign(n) < 0) return raise(t, PyExc_ValueError, "Cannot convert negative int");
    uint64_t x;
    if (!int_to_u64(n, &x) || x > USHRT_MAX)
        return raise(t, PyExc_OverflowError, "Python int too large for C unsigned short");
    return static_cast<int>(x);
}
constexpr int kPollDefault = POLLIN | POLLPRI | POLLOUT;

Ref poll_register(Thread& t, Value self, const Value* args, size_t nargs) {
    int fd = TRY(fildes(t, args[0]));
    int events = nargs > 1 ? TRY(events_arg(t, args[1])) : kPollDefault;
    TRY(dict_set(t, as_poll(self)->fds, Value::from_int(fd), Value::from_int(events)));
    return none_ref();
}
Ref poll_modify(Thread& t, Value self, const Value* args, size_t) {
    int fd = TRY(fildes(t, args[0])), events = TRY(events_arg(t, args[1]));
    Value key = Value::from_int(fd);
    if (!TRY(dict_contains(t, as_poll(self)->fds, key))) return raise_errno(t, ENOENT);
    TRY(dict_set(t, as_poll(self)->fds, key, Value::from_int(events)));
    return none_ref();
}
Ref poll_unregister(Thread& t, Value self, Value arg) {
    int fd = TRY(fildes(t, arg));
    if (!TRY(dict_delete(t, as_poll(self)->fds, Value::from_int(fd))))
        return raise_key_error(t, Value::from_int(fd));
    return none_ref();
}
Ref poll_poll(Thread& t, Value self, const Value* args, size_t nargs) {
    Deadline d;
    TRY(d.set(t, nargs ? args[0] : Value(), "timeout must be an integer or None"));
    Poll* p = as_poll(self);
    if (p->running) return raise(t, PyExc_RuntimeError, "concurrent poll() invocation");
    std::vector<pollfd> fds;
    int64_t pos = 0;
    Value key, events;
    while (dict_next(p->fds, pos, key, events))
        fds.push_back({static_cast<int>(key.as_int()), static_cast<short>(events.as_int()), 0});
    p->running = true;
    Status ok = Status::ok();
    int64_t n = 0;
    for (;;) {
        CallResult r = unlocked(t, [&] { return poll(fds.data(), fds.size(), d.ms); });
        n = r.value;
        if (!r.failed()) break;
        if (r.error != EINTR) {
            ok = raise_errno(t, r.error);
            break;
        }
        ok = handle_pending(t);
        if (!ok) break;
        if (!d.again()) {
            n = 0;
            break;
        }
    }
    p->running = false;
    if (!ok) return {};
    Ref out = TRY(list_new(t));
    if (n == 0) return out;
    for (const pollfd& f : fds)
        if (f.revents) TRY(list_append_owned(t, out, pair(t, f.fd, static_cast<unsigned short>(f.revents))));
    return out;
}
Ref poll_new(Thread& t, Value) {
    Ref fds = TRY(dict_new(t));
    Ref r = TRY(alloc(t, g_poll));
    as_poll(r)->fds = fds.release();
    return r;
}
void poll_dealloc(Thread& t, PyObject* o) {
    xdecref(as_poll(Value(o))->fds);
    free_object(t, o);
}
const NativeDef poll_methods[] = {
    def<poll_register>("register",
                       "(fd,\n         eventmask=select.POLLIN | select.POLLPRI | select.POLLOUT, /)",
                       "Watches a descriptor."),
    def<poll_modify>("modify", "(fd, eventmask, /)", "Changes what is watched of a descriptor."),
    def<poll_unregister>("unregister", "(fd, /)", "Watches a descriptor no longer."),
    def<poll_poll>("poll", "(timeout=None, /)",
                   "Waits; the list of (descriptor, events). Timeout in milliseconds."),
    {}};
const TypeDecl poll_decl{.name = "select.poll",
                         .basicsize = sizeof(Poll),
                         .flags = kTpDefault | kTpDisallowInstantiation,
                         .slots = {.dealloc = poll_dealloc},
                         .spec = {.methods = poll_methods}};

// --- epoll ---

struct Epoll {
    PyObject ob_base;
    int fd;  // -1: closed
};
Epoll* as_epoll(Value v) { return v.as<Epoll>(); }

Status need_open(Thread& t, Value self) {
    if (as_epoll(self)->fd < 0) return raise(t, PyExc_ValueError, "I/O operation on closed epoll object");
    return Status::ok();
}
Ref make_epoll(Thread& t, PyTypeObject* type, int fd) {
    Ref r = alloc(t, type);
    if (!r) {
        close(fd);
        return {};
    }
    as_epoll(r)->fd = fd;
    return r;
}
Ref epoll_new(Thread& t, PyTypeObject* type, const Value* args, size_t nargs, Value kwnames) {
    Value a[2];
    Ref keep;
    TRY(bind_args(t, "epoll", "(sizehint=-1, flags=0)", args, nargs, kwnames, a, keep));
    int size = a[0] ? TRY(as_int32(t, a[0])) : -1, flags = a[1] ? TRY(as_int32(t, a[1])) : 0;
    if (size == -1)
        size = FD_SETSIZE - 1;
    else if (size <= 0)
        return raise(t, PyExc_ValueError, "negative sizehint");
    if (flags && flags != EPOLL_CLOEXEC) return raise(t, PyExc_OSError, "invalid flags");
    int fd = static_cast<int>(TRY(sys(t, [&] { return epoll_create1(flags | EPOLL_CLOEXEC); })));
    return make_epoll(t, type, fd);
}
Ref epoll_fromfd(Thread& t, Value cls, Value arg) {
    int fd = TRY(as_int32(t, arg));
    Ref r = TRY(alloc(t, cls.as<PyTypeObject>()));
    as_epoll(r)->fd = fd;
    return r;
}
Ref epoll_close(Thread& t, Value self) {
    int fd = as_epoll(self)->fd;
    as_epoll(self)->fd = -1;
    if (fd < 0) return none_ref();
    return sys_none(t, [&] { return close(fd); });
}
Ref epoll_fileno(Thread& t, Value self) {
    TRY(need_open(t, self));
    return Ref::from_int(as_epoll(self)->fd);
}
Ref epoll_closed(Thread&, Value self, void*) { return bool_ref(as_epoll(self)->fd < 0); }
Ref epoll_enter(Thread& t, Value self) {
    TRY(need_open(t, self));
    return Ref::share(self);
}
Ref epoll_exit(Thread& t, Value self, const Value*, size_t) { return call_method(t, self, ID(close)); }

Ref control(Thread& t, Value self, int operation, Value fd_value, uint32_t events) {
    int fd = TRY(fildes(t, fd_value));
    TRY(need_open(t, self));
    epoll_event e{};
    e.data.fd = fd;
    e.events = events;
    int ep = as_epoll(self)->fd;
    return sys_none(t,
                    [&] { return epoll_ctl(ep, operation, fd, operation == EPOLL_CTL_DEL ? nullptr : &e); });
}
Result<uint32_t> mask_arg(Thread& t, Value v) {
    Ref n = TRY(index(t, v));
    return static_cast<uint32_t>(int_to_u64_wrapping(n));
}
Ref epoll_register(Thread& t, Value self, const Value* a) {
    uint32_t events = a[1] ? TRY(mask_arg(t, a[1])) : EPOLLIN | EPOLLPRI | EPOLLOUT;
    return control(t, self, EPOLL_CTL_ADD, a[0], events);
}
Ref epoll_modify(Thread& t, Value self, const Value* a) {
    uint32_t events = TRY(mask_arg(t, a[1]));
    return control(t, self, EPOLL_CTL_MOD, a[0], events);
}
Ref epoll_unregister(Thread& t, Value self, const Value* a) {
    return control(t, self, EPOLL_CTL_DEL, a[0], 0);
}

Ref epoll_poll(Thread& t, Value self, const Value* a) {
    int most = a[1] ? TRY(as_int32(t, a[1])) : -1;
    TRY(need_open(t, self));
    Deadline d;
    if (given(a[0])) {
        int64_t ns = TRY(timeout_ns(t, a[0], kNsPerSecond, "timeout must be an integer or None"));
        TRY(d.set_ns(t, ns));
    }
    if (most == -1) {
        most = FD_SETSIZE - 1;
    } else if (most < 1) {
        return raise(t, PyExc_ValueError, "maxevents must be greater than 0, got %d", most);
    }
    if (most > (1 << 20)) most = 1 << 20;
    auto* events = static_cast<epoll_event*>(mem_alloc(sizeof(epoll_event) * static_cast<size_t>(most)));
    if (!events) return raise_no_memory(t);
    struct Free {
        void* p;
        ~Free() { mem_free(p); }
    } keep{events};
    int64_t n = 0;
    for (;;) {
        int ep = as_epoll(self)->fd;
        CallResult r = unlocked(t, [&] { return epoll_wait(ep, events, most, d.ms); });
        n = r.value;
        if (!r.failed()) break;
        if (r.error != EINTR) return raise_errno(t, r.error);
        TRY(handle_pending(t));
        if (!d.again()) {
            n = 0;
            break;
        }
    }
    Ref out = TRY(list_with_capacity(t, n));
    for (int64_t i = 0; i < n; i++)
        TRY(list_append_owned(t, out, pair(t, events[i].data.fd, events[i].events)));
    return out;
}
void epoll_dealloc(Thread& t, PyObject* o) {
    int fd = as_epoll(Value(o))->fd;
    if (fd >= 0) close(fd);
    free_object(t, o);
}
const NativeDef epoll_methods[] = {
    def<epoll_fromfd>("fromfd", "(fd, /)", "An epoll object of a descriptor.", kMethClass),
    def<epoll_close>("close", "()", "Closes the descriptor."),
    def<epoll_fileno>("fileno", "()", "The descriptor."),
    def<epoll_modify>("modify", "(fd, eventmask)", "Changes what is watched of a descriptor."),
    def<epoll_register>("register",
                        "(fd,\n         eventmask=select.EPOLLIN | select.EPOLLPRI | select.EPOLLOUT)",
                        "Watches a descriptor."),
    def<epoll_unregister>("unregister", "(fd)", "Watches a descriptor no longer."),
    def<epoll_poll>("poll", "(timeout=None, maxevents=-1)",
                    "Waits; the list of (descriptor, events). Timeout in seconds."),
    def<epoll_enter>("__enter__", "()", nullptr),
    def<epoll_exit>("__exit__", "(exc_type=None, exc_value=None, exc_tb=None, /)", nullptr),
    {}};
const GetSetDef epoll_getset[] = {getset("closed", epoll_closed, nullptr, "Whether the object is closed."),
                                  {}};
const TypeDecl epoll_decl{
    .name = "select.epoll",
    .basicsize = sizeof(Epoll),
    .flags = kTpDefault,
    .slots = {.dealloc = epoll_dealloc, .getattr = generic_get_attr, .new_ = epoll_new},
    .spec = {.methods = epoll_methods, .getset = epoll_getset, .doc = "Descriptors watched by the kernel."}};

const NativeDef functions[] = {
    def<select_fn>(
        "select", "(rlist, wlist, xlist, timeout=None, /)",
        "Waits until descriptors are ready: the three lists of those that are. Timeout in seconds."),
    def<poll_new>("poll", "()", "An object that watches descriptors."),
    {}};

Status exec(Thread& t, Value module) {
    static const struct {
        const char* name;
        int64_t value;
    } constants[] = {
#define SELECT(name) {#name, static_cast<uint32_t>(name)},
#include "modules/system_constants.def"
    };
    for (auto& c : constants) TRY(module_add_int(t, module, c.name, c.value));
    TRY(module_add(t, module, "error", Ref::share(Value(PyExc_OSError))));
    if (!g_poll) {
        g_poll = TRY(new_native_heap_type(t, module, poll_decl, {})).release().as<PyTypeObject>();
        g_epoll = TRY(new_native_heap_type(t, module, epoll_decl, {})).release().as<PyTypeObject>();
    }
    return module_add(t, module, "epoll", Ref::share(Value(g_epoll)));
}

}  // namespace

extern const ModuleSpec module_select;
const ModuleSpec module_select{
    .name = "select", .doc = "Waiting for descriptors.", .functions = functions, .exec = exec};

}  // namespace krait
