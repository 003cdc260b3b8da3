"""list: append, index, slice, pop, swap, membership, nested."""


def run():
    values = []
    for i in range(60000):
        values.append(i * 31 % 1000)
    total = 0
    for i in range(len(values)):
        total += values[i]
    for i in range(0, len(values) - 1, 2):
        values[i], values[i + 1] = values[i + 1], values[i]
    heads = [values[i : i + 10] for i in range(0, 60000, 10)]
    matrix = [[r * c for c in range(60)] for r in range(60)]
    turned = [list(row) for row in zip(*matrix)]
    while len(values) > 30000:
        total += values.pop()
    return total, sum(map(len, heads)), turned[7][9], values.count(500), 999 in values


EXPECTED = (44955000, 60000, 63, 30, True)
