#!/usr/bin/env python3
"""The training run of the profile-guided build: bench/train.py --krait PATH [--seconds S]

Runs what programs do most, for a short while each: the benchmarks, the test programs, and the start-up of
some modules. Failures do not matter here (the tests are there for that), but all of them failing does.
"""

import argparse
import concurrent.futures
import os
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
IMPORTS = ["asyncio", "typing", "argparse", "json", "re", "logging", "unittest", "dataclasses", "decimal", "pathlib"]
SNIPPET = """
import sys, time
namespace = {"__name__": "benchmark"}
with open(sys.argv[1], encoding="utf-8") as file:
    exec(compile(file.read(), sys.argv[1], "exec"), namespace)
if "run" in namespace:
    end = time.perf_counter() + float(sys.argv[2])
    while time.perf_counter() < end:
        namespace["run"]()
"""
SNIPPET_CAPI = """
import runpy, sys
folder, worker = sys.argv[1:3]
sys.path.insert(0, folder)
sys.argv[:] = [worker, *sys.argv[3:]]
runpy.run_path(worker, run_name="__main__")
"""


def extension():
    """The folder of the extension that bench/capi measures; None without CPython's headers."""
    sys.path.insert(0, str(ROOT / "bench/capi"))
    import run as boundary
    folder = ROOT / "build/capi"
    try:
        subprocess.run([ROOT / "scripts/fetch.sh", "headers"], check=True)
        boundary.build(folder)
    except (OSError, subprocess.CalledProcessError) as error:
        print(f"train: no extension to call: {error}", file=sys.stderr)
        return None
    return folder


def commands(seconds):
    """Where the weight should lie: benchmarks run for so long each, the test programs once."""
    for path in sorted((ROOT / "bench/programs").glob("*.py")):
        yield ["-c", SNIPPET, str(path), seconds]
    for path in sorted((ROOT / "tests/programs").glob("*.py")):
        yield [str(path)]
    for name in IMPORTS:
        yield ["-c", f"import {name}"]
    if folder := extension():
        yield ["-c", SNIPPET_CAPI, str(folder), str(ROOT / "bench/capi/worker.py"), "0.05"]
    # Compiling: without a cache of bytecode.
    yield ["-c", "import ast, inspect, textwrap; [compile(open(m.__file__).read(), 'm', 'exec') for m in (ast, inspect, textwrap)]"]


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("--krait", required=True)
    parser.add_argument("--seconds", default="0.5", help="how long each benchmark runs")
    parser.add_argument("-j", type=int, default=os.cpu_count())
    options = parser.parse_args()
    krait = str(pathlib.Path(options.krait).absolute())
    env = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}

    def run(command):
        with tempfile.TemporaryDirectory() as folder:
            try:
                process = subprocess.run([krait, *command], cwd=folder, env=env, timeout=120, stdin=subprocess.DEVNULL,
                                         stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
                return process.returncode == 0
            except subprocess.TimeoutExpired:
                return False

    with concurrent.futures.ThreadPoolExecutor(options.j) as pool:
        programs = list(commands(options.seconds))
        results = list(pool.map(run, programs))
    for command in (c for c, ended in zip(programs, results) if not ended):
        print("train: did not end well:", " ".join(command).replace("\n", "; ")[:150])
    print(f"train: {sum(results)} of {len(results)} programs ran to their end")
    return 0 if any(results) else 1


if __name__ == "__main__":
    sys.exit(main())
