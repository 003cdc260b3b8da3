"""Calls in all forms: defaults, keywords, *args, **kwargs, closures, bound methods, partial, decorators."""

import functools


def plain(a, b, c=3, d=4):
    return a + b + c + d


def keyword_only(a, *, scale=1, offset=0):
    return a * scale + offset


def variadic(first, *rest, **named):
    return first + len(rest) + len(named)


def traced(function):
    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        return function(*args, **kwargs)

    return wrapper


@traced
def wrapped(a, b=2):
    return a * b


class Thing:
    count = 0

    def method(self, x, y=1):
        return x + y

    @classmethod
    def make(cls, n):
        return cls.count + n

    @staticmethod
    def fixed(n):
        return n + 1

    def __call__(self, n):
        return n * 2


def counter():
    n = 0

    def step(by=1):
        nonlocal n
        n += by
        return n

    return step


def run():
    thing, step, total = Thing(), counter(), 0
    bound, half = thing.method, functools.partial(plain, 1, d=10)
    numbers, options = (1, 2), {"c": 5, "d": 6}
    for i in range(4000):
        total += plain(i, 1) + plain(i, b=2) + plain(1, 2, d=i, c=0)
        total += keyword_only(i, scale=2) + keyword_only(i, offset=3, scale=1)
        total += variadic(i) + variadic(i, 1, 2, x=3) + variadic(*numbers, **options)
        total += plain(*numbers, **options) + wrapped(i) + wrapped(i, b=3)
        total += bound(i) + bound(i, y=2) + half(i) + thing.make(i) + thing.fixed(i) + thing(i) + step() + step(by=2)
    return total


EXPECTED = 208212000
