#!/usr/bin/env python3
"""Runs the tests of this repository and closes with the line 'N passed, N failed'.

  unit       every build/release/tests/unit/unit_* (GoogleTest), each case counts
  programs   tests/programs/*.py \\
  modules    tests/modules/*.py   > run on Krait; standard output, standard error and exit status have to be
  cli        tests/cli/*.py      /  those of the oracle, recorded in expected/NAME.{out,err,rc}

usage: tests/run.py [options] [suite | path/to/program.py ...]      (all suites unless named)
  --record          run on the oracle and write the expectations (review the difference like code)
  --oracle          compare with a run of the oracle now instead of with the recorded expectations
  --python PATH     the interpreter to test, instead of BUILD/krait
  --build DIR       the build folder (build/release)
  -k TEXT           only the tests whose name contains TEXT
  -j N              so many at a time
  --timeout S       seconds for one program (60)
  -v                name what passes, too

A program runs in an empty folder of its own with standard input from NAME.in, if there is one. What
differs between machines is replaced on both sides: <stdlib>, <root>, <tmp>, <python>, and addresses
(0x...). An expectation that is an empty file (or status 0) is not written.
"""

import argparse
import concurrent.futures
import difflib
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
TESTS = ROOT / "tests"
PROGRAM_SUITES = ("programs", "modules", "cli")
DEPS = pathlib.Path(os.environ.get("DEPS") or ROOT / "build/deps")
STDLIB = pathlib.Path(os.environ.get("KRAIT_STDLIB") or DEPS / "stdlib")
ORACLE = DEPS / "oracle/python3.14"
ADDRESS = re.compile(r"\b(at|object|id) 0x[0-9a-f]+\b")


class Interpreter:
    """A Python to run programs on, with what of its output depends on the machine."""

    def __init__(self, path, library):
        self.path = os.path.abspath(path)
        self.names = []
        # An unpacked oracle starts a program of its own, and that is what sys.executable says.
        executables = [self.path, str(ORACLE.resolve().parent / "usr/bin/python3.14")]
        for place, name in [(STDLIB, "<stdlib>"), (library, "<stdlib>"), (ROOT, "<root>")]:
            self.names += [(str(place), name), (str(place.resolve()), name)]
        self.names = [(path, "<python>") for path in executables] + self.names

    def environment(self, folder):
        keep = {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "KRAIT_STDLIB": str(STDLIB)}
        for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS"):
            if name in os.environ:
                keep[name] = os.environ[name]
        return keep | {
            "HOME": folder,
            "TMPDIR": folder,
            "LC_ALL": "C.UTF-8",
            "TZ": "UTC",
            "COLUMNS": "80",
            "TERM": "dumb",
            "PYTHONDONTWRITEBYTECODE": "1",
        }

    def normalise(self, data, folder):
        text = data.decode("utf-8", "backslashreplace")
        for path, name in [(folder, "<tmp>"), (os.path.realpath(folder), "<tmp>")] + self.names:
            text = text.replace(path, name)
        return ADDRESS.sub(r"\1 0x...", text)

    def run(self, program, timeout):
        """Returns {'out': text, 'err': text, 'rc': text}."""
        stdin = program.with_suffix(".in")
        with tempfile.TemporaryDirectory(prefix="krait-") as folder, open(
            stdin if stdin.exists() else os.devnull, "rb"
        ) as stdin_file:
            process = subprocess.Popen(
                [self.path, str(program)],
                cwd=folder,
                env=self.environment(folder),
                stdin=stdin_file,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                start_new_session=True,
            )
            try:
                out, err = process.communicate(timeout=timeout)
                status = str(process.returncode)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                out, err = process.communicate()
                status = f"timeout after {timeout} s"
            return {
                "out": self.normalise(out, folder),
                "err": self.normalise(err, folder),
                "rc": status,
            }


def known_failures():
    """tests/known-failures.tsv: what does not hold yet, with the reason. The list may only get shorter."""
    path = TESTS / "known-failures.tsv"
    rows = path.read_text("utf-8").splitlines() if path.exists() else []
    return dict(row.split("\t", 1) for row in rows if row and not row.startswith("#"))


def expectation_path(program, stream):
    return program.parent / "expected" / f"{program.stem}.{stream}"


def read_expectation(program):
    """What was recorded, or None if nothing ever was."""
    texts = {}
    for stream, default in [("out", ""), ("err", ""), ("rc", "0")]:
        path = expectation_path(program, stream)
        texts[stream] = path.read_text("utf-8") if path.exists() else default
    texts["rc"] = texts["rc"].strip()
    recorded = any(expectation_path(program, stream).exists() for stream in texts)
    return texts if recorded else None


def write_expectation(program, texts):
    (program.parent / "expected").mkdir(exist_ok=True)
    for stream, default in [("out", ""), ("err", ""), ("rc", "0")]:
        path = expectation_path(program, stream)
        if texts[stream] == default:
            path.unlink(missing_ok=True)
        else:
            path.write_text(texts[stream] + ("\n" if stream == "rc" else ""), "utf-8")


def differences(expected, actual, limit=24):
    lines = []
    for stream in ("rc", "out", "err"):
        if expected[stream] != actual[stream]:
            diff = difflib.unified_diff(
                expected[stream].splitlines(), actual[stream].splitlines(), "expected " + stream, "actual", lineterm="", n=2
            )
            diff = list(diff) or ["(only the end of the last line differs)"]
            lines += diff[:limit] + ([f"... {len(diff) - limit} more lines"] if len(diff) > limit else [])
    return lines


