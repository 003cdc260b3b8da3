# marshal on files of C (PyMarshal_*FromFile), and how the end of the data is worded there and in memory.
import marshal
import os

import _testcapi

READERS = [getattr(_testcapi, f"pymarshal_read_{what}_from_file") for what in ("short", "long", "last_object", "object")]
CASES = [b"", b"x", b"xy", b"i\1\2", b"s\5\0\0\0ab", b"\xfb", b"0", b"(\1\0\0\0", b"[\1\0\0\0N", b"N", b"?", b"y", b"z\5ab",
         b"i\1\0\0\0trailing", b"\xff\xff\xff\xff"]
for data in CASES:
    with open("data", "wb") as f:
        f.write(data)
    for read in READERS:
        try:
            answer = read("data")
        except (EOFError, ValueError, TypeError) as e:
            answer = repr(e)
        print(data, read.__name__, answer)
    try:
        answer = marshal.loads(data)
    except (EOFError, ValueError, TypeError) as e:
        answer = repr(e)
    print(data, "loads", answer)
for version in range(6):
    value = ("\u20ac", b"abc", 123, 45.6, 7 + 8j, ["long line " * 1000])
    _testcapi.pymarshal_write_object_to_file(value, "data", version)
    with open("data", "rb") as f:
        print(version, marshal.loads(f.read()) == value, _testcapi.pymarshal_read_object_from_file("data")[0] == value)
os.unlink("data")
