import sys, random, pickle, marshal, json, io, zipfile, zipimport, os, tempfile, zlib, gzip, re, struct, datetime, array, collections, decimal, fractions, warnings, types, binascii, xml.parsers.expat, xml.etree.ElementTree as ET, unicodedata, ast, csv, pickletools
warnings.simplefilter('ignore')
R=random.Random(int(sys.argv[1])); n=int(sys.argv[2])
class A:
    def __init__(s): s.x=1
class B: __slots__=('q',)
def g(a,b=2,*c,d=4,**e):
    """doc"""
    try:
        with a as f: x=[i for i in c]; y={**e}; return lambda: (x,y,f)
    except* ValueError: pass
async def co(a):
    async with a: await a
    async for i in a: yield i
objs=[[1,2.5,None,True,'é',b'x',(1,),{1:2},{3},frozenset([4]),10**40,1j,-5,'a'*300],A(),[A()]*3,collections.OrderedDict(a=1),datetime.datetime(2020,1,1,tzinfo=datetime.timezone.utc),datetime.timedelta(3,4),array.array('d',[1,2]),decimal.Decimal('1.5'),fractions.Fraction(1,3),collections.deque([1,2],5),bytearray(b'abc'),ValueError('x',1),range(5),slice(1,2),iter([1,2]),iter({1:2}),collections.Counter('abc'),collections.defaultdict(list,{1:[2]}),datetime.time(1,2),datetime.date(1,2,3),enumerate([1]),zip([1]),map(str,[1]),random.Random(3),types.SimpleNamespace(a=1),io.BytesIO(b'abc'),io.StringIO('ab')]
s=B(); s.q=1; objs.append(s)
corpus=[]
for o in objs:
    for p in (0,2,4,5):
        try: corpus.append(('p',pickle.dumps(o,p)))
        except TypeError: pass
src=open(__file__).read()
codes=[g.__code__,co.__code__,compile(src,'x','exec'),compile('match x:\n case {"a":[1,*y]}: pass\nclass Q[T](int):\n type Z=T','m','exec')]
corpus+=[('m',marshal.dumps(o,v)) for o in [[1,2.5,None,True,"é",b"x",(1,),{1:2},10**40]]+codes for v in (0,1,2,3,4,5) if o.__class__ is not types.CodeType or v>4]
corpus+=[('j',json.dumps({'a':[1,2.5,"x\ud800é",None,True,{'b':[]}]}).encode())]*10
z=io.BytesIO()
with zipfile.ZipFile(z,'w',zipfile.ZIP_DEFLATED) as f: f.writestr('mod.py','x=1\n'*99); f.writestr('a/b.txt','q')
corpus+=[('z',z.getvalue())]*6
corpus+=[('g',gzip.compress(b'abc'*100)),('l',zlib.compress(b'abc'*100))]*3
corpus+=[('x',b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY q "w">]><a b="c">t&q;<c/>u<!-- d --><?pi x?></a>')]*6
corpus+=[('r',rb'(?P<a>x+)(?:y|z{2,3})*?(?(a)b|c)[^\w-q]\1(?<=ab)(?!q)(?i:Z)$|(?>a+)b++')]*10
corpus+=[('d',b'2020-01-02T03:04:05.678901+05:30')]*3+[('t',b'10:20:30.5Z')]+[('s',b'>3iQ2s?0q@nP')]*3+[('f',b'{0!r:>{1}.{2}}{a[3].b:%Y}')]*3+[('F',b'%(a)s%5.3d%-*.*f%c')]*3
corpus+=[('P',src.encode())]*6
def mutate(b):
    b=bytearray(b)
    for _ in range(R.choice((1,1,2,3,8))):
        if not b: break
        k=R.randrange(7); i=R.randrange(len(b))
        if k<2: b[i]=R.randrange(256)
        elif k==2: b[i]^=1<<R.randrange(8)
        elif k==3: del b[i:i+R.choice((1,2,4,9))]
        elif k==4: j=R.randrange(len(b)); b[i:i]=b[j:j+R.choice((1,5,20))]
        elif k==5: b[i:i+4]=R.choice((b'\xff\xff\xff\xff',b'\xff\xff\xff\x7f',b'\0\0\0\0',b'\0\0\0\x80',b'\x01\0\0\0'))
        else: del b[i:]
    return bytes(b)
class U(pickle.Unpickler):
    def find_class(s,m,n):
        if m in('os','posix','nt','subprocess','sys','builtins') and n not in('range','slice','iter','bytearray','set','frozenset','getattr','complex','list','enumerate','zip','map','str','object','ValueError'): raise pickle.UnpicklingError
        return super().find_class(m,n)
    def persistent_load(s,x): return x
d=tempfile.mkdtemp(); cnt=collections.Counter()
log=len(sys.argv)>3
for i in range(n):
    k,b=R.choice(corpus); m=mutate(b)
    if log: print(k,m,flush=True)
    try:
        if k=='p': r=U(io.BytesIO(m)).load(); repr(r)[:9]; pickle.dumps(r)
        elif k=='m':
            r=marshal.loads(m); repr(r)[:9]; marshal.dumps(r)
            if isinstance(r,types.CodeType):
                list(r.co_lines()); list(r.co_positions()); r.co_code; r.co_varnames; r.replace(co_name='q'); hash(r); r==r; import dis; dis.dis(r,file=io.StringIO())
        elif k=='j': json.loads(m); json.loads(m.decode('latin1'))
        elif k=='z':
            p=d+'/z%d.zip'%i; open(p,'wb').write(m)
            try:
                with zipfile.ZipFile(p) as f: [f.read(q) for q in f.namelist()]
            except Exception: pass
            try: zi=zipimport.zipimporter(p); zi.get_code('mod')
            finally: os.unlink(p)
        elif k=='g': gzip.decompress(m)
        elif k=='l': zlib.decompress(m); 
        elif k=='x':
            try: ET.fromstring(m)
            except ET.ParseError: pass
            ET.fromstring(m.decode('latin1'))
        elif k=='r':
            t=m.decode('latin1'); c=re.compile(t); 
            if '+' not in t or 1: c.search('xxyzzb ab Zq'); c.sub('q','xxab'); c.split('abx')
        elif k=='d': datetime.datetime.fromisoformat(m.decode('latin1')); datetime.datetime.strptime(m.decode('latin1'),'%Y-%m')
        elif k=='t': datetime.time.fromisoformat(m.decode('latin1'))
        elif k=='s': q=struct.Struct(m); q.size<10**6 and q.unpack(b'\0'*q.size)
        elif k=='f': m.decode('latin1').format(A(),3,4,a=[1]*5)
        elif k=='F': m.decode('latin1')%{'a':1}; m%{b'a':1}
        elif k=='P': compile(m,'x','exec')
        cnt[k+' ok']+=1
    except (MemoryError,) as e: cnt[k+' mem']+=1
    except Exception as e: cnt[k+' '+type(e).__name__]+=1
    except RecursionError: pass
print('end')
