"""os, os.path, pathlib, shutil, glob, fnmatch, tempfile, stat in a fresh folder."""
import errno
import fnmatch
import glob
import os
import pathlib
import shutil
import stat
import tempfile
from pathlib import Path, PurePosixPath, PureWindowsPath

def attempt(f, *args, **kwargs):
    try:
        print(repr(f(*args, **kwargs)))
    except Exception as error:
        print(type(error).__name__, error, sep=": ")


p = PurePosixPath("/usr/lib/python3.14/site.tar.gz")
print(
    p.parts, p.name, p.stem, p.suffix, p.suffixes, p.parent, list(map(str, p.parents))[:2], p.root, p.anchor,
    p.is_absolute(), p.with_name("x.py"), p.with_suffix(".zip"), p.with_stem("q"), p.as_uri(),
)
print(
    p / "sub" / "../up", PurePosixPath("a//b/./c/"), PurePosixPath("a") / "/abs", p.relative_to("/usr"),
    p.is_relative_to("/etc"), PurePosixPath("a/b").relative_to("a/c", walk_up=True), PurePosixPath("."),
    PurePosixPath(""), PurePosixPath("//x/y"), PurePosixPath("a").joinpath("b", "c"),
)
print(
    p.match("*.gz"), p.match("lib/*/*.gz"), p.full_match("/usr/**/*.gz"), PurePosixPath("b") > PurePosixPath("a"),
    PurePosixPath("a") == PurePosixPath("./a"), hash(PurePosixPath("a")) == hash(PurePosixPath("a/")),
    repr(PureWindowsPath("C:\\x/y.txt")), PureWindowsPath("c:/A") == PureWindowsPath("C:\\a"),
    PureWindowsPath("C:x").is_absolute(), os.fspath(p),
)
attempt(p.relative_to, "/etc")
attempt(p.with_name, "a/b")
attempt(p.with_suffix, "zip")
attempt(PurePosixPath, 5)
attempt(lambda: p / 5)
attempt(lambda: PurePosixPath("a") < PureWindowsPath("a"))

root = Path("tree")
(root / "sub" / "deep").mkdir(parents=True)
for name in ("a.py", "b.txt", "sub/c.py", "sub/deep/d.py", ".hidden"):
    (root / name).write_text(f"content of {name}\n" * 2, encoding="utf-8")
print(
    sorted(map(str, root.iterdir())), sorted(map(str, root.glob("**/*.py"))), sorted(map(str, root.rglob("*.txt"))),
    sorted(map(str, root.glob("*/"))),
)
print(
    (root / "a.py").read_text().count("\n"), (root / "a.py").stat().st_size, root.is_dir(),
    (root / "a.py").is_file(), (root / "none").exists(), (root / "a.py").read_bytes()[:7],
)
(root / "link").symlink_to("a.py")
(root / "broken").symlink_to("nowhere")
print(
    (root / "link").is_symlink(), (root / "link").readlink(), (root / "broken").exists(),
    os.path.lexists("tree/broken"), (root / "link").resolve().name, os.readlink("tree/link"),
)
attempt((root / "sub").rmdir)
attempt(root.mkdir)
print(
    root.mkdir(exist_ok=True), (root / "new").touch(), (root / "new").rename(root / "newer"),
    (root / "newer").unlink(), (root / "newer").unlink(missing_ok=True),
)
attempt((root / "newer").unlink)
attempt(Path("tree/a.py").iterdir().__next__ if hasattr(Path("x").iterdir, "__next__") else lambda: list(Path("tree/a.py").iterdir()))
for top, dirs, files in os.walk("tree"):
    dirs.sort()
    print(top, dirs, sorted(files))
print([(str(t), sorted(d)) for t, d, f in root.walk(top_down=False)][-1])
with os.scandir("tree") as entries:
    print(sorted((e.name, e.is_dir(), e.is_file(follow_symlinks=False), e.is_symlink()) for e in entries))
print(
    sorted(glob.glob("tree/*")), sorted(glob.glob("tree/**", recursive=True))[:4],
    glob.glob("tree/[ab].*", include_hidden=True) != [], sorted(glob.glob("*.py", root_dir="tree")),
    glob.escape("a[1]*"), fnmatch.filter(["a.py", "B.PY", "c"], "*.py"), fnmatch.translate("a?[!b]*"),
    fnmatch.fnmatchcase("abc", "a[a-c]c"),
)

