"""Regular expressions: scanning a log, alternations, groups, substitution, splitting."""

import re

LINE = '192.168.%d.%d - - [10/Oct/2000:13:55:%02d -0700] "GET /page%d.html HTTP/1.0" %d %d "agent/%d.%d (X11; Linux)"\n'
PATTERN = re.compile(r'(\d+\.\d+\.\d+\.\d+) \S+ \S+ \[([^\]]+)\] "(\w+) (\S+) [^"]*" (\d{3}) (\d+) "(?P<agent>[^"]*)"')
TOKEN = re.compile(r"(?P<number>\d+(?:\.\d*)?)|(?P<name>[A-Za-z_]\w*)|(?P<op>[-+*/()=])|\s+")


def run():
    log = "".join(LINE % (i % 256, i * 7 % 256, i % 60, i, 200 + i % 5, i * 13, i % 3, i % 10) for i in range(250))
    size, agents = 0, set()
    for match in PATTERN.finditer(log):
        size += int(match.group(6))
        agents.add(match["agent"])
    source = "total = alpha*3.14 + (beta - 42)/gamma_2 " * 40
    kinds = [m.lastgroup for m in TOKEN.finditer(source) if m.lastgroup]
    replaced = re.sub(r"page(\d+)", lambda m: "p" + m.group(1)[::-1], log)
    words = re.split(r"[\s\".:/\[\]-]+", log)
    return size, len(agents), len(kinds), len(replaced), len(words), len(re.findall(r"(?i)get|linux|nothing", log))


EXPECTED = (404625, 30, 520, 26834, 6001, 500)
