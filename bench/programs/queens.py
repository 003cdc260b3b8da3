"""n queens with generators of permutations and sets of diagonals."""


def permutations(items, r):
    pool, n = tuple(items), len(items)
    indices, cycles = list(range(n)), list(range(n, n - r, -1))
    yield tuple(pool[i] for i in indices[:r])
    while True:
        for i in reversed(range(r)):
            cycles[i] -= 1
            if cycles[i] == 0:
                indices[i:] = indices[i + 1 :] + indices[i : i + 1]
                cycles[i] = n - i
            else:
                j = cycles[i]
                indices[i], indices[-j] = indices[-j], indices[i]
                yield tuple(pool[i] for i in indices[:r])
                break
        else:
            return


def run():
    n, found = 6, 0
    columns = range(n)
    for queens in permutations(columns, n):
        if n == len(set(queens[i] + i for i in columns)) == len(set(queens[i] - i for i in columns)):
            found += 1
    return found


EXPECTED = 4
