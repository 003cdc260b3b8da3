# The functions and methods of _socket: their checks and messages; then sockets that speak with each other.
import _socket
import re
import socket

PROBES = r"""
a.recv()
a.recv(1,2,3)
a.recv("a")
a.recv(1.5)
a.recv(1<<70)
a.recv(1,1<<40)
a.recv(1,"x")
a.recv(1,x=2)
a.recv_into(b"x")
a.recv_into("x")
a.recv_into()
a.sendto(1,2)
a.sendto()
a.send("x")
a.send()
a.sendall(1,2,3)
a.sendmsg([b"1"],[(1,2)])
a.sendmsg([b"1"],[1])
a.sendmsg([b"1"],[(1,"a",b"")])
a.sendmsg([b"1"],[(1,1,"a")])
a.sendmsg(["a"])
a.recvmsg_into(["a"])
a.recvmsg_into(1)
a.bind(1)
a.bind((1,2))
a.bind(("",))
a.bind(("","a"))
a.bind(("",1<<70))
a.bind(("a",1,3))
a.bind(("\0",1))
a.bind(("",70000))
a.setsockopt(1,2)
a.setsockopt(1,2,"x")
a.setsockopt(1,2,None)
a.setsockopt(1,2,None,-1)
a.setsockopt(1,2,3,4)
a.setsockopt(1,2,1<<40)
a.getsockopt(1)
a.getsockopt(1,2,5000)
a.listen("a")
a.settimeout("a")
a.settimeout(-1)
a.settimeout(1e300)
a.shutdown("a")
a.connect(("",1<<40))
_socket.socket(1,2,3,4,5)
_socket.socket(x=1)
_socket.socket("a")
_socket.socket(fileno=-2)
_socket.socket(fileno=1.5)
_socket.socketpair(1,2,3,4)
_socket.htons(-1)
_socket.htons(70000)
_socket.htonl(1<<40)
_socket.htonl(-1)
_socket.htons("a")
_socket.ntohl("a")
_socket.ntohl(1<<33)
_socket.inet_aton("a")
_socket.inet_aton(1)
_socket.inet_ntoa(b"1")
_socket.inet_ntoa("a")
_socket.inet_pton(2,"a")
_socket.inet_pton(99,"a")
_socket.inet_ntop(2,b"a")
_socket.inet_ntop(99,b"a")
_socket.getaddrinfo(1,2)
_socket.getaddrinfo("127.0.0.1",1.5)
_socket.getaddrinfo("127.0.0.1",1<<70)
_socket.getaddrinfo("127.0.0.1",-1)
_socket.getaddrinfo()
_socket.getaddrinfo(1,2,3,4,5,6,7)
_socket.getaddrinfo("127.0.0.1",1,x=1)
_socket.getservbyname()
_socket.getservbyname("xxx")
_socket.getservbyport(70000)
_socket.getprotobyname("x")
_socket.gethostbyname(1)
_socket.gethostbyname("a\0")
_socket.getnameinfo(1,2)
_socket.getnameinfo((1,2),3)
_socket.getnameinfo(("127.0.0.1",2),1<<40)
_socket.getnameinfo(("::1",2,1<<21),0)
_socket.if_nametoindex("x")
_socket.if_indextoname(-1)
_socket.if_indextoname(1<<40)
_socket.if_indextoname("a")
_socket.CMSG_LEN(-1)
_socket.CMSG_LEN(1<<40)
_socket.CMSG_LEN()
_socket.CMSG_SPACE(1<<40)
_socket.sethostname(1)
_socket.setdefaulttimeout("a")
_socket.setdefaulttimeout(-1)
_socket.close("a")
_socket.close(-1)
a.sendmsg_afalg()
u.bind("a"*200)
u.bind(1)
u.bind("\0"+"x"*200)
a.recvfrom(-1)
a.recvfrom_into(bytearray(3),-1)
a.recvfrom_into(bytearray(3),7)
a.recv_into(bytearray(3),7)
a.recv_into(bytearray(3),-7)
a.recvmsg(-1)
a.recvmsg(1,-1)
a.recvmsg(1,1<<40)
a.recv(-1)
a.fileno(1)
a.bind()
a.accept
a.__reduce__()
_socket.socket.__init__(1)
a.x
_socket.getnameinfo()
_socket.inet_aton("1 x")
_socket.inet_aton("1.2")
_socket.getaddrinfo("127.0.0.1",b"80")
a.bind(("\u00e9"*70,1))
_socket.gethostbyname("\u00e9"*70)
a.family=3
a.timeout
a.timeout=3
_socket.socket(1,1,0,0.5)
a.setblocking()
a.listen(1,2)
a.listen(1<<40)
"""


