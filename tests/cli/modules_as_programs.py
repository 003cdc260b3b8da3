"""python -m MODULE: the tools of the library as programs."""
import os
import re
import subprocess
import sys
import time
import urllib.request


# Usage lines name the interpreter: how they wrap must not depend on the length of its name.
os.environ["COLUMNS"] = "200"


def show(*args, stdin=""):
    result = subprocess.run([sys.executable, "-m", *args], input=stdin, capture_output=True, text=True, timeout=120)
    text = result.stdout + ("\n[stderr] " + result.stderr if result.stderr else "")
    text = text.replace(os.path.basename(sys.executable) + " -m", "PROG -m")
    text = re.sub(r"\d+(\.\d+)? (nsec|usec|msec|sec)\b", "N sec", text.replace(sys.executable, "PROG"))
    text = re.sub(r"in \d+\.\d+s", "in TIME", text)
    text = re.sub(r"^\d+ loops?", "N loops", text, flags=re.M)
    # On a busy machine timeit warns, or does not.
    text = re.sub(r"^\n\[stderr\] .*likely unreliable.*\n", "", text, flags=re.M)
    print("$", *args, "->", result.returncode)
    print(text)


with open("sample.py", "w") as f:
    f.write('"""Sample."""\nimport sys\n\n\ndef double(x):\n    """\n    >>> double(2)\n    4\n    """\n    return x * 2\n\n\nif __name__ == "__main__":\n    print(double(21), sys.argv[1:])\n')
with open("test_sample.py", "w") as f:
    f.write("import unittest\nimport sample\nclass T(unittest.TestCase):\n    def test_good(self): self.assertEqual(sample.double(1), 2)\n    def test_bad(self): self.assertEqual(sample.double(1), 3)\n")
with open("broken.py", "w") as f:
    f.write("def f(:\n")
with open("data.json", "w") as f:
    f.write('{"b": [1, 2.5, null], "a": "\\u00e9"}')

show("json.tool", "data.json")
show("json.tool", "--sort-keys", "--compact", "data.json")
show("json.tool", "--no-ensure-ascii", "--indent", "1", stdin='{"x": "é"}')
show("json", "--json-lines", stdin='1\n"a"\n')
show("json.tool", stdin="{bad")
show("json.tool", "none.json")
show("dis", "sample.py")
show("dis", stdin="a = b + 1\n")
show("ast", "sample.py")
show("ast", "-m", "eval", "-i", "1", stdin="a + 1")
show("tokenize", "sample.py")
show("tokenize", "-e", stdin="if x:\n  y\n")
show("tokenize", "broken_missing.py")
show("py_compile", "sample.py")
show("py_compile", "broken.py")
print(sorted(os.listdir("__pycache__")) != [])
show("compileall", "-q", "sample.py")
show("compileall", "broken.py")
show("unittest", "test_sample")
show("unittest", "-v", "test_sample.T.test_good")
show("unittest", "no_such_tests")
show("unittest", "-q", "-k", "good", "test_sample")
show("doctest", "sample.py")
show("timeit", "-n", "10", "-r", "2", "1 + 1")
show("timeit", "-n", "1", "-r", "1", "-s", "x = 1", "1 / 0")
show("zipfile", "-c", "out.zip", "sample.py", "data.json")
show("zipfile", "-t", "out.zip")
show("zipfile", "-e", "out.zip", "extracted")
print(sorted(os.listdir("extracted")))
show("tarfile", "-c", "out.tar", "sample.py")
show("tarfile", "-l", "out.tar")
show("gzip", "data.json")
show("base64", "-e", stdin="krait")
show("calendar", "2024", "2")
show("quopri", stdin="é=")
show("tabnanny", "sample.py")
show("symtable", "sample.py")
show("pyclbr", "sample.py")
show("trace", "--listfuncs", "sample.py")
show("fileinput", "data.json")
show("mimetypes", "a.html")
show("uuid", "-u", "uuid5", "-n", "@dns", "-N", "krait")
show("random", "--seed", "1", "--integer", "100")
show("runpy", "sample", "x")

server = subprocess.Popen(
    [sys.executable, "-u", "-m", "http.server", "0", "--bind", "127.0.0.1"], stdout=subprocess.PIPE,
    stderr=subprocess.PIPE, text=True,
)
try:
    line = server.stdout.readline()
    port = int(re.search(r"port (\d+)", line)[1])
    print(line.replace(str(port), "PORT").strip())
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/sample.py", timeout=10) as response:
        print(response.status, response.headers["Content-Type"], response.read().count(b"\n"))
    try:
        urllib.request.urlopen(f"http://127.0.0.1:{port}/nothing", timeout=10)
    except OSError as error:
        print(error)
finally:
    server.terminate()
    server.wait(10)
