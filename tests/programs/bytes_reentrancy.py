# Arguments of bytes methods whose code changes the bytearray; items that come one by one.
import sys
def case(f):
    try: print(f())
    except BaseException as e: print(type(e).__name__, e)
class Item:
    def __init__(s,m): s.m=m
    def __buffer__(self, flags):
        self.m(seq); return memoryview(b'x')
for mut in (lambda s:s.clear(), lambda s:s.append(b'z'), lambda s:s.__setitem__(1,b'q'), lambda s:s.__setitem__(2,b'qqq')):
    seq=[b'a',Item(mut),b'c']
    case(lambda: b'::'.join(seq))
    seq=[b'a',Item(mut),b'c']
    case(lambda: b''.join(seq))
# search re-entrancy on all methods
class Evil:
    def __init__(self, ba, ret=None): self.ba = ba; self.ret=ret
    def __buffer__(self, flags):
        self.ba.clear()
        return memoryview(self.ret if self.ret is not None else self.ba)
    def __release_buffer__(self, view): view.release()
    def __index__(self):
        self.ba.clear()
        return ord("A")
for ret in (None, b'A'):
  for name in ("find","count","index","rindex","rfind","split","rsplit","startswith","endswith","partition","rpartition","strip","lstrip","rstrip","removeprefix","removesuffix","__contains__","translate","join","__add__","__iadd__","__mul__","extend","append","remove","__eq__","__lt__", "center", "zfill","__mod__"):
    ba=bytearray(b'A')
    def g():
        e=Evil(ba,ret)
        if name=='join': return ba.join([e])
        if name=='startswith': return ba.startswith((e,))
        return getattr(ba,name)(e)
    print(name,end=' '); case(g); print(ba)
  for name in ("replace","translate", "center", "ljust", "insert", "find", "startswith","count"):
    ba=bytearray(b'A')
    e=Evil(ba,ret)
    print(name,'1',end=' '); case(lambda: getattr(ba,name)(b'A',e)); print(ba)
    ba=bytearray(b'A')
    e=Evil(ba,ret)
    print(name,'2',end=' '); case(lambda: getattr(ba,name)(e,b'A')); print(ba)
    ba=bytearray(b'A')
    e=Evil(ba,ret)
    print(name,'3',end=' '); case(lambda: getattr(ba,name)(b'A',0,e)); print(ba)
class BadBytes:
    @property
    def __bytes__(self): raise ZeroDivisionError
    def __buffer__(self, flags): return memoryview(b'abc')
class BadBytes2:
    @property
    def __bytes__(self): raise AttributeError('q')
    def __buffer__(self, flags): return memoryview(b'abc')
case(lambda: b'%b'%BadBytes())
case(lambda: bytes(BadBytes()))
case(lambda: b'%b'%BadBytes2())
case(lambda: bytes(BadBytes2()))
case(lambda: bytearray(BadBytes2()))
# init with generator
def g():
    for i in range(20):
        yield i
        L.append((bytes(b), b.__alloc__()))
for pre in (b'', b'abcdef'):
    b=bytearray(pre); L=[]
    b.__init__(g()); print(L, b, b.__alloc__())
b=bytearray(); b.__init__(list(range(10))); print(b.__alloc__())
b=bytearray(); b.__init__(tuple(range(10))); print(b.__alloc__())
b=bytearray(); b.__init__(set(range(10))); print(b.__alloc__())
b=bytearray(range(10)); print(b.__alloc__())
def bad():
    yield 1; yield 2; yield 300
b=bytearray(b'x')
case(lambda: b.__init__(bad())); print(b)
case(lambda: b.__init__([1,2,300])); print(b)
def clr():
    yield 1; yield 2; b.clear(); yield 3
case(lambda: b.__init__(clr())); print(b)
case(lambda: b.extend(clr())); print(b)
def ext():
    for i in range(20):
        yield i
        L.append((bytes(b), b.__alloc__()))
L=[]; b=bytearray(b'q'); b.extend(ext()); print(L,b,b.__alloc__())
for i in range(40):
    b=bytearray(); b.extend(range(i)); a1=b.__alloc__()
    b=bytearray(); b.extend(iter(range(i))); a2=b.__alloc__()
    b=bytearray(iter(range(i))); a3=b.__alloc__()
    b=bytearray(list(range(i))); a4=b.__alloc__()
    print(i,a1,a2,a3,a4)
class E:
    def __buffer__(s,f): raise BufferError('x')
    def __release_buffer__(s,v): pass
for a in (b'',bytearray()):
    try: a+E()
    except Exception as e: print(repr(e), repr(e.__context__))
    try: a+=E()
    except Exception as e: print(repr(e), repr(e.__context__))
    try: a.join([E()])
    except Exception as e: print(repr(e), repr(e.__context__))
    try: a.extend(E())
    except Exception as e: print(repr(e), repr(e.__context__))
    try: b'%b'%E()
    except Exception as e: print(repr(e), repr(e.__context__))
