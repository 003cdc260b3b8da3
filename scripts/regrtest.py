#!/usr/bin/env python3
"""Runs CPython's own tests on Krait and compares with what is expected of them.

usage: scripts/regrtest.py [options] [list | test_module ...]

A list is a file tests/cpython/NAME.txt, one test module a line; without arguments all lists count.
Each module runs as `krait -m test -u none -v MODULE` in a process and folder of its own.

tests/cpython/expectations.tsv says what does not pass yet: module, test, reason (tab-separated).
`test` is the id of one test (its name and class), or * for a module that does not get to its end.
A module without a line has to pass whole, and what passes must not have a line. The table may only get better:

  --tighten    take out what passes now; a line * gives way to the tests that still fail
  --adopt      also write a line for modules that fail and are in no line and no earlier commit:
               only for lists that are new
  --check REV  no run: fail if the table allows more than it did in git's REV

Other options: --python PATH  -j N  --timeout S (per module)  -k TEXT (modules)  --log DIR  -v
  --oracle     run the modules on the oracle and note in tests/cpython/oracle.tsv how they end there

Before the end come totals, beside the oracle's of the same modules: modules that pass whole, test cases, seconds. The last
line is 'N passed, N failed' in modules; a failure is a test that fails unexpectedly, or passes unexpectedly.
"""

import argparse
import collections
import concurrent.futures
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
LISTS = ROOT / "tests/cpython"
TABLE = LISTS / "expectations.tsv"
ORACLE_TABLE = LISTS / "oracle.tsv"
ORACLE_HEADER = "# module\trun\tfailed\tskipped\tseconds   (scripts/regrtest.py --oracle)\n"
DEPS = pathlib.Path(os.environ.get("DEPS") or ROOT / "build/deps")
HEADER = "# module\ttest\treason   (scripts/regrtest.py; the table may only get better)\n"
FAILURE = re.compile(r"^(?:FAIL|ERROR|UNEXPECTED SUCCESS): (\S+)(?: \(([^)\s]+)\))?", re.M)
TOTAL = re.compile(r"^Total tests: run=([\d,]+)(?:.* skipped=([\d,]+))?", re.M)
UNEXAMINED = "not examined"

Result = collections.namedtuple("Result", "module failures run skipped seconds note output")
Counts = collections.namedtuple("Counts", "run failed skipped seconds")


def parse_table(text):
    """{module: {test: reason}}"""
    table = collections.defaultdict(dict)
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip() and not line.startswith("#"):
            fields = line.split("\t")
            if len(fields) != 3 or not all(fields):
                sys.exit(f"{TABLE}:{number}: not 'module<tab>test<tab>reason'")
            table[fields[0]][fields[1]] = fields[2]
    return table


def read_table():
    return parse_table(TABLE.read_text("utf-8")) if TABLE.exists() else collections.defaultdict(dict)


def write_table(table):
    lines = [f"{module}\t{test}\t{table[module][test]}\n" for module in sorted(table) for test in sorted(table[module])]
    TABLE.write_text(HEADER + "".join(lines), "utf-8")


def check_against(revision):
    """Whether the table of the work tree allows nothing that the one of `revision` did not."""
    path = TABLE.relative_to(ROOT)
    known = subprocess.run(["git", "-C", ROOT, "rev-parse", "-q", "--verify", revision], capture_output=True).returncode == 0
    old = subprocess.run(["git", "-C", ROOT, "show", f"{revision}:{path}"], capture_output=True, text=True)
    if not known or old.returncode != 0:
        return []
    lists = subprocess.run(["git", "-C", ROOT, "grep", "-hE", "^test", revision, "--", str(LISTS.relative_to(ROOT)) + "/*.txt"], capture_output=True, text=True)
    listed = set(lists.stdout.split())
    before, worse = parse_table(old.stdout), []
    for module, tests in read_table().items():
        if module in listed and "*" not in before.get(module, {}):
            worse += [f"{module}: {test}" for test in tests if test not in before.get(module, {})]
    return worse


