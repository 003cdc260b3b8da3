#!/usr/bin/env python3
"""Benchmarks on Krait, CPython 3.14 (the oracle) and PyPy, side by side in one run.

usage: bench/run.py [options] [NAME ...]
  --krait PATH       the binary to measure              --rounds N      rounds in a process
  --no-pypy          leave PyPy out                     --processes N   processes for each benchmark
  --save FILE        keep the figures as JSON           --compare FILE  beside the figures of an earlier run
  --memory           instead: what the data of bench/memory.py takes

Each benchmark is bench/programs/NAME.py: run() and its EXPECTED result, which every interpreter has to give;
or COMMAND, an option with code, timed as a whole process. The interpreters take turns, so that a busy moment of
the machine hits all. `first` is loading and the first run(), `steady` a later run(), `peak` the memory of the
process; seconds are of the processor and the least of all rounds, `first` the median of the processes. Columns K/C and K/P are
Krait divided by CPython and by PyPy: below 1, Krait is better. Where the machine counts instructions
(perf stat), `instr` is that ratio for the first run, start-up included.
"""

import argparse
import json
import math
import os
import pathlib
import shutil
import statistics
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
DEPS = pathlib.Path(os.environ.get("DEPS") or HERE.parent / "build/deps")
METRICS = ["first", "steady", "peak", "instr"]
# Ends a program that tells its own peak: what wait4() says of a child is at least the memory of its parent.
TELL_PEAK = """
with open("/proc/self/status") as file:
    print(next(int(line.split()[1]) for line in file if line.startswith("VmHWM")))
"""


def environment():
    env = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
    env.setdefault("KRAIT_STDLIB", str(DEPS / "stdlib"))
    return env


def time_process(python, command):
    """The processor time and peak memory of a whole process."""
    process = subprocess.Popen([python, *command], env=environment(), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise RuntimeError(f"status {process.returncode}")
    seconds = usage.ru_utime + usage.ru_stime
    *options, code = command
    telling = [python, *options, code + TELL_PEAK]
    peak = subprocess.run(telling, env=environment(), stdin=subprocess.DEVNULL, capture_output=True, check=True).stdout
    return {"first": seconds, "rounds": [seconds], "peak": int(peak) * 1024}


def time_rounds(python, path, rounds):
    process = subprocess.run(
        [python, str(HERE / "harness.py"), str(path), str(rounds)],
        env=environment(), stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=600,
    )
    if process.returncode != 0:
        raise RuntimeError((process.stderr.strip().splitlines() or [f"status {process.returncode}"])[-1])
    return json.loads(process.stdout)


def forget(path):
    """Lets the system read a program anew. What was just written lies in memory in large pieces, each of which counts
    whole as memory of a process that touches it; what was read, in small ones."""
    with open(path, "rb") as file:
        os.fsync(file.fileno())
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def counts_instructions():
    perf = shutil.which("perf")
    if not perf:
        return False
    process = subprocess.run([perf, "stat", "-x,", "-e", "instructions:u", "true"], capture_output=True, text=True)
    return process.returncode == 0 and process.stderr.split(",")[0].isdigit()


def instructions(command):
    process = subprocess.run(
        ["perf", "stat", "-x,", "-e", "instructions:u", *command],
        env=environment(), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
    )
    last = process.stderr.strip().splitlines()[-1].split(",")[0]
    return int(last) if last.isdigit() else None


def measure(path, pythons, options):
    """{interpreter name: {metric: figure}, or None when it failed}"""
    namespace = {}
    exec(compile(path.read_text("utf-8"), str(path), "exec"), namespace)
    command = namespace.get("COMMAND")
    samples = {name: [] for name in pythons}
    for turn in range(options.processes * (options.rounds if command else 1)):
        for name, python in pythons.items():
            if samples[name] is None:
                continue
            try:
                samples[name].append(time_process(python, command) if command else time_rounds(python, path, options.rounds))
            except (RuntimeError, OSError, ValueError, subprocess.SubprocessError) as error:
                print(f"{path.stem} on {name}: {error}", file=sys.stderr)
                samples[name] = None
    figures = {}
    for name, values in samples.items():
        if not values:
            figures[name] = None
            continue
        figures[name] = {
            "first": statistics.median(v["first"] for v in values),
            "steady": min(min(v["rounds"]) for v in values),
            "peak": statistics.median(v["peak"] for v in values),
        }
        if options.instructions:
            own = command or [str(HERE / "harness.py"), str(path), "0"]
            figures[name]["instr"] = instructions([pythons[name], *own])
    return figures


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


def ratio(figures, metric, other):
    mine, theirs = figures.get("krait"), figures.get(other)
    if not mine or not theirs or not mine.get(metric) or not theirs.get(metric):
        return None
    return mine[metric] / theirs[metric]


def show(value, pattern, width):
    return (pattern % value if value is not None else "-").rjust(width)


def geometric_mean(values):
    return math.exp(statistics.fmean(map(math.log, values))) if values else None


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--krait", default=str(HERE.parent / "build/pgo/krait"))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--processes", type=int, default=3)
    parser.add_argument("--save")
    parser.add_argument("--compare")
    parser.add_argument("--no-pypy", action="store_true")
    parser.add_argument("--memory", action="store_true")
    options = parser.parse_args()
    options.instructions = counts_instructions()

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
    for path in pythons.values():
        forget(path)
    if options.memory:
        return memory(pythons)
    paths = [HERE / "programs" / f"{name}.py" for name in options.names] or sorted((HERE / "programs").glob("*.py"))
    earlier = json.loads(pathlib.Path(options.compare).read_text("utf-8")) if options.compare else {}

    metrics = METRICS if options.instructions else METRICS[:-1]
    columns = [("cpython", metric) for metric in metrics] + ([("pypy", "first"), ("pypy", "steady")] if "pypy" in peers else [])
    titles = [f"{metric} K/{other[0].upper()}" for other, metric in columns] + (["steady, now/then"] if earlier else [])
    print(f"{'':16}{'steady ms:':>12}" + "".join(name.rjust(10) for name in peers) + "".join(t.rjust(len(t) + 2) for t in titles))
    results, ratios, failed = {}, [[] for _ in titles], False
    for path in paths:
        figures = results[path.stem] = measure(path, pythons, options)
        failed |= any(value is None for value in figures.values())
        line = f"{path.stem:28}"
        for name in peers:
            line += show(figures[name]["steady"] * 1e3 if figures.get(name) else None, "%.2f", 10)
        row = [ratio(figures, metric, other) for other, metric in columns]
        if earlier:
            then = (earlier.get(path.stem) or {}).get("krait")
            row.append(figures["krait"]["steady"] / then["steady"] if then and figures["krait"] else None)
        for value, title, seen in zip(row, titles, ratios):
            line += show(value, "%.2f", len(title) + 2)
            seen += [value] if value else []
        print(line, flush=True)
    means = [geometric_mean(seen) for seen in ratios]
    line = f"{'geometric mean':28}" + " " * 10 * len(peers)
    print(line + "".join(show(mean, "%.2f", len(title) + 2) for mean, title in zip(means, titles)))
    if options.save:
        pathlib.Path(options.save).write_text(json.dumps(results, indent=1) + "\n", "utf-8")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
