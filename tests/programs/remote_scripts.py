# sys.remote_exec: scripts that run in this process and in another one, what it refuses, and how faults in a script and
# hooks against them show.
import os
import pathlib
import subprocess
import sys
import tempfile

os.chdir(tempfile.mkdtemp())


def attempt(*args, **kwargs):
    try:
        print(sys.remote_exec(*args, **kwargs))
    except Exception as e:
        print(type(e).__name__, str(e).replace(str(os.getpid()), "PID"))
    for _ in range(3):
        pass


def script(text, name="script.py"):
    pathlib.Path(name).write_bytes(text if isinstance(text, bytes) else text.encode())
    return name


sys.stderr = sys.stdout
print(sys.is_remote_debug_enabled())
for args in ((99999999, "x"), (0, None), (1.5, "x"), ("x", "y"), (), (1,), (2**40, __file__), (-1, __file__),
             (os.getpid(), "missing"), (os.getpid(), "a\0b")):
    attempt(*args)
attempt(pid=-1, script="missing")
deep = "/".join(["d" * 200] * 3)
os.makedirs(deep)
attempt(os.getpid(), script("", deep + "/f"))

hello = script("import sys; print('hello', sorted(globals()), sys._getframe().f_code.co_filename, "
               "sys._getframe(1).f_code.co_name)")
for path in (hello, os.fsencode(hello), pathlib.Path(hello)):
    attempt(os.getpid(), path)
for text in ("1 / 0", "raise SystemExit(3)", "raise KeyboardInterrupt", "a b", b"# coding: latin-1\nprint(ascii('\xe9'))",
             b"print(1)\0print(2)", b"\xff"):
    attempt(os.getpid(), script(text))

mode = None


def hook(event, args):
    if event == "sys.remote_exec":
        print(event, os.path.basename(args[1]))
        if mode == "refuse":
            raise ValueError("refused")
    elif event == "cpython.remote_debugger_script":
        print(event, args)
        if mode == "refuse script":
            raise ValueError("refused")
        if mode == "remove":
            os.remove("script.py")


sys.addaudithook(hook)
for mode in (None, "refuse", "refuse script", "remove"):
    attempt(os.getpid(), script("print('run')"))
mode = None

# In another process, which looks when it runs Python code again.
target = "import sys\ndef wait(): return sys.stdin.readline()\nprint('ready', flush=True)\nwait()\nprint('end')"
for options in ([], ["-Xdisable-remote-debug"]):
    process = subprocess.Popen([sys.executable, *options, "-c", target], stdin=subprocess.PIPE,
                               stdout=subprocess.PIPE, text=True)
    print(process.stdout.readline())
    attempt(process.pid, os.path.abspath(script("print('remote')")))
    print(process.communicate("\n"), process.returncode)

for options, variables in (([], {}), (["-Xdisable-remote-debug"], {}), (["-Xdisable-remote-debug=0"], {}),
                           ([], {"PYTHON_DISABLE_REMOTE_DEBUG": "1"}), ([], {"PYTHON_DISABLE_REMOTE_DEBUG": ""}),
                           (["-I"], {"PYTHON_DISABLE_REMOTE_DEBUG": "1"})):
    code = "import sys, os; print(sys.is_remote_debug_enabled()); sys.remote_exec(os.getpid(), '/dev/null')"
    r = subprocess.run([sys.executable, *options, "-c", code], env={**os.environ, **variables}, capture_output=True,
                       text=True)
    print(options, variables, r.stdout, r.stderr.splitlines()[-1:])
