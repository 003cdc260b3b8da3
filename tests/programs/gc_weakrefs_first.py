"""The collector: weak references to garbage are cleared before its finalizers run."""
import gc, weakref
keep=[]
class A:
  def __del__(s): print('del', wr() is None, wr2 and wr2() is None); keep.append(s)
a=A(); a.a=a; wr=weakref.ref(a); wr2=weakref.ref(a,lambda r:print('cb')); del a; gc.collect(); print(wr(), wr2()); keep.clear(); gc.collect(); print(wr())
class B:
  def __del__(s): print('delB', wb() is None)
b=B(); b.b=b; wb=weakref.ref(b); del b; gc.collect(); print(wb())
class Base: pass
def f():
    class C(Base):
        def __del__(s): print('del', wc() is None)
    c=C(); c.c=c; C.inst=c
    return weakref.ref(C)
wc=f(); gc.collect(); print(wc(), Base.__subclasses__())
def g():
    def fn(): pass
    class D:
        def __del__(s): print('delD', wf() is None)
    d=D(); d.d=d; d.fn=fn; fn.d=d
    return weakref.ref(fn)
wf=g(); gc.collect(); print(wf())
