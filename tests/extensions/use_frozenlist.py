import frozenlist
from frozenlist import FrozenList

f = FrozenList([1, 2, 3])
f.append(4)
f[1:2] = [7, 8]
print(f, len(f), f.frozen, 7 in f, f.index(8), f.pop(), f == [1, 7, 8, 3], list(reversed(f)))
f.freeze()
for change in (lambda: f.append(1), lambda: f.__setitem__(0, 1), lambda: f.clear()):
    try:
        change()
    except RuntimeError as e:
        print(e)
print(hash(f) == hash((1, 7, 8, 3)), f < FrozenList([2]), FrozenList.__module__, frozenlist.FrozenList is not frozenlist.PyFrozenList)
try:
    hash(FrozenList())
except RuntimeError as e:
    print(e)
