// The module _bisect: binary search in sorted sequences.
#include "builtins/list.h"
#include "builtins/number.h"
#include "builtins/str.h"
#include "builtins/str_methods.h"
#include "object/protocol.h"

namespace krait {
namespace {

enum Side { kLeft, kRight };

struct Range {
    int64_t lo, hi;
};
Result<Range> search_range(Thread& t, Value sequence, Value lo, Value hi) {
    Range r{0, -1};
    if (lo) r.lo = TRY(ssize_arg(t, lo));
    if (hi && !is_none(hi)) {
        if (!is_index(hi))
            return raise(t, PyExc_TypeError, "argument should be integer or None, not '%T'", hi);
        r.hi = TRY(as_index(t, hi, PyExc_OverflowError));
    }
    if (r.lo < 0) return raise(t, PyExc_ValueError, "lo must be non-negative");
    if (r.hi == -1) r.hi = TRY(length(t, sequence));
    return r;
}

// a < b as the operator gives it: identity says nothing here.
Result<bool> less_than(Thread& t, Value a, Value b) {
    Ref r = TRY(compare(t, a, b, kLt));
    return is_true(t, r);
}

template <Side S>
inline Result<bool> go_right(Thread& t, Value item, Value x) {
    Value a = S == kRight ? x : item, b = S == kRight ? item : x;
    bool less;
    if (a.is_int() && b.is_int())
        less = a.as_int() < b.as_int();
    else if (a.is_float() && b.is_float())
        less = a.as_float() < b.as_float();
    else if (is_str_exact(a) && is_str_exact(b))
        less = str_compare(a, b) < 0;
    else
        less = TRY(less_than(t, a, b));
    return S == kRight ? !less : less;
}

// The place where `x` belongs: after (right) or before (left) its equals.
template <Side S>
Result<int64_t> find(Thread& t, Value sequence, Value x, Range r, Value key) {
    const Slots& slots = ext(type_of(sequence))->slots;
    IndexFn item_at = slots.sq_item;
    if (!item_at) {
        if (slots.mp_subscript) return raise(t, PyExc_TypeError, "%T is not a sequence", sequence);
        return raise(t, PyExc_TypeError, "'%T' object does not support indexing", sequence);
    }
    bool plain_list = is_list_exact(sequence);
    while (r.lo < r.hi) {
        int64_t mid = static_cast<int64_t>((static_cast<uint64_t>(r.lo) + static_cast<uint64_t>(r.hi)) / 2);
        Ref item;
        if (plain_list && mid < list_size(sequence))
            item = Ref::share(list_get(sequence, mid));
        else
            item = TRY(item_at(t, sequence, mid));
        if (key) item = TRY(call(t, key, {item}));
        bool right = TRY(go_right<S>(t, item, x));
        if (right)
            r.lo = mid + 1;
        else
            r.hi = mid;
    }
    return r.lo;
}

// params: a, x, lo, hi, key
Value key_of(const Value* params) { return params[4] && !is_none(params[4]) ? params[4] : Value(); }

template <Side S>
Ref bisect(Thread& t, Value, const Value* params) {
    Range r = TRY(search_range(t, params[0], params[2], params[3]));
    int64_t at = TRY(find<S>(t, params[0], params[1], r, key_of(params)));
    return int_from(t, at);
}
template <Side S>
Ref insort(Thread& t, Value, const Value* params) {
    Value key = key_of(params);
    Ref x = TRY(key ? call(t, key, {params[1]}) : Ref::share(params[1]));
    Range r = TRY(search_range(t, params[0], params[2], params[3]));
    int64_t at = TRY(find<S>(t, params[0], x, r, key));
    if (is_list_exact(params[0])) {
        TRY(list_insert(t, params[0], at, params[1]));
    } else {
        Ref index = TRY(int_from(t, at));
        TRY_DISCARD(call_method(t, params[0], "insert", {index, params[1]}));
    }
    return none_ref();
}

#define SIGNATURE "(a, x, lo=0, hi=None, *, key=None)"
const NativeDef functions[] = {
    def<bisect<kRight>>("bisect_right", SIGNATURE, "Where x belongs in a sorted list, after its equals."),
    def<insort<kRight>>("insort_right", SIGNATURE, "Inserts x into a sorted list, after its equals."),
    def<bisect<kLeft>>("bisect_left", SIGNATURE, "Where x belongs in a sorted list, before its equals."),
    def<insort<kLeft>>("insort_left", SIGNATURE, "Inserts x into a sorted list, before its equals."),
    {}};

}  // namespace

extern const ModuleSpec module__bisect;
const ModuleSpec module__bisect{.name = "_bisect", .doc = "Binary search.", .functions = functions};

}  // namespace krait
