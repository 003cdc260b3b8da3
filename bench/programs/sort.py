"""Sorting ints, floats, strings, tuples; with keys; nearly sorted input."""


def numbers(n):
    x = 12345
    for _ in range(n):
        x = (x * 1103515245 + 12345) % 2147483648
        yield x


def run():
    values = list(numbers(20000))
    ints = sorted(values)
    floats = sorted(v / 7 for v in values)
    texts = sorted(map(str, values))
    pairs = sorted((v % 100, v) for v in values[:8000])
    keyed = sorted(values, key=lambda v: v % 1000)
    nearly = ints[:]
    nearly[100], nearly[5000] = nearly[5000], nearly[100]
    nearly.sort()
    return ints[0] < ints[-1], floats == sorted(floats), texts[0] <= texts[-1], pairs[0][0], keyed[0] % 1000, nearly == ints


EXPECTED = (True, True, True, 0, 0, True)
