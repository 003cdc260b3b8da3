"""Every module that Krait promises imports, has the names it exports, and does one real operation."""

import contextlib
import importlib
import io
import os
import sys
import tempfile
import threading

OPERATIONS = {}


def operation(name):
    return lambda function: OPERATIONS.setdefault(name, function)


def simple(name, text):
    """An operation that is one expression of `m`, the module."""
    OPERATIONS[name] = lambda m: eval(text, {"m": m, "os": os, "io": io})


simple("abc", "m.ABCMeta('A', (), {'f': m.abstractmethod(lambda s: 1)}).__abstractmethods__")
simple("argparse", "(p := m.ArgumentParser(), p.add_argument('-n', type=int), p.parse_args(['-n', '3']))[-1]")
simple("array", "(m.array('h', [1, 2, -3]).tobytes(), m.array('d', [1.5]) * 2)")
simple("ast", "m.dump(m.parse('a + 1', mode='eval'))")
simple("base64", "(m.b64encode(b'krait!'), m.b85decode(m.b85encode(b'x' * 9)), m.b32encode(b'ab'))")
simple("bisect", "(m.bisect([1, 2, 2, 3], 2), m.bisect_left([1, 2, 2, 3], 2))")
simple("calendar", "m.month(2024, 2)")
simple("cmath", "(m.sqrt(-4), m.polar(1j), m.exp(0j))")
simple("codecs", "(m.encode('abc', 'rot13'), m.lookup('latin1').name, m.decode(b'\\xff', 'utf-8', 'replace'))")
simple("collections", "(m.Counter('abca').most_common(1), m.deque([1, 2, 3], 2), m.OrderedDict(a=1), m.ChainMap({1: 2})[1])")
simple("copy", "m.deepcopy([[1], {2: (3, [4])}])")
simple("csv", "list(m.reader(['a,\"b,c\"', '1,2']))")
simple("decimal", "(m.Decimal('1.10') + m.Decimal('2.2'), m.Decimal(1) / 3)")
simple("difflib", "list(m.unified_diff(['a', 'b'], ['a', 'c'], lineterm=''))")
simple("dis", "[i.opname for i in m.get_instructions('x + 1')]")
simple("enum", "(c := m.IntFlag('C', 'A B'), c.A | c.B)[-1]")
simple("errno", "(m.ENOENT, m.errorcode[m.EEXIST])")
simple("fnmatch", "(m.filter(['a.py', 'b.c'], '*.py'), m.translate('a[!b]?'))")
simple("fractions", "m.Fraction(3, 4) + m.Fraction('1/6')")
simple("functools", "(m.reduce(lambda a, b: a * b, range(1, 6)), m.partial(int, base=2)('101'))")
simple("gc", "(m.isenabled(), len(m.get_threshold()), m.is_tracked([]))")
simple("hashlib", "(m.sha256(b'a').hexdigest()[:16], m.md5(b'').hexdigest(), m.blake2s(b'x', digest_size=4).hexdigest())")
simple("heapq", "(m.nsmallest(2, [5, 1, 4]), list(m.merge([1, 4], [2, 3])))")
simple("html", "(m.escape('<a href=\"x\">'), m.unescape('&eacute;&#x41;'))")
simple("importlib", "m.import_module('string').digits")
simple("inspect", "(str(m.signature(os.walk)), m.isgeneratorfunction(os.walk))")
simple("io", "(m.StringIO('a\\nb').readlines(), m.BytesIO(b'abc').read(2), m.TextIOWrapper(m.BytesIO(b'\\xc3\\xa9'), 'utf-8').read())")
simple("itertools", "(list(m.accumulate([1, 2, 3])), list(m.batched('abcde', 2)), len(list(m.permutations(range(4)))))")
simple("json", "(m.dumps({'a': [1, None, 'é']}), m.loads('{\"x\": 1.5e3}'))")
simple("keyword", "(m.iskeyword('async'), m.softkwlist)")
simple("linecache", "m.getline(m.__file__, 1)[:3]")
simple("locale", "(m.setlocale(m.LC_ALL, 'C'), m.localeconv()['decimal_point'])")
simple("marshal", "m.loads(m.dumps((1, 'a', [b'x', 2.5, {3: frozenset({4})}])))")
simple("math", "(m.comb(10, 3), m.fsum([0.1] * 10), m.isqrt(10**20), m.gcd(12, 18))")
simple("mimetypes", "(m.guess_type('a.tar.gz'), m.guess_extension('text/html'))")
simple("numbers", "(isinstance(1, m.Integral), isinstance(1j, m.Real))")
simple("opcode", "(m.opmap['RESUME'], m.opname[m.opmap['NOP']], m.stack_effect(m.opmap['POP_TOP']))")
simple("operator", "(m.itemgetter(1, 0)('ab'), m.attrgetter('real')(3), m.methodcaller('upper')('x'))")
simple("os", "(m.path.basename('/a/b'), m.sep, m.strerror(2), m.fspath('x'))")
simple("pathlib", "(m.PurePosixPath('/a/b.tar.gz').suffixes, m.PurePath('a') / 'b', m.PureWindowsPath('c:/x').drive)")
simple("pickle", "m.loads(m.dumps({'a': (1, 2.5, [None]), 'b': {3}}, 5))")
simple("pkgutil", "(m.resolve_name('os.path:join').__name__, 'decoder' in [i.name for i in m.iter_modules(__import__('json').__path__)])")
simple("platform", "(m.system(), m.python_version_tuple()[:2], m.python_implementation())")
simple("posixpath", "(m.normpath('/a/../b//c'), m.relpath('/a/b', '/a/c'), m.commonpath(['/a/b', '/a/c']))")
simple("pprint", "m.pformat({'a': list(range(30)), 'b': 'x' * 50})")
simple("queue", "(q := m.PriorityQueue(), q.put(2), q.put(1), q.get(), q.qsize())[1:]")
simple("random", "(r := m.Random(7), r.random(), r.randrange(100), r.sample(range(50), 3), r.gauss(0, 1))[1:]")
simple("re", "(m.findall(r'(\\w)(\\d+)', 'a1 b22'), m.sub(r'(?P<x>b)', r'<\\g<x>>', 'abc'))")
simple("reprlib", "m.repr(list(range(100)))")
simple("secrets", "(len(m.token_hex(8)), m.compare_digest(b'a', b'a'))")
simple("select", "m.select([], [], [], 0)")
simple("selectors", "(s := m.DefaultSelector(), p := os.pipe(), s.register(p[1], m.EVENT_WRITE, 'w'), [k.data for k, _ in s.select(1)], s.close(), os.close(p[0]), os.close(p[1]))[3]")
simple("shlex", "(m.split('a \"b c\" d\\\\ e'), m.quote(\"it's\"))")
simple("signal", "(m.Signals(2).name, m.getsignal(m.SIGTERM), m.strsignal(11))")
simple("site", "(m.ENABLE_USER_SITE in (True, False, None), type(m.getsitepackages()))")
simple("stat", "(m.filemode(0o100644), m.S_ISDIR(0o40755))")
simple("statistics", "(m.mean([1, 2, 3.5]), m.median([3, 1, 2]), m.stdev([1, 2, 4]), m.NormalDist(0, 1).cdf(0))")
simple("string", "(m.Template('$a-${b}').substitute(a=1, b=2), m.Formatter().format('{:>4}', 1), m.capwords('ab cd'))")
simple("struct", "(m.pack('<hIq', 1, 2, -3), m.unpack('>f', b'\\x3f\\x80\\0\\0'), m.calcsize('@bi'))")
simple("subprocess", "m.run(['sh', '-c', 'cat; exit 3'], input='hello', text=True, capture_output=True)")
simple("sys", "(m.maxsize, m.byteorder, m.implementation.name, m.version_info[:2])")
simple("sysconfig", "(m.get_python_version(), sorted(m.get_paths())[:2])")
simple("textwrap", "(m.wrap('the quick brown fox', 10), m.dedent('  a\\n   b'), m.shorten('hello world', 8))")
simple("time", "(m.strftime('%Y-%m-%d', m.gmtime(0)), m.monotonic() <= m.monotonic(), m.strptime('7', '%d').tm_mday)")
simple("timeit", "m.timeit('x += 1', 'x = 0', number=10) >= 0")
simple("token", "(m.tok_name[m.NAME], m.ISTERMINAL(3))")
simple("tokenize", "[t.string for t in m.generate_tokens(io.StringIO('a = f\"{b}\"\\n').readline)]")
simple("tomllib", "m.loads('a = [1, 2.5]\\n[t]\\nd = 1979-05-27')")
simple("traceback", "m.format_exception_only(ValueError('x'))")
simple("types", "(m.SimpleNamespace(a=1), m.MappingProxyType({1: 2}), m.new_class('N').__name__)")
simple("typing", "(m.Optional[int], m.get_type_hints(m.NamedTuple('P', [('x', int)])), m.Literal['a'])")
simple("unicodedata", "(m.name('é'), m.normalize('NFD', 'é'), m.numeric('½'), m.unidata_version)")
simple("urllib.parse", "(m.urlsplit('http://a:1/b?c#d'), m.quote('a b/é'), m.parse_qs('a=1&a=2'))")
simple("uuid", "(m.uuid5(m.NAMESPACE_DNS, 'krait'), m.UUID(int=1), m.uuid4().version)")
simple("warnings", "m.formatwarning('text', UserWarning, 'file.py', 3, 'line')")
simple("zlib", "(m.decompress(m.compress(b'a' * 100)) == b'a' * 100, m.crc32(b'abc'), m.adler32(b'abc'))")
simple("zoneinfo", "m.ZoneInfo('UTC').key")
simple("datetime", "(m.datetime(2024, 2, 29, 12, 30) + m.timedelta(days=366), m.date.fromisoformat('2024-W09-4'), m.timezone.utc)")


