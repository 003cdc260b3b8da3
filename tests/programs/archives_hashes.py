"""zlib, gzip, bz2, lzma, zipfile, tarfile, hashlib, hmac, base64, binascii, html, urllib.parse, quopri."""
import base64
import binascii
import bz2
import gzip
import hashlib
import hmac
import html
import io
import lzma
import os
import quopri
import tarfile
import urllib.parse as up
import zipfile
import zlib

def attempt(f, *args, **kwargs):
    try:
        print(repr(f(*args, **kwargs)))
    except Exception as error:
        print(type(error).__name__, error, sep=": ")


text = b"the rain in spain " * 50
for module in (zlib, gzip, bz2, lzma):
    packed = module.compress(text)
    print(module.__name__, len(packed) < len(text), module.decompress(packed) == text)
    attempt(module.decompress, b"garbage!")
    attempt(module.decompress, packed[:20])
    attempt(module.compress, "text")
print(zlib.crc32(b"abc"), zlib.adler32(b"abc"), zlib.crc32(b"c", zlib.crc32(b"ab")), binascii.crc32(b"abc"))
c = zlib.compressobj(9, zlib.DEFLATED, -15)
raw = c.compress(text) + c.flush()
d = zlib.decompressobj(-15)
print(
    d.decompress(raw, 10), len(d.unconsumed_tail) > 0, d.decompress(d.unconsumed_tail) == text[10:], d.eof,
    d.unused_data,
)
attempt(zlib.compressobj, 99)
attempt(zlib.decompress, raw)
attempt(zlib.compress, text, 10)
with gzip.open("t.gz", "wt", encoding="utf-8") as f:
    f.write("é line\nsecond\n")
with gzip.open("t.gz", "rt", encoding="utf-8") as f:
    print(f.readlines())
print(gzip.compress(b"x", mtime=0)[:4], len(gzip.compress(b"x")))
with lzma.open("t.xz", "wb") as f, bz2.open("t.bz2", "wb") as g:
    print(f.write(text), g.write(text))
print(lzma.open("t.xz").read() == bz2.open("t.bz2").read())

with zipfile.ZipFile("a.zip", "w", zipfile.ZIP_DEFLATED) as z:
    z.writestr("one.txt", "first")
    z.writestr(zipfile.ZipInfo("dir/two.bin", (2020, 1, 2, 3, 4, 6)), b"\0" * 100)
    with z.open("three.txt", "w") as member:
        member.write(b"streamed")
with zipfile.ZipFile("a.zip") as z:
    print(
        z.namelist(), z.read("one.txt"), z.getinfo("dir/two.bin").date_time, z.getinfo("dir/two.bin").file_size,
        z.testzip(), z.open("three.txt").read(3), zipfile.is_zipfile("a.zip"), zipfile.is_zipfile("t.gz"),
    )
    attempt(z.read, "none")
    print(sorted(str(p) for p in zipfile.Path(z).iterdir()), z.extract("one.txt"), os.path.exists("one.txt"))
    attempt(z.writestr, "x", "y")
attempt(zipfile.ZipFile, "t.gz")
attempt(zipfile.ZipFile, "none.zip")
attempt(zipfile.ZipFile, "b.zip", "q")
with tarfile.open("a.tar.gz", "w:gz") as t:
    info = tarfile.TarInfo("folder/file.txt")
    info.size, info.mtime, info.mode = 5, 1000, 0o644
    t.addfile(info, io.BytesIO(b"hello"))
    t.add("one.txt")
with tarfile.open("a.tar.gz") as t:
    print(
        t.getnames(), t.extractfile("folder/file.txt").read(), t.getmember("folder/file.txt").mode,
        [m.isfile() for m in t],
    )
    attempt(t.getmember, "none")
    t.extractall("out", filter="data")
print(os.listdir("out/folder"), tarfile.is_tarfile("a.zip"))
attempt(tarfile.open, "a.zip")
attempt(tarfile.open, "x", "q:zz")

