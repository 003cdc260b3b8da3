"""Writes what the oracle says into the expectations of the unit tests: tests/unit/compiler/data, tests/unit/symtable/data.

usage: record-compile.py [--oracle EXE]
NAME.py gets NAME.expected. In errors.txt every text is followed by a line "=>", the oracle's warnings and error (or
"ok"), and an empty line; only those are replaced.
"""

import argparse
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT / "tests/unit"

# Runs in the oracle: source texts with their sizes on stdin, answers on stdout.
ERRORS = r'''
import sys, warnings
def quoted(text):
    if text is None: return "None"
    out = '"'
    for c in text:
        if c in '\\"': out += "\\" + c
        elif c == "\n": out += "\\n"
        elif c < " ": out += f"\\x{ord(c):02x}"
        else: out += c
    return out + '"'
stdin = sys.stdin.buffer
while size := stdin.readline():
    text = stdin.read(int(size)).decode()
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        try:
            compile(text, "f", "exec", dont_inherit=True)
            result = "ok"
        except SyntaxError as e:
            result = f"{type(e).__name__} {e.lineno} {e.offset} {e.end_lineno} {e.end_offset} {len(e.args)} {quoted(e.msg)}"
    for w in seen: print(f"{w.category.__name__} {w.lineno} {quoted(str(w.message))}")
    print(result + "\n")
'''


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--oracle", default=str(ROOT / "build/deps/oracle/python3.14"))
    args = parser.parse_args()
    worker = (Path(__file__).parent / "bytecode.py").read_text().split("WORKER = r'''")[1].split("'''")[0]
    for stage, folder in (("bytecode", "compiler"), ("symtable", "symtable")):
        for source in sorted((DATA / folder / "data").glob("*.py")):
            run = subprocess.run([args.oracle, "-c", worker, stage, "0", "exec", "0"], input=f"{source.name}\n".encode(),
                                 stdout=subprocess.PIPE, cwd=source.parent, check=True)
            source.with_suffix(".expected").write_bytes(run.stdout.split(b"\n", 1)[1])
    path = DATA / "compiler/data/errors.txt"
    texts = [block.split("\n=>")[0] for block in path.read_text().split("\n\n") if block]
    data = b"".join(b"%d\n%s" % (len(t.encode()), t.encode()) for t in texts)
    run = subprocess.run([args.oracle, "-c", ERRORS], input=data, stdout=subprocess.PIPE, check=True)
    answers = run.stdout.decode().split("\n\n")
    path.write_text("".join(f"{t}\n=>\n{a}\n\n" for t, a in zip(texts, answers)))


main()
