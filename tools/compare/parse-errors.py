"""Compares what Krait's parser says about wrong programs with what the oracle says: type, place, message, text
and warnings.

usage: parse-errors.py [--generated N] [--tests] [--mutations N] [--seed N] [--texts FILE] [--flags FLAGS] [--show N]
--tests: every string and doctest example in the modules of CPython's test suite that are about syntax.
--mutations: N programs made from pieces of the standard library by deleting, doubling, swapping, replacing or
inserting tokens, changing indentation and cutting. --generated: N programs made from the grammar; what parses is
compared with its tree. --texts: programs separated by lines that hold only "~".
"""

import argparse
import ast
import io
import json
import random
import re
import subprocess
import sys
import tokenize
from collections import Counter
from pathlib import Path

from generate import Generator

ROOT = Path(__file__).resolve().parents[2]
MODULES = """test_syntax test_exceptions test_fstring test_tstring test_grammar test_patma test_positional_only_arg
    test_named_expressions test_unpack_ex test_generators test_genexps test_type_comments test_type_params
    test_type_aliases test_except_star test_eof test_string_literals test_unparse test_ast/test_ast test_compile
    test_codeop test_coroutines test_keywordonlyarg test_global test_nonlocal test_with test_decorators test_flufl
    test_future_stmt/test_future test_parser test_peg_generator/test_c_parser test_listcomps test_setcomps
    test_dictcomps test_lambda test_unicode_identifiers test_tokenize test_source_encoding test_extcall test_int
    test_float test_complex test_bytes test_unicode test_class test_funcattrs test_raise test_scope test_super
    test_symtable test_traceback test_ast/snippets test_pyrepl/test_pyrepl test_cmd_line_script test_print
    test_builtin test_annotationlib test_typing test_asyncgen test_await test_dis test_inspect/test_inspect""".split()

# In the oracle: a JSON list of texts on stdin, a line of JSON for each on stdout.
WORKER = r'''
import ast, json, sys, warnings
sys.path.insert(0, sys.argv.pop(1))
from dump_tree import text_of
sys.setrecursionlimit(20000)
options = {"mode": "exec"}
more = 0
for flag in sys.argv[1:]:
    if flag == "--types": options["type_comments"] = True
    elif flag.startswith("--version="): options["feature_version"] = int(flag[10:])
    elif flag == "--incomplete": more |= 0x4000
    elif flag == "--no-dedent": more |= 0x200
    elif flag not in ("--werror", "--trees"): options["mode"] = flag[2:]

def quoted(text):
    out = []
    for c in text:
        if c in '\\"': out.append("\\" + c)
        elif c == "\n": out.append("\\n")
        elif c < " " or c == "\x7f": out.append(f"\\x{ord(c):02x}")
        else: out.append(c)
    return '"' + "".join(out) + '"'

def describe(error):
    kind = type(error).__name__
    if not isinstance(error, SyntaxError) or len(error.args) < 2:
        return f"error {kind} {quoted(str(error.args[0] if error.args else ''))}"
    end_line, end_offset = error.end_lineno, error.end_offset
    numbers = [error.lineno, error.offset, error.lineno if end_line is None else end_line]
    numbers.append(-1 if end_offset is None else end_offset)
    text = "None" if error.text is None else quoted(error.text)
    return f"error {kind} {' '.join(map(str, numbers))} {quoted(error.msg)} {text}"

from _ast import PyCF_ONLY_AST, PyCF_TYPE_COMMENTS
flags = PyCF_ONLY_AST | (PyCF_TYPE_COMMENTS if "type_comments" in options else 0) | more
for text in json.load(sys.stdin):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("error" if "--werror" in sys.argv else "always")
        try:
            tree = compile(text, "<unknown>", options["mode"], flags, _feature_version=options.get("feature_version", -1))
            result = text_of(tree) if "--trees" in sys.argv else "ok"
        except (SyntaxError, ValueError, MemoryError, RecursionError, OverflowError) as error:
            result = describe(error)
    lines = [f"{w.category.__name__} {w.lineno} {quoted(str(w.message))}" for w in caught]
    print(json.dumps(lines + [result]), flush=True)
'''


