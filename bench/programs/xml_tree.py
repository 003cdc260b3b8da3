"""ElementTree: building, serializing, parsing, searching."""

import xml.etree.ElementTree as ET


def run():
    root = ET.Element("root")
    for i in range(120):
        item = ET.SubElement(root, "item", id=str(i))
        for j in range(4):
            ET.SubElement(item, "part", name="p%d" % j).text = "text & more %d" % j
    text = ET.tostring(root)
    back = ET.fromstring(text)
    found = back.findall("./item/part[@name='p2']")
    return len(text), len(found), sum(len(e.text) for e in back.iter("part"))


EXPECTED = (21743, 120, 6240)
