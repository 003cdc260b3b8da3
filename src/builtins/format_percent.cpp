// The % operator of str and bytes.
#include "builtins/format_percent.h"

#include "builtins/bytes_internal.h"
#include "object/names.h"

namespace krait {

namespace {

Raised unsupported(Thread& t, uint32_t c, int64_t place) {
    return raise(t, PyExc_ValueError, "unsupported format character '%c' (0x%x) at index %zd",
                 c > 31 && c < 128 ? static_cast<int>(c) : '?', c, place);
}

// --- str ---

struct StrTarget {
    static constexpr const char* kWhat = "string";
    static constexpr const char* kPrecisionTooBig = "precision too big";
    Thread& t;
    Value format;
    StrBuilder out;

    int64_t size() const { return str_length(format); }
    uint32_t at(int64_t i) const { return str_char(format, i); }
    Status literal(int64_t start, int64_t stop) { return out.append(format, start, stop); }
    Ref key(int64_t start, int64_t stop) { return str_substring(t, format, start, stop); }
    bool takes_mapping(Value args) const { return !is_str(args); }

    Status put_padded(const PercentSpec& s, Value text) {
        int64_t n = str_length(text);
        if (s.precision >= 0 && s.precision < n && s.type != 'c') n = s.precision;
        int64_t room = s.width > n ? s.width - n : 0;
        if (!s.left) TRY(out.repeat(' ', room));
        TRY(out.append(text, 0, n));
        if (s.left) TRY(out.repeat(' ', room));
        return Status::ok();
    }

    Ref character(Value v) {
        if (is_str(v)) {
            if (str_length(v) == 1) return Ref::share(v);
            return raise(t, PyExc_TypeError,
                         "%%c requires an int or a unicode character, not a string of length %zd",
                         str_length(v));
        }
        if (!is_long(v) && !is_index(v))
            return raise(t, PyExc_TypeError, "%%c requires an int or a unicode character, not %#T", v);
        Ref i = TRY(index(t, v));
        int64_t c;
        if (!int_to_i64(i, &c) || c < 0 || c > 0x10FFFF)
            return raise(t, PyExc_OverflowError, "%%c arg not in range(0x110000)");
        return str_from_char(t, static_cast<uint32_t>(c));
    }

    Status directive(const PercentSpec& s, Value v, int64_t place) {
        switch (s.type) {
            case 's': {
                if (is_str_exact(v) && s.width < 0 && s.precision < 0) return out.append(v);
                Ref text = TRY(str(t, v));
                return put_padded(s, text);
            }
            case 'r': {
                Ref text = TRY(repr(t, v));
                return put_padded(s, text);
            }
            case 'a': {
                Ref text = TRY(ascii(t, v));
                return put_padded(s, text);
            }
            case 'c': {
                Ref text = TRY(character(v));
                return put_padded(s, text);
            }
            default:
                break;
        }
        if (!is_percent_number(s.type)) return unsupported(t, s.type, place);
        Ref text = TRY(percent_number(t, s, v));
        return out.append(text);
    }
};

// --- bytes ---

struct BytesTarget {
    static constexpr const char* kWhat = "bytes";
    static constexpr const char* kPrecisionTooBig = "prec too big";
    Thread& t;
    ByteSpan format;
    BytesBuilder out;

    int64_t size() const { return format.size; }
    uint32_t at(int64_t i) const { return format.data[i]; }
    Status literal(int64_t start, int64_t stop) {
        return out.append(format.data + start, static_cast<size_t>(stop - start));
    }
    Ref key(int64_t start, int64_t stop) {
        return bytes_from(t, format.data + start, static_cast<size_t>(stop - start));
    }
    bool takes_mapping(Value args) const { return !is_bytes(args) && !is_str(args) && !is_bytearray(args); }

    Status put_padded(const PercentSpec& s, std::string_view text) {
        auto n = static_cast<int64_t>(text.size());
        if (s.precision >= 0 && s.precision < n && s.type != 'c') n = s.precision;
        int64_t room = s.width > n ? s.width - n : 0;
        if (!s.left) TRY(out.repeat(' ', room));
        TRY(out.append(text.data(), static_cast<size_t>(n)));
        if (s.left) TRY(out.repeat(' ', room));
        return Status::ok();
    }

    Result<char> character(Value v) {
        if ((is_bytes(v) || is_bytearray(v))) {
            if (span_of(v).size == 1) return static_cast<char>(span_of(v).data[0]);
            return raise(
                t, PyExc_TypeError,
                "%%c requires an integer in range(256) or a single byte, not a %s object of length %zd",
                is_bytes(v) ? "bytes" : "bytearray", span_of(v).size);
        }
        if (!is_long(v) && !is_index(v))
            return raise(t, PyExc_TypeError,
                         "%%c requires an integer in range(256) or a single byte, not %#T", v);
        Ref i = TRY(index(t, v));
        int64_t c;
        if (!int_to_i64(i, &c) || c < 0 || c > 255)
            return raise(t, PyExc_OverflowError, "%%c arg not in range(256)");
        return static_cast<char>(c);
    }

    Status put_bytes(const PercentSpec& s, Value v) {
        if (is_bytes(v)) return put_padded(s, bytes_view(v));
        if (Ref method = v.is_immediate() ? Ref() : TRY(lookup_special(t, v, ID(__bytes__)))) {
            Ref made = TRY(call(t, method));
            if (!is_bytes(made))
                return raise(t, PyExc_TypeError, "__bytes__ returned non-bytes (type %T)", made.get());
            return put_padded(s, bytes_view(made));
        }
        if (!has_buffer(v))
            return raise(t, PyExc_TypeError,
                         "%%b requires a bytes-like object, or an object that implements __bytes__, not '%T'",
                         v);
        Buffer b;
        TRY(b.acquire(t, v));
        return put_padded(s, {b.data(), static_cast<size_t>(b.size())});
    }

    Status directive(const PercentSpec& s, Value v, int64_t place) {
        switch (s.type) {
            case 's':
            case 'b':
                return put_bytes(s, v);
            case 'r':
            case 'a': {
                Ref text = TRY(ascii(t, v));
                return put_padded(
                    s, {static_cast<const char*>(str_data(text)), static_cast<size_t>(str_length(text))});
            }
            case 'c': {
                char c = TRY(character(v));
                return put_padded(s, {&c, 1});
            }
            default:
                break;
        }
        if (!is_percent_number(s.type)) return unsupported(t, s.type, place);
        Ref text = TRY(percent_number(t, s, v));
        return out.append(str_data(text), static_cast<size_t>(str_length(text)));
    }
};

}  // namespace

Ref str_format_percent(Thread& t, Value format, Value args) {
    StrTarget target{t, format, StrBuilder(t, str_length(format) + 16)};
    TRY((PercentRun<StrTarget>(t, target, args).run()));
    return target.out.finish();
}

Ref bytes_format(Thread& t, ByteSpan format, Value args) {
    BytesTarget target{t, format, BytesBuilder(t, format.size + 16)};
    TRY((PercentRun<BytesTarget>(t, target, args).run()));
    return target.out.finish();
}

}  // namespace krait
