"""str: every method with its edge cases and messages."""

def attempt(f, *args, **kwargs):
    try:
        print(repr(f(*args, **kwargs)))
    except Exception as error:
        print(type(error).__name__, error, sep=": ")


s = "Hello, World"
print(
    s.upper(), s.lower(), s.swapcase(), s.title(), s.capitalize(), s.casefold(), "ß".casefold(), "ǆ".title(),
    "ΑΣ".lower(), "ŉ".upper(),
)
print("they're bill's".title(), "x1y".title(), "ÉCOLE".capitalize(), "İ".lower().encode())
print(
    s.find("o"), s.find("o", 5), s.find("o", 5, 8), s.find("z"), s.rfind("o"), s.index("W"), s.find(""),
    s.rfind(""), s.find("", 99), "".find(""),
)
attempt(s.index, "z")
attempt(s.rindex, "z", 0, 3)
attempt(s.find)
attempt(s.find, 1)
print(s.count("l"), s.count(""), "aaaa".count("aa"), s.count("l", 3, -1), "".count(""))
print(
    s.startswith("Hell"), s.startswith(("x", "He")), s.startswith(()), s.startswith("ell", 1), s.endswith("ld"),
    s.endswith("", 99), "".startswith("", 1),
)
attempt(s.startswith, 1)
attempt(s.startswith, ("a", 1))
attempt(s.endswith, ["a"])
print(
    s.replace("l", "L"), s.replace("l", "L", 2), "abc".replace("", "-"), "abc".replace("", "-", 2),
    "aaa".replace("aa", "b"), "".replace("", "x"), s.replace("o", "", count=1),
)
attempt(s.replace, "a")
attempt(s.replace, "a", 1)

print(
    "a,b,,c".split(","), " a  b c ".split(), "a  b".split(" "), "a b c d".split(maxsplit=2),
    "a b c d".rsplit(None, 1), "".split(), "".split(","), "x".split("xx"),
)
print(" a b ".split(None, 1), "a,b,c".rsplit(",", 1), "\u2003a\u2003b\x1cc".split(), "a\xa0b".split())
attempt(s.split, "")
attempt(s.split, 1)
print(
    "a\nb\r\nc\rd\x0be\u2028f\x85g".splitlines(), "a\nb\n".splitlines(True), "".splitlines(), "\n".splitlines(),
    "\n\n".splitlines(keepends=True),
)
print("k=v=w".partition("="), "kv".partition("="), "k=v=w".rpartition("="), "kv".rpartition("="))
attempt(s.partition, "")
attempt(s.partition, None)
print("-".join(["a", "b"]), "".join(()), ",".join("xyz"), "é".join(["a", "b\U0001f600"]))
attempt("-".join, ["a", 1])
attempt("-".join, 5)
attempt("-".join, [b"x"])

print(
    repr("  x ".strip()), "xxaxx".strip("x"), "abcba".lstrip("ab"), "abcba".rstrip("ab"), "  ".strip(),
    "xyz".strip(""), "\u3000a\x1f".strip(),
)
attempt(s.strip, 1)
print(
    "prefix-x".removeprefix("prefix-"), "x.py".removesuffix(".py"), "x".removeprefix("y"), "aa".removesuffix("a"),
    "x".removesuffix(""),
)
attempt(s.removeprefix, 1)
print(
    "ab".center(7, "*"), "ab".center(6), "abc".center(6, "-"), "ab".ljust(4, "."), "ab".rjust(4), "ab".center(1),
    "-42".zfill(6), "+x".zfill(4), "".zfill(2), "42".zfill(1),
)
attempt("x".center, 5, "ab")
attempt("x".ljust, "5")
print(
    repr("a\tb\tc".expandtabs()), repr("ab\tc\nd\t".expandtabs(4)), repr("\t".expandtabs(0)),
    repr("a\tb".expandtabs(tabsize=1)),
)

