"""dict: building, looking up, counting, iterating, deleting."""


def run():
    squares = {n: n * n for n in range(20000)}
    words = {f"key{n}": n for n in range(10000)}
    total = 0
    for _ in range(3):
        for n in range(0, 20000, 2):
            total += squares[n] & 7
        for key, value in words.items():
            if key in words and words.get(key) == value:
                total += 1
    counts = {}
    for n in range(60000):
        k = n * 7919 % 1009
        counts[k] = counts.get(k, 0) + 1
    for n in range(0, 20000, 3):
        del squares[n]
    return total, len(counts), max(counts.values()), len(squares)


EXPECTED = (90000, 1009, 60, 13333)
