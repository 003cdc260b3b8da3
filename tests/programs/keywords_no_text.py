"""A keyword that is no text is complained about before all others, wherever it stands."""
class C:
    def __init__(self, a=1): pass
class M(type):
    def __call__(cls, *a, **k): return super().__call__(*a, **k)
class D(metaclass=M):
    def __init__(self): pass
def f(): pass
def g(a): pass
def h(a, /): pass
def kw(a, **k): return k
from functools import partial
for d in ({1: 2, 'k': 3}, {'k': 3, 1: 2}, {'a': 1, 1: 2}, {1: 2, 'a': 1}, {1: 2}, {'a': 1, 'k': 2, 1: 3}, {'a': 1, 'b': 1, None: 2}):
    for name, fn in dict(f=f, g=g, h=h, kw=kw, lam=lambda e: 1, C=C, D=D, method=C().__init__, len=len, int=int, dict=dict, partial=partial(f), print=print, gen=lambda: (yield), obj=object, sorted=sorted).items():
        for args in ((), (1,), (1, 2)):
            try: r = fn(*args, **d)
            except TypeError as e: r = str(e)
            print(name, args, d, r if isinstance(r, (str, dict)) else type(r).__name__)
    try: print(f(**d))
    except TypeError as e: print(e)
    try: print(g(1, **d))
    except TypeError as e: print(e)
    try: print(kw(1, z=1, **d))
    except TypeError as e: print(e)
    try: print((lambda: 0)(z=1, **d))
    except TypeError as e: print(e)
    try: print((lambda: 0)(*(1,), z=1, **d))
    except TypeError as e: print(e)
    try: print(C(**d, z=1))
    except TypeError as e: print(e)
