#!/usr/bin/env python3
"""Writes cmake/link.order: the functions that programs run, the most used first.

usage: tools/link/order.py [--krait PATH] [--output FILE]

The linker (CMakeLists.txt) lays functions out in this order. The kernel maps program text in windows of 64 KiB, so
what is run should not be spread over the whole program: laid out together it is a third of the memory and of the
page faults. The order is that of the first call in start-up, then by how many of the programs of functions_run.py run a
function; those of few programs lie by program. Run it again when much has changed: an old list loses some of its
effect (0.4 MB in a day of much work). The release build does without (scripts/layout.py).
"""

import argparse
import collections
import pathlib

import functions_run

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent


def arrange(runs):
    """The functions of all runs by the number of runs that need them, those of the same runs together."""
    users, first = collections.defaultdict(list), {}
    for number, run in enumerate(runs):
        for place, function in enumerate(run):
            users[function].append(number)
            first.setdefault(function, (number, place))
    return sorted(users, key=lambda f: (-len(users[f]), users[f], first[f]))


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("--krait", default=str(ROOT / "build/release/krait"))
    parser.add_argument("--output", default=str(ROOT / "cmake/link.order"))
    options = parser.parse_args()
    program, start, runs = functions_run.trace(options.krait)
    names = dict.fromkeys(name for address in start + arrange(runs) for name in program.functions[address])
    print(f"order: {len(start)} functions of start-up, {len(names)} names in all")
    pathlib.Path(options.output).write_text("".join(name + "\n" for name in names), "utf-8")


main()
