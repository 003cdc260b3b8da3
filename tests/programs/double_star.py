# ** of what is no mapping.
def f(*a,**k): return k
class M:
    def __init__(s,k): s.k=k
    def keys(s): return s.k
    def __getitem__(s,i): return i
class K2:
    keys=3
class K3:
    def keys(s): raise AttributeError('x')
class K4:
    def keys(s): return ['a']
def show(c):
    try: print(c, eval(c))
    except BaseException as e: print(c, repr(e), repr(e.__context__))
for x in ('[]','[(1,2)]','""','()','3','None','M(["a"])','M([1])','M(3)','K2()','K3()','K4()','{1:2}','{"a":1}','iter([])','[1]','["ab"]'):
    show('{**%s}'%x); show('f(**%s)'%x); show('f(a=1,**%s)'%x); show('f(**{"b":1},**%s)'%x); show('dict(**%s)'%x); show('{"z":1}|%s'%x); show('{}.update(%s)'%x); show('dict(%s)'%x); show('print(**%s)'%x); show('{1:2,**%s}'%x)
show('f(**{1: 3}, **{1: 5})'); show('f(**{1:3},**{"a":1})'); show('f(a=1,**{1:3})'); show('f(**{"a":1},**{"a":2})'); show('f(a=1,**{"a":2})'); show('dict(a=1,**{"a":2})'); show('print(**{1:3},**{1:4})'); show('len(**{1:3})'); show('int(**{1:3})'); show('(lambda **k:k)(**{1:3})'); show('f.__call__(**{1:3})'); show('"".join(**{1:3})'); show('dict(**{1:3})'); show('{}.update(**{1:3})')
