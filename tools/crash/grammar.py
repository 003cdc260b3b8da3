"""Little languages: random patterns, formats, specifications and streams of opcodes. usage: grammar.py SEED CASES [KIND ...]

Whatever they mean, the process comes to its end. A case that runs longer than five seconds is interrupted by a signal; one that does
not notice is a hang.
"""
import array, ast, binascii, codecs, csv, datetime, decimal, encodings.aliases, fractions, io, json, marshal, pickle, pickletools, random, re, signal
import string, struct, sys, time, unicodedata, warnings, zoneinfo

warnings.simplefilter("ignore")
seed, cases = int(sys.argv[1]), int(sys.argv[2])
rng = random.Random(seed)
choice, below = rng.choice, rng.randrange
NUMBERS = [0, 1, -1, 2, 255, 256, 65535, 2**31 - 1, 2**31, 2**32, 2**63 - 1, 2**63, 2**64, -(2**63), 10**30, -(10**400), True, 0.0, -0.0, 1.5, 1e308, 5e-324, float("inf"), float("nan"), 2j, complex("nan")]
TEXTS = ["", "a", "abc", "\xe9", "\u20ac\u0301", "\U0001f600", "\ud800", "x" * 300, "\0", "1", " 3 ", "1_0", "-5", "\u0663", "e\u0301" * 50]
BYTES = [b"", b"a", b"abc\xff", bytes(range(256)), b"\0" * 70, b"%d", b"1e5"]


def words(alphabet, longest):
    return "".join(choice(alphabet) for _ in range(below(longest)))


def damage(data):
    data = bytearray(data)
    for _ in range(choice((1, 1, 2, 5))):
        if not data:
            break
        i, k = below(len(data)), below(6)
        if k < 2:
            data[i] = below(256)
        elif k == 2:
            del data[i : i + choice((1, 4, 9))]
        elif k == 3:
            data[i:i] = data[below(len(data)) :][: choice((1, 5, 20))]
        elif k == 4:
            data[i : i + 4] = choice((b"\xff\xff\xff\xff", b"\xff\xff\xff\x7f", bytes(4), b"\0\0\0\x80"))
        else:
            del data[i:]
    return bytes(data)


def value():
    return choice(choice((NUMBERS, TEXTS, BYTES, [None, (), [1], {}, {"a": 1}, (1, 2), ..., object, datetime.date(2020, 1, 2), decimal.Decimal("1.5"), range(3)])))


def specification():
    head = choice(["", choice(["<", ">", "^", "=", "*<", "\u20ac>", "{<", "\U0001f600^"])]) + choice(["", "", "+", "-", " "]) + choice(["", "z"]) + choice(["", "#"]) + choice(["", "0"])
    width = choice(["", "", str(below(30)), "5", "99999999999999999999", "2147483648", "1000000"])
    return head + width + choice(["", "", ",", "_", ",_"]) + choice(["", "", ".0", ".5", ".", ".400", ".2147483648", ".99999999999999999999", ".5,"]) + choice(["", *"bcdeEfFgGnosxX%rq", "dd", "%Y"])


def formats():
    v = value()
    format(v, specification())
    ("{" + choice(["", "0", "a", "a.b", "0[1]", "a[x]", "0.real", "[", "]", "0[99999999999999999999]", "99999999999999999999", ".", "a.", "0.__class__.__init__"]) + choice(["", "!r", "!s", "!a", "!", "!x"]) + ":" + choice([specification(), "{}", "{0}", "{:{}}"]) + choice(["}", "}}", ""])).format(v, v, v, a=v)


def percent():
    text = "".join("%" + choice(["", "(a)", "(", "(a)(b)"]) + words("#0- +", 3) + choice(["", "*", str(below(20)), "2147483648", "99999999999999999999"]) + choice(["", ".", ".*", ".3", ".99999999999"]) + choice([*"diouxXeEfFgGcrsab%l", "ld", "é", ""]) + choice(["", "x"]) for _ in range(below(3) + 1))
    v = choice([value(), (value(),), (3, value()), (2, 3, value()), {"a": value()}])
    (text if below(2) else text.encode("utf-8", "surrogatepass")) % v


