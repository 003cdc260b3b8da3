#include "runtime/interactive.h"

#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

#include "builtins/bytes.h"
#include "builtins/callable.h"
#include "builtins/dict.h"
#include "builtins/exceptions.h"
#include "builtins/number.h"
#include "builtins/str.h"
#include "builtins/tuple.h"
#include "interp/code.h"
#include "interp/interp.h"
#include "object/boundary.h"
#include "object/names.h"
#include "object/per_interpreter.h"
#include "object/protocol.h"
#include "runtime/config.h"
#include "runtime/hooks.h"
#include "runtime/lifecycle.h"

namespace krait {
namespace {

// A prompt is any object; what cannot be shown is left out.
std::string prompt_text(Thread& t, const char* name) {
    Value v = sys_get(t, name);
    if (!v) return "";
    Ref keep = Ref::share(v);
    Ref text = str(t, keep);
    if (!text) {
        clear_error(t);
        return "";
    }
    return std::string(str_utf8_or(text, ""));
}

enum class Read { Line, End, Failed };

// By the line editor of a module (readline), where both ends are a terminal; false: there is none.
bool edited_line(Thread& t, const std::string& prompt, std::string& out, Read* result) {
    if (!g_runtime.c_hooks || !isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO)) return false;
    Ref text = bytes_from(t, prompt.data(), strlen(prompt.c_str()));
    Maybe line = text ? g_runtime.c_hooks->read_line(t, text) : Maybe();
    *result = Read::Failed;
    if (!line) return true;
    Ref bytes = line.take();
    if (!bytes) return false;
    out.append(bytes_data(bytes), static_cast<size_t>(bytes_size(bytes)));
    *result = bytes_size(bytes) ? Read::Line : Read::End;
    if (*result == Read::End) fputc('\n', stderr);
    return true;
}

// The next line, with its newline, appended to `out`. Failed: an exception is set.
Read read_line(Thread& t, FILE* in, const std::string& prompt, std::string& out) {
    if (Read result; in == stdin && edited_line(t, prompt, out, &result)) return result;
    fputs(prompt.c_str(), stderr);
    fflush(stderr);
    for (;;) {
        char* line = nullptr;
        size_t capacity = 0;
        ssize_t n;
        {
            AllowThreads allow(t);
            errno = 0;
            n = getline(&line, &capacity, in);
        }
        int error = errno;
        if (n > 0) {
            // A NUL ends a line for those who typed it.
            size_t seen = strnlen(line, static_cast<size_t>(n));
            out.append(line, seen);
            if (seen < static_cast<size_t>(n)) out += '\n';
        }
        free(line);
        if (n > 0) return Read::Line;
        if (error == EINTR) {
            clearerr(in);
            if (!handle_pending(t)) {
                fputc('\n', stderr);
                return Read::Failed;
            }
            continue;
        }
        clearerr(in);
        fputc('\n', stderr);
        return Read::End;
    }
}

// In the encoding of sys.stdin, which is how people type.
Ref decode_input(Thread& t, const std::string& text) {
    Value in = sys_get(t, "stdin");
    Ref encoding;
    if (in && !is_none(in)) {
        Ref keep = Ref::share(in);
        encoding = get_attr(t, keep, ID(encoding));
        if (!encoding) clear_error(t);
    }
    const char* name = encoding && is_str(encoding) ? str_utf8_or(encoding, "utf-8").data() : "utf-8";
    return decode(t, text.data(), text.size(), name, "strict");
}

// Statements so far: the number tells the sources apart.
PER_INTERPRETER int64_t g_statements;

struct Prompt {
    Ref main_dict;
    FILE* in = stdin;
    Ref filename;    // of all that is read; empty: standard input's
    int future = 0;  // what `from __future__ import` turned on stays on

