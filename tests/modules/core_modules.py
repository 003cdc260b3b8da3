"""One real operation of each module. A module that fails says so and the others go on."""
import importlib

OPERATIONS = [
    ('abc', "type(abc.ABC).__name__, abc.ABCMeta('K', (), {'f': abc.abstractmethod(lambda s: 0)}).__abstractmethods__"),
    ('argparse', "argparse.ArgumentParser(prog='p').parse_args([])"),
    ('array', "array.array('h', [1, 2]).tobytes()"),
    ('ast', "ast.dump(ast.parse('a + 1', mode='eval'))"),
    ('asyncio', "asyncio.run(asyncio.sleep(0, 'done'))"),
    ('base64', "base64.b64encode(b'krait')"),
    ('bisect', 'bisect.bisect([1, 3, 5], 3)'),
    ('calendar', 'calendar.monthrange(2024, 2)'),
    ('cmath', 'cmath.sqrt(-4)'),
    ('codecs', "codecs.lookup('utf8').name, codecs.encode('x', 'rot13')"),
    ('collections', "collections.Counter('abca').most_common(1)"),
    ('configparser', "(lambda c: (c.read_string('[s]\\na=1'), c['s']['a']))(configparser.ConfigParser())[1]"),
    ('contextlib', 'contextlib.nullcontext(3).__enter__()'),
    ('copy', 'copy.deepcopy([1, [2]])'),
    ('csv', 'list(csv.reader([\'a,"b,c"\']))'),
    ('dataclasses', "dataclasses.make_dataclass('P', ['x'])(1).x"),
    ('datetime', 'datetime.date(2024, 2, 28) + datetime.timedelta(2)'),
    ('decimal', "decimal.Decimal('0.1') + decimal.Decimal('0.2')"),
    ('difflib', "difflib.get_close_matches('krat', ['krait', 'crate'])"),
    ('dis', "[i.opname for i in dis.get_instructions('a')]"),
    ('enum', "enum.Enum('E', 'A B').B.value"),
    ('errno', 'errno.errorcode[errno.ENOENT]'),
    ('fnmatch', "fnmatch.filter(['a.py', 'b'], '*.py')"),
    ('fractions', 'fractions.Fraction(1, 3) * 3'),
    ('functools', 'functools.reduce(lambda a, b: a * b, range(1, 6))'),
    ('gc', 'gc.isenabled(), gc.collect() >= 0'),
    ('glob', "glob.glob('*')"),
    ('hashlib', "hashlib.sha256(b'krait').hexdigest()"),
    ('heapq', 'heapq.nsmallest(2, [3, 1, 2])'),
    ('html', "html.escape('<&>')"),
    ('importlib', "importlib.import_module('json').__name__"),
    ('inspect', 'str(inspect.signature(lambda a, *b, c=1: 0))'),
    ('io', "io.StringIO('a\\nb').readlines()"),
    ('itertools', 'list(itertools.accumulate([1, 2, 3]))'),
    ('json', "json.loads(json.dumps({'a': [1, None]}))"),
]

for name, operation in OPERATIONS:
    try:
        module = importlib.import_module(name)
        top = name.partition(".")[0]
        scope = {top: importlib.import_module(top)}
        print(f"{name}: {eval(operation, scope)!r}")
    except Exception as error:
        print(f"{name}: {type(error).__name__}: {error}")
