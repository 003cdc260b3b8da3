"""Databases inside the process, persistent objects, containers that remember."""


def lmdbs():
    import lmdb, tempfile, shutil

    d = tempfile.mkdtemp()
    e = lmdb.open(d, max_dbs=2)
    db = e.open_db(b"x")
    with e.begin(write=True, db=db) as t:
        for i in range(5):
            t.put(b"k%d" % i, b"v%d" % i)
        print(t.get(b"k1"), t.delete(b"k0"), t.stat(db)["entries"])
    with e.begin(db=db, buffers=True) as t:
        c = t.cursor()
        print([(bytes(k), bytes(v)) for k, v in c], c.set_range(b"k3"), bytes(c.key()), c.item()[1].tobytes())
        try:
            t.put(b"a", b"b")
        except Exception as ex:
            print(type(ex).__name__, ex)
    try:
        with e.begin(write=True, db=db) as t:
            t.put(b"zz", b"1")
            1 / 0
    except ZeroDivisionError:
        print(e.begin(db=db).get(b"zz"))
    e.close()
    shutil.rmtree(d)
    try:
        e.begin()
    except Exception as ex:
        print(type(ex).__name__, ex)
    try:
        lmdb.open("/nonexistent/x", create=False)
    except Exception as ex:
        print(type(ex).__name__, ex)


def apsws():
    import apsw, apsw.ext

    c = apsw.Connection(":memory:")
    list(c.execute("create table t(a,b)"))
    c.executemany("insert into t values(?,?)", [(1, "x"), (2, b"y"), (None, 2.5)])
    print(list(c.execute("select * from t")), c.changes(), apsw.sqlite_lib_version() != "")
    c.create_scalar_function("dbl", lambda x: x * 2)
    print(c.execute("select dbl(a) from t where a=2").get)

    class Agg:

        def __init__(s):
            s.t = 0

        def step(s, *a):
            s.t += a[0] or 0

        def final(s):
            return s.t

    c.create_aggregate_function("su", Agg)
    print(c.execute("select su(a) from t").fetchall())
    c.create_collation("rev", lambda a, b: (a < b) - (a > b))
    print([x for x in c.execute("select b from t order by b collate rev")])

    def tr(cur, st, bind):
        print("trace", st, bind)
        return True

    c.exec_trace = tr
    c.execute("select ?", (5,)).fetchall()
    c.exec_trace = None

    class Src:

        def Create(s, db, mod, dbn, tn, *a):
            return ("create table x(n)", Tab())

        Connect = Create

    class Tab:

        def BestIndex(s, *a):
            return None

        def Open(s):
            return Cur()

        def Disconnect(s):
            pass

        Destroy = Disconnect

    class Cur:

        def Filter(s, *a):
            s.i = 0

        def Eof(s):
            return s.i >= 3

        def Rowid(s):
            return s.i

        def Column(s, n):
            return s.i * 10 if n >= 0 else s.i

        def Next(s):
            s.i += 1

        def Close(s):
            pass

    c.create_module("vt", Src())
    c.execute("create virtual table v using vt()")
    print(list(c.execute("select * from v")))
    for bad in (
        lambda: c.execute("selec"),
        lambda: c.execute("select nofn()"),
        lambda: c.execute("select ?", ()),
        lambda: c.execute("select dbl(null)"),
    ):
        try:
            print(list(bad()))
        except Exception as e:
            print(type(e).__name__, e)
    with c:
        c.execute("insert into t values(9,9)")
    b = c.blob_open("main", "t", "b", 2, False)
    print(b.read(), b.length())
    b.close()
    copy = apsw.Connection(":memory:")
    with copy.backup("main", c, "main") as bk:
        bk.step()
    print(copy.execute("select count(*) from t").get)
    c.set_update_hook(lambda *a: print("upd", a))
    c.execute("delete from t where a=9")
    c.close()
    try:
        c.execute("select 1")
    except Exception as e:
        print(type(e).__name__, e)


