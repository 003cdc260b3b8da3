# _json: the scanner; each line compared with the oracle (a stand-in for json.decoder keeps re out of it).
import sys, _json
class JSONDecodeError(ValueError):
    def __init__(self, msg, doc, pos):
        lineno = doc.count('\n', 0, pos) + 1
        colno = pos - doc.rfind('\n', 0, pos)
        ValueError.__init__(self, '%s: line %d column %d (char %d)' % (msg, lineno, colno, pos))
class mod: pass
m=mod(); m.JSONDecodeError=JSONDecodeError; m.__spec__=None
pk=mod(); pk.decoder=m; pk.__path__=[]; pk.__spec__=None
sys.modules['json']=pk; sys.modules['json.decoder']=m
class D:
    def __init__(self,**k):
        self.strict=True; self.object_hook=self.object_pairs_hook=None; self.parse_float=float; self.parse_int=int
        self.parse_constant={'NaN':float('nan'),'Infinity':float('inf'),'-Infinity':float('-inf')}.__getitem__
        for a in k: setattr(self,a,k[a])
def W(s,i):
    while i<len(s) and s[i] in ' \t\n\r': i+=1
    return i
def L(s,**k):
    sc=_json.make_scanner(D(**k))
    try: o,e=sc(s,W(s,0))
    except StopIteration as x: raise JSONDecodeError('Expecting value',s,x.value)
    e=W(s,e)
    if e!=len(s): raise JSONDecodeError('Extra data',s,e)
    return o
class json: JSONDecoder=D
def t(f):
    try:
        print(f, '->', ascii(eval(f)))
    except BaseException as e:
        print(f, '->', type(e).__name__, ascii(str(e)))
for f in r'''L('')
L('x')
L('"abc')
L('"a\nb"')
L('"a\\qb"')
L('"a\\u12"')
L('"a\\u12G4"')
L('"a\\')
L('"\\ud83d\\ude00 \\ud83d x \\ude00 \\ud83d\\u0041"')
L('"\\"\\\\\\/\\b\\f\\n\\r\\t"')
L('[')
L('[1')
L('[1,')
L('[1,]')
L('[1 2]')
L('[,]')
L('[]'), L('[ ]'), L('[1, 2 , [3]]')
L('{')
L('{"a"')
L('{"a":')
L('{"a":1')
L('{"a":1,')
L('{"a":1,}')
L('{"a" 1}')
L('{a:1}')
L('{"a":1 "b":2}')
L('{}'), L('{ }'), L('{"a":1,"b":{"c":[null,true,false]}}')
L('1'),L('-1'),L('1.5'),L('-1.5e10'),L('1E+2'),L('0'),L('-0'),L('-0.0'),L('123456789012345678901234567890')
L('01')
L('1.')
L('1e')
L('-')
L('+1')
L('.5')
L('NaN'),L('Infinity'),L('-Infinity')
L('nul')
L('tru')
L('Nan')
L(' 1 ')
L('1 2')
L('"é\u1234\U0001f600"')
L('["a","a"]')
L('{"a":1,"a":2}')
L('[1]',object_hook=1)
L('{"a":{"b":1}}',object_hook=lambda d: sorted(d))
L('{"a":{"b":1}}',object_pairs_hook=lambda d: d)
L('1.5',parse_float=str),L('15',parse_int=str),L('NaN',parse_constant=str)
L('"a\tb"',strict=False)
L('"a\tb"')
L('["' + 'x'*50)
L('{"a":1,\n "b" 2}')
L('[1,\n2,\n]')
_json.scanstring('abc"def',0)
_json.scanstring('abc"def',0,False)
_json.scanstring('abc',10)
_json.scanstring('abc',-1)
_json.scanstring(1,0)
_json.scanstring('abc')
_json.scanstring('a\x01"',0)
_json.encode_basestring('a"b\\c\n\t\x00é\u1234\x7f\ud800')
_json.encode_basestring_ascii('a"b\\c\n\t\r\b\f\x00é\u1234\U0001f600\x7f\ud800')
_json.encode_basestring(1)
_json.encode_basestring_ascii(1)
_json.make_scanner(1)
_json.make_scanner(json.JSONDecoder())('1',0)
_json.make_scanner(json.JSONDecoder())('1',5)
_json.make_scanner(json.JSONDecoder())('1',-1)
_json.make_scanner(json.JSONDecoder())(1,0)
_json.make_scanner(json.JSONDecoder())('[1] x',0)
type(_json.make_scanner(json.JSONDecoder()))
_json.make_scanner(json.JSONDecoder()).strict
L('[1,2'), L('[1 ,2]')
L('{"a" : 1 , "b" : 2 }')
L('{1:2}')
L("{'a':1}")
L('[1,2]]')
L('{"a":1]')
L('[1}')
L('1.0e400'),L('-1e-400')
L('"\x7f"')
L('"' + '\\u00e9'*3 + 'x"')
'''.splitlines(): t(f)
