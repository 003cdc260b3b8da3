# The program's own names hold the C library's mathematics, whether or not anything has called it.
import ctypes

program = ctypes.CDLL(None)
for name in "pow", "hypot", "atan2":
    function = getattr(program, name)
    function.restype = ctypes.c_double
    function.argtypes = [ctypes.c_double, ctypes.c_double]
    print(name, function(3.0, 4.0))

import math

print(math.pow(3.0, 4.0), math.hypot(3.0, 4.0), math.atan2(3.0, 4.0), 3.0**4.0, 7.5 % -2.0)
