import marshal,io,sys
def t(f,*a,**k):
    try: r=f(*a,**k)
    except BaseException as e: r=(type(e).__name__,str(e))
    print(r if len(repr(r))<200 else (type(r), len(r)))
a=slice([],None); a.start.append(a)
for v in range(6): t(marshal.dumps,a,v)
def f(): return 1234.5
x=[]
c=f.__code__.replace(co_consts=f.__code__.co_consts+(x,)); x.append(c)
for v in range(6): t(marshal.dumps,c,v)
fs=[]; 
class H:
    pass
# frozenset loop via tuple w/ list is impossible; 
c2=f.__code__.replace(co_filename='f')
t(marshal.dumps,(c2,c2),5)
s=slice(1,2)
t(marshal.dumps,(s,s),5)
t(marshal.dumps,(s,s),3)
t(marshal.dumps,[a],5)
class R(io.BytesIO):
    def read(self,n=-1):
        print('read',n); return super().read(n)
    def readinto(self,b):
        print('readinto',type(b),len(b)); return super().readinto(b)
for val in (1.0,'0123456789',[1,2],b'ab',10**30, None):
    t(marshal.load,R(marshal.dumps(val)))
    t(marshal.load,R(marshal.dumps(val)[:-1]))
class R2(io.BytesIO):
    def __init__(s,b,k): super().__init__(b); s.k=k
    def readinto(self,b):
        if self.k=='none': return None
        if self.k=='str': return 'x'
        if self.k=='neg': return -1
        if self.k=='less': super().readinto(b); return len(b)-1
        if self.k=='big': super().readinto(b); return 10**30
for k in 'none str neg less big'.split():
    t(marshal.load,R2(marshal.dumps('0123456789'),k))
class R3:
    def read(self,n): return b''
t(marshal.load,R3())
class R4:
    def read(self,n): return 'a'
t(marshal.load,R4())
t(marshal.load,5)
for d in [b'\xfb0', b'\xfbN0', b'\xba'+b'r\0\0\0\0'*3, b'r\0\0\0\0', b'r\xff\xff\xff\xff',b'\xa9\x01r\0\0\0\0', b'\xbe\x01\0\0\0r\0\0\0\0', b'\xbc\x01\0\0\0r\0\0\0\0',b'\xdb\x01\0\0\0r\0\0\0\0', b'[\0', b'l\0\0\0\x80', b'l\1\0\0\0\0\0', b'l\1\0\0\0\xff\xff', b'c', b'q', b'0', b'(\1\0\0\0'+b'0', b'[\1\0\0\0'+b'0', b'<\1\0\0\0'+b'0', b':0', b'f\1x', b'f\x03nan', b'u\1\0\0\0\xff', b't\3\0\0\0\xed\xa0\x80', b'f\0', b'{[\0\0\0\0N0', b'<\1\0\0\0[\0\0\0\0', b'>\1\0\0\0[\0\0\0\0', b'a\1\0\0\0\xff', b'z\1\xff',b'I'+b'\1'*8, b'x\x011\x012', b'f\x051e999', b'f\x031_0', b'f\x02 1',b'f\x021 ']:
    print(d, end=' '); t(lambda:ascii(marshal.loads(d)))
for n in (1990,1995,1996,1997,1998,1999,2000,2001,2002):
    for kind in ('[\1\0\0\0',')\1','{N'):
        d=kind.encode()*n+b'N'+(b'0'*n if kind=='{N' else b'')
        print(n,kind,end=' ');t(lambda:ascii(marshal.loads(d)))
def nest(n,k):
    a=None
    for i in range(n): a=[a] if k==0 else (a,) if k==1 else {1:a} if k==2 else frozenset([a]) if k==3 else slice(a,None)
    return a
sys.setrecursionlimit(10**5)
for n in (1990,1995,1996,1997,1998,1999,2000,2001,2002):
    for k in (0,1,2,4):
        print(n,k,end=' ');t(marshal.dumps,nest(n,k))
for v in (-1,0,1,2,3,4,5,6,7,100): t(marshal.dumps,[1,'a',1.5,'a'],v)
t(marshal.dumps,f.__code__,allow_code=False)
t(marshal.loads,marshal.dumps(f.__code__),allow_code=False)
t(marshal.load,io.BytesIO(marshal.dumps(f.__code__)),allow_code=False)
t(marshal.dumps,1,'x')
t(marshal.dump,1,5)
t(marshal.dumps,[object()])
t(marshal.dumps,int)
t(marshal.dumps,bytearray(b'a')); t(marshal.dumps,memoryview(b'abc')[::2])
t(marshal.dumps, True.__class__)
