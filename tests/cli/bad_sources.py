"""Sources that nest deeply, are huge, or are badly encoded: the error of the oracle and never a crash."""
import subprocess
import sys


def krait(*args, stdin=b"", **options):
    result = subprocess.run([sys.executable, *args], input=stdin, capture_output=True, timeout=120, **options)
    error = result.stderr.decode("utf-8", "backslashreplace").replace(sys.executable, "PROG")
    error = [line[:150] for line in error.replace(sys.implementation.cache_tag, "TAG").splitlines()]
    # How much stack was used is the oracle's own affair.
    error = [line.partition(":")[0] if line.startswith("RecursionError") else line for line in error]
    return result.returncode, result.stdout[-200:], error[-1:] if len(error) > 6 else error


def show(title, *args, **options):
    print(title, *krait(*args, **options))


def write(name, data):
    with open(name, "wb") as f:
        f.write(data if isinstance(data, bytes) else data.encode())
    return name


for title, source in [
    ("brackets", "(" * 100000),
    ("closed brackets", "x = " + "[" * 5000 + "]" * 5000),
    ("braces", "{" * 100000),
    ("mixed", "([{" * 1000),
    ("unary", "x = " + "-" * 100000 + "1"),
    ("nots", "x = " + "not " * 50000 + "1"),
    ("attributes", "x = a" + ".b" * 50000),
    ("calls", "x = a" + "()" * 20000),
    ("indents", "".join(" " * i + "if 1:\n" for i in range(200)) + " " * 200 + "pass\n"),
    ("powers", "x = " + "(" * 150 + "1" + ")" * 150 + "\nprint(x)"),
    ("sum", "x = " + "+".join(["1"] * 2000) + "\nprint(x)"),
    ("elifs", "x = 5\nif x == 0: pass\n" + "".join(f"elif x == {i}: pass\n" for i in range(1, 300)) + "print('elifs')"),
    ("long line", "x = '" + "a" * 1000000 + "'\nprint(len(x))"),
    ("many names", "\n".join(f"v{i} = {i}" for i in range(5000)) + "\nprint(v4999)"),
    ("many constants", "x = [" + ", ".join(f"'{i}'" for i in range(5000)) + "]\nprint(len(x))"),
    ("many arguments", "def f(" + ", ".join(f"a{i}" for i in range(1000)) + "): return a999\nprint(f(" + ", ".join("1" for _ in range(1000)) + "))"),
    ("lambdas", "x = " + "lambda: " * 90 + "1\nprint(callable(x))"),
    ("f-string nest", "f'" + "{" * 200),
    ("decorators", "@x\n" * 2000 + "def f(): pass"),
    ("huge int", "x = " + "9" * 5000),
    ("huge hex", "x = 0x" + "f" * 100000 + "\nprint(x.bit_length())"),
    ("backslashes", "\\\n" * 5000 + "print(1)"),
    ("nul", "x = 1\0\n"),
    ("nul first", "\0"),
    ("control", "x = \x01"),
    ("bom", b"\xef\xbb\xbfprint('bom')"),
    ("utf-16", "print(1)".encode("utf-16")),
    ("latin", b"x = '\xe9'\n"),
    ("cookie", b"# coding: latin-1\nprint(ascii('\xe9'))"),
    ("bad cookie", b"# coding: nonsense\n"),
    ("bom and cookie", b"\xef\xbb\xbf# coding: latin-1\n"),
    ("bad utf-8 in comment", b"# \xff\nprint(1)"),
    ("tabs", "if 1:\n\tx = 1\n        y = 2\n"),
    ("dedent", "if 1:\n    x\n  y\n"),
    ("no newline", "print('no newline')"),
    ("carriage returns", "print(1)\rprint(2)\r\nprint(3)"),
    ("form feed", "\x0cprint(1)"),
    ("only comment", "# nothing"),
    ("empty", ""),
    ("unterminated", "x = '''abc\n" * 3),
    ("string", "x = 'abc\n"),
    ("line continuation", "x = 1 \\"),
    ("unicode", "ｘ = 1; print(x)"),
    ("bad character", "x = 1 € 2"),
    ("invisible", "x\u200b = 1"),
    ("quotes", "x = “a”"),
]:
    show(title, write("source.py", source))
