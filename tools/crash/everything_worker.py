"""What everything.py runs for one module."""
import array, collections, gc, importlib, io, os, random, sys, types, warnings

warnings.simplefilter("ignore")
if "ASAN_OPTIONS" not in os.environ:  # there max_allocation_size_mb does it
    import resource

    resource.setrlimit(resource.RLIMIT_DATA, (2**31, 2**31))
seed, cases, name = int(sys.argv[1]), int(sys.argv[2]), sys.argv[4]
rng = random.Random(f"{seed} {name}")
choice = rng.choice
sys.unraisablehook = lambda info: None
sys.setrecursionlimit(400)
try:
    module = importlib.import_module(name)
except ImportError:
    print("absent")
    raise SystemExit
real_out, out = sys.stdout, sys.stdout.fileno()
sys.stdout = io.StringIO()
sys.stdin = io.StringIO()
victims, made = [], []
depth = budget = 0


def refresh():
    victims[:] = [
        [object(), 1, "x"], {1: 2, "a": [1]}, {1, 2, "q"}, bytearray(b"abcdefgh" * 4), collections.deque([1, [2]]),
        collections.OrderedDict(a=1, b=[2]), array.array("i", range(10)), io.BytesIO(b"abc\ndef" * 9), io.StringIO("abc\ndef" * 9),
    ]


def hostile():
    """Changes what others may be working on."""
    global depth, budget
    if depth > 1 or budget <= 0:
        return
    budget -= 1
    depth += 1
    try:
        for victim in rng.sample(victims, 3) + rng.sample(made, min(2, len(made))):
            action = choice(["clear", "close", "pop", "popleft", "append", "update", "detach", "release", "reset", "truncate", "__init__", "__setstate__", "gc"])
            try:
                if action == "gc":
                    gc.collect(0)
                elif action in ("append", "__init__", "update", "__setstate__", "truncate"):
                    getattr(victim, action)(value())
                else:
                    getattr(victim, action)()
            except Exception:
                pass
    finally:
        depth -= 1


class Hostile:
    def __init__(self, *args):
        pass

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        hostile()
        return choice([Hostile(), len, None, 3, "s", b"b"])

    def __call__(self, *args, **keywords):
        hostile()
        return value()

    def __iter__(self):
        hostile()
        return choice([iter([1, 2]), iter([Hostile(), "a"]), iter(victims[0]), self, iter(victims[1])])

    def __next__(self):
        hostile()
        if rng.random() < 0.3:
            raise StopIteration
        return value()

    def __buffer__(self, flags):
        hostile()
        return memoryview(choice([b"abcdefgh", bytearray(b"12345678"), victims[3], victims[6]]))


def special(name, *results):
    def method(self, *args):
        hostile()
        r = choice(results)
        if r is Exception:
            raise choice([ValueError, TypeError, KeyError, MemoryError, StopIteration])("hostile")
        return r

    method.__name__ = name
    setattr(Hostile, name, method)


for names, results in {
    "__eq__ __ne__": (True, False, NotImplemented, [], Exception), "__lt__ __le__ __gt__ __ge__": (True, False, NotImplemented, Exception),
    "__hash__": (1, 2, -1, 2**61, Exception), "__index__ __int__ __trunc__": (0, 1, -1, 3, 1000, 2**70, -(2**63), "x", Exception), "__float__": (1.5, 0.0, float("nan"), 1, Exception),
    "__complex__": (1j, 3, Exception), "__bool__": (True, False, 3, Exception), "__len__": (0, 1, 5, 2**40, -1, Exception), "__length_hint__": (0, 7, 2**62, -1, "x"),
    "__repr__ __str__ __format__": ("x", "é", "", 5, Exception), "__bytes__": (b"x", b"", 3), "__fspath__": ("no/such", b"no/x\0", "\0", 3), "__contains__": (True, False, 3),
    "__enter__ __exit__ __set_name__ __get__ __await__ __reversed__ __getitem__ __missing__": (None, 5, "x", (), Exception), "__setitem__ __delitem__ __set__ __delete__": (None, Exception),
    "__add__ __radd__ __sub__ __mul__ __rmul__ __mod__ __or__ __and__ __xor__ __neg__ __abs__ __iadd__ __lshift__ __floordiv__ __truediv__ __divmod__ __round__": (1, "x", NotImplemented, None, Exception),
    "__copy__ __deepcopy__ __reduce_ex__ __reduce__ __getstate__ __setstate__ __instancecheck__ __subclasscheck__": (None, "x", (1, 2), True, (list, ([1],)), Exception), "__del__": (None,),
    "read": (b"ab", "ab", b"", None, 5), "readline": (b"ab\n", "ab\n", b"", ""), "readinto write seek tell": (0, 1, 10**9, None, -5, 3), "readable writable seekable isatty": (True, False, 1),
    "keys values items": (["a", 1], [("a", 1)], None, 5, ()), "fileno": (-1, 10**6, "x"), "encode decode": (("x", 1), (b"x", 1), "x", None, (1, "x")), "flush close": (None, Exception),
}.items():
    for each in names.split():
        special(each, *results)


