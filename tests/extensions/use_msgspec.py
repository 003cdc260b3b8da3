import msgspec


class P(msgspec.Struct, order=True):
    x: int
    y: float = 2.5
    tags: list[str] = []


p = P(1, tags=["a"])
b = msgspec.json.encode(p)
print(b, msgspec.json.decode(b, type=P), p < P(2), msgspec.structs.asdict(p))
print(msgspec.msgpack.decode(msgspec.msgpack.encode({"a": [1, 2.5, None, "x"]})))
try:
    msgspec.json.decode(b'{"x": "no"}', type=P)
except msgspec.ValidationError as e:
    print(e)
print(msgspec.convert({"x": 5}, P), msgspec.json.schema(P)["$defs"]["P"]["required"])


class U(msgspec.Struct, tag=True):
    a: int


class V(msgspec.Struct, tag=True):
    b: str


print(msgspec.json.decode(b'[{"type":"U","a":1},{"type":"V","b":"q"}]', type=list[U | V]))
