"""What operators find in classes of several bases: own dunders, those of the bases in their order, of what is mixed
in, and of built-in types; then after dunders came and went."""

import itertools


class Sized:
    def __len__(self):
        return 3


class Equal:
    def __eq__(self, other):
        return "Equal.eq"


class Called(Sized):
    def __call__(self, *args):
        return "Called.call"

    def __getitem__(self, key):
        if isinstance(key, int) and key > 2:
            raise IndexError(key)
        return "Called.item", key


class Hooked:
    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return "Hooked", name

    def __setattr__(self, name, value):
        object.__setattr__(self, name, ("set", value))


class Unhashable:
    __hash__ = None


class Table(dict):
    def __missing__(self, key):
        return "missing", key


class Row(list):
    def __add__(self, other):
        return "Row.add"


class Number(int):
    __slots__ = ()

    def __radd__(self, other):
        return "Number.radd"


class Trouble(Exception):
    def __str__(self):
        return "Trouble.str"


class MoreTrouble(Trouble, LookupError):
    pass


class Counting:
    def __iter__(self):
        return iter((1, 2))

    def __next__(self):
        return 7

    def __contains__(self, item):
        return item == 5


class Attached:
    def __get__(self, instance, owner):
        return "got"

    def __set_name__(self, owner, name):
        pass


class Meta(type):
    def __call__(cls, *args):
        return type.__call__(cls)


PROBES = {
    "len": len,
    "bool": bool,
    "hash": lambda o: "hash" if hash(o) is not None else None,
    "eq": lambda o: o == 5,
    "ne": lambda o: o != 5,
    "lt": lambda o: o < 5,
    "call": lambda o: o(),
    "item": lambda o: o[0],
    "slice": lambda o: o[0:1],
    "iter": lambda o: list(itertools.islice(iter(o), 4)),
    "next": next,
    "in": lambda o: 5 in o,
    "add": lambda o: o + [1],
    "radd": lambda o: 2 + o,
    "iadd": lambda o: o.__iadd__([1]),
    "attr": lambda o: o.missing_attribute,
    "int": int,
    "index": lambda o: [10, 11, 12][o],
    "str": str,
}


def outcome(cls):
    """One word for each probe."""
    words = []
    for name, probe in PROBES.items():
        try:
            o = cls()
            if name == "attr":
                try:
                    o.x = 1
                    words.append(f"x={o.x}")
                except AttributeError:
                    words.append("no x")
            result = probe(o)
            words.append(f"{name}={result!r}" if "0x" not in repr(result) else name)
        except Exception as e:
            words.append(f"{name}:{type(e).__name__}")
    return " ".join(words)


PARTS = [Sized, Equal, Called, Hooked, Unhashable, Table, Row, Number, Trouble, MoreTrouble, Counting, Attached]

for count in (1, 2, 3):
    for bases in itertools.permutations(PARTS, count):
        if count == 3 and sum(map(PARTS.index, bases)) % 9:
            continue
        name = "_".join(b.__name__ for b in bases)
        try:
            cls = type(name, bases, {})
        except TypeError as e:
            print(name, "TypeError", str(e).split("\n")[0])
            continue
        print(name, outcome(cls))

print("-- own dunders, and such as come and go")
for base in PARTS:
    for other in (Equal, Called, Unhashable):
        if issubclass(base, other):
            continue
        try:
            cls = type("Own", (base, other), {"__len__": lambda self: 9, "__hash__": lambda self: 4})
        except TypeError:
            continue
        sub = type("Sub", (cls,), {})
        print(base.__name__, other.__name__, outcome(sub))
        cls.__call__ = lambda self: "later"
        cls.__eq__ = lambda self, o: "later eq"
        print("  later", outcome(sub))
        del cls.__call__, cls.__len__
        print("  gone", outcome(sub))

print("-- with a metaclass")
for base in PARTS:
    cls = Meta("Made", (base,), {})
    print(base.__name__, outcome(cls))
