"""The oracle's half of the tree comparisons: the same text as src/ast/dump.cpp gives."""

import ast


def dump(node, out):
    out.append(type(node).__name__ + "(")
    first = True
    constant = type(node) in (ast.Constant, ast.MatchSingleton)
    for name in node._fields:
        value = getattr(node, name)
        if value is None and not (constant and name == "value") or type(value) is list and not value:
            continue
        out.append(name + "=" if first else ", " + name + "=")
        first = False
        if constant and name == "value":
            out.append(ascii(value))
        else:
            item(value, out)
    for name in node._attributes:
        out.append(f"{name}={getattr(node, name)}" if first else f", {name}={getattr(node, name)}")
        first = False
    out.append(")")


def item(value, out):
    if isinstance(value, ast.AST):
        dump(value, out)
    elif type(value) is list:
        out.append("[")
        for i, element in enumerate(value):
            if i:
                out.append(", ")
            item(element, out)
        out.append("]")
    else:
        out.append(ascii(value))


def text_of(tree):
    out = []
    dump(tree, out)
    return "".join(out)
