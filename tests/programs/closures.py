"""Closures: cells, nonlocal, late binding, class bodies, defaults, and what the compiler says."""

def attempt(f, *args):
    try:
        print(repr(f(*args)))
    except Exception as error:
        print(type(error).__name__, error, sep=": ")


def counter(start=0):
    value = start

    def step(by=1):
        nonlocal value
        value += by
        return value

    def reset():
        nonlocal value
        value = start

    return step, reset


step, reset = counter(10)
print(step(), step(5), step())
reset()
print(step())
print(step.__code__.co_freevars, counter.__code__.co_cellvars)
print([cell.cell_contents for cell in step.__closure__])
step.__closure__[0].cell_contents = 100
print(step())

# Late binding, and how a default freezes a value.
late = [lambda: i for i in range(4)]
early = [lambda i=i: i for i in range(4)]
print([f() for f in late], [f() for f in early])


def unbound(flag):
    def inner():
        return value
    if flag:
        value = "bound"
    return inner


attempt(unbound(True))
attempt(unbound(False))


def deleted():
    x = 1
    def get():
        return x
    del x
    return get


attempt(deleted())


def local_before_assignment():
    print(y)
    y = 1


attempt(local_before_assignment)


def three_levels():
    a = "a"
    def middle():
        b = "b"
        def inner():
            nonlocal a, b
            a, b = b.upper(), a.upper()
            return locals()
        result = inner()
        return sorted(result.items()), b
    return middle(), a


print(three_levels())


# A class body sees enclosing function variables but its methods do not see the class's.
def make_class(tag):
    size = 1
    class Thing:
        size = size_outer = tag
        twice = [tag for _ in range(2)]
        def method(self):
            return size, tag
    return Thing


thing = make_class("T")
print(thing.size, thing.size_outer, thing.twice, thing().method())


class Owner:
    def name(self):
        return __class__.__name__


class Heir(Owner):
    def name(self):
        return super().name() + "<" + __class__.__name__


print(Heir().name(), Heir.name.__code__.co_freevars)


# Cells compare by content; an empty one has none.
def cell_of(value):
    return (lambda: value).__closure__[0]


print(cell_of(1) == cell_of(1), cell_of(1) < cell_of(2), cell_of("x") != cell_of("y"))
import types
empty = types.CellType()
attempt(lambda: empty.cell_contents)
print(empty < cell_of(0), types.CellType(5).cell_contents)


# Functions built by hand share cells.
def shared():
    n = 0
    def bump():
        nonlocal n
        n += 1
        return n
    return bump


bump = shared()
twin = types.FunctionType(bump.__code__, {}, "twin", None, bump.__closure__)
print(bump(), twin(), bump(), twin.__name__, twin.__qualname__)
attempt(types.FunctionType, bump.__code__, {})
attempt(types.FunctionType, bump.__code__, {}, None, None, (1,))

for source in [
    "def f():\n    nonlocal x\n",
    "nonlocal x",
    "def f(x):\n    global x\n",
    "def f():\n    x = 1\n    global x\n",
    "def f():\n    print(x)\n    nonlocal x\n",
    "def f(a, a): pass",
]:
    try:
        compile(source, "<test>", "exec")
    except SyntaxError as error:
        print(error)

total = 0
def add_global(n):
    global total
    total += n
    return total
add_global(3), add_global(4)
print(total, "total" in globals())

# A generator expression evaluates its first iterable at once, the rest later.
base = 10
lazy = (x + base for x in [1, 2, 3])
base = 100
print(list(lazy))
attempt(lambda: (x for x in None))
