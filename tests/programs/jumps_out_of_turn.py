# frame.f_lineno = line where the code expects something else than what lies on the stack, and errors after it.
import gc, sys


def run(function, at, to, after=None):
    """Jumps from line `at` of the function to `to`, both counted from its def."""
    first = function.__code__.co_firstlineno
    done = []

    def trace(frame, event, arg):
        if frame.f_code is not function.__code__:
            return None
        if event == "line" and frame.f_lineno == first + at and not done:
            done.append(1)
            frame.f_lineno = first + to
            if after:
                raise after
        return trace

    sys.settrace(trace)
    try:
        return function([1], [2])
    except Exception as e:
        return type(e).__name__, [k for k in e.__traceback__.tb_next.tb_frame.f_locals]
    finally:
        sys.settrace(None)


def take(*args):
    return args


def calls(a, b):
    made = take(take(1),
                b)
    inner = lambda: made
    take(inner,
         a)
    return made


def cells(a, b):
    x = [lambda: i
         for i in a]
    take(a)
    return len(x)


print(run(calls, 5, 3), run(calls, 4, 3), run(calls, 2, 4))
print(run(calls, 5, 4, KeyError("k")), run(calls, 2, 1, ValueError()), run(calls, 6, 1))
print(run(cells, 3, 1), run(cells, 2, 3), run(cells, 1, 4))
gc.collect()

# In callbacks of sys.monitoring, too.
mon = sys.monitoring
mon.use_tool_id(2, "jumps")


def steps():
    yield 1
    return 2


def loops(a, b):
    total = 0
    for x in steps():
        total += x
    total += 10
    return total


def jump_on(event, to, error=None):
    left = [1]

    def callback(code, *rest):
        if code is loops.__code__ and left.pop():
            left.append(0)
            sys._getframe(1).f_lineno = loops.__code__.co_firstlineno + to
            if error:
                raise error
        elif not left:
            left.append(0)

    mon.register_callback(2, event, callback)
    mon.set_events(2, event)
    try:
        return loops(1, 2)
    except Exception as e:
        return repr(e)
    finally:
        mon.set_events(2, 0)
        mon.register_callback(2, event, None)


for event in (mon.events.LINE, mon.events.BRANCH_LEFT, mon.events.JUMP):
    print([jump_on(event, to, error) for to in (1, 5) for error in (None, KeyError(1))])
mon.free_tool_id(2)
gc.collect()
