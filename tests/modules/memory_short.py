"""Little memory left: whatever gets none says MemoryError, also where it is a container of the implementation."""
import abc, ast, codecs, decimal, dis, io, json, marshal, resource, select, symtable, tokenize, unicodedata

source = "def f(a,b):\n    return [a+b for x in range(10) if x*a>3]\n" * 60
text = "[" + ",".join(['{"a":[1,2,{"b\\u00e9":"c\\u00e9xx","x":1.5e3}]}'] * 200) + "]"
code = compile(source, "x", "exec")
data, big = marshal.dumps(code), 7**3000
digits = str(big)


class A(metaclass=abc.ABCMeta):
    pass


operations = [
    lambda: compile(source, "x", "exec"),
    lambda: json.loads(text),
    lambda: ast.parse(source),
    lambda: int(digits),
    lambda: str(big),
    lambda: big * big // 3,
    lambda: format(1e300, ",.400f"),
    lambda: float("1" * 3000),
    lambda: float.fromhex("0x1." + "8" * 300),
    lambda: complex("1" * 300 + "+2j"),
    lambda: memoryview(bytearray(1000)).cast("B", (10, 10, 10)).tolist(),
    lambda: marshal.loads(data),
    lambda: list(tokenize.generate_tokens(io.StringIO(source).readline)),
    lambda: unicodedata.normalize("NFKD", "éàü\ufdfa" * 500),
    lambda: [isinstance(i, A) for i in (1, "a", 2.5, [], (), {}, set(), b"")],
    lambda: isinstance(type("T", (), {})(), A),
    lambda: format(decimal.Decimal("1e400"), ",f"),
    lambda: codecs.lookup("latin-1"),
    lambda: dis.Bytecode(code).dis(),
    lambda: symtable.symtable(source, "x", "exec"),
    lambda: list(code.co_positions()),
    lambda: select.poll().register(0),
    lambda: exec(code, {}),
]
kept = []


def take_all(least):
    size = 1 << 22
    while size >= least:
        try:
            kept.append(bytearray(size))
        except MemoryError:
            size //= 2


resource.setrlimit(resource.RLIMIT_AS, (150 << 20, resource.RLIM_INFINITY))
outcomes = set()
for operation in operations:
    for least in (600, 600, 1000, 4000, 30000):
        try:
            take_all(least)
            operation()
            outcome = "ok"
        except MemoryError:
            outcome = "MemoryError"
        kept.clear()
        outcomes.add(outcome)
resource.setrlimit(resource.RLIMIT_AS, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
print(sorted(outcomes))
