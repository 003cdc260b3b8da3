"""Game of life on a set of cells, neighbours counted in a dict."""


def step(cells):
    counts = {}
    for x, y in cells:
        for dx in (-1, 0, 1):
            for dy in (-1, 0, 1):
                if dx or dy:
                    key = (x + dx, y + dy)
                    counts[key] = counts.get(key, 0) + 1
    return {cell for cell, n in counts.items() if n == 3 or (n == 2 and cell in cells)}


def run():
    cells = {(1, 0), (2, 0), (0, 1), (1, 1), (1, 2), (30, 30), (31, 30), (32, 30)}
    for _ in range(45):
        cells = step(cells)
    return len(cells), min(cells)


EXPECTED = (45, (-20, 0))
