"""Import machinery: packages made here, relative imports, reload, hooks, namespace packages, zips, errors."""
import importlib
import importlib.util
import os
import sys
import zipfile

def attempt(f, *args, **kwargs):
    try:
        print(repr(f(*args, **kwargs)))
    except BaseException as error:
        print(type(error).__name__, error, sep=": ")


def write(path, text):
    os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
    with open(path, "w") as f:
        f.write(text)


write(
    "pkg/__init__.py",
    "print('init pkg', __name__, __package__)\n__all__ = ['shown', 'sub']\nshown = 1\nhidden = 2\n_private = 3\n",
)
write("pkg/sub/__init__.py", "from .. import shown\nfrom . import leaf\nvalue = shown + leaf.N\n")
write("pkg/sub/leaf.py", "N = 41\nfrom .. import hidden as up\n")
write("pkg/main.py", "import sys\nif __name__ == '__main__': print('main of', __package__, sys.argv[1:])\n")
write("pkg/__main__.py", "print('package main', __name__, __spec__.name)\n")
write("pkg/too_far.py", "from .... import x\n")
write("broken_syntax.py", "x = 1\ndef f(:\n    pass\n")
write("broken_run.py", "ok = 1\nraise ValueError('while importing')\n")
write("circular_a.py", "import circular_b\nfrom circular_b import late\nname = 'a'\n")
write("circular_b.py", "import circular_a\nlate = 'late'\nfrom circular_a import name\n")
write("ns1/space/one.py", "X = 1\n")
write("ns2/space/two.py", "Y = 2\n")
write("counter.py", "count = globals().get('count', 0) + 1\n")
write(
    "lazy.py",
    "def __getattr__(name):\n    if name.startswith('dyn_'): return name[4:]\n    raise AttributeError(f'no {name} here')\ndef __dir__(): return ['dyn_x']\n",
)
write("star.py", "__all__ = ['missing']\n")
sys.path.insert(0, os.getcwd())
importlib.invalidate_caches()

import pkg.sub.leaf as leaf
print(
    leaf.N, leaf.up, leaf.__name__, leaf.__package__, sys.modules["pkg.sub"].value, leaf.__spec__.parent,
    os.path.basename(leaf.__file__), leaf.__spec__.origin == leaf.__file__,
)
import pkg
print(
    pkg.__path__ == [os.path.join(os.getcwd(), "pkg")], pkg.__spec__.submodule_search_locations == pkg.__path__,
    "leaf" in vars(pkg.sub), repr(pkg.__loader__.__class__.__name__),
)
namespace = {}
exec("from pkg import *", namespace)
print(sorted(k for k in namespace if k != "__builtins__"))
attempt(exec, "from pkg import nothing")
attempt(exec, "from pkg.sub import *; print(sorted(k for k in dir() if k[0] != '_'))", {})
attempt(exec, "import pkg.absent")
attempt(exec, "import pkg.main.deeper")
attempt(exec, "import absent_top")
attempt(exec, "import pkg.too_far")
attempt(exec, "import broken_syntax")
attempt(exec, "import broken_run")
print("broken_run" in sys.modules)
attempt(exec, "import circular_a")
attempt(exec, "from star import *")
attempt(exec, "from . import x", {"__name__": "top", "__package__": ""})
attempt(exec, "from . import x", {"__package__": "no_such_parent"})
attempt(exec, "from .x import y", {})
attempt(importlib.import_module, ".leaf")
print(
    importlib.import_module(".leaf", "pkg.sub") is leaf, importlib.util.resolve_name("..x", "a.b"),
    importlib.util.find_spec("absent_top"),
)

sys.path += ["ns1", "ns2"]
import space.one, space.two
print(
    space.one.X + space.two.Y, space.__file__ if hasattr(space, "__file__") else "no file", list(space.__path__),
    type(space.__path__).__name__, space.__spec__.origin, repr(space)[:20],
)

import counter
print(counter.count, importlib.reload(counter).count, importlib.reload(counter) is counter)
attempt(importlib.reload, "counter")
del sys.modules["counter"]
attempt(importlib.reload, counter)
import lazy
print(lazy.dyn_abc, dir(lazy))
attempt(lambda: lazy.other)
from lazy import dyn_from
print(dyn_from)
attempt(exec, "from lazy import nope")
sys.modules["blocked"] = None
attempt(exec, "import blocked")
sys.modules["odd"] = "a string"
import odd
print(odd)


class Finder:
    @classmethod
    def find_spec(cls, name, path, target=None):
        if name.startswith("virtual"):
            print("finder asked", name, path)
            return importlib.util.spec_from_loader(name, cls())
    def create_module(self, spec): return None
    def exec_module(self, module): module.answer = f"made {module.__name__}"


sys.meta_path.insert(0, Finder)
import virtual_one
print(virtual_one.answer, repr(virtual_one).split(" (")[0])
sys.meta_path.remove(Finder)
with zipfile.ZipFile("lib.zip", "w") as z:
    z.writestr("zmod.py", "def where(): return __file__\nDATA = 7\n")
    z.writestr("zpkg/__init__.py", "from .inner import Z\n")
    z.writestr("zpkg/inner.py", "Z = 'zipped'\n")
sys.path.append("lib.zip")
import zmod, zpkg
print(
    zmod.DATA, zmod.where(), zpkg.Z, type(zmod.__loader__).__name__, zmod.__loader__.get_source("zmod").count("\n"),
)

spec = importlib.util.spec_from_file_location("by_path", "ns1/space/one.py")
module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)
print(module.X, module.__name__, "by_path" in sys.modules, spec.has_location)
import types
made = types.ModuleType("made", "its doc")
print(made, made.__doc__, made.__dict__.keys(), made.__spec__)
attempt(lambda: made.nothing)
attempt(types.ModuleType)
print(__name__, __package__, __spec__, sys.modules["__main__"].__file__ == __file__)
import runpy
print(
    sorted(k for k in runpy.run_path("ns2/space/two.py") if k[0] != "_"),
    runpy.run_module("pkg.main", run_name="x")["__name__"],
)
runpy.run_module("pkg", run_name="__main__", alter_sys=True)
old = __import__
import builtins
def spy(name, globals=None, locals=None, fromlist=(), level=0):
    if name == "spied": return types.SimpleNamespace(thing=f"{fromlist} {level}")
    return old(name, globals, locals, fromlist, level)
builtins.__import__ = spy
from spied import thing
builtins.__import__ = old
print(thing, __import__("pkg.sub").__name__, __import__("pkg.sub", fromlist=["x"]).__name__)
attempt(__import__, "")
attempt(__import__, 5)
attempt(__import__, "x", level=-1)
import broken_run
