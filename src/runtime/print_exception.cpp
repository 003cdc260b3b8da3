// Printing an uncaught exception without the module traceback.
#include <algorithm>
#include <cstdio>
#include <cstring>
#include <string>
#include <vector>

#include "builtins/bytes.h"
#include "builtins/codec.h"
#include "builtins/dict.h"
#include "builtins/exceptions.h"
#include "builtins/str.h"
#include "builtins/tuple.h"
#include "interp/frame_object.h"
#include "interp/interp.h"
#include "modules/sys.h"
#include "object/names.h"
#include "object/protocol.h"
#include "runtime/init.h"
#include "source/source-text.h"

namespace krait {
namespace {

constexpr int kMaxDepth = 100;    // causes and contexts
constexpr int kRepeatsShown = 3;  // of an entry that repeats, as recursion makes
constexpr int kMaxEntries = 1000;

std::string text_of(Value v) { return std::string(str_utf8_or(v, "?")); }

bool read_line(const std::string& filename, int number, std::string& out) {
    FILE* f = fopen(filename.c_str(), "rb");
    if (!f) return false;
    char* line = nullptr;
    size_t capacity = 0;
    ssize_t n = -1;
    for (int i = 0; i < number; i++)
        if ((n = getline(&line, &capacity, f)) < 0) break;
    if (n >= 0) out.assign(line, static_cast<size_t>(n));
    free(line);
    fclose(f);
    return n >= 0;
}

// Source is read as io.open would read it: a program that took that away gets none, nor does one whose
// modules die.
bool io_opens(Thread& t) {
    Ref open = import_attr(t, "io", "open");
    if (!open) clear_error(t);
    return static_cast<bool>(open);
}

class Printer {
  public:
    // `hook`: as the hook for what cannot be raised prints.
    Printer(Thread& t, bool hook) : t_(t), hook_(hook) {}
    void exception(Value exc, int depth);
    void alone(Value exc);  // without causes and contexts
    void traceback(PyTracebackObject* tb);
    std::string out;

  private:
    void entry(PyTracebackObject* tb, int line);
    void source_line(PyCodeObject* co, int line);
    void final_line(Value exc);
    void syntax_error(Value exc);
    std::string str_or(Value v, const char* fallback);

