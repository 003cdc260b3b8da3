# Corners of os, zlib, subprocess, locale that CPython's own tests look at.
import os, zlib, subprocess, locale, _posixsubprocess, struct, sys
def show(f):
    try: print(f())
    except BaseException as e: print(repr(e))
for a in ((1,2),(2**32,0),(0,2**32),(2**32-1,2**32-1),(-1,0),(0,-1),(-1,-1),(-2,0),(2**64,0),(2**63,1),('a',1),(1.5,1)): show(lambda: os.makedev(*a))
for d in (0,1,-1,2**32,2**64-1,2**64,-2,'a'): show(lambda: os.major(d)); show(lambda: os.minor(d))
for v in (sys.maxsize+1,-sys.maxsize-2,'a',1.5,None):
    show(lambda: zlib.decompress(b'',15,v)); show(lambda: zlib.decompressobj().decompress(b'',v)); show(lambda: zlib.decompressobj().flush(v))
    show(lambda: zlib.compress(b'',v)); show(lambda: zlib.compressobj(v)); show(lambda: zlib.compressobj().flush(v)); show(lambda: zlib.crc32(b'',v)); show(lambda: zlib._ZlibDecompressor().decompress(b'',v)); show(lambda: zlib.decompressobj(v)); show(lambda: zlib.decompress(b'',v))
x = b'x\x9cK\xcb\xcf\x07\x00\x02\x82\x01E'
for c in (x, x[:-1]+b'\0', x[:-3], x[:5], x+b'abc'):
    for n in (0,1,3,100):
        dco=zlib.decompressobj(); show(lambda: dco.decompress(c,n)); show(lambda: (dco.flush(), dco.eof, dco.unused_data, dco.unconsumed_tail)); show(lambda: (dco.flush(), dco.eof, dco.unused_data, dco.unconsumed_tail))
for u in (-1,2**32-1,2**32,2**64,2**64-1,-2,'a',1.5,None):
    for k in ('user','group'):
        show(lambda: subprocess.check_call([sys.executable,'-c',''],**{k:u},env={}) if u not in (None,) else 0)
    show(lambda: subprocess.check_call([sys.executable,'-c',''],extra_groups=[u],env={}) if u not in (2**32-1,-1) else 0)
for s in ('a\0','a'): show(lambda: locale.strcoll(s,'a')); show(lambda: locale.strxfrm(s)); show(lambda: locale.strcoll('a',s));
show(lambda: locale.strcoll('\ud800','a')); show(lambda: locale.strcoll(1,'a')); show(lambda: locale.strxfrm('\ud800')); 
import warnings
warnings.simplefilter('always')
for f in (lambda: os.stat('x',dir_fd=True), lambda: os.open('x',0,dir_fd=False), lambda: os.unlink('x',dir_fd=True), lambda: os.rename('x','y',src_dir_fd=True), lambda: os.stat('x',dir_fd='a'), lambda: os.stat('x',dir_fd=1.5), lambda: os.stat('x',dir_fd=10**20), lambda: os.stat('x',dir_fd=-10**20), lambda: os.stat(True,dir_fd=3)):
    with warnings.catch_warnings(record=True) as w: show(f)
    print([(x.category,str(x.message)) for x in w])
class MP:
    def __fspath__(self): L.clear(); return b'x'
L=[MP()]
class ME:
    def __getitem__(self): raise RuntimeError
    def __len__(self): return 1
    def keys(self): return L
    def values(self): return L
show(lambda: os.execve('/nonexistent',['a'],ME()))
for env in ([], 3, None, {1:2}, {'a':1}, {'a=b':'c'}, {'a':'b\0'}, {'':'x'}, {b'a':b'b'}):
class ME2(ME):
    def keys(self): return 3
show(lambda: os.execve('/nonexistent',['a'],ME2()))
class ME3(ME):
    def keys(self): return ['a']
    def values(self): return ['b','c']
show(lambda: os.execve('/nonexistent',['a'],ME3()))
class ME4(ME):
    def keys(self): return ['a','b']
    def values(self): return ['b']
show(lambda: os.execve('/nonexistent',['a'],ME4()))
show(lambda: os.execve('/nonexistent',[],{})); show(lambda: os.execve('/nonexistent',[''],{})); show(lambda: os.execv('/nonexistent',3)); show(lambda: os.execve('/nonexistent',['a\0'],{})); show(lambda: os.execve('/nonexistent',('a',1),{}))
os.chdir('/tmp'); 
import tempfile
d=tempfile.mkdtemp(); os.chdir(d); open('f','w').close(); os.symlink('f','l')
os.link('l','a'); print(os.path.islink('a')); os.link('l','b',follow_symlinks=True); print(os.path.islink('b'));  os.link('l','c',follow_symlinks=False); print(os.path.islink('c'))
fd=os.open('.',0); os.link('l','e',src_dir_fd=fd); print(os.path.islink('e')); os.link('l','g',dst_dir_fd=fd); print(os.path.islink('g'))
