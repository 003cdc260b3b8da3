"""_elementtree: elements, builders and parsers, their arguments and messages."""
import xml.etree.ElementTree as ET, _elementtree as C, copy, pickle, warnings, io
warnings.simplefilter('always')
E=ET.Element
def t(f):
    try: print('ok', f())
    except BaseException as e: print(type(e).__module__, type(e).__name__, str(e), getattr(e,'code',None), getattr(e,'position',None))
t(lambda:E()); t(lambda:E(1)); t(lambda:E('a',5)); t(lambda:E('a',None)); t(lambda:E('a',{'x':1},y=2).attrib); t(lambda:E('a',attrib={'x':1},y=2).attrib); t(lambda:E('a',attrib=5)); t(lambda:E('a',attrib=None)); t(lambda:E(tag='a')); t(lambda:E('a',tag='b').attrib); t(lambda:E('a',{},{})); t(lambda:E('a',{1:2},attrib={3:4}).attrib); t(lambda:E('a',x=1).attrib)
e=E('a')
t(lambda:E.__new__(E).tag); t(lambda:E.__new__(E,1,2,3)); t(lambda:repr(E.__new__(E)).split(' at')[0]); 
for m in ('append','insert','remove','extend','get','set','find','findall','findtext','iterfind','iter','makeelement','itertext','items','keys','clear','__setstate__','__deepcopy__'):
    for a in ((),(1,),(1,2),(1,2,3),(1,2,3,4)):
        t(lambda: (m,a,getattr(E('a'),m)(*a)))
