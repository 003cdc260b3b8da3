# Ways that the interpreter takes once it knows the types: pairs taken apart while iterating, class methods, __getitem__, in.
class G:
    def __getitem__(self,i): return i*2
class H(G):
    def __getitem__(self,i):
        if i>5: raise IndexError(i)
        return super().__getitem__(i)
class C:
    @classmethod
    def c(cls,*a): return cls.__name__,a
    @classmethod
    def d(cls): return cls
class D(C): pass
def f():
    r=[]
    for k in range(60):
        g=H()
        for i in range(4): r.append(g[i])
        try: g[7]
        except IndexError as e: r.append(str(e))
        for i,x in enumerate([1,2,3],k): r.append((i,x))
        for a,b in zip([1,2],[3,4,5]): r.append(a+b)
        for a,b in {1:2,'x':3}.items(): r.append((a,b))
        try:
            for a,b in zip([1,2],[3,4,5],strict=True): r.append(a+b)
        except ValueError as e: r.append(str(e))
        d={1:2,3:4}
        try:
            for a,b in d.items(): d[9]=1
        except RuntimeError as e: r.append(str(e))
        for a,b in enumerate('xy'): r.append((a,b))
        r.append((C.c(1),D.c(2),D().c(3),C().d() is C,D.d() is D))
        x=D(); x.c=lambda *a:'own'; r.append(x.c(1))
        r.append((isinstance(5,(str,bytes)),isinstance(True,(str,int)),isinstance(x,(int,C)),isinstance(x,str)))
        s={1,2,'a'}; r.append((1 in s,5 in s,'a' not in s, 1.0 in s))
        def gen():
            yield 1
            return
        for a in gen(): r.append(a)
        r.append(sorted([3,1,2],key=lambda v:-v))
    return r
r=f()
print(*r[-40:], sep="\n")
class P:
    __class__=int
print(isinstance(P(),int), isinstance(P(),str))
try:
    class M(type):
        def c(cls): return 'meta'
    class X(metaclass=M):
        @classmethod
        def c(cls): return 'cls'
    for _ in range(50): a=X.c(),X().c()
    print(a)
finally: pass
