# Bytes that are no UTF-8 in source texts: those that a cookie or nothing declares, and names that are normalized by
# what unicodedata.normalize is.
import ast
import unicodedata


def attempt(source, **options):
    try:
        print(source, ast.dump(ast.parse(source, **options)))
    except Exception as e:
        print(source, type(e).__name__, e.args)


for source in (b"a=1 # type: \x80", b"a=1 # \x80", b"a='\x80'", b"\x80=1", b"# coding: utf-8\na='\x80'",
               b"# coding: latin-1\na='\x80' # type: \xe9", b"# coding: ascii\n\xe9"):
    attempt(source)
    attempt(source, type_comments=True)

attempt("\u03d5 + \ufb01 + \u212b")
real = unicodedata.normalize
seen = []


def normalize(form, text):
    seen.append((form, ascii(text)))
    return "changed"


for fake in (normalize, lambda form, text: None, lambda form, text: 1 / 0, lambda *args: b"x", None):
    unicodedata.normalize = fake
    attempt("plain")
    attempt("\u03d5 + \u03d5")
    attempt("'\u03d5'")
print(set(seen))
unicodedata.normalize = real
attempt("\u03d5")


class Strange:
    def __repr__(self):
        return "<strange>"


import warnings
for node, keywords in ((ast.Name, {Strange(): 1}), (ast.Name, {"id": "x", Strange(): 1}), (ast.AST, {1: 2})):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            print(ast.dump(node(**keywords)))
        except TypeError as e:
            print(e)
        print([str(w.message) for w in caught])
    try:
        node("x").__replace__(**keywords)
    except TypeError as e:
        print(e)


class Own(ast.Name):
    def __init__(self, **keywords):
        super().__init__(**keywords)


for callee in (Own, print, dict, int, lambda **k: k):
    try:
        print(callee(**{1: 2}))
    except TypeError as e:
        print(e)
