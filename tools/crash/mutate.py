# Callbacks that change the container in use. Prints nothing but case names on flush, so that a crash names the case.
import sys, gc, random, collections, array, io, json, pickle, struct, itertools, functools, re, heapq, bisect, operator, copy, weakref, types, marshal, threading, warnings
warnings.simplefilter('ignore')
seed=int(sys.argv[1]) if len(sys.argv)>1 else 0
R=random.Random(seed)
verbose=len(sys.argv)>2
# targets: mutated by any hook
T=[]
def fresh():
    T[:] = [
        [object(),1,2,"x"], {1:2,"a":[1]}, {1,2,"q"}, bytearray(b"abcdefgh"*4), collections.deque([1,[2],3]),
        collections.OrderedDict(a=1,b=[2],c=3), array.array('i',range(10)), io.BytesIO(b"abc\ndef"*9), io.StringIO("abc\ndef"*9),
        collections.defaultdict(list,{1:[2]}), collections.Counter("abca"),
    ]
def mutate():
    if R.random()<.3: gc.collect(0)
    for t in R.sample(T, 3):
        try:
            k=R.randrange(9)
            if k<3 and hasattr(t,'clear'): t.clear()
            elif k==3 and hasattr(t,'append'): [t.append(H()) if not isinstance(t,(bytearray,array.array)) else t.append(1) for _ in range(R.choice((1,5,70)))]
            elif k==4 and hasattr(t,'pop'): t.pop()
            elif k==5 and hasattr(t,'update'): t.update({H():H() for _ in range(R.choice((1,30)))} if not isinstance(t,set) else {H() for _ in range(20)})
            elif k==6 and hasattr(t,'popleft'): t.popleft()
            elif k==7 and hasattr(t,'close'): t.truncate(0); R.random()<.2 and t.close()
            elif k==8 and isinstance(t,(bytearray,array.array,list)): del t[:]; t.extend([1]*R.choice((0,3,100)))
        except Exception: pass
depth=0
budget=60
class H:
    """Every hook mutates and returns something odd."""
    def __new__(cls,*a): return object.__new__(cls)
    def _m(self):
        global depth,budget
        if depth>1 or budget<0: return
        budget-=1
        depth+=1
        try: mutate()
        finally: depth-=1
    def __eq__(s,o): s._m(); return R.choice((True,False,NotImplemented,[],H) )
    def __ne__(s,o): s._m(); return R.choice((True,False))
    def __lt__(s,o): s._m(); return R.choice((True,False,NotImplemented))
    __gt__=__le__=__ge__=__lt__
    def __hash__(s): s._m(); return R.choice((1,2,3,-1,2**61))
    def __index__(s): s._m(); return R.choice((0,1,-1,3,1000,2**70,-2**63))
    def __int__(s): s._m(); return 5
    def __float__(s): s._m(); return 1.5
    def __bool__(s): s._m(); return R.random()<.5
    def __len__(s): s._m(); return R.choice((0,1,5,2**40))
    def __length_hint__(s): s._m(); return R.choice((0,1,5,100))
    def __iter__(s): s._m(); return s if R.random()<.5 else iter([H(),1,"a",b"x"])
    def __next__(s):
        s._m()
        if R.random()<.4: raise StopIteration
        return R.choice((H(),1,"a",b"b",(1,2),None,T[0]))
    def __getitem__(s,i): s._m(); return R.choice((1,"a",H()))
    def __setitem__(s,i,v): s._m()
    def __delitem__(s,i): s._m()
    def __contains__(s,x): s._m(); return R.random()<.5
    def __repr__(s): s._m(); return "H\u1234"
    def __str__(s): s._m(); return "é"
    def __format__(s,f): s._m(); return "z"
    def __bytes__(s): s._m(); return b"qq"
    def __call__(s,*a,**k): s._m(); return R.choice((1,"s",b"b",H(),None,[],a[0] if a else 0))
    def __add__(s,o): s._m(); return s
    __radd__=__iadd__=__mul__=__rmul__=__or__=__ror__=__and__=__sub__=__mod__=__rmod__=__rsub__=__add__
    def __reduce_ex__(s,p): s._m(); return (H,(1,)) if R.random()<.5 else (H,(),{"a":T[0]},iter(T[0]),iter(T[1].items()))
    def __setstate__(s,x): s._m()
    def append(s,x): s._m()
    def keys(s): s._m(); return [H(),"a",1]
    def __getattr__(s,n):
        if n.startswith('__') : raise AttributeError(n)
        s._m(); return H()
    def __del__(s):
        s._m()
    def __copy__(s): s._m(); return s
    def __deepcopy__(s,m): s._m(); return s
    def __buffer__(s,f): s._m(); return memoryview(b"abcdefgh")
    def __enter__(s): s._m(); return s
    def __exit__(s,*a): s._m()
    def __fspath__(s): s._m(); return "/nonexistent"
    def write(s,x): s._m(); return R.choice((0,1,len(x),10**9,None))
    def read(s,n=-1): s._m(); return R.choice((b"ab","ab",b"",None,5,H()))
    def readline(s,*a): s._m(); return R.choice((b"ab\n","ab\n",b"",""))
    def readinto(s,b): s._m(); return R.choice((0,1,len(b),10**6,None,-5))
    def readable(s): s._m(); return True
    writable=seekable=readable
    def seek(s,*a): s._m(); return R.choice((0,5,-1))
    def tell(s): s._m(); return R.choice((0,5,-1))
    def flush(s): s._m()
    closed=False
