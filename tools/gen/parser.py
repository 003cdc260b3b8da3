"""Makes C++ parsing functions from src/parser/python.gram.

usage: parser.py TOKENS_DEF NODES_TABLE OUTPUT_FOLDER GRAMMAR...

Two parsers come out of the one grammar. `fast` is for valid programs: no rule that only words errors, memos only
where they pay. `exact` is for the rest: it has every rule, and State::invalid says whether the `invalid_` rules
count in this pass. Both have PEG semantics; an alternative that cannot start with the current token is skipped
without a call, and direct left recursion is a loop.

The grammar
-----------
    rule(TYPE) flags:
        | items => action            an alternative; TYPE is what the action yields, '!' for a rule that only
                                     raises. Without an action the value is that of the only item or the only
                                     named one.
flags: memo (both parsers remember the result), memo-exact (the exact one remembers it for both of its passes),
without-invalid (the invalid_ rules do not count below it).
items: 'x' token or keyword, "x" soft keyword, NAME and the like, rule, (a | b) group, x? x* x+ sep.x+ &x !x
&&'x' (raises "expected 'x'"), ~ (no other alternative from here on), name=item, [x] as (x)?.
In an action `@` is the place of what was matched, Node{...} makes the node there, `p` is the State.
A failed function leaves p.mark as it was. A value of a pointer type is returned, null for failure; any other
type goes through an out parameter.
"""

import re
import sys
from pathlib import Path

KEYWORDS = ("False None True and as assert async await break class continue def del elif else except finally for "
            "from global if import in is lambda nonlocal not or pass raise return try while with yield").split()
SOFT = ["_", "case", "match", "type"]


class Item:
    def __init__(self, kind, *parts, name=None):
        self.kind, self.parts, self.name = kind, parts, name


class Alternative:
    def __init__(self, items, action=None):
        self.items, self.action = items, action
        self.invalid = any(i.kind == "rule" and i.parts[0].startswith("invalid_") for i in items)


class Rule:
    def __init__(self, name, type, flags):
        self.name, self.type, self.flags = name, type, flags
        self.alternatives = []
        self.raises_only = type == "!"
        if self.raises_only:
            self.type = "Never*"

    def flag(self, name):
        return name in self.flags


# ---- reading ----

ITEM = re.compile(r"""\s*('[^']*'|"[^"]*"|&&|[A-Za-z_]\w*|[()\[\]?*+.|&!~=])""")


class ItemReader:
    def __init__(self, text, where):
        self.where = where
        self.tokens, at = [], 0
        text = text.rstrip()
        while at < len(text):
            match = ITEM.match(text, at)
            if not match:
                raise SystemExit(f"{where}: cannot read {text[at:]!r}")
            self.tokens.append(match[1])
            at = match.end()
        self.at = 0

    def peek(self, ahead=0):
        i = self.at + ahead
        return self.tokens[i] if i < len(self.tokens) else None

    def take(self, token=None):
        found = self.peek()
        if found is None or token is not None and found != token:
            raise SystemExit(f"{self.where}: expected {token}, found {found}")
        self.at += 1
        return found

    def alternatives(self, close):
        result = [Alternative(self.items())]
        while self.peek() == "|":
            self.take()
            result.append(Alternative(self.items()))
        self.take(close)
        return result

    def items(self):
        result = []
        while self.peek() not in (None, "|", ")", "]"):
            result.append(self.named_item())
        return result

    def named_item(self):
        if self.peek(1) == "=" and re.match(r"[a-z]", self.peek()):
            name = self.take()
            self.take("=")
            item = self.item()
            item.name = name
            return item
        return self.item()

    def item(self):
        token = self.peek()
        if token in ("&", "!"):
            self.take()
            return Item("look", self.atom(), token == "&")
        if token == "&&":
            self.take()
            return Item("force", self.atom())
        if token == "~":
            self.take()
            return Item("cut")
        atom = self.atom()
        follow = self.peek()
        if follow == ".":
            self.take()
            element = self.atom()
            self.take("+")
            return Item("gather", atom, element)
        if follow in ("?", "*", "+"):
            self.take()
            return Item({"?": "opt", "*": "star", "+": "plus"}[follow], atom)
        return atom

    def atom(self):
        token = self.take()
        if token == "(":
            return Item("group", self.alternatives(")"))
        if token == "[":
            alternatives = self.alternatives("]")
            if len(alternatives) == 1 and len(alternatives[0].items) == 1:
                return Item("opt", alternatives[0].items[0])
            return Item("opt", Item("group", alternatives))
        if token[0] == "'":
            return Item("token", token[1:-1])
        if token[0] == '"':
            return Item("token", token)
        if token.isupper() or "_" in token and token.upper() == token:
            return Item("token", token)
        return Item("rule", token)


