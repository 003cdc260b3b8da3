"""Runs in Krait and in the oracle alike: what each stage of the front end makes of the files named on standard input.

usage: stages_worker.py digests|text STAGE...    a line of JSON for each file: {stage: digest or text}
       stages_worker.py errors                   a JSON list of programs on standard input; a line of JSON for each
       stages_worker.py speed                    file names on standard input; seconds by stage, as JSON
"""

import ast
import hashlib
import io
import json
import marshal
import symtable
import sys
import threading
import time
import tokenize
import types
import warnings


def code_text(code, out):
    for name in ("co_qualname co_name co_argcount co_posonlyargcount co_kwonlyargcount co_flags co_firstlineno co_names "
                 "co_varnames co_cellvars co_freevars co_stacksize co_filename").split():
        out.append(f"{name} {getattr(code, name)!a}")
    for name in ("co_code", "co_exceptiontable", "co_linetable"):
        out.append(f"{name} {getattr(code, name).hex()}")
    out.append("consts " + ", ".join(constant_text(c) for c in code.co_consts))
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            code_text(constant, out)


def constant_text(c):
    if isinstance(c, types.CodeType):
        return "code"
    if isinstance(c, tuple):
        return "(" + ", ".join(map(constant_text, c)) + ")"
    if isinstance(c, frozenset):
        return "frozenset(" + ", ".join(sorted(map(constant_text, c))) + ")"
    if isinstance(c, slice):
        return "slice" + constant_text((c.start, c.stop, c.step))
    return type(c).__name__ + " " + ascii(c)


def block_text(block, out, indent=""):
    out.append(f"{indent}{block.get_type()} {block.get_name()} {block.get_lineno()} {block.is_nested()}")
    raw = block._table
    out.append(f"{indent} {raw.varnames} {sorted(raw.symbols.items())}")  # the order is that of a set
    for child in block.get_children():
        block_text(child, out, indent + " ")


def tree_or_error(text, **options):
    try:
        return ast.dump(ast.parse(text, "f", **options), include_attributes=True)
    except SyntaxError as e:
        return repr((type(e).__name__, e.msg, e.lineno, e.offset, e.end_lineno, e.end_offset, e.text))


def features_text(source):
    """Where each minor version stops reading, and the tree that the oldest of those that reach the end makes."""
    out, seen = [], set()
    for minor in range(3, 15):
        text = tree_or_error(source, feature_version=(3, minor))
        out.append(f"3.{minor} {'the same' if text in seen else text}")
        seen.add(text)
    return "\n".join(out)


def piece_text(piece, mode):
    out = [f"{mode} {piece!a}", tree_or_error(piece, mode=mode)]
    if mode != "func_type":
        try:
            code_text(compile(piece, "f", mode, dont_inherit=True), out)
        except SyntaxError as e:
            out.append(repr((type(e).__name__, e.args)))
    return out


def modes_text(source):
    """A file's statements as a prompt reads them, its expressions for eval(), its signatures as types of functions."""
    tree = ast.parse(source)
    lines = source.decode("utf-8", "replace").splitlines(keepends=True)
    out = []
    for mode in ("eval", "single", "func_type"):
        out.append(tree_or_error(source, mode=mode))
    for statement in tree.body:
        text = "".join(lines[statement.lineno - 1:statement.end_lineno])
        out += piece_text(text, "single")
        out.append(tree_or_error(text, mode="single", type_comments=True))
    expressions = [n for n in ast.walk(tree) if isinstance(n, (ast.Assign, ast.Return, ast.Expr, ast.AugAssign))]
    for node in expressions:
        if node.value:
            out += piece_text(ast.unparse(node.value), "eval")
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            types_of = [ast.unparse(a.annotation) if a.annotation else a.arg
                        for a in node.args.posonlyargs + node.args.args + node.args.kwonlyargs]
            text = f"({', '.join(types_of)}) -> {ast.unparse(node.returns) if node.returns else 'None'}"
            out += piece_text(text, "func_type")
    return "\n".join(out)


