// open(), the standard streams, and the module itself.
#include <fcntl.h>
#include <langinfo.h>
#include <locale.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstring>

#include "builtins/codec.h"
#include "modules/io/io.h"
#include "runtime/config.h"
#include "runtime/import.h"

namespace krait {

namespace io {

namespace {

struct OpenMode {
    bool creating = false, reading = false, writing = false, appending = false, updating = false,
         text = false, binary = false;
    char raw[5];
};

Status parse_open_mode(Thread& t, Value mode, OpenMode& m) {
    std::string_view text = TRY(str_utf8(t, mode));
    if (memchr(text.data(), 0, text.size())) return raise(t, PyExc_ValueError, "embedded null character");
    struct Flag {
        char c;
        bool* value;
    } flags[] = {{'x', &m.creating}, {'r', &m.reading}, {'w', &m.writing}, {'a', &m.appending},
                 {'+', &m.updating}, {'t', &m.text},    {'b', &m.binary}};
    for (char c : text) {
        Flag* hit = nullptr;
        for (Flag& f : flags)
            if (f.c == c) hit = &f;
        if (!hit || *hit->value) return raise(t, PyExc_ValueError, "invalid mode: '%s'", text.data());
        *hit->value = true;
    }
    char* p = m.raw;
    for (int i = 0; i < 4; i++)
        if (*flags[i].value) {
            *p++ = flags[i].c;
            if (p == m.raw + 3) break;
        }
    if (m.updating) *p++ = '+';
    *p = 0;
    return Status::ok();
}

Status check_open(Thread& t, const OpenMode& m, Value encoding, Value errors, Value newline, int buffering) {
    auto bad = [&](const char* message) { return raise(t, PyExc_ValueError, "%s", message); };
    if (m.text && m.binary) return bad("can't have text and binary mode at once");
    if (m.creating + m.reading + m.writing + m.appending > 1)
        return bad("must have exactly one of create/read/write/append mode");
    if (m.binary && encoding) return bad("binary mode doesn't take an encoding argument");
    if (m.binary && errors) return bad("binary mode doesn't take an errors argument");
    if (m.binary && newline) return bad("binary mode doesn't take a newline argument");
    if (m.binary && buffering == 1)
        TRY(warn(
            t, PyExc_RuntimeWarning, 1,
            "line buffering (buffering=1) isn't supported in binary mode, the default buffer size will be "
            "used"));
    return Status::ok();
}

struct OpenArgs {
    Value file, mode, encoding, errors, newline, opener;  // encoding, errors, newline: empty for None
    int buffering;
    bool closefd;
};

// The layers over `raw`; `top` is the outermost made so far, to be closed on failure.
Ref wrap(Thread& t, const OpenMode& m, const OpenArgs& a, Ref& top) {
    int buffering = a.buffering;
    bool line_buffering = buffering == 1 && !m.binary;
    if (buffering < 0 && !m.binary) {
        Ref tty = TRY(call_method(t, top, IO(_isatty_open_only)));
        line_buffering = TRY(is_true(t, tty));
    }
    int64_t size = buffering;
    if (buffering < 0 || buffering == 1) {
        constexpr int64_t kMost = 8192 * 1024;
        Ref block = TRY(get_attr(t, top, ID(_blksize)));
        int64_t n = TRY(as_int64(t, block));
        size = n > kMost ? kMost : n < kDefaultBufferSize ? kDefaultBufferSize : n;
    }
    if (buffering == 0) {
        if (!m.binary) return raise(t, PyExc_ValueError, "can't have unbuffered text I/O");
        return top.share();
    }
    PyTypeObject* type = m.updating                               ? &buffered_random_type
                         : m.creating || m.writing || m.appending ? &buffered_writer_type
                                                                  : &buffered_reader_type;
    if (!m.updating && !m.creating && !m.writing && !m.appending && !m.reading) {
        std::string_view text = TRY(str_utf8(t, a.mode));
        return raise(t, PyExc_ValueError, "unknown mode: '%s'", text.data());
    }
    Ref n = TRY(int_from(t, size));
    top = TRY(call(t, Value(type), {top, n}));
    if (m.binary) return top.share();
    auto or_none = [](Value v) { return v ? v : none(); };
    top =
        TRY(call(t, Value(&textio_type),
                 {top, or_none(a.encoding), or_none(a.errors), or_none(a.newline), boolean(line_buffering)}));
    TRY(set_attr(t, top, ID(mode), a.mode));
    return top.share();
}

Ref open_file(Thread& t, const OpenArgs& a) {
    Ref path = is_long(a.file) ? Ref::share(a.file) : TRY(fs_path(t, a.file));
    OpenMode m;
    TRY(parse_open_mode(t, a.mode, m));
    TRY(check_open(t, m, a.encoding, a.errors, a.newline, a.buffering));
    Ref raw_mode = TRY(str_from(t, m.raw));
    Ref top = TRY(call(t, Value(&fileio_type), {path, raw_mode, boolean(a.closefd), a.opener}));
    Ref result = wrap(t, m, a, top);
    if (result) return result;
    if (top) {
        Ref error = fetch_error(t);
        Ref r = call_method(t, top, ID(close));
        chain_error(t, std::move(error));
    }
    return {};
}

Status text_argument(Thread& t, const char* name, Value& v) {
    if (!v || is_none(v)) {
        v = Value();
        return Status::ok();
    }
    if (!is_str(v))
        return raise(t, PyExc_TypeError, "open() argument '%s' must be str or None, not %.50s", name,
                     type_of(v)->tp_name);
    std::string_view text = TRY(str_utf8(t, v));
    if (memchr(text.data(), 0, text.size())) return raise(t, PyExc_ValueError, "embedded null character");
    return Status::ok();
}

Ref open_function(Thread& t, Value, const Value* p) {
    OpenArgs a{.file = p[0],
               .mode = p[1],
               .encoding = p[3],
               .errors = p[4],
               .newline = p[5],
               .opener = p[7] ? p[7] : none(),
               .buffering = -1,
               .closefd = true};
    Ref mode = a.mode ? Ref::share(a.mode) : TRY(str_from(t, "r"));
    a.mode = mode;
    if (!is_str(a.mode))
        return raise(t, PyExc_TypeError, "open() argument 'mode' must be str, not %.50s",
                     is_none(a.mode) ? "None" : type_of(a.mode)->tp_name);
    if (p[2]) a.buffering = TRY(as_int32(t, p[2]));
    TRY(text_argument(t, "encoding", a.encoding));
    TRY(text_argument(t, "errors", a.errors));
    TRY(text_argument(t, "newline", a.newline));
    if (p[6]) a.closefd = TRY(is_true(t, p[6]));
    return open_file(t, a);
}

Ref open_code(Thread& t, Value, const Value* p) {
    if (!is_str(p[0]))
        return raise(t, PyExc_TypeError, "open_code() argument 'path' must be str, not %.50s",
                     is_none(p[0]) ? "None" : type_of(p[0])->tp_name);
    Ref mode = TRY(str_from(t, "rb"));
    return open_file(t, {.file = p[0], .mode = mode, .opener = none(), .buffering = -1, .closefd = true});
}

Ref text_encoding(Thread& t, Value, const Value* args, size_t nargs) {
    int stacklevel = nargs > 1 ? TRY(as_int32(t, args[1])) : 2;
    return text_encoding_default(t, args[0], stacklevel);
}

}  // namespace

Ref text_encoding_default(Thread& t, Value encoding, int stacklevel) {
    if (!is_none(encoding)) return Ref::share(encoding);
    const Config* config = g_runtime.config;
    if (config && config->warn_default_encoding)
        TRY(warn(t, PyExc_EncodingWarning, stacklevel, "'encoding' argument not specified"));
    return str_from(t, config && config->utf8_mode ? "utf-8" : "locale");
}

Ref locale_encoding(Thread& t) {
    if (g_runtime.config && g_runtime.config->utf8_mode) return str_from(t, "utf-8");
    const char* codeset = nl_langinfo(CODESET);
    return str_from(t, codeset && *codeset ? codeset : "UTF-8");
}

// --- standard streams ---

namespace {

// The standard streams show an encoding under the name of its codec.
Ref codec_name(Thread& t, Value encoding) {
    std::string_view name = TRY(str_utf8(t, encoding));
    if (name == "UTF-8") return str_from(t, "utf-8");
    Ref info = TRY(codec_lookup(t, name.data()));
    return get_attr(t, info, ID(name));
}

Ref make_stream(Thread& t, int fd, bool writes, const char* name, const char* errors) {
    struct stat st;
    if (fstat(fd, &st) < 0) return none_ref();
    const Config* config = g_runtime.config;
    bool buffered = !config || config->buffered_stdio;
    Ref mode = TRY(str_from(t, writes ? "wb" : "rb"));
    Ref binary = TRY(open_file(t, {.file = Value::from_int(fd),
                                   .mode = mode,
                                   .opener = none(),
                                   .buffering = !buffered && writes ? 0 : -1,
                                   .closefd = false}));
    Ref raw = !buffered && writes ? binary.share() : TRY(get_attr(t, binary, IO(raw)));
    Ref label = TRY(str_from(t, name));
    TRY(set_attr(t, raw, ID(name), label));
    Ref tty = TRY(call_method(t, raw, IO(isatty)));
    bool lines = buffered && (fd == 2 || TRY(is_true(t, tty)));
    Ref encoding = config && !config->stdio_encoding.empty() ? TRY(str_from(t, config->stdio_encoding))
                                                             : TRY(locale_encoding(t));
    encoding = TRY(codec_name(t, encoding));
    if (fd != 2 && config && !config->stdio_errors.empty()) errors = config->stdio_errors.c_str();
    Ref handler = TRY(str_from(t, errors)), newline = TRY(str_from(t, "\n"));
    Ref stream = TRY(call(t, Value(&textio_type),
                          {binary, encoding, handler, newline, boolean(lines), boolean(!buffered)}));
    Ref text_mode = TRY(str_from(t, writes ? "w" : "r"));
    TRY(set_attr(t, stream, ID(mode), text_mode));
    return stream;
}

// In the C locale anything may come in and must go out again.
const char* default_errors() {
    const char* locale = setlocale(LC_CTYPE, nullptr);
    for (const char* lax : {"C", "POSIX", "C.UTF-8", "C.utf8", "UTF-8"})
        if (locale && !strcmp(locale, lax)) return "surrogateescape";
    if (g_runtime.config && g_runtime.config->utf8_mode) return "surrogateescape";
    return "strict";
}

}  // namespace

}  // namespace io

Status io_init_std_streams(Thread& t) {
    // Before the import system is there.
    Ref name = TRY(str_intern(t, "_io"));
    if (!dict_get_str(t.interp->modules, name)) {
        Ref module = TRY(create_native_module(t, name, {}));
        TRY(dict_set(t, t.interp->modules, name, module));
    }
    struct Stream {
        const char *name, *twin, *label;
    } streams[] = {{"stdin", "__stdin__", "<stdin>"},
                   {"stdout", "__stdout__", "<stdout>"},
                   {"stderr", "__stderr__", "<stderr>"}};
    for (int fd = 0; fd < 3; fd++) {
        const char* errors = fd == 2 ? "backslashreplace" : io::default_errors();
        Ref stream = TRY(io::make_stream(t, fd, fd != 0, streams[fd].label, errors));
        TRY(sys_set(t, streams[fd].name, stream));
        TRY(sys_set(t, streams[fd].twin, stream));
    }
    Ref module = TRY(import_module(t, "_io"));
    Ref open = TRY(get_attr(t, module, "open"));
    TRY(dict_set_str(t, t.interp->builtins_dict, "open", open));
    return Status::ok();
}

namespace io {
namespace {

Status add_unsupported_operation(Thread& t, Value module) {
    if (!g_unsupported_operation) {
        Ref name = TRY(str_from(t, "UnsupportedOperation")), ns = TRY(dict_new(t)),
            where = TRY(str_from(t, "io"));
        TRY(dict_set(t, ns, ID(__module__), where));
        Ref bases = TRY(tuple_of(t, {Value(PyExc_OSError), Value(PyExc_ValueError)}));
        Ref type = TRY(new_class(t, name, bases, ns));
        g_unsupported_operation = type.release().as<PyTypeObject>();
    }
    return module_add(t, module, "UnsupportedOperation", Ref::share(Value(g_unsupported_operation)));
}

const NativeDef functions[] = {
    def<open_function>(
        "open",
        "(file, mode='r', buffering=-1, encoding=None,\n     errors=None, newline=None, closefd=True, "
        "opener=None)",
        "Opens a file and returns a stream.\n\nmode: 'r' (read, the default), 'w' (write, emptying "
        "it), 'x' (create), 'a' (append), with '+' for both\ndirections, 't' text (the default) or "
        "'b' binary. buffering: 0 none (binary only), 1 by lines (text), more: the\nsize of the "
        "buffer. encoding, errors and newline are for text; closefd and opener as for FileIO."),
    def<text_encoding>(
        "text_encoding", "(encoding, stacklevel=2, /)",
        "The encoding to hand to open(): the given one, or 'locale' ('utf-8' in UTF-8 mode) for None."),
    def<open_code>("open_code", "(path)",
                   "Opens a file that is to be executed or imported; as open(path, 'rb')."),
    {}};

Status exec(Thread& t, Value module) {
    TRY(module_add_int(t, module, "DEFAULT_BUFFER_SIZE", kDefaultBufferSize));
    TRY(add_unsupported_operation(t, module));
    TRY(module_add(t, module, "BlockingIOError", Ref::share(Value(PyExc_BlockingIOError))));
    for (auto init : {init_iobase, init_fileio, init_bytesio, init_buffered, init_newline_decoder,
                      init_stringio, init_textio})
        TRY(init(t, module));
    return Status::ok();
}

}  // namespace
}  // namespace io

extern const ModuleSpec module__io;
const ModuleSpec module__io{
    .name = "_io",
    .doc = "The streams behind open(): raw, buffered and text layers, and streams in memory.",
    .functions = io::functions,
    .exec = io::exec};

}  // namespace krait
