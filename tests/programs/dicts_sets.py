"""dict and set: order, views, merging, methods, mutation while iterating, hashing, messages."""
import types

def attempt(f, *args, **kwargs):
    try:
        print(repr(f(*args, **kwargs)))
    except Exception as error:
        print(type(error).__name__, error, sep=": ")


d = {"b": 1, "a": 2, **{"c": 3}}
d["a"] = 20
d["d"] = 4
del d["b"]
d["b"] = 5
print(
    d, list(d), len(d), "a" in d, d.get("z"), d.get("z", 0), d.pop("c"), d.pop("zz", None), d.setdefault("a", 9),
    d.setdefault("n"), d,
)
print(
    d.popitem(), d.popitem(), d, d.update(x=1), d.update([("y", 2), "zw"], q=3), d.update({"x": 10}), d,
    d.copy() is d, list(reversed(d)), list(reversed(d.items())),
)
print(
    dict(), dict(a=1), dict([("a", 1), ["b", 2]]), dict({"a": 1}, b=2), dict(zip("ab", range(2))),
    dict.fromkeys("ab"), dict.fromkeys([1, 2], []), {1: "int", True: "bool", 1.0: "float"},
    {"a": 1} | {"a": 2, "b": 3}, {"a": 1} == {"a": 1.0}, {"a": 1, "b": 2} == {"b": 2, "a": 1},
)
e = {"k": 1}
e |= [("m", 2)]
print(e)
for f, *args in [
    (lambda: d["nope"],), (lambda: d[[]],), (lambda: {}[(1, 2)],), (d.pop, "nope"), ({}.popitem,), (dict, 5),
    (dict, [1]), (dict, ["abc"]), (dict, [("a",)]), (dict, 1, 2), (lambda: {} | [],), (lambda: {} < {},),
    (lambda: {[]: 1},), (lambda: {{}: 1},), (d.update, 5), (d.update, 1, 2), (d.get,), (lambda: hash({}),),
    (lambda: {}.fromkeys(5),), (lambda: d + d,), (lambda: dict(**{1: 2}),), (lambda: dict(**5),), (lambda: {**5},),
    (lambda: dict([("a", 1, 2)]),), (d.setdefault, []), (d.__delitem__, "nope"), (d.get, {}),
]:
    attempt(f, *args)

k, v, i = d.keys(), d.values(), d.items()
print(
    k, v, i, len(k), "x" in k, 10 in v, ("x", 10) in i, ("x", 1) in i, k.isdisjoint(["zz"]), k.mapping == d,
    type(k.mapping).__name__,
)
d["late"] = 0
print(
    sorted(k & {"x", "late", "no"}), sorted(k | ["extra"]), sorted(k - {"x"}), sorted(k ^ {"x", "new"}),
    sorted(i & {("x", 10)}), k == set(d), k <= {"x"}, {"x"} <= k, k > {"x"}, i == d.items(), v == d.values(),
)
attempt(lambda: k + k)
attempt(lambda: k[0])
attempt(hash, k)
attempt(lambda: {"a": []}.items() | set())
print(types.MappingProxyType({"a": 1}), types.MappingProxyType({"a": 1}) | {"b": 2})

def mutate(action):
    m = {1: "a", 2: "b", 3: "c"}
    for key in m:
        action(m, key)
    return m
attempt(mutate, lambda m, key: m.pop(key))
attempt(mutate, lambda m, key: m.__setitem__(key + 10, 0))
attempt(mutate, lambda m, key: m.__setitem__(key, "new"))
attempt(mutate, lambda m, key: (m.pop(key), m.__setitem__(key + 3, "z")))
it = iter({1: 1, 2: 2})
next(it)
print(it.__length_hint__(), list(it), list(it))

class Key:
    log = []
    def __init__(self, name, value): self.name, self.value = name, value
    def __hash__(self):
        self.log.append(f"hash {self.name}")
        return self.value
    def __eq__(self, other):
        self.log.append(f"{self.name} eq {other.name}")
        return self.value == other.value and self.name[0] == other.name[0]
    def __repr__(self): return self.name
