"""_hashlib: constructors, HMAC, keys from passwords; what is refused, and in which words."""
import builtins, re
import _hashlib as h

def print(*args, end='\n'):
    builtins.print(re.sub('@ 0x[0-9a-f]+', '@', ' '.join(map(str, args))), end=end)
def t(f, *a, **k):
    try: r=f(*a,**k); print('ok',repr(r)[:100])
    except BaseException as e: print(type(e).__mro__[0:3], e)
t(h.new); t(h.new,1); t(h.new,'nope'); t(h.new,'md5','str'); t(h.new,'md5',b'x',string=b'y'); t(h.new,'md5',string=b'y')
t(h.new,'md5',1); t(h.new, None); t(h.openssl_md5, b'a', b'b'); t(h.openssl_md5, x=1); t(h.openssl_md5, data='a')
t(h.new,'md5',memoryview(bytes(4)).cast('B',(2,2)))
m=h.openssl_sha256(b'x'); print(m, type(m), m.name, m.digest_size, m.block_size, str(m))
t(m.update,'a'); t(m.update,1); t(m.update); t(m.update, obj=b'1'); t(m.copy); t(m.digest,1)
x=h.openssl_shake_128(b'x'); print(x, x.digest_size,x.name,x.block_size); t(x.digest); t(x.digest,-1); t(x.hexdigest,-1); t(x.digest,1<<64); t(x.digest,1<<20);t(x.digest,length=4);t(x.hexdigest,4);t(x.digest,0); t(x.digest,'a'); t(x.hexdigest, 1<<22); t(x.digest,1<<62)
t(h.HASH); t(h.HASH,'md5'); t(h.HMAC); t(h.HASHXOF,'md5')
t(type,'X',(h.HASH,),{}); t(type,'X',(h.HMAC,),{}); t(type,'X',(h.HASHXOF,),{})
print(h.HASHXOF.__mro__, h.UnsupportedDigestmodError.__mro__)
t(h.hmac_new,b'k'); t(h.hmac_new,b'k',digestmod='nope'); t(h.hmac_new,'k',digestmod='md5'); t(h.hmac_new,b'k',b'm',h.openssl_md5); t(h.hmac_new,b'k',b'm',len); t(h.hmac_new,b'k',b'm',1);t(h.hmac_new,b'k',b'm','shake_128');t(h.hmac_new,1,b'm','md5');t(h.hmac_new,b'k',1,'md5');t(h.hmac_new,b'k','s','md5');t(h.hmac_new,b'k',None,'md5');t(h.hmac_new,b'k',b'm',None);t(h.hmac_new,b'k',b'm','');t(h.hmac_new,b'k',b'm',b'')
hm=h.hmac_new(b'k',b'm','sha256'); print(hm,hm.name,hm.digest_size,hm.block_size); t(hm.update,'a'); t(hm.update,msg=b'm'); t(hm.update,1); t(hm.update,b'1',b'2');t(hm.copy); t(hm.update)
t(h.hmac_digest,b'k',b'm','nope');t(h.hmac_digest,b'k',b'm','md5');t(h.hmac_digest,b'k',b'm',h.openssl_sha1);t(h.hmac_digest,b'k','m','md5');t(h.hmac_digest,'k',b'm','md5'); t(h.hmac_digest,b'k',b'm','shake_128');t(h.hmac_digest,b'k',b'm',None)
t(h.hmac_digest,b'k',b'','md5'); t(h.hmac_digest,b'',b'','md5'); t(h.hmac_new,b'',b'','md5')
p=h.pbkdf2_hmac
t(p,'sha1',b'p',b's',1);t(p,'nope',b'p',b's',1);t(p,'sha1','p',b's',1);t(p,'sha1',b'p','s',1);t(p,'sha1',b'p',b's',0);t(p,'sha1',b'p',b's',-1);t(p,'sha1',b'p',b's',1,0);t(p,'sha1',b'p',b's',1,-1);t(p,'sha1',b'p',b's',1,1<<31);t(p,'sha1',b'p',b's',1<<31);t(p,'sha1',b'p',b's',1<<80);t(p,'sha1',b'p',b's',1,1<<80);t(p,'sha1',b'p',b's',1,'a');t(p,'sha1',b'p',b's','a');t(p,1,b'p',b's',1);t(p,'shake_128',b'p',b's',1);t(p,'sha1',b'p',b's',1,dklen=None);t(p,b'sha1',b'p',b's',1);t(p,'sha1',1,b's',1)
t(p,'sha1',b'',b'',1); t(p,'sha1',b'p',b's',1,dklen=100)
s=h.scrypt
t(s);t(s,b'p');t(s,b'p',salt=b's',n=2,r=8,p=1);t(s,'p',salt=b's',n=2,r=8,p=1);t(s,b'p',salt='s',n=2,r=8,p=1)
for k in (dict(n=0),dict(n=1),dict(n=3),dict(n=-2),dict(n='a'),dict(n=None),dict(r=0),dict(r=-1),dict(r='a'),dict(r=None),dict(p=0),dict(p=None),dict(p='s'),dict(maxmem=-1),dict(maxmem=1<<31),dict(maxmem='a'),dict(dklen=0),dict(dklen=-1),dict(dklen=1<<31),dict(dklen='a'),dict(n=1<<70),dict(r=1<<70),dict(p=1<<70),dict(n=1<<20,r=1<<20,p=1),dict(maxmem=100),dict(n=2**64),dict(n=2**63),dict(salt=1),dict(maxmem=1<<80),dict(dklen=1<<80),dict(r=1<<40),dict(p=2**63)):
    d=dict(salt=b's',n=2,r=8,p=1); d.update(k); print(k,end=' '); t(s,b'p',**d)
t(h.compare_digest,b'a',b'a');t(h.compare_digest,'a','a');t(h.compare_digest,'é','a');t(h.compare_digest,1,'a')
print(h.get_fips_mode(), {'md5','sha1','sha256','sha3_256','shake_128','blake2b'} <= h.openssl_md_meth_names); print(h._constructors)
for n in ('md5','MD5','SHA256','sha512_256','sha512-256','SHA512-256','sm3','blake2b','blake2b512','blake2s256','sha3_256','SHA3-256','ripemd160','RIPEMD160','whirlpool','md4','md5-sha1','shake_256','SHAKE256','shake256','blake2s','sha','null','NULL'): print(n,end=' '); t(lambda n: (lambda m:(m.name,m.digest_size,m.block_size,type(m)))(h.new(n)),n)
for T in (h.HASH,h.HASHXOF,h.HMAC):
    print(T,hex(T.__flags__),T.__name__)
    for k,v in sorted(vars(T).items()):
        if k!='__doc__': print('  ',k,getattr(v,'__text_signature__',None),repr(v)[:90])
import pickle
t(pickle.dumps,m);t(pickle.dumps,hm); t(setattr,m,'x',1); t(setattr,m,'name',1); t(setattr, h.HASH,'x',1)
for d in ([],{},(1,),h.new,'\ud800','a\0b'): t(h.hmac_new,b'k',b'm',d)
for d in ([],{},(1,),h.new,'\ud800','a\0b'): t(h.new,d)