names = [
    "isalpha", "isdigit", "isdecimal", "isnumeric", "isalnum", "isspace", "isupper", "islower", "istitle",
    "isidentifier", "isprintable", "isascii",
]
for text in [
    "", "abc", "ABC", "Abc Def", "123", "²", "½", "٣", "一", " \t\n", "\x1c", "a1", "_x", "9a", "é", "\u200b", "ǅ",
    "ﬁ", "\U0001f600", "class",
]:
    print(ascii(text).ljust(14), "".join("01"[getattr(text, name)()] for name in names))

table = str.maketrans("abc", "xyz", "d")
print(table, "aabbccdd".translate(table), "abc".translate({97: None, 98: "BB", 99: 67}), "x".translate({}))
attempt(str.maketrans, "ab", "c")
attempt(str.maketrans, {"ab": 1})
attempt(str.maketrans, 5)
attempt("a".translate, {97: 0x110000})
attempt("a".translate, {97: 1.5})
class Table:
    def __getitem__(self, key):
        if key == 98: raise LookupError
        return chr(key + 1)
print("abc".translate(Table()))

print(s[0], s[-1], s[2:5], s[::-1], s[::3], s[5:2], s[-100:100], s[4:1:-1], "é𝒳z"[1], len("é𝒳z"))
attempt(lambda: s[100])
attempt(lambda: s["a"])
attempt(lambda: s[1.0])
attempt(lambda: s[::0])
print(
    "a" * 3, 2 * "ab", "x" * 0, "x" * -1, "lo" in s, "" in s, "é" in "café", "a" < "b" < "é", "a" < "B", "Z" < "a",
    "" < "a", "ab" == "a" + "b",
)
attempt(lambda: "a" * 1.5)
attempt(lambda: "a" + 1)
attempt(lambda: 1 + "a")
attempt(lambda: "a" < 1)
attempt(lambda: 1 in "a")
attempt(lambda: "a" * (1 << 70))
attempt(lambda: -"a")
attempt(lambda: hash("a") == hash("a"))

print(
    str(b"x"), str(5), str(), str(b"caf\xc3\xa9", "utf-8"), str(b"\xff", errors="replace", encoding="utf-8"),
    str(object=3.5),
)
attempt(str, "x", "utf-8")
attempt(str, b"\xff", "utf-8")
attempt(str, 5, "ascii")
attempt(str, b"x", "no-such-codec")
print(
    "é€😀".encode(), "é".encode("latin-1"), "é€".encode("ascii", "xmlcharrefreplace"),
    "é\u20ac".encode("ascii", "backslashreplace"), "é".encode("ascii", "namereplace"),
    "aé".encode("ascii", "ignore"), "a".encode("utf-16-le"), "\ud800".encode("utf-8", "surrogatepass"),
)
attempt("\ud800".encode)
attempt("é".encode, "ascii", "nothing")
print(
    repr("tab\t nl\n quote' dquote\" back\\ nul\0 \x7f \x80 \xad é \u200e \ud800 \U0001f600 \U000e0001"),
    repr('both \' and "'), ascii("é😀"),
)
print(ord("a"), chr(8364), ord("\U0010ffff"), "\N{GREEK SMALL LETTER ALPHA}\x41\101\u0042")
attempt(ord, "ab")
attempt(ord, "")
attempt(chr, -1)
attempt(chr, 0x110000)
print(
    "abc".__contains__("b"), "abc".__getitem__(1), "%s".__mod__(5), "abc".__getnewargs__(), "a".__eq__(1),
    "a".__add__("b"),
)
print(
    max("hello"), min("hello"), sorted("hello"), list(reversed("abc")), list(enumerate("ab", 1)),
    [*map(str.upper, "ab")], all("ab"), "".join(filter(str.isalpha, "a1b2")),
)
class S(str):
    def __str__(self): return "custom " + super().__str__()
    def upper(self): return "UP"
x = S("v")
print(
    x, repr(x), x.upper(), x.lower(), type(x + "w").__name__, type(x[:]).__name__, f"{x}", "%s" % x, "{}".format(x),
    "".join([x]), len(x), x == "v", {x: 1}["v"],
)
