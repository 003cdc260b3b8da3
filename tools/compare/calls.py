#!/usr/bin/env python3
"""Calls built-in functions, methods and operators with odd arguments on Krait and on the oracle; the outcomes have to agree.

usage: tools/compare/calls.py [--cases N] [--seed N] [--only TEXT] [--modules a,b] [--show N]

--modules takes any module whose functions harm nobody when called at random; SKIP names those that do.

A case is an expression over a fixed pool of values (containers, numbers of every size, text, classes with hostile
special methods). What a case gives, or raises with which message, is one line; a death by a signal is a line too.
The last line is 'N passed, N failed'.
"""

import argparse
import collections
import os
import pathlib
import random
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
DEPS = pathlib.Path(os.environ.get("DEPS") or ROOT / "build/deps")
MODULES = ("builtins math itertools collections operator _struct binascii zlib array time _string _codecs unicodedata "
           "_json _weakref gc marshal _random _contextvars types").split()

# Runs in either interpreter: reads expressions, prints one line for each.
DRIVER = r'''
import sys, re, builtins, io, gc
sys.stderr = io.StringIO()
import math, itertools, collections, operator, _struct, binascii, zlib, array, time, _string, _codecs, unicodedata
import _json, _weakref, marshal, _random, _contextvars, types, copy, importlib
for name in sys.argv[4].split(','): globals()[name] = importlib.import_module(name)
class Bad:
    def _fail(self, *a): raise ZeroDivisionError("bad")
    __len__ = __getitem__ = __iter__ = __index__ = __int__ = __float__ = __eq__ = __lt__ = __add__ = __radd__ = _fail
    __contains__ = __bool__ = __call__ = __enter__ = __next__ = __setitem__ = __delitem__ = __mul__ = __str__ = _fail
    __hash__ = object.__hash__
    __repr__ = lambda self: "Bad()"
class Odd:
    __len__ = lambda self: -1
    __index__ = lambda self: 2.5
    __iter__ = lambda self: 3
    __hash__ = lambda self: 'x'
    __bool__ = lambda self: 1
    __float__ = lambda self: 'f'
    __int__ = lambda self: None
    __str__ = lambda self: 5
    __repr__ = lambda self: "Odd()"
    __format__ = lambda self, spec: 7
    __getitem__ = lambda self, i: i
    __bytes__ = lambda self: 8
    __complex__ = lambda self: 9
class Fine:
    __len__ = lambda self: 3
    __index__ = lambda self: 2
    __iter__ = lambda self: iter((1, 2, 3))
    __float__ = lambda self: 1.5
    __getitem__ = lambda self, i: (10, 20, 30)[i]
    __repr__ = lambda self: "Fine()"
    keys = lambda self: [0, 1]
    __fspath__ = lambda self: "/p"
    __contains__ = lambda self, x: x == 1
    __reversed__ = lambda self: iter((3, 2, 1))
class Mut(list):
    """A key, a comparison and an iteration that change the container they are used in."""
    def __eq__(self, other): other.clear() if isinstance(other, (list, dict, set)) else None; return False
    def __lt__(self, other): self.clear(); return True
    __hash__ = lambda self: 1
class I(int): pass
class S(str): pass
class L(list): pass
class D(dict):
    __missing__ = lambda self, k: k
class T(tuple): pass
def gen():
    yield 1; yield 'a'; yield None
def pool():
    l = [3, 1, 2]; cyc = []; cyc.append(cyc)
    return [None, True, 0, 1, -1, 7, 255, 2**31, -2**63, 2**64, 10**30, 0.0, -0.5, 1e300, float('inf'), float('nan'), 2j,
        '', 'a', 'abc', 'Straße', '\U0001f600x', '\ud800', '12', ' 3 ', b'', b'a', b'ab\xff', bytearray(b'xyz'), memoryview(b'mem'),
        (), (1,), (1, 'a', None), [], l, [[1, 2], 'x'], cyc, {}, {'a': 1}, {1: 2, None: 3}, set(), {1, 2, 3}, frozenset({'q'}),
        range(5), range(10, 0, -3), slice(1, 3), slice(None), gen(), iter([1, 2]), enumerate('ab'), zip([1], [2]), map(str, [1]),
        len, str.upper, lambda *a, **k: (a, sorted(k)), int, str, list, dict, type, object, object, ValueError, ValueError('v'),
        Bad(), Odd(), Fine(), Mut([1]), I(5), S('sub'), L([1]), D(k=1), T((1, 2)), NotImplemented, Ellipsis, math, array.array('i', [1, 2]),
        collections.deque([1, 2]), collections.OrderedDict(a=1), collections.defaultdict(list), collections.Counter('aab'), types.SimpleNamespace(x=1),
        operator.itemgetter(0), itertools.islice(itertools.count(), 500), property(len), staticmethod(len), classmethod(len), ('a', 2), 'x,y', -3, 3.7, 'utf-8', 'strict']
addr = re.compile(r'0x[0-9a-f]+')
def show(v, depth=0):
    t = type(v)
    if isinstance(v, (types.GeneratorType, itertools.count)): return t.__name__
    if hasattr(t, '__next__') and depth == 0:
        out = []
        try:
            for _ in range(12): out.append(show(next(v), 1))
        except StopIteration: out.append('.')
        except BaseException as e: out.append(type(e).__name__ + ': ' + str(e))
        return t.__name__ + '<' + ' '.join(out) + '>'
    if t in (set, frozenset): return t.__name__ + repr(sorted(map(repr, v)))
    r = repr(v)
    return t.__name__ + ' ' + (r if len(r) < 300 else r[:300] + str(len(r)))
lines = open(sys.argv[1], encoding='utf-8').read().split('\n')
start = int(sys.argv[2])
out = open(sys.argv[3], 'a', encoding='utf-8', errors='backslashreplace', buffering=1)
saved = dict(vars(builtins))
for n in range(start, len(lines)):
    if not lines[n]: continue
    p = pool()
    try: r = show(eval(lines[n]))
    except RecursionError: r = 'RecursionError'
    except BaseException as e:
        try: r = type(e).__name__ + ': ' + str(e)
        except BaseException as e2: r = type(e).__name__ + '!' + type(e2).__name__
    r = addr.sub('0x', r).replace('\n', '\\n')
    out.write(f'{n}\t{r}\n')
    if dict(vars(builtins)) != saved: vars(builtins).update(saved)
'''