def structs():
    form = choice(["", "<", ">", "=", "!", "@"]) + "".join(choice(["", "", str(below(9)), "99999999999999999999", "1000000000000"]) + choice("xcbB?hHiIlLqQnNefdspPFD ") for _ in range(below(6)))
    s = struct.Struct(form if below(3) else form.encode())
    if s.size > 10**6:
        return
    values = [value() for _ in range(below(8))]
    buffer = bytearray(choice((s.size, s.size + 3, 64)))
    for f in (lambda: s.unpack(bytes(s.size)), lambda: s.pack(*values), lambda: s.pack_into(buffer, value(), *values), lambda: s.unpack_from(buffer, value()), lambda: list(s.iter_unpack(bytes(s.size * 3)))):
        try:
            f()
        except (struct.error, TypeError, ValueError, OverflowError):
            pass


def pattern(depth=0):
    if depth > 4:
        return choice("abx.1 ")
    p = lambda: pattern(depth + 1)
    return choice([
        lambda: choice(["a", "b", "ab", ".", "^", "$", "\\b", "\\B", "\\A", "\\z", "\\Z", "\\d", "\\W", "\\s", "\xe9", "\\1", "\\2", "\\N{DIGIT ONE}", "\\x41", "\\u20ac", "\\0", "\\777", "(?", ")", "[", "*", "\\"]),
        lambda: p() + p(), lambda: p() + p() + p(), lambda: p() + "|" + p(), lambda: f"({p()})", lambda: f"(?:{p()})", lambda: f"(?P<n{below(3)}>{p()})", lambda: f"(?P=n{below(3)})", lambda: f"(?={p()})",
        lambda: f"(?!{p()})", lambda: f"(?<={p()})", lambda: f"(?<!{p()})", lambda: f"(?>{p()})", lambda: f"(?({choice(['1', '2', 'n0'])}){p()}|{p()})", lambda: f"(?{choice(['i', 's', 'm', 'x', 'a', 'i-s', '-i', 'L', 'u'])}:{p()})",
        lambda: p() + choice(["*", "+", "?", "*?", "+?", "??", "*+", "++", "?+", "{2}", "{1,}", "{,3}", "{2,3}?", "{2,3}+", "{4294967295}", "{99999999999}", "{0}"]),
        lambda: f"({p()})" + choice(["*", "+", "?", "{2,5}", "*?", "*+"]), lambda: "[" + choice(["", "^"]) + "".join(choice(["a", "a-c", "\\w", "\\D", "\xe0-\xff", "]", "-", "z-a", "\\x00-\\xff", "\u0400-\u04ff", "&&", "[:alpha:]"]) for _ in range(below(4))) + "]",
    ])()


def patterns():
    text, flags = pattern(), choice((0, 0, re.I, re.A, re.I | re.A, re.S | re.M, re.X, re.L, re.U | re.I))
    subject = words("aabbx1 .\n\xe9\xc9\u0130", 25)
    if below(3) == 0:
        text, subject = text.encode("latin-1", "replace"), subject.encode("latin-1", "replace")
    compiled = re.compile(text, flags)
    for f in (compiled.search, compiled.match, compiled.fullmatch, compiled.findall, compiled.split, lambda s: list(compiled.finditer(s, below(9), below(9)))):
        r = f(subject)
    for template in ("x", "\\1", "\\g<1>", "\\g<n0>", "\\g<0>\\n", "\\", "\\g<", "\\g<99999999999>"):
        try:
            compiled.sub(template if isinstance(text, str) else template.encode(), subject, below(3))
        except re.PatternError:
            pass
        except IndexError:
            pass
    m = compiled.search(subject)
    m and (m.groups(), m.groupdict(), m.regs, m.span(), m.expand("x" if isinstance(text, str) else b"x"), repr(m))


def numbers():
    text = choice(["", "-", "+", " "]) + choice(["0x", "0b", "0o", "", "", "1_", "_"]) + words(choice(["0123456789", "01", "abcdef0123", "123_", "\u0663\u0967", "1.e+-", "naif"]), choice((5, 30, 400, 5000))) + choice(["", "j", "e5", "e99999999999999999999", "e-400", " ", "\0", "L"])
    for f in (int, float, complex, decimal.Decimal, fractions.Fraction, lambda s: int(s, choice((0, 2, 8, 10, 16, 36, 37, -1, 2**70))), lambda s: int(s.encode("utf-8"), 16), float.fromhex, ast.literal_eval, lambda s: eval(s, {"__builtins__": {}})):
        try:
            r = f(text)
            if isinstance(r, int):
                hex(r), r.to_bytes(choice((0, 1, 9, 3000)), choice(("big", "little")), signed=below(2)), len(str(r)), r.bit_count()
        except (ArithmeticError, ValueError, SyntaxError, NameError, TypeError, AttributeError, MemoryError):
            pass


