import heapq, _heapq, bisect
def t(f):
    try: print(repr(f()))
    except BaseException as e: print(type(e).__name__, e)
for n in ['heapify','heappop','heapify_max','heappop_max']:
    f=getattr(_heapq,n); t(lambda: f()); t(lambda: f(3)); t(lambda: f((1,))); t(lambda: f([])); t(lambda:f([1,'a'])); t(lambda: f([1,2],3)); t(lambda: f([None]*5))
for n in ['heappush','heappushpop','heapreplace','heappush_max','heappushpop_max','heapreplace_max']:
    f=getattr(_heapq,n); t(lambda: f()); t(lambda: f(3,4)); t(lambda: f((1,),2)); t(lambda: f([],2)); t(lambda:f([1],'a')); t(lambda: f([1,2],3,4)); t(lambda: f([1,2])); t(lambda: f([5,6],3)); t(lambda: f(heap=[],item=3))
class EvilA:
    def __init__(s,h): s.h=h
    def __lt__(s,o): s.h.clear(); return NotImplemented
for n in ['heappush','heappushpop','heapreplace','heappush_max','heappushpop_max','heapreplace_max']:
    h=[]; h.extend(EvilA(h) for i in range(7))
    f=getattr(_heapq,n)
    t(lambda: f(h,1))
    class L(list):
        def append(s,x): print("app")
    t(lambda: f(L([1,2,3]),0))
for n in ['heapify','heappop','heapify_max','heappop_max']:
    h=[]; h.extend(EvilA(h) for i in range(7))
    f=getattr(_heapq,n)
    t(lambda: f(h))
for b in [bisect.bisect_left,bisect.bisect_right,bisect.insort_left,bisect.insort_right]:
    t(lambda: b()); t(lambda: b([1])); t(lambda:b([1],2,-1)); t(lambda:b([1],2,0,-1)); t(lambda:b([1],2,0,10)); t(lambda:b([1],2,lo=None)); t(lambda:b([1],2,hi='a')); t(lambda:b([1],2,0,1,int)); t(lambda:b(3,2)); t(lambda:b([1],'a')); t(lambda:b([1],'a',key=int)); t(lambda:b([1],'a',key=3)); t(lambda: b({1:2,0:1},1)); t(lambda: b("abc","b")); t(lambda: b(range(10),5)); t(lambda: b([1],2,2**70)); t(lambda: b([1],2,0,2**70)); t(lambda: b([3,2,1],2,key=lambda x:-x)); t(lambda: b([1,2,3],2,x=3)); t(lambda: b(a=[1,2,2,3],x=2)); t(lambda: b([1,2,3],2,0,0.5)); t(lambda: b([1,2,3],2,0.5))
    class S:
        def __len__(s): return 5
        def __getitem__(s,i): return i
        def insert(s,i,x): print('insert',i,x)
    t(lambda: b(S(),3)); t(lambda: b(S(),-3,key=lambda x:x*2)); t(lambda: b(S(),None)); 
    l=[1,2,3]; t(lambda: (b(l,2.5),l)); l=[1,2,3]; t(lambda: (b(l,2.5,key=float),l));
import statistics
n=statistics._normal_dist_inv_cdf
for a in [(0.5,0,1),(0.1,2,3),(0.001,0,1),(1e-20,0,1),(0.999,0,1),(0.9999999999,0,1),(0.0,0,1),(1.0,0,1),(2,0,1),('a',1,2),(0.5,1,0),(0.5,1,-2),(0.25,100,15),(float('nan'),0,1),(1e-300,0,1)]:
    t(lambda: n(*a))
t(lambda: n()); t(lambda: n(1,2,3,4))
