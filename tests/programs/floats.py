"""float and complex: repr, parsing, arithmetic, rounding, hex, math functions, messages."""
import cmath
import math
import sys

def attempt(f, *args, **kwargs):
    try:
        print(repr(f(*args, **kwargs)))
    except Exception as error:
        print(type(error).__name__, error, sep=": ")


for x in [
    0.0, -0.0, 0.1, 1 / 3, 1e16, 1e15, 123456789012345680.0, 9007199254740993.0, 1e-4, 1e-5, 5e-324,
    2.2250738585072014e-308, 1.7976931348623157e308, 1e22, 1e23, 100.0, 2 ** 0.5, float("inf"), float("-inf"),
    float("nan"), 4.35, 0.3, 1.1 + 2.2,
]:
    print(
        repr(x), x.hex(), float.fromhex(x.hex()) == x, x.is_integer(), hash(x) if x == x else "nan", -x, abs(x),
        bool(x),
    )
print(
    (0.75).as_integer_ratio(), (0.1).as_integer_ratio(), float.fromhex("0x1.8p3"), float.fromhex(" -0x.8p0 "),
    float.fromhex("inf"), float.fromhex("10"), float.fromhex("0x1p-1074"),
)
for f, *args in [
    ((float("nan")).as_integer_ratio,), ((float("inf")).as_integer_ratio,), (float.fromhex, "0x"),
    (float.fromhex, "0x1p5000"), (float.fromhex, "1.5.2"), (float.fromhex, 5),
]:
    attempt(f, *args)
for text in [
    "1.5", " 1e3 ", "-.5", "5.", "inf", "-Infinity", "nan", "+NaN", "1_0.0_1", "1e-400", "1e400", "٣.٥", "0x10", "",
    ".", "1e", "1..2", "1_", "_1", "1__0", "infinit", "1.5x", "1e1.5", "\0", b"2.5", "1" * 400 + "e-399",
]:
    attempt(float, text)
for value in [None, [], 1j, 10 ** 400, object]:
    attempt(float, value)
class F:
    def __init__(self, v): self.v = v
    def __float__(self): return self.v
class I:
    def __index__(self): return 7
print(float(F(1.5)), float(I()), math.sqrt(F(4.0)), math.floor(2.5))
attempt(float, F(1))
attempt(math.sqrt, F("x"))

for a, b in [
    (7.5, 2), (-7.5, 2), (7.5, -2), (1e308, 10), (0.0, 3), (-0.0, 3), (5, 0.3), (float("inf"), 2),
    (3, float("inf")), (-3, float("inf")),
]:
    print(
        a + b, a - b, a * b, a / b, a // b, a % b, divmod(a, b), a < b, a == b,
        math.fmod(a, b) if a != float("inf") else "-",
    )
for f in [
    lambda: 1.0 / 0, lambda: 1.0 // 0, lambda: 1.0 % 0, lambda: divmod(1.0, 0), lambda: 0.0 ** -1,
    lambda: 1e300 ** 2, lambda: (-8.0) ** (1 / 3), lambda: 1.0 + "x", lambda: 1.5 < "x", lambda: 1.5 & 1,
    lambda: math.exp(1000), lambda: 1.5 @ 2, lambda: int(1e400), lambda: (2.0).__round__("x"),
    lambda: pow(2.0, 3, 5),
]:
    attempt(f)
print(
    2.0 ** 0.5, 2 ** 0.5, (-2.0) ** 3, 0.0 ** 0, (-0.0) ** 3, 1.0 ** float("nan"), float("nan") ** 0,
    float("inf") ** -1, 4 ** 0.5, 10.0 ** 15,
)
print(
    1 == 1.0, 2 ** 53 == float(2 ** 53), 2 ** 53 + 1 == float(2 ** 53 + 1), 10 ** 400 > 1e308,
    10 ** 400 < float("inf"), -10 ** 400 > float("-inf"), float("nan") == float("nan"), 0.0 == -0.0, 1 < 1.5 < 2,
    hash(1.0) == hash(1), {1: "a"}[1.0], hash(2.5), hash(float("inf")),
)
nan = float("nan")
print(
    nan in [nan], [nan] == [nan], max(nan, 1) != max(1, nan), sorted([3.5, 1, 2.25]), min(1.0, 1), sum([0.1] * 10),
    math.fsum([0.1] * 10), sum([1e100, 1.0, -1e100]), math.prod([0.5, 4]),
)

