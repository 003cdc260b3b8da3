"""Objects that change while their text is made: by what their parts do in __repr__, __str__ and __format__."""


class Part:
    def __init__(self, change, text="part"):
        self.change, self.text = change, text

    def __repr__(self):
        self.change()
        [[] for _ in range(50)], [() for _ in range(50)], [(i, i) for i in range(50)]
        return self.text

    __str__ = __repr__


def attempt(title, f):
    try:
        print(title, f())
    except Exception as e:
        print(title, type(e).__name__)


for kind in (ValueError, KeyError, OSError, ImportError, SyntaxError, StopIteration, SystemExit):
    for n in (1, 2, 3) if kind is not SyntaxError else (1,):
        for show in (repr, str):
            e = kind(*[Part(lambda: e.__init__()) for _ in range(n)])
            kept = e.args  # the oracle does not keep them itself
            attempt(f"{kind.__name__} {n} {show.__name__}", lambda: show(e))

e = OSError(1, "a", "b", None, "c")


class Name(str):
    def __str__(self):
        e.strerror = e.filename = e.filename2 = e.errno = None
        return "x"

    __repr__ = __str__


for field in ("errno", "strerror", "filename", "filename2"):
    e = OSError(1, "aa" * 9, "bb" * 9, None, "cc" * 9)
    kept = e.errno, e.strerror, e.filename, e.filename2
    setattr(e, field, Name())
    attempt(field, lambda: str(e))

e = SyntaxError(Part(lambda: setattr(e, "lineno", None)), ("file", 2**70, 3, "text"))
kept = e.lineno
attempt("syntax", lambda: str(e))
