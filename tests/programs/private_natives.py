"""Functions that only the interpreter is meant to call survive what programs give them."""
import _typing
import sys

VALUES = [5, "x", (), (1,), (1, 2), [], {}, b"x", bytearray(b"abc"), None, object(), ..., 2**70, 1.5, type, lambda: 0]
for name in "_make_typevar _make_paramspec _make_typevartuple _make_typealias _subscript_generic _set_default".split():
    f = getattr(_typing, name, None)  # the oracle has them as intrinsics
    for v in VALUES + [(v, w, v) for v in VALUES for w in VALUES]:
        for args in (v,), (v, v), (v, None), (v, v, v), (v, None, v):
            try:
                f and repr(f(*args))
            except TypeError:
                pass
print("end")
