# \N{...} while unicodedata cannot be imported, and once it could.
import sys

sys.modules["unicodedata"] = None


def show(make):
    try:
        print(ascii(make()))
    except Exception as e:
        print(type(e).__name__, e, [getattr(e, a, None) for a in ("lineno", "offset", "end_lineno", "end_offset", "text")])


show(lambda: eval("'\\N{SOFT HYPHEN}'"))
show(lambda: eval("  ('ab', 'x\\N{SOFT HYPHEN}')"))
show(lambda: eval("f'x\\N{SOFT HYPHEN}'"))
show(lambda: eval("'x\\N'"))
show(lambda: eval("'x\\Nabc'"))
show(lambda: eval("'x\\\\N'"))
show(lambda: b"a\\N{DIGIT ONE}".decode("unicode_escape"))
show(lambda: b"a\\N{DIGIT ONE}".decode("unicode_escape", "replace"))
show(lambda: b"a\\N".decode("unicode_escape", "replace"))
show(lambda: b"a\\x41".decode("unicode_escape"))
show(lambda: "\u1234".encode("ascii", "namereplace"))
show(lambda: eval("\u210c"))
del sys.modules["unicodedata"]
show(lambda: eval("'\\N{SOFT HYPHEN}'"))
print("unicodedata" in sys.modules)
sys.modules["unicodedata"] = None
show(lambda: eval("'\\N{SOFT HYPHEN}'"))
show(lambda: b"a\\N{DIGIT ONE}".decode("unicode_escape"))
show(lambda: "\u1234".encode("ascii", "namereplace"))
show(lambda: compile("\ufb01 = 1", "file", "exec"))
