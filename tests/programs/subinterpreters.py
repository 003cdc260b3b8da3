# Sub-interpreters: isolation, errors, life and end.
import _interpreters as low
import sys
import threading
from concurrent import interpreters

if __name__ != '__main__':
    raise RuntimeError('loaded again, for a function of __main__')

def show(f, *args, **kwargs):
    try:
        print(f(*args, **kwargs))
    except BaseException as e:
        print(type(e).__module__, type(e).__name__, e, '|', repr(e.__cause__)[:90])

def out():
    sys.stdout.flush()

print('--- making')
print(interpreters.list_all(), interpreters.get_main(), interpreters.get_current())
interp = interpreters.create()
print(interp, interp.id, interp.whence, interpreters.get_main().whence, interp.is_running())
print(interpreters.get_main().is_running(), interpreters.list_all())
out()
interp.exec("print('hi', __name__, __file__ if '__file__' in globals() else None)\nimport sys; sys.stdout.flush()")
interp.exec("from concurrent import interpreters as i; print(i.get_current(), i.get_main(), i.get_current().is_running(), flush=True)")

print('--- isolation')
out()
sys.modules['marker'] = sys
import builtins
builtins.marker = 1
interp.exec("""
import sys, builtins
print('marker' in sys.modules, hasattr(builtins, 'marker'))
sys.modules['other'] = sys
builtins.other = 2
import decimal, warnings, sys
decimal.getcontext().prec = 5
print(decimal.Decimal(1) / 3)
sys.setrecursionlimit(500)
class C(int): pass
import gc; gc.disable()
sys.flags
sys.stdout.flush()
""")
import decimal, gc
print('other' in sys.modules, hasattr(builtins, 'other'), decimal.Decimal(1) / 3, sys.getrecursionlimit())
print([c.__name__ for c in int.__subclasses__() if c.__name__ == 'C'], gc.isenabled())
out()
interp.exec("print([c.__name__ for c in int.__subclasses__() if c.__name__ == 'C'], gc.isenabled(), sys.getrecursionlimit(), flush=True)")
del builtins.marker, sys.modules['marker']

print('--- errors')
for script in ("1/0", "raise SystemExit(3)", "import sys; sys.exit('bye')", "raise KeyboardInterrupt",
               "class E(Exception): pass\nraise E('own')", "def f(n): f(n+1)\nf(0)",
               "try:\n  1/0\nexcept Exception as e:\n  raise ValueError('x') from e", "import nothing_there",
               "raise ExceptionGroup('g', [ValueError(1)])", "assert False"):
    try:
        interp.exec(script)
    except interpreters.ExecutionFailed as e:
        print(e.args, e.excinfo.type.__name__, e.excinfo.type.__module__, repr(e.excinfo.msg))
        if 'f(n' not in script:
            print(str(e).count('Traceback'))
show(interp.exec, "x = ")
show(interp.exec, 5)
show(interp.exec, b"y = 1")
show(interp.exec, "\0")
show(interp.exec, lambda: 1)
show(interp.exec, lambda x: None)
def with_global(): show
show(interp.exec, with_global)
def outer():
    n = 1
    def inner(): n
    return inner
show(interp.exec, outer())
show(interp.exec, "")
show(interp.exec, "# nothing")

print('--- calls')
def double(x): return x * 2
def fails(x): raise KeyError(x)
def lock():
    import threading
    return threading.Lock()
show(interp.call, double, 21)
show(interp.call, double, [1, 'a'])
show(interp.call, double, x='k')
show(interp.call, len, (1, 2, 3))
show(interp.call, double)
show(interp.call, 5)
show(interp.call, with_global)
show(interp.call, lambda: interp)
try:
    interp.call(fails, 'k')
except interpreters.ExecutionFailed as e:
    print(e.args, e.excinfo.formatted)
try:
    interp.call(lock)
except interpreters.NotShareableError as e:
    print(e, type(e.__cause__))
show(interp.call, eval, '1 + 1')
show(interp.call, exec, 'from_exec = 5')
show(interp.call, eval, 'from_exec')
thread = interp.call_in_thread(double, 3)
thread.join()
print(thread)if 0 else None

