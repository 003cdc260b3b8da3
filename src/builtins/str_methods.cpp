// Methods of str that search, split and pad. Those about letter case are in str_case.cpp, about translation
// and formatting in files of their own.
#include "builtins/str_methods.h"

#include <array>

#include "builtins/codec.h"
#include "builtins/list.h"
#include "builtins/sequence.h"
#include "builtins/str_search.h"
#include "builtins/text_split.h"
#include "builtins/tuple.h"
#include "object/protocol.h"
#include "object/values.h"
#include "support/unicode.h"

namespace krait {

Result<int64_t> ssize_arg(Thread& t, Value v) {
    Ref i = TRY(index(t, v));
    int64_t n;
    if (!int_to_i64(i, &n))
        return raise(t, PyExc_OverflowError, "Python int too large to convert to C ssize_t");
    return n;
}

Status str_arg(Thread& t, const char* fname, int position, Value v) {
    if (is_str(v)) return Status::ok();
    if (position)
        return raise(t, PyExc_TypeError, "%s() argument %d must be str, not %K", fname, position, v);
    return raise(t, PyExc_TypeError, "%s() argument must be str, not %K", fname, v);
}

Result<const char*> c_string_arg(Thread& t, const char* fname, const char* name, Value v) {
    if (!v) return static_cast<const char*>(nullptr);
    if (is_none(v)) return raise(t, PyExc_TypeError, "%s() argument '%s' must be str, not None", fname, name);
    if (!is_str(v))
        return raise(t, PyExc_TypeError, "%s() argument '%s' must be str, not %K", fname, name, v);
    std::string_view text = TRY(str_utf8(t, v));
    if (text.find('\0') != text.npos) return raise(t, PyExc_ValueError, "embedded null character");
    return text.data();
}

Status range_args(Thread& t, const Value* args, size_t nargs, int64_t length, int64_t& start, int64_t& stop) {
    start = 0;
    stop = length;
    if (nargs > 1 && !is_none(args[1])) start = TRY(slice_index(t, args[1], 0));
    if (nargs > 2 && !is_none(args[2])) stop = TRY(slice_index(t, args[2], length));
    return Status::ok();
}

namespace {

// --- find and its family ---

Result<int64_t> find_in(Thread& t, Value self, const char* fname, const Value* args, size_t nargs,
                        int direction) {
    TRY(str_arg(t, fname, 1, args[0]));
    int64_t start, stop;
    TRY(range_args(t, args, nargs, str_length(self), start, stop));
    return str_find(self, args[0], start, stop, direction);
}

Ref m_find(Thread& t, Value self, const Value* args, size_t nargs) {
    return Ref::from_int(TRY(find_in(t, self, "find", args, nargs, 1)));
}
Ref m_rfind(Thread& t, Value self, const Value* args, size_t nargs) {
    return Ref::from_int(TRY(find_in(t, self, "rfind", args, nargs, -1)));
}
Ref m_index(Thread& t, Value self, const Value* args, size_t nargs) {
    int64_t at = TRY(find_in(t, self, "index", args, nargs, 1));
    if (at < 0) return raise(t, PyExc_ValueError, "substring not found");
    return Ref::from_int(at);
}
Ref m_rindex(Thread& t, Value self, const Value* args, size_t nargs) {
    int64_t at = TRY(find_in(t, self, "rindex", args, nargs, -1));
    if (at < 0) return raise(t, PyExc_ValueError, "substring not found");
    return Ref::from_int(at);
}
Ref m_count(Thread& t, Value self, const Value* args, size_t nargs) {
    TRY(str_arg(t, "count", 1, args[0]));
    int64_t start, stop;
    TRY(range_args(t, args, nargs, str_length(self), start, stop));
    return Ref::from_int(str_count(self, args[0], start, stop, INT64_MAX));
}

// Whether `sub` stands at the start (or end) of self[start:stop].
bool matches_tail(Value self, Value sub, int64_t start, int64_t stop, bool at_end) {
    clamp_range(str_length(self), start, stop);
    int64_t m = str_length(sub);
    if (stop - start < m) return false;
    if (m == 0) return true;
    int64_t at = at_end ? stop - m : start;
    return with_pair(self, sub, false,
                     [&](auto* hay, auto* needle) -> bool { return search::same(hay + at, needle, m); });
}

Ref tail_match(Thread& t, Value self, const char* fname, const Value* args, size_t nargs, bool at_end) {
    int64_t start, stop;
    TRY(range_args(t, args, nargs, str_length(self), start, stop));
    if (is_tuple(args[0])) {
        for (int64_t i = 0; i < tuple_size(args[0]); i++) {
            Value sub = tuple_get(args[0], i);
            if (!is_str(sub))
                return raise(t, PyExc_TypeError, "tuple for %s must only contain str, not %T", fname, sub);
            if (matches_tail(self, sub, start, stop, at_end)) return bool_ref(true);
        }
        return bool_ref(false);
    }
    if (!is_str(args[0]))
        return raise(t, PyExc_TypeError, "%s first arg must be str or a tuple of str, not %T", fname,
                     args[0]);
    return bool_ref(matches_tail(self, args[0], start, stop, at_end));
}
Ref m_startswith(Thread& t, Value self, const Value* args, size_t nargs) {
    return tail_match(t, self, "startswith", args, nargs, false);
}
Ref m_endswith(Thread& t, Value self, const Value* args, size_t nargs) {
    return tail_match(t, self, "endswith", args, nargs, true);
}
Ref m_removeprefix(Thread& t, Value self, Value prefix) {
    TRY(str_arg(t, "removeprefix", 0, prefix));
    int64_t n = str_length(self);
    return str_substring(t, self, matches_tail(self, prefix, 0, n, false) ? str_length(prefix) : 0, n);
}
Ref m_removesuffix(Thread& t, Value self, Value suffix) {
    TRY(str_arg(t, "removesuffix", 0, suffix));
    int64_t n = str_length(self);
    return str_substring(t, self, 0, matches_tail(self, suffix, 0, n, true) ? n - str_length(suffix) : n);
}

Ref m_replace(Thread& t, Value self, const Value* p) {
    TRY(str_arg(t, "replace", 1, p[0]));
    TRY(str_arg(t, "replace", 2, p[1]));
    int64_t most = p[2] ? TRY(ssize_arg(t, p[2])) : -1;
    return str_replace(t, self, p[0], p[1], most);
}

Ref m_join(Thread& t, Value self, Value iterable) { return str_join(t, self, iterable); }

// --- split and its family ---

// What str_substring does, for a place in characters known to lie in range.
struct PieceList {
    Thread& t;
    Value s;
    Ref list;
    Status operator()(int64_t start, int64_t stop) {
        return list_append_owned(t, list, TRY(piece(start, stop)));
    }

