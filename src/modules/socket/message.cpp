// Messages with ancillary data.
#include <sys/uio.h>

#include <climits>
#include <cstdio>
#include <new>

#include "gc/gc.h"
#include "modules/socket/socket.h"

namespace krait::sock {
namespace {

constexpr size_t kMostControl = INT_MAX;

// Memory of this call.
struct Block {
    void* p = nullptr;
    Block() = default;
    Block(const Block&) = delete;
    ~Block() { mem_free(p); }
    Status get(Thread& t, size_t n) {
        p = mem_alloc_zeroed(n ? n : 1);
        return p ? Status::ok() : Status(raise_no_memory(t));
    }
};

// The buffers of an iterable as an iovec array.
struct Vectors {
    Thread& t;
    iovec* iov = nullptr;
    Py_buffer* views = nullptr;
    int64_t n = 0;
    explicit Vectors(Thread& thread) : t(thread) {}
    Vectors(const Vectors&) = delete;
    ~Vectors() {
        for (int64_t i = 0; i < n; i++) release_buffer(t, &views[i]);
        mem_free(iov);
        mem_free(views);
    }
    Status fill(Value iterable, const char* function, bool writable) {
        Ref items = TRY(items_of(iterable, function));
        auto count = static_cast<size_t>(tuple_size(items));
        if (count > INT_MAX) return raise(t, PyExc_OSError, "%s() argument 1 is too long", function);
        iov = static_cast<iovec*>(mem_alloc_zeroed((count + 1) * sizeof(iovec)));
        views = static_cast<Py_buffer*>(mem_alloc_zeroed((count + 1) * sizeof(Py_buffer)));
        if (!iov || !views) return raise_no_memory(t);
        for (size_t i = 0; i < count; i++) {
            if (!get_buffer(t, tuple_get(items, static_cast<int64_t>(i)), &views[i],
                            writable ? kBufWritable : kBufSimple)) {
                if (!writable) return {};
                clear_error(t);
                return raise(t, PyExc_TypeError,
                             "recvmsg_into() argument 1 must be an iterable of single-segment read-write "
                             "buffers");
            }
            n++;
            iov[i] = {views[i].buf, static_cast<size_t>(views[i].len)};
        }
        return Status::ok();
    }
    // A tuple of its own: getting buffers may run code that changes a list.
    Ref items_of(Value iterable, const char* function) {
        char message[80];
        snprintf(message, sizeof message, "%s() argument 1 must be an iterable", function);
        Ref fast = TRY(sequence_fast(t, iterable, message));
        return to_tuple(t, fast);
    }
};

// How many bytes of data an item has in the buffer: -1 when it is no item, and `whole` says whether that is
// all.
int64_t data_length(const msghdr& m, const cmsghdr* c, bool& whole) {
    auto at = static_cast<size_t>(reinterpret_cast<const char*>(c) - static_cast<char*>(m.msg_control));
    whole = false;
    if (at + sizeof(cmsghdr) > m.msg_controllen || c->cmsg_len < CMSG_LEN(0)) return -1;
    size_t wanted = c->cmsg_len - CMSG_LEN(0), space = m.msg_controllen - at - CMSG_LEN(0);
    whole = space >= wanted;
    return static_cast<int64_t>(whole ? wanted : space);
}
cmsghdr* first_item(msghdr& m) { return m.msg_controllen > 0 ? CMSG_FIRSTHDR(&m) : nullptr; }

// Descriptors that came with a message nobody will get.
void close_received(msghdr& m) {
    for (cmsghdr* c = first_item(m); c; c = CMSG_NXTHDR(&m, c)) {
        bool whole;
        int64_t n = data_length(m, c, whole);
        if (n < 0) return;
        if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS) {
            for (size_t i = 0; i < static_cast<size_t>(n) / sizeof(int); i++) {
                int fd;
                memcpy(&fd, CMSG_DATA(c) + i * sizeof fd, sizeof fd);
                close(fd);
            }
        }
        if (!whole) return;
    }
}
Ref received_items(Thread& t, msghdr& m) {
    Ref out = TRY(list_new(t));
    for (cmsghdr* c = first_item(m); c; c = CMSG_NXTHDR(&m, c)) {
        bool whole;
        int64_t n = data_length(m, c, whole);
        if (!whole)
            TRY(warn(t, PyExc_RuntimeWarning, 1,
                     "received malformed or improperly-truncated ancillary data"));
        if (n < 0) break;
        Ref data = TRY(bytes_from(t, CMSG_DATA(c), static_cast<size_t>(n)));
        TRY(list_append_owned(
            t, out, tuple_of(t, {Value::from_int(c->cmsg_level), Value::from_int(c->cmsg_type), data})));
        if (!whole) break;
    }
    return out;
}

// What recvmsg() and recvmsg_into() share. `make` turns the number of bytes into the first part of the
// result.
template <class Make>
Ref receive(Thread& t, SocketObject* s, iovec* iov, int64_t n_iov, int64_t control_size, int flags,
            Make make) {
    socklen_t room = TRY(address_length(t, s));
    if (control_size < 0 || control_size > static_cast<int64_t>(kMostControl))
        return raise(t, PyExc_ValueError, "invalid ancillary data buffer length");
    Block control;
    if (control_size > 0) TRY(control.get(t, static_cast<size_t>(control_size)));
    Address a;
    memset(&a, 0, sizeof a);
    msghdr m{};
    int64_t n = TRY(socket_call(t, s, false, [&] {
        m = {&a, room, iov, static_cast<size_t>(n_iov), control.p, static_cast<size_t>(control_size), 0};
        return recvmsg(s->fd, &m, flags);
    }));
    auto result = [&]() -> Ref {
        Ref items = TRY(received_items(t, m)), first = TRY(make(n));
        Ref address = TRY(make_address(t, s->fd, a, m.msg_namelen > room ? room : m.msg_namelen, s->proto));
        return tuple_of(t, {first, items, Value::from_int(m.msg_flags), address});
    };
    Ref out = result();
    if (!out) {
        SavedError saved(t);
        close_received(m);
    }
    return out;
}

}  // namespace

