#!/usr/bin/env python3
"""How cost grows with size, on Krait beside CPython 3.14.

usage: bench/growth.py [--krait PATH] [--max N] [CASE ...]

Each case runs with sizes over four decades (1,000 to 1,000,000; those of CASES that are bounded by their
nature end earlier). Printed is the time per element in nanoseconds of the processor. A curve that bends up on
Krait by more than twice what it does on CPython is marked and makes the exit status 1.
"""

import argparse
import json
import os
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
DEPS = pathlib.Path(os.environ.get("DEPS") or HERE.parent / "build/deps")

# Each: code to prepare for size n, the code that is timed, the largest size.
CASES = {
    "list append": ("", "x = []\nfor i in range(n): x.append(i)", 10**6),
    "list insert and pop at the end": ("x = list(range(n))", "for i in range(n): x.insert(len(x), x.pop())", 10**6),
    "list of slices": ("x = list(range(n))", "for i in range(0, n, 100): x[i:i + 100]", 10**6),
    "dict set": ("", "d = {}\nfor i in range(n): d[i] = i", 10**6),
    "dict get": ("d = {i: i for i in range(n)}", "for i in range(n): d[i]", 10**6),
    "dict of strings": ("k = [str(i) for i in range(n)]", "d = {}\nfor s in k: d[s] = 1\nfor s in k: d.pop(s)", 10**6),
    "dict as a queue": ("d = dict.fromkeys(range(100))", "for i in range(n):\n d[i + 100] = 1\n del d[next(iter(d))]", 10**5),
    "set add, discard": ("", "s = set()\nfor i in range(n): s.add(i * 7)\nfor i in range(n): s.discard(i * 7)", 10**6),
    "str += in a loop": ("", "s = ''\nfor i in range(n): s += 'x'", 10**6),
    "str join, split": ("p = ['ab'] * n", "' '.join(p).split(' ')", 10**6),
    "str replace, find": ("s = 'ab' * n", "s.replace('b', 'xy').find('zz')", 10**6),
    "sort of random ints": ("x = [i * 7919 % 1000003 for i in range(n)]", "sorted(x)", 10**6),
    "sort of tuples": ("x = [(i * 7919 % 1009, i) for i in range(n)]", "sorted(x)", 10**6),
    "gc with a live heap": ("live = [[i] for i in range(n)]", "for i in range(n): a = [i]; a.append(a)", 10**6),
    "gc.collect": ("import gc\nlive = [[i] for i in range(n)]", "gc.collect()", 10**6),
    "exceptions": ("", "for i in range(n):\n try: raise ValueError(i)\n except ValueError: pass", 10**6),
    "exception through frames": ("import sys\nsys.setrecursionlimit(10**6)\ndef f(k):\n if k: f(k - 1)\n else: raise KeyError",
                                 "try: f(n)\nexcept KeyError: pass", 10**5),
    "recursion": ("import sys\nsys.setrecursionlimit(10**6)\ndef f(k): return k and f(k - 1)", "f(n)", 10**5),
    "nested lists freed": ("", "x = None\nfor i in range(n): x = [x]\ndel x", 10**6),
    "import": ("import sys, types, tempfile, os\nd = tempfile.mkdtemp()\nsys.path.insert(0, d)\nsys.dont_write_bytecode = True\n"
               "for i in range(n): open(os.path.join(d, f'm{i}_{n}.py'), 'w').close()",
               "for i in range(n): __import__(f'm{i}_{n}')", 10**3),
    "int to str and back": ("", "int(str(1 << n))", 10**4),
    "big product": ("a = (1 << n) - 1", "a * (a + 2)", 10**6),
}

PROGRAM = """
import json, sys, time
prepare, body, n = json.loads(sys.argv[1])
names = {"n": n}
exec(prepare, names)
code = "def run():\\n" + "".join(" " + line + "\\n" for line in body.splitlines())
wanted = [name for name in names if name not in ("n", "__builtins__")]
exec(code, names)
best = 1e9
for _ in range(3 if n < 10**6 else 1):
    if "pop(s)" in body or "insert" in body:
        exec(prepare, names)
    start = time.process_time()
    names["run"]()
    best = min(best, time.process_time() - start)
print(best)
"""


def seconds(python, prepare, body, n):
    env = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
    env.setdefault("KRAIT_STDLIB", str(DEPS / "stdlib"))
    command = [python, "-c", PROGRAM, json.dumps([prepare, body, n])]
    process = subprocess.run(command, env=env, capture_output=True, text=True, timeout=600)
    if process.returncode != 0:
        raise RuntimeError((process.stderr.strip().splitlines() or [f"status {process.returncode}"])[-1])
    return float(process.stdout)


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("cases", nargs="*")
    parser.add_argument("--krait", default=str(HERE.parent / "build/pgo/krait"))
    parser.add_argument("--max", type=int, default=10**6)
    options = parser.parse_args()
    pythons = {"krait": options.krait, "cpython": str(DEPS / "oracle/usr/bin/python3.14")}
    status = 0
    print(f"{'ns per element':32}{'':9}" + "".join(f"{10**e:>11,}" for e in range(3, 7)))
    for name in options.cases or CASES:
        prepare, body, largest = CASES[name]
        curves = {}
        for python, path in pythons.items():
            curve, e = [], 3 if largest > 10**4 else 1
            sizes = [10**k for k in range(e, 7) if 10**k <= min(largest, options.max)]
            try:
                curve = [seconds(path, prepare, body, n) / n * 1e9 for n in sizes]
            except (RuntimeError, subprocess.SubprocessError) as error:
                print(f"{name} on {python}: {error}", file=sys.stderr)
                status = 1
            curves[python] = curve
            pad = 11 * (sizes[0].__str__().__len__() - 4) if sizes and sizes[0] >= 1000 else 0
            print(f"{name if python == 'krait' else '':32}{python:9}{' ' * pad}" + "".join(f"{v:11.1f}" for v in curve)
                  + (f"   (from {sizes[0]})" if sizes[0] < 1000 else ""), flush=True)
        mine, theirs = curves["krait"], curves["cpython"]
        if len(mine) > 1 and len(theirs) > 1 and mine[-1] / mine[0] > 2 * max(1.0, theirs[-1] / theirs[0]):
            print(f"{'':32}bends up: x{mine[-1] / mine[0]:.1f} here, x{theirs[-1] / theirs[0]:.1f} there")
            status = 1
    return status


if __name__ == "__main__":
    sys.exit(main())
