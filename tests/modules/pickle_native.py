"""_pickle: opcodes as they are and hostile ones, frames, hooks, messages; PickleBuffer."""
import _pickle, pickle, io, sys, weakref, inspect
def shown(v):
    return type(v).__name__ if 'at 0x' in repr(v) else repr(v)


def load(b, **k):
    try: print(b[:60], '->', shown(_pickle.loads(b, **k)))
    except BaseException as e: print(b[:60], '!!', type(e), e)
for b in [b'I0x10\n.', b'I010\n.', b'I10L\n.', b'L0x10\n.', b'L010\n.', b'L12\n.', b'L12L\n.', b'Lxx\n.', b'Ixx\n.', b'I99999999999999999999999\n.', b'I\n.', b'I1_0\n.', b'I 1\n.', b'I1 \n.', b'I01\n.',b'I00\n.', b'I001\n.', b'I+1\n.', b'F1.5x\n.', b'F\n.', b'Fx\n.', b'F1e999\n.', b'Fnan\n.', b'F 1.5\n.', b'F1.5 \n.',
  b'Sabc\n.', b"S'abc'\n.", b"S'ab\\x41'\n.", b"S'ab\\x4'\n.", b'S\n.', b'T\xff\xff\xff\xff', b'T\x02\0\0\0ab.', b'B\xff\xff\xff\xff', b'X\xff\xff\xff\xff', b'\x8d'+b'\xff'*8, b'\x8e'+b'\xff'*8, b'\x96'+b'\xff'*8,b'\x8d'+b'\xff'*7+b'\x7f', b'\x8e'+b'\xff'*7+b'\x7f', b'\x96'+b'\xff'*7+b'\x7f',
  b'\x8b\xff\xff\xff\xff', b'\x8b\0\0\0\x7f', b'g1\n.', b'gx\n.', b'h\x05.', b'j\x05\0\0\0.', b'Np-1\n.', b'Npx\n.', b'Nr\xff\xff\xff\xff.', b'Np99999999999999999999\n.', b'p0\n.', b'\x94.', b'\x80\x06.', b'\x80\xff.', b'', b'.', b'0', b'(.', b'(0N.', b'1', b'2', b'N2\x86.', b'\x85', b'\x86', b'(\x85', b'l.', b'(N', b't', b'a', b'Na', b'NNa', b']Na.', b'\x8fN\x90', b'\x8f(N\x90.', b'N(N\x90.', b's', b'}NNs.', b'NNNs.', b'}(Nu.', b'}(NNu.', b'(Nd.', b'(NNd.', b'R', b'NR', b'NNR', b'N)R', b'b', b'Nb', b'NNb.', b'N)b.', b'N}b.', b'\x97.', b'\x98', b'N\x98', b'\x93', b'NN\x93', b'\x8c\x01aN\x93', b'Q', b'NQ.', b'Pab\n.', b'P\xff\n.', b'cos\n', b'cos\nnope\n.', b'cnope\nx\n.', b'c\xff\nx\n.', b'c\nx\n.', b'\x8c\x00\x8c\x01x\x93.', b'\x80\x04\x8c\x02os\x8c\x09path.nope\x93.', b'\x80\x04\x8c\x02os\x8c\x09path.join\x93.',  b'\x80\x04\x8c\x02os\x8c\x08nope.foo\x93.', b'\x80\x02cos\npath.join\n.', b'\x82\x00', b'\x82\x01', b'\x83\x00\x00', b'\x84\xff\xff\xff\xff', b'\x84\x01\0\0\0', b'\x81', b'N\x81', b'NN\x81', b'N)\x81', b'c__builtin__\nint\n)\x81.', b'c__builtin__\nint\nN\x81.', b'\x92', b'N)}\x92', b'cbuiltins\nint\n)}\x92.', b'cbuiltins\nint\nN}\x92.', b'cbuiltins\nint\n)N\x92.', b'iint\n', b'i__builtin__\nint\n', b'(i__builtin__\nint\n.', b'(NI1\no.', b'(o.', b'o', b'(cbuiltins\nint\no.', b'(c__builtin__\nint\nI1\no.', b'(lp0\n.', b'\x95\xff\xff\xff\xff\xff\xff\xff\xff', b'\x95\x05\0\0\0\0\0\0\0N.', b'\x95\x02\0\0\0\0\0\0\0N.', b'\x00', b'\x01', b'A', b"'", b'\\', b'\x7f', b'e', b'(e', b'](Ne.', b'N(Ne.', b'u', b'\x91', b'(]\x91.', b'(\x91.', b'V\\u12\n.', b'Vab', b'V\xff\\u0041\n.', b'U\x05ab', b'U\x02\xff\xfe.', b'C\x02ab.', b'J\xff\xff\xff\xff.', b'M\xff\xff.', b'K\xff.', b'G@\x00\0\0\0\0\0\0.', b'\x8a\0.', b'\x8a\x01\xff.', b'\x8c\x01\xff.', b'\x8c\x03\xed\xa0\x80.', b'd', b'}(]Nu.', b'}]Ns.']:
    load(b)
