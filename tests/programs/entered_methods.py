# Special methods of Python classes: whatever enters their frames, results and errors are the same.
import sys
import traceback


def show(label, f, *args):
    try:
        r = f(*args)
    except BaseException as e:
        lines = [f"{s.name}:{s.line}" for s in traceback.extract_tb(e.__traceback__)][1:]
        print(label, "raises", type(e).__name__, e, lines)
    else:
        print(label, r)


log = []


class V:
    def __init__(self, x=0, *rest, scale=1, **more):
        self.x = x * scale
        self.rest = rest
        self.more = more

    def __repr__(self):
        return f"V({self.x})"

    def __add__(self, other):
        log.append("add")
        if isinstance(other, V):
            return V(self.x + other.x)
        if isinstance(other, int):
            return V(self.x + other)
        return NotImplemented

    def __radd__(self, other):
        log.append("radd")
        if isinstance(other, (int, float)):
            return V(other + self.x)
        return NotImplemented

    def __iadd__(self, other):
        log.append("iadd")
        if isinstance(other, str):
            return NotImplemented
        self.x += 100
        return self

    def __mul__(self, other):
        log.append("mul")
        return NotImplemented

    def __lt__(self, other):
        log.append("lt")
        return self.x < other.x if isinstance(other, V) else NotImplemented

    def __eq__(self, other):
        log.append("eq")
        return self.x == other.x if isinstance(other, V) else NotImplemented

    def __ge__(self, other):
        return [self.x] if other else []

    def __contains__(self, item):
        if item == "boom":
            raise KeyError(item)
        return [item] if item == self.x else None

    def __bool__(self):
        return self.x if self.x > 5 else bool(self.x)

    def __iter__(self):
        for i in range(self.x):
            yield i

    def __setitem__(self, key, value):
        if value is None:
            raise ValueError(key)
        log.append((key, value))

    def __getitem__(self, key):
        return key * 2

    def __call__(self, *args, **kwargs):
        if args == ("raise",):
            raise RuntimeError("called")
        return self.x, args, kwargs


class W(V):
    def __radd__(self, other):
        log.append("W.radd")
        return "W"

    def __gt__(self, other):
        log.append("W.gt")
        return "greater"


class R:
    def __radd__(self, other):
        log.append("R.radd")
        return ("R", type(other).__name__)

    def __rmul__(self, other):
        log.append("R.rmul")
        return NotImplemented

    def __gt__(self, other):
        log.append("R.gt")
        return True


class Countdown:
    def __init__(self, n, error=None):
        self.n, self.error = n, error

    def __iter__(self):
        return self

    def __next__(self):
        if self.n == 0:
            if self.error:
                raise self.error
            raise StopIteration(5)
        self.n -= 1
        return self.n


class BadIter:
    def __iter__(self):
        return 5


class Nested:
    def __iter__(self):
        return Countdown(3)


def add(a, b):
    return a + b


def iadd(a, b):
    a += b
    return a


def mul(a, b):
    return a * b


def lt(a, b):
    return a < b


def ge_branch(a, b):
    if a >= b:
        return "yes"
    return "no"


def eq(a, b):
    return a == b, a != b


def contains(a, b):
    if b in a:
        return "in"
    return "not in" if b not in a else "?"


def truth(a):
    if a:
        return "true"
    return not a


def loop(it):
    out = []
    for x in it:
        out.append(x)
    else:
        out.append("else")
    return out


def comp(it):
    return [x for x in it if x != 1]


def store(a, k, v):
    a[k] = v
    return "stored"


def sub(a, k):
    return a[k]


def make(*args, **kwargs):
    v = V(*args, **kwargs)
    return v.x, v.rest, v.more


def make_kw():
    v = V(3, 4, scale=2, other=1)
    return v.x, v.rest, v.more


def make_default():
    return V().x, V(2).x, V(1, 2, 3).rest


def call(v):
    return v(), v(1), v(1, 2, k=3), v(*[1, 2]), v(*(1,), **{"z": 2})


for turn in range(3):
    print("turn", turn)
    show("add", add, V(1), V(2))
    show("add int", add, V(1), 2)
    show("int add", add, 1, V(2))
    show("float add", add, 1.5, V(2))
    show("big add", add, 10**30, V(2))
    show("str add", add, "a", V(2))
    show("add str", add, V(2), "a")
    show("add R", add, V(2), R())
    show("R add", add, R(), V(2))
    show("list add R", add, [], R())
    show("subclass", add, V(1), W(2))
    show("subclass left", add, W(1), V(2))
    show("bool add", add, True, V(1))
    show("iadd", iadd, V(1), V(2))
    show("iadd str", iadd, V(1), "s")
    show("iadd R", iadd, V(1), R())
    show("mul", mul, V(1), V(2))
    show("mul R", mul, V(1), R())
    show("2 mul R", mul, 2, R())
    show("mul list", mul, V(1), [1])
    show("lt", lt, V(1), V(2))
    show("lt R", lt, V(1), R())
    show("lt int", lt, V(1), 1)
    show("lt W", lt, V(1), W(1))
    show("ge", ge_branch, V(1), True)
    show("ge", ge_branch, V(1), False)
    show("eq", eq, V(1), V(1))
    show("eq", eq, V(1), 1)
    show("contains", contains, V(1), 1)
    show("contains", contains, V(1), 2)
    show("contains", contains, V(1), "boom")
    show("truth", truth, V(1))
    show("truth", truth, V(0))
    show("truth", truth, V(9))
    show("iter", loop, V(3))
    show("iter", comp, V(3))
    show("next", loop, Countdown(3))
    show("next error", loop, Countdown(2, ValueError("end")))
    show("next comp", comp, Countdown(3))
    show("bad iter", loop, BadIter())
    show("nested iter", loop, Nested())
    show("store", store, V(1), "k", 2)
    show("store", store, V(1), "k", None)
    show("sub", sub, V(1), 4)
    show("make", lambda: make(1, 2, scale=3, z=4))
    show("make kw", make_kw)
    show("make default", make_default)
    show("make wrong", lambda: make(1, x=2))
    show("call", call, V(7))
    show("call raise", lambda: V(1)("raise"))
    print(log)
    log.clear()


