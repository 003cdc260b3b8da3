"""ctypes: types, values, calls, callbacks, and the messages of what goes wrong."""

import _ctypes
import ctypes
from ctypes import *


class S(Structure):
    _fields_ = [("a", c_int), ("b", c_char), ("c", c_int * 3), ("bf", c_int, 3), ("s", c_char * 4)]


class U(Union):
    _fields_ = [("a", c_int), ("b", c_double)]


class X:
    _as_parameter_ = 3


libc = CDLL("libc.so.6")
f = CFUNCTYPE(c_int, c_int)


def show(source):
    try:
        print(source, "->", repr(eval(source)))
    except Exception as e:
        print(source, "!!", type(e).__name__, e.args)


for source in r"""
c_int('a')
c_int(1.5)
c_char('a')
c_char(b'ab')
c_char(300)
c_char(bytearray(b'ab'))
c_wchar('ab')
c_wchar(1)
c_char_p('a')
c_char_p(1.0)
c_wchar_p(b'a')
c_void_p('a')
c_double('a')
c_int(1,2)
c_int(x=1)
c_int().value
c_bool(5)
py_object()
py_object().value
py_object(5)
c_byte(-1), c_ubyte(-1), c_short(70000), c_longdouble(1.5), c_float(1.1)
c_int.from_param('a')
c_int.from_param(3)
c_int.from_param(X())
c_double.from_param(3)
c_char_p.from_param('a')
c_char_p.from_param(3)
c_wchar_p.from_param(b'a')
c_void_p.from_param(1.0)
c_void_p.from_param(3)
c_void_p.from_param(None)
POINTER(c_int).from_param(3)
POINTER(c_int).from_param(byref(c_short(3)))
S.from_param(3)
S.a
S.bf
S.c
S.a.size, S.bf.size, S.bf.offset, S.bf.bit_offset, S.bf.bit_size, S.bf.is_bitfield, S.a.is_anonymous
S(1,b'x',(1,2,3)).c[:]
S(1,b'x',(1,2,3,4))
S(1,b'x',1)
S(1,a=2)
S(1,b'x',(1,2,3),1,b'abc',6)
S(zz=3).zz
S(s=b'abcde')
S(s='a')
S().s
setattr(S,'_fields_',[])
delattr(S(),'a')
S().a.x
sizeof(S), alignment(S), sizeof(U)
sizeof(3)
sizeof(int)
alignment(3)
addressof(3)
byref(3)
byref(c_int(3),'a')
repr(byref(c_int(3)))[:12]
pointer(3)
POINTER(3)
POINTER(None)
POINTER(int)
bool(POINTER(c_int)())
POINTER(c_int)().contents
POINTER(c_int)()[0]
POINTER(c_int)(3)
pointer(c_int(3))[0]
pointer(c_int(3))['a']
pointer(c_int(3))[:]
pointer(c_int(3))[-1::-1]
pointer(c_int(3))[0:1]
(c_int*3)(1,2,3,4)
(c_int*3)(1,2,3)[:]
(c_int*3)(1,2,3)[5]
(c_int*3)(1,2,3)['a']
(c_int*3)('a')
(c_char*3)(b'a',b'b').value
(c_char*3)(b'a',b'b').raw
(c_char*3)(*b'abc')[0:2]
c_int*-1
c_int*'a'
c_int*(10**20)
c_int*(2**62)
3*c_int
(c_int*3)._length_, (c_int*3)._type_, (c_int*3).__name__, (c_int*3).__mro__
Array()
Structure()
Union()
_ctypes._Pointer()
_ctypes._SimpleCData()
_ctypes.CFuncPtr()
f('a')
f(lambda x:x+1)(3)
f(lambda x:x+1)('a')
f(lambda x:x+1)()
f(lambda x:x+1)(1,2)
libc.abs(-3)
libc.abs(1.0)
libc.abs(X())
libc.strlen(b'abc')
libc.strlen.argtypes
libc.strlen.restype
setattr(libc.strlen,'argtypes',[1])
setattr(libc.strlen,'argtypes',1)
setattr(libc.strlen,'restype',1)
setattr(libc.strlen,'errcheck',1)
setattr(libc.strlen,'argtypes',[c_char_p])
libc.strlen(3.0)
libc.strlen('a')
libc.strlen(b'abcd')
libc.strlen()
CDLL('nosuch.so')
CDLL(None)._name
c_int.from_address('a')
c_int.from_buffer(b'aaaa')
c_int.from_buffer(bytearray(b'a'))
c_int.from_buffer(bytearray(b'abcd'),-1)
c_int.from_buffer(bytearray(b'abcd'),2)
c_int.from_buffer_copy(b'a')
c_int.from_buffer_copy(b'abcd',-1)
c_int.from_buffer_copy(b'\\1\\0\\0\\0')
resize(c_int(3),2)
resize(3,2)
cast(3,c_int)
cast(0,c_void_p)
cast((c_int*3)(1,2,3),POINTER(c_int))[2]
cast(1.0,c_void_p)
string_at(b'abc')
string_at(b'abc',2)
wstring_at('abc')
memoryview_at(b'abc',3,True).tobytes()
memoryview(S()).format, memoryview((c_int*3)()).format,memoryview((c_int*3)()).shape, memoryview((c_int*3)()).ndim
memoryview(pointer(c_int())).format
memoryview(c_double()).format, memoryview(c_int.__ctype_be__()).format
c_int.__ctype_be__(1).value, bytes(c_int.__ctype_be__(1))
type('A',(Structure,),{'_fields_':[('a',)]})
type('A',(Structure,),{'_fields_':[('a',int)]})
type('A',(Structure,),{'_fields_':[(1,c_int)]})
type('A',(Structure,),{'_fields_':1})
type('A',(Structure,),{'_fields_':[('a',c_double,3)]})
type('A',(Structure,),{'_fields_':[('a',c_int,33)]})
type('A',(Structure,),{'_fields_':[('a',c_int)],'_anonymous_':['b']})
type('A',(Structure,),{'_fields_':[('a',c_int)],'_anonymous_':['a']})
type('A',(Structure,),{'_fields_':[('a',c_int)],'_anonymous_':1})
type('A',(Array,),{})
type('A',(Array,),{'_length_':3})
type('A',(Array,),{'_length_':-3,'_type_':c_int})
type('A',(Array,),{'_length_':'a','_type_':c_int})
type('A',(Array,),{'_length_':3,'_type_':int})
type('A',(_ctypes._SimpleCData,),{})
type('A',(_ctypes._SimpleCData,),{'_type_':'x'})
type('A',(_ctypes._SimpleCData,),{'_type_':'xx'})
type('A',(_ctypes._SimpleCData,),{'_type_':1})
type('A',(_ctypes.CFuncPtr,),{})
type('A',(_ctypes.CFuncPtr,),{'_flags_':1,'_argtypes_':1})
type('A',(_ctypes.CFuncPtr,),{'_flags_':1,'_argtypes_':[1]})
type('A',(_ctypes.CFuncPtr,),{'_flags_':1,'_restype_':1})
type('A',(_ctypes._Pointer,),{'_type_':int})
type('A',(_ctypes._Pointer,),{})()
_ctypes.CField()
_ctypes.buffer_info(S)
_ctypes.buffer_info(3)
c_int(3)._objects, (c_char_p*2)(b'a',b'b')._objects, pointer(c_int(3))._objects
c_int(3)._b_base_, c_int(3)._b_needsfree_
c_int(3).__reduce__()
pointer(c_int(3)).__reduce__()
c_int(3)==c_int(3)
hash(c_int(3))
bool(c_int(0)),bool(c_int(1)), bool(c_double(0.0))
f.__mro__
_ctypes.dlopen(3,4)
_ctypes.dlsym(1)
get_errno()
set_errno('a')
set_errno(5), get_errno()
c_double_complex(1+2j)
c_double_complex('a')
CFUNCTYPE(c_int)(("abs",libc),((1,),))(3)
CFUNCTYPE(c_int,c_int)(("abs",libc),((1,),))()
CFUNCTYPE(c_int,c_int)(("abs",libc),((1,'x',-5),))()
CFUNCTYPE(c_int,c_int)(("abs",libc),((1,'x'),))(x=-6)
CFUNCTYPE(c_int,c_int)(("abs",libc),((1,'x'),))(y=-6)
CFUNCTYPE(c_int,c_int)(("abs",libc),((9,'x'),))(3)
CFUNCTYPE(c_int,c_int)(("abs",libc),((2,'x'),))(3)
CFUNCTYPE(c_int,c_int)((3.5,libc))
CFUNCTYPE(c_int,c_int)(("abs",3))
CFUNCTYPE(c_int,c_int)(("abs",))
PYFUNCTYPE(py_object,c_long)(("PyLong_FromLong",pythonapi))(12)
PYFUNCTYPE(py_object,c_char_p)(("PyUnicode_FromString",pythonapi))(b'x')
PYFUNCTYPE(c_long,py_object)(("PyLong_AsLong",pythonapi))('x')
""".strip().splitlines():
    show(source)

