#!/usr/bin/env python3
"""Compiles the extensions of this folder against CPython's headers, runs each test on the oracle and on Krait and
compares what they print; likewise a program that embeds Python. Closes with 'N passed, N failed'.

usage: tests/capi/run.py [--python PATH] [NAME ...]     (scripts/fetch.sh headers oracle first)
"""
import argparse
import difflib
import os
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
DEPS = pathlib.Path(os.environ.get("DEPS") or ROOT / "build/deps")
TAG = "cpython-314-x86_64-linux-gnu"
EXTENSIONS = {"static_types": ("static_types.c", TAG), "heap_types": ("heap_types.cpp", TAG), "limited": ("limited.c", "abi3"), "rest": ("rest.c", TAG),
              "operators": ("operators.c", TAG), "watchers": ("watchers.c", TAG), "made": ("made.c", TAG), "liberties": ("liberties.c", TAG)}


def build(name, folder):
    source, tag = EXTENSIONS[name]
    include = DEPS / "headers/usr/include"
    compiler = ["clang++-19", "-std=c++17"] if source.endswith(".cpp") else ["clang-19"]
    if source.endswith(".cpp"):
        compiler += ["-static-libstdc++", "-static-libgcc"]  # the oracle has a libc of its own
    command = compiler + ["-shared", "-fPIC", "-O1", f"-I{include}/python3.14", f"-I{include}", "-o", folder / f"{name}.{tag}.so", HERE / source]
    subprocess.run(command, check=True)


def run(python, name, folder):
    # What lives as long as the process is no leak.
    env = {"PATH": os.environ["PATH"], "PYTHONPATH": str(folder), "PYTHONHASHSEED": "0", "ASAN_OPTIONS": "detect_leaks=0"}
    if "KRAIT_STDLIB" in os.environ:
        env["KRAIT_STDLIB"] = os.environ["KRAIT_STDLIB"]
    r = subprocess.run([python, HERE / f"test_{name}.py"], env=env, capture_output=True, text=True, timeout=60)
    return r.stdout + r.stderr + f"exit status {r.returncode}\n"


def build_embed(folder, krait):
    """The program twice: with CPython's library, against the oracle's libc, and with libkrait."""
    headers, libs = DEPS / "headers/usr", DEPS / "oracle/usr/lib/x86_64-linux-gnu"
    include = headers / "include"
    subprocess.run(["clang-19", "-c", "-O1", f"-I{include}/python3.14", f"-I{include}", "-o", folder / "embed.o", HERE / "embed.c"], check=True)
    link = ["clang++-19", "-fuse-ld=lld", "-no-pie", "-rdynamic", folder / "embed.o"]
    # Debian's archive lacks the hash functions; nothing here calls them.
    oracle = ["-nodefaultlibs", "-Wl,--unresolved-symbols=ignore-all", headers / "lib/python3.14/config-3.14-x86_64-linux-gnu/libpython3.14.a"]
    oracle += [libs / n for n in ("libz.so.1", "libexpat.so.1", "libm.so.6", "libc.so.6", "ld-linux-x86-64.so.2")]
    oracle += [f"-Wl,--dynamic-linker={libs}/ld-linux-x86-64.so.2", f"-Wl,-rpath,{libs}", "-o", folder / "embed-oracle"]
    subprocess.run(link + oracle, check=True)
    krait_libs = ["-lz", "-lexpat", "-ldl", "-lpthread", "-lm"]
    sanitize = ["-fsanitize=address,undefined"] if "asan" in krait else []
    subprocess.run(link + sanitize + [pathlib.Path(krait).parent / "libkrait.a", *krait_libs, "-o", folder / "embed-krait"], check=True)


def run_embed(program):
    text = ""
    for way in ("statuses", "version", "config", "isolated", "simple", "main", "command", "initconfig"):
        # Under ASan leaks count here, up to the end of the process.
        env = {"PATH": os.environ["PATH"], "EMBED_HOME": str(DEPS / "oracle/usr"), "PYTHONUNBUFFERED": "1"}
        r = subprocess.run([program, way], env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=60)
        text += f"--- {way}\n{r.stdout}exit status {r.returncode}\n"
    return text


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--python", default=str(ROOT / "build/release/krait"))
    parser.add_argument("names", nargs="*")
    options = parser.parse_args()
    folder = ROOT / "build/capi"
    folder.mkdir(parents=True, exist_ok=True)
    failed = 0
    names = options.names or [*EXTENSIONS, "embed"]
    for name in names:
        if name == "embed":
            build_embed(folder, options.python)
            wanted, got = run_embed(folder / "embed-oracle"), run_embed(folder / "embed-krait")
        else:
            build(name, folder)
            wanted = run(str(DEPS / "oracle/python3.14"), name, folder)
            got = run(options.python, name, folder)
        if got != wanted:
            failed += 1
            print(f"FAILED {name}")
            sys.stdout.writelines(difflib.unified_diff(wanted.splitlines(True), got.splitlines(True), "oracle", "krait"))
    print(f"{len(names) - failed} passed, {failed} failed")
    return failed != 0


sys.exit(main())
