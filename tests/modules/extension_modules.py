# Modules that are compiled for CPython and loaded as they are. Those that want more than Debian 12 has are left out.
import bz2
import codecs
import hmac
import lzma
import mmap
import queue
import resource
import sqlite3
import sys
import tempfile
import uuid
from compression import zstd

data = bytes(range(256)) * 40
for module in (bz2, lzma, zstd):
    packed = module.compress(data)
    print(module.__name__, len(packed) < len(data), module.decompress(packed) == data)
    try:
        module.decompress(b"no such thing")
    except Exception as e:
        print(type(e).__name__, e)

db = sqlite3.connect(":memory:", detect_types=sqlite3.PARSE_DECLTYPES)
db.execute("create table t (a integer, b real, c text, d blob)")
rows = [(1, 2.5, "x\u20ac", b"\0\1"), (2**62, None, "", b""), (-5, 1e300, "y", None)]
db.executemany("insert into t values (?, ?, ?, ?)", rows)
print(db.execute("select * from t order by rowid").fetchall() == rows)
print(db.execute("select sum(a < 0), max(b), group_concat(c) from t").fetchone())
db.create_function("twice", 1, lambda v: v * 2)
db.create_aggregate("joined", 1, type("Joined", (), {"__init__": lambda self: setattr(self, "all", []),
                                                     "step": lambda self, v: self.all.append(v),
                                                     "finalize": lambda self: repr(self.all)}))
print(db.execute("select twice(21), twice('ab'), joined(a) from t").fetchone())
db.row_factory = sqlite3.Row
row = db.execute("select a, c as name from t").fetchone()
print(row["name"], row.keys(), tuple(row))
for statement in ("select nothing from t", "select 1; select 2", "select ?"):
    try:
        db.execute(statement)
    except sqlite3.Error as e:
        print(type(e).__name__, e)

with tempfile.TemporaryFile() as f:
    f.write(b"hello mapped world")
    f.flush()
    with mmap.mmap(f.fileno(), 0) as m:
        m[0:5] = b"HELLO"
        print(m[:], m.find(b"map"), len(m), m.rfind(b"o"), m.read(5), m.tell())
        with memoryview(m) as view:
            view[-1] = 33
        print(m[-6:])

q = queue.SimpleQueue()
q.put([1]); q.put("b")
print(q.get(), q.qsize(), q.get(timeout=1), q.empty())
try:
    q.get_nowait()
except queue.Empty as e:
    print(type(e).__qualname__)

for name in ("gb18030", "big5hkscs", "shift_jis", "euc_kr", "iso2022_jp", "hz"):
    text = "\u4e00\u4e8c a"
    coded = text.encode(name)
    print(name, coded, coded.decode(name) == text)
print("\u20ac".encode("shift_jis", "backslashreplace"), codecs.lookup("gbk").name)
decoder = codecs.getincrementaldecoder("euc_jp")("replace")
print([decoder.decode(bytes([b])) for b in b"a\xb0\xec\xff"], repr(decoder.decode(b"", True)))

print(hmac.new(b"key", b"text", "sha256").hexdigest(), hmac.digest(b"key", b"text", "md5").hex())
print(uuid.uuid3(uuid.NAMESPACE_DNS, "krait"), uuid.uuid1().version)
print(resource.getrlimit(resource.RLIMIT_CORE)[0] >= -1, type(resource.getrusage(0)).__name__)
for name in ("_bz2", "_lzma", "_zstd", "_sqlite3", "mmap", "_multibytecodec"):
    print(name, sys.modules[name].__spec__.loader.__class__.__name__)
