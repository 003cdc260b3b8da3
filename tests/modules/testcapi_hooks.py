# What C extensions can hook into: allocators, trace functions, vectorcall.
import io
import sys
import _testcapi

def fails(f, start=0, stop=0):
    _testcapi.set_nomemory(start, stop)
    try:
        r = f()
        _testcapi.remove_mem_hooks()
        return 'done'
    except MemoryError:
        _testcapi.remove_mem_hooks()
        return 'MemoryError'

array = bytearray(b'0123456789')
print(fails(lambda: array.resize(1024)), array)
print(fails(lambda: array.resize(1)), array)
stream = io.BytesIO()
stream.write(b'abc')
print(fails(lambda: stream.write(b'def')), stream.getvalue())
print(fails(lambda: [0] * 1000), fails(lambda: object()), fails(lambda: 'x' * 5000))
print(fails(lambda: None), fails(lambda: [0] * 1000, 1000, 1001))

def traced(x):
    y = x + 1
    return [y]

events = []
_testcapi.settrace_to_record(events)
traced(41)
sys.settrace(None)
first = traced.__code__.co_firstlineno
print([(line - first, what) for what, line, arg in events if first <= line <= first + 2])
try:
    _testcapi.settrace_to_error([])
    traced(1)
except Exception as e:
    print(type(e).__name__, e)
print(sys.gettrace())

HAVE_VECTORCALL, METHOD_DESCRIPTOR = 1 << 11, 1 << 17
class Sub(_testcapi.MethodDescriptorBase):
    pass
for t in (type(len), type(traced), type(list.append), type, _testcapi.MethodDescriptorBase,
          _testcapi.MethodDescriptorDerived, _testcapi.MethodDescriptorNopGet, Sub):
    print(t.__name__, bool(t.__flags__ & HAVE_VECTORCALL), bool(t.__flags__ & METHOD_DESCRIPTOR))
Sub.__call__ = lambda self: 'mine'
print(bool(Sub.__flags__ & HAVE_VECTORCALL), Sub()())
args = (1, 2, 3)
print(_testcapi.MethodDescriptorNopGet()(*args) is args)
for f, args in ((len, ([1, 2],)), (list.append, ([], 0)), (traced, (5,)), (sum, ([1],))):
    print(_testcapi.pyvectorcall_call(f, args))
print(_testcapi.pyvectorcall_call(sum, ([36],), {'start': 6}))
try:
    _testcapi.pyvectorcall_call(Sub(), (0,))
except TypeError as e:
    print(e)
