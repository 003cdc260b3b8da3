"""Number and text formatting: format specifications of all kinds, repr of floats, str of ints."""


def run():
    n = 0
    for i in range(1, 1200):
        n += len(f"{i:08d} {i:x} {i:,} {-i:+.2e} {i / 7:10.4f} {i / 7!r} {i:>12} {'s':*^9}")
        n += len("%5d|%-8s|%6.2f|%x" % (i, "ab", i / 3, i))
        n += len("{:>10}{:<10}{:^10}".format(i, i * 2, "mid"))
        n += len(repr(i * 1.1)) + len(str(i)) + len(str((i, i / 2, "t")))
    return n


EXPECTED = 195473
