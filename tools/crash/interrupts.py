"""Operations broken off by exceptions out of signal handlers, anywhere. usage: interrupts.py SEED CASES [TEXT in operations]

The operations are those of memory.py and some that take longer; each is begun CASES / 20 times, and a timer ends it.
"""
import asyncio
import random
import signal
import sys
import threading
import time

import memory

LONGER = r"""
import importlib, colorsys; importlib.reload(colorsys); importlib.reload(string)
l = [random.random() for i in range(3000)]; l.sort(key=lambda x: -x); sorted(l, key=str)
d = {str(i): [i] for i in range(3000)}; copy.deepcopy(d); json.loads(json.dumps(d)); pickle.loads(pickle.dumps(d))
re.sub(r"(\w+) (\w+)", lambda m: m[2] * 2, "ab cd " * 500); re.findall("(a|b)*c", "ab" * 200)
asyncio.run(many())
with lock: [i for i in range(2000)]
q = queue.SimpleQueue(); [q.put(i) for i in range(500)]; [q.get() for i in range(500)]
t = threading.Thread(target=sum, args=(range(9999),)); t.start(); t.join()
list(itertools.permutations(range(6))); sum(i for i in range(9999)); max(map(str, range(3000))); collections.Counter(map(str, range(3000)))
gc.collect(); gc.collect(0); [[].append([]) for i in range(5000)]; gc.collect()
ast.unparse(ast.parse(source)); compile(source, "x", "exec"); exec(source, {})
condition.acquire(); condition.wait(0.001); condition.release(); event.wait(0.001); time.sleep(0.001)
with open("interrupts.tmp", "w") as f: [print(i, file=f) for i in range(2000)]
with open("interrupts.tmp") as f: [line.split() for line in f]
a, b = os.pipe(); os.close(a); os.close(b); a, b = socket.socketpair(); a.send(b"x"); b.recv(9); a.close(); b.close()
list(zip(*[iter(range(999))] * 3)); weakref.WeakKeyDictionary({type(str(i), (), {}): i for i in range(50)}); [type("T", (Base,), {})().f() for i in range(50)]
decimal.Decimal(2).sqrt(decimal.Context(200)); 7 ** 5000 % 13; int("7" * 3000); str(3 ** 4000); fractions.Fraction(10 ** 50, 7) ** 30
ElementTree.tostring(ElementTree.fromstring("<a>" + "<b c='d'>e</b>" * 300 + "</a>")); list(csv.reader(["a,b,c"] * 500)); zlib.compress(bytes(10 ** 5)); hashlib.sha256(bytes(10 ** 5)).digest()
"""
NAMES = {}
exec("import os, queue, socket, decimal, fractions, hashlib\nfrom xml.etree import ElementTree", NAMES)


class Late(BaseException):
    pass


class Base:
    def f(self):
        return super().__init__()

    def __del__(self):
        self.x = [1]


async def one(n):
    try:
        await asyncio.sleep(0)
        return [n async for n in numbers(n)]
    finally:
        await asyncio.sleep(0)


async def numbers(n):
    for i in range(n):
        yield i
        await asyncio.sleep(0)


async def many():
    async with asyncio.TaskGroup() as group:
        for n in range(5):
            group.create_task(one(n))


def late(*_):
    raise Late


def attempt(code, setup, seconds):
    names = dict(setup)
    try:
        signal.setitimer(signal.ITIMER_REAL, seconds, 0.5)
        try:
            exec(code, names)
            names.clear()
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
    except BaseException:  # in groups, too
        pass


def main():
    rng, times = random.Random(int(sys.argv[1])), int(sys.argv[2]) // 20
    wanted = sys.argv[3] if len(sys.argv) > 3 else ""
    sys.unraisablehook = threading.excepthook = lambda info: None
    lock = threading.Lock()
    source = "def f(a, b):\n    return [a + b for x in range(10) if x * a > 3]\nclass A:\n    x = 1\n" * 20
    setup = {**vars(memory), **NAMES, **globals(), "lock": lock, "condition": threading.Condition(), "event": threading.Event(), "source": source}
    signal.signal(signal.SIGALRM, late)
    for text in (*memory.grouped(memory.OPERATIONS), *LONGER.strip().splitlines()):
        code = compile(text, "operation", "exec")
        began = time.perf_counter()
        try:
            exec(code, setup)
        except Exception:
            pass
        took = time.perf_counter() - began
        if wanted in text:
            print(text.replace("\n", "\\n"), flush=True)
            for _ in range(times):
                try:
                    attempt(code, setup, max(rng.random() * took * 1.2, 1e-5))
                except Late:  # on its way out
                    pass
            if lock.locked():
                lock.release()
    print("end", flush=True)


if __name__ == "__main__":
    main()
