#!/usr/bin/env python3
"""Generates the Unicode 16 tables: unicode.py UCD_FOLDER OUT.cpp (declared in src/support/unicode_tables.h).

UCD_FOLDER holds the Unicode Character Database as JSON (scripts/fetch-ucd.sh). Which properties feed which
table follows the definitions CPython documents for str and unicodedata; tests compare every code point with
the oracle.
"""
import json
import os
import sys
from fractions import Fraction

LIMIT = 0x110000
SHIFT = 7

CATEGORIES = ("Cn Lu Ll Lt Mn Mc Me Nd Nl No Zs Zl Zp Cc Cf Cs Co Lm Lo Pc Pd Ps Pe Pi Pf Po Sm Sc Sk So").split()
BIDI = " L LRE LRO R AL RLE RLO PDF EN ES ET AN CS NSM BN B S WS ON LRI RLI FSI PDI".split(" ")
WIDTHS = ["N", "F", "H", "W", "Na", "A"]
TAGS = ["", "<noBreak>", "<compat>", "<super>", "<fraction>", "<font>", "<final>", "<initial>", "<wide>",
        "<isolated>", "<vertical>", "<sub>", "<circle>", "<small>", "<square>", "<medial>", "<narrow>"]
FLAGS = ("alpha decimal digit numeric lower upper title space linebreak printable xid_start xid_continue "
         "cased case_ignorable").split()
LINE_BREAKS = {0x0A, 0x0B, 0x0C, 0x0D, 0x1C, 0x1D, 0x1E, 0x85, 0x2028, 0x2029}


def hexes(text):
    return [int(x, 16) for x in text.split()]


class Database:
    def __init__(self, folder):
        self.folder = folder
        self.read_characters()
        self.bidi = self.ranges("DerivedBidiClass", "class")
        self.widths = self.ranges("EastAsianWidth", "width")
        self.core = self.sets("DerivedCoreProperties")
        self.read_quick_checks()
        self.read_cases()
        self.read_numbers()
        self.aliases = [(int(x["codepoint"], 16), x["alias"]) for x in self.load("NameAliases")]
        self.sequences = [(x["name"], [int(c, 16) for c in x["codepointSequence"]])
                          for x in self.load("NamedSequences")]
        self.excluded = {int(x, 16) for x in self.load("CompositionExclusions")}

    def load(self, name):
        with open(os.path.join(self.folder, name + ".json"), encoding="utf-8") as f:
            return json.load(f)[name]

    def read_characters(self):
        self.chars = [None] * LIMIT
        self.name_ranges = []
        first = None
        for row in self.load("UnicodeData"):
            c = int(row["codepoint"], 16)
            if row["name"].endswith(", First>"):
                first = c
                continue
            if row["name"].endswith(", Last>"):
                for i in range(first, c + 1):
                    self.chars[i] = row
                self.name_ranges.append((first, c, row["name"][1:-7]))
                continue
            self.chars[c] = row

    def ranges(self, name, key):
        out = {}
        for row in self.load(name):
            a, b = row["range"][0], row["range"][-1]
            for c in range(int(a, 16), int(b, 16) + 1):
                out[c] = row[key]
        return out

    def sets(self, name):
        out = {}
        for row in self.load(name):
            a, b = row["range"][0], row["range"][-1]
            out.setdefault(row["property"], set()).update(range(int(a, 16), int(b, 16) + 1))
        return out

    def read_quick_checks(self):
        forms = {"NFD_QC": 0, "NFKD_QC": 2, "NFC_QC": 4, "NFKC_QC": 6}
        self.quick = [0] * LIMIT
        for row in self.load("DerivedNormalizationProps"):
            shift = forms.get(row["property"])
            if shift is None:
                continue
            answer = {"N": 2, "M": 1}[row["normalized"]]
            for c in range(int(row["range"][0], 16), int(row["range"][-1], 16) + 1):
                self.quick[c] |= answer << shift

    def read_cases(self):
        self.special = {}
        for row in self.load("SpecialCasing"):
            if "conditions" in row:
                continue
            self.special[int(row["codepoint"], 16)] = [
                [int(x, 16) for x in row[k]] for k in ("upperSequence", "lowerSequence", "titleSequence")]
        self.fold = {}
        for row in self.load("CaseFolding"):
            if row["status"] in "CF":
                self.fold[int(row["codepoint"], 16)] = hexes(row["mapping"])

    def read_numbers(self):
        self.numeric = {}
        for c, row in enumerate(self.chars):
            if row and "numericValue" in row:
                self.numeric[c] = Fraction(row["numericValue"])
        for row in self.load("Unihan_NumericValues"):
            c = int(row["codepoint"][2:], 16)
            for key in ("kAccountingNumeric", "kOtherNumeric", "kPrimaryNumeric"):
                if key in row:
                    self.numeric[c] = Fraction(row[key].split()[0].replace(",", ""))


