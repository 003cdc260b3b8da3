"""Dijkstra on a grid with heapq, tuples and dicts."""

import heapq


def run():
    size = 36
    cost = {(x, y): (x * 7 + y * 13) % 9 + 1 for x in range(size) for y in range(size)}
    best, queue = {(0, 0): 0}, [(0, (0, 0))]
    while queue:
        distance, (x, y) = heapq.heappop(queue)
        if distance > best[x, y]:
            continue
        for step in ((x + 1, y), (x - 1, y), (x, y + 1), (x, y - 1)):
            if step in cost:
                total = distance + cost[step]
                if total < best.get(step, 1 << 30):
                    best[step] = total
                    heapq.heappush(queue, (total, step))
    return best[size - 1, size - 1], sum(best.values())


EXPECTED = (239, 166766)