def dates():
    text = choice(["2020-01-02T03:04:05.678901+05:30", "2020-W01-3", "20200102T030405Z", "2020-01-02", "23:59:60.9", "0001-01-01", "9999-12-31T24:00", "-001-1-1", "2020-366"])
    text = "".join(c if below(9) else choice("0123456789-:T.ZW+ \xe9\ud800\0") for c in text)[: choice((5, 10, 40))]
    form = "".join(choice(["%" + choice(string.ascii_letters + "%:-#éO"), "%-d", "%:z", "%9N", "%EY", "%Od", "%", "-", ":", " ", "\0", "\ud800", "\xe9"]) for _ in range(below(7)))
    moment = choice([datetime.datetime(2020, 1, 2, 3, 4, 5, 6, datetime.timezone(datetime.timedelta(minutes=below(1400)))), datetime.datetime.min, datetime.datetime.max, datetime.date(1, 1, 1), datetime.time(1, 2, 3)])
    for f in (lambda: datetime.datetime.fromisoformat(text), lambda: datetime.date.fromisoformat(text), lambda: datetime.time.fromisoformat(text), lambda: datetime.datetime.strptime(text, form), lambda: moment.strftime(form), lambda: format(moment, form), lambda: time.strptime(text, form),
              lambda: time.strftime(form, tuple(choice((0, 1, -1, 5, 2020, 2**31, -(2**63))) for _ in range(9))), lambda: datetime.datetime(*[choice((0, 1, 12, 31, 9999, 2**31, -1)) for _ in range(below(8))]),
              lambda: moment + datetime.timedelta(*[choice(NUMBERS) for _ in range(3)]), lambda: datetime.datetime.fromtimestamp(choice(NUMBERS)), lambda: type(moment)(damage(moment.__reduce__()[1][0])), lambda: datetime.timedelta(choice(NUMBERS), choice(NUMBERS)) / choice(NUMBERS),
              lambda: time.localtime(choice(NUMBERS)), lambda: datetime.date.fromisocalendar(choice((0, 1, 9999, 2**40)), below(55), below(9)), lambda: zoneinfo.ZoneInfo.from_file(io.BytesIO(damage(ZONE)))):
        try:
            repr(f())
        except (ValueError, TypeError, OverflowError, AttributeError, OSError, ZeroDivisionError, IndexError, struct.error):
            pass


ZONE = b"TZif2" + bytes(15) + struct.pack(">6l", 1, 1, 0, 1, 2, 8) + struct.pack(">l", 5) + b"\1" + struct.pack(">lbb", 3600, 0, 0) + struct.pack(">lbb", 7200, 1, 4) + b"ABC\0DEF\0" + b"\0\0"
ZONE += b"TZif2" + bytes(15) + struct.pack(">6l", 0, 0, 0, 1, 2, 8) + struct.pack(">q", 5) + b"\1" + struct.pack(">lbb", 3600, 0, 0) + struct.pack(">lbb", 7200, 1, 4) + b"ABC\0DEF\0\nEST5EDT,M3.2.0,M11.1.0\n"


class Careful(pickle.Unpickler):
    def find_class(self, module, name):
        if (module, name) in {("builtins", n) for n in "range slice iter bytearray set frozenset complex list dict tuple object ValueError int str reversed getattr".split()} | {("collections", n) for n in "OrderedDict deque Counter defaultdict".split()} | {("datetime", n) for n in "date time datetime timedelta timezone".split()} | {("array", "array"), ("array", "_array_reconstructor"), ("copyreg", "_reconstructor"), ("copyreg", "__newobj__"), ("copyreg", "__newobj_ex__"), ("decimal", "Decimal"), ("itertools", "count")}:
            return super().find_class(module, name)
        raise pickle.UnpicklingError(name)

    def persistent_load(self, pid):
        return pid


