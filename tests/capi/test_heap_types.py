import gc, traceback
import heap_types as m

def show(f, *args, **kw):
    try:
        print(repr(f(*args, **kw)))
    except Exception as e:
        print(type(e).__name__, e)

v = m.Vector([1, 2.5, -3])
print(v, len(v), v[0], v[-1], v[0:3:2], v.exports(), m.Vector.__module__, m.Vector.__doc__, m.Vector.__name__)
with memoryview(v) as mv:
    print(mv.format, mv.shape, mv.tolist(), v.exports(), bytes(mv)[:4]); mv[1] = 7.0
print(v, v.exports()); show(lambda: v[9]); show(lambda: v["x"]); show(m.Vector, [1, "x"]); show(m.Vector, 1)
show(v.module_error, 5); show(v.module_error, (1, 2)); print(m.Error.__mro__[1], m.Error.__doc__, m.Error.__module__)
class Sub(m.Vector):
    __slots__ = ("a",)
    def __getitem__(self, i): return ("sub", super().__getitem__(i))
s = Sub([4]); s.a = 1; print(s, s[0], s.a, len(s)); show(s.module_error)
class Other(m.Vector): pass
o = Other([1, 2]); o.x = o; print(o, o.x is o, o.__dict__.keys())
c = m.Caller(lambda *a, **k: (a, k))
print(c(), c(1, 2.5), c(1, k=2), c(*[1], **{"z": 3})); c.target = max; print(c(3, 9, 2)); show(c)
class SubCaller(m.Caller):
    def __call__(self, *args): return ("over", super().__call__(*args))
print(SubCaller(min)(3, 1)); cycle = m.Caller(print); cycle.target = cycle; del cycle; print(gc.collect() > 0)
print(m.threads(lambda: 1 + 1), ascii(m.writer(["x"])), m.big(-5), m.big(2**100)); show(m.big, "x")
try:
    m.deeper()
except RuntimeError as e:
    print(e, [(f.filename, f.name, f.lineno) for f in traceback.extract_tb(e.__traceback__)][-1])
import _thread, os, threading, time, warnings
warnings.simplefilter("ignore", DeprecationWarning)
for count in (1, 2, 5):
    started = [threading.Thread(target=m.keep_for_thread) for _ in range(count)]
    for thread in started: thread.start()
    for thread in started: thread.join()
    print(m.kept_for_threads(), end=" ")
    for thread in started: thread.join()
handle = _thread.start_joinable_thread(m.keep_for_thread)
waiting = [threading.Thread(target=handle.join) for _ in range(3)]
for thread in waiting: thread.start()
for thread in waiting: thread.join()
print(handle.is_done(), m.kept_for_threads())
handle = _thread.start_joinable_thread(lambda: time.sleep(0.05)); handle._set_done(); handle.join(); print(handle.is_done())
for _ in range(50): _thread.start_new_thread(m.keep_for_thread, ())  # nobody joins these
for _ in range(50): del handle; handle = _thread.start_joinable_thread(int)
thread = threading.Thread(target=time.sleep, args=(0.05,)); thread.start()
if not (child := os.fork()):
    thread.join(); print("joined in the child", flush=True); os._exit(0)
os.waitpid(child, 0); thread.join()
import sys
del sys.modules["heap_types"]; import heap_types as again; print(again is m, again.Vector is m.Vector, again.Vector([1]))
