# What stands for the standard streams when the program ends: what is flushed, and the exit status.
import subprocess
import sys

FAULTY = "class F:\n    closed = %s\n    def flush(self): 1 / 0\n"
for body in (
    "sys.__stdout__ = 1", "sys.stdout = 1", "sys.__stderr__ = 1", "sys.stderr = 1", "sys.__stdout__ = sys.stdout = 1",
    "del sys.stdout", "del sys.__stdout__", "sys.stdout.close()", "sys.stdout = None", "import io; sys.stdout = io.StringIO()",
    FAULTY % False + "sys.stdout = F()", FAULTY % True + "sys.stdout = F()", FAULTY % False + "sys.stderr = F()",
    FAULTY % False + "sys.__stdout__ = F()", "class F:\n    def flush(self): print('flushed')\nsys.__stdout__ = F()",
):
    result = subprocess.run([sys.executable, "-c", "import sys\n" + body], capture_output=True, text=True)
    print(body.splitlines()[-1], result.returncode, repr(result.stdout), result.stderr.splitlines()[-1:])
