"""The collector runs although most of what is allocated cannot be part of cycles; reprs of weak references."""
import gc
import weakref


class C:
    def __init__(self): self.loop = self


def happens(f):
    gc.set_threshold(1000, 0, 0)
    gc.collect()
    happened = []
    ref = weakref.ref(C(), lambda r: happened.append(1))
    junk = []
    for i in range(10000):
        junk.append([])
        f()
        if happened:
            return i < 1100
    return "never"


one = 1
print(happens(lambda: None), happens(gc.get_count), happens(lambda: (one, 2)), happens(lambda: ("a", one, object())))
print([gc.is_tracked(x) for x in ((one,), (one, "a", (2, one)), ([],), (C(),), ((one, []),))])
exec("class D: pass", {"__name__": "some.module"}, d := {})
print(repr(weakref.ref(d["D"]())), repr(weakref.ref(d["D"])), sep="\n")
x = d["D"](); r = weakref.ref(x); p = weakref.proxy(x)
print(repr(r), repr(p), sep="\n")
