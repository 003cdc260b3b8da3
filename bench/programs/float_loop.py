"""Loops on floats: Mandelbrot and a harmonic sum."""


def run():
    inside = 0
    for row in range(48):
        y0 = row / 24.0 - 1.0
        for column in range(64):
            x0 = column / 32.0 - 1.5
            x = y = 0.0
            for _ in range(50):
                x2, y2 = x * x, y * y
                if x2 + y2 > 4.0:
                    break
                y = 2.0 * x * y + y0
                x = x2 - y2 + x0
            else:
                inside += 1
    total = 0.0
    for n in range(1, 100000):
        total += 1.0 / n
    return inside, round(total, 9)


EXPECTED = (1224, 12.090136130)
