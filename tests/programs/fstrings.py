"""f-strings and t-strings: nesting, conversions, =, specs, quotes, line structure, errors."""
import datetime
from string.templatelib import Interpolation, Template

def attempt(f, *args, **kwargs):
    try:
        print(repr(f(*args, **kwargs)))
    except Exception as error:
        print(type(error).__name__, error, sep=": ")


name, number, pi, items = "Krait", 42, 3.14159, {"key": [1, 2]}
print(f"{name} {number:>5} {pi:.2f} {items["key"][0]} {name!r} {name!s:>7} {'é'!a}")
print(f"{number=} {number = } {number=:>6} {name=!s} {pi=:.1f} {items['key'] = } { number + 1 = }")
print(f"{{}} {{{number}}} {'{}'} {'}'} {"nested " + f"{number:{'0'}{5 + 1}}"}")
print(f"{f"{f"{f"{1 + 1}"}"}"}", f'{'same' + "quotes"}', f"""{
    number  # a comment
    + 1
}""")
print(f"{number:{'>'}{10}}|{number:{number // 4}}|{pi:{'.'}{3}f}|{name:{'*'}^{11}}")
print(f"{(lambda x: x * 2)(4)} {[i for i in range(3)]} { {1: 2}[1]} {(1, 2)} {1 if number else 2} {number if (y := 5) else 0} {y}")
print(
    f"{number!r:^{10}}", f"{datetime.date(2024, 3, 1):%d.%m.%Y}", f"{'a' 'b'}",
    f"{'\n'!r} {'\x41'} \x42 \N{BULLET} {chr(0x43)}",
)
print(rf"\n{number}\d", fr"{'\n'}|", f"a{''}b" "c{}" f"{1}", "{x}" f"{2}" '{y}')
print(
    f"{3!r}{4!s}", f"{ 3 }", f"{3:}", f"{3!r:}", f"{'x':s}", f"{0x1f:#b}", f"{1_000:,}", f"{2 ** 100:e}",
    f"{True:d}", f"{...}",
)
print(f"{lambda_ if (lambda_ := 1) else 0}", f"{a['b']}" if (a := {"b": 1}) else "", f"{'a' if True else 'b':>{3}}")
print(
    f"{1 != 2} {1 == 1} {1 <= 2} {1 >= 2=}", f"{not 1}", f"{-1:+}", f"{*'ab',}",
    f"{yield_}" if (yield_ := 3) else "",
)
print(f'''{
name
}''', f"line\
continued {number}")


class Spec:
    def __format__(self, spec): return f"<{spec}>"
    def __repr__(self): return "repr"
    def __str__(self): return "str"
s = Spec()
print(f"{s} {s!r} {s!s} {s:a{1}b} {s=} {s=:q} {s=!s}")
order = []
def note(x):
    order.append(x)
    return x
f"{note(1)}{note(2):{note(3)}}{note(4)}"
print(order)
attempt(lambda: f"{1:x y}")
attempt(lambda: f"{'a':d}")
attempt(lambda: f"{undefined}")
attempt(lambda: f"{1/0}")

for source in ["f'{}'", "f'{ }'", "f'{a b}'", "f'{'", "f'}'", "f'{a'", "f'{a!}'", "f'{a!x}'", "f'{a!r b}'", "f'{a:{b:{c:{d}}}}'", "f'{*a}'", "f'{**a}'", "f'{lambda x: 1}'",
               "f'{a = }'", "f'{a:{'b'}}'", "f'{#}'", "f'{a!  r}'", "f'{=}'", "f'{!r}'", "f'{:x}'", "f'{a.}'", "f'{1 +}'", "f'{x:=5}'", "f'{yield}'", "f'{a[}'", "f'{(}'", "f'{)}'",
               "f'abc", "f'{a\nb}'", "f'{class}'", "bf''", "ft''", "f'' b''", "t'' ''", "t'{}'", "f'{a}' = 1", "f'\\N{nope}'", "f'\\x1'", "f\"{a'\"", "f'{a $ b}'", "f'{a:\n}'"]:
    try:
        compile(source, "<f>", "eval")
        print("fine:", ascii(source))
    except SyntaxError as error:
        print(f"{ascii(source)}: {error.msg} {error.offset}")

# Template strings.
t = t"Hello {name}, {number:>5} {pi!r:.2} {number + 1 = }!"
print(type(t), t.strings, t.values)
for part in t.interpolations:
    print(part.value, repr(part.expression), part.conversion, repr(part.format_spec))
print([p if isinstance(p, str) else type(p).__name__ for p in t], repr(t"a{1}b"), repr(t""), list(t""))
u = t"x{1}" + t"{2}y" + t"z"
print(u.strings, u.values)
attempt(lambda: t"a" + "b")
attempt(lambda: "b" + t"a")
attempt(lambda: str(t"{1:x y}"))
print(
    t"a{1}" == t"a{1}", Template("a", Interpolation(1, "x"), "b", "c").strings, Template("q", "r").strings,
    Template().strings,
)
i = Interpolation(5, "expr", "r", ">3")
match i:
    case Interpolation(value, expression, conversion, spec):
        print(value, expression, conversion, spec, repr(i))
attempt(Interpolation)
attempt(Interpolation, 1, 2)
attempt(Interpolation, 1, "e", "x")
attempt(Template, 5)
attempt(setattr, i, "value", 6)


def render(template):
    out = []
    for part in template:
        match part:
            case str(): out.append(part)
            case Interpolation(value, _, conversion, spec):
                value = {"r": repr, "s": str, "a": ascii, None: lambda v: v}[conversion](value)
                out.append(format(value, spec).upper())
    return "".join(out)
print(
    render(t"<{name}> {name!r} {number:05}"), render(t"{t"inner {1}".strings[0]}"), t"{{}}".strings,
    rt"\n{1}".strings,
)
nested = t"{f"{number}"} {t"{pi}"}"
print(
    nested.interpolations[0].expression, nested.interpolations[1].value.values,
    t"{number:{number}}".interpolations[0].format_spec,
)
