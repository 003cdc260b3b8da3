"""bytes and bytearray: methods, mutation, conversions, formatting, messages."""

def attempt(f, *args, **kwargs):
    try:
        print(repr(f(*args, **kwargs)))
    except Exception as error:
        print(type(error).__name__, error, sep=": ")


for kind in (bytes, bytearray):
    b = kind(b"Hello, World")
    print(
        b, b.upper(), b.lower(), b.swapcase(), b.title(), b.capitalize(), b[0], b[1:3], b[::-2], len(b), b.hex(),
        b.hex(" "), b.hex(":", 2), b.hex("-", -3),
    )
    print(
        b.find(b"o"), b.find(111), b.rfind(b"o"), b.count(b"l"), b.count(108, 3), b.index(b"W"),
        b.startswith((b"x", b"H")), b.endswith(b"d"), b"ll" in b, 101 in b,
    )
    print(
        b.replace(b"l", b"LL", 2), b.split(b", "), b.rsplit(b"o", 1), b.partition(b","), b.rpartition(b"zz"),
        b.strip(b"Hd"), kind(b" x\t").strip(), b.center(16, b"*"), b.ljust(14, b"."), b.zfill(15),
    )
    print(
        kind(b"a\tb").expandtabs(3), kind(b"a\nb\r\nc").splitlines(),
        kind(b"-").join([b"a", bytearray(b"b"), memoryview(b"c")]),
        kind(b"abc").translate(bytes.maketrans(b"ab", b"xy"), b"c"), b.removeprefix(b"He"), b.removesuffix(b"ld"),
    )
    print(
        [getattr(kind(b"aB1"), "is" + n)() for n in "alnum alpha ascii digit lower space title upper".split()],
        kind(b"%d %s %r %x %5.1f %c %a %b") % (1, b"s", "r", 255, 1.25, 65, "é", b"b"),
    )
    print(
        kind(3), kind([1, 2]), kind("é", "utf-8"), kind(b"x") * 3, kind(b"a") + b"b", kind(b"a") == b"a",
        kind(b"a") < b"b", kind(), kind(range(3)), kind(memoryview(b"mv")), kind.fromhex("00 ff 1A"),
    )
    attempt(kind, "text")
    attempt(kind, -1)
    attempt(kind, [256])
    attempt(kind, [1.5])
    attempt(kind, 1.5)
    attempt(kind, object())
    attempt(kind, b"x", "utf-8")
    attempt(kind, "é", "ascii")
    attempt(kind, 1 << 70)
    attempt(kind.fromhex, "0")
    attempt(kind.fromhex, "zz")
    attempt(kind.fromhex, 5)
    attempt(b.find, 256)
    attempt(b.find, "x")
    attempt(b.index, b"zz")
    attempt(b.split, b"")
    attempt(b.replace, b"a", "b")
    attempt(b.join, [1])
    attempt(b.join, ["a"])
    attempt(b.startswith, "H")
    attempt(b.strip, "x")
    attempt(b.translate, b"short")
    attempt(b.hex, "ab")
    attempt(b.hex, "é")
    attempt(b.center, 20, "x")
    attempt(lambda: b[99])
    attempt(lambda: b["x"])
    attempt(lambda: b + "x")
    attempt(lambda: b + 5)
    attempt(lambda: b < "x")
    attempt(lambda: "x" in b)
    attempt(lambda: 256 in b)
    attempt(lambda: kind(b"%d") % "x")
    attempt(lambda: kind(b"%s") % "x")
    attempt(lambda: kind(b"%c") % 300)
    attempt(lambda: kind(b"%q") % 1)
    attempt(lambda: kind(b"%d %d") % 1)
    attempt(bytes.maketrans, b"a", b"bc")

print(
    repr(b"\x00\t\n\r\\'\x7f\x80\""), repr(b"'"), repr(b"\"'"), b"a" b"b", rb"\n",
    hash(b"a") == hash(bytearray(b"a") and b"a"),
)
attempt(hash, bytearray())
attempt(lambda: eval("b'é'"))
attempt(lambda: b"abc".__setitem__)
attempt(lambda: bytes.__new__(int))
print(int.from_bytes(b"\x01\x02"), (258).to_bytes(2), b"\xff\xfe".decode("latin-1"), b"caf\xc3\xa9".decode())
class B:
    def __bytes__(self): return b"from dunder"
class Bad:
    def __bytes__(self): return "str"
print(bytes(B()))
attempt(bytes, Bad())
class Index:
    def __index__(self): return 2
print(bytes(Index()), bytes([Index()]), bytearray(b"abc")[Index()])

# bytearray mutation.
a = bytearray(b"abcdef")
a[0] = 65
a[1:3] = b"XYZ"
a[-1:] = []
del a[0]
a.append(33)
a.extend(b"??")
a.extend([33, 34])
a.insert(1, 45)
a += b"+"
a *= 2
print(a, a.pop(), a.pop(0), a.remove(45), a)
a.reverse()
print(a)
a.clear()
print(a, a.copy())
a = bytearray(range(10))
a[::3] = b"abcd"
print(a)
del a[::2]
print(a)
def assign(index, value):
    x = bytearray(b"abc")
    x[index] = value
    return x
attempt(assign, 0, 256)
attempt(assign, 0, "x")
attempt(assign, 9, 1)
attempt(assign, slice(0, 3, 2), b"x")
attempt(assign, slice(0, 1), 5)
attempt(assign, slice(0, 1), "str")
attempt(bytearray().pop)
attempt(bytearray(b"a").pop, 5)
attempt(bytearray(b"a").remove, 98)
attempt(bytearray().append, 300)
attempt(bytearray().extend, "x")
attempt(bytearray().extend, [1, 999])
attempt(bytearray().insert, 0, -1)
view = memoryview(a)
attempt(a.append, 1)
attempt(a.clear)
view[0] = 1
view.release()
a.append(1)
print(a, a.resize(2), a)
x = bytearray(b"ab")
x[:] = x + x
x[1:1] = x
print(x, bytes(x).isascii(), x.__alloc__() >= len(x), bytearray(b"x").__reduce_ex__(2)[0])

# A bytearray extends itself; in place it keeps itself from growing.
grown = bytearray(b"hello")
grown.extend(grown)
print(grown)
for change in (lambda: grown.__iadd__(grown), lambda: memoryview(grown) and grown.extend(grown)):
    try:
        change()
    except BufferError as e:
        print(e)
view = memoryview(grown)
try:
    grown.extend(grown)
except BufferError as e:
    print(e, grown)
