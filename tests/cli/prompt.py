"""The basic prompt on a pipe: -i, blocks, errors, hooks, PYTHONSTARTUP, PYTHONINSPECT, exit codes."""
import os
import subprocess
import sys


def prompt(text, *args, env=None):
    result = subprocess.run(
        [sys.executable, "-i", "-q", *args], input=text, capture_output=True, text=True, timeout=60,
        env=os.environ | (env or {}),
    )
    print(result.returncode, repr(result.stdout))
    for line in result.stderr.splitlines():
        print("   ", line.rstrip())


prompt("def f():\n  1/0\n\nf()\nprint(f.__code__.co_filename)\n1+\nx=[1,\n2]\nx\nif x:\n  print(5)\nelse:\n  print(6)\n\n")
prompt("print(__name__)\nfor i in 1,2: pass\n\nimport sys; sys.ps1='?? '\n5; 6\nraise SystemExit(3)\n")
prompt("print('after')\nraise SystemExit(3)\n", "-c", "print('hi'); raise SystemExit(4)")
prompt("x=1\ndef f(\n\n")
prompt("def f():\n  def g():\n    1/0\n  g()\nf()\nprint(2)")
prompt('\n# c\n  # d\n\nif 1:\n    2\n# c\n    3\n\n  4\n"""a\nb"""\n"abc\n@\nimport os; os._exit(9)\n')
prompt("return\nx=1;return\ndef f():\n  nonlocal q\n\nclass A:\n\nif 1:\n\nimport sys\nsys.last_exc.msg\n")
prompt('try:\n  1\n\n(1,\n\n2)\n"""\n\n"""\nfrom __future__ import annotations\ndef f(x:y): pass\n\nf.__annotations__\n')
prompt("import sys\nsys.displayhook=lambda v: print('DH', v)\n5\nsys.ps1=5\n6\ndel sys.ps2\nif 1:\n 2\n\n")
prompt("input()\nabc\n")
prompt("raise KeyboardInterrupt\n1 if\n")
prompt("print(5)\nexit()\nprint(6)\n")
prompt("print(x)\n", "-c", "x=5;1/0")
with open("script.py", "w") as f:
    f.write("import sys\ny = 3\nprint(__file__)\n")
prompt("y\n__file__\n", "script.py")
with open("start.py", "w") as f:
    f.write("print('startup', __name__); su = 1\n")
prompt("su\n", env={"PYTHONSTARTUP": "start.py"})
prompt("print(5)\n", env={"PYTHONSTARTUP": "missing.py"})
with open("start.py", "w") as f:
    f.write("1/0\n")
prompt("print(5)\n", env={"PYTHONSTARTUP": "start.py"})
prompt("import sys\nsys.argv\nsys.flags.inspect, sys.flags.interactive\n", "-", "a", "b")
