# What crosses to C, or is stored where C reads, may need memory: a box, a list of what is still to be gone through.
# Each allocation fails in its turn; nothing but MemoryError comes of it, and what was there before stays whole.
import operator

import _testcapi
import _testlimitedcapi
from _testcapi import remove_mem_hooks, set_nomemory


def sweep(name, make, act, check=None, most=1000):
    outcomes = set()
    for first in range(1, most):
        args = make()
        before = check and check(*args)
        try:
            set_nomemory(first, 0)
            act(*args)
            outcome = "done"
        except MemoryError:
            outcome = "MemoryError"
        except BaseException as e:
            outcome = type(e).__name__
        finally:
            remove_mem_hooks()
        if check and outcome != "done" and check(*args) != before:
            outcome = "harm"
        outcomes.add(outcome)
        if outcome == "done":
            break
    outcomes.discard("MemoryError")
    print(f"{name}: {', '.join(sorted(outcomes))}")


def seen(*items):
    """A list that C has seen."""
    made = list(items)
    _testcapi.meth_o(made)
    return made


def floats(n):
    return [i + 0.5 for i in range(n)]


LISTS = {
    "append": lambda x: x.append(1000),
    "append a list": lambda x: x.append([1000, [2.5]]),
    "an item": lambda x: operator.setitem(x, 0, 2.5),
    "insert": lambda x: x.insert(0, 2.5),
    "a slice": lambda x: operator.setitem(x, slice(0, 2), floats(3)),
    "a longer slice": lambda x: operator.setitem(x, slice(0, 1), floats(30)),
    "a slice with steps": lambda x: operator.setitem(x, slice(0, 4, 2), (1.5, 2.5)),
    "extend": lambda x: x.extend((1.5, 2.5)),
    "extend by itself": lambda x: x.extend(x),
    "extend by a list": lambda x: operator.iadd(x, floats(100)),
}
for name, act in LISTS.items():
    sweep(name, lambda: (seen(1, 1000, 2.5, 4),), act, list.copy)
# These may stop half-way.
sweep("extend by a dict", lambda: (seen(1), dict.fromkeys(floats(3))), list.extend)
sweep("extend by items", lambda: (seen(1), dict.fromkeys(floats(3)).items()), list.extend)
sweep("extend by a set", lambda: (seen(1), set(floats(3))), list.extend)
sweep("extend by a generator", lambda: (seen(1), (x * 1000 for x in floats(3))), list.extend)
sweep("extend by a str", lambda: (seen(1), "abc\u1234"), list.extend)

CALLS = {
    "one": (lambda *a: _testcapi.meth_o(a[0])),
    "varargs": _testcapi.meth_varargs,
    "varargs, keywords": lambda *a: _testcapi.meth_varargs_keywords(*a, key=a[0]),
    "fastcall": _testcapi.meth_fastcall,
    "fastcall, keywords": lambda *a: _testcapi.meth_fastcall_keywords(*a, key=a[0]),
    "static method": _testcapi.MethStatic.meth_fastcall,
    "method": _testcapi.MethInstance().meth_varargs,
    "vectorcall": _testcapi.MethodDescriptorBase(),
    "type": _testcapi.HeapCTypeSubclass,
    "operator": lambda a, *_: _testcapi.matmulType() @ a,
    "reflected operator": lambda a, *_: a @ _testcapi.matmulType(),
    "items of a list": lambda *a: _testlimitedcapi.list_getitem(list(a), 0),
    "items of a tuple": lambda *a: _testlimitedcapi.tuple_getitem(a, 0),
    "items of a dict": lambda *a: _testlimitedcapi.dict_getitem({1: a[0]}, 1),
    "stored in a list": lambda *a: _testlimitedcapi.list_setitem([1], 0, a[0]),
    "stored in a dict": lambda *a: _testlimitedcapi.dict_setitem({}, 1, a[0]),
    "looked up, perhaps": lambda *a: _testcapi.dict_getitemref({1: a[0]}, 1),
    "taken out": lambda *a: _testcapi.dict_pop({1: a[0]}, 1),
    "put in by default": lambda *a: _testcapi.dict_setdefaultref({}, 1, a[0]),
    "asked for in a mapping": lambda *a: _testlimitedcapi.mapping_haskeywitherror({1: a[0]}, 1),
    "imported as a capsule": lambda *a: _testlimitedcapi.PyCapsule_Import("nowhere.at_all") if a[0] else None,
}
ARGUMENTS = {
    "numbers": lambda: (1000.5, 123456),
    "many numbers": lambda: tuple(floats(40)),
    "lists": lambda: ([1000, 2.5], ([3.5], (4.5,))),
    "many lists": lambda: ([[x] for x in floats(100)],),
    "deep": lambda: ([[[[[2.5, 3.5], 1000], 1000], 1000], 1000],),
    "an exception": lambda: (OSError(1000, "text", "file"),),
    "a slice": lambda: (slice(1000, 2000.5, [3.5]),),
    "a bound method": lambda: ([1000.5].append, (1000.5).is_integer),
}
for call, function in CALLS.items():
    for given, make in ARGUMENTS.items():

        def act(*a, function=function):
            try:
                function(*a)
            except (TypeError, ImportError):
                pass  # what is asked of this one

        sweep(f"{call}({given})", make, act)

# What has no end may not be gone through, either.
print([] * 2**62, len([] * (2**63 - 1)))