print(
    os.path.join("a", "b", "/c", "d"), os.path.join("a", ""), os.path.split("/a/b/"), os.path.splitext("x.tar.gz"),
    os.path.splitext(".rc"), os.path.basename("/a/b"), os.path.dirname("/a/b"), os.path.normpath("/a/../b//c/."),
    os.path.commonpath(["/a/b", "/a/c"]), os.path.commonprefix(["abc", "abd"]), os.path.relpath("/a/b", "/a/c"),
    os.path.isabs("x"), os.path.expanduser("~/x") == os.environ["HOME"] + "/x", os.path.expandvars("$TERM-${NOPE}"),
    os.path.splitroot("//a/b"),
)
attempt(os.path.join, "a", 5)
attempt(os.path.join, "a", b"b")
attempt(os.path.commonpath, [])
attempt(os.path.relpath, "")
attempt(os.path.exists, "a\0")

for f, *args in [
    (os.stat, "none"), (os.listdir, "none"), (os.remove, "tree"), (os.mkdir, "tree"), (os.rmdir, "none"),
    (os.rename, "none", "x"), (os.chdir, "tree/a.py"), (os.readlink, "tree"), (os.open, "none", os.O_RDONLY),
    (os.close, 9999), (os.read, 9999, 1), (os.stat, 1.5), (os.listdir, 5.5), (os.symlink, "a", "tree/link"),
    (os.getenv, 5), (os.kill, 0, 9999), (os.strerror, 2), (os.fspath, 5), (os.access, "tree", os.R_OK),
    (os.makedirs, "tree/sub"),
]:
    attempt(f, *args)
fd = os.open("low.bin", os.O_RDWR | os.O_CREAT, 0o600)
print(
    os.write(fd, b"low level"), os.lseek(fd, 4, os.SEEK_SET), os.read(fd, 100), os.fstat(fd).st_size,
    oct(os.fstat(fd).st_mode), os.ftruncate(fd, 3), os.pread(fd, 10, 0), os.close(fd),
)
os.chmod("low.bin", 0o751)
mode = os.stat("low.bin").st_mode
print(
    stat.filemode(mode), stat.S_ISREG(mode), oct(stat.S_IMODE(mode)), os.utime("low.bin", (1000, 2000.5)),
    os.stat("low.bin").st_mtime, os.path.getmtime("low.bin"), os.stat("low.bin").st_mtime_ns, os.stat_result,
    len(os.stat(".")),
)
os.environ["KRAIT_TEST"] = "1"
print(
    os.environ.get("KRAIT_TEST"), os.getenv("KRAIT_TEST"), os.environ.pop("KRAIT_TEST"), "KRAIT_TEST" in os.environ,
    os.sep, os.linesep == "\n", os.name, os.curdir, os.extsep, os.devnull,
)
attempt(lambda: os.environ.__setitem__("a", 5))
attempt(lambda: os.environ["NOPE_"])
shutil.copy("tree/a.py", "copy.py")
shutil.copytree("tree/sub", "subcopy")
shutil.move("copy.py", "moved.py")
print(
    sorted(os.listdir(".")), shutil.which("no-such-program"), shutil.rmtree("subcopy"), os.path.exists("subcopy"),
    shutil.disk_usage(".").total > 0,
)
attempt(shutil.rmtree, "none")
attempt(shutil.copy, "none", "x")
shutil.make_archive("packed", "zip", "tree/sub")
shutil.unpack_archive("packed.zip", "unpacked")
print(sorted(str(q) for q in Path("unpacked").rglob("*")))
with tempfile.TemporaryDirectory(prefix="pre-", dir=".") as folder:
    print(os.path.isdir(folder), os.path.basename(folder).startswith("pre-"))
    with tempfile.NamedTemporaryFile("w+", suffix=".x", dir=folder) as f:
        f.write("t")
        f.seek(0)
        print(f.read(), f.name.endswith(".x"), os.path.exists(f.name))
print(
    os.path.exists(folder), os.path.exists(f.name), os.cpu_count() > 0, os.getpid() > 0, os.urandom(4) != b"",
    len(os.uname()), errno.errorcode[2], os.get_terminal_size.__name__, os.path.samefile("tree", "./tree"),
)
with tempfile.SpooledTemporaryFile(max_size=4) as f:
    f.write(b"abc")
    print(f._rolled)
    f.write(b"def")
    print(f._rolled, f.seek(0), f.read())
