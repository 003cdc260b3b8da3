# Items of memoryviews by format: conversions, casts, comparison.
m=memoryview(bytearray(16)).cast('P')
for v in (-1,2**64-1,2**64,-2**63,-2**63-1,1.5,'a'):
    try: m[0]=v; print(m[0])
    except Exception as e: print(repr(e))
class I:
    def __init__(s,e): s.e=e
    def __index__(s): raise s.e
    __float__=__index__
for f in 'cbB?hHiIlLqQnNfdeP':
  m=memoryview(bytearray(16)).cast(f)
  print(f, m.format, m.itemsize, memoryview(bytearray(16)).cast('@'+f).format)
  for v in (0,1,-1,255,256,65535,65536,70000,2**31,2**63,2**64,10**400,1.5,1e300,float('nan'),'a',b'a',b'ab',None,True,I(TypeError(1)),I(ValueError(2)),I(OverflowError(3)),I(ZeroDivisionError(4))):
    try: m[0]=v; print(' ',v,m[0])
    except Exception as e: print(' ', str(v)[:20], repr(e))
m=memoryview(bytearray(24))
for f,s in (('x',None),('i',None),('@@i',None),('@',None),('',None),('ii',None),('>i',None),('q',[3]),('q',[2]),('q',(3,1)),('q',3),('q',[]),('q',[0]),('q',[-1]),('q',[1.0]),('q',['a']),('q',[2**62,2**62]),('q',[2**64]),('B',[1]*65),('B',[2,12]),('B',[24]),(3,None),('\xe9',None),('\0',None),('i\0',None)):
    for src in (m, m.cast('i'), m.cast('B',[2,12]), m[:0], m[:7], m[::2], memoryview(b'')):
        try: r=src.cast(f,s) if s is not None else src.cast(f); print(f,s,r.shape,r.strides,r.format)
        except Exception as e: print(repr(f),s,repr(e))
import array
vs=[memoryview(b'abc'),memoryview(b'abcabc')[::2],memoryview(b'abc').cast('c'),memoryview(b'abc').cast('b'),array.array('i',[97,98,99]),array.array('d',[97,98,99]),array.array('d',[float('nan'),1,2]),b'abc',bytearray(b'abc'),memoryview(b'abcdef').cast('B',[2,3]),memoryview(b'abcdef').cast('B',[3,2]),memoryview(b'abcdefgh').cast('e'),memoryview(b''),memoryview(b'').cast('i'),memoryview(b'\1\0\2').cast('?'),memoryview(b'\1\0\1').cast('?'),memoryview(b'a').cast('B',[]),memoryview(b'a').cast('b',[]), 'abc', 3, array.array('w','abc')]
for a in vs:
    print([a==b for b in vs],[a!=b for b in vs])
