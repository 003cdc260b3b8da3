"""Structures nested very deeply, through every operation that recurses. usage: deep.py SEED CASES [TEXT in names]"""
import sys

N = 100000
PRELUDE = f"""
N = {N}
def attempt(f):
    try:
        f()
    except Exception:
        pass
"""
NEST = {
'list':'x=[]\nfor i in range(N): x=[x]',
'tuple':'x=()\nfor i in range(N): x=(x,)',
'dict':'x={}\nfor i in range(N): x={1:x}',
'frozenset':'x=frozenset()\nfor i in range(3000): x=frozenset([x])',
'deque':'import collections\nx=collections.deque()\nfor i in range(N): x=collections.deque([x])',
'od':'import collections\nx=collections.OrderedDict()\nfor i in range(N): x=collections.OrderedDict(a=x)',
'partial':'import functools\nx=print\nfor i in range(N): x=functools.partial(dict(a=1).get, x)',
'partialchain':'import functools\nclass P(functools.partial): pass\nx=print\nfor i in range(N): x=P(x); x.k=1',
'exc':'x=None\nfor i in range(N):\n e=ValueError(i); e.__context__=x; x=e',
'exccause':'x=None\nfor i in range(N):\n e=ValueError(i); e.__cause__=x; x=e',
'excargs':'x=None\nfor i in range(N): x=ValueError(x)',
'group':'x=ValueError()\nfor i in range(N): x=ExceptionGroup("a",[x])',
'inst':'class A: pass\nx=None\nfor i in range(N):\n a=A(); a.n=x; x=a',
'slots':'class A: __slots__=("n",)\nx=None\nfor i in range(N):\n a=A(); a.n=x; x=a',
'del':'class A:\n def __del__(self): pass\nx=None\nfor i in range(N):\n a=A(); a.n=x; x=a',
'gen':'def g(y):\n yield y\n yield 2\nx=None\nfor i in range(N): x=g(x); next(x)',
'genexpr':'x=iter([])\nfor i in range(N): x=(j for j in x)',
'yieldfrom':'def g(y):\n yield from y\nx=iter([1,2])\nfor i in range(N): x=g(x)',
'coro':'async def g(y):\n await y\nx=None\nfor i in range(N):\n  x=g(x)\nimport warnings; warnings.simplefilter("ignore")',
'map':'x=iter([])\nfor i in range(N): x=map(abs,x)',
'filter':'x=iter([])\nfor i in range(N): x=filter(None,x)',
'zip':'x=iter([])\nfor i in range(N): x=zip(x)',
'enumerate':'x=iter([])\nfor i in range(N): x=enumerate(x)',
'chain':'import itertools\nx=iter([])\nfor i in range(N): x=itertools.chain(x)',
'cycle':'import itertools\nx=iter([])\nfor i in range(N): x=itertools.cycle(x)',
'tee':'import itertools\nx=iter([])\nfor i in range(N): x=itertools.tee(x)[0]',
'islice':'import itertools\nx=iter([])\nfor i in range(N): x=itertools.islice(x,5)',
'groupby':'import itertools\nx=iter([])\nfor i in range(N): x=itertools.groupby(x)',
'accumulate':'import itertools\nx=iter([])\nfor i in range(N): x=itertools.accumulate(x)',
'pairwise':'import itertools\nx=iter([])\nfor i in range(N): x=itertools.pairwise(x)',
'batched':'import itertools\nx=iter([])\nfor i in range(N): x=itertools.batched(x,2)',
'starmap':'import itertools\nx=iter([])\nfor i in range(N): x=itertools.starmap(max,x)',
'compress':'import itertools\nx=iter([])\nfor i in range(N): x=itertools.compress(x,x)',
'reversed':'class R(list):\n pass\nx=[]\nfor i in range(N): x=reversed([x])',
'itercall':'x=None\nfor i in range(N): x=iter(lambda y=x:1, 1)',
'method':'import types\nx=None\nfor i in range(N): x=types.MethodType(print,x or 1)',
'builtin_method':'x=[]\nfor i in range(N): x=[x].append',
'closure':'def f(x): return lambda: x\nx=None\nfor i in range(N): x=f(x)',
'funcdef':'x=None\nfor i in range(N):\n def f(a=x): pass\n x=f',
'union':'x=int\nfor i in range(3000): x=list[x]|int',
'alias':'x=int\nfor i in range(N): x=list[x]',
'proxy':'import types\nx={}\nfor i in range(N): x=types.MappingProxyType({1:x})',
'slice':'x=None\nfor i in range(N): x=slice(x)',
'property':'x=None\nfor i in range(N): x=property(x)',
'classmethod':'x=None\nfor i in range(N): x=classmethod(x)',
'staticmethod':'x=None\nfor i in range(N): x=staticmethod(x)',
'super':'x=None\nclass A: pass\nfor i in range(2000):\n a=A(); a.x=super(A,a); a.y=x; x=a',
'cell':'import types\nx=None\nfor i in range(N): x=types.CellType(x)',
'ns':'import types\nx=None\nfor i in range(N): x=types.SimpleNamespace(a=x)',
'weak':'import weakref\nx=None\nclass A: pass\nk=[]\nfor i in range(20000):\n a=A();k.append(a); x=weakref.ref(a, lambda r,x=x: None)',
'traceback':'import types\nx=None\ndef f():\n import sys\n return sys._getframe()\nfr=f()\nfor i in range(N): x=types.TracebackType(x,fr,1,1)',
'frame':'import sys\ndef f(x):\n return sys._getframe()\nx=None\nfor i in range(N): x=f(x)',
'lru':'import functools\nx=print\nfor i in range(20000): x=functools.lru_cache(x)',
'memoryview':'x=memoryview(b"a")\nfor i in range(N): x=memoryview(x)',
'elem':'import xml.etree.ElementTree as E\nx=E.Element("a")\nfor i in range(N):\n y=E.Element("b"); y.append(x); x=y',
'ast':'import ast\nx=ast.Constant(1)\nfor i in range(N): x=ast.UnaryOp(ast.USub(),x)',
'ctx':'import contextvars\nv=contextvars.ContextVar("a")\nx=None\nfor i in range(20000):\n v.set(x); x=contextvars.copy_context()',
'code':'x=(lambda:0).__code__\nfor i in range(20000): x=x.replace(co_consts=(x,))',
'bufreader':'import io\nx=io.BytesIO(b"abc")\nfor i in range(1000):\n x=io.BufferedReader(x)',
'attrgetter':'import operator\nx=None\nfor i in range(N): x=operator.methodcaller("a",x)',
'structseq':'import time\nx=None\nfor i in range(N): x=time.struct_time((x,)+(0,)*8)',
'template':'x=1\nfor i in range(N): x=t"{x}"',
'typealias':'x=int\nfor i in range(2000):\n type A[T]=x\n x=A',
'defaultdict':'import collections\nx=None\nfor i in range(N): x=collections.defaultdict(None,{1:x})',
'counteritem':'x={}\nfor i in range(N): x={1:x}.items()',
'dictiter':'x={}\nfor i in range(N): x=iter({1:x}.values())',
'setiter':'x=iter(set())\nfor i in range(N): x=iter({x})',
'excgroupnotes':'x=None\nfor i in range(N):\n e=ValueError(); e.__notes__=[x]; x=e',
}
# What is done to each; BUILD makes another one.
OPERATIONS = {
'del':'del x',
'repr':'attempt(lambda: repr(x))',
'eq':'y=x\nENV=dict(globals())\nexec(BUILD,ENV)\nattempt(lambda: ENV["x"]==x)',
'lt':'ENV=dict(globals())\nexec(BUILD,ENV)\nattempt(lambda: ENV["x"]<x)',
'hash':'attempt(lambda: hash(x))',
'pickle':'import pickle\nattempt(lambda: pickle.dumps(x))\nattempt(lambda: pickle.dumps(x,0))',
'json':'import json\nattempt(lambda: json.dumps(x))',
'marshal':'import marshal\nattempt(lambda: marshal.dumps(x))',
'deepcopy':'import copy\nattempt(lambda: copy.deepcopy(x))',
'copy':'import copy\nattempt(lambda: copy.copy(x))',
'isinstance':'attempt(lambda: isinstance(1,x))\nattempt(lambda: issubclass(int,x))',
'next':'attempt(lambda: next(x))\nattempt(lambda: list(x))',
'call':'attempt(lambda: x())',
'str':'attempt(lambda: str(x))\nattempt(lambda: format(x))\nattempt(lambda: "%s"%x)',
'gc':'import gc\ngc.collect()\ndel x\ngc.collect()',
'cyc':'import gc\nc=[x]; c.append(c); del x,c\ngc.collect()',
'params':'attempt(lambda: x.__parameters__)\nattempt(lambda: x.__args__)\nattempt(lambda: x|None)\nattempt(lambda: x[int])',
'print':'import traceback\nattempt(lambda: traceback.format_exception(x))',
'raise':'import sys\nattempt(lambda: sys.excepthook(type(x),x,None))',
'split':'attempt(lambda: x.split(ValueError))\nattempt(lambda: x.subgroup(lambda e: False))',
'close':'attempt(lambda: x.close())',
'throw':'attempt(lambda: x.throw(ValueError))',
'send':'attempt(lambda: x.send(None))',
'reduce':'attempt(lambda: x.__reduce_ex__(2))',
'compile':'import ast\nattempt(lambda: compile(ast.Expression(x),"a","eval"))\nattempt(lambda: ast.dump(x))\nattempt(lambda: ast.unparse(x))\nattempt(lambda: ast.literal_eval(x))',
'sizeof':'import sys\nattempt(lambda: sys.getsizeof(x))',
'tostring':'import xml.etree.ElementTree as E\nattempt(lambda: E.tostring(x))\nattempt(lambda: list(x.iter()))\nattempt(lambda: x.find(".//q"))',
'len':'attempt(lambda: len(x))\nattempt(lambda: bool(x))\nattempt(lambda: x.__length_hint__())',
'getattr':'attempt(lambda: x.zzz)\nattempt(lambda: dir(x))\nattempt(lambda: x.__doc__)\nattempt(lambda: x.__isabstractmethod__)\nattempt(lambda: x.__wrapped__)',
'read':'attempt(lambda: x.read(1))\nattempt(lambda: x.seek(0))\nattempt(lambda: x.name)',
}
# Operations that only some structures have.
ONLY = {
    "compile": ["ast"],
    "tostring": ["elem"],
    "read": ["bufreader"],
    "split": ["group"],
    "print": ["exc", "exccause", "excargs", "group", "excgroupnotes"],
    "raise": ["exc", "exccause", "excargs", "group", "excgroupnotes"],
}


class Null:
    def write(self, text):
        pass

    flush = close = lambda self: None


def main():
    wanted = sys.argv[3] if len(sys.argv) > 3 else ""
    out = sys.stdout
    sys.stderr, real = Null(), sys.stderr
    for name, build in NEST.items():
        for operation, source in OPERATIONS.items():
            if name not in ONLY.get(operation, [name]) or wanted not in f"{name}.{operation}":
                continue
            print(f"{name}.{operation}", file=out, flush=True)
            exec(f"{PRELUDE}{build}\nBUILD = {build!r}\n{source}\n", {})
    sys.stderr = real
    print("end", file=out)


main()
