// The module termios.
#include <asm/ioctls.h>
#include <linux/serial.h>
#include <linux/tty.h>
#include <sys/ioctl.h>
#include <termios.h>

#include "modules/posix/posix.h"
#include "object/per_interpreter.h"

namespace krait {

namespace {

using namespace posix;

PER_INTERPRETER_REFS PyTypeObject* g_error;  // termios.error

// termios.error(number, text)
Raised fail(Thread& t, int error) {
    const char* s = strerror(error);
    Ref number = int_from(t, error), text = fs_decode(t, s, strlen(s));
    Ref args = number && text ? tuple_of(t, {number, text}) : Ref();
    if (!args) return {};
    return raise_value(t, g_error, args);
}
template <class F>
Ref call_or_fail(Thread& t, F f) {
    CallResult r = unlocked(t, f);
    if (r.failed()) return fail(t, r.error);
    return none_ref();
}

// Speeds are the bit rates themselves for programs.
const struct {
    speed_t code;
    unsigned rate;
} speeds[] = {
#define S(rate) {B##rate, rate}
    S(0),       S(50),      S(75),      S(110),     S(134),     S(150),     S(200),     S(300),
    S(600),     S(1200),    S(1800),    S(2400),    S(4800),    S(9600),    S(19200),   S(38400),
    S(57600),   S(115200),  S(230400),  S(460800),  S(500000),  S(576000),  S(921600),  S(1000000),
    S(1152000), S(1500000), S(2000000), S(2500000), S(3000000), S(3500000), S(4000000),
#undef S
};
int64_t rate_of(speed_t code) {
    for (auto& s : speeds)
        if (s.code == code) return s.rate;
    return code;
}
speed_t code_of(int64_t rate) {
    for (auto& s : speeds)
        if (s.rate == rate) return s.code;
    return static_cast<speed_t>(rate);
}

Ref tcgetattr_fn(Thread& t, Value, Value arg) {
    int fd = TRY(fildes(t, arg));
    struct termios m;
    CallResult r = unlocked(t, [&] { return tcgetattr(fd, &m); });
    if (r.failed()) return fail(t, r.error);
    Ref cc = TRY(list_new(t));
    for (int i = 0; i < NCCS; i++) {
        // In raw mode VMIN and VTIME are numbers.
        if (!(m.c_lflag & ICANON) && (i == VMIN || i == VTIME))
            TRY(list_append(t, cc, Value::from_int(m.c_cc[i])));
        else
            TRY(list_append_owned(t, cc, bytes_from(t, &m.c_cc[i], 1)));
    }
    Ref out = TRY(list_new(t));
    for (int64_t x : {int64_t{m.c_iflag}, int64_t{m.c_oflag}, int64_t{m.c_cflag}, int64_t{m.c_lflag},
                      rate_of(cfgetispeed(&m)), rate_of(cfgetospeed(&m))})
        TRY(list_append(t, out, Value::from_int(x)));
    TRY(list_append(t, out, cc));
    return out;
}

Ref tcsetattr_fn(Thread& t, Value, const Value* args, size_t) {
    int fd = TRY(fildes(t, args[0])), when = TRY(as_int32(t, args[1]));
    Value a = args[2];
    if (!is_list(a) || list_size(a) != 7)
        return raise(t, PyExc_TypeError, "tcsetattr, arg 3: must be 7 element list");
    struct termios m;
    CallResult r = unlocked(t, [&] { return tcgetattr(fd, &m); });
    if (r.failed()) return fail(t, r.error);
    int64_t x[6];
    for (int i = 0; i < 6; i++) {
        Ref item = Ref::share(list_get(a, i));
        x[i] = TRY(as_int64(t, item));
        if (list_size(a) != 7) return raise(t, PyExc_TypeError, "tcsetattr, arg 3: must be 7 element list");
    }
    Ref cc = Ref::share(list_get(a, 6));
    m.c_iflag = static_cast<tcflag_t>(x[0]);
    m.c_oflag = static_cast<tcflag_t>(x[1]);
    m.c_cflag = static_cast<tcflag_t>(x[2]);
    m.c_lflag = static_cast<tcflag_t>(x[3]);
    if (!is_list(cc) || list_size(cc) != NCCS)
        return raise(t, PyExc_TypeError, "tcsetattr: attributes[6] must be %d element list", NCCS);
    for (int i = 0; i < NCCS && i < list_size(cc); i++) {
        Ref c = Ref::share(list_get(cc, i));
        if (is_bytes(c) && bytes_size(c) == 1)
            m.c_cc[i] = static_cast<cc_t>(bytes_data(c)[0]);
        else if (is_long(c))
            m.c_cc[i] = static_cast<cc_t>(TRY(as_int64(t, c)));
        else
            return raise(t, PyExc_TypeError,
                         "tcsetattr: elements of attributes must be characters or integers");
    }
    if (cfsetispeed(&m, code_of(x[4])) || cfsetospeed(&m, code_of(x[5]))) return fail(t, errno);
    return call_or_fail(t, [&] { return tcsetattr(fd, when, &m); });
}

Ref tcsendbreak_fn(Thread& t, Value, const Value* args, size_t) {
    int fd = TRY(fildes(t, args[0])), duration = TRY(as_int32(t, args[1]));
    return call_or_fail(t, [&] { return tcsendbreak(fd, duration); });
}
Ref tcdrain_fn(Thread& t, Value, Value arg) {
    int fd = TRY(fildes(t, arg));
    return call_or_fail(t, [&] { return tcdrain(fd); });
}
Ref tcflush_fn(Thread& t, Value, const Value* args, size_t) {
    int fd = TRY(fildes(t, args[0])), queue = TRY(as_int32(t, args[1]));
    return call_or_fail(t, [&] { return tcflush(fd, queue); });
}
Ref tcflow_fn(Thread& t, Value, const Value* args, size_t) {
    int fd = TRY(fildes(t, args[0])), action = TRY(as_int32(t, args[1]));
    return call_or_fail(t, [&] { return tcflow(fd, action); });
}
Ref tcgetwinsize_fn(Thread& t, Value, Value arg) {
    int fd = TRY(fildes(t, arg));
    winsize w;
    if (ioctl(fd, TIOCGWINSZ, &w) == -1) return fail(t, errno);
    return pair(t, w.ws_row, w.ws_col);
}
Ref tcsetwinsize_fn(Thread& t, Value, const Value* args, size_t) {
    int fd = TRY(fildes(t, args[0]));
    const char* message = "tcsetwinsize, arg 2: must be a two-item sequence";
    if (!is_sequence(args[1])) return raise(t, PyExc_TypeError, "%s", message);
    Ref items = TRY(to_list(t, args[1]));
    if (list_size(items) != 2) return raise(t, PyExc_TypeError, "%s", message);
    int64_t rows = TRY(as_int64(t, list_get(items, 0))), columns = TRY(as_int64(t, list_get(items, 1)));
    winsize w;
    if (ioctl(fd, TIOCGWINSZ, &w) == -1) return fail(t, errno);
    w.ws_row = static_cast<unsigned short>(rows);
    w.ws_col = static_cast<unsigned short>(columns);
    if (w.ws_row != rows || w.ws_col != columns)
        return raise(t, PyExc_OverflowError, "winsize value(s) out of range.");
    if (ioctl(fd, TIOCSWINSZ, &w) == -1) return fail(t, errno);
    return none_ref();
}

const NativeDef functions[] = {
    def<tcgetattr_fn>(
        "tcgetattr", "(fd, /)",
        "[iflag, oflag, cflag, lflag, ispeed, ospeed, cc] of a terminal; cc is a list of bytes."),
    def<tcsetattr_fn>("tcsetattr", "(fd, when, attributes, /)", "Sets the attributes of a terminal."),
    def<tcsendbreak_fn>("tcsendbreak", "(fd, duration, /)", "Sends a break."),
    def<tcdrain_fn>("tcdrain", "(fd, /)", "Waits until all output is sent."),
    def<tcflush_fn>("tcflush", "(fd, queue, /)", "Throws away what is queued."),
    def<tcflow_fn>("tcflow", "(fd, action, /)", "Suspends or resumes input or output."),
    def<tcgetwinsize_fn>("tcgetwinsize", "(fd, /)", "(rows, columns) of a terminal."),
    def<tcsetwinsize_fn>("tcsetwinsize", "(fd, winsize, /)", "Sets rows and columns of a terminal."),
    {}};

const struct {
    const char* name;
    int64_t value;
} constants[] = {
#define TERMIOS(name) {#name, static_cast<int64_t>(name)},
#include "modules/termios.def"
    {"EXTA", 19200},   {"EXTB", 38400}, {"B7200", 7200},   {"B14400", 14400},      {"B28800", 28800},
    {"B76800", 76800}, {"IBSHIFT", 16}, {"VSWTCH", VSWTC}, {"_POSIX_VDISABLE", 0},
};

Status exec(Thread& t, Value module) {
    for (auto& c : constants) TRY(module_add_int(t, module, c.name, c.value));
    for (auto& s : speeds) {
        Ref name = TRY(str_format(t, "B%d", s.rate));
        TRY(dict_set(t, module_dict(module), name, Value::from_int(s.rate)));
    }
    if (!g_error) {
        Ref name = TRY(str_from(t, "error")), where = TRY(str_from(t, "termios")), ns = TRY(dict_new(t));
        TRY(dict_set(t, ns, ID(__module__), where));
        Ref bases = TRY(tuple_of(t, {Value(PyExc_Exception)}));
        g_error = TRY(new_class(t, name, bases, ns)).release().as<PyTypeObject>();
    }
    return module_add(t, module, "error", Ref::share(Value(g_error)));
}

}  // namespace

extern const ModuleSpec module_termios;
const ModuleSpec module_termios{
    .name = "termios", .doc = "Control of terminals.", .functions = functions, .exec = exec};

}  // namespace krait
