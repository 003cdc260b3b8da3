"""Readers and writers of data formats, times and checksums."""

from outcomes import show


def bson():
    import bson, datetime, decimal, uuid
    from bson import ObjectId, Decimal128, Regex, Code, Int64, Binary, SON, Timestamp, MinKey, DBRef

    d = {
        "a": 1,
        "b": [1.5, None, True, {"x": b"bin"}],
        "t": datetime.datetime(2020, 1, 2, 3, 4, 5),
        "o": ObjectId("0123456789ab0123456789ab"),
        "d": Decimal128("1.5"),
        "r": Regex("a.*", "i"),
        "c": Code("f()", {"z": 1}),
        "i": Int64(5),
        "big": 2**40,
        "ts": Timestamp(1, 2),
        "m": MinKey(),
        "ref": DBRef("c", 1),
        "u": "ünï",
    }
    e = bson.encode(d)
    print(len(e), e.hex()[:80])
    print(bson.decode(e))
    print(bson.has_c())
    for bad in ({"x": 2**70}, {1: 2}, {"x": object}, {"a\x00": 1}):
        try:
            bson.encode(bad)
        except Exception as ex:
            print(type(ex).__name__, ex)
    print(
        [x for x in bson.decode_iter(e + e)][1]["a"],
        bson.decode(bson.encode(SON([("z", 1), ("a", 2)])), bson.CodecOptions(document_class=SON)),
    )
    try:
        bson.decode(e[:-3])
    except Exception as ex:
        print(type(ex).__name__, ex)
    import pymongo

    print(pymongo.has_c())


def hiredis():
    import hiredis

    r = hiredis.Reader(encoding="utf-8")
    r.feed(b"*3\r\n$3\r\nfoo\r\n:42\r\n-ERR bad\r\n+OK\r\n")
    print(repr(r.gets()), r.gets(), r.gets())
    print(hiredis.pack_command(("SET", "k", 1.5, b"x", 3)))
    r.feed(b"%1\r\n+a\r\n,1.5\r\n#t\r\n_\r\n~2\r\n:1\r\n:2\r\n")
    print(r.gets(), r.gets(), r.gets(), r.gets())

    class E(Exception):
        pass

    r = hiredis.Reader(replyError=E, protocolError=lambda s: E("proto " + s))
    r.feed(b"x\r\n")
    try:
        r.gets()
    except Exception as e:
        print(type(e).__name__, e)


def ormsgpack():
    import ormsgpack, dataclasses, datetime, uuid, enum, numpy as np

    @dataclasses.dataclass
    class P:
        x: int
        y: list

    class C(enum.Enum):
        A = 1

    o = {
        "p": P(1, [2.5]),
        "d": datetime.datetime(2020, 1, 2, tzinfo=datetime.timezone.utc),
        "u": uuid.UUID(int=5),
        "e": C.A,
        "t": (1, 2),
        "n": None,
        "b": b"x",
    }
    b = ormsgpack.packb(o)
    print(b.hex())
    print(ormsgpack.unpackb(b))
    print(ormsgpack.unpackb(ormsgpack.packb(np.arange(4.0), option=ormsgpack.OPT_SERIALIZE_NUMPY)))
    for bad in (
        lambda: ormsgpack.packb(object()),
        lambda: ormsgpack.packb(2**70),
        lambda: ormsgpack.unpackb(b"\xc1"),
        lambda: ormsgpack.packb({1: 2}),
    ):
        try:
            print(bad())
        except Exception as e:
            print(type(e).__name__, e)
    print(
        ormsgpack.packb({1: 2, None: 3, 1.5: 4, (1, 2): 5}, option=ormsgpack.OPT_NON_STR_KEYS),
        ormsgpack.packb(3 + 4j, default=str),
    )