# Sorting with a callback.
COMPARE = CFUNCTYPE(c_int, POINTER(c_int), POINTER(c_int))
libc.qsort.argtypes = [c_void_p, c_size_t, c_size_t, COMPARE]
libc.qsort.restype = None
numbers = (c_int * 6)(5, 3, -1, 9, 0, 2)
libc.qsort(numbers, len(numbers), sizeof(c_int), COMPARE(lambda a, b: a[0] - b[0]))
print(numbers[:])

# Callbacks go on in the thread that called, with its context, and may call again; other threads may call too.
import contextvars
import threading

place = contextvars.ContextVar("place")
place.set("here")
seen = set()


def compare(a, b):
    seen.add((place.get(), threading.current_thread() is threading.main_thread()))
    if len(seen) == 1:
        inner = (c_int * 3)(3, 1, 2)
        libc.qsort(inner, 3, sizeof(c_int), COMPARE(lambda x, y: x[0] - y[0]))
        seen.add(tuple(inner))
    return b[0] - a[0]


libc.qsort(numbers, len(numbers), sizeof(c_int), COMPARE(compare))
print(numbers[:], sorted(map(str, seen)))
THREAD = CFUNCTYPE(c_void_p, c_void_p)
got = []
entry = THREAD(lambda p: got.append((p, threading.current_thread() is threading.main_thread())))
thread = c_ulong()
libc.pthread_create(byref(thread), None, entry, c_void_p(42))
libc.pthread_join(thread, None)
print(got)

