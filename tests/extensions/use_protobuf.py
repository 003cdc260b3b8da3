from google.protobuf import (
    descriptor_pb2,
    json_format,
    struct_pb2,
    timestamp_pb2,
    text_format,
    any_pb2,
    descriptor_pool,
    message_factory,
)
from google.protobuf.internal import api_implementation

print(api_implementation.Type())
s = struct_pb2.Struct()
s.update({"a": 1, "b": [1, "x", None, {"c": True}]})
print(json_format.MessageToJson(s, sort_keys=True))
print(text_format.MessageToString(s))
b = s.SerializeToString(deterministic=True)
t = struct_pb2.Struct.FromString(b)
print(t == s, dict(t)["a"])
fd = descriptor_pb2.FileDescriptorProto(name="t.proto", package="p", syntax="proto3")
m = fd.message_type.add(name="M")
m.field.add(name="x", number=1, type=5, label=1)
m.field.add(name="ys", number=2, type=9, label=3)
pool = descriptor_pool.DescriptorPool()
pool.Add(fd)
M = message_factory.GetMessageClass(pool.FindMessageTypeByName("p.M"))
m = M(x=3, ys=["a", "b"])
m.ys.append("c")
print(m, m.SerializeToString())
print(M.FromString(m.SerializeToString()).ys[:])
try:
    m.x = "q"
except TypeError as e:
    print(e)
ts = timestamp_pb2.Timestamp()
ts.FromJsonString("2024-01-01T00:00:00Z")
print(ts.ToDatetime(), ts.seconds)
try:
    M.FromString(b"\xff")
except Exception as e:
    print(type(e).__name__)
print([f.name for f in M.DESCRIPTOR.fields], m.HasField if 0 else "", m.ListFields()[0][1])
