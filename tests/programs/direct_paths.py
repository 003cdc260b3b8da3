# Ways through built-in types that have code of their own beside the general one: same results, same errors.
import re


class Str(str):
    pass


class Int(int):
    def __repr__(self):
        return "Int!"


# Lists of what dicts and sets hold.
d = {i: str(i) for i in range(5)}
print(list(d), list(d.keys()), list(d.values()), list(d.items()))
l = [0]
l.extend(d)
l.extend(d.values())
l += d.items()
print(l)
l = list({})
l.extend({}.items())
l.extend(set())
print(l, [*{1: 2}.items(), *frozenset([7])], sorted([*{3, 1, 2}]))
for i in list(d):
    del d[i]
print(d, list(d.items()))
d = dict.fromkeys("abc", 0)
del d["b"]
print(list(d.values()), list(d), list(reversed(d)))
it = iter(d)
print(next(it), list(it), list(it))
it = iter({1: 2, 3: 4}.items())
print(next(it), it.__length_hint__(), list(it), it.__length_hint__())
d = {1: 1, 2: 2}
try:
    for k in d:
        d[k + 10] = 1
except RuntimeError as e:
    print(e)
try:
    for k in d:
        del d[k]
        d[k + 100] = 1
except RuntimeError as e:
    print(e)

# A key that comes and goes.
d = {i: i for i in range(1000)}
for i in range(5000):
    d[-1] = i
    del d[-1]
    d[i % 7] = d.pop(i % 7)
print(len(d), sum(d), sum(d.values()), list(d)[:3], list(d)[-7:])
d = {str(i): i for i in range(1000)}
for i in range(5000):
    d["x"] = i
    del d["x"]
print(len(d), list(d)[0], list(d)[-1])

# Equality of dicts: identity of values counts, but for floats.
nan = float("nan")
print({1: nan} == {1: nan}, {1: nan} == {1: float("nan")}, {1: 2.5} == {1: 2.5}, {1: 1} == {1: 1.0})
print({1: 2} == {1: 3}, {1: 2} == {2: 2}, {"a": [1]} == {"a": [1]}, {(1, 2): 3} == {(1, 2): 3})

# repr.
print([1, -1, 0, 10**18, -(2**62), 2**70, True, Int(5), "a", "it's", 'say "x"', "\\", "\n", "é", "", Str("s"), 1.5])
print({"a": 1, "b'c": {"d": [-5]}, 1: "x\t", None: Str("q")})
print((1,), ("a", -3), {"k": ("v",)})
l = [1]
l.append(l)
print(l, [[]], [{}], {0: l})

# Sets.
a, b = set(range(100)), set(range(50, 150))
print(len(a & b), len(a | b), len(a - b), len(a ^ b), a.isdisjoint(b), a.isdisjoint({-1}), a <= a | b, 5 in a, 500 in a)


class Odd:
    def __init__(self, n):
        self.n = n

    def __hash__(self):
        return self.n

    def __eq__(self, other):
        print("compare", self.n, type(other).__name__)
        return isinstance(other, Odd) and other.n == self.n


s = {1, 2, Odd(3)}
print(3 in s, 1 in s, Odd(3) in s, Odd(1) in s, len(s | {3}), len(s & {3, 1}))
s = set()
for i in range(100):
    s.add(i)
    s.discard(i)
    s.add("k")
print(s, len(set(["a", "b", "a", 1, 1.0, True])))
print({1}.isdisjoint([1]), {"a"}.isdisjoint("bcd"), {"a"}.isdisjoint("abc"))

# Text.
print("\u00e9t\u00e9".encode("utf-16-le"), "abc".encode("utf-16-be"), "x".encode("utf-16"), "é".encode("utf-32-be"))
print(len(("\u00e9" * 1000).encode("utf-16")), ("a" * 700).encode("utf-32-le") == b"a\0\0\0" * 700)
for name in ("ascii", "latin-1", "latin1", "ASCII", "iso-8859-1", "L1"):
    try:
        print("é".encode(name), b"\xe9".decode(name))
    except UnicodeError as e:
        print(type(e).__name__, e)
table = str.maketrans({"a": "xyz", "b": None, "c": "C", "d": 0x20AC, "é": "e"})
print("abcdeé".translate(table), "aabbccdd".translate(table), "".translate(table), "bbb".translate(table))


class Table:
    def __getitem__(self, c):
        print("ask", c)
        if c == 98:
            return None
        if c == 99:
            return "CC"
        raise LookupError


print("abcabcé".translate(Table()))
print("a\nb\r\nc\rd\x0be\x0cf\x1cg\x1dh\x1ei\x85j\u2028k".splitlines())
print("plain text that is longer than sixteen\nand\tanother\x1f line\x85x\r\n".splitlines(True))
print(b"a\nb\r\nc\x0bd\x85e\rlonger than sixteen bytes\n".splitlines(), ("x" * 40 + "\n").splitlines())
print(" a\tb\nc\x0bd\x0ce\x1cf\x1dg\x1eh\x1fi\x85j\xa0k ".split(), "é\xa0è".split(), " ".split())
print("a\u2003b c".split(), "  lead".rsplit(None, 1), "\x1f x".rsplit())
print(bin(0), bin(5), bin(-5), hex(255), hex(-255), oct(8), oct(-1), bin(2**70), hex(-(2**64)), hex(True))
print(bin(2**62 - 1), bin(-(2**62)), hex(2**62 - 1))

# Big integers.
big, bigger = 3**100, 7**100
for x in (big, -big):
    for y in (bigger, -bigger):
        print(x // y, x % y == x if (x < 0) == (y < 0) else x % y == x + y, y // x, divmod(x, y)[0])
print(0 // bigger, 5 // bigger, -5 // bigger, 5 // -bigger)

# Regular expressions.
text = "one two, three_4; 55 é à"
print(re.findall(r"\w+", text), re.findall(r"\w*", "a b"), re.findall(r"\W+", text), re.findall(r"\d+", text))
print(re.findall(r"[0-9]+", text), re.findall(r"[0-9]", text), re.findall(r"[^\w]+", text), re.findall(r"\s+", text))
print(re.findall(r"\S+", text), re.findall(r"(?a)\w+", text), re.findall(r"[aeiou]+", text), re.findall(r"[a-e]*", "abxcd"))
print(re.search(r"[xyz]", text), re.search(r"[5-9]", text).span(), re.search(r"\d", "abc"), re.search(r"[0-9]+", ""))
print(re.fullmatch(r"\w+", "abc"), re.fullmatch(r"\w+", "abc "), re.fullmatch(r"(?:a|ab)c*", "abcc"))
print(re.fullmatch(r"(?:\w+)", "abc"), re.match(r"(?=\w+)\w", "abc"), re.match(r"(\w+)(?<=b)", "abab-"), re.sub(r"x*", "-", "abxd"))
print(re.split(r"\s*", "a b  c"), [m.span() for m in re.finditer(r"a*", "baac")], re.match(r"(?>a+)a", "aaa"), re.match(r"a{2,3}", "aaaa").group())
print(re.search(r"\w{3,}", "ab abc").span(), re.search("[é-ü]+", "abcéèx").group(), re.search("[\u4e00-\u4eff]", "a\u4e2d").span())
print(re.search(r"[0-9]+\.[0-9]+", "12 3.4").group(), re.search(r"(?i)[a-c]+", "xxABC").group(), re.search(r"(?i)\w+z", "abcZ").group())
