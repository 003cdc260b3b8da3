"""A small object-oriented program: shapes, polymorphism, operators, super()."""


class Shape:
    def __init__(self, name):
        self.name = name

    def area(self):
        raise NotImplementedError

    def __lt__(self, other):
        return self.area() < other.area()


class Rectangle(Shape):
    def __init__(self, w, h):
        super().__init__("rectangle")
        self.w, self.h = w, h

    def area(self):
        return self.w * self.h


class Square(Rectangle):
    def __init__(self, side):
        super().__init__(side, side)
        self.name = "square"


class Money:
    __slots__ = ("cents",)

    def __init__(self, cents):
        self.cents = cents

    def __add__(self, other):
        return Money(self.cents + other.cents)

    def __eq__(self, other):
        return self.cents == other.cents


def run():
    shapes = [Square(n % 17) if n % 2 else Rectangle(n % 13, n % 7) for n in range(10000)]
    shapes.sort()
    purse = Money(0)
    for n in range(20000):
        purse = purse + Money(n)
    return shapes[-1].area(), sum(s.name == "square" for s in shapes), purse == Money(199990000)


EXPECTED = (256, 5000, True)
