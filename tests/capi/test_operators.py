import operators
from operators import Int, Op, Vector


class Python(Op):
    def __add__(self, other):
        return "Python.__add__"

    def __contains__(self, item):
        return super().__contains__(item)


class Right:
    def __radd__(self, other):
        return "Right.__radd__"

    def __lt__(self, other):
        return "Right.__lt__"

    def __gt__(self, other):
        return "Right.__gt__"


def show(what, f, *args):
    # Often enough that the instruction is specialized.
    for _ in range(20):
        try:
            r = f(*args)
        except Exception as e:
            r = f"{type(e).__name__}: {e}"
    print(what, ascii(r))


def store(a, k, v):
    a[k] = v
    return a.object


def delete(a, k):
    del a[k]
    return a.object


def inplace(a, b):
    a += b
    return a


def inplace_without_slot(a, b):
    a ^= b
    return a


def set_object(a, v):
    a.object = v
    return a.object


def set_computed(a, v):
    a.computed = v
    return a.computed


def delete_computed(a):
    del a.computed


OPERATIONS = {
    "+": lambda a, b: a + b, "^": lambda a, b: a ^ b, "**": lambda a, b: a**b, "-": lambda a, b: a - b, "+=": inplace, "^=": inplace_without_slot,
    "[]": lambda a, b: a[b], "<": lambda a, b: a < b, "==": lambda a, b: a == b, "!=": lambda a, b: a != b,
    "if <": lambda a, b: "yes" if a < b else "no", "in": lambda a, b: b in a, "not in": lambda a, b: b not in a,
    "()": lambda a, b: a(b), "(c=)": lambda a, b: a(1, c=b), "set": lambda a, b: store(a, b, "v"), "set value": lambda a, b: store(a, 1, b),
    "del": delete, "object": set_object, "computed": set_computed,
    "one": lambda a, b: a.one(b), "same": lambda a, b: a.same(b), "fast": lambda a, b: a.fast(b, 2, 3.5), "fast many": lambda a, b: a.fast(b, 2, 3, 4, 5, 6, 7),
    "fast_kw": lambda a, b: a.fast_kw(b, x=b), "varargs": lambda a, b: a.varargs(b), "varargs_kw": lambda a, b: a.varargs_kw(b, y=b),
    "static": lambda a, b: a.static(b), "of_class": lambda a, b: a.of_class(b),
}
OTHERS = [None, "boom", "list", 7, 10**9, 10**30, 1.5, 1e300, "text", [1, 2], (1, 2.5), {1: 2}]
for kind in (Op, Vector, Python):
    for name, f in OPERATIONS.items():
        for other in [*OTHERS, kind(), Right()] if kind is Op else OTHERS[:4]:
            if not isinstance(other, (Op, Right)) or name in ("+", "<", "==", "[]"):
                show(f"{kind.__name__} {name} {type(other).__name__}", f, kind(), other)
for name in ("+", "<", "in"):
    show(f"reflected {name}", OPERATIONS[name], [1] if name == "in" else 5, Op())
for name in ("+", "^", "<", "==", "-"):
    for other in (3, 1.5, True, Int(4), None, "x"):
        show(f"Int {name} {other!r}", OPERATIONS[name], Int(9), other)
        show(f"{other!r} {name} Int", OPERATIONS[name], other, Int(9))

for kind in (Op, Vector, Python):
    o = kind()
    show("noargs", lambda: o.noargs())
    show("noargs(1)", lambda: o.noargs(1))
    show("noargs(x=)", lambda: o.noargs(x=1))
    show("one()", lambda: o.one())
    show("one(1, 2)", lambda: o.one(1, 2))
    show("one(x=)", lambda: o.one(x=1))
    show("silent", lambda: list(map(kind.silent, [o])))
    show("call()", lambda: o())
    show("call(*)", lambda: o(*range(8)))
    show("call(**)", lambda: o(*range(3), **{"a": 1, "b": 2.5}))
    show("unbound", lambda: kind.one(o, 5))
    show("unbound wrong", lambda: Op.one(3, 5))
    show("nothing", lambda: o.nothing)
    show("nothing, asked", lambda: getattr(o, "nothing", "default"))
    show("no object", lambda: o.object)
    show("computed", lambda: o.computed)
    show("delete computed", delete_computed, o)
    show("bool", lambda: "true" if o else "false")
    o.object = "boom"
    show("bool boom", lambda: "true" if o else "false")
    show("computed boom", lambda: o.computed)
    show("sum", lambda: list(kind(5)))
    show("for", lambda: [x for x in kind(5)])
    show("for pairs", lambda: [(x, y) for x, y in kind(1)])
    show("for boom", lambda: [x for x in kind(-1)])
