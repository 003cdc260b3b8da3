"""Profilers, parsers, ciphers, an interpreter of Lua, networks."""


def line_profiler():
    import line_profiler, io, re

    p = line_profiler.LineProfiler()

    @p
    def f(n):
        t = 0
        for i in range(n):
            t += i
        return t

    @p
    def g(n):
        yield from range(n)

    print(f(10), list(g(3)))
    st = p.get_stats()
    for (fn, line, name), rows in sorted(st.timings.items(), key=str):
        print(name, [(a - line, b) for a, b, c in rows])
    o = io.StringIO()
    p.print_stats(o)
    print(len(o.getvalue().splitlines()))


def yappi():
    import yappi, threading

    def f(n):
        return n if n < 2 else f(n - 1) + f(n - 2)

    def g():
        yield 1
        yield 2

    yappi.set_clock_type("cpu")
    yappi.start(builtins=True)
    f(8)
    list(g())
    t = threading.Thread(target=f, args=(5,))
    t.start()
    t.join()
    sorted([3, 1])
    yappi.stop()
    for s in sorted(yappi.get_func_stats(), key=lambda s: s.name):
        if s.name in ("f", "g", "sorted") or "sorted" in s.name:
            print(s.name, s.ncall, s.nactualcall, s.builtin)
    print(len(yappi.get_thread_stats()))


def pyinstrument():
    import pyinstrument, time

    p = pyinstrument.Profiler(interval=0.001)
    p.start()

    def spin():
        e = time.perf_counter() + 0.1
        while time.perf_counter() < e:
            pass

    spin()
    s = p.stop()
    r = p.last_session.root_frame()
    print(r.function, [c.function for c in r.children][:1], "spin" in p.output_text())


def setproctitle():
    import setproctitle as s

    s.setproctitle("krait test")
    print(s.getproctitle())
    s.setthreadtitle("thr")
    print(s.getthreadtitle(), open("/proc/self/cmdline", "rb").read()[:10])


def lupas():
    import lupa
    from lupa import LuaRuntime

    l = LuaRuntime(unpack_returned_tuples=True)
    f = l.eval("function(x,y) return x+y, x*y end")
    print(
        f(3, 4),
        lupa.lua_type(f),
        l.eval("{1,2,a=3}")["a"],
        list(l.eval("{10,20}").values()),
        l.execute("return python.eval('1+1')"),
    )
    g = l.globals()
    g.py = lambda x: x * 2
    print(l.eval("py(21)"), l.eval("python.builtins.len")([1, 2]), dict(l.table(a=1)))
    co = l.eval("function() for i=1,3 do coroutine.yield(i) end end").coroutine()
    print(list(co))
    for bad in (
        lambda: l.eval("1 +"),
        lambda: l.eval("error('boom')"),
        lambda: l.eval("py(nil, 1)"),
        lambda: l.execute("nofn()"),
    ):
        try:
            bad()
        except Exception as e:
            print(type(e).__name__, str(e)[:100])


def libcsts():
    import libcst as cst
    from libcst.metadata import MetadataWrapper, PositionProvider, ScopeProvider, QualifiedNameProvider

    m = cst.parse_module(
        "import os\ndef f(a, *, b=1):  # c\n    return os.path.join(a, b'x')\n\nmatch x:\n    case [1, *r]: pass\n"
    )

    class T(cst.CSTTransformer):

        def leave_Name(self, o, u):
            return u.with_changes(value=u.value.upper()) if u.value == "a" else u

    print(m.visit(T()).code)
    w = MetadataWrapper(m)
    r = w.resolve(PositionProvider)
    print(len(r))
    s = set(w.resolve(ScopeProvider).values())
    print(len(s))
    for bad in ("def f(:", "x = = 1", "  y"):
        try:
            cst.parse_module(bad)
        except Exception as e:
            print(type(e).__name__, e)
    print(cst.parse_expression("a if b else [c for d in e]").deep_equals(cst.parse_expression("a if b else [c for d in e]")))


