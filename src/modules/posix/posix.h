// The module posix: what its files share.
#pragma once

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "builtins/bytes.h"
#include "builtins/callable.h"
#include "builtins/dict.h"
#include "builtins/list.h"
#include "builtins/number.h"
#include "builtins/set.h"
#include "builtins/str.h"
#include "builtins/tuple.h"
#include "gc/gc.h"
#include "object/names.h"
#include "object/protocol.h"

namespace krait::posix {

// --- paths ---
// A path argument: bytes in the file system encoding, or a descriptor.
struct Path {
    Ref object;   // as given (after __fspath__ for messages: the original)
    Ref encoded;  // bytes; empty when a descriptor or None was given
    const char* text = nullptr;
    int fd = -1;
    bool is_fd = false;
    bool is_bytes = false;  // results are to be bytes
    Value name() const { return object; }
};
enum PathFlag { kPlainPath = 0, kAllowFd = 1, kNullable = 2 };
// `function` and `argument` are for messages. None and absent (nullable): text ".".
Status path_arg(Thread& t, const char* function, const char* argument, Value v, int flags, Path& out);
Result<int> dir_fd_arg(Thread& t, Value v);  // absent, None: AT_FDCWD
Result<int> fildes(Thread& t, Value v);      // an int, or what its fileno() gives
Result<bool> flag_arg(Thread& t, Value v, bool absent);
Ref decode_path(Thread& t, const char* p, bool bytes);
// uid and gid arguments; -1 is "leave".
Result<uint32_t> id_arg(Thread& t, Value v, const char* what);
Ref id_to_int(Thread& t, uint32_t id);
Result<int64_t> offset_arg(Thread& t, Value v);
Result<dev_t> dev_arg(Thread& t, Value v);

// --- system calls ---
struct CallResult {
    int64_t value;
    int error;
    bool failed() const { return value == -1; }
};
// With the GIL released.
template <class F>
CallResult unlocked(Thread& t, F f) {
    AllowThreads allow(t);
    errno = 0;
    int64_t r = f();
    return {r, errno};
}
// Raises the OSError of -1; a negative result cannot be.
template <class F>
Result<int64_t> sys(Thread& t, F f, Value name = {}, Value name2 = {}) {
    CallResult r = unlocked(t, f);
    if (r.failed()) return raise_errno(t, r.error, name, name2);
    return r.value;
}
// Calls again when a signal interrupted it and its handler did not raise.
template <class F>
Result<int64_t> sys_retry(Thread& t, F f, Value name = {}, Value name2 = {}) {
    for (;;) {
        CallResult r = unlocked(t, f);
        if (!r.failed()) return r.value;
        if (r.error != EINTR) return raise_errno(t, r.error, name, name2);
        TRY(handle_pending(t));
    }
}
template <class F>
Ref sys_none(Thread& t, F f, Value name = {}, Value name2 = {}) {
    TRY_DISCARD(sys(t, f, name, name2));
    return none_ref();
}
template <class F>
Ref sys_retry_none(Thread& t, F f, Value name = {}, Value name2 = {}) {
    TRY_DISCARD(sys_retry(t, f, name, name2));
    return none_ref();
}
inline bool given(Value v) { return v && !is_none(v); }

// --- types ---
extern PyTypeObject *g_stat_result, *g_statvfs_result, *g_terminal_size, *g_times_result, *g_uname_result,
    *g_waitid_result, *g_sched_param, *g_dir_entry, *g_scandir_iterator;
Ref stat_to_object(Thread& t, const struct stat& st);
Ref statvfs_to_object(Thread& t, const struct statvfs& s);
// Steals the parts (also when one is empty: then fails).
Ref make_structseq(Thread& t, PyTypeObject* type, std::initializer_list<Ref*> parts);
Ref pair(Thread& t, int64_t a, int64_t b);

// --- fork ---
void before_fork(Thread& t);
void after_fork_parent(Thread& t);
void after_fork_child(Thread& t);

// --- tables, by file ---
extern const NativeDef kPathFunctions[], kStatFunctions[], kFileFunctions[], kProcessFunctions[],
    kSpawnFunctions[], kSystemFunctions[], kDirFunctions[], kIdFunctions[], kFdExtraFunctions[];
Status add_constants(Thread& t, Value module);
Status add_stat_types(Thread& t, Value module);
Status add_dir_types(Thread& t, Value module);
Status add_process_types(Thread& t, Value module);
Status add_system_types(Thread& t, Value module);

// argv and env as execve wants them; the texts belong to `keep`.
struct CStrings {
    Ref keep;  // list of bytes
    const char** items = nullptr;
    CStrings() = default;
    CStrings(const CStrings&) = delete;
    ~CStrings();
    char** get() const { return const_cast<char**>(items); }
};
Status strings_from_sequence(Thread& t, Value sequence, CStrings& out);
Status strings_from_env(Thread& t, Value mapping, CStrings& out);

}  // namespace krait::posix
