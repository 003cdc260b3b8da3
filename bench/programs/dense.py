"""Dense linear algebra on lists of lists: product, LU decomposition with pivots, solving."""


def matrix(n):
    return [[((i * 37 + j * 17) % 29) / 7.0 + (i == j) * 30.0 for j in range(n)] for i in range(n)]


def product(a, b):
    columns = list(zip(*b))
    return [[sum(x * y for x, y in zip(row, column)) for column in columns] for row in a]


def decompose(a):
    n = len(a)
    order = list(range(n))
    for k in range(n):
        pivot = max(range(k, n), key=lambda r: abs(a[r][k]))
        if pivot != k:
            a[k], a[pivot] = a[pivot], a[k]
            order[k], order[pivot] = order[pivot], order[k]
        top = a[k]
        for i in range(k + 1, n):
            row = a[i]
            factor = row[k] = row[k] / top[k]
            if factor:
                for j in range(k + 1, n):
                    row[j] -= factor * top[j]
    return order


def solve(lu, order, b):
    n = len(lu)
    x = [b[i] for i in order]
    for i in range(n):
        row = lu[i]
        x[i] -= sum(row[j] * x[j] for j in range(i))
    for i in range(n - 1, -1, -1):
        row = lu[i]
        x[i] = (x[i] - sum(row[j] * x[j] for j in range(i + 1, n))) / row[i]
    return x


def run():
    a = matrix(36)
    square = product(a, a)
    order = decompose(square)
    x = solve(square, order, [1.0] * 36)
    return round(sum(x), 9)


EXPECTED = 0.00346945
