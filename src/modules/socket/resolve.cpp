// Names of hosts, services and protocols.
#include <arpa/inet.h>
#include <netdb.h>

#include <cstdio>
#include <memory>

#include "modules/socket/socket.h"
#include "object/per_interpreter.h"

namespace krait::sock {

namespace {

PER_INTERPRETER_REFS PyTypeObject *g_gaierror, *g_herror;

struct FreeAddrinfo {
    void operator()(addrinfo* p) const { freeaddrinfo(p); }
};
using AddressList = std::unique_ptr<addrinfo, FreeAddrinfo>;

Status look_up(Thread& t, const char* host, const char* service, const addrinfo& hints, AddressList& out) {
    addrinfo* list = nullptr;
    int error, number;
    {
        AllowThreads allow(t);
        error = getaddrinfo(host, service, &hints, &list);
        number = errno;
    }
    if (error) {
        errno = number;
        return raise_gai(t, error);
    }
    out.reset(list);
    return Status::ok();
}
Raised raise_herror(Thread& t, int error) {
    Ref text = str_from(t, hstrerror(error));
    Ref args = text ? tuple_of(t, {Value::from_int(error), text}) : Ref();
    if (!args) return {};
    return raise_value(t, g_herror, args);
}

}  // namespace

Raised raise_gai(Thread& t, int error) {
    if (error == EAI_SYSTEM) return raise_errno(t, errno);
    Ref text = str_from(t, gai_strerror(error));
    Ref args = text ? tuple_of(t, {Value::from_int(error), text}) : Ref();
    if (!args) return {};
    return raise_value(t, g_gaierror, args);
}

Status add_errors(Thread& t, Value module) {
    struct {
        const char* name;
        PyTypeObject** type;
    } const kinds[] = {{"herror", &g_herror}, {"gaierror", &g_gaierror}};
    for (auto& k : kinds) {
        if (!*k.type) {
            Ref ns = TRY(dict_new(t)), owner = TRY(str_from(t, "socket")), name = TRY(str_from(t, k.name));
            TRY(dict_set_str(t, ns, "__module__", owner));
            Ref bases = TRY(tuple_of(t, {Value(PyExc_OSError)}));
            *k.type = TRY(new_class(t, name, bases, ns)).release().as<PyTypeObject>();
        }
        TRY(module_add(t, module, k.name, Ref::share(Value(*k.type))));
    }
    TRY(module_add(t, module, "error", Ref::share(Value(PyExc_OSError))));
    return module_add(t, module, "timeout", Ref::share(Value(PyExc_TimeoutError)));
}

namespace {
Status resolve_wildcard(Thread& t, int family, Address& out) {
    addrinfo hints{};
    hints.ai_family = family;
    hints.ai_socktype = SOCK_DGRAM;  // any: one result per address is wanted
    hints.ai_flags = AI_PASSIVE;
    AddressList list;
    TRY(look_up(t, nullptr, "0", hints, list));
    if (list->ai_family != AF_INET && list->ai_family != AF_INET6)
        return raise(t, PyExc_OSError, "unsupported address family");
    if (list->ai_next) return raise(t, PyExc_OSError, "wildcard resolved to multiple address");
    memcpy(&out, list->ai_addr, list->ai_addrlen < sizeof out ? list->ai_addrlen : sizeof out);
    return Status::ok();
}
}  // namespace

Status resolve_host(Thread& t, const char* name, int family, Address& out) {
    memset(&out, 0, sizeof out);
    if (!*name) return resolve_wildcard(t, family, out);
    if (!strcmp(name, "255.255.255.255") || !strcmp(name, "<broadcast>")) {
        if (family != AF_INET && family != AF_UNSPEC)
            return raise(t, PyExc_OSError, "address family mismatched");
        out.in.sin_family = AF_INET;
        out.in.sin_addr.s_addr = INADDR_BROADCAST;
        return Status::ok();
    }
    if ((family == AF_UNSPEC || family == AF_INET) && inet_pton(AF_INET, name, &out.in.sin_addr) > 0) {
        out.in.sin_family = AF_INET;
        return Status::ok();
    }
    // A scope behind a % is something for getaddrinfo.
    if ((family == AF_UNSPEC || family == AF_INET6) && !strchr(name, '%') &&
        inet_pton(AF_INET6, name, &out.in6.sin6_addr) > 0) {
        out.in6.sin6_family = AF_INET6;
        return Status::ok();
    }
    addrinfo hints{};
    hints.ai_family = family;
    AddressList list;
    TRY(look_up(t, name, nullptr, hints, list));
    memcpy(&out, list->ai_addr, list->ai_addrlen < sizeof out ? list->ai_addrlen : sizeof out);
    if (out.sa.sa_family != AF_INET && out.sa.sa_family != AF_INET6)
        return raise(t, PyExc_OSError, "unknown address family");
    return Status::ok();
}

namespace {

// --- one host ---

// A host name as these functions take it: bytes are as they are, text becomes IDNA.
Status name_arg(Thread& t, const char* function, Value v, Ref& out) {
    if (is_str(v))
        out = TRY(encode(t, v, "idna", nullptr));
    else if (is_bytes(v))
        out = Ref::share(v);
    else if (is_bytearray(v))
        out = TRY(bytes_from(t, bytearray_data(v), static_cast<size_t>(bytearray_size(v))));
    else
        return raise(t, PyExc_TypeError, "%s() argument 1 must be str, bytes or bytearray, not %.50s",
                     function, is_none(v) ? "None" : type_of(v)->tp_name);
    if (memchr(bytes_data(out), 0, static_cast<size_t>(bytes_size(out))))
        return raise(t, PyExc_TypeError,
                     "%s() argument 1 must be encoded string without null bytes, not %.50s", function,
                     type_of(v)->tp_name);
    return Status::ok();
}
Status one_name(Thread& t, const char* function, const Value* args, size_t nargs, Value kwnames, Ref& out) {
    char text[64];
    snprintf(text, sizeof text, "_socket.%s", function);
    TRY(no_kwargs(t, text, kwnames));
    if (nargs != 1)
        return raise(t, PyExc_TypeError, "%s() takes exactly 1 argument (%zu given)", function, nargs);
    return name_arg(t, function, args[0], out);
}
Ref address_text(Thread& t, const Address& a) {
    return a.sa.sa_family == AF_INET6 ? make_ipv6(t, a.in6.sin6_addr) : make_ipv4(t, a.in.sin_addr);
}
Ref gethostbyname_(Thread& t, Value, const Value* args, size_t nargs, Value kwnames) {
    Ref name;
    TRY(one_name(t, "gethostbyname", args, nargs, kwnames, name));
    TRY(audit(t, "socket.gethostbyname", {args[0]}));
    Address a;
    TRY(resolve_host(t, bytes_data(name), AF_INET, a));
    return address_text(t, a);
}

// (name, [aliases], [addresses])
Ref host_tuple(Thread& t, const hostent* h, int error, int family) {
    if (!h) return raise_herror(t, error);
    if (h->h_addrtype != family) return raise_errno(t, EAFNOSUPPORT);
    Ref names = TRY(list_new(t)), addresses = TRY(list_new(t));
    for (char** p = h->h_aliases; p && *p; p++)
        TRY(list_append_owned(t, names, fs_decode(t, *p, strlen(*p))));
    for (char** p = h->h_addr_list; p && *p; p++) {
        Address a;
        a.sa.sa_family = static_cast<sa_family_t>(family);
        if (family == AF_INET)
            memcpy(&a.in.sin_addr, *p, sizeof a.in.sin_addr);
        else
            memcpy(&a.in6.sin6_addr, *p, sizeof a.in6.sin6_addr);
        TRY(list_append_owned(t, addresses, address_text(t, a)));
    }
    Ref name = TRY(fs_decode(t, h->h_name, strlen(h->h_name)));
    return tuple_of(t, {name, names, addresses});
}
constexpr size_t kHostBuffer = 16384;

Ref gethostbyname_ex_(Thread& t, Value, const Value* args, size_t nargs, Value kwnames) {
    Ref name;
    TRY(one_name(t, "gethostbyname_ex", args, nargs, kwnames, name));
    TRY(audit(t, "socket.gethostbyname", {args[0]}));
    Address a;
    TRY(resolve_host(t, bytes_data(name), AF_INET, a));
    hostent space, *h = nullptr;
    char buffer[kHostBuffer];
    int error = 0;
    {
        AllowThreads allow(t);
        gethostbyname_r(bytes_data(name), &space, buffer, sizeof buffer, &h, &error);
    }
    return host_tuple(t, h, error, a.sa.sa_family);
}
Ref gethostbyaddr_(Thread& t, Value, const Value* args, size_t nargs, Value kwnames) {
    Ref name;
    TRY(one_name(t, "gethostbyaddr", args, nargs, kwnames, name));
    TRY(audit(t, "socket.gethostbyaddr", {args[0]}));
    Address a;
    TRY(resolve_host(t, bytes_data(name), AF_UNSPEC, a));
    hostent space, *h = nullptr;
    char buffer[kHostBuffer];
    int error = 0;
    {
        AllowThreads allow(t);
        bool six = a.sa.sa_family == AF_INET6;
        gethostbyaddr_r(six ? static_cast<void*>(&a.in6.sin6_addr) : static_cast<void*>(&a.in.sin_addr),
                        six ? sizeof a.in6.sin6_addr : sizeof a.in.sin_addr, a.sa.sa_family, &space, buffer,
                        sizeof buffer, &h, &error);
    }
    return host_tuple(t, h, error, a.sa.sa_family);
}

// --- services and protocols ---

Ref optional_text(Thread& t, const char* s) { return s ? str_from(t, s) : none_ref(); }

Ref getservbyname_(Thread& t, Value, const Value* args, size_t nargs, Value kwnames) {
    const char *name, *proto = nullptr;
    PARSE_RAW(t, "_socket.getservbyname", "s|s:getservbyname", args, nargs, kwnames, &name, &proto);
    Ref protocol = TRY(optional_text(t, proto));
    TRY(audit(t, "socket.getservbyname", {args[0], protocol}));
    servent space, *s = nullptr;
    char buffer[4096];
    {
        AllowThreads allow(t);
        getservbyname_r(name, proto, &space, buffer, sizeof buffer, &s);
    }
    if (!s) return raise(t, PyExc_OSError, "service/proto not found");
    return Ref::from_int(ntohs(static_cast<uint16_t>(s->s_port)));
}
Ref getservbyport_(Thread& t, Value, const Value* args, size_t nargs, Value kwnames) {
    int port;
    const char* proto = nullptr;
    PARSE_RAW(t, "_socket.getservbyport", "i|s:getservbyport", args, nargs, kwnames, &port, &proto);
    if (port < 0 || port > 0xffff)
        return raise(t, PyExc_OverflowError, "getservbyport: port must be 0-65535.");
    Ref protocol = TRY(optional_text(t, proto));
    TRY(audit(t, "socket.getservbyport", {Value::from_int(port), protocol}));
    servent space, *s = nullptr;
    char buffer[4096];
    {
        AllowThreads allow(t);
        getservbyport_r(htons(static_cast<uint16_t>(port)), proto, &space, buffer, sizeof buffer, &s);
    }
    if (!s) return raise(t, PyExc_OSError, "port/proto not found");
    return str_from(t, s->s_name);
}
Ref getprotobyname_(Thread& t, Value, const Value* args, size_t nargs, Value kwnames) {
    const char* name;
    PARSE_RAW(t, "_socket.getprotobyname", "s:getprotobyname", args, nargs, kwnames, &name);
    protoent space, *p = nullptr;
    char buffer[4096];
    {
        AllowThreads allow(t);
        getprotobyname_r(name, &space, buffer, sizeof buffer, &p);
    }
    if (!p) return raise(t, PyExc_OSError, "protocol not found");
    return Ref::from_int(p->p_proto);
}

// --- the general questions ---

struct Names {
    Ref keep_host, keep_service;
    const char *host = nullptr, *service = nullptr;
};
Status host_and_service(Thread& t, Value host, Value service, Names& out) {
    if (is_str(host)) {
        out.keep_host = TRY(encode(t, host, "idna", nullptr));
    } else if (is_bytes(host)) {
        out.keep_host = Ref::share(host);
    } else if (!is_none(host)) {
        return raise(t, PyExc_TypeError, "getaddrinfo() argument 1 must be string or None");
    }
    if (out.keep_host) out.host = bytes_data(out.keep_host);
    if (is_long(service)) {
        out.keep_service = TRY(str(t, service));
        out.service = TRY(str_utf8(t, out.keep_service)).data();
    } else if (is_str(service)) {
        out.keep_service = TRY(encode(t, service, "utf-8", nullptr));
        out.service = bytes_data(out.keep_service);
    } else if (is_bytes(service)) {
        out.keep_service = Ref::share(service);
        out.service = bytes_data(service);
    } else if (!is_none(service)) {
        return raise(t, PyExc_OSError, "Int or String expected");
    }
    return Status::ok();
}
Ref getaddrinfo_(Thread& t, Value, const Value* args, size_t nargs, Value kwnames) {
    Value a[6];
    Ref keep;
    TRY(bind_args(t, "getaddrinfo", "(host, port, family=0, type=0, proto=0, flags=0)", args, nargs, kwnames,
                  a, keep));
    addrinfo hints{};
    int* const places[] = {&hints.ai_family, &hints.ai_socktype, &hints.ai_protocol, &hints.ai_flags};
    for (int i = 0; i < 4; i++)
        if (a[i + 2]) TRY(parse_args(t, "i", &a[i + 2], 1, places[i]));
    Names names;
    TRY(host_and_service(t, a[0], a[1], names));
    TRY(audit(t, "socket.getaddrinfo",
              {a[0], a[1], Value::from_int(hints.ai_family), Value::from_int(hints.ai_socktype),
               Value::from_int(hints.ai_protocol)}));
    AddressList list;
    TRY(look_up(t, names.host, names.service, hints, list));
    Ref out = TRY(list_new(t));
    for (addrinfo* p = list.get(); p; p = p->ai_next) {
        Address address{};
        memcpy(&address, p->ai_addr, p->ai_addrlen < sizeof address ? p->ai_addrlen : sizeof address);
        Ref place = TRY(make_address(t, -1, address, p->ai_addrlen, p->ai_protocol));
        Ref name = TRY(str_from(t, p->ai_canonname ? p->ai_canonname : ""));
        TRY(list_append_owned(t, out,
                              tuple_of(t, {Value::from_int(p->ai_family), Value::from_int(p->ai_socktype),
                                           Value::from_int(p->ai_protocol), name, place})));
    }
    return out;
}

Ref getnameinfo_(Thread& t, Value, const Value* args, size_t nargs, Value kwnames) {
    Value v;
    int flags, port;
    unsigned flowinfo = 0, scope = 0;
    const char* host;
    PARSE_RAW(t, "_socket.getnameinfo", "Oi:getnameinfo", args, nargs, kwnames, &v, &flags);
    if (!is_tuple(v)) return raise(t, PyExc_TypeError, "getnameinfo() argument 1 must be a tuple");
    TRY(parse_args(t, "si|II;getnameinfo(): illegal sockaddr argument", tuple_items(v),
                   static_cast<size_t>(tuple_size(v)), &host, &port, &flowinfo, &scope));
    if (flowinfo > 0xfffff)
        return raise(t, PyExc_OverflowError, "getnameinfo(): flowinfo must be 0-1048575.");
    TRY(audit(t, "socket.getnameinfo", {v}));
    char number[16];
    snprintf(number, sizeof number, "%d", port);
    addrinfo hints{};
    hints.ai_family = AF_UNSPEC;
    hints.ai_socktype = SOCK_DGRAM;
    hints.ai_flags = AI_NUMERICHOST;
    AddressList list;
    TRY(look_up(t, host, number, hints, list));
    if (list->ai_next) return raise(t, PyExc_OSError, "sockaddr resolved to multiple addresses");
    if (list->ai_family == AF_INET && tuple_size(v) != 2)
        return raise(t, PyExc_OSError, "IPv4 sockaddr must be 2 tuple");
    if (list->ai_family == AF_INET6) {
        auto* a = reinterpret_cast<sockaddr_in6*>(list->ai_addr);
        a->sin6_flowinfo = htonl(flowinfo);
        a->sin6_scope_id = scope;
    }
    char name[NI_MAXHOST], service[NI_MAXSERV];
    int error;
    {
        AllowThreads allow(t);
        error =
            getnameinfo(list->ai_addr, list->ai_addrlen, name, sizeof name, service, sizeof service, flags);
    }
    if (error) return raise_gai(t, error);
    Ref a = TRY(fs_decode(t, name, strlen(name))), b = TRY(str_from(t, service));
    return tuple_of(t, {a, b});
}

}  // namespace

const NativeDef kResolveFunctions[] = {
    def<gethostbyname_>("gethostbyname", nullptr, "The IPv4 address of a host, as text."),
    def<gethostbyname_ex_>("gethostbyname_ex", nullptr,
                           "What is known of a host by its name: (name, aliases, addresses)."),
    def<gethostbyaddr_>("gethostbyaddr", nullptr,
                        "What is known of a host by its address: (name, aliases, addresses)."),
    def<getservbyname_>("getservbyname", nullptr,
                        "getservbyname(servicename[, protocolname])\n\nThe port of a service."),
    def<getservbyport_>("getservbyport", nullptr,
                        "getservbyport(port[, protocolname])\n\nThe name of the service at a port."),
    def<getprotobyname_>("getprotobyname", nullptr, "The number of a protocol."),
    def<getaddrinfo_>("getaddrinfo", nullptr,
                      "getaddrinfo(host, port[, family, type, proto, flags])\n\nAddresses to connect or bind "
                      "to: a list of (family, type, proto, canonname, address)."),
    def<getnameinfo_>("getnameinfo", nullptr,
                      "getnameinfo(address, flags)\n\nThe host and the service of an address, as texts."),
    {}};

}  // namespace krait::sock
