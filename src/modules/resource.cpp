// The module resource.
#include <sys/resource.h>

#include "modules/posix/posix.h"

namespace krait {

namespace {

using namespace posix;

PyTypeObject* g_rusage;
const StructSeqField rusage_fields[] = {{"ru_utime", "user time used"},
                                        {"ru_stime", "system time used"},
                                        {"ru_maxrss", "max. resident set size"},
                                        {"ru_ixrss", "shared memory size"},
                                        {"ru_idrss", "unshared data size"},
                                        {"ru_isrss", "unshared stack size"},
                                        {"ru_minflt", "page faults not requiring I/O"},
                                        {"ru_majflt", "page faults requiring I/O"},
                                        {"ru_nswap", "number of swap outs"},
                                        {"ru_inblock", "block input operations"},
                                        {"ru_oublock", "block output operations"},
                                        {"ru_msgsnd", "IPC messages sent"},
                                        {"ru_msgrcv", "IPC messages received"},
                                        {"ru_nsignals", "signals received"},
                                        {"ru_nvcsw", "voluntary context switches"},
                                        {"ru_nivcsw", "involuntary context switches"}};
const StructSeqDesc rusage_desc{"resource.struct_rusage", "What getrusage() answers.", rusage_fields, 16, 16};

Result<rlim_t> limit_arg(Thread& t, Value v) {
    Ref n = TRY(index(t, v));
    int64_t x;
    uint64_t u;
    if (int_to_i64(n, &x)) return static_cast<rlim_t>(x);
    if (int_to_u64(n, &u)) return u;
    return raise(t, PyExc_OverflowError, "Python int too large to convert to C rlim_t");
}
Status limits_arg(Thread& t, Value v, rlimit& r) {
    Ref pair_ = TRY(to_tuple(t, v));
    if (tuple_size(pair_) != 2) return raise(t, PyExc_ValueError, "expected a tuple of 2 integers");
    r.rlim_cur = TRY(limit_arg(t, tuple_get(pair_, 0)));
    r.rlim_max = TRY(limit_arg(t, tuple_get(pair_, 1)));
    return Status::ok();
}
// RLIM_INFINITY is known to programs as -1.
Ref limits(Thread& t, const rlimit& r) {
    Ref cur = TRY(r.rlim_cur > INT64_MAX ? int_from(t, static_cast<int64_t>(r.rlim_cur))
                                         : int_from_u64(t, r.rlim_cur));
    Ref max = TRY(r.rlim_max > INT64_MAX ? int_from(t, static_cast<int64_t>(r.rlim_max))
                                         : int_from_u64(t, r.rlim_max));
    return tuple_of(t, {cur, max});
}
Status check_resource(Thread& t, int resource) {
    if (resource < 0 || resource >= RLIM_NLIMITS)
        return raise(t, PyExc_ValueError, "invalid resource specified");
    return Status::ok();
}
Raised limit_error(Thread& t, int error) {
    if (error == EINVAL) return raise(t, PyExc_ValueError, "current limit exceeds maximum limit");
    if (error == EPERM) return raise(t, PyExc_ValueError, "not allowed to raise maximum limit");
    return raise_errno(t, error);
}

Ref getrlimit_fn(Thread& t, Value, Value arg) {
    int resource = TRY(as_int32(t, arg));
    TRY(check_resource(t, resource));
    rlimit r;
    if (getrlimit(static_cast<__rlimit_resource>(resource), &r)) return raise_errno(t, errno);
    return limits(t, r);
}
Ref setrlimit_fn(Thread& t, Value, const Value* args, size_t) {
    int resource = TRY(as_int32(t, args[0]));
    TRY(check_resource(t, resource));
    TRY(audit(t, "resource.setrlimit", {args[0], args[1]}));
    rlimit r;
    TRY(limits_arg(t, args[1], r));
    if (setrlimit(static_cast<__rlimit_resource>(resource), &r)) return limit_error(t, errno);
    return none_ref();
}
Ref prlimit_fn(Thread& t, Value, const Value* args, size_t nargs) {
    int pid = TRY(as_int32(t, args[0])), resource = TRY(as_int32(t, args[1]));
    Value wanted = nargs > 2 ? args[2] : none();
    TRY(check_resource(t, resource));
    TRY(audit(t, "resource.prlimit", {args[0], args[1], wanted}));
    rlimit now, old;
    if (!is_none(wanted)) TRY(limits_arg(t, wanted, now));
    if (prlimit(pid, static_cast<__rlimit_resource>(resource), is_none(wanted) ? nullptr : &now, &old)) {
        if (errno == EINVAL) return limit_error(t, errno);
        return raise_errno(t, errno);
    }
    return limits(t, old);
}
Ref getrusage_fn(Thread& t, Value, Value arg) {
    int who = TRY(as_int32(t, arg));
    rusage u;
    if (getrusage(static_cast<__rusage_who>(who), &u)) {
        if (errno == EINVAL) return raise(t, PyExc_ValueError, "invalid who parameter");
        return raise_errno(t, errno);
    }
    auto seconds = [&](const timeval& tv) {
        return float_from(t, static_cast<double>(tv.tv_sec) + static_cast<double>(tv.tv_usec) * 1e-6);
    };
    Ref parts[16];
    parts[0] = seconds(u.ru_utime);
    parts[1] = seconds(u.ru_stime);
    int n = 2;
    for (long x :
         {u.ru_maxrss, u.ru_ixrss, u.ru_idrss, u.ru_isrss, u.ru_minflt, u.ru_majflt, u.ru_nswap, u.ru_inblock,
          u.ru_oublock, u.ru_msgsnd, u.ru_msgrcv, u.ru_nsignals, u.ru_nvcsw, u.ru_nivcsw})
        parts[n++] = int_from(t, x);
    Ref* p = parts;
    return make_structseq(t, g_rusage,
                          {p, p + 1, p + 2, p + 3, p + 4, p + 5, p + 6, p + 7, p + 8, p + 9, p + 10, p + 11,
                           p + 12, p + 13, p + 14, p + 15});
}
Ref getpagesize_fn(Thread& t, Value) { return int_from(t, sysconf(_SC_PAGESIZE)); }

const NativeDef functions[] = {
    def<getrusage_fn>("getrusage", "(who, /)", "What the process, thread or its children used."),
    def<getrlimit_fn>("getrlimit", "(resource, /)", "(soft, hard) limit of a resource."),
    def<prlimit_fn>("prlimit", "(pid, resource, limits=None, /)",
                    "Reads or sets a limit of another process."),
    def<setrlimit_fn>("setrlimit", "(resource, limits, /)", "Sets the limits of a resource."),
    def<getpagesize_fn>("getpagesize", "()", "The size of a page in bytes."),
    {}};

Status exec(Thread& t, Value module) {
    static const struct {
        const char* name;
        int64_t value;
    } constants[] = {
#define C(name) {#name, static_cast<int64_t>(name)}
        C(RLIMIT_CPU),        C(RLIMIT_FSIZE),    C(RLIMIT_DATA),     C(RLIMIT_STACK),  C(RLIMIT_CORE),
        C(RLIMIT_NOFILE),     C(RLIMIT_OFILE),    C(RLIMIT_AS),       C(RLIMIT_RSS),    C(RLIMIT_NPROC),
        C(RLIMIT_MEMLOCK),    C(RLIMIT_MSGQUEUE), C(RLIMIT_NICE),     C(RLIMIT_RTPRIO), C(RLIMIT_RTTIME),
        C(RLIMIT_SIGPENDING), C(RUSAGE_SELF),     C(RUSAGE_CHILDREN), C(RUSAGE_THREAD), C(RLIM_INFINITY),
#undef C
    };
    for (auto& c : constants) TRY(module_add_int(t, module, c.name, c.value));
    TRY(module_add(t, module, "error", Ref::share(Value(PyExc_OSError))));
    if (!g_rusage) g_rusage = TRY(structseq_type_new(t, rusage_desc)).release().as<PyTypeObject>();
    return module_add(t, module, "struct_rusage", Ref::share(Value(g_rusage)));
}

}  // namespace

extern const ModuleSpec module_resource;
const ModuleSpec module_resource{
    .name = "resource", .doc = "Limits and use of resources.", .functions = functions, .exec = exec};

}  // namespace krait
