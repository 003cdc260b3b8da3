"""Sizes that cannot be: MemoryError or OverflowError at once, never a crash and never a wait."""
import subprocess
import sys


def krait(*args, stdin=b"", **options):
    result = subprocess.run([sys.executable, *args], input=stdin, capture_output=True, timeout=120, **options)
    error = result.stderr.decode("utf-8", "backslashreplace").replace(sys.executable, "PROG")
    error = [line[:150] for line in error.replace(sys.implementation.cache_tag, "TAG").splitlines()]
    return result.returncode, result.stdout[-200:], error[-1:] if len(error) > 6 else error


def show(title, *args, **options):
    print(title, *krait(*args, **options))


for title, code in [
    ("list", "[0] * (1 << 62)"),
    ("str", "'a' * (1 << 62)"),
    ("bytes", "bytes(1 << 62)"),
    ("range list", "list(range(1 << 62))"),
    ("tuple", "(1,) * (1 << 62)"),
    ("shift", "1 << (1 << 62)"),
    ("format", "'%*d' % (1 << 62, 1)"),
    ("width", "format(1, '9999999999999')"),
    ("zfill", "'a'.zfill(1 << 62)"),
    ("center", "'a'.center(1 << 62)"),
    ("bytearray", "bytearray(1 << 62)"),
    ("repeat", "b'ab' * (1 << 62)"),
    ("join", "('x' * (1 << 20)).join(['a'] * (1 << 43))"),
    ("expandtabs", "'\\t'.expandtabs(1 << 62)"),
    ("replace", "('a' * (1 << 20)).replace('a', 'b' * (1 << 43))"),
    ("index", "[1][1 << 100]"),
    ("slice", "[1, 2][: 1 << 100], [1, 2][-(1 << 100) :]"),
    ("round", "round(1.5, 1 << 100)"),
    ("ljust", "b''.ljust(1 << 62)"),
    ("translate", "'a'.translate({97: 'b' * (1 << 43)})"),
    ("array", "__import__('array').array('i', [0]) * (1 << 62)"),
]:
    show(title, "-c", f"print({code})")
