"""What a program sees at its end: destructors, open files, suspended generators, weak references, streams."""
import os
import subprocess
import sys

PROGRAMS = {
    "__del__ of a global and of a cycle": """
        class A:
            def __init__(self, name): self.name = name
            def __del__(self): print("del", self.name)
        a = A("global")
        b = A("cycle"); b.me = b
    """,
    "__del__ of a subclass that nothing tracks": """
        class S(str):
            __slots__ = ()
            def __del__(self): print("del", str(self))
        kept = S("text")
        class I(int):
            __slots__ = ()
        I.__del__ = lambda self: print("late", int(self))
        number = I(3)
    """,
    "__del__ of a metaclass": """
        class M(type):
            def __del__(cls): print("class gone")
        class C(metaclass=M): pass
    """,
    "an open file is written": """
        f = open("left.txt", "w")
        f.write("not closed, not lost")
    """,
    "a suspended generator": """
        def g():
            try:
                yield 1
            finally:
                print("finally")
        it = g()
        next(it)
    """,
    "weak reference callbacks": """
        import weakref
        class A: pass
        a = A()
        weakref.finalize(a, print, "finalize")
        class Holder: pass
        h = Holder()
        h.ref = weakref.ref(a, lambda r: print("callback"))
        Holder.kept = h
    """,
    "a native callback": """
        import weakref
        class A: pass
        def hold():
            a = A()
            a.me = a
            return weakref.ref(a, print)
        import sys
        sys.kept = [weakref.ref(A, lambda r: None), hold()]
    """,
    "gc callbacks": """
        import gc
        def note(phase, info):
            if phase == "start" and info["generation"] == 2: os_write(1, b"collecting\\n")
        from os import write as os_write
        gc.collect()
        gc.callbacks.append(note)
    """,
    "a stream of the program's own": """
        import io, sys
        class Out(io.StringIO):
            def flush(self):
                if not self.closed: sys.__stdout__.write(self.getvalue().upper()); self.seek(0); self.truncate()
        sys.stdout = Out()
        print("own")
    """,
    "unclosed scandir and socket warn": """
        import os, socket, sys, warnings
        warnings.simplefilter("always")
        it = os.scandir(".")
        next(it, None)
        s = socket.socket()
    """,
    "a reader of standard output that has gone": """
        import os, sys
        sys.stdout.write("x")
        os.close(1)
    """,
    "nothing": "import json, re, typing, collections, enum, dataclasses, functools; print('end')",
}

for name, source in PROGRAMS.items():
    lines = source.strip("\n").split("\n")
    indent = len(lines[0]) - len(lines[0].lstrip())
    program = "\n".join(line[indent:] for line in lines)
    with open("program.py", "w") as f:
        f.write(program)
    r = subprocess.run([sys.executable, "program.py"], capture_output=True, text=True)
    print("##", name, "->", r.returncode)
    print(r.stdout.rstrip())
    err = "".join(line + "\n" for line in r.stderr.splitlines() if "fd=" not in line)
    if err:
        print("[stderr]", err.rstrip())
    elif r.stderr:
        print("[stderr] a warning about a descriptor")
print(open("left.txt").read())
