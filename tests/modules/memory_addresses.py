"""A program that limits its own addresses (RLIMIT_AS) has them all: for large blocks, for threads, for mappings, for small objects."""
import os, resource, threading

LIMIT = 700 << 20


def large():
    return len([bytearray(50 << 20) for i in range(6)]) == 6


def growing():
    x = []
    for i in range(10**7):
        x.append(i)
    return True


def text():
    return len("\u20ac" * 10**8) == 10**8


def thread():
    out = []
    t = threading.Thread(target=out.append, args=(1,))
    t.start()
    t.join()
    return out == [1]


def small():
    """They end where the limit is, and what they had can be had again."""
    for _ in range(2):
        x, n = None, 0
        try:
            while n < 10**8:
                x = [x]
                n += 1
        except MemoryError:
            pass
        while x:
            x = x[0]
        if n < 2 * 10**6:
            return False
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss << 10 < LIMIT * 1.1


def numbers():
    return (1 << 8 * (50 << 20)).bit_length() > 0 and large()


def mixed():
    kept = []
    try:
        while True:
            kept.append([bytearray(1 << 20)] + [[i] for i in range(1000)])
    except MemoryError:
        pass
    found = len(kept) > 200
    kept.clear()
    return found and large() and thread()


for case in (large, growing, text, thread, small, numbers, mixed):
    pid = os.fork()
    if pid == 0:
        resource.setrlimit(resource.RLIMIT_AS, (LIMIT, resource.RLIM_INFINITY))
        try:
            good = case()
        except MemoryError:
            good = False
        os._exit(not good)
    print(case.__name__, os.waitpid(pid, 0)[1])
