"""AES in Python: tables of bytes, shifts and exclusive ors; a few blocks in counter mode."""


def make_sbox():
    p = q = 1
    box = [0] * 256
    while True:
        p = p ^ (p << 1) & 0xFF ^ (0x1B if p & 0x80 else 0)
        q ^= q << 1
        q ^= q << 2
        q ^= q << 4
        q &= 0xFF
        if q & 0x80:
            q ^= 0x09
        x = q
        for shift in range(1, 5):
            x ^= (q << shift | q >> (8 - shift)) & 0xFF
        box[p] = x ^ 0x63
        if p == 1:
            break
    box[0] = 0x63
    return box


SBOX = make_sbox()
TWICE = [(x << 1 ^ (0x1B if x & 0x80 else 0)) & 0xFF for x in range(256)]


def expand(key):
    words = [list(key[i : i + 4]) for i in range(0, 16, 4)]
    factor = 1
    for i in range(4, 44):
        word = list(words[-1])
        if i % 4 == 0:
            word = [SBOX[b] for b in word[1:] + word[:1]]
            word[0] ^= factor
            factor = TWICE[factor]
        words.append([a ^ b for a, b in zip(words[i - 4], word)])
    return [sum(words[r * 4 : r * 4 + 4], []) for r in range(11)]


def encrypt(block, keys):
    state = [a ^ b for a, b in zip(block, keys[0])]
    for r in range(1, 11):
        state = [SBOX[state[(i + 4 * (i % 4)) % 16]] for i in range(16)]
        if r < 10:
            mixed = []
            for c in range(0, 16, 4):
                a, b, d, e = state[c : c + 4]
                every = a ^ b ^ d ^ e
                mixed += (
                    a ^ every ^ TWICE[a ^ b],
                    b ^ every ^ TWICE[b ^ d],
                    d ^ every ^ TWICE[d ^ e],
                    e ^ every ^ TWICE[e ^ a],
                )
            state = mixed
        state = [a ^ b for a, b in zip(state, keys[r])]
    return bytes(state)


def run():
    keys = expand(bytes(range(16)))
    known = encrypt(bytes.fromhex("00112233445566778899aabbccddeeff"), keys).hex()
    total = 0
    for counter in range(60):
        total += sum(encrypt(counter.to_bytes(16, "big"), keys))
    return known, total


EXPECTED = ('69c4e0d86a7b0430d8cdb78070b4c55a', 123935)