def probe(line):
    a = _socket.socket()
    u = _socket.socket(_socket.AF_UNIX)
    a.settimeout(0)
    try:
        if re.match(r"a\.\w+=", line):
            exec(line)
            result = None
        else:
            result = eval(line)
        print(line, "->", re.sub("fd=[0-9]+", "fd=N", repr(result)))
    except Exception as e:
        print(line, "->", type(e).__name__, e.args, isinstance(e, OSError) and e.errno)
    finally:
        a.close()
        u.close()


def talk():
    a, b = socket.socketpair()
    with a, b:
        print(a.family, a.type, a.proto, a.getblocking(), a.gettimeout())
        print(a.send(b"one"), b.recv(10))
        a.sendall(b"x" * 10)
        buffer = bytearray(4)
        print(b.recv_into(buffer), buffer, b.recv_into(buffer, 2), buffer, b.recv(100, socket.MSG_PEEK))
        print(b.recvfrom(2), b.recvfrom_into(buffer), b.recv(0))
        b.settimeout(0.01)
        for call in (lambda: b.recv(1), lambda: b.accept(), lambda: b.recvmsg(1)):
            try:
                call()
            except OSError as e:
                print(type(e).__name__, e)
        b.setblocking(False)
        try:
            b.recv(1)
        except OSError as e:
            print(type(e).__name__, e)
        a.shutdown(socket.SHUT_WR)
        b.setblocking(True)
        print(b.recv(1))
    print(a.fileno(), a)
    try:
        a.send(b"")
    except OSError as e:
        print(type(e).__name__, e)


def ancillary():
    a, b = socket.socketpair()
    with a, b, open("file", "wb+") as f:
        f.write(b"content")
        f.flush()
        print(socket.send_fds(a, [b"he", b"re"], [f.fileno()]))
        data, fds, flags, address = socket.recv_fds(b, 10, 2)
        print(data, len(fds), address)
        with open(fds[0], "rb") as g:
            g.seek(0)
            print(g.read())
        print(a.sendmsg([b"a", memoryview(b"bc"), bytearray(b"d")]))
        buffers = [bytearray(3), bytearray(3)]
        print(b.recvmsg_into(buffers)[::2], buffers)
        a.sendmsg([b"gone"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, b"")])
        print(b.recvmsg(4)[:2])


def internet():
    for family, host in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET, "localhost")):
        with socket.socket(family) as server:
            server.bind((host, 0))
            server.listen()
            with socket.create_connection(server.getsockname()) as client:
                connection, address = server.accept()
                with connection:
                    print(address == client.getsockname(), connection.getpeername() == address)
                    client.sendall(b"question")
                    print(connection.recv(100))
                    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                    print(connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
                    print(connection.getsockopt(socket.SOL_SOCKET, socket.SO_LINGER, 8))
    with socket.socket(type=socket.SOCK_DGRAM) as one, socket.socket(type=socket.SOCK_DGRAM) as two:
        one.bind(("127.0.0.1", 0))
        print(two.sendto(b"datagram", one.getsockname()), one.recvfrom(3)[0])
        print(two.sendto(b"datagram", 0, one.getsockname()), one.recvmsg(3)[:3:2])
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port = s.getsockname()
    with socket.socket() as s:
        try:
            s.connect(port)
        except OSError as e:
            print(type(e).__name__, e)
    with socket.socket() as s:
        print(s.connect_ex(port))


def unix():
    with socket.socket(socket.AF_UNIX) as s, socket.socket(socket.AF_UNIX) as c:
        print(repr(s.getsockname()))
        s.bind("name")
        s.listen()
        c.connect(b"name")
        print(s.getsockname(), c.getpeername(), repr(c.getsockname()), s.accept()[1])
    with socket.socket(socket.AF_UNIX) as s:
        s.bind("\0hidden")
        print(s.getsockname())


for line in PROBES.split("\n"):
    if line:
        probe(line)
talk()
ancillary()
internet()
unix()
