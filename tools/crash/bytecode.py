"""Code objects with parts changed at random, run with odd arguments. usage: bytecode.py SEED CASES [CASE ...]

Each case has a process of its own: damaged code may loop for ever, which is no failure, or end the process, which is
one. It may not touch files. With case numbers only these are run, here, and shown.
"""

import asyncio.queues
import bisect
import collections
import contextlib
import csv
import dataclasses
import dis
import enum
import fractions
import functools
import heapq
import inspect
import json.decoder
import json.encoder
import marshal
import random
import statistics
import string
import sys
import textwrap
import types
import warnings

from children import run_cases

SECONDS = 2
TOOL = 4  # of sys.monitoring
HAND_WRITTEN = '''
def plain(a, b=2, *c, d=4, **e):
    try:
        with a as f:
            x = [i for i in b if i]
            y = {**e, "k": d, **dict(q=1)}
            return lambda: (x, y, f, a)
    except (ValueError, TypeError) as exc:
        raise KeyError from exc
    finally:
        del b
def star(a, b):
    try:
        a(*b, *b, **{"x": 1})
    except* ValueError as group:
        x = group
    except* (TypeError, OSError):
        raise
def generator(a, b=(1, 2)):
    try:
        got = yield a
        yield from b
        for x, (y, *z) in a:
            yield x, f"{y!r:>{x}} {z}"
    except GeneratorExit:
        return got
async def coroutine(a, b):
    async with a as c:
        await b
    async for x in b:
        print(x)
    return [y async for y in a]
async def async_generator(a, b):
    async for x in a:
        got = yield x
    yield [await y for y in b]
def match(a, b):
    match a:
        case {"k": [1, *rest], **others}:
            return rest, others
        case str(x) | int(x) if x:
            return x
        case C(x=1, y=z):
            return z
        case None:
            pass
    a[b:b] = a[1:2]
    a.x, b.y[0] = b, a
    a.x += 1; a[0] -= b; del a.x, b[0]
def closures(a, b):
    c = 1
    def inner(x=a, *, y: int = b) -> str:
        nonlocal c
        c += x
        class D(a):
            z = c
            def m(self):
                return super().m() + __class__.z
        return D
    return inner, [lambda: i + c for i in b], {j: c for j in a}
class C[T: int]:
    __slots__ = "x", "y"
    type A = T
    def m[U](self, a: U = 3):
        import os.path as q
        from os import sep
        global G
        G = t"{a!s} {q:x}"
        assert a, f"{sep}"
        return not (a < self.x < 5) and a is not None or a in self.y
'''
MODULES = (asyncio.queues, bisect, collections, contextlib, csv, dataclasses, dis, enum, fractions, functools, heapq,
           inspect, json.decoder, json.encoder, statistics, string, textwrap)


class Odd:
    """Answers to nearly everything."""
    x = y = k = 1

    def __call__(self, *args, **kwargs):
        return args[0] if args else self

    def __enter__(self):
        return self

    def __exit__(self, *args):
        return True

    def __iter__(self):
        return iter([(1, (2, 3)), (4, "ab")])

    def __getitem__(self, key):
        return key

    def __setitem__(self, key, value):
        pass

    def __add__(self, other):
        return self

    def __await__(self):
        yield 5
        return 6

    async def __aenter__(self):
        return self

    async def __aexit__(self, *args):
        return False

    async def __aiter__(self):
        yield 1


ARGUMENTS = (0, 1, -3, 2.5, "", "text", b"b", None, True, (), (1, 2), [], [3, 1, 2], {}, {"k": [1, 2]}, {1, 2}, Odd(), Odd,
             int, len, ValueError, ValueError("v"), range(3), 10**30, ExceptionGroup("g", [ValueError(1), OSError(2)]))


def codes_in(code):
    yield code
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from codes_in(constant)


def all_codes():
    codes = list(codes_in(compile(HAND_WRITTEN, "hand", "exec"))) * 8
    for module in MODULES:
        for thing in vars(module).values():
            members = vars(thing).values() if isinstance(thing, type) else [thing]
            codes += [f.__code__ for f in members if isinstance(f, types.FunctionType) and f.__module__ == module.__name__]
    return codes


# ---- damage ----

def damage_bytes(rng, data, step=1):
    data = bytearray(data)
    if not data:
        return bytes(data)
    for _ in range(rng.choice((1, 1, 1, 2, 4))):
        i = rng.randrange(0, len(data), step)
        data[i] = rng.choice((rng.randrange(256), data[i] ^ 1 << rng.randrange(8), (data[i] + rng.choice((1, 255))) % 256))
    return bytes(data)


def damage_instructions(rng, code):
    """Opcodes that exist, in place of others that take as many units."""
    data = bytearray(code.co_code)
    places = [i.offset for i in dis.get_instructions(code)]
    sizes = {op: dis._inline_cache_entries.get(name, 0) for name, op in dis.opmap.items() if op < 256}
    for _ in range(rng.choice((1, 1, 2, 3))):
        i = rng.choice(places)
        same = [op for op, size in sizes.items() if size == sizes.get(data[i], 0)]
        what = rng.randrange(4)
        if what == 0:
            data[i] = rng.choice(same)
        elif what == 1:
            data[i + 1] = rng.choice((0, 1, 2, 3, data[i + 1] ^ 1, (data[i + 1] + 1) % 256))
        elif what == 2:
            data[i:i + 2] = bytes((dis.opmap["NOP"], 0))
        else:
            j = rng.choice(places)
            data[i:i + 2], data[j:j + 2] = data[j:j + 2], data[i:i + 2]
    return code.replace(co_code=bytes(data))


