"""Random programs out of src/parser/python.gram: most are valid, all exercise the grammar's corners."""

import importlib.util
import random
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def load_grammar():
    path = ROOT / "tools/gen/parser.py"
    spec = importlib.util.spec_from_file_location("parser_generator", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.read_grammar(ROOT / "src/parser/python.gram")


class Generator:
    NAMES = "a b c x y _ self match case type print é long_name".split()
    NUMBERS = "0 1 42 0x1F 0b101 0o17 1_000 1.5 .5 1e10 1E-5 2j 1.5J 123456789012345678901234567890 0xFFFFFFFFFFFFFFFFFF".split()
    STRINGS = ["''", "'a'", '"b"', "'''c\nd'''", "r'\\d'", "b'e'", "u'f'", "'\\x41\\n'", "'é'", 'rb"\\x"', '"\\N{DIGIT ONE}"']
    TEXTS = ["", "a", " b ", "{{", "}}", "\\n", "é", "%d", "\\x41"]

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.rules = load_grammar()
        self.cost = self.costs()

    def costs(self):
        """How many rules deep the cheapest text of each rule is: what to choose when it is time to stop."""
        cost = {name: 1000 for name in self.rules}
        changed = True
        while changed:
            changed = False
            for name, rule in self.rules.items():
                best = min((self.alternative_cost(a, cost) for a in self.alternatives(rule)), default=1000) + 1
                if best < cost[name]:
                    cost[name], changed = best, True
        return cost

    def alternatives(self, rule):
        return [a for a in rule.alternatives if not a.invalid]

    def item_cost(self, item, cost):
        if item.kind == "rule":
            return cost.get(item.parts[0], 1000)
        if item.kind == "group":
            return min(self.alternative_cost(a, cost) for a in item.parts[0])
        if item.kind == "plus":
            return self.item_cost(item.parts[0], cost)
        if item.kind == "gather":
            return self.item_cost(item.parts[1], cost)
        return 0

    def alternative_cost(self, alternative, cost):
        return max((self.item_cost(i, cost) for i in alternative.items), default=0)

    def program(self, budget=None):
        self.budget = budget or self.random.choice((15, 40, 120, 400))
        self.out, self.indent, self.fresh, self.quotes = [], 0, True, []
        for _ in range(self.random.randint(1, 3)):
            self.rule("statement", 0)
        return "".join(self.out)

    def rule(self, name, depth):
        if name.startswith("invalid_") or name not in self.rules:
            return
        self.budget -= 1
        self.choose(self.alternatives(self.rules[name]), depth + 1)

    def choose(self, alternatives, depth):
        if self.budget <= 0 or depth > 45:
            least = min(self.alternative_cost(a, self.cost) for a in alternatives)
            alternatives = [a for a in alternatives if self.alternative_cost(a, self.cost) == least]
        for item in self.random.choice(alternatives).items:
            self.item(item, depth)

    def item(self, item, depth):
        more = self.budget > 0 and depth < 45
        if item.kind == "token":
            self.token(item.parts[0])
        elif item.kind == "force":
            self.item(item.parts[0], depth)
        elif item.kind == "rule":
            self.rule(item.parts[0], depth)
        elif item.kind == "group":
            self.choose(item.parts[0], depth)
        elif item.kind == "opt":
            if more and self.random.random() < 0.4:
                self.item(item.parts[0], depth)
        elif item.kind in ("star", "plus"):
            count = self.random.choice((0, 0, 1, 1, 2)) if more else 0
            for _ in range(max(count, item.kind == "plus")):
                self.item(item.parts[0], depth)
        elif item.kind == "gather":
            self.item(item.parts[1], depth)
            while more and self.random.random() < 0.35 and self.budget > 0:
                self.item(item.parts[0], depth)
                self.item(item.parts[1], depth)

    def write(self, text, space=True):
        if self.fresh:
            self.out.append("  " * self.indent)
            self.fresh = False
        elif space and self.out and re.search(r"[\w\"'=<>*/&|:.-]$", self.out[-1]) and re.match(r"[\w\"'=<>*/&|.:]", text):
            self.out.append(" ")
        elif space and self.random.random() < 0.2:
            self.out.append(" ")
        self.out.append(text)

    def token(self, text):
        rng = self.random
        if text == "NEWLINE":
            self.out.append(rng.choice(("\n", "\n", "\n", "  # c\n", "\n\n")))
            self.fresh = True
        elif text == "INDENT":
            self.indent += 1
        elif text == "DEDENT":
            self.indent -= 1
        elif text == "NAME":
            self.write(rng.choice(self.NAMES))
        elif text == "NUMBER":
            self.write(rng.choice(self.NUMBERS))
        elif text == "STRING":
            self.write(rng.choice(self.STRINGS))
        elif text in ("FSTRING_START", "TSTRING_START"):
            quote = rng.choice(("'", '"', "'''", '"""'))
            self.quotes.append(quote)
            self.write(rng.choice((text[0].lower(), text[0], "r" + text[0].lower())) + quote)
        elif text in ("FSTRING_MIDDLE", "TSTRING_MIDDLE"):
            self.out.append(rng.choice(self.TEXTS))
        elif text in ("FSTRING_END", "TSTRING_END"):
            self.out.append(self.quotes.pop())
        elif text not in ("TYPE_COMMENT", "ENDMARKER"):
            self.write(text.strip('"'))
