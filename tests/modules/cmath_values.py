import cmath
# Last digits depend on the C library.
def part(x): return '%.13g' % x
def show(v):
    if isinstance(v, complex): return part(v.real), part(v.imag)
    if isinstance(v, float): return part(v)
    if isinstance(v, tuple): return tuple(map(show, v))
    return repr(v)
def t(f):
    try: print(show(f()))
    except BaseException as e: print(type(e).__name__, e)
class C:
    def __complex__(s): return 1+2j
class F:
    def __float__(s): return 1.5
class I:
    def __index__(s): return 3
class B:
    def __complex__(s): return 1
for x in ['a',None,C(),F(),I(),B(),2**2000,1,True,1.5,[]]:
    t(lambda: cmath.sqrt(x)); t(lambda: cmath.phase(x)); t(lambda: cmath.isnan(x)); t(lambda: cmath.rect(x,1)); t(lambda: cmath.isclose(x,1)); t(lambda: cmath.log(x,2))
t(lambda: cmath.log()); t(lambda: cmath.log(1,2,3)); t(lambda: cmath.log(2,1)); t(lambda: cmath.log(2,0)); t(lambda: cmath.log(0,2)); t(lambda: cmath.log(8,2)); t(lambda: cmath.log(8j,2+3j))
t(lambda: cmath.isclose(1,2,rel_tol=-1)); t(lambda: cmath.isclose(1,1,rel_tol=-1)); t(lambda: cmath.isclose(1,1+1e-10j)); t(lambda: cmath.isclose(1,1.1,abs_tol=.2)); t(lambda: cmath.isclose(cmath.infj,cmath.infj)); t(lambda: cmath.isclose(1)); t(lambda: cmath.isclose(1,2,3)); t(lambda: cmath.isclose(1,2,rel_tol='a'))
t(lambda: cmath.rect(1)); t(lambda: cmath.rect(1,'a'));t(lambda: cmath.polar(1e308+1e308j)); t(lambda: cmath.polar(1.7e308+1.7e308j))
import itertools, random
inf=float('inf'); nan=float('nan')
vals=[-inf,-1.0,-0.0,0.0,1.0,inf,nan,2.3,-2.3,1e-310,1e308,-720.,0.5]
fs=['acos','acosh','asin','asinh','atan','atanh','cos','cosh','exp','log','log10','sin','sinh','sqrt','tan','tanh','polar','phase','isnan','isinf','isfinite']
for f in fs:
    for a,b in itertools.product(vals,vals):
        print(f,a,b,end=' '); t(lambda: getattr(cmath,f)(complex(a,b)))
for a,b in itertools.product(vals,vals):
    print('rect',a,b,end=' '); t(lambda: cmath.rect(a,b))