@operation("asyncio")
def _(m):
    async def worker(n):
        await m.sleep(0)
        return n * n

    async def main():
        return await m.gather(*(worker(n) for n in range(4)))

    return m.run(main())


@operation("configparser")
def _(m):
    parser = m.ConfigParser()
    parser.read_string("[a]\nx = 1\ny = %(x)s2\n")
    return dict(parser["a"]), parser.getint("a", "y")


@operation("dataclasses")
def _(m):
    point = m.make_dataclass("P", [("x", int), ("y", int, m.field(default=2))], frozen=True, order=True)
    return point(1), m.asdict(point(3, 4)), point(1) < point(2)


@operation("glob")
def _(m):
    with tempfile.TemporaryDirectory() as folder:
        for name in "b.txt", "a.txt", "c.py":
            open(os.path.join(folder, name), "w").close()
        return sorted(m.glob("*.txt", root_dir=folder))


@operation("logging")
def _(m):
    stream = io.StringIO()
    log = m.Logger("krait")
    handler = m.StreamHandler(stream)
    handler.setFormatter(m.Formatter("%(levelname)s:%(name)s:%(message)s"))
    log.addHandler(handler)
    log.warning("%d%%", 5)
    return stream.getvalue()


@operation("runpy")
def _(m):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "prog.py")
        with open(path, "w") as file:
            file.write("x = __name__, 6 * 7\n")
        return m.run_path(path, run_name="named")["x"]


