// Reading through a buffer.
#include <cstring>

#include "modules/io/buffered.h"
#include "object/convert.h"

namespace krait::io {

namespace {

// One read of the raw stream behind what is buffered; kWouldBlock and 0 as raw_read.
Result<int64_t> fill(Thread& t, Buffered* b) {
    int64_t start = b->has_read() ? b->read_end : 0;
    int64_t n = TRY(raw_read(t, b, b->buffer + start, b->size - start));
    if (n > 0) b->read_end = b->raw_pos = start + n;
    return n;
}

void forget(Buffered* b) {
    b->reset_read();
    b->pos = 0;
}

Ref take(Thread& t, Buffered* b, int64_t n) {
    Ref r = TRY(bytes_from(t, b->buffer + b->pos, static_cast<size_t>(n)));
    b->pos += n;
    return r;
}

Ref join(Thread& t, Value first, Value second) {
    BytesBuilder out(t, bytes_size(first) + bytes_size(second));
    TRY(out.append(bytes_view(first)));
    TRY(out.append(bytes_view(second)));
    return out.finish();
}

// raw.read() until nothing comes.
Ref read_pieces(Thread& t, Buffered* b, Value have) {
    BytesBuilder all(t);
    TRY(all.append(bytes_view(have)));
    for (;;) {
        Ref raw = Ref::share(b->raw);
        Ref piece = TRY(call_method(t, raw, IO(read)));
        if (!is_none(piece) && !is_bytes(piece))
            return raise(t, PyExc_TypeError, "read() should return bytes");
        if (is_none(piece) || bytes_size(piece) == 0) {
            if (all.size() == 0) return piece;
            return all.finish();
        }
        TRY(all.append(bytes_view(piece)));
        if (b->abs_pos != -1) b->abs_pos += bytes_size(piece);
    }
}

Ref read_all(Thread& t, Buffered* b) {
    int64_t ahead = b->ahead();
    Ref have = TRY(bytes_from(t, b->buffer + b->pos, static_cast<size_t>(ahead)));
    b->pos += ahead;
    if (b->writable) TRY(flush_and_rewind(t, b));
    b->reset_read();
    Ref rest;
    if (plain_instance(b->raw, &fileio_type)) {
        Ref keep = Ref::share(b->raw);
        rest = TRY(fileio_readall(t, keep));
    } else {
        Ref raw = Ref::share(b->raw);
        Ref readall = TRY(lookup_attr(t, raw, IO(readall)));
        if (!readall) return read_pieces(t, b, have);
        rest = TRY(call(t, readall));
        if (!is_none(rest) && !is_bytes(rest))
            return raise(t, PyExc_TypeError, "readall() should return bytes");
    }
    if (is_none(rest)) return ahead ? std::move(have) : std::move(rest);
    if (b->abs_pos != -1) b->abs_pos += bytes_size(rest);
    return ahead ? join(t, have, rest) : std::move(rest);
}

// Reads what is wanted in whole blocks straight to its place and the last part through the buffer. Returns
// how much came; kWouldBlock when nothing did without blocking.
Result<int64_t> read_into(Thread& t, Buffered* b, char* out, int64_t n) {
    int64_t done = b->ahead();
    if (done > 0) memcpy(out, b->buffer + b->pos, static_cast<size_t>(done));
    b->pos += done;
    if (b->writable) TRY(flush_and_rewind(t, b));
    b->reset_read();
    while (n > done) {
        int64_t blocks = b->whole_blocks(n - done);
        if (blocks == 0) break;
        int64_t got = TRY(raw_read(t, b, out + done, blocks));
        if (got == kWouldBlock) return done ? done : kWouldBlock;
        if (got == 0) return done;
        done += got;
    }
    b->pos = b->raw_pos = b->read_end = 0;
    while (n > done && b->read_end < b->size) {
        int64_t got = TRY(fill(t, b));
        if (got == kWouldBlock) return done ? done : kWouldBlock;
        if (got == 0) return done;
        int64_t part = got < n - done ? got : n - done;
        memcpy(out + done, b->buffer + b->pos, static_cast<size_t>(part));
        b->pos += part;
        done += part;
    }
    return done;
}

Ref readinto_generic(Thread& t, Value self, Value arg, bool once) {
    Buffered* b = as_buffered(self);
    TRY(need_initialized(t, b));
    Buffer out;
    if (!out.acquire(t, arg, kBufWritable)) {
        clear_error(t);
        return raise(t, PyExc_TypeError,
                     "readinto%s() argument must be read-write bytes-like object, not %.50s", once ? "1" : "",
                     is_none(arg) ? "None" : type_of(arg)->tp_name);
    }
    TRY(need_not_closed(t, self, "readinto of closed file"));
    int64_t want = out.size(), done = b->ahead();
    if (done > 0) {
        if (done > want) done = want;
        memcpy(out.mutable_data(), b->buffer + b->pos, static_cast<size_t>(done));
        b->pos += done;
        if (done == want) return int_from(t, done);
    }
    Locked lock(t, self);
    if (!lock) return {};
    TRY(need_initialized(t, b));
    TRY(need_not_closed(t, self, "readinto of closed file"));
    if (b->writable) TRY(flush_and_rewind(t, b));
    forget(b);
    while (done < want) {
        int64_t left = want - done, n;
        if (left > b->size) {
            n = TRY(raw_read(t, b, out.mutable_data() + done, left));
        } else if (!(once && done)) {
            n = TRY(fill(t, b));
            if (n > 0) {
                if (n > left) n = left;
                memcpy(out.mutable_data() + done, b->buffer + b->pos, static_cast<size_t>(n));
                b->pos += n;
                done += n;
                if (once) break;
                continue;
            }
        } else {
            n = 0;
        }
        if (n == kWouldBlock && done == 0) return none_ref();
        if (n <= 0) break;
        done += n;
        if (once) break;
    }
    return int_from(t, done);
}

// The rest of a line of which `ahead` bytes without a newline are buffered; locked.
Ref read_long_line(Thread& t, Buffered* b, int64_t limit) {
    BytesBuilder line(t);
    int64_t n = b->ahead();
    if (n > 0) {
        TRY(line.append(b->buffer + b->pos, static_cast<size_t>(n)));
        b->pos += n;
        if (limit >= 0) limit -= n;
    }
    if (b->writable) TRY(flush_and_rewind(t, b));
    while (limit != 0) {
        forget(b);
        n = TRY(fill(t, b));
        if (n <= 0) break;
        if (limit >= 0 && n > limit) n = limit;
        int64_t at = find_newline(b->buffer, n);
        if (at >= 0) n = at + 1;
        TRY(line.append(b->buffer, static_cast<size_t>(n)));
        b->pos = n;
        if (at >= 0) break;
        if (limit >= 0) limit -= n;
    }
    return line.finish();
}

Ref read_line(Thread& t, Value self, int64_t limit) {
    Buffered* b = as_buffered(self);
    TRY(need_not_closed(t, self, "readline of closed file"));
    int64_t n = b->ahead();
    if (limit >= 0 && n > limit) n = limit;
    int64_t at = find_newline(b->buffer + b->pos, n);
    if (at >= 0) return take(t, b, at + 1);
    if (n == limit) return take(t, b, n);
    Locked lock(t, self);
    if (!lock) return {};
    TRY(need_initialized(t, b));
    TRY(need_not_closed(t, self, "readline of closed file"));
    return read_long_line(t, b, limit);
}

Ref read1(Thread& t, Value self, int64_t n) {
    Buffered* b = as_buffered(self);
    if (n < 0) n = b->size;
    TRY(need_not_closed(t, self, "read of closed file"));
    if (n == 0) return bytes_new(t, 0);
    int64_t ahead = b->ahead();
    if (ahead > 0) return take(t, b, n < ahead ? n : ahead);
    Ref out = TRY(bytes_new(t, n));
    Locked lock(t, self);
    if (!lock) return {};
    TRY(need_initialized(t, b));
    TRY(need_not_closed(t, self, "read of closed file"));
    if (b->writable) TRY(flush_and_rewind(t, b));
    b->reset_read();
    int64_t got = TRY(raw_read(t, b, bytes_data(out), n));
    if (got == kWouldBlock) got = 0;
    if (got != n) TRY(bytes_resize(t, out, got));
    return out;
}

}  // namespace

Ref buffered_read1_direct(Thread& t, Value self, int64_t n) {
    TRY(need_initialized(t, as_buffered(self)));
    return read1(t, self, n);
}

Ref buffered_read(Thread& t, Value self, const Value* a) {
    Buffered* b = as_buffered(self);
    int64_t n = TRY(optional_size(t, a[0]));
    TRY(need_initialized(t, b));
    if (n < -1) return raise(t, PyExc_ValueError, "read length must be non-negative or -1");
    TRY(need_not_closed(t, self, "read of closed file"));
    if (n >= 0 && n <= b->ahead()) return take(t, b, n);
    Locked lock(t, self);
    if (!lock) return {};
    TRY(need_initialized(t, b));
    TRY(need_not_closed(t, self, "read of closed file"));
    if (n < 0) return read_all(t, b);
    if (n <= b->ahead()) return take(t, b, n);
    Ref out = TRY(bytes_new(t, n));
    int64_t got = TRY(read_into(t, b, bytes_data(out), n));
    if (got == kWouldBlock) return none_ref();
    if (got != n) TRY(bytes_resize(t, out, got));
    return out;
}

Ref buffered_read1(Thread& t, Value self, const Value* a) {
    int64_t n = a[0] ? TRY(as_ssize(t, a[0])) : -1;
    return buffered_read1_direct(t, self, n);
}

Ref buffered_peek(Thread& t, Value self, const Value* a) {
    Buffered* b = as_buffered(self);
    if (a[0]) TRY_DISCARD(as_ssize(t, a[0]));
    TRY(need_initialized(t, b));
    TRY(need_not_closed(t, self, "peek of closed file"));
    Locked lock(t, self);
    if (!lock) return {};
    TRY(need_initialized(t, b));
    if (b->writable) TRY(flush_and_rewind(t, b));
    int64_t ahead = b->ahead();
    if (ahead > 0) return bytes_from(t, b->buffer + b->pos, static_cast<size_t>(ahead));
    b->reset_read();
    int64_t n = TRY(fill(t, b));
    b->pos = 0;
    return bytes_from(t, b->buffer, static_cast<size_t>(n > 0 ? n : 0));
}

Ref buffered_readinto(Thread& t, Value self, Value arg) { return readinto_generic(t, self, arg, false); }
Ref buffered_readinto1(Thread& t, Value self, Value arg) { return readinto_generic(t, self, arg, true); }

Ref buffered_readline(Thread& t, Value self, const Value* a) {
    int64_t n = TRY(optional_size(t, a[0]));
    TRY(need_initialized(t, as_buffered(self)));
    return read_line(t, self, n);
}

Ref buffered_iternext(Thread& t, Value self) {
    TRY(need_initialized(t, as_buffered(self)));
    PyTypeObject* type = type_of(self);
    Ref line;
    if (type == &buffered_reader_type || type == &buffered_random_type) {
        line = TRY(read_line(t, self, -1));
    } else {
        line = TRY(call_method(t, self, IO(readline)));
        if (!is_bytes(line))
            return raise(t, PyExc_OSError, "readline() should have returned a bytes object, not '%.200s'",
                         type_of(line)->tp_name);
    }
    if (bytes_size(line) == 0) return {};
    return line;
}

}  // namespace krait::io