# Classes that change while a place goes on running.
class Changing:
    def __add__(self, other):
        return "first"

    def __call__(self):
        return "call"


c = Changing()
for i in range(40):
    try:
        r = add(c, c), c()
    except TypeError as e:
        r = str(e)
    if i % 8 == 0:
        print(i, r)
    if i == 10:
        Changing.__add__ = lambda self, other: "second"
        Changing.__call__ = lambda self, *a: a
    if i == 20:
        Changing.__add__ = int.__add__
    if i == 30:
        del Changing.__call__
        Changing.__add__ = lambda self, other, third=3: third


class Gen:
    def __add__(self, other):
        yield self

    async def __eq__(self, other):
        return True

    def __hash__(self):
        return 1


print(type(Gen() + 1).__name__)
coro = Gen() == 1
print(type(coro).__name__)
coro.close()


# __init__ that returns something, that needs more, and that raises.
class BadInit:
    def __init__(self, a, *, key=None):
        if a == 1:
            raise ValueError("init")
        return a


def bad(a, **kw):
    return type(BadInit(a, **kw)).__name__


def bad_kw(a):
    return BadInit(a=a, key=1)


for turn in range(3):
    show("init", bad, None)
    show("init", bad, 1)
    show("init", bad, 2)
    show("init kw", bad_kw, 1)
    show("init kw", bad_kw, 2)
    show("init missing", lambda: BadInit())
    show("init missing", lambda: BadInit(key=2))
    show("init many", lambda: BadInit(1, 2))


# Recursion through operators ends in RecursionError.
class Deep:
    def __init__(self, n=0):
        self.n = n

    def __add__(self, other):
        return Deep(self.n + 1) + other

    def __eq__(self, other):
        return self == other

    def __next__(self):
        for x in self:
            pass

    def __iter__(self):
        return self

    def __contains__(self, x):
        return x in self

    def __call__(self, **kw):
        return self(**kw)

    def __bool__(self):
        return not self


for f in (lambda: Deep() + 1, lambda: Deep() == 1, lambda: [x for x in Deep()], lambda: 1 in Deep(),
          lambda: Deep()(), lambda: bool(Deep()) if Deep() else 0):
    try:
        f()
    except RecursionError as e:
        print("RecursionError", str(e)[:32])
print(add(V(1), V(1)))


# What sys.setprofile, sys.settrace and sys.monitoring tell.
events = []


def tracer(frame, event, arg):
    if frame.f_code.co_filename == __file__:
        events.append((event, frame.f_code.co_name, frame.f_lineno - frame.f_code.co_firstlineno, type(arg).__name__))
    return tracer


def work():
    a = V(1) + V(2)
    a < V(3)
    for x in Countdown(1):
        pass
    1 in a
    if V(0):
        pass
    try:
        V("x", scale=[]) + 1
    except TypeError:
        pass
    return a(1, k=2)


sys.settrace(tracer)
work()
sys.settrace(None)
print(*events, sep="\n")
events.clear()
sys.setprofile(tracer)
work()
sys.setprofile(None)
print(*events, sep="\n")

mon = sys.monitoring
E_ = mon.events
mon.use_tool_id(3, "test")
told = []


def note(name):
    def callback(code, *args):
        if code.co_filename == __file__ and code.co_name != "<module>":
            told.append((name, code.co_name, *[a if isinstance(a, int) else type(a).__name__ for a in args]))
    return callback


def work2():
    for x in Countdown(2):
        pass
    try:
        V(1) + []
    except TypeError:
        pass
    try:
        V(1)["a"] = None
    except ValueError:
        pass
    try:
        for x in Countdown(1, KeyError()):
            pass
    except KeyError:
        pass
    return V(1) == 2


for name in ("PY_START", "PY_RETURN", "PY_UNWIND", "RAISE", "EXCEPTION_HANDLED", "CALL", "C_RETURN"):
    if hasattr(E_, name):
        mon.register_callback(3, getattr(E_, name), note(name))
mon.set_events(3, E_.PY_START | E_.PY_RETURN | E_.PY_UNWIND | E_.RAISE | E_.EXCEPTION_HANDLED)
work2()
mon.set_events(3, 0)
print(*told, sep="\n")
told.clear()
mon.set_events(3, E_.CALL)
work2()
make_kw()
mon.set_events(3, 0)
mon.free_tool_id(3)
print(*told, sep="\n")


# Bound methods with *args.
class B:
    def m(self, *a, **k):
        return len(a), k

    def n(self, a, b=2):
        return a, b


b = B()
for turn in range(3):
    args = tuple(range(20))
    print(b.m(*args), b.m(*args, **{"x": 1}), b.n(*[1]), b.n(*(), **{"a": 1}))
    show("n", lambda: b.n(*args))
    show("n", lambda: b.n(**{"zz": 1}))
    bound = b.m
    print(bound(*args[:3], **{"x": 1}), (lambda f, *a: f(*a))(bound, 1, 2))
