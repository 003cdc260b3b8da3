# What functions with timeouts and times make of numbers that do not fit, and of what is no number.
import _queue
import datetime
import decimal
import faulthandler
import fractions
import os
import select
import signal
import socket
import tempfile
import threading
import time


class Index:
    def __init__(self, n):
        self.n = n

    def __index__(self):
        return self.n

    def __repr__(self):
        return f"Index({self.n})"


class Float:
    def __float__(self):
        return 0.0

    def __repr__(self):
        return "Float()"


class Raises:
    def __index__(self):
        raise KeyError("index")

    __float__ = __index__

    def __repr__(self):
        return "Raises()"


odd = [
    float("nan"), float("inf"), -float("inf"), 1e30, 10**30, -(10**30), 2**63, -(2**63) - 1, 9223372037, -9223372037,
    -9223372036, -1, -0.5, -1e-10, "a", None, b"", 1j, Index(0), Index(2**70), Raises(), Float(),
    decimal.Decimal(0), fractions.Fraction(0), [], 0, 0.0, 1e-320,
]

signal.signal(signal.SIGVTALRM, signal.SIG_IGN)
held = threading.Lock()
held.acquire()
left, right = socket.socketpair()
poll, epoll = select.poll(), select.epoll()
empty = _queue.SimpleQueue()
timer = os.timerfd_create(time.CLOCK_MONOTONIC)
never = threading.Event()
waiting = threading.Thread(target=never.wait, daemon=True)
waiting.start()
scratch = tempfile.NamedTemporaryFile()


def for_ever(v):
    return v is None or isinstance(v, (int, float)) and v < 0


def timed(f):
    return lambda v: "for ever" if for_ever(v) else f(v)


def default_timeout(v):
    socket.setdefaulttimeout(v)
    try:
        return socket.getdefaulttimeout()
    finally:
        socket.setdefaulttimeout(None)


def dump_later(v):
    faulthandler.dump_traceback_later(v)
    faulthandler.cancel_dump_traceback_later()


functions = {
    "time.sleep": time.sleep,
    "time.gmtime": timed(lambda v: time.gmtime(v)[:6]),
    "time.clock_settime": lambda v: time.clock_settime(99, v),
    "Lock.acquire": lambda v: "for ever" if v == -1 else held.acquire(True, v),
    "Lock.acquire, not blocking": lambda v: held.acquire(False, v),
    "Thread.join": timed(waiting.join),
    "Event.wait": timed(never.wait),
    "socket.settimeout": lambda v: left.settimeout(v) or left.gettimeout(),
    "socket.setdefaulttimeout": default_timeout,
    "select.select": lambda v: len(select.select([], [left], [], v)[1]),
    "poll.poll": timed(poll.poll),
    "epoll.poll": timed(epoll.poll),
    "SimpleQueue.get": lambda v: "for ever" if v is None else empty.get(True, v),
    "signal.sigtimedwait": lambda v: signal.sigtimedwait([signal.SIGUSR1], v),
    "signal.setitimer": lambda v: signal.setitimer(signal.ITIMER_VIRTUAL, v),
    "faulthandler.dump_traceback_later": dump_later,
    "os.utime": lambda v: os.utime(scratch.name, (v, v)),
    "os.timerfd_settime": lambda v: os.timerfd_settime(timer, initial=v) and None,
    "os.timerfd_settime, interval": lambda v: os.timerfd_settime(timer, initial=0, interval=v) and None,
    "os.timerfd_settime_ns": lambda v: os.timerfd_settime_ns(timer, initial=v) and None,
    "date.fromtimestamp": lambda v: datetime.datetime.fromtimestamp(v, datetime.UTC),
}
for name, function in functions.items():
    for v in odd:
        try:
            result = function(v)
        except Exception as e:
            result = f"{type(e).__name__}: {e}"
        print(name, v if not isinstance(v, (decimal.Decimal, fractions.Fraction)) else repr(v), "->", result, flush=True)