    Thread& t_;
    bool hook_;
    std::vector<Value> seen_;  // borrowed: all hang together
};

std::string Printer::str_or(Value v, const char* fallback) {
    Ref s = str(t_, v);
    if (!s) {
        clear_error(t_);
        return fallback;
    }
    // Surrogates stay in: the file that the text goes to knows what to do with them.
    Ref bytes = str_encode(t_, s, "utf-8", "surrogatepass");
    if (!bytes) {
        clear_error(t_);
        return fallback;
    }
    auto* b = bytes.as<PyBytesObject>();
    return {b->ob_sval, static_cast<size_t>(b->ob_base.ob_size)};
}

void Printer::source_line(PyCodeObject* co, int number) {
    std::string raw;
    if (!io_opens(t_)) return;
    if (number <= 0 || !read_line(text_of(co->co_filename), number, raw)) return;
    while (!raw.empty() && (raw.back() == '\n' || raw.back() == '\r')) raw.pop_back();
    size_t indent = 0;
    while (indent < raw.size() && (raw[indent] == ' ' || raw[indent] == '\t' || raw[indent] == '\f'))
        indent++;
    std::string line = raw.substr(indent);
    if (line.empty()) return;
    out += "    " + line + "\n";
}

void Printer::entry(PyTracebackObject* tb, int line) {
    PyCodeObject* co = tb->tb_frame->frame->co();
    out += "  File \"" + text_of(co->co_filename) + "\", line " + (line < 0 ? "?" : std::to_string(line)) +
           ", in " + text_of(co->co_name) + "\n";
    source_line(co, line);
}

void Printer::traceback(PyTracebackObject* tb) {
    out += "Traceback (most recent call last):\n";
    int total = 0;
    for (PyTracebackObject* p = tb; p; p = p->tb_next) total++;
    for (; tb && total > kMaxEntries; total--) tb = tb->tb_next;
    PyCodeObject* last_code = nullptr;
    int last_line = -2, repeats = 0;
    auto flush = [&] {
        if (repeats <= kRepeatsShown) return;
        int more = repeats - kRepeatsShown;
        out += "  [Previous line repeated " + std::to_string(more) + " more time" + (more > 1 ? "s" : "") +
               "]\n";
    };
    for (; tb; tb = tb->tb_next) {
        int line = traceback_line(tb);
        PyCodeObject* co = tb->tb_frame->frame->co();
        if (co != last_code || line != last_line) {
            flush();
            last_code = co;
            last_line = line;
            repeats = 0;
        }
        if (++repeats <= kRepeatsShown) entry(tb, line);
    }
    flush();
}

// The file a SyntaxError is about, ahead of its message. The line is always 0 in CPython's words, too.
void Printer::syntax_error(Value exc) {
    Maybe wanted = lookup_attr(t_, exc, ID(print_file_and_line));
    if (!wanted) clear_error(t_);
    if (!wanted || !wanted.has_value()) return;
    Value file = exc.as<PySyntaxErrorObject>()->filename;
    out += "  File \"" + (file && !is_none(file) ? str_or(file, "<string>") : "<string>") + "\", line 0\n";
}

void Printer::final_line(Value exc) {
    PyTypeObject* type = type_of(exc);
    std::string name;
    Ref module = get_attr(t_, Value(type), ID(__module__));
    if (!module) clear_error(t_);
    if (!module || !is_str(module)) {
        name = hook_ ? "<unknown>" : "<unknown>.";
    } else {
        std::string m = text_of(module);
        if (m != "builtins" && m != "__main__") name = m + ".";
    }
    Ref qualname = get_attr(t_, Value(type), ID(__qualname__));
    if (!qualname) clear_error(t_);
    name += qualname && is_str(qualname) ? text_of(qualname) : type->tp_name;
    std::string message = str_or(exc, "<exception str() failed>");
    out += message.empty() && !hook_ ? name + "\n" : name + ": " + message + "\n";
}

void Printer::exception(Value exc, int depth) {
    auto* e = as_base_exception(exc);
    seen_.push_back(exc);
    auto is_new = [&](Value v) {
        return v && !is_none(v) && std::find(seen_.begin(), seen_.end(), v) == seen_.end();
    };
    if (depth < kMaxDepth) {
        if (e->cause && !is_none(e->cause)) {
            if (is_new(e->cause)) {
                exception(e->cause, depth + 1);
                out += "\nThe above exception was the direct cause of the following exception:\n\n";
            }
        } else if (is_new(e->context) && !e->suppress_context) {
            exception(e->context, depth + 1);
            out += "\nDuring handling of the above exception, another exception occurred:\n\n";
        }
    }
    Value tb = e->traceback;
    if (tb && !is_none(tb)) traceback(tb.as<PyTracebackObject>());
    if (is_subtype(type_of(exc), PyExc_SyntaxError)) syntax_error(exc);
    final_line(exc);
}

void Printer::alone(Value exc) {
    Value tb = as_base_exception(exc)->traceback;
    if (tb && !is_none(tb)) traceback(tb.as<PyTracebackObject>());
    final_line(exc);
}

}  // namespace

// sys.stderr gets the text when there is one that takes it, otherwise the process's.
void write_error_text(Thread& t, const std::string& text) {
    Value err = sys_get(t, "stderr");
    if (err && !is_none(err)) {
        Ref keep = Ref::share(err);
        Ref line = str_from_wtf8(t, text.data(), text.size());
        if (line && call_method(t, keep, ID(write), {line}) && call_method(t, keep, ID(flush))) return;
        clear_error(t);
    }
    fwrite(text.data(), 1, text.size(), stderr);
    fflush(stderr);
}

// The module traceback does it with groups, suggestions and exact marks; false: not to be had (any more).
static bool display_with_library(Thread& t, Value exc) {
    if (!t.interp->importlib || modules_are_dying(t)) return false;
    Ref show = import_attr(t, "traceback", "_print_exception_bltin");
    if (show && call(t, show, {exc})) return true;
    clear_error(t);
    return false;
}

// None in place of sys.stderr: the program wants nothing to be shown.
static bool is_silenced(Thread& t) {
    Value err = sys_get(t, "stderr");
    return err && is_none(err);
}

void display_exception(Thread& t, Value exc) {
    if (is_silenced(t)) return;
    if (display_with_library(t, exc)) return;
    if (!is_exception(exc)) {  // sys.excepthook() is given anything
        std::string text = "TypeError: print_exception(): Exception expected for value, ";
        write_error_text(t, text + type_of(exc)->tp_name + " found\n");
        return;
    }
    Printer p(t, false);
    p.exception(exc, 0);
    write_error_text(t, p.out);
}

std::string traceback_text(Thread& t, Value tb) {
    Printer p(t, false);
    p.traceback(tb.as<PyTracebackObject>());
    return std::move(p.out);
}

void display_exception_alone(Thread& t, Value exc) {
    if (is_silenced(t)) return;
    Printer p(t, true);
    p.alone(exc);
    write_error_text(t, p.out);
}

}  // namespace krait
