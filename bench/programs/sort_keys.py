"""Sorting records: keys, tuples, objects with __lt__, itemgetter, stable order, heaps, bisect."""

import bisect
import heapq
from operator import attrgetter, itemgetter


class Record:
    def __init__(self, name, size):
        self.name, self.size = name, size

    def __lt__(self, other):
        return self.size < other.size


def run():
    rows = [("n%d" % (i * 7919 % 1000), i * 104729 % 10007, i / 3) for i in range(3000)]
    by_name = sorted(rows)
    by_size = sorted(rows, key=itemgetter(1, 0), reverse=True)
    records = [Record(name, size) for name, size, _ in rows]
    objects = sorted(records[:1000])
    attributes = sorted(records, key=attrgetter("size", "name"))
    lengths = sorted(rows, key=lambda row: (len(row[0]), -row[1]))
    heap = []
    for row in rows:
        heapq.heappush(heap, row[1])
    smallest = [heapq.heappop(heap) for _ in range(500)]
    line = []
    for row in rows[:1000]:
        bisect.insort(line, row[1])
    return by_name[7][1], by_size[9][1], objects[5].size, attributes[11].size, lengths[3][1], sum(smallest), line[77]


EXPECTED = (8041, 9975, 34, 34, 8243, 411491, 756)
