# Numbers that do not fit where the system's calls take ints of several widths.
import fcntl
import os
import select
import socket


def memfd(flags):
    os.close(os.memfd_create("name", flags))


def adopt(fd):
    # A number that wraps to a descriptor which is no socket.
    socket.socket(fileno=fd)


read, write = os.pipe()
functions = {
    "os.kill": lambda v: os.kill(os.getpid(), v),
    "os.lseek": lambda v: os.lseek(read, v, 0),
    "os.memfd_create": memfd,
    "poll.register": lambda v: select.poll().register(read, v),
    "socket.socket": lambda v: adopt(v),
    "fcntl.fcntl": lambda v: fcntl.fcntl(v, fcntl.F_GETFD),
    "fcntl.fcntl, command": lambda v: fcntl.fcntl(read, v),
    "fcntl.fcntl, argument": lambda v: fcntl.fcntl(read, fcntl.F_GETFD, v),
    "fcntl.ioctl": lambda v: fcntl.ioctl(read, v),
}
numbers = [2**31, 2**32, 2**63, 2**64, 2**70, -(2**31) - 1, -(2**63) - 1, "a", 1.5, [], None]
for name, function in functions.items():
    for v in numbers:
        if v is None and name == "socket.socket":
            continue
        try:
            result = function(v)
        except Exception as e:
            result = f"{type(e).__name__}: {e}"
        print(name, repr(v), "->", result)
