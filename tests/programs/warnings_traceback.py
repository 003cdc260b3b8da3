"""warnings and traceback modules, sys hooks, frames and tracebacks as objects; ends uncaught, chained."""
import io
import linecache
import sys
import traceback
import types
import warnings

def attempt(f, *args, **kwargs):
    try:
        print(repr(f(*args, **kwargs)))
    except Exception as error:
        print(type(error).__name__, error, sep=": ")


with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    warnings.warn("plain")
    warnings.warn("old", DeprecationWarning, stacklevel=1)
    warnings.warn(RuntimeWarning("instance"))
    warnings.warn_explicit("explicit", UserWarning, "file.py", 7, module="m")
    for w in caught:
        print(w.category.__name__, w.message, w.lineno, w.filename.rpartition("/")[2], w.source)
with warnings.catch_warnings():
    warnings.simplefilter("error")
    attempt(warnings.warn, "raised")
    attempt(warnings.warn, "x", FutureWarning)
with warnings.catch_warnings(record=True) as caught:
    warnings.resetwarnings()
    warnings.filterwarnings("ignore", message=".*hide", category=UserWarning)
    warnings.filterwarnings("once", category=FutureWarning)
    warnings.filterwarnings("default", module="nomatch")
    for text in ("hide me", "show me"):
        for _ in range(2):
            warnings.warn(text)
            warnings.warn(text, FutureWarning)
    print([str(w.message) for w in caught])
attempt(warnings.warn, "x", int)
attempt(warnings.warn, "x", "y")
attempt(warnings.simplefilter, "nope")
attempt(warnings.filterwarnings, "error", 5)
attempt(warnings.warn)
print(warnings.formatwarning("msg", UserWarning, "f.py", 3, "source line"), end="")
warnings.warn("to standard error")
@warnings.deprecated("use other")
def old(): return "old result"
print(old(), old.__deprecated__)

def one(): two(5)
def two(n):
    local = "value"
    raise KeyError(n)
try: one()
except KeyError as error: saved = error
tb = saved.__traceback__
print(
    traceback.format_tb(tb)[1:], [(f.name, f.line, f.colno, f.end_colno) for f in traceback.extract_tb(tb)],
    traceback.extract_tb(tb)[-1] == traceback.extract_tb(tb)[-1], len(traceback.format_exception(saved, limit=1)),
    traceback.format_exception_only(saved), traceback.format_exception(saved, limit=-1)[1:],
)
frame = tb.tb_next.tb_next.tb_frame
print(
    frame.f_code.co_name, frame.f_locals, frame.f_back.f_code.co_name if frame.f_back else None, tb.tb_lineno,
    frame.f_lineno, type(tb).__name__, tb.tb_lasti >= 0, list(traceback.walk_tb(tb))[-1][1],
)
attempt(setattr, tb, "tb_next", 5)
attempt(setattr, tb, "tb_next", tb)
made = types.TracebackType(None, frame, 0, 99)
print(made.tb_lineno)
attempt(types.TracebackType, 1, 2, 3, 4)
try: raise ValueError("with made").with_traceback(made)
except ValueError as error: print(error.__traceback__.tb_next is made)
te = traceback.TracebackException.from_exception(saved, capture_locals=True)
print("".join(te.format()))
print(te.exc_type_str, te.stack[-1].locals["local"], "".join(te.format_exception_only()))
def recursive(n): return recursive(n - 1) if n else 1 / 0
try: recursive(10)
except ZeroDivisionError as error: print("".join(traceback.format_exception(error)))
def here(): return traceback.extract_stack()[-1].name, traceback.format_stack()[-1]
print(here())
out = io.StringIO()
traceback.print_exc(file=out)
print(out.getvalue())
traceback.print_exception(saved, file=out, chain=False)
print(len(out.getvalue().splitlines()))
for source in [
    "x = 1 +", "def f(:\n pass", "  indented", "if x:\nnope", "print 'a'", "a = 'open", "f(a b)", "x = (1,\n  2",
    "\tx\n  y", "é = $", "for x in y", "return", "break", "a = b = 5 = c", "f() = 1", "x: int: str", "import",
    "from x import", "class", "lambda: (yield", "@", "else: pass", "async x", "0777", "1_", "'\\N{bad}'", "b'é'",
    "del f()", "with x as 1: pass", "global x, 5", "assert (1, 2)", "a if b", "{1:2, 3}", "[1 for]",
    "x = yield = 1", "def f(a=1, b): pass", "f(**k, *a)", "f(a=1, 2)", "None = 1", "a, b += 1", "try: pass",
    "nonlocal x", "import a.b as c.d", "from . import *\ndef f(): from x import *", "def f():\n  from x import *",
    "print(a, end=)", "f(x for x in y, z)", "not = 1", "a ! b", "a <> b", "x = 5 y = 6", "if a = 1: pass",
    "while x = 1: pass", "elif x: pass", "class A(x for x in y): pass", "def f(*): pass", "def f(**a, b): pass",
    "def f(a, /, b, /): pass", "lambda *: 1", "(a, b): int = 1", "match x:\n  pass", "type X = (yield)",
    "x = {**a for a in b}", "f'{a b}'", "raise x from", "except: pass",
    "try:\n pass\nexcept:\n pass\nexcept A:\n pass", "\x00", "x = 1\\ y", "aa: if x",
]:
    try: compile(source, "<s>", "exec")
    except SyntaxError as error:
        print(
            ascii(source), type(error).__name__, ascii(error.msg), error.lineno, error.offset, error.end_lineno,
            error.end_offset,
        )
    except ValueError as error: print(ascii(source), type(error).__name__, error)
    else: print(ascii(source), "compiles")
try: compile("a = (1,\n  b c)", "shown.py", "exec")
except SyntaxError as error:
    print(
        "".join(traceback.format_exception(error)),
        "".join(traceback.format_exception_only(SyntaxError("made", ("f", 1, 5, "some text", 1, 9)))),
    )
for attempt_name in ["pritn", "lenght"]:
    try: eval(attempt_name)
    except NameError as error: print(traceback.format_exception_only(error))
class Suggest:
    colour = size = 1
for text in ("Suggest().color", "Suggest.siz", "[].apend", "sys.pth", "nonexistent_thing", "Suggest().zzzzz"):
    try: eval(text)
    except Exception as error: print(traceback.format_exception_only(error)[0], end="")
def missing_import():
    from collections import OrderedDic
try: missing_import()
except ImportError as error: print(traceback.format_exception_only(error))
try: int.frombytes
except AttributeError as error: print(traceback.format_exception_only(error))
print(linecache.getline(__file__, 1).strip(), repr(linecache.getline("nofile", 1)), sys.exception(), sys.exc_info())
def hook(kind, value, tb):
    print("hook:", kind.__name__, value)
    sys.__excepthook__(kind, value, tb)
sys.excepthook = hook
print("displayhook:", end=" ")
sys.displayhook("shown")
sys.displayhook(None)
import builtins
print(builtins._)
def first():
    try: second()
    except LookupError: raise RuntimeError("while handling")
def second():
    values = {
        "a": [1, 2, 3],
    }
    return values["a"][
        5
    ]
first()