@operation("sched")
def _(m):
    done = []
    scheduler = m.scheduler()
    scheduler.enter(0.002, 1, done.append, ("late",))
    scheduler.enter(0, 1, done.append, ("early",))
    scheduler.run()
    return done


@operation("shutil")
def _(m):
    with tempfile.TemporaryDirectory() as folder:
        os.makedirs(os.path.join(folder, "a/b"))
        m.copytree(os.path.join(folder, "a"), os.path.join(folder, "c"))
        m.rmtree(os.path.join(folder, "a"))
        return os.listdir(folder), m.which("sh") is not None


@operation("socket")
def _(m):
    left, right = m.socketpair()
    with left, right:
        left.sendall(b"ping")
        return right.recv(10), m.inet_aton("1.2.3.4"), m.htons(1) in (1, 256)


@operation("socketserver")
def _(m):
    class Handler(m.StreamRequestHandler):
        def handle(self):
            self.wfile.write(self.rfile.readline().upper())

    with m.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        with importlib.import_module("socket").create_connection(server.server_address) as client:
            client.sendall(b"hello\n")
            answer = client.makefile("rb").readline()
        server.shutdown()
        thread.join()
    return answer


@operation("http.server")
def _(m):
    import urllib.request

    class Handler(m.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.end_headers()
            self.wfile.write(self.path.encode())

        def log_message(self, *args):
            pass

    with m.HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.handle_request)
        thread.start()
        url = f"http://127.0.0.1:{server.server_port}/page"
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(url) as answer:
            text = answer.read()
        thread.join()
    return text


