"""What plain data costs: resident memory gained by building it, on the interpreter that runs this.

usage: krait bench/memory.py CASE       (bench/run.py --memory runs them all on all interpreters)
"""

import gc
import sys

MILLION = 10**6


class Point:
    def __init__(self, n):
        self.x = self.y = self.z = n


CASES = {
    "list(range(10**6))": lambda: list(range(MILLION)),
    "list of 10**6 floats": lambda: [n * 0.5 for n in range(MILLION)],
    "10**6 instances of 3 attributes": lambda: [Point(None) for _ in range(MILLION)],
    "dict of 10**6 ints": lambda: {n: n for n in range(MILLION)},
    "10**6 short strings": lambda: [str(n) for n in range(MILLION)],
    "10**6 pairs": lambda: [(n, n) for n in range(MILLION)],
}


def resident():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * 4096


def main():
    case = CASES[sys.argv[1]]
    gc.collect()
    before = resident()
    data = case()
    print((resident() - before) / 1e6)
    assert len(data) == MILLION


if __name__ == "__main__":
    main()
