# Iterators over instances of a class that loses its __next__ while they are in use.
import itertools


class A:
    __iter__ = lambda self: self
    __next__ = lambda self: 1


class B(A):
    pass


makers = dict(
    zip=zip, enumerate=enumerate, map=lambda x: map(str, x), filter=lambda x: filter(None, x), chain=itertools.chain, cycle=itertools.cycle,
    islice=lambda x: itertools.islice(x, 3), pairwise=itertools.pairwise, tee=lambda x: itertools.tee(x)[0], accumulate=itertools.accumulate,
    groupby=itertools.groupby, longest=lambda x: itertools.zip_longest(x, x), batched=lambda x: itertools.batched(x, 2),
    takewhile=lambda x: itertools.takewhile(bool, x), compress=lambda x: itertools.compress(x, x), starmap=lambda x: itertools.starmap(str, x), itself=iter,
)


def outcome(f):
    try:
        return f()
    except Exception as e:
        return repr(e)


def loop(it):
    for x in it:
        return x


for cls in (A, B):
    for name, make in makers.items():
        A.__next__ = lambda self: 1
        it = make(cls())
        outcome(lambda: next(it))
        del A.__next__
        print(cls.__name__, name, outcome(lambda: next(it)), outcome(lambda: [*it]), outcome(lambda: loop(it)), outcome(lambda: list(it)))

A.__next__ = lambda self: 1


def delegate():
    yield from A()


g = delegate()
print(next(g))
del A.__next__
print(outcome(lambda: next(g)))
print(outcome(lambda: iter(A())), outcome(lambda: next(B())), hasattr(A, "__next__"))
A.__next__ = lambda self: 2
print(next(B()), next(iter(A())))
