// Arguments by a format string.
#include "modules/args.h"

#include <climits>
#include <cstdarg>
#include <cstring>

#include "builtins/number.h"
#include "builtins/str.h"

namespace krait {
namespace {

struct Format {
    const char* codes;
    int least = 0, most = 0;
    const char* function = nullptr;
    const char* message = nullptr;
};
Format read_format(const char* text) {
    Format f{text};
    bool optional = false;
    for (; *text && *text != ':' && *text != ';'; text++) {
        if (*text == '|') {
            optional = true;
            continue;
        }
        f.most++;
        if (!optional) f.least++;
    }
    if (*text == ':') f.function = text + 1;
    if (*text == ';') f.message = text + 1;
    return f;
}

Raised wrong_type(Thread& t, const Format& f, int i, const char* wanted, Value v) {
    if (f.message) return raise(t, PyExc_TypeError, "%s", f.message);
    return raise(t, PyExc_TypeError, "%.200s%s argument %d must be %.50s, not %.50s",
                 f.function ? f.function : "", f.function ? "()" : "", i + 1, wanted,
                 is_none(v) ? "None" : type_of(v)->tp_name);
}
Result<int> int_arg(Thread& t, Value v) {
    Ref n = TRY(index(t, v));
    int64_t x;
    if (!int_to_i64(n, &x)) return raise(t, PyExc_OverflowError, "Python int too large to convert to C long");
    if (x > INT_MAX) return raise(t, PyExc_OverflowError, "signed integer is greater than maximum");
    if (x < INT_MIN) return raise(t, PyExc_OverflowError, "signed integer is less than minimum");
    return static_cast<int>(x);
}
Result<int64_t> size_arg(Thread& t, Value v) {
    Ref n = TRY(index(t, v));
    int64_t x;
    if (!int_to_i64(n, &x))
        return raise(t, PyExc_OverflowError, "Python int too large to convert to C ssize_t");
    return x;
}
Result<uint64_t> wrapped_arg(Thread& t, Value v) {
    Ref n = TRY(index(t, v));
    return int_to_u64_wrapping(n);
}
Result<const char*> text_arg(Thread& t, const Format& f, int i, Value v) {
    if (!is_str(v)) return wrong_type(t, f, i, "str", v);
    std::string_view s = TRY(str_utf8(t, v));
    if (memchr(s.data(), 0, s.size())) return raise(t, PyExc_ValueError, "embedded null character");
    return s.data();
}
Status writable_arg(Thread& t, const Format& f, int i, Value v, Buffer* out) {
    if (out->acquire(t, v, kBufWritable)) return Status::ok();
    clear_error(t);
    return wrong_type(t, f, i, "read-write bytes-like object", v);
}

Status count_is_wrong(Thread& t, const Format& f, size_t n) {
    if (f.message) return raise(t, PyExc_TypeError, "%s", f.message);
    int wanted = static_cast<int>(n) < f.least ? f.least : f.most;
    const char* how = f.least == f.most ? "exactly" : static_cast<int>(n) < f.least ? "at least" : "at most";
    return raise(t, PyExc_TypeError, "%.150s%s takes %s %d argument%s (%zu given)",
                 f.function ? f.function : "function", f.function ? "()" : "", how, wanted,
                 wanted == 1 ? "" : "s", n);
}

}  // namespace

Status parse_args(Thread& t, const char* format, const Value* args, size_t nargs, ...) {
    Format f = read_format(format);
    if (nargs < static_cast<size_t>(f.least) || nargs > static_cast<size_t>(f.most))
        return count_is_wrong(t, f, nargs);
    va_list places;
    va_start(places, nargs);
    struct End {
        va_list* list;
        ~End() { va_end(*list); }
    } end{&places};
    const char* code = f.codes;
    for (int i = 0; i < static_cast<int>(nargs); i++, code++) {
        if (*code == '|') code++;
        Value v = args[i];
        switch (*code) {
            case 'O':
                *va_arg(places, Value*) = v;
                break;
            case 'n':
                *va_arg(places, int64_t*) = TRY(size_arg(t, v));
                break;
            case 'i':
                *va_arg(places, int*) = TRY(int_arg(t, v));
                break;
            case 'I':
                *va_arg(places, unsigned*) = static_cast<unsigned>(TRY(wrapped_arg(t, v)));
                break;
            case 'H':
                *va_arg(places, uint16_t*) = static_cast<uint16_t>(TRY(wrapped_arg(t, v)));
                break;
            case 'B':
                *va_arg(places, uint8_t*) = static_cast<uint8_t>(TRY(wrapped_arg(t, v)));
                break;
            case 'K':
                *va_arg(places, uint64_t*) = TRY(wrapped_arg(t, v));
                break;
            case 's':
                *va_arg(places, const char**) = TRY(text_arg(t, f, i, v));
                break;
            case 'y':
                TRY(va_arg(places, Buffer*)->acquire(t, v));
                break;
            case 'w':
                TRY(writable_arg(t, f, i, v, va_arg(places, Buffer*)));
                break;
            default: {
                ArgConverter convert = va_arg(places, ArgConverter);
                TRY(convert(t, v, va_arg(places, void*)));
            }
        }
    }
    return Status::ok();
}

}  // namespace krait