Ref sock_recvmsg(Thread& t, Value self, const Value* args, size_t nargs, Value kwnames) {
    int64_t size, control = 0;
    int flags = 0;
    PARSE_RAW(t, "socket.recvmsg", "n|ni:recvmsg", args, nargs, kwnames, &size, &control, &flags);
    if (size < 0) return raise(t, PyExc_ValueError, "negative buffer size in recvmsg()");
    Ref data = TRY(bytes_new(t, size));
    iovec iov{bytes_data(data), static_cast<size_t>(size)};
    return receive(t, as_socket(self), &iov, 1, control, flags, [&](int64_t n) -> Ref {
        if (n < size) TRY(bytes_resize(t, data, n));
        return std::move(data);
    });
}
Ref sock_recvmsg_into(Thread& t, Value self, const Value* args, size_t nargs, Value kwnames) {
    Value buffers;
    int64_t control = 0;
    int flags = 0;
    PARSE_RAW(t, "socket.recvmsg_into", "O|ni:recvmsg_into", args, nargs, kwnames, &buffers, &control,
              &flags);
    Vectors v(t);
    TRY(v.fill(buffers, "recvmsg_into", true));
    return receive(t, as_socket(self), v.iov, v.n, control, flags,
                   [&](int64_t n) -> Ref { return int_from(t, n); });
}

namespace {

// The ancillary items of sendmsg().
struct Items {
    struct Item {
        int level, type;
        Buffer data;
    };
    Item* items = nullptr;
    size_t n = 0;
    Items() = default;
    Items(const Items&) = delete;
    ~Items() { delete[] items; }
};
Status item_arg(Thread& t, Value v, Items::Item& out) {
    constexpr const char* kName = "[sendmsg() ancillary data items]";
    if (!is_tuple(v))
        return raise(t, PyExc_TypeError, "%s() argument must be 3-item tuple, not %.50s", kName,
                     is_none(v) ? "None" : type_of(v)->tp_name);
    if (tuple_size(v) != 3)
        return raise(t, PyExc_TypeError, "%s() argument must be tuple of length 3, not %zd", kName,
                     tuple_size(v));
    return parse_args(t, "iiy", tuple_items(v), 3, &out.level, &out.type, &out.data);
}
Status read_items(Thread& t, Value v, Items& out, size_t& total) {
    total = 0;
    Ref fast = TRY(sequence_fast(t, v, "sendmsg() argument 2 must be an iterable"));
    Ref all = TRY(to_tuple(t, fast));
    auto count = static_cast<size_t>(tuple_size(all));
    if (!count) return Status::ok();
    out.items = new (std::nothrow) Items::Item[count];
    if (!out.items) return raise_no_memory(t);
    for (; out.n < count; out.n++) {
        TRY(item_arg(t, tuple_get(all, static_cast<int64_t>(out.n)), out.items[out.n]));
        auto size = static_cast<size_t>(out.items[out.n].data.size());
        if (size > kMostControl - CMSG_SPACE(1))
            return raise(t, PyExc_OSError, "ancillary data item too large");
        total += CMSG_SPACE(size);
        if (total > kMostControl) return raise(t, PyExc_OSError, "too much ancillary data");
    }
    return Status::ok();
}
void put_items(const Items& items, msghdr& m) {
    cmsghdr* c = CMSG_FIRSTHDR(&m);
    for (size_t i = 0; i < items.n && c; i++, c = CMSG_NXTHDR(&m, c)) {
        const Items::Item& x = items.items[i];
        c->cmsg_len = CMSG_LEN(static_cast<size_t>(x.data.size()));
        c->cmsg_level = x.level;
        c->cmsg_type = x.type;
        if (x.data.size()) memcpy(CMSG_DATA(c), x.data.data(), static_cast<size_t>(x.data.size()));
    }
}

}  // namespace

