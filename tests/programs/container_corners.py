"""Corners of containers and text: fields with brackets, changes while comparing, iterating and sorting; released views."""
def t(f):
    try: print('ok', repr(f()))
    except BaseException as e: print(type(e).__name__, e, getattr(e,'__notes__',None))
# A
for s in ('{0[{}]}','{a{b}','{0.{x}}','{[{}]}','{0[{a}b]}','{{{0}}}','{a{', '{0:{1:{2}}}','{0[}]}', '{!{}}','{0!r{}','{a{}b}','{0{1}}'):
    t(lambda: s.format(1,2,3,a=5)); 
# dict
class Foo:
    def __init__(s,**k): s.__dict__.update(k)
t(lambda: {}.update([1])); t(lambda: {}.update(5)); t(lambda: {}.update([(1,2),5]));t(lambda: dict([(1,2),(1,)])); t(lambda: {}.update('ab'))
class S(str): pass
f=Foo(msg='x'); t(lambda: getattr(f,S('msg')))
d={'k%d'%i:i for i in range(10)}
it=reversed(d); d.clear(); d['k0']=1; t(lambda: list(it))
import sys
# list
class A:
    def __eq__(s,o): x.clear(); return NotImplemented
x=[A(),1]; t(lambda: x==[1,2])
# sorting that the elements disturb
class Killer:
    def __init__(self, x): self.x = x
    def __del__(self): data[:] = range(20)
    def __lt__(self, other): return self.x < other.x
data = list(range(10))
t(lambda: data.sort(key=Killer))
class Number(int):
    def __lt__(self, other):
        last.__class__ = List2
        return int.__lt__(self, other)
class List1(list): pass
class List2(list):
    def __lt__(self, other): raise ValueError("List2")
lists = [List1([Number(i), i]) for i in range(10)]
last = lists[-1]
t(lambda: lists.sort())
r = reversed([1, 2]); list(r); t(lambda: r.__reduce__()[1])
# memory views whose memory goes away
import array, io
for size in (4, 8):
    ba = bytearray(size)
    m = memoryview(ba)
    class Index:
        def __index__(self): m.release(); ba.clear(); return 1
    t(lambda: m.__setitem__(0, Index()))
    ba = bytearray(size)
    m = memoryview(ba)
    t(lambda: m.__setitem__(Index(), 1))
    ba = bytearray(size)
    m = memoryview(ba).cast('B', (2, size // 2))
    t(lambda: m[Index(), 0])
m = memoryview(bytearray(b'abcdef'))
for key in ((slice(0, 1), 0), (slice(0, 1),), (0,), 'x', (slice(0, 1), slice(0, 2))):
    t(lambda: m[key]); t(lambda: m.__setitem__(key, b'x'))
text = "abcde"
print([(f % text) is text for f in ("%s", "%.5s", "%.10s", "%1s", "%5s")], "{0}".format(text) is text, "{:.10s}".format(text) is text)
t(lambda: "%c" % 1.5); t(lambda: "%s-%s" % (text, text)); t(lambda: "{}{}".format(text, "é")); t(lambda: ("%s" % "x" * 3, "%sy" % text))
for c, st in ((io.StringIO, ('a', '\n', 0, None)), (io.BytesIO, (b'a', 0, None))):
    f = c(); f.close()
    for x in (st, 5, ()): t(lambda: f.__setstate__(x))
    t(f.__getstate__)
t(lambda: set([1, 2], x=1))
class S2(set):
    def __new__(cls, a, n=None): return super().__new__(cls, a)
t(lambda: S2([1], n=2))
