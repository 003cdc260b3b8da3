# What sys.settrace() and sys.setprofile() are given need not be callable: the next call says so.
import sys


def f():
    return 1


for set_it, get_it in ((sys.setprofile, sys.getprofile), (sys.settrace, sys.gettrace)):
    for value in (1, 1.5, "text", 2**70, [], ()):
        set_it(None)
        try:
            set_it(value)
            f()
        except TypeError as e:
            print(set_it.__name__, value, "->", e)
        print(get_it())
    for value in (1, 1.5):
        try:
            set_it(value)
            set_it(None)
        except TypeError as e:
            print(e)
        set_it(None)
    print(get_it())
