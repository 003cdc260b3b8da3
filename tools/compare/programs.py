#!/usr/bin/env python3
"""Random programs, run by Krait and by the oracle: output, errors and exit status have to be the same.

usage: programs.py [--krait EXE] [--oracle EXE] [--seed N] [--count N] [--jobs N] [--timeout S] [--keep FOLDER] [--show]

Each program has classes with special methods, functions, generators and coroutines with every kind of statement, and calls
all of them many times with values whose types change on the way, so that instructions specialize and go back. What an
operation gives is written down, exceptions with the lines of their traceback. Objects write down when they go, and weak
references when they are called. --show prints program N and ends. A program that differs is kept in FOLDER.
"""

import argparse
import concurrent.futures
import os
import pathlib
import random
import re
import subprocess
import sys
import tempfile
import warnings

ROOT = pathlib.Path(__file__).resolve().parents[2]

PRELUDE = '''\
import gc, sys, weakref, functools, itertools, collections, operator, re
sys.set_int_max_str_digits(0)
gc.disable()  # when it runs by itself is not compared
fuel = 0
LINES = 0

class OutOfFuel(BaseException): pass

def tick():
    global fuel
    fuel -= 1
    if fuel < 0: raise OutOfFuel

def show(x, depth=0):
    if depth > 3: return "..."
    kind = type(x)
    if kind in (int, bool, str, bytes, complex, type(None), range, slice, type(NotImplemented), type(...)):
        text = re.sub("0x[0-9a-f]{6,}", "0x...", repr(x)) if kind is not int or -10**30 < x < 10**30 else f"int of {x.bit_length()} bits"
        return text if len(text) < 80 else text[:70] + f"...{len(text)}"
    if kind is float: return repr(x)
    if kind in (list, tuple): return kind.__name__ + "[" + ", ".join(show(i, depth + 1) for i in x[:8]) + "]" + str(len(x))
    if kind is dict: return "{" + ", ".join(f"{show(k, depth + 1)}: {show(v, depth + 1)}" for k, v in list(x.items())[:8]) + "}" + str(len(x))
    if kind in (set, frozenset): return kind.__name__ + str(len(x))
    if isinstance(x, BaseException): return kind.__name__ + show(x.args, depth + 1)
    if isinstance(x, type): return "class " + x.__name__
    if "number" in getattr(x, "__dict__", ()) and issubclass(kind, Base): return f"{kind.__name__}#{x.number}"
    return "a " + kind.__name__

def log(*what):
    global LINES
    LINES += 1
    if LINES < 3000: print(*map(show, what))

def trail(e):
    lines, tb = [], e.__traceback__
    while tb and len(lines) < 12:
        lines.append(f"{tb.tb_frame.f_code.co_name}:{tb.tb_lineno}")
        tb = tb.tb_next
    return " ".join(lines[1:])

def attempt(what, function, *args):
    global fuel, LINES
    fuel = 400
    try:
        result = function(*args)
        if hasattr(result, "send") and hasattr(result, "throw"): result = drain(result)
        log(what, result)
    except BaseException as e:
        LINES += 1
        if LINES < 3000:
            context = type(e.__context__).__name__ if e.__context__ is not None else "-"
            cause = type(e.__cause__).__name__ if e.__cause__ is not None else "-"
            print(what, type(e).__name__, str(e)[:200], context, cause, trail(e))

def drain(generator):
    """Goes through a generator or coroutine in every way."""
    found = []
    try:
        for n in range(12):
            tick()
            if n in (0, 1, 2, 5): found.append(next(generator) if hasattr(generator, "__next__") else generator.send(None))
            elif n in (3, 6, 7): found.append(generator.send(n))
            elif n == 4: found.append(generator.throw(KeyError(n)))
            elif n == 8: found.append(generator.throw(ValueError, ValueError("thrown")))
            elif n == 11: generator.close()
            else: found.extend(itertools.islice(generator, 2) if hasattr(generator, "__next__") else ())
    except StopIteration as e: found.append(("stop", e.value))
    except (KeyError, ValueError, RuntimeError, TypeError) as e: found.append(e)
    return found

class Await:
    def __init__(self, value): self.value = value
    def __await__(self):
        got = yield self.value
        return got

class Base:
    made = 0
    def __new__(cls, *args, **kwargs):
        self = object.__new__(cls)
        Base.made += 1
        self.number = Base.made
        return self
    def __init__(self, value=0, *more, **named): self.value = value
'''

