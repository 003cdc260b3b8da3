// TextIOWrapper: reading, and positions in text.
//
// A position is a cookie: where the decoder was in a known state, that state, and how many bytes to feed it
// and characters to skip from there.
#include <cstring>

#include "modules/io/textio.h"
#include "object/convert.h"

namespace krait::io {

namespace {

int64_t chars_left(TextIO* x) { return x->decoded ? str_length(x->decoded) - x->used : 0; }

void set_decoded(TextIO* x, Ref text) {
    set_value(x->decoded, std::move(text));
    x->used = 0;
}

Ref take_decoded(Thread& t, TextIO* x, int64_t n) {
    if (!x->decoded) return Ref::share(empty_str());
    int64_t left = chars_left(x);
    if (n < 0 || n > left) n = left;
    Ref r = x->used == 0 && n == left ? Ref::share(x->decoded)
                                      : str_substring(t, x->decoded, x->used, x->used + n);
    x->used += n;
    return r;
}

Status need_decoder(Thread& t, TextIO* x) {
    if (!x->can_decode) return unsupported(t, "not readable");
    return Status::ok();
}

// Reads and decodes one chunk. False: the end.
Result<bool> read_chunk(Thread& t, TextIO* x, int64_t hint) {
    Ref before;
    uint64_t flags = 0;
    if (x->telling) TRY(text_get_state(t, x, before, flags));
    int64_t size = x->chunk_size;
    if (hint > 0) {
        double bytes = (x->bytes_per_char > 1 ? x->bytes_per_char : 1) * static_cast<double>(hint);
        if (bytes > static_cast<double>(size) && bytes < 9e18) size = static_cast<int64_t>(bytes);
    }
    Ref buffer = Ref::share(x->buffer), input;
    if (plain_instance(buffer, &buffered_reader_type) || plain_instance(buffer, &buffered_random_type)) {
        input = TRY(buffered_read1_direct(t, buffer, size));
    } else {
        Ref n = TRY(int_from(t, size));
        input = TRY(call_method(t, buffer, x->has_read1 ? IO(read1) : IO(read), {n}));
    }
    if (!has_buffer(input))
        return raise(t, PyExc_TypeError,
                     "underlying %s() should have returned a bytes-like object, not '%.200s'",
                     x->has_read1 ? "read1" : "read", type_of(input)->tp_name);
    if (!has_type(input, &PyBytes_Type)) {
        Buffer b;
        TRY(b.acquire(t, input));
        input = TRY(bytes_from(t, b.data(), static_cast<size_t>(b.size())));
    }
    int64_t nbytes = bytes_size(input);
    bool eof = nbytes == 0;
    Ref text = TRY(text_decode(t, x, input, eof));
    int64_t nchars = str_length(text);
    set_decoded(x, std::move(text));
    x->bytes_per_char = nchars > 0 ? static_cast<double>(nbytes) / static_cast<double>(nchars) : 0;
    if (nchars > 0) eof = false;
    if (x->telling) {
        if (bytes_size(before) > 0) {
            BytesBuilder all(t);
            TRY(all.append(bytes_view(before)));
            TRY(all.append(bytes_view(input)));
            input = TRY(all.finish());
        }
        set_value(x->snapshot, std::move(input));
        x->snapshot_flags = flags;
    }
    return !eof;
}

Result<bool> read_chunk_retrying(Thread& t, TextIO* x, int64_t hint) {
    for (;;) {
        auto r = read_chunk(t, x, hint);
        if (r) return r;
        if (!TRY(retry_interrupted(t))) return {};
    }
}

Ref read_everything(Thread& t, TextIO* x) {
    Ref buffer = Ref::share(x->buffer);
    Ref bytes = TRY(call_method(t, buffer, IO(read)));
    if (is_none(bytes)) return raise(t, PyExc_BlockingIOError, "Read returned None.");
    Ref text = TRY(text_decode(t, x, bytes, true));
    Ref first = TRY(take_decoded(t, x, -1));
    if (str_length(first)) text = TRY(str_concat(t, first, text));
    text_forget_decoded(x);
    clear_value(x->snapshot);
    return text;
}

// A line, at most `limit` characters of it; empty at the end.
Ref read_line(Thread& t, Value self, int64_t limit) {
    TextIO* x = as_text(self);
    TRY(need_text_open(t, self));
    TRY(need_decoder(t, x));
    if (x->pending_size) TRY(text_flush_pending(t, x));
    StrBuilder parts(t);
    bool several = false;
    for (;;) {
        while (chars_left(x) == 0) {
            if (TRY(read_chunk_retrying(t, x, 0))) continue;
            text_forget_decoded(x);
            clear_value(x->snapshot);
            x->used = 0;
            return several ? parts.finish() : Ref::share(empty_str());
        }
        Value text = x->decoded;
        int64_t start = x->used, stop = str_length(text), resume;
        if (limit >= 0 && stop - start > limit) stop = start + limit;
        int64_t end = find_line_end(str_kind(text), str_data(text), start, stop, x->rule, &resume);
        bool done = end >= 0 || (limit >= 0 && stop - start == limit);
        if (end < 0) end = done ? stop : resume;
        if (!done && resume < stop) {
            // The \r of a possible \r\n, whose \n begins the next chunk.
            TRY(parts.append(text, start, stop));
            several = true;
            if (limit >= 0) limit -= stop - start;
            x->used = stop;
            if (!TRY(read_chunk_retrying(t, x, 0))) {
                text_forget_decoded(x);
                clear_value(x->snapshot);
                return parts.finish();
            }
            if (str_char(x->decoded, 0) == '\n') {
                TRY(parts.put('\n'));
                x->used = 1;
                return parts.finish();
            }
            continue;
        }
        x->used = end;
        if (done && !several) {
            if (start == 0 && end == str_length(text)) return Ref::share(text);
            return str_substring(t, text, start, end);
        }
        TRY(parts.append(text, start, end));
        several = true;
        if (done) return parts.finish();
        if (limit >= 0) limit -= end - start;
    }
}

// --- cookies ---

struct Cookie {
    int64_t start = 0;
    uint32_t flags = 0, bytes_to_feed = 0, chars_to_skip = 0;
    bool need_eof = false;
};
constexpr size_t kCookieSize = 8 + 3 * 4 + 1;

Ref build_cookie(Thread& t, const Cookie& c) {
    unsigned char b[kCookieSize];
    memcpy(b, &c.start, 8);
    memcpy(b + 8, &c.flags, 4);
    memcpy(b + 12, &c.bytes_to_feed, 4);
    memcpy(b + 16, &c.chars_to_skip, 4);
    b[20] = c.need_eof;
    return int_from_bytes(t, b, kCookieSize, true, false);
}
Status parse_cookie(Thread& t, Value v, Cookie& c) {
    Ref number = TRY(index(t, v));
    unsigned char b[kCookieSize];
    TRY(int_to_bytes(t, number, b, kCookieSize, true, false));
    memcpy(&c.start, b, 8);
    memcpy(&c.flags, b + 8, 4);
    memcpy(&c.bytes_to_feed, b + 12, 4);
    memcpy(&c.chars_to_skip, b + 16, 4);
    c.need_eof = b[20];
    return Status::ok();
}

Result<int64_t> decoded_length(Thread& t, TextIO* x, const char* p, int64_t n, bool final) {
    Ref bytes = TRY(bytes_from(t, p, static_cast<size_t>(n)));
    Ref text = TRY(text_decode(t, x, bytes, final));
    return str_length(text);
}

// Back to where the snapshot began. At the start of the file that forgets which line ends were met.
Status rewind_decoder(Thread& t, TextIO* x, Value nothing, const Cookie& c) {
    if (c.start == 0 && c.flags == 0) return text_reset_decoder(t, x);
    return text_set_state(t, x, nothing, c.flags);
}

// Finds the last place before the user's position where the decoder keeps nothing back. On entry c.start and
// c.flags say where the snapshot began and c.chars_to_skip how far the user is from there.
Status locate(Thread& t, TextIO* x, Value snapshot, Cookie& c) {
    const char* input = bytes_data(snapshot);
    int64_t size = bytes_size(snapshot), wanted = c.chars_to_skip;
    Ref none_left = TRY(bytes_new(t, 0)), left;
    uint64_t flags = c.flags;
    // A guess from the average width gets near.
    auto skip = static_cast<int64_t>(x->bytes_per_char * static_cast<double>(wanted));
    if (skip > size) skip = size;
    int64_t back = 1;
    while (skip > 0) {
        TRY(rewind_decoder(t, x, none_left, c));
        int64_t n = TRY(decoded_length(t, x, input, skip, false));
        if (n <= wanted) {
            TRY(text_get_state(t, x, left, flags));
            if (bytes_size(left) == 0) {
                wanted -= n;
                break;
            }
            skip -= bytes_size(left);
            back = 1;
        } else {
            skip -= back;
            back *= 2;
        }
    }
    if (skip <= 0) {
        skip = 0;
        flags = c.flags;
        TRY(rewind_decoder(t, x, none_left, c));
    }
    c.start += skip;
    c.flags = static_cast<uint32_t>(flags);
    c.chars_to_skip = static_cast<uint32_t>(wanted);
    if (wanted == 0) return Status::ok();
    // From there byte by byte.
    int64_t fed = 0, chars = 0;
    for (int64_t i = skip; i < size; i++) {
        fed++;
        chars += TRY(decoded_length(t, x, input + i, 1, false));
        TRY(text_get_state(t, x, left, flags));
        if (bytes_size(left) == 0 && chars <= wanted) {
            c.start += fed;
            wanted -= chars;
            c.flags = static_cast<uint32_t>(flags);
            fed = chars = 0;
        }
        if (chars >= wanted) break;
    }
    if (chars < wanted) {
        chars += TRY(decoded_length(t, x, input, 0, true));
        c.need_eof = true;
        if (chars < wanted) return raise(t, PyExc_OSError, "can't reconstruct logical file position");
    }
    c.bytes_to_feed = static_cast<uint32_t>(fed);
    c.chars_to_skip = static_cast<uint32_t>(wanted);
    return Status::ok();
}

Status need_seekable(Thread& t, TextIO* x) {
    if (!x->seekable) return unsupported(t, "underlying stream is not seekable");
    return Status::ok();
}

Status flush_self(Thread& t, Value self) {
    TRY_DISCARD(call_method(t, self, ID(flush)));
    return Status::ok();
}

Status forget_read(Thread& t, TextIO* x) {
    text_forget_decoded(x);
    clear_value(x->snapshot);
    return x->can_decode ? text_reset_decoder(t, x) : Status::ok();
}

Ref seek_end(Thread& t, Value self) {
    TextIO* x = as_text(self);
    TRY(flush_self(t, self));
    TRY(forget_read(t, x));
    Ref buffer = Ref::share(x->buffer);
    Ref r = TRY(call_method(t, buffer, IO(seek), {Value::from_int(0), Value::from_int(2)}));
    if (x->encoder) TRY(text_reset_encoder(t, x, TRY(equal(t, r, Value::from_int(0)))));
    return r;
}

Ref seek_cookie(Thread& t, Value self, Value cookie) {
    TextIO* x = as_text(self);
    if (TRY(compare_bool(t, cookie, Value::from_int(0), kLt)))
        return raise(t, PyExc_ValueError, "negative seek position %R", cookie);
    TRY(flush_self(t, self));
    Cookie c;
    TRY(parse_cookie(t, cookie, c));
    Ref buffer = Ref::share(x->buffer), start = TRY(int_from(t, c.start));
    TRY_DISCARD(call_method(t, buffer, IO(seek), {start}));
    text_forget_decoded(x);
    clear_value(x->snapshot);
    Ref nothing = TRY(bytes_new(t, 0));
    if (x->can_decode) {
        if (c.start == 0 && c.flags == 0)
            TRY(text_reset_decoder(t, x));
        else
            TRY(text_set_state(t, x, nothing, c.flags));
    }
    if (c.chars_to_skip) {
        TRY(need_decoder(t, x));
        Ref n = TRY(int_from(t, c.bytes_to_feed));
        Ref input = TRY(call_method(t, buffer, IO(read), {n}));
        if (!is_bytes(input))
            return raise(t, PyExc_TypeError,
                         "underlying read() should have returned a bytes object, not '%.200s'",
                         type_of(input)->tp_name);
        set_value(x->snapshot, input.share());
        x->snapshot_flags = c.flags;
        Ref text = TRY(text_decode(t, x, input, c.need_eof));
        set_decoded(x, std::move(text));
        if (str_length(x->decoded) < c.chars_to_skip)
            return raise(t, PyExc_OSError, "can't restore logical file position");
        x->used = c.chars_to_skip;
    } else {
        set_value(x->snapshot, std::move(nothing));
        x->snapshot_flags = c.flags;
    }
    TRY(text_reset_encoder(t, x, c.start == 0 && c.flags == 0));
    return Ref::share(cookie);
}

}  // namespace

Ref text_read(Thread& t, Value self, const Value* a) {
    TextIO* x = as_text(self);
    int64_t n = TRY(optional_size(t, a[0]));
    TRY(need_text_open(t, self));
    TRY(need_decoder(t, x));
    TRY(text_flush_pending(t, x));
    if (n < 0) return read_everything(t, x);
    Ref first = TRY(take_decoded(t, x, n));
    n -= str_length(first);
    if (n == 0) return first;
    StrBuilder all(t);
    TRY(all.append(first));
    while (n > 0) {
        if (!TRY(read_chunk_retrying(t, x, n))) break;
        Ref part = TRY(take_decoded(t, x, n));
        n -= str_length(part);
        TRY(all.append(part));
    }
    return all.finish();
}

Ref text_readline(Thread& t, Value self, const Value* a) {
    int64_t n = a[0] ? TRY(as_ssize(t, a[0])) : -1;
    TRY(need_attached(t, as_text(self)));
    return read_line(t, self, n);
}

Ref text_iternext(Thread& t, Value self) {
    TextIO* x = as_text(self);
    TRY(need_attached(t, x));
    x->telling = false;
    Ref line;
    if (type_of(self) == &textio_type) {
        line = TRY(read_line(t, self, -1));
    } else {
        line = TRY(call_method(t, self, IO(readline)));
        if (!is_str(line))
            return raise(t, PyExc_OSError, "readline() should have returned a str object, not '%.200s'",
                         type_of(line)->tp_name);
    }
    if (str_length(line) > 0) return line;
    clear_value(x->snapshot);
    x->telling = x->seekable;
    return {};
}

Ref text_tell(Thread& t, Value self) {
    TextIO* x = as_text(self);
    TRY(need_text_open(t, self));
    TRY(need_seekable(t, x));
    if (!x->telling) return raise(t, PyExc_OSError, "telling position disabled by next() call");
    TRY(text_flush_pending(t, x));
    TRY(flush_self(t, self));
    Ref buffer = Ref::share(x->buffer);
    Ref at = TRY(call_method(t, buffer, IO(tell)));
    if (!x->can_decode || !x->snapshot) return at;
    Cookie c;
    Ref position = TRY(index(t, at));
    c.start = TRY(as_int64(t, position));
    Ref snapshot = Ref::share(x->snapshot);
    c.start -= bytes_size(snapshot);
    c.flags = static_cast<uint32_t>(x->snapshot_flags);
    c.chars_to_skip = static_cast<uint32_t>(x->decoded ? x->used : 0);
    if (c.chars_to_skip == 0) return build_cookie(t, c);
    Ref saved_bytes;
    uint64_t saved_flags;
    TRY(text_get_state(t, x, saved_bytes, saved_flags));
    bool found = static_cast<bool>(locate(t, x, snapshot, c));
    Ref error = found ? Ref() : fetch_error(t);
    bool restored = static_cast<bool>(text_set_state(t, x, saved_bytes, saved_flags));
    if (!found) {
        chain_error(t, std::move(error));
        return {};
    }
    if (!restored) return {};
    return build_cookie(t, c);
}

Ref text_seek(Thread& t, Value self, const Value* args, size_t nargs) {
    TextIO* x = as_text(self);
    int whence = nargs > 1 ? TRY(as_int32(t, args[1])) : 0;
    TRY(need_text_open(t, self));
    TRY(need_seekable(t, x));
    Ref cookie = Ref::share(args[0]);
    switch (whence) {
        case 0:
            break;
        case 1:
            if (!TRY(equal(t, cookie, Value::from_int(0))))
                return unsupported(t, "can't do nonzero cur-relative seeks");
            cookie = TRY(call_method(t, self, IO(tell)));
            break;
        case 2:
            if (!TRY(equal(t, cookie, Value::from_int(0))))
                return unsupported(t, "can't do nonzero end-relative seeks");
            return seek_end(t, self);
        default:
            return raise(t, PyExc_ValueError, "invalid whence (%d, should be %d, %d or %d)", whence, 0, 1, 2);
    }
    return seek_cookie(t, self, cookie);
}

}  // namespace krait::io
