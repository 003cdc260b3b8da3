# None in place of sys.stderr: neither exceptions nor warnings show.
import subprocess
import sys
import threading
import traceback
import warnings


class Faulty:
    def __del__(self):
        1 / 0


stderr, sys.stderr = sys.stderr, None
Faulty()
try:
    1 / 0
except ZeroDivisionError as e:
    fault = e
sys.__excepthook__(type(fault), fault, fault.__traceback__)
sys.__excepthook__(int, 5, None)
traceback.print_exception(fault)
thread = threading.Thread(target=lambda: 1 / 0)
thread.start()
thread.join()
warnings.warn("unseen")
sys.stderr = stderr
for code in ("sys.stderr = None; 1 / 0", "sys.stderr = None; sys.exit('message')", "sys.stderr = None; sys.excepthook = 5; 1 / 0"):
    r = subprocess.run([sys.executable, "-c", "import sys; " + code], capture_output=True, text=True)
    print(r.returncode, r.stdout, r.stderr)
