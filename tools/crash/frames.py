"""Running code under attack. usage: frames.py SEED CASES [CASE ...]

Functions, generators, coroutines, asynchronous generators and classes call poke(), which changes what is running: frames and
their locals, generators that are on the way, code and cells of functions, dicts of modules and of classes, tracers, monitors,
tasks and contexts; from within, from other threads, from signals. Each case has a process of its own, with SECONDS to run; a
case that does not end is no failure. With case numbers only these are run, here, and their pokes are shown.
"""
import asyncio
import builtins
import contextlib
import contextvars
import functools
import gc
import itertools
import logging
import random
import signal
import sys
import threading
import types
import warnings
import weakref

from children import run_cases

SECONDS = 4
TOOL = 3  # of sys.monitoring
rng = random.Random()
pick, below = rng.choice, rng.randrange
alive, kept, tasks = [], [], []  # generators and such; anything; of asyncio
show = False
fuel = depth = 0
variable = contextvars.ContextVar("variable", default=0)


class Error(Exception):
    pass


# ---- what runs ----

class Base:
    count = 0

    def __init__(self, value=0):
        self.value, self.other = value, poke()

    @property
    def twice(self):
        poke()
        return self.value

    def method(self, *args, key=1, **more):
        poke()
        return self.value, args, key, more

    @classmethod
    def make(cls, *args):
        poke()
        return cls(*args)

    def __add__(self, other):
        poke()
        return self

    def __eq__(self, other):
        poke()
        return below(2) == 0

    def __hash__(self):
        poke()
        return below(3)

    def __lt__(self, other):
        poke()
        return below(2) == 0

    def __iter__(self):
        poke()
        return iter([poke(), self.value, 3])

    def __getitem__(self, i):
        poke()
        if i > 3:
            raise IndexError
        return i

    def __len__(self):
        poke()
        return 3

    def __bool__(self):
        poke()
        return True

    def __call__(self, *args):
        poke()
        return args

    def __enter__(self):
        poke()
        return self

    def __exit__(self, *exc):
        poke()
        return below(3) == 0

    async def __aenter__(self):
        await pause()
        poke()
        return self

    async def __aexit__(self, *exc):
        await pause()
        poke()
        return below(3) == 0

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        poke()
        return name

    def __del__(self):
        if below(3) == 0:
            poke()


class Derived(Base):
    def __init__(self, *args):
        super().__init__(*args)
        poke()

    def method(self, *args, **more):
        poke()
        return super().method(*args, **more)


class Slots(Base):
    __slots__ = ("a", "b")


def plain(a=1, *rest, b=2, **more):
    x, y = poke(), [a, *rest]
    try:
        for i in range(3):
            x = poke()
            y.append(i)
            y = y + [x, a, b]
        with Base(x) as z:
            del x
            poke()
            return z, y, more
    except (Error, TypeError) as e:
        kept.append(e)
        poke()
        raise
    finally:
        poke()
        more = {**more, "k": poke()}


def closure(a):
    b = poke()

    def inner(c=a):
        nonlocal b
        b = poke(), a
        return b, c

    class Local(Derived):
        z = a
        def method(self):
            return super().method(a, b)

    return inner() if below(2) else [inner(i) for i in range(3)], Local(a).method(), [lambda: (a, i) for i in range(2)]


def generator(n=3):
    got = None
    try:
        for i in range(n):
            try:
                got = yield i, got, poke()
            except Error:
                yield poke()
        yield from (poke() for _ in range(2))
        if n > 1:
            yield from generator(n - 2)
    except GeneratorExit:
        poke()
        if below(9) == 0:
            yield 5
        raise
    finally:
        poke()
    return got


async def coroutine(n=2):
    poke()
    async with Base(n) as a:
        await pause()
        async for i in agenerator(n):
            poke()
            variable.set(i)
        try:
            return await coroutine(n - 1) if n > 0 else [x async for x in agenerator(2)]
        finally:
            poke()


async def agenerator(n=3):
    try:
        for i in range(n):
            await pause()
            yield i, poke()
            await asyncio.sleep(0)
    except Error:
        yield poke()
    finally:
        poke()
        await pause()


@types.coroutine
def pause():
    poke()
    yield
    return poke()


def matching(x):
    match x:
        case Base(value=v) if poke():
            return v
        case [a, *b, c]:
            return poke(), a, b, c
        case {"k": v, **rest}:
            return poke(), v, rest
        case _:
            return poke()


