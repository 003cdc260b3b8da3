#!/usr/bin/env python3
"""Single operations of built-in types and native modules, on Krait and CPython 3.14 in one run.

usage: bench/micro.py [--krait PATH] [--turns N] [--worst N] [--save FILE] [TEXT ...]
With TEXT only the cases whose group or statement contain one of them; --worst ends with the N worst again.

A case is one line of CASES: group | statement | set-up. The statement runs in a loop of about five
milliseconds of processor time (¶: a line break); the interpreters take turns, a case's figure is the least of all turns. Below 1 Krait is faster.
"""

import argparse
import json
import math
import os
import pathlib
import statistics
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
DEPS = pathlib.Path(os.environ.get("DEPS") or HERE.parent / "build/deps")

# Set-ups that many cases share; X stands for them in the third column.
SHARED = {
    "s": "s = 'The quick brown fox jumps over the lazy dog'",
    "t": "t = 'lorem ipsum dolor sit amet consectetur ' * 50",
    "u": "u = 'Zwölf Boxkämpfer jagen Viktor quer über den großen Sylter Deich'",
    "w": "w = ('lorem ipsum dolor sit amet consectetur ' * 50).split()",
    "l": "l = list(range(1000))",
    "f": "f = [i * 0.5 for i in range(1000)]",
    "p": "import random; r = random.Random(1); p = [r.randrange(10**6) for i in range(1000)]",
    "ps": "import random; r = random.Random(1); ps = [str(r.randrange(10**6)) for i in range(1000)]",
    "d": "d = {i: str(i) for i in range(1000)}",
    "ds": "ds = {str(i): i for i in range(1000)}",
    "m": "m = set(range(1000)); m2 = set(range(500, 1500))",
    "b": "b = b'The quick brown fox jumps over the lazy dog'",
    "big": "big = 3**2000; big2 = 7**1500; huge = 3**50000",
    "rec": "rec = {'name': 'Smith', 'age': 42, 'tags': ['a', 'b', 'c'], 'score': 3.25, 'ok': True, 'none': None}",
}

