// repr, str, comparison, truth, hash, dir.
#include <cmath>
#include <cstdio>
#include <cstring>

#include "builtins/dict.h"
#include "builtins/list.h"
#include "builtins/number.h"
#include "builtins/str.h"
#include "builtins/tuple.h"
#include "gc/state.h"
#include "object/errors.h"
#include "object/instance.h"
#include "object/internal.h"
#include "object/names.h"
#include "object/operators.h"
#include "object/protocol.h"
#include "support/aside.h"

namespace krait {

// --- text ---

static Ref checked_str(Thread& t, Ref r, const char* method) {
    if (!r || is_str(r)) return r;
    return raise(t, PyExc_TypeError, "%s returned non-string (type %.200s)", method, type_of(r)->tp_name);
}

// Whatever text is made of is kept meanwhile: it may come from a field of an object, which code of the
// program that runs meanwhile gives another value.
Ref repr(Thread& t, Value v) {
    if (!v) return str_from(t, "<NULL>");
    Ref keep = Ref::share(v);
    UnaryFn fn = ext(type_of(v))->slots.repr;
    if (!fn) return str_format(t, "<%s object at %p>", type_of(v)->tp_name, reinterpret_cast<void*>(v.bits));
    if (stack_is_low(t)) [[unlikely]]
        return with_more_stack<repr, kSomeMoreStack>(t, " while getting the repr of an object", v);
    return checked_str(t, fn(t, v), "__repr__");
}

Ref str(Thread& t, Value v) {
    if (!v) return str_from(t, "<NULL>");
    if (is_str_exact(v)) return Ref::share(v);
    Ref keep = Ref::share(v);
    UnaryFn fn = ext(type_of(v))->slots.str;
    if (!fn) return repr(t, v);
    RecursionGuard guard(t, " while getting the str of an object");
    if (!guard) return {};
    return checked_str(t, fn(t, v), "__str__");
}

Ref ascii(Thread& t, Value v) {
    Ref r = TRY(repr(t, v));
    if (str_is_ascii(r)) return r;
    StrBuilder out(t, str_length(r));
    for (int64_t i = 0, n = str_length(r); i < n; i++) {
        uint32_t c = str_char(r, i);
        char buf[12];
        if (c < 0x80) {
            TRY(out.put(c));
            continue;
        }
        int len = c < 0x100     ? snprintf(buf, sizeof buf, "\\x%02x", c)
                  : c < 0x10000 ? snprintf(buf, sizeof buf, "\\u%04x", c)
                                : snprintf(buf, sizeof buf, "\\U%08x", c);
        TRY(out.ascii(buf, len));
    }
    return out.finish();
}

Ref format(Thread& t, Value v, Value spec) {
    if (spec && !is_str(spec))
        return raise(t, PyExc_SystemError, "Format specifier must be a string, not %.200s",
                     type_of(spec)->tp_name);
    if (!spec) spec = empty_str();
    Ref keep = Ref::share(v);
    if (str_length(spec) == 0) {
        if (is_str_exact(v)) return Ref::share(v);
        if (is_long_exact(v)) return str(t, v);
    }
    Ref method = TRY(lookup_special(t, v, ID(__format__)));
    if (!method)
        return raise(t, PyExc_TypeError, "Type %.100s doesn't define __format__", type_of(v)->tp_name);
    Ref r = TRY(call(t, method, {spec}));
    if (!is_str(r))
        return raise(t, PyExc_TypeError, "__format__ must return a str, not %.200s", type_of(r)->tp_name);
    return r;
}

static PodVector<uint64_t>& repr_stack(Thread& t) {
    if (!t.repr_stack) t.repr_stack = new PodVector<uint64_t>;
    return *static_cast<PodVector<uint64_t>*>(t.repr_stack);
}

Result<bool> repr_enter(Thread& t, Value v) {
    auto& stack = repr_stack(t);
    for (size_t i = stack.size; i-- > 0;)
        if (stack[i] == v.bits) return true;
    if (!stack.push(v.bits)) return raise_no_memory(t);
    return false;
}

void repr_leave(Thread& t, Value v) {
    auto& stack = repr_stack(t);
    for (size_t i = stack.size; i-- > 0;) {
        if (stack[i] != v.bits) continue;
        for (size_t k = i + 1; k < stack.size; k++) stack[k - 1] = stack[k];
        stack.size--;
        return;
    }
}

Ref dir(Thread& t, Value v) {
    Ref names;
    if (!v) {
        Ref locals = TRY(current_locals(t));
        names = TRY(mapping_keys(t, locals));
        names = TRY(to_list(t, names));
    } else {
        Ref method = TRY(lookup_special(t, v, ID(__dir__)));
        if (!method) return raise(t, PyExc_TypeError, "object does not provide __dir__");
        names = TRY(call(t, method));
        names = TRY(to_list(t, names));
    }
    TRY(list_sort(t, names));
    return names;
}

void write_unraisable_in(Thread& t, const char* what, Value obj) {
    Ref exc = fetch_error(t);
    Ref text = str_format(t, "Exception ignored %s %R", what, obj);
    if (!text) clear_error(t);
    restore_error(t, std::move(exc));
    if (text)
        write_unraisable(t, str_utf8_or(text, "Exception ignored").data(), {});
    else
        write_unraisable(t, nullptr, obj);
}

// --- comparison ---

bool is_same(Value a, Value b) {
    if (a == b) return true;
    if (a.is_ptr() == b.is_ptr()) return false;
    // One immediate, one boxed: the same object as far as a program can tell when type and value agree.
    Value imm = a.is_ptr() ? b : a, box = a.is_ptr() ? a : b;
    if (imm.is_int()) {
        int64_t n;
        return has_type(box, &PyLong_Type) && int_to_i64(box, &n) && n == imm.as_int();
    }
    if (!has_type(box, &PyFloat_Type)) return false;
    double x = imm.as_float(), y = box.as<PyFloatObject>()->ob_fval;
    return memcmp(&x, &y, sizeof x) == 0;
}

static const CompareOp swapped[] = {kGt, kGe, kEq, kNe, kLt, kLe};

// Nobody knows: identity, or an error.
static Ref compare_by_default(Thread& t, Value a, Value b, CompareOp op) {
    static const char* const symbols[] = {"<", "<=", "==", "!=", ">", ">="};
    if (op == kEq) return bool_ref(is_same(a, b));
    if (op == kNe) return bool_ref(!is_same(a, b));
    return raise(t, PyExc_TypeError, "'%s' not supported between instances of '%.100s' and '%.100s'",
                 symbols[op], type_of(a)->tp_name, type_of(b)->tp_name);
}

Ref compare_declined(Thread& t, Value a, Value b, CompareOp op) {
    if (CompareFn fb = ext(type_of(b))->slots.richcompare) {
        RecursionGuard guard(t, " in comparison");
        if (!guard) return {};
        Ref r = fb(t, b, a, swapped[op]);
        if (!r || r.get() != not_implemented()) return r;
    }
    return compare_by_default(t, a, b, op);
}

static Ref compare_slots(Thread& t, Value a, Value b, CompareOp op) {
    PyTypeObject *ta = type_of(a), *tb = type_of(b);
    CompareFn fb = ext(tb)->slots.richcompare;
    if (ta == tb && fb) [[likely]] {
        Ref r = fb(t, a, b, op);
        if (!r || r.get() != not_implemented()) return r;
        r = fb(t, b, a, swapped[op]);
        if (!r || r.get() != not_implemented()) return r;
        return compare_by_default(t, a, b, op);
    }
    bool tried_reflected = false;
    if (fb && is_subtype(tb, ta)) {
        tried_reflected = true;
        Ref r = fb(t, b, a, swapped[op]);
        if (!r || r.get() != not_implemented()) return r;
    }
    if (CompareFn fa = ext(ta)->slots.richcompare) {
        Ref r = fa(t, a, b, op);
        if (!r || r.get() != not_implemented()) return r;
    }
    if (!tried_reflected && fb) {
        Ref r = fb(t, b, a, swapped[op]);
        if (!r || r.get() != not_implemented()) return r;
    }
    return compare_by_default(t, a, b, op);
}

Ref compare(Thread& t, Value a, Value b, CompareOp op) {
    if (a.is_int() && b.is_int()) return bool_ref(holds(op, a.as_int(), b.as_int()));
    if (stack_is_low(t)) [[unlikely]]
        return with_more_stack<compare>(t, " in comparison", a, b, op);
    return compare_slots(t, a, b, op);
}

Result<bool> compare_bool(Thread& t, Value a, Value b, CompareOp op) {
    if (a == b) {
        if (op == kEq) return true;
        if (op == kNe) return false;
    }
    if (a.is_int() && b.is_int()) return holds(op, a.as_int(), b.as_int());
    if (op == kEq || op == kNe) {
        if (is_str_exact(a) && is_str_exact(b)) return str_equal(a, b) == (op == kEq);
        if (is_same(a, b)) return op == kEq;
    }
    Ref r = TRY(compare(t, a, b, op));
    if (is_bool(r)) return r.get() == boolean(true);
    return is_true(t, r);
}

// --- truth ---

Result<bool> is_true(Thread& t, Value v) {
    if (v == boolean(true)) return true;
    if (v == boolean(false) || is_none(v)) return false;
    if (v.is_int()) return v.as_int() != 0;
    const Slots& s = ext(type_of(v))->slots;
    if (s.nb_bool) return s.nb_bool(t, v);
    LengthFn len = s.mp_length ? s.mp_length : s.sq_length;
    if (!len) return true;
    return TRY(len(t, v)) != 0;
}

// --- hash ---

Result<int64_t> hash_not_implemented(Thread& t, Value v) {
    return raise(t, PyExc_TypeError, "unhashable type: '%.200s'", type_of(v)->tp_name);
}

namespace {
[[gnu::noinline]] Result<int64_t> hash_of_int(Value v) { return int_hash(v); }
[[gnu::noinline]] Result<int64_t> hash_of_str(Value v) { return str_hash(v); }
[[gnu::noinline]] Result<int64_t> hash_deep(Thread& t, Value v) {
    return with_more_stack<hash>(t, is_tuple(v) ? " while hashing a tuple" : " while hashing", v);
}
}  // namespace

// All calls are the last thing it does: it keeps nothing of its callers'.
Result<int64_t> hash_of_minus_one(Thread& t) {
    return t.has_exception() ? Result<int64_t>() : Result<int64_t>(-2);
}
Result<int64_t> hash(Thread& t, Value v) {
    if (is_str_exact(v)) {
        int64_t known = str_head(v)->hash;
        return known != -1 ? Result<int64_t>(known) : called(hash_of_str(v));
    }
    if (v.is_int()) return hash_of_int(v);
    PyTypeObject* type = type_of(v);
    HashFn fn = ext(type)->slots.hash;
    if (!fn) return called(hash_not_implemented(t, v));
    if (stack_is_low(t)) [[unlikely]]
        return called(hash_deep(t, v));
    if ((type->krait_bits & (kSlotsOfC | kExposable)) == kSlotsOfC && type->tp_hash) {
        // The call in which the way by the slot would end.
        int64_t h = reinterpret_cast<int64_t (*)(PyObject*)>(type->tp_hash)(v.ptr());
        return h != -1 ? Result<int64_t>(h) : called(hash_of_minus_one(t));
    }
    return fn(t, v);
}

int64_t hash_pointer(const void* p) {
    // The low bits of an address are always zero: rotate them out of the way.
    auto n = std::rotr(reinterpret_cast<uint64_t>(p), 4);
    auto h = static_cast<int64_t>(n);
    return h == -1 ? -2 : h;
}

int64_t hash_double(Value v, double d) {
    constexpr int kBits = 61;
    constexpr uint64_t kModulus = (uint64_t{1} << kBits) - 1;
    if (!std::isfinite(d)) {
        if (std::isinf(d)) return d > 0 ? 314159 : -314159;
        return v && v.is_ptr() ? hash_pointer(v.ptr()) : 0;
    }
    int e;
    double m = frexp(d, &e);
    bool negative = m < 0;
    if (negative) m = -m;
    // 28 bits of the mantissa at a time, modulo 2**61 - 1.
    uint64_t x = 0;
    while (m != 0) {
        x = ((x << 28) & kModulus) | x >> (kBits - 28);
        m *= 268435456.0;
        e -= 28;
        auto part = static_cast<uint64_t>(m);
        m -= static_cast<double>(part);
        x += part;
        if (x >= kModulus) x -= kModulus;
    }
    e = e >= 0 ? e % kBits : kBits - 1 - ((-1 - e) % kBits);
    x = ((x << e) & kModulus) | x >> (kBits - e);
    auto h = static_cast<int64_t>(x);
    if (negative) h = -h;
    return h == -1 ? -2 : h;
}

}  // namespace krait
