import types, annotationlib, sys
x: int
class O:
    y: int
    def m(self, a: int): pass
    class I:
        z: int
def f() -> None:
    def n(q: int): pass
    return n
def g[T](a: T) -> T: pass
class G[T]:
    a: T
    def m(self, b: T): pass
l = (lambda: 1)
for name, fn in [('mod',__annotate__),('O',O.__annotate__),('O.m',O.m.__annotate__),('O.I',O.I.__annotate__),('f',f.__annotate__),('n',f().__annotate__),('g',g.__annotate__),('G',G.__annotate__),('G.m',G.m.__annotate__)]:
    print(name, fn.__qualname__, fn.__name__, fn.__code__.co_qualname, fn.__code__.co_name)
def an(format): return {}
f.__annotate__ = an
print(an.__qualname__, f.__annotate__.__qualname__)
f.__qualname__='zz'
def h(a:int): pass
h.__qualname__='ren'
print(h.__annotate__.__qualname__)
class D:
    __annotate__ = an
    print(__qualname__)
print(D.__annotate__.__qualname__, an.__qualname__)
class X:
    a: int
    def __annotate__(format): return {"a": str}
print(X.__annotate__(1), X.__annotations__)
class A:
    def __annotate__(format): return {'a': int}
print(A.__annotations__); print(sorted(k for k in A.__dict__ if 'anno' in k))
del A.__annotations__
print(A.__annotations__, A.__annotate__, sorted(k for k in A.__dict__ if 'anno' in k))
try: del A.__annotations__
except Exception as e: print(repr(e))
class B:
    a: int
    def __annotate__(format): return {'b': int}
print(B.__annotations__, B.__annotate__, sorted(k for k in B.__dict__ if 'anno' in k))
del B.__annotations__
print(B.__annotations__, B.__annotate__, sorted(k for k in B.__dict__ if 'anno' in k))
B.__annotate__ = lambda f: {'q': 1}
print(B.__annotations__, sorted(k for k in B.__dict__ if 'anno' in k))
class C: pass
for o in (C, f, types.ModuleType('m')):
    o.__annotate__ = lambda f: 5
    for i in range(2):
        try: o.__annotations__
        except Exception as e: print(repr(e))
    try: o.__annotate__ = 5
    except Exception as e: print(repr(e))
    try: del o.__annotate__
    except Exception as e: print(repr(e))
    try: o.__annotate__ = None; print(o.__annotations__)
    except Exception as e: print(repr(e))
    try: o.__annotations__ = None; print(o.__annotations__)
    except Exception as e: print(repr(e))
    try: o.__annotations__ = 5; print(o.__annotations__)
    except Exception as e: print(repr(e))
    o.__annotations__ = {'x': 1}; print(o.__annotations__)
    try: del o.__annotations__; print(o.__annotations__)
    except Exception as e: print(repr(e))
    try: del o.__annotations__; print(o.__annotations__)
    except Exception as e: print(repr(e))
class E:
    __annotations__ = {'k': 1}
print(E.__annotations__, E.__annotate__); 
try: del E.__annotations__; print(E.__annotations__)
except Exception as e: print(repr(e))
def k(c): return sorted((k,) for k in c.__dict__ if 'anno' in k)
class A:
    def __annotate__(format): return {'a': int}
A.__annotate__ = lambda f: {'z':1}
print(k(A), A.__annotations__, A.__annotate__(1)); 
class B:
    a: int
    def __annotate__(format): return {'b': int}
B.__annotate__ = lambda f: {'z':1}
print(k(B), B.__annotations__, B.__annotate__(1)); 
B.__annotate__ = None
print(k(B), B.__annotations__, B.__annotate__); 
class E:
    __annotations__ = {'k': 1}
    def __annotate__(format): return {'b': int}
print(k(E), E.__annotations__); E.__annotations__={}; print(k(E),E.__annotations__, E.__annotate__)
E.__annotate__ = lambda f: {'z':1}
print(k(E), E.__annotations__, E.__annotate__(1)); 
class F:
    __annotations__ = {'k': 1}
F.__annotate__ = lambda f: {'z':1}
print(k(F), F.__annotations__, F.__annotate__(1)); 
del F.__annotations__
print(k(F), F.__annotations__, F.__annotate__, k(F)); 
class G: pass
