# Source that is no UTF-8: the exception's file is known, although its arguments do not have it.
import ast
import os
import subprocess
import sys
import tempfile

os.chdir(tempfile.mkdtemp())
sys.path.insert(0, "")
with open("latin.py", "wb") as f:
    f.write(b"a = 1\nb = '\xe9'\n")


def show(call):
    try:
        call()
    except SyntaxError as e:
        filename = os.path.basename(e.filename) if e.filename else e.filename
        print(e, filename, e.lineno, e.offset, ascii(e.text), ascii(e.args))


for call in (lambda: compile(b"\xff\xfe", "q.py", "exec"), lambda: exec(b"x\xff"), lambda: eval(b"\xff"),
             lambda: ast.parse(b"\xff"), lambda: compile(b"#\n\xff", b"by", "single"),
             lambda: compile(bytearray(b"a\n\xff"), "<string>", "eval"), lambda: __import__("latin")):
    show(call)
r = subprocess.run([sys.executable, "-c", "import latin"], capture_output=True)
print(r.stderr.replace(os.getcwd().encode(), b""))
