"""Programs that use up all memory there is, with objects of every kind, and go on. usage: exhaust.py SEED CASES [CASE ...]

Each case has a process of its own with a limit on its addresses or on its data; CASES are divided by ten. With case numbers
only these are run, here. What cannot be had is a MemoryError; the process may not end before its time.
"""
import array, ast, asyncio, bisect, codecs, collections, copy, csv, datetime, decimal, enum, fractions, functools, gc, heapq, io, itertools
import json, marshal, operator, pickle, random, re, resource, string, struct, sys, textwrap, threading, traceback, types, typing, unicodedata, weakref, zlib
import xml.etree.ElementTree as ElementTree

SECONDS = 60
SOURCE = "def f(a, b):\n    return [a + b for x in range(10) if x * a > 3]\nclass A:\n    x: int = 1\n    def g(self): return super().g()\n" * 30


class Plain:
    def __init__(self, *values):
        self.a, self.b, self.c = values or (1, 2, 3)


class Slots:
    __slots__ = ("a", "b", "__weakref__")


class Mourned:
    def __del__(self):
        last[:] = [str(id(self)), {}, Plain()]


last = []


def generator(n):
    try:
        for i in range(n):
            yield [i]
    finally:
        last[:] = [i for i in range(3)]


async def coroutine(n):
    await asyncio.sleep(0)
    return [n]


def recurse(n):
    return [n] if n == 0 else recurse(n - 1) + [n]


def deep(n):
    x = None
    for i in range(n):
        x = [x]
    return x


def weak(n):
    s = Slots()
    s.a = s.b = n
    return s, weakref.ref(s, lambda r: last.clear())


def error(n):
    try:
        raise KeyError(n) from ValueError(n)
    except KeyError as e:
        return e


def attributes(n):
    p = Plain()
    for i in range(n % 50):
        setattr(p, f"a{i}", i)
    return p


# What fills the memory: n is a number that gets larger
FILLERS = [
    lambda n: bytearray(n * 100), lambda n: b"x" * n, lambda n: "x" * (n * 3), lambda n: "\u20ac" * n, lambda n: "\U0001f600" * n, lambda n: [None] * n, lambda n: list(range(n)), lambda n: tuple(range(n)),
    lambda n: {i: i for i in range(n)}, lambda n: {str(i): i for i in range(n)}, lambda n: set(range(n)), lambda n: frozenset(map(str, range(n))), lambda n: Plain(), lambda n: attributes(n), weak, lambda n: Mourned(),
    lambda n: generator(n).__iter__(), lambda n: collections.deque(range(n)), lambda n: collections.OrderedDict.fromkeys(range(n)), lambda n: collections.Counter(range(n)), lambda n: array.array("d", range(n)),
    lambda n: 7**n, lambda n: n * 1.5, lambda n: (n, n), lambda n: [n], lambda n: {}, lambda n: lambda: n, lambda n: types.SimpleNamespace(a=n), lambda n: type("T", (), {"a": n}), lambda n: compile(f"x = {n}\ndef f(): return {n}", "x", "exec"),
    error, lambda n: deep(n), lambda n: io.BytesIO(b"x" * n), lambda n: io.StringIO("x" * n), lambda n: decimal.Decimal(n) ** 20, lambda n: fractions.Fraction(n, 7), lambda n: datetime.datetime.now(), lambda n: re.compile(f"a{n}(b|c)*"),
    lambda n: iter([n]), lambda n: map(str, [n]), lambda n: itertools.chain([n], [n]), lambda n: itertools.tee([n], 3), lambda n: functools.partial(print, n), lambda n: ElementTree.fromstring(f"<a b='{n}'><c/>{n}</a>"), lambda n: memoryview(bytearray(n)),
    lambda n: zlib.compressobj(), lambda n: struct.Struct(f"{n}i"), lambda n: random.Random(n), lambda n: coroutine(n).close(), lambda n: f"{n}" * 5, lambda n: sys.intern(f"name{n}"), lambda n: threading.Lock(), lambda n: next(generator(n + 1)),
    lambda n: list[int] | None, lambda n: property(str), lambda n: range(10**20 + n), lambda n: slice(n, n), lambda n: bytes(n).hex(), lambda n: ast.parse(f"a + {n}"), lambda n: types.MappingProxyType({n: n}), lambda n: complex(n), lambda n: Plain.__init__.__get__(n),
]


