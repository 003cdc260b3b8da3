# bytes and bytearray: methods, arguments and messages, each line compared with the oracle.


s=b'abc'; ba=bytearray(b'abc')
def t(f):
    try:
        print(f, '->', ascii(eval(f)))
    except BaseException as e:
        print(f, '->', type(e).__name__, ascii(str(e)))
for f in r'''s.find('a')
s.find(300)
s.find(1.5)
ba.find('a')
s.count('a')
s.index(b'z')
ba.index(b'z')
s.rindex(b'z')
s.startswith(1)
s.startswith((1,))
s.startswith('a')
ba.endswith(('a',))
s.split('a')
s.split(b'')
s.split(None,-1)
s.partition('a')
s.partition(b'')
s.strip('a')
ba.strip('a')
s.replace('a',b'')
s.replace(b'a','b')
s.replace(b'a')
s.removeprefix('a')
s.removeprefix(bytearray(b'a'))
s.center(10,'a')
s.center(10,b'ab')
ba.center(10,b'ab')
s.center(10,bytearray(b'x'))
s.join(1)
s.join([1])
s.join(['a'])
ba.join([1])
s.zfill('x')
s.expandtabs('x')
s.translate(1)
s.translate(b'a')
s.translate(None,b'a')
s.translate(None,delete='a')
bytes.maketrans(b'a',b'bc')
bytes.maketrans(1,b'bc')
bytes.maketrans()
s+1
s+'a'
ba+'a'
s*1.5
s*2**62
ba*2**62
'a' in s
300 in s
'a' in ba
300 in ba
1.5 in s
s[1.5]
ba[1.5]
s[10]
ba[10]
s<1
s=='abc'
s==ba
bytes(1.5)
bytes('a')
bytes('a',1)
bytes('a','utf8',1)
bytes(1,'utf8')
bytes(b'a','utf8')
bytes(errors='x')
bytes(encoding='x')
bytes([300])
bytes(['a'])
bytes([-1])
bytes(-1)
bytes(2**70)
bytes(2**62)
bytes(1,2,3,4)
bytes(source=3)
bytes(foo=3)
bytes((1,2))
bytes(object())
bytearray('a')
bytearray([300])
bytearray(['a'])
bytearray(-1)
bytearray(2**70)
bytearray(object())
bytearray(1,'utf8')
bytearray(b'a','utf8')
bytes.fromhex('ab c')
bytes.fromhex('zz')
bytes.fromhex('a')
bytes.fromhex(1)
bytes.fromhex(b'ab cd')
bytes.fromhex('aé')
bytes.fromhex('ab\u1234')
bytearray.fromhex('abc')
s.hex(1)
s.hex('ab')
s.hex(b'ab')
s.hex('é')
s.hex('\u1234')
s.hex(':')
s.hex(':',2)
s.hex(':',-2)
s.hex(':',0)
s.hex(sep=':',bytes_per_sep=2**40)
b'abcdefgh'.hex('_',3), b'abcdefgh'.hex('_',-3)
s.decode(1)
s.decode(errors=1)
b'\xff'.decode()
repr(b"'"), repr(b'\'"'), repr(b'\x00\t\n\r\\\xff')
repr(bytearray(b"'"))
str(b'a')
ba.append(300)
ba.append('a')
ba.extend('abc')
ba.extend(1)
ba.extend([300])
ba.extend(['a'])
ba.insert('a',1)
ba.insert(0,300)
ba.remove(300)
ba.remove(250)
ba.remove('a')
bytearray().pop()
ba.pop(100)
ba.pop('a')
ba.__setitem__(0,300)
ba.__setitem__(0,'a')
ba.__setitem__(100,1)
ba.__delitem__(100)
ba.__setitem__('a',1)
ba.__setitem__(slice(0,1),'a')
ba.__setitem__(slice(0,1),5)
ba.__setitem__(slice(0,3,2),b'abc')
ba.__setitem__(slice(0,1),[300])
ba.resize('a')
ba.resize(-1)
ba.__alloc__()
bytearray().__alloc__()
ba.__iadd__(1)
ba.__iadd__('a')
ba.__imul__('a')
hash(ba)
s.__getnewargs__()
s.__bytes__()
s.islower(1)
b'aB c'.title(), b'aB'.swapcase(), b'aB C'.capitalize(), b'A b'.istitle()
b'%s' % 'a'
b'%d' % 'a'
b'%c' % 300
b'%c' % 'a'
b'%b' % 1
b'%a' % 'é'
b'%r' % 'é'
b'%x' % 1.5
b'%z' % 1
b'%' % 1
b'%(a)d' % 1
b'%(a)d' % {b'a':1}
b'%(a)d' % {'a':1}
b'%d' % ()
b'%d' % (1,2)
b'%*d' % ('a',1)
b'%s' % b'x'
b'%.2s|%5b|%-5b|' % (b'xyz',b'a',b'b')
b'%c%c' % (97, b'b')
b'%i %o %X %#x %e %g %f' % (1,8,255,255,1.5,1.5,1.5)
bytearray(b'%d') % 1
b'a\n b\r\nc\x0bd'.splitlines()
s.splitlines(1,2)
iter(s).__setstate__('x')
b' a b '.split(), b'a  b'.rsplit(None,1)
b'a'.replace(b'',b'-'), b'abc'.replace(b'',b'-',2)
b'abc'[::-1], ba[::2], b'abc'[1:2]
bytes.__new__(str)
s.isascii(), b'\xff'.isascii()
b'-1'.zfill(5), b'+'.zfill(3)
s.lstrip(None), s.lstrip(bytearray(b'a'))
s.rfind(98), s.count(98), 98 in s
s.find(b'',10)
b'ab'.expandtabs()
bytes(bytearray(3))
s.startswith((b'a',1))
s.hex(sep=1)
s.__mod__(1)
1 % s
'''.splitlines(): t(f)
