from collections import OrderedDict as OD
import _collections, copy, pickle
def t(f):
    try: print(repr(f()))
    except BaseException as e: print(type(e).__name__, e)
t(lambda: OD(1,2)); t(lambda: OD(1)); t(lambda: OD([1])); t(lambda: OD([(1,)])); t(lambda: OD([()])); t(lambda: OD([(1,2,3)])); t(lambda: OD(['ab','cd'])); t(lambda: OD(a=1,b=2)); t(lambda: OD({'x':1},x=2,y=3)); t(lambda: OD(None)); t(lambda: OD.__init__())
t(lambda: OD.update()); t(lambda: OD().update(1,2)); t(lambda: OD().update(None)); t(lambda: OD().update([(1,2)],a=3))
o=OD(a=1,b=2,c=3)
t(lambda: o.keys()); t(lambda: o.values()); t(lambda: o.items()); t(lambda: type(iter(o))); t(lambda: type(reversed(o))); t(lambda: type(reversed(o.keys()))); t(lambda: type(iter(o.items())));t(lambda: list(reversed(o.items()))); t(lambda: list(reversed(o.values())))
t(lambda: type(o.keys()).__mro__); t(lambda: type(iter(o)).__mro__); t(lambda: sorted(type(iter(o)).__dict__)); t(lambda: sorted(type(o.keys()).__dict__)); t(lambda: type(iter(o))()); t(lambda: type(o.keys())()); t(lambda: type(o.keys())(o)); t(lambda: type(o.keys()).__text_signature__)
t(lambda: o.move_to_end('z')); t(lambda: o.move_to_end('a')); t(lambda: o); t(lambda: o.move_to_end('a',last=False)); t(lambda: o); t(lambda: o.move_to_end()); t(lambda:o.move_to_end('a',1,2)); t(lambda: o.move_to_end('a',foo=1))
t(lambda: o.popitem()); t(lambda: o.popitem(last=False)); t(lambda: o.popitem(0)); t(lambda: o.popitem()); t(lambda: o); t(lambda: o.pop('z')); t(lambda: o.pop('z',3)); t(lambda: o.pop('z',default=4)); t(lambda: o.pop()); t(lambda: o.pop([])); t(lambda: o.setdefault('q')); t(lambda: o.setdefault('q',4)); t(lambda:o.setdefault([])); t(lambda: o.setdefault(key='r',default=5)); t(lambda: o)
t(lambda: o==OD(r=5,q=None)); t(lambda: o==dict(r=5,q=None)); t(lambda: o!=OD(r=5,q=None)); t(lambda: o<o); t(lambda: o==3); t(lambda: hash(o)); t(lambda: o|{1:2}); t(lambda: {1:2}|o); t(lambda: o|[(1,2)]); t(lambda: o.__or__([(1,2)]))
def ior():
    global o
    o|=[(1,2)]; return o
t(ior); t(lambda: o.copy()); t(lambda: copy.copy(o)); t(lambda: copy.deepcopy(o)); t(lambda: o.__reduce__()[:4]); t(lambda: type(o.__reduce__()[4])); t(lambda: pickle.loads(pickle.dumps(o)))
t(lambda: OD.fromkeys('abc')); t(lambda: OD.fromkeys('abc',1)); t(lambda: OD.fromkeys()); t(lambda: OD.fromkeys(3)); t(lambda: OD.fromkeys('ab',value=3))
o.x=1
t(lambda: (o.__dict__, o.copy().__dict__, copy.copy(o).__dict__, o.__reduce__()[2]))
class S(OD):
    def __setitem__(s,k,v): print('set',k,v); super().__setitem__(k,v)
    def __getitem__(s,k): print('get',k); return super().__getitem__(k)
    def __delitem__(s,k): print('del',k); super().__delitem__(k)
    def __missing__(s,k): return 'missing '+str(k)
    def __contains__(s,k): print('contains',k); return super().__contains__(k)
s=S(a=1,b=2)
t(lambda: s.update(c=3)); t(lambda: s.pop('a')); t(lambda: s.popitem()); t(lambda: s.setdefault('k',3)); t(lambda: s.setdefault('k',4)); t(lambda: s.copy()); t(lambda: s['nope']); t(lambda: s.move_to_end('k')); t(lambda: s); t(lambda: s|{5:6}); t(lambda: {5:6}|s); t(lambda: s.pop('nope')); t(lambda: S.fromkeys('xy')); t(lambda: s.__reduce__()[:3]); t(lambda: list(s.items())); t(lambda: s==OD(s)); t(lambda: dict(s)); t(lambda: s.clear()); t(lambda: s)
def it(f):
    o=OD.fromkeys('abcde')
    try:
        for k in o: print(k); f(o,k)
    except BaseException as e: print(type(e).__name__, e)
it(lambda o,k: o.move_to_end(k)); it(lambda o,k: o.pop(k)); it(lambda o,k: o.__setitem__('z',1)); it(lambda o,k: o.clear()); it(lambda o,k: o.__setitem__(k,1)); it(lambda o,k: (o.__setitem__('z',1), o.popitem()))
o=OD.fromkeys('abc'); o['self']=o; t(lambda: o); 
i=iter(OD.fromkeys('abc')); next(i); t(lambda: i.__length_hint__()); t(lambda: i.__reduce__()); t(lambda: list(i)); t(lambda: i.__length_hint__()); t(lambda: i.__reduce__()); 
i=reversed(OD.fromkeys('abc')); next(i); t(lambda: i.__reduce__()); t(lambda:list(i)); i=iter(OD.fromkeys('abc').items()); t(lambda: i.__reduce__()); t(lambda: copy.copy(iter(OD.fromkeys('abc').items())))
t(lambda: OD.fromkeys('ab').keys() & {'a'}); t(lambda: OD.fromkeys('ab').keys() == {'a','b'}); t(lambda: 'a' in OD.fromkeys('ab').keys()); t(lambda: len(OD.fromkeys('ab').keys())); t(lambda: OD.fromkeys('ab').keys().mapping); t(lambda: OD.fromkeys('ab').items().isdisjoint([]))
o=OD(a=1,b=2); 
o=OD(a=1,b=2,c=3); o.move_to_end('a'); t(lambda: dict(o)); t(lambda: {**o}); t(lambda: o.items()); t(lambda: [*o.items()]); t(lambda: list(o.values())); del o['b']; t(lambda: o); o['b']=5; t(lambda:o); t(lambda: o.popitem(last=False)); t(lambda: o)
def d(): del o['zz']
t(d); t(lambda: o['zz']); t(lambda: OD[int,str]); t(lambda: OD.__doc__); t(lambda: o.__sizeof__()); t(lambda: OD().__sizeof__())
import random
r=random.Random(3); o=OD(); l=[]
for n in range(20000):
    c=r.randrange(8); k=r.randrange(60)
    if c<3: 
        if k not in o: l.append(k)
        o[k]=n
    elif c==3 and o:
        assert o.popitem(last=False)[0]==l.pop(0)
    elif c==4 and o: assert o.popitem()[0]==l.pop()
    elif c==5 and k in o: o.move_to_end(k,last=False); l.remove(k); l.insert(0,k)
    elif c==6 and k in o: o.move_to_end(k); l.remove(k); l.append(k)
    elif c==7 and k in o: del o[k]; l.remove(k)
    assert list(o)==l and list(reversed(o))==l[::-1] and len(o)==len(l), (n,c,k)
print(len(l))
