"""decimal, fractions, numbers, statistics: contexts, rounding, conversions, errors."""
import decimal
import fractions
import numbers
import statistics
from decimal import Decimal as D, Context, localcontext, getcontext
from fractions import Fraction as Q

def attempt(f, *args, **kwargs):
    try:
        print(repr(f(*args, **kwargs)))
    except Exception as error:
        print(type(error).__name__, error, sep=": ")


print(
    Q(3, 4), Q(6, -8), Q("3/4"), Q(" -1.25e1 "), Q(0.125), Q(D("0.1")), Q(5), Q(), repr(Q(1, 3)), Q("1_0/3"),
    Q(1, 3) == Q(2, 6),
)
print(
    Q(1, 3) + Q(1, 6), Q(1, 2) - 1, Q(2, 3) * Q(3, 4), Q(1, 2) / Q(1, 4), Q(7, 2) // 1, Q(7, 2) % 2,
    divmod(Q(7, 2), 2), Q(1, 2) ** 3, Q(4, 9) ** 0.5, Q(2) ** -2, 2 ** Q(1, 2), -Q(1, 2), abs(Q(-1, 2)),
)
print(
    Q(1, 2) + 0.5, Q(1, 2) + 1j, Q(1, 2) < 0.75, Q(1, 2) == 0.5, hash(Q(1, 2)) == hash(0.5), round(Q(7, 2)),
    round(Q(22, 7), 2), Q(22, 7).limit_denominator(5), Q(3.14159).limit_denominator(100), int(Q(-7, 2)),
    float(Q(1, 3)), Q(7, 2).__floor__(), Q(7, 2).__ceil__(),
)
print(
    f"{Q(1, 3):.3f} {Q(22, 7):>8} {Q(1000000, 3):,.2f} {Q(3, 2):e}", Q(1, 2).numerator, Q(1, 2).as_integer_ratio(),
    Q.from_float(0.5), Q.from_decimal(D("0.2")), Q(5).is_integer(),
)
for arguments in [
    ("1/0",), (1, 0), ("x",), (1.5, 2), ("1/2/3",), (float("nan"),), (float("inf"),), (None,), ("",), (1, "2"),
]:
    attempt(Q, *arguments)
attempt(lambda: Q(1) / 0)
attempt(lambda: Q(1) + "x")
attempt(lambda: Q(1) < 1j)
attempt(lambda: Q(1, 2).limit_denominator(0))

print(
    D("1.10"), repr(D("1.10")), D(0.1), D(5), D("-0"), D("1E+5"), D("NaN"), D("-Infinity"), D((1, (1, 2, 3), -2)),
    D("1_000.5"), D("  7 "),
)
print(
    D("1.1") + D("2.2"), D(1) / D(3), D("10") // D(3), D("-7") % D(3), D(7) ** 2, D(2) ** D("0.5"), D("1.20") * 3,
    -D("1.5"), abs(D(-2)), D("1.1") + 1, divmod(D(7), 2), D(2).sqrt(), D(100).log10(), D(1).exp(), D(10).ln(),
)
print(
    D("1.0") == 1, D("0.5") == 0.5, D("0.1") == 0.1, D("1.0") == D("1.00"), hash(D("1.0")) == hash(1),
    D("1.1") < 1.2, D("NaN") == D("NaN"), D(1).compare(D("NaN")), max(D(1), D("1.5")),
    sorted([D(3), D("-1"), D("2.5")]),
)
x = D("123.4567")
for rounding in [
    decimal.ROUND_CEILING, decimal.ROUND_FLOOR, decimal.ROUND_UP, decimal.ROUND_DOWN, decimal.ROUND_HALF_UP,
    decimal.ROUND_HALF_DOWN, decimal.ROUND_HALF_EVEN, decimal.ROUND_05UP,
]:
    print(
        rounding, x.quantize(D("0.01"), rounding), (-x).quantize(D("1"), rounding),
        D("2.5").to_integral_value(rounding), D("-2.5").quantize(D(1), rounding=rounding),
        D("2.51").quantize(D(1), rounding=rounding),
    )
