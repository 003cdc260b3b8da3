#!/usr/bin/env python3
"""Cost of the boundary to C extensions: Krait against CPython, in one run. Builds bench/capi/boundary.c against CPython's
headers and runs worker.py on both, alternating; prints nanoseconds per operation and speed relative to CPython.

usage: bench/capi/run.py [--krait PATH] [--rounds N] [--seconds S] [WORD ...]      (names that contain a WORD)
"""
import argparse
import math
import os
import pathlib
import subprocess

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
DEPS = pathlib.Path(os.environ.get("DEPS") or ROOT / "build/deps")


def build(folder):
    include = DEPS / "headers/usr/include"
    folder.mkdir(parents=True, exist_ok=True)
    subprocess.run(["clang-19", "-shared", "-fPIC", "-O2", "-Wno-missing-field-initializers", f"-I{include}/python3.14",
                    f"-I{include}", "-o", folder / "boundary.cpython-314-x86_64-linux-gnu.so", HERE / "boundary.c"], check=True)


def measure(python, folder, seconds, words):
    env = dict(os.environ, PYTHONPATH=str(folder), PYTHONHASHSEED="0")
    r = subprocess.run([python, HERE / "worker.py", str(seconds), *words], env=env, stdout=subprocess.PIPE, text=True, check=True)
    return {name: float(s) for name, s in (line.split("\t") for line in r.stdout.splitlines())}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--krait", default=str(ROOT / "build/release/krait"))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=0.05, help="per measurement")
    parser.add_argument("words", nargs="*")
    options = parser.parse_args()
    folder = ROOT / "build/capi"
    build(folder)
    best = ({}, {})
    for _ in range(options.rounds):
        for times, python in zip(best, (str(DEPS / "oracle/python3.14"), options.krait)):
            for name, s in measure(python, folder, options.seconds, options.words).items():
                times[name] = min(s, times.get(name, s))
    cpython, krait = best
    print(f"{'':34}{'CPython':>10}{'Krait':>10}  ns    speed")
    ratios = []
    for name in cpython:
        ratios.append(cpython[name] / krait[name])
        print(f"{name:34}{cpython[name] * 1e9:10.1f}{krait[name] * 1e9:10.1f}{ratios[-1]:13.2f}{'' if ratios[-1] >= 0.9 else '  <'}")
    mean = math.exp(sum(map(math.log, ratios)) / len(ratios))
    print(f"{len(ratios)} measured, {sum(r >= 0.9 for r in ratios)} at 0.9 or more; geometric mean {mean:.2f}")


if __name__ == "__main__":
    main()