def strings_of(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def doctest_examples(text):
    example = []
    for line in text.split("\n"):
        match = re.match(r"\s*(>>>|\.\.\.)( |$)(.*)", line)
        if match and match[1] == ">>>":
            if example:
                yield "\n".join(example) + "\n"
            example = [match[3]]
        elif match and example:
            example.append(match[3])
        elif example:
            yield "\n".join(example) + "\n"
            example = []
    if example:
        yield "\n".join(example) + "\n"


def test_texts():
    seen = {}
    for module in MODULES:
        path = ROOT / "build/deps/testsuite/test" / f"{module}.py"
        if not path.exists():
            continue
        source = path.read_text(encoding="utf-8", errors="replace")
        try:
            tree = ast.parse(source)
            found = list(strings_of(tree))
        except SyntaxError:  # newer syntax than this Python's
            found = [t.string for t in tokenize_leniently(source) if t.type == tokenize.STRING]
            values = []
            for literal in found:
                try:
                    values.append(ast.literal_eval(literal))
                except (SyntaxError, ValueError):
                    pass
            found = [v for v in values if isinstance(v, str)]
        for text in found:
            for candidate in (text, text.strip() + "\n", *doctest_examples(text)):
                try:
                    candidate.encode()
                except UnicodeEncodeError:
                    continue
                seen.setdefault(candidate)
    return list(seen)


def tokenize_leniently(source):
    try:
        yield from tokenize.generate_tokens(io.StringIO(source).readline)
    except (tokenize.TokenError, SyntaxError):
        return


class Mutator:
    WORDS = """if else elif for while in not and or is lambda def class return yield from import as with try except
        finally raise pass break continue del global nonlocal assert async await match case type None True False print
        ( ) [ ] { } : , ; . = == := -> + - * ** / // % @ & | ^ ~ < > <= >= != += -= ... ! x _ f 0 1.5 'a' "b" f'{x}'
        f"{x!r:>{y}}" t'{x}' b'c' 0x1F 1j \\ $ ? '''""".split()

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.pieces = []
        library = ROOT / "build/deps/stdlib"
        for path in sorted(p for p in library.rglob("*.py") if "test" not in p.relative_to(library).parts):
            if self.random.random() < 0.35:
                self.add_pieces(path.read_text(encoding="utf-8", errors="replace"))
        for path in ("test_grammar", "test_patma", "test_fstring", "test_type_params", "test_except_star"):
            self.add_pieces((ROOT / f"build/deps/testsuite/test/{path}.py").read_text(encoding="utf-8"))

    def add_pieces(self, text):
        lines = text.split("\n")
        for _ in range(4):
            at = self.random.randrange(max(1, len(lines) - 5))
            piece = lines[at:at + self.random.randint(1, 14)]
            indent = min((len(l) - len(l.lstrip()) for l in piece if l.strip()), default=0)
            self.pieces.append("\n".join(l[indent:] for l in piece) + "\n")

    def program(self):
        text = self.random.choice(self.pieces)
        for _ in range(self.random.choice((1, 1, 1, 2))):
            text = self.mutate(text)
        return text

    def mutate(self, text):
        rng = self.random
        spans = [m.span() for m in re.finditer(r"[A-Za-z_]\w*|\d[\w.]*|\s+|[^\w\s]", text)]
        if not spans:
            return text
        begin, end = rng.choice(spans)
        kind = rng.randrange(9)
        if kind == 0:
            return text[:begin] + text[end:]
        if kind == 1:
            return text[:end] + " " + text[begin:end] + text[end:]
        if kind == 2:
            other_begin, other_end = rng.choice(spans)
            if other_begin < end:
                return text[:begin] + text[end:]
            return (text[:begin] + text[other_begin:other_end] + text[end:other_begin] + text[begin:end]
                    + text[other_end:])
        if kind in (3, 4):
            return text[:begin] + rng.choice(self.WORDS) + text[end:]
        if kind in (5, 6):
            return text[:begin] + " " + rng.choice(self.WORDS) + " " + text[begin:]
        if kind == 7:
            lines = text.split("\n")
            at = rng.randrange(len(lines))
            lines[at] = rng.choice(("", " ", "    ", "\t")) + (lines[at].lstrip() if rng.random() < 0.5 else lines[at])
            return "\n".join(lines)
        return text[:begin]


def krait(args, texts):
    bundle = ROOT / "build" / "compare" / "bundle.txt"
    bundle.parent.mkdir(parents=True, exist_ok=True)
    bundle.write_bytes(b"".join(b"%d\n%s" % (len(t.encode()), t.encode()) for t in texts))
    process = subprocess.run([args.frontend, "parse_errors", *args.flags.split(), bundle],
                             stdout=subprocess.PIPE)
    if process.returncode:
        print(f"krait-frontend: status {process.returncode}")
    answers = []
    for line in process.stdout.decode(errors="replace").split("\n")[:-1]:
        if line == "==":
            answers.append([])
        else:
            answers[-1].append(line)
    return answers


def oracle(args, texts):
    process = subprocess.run([args.oracle, "-c", WORKER, str(Path(__file__).parent), *args.flags.split()], input=json.dumps(texts),
                             stdout=subprocess.PIPE, text=True)
    return [json.loads(line) for line in process.stdout.splitlines()]


def message(answer):
    match = re.match(r'error (\w+) [-\d ]*"((?:[^"\\]|\\.)*)"', answer[-1])
    return f"{match[1]}: {match[2]}" if match else answer[-1][:20]


def around_difference(a, b):
    """The two lists, cut to where long lines begin to differ."""
    at = next((i for i, (x, y) in enumerate(zip(a[-1], b[-1])) if x != y), 0)
    begin = max(0, at - 200)
    return [l[begin:at + 300] if len(l) > 500 else l for l in a], [l[begin:at + 300] if len(l) > 500 else l for l in b]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--frontend", default=str(ROOT / "build/dev/krait-frontend"))
    parser.add_argument("--oracle", default=str(ROOT / "build/deps/oracle/python3.14"))
    parser.add_argument("--tests", action="store_true")
    parser.add_argument("--mutations", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--generated", type=int, default=0)
    parser.add_argument("--texts")
    parser.add_argument("--flags", default="")
    parser.add_argument("--show", type=int, default=10)
    args = parser.parse_args()
    texts = test_texts() if args.tests else []
    if args.texts:
        texts += [t + "\n" for t in Path(args.texts).read_text().split("\n~\n")]
    if args.mutations:
        mutator = Mutator(args.seed)
        texts += [mutator.program() for _ in range(args.mutations)]
    if args.generated:
        generator = Generator(args.seed)
        texts += [generator.program() for _ in range(args.generated)]
        args.flags += " --trees"
    texts = [t for t in texts if "\0" not in t]
    theirs, mine = oracle(args, texts), krait(args, texts)
    if len(mine) != len(texts):
        print(f"krait-frontend answered {len(mine)} of {len(texts)} texts; then it met {texts[len(mine) - 1]!r}")
    same = wrong = 0
    kinds = Counter()
    for text, a, b in zip(texts, mine, theirs):
        wrong += b[-1].startswith("error ")
        if a == b:
            same += 1
            continue
        kind = (message(a), message(b))
        kinds[kind] += 1
        if kinds[kind] <= 1 and len(kinds) <= args.show:
            shown = text if len(text) < 700 else text[:700] + "..."
            a, b = around_difference(a, b)
            print(f"{shown!r}\n    krait  {a}\n    oracle {b}")
    for (a, b), count in kinds.most_common(args.show):
        print(f"{count:5} {a}  instead of  {b}" if a != b else f"{count:5} {a}  elsewhere or with other warnings")
    print(f"{len(texts)} texts, {wrong} of them wrong: {same} answers identical, {len(texts) - same} different "
          f"({100 * same / max(1, len(texts)):.2f}%)")


if __name__ == "__main__":
    main()
