# Buffered files, BytesIO and StringIO: a fixed pseudo-random sequence of operations.
import _io as io, posix
seed=777
def rnd(n):
    global seed
    seed=(seed*6364136223846793005+1442695040888963407)&(2**64-1)
    return (seed>>33)%n
def T(f,*a):
    try: return f(*a)
    except BaseException as e: return type(e).__name__+': '+str(e)
P='/tmp/krait-io-binary-'+str(posix.getpid())
for it in range(150):
    mode=['rb','wb','ab','BIO'][rnd(4)]
    init=bytes(rnd(256) if rnd(5) else 10 for _ in range(rnd(200)))
    with io.open(P,'wb') as f: f.write(init)
    if mode=='BIO': f=io.BytesIO(init)
    else: f=io.open(P,mode,buffering=[2,5,16,50,-1,0][rnd(6)])
    log=[]
    for _ in range(rnd(40)):
        k=rnd(13)
        if k==0: log.append(T(f.read,rnd(40)))
        elif k==1: log.append(T(f.readline))
        elif k==2: log.append(T(f.readline,rnd(6)))
        elif k==3: log.append(T(f.tell))
        elif k==4: log.append(T(f.seek,rnd(220)))
        elif k==5: log.append(T(f.seek,rnd(60)-30,1))
        elif k==6: log.append(T(f.seek,-rnd(60),2))
        elif k==7: log.append(T(f.write,bytes(rnd(256) for _ in range(rnd(30)))))
        elif k==8: log.append(T(f.flush))
        elif k==9: 
            b=bytearray(rnd(30)); log.append(T(f.readinto,b)); log.append(bytes(b))
        elif k==10 and hasattr(f,'peek'): log.append(T(f.peek,3))
        elif k==11 and hasattr(f,'read1'): log.append(T(f.read1,rnd(20)))
        elif k==12 and rnd(4)==0: log.append(T(f.truncate))
    log.append(T(f.read))
    if mode=='BIO': log.append(f.getvalue())
    f.close()
    log.append(io.open(P,'rb').read())
    print(it,mode,log)
for it in range(100):
    nl=[None,'','\n','\r','\r\n'][rnd(5)]
    pieces=['a','bc','\n','\r','\r\n','\xe9','\u20ac','\U0001f600']
    mk=lambda n: ''.join(pieces[rnd(8)] for _ in range(rnd(n)))
    f=io.StringIO(mk(10),nl)
    log=[]
    for _ in range(rnd(30)):
        k=rnd(10)
        if k==0: log.append(T(f.read,rnd(8)))
        elif k==1: log.append(T(f.readline))
        elif k==2: log.append(T(f.readline,rnd(6)))
        elif k==3: log.append(T(f.tell))
        elif k==4: log.append(T(f.seek,rnd(20)))
        elif k==5: log.append(T(f.write,mk(6)))
        elif k==6: log.append(f.newlines)
        elif k==7: log.append(T(next,f,None))
        elif k==8 and rnd(4)==0: log.append(T(f.truncate))
        elif k==9: log.append(f.getvalue())
    print(it,repr(nl),log,f.getvalue().encode('utf-8'),T(f.__getstate__))
    g=io.StringIO();g.__setstate__(f.__getstate__());print(g.read().encode())
posix.unlink(P)
