"""List, dict and set comprehensions, nested and filtered."""


def run():
    total = 0
    for _ in range(30):
        squares = [n * n for n in range(1000)]
        odd = [n for n in squares if n & 1]
        index = {n: str(n) for n in range(500)}
        rest = {n % 37 for n in squares}
        grid = [(x, y) for x in range(30) for y in range(30) if x < y]
        total += len(odd) + len(index) + len(rest) + len(grid)
    return total


EXPECTED = 43620
