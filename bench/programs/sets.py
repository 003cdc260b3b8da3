"""Sets: building, algebra, membership, a sieve and a walk over a graph."""


def run():
    multiples = set()
    for n in range(2, 60):
        multiples.update(range(n * 2, 3000, n))
    primes = set(range(2, 3000)) - multiples
    words = {"w%d" % (n * n % 701) for n in range(1500)}
    other = {"w%d" % n for n in range(0, 700, 3)}
    graph = {n: {(n * 7 + 1) % 900, (n * 3 + 2) % 900, n // 2} for n in range(900)}
    seen, front = {1}, {1}
    while front:
        front = set().union(*[graph[n] for n in front]) - seen
        seen |= front
    hits = sum(1 for n in range(20000) if n in primes)
    return len(primes), len(words & other), len(words ^ other), len(seen), hits, frozenset({1, 2}) in {frozenset({2, 1})}


EXPECTED = (430, 109, 367, 900, 430, True)
