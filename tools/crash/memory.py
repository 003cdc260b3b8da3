"""Every operation while its first, second, third ... allocation fails, alone or with all that follow.

usage: memory.py SEED CASES [TEXT in operations]      CASES bounds how many allocations of an operation are tried
"""
import sys

import array, ast, binascii, bisect, codecs, collections, contextvars, copy, csv, datetime, functools, gc, heapq, io, itertools
import json, marshal, math, operator, pickle, random, re, string, struct, traceback, types, unicodedata, weakref, zlib

OPERATIONS = r"""
[1, 2] + [3]
[i for i in range(300)]
list(range(1000))
list(map(str, range(30)))
[3, 1, 2].sort()
sorted("hello", key=str.upper, reverse=True)
x = [1] * 100; x.extend(range(100)); x[3:50] = range(7); x.insert(0, 1); x.copy(); x * 3; x[::2]; del x[::3]
tuple(range(50)) + (1,)
{i: str(i) for i in range(100)}
d = {}; d.update(a=1, b=2); d | {3: 4}; d.copy(); dict(d); list(d.items()); d.setdefault(5, []); d.pop('a'); dict.fromkeys(range(40))
set(range(100)) | {1, 'a'}; frozenset('abc') & {'a'}; {1, 2} ^ {3}; {1}.union([2], [3]); set(range(50)) - {1}
'abc' + 'def'; 'a' * 100; 'a,b,c'.split(','); ','.join(['a'] * 50); 'abc'.replace('b', 'xx'); 'abc'.upper(); 'é'.encode(); '%s %d %r' % ('a', 1, [])
f'{1:>10} {"a"!r:5} {3.5:.2f}'; '{0} {a[1]} {b.real}'.format(1, a=[1, 2], b=3); format(12345678, ',d')
'abc'.translate({97: 'x'}); 'aéb'.casefold(); 'a b'.title(); 'abc'.partition('b'); 'a\nb'.splitlines(); '\ud800'.encode('utf-8', 'surrogatepass')
b'abc'.hex(); bytes.fromhex('abcd'); bytearray(b'abc') * 3; b'a,b'.split(b','); bytes(range(256)); b'abc'.decode('latin-1'); bytearray(10).extend(range(30))
10 ** 50; 2 ** 200 * 3 ** 100; int('1' * 50); str(10 ** 60); -(2 ** 100); divmod(10 ** 40, 7 ** 20); pow(3, 100, 10 ** 30); (1 << 100) >> 3; hex(2 ** 90)
1.5 * 2; float('1e300'); repr(1e300); 1j * 2; complex('1+2j'); round(2.5e200, 3); (1e300).as_integer_ratio(); math.factorial(40); math.comb(60, 30)
class A:
    x = 1
    def f(self): return super().__init__()
A().f(); A().y = 3
class B(int, metaclass=type): pass
B(7) + 1
class S: __slots__ = ('a', 'b')
s = S(); s.a = [1]
type('T', (object,), {'a': 1})()
def f(a, b=2, *c, d=4, **e): return lambda: (a, c, e)
f(1, 2, 3, x=4)()
list((lambda: (yield from range(5)))())
try: raise ValueError('x') from KeyError(1)
except ValueError: traceback.format_exc()
try: {}['a']
except KeyError as e: str(e)
try: 1 + 'a'
except TypeError as e: repr(e)
try: undefined_name
except NameError as e: e.name
try: None.foo
except AttributeError as e: str(e)
try: [].append(1, 2)
except TypeError as e: str(e)
raise ExceptionGroup('a', [ValueError(1), TypeError(2)])
compile('x = [i for i in range(10)]\nclass A:\n  def f(self): return self', 'a', 'exec')
ast.parse('a + b(c, d=1)')
ast.unparse(ast.parse('a + b'))
exec('import math\nx = math.pi')
eval('1 + 2')
json.dumps({'a': [1, 2.5, None, 'é']}, indent=1); json.loads('{"a": [1, 2.5, null, "\\u00e9"]}')
pickle.loads(pickle.dumps({'a': [1, (2, 3), {4}, 'x', b'y', 2.5, ValueError, None]}))
pickle.dumps([[1], 'a'], 0)
marshal.loads(marshal.dumps([1, 2.5, 'a', b'b', (1,), {1: 2}, {3}, 2 ** 70, f.__code__]))
copy.deepcopy({'a': [1, (2,), {3}]})
re.compile('(a|b)+c{2,3}(?P<n>x)?'); re.sub('a', 'b', 'banana'); re.findall(r'(\w)(\w)', 'abcdef'); re.split(',', 'a,b')
io.BytesIO(b'abc').read(); io.StringIO('a\nb').readlines(); b = io.BytesIO(); b.write(b'x' * 300); b.getvalue()
t = io.TextIOWrapper(io.BytesIO(b'a\nb\n'), 'utf-8'); t.readline(); t.write('é'); t.seek(0); t.read(); t.detach()
io.BufferedReader(io.BytesIO(b'abc' * 100)).read(10); w = io.BufferedWriter(io.BytesIO()); w.write(b'abc'); w.flush()
open('memory.tmp', 'w').write('abc')
open('memory.tmp').read()
struct.pack('>3i2s', 1, 2, 3, b'ab'); struct.unpack('<3i', bytes(12)); list(struct.iter_unpack('b', bytes(5)))
collections.deque(range(200), 50).rotate(3); collections.OrderedDict(a=1, b=2).move_to_end('a'); collections.Counter('hello'); collections.defaultdict(list)['a'].append(1)
N = collections.namedtuple('N', 'a b'); N(1, 2)._replace(a=3)
array.array('i', range(50)).tolist(); array.array('d', [1, 2]).tobytes(); memoryview(bytearray(20))[2:8].tolist(); memoryview(bytes(8)).cast('i')
list(itertools.chain([1], [2])); list(itertools.product('ab', repeat=3)); list(itertools.permutations('abc')); list(itertools.combinations('abcd', 2)); list(itertools.groupby('aabb')); a, b = itertools.tee([1, 2]); list(a); list(zip(b, 'ab')); list(itertools.accumulate([1, 2])); list(itertools.batched('abcde', 2))
functools.reduce(operator.add, [1, 2]); functools.partial(int, base=2)('101'); functools.lru_cache(f)(1); functools.cmp_to_key(lambda a, b: 0)(1) < functools.cmp_to_key(lambda a, b: 0)(2)
h = []; [heapq.heappush(h, i) for i in (3, 1, 2)]; heapq.nsmallest(2, h); bisect.insort(h, 2)
datetime.datetime.now().isoformat(); datetime.timedelta(days=3) * 2; datetime.datetime(2020, 1, 2).strftime('%Y %A'); datetime.date.fromisoformat('2020-01-02')
weakref.ref(f)(); weakref.WeakValueDictionary(a=f); weakref.proxy(f)
gc.collect(); gc.get_objects()[:1]
list(csv.reader(['a,b', '"c",d'])); binascii.b2a_base64(b'abc'); zlib.decompress(zlib.compress(b'abc' * 100)); unicodedata.normalize('NFD', 'éà')
contextvars.copy_context().run(f, 1); types.SimpleNamespace(a=1); list[int] | None; int | str; types.MappingProxyType({1: 2}) | {}
async def c(): return 1
c().close()
async def g(): yield 1
g().asend(None).close()
match {'a': [1, 2]}:
    case {'a': [x, *y], **z}: pass
slice(1, 2) == slice(1, 3); range(10 ** 30)[5]; list(enumerate('ab')); list(reversed([1, 2])); list(zip('a', 'b')); max([1, 2], key=str); sum([1.5, 2]); any([0]); print(end='')
getattr(f, '__wrapped__', None); setattr(f, 'q', 1); vars(A); dir(A); repr(A); str(f); hash('abc'); isinstance(1, (int, str)); callable(f); id(f); f.__annotations__; f.__code__.co_consts
sys._getframe().f_locals; sys.exc_info(); sys.getsizeof([]); sys.intern('a b'); sys.flags; locals()
string.Template('$a').substitute(a=1); random.Random(3).random(); codecs.encode('abc', 'rot13'); operator.itemgetter(1, 2)([1, 2, 3]); operator.attrgetter('a.b')
t'{1:x}'.strings; type X = int; X.__value__
def G[T: int](a: T) -> T: return a
G(1)
import string as again
from string import digits
with open('memory.tmp') as q: next(q)
"""


