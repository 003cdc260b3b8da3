"""Strings put together in every way: +=, join, f-strings, %, format, repeated, StringIO."""

import io


def run():
    text = ""
    for i in range(4000):
        text += "abc"
        text += chr(97 + i % 26)
    parts = []
    for i in range(3000):
        parts.append(f"{i}:{i * 2:>6}|{i / 3:.3f}")
    joined = ",".join(parts)
    out = io.StringIO()
    for i in range(2000):
        out.write("line ")
        out.write(str(i))
        out.write("\n")
    formatted = "".join("%s=%d;" % (name, i) for i, name in enumerate(["a", "bc", "def"] * 300))
    named = "".join("{0}-{name:<5}|".format(i, name="x") for i in range(500))
    return len(text), len(joined), len(out.getvalue()), len(formatted), len(named), hash(text) == hash(text[:] + "")


EXPECTED = (16000, 58559, 18890, 6190, 4890, True)
