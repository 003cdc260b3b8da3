import asyncio

import aiohttp
from aiohttp import _http_parser, _http_writer, web
from aiohttp._websocket import mask, reader_c

print(_http_parser.HttpRequestParser.__name__, reader_c.WebSocketReader.__name__)


async def hello(request):
    return web.json_response({"path": request.path, "query": dict(request.query), "agent": request.headers["X-Test"]})


async def upload(request):
    data = await request.post()
    return web.Response(text=data["file"].file.read().decode() + data["field"])


async def echo(request):
    ws = web.WebSocketResponse()
    await ws.prepare(request)
    async for message in ws:
        await ws.send_str(message.data.upper())
    return ws


async def main():
    app = web.Application()
    app.add_routes([web.get("/hello", hello), web.post("/upload", upload), web.get("/ws", echo)])
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = site._server.sockets[0].getsockname()[1]
    base = f"http://127.0.0.1:{port}"
    async with aiohttp.ClientSession(headers={"X-Test": "yes"}) as session:
        async with session.get(base + "/hello?a=1&b=%20x") as r:
            print(r.status, r.headers["Content-Type"], await r.json())
        form = aiohttp.FormData({"field": " end"})
        form.add_field("file", b"contents " * 1000, filename="f.txt")
        async with session.post(base + "/upload", data=form) as r:
            print(r.status, len(await r.text()))
        async with session.get(base + "/missing") as r:
            print(r.status, r.reason)
        async with session.ws_connect(base + "/ws") as ws:
            for text in ("one", "x" * 100_000):
                await ws.send_str(text)
                answer = await ws.receive_str()
                print(len(answer), answer[:5])
        print(await asyncio.gather(*(fetch(session, base, i) for i in range(20))))
    await runner.cleanup()


async def fetch(session, base, i):
    async with session.get(f"{base}/hello", params={"i": i}) as r:
        return (await r.json())["query"]["i"]


asyncio.run(main())
