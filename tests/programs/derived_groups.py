# Exception groups that split(), subgroup() and except* make have the cause and the context of the group they come from,
# and __suppress_context__ set, also where there is no cause.
def show(e, depth=0):
    print("  " * depth, repr(e), repr(e.__context__), repr(e.__cause__), e.__suppress_context__, e.__traceback__ is not None)
    for inner in getattr(e, "exceptions", ()):
        show(inner, depth + 1)


def raise_group():
    raise ExceptionGroup("g", [ValueError(1), ExceptionGroup("h", [TypeError("t"), OSError(2, "no")])])


for ending in ("pass", "raise", "raise caught", "raise KeyError(1)", "raise KeyError(1) from caught", "caught.missing"):
    program = f"""
try:
    raise KeyError("k")
except KeyError:
    try:
        raise_group()
    except* TypeError as caught:
        show(caught, 3)
        {ending}
"""
    try:
        exec(program)
    except BaseException as e:
        print(ending)
        show(e)

group = ExceptionGroup("g", [ValueError(1), TypeError(2)])
for made in (*group.split(ValueError), group.subgroup(ValueError), group.subgroup((ValueError, TypeError)), group.derive([OSError()])):
    show(made)
