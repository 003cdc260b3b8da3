"""Short ways of common operations against the general ones: slices of lists, `in`, truth, min() and max()."""

def f(l,a,b,c): return l[a:b:c]
def g(l,a,b,v):
    l[a:b]=v
    return l
def has(a,b): return a in b
def no(a,b): return a not in b
def truth(x): return 1 if x else 0
vals=[None,0,1,-1,2,5,-5,7,100,-100,2**61,-2**61,2**70,-2**70]
h=0
for n in (0,1,2,5,8):
    l=list(range(n))
    for a in vals:
        for b in vals:
            for c in vals:
                if c==0: continue
                h=h*31+hash(tuple(f(l,a,b,c))); h&=0xffffffff
            for v in ([],[9],[7,8,9],list(range(20)),(1,2),range(3)):
                h=h*31+hash(tuple(g(l[:],a,b,v))); h&=0xffffffff
            m=l[:]; g(m,a,b,m); h=h*31+hash(tuple(m)); h&=0xffffffff
for bad in (0, 'x', 1.5):
    for l in ([1,2],(1,2),'ab',b'ab',5):
        try: print(f(l,1,2,bad))
        except Exception as e: print(type(e).__name__,e)
class S(str): pass
for a in ['', 'a','é','€','😀','ab','aé','b€',S('a'),1]:
    for b in ['', 'abc','éa','€xé','a😀b€', S('abc'), ('a','b'),['a'],{'a'},{'a':1},5]:
        for fn in (has,no):
            try: print(fn(a,b), end=' ')
            except Exception as e: print(type(e).__name__,e)
print()
import collections
for x in [0.0,-0.0,1.5,1e300,float('nan'),(),(1,),{}, {1:1},collections.OrderedDict(),collections.defaultdict(int,a=1),b'',bytearray(b'1'),range(0),range(3),set(),frozenset([1]),1j,0j,None,10**30,'',[],object()]:
    print(truth(x),end=' ')
    t=lambda: 1 if x else 0
    print(t(),t(),t(),not x,end=' ')
print()
for fn in (min,max):
    for a,b in [(1,2),(2,1),(1,1),(1.5,1),(1,1.5),(True,1),(1,True),('a','b'),(0.0,-0.0),(-0.0,0.0),(float('nan'),1),(1,float('nan')),(2**70,1),(-2**62,2**62-1)]:
        def call(): return fn(a,b)
        print(repr(call()),repr(call()),repr(call()),repr(fn(a,b,a)),end=' ')
    for args in [(),(1,),(1,'a'),(None,1),([],)]:
        try: print(fn(*args))
        except Exception as e: print(type(e).__name__,e)
def mm(a,b): return min(a,b),max(a,b),min(a,b,a),max(b,a,key=lambda v:-v)
for i in range(5): print(mm(i,3-i), end=' ')
try: mm(1,'x')
except TypeError as e: print(e)
print(h)
