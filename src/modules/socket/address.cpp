// Socket addresses as Python objects.
#include <arpa/inet.h>
#include <net/if.h>
#include <sys/ioctl.h>

#include "modules/socket/socket.h"

namespace krait::sock {

Ref make_ipv4(Thread& t, const in_addr& a) {
    char text[INET_ADDRSTRLEN];
    if (!inet_ntop(AF_INET, &a, text, sizeof text)) return raise_errno(t, errno);
    return str_from(t, text);
}
Ref make_ipv6(Thread& t, const in6_addr& a) {
    char text[INET6_ADDRSTRLEN];
    if (!inet_ntop(AF_INET6, &a, text, sizeof text)) return raise_errno(t, errno);
    return str_from(t, text);
}

namespace {

// (text or number, numbers...)
Ref numbers(Thread& t, std::initializer_list<uint64_t> values) {
    Ref out = TRY(tuple_new(t, static_cast<int64_t>(values.size())));
    int64_t i = 0;
    for (uint64_t v : values) tuple_items(out)[i++] = TRY(int_from_u64(t, v)).release();
    return out;
}
Ref with_numbers(Thread& t, Ref first, std::initializer_list<uint64_t> values) {
    if (!first) return {};
    Ref out = TRY(tuple_new(t, static_cast<int64_t>(values.size()) + 1));
    tuple_items(out)[0] = first.release();
    int64_t i = 1;
    for (uint64_t v : values) tuple_items(out)[i++] = TRY(int_from_u64(t, v)).release();
    return out;
}

Ref make_unix(Thread& t, const sockaddr_un& a, size_t length) {
    size_t n = length > offsetof(sockaddr_un, sun_path) ? length - offsetof(sockaddr_un, sun_path) : 0;
    if (n > 0 && !a.sun_path[0]) return bytes_from(t, a.sun_path, n);  // Linux's abstract names
    return fs_decode(t, a.sun_path, strnlen(a.sun_path, n));
}

// Numbers in the protocol's byte order are shown as they are in memory: that is what programs expect.
Ref bluetooth_text(Thread& t, const BluetoothAddress& a) {
    return str_format(t, "%02X:%02X:%02X:%02X:%02X:%02X", a.b[5], a.b[4], a.b[3], a.b[2], a.b[1], a.b[0]);
}
Ref make_bluetooth(Thread& t, const Address& a, int proto) {
    switch (proto) {
        case kL2cap: {
            Ref text = bluetooth_text(t, a.l2.bdaddr);
            if (a.l2.bdaddr_type)
                return with_numbers(t, std::move(text), {a.l2.psm, a.l2.cid, a.l2.bdaddr_type});
            if (a.l2.cid) return with_numbers(t, std::move(text), {a.l2.psm, a.l2.cid});
            return with_numbers(t, std::move(text), {a.l2.psm});
        }
        case kRfcomm:
            return with_numbers(t, bluetooth_text(t, a.rc.bdaddr), {a.rc.channel});
        case kHci:
            if (a.hci.channel == 0) return Ref::from_int(a.hci.dev);
            return numbers(t, {a.hci.dev, a.hci.channel});
        case kSco:
            return bluetooth_text(t, a.sco.bdaddr);
    }
    return raise(t, PyExc_ValueError, "Unknown Bluetooth protocol");
}

Ref interface_name(Thread& t, int fd, int number) {
    ifreq request{};
    if (number) {
        request.ifr_ifindex = number;
        if (ioctl(fd, SIOCGIFNAME, &request) != 0) request.ifr_name[0] = 0;
    }
    return fs_decode(t, request.ifr_name, strnlen(request.ifr_name, sizeof request.ifr_name));
}
Ref make_packet(Thread& t, int fd, const sockaddr_ll& a) {
    Ref name = TRY(interface_name(t, fd, a.sll_ifindex));
    size_t n = a.sll_halen < sizeof a.sll_addr ? a.sll_halen : sizeof a.sll_addr;
    Ref hardware = TRY(bytes_from(t, a.sll_addr, n));
    return tuple_of(
        t, {name, Value::from_int(static_cast<int16_t>(ntohs(a.sll_protocol))),
            Value::from_int(a.sll_pkttype), Value::from_int(static_cast<int16_t>(a.sll_hatype)), hardware});
}
Ref make_can(Thread& t, int fd, const sockaddr_can& a, int proto) {
    Ref name = interface_name(t, fd, a.can_ifindex);
    if (proto == CAN_ISOTP)
        return with_numbers(t, std::move(name), {a.can_addr.tp.rx_id, a.can_addr.tp.tx_id});
    if (proto == CAN_J1939)
        return with_numbers(t, std::move(name),
                            {a.can_addr.j1939.name, a.can_addr.j1939.pgn, a.can_addr.j1939.addr});
    return with_numbers(t, std::move(name), {});
}
Ref make_tipc(Thread& t, const sockaddr_tipc& a) {
    uint32_t type = a.addrtype, scope = static_cast<uint32_t>(static_cast<int>(a.scope));
    switch (type) {
        case TIPC_ADDR_NAMESEQ:
            return numbers(t, {type, a.addr.nameseq.type, a.addr.nameseq.lower, a.addr.nameseq.upper, scope});
        case TIPC_ADDR_NAME:
            return numbers(t, {type, a.addr.name.name.type, a.addr.name.name.instance,
                               a.addr.name.name.instance, scope});
        case TIPC_ADDR_ID:
            return numbers(t, {type, a.addr.id.node, a.addr.id.ref, 0, scope});
    }
    return raise(t, PyExc_ValueError, "Invalid address type");
}
Ref make_alg(Thread& t, const sockaddr_alg& a) {
    auto text = [&](const uint8_t* p, size_t most) {
        const char* s = reinterpret_cast<const char*>(p);
        return str_from(t, s, strnlen(s, most));
    };
    Ref type = TRY(text(a.salg_type, sizeof a.salg_type)), name = TRY(text(a.salg_name, sizeof a.salg_name));
    return tuple_of(t, {type, name, Value::from_int(static_cast<uint16_t>(a.salg_feat)),
                        Value::from_int(static_cast<uint16_t>(a.salg_mask))});
}

}  // namespace

Ref make_address(Thread& t, int fd, const Address& a, size_t length, int proto) {
    if (length == 0) return none_ref();  // from a connected socket
    switch (a.sa.sa_family) {
        case AF_INET:
            return with_numbers(t, make_ipv4(t, a.in.sin_addr), {ntohs(a.in.sin_port)});
        case AF_INET6:
            return with_numbers(t, make_ipv6(t, a.in6.sin6_addr),
                                {ntohs(a.in6.sin6_port), ntohl(a.in6.sin6_flowinfo), a.in6.sin6_scope_id});
        case AF_UNIX:
            return make_unix(t, a.un, length);
        case AF_NETLINK:
            return numbers(t, {a.nl.nl_pid, a.nl.nl_groups});
        case AF_QIPCRTR:
            return numbers(t, {a.qrtr.sq_node, a.qrtr.sq_port});
        case AF_VSOCK:
            return numbers(t, {a.vm.svm_cid, a.vm.svm_port});
        case AF_BLUETOOTH:
            return make_bluetooth(t, a, proto);
        case AF_PACKET:
            return make_packet(t, fd, a.ll);
        case AF_TIPC:
            return make_tipc(t, a.tipc);
        case AF_CAN:
            return make_can(t, fd, a.can, proto);
        case AF_ALG:
            return make_alg(t, a.alg);
    }
    Ref data = TRY(bytes_from(t, a.sa.sa_data, sizeof a.sa.sa_data));
    return tuple_of(t, {Value::from_int(a.sa.sa_family), data});
}

Result<socklen_t> address_length(Thread& t, SocketObject* s) {
    auto n = [](size_t size) { return Result<socklen_t>(static_cast<socklen_t>(size)); };
    switch (s->family) {
        case AF_UNIX:
            return n(sizeof(sockaddr_un));
        case AF_NETLINK:
            return n(sizeof(sockaddr_nl));
        case AF_QIPCRTR:
            return n(sizeof(sockaddr_qrtr));
        case AF_VSOCK:
            return n(sizeof(sockaddr_vm));
        case AF_RDS:
        case AF_INET:
            return n(sizeof(sockaddr_in));
        case AF_INET6:
            return n(sizeof(sockaddr_in6));
        case AF_BLUETOOTH:
            switch (s->proto) {
                case kL2cap:
                    return n(sizeof(sockaddr_l2));
                case kRfcomm:
                    return n(sizeof(sockaddr_rc));
                case kHci:
                    return n(sizeof(sockaddr_hci));
                case kSco:
                    return n(sizeof(sockaddr_sco));
            }
            return raise(t, PyExc_OSError, "getsockaddrlen: unknown BT protocol");
        case AF_PACKET:
            return n(sizeof(sockaddr_ll));
        case AF_TIPC:
            return n(sizeof(sockaddr_tipc));
        case AF_CAN:
            return n(sizeof(sockaddr_can));
        case AF_ALG:
            return n(sizeof(sockaddr_alg));
    }
    return raise(t, PyExc_OSError, "getsockaddrlen: bad family");
}

}  // namespace krait::sock
