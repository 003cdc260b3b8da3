// The methods that bytes and bytearray have in common. Arguments are taken first: taking a buffer may run
// code that changes a bytearray.
#include "builtins/bytes_internal.h"
#include "builtins/codec.h"
#include "builtins/list.h"
#include "builtins/sequence.h"
#include "builtins/text_split.h"
#include "builtins/tuple.h"

namespace krait {

Result<int> byte_arg(Thread& t, Value v) {
    Ref i = TRY(index(t, v));
    int64_t n;
    if (!int_to_i64(i, &n) || n < 0 || n > 255)
        return raise(t, PyExc_ValueError, "byte must be in range(0, 256)");
    return static_cast<int>(n);
}

namespace bytes_methods {

namespace {

const uint8_t* unsigned_data(const Buffer& b) { return reinterpret_cast<const uint8_t*>(b.data()); }

// What find() and its family search for: a bytes-like object or one byte.
class Needle {
  public:
    Status parse(Thread& t, Value v) {
        if (has_buffer(v)) {
            TRY(buffer_.acquire(t, v));
            data_ = unsigned_data(buffer_);
            size_ = buffer_.size();
            return Status::ok();
        }
        if (!v.is_int() && !is_index(v))
            return raise(t, PyExc_TypeError, "argument should be integer or bytes-like object, not '%T'", v);
        byte_ = static_cast<uint8_t>(TRY(byte_arg(t, v)));
        data_ = &byte_;
        size_ = 1;
        return Status::ok();
    }
    const uint8_t* data() const { return data_; }
    int64_t size() const { return size_; }

