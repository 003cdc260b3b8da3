"""Function calls: positional, default, keyword and recursive ones, methods, closures."""


def add(a, b=1):
    return a + b


class Adder:
    def __init__(self, step):
        self.step = step

    def add(self, n):
        return n + self.step


def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)


def run():
    total = 0
    adder = Adder(2)
    closure = lambda n: add(n, 3)
    for _ in range(40000):
        total = add(total)
        total = add(total, b=2)
        total = adder.add(total)
        total = closure(total)
    return total, fib(22)


EXPECTED = (320000, 17711)
