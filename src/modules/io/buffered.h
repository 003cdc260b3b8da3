// The buffered streams: one struct for BufferedReader, BufferedWriter and BufferedRandom.
#pragma once

#include "modules/io/io.h"

namespace krait::io {

// Held while the buffer is worked on; a thread that waits for it lets the GIL go.
class BufferLock {
  public:
    Status enter(Thread& t, Value self);
    void leave();
    void reinit() {  // in the child of a fork: the holder is gone
        state_.store(0, std::memory_order_relaxed);
        owner_ = nullptr;
    }

  private:
    std::atomic<uint32_t> state_;  // 0 free, 1 held, 2 held and waited for
    Thread* owner_;
};

// The buffer holds file contents [raw position - raw_pos, ...). `pos` is where the user stands in it, [0,
// read_end) was read, [write_pos, write_end) is to be written; -1 marks an end that does not count.
struct Buffered : IoObject {
    Value raw;
    bool ok;  // initialized and not detached
    bool detached;
    bool readable, writable;
    bool plain;       // exact builtin type over an exact FileIO: `closed` is looked up directly
    int64_t abs_pos;  // position of the raw stream, -1: not known
    char* buffer;
    int64_t size, mask;  // mask 0: size is no power of two
    int64_t pos, raw_pos, read_end, write_pos, write_end;
    BufferLock lock;

    bool has_read() const { return readable && read_end != -1; }
    bool has_write() const { return writable && write_end != -1; }
    int64_t ahead() const { return has_read() ? read_end - pos : 0; }
    // How far the raw stream is past the user's position.
    int64_t raw_offset() const { return (has_read() || has_write()) && raw_pos >= 0 ? raw_pos - pos : 0; }
    void move(int64_t to) {
        pos = to;
        if (has_read() && read_end < pos) read_end = pos;
    }
    void reset_read() { read_end = -1; }
    void reset_write() {
        write_pos = 0;
        write_end = -1;
    }
    int64_t whole_blocks(int64_t n) const { return mask ? n & ~mask : size * (n / size); }
};
inline Buffered* as_buffered(Value v) { return v.as<Buffered>(); }

class Locked {
  public:
    Locked(Thread& t, Value self) : b_(as_buffered(self)), ok_(b_->lock.enter(t, self)) {}
    ~Locked() {
        if (ok_) b_->lock.leave();
    }
    Locked(const Locked&) = delete;
    explicit operator bool() const { return ok_; }

  private:
    Buffered* b_;
    bool ok_;
};

Status need_initialized(Thread& t, Buffered* b);
Status need_not_closed(Thread& t, Value self, const char* message);
// The raw stream. Counts of kWouldBlock: nothing could be transferred without blocking.
Result<int64_t> raw_tell(Thread& t, Buffered* b);
Result<int64_t> raw_seek(Thread& t, Buffered* b, int64_t target, int whence);
Result<int64_t> raw_read(Thread& t, Buffered* b, char* p, int64_t n);
Result<int64_t> raw_write(Thread& t, Buffered* b, const char* p, int64_t n);
Status flush_and_rewind(Thread& t, Buffered* b);
Status writer_flush(Thread& t, Buffered* b);  // locked

// Methods, by file: buffered_read.cpp, buffered_write.cpp.
Ref buffered_read(Thread& t, Value self, const Value* a);
Ref buffered_read1(Thread& t, Value self, const Value* a);
Ref buffered_peek(Thread& t, Value self, const Value* a);
Ref buffered_readinto(Thread& t, Value self, Value arg);
Ref buffered_readinto1(Thread& t, Value self, Value arg);
Ref buffered_readline(Thread& t, Value self, const Value* a);
Ref buffered_iternext(Thread& t, Value self);
Ref buffered_write(Thread& t, Value self, Value arg);

extern const TypeDecl rwpair_decl;

// Exact builtin buffers over an open FileIO are open: no attribute needs to be asked.
inline bool surely_open(Value v) {
    PyTypeObject* type = v.heap_type();
    if (type != &buffered_reader_type && type != &buffered_writer_type && type != &buffered_random_type)
        return false;
    Buffered* b = as_buffered(v);
    return b->plain && b->buffer && as_file(b->raw)->fd >= 0;
}

}  // namespace krait::io
