// The module binascii: bytes as hexadecimal, base64, quoted-printable and uuencoded text; checksums.
#include <zlib.h>

#include <algorithm>
#include <cstring>

#include "builtins/bytes_internal.h"
#include "builtins/callable.h"
#include "builtins/dict.h"
#include "builtins/tuple.h"
#include "object/per_interpreter.h"

namespace krait {

namespace {

PER_INTERPRETER_REFS Value g_error;  // binascii.Error, owned

Raised fail(Thread& t, const char* message) { return raise(t, g_error.as<PyTypeObject>(), "%s", message); }

// What the a2b functions take: ASCII text or a buffer.
class AsciiInput {
  public:
    Status acquire(Thread& t, Value v) {
        if (is_str(v)) {
            if (!str_is_ascii(v))
                return raise(t, PyExc_ValueError, "string argument should contain only ASCII characters");
            data_ = static_cast<const uint8_t*>(str_data(v));
            size_ = str_length(v);
            return Status::ok();
        }
        if (!buffer_.acquire(t, v)) {
            if (!clear_if(t, PyExc_TypeError)) return {};
            return raise(t, PyExc_TypeError, "argument should be bytes, buffer or ASCII string, not '%T'", v);
        }
        data_ = reinterpret_cast<const uint8_t*>(buffer_.data());
        size_ = buffer_.size();
        return Status::ok();
    }
    const uint8_t* data() const { return data_; }
    int64_t size() const { return size_; }

