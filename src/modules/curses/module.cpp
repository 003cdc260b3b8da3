// The module _curses: terminals, colours, keys and the mouse.
#include <langinfo.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <string>

#include "builtins/callable.h"
#include "modules/curses/curses.h"
#include "object/per_interpreter.h"

namespace krait::curses {

Progress g_progress;
PER_INTERPRETER_REFS Value g_error;

Raised curses_error(Thread& t, const char* function) {
    return raise(t, g_error.as<PyTypeObject>(), "%s() returned ERR", function);
}
Raised null_result(Thread& t) {
    return raise(t, g_error.as<PyTypeObject>(), "curses function returned NULL");
}
Ref checked(Thread& t, int code, const char* function) {
    if (code == ERR) return curses_error(t, function);
    return none_ref();
}
namespace {
Status need(Thread& t, bool done, const char* function) {
    if (done) return Status::ok();
    return raise(t, g_error.as<PyTypeObject>(), "must call %s() first", function);
}
}  // namespace
Status need_initscr(Thread& t) { return need(t, g_progress.initscr, "initscr"); }
Status need_setupterm(Thread& t) { return need(t, g_progress.setupterm, "setupterm"); }
Status need_color(Thread& t) {
    TRY(need_initscr(t));
    return need(t, g_progress.start_color, "start_color");
}

namespace {

PER_INTERPRETER_REFS Value g_module;  // gets LINES, COLS and the ACS_ names once there is a screen

Status update_size(Thread& t) {
    TRY(module_add_int(t, g_module, "LINES", LINES));
    TRY(module_add_int(t, g_module, "COLS", COLS));
    // curses has a copy of its own.
    Ref curses = import_module(t, "curses");
    if (!curses) {
        clear_error(t);
        return Status::ok();
    }
    Ref lines = TRY(int_from(t, LINES)), columns = TRY(int_from(t, COLS));
    TRY(set_attr(t, curses, "LINES", lines));
    return set_attr(t, curses, "COLS", columns);
}

// --- families ---

template <const char* Name, auto F>
Ref plain(Thread& t, Value) {
    TRY(need_initscr(t));
    if constexpr (std::is_void_v<decltype(F())>) {
        F();
        return none_ref();
    } else {
        return checked(t, F(), Name);
    }
}
template <auto F>
Ref question(Thread& t, Value) {
    TRY(need_initscr(t));
    return bool_ref(F());
}
template <const char* Name, auto On, auto Off>
Ref on_off(Thread& t, Value, const Value* a, size_t n) {
    bool on = n == 0 || TRY(is_true(t, a[0]));
    TRY(need_initscr(t));
    if constexpr (std::is_void_v<decltype(On())>) {
        on ? On() : Off();
        return none_ref();
    } else {
        return checked(t, on ? On() : Off(), Name);
    }
}
template <const char* Name, auto F>
Ref with_int(Thread& t, Value, Value v) {
    int n;
    TRY(int_arg(t, v, &n));
    TRY(need_initscr(t));
    return checked(t, F(n), Name);
}

// --- screens ---

constexpr struct {
    const char* name;
    unsigned char key;
} kAcs[] = {{"ACS_ULCORNER", 'l'}, {"ACS_LLCORNER", 'm'}, {"ACS_URCORNER", 'k'}, {"ACS_LRCORNER", 'j'},
            {"ACS_LTEE", 't'},     {"ACS_RTEE", 'u'},     {"ACS_BTEE", 'v'},     {"ACS_TTEE", 'w'},
            {"ACS_HLINE", 'q'},    {"ACS_VLINE", 'x'},    {"ACS_PLUS", 'n'},     {"ACS_S1", 'o'},
            {"ACS_S9", 's'},       {"ACS_DIAMOND", '`'},  {"ACS_CKBOARD", 'a'},  {"ACS_DEGREE", 'f'},
            {"ACS_PLMINUS", 'g'},  {"ACS_BULLET", '~'},   {"ACS_LARROW", ','},   {"ACS_RARROW", '+'},
            {"ACS_DARROW", '.'},   {"ACS_UARROW", '-'},   {"ACS_BOARD", 'h'},    {"ACS_LANTERN", 'i'},
            {"ACS_BLOCK", '0'},    {"ACS_BSSB", 'l'},     {"ACS_SSBB", 'm'},     {"ACS_BBSS", 'k'},
            {"ACS_SBBS", 'j'},     {"ACS_SBSS", 'u'},     {"ACS_SSSB", 't'},     {"ACS_SSBS", 'v'},
            {"ACS_BSSS", 'w'},     {"ACS_BSBS", 'q'},     {"ACS_SBSB", 'x'},     {"ACS_SSSS", 'n'},
            {"ACS_S3", 'p'},       {"ACS_S7", 'r'},       {"ACS_LEQUAL", 'y'},   {"ACS_GEQUAL", 'z'},
            {"ACS_PI", '{'},       {"ACS_NEQUAL", '|'},   {"ACS_STERLING", '}'}};
const char* screen_encoding() { return nl_langinfo(CODESET); }

Ref init_screen(Thread& t, Value) {
    if (g_progress.initscr) {
        wrefresh(stdscr);
        return window_new(t, stdscr, screen_encoding(), Value());
    }
    WINDOW* w = initscr();
    if (!w) return raise(t, g_error.as<PyTypeObject>(), "initscr() returned NULL");
    g_progress.initscr = g_progress.setupterm = true;
    for (const auto& [name, key] : kAcs)
        TRY(module_add_int(t, g_module, name, static_cast<int64_t>(acs_map[key])));
    TRY(module_add_int(t, g_module, "LINES", LINES));
    TRY(module_add_int(t, g_module, "COLS", COLS));
    return window_new(t, w, screen_encoding(), Value());
}
Ref setup_term(Thread& t, Value, const Value* p) {
    int fd = -1;
    if (p[1]) TRY(int_arg(t, p[1], &fd));
    std::string name;
    bool has_name = p[0] && !is_none(p[0]);
    if (has_name) {
        if (!is_str(p[0]))
            return raise(t, PyExc_TypeError, "setupterm() argument 'term' must be str or None, not %T", p[0]);
        name = std::string(TRY(str_utf8(t, p[0])));
    }
    if (fd == -1) {
        Value out = sys_get(t, "stdout");
        if (!out || is_none(out)) return raise(t, g_error.as<PyTypeObject>(), "lost sys.stdout");
        Ref number = TRY(call_method(t, out, "fileno"));
        TRY(int_arg(t, number, &fd));
    }
    int err = 0;
    if (!g_progress.setupterm && setupterm(has_name ? name.data() : nullptr, fd, &err) == ERR) {
        const char* why = err == 0    ? "setupterm: could not find terminal"
                          : err == -1 ? "setupterm: could not find terminfo database"
                                      : "setupterm: unknown error";
        return raise(t, g_error.as<PyTypeObject>(), "%s", why);
    }
    g_progress.setupterm = true;
    return none_ref();
}
Ref new_window(Thread& t, Value, const Value* a, size_t n, Value) {
    if (n != 2 && n != 4) return wrong_count(t, "_curses.newwin", 2, 4);
    TRY(need_initscr(t));
    int p[4] = {};
    for (size_t i = 0; i < n; i++) TRY(int_arg(t, a[i], &p[i]));
    WINDOW* w = newwin(p[0], p[1], p[2], p[3]);
    if (!w) return null_result(t);
    return window_new(t, w, screen_encoding(), Value());
}
Ref new_pad(Thread& t, Value, const Value* a, size_t) {
    int rows, columns;
    TRY(int_arg(t, a[0], &rows));
    TRY(int_arg(t, a[1], &columns));
    TRY(need_initscr(t));
    WINDOW* w = newpad(rows, columns);
    if (!w) return null_result(t);
    return window_new(t, w, screen_encoding(), Value());
}
Ref get_window(Thread& t, Value, Value file) {
    TRY(need_initscr(t));
    Ref data = TRY(call_method(t, file, "read"));
    if (!is_bytes(data))
        return raise(t, PyExc_TypeError, "f.read() returned %.100s instead of bytes", type_of(data)->tp_name);
    FILE* f = tmpfile();
    if (!f) return raise_errno(t, errno);
    auto n = static_cast<size_t>(bytes_size(data));
    bool ok = fwrite(bytes_data(data), 1, n, f) == n;
    rewind(f);
    WINDOW* w = ok ? getwin(f) : nullptr;
    fclose(f);
    if (!w) return raise(t, g_error.as<PyTypeObject>(), "getwin() returned NULL");
    return window_new(t, w, screen_encoding(), Value());
}
template <const char* Name, auto F>
Ref resize(Thread& t, Value, const Value* a, size_t) {
    int rows, columns;
    TRY(int_arg(t, a[0], &rows));
    TRY(int_arg(t, a[1], &columns));
    TRY(need_initscr(t));
    if (F(rows, columns) == ERR) return curses_error(t, Name);
    TRY(update_size(t));
    return none_ref();
}
Ref term_resized(Thread& t, Value, const Value* a, size_t) {
    int rows, columns;
    TRY(int_arg(t, a[0], &rows));
    TRY(int_arg(t, a[1], &columns));
    TRY(need_initscr(t));
    return bool_ref(is_term_resized(rows, columns));
}
Ref update_lines_cols(Thread& t, Value) {
    TRY(need_initscr(t));
    TRY(update_size(t));
    return none_ref();
}
Ref get_syx(Thread& t, Value) {
    TRY(need_initscr(t));
    int y = 0, x = 0;
    if (newscr) {
        if (is_leaveok(newscr))
            y = x = -1;
        else
            getyx(newscr, y, x);
    }
    return tuple_of(t, {Value::from_int(y), Value::from_int(x)});
}
Ref set_syx(Thread& t, Value, const Value* a, size_t) {
    TRY(need_initscr(t));
    int y, x;
    TRY(int_arg(t, a[0], &y));
    TRY(int_arg(t, a[1], &x));
    if (newscr) {
        if (y == -1 && x == -1) {
            leaveok(newscr, true);
        } else {
            leaveok(newscr, false);
            wmove(newscr, y, x);
        }
    }
    return none_ref();
}

// --- colours ---

Ref start_colors(Thread& t, Value) {
    TRY(need_initscr(t));
    if (start_color() == ERR) return raise(t, g_error.as<PyTypeObject>(), "start_color() returned ERR");
    g_progress.start_color = true;
    TRY(module_add_int(t, g_module, "COLORS", COLORS));
    TRY(module_add_int(t, g_module, "COLOR_PAIRS", COLOR_PAIRS));
    return none_ref();
}
Status color_number(Thread& t, Value v, int* out) {
    TRY(int_arg(t, v, out));
    if (*out < 0) return raise(t, PyExc_ValueError, "Color number is less than 0.");
    if (*out >= COLORS)
        return raise(t, PyExc_ValueError, "Color number is greater than COLORS-1 (%d).", COLORS - 1);
    return Status::ok();
}
Status pair_number_arg(Thread& t, Value v, int* out) {
    TRY(int_arg(t, v, out));
    if (*out < 0) return raise(t, PyExc_ValueError, "Color pair is less than 0.");
    if (*out > COLOR_PAIRS - 1)
        return raise(t, PyExc_ValueError, "Color pair is greater than COLOR_PAIRS-1 (%d).", COLOR_PAIRS - 1);
    return Status::ok();
}
Ref color_content(Thread& t, Value, Value v) {
    int n, r, g, b;
    TRY(color_number(t, v, &n));
    TRY(need_color(t));
    if (extended_color_content(n, &r, &g, &b) == ERR)
        return raise(t, g_error.as<PyTypeObject>(), "extended_color_content() returned ERR");
    return tuple_of(t, {Value::from_int(r), Value::from_int(g), Value::from_int(b)});
}
Ref color_pair(Thread& t, Value, Value v) {
    int n;
    TRY(int_arg(t, v, &n));
    TRY(need_color(t));
    return int_from(t, static_cast<int64_t>(COLOR_PAIR(n)));
}
Ref pair_of_attr(Thread& t, Value, Value v) {
    int n;
    TRY(int_arg(t, v, &n));
    TRY(need_color(t));
    return int_from(t, PAIR_NUMBER(n));
}
Ref pair_content(Thread& t, Value, Value v) {
    TRY(need_color(t));
    int n, f, b;
    TRY(pair_number_arg(t, v, &n));
    if (extended_pair_content(n, &f, &b) == ERR)
        return raise(t, g_error.as<PyTypeObject>(), "extended_pair_content() returned ERR");
    return tuple_of(t, {Value::from_int(f), Value::from_int(b)});
}
Ref initialize_color(Thread& t, Value, const Value* a, size_t) {
    int n, c[3];
    TRY(color_number(t, a[0], &n));
    for (int i = 0; i < 3; i++) {
        TRY(int_arg(t, a[i + 1], &c[i]));
        if (c[i] < 0) return raise(t, PyExc_ValueError, "Color component is less than 0");
        if (c[i] > 1000) return raise(t, PyExc_ValueError, "Color component is greater than 1000");
    }
    TRY(need_color(t));
    return checked(t, init_extended_color(n, c[0], c[1], c[2]), "init_extended_color");
}
Ref initialize_pair(Thread& t, Value, const Value* a, size_t) {
    int n, c[2];
    TRY(int_arg(t, a[0], &n));
    if (n < 0) return raise(t, PyExc_ValueError, "Color pair is less than 0.");
    for (int i = 0; i < 2; i++) {
        TRY(int_arg(t, a[i + 1], &c[i]));
        if (c[i] != -1) TRY(color_number(t, a[i + 1], &c[i]));  // -1: the terminal's own
    }
    TRY(need_color(t));
    TRY(pair_number_arg(t, a[0], &n));
    return checked(t, init_extended_pair(n, c[0], c[1]), "init_extended_pair");
}
Ref use_defaults(Thread& t, Value) {
    TRY(need_color(t));
    return checked(t, use_default_colors(), "use_default_colors");
}
Ref assume_colors(Thread& t, Value, const Value* a, size_t) {
    TRY(need_color(t));
    int f, b;
    TRY(int_arg(t, a[0], &f));
    TRY(int_arg(t, a[1], &b));
    return checked(t, assume_default_colors(f, b), "assume_default_colors");
}
Ref extended_colors(Thread&, Value) { return bool_ref(true); }

// --- keys, the mouse and the rest ---

Ref key_name(Thread& t, Value, Value v) {
    int n;
    TRY(int_arg(t, v, &n));
    TRY(need_initscr(t));
    if (n < 0) return raise(t, PyExc_ValueError, "invalid key number");
    const char* name = keyname(n);
    return bytes_from(t, name ? name : "", name ? strlen(name) : 0);
}
Ref has_key_of(Thread& t, Value, Value v) {
    int n;
    TRY(int_arg(t, v, &n));
    TRY(need_initscr(t));
    return bool_ref(has_key(n));
}
Ref erase_char(Thread& t, Value) {
    TRY(need_initscr(t));
    char c = erasechar();
    return bytes_from(t, &c, 1);
}
Ref kill_char(Thread& t, Value) {
    char c = killchar();
    return bytes_from(t, &c, 1);
}
Ref text_bytes(Thread& t, const char* s) { return s ? bytes_from(t, s, strlen(s)) : none_ref(); }
Ref long_name(Thread& t, Value) {
    TRY(need_initscr(t));
    return text_bytes(t, longname());
}
Ref term_name(Thread& t, Value) {
    TRY(need_initscr(t));
    return text_bytes(t, termname());
}
Ref term_attrs(Thread& t, Value) {
    TRY(need_initscr(t));
    return int_from(t, static_cast<int64_t>(termattrs()));
}
Ref baud_rate(Thread& t, Value) {
    TRY(need_initscr(t));
    return int_from(t, baudrate());
}
Ref cursor(Thread& t, Value, Value v) {
    int n;
    TRY(int_arg(t, v, &n));
    TRY(need_initscr(t));
    int old = curs_set(n);
    return old == ERR ? curses_error(t, "curs_set") : int_from(t, old);
}
Ref get_mouse(Thread& t, Value) {
    TRY(need_initscr(t));
    MEVENT e;
    if (getmouse(&e) == ERR) return curses_error(t, "getmouse");
    Ref state = TRY(int_from(t, static_cast<int64_t>(e.bstate)));
    return tuple_of(
        t, {Value::from_int(e.id), Value::from_int(e.x), Value::from_int(e.y), Value::from_int(e.z), state});
}
Ref unget_mouse(Thread& t, Value, const Value* a, size_t) {
    TRY(need_initscr(t));
    int p[4];
    for (int i = 0; i < 4; i++) TRY(int_arg(t, a[i], &p[i]));
    int64_t state = TRY(as_int64(t, a[4]));
    MEVENT e{static_cast<short>(p[0]), p[1], p[2], p[3], static_cast<mmask_t>(state)};
    return checked(t, ungetmouse(&e), "ungetmouse");
}
Ref mouse_mask(Thread& t, Value, Value v) {
    TRY(need_initscr(t));
    int64_t mask = TRY(as_int64(t, v));
    mmask_t old, now = mousemask(static_cast<mmask_t>(mask), &old);
    return tuple_of(t, {Value::from_int(now), Value::from_int(old)});
}
Ref flush_input(Thread& t, Value) {
    TRY(need_initscr(t));
    flushinp();
    return none_ref();
}
Ref unget(Thread& t, Value, Value v) {
    TRY(need_initscr(t));
    chtype c;
    TRY(plain_character(t, v, &c, screen_encoding()));
    return checked(t, ungetch(static_cast<int>(c)), "ungetch");
}
Ref unget_wide(Thread& t, Value, Value v) {
    TRY(need_initscr(t));
    wchar_t c;
    if (is_str(v)) {
        if (str_length(v) != 1)
            return raise(t, PyExc_TypeError, "expect int or str of length 1, got a str of length %zd",
                         str_length(v));
        c = static_cast<wchar_t>(str_char(v, 0));
    } else if (is_long(v)) {
        int64_t n;
        if (!int_to_i64(v, &n) || n < 0 || n > INT32_MAX)
            return raise(t, PyExc_OverflowError, "character doesn't fit in wchar_t");
        c = static_cast<wchar_t>(n);
    } else {
        return raise(t, PyExc_TypeError, "expect int or str of length 1, got %T", v);
    }
    return checked(t, unget_wch(c), "unget_wch");
}
Ref un_ctrl(Thread& t, Value, Value v) {
    TRY(need_initscr(t));
    chtype c;
    TRY(plain_character(t, v, &c, screen_encoding()));
    return text_bytes(t, unctrl(c));
}
Ref naps(Thread& t, Value, Value v) {
    TRY(need_initscr(t));
    int ms;
    TRY(int_arg(t, v, &ms));
    AllowThreads allow(t);
    return Ref::from_int(napms(ms));
}
Ref meta_keys(Thread& t, Value, Value v) {
    bool on = TRY(is_true(t, v));
    TRY(need_initscr(t));
    return checked(t, meta(stdscr, on), "meta");
}
Ref interrupt_flush(Thread& t, Value, Value v) {
    bool on = TRY(is_true(t, v));
    TRY(need_initscr(t));
    return checked(t, intrflush(nullptr, on), "intrflush");
}
Ref half_delay(Thread& t, Value, Value v) {
    int n;
    TRY(int_arg(t, v, &n));
    if (n < 0) return raise(t, PyExc_OverflowError, "unsigned byte integer is less than minimum");
    if (n > 255) return raise(t, PyExc_OverflowError, "unsigned byte integer is greater than maximum");
    TRY(need_initscr(t));
    return checked(t, halfdelay(n), "halfdelay");
}
Ref environment(Thread& t, Value, Value v) {
    bool on = TRY(is_true(t, v));
    use_env(on);
    return none_ref();
}
Ref filter_lines(Thread&, Value) {
    filter();
    return none_ref();
}
Ref qi_flush(Thread& t, Value, const Value* a, size_t n) {
    bool on = n == 0 || TRY(is_true(t, a[0]));
    TRY(need_initscr(t));
    on ? qiflush() : noqiflush();
    return none_ref();
}
Ref get_escape_delay(Thread& t, Value) { return int_from(t, ESCDELAY); }
Ref get_tab_size(Thread& t, Value) { return int_from(t, TABSIZE); }
template <auto F, const char* Name>
Ref set_positive(Thread& t, Value, Value v) {
    int n;
    TRY(int_arg(t, v, &n));
    if (n <= 0) return raise(t, PyExc_ValueError, "%s must be > 0", Name[4] == 'e' ? "ms" : "size");
    return checked(t, F(n), Name);
}

// --- terminfo ---

constexpr char kFlagName[] = "tigetflag", kNumberName[] = "tigetnum";
template <const char* Name, auto F>
Ref capability(Thread& t, Value, Value v) {
    if (!is_str(v)) return raise(t, PyExc_TypeError, "%s() argument must be str, not %K", Name, v);
    TRY(need_setupterm(t));
    std::string name(TRY(str_utf8(t, v)));
    return int_from(t, F(name.data()));
}
Ref capability_text(Thread& t, Value, Value v) {
    TRY(need_setupterm(t));
    if (!is_str(v)) return raise(t, PyExc_TypeError, "tigetstr() argument must be str, not %K", v);
    std::string name(TRY(str_utf8(t, v)));
    char* s = tigetstr(name.data());
    return s == nullptr || s == reinterpret_cast<char*>(-1) ? none_ref() : text_bytes(t, s);
}
Ref parameters(Thread& t, Value, const Value* a, size_t n, Value kwnames) {
    TRY(no_kwargs(t, "_curses.tparm", kwnames));
    if (n < 1 || n > 10)
        return raise(t, PyExc_TypeError, "tparm() takes at %s %d argument%s (%zu given)",
                     n ? "most" : "least", n ? 10 : 1, n ? "s" : "", n);
    TRY(need_setupterm(t));
    Buffer text;
    TRY(text.acquire(t, a[0]));
    int p[9] = {};
    for (size_t i = 1; i < n; i++) TRY(int_arg(t, a[i], &p[i - 1]));
    std::string s(text.data(), static_cast<size_t>(text.size()));
    char* r = tparm(s.data(), p[0], p[1], p[2], p[3], p[4], p[5], p[6], p[7], p[8]);
    if (!r) return raise(t, g_error.as<PyTypeObject>(), "tparm() returned NULL");
    return text_bytes(t, r);
}
Ref put_text(Thread& t, Value, Value v) {
    Buffer text;
    TRY(text.acquire(t, v));
    std::string s(text.data(), static_cast<size_t>(text.size()));
    return checked(t, putp(s.c_str()), "putp");
}

constexpr char n_beep[] = "beep", n_cbreak[] = "cbreak", n_def_prog_mode[] = "def_prog_mode",
               n_def_shell_mode[] = "def_shell_mode", n_delay_output[] = "delay_output",
               n_doupdate[] = "doupdate", n_echo[] = "echo", n_endwin[] = "endwin", n_flash[] = "flash",
               n_mouseinterval[] = "mouseinterval", n_nl[] = "nl", n_nocbreak[] = "nocbreak",
               n_noecho[] = "noecho", n_nonl[] = "nonl", n_noraw[] = "noraw", n_raw[] = "raw",
               n_noqiflush[] = "noqiflush", n_reset_prog_mode[] = "reset_prog_mode",
               n_reset_shell_mode[] = "reset_shell_mode", n_resetty[] = "resetty", n_savetty[] = "savetty",
               n_typeahead[] = "typeahead", n_resize_term[] = "resize_term", n_resizeterm[] = "resizeterm",
               n_set_escdelay[] = "set_escdelay", n_set_tabsize[] = "set_tabsize";
constexpr char kNone[] = "()", kFlag[] = "(flag=True, /)";

const NativeDef functions[] = {
    def<assume_colors>("assume_default_colors", "(fg, bg, /)", "The colours of what has none."),
    def<baud_rate>("baudrate", kNone, "The speed of the terminal."),
    def<plain<n_beep, beep>>("beep", kNone, "Makes a sound."),
    def<question<can_change_color>>("can_change_color", kNone, "Can colours be defined?"),
    def<on_off<n_cbreak, cbreak, nocbreak>>("cbreak", kFlag, "Keys arrive at once."),
    def<color_content>("color_content", "(color_number, /)", "(r, g, b) of a colour."),
    def<color_pair>("color_pair", "(pair_number, /)", "The attribute of a pair of colours."),
    def<cursor>("curs_set", "(visibility, /)", "Shows or hides the cursor."),
    def<plain<n_def_prog_mode, def_prog_mode>>("def_prog_mode", kNone,
                                               "Keeps the terminal's state as the program's."),
    def<plain<n_def_shell_mode, def_shell_mode>>("def_shell_mode", kNone,
                                                 "Keeps the terminal's state as the shell's."),
    def<with_int<n_delay_output, delay_output>>("delay_output", "(ms, /)", "A pause in the output."),
    def<plain<n_doupdate, doupdate>>("doupdate", kNone, "Brings the screen up to date."),
    def<on_off<n_echo, echo, noecho>>("echo", kFlag, "Keys are shown."),
    def<plain<n_endwin, endwin>>("endwin", kNone, "Gives the terminal back."),
    def<erase_char>("erasechar", kNone, "The user's erase character."),
    def<filter_lines>("filter", kNone, "To be called before initscr(): one line only."),
    def<plain<n_flash, flash>>("flash", kNone, "Flashes the screen."),
    def<flush_input>("flushinp", kNone, "Throws away what has been typed."),
    def<get_escape_delay>("get_escdelay", kNone, "How long an escape sequence is waited for."),
    def<get_tab_size>("get_tabsize", kNone, "The width of tabs."),
    def<get_mouse>("getmouse", kNone, "The event behind KEY_MOUSE."),
    def<get_syx>("getsyx", kNone, "(y, x) of the cursor of the screen."),
    def<get_window>("getwin", "(file, /)", "Reads what putwin() wrote."),
    def<half_delay>("halfdelay", "(tenths, /)", "As cbreak(), but waits so long at most."),
    def<question<has_colors>>("has_colors", kNone, "Are there colours?"),
    def<extended_colors>("has_extended_color_support", kNone, "Can there be more than 256 colours?"),
    def<question<has_ic>>("has_ic", kNone, "Can the terminal insert and delete characters?"),
    def<question<has_il>>("has_il", kNone, "Can the terminal insert and delete lines?"),
    def<has_key_of>("has_key", "(key, /)", "Does the terminal know the key?"),
    def<initialize_color>("init_color", "(color_number, r, g, b, /)", "Defines a colour."),
    def<initialize_pair>("init_pair", "(pair_number, fg, bg, /)", "Defines a pair of colours."),
    def<init_screen>("initscr", kNone, "Begins; the window of the whole screen."),
    def<interrupt_flush>("intrflush", "(flag, /)", "Whether interrupts throw away the output."),
    def<question<isendwin>>("isendwin", kNone, "Has endwin() been called?"),
    def<term_resized>("is_term_resized", "(nlines, ncols, /)", "Would resize_term() change anything?"),
    def<key_name>("keyname", "(key, /)", "The name of a key."),
    def<kill_char>("killchar", kNone, "The user's line kill character."),
    def<long_name>("longname", kNone, "The long name of the terminal."),
    def<meta_keys>("meta", "(yes, /)", "Whether keys have eight bits."),
    def<with_int<n_mouseinterval, mouseinterval>>("mouseinterval", "(interval, /)", "The length of a click."),
    def<mouse_mask>("mousemask", "(newmask, /)", "Which events of the mouse are told."),
    def<naps>("napms", "(ms, /)", "Sleeps."),
    def<new_pad>("newpad", "(nlines, ncols, /)", "A window that may be larger than the screen."),
    def<new_window>("newwin", nullptr, "A window.", kMethNoSignature),
    def<on_off<n_nl, nl, nonl>>("nl", kFlag, "Return is told as newline."),
    def<plain<n_nocbreak, nocbreak>>("nocbreak", kNone, "Keys arrive in lines."),
    def<plain<n_noecho, noecho>>("noecho", kNone, "Keys are not shown."),
    def<plain<n_nonl, nonl>>("nonl", kNone, "Return is not told as newline."),
    def<plain<n_noqiflush, noqiflush>>("noqiflush", kNone, "Interrupts keep the queues."),
    def<plain<n_noraw, noraw>>("noraw", kNone, "Leaves raw mode."),
    def<pair_content>("pair_content", "(pair_number, /)", "(fg, bg) of a pair of colours."),
    def<pair_of_attr>("pair_number", "(attr, /)", "The number of a pair's attribute."),
    def<put_text>("putp", "(string, /)", "Writes with padding."),
    def<qi_flush>("qiflush", kFlag, "Whether interrupts throw away the queues."),
    def<on_off<n_raw, raw, noraw>>("raw", kFlag, "Keys arrive at once, all of them."),
    def<plain<n_reset_prog_mode, reset_prog_mode>>("reset_prog_mode", kNone, "Restores the program's state."),
    def<plain<n_reset_shell_mode, reset_shell_mode>>("reset_shell_mode", kNone,
                                                     "Restores the shell's state."),
    def<plain<n_resetty, resetty>>("resetty", kNone, "Restores what savetty() kept."),
    def<resize<n_resizeterm, resizeterm>>("resizeterm", "(nlines, ncols, /)",
                                          "Gives the screen another size."),
    def<resize<n_resize_term, resize_term>>("resize_term", "(nlines, ncols, /)",
                                            "Gives the screen another size, without KEY_RESIZE."),
    def<plain<n_savetty, savetty>>("savetty", kNone, "Keeps the terminal's state."),
    def<set_positive<set_escdelay, n_set_escdelay>>("set_escdelay", "(ms, /)",
                                                    "How long an escape sequence is waited for."),
    def<set_positive<set_tabsize, n_set_tabsize>>("set_tabsize", "(size, /)", "The width of tabs."),
    def<set_syx>("setsyx", "(y, x, /)", "Moves the cursor of the screen."),
    def<setup_term>("setupterm", "(term=None, fd=-1)", "Reads the description of the terminal."),
    def<start_colors>("start_color", kNone, "Begins with colours."),
    def<term_attrs>("termattrs", kNone, "The attributes that the terminal has."),
    def<term_name>("termname", kNone, "The name of the terminal."),
    def<capability<kFlagName, tigetflag>>("tigetflag", "(capname, /)", "A capability that is a flag."),
    def<capability<kNumberName, tigetnum>>("tigetnum", "(capname, /)", "A capability that is a number."),
    def<capability_text>("tigetstr", "(capname, /)", "A capability that is a text."),
    def<parameters>("tparm", "(str, i1=0, i2=0, i3=0, i4=0, i5=0, i6=0, i7=0, i8=0,\n      i9=0, /)",
                    "A capability with parameters put in."),
    def<with_int<n_typeahead, typeahead>>("typeahead", "(fd, /)", "Where it is looked for further keys."),
    def<un_ctrl>("unctrl", "(ch, /)", "A character as it is shown."),
    def<unget>("ungetch", "(ch, /)", "Puts a key back."),
    def<update_lines_cols>("update_lines_cols", kNone, "Updates LINES and COLS."),
    def<unget_wide>("unget_wch", "(ch, /)", "Puts a key back."),
    def<unget_mouse>("ungetmouse", "(id, x, y, z, bstate, /)", "Puts an event of the mouse back."),
    def<use_defaults>("use_default_colors", kNone, "Lets colour -1 be the terminal's own."),
    def<environment>("use_env", "(flag, /)", "Whether LINES and COLUMNS of the environment count."),
    {}};

const StructSeqField version_fields[] = {
    {"major", "Major release number"}, {"minor", "Minor release number"}, {"patch", "Patch release number"}};
const StructSeqDesc version_desc{"curses.ncurses_version", "Ncurses version information.", version_fields, 3,
                                 3};

PER_INTERPRETER_REFS PyTypeObject* g_version_type;

Status add_version(Thread& t, Value module) {
    PyTypeObject*& type = g_version_type;
    if (!type) type = TRY(structseq_type_new(t, version_desc)).release().as<PyTypeObject>();
    Value parts[] = {Value::from_int(NCURSES_VERSION_MAJOR), Value::from_int(NCURSES_VERSION_MINOR),
                     Value::from_int(NCURSES_VERSION_PATCH)};
    TRY(module_add(t, module, "ncurses_version", structseq_new(t, type, parts)));
    TRY(module_add(t, module, "version", bytes_from(t, "2.2", 3)));
    return module_add(t, module, "__version__", bytes_from(t, "2.2", 3));
}
Status add_numbers(Thread& t, Value module) {
    static constexpr struct {
        const char* name;
        int64_t value;
    } kNumbers[] = {
#define ROW(n) {#n, static_cast<int64_t>(n)}
        ROW(ERR),
        ROW(OK),
        ROW(A_ATTRIBUTES),
        ROW(A_NORMAL),
        ROW(A_STANDOUT),
        ROW(A_UNDERLINE),
        ROW(A_REVERSE),
        ROW(A_BLINK),
        ROW(A_DIM),
        ROW(A_BOLD),
        ROW(A_ALTCHARSET),
        ROW(A_INVIS),
        ROW(A_PROTECT),
        ROW(A_CHARTEXT),
        ROW(A_COLOR),
        ROW(A_HORIZONTAL),
        ROW(A_LEFT),
        ROW(A_LOW),
        ROW(A_RIGHT),
        ROW(A_TOP),
        ROW(A_VERTICAL),
        ROW(A_ITALIC),
        ROW(COLOR_BLACK),
        ROW(COLOR_RED),
        ROW(COLOR_GREEN),
        ROW(COLOR_YELLOW),
        ROW(COLOR_BLUE),
        ROW(COLOR_MAGENTA),
        ROW(COLOR_CYAN),
        ROW(COLOR_WHITE),
        ROW(BUTTON1_PRESSED),
        ROW(BUTTON1_RELEASED),
        ROW(BUTTON1_CLICKED),
        ROW(BUTTON1_DOUBLE_CLICKED),
        ROW(BUTTON1_TRIPLE_CLICKED),
        ROW(BUTTON2_PRESSED),
        ROW(BUTTON2_RELEASED),
        ROW(BUTTON2_CLICKED),
        ROW(BUTTON2_DOUBLE_CLICKED),
        ROW(BUTTON2_TRIPLE_CLICKED),
        ROW(BUTTON3_PRESSED),
        ROW(BUTTON3_RELEASED),
        ROW(BUTTON3_CLICKED),
        ROW(BUTTON3_DOUBLE_CLICKED),
        ROW(BUTTON3_TRIPLE_CLICKED),
        ROW(BUTTON4_PRESSED),
        ROW(BUTTON4_RELEASED),
        ROW(BUTTON4_CLICKED),
        ROW(BUTTON4_DOUBLE_CLICKED),
        ROW(BUTTON4_TRIPLE_CLICKED),
        ROW(BUTTON5_PRESSED),
        ROW(BUTTON5_RELEASED),
        ROW(BUTTON5_CLICKED),
        ROW(BUTTON5_DOUBLE_CLICKED),
        ROW(BUTTON5_TRIPLE_CLICKED),
        ROW(BUTTON_SHIFT),
        ROW(BUTTON_CTRL),
        ROW(BUTTON_ALT),
        ROW(ALL_MOUSE_EVENTS),
        ROW(REPORT_MOUSE_POSITION),
#undef ROW
    };
    for (const auto& [name, value] : kNumbers) TRY(module_add_int(t, module, name, value));
    // The keys, by the library's names for them: "KEY_F(1)" is KEY_F1.
    for (int key = KEY_MIN; key < KEY_MAX; key++) {
        const char* name = keyname(key);
        if (!name || strcmp(name, "UNKNOWN KEY") == 0 || strncmp(name, "KEY_", 4) != 0) continue;
        std::string plain;
        for (const char* p = name; *p; p++)
            if (*p != '(' && *p != ')') plain += *p;
        TRY(module_add_int(t, module, plain.c_str(), key));
    }
    TRY(module_add_int(t, module, "KEY_MIN", KEY_MIN));
    return module_add_int(t, module, "KEY_MAX", KEY_MAX);
}

// What extensions find in `_C_API`: the type of windows, and how far curses has been started.
template <Status (*Need)(Thread&)>
int has_done() {
    return static_cast<bool>(Need(current_thread()));
}
Status add_capsule(Thread& t, Value module) {
    static void* api[4] = {&window_type, reinterpret_cast<void*>(has_done<need_setupterm>),
                           reinterpret_cast<void*>(has_done<need_initscr>),
                           reinterpret_cast<void*>(has_done<need_color>)};
    return module_add(t, module, "_C_API", capsule_new(t, api, "_curses._C_API"));
}

Status exec(Thread& t, Value module) {
    put_owned(g_module, Ref::share(module));
    if (!g_error) {
        Ref ns = TRY(dict_new(t)), name = TRY(str_intern(t, "error")), home = TRY(str_intern(t, "_curses"));
        Ref bases = TRY(tuple_of(t, {PyExc_Exception}));
        TRY(dict_set_str(t, ns, "__module__", home));
        g_error = TRY(new_class(t, name, bases, ns)).release();
    }
    TRY(module_add(t, module, "error", Ref::share(g_error)));
    TRY(add_window(t, module));
    TRY(add_capsule(t, module));
    TRY(add_version(t, module));
    return add_numbers(t, module);
}

}  // namespace
}  // namespace krait::curses

namespace krait {
extern const ModuleSpec module__curses;
const ModuleSpec module__curses{
    .name = "_curses", .doc = nullptr, .functions = curses::functions, .exec = curses::exec};
}  // namespace krait
