# Decoding UTF-8 of many lengths and mixtures, valid and damaged, at every place within a block of 64 bytes.
import random
import zlib

r = random.Random(8)
ALPHABETS = [
    "abcdefghij",
    "abcdeé",
    "éüñß",
    "aЖд",
    "漢字かな",
    "ab漢é",
    "\ud7ff\ue000\uffff\u0800\u07ff",
    "😀\U0010ffff\U00010000",
    "a é漢😀\x7f\x80",
]


def show(label, data):
    try:
        text = data.decode()
        answer = f"{len(text)} {max(map(ord, text), default=0):x} {zlib.crc32(ascii(text).encode()):08x}"
        assert text.encode() == data
    except UnicodeDecodeError as e:
        answer = f"{e.start} {e.end} {e.reason} {zlib.crc32(ascii(data.decode(errors='replace')).encode()):08x}"
    return f"{label}: {answer}"


total = 0
for letters in ALPHABETS:
    for n in list(range(0, 140)) + [1000, 4096]:
        data = "".join(r.choices(letters, k=n)).encode()
        line = show(n, data)
        total = zlib.crc32(line.encode(), total)
        for _ in range(6):
            if not data:
                break
            broken = bytearray(data)
            at = r.randrange(len(broken))
            match r.randrange(4):
                case 0:
                    del broken[at:]
                case 1:
                    del broken[at]
                case 2:
                    broken[at] = r.choice(b"\x00\x41\x80\x8f\x90\x9f\xa0\xbf\xc0\xc1\xc2\xe0\xed\xf0\xf4\xf5\xff")
                case 3:
                    broken.insert(at, r.choice(b"\x80\xc3\xe2\xed\xf0\xf4"))
            line = show("broken", bytes(broken))
            total = zlib.crc32(line.encode(), total)
    print(ascii(letters), f"{total:08x}")

# Each sequence at each place, and the bounds of second bytes.
for place in range(58, 70):
    for data in (b"\xc3\xa9", b"\xe2\x82\xac", b"\xf0\x9f\x98\x80", b"\xe0\x9f\xbf", b"\xed\xa0\x80", b"\xf0\x8f\xbf\xbf",
                 b"\xf4\x90\x80\x80", b"\xc1\xbf", b"\xe2\x82", b"\xf0\x9f\x98", b"\x80", b"\xf4\x8f\xbf\xbf"):
        for tail in (b"", b"x" * 64):
            line = show(place, b"a" * place + data + tail)
            total = zlib.crc32(line.encode(), total)
    print(place, f"{total:08x}", line)
