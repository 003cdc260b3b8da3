import asyncio, uvloop


async def handle(r, w):
    while d := await r.readline():
        w.write(d.upper())
    w.close()


async def main():
    s = await asyncio.start_server(handle, "127.0.0.1", 0)
    port = s.sockets[0].getsockname()[1]
    r, w = await asyncio.open_connection("127.0.0.1", port)
    w.write(b"abc\n")
    print(await r.readline())
    w.close()
    print(await asyncio.gather(*(asyncio.sleep(0.01, i) for i in range(5))))
    p = await asyncio.create_subprocess_exec("echo", "hi", stdout=asyncio.subprocess.PIPE)
    print(await p.communicate())
    print(await asyncio.get_running_loop().run_in_executor(None, lambda: 5), type(asyncio.get_running_loop()).__module__)
    try:
        await asyncio.wait_for(asyncio.sleep(5), 0.01)
    except TimeoutError:
        print("timeout")
    s.close()


uvloop.run(main())
