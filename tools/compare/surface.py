"""Compares the public surface of the native modules with the oracle's: names, types of attributes, signatures, whether
there is a docstring, bases of classes.

usage: surface.py [--krait EXE] [--oracle EXE] [--show N] [--kind KIND] [--flags] [--all] [MODULE...]

Without arguments: builtins, types, sys and all that one of the two has natively and the other knows at all. Prints
the differences (the first N of each kind, all with 0; --kind: only those) and closes with a line for each kind and
'N the same, N different, N listed'. surface.tsv lists those that stay, with reasons (--all shows them, too); a row of it
that fits nothing any more is a difference. --flags compares the flags of classes too. The same script runs in both.
"""

import argparse
import json
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LISTED = Path(__file__).with_name("surface.tsv")
KINDS = ("missing", "extra", "type", "signature", "doc", "bases", "flags")
# Modules of CPython's own library that are compiled there, beside those in sys.builtin_module_names.
COMPILED = """_asyncio _blake2 _bz2 _csv _datetime _decimal _elementtree _hashlib _heapq _json _lsprof _lzma _md5
    _multiprocessing _pickle _posixshmem _posixsubprocess _queue _random _sha1 _sha2 _sha3 _socket _sqlite3 _ssl
    _statistics _struct _uuid _zoneinfo array binascii cmath fcntl grp math mmap pyexpat readline resource select syslog
    termios unicodedata zlib _bisect _opcode _contextvars _interpreters _interpchannels _interpqueues""".split()
PRIVATE = {"_testinternalcapi"}  # for tests only: some functions have no answer here
# What every class has for the machine's sake, not for programs.
MACHINE = {"__doc__", "__module__", "__dict__", "__weakref__", "__firstlineno__", "__static_attributes__"}
# HEAPTYPE, BASETYPE, IMMUTABLETYPE, DISALLOW_INSTANTIATION, HAVE_GC, SEQUENCE, MAPPING, METHOD_DESCRIPTOR
FLAGS = 1 << 9 | 1 << 10 | 1 << 8 | 1 << 7 | 1 << 14 | 1 << 5 | 1 << 6 | 1 << 17


def qualified(cls):
    return f"{getattr(cls, '__module__', '?')}.{cls.__qualname__}"


def signature_of(value):
    import inspect
    try:
        return str(inspect.signature(value))
    except ValueError:
        return "none"
    except Exception as e:
        return f"{type(e).__name__}: {e}"


def entry(value, raw):
    """Type, signature and docstring of an attribute; `raw` is what the class's dict holds."""
    kind = type(raw)
    info = {"type": qualified(kind)}
    if isinstance(value, type):
        return info
    if kind.__name__ in ("builtin_function_or_method", "method_descriptor", "wrapper_descriptor", "staticmethod",
                         "classmethod_descriptor", "classmethod", "function", "method-wrapper"):
        info["signature"] = signature_of(value)
        info["text"] = repr(getattr(raw, "__text_signature__", None))
    if not kind.__module__ == "builtins" or kind.__name__.endswith("descriptor") or "signature" in info:
        info["doc"] = bool(getattr(raw, "__doc__", None))
    return info


def collect(names):
    out, seen = {}, set()

    def of_class(cls):
        if cls in seen:
            return
        seen.add(cls)
        name = qualified(cls)
        out[name] = {"type": qualified(type(cls)), "bases": [qualified(c) for c in cls.__mro__[1:]],
                     "doc": bool(cls.__doc__), "signature": signature_of(cls),
                     "text": repr(cls.__text_signature__), "flags": bin(cls.__flags__ & FLAGS)}
        for attribute, raw in sorted(vars(cls).items(), key=lambda pair: str(pair[0])):
            if attribute in MACHINE:
                continue
            try:
                value = getattr(cls, attribute)
            except AttributeError:
                value = raw
            out[f"{name}.{attribute}"] = entry(value, raw)
            if isinstance(raw, type):
                of_class(raw)

    for name in names:
        try:
            module = __import__(name)
        except ImportError:
            continue
        out[name] = {"type": qualified(type(module)), "doc": bool(module.__doc__)}
        for attribute in sorted(vars(module)):
            if attribute in ("__doc__", "__file__", "__loader__", "__spec__", "__builtins__", "__cached__"):
                continue
            value = vars(module)[attribute]
            out[f"{name}:{attribute}"] = entry(value, value)
            if isinstance(value, type):
                of_class(value)
            elif value is not None and not isinstance(value, (int, str, bytes, float, tuple, dict, list)):
                of_class(type(value))
    return out


