# The variables of C that show options, at the start and after PyConfig_Set.
import subprocess
import sys

PROGRAM = """if 1:
    import ctypes, sys, _testcapi
    NAMES = "Debug Verbose Quiet Interactive Inspect Optimize NoSite BytesWarning Frozen IgnoreEnvironment DontWriteBytecode UnbufferedStdio HashRandomization Isolated".split()
    def flags():
        found = {n: ctypes.c_int.in_dll(ctypes.pythonapi, f"Py_{n}Flag").value for n in NAMES}
        return {n: v for n, v in found.items() if v}
    print(flags(), ctypes.c_int.in_dll(ctypes.pythonapi, "Py_NoUserSiteDirectory").value, ctypes.c_int.in_dll(ctypes.pythonapi, "Py_UTF8Mode").value)
    for name in "bytes_warning", "inspect", "interactive", "optimization_level", "parser_debug", "quiet", "use_environment", "verbose", "write_bytecode":
        old = _testcapi.config_get(name)
        for value in 0, 1, 5:
            _testcapi.config_set(name, value)
            print(name, value, flags(), repr(_testcapi.config_get(name)), list(sys.flags))
        _testcapi.config_set(name, old)
"""
for options in [], ["-OO", "-B", "-q", "-bb", "-I", "-u"], ["-E", "-s", "-S", "-X", "utf8"]:
    run = subprocess.run([sys.executable, *options, "-c", PROGRAM], capture_output=True, text=True, env={"PYTHONHASHSEED": "random"})
    print(options, run.stdout, run.stderr)
