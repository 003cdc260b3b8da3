"""__getattribute__ and __getattr__ of Python classes, entered by the instruction and found by others."""
import dis, sys, traceback
class A:
    def __getattribute__(self, n):
        if n == 'bad': raise ValueError(n)
        if n == 'none': return object.__getattribute__(self, n)
        return n
class B:
    y = 5
    def __init__(self): self.z = 7
    def __getattr__(self, n):
        if n.startswith('bad'): raise AttributeError(n)
        return n * 2
    def m(self): return 1
    @property
    def p(self): raise AttributeError('inner')
    @property
    def q(self): return self.zz
class C(B):
    def __getattribute__(self, n):
        return super().__getattribute__(n)
class D:
    def __getattr__(self, n): return iter(n)
def use(o):
    r = []
    def go(f):
        try: r.append(f(o))
        except Exception as e:
            r.append((type(e).__name__, str(e), [x.name + str(x.lineno) for x in traceback.extract_tb(e.__traceback__)]))
    for i in range(4):
        for f in fs: go(f)
    return r
fs = [lambda o: o.x, lambda o: o.y, lambda o: o.z, lambda o: o.bad, lambda o: o.none, lambda o: o.p, lambda o: o.q, lambda o: o.m(), lambda o: o.x(), lambda o: o.badm()]
for cls in A, B, C, D:
    rs = use(cls())
    n = len(fs)
    for k in range(4):
        print(cls.__name__, [type(v) if 'object at' in str(v) else v for v in rs[k*n:(k+1)*n]])
b = B()
def f(o): return o.x
print([f(b) for i in range(5)])
del B.__getattr__
for i in range(3):
    try: print(f(b))
    except AttributeError as e: print(e, e.name, e.obj is b)
B.__getattr__ = lambda self, n: n + '!'
print([f(b) for i in range(5)])
b.x = 1
print(f(b))
B.__getattribute__ = lambda self, n: '?' + n
print([f(b) for i in range(5)])
del B.__getattribute__
print(f(b)); del b.x; print(f(b))
def deep(o): return o.x
class R:
    def __getattr__(self, n): return deep(self)
try: R().x
except RecursionError as e: print(e)
class R:
    def __getattribute__(self, n): return self.x
for i in range(2):
    try: R().x
    except RecursionError as e: print(e)
ev=[]
def tr(fr, e, a):
    ev.append((fr.f_code.co_name, e)); return tr
sys.settrace(tr); f(A()); f(b); sys.settrace(None); print(ev)
def shown(o):
    return o.x
for i in range(10): shown(A())
print([i.opname for i in dis.get_instructions(shown, adaptive=True)])