def groups():
    try:
        raise ExceptionGroup("g", [Error(poke()), ValueError(1), ExceptionGroup("h", [TypeError(2)])])
    except* Error as e:
        kept.append(e)
        poke()
    except* (ValueError, TypeError):
        poke()


def attributes():
    o = pick((Base, Derived, Slots))(1)
    for i in range(6):
        o.value = poke()
        o.twice, o.count, o.method(i), o.missing, o + o, o == o, o < 1, len(o), o[i], [*o], o in [o], {o: 1}, sorted([o, o, o]), o(1)
        o.fresh = i
        del o.fresh


def builtin_calls():
    o = Base(2)
    list(map(lambda x: poke(), range(3))), sorted(range(9), key=lambda x: (poke(), x)[1]), max([o, o, o]), sum([o, o], o), list(zip(o, o)), dict.fromkeys(o), set(o), any(o for _ in o)
    functools.reduce(lambda a, b: poke(), range(3)), list(itertools.groupby([o, o], key=lambda x: poke())), list(itertools.chain.from_iterable([o, o])), "".join(str(poke())[:1] for _ in o), f"{poke()}", isinstance(o, (int, Base))


FUNCTIONS = [plain, closure, matching, groups, attributes, builtin_calls, lambda: [*generator()], lambda: drive(generator()), lambda: drive(coroutine()), lambda: drive(agenerator()), lambda: asyncio.run(main_task()), lambda: Derived(1).method(2, k=3), lambda: run_in_context()]


async def main_task():
    some = [asyncio.create_task(coroutine(1)) for _ in range(3)]
    tasks.extend(some)
    async with asyncio.timeout(1):
        async with asyncio.TaskGroup() as group:
            tasks.append(group.create_task(coroutine(1)))
    await asyncio.gather(*some, return_exceptions=True)


def run_in_context():
    context = contextvars.copy_context()
    kept.append(context)
    context.run(plain, variable.set(poke()))


def drive(it):
    """Sends, throws, closes; what comes is all one."""
    alive.append(it)
    for _ in range(12):
        with contextlib.suppress(Error, RuntimeError, ValueError, TypeError, StopIteration, StopAsyncIteration):
            step(it)


def step(it):
    if isinstance(it, types.AsyncGeneratorType):
        it = pick((it.__anext__, lambda: it.asend(poke()), lambda: it.athrow(Error()), it.aclose))()
        alive.append(it)
    if not hasattr(it, "throw"):
        return next(it)
    return pick((lambda: it.send(None), lambda: it.send(None), lambda: it.send(None), lambda: it.throw(Error()), it.close))()


# ---- what is done to it ----

def some_frame():
    frame = sys._getframe(below(4) + 2)
    if below(4) == 0:
        frame = pick(list(sys._current_frames().values()))
    for name in ("gi_frame", "cr_frame", "ag_frame"):
        if below(3) == 0 and alive and getattr(pick(alive), name, None):
            return getattr(pick(alive), name, frame) or frame
    return frame


def some_value():
    return pick((None, 1, "s", [], Base.count, kept, sys._getframe(), generator, generator(), Base, Error("x"), 10**30, 1.5))


def locals_of_frame():
    f = some_frame().f_locals
    name = pick([*f, "x", "y", "i", "a", "b", "new"])
    how = below(5)
    if how < 3:
        f[name] = some_value()
    elif how == 3:
        f.pop(name, None) if isinstance(f, dict) else list(f.items())
    else:
        kept.append(f)
        repr(f)[:10], len(f), list(reversed(f)), f.copy(), f | {}, f == f


def clear_frame():
    f = some_frame()
    kept.append(f)
    f.clear()


def jump():
    f = some_frame()
    lines = [line for *_, line in f.f_code.co_lines() if line]
    f.f_lineno = pick(lines)


def trace_frame():
    f = some_frame()
    f.f_trace = pick((tracer, None, lambda *a: None))
    f.f_trace_opcodes, f.f_trace_lines = below(2) == 0, below(4) > 0


def tracer(frame, event, arg):
    if below(8) == 0:
        poke()
    if below(6) == 0 and event == "line" and frame.f_code.co_filename == __file__:
        frame.f_lineno = pick([line for *_, line in frame.f_code.co_lines() if line])
    if below(60) == 0:
        raise Error("trace")
    return pick((tracer, tracer, tracer, None))


