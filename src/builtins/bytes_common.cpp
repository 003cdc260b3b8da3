// Construction, text form, comparison and hexadecimal form of bytes and bytearray.
#include <algorithm>
#include <array>

#include "builtins/bytes_internal.h"
#include "builtins/codec.h"
#include "builtins/list.h"
#include "builtins/sequence.h"
#include "builtins/slice.h"
#include "builtins/text_search.h"
#include "object/names.h"
#include "runtime/config.h"

namespace krait {

int bytes_warning_level() { return g_runtime.config ? g_runtime.config->bytes_warning : 0; }

Status warn_bytes(Thread& t, const char* message) {
    if (!bytes_warning_level()) return Status::ok();
    return warn(t, PyExc_BytesWarning, 1, "%s", message);
}

// --- construction ---

namespace {

Status put_item(Thread& t, BytesBuilder& out, Value item, const char* what) {
    int64_t n;
    if (item.is_int()) {
        n = item.as_int();
    } else {
        Ref i = TRY(index(t, item));
        if (!int_to_i64(i, &n)) n = -1;
    }
    if (n < 0 || n > 255) return raise(t, PyExc_ValueError, "%s must be in range(0, 256)", what);
    return out.put(static_cast<char>(n));
}

// Items that are bytes already, all of them. False: nothing was put.
bool put_plain_bytes(BytesBuilder& out, Items items) {
    uint64_t all = 0;
    // A word is twice its number and one.
    for (int64_t i = 0; i < items.size; i++) all |= items.data[i].bits ^ 1;
    if (all & ~uint64_t{2 * 255}) return false;
    char* to = out.extend(items.size);
    if (!to) {
        clear_error(current_thread());
        return false;
    }
    for (int64_t i = 0; i < items.size; i++) to[i] = static_cast<char>(items.data[i].bits >> 1);
    return true;
}

// Copies a buffer of any number of dimensions in C order.
char* copy_strided(const Py_buffer& view, int dimension, const char* from, char* to) {
    if (dimension == view.ndim) {
        std::memcpy(to, from, static_cast<size_t>(view.itemsize));
        return to + view.itemsize;
    }
    for (int64_t i = 0; i < view.shape[dimension]; i++) {
        const char* at = from + i * view.strides[dimension];
        if (view.suboffsets && view.suboffsets[dimension] >= 0)
            at = *reinterpret_cast<const char* const*>(at) + view.suboffsets[dimension];
        to = copy_strided(view, dimension + 1, at, to);
    }
    return to;
}

bool is_c_contiguous(const Py_buffer& view) {
    if (view.suboffsets) return false;
    if (!view.strides || view.len == 0) return true;
    int64_t step = view.itemsize;
    for (int i = view.ndim - 1; i >= 0; i--) {
        if (view.shape[i] > 1 && view.strides[i] != step) return false;
        step *= view.shape[i];
    }
    return true;
}

Status put_buffer(Thread& t, BytesBuilder& out, Value source) {
    Buffer b;
    TRY(b.acquire(t, source, kBufFullRo));
    const Py_buffer& view = b.view();
    if (is_c_contiguous(view)) return out.append(b.data(), static_cast<size_t>(b.size()));
    char* to = out.extend(view.len);
    if (!to) return {};
    copy_strided(view, 0, b.data(), to);
    return Status::ok();
}

}  // namespace

Status bytes_put_iterable(Thread& t, BytesBuilder& out, Value iterable, const char* what) {
    if (is_list_exact(iterable) || is_tuple_exact(iterable)) {
        if (put_plain_bytes(out, items_of(iterable))) return Status::ok();
        // __index__ may change a list: read its size and item anew each time.
        for (int64_t i = 0; i < items_of(iterable).size; i++) {
            Value item = items_of(iterable).data[i];
            if (item.is_int()) {
                TRY(put_item(t, out, item, what));
                continue;
            }
            Ref keep = Ref::share(item);
            TRY(put_item(t, out, keep, what));
        }
        return Status::ok();
    }
    Ref it = TRY(iter(t, iterable));
    int64_t hint = TRY(length_hint(t, iterable, 64));
    TRY(out.reserve(std::min<int64_t>(hint, 1 << 20)));
    for (;;) {
        Ref item = iter_next(t, it);
        if (!item) break;
        TRY(put_item(t, out, item, what));
    }
    return occurred(t) ? Status::fail() : Status::ok();
}

Status bytes_put_source(Thread& t, BytesBuilder& out, Value source, const char* type) {
    bool bytearray = *type == 'b' && std::string_view(type) == "bytearray";
    if (source.is_int() || is_index(source)) {
        Result<int64_t> count = as_index(t, source, PyExc_OverflowError);
        if (count) {
            if (count.value() < 0) return raise(t, PyExc_ValueError, "negative count");
            return out.repeat(0, count.value());
        }
        if (!clear_if(t, PyExc_TypeError)) return {};
    }
    if (has_buffer(source)) return put_buffer(t, out, source);
    if (is_str(source))
        return raise(
            t, PyExc_TypeError,
            bytearray ? "string argument without an encoding" : "cannot convert '%T' object to bytes",
            source);
    if (!is_list(source) && !is_tuple(source) && !ext(type_of(source))->slots.iter &&
        !ext(type_of(source))->slots.sq_item)
        return raise(t, PyExc_TypeError, "cannot convert '%T' object to %s", source, type);
    return bytes_put_iterable(t, out, source, bytearray ? "byte" : "bytes");
}

Result<bool> bytes_from_text(Thread& t, const char* type, Value source, Value encoding, Value errors,
                             Ref& out) {
    const char* enc = TRY(c_string_arg(t, type, "encoding", encoding));
    const char* err = TRY(c_string_arg(t, type, "errors", errors));
    if (source && is_str(source)) {
        if (!enc) {
            if (!err && std::string_view(type) == "bytes") return false;  // may have __bytes__
            return raise(t, PyExc_TypeError, "string argument without an encoding");
        }
        out = TRY(str_encode(t, source, enc, err));
        return true;
    }
    if (enc) return raise(t, PyExc_TypeError, "encoding without a string argument");
    if (err) return raise(t, PyExc_TypeError, "errors without a string argument");
    return false;
}

Ref bytes_from_object(Thread& t, Value v) {
    if (has_type(v, &PyBytes_Type)) return Ref::share(v);
    if (is_str(v) || (!has_buffer(v) && is_index(v) && !ext(type_of(v))->slots.iter))
        return raise(t, PyExc_TypeError, "cannot convert '%T' object to bytes", v);
    BytesBuilder out(t);
    if (has_buffer(v))
        TRY(put_buffer(t, out, v));
    else if (!is_list(v) && !is_tuple(v) && !ext(type_of(v))->slots.iter && !ext(type_of(v))->slots.sq_item)
        return raise(t, PyExc_TypeError, "cannot convert '%T' object to bytes", v);
    else
        TRY(bytes_put_iterable(t, out, v, "bytes"));
    return out.finish();
}

// --- text form ---

Ref bytes_repr_text(Thread& t, ByteSpan s, bool bytearray, bool smart_quotes) {
    bool single = memchr(s.data, '\'', static_cast<size_t>(s.size)) != nullptr;
    bool twice = memchr(s.data, '"', static_cast<size_t>(s.size)) != nullptr;
    char quote = smart_quotes && single && !twice ? '"' : '\'';
    constexpr char kHex[] = "0123456789abcdef";
    StrBuilder out(t, s.size + 3);
    TRY(out.put('b'));
    TRY(out.put(static_cast<uint32_t>(quote)));
    for (int64_t i = 0; i < s.size; i++) {
        uint8_t c = s.data[i];
        if (c == quote || c == '\\' || (bytearray && c == '\'')) {
            TRY(out.put('\\'));
            TRY(out.put(c));
        } else if (c >= 32 && c < 127) {
            TRY(out.put(c));
        } else if (c == '\t' || c == '\n' || c == '\r') {
            TRY(out.put('\\'));
            TRY(out.put(c == '\t' ? 't' : c == '\n' ? 'n' : 'r'));
        } else {
            char text[4] = {'\\', 'x', kHex[c >> 4], kHex[c & 15]};
            TRY(out.ascii(text, 4));
        }
    }
    TRY(out.put(static_cast<uint32_t>(quote)));
    return out.finish();
}

// --- comparison, slices, repetition ---

Ref bytes_compare(Thread& t, Value a, Value b, CompareOp op) {
    if (!has_buffer(a) || !has_buffer(b)) {
        if ((op == kEq || op == kNe) && bytes_warning_level()) {
            if (is_str(a) || is_str(b)) TRY(warn_bytes(t, "Comparison between bytearray and string"));
        }
        return not_implemented_ref();
    }
    Buffer x, y;
    for (auto [buffer, v] : {std::pair{&x, a}, std::pair{&y, b}}) {
        if (buffer->acquire(t, v)) continue;
        clear_error(t);
        return not_implemented_ref();
    }
    auto n = static_cast<size_t>(std::min(x.size(), y.size()));
    if ((op == kEq || op == kNe) && x.size() != y.size()) return bool_ref(op == kNe);
    int c = n ? std::memcmp(x.data(), y.data(), n) : 0;
    if (c == 0) c = x.size() < y.size() ? -1 : x.size() > y.size();
    bool answers[] = {c < 0, c <= 0, c == 0, c != 0, c > 0, c >= 0};
    return bool_ref(answers[op]);
}

Ref bytes_slice(Thread& t, Value self, Value slice) {
    int64_t start, stop, step;
    TRY(slice_unpack(t, slice, &start, &stop, &step));
    ByteSpan s = span_of(self);
    int64_t n = slice_adjust(s.size, &start, &stop, step);
    if (n <= 0) return bytes_like(t, self, nullptr, 0);
    if (step == 1 && n == s.size) return bytes_same(t, self);
    if (step == 1) return bytes_like(t, self, s.data + start, n);
    BytesBuilder out(t);
    char* to = out.extend(n);
    if (!to) return {};
    for (int64_t i = 0, at = start; i < n; i++, at += step) to[i] = static_cast<char>(s.data[at]);
    return bytes_like(t, self, out.data(), n);
}

Ref bytes_repeat_new(Thread& t, Value self, int64_t count) {
    ByteSpan s = span_of(self);
    int64_t total;
    if (count < 0) count = 0;
    if (__builtin_mul_overflow(s.size, count, &total))
        return raise(t, PyExc_OverflowError, "repeated bytes are too long");
    if (total <= 1) return bytes_from(t, s.data, static_cast<size_t>(total));
    Ref r = TRY(bytes_new(t, total));
    char* to = bytes_data(r);
    if (s.size == 1) {
        std::memset(to, s.data[0], static_cast<size_t>(total));
        return r;
    }
    std::memcpy(to, s.data, static_cast<size_t>(s.size));
    for (int64_t done = s.size; done < total;) {
        int64_t more = std::min(done, total - done);
        std::memcpy(to + done, to, static_cast<size_t>(more));
        done += more;
    }
    return r;
}

Result<bool> bytes_contains(Thread& t, Value self, Value item) {
    SizeLock lock(self);
    if (item.is_int() || (is_index(item) && !has_buffer(item))) {
        if (Ref number = krait::index(t, item)) {
            int c = TRY(byte_arg(t, number));
            ByteSpan s = span_of(self);
            return find_char(s.data, s.size, static_cast<uint32_t>(c)) >= 0;
        }
        clear_error(t);  // whatever __index__ said: it is no number
    }
    Buffer sub;
    TRY(sub.acquire(t, item));
    ByteSpan s = span_of(self);
    if (sub.size() == 0) return true;
    auto* needle = reinterpret_cast<const uint8_t*>(sub.data());
    return Finder(s.data, needle, sub.size()).next(s.data, 0, s.size) >= 0;
}

// --- hexadecimal ---

Ref bytes_hex(Thread& t, const char* p, int64_t n, Value sep_arg, Value group_arg) {
    constexpr char kHex[] = "0123456789abcdef";
    int group = group_arg ? TRY(as_int32(t, group_arg)) : 1;
    uint32_t sep = 0;
    if (sep_arg) {
        int64_t length_of_sep = TRY(length(t, sep_arg));
        if (length_of_sep != 1) return raise(t, PyExc_ValueError, "sep must be length 1.");
        if (is_str(sep_arg))
            sep = str_char(sep_arg, 0);
        else if (is_bytes(sep_arg))
            sep = static_cast<uint8_t>(bytes_data(sep_arg)[0]);
        else
            return raise(t, PyExc_TypeError, "sep must be str or bytes.");
        if (sep > 127) return raise(t, PyExc_ValueError, "sep must be ASCII.");
    } else {
        group = 0;
    }
    int64_t size = group < 0 ? -static_cast<int64_t>(group) : group;
    int64_t seps = size && n ? (n - 1) / size : 0;
    if (n > INT64_MAX / 4) return raise_no_memory(t);
    Ref r = TRY(str_new(t, 2 * n + seps, 0x7f));
    if (n == 0) return r;
    char* to = static_cast<char*>(str_data(r));
    // Positive groups count from the right: the first one is the short one.
    int64_t left = size ? (group > 0 && n % size ? n % size : size) : INT64_MAX;
    for (int64_t i = 0; i < n; i++) {
        if (left == 0) {
            *to++ = static_cast<char>(sep);
            left = size;
        }
        auto c = static_cast<uint8_t>(p[i]);
        *to++ = kHex[c >> 4];
        *to++ = kHex[c & 15];
        left--;
    }
    return r;
}

namespace {
constexpr auto kHexValues = [] {
    std::array<int8_t, 256> values{};
    values.fill(-1);
    for (int i = 0; i < 16; i++) {
        values[static_cast<size_t>("0123456789abcdef"[i])] = static_cast<int8_t>(i);
        values[static_cast<size_t>("0123456789ABCDEF"[i])] = static_cast<int8_t>(i);
    }
    return values;
}();
int hex_digit(uint8_t c) { return kHexValues[c]; }

// The pairs of digits at the beginning; where something else comes.
int64_t put_hex_pairs(BytesBuilder& out, ByteSpan s) {
    int64_t pairs = s.size / 2, i = 0;
    char* to = pairs ? out.extend(pairs) : nullptr;
    if (!to) return 0;
    for (; i < pairs; i++) {
        int byte = hex_digit(s.data[2 * i]) * 16 | hex_digit(s.data[2 * i + 1]);
        if (byte < 0) break;
        to[i] = static_cast<char>(byte);
    }
    out.truncate(i);
    return 2 * i;
}
}  // namespace

Ref bytes_from_hex(Thread& t, Value text) {
    constexpr const char* kBad = "non-hexadecimal number found in fromhex() arg at position %zd";
    Buffer buffer;
    ByteSpan s;
    if (is_str(text)) {
        int64_t n = str_length(text);
        if (!str_is_ascii(text)) {
            int64_t at = 0;
            while (at < n && str_char(text, at) < 128) at++;
            return raise(t, PyExc_ValueError, kBad, at);
        }
        s = {static_cast<const uint8_t*>(str_data(text)), n};
    } else if (has_buffer(text)) {
        TRY(buffer.acquire(t, text));
        s = {reinterpret_cast<const uint8_t*>(buffer.data()), buffer.size()};
    } else {
        return raise(t, PyExc_TypeError, "fromhex() argument must be str or bytes-like, not %K", text);
    }
    BytesBuilder out(t, s.size / 2);
    TRY(out.reserve(s.size / 2));
    int64_t i = put_hex_pairs(out, s);
    while (i < s.size) {
        if (s.data[i] == ' ' || (s.data[i] >= 9 && s.data[i] <= 13)) {
            i++;
            continue;
        }
        int high = hex_digit(s.data[i]);
        if (high < 0) return raise(t, PyExc_ValueError, kBad, i);
        if (++i == s.size)
            return raise(t, PyExc_ValueError,
                         "fromhex() arg must contain an even number of hexadecimal digits");
        int low = hex_digit(s.data[i]);
        if (low < 0) return raise(t, PyExc_ValueError, kBad, i);
        TRY(out.put(static_cast<char>(high << 4 | low)));
        i++;
    }
    return out.finish();
}

}  // namespace krait
