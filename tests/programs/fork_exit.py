# What a forked process has of the threads, what signals a program starts with, and how a process ends.
import os
import subprocess
import sys
import threading
import warnings

warnings.simplefilter("ignore", DeprecationWarning)


def in_child(action):
    sys.stdout.flush()
    pid = os.fork()
    if not pid:
        status = 1
        try:
            action()
            sys.stdout.flush()
            status = 0
        finally:
            os._exit(status)
    print("status", os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))


def look():
    me = threading.current_thread()
    print([w.is_alive() for w in workers], threading.active_count(), me is threading.main_thread())
    for w in workers:
        w.join()


stop = threading.Event()
workers = [threading.Thread(target=stop.wait) for _ in range(3)]
for w in workers:
    w.start()
in_child(look)
forker = threading.Thread(target=in_child, args=(look,))
forker.start()
forker.join()


def start_another():
    t = threading.Thread(target=print, args=("a thread of the child",))
    t.start()
    t.join()
    threading._shutdown()


in_child(start_another)
stop.set()
for w in workers:
    w.join()


def run(source):
    p = subprocess.run([sys.executable, "-c", source], capture_output=True, text=True)
    print(p.returncode, repr(p.stdout), p.stderr.strip().replace("\n", " | "))


run("""
import os
r, w = os.pipe()
os.close(r)
try:
    os.write(w, b"x")
except OSError as e:
    print(type(e).__name__)
""")
run("import sys; print('x'); sys.stdout.close()")
run("import sys; sys.stderr.close()")
run("""
import sys
class Stream:
    def write(self, text): pass
    def flush(self): raise ValueError("full")
sys.stdout = Stream()
""")
run("""
import sys
class Stream:
    def write(self, text): pass
    def flush(self): raise ValueError("full")
sys.stderr = Stream()
""")
run("raise KeyboardInterrupt")
run("raise SystemExit(130)")
run("import os; os._exit(3)")