def stage_text(stage, source, path):
    if stage == "tokens":
        return "\n".join(f"{t.type} {t.string!a} {t.start} {t.end} {t.line!a}"
                         for t in tokenize.tokenize(io.BytesIO(source).readline))
    if stage == "features":
        return features_text(source)
    if stage == "modes":
        return modes_text(source)
    if stage.startswith("ast"):
        options = {"ast": {}, "ast-O1": {"optimize": 1}, "ast-O2": {"optimize": 2}, "ast-types": {"type_comments": True}}
        return ast.dump(ast.parse(source, path, **options[stage]), include_attributes=True, indent=0)
    if stage == "symtable":
        out = []
        block_text(symtable.symtable(source, path, "exec"), out)
        return "\n".join(out)
    if stage == "unparse":
        text = ast.unparse(ast.parse(source, path))
        out = [text]
        code_text(compile(text, path, "exec", dont_inherit=True), out)
        return "\n".join(out)
    if stage == "from-ast":
        out = []
        code_text(compile(ast.parse(source, path), path, "exec", dont_inherit=True), out)
        return "\n".join(out)
    level = int(stage[-1])
    code = compile(source, path, "exec", dont_inherit=True, optimize=level)
    if stage.startswith("marshal"):
        return marshal.dumps(code).hex()
    out = []
    code_text(code, out)
    return "\n".join(out)


def safely(stage, source, path):
    try:
        return stage_text(stage, source, path)
    except Exception as error:
        return f"{type(error).__name__}: {error.args!a}"


def show_stages(form, stages):
    for line in sys.stdin:
        path = line.rstrip("\n")
        with open(path, "rb") as file:
            source = file.read()
        result = {}
        for stage in stages:
            text = safely(stage, source, path)
            result[stage] = text if form == "text" else hashlib.md5(text.encode("utf-8", "surrogatepass")).hexdigest()
        print(json.dumps(result), flush=True)


def describe(text):
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        try:
            out = []
            code_text(compile(text, "f", "exec", dont_inherit=True), out)
            out.append(ast.dump(ast.parse(text), include_attributes=True))
            result = "ok " + hashlib.md5("\n".join(out).encode("utf-8", "surrogatepass")).hexdigest()
        except SyntaxError as e:
            result = [type(e).__name__, e.msg, e.lineno, e.offset, e.end_lineno, e.end_offset, e.text, repr(e._metadata)]
        except Exception as e:
            result = [type(e).__name__, "" if isinstance(e, RecursionError) else str(e)]
    return [result, [(w.category.__name__, str(w.message), w.lineno) for w in seen]]


def show_errors():
    for text in json.load(sys.stdin):
        print(json.dumps(describe(text)), flush=True)


def show_speed():
    sources = []
    for line in sys.stdin:
        path = line.rstrip("\n")
        with open(path, "rb") as file:
            sources.append((path, file.read()))
    jobs = {
        "tokenize": lambda path, source: all(True for _ in tokenize.tokenize(io.BytesIO(source).readline)),
        "parse": lambda path, source: ast.parse(source, path),
        "compile": lambda path, source: compile(source, path, "exec", dont_inherit=True),
    }
    seconds = {}
    for name, job in jobs.items():
        start = time.process_time()
        for path, source in sources:
            try:
                job(path, source)
            except (SyntaxError, ValueError, UnicodeError):
                pass
        seconds[name] = time.process_time() - start
    print(json.dumps(seconds))


def main():
    what, *stages = sys.argv[1:]
    if what == "errors":
        show_errors()
    elif what == "speed":
        show_speed()
    else:
        show_stages(what, stages)


warnings.simplefilter("ignore")
sys.setrecursionlimit(100000)
threading.stack_size(256 * 1024 * 1024)
worker = threading.Thread(target=main)
worker.start()
worker.join()
