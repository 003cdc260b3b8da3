"""asyncio: tasks, gather, cancellation, timeouts, queues, locks, streams, groups, subprocess."""
import asyncio
import contextvars
import sys

log = []


async def worker(name, steps):
    for i in range(steps):
        log.append(f"{name}{i}")
        await asyncio.sleep(0)
    return name * steps


async def basics():
    results = await asyncio.gather(worker("a", 3), worker("b", 2), worker("c", 1))
    print(results, log)
    results = await asyncio.gather(worker("d", 1), fail("boom"), return_exceptions=True)
    print(results)
    try:
        await asyncio.gather(fail("first"), worker("e", 1))
    except ValueError as error:
        print("gathered", error)


async def fail(text):
    await asyncio.sleep(0)
    raise ValueError(text)


async def cancellation():
    async def sleeper():
        try:
            await asyncio.sleep(100)
        except asyncio.CancelledError as error:
            print("cancelled with", error.args)
            raise
        finally:
            print("cleaned up")
    task = asyncio.create_task(sleeper(), name="sleeper")
    await asyncio.sleep(0)
    print(task.get_name(), task.done(), task.cancel("enough"), task.cancelling())
    try:
        await task
    except asyncio.CancelledError:
        print("task cancelled:", task.cancelled())
    try:
        async with asyncio.timeout(0.01):
            await asyncio.sleep(10)
    except TimeoutError as error:
        print("timeout", repr(error))
    try:
        await asyncio.wait_for(asyncio.sleep(10), 0.01)
    except TimeoutError as error:
        print("wait_for", repr(error))
    shielded = asyncio.create_task(worker("s", 2))
    print(await asyncio.shield(shielded))


async def groups():
    try:
        async with asyncio.TaskGroup() as group:
            good = group.create_task(worker("g", 2))
            group.create_task(fail("one"))
            group.create_task(fail("two"))
            group.create_task(asyncio.sleep(50))
    except* ValueError as errors:
        print("group", sorted(str(e) for e in errors.exceptions), errors.message)
    print(good.done())
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(worker(x, 1)) for x in "xyz"]
    print([t.result() for t in tasks])


async def synchronisation():
    queue = asyncio.Queue(maxsize=2)
    async def producer():
        for i in range(5):
            await queue.put(i)
        await queue.put(None)
    async def consumer():
        got = []
        while (item := await queue.get()) is not None:
            got.append(item)
            queue.task_done()
        return got
    _, got = await asyncio.gather(producer(), consumer())
    print(got, queue.empty())
    try:
        queue.get_nowait()
    except asyncio.QueueEmpty as error:
        print(repr(error))
    lock, order = asyncio.Lock(), []
    async def guarded(n):
        async with lock:
            order.append(("in", n))
            await asyncio.sleep(0)
            order.append(("out", n))
    await asyncio.gather(*(guarded(n) for n in range(3)))
    print(order, lock.locked())
    event = asyncio.Event()
    waiter = asyncio.create_task(event.wait())
    await asyncio.sleep(0)
    event.set()
    print(await waiter, event.is_set())
    semaphore = asyncio.Semaphore(2)
    running = peak = 0
    async def limited():
        nonlocal running, peak
        async with semaphore:
            running += 1
            peak = max(peak, running)
            await asyncio.sleep(0)
            running -= 1
    await asyncio.gather(*(limited() for _ in range(6)))
    print("peak", peak)
    try:
        lock.release()
    except RuntimeError as error:
        print(error)


async def futures():
    loop = asyncio.get_running_loop()
    future = loop.create_future()
    future.add_done_callback(lambda f: print("callback", f.result()))
    loop.call_soon(future.set_result, 42)
    print(await future)
    try:
        future.set_result(1)
    except asyncio.InvalidStateError as error:
        print("InvalidStateError", error)
    try:
        loop.create_future().result()
    except asyncio.InvalidStateError as error:
        print("InvalidStateError", error)
    done, pending = await asyncio.wait([asyncio.create_task(worker("w", 1)), asyncio.create_task(asyncio.sleep(9))],
                                       return_when=asyncio.FIRST_COMPLETED)
    print(len(done), len(pending))
    for task in pending:
        task.cancel()
    print([await f for f in asyncio.as_completed([worker("q", 1)])])
    print(await asyncio.to_thread(sum, [1, 2, 3]), await loop.run_in_executor(None, str.upper, "ran"))


async def streams():
    async def serve(reader, writer):
        line = await reader.readline()
        writer.write(b"echo " + line)
        await writer.drain()
        writer.close()
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"hello\n")
    print(await reader.read())
    writer.close()
    await writer.wait_closed()
    server.close()
    await server.wait_closed()
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", "print(input()[::-1])",
                                                   stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE)
    print(await process.communicate(b"olleh\n"), process.returncode)


variable = contextvars.ContextVar("variable", default="none")


async def contexts():
    async def child():
        before = variable.get()
        variable.set("child")
        return before
    variable.set("parent")
    print(await asyncio.create_task(child()), variable.get())


async def main():
    for part in (basics, cancellation, groups, synchronisation, futures, streams, contexts):
        print("--", part.__name__)
        await part()
    return "finished"


print(asyncio.run(main()))
coroutine = main()
try:
    asyncio.get_running_loop()
except RuntimeError as error:
    print(error)
coroutine.close()
try:
    asyncio.run(5)
except (TypeError, ValueError) as error:
    print(type(error).__name__, error)
with asyncio.Runner() as runner:
    print(runner.run(worker("r", 2)), runner.run(asyncio.sleep(0, "slept")))
