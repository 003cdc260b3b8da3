"""threading, queue, concurrent.futures, contextvars and locals across threads."""
import concurrent.futures
import contextvars
import queue
import sys
import threading
import time

def attempt(f, *args, **kwargs):
    try:
        print(repr(f(*args, **kwargs)))
    except Exception as error:
        print(type(error).__name__, error, sep=": ")


total = 0
lock = threading.Lock()


def add(times):
    global total
    for _ in range(times):
        with lock:
            total += 1


threads = [threading.Thread(target=add, args=(500,), name=f"adder-{n}") for n in range(4)]
print(threads[0].is_alive(), threads[0].ident, threads[0].daemon, threads[0].name)
for t in threads: t.start()
for t in threads: t.join()
print(total, threads[0].is_alive(), threads[0].ident is not None)
attempt(threads[0].start)
attempt(threading.Thread(target=print).join)
attempt(threading.current_thread().join)
attempt(lambda: threading.Thread(5))
attempt(setattr, threads[0], "daemon", True)
print(
    threading.current_thread() is threading.main_thread(), threading.current_thread().name,
    threading.active_count(), len(threading.enumerate()),
)

print(
    lock.acquire(), lock.acquire(blocking=False), lock.acquire(timeout=0.01), lock.locked(), lock.release(),
    lock.locked(),
)
attempt(lock.release)
attempt(lock.acquire, False, 1)
attempt(lock.acquire, True, -5)
rlock = threading.RLock()
print(rlock.acquire(), rlock.acquire(), rlock.release(), rlock.release())
attempt(rlock.release)
semaphore = threading.Semaphore(2)
print(semaphore.acquire(), semaphore.acquire(), semaphore.acquire(blocking=False), semaphore.release(2))
attempt(threading.Semaphore, -1)
bounded = threading.BoundedSemaphore(1)
attempt(bounded.release)

event, log = threading.Event(), []
def waiter():
    log.append(("waited", event.wait(5)))
t = threading.Thread(target=waiter)
t.start()
event.set()
t.join()
print(log, event.is_set(), event.clear(), event.wait(0.01))
condition, items, got = threading.Condition(), [], []
def consumer():
    with condition:
        condition.wait_for(lambda: items, timeout=5)
        got.append(items.pop())
t = threading.Thread(target=consumer)
t.start()
with condition:
    items.append("item")
    condition.notify_all()
t.join()
print(got)
attempt(condition.notify)
attempt(condition.wait)
barrier = threading.Barrier(3, action=lambda: log.append("barrier"))
arrived = []
def meet():
    arrived.append(barrier.wait())
ts = [threading.Thread(target=meet) for _ in range(3)]
for t in ts: t.start()
for t in ts: t.join()
print(sorted(arrived), log[-1], barrier.n_waiting, barrier.broken)
barrier.abort()
attempt(barrier.wait)

local = threading.local()
local.value = "main"
seen = []
def use_local():
    seen.append(hasattr(local, "value"))
    local.value = "thread"
    seen.append(local.value)
t = threading.Thread(target=use_local)
t.start()
t.join()
print(seen, local.value, local.__dict__)
class Local(threading.local):
    def __init__(self, start): self.n = start
l = Local(5)
def bump():
    l.n += 1
    seen.append(l.n)
t = threading.Thread(target=bump)
t.start()
t.join()
print(seen[-1], l.n)

q = queue.Queue(maxsize=2)
q.put(1)
q.put(2)
print(q.full(), q.qsize(), q.empty())
attempt(q.put, 3, False)
attempt(q.put, 3, timeout=0.01)
print(q.get(), q.get_nowait())
attempt(q.get_nowait)
attempt(q.get, timeout=0.01)
attempt(q.get, timeout=-1)
print(q.task_done(), q.task_done(), q.join())
attempt(q.task_done)
p = queue.PriorityQueue()
for item in [(3, "c"), (1, "a"), (2, "b")]: p.put(item)
stack = queue.LifoQueue()
stack.put(1)
stack.put(2)
print([p.get()[1] for _ in range(3)], stack.get(), queue.SimpleQueue().empty())
q.shutdown()
attempt(q.put, 1)
attempt(q.get)
work, results = queue.Queue(), []
def worker():
    while (n := work.get()) is not None:
        results.append(n * n)
        work.task_done()
    work.task_done()
ts = [threading.Thread(target=worker, daemon=True) for _ in range(3)]
for t in ts: t.start()
for n in range(20): work.put(n)
for _ in ts: work.put(None)
work.join()
print(sorted(results))

with concurrent.futures.ThreadPoolExecutor(max_workers=3, thread_name_prefix="pool") as pool:
    print(
        list(pool.map(lambda x: x ** 2, range(6))), pool.submit(pow, 2, 10).result(),
        sorted(f.result() for f in concurrent.futures.as_completed([pool.submit(abs, -n) for n in range(3)])),
    )
    failing = pool.submit(lambda: 1 / 0)
    print(repr(failing.exception()), failing.done(), failing.cancel())
    attempt(failing.result)
    attempt(lambda: pool.submit(time.sleep, 0.2).result(timeout=0.01))
attempt(pool.submit, print)
var = contextvars.ContextVar("var", default=0)
token = var.set(1)
ctx = contextvars.copy_context()
print(ctx.run(lambda: (var.set(5), var.get())[1]), var.get(), ctx[var], var.reset(token), var.get())
attempt(var.reset, token)
attempt(contextvars.ContextVar("unset").get)
caught = []
threading.excepthook = lambda args: caught.append((args.exc_type.__name__, str(args.exc_value), args.thread.name))
def fail(): raise ValueError("in thread")
t = threading.Thread(target=fail, name="failing")
t.start()
t.join()
print(caught)
timer = threading.Timer(0.01, lambda: log.append("timer"))
timer.start()
timer.join()
print(log[-1], sys.getswitchinterval())
threading.excepthook = threading.__excepthook__
t = threading.Thread(target=fail, name="loud")
t.start()
t.join()
