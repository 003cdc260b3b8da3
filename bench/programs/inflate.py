"""Compression in Python: LZ77 with a hash chain, Huffman codes, bits in and out again."""

import heapq


def matches(data):
    table, i, out = {}, 0, []
    while i < len(data):
        key = data[i : i + 3]
        j = table.get(key, -1)
        length = 0
        if j >= 0 and len(key) == 3 and i - j < 4096:
            while length < 66 and i + length < len(data) and data[j + length] == data[i + length]:
                length += 1
        table[key] = i
        if length >= 3:
            out.append((length, i - j))
            i += length
        else:
            out.append(data[i])
            i += 1
    return out


def codes(symbols):
    counts = {}
    for s in symbols:
        counts[s] = counts.get(s, 0) + 1
    heap = [(n, i, s) for i, (s, n) in enumerate(sorted(counts.items()))]
    heapq.heapify(heap)
    serial = len(heap)
    while len(heap) > 1:
        a, b = heapq.heappop(heap), heapq.heappop(heap)
        heapq.heappush(heap, (a[0] + b[0], serial, (a, b)))
        serial += 1
    table = {}

    def walk(node, code, bits):
        what = node[2]
        if isinstance(what, tuple):
            walk(what[0], code << 1, bits + 1)
            walk(what[1], code << 1 | 1, bits + 1)
        else:
            table[what] = (code, bits)

    walk(heap[0], 0, 0)
    return table


def run():
    text = " ".join("item%d costs %d.%02d" % (i % 37, i * 7 % 50, i % 100) for i in range(400)).encode()
    items = matches(text)
    symbols = [item if isinstance(item, int) else 256 + item[0] for item in items]
    table = codes(symbols)
    stream, bits, out = 0, 0, bytearray()
    for s in symbols:
        code, n = table[s]
        stream, bits = stream << n | code, bits + n
        while bits >= 8:
            bits -= 8
            out.append(stream >> bits & 255)
            stream &= (1 << bits) - 1
    out.append(stream << (8 - bits) & 255)
    back = {(n, code): s for s, (code, n) in table.items()}
    result, code, n, k = bytearray(), 0, 0, 0
    for byte in out:
        for shift in range(7, -1, -1):
            code, n = code << 1 | (byte >> shift & 1), n + 1
            s = back.get((n, code))
            if s is None or k >= len(items):
                continue
            if s < 256:
                result.append(s)
            else:
                distance = items[k][1]
                for _ in range(s - 256):
                    result.append(result[-distance])
            k, code, n = k + 1, 0, 0
    return len(text), len(out), bytes(result) == text


EXPECTED = (7409, 673, True)
