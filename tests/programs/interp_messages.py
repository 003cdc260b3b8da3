# Tracebacks, contexts, and what the interpreter says.
import sys
# tracebacks, contexts
def tb(e):
    r=[]; t=e.__traceback__
    while t: r.append((t.tb_frame.f_code.co_name,t.tb_lineno-t.tb_frame.f_code.co_firstlineno,t.tb_lasti)); t=t.tb_next
    return r
def f1(): raise ValueError(1)
def f2():
    try: f1()
    finally: x=1
def f3():
    try: f2()
    except ValueError as e: raise KeyError(2)
def f4():
    try: f3()
    except KeyError as e:
        print(tb(e), repr(e.__context__), tb(e.__context__))
        raise
try: f4()
except KeyError as e: print(tb(e))
def g():
    try: yield 1
    except ValueError as e:
        print('in gen', repr(e), tb(e)); yield 2
    finally: print('fin')
x=g(); next(x); print(x.throw(ValueError('q'))); 
try: next(x)
except StopIteration: print('stop')
def g2(): yield from g()
x=g2(); next(x); print(x.throw(ValueError)); x.close()
try:
    try: 1/0
    except ZeroDivisionError as a:
        try: [][1]
        except IndexError as b:
            print(sys.exception() is b, repr(b.__context__))
        print(sys.exception() is a)
    print(sys.exception())
except: pass
def noctx():
    try: 1/0
    except Exception: raise TypeError('t') from None
try: noctx()
except TypeError as e: print(e.__cause__, e.__suppress_context__, repr(e.__context__))
try: raise 5
except TypeError as e: print(e)
try: raise ValueError from 5
except TypeError as e: print(e)
try: raise
except RuntimeError as e: print(e)
class E(Exception):
    def __new__(c,*a): return 5
try: raise E
except TypeError as e: print(e)
try:
    try: raise ValueError
    except 5: pass
except TypeError as e: print(e, repr(e.__context__))
try:
    try: raise ValueError
    except* 5: pass
except TypeError as e: print(e)
try:
    try: raise ValueError
    except* ExceptionGroup: pass
except TypeError as e: print(e)
def eg():
    try: raise ExceptionGroup('a',[ValueError(1),KeyError(2),ExceptionGroup('b',[TypeError(3),ValueError(4)])])
    except* ValueError as e:
        print('V',e.exceptions); raise OSError('new')
    except* TypeError as e: print('T',e.exceptions)
try: eg()
except BaseException as e: print(repr(e), repr(e.exceptions[0].__context__) if hasattr(e,'exceptions') else '')
try:
    try: raise ValueError(1)
    except* ValueError as e: print(repr(e)); raise
except BaseException as e: print(repr(e))
def retfin():
    for i in range(3):
        try: continue
        finally: print('f',i)
    try: return 1
    finally: print('ret')
print(retfin())
class CM:
    def __init__(s,r): s.r=r
    def __enter__(s): return s
    def __exit__(s,t,v,tb): print('exit',t,v, tb is not None); return s.r
with CM(1): raise KeyError('k')
try:
    with CM(0), CM(0): raise KeyError('k')
except KeyError as e: print(tb(e))
with CM(1) as a, CM(0) as b: pass
try:
    with 5: pass
except TypeError as e: print(e)
class NE:
    def __enter__(s): pass
try:
    with NE(): pass
except TypeError as e: print(e)
class NX:
    def __exit__(s,*a): pass
try:
    with NX(): pass
except TypeError as e: print(e)
# unpack
for c in ['a,b=1','a,b=1,','a,b=1,2,3','a,*b=[]','a,*b,c=(1,)','a,b={}','a,b=5','*a,=1','(a,b),c=1,2', 'a,b="x"','a,b={1,2,3}','a,b=iter([1])','a,b=iter([1,2,3])','[].x','None.y','a.b.c','x=1;x.real=5','del zz','1<""','1+""','[]()','None()','f(**1)','f(*1)','1 in 5','[1][“a”]' if 0 else '[1]["a"]','{}[1]','(1)[0]','1[0]=1','del 1[0]','len()','len(1,2)','int(a=5,b=1)','"a"%1','-""','~1.0','not 1','not_defined','import nope','from sys import nope','x: int = "a"','for i in 5: pass','async_gen()','class A(5): pass','class A(int,str): pass','class A(1,2,metaclass=5): pass','lambda: (yield)','assert 0,"m"','assert 0','raise ValueError("x")','print(*5)','print(**{1:2})','[*5]','{**5}','{*5}','(*5,)','int.foo','int().foo','object().x','object().x=1','f"{1:zz}"','"%d"%"a"','abs("")','isinstance(1,5)','issubclass(1,int)','super()','super().x','exec("x y")','eval("1+")','__import__("nope")','a=b=c=d=1;print(a,b,c,d)','def f(a):\n pass\nf(b=2)','type("a",(),{},x=1)','type(1,2)','class X:\n def __init__(self): return 5\nX()','class Y:\n def __new__(c,*a): return 5\nprint(Y(1))','class Z: pass\nZ(1)','class Q:\n __slots__=("a",)\nQ().b=1','Q=1;Q()']:
    try: exec(c, {}); print('ok', c[:30])
    except BaseException as e: print(type(e).__name__, '|', e, '|', getattr(e,'name','-') if isinstance(e,(NameError,AttributeError,ImportError)) else '')