def read_grammar(path):
    rules = []
    for number, raw in enumerate(path.read_text().splitlines(), 1):
        line = re.sub(r"(^|\s)#.*", "", raw).rstrip()
        if not line.strip():
            continue
        header = re.fullmatch(r"(\w+)\(([^)]*)\)((?: [\w=-]+)*):", line)
        if header:
            rules.append(Rule(header[1], header[2], header[3].split()))
            rules[-1].texts = []
        elif line.lstrip().startswith("| "):
            rules[-1].texts.append([f"{path.name}:{number}", line.lstrip()[2:]])
        else:
            rules[-1].texts[-1][1] += " " + line.strip()
    for rule in rules:
        for where, text in rule.texts:
            items, _, action = text.partition(" => ")
            reader = ItemReader(items, where)
            alternative = Alternative(reader.items(), action.strip() or None)
            if reader.peek() is not None:
                raise SystemExit(f"{where}: {reader.peek()} is too much")
            rule.alternatives.append(alternative)
    return {rule.name: rule for rule in rules}


def read_tokens(path):
    names, texts = [], {}
    for match in re.finditer(r"^KRAIT_(TOKEN|OPERATOR)\((\w+)(?:, \"(.*)\")?\)", path.read_text(), re.M):
        if match[1] == "OPERATOR":
            texts[match[3]] = match[2]
        names.append(match[2])
    return names, texts


def unplaced_nodes(path):
    """The C++ names of the nodes that have no place."""
    names, placed = set(), True
    for line in path.read_text().splitlines():
        words = line.split("#")[0].split()
        if words and words[0] in ("sum", "product"):
            placed = "positioned" in words
            if words[0] == "product" and not placed:
                names.add(words[2])
        elif words and not placed and words[0] != "enum" and ":" not in words[0]:
            names.add(words[0])
    return names


# ---- writing ----

