"""sys.excepthook called with what is no exception."""
import sys

hook = sys.__excepthook__
hook(ValueError, "x", None)
hook(1, 2, 3)
hook(None, None, None)
hook(ValueError, ValueError("v"), None)
hook(int, 1.5, None)
for args in ((), (1,), (1, 2)):
    try:
        hook(*args)
    except TypeError as e:
        print(e)
