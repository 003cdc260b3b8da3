# sys.monitoring: all events, DISABLE, local events, errors.
import sys

m = sys.monitoring
E = m.events


def gen():
    try:
        got = yield 1
        yield 2
    except KeyError:
        pass
    return 3


def outer():
    r = yield from gen()


class A:
    def f(self):
        return 1


class B(A):
    def f(self):
        return super().f()


def work():
    for i in range(2):
        if i:
            len("a")
        else:
            str.upper("b")
    while i < 3:
        i += 1
        if i == 2: break
    try:
        int("x")
    except ValueError as e:
        try:
            raise
        except ValueError:
            pass
    print(*(), end="", **{})
    B().f()
    for _ in gen():
        pass
    g = outer()
    next(g)
    try:
        g.throw(KeyError)
    except StopIteration:
        pass


def name(v):
    if hasattr(v, "co_name"):
        return v.co_name
    if isinstance(v, BaseException):
        return type(v).__name__
    if v is m.MISSING:
        return "MISSING"
    return getattr(v, "__qualname__", v if isinstance(v, (int, str)) else type(v).__name__)


m.use_tool_id(3, "test")
events = [n for n in dir(E) if n[0] != "_" and n not in ("NO_EVENTS", "BRANCH")]
for n in events:
    def callback(*args, n=n):
        if args[0].co_filename == __file__:
            print(n, *map(name, args))
    m.register_callback(3, getattr(E, n), callback)


def run(set_of_events):
    print("--", set_of_events)
    m.set_events(3, set_of_events)
    try:
        work()
    finally:
        m.set_events(3, 0)


run(E.LINE)
run(E.PY_START | E.PY_RESUME | E.PY_RETURN | E.PY_YIELD | E.PY_THROW | E.PY_UNWIND)
run(E.CALL | E.C_RETURN | E.C_RAISE)
run(E.JUMP | E.BRANCH_LEFT | E.BRANCH_RIGHT)
run(E.RAISE | E.RERAISE | E.EXCEPTION_HANDLED | E.STOP_ITERATION)
run(E.INSTRUCTION)
run(E.LINE | E.INSTRUCTION | E.BRANCH | E.CALL)

print("-- disable")
seen = []
m.register_callback(3, E.LINE, lambda code, line: seen.append(line - code.co_firstlineno) or m.DISABLE)
m.set_local_events(3, work.__code__, E.LINE)
work()
work()
print(seen)
m.restart_events()
work()
print(len(seen), m.get_local_events(3, work.__code__), m.get_events(3), m.get_tool(3))
m.register_callback(3, E.RAISE, lambda *a: m.DISABLE)
m.set_events(3, E.RAISE)
try:
    try:
        int("x")
    except ValueError as e:
        print(e)
finally:
    m.set_events(3, 0)
m.free_tool_id(3)
print(m.get_local_events(3, work.__code__), m.get_tool(3))
for call in (
    lambda: m.use_tool_id(9, "x"),
    lambda: m.use_tool_id(1, 2),
    lambda: m.set_events(1, E.LINE),
    lambda: m.set_events(1, 1 << 30),
    lambda: m.set_events(1, E.C_RAISE),
    lambda: m.set_local_events(1, work.__code__, E.RAISE),
    lambda: m.set_local_events(1, 5, E.LINE),
    lambda: m.register_callback(1, 3, None),
    lambda: m.register_callback(1, 1 << 25, None),
):
    try:
        print(call())
    except Exception as e:
        print(type(e).__name__, e)
