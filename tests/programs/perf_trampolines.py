# sys.activate_stack_trampoline and -X perf: programs do the same, and the map names the functions that ran.
import asyncio
import os
import subprocess
import sys
import threading


def plain():
    pass


def generator():
    for i in range(3):
        plain()
        yield i


def delegating():
    result = yield from generator()
    return result


class Methods:
    def __init__(self, x):
        self.x = x

    def __add__(self, other):
        return self.x + other

    def __eq__(self, other):
        return True

    def __bool__(self):
        return False

    def __iter__(self):
        return generator()

    def __getattr__(self, name):
        return name

    def __getitem__(self, i):
        return i

    def __contains__(self, x):
        raise ValueError(x)

    @property
    def failing(self):
        raise KeyError(1)


class Meta(type):
    def __call__(cls, *args):
        return super().__call__(*args)


def recurse(n):
    return 0 if n == 0 else recurse(n - 1)


async def leaf(n):
    await asyncio.sleep(0)
    return n


async def steps():
    for i in range(2):
        yield await leaf(i)


async def main():
    results = [x async for x in steps()]
    results.append(await asyncio.gather(leaf(1), leaf(2)))
    try:
        async with asyncio.timeout(0.01):
            await asyncio.sleep(1)
    except TimeoutError:
        results.append("timeout")
    return results


def fails(call, *args):
    try:
        return call(*args)
    except Exception as e:
        return f"{type(e).__name__} {e}", e.__traceback__.tb_lineno


def work():
    m = Methods(5)
    results = [m.x, m + 1, m == 2, bool(m), list(m), m[3], m.other, [*generator()], list(delegating())]
    results += [{k: v for k, v in zip("ab", generator())}, sorted([3, 1, 2], key=lambda x: -x), recurse(100)]
    results += [fails(lambda: 1 in m), fails(lambda: m.failing), fails(recurse, 100000)[0]]
    g = generator()
    next(g)
    results.append(fails(g.throw, RuntimeError("thrown"))[0])
    g = generator()
    next(g)
    results.append(g.close())
    results.append(asyncio.run(main()))
    for x in Methods(1):
        results.append(x)
    C = Meta("C", (), {"__init__": lambda self: setattr(self, "made", 1)})
    results.append(C().made)
    events = []

    def trace(frame, event, arg):
        events.append((event, frame.f_code.co_name, frame.f_lineno))
        return trace

    sys.settrace(trace)
    plain()
    list(generator())
    sys.settrace(None)
    results.append(events)
    thread = threading.Thread(target=lambda: results.append(recurse(10)))
    thread.start()
    thread.join()
    return results


def named():
    path = f"/tmp/perf-{os.getpid()}.map"
    with open(path) as f:
        lines = [line.split(" ", 2) for line in f.read().splitlines()]
    os.remove(path)
    assert all(int(address, 16) and int(size, 16) for address, size, name in lines)
    return sorted({name.split(":")[2] for address, size, name in lines if name.endswith(":" + __file__)})


expected = work()


def try_backend(backend):
    sys.activate_stack_trampoline(backend)
    print(sys.is_stack_trampoline_active(), [work() == expected for _ in range(3)])
    sys.activate_stack_trampoline(backend)
    sys.deactivate_stack_trampoline()
    print(sys.is_stack_trampoline_active(), work() == expected)


def read_dump():
    path = f"/tmp/jit-{os.getpid()}.dump"
    with open(path, "rb") as f:
        data = f.read()
    os.remove(path)
    print(data[:4], b"py::recurse:" + __file__.encode() + b"\0" in data)


def some(*names):
    return [name for name in named() if name in names]


def in_child(call):
    sys.stdout.flush()
    pid = os.fork()
    if pid == 0:
        call()
        sys.stdout.flush()
        os._exit(0)
    os.waitpid(pid, 0)


def map_backend():
    try_backend("perf")
    print(some("plain", "generator", "leaf", "Methods.__add__", "recurse", "Meta.__call__"))
    # A child names its functions itself.
    sys.activate_stack_trampoline("perf")
    recurse(1)
    in_child(lambda: (plain(), print("child", some("plain", "recurse"))))
    print("parent", some("plain", "recurse"))


# Each backend in a process of its own, which leaves at once: the oracle crashes otherwise.
print(sys.is_stack_trampoline_active())
in_child(map_backend)
in_child(lambda: (try_backend("perf_jit"), read_dump()))

for args in ((None,), (5,), ("other",), ()):
    print(fails(sys.activate_stack_trampoline, *args)[0])
for options, variables in ((["-Xperf"], {}), (["-Xperf_jit"], {}), (["-Xperf=0"], {}), ([], {"PYTHONPERFSUPPORT": "1"}),
                           ([], {"PYTHONPERFSUPPORT": "0"}), ([], {"PYTHONPERFSUPPORT": "x"}),
                           ([], {"PYTHON_PERF_JIT_SUPPORT": "1"}), (["-E"], {"PYTHONPERFSUPPORT": "1"})):
    code = """if 1:
        import os, sys
        print(sys.is_stack_trampoline_active(), [os.path.exists(p) and os.remove(p) is None for p in
              (f"/tmp/perf-{os.getpid()}.map", f"/tmp/jit-{os.getpid()}.dump")])
    """
    r = subprocess.run([sys.executable, *options, "-c", code], env={**os.environ, **variables}, capture_output=True, text=True)
    print(options, variables, r.stdout, r.stderr)
