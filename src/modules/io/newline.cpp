// Line ends: IncrementalNewlineDecoder and the search for the end of a line.
#include <cstring>

#include "builtins/str_internal.h"
#include "builtins/text_search.h"
#include "modules/io/io.h"

namespace krait::io {

Type newline_decoder_type;

namespace {

template <class C>
int64_t find_either(const C* s, int64_t n) {
    for (int64_t i = 0; i < n; i++)
        if (s[i] == '\n' || s[i] == '\r') return i;
    return -1;
}

template <class C>
int64_t line_end(const C* s, int64_t n, const LineRule& rule, int64_t* resume) {
    *resume = n;
    if (rule.translated || (!rule.universal && !strcmp(rule.newline, "\n"))) {
        int64_t i = find_char(s, n, '\n');
        return i < 0 ? -1 : i + 1;
    }
    if (rule.universal) {
        int64_t i = find_either(s, n);
        if (i < 0) return -1;
        return s[i] == '\r' && i + 1 < n && s[i + 1] == '\n' ? i + 2 : i + 1;
    }
    bool pair = rule.newline[1] != 0;
    for (int64_t from = 0;;) {
        int64_t i = find_char(s + from, n - from, '\r');
        if (i < 0) return -1;
        i += from;
        if (!pair) return i + 1;
        if (i + 1 == n) {
            *resume = i;
            return -1;
        }
        if (s[i + 1] == '\n') return i + 2;
        from = i + 1;
    }
}

// Copies with \r\n and \r turned into \n; returns the new length.
template <class C>
int64_t to_newlines(const C* s, int64_t n, C* out) {
    int64_t w = 0;
    for (int64_t i = 0; i < n; i++) {
        C c = s[i];
        if (c == '\r') {
            if (i + 1 < n && s[i + 1] == '\n') i++;
            c = '\n';
        }
        out[w++] = c;
    }
    return w;
}

template <class C>
uint8_t seen_in(const C* s, int64_t n) {
    uint8_t seen = 0;
    for (int64_t i = 0; i < n && seen != 7; i++) {
        if (s[i] == '\n') {
            seen |= kSeenLf;
        } else if (s[i] == '\r') {
            if (i + 1 < n && s[i + 1] == '\n') {
                seen |= kSeenCrLf;
                i++;
            } else {
                seen |= kSeenCr;
            }
        }
    }
    return seen;
}

bool contains_char(Value s, uint32_t c) {
    return with_chars(s, [&](auto* p) { return find_char(p, str_length(s), c) >= 0; });
}

Ref translate(Thread& t, Value text) {
    int64_t n = str_length(text);
    Ref out = TRY(str_alloc(t, n, str_limit(text)));
    int64_t w = with_chars(text, [&](auto* s) {
        using C = std::remove_const_t<std::remove_pointer_t<decltype(s)>>;
        return to_newlines(s, n, static_cast<C*>(str_data(out)));
    });
    return w == n ? std::move(out) : str_substring(t, out, 0, w);
}

}  // namespace

int64_t find_line_end(unsigned kind, const void* data, int64_t start, int64_t end, const LineRule& rule,
                      int64_t* resume) {
    int64_t at =
        with_chars(kind, data, [&](auto* s) { return line_end(s + start, end - start, rule, resume); });
    *resume += start;
    return at < 0 ? -1 : start + at;
}

Status check_newline(Thread& t, const char* newline, const char* format) {
    for (const char* good : {"", "\n", "\r", "\r\n"})
        if (!newline || !strcmp(newline, good)) return Status::ok();
    return raise(t, PyExc_ValueError, format, newline);
}

Ref newline_apply(Thread& t, Ref text, bool translate_, bool final, bool& pending_cr, uint8_t& seen) {
    int64_t n = str_length(text);
    if (pending_cr && (final || n > 0)) {
        Ref cr = TRY(str_from(t, "\r"));
        text = TRY(str_concat(t, cr, text));
        pending_cr = false;
        n++;
    }
    if (n == 0) return text;
    // A final \r may be half of \r\n: it waits for what follows, so that the pair is never torn.
    if (!final && str_char(text, n - 1) == '\r') {
        text = TRY(str_substring(t, text, 0, --n));
        pending_cr = true;
    }
    if (!contains_char(text, '\r')) {
        if (!(seen & kSeenLf) && contains_char(text, '\n')) seen |= kSeenLf;
        return text;
    }
    if (seen != 7) seen |= with_chars(text, [&](auto* s) { return seen_in(s, n); });
    return translate_ ? translate(t, text) : std::move(text);
}

Ref newlines_seen(Thread& t, uint8_t seen) {
    static const char* const texts[] = {"\r", "\n", "\r\n"};
    if (!seen) return none_ref();
    Value parts[3];
    int64_t n = 0;
    for (int i = 0; i < 3; i++) {
        if (!(seen & (1 << i))) continue;
        Ref s = str_from(t, texts[i]);
        if (!s) {
            while (n) decref(parts[--n]);
            return {};
        }
        parts[n++] = s.release();
    }
    if (n == 1) return Ref::steal(parts[0]);
    return tuple_from_owned(t, parts, n);
}

// --- IncrementalNewlineDecoder ---

namespace {

NewlineDecoder* as_decoder(Value v) { return v.as<NewlineDecoder>(); }

Status need_init(Thread& t, NewlineDecoder* d) {
    if (!d->decoder) return raise(t, PyExc_ValueError, "IncrementalNewlineDecoder.__init__() not called");
    return Status::ok();
}

Status init(Thread& t, Value self, const Value* args, size_t nargs, Value kwnames) {
    Value a[3];
    Ref keep;
    TRY(bind_args(t, "IncrementalNewlineDecoder", "(decoder, translate, errors='strict')", args, nargs,
                  kwnames, a, keep));
    bool translate_ = TRY(is_true(t, a[1]));
    NewlineDecoder* d = as_decoder(self);
    Ref errors = a[2] ? Ref::share(a[2]) : TRY(str_from(t, "strict"));
    set_value(d->decoder, Ref::share(a[0]));
    set_value(d->errors, std::move(errors));
    d->translate = translate_;
    d->seen = 0;
    d->pending_cr = false;
    return Status::ok();
}

Ref decode_method(Thread& t, Value self, const Value* a) {
    NewlineDecoder* d = as_decoder(self);
    bool final = a[1] ? TRY(is_true(t, a[1])) : false;
    TRY(need_init(t, d));
    Ref text;
    if (is_none(d->decoder)) {
        text = Ref::share(a[0]);
    } else {
        Ref inner = Ref::share(d->decoder);
        text = TRY(call_method(t, inner, ID(decode), {a[0], boolean(final)}));
    }
    if (!is_str(text))
        return raise(t, PyExc_TypeError, "decoder should return a string result, not '%.200s'",
                     type_of(text)->tp_name);
    return newline_apply(t, std::move(text), d->translate, final, d->pending_cr, d->seen);
}

Ref getstate(Thread& t, Value self) {
    NewlineDecoder* d = as_decoder(self);
    TRY(need_init(t, d));
    Ref buffer;
    uint64_t flag = 0;
    if (!is_none(d->decoder)) {
        Ref inner = Ref::share(d->decoder);
        Ref state = TRY(call_method(t, inner, IO(getstate)));
        if (!is_tuple(state)) return raise(t, PyExc_TypeError, "illegal decoder state");
        if (tuple_size(state) != 2 || !is_long(tuple_get(state, 1)))
            return raise(t, PyExc_TypeError, "getstate(): illegal decoder state");
        buffer = Ref::share(tuple_get(state, 0));
        flag = int_to_u64_wrapping(tuple_get(state, 1)) << 1;
    } else {
        buffer = TRY(bytes_new(t, 0));
    }
    if (d->pending_cr) flag |= 1;
    Ref number = TRY(int_from_u64(t, flag));
    return tuple_of(t, {buffer, number});
}

Ref setstate(Thread& t, Value self, Value state) {
    NewlineDecoder* d = as_decoder(self);
    TRY(need_init(t, d));
    if (!is_tuple(state)) return raise(t, PyExc_TypeError, "state argument must be a tuple");
    if (tuple_size(state) != 2 || !is_long(tuple_get(state, 1)))
        return raise(t, PyExc_TypeError, "setstate(): illegal state argument");
    uint64_t flag = int_to_u64_wrapping(tuple_get(state, 1));
    d->pending_cr = flag & 1;
    if (is_none(d->decoder)) return none_ref();
    Ref inner = Ref::share(d->decoder), number = TRY(int_from_u64(t, flag >> 1));
    Ref pair = TRY(tuple_of(t, {tuple_get(state, 0), number}));
    return call_method(t, inner, IO(setstate), {pair});
}

Ref reset(Thread& t, Value self) {
    NewlineDecoder* d = as_decoder(self);
    TRY(need_init(t, d));
    d->seen = 0;
    d->pending_cr = false;
    if (is_none(d->decoder)) return none_ref();
    Ref inner = Ref::share(d->decoder);
    return call_method(t, inner, IO(reset));
}

Ref get_newlines(Thread& t, Value self, void*) {
    TRY(need_init(t, as_decoder(self)));
    return newlines_seen(t, as_decoder(self)->seen);
}

void traverse(PyObject* o, Visitor& v) {
    v.visit(as_decoder(Value(o))->decoder);
    v.visit(as_decoder(Value(o))->errors);
}
void clear(Thread&, PyObject* o) {
    clear_value(as_decoder(Value(o))->decoder);
    clear_value(as_decoder(Value(o))->errors);
}
void dealloc(Thread& t, PyObject* o) {
    clear(t, o);
    free_object(t, o);
}

const NativeDef methods[] = {def<decode_method>("decode", "(input, final=False)", nullptr),
                             def<getstate>("getstate", "()", nullptr),
                             def<setstate>("setstate", "(state, /)", nullptr),
                             def<reset>("reset", "()", nullptr),
                             {}};
const GetSetDef getsets[] = {getset("newlines", get_newlines, nullptr, nullptr), {}};
const TypeDecl decl{
    .name = "_io.IncrementalNewlineDecoder",
    .basicsize = sizeof(NewlineDecoder),
    .flags = kTpDefault | kTpBaseType | kTpHaveGC,
    .slots = {.dealloc = dealloc, .traverse = traverse, .clear = clear, .init = init},
    .spec = {
        .methods = methods,
        .getset = getsets,
        .doc =
            "A decoder that wraps another (or none) and handles line ends: it records which kinds occur and, "
            "with translate, turns all into \\n. A pair \\r\\n is never split.",
        .text_signature = "(decoder, translate, errors='strict')",
        .setup = made_by_object}};

}  // namespace

Status init_newline_decoder(Thread& t, Value module) {
    return add_static_type(t, module, newline_decoder_type, decl);
}

}  // namespace krait::io
