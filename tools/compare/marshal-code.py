"""Marshal and verifier against the oracle.  Run with the oracle:  python3.14 tools/compare/marshal-code.py DRIVER FILE...

Each file is compiled by the oracle; the driver (krait-code-driver) reads its marshalled code, verifies it and writes it
again, which must give the same bytes.
"""
import marshal, os, struct, subprocess, sys, warnings

sys.path.insert(0, os.path.dirname(__file__))
warnings.simplefilter("ignore")


def files(args):
    for arg in args:
        if os.path.isdir(arg):
            for folder, _, names in sorted(os.walk(arg)):
                yield from (os.path.join(folder, n) for n in sorted(names) if n.endswith(".py"))
        else:
            yield arg


def main():
    driver, *paths = sys.argv[1:]
    names, data = [], []
    for path in files(paths):
        try:
            with open(path, "rb") as file: source = file.read()
            for optimize in (0, 2):
                # With a second holder, as when importlib writes a .pyc: it shows in the data.
                holder = [compile(source, path, "exec", dont_inherit=True, optimize=optimize)]
                code = holder[0]
                data.append(marshal.dumps(code))
                names.append(path)
        except (SyntaxError, ValueError, RecursionError):
            pass
    bad = 0
    for mode in ("verify", "marshal"):
        blob = b"".join(struct.pack("<I", len(d)) + d for d in data)
        lines = subprocess.run([driver, mode], input=blob, capture_output=True).stdout.decode().splitlines()
        different = [(n, l) for n, l in zip(names, lines) if l != "same"] + [(n, "no answer") for n in names[len(lines):]]
        bad += len(different)
        for name, line in different[:int(os.environ.get("SHOW", "5"))]: print(f"{mode}: {name}: {line}")
        print(f"{mode}: {len(names)} code objects, {len(names) - len(different)} identical, {len(different)} different")
    return bad != 0


sys.exit(main())
