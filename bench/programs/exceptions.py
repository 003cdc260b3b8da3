"""try with and without raising, finally, nested handlers, exceptions through frames."""


class Problem(Exception):
    pass


def check(n):
    if n % 5 == 0:
        raise Problem(n)
    return n


def deep(n, depth):
    if depth:
        return deep(n, depth - 1)
    return check(n)


def run():
    caught = passed = cleaned = 0
    for n in range(30000):
        try:
            passed += check(n) > 0
        except Problem:
            caught += 1
    for n in range(5000):
        try:
            try:
                deep(n, 5)
            finally:
                cleaned += 1
        except (KeyError, Problem) as error:
            caught += error.args[0] == n
    table = {}
    for n in range(5000):
        try:
            table[n % 100]
        except KeyError:
            table[n % 100] = n
    return caught, passed, cleaned, len(table)


EXPECTED = (7000, 24000, 5000, 100)
