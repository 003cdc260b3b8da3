# What text streams, StringIO and open() say to wrong arguments and states.
import _io, posix as os, sys; io=_io
def T(f,*a,**k):
    try: r=f(*a,**k); print('OK',repr(r))
    except BaseException as e: print(type(e).__module__,type(e).__name__,repr(str(e)),getattr(e,'filename',None), getattr(e,'characters_written',None))
print("# stringio")
S=io.StringIO
T(S,1);T(S,b'x');T(S,newline='x');T(S,newline=1);T(S,'a','\r\n','x');T(S,None);T(S,initial_value='q',newline=None)
s=S('hello\nworld'); T(s.read,'x');T(s.read,1.5);T(s.seek,-1);T(s.seek,-1,1);T(s.seek,1,2);T(s.seek,1,5);T(s.seek,'a');T(s.truncate,-1);T(s.truncate,'a');T(s.write,1);T(s.write,b'');T(s.readline,'x')
T(s.__getstate__);T(s.__setstate__,1);T(s.__setstate__,('',));T(s.__setstate__,('a',1,'b',None));T(s.__setstate__,('a','\n',-1,None));T(s.__setstate__,('a','\n',0,3));T(s.__setstate__,(1,'\n',0,None));T(s.__setstate__,('a','q',0,None))
print(s.line_buffering,s.newlines,s.encoding,s.errors)
s.close()
for m in ('read','readline','readlines','getvalue','tell','isatty','flush','readable','seekable','writable','__iter__','__next__','__getstate__','fileno','detach','truncate','newlines','line_buffering','encoding'): T(lambda: getattr(s,m)() if callable(getattr(s,m)) else getattr(s,m))
T(S.__new__(S).read);T(S.__new__(S).close);T(lambda:S.__new__(S).closed);T(S.__new__(S).getvalue)
print("# newline")
D=io.IncrementalNewlineDecoder
d=D(None,True);T(d.decode,'a\r');T(d.decode,'\nb\rc\r');T(d.getstate);T(d.decode,'',final=True);print(d.newlines);T(d.decode,b'x');T(d.setstate,1);T(d.setstate,(b'',3));print(d.getstate());T(D);T(D,None);T(D.__new__(D).decode,'')
T(D.__new__(D).getstate);T(d.reset);T(d.setstate,(1,2,3));T(d.setstate,('a','b'));d.decode('\r\n\n\rx',final=True);print(d.newlines)
print("# text")
W=io.TextIOWrapper
b=io.BytesIO(b'abc\r\ndef\n');
T(W);T(W,1);T(W,b,'nope');T(W,b,'utf-8','nope');T(W,b,'hex');T(W,b,newline='q');T(W,b,newline=1);T(W,b,errors=1);T(W,b,1);T(W,b,'utf\0-8');T(W,b,'a\ud800');T(W,b,errors='\0')
w=W(io.BytesIO(b'abc\r\ndef\n'),'utf-8');print(w,w.encoding,w.errors,w.newlines,w.line_buffering,w.write_through,w._CHUNK_SIZE,w.name if hasattr(w,'name') else None)
T(w.read,'a');T(w.read,1.5);T(w.read,2);T(w.tell);T(w.seek,1,1);T(w.seek,1,2);T(w.seek,-3);T(w.seek,0,9);T(w.seek,'a');T(w.write,b'x');T(w.write,1);T(w.truncate,-1);T(w.truncate,'q');T(w.readline,'a');T(next,w);T(w.tell);T(w.__getstate__);T(setattr,w,'_CHUNK_SIZE',0);T(setattr,w,'_CHUNK_SIZE','a');T(setattr,w,'encoding','x');T(delattr,w,'_CHUNK_SIZE')
T(w.reconfigure,encoding='ascii');T(w.reconfigure,newline='q');T(w.reconfigure,line_buffering='a');T(w.reconfigure,1);T(w.reconfigure,errors=5);T(w.reconfigure,encoding=5);T(w.reconfigure,errors='ignore')
class Q(W): 
    mode='zz';name='nn'
print(Q(io.BytesIO(),'utf-8'))
x=w.detach();
for m in ('read','readline','flush','tell','isatty','readable','fileno','close','detach','__iter__','__next__','__repr__','newlines','buffer','errors','closed','encoding','name','line_buffering'): T(lambda: getattr(w,m)() if callable(getattr(w,m)) else getattr(w,m))
T(w.seek,0);T(w.write,'x');T(w.truncate);T(w.reconfigure)
w=W(io.BytesIO(b'abc'),'utf-8');w.close();print(w)
for m in ('read','readline','flush','tell','isatty','readable','seekable','writable','fileno','close','detach','__iter__','__next__','truncate','__enter__','newlines','buffer'): T(lambda: getattr(w,m)() if callable(getattr(w,m)) else getattr(w,m))
w=W(io.BytesIO(b'abc'),'utf-8');w.close();T(w.seek,0);T(w.write,'x');T(w.reconfigure,errors='strict')
f=open('/etc/passwd');print(f);T(f.write,'x');print(f.mode,f.buffer,f.name);T(f.seek,3);
f=open('zz.tmp','w');print(f);T(f.read);T(f.readline);T(next,f);f.write('abc');T(f.tell);f.close();print(f)
w=W.__new__(W);T(w.read);T(repr,w);T(w.close);T(lambda:w.closed);T(lambda:w.encoding);T(w.tell);T(lambda:w.buffer);T(lambda:w.newlines)
class BR(io._BufferedIOBase):
    def readable(s): return True
    def read1(s,n): return 'str'
    def read(s,n=-1): return 'str'
T(W(BR(),'utf-8').read);T(W(BR(),'utf-8').read,1);T(W(BR(),'utf-8').readline)
w=W(io.BytesIO(b'\xff\xfe'),'utf-8');T(w.read);T(w.read)
w=W(io.BytesIO(),'ascii');T(w.write,'\xe9');T(w.write,'a'*10000);T(w.flush)
print("# open")
o=open
T(o,'/dev/null','w+b');T(o,'/dev/null','wb',0);T(o,'/dev/null','r\0');T(o,'/dev/null','\ud800');T(o,-1);T(o,2**60)
T(io.open_code,'/nonexistent');T(io.open_code,1);T(io.open_code,b'/etc/passwd');T(io.open_code,'/etc/passwd');T(io.text_encoding,None);T(io.text_encoding,'x');T(io.text_encoding,5)
T(io.text_encoding)