def worker(names):
    json.dump(collect(names), sys.stdout)


def run(exe, *args):
    process = subprocess.run([exe, "-W", "ignore", str(Path(__file__)), "--worker", *args], capture_output=True, text=True,
                             timeout=300)
    if process.returncode:
        sys.exit(f"{exe}: {process.stderr[-2000:]}")
    return json.loads(process.stdout)


def native_names(exe):
    text = subprocess.run([exe, "-c", "import sys; print(*sys.builtin_module_names)"], capture_output=True, text=True)
    return set(text.stdout.split())


def plain(text):
    """A text signature without what inspect does not read: line breaks, and what C calls the first argument."""
    return text and re.sub(r"\\n\s*", " ", re.sub(r"\$(self|module)\b", "$self", text))


def listed():
    """[(name, kind)]; the reasons are for people."""
    rows = [line.split("\t") for line in LISTED.read_text().splitlines() if line and not line.startswith("#")]
    return [(name, kind) for name, kind, reason in rows]


def fits(row, name, kind):
    pattern = row[0]
    return row[1] == kind and (name.startswith(pattern[:-1]) if pattern.endswith("*") else name == pattern)


def compare(mine, theirs, flags):
    for name in sorted(mine.keys() | theirs.keys()):
        a, b = mine.get(name), theirs.get(name)
        if a is None or b is None:
            owner = name.rpartition(":")[0] or name.rpartition(".")[0]
            if owner and (owner not in mine or owner not in theirs):
                continue  # the owner is missing, which has been said
            yield name, "missing" if a is None else "extra", (b or a)["type"]
            continue
        same = True
        for kind in ("type", "signature", "text", "doc", "bases", *(["flags"] if flags else [])):
            if (plain(a.get(kind)) != plain(b.get(kind))) if kind == "text" else a.get(kind) != b.get(kind):
                same = False
                yield name, "signature" if kind == "text" else kind, f"{a.get(kind)}   oracle: {b.get(kind)}"
                break
        if same:
            yield name, "", ""


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--krait", default=str(ROOT / "build/release/krait"))
    parser.add_argument("--oracle", default=str(ROOT / "build/deps/oracle/python3.14"))
    parser.add_argument("--show", type=int, default=20)
    parser.add_argument("--kind", choices=KINDS)
    parser.add_argument("--flags", action="store_true")
    parser.add_argument("--all", action="store_true")
    parser.add_argument("modules", nargs="*")
    args = parser.parse_args()
    names = args.modules or sorted((native_names(args.krait) | native_names(args.oracle) | set(COMPILED) | {"types"}) - PRIVATE)
    mine, theirs = run(args.krait, *names), run(args.oracle, *names)
    counts, shown = Counter(), Counter()
    rows, used = listed(), set()
    for name, kind, text in compare(mine, theirs, args.flags):
        known = [row for row in rows if kind and fits(row, name, kind)]
        used.update(known)
        if known and not args.all:
            counts["listed"] += 1
            continue
        counts[kind] += 1
        if not kind or (args.kind and kind != args.kind):
            continue
        shown[kind] += 1
        if not args.show or shown[kind] <= args.show:
            print(f"{kind:10} {name}  {text}")
    for kind in KINDS:
        if counts[kind]:
            print(f"{kind}: {counts[kind]}")
    different = sum(counts[kind] for kind in KINDS)
    if not args.modules and not args.all:
        for name, kind in sorted(set(rows) - used):
            print(f"{kind:10} {name}  is in {LISTED.name} and no difference")
            different += 1
    print(f"{counts['']} the same, {different} different, {counts['listed']} listed")
    return 1 if different else 0


if __name__ == "__main__":
    if sys.argv[1:2] == ["--worker"]:
        worker(sys.argv[2:])
    else:
        sys.exit(main())
