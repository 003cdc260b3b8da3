// The module _stat: reading file modes.
#include <sys/stat.h>

#include "builtins/callable.h"
#include "builtins/number.h"
#include "builtins/str.h"
#include "object/protocol.h"

namespace krait {

namespace {

Result<mode_t> mode_arg(Thread& t, Value v) {
    Ref n = TRY(index(t, v));
    uint64_t m;
    if (!int_to_u64(n, &m))
        return raise(t, PyExc_OverflowError,
                     int_sign(n) < 0 ? "can't convert negative value to unsigned int"
                                     : "Python int too large to convert to C unsigned long");
    if (m > UINT32_MAX) return raise(t, PyExc_OverflowError, "mode out of range");
    return static_cast<mode_t>(m);
}

template <mode_t kind>
Ref is_kind(Thread& t, Value, Value arg) {
    mode_t m = TRY(mode_arg(t, arg));
    return bool_ref(kind && (m & S_IFMT) == kind);
}
Ref imode(Thread& t, Value, Value arg) { return Ref::from_int(TRY(mode_arg(t, arg)) & 07777); }
Ref ifmt(Thread& t, Value, Value arg) { return Ref::from_int(TRY(mode_arg(t, arg)) & S_IFMT); }

char type_letter(mode_t m) {
    switch (m & S_IFMT) {
        case S_IFREG:
            return '-';
        case S_IFDIR:
            return 'd';
        case S_IFLNK:
            return 'l';
        case S_IFBLK:
            return 'b';
        case S_IFCHR:
            return 'c';
        case S_IFIFO:
            return 'p';
        case S_IFSOCK:
            return 's';
        default:
            return '?';
    }
}

Ref filemode(Thread& t, Value, Value arg) {
    mode_t m = TRY(mode_arg(t, arg));
    char text[11] = {};
    text[0] = type_letter(m);
    const mode_t special[] = {S_ISUID, S_ISGID, S_ISVTX};
    for (int i = 0; i < 3; i++) {
        mode_t bits = m >> (6 - 3 * i);
        text[1 + 3 * i] = bits & 4 ? 'r' : '-';
        text[2 + 3 * i] = bits & 2 ? 'w' : '-';
        char x = bits & 1 ? 'x' : '-';
        if (m & special[i]) x = i < 2 ? (bits & 1 ? 's' : 'S') : (bits & 1 ? 't' : 'T');
        text[3 + 3 * i] = x;
    }
    return str_from(t, text);
}

const struct {
    const char* name;
    int64_t value;
} constants[] = {
#define C(name) {#name, name}
    C(S_IFDIR),
    C(S_IFCHR),
    C(S_IFBLK),
    C(S_IFREG),
    C(S_IFIFO),
    C(S_IFLNK),
    C(S_IFSOCK),
    {"S_IFDOOR", 0},
    {"S_IFPORT", 0},
    {"S_IFWHT", 0},
    C(S_ISUID),
    C(S_ISGID),
    C(S_ISVTX),
    {"S_ENFMT", S_ISGID},
    C(S_IREAD),
    C(S_IWRITE),
    C(S_IEXEC),
    C(S_IRWXU),
    C(S_IRUSR),
    C(S_IWUSR),
    C(S_IXUSR),
    C(S_IRWXG),
    C(S_IRGRP),
    C(S_IWGRP),
    C(S_IXGRP),
    C(S_IRWXO),
    C(S_IROTH),
    C(S_IWOTH),
    C(S_IXOTH),
#undef C
    // Flags of other systems.
    {"UF_SETTABLE", 0xffff},
    {"UF_NODUMP", 1},
    {"UF_IMMUTABLE", 2},
    {"UF_APPEND", 4},
    {"UF_OPAQUE", 8},
    {"UF_NOUNLINK", 16},
    {"UF_COMPRESSED", 32},
    {"UF_TRACKED", 64},
    {"UF_DATAVAULT", 128},
    {"UF_HIDDEN", 0x8000},
    {"SF_SETTABLE", 0xffff0000},
    {"SF_ARCHIVED", 0x10000},
    {"SF_IMMUTABLE", 0x20000},
    {"SF_APPEND", 0x40000},
    {"SF_NOUNLINK", 0x100000},
    {"SF_SNAPSHOT", 0x200000},
    {"SF_FIRMLINK", 0x800000},
    {"SF_DATALESS", 0x40000000},
    // Places in a stat_result.
    {"ST_MODE", 0},
    {"ST_INO", 1},
    {"ST_DEV", 2},
    {"ST_NLINK", 3},
    {"ST_UID", 4},
    {"ST_GID", 5},
    {"ST_SIZE", 6},
    {"ST_ATIME", 7},
    {"ST_MTIME", 8},
    {"ST_CTIME", 9},
};

const NativeDef functions[] = {
    def<is_kind<S_IFDIR>>("S_ISDIR", "($self, object, /)", "Whether the mode is a directory's."),
    def<is_kind<S_IFCHR>>("S_ISCHR", "($self, object, /)", "Whether the mode is a character device's."),
    def<is_kind<S_IFBLK>>("S_ISBLK", "($self, object, /)", "Whether the mode is a block device's."),
    def<is_kind<S_IFREG>>("S_ISREG", "($self, object, /)", "Whether the mode is a regular file's."),
    def<is_kind<S_IFIFO>>("S_ISFIFO", "($self, object, /)", "Whether the mode is a named pipe's."),
    def<is_kind<S_IFLNK>>("S_ISLNK", "($self, object, /)", "Whether the mode is a symbolic link's."),
    def<is_kind<S_IFSOCK>>("S_ISSOCK", "($self, object, /)", "Whether the mode is a socket's."),
    def<is_kind<0>>("S_ISDOOR", "($self, object, /)", "Whether the mode is a door's."),
    def<is_kind<0>>("S_ISPORT", "($self, object, /)", "Whether the mode is an event port's."),
    def<is_kind<0>>("S_ISWHT", "($self, object, /)", "Whether the mode is a whiteout's."),
    def<imode>("S_IMODE", "($self, object, /)", "The part of the mode that chmod() sets."),
    def<ifmt>("S_IFMT", "($self, object, /)", "The part of the mode that tells the kind of file."),
    def<filemode>("filemode", "($self, object, /)", "The mode as ls shows it: '-rwxrwxrwx'."),
    {}};

Status exec(Thread& t, Value module) {
    for (auto& c : constants) TRY(module_add_int(t, module, c.name, c.value));
    return Status::ok();
}

}  // namespace

extern const ModuleSpec module__stat;
const ModuleSpec module__stat{
    .name = "_stat", .doc = "Constants and functions for file modes.", .functions = functions, .exec = exec};

}  // namespace krait
