import pyarrow as pa, pyarrow.compute as pc, pyarrow.parquet as pq, io

t = pa.table({"a": [1, 2, None], "b": ["x", "y", "z"], "c": [[1], [], [2, 3]]})
print(t.schema)
print(t.to_pylist())
print(pc.sum(t["a"]), pc.utf8_upper(t["b"]).to_pylist(), t.filter(pc.greater(t["a"], 1)).num_rows)
b = io.BytesIO()
pq.write_table(t, b)
print(pq.read_table(io.BytesIO(b.getvalue())).equals(t))
print(pa.array([1.5, None]).to_numpy(zero_copy_only=False), t.to_pandas().shape)
sink = pa.BufferOutputStream()
with pa.ipc.new_stream(sink, t.schema) as w:
    w.write_table(t)
print(pa.ipc.open_stream(sink.getvalue()).read_all().num_rows)
try:
    pa.array([1, "x"])
except pa.ArrowInvalid as e:
    print("invalid", str(e)[:40])
