// The module syslog: messages to the system's log.
#include <syslog.h>

#include <cstring>

#include "builtins/callable.h"
#include "builtins/number.h"
#include "builtins/str.h"
#include "builtins/str_methods.h"
#include "builtins/tuple.h"
#include "gc/gc.h"
#include "object/protocol.h"

namespace krait {
namespace {

char* g_ident;  // what openlog() of the C library keeps pointing to; from mem_alloc, may be null
bool g_open;

void close_log() {
    ::closelog();
    mem_free(g_ident);
    g_ident = nullptr;
    g_open = false;
}

// The name of the program as sys.argv[0] has it, empty when there is none.
Ref program_name(Thread& t) {
    Value argv = sys_get(t, "argv");
    if (!argv || !is_sequence(argv)) return Ref();
    Ref first = get_item(t, argv, int64_t{0});
    if (!first || !is_str(first)) {
        clear_error(t);
        return Ref();
    }
    int64_t n = str_length(first), slash = -1;
    for (int64_t i = 0; i < n; i++)
        if (str_char(first, i) == '/') slash = i;
    if (n == 0) return Ref();
    return str_substring(t, first, slash + 1, n);
}

Status open_log(Thread& t, Value ident_or_empty, int option, int facility) {
    Ref ident = ident_or_empty ? Ref::share(ident_or_empty) : program_name(t);
    if (!ident && occurred(t)) return {};
    TRY(audit(t, "syslog.openlog",
              {ident ? ident.get() : none(), Value::from_int(option), Value::from_int(facility)}));
    char* kept = nullptr;
    if (ident) {
        std::string_view s = TRY(str_utf8(t, ident));
        kept = static_cast<char*>(mem_alloc(s.size() + 1));
        if (!kept) return raise_no_memory(t);
        memcpy(kept, s.data(), s.size());
        kept[s.size()] = 0;
    }
    if (g_open) close_log();
    g_ident = kept;
    g_open = true;
    ::openlog(kept, option, facility);
    return Status::ok();
}

Ref f_openlog(Thread& t, Value, const Value* a) {
    if (a[0] && !is_str(a[0]))
        return raise(t, PyExc_TypeError, "openlog() argument 'ident' must be str, not %s",
                     is_none(a[0]) ? "None" : type_of(a[0])->tp_name);
    int option = a[1] ? TRY(as_int32(t, a[1])) : 0;
    int facility = a[2] ? TRY(as_int32(t, a[2])) : LOG_USER;
    // The log is the process's: the main interpreter's to open and close.
    if (t.interp != g_runtime.main)
        return raise(t, PyExc_RuntimeError, "subinterpreter can't use syslog.openlog()");
    TRY(open_log(t, a[0], option, facility));
    return none_ref();
}

Ref f_syslog(Thread& t, Value, const Value* a, size_t n, Value kwnames) {
    TRY(no_kwargs(t, "syslog", kwnames));
    if (n < 1 || n > 2) return raise(t, PyExc_TypeError, "syslog.syslog requires 1 to 2 arguments");
    int priority = n == 2 ? TRY(as_int32(t, a[0])) : LOG_INFO;
    Value message = a[n - 1];
    if (!is_str(message))
        return raise(t, PyExc_TypeError, "syslog() argument %d must be str, not %s", static_cast<int>(n),
                     is_none(message) ? "None" : type_of(message)->tp_name);
    const char* text = TRY(c_string_arg(t, "syslog", "message", message));
    TRY(audit(t, "syslog.syslog", {Value::from_int(priority), message}));
    if (!g_open && t.interp != g_runtime.main)
        return raise(
            t, PyExc_RuntimeError,
            "subinterpreter can't use syslog.syslog() until the syslog is opened by the main interpreter");
    if (!g_open) TRY(open_log(t, Value(), 0, LOG_USER));
    ::syslog(priority, "%s", text);
    return none_ref();
}

Ref f_closelog(Thread& t, Value) {
    if (t.interp != g_runtime.main)
        return raise(t, PyExc_RuntimeError, "subinterpreter can't use syslog.closelog()");
    TRY(audit(t, "syslog.closelog"));
    if (g_open) close_log();
    return none_ref();
}
Ref f_setlogmask(Thread& t, Value, Value mask) {
    int v = TRY(as_int32(t, mask));
    TRY(audit(t, "syslog.setlogmask", {Value::from_int(v)}));
    return Ref::from_int(::setlogmask(v));
}
// As the macros of <syslog.h>; the machine takes the shift modulo 32.
Ref f_log_mask(Thread& t, Value, Value priority) {
    auto n = static_cast<unsigned>(TRY(as_int32(t, priority)));
    return Ref::from_int(static_cast<int32_t>(1u << (n & 31)));
}
Ref f_log_upto(Thread& t, Value, Value priority) {
    auto n = static_cast<unsigned>(TRY(as_int32(t, priority)));
    return Ref::from_int(static_cast<int32_t>((1u << ((n + 1) & 31)) - 1));
}

const NativeDef functions[] = {
    def<f_openlog>("openlog", "(ident=<unrepresentable>, logoption=0,\n        facility=LOG_USER)",
                   "Set what following messages are logged with."),
    def<f_closelog>("closelog", "()", "Back to the state before the first message."),
    def<f_syslog>("syslog", "", "syslog([priority,] message): log a message.", kMethNoSignature),
    def<f_setlogmask>("setlogmask", "(maskpri, /)", "Set the mask of priorities; the old one."),
    def<f_log_upto>("LOG_UPTO", "(pri, /)", "The mask of all priorities up to this one."),
    def<f_log_mask>("LOG_MASK", "(pri, /)", "The mask of one priority."),
    {},
};

constexpr struct {
    const char* name;
    int value;
} kConstants[] = {
#define C(name) {#name, name}
    C(LOG_EMERG),  C(LOG_ALERT),  C(LOG_CRIT),   C(LOG_ERR),    C(LOG_WARNING),  C(LOG_NOTICE), C(LOG_INFO),
    C(LOG_DEBUG),  C(LOG_PID),    C(LOG_CONS),   C(LOG_NDELAY), C(LOG_ODELAY),   C(LOG_NOWAIT), C(LOG_PERROR),
    C(LOG_KERN),   C(LOG_USER),   C(LOG_MAIL),   C(LOG_DAEMON), C(LOG_AUTH),     C(LOG_LPR),    C(LOG_LOCAL0),
    C(LOG_LOCAL1), C(LOG_LOCAL2), C(LOG_LOCAL3), C(LOG_LOCAL4), C(LOG_LOCAL5),   C(LOG_LOCAL6), C(LOG_LOCAL7),
    C(LOG_SYSLOG), C(LOG_CRON),   C(LOG_UUCP),   C(LOG_NEWS),   C(LOG_AUTHPRIV), C(LOG_FTP),
#undef C
};

Status exec(Thread& t, Value module) {
    for (auto& c : kConstants) TRY(module_add_int(t, module, c.name, c.value));
    return Status::ok();
}

}  // namespace

extern const ModuleSpec module_syslog;
const ModuleSpec module_syslog = {"syslog", nullptr, functions, exec};

}  // namespace krait
