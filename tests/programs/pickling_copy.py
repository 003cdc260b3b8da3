"""pickle, copy, copyreg, marshal, shelve: protocols, reduce hooks, cycles, errors."""
import copy
import copyreg
import io
import marshal
import pickle
import pickletools
import collections
import datetime
import enum

def attempt(f, *args, **kwargs):
    try:
        print(repr(f(*args, **kwargs)))
    except Exception as error:
        print(type(error).__name__, error, sep=": ")


class Plain:
    def __init__(self, x): self.x = x
    def __eq__(self, o): return type(self) is type(o) and self.__dict__ == o.__dict__
    def __repr__(self): return f"{type(self).__name__}({self.__dict__})"
class Slots:
    __slots__ = ("a", "b")
    def __init__(self, a): self.a = a
    def __repr__(self): return f"Slots({self.a}, {hasattr(self, 'b')})"
class State(Plain):
    def __getstate__(self): return {"x": self.x * 2, "saved": True}
    def __setstate__(self, state): self.__dict__.update(state, loaded=True)
class Reduced:
    def __init__(self, *a): self.a = a
    def __reduce__(self): return Reduced, (self.a[0], "from reduce")
    def __repr__(self): return f"Reduced{self.a}"
class NewArgs(int):
    def __new__(cls, v, *, unit="m"):
        self = int.__new__(cls, v)
        self.unit = unit
        return self
    def __getnewargs_ex__(self): return (int(self),), {"unit": self.unit}
    def __repr__(self): return f"{int(self)}{self.unit}"
class Color(enum.Enum): RED = 1
class Listy(list): pass
class Dicty(dict): pass
P = collections.namedtuple("P", "x y")

values = [
    None, True, 0, -1, 255, 65536, -2 ** 31, 2 ** 31, 10 ** 50, -10 ** 50, 1.5, float("inf"), 1j, "text",
    "é😀" * 100, "x" * 300, b"bytes", b"y" * 300, bytearray(b"ba"), (), (1,), (1, 2), (1, 2, 3), (1, 2, 3, 4), [],
    [1, [2]], {}, {"k": {"n": None}}, {1, 2}, frozenset("a"), range(5), slice(1, 2), ..., NotImplemented, int, len,
    Plain, Plain(1), Slots(1), State(4), Reduced(1), NewArgs(5, unit="km"), Color.RED, P(1, 2),
    collections.OrderedDict(a=1), collections.defaultdict(list, {"k": [1]}), collections.deque([1, 2], 3),
    collections.Counter("aab"), datetime.datetime(2024, 1, 2), ValueError("e", 1), "".join, [].__len__,
    Plain.__init__, str.upper, complex, Exception,
]
for value in values:
    line = []
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        try:
            back = pickle.loads(pickle.dumps(value, protocol))
            line.append(repr(back) if protocol == 0 else "same" if repr(back) == repr(value) else repr(back))
        except Exception as error:
            line.append(f"{type(error).__name__}: {error}")
    print(repr(value)[:40], "->", line[-1][:90], len(set(line[1:])) == 1)
shared = [1]
pair = [shared, shared]
back = pickle.loads(pickle.dumps(pair))
print(back[0] is back[1])
pair.append(pair)
back = pickle.loads(pickle.dumps(pair))
print(back[2] is back, back)
cyclic = Plain(None)
cyclic.x = [cyclic]
back = pickle.loads(pickle.dumps(cyclic))
print(back.x[0] is back)
l = Listy([1, 2])
l.extra = "attr"
back = pickle.loads(pickle.dumps(l))
print(back, back.extra, type(back).__name__, pickle.loads(pickle.dumps(Dicty(a=1))))
print(pickle.dumps([1, "a", (2.5, None)], 0), pickle.dumps({"a": b"b"}, 2), pickle.dumps([1, 300, "x"], 5))
pickletools.dis(pickle.dumps((1, ["a"], {"k": None}), 4))
print(pickletools.optimize(pickle.dumps("ab", 4)))
def local_function(): pass
class Unpicklable:
    def __reduce__(self): return 5
class BadReduce:
    def __reduce__(self): return (5, ())
class BadState:
    __slots__ = ("z",)
    def __getstate__(self): return 5
