"""Runs one benchmark inside the interpreter to be measured: harness.py FILE ROUNDS

Prints the seconds that one run() took in each round, one a line; a round repeats it for a tenth of a
second. The first rounds (not measured) warm up, check the result and find the number of repeats.
"""

import sys
import time

ROUND = 0.1


def main():
    path, rounds = sys.argv[1], int(sys.argv[2])
    namespace = {"__name__": "benchmark"}
    with open(path) as file:
        exec(compile(file.read(), path, "exec"), namespace)
    run, expected = namespace["run"], namespace["EXPECTED"]

    def measure(repeats):
        start = time.perf_counter()
        for _ in range(repeats):
            result = run()
        seconds = time.perf_counter() - start
        if result != expected:
            sys.exit("wrong result: %r instead of %r" % (result, expected))
        return seconds / repeats

    measure(1)
    repeats = max(1, round(ROUND / measure(1)))
    repeats = max(1, round(ROUND / measure(repeats)))
    for _ in range(rounds):
        print(measure(repeats))


main()