def run_module(module, options):
    with tempfile.TemporaryDirectory(prefix="krait-test-") as folder:
        env = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
        env.update(TMPDIR=folder, KRAIT_STDLIB=env.get("KRAIT_STDLIB", str(DEPS / "stdlib")))
        begin = time.monotonic()
        process = subprocess.Popen(
            [options.python, "-m", "test", "-u", "none", "-v", module],
            cwd=folder, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True,
        )
        try:
            output = process.communicate(timeout=options.timeout)[0]
            status = process.returncode
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            output, status = process.communicate()[0], "timeout"
        seconds = time.monotonic() - begin
    text = output.decode("utf-8", "replace")
    if options.log:
        pathlib.Path(options.log).mkdir(parents=True, exist_ok=True)
        (pathlib.Path(options.log) / f"{module}.log").write_text(text, "utf-8")
    failures = {f"{name} ({where})" if where else name for name, where in FAILURE.findall(text)}
    total = TOTAL.search(text)
    run, skipped = (int((total[i] or "0").replace(",", "")) if total else 0 for i in (1, 2))
    # 4: all was skipped. Other nonzero states are failures; without named ones the module broke off.
    note = None
    if status == "timeout":
        note = f"timeout after {options.timeout:g} s"
    elif status in (0, 4):
        failures = set()
    elif isinstance(status, int) and status < 0:
        note = f"killed by signal {signal.Signals(-status).name}"
    elif not total or not failures:
        note = f"broke off with status {status}"
    return Result(module, failures | ({"*"} if note else set()), run, skipped, seconds, note, text)


def judge(result, expected, options):
    """Prints what is to be said about a module; returns (unexpected failures, tests that pass now)."""
    broken_expected = "*" in expected
    unexpected = set() if broken_expected else result.failures - expected.keys()
    mended = {"*"} if broken_expected and "*" not in result.failures else set()
    if "*" not in result.failures:
        mended |= expected.keys() - result.failures
    state = "FAIL" if unexpected else "better" if mended else "ok" if not result.failures else "as expected"
    if state not in ("ok", "as expected") or options.verbose:
        note = f", {result.note}" if result.note else ""
        print(f"{state:12}{result.module}: {result.run} run, {len(result.failures - {'*'})} failing{note}", flush=True)
    for test in sorted(unexpected):
        print(f"    unexpected: {test}")
    if unexpected and "*" in result.failures:
        print("".join(f"    | {line}\n" for line in result.output.splitlines()[-12:]), end="", flush=True)
    return unexpected, mended


def improve(table, result):
    """Takes what passes now out of the table; '*' gives way to what fails by name."""
    old = table.pop(result.module, {})
    if "*" in result.failures:
        kept = old
    elif "*" in old:
        kept = {test: old.get(test, UNEXAMINED) for test in result.failures}
    else:
        kept = {test: reason for test, reason in old.items() if test in result.failures}
    if kept:
        table[result.module] = kept


def read_oracle():
    """{module: Counts}"""
    rows = [line.split("\t") for line in ORACLE_TABLE.read_text("utf-8").splitlines() if not line.startswith("#")] if ORACLE_TABLE.exists() else []
    return {module: Counts(*map(int, numbers[:3]), float(numbers[3])) for module, *numbers in rows}


def run_oracle(names, options):
    table = read_oracle()
    with concurrent.futures.ThreadPoolExecutor(max_workers=max(1, options.jobs)) as pool:
        for r in pool.map(lambda name: run_module(name, options), names):
            if r.note:
                print(f"{r.module}: {r.note}")
                continue
            table[r.module] = Counts(r.run, len(r.failures), r.skipped, round(r.seconds, 1))
    rows = ["\t".join(map(str, (module, *table[module]))) + "\n" for module in sorted(table)]
    ORACLE_TABLE.write_text(ORACLE_HEADER + "".join(rows), "utf-8")
    return 0


