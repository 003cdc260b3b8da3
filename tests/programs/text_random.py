# Random text through every method of str, bytes and bytearray; the output is a running hash.
seed=12345
def rnd(n):
    global seed
    seed=(seed*6364136223846793005+1442695040888963407)&0xffffffffffffffff
    return (seed>>33)%n
def mk(alpha,n): return ''.join(alpha[rnd(len(alpha))] for _ in range(n))
alphas=['ab','abc ','aé','ab\u1234','a\U0001f600b','aaaaaab','ab\n\r\t ','\u0660٣1','ΣσςΑa.']
def T(f):
    try: return f()
    except BaseException as e: return (type(e).__name__,str(e))
out=0
def show(tag,*r):
    global out
    out=(out*31+sum(repr(r).encode("utf-8", "surrogatepass")))&0xffffffffffff
for k in range(6000):
    A=alphas[rnd(len(alphas))]; B=alphas[rnd(len(alphas))] if rnd(3)==0 else A
    n=rnd(40) if rnd(4) else rnd(400)
    s=mk(A,n); p=mk(B,rnd(6) if rnd(4) else rnd(40)); q=mk(B,rnd(5))
    i=rnd(60)-20; j=rnd(60)-20
    if rnd(2) and p and n>len(p):
        at=rnd(n-len(p)); s=s[:at]+p+s[at:]
    r=(s.find(p),s.rfind(p),s.find(p,i,j),s.rfind(p,i,j),s.count(p),s.count(p,i,j),p in s,s.replace(p,q),s.replace(p,q,rnd(4)),
       T(lambda:s.split(p)),T(lambda:s.rsplit(p)),T(lambda:s.split(p,2)),T(lambda:s.rsplit(p,2)),s.split(),s.rsplit(None,2),s.split(None,2),T(lambda:s.partition(p)),T(lambda:s.rpartition(p)),
       s.strip(p),s.lstrip(p),s.rstrip(p),s.strip(),s.splitlines(),s.splitlines(True),s.startswith(p,i,j),s.endswith(p,i,j),s.removeprefix(p),s.removesuffix(p),
       s.upper(),s.lower(),s.title(),s.capitalize(),s.swapcase(),s.casefold(),s.expandtabs(rnd(9)),s.center(n+rnd(5)),s.zfill(n+rnd(4)),s.ljust(rnd(60),'é'),
       s.isalpha(),s.isalnum(),s.isspace(),s.isupper(),s.islower(),s.istitle(),s.isdigit(),s.isdecimal(),s.isnumeric(),s.isidentifier(),s.isprintable(),s.isascii(),
       s[i:j],s[::-1],s[i:j:3],s[j:i:-2],s*rnd(4),s+p,s==p,s<p,s>=p,repr(s),ascii(s),s.encode('utf-8'),s.encode('utf-16'),s.encode('latin1','xmlcharrefreplace'),s.encode('ascii','backslashreplace'),
       s.join([p,q,s]), s.translate({97:'xyz',98:None,233:0x1f600}), T(lambda:'{:>{}.{}}'.format(s,rnd(50),rnd(30))), '%.*s|%*s'%(rnd(20),s,rnd(50),p))
    b=s.encode('utf-8'); pb=p.encode('utf-8'); qb=q.encode('utf-8')
    r2=(b.find(pb),b.rfind(pb),b.find(pb,i,j),b.rfind(pb,i,j),b.count(pb,i,j),pb in b,b.replace(pb,qb),T(lambda:b.split(pb)),T(lambda:b.rsplit(pb,1)),b.split(),b.rsplit(None,2),T(lambda:b.partition(pb)),T(lambda:b.rpartition(pb)),
       b.strip(pb),b.lstrip(pb),b.splitlines(),b.upper(),b.title(),b.swapcase(),b.capitalize(),b.hex('-',rnd(7)-3),b[i:j],b[::-2],b*2,b.zfill(rnd(60)),b.center(rnd(60),b'*'),b.expandtabs(rnd(5)),b.istitle(),b.isupper(),repr(b),b.decode('utf-8','replace'),
       b.decode('ascii','backslashreplace'),b.decode('latin1'),pb.join([b,qb,b]),b.translate(None,pb))
    ba=bytearray(b); a,c=rnd(30),rnd(30); st=[1,1,2,-1,3][rnd(5)]
    def setit():
        ba[a:c:st]=pb
    e=T(setit)
    def delit():
        del ba[a:c:st]
    e2=(T(delit),bytes(ba)); ba+=qb; ba*=rnd(3); ba.reverse(); 
    def more():
        ba.insert(rnd(10)-5,65); ba.append(66); x=ba.pop(rnd(3)); del ba[:rnd(4)]; ba.extend([1,2,3]); return x
    e3=T(more)
    show(0,r); show(1,r2); show(2,e,e2,e3,ba,len(ba))
    if k%250==0: print(k,out)
print(out)