SKIP = {"builtins": "input open print exit quit help copyright credits license breakpoint exec eval __import__ compile globals locals "
                    "vars dir id _ __build_class__ __loader__ __spec__ __debug__".split(),
        "time": "sleep time time_ns ctime localtime gmtime asctime strftime monotonic monotonic_ns perf_counter perf_counter_ns process_time "
                "process_time_ns thread_time thread_time_ns mktime tzset clock_gettime clock_gettime_ns clock_settime clock_settime_ns "
                "clock_getres get_clock_info pthread_getcpuclockid".split(),
        "gc": "get_objects get_referrers get_referents get_stats get_count collect freeze set_debug set_threshold disable callbacks".split(),
        "_random": ["Random"], "_codecs": ["register", "register_error", "unregister", "_unregister_error"],
        "types": [], "math": [], "marshal": ["load", "dump"], "_weakref": ["_remove_dead_weakref"],
        "posix": "kill killpg abort _exit fork fork1 forkpty execv execve posix_spawn posix_spawnp close closerange dup2 chroot setuid setgid "
                 "seteuid setegid setreuid setregid setresuid setresgid setgroups initgroups setsid setpgid nice sched_setaffinity sched_setparam "
                 "sched_setscheduler system umask chdir fchdir sync wait wait3 wait4 waitpid waitid pidfd_open pidfd_send_signal login_tty openpty "
                 "unshare setns lockf posix_openpt pipe pipe2 read readv pread preadv write writev pwrite pwritev register_at_fork urandom getrandom "
                 "times getloadavg getpid getppid getpgid getpgrp getsid listdir scandir stat lstat fstat statvfs fstatvfs DirEntry putenv unsetenv "
                 "tcsetpgrp cpu_count sendfile splice copy_file_range ftruncate truncate fchmod fchown eventfd eventfd_read timerfd_create".split(),
        "_signal": "raise_signal pause alarm setitimer sigwait pthread_kill set_wakeup_fd siginterrupt default_int_handler signal sigwaitinfo "
                   "sigtimedwait pthread_sigmask pidfd_send_signal sigpending".split(),
        "_thread": "start_new start_new_thread start_joinable_thread exit exit_thread interrupt_main stack_size get_ident get_native_id _shutdown "
                   "_set_sentinel daemon_threads_allowed _make_thread_handle _count".split(),
        "_io": "open open_code FileIO".split(), "_queue": ["SimpleQueue"], "select": ["select", "poll", "epoll"],
        "sys": "exit settrace setprofile setrecursionlimit setswitchinterval _getframe _current_frames _current_exceptions displayhook excepthook "
               "unraisablehook breakpointhook __displayhook__ __excepthook__ __unraisablehook__ __breakpointhook__ addaudithook set_asyncgen_hooks "
               "set_coroutine_origin_tracking_depth setdlopenflags set_int_max_str_digits intern _clear_type_cache _clear_internal_caches activate_stack_trampoline "
               "_debugmallocstats getallocatedblocks gettotalrefcount call_tracing _stats_on _stats_dump remote_exec getunicodeinternedsize getrefcount "
               "getsizeof _dump_tracelets audit _baserepl".split()}
BINARY = "+ - * / // % ** @ << >> & | ^ < <= == != > >= in is".split()