def rapidjson():
    import rapidjson, datetime, decimal, uuid, io

    print(
        rapidjson.dumps(
            {"a": [1, 2.5, None, True], "d": datetime.date(2020, 1, 2)},
            datetime_mode=rapidjson.DM_ISO8601,
            sort_keys=True,
            indent=2,
        ),
        rapidjson.loads('{"a": 1, "b": 1.50}', number_mode=rapidjson.NM_DECIMAL),
    )

    class D(rapidjson.Decoder):

        def start_object(self):
            return []

        def end_object(self, o):
            return dict(o) if not isinstance(o, dict) else o

        def string(self, s):
            return s.upper()

    print(D()('{"a": "b"}'))

    class En(rapidjson.Encoder):

        def default(self, o):
            return str(o)

    print(En()({"x": {1}}))
    try:
        rapidjson.Validator('{"type":"object","required":["a"]}')('{"b":1}')
    except Exception as e:
        print(type(e).__name__, e)
    for bad in ("[1,", "{'a':1}", '{"a":1,}', "nul"):
        try:
            rapidjson.loads(bad)
        except Exception as e:
            print(type(e).__name__, e)
    s = io.StringIO()
    rapidjson.dump([1, "x"], s)
    print(s.getvalue(), rapidjson.load(io.BytesIO(b"[1]")))
    print(
        rapidjson.loads("[1]", object_hook=lambda d: 5), rapidjson.dumps(iter([1, 2]), iterable_mode=rapidjson.IM_ANY_ITERABLE)
    )


def fastavros():
    import fastavro, io

    s = fastavro.parse_schema(
        {
            "type": "record",
            "name": "R",
            "fields": [
                {"name": "a", "type": "int"},
                {"name": "b", "type": ["null", {"type": "array", "items": "string"}], "default": None},
                {"name": "d", "type": {"type": "bytes", "logicalType": "decimal", "precision": 5, "scale": 2}},
                {"name": "t", "type": {"type": "long", "logicalType": "timestamp-micros"}},
            ],
        }
    )
    import decimal, datetime

    b = io.BytesIO()
    fastavro.writer(
        b,
        s,
        [
            {
                "a": i,
                "b": ["x"] * i if i else None,
                "d": decimal.Decimal("1.25"),
                "t": datetime.datetime(2020, 1, 2, tzinfo=datetime.timezone.utc),
            }
            for i in range(3)
        ],
        codec="deflate",
        sync_marker=b"0" * 16,
    )
    print(len(b.getvalue()))
    b.seek(0)
    r = fastavro.reader(b)
    print(r.metadata.keys(), list(r))
    show(
        lambda: fastavro.schemaless_writer(io.BytesIO(), s, {"a": "x"}),
        lambda: fastavro.validate({"a": "x"}, s),
        lambda: list(fastavro.reader(io.BytesIO(b"junk"))),
    )


def ijsons():
    import ijson, io

    print(
        ijson.backend,
        list(ijson.items(io.BytesIO(b'{"a":[{"x":1},{"x":2.5}],"b":null}'), "a.item")),
        list(ijson.parse(io.BytesIO(b'{"a":[1]}'))),
        list(ijson.kvitems(io.BytesIO(b'{"a":{"k":1,"l":2}}'), "a")),
    )
    import asyncio

    class R:

        def __init__(s):
            s.b = io.BytesIO(b"[1,2,3]")

        async def read(s, n):
            return s.b.read(n)

    async def m():
        async for x in ijson.items(R(), "item"):
            print(x)

    asyncio.run(m())
    try:
        list(ijson.items(io.BytesIO(b'{"a":[1,'), "a.item"))
    except Exception as e:
        print(type(e).__name__, e)

    @ijson.coroutine
    def printer():
        while True:
            print("got", (yield))

    c = ijson.items_coro(printer(), "item")
    c.send(b"[1,")
    c.send(b"2]")
    c.close()


def crc():
    import google_crc32c as g

    print(g.implementation, g.value(b"abc"), g.extend(5, b"x"), g.Checksum(b"a").hexdigest())
    import ciso8601, mmh3

    print(
        ciso8601.parse_datetime("2020-01-02T03:04:05.678+02:30"),
        ciso8601.parse_datetime_as_naive("2020-01-02T03:04Z"),
        mmh3.hash("a"),
        mmh3.hash64("a"),
        mmh3.hash_bytes("a"),
        mmh3.mmh3_32(b"ab").digest(),
    )
    for bad in ("2020-13-01", "x", "2020-01-02T"):
        try:
            ciso8601.parse_datetime(bad)
        except Exception as e:
            print(type(e).__name__, e)


