"""Compiled files that are damaged, cannot be written, or are written by several at once."""
import importlib.util
import marshal
import os
import py_compile
import subprocess
import sys

ENVIRONMENT = {k: v for k, v in os.environ.items() if k not in ("PYTHONDONTWRITEBYTECODE", "PYTHONPYCACHEPREFIX")}
CACHED = importlib.util.cache_from_source("mod.py")
SOURCE = "def f(a, b=(1, 2.5, 'x')):\n    return [a, *b]\nx = f(None)\n"


def write():
    with open("mod.py", "w") as f:
        f.write(SOURCE)
    os.utime("mod.py", (1_000_000_000, 1_000_000_000))
    py_compile.compile("mod.py", doraise=True)
    with open(CACHED, "rb") as f:
        return f.read()


def value():
    run = subprocess.run([sys.executable, "-c", "import sys; sys.path.insert(0, '.'); import mod; print(mod.x)"],
                         capture_output=True, text=True, env=ENVIRONMENT)
    text = run.stdout.strip() or run.stderr.splitlines()[-1]
    return run.returncode, text.replace(sys.implementation.cache_tag, "TAG")


def intact():
    with open(CACHED, "rb") as f:
        data = f.read()
    try:
        return data[:16] == good[:16] and marshal.loads(data[16:]) == marshal.loads(good[16:])
    except (EOFError, ValueError, TypeError):
        return False


good = write()
for name, data in {"empty": b"", "4 bytes": good[:4], "15 bytes": good[:15], "header only": good[:16],
                   "half": good[:len(good) // 2], "one byte less": good[:-1], "more": good + b"more",
                   "magic": b"\0\0\r\n" + good[4:], "flags": good[:4] + b"\4\0\0\0" + good[8:],
                   "time": good[:8] + b"\0\0\0\0" + good[12:], "size": good[:12] + b"\0\0\0\0" + good[16:],
                   "no code": good[:16] + b"N", "unknown type": good[:16] + b"\x7f" + good[17:],
                   "bad reference": good[:16] + b"r\xff\0\0\0", "a list": good[:16] + b"[\0\0\0\0",
                   "null": good[:16] + b"0", "text": b"x = 1\n"}.items():
    with open(CACHED, "wb") as f:
        f.write(data)
    print(name, value(), "good now" if intact() else "still damaged")

print("-- without its source")
os.remove("mod.py")
for name, data in {"good": good, "half": good[:len(good) // 2], "magic": b"\0\0\r\n" + good[4:], "short": good[:10]}.items():
    with open("mod.pyc", "wb") as f:
        f.write(data)
    print(name, value())
os.remove("mod.pyc")

print("-- a folder that cannot be written")
write()
os.remove(CACHED)
os.chmod("__pycache__", 0o555)
print(value())
os.chmod("__pycache__", 0o755)

print("-- written by many at once")
runs = [subprocess.Popen([sys.executable, "-c", "import sys; sys.path.insert(0, '.'); import mod; print(mod.x)"],
                         stdout=subprocess.PIPE, text=True, env=ENVIRONMENT) for _ in range(4)]
print({run.communicate()[0] for run in runs}, intact(),
      os.listdir("__pycache__") == [os.path.basename(CACHED)])
