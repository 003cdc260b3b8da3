"""Exception groups: except*, split, subgroup, derive, nesting, printing; ends uncaught."""
import traceback

def attempt(f, *args):
    try:
        print(repr(f(*args)))
    except BaseException as error:
        print(type(error).__name__, error, sep=": ")


eg = ExceptionGroup(
    "outer", [ValueError("v1"), TypeError("t1"), ExceptionGroup("inner", [ValueError("v2"), KeyError("k")])],
)
print(repr(eg), str(eg), len(eg.exceptions), eg.message)
print(repr(eg.subgroup(ValueError)), repr(eg.subgroup(OSError)), repr(eg.subgroup(lambda e: "1" in str(e))))
match, rest = eg.split((KeyError, TypeError))
print(repr(match), repr(rest), sep="\n")
print(eg.split(Exception)[1], eg.split(ExceptionGroup)[0] is eg)

for arguments in [
    (), ("m",), ("m", []), ("m", 5), ("m", [1]), ("m", [int]), (1, [ValueError()]), ("m", [KeyboardInterrupt()]),
    ("m", "x"),
]:
    attempt(ExceptionGroup, *arguments)
print(
    type(BaseExceptionGroup("b", [ValueError()])).__name__, type(BaseExceptionGroup("b", [SystemExit()])).__name__,
)
print(ExceptionGroup.__mro__)
attempt(eg.subgroup, 5)
attempt(eg.split, "x")
attempt(lambda: ExceptionGroup[int])


def handle(error):
    log = []
    try:
        try:
            raise error
        except* ValueError as group:
            log.append(("value", repr(group)))
        except* (TypeError, KeyError) as group:
            log.append(("type or key", repr(group)))
        except* OSError:
            log.append(("os",))
            raise
        else:
            log.append(("else",))
        finally:
            log.append(("finally",))
    except BaseException as left:
        log.append(("left", repr(left)))
    return log


for error in [
    eg, ValueError("single"), OSError("again"), ExceptionGroup("g", [ZeroDivisionError(1), ValueError(2)]),
]:
    for line in handle(error):
        print("  ", line)
    print("-")


def nothing_raised():
    try:
        pass
    except* ValueError:
        return_value = "no"
    else:
        return_value = "else"
    return return_value
print(nothing_raised())


def raises_in_handlers():
    try:
        raise ExceptionGroup("start", [ValueError(1), TypeError(2), KeyError(3)])
    except* ValueError:
        raise RuntimeError("from value")
    except* TypeError as group:
        raise LookupError("from type") from group
try:
    raises_in_handlers()
except ExceptionGroup as group:
    print(repr(group), [repr(e.__context__) for e in group.exceptions], repr(group.exceptions[1].__cause__))


class Tagged(ExceptionGroup):
    def __new__(cls, message, errors, tag):
        self = super().__new__(cls, message, errors)
        self.tag = tag
        return self
    def derive(self, errors):
        return Tagged(self.message, errors, self.tag)
tagged = Tagged("tagged", [ValueError(1), TypeError(2)], "T")
tagged.add_note("a note")
part = tagged.subgroup(TypeError)
print(type(part).__name__, part.tag, part.__notes__, repr(part))
class Plain(ExceptionGroup): pass
print(
    type(Plain("p", [ValueError()]).subgroup(ValueError)).__name__,
    type(Plain("p", [ValueError(), KeyError()]).subgroup(KeyError)).__name__,
)

for source in [
    "try: pass\nexcept* ValueError: pass\nexcept TypeError: pass",
    "try: pass\nexcept*: pass",
    "for i in x:\n  try: pass\n  except* ValueError: break",
    "def f():\n  try: pass\n  except* ValueError: return 1",
    "for i in x:\n  try: pass\n  except* ValueError: continue",
]:
    try:
        compile(source, "<s>", "exec")
    except SyntaxError as error:
        print(error)

def catch_group_type():
    try:
        raise ValueError
    except* ExceptionGroup:
        pass
attempt(catch_group_type)
def catch_bad_type():
    try:
        raise ValueError
    except* 5:
        pass
attempt(catch_bad_type)


def fail(kind, text):
    raise kind(text)

def collect(*calls):
    errors = []
    for call in calls:
        try:
            fail(*call)
        except Exception as error:
            errors.append(error)
    return errors

errors = collect((ValueError, "one"), (KeyError, "two"))
errors.append(ExceptionGroup("nested", collect((OSError, "three\nlines"))))
errors[0].add_note("noted")
try:
    raise ExceptionGroup("several", errors)
except ExceptionGroup as group:
    print("".join(traceback.format_exception(group)))
    print("".join(traceback.format_exception_only(group, show_group=True)))
    saved = group
many = ExceptionGroup("many", [ValueError(i) for i in range(20)])
print("".join(traceback.TracebackException.from_exception(many, max_group_width=3).format()))
raise saved from LookupError("the cause")
