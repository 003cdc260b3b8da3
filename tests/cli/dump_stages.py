"""-X dump: each stage, whole and of one function, goes to standard error and leaves the program's output alone.

The option is Krait's own: the oracle ignores it, and this program then only says what has to hold.
"""
import os
import subprocess
import sys

KRAIT = "krait" in os.path.basename(sys.executable)
PROGRAM = """def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)
class C:
    def m(self, x):
        try:
            return [y for y in x if y]
        finally:
            self.x = 'done'
for i in range(20):
    fib(3)
print(C().m([0, 1]))
"""
with open("program.py", "w") as f:
    f.write(PROGRAM)


def check(option, *words, without=()):
    run = subprocess.run([sys.executable, "-X", f"dump={option}", "program.py"], capture_output=True, text=True)
    good = run.returncode == 0 and run.stdout == "[1]\n"
    if KRAIT:
        good = good and all(w in run.stderr for w in words) and not any(w in run.stderr for w in without)
    print(option, "as it has to be" if good else ("wrong", run.returncode, run.stdout, run.stderr[:2000]))


check("tokens", "NAME", "'fib'", "INDENT", "DEDENT", "ENDMARKER", "STRING", "'done'")
check("ast", "Module(", "FunctionDef(", "ClassDef(", "ListComp(", "Try(")
check("ast:fib", "name='fib'", "IfExp(", without=["Module(", "ClassDef("])
check("symtable", "module top", "function fib", "class C", "parameter")
check("symtable:fib", "function fib", without=["class C", "module top"])
check("cfg", "graph fib", "graph C.m", "graph <module>", "B0:", "->")
check("cfg:fib", "graph fib", without=["graph C", "graph <module>"])
check("bytecode", "code <module>", "code fib", "code C.m", "RESUME", "LOAD_GLOBAL")
check("bytecode:C.m", "code C.m", without=["code <module>", "code fib"])
check("specialized", "specialized of <module>", "RESUME_CHECK", "COMPARE_OP_INT")
check("specialized:fib", "specialized of fib", "COMPARE_OP_INT", "BINARY_OP_SUBTRACT_INT",
      without=["specialized of <module>"])
check("bytecode:nothing", without=["RESUME"])
run = subprocess.run([sys.executable, "-X", "dump=bytecode", "-c", "x = 1"], capture_output=True, text=True)
print(run.returncode, run.stdout, "STORE_NAME" in run.stderr or not KRAIT)
run = subprocess.run([sys.executable, "-X", "dump=ast"], input="x = 1\n", capture_output=True, text=True)
print(run.returncode, run.stdout, "Assign(" in run.stderr or not KRAIT)
run = subprocess.run([sys.executable, "-X", "dump=nonsense", "-c", "1"], capture_output=True, text=True)
print("no such stage: nonsense" in run.stderr or not KRAIT)
