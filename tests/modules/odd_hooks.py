"""Hooks that are given other things than they expect."""
import _lsprof
import sys

sys.stderr = sys.stdout
for traceback in (None, 5, ValueError, "x", []):
    sys.__excepthook__(7, ValueError("v"), traceback)


class Timer:
    def __call__(self):
        return 1 / 0

    def __repr__(self):
        return "a timer"


seen = []
sys.unraisablehook = lambda info: seen.append((type(info.exc_value).__name__, info.err_msg))
p = _lsprof.Profiler(Timer())
p.enable()
len("a")
p.disable()
print(set(seen))