def btrees():
    import persistent, BTrees.OOBTree as O, BTrees.IIBTree as II, BTrees.LOBTree as LO, pickle

    class P(persistent.Persistent):

        def __init__(s):
            s.a = 1

    p = P()
    print(p._p_changed, p._p_state, p.__getstate__(), p._p_jar, p._p_oid)
    p._p_oid

    class Jar:

        def register(s, o):
            print("reg", type(o).__name__)

        def setstate(s, o):
            o.__setstate__({"a": 42})

        cache = None

    import persistent.cPersistence as cp

    print(cp.__file__[-3:])
    j = Jar()
    j._cache = persistent.PickleCache(j)
    p2 = P()
    p2._p_jar = j
    p2._p_oid = b"00000001"
    p2.a = 5
    print(p2._p_changed)
    p2._p_changed = False
    p2._p_deactivate()
    print(p2._p_state, p2.a, p2._p_state)
    t = O.OOBTree({k: i for i, k in enumerate("dcabe")})
    print(
        list(t.items()),
        t.minKey(),
        t.maxKey(),
        list(t.keys("b", "d")),
        pickle.loads(pickle.dumps(t))["a"],
        O.union(O.OOSet("ab"), O.OOSet("bc")),
        len(t),
    )
    s = II.IIBTree({i: i * i for i in range(500)})
    print(len(s), s[77], list(s.values(10, 15)), s.__class__)
    del s[77]
    print(77 in s, s.get(77, "d"), s.insert(77, 1), s.setdefault(900, 4), s.pop(900), list(s.iterkeys(495)))
    for bad in (
        lambda: s["x"],
        lambda: s.update({1: "z"}),
        lambda: t[object()],
        lambda: LO.LOBTree({2**70: 1}),
        lambda: t["q"],
    ):
        try:
            print(bad())
        except Exception as e:
            print(type(e).__name__, str(e)[:100])


def zopes():
    import zope.interface as z
    from zope.interface.adapter import AdapterRegistry
    from zope.interface import _zope_interface_coptimizations

    class I(z.Interface):
        x = z.Attribute("x")

        def f(a):
            """doc"""

    @z.implementer(I)
    class A:
        x = 1
        f = lambda s, a: a

    print(I.providedBy(A()), I.implementedBy(A), list(z.providedBy(A())), I(A()) is not None, list(I))
    r = AdapterRegistry()
    r.register([I], z.Interface, "", lambda o: ("ad", 1))
    print(r.lookup1(z.providedBy(A()), z.Interface)(0), r.queryAdapter(A(), z.Interface))
    try:
        I(5)
    except Exception as e:
        print(type(e).__name__, e)
    print(I(5, "default"), I.__sro__, hash(I) == hash(I), I < z.Interface, sorted([I, z.Interface]))
    from zope.proxy import ProxyBase

    p = ProxyBase([1, 2])
    print(p, len(p), p + [3], isinstance(p, list), p == [1, 2])
    from zope.interface.verify import verifyClass


def lru():
    from lru import LRU

    l = LRU(2, callback=lambda k, v: print("evict", k, v))
    l[1] = 1
    l[2] = 2
    l[1]
    l[3] = 3
    print(l.items(), l.get_stats(), l.peek_first_item(), 2 in l, l.get(9, "d"), l.pop(1), l)
    try:
        l[99]
    except Exception as e:
        print(type(e).__name__, e)
    try:
        LRU(-1)
    except Exception as e:
        print(type(e).__name__, e)


def cacheboxs():
    import cachebox, asyncio

    c = cachebox.LRUCache(2)
    c["a"] = 1
    c["b"] = 2
    c["a"]
    c["c"] = 3
    print(sorted(c.items()), c.maxsize, len(c), repr(c)[:30])

    @cachebox.cached(cachebox.LFUCache(10))
    def f(x, y=1):
        print("call", x)
        return x * y

    print(f(2), f(2), f(3, y=2), f.cache_info())

    @cachebox.cached({})
    async def g(x):
        return x + 1

    async def m():
        print(await g(1), await g(1))

    asyncio.run(m())
    for t in (cachebox.FIFOCache, cachebox.RRCache, cachebox.TTLCache, cachebox.VTTLCache, cachebox.Cache):
        o = t(3, 10) if t is cachebox.TTLCache else t(3)
        o["k"] = [1]
        print(t.__name__, o.get("k"), o.pop("k"), len(o), o.setdefault("z", 5))
    try:
        c["zz"]
    except Exception as e:
        print(type(e).__name__, e)


