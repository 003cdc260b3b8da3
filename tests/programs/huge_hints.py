"""Lists from iterables that say they are longer than any list can be."""


class Says:
    def __init__(self, n): self.n = n
    def __iter__(self): return iter("ab")
    def __length_hint__(self): return self.n


for make in (lambda: list(range(1 << 62)), lambda: [].extend(range(2**63 - 1)), lambda: [*range(1 << 62)], lambda: list(Says(5)),
             lambda: list(Says(0)), lambda: list(Says(1 << 62)), lambda: list(Says(1 << 64)), lambda: list(Says(-1))):
    try:
        print(make())
    except Exception as e:
        print(type(e).__name__, e)
