import gc, inspect, weakref
import static_types as m

def show(f, *args, **kw):
    try:
        print(repr(f(*args, **kw)))
    except Exception as e:
        print(type(e).__name__, e)

B = m.Box
b = B([1], 3)
print(b, len(b), list(b), b + 4, hash(b), b == B(0, 3), b < B(0, 9), b(1, x=2), b.double)
b.double = 10; print(b.number, b.ratio); b.number = 6; b.payload = 1.5; print(b, b.payload, b.swap(2), b.payload)
b.extra = 5; print(b.__dict__, b.many(1, "a", k=2.5), B.make(9), B.plain(1, 2), b.plain())
show(setattr, b, "ratio", 1); show(delattr, b, "double"); show(lambda: 3 + b); show(b.swap); show(B, 1, 2, 3); show(B, number="x")
del b.payload; show(lambda: b.payload)
print(B.__doc__, inspect.signature(B.swap), B.__name__, B.__module__, B.swap.__doc__, type(B.swap).__name__)
class Sub(B):
    def __add__(self, other): return ("sub", super().__add__(other))
    def __len__(self): return super().__len__() + 1
s = Sub("p", 4); s.more = [s]; print(s, len(s), s + 1, s[2], s.more[0] is s, isinstance(s, B))
r = weakref.ref(s); del s; gc.collect(); print(r())
c = m.CountingList([3, 1, 2]); c.append(1.5); c.sort(); print(c, c.bump(), c.bump(), c[0], c + [9], type(c).__mro__[1])
class SubList(m.CountingList): pass
d = SubList("ab"); d.x = 1; d.append(7); print(d, d.bump(), d.x, m.deep_sum(d))
deep = [1, 2.5, (3, [4, [5.5, (6,)]]), -7]
print(m.deep_sum(deep), deep); deep.append(10); deep[0] = 100; deep[2][1].append(0.5); print(m.deep_sum(deep), deep)
l = [1, 2]; m.keep(l); l.append(3); l.extend([4.5, 5]); l.insert(0, 6); l[1:2] = [7, 8]; l += (9,); l *= 2; l[0] += 1; print(m.kept_sum(), sum(l))
l = [i for i in range(4)]; print(m.in_place(l), l, l is m.in_place(l))
print(m.dict_walk({"a": 1, 2: 2.5, (3, 4): [5], None: "x"}))
show(m.parse, (1)); show(m.parse, 1, 2, "xyz"); show(m.parse, 1, 2.5, "x\u20ac", [1]); show(m.parse, 1, 2, "x", 3); show(m.parse, "a", 2, "x"); show(m.parse, 2**40, 2, "x")
print(m.format(12)); print(m.format("t\u00e9xt"))
show(m.fail, [1]); show(m.catch, lambda: {}["k"]); show(m.catch, lambda: 1 / 0); show(m.catch, lambda: 5)
f = m.foreign(50); f.append(f); g = [(x, {"k": x}) for x in f]; gc.collect(); print(len(g), type(f[0]).__name__, f[0] in f, m.reused())
del f[::2]; gc.collect(); g.clear(); gc.collect(); print(len(f), [type(x).__name__ for x in f[:2]]); f.clear(); gc.collect()