def psycopg2s():
    import psycopg2, psycopg2.extensions as e, psycopg2.extras, datetime, decimal, json

    for v in (
        1,
        2.5,
        "a'b",
        None,
        True,
        b"\x00x",
        datetime.datetime(2020, 1, 2),
        decimal.Decimal("1.5"),
        [1, "x"],
        datetime.timedelta(1),
        psycopg2.Binary(b"q"),
        psycopg2.extras.Json({"a": 1}),
    ):
        try:
            a = e.adapt(v)
            print(type(a).__name__, a.getquoted())
        except Exception as x:
            print(type(x).__name__, x)
    try:
        e.adapt(object())
    except Exception as x:
        print(type(x).__name__, x)
    try:
        psycopg2.connect("host=127.0.0.1 port=1 connect_timeout=1")
    except Exception as x:
        print(type(x).__name__, type(x).__mro__, str(x)[:80], x.pgcode, x.diag.severity)
    print(
        e.parse_dsn("dbname=x host=y"),
        psycopg2.paramstyle,
        e.UNICODE.name,
        e.INTEGER("5", None),
        e.FLOAT("1.5", None),
        e.PYDATE("2020-01-02", None),
        psycopg2.extensions.DECIMAL("2.50", None),
        e.BOOLEAN("t", None),
    )
    print(psycopg2.apilevel, e.libpq_version() > 0, psycopg2.DateFromTicks(0), psycopg2.STRING == 25, psycopg2.NUMBER == 23)


def pyroaring():
    from pyroaring import BitMap, FrozenBitMap, BitMap64
    import pickle

    a = BitMap([1, 2, 3, 1000000])
    b = BitMap(range(2, 10))
    print(
        a | b,
        a & b,
        a - b,
        a ^ b,
        len(a),
        a[1],
        a[-1],
        a[1:3],
        3 in a,
        a.rank(3),
        pickle.loads(pickle.dumps(a)) == a,
        hash(FrozenBitMap([1])) == hash(FrozenBitMap([1])),
        a.get_statistics()["cardinality"],
        BitMap64([2**40]),
        a <= b,
        list(reversed(a)),
    )
    for bad in (lambda: a[99], lambda: a.add(-1), lambda: BitMap(["x"]), lambda: hash(a)):
        try:
            print(bad())
        except Exception as e:
            print(type(e).__name__, e)


def marisa():
    import marisa_trie, pickle

    t = marisa_trie.Trie(["key1", "key2", "k3"])
    print(sorted(t.keys("key")), t["k3"] == t.get("k3"), t.prefixes("key1x"), "x" in t, len(t))
    b = marisa_trie.BytesTrie([("a", b"1"), ("b", b"2")])
    print(b["a"], b.items())
    r = marisa_trie.RecordTrie("<H?", [("x", (1, True))])
    print(r["x"], sorted(pickle.loads(pickle.dumps(t)).keys()))
    try:
        t["nope"]
    except Exception as e:
        print(type(e).__name__, e)


def ahocorasick():
    import ahocorasick, pickle

    a = ahocorasick.Automaton()
    for i, w in enumerate("he she his hers".split()):
        a.add_word(w, (i, w))
    a.make_automaton()
    print(
        list(a.iter("ushers")),
        a.get("he"),
        "she" in a,
        len(a),
        list(a.keys("h")),
        list(a.values()),
        a.longest_prefix("hersx"),
        a.get_stats()["words_count"],
        list(a.iter_long("ushers")),
    )
    b = pickle.loads(pickle.dumps(a))
    print(list(b.iter("his")))
    r = []
    a.find_all("ushers", lambda i, v: r.append((i, v)))
    print(r)
    for bad in (lambda: a.get("zzz"), lambda: a.add_word(1, 2), lambda: ahocorasick.Automaton().iter("x")):
        try:
            print(bad())
        except Exception as e:
            print(type(e).__name__, e)


for section in (lmdbs, apsws, btrees, zopes, lru, cacheboxs, psycopg2s, pyroaring, marisa, ahocorasick):
    print("---", section.__name__, flush=True)
    section()
