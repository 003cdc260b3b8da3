// StringIO: a text stream in memory, kept in the narrowest character type that holds it.
#include <cstring>

#include "builtins/str_internal.h"
#include "modules/io/io.h"
#include "object/convert.h"

namespace krait::io {

Type stringio_type;

namespace {

struct StringIO : IoObject {
    char* buf;
    unsigned kind;  // 1, 2, 4 bytes a character
    bool ok, closed;
    int64_t pos, size, capacity;  // in characters
    // newline=: what lines end with when read, and what \n becomes when written (empty: it stays)
    Value newline;  // str, or empty for None
    LineRule rule;
    const char* write_newline;
    bool decode, translate;  // universal newlines are handled as text is written
    bool pending_cr;
    uint8_t seen;
};
StringIO* as_stringio(Value v) { return v.as<StringIO>(); }

Status need_open(Thread& t, StringIO* s) {
    if (!s->ok) return raise(t, PyExc_ValueError, "I/O operation on uninitialized object");
    if (s->closed) return raise(t, PyExc_ValueError, "I/O operation on closed file");
    return Status::ok();
}

// --- the characters ---

Status reserve(Thread& t, StringIO* s, int64_t size, unsigned kind) {
    if (kind <= s->kind && size <= s->capacity) return Status::ok();
    if (kind < s->kind) kind = s->kind;
    int64_t capacity = s->capacity;
    if (size > capacity) {
        capacity = size + (size >> 3) + 16;
        if (size > INT64_MAX / 16) return raise_no_memory(t);
    }
    if (kind == s->kind) {
        auto* p = static_cast<char*>(mem_realloc(s->buf, static_cast<size_t>(capacity) * kind));
        if (!p) return raise_no_memory(t);
        s->buf = p;
    } else {
        auto* p = static_cast<char*>(mem_alloc(static_cast<size_t>(capacity) * kind));
        if (!p) return raise_no_memory(t);
        copy_chars(kind, p, s->kind, s->buf, s->size);
        mem_free(s->buf);
        s->buf = p;
        s->kind = kind;
    }
    s->capacity = capacity;
    return Status::ok();
}

Status put(Thread& t, StringIO* s, Value text) {
    int64_t n = str_length(text), end;
    if (n == 0) return Status::ok();
    if (__builtin_add_overflow(s->pos, n, &end))
        return raise(t, PyExc_OverflowError, "new position too large");
    TRY(reserve(t, s, end > s->size ? end : s->size, str_kind(text)));
    if (s->pos > s->size)
        memset(s->buf + s->size * s->kind, 0, static_cast<size_t>((s->pos - s->size) * s->kind));
    copy_chars(s->kind, s->buf + s->pos * s->kind, str_kind(text), str_data(text), n);
    s->pos = end;
    if (s->size < end) s->size = end;
    return Status::ok();
}

Ref slice(Thread& t, StringIO* s, int64_t from, int64_t to) {
    return str_from_kind(t, s->kind, s->buf + from * s->kind, to - from);
}

Status write_text(Thread& t, StringIO* s, Value text) {
    Ref out = Ref::share(text);
    if (s->decode) out = TRY(newline_apply(t, std::move(out), s->translate, true, s->pending_cr, s->seen));
    if (s->write_newline) {
        Ref from = TRY(str_from(t, "\n")), to = TRY(str_from(t, s->write_newline));
        out = TRY(str_replace(t, out, from, to, -1));
    }
    return put(t, s, out);
}

// --- methods ---

Ref getvalue(Thread& t, Value self) {
    TRY(need_open(t, as_stringio(self)));
    return slice(t, as_stringio(self), 0, as_stringio(self)->size);
}
Ref tell(Thread& t, Value self) {
    TRY(need_open(t, as_stringio(self)));
    return int_from(t, as_stringio(self)->pos);
}
int64_t rest(StringIO* s) { return s->pos < s->size ? s->size - s->pos : 0; }
Ref read(Thread& t, Value self, const Value* a) {
    StringIO* s = as_stringio(self);
    int64_t n = TRY(optional_size(t, a[0]));
    TRY(need_open(t, s));
    if (n < 0 || n > rest(s)) n = rest(s);
    if (n == 0) return Ref::share(empty_str());
    Ref r = slice(t, s, s->pos, s->pos + n);
    s->pos += n;
    return r;
}
Ref take_line(Thread& t, StringIO* s, int64_t most) {
    int64_t n = rest(s);
    if (n == 0) return Ref::share(empty_str());
    if (most >= 0 && most < n) n = most;
    int64_t resume, end = find_line_end(s->kind, s->buf, s->pos, s->pos + n, s->rule, &resume);
    if (end < 0) end = s->pos + n;
    Ref r = slice(t, s, s->pos, end);
    s->pos = end;
    return r;
}
Ref readline(Thread& t, Value self, const Value* a) {
    int64_t n = TRY(optional_size(t, a[0]));
    TRY(need_open(t, as_stringio(self)));
    return take_line(t, as_stringio(self), n);
}
Ref iternext(Thread& t, Value self) {
    TRY(need_open(t, as_stringio(self)));
    Ref line;
    if (type_of(self) == &stringio_type) {
        line = TRY(take_line(t, as_stringio(self), -1));
    } else {
        line = TRY(call_method(t, self, IO(readline)));
        if (!is_str(line))
            return raise(t, PyExc_OSError, "readline() should have returned a str object, not '%.200s'",
                         type_of(line)->tp_name);
    }
    if (str_length(line) == 0) return {};
    return line;
}
Ref write(Thread& t, Value self, Value text) {
    StringIO* s = as_stringio(self);
    if (!s->ok) return raise(t, PyExc_ValueError, "I/O operation on uninitialized object");
    if (!is_str(text))
        return raise(t, PyExc_TypeError, "string argument expected, got '%s'", type_of(text)->tp_name);
    TRY(need_open(t, s));
    if (str_length(text) > 0) TRY(write_text(t, s, text));
    return int_from(t, str_length(text));
}
Ref truncate(Thread& t, Value self, const Value* a) {
    StringIO* s = as_stringio(self);
    TRY(need_open(t, s));
    int64_t size = s->pos;
    if (a[0] && !is_none(a[0])) {
        size = TRY(optional_size(t, a[0]));
        TRY(need_open(t, s));
        if (size < 0) return raise(t, PyExc_ValueError, "Negative size value %zd", static_cast<size_t>(size));
    }
    if (size < s->size) s->size = size;
    return int_from(t, size);
}
Ref seek(Thread& t, Value self, const Value* args, size_t nargs) {
    StringIO* s = as_stringio(self);
    int64_t pos = TRY(as_ssize(t, args[0]));
    int whence = nargs > 1 ? TRY(as_int32(t, args[1])) : 0;
    TRY(need_open(t, s));
    if (whence < 0 || whence > 2)
        return raise(t, PyExc_ValueError, "Invalid whence (%i, should be 0, 1 or 2)", whence);
    if (pos < 0 && whence == 0)
        return raise(t, PyExc_ValueError, "Negative seek position %zd", static_cast<size_t>(pos));
    if (whence != 0 && pos != 0) return raise(t, PyExc_OSError, "Can't do nonzero cur-relative seeks");
    s->pos = whence == 1 ? s->pos : whence == 2 ? s->size : pos;
    return int_from(t, s->pos);
}
Ref yes(Thread& t, Value self) {
    TRY(need_open(t, as_stringio(self)));
    return bool_ref(true);
}
void drop(StringIO* s) {
    mem_free(s->buf);
    s->buf = nullptr;
    s->size = s->capacity = 0;
    s->kind = 1;
}
Ref close(Thread&, Value self) {
    as_stringio(self)->closed = true;
    drop(as_stringio(self));
    return none_ref();
}
Ref get_closed(Thread& t, Value self, void*) {
    if (!as_stringio(self)->ok) return raise(t, PyExc_ValueError, "I/O operation on uninitialized object");
    return bool_ref(as_stringio(self)->closed);
}
Ref get_line_buffering(Thread& t, Value self, void*) {
    TRY(need_open(t, as_stringio(self)));
    return bool_ref(false);
}
Ref get_newlines(Thread& t, Value self, void*) {
    StringIO* s = as_stringio(self);
    TRY(need_open(t, s));
    return s->decode ? newlines_seen(t, s->seen) : none_ref();
}

// --- construction and pickling ---

Status configure(Thread& t, StringIO* s, Value newline) {
    if (newline && !is_none(newline) && !is_str(newline))
        return raise(t, PyExc_TypeError, "newline must be str or None, not %.200s",
                     type_of(newline)->tp_name);
    const char* text = "\n";
    if (newline && is_none(newline)) {
        text = nullptr;
    } else if (newline) {
        auto utf8 = str_utf8(t, newline);
        if (!utf8) return {};
        text = utf8.value().data();
        bool known = false;
        for (std::string_view good : {"", "\n", "\r", "\r\n"}) known |= utf8.value() == good;
        if (!known) return raise(t, PyExc_ValueError, "illegal newline value: %R", newline);
    }
    static const char* const fixed[] = {"", "\n", "\r", "\r\n"};
    for (const char* f : fixed)
        if (text && !strcmp(text, f)) text = f;
    s->ok = false;
    clear_value(s->newline);
    if (text) s->newline = TRY(str_from(t, text)).release();
    s->decode = !text || !*text;
    s->translate = !text;
    s->rule = LineRule{.translated = !text, .universal = s->decode, .newline = text ? text : "\n"};
    s->write_newline = text && *text == '\r' ? text : nullptr;
    s->seen = 0;
    s->pending_cr = false;
    return Status::ok();
}

Status start(Thread& t, StringIO* s, Value initial, Value newline) {
    if (initial && !is_none(initial) && !is_str(initial))
        return raise(t, PyExc_TypeError, "initial_value must be str or None, not %.200s",
                     type_of(initial)->tp_name);
    TRY(configure(t, s, newline));
    drop(s);
    s->pos = 0;
    s->closed = false;
    s->ok = true;
    if (initial && is_str(initial)) TRY(write_text(t, s, initial));
    s->pos = 0;
    return Status::ok();
}

Status init(Thread& t, Value self, const Value* args, size_t nargs, Value kwnames) {
    Value a[2];
    Ref keep;
    TRY(bind_args(t, "StringIO", "(initial_value='', newline='\\n')", args, nargs, kwnames, a, keep));
    // The complaint about newline comes first.
    if (a[1] && !is_none(a[1]) && !is_str(a[1]))
        return raise(t, PyExc_TypeError, "newline must be str or None, not %.200s", type_of(a[1])->tp_name);
    return start(t, as_stringio(self), a[0], a[1]);
}

Ref getstate(Thread& t, Value self) {
    StringIO* s = as_stringio(self);
    TRY(need_open(t, s));
    Ref value = TRY(getvalue(t, self));
    Ref pos = TRY(int_from(t, s->pos));
    Ref dict = s->dict ? TRY(dict_copy(t, s->dict)) : none_ref();
    return tuple_of(t, {value, s->newline ? s->newline : none(), pos, dict});
}

Ref setstate(Thread& t, Value self, Value state) {
    StringIO* s = as_stringio(self);
    if (s->closed) return raise(t, PyExc_ValueError, "I/O operation on closed file");
    if (!is_tuple(state) || tuple_size(state) < 4)
        return raise(t, PyExc_TypeError, "%.200s.__setstate__ argument should be 4-tuple, got %.200s",
                     type_of(self)->tp_name, type_of(state)->tp_name);
    Value text = tuple_get(state, 0), pos = tuple_get(state, 2), dict = tuple_get(state, 3);
    TRY(start(t, s, text, tuple_get(state, 1)));
    // The text went through the newline handling when it was written first.
    s->pos = s->size = 0;
    if (is_str(text)) TRY(put(t, s, text));
    if (!is_long(pos))
        return raise(t, PyExc_TypeError, "third item of state must be an integer, got %.200s",
                     type_of(pos)->tp_name);
    int64_t at = TRY(as_index(t, pos, PyExc_OverflowError));
    if (at < 0) return raise(t, PyExc_ValueError, "position value cannot be negative");
    s->pos = at;
    if (is_none(dict)) return none_ref();
    if (!is_dict(dict))
        return raise(t, PyExc_TypeError, "fourth item of state should be a dict, got a %.200s",
                     type_of(dict)->tp_name);
    if (s->dict)
        TRY(dict_update(t, s->dict, dict));
    else
        s->dict = Ref::share(dict).release();
    return none_ref();
}

Ref new_(Thread& t, PyTypeObject* type, const Value*, size_t, Value) {
    Ref r = TRY(alloc(t, type));
    as_stringio(r)->kind = 1;
    return r;
}
void dealloc(Thread& t, PyObject* o) {
    StringIO* s = as_stringio(Value(o));
    clear_io(t, o);
    clear_value(s->newline);
    drop(s);
    free_object(t, o);
}

const NativeDef methods[] = {
    def<close>("close", "()", "Closes the stream and lets go of its contents."),
    def<getvalue>("getvalue", "()", "All contents."),
    def<read>("read", "(size=-1, /)", "At most size characters, or all that are left."),
    def<readline>("readline", "(size=-1, /)", "The next line; the empty string at the end."),
    def<tell>("tell", "()", "The position."),
    def<truncate>("truncate", "(pos=None, /)", "Cuts the contents to at most pos characters."),
    def<seek>("seek", "(pos, whence=0, /)", "Moves to a new position and returns it."),
    def<write>("write", "(s, /)", "Writes a str; returns its length."),
    def<yes>("seekable", "()", "Whether the stream can be moved in."),
    def<yes>("readable", "()", "Whether the stream can be read."),
    def<yes>("writable", "()", "Whether the stream can be written."),
    def<getstate>("__getstate__", "()", nullptr),
    def<setstate>("__setstate__", "(state, /)", nullptr),
    {}};
const GetSetDef getsets[] = {getset("closed", get_closed, nullptr, nullptr),
                             getset("newlines", get_newlines, nullptr, nullptr),
                             getset("line_buffering", get_line_buffering, nullptr, nullptr),
                             {}};
const TypeDecl decl{.name = "_io.StringIO",
                    .basicsize = sizeof(StringIO),
                    .flags = kTpDefault | kTpBaseType | kTpHaveGC,
                    .base = &textiobase_type,
                    .slots = {.dealloc = dealloc,
                              .traverse = visit_io,
                              .clear = clear_io,
                              .iternext = iternext,
                              .init = init,
                              .new_ = new_},
                    .spec = {.methods = methods,
                             .getset = getsets,
                             .doc = "A text stream whose contents are in memory; newline as for open().",
                             .text_signature = "(initial_value='', newline='\\n')"}};

}  // namespace

Status init_stringio(Thread& t, Value module) { return add_static_type(t, module, stringio_type, decl); }

}  // namespace krait::io
