# Patterns from a grammar on generated text: what each operation of re finds, summed up.
import random
import re
import zlib

r = random.Random(14)
ATOMS = ["a", "b", "c", "ab", "[ab]", "[^a]", "[a-c]", r"\w", r"\d", r"\s", ".", "x", "é", "[^\\Wb]", "B"]
REPEATS = ["*", "+", "?", "{2}", "{1,3}", "{0,2}", "*?", "+?", "??", "{1,2}?", "*+", "++", "?+"]


def pattern(depth, groups):
    "A random pattern; `groups`: a list that counts them."
    parts = []
    for _ in range(r.randrange(1, 4)):
        kind = r.randrange(14 if depth else 4)
        if kind < 4:
            part = r.choice(ATOMS)
        elif kind < 6:
            groups.append(None)
            part = "(" + pattern(depth - 1, groups) + ")"
        elif kind < 8:
            part = "(?:" + pattern(depth - 1, groups) + ")"
        elif kind == 8:
            part = "(?:" + "|".join(pattern(depth - 1, groups) for _ in range(r.randrange(2, 4))) + ")"
        elif kind == 9:
            part = r.choice(["(?=", "(?!"]) + pattern(depth - 1, groups) + ")"
        elif kind == 10:
            part = r.choice(["(?<=", "(?<!"]) + r.choice(["a", "b", "ab", "[bc]", r"\w", "ca", ".b"]) + ")"
        elif kind == 11:
            part = r.choice(["^", "$", r"\b", r"\B", r"\A", r"\Z"])
        elif kind == 12:
            part = "(?>" + pattern(depth - 1, groups) + ")"
        else:
            part = f"\\{r.randrange(1, len(groups) + 1)}" if groups else "a"
        if r.random() < 0.4 and part not in ("^", "$") and not part.startswith(("\\A", "\\Z", "\\b", "\\B")):
            part += r.choice(REPEATS)
        parts.append(part)
    return "".join(parts)


TEXTS = ["", "a", "ab", "abcabc", "aabbccab xab", "b\nab\n", "cab 12 bca,aé", "xxabab", "abcbc", "ABab"]
total = count = 0
for turn in range(1200):
    source = pattern(2, [])
    flags = r.choice([0, 0, re.I, re.M, re.S, re.A])
    try:
        p = re.compile(source, flags)
    except (re.PatternError, OverflowError) as e:
        total = zlib.crc32(f"{source} {e}".encode(), total)
        continue
    count += 1
    for text in r.sample(TEXTS, 5):
        answers = [
            [(m.span(), m.groups(), m.lastindex) for m in p.finditer(text)],
            [m and (m.span(), m.regs) for m in (p.match(text), p.fullmatch(text), p.search(text, 1))],
            p.sub("<>", text, 3), p.split(text, 4),
        ]
        total = zlib.crc32(repr((source, flags, answers)).encode(), total)
    if turn % 100 == 99:
        print(turn, count, f"{total:08x}")

# Loops that must neither take their time nor remember every turn.
long = "ab" * 20000
for source in ("(a|b)*c", "(a|b)*", "(?:a|b)*$", "(?:ab)+$", "(ab)+", "(?:a+b?)+$", "(?:foo|bar|ab)*$", "(a|b)*?c", "(?:(a)|(b))*b$",
               "((?:ab)*)c?$", "(?:a|(?=b)b)*", "(?:.b)*?x", "a.*?z", "(?<=ab)+c|b$"):
    m = re.match(source, long)
    print(source, m and (m.span(), m.regs))