  private:
    Ref piece(int64_t start, int64_t stop) {
        int64_t n = stop - start;
        if (n == 0 || n == str_length(s) || !str_is_ascii(s)) return str_substring(t, s, start, stop);
        auto* from = static_cast<const char*>(str_data(s)) + start;
        if (n == 1) return Ref::steal(latin1_char(static_cast<unsigned char>(*from)));
        Ref r = TRY(str_alloc(t, n, 0x7f));
        std::memcpy(str_data(r), from, static_cast<size_t>(n));
        return r;
    }
};
constexpr int64_t kUsualPieces = 12;

void reverse_list(Value list) { reverse_values(list_items(list), list_size(list)); }

constexpr std::array<bool, 256> kLatin1Space = [] {
    std::array<bool, 256> table{};
    for (int c : {9, 10, 11, 12, 13, 0x1c, 0x1d, 0x1e, 0x1f, 0x20, 0x85, 0xa0})
        table[static_cast<size_t>(c)] = true;
    return table;
}();

Ref split_by(Thread& t, Value self, const Value* p, bool from_right) {
    int64_t most = p[1] ? TRY(ssize_arg(t, p[1])) : -1;
    if (most < 0) most = INT64_MAX;
    Value sep = p[0] && !is_none(p[0]) ? p[0] : Value();
    if (sep && !is_str(sep)) return raise(t, PyExc_TypeError, "must be str or None, not %T", sep);
    PieceList pieces{t, self, TRY(list_with_capacity(t, std::min(most, kUsualPieces - 1) + 1))};
    int64_t n = str_length(self);
    Status done;
    if (!sep) {
        done = with_chars(self, [&](auto* s) -> Status {
            auto space = [](auto c) {
                if constexpr (sizeof c == 1) return kLatin1Space[c];
                return unicode::is_space(c);
            };
            return from_right ? rsplit_space(s, n, most, space, pieces)
                              : split_space(s, n, most, space, pieces);
        });
    } else {
        int64_t m = str_length(sep);
        if (m == 0) return raise(t, PyExc_ValueError, "empty separator");
        if (str_limit(sep) > str_limit(self) || n < m) {
            done = pieces(0, n);
        } else {
            done = with_pair(self, sep, Status(), [&](auto* s, auto* needle) -> Status {
                return from_right ? rsplit_text(s, n, needle, m, most, pieces)
                                  : split_text(s, n, needle, m, most, pieces);
            });
        }
    }
    if (!done) return {};
    if (from_right) reverse_list(pieces.list);
    return std::move(pieces.list);
}
Ref m_split(Thread& t, Value self, const Value* p) { return split_by(t, self, p, false); }
Ref m_rsplit(Thread& t, Value self, const Value* p) { return split_by(t, self, p, true); }

Ref m_splitlines(Thread& t, Value self, const Value* p) {
    bool keep = p[0] ? TRY(is_true(t, p[0])) : false;
    PieceList pieces{t, self, TRY(list_new(t))};
    int64_t n = str_length(self);
    TRY(with_chars(self, [&](auto* s) -> Status {
        return split_lines(s, n, keep, [](uint32_t c) { return unicode::is_line_break(c); }, pieces);
    }));
    return std::move(pieces.list);
}

Ref partition_at(Thread& t, Value self, Value sep, int direction) {
    if (!is_str(sep)) return raise(t, PyExc_TypeError, "must be str, not %T", sep);
    int64_t n = str_length(self), m = str_length(sep);
    if (m == 0) return raise(t, PyExc_ValueError, "empty separator");
    int64_t at = str_find(self, sep, 0, n, direction);
    if (at < 0) {
        Ref whole = TRY(str_exact(t, self));
        if (direction > 0) return tuple_of(t, {whole, empty_str(), empty_str()});
        return tuple_of(t, {empty_str(), empty_str(), whole});
    }
    Ref head = TRY(str_substring(t, self, 0, at));
    Ref tail = TRY(str_substring(t, self, at + m, n));
    return tuple_of(t, {head, sep, tail});
}
Ref m_partition(Thread& t, Value self, Value sep) { return partition_at(t, self, sep, 1); }
Ref m_rpartition(Thread& t, Value self, Value sep) { return partition_at(t, self, sep, -1); }

// --- strip ---

enum Side { kLeft = 1, kRight = 2 };

template <class Drop>
Ref strip_if(Thread& t, Value self, int sides, Drop&& drop) {
    int64_t start = 0, stop = str_length(self);
    with_chars(self, [&](auto* s) {
        if (sides & kLeft)
            while (start < stop && drop(s[start])) start++;
        if (sides & kRight)
            while (stop > start && drop(s[stop - 1])) stop--;
    });
    return str_substring(t, self, start, stop);
}

Ref strip(Thread& t, Value self, const char* fname, const Value* args, size_t nargs, int sides) {
    if (nargs == 0 || is_none(args[0]))
        return strip_if(t, self, sides, [](uint32_t c) { return unicode::is_space(c); });
    Value chars = args[0];
    if (!is_str(chars)) return raise(t, PyExc_TypeError, "%s arg must be None or str", fname);
    int64_t n = str_length(chars);
    uint64_t bloom = 0;  // by the low six bits: most characters that are not in the set are told at once
    with_chars(chars, [&](auto* c) {
        for (int64_t i = 0; i < n; i++) bloom |= uint64_t{1} << (c[i] & 63);
    });
    return strip_if(t, self, sides, [&](uint32_t c) {
        return (bloom >> (c & 63) & 1) && with_chars(chars, [&](auto* s) { return find_char(s, n, c) >= 0; });
    });
}
Ref m_strip(Thread& t, Value self, const Value* args, size_t nargs) {
    return strip(t, self, "strip", args, nargs, kLeft | kRight);
}
Ref m_lstrip(Thread& t, Value self, const Value* args, size_t nargs) {
    return strip(t, self, "lstrip", args, nargs, kLeft);
}
Ref m_rstrip(Thread& t, Value self, const Value* args, size_t nargs) {
    return strip(t, self, "rstrip", args, nargs, kRight);
}

// --- padding ---

Status fill_arg(Thread& t, const Value* args, size_t nargs, int64_t* width, uint32_t* fill) {
    *width = TRY(ssize_arg(t, args[0]));
    *fill = ' ';
    if (nargs > 1) {
        if (!is_str(args[1]))
            return raise(t, PyExc_TypeError, "The fill character must be a unicode character, not %T",
                         args[1]);
        if (str_length(args[1]) != 1)
            return raise(t, PyExc_TypeError, "The fill character must be exactly one character long");
        *fill = str_char(args[1], 0);
    }
    return Status::ok();
}

Ref m_ljust(Thread& t, Value self, const Value* args, size_t nargs) {
    int64_t width;
    uint32_t fill;
    TRY(fill_arg(t, args, nargs, &width, &fill));
    return str_pad(t, self, 0, width - str_length(self), fill);
}
Ref m_rjust(Thread& t, Value self, const Value* args, size_t nargs) {
    int64_t width;
    uint32_t fill;
    TRY(fill_arg(t, args, nargs, &width, &fill));
    return str_pad(t, self, width - str_length(self), 0, fill);
}
Ref m_center(Thread& t, Value self, const Value* args, size_t nargs) {
    int64_t width;
    uint32_t fill;
    TRY(fill_arg(t, args, nargs, &width, &fill));
    int64_t room = width - str_length(self);
    if (room <= 0) return str_exact(t, self);
    int64_t left = room / 2 + (room & width & 1);
    return str_pad(t, self, left, room - left, fill);
}

Ref m_zfill(Thread& t, Value self, Value width_arg) {
    int64_t width = TRY(ssize_arg(t, width_arg)), n = str_length(self);
    if (n >= width) return str_exact(t, self);
    Ref r = TRY(str_pad(t, self, width - n, 0, '0'));
    uint32_t first = n ? str_char(self, 0) : 0;
    if (first == '+' || first == '-') {
        with_mutable_chars(r, [&](auto* d) {
            d[0] = static_cast<std::remove_reference_t<decltype(*d)>>(first);
            d[width - n] = '0';
        });
    }
    return r;
}

Ref m_expandtabs(Thread& t, Value self, const Value* p) {
    int tab = p[0] ? TRY(as_int32(t, p[0])) : 8;
    int64_t n = str_length(self), total = n;
    bool any = false, fits = true;
    // Calls put(spaces, c) for each character: how many stand for it, if it is a tab.
    auto each = [&](auto* s, auto&& put) {
        int64_t column = 0;
        for (int64_t i = 0; i < n; i++) {
            if (s[i] == '\t') {
                int64_t gap = tab > 0 ? tab - column % tab : 0;
                column += gap;
                put(gap, s[i]);
            } else {
                column = s[i] == '\n' || s[i] == '\r' ? 0 : column + 1;
                put(0, s[i]);
            }
        }
    };
    with_chars(self, [&](auto* s) {
        each(s, [&](int64_t gap, uint32_t c) {
            any = any || c == '\t';
            fits = fits && !(c == '\t' && __builtin_add_overflow(total, gap - 1, &total));
        });
    });
    if (!any) return str_exact(t, self);
    if (!fits) return raise(t, PyExc_OverflowError, "new string is too long");
    if (total == 0) return Ref::steal(empty_str());
    Ref r = TRY(str_alloc(t, total, str_limit(self)));
    with_chars(self, [&](auto* s) {
        auto* to = const_cast<std::remove_const_t<std::remove_pointer_t<decltype(s)>>*>(s);
        to = static_cast<decltype(to)>(str_data(r));
        each(s, [&](int64_t gap, uint32_t c) {
            if (c != '\t')
                *to++ = static_cast<std::remove_pointer_t<decltype(to)>>(c);
            else
                while (gap-- > 0) *to++ = ' ';
        });
    });
    return r;
}

// --- the rest ---

Ref m_encode(Thread& t, Value self, const Value* p) {
    const char* encoding = TRY(c_string_arg(t, "encode", "encoding", p[0]));
    const char* errors = TRY(c_string_arg(t, "encode", "errors", p[1]));
    return str_encode(t, self, encoding, errors);
}
Ref m_sizeof(Thread& t, Value self) {
    int64_t size = str_header_size(str_limit(self)) + (str_length(self) + 1) * str_kind(self);
    uint32_t state = str_head(self)->state;
    if (!(state & kStateCompact)) size += sizeof(PyUnicodeObject) - str_header_size(str_limit(self));
    if (!str_is_ascii(self) && self.as<PyCompactUnicodeObject>()->utf8)
        size += self.as<PyCompactUnicodeObject>()->utf8_length + 1;
    return int_from(t, size);
}
Ref m_getnewargs(Thread& t, Value self) {
    Ref copy = TRY(str_from_kind(t, str_kind(self), str_data(self), str_length(self)));
    return tuple_of(t, {copy});
}

}  // namespace

Ref str_pad(Thread& t, Value s, int64_t left, int64_t right, uint32_t fill) {
    if (left < 0) left = 0;
    if (right < 0) right = 0;
    if (left == 0 && right == 0) return str_exact(t, s);
    int64_t n = str_length(s);
    if (left > INT64_MAX - n || right > INT64_MAX - n - left)
        return raise(t, PyExc_OverflowError, "padded string is too long");
    Ref r = TRY(str_alloc(t, left + n + right, std::max(str_limit(s), fill)));
    with_mutable_chars(r, [&](auto* d) {
        using C = std::remove_reference_t<decltype(*d)>;
        std::fill_n(d, left, static_cast<C>(fill));
        copy_chars(sizeof(C), d + left, str_kind(s), str_data(s), n);
        std::fill_n(d + left + n, right, static_cast<C>(fill));
    });
    return r;
}

#define NO_ARGS(name, doc) def<str_##name>(#name, "()", doc)

const NativeDef kStrMethods[] = {
    def<m_encode>("encode", "(encoding='utf-8', errors='strict')", "The bytes of this text in an encoding."),
    def<m_replace>("replace", "(old, new, /, count=-1)",
                   "A copy in which occurrences of old (the first count of them) are new."),
    def<m_split>("split", "(sep=None, maxsplit=-1)",
                 "The list of the parts between separators.\n\nWithout sep, runs of whitespace separate."),
    def<m_rsplit>("rsplit", "(sep=None, maxsplit=-1)",
                  "The list of the parts between separators, counting splits from the right."),
    def<m_join>("join", "(iterable, /)", "The strings of the iterable with this one between them."),
    NO_ARGS(capitalize, "A copy whose first character is in title case and the rest in lower case."),
    NO_ARGS(casefold, "A copy for comparing without regard to case."),
    NO_ARGS(title, "A copy in which every word starts with a title case character."),
    def<m_center>("center", "(width, fillchar=' ', /)", "This text in the middle of width characters."),
    def<m_count>("count", "(sub[, start[, end]], /)", "How often sub occurs without overlapping."),
    def<m_expandtabs>("expandtabs", "(tabsize=8)", "A copy with spaces in place of tabs."),
    def<m_find>("find", "(sub[, start[, end]], /)", "The lowest index where sub is found, or -1."),
    def<m_partition>("partition", "(sep, /)", "The parts before and after the first sep, with sep between."),
    def<m_index>("index", "(sub[, start[, end]], /)",
                 "As find(), but raises ValueError when sub is missing."),
    def<m_ljust>("ljust", "(width, fillchar=' ', /)", "This text at the left of width characters."),
    NO_ARGS(lower, "A copy in lower case."),
    def<m_lstrip>("lstrip", "(chars=None, /)", "A copy without whitespace, or chars, at the start."),
    def<m_rfind>("rfind", "(sub[, start[, end]], /)", "The highest index where sub is found, or -1."),
    def<m_rindex>("rindex", "(sub[, start[, end]], /)",
                  "As rfind(), but raises ValueError when sub is missing."),
    def<m_rjust>("rjust", "(width, fillchar=' ', /)", "This text at the right of width characters."),
    def<m_rstrip>("rstrip", "(chars=None, /)", "A copy without whitespace, or chars, at the end."),
    def<m_rpartition>("rpartition", "(sep, /)", "The parts before and after the last sep, with sep between."),
    def<m_splitlines>("splitlines", "(keepends=False)", "The list of the lines."),
    def<m_strip>("strip", "(chars=None, /)", "A copy without whitespace, or chars, at both ends."),
    NO_ARGS(swapcase, "A copy with upper and lower case exchanged."),
    def<str_translate>(
        "translate", "(table, /)",
        "A copy in which table[ordinal] (an ordinal, a string or None) stands for each character."),
    NO_ARGS(upper, "A copy in upper case."),
    def<m_startswith>("startswith", "(prefix[, start[, end]], /)",
                      "Whether this text starts with prefix, or one of a tuple of them."),
    def<m_endswith>("endswith", "(suffix[, start[, end]], /)",
                    "Whether this text ends with suffix, or one of a tuple of them."),
    def<m_removeprefix>("removeprefix", "(prefix, /)", "A copy without prefix at the start."),
    def<m_removesuffix>("removesuffix", "(suffix, /)", "A copy without suffix at the end."),
    NO_ARGS(isascii, "Whether all characters are ASCII."),
    NO_ARGS(islower, "Whether there are cased characters and all of them are lower case."),
    NO_ARGS(isupper, "Whether there are cased characters and all of them are upper case."),
    NO_ARGS(istitle, "Whether words start with upper or title case and go on in lower case."),
    NO_ARGS(isspace, "Whether there is something and all of it is whitespace."),
    NO_ARGS(isdecimal, "Whether there is something and all of it is decimal digits."),
    NO_ARGS(isdigit, "Whether there is something and all of it is digits."),
    NO_ARGS(isnumeric, "Whether there is something and all of it is numeric characters."),
    NO_ARGS(isalpha, "Whether there is something and all of it is letters."),
    NO_ARGS(isalnum, "Whether there is something and all of it is letters or numeric."),
    NO_ARGS(isidentifier, "Whether this is a valid identifier; keywords are too."),
    NO_ARGS(isprintable, "Whether all characters are printable."),
    def<m_zfill>("zfill", "(width, /)", "This number with zeros between its sign and its digits."),
    def<str_format_method>("format", "(*args, **kwargs)", "This text with its replacement fields filled in."),
    def<str_format_map>("format_map", "(mapping, /)", "As format(**mapping), with any mapping."),
    def<str_dunder_format>("__format__", "(format_spec, /)", "This text formatted as format_spec says."),
    def<str_maketrans>("maketrans", "(x, y=<unrepresentable>, z=<unrepresentable>, /)",
                       "A table for translate().", kMethStatic),
    def<m_sizeof>("__sizeof__", "()", "The size of this object in memory, in bytes."),
    def<m_getnewargs>("__getnewargs__", "()", nullptr),
    {},
};

}  // namespace krait
