# Functions of any number of arguments, misses of dicts with __missing__, counting.
import math
for f in (math.gcd, math.lcm, math.hypot):
    for a in ((),(4,),(-4,),(12,18),(12,18,27),(0,0),(2**70,6),(True,3),("a",),(1.5,2)):
        try: print(f.__name__, a, f(*a))
        except Exception as e: print(f.__name__, a, type(e).__name__, e)
    try: f(x=1)
    except Exception as e: print(e)
    print(f.__text_signature__)
from collections import Counter
class D(dict):
    def __missing__(self,k): return 7
d=D(); print(d[3], d)
class E2(dict):
    __missing__=len
for bad in (E2,):
    try: print(bad()['abc'])
    except Exception as e: print(type(e).__name__, e)
c=Counter('abracadabra'); c.update([1,True,1.0,'a']); print(c)