    Ref name(Thread& t, bool numbered) const;
    Ref compile(Thread& t, Value source, Value name, int flags);
    Ref read_statement(Thread& t, bool& end);
    Status run_one(Thread& t, bool& end);
};

Ref Prompt::name(Thread& t, bool numbered) const {
    if (filename) return numbered ? str_format(t, "%U-%zd", filename.get(), g_statements) : filename.share();
    return numbered ? str_format(t, "<stdin-%zd>", g_statements) : str_from(t, "<stdin>");
}
Ref Prompt::compile(Thread& t, Value source, Value name, int flags) {
    CompileRequest r;
    r.source = source;
    r.filename = name;
    r.mode = CompileMode::Single;
    r.flags = flags | future;
    return compile_source(t, r);
}

bool is_blank(const std::string& line) {
    size_t at = line.find_first_not_of(" \t\f\r\n");
    return at == line.npos || line[at] == '#';
}

// Is the current SyntaxError about something that more lines could still close?
bool is_open_ended(Thread& t) {
    PyObject* exc = t.c.current_exception;
    if (!is_subtype(type_of(Value(exc)), PyExc_SyntaxError)) return false;
    Value msg = Value(exc).as<PySyntaxErrorObject>()->msg;
    std::string_view text = msg && is_str(msg) ? str_utf8_or(msg, "") : "";
    return text.ends_with("was never closed") || text.starts_with("unterminated triple-quoted") ||
           text.starts_with("unexpected EOF");
}

// The line that ended a block too early has nothing in it to show.
void point_at_empty_line(Thread& t) {
    Ref exc = fetch_error(t);
    if (exc && is_subtype(type_of(exc), PyExc_SyntaxError)) {
        Value text = exc.as<PySyntaxErrorObject>()->text;
        if (text && is_str(text) && str_equal(text, "\n")) {
            Ref empty = Ref::share(empty_str());
            if (!set_attr(t, exc, "text", empty) ||
                !set_attr(t, exc, "end_offset", exc.as<PySyntaxErrorObject>()->offset))
                clear_error(t);
        }
    }
    restore_error(t, std::move(exc));
}

bool incomplete(Thread& t) {
    return is_subtype(type_of(Value(t.c.current_exception)), PyExc__IncompleteInputError);
}

// Could lines still follow? A block goes on until an empty line; brackets, strings and lines that end in a
// backslash until they are closed.
Result<bool> wants_more(Thread& t, Prompt& prompt, const std::string& text, bool empty_line) {
    constexpr int kTry = kOnlyAst | kDontImplyDedent | kAllowIncompleteInput;
    Ref source = TRY(decode_input(t, text));
    Ref name = TRY(prompt.name(t, false));
    if (!prompt.compile(t, source, name, kTry)) {
        if (!incomplete(t)) return {};
        clear_error(t);
        if (!empty_line) return true;
        if (prompt.compile(t, source, name, kOnlyAst)) return false;
        if (!is_open_ended(t)) {
            point_at_empty_line(t);
            return {};
        }
        clear_error(t);
        return true;
    }
    if (empty_line) return false;
    // Without its last newline only what has no block is whole.
    source = TRY(decode_input(t, text.substr(0, text.size() - 1)));
    if (prompt.compile(t, source, name, kTry)) return false;
    if (!incomplete(t)) return {};
    clear_error(t);
    return true;
}

// The source of one statement, None where there is nothing to do. More lines are asked for while what is
// there could go on. `end`: no more input.
Ref Prompt::read_statement(Thread& t, bool& end) {
    // Without memory for a line it stays unread: what could be done with it?
    constexpr int64_t kLine = 512;
    TRY_DISCARD(bytes_new(t, kLine));
    std::string text, first = prompt_text(t, "ps1"), more = prompt_text(t, "ps2");
    for (bool again = false;; again = true) {
        size_t before = text.size();
        Read got = read_line(t, in, again ? more : first, text);
        if (got == Read::Failed) return {};
        if (got == Read::End) {
            end = text.empty();
            if (end) return none_ref();
            Ref source = TRY(decode_input(t, text));
            Ref where = TRY(name(t, false));
            TRY_DISCARD(compile(t, source, where, kOnlyAst));
            return source;
        }
        if (!text.ends_with('\n')) continue;
        std::string line = text.substr(before);
        if (is_blank(line)) {
            if (!again) return none_ref();
            // A comment inside a block neither ends it nor changes it.
            if (line.size() > 1) continue;
        }
        if (TRY(wants_more(t, *this, text, line.size() == 1))) continue;
        return decode_input(t, text);
    }
}

// The compiler looks for the line at fault in a file.
void add_source_line(Thread& t, Value source) {
    Ref exc = fetch_error(t);
    if (exc && is_subtype(type_of(exc), PyExc_SyntaxError)) {
        auto* e = exc.as<PySyntaxErrorObject>();
        int64_t line;
        if ((!e->text || is_none(e->text)) && e->lineno && is_long(e->lineno) &&
            int_to_i64(e->lineno, &line)) {
            std::string_view text = str_utf8_or(source, "");
            size_t at = 0;
            while (--line > 0 && at != text.npos) at = text.find('\n', at) + 1;
            size_t end = text.find('\n', at);
            Ref found = str_from(t, std::string(text.substr(at, end == text.npos ? end : end + 1 - at)));
            if (!found || !set_attr(t, exc, "text", found)) clear_error(t);
        }
    }
    restore_error(t, std::move(exc));
}

// Tracebacks show the lines of what was typed.
Status remember_source(Thread& t, Value code, Value source) {
    Ref fn = import_attr(t, "linecache", "_register_code");
    Ref name = TRY(str_from(t, "<stdin>"));
    if (!fn || !call(t, fn, {code, source, name})) clear_error(t);
    return Status::ok();
}

Status Prompt::run_one(Thread& t, bool& end) {
    Ref source = TRY(read_statement(t, end));
    if (is_none(source)) return Status::ok();
    Ref where = TRY(name(t, true));
    g_statements++;
    Ref code = compile(t, source, where, 0);
    if (!code) {
        add_source_line(t, source);
        return {};
    }
    future |= code.as<PyCodeObject>()->co_flags & kFutureMask;
    TRY(remember_source(t, code, source));
    g_runtime.config->interrupted = false;
    Ref r = eval_code(t, code, main_dict, main_dict);
    note_interrupt(t, static_cast<bool>(r));
    return r ? Status::ok() : Status();
}

void flush_streams(Thread& t) {
    SavedError saved(t);
    for (const char* name : {"stderr", "stdout"}) {
        Value stream = sys_get(t, name);
        if (!stream || is_none(stream)) continue;
        Ref keep = Ref::share(stream);
        if (!call_method(t, keep, ID(flush))) clear_error(t);
    }
}

void default_prompt(Thread& t, const char* name, const char* text) {
    if (sys_get(t, name)) return;
    Ref v = str_from(t, text);
    if (!v || !sys_set(t, name, v)) clear_error(t);
}

}  // namespace

