// Python objects as socket addresses.
#include <arpa/inet.h>
#include <net/if.h>
#include <sys/ioctl.h>

#include <cstdio>

#include "modules/socket/socket.h"

namespace krait::sock {

namespace {

constexpr const char* kPortRange = "%s(): port must be 0-65535.";

Status need_tuple(Thread& t, Value v, const char* caller, const char* family) {
    if (is_tuple(v)) return Status::ok();
    return raise(t, PyExc_TypeError, "%s(): %s address must be tuple, not %.500s", caller, family,
                 type_of(v)->tp_name);
}
template <class... A>
Status parse_tuple(Thread& t, Value tuple, const char* format, A... places) {
    return parse_args(t, format, tuple_items(tuple), static_cast<size_t>(tuple_size(tuple)), places...);
}

// A host name: text that is ASCII stays as it is, other text becomes IDNA.
struct Host {
    Ref keep;
    const char* text = nullptr;
};
Status host_arg(Thread& t, Value v, void* out) {
    auto* host = static_cast<Host*>(out);
    size_t n;
    if (is_bytes(v)) {
        host->keep = Ref::share(v);
        host->text = bytes_data(v);
        n = static_cast<size_t>(bytes_size(v));
    } else if (is_bytearray(v)) {
        // A copy: the array may change while the name is looked up.
        host->keep = TRY(bytes_from(t, bytearray_data(v), static_cast<size_t>(bytearray_size(v))));
        host->text = bytes_data(host->keep);
        n = static_cast<size_t>(bytes_size(host->keep));
    } else if (is_str(v)) {
        if (str_is_ascii(v)) {
            host->keep = Ref::share(v);
            std::string_view s = TRY(str_utf8(t, v));
            host->text = s.data();
            n = s.size();
        } else {
            host->keep = encode(t, v, "idna", nullptr);
            if (!host->keep) {
                clear_error(t);
                return raise(t, PyExc_TypeError, "encoding of hostname failed");
            }
            host->text = bytes_data(host->keep);
            n = static_cast<size_t>(bytes_size(host->keep));
        }
    } else {
        return raise(t, PyExc_TypeError, "str, bytes or bytearray expected, not %s", type_of(v)->tp_name);
    }
    if (memchr(host->text, 0, n))
        return raise(t, PyExc_TypeError, "host name must not contain null character");
    return Status::ok();
}

Status check_port(Thread& t, const char* caller, int port) {
    if (port < 0 || port > 0xffff) return raise(t, PyExc_OverflowError, kPortRange, caller);
    return Status::ok();
}
// A number that does not fit a C int is no port either.
Status port_error(Thread& t, const char* caller) {
    if (!error_is(t, PyExc_OverflowError)) return {};
    clear_error(t);
    return raise(t, PyExc_OverflowError, kPortRange, caller);
}
Status parse_inet(Thread& t, Value v, const char* caller, Address& out, socklen_t& length) {
    TRY(need_tuple(t, v, caller, "AF_INET"));
    Host host;
    int port;
    if (!parse_tuple(t, v, "&i;AF_INET address must be a pair (host, port)",
                     static_cast<ArgConverter>(host_arg), static_cast<void*>(&host), &port))
        return port_error(t, caller);
    TRY(resolve_host(t, host.text, AF_INET, out));
    TRY(check_port(t, caller, port));
    out.in.sin_family = AF_INET;
    out.in.sin_port = htons(static_cast<uint16_t>(port));
    length = sizeof out.in;
    return Status::ok();
}
Status parse_inet6(Thread& t, Value v, const char* caller, Address& out, socklen_t& length) {
    TRY(need_tuple(t, v, caller, "AF_INET6"));
    Host host;
    int port;
    unsigned flowinfo = 0, scope = 0;
    if (!parse_tuple(t, v, "&i|II;AF_INET6 address must be a tuple (host, port[, flowinfo[, scopeid]])",
                     static_cast<ArgConverter>(host_arg), static_cast<void*>(&host), &port, &flowinfo,
                     &scope))
        return port_error(t, caller);
    TRY(resolve_host(t, host.text, AF_INET6, out));
    TRY(check_port(t, caller, port));
    if (flowinfo > 0xfffff) return raise(t, PyExc_OverflowError, "%s(): flowinfo must be 0-1048575.", caller);
    out.in6.sin6_family = AF_INET6;
    out.in6.sin6_port = htons(static_cast<uint16_t>(port));
    out.in6.sin6_flowinfo = htonl(flowinfo);
    out.in6.sin6_scope_id = scope;
    length = sizeof out.in6;
    return Status::ok();
}

Status parse_unix(Thread& t, Value v, Address& out, socklen_t& length) {
    Ref encoded;
    if (is_str(v)) encoded = TRY(encode(t, v, "utf-8", "surrogateescape"));
    Buffer path;
    TRY(path.acquire(t, encoded ? encoded.get() : v));
    auto n = static_cast<size_t>(path.size());
    // Nothing, or a NUL in front: a name of Linux's abstract space, without an end mark.
    bool abstract = n == 0 || !path.data()[0];
    if (abstract ? n > sizeof out.un.sun_path : n >= sizeof out.un.sun_path)
        return raise(t, PyExc_OSError, "AF_UNIX path too long");
    out.un.sun_family = AF_UNIX;
    memcpy(out.un.sun_path, path.data(), n);
    length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + n + !abstract);
    return Status::ok();
}

Status parse_two(Thread& t, Value v, const char* name, unsigned& a, unsigned& b) {
    if (!is_tuple(v))
        return raise(t, PyExc_TypeError, "getsockaddrarg: %s address must be tuple, not %.500s", name,
                     type_of(v)->tp_name);
    return parse_tuple(t, v, "II:getsockaddrarg", &a, &b);
}
Status parse_netlink(Thread& t, Value v, const char* caller, Address& out, socklen_t& length) {
    TRY(need_tuple(t, v, caller, "AF_NETLINK"));
    unsigned pid, groups;
    TRY(parse_tuple(t, v, "II;AF_NETLINK address must be a pair (pid, groups)", &pid, &groups));
    out.nl.nl_family = AF_NETLINK;
    out.nl.nl_pid = pid;
    out.nl.nl_groups = groups;
    length = sizeof out.nl;
    return Status::ok();
}

// --- Bluetooth ---

Status bluetooth_address(Thread& t, const char* text, BluetoothAddress& out) {
    unsigned b[6];
    char rest;
    int n = sscanf(text, "%X:%X:%X:%X:%X:%X%c", &b[5], &b[4], &b[3], &b[2], &b[1], &b[0], &rest);
    if (n != 6 || (b[0] | b[1] | b[2] | b[3] | b[4] | b[5]) > 255)
        return raise(t, PyExc_OSError, "bad bluetooth address");
    for (int i = 0; i < 6; i++) out.b[i] = static_cast<uint8_t>(b[i]);
    return Status::ok();
}
Status wrong_format(Thread& t, const char* caller) {
    clear_error(t);
    return raise(t, PyExc_OSError, "%s(): wrong format", caller);
}
Status parse_bluetooth(Thread& t, int proto, Value v, const char* caller, Address& out, socklen_t& length) {
    const char* text;
    bool tuple = is_tuple(v);
    switch (proto) {
        case kL2cap: {
            uint16_t psm, cid = 0;
            uint8_t type = 0;
            if (!tuple || !parse_tuple(t, v, "sH|HB", &text, &psm, &cid, &type))
                return wrong_format(t, caller);
            out.l2.family = AF_BLUETOOTH;
            out.l2.psm = psm;
            out.l2.cid = cid;
            out.l2.bdaddr_type = type;
            length = sizeof out.l2;
            return bluetooth_address(t, text, out.l2.bdaddr);
        }
        case kRfcomm: {
            uint8_t channel;
            if (!tuple || !parse_tuple(t, v, "sB", &text, &channel)) return wrong_format(t, caller);
            out.rc.family = AF_BLUETOOTH;
            out.rc.channel = channel;
            length = sizeof out.rc;
            return bluetooth_address(t, text, out.rc.bdaddr);
        }
        case kHci: {
            uint16_t dev, channel = 0;
            if (is_index(v)) {
                TRY(parse_args(t, "H", &v, 1, &dev));
            } else if (!tuple || !parse_tuple(t, v, "H|H", &dev, &channel)) {
                return wrong_format(t, caller);
            }
            out.hci.family = AF_BLUETOOTH;
            out.hci.dev = dev;
            out.hci.channel = channel;
            length = sizeof out.hci;
            return Status::ok();
        }
        case kSco: {
            out.sco.family = AF_BLUETOOTH;
            length = sizeof out.sco;
            if (is_bytes(v)) {
                if (memchr(bytes_data(v), 0, static_cast<size_t>(bytes_size(v))))
                    return raise(t, PyExc_ValueError, "embedded null byte");
                return bluetooth_address(t, bytes_data(v), out.sco.bdaddr);
            }
            if (!is_str(v)) return wrong_format(t, caller);
            TRY(parse_args(t, "s", &v, 1, &text));
            return bluetooth_address(t, text, out.sco.bdaddr);
        }
    }
    return raise(t, PyExc_OSError, "%s(): unknown Bluetooth protocol", caller);
}

// --- packets, CAN, TIPC, cryptography ---

Status parse_packet(Thread& t, SocketObject* s, Value v, const char* caller, Address& out,
                    socklen_t& length) {
    TRY(need_tuple(t, v, caller, "AF_PACKET"));
    const char* name;
    int protocol, kind = PACKET_HOST, hatype = 0;
    Buffer hardware;
    if (!parse_tuple(t, v, "si|iiy;AF_PACKET address must be a tuple of two to five elements", &name,
                     &protocol, &kind, &hatype, &hardware)) {
        if (!error_is(t, PyExc_OverflowError)) return {};
        clear_error(t);
        return raise(t, PyExc_OverflowError, "%s(): address argument out of range", caller);
    }
    ifreq request{};
    strncpy(request.ifr_name, name, sizeof request.ifr_name - 1);
    if (ioctl(s->fd, SIOCGIFINDEX, &request) < 0) return raise_errno(t, errno);
    int64_t n = hardware.data() ? hardware.size() : 0;
    if (n > 8) return raise(t, PyExc_ValueError, "Hardware address must be 8 bytes or less");
    if (protocol < 0 || protocol > 0xffff)
        return raise(t, PyExc_OverflowError, "%s(): proto must be 0-65535.", caller);
    out.ll.sll_family = AF_PACKET;
    out.ll.sll_protocol = htons(static_cast<uint16_t>(protocol));
    out.ll.sll_ifindex = request.ifr_ifindex;
    out.ll.sll_pkttype = static_cast<uint8_t>(kind);
    out.ll.sll_hatype = static_cast<uint16_t>(hatype);
    if (n) memcpy(out.ll.sll_addr, hardware.data(), static_cast<size_t>(n));
    out.ll.sll_halen = static_cast<uint8_t>(n);
    length = sizeof out.ll;
    return Status::ok();
}

Status path_converter(Thread& t, Value v, void* out) {
    Ref encoded = TRY(fs_encode(t, v));
    *static_cast<Ref*>(out) = std::move(encoded);
    return Status::ok();
}
Status can_interface(Thread& t, SocketObject* s, Value name, sockaddr_can& out) {
    ifreq request{};
    auto n = static_cast<size_t>(bytes_size(name));
    if (n >= sizeof request.ifr_name) return raise(t, PyExc_OSError, "AF_CAN interface name too long");
    if (n) {
        memcpy(request.ifr_name, bytes_data(name), n);
        if (ioctl(s->fd, SIOCGIFINDEX, &request) < 0) return raise_errno(t, errno);
    }
    out.can_family = AF_CAN;
    out.can_ifindex = n ? request.ifr_ifindex : 0;
    return Status::ok();
}
Status not_a_tuple(Thread& t) {
    return raise(t, PyExc_SystemError, "new style getargs format but argument is not a tuple");
}
Status parse_can(Thread& t, SocketObject* s, Value v, const char* caller, Address& out, socklen_t& length) {
    Ref name;
    auto convert = static_cast<ArgConverter>(path_converter);
    auto place = static_cast<void*>(&name);
    uint64_t a = 0, b = 0;
    unsigned pgn = 0;
    uint8_t address = 0;
    length = sizeof out.can;
    switch (s->proto) {
        case CAN_RAW:
        case CAN_BCM:
            TRY(need_tuple(t, v, caller, "AF_CAN"));
            TRY(parse_tuple(t, v, "&;AF_CAN address must be a tuple (interface, )", convert, place));
            return can_interface(t, s, name, out.can);
        case CAN_ISOTP:
            if (!is_tuple(v)) return not_a_tuple(t);
            TRY(parse_tuple(t, v, "&KK", convert, place, &a, &b));
            TRY(can_interface(t, s, name, out.can));
            out.can.can_addr.tp.rx_id = static_cast<canid_t>(a);
            out.can.can_addr.tp.tx_id = static_cast<canid_t>(b);
            return Status::ok();
        case CAN_J1939:
            if (!is_tuple(v)) return not_a_tuple(t);
            TRY(parse_tuple(t, v, "&KIB", convert, place, &a, &pgn, &address));
            TRY(can_interface(t, s, name, out.can));
            out.can.can_addr.j1939.name = a;
            out.can.can_addr.j1939.pgn = pgn;
            out.can.can_addr.j1939.addr = address;
            return Status::ok();
    }
    return raise(t, PyExc_OSError, "%s(): unsupported CAN protocol", caller);
}

Status parse_tipc(Thread& t, Value v, const char* caller, Address& out, socklen_t& length) {
    TRY(need_tuple(t, v, caller, "AF_TIPC"));
    unsigned type, a, b, c, scope = TIPC_CLUSTER_SCOPE;
    TRY(parse_tuple(t, v, "IIII|I;AF_TIPC address must be a tuple (addr_type, v1, v2, v3[, scope])", &type,
                    &a, &b, &c, &scope));
    out.tipc.family = AF_TIPC;
    out.tipc.scope = static_cast<signed char>(scope);
    out.tipc.addrtype = static_cast<unsigned char>(type);
    length = sizeof out.tipc;
    switch (type) {
        case TIPC_ADDR_NAMESEQ:
            out.tipc.addr.nameseq = {a, b, c};
            return Status::ok();
        case TIPC_ADDR_NAME:
            out.tipc.addr.name.name = {a, b};
            return Status::ok();
        case TIPC_ADDR_ID:
            out.tipc.addr.id = {b, a};
            return Status::ok();
    }
    return raise(t, PyExc_TypeError, "Invalid address type");
}

Status parse_alg(Thread& t, Value v, const char* caller, Address& out, socklen_t& length) {
    TRY(need_tuple(t, v, caller, "AF_ALG"));
    const char *type, *name;
    unsigned feat = 0, mask = 0;
    TRY(parse_tuple(t, v, "ss|II;AF_ALG address must be a tuple (type, name[, feat[, mask]])", &type, &name,
                    &feat, &mask));
    sockaddr_alg& a = out.alg;
    a.salg_family = AF_ALG;
    a.salg_feat = static_cast<uint16_t>(feat);
    a.salg_mask = static_cast<uint16_t>(mask);
    if (strlen(type) >= sizeof a.salg_type) return raise(t, PyExc_ValueError, "AF_ALG type too long.");
    memcpy(a.salg_type, type, strlen(type));
    if (strlen(name) >= sizeof a.salg_name) return raise(t, PyExc_ValueError, "AF_ALG name too long.");
    memcpy(a.salg_name, name, strlen(name));
    length = sizeof a;
    return Status::ok();
}

}  // namespace

