"""json, re and csv: options, edge cases, error positions."""
import csv
import io
import json
import re

def attempt(f, *args, **kwargs):
    try:
        print(repr(f(*args, **kwargs)))
    except Exception as error:
        print(type(error).__name__, error, sep=": ")


data = {
    "text": "é\u2028\n\"\\/\x01😀", "n": [0, -1, 1.5, 1e100, 10 ** 25, True, None], "e": {}, "l": [], 1: "int key",
    None: 0, 2.5: 1, True: 2,
}
print(json.dumps(data))
print(json.dumps(data, ensure_ascii=False))
print(json.dumps([[1, {"b": 2, "a": [3]}], []], indent=2, sort_keys=True))
print(
    json.dumps({"a": 1}, separators=(",", ":")), json.dumps([float("nan"), float("-inf")]), json.dumps("\ud800"),
    json.dumps((1, 2)), json.dumps({"b": 1, "a": 2}, indent="\t"),
)
print(
    json.loads('{"a": [1, 2.0, -3e2, true, null, "\\u00e9\\ud83d\\ude00\\n"], "b": {}}'),
    json.loads(b'"caf\xc3\xa9"'), json.loads(" [ ] "), json.loads("NaN"), json.loads("-Infinity"),
    json.loads('"\\ud800"') == "\ud800", json.loads("1" * 30), json.loads('{"a": 1, "a": 2}'),
    json.loads("1.5", parse_float=str), json.loads("[1]", parse_int=float),
    json.loads('{"k": 1}', object_pairs_hook=list), json.loads('{"k": {"z": 1}}', object_hook=lambda d: sorted(d)),
)
for text in [
    "", "{", "[1,", "[1 2]", '{"a" 1}', '{"a":}', "{'a': 1}", '"abc', '"\n"', '"\\x"', '"\\u12"', "tru", "1.", "01",
    "-", "[1,]", '{"a":1,}', "[1]]", "nul", "\ufeff1", '{1: 2}', "+1", ".5", "1e", "[\n1,\n x]",
]:
    attempt(json.loads, text)
attempt(json.loads, 5)
attempt(json.loads, b"\xff")
for value, options in [
    ({1j}, {}), (object, {}), ({(1, 2): 1}, {}), ({(1, 2): 1, "a": 2}, {"skipkeys": True}),
    ([float("nan")], {"allow_nan": False}), ({"b": 1, 1: 2}, {"sort_keys": True}), (b"x", {}),
    (1j, {"default": lambda o: [o.real, o.imag]}), (1j, {"default": lambda o: o}),
]:
    attempt(json.dumps, value, **options)
loop = []
loop.append(loop)
attempt(json.dumps, loop)
attempt(json.dumps, {"a": loop})
try:
    json.loads("[" * 100000)
except RecursionError as error:
    print(type(error).__name__)  # its text says how much stack was used
class Encoder(json.JSONEncoder):
    def default(self, o): return sorted(o) if isinstance(o, set) else super().default(o)
print(
    json.dumps({"s": {3, 1}}, cls=Encoder), list(json.JSONEncoder().iterencode([1, {"a": None}])),
    json.JSONDecoder().raw_decode("[1] tail"),
)
out = io.StringIO()
json.dump([1], out)
print(out.getvalue(), json.load(io.StringIO("{}")))

print(
    re.findall(r"\b(\w)(\w*)\b", "one two"), re.split(r"(,)\s*", "a, b,c"),
    re.sub(r"(?P<x>\d+)", r"<\g<x>\1>", "a1b22"), re.subn("a*", "-", "baac"),
    re.sub("x", lambda m: m.group().upper(), "axbx", count=1), re.escape("a.b*c-d e"), re.split(r"\b", "a b"),
    re.findall("", "ab"), re.sub("", "-", "ab"),
)
m = re.match(r"(?P<year>\d{4})-(?P<month>\d\d)(-(\d\d))?", "2024-05 rest")
print(
    m, m.group(0, "year", 2), m["month"], m.groups(), m.groups("none"), m.groupdict(), m.span("month"), m.start(3),
    m.end(), m.lastindex, m.lastgroup, m.re.groupindex, m.pos, m.endpos, m.regs, m.expand(r"\2/\g<year>"), bool(m),
    m.string,
)
for pattern, text in [
    (r"a.c", "a\nc"), (r"(?s)a.c", "a\nc"), (r"^b$", "a\nb\nc"), (r"(?m)^b$", "a\nb\nc"), (r"(?i)É", "é"),
    (r"(?x) a  b # c", "ab"), (r"(a+)+b", "aaaab"), (r"a{2,3}?", "aaaa"), (r"a++a", "aaa"), (r"(?>a+)b", "aaab"),
    (r"(?<=a)b", "ab"), (r"(?<!a)b", "ab"), (r"a(?=b)", "ab"), (r"a(?!b)", "ac"), (r"(a)?(?(1)b|c)", "c"),
    (r"[^\W\d_]+", "12ab_"), (r"[\u00e0-\u00ff]+", "aéb"), (r"\d+", "٣4"), (r"(?a)\d+", "٣4"), (r"\Aab\Z", "ab"),
    (r"(\w+) \1", "go go"), (r"(?:a|ab)(?:c|bcd)", "abcd"), (r"[a-c&&b]", "&"), (r"\N{DIGIT ONE}", "1"),
    (r"[]a]+", "]a"), (r"x*", "aaa"), (r"(?i:A)b", "ab"), (r"(?-i:a)", "a"), (r".*?(\d)", "ab3"),
    (rb"\xff+", b"a\xff\xff"), (r"\b", "é"), (r"(?P<n>a)(?P=n)", "aa"),
]:
    found = re.search(pattern, text)
    print(repr(pattern), found and (found.group(), found.span(), found.groups()))