def damage_parts(rng, code):
    consts, names, changed = list(code.co_consts), list(code.co_names), {}
    what = rng.randrange(8)
    if what == 0 and consts:
        consts[rng.randrange(len(consts))] = rng.choice(ARGUMENTS + tuple(consts))
        changed["co_consts"] = tuple(consts)
    elif what == 1 and consts:
        changed["co_consts"] = tuple(consts[:-1])
    elif what == 2 and names:
        changed["co_names"] = tuple(names[:-1])
    elif what == 3:
        changed["co_stacksize"] = max(0, code.co_stacksize - rng.choice((1, 2)))
    elif what == 4:
        changed["co_flags"] = code.co_flags ^ 1 << rng.randrange(12)
    elif what == 5:
        changed["co_exceptiontable"] = damage_bytes(rng, code.co_exceptiontable)
    elif what == 6:
        changed["co_freevars"], changed["co_cellvars"] = code.co_cellvars, code.co_freevars
    else:
        changed["co_argcount"] = code.co_argcount + rng.choice((-1, 1))
    return code.replace(**changed)


def refused(code):
    """Would it be refused when it runs? Instrumenting code looks at it first."""
    try:
        sys.monitoring.set_local_events(TOOL, code, 0)
    except SystemError:
        return True
    return False


def damaged(rng, code):
    """Mostly something that may run: there is little to learn from the rest."""
    for _ in range(rng.choice((1, 30))):
        made = damaged_once(rng, code)
        if isinstance(made, types.CodeType) and not refused(made):
            break
    return made


def damaged_once(rng, code):
    how = rng.randrange(5)
    if how == 0:
        return code.replace(co_code=damage_bytes(rng, code.co_code))
    if how == 1:
        return damage_parts(rng, code)
    if how == 2:
        return marshal.loads(damage_bytes(rng, marshal.dumps(code)))
    return damage_instructions(rng, code)


# ---- running ----

def drive(rng, result):
    """What comes out of a call, if it is something that runs."""
    if isinstance(result, types.FunctionType):
        result()
    for method in ("send", "asend"):
        if hasattr(result, method) and inspect.isgenerator(result) + inspect.iscoroutine(result) + inspect.isasyncgen(result):
            for value in (None, 1, "s"):
                step = getattr(result, method)(value)
                if method == "asend":
                    drive(rng, step)
            if method == "send" and rng.random() < .5:
                result.throw(rng.choice((ValueError, StopIteration, GeneratorExit)))


def watch(rng, code):
    """Sometimes somebody looks on: traces, sets the line and locals, monitors every event."""
    how = rng.randrange(8)
    lines = [line for *_, line in code.co_lines() if line] or [1]

    def trace(frame, event, arg):
        if frame.f_code is code and event == "line":
            if rng.random() < .3:
                frame.f_lineno = rng.choice(lines)
            for name in frame.f_locals:
                if rng.random() < .2:
                    frame.f_locals[name] = rng.choice(ARGUMENTS)
        return trace

    if how == 0:
        sys.settrace(trace)
    elif how == 1:
        mon = sys.monitoring
        for event in vars(mon.events).values():
            if event and event & event - 1 == 0:
                mon.register_callback(TOOL, event, lambda *args: rng.choice((None, None, mon.DISABLE)))
        mon.set_events(TOOL, rng.choice((mon.events.LINE | mon.events.PY_START, mon.events.INSTRUCTION, 0x7FF)))


def execute(rng, code):
    if not isinstance(code, types.CodeType):
        return
    watch(rng, code)
    names = {"C": Odd, "G": 1, "__builtins__": __builtins__}
    if rng.random() < .2:
        exec(code, names, rng.choice((names, {}, Odd())))
    function = types.FunctionType(code, names, closure=tuple(types.CellType(rng.choice(ARGUMENTS)) for _ in code.co_freevars))
    defaults = rng.choice((None, (1, 2, 3)))
    function.__defaults__ = defaults
    for _ in range(3):
        count = rng.choice((code.co_argcount, code.co_argcount, 0, 4))
        arguments = [rng.choice(ARGUMENTS) for _ in range(count)]
        try:
            drive(rng, function(*arguments))
        except SystemError:
            return
        except Exception:
            pass


def no_files(event, args):
    if event.split(".")[0] in ("open", "os", "shutil", "socket", "subprocess", "ctypes", "signal") or event == "import":
        if event != "import" or args[0] not in sys.modules:
            raise PermissionError(event)


def case(codes, seed, number, show=False):
    rng = random.Random(seed << 32 | number)
    code = rng.choice(codes)
    try:
        code = damaged(rng, code)
    except (ValueError, TypeError, EOFError, OverflowError, SystemError, MemoryError, RecursionError):
        return
    if show and isinstance(code, types.CodeType):
        print(code, code.co_exceptiontable, code.co_stacksize, flush=True)
        dis.dis(code, show_caches=False, show_offsets=True)
        sys.stdout.flush()
    try:
        execute(rng, code)
    except BaseException as e:
        if show:
            raise


def quiet_case(codes, seed, number):
    sys.addaudithook(no_files)
    sys.stdout = sys.stderr = Nowhere()
    sys.unraisablehook = lambda *args: None
    case(codes, seed, number)


class Nowhere:
    def write(self, text):
        return len(text)

    def flush(self):
        pass


def main():
    seed, cases, *only = map(int, sys.argv[1:])
    warnings.simplefilter("ignore")
    sys.monitoring.use_tool_id(TOOL, "damage")
    codes = all_codes()
    for number in only:
        case(codes, seed, number, show=True)
    return run_cases(0 if only else cases, SECONDS, lambda number: quiet_case(codes, seed, number))


if __name__ == "__main__":
    sys.exit(main())
