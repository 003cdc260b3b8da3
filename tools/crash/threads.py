"""Threads that change what others are working on; signals; forks; daemon threads left behind. usage: threads.py SEED CASES"""
import array, collections, functools, io, itertools, json, os, pickle, random, re, signal, sys, threading, time, weakref

sys.setswitchinterval(1e-5)
seed, cases = int(sys.argv[1]), int(sys.argv[2])
stop = time.monotonic() + min(cases / 50, 60)


class Key:
    def __init__(self, n):
        self.n = n

    def __eq__(self, other):
        time.sleep(0) if random.random() < 0.01 else None
        return isinstance(other, Key) and self.n == other.n

    def __hash__(self):
        return self.n % 7

    def __lt__(self, other):
        return self.n < other.n


shared = dict(
    list=[], dict={}, set=set(), deque=collections.deque(maxlen=50), ordered=collections.OrderedDict(), bytes=bytearray(),
    array=array.array("i"), memory=io.BytesIO(), text=io.StringIO(), counter=collections.Counter(), ring=itertools.cycle([1, 2, 3]),
    chain=itertools.chain.from_iterable([i] for i in itertools.count()), weak=weakref.WeakValueDictionary(), default=collections.defaultdict(list),
    tee=itertools.tee(iter(int, 1), 2), file=open("threads.tmp", "w+"), raw=open("threads.raw", "w+b", buffering=16),
)
generator = (i for i in itertools.count())


@functools.lru_cache(maxsize=20)
def cached(key):
    return [key]


def steps(r):
    s, k = shared, Key(r.randrange(20))
    return [
        lambda: s["list"].append(k), lambda: s["list"].pop(), lambda: s["list"].sort(), lambda: s["list"].clear() if r.random() < 0.1 else None,
        lambda: s["list"].__setitem__(slice(2, 5), [k] * r.randrange(9)), lambda: k in s["list"], lambda: [x for x in s["list"]], lambda: s["list"] == [k] * 4,
        lambda: s["dict"].__setitem__(k, r.randrange(9)), lambda: s["dict"].pop(k), lambda: list(s["dict"].items()), lambda: dict(s["dict"]), lambda: s["dict"].clear(),
        lambda: s["dict"].update(s["ordered"]), lambda: s["dict"] == s["ordered"], lambda: json.dumps({str(x): 1 for x in s["dict"]}),
        lambda: s["set"].add(k), lambda: s["set"].discard(k), lambda: s["set"] | {k}, lambda: s["set"].pop(), lambda: s["set"].intersection_update({k}), lambda: sorted(s["set"]),
        lambda: s["deque"].append(k), lambda: s["deque"].popleft(), lambda: s["deque"].rotate(3), lambda: list(s["deque"]), lambda: s["deque"].remove(k), lambda: s["deque"].extendleft(s["list"]),
        lambda: s["ordered"].__setitem__(k, 1), lambda: s["ordered"].move_to_end(k), lambda: s["ordered"].popitem(), lambda: list(reversed(s["ordered"])), lambda: s["ordered"].copy(),
        lambda: s["bytes"].extend(b"abc"), lambda: s["bytes"].clear(), lambda: s["bytes"].find(b"ca"), lambda: bytes(memoryview(s["bytes"])), lambda: s["bytes"].__delitem__(slice(0, 2)),
        lambda: s["array"].append(1), lambda: s["array"].pop(), lambda: s["array"].tobytes(), lambda: s["array"].extend(range(9)),
        lambda: s["memory"].write(b"xyz"), lambda: s["memory"].seek(0), lambda: s["memory"].read(7), lambda: s["memory"].getvalue(), lambda: s["memory"].truncate(3), lambda: s["memory"].getbuffer(),
        lambda: s["text"].write("xyz"), lambda: s["text"].seek(0), lambda: s["text"].readline(), lambda: s["text"].getvalue(), lambda: s["text"].truncate(0),
        lambda: s["file"].write("abc\n"), lambda: s["file"].seek(0), lambda: s["file"].readline(), lambda: s["file"].flush(), lambda: s["file"].truncate(0), lambda: s["file"].tell(),
        lambda: s["raw"].write(b"abc\n" * 9), lambda: s["raw"].seek(0), lambda: s["raw"].read(5), lambda: s["raw"].flush(), lambda: s["raw"].peek(3), lambda: s["raw"].readinto(bytearray(9)),
        lambda: s["counter"].update("abc"), lambda: next(s["ring"]), lambda: next(s["chain"]), lambda: next(generator), lambda: next(s["tee"][0]), lambda: next(s["tee"][1]),
        lambda: s["weak"].__setitem__(k.n, k), lambda: list(s["weak"].values()), lambda: s["default"][k].append(1), lambda: cached(k), lambda: cached.cache_clear() if r.random() < 0.1 else cached.cache_info(),
        lambda: pickle.dumps([s["list"][:3] and 1, s["array"]]), lambda: re.sub("[abc]+", lambda m: s["bytes"].clear() or "x", "zabcz"), lambda: "".join(str(x) for x in s["list"]),
        lambda: setattr(Key, f"a{r.randrange(5)}", 1), lambda: getattr(k, f"a{r.randrange(5)}", None), lambda: setattr(k, "b", s), lambda: sys._current_frames(), lambda: s["list"].index(k),
        lambda: max(s["list"]), lambda: repr(s["dict"])[:5], lambda: copy_of(s), lambda: threading.enumerate(), lambda: vars(k), lambda: s["dict"].setdefault(k, []),
    ]


def copy_of(s):
    return {name: value.copy() for name, value in s.items() if hasattr(value, "copy")}


def worker(n):
    r = random.Random(seed * 100 + n)
    while time.monotonic() < stop:
        try:
            r.choice(steps(r))()
        except Exception:
            pass


def forker():
    while time.monotonic() < stop:
        pid = os.fork()
        if pid == 0:
            shared["list"].sort()
            shared["dict"].clear()
            os._exit(0)
        os.waitpid(pid, 0)
        time.sleep(0.05)


hits = []
signal.signal(signal.SIGALRM, lambda *a: hits.append(list(shared["dict"])[:1]))
signal.setitimer(signal.ITIMER_REAL, 0.001, 0.001)
import warnings

warnings.simplefilter("ignore")
threads = [threading.Thread(target=worker, args=(n,)) for n in range(5)] + [threading.Thread(target=forker)]
for t in threads:
    t.start()
worker(99)
for t in threads:
    t.join()
signal.setitimer(signal.ITIMER_REAL, 0)


class Undead:
    def __del__(self):
        kept.append(self)


kept = []
left = Undead()
for n in range(3):
    threading.Thread(target=lambda: [steps(random.Random(1))[5]() for _ in iter(int, 1)], daemon=True).start()
print("end", flush=True)
