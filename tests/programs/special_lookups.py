# Special methods whose look-up fails, or that are None.
class Bad:
    def __get__(self,o,t=None): raise ValueError('get')
names='__repr__ __str__ __hash__ __eq__ __lt__ __iter__ __next__ __getitem__ __len__ __bool__ __contains__ __call__ __add__ __radd__ __iadd__ __neg__ __index__ __int__ __float__ __enter__ __exit__ __setitem__ __delitem__ __setattr__ __delattr__ __getattribute__ __getattr__ __init__ __new__ __del__ __format__ __bytes__ __complex__ __reversed__ __length_hint__ __round__ __pow__ __matmul__ __await__ __aiter__ __anext__ __buffer__ __missing__ __dir__ __sizeof__ __instancecheck__ __subclasscheck__ __set_name__ __divmod__ __abs__ __trunc__ __fspath__ __init_subclass__ __mro_entries__ __class_getitem__ __ior__ __copy__ __reduce_ex__ __get__ __set__ __delete__'.split()
import os, operator, math, copy, sys
class D(dict): pass
async def aw(x): return await x
def run(c):
    try: c.send(None)
    except StopIteration as e: return e.value
ops={
'__repr__':repr,'__str__':str,'__hash__':hash,'__eq__':lambda x:(x==1, x==x, 1==x, x!=3),'__lt__':lambda x:x<1,'__iter__':iter,'__next__':next,
'__getitem__':lambda x:x[0],'__len__':len,'__bool__':bool,'__contains__':lambda x:1 in x,'__call__':lambda x:x(),'__add__':lambda x:x+1,'__radd__':lambda x:1+x,'__iadd__':lambda x:operator.iadd(x,1),
'__neg__':operator.neg,'__index__':operator.index,'__int__':int,'__float__':float,'__setitem__':lambda x:operator.setitem(x,1,1),'__delitem__':lambda x:operator.delitem(x,1),
'__setattr__':lambda x:setattr(x,'a',1),'__delattr__':lambda x:delattr(x,'a'),'__getattribute__':lambda x:x.foo,'__getattr__':lambda x:x.foo,'__format__':format,'__bytes__':bytes,'__complex__':complex,
'__reversed__':reversed,'__length_hint__':operator.length_hint,'__round__':round,'__pow__':lambda x:x**2,'__matmul__':lambda x:x@1,'__await__':lambda x:run(aw(x)),'__aiter__':aiter,'__anext__':anext,'__buffer__':memoryview,
'__dir__':dir,'__sizeof__':sys.getsizeof,'__instancecheck__':lambda x:isinstance(1,x),'__subclasscheck__':lambda x:issubclass(int,x),'__divmod__':lambda x:divmod(x,1),'__abs__':abs,'__trunc__':math.trunc,'__fspath__':os.fspath,
'__ior__':lambda x:operator.ior(x,1),'__copy__':copy.copy,'__reduce_ex__':copy.copy,
}
for n,f in ops.items():
    for base in (object, list, dict, int, str):
        for v in (Bad(), None):
            cls=type('X',(base,),{n:v})
            try: x=cls()
            except Exception as e: print(n,base,'new',repr(e)); continue
            try: r=f(x)
            except Exception as e: r=repr(e)
            r=repr(r) if not isinstance(r,str) else r
            print(n, base.__name__, v is None, r)
    class W:
        @property
        def p(self): raise AttributeError('booh')
    cls=type('Y',(),{n:property(lambda s: (_ for _ in ()).throw(AttributeError('booh')))})
    try: x=cls()
    except Exception as e: print(n,'new',repr(e)); continue
    try: r=f(x)
    except Exception as e: r=repr(e)
    r=repr(r) if not isinstance(r,str) else r
    print(n, 'prop', r)
