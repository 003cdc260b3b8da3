"""Compare Krait's flow graph and assembler with the oracle's, one stage at a time.

Run with the oracle:  python3.14 tools/compare/cfg.py DRIVER FILE...   (files or folders)

The oracle's code generator gives the instruction sequences of each file; they go through both optimizers, those of
functions and classes, whose constants it does not tell, with invented ones. tools/compare/bytecode.py compares the whole.
"""
import ast, opcode, os, pickle, subprocess, sys, warnings
import _testinternalcapi as internal

warnings.simplefilter("ignore")
TARGET = {op for name, op in opcode.opmap.items() if name.startswith("SETUP_") and name != "SETUP_ANNOTATIONS"}
TARGET |= set(opcode.hasjump)
LOCAL = {op for op in opcode.haslocal} | {opcode.opmap["LOAD_CLOSURE"]}


def hexed(text):
    data = text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")
    return "=" + data.hex()


def encode(c):
    if c is None: return "N"
    if c is True: return "T"
    if c is False: return "F"
    if c is ...: return "E"
    kind = type(c)
    if kind is int: return f"i {c:x}"
    if kind is float: return f"f {c.hex() if c == c and abs(c) != float('inf') else repr(c)}"
    if kind is complex: return "c " + encode(c.real)[2:] + " " + encode(c.imag)[2:]
    if kind is str: return "s " + hexed(c)
    if kind is bytes: return "b " + hexed(c)
    if kind is tuple: return f"t {len(c)} " + " ".join(map(encode, c))
    if kind is frozenset: return f"z {len(c)} " + " ".join(map(encode, c))
    if kind is slice: return "l 3 " + " ".join(map(encode, (c.start, c.stop, c.step)))
    return "s " + hexed(f"<code {id(c)}>")


def shown(c):
    if hasattr(c, "co_code"): return ascii(f"<code {id(c)}>")
    if isinstance(c, tuple): return "(" + ", ".join(map(shown, c)) + (",)" if len(c) == 1 else ")")
    return ascii(c)


def invented(k):
    special = {6: None, 8: True, 9: False, 13: ...}
    if k in special: return special[k]
    return [k, f"s{k}", k + 0.5, (k, "t"), 1000 + k, b"b%d" % k, complex(k, 1)][k % 7]


def strings(names):
    return " ".join([str(len(names)), *map(hexed, names)])


def unit(mode, instrs, consts, nlocals=0, code=None):
    names = code.co_names if code else ()
    first, flags = (code.co_firstlineno, code.co_flags) if code else (1, 0)
    counts = (code.co_argcount, code.co_posonlyargcount, code.co_kwonlyargcount) if code else (0, 0, 0)
    locals_ = code.co_varnames if code else [f"v{i}" for i in range(nlocals)]
    out = [f"unit {mode} {nlocals} 0 {first} {flags} {' '.join(map(str, counts))}"]
    out += [strings(names), strings(locals_), strings(code.co_cellvars if code else ()),
            strings(code.co_freevars if code else ()), strings(())]
    out += [str(len(consts)), *map(encode, consts), str(len(instrs))]
    for op, arg, *loc in instrs:
        out.append(" ".join(map(str, (op, arg or 0, *loc))))
    return "\n".join(out) + "\n"


def in_child(action):
    """What action() returns, computed in a forked child; None when the child dies."""
    read, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(read)
        with os.fdopen(write, "wb") as to: pickle.dump(action(), to)
        os._exit(0)
    os.close(write)
    with os.fdopen(read, "rb") as source: data = source.read()
    _, status = os.waitpid(pid, 0)
    return pickle.loads(data) if status == 0 else None


careful = False  # the oracle's optimize_cfg crashes on some of its own sequences


def opt_expected(seq, consts, nlocals):
    return in_child(lambda: optimized(seq, consts, nlocals)) if careful else optimized(seq, consts, nlocals)


def optimized(seq, consts, nlocals):
    result = internal.optimize_cfg(seq, consts, nlocals).get_instructions()
    lines = [" ".join(map(str, ("i", op, arg or 0, *loc))) for op, arg, *loc in result]
    return lines + ["c " + shown(c) for c in consts]


