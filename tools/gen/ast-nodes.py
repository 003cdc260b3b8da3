"""Makes ast/nodes.h and ast/nodes.cpp from src/ast/nodes.table.

usage: ast-nodes.py TABLE OUTPUT_FOLDER
"""

import re
import sys
from dataclasses import dataclass, field
from pathlib import Path

# Type in the table -> (form, C++ type of one element).
LEAVES = {
    "identifier": ("kIdentifier", "const Identifier*"),
    "string": ("kString", "const Identifier*"),
    "int": ("kInt", "int32_t"),
    "constant": ("kConstant", "const krait::Constant*"),
}


@dataclass
class Field:
    name: str
    type: str
    optional: bool
    sequence: bool


@dataclass
class Node:
    name: str  # in Python
    cpp: str
    fields: list = field(default_factory=list)


@dataclass
class Type:
    form: str  # enum, sum, product
    name: str
    cpp: str
    positioned: bool = False
    members: list = field(default_factory=list)  # of an enum
    nodes: list = field(default_factory=list)


def parse_field(text):
    match = re.fullmatch(r"(\w+):(\w+)(\??)(\*?)", text)
    if not match:
        raise SystemExit(f"bad field {text!r}")
    return Field(match[1], match[2], bool(match[3]), bool(match[4]))


def read_table(path):
    types = []
    for line in path.read_text().splitlines():
        words = line.split("#")[0].split()
        if not words:
            continue
        if words[0] == "enum":
            types.append(Type("enum", words[1], words[2].rstrip(":"), members=words[3:]))
        elif words[0] in ("sum", "product"):
            types.append(Type(words[0], words[1], words[2], positioned="positioned" in words[3:]))
            if words[0] == "product":
                types[-1].nodes.append(Node(words[1], words[2]))
        elif types[-1].form == "sum":
            types[-1].nodes.append(Node(words[0], words[0], [parse_field(w) for w in words[1:]]))
        else:
            types[-1].nodes[0].fields += [parse_field(w) for w in words]
    return types


