"""Compiled files in the three forms of PEP 552: which are believed, which are made anew, and where they go."""
import importlib.util
import os
import py_compile
import subprocess
import sys

ENVIRONMENT = {k: v for k, v in os.environ.items() if k not in ("PYTHONDONTWRITEBYTECODE", "PYTHONPYCACHEPREFIX")}
CACHED = importlib.util.cache_from_source("mod.py")
MODES = {"timestamp": py_compile.PycInvalidationMode.TIMESTAMP,
         "checked": py_compile.PycInvalidationMode.CHECKED_HASH,
         "unchecked": py_compile.PycInvalidationMode.UNCHECKED_HASH}


def write(text):
    with open("mod.py", "w") as f:
        f.write(text)
    os.utime("mod.py", (1_000_000_000, 1_000_000_000))


def value(*options, **env):
    run = subprocess.run([sys.executable, *options, "-c", "import sys; sys.path.insert(0, '.'); import mod; print(mod.x)"],
                         capture_output=True, text=True, env={**ENVIRONMENT, **env})
    return run.stdout.strip() or run.stderr.splitlines()[-1]


def header():
    if not os.path.exists(CACHED):
        return "no file"
    with open(CACHED, "rb") as f:
        data = f.read(16)
    return f"{data[:4].hex()} flags {int.from_bytes(data[4:8], 'little')}"


for name, mode in MODES.items():
    for change in ("x = 1\n", "x = 2\n", "x = 22\n"):
        write("x = 1\n")
        py_compile.compile("mod.py", invalidation_mode=mode, doraise=True)
        write(change)
        for check in ("default", "always", "never"):
            print(name, repr(change), check, value("--check-hash-based-pycs", check, "-B"), header())
        print(name, repr(change), "written", value(), header(), value())

print("-- no writing")
os.remove(CACHED)
write("x = 3\n")
print(value("-B"), header(), value(PYTHONDONTWRITEBYTECODE="1"), header(), value(), header())
print("-- prefix")
os.remove(CACHED)
prefix = os.path.abspath("elsewhere")
print(value(PYTHONPYCACHEPREFIX=prefix), header(), value("-X", f"pycache_prefix={prefix}"))
print([name for _, _, names in os.walk(prefix) for name in names if name.startswith("mod.")] == [os.path.basename(CACHED)])
print("-- optimized")
for option in ("-O", "-OO"):
    print(value(option), sorted(os.listdir("__pycache__")) == sorted(os.path.basename(importlib.util.cache_from_source(
        "mod.py", optimization=o)) for o in (["1"] if option == "-O" else ["1", "2"])))
print("-- a folder stands in the way")
for name in os.listdir("__pycache__"):
    os.remove(os.path.join("__pycache__", name))
os.rmdir("__pycache__")
with open("__pycache__", "w"):
    pass
print(value())
os.remove("__pycache__")
print("-- nothing is left of the writing")
print(value(), sorted(os.listdir("__pycache__")) == [os.path.basename(CACHED)])
print("-- compileall")
os.mkdir("package")
for i in range(6):
    with open(f"package/m{i}.py", "w") as f:
        f.write(f"x = {i}\n" if i != 4 else "x = = 4\n")
for options in (["-q"], ["-q", "-j", "2"], ["-qq", "-f"], ["-q", "--invalidation-mode", "checked-hash", "-f"]):
    run = subprocess.run([sys.executable, "-m", "compileall", *options, "package"], capture_output=True, text=True,
                         env=ENVIRONMENT)
    print(options, run.returncode, run.stdout.splitlines(), len(os.listdir("package/__pycache__")))
print("-- py_compile")
run = subprocess.run([sys.executable, "-m", "py_compile", "package/m4.py", "package/m1.py"], capture_output=True, text=True,
                     env=ENVIRONMENT)
print(run.returncode, run.stdout, run.stderr)
