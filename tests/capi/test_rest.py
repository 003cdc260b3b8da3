import re
import sys
import warnings

import rest

warnings.showwarning = lambda message, category, filename, lineno, *rest: print("warning:", message, category, filename, lineno)
warnings.simplefilter("always")
for name in ("cells_and_methods", "calls", "exceptions", "strings", "buffers", "ordered_dicts", "struct_sequences", "system_things", "code_and_frames", "audits"):
    print("---", name)
    sys.stdout.flush()
    for what, result in getattr(rest, name)("text"):
        # CPython's messages name a place in its source.
        print(what, re.sub(r"0x[0-9a-f]+|[\w./]+(:\d+)?(?=: bad argument to internal)", "...", ascii(result)))
    sys.stdout.flush()


class Dying:
    def __init__(self, name): self.name = name
    def __repr__(self): return self.name
    def __del__(self): print("gone:", self.name)


print("--- arguments")
results = []
for round in range(20):
    # By then the calls are specialized.
    values = [0, -5, 256, 257, -6, 1.5, 0.0, -0.0, 1e300, 10**30, 2**40, "text", [1, 2.5], (3, [4.5]), None, len]
    for v in values:
        lines = [repr(rest.by_place(v, v, v)), repr(rest.by_place(v)), repr(rest.by_place()), repr(rest.by_place(v, 1, 2, 3)),
                 repr(rest.by_place(v, 1, 2, 3, 4, 5)), repr(rest.by_names(v, v, c=v)), repr(rest.by_names(a=v, b=7)),
                 repr(rest.by_names(v)), repr(rest.by_dict(v, v, c=v)), repr(rest.by_dict(a=v, b=1.5)), repr(rest.by_dict(v, 1, 2, 3, 4, e=5)),
                 repr(rest.by_dict(v)), repr(rest.by_dict(**{"x": v}))]
        if round in (0, 19): print(*lines, sep="\n")
for f in (rest.by_place, rest.by_names, rest.by_dict):
    # What C keeps is not what the next call gets.
    kept = [f(n + 0.5, n + 1000, n * 1.5) for n in range(4)]
    print(kept)
    def nested(n): return f(n + 0.5, n + 5000) if n == 0 else (f(n + 0.5, n + 5000), nested(n - 1))
    print(nested(3))
rest.by_place((Dying("a"), Dying("b")), Dying("c"))
rest.by_dict(Dying("d"), key=Dying("e"))
rest.by_names(Dying("f"), key=Dying("g"))
rest.by_place()

print("--- tuples")
x = Dying("x")
t = (x, "te" + "xt".upper(), x, 1.5)
del x
t = None
t = (Dying("1"), Dying("2"), ("s" * 3, Dying("3")), Dying("4"))
del t
deep = ()
for i in range(200000): deep = (deep, deep, i)
del deep