t(lambda: e.append(e)); e=E('a')
t(lambda: e.extend([1])); t(lambda:e.extend(5)); t(lambda:e.extend(E('x'))); t(lambda:e.extend([E('q'),1])); print(len(e)); t(lambda:e.extend(iter([E('z')]))); print(len(e))
t(lambda: e.remove(E('x'))); t(lambda:e.insert('a',E('x'))); t(lambda:e.insert(-10,E('n1'))); t(lambda:e.insert(100,E('n2'))); print([c.tag for c in e])
t(lambda:e[0].tag); t(lambda:e[100]); t(lambda:e['a']); t(lambda:[c.tag for c in e[1:3]]); t(lambda:[c.tag for c in e[::-1]]); t(lambda:e.__setitem__(0,1)); t(lambda:e.__setitem__(100,E('x'))); t(lambda:e.__setitem__(slice(0,1),1)); t(lambda:e.__setitem__(slice(0,1),[1])); t(lambda:e.__setitem__(slice(0,1),[E('s1'),E('s2')])); print([c.tag for c in e]); t(lambda:e.__setitem__(slice(0,4,2),[E('s1')])); t(lambda:e.__setitem__(slice(0,4,2),[E('t1'),E('t2')]));print([c.tag for c in e]); t(lambda:e.__delitem__(slice(0,4,2)));print([c.tag for c in e]); t(lambda:e.__delitem__(100)); t(lambda:e.__delitem__('x')); t(lambda:e.__delitem__(0)); print([c.tag for c in e]); t(lambda:e.__setitem__('q',1)); t(lambda: e.__delitem__(slice(None,None,-1))); print(len(e)); t(lambda:e.__setitem__(slice(None,None,-1),[])); t(lambda:e.__setitem__(slice(0,0),E('w')))
t(lambda: bool(e)); t(lambda: bool(E('a'))); t(lambda: e.attrib); t(lambda: setattr(e,'attrib',5)); t(lambda:delattr(e,'tag')); t(lambda:delattr(e,'text'));t(lambda:delattr(e,'attrib')); t(lambda:setattr(e,'foo',1)); t(lambda:e.foo); t(lambda:delattr(e,'tail'))
e.attrib={'p':1}; t(e.items); t(e.keys); t(lambda:e.get('p')); t(lambda:e.get('q',5)); t(lambda:e.get(key='q',default=6)); t(lambda:e.get([])); t(lambda:e.set('r',2)); t(lambda:e.set([],2)); t(e.items)
x=ET.XML('<a>t<b>u</b>v<c d="1"><b>w</b></c><?pi x?><!-- c --></a>')
t(lambda:[i.tag for i in x.iter()]); t(lambda:[i.tag for i in x.iter('b')]); t(lambda:[i.tag for i in x.iter('*')]); t(lambda:list(x.itertext())); t(lambda:x.find('b').text); t(lambda:x.find('c/b').text); t(lambda:x.findtext('b')); t(lambda:x.findtext('q')); t(lambda:x.findtext('q','d')); t(lambda:x.findtext('c')); t(lambda:x.findtext('c/b')); t(lambda:[i.tag for i in x.findall('.//b')]); t(lambda:list(x.iterfind('b'))[0].text); t(lambda:x.find('[')); t(lambda:x.find(None)); t(lambda:x.find('b',{'a':'b'}).tag); t(lambda:x.findall('{*}b')[0].tag); t(lambda:x.find('*').tag); t(lambda:x.find('.').tag); t(lambda:x.find('')) ; t(lambda:x.findall(5));t(lambda:x.find('{u}b'))
it=x.iter(); print(type(it), type(it).__doc__, it.__iter__() is it); t(lambda:type(it)()); t(lambda:copy.copy(it))
y=copy.deepcopy(x); print(ET.tostring(y)); z=copy.copy(x); print(z[0] is x[0], z.attrib is x.attrib); print(ET.tostring(pickle.loads(pickle.dumps(x)))); print(x[1].__getstate__()['attrib'], sorted(x.__getstate__()))
t(lambda:e.__setstate__({'tag':1})); print(e.tag,e.text,e.tail,e.attrib,len(e)); t(lambda:e.__setstate__({})); t(lambda:e.__setstate__(5)); t(lambda:e.__setstate__({'tag':1,'_children':5})); t(lambda:e.__setstate__({'tag':1,'_children':[5]})); t(lambda:e.__setstate__({'tag':1,'attrib':5})); t(lambda:e.__setstate__({'x':1})); t(lambda:e.__setstate__((1,2)))
class S(E): pass
s=S('q',z=1); s.extra=5; print(repr(copy.copy(s))[:10], repr(copy.deepcopy(s))[:10], type(s.makeelement('a',{})), s.__dict__)
t(lambda:s.makeelement('a',5)); t(lambda:ET.SubElement(s,'b',{'m':1},n=2).attrib); t(lambda:ET.SubElement(1,'b')); t(lambda:ET.SubElement(s)); t(lambda:ET.SubElement(s,'b',5)); t(lambda:ET.SubElement(s,'b',attrib=5)); t(lambda:ET.SubElement()); t(lambda:type(ET.SubElement(s,'b')))
r=E('r'); r.tag=r
t(lambda:repr(r))
r.tag='q'; r.append(r); t(lambda:repr(r).split(' at')[0]); del r[0]
# builder
T=ET.TreeBuilder
t(lambda:T(1)); t(lambda:T(1,2)); t(lambda:T(foo=1)); t(lambda:T(element_factory=5,insert_comments=True)); t(lambda:T().close()); t(lambda:T().end('a')); t(lambda:T().data(5)); t(lambda:T().start('a')); t(lambda:T().start('a',5)); t(lambda:T().start('a',{}).tag); t(lambda:T().start('a',None)); t(lambda:T().comment('x').tag is ET.Comment); t(lambda:T().pi('x','y').text); t(lambda:T().pi('x').text);
b=T(); b.start('a',{}); b.data('x'); b.data('y'); b.start('b',{'q':1}); b.data(5); 
t(lambda:b.end('b'));
b=T(); b.start('a',{}); b.data('x'); b.data('y'); b.start('b',{'q':1}); t(lambda: b.end('zz').tag); b.data('tail'); t(lambda:b.start('c',{})and None); b.end('c'); b.end('a'); t(lambda:b.end('a')); t(lambda:ET.tostring(b.close())); t(lambda:b.start('n',{})); t(lambda:ET.tostring(b.close()))
b=T(element_factory=lambda t,a:[t,a]); t(lambda:b.start('a',{})); t(lambda:b.start('b',{'x':1})); t(lambda:b.data('x'));t(lambda:b.end('b')); t(b.close)
b=T(insert_comments=True,insert_pis=True); b.start('a',{}); b.comment('c'); b.data('q'); b.pi('t','x'); b.data('w'); b.end('a'); t(lambda:ET.tostring(b.close()))
b=T(comment_factory=lambda x:('C',x),pi_factory=lambda x,y:('P',x,y)); t(lambda:b.comment('c')); t(lambda:b.pi('t','x')); t(lambda:b.pi('t'))
# parser
P=ET.XMLParser
t(lambda:P(1)); t(lambda:P(foo=1)); t(lambda:P(encoding=5)); t(lambda:P(encoding='nope').feed('<a/>')); t(lambda:P().feed('<a/>')); t(lambda:P().feed(5)); t(lambda:P().feed()); t(lambda:P().close()); t(lambda:P().feed('<a></b>')); t(lambda:P().feed('<a>&x;</a>')); t(lambda:P().flush()); t(lambda:P().entity); t(lambda:type(P().target)); t(lambda:setattr(P(),'entity',1)); t(lambda:setattr(P(),'target',1)); t(lambda:P.__new__(P).feed('x')); t(lambda:P.__new__(P).close()); t(lambda:P.__new__(P).target)
p=P(); p.entity['x']='XX'; p.feed('<!DOCTYPE a [<!ENTITY y SYSTEM "z">]><a>&x;&q;</a>') if 0 else None
def ent(doc, **ents):
    p=P(); p.entity.update(ents); p.feed(doc); return ET.tostring(p.close())
