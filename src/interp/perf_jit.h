// The dump for `perf inject --jit`: /tmp/jit-PID.dump, with the machine code and how it is unwound.
#pragma once

#include <cstddef>

namespace krait {
bool jit_dump_open();  // false: errno
void jit_dump_close();
void jit_dump_forget();  // in a child: the dump is the parent's
bool jit_dump_write(const void* code, size_t size, const char* name);
}  // namespace krait
