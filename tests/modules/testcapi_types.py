# Types made from specs, objects that only the value stack has, calls that wait for the main thread.
import subprocess
import sys
import threading
import time

import _posixsubprocess
import _testcapi
import _testlimitedcapi as limited


def show(function, *args, **kwargs):
    try:
        print(function(*args, **kwargs))
    except Exception as e:
        print(type(e).__name__, e)


class Meta(type):
    def __new__(cls, *args):
        return super().__new__(cls, *args)


class MadeByMeta(metaclass=Meta):
    pass


class Mutable:
    pass


for basicsize, offset in [(1234, 0), (0, 0), (-8, 0), (-8, 8), (-8, 1234), (-8, -1)]:
    show(lambda: limited.make_heaptype_with_member(0, basicsize, offset, True).__name__)
for name in "__vectorcalloffset__", "__dictoffset__", "__weaklistoffset__":
    for extra in [dict(basicsize=1000, member_type=limited.Py_T_PYSSIZET), dict(basicsize=-100), dict(basicsize=-8, member_offset=-1),
                  dict(basicsize=-100, member_type=limited.Py_T_PYSSIZET, member_flags=0)]:
        show(limited.make_heaptype_with_member, add_relative_flag=True, member_name=name, **{"member_offset": 0, "member_flags": limited.Py_READONLY, **extra})
made = limited.make_heaptype_with_member(16, -24, 8, True)()
made.memb = 77
show(made.get_memb)
show(made.get_memb_relative)
show(made.set_memb_relative, 1)
show(limited.subclass_heaptype, int, -8, 0)
show(_testcapi.make_immutable_type_with_base, Mutable)
show(_testcapi.create_heapctype_with_none_bases_slot)
for variant in 0, 1:
    show(_testcapi.create_type_from_repeated_slots, variant)
show(_testcapi.pytype_fromspec_meta, Meta)
show(_testcapi.make_type_with_base, MadeByMeta)
Vectorcall = _testcapi.HeapCTypeVectorcall
print(Vectorcall().value, type(Vectorcall.__new__(Vectorcall).value))  # tp_new of C sets nothing
print(list(map(lambda f: f().value, [Vectorcall] * 3)))

# An object that only the caller's value stack has.
unique, temporary = _testcapi.is_uniquely_referenced, _testcapi.pyobject_is_unique_temporary
local = object()
print(bool(unique(object())), bool(unique([])), bool(unique("a text with spaces")), bool(unique(42)), bool(unique(1e300)), bool(unique(2**100)))
print(bool(temporary(object())), bool(temporary(local)), bool(temporary("a text with spaces")), bool(temporary([local])))


def lends(x):
    return temporary(x), temporary([x])


print(*map(bool, lends(object())))

# Calls that the main thread makes for others: no more than 32 wait.
calls = []
print(_testcapi._pending_threadfunc(lambda: calls.append(threading.current_thread() is threading.main_thread()), 40, blocking=True))
while len(calls) < 32:
    time.sleep(0.001)
print(len(calls), set(calls))
thread = threading.Thread(target=_testcapi._pending_threadfunc, args=(lambda: calls.append(threading.current_thread() is threading.main_thread()),))
thread.start()
thread.join()
while len(calls) < 33:
    time.sleep(0.001)
print(calls[-1])
# What is left over at the end is made then.
print(subprocess.run([sys.executable, "-c", "import _testcapi; _testcapi._pending_threadfunc(print, blocking=True)"], capture_output=True))
run = subprocess.run([sys.executable, "-c", "import _testcapi; _testcapi.crash_no_current_thread()"], capture_output=True, text=True)
print(run.returncode, run.stderr.splitlines()[0])


class Sized:
    def __len__(self):
        return 1


class Endless(Sized):
    def __len__(self):
        return sys.maxsize

    def __getitem__(self, i):
        return b"x"


for programs in Sized(), Endless(), 5, [1], "abc", [b"a"], iter([b"a"]):
    show(_posixsubprocess.fork_exec, 1, programs, True, (1, 2), 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, True, True, 17, False, 19, 20, 21, 22)
