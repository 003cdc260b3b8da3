"""Runs one benchmark inside the interpreter to be measured: harness.py FILE ROUNDS

Prints one line of JSON: `first`, the seconds that executing the module and the first run() took; `rounds`,
seconds of one run() in each round; `peak`, the most memory that was resident, in bytes. Seconds are of the
processor, not of the wall clock: on a machine that is busy with something else they are the better measure.
A round repeats run() for a tenth of a second, and the rounds before the first one warm up, check the result
and find the number of repeats.
"""

import sys
import time

ROUND = 0.1
WARM_UP = 0.3
clock = time.process_time


def peak():
    with open("/proc/self/status") as file:
        for line in file:
            if line.startswith("VmHWM"):
                return int(line.split()[1]) * 1024


def main():
    path, rounds = sys.argv[1], int(sys.argv[2])
    namespace = {"__name__": "benchmark"}
    with open(path, encoding="utf-8") as file:
        source = file.read()
    start = clock()
    exec(compile(source, path, "exec"), namespace)
    run, expected = namespace["run"], namespace["EXPECTED"]

    def measure(repeats):
        start = clock()
        for _ in range(repeats):
            result = run()
        seconds = clock() - start
        if result != expected:
            sys.exit("wrong result: %r instead of %r" % (result, expected))
        return seconds / repeats

    measure(1)
    first = clock() - start
    if rounds:
        # A short round may end before the clock ticks.
        repeats = max(1, round(WARM_UP / max(measure(1), 1e-6)))
        repeats = max(1, round(ROUND / max(measure(min(repeats, 1000)), 1e-6)))
    print('{"first": %r, "rounds": %r, "peak": %d}' % (first, [measure(repeats) for _ in range(rounds)], peak()))


main()
