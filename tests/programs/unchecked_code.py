# Code objects that nobody has looked at yet: from marshal, replace() and the constructor.
import dis, marshal, sys, types

SOURCE = '''
def f(a, *b, k=2, **c):
    """Doc."""
    try:
        return [x + k for x in b if x] or a
    finally:
        c.clear()
def g(n):
    got = yield n
    yield from [got, n]
def outer(v):
    def inner():
        nonlocal v
        v += 1
        return v
    return inner
class K[T]:
    z: int = 1
    def m(self): return super().__init__()
async def co(x): return await x
'''


def nested(code):
    yield code
    for c in code.co_consts:
        if isinstance(c, types.CodeType):
            yield from nested(c)


made = compile(SOURCE, "s", "exec")
read = marshal.loads(marshal.dumps(made))
for a, b in zip(nested(made), nested(read)):
    shown = [[(i.opname, i.arg, i.is_jump_target) for i in dis.get_instructions(code)] for code in (a, b)]
    print(a.co_qualname, a.co_code == b.co_code, a == b, hash(a) == hash(b), b._co_code_adaptive[:1] == a._co_code_adaptive[:1],
          list(a.co_lines()) == list(b.co_lines()), list(a.co_positions()) == list(b.co_positions()),
          list(a.co_branches()) == list(b.co_branches()), shown[0] == shown[1], b.replace() == b,
          b.replace(co_name="q") == b)
names = {"__name__": "n"}
exec(read, names)
print(names["f"](1, 0, 5), names["f"].__doc__, list(names["g"](3)), names["outer"](4)(), names["K"]().m(), names["K"].__annotations__)
print(read == made, read.co_code == made.co_code, [c.co_code == d.co_code for c, d in zip(nested(made), nested(read))])

# The first opcode shows as what it is.
code = (lambda a: a).__code__.replace(co_name="again")
print(dis.opname[code.co_code[0]], dis.opname[code._co_code_adaptive[0]], code.replace(co_code=b"").co_code)
print([i.opname for i in dis.get_instructions(code)], [i.opname for i in dis.get_instructions(code, adaptive=True)][:1])

# Monitored before it ever ran, and traced, and jumped in.
mon = sys.monitoring
events = []
mon.use_tool_id(3, "t")
mon.register_callback(3, mon.events.PY_START, lambda c, o: events.append((c.co_name, o)))
mon.register_callback(3, mon.events.LINE, lambda c, line: events.append(line))
fresh = marshal.loads(marshal.dumps(names["f"].__code__))
mon.set_local_events(3, fresh, mon.events.PY_START | mon.events.LINE)
print(mon.get_local_events(3, fresh), fresh.co_code == names["f"].__code__.co_code)
f = types.FunctionType(fresh, {})
f.__kwdefaults__ = {"k": 1}
print(f(1, 2), events)
mon.set_local_events(3, fresh, 0)
mon.free_tool_id(3)


def traced():
    a = 1
    a = 2
    return a


again = types.FunctionType(marshal.loads(marshal.dumps(traced.__code__)), {})
first = again.__code__.co_firstlineno


def trace(frame, event, arg):
    if frame.f_code is again.__code__ and event == "line" and frame.f_lineno == first + 2:
        frame.f_lineno = first + 3
    return trace


sys.settrace(trace)
result = again()
sys.settrace(None)
print(result)

# Bodies that have parameters are called without arguments.
for function in (lambda a: a, lambda a, /, b=1: a, lambda *, k: k, lambda *a, **k: print(a, k)):
    for run in (exec, eval, lambda c: __build_class__(function, "N").__name__):
        try:
            print(run(function.__code__))
        except TypeError as e:
            print(e)

# What is no opcode says so when it is reached, or before.
wrong = types.FunctionType(traced.__code__.replace(co_code=b"\xdc\x00" + traced.__code__.co_code[2:]), {})
for _ in range(2):
    try:
        wrong()
    except SystemError as e:
        print("unknown opcode 220" in str(e))
