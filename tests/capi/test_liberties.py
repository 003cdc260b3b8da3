import math
import warnings

import liberties as m

warnings.showwarning = lambda message, category, filename, lineno, *rest: print("warning:", message)
warnings.simplefilter("always")


def show(f, *args):
    try:
        print(repr(f(*args)))
    except Exception as e:
        print(type(e).__name__, e)


# A type that nobody made ready.
print(sorted(n for n in m.Late.__dict__ if n != "__doc__"), m.Late.__mro__, m.Late.__base__, m.Late.number.__doc__, m.Late().number())
class Sub(m.Late):
    def number(self): return super().number() + 1
print(Sub().number(), Sub.__mro__[1])

# The members of property, in a type of its own.
print(m.member_names(property))
P = m.static_property
p = P(lambda cls: cls.__name__, doc="of the class")
class C:
    name = p
    other = P(lambda cls: 5, None, None)
print(p.__doc__, C.name, C().name, C.other, C.__dict__["other"].__doc__, P.__bases__, type(P.__dict__["__doc__"]).__name__)
p.__doc__ = "another"
print(p.__doc__, p.fget(int), p.fset, p.fdel); show(setattr, p, "fget", 1)

# Another look-up of attributes for modules.
show(lambda: math.made_up)
m.hook_modules(lambda module, name: (module.__name__, name) if name.startswith("made") else None)
def read(): return math.made_up
for _ in range(30): read()
print(read(), getattr(math, "made_too"), hasattr(math, "not_made"), math.floor(2.5)); show(lambda: math.not_made)
from math import made_here; print(made_here)
m.hook_modules(None)
show(read); print(math.floor(2.5))

# Numbers for C.
class Int(int): pass
for given in (5, 2**80, True, Int(3), "x", 1.5, None, ValueError):
    show(m.number_index, m.Indexed(given)); show(m.number_index, given)
class Python(m.Indexed):
    def __index__(self): return 11
show(m.number_index, Python(1)); show(lambda: [0, 1, 2][m.Indexed(2)])
for a, b in ((1, 2), (2, 2), (-2**40, 2**40), (2**59, 2**59), (2**70, 2**70), (0, -0), (True, 1), (1, 1.0), (Int(1), 1), (-5, 2**100)):
    print(m.compare_bool(a, b), m.compare_bool(b, a))
print(m.allocator_has_name())

# Stores that say 1 when they fail.
s, l = m.Stubborn(), m.StubbornList()
def attribute(): s.a = 1
def item(o, key): o[key] = 5
def deletion(o, key): del o[key]
for _ in range(20):
    try: attribute()
    except LookupError as e: last = e
    try: item(s, 2**70)
    except LookupError as e: last = e
print(repr(last)); show(attribute); show(item, s, "k"); show(deletion, s, 1); show(item, l, 1); show(deletion, l, -1); show(setattr, l, "value", 2**70)
