"""Sudoku by constraint propagation: strings, dicts, sets, recursion."""

ROWS, COLUMNS = "ABCDEFGHI", "123456789"
SQUARES = [r + c for r in ROWS for c in COLUMNS]
UNITS = (
    [[r + c for r in ROWS] for c in COLUMNS]
    + [[r + c for c in COLUMNS] for r in ROWS]
    + [[r + c for r in rs for c in cs] for rs in ("ABC", "DEF", "GHI") for cs in ("123", "456", "789")]
)
UNITS_OF = {s: [u for u in UNITS if s in u] for s in SQUARES}
PEERS = {s: set(sum(UNITS_OF[s], [])) - {s} for s in SQUARES}
PUZZLE = "4.....8.5.3..........7......2.....6.....8.4......1.......6.3.7.5..2.....1.4......"


def assign(values, square, digit):
    return values if all(eliminate(values, square, d) for d in values[square].replace(digit, "")) else None


def eliminate(values, square, digit):
    if digit not in values[square]:
        return values
    values[square] = values[square].replace(digit, "")
    if not values[square]:
        return None
    if len(values[square]) == 1:
        if not all(eliminate(values, peer, values[square]) for peer in PEERS[square]):
            return None
    for unit in UNITS_OF[square]:
        places = [s for s in unit if digit in values[s]]
        if not places or (len(places) == 1 and not assign(values, places[0], digit)):
            return None
    return values


def search(values):
    if values is None or all(len(v) == 1 for v in values.values()):
        return values
    _, square = min((len(v), s) for s, v in values.items() if len(v) > 1)
    for digit in values[square]:
        found = search(assign(dict(values), square, digit))
        if found:
            return found
    return None


def run():
    values = dict.fromkeys(SQUARES, "123456789")
    for square, digit in zip(SQUARES, PUZZLE):
        if digit != ".":
            assign(values, square, digit)
    return "".join(search(values).values())


EXPECTED = '417369825632158947958724316825437169791586432346912758289643571573291684164875293'
