import contextvars
import sys

import watchers as w


def attempt(f, *args):
    try:
        return f(*args)
    except Exception as e:
        return f"{type(e).__name__}: {e}"


def show(what):
    print(what, w.take_log())


unraisable = []
sys.unraisablehook = lambda u: unraisable.append((u.err_msg, repr(u.exc_value), u.object))


def dicts():
    i = w.add("dict")
    print("id", i)
    d = {"a": 1, 2: None}
    w.watch(i, d)
    d["b"] = 2
    d["a"] = 3
    value = d["a"]
    d["a"] = value
    d[10] = 1.5
    d[None] = []
    for k in range(3):
        d["b"] = (k,)
    show("stores")
    del d["b"]
    print(d.pop(10), d.pop("absent", "default"), d.popitem())
    show("removals")
    print(d.setdefault("a", 0), d.setdefault("new", 5))
    d |= {"x": 1, "a": 3}
    d.update(y=2)
    show("merging")
    d.clear()
    d.clear()
    show("clear")
    d.update({"p": 1, "q": 2})
    show("clone")
    d.update([("r", 1)])
    show("pairs")
    w.watch(i, d, False)
    d["unseen"] = 1
    show("unwatched")
    w.watch(i, d)
    e = d.copy()
    e["unseen"] = 1
    del d
    show("end")

    class C:
        pass

    c = C()
    c.first = 1
    w.watch(i, c.__dict__)
    for k in range(3):
        c.first = k
        c.second = str(k)
    del c.second
    setattr(c, "third", 3)
    show("attributes")
    space = {}
    w.watch(i, space)
    exec("one = 1\nfor one in range(3): pass\ndef f():\n  global one, two\n  one = 'x'; two = one\nf()\ndel one", space)
    print([(event, key) for event, key, _ in w.take_log()])
    d = {}
    w.watch(i, d)
    w.raise_next()
    d["k"] = "v"
    show("raised")
    message, exc, obj = unraisable.pop()
    print(message.split(" at 0x")[0], exc, obj, d)
    for args in ((-1, d), (8, d), (7, d), (i, 5)):
        print(attempt(w.watch, *args), "|", attempt(w.watch, *args, False))
    w.clear("dict", i)
    d["unseen"] = 1
    show("cleared")
    for k in (i, -1, 8):
        print(attempt(w.clear, "dict", k))
    ids = []
    while isinstance(k := attempt(w.add, "dict"), int):
        ids.append(k)
    print(ids, k)
    for k in ids:
        w.clear("dict", k)


def types():
    i = w.add("type")
    print("id", i)

    class A:
        pass

    class B(A):
        pass

    w.watch(i, B)
    A.x = 1
    A.y = 2
    show("aggregated")
    print(B.y)
    B.z = 3
    show("again")
    w.raise_next()
    print(B.z)
    del B.z
    show("raised")
    message, exc, obj = unraisable.pop()
    print(message, exc, obj)
    print(B.x)
    B.__bases__ = (A,)
    show("bases")
    w.watch(i, B, False)
    print(B.x)
    B.w = 1
    show("unwatched")
    for args in ((-1, B), (8, B), (7, B)):
        print(attempt(w.watch, *args), "|", attempt(w.watch, *args, False))
    w.clear("type", i)
    for k in (i, -1, 8):
        print(attempt(w.clear, "type", k))
    ids = []
    while isinstance(k := attempt(w.add, "type"), int):
        ids.append(k)
    print(ids, k)
    for k in ids:
        w.clear("type", k)


def functions():
    i = w.add("function")
    print("id", i)

    def f(a, *, b=1):
        return a, b

    def g(a, *, b=1):
        return b, a

    f.__code__ = g.__code__
    f.__defaults__ = (7,)
    f.__defaults__ = None
    f.__kwdefaults__ = {"b": 2}
    del f.__kwdefaults__
    f.__name__ = "other"
    log = w.take_log()
    print([(event, name, type(value).__name__ if event == "code" else value) for event, name, value in log])
    del log, f
    show("gone")
    w.raise_next()
    h = lambda: 0
    show("raised")
    message, exc, obj = unraisable.pop()
    print(message.split(" at 0x")[0], exc, obj)
    w.clear("function", i)
    del h
    show("cleared")
    for k in (i, -1, 8):
        print(attempt(w.clear, "function", k))
    ids = []
    while isinstance(k := attempt(w.add, "function"), int):
        ids.append(k)
    print(ids, k)
    for k in ids:
        w.clear("function", k)


def codes():
    i = w.add("code")
    print("id", i)
    code = compile("def inner(): pass", "file", "exec")
    log = w.take_log()
    print(sorted(log))
    del code, log
    print(sorted(w.take_log()))
    code = compile("1", "file", "eval")
    other = code.replace(co_name="renamed")
    w.take_log()
    w.raise_next()
    del other
    show("raised")
    message, exc, obj = unraisable.pop()
    print(message.split(" at 0x")[0], exc, obj)
    w.clear("code", i)
    del code
    show("cleared")
    for k in (i, -1, 8):
        print(attempt(w.clear, "code", k))


def contexts():
    i = w.add("context")
    print("id", i)
    outer, inner = contextvars.copy_context(), contextvars.copy_context()
    outer.run(inner.run, len, "")
    log = w.take_log()
    names = {id(outer): "outer", id(inner): "inner"}
    print([(event, names.get(id(c), "other")) for event, c in log])
    w.raise_next()
    outer.run(len, "")
    w.take_log()
    message, exc, obj = unraisable.pop()
    print(message.split(" at 0x")[0], exc, obj)
    w.clear("context", i)
    outer.run(len, "")
    show("cleared")
    for k in (i, -1, 8):
        print(attempt(w.clear, "context", k))


def tracer():
    class Node:
        pass

    def make():
        kept = [[] for _ in range(10)]
        nodes = [Node() for _ in range(5)]
        return kept, nodes

    print(w.trace(list, make), w.trace(Node, make), w.trace(dict, lambda: [{} for _ in range(3)]))
    print(w.trace(tuple, lambda: [tuple([k]) for k in range(4)]))


def vectorcalls():
    def f(a, b=2):
        return a, b

    class C:
        def method(self):
            return "own"

        def __call__(self):
            return "own"

        def __add__(self, other):
            return "own"

    def calls():
        return f(1), f(1, b=2), f(*[1]), f(*[1], **{"b": 3})

    for _ in range(100):
        before = calls()
    w.replace(f)
    print(before, calls(), sorted([3, 1], key=f))
    c = C()
    use = lambda: (c.method(), c(), c + 1)
    for _ in range(100):
        before = use()
    for name in ("method", "__call__", "__add__"):
        w.replace(C.__dict__[name])
    print(before, use())


for test in (dicts, types, functions, codes, contexts, tracer, vectorcalls):
    print("---", test.__name__)
    test()
print(w.without_memory())
