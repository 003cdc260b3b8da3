# sys.getsizeof(): the room that lists take depends on how they came about, and is visible.
import sys
for n in range(0,20):
    r=range(n); l=[*r]; t=(*r,); s=set(r); d=dict.fromkeys(r)
    def gen():
        yield from r
    x=[]
    x.extend(l); y=[1]; y.extend(l); z=[]; z+=t
    a=[]; 
    for i in r: a.append(i)
    print(n,*map(sys.getsizeof,(l,list(l),list(t),list(r),list(s),list(d),list(gen()),sorted(l),sorted(s),l[:],l.copy(),l+l,l*2,[i for i in r],x,y,z,a,list(map(int,r)),list(d.values()),list(d.items()),[*s],list(zip(r,r)),list(enumerate(r)), list('x'*n), 'a,'.split(',')*n, list(b'x'*n), list(reversed(l)))))
class H:
    def __init__(s, h, n): s.h = h; s.n = n
    def __length_hint__(s): return s.h
    def __iter__(s): return s
    def __next__(s):
        if s.n == 0: raise StopIteration
        s.n -= 1
        return 1
print([(h, n, sys.getsizeof(list(H(h, n)))) for h in (0, 1, 5, 8, 20, 40, 100) for n in (0, 1, 2, 7, 9, 30, 60)])
class C: pass
class S: __slots__ = ('a', 'b')
class B(bytearray): __slots__ = ('a', 'b', 'c')
class D(dict): pass
c = C()
c.a = c.b = 1
print([sys.getsizeof(x) for x in (object(), c, S(), B(), D(), int, C, S, D, type, enumerate(()), zip(), iter({}))])
import itertools, operator, functools, re
for x in (itertools.chain(), itertools.count(), itertools.product(), operator.itemgetter(1), list[int], re.compile('a')):
    print(type(x).__name__, type(x).__basicsize__, type(x).__itemsize__)
class Huge:
    def __sizeof__(self): return sys.maxsize
print(sys.getsizeof(Huge()) > sys.maxsize, sys.getsizeof(Huge()) - sys.maxsize)