UNARY = "__neg__ __pos__ __invert__ __abs__ __len__ __bool__ __iter__ __next__ __int__ __index__ __hash__ __str__ __enter__ __del__ __float__ __reversed__ __length_hint__".split()
BINARY = """__add__ __radd__ __iadd__ __sub__ __rsub__ __mul__ __rmul__ __mod__ __rmod__ __and__ __or__ __ror__ __xor__ __lshift__ __truediv__ __rtruediv__ __floordiv__
__eq__ __ne__ __lt__ __le__ __gt__ __ge__ __contains__ __getitem__ __getattr__ __getattribute__ __delitem__ __delattr__ __format__ __divmod__ __missing__ __matmul__ __imul__ __ior__""".split()
NAMES = "a b c d e".split()
ERRORS = "ValueError KeyError TypeError IndexError StopIteration ZeroDivisionError AttributeError RuntimeError".split()
OPERATORS = "+ - * // % & | ^ / + - + -".split()
COMPARE = "== != < <= > >= is in".split() + ["not in", "is not"]


class Writer:
    def __init__(self, seed):
        self.rng = random.Random(seed)
        self.lines = []
        self.depth = 0
        self.functions, self.classes, self.generators = [], [], []
        self.kind = "function"
        self.loop = 0
        self.budget = 0

    def line(self, text):
        self.lines.append("    " * self.depth + text)

    def chance(self, p):
        return self.rng.random() < p

    def pick(self, options):
        return self.rng.choice(options)

    # --- expressions ---

    def constant(self):
        return self.pick(["0", "1", "2", "-1", "7", "1.5", "-0.0", "''", "'x'", "'abc'", "None", "True", "False", "10**20", "b'q'", "()", "[]", "{}", "(1, 2)",
                          "[3, 4, 5]", "{'k': 1}", "float('nan')", "1e300", "2**62", "-2**62", "'\\xe9'", "range(4)", "slice(1, None)", "NotImplemented", "1j"])

    def name(self):
        return self.pick(NAMES)

    def call_target(self):
        options = self.functions + self.generators + self.classes
        return self.pick(options) if options else "len"

    def arguments(self, level):
        parts = [self.expression(level) for _ in range(self.rng.randrange(4))]
        if self.chance(0.1):
            parts.append("*" + self.pick(["(1, 2)", self.name(), "[3]", "range(2)"]))
        if self.chance(0.15):
            parts.append(self.pick(NAMES) + "=" + self.expression(level))
        if self.chance(0.07):
            parts.append("**" + self.pick(["{}", "{'b': 2}", self.name()]))
        return ", ".join(parts)

    def iterable(self, level):
        e = lambda: self.expression(level - 1)
        return self.pick([
            lambda: f"range({self.rng.randrange(5)})", lambda: f"range({self.name()}, 3)" if self.chance(0.3) else "range(3)", lambda: f"[{e()}, {e()}]", lambda: f"({e()}, {e()}, {e()})",
            lambda: f"enumerate({self.iterable(level - 1)})" if level > 0 else "enumerate('ab')", lambda: f"zip({e()}, [1, 2, 3])", lambda: "zip([1, 2], (3, 4), 'abc')",
            lambda: "{1: 'a', 2: 'b'}.items()", lambda: f"dict(a={e()}, b=2).items()", lambda: self.name(), lambda: f"reversed({self.name()})", lambda: "'xyz'", lambda: f"map({self.call_target()}, [1, 2])",
            lambda: f"{self.pick(self.generators)}({self.arguments(0)})" if self.generators else "iter([1])", lambda: f"filter(None, {e()})", lambda: f"({e()} for {self.name()} in {self.iterable(level - 1)})" if level > 0 else "iter('pq')",
            lambda: f"list({self.name()})", lambda: f"sorted({self.name()})", lambda: f"itertools.chain({self.name()}, [1])", lambda: f"iter(lambda: {e()}, {e()})" if self.chance(0.2) else "[0]",
        ])()

    def expression(self, level=3):
        if level <= 0 or self.chance(0.25):
            return self.name() if self.chance(0.6) else self.constant()
        e = lambda: self.expression(level - 1)
        n = self.name
        options = [
            lambda: f"({e()} {self.pick(OPERATORS)} {e()})", lambda: f"({e()} {self.pick(OPERATORS)} {e()})", lambda: f"({e()} {self.pick(COMPARE)} {e()})", lambda: f"({e()} {self.pick(COMPARE)} {e()} {self.pick(COMPARE)} {e()})",
            lambda: f"({self.pick('-+~')}{e()})", lambda: f"(not {e()})", lambda: f"({e()} {self.pick(['and', 'or'])} {e()})", lambda: f"({e()} if {e()} else {e()})",
            lambda: f"{n()}[{e()}]", lambda: f"{n()}[{e()}:{e()}]", lambda: f"{n()}.{self.pick(['value', 'number', 'method', 'prop', 'missing', 'slot', 'real', 'append', 'static'])}",
            lambda: f"{n()}.{self.pick(['method', 'static', 'make', 'walk', 'other'])}({self.arguments(level - 1)})", lambda: f"{n()}.{self.pick(['append', 'pop', 'get', 'keys', 'upper', 'count', 'index', 'extend', 'setdefault', 'join'])}({self.arguments(level - 2)})",
            lambda: f"{self.call_target()}({self.arguments(level - 1)})", lambda: f"{self.call_target()}({self.arguments(level - 1)})", lambda: f"{self.call_target()}({e()})", lambda: f"{n()}({self.arguments(level - 2)})",
            lambda: f"[{e()} for {self.target()} in {self.iterable(level - 1)}]", lambda: f"[{e()} for {self.target()} in {self.iterable(level - 1)} if {e()}]", lambda: f"{{{e()}: {e()} for {self.target()} in {self.iterable(level - 1)}}}",
            lambda: f"{self.pick(['sum', 'list', 'tuple', 'any', 'all', 'min', 'max', 'sorted', 'len', 'dict', 'next', 'iter', 'hash', 'str', 'repr', 'bool', 'abs', 'type', 'int', 'float', 'callable', 'show'])}({e()})",
            lambda: f"{self.pick(['sum', 'list', 'tuple', 'any', 'all', 'max'])}({e()} for {self.target()} in {self.iterable(level - 1)})", lambda: f"{self.pick(['list', 'tuple', 'dict', 'sum'])}({self.iterable(level - 1)})",
            lambda: f"isinstance({e()}, {self.pick(['int', '(int, str)', '(list, (tuple, dict))', 'Base', 'str | int', n()] + self.classes)})", lambda: f"f'{{{n()}}}|{{{n()}!r:>{self.rng.randrange(9)}}}'" if self.chance(0.3) else f"f'{{show({n()})}}'",
            lambda: f"(lambda {n()}, *q: {e()})({self.arguments(level - 2)})", lambda: f"[{e()}, *{n()}]", lambda: f"({e()}, {e()})", lambda: f"{{{e()}: {e()}, **{n()}}}" if self.chance(0.3) else f"{{1: {e()}, 'k': {e()}}}",
            lambda: f"({n()} := {e()})", lambda: f"getattr({n()}, {self.pick(['value', 'method', 'gone'])!r}, {e()})", lambda: f"({e()}).{self.pick(['value', 'number'])}", lambda: f"next({n()}, {e()})", lambda: f"divmod({e()}, {e()})",
            lambda: f"functools.reduce(lambda p, q: {e()}, {self.iterable(level - 1)})", lambda: f"'%s %r' % ({n()}, show({n()}))" if self.chance(0.3) else f"'%d' % {e()}",
        ]
        if self.kind == "generator":
            options += [lambda: f"(yield {e()})"] * 3 + [lambda: f"(yield from {self.iterable(level - 1)})"]
        if self.kind == "coroutine":
            options += [lambda: f"(await Await({e()}))"] * 3 + [lambda: f"(await {e()})"]
        kind, self.kind = self.kind, self.kind
        text = self.pick(options)()
        # Comprehensions, lambdas and generator expressions may not yield.
        if kind != "function" and any(word in text for word in (" for ", "lambda")) and any(word in text for word in ("yield", "await")):
            return n()
        if ":=" in text and (" for " in text or "lambda" in text):
            return n()
        return text

    def target(self):
        return self.pick([self.name, self.name, lambda: f"{self.name()}, {self.name()}", lambda: f"({self.name()}, {self.name()})", lambda: f"{self.name()}, *{self.name()}", lambda: f"{self.name()}, ({self.name()}, {self.name()})"])()

    # --- statements ---

    def block(self, level):
        self.depth += 1
        for _ in range(self.rng.randrange(1, 4)):
            self.statement(level)
        self.depth -= 1

    def statement(self, level):
        if self.budget <= 0:
            return self.line("pass")
        self.budget -= 1
        e, n = self.expression, self.name
        simple = [
            lambda: self.line(f"{n()} = {e()}"), lambda: self.line(f"{n()} = {e()}"), lambda: self.line(f"{n()} {self.pick(OPERATORS)}= {e(2)}"), lambda: self.line(f"{self.target()} = {e()}"), lambda: self.line(f"log({e()})"),
            lambda: self.line(f"{n()}.{self.pick(['value', 'slot', 'prop', 'other'])} = {e(2)}"), lambda: self.line(f"{n()}[{e(1)}] = {e(2)}"), lambda: self.line(f"del {n()}"), lambda: self.line(f"del {n()}[{e(1)}]"), lambda: self.line(f"del {n()}.value"),
            lambda: self.line(f"{n()}[{e(1)}] {self.pick(OPERATORS)}= {e(1)}"), lambda: self.line(f"{n()}.value {self.pick(OPERATORS)}= {e(1)}"), lambda: self.line(f"raise {self.pick(ERRORS)}({e(1)})" + (f" from {self.pick(['None', 'KeyError()', n()])}" if self.chance(0.3) else "")) if self.chance(0.3) else self.line(e()),
            lambda: self.line(f"return {e()}" if self.chance(0.7) else "return") if self.chance(0.4) else self.line(e()), lambda: self.line(f"assert {e(2)}, {e(1)}") if self.chance(0.3) else self.line(e()), lambda: self.line("raise") if self.chance(0.2) else self.line(e()),
            lambda: self.line(f"{n()} = {self.pick(self.classes)}({self.arguments(1)})") if self.classes else self.line("pass"), lambda: self.line(f"{n()} = weakref.ref({n()}, lambda r: log('weak', r() is None))"), lambda: self.line("log(gc.collect() >= 0)") if self.chance(0.2) else self.line(e()),
            lambda: self.line(f"{n()} = {self.pick(self.generators)}({self.arguments(1)})") if self.generators else self.line("pass"), lambda: self.line(f"log(drain({n()}))") if self.chance(0.3) else self.line(f"log(sys.exception())"),
        ]
        if self.loop:
            simple += [lambda: self.line("break"), lambda: self.line("continue")]
        if self.kind == "generator":
            simple += [lambda: self.line(f"{n()} = yield {e(2)}")] * 4 + [lambda: self.line(f"{n()} = yield from {self.iterable(2)}")] * 2
        if self.kind == "coroutine":
            simple += [lambda: self.line(f"{n()} = await Await({e(2)})")] * 4
        if level <= 0 or self.chance(0.5):
            return self.pick(simple)()
        self.pick([self.if_, self.for_, self.for_, self.while_, self.try_, self.try_, self.with_, self.match_, self.def_])(level)

    def if_(self, level):
        self.line(f"if {self.expression()}:")
        self.block(level - 1)
        if self.chance(0.5):
            self.line("else:")
            self.block(level - 1)

    def in_loop(self, level):
        self.loop += 1
        self.depth += 1
        self.line("tick()")
        self.depth -= 1
        self.block(level - 1)
        self.loop -= 1
        if self.chance(0.2):
            self.line("else:")
            self.block(level - 1)

    def for_(self, level):
        self.line(f"for {self.target()} in {self.iterable(2)}:")
        self.in_loop(level)

    def while_(self, level):
        self.line(f"while {self.expression()}:")
        self.in_loop(level)

    def try_(self, level):
        self.line("try:")
        self.block(level - 1)
        kind = self.rng.randrange(4)
        if kind:
            for _ in range(self.rng.randrange(1, 3)):
                error = self.pick(ERRORS + ["(KeyError, TypeError)", "Exception", "Exception", "Exception"])
                if self.chance(0.05):
                    error = self.name()
                self.line(f"except {error}" + (f" as {self.name()}:" if self.chance(0.5) else ":"))
                self.block(level - 1)
            if self.chance(0.3):
                self.line("else:")
                self.block(level - 1)
        if kind in (0, 3):
            self.line("finally:")
            loop, self.loop = self.loop, 0
            self.block(level - 1)
            self.loop = loop

    def with_(self, level):
        self.line(f"with {self.pick(['Manager(' + self.expression(1) + ')', self.name(), 'Manager(1) as ' + self.name() + ', Manager(0)'])}" + (f" as {self.name()}:" if self.chance(0.5) else ":"))
        self.block(level - 1)

    def match_(self, level):
        self.line(f"match {self.expression(2)}:")
        self.depth += 1
        for _ in range(self.rng.randrange(1, 4)):
            n = self.name()
            pattern = self.pick(["0 | 1", "'x'", "[a, *b]", f"[{n}, _]" , "{'k': c, **d}", f"int({n})", f"Base(value={n})", "(a, b, c)", "None", f"str() as {n}", f"float() | bool() as {n}"] + [f"{c}(number=1)" for c in self.classes[:1]])
            self.line(f"case {pattern}" + (f" if {self.expression(1)}:" if self.chance(0.3) else ":"))
            self.block(level - 1)
        self.depth -= 1

    def def_(self, level):
        """A closure."""
        name = self.name()
        kind, loop, self.kind, self.loop = self.kind, self.loop, self.pick(["function", "function", "generator"]), 0
        self.line(f"def {name}({self.name()}={self.constant()}, *args):")
        self.depth += 1
        self.line("tick()")
        if self.kind == "generator":
            self.line("yield 1")
        self.depth -= 1
        self.block(level - 1)
        self.kind, self.loop = kind, loop

    # --- definitions ---

    def parameters(self):
        return self.pick(["a=1, b=2", "a, b=None", "a, b, c=3", "*a", "a, *, b=2", "a, /, b=0, *c, d=1, **e", "a=(), **b", "", "a"])

    def body(self, kind, size):
        self.kind, self.loop, self.budget = kind, 0, size
        self.depth += 1
        self.line("tick()")
        for name in NAMES[self.rng.randrange(5) :]:
            if self.chance(0.8):
                self.line(f"{name} = {self.pick([self.constant, lambda: self.iterable(1), lambda: self.call_target() + '(1)', lambda: self.name()])()}")
        if kind == "generator":
            self.line(f"yield {self.expression(1)}")
        for _ in range(self.rng.randrange(2, 6)):
            guarded = self.chance(0.6)  # what fails, fails alone: the rest has its turn
            if guarded:
                self.line("try:")
                self.depth += 1
            self.statement(3)
            if guarded:
                self.depth -= 1
                self.line(f"except Exception as error: log('failed', error)")
        if self.chance(0.7):
            self.line(f"return {self.expression(2)}")
        self.depth -= 1

    def function(self, i):
        kind = self.pick(["function", "function", "generator", "generator", "coroutine"])
        name = f"f{i}"
        if self.chance(0.1):
            self.line(self.pick(["@functools.lru_cache(4)", "@functools.wraps(len)"]))
        self.line(("async " if kind == "coroutine" else "") + f"def {name}({self.parameters()}):")
        self.body(kind, 14)
        self.line("")
        (self.functions if kind != "generator" else self.generators).append(name)

    def class_(self, i):
        name = f"C{i}"
        bases = self.pick(["Base", "Base", "Base"] + self.classes)
        self.line(f"class {name}({bases}):")
        self.depth += 1
        if self.chance(0.2) and bases == "Base":
            self.line("__slots__ = ('slot',)")
        self.line(f"static = {self.constant()}")
        methods = self.rng.sample(UNARY, self.rng.randrange(5)) + self.rng.sample(BINARY, self.rng.randrange(6))
        for method in methods:
            parameters = "self" if method in UNARY else "self, a"
            if method == "__del__":
                self.line(f"def __del__(self): log('gone', self.number)" if self.chance(0.7) else "def __del__(self):")
                if self.lines[-1].endswith(":"):
                    self.body("function", 4)
                continue
            if method == "__getattribute__":
                self.line("def __getattribute__(self, a):")
                self.depth += 1
                self.line("if a != 'value': return super().__getattribute__(a)")
                self.depth -= 1
                self.body("function", 4)
                continue
            self.line(f"def {method}({parameters}):")
            if method == "__hash__" or self.chance(0.5):
                self.depth += 1
                self.line(f"return {self.pick(['NotImplemented', 'self', '1', '3', 'True', 'False', 'None', repr('s'), 'self.value', 'a' if parameters != 'self' else 'iter([1, 2])'])}")
                self.depth -= 1
            else:
                if method == "__getattr__":
                    self.depth += 1
                    self.line("if a[0] == '_' or a in ('send', 'throw'): raise AttributeError(a)")
                    self.depth -= 1
                self.body("generator" if method == "__iter__" and self.chance(0.6) else "function", 5)
        if "__enter__" in methods:
            self.line("def __exit__(self, *a): " + self.pick(["return True", "log(a[0])", "raise KeyError('exit')"]))
        for method in self.rng.sample(["method", "walk", "other", "prop", "make"], self.rng.randrange(1, 5)):
            if method == "prop":
                self.line("@property")
                self.line("def prop(self):")
            elif method == "make":
                self.line("@classmethod")
                self.line("def make(cls, *a):")
            else:
                self.line(f"def {method}(self, {self.parameters()}):")
            self.body("generator" if method == "walk" else "function", 5)
            if method in ("method", "other") and self.chance(0.3):
                self.depth += 1
                self.line(f"return super().{method}(self)")
                self.depth -= 1
        self.depth -= 1
        self.line("")
        self.classes.append(name)

    def manager(self):
        self.lines += '''class Manager:
    def __init__(self, swallow): self.swallow = swallow
    def __enter__(self):
        log('enter')
        return self.swallow
    def __exit__(self, kind, value, tb):
        log('exit', kind, value)
        return self.swallow is True or self.swallow == 1
'''.splitlines()

    def program(self):
        self.manager()
        for i in range(self.rng.randrange(2, 4)):
            self.class_(i)
        for i in range(self.rng.randrange(3, 7)):
            self.function(i)
            if self.chance(0.2):
                self.class_(i + 10)
        self.kind = "function"
        self.line("def values(n):")
        makers = "".join(f", {c}(n), {c}([n])" for c in self.classes)
        self.line("    return [n, n + 1, float(n), str(n), [n, 2], (n, 'b'), {'k': n, 1: 2}, None, True, {n: [n]}, 'abc', 2**70 + n, b'x', range(n), (1, 2, 3)" + makers + "]")
        for name in self.functions + self.generators + self.classes:
            same = self.rng.randrange(9)
            self.line(f"for n in range({self.pick([3, 12, 40])}):")
            self.line(f"    attempt('{name}', {name}, *values(n)[{same}:{same + self.rng.randrange(4)}])")
            self.line(f"for n, a in enumerate(values({self.rng.randrange(4)})):")
            self.line(f"    attempt('{name}', {name}, a)")
            self.line(f"    attempt('{name} 2', {name}, a, values(n)[-n])")
        for _ in range(12):
            self.line(f"attempt('op', lambda a, b, c, d, e: {self.expression(3)}, *values({self.rng.randrange(5)})[-{self.rng.randrange(5, 12)}:][:5])")
        self.line("del a")
        self.line("log(gc.collect() >= 0)")
        self.line("print('end', LINES)")
        return PRELUDE + "\n".join(self.lines) + "\n"


