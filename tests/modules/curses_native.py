"""_curses and _curses_panel as far as they go without a terminal: constants, signatures, refusals."""

import _curses
import _curses_panel
import inspect


def show(source):
    try:
        print(source, "->", repr(eval(source)))
    except Exception as e:
        print(source, "!!", type(e).__name__, e.args)


for name, value in sorted(vars(_curses).items()):
    if isinstance(value, int):
        print(name, value)
    elif callable(value) and not isinstance(value, type):
        try:
            print(name, inspect.signature(value))
        except ValueError as e:
            print(name, "has none")
for cls in _curses.window, _curses_panel.panel:
    for name, value in sorted(vars(cls).items()):
        if not name.startswith("__"):
            print(cls.__qualname__, name, value.__text_signature__ if callable(value) else "")

for source in """
_curses.cbreak()
_curses.has_colors()
_curses.newwin(1)
_curses.newwin(1, 2)
_curses.newpad(1, 2)
_curses.tigetnum("cols")
_curses.tigetnum(1)
_curses.keyname(1)
_curses.color_pair(1)
_curses.get_escdelay()
_curses.set_escdelay(0)
_curses.set_tabsize(0)
_curses.halfdelay(300)
_curses.unctrl(3)
_curses.window()
_curses.setupterm("nosuchterm", 1)
_curses.setupterm(1)
_curses.tparm(b"a")
_curses.error.__mro__
_curses.version, _curses.ncurses_version[0]
_curses_panel.new_panel(1)
_curses_panel.top_panel()
_curses_panel.error.__mro__
_curses_panel.version
""".strip().splitlines():
    show(source)
