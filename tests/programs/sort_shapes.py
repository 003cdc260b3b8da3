# Sorting data of many shapes: ordered, reversed, runs, common prefixes, equal items, with and without keys.
import random
import zlib

r = random.Random(5)


class Odd:
    "Compared by the first number; equal ones are told apart."

    def __init__(self, n, mark):
        self.n, self.mark = n, mark

    def __lt__(self, other):
        return self.n < other.n

    def __repr__(self):
        return f"{self.n}.{self.mark}"


def shapes(n):
    yield "ordered", list(range(n))
    yield "backwards", list(range(n, 0, -1))
    yield "same", [7] * n
    yield "random", [r.randrange(n) for _ in range(n)]
    yield "few values", [r.randrange(4) for _ in range(n)]
    yield "two runs", list(range(0, n, 2)) + list(range(1, n, 2))
    yield "blocks", [b * 100 + i for b in r.sample(range(n // 40 + 1), n // 40 + 1) for i in range(40)][:n]
    yield "late one", list(range(n - 1)) + [-1] if n else []
    yield "saw", [i % 17 for i in range(n)]
    yield "almost", [i if r.random() > 0.02 else r.randrange(n) for i in range(n)]


FORMS = {
    "int": lambda v, i: v,
    "float": lambda v, i: v * 0.5,
    "text": lambda v, i: str(v),
    "prefix": lambda v, i: f"common-prefix-{v:06}",
    "short": lambda v, i: "common"[: v % 7] + "\0" * (v % 3),
    "latin": lambda v, i: "été" + chr(v % 256) + str(v),
    "wide": lambda v, i: "ж" * (v % 3) + str(v),
    "tuple": lambda v, i: (v, str(i)),
    "mixed": lambda v, i: v if v % 3 else v + 0.5,
    "object": lambda v, i: Odd(v, i),
}

for n in (0, 1, 2, 3, 9, 63, 64, 65, 130, 1000, 3001):
    total = 0
    for shape, values in shapes(n):
        for form, make in FORMS.items():
            data = [make(v, i) for i, v in enumerate(values)]
            for options in ({}, {"reverse": True}, {"key": repr}, {"key": len} if form in ("text", "prefix") else {"key": type}):
                if options.get("key") is type:
                    options = {"key": lambda v: str(v)[-1:], "reverse": True}
                result = sorted(data, **options)
                total = zlib.crc32(repr(result).encode("utf-8", "surrogatepass"), total)
    print(n, f"{total:08x}")

nan = float("nan")
for reverse in (False, True):
    print(sorted([3.0, nan, 1.0], reverse=reverse), sorted([nan, nan], reverse=reverse))
same = "".join(["a", "b"])
print(sorted([same, "ab", same, "a"], reverse=True), sorted(["ab", "ab\0", "ab"]), sorted(["", "a", ""]))