  private:
    Buffer buffer_;
    const uint8_t* data_ = nullptr;
    int64_t size_ = 0;
};

int hex_value(uint8_t c) {
    if (c >= '0' && c <= '9') return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

Result<bool> flag(Thread& t, Value v, bool default_value) {
    if (!v) return default_value;
    return is_true(t, v);
}

// --- hexadecimal ---

Ref b2a_hex(Thread& t, Value, const Value* p) {
    Buffer in;
    TRY(in.acquire(t, p[0]));
    Ref text = TRY(bytes_hex(t, in.data(), in.size(), p[1], p[2]));
    return bytes_from(t, str_data(text), static_cast<size_t>(str_length(text)));
}

Ref a2b_hex(Thread& t, Value, Value v) {
    AsciiInput in;
    TRY(in.acquire(t, v));
    if (in.size() % 2) return fail(t, "Odd-length string");
    BytesBuilder out(t, in.size() / 2);
    for (int64_t i = 0; i < in.size(); i += 2) {
        int high = hex_value(in.data()[i]), low = hex_value(in.data()[i + 1]);
        if (high < 0 || low < 0) return fail(t, "Non-hexadecimal digit found");
        TRY(out.put(static_cast<char>(high << 4 | low)));
    }
    return out.finish();
}

// --- base64 ---

constexpr char kAlphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

struct Reverse {
    int8_t value[256];
    constexpr Reverse() : value{} {
        for (auto& v : value) v = -1;
        for (int i = 0; i < 64; i++) value[static_cast<uint8_t>(kAlphabet[i])] = static_cast<int8_t>(i);
    }
};
constexpr Reverse kReverse;

Ref b2a_base64(Thread& t, Value, const Value* p) {
    bool newline = TRY(flag(t, p[1], true));
    Buffer in;
    TRY(in.acquire(t, p[0]));
    int64_t n = in.size();
    if (n > INT64_MAX / 2 - 3) return fail(t, "Too much data for base64 line");
    Ref r = TRY(bytes_new(t, (n + 2) / 3 * 4 + newline));
    auto* from = reinterpret_cast<const uint8_t*>(in.data());
    char* to = bytes_data(r);
    int64_t i = 0;
    for (; i + 3 <= n; i += 3) {
        uint32_t w =
            static_cast<uint32_t>(from[i]) << 16 | static_cast<uint32_t>(from[i + 1]) << 8 | from[i + 2];
        *to++ = kAlphabet[w >> 18];
        *to++ = kAlphabet[w >> 12 & 63];
        *to++ = kAlphabet[w >> 6 & 63];
        *to++ = kAlphabet[w & 63];
    }
    if (i < n) {
        uint32_t w =
            static_cast<uint32_t>(from[i]) << 16 | (i + 1 < n ? static_cast<uint32_t>(from[i + 1]) << 8 : 0);
        *to++ = kAlphabet[w >> 18];
        *to++ = kAlphabet[w >> 12 & 63];
        *to++ = i + 1 < n ? kAlphabet[w >> 6 & 63] : '=';
        *to++ = '=';
    }
    if (newline) *to++ = '\n';
    return r;
}

// Reads base64, keeping to the letter of the format when strict.
class Base64Reader {
  public:
    Base64Reader(Thread& t, bool strict, BytesBuilder& out) : t_(t), strict_(strict), out_(out) {}

    Status run(const uint8_t* p, int64_t n) {
        if (strict_ && n > 0 && p[0] == '=') return fail(t_, "Leading padding not allowed");
        int64_t i = 0;
        while (i < n) {
            if (quad_ == 0 && pads_ == 0) i = whole_quads(p, i, n);
            if (i == n) break;
            TRY(one(p[i++]));
        }
        return finish();
    }

  private:
    // The plain case: four characters of the alphabet at a time.
    int64_t whole_quads(const uint8_t* p, int64_t i, int64_t n) {
        for (; i + 4 <= n; i += 4) {
            int32_t a = kReverse.value[p[i]], b = kReverse.value[p[i + 1]], c = kReverse.value[p[i + 2]],
                    d = kReverse.value[p[i + 3]];
            if ((a | b | c | d) < 0) break;
            char* to = out_.extend(3);
            if (!to) break;
            int32_t w = a << 18 | b << 12 | c << 6 | d;
            to[0] = static_cast<char>(w >> 16);
            to[1] = static_cast<char>(w >> 8);
            to[2] = static_cast<char>(w);
        }
        return i;
    }

    Status one(uint8_t c) {
        if (c == '=') {
            pads_++;
            if (strict_ && (quad_ == 0 || quad_ + pads_ > 4)) return fail(t_, "Excess padding not allowed");
            return Status::ok();
        }
        int value = kReverse.value[c];
        if (value < 0) return strict_ ? Status(fail(t_, "Only base64 data is allowed")) : Status::ok();
        if (strict_ && pads_)
            return fail(
                t_, quad_ + pads_ == 4 ? "Excess data after padding" : "Discontinuous padding not allowed");
        pads_ = 0;
        auto u = static_cast<uint8_t>(value);
        switch (quad_) {
            case 0:
                quad_ = 1;
                left_ = u;
                return Status::ok();
            case 1:
                quad_ = 2;
                TRY(out_.put(static_cast<char>(left_ << 2 | u >> 4)));
                left_ = u & 15;
                return Status::ok();
            case 2:
                quad_ = 3;
                TRY(out_.put(static_cast<char>(left_ << 4 | u >> 2)));
                left_ = u & 3;
                return Status::ok();
            default:
                quad_ = 0;
                TRY(out_.put(static_cast<char>(left_ << 6 | u)));
                left_ = 0;
                return Status::ok();
        }
    }

    Status finish() {
        if (quad_ == 1)
            return raise(
                t_, g_error.as<PyTypeObject>(),
                "Invalid base64-encoded string: number of data characters (%zd) cannot be 1 more than a "
                "multiple of 4",
                out_.size() / 3 * 4 + 1);
        if (quad_ && quad_ + pads_ < 4) return fail(t_, "Incorrect padding");
        return Status::ok();
    }

    Thread& t_;
    bool strict_;
    BytesBuilder& out_;
    int64_t quad_ = 0, pads_ = 0;
    uint32_t left_ = 0;
};

Ref a2b_base64(Thread& t, Value, const Value* p) {
    bool strict = TRY(flag(t, p[1], false));
    AsciiInput in;
    TRY(in.acquire(t, p[0]));
    BytesBuilder out(t, in.size() / 4 * 3 + 3);
    TRY(Base64Reader(t, strict, out).run(in.data(), in.size()));
    return out.finish();
}

// --- uuencode ---

Ref a2b_uu(Thread& t, Value, Value v) {
    AsciiInput in;
    TRY(in.acquire(t, v));
    if (in.size() == 0) return fail(t, "Missing length byte");
    const uint8_t *p = in.data(), *end = p + in.size();
    int64_t length = (*p++ - ' ') & 077;
    BytesBuilder out(t, length);
    uint32_t word = 0;
    for (int bits = 0; out.size() < length;) {
        uint32_t c = 0;
        if (p < end) {
            c = *p++;
            if (c == '\n' || c == '\r')
                c = 0;
            else if (c < ' ' || c > ' ' + 64)
                return fail(t, "Illegal char");
            else
                c = (c - ' ') & 077;
        }
        word = word << 6 | c;
        bits += 6;
        if (bits < 8) continue;
        bits -= 8;
        TRY(out.put(static_cast<char>(word >> bits)));
        word &= (1u << bits) - 1;
    }
    for (; p < end; p++)
        if (*p != ' ' && *p != ' ' + 64 && *p != '\n' && *p != '\r') return fail(t, "Trailing garbage");
    return out.finish();
}

Ref b2a_uu(Thread& t, Value, const Value* p) {
    bool backtick = TRY(flag(t, p[1], false));
    Buffer in;
    TRY(in.acquire(t, p[0]));
    int64_t n = in.size();
    if (n > 45) return fail(t, "At most 45 bytes at once");
    auto* from = reinterpret_cast<const uint8_t*>(in.data());
    auto shown = [&](uint32_t c) { return static_cast<char>(backtick && c == 0 ? '`' : c + ' '); };
    BytesBuilder out(t, 2 + (n + 2) / 3 * 4);
    TRY(out.put(shown(static_cast<uint32_t>(n))));
    for (int64_t i = 0; i < n; i += 3) {
        uint32_t w = static_cast<uint32_t>(from[i]) << 16;
        if (i + 1 < n) w |= static_cast<uint32_t>(from[i + 1]) << 8;
        if (i + 2 < n) w |= from[i + 2];
        for (int shift = 18; shift >= 0; shift -= 6) TRY(out.put(shown(w >> shift & 63)));
    }
    TRY(out.put('\n'));
    return out.finish();
}

// --- quoted-printable ---

Ref a2b_qp(Thread& t, Value, const Value* p) {
    bool header = TRY(flag(t, p[1], false));
    AsciiInput in;
    TRY(in.acquire(t, p[0]));
    const uint8_t* s = in.data();
    int64_t n = in.size();
    BytesBuilder out(t, n);
    for (int64_t i = 0; i < n;) {
        uint8_t c = s[i++];
        if (c == '_' && header) {
            TRY(out.put(' '));
            continue;
        }
        if (c != '=') {
            TRY(out.put(static_cast<char>(c)));
            continue;
        }
        if (i >= n) break;
        if (s[i] == '\n' || s[i] == '\r') {  // soft line break
            while (i < n && s[i] != '\n') i++;
            if (i < n) i++;
        } else if (s[i] == '=') {
            TRY(out.put('='));
            i++;
        } else if (i + 1 < n && hex_value(s[i]) >= 0 && hex_value(s[i + 1]) >= 0) {
            TRY(out.put(static_cast<char>(hex_value(s[i]) << 4 | hex_value(s[i + 1]))));
            i += 2;
        } else {
            TRY(out.put('='));
        }
    }
    return out.finish();
}

class QuotedPrintable {
  public:
    QuotedPrintable(Thread& t, const uint8_t* s, int64_t n, bool quote_tabs, bool text, bool header)
        : s_(s), n_(n), quote_tabs_(quote_tabs), text_(text), header_(header), out_(t, n + n / 8) {
        auto* newline =
            n ? static_cast<const uint8_t*>(std::memchr(s, '\n', static_cast<size_t>(n))) : nullptr;
        crlf_ = newline && newline > s && newline[-1] == '\r';
    }

    Ref run() {
        for (int64_t i = 0; i < n_;) {
            uint8_t c = s_[i];
            if (must_quote(i)) {
                if (line_ + 3 >= kLine) TRY(soft_break());
                TRY(quoted(c));
                line_ += 3;
                i++;
            } else if (text_ && (c == '\n' || (c == '\r' && i + 1 < n_ && s_[i + 1] == '\n'))) {
                line_ = 0;
                TRY(line_end());
                i += c == '\r' ? 2 : 1;
            } else {
                if (i + 1 != n_ && s_[i + 1] != '\n' && line_ + 1 >= kLine) TRY(soft_break());
                line_++;
                TRY(out_.put(header_ && c == ' ' ? '_' : static_cast<char>(c)));
                i++;
            }
        }
        return out_.finish();
    }

  private:
    static constexpr int kLine = 76;

    bool must_quote(int64_t i) const {
        uint8_t c = s_[i];
        bool last = i + 1 == n_;
        if (c > 126 || c == '=' || (header_ && c == '_')) return true;
        if (c == '.' && line_ == 0 && (last || s_[i + 1] == '\n' || s_[i + 1] == '\r' || s_[i + 1] == 0))
            return true;
        if (c == '\r' || c == '\n') return !text_;
        if ((c == '\t' || c == ' ') && last) return true;
        return c < 33 && (quote_tabs_ || (c != '\t' && c != ' '));
    }
    Status newline() {
        if (crlf_) TRY(out_.put('\r'));
        return out_.put('\n');
    }
    Status soft_break() {
        line_ = 0;
        TRY(out_.put('='));
        return newline();
    }
    Status quoted(uint8_t c) {
        constexpr char kHex[] = "0123456789ABCDEF";
        char text[3] = {'=', kHex[c >> 4], kHex[c & 15]};
        return out_.append(text, 3);
    }
    // Whitespace at the end of a line would get lost.
    Status line_end() {
        if (out_.size() > 0) {
            char c = out_.data()[out_.size() - 1];
            if (c == ' ' || c == '\t') {
                out_.truncate(out_.size() - 1);
                TRY(quoted(static_cast<uint8_t>(c)));
            }
        }
        return newline();
    }

    const uint8_t* s_;
    int64_t n_;
    bool quote_tabs_, text_, header_, crlf_;
    int line_ = 0;
    BytesBuilder out_;
};

Ref b2a_qp(Thread& t, Value, const Value* p) {
    bool quote_tabs = TRY(flag(t, p[1], false)), text = TRY(flag(t, p[2], true)),
         header = TRY(flag(t, p[3], false));
    Buffer in;
    TRY(in.acquire(t, p[0]));
    return QuotedPrintable(t, reinterpret_cast<const uint8_t*>(in.data()), in.size(), quote_tabs, text,
                           header)
        .run();
}

// --- checksums ---

// An int argument taken modulo 2**32, as the converters without overflow checks do.
Result<uint32_t> wrapping_arg(Thread& t, Value v) {
    Ref i = TRY(index(t, v));
    return static_cast<uint32_t>(int_to_u64_wrapping(i));
}

Ref m_crc32(Thread& t, Value, const Value* args, size_t nargs) {
    Buffer in;
    TRY(in.acquire(t, args[0]));
    uLong crc = nargs > 1 ? TRY(wrapping_arg(t, args[1])) : 0;
    crc = crc32_z(crc, reinterpret_cast<const Bytef*>(in.data()), static_cast<z_size_t>(in.size()));
    return Ref::from_int(static_cast<int64_t>(crc & 0xffffffff));
}

Ref m_crc_hqx(Thread& t, Value, const Value* args, size_t) {
    Buffer in;
    TRY(in.acquire(t, args[0]));
    uint32_t crc = TRY(wrapping_arg(t, args[1])) & 0xffff;
    for (int64_t i = 0; i < in.size(); i++) {
        crc ^= static_cast<uint32_t>(static_cast<uint8_t>(in.data()[i])) << 8;
        for (int bit = 0; bit < 8; bit++) crc = (crc << 1 ^ (crc & 0x8000 ? 0x1021 : 0)) & 0xffff;
    }
    return Ref::from_int(crc);
}

const NativeDef functions[] = {
    def<a2b_uu>("a2b_uu", "(data, /)", "Decode a line of uuencoded data."),
    def<b2a_uu>("b2a_uu", "(data, /, *, backtick=False)", "Uuencode a line of data."),
    def<a2b_base64>("a2b_base64", "(data, /, *, strict_mode=False)", "Decode base64."),
    def<b2a_base64>("b2a_base64", "(data, /, *, newline=True)", "Encode as base64 in one line."),
    def<a2b_hex>("a2b_hex", "(hexstr, /)", "The bytes of hexadecimal digits."),
    def<b2a_hex>("b2a_hex", "(data, sep=<unrepresentable>, bytes_per_sep=1)", "Data as hexadecimal digits."),
    def<b2a_hex>("hexlify", "(data, sep=<unrepresentable>, bytes_per_sep=1)", "Data as hexadecimal digits."),
    def<a2b_hex>("unhexlify", "(hexstr, /)", "The bytes of hexadecimal digits."),
    def<m_crc_hqx>("crc_hqx", "(data, crc, /)", "CRC-CCITT, going on from crc."),
    def<m_crc32>("crc32", "(data, crc=0, /)", "CRC-32, going on from crc."),
    def<a2b_qp>("a2b_qp", "(data, header=False)", "Decode quoted-printable data."),
    def<b2a_qp>("b2a_qp", "(data, quotetabs=False, istext=True, header=False)",
                "Encode as quoted-printable data."),
    {},
};

Ref exception(Thread& t, const char* name_text, PyTypeObject* base) {
    Ref ns = TRY(dict_new(t)), module = TRY(str_from(t, "binascii")), name = TRY(str_from(t, name_text));
    TRY(dict_set_str(t, ns, "__module__", module));
    Ref bases = TRY(tuple_of(t, {Value(base)}));
    return new_class(t, name, bases, ns);
}

Status exec(Thread& t, Value module) {
    if (!g_error) g_error = TRY(exception(t, "Error", PyExc_ValueError)).release();
    TRY(module_add(t, module, "Error", Ref::share(g_error)));
    return module_add(t, module, "Incomplete", exception(t, "Incomplete", PyExc_Exception));
}

}  // namespace

extern const ModuleSpec module_binascii = {"binascii", "Conversion between binary data and ASCII", functions,
                                           exec};

}  // namespace krait
