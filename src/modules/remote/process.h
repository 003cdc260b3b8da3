// Another process (or this one), looked into by its number: memory, and the sections of what it has mapped.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>

#include "interp/debug_offsets.h"
#include "object/errors.h"

namespace krait::remote {

class Process {
  public:
    // Finds the process's table and reads it. What is raised where that fails is CPython's.
    static Status attach(Thread& t, pid_t pid, Process& out);

    Status read(Thread& t, uint64_t address, void* to, size_t size) const;
    Status write(Thread& t, uint64_t address, const void* from, size_t size) const;
    template <class T>
    Result<T> get(Thread& t, uint64_t address) const {
        T value;
        TRY(read(t, address, &value, sizeof value));
        return value;
    }
    const DebugOffsets& offsets() const { return tables_.offsets; }
    const TaskOffsets* tasks() const { return has_tasks_ ? &tables_.tasks : nullptr; }  // of Krait only
    pid_t pid() const { return pid_; }
    Result<uint64_t> interpreters(Thread& t) const;  // address of the first one

  private:
    pid_t pid_ = 0;
    uint64_t table_ = 0;
    bool has_tasks_ = false;
    DebugTables tables_{};
};

}  // namespace krait::remote
