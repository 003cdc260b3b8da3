"""What threads see of the end of a program: joins, daemons, hooks."""
import gc
import subprocess
import sys
import textwrap


def run(title, program):
    p = subprocess.run([sys.executable, "-c", textwrap.dedent(program)], capture_output=True, text=True, timeout=60)
    print(f"--- {title}: {p.returncode}")
    print(p.stdout + p.stderr, end="")


run("a thread joins the main thread", """
    import threading
    main = threading.current_thread()
    def last():
        main.join()
        print("main is alive:", main.is_alive())
        try: main._os_thread_handle.join(-1)
        except RuntimeError as e: print(e)
    threading.Thread(target=last).start()
    main.join(0.001) if False else None
    print("end of main")
""")

run("the main thread's handle", """
    import _thread
    h = _thread._make_thread_handle(_thread.get_ident() + 1)
    print(h.is_done(), h.ident == _thread.get_ident() + 1)
    print(h.join(0.01), h.is_done())
    h._set_done()
    h._set_done()
    print(h.join(), h.is_done())
    new = _thread._ThreadHandle()
    for f in (new.join, new._set_done):
        try: f()
        except RuntimeError as e: print(e)
    print(new.is_done())
    me = _thread._make_thread_handle(_thread.get_ident())
    try: me.join()
    except RuntimeError as e: print(e)
""")

run("a busy daemon when garbage is collected at the end", """
    import threading
    class Cycle:
        def __init__(self):
            self.me = self
            self.thread = threading.Thread(target=self.loop, daemon=True)
            self.thread.start()
        @staticmethod
        def loop():
            while True: pass
        def __del__(self):
            for timeout in (None, 10):
                try: self.thread.join(timeout)
                except PythonFinalizationError as e: print(e, self.thread.is_alive())
            try: threading.Thread(target=print).start()
            except PythonFinalizationError as e: print(e)
    Cycle()
""")

run("streams are flushed when it is the end", """
    import atexit, sys
    class Out:
        def __init__(self, real): self.real = real
        def write(self, text): return self.real.write(text)
        def flush(self):
            self.real.write(f"flush, finalizing: {sys.is_finalizing()}\\n")
            self.real.flush()
    atexit.register(lambda: print("atexit, finalizing:", sys.is_finalizing()))
    sys.stdout = Out(sys.__stdout__)
""")

run("callbacks of the collector at the end", """
    import gc, sys
    class Cycle:
        def __init__(self): self.me = self
        def __del__(self): print("gone")
    Cycle()
    gc.callbacks.append(lambda phase, info: print(phase, info["generation"], sys.is_finalizing()))
""")

run("an exception at the end", """
    import traceback
    class Cycle:
        def __init__(self): self.me = self
        def __del__(self): {}["key"]
    Cycle()
""")

run("an exception in a thread without sys.stderr", """
    import sys, threading
    def f():
        sys.stderr = None
        1 / 0
    t = threading.Thread(target=f, name="worker")
    t.start()
    t.join()
""")
