#!/usr/bin/env python3
"""Writes the tables behind src/lexer/identifier.cpp: XID_Start, XID_Continue and printability of Unicode 16.

The properties are those of the running Python's own database. When that is older (Debian 12: Unicode 14), what the
versions up to 16 added is completed from the lists below; they took nothing away.
usage: identifiers.py OUTPUT
"""

import sys
import unicodedata

START, CONTINUE, PRINTABLE = 1, 2, 4
BLOCK = 128

# Added between Unicode 14 and 16.
ADDED = {
    START: """
1C89-1C8A A7CB-A7CD A7DA-A7DC 105C0-105F3 10D4A-10D65 10D6F-10D85 10EC2-10EC4 1123F-11240
11380-11389 1138B 1138E 11390-113B5 113B7 113D1 113D3 11BC0-11BE0 11F02 11F04-11F10 11F12-11F33
1342F 13441-13446 13460-143FA 16100-1611D 16D40-16D6C 18CFF 1B132 1B155 1DF25-1DF2A 1E030-1E06D
1E4D0-1E4EB 1E5D0-1E5ED 1E5F0 2B739 2EBF0-2EE5D 31350-323AF
""",
    CONTINUE: """
897 CF3 ECE 1C89-1C8A 200C-200D 30FB A7CB-A7CD A7DA-A7DC FF65 105C0-105F3 10D40-10D65 10D69-10D6D
10D6F-10D85 10EC2-10EC4 10EFC-10EFF 1123F-11241 11380-11389 1138B 1138E 11390-113B5 113B7-113C0
113C2 113C5 113C7-113CA 113CC-113D3 113E1-113E2 116D0-116E3 11BC0-11BE0 11BF0-11BF9 11F00-11F10
11F12-11F3A 11F3E-11F42 11F50-11F5A 1342F 13440-13455 13460-143FA 16100-16139 16D40-16D6C
16D70-16D79 18CFF 1B132 1B155 1CCF0-1CCF9 1DF25-1DF2A 1E030-1E06D 1E08F 1E4D0-1E4F9 1E5D0-1E5FA
2B739 2EBF0-2EE5D 31350-323AF
""",
    PRINTABLE: """
897 CF3 ECE 1B4E-1B4F 1B7F 1C89-1C8A 2427-2429 2FFC-2FFF 31E4-31E5 31EF A7CB-A7CD A7DA-A7DC
105C0-105F3 10D40-10D65 10D69-10D85 10D8E-10D8F 10EC2-10EC4 10EFC-10EFF 1123F-11241 11380-11389
1138B 1138E 11390-113B5 113B7-113C0 113C2 113C5 113C7-113CA 113CC-113D5 113D7-113D8 113E1-113E2
116D0-116E3 11B00-11B09 11BC0-11BE1 11BF0-11BF9 11F00-11F10 11F12-11F3A 11F3E-11F5A 1342F
13440-13455 13460-143FA 16100-16139 16D40-16D79 18CFF 1B132 1B155 1CC00-1CCF9 1CD00-1CEB3
1D2C0-1D2D3 1DF25-1DF2A 1E030-1E06D 1E08F 1E4D0-1E4F9 1E5D0-1E5FA 1E5FF 1F6DC 1F774-1F776
1F77B-1F77F 1F7D9 1F8B2-1F8BB 1F8C0-1F8C1 1FA75-1FA77 1FA87-1FA89 1FA8F 1FAAD-1FAAF 1FABB-1FABF
1FAC6 1FACE-1FACF 1FADA-1FADC 1FADF 1FAE8-1FAE9 1FAF7-1FAF8 1FBCB-1FBEF 2B739 2EBF0-2EE5D
31350-323AF
""",
}


def flags_of_all():
    flags = bytearray(0x110000)
    for code in range(0x110000):
        c = chr(code)
        flags[code] = (
            START * c.isidentifier() | CONTINUE * ("a" + c).isidentifier() | PRINTABLE * c.isprintable()
        )
    for flag, ranges in ADDED.items():
        for item in ranges.split():
            first, _, last = item.partition("-")
            for code in range(int(first, 16), int(last or first, 16) + 1):
                flags[code] |= flag
    return bytes(flags)


def main(output):
    if unicodedata.unidata_version.split(".")[0] not in ("14", "15", "16"):
        sys.exit(f"identifiers.py: Unicode {unicodedata.unidata_version} of this Python is not what the tables need")
    flags = flags_of_all()
    blocks = {}
    index = [blocks.setdefault(flags[at : at + BLOCK], len(blocks)) for at in range(0, len(flags), BLOCK)]
    assert len(blocks) < 256 * 256
    with open(output, "w") as out:
        out.write(f"constexpr unsigned kBlock = {BLOCK};\n")
        out.write("constexpr uint16_t kIndex[] = {" + ",".join(map(str, index)) + "};\n")
        out.write("constexpr uint8_t kFlags[] = {\n")
        for block in blocks:
            out.write(",".join(map(str, block)) + ",\n")
        out.write("};\n")


main(sys.argv[1])
