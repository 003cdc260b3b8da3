"""Planets that attract each other: floats in lists, nested loops over pairs."""


def bodies():
    return [
        ([0.0, 0.0, 0.0], [0.0, 0.0, 0.0], 39.47841760435743),
        ([4.84, -1.16, -0.10], [0.606, 2.81, -0.02], 0.037693),
        ([8.34, 4.12, -0.40], [-1.01, 1.82, 0.008], 0.011286),
        ([12.89, -15.11, -0.22], [1.08, 0.868, -0.01], 0.001723),
        ([15.37, -25.91, 0.179], [0.979, 0.594, -0.034], 0.002033),
    ]


def pairs_of(items):
    return [(a, b) for i, a in enumerate(items) for b in items[i + 1 :]]


def advance(dt, n, items, pairs):
    for _ in range(n):
        for (p1, v1, m1), (p2, v2, m2) in pairs:
            dx, dy, dz = p1[0] - p2[0], p1[1] - p2[1], p1[2] - p2[2]
            magnitude = dt * (dx * dx + dy * dy + dz * dz) ** -1.5
            b1, b2 = m1 * magnitude, m2 * magnitude
            v1[0] -= dx * b2
            v1[1] -= dy * b2
            v1[2] -= dz * b2
            v2[0] += dx * b1
            v2[1] += dy * b1
            v2[2] += dz * b1
        for position, velocity, _ in items:
            position[0] += dt * velocity[0]
            position[1] += dt * velocity[1]
            position[2] += dt * velocity[2]


def energy(items, pairs):
    e = 0.0
    for (p1, _, m1), (p2, _, m2) in pairs:
        e -= m1 * m2 / ((p1[0] - p2[0]) ** 2 + (p1[1] - p2[1]) ** 2 + (p1[2] - p2[2]) ** 2) ** 0.5
    for _, v, m in items:
        e += m * (v[0] ** 2 + v[1] ** 2 + v[2] ** 2) / 2.0
    return e


def run():
    items = bodies()
    pairs = pairs_of(items)
    advance(0.01, 1000, items, pairs)
    return round(energy(items, pairs), 9)


EXPECTED = -0.169772309