def grow(kind):
    """One container that grows and grows."""
    if kind == 0:
        x = []
        while True:
            x.append(len(x) * 1000)
    elif kind == 1:
        x = {}
        while True:
            x[len(x)] = None
    elif kind == 2:
        x = "a"
        while True:
            x += x
    elif kind == 3:
        x = set()
        while True:
            x.add(len(x))
    elif kind == 4:
        x = collections.deque()
        while True:
            x.append(len(x))
    elif kind == 5:
        x = bytearray(b"a")
        while True:
            x += b"abc" * 1000
    elif kind == 6:
        x = 3
        while True:
            x *= x
    elif kind == 7:
        x = None
        while True:
            x = Plain(x, x, [])
    elif kind == 8:
        x = io.BytesIO()
        while True:
            x.write(b"abc" * 1000)
    elif kind == 9:
        x = io.StringIO()
        while True:
            x.write("abc\u20ac" * 1000)
    elif kind == 10:
        x = array.array("q")
        while True:
            x.extend(range(1000))
    elif kind == 11:
        x = {}
        while True:
            x[f"n{len(x)}"] = type(f"C{len(x)}", (Plain,), {"a": 1})
    elif kind == 12:
        sys.setrecursionlimit(10**6)
        return recurse(10**6)
    elif kind == 13:
        x = collections.OrderedDict()
        while True:
            x[len(x)] = []
            x.move_to_end(0)
    elif kind == 14:
        x = []
        while True:
            x = [x, sys._getframe().f_locals]
    elif kind == 15:
        x = weakref.WeakValueDictionary()
        keep = []
        while True:
            keep.append(weak(len(keep))[0])
            x[len(x)] = keep[-1]
    elif kind == 16:
        list(itertools.permutations(range(100), 3))
        x = list(itertools.product(range(1000), repeat=2))
        return sorted(x * 100, key=str)
    elif kind == 17:
        return json.loads("[" + "{\"a\": [1, 2.5, \"x\"]}," * 10**6 + "1]")
    elif kind == 18:
        return pickle.dumps([[i] for i in range(10**7)])
    elif kind == 19:
        return compile("x = [i for i in range(10)]\n" * 10**6, "x", "exec")
    elif kind == 20:
        return re.sub("a|b", lambda m: m[0] * 1000, "ab" * 10**6)
    elif kind == 21:
        gens = []
        while True:
            gens.append(generator(3))
            next(gens[-1])
    elif kind == 22:
        x = ElementTree.Element("a")
        while True:
            ElementTree.SubElement(x, "b", c="d").text = "x" * 100
    elif kind == 23:
        return "".join(map(str, range(10**8)))
    elif kind == 24:
        x = None
        while True:
            x = error(x)
            x.__context__ = x
    elif kind == 25:
        return marshal.loads(marshal.dumps([[i, str(i)] for i in range(3 * 10**6)]))
    elif kind == 26:
        return asyncio.run(many())
    elif kind == 27:
        return copy.deepcopy([[i] for i in range(10**6)])
    elif kind == 28:
        return traceback.format_exception(deep_error(10**5))
    elif kind == 29:
        return list(csv.reader(["a,b,c" * 10**6] * 100))


async def many():
    return await asyncio.gather(*[coroutine(n) for n in range(10**6)])


def deep_error(n):
    e = None
    for i in range(n):
        new = ValueError("x" * 100)
        new.__cause__ = e
        e = new
    return e


OPERATIONS = [
    lambda: compile(SOURCE, "x", "exec"), lambda: json.dumps([{"a": [1, 2.5, None, "\xe9"]}] * 50), lambda: json.loads('[1, 2.5, {"a": "b"}, [], "\\u00e9"]' * 1), lambda: ast.unparse(ast.parse(SOURCE)), lambda: pickle.loads(pickle.dumps([Plain(), {1: 2}, (3,), "x"] * 9)),
    lambda: sorted(map(str, range(500))), lambda: "".join(str(i) for i in range(500)), lambda: re.sub(r"(\w)(\d)", r"\2\1", "a1b2" * 100), lambda: exec(SOURCE, {}), lambda: type("T", (Plain,), {"__slots__": ("q",)})(), lambda: repr(list(range(300))),
    lambda: recurse(300), lambda: gc.collect(), lambda: traceback.format_exc(), lambda: error(1), lambda: str(error(1)), lambda: "%s %r" % (1, [2]), lambda: f"{1:>100}{2.5!r}", lambda: unicodedata.normalize("NFD", "\xe9" * 300), lambda: decimal.Decimal(2) ** 5000,
    lambda: 3**5000, lambda: str(3**3000), lambda: asyncio.run(coroutine(1)), lambda: threading.Thread(target=recurse, args=(5,)).start(), lambda: list(generator(50)), lambda: copy.deepcopy([{1: [2]}] * 5), lambda: "abc".encode("utf-16"), lambda: b"abc".decode("rot13"),
    lambda: typing.get_type_hints(Plain.__init__), lambda: enum.Enum("E", "a b c"), lambda: collections.namedtuple("N", "a b c")(1, 2, 3), lambda: functools.lru_cache(str)(1), lambda: heapq.nsmallest(3, range(100)), lambda: csv.writer(io.StringIO()).writerow(range(50)),
    lambda: ElementTree.tostring(ElementTree.fromstring("<a><b c='d'>e</b></a>")), lambda: zlib.decompress(zlib.compress(b"abc" * 1000)), lambda: marshal.dumps(compile("x = 1", "x", "exec")), lambda: open(__file__).read(), lambda: string.Template("$a").substitute(a=1), lambda: textwrap.wrap("abc " * 50, 20),
    lambda: struct.pack("100i", *range(100)), lambda: memoryview(bytearray(100)).tolist(), lambda: sys._current_frames(), lambda: sys._getframe().f_locals, lambda: Plain.__dict__.copy(), lambda: dir(Plain()), lambda: undefined, lambda: None.attribute, lambda: [].append(1, 2), lambda: weak(3)[1]().a,
    lambda: set(range(100)) | {1}, lambda: {**{i: i for i in range(100)}}, lambda: [*range(300)], lambda: max(range(100), key=str), lambda: __import__("this_is_no_module"), lambda: __import__(random.choice(["colorsys", "this", "sched", "cmd", "_sqlite3", "_ctypes", "_ssl", "curses", "_zoneinfo", "statistics"])), lambda: datetime.datetime.now().strftime("%c"),
    lambda: bisect.insort(list(range(100)), 5), lambda: operator.attrgetter("a.b")(Plain), lambda: codecs.getincrementaldecoder("utf-8")().decode(b"\xc3"), lambda: sys.settrace(lambda *a: None) or recurse(3), lambda: sys.settrace(None), lambda: sys.intern("x" * 99 + str(id(1))),
]


