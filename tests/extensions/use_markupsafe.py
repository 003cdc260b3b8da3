import markupsafe
from markupsafe import Markup, _speedups, escape, escape_silent

print(_speedups.__name__, escape("<a href='x'>&\"</a>"), escape_silent(None), escape(3), escape("ä<€>𝄞"))
print(repr(Markup("<b>%s</b>") % "<i>"), Markup("<em>Hello</em> &amp; <b>you</b>").striptags(), Markup("a{x}").format(x="<"))


class Html:
    def __html__(self):
        return "<safe>"


print(escape(Html()), Markup("a") + "<", [escape("x" * n + "<")[-5:] for n in (0, 1, 50)])
try:
    escape(type("Bad", (), {"__str__": lambda self: 1 // 0})())
except ZeroDivisionError as e:
    print("raised", e)
