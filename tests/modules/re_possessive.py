import re
for pat in [r"(?P<a>a)?+b", r"(?:(?P<e>[0-9]+)!)?+(?P<r>[0-9]+(?:\.[0-9]+)*+)", r"(?:\.[0-9]+)*+", r"(?:a|b)++", r"a*+", r"[ab]?+", r"(a)*+", r"(?:ab)?+c", r"(?>a|ab)c", r"(?:(?:a)?+b)*+", r"(?i:a(?:b)?+)"]:
    try: print(pat, re.compile(pat).findall("1!2.3.4 aab abc babc ABC"))
    except Exception as e: print(pat, e)
print(re.match(r"(?:a{2}){1,2}+a", "aaaaa"), re.match(r"(?:a{2}){2,3}+", "aa"), re.match(r"(?:){2}+x", "x"))
print(re.sub(r"(?:(\w)\1)++", lambda m: m[0].upper(), "aabbc ddee f"))
