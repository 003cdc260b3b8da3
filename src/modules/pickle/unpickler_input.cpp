// Where an unpickler reads: data in memory, or a file by its methods read, readline and, where it has them,
// readinto and peek.
#include <algorithm>
#include <cstring>

#include "builtins/bytes.h"
#include "modules/fields.h"
#include "modules/pickle/pickle.h"

namespace krait::pickle {

Raised truncated(Thread& t) { return raise(t, unpickling_error(), "pickle data was truncated"); }

namespace {

constexpr int64_t kPrefetch = 128 * 1024;
LazyName kPeek("peek"), kReadInto("readinto"), kRead("read"), kReadLine("readline");

void drop_input(Thread& t, Unpickler* u) {
    Py_buffer old = u->input;
    u->input = {};
    u->data = nullptr;
    u->limit = u->next = u->prefetched = 0;
    u->framed = false;
    if (old.obj) release_buffer(t, &old);
}

Status take_input(Thread& t, Unpickler* u, Value data) {
    drop_input(t, u);
    Py_buffer held{};
    TRY(get_buffer(t, data, &held, kBufNd));
    u->input = held;
    u->data = static_cast<const char*>(held.buf);
    u->limit = u->prefetched = held.len;
    return Status::ok();
}

// Asks for n bytes, or a line when n is negative. More than n may come where the file can be peeked into.
Status fetch(Thread& t, Unpickler* u, int64_t n) {
    TRY(skip_consumed(t, u));
    if (n < 0) {
        Ref data = TRY(call(t, u->readline));
        return take_input(t, u, data);
    }
    if (u->peek && n < kPrefetch) {
        Ref data = call(t, u->peek, {Value::from_int(kPrefetch)});
        if (data) {
            TRY(take_input(t, u, data));
            u->prefetched = 0;
            if (n <= u->limit) return Status::ok();
        } else {
            if (!clear_if(t, PyExc_NotImplementedError)) return {};
            put_owned(u->peek, Ref());
        }
    }
    Ref count = TRY(int_from(t, n));
    Ref data = TRY(call(t, u->read, {count}));
    return take_input(t, u, data);
}

}  // namespace

Status skip_consumed(Thread& t, Unpickler* u) {
    int64_t n = u->next - u->prefetched;
    if (n <= 0 || !u->read) return Status::ok();
    Ref count = TRY(int_from(t, n));
    TRY_DISCARD(call(t, u->read, {count}));
    u->prefetched = u->next;
    return Status::ok();
}

void leave_frame(Unpickler* u) {
    u->framed = false;
    u->limit = u->input.len;
}

// A frame has to be read to its end before what follows it; no argument may go across the end.
Status enter_frame(Thread& t, Unpickler* u, int64_t n) {
    if (u->framed && u->next != u->limit)
        return raise(t, unpickling_error(), "beginning of a new frame before end of current frame");
    if (!read_bytes(t, u, n)) return {};
    u->framed = true;
    u->limit = u->next;
    u->next -= n;
    return Status::ok();
}

namespace {

// Called where the limit stops a read: true when there is more in the data after all.
Result<bool> past_frame(Thread& t, Unpickler* u) {
    if (!u->framed) return false;
    if (u->next != u->limit) return raise(t, unpickling_error(), "pickle exhausted before end of frame");
    leave_frame(u);
    return true;
}

}  // namespace

const char* read_slow(Thread& t, Unpickler* u, int64_t n) {
    Result<bool> more = past_frame(t, u);
    if (!more) return nullptr;
    if (more.value()) return read_bytes(t, u, n);
    if (u->next > INT64_MAX - n) {
        raise(t, unpickling_error(), "read would overflow (invalid bytecode)");
        return nullptr;
    }
    if (!u->read) {
        truncated(t);
        return nullptr;
    }
    if (!fetch(t, u, n)) return nullptr;
    if (u->limit < n) {
        truncated(t);
        return nullptr;
    }
    u->next = n;
    return u->data;
}

Status read_into(Thread& t, Unpickler* u, char* out, int64_t n) {
    if (n > u->limit - u->next) TRY_DISCARD(past_frame(t, u));
    int64_t here = std::min(u->limit - u->next, n);
    if (here > 0) {
        memcpy(out, u->data + u->next, static_cast<size_t>(here));
        u->next += here;
        out += here;
        n -= here;
    }
    if (n == 0) return Status::ok();
    if (!u->read) return truncated(t);
    TRY(skip_consumed(t, u));
    Ref count = TRY(int_from(t, n));
    if (!u->readinto) {
        Ref data = TRY(call(t, u->read, {count}));
        if (!is_bytes(data))
            return raise(t, PyExc_ValueError, "read() returned non-bytes object (%R)", Value(type_of(data)));
        if (bytes_size(data) < n) return truncated(t);
        memcpy(out, bytes_data(data), static_cast<size_t>(n));
        return Status::ok();
    }
    // Through memory of its own: the file could keep what it was given.
    Ref own = TRY(bytearray_from(t, nullptr, 0));
    TRY(bytearray_resize(t, own, n));
    Ref view = TRY(call(t, Value(&PyMemoryView_Type), {own}));
    Ref got = TRY(call(t, u->readinto, {view}));
    int64_t size = TRY(as_index(t, got, PyExc_OverflowError));
    if (size < 0) return raise(t, PyExc_ValueError, "readinto() returned negative size");
    if (size < n) return truncated(t);
    memcpy(out, bytearray_data(own), static_cast<size_t>(n));
    return Status::ok();
}

namespace {

Result<int64_t> keep_line(Thread& t, Unpickler* u, const char* p, int64_t n) {
    auto* line = static_cast<char*>(mem_realloc(u->line, static_cast<size_t>(n) + 1));
    if (!line) return raise_no_memory(t);
    memcpy(line, p, static_cast<size_t>(n));
    line[n] = 0;
    u->line = line;
    return n;
}

}  // namespace

Result<int64_t> read_line(Thread& t, Unpickler* u) {
    if (u->next == u->limit) TRY_DISCARD(past_frame(t, u));
    int64_t left = u->limit - u->next;
    const char* start = u->data + u->next;
    if (const void* end = left > 0 ? memchr(start, '\n', static_cast<size_t>(left)) : nullptr) {
        int64_t n = static_cast<const char*>(end) - start + 1;
        u->next += n;
        return keep_line(t, u, start, n);
    }
    TRY_DISCARD(past_frame(t, u));
    if (!u->read) return truncated(t);
    TRY(fetch(t, u, -1));
    if (u->limit == 0 || u->data[u->limit - 1] != '\n') return truncated(t);
    u->next = u->limit;
    return keep_line(t, u, u->data, u->limit);
}

Status set_input_file(Thread& t, Unpickler* u, Value file) {
    drop_input(t, u);
    Ref peek = TRY(lookup_attr(t, file, kPeek(t)));
    put_owned(u->peek, std::move(peek));
    Ref readinto = TRY(lookup_attr(t, file, kReadInto(t)));
    put_owned(u->readinto, std::move(readinto));
    Ref read = TRY(lookup_attr(t, file, kRead(t)));
    Ref readline = TRY(lookup_attr(t, file, kReadLine(t)));
    if (!read || !readline)
        return raise(t, PyExc_TypeError, "file must have 'read' and 'readline' attributes");
    put_owned(u->read, std::move(read));
    put_owned(u->readline, std::move(readline));
    return Status::ok();
}

Status set_input_data(Thread& t, Unpickler* u, Value data) { return take_input(t, u, data); }

}  // namespace krait::pickle
