"""How many arguments the wrappers of slots take, and what they say to others."""
import array
import collections


class C:
    def __set__(self, *a): pass
    def __call__(self): pass


values = [1, 1.5, 2j, "a", b"b", bytearray(b"c"), (1,), [1], {1: 2}, {1}, frozenset({1}), range(3), object(), len,
          lambda: 0, array.array("i", [1]), collections.deque([1]), property(), staticmethod(len), iter([]), None]
skip = {"__init__", "__del__", "__repr__", "__str__", "__hash__", "__subclasshook__", "__getattribute__"}
for v in values:
    for name, w in sorted(vars(type(v)).items()):
        if type(w).__name__ != "wrapper_descriptor" or name in skip:
            continue
        said = []
        for n in range(5):
            try:
                w(v, *[v] * n)
                said.append("fine")
            except Exception as e:
                said.append(f"{type(e).__name__}: {e}" if "expected" in str(e) else type(e).__name__)
        print(type(v).__name__, name, said)
