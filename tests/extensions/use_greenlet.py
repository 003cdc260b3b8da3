import greenlet


def f(x):
    y = g2.switch(x + 1)
    print("f got", y)
    return "done"


def h(z):
    print("h", z)
    r = g1.switch(z * 2)
    print("never?", r)


g1 = greenlet.greenlet(f)
g2 = greenlet.greenlet(h)
print(g1.switch(10))
print(g1.dead, g2.dead)


def gen():
    try:
        greenlet.getcurrent().parent.switch(1)
    except ValueError as e:
        print("caught", e)
    raise KeyError("k")


g = greenlet.greenlet(gen)
print(g.switch())
try:
    g.throw(ValueError("v"))
except KeyError as e:
    print("KeyError", e)
import contextvars


def rec(n):
    if n:
        return rec(n - 1)
    return greenlet.getcurrent().parent.switch("deep")


g = greenlet.greenlet(rec)
print(g.switch(100))
print(g.switch(5))
gs = []


def worker(i):
    tot = 0
    while True:
        v = greenlet.getcurrent().parent.switch(tot)
        if v is None:
            return tot
        tot += v * i


gs = [greenlet.greenlet(worker) for _ in range(50)]
for i, g in enumerate(gs):
    g.switch(i)
for k in range(20):
    for g in gs:
        g.switch(k)
print(sum(g.switch(None) for g in gs))


# The frames of a greenlet that sleeps: up to its own function, wherever it was resumed from.
def names(frame):
    found = []
    while frame is not None:
        found.append((frame.f_code.co_name, frame.f_lineno))
        frame = frame.f_back
    return found


def inner(x):
    greenlet.getcurrent().parent.switch(x)
    return x


def outer():
    inner(1)
    inner(2)


sleeper = greenlet.greenlet(outer)
print(sleeper.gr_frame)
sleeper.switch()
print(names(sleeper.gr_frame))


def deeper():
    sleeper.switch()
    return names(sleeper.gr_frame)


print(deeper())
kept = sleeper.gr_frame
print(kept.f_locals, kept.f_back.f_code.co_name)
sleeper.switch()
print(sleeper.gr_frame, sleeper.dead, names(kept))


# Thrown into one that never ran, whose parent never ran either: the exception comes out here, nothing is kept.
def thrown():
    parent = greenlet.greenlet(run)
    child = greenlet.greenlet(run, parent)
    try:
        child.throw(IndexError, "thrown")
    except IndexError as e:
        return e.args, parent.dead, child.dead, parent.gr_frame, child.gr_frame


def run():
    return 1


import gc

for i in range(12):
    print(thrown())
    gc.collect()

# A trace function that switches while another switch is not finished yet.
import sys

other = None


def traced(event, args):
    global other
    frames, f = [], sys._getframe()
    while f:
        frames.append(f.f_code.co_name)
        f = f.f_back
    print(event, frames)
    if target := other:
        other = None
        print("from the trace function:", target.switch())


def first():
    global other
    other = second_greenlet
    greenlet.getcurrent().parent.switch("first")
    return "end of first"


def second():
    first_greenlet.switch()
    return "end of second"


first_greenlet, second_greenlet = greenlet.greenlet(first), greenlet.greenlet(second)
greenlet.settrace(traced)
print(first_greenlet.switch())
print(second_greenlet.switch())
greenlet.settrace(None)
