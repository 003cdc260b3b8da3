"""Loops on small integers: sieve, Collatz, digit sums."""


def run():
    limit = 30000
    sieve = bytearray([1]) * limit
    for i in range(2, 174):
        if sieve[i]:
            for j in range(i * i, limit, i):
                sieve[j] = 0
    longest = 0
    for start in range(1, 2500):
        n, steps = start, 0
        while n != 1:
            n = n // 2 if n % 2 == 0 else 3 * n + 1
            steps += 1
        if steps > longest:
            longest = steps
    return sum(sieve) - 2, longest


EXPECTED = (3245, 208)
