// The type window: places, attributes, refreshing. What writes and reads text is in window_text.cpp.
#include <cerrno>
#include <cstdio>
#include <cstring>

#include "modules/curses/curses.h"

namespace krait::curses {

Type window_type;

Ref window_new(Thread& t, WINDOW* win, const char* encoding, Value parent) {
    Ref self = TRY(alloc(t, &window_type));
    auto* w = self.as<Window>();
    w->win = win;
    size_t n = strlen(encoding) + 1;
    w->encoding = static_cast<char*>(mem_alloc(n));
    if (!w->encoding) return raise_no_memory(t);
    memcpy(w->encoding, encoding, n);
    w->parent = Ref::share(parent).release();
    return self;
}

namespace {

void window_dealloc(Thread& t, PyObject* o) {
    gc_untrack(t, o);
    auto* w = reinterpret_cast<Window*>(o);
    if (w->win && w->win != stdscr) delwin(w->win);
    mem_free(w->encoding);
    xdecref(w->parent);
    free_object(t, o);
}
void window_traverse(PyObject* o, Visitor& v) { v.visit(reinterpret_cast<Window*>(o)->parent); }
Ref get_encoding(Thread& t, Value self, void*) { return str_from(t, self.as<Window>()->encoding); }
Status put_encoding(Thread& t, Value self, Value v, void*) {
    if (!v) return raise(t, PyExc_TypeError, "encoding may not be deleted");
    if (!is_str(v)) return raise(t, PyExc_TypeError, "setting encoding to a non-string");
    std::string_view s = TRY(str_utf8(t, v));
    auto* copy = static_cast<char*>(mem_alloc(s.size() + 1));
    if (!copy) return raise_no_memory(t);
    memcpy(copy, s.data(), s.size());
    copy[s.size()] = 0;
    mem_free(self.as<Window>()->encoding);
    self.as<Window>()->encoding = copy;
    return Status::ok();
}
const GetSetDef window_getset[] = {
    getset("encoding", get_encoding, put_encoding, "the encoding of what is written"), {}};

// --- families of methods ---

template <const char* Name, auto F>
Ref plain(Thread& t, Value self) {
    if constexpr (std::is_void_v<decltype(F(win_of(self)))>) {
        F(win_of(self));
        return none_ref();
    } else {
        return checked(t, F(win_of(self)), Name);
    }
}
template <auto F>
Ref question(Thread&, Value self) {
    return bool_ref(F(win_of(self)));
}
template <const char* Name, auto F>
Ref with_flag(Thread& t, Value self, Value v) {
    int on;
    TRY(int_arg(t, v, &on));
    if constexpr (std::is_void_v<decltype(F(win_of(self), on))>) {
        F(win_of(self), on != 0);
        return none_ref();
    } else {
        return checked(t, F(win_of(self), on != 0), Name);
    }
}
template <const char* Name, auto F>
Ref with_int(Thread& t, Value self, Value v) {
    int n;
    TRY(int_arg(t, v, &n));
    return checked(t, F(win_of(self), n), Name);
}
template <const char* Name, auto F>
Ref with_attr(Thread& t, Value self, Value v) {
    int64_t attr = TRY(as_int64(t, v));
    return checked(t, F(win_of(self), static_cast<int>(attr)), Name);
}
template <const char* Name, auto F>
Ref with_two(Thread& t, Value self, const Value* a, size_t) {
    int x, y;
    TRY(int_arg(t, a[0], &x));
    TRY(int_arg(t, a[1], &y));
    return checked(t, F(win_of(self), x, y), Name);
}
template <auto Y, auto X>
Ref pair(Thread& t, Value self) {
    return tuple_of(t, {Value::from_int(Y(win_of(self))), Value::from_int(X(win_of(self)))});
}
Ref timeout(Thread& t, Value self, Value v) {
    int ms;
    TRY(int_arg(t, v, &ms));
    wtimeout(win_of(self), ms);
    return none_ref();
}
Ref is_linetouched(Thread& t, Value self, Value v) {
    int line;
    TRY(int_arg(t, v, &line));
    int r = ::is_linetouched(win_of(self), line);
    if (r == ERR || line < 0 || line >= getmaxy(win_of(self)))
        return raise(t, PyExc_TypeError, "is_linetouched: line number outside of boundaries");
    return bool_ref(r);
}
Ref get_background(Thread& t, Value self) { return int_from(t, static_cast<int64_t>(getbkgd(win_of(self)))); }
Ref encloses(Thread& t, Value self, const Value* a, size_t) {
    int y, x;
    TRY(int_arg(t, a[0], &y));
    TRY(int_arg(t, a[1], &x));
    return bool_ref(wenclose(win_of(self), y, x));
}
Ref scroll(Thread& t, Value self, const Value* a, size_t n, Value) {
    if (n > 1) return wrong_count(t, "_curses.window.scroll", 0, 1);
    int count = 1;
    if (n) TRY(int_arg(t, a[0], &count));
    return checked(t, wscrl(win_of(self), count), "scroll");
}
Ref touchline(Thread& t, Value self, const Value* a, size_t n, Value) {
    if (n < 2 || n > 3) return wrong_count(t, "_curses.window.touchline", 2, 3);
    int start, count;
    TRY(int_arg(t, a[0], &start));
    TRY(int_arg(t, a[1], &count));
    bool changed = n < 3 || TRY(is_true(t, a[2]));
    return checked(t, wtouchln(win_of(self), start, count, changed), "touchline");
}

// Windows take none or, pads, six places.
template <const char* Name, auto OfWindow, auto OfPad>
Ref refresh(Thread& t, Value self, const Value* a, size_t n, Value) {
    if (n != 0 && n != 6)
        return wrong_count(t, Name[1] == 'r' ? "_curses.window.refresh" : "_curses.window.noutrefresh", 0, 6);
    if (!is_pad(win_of(self))) {
        if (n)
            return raise(t, PyExc_TypeError, "%s() takes no arguments (%zu given)",
                         Name[1] == 'r' ? "refresh" : "noutrefresh", n);
        int code;
        {
            AllowThreads allow(t);
            code = OfWindow(win_of(self));
        }
        return checked(t, code, Name);
    }
    if (n != 6)
        return raise(t, g_error.as<PyTypeObject>(), "%s for a pad requires 6 arguments",
                     Name[1] == 'r' ? "refresh()" : "noutrefresh() called");
    int p[6], code;
    for (int i = 0; i < 6; i++) TRY(int_arg(t, a[i], &p[i]));
    {
        AllowThreads allow(t);
        code = OfPad(win_of(self), p[0], p[1], p[2], p[3], p[4], p[5]);
    }
    return checked(t, code, Name);
}
// overlay() and overwrite(): whole windows, or a rectangle.
template <const char* Name, auto Whole, int Over>
Ref copy_to(Thread& t, Value self, const Value* a, size_t n, Value) {
    if (n != 1 && n != 7)
        return raise(t, PyExc_TypeError, "_curses.window.%s requires 1 to 7 arguments", Name);
    if (!has_type(a[0], &window_type))
        return raise(t, PyExc_TypeError, "%s() argument 1 must be _curses.window, not %K", Name, a[0]);
    if (n == 1) return checked(t, Whole(win_of(self), win_of(a[0])), Name);
    int p[6];
    for (int i = 0; i < 6; i++) TRY(int_arg(t, a[i + 1], &p[i]));
    return checked(t, copywin(win_of(self), win_of(a[0]), p[0], p[1], p[2], p[3], p[4], p[5], Over),
                   "copywin");
}
// Parts of windows, given by their place or their size and place.
template <const char* Name, auto F>
Ref part(Thread& t, Value self, const Value* a, size_t n, Value) {
    int p[4] = {0, 0, 0, 0};
    if (n != 2 && n != 4) return wrong_count(t, Name, 2, 4);
    for (size_t i = 0; i < n; i++) TRY(int_arg(t, a[i], &p[n == 2 ? i + 2 : i]));
    WINDOW* w = is_pad(win_of(self)) ? subpad(win_of(self), p[0], p[1], p[2], p[3])
                                     : F(win_of(self), p[0], p[1], p[2], p[3]);
    if (!w) return null_result(t);
    return window_new(t, w, self.as<Window>()->encoding, self);
}
Ref put_win(Thread& t, Value self, Value file) {
    FILE* f = tmpfile();
    if (!f) return raise_errno(t, errno);
    if (putwin(win_of(self), f) == ERR) {
        fclose(f);
        return curses_error(t, "putwin");
    }
    rewind(f);
    char buffer[4096];
    Ref r = none_ref();
    for (size_t n; r && (n = fread(buffer, 1, sizeof buffer, f)) > 0;) {
        Ref data = bytes_from(t, buffer, n);
        r = data ? call_method(t, file, "write", {data}) : Ref();
    }
    fclose(f);
    return r ? none_ref() : Ref();
}

constexpr char n_wclear[] = "wclear", n_wclrtobot[] = "wclrtobot", n_wclrtoeol[] = "wclrtoeol",
               n_wcursyncup[] = "wcursyncup", n_wdeleteln[] = "wdeleteln", n_werase[] = "werase",
               n_winsertln[] = "winsertln", n_redrawwin[] = "redrawwin", n_wstandend[] = "wstandend",
               n_wstandout[] = "wstandout", n_wsyncdown[] = "wsyncdown", n_wsyncup[] = "wsyncup",
               n_touchwin[] = "touchwin", n_untouchwin[] = "untouchwin", n_clearok[] = "clearok",
               n_idcok[] = "idcok", n_idlok[] = "idlok", n_immedok[] = "immedok", n_keypad[] = "keypad",
               n_leaveok[] = "leaveok", n_nodelay[] = "nodelay", n_notimeout[] = "notimeout",
               n_scrollok[] = "scrollok", n_syncok[] = "syncok", n_wattroff[] = "wattroff",
               n_wattron[] = "wattron", n_wattrset[] = "wattrset", n_winsdelln[] = "winsdelln",
               n_wmove[] = "wmove", n_mvderwin[] = "mvderwin", n_mvwin[] = "mvwin",
               n_wredrawln[] = "redrawln", n_wresize[] = "wresize", n_wsetscrreg[] = "wsetscrreg",
               n_wrefresh[] = "wrefresh", n_wnoutrefresh[] = "wnoutrefresh", n_overlay[] = "overlay",
               n_overwrite[] = "overwrite";
constexpr char kDerwin[] = "_curses.window.derwin", kSubwin[] = "_curses.window.subwin";

int attr_off(WINDOW* w, int a) { return wattroff(w, a); }
int attr_on(WINDOW* w, int a) { return wattron(w, a); }
int attr_set(WINDOW* w, int a) { return wattrset(w, a); }
int standend_of(WINDOW* w) { return wstandend(w); }
int standout_of(WINDOW* w) { return wstandout(w); }

constexpr char kNone[] = "()", kFlag[] = "(flag, /)", kAttr[] = "(attr, /)";

const NativeDef place_methods[] = {
    def<with_attr<n_wattroff, attr_off>>("attroff", kAttr, "Takes an attribute from what is written next."),
    def<with_attr<n_wattron, attr_on>>("attron", kAttr, "Adds an attribute to what is written next."),
    def<with_attr<n_wattrset, attr_set>>("attrset", kAttr, "Sets the attributes of what is written next."),
    def<plain<n_wclear, wclear>>("clear", kNone, "Erases, and redraws everything at the next refresh."),
    def<with_flag<n_clearok, clearok>>("clearok", kFlag, "Whether the next refresh clears the screen."),
    def<plain<n_wclrtobot, wclrtobot>>("clrtobot", kNone, "Erases from the cursor to the end of the window."),
    def<plain<n_wclrtoeol, wclrtoeol>>("clrtoeol", kNone, "Erases from the cursor to the end of the line."),
    def<plain<n_wcursyncup, wcursyncup>>("cursyncup", kNone, "Moves the cursors of the windows above."),
    def<plain<n_wdeleteln, wdeleteln>>("deleteln", kNone, "Deletes the line of the cursor."),
    def<part<kDerwin, derwin>>("derwin", nullptr, "A part of this window, at a place relative to it.",
                               kMethNoSignature),
    def<encloses>("enclose", "(y, x, /)", "Does the window contain this place of the screen?"),
    def<plain<n_werase, werase>>("erase", kNone, "Erases the window."),
    def<pair<getbegy, getbegx>>("getbegyx", kNone, "(y, x) of the upper left corner."),
    def<get_background>("getbkgd", kNone, "The background's character and attributes."),
    def<pair<getmaxy, getmaxx>>("getmaxyx", kNone, "(height, width)"),
    def<pair<getpary, getparx>>("getparyx", kNone, "The place relative to the parent window, or (-1, -1)."),
    def<pair<getcury, getcurx>>("getyx", kNone, "(y, x) of the cursor."),
    def<with_flag<n_idcok, idcok>>("idcok", kFlag, "Whether characters may be inserted by the terminal."),
    def<with_flag<n_idlok, idlok>>("idlok", kFlag, "Whether lines may be inserted by the terminal."),
    def<with_flag<n_immedok, immedok>>("immedok", kFlag, "Whether every change is shown at once."),
    def<with_int<n_winsdelln, winsdelln>>("insdelln", "(nlines, /)",
                                          "Inserts lines, or deletes if negative."),
    def<plain<n_winsertln, winsertln>>("insertln", kNone, "Inserts a line above the cursor."),
    def<is_linetouched>("is_linetouched", "(line, /)", "Has the line changed since the last refresh?"),
    def<question<is_wintouched>>("is_wintouched", kNone, "Has the window changed since the last refresh?"),
    def<with_flag<n_keypad, keypad>>("keypad", kFlag, "Whether keys are told as one number."),
    def<with_flag<n_leaveok, leaveok>>("leaveok", kFlag, "Whether the cursor may stay where it is."),
    def<with_two<n_wmove, wmove>>("move", "(new_y, new_x, /)", "Moves the cursor."),
    def<with_two<n_mvderwin, mvderwin>>("mvderwin", "(y, x, /)", "Moves the window inside of its parent."),
    def<with_two<n_mvwin, mvwin>>("mvwin", "(new_y, new_x, /)", "Moves the window."),
    def<with_flag<n_nodelay, nodelay>>("nodelay", kFlag, "Whether getch() does not wait."),
    def<with_flag<n_notimeout, notimeout>>("notimeout", kFlag, "Whether escape sequences are waited for."),
    def<refresh<n_wnoutrefresh, wnoutrefresh, pnoutrefresh>>(
        "noutrefresh", nullptr, "Refreshes, but waits for doupdate().", kMethNoSignature),
    def<copy_to<n_overlay, overlay, 1>>("overlay", nullptr, "Lays this window on another; blanks stay.",
                                        kMethNoSignature),
    def<copy_to<n_overwrite, overwrite, 0>>("overwrite", nullptr, "Lays this window on another, with blanks.",
                                            kMethNoSignature),
    def<put_win>("putwin", "(file, /)", "Writes everything about the window to a file."),
    def<with_two<n_wredrawln, wredrawln>>("redrawln", "(beg, num, /)", "Redraws lines at the next refresh."),
    def<plain<n_redrawwin, redrawwin>>("redrawwin", kNone, "Redraws all at the next refresh."),
    def<refresh<n_wrefresh, wrefresh, prefresh>>("refresh", nullptr, "Shows what has changed.",
                                                 kMethNoSignature),
    def<with_two<n_wresize, wresize>>("resize", "(nlines, ncols, /)", "Gives the window another size."),
    def<scroll>("scroll", nullptr, "Scrolls up by so many lines.", kMethNoSignature),
    def<with_flag<n_scrollok, scrollok>>("scrollok", kFlag, "Whether the window scrolls at its end."),
    def<with_two<n_wsetscrreg, wsetscrreg>>("setscrreg", "(top, bottom, /)", "The lines that scroll."),
    def<plain<n_wstandend, standend_of>>("standend", kNone, "No attributes from here on."),
    def<plain<n_wstandout, standout_of>>("standout", kNone, "Attribute A_STANDOUT from here on."),
    def<part<kSubwin, subwin>>("subpad", nullptr, "A part of this pad.", kMethNoSignature),
    def<part<kSubwin, subwin>>("subwin", nullptr, "A part of this window, at a place of the screen.",
                               kMethNoSignature),
    def<plain<n_wsyncdown, wsyncdown>>("syncdown", kNone, "Touches what is touched in the windows above."),
    def<with_flag<n_syncok, syncok>>("syncok", kFlag, "Whether changes go to the windows above at once."),
    def<plain<n_wsyncup, wsyncup>>("syncup", kNone, "Touches the windows above where this one is."),
    def<timeout>("timeout", "(delay, /)", "How many milliseconds reading waits; negative: for ever."),
    def<touchline>("touchline", nullptr, "Pretends that lines have changed.", kMethNoSignature),
    def<plain<n_touchwin, touchwin>>("touchwin", kNone, "Pretends that all has changed."),
    def<plain<n_untouchwin, untouchwin>>("untouchwin", kNone, "Pretends that nothing has changed."),
    {}};

}  // namespace

Status add_window(Thread& t, Value module) {
    // One table of both files'.
    static NativeDef all[128];
    size_t n = 0;
    if (!all[0].c.ml_name) {
        for (const NativeDef* d = window_text_methods; d->c.ml_name; d++) all[n++] = *d;
        for (const NativeDef* d = place_methods; d->c.ml_name; d++) all[n++] = *d;
    }
    static const TypeDecl window{
        .name = "_curses.window",
        .basicsize = sizeof(Window),
        .flags = kTpDefault | kTpHaveGC | kTpImmutableType | kTpDisallowInstantiation,
        .slots = {.dealloc = window_dealloc, .traverse = window_traverse},
        .spec = {.methods = all, .getset = window_getset}};
    return add_static_type(t, module, window_type, window);
}

}  // namespace krait::curses
