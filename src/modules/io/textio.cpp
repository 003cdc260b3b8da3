// TextIOWrapper: construction, writing, closing.
#include "modules/io/textio.h"

#include <cstring>

#include "builtins/codec.h"
#include "builtins/text_search.h"

namespace krait::io {

Type textio_type;

Status need_attached(Thread& t, TextIO* x) {
    if (x->ok) return Status::ok();
    if (x->detached) return raise(t, PyExc_ValueError, "underlying buffer has been detached");
    return raise(t, PyExc_ValueError, "I/O operation on uninitialized object");
}

Status need_text_open(Thread& t, Value self) {
    TextIO* x = as_text(self);
    TRY(need_attached(t, x));
    if (type_of(self) == &textio_type) {
        if (surely_open(x->buffer)) return Status::ok();
        Ref buffer = Ref::share(x->buffer);
        if (TRY(closed_attr(t, buffer))) return raise(t, PyExc_ValueError, "I/O operation on closed file.");
        return Status::ok();
    }
    return check_closed_attr(t, self);
}

namespace {

constexpr int64_t kChunkSize = 8192;

// --- writing ---

Status write_to_buffer(Thread& t, TextIO* x, const char* p, int64_t n) {
    Ref buffer = Ref::share(x->buffer);
    if (plain_instance(buffer, &buffered_writer_type) || plain_instance(buffer, &buffered_random_type))
        return buffered_write_direct(t, buffer, p, n);
    Ref bytes = TRY(bytes_from(t, p, static_cast<size_t>(n)));
    for (;;) {
        Ref r = call_method(t, buffer, IO(write), {bytes});
        if (r) return Status::ok();
        if (!TRY(retry_interrupted(t))) return {};
    }
}

Status add_pending(Thread& t, TextIO* x, std::string_view bytes) {
    auto n = static_cast<int64_t>(bytes.size());
    // Writing what is pending may run code that writes here, too.
    while (x->pending_size > 0 && x->pending_size + n > x->chunk_size) TRY(text_flush_pending(t, x));
    // Much at once goes straight through.
    if (n >= x->chunk_size) return write_to_buffer(t, x, bytes.data(), n);
    if (x->pending_size + n > x->pending_capacity) {
        int64_t capacity = x->pending_capacity ? x->pending_capacity * 2 : 256;
        while (capacity < x->pending_size + n) capacity *= 2;
        auto* p = static_cast<char*>(mem_realloc(x->pending, static_cast<size_t>(capacity)));
        if (!p) return raise_no_memory(t);
        x->pending = p;
        x->pending_capacity = capacity;
    }
    memcpy(x->pending + x->pending_size, bytes.data(), bytes.size());
    x->pending_size += n;
    return Status::ok();
}

bool has_char(Value text, uint32_t c) {
    if (str_kind(text) == 1)
        return memchr(str_data(text), static_cast<int>(c), static_cast<size_t>(str_length(text)));
    if (str_kind(text) == 2)
        return find_char(static_cast<uint16_t*>(str_data(text)), str_length(text), c) >= 0;
    return find_char(static_cast<uint32_t*>(str_data(text)), str_length(text), c) >= 0;
}

Ref write(Thread& t, Value self, Value arg) {
    TextIO* x = as_text(self);
    if (!is_str(arg))
        return raise(t, PyExc_TypeError, "write() argument must be str, not %.50s",
                     is_none(arg) ? "None" : type_of(arg)->tp_name);
    TRY(need_text_open(t, self));
    if (!x->can_encode) return unsupported(t, "not writable");
    int64_t length = str_length(arg);
    Ref text = Ref::share(arg);
    bool newline = (x->line_buffering || x->write_newline) && has_char(text, '\n');
    if (newline && x->write_newline) {
        Ref from = TRY(str_from(t, "\n")), to = TRY(str_from(t, x->write_newline));
        if (is_str_exact(text)) {
            text = TRY(str_replace(t, text, from, to, -1));
        } else {
            text = TRY(call_method(t, text, IO(replace), {from, to}));
            if (!is_str(text))
                return raise(t, PyExc_TypeError, "replace() should return a str, not %#T", text.get());
            TRY(need_text_open(t, self));
            if (!x->can_encode) return unsupported(t, "not writable");
        }
    }
    bool flush_after = x->line_buffering && (newline || has_char(text, '\r'));
    std::string_view bytes;
    Ref owner = TRY(text_encode(t, x, text, &bytes));
    if (!bytes.data()) bytes = bytes_view(owner);
    TRY(need_attached(t, x));
    TRY(add_pending(t, x, bytes));
    if (x->pending_size >= x->chunk_size || flush_after || x->write_through) TRY(text_flush_pending(t, x));
    if (flush_after) {
        Ref buffer = Ref::share(x->buffer);
        TRY_DISCARD(call_method(t, buffer, ID(flush)));
    }
    // What was read ahead counts no more, unless the stream cannot be moved in anyway.
    if (x->snapshot) {
        text_forget_decoded(x);
        clear_value(x->snapshot);
    }
    if (x->can_decode) TRY(text_reset_decoder(t, x));
    return int_from(t, length);
}

Ref flush(Thread& t, Value self) {
    TextIO* x = as_text(self);
    TRY(need_text_open(t, self));
    x->telling = x->seekable;
    TRY(text_flush_pending(t, x));
    Ref buffer = Ref::share(x->buffer);
    return call_method(t, buffer, ID(flush));
}

// --- construction ---

Status set_newline(Thread& t, TextIO* x, Value newline) {
    const char* text = nullptr;
    if (newline && !is_none(newline)) {
        std::string_view s = TRY(str_utf8(t, newline));
        for (const char* good : {"", "\n", "\r", "\r\n"})
            if (s == good) text = good;
        if (!text) return raise(t, PyExc_ValueError, "illegal newline value: %s", s.data());
    }
    x->read_universal = !text || !*text;
    x->read_translate = !text;
    x->rule = LineRule{.translated = !text, .universal = x->read_universal, .newline = text ? text : "\n"};
    x->write_newline = text && *text == '\r' ? text : nullptr;
    return Status::ok();
}

Status check_text_argument(Thread& t, const char* function, const char* name, Value v,
                           bool nul_allowed = false) {
    if (!v || is_none(v)) return Status::ok();
    if (!is_str(v))
        return raise(t, PyExc_TypeError, "%s() argument '%s' must be str or None, not %.50s", function, name,
                     type_of(v)->tp_name);
    std::string_view text = TRY(str_utf8(t, v));
    if (!nul_allowed && memchr(text.data(), 0, text.size()))
        return raise(t, PyExc_ValueError, "embedded null character");
    return Status::ok();
}

bool given(Value v) { return v && !is_none(v); }

Result<bool> ask_bool(Thread& t, Value v, Value method) {
    Ref r = TRY(call_method(t, v, method));
    return is_true(t, r);
}

Status init(Thread& t, Value self, const Value* args, size_t nargs, Value kwnames) {
    Value a[6];
    Ref keep;
    TRY(bind_args(
        t, "TextIOWrapper",
        "(buffer, encoding=None, errors=None, newline=None, line_buffering=False, write_through=False)", args,
        nargs, kwnames, a, keep));
    TRY(check_text_argument(t, "TextIOWrapper", "encoding", a[1]));
    if (given(a[2]) && !is_str(a[2]))
        return raise(t, PyExc_TypeError, "TextIOWrapper() argument 'errors' must be str or None, not %.50s",
                     type_of(a[2])->tp_name);
    TRY(check_text_argument(t, "TextIOWrapper", "newline", a[3]));
    bool line_buffering = a[4] ? TRY(is_true(t, a[4])) : false;
    bool write_through = a[5] ? TRY(is_true(t, a[5])) : false;
    TextIO* x = as_text(self);
    x->ok = x->detached = false;
    TRY(check_text_argument(t, "TextIOWrapper", "errors", a[2]));
    Ref encoding;
    if (!given(a[1])) {
        TRY_DISCARD(text_encoding_default(t, none(), 1));
        encoding = TRY(locale_encoding(t));
    } else {
        encoding = str_equal(a[1], "locale") ? TRY(locale_encoding(t)) : Ref::share(a[1]);
    }
    Ref errors = given(a[2]) ? Ref::share(a[2]) : TRY(str_from(t, "strict"));
    TRY(check_codec_names(t, nullptr, TRY(str_utf8(t, errors)).data()));
    TRY(set_newline(t, x, a[3]));
    TRY(text_check_encoding(t, encoding));
    x->chunk_size = kChunkSize;
    x->pending_size = 0;
    x->bytes_per_char = 0;
    x->seen = 0;
    x->pending_cr = false;
    text_forget_decoded(x);
    clear_value(x->snapshot);
    x->line_buffering = line_buffering;
    x->write_through = write_through;
    x->can_decode = TRY(ask_bool(t, a[0], IO(readable)));
    x->can_encode = TRY(ask_bool(t, a[0], IO(writable)));
    TRY(text_set_codec(t, x, encoding, errors));
    set_value(x->buffer, Ref::share(a[0]));
    x->seekable = x->telling = TRY(ask_bool(t, a[0], IO(seekable)));
    x->has_read1 = TRY(has_attr(t, a[0], IO(read1)));
    TRY(text_fix_encoder(t, x));
    x->ok = true;
    return Status::ok();
}

// None keeps what is; everything else is a number taken as true or false.
Result<bool> optional_flag(Thread& t, Value v, bool now) {
    if (!given(v)) return now;
    return TRY(as_int64(t, v)) != 0;
}

Ref reconfigure(Thread& t, Value self, const Value* a) {
    TextIO* x = as_text(self);
    Value encoding = a[0], errors = a[1], newline = a[2];
    TRY(need_attached(t, x));
    TRY(check_text_argument(t, "reconfigure", "encoding", encoding, true));
    TRY(check_text_argument(t, "reconfigure", "errors", errors, true));
    if (newline) TRY(check_text_argument(t, "reconfigure", "newline", newline));
    if (x->decoded && (given(encoding) || given(errors) || newline))
        return unsupported(
            t, "It is not possible to set the encoding or newline of stream after the first read");
    if (newline && is_str(newline)) {
        std::string_view s = TRY(str_utf8(t, newline));
        TRY(check_newline(t, s.data(), "illegal newline value: %s"));
    }
    bool line_buffering = TRY(optional_flag(t, a[3], x->line_buffering));
    bool write_through = TRY(optional_flag(t, a[4], x->write_through));
    TRY_DISCARD(call_method(t, self, ID(flush)));
    x->bytes_per_char = 0;
    // Known to exist before anything is changed.
    Ref enc = Ref::share(given(encoding) ? encoding : x->encoding);
    if (given(encoding)) {
        if (str_equal(encoding, "locale")) enc = TRY(locale_encoding(t));
        TRY(text_check_encoding(t, enc));
    }
    if (newline) TRY(set_newline(t, x, newline));
    if (given(encoding) || given(errors) || newline) {
        Ref err;
        if (given(errors))
            err = Ref::share(errors);
        else
            err = given(encoding) ? TRY(str_from(t, "strict")) : Ref::share(x->errors);
        TRY(text_set_codec(t, x, enc, err));
        x->pending_cr = false;
        x->seen = 0;
        TRY(text_fix_encoder(t, x));
    }
    x->line_buffering = line_buffering;
    x->write_through = write_through;
    return none_ref();
}

// --- the end ---

Ref detach(Thread& t, Value self) {
    TextIO* x = as_text(self);
    TRY(need_attached(t, x));
    TRY_DISCARD(call_method(t, self, ID(flush)));
    Ref buffer = Ref::steal(x->buffer);
    x->buffer = Value();
    x->detached = true;
    x->ok = false;
    return buffer;
}

Ref close(Thread& t, Value self) {
    TextIO* x = as_text(self);
    TRY(need_attached(t, x));
    Ref buffer = Ref::share(x->buffer);
    if (TRY(closed_attr(t, self))) return none_ref();
    if (x->detached) return none_ref();  // by the look at `closed`
    if (x->finalizing && !call_method(t, buffer, IO(_dealloc_warn), {self})) clear_error(t);
    Ref flushed = call_method(t, self, ID(flush));
    Ref error = flushed ? Ref() : fetch_error(t);
    Ref r = call_method(t, buffer, ID(close));
    if (error) {
        chain_error(t, std::move(error));
        return {};
    }
    return r;
}

Ref truncate(Thread& t, Value self, const Value* a) {
    TRY(need_attached(t, as_text(self)));
    TRY_DISCARD(call_method(t, self, ID(flush)));
    Ref buffer = Ref::share(as_text(self)->buffer);
    return call_method(t, buffer, IO(truncate), {a[0] ? a[0] : none()});
}

// --- attributes ---

template <LazyName& name>
Ref ask_buffer(Thread& t, Value self) {
    TRY(need_attached(t, as_text(self)));
    Ref buffer = Ref::share(as_text(self)->buffer);
    return call_method(t, buffer, name(t));
}
LazyName kFileno("fileno");

Ref get_buffer_attr(Thread& t, Value self, void*) {
    TRY(need_attached(t, as_text(self)));
    return Ref::share(as_text(self)->buffer);
}
Ref get_closed(Thread& t, Value self, void*) {
    TextIO* x = as_text(self);
    if (!x->ok && !x->detached) return bool_ref(true);
    TRY(need_attached(t, x));
    Ref buffer = Ref::share(x->buffer);
    return get_attr(t, buffer, ID(closed));
}
Ref get_name(Thread& t, Value self, void*) {
    TRY(need_attached(t, as_text(self)));
    Ref buffer = Ref::share(as_text(self)->buffer);
    return get_attr(t, buffer, ID(name));
}
Ref get_newlines(Thread& t, Value self, void*) {
    TextIO* x = as_text(self);
    TRY(need_attached(t, x));
    if (!x->can_decode || !x->read_universal) return none_ref();
    return newlines_seen(t, x->seen);
}
Ref get_errors(Thread& t, Value self, void*) {
    TextIO* x = as_text(self);
    if (!x->ok && !x->detached) return raise(t, PyExc_ValueError, "I/O operation on uninitialized object");
    return Ref::share(x->errors);
}
Ref get_line_buffering(Thread&, Value self, void*) { return bool_ref(as_text(self)->line_buffering); }
Ref get_write_through(Thread&, Value self, void*) { return bool_ref(as_text(self)->write_through); }
Ref get_chunk_size(Thread& t, Value self, void*) {
    TRY(need_attached(t, as_text(self)));
    return int_from(t, as_text(self)->chunk_size);
}
Status set_chunk_size(Thread& t, Value self, Value v, void*) {
    TRY(need_attached(t, as_text(self)));
    if (!v)
        return raise(t, PyExc_AttributeError, "attribute '_CHUNK_SIZE' of '%.50s' objects cannot be deleted",
                     textio_type.tp_name);
    int64_t n = TRY(as_index(t, v, PyExc_ValueError));
    if (n <= 0) return raise(t, PyExc_ValueError, "a strictly positive integer is required");
    as_text(self)->chunk_size = n;
    return Status::ok();
}

Status repr_attr(Thread& t, StrBuilder& out, Value self, Value name, const char* label) {
    Maybe attr = lookup_attr(t, self, name);
    if (!attr) return clear_if(t, PyExc_ValueError) ? Status::ok() : Status();
    if (!attr.has_value()) return Status::ok();
    Ref value = attr.take();
    Ref text = TRY(repr(t, value));
    TRY(out.ascii(label));
    return out.append(text);
}

Ref repr_text(Thread& t, Value self) {
    TextIO* x = as_text(self);
    if (!x->ok && !x->detached) return raise(t, PyExc_ValueError, "I/O operation on uninitialized object");
    const char* type = type_of(self)->tp_name;
    if (TRY(repr_enter(t, self)))
        return raise(t, PyExc_RuntimeError, "reentrant call inside %s.__repr__", type);
    StrBuilder out(t);
    Ref encoding = repr(t, x->encoding);
    bool ok = encoding && out.ascii("<") && out.utf8(type, strlen(type)) &&
              repr_attr(t, out, self, ID(name), " name=") && repr_attr(t, out, self, ID(mode), " mode=") &&
              out.ascii(" encoding=") && out.append(encoding) && out.ascii(">");
    repr_leave(t, self);
    return ok ? out.finish() : Ref();
}

void traverse(PyObject* o, Visitor& v) {
    TextIO* x = as_text(Value(o));
    visit_io(o, v);
    for (Value f : {x->encoding, x->errors, x->buffer, x->encoder, x->decoder, x->decoded, x->snapshot})
        v.visit(f);
}
void clear(Thread& t, PyObject* o) {
    TextIO* x = as_text(Value(o));
    x->ok = false;
    for (Value* f :
         {&x->encoding, &x->buffer, &x->encoder, &x->decoder, &x->decoded, &x->snapshot, &x->errors})
        clear_value(*f);
    clear_io(t, o);
}
void dealloc(Thread& t, PyObject* o) {
    clear(t, o);
    mem_free(as_text(Value(o))->pending);
    free_object(t, o);
}

const NativeDef methods[] = {
    def<detach>("detach", "()", nullptr),
    def<reconfigure>(
        "reconfigure",
        "(*, encoding=None, errors=None, newline=None,\n            line_buffering=None, write_through=None)",
        "Changes how the stream works; flushes it first."),
    def<write>("write", "(text, /)", nullptr),
    def<text_read>("read", "(size=-1, /)", nullptr),
    def<text_readline>("readline", "(size=-1, /)", nullptr),
    def<flush>("flush", "()", nullptr),
    def<close>("close", "()", nullptr),
    def<ask_buffer<kFileno>>("fileno", "()", nullptr),
    def<ask_buffer<names::seekable_>>("seekable", "()", nullptr),
    def<ask_buffer<names::readable_>>("readable", "()", nullptr),
    def<ask_buffer<names::writable_>>("writable", "()", nullptr),
    def<ask_buffer<names::isatty_>>("isatty", "()", nullptr),
    def<no_pickle>("__getstate__", "()", nullptr),
    def<text_seek>("seek", "(cookie, whence=os.SEEK_SET, /)",
                   "Goes to a position that tell() gave, or to the start (0) or end (0, 2)."),
    def<text_tell>("tell", "()", "The position as an opaque number for seek()."),
    def<truncate>("truncate", "(pos=None, /)", nullptr),
    {}};
const GetSetDef getsets[] = {getset("name", get_name, nullptr, nullptr),
                             getset("closed", get_closed, nullptr, nullptr),
                             getset("buffer", get_buffer_attr, nullptr, nullptr),
                             getset("newlines", get_newlines, nullptr, nullptr),
                             getset("errors", get_errors, nullptr, nullptr),
                             getset("line_buffering", get_line_buffering, nullptr, nullptr),
                             getset("write_through", get_write_through, nullptr, nullptr),
                             getset("_CHUNK_SIZE", get_chunk_size, set_chunk_size, nullptr),
                             {}};
const MemberDef members[] = {
    member("encoding", MemberKind::Object, sizeof(IoObject), kReadonly, nullptr),
    member("_finalizing", MemberKind::Bool, offsetof(IoObject, finalizing), 0, nullptr),
    {}};
const TypeDecl decl{
    .name = "_io.TextIOWrapper",
    .basicsize = sizeof(TextIO),
    .flags = kTpDefault | kTpBaseType | kTpHaveGC,
    .base = &textiobase_type,
    .slots = {.dealloc = dealloc,
              .traverse = traverse,
              .clear = clear,
              .repr = repr_text,
              .iternext = text_iternext,
              .init = init},
    .spec = {
        .methods = methods,
        .getset = getsets,
        .members = members,
        .doc =
            "Text over a buffered binary stream.\n\nencoding defaults to the locale's; errors names the "
            "error "
            "handler; newline is None (universal, translated), '' (universal, as they are), '\\n', '\\r' or "
            "'\\r\\n'. With line_buffering a write with a line end flushes; with write_through nothing is "
            "kept back.",
        .text_signature = "(buffer, encoding=None, errors=None, newline=None,\n              "
                          "line_buffering=False, write_through=False)"}};

}  // namespace

Status text_flush_pending(Thread& t, TextIO* x) {
    if (x->pending_size == 0) return Status::ok();
    // Taken out first: writing may run code that comes back here.
    char* p = x->pending;
    int64_t n = x->pending_size, capacity = x->pending_capacity;
    x->pending = nullptr;
    x->pending_size = x->pending_capacity = 0;
    bool ok = static_cast<bool>(write_to_buffer(t, x, p, n));
    if (!x->pending) {
        x->pending = p;
        x->pending_capacity = capacity;
    } else {
        mem_free(p);
    }
    return ok ? Status::ok() : Status();
}

Status init_textio(Thread& t, Value module) { return add_static_type(t, module, textio_type, decl); }

}  // namespace krait::io
