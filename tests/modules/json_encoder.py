# _json: the encoder; each line compared with the oracle.
import _json
E=_json.make_encoder
def t(f):
    try: print(f, '->', ascii(eval(f)))
    except BaseException as e: print(f, '->', type(e).__name__, ascii(str(e)), getattr(e,'__notes__',None))
def D(o): raise TypeError('no '+type(o).__name__)
class I(int):
    def __repr__(s): return 'XX'
class F(float):
    def __repr__(s): return 'YY'
class L2(list): pass
def enc(o,markers=None,default=D,encoder=_json.encode_basestring_ascii,indent=None,ks=': ',is_=', ',sk=False,skip=False,nan=True):
    return E(markers,default,encoder,indent,ks,is_,sk,skip,nan)(o,0)
for f in r'''enc(1)
enc([1,2,"a",None,True,1.5,[],{},(1,),{"a":[1]}])
enc([1,[2]],indent='  ')
enc({"a":1,"b":{}},indent='  ')
enc({1:2,True:3,None:4,1.5:5,I(3):1,F(2.0):2,False:1})
enc({(1,):2})
enc({(1,):2},skip=True), enc({(1,):2},skip=True,indent=' ')
enc({'b':1,'a':2},sk=True)
enc({'b':1,1:2},sk=True)
enc(float('nan')), enc([float('inf'),-float('inf')])
enc(float('nan'),nan=False)
enc({float('inf'):1},nan=False)
enc(I(5)),enc(F(1.5)), enc(10**30), enc(1e300), enc(-0.0)
enc(object())
enc([object()])
enc(L2([object()]))
enc({'k':[object()]})
enc([1],markers={})
(lambda l: l.append(l) or enc(l,markers={}))([])
(lambda l: l.__setitem__('a',l) or enc(l,markers={}))({})
enc(object(),default=lambda o:[1])
enc(object(),default=lambda o:o,markers={})
enc('é\U0001f600"\n'), enc('é"\n',encoder=_json.encode_basestring)
enc('é',encoder=str)
enc('é',encoder=lambda s: 5)
enc(['x'],encoder=lambda s: 5)
E(1,2,3,None,': ',', ',False,False,True)
E(None,2,3,None,1,', ',False,False,True)
E(None,2,3,None,': ',1,False,False,True)
enc([]),enc({}),enc([],indent='  '),enc({},indent='  '),enc(())
enc({'a':{'b':object()}})
enc([[1,[object()]]])
enc({'a':[1,{'b':(2,3)}],'c':'d'},indent='\t',ks=':',is_=',')
'''.splitlines(): t(f)
