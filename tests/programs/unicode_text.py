"""Unicode: names, normalisation, codecs and their errors, identifiers, surrogates, case."""
import codecs
import unicodedata

def attempt(f, *args, **kwargs):
    try:
        print(ascii(f(*args, **kwargs)))
    except Exception as error:
        print(type(error).__name__, ascii(str(error)), sep=": ")


for c in "aÉßΣж٣½Ⅷ一가ﬁ\u0301\u200d\U0001f600\U00020000\ue000\u0378":
    print(f"{ord(c):06x}", unicodedata.name(c, "?"), unicodedata.category(c), unicodedata.bidirectional(c), unicodedata.combining(c),
          unicodedata.east_asian_width(c), unicodedata.mirrored(c), ascii(unicodedata.decomposition(c)), unicodedata.numeric(c, None),
          unicodedata.digit(c, None), unicodedata.decimal(c, None))
print(
    unicodedata.lookup("SNOWMAN"), unicodedata.lookup("HANGUL SYLLABLE GAG"),
    unicodedata.lookup("CJK UNIFIED IDEOGRAPH-4E00"), unicodedata.unidata_version,
)
attempt(unicodedata.lookup, "NO SUCH THING")
attempt(unicodedata.name, "\u0378")
attempt(unicodedata.name, "ab")
attempt(unicodedata.digit, "x")
attempt(unicodedata.normalize, "NFX", "a")
text = "e\u0301 ﬁ ² Å \uac00 q\u0307\u0323 \u1e9b\u0323"
for form in ("NFC", "NFD", "NFKC", "NFKD"):
    result = unicodedata.normalize(form, text)
    print(form, ascii(result), unicodedata.is_normalized(form, text), unicodedata.is_normalized(form, result))

# Encodings round trip, and marks.
sample = "aé€😀\u0416"
for name in (
    "utf-8", "utf-8-sig", "utf-16", "utf-16-be", "utf-32", "utf-32-le", "utf-7", "punycode", "unicode-escape",
    "raw-unicode-escape",
):
    data = sample.encode(name)
    print(name, data, data.decode(name) == sample)
for name, word in [
    ("latin-1", "é"), ("cp1252", "€"), ("koi8-r", "Ж"), ("iso8859-5", "Ж"), ("cp437", "é"), ("mac-roman", "é"),
    ("idna", "bücher.de"), ("cp037", "A"),
]:
    data = word.encode(name)
    print(name, data, data.decode(name))
bad = b"a\xffb\xe2\x82c\xf0\x9f\x98"
for errors in ("replace", "ignore", "backslashreplace", "surrogateescape"):
    print(errors, ascii(bad.decode("utf-8", errors)), ascii(b"\x80a".decode("ascii", errors)))
print(bad.decode("utf-8", "surrogateescape").encode("utf-8", "surrogateescape") == bad)
for data in [
    b"\xc0\x80", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xe2\x82", b"\xe2\x28\xa1", b"\xf8", b"\x80", b"a\xc3",
]:
    attempt(data.decode)
for data, name in [(b"\x00", "utf-16"), (b"\x00\xd8", "utf-16-le"), (b"\x00\xdc\x00\x00", "utf-16-le"), (b"\xff\xff\xff\xff", "utf-32-le"),
                   (b"\\x1", "unicode-escape"), (b"\\N{nope}", "unicode-escape"), (b"\\U00110000", "unicode-escape"), (b"+A", "utf-7"), (b"\x81", "cp1252")]:
    attempt(data.decode, name)
for word, name in [("\ud800", "utf-8"), ("\ud800", "utf-16"), ("€", "latin-1"), ("aé€x", "ascii"), ("ж", "cp1252")]:
    attempt(word.encode, name)
attempt("x".encode, "nope")
attempt(b"x".decode, "rot13")
attempt(b"x".decode, "ascii\0")

def handler(error):
    print("handler", type(error).__name__, error.start, error.end, error.reason)
    return ("<%d>" % (error.end - error.start), error.end)
codecs.register_error("angle", handler)
print("aé€b".encode("ascii", "angle"))
codecs.register_error("broken", lambda e: 5)
attempt("é".encode, "ascii", "broken")
codecs.register_error("byteback", lambda e: (b"?", e.end))
print("é".encode("ascii", "byteback"))
attempt(codecs.lookup_error, "absent")

decoder = codecs.getincrementaldecoder("utf-8")()
print([decoder.decode(bytes([b])) for b in "é€😀".encode()], decoder.getstate())
decoder = codecs.getincrementaldecoder("utf-16")()
print([decoder.decode(bytes([b])) for b in "aé".encode("utf-16")])
encoder = codecs.getincrementalencoder("utf-8-sig")()
print(encoder.encode("a"), encoder.encode("b", True))
info = codecs.lookup("UTF8")
print(info.name, info.encode("é"), codecs.lookup("latin1").name, codecs.lookup("ISO_8859-1").name, codecs.BOM_UTF8)
print(
    codecs.encode("abc", "rot13"), codecs.encode(b"abc", "hex"), codecs.decode(b"616263", "hex"),
    codecs.encode(b"ab", "base64"),
)
print(codecs.escape_decode(rb"\n\x41\101"), codecs.charmap_encode("ab", "strict", {97: 65, 98: b"B"}))

# Identifiers are normalised; sizes follow the widest character.
ﬁx = 1
print(fix, "ﬁx" in globals(), "fix" in globals(), "变量".isidentifier(), "a\u0301".isidentifier(), "·".isidentifier())
class K: 𝐱 = 2
print(K.x, getattr(K, "x"), hasattr(K, "𝐱"))
import sys
sizes = [sys.getsizeof(c * 100) - sys.getsizeof("") for c in "aé€😀"]
print(sizes)
for word in ["straße", "ΌΣΟΣ", "ŉa", "ﬃ", "ǰ", "İstanbul", "ᾳ", "Ǆ"]:
    print(
        word.upper(), word.lower(), word.title(), word.casefold(), word.swapcase(), word.capitalize(),
        len(word.upper()),
    )
print(
    [hex(ord(c)) for c in "\N{LATIN SMALL LETTER E WITH ACUTE}\U0001F600\N{DIGIT ONE}"], "\u0661".isdigit(),
    int("\u0661\u0662"), float("\uff11.5"),
)
attempt(int, "²")
print(sorted(["é", "z", "a", "É", "Z", "\U0001f600", "\uffff"], key=None), "\uffff" < "\U00010000")