load(b"S'\xff'\n.", encoding='bytes'); load(b"S'\xff'\n."); load(b"S'\xff'\n.", errors='replace'); load(b"S'\xff'\n.", encoding='latin-1'); load(b"N.", encoding='nope'); load(b"S'a'\n.", encoding='nope')
load(b'\x97.', buffers=[]); load(b'\x97.', buffers=[b'x']); load(b'\x97\x98.', buffers=[bytearray(b'x')]); load(b'\x97\x98.', buffers=[5]); load(b'\x97\x98.', buffers=5); load(b'N.',buffers=None)

# hooks and messages
def t(f):
    try: print('ok', f())
    except BaseException as e: print(type(e).__name__, str(e), getattr(e,'__notes__',None), repr(e.__cause__), repr(e.__context__))
class A: pass
t(lambda:_pickle.Pickler())
t(lambda:_pickle.Pickler(1))
t(lambda:_pickle.Pickler(io.BytesIO(),99))
t(lambda:_pickle.Pickler(io.BytesIO(),'x'))
t(lambda:_pickle.Pickler(io.BytesIO(),-1).bin)
t(lambda:_pickle.Pickler(io.BytesIO(),4,buffer_callback=1))
t(lambda:_pickle.Pickler(io.BytesIO(),4,True,None,5))
t(lambda:_pickle.Pickler(io.BytesIO(),4,foo=1))
t(lambda:_pickle.Unpickler())
t(lambda:_pickle.Unpickler(1))
t(lambda:_pickle.Unpickler(io.BytesIO(),encoding=1))
t(lambda:_pickle.Unpickler(io.BytesIO(),encoding='a\0'))
t(lambda:_pickle.Unpickler(io.BytesIO(),errors=None))
t(lambda:_pickle.Unpickler(io.BytesIO(),buffers=5))
t(lambda:_pickle.Pickler.__new__(_pickle.Pickler).dump(1))
t(lambda:_pickle.Unpickler.__new__(_pickle.Unpickler).load())
t(lambda:_pickle.Pickler.__new__(_pickle.Pickler).memo)
t(lambda:_pickle.Unpickler.__new__(_pickle.Unpickler).memo)
t(lambda:_pickle.Pickler.__new__(_pickle.Pickler).clear_memo())
t(lambda:_pickle.Pickler.__new__(_pickle.Pickler).__sizeof__())
t(lambda:_pickle.Unpickler.__new__(_pickle.Unpickler).__sizeof__())
t(lambda:_pickle.Unpickler.__new__(_pickle.Unpickler).find_class('os','path'))
t(lambda:_pickle.dumps())
t(lambda:_pickle.dumps(1,2,3))
t(lambda:_pickle.dump(1))
t(lambda:_pickle.load())
t(lambda:_pickle.load(5))
t(lambda:_pickle.loads(5))
t(lambda:_pickle.loads())
t(lambda:_pickle.loads(b'N.', encoding=5))
t(lambda:_pickle.dumps(lambda:0))
t(lambda:_pickle.dumps(A()))
t(lambda:_pickle.dumps(t))
class B:
    def __reduce__(self): return 5
t(lambda:_pickle.dumps([B()]))
class B:
    def __reduce__(self): return ()
t(lambda:_pickle.dumps([B()]))
class B:
    def __reduce__(self): return 'nope'
t(lambda:_pickle.dumps([B()]))
class B:
    def __reduce__(self): return 'a.nope'
t(lambda:_pickle.dumps([B()]))
class B:
    def __reduce__(self): return int, (), None, 5
t(lambda:_pickle.dumps([B()]))
class B:
    def __reduce__(self): return int, (lambda:0,)
