"""Small objects until the system has no more for data; afterwards all of it is given up, and looked through."""
import collections, gc, os, resource

SIZE = 12 << 20
kinds = [
    lambda n: [n], lambda n: (n, n), lambda n: {}, lambda n: n + 0.5, lambda n: [None] * 20, lambda n: str(n), lambda n: bytes(30),
    lambda n: lambda: n, lambda n: 10**30 + n, lambda n: {n}, lambda n: collections.deque(), lambda n: iter([n]), lambda n: object(),
]


def fill(make):
    kept = None
    try:
        for n in range(10**8):
            kept = [kept, make(n)]
    except MemoryError:
        pass
    return kept


def drop(chain):
    while chain:
        chain = chain[0]


def data_of_process():
    with open("/proc/self/status") as f:
        return next(int(line.split()[1]) << 10 for line in f if line.startswith("VmData"))


def case(make):
    resource.setrlimit(resource.RLIMIT_DATA, (data_of_process() + SIZE, resource.RLIM_INFINITY))
    for _ in range(2):
        kept = fill(make)
        drop(kept)
        kept = None
        gc.collect()
    resource.setrlimit(resource.RLIMIT_DATA, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    return sum(len([i]) for i in range(1000))


ends = set()
for make in kinds:
    pid = os.fork()
    if pid == 0:
        os._exit(case(make) != 1000)
    ends.add(os.waitpid(pid, 0)[1])
print(ends)
