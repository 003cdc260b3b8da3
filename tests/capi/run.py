#!/usr/bin/env python3
"""Compiles the extensions of this folder against CPython's headers, runs each test on the oracle and on Krait and
compares what they print. Closes with 'N passed, N failed'.

usage: tests/capi/run.py [--python PATH] [NAME ...]     (scripts/fetch.sh headers oracle first)
"""
import argparse
import difflib
import os
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
DEPS = pathlib.Path(os.environ.get("DEPS") or ROOT / "build/deps")
TAG = "cpython-314-x86_64-linux-gnu"
EXTENSIONS = {"static_types": ("static_types.c", TAG), "heap_types": ("heap_types.cpp", TAG), "limited": ("limited.c", "abi3")}


def build(name, folder):
    source, tag = EXTENSIONS[name]
    include = DEPS / "headers/usr/include"
    compiler = ["clang++-19", "-std=c++17"] if source.endswith(".cpp") else ["clang-19"]
    if source.endswith(".cpp"):
        compiler += ["-static-libstdc++", "-static-libgcc"]  # the oracle has a libc of its own
    command = compiler + ["-shared", "-fPIC", "-O1", f"-I{include}/python3.14", f"-I{include}", "-o", folder / f"{name}.{tag}.so", HERE / source]
    subprocess.run(command, check=True)


def run(python, name, folder):
    env = {"PATH": os.environ["PATH"], "PYTHONPATH": str(folder), "PYTHONHASHSEED": "0"}
    if "KRAIT_STDLIB" in os.environ:
        env["KRAIT_STDLIB"] = os.environ["KRAIT_STDLIB"]
    r = subprocess.run([python, HERE / f"test_{name}.py"], env=env, capture_output=True, text=True, timeout=60)
    return r.stdout + r.stderr + f"exit status {r.returncode}\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--python", default=str(ROOT / "build/release/krait"))
    parser.add_argument("names", nargs="*")
    options = parser.parse_args()
    folder = ROOT / "build/capi"
    folder.mkdir(parents=True, exist_ok=True)
    failed = 0
    names = options.names or list(EXTENSIONS)
    for name in names:
        build(name, folder)
        wanted = run(str(DEPS / "oracle/python3.14"), name, folder)
        got = run(options.python, name, folder)
        if got != wanted:
            failed += 1
            print(f"FAILED {name}")
            sys.stdout.writelines(difflib.unified_diff(wanted.splitlines(True), got.splitlines(True), "oracle", "krait"))
    print(f"{len(names) - failed} passed, {failed} failed")
    return failed != 0


sys.exit(main())