for pattern in [
    "(", ")", "[", "a**", "*a", "a{2,1}", "(?P<1>a)", "(?P<a>x)(?P<a>y)", "(?P=b)", r"\1", "(?z)", "(?<=a*)b",
    r"\x1", r"\q", "[b-a]", "(?", "(?P<a", "a{99999999999}", r"(?(2)a)", "(?i", "x(?i)y", r"\N{NOPE}", "(?:",
    "[[:x", r"\u12", "a++*", "(?>", "(?#", "(?P>a)", "[a-\\d]",
]:
    attempt(re.compile, pattern)
attempt(re.match, "a", b"a")
attempt(re.match, b"a", "a")
attempt(re.match, 5, "a")
attempt(re.compile, re.compile("a"), re.I)
attempt(m.group, 9)
attempt(m.group, "zz")
attempt(re.sub, "a", r"\9", "a")
attempt(re.sub, "(a)", r"\g<", "a")
attempt(re.sub, "a", 5, "a")
attempt(re.compile, b"\xe9", re.U)
p = re.compile(r"(\w)(\d)?", re.I | re.M)
print(
    p, p.flags, p.groups, p.pattern, p.fullmatch("a1"), p.match("xa1", 1), [x.group() for x in p.finditer("a1b")],
    p.search("..", 1), p.scanner("a1").match(), p == re.compile(r"(\w)(\d)?", re.I | re.M), re.RegexFlag(10),
    re.purge(), repr(re.compile("x" * 250))[-12:],
)

rows = list(csv.reader(io.StringIO('a,"b ""q""",c\r\n1,,"multi\nline"\n\n x , y\n'), strict=True))
print(
    rows, list(csv.reader(["a;b|c"], delimiter=";")), list(csv.reader(["1,'a,b'"], quotechar="'")),
    list(csv.reader(["a\\,b,c"], escapechar="\\")), list(csv.DictReader(io.StringIO("x,y\n1,2\n3\n4,5,6\n"))),
)
out = io.StringIO()
w = csv.writer(out)
w.writerow(["plain", 'q"q', "a,b", "new\nline", None, 1.5, "", " s"])
w.writerows([[1], ["", ""], [""]])
csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\n").writerow([1, "x"])
csv.writer(out, dialect="excel-tab").writerow(["a\tb", 2])
csv.writer(out, quoting=csv.QUOTE_NONE, escapechar="\\").writerow(["a,b", '"'])
dw = csv.DictWriter(out, ["b", "a"], restval="-", extrasaction="ignore")
dw.writeheader()
dw.writerow({"a": 1, "z": 2})
print(repr(out.getvalue()))
attempt(w.writerow, 5)
attempt(csv.writer, 5)
attempt(csv.reader, ["a"], delimiter="ab")
attempt(csv.reader, ["a"], "nodialect")
attempt(lambda: list(csv.reader(['"a'], strict=True)))
attempt(lambda: list(csv.reader(['"a"b'], strict=True)))
attempt(lambda: list(csv.reader([b"a"])))
attempt(csv.DictWriter(out, ["a"]).writerow, {"b": 1})
attempt(csv.writer(out, quoting=csv.QUOTE_NONE).writerow, ["a,b"])
print(
    csv.list_dialects(), csv.Sniffer().sniff("a;b;c\n1;2;3\n").delimiter,
    csv.Sniffer().has_header("name,age\nbob,5\namy,7\n"), csv.field_size_limit(),
)
