"""Runaway recursion through every kind of call, and deep structures: RecursionError and never a crash."""
import subprocess
import sys


def krait(*args, stdin=b"", **options):
    result = subprocess.run([sys.executable, *args], input=stdin, capture_output=True, timeout=120, **options)
    error = result.stderr.decode("utf-8", "backslashreplace").replace(sys.executable, "PROG")
    error = [line[:150] for line in error.replace(sys.implementation.cache_tag, "TAG").splitlines()]
    return result.returncode, result.stdout[-200:], error[-1:] if len(error) > 6 else error


for title, code in [
    ("function", "def f(): f()\nf()"),
    ("mutual", "def f(): g()\ndef g(): f()\nf()"),
    ("method", "class A:\n def f(self): self.f()\nA().f()"),
    ("repr", "class A:\n def __repr__(self): return repr(self)\nrepr(A())"),
    ("str of list", "x = []\nfor _ in range(100000): x = [x]\nrepr(x)"),
    ("eq", "class A:\n def __eq__(self, o): return self == o\nA() == A()"),
    ("hash", "class A:\n def __hash__(self): return hash(self)\nhash(A())"),
    ("getattr", "class A:\n def __getattr__(self, n): return self.x\nA().y"),
    ("getattribute", "class A:\n def __getattribute__(self, n): return self.x\nA().y"),
    ("setattr", "class A:\n def __setattr__(self, n, v): self.x = v\nA().y = 1"),
    ("call", "class A:\n def __call__(self): self()\nA()()"),
    ("property", "class A:\n @property\n def p(self): return self.p\nA().p"),
    ("len", "class A:\n def __len__(self): return len(self)\nlen(A())"),
    ("iter", "class A:\n def __iter__(self): return iter(self)\niter(A())"),
    ("add", "class A:\n def __add__(self, o): return self + o\nA() + 1"),
    ("lt in sort", "class A:\n def __lt__(self, o): return sorted([self, o])\nsorted([A(), A()])"),
    ("key", "def k(x): return sorted([x], key=k)\nk(1)"),
    ("map", "def f(x): return list(map(f, [x]))\nf(1)"),
    ("generator", "def g(): yield from g()\nlist(g())"),
    ("comprehension", "f = lambda: [f() for _ in (1,)]\nf()"),
    ("init", "class A:\n def __init__(self): A()\nA()"),
    ("new", "class A:\n def __new__(cls): return cls()\nA()"),
    ("metaclass", "class M(type):\n def __call__(c): return c()\nclass A(metaclass=M): pass\nA()"),
    ("bool", "class A:\n def __bool__(self): return bool(self)\nbool(A())"),
    ("contains", "class A:\n def __contains__(self, x): return x in self\n1 in A()"),
    ("format", "class A:\n def __format__(self, s): return f'{self}'\nf'{A()}'"),
    ("instancecheck", "class M(type):\n def __instancecheck__(c, o): return isinstance(o, c)\nclass A(metaclass=M): pass\nisinstance(1, A)"),
    ("missing", "class D(dict):\n def __missing__(self, k): return self[k]\nD()[1]"),
    ("del", "class A:\n def __del__(self): A()\nimport sys\nsys.unraisablehook = lambda u: None\nprint('skipped')"),
    ("exec", "s = 'exec(s)'\nexec(s)"),
    ("eval", "s = 'eval(s)'\neval(s)"),
    ("import hook", "import sys\nclass F:\n def find_spec(self, *a): import nope\nsys.meta_path.insert(0, F())\nimport nope"),
    ("partial", "import functools\nf = lambda: p()\np = functools.partial(f)\np()"),
    ("deepcopy", "import copy\nx = []\nfor _ in range(100000): x = [x]\ncopy.deepcopy(x)"),
    ("pickle", "import pickle\nx = []\nfor _ in range(100000): x = [x]\npickle.dumps(x)"),
    ("json", "import json\nx = []\nfor _ in range(100000): x = [x]\njson.dumps(x)"),
    ("json loads", "import json\njson.loads('[' * 100000)"),
    ("compare", "x = []\ny = []\nfor _ in range(100000): x = [x]; y = [y]\nx == y"),
    ("hash tuple", "x = ()\nfor _ in range(100000): x = (x,)\nhash(x)"),
    ("ast", "import ast\nast.parse('-' * 100000 + '1')"),
    ("literal_eval", "import ast\nast.literal_eval('(' * 100000)"),
    ("isinstance tuple", "t = int\nfor _ in range(100000): t = (t,)\nisinstance('', t)"),
    ("regex", "import re\nprint(re.match('(a|b)*c', 'ab' * 100000))"),
    ("regex nest", "import re\nre.compile('(' * 10000 + ')' * 10000)"),
    ("except handler", "def f():\n try: f()\n except RecursionError: raise ValueError from None\nf()"),
    ("thread", "import threading\ndef f(): f()\nt = threading.Thread(target=f)\nt.start()\nt.join()\nprint('joined')"),
    ("str.format", "x = '{' * 1000\nx.format()"),
    ("union", "t = int\nfor i in range(1000): t = t | type(str(i), (), {})\nprint(len(t.__args__))"),
    ("super", "class A:\n def f(self): super(A, self).__getattribute__('f')()\nA().f()"),
]:
    code, out, error = krait("-c", code)
    # How deep it got, and how it is put, differs with the size of frames: only what is raised counts.
    print(title, code, out, [line.partition(":")[0] for line in error[-1:]], flush=True)
