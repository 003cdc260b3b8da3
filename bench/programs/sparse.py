"""Sparse matrix times vector in compressed rows, and a few steps of conjugate gradients."""


def laplacian(n):
    rows, columns, values = [0], [], []
    for y in range(n):
        for x in range(n):
            for dx, dy, v in ((0, -1, -1.0), (-1, 0, -1.0), (0, 0, 4.0), (1, 0, -1.0), (0, 1, -1.0)):
                if 0 <= x + dx < n and 0 <= y + dy < n:
                    columns.append((y + dy) * n + x + dx)
                    values.append(v)
            rows.append(len(columns))
    return rows, columns, values


def multiply(matrix, x):
    rows, columns, values = matrix
    result = []
    for r in range(len(rows) - 1):
        total = 0.0
        for k in range(rows[r], rows[r + 1]):
            total += values[k] * x[columns[k]]
        result.append(total)
    return result


def dot(a, b):
    return sum([p * q for p, q in zip(a, b)])


def run():
    matrix = laplacian(24)
    n = 24 * 24
    b = [1.0 + (i % 5) for i in range(n)]
    x, r = [0.0] * n, list(b)
    p, rr = list(r), dot(r, r)
    for _ in range(25):
        ap = multiply(matrix, p)
        alpha = rr / dot(p, ap)
        x = [u + alpha * v for u, v in zip(x, p)]
        r = [u - alpha * v for u, v in zip(r, ap)]
        rr, old = dot(r, r), rr
        beta = rr / old
        p = [u + beta * v for u, v in zip(r, p)]
    return round(sum(x), 3), rr < 10.0


EXPECTED = (40966.08, True)
