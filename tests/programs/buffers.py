"""struct, array, memoryview: formats, casts, slices, exports, errors."""
import array
import struct

def attempt(f, *args, **kwargs):
    try:
        print(repr(f(*args, **kwargs)))
    except Exception as error:
        print(type(error).__name__, error, sep=": ")


for form, values in [
    ("b", (-5,)), ("<BhHiIqQ", (255, -2, 65535, -3, 2 ** 32 - 1, -2 ** 63, 2 ** 64 - 1)), (">hiq", (1, 2, 3)),
    ("!If", (1, 1.5)), ("=?c3s", (True, b"x", b"ab")), ("4x2h", (1, 2)), ("5p", (b"hello!",)), ("<e", (1.5,)),
    ("<d", (0.1,)), (">f", (float("inf"),)), ("@bi", (1, 2)), ("0s", (b"x",)), ("3s2x1s", (b"abcd", b"e")),
    ("<2h3b", (1, 2, 3, 4, 5)), ("< h  h ", (1, 2)), ("nN", (-1, 1)), ("<0h", ()), ("b0i", (1,)),
]:
    data = struct.pack(form, *values)
    print(form, data, struct.calcsize(form), struct.unpack(form, data))
for f, *args in [
    (struct.pack, "b", 200), (struct.pack, "B", -1), (struct.pack, "h", 1.5), (struct.pack, "h"),
    (struct.pack, "h", 1, 2), (struct.pack, "z", 1), (struct.pack, "c", b"ab"), (struct.pack, "s", "x"),
    (struct.pack, "f", 1e100), (struct.pack, "e", 1e6), (struct.pack, "<n", 1), (struct.pack, "q", 2 ** 63),
    (struct.pack, "i", "x"), (struct.unpack, "h", b"abc"), (struct.unpack, "h", "ab"),
    (struct.calcsize, "99999999999999999999h"), (struct.calcsize, "3"), (struct.unpack_from, "h", b"a"),
    (struct.unpack_from, "h", b"abcd", 3), (struct.unpack_from, "h", b"abcd", -9),
    (struct.pack_into, "h", bytearray(1), 0, 1), (struct.pack_into, "h", b"ab", 0, 1), (struct.pack, 5),
    (struct.Struct, "é"), (lambda: list(struct.iter_unpack("h", b"abc")),),
    (lambda: list(struct.iter_unpack("", b"")),), (struct.pack, "P", -2 ** 70), (struct.pack, "I", 2 ** 32),
    (struct.pack, "?"),
]:
    attempt(f, *args)
s = struct.Struct("<hh")
b = bytearray(6)
s.pack_into(b, 2, 7, 8)
print(
    s.format, s.size, b, s.unpack_from(b, 2), s.unpack_from(b, -4), list(struct.iter_unpack("<h", b)), s,
    struct.unpack("?", b"\x05"), struct.pack("?", []), struct.error.__module__,
)

for code, values in [
    ("b", [-1, 2]), ("B", [1, 255]), ("h", [1]), ("H", [65535]), ("i", [-5]), ("I", [5]), ("l", [1]),
    ("L", [2 ** 40]), ("q", [-2 ** 62]), ("Q", [2 ** 64 - 1]), ("f", [1.5]), ("d", [0.1]), ("u", "é") , ("w", "a😀"),
]:
    a = array.array(code, values)
    print(a, a.itemsize, a.tobytes(), a[0])
a = array.array("i", range(5))
a.append(9)
a.extend([7, 8])
a.extend(array.array("i", [1]))
a.insert(1, 100)
a[0] = -1
a[2:4] = array.array("i", [5])
del a[-1]
a += array.array("i", [3])
a.reverse()
print(
    a, a.pop(), a.pop(0), a.index(9), a.count(5), a.tolist(), len(a), a[1:3], a[::-1], a * 2,
    a + a == array.array("i", a.tolist() * 2), 9 in a, a.remove(9), a, a == a.tolist(), a < array.array("i", [99]),
    list(reversed(a)), a.buffer_info()[1], array.typecodes, array.array("i"),
    array.array("d", [1]) == array.array("i", [1]), a.byteswap(), a[0], array.array("h", b"\x01\x00\x02\x00"),
    array.array("i", [1, 2]).__copy__(),
)
for f, *args in [
    (array.array, "x"), (array.array, "i", [1.5]), (array.array, "b", [200]), (array.array, "i", "ab"),
    (array.array, "B", [-1]), (array.array,), (a.append, "x"), (a.fromlist, 5), (a.frombytes, b"abc"),
    (a.extend, array.array("d")), (a.index, 12345), (a.remove, 12345), (array.array("i").pop,), (lambda: a[99],),
    (lambda: a + [1],), (lambda: a.__setitem__(slice(0, 1), [1]),), (lambda: a["x"],), (hash, a),
    (lambda: array.array("u", [1]),), (lambda: array.array("i") * "x",), (lambda: array.array("q", [2 ** 63]),),
    (lambda: array.array("I", [2 ** 32]),),
]:
    attempt(f, *args)