for value, *digits in [
    (2.5,), (3.5,), (-2.5,), (2.675, 2), (1234.5678, -2), (0.5, 0), (1e300, -300), (5e-324, 400), (1.15, 1),
    (1e22, 2), (nan, 2), (float("inf"), 1), (25.0, -1), (0.05, 1), (-0.4,),
]:
    attempt(round, value, *digits)
attempt(round, nan)
attempt(round, float("inf"))
attempt(round, 1.5, 1.5)
print(
    math.floor(-2.5), math.ceil(-2.5), math.trunc(-2.5), math.floor(1e20), math.modf(-3.25), math.frexp(10.0),
    math.ldexp(0.5, 5), math.copysign(1, -0.0), math.isclose(0.1 + 0.2, 0.3), math.nextafter(1, 2), math.ulp(1.0),
    math.hypot(3, 4), math.dist((1, 2), (4, 6)), math.remainder(7, 4), math.cbrt(27), math.fma(2, 3, 4),
    math.sumprod([1, 2], [3.5, 4]),
)
for name in "sin cos tan asin acos atan sinh cosh tanh asinh atanh exp expm1 log1p sqrt erf gamma lgamma degrees radians exp2".split():
    print(name, *(f"{getattr(math, name)(x):.12g}" for x in (0.25, 0.5)), end="; ")
print()
print(
    math.log(8, 2), math.log2(2 ** 200), math.log10(10 ** 300), math.log(10 ** 400), math.pi, math.e, math.tau,
    math.isnan(nan), math.isinf(-math.inf), math.isfinite(1),
)
for f, *args in [
    (math.sqrt, -1), (math.log, 0), (math.log, -1), (math.acos, 2), (math.gamma, -1), (math.fmod, 1, 0),
    (math.log, 1, 0), (math.log, 2, 1), (math.floor, nan), (math.ceil, math.inf), (math.hypot, "x"),
    (math.sin, math.inf), (math.ldexp, 1.0, 5000), (math.dist, (1,), (1, 2)), (math.sqrt, "4"), (math.sqrt,),
    (math.pow, -1, 0.5), (math.sumprod, [1], [1, 2]),
]:
    attempt(f, *args)

print(
    sys.float_info.max, sys.float_info.epsilon, sys.float_info.dig, float.__getformat__("double"),
    float.from_number(3), (1.5).conjugate(), (1.5).real, (1.5).imag, float().hex(),
)
class My(float):
    def __repr__(self): return "My"
print(My(2), My(2) + 1, f"{My(2)}", "%.1f" % My(2), type(My(1) * 2).__name__, [My(0)])

z = 3 + 4j
print(
    z, abs(z), z.conjugate(), z.real, z.imag, -z, z + 1, z * 1j, z / 2, z ** 2, z ** -1, z ** 0.5, z == 3 + 4j,
    z != z, hash(1 + 0j) == hash(1), complex("1-2j"), complex(" (3j) "), complex(1, 2.5), complex(),
    complex("inf+nanj"), complex(-0.0, -0.0), -0j, 1 - 0j,
)
print(
    repr(1e100j), 1j * 1j, (1 + 2j) - 1j, complex(True), complex.from_number(3), complex(imag=2), (2 + 0j) ** 10,
    (0j) ** 0, bool(0j), 2j.imag, 1_0j,
)
for f, *args in [
    (complex, "1 + 2j"), (complex, "j1"), (complex, ""), (complex, "1", 2), (complex, 1, "2"), (complex, []),
    (lambda: 1j < 2j,), (lambda: 1j // 2,), (lambda: 1j % 2,), (lambda: 1j / 0,), (lambda: 0j ** -1,),
    (lambda: int(1j),), (lambda: float(1j),), (lambda: divmod(1j, 1),), (lambda: 0j ** 1j,), (lambda: round(1j),),
    (abs, complex(1e308, 1e308)), (lambda: pow(1j, 2, 3),),
]:
    attempt(f, *args)
print(
    cmath.sqrt(-1), cmath.exp(1j * cmath.pi).real, cmath.phase(1j), cmath.polar(1j), cmath.rect(1, 0),
    cmath.log(-1), cmath.isclose(1, 1 + 1e-12j), cmath.isnan(complex(nan, 0)),
)
attempt(cmath.log, 0)
