from multidict import CIMultiDict, MultiDict, MultiDictProxy, istr

d = MultiDict([("a", 1), ("b", 2), ("a", 3)])
print(d, d.getall("a"), d.getone("a"), len(d), list(d.items()), "a" in d, d.popall("a"), d)
c = CIMultiDict({"Content-Type": "x"}, accept="y")
c.add("ACCEPT", "z")
print(c["content-type"], c.getall("Accept"), istr("Aa"), repr(c), c == CIMultiDict([("content-type", "x"), ("accept", "y"), ("accept", "z")]))
p = MultiDictProxy(d)
print(p, p.copy(), hasattr(p, "add"))
for bad in (lambda: d["zz"], lambda: d.getone("q"), lambda: MultiDict(1), lambda: p.__class__({})):
    try:
        bad()
    except Exception as e:
        print(type(e).__name__, e)
d.extend({"x": 5}, y=6)
d.update(x=7)
print(d, d.keys() & {"x"}, d.setdefault("n", 9), d.popitem(), sorted(d.keys()))
it = iter(d)
next(it)
d["new"] = 1
try:
    next(it)
except RuntimeError as e:
    print(e)
