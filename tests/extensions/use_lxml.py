import io

from lxml import etree, html, objectify

root = etree.fromstring("<r xmlns:n='urn:n'><a x='1'>t<b/>u</a><n:c>ä</n:c><!-- c --><?p i?></r>")
print(etree.tostring(root), root.find("a").attrib, root.xpath("//a/@x"), root.xpath("count(//*)"), [e.tag for e in root.iter() if isinstance(e.tag, str)])
print(root.find(".//b").getparent().tag, root.findall("*")[1].tag, root.xpath("n:c/text()", namespaces={"n": "urn:n"}), root[0].tail, root[0][0].tail)
new = etree.SubElement(root, "d", key="v")
new.text = "<&>"
new.set("k2", "w")
root.insert(0, etree.Comment("first"))
print(etree.tostring(root, pretty_print=True, encoding="unicode"), len(root), root.index(new))
xslt = etree.XSLT(etree.XML("<xsl:stylesheet version='1.0' xmlns:xsl='http://www.w3.org/1999/XSL/Transform'><xsl:template match='/'><o><xsl:value-of select='//a'/></o></xsl:template></xsl:stylesheet>"))
print(str(xslt(root)), html.fromstring("<p>Hi <b>x<p>y").xpath("//p/text()"), etree.tostring(html.fragment_fromstring("<a href=x>l</a>")))
for bad in ("<a>", "<a></b>", "", "<a b=c/>"):
    try:
        etree.fromstring(bad)
    except etree.XMLSyntaxError as e:
        print(e.msg, e.lineno)
events = [(e, el.tag) for e, el in etree.iterparse(io.BytesIO(b"<a><b/><c>x</c></a>"), events=("start", "end"))]
o = objectify.fromstring("<a><b>5</b><b>6</b><c t='x'>y</c></a>")
print(events, o.b + 1, [int(b) for b in o.b], o.c.get("t"), objectify.dump(o))
schema = etree.XMLSchema(etree.XML("<xs:schema xmlns:xs='http://www.w3.org/2001/XMLSchema'><xs:element name='n' type='xs:int'/></xs:schema>"))
print(schema.validate(etree.XML("<n>5</n>")), schema.validate(etree.XML("<n>x</n>")), schema.error_log.last_error.message)


class Target:
    def start(self, tag, attrib):
        print("start", tag, dict(attrib))

    def end(self, tag):
        print("end", tag)

    def data(self, data):
        print("data", data)

    def close(self):
        return "closed"


print(etree.fromstring("<a b='c'>d</a>", etree.XMLParser(target=Target())))
ns = etree.FunctionNamespace("urn:f")
ns["double"] = lambda context, x: x * 2
print(root.xpath("f:double(3)", namespaces={"f": "urn:f"}))
