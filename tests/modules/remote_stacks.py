# _remote_debugging: stacks of threads and tasks, of this process and of another one, and how asyncio shows them.
import _remote_debugging
import asyncio
import os
import subprocess
import sys
import threading
from _remote_debugging import RemoteUnwinder


def names(frames):
    return [(os.path.basename(f.filename), f.funcname) for f in frames]


def stacks(**options):
    return [names(thread.frame_info) for thread in RemoteUnwinder(os.getpid(), **options).get_stack_trace()]


def inner(_=None):
    print(stacks())


def generator():
    inner()
    yield 1


class Reader:
    @property
    def value(self):
        inner()


inner()
sorted([1], key=inner)
list(generator())
for _ in generator():
    pass
Reader().value
exec("inner()")
frame = RemoteUnwinder(os.getpid()).get_stack_trace()[0].frame_info[0]
print(type(frame).__name__, frame.lineno, frame[2], RemoteUnwinder(os.getpid()).get_stack_trace()[0].thread_id ==
      threading.get_native_id())
print(stacks(only_active_thread=True))

ready, done = threading.Event(), threading.Event()


def wait():
    ready.set()
    done.wait()


thread = threading.Thread(target=wait)
thread.start()
ready.wait()
print(any(("remote_stacks.py", "wait") in stack for stack in stacks(all_threads=True)), len(stacks(all_threads=True)),
      len(stacks()))
done.set()
thread.join()

for args, options in (((os.getpid(),), {"all_threads": True, "only_active_thread": True}), ((-1,), {}),
                      ((-1,), {"debug": True}), (("x",), {}), ((), {})):
    try:
        RemoteUnwinder(*args, **options)
    except Exception as e:
        print(type(e).__name__, e)


def tasks(infos):
    known = {task.task_id: task.task_name for info in infos for task in info.awaited_by}
    for info in infos:
        print(info.thread_id == threading.get_native_id() or info.thread_id, len(info.awaited_by))
        for task in info.awaited_by:
            print("   ", task.task_name, [names(coro.call_stack) for coro in task.coroutine_stack],
                  sorted((known[coro.task_name], names(coro.call_stack)) for coro in task.awaited_by))


async def leaf():
    await asyncio.sleep(100)


async def steps():
    await leaf()
    yield 1


async def walk():
    async for _ in steps():
        pass


async def middle():
    await leaf()


async def look():
    await asyncio.sleep(0.01)
    sorted([1], key=lambda _: tasks(RemoteUnwinder(os.getpid()).get_async_stack_trace()))
    tasks(RemoteUnwinder(os.getpid()).get_all_awaited_by())


async def main():
    first = asyncio.create_task(middle(), name="first")
    second = asyncio.create_task(walk(), name="second")
    third = asyncio.create_task(anext(steps()), name="third")
    waiting = asyncio.gather(first, second, third)
    looking = asyncio.create_task(look(), name="x" * 300)
    await looking
    await asyncio.sleep(0)
    waiting.cancel()
    try:
        await waiting
    except asyncio.CancelledError:
        pass


asyncio.run(main())

# From outside: the commands of asyncio.
target = """
import asyncio
async def leaf(): await asyncio.sleep(1000)
async def middle(): await leaf()
async def main():
    tasks = [asyncio.create_task(middle(), name='one'), asyncio.create_task(leaf(), name='two')]
    asyncio.get_running_loop().call_later(0.1, lambda: print('ready', flush=True))
    await asyncio.gather(*tasks)
asyncio.run(main())
"""
process = subprocess.Popen([sys.executable, "-c", target], stdout=subprocess.PIPE, text=True)
print(process.stdout.readline())
stack = []
while not stack or stack[0][1] != "EpollSelector.select":
    stack = names(RemoteUnwinder(process.pid).get_stack_trace()[0].frame_info)
print(stack)
print(RemoteUnwinder(process.pid).get_async_stack_trace())
for command in ("pstree", "ps"):
    r = subprocess.run([sys.executable, "-m", "asyncio", command, str(process.pid)], capture_output=True, text=True)
    lines = r.stdout.replace(asyncio.__path__[0], "").splitlines()
    print("\n".join(lines if command == "pstree" else [" ".join(line.split()[2:5]) for line in lines[2:]]), r.stderr)
process.kill()
process.wait()
try:
    RemoteUnwinder(process.pid)
except RuntimeError as e:
    print(str(e).replace(str(process.pid), "PID"))
print(_remote_debugging.FrameInfo(("file", 1, "name")))