class Out:
    def __init__(self, f):
        self.f = f

    def array(self, kind, name, values):
        self.f.write(f"extern const {kind} {name}[] = {{\n")
        line = ""
        for v in values:
            text = v if isinstance(v, str) else str(v)
            if len(line) + len(text) > 108:
                self.f.write(line + "\n")
                line = ""
            line += text + ","
        self.f.write(line + "\n};\n")
        self.f.write(f"extern const uint32_t {name}_size = {len(values)};\n")

    def trie(self, name, values, kind="uint16_t"):
        size = 1 << SHIFT
        blocks, index, places = [], [], {}
        for start in range(0, LIMIT, size):
            block = tuple(values[start:start + size])
            if block not in places:
                places[block] = len(blocks) // size
                blocks.extend(block)
            index.append(places[block])
        assert max(blocks) < (1 << 16 if kind == "uint16_t" else 1 << 32)
        self.array("uint16_t", f"{name}_index", index)
        self.array(kind, f"{name}_block", blocks)


def char_records(db, out):
    """Case, class flags and digit values: one record per different combination."""
    specials = [0]
    special_places = {}
    records, places, values = [], {}, []

    def special_index(c, simple):
        full = db.special.get(c)
        fold = db.fold.get(c)
        upper, lower, title = full or [[x] for x in simple]
        if fold is None:
            fold = [c] if lower != [c] else lower
        if full is None and fold == lower:
            return 0
        lists = (upper, lower, title, fold)
        key = tuple(map(tuple, lists))
        if key not in special_places:
            special_places[key] = len(specials)
            specials.append(sum(len(x) << (4 * i) for i, x in enumerate(lists)))
            for x in lists:
                specials.extend(x)
        return special_places[key]

    core = {n.lower(): s for n, s in db.core.items()}
    flag_sets = {"lower": core["lowercase"], "upper": core["uppercase"], "xid_start": core["xid_start"],
                 "xid_continue": core["xid_continue"], "cased": core["cased"],
                 "case_ignorable": core["case_ignorable"]}
    for c in range(LIMIT):
        row = db.chars[c]
        category = row["category"] if row else "Cn"
        bidi = row["bidirectionalCategory"] if row else ""
        has = {name for name, members in flag_sets.items() if c in members}
        if category in ("Lm", "Lt", "Lu", "Ll", "Lo"):
            has.add("alpha")
        if category == "Lt":
            has.add("title")
        if category == "Zs" or bidi in ("WS", "B", "S"):
            has.add("space")
        if c in LINE_BREAKS:
            has.add("linebreak")
        if c == 0x20 or category not in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp", "Zs"):
            has.add("printable")
        decimal = int(row["decimalDigitValue"]) if row and "decimalDigitValue" in row else -1
        digit = int(row["digitValue"]) if row and "digitValue" in row else decimal
        if decimal >= 0:
            has.add("decimal")
        if digit >= 0:
            has.add("digit")
        if c in db.numeric:
            has.add("numeric")
        upper = int(row["upper"], 16) if row and row.get("upper") else c
        lower = int(row["lower"], 16) if row and row.get("lower") else c
        title = int(row["title"], 16) if row and row.get("title") else upper
        record = (sum(1 << i for i, n in enumerate(FLAGS) if n in has), upper - c, lower - c, title - c,
                  decimal, digit, special_index(c, (upper, lower, title)))
        if record not in places:
            places[record] = len(records)
            records.append(record)
        values.append(places[record])
    out.trie("char", values)
    out.array("CharRecord", "char_records", ["{%s}" % ",".join(map(str, r)) for r in records])
    out.array("uint32_t", "case_specials", specials)


def data_records(db, out):
    records, places, values = [], {}, []
    for c in range(LIMIT):
        row = db.chars[c]
        width = WIDTHS.index(db.widths.get(c, "N"))
        if row is None:
            record = (0, 0, 0, 0, width, db.quick[c])
        else:
            record = (CATEGORIES.index(row["category"]), int(row["canonicalCombiningClass"]),
                      BIDI.index(row["bidirectionalCategory"]), int(row["mirrored"] == "Y"), width, db.quick[c])
        if record not in places:
            places[record] = len(records)
            records.append(record)
        values.append(places[record])
    out.trie("data", values)
    out.array("DataRecord", "data_records", ["{%s}" % ",".join(map(str, r)) for r in records])
    for name, texts in (("category_names", CATEGORIES), ("bidi_names", BIDI), ("width_names", WIDTHS),
                        ("decomposition_tags", TAGS)):
        out.array("char* const", name, [f'"{x}"' for x in texts])


