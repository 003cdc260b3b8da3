"""Reference counting, __del__, weakref, gc: order, resurrection, callbacks, cycles."""
import gc
import sys
import weakref

def attempt(f, *args, **kwargs):
    try:
        print(repr(f(*args, **kwargs)))
    except Exception as error:
        print(type(error).__name__, error, sep=": ")


class Noisy:
    def __init__(self, name): self.name = name
    def __del__(self): print("del", self.name)
    def __repr__(self): return f"<{self.name}>"


gc.disable()
a = Noisy("a")
b = a
del a
print("still")
del b
print("gone")
def scope():
    local = Noisy("local")
    other = [Noisy("in list"), Noisy("second")]
    print("leaving")
scope()
x = Noisy("old")
x = Noisy("new")
x = None
items = [Noisy(n) for n in "pq"]
items[0] = 1
items.clear()
d = {"k": Noisy("value")}
d["k"] = 2
Noisy("temporary")
print((Noisy("t1"), Noisy("t2"))[0].name)
try: raise ValueError(Noisy("in exception"))
except ValueError as error: print("handling")
print("after handler")
class Resurrect:
    def __del__(self):
        saved.append(self)
        print("resurrected")
saved = []
r = Resurrect()
del r
print(len(saved))
saved.clear()
print("no second del", len(saved))
class Fails:
    def __del__(self): raise RuntimeError("in del")
hook, unraisable = sys.unraisablehook, []
sys.unraisablehook = lambda u: unraisable.append((u.exc_type.__name__, str(u.exc_value), u.err_msg))
Fails()
print(unraisable)
sys.unraisablehook = hook

class Node:
    def __init__(self, name): self.name, self.link = name, None
    def __del__(self): print("node", self.name)
n, m = Node("n"), Node("m")
n.link, m.link = m, n
del n, m
print("cycle waits")
found = gc.collect()
print(found >= 2, gc.garbage)
selfish = []
selfish.append(selfish)
del selfish
print(gc.collect() >= 1)
def frame_cycle():
    me = Noisy("caught in frame")
    f = lambda: f
frame_cycle()
gc.collect()
class Holder: pass
h = Holder()
h.self = h
w = weakref.ref(h, lambda ref: print("callback", ref() is None))
del h
print(w() is not None)
gc.collect()
print(w())

o = Noisy("object")
r1, r2 = weakref.ref(o), weakref.ref(o)
r3 = weakref.ref(o, lambda r: print("dead", r is r3))
print(
    r1 is r2, r1 is r3, r1() is o, weakref.getweakrefcount(o), r1 == r3, hash(r1) == hash(r3),
    repr(r1).startswith("<weakref at 0x"), "Noisy" in repr(r1),
)
del o
print(r1(), r1 == r2, "dead" in repr(r1))
attempt(lambda: weakref.ref(5))
attempt(weakref.ref, [], 1)
attempt(weakref.ref)
attempt(hash, weakref.ref(Noisy("unhashed")))
p_target = Noisy("proxied")
p = weakref.proxy(p_target)
print(p.name, type(p).__name__, p, isinstance(p, Noisy))
p.name = "renamed"
print(p_target.name)
del p_target
attempt(lambda: p.name)
attempt(hash, weakref.proxy(gc_keep := Noisy("kept")))
class Method:
    def f(self): return "called"
    def __call__(self): return "call"
    def __len__(self): return 3
k = Method()
wm = weakref.WeakMethod(k.f)
print(wm()(), weakref.proxy(k)(), len(weakref.proxy(k)), type(weakref.proxy(k)).__name__, weakref.ref(k.f)())
del k
print(wm())
vd = weakref.WeakValueDictionary()
kd = weakref.WeakKeyDictionary()
ws = weakref.WeakSet()
v = Holder()
v.tag = 1
vd["v"] = v
kd[v] = "data"
ws.add(v)
print(len(vd), len(kd), len(ws), vd["v"].tag, kd[v], v in ws, list(vd.keys()))
del v
print(len(vd), len(kd), len(ws))
attempt(lambda: vd["v"])
attempt(vd.__setitem__, "x", 5)
f_target = Holder()
fin = weakref.finalize(f_target, print, "finalized", sep="!")
print(fin.alive, fin.peek()[2])
del f_target
print(fin.alive, fin()) 
class Slots: __slots__ = ("a",)
class SlotsWeak: __slots__ = ("__weakref__",)
attempt(weakref.ref, Slots())
print(weakref.ref(SlotsWeak())() is None)
for kind in (int, str, list, dict, set, tuple, type, lambda: (lambda: 1), Holder):
    try:
        weakref.ref(kind())
        print(getattr(kind, "__name__", "?"), "yes", end="; ")
    except TypeError as error: print(error, end="; ")
print()

print(
    gc.isenabled(), gc.enable(), gc.isenabled(),
    gc.get_threshold() == (gc.set_threshold(500, 5, 5), (2000, 10, 0))[1], gc.get_threshold(), len(gc.get_count()),
    gc.is_tracked([]), gc.is_tracked(5), gc.is_tracked("s"), gc.is_tracked({}), gc.is_finalized(1), gc.get_debug(),
    sorted(gc.get_stats()[0]),
)
phases = []
gc.callbacks.append(lambda phase, info: phases.append((phase, sorted(info))))
gc.collect()
gc.callbacks.clear()
print(phases)
attempt(gc.collect, 5)
attempt(gc.collect, -1)
attempt(gc.set_threshold)
target = ["t"]
box = [target]
print(
    any(r is box for r in gc.get_referrers(target)), gc.get_referents(box) == [target], gc.freeze(),
    gc.get_freeze_count() > 0, gc.unfreeze(),
)
z = []
print(
    sys.getrefcount(z) - sys.getrefcount([]) >= 0, sys.getrefcount(None) > 1000,
    sys.getsizeof([]) < sys.getsizeof([1, 2, 3]), sys.getsizeof(1), sys.getsizeof("abc") - sys.getsizeof("ab"),
)
def gen():
    keep = Noisy("held by generator")
    yield 1
g = gen()
next(g)
del g
print("generator closed")
class Chain:
    def __init__(self, next): self.next = next
head = None
for _ in range(100000): head = Chain(head)
del head
print("long chain freed")
nest = []
for _ in range(100000): nest = [nest]
del nest
t = ()
for _ in range(100000): t = (t,)
del t
print("deep nests freed")
last = Noisy("module global at exit")
