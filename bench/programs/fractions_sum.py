"""fractions: harmonic sums and continued fractions, Python classes with operators."""

from fractions import Fraction


def run():
    total = Fraction(0)
    for n in range(1, 90):
        total += Fraction(1, n)
    golden = Fraction(1)
    for _ in range(40):
        golden = 1 + 1 / golden
    ordered = sorted(Fraction(n * 7 % 31, n) for n in range(1, 120))
    return total.numerator % 10**9, golden.denominator, str(ordered[60])


EXPECTED = (271893701, 165580141, '6/23')