Status parse_address(Thread& t, SocketObject* s, Value v, const char* caller, Address& out,
                     socklen_t& length) {
    memset(&out, 0, sizeof out);
    unsigned a, b;
    switch (s->family) {
        case AF_INET:
        case AF_RDS:
            return parse_inet(t, v, caller, out, length);
        case AF_INET6:
            return parse_inet6(t, v, caller, out, length);
        case AF_UNIX:
            return parse_unix(t, v, out, length);
        case AF_NETLINK:
            return parse_netlink(t, v, caller, out, length);
        case AF_QIPCRTR:
            TRY(parse_two(t, v, "AF_QIPCRTR", a, b));
            out.qrtr = {AF_QIPCRTR, a, b};
            length = sizeof out.qrtr;
            return Status::ok();
        case AF_VSOCK:
            TRY(parse_two(t, v, "AF_VSOCK", a, b));
            out.vm.svm_family = AF_VSOCK;
            out.vm.svm_cid = a;
            out.vm.svm_port = b;
            length = sizeof out.vm;
            return Status::ok();
        case AF_BLUETOOTH:
            return parse_bluetooth(t, s->proto, v, caller, out, length);
        case AF_PACKET:
            return parse_packet(t, s, v, caller, out, length);
        case AF_TIPC:
            return parse_tipc(t, v, caller, out, length);
        case AF_CAN:
            return parse_can(t, s, v, caller, out, length);
        case AF_ALG:
            return parse_alg(t, v, caller, out, length);
    }
    return raise(t, PyExc_OSError, "%s(): bad family", caller);
}

}  // namespace krait::sock
