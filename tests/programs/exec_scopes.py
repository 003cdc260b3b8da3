"""exec, eval, compile, globals, locals, builtins, del, global rules, builtins replacement, dynamic code."""
import builtins
import sys
import types

def attempt(f, *args, **kwargs):
    try:
        print(repr(f(*args, **kwargs)))
    except BaseException as error:
        print(type(error).__name__, error, sep=": ")


space = {"x": 10}
exec("y = x * 2\ndef f(): return x + y\nclass C: z = y", space)
print(space["y"], space["f"](), space["C"].z, "__builtins__" in space, space["C"].__module__, eval("x + y", space))
print(
    eval("a + b", {"a": 1}, {"b": 2}), eval(" 1 + 1 "), eval(b"3"), eval(compile("5 * 5", "<c>", "eval")),
    eval("[i for i in range(n)]", {"n": 3}), exec("pass"),
)


class Mapping:
    def __getitem__(self, key):
        if key.isupper():
            return key.lower()
        raise KeyError(key)
    def __setitem__(self, key, value):
        print("store", key, value)


exec("a = ABC\nfor i in [1]: pass\nimport sys as s0\ndel_me = 1", {}, Mapping())
attempt(eval, "nothing_here", {}, Mapping())
for args in [(5,), ("1", 5), ("1", {}, 5), ("1 +",), ("x = 1",), ("",), (None,), ("\0",), ("1", None, [])]:
    attempt(eval, *args)
attempt(exec, "1 +")
attempt(exec, 5)
attempt(exec, "x", [])
attempt(exec, compile("free", "f", "exec"), {})
attempt(compile, "1", "f", "bad mode")
attempt(compile, 5, "f", "exec")
attempt(compile, "a\nb", "f", "eval")
attempt(compile, "a = 1\nb = 2", "f", "single")
attempt(compile, "1", "f", "exec", 1 << 30)
attempt(compile, "1", "f", "exec", 0, False, 9)
exec(compile("40 + 2", "f", "single"))
exec(compile("assert False; print('asserts off', __debug__)", "f", "exec", optimize=1))
print(
    eval(compile("lambda: 'doc'", "f", "eval"))(), compile("'''d'''", "f", "exec", optimize=2).co_consts,
    compile("x", "name.py", "exec").co_filename,
)


def closure_exec(v):
    w = 1
    exec("v = 99; w = 98; new = 97")
    exec("print(sorted(locals()))")
    snapshot = locals()
    snapshot["v"] = "changed copy"
    return v, w, snapshot["v"], "new" in locals(), eval("v + w"), sorted(snapshot)
print(closure_exec(5))
def proxy():
    a = 1
    frame = sys._getframe()
    frame.f_locals["a"] = 2
    frame.f_locals["extra"] = 3
    return a, frame.f_locals["extra"], type(frame.f_locals).__name__, sorted(frame.f_locals), len(frame.f_locals)
print(proxy())
def needs_cell():
    n = 0
    def inner():
        nonlocal n
        n += 1
        return n
    return inner
code = needs_cell().__code__
attempt(exec, code)
cell = types.CellType(41)
exec(code, {}, closure=(cell,))
print(cell.cell_contents)
attempt(exec, code, {}, closure=())
attempt(exec, "1", {}, closure=(cell,))
print(types.FunctionType(code, {}, closure=(cell,))())

# Builtins come from __builtins__ of the globals.
attempt(eval, "len('x')", {"__builtins__": {}})
print(eval("len('abc') + extra", {"__builtins__": {"len": len, "extra": 5}}))
attempt(exec, "import os", {"__builtins__": {}})
attempt(exec, "class A: pass", {"__builtins__": {}})
attempt(eval, "print", {"__builtins__": types.SimpleNamespace(print=1)})
builtins.injected = "seen everywhere"
print(injected)
del builtins.injected
attempt(lambda: injected)
saved, builtins.len = len, lambda x: "patched"
print(len([1]))
builtins.len = saved
print(len([1]), "len" in dir(builtins), __builtins__ is builtins, builtins.__name__)
len = lambda x: "global shadow"
print(len([]))
del len
print(len([]))

# del, global, nonlocal, class scopes.
g = 1
def use_global():
    global g, created
    g += 1
    created = "by function"
    del g
use_global()
print("g" in globals(), created)
def delete_local():
    a = 1
    del a
    return a
attempt(delete_local)
attempt(exec, "del never_there")
def delete_in_loop():
    out = []
    for i in range(2):
        v = i
        out.append(v)
        del v
    return out
print(delete_in_loop())
x = "module"
class Scope:
    x = "class"
    def read(self): return x
    y = [x for _ in range(1)]
    def deeper():
        class Inner:
            z = x
        return Inner.z
    result = deeper()
    del deeper
    locals()["injected"] = 5
attempt(lambda: Scope().read())
print(Scope.injected, Scope.y, hasattr(Scope, "deeper")) if hasattr(Scope, "injected") else print(Scope.y)
