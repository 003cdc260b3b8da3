"""random with fixed seeds, secrets and uuid shapes, hashing-independent results."""
import random
import secrets
import uuid

def attempt(f, *args, **kwargs):
    try:
        print(repr(f(*args, **kwargs)))
    except Exception as error:
        print(type(error).__name__, error, sep=": ")


r = random.Random(42)
print([r.random() for _ in range(3)])
print([r.randint(1, 100) for _ in range(10)])
print([r.randrange(0, 1000, 7) for _ in range(5)])
print([r.getrandbits(k) for k in (1, 8, 32, 64, 130)], r.getrandbits(0))
print(r.choice("abcdef"), r.choices([1, 2, 3], weights=[1, 0, 5], k=8), r.choices("xy", cum_weights=[1, 3], k=4))
print(r.sample(range(100), 5), r.sample("abcd", 4), r.sample(["a", "b"], counts=[3, 2], k=4))
items = list(range(12))
r.shuffle(items)
print(items, r.randbytes(6))
print(f"{r.uniform(1, 10):.12f} {r.triangular(0, 10, 3):.12f} {r.gauss(0, 1):.12f} {r.gauss(0, 1):.12f}")
print(f"{r.normalvariate(5, 2):.12f} {r.lognormvariate(0, 1):.12f} {r.expovariate(2):.12f} {r.betavariate(2, 3):.12f}")
print(f"{r.gammavariate(2, 3):.12f} {r.gammavariate(0.5, 1):.12f} {r.paretovariate(3):.12f} {r.weibullvariate(1, 2):.12f}")
print(f"{r.vonmisesvariate(1, 4):.12f} {r.binomialvariate(20, 0.3)} {r.binomialvariate(500, 0.5)}")

for seed in [0, 1, -1, 2 ** 100, 1.5, "text", b"bytes", bytearray(b"ba"), "é" * 50]:
    r.seed(seed)
    print(repr(seed)[:20], [r.randrange(1000) for _ in range(5)], r.random())
r.seed("old", version=1)
print(r.random())
attempt(r.seed, [1])
attempt(r.seed, (1, 2))

state = r.getstate()
first = [r.random() for _ in range(3)]
r.setstate(state)
print(first == [r.random() for _ in range(3)], state[0], len(state[1]), state[2])
attempt(r.setstate, (2, (), None))
attempt(r.setstate, (9, (), None))
attempt(r.setstate, (3, (1,), None))

for f, *args in [
    (r.randint, 5, 1), (r.randrange, 0), (r.randrange, 5, 5), (r.randrange, 1, 10, 0), (r.randrange, 1.5), (r.randrange, 1, 2.5),
    (r.choice, []), (r.choice, {}), (r.choice, 5), (r.sample, [1], 2), (r.sample, [1, 2], -1), (r.sample, {1, 2}, 1), (r.sample, "ab", 1.0),
    (r.choices, [], ), (r.shuffle, "abc"), (r.shuffle, (1, 2)), (r.getrandbits, -1), (r.getrandbits, "x"), (r.randbytes, -1), (r.uniform, "a", 1),
    (r.gammavariate, 0, 1), (r.binomialvariate, 5, 2), (r.binomialvariate, -1), (r.randint, 1), (random.Random, [1]),
]:
    attempt(f, *args)
attempt(lambda: r.choices([1, 2], weights=[1]))
attempt(lambda: r.choices([1, 2], weights=[0, 0]))
attempt(lambda: r.choices([1, 2], [1, 1], cum_weights=[1, 2]))
attempt(lambda: r.choices([1], [float("inf")]))
attempt(lambda: r.sample([1], counts=[1, 2], k=1))
attempt(lambda: r.sample([1], counts=[-1], k=1))


class Loaded(random.Random):
    def random(self):
        return 0.25


class Bits(random.Random):
    def getrandbits(self, k):
        return 5 % (1 << k)


loaded = Loaded()
print(loaded.randrange(8), loaded.choice("abcd"), loaded.uniform(0, 8), loaded.sample(range(8), 2))
print(Bits(1).randrange(7), Bits(1).choice("abcdefg"))
random.seed(7)
print(random.random(), random.randint(0, 9), random.choice([1, 2, 3]), random.sample(range(9), 3))
random.seed(7)
print(random.random())
walk, position = random.Random("walk"), 0
path = []
for _ in range(20):
    position += walk.choice((-1, 1))
    path.append(position)
print(path)
deck = [f"{rank}{suit}" for suit in "SH" for rank in "AKQJ"]
random.Random(3).shuffle(deck)
print(deck)
inside = sum(1 for g in [random.Random(11)] for _ in range(20000) if g.random() ** 2 + g.random() ** 2 < 1)
print(inside * 4 / 20000)
counts = [0] * 6
dice = random.Random(99)
for _ in range(6000):
    counts[dice.randrange(6)] += 1
print(counts)

print(
    len(secrets.token_hex(8)), len(secrets.token_bytes(5)), secrets.randbelow(1), secrets.choice("a"),
    secrets.compare_digest("a", "a"),
)
attempt(secrets.randbelow, 0)
u = uuid.UUID("12345678-1234-5678-1234-567812345678")
print(
    u, repr(u), u.hex, u.int, u.bytes, u.fields, u.version, u.variant, u.urn, uuid.UUID(int=5),
    uuid.UUID(bytes=b"a" * 16) < u,
)
print(
    uuid.uuid3(uuid.NAMESPACE_DNS, "krait"), uuid.uuid5(uuid.NAMESPACE_URL, "http://x"), uuid.uuid4().version,
    uuid.uuid1().version, uuid.NIL,
)
attempt(uuid.UUID, "short")
attempt(uuid.UUID)
attempt(lambda: uuid.UUID(int=-1))
attempt(lambda: uuid.UUID(bytes=b"x"))
