#!/usr/bin/env python3
"""Says which symbols of the C API the program exports, and which are missing.

usage: tools/compare/capi_symbols.py [--krait PATH] [--missing] FILE.so ... | --stable ABI_LIST | --unsupported

Files are extension modules: what they need is compared. ABI_LIST has one symbol a line, the stable ABI say. --unsupported: functions that
exist but raise only (watchers that are never registered among them), from the sources.
"""
import argparse
import pathlib
import re
import subprocess

SYMBOL = re.compile(r"\b(_?Py\w+)$", re.M)


def symbols(path, *flags):
    text = subprocess.run(["nm", "-D", *flags, path], capture_output=True, text=True, check=True).stdout
    return set(SYMBOL.findall(text))


def unsupported():
    sources = pathlib.Path(__file__).resolve().parents[2] / "src/capi"
    body = re.compile(r"^CAPI [^\n;{]*?\b(\w+)\([^{;]*\)\s*\{(.*?)(?:^\}|\}$)", re.M | re.S)
    for path in sorted(sources.glob("*.cpp")):
        for name, text in body.findall(path.read_text()):
            if re.search(r"\b(unsupported|none_left)\(|watcher IDs available", text):
                yield name


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--krait", default="build/release/krait")
    parser.add_argument("--missing", action="store_true", help="list what is missing")
    parser.add_argument("--unsupported", action="store_true")
    parser.add_argument("--stable")
    parser.add_argument("files", nargs="*")
    options = parser.parse_args()
    if options.unsupported:
        print("\n".join(unsupported()))
        return
    have = symbols(options.krait, "--defined-only")
    print(f"{len(have)} exported")
    wanted = {path: symbols(path, "--undefined-only") for path in options.files}
    if options.stable:
        wanted[options.stable] = set(SYMBOL.findall(open(options.stable).read()))
    for path, need in wanted.items():
        gone = sorted(need - have)
        print(f"{path}: {len(need) - len(gone)} of {len(need)}")
        if options.missing and gone:
            print("  " + " ".join(gone))


main()