  private:
    Buffer buffer_;
    uint8_t byte_ = 0;
    const uint8_t* data_ = nullptr;
    int64_t size_ = 0;
};

int64_t find_in(ByteSpan s, const uint8_t* sub, int64_t m, int64_t start, int64_t stop, int direction) {
    clamp_range(s.size, start, stop);
    int64_t n = stop - start;
    if (n < m) return -1;
    if (m == 0) return direction > 0 ? start : stop;
    const uint8_t* hay = s.data + start;
    int64_t at = direction > 0 ? Finder(hay, sub, m).next(hay, 0, n) : rfind_text(hay, n, sub, m);
    return at < 0 ? -1 : start + at;
}

Result<int64_t> search(Thread& t, Value self, const Value* args, size_t nargs, int direction) {
    int64_t start, stop;
    TRY(range_args(t, args, nargs, INT64_MAX, start, stop));
    SizeLock lock(self);
    Needle sub;
    TRY(sub.parse(t, args[0]));
    return find_in(span_of(self), sub.data(), sub.size(), start, stop, direction);
}

Result<int64_t> search_or_raise(Thread& t, Value self, const Value* args, size_t nargs, int direction) {
    int64_t at = TRY(search(t, self, args, nargs, direction));
    if (at < 0) return raise(t, PyExc_ValueError, "subsection not found");
    return at;
}

bool tail_is(ByteSpan s, const Buffer& sub, int64_t start, int64_t stop, bool at_end) {
    clamp_range(s.size, start, stop);
    int64_t m = sub.size();
    if (stop - start < m) return false;
    return std::memcmp(s.data + (at_end ? stop - m : start), sub.data(), static_cast<size_t>(m)) == 0;
}

Ref tail_match(Thread& t, Value self, const char* fname, const Value* args, size_t nargs, bool at_end) {
    int64_t start, stop;
    TRY(range_args(t, args, nargs, INT64_MAX, start, stop));
    SizeLock lock(self);
    if (is_tuple(args[0])) {
        for (int64_t i = 0; i < tuple_size(args[0]); i++) {
            Buffer sub;
            TRY(sub.acquire(t, tuple_get(args[0], i)));
            if (tail_is(span_of(self), sub, start, stop, at_end)) return bool_ref(true);
        }
        return bool_ref(false);
    }
    Buffer sub;
    if (!has_buffer(args[0]))
        return raise(t, PyExc_TypeError, "%s first arg must be bytes or a tuple of bytes, not %T", fname,
                     args[0]);
    TRY(sub.acquire(t, args[0]));
    return bool_ref(tail_is(span_of(self), sub, start, stop, at_end));
}

bool is_space(uint8_t c) { return c == ' ' || (c >= 9 && c <= 13); }
constexpr bool is_lower(uint8_t c) { return static_cast<uint8_t>(c - 'a') < 26; }
constexpr bool is_upper(uint8_t c) { return static_cast<uint8_t>(c - 'A') < 26; }
constexpr bool is_digit(uint8_t c) { return static_cast<uint8_t>(c - '0') < 10; }
constexpr bool is_alpha(uint8_t c) { return is_lower(c) || is_upper(c); }
constexpr uint8_t to_lower(uint8_t c) { return static_cast<uint8_t>(is_upper(c) ? c | 0x20 : c); }
constexpr uint8_t to_upper(uint8_t c) { return static_cast<uint8_t>(is_lower(c) ? c & 0xDF : c); }

// A new object of self's kind whose n bytes `fill` writes.
template <class F>
Ref filled(Thread& t, Value self, int64_t n, F&& fill) {
    if (is_bytes(self)) {
        if (n == 0) return bytes_from(t, nullptr, 0);
        Ref r = TRY(bytes_new(t, n));
        fill(reinterpret_cast<uint8_t*>(bytes_data(r)));
        return n == 1 ? bytes_from(t, bytes_data(r), 1) : std::move(r);
    }
    Ref r = TRY(bytearray_from(t, nullptr, static_cast<size_t>(n)));
    if (n) fill(reinterpret_cast<uint8_t*>(bytearray_data(r)));
    return r;
}

template <class F>
Ref mapped(Thread& t, Value self, F&& f) {
    int64_t n = span_of(self).size;
    return filled(t, self, n, [&](uint8_t* to) {
        const uint8_t* from = span_of(self).data;
        for (int64_t i = 0; i < n; i++) to[i] = f(from[i]);
    });
}

template <class F>
Ref all_bytes(Value self, F&& f) {
    ByteSpan s = span_of(self);
    for (int64_t i = 0; i < s.size; i++)
        if (!f(s.data[i])) return bool_ref(false);
    return bool_ref(s.size > 0);
}

template <class Wanted, class Excluded>
Ref only_case(Value self, Wanted&& wanted, Excluded&& excluded) {
    ByteSpan s = span_of(self);
    bool found = false;
    for (int64_t i = 0; i < s.size; i++) {
        if (excluded(s.data[i])) return bool_ref(false);
        found = found || wanted(s.data[i]);
    }
    return bool_ref(found);
}

struct PieceList {
    Thread& t;
    Value self;
    Ref list;
    const uint8_t* data;
    Status operator()(int64_t start, int64_t stop) {
        return list_append_owned(t, list, TRY(bytes_like(t, self, data + start, stop - start)));
    }
};

Ref split_by(Thread& t, Value self, const Value* p, bool from_right) {
    int64_t most = p[1] ? TRY(ssize_arg(t, p[1])) : -1;
    if (most < 0) most = INT64_MAX;
    SizeLock lock(self);
    Buffer sep;
    bool by_space = !p[0] || is_none(p[0]);
    if (!by_space) TRY(sep.acquire(t, p[0]));
    ByteSpan s = span_of(self);
    PieceList pieces{t, self, TRY(list_with_capacity(t, std::min<int64_t>(most, 11) + 1)), s.data};
    if (by_space) {
        if (from_right)
            TRY(rsplit_space(s.data, s.size, most, is_space, pieces));
        else
            TRY(split_space(s.data, s.size, most, is_space, pieces));
    } else {
        if (sep.size() == 0) return raise(t, PyExc_ValueError, "empty separator");
        if (from_right)
            TRY(rsplit_text(s.data, s.size, unsigned_data(sep), sep.size(), most, pieces));
        else
            TRY(split_text(s.data, s.size, unsigned_data(sep), sep.size(), most, pieces));
    }
    if (from_right) {
        Value* items = list_items(pieces.list);
        for (int64_t i = 0, j = list_size(pieces.list) - 1; i < j; i++, j--) std::swap(items[i], items[j]);
    }
    return std::move(pieces.list);
}

Ref partition_at(Thread& t, Value self, Value sep_arg, int direction) {
    Buffer sep;
    TRY(sep.acquire(t, sep_arg));
    int64_t m = sep.size();
    if (m == 0) return raise(t, PyExc_ValueError, "empty separator");
    ByteSpan s = span_of(self);
    int64_t at = find_in(s, unsigned_data(sep), m, 0, s.size, direction);
    Ref middle;
    if (at < 0) {
        Ref whole = TRY(bytes_same(t, self));
        Ref none1 = TRY(bytes_like(t, self, nullptr, 0)), none2 = TRY(bytes_like(t, self, nullptr, 0));
        return direction > 0 ? tuple_of(t, {whole, none1, none2}) : tuple_of(t, {none1, none2, whole});
    }
    middle = is_bytes(self) ? Ref::share(sep_arg) : TRY(bytes_like(t, self, sep.data(), m));
    s = span_of(self);
    Ref head = TRY(bytes_like(t, self, s.data, at));
    Ref tail = TRY(bytes_like(t, self, s.data + at + m, s.size - at - m));
    return tuple_of(t, {head, middle, tail});
}

enum Side { kLeft = 1, kRight = 2 };

Ref strip_sides(Thread& t, Value self, const Value* args, size_t nargs, int sides) {
    bool drop[256] = {};
    if (nargs == 0 || is_none(args[0])) {
        for (int c = 0; c < 256; c++) drop[c] = is_space(static_cast<uint8_t>(c));
    } else {
        Buffer set;
        TRY(set.acquire(t, args[0]));
        for (int64_t i = 0; i < set.size(); i++) drop[unsigned_data(set)[i]] = true;
    }
    ByteSpan s = span_of(self);
    int64_t start = 0, stop = s.size;
    if (sides & kLeft)
        while (start < stop && drop[s.data[start]]) start++;
    if (sides & kRight)
        while (stop > start && drop[s.data[stop - 1]]) stop--;
    if (start == 0 && stop == s.size) return bytes_same(t, self);
    return bytes_like(t, self, s.data + start, stop - start);
}

Ref pad(Thread& t, Value self, int64_t left, int64_t right, uint8_t fill) {
    if (left < 0) left = 0;
    if (right < 0) right = 0;
    if (left == 0 && right == 0) return bytes_same(t, self);
    int64_t n = span_of(self).size;
    if (left > INT64_MAX / 2 - n || right > INT64_MAX / 2 - n) return raise_no_memory(t);
    return filled(t, self, left + n + right, [&](uint8_t* to) {
        std::memset(to, fill, static_cast<size_t>(left));
        if (n) std::memcpy(to + left, span_of(self).data, static_cast<size_t>(n));
        std::memset(to + left + n, fill, static_cast<size_t>(right));
    });
}

Status pad_args(Thread& t, const char* fname, const Value* args, size_t nargs, int64_t* width,
                uint8_t* fill) {
    *width = TRY(ssize_arg(t, args[0]));
    *fill = ' ';
    if (nargs < 2) return Status::ok();
    if (!is_bytes(args[1]) && !is_bytearray(args[1]))
        return raise(t, PyExc_TypeError, "%s() argument 2 must be a byte string of length 1, not %K", fname,
                     args[1]);
    ByteSpan s = span_of(args[1]);
    if (s.size != 1)
        return raise(t, PyExc_TypeError,
                     "%s(): argument 2 must be a byte string of length 1, not a %s object of length %zd",
                     fname, is_bytes(args[1]) ? "bytes" : "bytearray", s.size);
    *fill = s.data[0];
    return Status::ok();
}

}  // namespace

Ref find(Thread& t, Value self, const Value* args, size_t nargs) {
    return Ref::from_int(TRY(search(t, self, args, nargs, 1)));
}
Ref rfind(Thread& t, Value self, const Value* args, size_t nargs) {
    return Ref::from_int(TRY(search(t, self, args, nargs, -1)));
}
Ref index(Thread& t, Value self, const Value* args, size_t nargs) {
    return Ref::from_int(TRY(search_or_raise(t, self, args, nargs, 1)));
}
Ref rindex(Thread& t, Value self, const Value* args, size_t nargs) {
    return Ref::from_int(TRY(search_or_raise(t, self, args, nargs, -1)));
}
Ref count(Thread& t, Value self, const Value* args, size_t nargs) {
    int64_t start, stop;
    TRY(range_args(t, args, nargs, INT64_MAX, start, stop));
    SizeLock lock(self);
    Needle sub;
    TRY(sub.parse(t, args[0]));
    ByteSpan s = span_of(self);
    clamp_range(s.size, start, stop);
    int64_t n = stop - start, m = sub.size();
    if (n < m) return Ref::from_int(0);
    if (m == 0) return Ref::from_int(n + 1);
    if (m == 1) return Ref::from_int(count_char(s.data + start, n, sub.data()[0]));
    return Ref::from_int(count_text(s.data + start, n, sub.data(), m, INT64_MAX));
}
Ref startswith(Thread& t, Value self, const Value* args, size_t nargs) {
    return tail_match(t, self, "startswith", args, nargs, false);
}
Ref endswith(Thread& t, Value self, const Value* args, size_t nargs) {
    return tail_match(t, self, "endswith", args, nargs, true);
}
Ref removeprefix(Thread& t, Value self, Value prefix) {
    Buffer sub;
    TRY(sub.acquire(t, prefix));
    ByteSpan s = span_of(self);
    if (sub.size() == 0 || !tail_is(s, sub, 0, s.size, false)) return bytes_same(t, self);
    return bytes_like(t, self, s.data + sub.size(), s.size - sub.size());
}
Ref removesuffix(Thread& t, Value self, Value suffix) {
    Buffer sub;
    TRY(sub.acquire(t, suffix));
    ByteSpan s = span_of(self);
    if (sub.size() == 0 || !tail_is(s, sub, 0, s.size, true)) return bytes_same(t, self);
    return bytes_like(t, self, s.data, s.size - sub.size());
}

Ref replace(Thread& t, Value self, const Value* args, size_t nargs) {
    Buffer from, to;
    TRY(from.acquire(t, args[0]));
    TRY(to.acquire(t, args[1]));
    int64_t most = nargs > 2 ? TRY(ssize_arg(t, args[2])) : -1;
    if (most < 0) most = INT64_MAX;
    ByteSpan s = span_of(self);
    int64_t m = from.size(), k = to.size();
    if (most == 0 || s.size < m || (m == 0 && k == 0)) return bytes_same(t, self);
    int64_t places =
        m == 0 ? std::min(most, s.size + 1) : count_text(s.data, s.size, unsigned_data(from), m, most);
    if (places == 0) return bytes_same(t, self);
    int64_t total;
    if (__builtin_mul_overflow(places, k - m, &total) || __builtin_add_overflow(total, s.size, &total))
        return raise(t, PyExc_OverflowError, "replace bytes is too long");
    return filled(t, self, total, [&](uint8_t* out) {
        ByteSpan hay = span_of(self);
        Finder<uint8_t, uint8_t> finder(unsigned_data(from), m);
        int64_t pos = 0;
        auto copy = [&](const void* p, int64_t n) {
            if (n) std::memcpy(out, p, static_cast<size_t>(n));
            out += n;
        };
        for (int64_t i = 0; i < places; i++) {
            int64_t at = m ? finder.next(hay.data, pos, hay.size) : i;
            copy(hay.data + pos, at - pos);
            copy(to.data(), k);
            pos = at + m;
        }
        copy(hay.data + pos, hay.size - pos);
    });
}

Ref split(Thread& t, Value self, const Value* p) { return split_by(t, self, p, false); }
Ref rsplit(Thread& t, Value self, const Value* p) { return split_by(t, self, p, true); }
Ref splitlines(Thread& t, Value self, const Value* p) {
    bool keep = p[0] ? TRY(is_true(t, p[0])) : false;
    ByteSpan s = span_of(self);
    PieceList pieces{t, self, TRY(list_new(t)), s.data};
    TRY(split_lines(s.data, s.size, keep, [](uint8_t c) { return c == '\n' || c == '\r'; }, pieces));
    return std::move(pieces.list);
}
Ref partition(Thread& t, Value self, Value sep) { return partition_at(t, self, sep, 1); }
Ref rpartition(Thread& t, Value self, Value sep) { return partition_at(t, self, sep, -1); }
Ref strip(Thread& t, Value self, const Value* args, size_t nargs) {
    return strip_sides(t, self, args, nargs, kLeft | kRight);
}
Ref lstrip(Thread& t, Value self, const Value* args, size_t nargs) {
    return strip_sides(t, self, args, nargs, kLeft);
}
Ref rstrip(Thread& t, Value self, const Value* args, size_t nargs) {
    return strip_sides(t, self, args, nargs, kRight);
}

// The size of what join() makes, where all items are bytes; 0: they are not, or it is nothing.
int64_t joined_size(Items items, int64_t separator) {
    int64_t size = 0;
    for (int64_t i = 0; i < items.size; i++)
        if (!is_bytes(items.data[i]) ||
            __builtin_add_overflow(size, bytes_size(items.data[i]) + (i ? separator : 0), &size))
            return 0;
    return size;
}
char* copy_bytes(char* to, std::string_view from) {
    if (from.size() <= 16)  // no call for the short ones
        for (size_t i = 0; i < from.size(); i++) to[i] = from[i];
    else
        std::memcpy(to, from.data(), from.size());
    return to + from.size();
}

Ref join(Thread& t, Value self, Value iterable) {
    Buffer sep;  // keeps a bytearray from being resized meanwhile, also by the iterable
    TRY(sep.acquire(t, self));
    Ref seq = TRY(sequence_fast(t, iterable, "can only join an iterable"));
    Items items = items_of(seq);
    if (items.size == 1 && has_type(items.data[0], &PyBytes_Type) && is_bytes(self))
        return Ref::share(items.data[0]);
    int64_t count = items.size;
    int64_t plain = joined_size(items, sep.size());
    BytesBuilder out(t, plain);
    if (plain > 0) {
        char* to = out.extend(plain);
        if (!to) return {};
        for (int64_t i = 0; i < count; i++) {
            if (i) to = copy_bytes(to, {sep.data(), static_cast<size_t>(sep.size())});
            to = copy_bytes(to, bytes_view(items.data[i]));
        }
        if (is_bytes(self)) return out.finish();
        return bytearray_from(t, out.data(), static_cast<size_t>(out.size()));
    }
    for (int64_t i = 0; i < count; i++) {
        Ref item = Ref::share(items_of(seq).data[i]);
        if (i) TRY(out.append(sep.data(), static_cast<size_t>(sep.size())));
        if (is_bytes(item)) {
            TRY(out.append(bytes_view(item)));
            continue;
        }
        Buffer b;
        if (!b.acquire(t, item))
            return raise(t, PyExc_TypeError, "sequence item %zd: expected a bytes-like object, %.80s found",
                         i, type_of(item)->tp_name);
        if (items_of(seq).size != count)
            return raise(t, PyExc_RuntimeError, "sequence changed size during iteration");
        TRY(out.append(b.data(), static_cast<size_t>(b.size())));
    }
    if (is_bytes(self)) return out.finish();
    return bytearray_from(t, out.data(), static_cast<size_t>(out.size()));
}

Ref ljust(Thread& t, Value self, const Value* args, size_t nargs) {
    int64_t width;
    uint8_t fill;
    TRY(pad_args(t, "ljust", args, nargs, &width, &fill));
    return pad(t, self, 0, width - span_of(self).size, fill);
}
Ref rjust(Thread& t, Value self, const Value* args, size_t nargs) {
    int64_t width;
    uint8_t fill;
    TRY(pad_args(t, "rjust", args, nargs, &width, &fill));
    return pad(t, self, width - span_of(self).size, 0, fill);
}
Ref center(Thread& t, Value self, const Value* args, size_t nargs) {
    int64_t width;
    uint8_t fill;
    TRY(pad_args(t, "center", args, nargs, &width, &fill));
    int64_t room = width - span_of(self).size;
    if (room <= 0) return bytes_same(t, self);
    int64_t left = room / 2 + (room & width & 1);
    return pad(t, self, left, room - left, fill);
}
Ref zfill(Thread& t, Value self, Value width_arg) {
    int64_t width = TRY(ssize_arg(t, width_arg)), n = span_of(self).size;
    if (n >= width) return bytes_same(t, self);
    Ref r = TRY(pad(t, self, width - n, 0, '0'));
    auto* to = const_cast<uint8_t*>(span_of(r).data);
    uint8_t sign = n ? to[width - n] : 0;
    if (sign == '+' || sign == '-') {
        to[0] = sign;
        to[width - n] = '0';
    }
    return r;
}
Ref expandtabs(Thread& t, Value self, const Value* p) {
    int tab = p[0] ? TRY(as_int32(t, p[0])) : 8;
    ByteSpan s = span_of(self);
    BytesBuilder out(t, s.size);
    int64_t column = 0;
    for (int64_t i = 0; i < s.size; i++) {
        uint8_t c = s.data[i];
        if (c == '\t') {
            int64_t gap = tab > 0 ? tab - column % tab : 0;
            TRY(out.repeat(' ', gap));
            column += gap;
            continue;
        }
        TRY(out.put(static_cast<char>(c)));
        column = c == '\n' || c == '\r' ? 0 : column + 1;
    }
    return bytes_like(t, self, out.data(), out.size());
}

Ref lower(Thread& t, Value self) { return mapped(t, self, to_lower); }
Ref upper(Thread& t, Value self) { return mapped(t, self, to_upper); }
Ref swapcase(Thread& t, Value self) {
    return mapped(t, self, [](uint8_t c) { return static_cast<uint8_t>(is_alpha(c) ? c ^ 0x20 : c); });
}
Ref capitalize(Thread& t, Value self) {
    bool first = true;
    return mapped(t, self, [&](uint8_t c) {
        uint8_t r = first ? to_upper(c) : to_lower(c);
        first = false;
        return r;
    });
}
Ref title(Thread& t, Value self) {
    bool in_word = false;
    return mapped(t, self, [&](uint8_t c) {
        uint8_t r = in_word ? to_lower(c) : to_upper(c);
        in_word = is_alpha(c);
        return r;
    });
}
Ref isalnum(Thread&, Value self) {
    return all_bytes(self, [](uint8_t c) { return is_alpha(c) || is_digit(c); });
}
Ref isalpha(Thread&, Value self) { return all_bytes(self, is_alpha); }
Ref isdigit(Thread&, Value self) { return all_bytes(self, is_digit); }
Ref isspace(Thread&, Value self) { return all_bytes(self, is_space); }
Ref isascii(Thread&, Value self) {
    if (span_of(self).size == 0) return bool_ref(true);
    return all_bytes(self, [](uint8_t c) { return c < 128; });
}
Ref islower(Thread&, Value self) { return only_case(self, is_lower, is_upper); }
Ref isupper(Thread&, Value self) { return only_case(self, is_upper, is_lower); }
Ref istitle(Thread&, Value self) {
    ByteSpan s = span_of(self);
    bool found = false, in_word = false;
    for (int64_t i = 0; i < s.size; i++) {
        uint8_t c = s.data[i];
        if (is_upper(c) ? in_word : is_lower(c) && !in_word) return bool_ref(false);
        in_word = is_alpha(c);
        found = found || in_word;
    }
    return bool_ref(found);
}

Ref translate(Thread& t, Value self, const Value* p) {
    Buffer table, del;
    bool has_table = !is_none(p[0]);
    if (has_table) {
        TRY(table.acquire(t, p[0]));
        if (table.size() != 256)
            return raise(t, PyExc_ValueError, "translation table must be 256 characters long");
    }
    bool drop[256] = {};
    if (p[1]) {
        TRY(del.acquire(t, p[1]));
        for (int64_t i = 0; i < del.size(); i++) drop[unsigned_data(del)[i]] = true;
    }
    ByteSpan s = span_of(self);
    BytesBuilder out(t, s.size);
    TRY(out.reserve(s.size));
    bool changed = false;
    for (int64_t i = 0; i < s.size; i++) {
        uint8_t c = s.data[i];
        if (drop[c]) {
            changed = true;
            continue;
        }
        uint8_t to = has_table ? unsigned_data(table)[c] : c;
        changed |= to != c;
        TRY(out.put(static_cast<char>(to)));
    }
    if (!changed) return bytes_same(t, self);
    return bytes_like(t, self, out.data(), out.size());
}

Ref maketrans(Thread& t, Value, const Value* args, size_t) {
    Buffer from, to;
    TRY(from.acquire(t, args[0]));
    TRY(to.acquire(t, args[1]));
    if (from.size() != to.size())
        return raise(t, PyExc_ValueError, "maketrans arguments must have same length");
    uint8_t table[256];
    for (int i = 0; i < 256; i++) table[i] = static_cast<uint8_t>(i);
    for (int64_t i = 0; i < from.size(); i++) table[unsigned_data(from)[i]] = unsigned_data(to)[i];
    return bytes_from(t, table, 256);
}

Ref decode(Thread& t, Value self, const Value* p) {
    const char* encoding = TRY(c_string_arg(t, "decode", "encoding", p[0]));
    const char* errors = TRY(c_string_arg(t, "decode", "errors", p[1]));
    return bytes_decode(t, self, encoding, errors);
}
Ref hex(Thread& t, Value self, const Value* p) {
    Buffer b;
    TRY(b.acquire(t, self));
    return bytes_hex(t, b.data(), b.size(), p[0], p[1]);
}

}  // namespace bytes_methods

}  // namespace krait
