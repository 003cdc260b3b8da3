#!/usr/bin/env python3
"""Building extensions from source inside a Krait venv: C, Cython, cffi out-of-line, pybind11, nanobind, SWIG and mypyc through
pip and setuptools (tests/extensions/sources). What is built then runs on Krait and on the oracle (use_*.py), which have to print
the same.

usage: scripts/build-extensions.py [--python PATH]      closes with 'N passed, N failed'
"""
import argparse
import difflib
import os
import pathlib
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
DEPS = pathlib.Path(os.environ.get("DEPS") or ROOT / "build/deps")
FOLDER = ROOT / "build/extensions/from-source"
TOOLS = ["setuptools", "wheel", "Cython", "cffi", "pybind11", "nanobind", "swig", "mypy"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--python", default=str(ROOT / "build/release/krait"))
    options = parser.parse_args()
    subprocess.run([ROOT / "scripts/fetch.sh", "headers"], check=True)
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    env = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
    env["PATH"] = os.pathsep.join([str(FOLDER / "venv/bin"), env["PATH"]])  # swig
    env.setdefault("CC", "clang-19")
    env.setdefault("CXX", "clang++-19")
    sources = FOLDER / "sources"
    shutil.copytree(ROOT / "tests/extensions/sources", sources)
    python = FOLDER / "venv/bin/python"
    subprocess.run([options.python, "-m", "venv", FOLDER / "venv"], env=env, check=True)
    pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, *TOOLS], env=env, check=True)
    subprocess.run([*pip, "--no-build-isolation", "--no-deps", sources], env=env, check=True)
    site = FOLDER / "venv/lib/python3.14/site-packages"
    passed = failed = 0
    for test in sorted(sources.glob("use_*.py")):
        texts = []
        for program, extra in ((DEPS / "oracle/python3.14", {"PYTHONPATH": str(site)}), (python, {})):
            r = subprocess.run([program, "-P", test], env=env | extra, cwd=FOLDER, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
            texts.append(r.stdout + f"exit status {r.returncode}\n")
        same = texts[0] == texts[1] and texts[0].endswith("exit status 0\n")
        passed, failed = passed + same, failed + (not same)
        print(f"{'ok  ' if same else 'FAIL'} {test.stem}")
        if not same:
            sys.stdout.writelines(difflib.unified_diff(texts[0].splitlines(True), texts[1].splitlines(True), "oracle", "krait"))
            if texts[0] == texts[1]:
                print(texts[0])
    print(f"{passed} passed, {failed} failed")
    return failed != 0


sys.exit(main())
