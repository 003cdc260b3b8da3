# sys.settrace, sys.setprofile and jumps by f_lineno.
import sys


def sample(n):
    for i in range(n):
        if i == 1:
            continue
        x = [j for j in (1, 2)]
    try:
        raise ValueError
    except ValueError:
        pass

    def g():
        yield 1
        yield 2

    for y in g():
        pass
    while n: n -= 1
    return x


def show(frame, event, arg):
    if event == "exception":
        arg = arg[0]
    if event.startswith("c_"):
        arg = arg.__name__
    print(frame.f_code.co_name, frame.f_lineno - frame.f_code.co_firstlineno, event, arg)
    return show


class Iter:
    def __iter__(self):
        return self

    def __next__(self):
        raise StopIteration


def exceptions():
    for _ in Iter():
        pass
    try:
        for _ in Iter():
            pass
        1 / 0
    finally:
        x = 1


def opcodes():
    sys._getframe().f_trace_opcodes = True
    return 1 + len("ab")


sys.settrace(show)
sample(3)
sys.settrace(None)
sys.setprofile(show)
sample(2)
len("a")
[].append(1)
sys.setprofile(None)
sys.settrace(show)
try:
    exceptions()
except ZeroDivisionError:
    pass
opcodes()
sys.settrace(None)


def jumper(target):
    done = []

    def trace(frame, event, arg):
        if frame.f_code is not body.__code__:
            return None
        if event == "line" and not done and frame.f_lineno == body.__code__.co_firstlineno + 2:
            done.append(1)
            try:
                frame.f_lineno = body.__code__.co_firstlineno + target
            except ValueError as e:
                print(target, e)
        return trace

    def body(out):
        out.append(1)
        out.append(2)
        for i in range(2):
            out.append(3)
        try:
            out.append(4)
        except KeyError:
            out.append(5)
        with open("/dev/null"):
            out.append(6)
        out.append(7)

    out = []
    sys.settrace(trace)
    body(out)
    sys.settrace(None)
    print(target, out)


for target in (-1, 1, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12):
    jumper(target)
try:
    sys._getframe().f_lineno = 1
except ValueError as e:
    print(e)


def bad(frame, event, arg):
    raise KeyError("trace")


sys.settrace(bad)
try:
    opcodes()
except KeyError as e:
    print("raised", e, sys.gettrace())
