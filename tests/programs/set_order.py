# Sets of ints iterate in the oracle's order after every operation.
import random

random.seed(7)


def fresh(size, most):
    made = set()
    for _ in range(size):
        made.add(random.randrange(most))
        if random.random() < 0.3:
            made.discard(random.randrange(most))
    return made


def digest(items):
    return hash(tuple(items))


UPDATES = "update", "intersection_update", "difference_update", "symmetric_difference_update"
PLAIN = "union", "intersection", "difference", "symmetric_difference"

for turn in range(120):
    size = random.choice([3, 5, 10, 40, 100])
    a, b = fresh(size, size * 3), fresh(random.choice([2, size]), size * 3)
    found = [a, a.copy(), set(a), frozenset(a), a | b, a & b, a ^ b, a - b, b - a, frozenset(a) ^ b, a | a]
    found += [getattr(a, name)(list(b)) for name in PLAIN]
    for name in UPDATES:
        for other in b, list(b):
            changed = a.copy()
            getattr(changed, name)(other)
            found.append(changed)
    changed = a.copy()
    for _ in range(min(3, len(changed))):
        changed.pop()
    changed |= {99991, 5, size}
    found.append(changed)
    print(turn, *map(digest, found))
