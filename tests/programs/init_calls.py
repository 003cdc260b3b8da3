# Calls of classes: what __init__ may do and return, seen from tracebacks, frames, profilers and the collector.
import sys
class A:
    def __init__(self,x,y=2): self.x=x; self.y=y
class Bad:
    def __init__(self): return 5
class Exc:
    def __init__(self,n): 
        if n%7==3: raise ValueError(n)
        self.n=n
class GenI:
    def __init__(self): yield 1
class Deep:
    def __init__(self,n): self.c=Deep(n-1) if n else None
class Loc:
    def __init__(self): self.l=locals(); self.f=sys._getframe(); self.b=sys._getframe().f_back.f_code.co_name
class New:
    def __init__(self): pass
def f():
    out=[]
    for i in range(70):
        a=A(1,2); out.append((a.x,a.y))
        try: Bad()
        except TypeError as e: out.append(str(e))
        try: out.append(Exc(i).n)
        except ValueError as e: out.append((e.args,e.__traceback__.tb_lineno, e.__traceback__.tb_next.tb_frame.f_code.co_name))
        try: GenI()
        except TypeError as e: out.append(str(e))
        l=Loc(); out.append((sorted(l.l),l.f.f_code.co_name,l.b))
        if i==50:
            def g(self): yield 2
            New.__init__.__code__=g.__code__
        try: New(); out.append('new')
        except TypeError as e: out.append(str(e))
    return out
print(f()[-40:])
Deep(10); Deep(200)
import gc,weakref
class W:
    def __init__(self): self.me=self
ws=[weakref.ref(W()) for _ in range(30)]; gc.collect(); print(sum(w() is None for w in ws))
ev=[]
def prof(fr,e,arg):
    if e in('call','return') : ev.append((e,fr.f_code.co_name))
def k():
    for _ in range(3): A(1,2)
k()
sys.setprofile(prof); k(); sys.setprofile(None); print(ev)
import traceback
class Q:
    def __init__(self): 1/0
def q():
    for _ in range(9):
        try: Q()
        except ZeroDivisionError: s=traceback.format_exc()
    print(s)
q()