w = array.array("w", "ab")
w.fromunicode("c")
print(w.tounicode(), array.array("d", [float("nan")]).tolist())
import io
out = io.BytesIO()
a.tofile(out)
out.seek(0)
c = array.array("i")
c.fromfile(out, 2)
print(c)
attempt(c.fromfile, out, 999)

m = memoryview(b"abcdef")
print(
    m[0], m[1:3].tobytes(), m[::-2].tolist(), len(m), m.readonly, m.format, m.itemsize, m.ndim, m.shape, m.strides,
    m.suboffsets, m.nbytes, m.c_contiguous, m.obj, m == b"abcdef", m[1:3] == b"bc", m != b"x",
    hash(m) == hash(b"abcdef"), m.hex(":"), bytes(m), 99 in m, list(reversed(m))[:2], m.count(97), m.index(98),
)
b = bytearray(8)
v = memoryview(b)
v[0] = 65
v[1:3] = b"BC"
v[-1] = 255
i = v.cast("I")
i[1] = 0x01020304
print(
    b, i, i.tolist() == [i[0], i[1]], v.cast("B", (2, 4)).tolist(), v.cast("B", [2, 2, 2])[1, 0, 1],
    v.cast("h").shape, v.cast("c")[0], v.cast("d").format, v.toreadonly().readonly, v.contiguous, v[::2].contiguous,
    v[::2].tobytes(),
)
for f, *args in [
    (memoryview, "x"), (memoryview, 5), (lambda: m.__setitem__(0, 1),), (lambda: v.__setitem__(0, 256),),
    (lambda: v.__setitem__(0, "a"),), (lambda: v.__setitem__(slice(0, 2), b"abc"),), (lambda: v[99],),
    (lambda: v["x"],), (lambda: v.cast("I")[5],), (lambda: memoryview(bytearray(5)).cast("I"),),
    (lambda: v.cast("zz"),), (lambda: v[::2].cast("H"),), (lambda: v.cast("B", (3, 3)),),
    (lambda: v.cast("I").cast("H"),), (hash, v), (lambda: v.cast("B", (2, 4))[0],),
    (lambda: v.cast("B", (2, 4))[0, 9],), (lambda: v.__delitem__(0),), (lambda: v < m,), (b.append, 1),
    (lambda: v + v,), (lambda: v.index(1000),), (memoryview,), (lambda: v.tobytes("X"),),
]:
    attempt(f, *args)
i.release()
v.release()
v.release()
attempt(lambda: v[0])
attempt(len, v)
print(v)
with memoryview(bytearray(b"xyz")) as z: print(z.tobytes())
attempt(z.tolist)
print(
    memoryview(array.array("d", [1.5, 2.5])).tolist(), memoryview(array.array("i", [1, 2]))[1],
    memoryview(b"ab") == memoryview(array.array("B", b"ab")), memoryview(array.array("i", [97])) == b"a\0\0\0",
    memoryview(array.array("f", [1.0])) == memoryview(array.array("d", [1.0])),
)
class Exporter:
    def __buffer__(self, flags):
        print("buffer", flags)
        return memoryview(b"exported")
    def __release_buffer__(self, view): print("released")
with memoryview(Exporter()) as e: print(e.tobytes())
print(bytes(Exporter()), b"".join([Exporter()]), bytearray(Exporter()))
attempt(memoryview, type("Bad", (), {"__buffer__": lambda s, f: 5})())
