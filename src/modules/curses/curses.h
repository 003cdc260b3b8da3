// Between the files of _curses and _curses_panel.
#pragma once

#define NCURSES_NOMACROS 1
#define NCURSES_WIDECHAR 1
#include <curses.h>
#include <panel.h>

#include <initializer_list>

#include "builtins/bytes.h"
#include "builtins/callable.h"
#include "builtins/dict.h"
#include "builtins/number.h"
#include "builtins/str.h"
#include "builtins/tuple.h"
#include "gc/gc.h"
#include "modules/fields.h"
#include "object/protocol.h"

// <term.h> makes macros of hundreds of common words; this is all that is needed of it.
extern "C" int setupterm(const char* term, int fd, int* error);

namespace krait::curses {

struct Window {
    PyObject ob_base;
    WINDOW* win;
    char* encoding;  // owned
    Value parent;    // what the window is a part of; owned or empty
};
extern Type window_type;
inline WINDOW* win_of(Value v) { return v.as<Window>()->win; }

// What has been set up: functions refuse to work before.
struct Progress {
    bool setupterm = false, initscr = false, start_color = false;
};
extern Progress g_progress;
extern Value g_error;  // _curses.error
Status need_initscr(Thread& t);
Status need_setupterm(Thread& t);
Status need_color(Thread& t);

Raised curses_error(Thread& t, const char* function);
Raised null_result(Thread& t);                           // of functions that give a window
Ref checked(Thread& t, int code, const char* function);  // ERR: an error; else None

Ref window_new(Thread& t, WINDOW* win, const char* encoding, Value parent);
Status int_arg(Thread& t, Value v, int* out);
// "NAME requires LOW to HIGH arguments"
Raised wrong_count(Thread& t, const char* name, int low, int high);

// A character as an argument: a wide one, or one of the old kind with attributes.
struct Character {
    bool wide = false;
    wchar_t text[2] = {};
    chtype plain = 0;
};
Status character(Thread& t, Value v, Character* out);
Status plain_character(Thread& t, Value v, chtype* out, const char* encoding);  // refuses wide ones
// A str or bytes as an argument.
struct Text {
    wchar_t* wide = nullptr;
    const char* bytes = nullptr;
    Ref keep;
    Status set(Thread& t, Value v);
    ~Text();
};

extern const NativeDef window_methods[];
extern const NativeDef window_text_methods[];
Status add_window(Thread& t, Value module);
Status add_constants(Thread& t, Value module, bool keys);

}  // namespace krait::curses
