"""Command-line options, -c, -m, standard input, environment variables, exit codes."""
import os
import re
import subprocess
import sys


def krait(*args, stdin="", env=None, cwd=None):
    result = subprocess.run(
        [sys.executable, *args], input=stdin, capture_output=True, text=True, env=os.environ | (env or {}), cwd=cwd,
        timeout=60,
    )
    text = f"{result.returncode} {result.stdout!r} {result.stderr!r}"
    # The program is named as it was called; versions and places differ.
    return re.sub(r"\bpython3?(\.\d+)?\b(?= )", "PROG", text.replace(sys.executable, "PROG"))


def show(*args, **options):
    print(*[a if len(a) < 60 else a[:57] + "..." for a in args], "->", krait(*args, **options))


FLAGS = "import sys; print(sys.flags)"
with open("script.py", "w") as f:
    f.write("import sys\nprint(sys.argv, __name__, sys.path[0] == '' or sys.path[0].count('/') > 0, __doc__)\n")
os.mkdir("folder")
with open("folder/__main__.py", "w") as f:
    f.write("print('folder main', __name__, __package__)\n")
with open("mod.py", "w") as f:
    f.write("'doc'\nimport sys\nprint('mod', sys.argv[1:], __name__, __doc__)\n")
import zipfile
with zipfile.ZipFile("app.zip", "w") as z:
    z.writestr("__main__.py", "print('from zip')")
    z.writestr("inner/deep/__main__.py", "import sys; print('from a folder in it', sys.path[0][-18:], __file__[-30:])")

show("-c", "print(1)")
show("-c", "import sys; print(sys.argv)", "-x", "y")
show("script.py", "-a", "b")
show("folder")
show("app.zip")
show("app.zip/inner/deep")
show("app.zip/inner")
show("app.zip/nowhere")
show("-m", "mod", "x", "-y")
show("-m", "nothing_such")
show("-m", "json.nothing")
show("-m", "json")
show("-m", "os.path.x")
show("-", "arg", stdin="import sys; print('stdin', sys.argv)")
show(stdin="print('piped')\nprint(__name__)")
show(stdin="1 +")
show(stdin="x = 1\nx + 1\n")
for flag in ("-B", "-E", "-I", "-O", "-OO", "-P", "-q", "-s", "-S", "-u", "-v", "-d", "-bb", "-R", "-x"):
    out = subprocess.run(
        [sys.executable, flag, "-c", FLAGS] if flag != "-x" else [sys.executable, flag, "script.py"],
        capture_output=True, text=True,
    )
    print(flag, out.returncode, out.stdout.strip(), len(out.stderr) > 0)
show("-O", "-c", "assert False; print(__debug__)")
show("-OO", "-c", "def f(): 'doc'\nprint(f.__doc__)")
show("-b", "-c", "print(b'a' == 'a', str(b'x'))")
show("-bb", "-c", "b'a' == 'a'")
show("-W", "error", "-c", "import warnings; warnings.warn('x')")
show("-W", "ignore", "-c", "import warnings; warnings.warn('x'); print('quiet')")
show("-Wnonsense", "-c", "1")
show("-W", "error::DeprecationWarning", "-c", "import sys; print(sys.warnoptions)")
for option in (
    "utf8=0", "dev", "int_max_str_digits=5000", "importtime=0", "faulthandler", "frozen_modules=off",
    "no_debug_ranges", "unknown=5", "int_max_str_digits=1", "utf8=7", "safe_path",
):
    show("-X", option, "-c", "import sys; print(sys._xoptions, sys.flags.dev_mode, sys.flags.int_max_str_digits)")
for variable, value in [
    ("PYTHONOPTIMIZE", "2"), ("PYTHONDONTWRITEBYTECODE", "1"), ("PYTHONUNBUFFERED", "x"), ("PYTHONSAFEPATH", "1"),
    ("PYTHONINTMAXSTRDIGITS", "700"), ("PYTHONNOUSERSITE", "1"), ("PYTHONHASHSEED", "0"),
    ("PYTHONWARNINGS", "error"), ("PYTHONDEVMODE", "1"), ("PYTHONUTF8", "1"), ("PYTHONHASHSEED", "bad"),
    ("PYTHONINSPECT", ""),
]:
    show("-c", FLAGS, env={variable: value})
show("-c", "print(hash('krait'), hash(b'x'), hash(1.5), hash((1, 'a')))", env={"PYTHONHASHSEED": "0"})
show("-c", "print(hash('krait'))", env={"PYTHONHASHSEED": "42"})
show("-c", "import sys; print(sys.path[0], 'extra' in sys.path[1])", env={"PYTHONPATH": "extra"})
show("-I", "-c", "import sys; print('extra' in sys.path)", env={"PYTHONPATH": "extra"})
show(
    "-c", "import sys; print(sys.stdout.encoding, sys.stdout.errors, sys.stdin.encoding)",
    env={"PYTHONIOENCODING": "latin-1:replace"},
)
print(
    krait("--version").startswith("0 'Python 3.14") or krait("--version").count("3.14"), krait("-VV").count("3.14"),
)
show("--nonsense")
show("-Z")
show("-c")
show("-m")
show("-W")
show("-X")
show("no_such_file.py")
show(".")
show("--check-hash-based-pycs", "sometimes", "-c", "1")
print(len(krait("-h")) > 500, len(krait("--help-env")) > 300, len(krait("--help-xoptions")) > 300)
show("-c", "import sys; sys.exit(300)")
show("-c", "print('a'); import os; os.close(1)")
show("-u", "-c", "import sys; sys.stdout.write('unbuffered'); import os; os._exit(0)")
show("-c", "input()", stdin="")
show("-c", "x = input('prompt> '); print(x)", stdin="line\nmore\n")
show("-c", "import sys; print(sys.stdin.readlines())", stdin="a\nb")
show("-c", "def f():\n  return 1/0\nf()")
show("-c", "\nimport sys\nsys.stderr.write('e'); sys.stdout.write('o')")
show("-c", "raise SystemExit(ValueError('as message'))")
show("-c", "class E(Exception):\n  def __str__(self): 1/0\nraise E")
show("-c", "import sys; sys.excepthook = lambda *a: print('hook', a[0].__name__); 1/0")
show("-c", "import sys; sys.excepthook = None; 1/0")
show("-c", "import threading; threading.Thread(target=print, args=('thread at exit',)).start()")
show("-c", "import atexit; atexit.register(lambda: 1/0); atexit.register(print, 'second first')")
for count in ("3", "default", "0", "many"):
    show("-X", "cpu_count=" + count, "-c", "import os; print(os.cpu_count() == 3, os.process_cpu_count() == 3)")
show("-c", "import os; print(os.cpu_count())", env={"PYTHON_CPU_COUNT": "5"})
timed = krait("-X", "importtime", "-c", "try: import nothing_such\nexcept ImportError: import keyword")
print(re.findall(r"\| *(\w+)\\n", timed)[-2:])
