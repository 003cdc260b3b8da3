// str: find, count, replace and join as operations of the runtime. The methods are in str_methods.cpp.
#include "builtins/str_search.h"

#include <algorithm>
#include <cstring>

#include "builtins/list.h"
#include "builtins/str_internal.h"
#include "builtins/text_search.h"
#include "object/protocol.h"

namespace krait {

int64_t str_find(Value s, Value sub, int64_t start, int64_t stop, int direction) {
    clamp_range(str_length(s), start, stop);
    int64_t n = stop - start, m = str_length(sub);
    if (n < m) return -1;
    if (m == 0) return direction > 0 ? start : stop;
    int64_t at = with_pair(s, sub, int64_t{-1}, [&](auto* hay, auto* needle) -> int64_t {
        hay += start;
        if (direction < 0) return rfind_text(hay, n, needle, m);
        return Finder(hay, needle, m).next(hay, 0, n);
    });
    return at < 0 ? -1 : start + at;
}

bool str_has(Value s, Value sub) {
    if (str_kind(s) == 1 && str_kind(sub) == 1 && str_length(sub) == 1)
        return memchr(str_data(s), *static_cast<const uint8_t*>(str_data(sub)),
                      static_cast<size_t>(str_length(s)));
    return str_find(s, sub, 0, INT64_MAX, 1) >= 0;
}

int64_t str_count(Value s, Value sub, int64_t start, int64_t stop, int64_t most) {
    clamp_range(str_length(s), start, stop);
    int64_t n = stop - start, m = str_length(sub);
    if (n < m || most == 0) return 0;
    if (m == 0) return n < most ? n + 1 : most;
    return with_pair(s, sub, int64_t{0}, [&](auto* hay, auto* needle) -> int64_t {
        if (m == 1 && most == INT64_MAX) return count_char(hay + start, n, needle[0]);
        return count_text(hay + start, n, needle, m, most);
    });
}

namespace {

// One character by another one, in place of a copy.
Ref replace_char(Thread& t, Value s, uint32_t from, uint32_t to, int64_t most, uint32_t limit) {
    int64_t n = str_length(s);
    Ref r = TRY(str_alloc(t, n, limit));
    copy_chars(str_kind(r), str_data(r), str_kind(s), str_data(s), n);
    with_mutable_chars(r, [&](auto* d) {
        using C = std::remove_reference_t<decltype(*d)>;
        if (most >= n) {
            for (int64_t i = 0; i < n; i++) d[i] = d[i] == from ? static_cast<C>(to) : d[i];
            return;
        }
        for (int64_t i = 0; most > 0 && i < n; i++)
            if (d[i] == from) d[i] = static_cast<C>(to), most--;
    });
    return r;
}

Ref replace_between(Thread& t, Value s, Value to, int64_t most) {
    int64_t n = str_length(s), count = std::min(most, n + 1), m = str_length(to), total;
    if (__builtin_mul_overflow(count, m, &total) || __builtin_add_overflow(total, n, &total))
        return raise(t, PyExc_OverflowError, "replace string is too long");
    Ref r = TRY(str_new(t, total, std::max(str_limit(s), str_limit(to))));
    unsigned kind = str_kind(r), from_kind = str_kind(s);
    char* out = static_cast<char*>(str_data(r));
    const char* from = static_cast<const char*>(str_data(s));
    for (int64_t i = 0; i < count; i++) {
        copy_chars(kind, out, str_kind(to), str_data(to), m);
        out += m * kind;
        if (i == n) break;
        copy_chars(kind, out, from_kind, from, i + 1 < count ? 1 : n - i);
        out += kind;
        from += from_kind;
    }
    return r;
}

}  // namespace

Ref str_replace(Thread& t, Value s, Value from, Value to, int64_t most) {
    if (most < 0) most = INT64_MAX;
    int64_t n = str_length(s), m = str_length(from), k = str_length(to);
    if (most == 0 || n < m || (n == 0 && m > 0) || str_equal(from, to)) return str_exact(t, s);
    if (m == 0) return k ? replace_between(t, s, to, most) : str_exact(t, s);
    bool one_by_one = m == 1 && k == 1;
    // The first few places are kept: mostly they are all, and need not be looked for again.
    constexpr int64_t kFewPlaces = 16;
    int64_t places[kFewPlaces], count = 0;
    if (one_by_one || m == 1)
        count = one_by_one ? str_find(s, from, 0, n, 1) + 1 : str_count(s, from, 0, n, most);
    else
        with_pair(s, from, 0, [&](auto* hay, auto* needle) {
            Finder(hay, needle, m).each(hay, n, [&](int64_t at) {
                if (count < kFewPlaces) places[count] = at;
                return ++count < most;
            });
            return 0;
        });
    if (count == 0) return str_exact(t, s);
    uint32_t limit = std::max(str_limit(s), str_limit(to));
    // Taking away the characters that made the text wide may make it narrower.
    bool may_narrow = str_limit(s) > 0x7f && str_limit(from) == str_limit(s) && str_limit(to) < str_limit(s);
    auto narrowed = [&](Ref r) -> Ref {
        if (!may_narrow || !r) return r;
        return str_from_kind(t, str_kind(r), str_data(r), str_length(r));
    };
    if (one_by_one) return narrowed(replace_char(t, s, str_char(from, 0), str_char(to, 0), most, limit));
    int64_t added, total;
    if (__builtin_mul_overflow(count, k - m, &added) || __builtin_add_overflow(n, added, &total))
        return raise(t, PyExc_OverflowError, "replace string is too long");
    if (total == 0) return Ref::steal(empty_str());
    Ref r = TRY(str_alloc(t, total, limit));
    unsigned kind = str_kind(r), hay_kind = str_kind(s), to_kind = str_kind(to);
    char* out = static_cast<char*>(str_data(r));
    const void* replacement = str_data(to);
    with_pair(s, from, 0, [&](auto* hay, auto* needle) {
        Finder finder(hay, needle, m);
        int64_t pos = 0, left = count;
        auto put = [&](int64_t at) {
            copy_chars(kind, out, hay_kind, hay + pos, at - pos);
            out += (at - pos) * kind;
            copy_chars(kind, out, to_kind, replacement, k);
            out += k * kind;
            pos = at + m;
            return --left > 0;
        };
        if (m > 1 && count <= kFewPlaces)
            for (int64_t i = 0; i < count; i++) put(places[i]);
        else
            finder.each(hay, n, put);
        copy_chars(kind, out, hay_kind, hay + pos, n - pos);
        return 0;
    });
    return narrowed(std::move(r));
}

Ref str_join(Thread& t, Value sep, Value iterable) {
    Ref seq = TRY(sequence_fast(t, iterable, "can only join an iterable"));
    bool list = is_list(seq);
    int64_t n = list ? list_size(seq) : seq.as<PyTupleObject>()->ob_base.ob_size;
    const Value* items = list ? list_items(seq) : seq.as<PyTupleObject>()->ob_item;
    if (n == 0) return Ref::steal(empty_str());
    if (n == 1 && is_str_exact(items[0])) return Ref::share(items[0]);
    int64_t sep_length = str_length(sep), total = 0;
    uint32_t limit = n > 1 ? str_limit(sep) : 0;
    for (int64_t i = 0; i < n; i++) {
        if (!is_str(items[i]))
            return raise(t, PyExc_TypeError, "sequence item %zd: expected str instance, %.80s found", i,
                         type_of(items[i])->tp_name);
        limit = std::max(limit, str_limit(items[i]));
        if (__builtin_add_overflow(total, str_length(items[i]) + (i ? sep_length : 0), &total))
            return raise(t, PyExc_OverflowError, "join() result is too long for a Python string");
    }
    if (total == 0) return Ref::steal(empty_str());
    Ref r = TRY(str_alloc(t, total, limit));
    unsigned kind = str_kind(r);
    char* out = static_cast<char*>(str_data(r));
    unsigned sep_kind = str_kind(sep);
    const void* sep_data = str_data(sep);
    for (int64_t i = 0; i < n; i++) {
        if (i && sep_length) {
            copy_chars(kind, out, sep_kind, sep_data, sep_length);
            out += sep_length * kind;
        }
        int64_t m = str_length(items[i]);
        copy_chars(kind, out, str_kind(items[i]), str_data(items[i]), m);
        out += m * kind;
    }
    return r;
}

}  // namespace krait
