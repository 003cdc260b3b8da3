"""Let the oracle load what Krait compiled and marshalled, and compare it with its own code objects.

Run with the oracle:  python3.14 tools/compare/pyc.py [-o LEVELS] KRAIT_FRONTEND FILE...  (files or folders)

Each file is compiled by both at the optimization levels asked for (012); the code objects are compared recursively in
every attribute, kinds of locals included. Prints the first difference of each file (SHOW=N files at most) and totals;
KEEP=FILE lists the files that differ.
"""
import dis, io, marshal, os, re, struct, subprocess, sys, warnings

warnings.simplefilter("ignore")
sys.setrecursionlimit(5000)
FLAGS = {"0": [], "1": ["-O"], "2": ["-OO"]}
ATTRIBUTES = ("co_name co_qualname co_filename co_firstlineno co_argcount co_posonlyargcount co_kwonlyargcount co_flags "
              "co_names co_varnames co_cellvars co_freevars co_nlocals co_stacksize co_code co_linetable "
              "co_exceptiontable").split()


def files(args):
    for arg in args:
        if os.path.isdir(arg):
            for folder, _, names in sorted(os.walk(arg)):
                yield from (os.path.join(folder, n) for n in sorted(names) if n.endswith(".py"))
        else:
            yield arg


def same(a, b):
    if type(a) is not type(b): return False
    if isinstance(a, tuple): return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, frozenset): return a == b and sorted(map(ascii, a)) == sorted(map(ascii, b))
    if isinstance(a, slice): return same((a.start, a.stop, a.step), (b.start, b.stop, b.step))
    if isinstance(a, (float, complex)): return repr(a) == repr(b)
    return hasattr(a, "co_code") or a == b


def instructions(code):
    out = []
    for i in dis.get_instructions(code):
        p = i.positions
        meaning = re.sub(" at 0x.*", ">", i.argrepr)
        out.append(f"{i.opname} {i.arg if i.arg is not None else ''} {meaning}"[:70].ljust(50)
                   + f" @{p.lineno},{p.end_lineno},{p.col_offset},{p.end_col_offset}")
    return out


def explain(ours, oracle, attribute):
    if attribute in ("co_code", "co_linetable"):
        a, b = instructions(ours), instructions(oracle)
        at = next((i for i, (x, y) in enumerate(zip(a, b)) if x != y), min(len(a), len(b)))
        lines = []
        for i in range(max(0, at - 2), at + 4):
            x, y = (l[i] if i < len(l) else "-" for l in (a, b))
            lines.append(f"      {'  ' if x == y else '!='} {x:75} {y}")
        return "\n".join(lines)
    if attribute == "co_exceptiontable":
        table = lambda c: [tuple(e) for e in dis._parse_exception_table(c)]
        return f"      {table(ours)}\n      {table(oracle)}"
    return f"      {getattr(ours, attribute)!r:.300}\n      {getattr(oracle, attribute)!r:.300}"



def differences(ours, oracle):
    """Yields (code object, attribute, explanation), nested code included."""
    for attribute in ATTRIBUTES:
        if getattr(ours, attribute) != getattr(oracle, attribute):
            yield oracle, attribute, explain(ours, oracle, attribute)
            break
    a, b = ours.co_consts, oracle.co_consts
    if len(a) != len(b) or not all(map(same, a, b)):
        at = next((i for i, (x, y) in enumerate(zip(a, b)) if not same(x, y)), min(len(a), len(b)))
        yield oracle, "co_consts", f"      {len(a)}, {len(b)}; from {at}: {a[at:at + 3]!r:.200}\n      {b[at:at + 3]!r:.200}"
    else:
        for x, y in zip(a, b):
            if hasattr(x, "co_code"): yield from differences(x, y)