print('--- prepare_main')
interp.prepare_main(a=1, b='text', c=None, d=(1.5, b'bytes', True, (2,)), e=-2**62)
out()
interp.exec("print(a, b, c, d, e, flush=True)")
interp.prepare_main({'f': 'ü\U0001f600'}, g=2)
out()
interp.exec("print(ascii(f), g, flush=True)")
show(interp.prepare_main, x=[1])
show(interp.prepare_main, x=2**64)
show(interp.prepare_main, x=(1, [2]))
show(interp.prepare_main)
show(interp.prepare_main, {1: 2})
show(low.set___main___attrs, interp.id, 5)
data = bytearray(b'shared')
interp.prepare_main(view=memoryview(data))
interp.exec("view[0] = ord('S')")
print(data)
interp.exec("del view")
for v in (None, 1, 1.0, 1j, 'a', b'a', True, (), (1, (2,)), 2**70, [], {}, object(), range(3), ..., memoryview(b'')):
    print(type(v).__name__, low.is_shareable(v), end='; ')
print()

print('--- life')
show(low.destroy, low.get_current()[0])
show(low.destroy, 1234)
show(low.destroy, -1)
show(low.destroy, 'x')
show(low.destroy, 2**70)
show(low.exec, 0, 'x = 1')
show(low.whence, 99)
show(low.is_running, 99)
show(low.get_config, 0)
show(low.get_config, interp.id)
show(low.new_config)
show(low.new_config, 'legacy')
show(low.new_config, 'empty', gil='own', allow_fork=True)
show(low.new_config, 'other')
show(low.new_config, gil='what')
show(low.new_config, allow_fork=1)
show(low.new_config, more=1)
show(low.create, low.new_config('empty', gil='shared'))
show(low.create, 5)
show(low.create, 'what')
ready, go = threading.Event(), threading.Event()
import os
r, w = os.pipe()
r2, w2 = os.pipe()
t = threading.Thread(target=interp.exec, args=(f"import os; os.write({w}, b'x'); os.read({r2}, 1)",))
t.start()
os.read(r, 1)
print(interp.is_running())
show(interp.close)
show(interp.exec, 'x = 1')
show(interp.prepare_main, x=1)
os.write(w2, b'x')
t.join()
for fd in (r, w, r2, w2):
    os.close(fd)
print(interp.is_running())
out()
interp.exec("import atexit, sys; atexit.register(lambda: print('at exit', flush=True))")
interp.exec("""
class D:
    def __del__(self): print('deleted', flush=True)
d = D()
def g():
    try: yield 1
    finally: print('generator closed', flush=True)
gen = g(); next(gen)
""")
interp.close()
show(interp.close)
show(interp.exec, "x = 1")
show(interp.call, double, 1)
print(interpreters.list_all())
show(interpreters.Interpreter, interp.id + 1000)
show(interpreters.Interpreter, 'x')

print('--- what isolated interpreters may not')
interp = interpreters.create()
for script in ("import os; os.fork()", "import os; os.execv('/bin/true', ['x'])", "import os; os.forkpty()",
               "import signal; signal.signal(2, signal.SIG_IGN)",
               "import subprocess; subprocess.run(['true'], preexec_fn=print)",
               "import threading; threading.Thread(target=print, daemon=True).start()",
               "import syslog; syslog.openlog('x')"):
    try:
        interp.exec(script)
    except interpreters.ExecutionFailed as e:
        print(e.args[0])
out()
interp.exec("import threading; t = threading.Thread(target=print, args=('thread in it',), kwargs={'flush': True}); t.start(); t.join()")
interp.exec("import threading; print(threading.current_thread() is threading.main_thread(), threading.active_count(), flush=True)")
interp.close()

print('--- nested, many, dropped')
interp = interpreters.create()
interp.exec("""
from concurrent import interpreters
inner = interpreters.create()
inner.exec("print('inner', flush=True)")
print(inner.call(len, 'abc'), flush=True)
inner.close()
""")
interp.close()
for i in range(20):
    one = interpreters.create()
    one.exec("import json")
    del one
print(len(interpreters.list_all()))