t(lambda:_pickle.dumps((1,{2:B()})))
class B: pass
class B:
  def __reduce__(self): return "x"
  __module__=5
B=B()
t(lambda:_pickle.dumps(B,2))
def f(): pass
f.__module__=5
t(lambda:_pickle.dumps(f))
f.__module__='os'
t(lambda:_pickle.dumps(f))
f.__module__='nope.nope'
t(lambda:_pickle.dumps(f))
f.__module__=None
t(lambda:_pickle.dumps(f))
f.__module__='\ud800'
t(lambda:_pickle.dumps(f))
f.__module__=''
t(lambda:_pickle.dumps(f))
f.__module__='__main__'
t(lambda:_pickle.dumps(f))
globals()['\u1234']=f; f.__qualname__='\u1234'
t(lambda:_pickle.dumps(f,2))
pass
t(lambda:_pickle.dumps(f,3))
t(lambda:_pickle.dumps(f,4))
t(lambda:_pickle.dumps(f,5))

# frames
for b in [
            b'\x80\x04\x95\x06\x00\x00\x00\x00\x00\x00\x00Vhelloworld\n.',
            b'\x80\x04\x95\x06\x00\x00\x00\x00\x00\x00\x00X\x0a\x00\x00\x00helloworld.',
            b'\x80\x04\x95\x03\x00\x00\x00\x00\x00\x00\x00C\x0ahelloworld.',
            b'\x80\x04\x95\x03\x00\x00\x00\x00\x00\x00\x00\x96\x0a\0\0\0\0\0\0\0helloworld.',
            b'\x80\x04\x95\x09\x00\x00\x00\x00\x00\x00\x00\x96\x0a\0\0\0\0\0\0\0helloworld.',
            b'\x80\x04\x95\x0a\x00\x00\x00\x00\x00\x00\x00\x96\x0a\0\0\0\0\0\0\0helloworld.',
            b'\x80\x04\x95\x02\x00\x00\x00\x00\x00\x00\x00C\x0ahelloworld.',
            b'\x80\x04\x95\x09\x00\x00\x00\x00\x00\x00\x00cbuiltins\nprint\n.',
            b'\x80\x04\x95\x0c\x00\x00\x00\x00\x00\x00\x00N\x95\x00\x00\x00\x00\x00\x00\x00\x00NN.',
            b'\x80\x04\x95\x0a\x00\x00\x00\x00\x00\x00\x00N\x95\x00\x00\x00\x00\x00\x00\x00\x00N.',
            b'\x80\x04\x95\x0a\x00\x00\x00\x00\x00\x00\x00N\x95\x05\x00\x00\x00\x00\x00\x00\x00N.',
            b'\x80\x04\x95\x01\x00\x00\x00\x00\x00\x00\x00NN.',
            b'\x80\x04\x95\x05\x00\x00\x00\x00\x00\x00\x00N.',
            b'\x80\x04\x95\x09\x00\x00\x00\x00\x00\x00\x00X\x05\0\0\0helloworld.',
            ]:
    load(b)
    for source in (io.BytesIO(b), io.BufferedReader(io.BytesIO(b))):
        t(lambda: _pickle.load(source))

# PickleBuffer
B = pickle.PickleBuffer
t(lambda:B()); t(lambda:B(1,2)); t(lambda:B(x=1)); t(lambda:B(5)); t(lambda:B(b'ab').raw().tobytes())
t(lambda:B(memoryview(b'abcd')[::2]).raw()); t(lambda:B(memoryview(b'abcd')[::-2]).raw())
b=B(bytearray(b'ab')); t(lambda:memoryview(b).obj); t(lambda:b.raw().obj is b)
b.release(); b.release(); t(lambda:memoryview(b)); t(b.raw); t(lambda:bytes(b)); t(lambda: len(b)); t(lambda:b==b)
m=memoryview(b'abcdefgh').cast('H',[2,2]); r=B(m).raw(); t(lambda:(r.format,r.shape,r.strides,r.ndim,r.itemsize, r.nbytes))
t(lambda:type(b).__release_buffer__); t(lambda: b.__buffer__(0)); t(lambda: isinstance(weakref.ref(b)(),B)); 
ba=bytearray(b'x'); b=B(ba)
t(lambda:ba.append(1)); b.release(); t(lambda:ba.append(1))
t(lambda:inspect.signature(B))
try:
  class X(B): pass
except TypeError as e: print(e)
