#include "interp/dump_traceback.h"

#include <dlfcn.h>
#include <execinfo.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "builtins/callable.h"
#include "builtins/dict.h"
#include "builtins/set.h"
#include "builtins/str.h"
#include "gc/state.h"
#include "interp/code.h"
#include "interp/frame.h"

namespace krait {
namespace {

constexpr int kMaxText = 500, kMaxFrames = 100, kMaxThreads = 100, kMaxCFrames = 32;

// As ASCII: what is not is written in escapes.
void write_text(int fd, Value text) {
    if (!text || !text.is_ptr() || !is_str(text)) return fd_write(fd, "???");
    int64_t n = str_length(text);
    bool cut = n > kMaxText;
    if (cut) n = kMaxText;
    for (int64_t i = 0; i < n; i++) {
        uint32_t c = str_char(text, i);
        if (c >= ' ' && c < 127) {
            char byte = static_cast<char>(c);
            fd_write(fd, {&byte, 1});
        } else if (c <= 0xff) {
            fd_write(fd, "\\x");
            fd_write_hex(fd, c, 2);
        } else if (c <= 0xffff) {
            fd_write(fd, "\\u");
            fd_write_hex(fd, c, 4);
        } else {
            fd_write(fd, "\\U");
            fd_write_hex(fd, c, 8);
        }
    }
    if (cut) fd_write(fd, "...");
}

void write_frame(int fd, Frame* f) {
    PyCodeObject* co = f->co();
    bool named = is_str(co->co_filename);
    fd_write(fd, "  File ");
    if (named) fd_write(fd, "\"");
    write_text(fd, co->co_filename);
    if (named) fd_write(fd, "\"");
    fd_write(fd, ", line ");
    int line = frame_line(f);
    if (line >= 0)
        fd_write_number(fd, static_cast<uint64_t>(line));
    else
        fd_write(fd, "???");
    fd_write(fd, " in ");
    write_text(fd, co->co_name);
    fd_write(fd, "\n");
}

void write_frames(int fd, Thread& t) {
    Frame* f = visible_frame(t.c.current_frame);
    if (!f) return fd_write(fd, "  <no Python frame>\n");
    for (int n = 0; f; n++, f = visible_frame(f->previous)) {
        if (n == kMaxFrames) return fd_write(fd, "  ...\n");
        if (!f->code) return fd_write(fd, "  <freed frame>\n");
        write_frame(fd, f);
    }
}

void write_thread_header(int fd, Thread& t, bool current) {
    fd_write(fd, current ? "Current thread 0x" : "Thread 0x");
    fd_write_hex(fd, t.c.thread_id, 16);
    char path[64] = "/proc/self/task/", name[32];
    // No printf here: it may lock.
    char digits[20];
    int n = 0;
    for (uint64_t v = t.c.native_thread_id; v; v /= 10) digits[n++] = static_cast<char>('0' + v % 10);
    size_t at = strlen(path);
    while (n) path[at++] = digits[--n];
    memcpy(path + at, "/comm", 6);
    int file = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t size = file >= 0 ? read(file, name, sizeof name) : 0;
    if (file >= 0) ::close(file);
    if (size > 0 && name[size - 1] == '\n') size--;
    if (size > 0) {
        fd_write(fd, " [");
        fd_write(fd, {name, static_cast<size_t>(size)});
        fd_write(fd, "]");
    }
    fd_write(fd, " (most recent call first):\n");
}

}  // namespace

Thread* this_thread_state() {
    if (t_current) return t_current;
    uint64_t self = pthread_self();
    for (Interpreter* in = g_runtime.interpreters; in; in = in->next)
        for (Thread* t = in->threads; t; t = reinterpret_cast<Thread*>(t->c.next))
            if (t->c.thread_id == self) return t;
    return nullptr;
}

void fd_write(int fd, std::string_view text) {
    while (!text.empty()) {
        ssize_t n = write(fd, text.data(), text.size());
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return;
        text.remove_prefix(static_cast<size_t>(n));
    }
}
void fd_write_number(int fd, uint64_t v) {
    char text[20];
    char* p = text + sizeof text;
    do *--p = static_cast<char>('0' + v % 10);
    while (v /= 10);
    fd_write(fd, {p, static_cast<size_t>(text + sizeof text - p)});
}
void fd_write_hex(int fd, uint64_t v, int digits) {
    char text[16];
    if (digits > 16) digits = 16;
    for (int i = digits; i-- > 0; v >>= 4) text[i] = "0123456789abcdef"[v & 15];
    fd_write(fd, {text, static_cast<size_t>(digits)});
}

void dump_traceback(int fd, Thread& t) {
    fd_write(fd, "Stack (most recent call first):\n");
    write_frames(fd, t);
}

void dump_traceback_of_threads(int fd, Interpreter& interp, Thread* current) {
    int n = 0;
    for (Thread* t = interp.threads; t; t = reinterpret_cast<Thread*>(t->c.next), n++) {
        if (n) fd_write(fd, "\n");
        if (n == kMaxThreads) return fd_write(fd, "...\n");
        write_thread_header(fd, *t, t == current);
        if (t == current && interp.gc && interp.gc->collecting) fd_write(fd, "  Garbage-collecting\n");
        write_frames(fd, *t);
    }
}

void dump_c_stack(int fd) {
    fd_write(fd, "Current thread's C stack trace (most recent call first):\n");
    void* frames[kMaxCFrames + 1];
    int n = backtrace(frames, kMaxCFrames + 1);
    for (int i = 0; i < n && i < kMaxCFrames; i++) {
        Dl_info info;
        bool known = dladdr(frames[i], &info) && info.dli_fname && *info.dli_fname;
        fd_write(fd, "  Binary file \"");
        fd_write(fd, known ? info.dli_fname : "<unknown>");
        fd_write(fd, "\"");
        if (known && (info.dli_sname || info.dli_fbase)) {
            auto at = reinterpret_cast<uintptr_t>(frames[i]);
            auto base = reinterpret_cast<uintptr_t>(info.dli_sname ? info.dli_saddr : info.dli_fbase);
            fd_write(fd, ", at ");
            if (info.dli_sname) fd_write(fd, info.dli_sname);
            fd_write(fd, at >= base ? "+0x" : "-0x");
            uint64_t offset = at >= base ? at - base : base - at;
            int digits = 1;
            while (digits < 16 && offset >> (4 * digits)) digits++;
            fd_write_hex(fd, offset, digits);
        }
        fd_write(fd, " [0x");
        auto address = reinterpret_cast<uintptr_t>(frames[i]);
        int digits = 1;
        while (digits < 16 && address >> (4 * digits)) digits++;
        fd_write_hex(fd, address, digits);
        fd_write(fd, "]\n");
    }
    if (n > kMaxCFrames) fd_write(fd, "  <truncated rest of calls>\n");
}

namespace {

// Built in, or made by an extension.
bool is_native_module(Value m) {
    if (!m.is_ptr() || !is_subtype(m.heap_type(), &PyModule_Type)) return false;
    if (m.as<PyModuleObject>()->md_def) return true;
    Value dict = m.as<PyModuleObject>()->md_dict;
    Value loader = dict && is_dict(dict) ? dict_get_str(dict, "__loader__") : Value();
    return loader && is_type(loader) && !strcmp(loader.as<PyTypeObject>()->tp_name, "BuiltinImporter");
}
bool set_has_text(Value set, Value text) {
    int64_t at = 0;
    Value item;
    while (set_next(set, at, item))
        if (is_str(item) && str_equal(item, text)) return true;
    return false;
}

}  // namespace

void dump_extension_modules(int fd, Interpreter& interp) {
    Value modules = interp.modules, known;
    if (!modules || !is_dict(modules) || !interp.sys_dict) return;
    known = dict_get_str(interp.sys_dict, "stdlib_module_names");
    if (known && !has_type(known, &PyFrozenSet_Type)) known = Value();
    int64_t at = 0, count = 0;
    Value name, module;
    while (dict_next(modules, at, name, module)) {
        // The main program counts as built in where it has no file.
        if (!is_str(name) || str_equal(name, "__main__") || !is_native_module(module) ||
            (known && set_has_text(known, name)))
            continue;
        fd_write(fd, count++ ? ", " : "\nExtension modules: ");
        write_text(fd, name);
    }
    if (!count) return;
    fd_write(fd, " (total: ");
    fd_write_number(fd, static_cast<uint64_t>(count));
    fd_write(fd, ")\n");
}

void fatal_error(const char* where, const char* message) {
    constexpr int fd = 2;
    fd_write(fd, "Fatal Python error: ");
    if (where) {
        fd_write(fd, where);
        fd_write(fd, ": ");
    }
    fd_write(fd, message ? message : "<message not set>");
    fd_write(fd, "\nPython runtime state: ");
    bool finalizing = g_runtime.main && g_runtime.main->finalizing;
    if (finalizing) {
        fd_write(fd, "finalizing (tstate=0x");
        fd_write_hex(fd, reinterpret_cast<uintptr_t>(g_runtime.main_thread), 16);
        fd_write(fd, ")\n\n");
    } else {
        fd_write(fd, g_runtime.initialized ? "initialized\n\n" : "core initialized\n\n");
    }
    if (g_runtime.main) dump_traceback_of_threads(fd, *g_runtime.main, this_thread_state());
    if (g_runtime.main) dump_extension_modules(fd, *g_runtime.main);
    abort();
}

}  // namespace krait
