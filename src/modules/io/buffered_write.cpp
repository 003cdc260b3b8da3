// Writing through a buffer, and BufferedRWPair.
#include <cerrno>
#include <cstring>

#include "modules/args.h"
#include "modules/io/buffered.h"

namespace krait::io {

Type buffered_rwpair_type;

namespace {

// BlockingIOError with the number of bytes that were taken.
Raised would_block(Thread& t, int64_t written) {
    Ref text = str_from(t, "write could not complete without blocking");
    Ref count = int_from(t, written);
    if (!text || !count) return {};
    Ref args = tuple_of(t, {Value::from_int(EAGAIN), text, count});
    if (!args) return {};
    return raise_value(t, PyExc_BlockingIOError, args);
}

void put(Buffered* b, const char* p, int64_t n) {
    memcpy(b->buffer + b->pos, p, static_cast<size_t>(n));
    if (!b->has_write() || b->write_pos > b->pos) b->write_pos = b->pos;
    b->move(b->pos + n);
    if (b->write_end < b->pos) b->write_end = b->pos;
}

// The flush before a large write blocked: what still fits is kept in the buffer.
Result<int64_t> keep_what_fits(Thread& t, Buffered* b, const char* p, int64_t n) {
    if (b->readable) b->reset_read();
    memmove(b->buffer, b->buffer + b->write_pos, static_cast<size_t>(b->write_end - b->write_pos));
    b->write_end -= b->write_pos;
    b->raw_pos -= b->write_pos;
    b->pos -= b->write_pos;
    b->write_pos = 0;
    int64_t room = b->size - b->write_end, part = n < room ? n : room;
    memcpy(b->buffer + b->write_end, p, static_cast<size_t>(part));
    b->write_end += part;
    b->pos += part;
    if (part == n) {
        clear_error(t);
        return n;
    }
    clear_error(t);
    return would_block(t, part);
}

Result<int64_t> write_large(Thread& t, Buffered* b, const char* p, int64_t n) {
    if (!writer_flush(t, b)) {
        if (!error_is(t, PyExc_BlockingIOError)) return {};
        return keep_what_fits(t, b, p, n);
    }
    if (int64_t offset = b->raw_offset()) {
        TRY_DISCARD(raw_seek(t, b, -offset, 1));
        b->raw_pos -= offset;
    }
    int64_t done = 0;
    while (n - done > b->size) {
        int64_t put_now = TRY(raw_write(t, b, p + done, n - done));
        if (put_now == kWouldBlock) {
            memcpy(b->buffer, p + done, static_cast<size_t>(b->size));
            b->raw_pos = 0;
            b->move(b->size);
            b->write_pos = 0;
            b->write_end = b->size;
            return would_block(t, done + b->size);
        }
        done += put_now;
        TRY(handle_pending(t));
    }
    if (b->readable) b->reset_read();
    int64_t rest = n - done;
    if (rest > 0) {
        memcpy(b->buffer, p + done, static_cast<size_t>(rest));
        b->write_pos = 0;
        b->write_end = rest;
        b->move(rest);
        b->raw_pos = 0;
    }
    return n;
}

Result<int64_t> write_bytes(Thread& t, Value self, const char* p, int64_t n) {
    Buffered* b = as_buffered(self);
    Locked lock(t, self);
    if (!lock) return {};
    TRY(need_initialized(t, b));
    TRY(need_not_closed(t, self, "write to closed file"));
    if (!b->has_read() && !b->has_write()) b->pos = b->raw_pos = 0;
    if (n <= b->size - b->pos && n < b->size) {
        put(b, p, n);
        return n;
    }
    return write_large(t, b, p, n);
}

}  // namespace

Status writer_flush(Thread& t, Buffered* b) {
    if (b->has_write() && b->write_pos < b->write_end) {
        int64_t rewind = b->raw_offset() + (b->pos - b->write_pos);
        if (rewind != 0) {
            TRY_DISCARD(raw_seek(t, b, -rewind, 1));
            b->raw_pos -= rewind;
        }
        while (b->write_pos < b->write_end) {
            int64_t n = TRY(raw_write(t, b, b->buffer + b->write_pos, b->write_end - b->write_pos));
            if (n == kWouldBlock) return would_block(t, 0);
            // The user's position stays: after a seek within the buffer it is not where the writing ends.
            b->write_pos += n;
            b->raw_pos = b->write_pos;
            if (b->write_pos < b->write_end) TRY(handle_pending(t));
        }
    }
    b->reset_write();
    return Status::ok();
}

Ref buffered_write(Thread& t, Value self, Value arg) {
    TRY(need_initialized(t, as_buffered(self)));
    Buffer in;
    TRY(in.acquire(t, arg));
    return int_from(t, TRY(write_bytes(t, self, in.data(), in.size())));
}

Status buffered_write_direct(Thread& t, Value self, const char* p, int64_t n) {
    TRY(need_initialized(t, as_buffered(self)));
    TRY_DISCARD(write_bytes(t, self, p, n));
    return Status::ok();
}

// --- BufferedRWPair ---

namespace {

struct RWPair : IoObject {
    Value reader, writer;  // empty: not initialized, or being collected
};
RWPair* as_pair(Value v) { return v.as<RWPair>(); }

Status pair_init(Thread& t, Value self, const Value* args, size_t nargs, Value kwnames) {
    TRY(no_kwargs(t, "BufferedRWPair", kwnames));
    if (nargs < 2 || nargs > 3)
        return raise(t, PyExc_TypeError, "BufferedRWPair expected at %s arguments, got %zd",
                     nargs < 2 ? "least 2" : "most 3", nargs);
    int64_t given_size;
    if (nargs > 2) TRY(parse_args(t, "n", args + 2, 1, &given_size));
    TRY(check_readable_attr(t, args[0], "File or stream is not readable."));
    TRY(check_writable_attr(t, args[1], "File or stream is not writable."));
    Value size = nargs > 2 ? args[2] : Value::from_int(kDefaultBufferSize);
    Ref reader = TRY(call(t, Value(&buffered_reader_type), {args[0], size}));
    Ref writer = TRY(call(t, Value(&buffered_writer_type), {args[1], size}));
    set_value(as_pair(self)->reader, std::move(reader));
    set_value(as_pair(self)->writer, std::move(writer));
    return Status::ok();
}

Ref ask(Thread& t, Value part, Value name, const Value* args = nullptr, size_t nargs = 0) {
    if (!part) return raise(t, PyExc_ValueError, "I/O operation on uninitialized object");
    Ref keep = Ref::share(part);
    Ref method = TRY(get_attr(t, keep, name));
    return call(t, method, args, nargs);
}
template <LazyName& name>
Ref ask_reader(Thread& t, Value self, const Value* args, size_t nargs, Value kwnames) {
    TRY(no_kwargs(t, "BufferedRWPair", kwnames));
    return ask(t, as_pair(self)->reader, name(t), args, nargs);
}
template <LazyName& name>
Ref ask_writer(Thread& t, Value self, const Value* args, size_t nargs, Value kwnames) {
    TRY(no_kwargs(t, "BufferedRWPair", kwnames));
    return ask(t, as_pair(self)->writer, name(t), args, nargs);
}
Ref pair_readable(Thread& t, Value self) { return ask(t, as_pair(self)->reader, IO(readable)); }
Ref pair_writable(Thread& t, Value self) { return ask(t, as_pair(self)->writer, IO(writable)); }
Ref pair_flush(Thread& t, Value self) { return ask(t, as_pair(self)->writer, ID(flush)); }
Ref pair_isatty(Thread& t, Value self) {
    Ref r = TRY(ask(t, as_pair(self)->writer, IO(isatty)));
    if (r.get() != boolean(false)) return r;
    return ask(t, as_pair(self)->reader, IO(isatty));
}
Ref pair_close(Thread& t, Value self) {
    Ref first = ask(t, as_pair(self)->writer, ID(close));
    Ref error = first ? Ref() : fetch_error(t);
    Ref second = ask(t, as_pair(self)->reader, ID(close));
    if (error) {
        chain_error(t, std::move(error));
        return {};
    }
    return second;
}
Ref pair_closed(Thread& t, Value self, void*) {
    if (!as_pair(self)->writer)
        return raise(t, PyExc_RuntimeError, "the BufferedRWPair object is being garbage-collected");
    Ref writer = Ref::share(as_pair(self)->writer);
    return get_attr(t, writer, ID(closed));
}
void pair_traverse(PyObject* o, Visitor& v) {
    visit_io(o, v);
    v.visit(as_pair(Value(o))->reader);
    v.visit(as_pair(Value(o))->writer);
}
void pair_clear(Thread& t, PyObject* o) {
    clear_value(as_pair(Value(o))->reader);
    clear_value(as_pair(Value(o))->writer);
    clear_io(t, o);
}
void pair_dealloc(Thread& t, PyObject* o) {
    pair_clear(t, o);
    free_object(t, o);
}

const NativeDef pair_methods[] = {def<ask_reader<names::read_>>("read", nullptr, nullptr),
                                  def<ask_reader<names::peek_>>("peek", nullptr, nullptr),
                                  def<ask_reader<names::read1_>>("read1", nullptr, nullptr),
                                  def<ask_reader<names::readinto_>>("readinto", nullptr, nullptr),
                                  def<ask_reader<names::readinto1_>>("readinto1", nullptr, nullptr),
                                  def<ask_writer<names::write_>>("write", nullptr, nullptr),
                                  def<pair_flush>("flush", "()", nullptr),
                                  def<pair_readable>("readable", "()", nullptr),
                                  def<pair_writable>("writable", "()", nullptr),
                                  def<pair_close>("close", "()", nullptr),
                                  def<pair_isatty>("isatty", "()", nullptr),
                                  {}};
const GetSetDef pair_getset[] = {getset("closed", pair_closed, nullptr, nullptr), {}};

}  // namespace

const TypeDecl rwpair_decl{
    .name = "_io.BufferedRWPair",
    .basicsize = sizeof(RWPair),
    .flags = kTpDefault | kTpBaseType | kTpHaveGC,
    .base = &bufferediobase_type,
    .slots = {.dealloc = pair_dealloc, .traverse = pair_traverse, .clear = pair_clear, .init = pair_init},
    .spec = {.methods = pair_methods,
             .getset = pair_getset,
             .doc = "A stream that reads from one raw stream and writes to another.",
             .text_signature = "(reader, writer, buffer_size=DEFAULT_BUFFER_SIZE, /)"}};

}  // namespace krait::io