for f in ("noargs", "one", "fast", "fast_kw", "varargs", "varargs_kw"):
    function = getattr(operators, f)
    show(f, lambda: function())
    show(f + "(1)", lambda: function(1))
    show(f + "(1.5, [2])", lambda: function(1.5, [2]))
    show(f + "(1, x=2)", lambda: function(1, x=2))
    show(f + "(5 of them)", lambda: function(1, 2, 3, 4, 5))
    show(f + "(*)", lambda: function(*(1, 2)))
for args, kw in [((), {}), ((1,), {}), ((1, 2), {}), ((1, 2, 3), {}), ((1, 2, 3, 4), {}), ((1, 2, 3, 4, 5), {}), ((1,), {"b": 2}), ((1, 2), {"b": 2}), ((1, 2), {"c": 3.5, "d": [4]}),
                 ((1, 2), {"": 3}), ((1, 2), {"x": 3}), ((1,), {"c": 3}), ((1, "x"), {}), ((1, "x"), {"x": 1}), ((), {"b": 1}), ((1, 2), {"d": 4})]:
    show(f"parsed {args} {kw}", lambda: operators.parsed(*args, **kw))
import operator

text, adder = operators.Text("ab"), operators.Adder()
for name in ("add", "mul", "xor", "mod", "concat", "sub"):
    for other in (3, "x", text, adder):
        show(f"text {name} {type(other).__name__}", getattr(operator, name), text, other)
        show(f"adder {name} {type(other).__name__}", getattr(operator, name), adder, other)
        show(f"{type(other).__name__} {name} text", getattr(operator, name), other, text)
class PythonRow(operators.Row):
    def __init__(self, n):
        super().__init__(n + 1)


for kind in (operators.Row, PythonRow):
    for arg in (3, 1.5, "x", None, [1]):
        show(f"{kind.__name__}({arg!r})", lambda: len(kind(arg)))
    show("Row()", lambda: kind())
    show("Row(1, 2)", lambda: kind(1, 2))
    show("Row(n=)", lambda: len(kind(n=1)))
    for i in (0, 1, 2, 5, -1, -3, -9, True, 1.0, "x", None, 10**30, slice(1, 2)):
        show(f"row[{i!r}]", lambda: kind(3)[i])
show("Op()", lambda: type(Op()))
show("Op(object)", lambda: Op(object()))
show("unfilled", lambda: repr(operators.unfilled()))


def late(what):
    show(f"{what} Late()", lambda: type(operators.Late()).__name__)
    show(f"{what} Late(1, 2)", lambda: operators.Late(1, 2))
    show(f"{what} repr", lambda: repr(o)[:10])
    show(f"{what} add", lambda: o + 1)
    show(f"{what} subscript", lambda: o[1])
    show(f"{what} subclass", lambda: type(LateChild()).__name__)


class LateChild(operators.Late):
    pass


o = operators.Late(None)
show("Late.__new__", lambda: operators.Late.__new__(operators.Late))
late("no")
operators.change_late()
o = operators.Late()
late("changed")
# Numbers: C keeps them beyond the call, gives them back as they were, is called again while it has them.
def nested(depth):
    return operators.first_then(depth * 1000.5, lambda: nested(depth - 1)) if depth else operators.first_then(10**6)


for f in (operators.shelve, operators.shelve_fast):
    for n in (7, 123456, -123456, 2**40, -(2**62), 10**30, 1.5, 0.0, -0.0, 1e300, float("inf")):
        show(f"{f.__name__} {n}", lambda: [f(n), f(n + 1), f(-n)])
        show("unshelve", operators.unshelve)
show("shelve_fast of four", lambda: [operators.shelve_fast(i * 1000, i + 0.5, 3, i * 2000) for i in range(3)] + operators.unshelve())
show("shelve_fast of five", lambda: [operators.shelve_fast(1000, 0.5, 3, 2000, 2.5)] + operators.unshelve())
show("same", lambda: [Op().same(n) for n in (7, 123456, 2**61, 10**30, 1.5, 0.0, 1e300)])
show("nested", lambda: nested(5))
show("again", lambda: [operators.one(n) for n in (1000, 1000.5)])
error = ValueError(123456)
bound = operators.bind(error)
for args in ((1, 1.5), (1000,), ("x", [2000, 2.5])):
    show("bound", bound)
    error.args = args
show("bound", bound)
