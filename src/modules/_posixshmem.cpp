// The module _posixshmem: shared memory by name.
#include <fcntl.h>
#include <sys/mman.h>

#include "modules/args.h"
#include "modules/posix/posix.h"

namespace krait {
namespace {

Status name_arg(Thread& t, const char* function, const char* which, Value v, const char*& out) {
    if (!is_str(v))
        return raise(t, PyExc_TypeError, "%s() argument%s must be str, not %.50s", function, which,
                     is_none(v) ? "None" : type_of(v)->tp_name);
    return parse_args(t, "s", &v, 1, &out);
}
Ref shm_open_(Thread& t, Value, const Value* a) {
    const char* name;
    int flags, mode = 0777;
    TRY(name_arg(t, "shm_open", " 1", a[0], name));
    TRY(parse_args(t, "i", &a[1], 1, &flags));
    if (a[2]) TRY(parse_args(t, "i", &a[2], 1, &mode));
    return int_from(
        t, TRY(posix::sys_retry(t, [&] { return shm_open(name, flags, static_cast<mode_t>(mode)); }, a[0])));
}
Ref shm_unlink_(Thread& t, Value, Value v) {
    const char* name;
    TRY(name_arg(t, "shm_unlink", "", v, name));
    return posix::sys_retry_none(t, [&] { return shm_unlink(name); }, v);
}

const NativeDef functions[] = {
    def<shm_open_>("shm_open", "(path, flags, mode=511)",
                   "Opens shared memory by name; the descriptor. The flags are those of os.open()."),
    def<shm_unlink_>("shm_unlink", "(path, /)",
                     "Removes the name of shared memory; who has it open keeps it."),
    {}};

}  // namespace

extern const ModuleSpec module__posixshmem;
const ModuleSpec module__posixshmem{
    .name = "_posixshmem", .doc = "Shared memory of POSIX.", .functions = functions};

}  // namespace krait
