import lz4.frame, zstandard, bcrypt, brotli, blake3, cbor2, rapidfuzz, xxhash, nh3, jiter, gmpy2, bitarray, simplejson, kiwisolver, shapely, numexpr, bottleneck, numpy as np, nacl.signing, coverage, charset_normalizer, httptools, lazy_object_proxy, pybase64
from fontTools.misc import bezierTools

d = b"hello " * 100
print(
    lz4.frame.decompress(lz4.frame.compress(d)) == d,
    zstandard.ZstdDecompressor().decompress(zstandard.ZstdCompressor().compress(d)) == d,
    brotli.decompress(brotli.compress(d)) == d,
)
print(
    bcrypt.checkpw(b"p", bcrypt.hashpw(b"p", bcrypt.gensalt(4))),
    blake3.blake3(d).hexdigest()[:16],
    cbor2.loads(cbor2.dumps({"a": [1, 2.5, None]})),
)
print(
    rapidfuzz.fuzz.ratio("abcd", "abxd"),
    rapidfuzz.process.extractOne("app", ["apple", "banana"]),
    xxhash.xxh64(d).hexdigest(),
    nh3.clean("<b onclick=x>q</b><script>z</script>"),
)
print(
    jiter.from_json(b'{"a": [1, 2.5]}'),
    gmpy2.mpz(2) ** 100,
    gmpy2.mpfr("0.1"),
    bitarray.bitarray("1011").count(),
    simplejson.dumps({"a": 1.5}),
)
s = kiwisolver.Solver()
x = kiwisolver.Variable("x")
s.addConstraint(x >= 5)
s.updateVariables()
print(x.value())
print(
    shapely.Point(0, 0).buffer(1).area.__round__(3),
    shapely.from_wkt("POLYGON((0 0,1 0,1 1,0 0))").bounds,
    numexpr.evaluate("a*2+b", {"a": np.arange(3), "b": 1}),
    bottleneck.nanmean([1.0, float("nan"), 3.0]),
)
k = nacl.signing.SigningKey(b"1" * 32)
print(k.sign(b"m").signature.hex()[:16], charset_normalizer.from_bytes("héllo wörld ça va".encode()).best().encoding)
print(
    bezierTools.calcCubicBounds((0, 0), (1, 2), (3, 4), (5, 5)),
    pybase64.b64encode(b"abc"),
    lazy_object_proxy.Proxy(lambda: [1, 2]) + [3],
)


class H:
    def on_header(self, n, v):
        print(n, v)


httptools.HttpRequestParser(H()).feed_data(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
