#!/usr/bin/env python3
"""Krait and the oracle write .pyc files of the same sources, and each loads what the other wrote.

usage: pyc-exchange.py [--krait EXE] [--oracle EXE] [FOLDER ...]      (default: the standard library without its tests)

Ends with the number of files whose code object is the same in all four combinations of writer and reader.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
WRITER = """
import importlib.util, py_compile, sys, warnings
sys.implementation.cache_tag = "exchange"  # the two name their caches differently
warnings.simplefilter("ignore")
for line in sys.stdin:
    source = line.rstrip("\\n")
    try:
        py_compile.compile(source, doraise=True, invalidation_mode=py_compile.PycInvalidationMode.CHECKED_HASH)
    except Exception as error:
        print(source, type(error).__name__)
"""
READER = """
import importlib.machinery, importlib.util, json, sys
sys.path.insert(0, TOOLS)
sys.implementation.cache_tag = "exchange"
import stages_worker_text
class Loader(importlib.machinery.SourceFileLoader):
    compiled = False
    def source_to_code(self, *args, **kwargs):
        self.compiled = True
        return super().source_to_code(*args, **kwargs)
answers = {}
for line in sys.stdin:
    source = line.rstrip("\\n")
    try:
        loader = Loader("m", source)
        out = []
        stages_worker_text.code_text(loader.get_code("m"), out)
        answers[source] = "compiled again" if loader.compiled else "\\n".join(out)
    except SyntaxError:
        answers[source] = "SyntaxError"
    except Exception as error:
        answers[source] = repr(error)
print(json.dumps(answers))
"""


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--krait", default=str(ROOT / "build/release/krait"))
    parser.add_argument("--oracle", default=str(ROOT / "build/deps/oracle/python3.14"))
    parser.add_argument("folders", nargs="*")
    args = parser.parse_args()
    files = []
    for folder in args.folders or [ROOT / "build/deps/stdlib"]:
        files += sorted(str(p) for p in Path(folder).rglob("*.py") if "test" not in p.relative_to(folder).parts)
    names = "".join(f + "\n" for f in files)
    exes = {"krait": args.krait, "oracle": args.oracle}
    answers = {}
    with tempfile.TemporaryDirectory() as folder:
        # What shows a code object's parts, without the worker's main program.
        worker = (ROOT / "tools/compare/stages_worker.py").read_text()
        (Path(folder) / "stages_worker_text.py").write_text("import types\n" + worker[worker.index("def code_text"):
                                                                                     worker.index("def block_text")])
        for writer, exe in exes.items():
            prefix = ["-X", f"pycache_prefix={folder}/{writer}"]
            wrote = subprocess.run([exe, *prefix, "-c", WRITER], input=names, capture_output=True, text=True)
            if wrote.returncode:
                sys.exit(f"{writer} could not write: {wrote.stderr[-500:]}")
            for reader, other in exes.items():
                read = subprocess.run([other, "-B", *prefix, "-c", READER.replace("TOOLS", repr(folder))], input=names,
                                      capture_output=True, text=True)
                if read.returncode:
                    sys.exit(f"{reader} could not read what {writer} wrote: {read.stderr[-500:]}")
                answers[writer, reader] = json.loads(read.stdout)
    same = 0
    for file in files:
        texts = {pair: answer[file] for pair, answer in answers.items()}
        if len(set(texts.values())) == 1 and "compiled again" not in texts.values():
            same += 1
        else:
            print(file, {f"{w} to {r}": t[:60] for (w, r), t in texts.items()})
    print(f"{len(files)} files: {same} the same in all combinations, {len(files) - same} different")
    return same != len(files)


sys.exit(main())