print(
    x.as_tuple(), x.adjusted(), x.normalize(), D("1200").normalize(), D("1200").to_eng_string(),
    D("1.2E+7").to_eng_string(), x.scaleb(2), x.shift(1), D("12").fma(3, 4), x.as_integer_ratio(), x.is_signed(),
    x.is_finite(), D("sNaN").is_snan(), D("1.5").to_integral_exact(), x.logb(), x.number_class(), x.radix(),
)
print(
    round(D("2.675"), 2), round(D("2.5")), int(D("-3.9")), float(D("1.5")), D("3.7").__floor__(),
    D("1.000").is_zero(), str(D("0E-10")), D("123456789.123").to_eng_string(), format(D("1e10"), "f"),
    D("1") .next_plus(), D("10").compare_total(D("10.0")),
)
attempt(D, "abc")
attempt(D, 1j)
attempt(D, (1, 2))
attempt(lambda: D(1) / 0)
attempt(lambda: D(0) / 0)
attempt(lambda: D("sNaN") + 1)
attempt(lambda: D(1) + 1.5)
attempt(lambda: D("NaN") < 1)
attempt(lambda: int(D("NaN")))
attempt(lambda: int(D("Infinity")))
attempt(lambda: D(-1).sqrt())
attempt(lambda: D("1e1000000") ** 10)
attempt(lambda: D(10).quantize(D("1e-40")))
attempt(lambda: hash(D("sNaN")))
attempt(lambda: D(1).quantize(D(1), rounding="sideways"))

with localcontext() as context:
    context.prec = 5
    print(D(1) / 7, D("123456789") + 0, +D("1.23456789"), context.flags[decimal.Inexact])
    context.rounding = decimal.ROUND_UP
    print(D(1) / 7, context.create_decimal("1.000001"))
with localcontext(prec=3, traps=[]) as context:
    print(
        D(1) / 0, context.create_decimal("junk"), context.divide(1, 0),
        sorted(str(f.__name__) for f, on in context.flags.items() if on),
    )
print(
    getcontext().prec, D(1) / 7, Context(prec=4).divide(D(2), D(3)),
    Context(prec=2, Emax=5).create_decimal_from_float(1234.5),
)
print(getcontext())
attempt(setattr, getcontext(), "prec", 0)
attempt(setattr, getcontext(), "rounding", "x")
attempt(setattr, getcontext(), "nothing", 1)

for kind, value in [
    (numbers.Integral, 5), (numbers.Real, 1.5), (numbers.Rational, Q(1, 2)), (numbers.Number, D(1)),
    (numbers.Real, D(1)), (numbers.Complex, 1j), (numbers.Integral, True),
]:
    print(kind.__name__, isinstance(value, kind), end="; ")
print()
data = [2, 4, 4, 4, 5, 5, 7, 9]
print(
    statistics.mean(data), statistics.fmean(data), statistics.median(data), statistics.median_low([1, 2, 3, 4]),
    statistics.median_high([1, 2, 3, 4]), statistics.mode("aab"), statistics.multimode("aabb"),
    statistics.pstdev(data), statistics.stdev(data), statistics.variance(data),
    statistics.pvariance([Q(1, 2), Q(3, 4)]), statistics.mean([D("1.5"), D("2.5")]),
    statistics.harmonic_mean([40, 60]), statistics.geometric_mean([54, 24, 36]), statistics.quantiles(data, n=4),
    statistics.correlation([1, 2, 3], [1, 2, 4]), statistics.linear_regression([1, 2, 3], [2, 4, 6]),
)
attempt(statistics.mean, [])
attempt(statistics.stdev, [1])
attempt(statistics.harmonic_mean, [-1])
n = statistics.NormalDist(100, 15)
print(n.cdf(100), round(n.inv_cdf(0.975), 6), n + 5, n.overlap(statistics.NormalDist(110, 15)), n.zscore(130))