def value():
    k = rng.randrange(60)
    if k < 14:
        return Hostile()
    if k < 22:
        return choice(victims)
    if k < 30 and made:
        return choice(made)
    return choice((
        0, 1, -1, 2, 3, 7, 255, 256, 65536, 2**31 - 1, 2**31, -(2**31), 2**32, 2**62, 2**63 - 1, 2**63, -(2**63), 2**64, 10**25, True, None, 0.0, 1.5, -1e300, float("inf"), float("nan"), 2j,
        "", "a", "abc", "Stra\xdfe", "\U0001f600x", "\ud800", "utf-8", "strict", "replace", "a\0b", "i", "%s", "{}", "<3i", "(a|b)*", b"", b"a", b"abc\xff", b"\0" * 64, bytearray(b"xyz"), memoryview(b"memory"),
        memoryview(bytearray(64)).cast("I"), (), (1, 2), (1, "a", None), ("a", b"b"), [], [1, 2, 3], {}, {"a": 1}, {1: 2}, set(), frozenset({1}), range(5), slice(1, 2), slice(None, None, -1), iter([1, 2]), len, str, int,
        type, object, list, dict, ValueError, ValueError("v"), lambda *a, **k: a, types.SimpleNamespace(a=1), Ellipsis, NotImplemented, sys, (i for i in range(3)), "x" * 5000, b"y" * 5000,
    ))


def text_of(v):
    try:
        return object.__repr__(v) if isinstance(v, Hostile) else repr(v)[:60]
    except BaseException:
        return object.__repr__(v)


def callables():
    for n, f in sorted(vars(module).items()):
        if n in SKIP or f"{name}.{n}" in SKIP or not callable(f):
            continue
        if isinstance(f, type):
            if getattr(f, "__name__", "") in SKIP or issubclass(f, BaseException) and rng.random() < 0.8:
                continue
            yield n, f, sorted(m for m in dir(f) if m not in SKIP and f"{name}.{m}" not in SKIP)
        elif getattr(f, "__module__", name) in (name, None, "builtins") or name.startswith("_"):
            yield n, f, None


def use(r):
    """What is done with most results."""
    if r is None or isinstance(r, (int, str, bytes, float)):
        return
    if not isinstance(r, (type, types.FunctionType, types.BuiltinFunctionType, types.ModuleType)) and len(made) < 60:
        made.append(r)
    elif made:
        made[rng.randrange(len(made))] = r if not isinstance(r, types.ModuleType) else None
    if hasattr(type(r), "__next__") and not isinstance(r, Hostile):
        for _ in range(5):
            next(r)
    elif rng.random() < 0.3:
        str(r)
    elif rng.random() < 0.3:
        repr(r)


targets = list(callables())
for i in range(cases):
    if i % 20 == 0:
        refresh()
        if i % 200 == 0:
            made.clear()
    budget, depth = 40, 0
    if not targets:
        break
    n, f, methods = choice(targets)
    args = [value() for _ in range(choice((0, 1, 1, 1, 2, 2, 3, 3, 4, 6)))]
    keywords = {}
    if rng.random() < 0.15:
        keywords = {choice("key default maxlen reverse strict sep encoding errors protocol mode buffer data size flags name fmt level callback".split()): value()}
    try:
        if methods and rng.random() < 0.75:
            own = [o for o in made if isinstance(o, f)]
            m = choice(methods)
            attribute = getattr(choice(own) if own and rng.random() < 0.9 else f, m)
            line = f"{n}.{m} {[text_of(a) for a in args]} {keywords}"
            if callable(attribute):

                os.write(out, (line + "\n").encode("utf-8", "backslashreplace"))
                use(attribute(*args, **keywords))
            elif own:
                o = choice(own)
                if rng.random() < 0.5:
                    setattr(o, m, args[0] if args else None)
                elif rng.random() < 0.2:
                    delattr(o, m)
        else:

            os.write(out, f"{n} {[text_of(a) for a in args]} {keywords}\n".encode("utf-8", "backslashreplace"))
            use(f(*args, **keywords))
    except BaseException:
        pass
    args = keywords = None
made.clear()
victims.clear()
gc.collect()

os.write(out, b"end\n")
