"""subprocess, signal, os.fork, exit codes, standard streams, sys.exit in children."""
import os
import signal
import subprocess
import sys

def attempt(f, *args, **kwargs):
    try:
        print(repr(f(*args, **kwargs)))
    except Exception as error:
        print(type(error).__name__, str(error).replace(sys.executable, "PY"), sep=": ", flush=True)


def py(code, *args, **kwargs):
    return subprocess.run([sys.executable, "-c", code, *args], capture_output=True, text=True, **kwargs)


r = py("import sys; print(sys.argv, input()); print('err', file=sys.stderr)", "a", "b c", input="hello\n")
print(r.returncode, repr(r.stdout), repr(r.stderr), r.args[2:], r.check_returncode())
for code in [
    "raise SystemExit", "raise SystemExit(3)", "raise SystemExit('message')", "raise SystemExit(None)",
    "import os; os._exit(7)", "1/0", "import sys; sys.exit([1])", "raise KeyboardInterrupt", "import os; os.abort" ,
    "def f(:", "raise SystemExit(256 + 5)", "raise SystemExit(-1)",
    "import os, signal; os.kill(os.getpid(), signal.SIGTERM)", "exit(4)",
    "import sys; sys.stdout.write('no newline')",
    "import atexit; atexit.register(print, 'at exit'); print('first')", "assert False, 'said'",
    "import sys; sys.stdout.close()",
]:
    r = py(code)
    print(repr(code), r.returncode, repr(r.stdout), repr(r.stderr.strip().splitlines()[-1:]))
attempt(subprocess.run, [sys.executable, "-c", "raise SystemExit(2)"], check=True)
attempt(subprocess.run, [sys.executable, "-c", "import time; time.sleep(10)"], timeout=0.2)
attempt(subprocess.run, ["no-such-program-here"])
attempt(subprocess.run, ["/"])
attempt(subprocess.run, [sys.executable], cwd="/no/such/folder")
attempt(subprocess.run, [])
attempt(subprocess.run, [5])
attempt(subprocess.run, ["true"], stdout=subprocess.PIPE, capture_output=True)
attempt(subprocess.run, ["true"], nothing=1)
print(
    subprocess.check_output(["echo", "out"]),
    subprocess.check_output("echo $X; exit 0", shell=True, text=True, env={"X": "from env"}),
    subprocess.call(["false"]), subprocess.getoutput("echo got"), subprocess.getstatusoutput("exit 3"),
)
attempt(subprocess.check_output, "echo lost; exit 9", shell=True)

p = subprocess.Popen(["cat"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
print(p.poll(), p.communicate(b"through cat"), p.returncode, p.wait(), repr(p))
p = subprocess.Popen(["sleep", "5"])
p.terminate()
print(p.wait())
p = subprocess.Popen(["sleep", "5"])
p.kill()
print(p.wait(5))
p.send_signal(9)
with subprocess.Popen(
    ["sh", "-c", "echo one; echo two >&2; exit 5"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    bufsize=1,
) as p:
    print(p.stdout.readlines())
print(
    p.returncode, subprocess.list2cmdline(["a b", 'c"d']),
    subprocess.run(["sh", "-c", "pwd"], cwd="/", capture_output=True).stdout,
    subprocess.run("exit 1", shell=True).returncode, subprocess.DEVNULL,
)
first = subprocess.Popen(["printf", "b\\na\\n"], stdout=subprocess.PIPE)
second = subprocess.Popen(["sort"], stdin=first.stdout, stdout=subprocess.PIPE)
first.stdout.close()
print(second.communicate()[0], first.wait())
print(
    repr(subprocess.CalledProcessError(-9, "cmd")), str(subprocess.CalledProcessError(-9, "cmd")),
    str(subprocess.CalledProcessError(-99, "c")), str(subprocess.TimeoutExpired("c", 1.5)),
)

# Signals.
got = []
old = signal.signal(signal.SIGUSR1, lambda number, frame: got.append((number, frame is not None)))
print(old, signal.getsignal(signal.SIGUSR1).__name__)
os.kill(os.getpid(), signal.SIGUSR1)
signal.raise_signal(signal.SIGUSR1)
print(
    got, signal.Signals(10), signal.strsignal(15), signal.SIGINT in signal.valid_signals(),
    signal.default_int_handler.__name__,
)
signal.signal(signal.SIGUSR1, signal.SIG_IGN)
os.kill(os.getpid(), signal.SIGUSR1)
print(signal.getsignal(signal.SIGUSR1), signal.signal(signal.SIGUSR1, signal.SIG_DFL))
attempt(signal.signal, 999, signal.SIG_IGN)
attempt(signal.signal, signal.SIGKILL, signal.SIG_IGN)
attempt(signal.signal, signal.SIGUSR1, 5.5)
attempt(signal.signal, signal.SIGUSR1, "x")
def raise_in_handler(*args): raise InterruptedError("from the handler")
signal.signal(signal.SIGALRM, raise_in_handler)
signal.setitimer(signal.ITIMER_REAL, 0.02)
try:
    while True: pass
except InterruptedError as error: print("caught", error)
# Who was started in the background by a shell inherits a SIGINT that is ignored.
signal.signal(signal.SIGINT, signal.default_int_handler)
def ctrl_c():
    signal.raise_signal(signal.SIGINT)
try: ctrl_c()
except KeyboardInterrupt as error: print("interrupted", repr(error))
mask = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR2])
print(signal.SIGUSR2 in signal.pthread_sigmask(signal.SIG_SETMASK, mask), signal.pause.__name__)

sys.stdout.flush()
pid = os.fork()
if pid == 0:
    print("child speaks", flush=True)
    os._exit(6)
_, status = os.waitpid(pid, 0)
print(os.WIFEXITED(status), os.WEXITSTATUS(status), os.waitstatus_to_exitcode(status))
attempt(os.waitpid, -1, 0)
r, w = os.pipe()
sys.stdout.flush()
if (pid := os.fork()) == 0:
    os.dup2(w, 1)
    os.execv("/bin/echo", ["echo", "exec'd"])
os.close(w)
os.waitpid(pid, 0)
print(
    os.read(r, 100), os.spawnlp(os.P_WAIT, "sh", "sh", "-c", "exit 4"), os.system("exit 3") >> 8,
    os.popen("echo popen").read(),
)
attempt(os.execv, "none", ["x"])
attempt(os.execv, "none", [])
r = py("import warnings; warnings.warn('careful'); print(__name__, __file__ if '__file__' in globals() else None)")
print(r.stdout, r.stderr)
r = py("def f(n):\n    return g(n)\ndef g(n):\n    raise KeyError(n)\nf(3)")
print(r.stderr)
