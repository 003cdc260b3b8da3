#include "builtins/sequence.h"

#include "builtins/number.h"
#include "builtins/str.h"
#include "builtins/str_same.h"

namespace krait {

namespace {

// A str whose repr is itself between apostrophes.
bool is_plainly_quoted(Value s) {
    if (!is_str_exact(s) || !str_is_ascii(s)) return false;
    auto* p = static_cast<const uint8_t*>(str_data(s));
    bool plain = true;
    for (int64_t i = 0, n = str_length(s); i < n; i++)
        plain = plain && p[i] >= ' ' && p[i] < 0x7f && p[i] != '\'' && p[i] != '\\';
    return plain;
}

}  // namespace

Status append_repr(Thread& t, StrBuilder& out, Value v) {
    if (v.is_int()) {
        char digits[24];
        char *end = digits + sizeof digits, *p = end;
        int64_t n = v.as_int();
        uint64_t a = n < 0 ? -static_cast<uint64_t>(n) : static_cast<uint64_t>(n);
        do {
            *--p = static_cast<char>('0' + a % 10);
            a /= 10;
        } while (a);
        if (n < 0) *--p = '-';
        return out.ascii(p, static_cast<size_t>(end - p));
    }
    if (is_plainly_quoted(v)) {
        TRY(out.put('\''));
        TRY(out.ascii(static_cast<const char*>(str_data(v)), static_cast<size_t>(str_length(v))));
        return out.put('\'');
    }
    Ref text = TRY(repr(t, v));
    return out.append(text);
}

Ref items_repr(Thread& t, Value self, const char* open, const char* close, const char* recursive) {
    bool again = TRY(repr_enter(t, self));
    if (again) return str_from(t, recursive);
    StrBuilder out(t, 2 + 3 * items_of(self).size);
    auto body = [&]() -> Status {
        TRY(out.ascii(open));
        for (int64_t i = 0; i < items_of(self).size; i++) {
            if (i) TRY(out.ascii(", ", 2));
            Value at = items_of(self).data[i];
            if (!at) [[unlikely]] {  // C has not filled it yet
                TRY(out.ascii("<NULL>"));
                continue;
            }
            Ref item = Ref::share(at);
            TRY(append_repr(t, out, item));
        }
        return out.ascii(close);
    };
    Status ok = body();
    repr_leave(t, self);
    if (!ok) return {};
    return out.finish();
}

// The result of a comparison that two different items decide.
static bool decided_by(CompareOp op, bool less) {
    return op == kNe || (op != kEq && (op == kLt || op == kLe) == less);
}

Ref items_compare(Thread& t, Value a, Value b, CompareOp op) {
    Items x = items_of(a), y = items_of(b);
    if (x.size != y.size && (op == kEq || op == kNe)) return bool_ref(op == kNe);
    int64_t i = 0;
    for (;; i++) {
        x = items_of(a);
        y = items_of(b);
        if (i >= x.size || i >= y.size) break;
        if (x.data[i] == y.data[i] && !x.data[i].is_float()) continue;
        if (x.data[i].is_int() && y.data[i].is_int())
            return bool_ref(decided_by(op, x.data[i].as_int() < y.data[i].as_int()));
        if (is_str_exact(x.data[i]) && is_str_exact(y.data[i])) {
            if (str_equal(x.data[i], y.data[i])) continue;
            return bool_ref(decided_by(op, str_compare(x.data[i], y.data[i]) < 0));
        }
        Ref p = Ref::share(x.data[i]), q = Ref::share(y.data[i]);
        bool same = TRY(equal(t, p, q));
        if (same) continue;
        // Comparing may have taken items away: then the sizes decide.
        if (i >= items_of(a).size || i >= items_of(b).size) break;
        if (op == kEq) return bool_ref(false);
        if (op == kNe) return bool_ref(true);
        return compare(t, p, q, op);
    }
    x = items_of(a);
    y = items_of(b);
    return bool_ref(holds(op, x.size, y.size));
}

Result<bool> items_contains(Thread& t, Value self, Value item) {
    for (int64_t i = 0; i < items_of(self).size; i++) {
        Value candidate = items_of(self).data[i];
        Sameness plain = plain_sameness(candidate, item);
        if (plain == Sameness::Yes) return true;
        if (plain == Sameness::No) continue;
        Ref keep = Ref::share(candidate);
        bool same = TRY(equal(t, keep, item));
        if (same) return true;
    }
    return false;
}

Result<int64_t> items_count(Thread& t, Value self, Value item) {
    int64_t n = 0;
    for (int64_t i = 0; i < items_of(self).size; i++) {
        Value candidate = items_of(self).data[i];
        if (Sameness plain = plain_sameness(candidate, item); plain != Sameness::Unsure) {
            n += plain == Sameness::Yes;
            continue;
        }
        Ref keep = Ref::share(candidate);
        bool same = TRY(equal(t, keep, item));
        n += same;
    }
    return n;
}

Result<int64_t> slice_index(Thread& t, Value v, int64_t when_none) {
    if (!v || is_none(v)) return when_none;
    if (v.is_int()) return v.as_int();
    if (!is_index(v))
        return raise(t, PyExc_TypeError,
                     "slice indices must be integers or None or have an __index__ method");
    return as_index(t, v, nullptr);
}

Result<int64_t> items_index(Thread& t, Value self, const Value* args, size_t nargs) {
    int64_t bounds[2] = {0, INT64_MAX};
    for (size_t i = 1; i < nargs; i++) {
        if (!args[i].is_int() && !is_index(args[i]))
            return raise(t, PyExc_TypeError, "slice indices must be integers or have an __index__ method");
        bounds[i - 1] = TRY(as_index(t, args[i], nullptr));
    }
    for (int64_t& b : bounds) {
        if (b >= 0) continue;
        b += items_of(self).size;
        if (b < 0) b = 0;
    }
    for (int64_t i = bounds[0]; i < bounds[1] && i < items_of(self).size; i++) {
        Ref keep = Ref::share(items_of(self).data[i]);
        bool same = TRY(equal(t, keep, args[0]));
        if (same) return i;
    }
    return int64_t{-1};
}

}  // namespace krait
