#!/usr/bin/env python3
"""Lays a linked program out anew by what runs: scripts/layout.py [-j N] PROGRAM

The last step of the release build. LLVM's BOLT counts the branches of the training run (bench/train.py), puts
what runs in a line, and what does not run, or hardly, out of the way; functions that every program runs come first, then
those that most run, so that a process maps few pages of the program. The counts miss some: functions without a branch,
blocks behind indirect jumps. So BOLT runs twice, the second time by the functions that were seen to run in what
the first made (tools/link/functions_run.py). PROGRAM has to be linked with --emit-relocs. It is replaced; one that is
laid out already is left alone.
"""

import argparse
import collections
import os
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tools/link"))
import functions_run  # noqa: E402

PACKAGES = "bolt-19 libbolt-19-dev"
# Below llvm's own folder of libraries, which BOLT puts before it.
COUNTING_LIBRARY = "llvm-19/lib/libbolt_rt_instr.a"
# How long each benchmark trains, in seconds: exact counts need no long runs.
TRAINING = "0.15"
# How many classes of functions by the share of programs that run them.
CLASSES = 10
# Branches that fewer of the processes take, and less often, count as not taken.
RARE_SHARE, RARE_COUNT = 0.02, 2000
# Assembler that computes where in itself it jumps, which BOLT does not see: GMP's and libffi's stay where they are,
# and so the old place of the code does, too (-use-old-text would write over it).
KEPT = "__gmpn_.*,ffi_.*"
# What BOLT appends to the name of a function for the part that does not run.
COLD = ".cold.0"
# What is told of a function that was not traced: share and size.
NOT_RUN = 0, 0


def install():
    subprocess.run([ROOT / "scripts/bootstrap.sh"], check=True, env=os.environ | {"KRAIT_EXTRA_PACKAGES": PACKAGES})


def bolt(program, output, *options):
    command = ["llvm-bolt-19", program, "-o", output, *options]
    process = subprocess.run(command, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if process.returncode:
        sys.exit(f"{process.stdout}\nlayout: {' '.join(map(str, command))} failed")


def read(profiles):
    """{branch: (in how many of the processes it was taken, how often)}; a branch is `1 SOURCE OFFSET 1 TARGET OFFSET`."""
    processes, total = collections.Counter(), collections.Counter()
    for profile in profiles:
        with open(profile) as lines:
            for line in lines:
                branch, _misses, count = line.rsplit(maxsplit=2)
                if count != "0":
                    processes[branch] += 1
                    total[branch] += int(count)
    return {branch: (n, total[branch]) for branch, n in processes.items()}


def counted(branches, processes):
    """{function: (the share of processes that run it, how often it was called)}"""
    most, called = collections.Counter(), collections.Counter()
    for branch, (n, count) in branches.items():
        _, source, _, _, target, offset = branch.split()
        for name in source, target:
            most[name] = max(most[name], n)
        called[target] += count if offset == "0" else 0
    return {name: (n / processes, called[name]) for name, n in most.items()}


def seen(program):
    """{symbol: (the share of the programs of functions_run.py that run it, its size)}"""
    traced, start, runs = functions_run.trace(program)
    share = collections.Counter(dict.fromkeys(start, 1))
    for run in runs:
        share.update(dict.fromkeys(run, 1 / len(runs)))
    return {name: (share[address], traced.sizes[address]) for address in share for name in traced.functions[address]}


def order(known, traced):
    """Functions by the share of programs that run what should not have run in them (small pieces first, so that those
    lie close together), then by that of those that run them at all, then by calls; most first."""
    # BOLT numbers local functions, as there may be several of one name; those were not told apart when they ran.
    plain = {name: name.split("/")[0] for name in known}
    single = {name for name, n in collections.Counter(plain.values()).items() if n == 1}
    others = traced.keys() - known.keys() - set(plain.values())
    plain |= {name: name for name in others if not name.endswith(COLD)}

    def key(name):
        share, called = known.get(name, (0, 0))
        if name not in known or plain[name] in single:
            share = max(share, traced.get(plain[name], NOT_RUN)[0])
        cold, size = traced.get(plain[name] + COLD, NOT_RUN)
        return -round(cold * CLASSES), size, -round(share * CLASSES), -called, name

    return sorted(plain, key=key)


def count(program, folder, jobs):
    # In the program's own folder, because the library is found from there.
    counting = program.with_name(program.name + ".counting")
    try:
        bolt(program, counting, "-instrument", f"--instrumentation-file={folder}/profile",
             "--instrumentation-file-append-pid", f"--runtime-instrumentation-lib={COUNTING_LIBRARY}")
        subprocess.run([sys.executable, ROOT / "bench/train.py", "--krait", counting, "--seconds", TRAINING, "-j",
                        str(jobs)], check=True)
    finally:
        counting.unlink(missing_ok=True)
    return list(folder.glob("profile.*.fdata"))


def lay_out(program, folder, profiles):
    branches = read(profiles)
    rare = RARE_SHARE * len(profiles)
    branches = {b: (n, count) for b, (n, count) in branches.items() if n >= rare or count >= RARE_COUNT}
    # BOLT wants the branches of a function together.
    lines = (f"{branch} 0 {branches[branch][1]}\n" for branch in sorted(branches, key=lambda b: b.split()[1]))
    (folder / "merged").write_text("".join(lines))
    known = counted(branches, len(profiles))
    new = program.with_name(program.name + ".new")
    traced = {}
    for again in True, False:
        (folder / "order").write_text("".join(f"{name}\n" for name in order(known, traced)))
        bolt(program, new, f"-data={folder}/merged", "-reorder-blocks=ext-tsp", "-split-functions", "-split-all-cold",
             "-split-eh", "-icf=1", "-reorder-functions=user", f"-function-order={folder}/order", "-lite=0",
             f"-skip-funcs={KEPT}", "-no-huge-pages", "-use-gnu-stack")
        if again:
            traced = seen(new)
    check(new)
    new.replace(program)


def check(program):
    """The benchmarks give their results: a program that BOLT broke is not kept."""
    for path in sorted((ROOT / "bench/programs").glob("*.py")):
        if "COMMAND" not in path.read_text("utf-8"):
            command = [program, ROOT / "bench/harness.py", path, "0"]
            process = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            if process.returncode:
                sys.exit(f"layout: {path.name} fails in the new layout ({process.returncode}): {process.stdout.decode()}")


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("program", type=pathlib.Path)
    parser.add_argument("-j", type=int, default=os.cpu_count())
    options = parser.parse_args()
    program = options.program.absolute()
    if b"\0.note.bolt_info\0" in program.read_bytes():
        return
    install()
    print("layout: training run", flush=True)
    with tempfile.TemporaryDirectory(dir=program.parent, prefix="layout-") as folder:
        folder = pathlib.Path(folder)
        lay_out(program, folder, count(program, folder, options.j))


if __name__ == "__main__":
    main()

