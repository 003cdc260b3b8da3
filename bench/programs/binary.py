"""Bytes: struct, bytearray, memoryview, slices, hex, int.from_bytes, a checksum in Python."""

import struct


def crc_table():
    table = []
    for n in range(256):
        for _ in range(8):
            n = 0xEDB88320 ^ n >> 1 if n & 1 else n >> 1
        table.append(n)
    return table


TABLE = crc_table()


def crc(data):
    c = 0xFFFFFFFF
    for byte in data:
        c = TABLE[(c ^ byte) & 255] ^ c >> 8
    return c ^ 0xFFFFFFFF


def run():
    out = bytearray()
    header = struct.Struct("<IHHd")
    for i in range(800):
        out += header.pack(i, i & 0xFFFF, i >> 3, i / 7)
        out.extend(b"xyz")
    total, at = 0, 0
    view = memoryview(out)
    while at < len(out):
        a, b, c, d = header.unpack_from(view, at)
        total += a + b + c + int(d)
        at += header.size + 3
    chunks = [bytes(out[i : i + 16]) for i in range(0, len(out), 16)]
    total += sum(int.from_bytes(c[:4], "little") for c in chunks) % 1000
    return total, crc(out[:3000]), len(out.hex()), out.count(b"xyz"), len(b"".join(chunks).replace(b"x", b"--"))


EXPECTED = (724476, 2254512153, 30400, 800, 16006)
