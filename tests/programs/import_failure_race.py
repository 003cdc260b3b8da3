"""A module whose import fails in one thread is not given to another that waited for it."""
import os
import sys
import threading
import time

sys.path.insert(0, os.getcwd())
with open("failing_module.py", "w") as f:
    f.write("import time\nstarted.set()\ntime.sleep(0.1)\nraise RuntimeError('no')\n")
import builtins

results = []


def load():
    try:
        m = __import__("failing_module")
        results.append(sys.modules.get("failing_module") is m)
    except RuntimeError as e:
        results.append(str(e))


for _ in range(3):
    builtins.started = threading.Event()
    threads = [threading.Thread(target=load) for _ in range(3)]
    threads[0].start()
    builtins.started.wait()
    for t in threads[1:]:
        t.start()
    for t in threads:
        t.join()
print(results)
