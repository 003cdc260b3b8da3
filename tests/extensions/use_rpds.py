import pickle

from rpds import HashTrieMap, HashTrieSet, List, Queue

m = HashTrieMap({"a": 1, "b": 2})
print(len(m.insert("c", 3)), sorted(m.insert("a", 9).items()), m.remove("a"), "a" in m, len(m), m.get("z", 7), m == HashTrieMap(a=1, b=2), hash(m) == hash(HashTrieMap(b=2, a=1)))
s = HashTrieSet([1, 2, 3])
print(sorted(s.insert(4)), 2 in s, sorted(s.union(HashTrieSet({9}))), sorted(s.difference(HashTrieSet({1}))), s.discard(3) == HashTrieSet([1, 2]))
lst = List([1, 2, 3])
print(lst, lst.push_front(0), lst.first, lst.rest, list(lst), pickle.loads(pickle.dumps(lst)), Queue([1, 2]).enqueue(3))
for bad in (lambda: m["zz"], lambda: m.remove("q"), lambda: List().first, lambda: HashTrieMap({}).insert([], 1), lambda: HashTrieSet([1]).remove(2)):
    try:
        bad()
    except Exception as e:
        print(type(e).__name__, e)
