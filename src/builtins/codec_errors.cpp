// Error handlers: the fast ways out for coders, and the callables the registry starts with.
#include <algorithm>

#include "builtins/callable.h"
#include "builtins/codec.h"
#include "builtins/str_methods.h"
#include "builtins/tuple.h"
#include "object/protocol.h"
#include "support/unicode.h"

namespace krait {

namespace {

struct ModeName {
    const char* name;
    OnError mode;
};
constexpr ModeName kModes[] = {
    {"strict", OnError::Strict},
    {"ignore", OnError::Ignore},
    {"replace", OnError::Replace},
    {"surrogateescape", OnError::SurrogateEscape},
    {"surrogatepass", OnError::SurrogatePass},
    {"backslashreplace", OnError::BackslashReplace},
    {"xmlcharrefreplace", OnError::XmlCharRefReplace},
};

constexpr bool is_surrogate(uint32_t c) { return c - 0xD800 < 0x800; }

Ref decode_error(Thread& t, const char* encoding, Value object, int64_t start, int64_t end,
                 const char* reason) {
    Ref name = TRY(str_from(t, encoding)), why = TRY(str_from(t, reason));
    return call(t, Value(PyExc_UnicodeDecodeError),
                {name, object, Value::from_int(start), Value::from_int(end), why});
}
Ref encode_error(Thread& t, const char* encoding, Value object, int64_t start, int64_t end,
                 const char* reason) {
    Ref name = TRY(str_from(t, encoding)), why = TRY(str_from(t, reason));
    return call(t, Value(PyExc_UnicodeEncodeError),
                {name, object, Value::from_int(start), Value::from_int(end), why});
}

}  // namespace

OnError on_error(const char* errors) {
    if (!errors) return OnError::Strict;
    for (const ModeName& m : kModes)
        if (std::string_view(errors) == m.name) return m.mode;
    return OnError::Other;
}

Raised raise_decode_error(Thread& t, const char* encoding, Value object, int64_t start, int64_t end,
                          const char* reason) {
    Ref exc = decode_error(t, encoding, object, start, end, reason);
    if (exc) return raise_object(t, exc);
    return {};
}
Raised raise_encode_error(Thread& t, const char* encoding, Value object, int64_t start, int64_t end,
                          const char* reason) {
    Ref exc = encode_error(t, encoding, object, start, end, reason);
    if (exc) return raise_object(t, exc);
    return {};
}

// --- replacements, shared by the fast ways and the callables ---

namespace {

Status put_hex(StrBuilder& out, char letter, uint32_t c, int digits) {
    TRY(out.put('\\'));
    TRY(out.put(static_cast<uint32_t>(letter)));
    for (int i = digits - 1; i >= 0; i--)
        TRY(out.put(static_cast<uint32_t>("0123456789abcdef"[c >> (4 * i) & 15])));
    return Status::ok();
}
Status put_backslash(StrBuilder& out, uint32_t c) {
    if (c < 0x100) return put_hex(out, 'x', c, 2);
    return c < 0x10000 ? put_hex(out, 'u', c, 4) : put_hex(out, 'U', c, 8);
}
Ref backslashes(Thread& t, Value text, int64_t start, int64_t stop) {
    StrBuilder out(t, (stop - start) * 6);
    for (int64_t i = start; i < stop; i++) TRY(put_backslash(out, str_char(text, i)));
    return out.finish();
}
Ref char_refs(Thread& t, Value text, int64_t start, int64_t stop) {
    StrBuilder out(t, (stop - start) * 7);
    for (int64_t i = start; i < stop; i++) {
        char digits[16];
        int n = snprintf(digits, sizeof digits, "&#%u;", str_char(text, i));
        TRY(out.ascii(digits, static_cast<size_t>(n)));
    }
    return out.finish();
}
Ref char_names(Thread& t, Value text, int64_t start, int64_t stop) {
    StrBuilder out(t, (stop - start) * 16);
    for (int64_t i = start; i < stop; i++) {
        std::string name = unicode::name(str_char(text, i));
        if (name.empty()) {
            TRY(put_backslash(out, str_char(text, i)));
            continue;
        }
        TRY(out.ascii("\\N{", 3));
        TRY(out.ascii(name.data(), name.size()));
        TRY(out.put('}'));
    }
    return out.finish();
}
// Characters that stand for bytes 128-255 from `start` on; how many there are.
int64_t escaped_bytes(Value text, int64_t start, int64_t stop) {
    int64_t i = start;
    while (i < stop && str_char(text, i) - 0xDC80 < 0x80) i++;
    return i - start;
}
Ref unescape_bytes(Thread& t, Value text, int64_t start, int64_t n) {
    Ref bytes = TRY(bytes_new(t, n));
    for (int64_t i = 0; i < n; i++)
        bytes_data(bytes)[i] = static_cast<char>(str_char(text, start + i) - 0xDC00);
    return bytes;
}

}  // namespace

// --- decoding ---

Result<int64_t> Decoding::handle(StrBuilder& out, int64_t start, int64_t stop, const char* reason) {
    switch (mode) {
        case OnError::Ignore:
            return stop;
        case OnError::Replace:
            TRY(out.put(0xFFFD));
            return stop;
        case OnError::BackslashReplace:
            for (int64_t i = start; i < stop; i++) TRY(put_hex(out, 'x', data()[i], 2));
            return stop;
        case OnError::SurrogateEscape: {
            int64_t i = start;
            for (; i < stop && i < start + 4 && data()[i] >= 128; i++) TRY(out.put(0xDC00u + data()[i]));
            if (i > start) return i;
            break;
        }
        case OnError::Strict:
            break;
        default:
            return call_handler(out, start, stop, reason);
    }
    if (!object_) object_ = TRY(bytes_from(t, data_, static_cast<size_t>(size_)));
    return raise_decode_error(t, encoding_, object_, start, stop, reason);
}

Result<int64_t> Decoding::call_handler(StrBuilder& out, int64_t start, int64_t stop, const char* reason) {
    if (!handler_) handler_ = TRY(codec_lookup_error(t, errors_));
    if (!object_) object_ = TRY(bytes_from(t, data_, static_cast<size_t>(size_)));
    Ref exc = TRY(decode_error(t, encoding_, object_, start, stop, reason));
    Ref answer = TRY(call(t, handler_, {exc}));
    constexpr const char* kWrong = "decoding error handler must return (str, int) tuple";
    if (!is_tuple(answer) || tuple_size(answer) != 2 || !is_str(tuple_get(answer, 0)))
        return raise(t, PyExc_TypeError, kWrong);
    int64_t resume = TRY(ssize_arg(t, tuple_get(answer, 1)));
    // The handler may have exchanged the input.
    Value object = exc.as<PyUnicodeErrorObject>()->object;
    if (!object || !is_bytes(object))
        return raise(t, PyExc_TypeError, "exception attribute object must be bytes");
    object_ = Ref::share(object);
    data_ = bytes_data(object);
    size_ = bytes_size(object);
    if (resume < 0) resume += size_;
    if (resume < 0 || resume > size_)
        return raise(t, PyExc_IndexError, "position %zd from error handler out of bounds", resume);
    TRY(out.append(tuple_get(answer, 0)));
    return resume;
}

// --- encoding ---

Raised Encoding::fail(int64_t start, int64_t stop, const char* reason) {
    return raise_encode_error(t, encoding_, text_, start, stop, reason);
}

Result<bool> Encoding::handle(int64_t start, int64_t stop, const char* reason, Replacement& out) {
    out.resume = stop;
    switch (mode) {
        case OnError::Strict:
            return fail(start, stop, reason);
        case OnError::Ignore:
            return true;
        case OnError::Replace: {
            StrBuilder marks(t, stop - start);
            TRY(marks.repeat('?', stop - start));
            out.text = TRY(marks.finish());
            return true;
        }
        case OnError::BackslashReplace:
            out.text = TRY(backslashes(t, text_, start, stop));
            return true;
        case OnError::XmlCharRefReplace:
            out.text = TRY(char_refs(t, text_, start, stop));
            return true;
        case OnError::SurrogateEscape: {
            int64_t n = escaped_bytes(text_, start, stop);
            if (n == 0) return fail(start, stop, reason);
            out.text = TRY(unescape_bytes(t, text_, start, n));
            out.resume = start + n;
            return true;
        }
        default:
            break;
    }
    if (!handler_) handler_ = TRY(codec_lookup_error(t, errors_));
    Ref exc = TRY(encode_error(t, encoding_, text_, start, stop, reason));
    Ref answer = TRY(call(t, handler_, {exc}));
    constexpr const char* kWrong = "encoding error handler must return (str/bytes, int) tuple";
    if (!is_tuple(answer) || tuple_size(answer) != 2) return raise(t, PyExc_TypeError, kWrong);
    Value text = tuple_get(answer, 0);
    if (!is_str(text) && !is_bytes(text)) return raise(t, PyExc_TypeError, kWrong);
    int64_t resume = TRY(ssize_arg(t, tuple_get(answer, 1))), n = str_length(text_);
    if (resume < 0) resume += n;
    if (resume < 0 || resume > n)
        return raise(t, PyExc_IndexError, "position %zd from error handler out of bounds", resume);
    out.resume = resume;
    out.text = Ref::share(text);
    return true;
}

// --- the registered callables ---

namespace {

// The exception handed to a callable, its range clamped to the object.
struct Fault {
    enum Kind { None, Encode, Decode, Translate } kind = None;
    PyUnicodeErrorObject* exc = nullptr;
    Value object;
    int64_t start = 0, end = 0;
    Ref result(Thread& t, Ref text, int64_t resume) const {
        if (!text) return {};
        return tuple_of(t, {text, Value::from_int(resume)});
    }
    Ref result(Thread& t, Ref text) const { return result(t, std::move(text), end); }
};

Raised cannot_handle(Thread& t, Value exc) {
    return raise(t, PyExc_TypeError, "don't know how to handle %#T in error callback", exc);
}

// Fails with TypeError unless exc is one of the kinds whose bits are given.
Status open_fault(Thread& t, Value exc, int kinds, Fault& f) {
    if (is_instance_exact_or_sub(exc, PyExc_UnicodeEncodeError))
        f.kind = Fault::Encode;
    else if (is_instance_exact_or_sub(exc, PyExc_UnicodeDecodeError))
        f.kind = Fault::Decode;
    else if (is_instance_exact_or_sub(exc, PyExc_UnicodeTranslateError))
        f.kind = Fault::Translate;
    if (!(kinds >> f.kind & 1) || f.kind == Fault::None) return cannot_handle(t, exc);
    f.exc = exc.as<PyUnicodeErrorObject>();
    f.object = f.exc->object;
    bool bytes = f.kind == Fault::Decode;
    if (!f.object) return raise(t, PyExc_TypeError, "UnicodeError 'object' attribute is not set");
    if (bytes ? !is_bytes(f.object) : !is_str(f.object))
        return raise(t, PyExc_TypeError, "UnicodeError 'object' attribute must be a %s",
                     bytes ? "bytes" : "string");
    int64_t n = bytes ? bytes_size(f.object) : str_length(f.object);
    f.start = std::clamp<int64_t>(f.exc->start, 0, std::max<int64_t>(n - 1, 0));
    f.end = std::clamp<int64_t>(f.exc->end, std::min<int64_t>(1, n), n);
    if (f.end < f.start) f.end = f.start;
    return Status::ok();
}

constexpr int kE = 1 << Fault::Encode, kD = 1 << Fault::Decode, kT = 1 << Fault::Translate;

Ref strict_errors(Thread& t, Value, Value exc) {
    if (!is_exception(exc)) return raise(t, PyExc_TypeError, "codec must pass exception instance");
    return raise_object(t, exc);
}
Ref ignore_errors(Thread& t, Value, Value exc) {
    Fault f;
    TRY(open_fault(t, exc, kE | kD | kT, f));
    return f.result(t, Ref::steal(empty_str()));
}
Ref replace_errors(Thread& t, Value, Value exc) {
    Fault f;
    TRY(open_fault(t, exc, kE | kD | kT, f));
    StrBuilder out(t);
    TRY(out.repeat(f.kind == Fault::Encode ? '?' : 0xFFFD, f.kind == Fault::Decode ? 1 : f.end - f.start));
    return f.result(t, out.finish());
}
Ref xmlcharrefreplace_errors(Thread& t, Value, Value exc) {
    Fault f;
    TRY(open_fault(t, exc, kE, f));
    return f.result(t, char_refs(t, f.object, f.start, f.end));
}
Ref backslashreplace_errors(Thread& t, Value, Value exc) {
    Fault f;
    TRY(open_fault(t, exc, kE | kD | kT, f));
    if (f.kind != Fault::Decode) return f.result(t, backslashes(t, f.object, f.start, f.end));
    StrBuilder out(t);
    for (int64_t i = f.start; i < f.end; i++)
        TRY(put_hex(out, 'x', static_cast<uint8_t>(bytes_data(f.object)[i]), 2));
    return f.result(t, out.finish());
}
Ref namereplace_errors(Thread& t, Value, Value exc) {
    Fault f;
    TRY(open_fault(t, exc, kE, f));
    if (!character_names_ready(t))
        return raise(t, PyExc_ImportError, "PyCapsule_Import could not import module \"unicodedata\"");
    return f.result(t, char_names(t, f.object, f.start, f.end));
}
Ref surrogateescape_errors(Thread& t, Value, Value exc) {
    Fault f;
    TRY(open_fault(t, exc, kE | kD, f));
    if (f.kind == Fault::Encode) {
        if (escaped_bytes(f.object, f.start, f.end) < f.end - f.start) return raise_object(t, exc);
        return f.result(t, unescape_bytes(t, f.object, f.start, f.end - f.start));
    }
    StrBuilder out(t);
    int64_t i = f.start;
    for (; i < f.end && i < f.start + 4; i++) {
        auto c = static_cast<uint8_t>(bytes_data(f.object)[i]);
        if (c < 128) break;
        TRY(out.put(0xDC00u + c));
    }
    if (i == f.start) return raise_object(t, exc);
    return f.result(t, out.finish(), i);
}

// The unit size and order of a UTF the surrogatepass handler knows: bytes 1, 2, 4; 0: unknown.
struct UtfKind {
    int bytes = 0;
    bool big = false;
};
UtfKind utf_kind(std::string_view name) {
    std::string s;
    for (char c : name) s += c == '-' ? '_' : static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
    if (s == "cp65001" || s == "utf_8" || s == "utf8") return {1, false};
    if (!s.starts_with("utf")) return {};
    s.erase(0, s.starts_with("utf_") ? 4 : 3);
    UtfKind kind;
    if (s.starts_with("16"))
        kind.bytes = 2;
    else if (s.starts_with("32"))
        kind.bytes = 4;
    else
        return {};
    s.erase(0, 2);
    if (s.empty() || s == "_le" || s == "le") return kind;
    if (s != "_be" && s != "be") return {};
    kind.big = true;
    return kind;
}

void store_unit(char* p, uint32_t c, UtfKind kind) {
    if (kind.bytes == 1) {
        p[0] = static_cast<char>(0xE0 | c >> 12);
        p[1] = static_cast<char>(0x80 | (c >> 6 & 0x3F));
        p[2] = static_cast<char>(0x80 | (c & 0x3F));
        return;
    }
    for (int i = 0; i < kind.bytes; i++)
        p[kind.big ? kind.bytes - 1 - i : i] = static_cast<char>(c >> (8 * i));
}
uint32_t load_unit(const uint8_t* p, UtfKind kind) {
    if (kind.bytes == 1) {
        if ((p[0] & 0xF0) != 0xE0 || (p[1] & 0xC0) != 0x80 || (p[2] & 0xC0) != 0x80) return 0;
        return (p[0] & 0xFu) << 12 | (p[1] & 0x3Fu) << 6 | (p[2] & 0x3Fu);
    }
    uint32_t c = 0;
    for (int i = 0; i < kind.bytes; i++)
        c |= static_cast<uint32_t>(p[kind.big ? kind.bytes - 1 - i : i]) << (8 * i);
    return c;
}

Ref surrogatepass_errors(Thread& t, Value, Value exc) {
    Fault f;
    TRY(open_fault(t, exc, kE | kD, f));
    UtfKind kind;
    if (f.exc->encoding && is_str(f.exc->encoding)) kind = utf_kind(str_utf8_or(f.exc->encoding, ""));
    if (kind.bytes == 0) return raise_object(t, exc);
    int64_t width = kind.bytes == 1 ? 3 : kind.bytes;
    if (f.kind == Fault::Encode) {
        int64_t n = f.end - f.start;
        Ref bytes = TRY(bytes_new(t, n * width));
        for (int64_t i = 0; i < n; i++) {
            uint32_t c = str_char(f.object, f.start + i);
            if (!is_surrogate(c)) return raise_object(t, exc);
            store_unit(bytes_data(bytes) + i * width, c, kind);
        }
        return f.result(t, std::move(bytes));
    }
    auto* p = reinterpret_cast<const uint8_t*>(bytes_data(f.object)) + f.start;
    uint32_t c = bytes_size(f.object) - f.start >= width ? load_unit(p, kind) : 0;
    if (!is_surrogate(c)) return raise_object(t, exc);
    return f.result(t, str_from_char(t, c), f.start + width);
}

}  // namespace

// Names and callables, for the registry.
const BuiltinErrorHandler kBuiltinErrorHandlers[] = {
    {"strict", def<strict_errors>("strict_errors", "($self, object, /)", "Raises the exception.")},
    {"ignore", def<ignore_errors>("ignore_errors", "($self, object, /)", "Leaves out what is wrong.")},
    {"replace", def<replace_errors>("replace_errors", "($self, object, /)", "Puts a replacement mark.")},
    {"xmlcharrefreplace", def<xmlcharrefreplace_errors>("xmlcharrefreplace_errors", "($self, object, /)",
                                                        "Puts XML character references.")},
    {"backslashreplace",
     def<backslashreplace_errors>("backslashreplace_errors", "($self, object, /)", "Puts escape sequences.")},
    {"namereplace",
     def<namereplace_errors>("namereplace_errors", "($self, object, /)", "Puts \\N{...} escapes.")},
    {"surrogatepass",
     def<surrogatepass_errors>("surrogatepass", "", "Lets surrogates through.", kMethNoSignature)},
    {"surrogateescape",
     def<surrogateescape_errors>("surrogateescape", "", "Lets undecodable bytes through as surrogates.",
                                 kMethNoSignature)},
    {nullptr, {}},
};

}  // namespace krait
