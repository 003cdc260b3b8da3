// Numbers from and to ints, floats, text and tuples.
#include <cmath>
#include <cstring>

#include "builtins/callable.h"
#include "builtins/int_internal.h"
#include "builtins/list.h"
#include "gc/gc.h"
#include "modules/decimal/decimal.h"
#include "support/unicode.h"

namespace krait::decimal {

namespace {

// Everything that can be told exactly.
mpd_context_t exact_context() {
    mpd_context_t c;
    mpd_maxcontext(&c);
    return c;
}
// For results that were to be exact: what had to be rounded is an invalid operation.
uint32_t exact_status(mpd_t* dec, uint32_t status) {
    if (status & (MPD_Inexact | MPD_Rounded | MPD_Clamped)) mpd_seterror(dec, MPD_Invalid_operation, &status);
    return status & MPD_Errors;
}

// The text of a number as the library reads it: decimal digits of all scripts are ASCII ones. What cannot be
// in a number makes the text empty, which is the library's syntax error. `exact` is the constructor's form,
// in which spaces around and underscores may stand.
class NumberText {
  public:
    explicit NumberText(Thread& t) : t_(t) {}
    ~NumberText() {
        if (p_ != small_) mem_free(p_);
    }
    NumberText(const NumberText&) = delete;
    Status set(Value s, bool exact) {
        int64_t start = 0, n = str_length(s);
        if (exact) {
            while (start < n && unicode::is_space(str_char(s, start))) start++;
            while (n > start && unicode::is_space(str_char(s, n - 1))) n--;
        }
        size_t room = static_cast<size_t>(n - start) + 1;
        if (room > sizeof small_) {
            p_ = static_cast<char*>(mem_alloc(room));
            if (!p_) {
                p_ = small_;
                return raise_no_memory(t_);
            }
        }
        char* out = p_;
        for (int64_t i = start; i < n; i++) {
            uint32_t c = str_char(s, i);
            if (exact && c == '_') continue;
            if (c >= 128) {
                int digit = unicode::decimal_value(c);
                c = digit >= 0 ? '0' + digit : unicode::is_space(c) ? ' ' : 0;
            }
            if (!c) {
                out = p_;
                break;
            }
            *out++ = static_cast<char>(c);
        }
        *out = 0;
        return Status::ok();
    }
    const char* get() const { return p_; }