def local_kinds(data):
    """The co_localspluskinds of all code objects in marshalled data, which no attribute tells."""
    at, refs, found = 0, [], []

    def take(n):
        nonlocal at
        at += n
        return data[at - n:at]

    def number(n=4): return int.from_bytes(take(n), "little", signed=n > 1)

    def read():
        kind = take(1)[0]
        slot = len(refs) if kind & 128 else None
        if slot is not None: refs.append(None)
        value = body(chr(kind & 127))
        if slot is not None: refs[slot] = value
        return value

    def body(kind):
        if kind in "NTF.": return None
        if kind == "r": return refs[number()]
        if kind == "i": return take(4)
        if kind == "l": return take(2 * abs(number()))
        if kind == "g": return take(8)
        if kind == "y": return take(16)
        if kind in "sautA": return take(number())
        if kind in "zZ": return take(number(1))
        if kind == ")": return [read() for _ in range(number(1))]
        if kind in "(>": return [read() for _ in range(number())]
        if kind == ":": return [read() for _ in range(3)]
        assert kind == "c", kind
        take(20)
        fields = [read() for _ in range(8)]
        take(4)
        read(), read()
        found.append((fields[7], fields[4]))  # qualified name, kinds
        return None

    read()
    return found


def count(code):
    return 1 + sum(count(c) for c in code.co_consts if hasattr(c, "co_code"))


def compare(frontend, paths, level, totals, show):
    wanted = []
    for path in paths:
        try:
            with open(path, "rb") as file: wanted.append((path, compile(file.read(), path, "exec", 0, True, int(level))))
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            pass
    if not wanted: return
    run = subprocess.run([frontend, "marshal", *FLAGS[level], *(p for p, _ in wanted)], capture_output=True)
    data, at = run.stdout, 0
    for path, oracle in wanted:
        size = struct.unpack_from("<I", data, at)[0] if at + 4 <= len(data) else None
        totals["files"] += 1
        totals["code"] += count(oracle)
        if not size:
            totals["failed"] += 1
            if size is None: show(path, level, f"no answer (status {run.returncode})")
            else: show(path, level, next((l for l in run.stderr.decode(errors="replace").splitlines() if l.startswith(path)), "error"))
            at += 4
            continue
        ours = marshal.loads(data[at + 4:at + 4 + size])
        found = list(differences(ours, oracle))
        if not found:
            a, b = local_kinds(data[at + 4:at + 4 + size]), local_kinds(marshal.dumps(oracle))
            found = [(oracle, "kinds of locals", f"      {x}\n      {y}") for x, y in zip(a, b) if x != y][:1]
        holder = [oracle]  # a second holder shows in the data, as when importlib writes a .pyc
        totals["same bytes"] += marshal.dumps(holder[0]) == data[at + 4:at + 4 + size]
        at += 4 + size
        if not found: continue
        totals["wrong files"] += 1
        totals["wrong code"] += len({id(c) for c, _, _ in found})
        code, attribute, text = found[0]
        show(path, level, f"{code.co_qualname} (line {code.co_firstlineno}): {attribute}\n{text}")


def main():
    args = sys.argv[1:]
    levels = "012"
    while args[0].startswith("-"):
        if args[0] == "-o": levels = args[1]
        args = args[2:]
    frontend, *paths = args
    left = int(os.environ.get("SHOW", "10"))
    keep = open(os.environ["KEEP"], "w") if "KEEP" in os.environ else io.StringIO()

    def show(path, level, text):
        nonlocal left
        print(path, file=keep)
        if left > 0: print(f"{path} -O{level}: {text}")
        left -= 1

    everything = list(files(paths))
    good = True
    for level in levels:
        totals = dict.fromkeys(("files", "code", "failed", "wrong files", "wrong code", "same bytes"), 0)
        for i in range(0, len(everything), 50): compare(frontend, everything[i:i + 50], level, totals, show)
        print(f"level {level}: {totals['files']} files, {totals['code']} code objects; not compiled {totals['failed']} files, "
              f"different {totals['wrong files']} files, {totals['wrong code']} code objects; marshalled to the same bytes "
              f"{totals['same bytes']} files")
        good &= not (totals["failed"] or totals["wrong files"])
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