@operation("tempfile")
def _(m):
    with m.NamedTemporaryFile("w+") as file:
        file.write("text")
        file.seek(0)
        return file.read()


@operation("threading")
def _(m):
    results = []
    threads = [m.Thread(target=results.append, args=(n,)) for n in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(results), m.Lock().acquire(blocking=False)


@operation("contextlib")
def _(m):
    with m.suppress(KeyError), m.ExitStack() as stack:
        stack.callback(print, "left")
        raise KeyError
    return m.nullcontext(3).__enter__()


@operation("unittest")
def _(m):
    class Case(m.TestCase):
        def test_good(self):
            self.assertEqual(1 + 1, 2)

        def test_bad(self):
            self.assertIn(3, [1, 2])

    suite = m.defaultTestLoader.loadTestsFromTestCase(Case)
    result = suite.run(m.TestResult())
    return result, result.failures[0][1].splitlines()[-1]


@operation("weakref")
def _(m):
    class Thing:
        pass

    thing = Thing()
    seen = []
    reference = m.ref(thing, lambda r: seen.append("gone"))
    m.finalize(thing, seen.append, "final")
    alive = reference() is thing
    del thing
    return alive, reference(), seen


@operation("zipfile")
def _(m):
    stream = io.BytesIO()
    with m.ZipFile(stream, "w", m.ZIP_DEFLATED) as archive:
        archive.writestr("a/b.txt", "text" * 10)
    with m.ZipFile(stream) as archive:
        return archive.namelist(), archive.read("a/b.txt")[:8], archive.testzip()


@operation("zipimport")
def _(m):
    zipped = importlib.import_module("zipfile")
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "lib.zip")
        with zipped.ZipFile(path, "w") as archive:
            archive.writestr("inside.py", "VALUE = 11\n")
        module = m.zipimporter(path).load_module("inside")
        return module.VALUE, os.path.basename(module.__file__)


NAMES = """
abc argparse array ast asyncio base64 bisect calendar cmath codecs collections configparser contextlib copy csv
dataclasses datetime decimal difflib dis enum errno fnmatch fractions functools gc glob hashlib heapq html importlib
inspect io itertools json keyword linecache locale logging marshal math mimetypes numbers opcode operator os pathlib
pickle pkgutil platform posixpath pprint queue random re reprlib runpy sched secrets select selectors shlex shutil
signal site socket socketserver http.server stat statistics string struct subprocess sys sysconfig tempfile textwrap
threading time timeit token tokenize tomllib traceback types typing unicodedata unittest urllib.parse uuid warnings
weakref zipfile zipimport zlib zoneinfo
""".split()

for name in NAMES:
    module = importlib.import_module(name)
    assert sys.modules[name] is module
    missing = [public for public in getattr(module, "__all__", ()) if not hasattr(module, public)]
    about = module.__spec__ and module.__spec__.name, bool(module.__doc__), missing
    with contextlib.redirect_stderr(io.StringIO()):
        result = OPERATIONS.pop(name)(module)
    print(f"{name:<14}{about} {result!r}")
print("left over", OPERATIONS)
