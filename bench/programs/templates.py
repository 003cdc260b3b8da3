"""A small template engine: compiled to closures, loops, filters and escaping."""

import re
from html import escape

PIECE = re.compile(r"({{.*?}}|{%.*?%})")


def lookup(path):
    names = path.split(".")

    def get(context):
        value = context
        for name in names:
            value = value[name] if isinstance(value, dict) else getattr(value, name)
        return value

    return get


def compile_nodes(pieces):
    nodes = []
    while pieces:
        piece = pieces.pop(0)
        if piece.startswith("{{"):
            path, _, filters = piece[2:-2].strip().partition("|")
            nodes.append(output(lookup(path), filters))
        elif piece.startswith("{% for"):
            _, name, _, path = piece[2:-2].split()
            nodes.append(loop(name, lookup(path), compile_nodes(pieces)))
        elif piece.startswith("{% end"):
            break
        else:
            nodes.append(lambda context, out, piece=piece: out.append(piece))
    return nodes


def output(get, filters):
    def node(context, out):
        text = str(get(context))
        out.append(text.upper() if filters == "upper" else escape(text))

    return node


def loop(name, get, body):
    def node(context, out):
        inner = dict(context)
        for value in get(context):
            inner[name] = value
            for child in body:
                child(inner, out)

    return node


SOURCE = "<table>{% for row in rows %}<tr>{% for cell in row.cells %}<td>{{ cell }}</td>{% end %}<td>{{ row.name|upper }}</td></tr>{% end %}</table>"


def run():
    template = compile_nodes(PIECE.split(SOURCE))
    out = []
    context = {"rows": [{"name": "row <%d>" % r, "cells": range(r, r + 12)} for r in range(60)]}
    for node in template:
        node(context, out)
    return len("".join(out))


EXPECTED = 9430
