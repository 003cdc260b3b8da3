"""int: arithmetic, parsing, conversion, methods, big numbers, bit operations, messages."""
import math
import sys

def attempt(f, *args, **kwargs):
    try:
        print(repr(f(*args, **kwargs)))
    except Exception as error:
        print(type(error).__name__, error, sep=": ")


pairs = [
    (7, 2), (-7, 2), (7, -2), (-7, -2), (0, 5), (1 << 62, 3), (-(1 << 63), 7), (1 << 64, -(1 << 31)),
    (10 ** 40, 10 ** 19 + 1), (2 ** 62 - 1, 2 ** 62), (-1, 1 << 100),
]
for a, b in pairs:
    print(a + b, a - b, a * b, a // b, a % b, divmod(a, b), a & b, a | b, a ^ b, a == b, a < b, a >= b)
    assert a == a // b * b + a % b
for a in (0, 1, -1, 5, -5, 2 ** 31, -2 ** 63, 2 ** 64 + 1, 10 ** 25):
    print(
        ~a, -a, +a, abs(a), a.bit_length(), a.bit_count(), bool(a), hash(a) == a % sys.hash_info.modulus or a < 0,
        a << 3, a >> 3, a >> 100, a << 70,
    )
print(
    2 ** 100, (-3) ** 5, 2 ** -2, 0 ** 0, pow(3, 200, 1000), pow(3, -1, 7), pow(-5, 3, 7),
    pow(2, 10 ** 5, 10 ** 9 + 7), pow(7, 5, -3), 10 ** 30 // 7,
)
for f, *args in [(pow, 0, -1), (pow, 2, -1, 4), (pow, 2, 3, 0), (pow, 2, 3.0, 5), (pow, "a", 2), (divmod, 1, 0), (lambda: 1 // 0,), (lambda: 1 % 0,), (lambda: 1 << -1,), (lambda: 1 >> -1,),
                 (lambda: 1 + "a",), (lambda: 1 < "a",), (lambda: [] * [],), (lambda: 1 & 1.0,), (lambda: ~1.5,), (lambda: 10 ** 400 / 3,), (lambda: float(10 ** 400),), (lambda: 1 << (1 << 70),)]:
    attempt(f, *args)
print(
    (10 ** 400) / (10 ** 399), 10 ** 22 / 10 ** 23, (2 ** 53 + 1) / 1, 1 / 3, -1 / 10 ** 30,
    (2 ** 1100) // (2 ** 1000), 7 / 2,
)

for text, *base in [
    ("12",), (" -12\n",), ("+7",), ("1_000",), ("0x1f", 16), ("0x1f", 0), ("0b101", 0), ("0o17", 0), ("017", 8),
    ("zz", 36), ("-0b1", 2), ("0_1", 10), ("00", 0), ("١٢",), (b"42",), (bytearray(b"0x2"), 16), ("1" * 30,),
]:
    print(text, base, int(text, *base))
for text, *base in [
    ("",), (" ",), ("1.5",), ("1__0",), ("_1",), ("1_",), ("0x",), ("0x", 16), ("012", 0), ("2", 2), ("1", 37),
    ("1", 1), ("1", -2), ("x" * 300,), ("12\0",), (b"\xff",), ("- 1",), ("+-1",), (5, 10), (None,), ([],),
    ("1", "2"), ("0b2", 0), ("9" * 5000,), ("é",), ("1e5",),
]:
    attempt(int, text, *base)
attempt(lambda: str(10 ** 5000))
attempt(lambda: len(str(10 ** 4299)))
sys.set_int_max_str_digits(0)
print(len(str(7 ** 20000)), int("9" * 6000) == 10 ** 6000 - 1, sys.get_int_max_str_digits())
sys.set_int_max_str_digits(4300)
attempt(sys.set_int_max_str_digits, 10)

print(
    int(3.99), int(-3.99), int(True), int("5"), int(), int(1e20), int.from_bytes(b"\x80\x01", "big", signed=True),
    int.from_bytes([1, 2], "little"), (-129).to_bytes(2, "little", signed=True), (0).to_bytes(0),
)
for f, *args in [
    (int, float("nan")), (int, float("inf")), (int, 1j), (lambda: (256).to_bytes(1),), (lambda: (-1).to_bytes(1),),
    (lambda: (1).to_bytes(-1),), (lambda: (1).to_bytes(1, "middle"),), (int.from_bytes, "x"),
    (int.from_bytes, [300]), (lambda: (128).to_bytes(1, signed=True),),
]:
    attempt(f, *args)
print(
    bin(10), bin(-10), oct(64), hex(-255), hex(2 ** 70), bin(0), f"{-5:b}", (12).as_integer_ratio(),
    (3).conjugate(), (7).real, (7).imag, (7).numerator, (7).denominator, (5).is_integer(),
)
print(
    round(15, -1), round(25, -1), round(-15, -1), round(12345, -2), round(5), round(10 ** 20 + 5, -1), round(1, -5),
    math.isqrt(10 ** 40), math.gcd(48, -36, 120), math.lcm(4, 6, 10), math.comb(50, 25), math.perm(10, 3),
    math.factorial(30),
)
attempt(round, 1, 2.0)
attempt(hex, 1.5)
attempt(math.isqrt, -1)
attempt(math.factorial, -1)
attempt(math.factorial, 2.0)
attempt(math.comb, 5, -1)

class Index:
    def __init__(self, v): self.v = v
    def __index__(self): return self.v
class Int:
    def __init__(self, v): self.v = v
    def __int__(self): return self.v
print(
    hex(Index(255)), [1, 2, 3][Index(1)], int(Index(5)), int(Int(6)), "ab" * Index(2), range(Index(2))[-1],
    math.gcd(Index(4), 6),
)
attempt(lambda: [1][Int(0)])
attempt(int, Int("x"))
attempt(hex, Index("x"))
class My(int):
    def __repr__(self): return f"My({int(self)})"
    def __add__(self, other): return My(int(self) + other)
m = My(5)
print(
    m, m + 1, 1 + m, m * 2, type(m * 2).__name__, int(m), [m], f"{m}", "%d" % m, str(m), {5: "x"}[m], m == 5,
    My("0x10", 0), type(+m).__name__,
)

# Division and modulo identities on big numbers; digits algorithms.
def digits(n, base):
    out = []
    while n:
        n, d = divmod(n, base)
        out.append(d)
    return out[::-1]
print(digits(2 ** 64, 10), sum(digits(3 ** 300, 7)), int("".join(map(str, digits(10 ** 12, 9))), 9))
fact = math.factorial(100)
print(fact, fact.bit_length(), fact & -fact, sum(map(int, str(fact))), fact % 101, fact // math.factorial(98))
a, b = 0, 1
for _ in range(500):
    a, b = b, a + b
print(a, a % 10 ** 9, hash(a), hash(-a), hash(2 ** 61 - 1), hash(2 ** 61), hash(-1), hash(-2))
x = 3 ** 1000
print(
    (x * x) == 3 ** 2000, (x ** 3) // (x * x) == x, (x << 1000) >> 1000 == x, x ^ x, (x | ~x), (-x) >> 5,
    (-x) & 0xFFFF, (x & (x - 1)).bit_count(), -x // 7 ** 100,
)
print(
    1 is 1, True + True, True & False, True ^ 1, ~False, isinstance(True, int), int.__name__, 5 .real, 0xFF, 0o17,
    0b11, 1_000_000,
)
for source in ["012", "0b2", "1__0", "0xg", "1_", "5x", "0o8", "1if 1else 2"]:
    try:
        print(source, eval(source))
    except SyntaxError as error:
        print(f"{source}: {error.msg}")