t(lambda:ent('<!DOCTYPE a SYSTEM "z"><a>&x;</a>',x='XX')); t(lambda:ent('<!DOCTYPE a SYSTEM "z"><a>&x;</a>')); t(lambda:ent('<a>&x;</a>',x='XX')); t(lambda:ent('<!DOCTYPE a SYSTEM "z"><a q="&x;"/>',x='XX'))
class F:
    def __init__(s,*l): s.l=list(l)
    def read(s,n): print('read',n); return s.l.pop(0) if s.l else b''
t(lambda:P()._parse_whole(F(b'<a>',b'</a>')).tag); t(lambda:P()._parse_whole(F('<a>','</a>')).tag);  t(lambda:P()._parse_whole(F('<a>','')).tag); t(lambda:P()._parse_whole(F(5)));t(lambda:P()._parse_whole(F(None))); t(lambda:P()._parse_whole(5))
t(lambda:P()._setevents(5)); t(lambda:P()._setevents([],5)); t(lambda:P()._setevents([],['foo'])); t(lambda:P()._setevents([],[5])); t(lambda:P()._setevents([],('start',b'end'))); t(lambda:P()._setevents([],None)); t(lambda:P(target=object())._setevents([]))
q=[]; p=P(); p._setevents(q,['start','end','start-ns','end-ns','comment','pi']); p.feed('<?xml version="1.0"?><!--x--><a xmlns="u" xmlns:p="v">t<p:b/><?p q?><!--c--></a>'); p.close(); print([(a,getattr(b,'tag',b) if isinstance(getattr(b,'tag',b),(str,tuple,type(None))) else b.text) for a,b in q])
class Tg:
    def __getattr__(s,n):
        if n.startswith('__'): raise AttributeError(n)
        def f(*a): print(n,a); return n
        return f
p=P(target=Tg()); p.feed('<?xml version="1.0"?><!DOCTYPE a PUBLIC "p" "s"><!--x--><a xmlns="u" xmlns:p="v" p:k="1">t<p:b/><?p q?><?pp?><!--c-->\n</a>'); t(p.close); t(p.close)
class Tg:
    def start(s,*a): print('start',a)
    def doctype(s,*a): print('dt',a)
p=P(target=Tg()); p.feed('<!DOCTYPE a><a/>'); t(p.close)
class Sub(P):
    def doctype(s,*a): print('sub dt',a)
t(lambda:Sub().feed('<!DOCTYPE a><a/>'))
class Tg:
    def start(s,*a): raise KeyError(1)
p=P(target=Tg()); t(lambda:p.feed('<a/>')); t(lambda:p.feed('<a/>')); t(p.close)
t(lambda:ET.fromstring('<a xmlns:b="u" b:c="d"><b:e/></a>').attrib); t(lambda:ET.fromstring(b'\xff')); t(lambda:ET.fromstring('')); t(lambda:ET.fromstring('\ud800')); t(lambda:ET.fromstring('<a>\u20ac</a>').text); t(lambda:ET.fromstring(bytearray(b'<a/>')).tag)
for m in ('feed','close','flush','_parse_whole','_setevents'):
    for a in ((),(1,2,3)): t(lambda: getattr(P(),m)(*a))
for m in ('data','start','end','comment','pi','close'):
    for a in ((),(1,2,3)): t(lambda: getattr(T(),m)(*a))
import inspect
for c in (E,T,P):
  print(c.__doc__, c.__module__, c.__qualname__)
print(ET.ParseError.__mro__, C.__doc__, ET.SubElement.__module__, sorted(n for n in vars(C) if not n.startswith('__')))
t(lambda:C._set_factories()); t(lambda:C._set_factories(1,2)); t(lambda:C._set_factories(None,None)[0] is ET.Comment); t(lambda:T().comment('x')); t(lambda:T().pi('x','y')); t(lambda:T(insert_comments=1).comment('x'));  t(lambda:C._set_factories(ET.Comment,ET.PI))
