"""Random functions that are hard on the flow graph: nested loops, handlers, finally, with, match, constant conditions,
chained comparisons, deletions.   python3 tools/compare/flow.py SEED COUNT FOLDER   writes COUNT modules of 40 functions
into FOLDER, to be compared with tools/compare/bytecode.py or pyc.py.
"""
import os
import random
import sys


class Writer:
    def __init__(self, seed):
        self.random = random.Random(seed)
        self.lines = []
        self.names = []

    def pick(self, *options): return self.random.choice(options)

    def name(self): return self.random.choice(self.names)

    def constant(self):
        return self.pick("0", "1", "5", "300", "-7", "1.5", "2j", "''", "'ab'", "b'x'", "None", "True", "False", "...", "()",
                         "(1, 2)", "10**20", "'a' * 3", "(1, (2, 'x'))", "-0.0", "1 << 70", "not 0", "~5", "'abc'[1]", "[]")

    def expression(self, depth=0):
        r = self.random.random()
        if depth > 3 or r < 0.3: return self.name()
        if r < 0.42: return self.constant()
        e = lambda: self.expression(depth + 1)
        return self.pick(
            lambda: f"{e()} {self.pick('+', '-', '*', '|', '<<', '%')} {e()}",
            lambda: f"({e()} {self.pick('and', 'or')} {e()})",
            lambda: f"({e()} {self.pick('and', 'or')} {e()} {self.pick('and', 'or')} {e()})",
            lambda: f"(not {e()})",
            lambda: f"(-{e()})",
            lambda: f"({e()} {self.pick('<', '==', 'is', 'is not', 'in', 'not in', '!=')} {e()})",
            lambda: f"({e()} < {e()} {self.pick('<', '<=', 'is')} {e()})",
            lambda: f"({e()} if {e()} else {e()})",
            lambda: f"{self.name()}({', '.join(e() for _ in range(self.random.randrange(3)))})",
            lambda: f"{self.name()}.attr",
            lambda: f"{self.name()}.method({e()})",
            lambda: f"{self.name()}[{e()}]",
            lambda: f"{self.name()}[{self.constant()}:{self.pick('', e())}]",
            lambda: f"({', '.join(self.pick(e, self.constant)() for _ in range(self.random.randrange(2, 5)))},)",
            lambda: f"[{', '.join(self.pick(e, self.constant, self.constant)() for _ in range(self.random.randrange(5)))}]",
            lambda: "{" + ", ".join(self.pick("1", "2", "'x'", "3.0", "None") for _ in range(self.random.randrange(1, 5))) + "}",
            lambda: f"[{e()} for {self.name()} in {e()}{self.pick('', f' if {e()}')}]",
            lambda: f"({e()} is {self.pick('', 'not ')}None)",
            lambda: f"f'{{{self.name()}}}{self.pick('', '!r', 'x')}'",
            lambda: f"({self.name()} := {e()})",
            lambda: f"(lambda {self.pick('', 'a', 'a=1')}: {e()})",
        )()

    def condition(self):
        return self.pick(self.expression, self.expression, self.expression, self.constant)()

    def line(self, indent, text): self.lines.append("    " * indent + text)

    def block(self, indent, loop, depth, final=False):
        for _ in range(self.random.choice((1, 1, 2, 2, 3))): self.statement(indent, loop, depth, final)

    def statement(self, indent, loop, depth, final):
        r = self.random.random()
        if depth > 4 or r < 0.45: return self.simple(indent, loop, final)
        self.pick(self.if_, self.if_, self.while_, self.for_, self.try_, self.try_, self.with_, self.match_)(indent, loop, depth + 1, final)

    def simple(self, indent, loop, final):
        e = self.expression
        options = [
            lambda: f"{self.name()} = {e()}", lambda: f"{self.name()} = {e()}", lambda: e(), lambda: "pass",
            lambda: f"{self.name()} {self.pick('+', '*', '|')}= {e()}",
            lambda: f"{self.name()}, {self.name()} = {e()}, {e()}",
            lambda: f"{self.name()}, {self.name()}, {self.name()} = {self.name()}, {self.name()}, {self.name()}",
            lambda: f"{self.name()} = {self.name()} = {e()}",
            lambda: f"del {self.name()}",
            lambda: f"{self.name()}[{e()}] = {e()}",
            lambda: f"assert {self.condition()}, {e()}",
            lambda: f"raise {e()}{self.pick('', ' from None')}",
            lambda: self.constant(),
        ]
        if not final:
            options += [lambda: "return", lambda: f"return {e()}"]
            if loop: options += [lambda: "break", lambda: "continue"] * 2
        if self.is_generator: options += [lambda: "yield", lambda: f"{self.name()} = yield {e()}"]
        if self.is_async: options += [lambda: f"await {e()}", lambda: f"{self.name()} = await {e()}"]
        self.line(indent, self.random.choice(options)())

    def if_(self, indent, loop, depth, final):
        self.line(indent, f"if {self.condition()}:")
        self.block(indent + 1, loop, depth, final)
        if self.random.random() < 0.3:
            self.line(indent, f"elif {self.condition()}:")
            self.block(indent + 1, loop, depth, final)
        if self.random.random() < 0.5:
            self.line(indent, "else:")
            self.block(indent + 1, loop, depth, final)

    def while_(self, indent, loop, depth, final):
        self.line(indent, f"while {self.condition()}:")
        self.loop_body(indent, loop, depth, final)

    def for_(self, indent, loop, depth, final):
        prefix = "async " if self.is_async and self.random.random() < 0.5 else ""
        self.line(indent, f"{prefix}for {self.pick(self.name(), self.name() + ', ' + self.name())} in {self.expression()}:")
        self.loop_body(indent, loop, depth, final)

    def loop_body(self, indent, loop, depth, final):
        self.block(indent + 1, True, depth, final and self.lenient)
        if self.random.random() < 0.3:
            self.line(indent, "else:")
            self.block(indent + 1, loop, depth, final)

    def try_(self, indent, loop, depth, final):
        self.line(indent, "try:")
        self.block(indent + 1, loop, depth, final)
        handlers = self.random.choice((0, 1, 1, 2))
        group = "*" if handlers and self.random.random() < 0.15 else ""
        for _ in range(handlers):
            kind = self.pick("E", "(E, F)") + self.pick("", f" as {self.name()}")
            self.line(indent, f"except{group} {kind}:")
            # No return, break or continue may leave an except* block.
            self.block(indent + 1, loop and not group, depth, final or bool(group))
        if handlers and not group and self.random.random() < 0.3:
            self.line(indent, "except:")
            self.block(indent + 1, loop, depth, final)
        if handlers and self.random.random() < 0.3:
            self.line(indent, "else:")
            self.block(indent + 1, loop, depth, final)
        if not handlers or self.random.random() < 0.4:
            self.line(indent, "finally:")
            self.block(indent + 1, loop, depth, final)

    def with_(self, indent, loop, depth, final):
        prefix = "async " if self.is_async and self.random.random() < 0.5 else ""
        items = ", ".join(f"{self.expression()}{self.pick('', f' as {self.name()}')}" for _ in range(self.random.choice((1, 1, 2))))
        self.line(indent, f"{prefix}with {items}:")
        self.block(indent + 1, loop, depth, final)

    def pattern(self, depth=0):
        p = lambda: self.pattern(depth + 1)
        if depth > 2: return self.pick("_", "1", "'s'", "None", "C.D")
        return self.pick(lambda: "1", lambda: "'s'", lambda: "None", lambda: "-1.5", lambda: "_", lambda: "C.D",
                         lambda: f"[{p()}, {p()}]", lambda: f"[{p()}, *_, {p()}]", lambda: f"{{'k': {p()}}}", lambda: "{**rest}",
                         lambda: f"C({p()}, z={p()})", lambda: "1 | 2 | None", lambda: f"([{p()}] | 3)", lambda: "str()")()

    def match_(self, indent, loop, depth, final):
        self.line(indent, f"match {self.expression()}:")
        for _ in range(self.random.choice((1, 2, 3))):
            pattern = self.pattern()
            guard = self.pick("", "", f" if {self.condition()}")
            if pattern == "_": guard = f" if {self.name()}"
            self.line(indent + 1, f"case {pattern}{guard}:")
            self.block(indent + 2, loop, depth, final)
        if self.random.random() < 0.4:
            self.line(indent + 1, f"case {self.pick('_', self.name())}:")
            self.block(indent + 2, loop, depth, final)

    def function(self, number):
        locals_ = ["a", "b", "c", "d", "x", "y", "z"]
        if self.random.random() < 0.1: locals_ += [f"v{i}" for i in range(self.random.choice((12, 70)))]
        self.names = locals_ + ["g", "h"]
        self.is_async = self.random.random() < 0.15
        self.is_generator = not self.is_async and self.random.random() < 0.2
        self.lenient = False
        parameters = self.pick("", "a", "a, b", "a, b=1, *c, d=2, **x", "a, /, b, *, c")
        self.line(0, f"{'async ' if self.is_async else ''}def f{number}({parameters}):")
        if self.random.random() < 0.15:
            self.line(1, f"def inner({self.pick('', 'x')}): return {self.pick('a', 'b', 'x', 'y')}")
        for _ in range(self.random.randrange(2, 7)): self.statement(1, False, 0, False)
        self.line(0, "")


def main():
    seed, count, folder = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
    os.makedirs(folder, exist_ok=True)
    for i in range(count):
        writer = Writer(seed * 1_000_003 + i)
        number = 0
        while number < 40:
            # What makes no sense (a name assigned before nothing, two catch-alls) is left out function by function.
            before = len(writer.lines)
            writer.function(number)
            try:
                compile("\n".join(writer.lines[before:]), "f", "exec")
                number += 1
            except SyntaxError:
                del writer.lines[before:]
        with open(os.path.join(folder, f"flow{seed}_{i}.py"), "w") as file: file.write("\n".join(writer.lines))


if __name__ == "__main__":
    main()
