// What a pickler writes: a buffer of bytes, cut into frames from protocol 4 on.
#include <cstdio>
#include <cstring>

#include "builtins/bytes.h"
#include "modules/pickle/pickle.h"

namespace krait::pickle {

namespace {

constexpr int64_t kFirstBuffer = 4096;
constexpr int64_t kFrameHeader = 9, kSmallestFrame = 4, kLargeFrame = 64 * 1024;

void put_little(char* p, uint64_t v, int bytes) {
    for (int i = 0; i < bytes; i++) p[i] = static_cast<char>(v >> (8 * i));
}

Status make_room(Thread& t, Pickler* p, int64_t n) {
    if (!p->buffer) TRY(start_output(t, p));
    int64_t room = bytes_size(p->buffer);
    if (n <= room - p->length) return Status::ok();
    if (p->length > INT64_MAX / 2 - n) return raise_no_memory(t);
    Ref buffer = Ref::steal(p->buffer);
    p->buffer = Value();
    Status grown = bytes_resize(t, buffer, (p->length + n) / 2 * 3);
    if (!grown) {
        p->length = 0;
        return {};
    }
    p->buffer = buffer.release();
    return Status::ok();
}

}  // namespace

Status start_output(Thread& t, Pickler* p) {
    Ref fresh = TRY(bytes_new(t, kFirstBuffer));
    Value old = p->buffer;
    p->buffer = fresh.release();
    p->length = 0;
    p->frame_start = -1;
    xdecref(old);
    return Status::ok();
}

Status put(Thread& t, Pickler* p, const void* data, int64_t n) {
    bool new_frame = p->framing && p->frame_start < 0;
    TRY(make_room(t, p, new_frame ? n + kFrameHeader : n));
    if (new_frame) {
        p->frame_start = p->length;
        p->length += kFrameHeader;
    }
    memcpy(bytes_data(p->buffer) + p->length, data, static_cast<size_t>(n));
    p->length += n;
    return Status::ok();
}

Status commit_frame(Thread&, Pickler* p) {
    if (!p->framing || p->frame_start < 0) return Status::ok();
    char* start = bytes_data(p->buffer) + p->frame_start;
    int64_t n = p->length - p->frame_start - kFrameHeader;
    if (n >= kSmallestFrame) {
        start[0] = static_cast<char>(kFrame);
        put_little(start + 1, static_cast<uint64_t>(n), 8);
    } else {  // not worth a frame
        memmove(start, start + kFrameHeader, static_cast<size_t>(n));
        p->length -= kFrameHeader;
    }
    p->frame_start = -1;
    return Status::ok();
}

Ref take_output(Thread& t, Pickler* p) {
    TRY(commit_frame(t, p));
    Ref bytes = Ref::steal(p->buffer);
    p->buffer = Value();
    if (!bytes) return bytes_new(t, 0);
    int64_t n = p->length;
    p->length = 0;
    TRY(bytes_resize(t, bytes, n));
    return bytes;
}

Status flush_output(Thread& t, Pickler* p) {
    Ref bytes = TRY(take_output(t, p));
    TRY_DISCARD(call(t, p->write, {bytes}));
    return Status::ok();
}

Status opcode_boundary(Thread& t, Pickler* p) {
    if (!p->framing || p->frame_start < 0) return Status::ok();
    if (p->length - p->frame_start - kFrameHeader < kLargeFrame) return Status::ok();
    TRY(commit_frame(t, p));
    if (!p->write) return Status::ok();
    TRY(flush_output(t, p));
    return start_output(t, p);
}

Status put_data(Thread& t, Pickler* p, const char* header, int64_t header_size, const char* data,
                int64_t size, Value payload) {
    if (size < kLargeFrame) {
        TRY(put(t, p, header, header_size));
        return put(t, p, data, size);
    }
    // Large data stands outside of frames.
    TRY(commit_frame(t, p));
    bool framing = p->framing;
    p->framing = false;
    Status done = put(t, p, header, header_size);
    if (done && p->write) {
        done = flush_output(t, p);
        if (done) {
            Ref bytes = payload ? Ref::share(payload) : bytes_from(t, data, static_cast<size_t>(size));
            if (!bytes || !call(t, p->write, {bytes}) || !start_output(t, p)) done = Status();
        }
    } else if (done) {
        done = put(t, p, data, size);
    }
    if (!done) return {};
    p->framing = framing;
    return Status::ok();
}

Status memo_put(Thread& t, Pickler* p, Value v) {
    if (p->fast) return Status::ok();
    int64_t number = p->memo->size();
    TRY(p->memo->set(t, v, number));
    if (p->proto >= 4) return put_op(t, p, kMemoize);
    char text[32];
    if (!p->bin) return put(t, p, text, snprintf(text, sizeof text, "%c%ld\n", kPut, number));
    if (number > UINT32_MAX) return raise(t, pickling_error(), "memo id too large for LONG_BINPUT");
    int bytes = number < 256 ? 1 : 4;
    text[0] = static_cast<char>(bytes == 1 ? kBinPut : kLongBinPut);
    put_little(text + 1, static_cast<uint64_t>(number), bytes);
    return put(t, p, text, 1 + bytes);
}

Status memo_get(Thread& t, Pickler* p, int64_t number) {
    char text[32];
    if (!p->bin) return put(t, p, text, snprintf(text, sizeof text, "%c%ld\n", kGet, number));
    if (number > UINT32_MAX || number < 0)
        return raise(t, pickling_error(), "memo id too large for LONG_BINGET");
    int bytes = number < 256 ? 1 : 4;
    text[0] = static_cast<char>(bytes == 1 ? kBinGet : kLongBinGet);
    put_little(text + 1, static_cast<uint64_t>(number), bytes);
    return put(t, p, text, 1 + bytes);
}

}  // namespace krait::pickle
