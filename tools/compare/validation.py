"""Compares the tree validator with the oracle's: valid trees, changed at random, are compiled there and validated
here. Run it with the oracle (CPython 3.14):

    python3.14 tools/compare/validation.py KRAIT_FRONTEND [COUNT [SEED]]
"""

import ast
import random
import subprocess
import sys
import tempfile
from pathlib import Path

from dump_tree import text_of

ROOT = Path(__file__).resolve().parents[2]
MODULES = "test_patma test_grammar test_type_params test_except_star test_coroutines test_fstring test_with".split()


def field_types():
    """{node class: {field: type text}} from the docstrings of the classes, as in "BinOp(expr left, ...)"."""
    types = {}
    for cls in vars(ast).values():
        doc = getattr(cls, "__doc__", None)
        if not isinstance(cls, type) or not issubclass(cls, ast.AST) or not doc or "(" not in doc:
            continue
        inside = doc[doc.index("(") + 1:doc.rindex(")")]
        types[cls] = {part.split()[1]: part.split()[0] for part in inside.split(", ")} if inside else {}
    return types


class Changer:
    NAMES = ("x", "_", "None", "True", "False", "print")
    CONSTANTS = (None, True, False, ..., 0, -1, 1.5, 2j, "s", b"b", (1, 2))

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.types = field_types()
        self.pieces = []
        for module in MODULES:
            path = ROOT / f"build/deps/testsuite/test/{module}.py"
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.stmt) and len(list(ast.walk(node))) < 60:
                    self.pieces.append(ast.unparse(node))
        self.donors = {}
        for piece in self.random.sample(self.pieces, 400):
            for node in ast.walk(ast.parse(piece)):
                for base in (ast.expr, ast.stmt, ast.pattern, ast.type_param):
                    if isinstance(node, base) and len(list(ast.walk(node))) < 12:
                        self.donors.setdefault(base.__name__, []).append(node)

    def tree(self):
        tree = ast.parse(self.random.choice(self.pieces))
        for _ in range(self.random.choice((1, 1, 2, 3))):
            self.change(self.random.choice(list(ast.walk(tree))))
        return tree

    def change(self, node):
        rng = self.random
        if node._attributes and rng.random() < 0.15:
            setattr(node, rng.choice(node._attributes), rng.choice((-1, 0, 1, 2, 5, 100)))
            return
        fields = self.types.get(type(node), {})
        if not fields:
            return
        name = rng.choice(list(fields))
        type_text = fields[name]
        kind = type_text.rstrip("?*")
        if type_text.endswith("*"):
            items = getattr(node, name)
            action = rng.randrange(4)
            if action == 0:
                items.clear()
            elif action == 1 and items:
                items.pop(rng.randrange(len(items)))
            elif action == 2 and kind in ("expr", "stmt"):
                items.insert(rng.randint(0, len(items)), None)
            else:
                value = self.value(kind)
                if value is not None:
                    items.insert(rng.randint(0, len(items)), value)
        elif type_text.endswith("?") and rng.random() < 0.5:
            setattr(node, name, None)
        else:
            value = self.value(kind)
            if value is not None or kind == "constant":
                setattr(node, name, value)

    def value(self, kind):
        rng = self.random
        if kind in self.donors:
            return rng.choice(self.donors[kind])
        if kind == "identifier":
            return rng.choice(self.NAMES)
        if kind == "constant":
            return rng.choice(self.CONSTANTS)
        if kind == "int":
            return rng.choice((-1, 0, 1, 114))
        if kind == "expr_context":
            return rng.choice((ast.Load(), ast.Store(), ast.Del()))
        return None


def verdict(tree):
    try:
        compile(tree, "x", "exec")
    except SyntaxError:
        return "ok"  # the validator let it pass
    except (ValueError, TypeError) as error:
        return f"{type(error).__name__} {error}"
    except (RecursionError, SystemError, OverflowError):
        return "ok"
    return "ok"


def main():
    frontend = sys.argv[1]
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 2000
    changer = Changer(int(sys.argv[3]) if len(sys.argv) > 3 else 1)
    dumps, expected = [], []
    while len(dumps) < count:
        tree = changer.tree()
        try:
            dump = text_of(tree)
        except RecursionError:  # a node inserted below itself
            continue
        answer = verdict(tree)
        if "required field" in answer or "Invalid CFG" in answer or "\n" in dump or "expected some sort of" in answer:
            continue
        dumps.append(dump)
        expected.append(answer)
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
        file.write("\n".join(dumps) + "\n")
        file.flush()
        output = subprocess.run([frontend, "validate", file.name], stdout=subprocess.PIPE, text=True).stdout
    answers = output.split("\n")[:-1]
    if len(answers) != len(dumps):
        sys.exit(f"{len(answers)} answers to {len(dumps)} trees")
    different = [(d, a, e) for d, a, e in zip(dumps, answers, expected) if a != e]
    for dump, mine, theirs in different[:5]:
        print(f"{dump[:1500]}\n    krait  {mine}\n    oracle {theirs}")
    wrong = sum(e != "ok" for e in expected)
    print(f"{count} trees, {wrong} of them wrong: {count - len(different)} answers identical, {len(different)} different")
    sys.exit(bool(different))


main()