# Structures by value and back, of all classes of registers.
class Div(Structure):
    _fields_ = [("quot", c_int), ("rem", c_int)]


class LongDiv(Structure):
    _fields_ = [("quot", c_long), ("rem", c_long)]


libc.div.restype = Div
libc.ldiv.restype = LongDiv
libc.ldiv.argtypes = [c_long, c_long]
r = libc.div(17, 5)
print(r.quot, r.rem)
r = libc.ldiv(10**12, 7)
print(r.quot, r.rem)

for fields in ([c_float], [c_float, c_float], [c_float] * 3, [c_double, c_int], [c_int, c_double],
               [c_char] * 3, [c_double] * 2, [c_double] * 3, [c_int] * 5, [c_longdouble], [c_short, c_float],
               [c_char * 7], [c_float * 2, c_char]):
    cls = type("P", (Structure,), {"_fields_": [(f"f{i}", t) for i, t in enumerate(fields)]})
    seen = []
    back = CFUNCTYPE(c_int, cls, c_int, cls)

    def take(a, n, b, seen=seen):
        seen.append((bytes(a), n, bytes(b)))
        return n + 1

    one = cls.from_buffer_copy(bytes(i % 100 + 1 for i in range(sizeof(cls))))
    two = cls.from_buffer_copy(bytes(i % 50 + 100 for i in range(sizeof(cls))))
    print(sizeof(cls), back(take)(one, 41, two), seen == [(bytes(one), 41, bytes(two))])

value = c_int()
scan = libc.sscanf
print(scan(b"12 x", b"%d", byref(value)), value.value)
print(libc.snprintf(None, 0, b"%d %s %.2f", 5, b"abc", c_double(2.5)))
buffer = create_string_buffer(40)
libc.snprintf(buffer, 40, b"%d %s %.2f", 5, b"abc", c_double(2.5))
print(buffer.value, buffer.raw)
chdir = CDLL(None, use_errno=True).chdir
print(chdir(b"/nosuch"), get_errno())


class Node(Structure):
    pass


Node._fields_ = [("value", c_int), ("next", POINTER(Node))]
second = Node(2)
first = Node(1, pointer(second))
print(first.next.contents.value, bool(second.next), first._objects is not None)


class Inner(Structure):
    _fields_ = [("x", c_int), ("y", c_int)]


class Outer(Structure):
    _anonymous_ = ["inner"]
    _fields_ = [("z", c_int), ("inner", Inner)]


o = Outer(1, (2, 3))
o.y = 30
print(o.x, o.y, o.inner.y, Outer.x, Outer.inner.is_anonymous)


class Bits(Structure):
    _fields_ = [("a", c_uint, 3), ("b", c_int, 5), ("c", c_ushort, 9), ("d", c_longlong, 40)]


b = Bits(9, -3, 511, -7)
print(b.a, b.b, b.c, b.d, bytes(b), sizeof(Bits))
print(BigEndianStructure.__bases__, type("B", (BigEndianStructure,), {"_fields_": [("n", c_int)]})(1).n)
