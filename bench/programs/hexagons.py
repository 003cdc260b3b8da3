"""Numbers one to nineteen into a hexagon whose rows all add up to 38: backtracking over constraints."""

LINES = [
    (0, 1, 2), (3, 4, 5, 6), (7, 8, 9, 10, 11), (12, 13, 14, 15), (16, 17, 18),
    (0, 3, 7), (1, 4, 8, 12), (2, 5, 9, 13, 16), (6, 10, 14, 17), (11, 15, 18),
    (2, 6, 11), (1, 5, 10, 15), (0, 4, 9, 14, 18), (3, 8, 13, 17), (7, 12, 16),
]  # fmt: skip
ORDER = [0, 1, 2, 6, 11, 15, 18, 17, 16, 12, 7, 3, 4, 5, 10, 14, 13, 8, 9]


class Solver:
    def __init__(self, limit):
        self.cells = [0] * 19
        self.used = [False] * 20
        self.lines_of = [[line for line in LINES if cell in line] for cell in range(19)]
        self.tried = 0
        self.limit = limit

    def fits(self, cell):
        for line in self.lines_of[cell]:
            total, empty = 0, 0
            for c in line:
                v = self.cells[c]
                total += v
                empty += v == 0
            if total > 38 or (empty == 0 and total != 38) or (empty and total + 19 * empty < 38):
                return False
        return True

    def place(self, depth):
        if depth == 19:
            return True
        cell = ORDER[depth]
        for n in range(19, 0, -1):
            if self.used[n]:
                continue
            self.tried += 1
            if self.tried > self.limit:
                return False
            self.cells[cell] = n
            self.used[n] = True
            if self.fits(cell) and self.place(depth + 1):
                return True
            self.used[n] = False
            self.cells[cell] = 0
        return False


def run():
    solver = Solver(9000)
    return solver.place(0), solver.tried, sum(solver.cells)


EXPECTED = (False, 9011, 0)