def members(module):
    """Expressions of what to call in `module`, as the oracle sees it."""
    code = (f"import {module} as m\nfor n in dir(m):\n v = getattr(m, n)\n if not callable(v): continue\n print('f', n)\n"
            " if isinstance(v, type):\n  for k, w in vars(v).items():\n"
            "   if callable(w) or type(w).__name__ in ('classmethod_descriptor', 'staticmethod'): print('m', n, k)\n")
    found = subprocess.run([DEPS / "oracle/python3.14", "-c", code], capture_output=True, text=True, check=True).stdout
    for line in found.splitlines():
        kind, *names = line.split()
        if names[0] in SKIP.get(module, ()) or (kind == "m" and names[1] in ("__del__", "__sizeof__", "__dir__", "__init_subclass__",
                                                                             "__subclasses__", "__subclasshook__")):
            continue
        yield f"{module}.{'.'.join(names)}", names


def make_cases(options):
    rng = random.Random(options.seed)
    size = 100
    value = lambda: f"p[{rng.randrange(size)}]"
    small = lambda: rng.choice(["p[2]", "p[3]", "p[4]", "p[5]", "p[17]", "p[19]", "p[32]", "p[34]", "p[38]", "p[0]", value(), value()])
    targets = [t for m in options.modules.split(",") for t in members(m) if options.only in t[0]]
    keywords = "key default reverse start strict encoding errors sep end maxsplit base initial func signed fillvalue repeat".split()
    cases = []
    while len(cases) < options.cases:
        if not options.only and rng.random() < 0.15:
            cases.append(f"({value()}) {rng.choice(BINARY)} ({value()})")
            continue
        if not options.only and rng.random() < 0.05:
            spec = "".join(rng.choice("<>^=+- #0,_.%dxXobeEfFgGnscr{}[]!:a15" + "é") for _ in range(rng.randrange(6)))
            cases.append(rng.choice([f"format({value()}, {spec!r})", f"{'%' + spec!r} % ({value()},)", f"{'{:' + spec + '}'!r}.format({value()})"]))
            continue
        target, _ = rng.choice(targets)
        args = [small() for _ in range(rng.choice((0, 1, 1, 1, 2, 2, 2, 3, 3, 4)))]
        if rng.random() < 0.1:
            args.append(f"{rng.choice(keywords)}={small()}")
        cases.append(f"{target}({', '.join(args)})")
    return cases


def run(command, cases, folder, modules):
    """{case number: outcome}; a case that kills the interpreter has the outcome 'died N'."""
    driver, source, out = folder / "driver.py", folder / "cases.txt", folder / f"out-{pathlib.Path(command[0]).name}"
    driver.write_text(DRIVER, encoding="utf-8")
    source.write_text("\n".join(cases), encoding="utf-8", errors="surrogatepass")
    out.write_text("")
    outcomes, start = {}, 0
    while start < len(cases):
        try:
            code = subprocess.run([*command, driver, source, str(start), out, modules], cwd=folder, timeout=120, stdin=subprocess.DEVNULL,
                                  stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode
        except subprocess.TimeoutExpired:
            code = "timeout"
        for line in out.read_text("utf-8").split("\n"):
            number, tab, text = line.partition("\t")
            if tab:
                outcomes[int(number)] = text
        if code == 0:
            break
        last = max((n for n in outcomes), default=start - 1)
        outcomes[last + 1] = f"died {code}"
        start = last + 2
    return outcomes


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=int, default=20000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="", help="only functions whose name contains this")
    parser.add_argument("--modules", default=",".join(MODULES))
    parser.add_argument("--show", type=int, default=40, help="differences to print")
    parser.add_argument("--python", default=str(ROOT / "build/release/krait"))
    options = parser.parse_args()
    cases = make_cases(options)
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        limit = ["prlimit", "--as=6000000000"]
        theirs = run([*limit, str(DEPS / "oracle/python3.14")], cases, folder, options.modules)
        (folder / "out-prlimit").unlink(missing_ok=True)
        ours = run([*limit, os.path.abspath(options.python)], cases, folder, options.modules)
    differ = [n for n in range(len(cases)) if ours.get(n) != theirs.get(n) and not theirs.get(n, "").startswith("died")]
    differ.sort(key=lambda n: not ours.get(n, "").startswith("died"))
    seen = collections.Counter()
    shown = 0
    for n in differ:
        name = cases[n].partition("(")[0] or cases[n]
        seen[name] += 1
        if seen[name] <= 2 and shown < options.show:
            shown += 1
            print(f"{cases[n]}\n  krait  {ours.get(n)}\n  oracle {theirs.get(n)}")
    print(f"{len(cases) - len(differ)} passed, {len(differ)} failed")
    sys.exit(bool(differ))


if __name__ == "__main__":
    main()
