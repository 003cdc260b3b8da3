import asyncio
import os
import tempfile
import threading
import time

import watchfiles

with tempfile.TemporaryDirectory() as folder:
    stop = threading.Event()

    def change():
        time.sleep(0.5)
        with open(os.path.join(folder, "new.txt"), "w") as f:
            f.write("x")

    thread = threading.Thread(target=change)
    thread.start()
    for changes in watchfiles.watch(folder, stop_event=stop, step=50, debounce=200):
        print(sorted((kind.name, os.path.basename(path)) for kind, path in changes)[:1])
        stop.set()
    thread.join()

    async def main():
        event = asyncio.Event()

        async def change():
            await asyncio.sleep(0.5)
            os.remove(os.path.join(folder, "new.txt"))

        task = asyncio.create_task(change())
        async for changes in watchfiles.awatch(folder, stop_event=event, step=50, debounce=200):
            print(sorted((kind.name, os.path.basename(path)) for kind, path in changes))
            event.set()
        await task

    asyncio.run(main())