Ref sock_sendmsg(Thread& t, Value self, const Value* args, size_t nargs, Value kwnames) {
    Value buffers, control, destination;
    int flags = 0;
    PARSE_RAW(t, "socket.sendmsg", "O|OiO:sendmsg", args, nargs, kwnames, &buffers, &control, &flags,
              &destination);
    SocketObject* s = as_socket(self);
    msghdr m{};
    Address a;
    bool to_somebody = destination && !is_none(destination);
    if (to_somebody) {
        TRY(parse_address(t, s, destination, "sendmsg", a, m.msg_namelen));
        m.msg_name = &a;
    }
    TRY(audit(t, "socket.sendmsg", {self, to_somebody ? destination : none()}));
    Vectors v(t);
    TRY(v.fill(buffers, "sendmsg", false));
    m.msg_iov = v.iov;
    m.msg_iovlen = static_cast<size_t>(v.n);
    Items items;
    Block block;
    size_t total = 0;
    if (control) TRY(read_items(t, control, items, total));
    if (items.n) {
        TRY(block.get(t, total));
        m.msg_control = block.p;
        m.msg_controllen = total;
        put_items(items, m);
    }
    return int_from(t, TRY(socket_call(t, s, true, [&] { return sendmsg(s->fd, &m, flags); })));
}

namespace {
Result<int> exact_int(Thread& t, Value v, int place) {
    if (!is_long(v))
        return raise(t, PyExc_TypeError, "sendmsg_afalg() argument %d must be int, not %.50s", place,
                     type_of(v)->tp_name);
    int n;
    TRY(parse_args(t, "i", &v, 1, &n));
    return n;
}
// Puts an item of ALG_SET_* there; hands back where its data goes.
unsigned char* alg_item(cmsghdr* c, int type, size_t length) {
    c->cmsg_level = SOL_ALG;
    c->cmsg_type = type;
    c->cmsg_len = length;
    return CMSG_DATA(c);
}
}  // namespace

Ref sock_sendmsg_afalg(Thread& t, Value self, const Value* p) {
    SocketObject* s = as_socket(self);
    if (s->family != AF_ALG) return raise(t, PyExc_OSError, "algset is only supported for AF_ALG");
    int op = -1, assoc = -1, flags = 0;
    Buffer iv;
    if (p[1]) {
        auto n = exact_int(t, p[1], 2);
        if (!n && !is_long(p[1])) return {};
        if (!n) clear_error(t);
        op = n ? n.value() : -1;
    }
    if (p[2]) TRY(iv.acquire(t, p[2]));
    if (p[3] && !is_long(p[3])) TRY_DISCARD(exact_int(t, p[3], 4));
    if (p[4]) TRY(parse_args(t, "i", &p[4], 1, &flags));
    if (op < 0) return raise(t, PyExc_TypeError, "Invalid or missing argument 'op'");
    if (p[3]) {
        assoc = TRY(exact_int(t, p[3], 4));
        if (assoc < 0) return raise(t, PyExc_TypeError, "assoclen must be positive");
    }
    size_t iv_size = p[2] ? sizeof(af_alg_iv) + static_cast<size_t>(iv.size()) : 0;
    size_t total = CMSG_SPACE(4) + (p[2] ? CMSG_SPACE(iv_size) : 0) + (assoc >= 0 ? CMSG_SPACE(4) : 0);
    Block block;
    TRY(block.get(t, total));
    Vectors v(t);
    if (p[0]) TRY(v.fill(p[0], "sendmsg", false));
    msghdr m{};
    m.msg_iov = v.iov;
    m.msg_iovlen = static_cast<size_t>(v.n);
    m.msg_control = block.p;
    m.msg_controllen = total;
    cmsghdr* c = CMSG_FIRSTHDR(&m);
    memcpy(alg_item(c, ALG_SET_OP, CMSG_LEN(4)), &op, 4);
    if (p[2] && (c = CMSG_NXTHDR(&m, c))) {
        unsigned char* data = alg_item(c, ALG_SET_IV, CMSG_SPACE(iv_size));
        auto n = static_cast<uint32_t>(iv.size());
        memcpy(data, &n, sizeof n);
        memcpy(data + sizeof(af_alg_iv), iv.data(), n);
    }
    if (assoc >= 0 && (c = CMSG_NXTHDR(&m, c)))
        memcpy(alg_item(c, ALG_SET_AEAD_ASSOCLEN, CMSG_LEN(4)), &assoc, 4);
    return int_from(t, TRY(socket_call(t, s, true, [&] { return sendmsg(s->fd, &m, flags); })));
}

}  // namespace krait::sock
