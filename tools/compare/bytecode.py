"""Compares what Krait's compiler makes of files with the oracle: symbol tables, instructions or code objects.

usage: bytecode.py [--stage symtable|codegen|bytecode] [--mode exec|single|eval] [--await] [-O N] [--show N] [--step N]
                   [PATH...]
PATH: files or folders; the default is the standard library and the test suite below build/deps. --stage codegen shows
the instructions before the flow graph passes (needs the oracle's _testinternalcapi); --step takes every Nth file.
Of each file that differs the first difference is shown, up to --show files.
"""

import argparse
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

# Runs in the oracle: writes the dumps as `krait-frontend` does.
WORKER = r'''
import sys, threading, types, warnings
warnings.simplefilter("ignore")
sys.setrecursionlimit(200000)
threading.stack_size(512 * 1024 * 1024)
stage, optimize, mode, flags = sys.argv[1], int(sys.argv[2]), sys.argv[3], int(sys.argv[4])

def text_of(c):
    if isinstance(c, tuple): return "(" + "".join(text_of(i) + "," for i in c) + ")"
    if isinstance(c, frozenset): return "frozenset(" + "".join(i + "," for i in sorted(map(text_of, c))) + ")"
    if isinstance(c, slice): return "slice(" + "".join(text_of(i) + "," for i in (c.start, c.stop, c.step)) + ")"
    if isinstance(c, types.CodeType): return "code"
    return ascii(c)

def code(c, out):
    join = lambda names: "".join(n + "," for n in names)
    for label, value in (
            ("code", c.co_qualname), ("name", c.co_name), ("argcount", c.co_argcount),
            ("posonlyargcount", c.co_posonlyargcount), ("kwonlyargcount", c.co_kwonlyargcount),
            ("flags", c.co_flags), ("firstlineno", c.co_firstlineno), ("names", join(c.co_names)),
            ("varnames", join(c.co_varnames)), ("cellvars", join(c.co_cellvars)),
            ("freevars", join(c.co_freevars)), ("consts", "".join(text_of(k) + " ; " for k in c.co_consts)),
            ("stacksize", c.co_stacksize), ("bytes", c.co_code.hex()),
            ("exceptiontable", c.co_exceptiontable.hex()), ("linetable", c.co_linetable.hex())):
        out.append(f"{label} {value}")
    out.append("{")
    for k in c.co_consts:
        if isinstance(k, types.CodeType): code(k, out)
    out.append("}")

def sequence(seq, out):
    import dis
    out.append("unit")
    for op, arg, line, end_line, col, end_col in seq.get_instructions():
        out.append(f"{dis._all_opname[op]} {arg} {line} {end_line} {col} {end_col}")
    out.append("{")
    for nested in seq.get_nested(): sequence(nested, out)
    out.append("}")

def block(b, out):
    out.append(f"block {b.type} {b.name} {b.lineno} {b.nested}")
    out.append("varnames " + "".join(n + "," for n in b.varnames))
    out.extend(sorted(f"{name} {flags}" for name, flags in b.symbols.items()))
    out.append("{")
    for child in b.children: block(child, out)
    out.append("}")

def dump(path):
    source = open(path, "rb").read()
    out = []
    try:
        if stage == "symtable":
            import _symtable
            block(_symtable.symtable(source, path, mode), out)
        elif stage == "codegen":
            import ast, _testinternalcapi
            tree = ast.parse(source, path, mode)
            number = ("exec", "eval", "single").index(mode)
            sequence(_testinternalcapi.compiler_codegen(tree, path, optimize, number)[0], out)
        else:
            code(compile(source, path, mode, flags, dont_inherit=True, optimize=optimize), out)
    except (SyntaxError, ValueError, MemoryError, SystemError) as error:
        out = ["error"]
    return out

def main():
    for path in sys.stdin:
        path = path.rstrip("\n")
        print("== " + path)
        print("\n".join(dump(path)).encode("utf-8", "surrogatepass").decode("latin-1"))
    sys.stdout.flush()
    import os
    os._exit(0)

sys.stdout.reconfigure(encoding="latin-1")
worker = threading.Thread(target=main)
worker.start()
worker.join()
'''


