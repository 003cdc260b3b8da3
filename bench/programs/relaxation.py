"""Numeric kernels: successive over-relaxation on a grid, Monte Carlo with an own generator."""


class Random:
    def __init__(self, seed):
        self.seed = seed

    def next(self):
        self.seed = self.seed * 16807 % 2147483647
        return self.seed / 2147483647.0


def relax(size, rounds):
    grid = [[float((i * j) % 10) for j in range(size)] for i in range(size)]
    for _ in range(rounds):
        for i in range(1, size - 1):
            above, row, below = grid[i - 1], grid[i], grid[i + 1]
            for j in range(1, size - 1):
                row[j] = 0.3125 * (above[j] + below[j] + row[j - 1] + row[j + 1]) - 0.25 * row[j]
    return sum(map(sum, grid))


def run():
    random, inside = Random(113), 0
    for _ in range(8000):
        x, y = random.next(), random.next()
        if x * x + y * y <= 1.0:
            inside += 1
    return round(relax(40, 8), 6), inside


EXPECTED = (5118.999635, 6314)
