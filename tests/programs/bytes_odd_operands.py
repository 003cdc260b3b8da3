# Items and slices of bytearrays set to what is no byte, and bytes asked for it: which check speaks first.
class I:
    def __init__(s,v): s.v=v
    def __index__(s):
        if isinstance(s.v,type): raise s.v('x')
        return s.v
def T(f):
    try: return f()
    except BaseException as e: return type(e).__name__+': '+str(e)
for k in (0,9,-9,slice(0,2),slice(None,None,0),slice('a'),slice(5,2),slice(0,4,2),slice(I(KeyError))):
  for v in (1,256,-1,2**70,None,'a',b'',b'ab',[1],[1,2],[300],['x'],(1,2),iter([1,2]),range(2),{},I(5),I(KeyError),I(TypeError),1.5,memoryview(b"ab"),object()):
    def f():
        b=bytearray(b'abcd'); b[k]=v; return b
    print("slice" if isinstance(k, slice) else k, type(v).__name__, T(f))
for c in (bytes,bytearray):
  for v in (1,256,-1,2**70,-2**70,None,'a',b'',b'ab',[1],I(97),I(KeyError),I(TypeError),I(256),I(2**70),I(MemoryError),1.5,memoryview(b'ab')):
    print(c.__name__, type(v).__name__, T(lambda: v in c(b'abcd')), T(lambda: c(b'abcd').find(v)), T(lambda: c(b'abcd').count(v)), T(lambda: c(b'abcd').index(v)))
b=bytearray(b'abcd')
class E:
    def __index__(s): b.clear(); return 1
print(T(lambda: b.__setitem__(0,E())), b)
b=bytearray(b'abcd')
print(T(lambda: b.__setitem__(E(),5)), b)
