"""The Mandelbrot set with complex numbers."""


def run():
    size, inside = 44, 0
    for y in range(size):
        for x in range(size):
            c = complex(3.0 * x / size - 2.2, 2.4 * y / size - 1.2)
            z = 0j
            for _ in range(40):
                z = z * z + c
                if abs(z) > 2.0:
                    break
            else:
                inside += 1
    return inside


EXPECTED = 448
