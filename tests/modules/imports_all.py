"""Every module that Krait promises imports; what it calls itself and whether it came from the library or is built in."""
import importlib
import sys

NAMES = """
abc argparse array ast asyncio base64 bisect calendar cmath codecs collections configparser contextlib copy csv
dataclasses datetime decimal difflib dis enum errno fnmatch fractions functools gc glob hashlib heapq html importlib
inspect io itertools json keyword linecache locale logging marshal math mimetypes numbers opcode operator os pathlib
pickle pkgutil platform posixpath pprint queue random re reprlib runpy sched secrets select selectors shlex shutil
signal site socket socketserver http.server stat statistics string struct subprocess sys sysconfig tempfile textwrap
threading time timeit token tokenize tomllib traceback types typing unicodedata unittest urllib.parse uuid warnings
weakref zipfile zipimport zlib zoneinfo
""".split()

for name in NAMES:
    try:
        module = importlib.import_module(name)
    except Exception as error:
        print(name, type(error).__name__, error)
        continue
    file = getattr(module, "__file__", None)
    assert sys.modules[name] is module
    print(name, module.__name__, module.__spec__ is not None and module.__spec__.name, bool(module.__doc__) or "no doc")
    public = getattr(module, "__all__", None)
    if public is not None:
        missing = [n for n in public if not hasattr(module, n)]
        if missing:
            print("    missing:", missing)
