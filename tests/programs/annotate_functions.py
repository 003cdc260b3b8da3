# __annotate__: its qualified name, its look-up, its errors, its deletion.
import types
def show(c,ns=None):
    try: print(c,'->', eval(c, ns or globals()))
    except BaseException as e: print(c,'->', repr(e))
def f(x:int): 
    def g(y:str)->int: pass
    class I:
        z: int
        def m(self, a:int): pass
    return g, I
class O:
    x:int
    def m(self, q:int): pass
    class P:
        w: int
show('f.__annotate__.__qualname__'); show('f(1)[0].__annotate__.__qualname__'); show('f(1)[1].__annotate__.__qualname__'); show('f(1)[1].m.__annotate__.__qualname__'); show('O.__annotate__.__qualname__'); show('O.m.__annotate__.__qualname__'); show('O.P.__annotate__.__qualname__'); show('f.__annotate__.__name__')
show('O.__annotate__.__code__.co_qualname'); show('f.__annotate__.__module__')
def gen[T: int](x: T)->T: pass
type A[T]=list[T]
class G[T]:
    y:T
    def mm[U](self, u:U): pass
show('gen.__annotate__.__qualname__'); show('gen.__type_params__[0].evaluate_bound.__qualname__'); show('A.evaluate_value.__qualname__'); show('G.__annotate__.__qualname__'); show('G.mm.__annotate__.__qualname__')
class X:
    a: int
    def __annotate__(format): return {'a':str}
show('X.__annotations__'); show('X.__annotate__(1)'); show('sorted(k for k in X.__dict__ if "anno" in k)'); show('X.__dict__["__annotate__"].__qualname__')
class Y:
    a: int
    __annotations__={'q':1}
show('Y.__annotations__'); show('sorted(k for k in Y.__dict__ if "anno" in k)');
class Z:
    def __annotate__(f): return {'c':1}
show('Z.__annotations__'); show('sorted(k for k in Z.__dict__ if "anno" in k)')
def dele(cls):
    del cls.__annotations__
for n in 'X Y Z O'.split():
    show(f'dele({n})'); show(f'{n}.__annotations__'); show(f'{n}.__annotate__'); show(f'sorted(k for k in {n}.__dict__ if "anno" in k)'); show(f'dele({n})'); show(f'dele({n})');
class W: a:int
W.__annotate__=None
show('W.__annotations__'); show('W.__annotate__'); show('sorted(k for k in W.__dict__ if "anno" in k)')
class W2: a:int
W2.__annotations__={'b':2}
show('W2.__annotations__'); show('W2.__annotate__'); show('sorted(k for k in W2.__dict__ if "anno" in k)')
class W3: a:int
show('W3.__annotations__'); show('sorted(k for k in W3.__dict__ if "anno" in k)')
W3.__annotate__=lambda f:{'z':f}
show('W3.__annotations__');show('sorted(k for k in W3.__dict__ if "anno" in k)')
class E: pass
show('E.__annotations__'); show('E.__annotate__'); show('sorted(k for k in E.__dict__ if "anno" in k)')
try: del E.__annotate__
except Exception as e: print(repr(e))
show('f.__annotations__')
f.__annotate__=lambda x:42
show('f.__annotations__')
class Bad: pass
Bad.__annotate__=lambda x:42
show('Bad.__annotations__')
class H: pass
class Sub(X): pass
show('Sub.__annotations__'); show('Sub.__annotate__')
show('int.__annotations__'); show('int.__annotate__')
class M(type): pass
class MM(metaclass=M): x:int
show('MM.__annotations__'); show('M.__annotations__')