def selectolax():
    from selectolax.lexbor import LexborHTMLParser

    for P in (LexborHTMLParser,):
        t = P("<div id=a class='x y'><p>one<b>two</b></p><a href='/q'>l</a></div>")
        print(
            t.css_first("#a b").text(),
            [n.attributes for n in t.css("a,div")],
            t.css_first("p").html,
            [n.tag for n in t.root.traverse()],
            t.css_first("zz"),
            t.css_first("p").parent.tag,
        )
        n = t.css_first("b")
        n.attrs["k"] = "v"
        n.replace_with("R")
        print(t.body.html, t.text(separator="|"))
        try:
            t.css("a[")
        except Exception as e:
            print(type(e).__name__, e)


def pycryptodome():
    from Crypto.Cipher import AES, ChaCha20, DES3, Blowfish
    from Crypto.Hash import SHA256, BLAKE2b, SHA3_256, CMAC, KangarooTwelve
    from Crypto.PublicKey import RSA, ECC
    from Crypto.Signature import pss, eddsa, DSS
    from Crypto.Protocol.KDF import scrypt, PBKDF2

    c = AES.new(b"k" * 16, AES.MODE_GCM, nonce=b"n" * 12)
    print([x.hex() for x in c.encrypt_and_digest(b"hello")])
    print(
        SHA256.new(b"a").hexdigest()[:16],
        BLAKE2b.new(data=b"a", digest_bytes=16).hexdigest(),
        CMAC.new(b"k" * 16, b"m", ciphermod=AES).hexdigest(),
        scrypt("p", "salt", 16, 1024, 8, 1).hex(),
        ChaCha20.new(key=b"k" * 32, nonce=b"n" * 8).encrypt(b"abc").hex(),
    )
    k = ECC.construct(curve="Ed25519", seed=b"s" * 32)
    print(eddsa.new(k, "rfc8032").sign(b"m").hex()[:32])
    k2 = ECC.construct(curve="P-256", d=12345)
    print(DSS.new(k2, "deterministic-rfc6979").sign(SHA256.new(b"m")).hex()[:32], k2.public_key().export_key(format="PEM")[:60])
    try:
        AES.new(b"k" * 16, AES.MODE_GCM, nonce=b"n" * 12).decrypt_and_verify(b"x", b"t" * 16)
    except Exception as e:
        print(type(e).__name__, e)


def argon():
    from _argon2_cffi_bindings import ffi, lib

    o = ffi.new("uint8_t[16]")
    print(
        lib.argon2_hash(1, 8, 1, b"pw", 2, b"saltsalt", 8, o, 16, ffi.NULL, 0, 1, 19),
        bytes(ffi.buffer(o)).hex(),
        ffi.string(lib.argon2_error_message(-2)),
    )


def harfbuzz():
    import uharfbuzz as hb

    b = hb.Buffer()
    b.add_str("abc")
    b.guess_segment_properties()
    print(
        b.script,
        b.direction,
        len(b.glyph_infos),
        hb.version_string() != "",
        hb.ot_tag_to_script("latn"),
        [i.codepoint for i in b.glyph_infos],
    )
    try:
        hb.Face(5)
    except Exception as e:
        print(type(e).__name__, e)
    f = hb.Face(b"junk")
    print(f.upem, f.glyph_count)


