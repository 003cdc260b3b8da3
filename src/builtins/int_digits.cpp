// Arithmetic on the digits of big integers: what is linear in their length is done here, in place of a way to
// GMP's numbers and back, which costs more than the operation itself.
#include "builtins/int_digits.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "gc/alloc.h"

namespace krait {

DigitView::DigitView(Value v) {
    if (v.is_int()) {
        int64_t w = v.as_int();
        negative = w < 0;
        uint64_t a = negative ? -static_cast<uint64_t>(w) : static_cast<uint64_t>(w);
        count = 0;
        for (; a; a >>= kDigitBits) own_[count++] = static_cast<uint32_t>(a) & kDigitMask;
        digits = own_;
        return;
    }
    const PyLongObject* o = as_long(v);
    digits = o->ob_digit;
    count = digit_count(o);
    negative = is_negative_long(o);
}

int64_t digits_to_limbs(const uint32_t* digits, int64_t n, mp_limb_t* limbs) {
    int64_t k = 0, i = 0;
    uint64_t acc = 0;
    unsigned bits = 0;
    auto push = [&](uint64_t v, unsigned width) {
        acc |= v << bits;
        if (bits + width >= 64) {
            limbs[k++] = acc;
            acc = bits ? v >> (64 - bits) : 0;
            bits = bits + width - 64;
        } else {
            bits += width;
        }
    };
    for (; i + 1 < n; i += 2)
        push(digits[i] | static_cast<uint64_t>(digits[i + 1]) << kDigitBits, 2 * kDigitBits);
    if (i < n) push(digits[i], kDigitBits);
    if (bits) limbs[k++] = acc;
    while (k > 0 && limbs[k - 1] == 0) k--;
    return k;
}

void limbs_to_digits(const mp_limb_t* limbs, int64_t n, uint32_t* digits, int64_t count) {
    int64_t limb = 0;
    unsigned offset = 0;
    for (int64_t i = 0; i < count; i++) {
        uint64_t v = limb < n ? limbs[limb] >> offset : 0;
        if (offset > 64 - kDigitBits && limb + 1 < n) v |= limbs[limb + 1] << (64 - offset);
        digits[i] = static_cast<uint32_t>(v) & kDigitMask;
        offset += kDigitBits;
        limb += offset >> 6;
        offset &= 63;
    }
}

MpzView::MpzView(Value v) : limbs_(own_) {
    DigitView d(v);
    if (limbs_for(d.count) > static_cast<int64_t>(std::size(own_)))
        limbs_ = static_cast<mp_limb_t*>(malloc(static_cast<size_t>(limbs_for(d.count)) * 8));
    int64_t n = digits_to_limbs(d.digits, d.count, limbs_);
    mpz_roinit_n(z_, limbs_, d.negative ? -n : n);
}
MpzView::~MpzView() {
    if (limbs_ != own_) free(limbs_);
}

PyLongObject* long_raw(Thread& t, int64_t digits) {
    PyObject* o = alloc_plain(t, &PyLong_Type, offsetof(PyLongObject, ob_digit) + 4 * (digits ? digits : 1));
    return reinterpret_cast<PyLongObject*>(o);
}

Ref long_normalized(Thread& t, PyLongObject* o, int64_t n, bool negative) {
    while (n > 0 && o->ob_digit[n - 1] == 0) n--;
    o->lv_tag = static_cast<uint64_t>(n) << 3 | (n == 0 ? 1 : negative ? 2 : 0);
    Ref whole = Ref::steal(Value(&o->ob_base));
    if (n > 3) return whole;
    int64_t w;
    if (word_of(whole, &w) && Value::int_fits(w)) return Ref::from_int(w);
    return whole;
}

namespace {

int compare_digits(const DigitView& a, const DigitView& b) {
    if (a.count != b.count) return a.count < b.count ? -1 : 1;
    for (int64_t i = a.count; i-- > 0;)
        if (a.digits[i] != b.digits[i]) return a.digits[i] < b.digits[i] ? -1 : 1;
    return 0;
}

// Two digits side by side in a word, the lower one in the lower half: neighbours in memory, so loaded at
// once.
constexpr uint64_t kTwoDigits = uint64_t{kDigitMask} << 32 | kDigitMask;
uint64_t load_two(const uint32_t* p) {
    uint64_t v;
    memcpy(&v, p, 8);
    return v;
}
void store_two(uint32_t* p, uint64_t v) { memcpy(p, &v, 8); }

// a + b; a has at least as many digits. Yields n + 1 digits. Two are added at once: the bits set between them
// hand the carry of the lower one on to the upper one, and only that one's is waited for.
void add_digits(uint32_t* to, const uint32_t* a, int64_t n, const uint32_t* b, int64_t m) {
    constexpr uint64_t kBetween = uint64_t{~kDigitMask};
    uint64_t carry = 0;
    int64_t i = 0;
    for (; i + 2 <= m; i += 2) {
        uint64_t sum = (load_two(a + i) + load_two(b + i) + kBetween) + carry;
        store_two(to + i, sum & kTwoDigits);
        carry = sum >> (32 + kDigitBits);
    }
    for (; i < m || (i < n && carry); i++) {
        uint64_t sum = carry + a[i] + (i < m ? b[i] : 0);
        to[i] = static_cast<uint32_t>(sum) & kDigitMask;
        carry = sum >> kDigitBits;
    }
    memcpy(to + i, a + i, static_cast<size_t>(n - i) * sizeof *a);
    to[n] = static_cast<uint32_t>(carry);
}

// a - b where a >= b: n digits. Borrowing runs through the bits between two digits by itself.
void subtract_digits(uint32_t* to, const uint32_t* a, int64_t n, const uint32_t* b, int64_t m) {
    uint64_t borrow = 0;
    int64_t i = 0;
    for (; i + 2 <= m; i += 2) {
        uint64_t difference = (load_two(a + i) - load_two(b + i)) - borrow;
        store_two(to + i, difference & kTwoDigits);
        borrow = difference >> 63;
    }
    for (; i < m || (i < n && borrow); i++) {
        uint64_t difference = uint64_t{a[i]} - (i < m ? b[i] : 0) - borrow;
        to[i] = static_cast<uint32_t>(difference) & kDigitMask;
        borrow = difference >> 63;
    }
    memcpy(to + i, a + i, static_cast<size_t>(n - i) * sizeof *a);
}

// A few digits by many.
void multiply_rows(uint32_t* to, const uint32_t* a, int64_t n, const uint32_t* b, int64_t m) {
    uint64_t carry = 0, factor = b[0];
    for (int64_t i = 0; i < n; i++) {
        carry += factor * a[i];
        to[i] = static_cast<uint32_t>(carry) & kDigitMask;
        carry >>= kDigitBits;
    }
    to[n] = static_cast<uint32_t>(carry);
    for (int64_t j = 1; j < m; j++) {
        carry = 0, factor = b[j];
        for (int64_t i = 0; i < n; i++) {
            carry += to[i + j] + factor * a[i];
            to[i + j] = static_cast<uint32_t>(carry) & kDigitMask;
            carry >>= kDigitBits;
        }
        to[n + j] = static_cast<uint32_t>(carry);
    }
}

}  // namespace

Ref long_add(Thread& t, Value a, Value b, bool subtract) {
    DigitView first(a), second(b);
    const DigitView *x = &first, *y = &second;
    bool x_negative = x->negative, y_negative = y->negative != subtract;
    if (x_negative == y_negative) {
        if (x->count < y->count) std::swap(x, y);
        PyLongObject* r = long_raw(t, x->count + 1);
        if (!r) return {};
        add_digits(r->ob_digit, x->digits, x->count, y->digits, y->count);
        return long_normalized(t, r, x->count + 1, x_negative);
    }
    int order = compare_digits(*x, *y);
    if (order == 0) return Ref::from_int(0);
    bool negative = x_negative;
    if (order < 0) {
        std::swap(x, y);
        negative = y_negative;
    }
    PyLongObject* r = long_raw(t, x->count);
    if (!r) return {};
    subtract_digits(r->ob_digit, x->digits, x->count, y->digits, y->count);
    return long_normalized(t, r, x->count, negative);
}

Ref long_mul(Thread& t, Value a, Value b) {
    DigitView first(a), second(b);
    const DigitView *x = &first, *y = &second;
    bool negative = x->negative != y->negative;
    if (x->count < y->count) std::swap(x, y);
    int64_t n = x->count, m = y->count;
    if (m == 0) return Ref::from_int(0);
    PyLongObject* r = long_raw(t, n + m);
    if (!r) return {};
    if (m <= 3) {
        multiply_rows(r->ob_digit, x->digits, n, y->digits, m);
        return long_normalized(t, r, n + m, negative);
    }
    LimbBuffer p(limbs_for(n)), q(limbs_for(m)), product(limbs_for(n) + limbs_for(m));
    if (!p || !q || !product) {
        r->lv_tag = 1;
        decref(&r->ob_base);
        return raise_no_memory(t);
    }
    int64_t pn = digits_to_limbs(x->digits, n, p);
    bool square = first.digits == second.digits;
    int64_t qn = square ? pn : digits_to_limbs(y->digits, m, q);
    if (square)
        mpn_sqr(product, p, pn);
    else if (pn >= qn)  // as many digits can be fewer limbs
        mpn_mul(product, p, pn, q, qn);
    else
        mpn_mul(product, q, qn, p, pn);
    limbs_to_digits(product, pn + qn, r->ob_digit, n + m);
    return long_normalized(t, r, n + m, negative);
}

Ref long_lshift(Thread& t, Value a, int64_t n) {
    DigitView x(a);
    int64_t skip = n / kDigitBits;
    unsigned by = static_cast<unsigned>(n % kDigitBits);
    PyLongObject* r = long_raw(t, x.count + skip + 1);
    if (!r) return {};
    memset(r->ob_digit, 0, static_cast<size_t>(skip) * 4);
    uint32_t* to = r->ob_digit + skip;
    uint64_t carry = 0;
    for (int64_t i = 0; i < x.count; i++) {
        carry |= static_cast<uint64_t>(x.digits[i]) << by;
        to[i] = static_cast<uint32_t>(carry) & kDigitMask;
        carry >>= kDigitBits;
    }
    to[x.count] = static_cast<uint32_t>(carry);
    return long_normalized(t, r, x.count + skip + 1, x.negative);
}

Ref long_rshift(Thread& t, Value a, int64_t n) {
    DigitView x(a);
    int64_t skip = n / kDigitBits;
    unsigned by = static_cast<unsigned>(n % kDigitBits);
    if (skip >= x.count) return Ref::from_int(x.negative ? -1 : 0);
    int64_t count = x.count - skip;
    // Negative numbers round down: away from zero, when a bit that is not 0 is shifted out.
    bool lost = false;
    if (x.negative) {
        for (int64_t i = 0; i < skip && !lost; i++) lost = x.digits[i] != 0;
        lost = lost || (x.digits[skip] & ((1u << by) - 1)) != 0;
    }
    PyLongObject* r = long_raw(t, count + 1);
    if (!r) return {};
    const uint32_t* from = x.digits + skip;
    uint32_t* to = r->ob_digit;
    for (int64_t i = 0; i < count; i++) {
        uint64_t next = i + 1 < count ? from[i + 1] : 0;
        to[i] = static_cast<uint32_t>((from[i] | next << kDigitBits) >> by) & kDigitMask;
    }
    to[count] = 0;
    for (int64_t i = 0; lost && i <= count; i++) {
        to[i] = (to[i] + 1) & kDigitMask;
        lost = to[i] == 0;
    }
    return long_normalized(t, r, count + 1, x.negative);
}

}  // namespace krait
