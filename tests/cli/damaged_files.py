"""Files that are no programs, and damaged caches: what the oracle says, and never a crash."""
import os
import py_compile
import subprocess
import sys


def krait(*args, stdin=b"", **options):
    result = subprocess.run([sys.executable, *args], input=stdin, capture_output=True, timeout=120, **options)
    error = result.stderr.decode("utf-8", "backslashreplace").replace(sys.executable, "PROG")
    error = [line[:150] for line in error.replace(sys.implementation.cache_tag, "TAG").splitlines()]
    return result.returncode, result.stdout[-200:], error[-1:] if len(error) > 6 else error


def show(title, *args, **options):
    print(title, *krait(*args, **options))


def write(name, data):
    with open(name, "wb") as f:
        f.write(data if isinstance(data, bytes) else data.encode())
    return name


os.mkdir("folder")
os.mkdir("pkg")
write("pkg/__init__.py", "")
show("folder", "folder")
show("package", "-m", "pkg")
show("missing", "missing.py")
show("zip", write("broken.zip", b"PK\x03\x04 garbage"))
show("binary", write("binary.bin", bytes(range(256))))
show("image as pyc", write("fake.pyc", b"\x89PNG"))
write("mod.py", "VALUE = [1, 'two', (3.5, None)]\ndef f(x): return x + 1\nprint(VALUE, f(1))\n")
cache = py_compile.compile("mod.py")
good = open(cache, "rb").read()
for title, data in [
    ("good", good), ("truncated header", good[:7]), ("no code", good[:16]), ("truncated code", good[:60]),
    ("half", good[: len(good) // 2]), ("bad magic", b"abcd" + good[4:]),
    ("bad flags", good[:4] + b"\xff\0\0\0" + good[8:]), ("zeros", bytes(200)), ("empty", b""),
    ("noise in code", good[:20] + bytes((b ^ 0x55) for b in good[20:24]) + good[24:]),
    ("not a code object", good[:16] + b"N"),
]:
    write(cache, data)
    print("import", title, *krait("-c", "import mod"))
    write("direct.pyc", data)
    print("run", title, *krait("direct.pyc"))
    print("sourceless", title, *krait("-c", "import direct"))
if os.getuid() != 0:
    os.chmod("mod.py", 0)
    show("unreadable", "mod.py")
