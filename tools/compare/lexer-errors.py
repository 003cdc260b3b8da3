"""Compares the errors of Krait's tokenizer with the oracle's, on broken code. Run it with the oracle:

    python3.14 tools/compare/lexer-errors.py KRAIT_FRONTEND [--count=N] [--seed=S] [--mode=eval|single] [SOURCE...]

Texts: the string constants of the given sources (CPython's own tests of bad syntax), and N mutations of what they and
the standard library hold. The oracle's parser may find another error first; what is compared is: where its error is
one of the tokenizer's, ours is the same, and where it sees none, ours is none.
"""

import ast
import os
import random
import re
import subprocess
import sys
import tempfile
import warnings

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

LEXICAL = re.compile(
    r"unterminated |invalid (decimal|hexadecimal|octal|binary|imaginary) literal|invalid digit|leading zeros"
    r"|unmatched '|closing parenthesis|too many nested|too many levels|unindent does not match|inconsistent use of tabs"
    r"|unexpected character after line cont|unexpected EOF while parsing|invalid (non-printable )?character"
    r"|.* prefixes are incompatible|[ft]-string: (unmatched|single '}'|expecting '}'$|expressions nested|newlines)"
    r"|source code|Non-UTF-8|unknown encoding|encoding problem|'[([{]' was never closed"
)
# The parser's own checks can come to these in its own way.
PARSER_TOO = re.compile(r"'[([{]' was never closed|unexpected EOF|[ft]-string: expecting|unindent|inconsistent|too many levels|unexpected character")
SPICE = list("'\"()[]{}:\\ \t\n#0123456789_.,;eExXoObBjJfFrRtTuU!=@$?`\f\r\x00\x01\x7f") + [
    "é", "€", "\u00a0", "\u200b", "'''", '"""', "f'", 'f"""', "t'{", "{{", "}}", "\\\n", "0x", "1_", "0o8", "1e", "\n\t",
    "\n  ", "\n        ", "rb'", "\\N{", "!r", ":{", "1if ", "0777", "...", "<>", "->", ":=", "\ufeff", "a\u0301", "𝐱",
]


def quoted(text):
    return '"' + "".join(
        "\\" + c if c in '\\"' else "\\n" if c == "\n" else f"\\x{ord(c):02x}" if c < " " or c == "\x7f" else c
        for c in text
    ) + '"'


def describe(error):
    kind = type(error).__name__
    if len(error.args) < 2:
        return f"error {kind} {quoted(str(error.args[0]))}"
    end_line = error.lineno if error.end_lineno is None else error.end_lineno
    end_offset = -1 if error.end_offset is None else error.end_offset
    text = "None" if error.text is None else quoted(error.text)
    if error.lineno == 0:
        end_line = 0
    return f"error {kind} {error.lineno} {error.offset} {end_line} {end_offset} {quoted(error.msg)} {text}"


def oracle(text, mode):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            compile(text, "<no file>", mode, ast.PyCF_ONLY_AST, True)
            error = None
        except SyntaxError as e:
            error = e
        except (ValueError, RecursionError, MemoryError) as e:
            error = e
    warned = [
        f"warning {w.lineno} {quoted(str(w.message))}"
        for w in caught
        if w.category is SyntaxWarning and re.match(r'invalid \w+ literal|"\\[{}]" is', str(w.message))
    ]
    return error, warned


def seeds(paths):
    for path in paths:
        with open(path, encoding="utf-8", errors="replace") as file:
            text = file.read()
        try:
            tree = ast.parse(text)
        except SyntaxError:
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, (str, bytes)):
                value = node.value
                if isinstance(value, str):
                    value = value.encode("utf-8", "surrogatepass")
                    # doctests
                    for part in re.findall(rb"(?m)^\s*>>> (.*\n(?:\s*\.\.\. ?.*\n)*)", value):
                        yield re.sub(rb"(?m)^\s*\.\.\. ?", b"", part)
                if value:
                    yield value
        for node in tree.body:
            if getattr(node, "end_lineno", 0) - node.lineno < 60:
                yield (ast.get_source_segment(text, node) or "x").encode() + b"\n"


def mutated(text, rng):
    text = list(text.decode("utf-8", "replace"))
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        if not text:
            break
        at = rng.randrange(len(text))
        to = min(len(text), at + rng.choice((1, 1, 2, 5, 20)))
        match rng.randrange(6):
            case 0:
                del text[at:to]
            case 1:
                text[at:at] = text[at:to]
            case 2:
                text[at:at] = rng.choice(SPICE)
            case 3:
                text[at] = rng.choice(SPICE)
            case 4:
                other = rng.randrange(len(text))
                text[at], text[other] = text[other], text[at]
            case 5:
                del text[at:]
    return "".join(text).encode("utf-8", "surrogatepass")


def main(args):
    count, seed, mode, paths = 5000, 1, "exec", []
    frontend = args.pop(0)
    for arg in args:
        if arg.startswith("--count="):
            count = int(arg[8:])
        elif arg.startswith("--seed="):
            seed = int(arg[7:])
        elif arg.startswith("--mode="):
            mode = arg[7:]
        else:
            paths.append(arg)
    rng = random.Random(seed)
    originals = list(dict.fromkeys(seeds(paths)))
    texts = originals + [mutated(rng.choice(originals), rng) for _ in range(count)]
    with tempfile.NamedTemporaryFile(suffix=".bundle") as bundle:
        for text in texts:
            bundle.write(b"%d\n" % len(text) + text)
        bundle.flush()
        output = subprocess.run([frontend, "lex_errors", bundle.name] + ["eval"] * (mode != "exec"), stdout=subprocess.PIPE).stdout
    results = output.decode("utf-8", "surrogateescape").split("\n")
    lexical = different = 0
    for text, line in zip(texts, results):
        error, warned = oracle(text, mode)
        *our_warnings, ours = line.split("\t")
        if error is None:
            # Escapes in plain strings are the parser's.
            plain = [w for w in warned if "escape" not in w]
            wrong = ours != "ok" or [w for w in our_warnings if "escape" not in w] != plain
            wrong |= not set(our_warnings) <= set(warned)
            theirs = "ok"
        elif not isinstance(error, SyntaxError):
            continue
        else:
            theirs = describe(error)
            if not LEXICAL.match(str(error.msg)):
                continue
            if PARSER_TOO.match(error.msg) and (ours == "ok" or quoted(error.msg) not in ours):
                continue
            wrong = ours != theirs
        lexical += 1
        if wrong:
            different += 1
            print(f"{text!r}\n    oracle {theirs} {warned}\n    krait  {ours} {our_warnings}")
    print(f"{len(texts)} texts, {lexical} compared, {different} different")
    return different != 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
