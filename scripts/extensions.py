#!/usr/bin/env python3
"""Compiled packages of PyPI, unmodified: fetches their wheels for CPython 3.14 (or abi3), then runs tests/extensions/use_NAME.py
of each on the oracle and on Krait and compares the output. --own runs the tests that a package ships, on Krait.

usage: scripts/extensions.py [--python PATH] [--own] [--timeout S] [NAME ...]      closes with 'N passed, N failed'
"""
import argparse
import difflib
import os
import pathlib
import subprocess
import sys
import zipfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
DEPS = pathlib.Path(os.environ.get("DEPS") or ROOT / "build/deps")
FOLDER = ROOT / "build/extensions"
# The name of the test, and what it wants from the index.
PACKAGES = {
    "markupsafe": ["markupsafe"], "ujson": ["ujson"], "msgpack": ["msgpack"], "multidict": ["multidict"],
    "frozenlist": ["frozenlist"], "yarl": ["yarl", "multidict", "propcache", "idna"], "psutil": ["psutil"], "regex": ["regex"],
    "pyyaml": ["pyyaml"], "lxml": ["lxml"], "rpds": ["rpds-py"], "cffi": ["cffi", "pycparser"], "orjson": ["orjson"],
    "wrapt": ["wrapt"], "numpy": ["numpy"], "greenlet": ["greenlet"], "cryptography": ["cryptography", "cffi", "pycparser"],
    "pydantic_core": ["pydantic-core", "typing_extensions"], "pillow": ["pillow"], "protobuf": ["protobuf"],
    "grpcio": ["grpcio", "typing_extensions"], "tokenizers": ["tokenizers"], "scipy": ["scipy", "numpy"],
    "pandas": ["pandas", "numpy", "python-dateutil", "six", "tzdata"], "msgspec": ["msgspec"],
    "black": ["black", "click", "mypy_extensions", "packaging", "pathspec", "platformdirs", "pytokens"],
    "gevent": ["gevent", "greenlet", "zope.interface", "zope.event"], "sqlalchemy": ["sqlalchemy", "typing_extensions"],
    "pyarrow": ["pyarrow", "numpy", "pandas", "python-dateutil", "six", "tzdata"], "h5py": ["h5py", "numpy"], "uvloop": ["uvloop"],
    "aiohttp": ["aiohttp", "aiosignal", "aiohappyeyeballs", "attrs", "multidict", "yarl", "propcache", "frozenlist", "idna"],
    "matplotlib": ["matplotlib", "contourpy", "cycler", "kiwisolver", "numpy", "packaging", "pillow", "pyparsing", "python-dateutil",
                   "fonttools", "six"],
    "zmq": ["pyzmq"], "tiktoken": ["tiktoken", "regex", "requests", "numpy"], "polars": ["polars", "polars-runtime-32", "numpy"],
    "duckdb": ["duckdb", "numpy"], "psycopg": ["psycopg", "psycopg-binary", "typing_extensions"], "asyncpg": ["asyncpg"],
    "mypy": ["mypy", "mypy_extensions", "typing_extensions", "pathspec", "librt", "ast-serialize"], "watchfiles": ["watchfiles", "anyio", "idna"], "numba": ["numba", "llvmlite", "numpy"],
    "many": ["lz4", "zstandard", "bcrypt", "brotli", "blake3", "cbor2", "rapidfuzz", "xxhash", "nh3", "jiter", "gmpy2", "bitarray",
             "simplejson", "kiwisolver", "shapely", "numexpr", "bottleneck", "numpy", "pynacl", "cffi", "pycparser", "coverage",
             "charset-normalizer", "httptools", "lazy-object-proxy", "pybase64", "fonttools"],
    "formats": ["pymongo", "dnspython", "hiredis", "ormsgpack", "python-rapidjson", "fastavro", "ijson", "google-crc32c", "ciso8601",
                "mmh3", "cramjam", "numcodecs", "typing_extensions", "whenever", "pendulum", "tzdata", "python-dateutil", "six",
                "safetensors", "numpy"],
    "stores": ["lmdb", "apsw", "btrees", "persistent", "zope.interface", "zope.deferredimport", "zope.proxy", "cffi", "pycparser",
               "lru-dict", "cachebox", "psycopg2-binary", "pyroaring", "marisa-trie", "pyahocorasick"],
    "structures": ["optree", "typing_extensions", "dm-tree", "absl-py", "attrs", "wrapt", "tree-sitter", "tree-sitter-python",
                   "cytoolz", "toolz", "rustworkx", "igraph", "texttable", "python-flint", "h3", "jellyfish", "levenshtein",
                   "rapidfuzz", "preshed", "cymem", "murmurhash", "ml-dtypes", "boost-histogram", "highspy", "numpy"],
    "tools": ["line-profiler", "yappi", "pyinstrument", "setproctitle", "lupa", "libcst", "pyyaml", "selectolax", "pycryptodome",
              "argon2-cffi-bindings", "cffi", "pycparser", "uharfbuzz", "dependency-injector", "zeroconf", "ifaddr", "tornado",
              "websockets"],
    "documents": ["pikepdf", "pillow", "lxml", "packaging", "pymupdf", "faiss-cpu", "ortools", "absl-py", "pandas", "protobuf",
                  "immutabledict", "typing_extensions", "python-dateutil", "six", "tzdata", "opencv-python-headless", "onnxruntime",
                  "flatbuffers", "sentencepiece", "tantivy", "pywavelets", "blosc2", "ndindex", "msgpack", "numexpr", "requests",
                  "threadpoolctl", "rich", "numpy"],
    "learning": ["scikit-learn", "scikit-image", "statsmodels", "scipy", "joblib", "threadpoolctl", "networkx", "pillow", "imageio",
                 "tifffile", "packaging", "lazy-loader", "pandas", "patsy", "python-dateutil", "six", "tzdata", "numpy", "narwhals",
                 "formulaic", "interface-meta", "typing_extensions", "wrapt", "cloudpickle"],
    "sciences": ["viztracer", "objprint", "spacy", "spacy-legacy", "spacy-loggers", "murmurhash", "cymem", "preshed", "thinc", "wasabi",
                 "srsly", "catalogue", "weasel", "confection", "typer", "click", "tqdm", "requests", "pydantic", "jinja2",
                 "setuptools", "certifi", "blis", "cloudpathlib", "smart-open", "httpx", "shellingham", "rich", "annotated-doc",
                 "charset-normalizer", "idna", "urllib3", "annotated-types", "pydantic-core", "typing_extensions",
                 "typing-inspection", "markupsafe", "markdown-it-py", "pygments", "mdurl", "anyio", "httpcore", "h11", "pyproj",
                 "cftime", "iminuit", "tables", "numexpr", "py-cpuinfo", "blosc2", "ndindex", "msgpack", "threadpoolctl", "pysam",
                 "wordcloud", "pillow", "matplotlib", "contourpy", "cycler", "fonttools", "kiwisolver", "pyparsing",
                 "python-dateutil", "six", "astropy", "astropy-iers-data", "pyerfa", "pyyaml", "packaging", "numpy", "wrapt"],
    "pyside": ["pyside6-essentials", "shiboken6"], "pygame": ["pygame-ce", "numpy"],
}
# Test modules inside the wheels, by the package that has them.
OWN = {"regex": "regex/tests", "numpy": "numpy"}
PLATFORMS = ["manylinux_2_34_x86_64", "manylinux_2_28_x86_64", "manylinux_2_27_x86_64", "manylinux_2_26_x86_64",
             "manylinux_2_24_x86_64", "manylinux_2_17_x86_64", "manylinux2014_x86_64", "any"]


