"""A large live heap while much is made and dropped: what the collector costs then."""

HEAP = [{"id": i, "pair": (i, [i])} for i in range(60000)]


def run():
    kept = []
    for i in range(20000):
        kept.append([i, (i, {"n": i})])
        if len(kept) > 5000:
            del kept[:2500]
    return len(kept), len(HEAP), HEAP[777]["pair"][1][0]


EXPECTED = (5000, 60000, 777)
