# Arithmetic of complex numbers, rounding, float.fromhex() and sum() at their edges.
import random,sys
r=random.Random(5)
vals=[0.0,-0.0,1.0,-1.0,float('inf'),-float('inf'),float('nan'),1e308,-1e308,5e-324,2.5,-3.75,1e-200,1e200, 2.0,-2.0,3.0]
def val():
    k=r.random()
    if k<.3: return r.choice(vals)
    if k<.4: return r.randint(-5,5)
    return complex(r.choice(vals),r.choice(vals))
for i in range(300):
    a,b=val(),val()
    for n,f in (('/',lambda a,b:a/b),('*',lambda a,b:a*b),('**',lambda a,b:a**b),('+',lambda a,b:a+b),('-',lambda a,b:a-b)):
        try: x=repr(f(a,b))
        except Exception as e: x=repr(e)
        print(a,n,b,x)


import random,struct
r=random.Random(7)
def rf():
    k=r.random()
    if k<.4: return struct.unpack('d', struct.pack('Q', r.getrandbits(64)))[0]
    if k<.7: return r.uniform(-1e3,1e3)
    return 1.0*r.choice([1e22,1.5,2.5,0.5,1e308,1.7976931348623157e308,5e-324,1e16,123456789.5, 5e307, 15,25, 5.015,1e23,-0.0,0.0, 1e5,5e5,5e4,50000000000000000.0, 9.5, 95.0, 99.5, 999999.5])*r.choice([1,-1])
for i in range(400):
    f=rf(); n=r.choice([r.randint(-310,330), r.randint(-25,25), r.randint(-3,3)])
    try: x=repr(round(f,n))
    except Exception as e: x=repr(e)
    print(f.hex(),n,x)
    if i%4==0:
        s=r.choice([f.hex(), f.hex().upper(), repr(f), ' '+f.hex()+' ', f.hex()[:r.randint(0,10)], hex(r.getrandbits(80))+'p'+str(r.randint(-1200,1100)), r.choice(['inf','-INF','+Infinity','nan','NaN','-nan','infinit','in','na','nanx','INFINITYX','+-inf'])])
        try: x=repr(float.fromhex(s))
        except Exception as e: x=repr(e)
        print(s,x)


from fractions import Fraction
for items in ([0.1] * 10, [1.0, 1e100, 1.0, -1e100], [1.0, 10**100, 1.0, -10**100], [2j, 1.0, 10**100, 1.0, -10**100],
              [1.0, 10**1000], [1j, 10**1000], [1.0, True, 2j, 3, Fraction(1, 3)], [1.0, float('inf'), -1.0],
              [float('inf'), -float('inf')], [complex(1, -0.0), 1], [-0.0], [-0.0, -0.0], [1, 2.5, 10**400]):
    for start in ((), (0.0,), (0j,), (-0.0,), (1,)):
        try: print(sum(items, *start))
        except Exception as e: print(repr(e))