def print_totals(results):
    """Those of the modules that the oracle's numbers are known of, beside them; and what they leave out."""
    oracle = read_oracle()
    known = [r for r in results if r.module in oracle]
    rows = [("krait", [Counts(r.run, len(r.failures - {"*"}) + ("*" in r.failures), r.skipped, r.seconds) for r in known]),
            ("oracle", [oracle[r.module] for r in known])]
    if len(known) < len(results):
        print(f"{len(results) - len(known)} modules without the oracle's numbers are left out here: --oracle")
    print(f"{'':8}{'modules':>9}{'whole':>9}{'cases':>9}{'failed':>9}{'skipped':>9}{'seconds':>9}")
    for name, counts in rows:
        sums = [sum(c[i] for c in counts) for i in range(4)]
        print(f"{name:8}{len(counts):9}{sum(not c.failed for c in counts):9}{sums[0]:9}{sums[1]:9}{sums[2]:9}{sums[3]:9.0f}")


def module_names(options):
    names = []
    for what in options.what or sorted(path.stem for path in LISTS.glob("*.txt")):
        path = LISTS / f"{what}.txt"
        if path.exists():
            names += [line for line in path.read_text("utf-8").split() if line.startswith("test")]
        elif what.startswith("test"):
            names.append(what)
        else:
            sys.exit(f"regrtest: no list {path} and no test module: {what}")
    return [name for name in dict.fromkeys(names) if options.match in name]


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("what", nargs="*")
    parser.add_argument("--python", default=str(ROOT / "build/release/krait"))
    parser.add_argument("-j", dest="jobs", type=int, default=2)
    parser.add_argument("--timeout", type=float, default=600)
    parser.add_argument("-k", dest="match", default="")
    parser.add_argument("--log")
    parser.add_argument("-v", dest="verbose", action="store_true")
    parser.add_argument("--tighten", action="store_true")
    parser.add_argument("--adopt", action="store_true")
    parser.add_argument("--check", metavar="REV")
    parser.add_argument("--oracle", action="store_true")
    options = parser.parse_args()
    if options.check:
        worse = check_against(options.check)
        print("".join(f"the table got worse: {line}\n" for line in worse), end="")
        return 1 if worse else 0
    options.python = os.path.abspath(DEPS / "oracle/python3.14" if options.oracle else options.python)
    if not os.access(options.python, os.X_OK):
        sys.exit(f"regrtest: {options.python} is not there: make build")
    if options.oracle:
        return run_oracle(module_names(options), options)

    table = read_table()
    passed = failed = improved = tests_run = tests_failing = 0
    results = []
    with concurrent.futures.ThreadPoolExecutor(max_workers=max(1, options.jobs)) as pool:
        jobs = [pool.submit(run_module, name, options) for name in module_names(options)]
        for job in concurrent.futures.as_completed(jobs):
            result = job.result()
            results.append(result)
            new = options.adopt and result.module not in table
            if new and result.failures:
                reason = result.note or UNEXAMINED
                table[result.module] = {"*": reason} if "*" in result.failures else dict.fromkeys(result.failures, reason)
            unexpected, mended = judge(result, table.get(result.module, {}), options)
            bad = unexpected or (mended and not options.tighten)
            passed, failed = passed + (not bad), failed + bool(bad)
            improved += bool(mended)
            tests_run += result.run
            tests_failing += len(result.failures - {"*"})
            if options.tighten or options.adopt:
                improve(table, result)
    if options.tighten or options.adopt:
        write_table(table)
    elif improved:
        print(f"{improved} modules are better than the table says: scripts/regrtest.py --tighten")
    print(f"{tests_run} tests run, {tests_failing} failing; {sum(map(len, table.values()))} lines in the table")
    print_totals(results)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
