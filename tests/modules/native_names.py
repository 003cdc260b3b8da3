"""The public names of what is native: a name that is missing here is missing for users."""
import builtins
import importlib
import sys

NATIVE = """
_abc _bisect _codecs _collections _contextvars _csv _datetime _functools _heapq _imp _io _json _locale _operator _opcode
_pickle _random _signal _sre _stat _statistics _string _struct _symtable _thread _tokenize _tracemalloc _types _typing
_warnings _weakref array atexit binascii builtins cmath errno faulthandler fcntl gc grp itertools marshal math posix pwd
select sys time unicodedata zlib
""".split()

for name in NATIVE:
    try:
        module = importlib.import_module(name)
    except ImportError as error:
        print(name, error)
        continue
    skip = {"__loader__", "__spec__", "__builtins__", "__file__"}
    if name == "sys":
        skip |= {"ps1", "ps2", "last_exc", "last_type", "last_value", "last_traceback", "gettotalrefcount"}
    print(name, *sorted(n for n in vars(module) if n not in skip and not n.startswith("_") or n in ("__doc__", "__name__")))
for kind in [int, float, complex, bool, str, bytes, bytearray, list, tuple, dict, set, frozenset, range, slice, type, object, memoryview, property, super, BaseException, OSError, ImportError, SyntaxError, type(None), type(...), type(len), type(lambda: 0), type((lambda: 0).__code__), type(iter([])), type(x for x in ()), type(sys), type({}.keys()), type({}.items())]:
    print(kind.__name__, *sorted(vars(kind)))
print(*sorted(n for n in vars(builtins) if n != "_"))
