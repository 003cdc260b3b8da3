// Objects of another process, by their addresses: texts, frames, what a coroutine waits in.
#pragma once

#include <cstring>
#include <string>
#include <vector>

#include "modules/remote/process.h"

namespace krait::remote {

// A piece of the other process's memory, copied: fields by their offsets.
class Block {
  public:
    static Status read(Thread& t, const Process& p, uint64_t address, uint64_t size, Block& out);
    template <class T>
    T at(uint64_t offset) const {
        T value{};
        if (offset + sizeof value <= sizeof bytes_) memcpy(&value, bytes_ + offset, sizeof value);
        return value;
    }

  private:
    char bytes_[512];
};

class Objects {
  public:
    Objects(Thread& t, const Process& p, PyTypeObject* frame_info) : t_(t), p_(p), frame_info_(frame_info) {}
    const Process& process() const { return p_; }

    // Up to `longest` characters.
    Ref text(uint64_t address, int64_t longest);
    // The frames from `frame` outwards as a list of FrameInfo, up to the frame `last`, which is in it; 0: up
    // to what native code called, where CPython's stacks end. RuntimeError(too_many) beyond 1,024.
    Ref stack(uint64_t frame, uint64_t last, const char* too_many);
    // The frames of what a coroutine awaits and its own, innermost first.
    Ref coroutine_stack(uint64_t coro);
    // Where the frame of a coroutine, generator or step of an asynchronous generator is; 0: it has none.
    Result<uint64_t> frame_of(uint64_t coro);

  private:
    // The name of the object's type where that is built in, otherwise nothing.
    Result<std::string> builtin_type(uint64_t object);
    // What runs the frames: a generator of any kind, behind the steps of asynchronous ones; 0: something
    // else.
    Result<uint64_t> generator(uint64_t object);
    Result<uint64_t> awaited(uint64_t frame);  // by a suspended frame: the top of its stack
    Ref frame_info(uint64_t code, uint64_t instr);
    Ref line(const Block& code, uint64_t code_address, uint64_t instr);
    Status append(Value list, uint64_t frame, uint64_t& previous, bool& entered);

    Thread& t_;
    const Process& p_;
    PyTypeObject* frame_info_;
};

}  // namespace krait::remote
