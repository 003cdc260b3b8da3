#!/usr/bin/env python3
"""Writes cmake/link.order: the functions that programs run, those that every start runs first.

usage: tools/link/order.py [--krait PATH] [--output FILE]

The linker (CMakeLists.txt) lays functions out in this order. The kernel maps program text in windows of 64 KiB, so
what start-up needs should not be spread over the whole program: laid out together it is a third of the memory and
of the page faults. Counted by valgrind (callgrind); run it again when much has changed, an old list only loses
some of its effect. Needs `apt-get install valgrind` and a build with symbols.
"""

import argparse
import os
import pathlib
import re
import subprocess
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
DEPS = pathlib.Path(os.environ.get("DEPS") or ROOT / "build/deps")
# In the order of the groups in the file.
START = ["-c", "pass"]
IMPORTS = ["-c", "import asyncio, typing, argparse, http.client, json, re, logging, dataclasses, pathlib"]
BENCHMARKS = """
import sys
for path in sys.argv[1:]:
    namespace = {"__name__": "benchmark"}
    with open(path, encoding="utf-8") as file:
        exec(compile(file.read(), path, "exec"), namespace)
    if "run" in namespace:
        namespace["run"]()
"""


def functions(krait, command):
    """The mangled names of the program's functions that ran."""
    env = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
    env.setdefault("KRAIT_STDLIB", str(DEPS / "stdlib"))
    with tempfile.TemporaryDirectory() as folder:
        out = f"{folder}/counts"
        subprocess.run(
            ["valgrind", "--tool=callgrind", f"--callgrind-out-file={out}", "--demangle=no", "--compress-strings=no",
             krait, *command],
            env=env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )
        names, ours = set(), False
        with open(out) as file:
            for line in file:
                if line.startswith("ob="):
                    ours = line.rstrip().endswith("/" + pathlib.Path(krait).name)
                elif ours and line.startswith("fn="):
                    # Recursion levels, and what link-time optimization appends, are no part of the name.
                    names.add(re.sub(r"('\d+|\.llvm\.\d+)+$", "", line[3:].strip()))
        return names


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("--krait", default=str(ROOT / "build/release/krait"))
    parser.add_argument("--output", default=str(ROOT / "cmake/link.order"))
    options = parser.parse_args()
    krait = str(pathlib.Path(options.krait).absolute())
    programs = map(str, sorted((ROOT / "bench/programs").glob("*.py")))
    groups = [START, IMPORTS, ["-c", BENCHMARKS, *programs]]
    seen, lines = set(), []
    for command in groups:
        fresh = {name for name in functions(krait, command) - seen if re.fullmatch(r"[A-Za-z_.$0-9]+", name)}
        seen |= fresh
        lines += sorted(fresh)
        print(f"{len(fresh):6} {command[1].splitlines()[0]}", flush=True)
    pathlib.Path(options.output).write_text("".join(line + "\n" for line in lines), "utf-8")


main()
