"""Compares Krait's syntax trees with the oracle's, with all attributes.

usage: ast-trees.py [--frontend EXE] [--oracle EXE] [--flags FLAGS] [--show N] [PATH...]
PATH: files or folders; the default is the standard library and the test suite below build/deps. FLAGS: those of
`krait-frontend ast`, in one word: --flags="--types --version=7". The oracle's digests are kept in the build folder.
"""

import argparse
import hashlib
import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

# Runs in the oracle: for each file named on stdin a line with the digest of its dump (or, with --text, the dump).
WORKER = r'''
import ast, hashlib, sys, threading, warnings
sys.path.insert(0, sys.argv.pop(1))
from dump_tree import text_of
warnings.simplefilter("ignore")
sys.setrecursionlimit(200000)
threading.stack_size(512 * 1024 * 1024)
show = sys.argv[1] == "--text"
options = {"mode": "exec"}
for flag in sys.argv[2:]:
    if flag == "--types": options["type_comments"] = True
    elif flag.startswith("--version="): options["feature_version"] = int(flag[10:])
    else: options["mode"] = flag[2:]

def main():
    for path in sys.stdin:
        path = path.rstrip("\n")
        source = open(path, "rb").read()
        try:
            text = text_of(ast.parse(source, path, **options))
        except (SyntaxError, ValueError, MemoryError) as error:
            text = "error"
        print(text if show else hashlib.md5(text.encode()).hexdigest(), flush=True)

worker = threading.Thread(target=main)
worker.start()
worker.join()
'''


def oracle(args, files, mode):
    process = subprocess.run([args.oracle, "-c", WORKER, str(Path(__file__).parent), mode, *args.flags.split()],
                             input="".join(f"{f}\n" for f in files), stdout=subprocess.PIPE, text=True)
    return process.stdout.split("\n")[:-1]


def known_digests(args, files):
    """The oracle's digests, from the cache where a file has not changed since."""
    cache = ROOT / "build" / "compare" / "ast-digests.json"
    known = json.loads(cache.read_text()) if cache.exists() else {}
    keys = {f: f"{f} {args.flags} {Path(f).stat().st_mtime_ns} {Path(f).stat().st_size}" for f in files}
    missing = [f for f in files if keys[f] not in known]
    if missing:
        for file, digest in zip(missing, oracle(args, missing, "--digest")):
            known[keys[file]] = digest
        cache.parent.mkdir(parents=True, exist_ok=True)
        cache.write_text(json.dumps(known))
    return {f: known.get(keys[f]) for f in files}


def krait(args, files):
    """(file, dump) for each; warnings dropped, errors as "error ..."."""
    for begin in range(0, len(files), 50):
        process = subprocess.run([args.frontend, "ast", *args.flags.split(), *files[begin:begin + 50]],
                                 stdout=subprocess.PIPE)
        path, text = None, ""
        for line in process.stdout.decode(errors="replace").split("\n"):
            if line.startswith("== "):
                if path:
                    yield path, text
                path, text = line[3:], ""
            elif line:
                text = line
        if path:
            yield path, text
        if process.returncode < 0:
            print(f"krait-frontend died of signal {-process.returncode} after {path}")


def difference(mine, theirs):
    at = next((i for i, (a, b) in enumerate(zip(mine, theirs)) if a != b), min(len(mine), len(theirs)))
    begin = max(0, at - 150)
    return f"    krait  ...{mine[begin:at + 200]}\n    oracle ...{theirs[begin:at + 200]}"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--frontend", default=str(ROOT / "build/dev/krait-frontend"))
    parser.add_argument("--oracle", default=str(ROOT / "build/deps/oracle/python3.14"))
    parser.add_argument("--flags", default="")
    parser.add_argument("--show", type=int, default=5)
    parser.add_argument("paths", nargs="*")
    args = parser.parse_args()
    paths = args.paths or [ROOT / "build/deps/stdlib", ROOT / "build/deps/testsuite"]
    files = []
    for path in map(Path, paths):
        files += [str(path)] if path.is_file() else sorted(map(str, path.rglob("*.py")))
    expected = known_digests(args, files)
    same, errors, shown, seen = 0, 0, 0, set()
    for file, text in krait(args, files):
        seen.add(file)
        failed = text.startswith("error ")
        digest = hashlib.md5(("error" if failed else text).encode()).hexdigest()
        errors += failed
        if digest == expected[file]:
            same += 1
        elif shown < args.show:
            shown += 1
            theirs = oracle(args, [file], "--text")[0]
            print(f"{file}\n{difference(text, theirs)}")
    missing = [f for f in files if f not in seen]
    if missing:
        print(f"no answer for {missing[:5]}")
    print(f"{len(files)} files compared: {same} identical ({errors} of them errors or both), "
          f"{len(files) - same} different")
    sys.exit(same != len(files))


main()