CASES = r"""
str.find | t.find('consectetuX') | t
str.find | t.find('z') | t
str.find | 'zebra' in t | t
str.find | 'fox' in s | s
str.find | t.count('or') | t
str.find | t.rfind('xlorem') | t
str.find | u.find('Deich') | u
str.find | s.startswith('The') | s
str.find | s.endswith(('cat', 'dog')) | s
str.split | t.split() | t
str.split | t.split(' ') | t
str.split | s.split() | s
str.split | 'a,b,c,d,e'.split(',') |
str.split | s.partition(' fox ') | s
str.split | t.splitlines() | t = 'some line of text\n' * 50
str.split | s.rsplit(' ', 1) | s
str.join | ''.join(w) | w
str.join | ', '.join(w) | w
str.join | '-'.join(('a', 'b', 'c')) |
str.replace | t.replace('dolor', 'DOLOR') | t
str.replace | t.replace(' ', '') | t
str.replace | s.replace('fox', 'cat') | s
str.replace | t.replace('e', 'E') | t
str.case | s.upper() | s
str.case | t.lower() | t
str.case | u.upper() | u
str.case | s.title() | s
str.case | s.capitalize() | s
str.case | s.swapcase() | s
str.case | u.casefold() | u
str.test | s.isalpha() | s = 'abcdefghij'
str.test | s.isdigit() | s = '1234567890'
str.test | s.isidentifier() | s = 'some_name'
str.test | s.isspace() | s = '     '
str.test | s.isascii() | s
str.strip | s.strip() | s = '   text with space around   '
str.strip | s.strip('.,') | s = '..,text.,'
str.strip | s.removeprefix('The ') | s
str.pad | s.ljust(60) | s
str.pad | s.center(60, '*') | s
str.pad | '42'.zfill(8) |
str.make | s + s | s
str.make | s * 10 | s
str.make | s[5:20] | s
str.make | s[::-1] | s
str.make | s[::2] | s
str.make | s[3] | s
str.make | u[3] | u
str.make | for c in s: pass | s
str.make | list(s) | s
str.make | chr(8364) |
str.make | ord('x') |
str.make | hash(s + 'x') | s
str.make | s == s2 | s = 'abcdefghijk' * 10; s2 = ''.join(list(s))
str.make | s < s2 | s = 'abcdefghijk' * 10; s2 = s[:-1] + 'z'
str.make | r = ''¶for c in s: r += c | s
str.make | t.translate(tab) | t = 'lorem ipsum dolor'; tab = str.maketrans('abc', 'xyz')
str.make | t.expandtabs() | t = 'a\tb\tc'
codec | t.encode() | t
codec | s.encode() | s
codec | u.encode() | u
codec | b.decode() | b
codec | b.decode() | b = ('Zwölf Boxkämpfer jagen' * 20).encode()
codec | b.decode('latin-1') | b
codec | u.encode('utf-16') | u
codec | t.encode('latin-1') | t
codec | s.encode('ascii') | s
codec | str(b, 'ascii') | b
format | f'{x}' | x = 12345
format | f'{x} and {y}' | x = 12345; y = 'text'
format | f'{x:.2f}' | x = 3.14159
format | f'{x:>10}' | x = 'abc'
format | f'{x:5d}|{y:<8}' | x = 42; y = 'abc'
format | f'{x!r}' | x = 'abc'
format | f'{x:,}' | x = 123456789
format | f'{x:08x}' | x = 123456
format | '%s: %d' % (x, y) | x = 'abc'; y = 42
format | '%.3f' % x | x = 2.71828
format | '%-10s|%5d' % ('abc', 42) |
format | '{} {}'.format(x, y) | x = 'abc'; y = 42
format | '{0:>10} {a:.3f}'.format('abc', a=1.5) |
format | format(x, '.3e') | x = 12345.678
format | '%(a)s %(b)s' % d | d = {'a': 1, 'b': 2}
number.text | str(x) | x = 12345678
number.text | str(x) | x = 3.14159
number.text | repr(x) | x = 1e100
number.text | int(s) | s = '12345678'
number.text | float(s) | s = '3.14159'
number.text | hex(x) | x = 123456
number.text | int('ff', 16) |
number.text | bin(x) | x = 12345
number.text | str(big) | big
number.text | int(s) | s = str(3**2000)
number | divmod(x, y) | x = 12345; y = 67
number | x ** y | x = 3; y = 20
number | pow(x, y, z) | x = 12345; y = 678; z = 99991
number | x // y | x = -12345; y = 67
number | x % y | x = 3.75; y = 0.5
number | round(x, 2) | x = 3.14159
number | round(x) | x = 3.7
number | abs(x) | x = -5
number | int(x) | x = 3.7
number | float(x) | x = 42
number | x.bit_length() | x = 123456
number | x.to_bytes(4, 'big') | x = 123456
number | int.from_bytes(b, 'little') | b = b'1234'
number | hash(x) | x = 3.75
number | x.is_integer() | x = 3.0
number | x == y | x = 1.5; y = 2
number | min(x, y) | x = 3; y = 4
number | max(l) | l
number | sum(l) | l
number | sum(f) | f
number | max(1, 2, 3, key=lambda v: -v) |
number | complex(1, 2) * (3+1j) |
bigint | big * big2 | big
bigint | big + big2 | big
bigint | big - 1 | big
bigint | big // big2 | big
bigint | big % 1000007 | big
bigint | big >> 100 | big
bigint | big & big2 | big
bigint | huge * huge | big
bigint | pow(big, 65537, big2) | big
bigint | x * y | x = 2**70; y = 2**65 + 1
bigint | x + y | x = 2**70; y = 2**65 + 1
bigint | x << 70 | x = 12345
bigint | big == big2 | big
list | l.append(1); l.pop() | l = []
list | [1, 2, 3] |
list | [x, y] | x = y = 1
list | l[:] | l
list | l.copy() | l
list | l + l | l
list | l * 2 | l
list | l[10:20] | l
list | l[::2] | l
list | l.index(500) | l
list | 999 in l | l
list | '999' in l | l = [str(i) for i in range(1000)]
list | l.count(5) | l
list | l.reverse() | l
list | list(range(1000)) |
list | list(l) | l
list | l.insert(0, 1); del l[0] | l
list | x = []; x.extend(l) | l
list | l == l2 | l = list(range(1000)); l2 = list(range(1000))
list | l[10:20] = [0] * 10 | l
list | [0] * 1000 |
list | list(reversed(l)) | l
list | sorted(l) | l
list | sorted(p) | p
list | sorted(ps) | ps
list | sorted(p, reverse=True) | p
list | sorted(ps, key=len) | ps
list | sorted(f) | import random; f = [random.Random(1).random() for i in range(1000)]
list | sorted(q) | q = [(i * 7919 % 1000, str(i)) for i in range(1000)]
list | repr(l) | l
tuple | (x, y) | x = y = 1
tuple | tuple(l) | l
tuple | a + a | a = (1, 2, 3)
tuple | a == b | a = (1, 2, 'x'); b = (1, 2, 'y')
tuple | hash(a) | a = (1, 2, 'x')
tuple | a[1:] | a = (1, 2, 3)
tuple | 3 in a | a = (1, 2, 3)
dict | d[500] | d
dict | ds['500'] | ds
dict | d.get(5000) | d
dict | d.get(5, 1) | d
dict | 'x' in ds | ds
dict | {} |
dict | {'a': 1, 'b': 2} |
dict | dict(a=1, b=2) |
dict | dict(d) | d
dict | d.copy() | ds as d
dict | {**d, 'x': 1} | d
dict | x = {}; x.update(d) | d
dict | list(d) | d
dict | list(d.items()) | d
dict | for k, v in d.items(): pass | d
dict | sum(d.keys()) | d
dict | list(d.values()) | d
dict | d.setdefault(5, 1) | d
dict | d[-1] = 1; del d[-1] | d
dict | d.pop(-1, None) | d
dict | dict.fromkeys(l) | l
dict | dict(zip(l, l)) | l
dict | x = {}¶for i in l: x[i] = i | l
dict | x = {}¶for i in ps: x[i] = 1 | ps
dict | d[k] | d = {(i, i): i for i in range(100)}; k = (5, 5)
dict | d == d2 | d = dict.fromkeys(range(1000)); d2 = dict(d)
dict | d.keys() & d2.keys() | d = dict.fromkeys(range(100)); d2 = dict.fromkeys(range(50, 150))
dict | d | {1: 2} | d = {1: 1, 2: 2}
dict | repr(d) | d
set | m & m2 | m
set | m | m2 | m
set | m - m2 | m
set | m ^ m2 | m
set | 5 in m | m
set | set(l) | l
set | set(ps) | ps
set | m.copy() | m
set | m.add(5) | m
set | m <= m2 | m
set | {1, 2, 3} |
set | frozenset(l) | l
set | m.isdisjoint(m2) | m = set(range(100)); m2 = set(range(100, 200))
set | hash(m) | m = frozenset(range(100))
set | for x in m: pass | m
bytes | b + b | b
bytes | b.find(b'lazy') | b
bytes | b.split() | b
bytes | b.replace(b'fox', b'cat') | b
bytes | b.hex() | b
bytes | bytes.fromhex(h) | h = '00ff' * 20
bytes | b[3] | b
bytes | b[3:10] | b
bytes | b.upper() | b
bytes | b''.join(l) | l = [b'abc'] * 100
bytes | bytes(l) | l = list(range(256))
bytes | list(b) | b
bytes | a.append(1) | a = bytearray()
bytes | bytearray(b) | b
bytes | a[5] = 1 | a = bytearray(10)
bytes | a += b'abc'; del a[:3] | a = bytearray()
bytes | bytes(a) | a = bytearray(1000)
bytes | memoryview(b)[3:10].tobytes() | b
bytes | b.translate(t) | b; t = bytes(range(256))
bytes | b == b2 | b; b2 = bytes(bytearray(b))
struct | struct.pack('<IhQ', 1, 2, 3) | import struct
struct | struct.unpack('<IhQ', b) | import struct; b = struct.pack('<IhQ', 1, 2, 3)
struct | s.unpack_from(b, 4) | import struct; s = struct.Struct('>dd'); b = bytes(32)
struct | list(s.iter_unpack(b)) | import struct; s = struct.Struct('<ii'); b = bytes(800)
array | a[5] | import array; a = array.array('d', range(10))
array | array.array('i', l) | import array; l = list(range(100))
array | sum(a) | import array; a = array.array('d', range(1000))
itertools | list(chain(l, l)) | from itertools import chain; l = list(range(500))
itertools | list(islice(l, 10, 500, 2)) | from itertools import islice; l = list(range(500))
itertools | list(accumulate(l)) | from itertools import accumulate; l = list(range(500))
itertools | list(combinations(l, 3)) | from itertools import combinations; l = list(range(12))
itertools | list(permutations(l)) | from itertools import permutations; l = list(range(5))
itertools | list(product(l, l)) | from itertools import product; l = list(range(20))
itertools | for k, g in groupby(l): pass | from itertools import groupby; l = [i // 5 for i in range(200)]
itertools | list(zip_longest(l, l)) | from itertools import zip_longest; l = list(range(500))
itertools | list(pairwise(l)) | from itertools import pairwise; l = list(range(500))
itertools | list(batched(l, 5)) | from itertools import batched; l = list(range(500))
itertools | list(starmap(pow, q)) | from itertools import starmap; q = [(2, 3)] * 200
itertools | list(takewhile(lambda x: x < 400, l)) | from itertools import takewhile; l = list(range(500))
itertools | next(c) | from itertools import count; c = count()
itertools | next(c) | from itertools import cycle; c = cycle([1, 2, 3])
itertools | list(compress(l, l)) | from itertools import compress; l = list(range(500))
itertools | list(repeat(1, 500)) | from itertools import repeat
builtin | list(map(str, l)) | l = list(range(500))
builtin | list(map(lambda x: x + 1, l)) | l = list(range(500))
builtin | list(filter(None, l)) | l = list(range(500))
builtin | list(zip(l, l)) | l = list(range(500))
builtin | list(enumerate(l)) | l = list(range(500))
builtin | any(x > 400 for x in l) | l = list(range(500))
builtin | all(l) | l = list(range(1, 500))
builtin | isinstance(x, (int, str)) | x = 'a'
builtin | isinstance(x, Sequence) | from collections.abc import Sequence; x = [1]
builtin | issubclass(bool, int) |
builtin | getattr(o, 'x', None) | class O: pass¶o = O(); o.y = 1
builtin | getattr(o, 'y') | class O: pass¶o = O(); o.y = 1
builtin | setattr(o, 'y', 2) | class O: pass¶o = O(); o.y = 1
builtin | hasattr(o, 'x') | class O: pass¶o = O()
builtin | callable(x) | x = len
builtin | len(l) | l
builtin | type(x) | x = 1
builtin | id(x) | x = []
builtin | iter(l) | l
builtin | slice(1, 2) |
builtin | repr(x) | x = [1, 'a', 2.5, None]
builtin | object() |
builtin | for i in range(500): pass |
builtin | vars(o) | class O: pass¶o = O(); o.y = 1
builtin | print('x', 1, file=f) | import io; f = io.StringIO()
builtin | compile('x + 1', 'f', 'eval') |
builtin | eval('1 + 2') |
builtin | eval(c) | c = compile('1 + 2', 'f', 'eval')
collections | d.append(1); d.popleft() | from collections import deque; d = deque(range(100))
collections | deque(l) | from collections import deque; l = list(range(500))
collections | d.rotate(3) | from collections import deque; d = deque(range(100))
collections | d[50] | from collections import deque; d = deque(range(100))
collections | Counter(t) | from collections import Counter; t = 'lorem ipsum dolor sit amet'
collections | Counter(w) | w; from collections import Counter
collections | c.most_common(3) | from collections import Counter; c = Counter('lorem ipsum dolor sit amet')
collections | d[i] += 1 | from collections import defaultdict; d = defaultdict(int); i = 3
collections | d = defaultdict(list)¶for i in l: d[i].append(i) | from collections import defaultdict; l = list(range(200))
collections | d['a'] = 1; d.move_to_end('a') | from collections import OrderedDict; d = OrderedDict.fromkeys('abcdef')
collections | OrderedDict(q) | from collections import OrderedDict; q = [(i, i) for i in range(100)]
collections | for k in d: pass | from collections import OrderedDict; d = OrderedDict.fromkeys(range(100))
collections | P(1, 2) | from collections import namedtuple; P = namedtuple('P', 'x y')
collections | p.x + p.y | from collections import namedtuple; p = namedtuple('P', 'x y')(1, 2)
collections | p._replace(x=3) | from collections import namedtuple; p = namedtuple('P', 'x y')(1, 2)
collections | c['a'] | from collections import ChainMap; c = ChainMap({}, {'a': 1})
functools | f(3) | from functools import lru_cache; f = lru_cache(lambda x: x)
functools | f(3) | from functools import partial; f = partial(pow, 2)
functools | f(3, z=1) | from functools import partial; f = partial(lambda a, b, z: a, 2)
functools | reduce(lambda a, b: a + b, l) | from functools import reduce; l = list(range(500))
functools | reduce(add, l) | from functools import reduce; from operator import add; l = list(range(500))
functools | o.x | from functools import cached_property¶class O:¶ @cached_property¶ def x(self): return 1¶o = O()
functools | f('a') | from functools import singledispatch; f = singledispatch(lambda x: x)
functools | sorted(l, key=k) | from functools import cmp_to_key; k = cmp_to_key(lambda a, b: a - b); l = list(range(200, 0, -1))
operator | g(x) | from operator import itemgetter; g = itemgetter(1); x = (1, 2)
operator | g(x) | from operator import itemgetter; g = itemgetter('a', 'b'); x = {'a': 1, 'b': 2}
operator | g(x) | from operator import attrgetter; g = attrgetter('real'); x = 1
operator | g(x) | from operator import methodcaller; g = methodcaller('upper'); x = 'a'
heapq | h = []¶for i in p: heappush(h, i) | p; from heapq import heappush; p = p[:200]
heapq | x = p[:]; heapify(x) | p; from heapq import heapify
heapq | nsmallest(5, p) | p; from heapq import nsmallest
heapq | list(merge(l, l)) | from heapq import merge; l = list(range(100))
bisect | bisect(l, 500) | l; from bisect import bisect
bisect | bisect(ps, '5') | ps; ps.sort(); from bisect import bisect
re | r.match(s) | s; import re; r = re.compile(r'(\w+) (\w+)')
re | r.search(s) | s; import re; r = re.compile('lazy')
re | r.search(t) | t; import re; r = re.compile('zebra')
re | r.search(t) | t; import re; r = re.compile('[0-9]+')
re | r.search(t) | t; import re; r = re.compile('zebra|yak|xylophone')
re | r.findall(t) | t; import re; r = re.compile(r'\w+')
re | r.findall(t) | t; import re; r = re.compile(r'[aeiou]')
re | r.findall(t) | t; import re; r = re.compile(r'dolor|amet')
re | r.findall(t) | t; import re; r = re.compile(r'\b[a-z]+\b')
re | r.findall(t) | t; import re; r = re.compile(r'(\w)(\w*)')
re | r.sub('x', t) | t; import re; r = re.compile('dolor')
re | r.sub('', t) | t; import re; r = re.compile(r'\s+')
re | r.sub(lambda m: m[0].upper(), s) | s; import re; r = re.compile(r'\b\w')
re | r.split(t) | t; import re; r = re.compile(r'\s+')
re | r.fullmatch(x) | x = '2024-01-02T03:04:05'; import re; r = re.compile(r'(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)')
re | r.match(x) | x = 'user.name@example.org'; import re; r = re.compile(r'[\w.]+@[\w.]+\.\w+')
re | r.search(x) | x = 'a' * 200 + 'b'; import re; r = re.compile(r'a*?b')
re | r.search(t) | t; import re; r = re.compile(r'.*zebra')
re | r.search(t) | t; import re; r = re.compile(r'ZEBRA', re.I)
re | m.group(1) | import re; m = re.match('(.)(.)', 'ab')
re | m.groups() | import re; m = re.match('(.)(.)', 'ab')
re | m.groupdict() | import re; m = re.match('(?P<x>.)(.)', 'ab')
re | re.match('a.c', 'abc') | import re
re | re.escape(s) | s; import re
re | for m in r.finditer(s): m.span() | s; import re; r = re.compile(r'\w+')
re | r.match(x) | x = '   12.5e3,'; import re; r = re.compile(r'\s*(?:(?P<n>\d+(?:\.\d*)?(?:[eE][+-]?\d+)?)|(?P<i>[a-z_]\w*)|(?P<o>.))')
json | json.dumps(rec) | rec; import json
json | json.loads(x) | rec; import json; x = json.dumps(rec)
json | json.dumps(l) | l; import json
json | json.dumps(s) | s; import json
json | json.loads(x) | l; import json; x = json.dumps(l)
json | json.dumps(rec, indent=1) | rec; import json
json | json.loads(x) | ds; import json; x = json.dumps(ds)
json | json.dumps(f) | import json; f = [i / 7 for i in range(100)]
pickle | pickle.dumps(rec) | rec; import pickle
pickle | pickle.loads(x) | rec; import pickle; x = pickle.dumps(rec)
pickle | pickle.dumps(l) | l; import pickle
pickle | pickle.loads(x) | l; import pickle; x = pickle.dumps(l)
pickle | pickle.dumps(x) | import pickle, fractions; x = [fractions.Fraction(1, i) for i in range(1, 20)]
pickle | copy.deepcopy(rec) | rec; import copy
pickle | copy.copy(rec) | rec; import copy
pickle | marshal.dumps(rec) | rec; import marshal
csv | list(csv.reader(x)) | import csv; x = ['a,b,"c d",1.5\r\n'] * 50
csv | w.writerow(['a', 1, 2.5, 'b c']) | import csv, io; w = csv.writer(io.StringIO())
io | f = io.StringIO(); f.write('abc'); f.getvalue() | import io
io | f = io.BytesIO(b'a\nb\n'); f.readline() | import io
io | for x in io.StringIO(t): pass | import io; t = 'some line\n' * 50
io | io.TextIOWrapper(io.BytesIO(b)).read() | import io; b = b'some line\n' * 50
io | for x in io.TextIOWrapper(io.BytesIO(b)): pass | import io; b = b'some line\n' * 50
io | f.write('abc\n') | import io; f = io.TextIOWrapper(io.BytesIO())
datetime | datetime(2024, 1, 2, 3, 4, 5) | from datetime import datetime
datetime | x + d | from datetime import datetime, timedelta; x = datetime(2024, 1, 2); d = timedelta(1)
datetime | x - y | from datetime import datetime; x = datetime(2024, 1, 2); y = datetime(2023, 1, 1)
datetime | x.isoformat() | from datetime import datetime; x = datetime(2024, 1, 2, 3, 4, 5)
datetime | datetime.fromisoformat('2024-01-02T03:04:05') | from datetime import datetime
datetime | x.strftime('%Y-%m-%d %H:%M') | from datetime import datetime; x = datetime(2024, 1, 2)
datetime | datetime.strptime('2024-01-02', '%Y-%m-%d') | from datetime import datetime
datetime | date.today() | from datetime import date
datetime | x < y | from datetime import datetime; x = datetime(2024, 1, 2); y = datetime(2023, 1, 1)
decimal | a + b | from decimal import Decimal; a = Decimal('1.25'); b = Decimal('3.75')
decimal | a / b | from decimal import Decimal; a = Decimal('1.25'); b = Decimal('3.75')
decimal | Decimal('3.14159') | from decimal import Decimal
decimal | str(a) | from decimal import Decimal; a = Decimal('1.25')
decimal | a.quantize(b) | from decimal import Decimal; a = Decimal('1.2567'); b = Decimal('0.01')
fractions | a + b | from fractions import Fraction; a = Fraction(1, 3); b = Fraction(2, 7)
fractions | a * b | from fractions import Fraction; a = Fraction(1, 3); b = Fraction(2, 7)
fractions | Fraction(12, 18) | from fractions import Fraction
math | math.sqrt(x) | import math; x = 2.0
math | math.floor(x) | import math; x = 2.5
math | math.gcd(x, y) | import math; x = 12345678; y = 8765432
math | math.sin(x) | import math; x = 0.5
math | math.hypot(3, 4) | import math
math | math.factorial(20) | import math
math | math.isclose(x, y) | import math; x = y = 1.5
math | math.fsum(f) | f; import math
math | math.prod(l) | import math; l = [1.5] * 100
math | math.comb(50, 20) | import math
math | math.log(x) | import math; x = 2.0
random | random.random() | import random
random | random.randint(1, 100) | import random
random | random.choice(l) | l; import random
random | x = l[:50]; random.shuffle(x) | l; import random
class | O() | class O: pass
class | O(1) | class O:¶ def __init__(self, x): self.x = x
class | O(1) | class O:¶ __slots__ = ('x',)¶ def __init__(self, x): self.x = x
class | O(1, 2) | from dataclasses import dataclass¶@dataclass¶class O:¶ x: int¶ y: int
class | a == b | from dataclasses import dataclass¶@dataclass¶class O:¶ x: int¶ y: int¶a = O(1, 2); b = O(1, 3)
class | a == b | from enum import Enum¶class E(Enum):¶ A = 1¶ B = 2¶a = E.A; b = E.B
class | E(1) | from enum import Enum¶class E(Enum):¶ A = 1¶ B = 2
class | E.A.value | from enum import Enum¶class E(Enum):¶ A = 1¶ B = 2
class | F.A | F.B | from enum import Flag¶class F(Flag):¶ A = 1¶ B = 2
class | class X: pass |
class | weakref.ref(o)() | import weakref¶class O: pass¶o = O()
class | try: raise E('x')¶except E: pass | E = ValueError
class | str(e) | e = ValueError('x', 1)
class | with c: pass | import contextlib; c = contextlib.nullcontext()
class | with c(): pass | import contextlib¶@contextlib.contextmanager¶def c(): yield
call | f(1, 2, 3) | def f(a, b, c): pass
call | f(1) | def f(a, b=2, c=3): pass
call | f(1, b=2) | def f(a, b, c=3): pass
call | f(1, c=2) | def f(a, *, c): pass
call | f(1) | def f(a, *, c=3): pass
call | f(1, 2, 3) | def f(a, *rest): pass
call | f(1, x=2, y=3) | def f(a, **kw): pass
call | f(1, 2, x=3) | def f(*args, **kw): pass
call | f(*a) | def f(a, b, c): pass¶a = (1, 2, 3)
call | f(*a) | def f(a, b, c): pass¶a = [1, 2, 3]
call | f(*a) | def f(*args): pass¶a = (1, 2, 3)
call | f(0, *a) | def f(*args): pass¶a = (1, 2, 3)
call | f(*a, **k) | def f(*args, **kw): pass¶a = (1, 2, 3); k = {'x': 1, 'y': 2}
call | f(*a, **k) | def f(*args, **kw): pass¶a = (1, 2, 3); k = {}
call | f(**k) | def f(x, y): pass¶k = {'x': 1, 'y': 2}
call | f(1, 2, x=3) | def g(a, b, x): pass¶def f(*args, **kw): return g(*args, **kw)
call | f(1, 2) | def g(a, b): pass¶def f(*args, **kw): return g(*args, **kw)
call | o.f(*a) | class O:¶ def f(self, a, b): pass¶o = O(); a = (1, 2)
call | max(*a) | a = (1, 2)
call | dict(**k) | k = {'x': 1, 'y': 2}
call | print(*a, sep='', end='', file=f) | import io; f = io.StringIO(); a = ()
call | O(1, 2) | class O:¶ def __init__(self, x, y=2, z=3): self.x = x
call | O(1, y=2) | class O:¶ def __init__(self, x, y=2): self.x = x
call | O(x=1, y=2) | class O:¶ def __init__(self, **kw): self.kw = kw
call | O(*a) | class O:¶ def __init__(self, x, y): self.x = x¶a = (1, 2)
call | O(*a, **k) | class O:¶ def __init__(self, x, y): self.x = x¶a = (1,); k = {'y': 2}
call | O(1) | class O:¶ def __new__(cls, x): return object.__new__(cls)
call | O(1) | class M(type):¶ def __call__(cls, *a): return super().__call__(*a)¶class O(metaclass=M):¶ def __init__(self, x): self.x = x
call | o(1) | class O:¶ def __call__(self, x): return x¶o = O()
call | f(*a) | class O:¶ def __call__(self, x, y): return x¶f = O(); a = (1, 2)
super | o.f() | class A:¶ def f(self): pass¶class O(A):¶ def f(self): super().f()¶o = O()
super | o.f() | class A:¶ def f(self): pass¶class O(A):¶ def f(self): super(O, self).f()¶o = O()
super | o.f() | class A:¶ x = 1¶class O(A):¶ def f(self): return super().x¶o = O()
super | o.f() | class A:¶ @property¶ def x(self): return 1¶class O(A):¶ def f(self): return super().x¶o = O()
super | O.f() | class A:¶ @classmethod¶ def f(cls): pass¶class O(A):¶ @classmethod¶ def f(cls): super().f()
super | O(1) | class A:¶ def __init__(self, x): self.x = x¶class O(A):¶ def __init__(self, x): super().__init__(x)
super | O() | class O:¶ def __init__(self): super().__init__()
super | o.append(1); o.pop() | class O(list):¶ def append(self, x): super().append(x)¶o = O()
super | o['x'] | class O(dict):¶ def __getitem__(self, x): return super().__getitem__(x)¶o = O(x=1)
super | o.f(1) | class A:¶ def f(self, *a, **k): pass¶class O(A):¶ def f(self, *a, **k): super().f(*a, **k)¶o = O()
send | for x in f(): pass | def g():¶ for i in range(100): yield i¶def f(): yield from g()
send | for x in f(): pass | def f(): yield from range(100)
send | for x in f(): pass | def f(): yield from l¶l = list(range(100))
send | for x in f(5): pass | def f(n):¶ if n: yield from f(n - 1)¶ yield n¶ if n: yield from f(n - 1)
send | c = f()¶try: c.send(None)¶except StopIteration: pass | async def g(): return 1¶async def f():¶ for i in range(100): await g()
send | c = f()¶try: c.send(None)¶except StopIteration: pass | class A:¶ def __await__(self):¶  return 1¶  yield¶async def f():¶ for i in range(100): await A()
send | c = f()¶try: c.send(None)¶except StopIteration: pass | async def g():¶ for i in range(100): yield i¶async def f():¶ async for x in g(): pass
send | c = f()¶try: c.send(None)¶except StopIteration: pass | class C:¶ async def __aenter__(self): pass¶ async def __aexit__(self, *e): pass¶async def f():¶ for i in range(50):¶  async with C(): pass
send | g.send(1) | def f():¶ while 1: yield¶g = f(); next(g)
send | next(g) | def f():¶ while 1: yield¶g = f()
send | next(g, None) | def f():¶ while 1: yield¶g = f()
send | g.__next__() | def f():¶ while 1: yield¶g = f()
send | g.send(1) | def h():¶ while 1: yield¶def f(): yield from h()¶g = f(); next(g)
send | g.throw(E) | E = ValueError()¶def f():¶ while 1:¶  try: yield¶  except ValueError: pass¶g = f(); next(g)
send | asyncio.run(f()) | import asyncio¶async def f():¶ for i in range(100): await asyncio.sleep(0)
drive | sum(x for x in l) | l = list(range(100))
drive | any(x < 0 for x in l) | l = list(range(100))
drive | all(x >= 0 for x in l) | l = list(range(100))
drive | list(x for x in l) | l = list(range(100))
drive | tuple(x for x in l) | l = list(range(100))
drive | set(x for x in l) | l = list(range(100))
drive | frozenset(x for x in l) | l = list(range(100))
drive | dict((x, x) for x in l) | l = list(range(100))
drive | sorted(x for x in l) | l = list(range(100))
drive | min(x for x in l) | l = list(range(100))
drive | max(x for x in l) | l = list(range(100))
drive | ''.join(x for x in l) | l = ['ab'] * 100
drive | [*(x for x in l)] | l = list(range(100))
drive | a, b, c = (x for x in l) | l = list(range(3))
drive | x = []; x.extend(x for x in l) | l = list(range(100))
drive | for x in map(f, l): pass | l = list(range(100))¶def f(x): return x
drive | list(map(f, l)) | l = list(range(100))¶def f(x): return x
drive | list(map(f, l, l)) | l = list(range(100))¶def f(x, y): return x
drive | list(map(str, (x for x in l))) | l = list(range(100))
drive | for x in filter(f, l): pass | l = list(range(100))¶def f(x): return x
drive | list(filter(f, l)) | l = list(range(100))¶def f(x): return x
drive | for x, y in zip(f(), f()): pass | def f():¶ for i in range(100): yield i
drive | for x, y in enumerate(f()): pass | def f():¶ for i in range(100): yield i
drive | -1 in (x for x in l) | l = list(range(100))
drive | list(starmap(f, q)) | from itertools import starmap; q = [(1, 2)] * 100; f = lambda a, b: a
drive | list(chain.from_iterable(f(x) for x in l)) | from itertools import chain; l = list(range(20))¶def f(x): yield x
drive | list(islice(f(), 100)) | from itertools import islice¶def f():¶ while 1: yield 1
drive | sorted(l, key=f) | l = list(range(100))¶def f(x): return x
drive | max(l, key=f) | l = list(range(100))¶def f(x): return x
drive | reduce(f, l) | from functools import reduce; l = list(range(100))¶def f(x, y): return x
drive | deque(x for x in l) | from collections import deque; l = list(range(100))
drive | Counter(x for x in l) | from collections import Counter; l = list(range(100))
drive | list(f()) | class I:¶ def __init__(self): self.i = 0¶ def __iter__(self): return self¶ def __next__(self):¶  self.i += 1¶  if self.i > 100: raise StopIteration¶  return 1¶f = I
drive | for x in f(): pass | class I:¶ def __init__(self): self.i = 0¶ def __iter__(self): return self¶ def __next__(self):¶  self.i += 1¶  if self.i > 100: raise StopIteration¶  return 1¶f = I
dunder | o == p | class O:¶ def __eq__(self, other): return True¶o = O(); p = O()
dunder | o < p | class O:¶ def __lt__(self, other): return True¶o = O(); p = O()
dunder | o != p | class O:¶ def __eq__(self, other): return True¶o = O(); p = O()
dunder | o + p | class O:¶ def __add__(self, other): return self¶o = O(); p = O()
dunder | 1 + p | class O:¶ def __radd__(self, other): return self¶p = O()
dunder | p += 1 | class O:¶ def __iadd__(self, other): return self¶p = O()
dunder | -o | class O:¶ def __neg__(self): return self¶o = O()
dunder | o ** 2 | class O:¶ def __pow__(self, other): return self¶o = O()
dunder | hash(o) | class O:¶ def __hash__(self): return 1¶o = O()
dunder | len(o) | class O:¶ def __len__(self): return 1¶o = O()
dunder | if o: pass | class O:¶ def __len__(self): return 1¶o = O()
dunder | if o: pass | class O:¶ def __bool__(self): return True¶o = O()
dunder | not o | class O:¶ def __bool__(self): return True¶o = O()
dunder | bool(o) | class O:¶ def __bool__(self): return True¶o = O()
dunder | str(o) | class O:¶ def __str__(self): return ''¶o = O()
dunder | f'{o}' | class O:¶ def __str__(self): return ''¶o = O()
dunder | repr(o) | class O:¶ def __repr__(self): return ''¶o = O()
dunder | int(o) | class O:¶ def __int__(self): return 1¶o = O()
dunder | l[o] | class O:¶ def __index__(self): return 1¶o = O(); l = [1, 2]
dunder | abs(o) | class O:¶ def __abs__(self): return 1¶o = O()
dunder | o[1] | class O:¶ def __getitem__(self, k): return k¶o = O()
dunder | o[1:2] | class O:¶ def __getitem__(self, k): return k¶o = O()
dunder | o[1] = 2 | class O:¶ def __setitem__(self, k, v): pass¶o = O()
dunder | del o[1] | class O:¶ def __delitem__(self, k): pass¶o = O()
dunder | 1 in o | class O:¶ def __contains__(self, k): return True¶o = O()
dunder | 1 in o | class O:¶ def __iter__(self): return iter((1, 2))¶o = O()
dunder | for x in o: pass | class O:¶ def __iter__(self): return iter((1, 2))¶o = O()
dunder | for x in o: pass | class O:¶ def __getitem__(self, i):¶  if i > 10: raise IndexError¶  return i¶o = O()
dunder | iter(o) | class O:¶ def __iter__(self): return i¶o = O(); i = iter([])
dunder | next(o) | class O:¶ def __next__(self): return 1¶o = O()
dunder | with o: pass | class O:¶ def __enter__(self): pass¶ def __exit__(self, *a): pass¶o = O()
dunder | with o: pass | class O:¶ def __enter__(self): pass¶ def __exit__(self, t, v, b): pass¶o = O()
dunder | o.x | class O:¶ def __getattr__(self, n): return 1¶o = O()
dunder | o.x | class O:¶ def __getattribute__(self, n): return 1¶o = O()
dunder | o.x = 1 | class O:¶ def __setattr__(self, n, v): pass¶o = O()
dunder | o.x = 1 | class O:¶ def __setattr__(self, n, v): object.__setattr__(self, n, v)¶o = O()
dunder | o.x | class D:¶ def __get__(self, o, t): return 1¶class O: x = D()¶o = O()
dunder | o.x = 1 | class D:¶ def __set__(self, o, v): pass¶class O: x = D()¶o = O()
dunder | o.x | class O:¶ @property¶ def x(self): return 1¶o = O()
dunder | o.x = 1 | class O:¶ @property¶ def x(self): return 1¶ @x.setter¶ def x(self, v): pass¶o = O()
dunder | getattr(o, 'x') | class O:¶ @property¶ def x(self): return 1¶o = O()
dunder | d[o] | class O:¶ def __init__(self): self.x = 1¶ def __hash__(self): return 1¶ def __eq__(self, o): return self.x == o.x¶o = O(); d = {O(): 1}
dunder | o in m | class O:¶ def __hash__(self): return 1¶ def __eq__(self, o): return True¶o = O(); m = {O()}
dunder | o in l | class O:¶ def __eq__(self, o): return False¶o = O(); l = [O() for i in range(10)]
dunder | l.index(o) | class O:¶ def __init__(self, x): self.x = x¶ def __eq__(self, o): return self.x == o.x¶o = O(9); l = [O(i) for i in range(10)]
dunder | (o, 1) == (p, 1) | class O:¶ def __eq__(self, o): return True¶o = O(); p = O()
dunder | sorted(l) | class O:¶ def __init__(self, x): self.x = x¶ def __lt__(self, o): return self.x < o.x¶l = [O(i * 7 % 50) for i in range(50)]
dunder | isinstance(o, A) | class M(type):¶ def __instancecheck__(cls, o): return True¶class A(metaclass=M): pass¶o = 1
dunder | O.x | class M(type):¶ def __getattr__(cls, n): return 1¶class O(metaclass=M): pass
hash | hashlib.md5(b).hexdigest() | b; import hashlib
hash | zlib.crc32(b) | b; import zlib
hash | zlib.compress(b) | import zlib; b = b'lorem ipsum dolor' * 100
hash | binascii.hexlify(b) | b; import binascii
hash | base64.b64encode(b) | b; import base64
os | os.path.join('a', 'b', 'c') | import os
os | os.path.splitext('a/b.txt') | import os
os | os.fspath('a') | import os
os | os.stat('/') | import os
os | Path('a') / 'b' | from pathlib import Path
os | time.time() | import time
os | time.monotonic() | import time
text | textwrap.fill(t, 60) | import textwrap; t = 'lorem ipsum dolor sit amet consectetur ' * 5
text | T.substitute(x=1) | from string import Template; T = Template('a $x b')
text | shlex.split('a "b c" d') | import shlex
text | difflib.SequenceMatcher(None, 'abcdef', 'abxdef').ratio() | import difflib
text | unicodedata.normalize('NFC', u) | u; import unicodedata
text | unicodedata.name('a') | import unicodedata
text | html.escape(s) | s; import html
text | urlsplit('http://example.org/a/b?c=d#e') | from urllib.parse import urlsplit
text | quote('a b/c') | from urllib.parse import quote
text | log.debug('x') | import logging; log = logging.getLogger('x')
text | ET.fromstring(x) | import xml.etree.ElementTree as ET; x = '<a>' + '<b c="d">e</b>' * 20 + '</a>'
text | ast.literal_eval('[1, 2, 3]') | import ast
sqlite | c.execute('select 1').fetchone() | import sqlite3; c = sqlite3.connect(':memory:')
sqlite | c.execute('select x from t').fetchall() | import sqlite3; c = sqlite3.connect(':memory:'); c.execute('create table t(x)'); c.executemany('insert into t values (?)', [(i,) for i in range(100)])
"""


