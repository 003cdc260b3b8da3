"""Small ints passed by keyword to an "O" of PyArg_ParseTupleAndKeywords: what C borrows must outlive the parsing."""
import lzma

data = lzma.compress(b"text" * 100)
kept = []
for i in range(20_000):
    limit = 10_000_000 + i
    d = lzma.LZMADecompressor(format=lzma.FORMAT_AUTO, memlimit=limit)
    kept.append(iter((i, limit)))
    if len(kept) > 50:
        kept.clear()
print(d.decompress(data)[:8], d.eof)
for preset in range(4):
    for _ in range(30):
        c = lzma.LZMACompressor(preset=preset)
        kept.append(iter([preset]))
    packed = c.compress(b"abc" * 50) + c.flush()
    print(preset, lzma.decompress(packed) == b"abc" * 50)
for wrong in (2**70, "x", None):
    try:
        print(type(lzma.LZMADecompressor(memlimit=wrong)).__name__)
    except Exception as e:
        print(type(e).__name__, e)

for i in range(3000):
    for preset in (4.39, 10, 23, "one"):
        try:
            lzma.LZMACompressor(preset=preset)
        except (TypeError, lzma.LZMAError) as e:
            kept.append(iter((i, preset, e.args)))
            if i == 0:
                print(type(e).__name__, e)
    kept.append(iter([i]))
    if len(kept) > 500:
        kept.clear()
