"""pyexpat: every handler, attributes, errors, encodings, tracebacks through the parser."""
import pyexpat as P, io
from xml.parsers.expat import ParserCreate
def t(f):
    try: print('ok', f())
    except BaseException as e: print(type(e), e, {k:getattr(e,k) for k in ('code','lineno','offset') if hasattr(e,k)})
p=ParserCreate()
t(lambda: P.XMLParserType()); t(lambda: ParserCreate(1)); t(lambda: ParserCreate(None, 5)); t(lambda: ParserCreate(None,'ab')); t(lambda: ParserCreate(None,'\u1234')); t(lambda: ParserCreate(None,None,5)); t(lambda: ParserCreate(intern={}).intern); t(lambda: ParserCreate(intern=None).intern); t(lambda: ParserCreate('nope').Parse(b'<a/>',1)); t(lambda: ParserCreate('a\0')); t(lambda:ParserCreate('\ud800'))
t(lambda: ParserCreate(None,None,None,5)); t(lambda: p.Parse()); t(lambda: p.Parse(5)); t(lambda:p.Parse('\ud800')); t(lambda: p.Parse(b'<a>',1,2)); t(lambda: p.ParseFile(5)); t(lambda:p.ParseFile(io.StringIO('<a/>')))
class F:
    def read(self,n): return b'x'*(n+1)
t(lambda: ParserCreate().ParseFile(F()))
class F:
    def read(self,n): print(n); return bytearray(b'<a/>') if not hasattr(self,'d') and not setattr(self,'d',1) else b''
t(lambda: ParserCreate().ParseFile(F()))
class F:
    def read(self,n): return 5
t(lambda: ParserCreate().ParseFile(F()))
for n in ('buffer_size','buffer_text','buffer_used','namespace_prefixes','ordered_attributes','specified_attributes','intern','ErrorCode','ErrorLineNumber','ErrorColumnNumber','ErrorByteIndex','CurrentLineNumber','CurrentColumnNumber','CurrentByteIndex','StartElementHandler'):
    t(lambda: getattr(p,n)); t(lambda: delattr(p,n)); t(lambda: setattr(p,n,2)); t(lambda: setattr(p,n,'x')); t(lambda: getattr(p,n))
t(lambda: setattr(p,'buffer_size',0)); t(lambda: setattr(p,'buffer_size',2**31)); t(lambda: setattr(p,'buffer_size',2**64)); t(lambda: setattr(p,'buffer_size',-1)); t(lambda: setattr(p,'foo',-1));
class B:
    def __bool__(s): raise KeyError
t(lambda: setattr(p,'buffer_text',B()))
p=ParserCreate()
t(p.GetBase); t(lambda:p.SetBase('x')); t(p.GetBase); t(lambda:p.SetBase(None)); t(lambda:p.SetBase(5)); t(p.GetInputContext); t(lambda: p.SetParamEntityParsing(1)); t(lambda: p.SetParamEntityParsing('x')); t(lambda: p.UseForeignDTD()); t(lambda: p.UseForeignDTD(5)); t(lambda: p.ExternalEntityParserCreate(5)); t(lambda: p.ExternalEntityParserCreate('a','b\0')); t(lambda: p.ExternalEntityParserCreate('a')); t(lambda: p.ExternalEntityParserCreate());t(lambda: p.ExternalEntityParserCreate(None,None)); t(lambda: p.ExternalEntityParserCreate(None,5))
q=p.ExternalEntityParserCreate(None)
p=ParserCreate()
p.Parse(b'<a/>',1)
t(lambda:p.UseForeignDTD(1)); t(lambda: p.Parse(b'x'))
t(lambda: P.ErrorString(1)); t(lambda: P.ErrorString(4)); t(lambda: P.ErrorString(44)); t(lambda: P.ErrorString(999)); t(lambda: P.ErrorString(-1)); t(lambda: P.ErrorString('x')); t(lambda:P.ErrorString(2**40))
for enc in ('cp864','mac_arabic','cp1006','cp874','iso8859-6','koi8-t','cp500','utf-16','utf-32','ptcp154','cp720','mac_farsi','utf-8-sig','idna','punycode','raw_unicode_escape','unicode_escape'):
    t(lambda: (enc, ParserCreate().Parse(('<?xml version="1.0" encoding="%s"?><a/>'%enc).encode(),1)))
