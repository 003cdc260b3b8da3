"""textwrap, string, pprint, reprlib, difflib, locale-free text tools, re-based scanners, gettext defaults."""
import difflib
import pprint
import reprlib
import string
import textwrap

def attempt(f, *args, **kwargs):
    try:
        print(repr(f(*args, **kwargs)))
    except Exception as error:
        print(type(error).__name__, error, sep=": ")


prose = "The quick brown fox -- a rather  long-legged one -- jumps over the lazy dog. Supercalifragilisticexpialidocious!\nNew line here."
print(textwrap.fill(prose, 30), textwrap.wrap(prose, 20, max_lines=3, placeholder=" [...]"), sep="\n")
print(textwrap.fill(prose, 40, initial_indent="* ", subsequent_indent="  ", break_long_words=False, fix_sentence_endings=True))
print(
    textwrap.shorten(prose, 25), textwrap.shorten("tiny", 10), repr(textwrap.dedent("    a\n      b\n\n    c")),
    repr(textwrap.indent("x\n\ny\n", "> ")), repr(textwrap.indent("x\n\n", "-", lambda line: True)),
)
attempt(textwrap.wrap, "x", 0)
attempt(textwrap.shorten, "a b c", 1)
attempt(textwrap.wrap, "a b c d e", 5, max_lines=1, placeholder="much too long")
print(
    textwrap.wrap("a-b-c d\te", 3), textwrap.wrap("", 5),
    textwrap.wrap("word " * 5, 12, break_on_hyphens=False, expand_tabs=False),
)

t = string.Template("$name owes $$${amount} to ${who}")
print(
    t.substitute(name="A", amount=5, who="B"), t.safe_substitute(name="A"), t.get_identifiers(), t.is_valid(),
    string.Template("$").is_valid(),
)
attempt(t.substitute, name="A")
attempt(string.Template("$ x").substitute)
attempt(string.Template("a\n${").substitute)


class Percent(string.Template):
    delimiter = "%"
    idpattern = "[a-z]+"


print(
    Percent("%x and %{y} %%").substitute(x=1, y=2), string.ascii_letters[:5], string.punctuation,
    repr(string.whitespace), string.capwords("the  end of-it"), string.hexdigits,
)
f = string.Formatter()
print(list(f.parse("a{b!r:>{w}}c{{d}}")), f.format("{0} {x[k]}", 1, x={"k": 2}), f.vformat("{}", (5,), {}))
attempt(f.format, "{}")
attempt(f.format)


class Default(string.Formatter):
    def get_value(self, key, args, kwargs):
        return super().get_value(key, args, kwargs) if isinstance(key, int) else kwargs.get(key, f"<{key}>")

    def convert_field(self, value, conversion):
        return value.upper() if conversion == "u" else super().convert_field(value, conversion)


print(Default().format("{a} {0!u} {b!r}", "x", b="y"))
attempt(Default().format, "{0!q}", 1)

nested = {
    "numbers": list(range(30)), "text": "word " * 20, "deep": {"a": {"b": {"c": [1, 2, {"d": (1,)}]}}},
    "set": {3, 1, 2}, "long key " * 3: None, 1: b"bytes" * 20,
}
pprint.pprint(nested)
pprint.pprint(nested, width=40, compact=True, indent=2, depth=2, sort_dicts=False)
print(
    pprint.pformat([1, 2]), pprint.isreadable(nested), pprint.isrecursive(nested),
    pprint.saferepr({"b": 1, "a": 2}), pprint.pformat(10 ** 9, underscore_numbers=True),
)
loop = [1]
loop.append(loop)
print(pprint.pformat(loop).split(" with id=")[0], pprint.isrecursive(loop))
import collections
import dataclasses
import types
pprint.pprint([collections.OrderedDict(a=1, b="x" * 60), collections.Counter("aab" * 3), collections.defaultdict(list, k=["v" * 70]), collections.deque(range(40)), types.SimpleNamespace(a="y" * 50, b="z" * 50), types.MappingProxyType({"q": "w" * 80}), collections.ChainMap({"a": 1}, {"b": "m" * 70})])


@dataclasses.dataclass
class Point:
    x: int
    label: str = "l" * 60
    other: list = dataclasses.field(default_factory=lambda: ["o" * 40, "p" * 40])


pprint.pprint(Point(1))
pprint.pp({"z": 1, "a": 2})
r = reprlib.Repr(maxlist=3, maxstring=20, maxlevel=2)
print(
    reprlib.repr(list(range(100))), reprlib.repr("x" * 100), r.repr([[[[1]]], 2, 3, 4]),
    r.repr("abcdefghijklmnopqrstuvwxyz"), reprlib.repr({n: n for n in range(9)}), reprlib.repr(10 ** 60),
    reprlib.repr({1, 2}), reprlib.repr((1,) * 9),
)


class Recursive(list):
    @reprlib.recursive_repr(fillvalue="<again>")
    def __repr__(self):
        return "R(" + ", ".join(map(repr, self)) + ")"


rec = Recursive([1])
rec.append(rec)
print(rec)

a, b = "one\ntwo\nthree\nfour\n".splitlines(True), "one\n2\nthree\nfive\nfour\n".splitlines(True)
print(
    "".join(difflib.unified_diff(a, b, "a.txt", "b.txt")), "".join(difflib.ndiff(a, b)),
    "".join(difflib.context_diff(a, b, n=1)), sep="---\n",
)
s = difflib.SequenceMatcher(None, "private Thread currentThread;", "private volatile Thread currentThread;")
print(
    round(s.ratio(), 3), s.get_opcodes(), s.find_longest_match(), s.get_matching_blocks()[-1],
    round(s.quick_ratio(), 3),
)
print(
    difflib.get_close_matches("appel", ["ape", "apple", "peach", "puppy"]),
    list(difflib.restore(difflib.ndiff(a, b), 2)) == b,
)
attempt(difflib.get_close_matches, "a", [], n=0)
attempt(difflib.get_close_matches, "a", [], cutoff=2)
import sched
events = []
clock = [0]
queue = sched.scheduler(lambda: clock[0], lambda delay: clock.__setitem__(0, clock[0] + delay))
queue.enter(5, 1, events.append, ("late",))
queue.enter(1, 2, events.append, ("second",))
queue.enter(1, 1, events.append, ("first",))
cancelled = queue.enterabs(3, 1, events.append, ("never",))
queue.cancel(cancelled)
queue.run()
print(events, clock, queue.empty())
attempt(queue.cancel, cancelled)