def dependency():
    from dependency_injector import containers, providers
    from dependency_injector.wiring import inject, Provide

    class S:

        def __init__(self, a, b=2):
            self.a, self.b = (a, b)

    class C(containers.DeclarativeContainer):
        config = providers.Configuration()
        s = providers.Factory(S, config.a, b=config.x.y.as_int())
        one = providers.Singleton(S, 5)
        l = providers.List(1, providers.Object(3))
        ca = providers.Callable(max, 1, 7)
        sel = providers.Selector(config.k, q=providers.Object("Q"), r=providers.Object("R"))
        res = providers.Resource(lambda: 9)

    c = C()
    c.config.from_dict({"a": 1, "x": {"y": "7"}, "k": "r"})
    s = c.s()
    print(s.a, s.b, c.one() is c.one(), c.l(), c.ca(), c.sel(), c.res(), c.config.x())
    with c.one.override(providers.Object("over")):
        print(c.one())

    @inject
    def f(x=Provide[C.ca]):
        return x

    c.wire(modules=[__name__])
    print(f(), sorted(c.providers), c.s.cls, [type(p).__name__ for p in c.s.related])

    async def co():
        return 5

    import asyncio

    async def m():
        print(await providers.Coroutine(co)())

    asyncio.run(m())
    try:
        providers.Factory(5)
    except Exception as e:
        print(type(e).__name__, e)
    import copy


def zeroconfs():
    from zeroconf import ServiceInfo, DNSOutgoing, DNSIncoming, DNSQuestion, DNSText, DNSAddress
    from zeroconf._protocol import incoming

    print(incoming.__file__[-3:])
    o = DNSOutgoing(33792)
    o.add_question(DNSQuestion("x._http._tcp.local.", 12, 1))
    o.add_answer_at_time(DNSText("x._http._tcp.local.", 16, 1, 100, b"abc"), 0)
    p = o.packets()
    i = DNSIncoming(p[0])
    print(p, i.questions, i.answers(), i.valid)
    s = ServiceInfo(
        "_http._tcp.local.",
        "a._http._tcp.local.",
        port=80,
        addresses=[b"\x7f\x00\x00\x01"],
        properties={"k": "v"},
        server="h.local.",
    )
    print(s, s.parsed_addresses(), s.properties)


def tornado():
    import tornado.web, tornado.httpserver, tornado.ioloop, tornado.testing, asyncio, tornado.httpclient, tornado.websocket
    from tornado.speedups import websocket_mask

    print(websocket_mask(b"abcd", b"hello world"))

    class H(tornado.web.RequestHandler):

        async def get(self, x):
            await asyncio.sleep(0)
            self.write({"x": x, "q": self.get_argument("q", "none")})

    class W(tornado.websocket.WebSocketHandler):

        def on_message(self, m):
            self.write_message(m[::-1])

    async def main():
        app = tornado.web.Application([("/ws", W), ("/(.*)", H)])
        sock, port = tornado.testing.bind_unused_port()
        s = tornado.httpserver.HTTPServer(app)
        s.add_socket(sock)
        c = tornado.httpclient.AsyncHTTPClient()
        r = await c.fetch(f"http://127.0.0.1:{port}/abc?q=1")
        print(r.code, r.body, r.headers["Content-Type"])
        w = await tornado.websocket.websocket_connect(f"ws://127.0.0.1:{port}/ws")
        await w.write_message("hello")
        print(await w.read_message())
        w.close()
        s.stop()

    asyncio.run(main())


def websocketss():
    import asyncio, websockets, websockets.speedups, threading
    from websockets.sync.client import connect

    print(websockets.speedups.apply_mask(b"hello", b"abcd"))

    async def h(ws):
        async for m in ws:
            await ws.send(m.upper() if isinstance(m, str) else m[::-1])

    async def main():
        async with websockets.serve(h, "127.0.0.1", 0) as s:
            port = s.sockets[0].getsockname()[1]
            async with websockets.connect(f"ws://127.0.0.1:{port}") as c:
                await c.send("héllo")
                print(await c.recv())
                await c.send(b"abc" * 50000)
                print(len(await c.recv()))

            def sync():
                with connect(f"ws://127.0.0.1:{port}") as c:
                    c.send("x")
                    return c.recv()

            print(await asyncio.to_thread(sync))

    asyncio.run(main())


for section in (
    line_profiler,
    yappi,
    pyinstrument,
    setproctitle,
    lupas,
    libcsts,
    selectolax,
    pycryptodome,
    argon,
    harfbuzz,
    dependency,
    zeroconfs,
    tornado,
    websocketss,
):
    print("---", section.__name__, flush=True)
    section()