p=ParserCreate()
def h(*a): raise KeyError(1)
p.StartElementHandler=h; p.EndElementHandler=h
t(lambda:p.Parse('<a/>')); print(p.StartElementHandler, p.EndElementHandler)
p=ParserCreate()
p.NotStandaloneHandler=lambda: 'x'; t(lambda:p.Parse('<!DOCTYPE a SYSTEM "b"><a/>'))
p=ParserCreate()
p.NotStandaloneHandler=lambda: 0; t(lambda:p.Parse('<!DOCTYPE a SYSTEM "b"><a/>'))
p=ParserCreate(); p.ExternalEntityRefHandler=lambda *a: None; t(lambda:p.Parse('<!DOCTYPE a [<!ENTITY e SYSTEM "b">]><a>&e;</a>'))
p=ParserCreate(); p.ExternalEntityRefHandler=lambda *a: 0; t(lambda:p.Parse('<!DOCTYPE a [<!ENTITY e SYSTEM "b">]><a>&e;</a>'))
p=ParserCreate(); p.ElementDeclHandler=print; t(lambda:p.Parse('<!DOCTYPE a [<!ELEMENT a (b|(c,d)+|e?)*><!ELEMENT q (#PCDATA|x)*><!ELEMENT z EMPTY>]><a/>'))
p=ParserCreate(None,' '); p.namespace_prefixes=True; p.StartElementHandler=print; p.ordered_attributes=1; t(lambda: p.Parse('<a:b xmlns:a="u" a:c="1" d="2"/>'))
p=ParserCreate(); p.DefaultHandler=print; t(lambda:p.Parse('<!DOCTYPE a [<!ENTITY e "b">]><a>&e;x<!-- c --></a>',1))
p=ParserCreate(); p.DefaultHandlerExpand=print; t(lambda:p.Parse('<!DOCTYPE a [<!ENTITY e "b">]><a>&e;x<!-- c --></a>',1))
p=ParserCreate()
def h(d): print(p.GetInputContext(), p.buffer_used); p.CharacterDataHandler=None
p.CharacterDataHandler=h; t(lambda:p.Parse('<a>bc\nde</a>',1))
def h(*a): 
    for f in (lambda:p.Parse(b''), lambda:p.ParseFile(io.BytesIO()), lambda: p.ExternalEntityParserCreate(None)): t(f)
p=ParserCreate(); p.StartElementHandler=h; t(lambda:p.Parse('<a/>',1))
print(sorted(n for n in vars(P) if not n.startswith('__')))
print(sorted(vars(P.errors))[:5], P.errors.__doc__, P.model.__doc__, len(P.errors.codes), sorted(P.errors.messages.items()))
print({k:v for k,v in vars(P.errors).items() if k.startswith('XML')}); print({k:v for k,v in vars(P.model).items() if k.startswith('XML')})
import sys; print('pyexpat.errors' in sys.modules, 'pyexpat.model' in sys.modules, P.native_encoding, P.error.__module__, P.error.__mro__)
H=[n for n in dir(ParserCreate()) if n.endswith('Handler')]
def h(*a): raise KeyError(1)
docs=['''<?xml version="1.0" encoding="iso-8859-1" standalone="no"?>
<?xml-stylesheet href="stylesheet.css"?>
<!-- comment data -->
<!DOCTYPE quotations SYSTEM "quotations.dtd" [
<!ELEMENT root ANY>
<!ATTLIST root attr1 CDATA #REQUIRED attr2 CDATA #IMPLIED>
<!NOTATION notation SYSTEM "notation.jpeg">
<!ENTITY acirc "&#226;">
<!ENTITY external_entity SYSTEM "entity.file">
<!ENTITY unparsed_entity SYSTEM "entity.file" NDATA notation>
%unparsed_entity;
]>
<root attr1="value1" attr2="value2&#8000;">
<myns:subelement xmlns:myns="http://www.python.org/namespace">
     Contents of subelements
</myns:subelement>
<sub2><![CDATA[contents of CDATA section]]></sub2>
&external_entity;
&skipped_entity;
</root>
''']
for n in H:
    p=ParserCreate(None,'!')
    setattr(p,n,h)
    try: p.Parse(docs[0],True)
    except KeyError as e:
        e2=__import__("traceback").extract_tb(e.__traceback__)
        print(n,[(f.filename.split('/')[-1],f.lineno,f.name) for f in e2], e.__traceback__.tb_next.tb_frame.f_back, e.__traceback__.tb_next.tb_frame.f_globals.keys(), e.__traceback__.tb_next.tb_lasti)
    except Exception as e: print(n, repr(e))
