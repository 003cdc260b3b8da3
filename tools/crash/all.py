#!/usr/bin/env python3
"""Programs that try to crash Krait. Whatever they do, the process must reach its end.

usage: tools/crash/all.py [--python PATH] [--seed N] [--cases N] [--timeout S] [program ...]

  deep       structures nested 100,000 times through every operation that recurses, and their destruction
  mutate     objects whose special methods change the containers that are being worked on
  reenter    iterators used again by what they call
  everything functions and types of every native module, called with hostile objects
  grammar    random patterns, formats, specifications, streams of opcodes
  bytecode   code objects with parts changed at random, and run
  frames     what runs is changed while it runs: frames, generators, code, classes, tracers, monitors, tasks
  corrupt    pickles, marshal data, archives, expressions and so on with bytes changed
  interrupts operations broken off by exceptions out of signal handlers
  threads    threads that change the containers others are working on
  exhaust    objects of every kind until the limit of memory is met, again and again, in threads, and what works then
  memory     each operation again and again, while its first, second, third ... allocation fails (needs a build with checks)

A program prints `end` last. Death by a signal, a sanitizer's report or an assertion is a failure; so is a timeout.
The last line is 'N passed, N failed'.
"""

import argparse
import os
import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
PROGRAMS = "deep mutate reenter everything grammar bytecode frames corrupt interrupts threads exhaust memory".split()
SIGNS = ("AddressSanitizer", "runtime error:", "krait: fatal:", "Fatal Python error")


def run(name, options):
    command = [options.python, str(HERE / f"{name}.py"), str(options.seed), str(options.cases)]
    with tempfile.TemporaryDirectory(prefix="krait-crash-") as folder:
        try:
            p = subprocess.run(command, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, timeout=options.timeout)
        except subprocess.TimeoutExpired as e:
            return f"timeout; last: {(e.stdout or b'').decode('utf-8', 'replace').splitlines()[-1:]}"
    out, err = p.stdout.decode("utf-8", "replace").splitlines(), p.stderr.decode("utf-8", "replace")
    if p.returncode == 0 and out[-1:] == ["end"] and not any(sign in err for sign in SIGNS):
        return None
    return f"status {p.returncode}; last: {out[-1:]}\n" + "".join(f"    | {line}\n" for line in err.splitlines()[:40])


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("programs", nargs="*")
    parser.add_argument("--python", default=str(ROOT / "build/release/krait"))
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--cases", type=int, default=1000)
    parser.add_argument("--timeout", type=float, default=1800)
    options = parser.parse_args()
    options.python = os.path.abspath(options.python)
    failed = 0
    programs = options.programs or PROGRAMS
    for name in programs:
        trouble = run(name, options)
        failed += trouble is not None
        print(f"{'FAIL' if trouble else 'ok':6}{name}{': ' + trouble if trouble else ''}", flush=True)
    print(f"{len(programs) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
