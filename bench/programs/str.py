"""str: joining, splitting, searching, formatting, character loops."""


def run():
    text = " ".join(f"word{n % 97}-{n}" for n in range(8000))
    parts = text.split()
    vowels = 0
    for c in text[:40000]:
        if c in "aeiou":
            vowels += 1
    joined = ""
    for part in parts[:2000]:
        joined += part[::-1].upper()
    found = sum(1 for part in parts if part.startswith("word1") and part.endswith("7"))
    replaced = text.replace("word", "w").count("w9")
    return len(parts), vowels, len(joined), found, replaced, "%s|%05d|%.2f" % (parts[5], 42, 3.14159)


EXPECTED = (8000, 3456, 20680, 91, 657, "word5-5|00042|3.14")
