import asyncio
import traceback

import built_c
import built_cffi
import built_cython
import built_pybind as bp

print(built_c.add(2, 3), built_c.add.__doc__)
c = built_cython.Counter(5)
print(
    c.add("a"),
    c.add("a", by=3),
    c.n,
    list(c),
    c == built_cython.Counter(9),
    built_cython.norm([3.0, 4]),
    built_cython.primes(20),
)
print(asyncio.run(built_cython.later(21)), built_cython.Plain(4).double)
try:
    built_cython.fails()
except ValueError as e:
    print(repr(e), repr(e.__cause__), [f.name for f in traceback.extract_tb(e.__traceback__)])


class Square(bp.Shape):
    def __init__(self, n):
        super().__init__()
        self.n = n

    def area(self):
        return self.n**2


print(
    bp.total([Square(2), Square(3)]), bp.Point(1) + bp.Point(x=2, y=5), bp.Point(3, 4).norm2, bp.Kind.Round, int(bp.Kind.Square)
)
print(bp.apply(lambda x: x + 1, 41), bp.words({"a": 1}), bp.without_gil())
for bad in (lambda: bp.fail(), lambda: bp.Point("x"), lambda: bp.Shape().area()):
    try:
        bad()
    except Exception as e:
        print(type(e).__name__, str(e).splitlines()[0])


@built_cffi.ffi.def_extern()
def twice(x):
    return 2 * x


p = built_cffi.ffi.new("struct pair *", {"a": 1, "b": 2.5})
print(built_cffi.lib.triple(14), built_cffi.lib.sum_pair(p), built_cffi.lib.call_twice(10), built_cffi.ffi.typeof(p))