def with_codegen_flags(source, path):
    tree = ast.parse(source, path)
    return internal.compiler_codegen(tree, path, 0)


def units_of(path):
    """Yields (label, text for the driver, expected lines)."""
    source = open(path, "rb").read()
    seq, meta = with_codegen_flags(source, path)
    instrs = seq.get_instructions()
    consts = list(meta["consts"])
    # Code for annotations is not among the exported instructions.
    if not any(getattr(c, "co_name", "") == "__annotate__" for c in consts):
        yield "<module>", unit("opt", instrs, consts), opt_expected(seq, list(consts), 0)
    todo = [(f"#{i}", s) for i, s in enumerate(seq.get_nested())]
    while todo:
        label, seq = todo.pop()
        todo += [(f"{label}.{i}", s) for i, s in enumerate(seq.get_nested())]
        instrs = seq.get_instructions()
        if not instrs: continue
        nlocals = 1 + max((i[1] for i in instrs if i[0] in LOCAL), default=-1)
        nconsts = 1 + max((i[1] for i in instrs if i[0] in opcode.hasconst), default=-1)
        consts = [invented(k) for k in range(nconsts)]
        yield f"{label}:{next((i[2] for i in instrs if i[2] > 0), 0)}", unit("opt", instrs, consts, nlocals), opt_expected(seq, list(consts), nlocals)


def files(args):
    for arg in args:
        if os.path.isdir(arg):
            for folder, _, names in sorted(os.walk(arg)):
                yield from (os.path.join(folder, n) for n in sorted(names) if n.endswith(".py"))
        else:
            yield arg


def normal(line):
    return "".join(sorted(line)) if "frozenset" in line else line


def pretty(line):
    if not line.startswith("i "): return line
    op, arg, *loc = line.split()[1:]
    return f"{opcode.opname[int(op)]} {arg} @{','.join(loc)}"


def compare(driver, path, limit):
    try:
        items = [item for item in units_of(path) if item[2] is not None]
    except (SyntaxError, UnicodeDecodeError, ValueError, RecursionError):
        return 0, 0
    run = subprocess.run([driver], input="".join(t for _, t, _ in items).encode(), capture_output=True)
    outputs = run.stdout.decode().split("unit\n")[1:]
    if len(outputs) != len(items):
        print(f"{path}: driver ended after {len(outputs)} of {len(items)}: {run.stderr.decode()[-200:]}")
        outputs += [""] * (len(items) - len(outputs))
    bad = 0
    for (label, _, expected), output in zip(items, outputs):
        got = output.splitlines()
        if list(map(normal, got)) == list(map(normal, expected)): continue
        # Called like this the oracle does not merge a folded constant with an equal one that was there before.
        folded = [l for l in expected if l.startswith("c ")]
        if len(set(folded)) < len(folded): continue
        bad += 1
        if limit[0] <= 0: continue
        limit[0] -= 1
        at = next((i for i, (a, b) in enumerate(zip(got, expected)) if normal(a) != normal(b)), min(len(got), len(expected)))
        print(f"{path} {label}: line {at}: {len(got)} lines, {len(expected)} expected")
        for i in range(max(0, at - 3), at + 4):
            a, b = (pretty(l[i]) if i < len(l) else "-" for l in (got, expected))
            print(f"   {'  ' if a == b else '!='} {a:55} {b}")
    return len(items), bad


def main():
    driver, *paths = sys.argv[1:]
    limit = [int(os.environ.get("SHOW", "10"))]
    total = wrong = 0
    global careful
    for path in files(paths):
        def work():
            result = compare(driver, path, limit)
            sys.stdout.flush()
            return *result, limit[0]
        careful = False
        result = in_child(work)
        if result is None:
            careful = True
            result = in_child(work)
        if result is None:
            print(f"{path}: the oracle died")
            continue
        count, bad, limit[0] = result
        total += count
        wrong += bad
    print(f"{total} sequences, {total - wrong} identical, {wrong} different")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
