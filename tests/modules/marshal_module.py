# marshal: what it reads, what it refuses, which references it writes.
import marshal
def tr(fn,*a,**k):
    try: print(repr(fn(*a,**k)))
    except BaseException as e: print(type(e).__name__, e)
L=marshal.loads
for b in [b'',b'\xff',b'i',b'i\1\0',b'(\xff\xff\xff\xff',b'(\2\0\0\0N',b'[\xff\xff\xff\xff',b's\xff\xff\xff\xff',b's\5\0\0\0ab',b'u\1\0\0\0\xff',b'a\1\0\0\0\xff',b'r\0\0\0\0',b'r\xff\xff\xff\xff',b'\xe9\1\0\0\0r\0\0\0\0',b'l\xff\xff\xff\xff',b'l\1\0\0\0\0\0',b'l\1\0\0\0\xff\xff',b'l\0\0\0\0',b'l\xff\xff\xff\x7f',b'l\0\0\0\x80',b'f\3abc',b'f\0031.5',b'g\0',b'x\0030.5\0021.',b'{0',b'{N0',b'{NN0',b'{[\0\0\0\0N0',b'<\1\0\0\0[\0\0\0\0',b'<\xff\xff\xff\xff',b'?',b'0',b':NNN',b':NN',b'c',b'c\0\0\0\0', b'I\1\0\0\0\0\0\0\0',b't\1\0\0\0a',b'A\1\0\0\0a',b'z\1a',b'Z\1a',b')\1N',b'y'+b'\0'*16,b'S',b'.',b'T',b'F',b'N',b'(\1\0\0\0r\0\0\0\0',b'\xa8\1\0\0\0r\0\0\0\0',b'\xa9\1r\0\0\0\0',b'\xdb\1\0\0\0r\0\0\0\0',b'\xbc\1\0\0\0r\0\0\0\0',b'\xfb0r\0\0\0\0', b')\1', b'\xbe\1\0\0\0r\0\0\0\0']:
    print(b, end=' '); tr(L,b)
def f(): pass
tr(L, marshal.dumps(f.__code__), allow_code=False); tr(marshal.dumps, f.__code__, allow_code=False); tr(marshal.dumps,f); tr(marshal.dumps,[f]); tr(marshal.dumps, object())
class I(int): pass
tr(marshal.dumps,I(1))
for v in (0,1,2,3,4,5,6,-1): tr(marshal.dumps,[1,'a','a',1.5,2j,b'x',(1,2),{1:2},{1},frozenset([1]),None,True,...,StopIteration,10**20,-10**20,2**31,-2**31,-2**31-1,'\xe9','\ud800','a'*300, bytearray(b'q'), slice(1,2,3)][:-1],v)
for v in (0,1,2,3,4,5): tr(marshal.dumps, slice(1,2,3), v)
tr(L,5); tr(L); tr(marshal.dumps); tr(marshal.dumps,1,2,3); tr(marshal.load,5); tr(marshal.dump,1,2)
l=[]
for i in range(3000): l=[l]
tr(marshal.dumps,l)
tr(L,b'[\1\0\0\0'*2500+b'N')
tr(lambda: len(repr(L(b'[\1\0\0\0'*100+b'N'))))
l=[];l.append(l); tr(marshal.dumps,l); tr(marshal.dumps,l,2)
a='xyz1'; tr(marshal.dumps,[a,a]); b=(1,2,int('5')); tr(marshal.dumps,[b,b]); 
c=[1000,1000]; tr(marshal.dumps,c); x=int('1000'); tr(marshal.dumps,[x,x]); tr(marshal.dumps,[1.5,1.5]); y=float('1.5'); tr(marshal.dumps,[y,y]);tr(marshal.dumps,[5,5])
tr(lambda: [marshal.loads(marshal.dumps(x, v)) for v in range(5) for x in (1, 2**70, -5, 1.5, 2j, 'a', b'b', (1,), [2], {3: 4}, {5}, frozenset([6]), None, ...)] != [])
def g(a, b=1, *, c):
    return [x for x in a]
g2 = type(g)(marshal.loads(marshal.dumps(g.__code__)), {})
print(g2([1, 2], 2, c=3), g2.__code__ == g.__code__)