def exhaust(rng):
    """Until nothing is left; then it has some again."""
    kept, fillers = [], rng.sample(FILLERS, rng.choice((1, 1, 2, 4)))
    n, limit = rng.choice((1, 1, 3, 10, 100, 1000)), rng.choice((10**4, 10**5))
    if rng.random() < 0.4:
        kept.append(bytearray(rng.choice((1, 50, 90)) << 20))
    try:
        for i in range(10**7):
            kept.append(fillers[i % len(fillers)](n))
            n = min(n + (i % 16 == 0), limit)
    except MemoryError:
        pass
    for _ in range(rng.randrange(8)):
        try:
            rng.choice(OPERATIONS)()
        except MemoryError:
            pass
        except Exception:
            pass
        if rng.random() < 0.3 and kept:
            del kept[-rng.choice((1, 3, len(kept) // 2 + 1)) :]
        try:
            kept.append(rng.choice(fillers)(n))
        except MemoryError:
            pass


def in_use():
    """Without addresses that are only kept."""
    sizes = dict(line.split(":") for line in open("/proc/self/status"))
    return sum(int(sizes[name].split()[0]) for name in ("VmData", "VmStk", "VmExe", "VmLib")) << 10


def one(seed, number):
    rng = random.Random(f"{seed} {number}")
    random.seed(number)
    size = rng.choice((60, 100, 150)) << 20
    resource.setrlimit(rng.choice((resource.RLIMIT_AS, resource.RLIMIT_DATA)), (in_use() + size, resource.RLIM_INFINITY))
    sys.unraisablehook = lambda info: None
    threading.excepthook = lambda info: None
    if rng.random() < 0.2:
        gc.disable()
    action = rng.randrange(4)
    try:
        if action == 0:
            grow(rng.randrange(30))
        elif action == 1:
            threads = [threading.Thread(target=exhaust, args=(random.Random(f"{seed} {number} {i}"),)) for i in range(3)]
            for t in threads:
                try:
                    t.start()
                except (MemoryError, RuntimeError):
                    pass
            for t in threads:
                if t.ident:
                    t.join()
        else:
            for _ in range(rng.randrange(1, 4)):
                exhaust(rng)
    except (MemoryError, RecursionError):
        pass
    for operation in OPERATIONS[:20]:  # there may be memory again
        try:
            operation()
        except Exception:
            pass


def main():
    seed, cases = sys.argv[1], int(sys.argv[2])
    if len(sys.argv) > 3:
        for number in sys.argv[3:]:
            one(seed, int(number))
        return
    import subprocess

    for number in range(cases // 10):
        print(number, flush=True)
        try:
            p = subprocess.run([sys.executable, __file__, seed, "0", str(number)], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, timeout=SECONDS)
        except subprocess.TimeoutExpired:
            print(f"case {number}: late", flush=True)
            continue
        if p.returncode < 0 or b"fatal" in p.stderr or b"Fatal" in p.stderr:
            sys.exit(f"case {number}: status {p.returncode}\n{p.stderr.decode('utf-8', 'replace')[-3000:]}")
    print("end")


main()
