# Coroutines, async generators, recursion limits, scopes.
import sys, gc
def run(c):
    try:
        while True: c.send(None)
    except StopIteration as e: return e.value
class Aw:
    def __init__(s,v): s.v=v
    def __await__(s):
        yield s.v
        return s.v*2
async def a1():
    x=await Aw(5); y=await a2(); return x+y
async def a2(): return 7
print(run(a1()))
class AI:
    def __init__(s,n): s.n=n
    def __aiter__(s): return s
    async def __anext__(s):
        if not s.n: raise StopAsyncIteration
        s.n-=1; await Aw(1); return s.n
async def a3():
    r=[]
    async for i in AI(3): r.append(i)
    else: r.append('e')
    r2=[i async for i in AI(4) if i%2]
    d={i:await Aw(i) async for i in AI(2)}
    g=(i async for i in AI(2))
    r3=[x async for x in g]
    return r,r2,d,r3
print(run(a3()))
async def ag(n):
    try:
        for i in range(n):
            x=yield i
            if x: print('sent',x)
            await Aw(0)
    except GeneratorExit: print('ge'); raise
    finally: print('agfin')
async def a4():
    g=ag(5)
    print(await g.__anext__(), await g.asend('hi'), g.ag_running, g)if 0 else print(await g.__anext__(), await g.asend('hi'))
    await g.aclose()
    g=ag(2)
    async for x in g: print('x',x)
    g=ag(3); await g.__anext__()
    try: await g.athrow(ValueError('t'))
    except ValueError as e: print('VE',e)
    try: await g.__anext__()
    except StopAsyncIteration: print('SAI')
run(a4())
class ACM:
    async def __aenter__(s): await Aw(1); return 'v'
    async def __aexit__(s,*a): await Aw(2); print('aexit',a[0]); return True
async def a5():
    async with ACM() as v: print(v); raise KeyError
    try:
        async with ACM() as v: return 1
    finally: print('done')
print(run(a5()))
async def a6():
    try: await Aw(1)
    except ValueError as e: print('caught',e); return 'r'
c=a6(); c.send(None)
try: c.throw(ValueError('z'))
except StopIteration as e: print(e.value)
print(c.cr_running,c.cr_frame,c.cr_await,c.cr_code.co_name)
c=a6(); c.send(None); print(c.cr_await is not None, c.cr_suspended, c.cr_frame.f_lineno-a6.__code__.co_firstlineno); c.close()
# generator cycles
class N: pass
def cyc():
    me=N(); me.g=None
    try: yield me
    finally: print('cyc fin')
g=cyc(); m=next(g); m.g=g; del g,m
print(gc.collect()>=0)
# deep recursion through natives
class R:
    def __repr__(s): return repr(s)
try: repr(R())
except RecursionError as e: print('RE',str(e)[:33])
class Q:
    def __eq__(s,o): return s==o
try: Q()==Q()
except RecursionError as e: print('RE')
def deep(n): return 0 if n==0 else 1+deep(n-1)
print(deep(900))
l=[]
for i in range(100000): l=[l]
del l
def gd(n):
    if n: yield from gd(n-1)
    yield n
print(sum(gd(200)))
def inf():
    yield from inf()
try: list(inf())
except RecursionError as e: print('gen RE')
sys.setrecursionlimit(200)
try: deep(300)
except RecursionError as e: print('RE2')
sys.setrecursionlimit(1000)
x=0
for i in range(2000): x=(x,)
try: hash(x); print('h')
except RecursionError: print('hash RE')
try: exec('('*1000+')'*1000)
except BaseException as e: print(type(e).__name__, e)
# closures / cells / class scopes
class K:
    a=1
    def f(self): return __class__
    b=[1 for _ in range(2)]
    c=(lambda: [i for i in range(3)])()
    def __init_subclass__(cls,**k): print('is',cls.__name__,k)
    def __class_getitem__(cls,i): return i
    def __set_name__(s,o,n): pass
print(K().f() is K, K.b, K.c, K[5])
class K2(K,x=1): pass
def outer(x):
    class I:
        y=x
        def g(self): return x
        x='inner' if 0 else None
    return I
try: print(outer(5).y)
except NameError as e: print(e)
def dele():
    x=1; del x
    try: return x
    except UnboundLocalError as e: print(e)
dele()
def dc():
    x=1
    def i(): return x
    del x
    try: i()
    except NameError as e: print(e)
dc()
print([ (lambda: i)() for i in range(3)], (lambda *,a=1,**k: (a,k))(b=2))
def ann(a:int, b:'str'=1)->float: x:int=1
print(ann.__annotations__, ann.__annotate__ is not None)
class An: x:int; y:str='a'
print(An.__annotations__)