def cases():
    for line in CASES.strip().splitlines():
        group, rest = line.split(" | ", 1)
        statement, setup = rest.rsplit(" |", 1)
        setup = setup.strip()
        parts = []
        for part in setup.split("; "):
            name, _, alias = part.partition(" as ")
            parts.append(SHARED.get(name, part if name not in SHARED else "") + (f"; {alias} = {name}" if alias and name in SHARED else ""))
        yield group, statement, "; ".join(parts).replace("¶", "\n"), statement.replace("¶", "\n")


# Runs in the interpreter that is measured: cases of `indices`, a line of JSON with seconds of each.
WORKER = r"""
import sys, json
from time import process_time as clock
def measure(setup, statement):
    body = "\n".join("        " + line for line in statement.split("\n"))
    code = ("def inner(setup_names, n, clock):\n    " + setup.replace("\n", "\n    ") +
            "\n    start = clock()\n    for _ in range(n):\n" + body + "\n    return clock() - start\n")
    space = {}
    exec(code, space)
    inner, n = space["inner"], 1
    while True:
        t = inner(None, n, clock)
        if t > 0.002 or n > 1e7:
            break
        n = n * 4
    n = max(1, int(n * 0.005 / t))
    return min(inner(None, n, clock) for _ in range(3)) / n
for setup, statement in json.load(sys.stdin):
    try:
        print(json.dumps(measure(setup, statement)), flush=True)
    except Exception as e:
        print(json.dumps(None), flush=True)
        print(statement, repr(e), file=sys.stderr)
"""


