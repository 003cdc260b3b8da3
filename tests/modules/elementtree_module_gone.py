# Elements outlive the module that made their class.
import gc
import sys

import _elementtree

element = _elementtree.Element("a", {"k": "v"})
parser = _elementtree.XMLParser()
del sys.modules["_elementtree"], _elementtree
gc.collect()
junk = [bytes(64) for _ in range(1000)]
element.append(element.makeelement("b", {}))
print(element.tag, len(element), element.find("b").tag, [e.tag for e in element.iter()])
parser.feed("<a><b/></a>")
print(parser.close().tag)
