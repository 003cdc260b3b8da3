"""Blocks of memory that grow and shrink across the sizes where they change their kind."""

import random

random.seed(1)
pool = []
for i in range(400):
    kind = random.randrange(6)
    chosen = random.choice(pool) if pool else None
    if kind == 0:
        pool.append(bytearray(random.randrange(1, 600_000)))
    elif kind == 1 and pool:
        pool.pop(random.randrange(len(pool)))
    elif kind == 2 and isinstance(chosen, bytearray):
        chosen.extend(b"x" * random.randrange(1, 90_000))
        assert chosen[-1] == 120
    elif kind == 3 and isinstance(chosen, bytearray):
        del chosen[random.randrange(len(chosen) + 1) :]
    elif kind == 4:
        pool.append(list(range(random.randrange(1, 90_000))))
        assert pool[-1][-1] == len(pool[-1]) - 1
    else:
        text = "a" * random.randrange(1, 300_000)
        text += "b"
        assert text.count("b") == 1 and len(text.encode()) == len(text)
    if len(pool) > 40:
        del pool[:20]
table, numbers = {}, []
for i in range(100_000):
    table[i] = i
    numbers.append(i)
assert sum(table.values()) == sum(numbers) == sum(range(100_000))
while len(numbers) > 10:
    del numbers[len(numbers) // 2 :]
print(numbers, len(table), len(pool))
