# The properties, names and normal forms of every seventh code point, as running hashes; messages.
import unicodedata as u

o = u.ucd_3_2_0
h=0
def mix(x):
    global h
    h=(h*1000003 ^ sum(repr(x).encode('utf-8', 'surrogatepass'))) & 0xffffffffffffffff
for blk in range(0,0x110000,0x4000):
  h=0
  for i in range(blk,blk+0x4000,7):
    c=chr(i)
    for d in (u,o):
        mix((d.category(c),d.bidirectional(c),d.mirrored(c),d.decimal(c,-1),d.digit(c,-1),d.numeric(c,-1.5),d.east_asian_width(c),d.combining(c),d.decomposition(c),d.name(c,'')))
        for f in ('NFC','NFD','NFKC','NFKD'): mix(d.normalize(f,c))
    if i%7==0:
        n=u.name(c,'')
        if n: mix(u.lookup(n.lower()))
  print(hex(blk),h)
# random normalization
seed=1
def rnd(n):
    global seed
    seed=(seed*6364136223846793005+1442695040888963407)&0xffffffffffffffff
    return (seed>>33)%n
pool=[0x41,0x61,0x301,0x300,0x323,0x327,0x1100,0x1161,0x11a8,0xac00,0xe9,0x1e69,0x73,0x307,0xfb01,0x212b,0x3b1,0x345,0x313,0x9c7,0x9be,0xf71,0xf72,0x1d15e,0x2f91f,0x1d165,0x0f74,0x0fb2,0x340,0x344,0x958]
h=0
for k in range(5000):
    s=''.join(chr(pool[rnd(len(pool))]) for _ in range(rnd(9)))
    for d in (u,o):
        for f in ('NFC','NFD','NFKC','NFKD'): mix(d.normalize(f,s)); mix(d.is_normalized(f,s))
    if k%1000==0: print(k,h)
def t(f):
    try: print(ascii(f()))
    except BaseException as e: print(type(e).__name__, ascii(str(e)))
for f in (lambda:u.category(1),lambda:u.category('ab'),lambda:u.category(),lambda:u.decimal('a'),lambda:u.digit('a'),lambda:u.numeric('a'),lambda:u.decimal('a',1),lambda:u.name('\0'),lambda:u.name('\0',5),lambda:u.name('ab'),lambda:u.lookup('nope'),lambda:u.lookup('é'),lambda:u.lookup(b'SPACE'),lambda:u.lookup(1),lambda:u.normalize('x','a'),lambda:u.normalize('NFC',1),lambda:u.normalize(1,'a'),lambda:u.is_normalized('x','a'),lambda:u.is_normalized('NFC','é'),lambda:u.normalize('x',''),lambda:u.is_normalized('x',''),lambda:u.UCD(),lambda:o.unidata_version,lambda:o.name('\u20ac'),lambda:o.lookup('EURO SIGN'),lambda:o.lookup('GREEK CAPITAL LETTER SAN'),lambda:o.name('\u03fa'),lambda:o.lookup('KEYCAP DIGIT ONE'),lambda:u.lookup('KEYCAP DIGIT ONE'),lambda:u.lookup('LATIN SMALL LETTER GHA'),lambda:u.lookup('NUL'),lambda:o.lookup('NUL'),lambda:u.lookup('x'*300),lambda:u.name('\uac01'),lambda:u.numeric('a',default=1)): t(f)
print(u.unidata_version)
