# _lsprof and _tracemalloc, as far as they are the same on every machine.
import _tracemalloc
import cProfile
import sys
import tracemalloc


def fib(n):
    return 1 if n < 2 else fib(n - 1) + fib(n - 2)


def name(code):
    return code if isinstance(code, str) else code.co_name


p = cProfile.Profile()
p.enable()
fib(10)
len([])
[].append(1)
sorted([2, 1], key=lambda v: -v)
p.disable()
for e in sorted(p.getstats(), key=lambda e: name(e.code)):
    calls = sorted((name(c.code), c.callcount, c.reccallcount) for c in e.calls or ())
    print(name(e.code), e.callcount, e.reccallcount, calls)
ticks = iter(range(1000))
p = cProfile.Profile(lambda: next(ticks), 0.5)
p.enable()
fib(2)
p.disable()
for e in sorted(p.getstats(), key=lambda e: name(e.code)):
    print(name(e.code), e.callcount, e.totaltime, e.inlinetime)
a, b = cProfile.Profile(), cProfile.Profile()
a.enable()
try:
    b.enable()
except ValueError as e:
    a.disable()
    print(e)

for n in (0, -1, 70000):
    try:
        _tracemalloc.start(n)
    except ValueError as e:
        print(e)
tracemalloc.start(3)


def make():
    return bytearray(1000)


block = make()
print([(f.lineno, f.filename == __file__) for f in tracemalloc.get_object_traceback(block)])
print([t[1] for t in _tracemalloc._get_traces() if t[1] == 1001])
before = tracemalloc.get_traced_memory()[0]
text = "abc" * int("100")
print(tracemalloc.get_traced_memory()[0] - before >= sys.getsizeof(text))
del text, block
print(tracemalloc.get_traced_memory()[0] < before + 500, tracemalloc.get_traceback_limit())
tracemalloc.clear_traces()
print(tracemalloc.is_tracing())
tracemalloc.stop()
print(tracemalloc.is_tracing(), tracemalloc.get_traced_memory(), tracemalloc.get_object_traceback([]))
