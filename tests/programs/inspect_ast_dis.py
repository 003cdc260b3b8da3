"""Looking at code: inspect, ast, dis, tokenize, symtable, code objects, types of things."""
import ast
import dis
import inspect
import io
import keyword
import symtable
import sys
import token
import tokenize
import types
import typing

def attempt(f, *args, **kwargs):
    try:
        print(repr(f(*args, **kwargs)))
    except Exception as error:
        print(type(error).__name__, error, sep=": ")


def sample(a: int, b="x", /, c=None, *args: str, d, e: float = 1.5, **kw) -> bool:
    """First line.

        Indented.
    """
    # a comment
    return a and [n for n in args if n != b]


class Klass:
    "class doc"
    attr = 1
    def method(self, x): return x
    @classmethod
    def cm(cls, y=2): pass
    @staticmethod
    def sm(z): pass
    @property
    def prop(self): return 1
    async def coro(self): pass
    def gen(self): yield


s = inspect.signature(sample)
print(
    s, s.return_annotation, list(s.parameters), s.parameters["c"].kind, s.parameters["e"].default,
    s.parameters["a"].annotation, repr(s.parameters["kw"]), s.replace(return_annotation=int),
)
print(
    inspect.signature(Klass), inspect.signature(Klass.method), inspect.signature(Klass().method),
    inspect.signature(Klass.cm), inspect.signature(len), inspect.signature(sorted), inspect.signature(dict.get),
    inspect.signature(lambda *, k: 0), inspect.signature(print), inspect.signature(int.to_bytes),
    inspect.signature(list.append),
)
bound = s.bind(1, 2, 3, 4, d=5, z=6)
print(bound, bound.args, bound.kwargs)
partial = s.bind_partial(1)
partial.apply_defaults()
print(partial.arguments)
attempt(s.bind)
attempt(s.bind, 1, d=1, a=2)
attempt(inspect.signature, 5)
attempt(inspect.Parameter, "1x", inspect.Parameter.KEYWORD_ONLY)
attempt(
    inspect.Signature,
    [inspect.Parameter("a", inspect.Parameter.KEYWORD_ONLY), inspect.Parameter("b", inspect.Parameter.POSITIONAL_ONLY)],
)
print(
    inspect.getdoc(sample), inspect.getsource(Klass.method), inspect.getsourcelines(sample)[1],
    inspect.getcomments(sample), inspect.getmodule(sample).__name__, inspect.getfile(sample) == __file__,
    inspect.cleandoc("  a\n    b"), inspect.getmro(bool), inspect.unwrap(sample) is sample,
)
print(
    [(n, k) for n, k, *_ in inspect.classify_class_attrs(Klass) if n[0] != "_"],
    [n for n, _ in inspect.getmembers(Klass, inspect.isfunction)], inspect.getattr_static(Klass, "prop"),
    inspect.getfullargspec(sample).kwonlyargs, inspect.getclosurevars(sample).builtins,
    inspect.getcallargs(Klass.cm),
)
for f in (
    sample, Klass, Klass().method, len, Klass.coro, Klass.gen, Klass.prop, int.real, sys, [].append, str.join,
    types.FunctionType.__code__,
):
    print(
        "".join("01"[getattr(inspect, n)(f)] for n in "isfunction isclass ismethod isbuiltin iscoroutinefunction isgeneratorfunction isdatadescriptor isgetsetdescriptor ismodule isroutine ismethoddescriptor ismemberdescriptor".split()),
        end=" ",
    )
print()
def stack_names():
    return [f.function for f in inspect.stack()], inspect.currentframe().f_code.co_name, inspect.getframeinfo(inspect.currentframe()).code_context
print(stack_names())

code = sample.__code__
print(
    code.co_name, code.co_qualname, code.co_argcount, code.co_posonlyargcount, code.co_kwonlyargcount,
    code.co_nlocals, code.co_varnames, code.co_names, code.co_consts, code.co_freevars, code.co_cellvars,
    code.co_flags, code.co_stacksize, code.co_firstlineno, [l for *_, l in code.co_lines()],
    list(code.co_positions())[:2],
)
changed = code.replace(co_name="renamed", co_consts=code.co_consts)
print(changed.co_name, changed == code, code == code.replace(), hash(code) == hash(code.replace()))
attempt(code.replace, co_argcount=-1)
attempt(code.replace, nope=1)
attempt(lambda: setattr(code, "co_name", 1))
print(dis.code_info(code))
dis.dis("x = a + 1\nif x: f(*y, k=2)\n")
dis.dis("try:\n  a.b\nexcept E as e: pass")
dis.dis(lambda x: x[1:2])
print(
    [(i.opname, i.arg, i.argrepr, i.offset) for i in dis.get_instructions("a.b(c)")], dis.opmap["LOAD_CONST"],
    dis.stack_effect(dis.opmap["BUILD_LIST"], 3), dis.opname[0], len(dis.hasconst),
)
attempt(dis.dis, 5)
attempt(dis.stack_effect, 999)

