"""match statements: an expression tree simplified and evaluated."""

from dataclasses import dataclass


@dataclass
class Add:
    left: object
    right: object


@dataclass
class Mul:
    left: object
    right: object


@dataclass
class Name:
    text: str


def simplify(e):
    match e:
        case Add(left, right):
            match simplify(left), simplify(right):
                case (0, x) | (x, 0):
                    return x
                case (int(a), int(b)):
                    return a + b
                case (a, b):
                    return Add(a, b)
        case Mul(left, right):
            match simplify(left), simplify(right):
                case (0, _) | (_, 0):
                    return 0
                case (1, x) | (x, 1):
                    return x
                case (a, b):
                    return Mul(a, b)
        case _:
            return e


def evaluate(e, names):
    match e:
        case int():
            return e
        case Name(text=t):
            return names[t]
        case Add(a, b):
            return evaluate(a, names) + evaluate(b, names)
        case Mul(a, b):
            return evaluate(a, names) * evaluate(b, names)


def command(words):
    match words:
        case ["go", ("north" | "south") as way]:
            return len(way)
        case ["take", *things] if things:
            return len(things)
        case {"kind": "point", "x": x, "y": y}:
            return x + y
        case {"kind": str(kind), **rest}:
            return len(kind) + len(rest)
        case [x, y, *_]:
            return 2
        case _:
            return 0


def build(depth, n):
    if depth == 0:
        return [Name("x"), 0, 1, n % 5, Name("y")][n % 5]
    kind = Add if n % 2 else Mul
    return kind(build(depth - 1, n * 3 + 1), build(depth - 1, n * 5 + 2))


def run():
    names, total = {"x": 3, "y": 4}, 0
    for n in range(12):
        tree = build(6, n)
        total += evaluate(tree, names) % 1009
        assert evaluate(simplify(tree), names) == evaluate(tree, names)
    inputs = [["go", "north"], ["take", 1, 2], {"kind": "point", "x": 1, "y": 2}, {"kind": "z", "a": 0}, (1, 2, 3), "no"]
    for _ in range(150):
        for words in inputs:
            total += command(words)
    return total


EXPECTED = 6942