def use_generator():
    it = pick(alive or [generator()])
    pick((step, step, step, drive, lambda it: alive.remove(it), lambda it: kept.append(it), lambda it: setattr(it, "__name__", "n"), repr, lambda it: weakref.ref(it, lambda r: poke())))(it)


def new_generator():
    alive.append(pick((generator, coroutine, agenerator, lambda: iter(Base(1)), lambda: (poke() for _ in Base(1))))())
    if len(alive) > 12:
        del alive[below(12)]


PLAIN_FUNCTIONS = [plain, matching, groups, attributes, builtin_calls, Base.method, Base.__iter__, Base.__add__, Base.__eq__]
CODES = [f.__code__ for f in PLAIN_FUNCTIONS] + [generator.__code__, coroutine.__code__]


def change_function():
    f = pick(PLAIN_FUNCTIONS)
    how = below(5)
    if how == 0:
        f.__code__ = pick(CODES)
    elif how == 1:
        f.__defaults__ = pick((None, (), (1,), (1, 2, 3, 4)))
    elif how == 2:
        f.__kwdefaults__ = pick((None, {}, {"b": 1}, {"key": 2, "q": 3}))
    elif how == 3:
        f.__dict__.update(a=1)
    else:
        f.__type_params__ = ()


def change_cells():
    f = some_frame().f_locals.get("inner")
    for cell in getattr(f, "__closure__", None) or ():
        if below(2):
            cell.cell_contents = some_value()
        else:
            del cell.cell_contents


def change_globals():
    name = pick(("Base", "generator", "plain", "range", "len", "super", "list", "print", "sorted", "poke"))
    space = pick((globals(), vars(builtins)))
    old = space.get(name)
    space[name] = old if below(2) or old is None else some_value()
    kept.append((space, name))
    for i in range(pick((0, 0, 60))):
        space[f"filler{i}"] = i
    if old is None:
        del space[name]
    else:
        space[name] = old


def change_class():
    cls = pick((Base, Derived, Slots))
    name = pick(("count", "twice", "method", "__add__", "__eq__", "__lt__", "__len__", "__iter__", "__getattr__", "__getitem__", "__hash__", "fresh", "value", "__bool__", "__call__", "__getattribute__", "__setattr__", "__del__"))
    old = cls.__dict__.get(name)
    how = below(4)
    if how == 0 and old is not None:
        delattr(cls, name)
    else:
        new = {"count": below(5), "value": property(lambda s: 1, lambda s, v: None), "__hash__": lambda s: 1, "__len__": lambda s: 2, "__getattribute__": object.__getattribute__, "__setattr__": object.__setattr__, "__del__": lambda s: kept.append(s), "__iter__": lambda s: iter(())}.get(name, lambda s, *a, **k: poke())
        setattr(cls, name, new)
    if how != 1:  # as it was
        if old is not None:
            setattr(cls, name, old)
        elif name in cls.__dict__:
            delattr(cls, name)
    if below(6) == 0:
        Derived.__bases__ = pick(((Base,), (Base, Error.__mro__[-1]), (Slots,)))


def change_instance():
    for holder in gc.get_referrers(Base)[:3]:
        kept.append(holder)
    o = some_frame().f_locals.get("self") or some_frame().f_locals.get("o")
    if isinstance(o, Base):
        how = below(6)
        if how == 0:
            o.__class__ = pick((Base, Derived))
        elif how == 1:
            o.__dict__ = {"value": 1, **{f"v{i}": i for i in range(below(40))}}
        elif how == 2:
            o.__dict__.clear()
        elif how == 3:
            kept.append(o.__dict__)
        elif how == 4:
            kept.append(weakref.ref(o, lambda r: poke()))
        else:
            del o.__dict__


def monitor():
    mon = sys.monitoring
    events = [e for e in vars(mon.events).values() if e and e & (e - 1) == 0]
    how = below(6)
    if how == 0:
        mon.free_tool_id(TOOL)
    if mon.get_tool(TOOL) is None:
        mon.use_tool_id(TOOL, "frames")
    if how == 1:
        mon.restart_events()
    elif how == 2:
        mon.set_local_events(TOOL, pick(CODES), pick(events) | pick(events))
    elif how == 3:
        mon.set_events(TOOL, pick((0, 0, pick(events), pick(events) | pick(events))))
    else:
        mon.register_callback(TOOL, pick(events), pick((None, callback, lambda *a: mon.DISABLE)))