for value in [
    lambda: 1, (x for x in ()), Unpicklable(), BadReduce(), type("Hidden", (), {})(), open(__file__),
    iter([]) and __import__("threading").Lock(), local_function and (lambda: (lambda: 1))(), __import__("sys"),
]:
    attempt(lambda: pickle.loads(pickle.dumps(value)) and "fine")
def nested():
    class Inner: pass
    return Inner()
attempt(pickle.dumps, nested())
attempt(pickle.loads, b"")
attempt(pickle.loads, b".")
attempt(pickle.loads, b"garbage")
attempt(pickle.loads, pickle.dumps([1])[:-3])
attempt(pickle.loads, "str")
attempt(pickle.dumps, 1, 99)
attempt(pickle.loads, b"\x80\x63.")
attempt(pickle.loads, b"cno_module\nx\n.")
attempt(pickle.loads, b"cbuiltins\nno_name\n.")
attempt(pickle.loads, b"I5x\n.")
attempt(pickle.loads, b"h\x05.")
attempt(pickle.loads, b"(lp0\n")
attempt(pickle.load, io.BytesIO())
attempt(pickle.dump, 1, 5)
class Restricted(pickle.Unpickler):
    def find_class(self, module, name):
        if module != "builtins": raise pickle.UnpicklingError(f"no {module}.{name}")
        return super().find_class(module, name)
    def persistent_load(self, pid): return ("persistent", pid)
class Persist(pickle.Pickler):
    def persistent_id(self, o): return "ID" if o == "special" else None
    def reducer_override(self, o): return (str, ("overridden",)) if isinstance(o, Reduced) else NotImplemented
out = io.BytesIO()
Persist(out).dump([range(1), "special", Reduced(1)])
print(Restricted(io.BytesIO(out.getvalue())).load())
attempt(Restricted(io.BytesIO(pickle.dumps(Plain(1)))).load)
attempt(pickle.loads, out.getvalue())
out = io.BytesIO()
p = pickle.Pickler(out)
p.dump([1])
p.dump("two")
out.seek(0)
u = pickle.Unpickler(out)
print(u.load(), u.load())
attempt(u.load)
buffers = []
data = pickle.dumps(pickle.PickleBuffer(b"oob"), 5, buffer_callback=buffers.append)
print(len(buffers), bytes(pickle.loads(data, buffers=buffers)))
copyreg.pickle(Slots, lambda s: (Slots, (s.a * 10,)))
print(pickle.loads(pickle.dumps(Slots(2))), copy.copy(Slots(3)))
attempt(copyreg.pickle, Slots, 5)

a = [1, [2, 3], {"k": [4]}, (5, [6])]
s, d = copy.copy(a), copy.deepcopy(a)
a[1].append("x")
a[2]["k"].append("y")
print(
    s, d, s[1] is a[1], d[3] is a[3], copy.deepcopy((1, 2)) is not None, copy.copy({1}) == {1},
    copy.deepcopy(pair)[2] is pair,
)
class Copies:
    def __copy__(self): return "shallow"
    def __deepcopy__(self, memo): return ("deep", len(memo) >= 0)
    def __replace__(self, **kw): return kw
print(
    copy.copy(Copies()), copy.deepcopy([Copies()]), copy.replace(Copies(), a=1), copy.copy(Plain([1])),
    copy.deepcopy(State(1)), copy.copy(NewArgs(3)), copy.deepcopy(P([1], 2)), copy.replace(P(1, 2), y=5),
    copy.deepcopy(len) is len, copy.copy(None),
)
attempt(copy.copy, (x for x in ()))
attempt(copy.deepcopy, [open(__file__)])
attempt(copy.replace, 5)
for value in [
    None, 5, 10 ** 40, 1.5, 1j, "é", b"b", (1, "a"), [1, None], {"k": 1}, {3}, frozenset([1]), ..., StopIteration,
    True,
]:
    assert marshal.loads(marshal.dumps(value)) == value
code = compile("a + 1", "<m>", "eval")
print(eval(marshal.loads(marshal.dumps(code)), {"a": 4}), marshal.version, marshal.dumps((1, "ab"), 2))
attempt(marshal.dumps, object())
attempt(marshal.dumps, [Plain])
attempt(marshal.loads, b"")
attempt(marshal.loads, b"(")
attempt(marshal.loads, b"?")
attempt(marshal.loads, b"[\x05\0\0\0N")
attempt(marshal.loads, "x")
attempt(marshal.dumps, slice(1, 2))
