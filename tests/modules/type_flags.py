# The public flags of types, which copyreg and others read.
import _io, array, collections, datetime, decimal, functools, itertools, operator, re, struct, sys, threading
import types, typing, weakref, zlib

NAMES = {1 << 1: 'static', 1 << 5: 'sequence', 1 << 6: 'mapping', 1 << 7: 'disallow', 1 << 8: 'immutable',
         1 << 9: 'heap', 1 << 10: 'base', 1 << 11: 'vectorcall', 1 << 17: 'method', 1 << 22: 'match'}
for t in (object, type, int, bool, list, dict, str, types.FunctionType, types.MethodType, type(len),
          type(list.append), types.GenericAlias, types.SimpleNamespace, typing.Union, typing.TypeVar,
          _io.FileIO, _io.BufferedReader, _io.TextIOWrapper, _io._IOBase, array.array, collections.deque,
          collections.OrderedDict, datetime.date, decimal.Decimal, functools.partial, itertools.chain,
          operator.itemgetter, re.Pattern, struct.Struct, type(sys.flags), type(threading.RLock()),
          weakref.ref, weakref.proxy(t) if False else weakref.ProxyType, OSError):
    print(t.__module__, t.__qualname__, *(name for bit, name in NAMES.items() if t.__flags__ & bit))
for t in (_io.BufferedReader, _io.TextIOWrapper, _io.IncrementalNewlineDecoder, _io.BytesIO):
    print(t.__name__, '__new__' in vars(t), type(object.__new__(t) if t is not _io.BytesIO else t()).__name__)

class C: pass
class Callable(weakref.ref): pass
class WithCall(weakref.ref):
    def __call__(self): return 1
print([bool(t.__flags__ & 1 << 11) for t in (C, Callable, WithCall)])
