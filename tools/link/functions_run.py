"""Which functions of a program run: all are breakpoints throughout, which are taken away where one is met.

For Linux on x86-64, and programs with symbols at fixed addresses.
"""

import bisect
import collections
import ctypes
import os
import pathlib
import signal
import struct
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
DEPS = pathlib.Path(os.environ.get("DEPS") or ROOT / "build/deps")
START = ["-c", "pass"]
MODULES = ["asyncio", "typing", "argparse", "http.client", "json", "re", "logging", "dataclasses", "pathlib", "unittest",
           "decimal", "subprocess", "threading", "datetime", "csv", "random"]
# A program that is compiled and run once, as bench/harness.py does it.
RUN = """
import sys, time
namespace = {"__name__": "benchmark"}
with open(sys.argv[1], encoding="utf-8") as file:
    exec(compile(file.read(), sys.argv[1], "exec"), namespace)
if "run" in namespace:
    namespace["run"]()
print("%r %d" % (time.process_time(), 1))
"""


def commands():
    for path in sorted((ROOT / "bench/programs").glob("*.py")):
        yield ["-c", RUN, str(path)]
    for name in MODULES:
        yield ["-c", f"import {name}"]
    yield ["-c", "raise ValueError('shown')"]


class Program:
    """The functions of an ELF file, {address: names} and {address: bytes}, and their addresses in order."""

    def __init__(self, path):
        image = pathlib.Path(path).read_bytes()
        start, sections = struct.unpack_from("<Q", image, 0x28)[0], []
        for i in range(struct.unpack_from("<H", image, 0x3C)[0]):
            sections.append(struct.unpack_from("<IIQQQQIIQQ", image, start + 64 * i))
        self.functions, self.sizes = collections.defaultdict(list), collections.Counter()
        for _, kind, _, _, offset, size, link, *_ in sections:
            if kind != 2:  # a symbol table
                continue
            strings = sections[link][4]
            for at in range(offset, offset + size, 24):
                name, info, _, section, address, length = struct.unpack_from("<IBBHQQ", image, at)
                if info & 15 == 2 and length and 0 < section < len(sections):
                    end = image.index(b"\0", strings + name)
                    self.functions[address].append(image[strings + name : end].decode())
                    self.sizes[address] = max(self.sizes[address], length)
        self.addresses = sorted(self.functions)
        for address, following in zip(self.addresses, self.addresses[1:]):
            self.sizes[address] = min(self.sizes[address], following - address)

    def function_at(self, address):
        """The address of the function that this lies in."""
        start = self.addresses[max(bisect.bisect_right(self.addresses, address) - 1, 0)]
        return start if 0 <= address - start < self.sizes[start] else None


class Tracer:
    """Runs commands and finds the functions that they enter."""

    TRACEME, CONT, GETREGS, SETREGS, DETACH, SETOPTIONS = 0, 7, 12, 13, 17, 0x4200
    OPTIONS = 1 << 1 | 1 << 2 | 1 << 3 | 1 << 4 | 1 << 20  # fork, vfork, clone, exec; nothing outlives this process
    EXEC = 4
    RIP = 16 * 8

    def __init__(self, program):
        self.program = program
        self.code = {}  # of each function
        self.ptrace_function = ctypes.CDLL(None, use_errno=True).ptrace
        self.ptrace_function.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
        self.ptrace_function.restype = ctypes.c_long
        self.registers = ctypes.create_string_buffer(27 * 8)

    def ptrace(self, request, pid, data=0):
        return self.ptrace_function(request, pid, 0, data)

    def run(self, command, env, known=frozenset()):
        """The addresses of the functions that ran, in the order of their first call, but the known ones."""
        child = os.fork()
        if child == 0:
            null = os.open(os.devnull, os.O_RDWR)
            for fd in range(3):
                os.dup2(null, fd)
            self.ptrace(self.TRACEME, 0)
            os.execve(command[0], command, env)
        os.waitpid(child, 0)
        self.ptrace(self.SETOPTIONS, child, self.OPTIONS)
        self.set_breakpoints(child, known)
        seen, alive = {}, {child}
        self.ptrace(self.CONT, child)
        while alive:
            try:
                pid, status = os.waitpid(-1, 0x40000000)  # __WALL: threads, too
            except ChildProcessError:
                break
            if not os.WIFSTOPPED(status):
                alive.discard(pid)
                continue
            pending = os.WSTOPSIG(status)
            event = status >> 16
            if event == self.EXEC:
                self.ptrace(self.DETACH, pid)
                alive.discard(pid)
                continue
            if pending == signal.SIGTRAP and not event:
                pending = self.stopped(pid, seen)
            elif event or (pending == signal.SIGSTOP and pid not in alive):
                alive.add(pid)
                pending = 0
            self.ptrace(self.CONT, pid, pending)
        return list(seen)

    def set_breakpoints(self, pid, known):
        memory = os.open(f"/proc/{pid}/mem", os.O_RDWR)
        for address in self.program.functions.keys() - known:
            if address not in self.code:
                self.code[address] = os.pread(memory, self.program.sizes[address], address)
            # All of it: what does not run lies apart from the rest of a function, and is entered anywhere.
            os.pwrite(memory, b"\xcc" * self.program.sizes[address], address)
        os.close(memory)

    def stopped(self, pid, seen):
        """Takes the breakpoints of the function away that the thread met; returns the signal that it has to get."""
        self.ptrace(self.GETREGS, pid, ctypes.addressof(self.registers))
        address = struct.unpack_from("<Q", self.registers, self.RIP)[0] - 1
        function = self.program.function_at(address)
        if function is None:
            return signal.SIGTRAP
        seen.setdefault(function)
        memory = os.open(f"/proc/{pid}/mem", os.O_RDWR)
        os.pwrite(memory, self.code[function], function)
        os.close(memory)
        struct.pack_into("<Q", self.registers, self.RIP, address)
        self.ptrace(self.SETREGS, pid, ctypes.addressof(self.registers))
        return 0


def trace(path):
    """(The Program, the addresses of the functions that every start runs, those that each of the commands runs besides.)"""
    env = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
    env.setdefault("KRAIT_STDLIB", str(DEPS / "stdlib"))
    path = str(pathlib.Path(path).absolute())
    program = Program(path)
    tracer = Tracer(program)
    start = tracer.run([path, *START], env)
    if not start:
        sys.exit(f"trace: {path} ran no function that it has a symbol for")
    return program, start, [tracer.run([path, *command], env, set(start)) for command in commands()]
