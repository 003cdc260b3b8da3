"""Files: open modes, buffering, text layers, seeking, newlines, encodings, StringIO/BytesIO, errors."""
import io
import os

def attempt(f, *args, **kwargs):
    try:
        print(repr(f(*args, **kwargs)))
    except Exception as error:
        print(type(error).__name__, error, sep=": ")


with open("a.txt", "w", encoding="utf-8") as f:
    print(
        f.name, f.mode, f.encoding, f.closed, f.write("line one\n"), f.writelines(["two é\n", "three"]), f.tell(),
        f.writable(), f.readable(), f.seekable(), f.isatty(),
    )
print(f.closed, f)
with open("a.txt", encoding="utf-8") as f:
    print(
        f.readline(), f.read(3), f.readlines(), repr(f.read()), repr(f.readline()), f.seek(0), list(f),
        f.seek(0, 2), f.errors, f.newlines, f.line_buffering,
    )
    f.seek(0)
    print(next(f))
    attempt(f.tell)
    attempt(f.write, "x")
    attempt(f.seek, 1, 1)
    attempt(f.seek, -1)
attempt(f.read)
attempt(f.seek, 0)
for mode in ("rb", "r+b", "ab", "wb+", "xb"):
    name = "b.bin" if mode == "xb" else "a.txt"
    with open(name, mode) as f:
        print(
            mode, f.mode, type(f).__name__, f.tell(), f.read(4) if f.readable() else None,
            f.write(b"zz") if f.writable() else None, f.tell(),
        )
attempt(open, "b.bin", "x")
for mode in ("", "rw", "z", "r+w", "rU", "b", "rbt", "r++"):
    attempt(open, "a.txt", mode)
attempt(open, "missing.txt")
attempt(open, ".")
attempt(open, "nodir/x", "w")
attempt(open, "a\0b")
attempt(open, 5.5)
attempt(open, 999)
attempt(open, "a.txt", "rb", encoding="utf-8")
attempt(open, "a.txt", newline="x")
attempt(open, "a.txt", "r", 0)
attempt(open, "a.txt", encoding="nope")
attempt(open, "a.txt", closefd=False)
attempt(lambda: open("a.txt", "rb").write(b"x"))

with open("n.txt", "wb") as f:
    f.write(b"a\nb\r\nc\rd\r\n")
for newline in (None, "", "\n", "\r", "\r\n"):
    with open("n.txt", newline=newline) as f:
        print(repr(newline), f.readlines(), repr(f.newlines))
    with open("w.txt", "w", newline=newline) as f:
        f.write("x\ny\r\n")
    print(open("w.txt", "rb").read())
with open("l.txt", "wb") as f:
    f.write(b"caf\xe9 \xff ok")
for errors in ("ignore", "replace", "surrogateescape", "backslashreplace"):
    with open("l.txt", encoding="utf-8", errors=errors) as f:
        print(errors, ascii(f.read()))
attempt(lambda: open("l.txt", encoding="utf-8").read())
attempt(lambda: open("w.txt", "w", encoding="ascii").write("é"))
with open("u16.txt", "w", encoding="utf-16") as f:
    f.write("añ")
    f.write("b")
print(open("u16.txt", "rb").read()[2:], open("u16.txt", encoding="utf-16").read())

# Raw and buffered layers.
raw = open("raw.bin", "wb", buffering=0)
print(type(raw).__name__, raw.write(b"0123456789" * 3), raw.fileno() > 2, raw.close(), raw.closed)
with open("raw.bin", "rb", buffering=8) as f:
    print(
        type(f).__name__, f.peek(2)[:2], f.read1(3), f.read(5), f.seek(-4, 2), f.read(), f.raw.__class__.__name__,
        f.seek(10), f.readinto(buffer := bytearray(4)), buffer, f.readline(), f.read(0),
    )
with open("raw.bin", "r+b") as f:
    f.seek(5)
    f.write(b"ABC")
    print(f.read(2), f.seek(0), f.read(10), f.truncate(12), f.seek(0), f.read())
t = open("raw.bin")
print(t.buffer.read(2), t.buffer.raw.tell() >= 2, type(t.buffer).__name__)
b = t.detach()
print(type(b).__name__, b.read(1))
attempt(t.read)
b.close()
with open("re.txt", "w+", encoding="utf-8") as f:
    f.write("first\nsecond\n")
    f.reconfigure(line_buffering=True, errors="replace")
    f.seek(0)
    print(f.readline(), f.tell(), f.errors, f.line_buffering)
    attempt(f.reconfigure, encoding="latin-1")

# StringIO and BytesIO.
s = io.StringIO("one\ntwo\nthree")
print(
    s.readline(), s.tell(), s.read(2), s.readlines(), s.seek(0), s.truncate(5), s.getvalue(), s.seek(0, 2),
    s.write("é!"), s.getvalue(), list(io.StringIO("a\r\nb\n", newline=None)),
)
attempt(s.write, b"x")
attempt(io.StringIO, 5)
attempt(s.seek, 1, 1)
s.close()
attempt(s.getvalue)
b = io.BytesIO(b"abcdef")
print(
    b.read(2), b.getbuffer()[3:].tobytes(), b.seek(-2, 1), b.write(b"ZZZ"), b.getvalue(), b.seek(10), b.write(b"!"),
    b.getvalue(), b.readable(), b.tell(),
)
view = b.getbuffer()
attempt(b.write, b"x" * 20)
view.release()
attempt(b.seek, -1)
attempt(io.BytesIO, "x")
w = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", newline="\r\n", write_through=True)
w.write("a\nb")
print(w.buffer.getvalue(), w.seek(0), repr(w.read()))
pipe_r, pipe_w = os.pipe()
with os.fdopen(pipe_w, "w") as wr: wr.write("through a pipe\n")
with os.fdopen(pipe_r) as rd: print(rd.read(), rd.seekable())
class Raw(io.RawIOBase):
    def __init__(self): self.data = [b"ab", b"", b"cd"]
    def readable(self): return True
    def readinto(self, b):
        chunk = self.data.pop(0) if self.data else b""
        b[:len(chunk)] = chunk
        return len(chunk)
print(io.BufferedReader(Raw()).read(), Raw().read(2), Raw().readall(), isinstance(Raw(), io.IOBase))
attempt(Raw().write, b"x")
attempt(io.IOBase().fileno)
attempt(io.BufferedReader(Raw()).seek, 0)
print(
    io.open is open, io.SEEK_END, io.DEFAULT_BUFFER_SIZE,
    print("to file", 1, sep="-", end="!\n", file=(o := io.StringIO()), flush=True), repr(o.getvalue()),
)
attempt(print, "x", sep=5)
attempt(print, "x", file=5)
attempt(input)
print(sorted(os.listdir(".")))