def split(data):
    """{file: lines} of a dump."""
    result, lines = {}, []
    for line in data.decode("latin-1").split("\n"):
        if line.startswith("== "):
            lines = result.setdefault(line[3:], [])
        elif line:
            lines.append(line)
    return result


def normal(lines, stage):
    if lines and lines[0].startswith("error"):
        return ["error"]
    if stage == "codegen":
        return ["unit" if line.startswith("unit ") else line for line in lines]
    return lines


def show(file, mine, theirs, mine_raw):
    print(file)
    at = next((i for i, (a, b) in enumerate(zip(mine, theirs)) if a != b), min(len(mine), len(theirs)))
    head = next((line for line in reversed(mine_raw[:at + 1]) if line.startswith(("code ", "unit ", "block "))), "")
    print(f"    in {head}")
    for i in range(max(0, at - 3), at):
        print(f"             {mine[i][:150]}")
    for name, lines in (("krait ", mine), ("oracle", theirs)):
        for i in range(at, min(at + 3, len(lines))):
            print(f"    {name}   {lines[i][:300]}")


def oracle(args, files):
    run = subprocess.run([args.oracle, "-c", WORKER, args.stage, str(args.optimize), args.mode,
                          "8192" if args.top_level_await else "0"],
                         input="".join(f + "\n" for f in files).encode(), stdout=subprocess.PIPE)
    if run.returncode and len(files) > 1:
        # compiler_codegen can crash the oracle; then each file gets a process of its own.
        result = {}
        for file in files:
            result.update(oracle(args, [file]))
        return result
    return split(run.stdout)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--frontend", default=str(ROOT / "build/dev/krait-frontend"))
    parser.add_argument("--oracle", default=str(ROOT / "build/deps/oracle/python3.14"))
    parser.add_argument("--stage", default="bytecode", choices=("symtable", "codegen", "bytecode"))
    parser.add_argument("-O", dest="optimize", type=int, default=0)
    parser.add_argument("--show", type=int, default=5)
    parser.add_argument("--mode", default="exec", choices=("exec", "single", "eval"))
    parser.add_argument("--await", dest="top_level_await", action="store_true")
    parser.add_argument("--step", type=int, default=1)
    parser.add_argument("paths", nargs="*")
    args = parser.parse_args()
    files = []
    for path in map(Path, args.paths or [ROOT / "build/deps/stdlib", ROOT / "build/deps/testsuite"]):
        files += [str(path)] if path.is_file() else sorted(map(str, path.rglob("*.py")))
    files = files[::args.step]
    flags = [[], ["-O"], ["-OO"]][args.optimize] if args.stage != "symtable" else []
    flags.append("--" + args.mode)
    if args.top_level_await:
        flags.append("--await")
    same = shown = failed = 0
    for begin in range(0, len(files), 40):
        batch = files[begin:begin + 40]
        theirs = oracle(args, batch)
        run = subprocess.run([args.frontend, args.stage, *flags, *batch], stdout=subprocess.PIPE)
        if run.returncode < 0:
            print(f"krait-frontend died of signal {-run.returncode}")
        mine = split(run.stdout)
        for file in batch:
            raw = mine.get(file, ["no answer"])
            a, b = normal(raw, args.stage), normal(theirs.get(file, ["no answer of the oracle"]), args.stage)
            failed += a == b == ["error"]
            if a == b:
                same += 1
            elif shown < args.show:
                shown += 1
                show(file, a if a != ["error"] else raw, b, raw)
    print(f"{args.stage} -O{args.optimize}: {len(files)} files compared: {same} identical ({failed} of them errors in both), "
          f"{len(files) - same} different")
    sys.exit(same != len(files))


main()
