import ujson

data = {"a": [1, 2.5, None, True, "ä€𝄞\n"], "b": {"c": -(2**62), "d": 1e300}, "e": []}
text = ujson.dumps(data, sort_keys=True)
print(text, ujson.loads(text) == data, ujson.dumps(data, ensure_ascii=False, indent=2, sort_keys=True))
for bad in ("{", "[1,", '{"a":}', "nul", "1e", '"\\x"', ""):
    try:
        print(ujson.loads(bad))
    except ujson.JSONDecodeError as e:
        print(bad, e)
print(ujson.loads("[1, 12345678901234567890, -0.5, 1e5]"), ujson.dumps(2**64), ujson.dumps((1, (2,))))
try:
    ujson.dumps(object())
except TypeError as e:
    print(str(e)[:20])
nested = []
for _ in range(2000):
    nested = [nested]
try:
    ujson.dumps(nested)
except OverflowError as e:
    print(e)
