"""Compares Krait's tokens with the oracle's. Run it with the oracle (CPython 3.14):

    python3.14 tools/compare/tokens.py [--parser] [--text] KRAIT_FRONTEND PATH...

PATH: files, or folders whose *.py are compared. Prints the first difference of each file that has one, and the
figures. With --parser: the tokens that the parser gets instead of those of the `tokenize` module.
"""

import _tokenize
import io
import os
import subprocess
import sys
import token
import tokenize

BATCH = 40


def quoted(text):
    out = []
    for c in text:
        if c in '\\"':
            out.append("\\" + c)
        elif c == "\n":
            out.append("\\n")
        elif c < " " or c == "\x7f":
            out.append(f"\\x{ord(c):02x}")
        else:
            out.append(c)
    return '"' + "".join(out) + '"'


def describe(error):
    kind = type(error).__name__
    if len(error.args) < 2:
        return f"error {kind} {quoted(str(error.args[0]))}"
    end_line, end_offset = error.end_lineno, error.end_offset
    numbers = [error.lineno, error.offset, error.lineno if end_line is None else end_line]
    numbers.append(-1 if end_offset is None else end_offset)
    text = "None" if error.text is None else quoted(error.text)
    return f"error {kind} {' '.join(map(str, numbers))} {quoted(error.msg)} {text}"


def expected(path, extra):
    with open(path, "rb") as file:
        data = file.read()
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
        text = io.TextIOWrapper(io.BytesIO(data), encoding, newline=None).read()
    except (SyntaxError, UnicodeDecodeError):
        try:
            compile(data, path, "exec")
        except SyntaxError as error:
            return [describe(error)]
        except ValueError:
            pass
        return None
    lines = []
    last = None
    it = _tokenize.TokenizerIter(io.StringIO(text).readline, extra_tokens=extra)
    try:
        for kind, string, start, end, line in it:
            entry = f"{start[0]},{start[1]}-{end[0]},{end[1]} {token.tok_name[kind]} {quoted(string)}"
            lines.append((entry, line))
    except SyntaxError as error:
        lines.append((describe(error), None))
    return lines


def actual(frontend, paths, extra):
    command = [frontend, "tokens"] + ([] if extra else ["--parser"]) + paths
    output = subprocess.run(command, stdout=subprocess.PIPE).stdout.decode("utf-8", "surrogateescape")
    results, lines = {}, None
    for line in output.split("\n"):
        if line.startswith("== "):
            lines = results[line[3:]] = []
        elif line:
            lines.append(line)
    return results


def entries(lines):
    """Splits a token's line text off; it is given only where it changes."""
    out = []
    current = None
    for line in lines:
        if line.startswith("error "):
            out.append((line, None))
            continue
        # POSITION NAME "text" ["line"]
        first = line.index('"')
        end = first + 1
        while line[end] != '"':
            end += 2 if line[end] == "\\" else 1
        if end + 1 < len(line):
            current = line[end + 2 :]
        out.append((line[: end + 1], current))
    return out


def compare(path, lines, extra):
    want = expected(path, extra)
    if want is None:
        return "skipped"
    if want and isinstance(want[0], str):
        want = [(want[0], None)]
    else:
        want = [(entry, None if line is None else quoted(line)) for entry, line in want]
    got = entries(lines)
    if not extra:
        # Line texts behind the last line, and an empty file's ENDMARKER, are accidents of reading by lines.
        if not want:
            want = got
        behind = lambda pair: (pair[0], None) if " DEDENT" in pair[0] or " ENDMARKER" in pair[0] else pair
        want, got = list(map(behind, want)), list(map(behind, got))
    for index, (w, g) in enumerate(zip(want, got)):
        if w != g:
            return f"token {index}:\n    oracle {w[0]}  {w[1]}\n    krait  {g[0]}  {g[1]}"
    if len(want) != len(got):
        return f"{len(want)} tokens in the oracle, {len(got)} in krait; last: {want[-1:]} / {got[-1:]}"
    return None


def main(args):
    extra = "--parser" not in args
    args = [a for a in args if not a.startswith("--")]
    frontend, roots = args[0], args[1:]
    paths = []
    for root in roots:
        if os.path.isfile(root):
            paths.append(root)
        for folder, _, names in os.walk(root):
            paths += [os.path.join(folder, name) for name in sorted(names) if name.endswith(".py")]
    same = different = skipped = 0
    for at in range(0, len(paths), BATCH):
        batch = paths[at : at + BATCH]
        results = actual(frontend, batch, extra)
        for path in batch:
            difference = compare(path, results.get(path, []), extra)
            if difference is None:
                same += 1
            elif difference == "skipped":
                skipped += 1
            else:
                different += 1
                print(f"{path}: {difference}")
    print(f"{same} files identical, {different} different, {skipped} skipped")
    return different != 0


sys.exit(main(sys.argv[1:]))