class Writer:
    def __init__(self, types):
        self.types = types
        self.by_name = {t.name: t for t in types}
        self.lines = []

    def put(self, text=""):
        self.lines.append(text)

    def element(self, f):
        if f.type in LEAVES:
            return LEAVES[f.type][1]
        t = self.by_name[f.type]
        return t.cpp if t.form == "enum" else t.cpp + "*"

    def cpp_type(self, f):
        return f"Seq<{self.element(f)}>" if f.sequence else self.element(f)

    def node_types(self):
        return [t for t in self.types if t.form != "enum"]

    def struct(self, node, t):
        base = t.cpp if t.form == "sum" else "PositionedNode" if t.positioned else "Node"
        self.put(f"struct {node.cpp} : {base} {{")
        self.put(f"    static constexpr Kind kKind = Kind::{node.cpp};")
        for f in node.fields:
            self.put(f"    {self.cpp_type(f)} {f.name};")
        parameters = ["const Position& p"] if t.positioned else []
        parameters += [f"{self.cpp_type(f)} {f.name}_" for f in node.fields]
        start = "kKind, p" if t.positioned else "kKind"
        inits = [f"{base}({start})"] + [f"{f.name}({f.name}_)" for f in node.fields]
        explicit = "explicit " if len(parameters) == 1 else ""
        self.put(f"    {explicit}{node.cpp}({', '.join(parameters)}) : {', '.join(inits)} {{}}")
        self.put("};")
        self.put()

    def header(self):
        self.put("// Made by tools/gen/ast-nodes.py from src/ast/nodes.table.")
        self.put("#pragma once")
        self.put()
        self.put('#include "ast/base.h"')
        self.put()
        self.put("namespace krait::ast {")
        self.put()
        names = ", ".join(n.cpp for t in self.node_types() for n in t.nodes)
        count = sum(len(t.nodes) for t in self.node_types())
        self.put(f"enum class Kind : uint8_t {{ {names} }};")
        self.put(f"constexpr int kKindCount = {count};")
        self.put(f"enum class Type : uint8_t {{ kNone, {', '.join(t.cpp for t in self.types)} }};")
        self.put(f"constexpr int kTypeCount = {len(self.types) + 1};")
        self.put()
        for t in self.types:
            if t.form == "enum":
                self.put(f"enum class {t.cpp} : uint8_t {{ {', '.join(t.members)} }};")
        self.put()
        for t in self.node_types():
            if t.form == "sum":
                base = "PositionedNode" if t.positioned else "Node"
                self.put(f"struct {t.cpp} : {base} {{")
                if t.positioned:
                    self.put(f"    {t.cpp}(Kind k, const Position& p) : {base}(k, p) {{}}")
                else:
                    self.put(f"    explicit {t.cpp}(Kind k) : {base}(k) {{}}")
                self.put("};")
            else:
                self.put(f"struct {t.cpp};")
        self.put()
        for t in self.node_types():
            for node in t.nodes:
                self.struct(node, t)
        self.put("// Indexed by Kind and by Type.")
        self.put("extern const NodeInfo kNodeInfo[kKindCount];")
        self.put("extern const TypeInfo kTypeInfo[kTypeCount];")
        self.put("inline const NodeInfo& info(Kind kind) { return kNodeInfo[static_cast<size_t>(kind)]; }")
        self.put("inline const TypeInfo& info(Type type) { return kTypeInfo[static_cast<size_t>(type)]; }")
        self.put()
        self.put("}  // namespace krait::ast")

    def field_row(self, node, f):
        if f.type in LEAVES:
            form, type_name = LEAVES[f.type][0], "kNone"
        else:
            form = "kEnum" if self.by_name[f.type].form == "enum" else "kNode"
            type_name = self.by_name[f.type].cpp
        flags = f"{str(f.optional).lower()}, {str(f.sequence).lower()}"
        return f'    {{"{f.name}", FieldForm::{form}, Type::{type_name}, {flags}, offsetof({node.cpp}, {f.name})}},'

    def source(self):
        self.put("// Made by tools/gen/ast-nodes.py from src/ast/nodes.table.")
        self.put('#include "ast/nodes.h"')
        self.put()
        self.put("#include <cstddef>")
        self.put()
        self.put("#pragma clang diagnostic ignored \"-Winvalid-offsetof\"")
        self.put()
        self.put("namespace krait::ast {")
        self.put()
        self.put("namespace {")
        self.put()
        for t in self.node_types():
            for node in t.nodes:
                if node.fields:
                    self.put(f"constexpr FieldInfo k{node.cpp}Fields[] = {{")
                    for f in node.fields:
                        self.put(self.field_row(node, f))
                    self.put("};")
        for t in self.types:
            if t.form == "enum":
                members = ", ".join(f'"{m}"' for m in t.members)
                self.put(f"constexpr const char* k{t.cpp}Members[] = {{{members}}};")
        self.put()
        self.put("}  // namespace")
        self.put()
        self.put("const NodeInfo kNodeInfo[kKindCount] = {")
        for t in self.node_types():
            for node in t.nodes:
                fields = f"k{node.cpp}Fields" if node.fields else "{}"
                flag = str(t.positioned).lower()
                self.put(f'    {{"{node.name}", Type::{t.cpp}, {flag}, sizeof({node.cpp}), {fields}}},')
        self.put("};")
        self.put()
        self.put("const TypeInfo kTypeInfo[kTypeCount] = {")
        self.put('    {"", false, false, false, 0, 0, {}},')
        first = 0
        for t in self.types:
            is_enum, is_sum = str(t.form == "enum").lower(), str(t.form == "sum").lower()
            if t.form == "enum":
                rest = f"false, 0, {len(t.members)}, k{t.cpp}Members"
            else:
                rest = f"{str(t.positioned).lower()}, {first}, {len(t.nodes)}, {{}}"
                first += len(t.nodes)
            self.put(f'    {{"{t.name}", {is_enum}, {is_sum}, {rest}}},')
        self.put("};")
        self.put()
        self.put("}  // namespace krait::ast")


def main():
    table, folder = Path(sys.argv[1]), Path(sys.argv[2])
    types = read_table(table)
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("header", "source"):
        writer = Writer(types)
        getattr(writer, name)()
        path = folder / ("nodes.h" if name == "header" else "nodes.cpp")
        text = "\n".join(writer.lines) + "\n"
        if not path.exists() or path.read_text() != text:
            path.write_text(text)


main()