tree = ast.parse("def f(x: int = 1, *a, **k) -> str:\n    return x if not a else f'{x!r:>{3}}'\n")
print(ast.dump(tree))
print(ast.dump(ast.parse("a[1:2], b.c = d", mode="exec").body[0], indent=2, include_attributes=False))
print(
    ast.unparse(tree),
    ast.unparse(ast.parse("x=(1+2)*-3**y;lambda a,/,b=1,*,c:0;[*a,{**b}];a if b else c;not(a and b or c);x[a,b:c];(yield);await_;'it\\'s';1e1000;-1j")),
)
for value in [
    "{'a': [1, (2.5, -3j, None)], 'b': {b'x'}, 's': 'a' 'b'}", "1 + 2j", "-5", "f()", "[x]", "1 + 1", "{**a}",
    " 5",
]:
    attempt(ast.literal_eval, value)
class Rename(ast.NodeTransformer):
    def visit_Name(self, node): return ast.copy_location(ast.Name(node.id.upper(), node.ctx), node)
    def visit_Constant(self, node): return ast.Constant(node.value * 2)
new = ast.fix_missing_locations(Rename().visit(ast.parse("a + b + 'z' * 3", mode="eval")))
print(ast.unparse(new), eval(compile(new, "<ast>", "eval"), {"A": "1", "B": "2"}))
print(
    [type(n).__name__ for n in ast.walk(ast.parse("x.y(1)"))], ast.get_docstring(ast.parse("'doc'")),
    ast.get_source_segment("a + bc", ast.parse("a + bc").body[0].value.right),
    list(ast.iter_fields(ast.Name("n", ast.Load()))), ast.Constant(5), ast.BinOp._fields, ast.Name.__doc__,
    ast.compare(tree, tree),
)
attempt(compile, ast.Module([ast.Expr(ast.Name("x", ast.Store()))], []), "f", "exec")
attempt(compile, ast.Expression(ast.Constant([])), "f", "eval")
attempt(compile, ast.Module(), "f", "eval")
attempt(lambda: ast.Name(1, 2, 3))
attempt(lambda: ast.Name("x").ctx)
for t in tokenize.generate_tokens(io.StringIO("if x1:\n    y = f'a{b:>3}' # c\nz = 0x1F+1.5e3\n").readline):
    print(tokenize.tok_name[t.exact_type], repr(t.string), t.start, t.end)
attempt(lambda: list(tokenize.generate_tokens(io.StringIO("(1").readline)))
attempt(lambda: list(tokenize.generate_tokens(io.StringIO("'''x").readline)))
print(
    tokenize.untokenize(tokenize.generate_tokens(io.StringIO("a  =  1\n").readline)),
    tokenize.detect_encoding(io.BytesIO(b"# coding: latin-1\n").readline), token.NAME, keyword.iskeyword("match"),
    keyword.issoftkeyword("match"), len(keyword.kwlist),
)
top = symtable.symtable(
    "def f(a):\n  global g\n  b = a\n  def h(): nonlocal b; return b + c\nclass K[T]: x = 1\n", "<s>", "exec",
)
f = next(c for c in top.get_children() if c.get_name() == "f" and isinstance(c, symtable.Function))
print(
    top.get_type(), sorted(top.get_identifiers()), f.get_name(), f.get_parameters(), f.get_locals(),
    f.get_globals(),
    [(x.get_name(), x.is_parameter(), x.is_free(), x.is_local(), x.is_global(), x.is_assigned()) for x in f.get_symbols()],
    [c.get_frees() for c in f.get_children() if isinstance(c, symtable.Function)], f.is_nested(), f.has_children(), top.lookup("K").is_namespace(),
    [c.get_type() for c in top.get_children()],
)