# Each job returns a list of (name, lines): no lines, it passed.


def run_program(program, subject, options):
    name = str(program.relative_to(TESTS))
    if options.oracle:
        expected = options.oracle.run(program, options.timeout)
    else:
        expected = read_expectation(program)
        if expected is None:
            return [(name, ["no expectation: tests/run.py --record " + name])]
    return [(name, differences(expected, subject.run(program, options.timeout)))]


def record_program(program, oracle, options):
    name = str(program.relative_to(TESTS))
    # Several runs: each has other string hashes, so what depends on the order of a set shows.
    first, *others = (oracle.run(program, options.timeout) for _ in range(5))
    for other in others:
        if other != first:
            return [(name, ["not deterministic:"] + differences(first, other))]
    if first["rc"].startswith("timeout"):
        return [(name, [first["rc"]])]
    write_expectation(program, first)
    return [(name, [])]


def run_unit(program, options):
    with tempfile.TemporaryDirectory(prefix="krait-") as folder:
        report = pathlib.Path(folder) / "report.json"
        command = [str(program), f"--gtest_output=json:{report}", "--gtest_brief=1"]
        if options.match:
            command.append(f"--gtest_filter=*{options.match}*")
        try:
            process = subprocess.run(
                command, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, timeout=20 * options.timeout
            )
            output, status = process.stdout + process.stderr, process.returncode
        except subprocess.TimeoutExpired as error:
            output, status = (error.stdout or b"") + (error.stderr or b""), "timeout"
        results = []
        if report.exists():
            for suite in json.loads(report.read_text("utf-8")).get("testsuites", []):
                for case in suite["testsuite"]:
                    if case.get("status") == "RUN":
                        lines = [line for fail in case.get("failures", []) for line in fail["failure"].splitlines()]
                        results.append((f"{program.name} {suite['name']}.{case['name']}", lines))
        if status != 0 and not any(lines for _, lines in results):
            tail = output.decode("utf-8", "replace").splitlines()[-20:]
            results.append((program.name, [f"ended with status {status}"] + tail))
        return results


def parse_arguments():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("what", nargs="*")
    parser.add_argument("--record", action="store_true")
    parser.add_argument("--oracle", action="store_true")
    parser.add_argument("--python")
    parser.add_argument("--build", default=str(ROOT / "build/release"))
    parser.add_argument("-k", dest="match", default="")
    parser.add_argument("-j", dest="jobs", type=int, default=2)
    parser.add_argument("--timeout", type=float, default=60)
    parser.add_argument("-v", dest="verbose", action="store_true")
    return parser.parse_args()


def collect(options):
    """The suites and programs that were asked for: (whether units, [program])."""
    units, programs = False, []
    for what in options.what or ("unit",) + PROGRAM_SUITES:
        if what == "unit":
            units = True
        elif what in PROGRAM_SUITES:
            programs += sorted((TESTS / what).glob("*.py"))
        else:
            path = next((p for p in (pathlib.Path(what), TESTS / what) if p.suffix == ".py" and p.exists()), None)
            if path is None:
                sys.exit(f"run.py: no suite and no program: {what}")
            programs.append(path.resolve())
    return units, [p for p in programs if options.match in p.stem]


def make_jobs(options):
    units, programs = collect(options)
    build = pathlib.Path(options.build).resolve()
    oracle = Interpreter(ORACLE, DEPS / "oracle/usr/lib/python3.14")
    if (options.record or options.oracle) and not ORACLE.exists():
        sys.exit("run.py: the oracle is missing: make oracle")
    if options.record:
        return [(record_program, program, oracle, options) for program in programs]
    options.oracle = oracle if options.oracle else None
    jobs = [(run_unit, p, options) for p in sorted(build.glob("tests/unit/unit_*")) if units and os.access(p, os.X_OK) and p.is_file()]
    python = options.python or build / "krait"
    if os.path.exists(python):
        subject = Interpreter(shutil.which(python) or python, STDLIB)
        jobs += [(run_program, program, subject, options) for program in programs]
    elif programs:
        print(f"{python} does not exist: {len(programs)} programs are not run")
    return jobs


def main():
    options = parse_arguments()
    jobs = make_jobs(options)
    passed = failed = known = 0
    expected_to_fail = known_failures()
    with concurrent.futures.ThreadPoolExecutor(max_workers=max(1, options.jobs)) as pool:
        for future in [pool.submit(*job) for job in jobs]:
            for name, lines in future.result():
                if lines and name in expected_to_fail:
                    known += 1
                    if options.verbose:
                        print(f"known failure {name}: {expected_to_fail[name]}", flush=True)
                elif lines:
                    failed += 1
                    print(f"FAIL {name}")
                    print("".join(f"    {line}\n" for line in lines), end="", flush=True)
                else:
                    passed += 1
                    if name in expected_to_fail:
                        print(f"{name} passes now: take it out of tests/known-failures.tsv", flush=True)
                    if options.verbose:
                        print(f"ok   {name}", flush=True)
    if known:
        print(f"known failures: {known} (tests/known-failures.tsv)")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
