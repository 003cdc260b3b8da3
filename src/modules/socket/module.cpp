// The module _socket.
#include <arpa/inet.h>
#include <linux/can/raw.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/ip.h>
#include <netinet/tcp.h>
#include <netpacket/packet.h>

#include "gc/gc.h"
#include "modules/posix/posix.h"
#include "modules/socket/socket.h"

// After <netinet/in.h>, which has some of its names too.
#include <linux/netfilter_ipv4.h>
#include <linux/rds.h>

namespace krait {
namespace sock {

int64_t& default_timeout() { return *static_cast<int64_t*>(ext(socket_type)->user); }

namespace {

const struct {
    const char* name;
    int64_t value;
} constants[] = {
#define C(name) {#name, static_cast<int64_t>(name)},
#define N(name, number) {#name, number},
#include "modules/socket/constants.def"
};

// What compiled extensions get from the capsule, which owns it and what it refers to.
struct Exported {
    PyTypeObject* socket_type;
    PyObject *error, *timeout_error;
};
Exported* exported_by(PyObject* capsule) {
    return static_cast<Exported*>(reinterpret_cast<Capsule*>(capsule)->pointer);
}
int traverse_exported(PyObject* capsule, int (*visit)(PyObject*, void*), void* arg) {
    PyTypeObject* type = exported_by(capsule)->socket_type;
    return type ? visit(&type->ob_base.ob_base, arg) : 0;
}
int clear_exported(PyObject* capsule) {
    if (PyTypeObject* type = std::exchange(exported_by(capsule)->socket_type, nullptr))
        decref(Value(&type->ob_base.ob_base));
    return 0;
}
void free_exported(PyObject* capsule) {
    clear_exported(capsule);
    Exported* e = exported_by(capsule);
    decref(Value(e->error));
    decref(Value(e->timeout_error));
    mem_free(e);
}
Status add_capsule(Thread& t, Value module) {
    auto* e = static_cast<Exported*>(mem_alloc(sizeof(Exported)));
    if (!e) return raise_no_memory(t);
    *e = {socket_type, Value(PyExc_OSError).ptr(), Value(PyExc_TimeoutError).ptr()};
    Ref made = capsule_new(t, e, "_socket.CAPI");
    if (!made) {
        mem_free(e);
        return {};
    }
    for (PyObject* owned : {&socket_type->ob_base.ob_base, e->error, e->timeout_error}) incref(Value(owned));
    made.as<Capsule>()->destructor = free_exported;
    capsule_set_traverse(t, made.as<Capsule>(), traverse_exported, clear_exported);
    return module_add(t, module, "CAPI", std::move(made));
}

Ref wrap(Thread& t, int fd, int family, int type, int proto) {
    Ref made = alloc(t, socket_type);
    if (!made) {
        close(fd);
        return {};
    }
    TRY(init_socket(t, as_socket(made), fd, family, type, proto));
    return made;
}
Ref socketpair_(Thread& t, Value, const Value* args, size_t nargs, Value kwnames) {
    int family = AF_UNIX, type = SOCK_STREAM, proto = 0, fds[2];
    PARSE_RAW(t, "_socket.socketpair", "|iii:socketpair", args, nargs, kwnames, &family, &type, &proto);
    TRY_DISCARD(posix::sys(t, [&] { return socketpair(family, type | SOCK_CLOEXEC, proto, fds); }));
    Ref first = wrap(t, fds[0], family, type, proto);
    if (!first) {
        close(fds[1]);
        return {};
    }
    Ref second = TRY(wrap(t, fds[1], family, type, proto));
    return tuple_of(t, {first, second});
}

const NativeDef pair_function[] = {
    def<socketpair_>(
        "socketpair", nullptr,
        "socketpair([family[, type [, proto]]])\n\nTwo sockets that are connected with each other."),
    {}};

Status exec(Thread& t, Value module) {
    TRY(module_add_functions(t, module, kResolveFunctions));
    TRY(module_add_functions(t, module, kInetFunctions));
    TRY(module_add_functions(t, module, pair_function));
    TRY(add_errors(t, module));
    TRY(add_socket_type(t, module));
    if (!ext(socket_type)->user) {
        ext(socket_type)->user = mem_alloc(sizeof(int64_t));
        if (!ext(socket_type)->user) return raise_no_memory(t);
        default_timeout() = -1;
    }
    for (auto& c : constants) TRY(module_add_int(t, module, c.name, c.value));
    TRY(module_add(t, module, "has_ipv6", bool_ref(true)));
    TRY(module_add_str(t, module, "BDADDR_ANY", "00:00:00:00:00:00"));
    TRY(module_add_str(t, module, "BDADDR_LOCAL", "00:00:00:FF:FF:FF"));
    return add_capsule(t, module);
}

}  // namespace
}  // namespace sock

extern const ModuleSpec module__socket;
const ModuleSpec module__socket{.name = "_socket",
                                .doc = "Sockets: the part of the module socket that speaks with the system.",
                                .functions = nullptr,
                                .exec = sock::exec};

}  // namespace krait
