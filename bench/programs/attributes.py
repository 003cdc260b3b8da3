"""Instance attributes, slots, properties, class attributes, bound methods."""


class Vector:
    scale = 2

    def __init__(self, x, y):
        self.x = x
        self.y = y

    @property
    def norm1(self):
        return abs(self.x) + abs(self.y)

    def move(self, other):
        self.x += other.x
        self.y += other.y
        return self


class Slotted:
    __slots__ = ("a", "b")

    def __init__(self):
        self.a, self.b = 1, 2


def run():
    v, step, s = Vector(0, 0), Vector(1, -1), Slotted()
    total = 0
    for _ in range(50000):
        v.move(step)
        s.a, s.b = s.b, s.a
        total += v.norm1 * v.scale + s.a
    objects = [Vector(i, i) for i in range(20000)]
    return total, sum(o.x - o.y for o in objects)


EXPECTED = (5000175000, 0)
