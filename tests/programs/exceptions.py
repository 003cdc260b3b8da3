"""Exceptions: matching, chaining, finally, notes, attributes of built-in ones; ends with an uncaught one."""
import traceback

def attempt(f, *args):
    try:
        print(repr(f(*args)))
    except BaseException as error:
        print(type(error).__name__, error, sep=": ")


def order(action):
    log = []
    try:
        log.append("try")
        try:
            action()
        except (KeyError, IndexError) as error:
            log.append(f"lookup {error}")
        except ArithmeticError:
            log.append("arithmetic")
            raise
        else:
            log.append("else")
        finally:
            log.append("finally")
    except ZeroDivisionError as error:
        log.append(f"outer {error}")
    return log


print(order(lambda: None), order(lambda: {}["k"]), order(lambda: [][1]), order(lambda: 1 / 0), sep="\n")
attempt(order, lambda: int("x"))


def finally_wins():
    for i in range(3):
        try:
            return "try"
        finally:
            if i == 0:
                "continue swallows"
    return "never"
print(finally_wins())


def nested_finally():
    log = []
    for i in range(4):
        try:
            try:
                if i == 1: continue
                if i == 3: break
                log.append(i)
            finally:
                log.append(f"f{i}")
        finally:
            log.append(f"g{i}")
    else:
        log.append("else")
    return log
print(nested_finally())

# The name is unbound after the handler.
try:
    raise ValueError("gone")
except ValueError as error:
    kept = error
attempt(lambda: error)
print(
    kept.args, str(kept), repr(kept), repr(ValueError()), repr(ValueError(1, "two")), str(KeyError("k")),
    repr(KeyError("a", 1)),
)

# Chaining.
def implicit():
    try:
        {}["missing"]
    except KeyError:
        return undefined_name
def explicit():
    try:
        int("x")
    except ValueError as cause:
        raise TypeError("wrapped") from cause
def suppressed():
    try:
        int("x")
    except ValueError:
        raise LookupError("clean") from None
for f in (implicit, explicit, suppressed):
    try:
        f()
    except Exception as error:
        print(type(error).__name__, repr(error.__context__), repr(error.__cause__), error.__suppress_context__)
        print("".join(traceback.format_exception(error)))

attempt(lambda: exec("raise 5"))
attempt(lambda: exec("raise ValueError from 5"))
attempt(lambda: exec("raise"))
attempt(lambda: exec("raise int"))
class NotException: pass
def bad_except():
    try:
        raise ValueError
    except NotException:
        pass
attempt(bad_except)

# Attributes.
def attributes(f, *names):
    try:
        f()
    except Exception as error:
        print(type(error).__name__, {n: getattr(error, n) for n in names})
attributes(lambda: open("/nonexistent/file"), "errno", "strerror", "filename", "filename2")
attributes(lambda: nothing, "name")
attributes(lambda: (1).nothing, "name", "obj")
attributes(lambda: {}["k"], "args")
attributes(lambda: b"\xff".decode(), "encoding", "object", "start", "end", "reason")
attributes(lambda: "é".encode("ascii"), "encoding", "object", "start", "end", "reason")
attributes(lambda: __import__("no.such.module"), "name", "path", "msg")
attributes(
    lambda: compile("a b", "f.py", "exec"), "msg", "lineno", "offset", "text", "filename", "end_lineno",
    "end_offset",
)
attributes(lambda: next(iter(())), "value", "args")
print(
    OSError(2, "No such file"), repr(OSError(2, "x", "name")), type(OSError(13, "m")).__name__, OSError("one").errno,
)
print(SystemExit(3).code, SystemExit().code, StopIteration(1, 2).value, UnicodeDecodeError("u", b"ab", 0, 1, "why"))

# Notes, subclasses, equality of args, state.
error = RuntimeError("base")
error.add_note("first note")
error.add_note("second\nlines")
print(error.__notes__, "".join(traceback.format_exception_only(error)))
attempt(error.add_note, 5)
class Custom(Exception):
    def __init__(self, code, *rest):
        super().__init__(code, *rest)
        self.code = code
    def __str__(self): return f"code {self.code}"
attempt(lambda: exec("raise Custom(7)", {"Custom": Custom}))
print(repr(Custom(1, 2)), Custom(1).args, BaseException.__subclasses__()[0].__name__)
class BadStr(Exception):
    def __str__(self): raise ValueError("no string")
print(traceback.format_exception_only(BadStr()))
attempt(lambda: setattr(error, "args", 5))
error.args = (1, [2])
print(error.args, error.with_traceback(None) is error)
attempt(lambda: setattr(error, "__cause__", 5))
attempt(lambda: setattr(error, "__traceback__", 5))
attempt(lambda: ValueError(x=1))

# raise of a class, with arguments from the handler; re-raise keeps the traceback.
def depth(n):
    if n == 0:
        raise Custom("deep")
    depth(n - 1)
try:
    depth(3)
except Custom as error:
    tb, lines = error.__traceback__, []
    while tb:
        lines.append((tb.tb_frame.f_code.co_name, tb.tb_lineno))
        tb = tb.tb_next
    print(lines)

def last(values):
    try:
        return sum(values) / len(values)
    except ZeroDivisionError as error:
        error.add_note("while averaging")
        raise ValueError(f"no average of {values}") from error
last([])