for name in ("md5", "sha1", "sha256", "sha512", "sha3_256", "blake2b", "blake2s", "shake_128"):
    h = hashlib.new(name, b"ab")
    h.update(b"c")
    print(
        name, h.name, h.digest_size, h.block_size,
        (h.hexdigest(8) if name.startswith("shake") else h.hexdigest()[:24]), h.copy().block_size,
    )
attempt(hashlib.new, "nope")
attempt(hashlib.sha256, "text")
attempt(hashlib.sha256().update, 5)
print(
    hashlib.pbkdf2_hmac("sha256", b"pw", b"salt", 10).hex()[:20],
    hashlib.blake2b(b"x", digest_size=4, key=b"k", salt=b"s").hexdigest(),
    hashlib.file_digest(io.BytesIO(b"abc"), "sha1").hexdigest(), "sha256" in hashlib.algorithms_guaranteed,
    hashlib.scrypt(b"p", salt=b"s", n=4, r=1, p=1, dklen=4).hex(),
)
print(
    hmac.new(b"key", b"msg", "sha256").hexdigest()[:20], hmac.digest(b"k", b"m", "md5").hex(),
    hmac.compare_digest(b"a", b"a"), hmac.new(b"k", digestmod="sha1").name,
)
attempt(hmac.new, b"k", b"m")
attempt(hmac.compare_digest, "é", "é")

data = bytes(range(0, 256, 17))
for codec in ("b64", "b32", "b16", "b85", "a85", "urlsafe_b64", "b32hex"):
    encoded = getattr(base64, codec + "encode")(data)
    print(codec, encoded, getattr(base64, codec + "decode")(encoded) == data)
attempt(base64.b64decode, "abc")
attempt(base64.b64decode, b"a!b=", validate=True)
attempt(base64.b32decode, b"A")
attempt(base64.b64encode, "x")
attempt(base64.b16decode, b"ff")
attempt(base64.b85decode, b"\xff")
print(
    base64.b64decode(b"YW\nJj"), base64.encodebytes(b"x" * 60), base64.b64encode(b"??>", altchars=b"-_"),
    base64.b16decode("ff", casefold=True), binascii.hexlify(b"ab", "-"), binascii.unhexlify("6162"),
    binascii.b2a_base64(b"a", newline=False), binascii.crc_hqx(b"a", 0), binascii.b2a_uu(b"cat"),
    quopri.encodestring("é=x".encode()), quopri.decodestring(b"=C3=A9"),
)
attempt(binascii.unhexlify, "abc")
attempt(binascii.unhexlify, "zz")
attempt(binascii.a2b_base64, "é")
print(html.escape("<a href='x'>&\"</a>"), html.unescape("&lt;&eacute;&#233;&#x41;&notit;&amp&nosuch;"))

u = up.urlsplit("https://user:pw@Host.com:8080/p/a;x?q=1&r=%20#frag")
print(u, u.hostname, u.port, u.username, u.geturl(), u._replace(query="").geturl())
print(
    up.urlparse("//h/p;a?b#c"), up.urljoin("http://a/b/c/d", "../e?f"), up.quote("a b/é?"), up.quote_plus("a b&c"),
    up.unquote("%C3%A9%zz"), up.unquote_plus("a+b"), up.urlencode({"a": [1, 2], "b": "x y"}, doseq=True),
    up.parse_qs("a=1&a=2&b=&c", keep_blank_values=True), up.parse_qsl("x=1&y=%26"), up.urldefrag("u#f"),
    up.unquote_to_bytes("a%ff"),
)
attempt(lambda: up.urlsplit("http://[bad").hostname)
attempt(lambda: up.urlsplit("http://h:99999").port)
attempt(lambda: up.urlsplit("http://h:x").port)
attempt(up.parse_qs, "a&b", strict_parsing=True)
attempt(up.urlencode, 5)
attempt(up.urljoin, "a", b"b")
attempt(up.quote, 5)
