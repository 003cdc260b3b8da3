// The module _socket: what its files share.
#pragma once

#include <linux/can.h>
#include <linux/if_alg.h>
#include <linux/netlink.h>
#include <linux/tipc.h>
#include <linux/vm_sockets.h>
#include <netinet/in.h>
#include <netpacket/packet.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "builtins/bytes.h"
#include "builtins/callable.h"
#include "builtins/dict.h"
#include "builtins/list.h"
#include "builtins/number.h"
#include "builtins/str.h"
#include "builtins/tuple.h"
#include "modules/args.h"
#include "object/names.h"
#include "object/protocol.h"

namespace krait::sock {

// As compiled extensions know it.
struct SocketObject {
    PyObject ob_base;
    int fd;  // -1: closed
    int family, type, proto;
    void* errorhandler;
    int64_t timeout;  // nanoseconds; 0: not blocking, -1: for ever
    void* state;
};
inline SocketObject* as_socket(Value v) { return v.as<SocketObject>(); }
extern PyTypeObject* socket_type;

// Numbers of the kernel's interface that its headers keep to packages of their own.
enum BluetoothProtocol { kL2cap = 0, kHci = 1, kSco = 2, kRfcomm = 3 };
struct BluetoothAddress {
    uint8_t b[6];
};
struct sockaddr_l2 {
    uint16_t family, psm;
    BluetoothAddress bdaddr;
    uint16_t cid;
    uint8_t bdaddr_type;
};
struct sockaddr_rc {
    uint16_t family;
    BluetoothAddress bdaddr;
    uint8_t channel;
};
struct sockaddr_hci {
    uint16_t family, dev, channel;
};
struct sockaddr_sco {
    uint16_t family;
    BluetoothAddress bdaddr;
};
struct sockaddr_qrtr {
    uint16_t sq_family;
    uint32_t sq_node, sq_port;
};

union Address {
    sockaddr sa;
    sockaddr_in in;
    sockaddr_in6 in6;
    sockaddr_un un;
    sockaddr_nl nl;
    sockaddr_ll ll;
    sockaddr_can can;
    sockaddr_vm vm;
    sockaddr_alg alg;
    sockaddr_tipc tipc;
    sockaddr_qrtr qrtr;
    sockaddr_l2 l2;
    sockaddr_rc rc;
    sockaddr_hci hci;
    sockaddr_sco sco;
    sockaddr_storage storage;
};

// --- addresses (address.cpp, address_parse.cpp) ---
Ref make_address(Thread& t, int fd, const Address& a, size_t length, int proto);
Ref make_ipv4(Thread& t, const in_addr& a);
Ref make_ipv6(Thread& t, const in6_addr& a);
// The address argument of `caller`, by the socket's family.
Status parse_address(Thread& t, SocketObject* s, Value v, const char* caller, Address& out,
                     socklen_t& length);
Result<socklen_t> address_length(Thread& t, SocketObject* s);
// A name or number of a host to an address of `family` (AF_UNSPEC: any); `out` has room for both kinds.
Status resolve_host(Thread& t, const char* name, int family, Address& out);

// --- errors (resolve.cpp) ---
Raised raise_gai(Thread& t, int error);
Status add_errors(Thread& t, Value module);

// --- waiting (wait.cpp) ---
Result<int64_t> timeout_arg(Thread& t, Value v);  // nanoseconds; None: -1
int64_t& default_timeout();
Status set_blocking(Thread& t, SocketObject* s, bool block);
struct SocketCall {
    bool (*fn)(SocketObject*, void*);  // false: errno says why. Runs without the GIL.
    void* data;
    bool writing = false;
    bool connecting = false;
};
// Waits as the timeout says, calls, and calls again after signals. When `error` is given an error number goes
// there
// (-1: a signal handler raised) and nothing is raised.
Status run_call(Thread& t, SocketObject* s, const SocketCall& c, int64_t timeout, int* error = nullptr);
// f(): the result of a system call, -1 with errno.
template <class F>
Result<int64_t> socket_call(Thread& t, SocketObject* s, bool writing, F f, int64_t timeout) {
    struct Context {
        F& f;
        int64_t result;
    } context{f, -1};
    SocketCall c{[](SocketObject*, void* data) {
                     auto* x = static_cast<Context*>(data);
                     x->result = x->f();
                     return x->result >= 0;
                 },
                 &context, writing};
    TRY(run_call(t, s, c, timeout));
    return context.result;
}
template <class F>
Result<int64_t> socket_call(Thread& t, SocketObject* s, bool writing, F f) {
    return socket_call(t, s, writing, f, s->timeout);
}
Status init_socket(Thread& t, SocketObject* s, int fd, int family, int type, int proto);

// --- tables, by file ---
Ref sock_recv(Thread&, Value, const Value*, size_t, Value), sock_recv_into(Thread&, Value, const Value*),
    sock_recvfrom(Thread&, Value, const Value*, size_t, Value),
    sock_recvfrom_into(Thread&, Value, const Value*), sock_send(Thread&, Value, const Value*, size_t, Value),
    sock_sendall(Thread&, Value, const Value*, size_t, Value),
    sock_sendto(Thread&, Value, const Value*, size_t, Value),
    sock_recvmsg(Thread&, Value, const Value*, size_t, Value),
    sock_recvmsg_into(Thread&, Value, const Value*, size_t, Value),
    sock_sendmsg(Thread&, Value, const Value*, size_t, Value),
    sock_sendmsg_afalg(Thread&, Value, const Value*);
extern const NativeDef kResolveFunctions[], kInetFunctions[];
Status add_socket_type(Thread& t, Value module);

}  // namespace krait::sock