def callback(code, *args):
    if below(5) == 0:
        poke()
    if below(50) == 0:
        raise Error("monitor")
    return pick((None, None, sys.monitoring.DISABLE))


def trace_all():
    pick((sys.settrace, sys.setprofile, threading.settrace_all_threads, threading.setprofile_all_threads))(pick((None, None, tracer)))


def collect():
    pick((gc.collect, lambda: gc.collect(0), lambda: gc.set_threshold(pick((1, 5, 700))), gc.disable, gc.enable, lambda: kept.clear(), lambda: kept.extend(gc.get_objects()[:5])))()


def fail():
    raise pick((Error, Error, TypeError, StopIteration, GeneratorExit, asyncio.CancelledError, MemoryError, RecursionError))("poke")


def exceptions():
    found = [e for e in kept if isinstance(e, BaseException)] + [sys.exception() or Error()]
    e, other = pick(found), pick(found)
    tb = e.__traceback__
    how = below(6)
    if how == 0:
        e.__context__ = other
    elif how == 1:
        e.__traceback__ = pick((None, other.__traceback__, tb))
    elif how == 2 and tb:
        tb.tb_next = other.__traceback__
    elif how == 3 and tb:
        kept.append(types.TracebackType(tb, some_frame(), below(100), below(100)))
    elif how == 4:
        e.args = (kept,)
        e.add_note("n")
    elif tb:
        tb.tb_frame.clear()


def use_task():
    for t in tasks[-4:]:
        pick((t.cancel, t.uncancel, t.get_stack, lambda: t.get_coro().throw(Error()), lambda: t.get_coro().close(), lambda: t.add_done_callback(lambda f: poke()), lambda: t.__init__(coroutine(1)), t.result, lambda: repr(t), lambda: t.set_name(kept), asyncio.all_tasks))()


def use_context():
    c = pick([c for c in kept if isinstance(c, contextvars.Context)] or [contextvars.copy_context()])
    pick((lambda: c.run(poke), lambda: c.copy(), lambda: list(c.items()), lambda: variable.set(some_value()), lambda: variable.reset(variable.set(1)), lambda: kept.append(c), lambda: c == contextvars.copy_context()))()


def other_thread():
    t = threading.Thread(target=quietly, args=(pick(POKES + [pick(FUNCTIONS)]),), daemon=True)
    t.start()
    if below(2):
        t.join(0.2)


def run_more():
    quietly(pick(FUNCTIONS))


POKES = [locals_of_frame, locals_of_frame, clear_frame, jump, trace_frame, use_generator, use_generator, new_generator, change_function, change_cells, change_globals, change_class, change_class, change_instance, monitor, monitor, trace_all, collect, fail, fail, exceptions, use_task, use_context, other_thread, run_more]
favourites = POKES


def poke():
    global fuel, depth
    if fuel <= 0 or depth > 4:
        return Base if below(9) == 0 else 1
    fuel -= 1
    if below(3):
        return below(5)
    depth += 1
    try:
        action = pick(favourites)
        if show:
            print(action.__name__, flush=True)
        if action is fail:
            fail()
        quietly(action)
    finally:
        depth -= 1
    return some_value()


def quietly(action):
    with contextlib.suppress(Exception, asyncio.CancelledError, GeneratorExit):
        action()


def case(seed, number):
    global fuel, depth, favourites
    rng.seed(f"{seed} {number}")
    favourites = POKES if below(4) == 0 else rng.sample(POKES, pick((2, 3, 6)))
    sys.unraisablehook = threading.excepthook = lambda info: None
    if below(4) == 0:
        signal.signal(signal.SIGVTALRM, lambda *a: poke())
        signal.setitimer(signal.ITIMER_VIRTUAL, 0.002, 0.002)
    if below(3) == 0:
        sys.setswitchinterval(1e-5)
    for _ in range(8):
        fuel, depth = 300, 0
        try:
            pick(FUNCTIONS)()
        except BaseException:
            pass
    sys.settrace(None)
    sys.setprofile(None)
    fuel = 0
    alive.clear(), kept.clear(), tasks.clear()
    gc.collect()


def main():
    global show
    seed, cases, *only = map(int, sys.argv[1:])
    warnings.simplefilter("ignore")
    logging.disable()
    for number in only:
        show = True
        case(seed, number)
    return run_cases(0 if only else cases, SECONDS, lambda number: case(seed, number))


if __name__ == "__main__":
    sys.exit(main())