bool stdin_is_interactive() { return isatty(0) || g_runtime.config->interactive; }

namespace {
bool run_loop(Thread& t, FILE* in, Ref filename) {
    default_prompt(t, "ps1", ">>> ");
    default_prompt(t, "ps2", "... ");
    Value main = dict_get_str(t.interp->modules, "__main__");
    if (!main) return true;
    Prompt prompt{Ref::share(module_dict(main)), in, std::move(filename)};
    int out_of_memory = 0;
    for (bool end = false; !end;) {
        bool good = static_cast<bool>(prompt.run_one(t, end));
        if (!good && error_is(t, PyExc_SystemExit) && !g_runtime.config->inspect) return false;
        bool memory = !good && error_is(t, PyExc_MemoryError);
        if (!memory) out_of_memory = 0;
        if (memory && ++out_of_memory > 16) {
            // Going on may be a loop without an end.
            clear_error(t);
            g_runtime.config->prompt_gave_up = true;
            break;
        }
        if (!good) print_uncaught(t);
        flush_streams(t);
    }
    return true;
}
}  // namespace

bool run_interactive_loop(Thread& t) { return run_loop(t, stdin, {}); }
bool run_interactive_file(Thread& t, FILE* in, Value filename) {
    return run_loop(t, in, Ref::share(filename));
}
Result<bool> run_interactive_statement(Thread& t, FILE* in, Value filename) {
    if (!is_str(filename)) return raise(t, PyExc_TypeError, "expect str for filename, got %T", filename);
    default_prompt(t, "ps1", "");
    default_prompt(t, "ps2", "");
    Value main = dict_get_str(t.interp->modules, "__main__");
    if (!main) return false;
    Prompt prompt{Ref::share(module_dict(main)), in, Ref::share(filename)};
    bool end = false;
    TRY(prompt.run_one(t, end));
    flush_streams(t);
    return !end;
}

bool run_interactive_hook(Thread& t) {
    Value hook = sys_get(t, "__interactivehook__");
    if (!hook) return true;
    Ref keep = Ref::share(hook);
    if (audit(t, "cpython.run_interactivehook", {keep}) && call(t, keep)) return true;
    if (error_is(t, PyExc_SystemExit) && !g_runtime.config->inspect) return false;
    fputs("Failed calling sys.__interactivehook__\n", stderr);
    print_uncaught(t);
    return true;
}

static bool run_startup_file(Thread& t) {
    const char* path = g_runtime.config->ignore_environment ? nullptr : getenv("PYTHONSTARTUP");
    if (!path || !*path) return true;
    Ref name = fs_decode(t, path, strlen(path));
    if (!name || !audit(t, "cpython.run_startup", {name})) {
        print_uncaught(t);
        return true;
    }
    if (FILE* f = fopen(path, "rb")) {
        fclose(f);
    } else {
        int error = errno;
        fputs("Could not open PYTHONSTARTUP\n", stderr);
        (void)static_cast<Status>(raise_errno(t, error, name));
        print_uncaught(t);
        return true;
    }
    if (run_file_in_main(t, path)) return true;
    if (error_is(t, PyExc_SystemExit) && !g_runtime.config->inspect) return false;
    print_uncaught(t);
    return true;
}

bool run_interactive_start(Thread& t) { return run_startup_file(t) && run_interactive_hook(t); }

bool run_prompt(Thread& t, bool startup) {
    const char* basic = g_runtime.config->ignore_environment ? nullptr : getenv("PYTHON_BASIC_REPL");
    if (!isatty(0) || (basic && *basic)) return run_interactive_loop(t);
    Ref console = import_attr(t, "_pyrepl.main", "interactive_console");
    if (!console) {
        fputs("Could not import _pyrepl.main\n", stderr);
        print_uncaught(t);
        return run_interactive_loop(t);
    }
    Value main = dict_get_str(t.interp->modules, "__main__");
    Ref first = str_from(t, "mainmodule"), second = str_from(t, "pythonstartup");
    Ref names = first && second ? tuple_of(t, {first, second}) : Ref();
    if (names) {
        Ref keep = Ref::share(main ? main : none());
        Value args[] = {keep, boolean(startup)};
        if (call(t, console, args, 0, names)) return true;
    }
    if (error_is(t, PyExc_SystemExit)) return false;
    print_uncaught(t);
    return true;
}

}  // namespace krait
