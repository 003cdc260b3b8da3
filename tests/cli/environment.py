# Switches of the environment, and what -X importtime writes.
import os
import re
import subprocess
import sys

FLAGS = "debug optimize dont_write_bytecode verbose inspect no_user_site".split()
CODE = f"import sys; print([getattr(sys.flags, n) for n in {FLAGS}])"
CLEAN = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}


def run(*args, **env):
    p = subprocess.run([sys.executable, *args], env=CLEAN | env, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    return p


for variable in "DEBUG OPTIMIZE DONTWRITEBYTECODE VERBOSE INSPECT NOUSERSITE".split():
    for value in ("", "0", "1", "2", "text", "-1", " 2", "2x"):
        print(variable, repr(value), run("-c", CODE, **{"PYTHON" + variable: value}).stdout.strip())
print(run("-OO", "-c", CODE, PYTHONOPTIMIZE="1").stdout, run("-B", "-c", CODE, PYTHONDONTWRITEBYTECODE="5").stdout)

for value in ("4321", "1", "default"):
    code = "import os; print(os.cpu_count(), os.process_cpu_count())"
    count = len(os.sched_getaffinity(0))
    print(value, run("-X", f"cpu_count={value}", "-c", code).stdout.replace(f"{count} {count}", "default"))
print(run("-c", "import os; print(os.cpu_count())", PYTHON_CPU_COUNT="77").stdout)
for value in ("0", "-1", "x", ""):
    p = run("-X", f"cpu_count={value}", "-c", "pass")
    print(p.returncode, p.stderr.splitlines()[-1:])

IMPORTS = """
import sys, types
name = 'mod\\ud800'
sys.modules[name] = types.ModuleType(name)
__import__(name)
try:
    __import__('nonexistent\\ud800')
except ModuleNotFoundError:
    pass
import colorsys
import colorsys
"""
for option in ("importtime", "importtime=1", "importtime=true", "importtime=2", "importtime=0", "importtime=3", "importtime=-1"):
    p = run("-I", "-X", option, "-c", IMPORTS)
    lines = [re.sub(r" +\d+ \| +\d+ \|", " N | N |", line) for line in p.stderr.splitlines()]
    print(option, p.returncode, [line for line in lines if re.search("ud800|colorsys|reserved", line)])

p = subprocess.run([sys.executable], input="print(__loader__, '__file__' in globals())\n", env=CLEAN, capture_output=True, text=True)
print(p.stdout, p.stderr)
