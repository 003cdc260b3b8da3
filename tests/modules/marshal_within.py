# Tuples that refer to themselves while they are read, as a key or in a set. CPython dies of these (the expectation
# is written by hand): here they load, and whoever hashed the tuple saw None in the places not yet filled.
import marshal

for data in [
    b"\xa9\x02{r\0\0\0\0N0N",  # (t,) in {t: None}
    b"\xa9\x01<\x01\0\0\0r\0\0\0\0",  # a set
    b"\xa9\x01>\x01\0\0\0r\0\0\0\0",  # a frozenset
    b"\xa9\x02i\x01\0\0\0{r\0\0\0\0N0",
    b"\xa9\x02{\xa9\x01r\0\0\0\0N0r\x01\0\0\0",  # below another tuple
]:
    value = marshal.loads(data)
    print(type(value).__name__, len(value), [type(x).__name__ for x in value])
    inner = next(x for x in value if not isinstance(x, (int, type(None))))
    print(len(inner), hash(value) == hash(value) if type(inner) is frozenset else "unhashable")
    print(repr(value))
