"""format(), str.format, % and the format mini-language: values and messages."""
from decimal import Decimal
import datetime

def attempt(f, *args, **kwargs):
    try:
        print(repr(f(*args, **kwargs)))
    except Exception as error:
        print(type(error).__name__, error, sep=": ")


for value, specs in [
    (42, ["", "d", "5", "<5", "^5", ">5", "05", "+", " ", "x", "X", "#x", "o", "#o", "b", "#b", "#010x", ",", "_", "e", ".2f", "%", "c", "*^9", "=+6", "n", "_x", "#_b"]),
    (-1234567, [",", "_", "015,", "+,d", "x", "_x", "=12", "e", "g", ".3g", "<+12", "^-12", "012_d"]),
    (0, ["+", "%", "x", "#o", "c", "03", "e", "g"]),
    (10 ** 30, ["", ",", "e", "x", "40", "_b"]),
    (True, ["", "d", "5", "x", "s"] ),
    (3.14159, ["", "f", ".2f", "10.3f", "<10.1f", "+.1f", "e", ".3E", "g", ".3g", "%", ".1%", "010.2f", ",", "n", "G", ".0f", "#.0f", "a>8.2f", "=+9.2f", "z.0f"]),
    (-0.0, ["", "f", "+", "z", "z.1f", "g", "e", "05"]),
    (1e100, ["", "f", "g", ",", ".3e", "%"]),
    (1234567.891, [",", ",.2f", "_.1f", "015,.1f", "g", ".10g", "#.3g", "_", ",.3_f", "._f"]),
    (float("inf"), ["", "f", "05", "+", "F", "e", "%", "g"]),
    (float("nan"), ["", "F", "06", "+"]),
    (1e-7, ["", "f", "g", "e", ".10f", "r"]),
    (3 + 4j, ["", ".2f", "g", "+.1e", ">20", "^20.1f", ",", "="]),
    ("text", ["", "s", "10", ">10", "^10", ".2", "*<8", "-^9.3", "05", "=5", "d", ",", "+", "\u2603^7", "#"]),
    (None, ["", "5", "s"]),
    ([1], ["", "3"]),
    (Decimal("1234.5"), ["", ".2f", ",", "e", "010", "%", "+.0f"]),
]:
    for spec in specs:
        try:
            print(f"{value!r:.20} {spec!r}: {format(value, spec)!r}")
        except Exception as error:
            print(f"{value!r:.20} {spec!r}: {type(error).__name__}: {error}")

print("{} {} {}".format(1, "b", [3]), "{1} {0} {1}".format("a", "b"), "{x} {y!r} {0!s:>4}".format(5, x=1, y="q"))
print(
    "{0.real} {0.imag}".format(2 + 3j),
    "{0[1]} {1[key]} {a[0].x}".format([1, 2], {"key": "v"}, a=[type("X", (), {"x": 9})]),
)
print(
    "{:{}}|{:{w}.{p}f}|{:{fill}^{w}}".format("a", 5, 3.14159, "m", w=8, p=2, fill="*"), "{{}} {{{}}}".format(1),
    "{!a}".format("é"),
)
print("{0:%Y-%m-%d} {0:%H:%M}".format(datetime.datetime(2024, 2, 29, 13, 5)), "{:>{}}".format("x", 4))
for text, args, kwargs in [
    ("{", (), {}), ("}", (), {}), ("{}", (), {}), ("{1}", (0,), {}), ("{a}", (), {}), ("{} {0}", (1,), {}), ("{0} {}", (1,), {}),
    ("{!x}", (1,), {}), ("{!}", (1,), {}), ("{0[}", ([1],), {}), ("{0.}", (1,), {}), ("{0[]}", ([1],), {}), ("{0[a]}", ([1],), {}), ("{0.x}", (1,), {}),
    ("{:{:{}}}", (1, 2, 3), {}), ("{0!r", (1,), {}), ("{a.b[c]}", (), {"a": 1}), ("{:d}", ("x",), {}), ("{:.2.3}", (1,), {}), ("{-1}", (1,), {}),
    ("{ 0 }", (1,), {}), ("{99999999999999999999}", (1,), {}), ("{:99999999999999999999}", (1,), {}), ("{0!rr}", (1,), {}), ("{0[1]x}", ([1, 2],), {}),
]:
    attempt(text.format, *args, **kwargs)
class Missing(dict):
    def __missing__(self, key): return f"<{key}>"
print("{a} {b}".format_map(Missing(a=1)))
attempt("{}".format_map, {})
attempt("{a}".format_map, {})

class Formats:
    def __format__(self, spec): return f"spec={spec!r}"
    def __repr__(self): return "<é>"
print("{} {:abc} {!r:>6} {!a}".format(*[Formats()] * 4), format(Formats(), "z"), f"{Formats():{'nested'}}")
class BadFormat:
    def __format__(self, spec): return 5
attempt(format, BadFormat())
attempt(format, object(), "x")
attempt(format, 1, 2)

# The % operator.
for text, value in [
    ("%d %i %u", (1, 2, 3)), ("%5d|%-5d|%05d|%+d|% d", (1,) * 5), ("%x %X %#x %o %#o", (255,) * 5), ("%e %E %f %g %G", (1234.5,) * 5),
    ("%.2f|%8.3f|%-8.1f|%+.0f", (3.14159,) * 4), ("%s %r %a", ("é",) * 3), ("%c%c", ("a", 98)), ("%%", ()), ("%(a)s %(b)05d", {"a": 1, "b": 2}),
    ("%*d|%-*d|%.*f", (5, 1, 5, 2, 2, 3.14159)), ("%.3s|%10.2s|", ("abcdef", "abcdef")), ("%s", [1, 2]), ("%s", ((1, 2),)), ("%d", 3.99), ("%d", 10 ** 25), ("%x", -255),
    ("%5%|", ()), ("%.0e", 5), ("%#.0f", 5), ("%s %s", "ab"), ("%d", "1"), ("%d", None), ("%c", "ab"), ("%c", -1), ("%z", 1), ("%", ()), ("%s", ()), ("%s", (1, 2)),
    ("%(a)s", {}), ("%(a)s", 5), ("%(a", {}), ("%*d", ("a", 1)), ("x", 1), ("x", {}), ("%x", 1.5), ("%f", "x"), ("%s", b"bytes"), ("%d", Decimal("7.9")), ("%.50f", 0.1), ("%lld", 5), ("%i", True),
]:
    attempt(text.__mod__, value)
