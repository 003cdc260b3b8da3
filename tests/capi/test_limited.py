import limited as m
def show(f, *args):
    try:
        print(repr(f(*args)))
    except Exception as e:
        print(type(e).__name__, e)
h = m.Holder(); print(h.value); h.value = [1, 2.5]; print(h.value, list(h)); del h.value; print(h.value)
class Sub(m.Holder):
    def __iter__(self): return iter([*super().__iter__(), "end"])
s = Sub(); s.value = "ab"; s.x = 1; print(list(s), s.x); show(m.Holder, 1); show(setattr, m.Holder(), "y", 1)
print(m.mix(3, 1, 2), m.mix(2.5, 1), m.mix()); show(m.mix, 1, "a")
print(m.text("x\u20ac\0")); show(m.text, "\ud800"); show(m.text, 1)
for n in (5, -2**63, 2**63, True): print(m.numbers(n))
show(m.numbers, "x")