CODES = [op.code.encode("latin-1") for op in pickletools.opcodes]
NAMES = [b"cbuiltins\nrange\n", b"ccollections\nOrderedDict\n", b"ccollections\ndeque\n", b"cdatetime\ndatetime\n", b"carray\narray\n", b"ccopyreg\n_reconstructor\n", b"cbuiltins\nobject\n", b"cbuiltins\nValueError\n", b"cbuiltins\nlist\n", b"cbuiltins\nset\n", b"cbuiltins\nslice\n"]
SAMPLES = [pickle.dumps(o, p) for p in range(6) for o in ([1, 2.5, None, True, "\xe9", (1, 2, 3, 4), {1: 2}, {3}, frozenset([4]), 10**40, 1j, -5, "a" * 300], datetime.datetime(2020, 1, 1, tzinfo=datetime.timezone.utc), array.array("d", [1]), decimal.Decimal("1.5"), range(5), ValueError("x"), iter([1]), [[]] * 3)]


def pickles():
    if below(2):
        data = damage(choice(SAMPLES))
    else:
        data = b"".join(choice([choice(CODES), choice(CODES), choice(NAMES), choice([b"(", b")", b"]", b"}", b"N", b"K\1", b"K\0", b"q\0", b"h\0", b"X\1\0\0\0a", b"0", b"2", b"1", b"R", b"b", b"a", b"e", b"s", b"u", b"t", b"\x81", b"\x92", b"\x93", b"\x94", b"\x95" + bytes(8), b"\x96" + bytes(8), b"\x97", b"\x98", b"\x8c\1a", b"I5\n", b"F1\n", b"L5L\n", b"S'a'\n", b"Vx\n", b"\x8f", b"\x90", b"\x91", b"Q", b"P5\n", b"r\xff\xff\xff\x7f", b"p5\n", b"g5\n", b"\x8b\xff\xff\xff\xff"])]) for _ in range(below(30))) + b"."
    for loader in (lambda: Careful(io.BytesIO(data)).load(), lambda: Careful(io.BytesIO(data), encoding=choice(["bytes", "latin-1", "utf-8", "nope"]), buffers=choice([None, [b"x", bytearray(b"y")]]), fix_imports=below(2)).load(), lambda: pickletools.dis(data, io.StringIO())):
        try:
            r = loader()
            if r is not None:
                repr(r)[:20], pickle.dumps(r)
        except RecursionError:
            pass
        except Exception:
            pass


def jsons():
    data = damage(json.dumps({"a": [1, 2.5, "x\ud800\xe9", None, True, {"b": [], "c": -0.0}], "\U0001f600": 1e300}, ensure_ascii=below(2), indent=choice((None, 2, "\t"))).encode("utf-8", "surrogatepass"))
    text = data.decode("latin-1")
    for f in (lambda: json.loads(data), lambda: json.loads(text, parse_int=float, object_pairs_hook=list), lambda: json.JSONDecoder(strict=False).raw_decode(text, below(9)), lambda: json.dumps(value(), default=lambda o: choice((1, "x", [o], {}))),
              lambda: json.dumps({value(): value()}, skipkeys=below(2), sort_keys=below(2), allow_nan=below(2)), lambda: json.loads("[" * 100000), lambda: json.loads('{"a":' * 100000)):
        try:
            f()
        except (ValueError, TypeError, RecursionError, OverflowError):
            pass


ENCODINGS = sorted(set(encodings.aliases.aliases.values()) - {"mbcs", "oem"}) + ["idna", "punycode", "raw_unicode_escape", "unicode_escape", "utf_8_sig", "undefined", "utf_7", "utf_16", "utf_32"]


def codings():
    name, errors = choice(ENCODINGS), choice(["strict", "ignore", "replace", "surrogateescape", "surrogatepass", "backslashreplace", "xmlcharrefreplace", "namereplace", "odd", "nope"])
    data = choice([bytes(below(256) for _ in range(below(40))), damage(choice(TEXTS).encode("utf-16", "surrogatepass")), damage(b"+AGE-\\N{DIGIT ONE}\\u20ac\\x4\\U0010ffff\\777\x1b$B\x1b(B~{\x8e\xa1"), b"\\N{" + words("ABC ", 400).encode()])
    text = choice(TEXTS) + words("a\xe9\u20ac\U0001f600\ud800\udc80\u3042\uac00", 20)
    for f in (lambda: data.decode(name, errors), lambda: text.encode(name, errors), lambda: codecs.getincrementaldecoder(name)(errors).decode(data, below(2)), lambda: codecs.getincrementalencoder(name)(errors).encode(text), lambda: io.TextIOWrapper(io.BytesIO(data), name, errors).read(below(9)),
              lambda: codecs.getreader(name)(io.BytesIO(data), errors).readlines(), lambda: codecs.charmap_decode(data, errors, choice([text, {1: 2, 97: "xy", 98: None, 99: 2**40}, None])), lambda: unicodedata.normalize(choice(("NFC", "NFD", "NFKC", "NFKD")), text), lambda: binascii.a2b_base64(data, strict_mode=below(2)),
              lambda: binascii.a2b_uu(data), lambda: binascii.a2b_qp(data), lambda: binascii.b2a_qp(data, below(2), below(2), below(2)), lambda: binascii.a2b_hex(data), lambda: codecs.escape_decode(data, errors), lambda: text.translate({ord(c): choice([None, "xy", 2**30, 65, -1]) for c in text}), lambda: bytes.fromhex(data.decode("latin-1"))):
        try:
            f()
        except (ValueError, TypeError, LookupError, OverflowError, AttributeError, RuntimeError, AssertionError):
            pass


