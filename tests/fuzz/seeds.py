#!/usr/bin/env python3
"""Writes tests/fuzz/seeds/: what the fuzzers start from. Run it again after a change of the grammar.

usage: seeds.py ORACLE      (CPython 3.14; it makes the code objects for the fuzzers of marshal and .pyc)
"""

import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
SEEDS = ROOT / "tests/fuzz/seeds"
sys.path.insert(0, str(ROOT / "tools/compare"))
import generate

SNIPPETS = [
    "if a:\n\tb\nelif c:\n  d\nelse: pass\n", "f'{a!r:>{w}}' rf'\\{x}' f'''{\n1=}'''\n", "t'{a}' t'{b:{c}}'\n",
    "def f(a, /, b: int = 1, *c, d, **e) -> x: yield from (await g)\n", "class C[T: int = str, *Ts, **P](B, m=1):\n    x: T\n",
    "match a:\n    case {'k': [1, *r], **z} | C(x=1) if y: pass\n    case -1+2j: pass\n", "type X[T] = list[T]\n",
    "try: a\nexcept* (B, C) as e: raise d from e\nelse: e\nfinally: f\n", "with (a as b, c as (d, *e)): del x[1:2, ...]\n",
    "async def f():\n    async for x in y: [z async for z in w if await v]\n", "lambda *a, b=1, **c: (yield)\n",
    "x = 0xFF + 0b1_0 + 0o7 + 1e5j + 1_000.5\n", "a = b'\\x00' rb'\\d' '''\n''' u'\\N{DIGIT ONE}' '\\\n'\n",
    "@a.b(c)\nclass D: __slots__ = ()\n", "from . import (a as b, c,)\nimport a.b as c\nfrom __future__ import annotations\n",
    "global_ = [i for i in range(3) if (j := i)]\n{**a, 'b': 1}\n{*a}\n", "a < b not in c is not d\n", "# -*- coding: latin-1 -*-\n",
    "(((((((((((((((([{", "\tx\n        y\n", "x = 'unclosed\n", "é = ñ\\\n + 1\n", "print(a b)\nx = = 2\n", "for x in y: break\nelse: continue\n",
    "while 1:\n    if a: continue\n    try: return\n    finally: break\n", "a: int = 1\n(b): str\nc.d: e\n", "assert x, y\nnonlocal z\n",
    "if x: # type: ignore\n    y = 1 # type: int\n", "a @= b; c //= d; e **= f; g >>= h\n", "1if 2else 3\n0x1for x in y\n", "\ufeffx\n", "\f\n\r\nx\r",
]


def write(fuzzer, number, data):
    folder = SEEDS / fuzzer
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{number:03}").write_bytes(data)


def main():
    generator = generate.Generator(1)
    texts = [s.encode() for s in SNIPPETS]
    while len(texts) < 80:
        text = generator.program().encode()
        if 20 < len(text) < 600:
            texts.append(text)
    for i, text in enumerate(texts):
        write("lexer", i, bytes([i * 37 & 255]) + text)
        write("parser", i, bytes([i % 3 and i * 37 & 252, 10]) + text)
        write("compiler", i, bytes([i & 12]) + text)
    script = ("import marshal, sys\nfor text in eval(sys.stdin.read()):\n"
              "    try: print(marshal.dumps(compile(text, 'f', 'exec')).hex())\n    except Exception: pass\n")
    answer = subprocess.run([sys.argv[1], "-W", "ignore", "-c", script], input=repr(texts), capture_output=True, text=True)
    values = ["[1, -1, 2**70, 1.5, 1j, None, True, ..., StopIteration]", "{1: b'x', 'a': ('b', '\\xe9', '\\u20ac')}",
              "frozenset({1, 'a', (2,)})", "slice(1, None, 'x')", "['abc'] * 3 + [{4}]", "bytes(300)", "'a' * 300"]
    lines = answer.stdout.split()
    lines += subprocess.run([sys.argv[1], "-c", "import marshal\n" + "".join(
        f"print(marshal.dumps({v}).hex())\n" for v in values)], capture_output=True, text=True).stdout.split()
    for i, line in enumerate(lines):
        data = bytes.fromhex(line)
        write("marshal", i, data)
        write("pyc", i, b"\x2b\x0e\r\n" + bytes([i % 4, 0, 0, 0]) + bytes(8) + data)


main()