def fetch(names):
    wheels, site = FOLDER / "wheels", FOLDER / "site"
    site.mkdir(parents=True, exist_ok=True)
    for name in names:
        mark = wheels / f"{name}.fetched"
        if mark.exists():
            continue
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps", "--only-binary=:all:",
                   "--python-version", "3.14", "--implementation", "cp", "--abi", "cp314", "--abi", "abi3", "--abi", "none"]
        for p in PLATFORMS:
            command += ["--platform", p]
        folder = wheels / name
        if subprocess.run([*command, "-d", folder, name]).returncode:
            print(f"{name}: no wheel")
            continue
        for wheel in folder.glob("*.whl"):
            zipfile.ZipFile(wheel).extractall(site)
        mark.touch()


def environment(extra=()):
    env = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
    return dict(env, PYTHONPATH=os.pathsep.join(map(str, [FOLDER / "site", ROOT / "tests/extensions", *extra])), PYTHONHASHSEED="0", PYTHONDONTWRITEBYTECODE="1")


def run(python, name, timeout):
    try:
        r = subprocess.run([python, "-P", ROOT / f"tests/extensions/use_{name}.py"], env=environment(), stdout=subprocess.PIPE,
                           stderr=subprocess.STDOUT, text=True, timeout=timeout)
    except subprocess.TimeoutExpired:
        return "timeout\n"
    return r.stdout + f"exit status {r.returncode}\n"


def own_tests(python, name, timeout):
    """One line a test module: pytest's last, or how it ended."""
    fetch(["pytest", "pluggy", "iniconfig", "packaging", "pygments", "hypothesis", "sortedcontainers"])
    base = FOLDER / "site" / OWN[name]
    good = bad = 0
    for path in sorted(base.rglob("test_*.py")):
        module = path.relative_to(FOLDER / "site")
        try:
            r = subprocess.run([python, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--no-header", "--tb=line", path],
                               env=environment(), cwd=FOLDER, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=timeout)
            lines = r.stdout.strip().splitlines()
            last, ok = (lines[-1] if lines else ""), r.returncode in (0, 5)
            if r.returncode < 0:
                last = f"killed by signal {-r.returncode}"
        except subprocess.TimeoutExpired:
            last, ok = "timeout", False
        good, bad = good + ok, bad + (not ok)
        print(f"{'ok  ' if ok else 'FAIL'} {module}: {last.strip('= ')}", flush=True)
    return good, bad


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--python", default=str(ROOT / "build/release/krait"))
    parser.add_argument("--own", action="store_true")
    parser.add_argument("--timeout", type=float, default=300)
    parser.add_argument("names", nargs="*")
    options = parser.parse_args()
    names = options.names or list(OWN if options.own else PACKAGES)
    fetch([p for n in names for p in PACKAGES[n]])
    passed = failed = 0
    for name in names:
        if options.own:
            good, bad = own_tests(options.python, name, options.timeout)
            passed, failed = passed + good, failed + bad
            continue
        wanted, got = run(str(DEPS / "oracle/python3.14"), name, options.timeout), run(options.python, name, options.timeout)
        same = wanted == got and wanted.endswith("exit status 0\n")
        passed, failed = passed + same, failed + (not same)
        print(f"{'ok  ' if same else 'FAIL'} {name}", flush=True)
        if not same:
            sys.stdout.writelines(difflib.unified_diff(wanted.splitlines(True), got.splitlines(True), "oracle", "krait"))
            if wanted == got:
                print(got)
    print(f"{passed} passed, {failed} failed")
    return failed != 0


sys.exit(main())
