// The methods of windows that write and read characters. Most take their place, (y, x), in front.
#include <cstring>
#include <cwchar>

#include "modules/curses/curses.h"

namespace krait::curses {

Raised wrong_count(Thread& t, const char* name, int low, int high) {
    return raise(t, PyExc_TypeError, "%s requires %d to %d arguments", name, low, high);
}
Status int_arg(Thread& t, Value v, int* out) {
    *out = TRY(as_int32(t, v));
    return Status::ok();
}
Status character(Thread& t, Value v, Character* out) {
    if (is_str(v)) {
        if (str_length(v) != 1)
            return raise(t, PyExc_TypeError,
                         "expect int or bytes or str of length 1, got a str of length %zd", str_length(v));
        out->wide = true;
        out->text[0] = static_cast<wchar_t>(str_char(v, 0));
        return Status::ok();
    }
    if (is_bytes(v)) {
        if (bytes_size(v) != 1)
            return raise(t, PyExc_TypeError,
                         "expect int or bytes or str of length 1, got a bytes of length %zd", bytes_size(v));
        out->plain = static_cast<unsigned char>(bytes_data(v)[0]);
        return Status::ok();
    }
    if (!is_long(v)) return raise(t, PyExc_TypeError, "expect int or bytes or str of length 1, got %T", v);
    int64_t n;
    if (!int_to_i64(v, &n)) return raise(t, PyExc_OverflowError, "int doesn't fit in long");
    if (n < 0 || n > UINT32_MAX) return raise(t, PyExc_OverflowError, "byte doesn't fit in chtype");
    out->plain = static_cast<chtype>(n);
    return Status::ok();
}
Status plain_character(Thread& t, Value v, chtype* out, const char* encoding) {
    Character c;
    TRY(character(t, v, &c));
    if (!c.wide) {
        *out = c.plain;
        return Status::ok();
    }
    if (c.text[0] < 128) {
        *out = static_cast<chtype>(c.text[0]);
        return Status::ok();
    }
    Ref bytes = TRY(encode(t, v, encoding, nullptr));
    if (bytes_size(bytes) != 1) return raise(t, PyExc_OverflowError, "byte doesn't fit in chtype");
    *out = static_cast<unsigned char>(bytes_data(bytes)[0]);
    return Status::ok();
}
Status Text::set(Thread& t, Value v) {
    if (is_str(v)) {
        int64_t n = str_length(v);
        wide = static_cast<wchar_t*>(mem_alloc(static_cast<size_t>(n + 1) * sizeof(wchar_t)));
        if (!wide) return raise_no_memory(t);
        for (int64_t i = 0; i < n; i++) {
            wide[i] = static_cast<wchar_t>(str_char(v, i));
            if (!wide[i]) return raise(t, PyExc_ValueError, "embedded null character");
        }
        wide[n] = 0;
        return Status::ok();
    }
    if (!is_bytes(v)) return raise(t, PyExc_TypeError, "expect bytes or str, got %T", v);
    if (strlen(bytes_data(v)) != static_cast<size_t>(bytes_size(v)))
        return raise(t, PyExc_ValueError, "embedded null byte");
    keep = Ref::share(v);
    bytes = bytes_data(v);
    return Status::ok();
}
Text::~Text() { mem_free(wide); }

namespace {

// A character with attributes as ncurses has them.
void make_cell(const Character& c, attr_t attr, cchar_t* out) {
    setcchar(out, c.text, attr & ~A_COLOR, static_cast<short>(PAIR_NUMBER(attr)), nullptr);
}
// Takes (y, x) off the front where there are more than `without` arguments, and moves there. False: there is
// no such place, which is an error where the function has a name.
Result<bool> place(Thread& t, Value self, const Value*& a, size_t& n, size_t without, const char* function) {
    if (n <= without) return true;
    int y, x;
    TRY(int_arg(t, a[0], &y));
    TRY(int_arg(t, a[1], &x));
    a += 2;
    n -= 2;
    if (wmove(win_of(self), y, x) != ERR) return true;
    if (function) return curses_error(t, function);
    return false;
}
Status attr_arg(Thread& t, Value self, const Value* a, size_t n, size_t i, attr_t* out) {
    *out = A_NORMAL;
    (void)self;
    if (n <= i) return Status::ok();
    int64_t v = TRY(as_int64(t, a[i]));
    *out = static_cast<attr_t>(v);
    return Status::ok();
}

Ref addch(Thread& t, Value self, const Value* a, size_t n, Value) {
    if (n < 1 || n > 4) return wrong_count(t, "_curses.window.addch", 1, 4);
    Character c;
    attr_t attr;
    TRY(attr_arg(t, self, a, n, n > 2 ? 3 : 1, &attr));
    TRY(character(t, a[n > 2 ? 2 : 0], &c));
    TRY(place(t, self, a, n, 2, c.wide ? "add_wch" : "addch"));
    if (!c.wide) return checked(t, waddch(win_of(self), c.plain | attr), "addch");
    cchar_t cell;
    make_cell(c, attr, &cell);
    return checked(t, wadd_wch(win_of(self), &cell), "add_wch");
}
Ref insch(Thread& t, Value self, const Value* a, size_t n, Value) {
    if (n < 1 || n > 4) return wrong_count(t, "_curses.window.insch", 1, 4);
    chtype c;
    attr_t attr;
    TRY(attr_arg(t, self, a, n, n > 2 ? 3 : 1, &attr));
    TRY(plain_character(t, a[n > 2 ? 2 : 0], &c, self.as<Window>()->encoding));
    TRY(place(t, self, a, n, 2, "insch"));
    return checked(t, winsch(win_of(self), c | attr), "insch");
}
Ref echochar(Thread& t, Value self, const Value* a, size_t n) {
    attr_t attr;
    chtype c;
    TRY(attr_arg(t, self, a, n, 1, &attr));
    TRY(plain_character(t, a[0], &c, self.as<Window>()->encoding));
    WINDOW* w = win_of(self);
    return checked(t, is_pad(w) ? pechochar(w, c | attr) : wechochar(w, c | attr), "echochar");
}
template <bool Set>
Ref background(Thread& t, Value self, const Value* a, size_t n) {
    attr_t attr;
    chtype c;
    TRY(attr_arg(t, self, a, n, 1, &attr));
    TRY(plain_character(t, a[0], &c, self.as<Window>()->encoding));
    if (!Set) return checked(t, wbkgd(win_of(self), c | attr), "bkgd");
    wbkgdset(win_of(self), c | attr);
    return none_ref();
}

// addstr(), addnstr(), insstr(), insnstr(): text, a limit for two of them, and attributes for a while.
struct Writer {
    const char* name;
    bool limited;
    const char* wide_name;
    const char* bytes_name;
    int (*wide)(WINDOW*, const wchar_t*, int);
    int (*bytes)(WINDOW*, const char*, int);
};
template <const Writer& W>
Ref write_text(Thread& t, Value self, const Value* a, size_t n, Value) {
    size_t least = W.limited ? 2 : 1;
    if (n < least || n > least + 3)
        return wrong_count(t, W.name, static_cast<int>(least), static_cast<int>(least + 3));
    // All numbers are looked at before the text, and that before the cursor moves.
    bool placed = n > least + 1;
    const Value* own = placed ? a + 2 : a;
    size_t rest = placed ? n - 2 : n;
    int unused, limit = -1;
    if (placed) {
        TRY(int_arg(t, a[0], &unused));
        TRY(int_arg(t, a[1], &unused));
    }
    if (W.limited) TRY(int_arg(t, own[1], &limit));
    attr_t attr, old = 0;
    TRY(attr_arg(t, self, own, rest, least, &attr));
    Text text;
    TRY(text.set(t, own[0]));
    TRY(place(t, self, a, n, least + 1, text.wide ? W.wide_name : W.bytes_name));
    WINDOW* w = win_of(self);
    short pair = 0;
    bool has_attr = n > least;
    if (has_attr) {
        wattr_get(w, &old, &pair, nullptr);
        wattrset(w, static_cast<int>(attr));
    }
    int code = text.wide ? W.wide(w, text.wide, limit) : W.bytes(w, text.bytes, limit);
    if (has_attr) wattr_set(w, old, pair, nullptr);
    return checked(t, code, text.wide ? W.wide_name : W.bytes_name);
}
const Writer kAddstr{"_curses.window.addstr", false, "addwstr", "addstr", waddnwstr, waddnstr};
const Writer kAddnstr{"_curses.window.addnstr", true, "addnwstr", "addnstr", waddnwstr, waddnstr};
const Writer kInsstr{"_curses.window.insstr", false, "inswstr", "insstr", wins_nwstr, winsnstr};
const Writer kInsnstr{"_curses.window.insnstr", true, "insn_wstr", "insnstr", wins_nwstr, winsnstr};

// Lines of one character.
template <const char* Name, auto F>
Ref line(Thread& t, Value self, const Value* a, size_t n, Value) {
    if (n < 2 || n > 5) return wrong_count(t, Name, 2, 5);
    TRY(place(t, self, a, n, 3, "wmove"));
    chtype c;
    int count;
    attr_t attr;
    TRY(plain_character(t, a[0], &c, self.as<Window>()->encoding));
    TRY(int_arg(t, a[1], &count));
    TRY(attr_arg(t, self, a, n, 2, &attr));
    return checked(t, F(win_of(self), c | attr, count), strrchr(Name, '.') + 1);
}
constexpr char kHline[] = "_curses.window.hline", kVline[] = "_curses.window.vline";

Ref border(Thread& t, Value self, const Value* a, size_t n) {
    chtype c[8] = {};
    for (size_t i = 0; i < n; i++) TRY(plain_character(t, a[i], &c[i], self.as<Window>()->encoding));
    return checked(t, wborder(win_of(self), c[0], c[1], c[2], c[3], c[4], c[5], c[6], c[7]), "wborder");
}
Ref box(Thread& t, Value self, const Value* a, size_t n, Value) {
    if (n != 0 && n != 2) return wrong_count(t, "_curses.window.box", 0, 2);
    chtype v = 0, h = 0;
    if (n) {
        TRY(plain_character(t, a[0], &v, self.as<Window>()->encoding));
        TRY(plain_character(t, a[1], &h, self.as<Window>()->encoding));
    }
    return checked(t, wborder(win_of(self), v, v, h, h, 0, 0, 0, 0), "box");
}
Ref chgat(Thread& t, Value self, const Value* a, size_t n, Value) {
    if (n < 1 || n > 4) return raise(t, PyExc_TypeError, "_curses.window.chgat requires 1 to 4 arguments");
    int y = getcury(win_of(self)), x = getcurx(win_of(self)), count = -1;
    size_t at = 0;
    if (n > 2) {
        TRY(int_arg(t, a[0], &y));
        TRY(int_arg(t, a[1], &x));
        at = 2;
    }
    if (n - at == 2) TRY(int_arg(t, a[at++], &count));
    int64_t attr = TRY(as_int64(t, a[at]));
    short color = static_cast<short>(PAIR_NUMBER(static_cast<attr_t>(attr)));
    if (n > 2 && wmove(win_of(self), y, x) == ERR) return curses_error(t, "chgat");
    int code = wchgat(win_of(self), count, static_cast<attr_t>(attr) & A_ATTRIBUTES, color, nullptr);
    touchline(win_of(self), y, 1);
    return checked(t, code, "chgat");
}
Ref delch(Thread& t, Value self, const Value* a, size_t n, Value) {
    if (n != 0 && n != 2) return wrong_count(t, "_curses.window.delch", 0, 2);
    TRY(place(t, self, a, n, 1, "mvwdelch"));
    return checked(t, wdelch(win_of(self)), "wdelch");
}

// --- reading ---

Ref inch(Thread& t, Value self, const Value* a, size_t n, Value) {
    if (n != 0 && n != 2) return wrong_count(t, "_curses.window.inch", 0, 2);
    bool there = TRY(place(t, self, a, n, 1, nullptr));
    if (!there) return int_from(t, static_cast<chtype>(ERR));
    return int_from(t, static_cast<int64_t>(winch(win_of(self))));
}
Ref getch(Thread& t, Value self, const Value* a, size_t n, Value) {
    if (n != 0 && n != 2) return wrong_count(t, "_curses.window.getch", 0, 2);
    bool there = TRY(place(t, self, a, n, 1, nullptr));
    int c = ERR;
    if (there) {
        AllowThreads allow(t);
        c = wgetch(win_of(self));
    }
    if (c == ERR) TRY(handle_pending(t));
    return int_from(t, c);
}
Ref getkey(Thread& t, Value self, const Value* a, size_t n, Value) {
    if (n != 0 && n != 2) return wrong_count(t, "_curses.window.getkey", 0, 2);
    bool there = TRY(place(t, self, a, n, 1, nullptr));
    int c = ERR;
    if (there) {
        AllowThreads allow(t);
        c = wgetch(win_of(self));
    }
    if (c == ERR) {
        TRY(handle_pending(t));
        return raise(t, g_error.as<PyTypeObject>(), "no input");
    }
    if (c <= 255) return str_from_char(t, static_cast<uint32_t>(c));
    const char* name = keyname(c);
    return str_from(t, name ? name : "");
}
Ref get_wch(Thread& t, Value self, const Value* a, size_t n, Value) {
    if (n != 0 && n != 2) return wrong_count(t, "_curses.window.get_wch", 0, 2);
    bool there = TRY(place(t, self, a, n, 1, nullptr));
    wint_t c;
    int code = ERR;
    if (there) {
        AllowThreads allow(t);
        code = wget_wch(win_of(self), &c);
    }
    if (code == ERR) {
        TRY(handle_pending(t));
        return raise(t, g_error.as<PyTypeObject>(), "no input");
    }
    if (code == KEY_CODE_YES) return int_from(t, c);
    return str_from_char(t, c);
}
// getstr() and instr(): a limit and a place, both of which may be missing.
template <bool Input>
Ref read_text(Thread& t, Value self, const Value* a, size_t n, Value) {
    if (n > 3) return wrong_count(t, "_curses.window.instr", 0, 3);
    constexpr int kMost = 2047;
    int limit = kMost;
    if (n == 1 || n == 3) {
        TRY(int_arg(t, a[n - 1], &limit));
        if (limit < 0) return raise(t, PyExc_ValueError, "Cannot convert negative int");
        if (limit > kMost) limit = kMost;
    }
    bool there = true;
    if (n >= 2) {
        size_t two = 2;
        there = TRY(place(t, self, a, two, 1, nullptr));
    }
    char buffer[kMost + 1];
    int code = ERR;
    if (!there) {
        // nothing to read
    } else if (Input) {
        AllowThreads allow(t);
        code = wgetnstr(win_of(self), buffer, limit);
    } else {
        code = winnstr(win_of(self), buffer, limit);
    }
    if (code == ERR) buffer[0] = 0;
    if (Input) TRY(handle_pending(t));
    return bytes_from(t, buffer, strlen(buffer));
}

}  // namespace

const NativeDef window_text_methods[] = {
    def<addch>("addch", nullptr, "Writes a character.", kMethNoSignature),
    def<write_text<kAddnstr>>("addnstr", nullptr, "Writes so many characters of a text.", kMethNoSignature),
    def<write_text<kAddstr>>("addstr", nullptr, "Writes a text.", kMethNoSignature),
    def<background<false>>("bkgd", "(ch, attr=_curses.A_NORMAL, /)", "Sets the background everywhere."),
    def<background<true>>("bkgdset", "(ch, attr=_curses.A_NORMAL, /)",
                          "Sets the background for what is written."),
    def<border>("border",
                "(ls=_curses.ACS_VLINE, rs=_curses.ACS_VLINE,\n       ts=_curses.ACS_HLINE, "
                "bs=_curses.ACS_HLINE,\n       tl=_curses.ACS_ULCORNER, tr=_curses.ACS_URCORNER,\n       "
                "bl=_curses.ACS_LLCORNER, br=_curses.ACS_LRCORNER, /)",
                "Draws a border."),
    def<box>("box", nullptr, "Draws a border of two characters.", kMethNoSignature),
    def<chgat>("chgat", nullptr, "Sets the attributes of characters that are there.", kMethNoSignature),
    def<delch>("delch", nullptr, "Deletes a character.", kMethNoSignature),
    def<echochar>("echochar", "(ch, attr=_curses.A_NORMAL, /)", "Writes a character and refreshes."),
    def<getch>("getch", nullptr, "Reads a key as a number.", kMethNoSignature),
    def<getkey>("getkey", nullptr, "Reads a key as a str.", kMethNoSignature),
    def<get_wch>("get_wch", nullptr, "Reads a key: a str, or a number for keys of functions.",
                 kMethNoSignature),
    def<read_text<true>>("getstr", nullptr, "Reads a line.", kMethNoSignature),
    def<line<kHline, whline>>("hline", nullptr, "Draws a horizontal line.", kMethNoSignature),
    def<inch>("inch", nullptr, "The character at a place, with attributes.", kMethNoSignature),
    def<insch>("insch", nullptr, "Inserts a character.", kMethNoSignature),
    def<write_text<kInsnstr>>("insnstr", nullptr, "Inserts so many characters of a text.", kMethNoSignature),
    def<write_text<kInsstr>>("insstr", nullptr, "Inserts a text.", kMethNoSignature),
    def<read_text<false>>("instr", nullptr, "The characters from a place on.", kMethNoSignature),
    def<line<kVline, wvline>>("vline", nullptr, "Draws a vertical line.", kMethNoSignature),
    {}};

}  // namespace krait::curses
