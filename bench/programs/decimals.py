"""decimal: pi by series, money with quantize."""

from decimal import ROUND_HALF_EVEN, Decimal, localcontext


def pi(digits):
    with localcontext() as context:
        context.prec = digits + 2
        three = Decimal(3)
        last, t, s, n, na, d, da = 0, three, 3, 1, 0, 0, 24
        while s != last:
            last = s
            n, na = n + na, na + 8
            d, da = d + da, da + 32
            t = (t * n) / d
            s += t
        context.prec = digits
        return +s


def run():
    total = Decimal("0.00")
    for cents in range(300):
        price = Decimal(cents * 7 % 1000) / 100
        total += (price * Decimal("1.19")).quantize(Decimal("0.01"), ROUND_HALF_EVEN)
    return str(pi(60)), str(total)


EXPECTED = ('3.14159265358979323846264338327950288419716939937510582097494', '1701.10')