def write(seed):
    """Program number `seed`; the first that compiles of those that the seed gives."""
    for attempt in range(100):
        text = Writer(f"{seed} {attempt}").program()
        try:
            compile(text, "program", "exec")
        except (SyntaxError, ValueError):
            continue
        return text
    raise SystemExit(f"no program of seed {seed} compiles")


def run(exe, path, timeout):
    environment = dict(os.environ, PYTHONHASHSEED="0", PYTHONWARNINGS="ignore")
    try:
        p = subprocess.run(["/bin/sh", "-c", 'ulimit -v 70000000; ulimit -d 2000000; exec "$@"', "sh", exe, str(path)], capture_output=True, timeout=timeout, env=environment, stdin=subprocess.DEVNULL)
    except subprocess.TimeoutExpired:
        return None
    out, err = (re.sub(r"0x[0-9a-f]{6,}", "0x...", s.decode("utf-8", "replace")) for s in (p.stdout, p.stderr))
    return p.returncode, out, err


def case(options, seed, folder):
    path = pathlib.Path(folder) / f"p{seed}.py"
    path.write_text(write(seed))
    theirs = run(options.oracle, path, options.timeout)
    ours = run(options.krait, path, options.timeout * 3)
    keep = ""
    if theirs is None or theirs[0] < 0 or theirs[0] >= 128:  # the oracle has no answer: then only death counts
        verdict = "skip" if ours is None or 0 <= ours[0] < 128 else f"status {ours[0]}: {ours[2][-200:]}"
    elif ours is None:
        verdict = "timeout"
    elif ours == theirs:
        verdict = "same"
    else:
        keep = "".join(f"\n    {name}: {line}" for name, line in first_difference(theirs, ours))
        verdict = "differs"
    if verdict not in ("same", "skip") and options.keep:
        pathlib.Path(options.keep).mkdir(parents=True, exist_ok=True)
        (pathlib.Path(options.keep) / path.name).write_text(path.read_text())
    path.unlink()
    return seed, verdict, keep


