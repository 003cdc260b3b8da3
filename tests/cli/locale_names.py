# The encoding of arguments, file names and standard streams in locales without UTF-8 (PEP 538, PEP 540).
import os
import subprocess
import sys

CODE = """
import os, sys
print(sys.stdin.encoding, sys.stdout.errors, sys.stderr.encoding, sys.flags.utf8_mode)
print(sys.getfilesystemencoding(), sys.getfilesystemencodeerrors(), sys.getdefaultencoding())
print(ascii(sys.argv[1:]), ascii(os.environ.get("NAME")), os.environ.get("LC_CTYPE"))
print(os.fsencode(sys.argv[1]), ascii(os.fsdecode(b"a\\xe9")))
try:
    os.stat("\\u20ac")
except (OSError, UnicodeEncodeError) as e:
    print(type(e).__name__, ascii(str(e)))
print(ascii(os.listdir(".")))
"""

os.mkdir("names")
open(b"names/h\xc3\xa9", "w").close()
for title, settings in {
    "C, no UTF-8 mode": {"LC_ALL": "C", "PYTHONUTF8": "0"},
    "C": {"LC_ALL": "C"},
    "POSIX": {"LC_ALL": "POSIX"},
    "C by category, coerced": {"LC_CTYPE": "C"},
    "C by category, coerced, no UTF-8 mode": {"LC_CTYPE": "C", "PYTHONUTF8": "0"},
    "C by category, not coerced": {"LC_CTYPE": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"},
    "unknown": {"LANG": "invalid.ascii", "PYTHONUTF8": "0"},
    "UTF-8": {"LC_ALL": "C.UTF-8"},
    "warned": {"LC_CTYPE": "C", "PYTHONCOERCECLOCALE": "warn"},
}.items():
    env = {k: v for k, v in os.environ.items() if k not in ("LANG", "LC_ALL", "LC_CTYPE") and not k.startswith("PYTHON")}
    env.update(settings, NAME="caf\u00e9")
    print("---", title, flush=True)
    run = subprocess.run([sys.executable, "-c", CODE, "h\u00e9"], env=env, cwd="names", capture_output=True)
    print(run.returncode, run.stdout.decode("ascii"), run.stderr.decode("ascii", "replace"))
    for command in ["print(ascii('h\u00e9'))", b"print(ascii('\xff'))"]:
        run = subprocess.run([sys.executable, "-c", command], env=env, capture_output=True)
        print(run.returncode, run.stdout.decode("ascii"), run.stderr.decode("ascii", "replace"))
