// Time limits of sockets, and system calls that keep to them.
#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>

#include <climits>
#include <ctime>

#include "modules/socket/socket.h"
#include "runtime/timestamp.h"

namespace krait::sock {

Result<int64_t> timeout_arg(Thread& t, Value v) {
    if (is_none(v)) return int64_t{-1};
    int64_t ns = TRY(ns_from_number(t, v, kTimeoutRounding));
    if (ns < 0) return raise(t, PyExc_ValueError, "Timeout value out of range");
    return ns;
}

Status set_blocking(Thread& t, SocketObject* s, bool block) {
    int rc, error, off = !block;
    {
        AllowThreads allow(t);
        rc = ioctl(s->fd, FIONBIO, &off);
        error = errno;
    }
    if (rc < 0) return raise_errno(t, error);
    return Status::ok();
}

Status init_socket(Thread& t, SocketObject* s, int fd, int family, int type, int proto) {
    s->fd = fd;
    s->family = family;
    s->type = type & ~(SOCK_NONBLOCK | SOCK_CLOEXEC);
    s->proto = proto;
    if (type & SOCK_NONBLOCK) {
        s->timeout = 0;
        return Status::ok();
    }
    s->timeout = default_timeout();
    return s->timeout >= 0 ? set_blocking(t, s, false) : Status::ok();
}

namespace {

enum class Wait { Ready, TimedOut, Failed };
// Until the socket can be read or written, at most `ns` (negative: for ever).
Wait wait_ready(Thread& t, SocketObject* s, bool writing, bool connecting, int64_t ns, int& error) {
    if (s->fd < 0) return Wait::Ready;
    pollfd p{s->fd, static_cast<short>((writing ? POLLOUT : POLLIN) | (connecting ? POLLERR : 0)), 0};
    int64_t ms = ns < 0 ? -1 : ns / 1000000 + (ns % 1000000 != 0);
    if (ms > INT_MAX) ms = INT_MAX;
    int n;
    {
        AllowThreads allow(t);
        n = poll(&p, 1, static_cast<int>(ms));
        error = errno;
    }
    return n < 0 ? Wait::Failed : n ? Wait::Ready : Wait::TimedOut;
}

}  // namespace

Status run_call(Thread& t, SocketObject* s, const SocketCall& c, int64_t timeout, int* error_out) {
    bool limited = timeout > 0;
    int64_t deadline = 0;
    if (limited && __builtin_add_overflow(monotonic_ns(), timeout, &deadline)) deadline = INT64_MAX;
    bool first = true;
    auto fail = [&](int error) -> Status {
        if (!error_out) return raise_errno(t, error);
        *error_out = error;
        return {};
    };
    auto signals = [&]() -> Status {
        if (handle_pending(t)) return Status::ok();
        if (error_out) *error_out = -1;
        return {};
    };
    for (;;) {
        // A connection goes on by itself: also a blocking socket waits for its end.
        if (limited || c.connecting) {
            int64_t left = limited ? (first ? timeout : deadline - monotonic_ns()) : timeout;
            first = false;
            int error = 0;
            Wait w =
                limited && left < 0 ? Wait::TimedOut : wait_ready(t, s, c.writing, c.connecting, left, error);
            if (w == Wait::Failed) {
                if (error != EINTR) return fail(error);
                TRY(signals());
                continue;
            }
            if (w == Wait::TimedOut) {
                if (!error_out) return raise(t, PyExc_TimeoutError, "timed out");
                *error_out = EWOULDBLOCK;
                return {};
            }
        }
        int error;
        for (;;) {
            bool done;
            {
                AllowThreads allow(t);
                done = c.fn(s, c.data);
                error = errno;
            }
            if (done) return Status::ok();
            if (error != EINTR) break;
            TRY(signals());
        }
        // It looked ready and was not, for instance when the kernel threw a damaged packet away.
        if (s->timeout > 0 && error == EWOULDBLOCK) continue;
        return fail(error);
    }
}

}  // namespace krait::sock
