// int, float, complex, bool. An int is an immediate (63 bits) or a PyLongObject; results of int operations
// are normalised to immediates where they fit.
#pragma once

#include <string_view>

#include "object/thread.h"

namespace krait {

Ref int_from(Thread& t, int64_t v);
Ref int_from_u64(Thread& t, uint64_t v);
Ref int_from_size(Thread& t, size_t v);
Ref int_from_double(Thread& t, double d);  // truncates; OverflowError / ValueError for inf / nan
Ref int_from_text(Thread& t, std::string_view digits,
                  int base);  // ASCII, as int(str, base) without the surrounding checks
Ref int_from_bytes(Thread& t, const unsigned char* p, size_t n, bool little, bool is_signed);
Status int_to_bytes(Thread& t, Value v, unsigned char* p, size_t n, bool little, bool is_signed);
// For int values (and subclasses), no __index__: false when out of range.
bool int_to_i64(Value v, int64_t* out);
bool int_to_u64(Value v, uint64_t* out);
uint64_t int_to_u64_wrapping(Value v);             // modulo 2**64
Result<double> int_to_double(Thread& t, Value v);  // OverflowError "int too large to convert to float"
int int_sign(Value v);                             // -1, 0, 1
int64_t int_bit_length(Value v);
bool int_equal(Value a, Value b);
int int_compare(Value a, Value b);
int64_t int_hash(Value v);
Ref int_add(Thread& t, Value a, Value b);
Ref int_sub(Thread& t, Value a, Value b);
Ref int_mul(Thread& t, Value a, Value b);
Ref int_floor_div(Thread& t, Value a, Value b);
Ref int_mod(Thread& t, Value a, Value b);
Ref int_true_div(Thread& t, Value a, Value b);
Ref int_pow(Thread& t, Value a, Value b, Value mod_or_none);
Ref int_lshift(Thread& t, Value a, Value b);
Ref int_rshift(Thread& t, Value a, Value b);
Ref int_and(Thread& t, Value a, Value b);
Ref int_or(Thread& t, Value a, Value b);
Ref int_xor(Thread& t, Value a, Value b);
Ref int_neg(Thread& t, Value a);
Ref int_to_str(Thread& t, Value v, int base);  // 2, 8, 10, 16; without prefix; digit limit for 10
// A real PyLongObject for an int value (C API, subclasses).
Ref int_box(Thread& t, Value v);

Ref float_from(Thread& t, double d);
inline double float_value(Value v) {  // float or subclass
    return v.is_float() ? v.as_float() : v.as<PyFloatObject>()->ob_fval;
}
Ref float_box(Thread& t, double d);
Ref float_from_text(Thread& t, Value str_or_bytes);  // float(text) with its messages
// Shortest repr etc.; format 'r','e','f','g','E','F','G'; writes into buf (malloc'd by the function, freed
// with mem_free).
char* double_to_text(double d, char format, int precision, bool always_sign, bool alternate, bool add_dot_0);
// The same for the plain cases, without an allocation: a finite d >= 0 in format 'e', 'f' or 'g'. The number
// of characters, 0 when this is no plain case or does not fit.
size_t double_to_buffer(double d, char format, int precision, char* buf, size_t size);
Result<double> text_to_double(Thread& t, const char* s, char** end, PyTypeObject* overflow_exc);
// inf, infinity or nan, of any case, with an optional sign at the start of `s`: its length; 0: none.
size_t special_float_prefix(std::string_view s, double* out);
double float_mod(double a, double b);
Ref float_round(Thread& t, double d, Value ndigits);  // as float.__round__; no digits (None, empty): an int
double float_floor_div(double a, double b);

Ref complex_from(Thread& t, double real, double imag);
Maybe try_complex_method(Thread& t, Value v);  // what __complex__ returns; absent: there is none
struct Complex {
    double real, imag;
};
// A complex, or what __complex__, __float__ or __index__ give; TypeError "must be real number, not X".
Result<Complex> as_complex(Thread& t, Value v);
bool complex_quotient(Complex a, Complex b, Complex* out);  // as the operator /; false: division by zero

// Immediate or boxed numbers of the exact builtin types, for fast paths that never fail: as_fast_double(v,
// &d) is true for exact float.
inline bool is_exact_double(Value v, double* out) {
    if (v.is_float()) {
        *out = v.as_float();
        return true;
    }
    if (has_type(v, &PyFloat_Type)) {
        *out = v.as<PyFloatObject>()->ob_fval;
        return true;
    }
    return false;
}
}  // namespace krait