class Generator:
    def __init__(self, rules, token_names, operators, unplaced, exact):
        self.exact, self.unplaced = exact, unplaced
        self.rules = rules
        self.operators = operators
        self.kinds = {name: i for i, name in enumerate(token_names)}
        for word in KEYWORDS:
            self.kinds["kw_" + word] = len(self.kinds)
        self.first_soft = len(self.kinds)
        for word in SOFT:
            self.kinds["soft_" + word] = len(self.kinds)
        # A name that normalizes to None, True or False: whoever takes it as a name fails.
        self.kinds["forbidden_name"] = len(self.kinds)
        self.names = {v: k for k, v in self.kinds.items()}
        self.helpers, self.bodies, self.sets = [], [], {}
        self.first_memo, self.helper_count = {}, 0
        self.compute_first()

    # -- what can start what --

    def kind_of(self, text):
        if text[0] == '"':
            return "soft_" + text[1:-1]
        if text in KEYWORDS:
            return "kw_" + text
        return self.operators.get(text, text)

    def token_set(self, text):
        soft = frozenset(range(self.first_soft, self.first_soft + len(SOFT)))
        if text == "NAME":
            return soft | {self.kinds["NAME"], self.kinds["forbidden_name"]}
        if text == "SOFT_KEYWORD":
            return soft
        return frozenset([self.kinds[self.kind_of(text)]])

    def live(self, alternatives):
        return [a for a in alternatives if self.exact or not a.invalid]

    def compute_first(self):
        self.first_of = {name: frozenset() for name in self.rules}
        self.nullable = {name: False for name in self.rules}
        changed = True
        while changed:
            changed = False
            for name, rule in self.rules.items():
                first, nullable = self.first_alternatives(self.live(rule.alternatives))
                if first != self.first_of[name] or nullable != self.nullable[name]:
                    self.first_of[name], self.nullable[name] = first, nullable
                    changed = True

    def first_alternatives(self, alternatives):
        first, nullable = frozenset(), False
        for alternative in alternatives:
            f, n = self.first_items(alternative.items)
            first |= f
            nullable |= n
        return first, nullable

    def first_items(self, items):
        first = frozenset()
        for item in items:
            f, n = self.first_item(item)
            first |= f
            if not n:
                return first, False
        return first, True

    def first_item(self, item):
        if item.kind == "token":
            return self.token_set(item.parts[0]), False
        if item.kind == "rule":
            if item.parts[0] not in self.rules:
                raise SystemExit(f"no rule {item.parts[0]}")
            return self.first_of[item.parts[0]], self.nullable[item.parts[0]]
        if item.kind == "group":
            return self.first_alternatives(self.live(item.parts[0]))
        if item.kind in ("opt", "star"):
            return self.first_item(item.parts[0])[0], True
        if item.kind == "plus":
            return self.first_item(item.parts[0])
        if item.kind == "gather":
            return self.first_item(item.parts[1])
        if item.kind == "force":  # raises on any other token, so any token starts it
            return frozenset(range(len(self.kinds))), False
        return frozenset(), True

    # -- types --

    def type_of(self, item):
        if item.kind in ("token", "force"):
            return "Tk*"
        if item.kind == "rule":
            return self.rules[item.parts[0]].type
        if item.kind == "opt":
            return self.type_of(item.parts[0])
        if item.kind in ("star", "plus"):
            return f"Seq<{self.type_of(item.parts[0])}>"
        if item.kind == "gather":
            return f"Seq<{self.type_of(item.parts[1])}>"
        if item.kind == "group":
            return self.group_type(item.parts[0])
        return None

    def value_item(self, alternative):
        named = [i for i in alternative.items if i.name]
        if len(named) == 1:
            return named[0]
        solid = [i for i in alternative.items if i.kind not in ("look", "cut")]
        if not named and len(solid) == 1:
            return solid[0]
        return None

    def group_type(self, alternatives):
        types = set()
        for alternative in alternatives:
            item = self.value_item(alternative)
            types.add(self.type_of(item) if item else None)
        types.discard("Never*")
        if len(types) == 1 and None not in types:
            return types.pop()
        if types <= {"ExprNode*", "ast::Name*"}:
            return "ExprNode*"
        return "bool"

    # -- conditions: C++ expressions that match an item and are true when it was there --

    def set_name(self, kinds):
        key = frozenset(kinds)
        if key not in self.sets:
            self.sets[key] = f"kSet{len(self.sets)}"
        return self.sets[key]

    def at(self, kinds):
        if len(kinds) == 1:
            return f"p.peek() == {self.kind_name(next(iter(kinds)))}"
        return f"p.at({self.set_name(kinds)})"

    def kind_name(self, number):
        return f"K::{self.names[number]}"

    def guard(self, item):
        """A cheap test that must hold for the item to match, or None when the item itself is one."""
        if item.kind in ("token", "force", "look", "cut", "opt", "star"):
            return None
        first, nullable = self.first_item(item)
        if nullable or len(first) > 100:
            return None
        return self.at(first)

    def condition(self, item, var):
        kind = item.kind
        if kind == "token":
            return self.token_condition(item.parts[0], var)
        if kind == "force":
            text = item.parts[0].parts[0]
            call = f'p.force({self.kind_name(self.kinds[self.kind_of(text)])}, "{text}")'
            return f"({var} = {call})" if var else call
        if kind == "cut":
            return "(cut = true)"
        if kind == "look":
            return self.look_condition(*item.parts)
        if kind == "rule":
            rule = self.rules[item.parts[0]]
            return self.call_condition(f"{rule.name}_rule", rule.type, var)
        if kind == "opt":
            inner = item.parts[0]
            condition = self.condition(inner, var)
            guard = self.guard(inner)
            if guard:
                condition = f"{guard} && {condition}"
            return f"(void({condition}), true)"
        if kind == "group":
            tokens = self.token_only(item.parts[0])
            if tokens is not None and not var:
                return f"p.eat({self.set_name(tokens)})"
            function, type = self.helper_group(item)
            return self.call_condition(function, type, var)
        function, type = self.helper_loop(item, collect=bool(var))
        return self.call_condition(function, type, var) if var else f"{function}(p)"

    def token_condition(self, text, var):
        kinds = self.token_set(text)
        if len(kinds) > 1:
            argument = "kNameKinds" if text == "NAME" else self.set_name(kinds)
            if text == "NAME":
                return f"({var} = p.take_name())" if var else "p.eat_name()"
        else:
            argument = self.kind_name(next(iter(kinds)))
        return f"({var} = p.take({argument}))" if var else f"p.eat({argument})"

    def call_condition(self, function, type, var):
        if type.endswith("*"):
            return f"({var} = {function}(p))" if var else f"{function}(p)"
        if var:
            return f"{function}(p, {var})"
        return f"drop<{type}>(p, {function})"

    def token_only(self, alternatives):
        kinds = frozenset()
        for alternative in alternatives:
            if len(alternative.items) != 1 or alternative.items[0].kind != "token":
                return None
            kinds |= self.token_set(alternative.items[0].parts[0])
        return kinds

    def look_condition(self, item, positive):
        tokens = self.token_set(item.parts[0]) if item.kind == "token" else None
        if item.kind == "group":
            tokens = self.token_only(item.parts[0])
        if item.kind == "rule" and not self.nullable[item.parts[0]]:
            tokens = self.token_only(self.rules[item.parts[0]].alternatives)
        if tokens is not None:
            test = f"({self.at(tokens)})"
            return test if positive else f"!{test}"
        function = self.new_helper("look")
        condition = self.condition(item, None)
        self.add(f"bool {function}(State& p)", [
            "[[maybe_unused]] const uint32_t start = p.mark;",
            f"const bool found = {condition};",
            "p.mark = start;",
            "return found;",
        ])
        return f"{function}(p)" if positive else f"!{function}(p)"

    # -- functions --

    def new_helper(self, kind):
        self.helper_count += 1
        return f"{kind}_{self.current}_{self.helper_count}"

    def add(self, signature, body):
        self.helpers.append(f"[[maybe_unused]] static {signature};")
        self.bodies.append(f"static {signature} {{\n" + "\n".join("    " + line for line in body) + "\n}\n")

    def signature(self, function, type):
        return f"{type} {function}(State& p)" if type.endswith("*") else f"bool {function}(State& p, {type}& out)"

    def helper_group(self, item):
        type = self.group_type(item.parts[0])
        function = self.new_helper("group")
        body = self.alternatives_body(item.parts[0], type)
        self.add(self.signature(function, type), body)
        return function, type

    def helper_loop(self, item, collect):
        function = self.new_helper("loop")
        type = self.type_of(item)
        if item.kind == "gather":
            separator, element = item.parts
        else:
            separator, element = None, item.parts[0]
        test = self.condition(element, "item" if collect else None)
        guard = self.guard(element)
        if guard:
            test = f"{guard} && {test}"
        push = "p.push(item);" if collect else "found = true;"
        body = ["[[maybe_unused]] bool found = false;"]
        if collect:
            body = [f"{self.type_of(element)} item{{}};", "const size_t base = p.scratch_size();"]
        if separator:
            body += [
                f"if (!({test})) return false;",
                push,
                "for (;;) {",
                "    const uint32_t at = p.mark;",
                f"    if (!({self.condition(separator, None)} && {test})) {{",
                "        p.mark = at;",
                "        break;",
                "    }",
                f"    {push}",
                "}",
            ]
        else:
            body += [f"while ({test}) {push}"]
            if item.kind == "plus":
                body += ["if (p.scratch_size() == base) return false;" if collect else "if (!found) return false;"]
        body += ["p.pop(base, out);"] if collect else []
        body += ["return true;"]
        self.add(self.signature(function, type) if collect else f"bool {function}(State& p)", body)
        return function, type

    def expand(self, action):
        """Node{...} becomes a call that makes the node."""
        out, at = "", 0
        pattern = re.compile(r"\b([A-Z]\w*)\{")
        while match := pattern.search(action, at):
            depth, end = 1, match.end()
            while depth:
                depth += {"{": 1, "}": -1}.get(action[end], 0)
                end += 1
            inner = self.expand(action[match.end():end - 1]).strip()
            place = [] if match[1] in self.unplaced else ["@"]
            arguments = ", ".join(place + ([inner] if inner else []))
            out += action[at:match.start()] + f"p.make<ast::{match[1]}>({arguments})"
            at = end
        return out + action[at:]

    def alternative_lines(self, alternative, type, left=None):
        """C++ that tries one alternative; on success it returns. `left`: the variable that holds the left
        operand of a left-recursive alternative, whose success is assigned to it."""
        items = alternative.items[1:] if left else alternative.items
        declared, conditions = [], []
        if left and alternative.items[0].name:
            declared.append(f"{type} {alternative.items[0].name} = {left};")
        value = None
        if alternative.action is None:
            value = self.value_item(alternative)
            never = any(i.kind == "rule" and self.rules[i.parts[0]].raises_only for i in items)
            if value is None and type != "bool" and not never:
                raise SystemExit(f"{self.current}: an alternative without value")
        for number, item in enumerate(items):
            var = item.name
            if not var and item is value and type != "bool":
                var = f"value{number}"
            if var:
                item_type = self.type_of(item)
                declared.append(f"[[maybe_unused]] {item_type} {var}{{}};")
            conditions.append(self.condition(item, var))
            if item is value:
                value_var = var
        guard = None
        if items:
            first, nullable = self.first_items(items)
            if not nullable and len(first) < 100 and items[0].kind not in ("token", "force"):
                guard = self.at(first)
        if alternative.invalid:
            guard = f"p.invalid && {guard}" if guard else "p.invalid"
        has_cut = any(i.kind == "cut" for i in items)
        lines = []
        lines.append(f"if ({guard}) {{" if guard else "{")
        lines += ["    " + d for d in declared]
        if has_cut:
            lines.append("    bool cut = false;")
        lines.append(f"    if ({' && '.join(conditions)}) {{")
        if alternative.action is None:
            result = "true" if type == "bool" else value_var if value else "nullptr"
            if value and self.type_of(value) == "Never*" or not value and type != "bool":
                result = "nullptr" if type.endswith("*") else "{}"
        else:
            result = self.expand(alternative.action).replace("{}", "kNothing")
            if re.match(r"p\.(need|check)|check_", result):
                result = f"({result})"
        result = re.sub(r'"(?:[^"\\]|\\.)*"|@', lambda m: "p.span(start)" if m[0] == "@" else m[0], result)
        if left:
            lines += [f"        {left} = {result};", "        continue;"]
        elif type == "Never*":
            lines += [f"        {type} result = {result};", "        if (result == nullptr) p.mark = start;",
                      "        return result;"] if alternative.action else ["        return nullptr;"]
        elif type.endswith("*"):
            safe = alternative.action is None or result.startswith("p.make<")
            if safe:
                lines.append(f"        return {result};")
            else:
                lines += [f"        {type} result = {result};", "        if (result == nullptr) p.mark = start;",
                          "        return result;"]
        else:
            lines += [f"        out = {result};", "        return true;"]
        lines.append("    }")
        lines.append(f"    p.mark = {'at' if left else 'start'};")
        if has_cut:
            lines.append(f"    if (cut) return {'nullptr' if type.endswith('*') else 'false'};")
        lines.append("}")
        return lines

    def alternatives_body(self, alternatives, type):
        body = ["[[maybe_unused]] const uint32_t start = p.mark;"]
        for alternative in self.live(alternatives):
            body += self.alternative_lines(alternative, type)
        body.append("return nullptr;" if type.endswith("*") else "return false;")
        return body

    def left_recursive(self, rule):
        return [a for a in rule.alternatives if a.items[0].kind == "rule" and a.items[0].parts[0] == rule.name]

    def left_body(self, rule):
        """A: A x | A y | z as z (x | y)*, the seed first."""
        left = self.left_recursive(rule)
        seeds = [a for a in self.live(rule.alternatives) if a not in left]
        seed = self.new_helper("seed")
        self.add(self.signature(seed, rule.type), self.alternatives_body(seeds, rule.type))
        body = ["[[maybe_unused]] const uint32_t start = p.mark;", f"{rule.type} left = {seed}(p);", "if (!left) return nullptr;"]
        body += ["for (;;) {", "    const uint32_t at = p.mark;"]
        follow = frozenset().union(*(self.first_items(a.items[1:])[0] for a in left))
        body.append(f"    if (!({self.at(follow)})) break;")
        for alternative in left:
            body += ["    " + line for line in self.alternative_lines(alternative, rule.type, "left")]
        body += ["    break;", "}", "return left;"]
        return body

    def rule_function(self, rule):
        self.current, self.helper_count = rule.name, 0
        function = f"{rule.name}_rule"
        left = self.left_recursive(rule)
        pointer = rule.type.endswith("*")
        shared = rule.flag("memo") or rule.flag("memo-exact") or bool(left)  # remembered whether or not the invalid_ rules count
        memo = pointer and (rule.flag("memo") or self.exact)
        body = self.left_body(rule) if left else self.alternatives_body(rule.alternatives, rule.type)
        deep = "p.check_depth();"
        if rule.flag("level"):  # recurses without brackets
            deep += " Level level(p);"
        if rule.flag("without-invalid"):  # what it calls shares memos with the pass that it hides
            deep += " WithoutInvalid scope(p);"
        if not memo:
            self.add(self.signature(function, rule.type), [deep] + body)
            return
        raw = f"raw_{rule.name}"
        self.add(self.signature(raw, rule.type), [deep] + body)
        key = f"kMemo_{rule.name}"
        self.memo_ids = getattr(self, "memo_ids", []) + [key]
        key_use = key if shared else f"p.invalid ? {key} + kMemoInvalid : {key}"
        lines = [
            "void* found;",
            f"if (p.recall({key_use}, found)) return static_cast<{rule.type}>(found);",
            "[[maybe_unused]] const uint32_t start = p.mark;",
            f"{rule.type} result = {raw}(p);",
            f"p.remember(start, {key_use}, result);",
            "return result;",
        ]
        self.add(self.signature(function, rule.type), lines)

    def reachable(self, roots):
        seen, todo = set(), list(roots)

        def visit(items):
            for item in items:
                if item.kind == "rule":
                    todo.append(item.parts[0])
                for part in item.parts:
                    if isinstance(part, Item):
                        visit([part])
                    elif isinstance(part, list):
                        for alternative in self.live(part):
                            visit(alternative.items)

        while todo:
            name = todo.pop()
            if name in seen:
                continue
            seen.add(name)
            rule = self.rules[name]
            for alternative in self.live(rule.alternatives):
                visit(alternative.items)
        return seen

    def write(self, folder):
        mode = "exact" if self.exact else "fast"
        roots = ["file", "interactive", "eval", "func_type"]
        keep = self.reachable(roots)
        for rule in self.rules.values():
            if rule.name in keep:
                self.rule_function(rule)
        lines = [f"// Made by tools/gen/parser.py from src/parser/python.gram.", '#include "parser/rules.h"', ""]
        lines += ["namespace krait::parser {", ""]
        lines.append("namespace {")
        memo_ids = getattr(self, "memo_ids", [])
        lines.append(f"enum MemoId : uint16_t {{ {', '.join(memo_ids + ['kMemoCount'])} }};")
        lines.append("[[maybe_unused]] constexpr uint16_t kMemoInvalid = kMemoCount;")
        for kinds, name in self.sets.items():
            low = sum(1 << k for k in kinds if k < 64)
            high = sum(1 << (k - 64) for k in kinds if k >= 64)
            lines.append(f"constexpr KindSet {name}{{{low:#x}, {high:#x}}};")
        lines += ["}  // namespace", ""]
        lines += self.helpers + [""] + self.bodies
        lines += [f"ModNode* parse_{mode}(State& p, Mode mode) {{", "    switch (mode) {"]
        for mode_name, root in (("kExec", "file"), ("kSingle", "interactive"), ("kEval", "eval"),
                                ("kFuncType", "func_type")):
            lines.append(f"        case Mode::{mode_name}: return {root}_rule(p);")
        lines += ["    }", "    return nullptr;", "}", "", "}  // namespace krait::parser"]
        write_if_changed(folder / f"rules-{mode}.cpp", "\n".join(lines) + "\n")

    def write_kinds(self, folder):
        lines = ["// Made by tools/gen/parser.py: token kinds, keywords told apart.", "#pragma once", "",
                 "#include <cstdint>", "", "namespace krait::parser {", ""]
        lines.append(f"enum K : uint8_t {{ {', '.join(self.kinds)}, kKindLimit, kUnfilled = 255 }};")
        lines.append(f"constexpr uint8_t kFirstKeyword = kw_{KEYWORDS[0]};")
        lines.append(f"constexpr uint8_t kFirstSoft = soft_{SOFT[0]};")
        words = ", ".join(f'"{w}"' for w in KEYWORDS)
        soft = ", ".join(f'"{w}"' for w in SOFT)
        lines.append(f"constexpr const char* kKeywords[] = {{{words}}};")
        lines.append(f"constexpr const char* kSoftKeywords[] = {{{soft}}};")
        lines += ["", "}  // namespace krait::parser"]
        write_if_changed(folder / "kinds.h", "\n".join(lines) + "\n")


def write_if_changed(path, text):
    if not path.exists() or path.read_text() != text:
        path.write_text(text)


def main():
    tokens, nodes, folder = map(Path, sys.argv[1:4])
    rules = {}
    for grammar in sys.argv[4:]:
        rules |= read_grammar(Path(grammar))
    names, operators = read_tokens(tokens)
    folder.mkdir(parents=True, exist_ok=True)
    for exact in (False, True):
        generator = Generator(rules, names, operators, unplaced_nodes(nodes), exact)
        generator.write(folder)
    generator.write_kinds(folder)


if __name__ == "__main__":
    main()