codecs.register_error("odd", lambda e: choice([("x", e.end), ("", e.start), (b"y", e.end), ("\ud800", -1), ("z", 10**9), ("z", -(2**63)), 5, ("a",), ("\u20ac" * 9, e.end)]))


def tables():
    options = {k: choice([",", "", "ab", None, "\n", "\u20ac", 5, '"']) for k in ("delimiter", "quotechar", "escapechar", "lineterminator") if below(2)}
    options.update({k: below(2) for k in ("doublequote", "skipinitialspace", "strict") if below(2)}, **({"quoting": below(8)} if below(2) else {}))
    text = words('a,b"\n\\1.5 \r\0', 60)
    try:
        list(csv.reader(io.StringIO(text), **options))
    except (csv.Error, ValueError, TypeError):
        pass
    csv.writer(io.StringIO(), **options).writerows([[value() for _ in range(3)]] * 2)


def views():
    m = memoryview(choice([bytearray(24), array.array("i", range(6)), b"x" * 24]))
    for _ in range(5):
        try:
            m = choice([lambda: m.cast(choice("bBcdfhiIlLqQnN?P@xs"), choice([[2, 12], [24], [0], [-1, -24], [2**62, 4], [2, 3, 4], [3, 2]])), lambda: m.cast(choice("bBdiq")), lambda: m[value() : value() : value()], lambda: m[:: choice((-1, 2, 0, -3))], lambda: memoryview(m), lambda: m.toreadonly()])()
            m.tolist(), m.tobytes(choice(("C", "F", "A", None))), hash(m.toreadonly()), m == m, m.hex(choice([":", b":", "é"]), below(5) - 2), m[below(9)]
            m[value() : value()] = value()
        except (ValueError, TypeError, NotImplementedError, IndexError, struct.error, BufferError):
            pass
    a = array.array(choice("bBuwhHiIlLqQfd"))
    for f in (lambda: a.frombytes(BYTES[below(len(BYTES))]), lambda: a.fromlist([value(), value()]), lambda: a.__setitem__(slice(value(), value()), a), lambda: a.insert(value(), value()), lambda: a.byteswap(), lambda: a.fromunicode(choice(TEXTS)), lambda: a.pop(value()), lambda: a.index(value(), value(), value()), lambda: a * choice((0, 3, -1)), lambda: array._array_reconstructor(array.array, choice("bui"), below(25), choice(BYTES))):
        try:
            f()
        except (ValueError, TypeError, OverflowError, IndexError, BufferError, SystemError):
            pass


class Late(Exception):
    pass


def late(*_):
    raise Late


signal.signal(signal.SIGALRM, late)
KINDS = dict(formats=formats, percent=percent, structs=structs, patterns=patterns, numbers=numbers, dates=dates, pickles=pickles, jsons=jsons, codings=codings, tables=tables, views=views)
KINDS = {k: f for k, f in KINDS.items() if k in (sys.argv[3:] or KINDS)}
if "ASAN_OPTIONS" not in __import__("os").environ:
    import resource

    resource.setrlimit(resource.RLIMIT_DATA, (2**31, 2**31))
for i in range(cases):
    state = rng.getstate()
    kind = list(KINDS)[i % len(KINDS)]
    rng.seed(f"{seed} {i}")
    print(f"{kind} {i}", flush=True)
    signal.alarm(5)
    try:
        KINDS[kind]()
    except Late:
        print("late", flush=True)
    except Exception:
        pass
    signal.alarm(0)
print("end")
