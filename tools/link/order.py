#!/usr/bin/env python3
"""Writes the order in which the linker is to lay functions out: those that programs run, the most used first.

usage: tools/link/order.py [--krait PATH] [--output FILE]

The kernel maps program text in windows of 64 KiB, so what is run should not be spread over the whole program: laid
out together it is a third of the memory and of the page faults. The order is that of the first call in start-up,
then by how many of the programs below run a function; those of few programs lie by program.

Every function of PATH (a build with symbols, at fixed addresses) gets a breakpoint, which is taken away when it is
met. scripts/release.sh does this for the build that it makes; cmake/link.order is the list of the plain build: write it
anew when much has changed, an old one only loses some of its effect.
"""

import argparse
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
    """The functions of an ELF file: {address: names} and its segment of code."""

    def __init__(self, path):
        image = pathlib.Path(path).read_bytes()
        start, sections = struct.unpack_from("<Q", image, 0x28)[0], []
        for i in range(struct.unpack_from("<H", image, 0x3C)[0]):
            sections.append(struct.unpack_from("<IIQQQQIIQQ", image, start + 64 * i))
        self.functions = collections.defaultdict(list)
        self.lowest, self.highest = 1 << 64, 0
        for _, kind, _, _, offset, size, link, *_ in sections:
            if kind != 2:  # a symbol table
                continue
            strings = sections[link][4]
            for at in range(offset, offset + size, 24):
                name, info, _, section, address, length = struct.unpack_from("<IBBHQQ", image, at)
                if info & 15 == 2 and length and 0 < section < len(sections):
                    end = image.index(b"\0", strings + name)
                    self.functions[address].append(image[strings + name : end].decode())
                    self.lowest, self.highest = min(self.lowest, address), max(self.highest, address + length)


class Tracer:
    """Runs commands and finds the functions that they enter."""

    TRACEME, CONT, GETREGS, SETREGS, DETACH, SETOPTIONS = 0, 7, 12, 13, 17, 0x4200
    OPTIONS = 1 << 1 | 1 << 2 | 1 << 3 | 1 << 4 | 1 << 20  # fork, vfork, clone, exec; nothing outlives this process
    EXEC = 4
    RIP = 16 * 8

    def __init__(self, program):
        self.program = program
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
        code = self.set_breakpoints(child, known)
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
                pending = self.stopped(pid, code, seen)
            elif event or (pending == signal.SIGSTOP and pid not in alive):
                alive.add(pid)
                pending = 0
            self.ptrace(self.CONT, pid, pending)
        return list(seen)

    def set_breakpoints(self, pid, known):
        with open(f"/proc/{pid}/mem", "r+b", buffering=0) as memory:
            low = self.program.lowest
            memory.seek(low)
            code = memory.read(self.program.highest - low)
            patched = bytearray(code)
            for address in self.program.functions.keys() - known:
                patched[address - low] = 0xCC
            memory.seek(low)
            memory.write(patched)
        return code

    def stopped(self, pid, code, seen):
        """Takes the breakpoint away that the thread met; returns the signal that it has to get."""
        self.ptrace(self.GETREGS, pid, ctypes.addressof(self.registers))
        address = struct.unpack_from("<Q", self.registers, self.RIP)[0] - 1
        if address not in self.program.functions:
            return signal.SIGTRAP
        seen.setdefault(address)
        with open(f"/proc/{pid}/mem", "r+b", buffering=0) as memory:
            memory.seek(address)
            memory.write(code[address - self.program.lowest :][:1])
        struct.pack_into("<Q", self.registers, self.RIP, address)
        self.ptrace(self.SETREGS, pid, ctypes.addressof(self.registers))
        return 0


def arrange(runs):
    """The functions of all runs by the number of runs that need them, those of the same runs together."""
    users, first = collections.defaultdict(list), {}
    for number, run in enumerate(runs):
        for place, function in enumerate(run):
            users[function].append(number)
            first.setdefault(function, (number, place))
    return sorted(users, key=lambda f: (-len(users[f]), users[f], first[f]))


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("--krait", default=str(ROOT / "build/release/krait"))
    parser.add_argument("--output", default=str(ROOT / "cmake/link.order"))
    options = parser.parse_args()
    krait = str(pathlib.Path(options.krait).absolute())
    program = Program(krait)
    tracer = Tracer(program)
    env = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
    env.setdefault("KRAIT_STDLIB", str(DEPS / "stdlib"))
    start = tracer.run([krait, *START], env)
    if not start:
        sys.exit(f"order: {krait} ran no function that it has a symbol for")
    runs = [tracer.run([krait, *command], env, set(start)) for command in commands()]
    names = dict.fromkeys(name for address in start + arrange(runs) for name in program.functions[address])
    print(f"order: {len(start)} functions of start-up, {len(names)} names in all")
    pathlib.Path(options.output).write_text("".join(name + "\n" for name in names), "utf-8")


main()
