#!/usr/bin/env python3
"""Small benchmarks on Krait, CPython 3.14 (the oracle) and PyPy, side by side in one run.

usage: bench/run.py [--krait PATH] [--rounds N] [--processes N] [--json FILE] [--no-pypy] [--memory] [NAME ...]

Each benchmark is bench/programs/NAME.py: run() and its EXPECTED result, which every interpreter
has to give; or COMMAND, timed as a whole process. The interpreters take turns, so that a busy
moment of the machine hits all; the figure is the median. Ratios are time on Krait divided by time
on the other: below 1, Krait is faster. --memory shows instead what the data of bench/memory.py takes.
"""

import argparse
import json
import math
import os
import pathlib
import statistics
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
DEPS = pathlib.Path(os.environ.get("DEPS") or HERE.parent / "build/deps")


def environment():
    env = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
    env.setdefault("KRAIT_STDLIB", str(DEPS / "stdlib"))
    return env


def time_process(python, command):
    start = time.perf_counter()
    subprocess.run([python, *command], check=True, env=environment(), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    return [time.perf_counter() - start]


def time_rounds(python, path, rounds):
    process = subprocess.run(
        [python, str(HERE / "harness.py"), str(path), str(rounds)],
        env=environment(), stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=600,
    )
    if process.returncode != 0:
        raise RuntimeError((process.stderr.strip().splitlines() or [f"status {process.returncode}"])[-1])
    return [float(line) for line in process.stdout.split()]


def measure(path, pythons, options):
    """{interpreter name: median seconds, or None when it failed}"""
    namespace = {}
    exec(compile(path.read_text("utf-8"), str(path), "exec"), namespace)
    command = namespace.get("COMMAND")
    times = {name: [] for name in pythons}
    for turn in range(options.processes * (options.rounds if command else 1)):
        for name, python in pythons.items():
            if times[name] is None:
                continue
            try:
                seconds = time_process(python, command) if command else time_rounds(python, path, options.rounds)
                # The first run of a process fills the file caches.
                times[name] += [] if command and turn == 0 else seconds
            except (RuntimeError, OSError, subprocess.SubprocessError) as error:
                print(f"{path.stem} on {name}: {error}", file=sys.stderr)
                times[name] = None
    return {name: statistics.median(values) if values else None for name, values in times.items()}


def memory(pythons):
    """Megabytes of resident memory that each kind of data takes."""
    namespace = {"__name__": "cases"}
    exec((HERE / "memory.py").read_text("utf-8"), namespace)
    print(f"{'megabytes':32}" + "".join(name.rjust(11) for name in pythons))
    for case in namespace["CASES"]:
        figures = []
        for python in pythons.values():
            command = [python, str(HERE / "memory.py"), case]
            process = subprocess.run(command, env=environment(), stdin=subprocess.DEVNULL, capture_output=True, text=True)
            figures.append(float(process.stdout) if process.returncode == 0 else None)
        print(f"{case:32}" + "".join(show(figure, "%.1f", 11) for figure in figures), flush=True)


def ratio(figures, other):
    mine, theirs = figures.get("krait"), figures.get(other)
    return mine / theirs if mine and theirs else None


def show(value, pattern, width):
    return (pattern % value if value is not None else "-").rjust(width)


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--krait", default=str(HERE.parent / "build/release/krait"))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--processes", type=int, default=3)
    parser.add_argument("--json")
    parser.add_argument("--no-pypy", action="store_true")
    parser.add_argument("--memory", action="store_true")
    options = parser.parse_args()

    # The programs behind the wrapper scripts: a shell's start-up is not to be measured.
    peers = {
        "krait": pathlib.Path(options.krait),
        "cpython": DEPS / "oracle/usr/bin/python3.14",
        "pypy": DEPS / "pypy/usr/bin/pypy3",
    }
    if options.no_pypy:
        del peers["pypy"]
    pythons = {name: str(path.absolute()) for name, path in peers.items() if path.exists()}
    for name in peers.keys() - pythons.keys():
        print(f"{name} is not there ({peers[name]}): left out", file=sys.stderr)
    if options.memory:
        return memory(pythons)
    paths = [HERE / "programs" / f"{name}.py" for name in options.names] or sorted((HERE / "programs").glob("*.py"))

    print(f"{'milliseconds':16}" + "".join(name.rjust(11) for name in peers) + "  krait/cpython" + ("  krait/pypy" if "pypy" in peers else ""))
    results, ratios, failed = {}, {"cpython": [], "pypy": []}, False
    for path in paths:
        figures = results[path.stem] = measure(path, pythons, options)
        failed |= any(value is None for value in figures.values())
        line = f"{path.stem:16}"
        for name in peers:
            line += show(figures[name] * 1e3 if figures.get(name) else None, "%.2f", 11)
        for other, width in [("cpython", 15), ("pypy", 12)]:
            if other in peers:
                one = ratio(figures, other)
                line += show(one, "%.2f", width)
                ratios[other] += [one] if one else []
        print(line, flush=True)
    means = [math.exp(statistics.fmean(map(math.log, ratios[other]))) if ratios[other] else None for other in ratios]
    print(f"{'geometric mean':16}" + " " * 11 * len(peers) + show(means[0], "%.2f", 15) + (show(means[1], "%.2f", 12) if "pypy" in peers else ""))
    if options.json:
        pathlib.Path(options.json).write_text(json.dumps(results, indent=1) + "\n", "utf-8")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