class HI(int):
    def __index__(s): H._m(s); return 1
    __eq__=H.__eq__; __hash__=H.__hash__; __lt__=H.__lt__; __del__=H.__del__; _m=H._m; __add__=H.__add__
class HS(str):
    __eq__=H.__eq__; __hash__=H.__hash__; __lt__=H.__lt__; __del__=H.__del__; _m=H._m
    def __str__(s): s._m(); return "x"
    def encode(s,*a): s._m(); return b"z"
class HB(bytes):
    __eq__=H.__eq__; __hash__=H.__hash__; __lt__=H.__lt__; __del__=H.__del__; _m=H._m
class HL(list):
    __eq__=H.__eq__; __hash__=H.__hash__; __lt__=H.__lt__; __del__=H.__del__; _m=H._m
    __len__=H.__len__
class HD(dict):
    __eq__=H.__eq__; __hash__=H.__hash__; _m=H._m; __missing__=lambda s,k:(s._m(),H())[1]
    def keys(s): s._m(); return [H(),1]
class HT(tuple):
    __eq__=H.__eq__; __hash__=H.__hash__; __lt__=H.__lt__; _m=H._m
def val():
    k=R.randrange(26)
    if k<8: return H()
    if k<14: return R.choice(T)
    return (1,0,-1,"abc",b"abc",(H(),1),[H(),H()],{H():1},HI(3),HS("ab"),HB(b"ab"),HL([H(),2]))[k-14]
def vals(n): return [val() for _ in range(n)]
def methods(o):
    return [m for m in dir(type(o)) if m not in ('__del__','__class__','__init_subclass__','__subclasshook__','__getattribute__','__setattr__','__delattr__','__dir__','__class_getitem__','_m')]
fun=[f for m in (heapq,bisect,operator,itertools,functools,copy,struct,json,pickle,re,__import__('math'),__import__('binascii'),__import__('zlib'),__import__('_struct'),__import__('_json'),__import__('_pickle'),__import__('unicodedata'),__import__('_codecs'),__import__('statistics'),collections,array,types,__import__('string'),__import__('_sre'),__import__('_csv'),__import__('_collections'),__import__('_functools'),__import__('_operator'),__import__('marshal'),__import__('_random'),__import__('_weakref'),__import__('_bisect'),__import__('_heapq'),__import__('datetime'),__import__('contextvars'),__import__('xml.etree.ElementTree').etree.ElementTree)
     for n in dir(m) if callable(f:=getattr(m,n)) and n not in('setrecursionlimit','islice_','count','repeat','comb','perm','factorial','breakpoint','coroutine','main','dump_','permutations','product','combinations','combinations_with_replacement','cycle','CodeType','FunctionType')]
import builtins
bf=[getattr(builtins,n) for n in dir(builtins) if callable(getattr(builtins,n)) and n not in('input','breakpoint','exit','quit','help','open','print','exec','eval','copyright','credits','license','compile','__import__','pow')]
def one():
    global budget
    fresh()
    budget=60
    k=R.randrange(12)
    if k<5:
        o=R.choice(T+[HL([H(),1]),HD({1:H()}),"abc,d",b"abc,d",(H(),1,H()),{1:1}.items(),{1:1}.keys(),iter([H(),1]),re.compile("a(b)?"),memoryview(bytearray(b"12345678")),struct.Struct("3i"),slice(H(),H()),range(5), io.BufferedReader(io.BytesIO(b"q"*99)), io.TextIOWrapper(io.BytesIO(b"q\n"*9)), json.JSONEncoder(default=H()),pickle.Pickler(io.BytesIO()), io.BufferedRWPair(H(),H()), frozenset([1,"q"])])
        m=R.choice(methods(o)); f=getattr(o,m); name=type(o).__name__+'.'+m
    elif k<7: f=R.choice(bf); name=str(f)
    else: f=R.choice(fun); name=str(getattr(f,'__module__',''))+'.'+str(getattr(f,'__qualname__',f))
    args=vals(R.choice((0,1,1,2,2,2,3,3,4)))
    kw={}
    if R.random()<.15: kw={R.choice(("key","default","initial","maxlen","reverse","func","strict","sep","end","encoding","errors","cls","indent","sort_keys","protocol","byteorder","lo","hi","mode","fillvalue")):val()}
    if verbose: print(name,flush=True)
    r=f(*args,**kw)
    if R.random()<.5:
        if hasattr(type(r),'__next__'):
            for _ in range(30):
                next(r)
                if R.random()<.2: mutate()
        else: str(r)[:10]
n=int(sys.argv[2]) if len(sys.argv)>2 and sys.argv[2].isdigit() else 4000
verbose=len(sys.argv)>3
sys.unraisablehook=lambda a:None
sys.setrecursionlimit(300)
sys.stdin=io.StringIO()
for i in range(n):
    state=(i,)
    if len(sys.argv)>4 and i<int(sys.argv[4]): pass
    try: one()
    except Exception as e: pass
    except (KeyboardInterrupt,SystemExit,GeneratorExit,BaseException) as e: pass
    depth=0
print("end")
import os
