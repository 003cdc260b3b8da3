"""Integers beyond one word: factorial, Fibonacci, powers, printing."""


def run():
    fact = 1
    for n in range(1, 4000):
        fact *= n
    a, b = 0, 1
    for _ in range(20000):
        a, b = b, a + b
    power = pow(3, 8000)
    modular = sum(pow(7, n, 10**40 + 7) % 1000 for n in range(3000))
    return fact % 1000003, a % 10**9, len(str(power)), modular


EXPECTED = (895894, 213093125, 3817, 1511024)