def decompositions(db, out):
    """Word: length | tag << 8, then the characters. Index 0: none. Pairs for composition."""
    data, values, pairs = [0], [0] * LIMIT, []
    for c, row in enumerate(db.chars):
        if not row or "characterDecompositionMapping" not in row:
            continue
        parts = row["characterDecompositionMapping"].split()
        tag = TAGS.index(parts.pop(0)) if parts[0][0] == "<" else 0
        to = [int(x, 16) for x in parts]
        values[c] = len(data)
        data.append(len(to) | tag << 8)
        data.extend(to)
        starts_with_mark = int(row["canonicalCombiningClass"]) or (
            db.chars[to[0]] and int(db.chars[to[0]]["canonicalCombiningClass"]))
        if tag == 0 and len(to) == 2 and c not in db.excluded and not starts_with_mark:
            pairs.append((to[0], to[1], c))
    out.trie("decomposition", values)
    out.array("uint32_t", "decomposition_data", data)
    out.array("CompositionPair", "composition_pairs", ["{%d,%d,%d}" % p for p in sorted(pairs)])


def numbers(db, out):
    rows = sorted(db.numeric.items())
    out.array("NumericValue", "numeric_values",
              ["{%d,%d.0,%d.0}" % (c, v.numerator, v.denominator) for c, v in rows])


def name_hash(name):
    h = 0x811C9DC5
    for b in name.encode():
        h = ((h ^ b) * 0x01000193) & 0xFFFFFFFF
    return h ^ h >> 15


def names(db, out):
    """A name is a count byte and its words, each by number: the 160 most frequent take one byte, others two.

    Aliases and named sequences follow the last code point as pseudo characters.
    """
    named = {c: row["name"] for c, row in enumerate(db.chars) if row and row["name"][0] != "<"}
    alias_base = LIMIT
    for i, (_, alias) in enumerate(db.aliases):
        named[alias_base + i] = alias
    sequence_base = alias_base + len(db.aliases)
    for i, (name, _) in enumerate(db.sequences):
        named[sequence_base + i] = name
    count = {}
    for name in named.values():
        for word in name.split(" "):
            count[word] = count.get(word, 0) + 1
    words = sorted(count, key=lambda w: (-count[w], w))
    assert len(words) <= 160 + 96 * 256
    number = {w: i for i, w in enumerate(words)}
    data, offsets = [0], {}
    for c in sorted(named):
        offsets[c] = len(data)
        parts = named[c].split(" ")
        data.append(len(parts))
        for w in parts:
            n = number[w]
            if n < 160:
                data.append(n)
            else:
                data += [160 + (n - 160 >> 8), n - 160 & 255]
    out.trie("name", [offsets.get(c, 0) for c in range(LIMIT)], "uint32_t")
    extra = range(LIMIT, sequence_base + len(db.sequences))
    out.array("uint32_t", "name_extra", [offsets[c] for c in extra])
    out.array("uint8_t", "name_data", data)
    text, places = "", []
    for w in words:
        places.append(len(text))
        text += w
    places.append(len(text))
    out.array("uint32_t", "word_places", places)
    out.array("char", "word_text", [str(ord(ch)) for ch in text])
    bits = 17
    table = [0] * (1 << bits)
    for c, name in named.items():
        i = name_hash(name) & (1 << bits) - 1
        while table[i]:
            i = i + 1 & (1 << bits) - 1
        table[i] = c + 1
    out.array("uint32_t", "name_table", table)
    out.array("uint32_t", "alias_targets", [c for c, _ in db.aliases])
    flat = []
    for _, sequence in db.sequences:
        flat += [len(sequence)] + sequence + [0] * (4 - len(sequence))
    out.array("uint32_t", "sequence_targets", flat)
    out.array("NameRange", "name_ranges", ['{%d,%d,"%s"}' % r for r in db.name_ranges])
    jamo = {int(k, 16): v for k, v in db.load("Jamo").items()}
    for name, first, size in (("jamo_l", 0x1100, 19), ("jamo_v", 0x1161, 21), ("jamo_t", 0x11A7, 28)):
        out.array("char* const", name, ['"%s"' % jamo.get(first + i, "") for i in range(size)])


def main():
    db = Database(sys.argv[1])
    partial = sys.argv[2] + ".partial"
    with open(partial, "w") as f:
        f.write("// Generated by tools/gen/unicode.py.\n#include \"support/unicode_tables.h\"\n\n"
                "namespace krait::unicode::tables {\n\n")
        out = Out(f)
        char_records(db, out)
        data_records(db, out)
        decompositions(db, out)
        numbers(db, out)
        names(db, out)
        f.write("\n}  // namespace krait::unicode::tables\n")
    os.replace(partial, sys.argv[2])


main()