  private:
    Thread& t_;
    char small_[128];
    char* p_ = small_;
};

Ref from_str(Thread& t, PyTypeObject* type, Value s, Value context, bool exact) {
    NumberText text(t);
    TRY(text.set(s, exact));
    return number_from_text(t, text.get(), context, exact, type);
}

// --- tuples ---

Raised bad_digits(Thread& t) { return raise(t, PyExc_ValueError, "coefficient must be a tuple of digits"); }

// (sign, digits, exponent) as text.
Ref from_tuple(Thread& t, PyTypeObject* type, Value v, Value context, bool exact) {
    Ref triple = TRY(to_tuple(t, v));
    if (tuple_size(triple) != 3) return raise(t, PyExc_ValueError, "argument must be a sequence of length 3");
    int64_t sign, exponent = 0;
    if (!is_long(tuple_get(triple, 0)) || !int_to_i64(tuple_get(triple, 0), &sign) || sign < 0 || sign > 1)
        return raise(t, PyExc_ValueError, "sign must be an integer with the value 0 or 1");
    Value last = tuple_get(triple, 2);
    const char* special = "";
    if (is_str(last)) {
        special = str_equal(last, "F")   ? "Inf"
                  : str_equal(last, "n") ? "NaN"
                  : str_equal(last, "N") ? "sNaN"
                                         : nullptr;
        if (!special)
            return raise(t, PyExc_ValueError,
                         "string argument in the third position must be 'F', 'n' or 'N'");
    } else {
        if (!is_long(last)) return raise(t, PyExc_ValueError, "exponent must be an integer");
        exponent = TRY(ssize_arg(t, last));
    }
    if (!is_tuple(tuple_get(triple, 1)) && !is_list(tuple_get(triple, 1))) return bad_digits(t);
    Ref digits = TRY(to_tuple(t, tuple_get(triple, 1)));
    int64_t n = tuple_size(digits);
    auto* text = static_cast<char*>(mem_alloc(static_cast<size_t>(n) + 40));
    if (!text) return raise_no_memory(t);
    char* out = text;
    if (sign) *out++ = '-';
    out = stpcpy(out, special);
    if (n == 0 && !*special) *out++ = '0';
    for (int64_t i = 0; i < n; i++) {
        int64_t digit;
        Value d = tuple_get(digits, i);
        if (!is_long(d) || !int_to_i64(d, &digit) || digit < 0 || digit > 9) {
            mem_free(text);
            return bad_digits(t);
        }
        if (*special != 'I') *out++ = static_cast<char>('0' + digit);  // infinities have no digits
    }
    if (*special)
        *out = 0;
    else
        snprintf(out, 32, "E%lld", static_cast<long long>(exponent));
    Ref r = number_from_text(t, text, context, exact, type);
    mem_free(text);
    return r;
}

Ref from_number(Thread& t, PyTypeObject* type, Value v, Value context, bool exact) {
    mpd_t* from = dec_of(v);
    if (exact && type == &number_type && has_type(v, &number_type)) return Ref::share(v);
    uint32_t status = 0;
    if (!exact && mpd_isnan(from) && from->digits > ctx_of(context)->prec - ctx_of(context)->clamp) {
        Ref r = TRY(number_alloc(t, type));
        mpd_setspecial(dec_of(r), MPD_POS, MPD_NAN);  // more payload than the context has digits
        TRY(add_status(t, context, MPD_Conversion_syntax));
        return r;
    }
    Ref r = TRY(number_alloc(t, type));
    if (!mpd_qcopy(dec_of(r), from, &status)) return raise_no_memory(t);
    if (!exact) {
        mpd_qfinalize(dec_of(r), ctx_of(context), &status);
        TRY(add_status(t, context, status));
    }
    return r;
}

// A coefficient out of a GMP integer.
void set_from_mpz(Thread&, mpd_t* dec, mpz_srcptr z, bool negative, const mpd_context_t* c,
                  uint32_t* status) {
    size_t n = (mpz_sizeinbase(z, 2) + kDigitBits - 1) / kDigitBits;
    auto* digits = static_cast<uint32_t*>(mem_alloc((n + 1) * sizeof(uint32_t)));
    if (!digits) {
        mpd_seterror(dec, MPD_Malloc_error, status);
        return;
    }
    size_t count = 0;
    digits[0] = 0;  // zero has no digits for GMP, but one for the library
    mpz_export(digits, &count, -1, sizeof(uint32_t), 0, 32 - kDigitBits, z);
    mpd_qimport_u32(dec, digits, count ? count : 1, negative ? MPD_NEG : MPD_POS, 1u << kDigitBits, c,
                    status);
    mem_free(digits);
}

}  // namespace

// --- making ---

Ref number_alloc(Thread& t, PyTypeObject* type) {
    PyObject* o = type == &number_type ? alloc_raw(t, type, sizeof(Number)) : alloc(t, type).release().ptr();
    if (!o) return {};
    auto* n = reinterpret_cast<Number*>(o);
    n->hash = -1;
    n->dec = mpd_t{MPD_STATIC | MPD_STATIC_DATA, 0, 0, 0, 4, n->words};
    return Ref::steal(Value(o));
}
Ref number_from_ssize(Thread& t, int64_t v) {
    Ref r = TRY(number_alloc(t));
    uint32_t status = 0;
    mpd_context_t c = exact_context();
    mpd_qset_ssize(dec_of(r), v, &c, &status);
    return r;
}
Ref number_from_int(Thread& t, Value v, Value context, bool exact, PyTypeObject* type) {
    Ref r = TRY(number_alloc(t, type));
    mpd_t* dec = dec_of(r);
    uint32_t status = 0;
    int64_t small;
    if (int_to_i64(v, &small)) {
        uint64_t size = small < 0 ? -static_cast<uint64_t>(small) : static_cast<uint64_t>(small);
        dec->flags = static_cast<uint8_t>(dec->flags | (small < 0 ? MPD_NEG : MPD_POS));
        dec->data[0] = size;
        dec->len = 1;
        dec->digits = mpd_word_digits(size);
        if (exact) return r;
        mpd_qfinalize(dec, ctx_of(context), &status);
    } else {
        const PyLongObject* big = as_long(v);
        mpd_context_t all = exact_context();
        mpd_qimport_u32(dec, big->ob_digit, static_cast<size_t>(digit_count(big)),
                        is_negative_long(big) ? MPD_NEG : MPD_POS, 1u << kDigitBits,
                        exact ? &all : ctx_of(context), &status);
        if (exact) status = exact_status(dec, status);
    }
    TRY(add_status(t, context, status));
    return r;
}
Ref number_from_double(Thread& t, double d, Value context, bool exact, PyTypeObject* type) {
    Ref r = TRY(number_alloc(t, type));
    mpd_t* dec = dec_of(r);
    bool negative = std::signbit(d);
    uint32_t status = 0;
    if (!std::isfinite(d)) {
        mpd_setspecial(dec, negative ? MPD_NEG : MPD_POS, std::isnan(d) ? MPD_NAN : MPD_INF);
    } else {
        int exponent;
        auto mantissa = static_cast<int64_t>(std::ldexp(std::frexp(std::fabs(d), &exponent), 53));
        exponent -= 53;
        if (mantissa) {
            int zeros = __builtin_ctzll(static_cast<uint64_t>(mantissa));
            mantissa >>= zeros;
            exponent += zeros;
        } else {
            exponent = 0;
        }
        // m * 2**-k is m * 5**k * 10**-k.
        Mpz z, power;
        z.set(mantissa);
        if (exponent >= 0) {
            mpz_mul_2exp(z, z, static_cast<mp_bitcnt_t>(exponent));
        } else {
            mpz_ui_pow_ui(power, 5, static_cast<unsigned long>(-exponent));
            mpz_mul(z, z, power);
        }
        mpd_context_t all = exact_context();
        set_from_mpz(t, dec, z, negative, &all, &status);
        if (exponent < 0) dec->exp = exponent;
        status = exact_status(dec, status);
    }
    if (!exact) mpd_qfinalize(dec, ctx_of(context), &status);
    TRY(add_status(t, context, status));
    return r;
}
Ref number_from_text(Thread& t, const char* s, Value context, bool exact, PyTypeObject* type) {
    Ref r = TRY(number_alloc(t, type));
    uint32_t status = 0;
    if (exact) {
        mpd_context_t all = exact_context();
        mpd_qset_string(dec_of(r), s, &all, &status);
        status = exact_status(dec_of(r), status);
    } else {
        mpd_qset_string(dec_of(r), s, ctx_of(context), &status);
    }
    TRY(add_status(t, context, status));
    return r;
}
Ref number_from(Thread& t, PyTypeObject* type, Value v, Value context, bool exact) {
    if (is_number(v)) return from_number(t, type, v, context, exact);
    if (is_str(v)) return from_str(t, type, v, context, exact);
    if (is_long(v)) return number_from_int(t, v, context, exact, type);
    if (is_tuple(v) || is_list(v)) return from_tuple(t, type, v, context, exact);
    if (is_double(v)) {
        TRY(add_status(t, context, kFloatOperation));
        return number_from_double(t, float_value(v), context, exact, type);
    }
    return raise(t, PyExc_TypeError, "conversion from %s to Decimal is not supported", type_of(v)->tp_name);
}
Operand::Outcome Operand::set_slow(Thread& t, Value v, Value context) {
    int64_t small;
    if (is_long(v)) {
        if (int_to_i64(v, &small)) {
            set_small(small);
            return kOk;
        }
        keep_ = number_from_int(t, v, context, true);
        if (!keep_) return kFailed;
        p_ = dec_of(keep_);
        return kOk;
    }
    if (!is_number(v)) return kForeign;
    p_ = dec_of(v);
    return kOk;
}
Status Operand::require(Thread& t, Value v, Value context) {
    switch (set(t, v, context)) {
        case kOk:
            return Status::ok();
        case kForeign:
            return raise(t, PyExc_TypeError, "conversion from %s to Decimal is not supported",
                         type_of(v)->tp_name);
        default:
            return {};
    }
}

// --- from numbers ---

Ref int_from_number(Thread& t, const mpd_t* dec, Value context, int rounding) {
    if (mpd_isspecial(dec)) {
        if (mpd_isnan(dec)) return raise(t, PyExc_ValueError, "cannot convert NaN to integer");
        return raise(t, PyExc_OverflowError, "cannot convert Infinity to integer");
    }
    mpd_context_t work = *ctx_of(context);
    work.round = rounding;
    uint32_t status = 0;
    mpd_uint_t words[4];
    mpd_t x{MPD_STATIC | MPD_STATIC_DATA, 0, 0, 0, 4, words};
    mpd_qround_to_int(&x, dec, &work, &status);
    Ref r;
    if (status & MPD_Errors) {
        r = add_status(t, context, status) ? none_ref() : Ref();
        if (r) r = raise(t, PyExc_SystemError, "integer conversion failed");
    } else {
        status = 0;
        int64_t small = mpd_qget_ssize(&x, &status);
        uint32_t* digits = nullptr;
        if (!status) {
            r = int_from(t, small);
        } else {
            status = 0;
            size_t n = mpd_qexport_u32(&digits, 0, 1u << kDigitBits, &x, &status);
            if (n == SIZE_MAX) {
                r = raise_no_memory(t);
            } else {
                Mpz z;
                mpz_import(z, n, -1, sizeof(uint32_t), 0, 32 - kDigitBits, digits);
                if (mpd_isnegative(&x)) mpz_neg(z, z);
                r = int_from_mpz(t, z);
            }
            if (digits) mpd_free(digits);
        }
    }
    mpd_del(&x);
    return r;
}
Ref number_to_text(Thread& t, Value self, bool engineering, int capitals) {
    char* s = nullptr;
    int64_t n = engineering ? mpd_to_eng_size(&s, dec_of(self), capitals)
                            : mpd_to_sci_size(&s, dec_of(self), capitals);
    if (n < 0) return raise_no_memory(t);
    Ref r = str_from_latin1(t, s, static_cast<size_t>(n));
    mpd_free(s);
    return r;
}
Ref number_as_tuple(Thread& t, Value self) {
    const mpd_t* dec = dec_of(self);
    Ref sign = Ref::from_int(mpd_sign(dec)), digits, exponent;
    if (mpd_isinfinite(dec)) {
        digits = TRY(tuple_of(t, {Value::from_int(0)}));
        exponent = TRY(str_intern(t, "F"));
    } else {
        int64_t n = dec->len ? dec->digits : 0;
        digits = TRY(tuple_new(t, n));
        mpd_uint_t word = 0;
        for (int64_t i = 0; i < n; i++) {
            if (i % MPD_RDIGITS == 0) word = dec->data[i / MPD_RDIGITS];
            tuple_items(digits)[n - 1 - i] = Value::from_int(static_cast<int64_t>(word % 10));
            word /= 10;
        }
        exponent =
            mpd_isnan(dec) ? TRY(str_intern(t, mpd_isqnan(dec) ? "n" : "N")) : TRY(int_from(t, dec->exp));
    }
    return call(t, g.decimal_tuple, {sign, digits, exponent});
}
Ref number_as_ratio(Thread& t, Value self) {
    const mpd_t* dec = dec_of(self);
    if (mpd_isspecial(dec)) {
        if (mpd_isnan(dec)) return raise(t, PyExc_ValueError, "cannot convert NaN to integer ratio");
        return raise(t, PyExc_OverflowError, "cannot convert Infinity to integer ratio");
    }
    Ref context = TRY(current_context(t));
    uint32_t status = 0;
    Ref coefficient = TRY(number_alloc(t));
    if (!mpd_qcopy(dec_of(coefficient), dec, &status)) return raise_no_memory(t);
    int64_t exponent = mpd_iszero(dec) ? 0 : dec->exp;
    dec_of(coefficient)->exp = 0;
    Ref top = TRY(int_from_number(t, dec_of(coefficient), context, MPD_ROUND_DOWN));
    Ref size = TRY(int_from(t, exponent < 0 ? -exponent : exponent));
    Ref power = TRY(int_pow(t, Value::from_int(10), size, none()));
    if (exponent >= 0) {
        top = TRY(int_mul(t, top, power));
        return tuple_of(t, {top, Value::from_int(1)});
    }
    Mpz a(top), b(power), common;
    mpz_gcd(common, a, b);
    mpz_divexact(a, a, common);
    mpz_divexact(b, b, common);
    top = TRY(int_from_mpz(t, a));
    Ref bottom = TRY(int_from_mpz(t, b));
    return tuple_of(t, {top, bottom});
}

// --- hash ---

namespace {

constexpr uint64_t kModulus = (uint64_t{1} << 61) - 1;
uint64_t multiply(uint64_t a, uint64_t b) {
    return static_cast<uint64_t>(static_cast<unsigned __int128>(a) * b % kModulus);
}
uint64_t power_mod(uint64_t base, uint64_t exponent) {
    uint64_t r = 1;
    for (; exponent; exponent >>= 1, base = multiply(base, base))
        if (exponent & 1) r = multiply(r, base);
    return r;
}

}  // namespace

// As the hash of the equal int, float or Fraction: the number modulo a prime.
Result<int64_t> number_hash(Thread& t, Value self) {
    auto* n = self.as<Number>();
    if (n->hash != -1) return n->hash;
    const mpd_t* dec = &n->dec;
    if (mpd_isspecial(dec)) {
        if (mpd_issnan(dec)) return raise(t, PyExc_TypeError, "Cannot hash a signaling NaN value");
        n->hash = mpd_isnan(dec) ? hash_pointer(self.ptr()) : mpd_isnegative(dec) ? -314159 : 314159;
        return n->hash;
    }
    uint64_t h = 0;
    for (mpd_ssize_t i = dec->len; i-- > 0;)
        h = (multiply(h, MPD_RADIX % kModulus) + dec->data[i] % kModulus) % kModulus;
    constexpr uint64_t kTenth = 2075258708292324556;  // the inverse of 10
    h = multiply(h, dec->exp >= 0 ? power_mod(10, static_cast<uint64_t>(dec->exp))
                                  : power_mod(kTenth, static_cast<uint64_t>(-dec->exp)));
    auto signed_hash = static_cast<int64_t>(h);
    if (mpd_isnegative(dec)) signed_hash = -signed_hash;
    n->hash = signed_hash == -1 ? -2 : signed_hash;
    return n->hash;
}

}  // namespace krait::decimal