def run(python, chosen):
    env = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
    env.setdefault("KRAIT_STDLIB", str(DEPS / "stdlib"))
    work = json.dumps([(setup, code) for _, _, setup, code in chosen])
    process = subprocess.run([python, "-c", WORKER], input=work, env=env, stdout=subprocess.PIPE, text=True, check=True)
    return [json.loads(line) for line in process.stdout.splitlines()]


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("texts", nargs="*")
    parser.add_argument("--krait", default=str(HERE.parent / "build/release/krait"))
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--worst", type=int, default=0)
    parser.add_argument("--save")
    options = parser.parse_args()
    pythons = [options.krait, str(DEPS / "oracle/usr/bin/python3.14")]
    chosen = [c for c in cases() if not options.texts or any(t in c[0] or t in c[1] for t in options.texts)]
    # Few at a time, so that a busy moment of the machine hits both.
    rows = []
    for at in range(0, len(chosen), 20):
        part = chosen[at : at + 20]
        best = [[math.inf] * len(part) for _ in pythons]
        for _ in range(options.turns):
            for which, python in enumerate(pythons):
                for i, seconds in enumerate(run(python, part)):
                    best[which][i] = min(best[which][i], seconds or math.inf)
        for (group, statement, setup, _), mine, theirs in zip(part, *best):
            row = (mine / theirs, group, statement, setup, mine, theirs)
            rows.append(row)
            show(row)
    if options.worst:
        print(f"\nthe {options.worst} worst:")
        for row in sorted(rows, key=lambda row: -row[0])[: options.worst]:
            show(row)
    ratios = [row[0] for row in rows if math.isfinite(row[0])]
    print(f"{len(ratios)} cases, geometric mean {statistics.geometric_mean(ratios):.3f}, {sum(r > 1.05 for r in ratios)} above 1.05")
    if options.save:
        pathlib.Path(options.save).write_text(json.dumps(rows, indent=1) + "\n", "utf-8")


def show(row):
    factor, group, statement, setup, mine, theirs = row
    text = statement if len(statement) < 50 else statement[:47] + "..."
    print(f"{factor:6.2f} {mine * 1e9:12.1f} {theirs * 1e9:12.1f} ns  {group:12} {text:50} {setup[:40]}", flush=True)


main()
