#!/usr/bin/env python3
"""Lays a linked program out anew by what runs: scripts/layout.py [-j N] PROGRAM

The last step of the release build. LLVM's BOLT counts the branches of the training run (bench/train.py), puts
what runs in a line, and what does not run out of the way; functions that every program runs come first, then those
that most run, so that a process maps few pages of the program. PROGRAM has to be linked with --emit-relocs.
It is replaced; one that is laid out already is left alone.
"""

import argparse
import collections
import os
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
PACKAGES = "bolt-19 libbolt-19-dev"
# Below llvm's own folder of libraries, which BOLT puts before it.
COUNTING_LIBRARY = "llvm-19/lib/libbolt_rt_instr.a"
# How long each benchmark trains, in seconds: exact counts need no long runs.
TRAINING = "0.15"
# How many classes of functions by the share of programs that run them.
CLASSES = 10


def install():
    subprocess.run([ROOT / "scripts/bootstrap.sh"], check=True, env=os.environ | {"KRAIT_EXTRA_PACKAGES": PACKAGES})


def bolt(program, output, *options):
    command = ["llvm-bolt-19", program, "-o", output, *options]
    process = subprocess.run(command, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if process.returncode:
        sys.exit(f"{process.stdout}\nlayout: {' '.join(map(str, command))} failed")


def calls(profile):
    """How often each function was called, by the counts of one process; 0 if it ran but was never called."""
    counts = collections.Counter()
    with open(profile) as lines:
        for line in lines:
            # Whether a symbol, name and offset in it, of where a branch is; the same of where it goes; misses; count.
            match line.split():
                case [_, source, _, _, target, offset, _, count] if count != "0":
                    counts[source] += 0
                    counts[target] += int(count) if offset == "0" else 0
    return counts


def order(profiles):
    """Functions by the share of programs that run them, then by calls; most first."""
    total, programs = collections.Counter(), collections.Counter()
    for profile in profiles:
        counts = calls(profile)
        total.update(counts)
        programs.update(counts.keys())
    share = {name: n * CLASSES // len(profiles) for name, n in programs.items()}
    return sorted(programs, key=lambda name: (-share[name], -total[name], name))


def lay_out(program, folder, jobs):
    # In the program's own folder, because the library is found from there.
    counting = program.with_name(program.name + ".counting")
    try:
        bolt(program, counting, "-instrument", f"--instrumentation-file={folder}/profile",
             "--instrumentation-file-append-pid", f"--runtime-instrumentation-lib={COUNTING_LIBRARY}")
        subprocess.run([sys.executable, ROOT / "bench/train.py", "--krait", counting, "--seconds", TRAINING, "-j",
                        str(jobs)], check=True)
    finally:
        counting.unlink(missing_ok=True)
    profiles = sorted(folder.glob("profile.*.fdata"))
    (folder / "order").write_text("".join(f"{name}\n" for name in order(profiles)))
    with open(folder / "merged", "wb") as merged:
        subprocess.run(["merge-fdata-19", *profiles], check=True, stdout=merged, stderr=subprocess.DEVNULL)
    new = program.with_name(program.name + ".new")
    bolt(program, new, f"-data={folder}/merged", "-reorder-blocks=ext-tsp", "-split-functions", "-split-all-cold",
         "-split-eh", "-icf=1", "-reorder-functions=user", f"-function-order={folder}/order", "-use-old-text",
         "-no-huge-pages", "-use-gnu-stack")
    new.replace(program)


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
        lay_out(program, pathlib.Path(folder), options.j)


if __name__ == "__main__":
    main()