def first_difference(theirs, ours):
    if theirs[0] != ours[0]:
        yield "status", f"{theirs[0]} {ours[0]}"
    for stream in 1, 2:
        a, b = theirs[stream].splitlines(), ours[stream].splitlines()
        for i in range(max(len(a), len(b))):
            x, y = (s[i] if i < len(s) else "(none)" for s in (a, b))
            if x != y:
                yield f"line {i + 1} oracle", x[:300]
                yield f"line {i + 1} krait ", y[:300]
                break


def main():
    warnings.simplefilter("ignore")
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--krait", default=str(ROOT / "build/release/krait"))
    parser.add_argument("--oracle", default=str(ROOT / "build/deps/oracle/python3.14"))
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--timeout", type=float, default=20)
    parser.add_argument("--keep")
    parser.add_argument("--show", action="store_true")
    options = parser.parse_args()
    if options.show:
        sys.stdout.write(write(options.seed))
        return
    totals = {}
    with tempfile.TemporaryDirectory(prefix="krait-programs-") as folder, concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        for seed, verdict, text in pool.map(lambda s: case(options, s, folder), range(options.seed, options.seed + options.count)):
            kind = verdict if verdict in ("same", "skip") else "differ"
            totals[kind] = totals.get(kind, 0) + 1
            if kind == "differ":
                print(f"program {seed}: {verdict}{text}", flush=True)
    print(", ".join(f"{n} {kind}" for kind, n in sorted(totals.items())))
    sys.exit("differ" in totals)


if __name__ == "__main__":
    main()
