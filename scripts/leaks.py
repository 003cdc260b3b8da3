#!/usr/bin/env python3
"""Looks for leaks: runs each test module several times in one process and counts what is left after each run.

usage: scripts/leaks.py [options] [list | test_module ...]      (default: the list core)

The counting is that of CPython's test suite (its -R option): memory blocks and file descriptors still in use, and
references; a build that does not count these (any but `make debug`) counts the objects that the collector knows. A module
leaks when a count grows in every run, by more than on the oracle: some tests leave things behind anywhere.

Options: --python PATH  -j N  --timeout S (per module)  -k TEXT (modules)  --runs N  --log DIR  -v
The last line is 'N passed, N failed' in modules.
"""

import argparse
import concurrent.futures
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
LISTS = ROOT / "tests/cpython"
DEPS = pathlib.Path(os.environ.get("DEPS") or ROOT / "build/deps")
ORACLE = DEPS / "oracle/python3.14"
DRIVER = """
import gc, sys
if not hasattr(sys, "gettotalrefcount"):
    sys.gettotalrefcount = lambda: len(gc.get_objects())
from test.libregrtest.main import main
main()
"""
# Of the caches that fill slowly, most are full after some runs.
WARMUPS = 3
LEAK = re.compile(r"leaked \[([-\d, ]+)\] (references|memory blocks|file descriptors)")


def run(python, module, options):
    """({what leaks: least growth in a run}, note or None, output)"""
    with tempfile.TemporaryDirectory(prefix="krait-leaks-") as folder:
        env = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
        env.update(TMPDIR=folder, PYTHONHASHSEED="1", KRAIT_STDLIB=env.get("KRAIT_STDLIB", str(DEPS / "stdlib")))
        command = [python, "-c", DRIVER, "-u", "none", "-R", f"{WARMUPS}:{options.runs}", module]
        process = subprocess.Popen(
            command, cwd=folder, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, process_group=0,
        )
        note = None
        try:
            output = process.communicate(timeout=options.timeout)[0]
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            output, note = process.communicate()[0], f"timeout after {options.timeout:g} s"
    text = output.decode("utf-8", "replace")
    if options.log:
        pathlib.Path(options.log).mkdir(parents=True, exist_ok=True)
        (pathlib.Path(options.log) / f"{module}-{pathlib.Path(python).name}.log").write_text(text, "utf-8")
    if process.returncode < 0 and not note:
        note = f"killed by signal {signal.Signals(-process.returncode).name}"
    growth = {}
    for deltas, what in LEAK.findall(text):
        least = min(map(int, deltas.split(",")))
        if least > 0:
            growth[what] = least
    if not note and not growth and not re.search(r"^Total test files:", text, re.M):
        note = f"broke off with status {process.returncode}"
    return growth, note, text


def examine(module, options):
    """(leaks as text, or None)"""
    growth, note, text = run(options.python, module, options)
    if note:
        return note + "".join(f"\n    | {line}" for line in text.splitlines()[-5:])
    if not growth:
        return None
    usual = run(str(ORACLE), module, options)[0]
    worse = {what: least for what, least in growth.items() if least > usual.get(what, 0)}
    return ", ".join(f"{least} {what} a run" for what, least in worse.items()) or None


def module_names(options):
    names = []
    for what in options.what or ["core"]:
        path = LISTS / f"{what}.txt"
        names += re.findall(r"^test\S*", path.read_text("utf-8"), re.M) if path.exists() else [what]
    return [name for name in dict.fromkeys(names) if options.match in name]


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("what", nargs="*")
    parser.add_argument("--python", default=str(ROOT / "build/release/krait"))
    parser.add_argument("-j", dest="jobs", type=int, default=1)
    parser.add_argument("--timeout", type=float, default=1200)
    parser.add_argument("-k", dest="match", default="")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--log")
    parser.add_argument("-v", dest="verbose", action="store_true")
    options = parser.parse_args()
    options.python = os.path.abspath(options.python)
    if not os.access(options.python, os.X_OK):
        sys.exit(f"leaks: {options.python} is not there: make build")
    passed = failed = 0
    with concurrent.futures.ThreadPoolExecutor(max_workers=max(1, options.jobs)) as pool:
        jobs = {pool.submit(examine, name, options): name for name in module_names(options)}
        for job in concurrent.futures.as_completed(jobs):
            leaks = job.result()
            passed, failed = passed + (leaks is None), failed + (leaks is not None)
            if leaks or options.verbose:
                print(f"{'leak' if leaks else 'ok':6}{jobs[job]}{': ' + leaks if leaks else ''}", flush=True)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
