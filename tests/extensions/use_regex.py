import regex

print(regex.findall(r"(?P<w>\p{L}+)|\d{2,}", "abc 12 äöü 3"), regex.sub(r"(?i)STRASSE", "x", "Straße strasse", flags=regex.FULLCASE))
m = regex.match(r"(?:(a)|(b))+(?&x)(?(DEFINE)(?P<x>c+))", "ababcc")
print(m, m.captures(1), m.spans(2), regex.fullmatch(r"(?:cats|cat){e<=1}", "cat"), regex.search(r"(?<=a+)b", "aab"))
print(regex.split(r"(?V1)(?=b)", "abab"), regex.findall(r"\X", "e\u0301x"), regex.search(r"(?r)\d", "1a2").group(), regex.findall(r".", "abcab", overlapped=True))
print(regex.compile(r"[[a-z]--[aeiou]]+", regex.V1).findall("hello world"), list(regex.finditer(r"\b\w", "a bc"))[1].span())
for bad in ("(", "a{2,1}", "[", "(?P<1>a)"):
    try:
        regex.compile(bad)
    except regex.error as e:
        print(e)
print(regex.escape("a.b*c"), regex.subn("a", lambda m: m.group() * 2, "banana"), regex.match("(?>a*)ab", "aaab"))
