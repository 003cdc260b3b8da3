# Small things that random programs found: sizes, the order of references, readinto() of too much.
import gc
import io
import sys


def attempt(f, *args):
    try:
        print(f(*args))
    except Exception as e:
        print(type(e).__name__, e)


class Size:
    def __init__(self, size):
        self.size = size

    def __sizeof__(self):
        return self.size


for size in (-1, "a", 1.5, None, 10, 2**80, True):
    attempt(sys.getsizeof, Size(size))
attempt(sys.getsizeof, Size("a"), 7)


def frame(a, b=1, *args, **kw):
    c = [a, b]
    return sys._getframe()


f = frame(1)
print(sys.getsizeof(f), sys.getsizeof(frame.__code__), sys.getsizeof((lambda: 1).__code__), sys.getsizeof(sys._getframe()))
f.clear()
print(sys.getsizeof(f))

for container in ([1, "a", 2.5, {}], (1, "a", 2.5, {}), {1: "b", (): []}, {"a": 1, "b": []}):
    print(gc.get_referents(container))


class Raw(io.RawIOBase):
    def __init__(self, data, result=None):
        self.data = data
        self.result = result

    def readable(self):
        return True

    def readinto(self, buffer):
        buffer[: len(self.data)] = self.data
        return len(self.data) if self.result is None else self.result


attempt(Raw(b"12345").read, 2)
attempt(Raw(b"12345").read, 5)
attempt(Raw(b"", -1).read, 2)
attempt(Raw(b"", 3).read, 2)
attempt(io.BufferedReader(Raw(b"12", 200), 16).read, 3)
print(int.__module__ is map.__module__)

for empty in (b"", bytearray(), memoryview(b"")):
    for encoding in ("nope", "rot13", "undefined", "utf-8", "idna"):
        attempt(str, empty, encoding)
        attempt(str, empty, encoding, "nope")
attempt(b"".decode, "nope")
attempt("".encode, "nope")
attempt(str, 1, "nope")
attempt(b"x".decode, "nope")
attempt(memoryview(b"x").tobytes().decode, "rot13")

for args in ((None, (), {}), (1, (), {}), ("a", None, {}), ("a", 1, {}), ("a", (), None), ("a", (), 1)):
    attempt(type, *args)
for name in ("stdin", "stdout", "stderr"):
    stream = getattr(sys, name)
    setattr(sys, name, None)
    try:
        input()
    except RuntimeError as e:
        message = str(e)
    delattr(sys, name)
    try:
        input()
    except RuntimeError as e:
        message += "; " + str(e)
    setattr(sys, name, stream)
    print(message)


def define_without_mro():
    class Meta(type):
        def mro(cls):
            return []

    class A(metaclass=Meta):
        pass


attempt(define_without_mro)
