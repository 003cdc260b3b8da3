import datetime
import io

import msgpack

data = [1, -1, 2**40, -(2**40), 1.5, "ä" * 40, b"\0\1", None, True, {"a": [1, {"b": 2}]}, list(range(70))]
packed = msgpack.packb(data)
print(type(msgpack.Packer).__module__, len(packed), packed[:20].hex(), msgpack.unpackb(packed) == data)
u = msgpack.Unpacker(io.BytesIO(packed * 3), raw=False)
print([len(o) for o in u], msgpack.unpackb(msgpack.packb({1: 2}), strict_map_key=False))
when = datetime.datetime(2020, 1, 2, 3, 4, 5, 678000, datetime.timezone.utc)
print(msgpack.unpackb(msgpack.packb(when, datetime=True), timestamp=3), msgpack.unpackb(msgpack.packb(msgpack.ExtType(5, b"x"))))
for bad in (b"\xc1", b"\x92\x01", b"\xa5ab"):
    try:
        msgpack.unpackb(bad)
    except Exception as e:
        print(type(e).__name__, e)
try:
    msgpack.packb(object)
except TypeError as e:
    print(e)
print(msgpack.packb(3 + 4j, default=lambda z: [z.real, z.imag]), msgpack.unpackb(msgpack.packb({"x": 1}), object_hook=lambda d: sorted(d)))
