"""Compares every stage of the front end, as programs see it, with the oracle: the same script runs in both.

usage: all.py [--krait EXE] [--oracle EXE] [--step N] [--stages LIST] [--mutations N] [--generated N] [--seed N]
              [--speed] [--show N] [PATH...]
PATH: files or folders; the default is the standard library with its test suite. --step takes every Nth file. --stages:
tokens,ast,ast-O1,ast-O2,ast-types,features,modes,symtable,code-O0,code-O1,code-O2,from-ast,unparse,marshal-O0,errors,
generated; the default is all of them. `features` parses for Python 3.3 to 3.14, `modes` pieces of the file as eval(),
a prompt and types of functions would. `errors` are the programs inside CPython's own tests of syntax and --mutations programs changed
at random; `generated` are --generated programs out of the grammar. Of those that compile, tree and code are compared.
--speed: the time of both for the files, and for a file of 50,000 lines. Ends with a line for each stage.
"""

import argparse
import importlib
import importlib.util
import json
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
WORKER = Path(__file__).with_name("stages_worker.py")
STAGES = ("tokens ast ast-O1 ast-O2 ast-types features modes symtable code-O0 code-O1 code-O2 from-ast unparse marshal-O0 errors generated").split()
BATCH = 25


def run(exe, args, text, timeout=900):
    try:
        process = subprocess.run([exe, str(WORKER), *args], input=text, capture_output=True, text=True, timeout=timeout)
    except subprocess.TimeoutExpired:
        return [], "no end after %d s" % timeout
    return process.stdout.splitlines(), process.stderr[-300:] if process.returncode else ""


def first_difference(args, stage, file):
    texts = []
    for exe in (args.krait, args.oracle):
        lines, trouble = run(exe, ["text", stage], file + "\n")
        texts.append(json.loads(lines[0])[stage] if lines else trouble)
    for a, b in zip(texts[0].split("\n"), texts[1].split("\n")):
        if a != b:
            at = next((i for i, (x, y) in enumerate(zip(a, b)) if x != y), min(len(a), len(b)))
            at = max(0, at - 60)
            return f"\n    krait  {a[at:at + 160]}\n    oracle {b[at:at + 160]}"
    return f" lengths {len(texts[0])} and {len(texts[1])}"


def compare_files(args, files, stages):
    totals = {stage: [0, 0] for stage in stages}
    for begin in range(0, len(files), BATCH):
        batch = files[begin:begin + BATCH]
        text = "".join(f + "\n" for f in batch)
        mine, trouble = run(args.krait, ["digests", *stages], text)
        theirs, _ = run(args.oracle, ["digests", *stages], text)
        if len(mine) != len(batch):
            print(f"krait stopped at {batch[min(len(mine), len(batch) - 1)]}: {trouble}")
        for i, file in enumerate(batch):
            a = json.loads(mine[i]) if i < len(mine) else {}
            b = json.loads(theirs[i]) if i < len(theirs) else {}
            for stage in stages:
                same = stage in a and a[stage] == b.get(stage)
                totals[stage][not same] += 1
                if not same and totals[stage][1] <= args.show:
                    print(f"{stage} {file}:{first_difference(args, stage, file)}", flush=True)
    for stage, (same, different) in totals.items():
        print(f"{stage:10} {same + different} files: {same} identical, {different} different")
    return not any(different for _, different in totals.values())


def wrong_programs():
    sys.path.insert(0, str(Path(__file__).parent))
    spec = importlib.util.spec_from_file_location("parse_errors", Path(__file__).with_name("parse-errors.py"))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def compare_texts(args, name, texts):
    same, shown, different = 0, 0, 0
    for begin in range(0, len(texts), 1000):
        batch = texts[begin:begin + 1000]
        mine, trouble = run(args.krait, ["errors"], json.dumps(batch))
        theirs, _ = run(args.oracle, ["errors"], json.dumps(batch))
        if len(mine) != len(batch):
            print(f"krait stopped at {batch[min(len(mine), len(batch) - 1)]!r}: {trouble}")
        for i, text in enumerate(batch):
            a, b = (answers[i] if i < len(answers) else "no answer" for answers in (mine, theirs))
            if a == b:
                same += 1
                continue
            different += 1
            if shown < args.show:
                shown += 1
                print(f"{name} {text[:300]!r}\n    krait  {a[:300]}\n    oracle {b[:300]}", flush=True)
    share = 100 * same / max(1, len(texts))
    print(f"{name:10} {len(texts)} programs: {same} identical, {different} different ({share:.2f}%)")
    return different == 0


def compare_speed(args, files):
    with tempfile.NamedTemporaryFile("w", suffix=".py") as long_file:
        for i in range(5000):
            long_file.write(f"def f{i}(a, b=None, *args, **kwargs):\n    for x in range({i}):\n        if x % 3 == a:\n"
                            f"            yield x, [y for y in b if y > {i}]\n        else:\n"
                            f"            print(f'{{x!r}} and {{a + {i}}}', end='')\n    return {{'key{i}': a.b.c(d=e)}}\n"
                            f"class C{i}(object):\n    value: int = {i} + 1\n    name = 'n{i}'\n")
        long_file.flush()
        for name, paths in (("files", files), ("50,000 lines", [long_file.name])):
            text = "".join(p + "\n" for p in paths)
            answers = [run(exe, ["speed"], text) for exe in (args.krait, args.oracle)]
            if not all(lines for lines, _ in answers):
                print(f"speed      {name}: no answer: {[trouble for _, trouble in answers]}")
                continue
            mine, theirs = (json.loads(lines[0]) for lines, _ in answers)
            for job in mine:
                print(f"speed      {name}, {job}: krait {mine[job]:.2f} s, oracle {theirs[job]:.2f} s, "
                      f"ratio {mine[job] / theirs[job]:.2f}", flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--krait", default=str(ROOT / "build/release/krait"))
    parser.add_argument("--oracle", default=str(ROOT / "build/deps/oracle/python3.14"))
    parser.add_argument("--step", type=int, default=1)
    parser.add_argument("--stages", default=",".join(STAGES))
    parser.add_argument("--mutations", type=int, default=20000)
    parser.add_argument("--generated", type=int, default=20000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--speed", action="store_true")
    parser.add_argument("--show", type=int, default=5)
    parser.add_argument("paths", nargs="*")
    args = parser.parse_args()
    files = []
    for path in map(Path, args.paths or [ROOT / "build/deps/stdlib", ROOT / "build/deps/testsuite"]):
        files += [str(path)] if path.is_file() else sorted(map(str, path.rglob("*.py")))
    files = files[::args.step]
    stages = [s for s in args.stages.split(",") if s]
    good = True
    if by_file := [s for s in stages if s not in ("errors", "generated")]:
        good &= compare_files(args, files, by_file)
    if "errors" in stages:
        module = wrong_programs()
        good &= compare_texts(args, "errors", [t for t in module.test_texts() if "\0" not in t])
        mutator = module.Mutator(args.seed)
        texts = [mutator.program() for _ in range(args.mutations)]
        good &= compare_texts(args, "mutations", [t for t in texts if "\0" not in t])
    if "generated" in stages:
        sys.path.insert(0, str(Path(__file__).parent))
        generator = importlib.import_module("generate").Generator(args.seed)
        good &= compare_texts(args, "generated", [generator.program() for _ in range(args.generated)])
    if args.speed:
        compare_speed(args, files)
    return 0 if good else 1


sys.exit(main())
