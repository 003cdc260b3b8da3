// Printing an uncaught exception without the module traceback.
#include <cstdio>
#include <cstring>
#include <string>

#include "builtins/bytes.h"
#include "builtins/dict.h"
#include "builtins/exceptions.h"
#include "builtins/str.h"
#include "builtins/tuple.h"
#include "interp/frame_object.h"
#include "interp/interp.h"
#include "modules/sys.h"
#include "object/names.h"
#include "object/protocol.h"
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

class Printer {
  public:
    // `marks`: carets below the source lines.
    Printer(Thread& t, bool marks) : t_(t), marks_(marks) {}
    void exception(Value exc, int depth);
    void alone(Value exc);  // without causes and contexts
    std::string out;

  private:
    void traceback(PyTracebackObject* tb);
    void entry(PyTracebackObject* tb, int line);
    void source_line(PyCodeObject* co, int lasti, int line);
    void final_line(Value exc);
    void syntax_error(Value exc);
    std::string str_or(Value v, const char* fallback);

    Thread& t_;
    bool marks_;
};

std::string Printer::str_or(Value v, const char* fallback) {
    Ref s = str(t_, v);
    if (!s) {
        clear_error(t_);
        return fallback;
    }
    return std::string(str_utf8_or(s, fallback));
}

void Printer::source_line(PyCodeObject* co, int lasti, int number) {
    std::string raw;
    if (number <= 0 || !read_line(text_of(co->co_filename), number, raw)) return;
    while (!raw.empty() && (raw.back() == '\n' || raw.back() == '\r')) raw.pop_back();
    size_t indent = 0;
    while (indent < raw.size() && (raw[indent] == ' ' || raw[indent] == '\t' || raw[indent] == '\f'))
        indent++;
    std::string line = raw.substr(indent);
    if (line.empty()) return;
    out += "    " + line + "\n";
    CodePosition p = code_position(co, lasti);
    if (!marks_ || p.line != number || p.column < 0 || p.end_column < 0) return;
    size_t from = static_cast<size_t>(p.column), to = static_cast<size_t>(p.end_column);
    if (p.end_line != p.line || to > raw.size()) to = raw.size();
    if (from < indent) from = indent;
    if (from >= to || from > raw.size()) return;
    // The whole line at fault needs no marks.
    size_t trimmed = raw.size();
    while (trimmed > 0 && raw[trimmed - 1] == ' ') trimmed--;
    if (from == indent && to >= trimmed) return;
    size_t before = character_offset(line, from - indent);
    size_t width = character_offset(line, to - indent) - before;
    out += "    " + std::string(before, ' ') + std::string(width, '^') + "\n";
}

void Printer::entry(PyTracebackObject* tb, int line) {
    PyCodeObject* co = tb->tb_frame->frame->co();
    out += "  File \"" + text_of(co->co_filename) + "\", line " + (line < 0 ? "?" : std::to_string(line)) +
           ", in " + text_of(co->co_name) + "\n";
    source_line(co, tb->tb_lasti, line);
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

// The place a SyntaxError is about, ahead of its message.
void Printer::syntax_error(Value exc) {
    auto* e = exc.as<PySyntaxErrorObject>();
    if (!e->lineno || !is_long(e->lineno) || !e->lineno.is_int()) return;
    std::string file = e->filename && is_str(e->filename) ? text_of(e->filename) : "<string>";
    out += "  File \"" + file + "\", line " + std::to_string(e->lineno.as_int()) + "\n";
    if (!e->text || !is_str(e->text)) return;
    std::string line = text_of(e->text);
    while (!line.empty() && (line.back() == '\n' || line.back() == '\r')) line.pop_back();
    size_t indent = line.find_first_not_of(" \t\f");
    if (indent == std::string::npos) return;
    out += "    " + line.substr(indent) + "\n";
    if (!e->offset || !e->offset.is_int()) return;
    int64_t from = e->offset.as_int(),
            to = e->end_offset && e->end_offset.is_int() ? e->end_offset.as_int() : 0;
    if (from < 1) return;
    bool one_line = e->end_lineno && e->end_lineno.is_int() && e->end_lineno.as_int() == e->lineno.as_int();
    auto length = static_cast<int64_t>(character_offset(line, line.size()));
    if (!one_line) to = length + 1;
    if (to <= from) to = from + 1;
    int64_t start = from - 1 - static_cast<int64_t>(indent);
    if (start < 0) return;
    out += "    " + std::string(static_cast<size_t>(start), ' ') +
           std::string(static_cast<size_t>(to - from), '^') + "\n";
}

void Printer::final_line(Value exc) {
    PyTypeObject* type = type_of(exc);
    bool syntax = is_subtype(type, PyExc_SyntaxError);
    if (syntax) syntax_error(exc);
    std::string name;
    Ref module = get_attr(t_, Value(type), ID(__module__));
    if (!module) clear_error(t_);
    if (module && is_str(module)) {
        std::string m = text_of(module);
        if (m != "builtins" && m != "__main__") name = m + ".";
    }
    Ref qualname = get_attr(t_, Value(type), ID(__qualname__));
    if (!qualname) clear_error(t_);
    name += qualname && is_str(qualname) ? text_of(qualname) : type->tp_name;
    std::string message;
    Value msg = syntax ? exc.as<PySyntaxErrorObject>()->msg : Value();
    message = msg ? str_or(msg, "<no detail available>") : str_or(exc, "<exception str() failed>");
    out += message.empty() ? name + "\n" : name + ": " + message + "\n";
    Value notes = as_base_exception(exc)->notes;
    Maybe found = lookup_attr(t_, exc, ID(__notes__));
    if (!found) clear_error(t_);
    Ref list = found && found.has_value() ? found.take() : Ref();
    (void)notes;
    if (list && is_list(list)) {
        for (int64_t i = 0; i < list.as<PyListObject>()->ob_base.ob_size; i++)
            out += str_or(list.as<PyListObject>()->ob_item[i], "<note str() failed>") + "\n";
    }
}

void Printer::exception(Value exc, int depth) {
    auto* e = as_base_exception(exc);
    if (depth < kMaxDepth) {
        if (e->cause && !is_none(e->cause)) {
            exception(e->cause, depth + 1);
            out += "\nThe above exception was the direct cause of the following exception:\n\n";
        } else if (e->context && !is_none(e->context) && !e->suppress_context) {
            exception(e->context, depth + 1);
            out += "\nDuring handling of the above exception, another exception occurred:\n\n";
        }
    }
    alone(exc);
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
    if (!t.interp->importlib || t.interp->finalizing) return false;
    Ref show = import_attr(t, "traceback", "_print_exception_bltin");
    if (show && call(t, show, {exc})) return true;
    clear_error(t);
    return false;
}

void display_exception(Thread& t, Value exc) {
    Value out = sys_get(t, "stdout");
    if (out && !is_none(out)) {
        Ref keep = Ref::share(out);
        if (!call_method(t, keep, ID(flush))) clear_error(t);
    }
    if (display_with_library(t, exc)) return;
    if (!is_exception(exc)) {  // sys.excepthook() is given anything
        std::string text = "TypeError: print_exception(): Exception expected for value, ";
        write_error_text(t, text + type_of(exc)->tp_name + " found\n");
        return;
    }
    Printer p(t, true);
    p.exception(exc, 0);
    write_error_text(t, p.out);
}

void display_exception_alone(Thread& t, Value exc) {
    Printer p(t, false);
    p.alone(exc);
    write_error_text(t, p.out);
}

}  // namespace krait
