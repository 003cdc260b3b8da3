// Numbers and texts of the internet, interfaces, and descriptors of sockets.
#include <arpa/inet.h>
#include <fcntl.h>
#include <net/if.h>

#include <climits>

#include "modules/posix/posix.h"
#include "modules/socket/socket.h"

namespace krait::sock {
namespace {

// An unsigned number of at most `most`; `type` is for the message.
Result<uint64_t> unsigned_arg(Thread& t, Value v, uint64_t most, const char* type) {
    Ref n = TRY(index(t, v));
    if (int_sign(n) < 0) return raise(t, PyExc_ValueError, "Cannot convert negative int");
    uint64_t x;
    if (!int_to_u64(n, &x) || x > most)
        return raise(t, PyExc_OverflowError, "Python int too large for C %s", type);
    return x;
}
Ref swap16(Thread& t, Value, Value v) {
    return Ref::from_int(htons(static_cast<uint16_t>(TRY(unsigned_arg(t, v, 0xffff, "uint16_t")))));
}
Ref swap32(Thread& t, Value, Value v) {
    return Ref::from_int(htonl(static_cast<uint32_t>(TRY(unsigned_arg(t, v, 0xffffffff, "uint32_t")))));
}

Ref inet_aton_(Thread& t, Value, Value v) {
    const char* text;
    if (!is_str(v))
        return raise(t, PyExc_TypeError, "inet_aton() argument must be str, not %.50s",
                     is_none(v) ? "None" : type_of(v)->tp_name);
    TRY(parse_args(t, "s:inet_aton", &v, 1, &text));
    in_addr a;
    if (!inet_aton(text, &a)) return raise(t, PyExc_OSError, "illegal IP address string passed to inet_aton");
    return bytes_from(t, &a, sizeof a);
}
Ref inet_ntoa_(Thread& t, Value, Value v) {
    Buffer packed;
    TRY(packed.acquire(t, v));
    in_addr a;
    if (packed.size() != sizeof a) return raise(t, PyExc_OSError, "packed IP wrong length for inet_ntoa");
    memcpy(&a, packed.data(), sizeof a);
    return make_ipv4(t, a);
}
Ref inet_pton_(Thread& t, Value, const Value* args, size_t nargs, Value kwnames) {
    int family;
    const char* text;
    PARSE_RAW(t, "_socket.inet_pton", "is:inet_pton", args, nargs, kwnames, &family, &text);
    char packed[sizeof(in6_addr)];
    int r = inet_pton(family, text, packed);
    if (r < 0) return raise_errno(t, errno);
    if (r == 0) return raise(t, PyExc_OSError, "illegal IP address string passed to inet_pton");
    if (family == AF_INET) return bytes_from(t, packed, sizeof(in_addr));
    if (family == AF_INET6) return bytes_from(t, packed, sizeof(in6_addr));
    return raise(t, PyExc_OSError, "unknown address family");
}
Ref inet_ntop_(Thread& t, Value, const Value* args, size_t nargs, Value kwnames) {
    int family;
    Buffer packed;
    PARSE_RAW(t, "_socket.inet_ntop", "iy:inet_ntop", args, nargs, kwnames, &family, &packed);
    if (family != AF_INET && family != AF_INET6)
        return raise(t, PyExc_ValueError, "unknown address family %d", family);
    auto wanted = static_cast<int64_t>(family == AF_INET ? sizeof(in_addr) : sizeof(in6_addr));
    if (packed.size() != wanted)
        return raise(t, PyExc_ValueError, "invalid length of packed IP address string");
    char text[INET6_ADDRSTRLEN];
    if (!inet_ntop(family, packed.data(), text, sizeof text)) return raise_errno(t, errno);
    return str_from(t, text);
}

// --- interfaces ---

Ref if_nameindex_(Thread& t, Value) {
    struct if_nameindex* all;
    int error;
    {
        AllowThreads allow(t);
        all = if_nameindex();
        error = errno;
    }
    if (!all) return raise_errno(t, error);
    struct Free {
        struct if_nameindex* p;
        ~Free() { if_freenameindex(p); }
    } free{all};
    Ref out = TRY(list_new(t));
    for (auto* p = all; p->if_index && p->if_name; p++) {
        Ref name = TRY(fs_decode(t, p->if_name, strlen(p->if_name)));
        TRY(list_append_owned(t, out, tuple_of(t, {Value::from_int(p->if_index), name})));
    }
    return out;
}
Ref if_nametoindex_(Thread& t, Value, Value v) {
    Ref name = TRY(fs_encode(t, v));
    unsigned n;
    int error;
    {
        AllowThreads allow(t);
        n = if_nametoindex(bytes_data(name));
        error = errno;
    }
    if (!n) return raise_errno(t, error);
    return Ref::from_int(n);
}
Ref if_indextoname_(Thread& t, Value, Value v) {
    auto n = static_cast<unsigned>(TRY(unsigned_arg(t, v, UINT_MAX, "unsigned int")));
    char name[IF_NAMESIZE + 1];
    if (!if_indextoname(n, name)) return raise_errno(t, errno);
    return fs_decode(t, name, strlen(name));
}

// --- this host ---

Ref gethostname_(Thread& t, Value) {
    TRY(audit(t, "socket.gethostname"));
    char name[1024];
    TRY_DISCARD(posix::sys(t, [&] { return gethostname(name, sizeof name - 1); }));
    name[sizeof name - 1] = 0;
    return fs_decode(t, name, strlen(name));
}
Ref sethostname_(Thread& t, Value, const Value* args, size_t nargs, Value kwnames) {
    Value v;
    PARSE_RAW(t, "_socket.sethostname", "O:sethostname", args, nargs, kwnames, &v);
    Ref name = is_bytes(v) ? Ref::share(v) : TRY(fs_encode(t, v));
    TRY(audit(t, "socket.sethostname", {v}));
    return posix::sys_none(
        t, [&] { return sethostname(bytes_data(name), static_cast<size_t>(bytes_size(name))); });
}

// --- descriptors ---

Result<int> descriptor_arg(Thread& t, Value v) {
    int fd;
    TRY(parse_args(t, "i", &v, 1, &fd));
    return fd;
}
Ref close_(Thread& t, Value, Value v) {
    int fd = TRY(descriptor_arg(t, v));
    posix::CallResult r = posix::unlocked(t, [&] { return close(fd); });
    // The peer may have closed the connection already.
    if (r.failed() && r.error != ECONNRESET) return raise_errno(t, r.error);
    return none_ref();
}
Ref dup_(Thread& t, Value, Value v) {
    int fd = TRY(descriptor_arg(t, v));
    return int_from(t, TRY(posix::sys(t, [&] { return fcntl(fd, F_DUPFD_CLOEXEC, 0); })));
}
Ref getdefaulttimeout_(Thread& t, Value) {
    int64_t ns = default_timeout();
    if (ns < 0) return none_ref();
    return float_from(t, static_cast<double>(ns) / 1e9);
}
Ref setdefaulttimeout_(Thread& t, Value, Value v) {
    int64_t ns = TRY(timeout_arg(t, v));
    default_timeout() = ns;
    return none_ref();
}

// --- ancillary data ---

constexpr int64_t kMostControl = INT_MAX;
Ref cmsg_len_(Thread& t, Value, const Value* args, size_t nargs, Value kwnames) {
    int64_t n;
    PARSE_RAW(t, "_socket.CMSG_LEN", "n:CMSG_LEN", args, nargs, kwnames, &n);
    if (n < 0 || n > kMostControl - static_cast<int64_t>(CMSG_LEN(0)))
        return raise(t, PyExc_OverflowError, "CMSG_LEN() argument out of range");
    return int_from_u64(t, CMSG_LEN(static_cast<size_t>(n)));
}
Ref cmsg_space_(Thread& t, Value, const Value* args, size_t nargs, Value kwnames) {
    int64_t n;
    PARSE_RAW(t, "_socket.CMSG_SPACE", "n:CMSG_SPACE", args, nargs, kwnames, &n);
    if (n < 0 || n > kMostControl - static_cast<int64_t>(CMSG_SPACE(1)))
        return raise(t, PyExc_OverflowError, "CMSG_SPACE() argument out of range");
    return int_from_u64(t, CMSG_SPACE(static_cast<size_t>(n)));
}

}  // namespace

const NativeDef kInetFunctions[] = {
    def<swap16>("ntohs", "(integer, /)", "A 16-bit number from network to host byte order."),
    def<swap32>("ntohl", "(integer, /)", "A 32-bit number from network to host byte order."),
    def<swap16>("htons", "(integer, /)", "A 16-bit number from host to network byte order."),
    def<swap32>("htonl", "(integer, /)", "A 32-bit number from host to network byte order."),
    def<inet_aton_>("inet_aton", "(ip_addr, /)", "The four bytes of an IPv4 address given as text."),
    def<inet_ntoa_>("inet_ntoa", "(packed_ip, /)", "The text of an IPv4 address given as four bytes."),
    def<inet_pton_>("inet_pton", nullptr, "inet_pton(family, text)\n\nThe bytes of an address."),
    def<inet_ntop_>("inet_ntop", nullptr, "inet_ntop(family, packed)\n\nThe text of an address."),
    def<if_nameindex_>("if_nameindex", nullptr, "The network interfaces: a list of (index, name)."),
    def<if_nametoindex_>("if_nametoindex", "(oname, /)", "The index of the interface of this name."),
    def<if_indextoname_>("if_indextoname", "(if_index, /)", "The name of the interface of this index."),
    def<gethostname_>("gethostname", nullptr, "The name of this host."),
    def<sethostname_>("sethostname", nullptr, "sethostname(name)\n\nGives this host a name."),
    def<close_>("close", nullptr, "Closes a descriptor that is a socket."),
    def<dup_>("dup", nullptr, "Another descriptor for the same socket, not inherited by programs."),
    def<getdefaulttimeout_>("getdefaulttimeout", nullptr,
                            "The timeout of new sockets in seconds; None: none."),
    def<setdefaulttimeout_>("setdefaulttimeout", nullptr,
                            "Sets the timeout of new sockets, in seconds; None: none."),
    def<cmsg_len_>("CMSG_LEN", nullptr,
                   "CMSG_LEN(length)\n\nThe length of an ancillary item with that many bytes of data."),
    def<cmsg_space_>(
        "CMSG_SPACE", nullptr,
        "CMSG_SPACE(length)\n\nThe room that an ancillary item with that many bytes of data takes."),
    {}};

}  // namespace krait::sock
