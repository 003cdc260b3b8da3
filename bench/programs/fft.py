"""Fast Fourier transform, iterative, on lists of real and imaginary parts, there and back."""

import math


def transform(re, im, sign):
    n = len(re)
    j = 0
    for i in range(1, n):
        bit = n >> 1
        while j & bit:
            j ^= bit
            bit >>= 1
        j |= bit
        if i < j:
            re[i], re[j] = re[j], re[i]
            im[i], im[j] = im[j], im[i]
    size = 2
    while size <= n:
        half, angle = size // 2, sign * 2 * math.pi / size
        wr, wi = math.cos(angle), math.sin(angle)
        for start in range(0, n, size):
            cr, ci = 1.0, 0.0
            for k in range(start, start + half):
                m = k + half
                tr = re[m] * cr - im[m] * ci
                ti = re[m] * ci + im[m] * cr
                re[m] = re[k] - tr
                im[m] = im[k] - ti
                re[k] += tr
                im[k] += ti
                cr, ci = cr * wr - ci * wi, cr * wi + ci * wr
        size *= 2


def run():
    n = 2048
    re = [math.sin(i * 0.1) + (i % 7) for i in range(n)]
    original = list(re)
    im = [0.0] * n
    transform(re, im, -1)
    peak = max(range(1, n // 2), key=lambda k: re[k] ** 2 + im[k] ** 2)
    transform(re, im, 1)
    return peak, max(abs(a / n - b) for a, b in zip(re, original)) < 1e-9


EXPECTED = (293, True)