table = {Key("a1", 1): 1, Key("b1", 1): 2}
table[Key("a2", 1)] = 3
print(table, Key.log)
Key.log.clear()
print(Key("c", 1) in table, Key.log)
class BadHash:
    def __hash__(self): return "x"
class FailEq:
    def __hash__(self): return 1
    def __eq__(self, other): raise RuntimeError("eq failed")
class NoHash:
    __hash__ = None
attempt(lambda: {BadHash(): 1})
attempt(lambda: {FailEq(): 1}.get(FailEq()))
attempt(lambda: {NoHash()})
class Big:
    def __hash__(self): return 1 << 100
print(hash(Big()) == hash(1 << 100))
class Clearing:
    def __hash__(self): return 7
    def __eq__(self, other):
        target.clear()
        return False
target = {Clearing(): 1}
attempt(lambda: target.get(Clearing(), "default"))

class Default(dict):
    def __missing__(self, key): return f"missing {key}"
x = Default(a=1)
print(x["a"], x["q"], x.get("q"), "q" in x, x, type(x.copy()).__name__, type(x | {}).__name__, {**x}, dict(x) == x)
r = {}
r["self"] = r
print(r, {"v": r.values()} and len(repr(r.values())) > 0)
big = {n: n * n for n in range(1000)}
for n in range(0, 1000, 3): del big[n]
print(len(big), sum(big), big[500], list(big)[:5], 999 in big, next(reversed(big)), sum(big.values()))
keep = {str(n): n for n in range(50)}
while len(keep) > 3: keep.popitem()
keep["new"] = 1
print(keep)

# Sets.
s = {3, 1, 2}
s.add(5)
s.discard(9)
s.update([7], (8,))
s.remove(7)
print(
    sorted(s), len(s), 3 in s, s | {9} == {1, 2, 3, 5, 8, 9}, sorted(s & {1, 2, 99}), sorted(s - {1}),
    sorted(s ^ {1, 100}), s <= {1, 2, 3, 5, 8}, s < s, {1} < s, s >= {1}, s.isdisjoint({4}), s.issubset(range(10)),
    s.issuperset([1]), s == frozenset(s), s != {1},
)
print(
    sorted(s.union([1], "a"), key=str), sorted(s.intersection([1, 2], {2})), sorted(s.difference([1], [2])),
    sorted(s.symmetric_difference([1, 4])), set(), frozenset(), {5}, frozenset([5]), set("aab") == {"a", "b"},
    type(frozenset([1]) | {2}).__name__, type({2} | frozenset([1])).__name__,
)
s.intersection_update({1, 2, 3})
s -= {1}
s |= {10}
s ^= {10, 11}
s &= {2, 3, 11}
print(sorted(s), s.copy() == s, s.pop() in (2, 3, 11), s.clear(), s)
print(
    hash(frozenset([1, 2])) == hash(frozenset([2, 1])), {frozenset([1]): "v"}[frozenset([1])],
    {1} in {frozenset([1])}, frozenset([1]) in [{1}], {1, 1.0, True}, {0.0, -0.0}, len({float("nan"), float("nan")}),
)
for f, *args in [
    (set, 5), ({1}.remove, 9), (set().pop,), ({1}.add, []), (lambda: {1} | [1],), (lambda: {1} < [1],),
    (hash, set()), (lambda: {[]},), ({1}.union, 5), (lambda: {1} + {2},), (lambda: {1}[0],), (frozenset, 1, 2),
    ({1}.discard, {}), (lambda: {1}.remove({2}),), (lambda: frozenset().add(1),), (set, [[]]), (lambda: set(x=1),),
]:
    attempt(f, *args)
def set_mutate():
    z = {1, 2}
    for n in z: z.add(n + 10)
attempt(set_mutate)
class S(set):
    def __repr__(self): return "S" + str(sorted(self))
print(S([2, 1]), S([1]) | {2}, type(S([1]).copy()).__name__, S([1]) == {1}, [S()], frozenset("a").__reduce__()[1:])
