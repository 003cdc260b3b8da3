"""super(), properties, class attributes, __getattr__, multiple inheritance, slots, class creation."""


class Base:
    registry = 0

    def __init__(self, n):
        self.n = n

    def value(self):
        return self.n

    @property
    def twice(self):
        return self.n * 2

    @twice.setter
    def twice(self, v):
        self.n = v // 2


class Left(Base):
    def __init__(self, n):
        super().__init__(n)
        self.left = True

    def value(self):
        return super().value() + 1


class Right(Base):
    def value(self):
        return super().value() * 2


class Both(Left, Right):
    kind = "both"

    def value(self):
        return super().value() + self.twice

    def __getattr__(self, name):
        return len(name)


class Slim:
    __slots__ = ("a", "b")

    def __init__(self, a, b):
        self.a, self.b = a, b


def run():
    total = 0
    for i in range(2500):
        both = Both(i)
        total += both.value() + both.missing + Base.registry + len(both.kind)
        both.twice = i
        slim = Slim(i, both)
        slim.a += 1
        total += slim.a + slim.b.n + getattr(both, "left", 0) + hasattr(both, "n")
    for i in range(30):
        made = type("Made%d" % i, (Base,), {"value": lambda self: 7})
        total += made(i).value()
    return total


EXPECTED = 17217710
