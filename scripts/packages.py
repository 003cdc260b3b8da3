#!/usr/bin/env python3
"""Packages of PyPI that are Python: fetches their sources and runs the tests these ship on Krait. Where a case fails, its module
runs on the oracle, too: only what passes there counts as a failure.

usage: scripts/packages.py [--python PATH] [--timeout S] [--show N] [NAME ...]      closes with 'N passed, N failed'
"""

import argparse
import html.parser
import os
import pathlib
import re
import shlex
import subprocess
import sys
import tarfile
import urllib.parse
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent
DEPS = pathlib.Path(os.environ.get("DEPS") or ROOT / "build/deps")
FOLDER = ROOT / "build/packages"
INDEX = os.environ.get("PIP_INDEX_URL", "https://pypi.org/simple")
# Each package and where its tests are in the source distribution.
PACKAGES = {
    "attrs": "tests", "babel": "tests", "blinker": "tests", "boltons": "tests", "click": "tests", "decorator": "tests/test.py",
    "funcy": "tests", "h11": "h11/tests", "humanize": "tests", "itsdangerous": "tests", "jinja2": "tests",
    "mpmath": "mpmath/tests", "more-itertools": "tests", "natsort": "tests", "networkx": "networkx/algorithms/tests networkx/classes",
    "parso": "test", "pyflakes": "pyflakes/test", "pyparsing": "tests/test_unit.py tests/test_simple_unit.py tests/test_util.py", "six": "test_six.py",
    "sqlparse": "tests", "sympy": "sympy/core sympy/polys/tests", "tabulate": "test",
    "tomlkit": "tests", "toolz": "toolz", "werkzeug": "tests -m 'not dev_server'",
}
# What they import, and what runs them.
NEEDED = ["pytest", "pluggy", "iniconfig", "packaging", "pygments", "pytest-timeout", "hypothesis", "freezegun", "typing_extensions",
          "python-dateutil", "markupsafe", "pyyaml", "pytz", "trio", "outcome", "sniffio", "idna", "pytest-mock", "whatever", "colorama", "pexpect", "ptyprocess",
          "ephemeral-port-reserve", "watchdog", "cryptography", "cffi", "pycparser", "asgiref"]
OUTCOME = re.compile(r"(PASSED|FAILED|ERROR|XPASS) (\S+\.py(?:::.*)?)")


class Links(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attributes):
        self.found += [v for k, v in attributes if tag == "a" and k == "href"]


def version_of(link):
    """The numbers of a final release; nothing for others."""
    match = re.search(r"-(\d+(?:\.\d+)*)\.tar\.gz$", link)
    return tuple(map(int, match[1].split("."))) if match else ()


def fetch_source(name):
    """The folder with the newest source distribution."""
    folder = FOLDER / "src" / name
    if not folder.exists():
        page = f"{INDEX.rstrip('/')}/{name}/"
        links = Links()
        with urllib.request.urlopen(page, timeout=60) as answer:
            links.feed(answer.read().decode())
        best = max((urllib.parse.urljoin(page, link).partition("#")[0] for link in links.found), key=version_of)
        partial = folder.with_suffix(".part")
        with urllib.request.urlopen(best, timeout=120) as answer, tarfile.open(fileobj=answer, mode="r|gz") as archive:
            archive.extractall(partial, filter="data")
        next(partial.iterdir()).rename(folder)
        partial.rmdir()
    return folder


def fetch_wheels(names):
    site = FOLDER / "site"
    missing = [n for n in names if not (FOLDER / f"{n}.fetched").exists()]
    if missing:
        subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", "--root-user-action", "ignore", "--target", site, "--upgrade", "--only-binary=:all:", "--no-deps",
                        "--python-version", "3.14", "--platform", "manylinux_2_28_x86_64", "--platform", "manylinux2014_x86_64",
                        "--platform", "any", *missing], check=True)
        for n in missing:
            (FOLDER / f"{n}.fetched").touch()
    return site


def run(python, folder, tests, timeout):
    """{case: outcome}, pytest's last line."""
    env = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
    env |= {"PYTHONPATH": os.pathsep.join(map(str, [folder, folder / "src", FOLDER / "site"])), "PYTHONHASHSEED": "0",
            "PYTHONDONTWRITEBYTECODE": "1"}
    command = [python, "-m", "pytest", "-q", "-rA", "--no-header", "--tb=short", "-W", "ignore", "-p", "no:cacheprovider",
               "-o", "addopts=", "--timeout=60", *tests]
    try:
        r = subprocess.run(command, cwd=folder, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                           text=True, errors="replace", timeout=timeout)
        text, end = r.stdout, f"killed by signal {-r.returncode}" if r.returncode < 0 else ""
    except subprocess.TimeoutExpired as e:
        text, end = (e.stdout or b"").decode(errors="replace"), "timeout"
    lines = text.strip().splitlines() or [""]
    return {m[2].partition(" - ")[0]: m[1] for m in map(OUTCOME.match, lines) if m}, end or lines[-1].strip("= ")


def check(name, options):
    """Passed, failed: of the cases that pass on the oracle, or that do not fail on Krait."""
    folder = fetch_source(name)
    tests = shlex.split(PACKAGES[name])
    (FOLDER / "logs").mkdir(exist_ok=True)
    ours, end = run(os.path.abspath(options.python), folder, tests, options.timeout)
    bad = [case for case, outcome in ours.items() if outcome in ("FAILED", "ERROR")]
    if bad or not ours:
        modules = sorted({case.partition("::")[0] for case in bad}) or tests
        theirs, their_end = run(str(DEPS / "oracle/python3.14"), folder, modules, options.timeout)
        bad = [case for case in bad if theirs.get(case) not in ("FAILED", "ERROR")]
        if not ours and theirs:
            bad = [f"{name}: no case ran (the oracle: {their_end})"]
    print(f"{'FAIL' if bad else 'ok  '} {name}: {end}", flush=True)
    for case in bad[: options.show]:
        print(f"     {case}", flush=True)
    return sum(outcome == "PASSED" for outcome in ours.values()), len(bad)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--python", default=str(ROOT / "build/release/krait"))
    parser.add_argument("--timeout", type=float, default=1800, help="seconds for one package")
    parser.add_argument("--show", type=int, default=20, help="failures to name for each package")
    parser.add_argument("names", nargs="*")
    options = parser.parse_args()
    (FOLDER / "src").mkdir(parents=True, exist_ok=True)
    fetch_wheels(NEEDED + list(PACKAGES))
    results = [check(name, options) for name in options.names or PACKAGES]
    passed, failed = (sum(column) for column in zip(*results))
    print(f"{passed} passed, {failed} failed")
    sys.exit(bool(failed))


if __name__ == "__main__":
    main()
