import operator, collections, array
class L(list):
    def __add__(self, o): return "L.__add__"
    def __iadd__(self, o): return "L.__iadd__"
class S:
    def __getitem__(self, i): raise IndexError
    def __add__(self, o): return "S.__add__"
class N:
    def __add__(self, o): return "N"
class T(tuple):
    def __add__(self, o): return "T"
class G(list): pass
def t(f, a, b):
    try: r = repr(f(a, b))
    except Exception as e: r = f"{type(e).__name__}: {e}"
    print(f.__name__, type(a).__name__, type(b).__name__, r)
for f in (operator.concat, operator.iconcat):
    for a, b in [([1],[2]), (L([1]),[2]), ([1],L([2])), (S(),[1]), ([1],S()), (S(),S()), (N(),N()), (1,2), ("a","b"), ("a",1), ([1],(2,)), (T((1,)),(2,)), ((1,),T((2,))), (G([1]),[2]), (collections.deque([1]),collections.deque([2])), (collections.UserList([1]),[2]), (array.array("i",[1]),array.array("i",[2])), (bytearray(b"a"),b"b"), (b"a", bytearray(b"b")), (S(), 5), ({}, {}), ({1}, {2})]:
        t(f, a, b)