def grouped(text):
    """Operations: a line, with the lines that belong to it."""
    block = []
    for line in text.strip().split("\n") + [""]:
        if block and not line.startswith((" ", "except")) and not block[-1].startswith("try"):
            yield "\n".join(block)
            block = []
        block.append(line)


def attempt(code, first, end, setup):
    """How many allocations there were; what happened is all one, as long as it comes back."""
    names = dict(setup)
    sys._set_nomemory(first, end)
    try:
        exec(code, names)
    except BaseException:
        pass
    count = sys._set_nomemory()
    names.clear()
    return count


def main():
    limit = int(sys.argv[2]) if len(sys.argv) > 2 else 300
    wanted = sys.argv[3] if len(sys.argv) > 3 else ""
    sys.unraisablehook = lambda info: None
    setup = dict(globals())
    merged, head = [], None
    for source in grouped(OPERATIONS):
        # What later lines use stays defined.
        code = compile(source, "operation", "exec")
        try:
            exec(code, setup)
        except ExceptionGroup:
            pass
        except Exception as e:
            print(f"{source}: {e!r}", file=sys.stderr)
        merged.append((source, code))
    for source, code in merged:
        if wanted not in source:
            continue
        print(source.replace("\n", "\\n"), flush=True)
        for many in (False, True):
            for first in range(1, limit):
                if attempt(code, first, 2**62 if many else first + 1, setup) < first:
                    break
    print("end", flush=True)


if __name__ == "__main__":
    main()
