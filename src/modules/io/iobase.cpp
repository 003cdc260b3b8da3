// _IOBase, _RawIOBase, _BufferedIOBase, _TextIOBase: mixins that go through the attributes of their
// subclasses.
#include <algorithm>
#include <cerrno>
#include <cstring>

#include "gc/state.h"
#include "modules/io/io.h"
#include "object/convert.h"
#include "object/instance.h"
#include "object/internal.h"
#include "object/per_interpreter.h"
#include "object/warnings.h"

namespace krait::io {

Type iobase_type, rawiobase_type, bufferediobase_type, textiobase_type;
PER_INTERPRETER_REFS PyTypeObject* g_unsupported_operation;

namespace names {
#define X(text) LazyName text##_(#text);
IO_NAMES(X)
#undef X
}  // namespace names

Raised unsupported(Thread& t, const char* message) {
    return raise(t, g_unsupported_operation, "%s", message);
}

void visit_io(PyObject* o, Visitor& v) { v.visit(reinterpret_cast<IoObject*>(o)->dict); }
void clear_io(Thread&, PyObject* o) { clear_value(reinterpret_cast<IoObject*>(o)->dict); }

int64_t find_newline(const char* p, int64_t n) {
    if (n <= 0) return -1;
    auto* hit = static_cast<const char*>(memchr(p, '\n', static_cast<size_t>(n)));
    return hit ? hit - p : -1;
}

Result<bool> closed_attr(Thread& t, Value self) {
    Ref closed = TRY(get_attr(t, self, ID(closed)));
    return is_true(t, closed);
}
Status check_closed_attr(Thread& t, Value self) {
    if (TRY(closed_attr(t, self))) return raise(t, PyExc_ValueError, "I/O operation on closed file.");
    return Status::ok();
}
static Status check_capability(Thread& t, Value self, Value name, const char* message) {
    Ref can = TRY(call_method(t, self, name));
    if (can.get() != boolean(true)) return unsupported(t, message);
    return Status::ok();
}
Status check_readable_attr(Thread& t, Value self, const char* message) {
    return check_capability(t, self, IO(readable), message);
}
Status check_writable_attr(Thread& t, Value self, const char* message) {
    return check_capability(t, self, IO(writable), message);
}
Status check_seekable_attr(Thread& t, Value self, const char* message) {
    return check_capability(t, self, IO(seekable), message);
}

void chain_error(Thread& t, Ref first) {
    if (!first) return;
    Ref second = fetch_error(t);
    if (!second) return restore_error(t, std::move(first));
    if (second.get() != first.get()) {
        Value& context = second.as<PyBaseExceptionObject>()->context;
        set_value(context, std::move(first));
    }
    restore_error(t, std::move(second));
}

Result<int64_t> optional_size(Thread& t, Value v) {
    if (!v || is_none(v)) return -1;
    if (!is_index(v))
        return raise(t, PyExc_TypeError, "argument should be integer or None, not '%.200s'",
                     type_of(v)->tp_name);
    return as_index(t, v, PyExc_OverflowError);
}

Result<bool> retry_interrupted(Thread& t) {
    if (!error_is(t, PyExc_OSError)) return false;
    Ref exc = fetch_error(t);
    Value number = exc.as<PyOSErrorObject>()->myerrno;
    if (!number || !number.is_int() || number.as_int() != EINTR) {
        restore_error(t, std::move(exc));
        return false;
    }
    exc.reset();
    TRY(handle_pending(t));
    return true;
}

// sys.unraisablehook for what went wrong when nobody could be told.
static void unraisable_for_file(Thread& t, Value file) {
    Ref error = fetch_error(t);
    Ref text = str_format(t, "Exception ignored while finalizing file %R", file);
    if (!text) clear_error(t);
    restore_error(t, std::move(error));
    write_unraisable(t, text ? str_utf8_or(text, "Exception ignored while finalizing file").data() : nullptr,
                     {});
}

Status dealloc_warn(Thread& t, Value, Value source) {
    SavedError saved(t);
    if (!warn_about(t, source, PyExc_ResourceWarning, 1, "unclosed file %R", source)) {
        if (error_is(t, PyExc_Warning))
            unraisable_for_file(t, source);
        else
            clear_error(t);
    }
    return Status::ok();
}

Ref repr_with_name(Thread& t, Value self) {
    const char* type = type_of(self)->tp_name;
    Maybe name = lookup_attr(t, self, ID(name));
    if (!name) {
        if (!clear_if(t, PyExc_ValueError)) return {};
        return str_format(t, "<%s>", type);
    }
    if (!name.has_value()) return str_format(t, "<%s>", type);
    Ref value = name.take();
    if (!TRY(repr_enter(t, self))) {
        Ref text = str_format(t, "<%s name=%R>", type, value.get());
        repr_leave(t, self);
        return text;
    }
    return raise(t, PyExc_RuntimeError, "reentrant call inside %s.__repr__", type);
}

Ref no_pickle(Thread& t, Value self) {
    return raise(t, PyExc_TypeError, "cannot pickle '%.100s' instances", short_type_name(type_of(self)));
}

Ref self_iter(Thread& t, Value self) {
    TRY(check_closed_attr(t, self));
    return Ref::share(self);
}

Ref iobase_tell(Thread& t, Value self) {
    return call_method(t, self, IO(seek), {Value::from_int(0), Value::from_int(1)});
}

namespace {

Result<bool> base_closed(Thread& t, Value self) { return has_attr(t, self, IO(__IOBase_closed)); }

Ref base_seek(Thread& t, Value, const Value*) { return unsupported(t, "seek"); }
Ref base_truncate(Thread& t, Value, const Value*) { return unsupported(t, "truncate"); }
Ref base_fileno(Thread& t, Value) { return unsupported(t, "fileno"); }
Ref base_flush(Thread& t, Value self) {
    if (TRY(base_closed(t, self))) return raise(t, PyExc_ValueError, "I/O operation on closed file.");
    return none_ref();
}
Ref base_false(Thread&, Value) { return bool_ref(false); }
Ref base_isatty(Thread& t, Value self) {
    TRY(check_closed_attr(t, self));
    return bool_ref(false);
}
Ref base_closed_get(Thread& t, Value self, void*) { return bool_ref(TRY(base_closed(t, self))); }

Ref check_closed(Thread& t, Value self) {
    TRY(check_closed_attr(t, self));
    return none_ref();
}
Ref check_readable(Thread& t, Value self) {
    TRY(check_readable_attr(t, self, "File or stream is not readable."));
    return bool_ref(true);
}
Ref check_writable(Thread& t, Value self) {
    TRY(check_writable_attr(t, self, "File or stream is not writable."));
    return bool_ref(true);
}
Ref check_seekable(Thread& t, Value self) {
    TRY(check_seekable_attr(t, self, "File or stream is not seekable."));
    return bool_ref(true);
}

Ref base_exit(Thread& t, Value self, const Value*, size_t, Value) { return call_method(t, self, ID(close)); }

// How many bytes the next read of readline() may take: up to and with the newline that peek() shows.
Result<int64_t> peek_length(Thread& t, Value self, Value peek, int64_t limit, int64_t got) {
    Ref ahead = call(t, peek, {Value::from_int(1)});
    while (!ahead) {
        if (!TRY(retry_interrupted(t))) return {};
        ahead = call(t, peek, {Value::from_int(1)});
    }
    if (!is_bytes(ahead))
        return raise(t, PyExc_OSError, "peek() should have returned a bytes object, not '%.200s'",
                     type_of(ahead)->tp_name);
    int64_t n = bytes_size(ahead);
    if (n == 0) return 1;
    if (limit >= 0 && n > limit - got) n = limit - got;
    int64_t at = find_newline(bytes_data(ahead), n);
    return at >= 0 ? at + 1 : n;
}

Ref base_readline(Thread& t, Value self, const Value* a) {
    int64_t limit = TRY(optional_size(t, a[0]));
    Ref peek = TRY(lookup_attr(t, self, IO(peek)));
    BytesBuilder line(t);
    while (limit < 0 || line.size() < limit) {
        int64_t want = peek ? TRY(peek_length(t, self, peek, limit, line.size())) : 1;
        Ref piece = call_method(t, self, IO(read), {Value::from_int(want)});
        if (!piece) {
            if (TRY(retry_interrupted(t))) continue;
            return {};
        }
        if (!is_bytes(piece))
            return raise(t, PyExc_OSError, "read() should have returned a bytes object, not '%.200s'",
                         type_of(piece)->tp_name);
        if (bytes_size(piece) == 0) break;
        TRY(line.append(bytes_view(piece)));
        if (line.data()[line.size() - 1] == '\n') break;
    }
    return line.finish();
}

Ref base_readlines(Thread& t, Value self, const Value* a) {
    int64_t hint = TRY(optional_size(t, a[0]));
    Ref lines = TRY(list_new(t));
    Ref it = TRY(iter(t, self));
    int64_t total = 0;
    for (;;) {
        Ref line = iter_next(t, it);
        if (!line) {
            if (occurred(t)) return {};
            break;
        }
        TRY(list_append(t, lines, line));
        if (hint <= 0) continue;
        int64_t n = TRY(length(t, line));
        total += n;
        if (total >= hint) break;
    }
    return lines;
}

Ref base_writelines(Thread& t, Value self, Value lines) {
    TRY(check_closed_attr(t, self));
    Ref it = TRY(iter(t, lines));
    for (;;) {
        Ref line = iter_next(t, it);
        if (!line) {
            if (occurred(t)) return {};
            return none_ref();
        }
        for (;;) {
            Ref r = call_method(t, self, IO(write), {line});
            if (r) break;
            if (!TRY(retry_interrupted(t))) return {};
        }
    }
}

Ref dict_get_attr(Thread& t, Value self, void*) { return instance_dict(t, self); }

void iobase_dealloc(Thread& t, PyObject* o) {
    clear_io(t, o);
    free_object(t, o);
}

}  // namespace

Ref iobase_iternext(Thread& t, Value self) {
    Ref line = TRY(call_method(t, self, IO(readline)));
    if (TRY(length(t, line)) == 0) return {};
    return line;
}

Ref iobase_close(Thread& t, Value self) {
    if (TRY(base_closed(t, self))) return none_ref();
    Ref flushed = call_method(t, self, ID(flush));
    Ref error = fetch_error(t);
    bool ok = static_cast<bool>(set_attr(t, self, IO(__IOBase_closed), boolean(true)));
    if (error) chain_error(t, std::move(error));
    return ok && flushed ? none_ref() : Ref();
}

// Closes what was not closed. Runs with the object alive for the time being.
void iobase_finalize(Thread& t, PyObject* o) {
    // Nothing depends on their end, and nobody could see it.
    if ((o->ob_type == &bytesio_type || o->ob_type == &stringio_type) && !as_io(Value(o))->dict) return;
    SavedError saved(t);
    Value self(o);
    bool closed = true;  // where there is no answer nothing is done
    Maybe attr = lookup_attr(t, self, ID(closed));
    if (!attr) {
        clear_error(t);
    } else if (attr.has_value()) {
        Ref v = attr.take();
        auto truth = is_true(t, v);
        if (!truth) clear_error(t);
        closed = !truth || truth.value();
    }
    if (closed) return;
    // Tells close() that it is called by the finalizer.
    if (!set_attr(t, self, IO(_finalizing), boolean(true))) clear_error(t);
    Ref r = call_method(t, self, ID(close));
    if (!r) unraisable_for_file(t, self);
}

namespace {

const NativeDef iobase_methods[] = {
    def<base_seek>(
        "seek", "(offset, whence=os.SEEK_SET, /)",
        "Changes the stream position; returns the new one.\n\nwhence says what offset is relative to: "
        "0 the start, 1 the current position, 2 the end."),
    def<iobase_tell>("tell", "()", "The current stream position."),
    def<base_truncate>("truncate", "(size=None, /)",
                       "Cuts or extends the file to size bytes, by default to the current position.",
                       kMethMethod),
    def<base_flush>("flush", "()", "Writes out what is buffered, where there are buffers."),
    def<iobase_close>("close", "()", "Flushes and closes the object; closing again has no effect."),
    def<base_false>("seekable", "()", "Whether seek(), tell() and truncate() work."),
    def<base_false>("readable", "()", "Whether the object was opened for reading."),
    def<base_false>("writable", "()", "Whether the object was opened for writing."),
    def<check_closed>("_checkClosed", "()", nullptr),
    def<check_seekable>("_checkSeekable", "()", nullptr),
    def<check_readable>("_checkReadable", "()", nullptr),
    def<check_writable>("_checkWritable", "()", nullptr),
    def<base_fileno>("fileno", "()", "The file descriptor; OSError when there is none."),
    def<base_isatty>("isatty", "()", "Whether this is an interactive stream."),
    def<self_iter>("__enter__", "()", nullptr),
    def<base_exit>("__exit__", nullptr, nullptr),
    def<base_readline>("readline", "(size=-1, /)", "Reads a line, of at most size bytes when size is given."),
    def<base_readlines>("readlines", "(hint=-1, /)",
                        "The list of lines; with hint, stops after the line that completes hint bytes."),
    def<base_writelines>("writelines", "(lines, /)", "Writes each of the lines; adds no line ends."),
    {}};
const GetSetDef iobase_getset[] = {getset("__dict__", dict_get_attr, nullptr, nullptr),
                                   getset("closed", base_closed_get, nullptr, nullptr),
                                   {}};

const TypeDecl iobase_decl{
    .name = "_io._IOBase",
    .basicsize = sizeof(IoObject),
    .flags = kTpDefault | kTpBaseType | kTpHaveGC,
    .slots = {.dealloc = iobase_dealloc,
              .traverse = visit_io,
              .clear = clear_io,
              .finalize = iobase_finalize,
              .iter = self_iter,
              .iternext = iobase_iternext},
    .spec = {.methods = iobase_methods,
             .getset = iobase_getset,
             .doc = "The base of all io classes. It has no constructor; what it does not know raises "
                    "UnsupportedOperation.",
             .setup = made_by_object},
    .weaklistoffset = offsetof(IoObject, weaklist),
    .dictoffset = offsetof(IoObject, dict)};

// --- _RawIOBase ---

Ref raw_read(Thread& t, Value self, const Value* a) {
    int64_t n = a[0] ? TRY(as_ssize(t, a[0])) : -1;
    if (n < 0) return call_method(t, self, IO(readall));
    Ref buffer = TRY(bytearray_from(t, nullptr, 0));
    TRY(bytearray_resize(t, buffer, n));
    memset(bytearray_data(buffer), 0, static_cast<size_t>(n));
    Ref got = TRY(call_method(t, self, IO(readinto), {buffer}));
    if (is_none(got)) return got;
    int64_t count = TRY(as_index(t, got, PyExc_ValueError));
    int64_t room = std::min(n, bytearray_size(buffer));  // which may have been resized
    if (count < 0 || count > room)
        return raise(t, PyExc_ValueError, "readinto returned %zd outside buffer size %zd",
                     static_cast<size_t>(count), static_cast<size_t>(room));
    return bytes_from(t, bytearray_data(buffer), static_cast<size_t>(count));
}

Ref raw_readall(Thread& t, Value self) {
    BytesBuilder all(t);
    bool any = false;
    for (;;) {
        Ref piece = call_method(t, self, IO(read), {Value::from_int(kDefaultBufferSize)});
        if (!piece) {
            if (TRY(retry_interrupted(t))) continue;
            return {};
        }
        if (is_none(piece)) {
            if (!any) return piece;
            break;
        }
        if (!is_bytes(piece)) return raise(t, PyExc_TypeError, "read() should return bytes");
        if (bytes_size(piece) == 0) break;
        any = true;
        TRY(all.append(bytes_view(piece)));
    }
    return all.finish();
}

Ref raw_not_implemented(Thread& t, Value, const Value*, size_t, Value) {
    return raise_none(t, PyExc_NotImplementedError);
}

const NativeDef raw_methods[] = {def<raw_read>("read", "(size=-1, /)", nullptr),
                                 def<raw_readall>("readall", "()", "Reads until the end of the file."),
                                 def<raw_not_implemented>("readinto", nullptr, nullptr),
                                 def<raw_not_implemented>("write", nullptr, nullptr),
                                 {}};
const TypeDecl raw_decl{.name = "_io._RawIOBase",
                        .basicsize = sizeof(IoObject),
                        .flags = kTpDefault | kTpBaseType | kTpHaveGC,
                        .base = &iobase_type,
                        .slots = {.dealloc = iobase_dealloc, .traverse = visit_io, .clear = clear_io},
                        .spec = {.methods = raw_methods, .doc = "The base of raw binary streams."}};

// --- _BufferedIOBase ---

Ref buffered_unsupported_read(Thread& t, Value, const Value*) { return unsupported(t, "read"); }
Ref buffered_unsupported_read1(Thread& t, Value, const Value*) { return unsupported(t, "read1"); }
Ref buffered_unsupported_write(Thread& t, Value, Value) { return unsupported(t, "write"); }
Ref unsupported_detach(Thread& t, Value) { return unsupported(t, "detach"); }

Ref readinto_with(Thread& t, Value self, Value arg, Value method) {
    Buffer buf;
    if (!buf.acquire(t, arg, kBufWritable)) {
        if (!error_is(t, PyExc_BufferError)) return {};
        clear_error(t);
        return raise(t, PyExc_TypeError,
                     "readinto() argument must be read-write bytes-like object, not %.50s",
                     type_of(arg)->tp_name);
    }
    Ref n = TRY(int_from(t, buf.size()));
    Ref data = TRY(call_method(t, self, method, {n}));
    if (!is_bytes(data)) return raise(t, PyExc_TypeError, "read() should return bytes");
    if (bytes_size(data) > buf.size())
        return raise(t, PyExc_ValueError, "read() returned too much data: %zd bytes requested, %zd returned",
                     static_cast<size_t>(buf.size()), static_cast<size_t>(bytes_size(data)));
    memcpy(buf.mutable_data(), bytes_data(data), static_cast<size_t>(bytes_size(data)));
    return int_from(t, bytes_size(data));
}
Ref buffered_readinto(Thread& t, Value self, Value arg) { return readinto_with(t, self, arg, IO(read)); }
Ref buffered_readinto1(Thread& t, Value self, Value arg) { return readinto_with(t, self, arg, IO(read1)); }

const NativeDef buffered_methods[] = {
    def<unsupported_detach>("detach", "()", "Takes the raw stream out and returns it.", kMethMethod),
    def<buffered_unsupported_read>(
        "read", "(size=-1, /)", "Reads up to size bytes, or all until the end when size is negative or None.",
        kMethMethod),
    def<buffered_unsupported_read1>("read1", "(size=-1, /)",
                                    "Reads up to size bytes with at most one read of the raw stream.",
                                    kMethMethod),
    def<buffered_readinto>("readinto", "(buffer, /)", nullptr),
    def<buffered_readinto1>("readinto1", "(buffer, /)", nullptr),
    def<buffered_unsupported_write>("write", "(b, /)", "Writes the bytes b; returns how many: always all."),
    {}};
const TypeDecl buffered_decl{.name = "_io._BufferedIOBase",
                             .basicsize = sizeof(IoObject),
                             .flags = kTpDefault | kTpBaseType | kTpHaveGC,
                             .base = &iobase_type,
                             .slots = {.dealloc = iobase_dealloc, .traverse = visit_io, .clear = clear_io},
                             .spec = {.methods = buffered_methods, .doc = "The base of buffered streams."}};

// --- _TextIOBase ---

Ref text_read(Thread& t, Value, const Value*) { return unsupported(t, "read"); }
Ref text_readline(Thread& t, Value, const Value*) { return unsupported(t, "readline"); }
Ref text_write(Thread& t, Value, Value) { return unsupported(t, "write"); }
Ref text_none(Thread&, Value, void*) { return none_ref(); }

const NativeDef text_methods[] = {
    def<unsupported_detach>("detach", "()", "Takes the underlying buffer out and returns it.", kMethMethod),
    def<text_read>("read", "(size=-1, /)", "Reads at most size characters, or until the end.", kMethMethod),
    def<text_readline>("readline", "(size=-1, /)", "Reads until a newline or the end.", kMethMethod),
    def<text_write>("write", "(s, /)", "Writes the str s; returns the number of characters."),
    {}};
const GetSetDef text_getset[] = {
    getset("encoding", text_none, nullptr, "The encoding; None here."),
    getset("newlines", text_none, nullptr, "The line ends met so far; None here."),
    getset("errors", text_none, nullptr, "The error handler; None here."),
    {}};
const TypeDecl text_decl{
    .name = "_io._TextIOBase",
    .basicsize = sizeof(IoObject),
    .flags = kTpDefault | kTpBaseType | kTpHaveGC,
    .base = &iobase_type,
    .slots = {.dealloc = iobase_dealloc, .traverse = visit_io, .clear = clear_io},
    .spec = {.methods = text_methods, .getset = text_getset, .doc = "The base of text streams."}};

}  // namespace

Status made_by_object(Thread&, PyTypeObject* type) {
    ext(type)->slots.new_ = ext(&PyBaseObject_Type)->slots.new_;
    type->tp_flags &= ~uint64_t{kTpDisallowInstantiation};
    return Status::ok();
}

Status init_iobase(Thread& t, Value module) {
    t.gc->finalize_streams = iobase_finalize;
    TRY(add_static_type(t, module, iobase_type, iobase_decl));
    TRY(add_static_type(t, module, rawiobase_type, raw_decl));
    TRY(add_static_type(t, module, bufferediobase_type, buffered_decl));
    return add_static_type(t, module, textiobase_type, text_decl);
}

}  // namespace krait::io
