"""Pancake flips over all permutations: list slices, reversing, small-integer loops."""


def run():
    n = 8
    permutation, count = list(range(n)), [0] * n
    flips, checksum, sign, r = 0, 0, 1, n
    while True:
        while r != 1:
            count[r - 1] = r
            r -= 1
        if permutation[0] and permutation[-1] != n - 1:
            work, done = permutation[:], 0
            k = work[0]
            while k:
                work[: k + 1] = work[k::-1]
                done += 1
                k = work[0]
            flips = max(flips, done)
            checksum += sign * done
        sign = -sign
        while r != n:
            permutation.insert(r, permutation.pop(0))
            count[r] -= 1
            if count[r] > 0:
                break
            r += 1
        else:
            return flips, checksum


EXPECTED = (22, 1388)
