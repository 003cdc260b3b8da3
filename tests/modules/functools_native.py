import functools, copy
from functools import partial, Placeholder as P, reduce, cmp_to_key, lru_cache
def t(f):
    try: print(repr(f()))
    except BaseException as e: print(type(e).__name__, e)
K=cmp_to_key(lambda a,b:a-b)
t(lambda: type(K)); t(lambda: K.__name__); t(lambda: type(K).__mro__)
t(lambda: type(K)()); t(lambda: K<3); t(lambda: K(3)<4); t(lambda: K(3)<K); t(lambda: K<K(3)); t(lambda:K()); t(lambda:K(1,2)); t(lambda:K(obj=1)); t(lambda:K(o=1)); t(lambda: hash(K)); t(lambda: K.obj); t(lambda: K(3).obj); t(lambda: cmp_to_key(3)(3)<cmp_to_key(3)(4)); t(lambda: K(3)); t(lambda: cmp_to_key()); t(lambda:cmp_to_key(1,2))
t(lambda: type(K).__doc__)
t(lambda: K.__text_signature__)
t(lambda: partial()); t(lambda: partial(3)); t(lambda: partial(a=3)); t(lambda: partial(print,P)); t(lambda: partial(print,a=P)); t(lambda: partial(print,P,1)()); t(lambda: partial(print,1,a=2)); t(lambda: partial(partial(print,P,1,P,2),7)); t(lambda: partial(partial(print,P,1,P,2),7, P, 3))
class S(partial): pass
t(lambda: S(print,1)); t(lambda: S(S(print,1),2).args); t(lambda: partial(S(print,1),2).args)
s=S(print,1); s.x=1
t(lambda: partial(s,2).args); t(lambda: s.__reduce__()); t(lambda: partial(print).__reduce__())
p=partial(print)
t(lambda: p.__setstate__(1)); t(lambda: p.__setstate__((1,2,3,4))); t(lambda: p.__setstate__((print,(),{},None,1))); t(lambda: p.__setstate__((print,[],{},None)));t(lambda: p.__setstate__((print,(1,P),{},None))); t(lambda: p.__setstate__((print,(1,),None,None))); t(lambda:p);t(lambda: p.__setstate__((print,(1,),{'a':2},{'z':1}))); t(lambda:(p,p.__dict__))
t(lambda: setattr(partial,'a',1)); t(lambda: setattr(p,'func',1)); t(lambda: partial.func); t(lambda: partial[int]); t(lambda: p.__call__)
t(lambda: partial(print,**{'1':2})); t(lambda: hash(partial(print))!=0)
t(lambda: p.__get__(None,int)); t(lambda: p.__get__(3,int)); t(lambda: delattr(p,'func')); 
t(lambda: reduce()); t(lambda: reduce(max)); t(lambda:reduce(max,3)); t(lambda: reduce(max,[])); t(lambda:reduce(max,[],initial=3)); t(lambda: reduce(max,[],3,4)); t(lambda: reduce(max,[],init=4)); t(lambda: reduce(function=max, iterable=[]))
t(lambda: lru_cache(3,4)(5)); t(lambda: functools._lru_cache_wrapper()); t(lambda: functools._lru_cache_wrapper(1,2,3,4)); t(lambda: functools._lru_cache_wrapper(print,'a',3,4)); t(lambda: functools._lru_cache_wrapper(print,2**70,3,4)); t(lambda: functools._lru_cache_wrapper(print,1,3,4).cache_info())
f=lru_cache(2,typed=True)(lambda *a,**k:(a,k))
t(lambda: f([1])); t(lambda: f(1,a=2)); t(lambda: f.cache_info()); t(lambda: f.cache_clear()); t(lambda: f.cache_parameters()); t(lambda: copy.copy(f) is f); t(lambda: copy.deepcopy(f) is f); t(lambda: f.__reduce__()); t(lambda: f.cache_info(1)); t(lambda: type(P)()); t(lambda: type(P)(1)); t(lambda: P.__reduce__()); t(lambda: type("X",(type(P),),{})); t(lambda: setattr(P,'a',1)); t(lambda: type("X",(type(f),),{})); t(lambda:repr(type(f)))
t(lambda: f.__wrapped__); t(lambda: f.cache_parameters.__module__); t(lambda: type(P)(a=1))
a=partial(print); a.__setstate__((a,(),{},{})); t(lambda: a); a.__setstate__((print,(),{},{}))
t(lambda: partial(print,1).__repr__()); t(lambda: partial(print,P,P,3)(1)); t(lambda: partial(lambda *a,**k:(a,k),P,2,x=3)(1,3,x=4,y=5))
t(lambda: partial(lambda *a,**k:(a,k),P,2,x=3)(1,3,x=P,y=5))
t(lambda: partial(lambda *a,**k:(a,k),P,2,x=3)(P))
