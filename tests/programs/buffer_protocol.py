# __buffer__ and __release_buffer__ of built-in and Python classes.
import sys
def show(f):
    try: print(f())
    except BaseException as e: print(repr(e))
class C(bytearray):
    def __release_buffer__(s, b):
        print('rb', b.tobytes(), b.obj is s, b.obj, b.readonly, b.format, b.shape)
        for f in (lambda: memoryview(b), lambda: b.cast('b'), lambda: b.toreadonly(), lambda: b[:1], lambda: b[0], lambda: b.__buffer__(0), lambda: bytes(b), lambda: b.tolist(), lambda: b==b'hello', lambda: b.hex(), lambda: b.release, lambda: [*b], lambda: hash(b), lambda: b.obj, lambda: b.__enter__(), lambda:b.contiguous, lambda: list(reversed(b)), lambda: b.index(104),lambda: bytearray(b), lambda: b''.join([b])):
            show(f)
        show(lambda: super(C,s).__release_buffer__(b))
        show(lambda: b.tobytes())
        show(lambda: super(C,s).__release_buffer__(b))
c=C(b'hello')
with memoryview(c) as mv: print(mv.tobytes())
c.clear()
ba=bytearray(b'hello')
mv=ba.__buffer__(0)
show(lambda: ba.__release_buffer__(mv))
show(lambda: ba.__release_buffer__(mv))
show(lambda: bytearray(b'x').__release_buffer__(ba.__buffer__(0)))
show(lambda: ba.__release_buffer__(memoryview(ba)[1:]))
show(lambda: ba.__release_buffer__(3))
show(lambda: mv.tobytes())
mv=memoryview(ba); m2=mv[1:]
show(lambda: ba.__release_buffer__(mv))
show(lambda: mv.tobytes())
show(lambda: m2.tobytes())
show(lambda: ba.clear())
class A(bytearray):
    def __buffer__(self, f): return super().__buffer__(f)
    def __release_buffer__(self, v): print('rel', v.obj is self); super().__release_buffer__(v); 
a=A(b'hello')
with memoryview(a) as mv: print(mv.tobytes(), mv.obj is a, type(mv.obj))
a.clear()
class D:
    def __buffer__(s,f): return memoryview(ba)
    def __release_buffer__(s,b): 1/0
with memoryview(D()) as m: print(type(m.obj), m.obj is ba)
class E(bytearray):
    def __release_buffer__(s,b): 1/0
with memoryview(E()) as m: print(type(m.obj))
ba=bytearray(b'xyz')
for f in (0,1,4,8,0x100,0x200,0x11c,-1,2**31,-2**31-1,'a',None,1.5):
    show(lambda: ba.__buffer__(f)); show(lambda: b'abc'.__buffer__(f)); 
    show(lambda: memoryview(ba).__buffer__(f))
    show(lambda: memoryview._from_flags(ba, f)); 