def cramjams():
    import cramjam, io

    for n in ("snappy", "brotli", "gzip", "zstd", "lz4", "bzip2", "deflate", "zlib"):
        m = getattr(cramjam, n)
        c = m.compress(b"hello " * 50)
        print(n, bytes(m.decompress(c))[:12], type(c).__name__)
    b = cramjam.Buffer(b"abc")
    b.seek(0, 2)
    b.write(b"d")
    b.seek(0)
    print(b.read(), len(b), memoryview(b)[:2].tobytes(), b)
    try:
        cramjam.gzip.decompress(b"zz")
    except Exception as e:
        print(type(e).__name__, e)


def numcodecss():
    import numcodecs, numpy as np

    a = np.arange(1000, dtype="i4")
    for c in (
        numcodecs.Blosc(),
        numcodecs.Zstd(),
        numcodecs.LZ4(),
        numcodecs.Shuffle(4),
        numcodecs.Delta("i4"),
        numcodecs.VLenUTF8(),
        numcodecs.Fletcher32(),
        numcodecs.Adler32(),
    ):
        try:
            x = np.array(["a", "bb"], dtype=object) if "VLen" in repr(c) else a
            e = c.encode(x)
            d = c.decode(e)
            print(c, len(e), np.asarray(d).view("i4")[:3] if x is a else d)
        except Exception as ex:
            print(c, type(ex).__name__, ex)
    show(
        lambda: numcodecs.Zstd().decode(b"junk"),
        lambda: numcodecs.get_codec({"id": "nope"}),
        lambda: numcodecs.VLenBytes().encode(np.array([1], dtype=object)),
    )


def whenevers():
    from whenever import Instant, ZonedDateTime, PlainDateTime, Date, TimeDelta, hours
    import pickle

    z = ZonedDateTime(2024, 3, 31, 1, 30, tz="Europe/Paris")
    print(
        z,
        z.add(hours=1),
        repr(z),
        z + hours(2),
        Instant.from_utc(2020, 1, 2),
        Date(2020, 2, 29).add(years=1),
        TimeDelta(hours=5) / 2,
        pickle.loads(pickle.dumps(z)) == z,
        z.to_tz("Asia/Tokyo"),
        Date(2020, 1, 1).day_of_week(),
        hash(z) == hash(z),
        z == z.to_tz("UTC"),
    )
    for bad in (
        lambda: Date(2020, 2, 30),
        lambda: ZonedDateTime(2020, 1, 1, tz="No/Where"),
        lambda: PlainDateTime("zz"),
        lambda: z + 5,
        lambda: z < 3,
    ):
        try:
            print(bad())
        except Exception as e:
            print(type(e).__name__, e)


def pendulums():
    import pendulum

    d = pendulum.datetime(2020, 2, 28, tz="Europe/Paris")
    print(
        d.add(days=2),
        d.diff(d.add(years=1, days=3)).in_words(),
        pendulum.parse("2020-W10-2"),
        pendulum.parse("P1Y2M3DT4H"),
        pendulum.duration(days=9).in_words(),
        d.format("dddd D MMMM YYYY"),
        d.add(months=5) - d,
        d.in_timezone("Asia/Tokyo"),
        pendulum.parse("2020-01-01/2020-02-01"),
    )
    try:
        pendulum.parse("garbage")
    except Exception as e:
        print(type(e).__name__, e)


def safetensors():
    import safetensors.numpy as s, safetensors, numpy as np, tempfile, os

    b = s.save({"a": np.arange(4, dtype="f4").reshape(2, 2), "b": np.array([1, 2], dtype="i8")}, metadata={"k": "v"})
    print(len(b), {k: v.tolist() for k, v in sorted(s.load(b).items())})
    p = tempfile.mktemp()
    open(p, "wb").write(b)
    with safetensors.safe_open(p, framework="np") as f:
        print(sorted(f.keys()), f.metadata(), f.get_slice("a")[:, 1:], f.get_tensor("b"))
    os.remove(p)
    try:
        s.load(b"xx")
    except Exception as e:
        print(type(e).__name__, e)


for section in (
    bson,
    hiredis,
    ormsgpack,
    rapidjson,
    fastavros,
    ijsons,
    crc,
    cramjams,
    numcodecss,
    whenevers,
    pendulums,
    safetensors,
):
    print("---", section.__name__, flush=True)
    section()
