"""The spectral norm of an infinite matrix: small functions called very often, generator expressions."""


def element(i, j):
    return 1.0 / ((i + j) * (i + j + 1) // 2 + i + 1)


def times(v):
    return [sum(element(i, j) * x for j, x in enumerate(v)) for i in range(len(v))]


def transposed_times(v):
    return [sum(element(j, i) * x for j, x in enumerate(v)) for i in range(len(v))]


def run():
    u = [1.0] * 60
    for _ in range(4):
        v = transposed_times(times(u))
        u = transposed_times(times(v))
    top = sum(a * b for a, b in zip(u, v))
    return round((top / sum(b * b for b in v)) ** 0.5, 6)


EXPECTED = 1.274206
