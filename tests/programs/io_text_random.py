# Text files: a fixed pseudo-random sequence of writes, reads, seeks and tells over encodings and line ends.
import _io as io, posix
seed=12345
def rnd(n):
    global seed
    seed=(seed*6364136223846793005+1442695040888963407)&(2**64-1)
    return (seed>>33)%n
def T(f,*a):
    try: return f(*a)
    except BaseException as e: return type(e).__name__+': '+str(e)
pieces=['a','bc','\n','\r','\r\n','\xe9','\u20ac','\U0001f600','hello world','','x'*50]
encs=['utf-8','ascii','latin-1','utf-8-sig','utf-16','utf-16-le','utf-32','cp1252','utf-8','utf-8']
P='/tmp/krait-io-text-'+str(posix.getpid())
out=0
for it in range(150):
    enc=encs[rnd(len(encs))]; err=['strict','replace','ignore','surrogateescape','backslashreplace'][rnd(5)]
    nl=[None,'','\n','\r','\r\n'][rnd(5)]; rnl=[None,'','\n','\r','\r\n'][rnd(5)]
    txt=''.join(pieces[rnd(len(pieces))] for _ in range(rnd(60)))
    f=io.open(P,'w',encoding=enc,errors='replace' if err!='ignore' else err,newline=nl,buffering=[-1,1,10,100][rnd(4)])
    if rnd(2): f._CHUNK_SIZE=1+rnd(30)
    log=[]
    i=0
    while i<len(txt):
        n=1+rnd(9); log.append(T(f.write,txt[i:i+n])); i+=n
        if rnd(6)==0: log.append(T(f.tell))
    log.append(T(f.close))
    raw=io.open(P,'rb',buffering=0).read(); log.append(raw)
    f=io.open(P,'r',encoding=enc,errors=err,newline=rnl,buffering=[-1,5,20][rnd(3)])
    if rnd(3): f._CHUNK_SIZE=1+rnd(12)
    tells=[0]
    for _ in range(rnd(25)):
        k=rnd(9)
        if k==0: log.append(T(f.read,rnd(8)))
        elif k==1: log.append(T(f.readline))
        elif k==2: log.append(T(f.readline,rnd(6)))
        elif k==3: v=T(f.tell); log.append(v); isinstance(v,int) and tells.append(v)
        elif k==4: log.append(T(f.seek,tells[rnd(len(tells))]))
        elif k==5: log.append(T(next,f,None))
        elif k==6: log.append(f.newlines)
        elif k==7 and rnd(4)==0: log.append(T(f.read))
        elif k==8 and rnd(5)==0: log.append(T(f.seek,0,2))
    log.append(T(f.read)); log.append(f.newlines)
    f.close()
    print(it,enc,err,repr(nl),repr(rnl),log)
posix.unlink(P)
