// Between the files of module _thread.
#pragma once

#include "object/thread.h"

namespace krait {
inline constexpr double kTimeoutMax = 9223372036.0;
Result<int64_t> parse_timeout(Thread& t, bool blocking, Value timeout);  // microseconds, -1: for ever
Ref thread_dict(Thread& t);                                              // the thread's dict, made at need
void drop_thread_locals(Thread& t, Thread& gone);  // the thread ends: what _local objects keep for it goes
void forget_thread_local(Thread& t, Value key);    // takes the key out of every thread's dict
Status add_thread_locks(Thread& t, Value module);
}  // namespace krait
