// The types int and bool.
#include <cmath>
#include <cstring>

#include "builtins/bytes.h"
#include "builtins/callable.h"
#include "builtins/int_internal.h"
#include "builtins/str.h"
#include "builtins/tuple.h"
#include "gc/gc.h"
#include "gc/room.h"
#include "object/convert.h"
#include "object/names.h"
#include "support/reserve.h"

namespace krait {

Ref format_int(Thread& t, Value v, Value spec);  // format.cpp

namespace {

bool operands_ok(Value a, Value b) { return is_long(a) && is_long(b); }

#define INT_BINARY(slot, fn)                                  \
    Ref slot(Thread& t, Value a, Value b) {                   \
        if (!operands_ok(a, b)) return not_implemented_ref(); \
        return fn(t, a, b);                                   \
    }
INT_BINARY(slot_add, int_add)
INT_BINARY(slot_sub, int_sub)
INT_BINARY(slot_mul, int_mul)
INT_BINARY(slot_floor_div, int_floor_div)
INT_BINARY(slot_mod, int_mod)
INT_BINARY(slot_true_div, int_true_div)
INT_BINARY(slot_lshift, int_lshift)
INT_BINARY(slot_rshift, int_rshift)
INT_BINARY(slot_and, int_and)
INT_BINARY(slot_or, int_or)
INT_BINARY(slot_xor, int_xor)
#undef INT_BINARY

Ref slot_divmod(Thread& t, Value a, Value b) {
    if (!operands_ok(a, b)) return not_implemented_ref();
    Ref q = TRY(int_floor_div(t, a, b)), r = TRY(int_mod(t, a, b));
    return tuple_of(t, {q, r});
}

Ref slot_power(Thread& t, Value a, Value b, Value mod) {
    if (!operands_ok(a, b)) return not_implemented_ref();
    if (mod && !is_none(mod) && !is_long(mod)) return not_implemented_ref();
    return int_pow(t, a, b, mod);
}

// An exact int of the same value: subclasses and bool lose their type.
Ref plain(Thread& t, Value v) {
    if (v.is_int() || has_type(v, &PyLong_Type)) return Ref::share(v);
    int64_t w;
    if (word_of(v, &w)) return int_from(t, w);
    Mpz z(v);
    return int_from_mpz(t, z);
}

Ref slot_neg(Thread& t, Value v) { return int_neg(t, v); }
Ref slot_pos(Thread& t, Value v) { return plain(t, v); }
Ref slot_abs(Thread& t, Value v) { return int_sign(v) < 0 ? int_neg(t, v) : plain(t, v); }
Ref slot_invert(Thread& t, Value v) {
    Ref n = TRY(int_neg(t, v));
    return int_sub(t, n, Value::from_int(1));
}
Result<bool> slot_bool(Thread&, Value v) { return int_sign(v) != 0; }
Ref slot_int(Thread& t, Value v) { return plain(t, v); }
Ref slot_float(Thread& t, Value v) {
    double d = TRY(int_to_double(t, v));
    return float_from(t, d);
}
Result<int64_t> slot_hash(Thread&, Value v) { return int_hash(v); }
Ref slot_repr(Thread& t, Value v) { return int_to_str(t, v, 10); }

Ref slot_compare(Thread&, Value a, Value b, CompareOp op) {
    if (!operands_ok(a, b)) return not_implemented_ref();
    int c = int_compare(a, b);
    return bool_ref(holds(op, c));
}

void int_dealloc(Thread& t, PyObject* o) { free_object(t, o); }

// --- constructor ---

Ref int_value(Thread& t, const Value* p) {
    if (!p[0]) {
        if (p[1]) return raise(t, PyExc_TypeError, "int() missing string argument");
        return Ref::from_int(0);
    }
    if (!p[1]) return to_int(t, p[0]);
    int64_t base = TRY(as_index(t, p[1], nullptr));
    if (base != 0 && (base < 2 || base > 36))
        return raise(t, PyExc_ValueError, "int() base must be >= 2 and <= 36, or 0");
    if (!is_str(p[0]) && !is_bytes(p[0]) && !is_bytearray(p[0]))
        return raise(t, PyExc_TypeError, "int() can't convert non-string with explicit base");
    return int_parse(t, p[0], base, p[0]);
}

// An instance of a subclass with the value of `v`.
Ref int_subclass(Thread& t, PyTypeObject* type, Value v) {
    Ref boxed = TRY(int_box(t, v));
    auto* from = as_long(boxed);
    int64_t n = digit_count(from);
    Ref r = TRY(alloc(t, type, n ? n : 1));
    auto* to = as_long(r);
    to->lv_tag = from->lv_tag & ~uint64_t{4};
    memcpy(to->ob_digit, from->ob_digit, 4 * (n ? n : 1));
    return r;
}

Ref int_new(Thread& t, PyTypeObject* type, const Value* args, size_t nargs, Value kwnames) {
    if (nargs > 2) return raise(t, PyExc_TypeError, "int expected at most 2 arguments, got %zu", nargs);
    if (nargs == 1 && !kwnames && type == &PyLong_Type) return to_int(t, args[0]);
    Value p[2];
    Ref keep;
    TRY(bind_args(t, "int", "(x=0, /, base=10)", args, nargs, kwnames, p, keep));
    Ref v = TRY(int_value(t, p));
    return type == &PyLong_Type ? std::move(v) : int_subclass(t, type, v);
}

Ref bool_new(Thread& t, PyTypeObject*, const Value* args, size_t nargs, Value kwnames) {
    TRY(no_kwargs(t, "bool", kwnames));
    if (nargs > 1) return raise(t, PyExc_TypeError, "bool expected at most 1 argument, got %zu", nargs);
    bool truth = nargs ? TRY(is_true(t, args[0])) : false;
    return bool_ref(truth);
}

// --- methods ---

Ref method_bit_length(Thread& t, Value self) { return int_from(t, int_bit_length(self)); }
Ref method_bit_count(Thread& t, Value self) {
    int64_t w;
    if (word_of(self, &w)) return Ref::from_int(__builtin_popcountll(w < 0 ? -static_cast<uint64_t>(w) : w));
    Mpz z(self);
    mpz_abs(z, z);
    return int_from(t, static_cast<int64_t>(mpz_popcount(z)));
}
Ref method_ratio(Thread& t, Value self) {
    Ref v = TRY(plain(t, self));
    return tuple_of(t, {v, Value::from_int(1)});
}
Ref method_is_integer(Thread&, Value) { return bool_ref(true); }
Ref method_conjugate(Thread& t, Value self) { return plain(t, self); }
Ref method_getnewargs(Thread& t, Value self) {
    Ref v = TRY(plain(t, self));
    return tuple_of(t, {v});
}
Ref method_format(Thread& t, Value self, Value spec) {
    if (!is_str(spec)) return raise(t, PyExc_TypeError, "__format__() argument must be str, not %K", spec);
    return format_int(t, self, spec);
}
Ref method_sizeof(Thread& t, Value self) {
    int64_t bits = int_bit_length(self), n = (bits + kDigitBits - 1) / kDigitBits;
    return Ref::from_int(24 + 4 * (n ? n : 1));
}

// --- rounding to tens, hundreds ... with ties to even ---

Ref method_round(Thread& t, Value self, const Value* args, size_t nargs) {
    if (nargs == 0 || is_none(args[0])) return plain(t, self);
    Ref n = TRY(index(t, args[0]));
    return int_round(t, self, n);
}

Result<bool> little_endian(Thread& t, Value order, const char* fname) {
    if (!order) return false;
    if (!is_str(order))
        return raise(t, PyExc_TypeError, "%s() argument 'byteorder' must be str, not %K", fname, order);
    if (order == ID(little)) return true;
    if (order == ID(big)) return false;
    if (str_equal(order, "little")) return true;
    if (str_equal(order, "big")) return false;
    return raise(t, PyExc_ValueError, "byteorder must be either 'little' or 'big'");
}

Ref method_to_bytes(Thread& t, Value self, const Value* p) {
    int64_t n = p[0] ? TRY(as_ssize(t, p[0])) : 1;
    bool little = TRY(little_endian(t, p[1], "to_bytes"));
    bool is_signed = p[2] ? TRY(is_true(t, p[2])) : false;
    if (n < 0) return raise(t, PyExc_ValueError, "length argument must be non-negative");
    Ref bytes = TRY(bytes_new(t, n));
    TRY(int_to_bytes(t, self, reinterpret_cast<unsigned char*>(bytes_data(bytes)), n, little, is_signed));
    return bytes;
}

Ref method_from_bytes(Thread& t, Value cls, const Value* p) {
    bool little = TRY(little_endian(t, p[1], "from_bytes"));
    bool is_signed = p[2] ? TRY(is_true(t, p[2])) : false;
    if (has_type(p[0], &PyBytes_Type) && cls == Value(&PyLong_Type))
        return int_from_bytes(t, reinterpret_cast<unsigned char*>(bytes_data(p[0])), bytes_size(p[0]), little,
                              is_signed);
    Ref convert = TRY(lookup_special(t, p[0], ID(__bytes__)));
    Ref bytes = TRY(convert ? call(t, convert) : bytes_from_object(t, p[0]));
    if (!is_bytes(bytes))
        return raise(t, PyExc_TypeError, "__bytes__ returned non-bytes (type %.200s)",
                     type_of(bytes)->tp_name);
    Ref v = TRY(int_from_bytes(t, reinterpret_cast<unsigned char*>(bytes_data(bytes)), bytes_size(bytes),
                               little, is_signed));
    return cls == Value(&PyLong_Type) ? std::move(v) : call(t, cls, {v});
}

Ref get_self(Thread& t, Value self, void*) { return plain(t, self); }
Ref get_zero(Thread&, Value, void*) { return Ref::from_int(0); }
Ref get_one(Thread&, Value, void*) { return Ref::from_int(1); }

const NativeDef int_methods[] = {
    def<method_conjugate>("conjugate", "()", "The number itself."),
    def<method_bit_length>(
        "bit_length", "()",
        "How many bits the absolute value takes.\n\n>>> (9).bit_length()\n4\n>>> (-1024).bit_length()\n11"),
    def<method_bit_count>(
        "bit_count", "()",
        "How many bits of the absolute value are one.\n\n>>> (9).bit_count()\n2\n>>> (-7).bit_count()\n3"),
    def<method_to_bytes>("to_bytes", "(length=1, byteorder='big', *, signed=False)", "The number as bytes."),
    def<method_from_bytes>("from_bytes", "(bytes, byteorder='big', *, signed=False)",
                           "The number that the bytes hold.", kMethClass),
    def<method_ratio>("as_integer_ratio", "()",
                      "The pair (self, 1).\n\n>>> (12).as_integer_ratio()\n(12, 1)\n>>> "
                      "(-3).as_integer_ratio()\n(-3, 1)\n>>> (0).as_integer_ratio()\n(0, 1)"),
    def<method_is_integer>("is_integer", "()", "True, as for every int."),
    def<method_conjugate>("__trunc__", "()", "The number itself."),
    def<method_conjugate>("__floor__", "()", "The number itself."),
    def<method_conjugate>("__ceil__", "()", "The number itself."),
    def<method_round>("__round__", "(ndigits=None, /)",
                      "Rounded to tens, hundreds, ... for negative ndigits."),
    def<method_getnewargs>("__getnewargs__", "()", nullptr),
    def<method_format>("__format__", "(format_spec, /)", "Text in the given format."),
    def<method_sizeof>("__sizeof__", "()", "Size in memory, in bytes."),
    {},
};
const GetSetDef int_getset[] = {
    getset("real", get_self, nullptr, "The number itself."),
    getset("imag", get_zero, nullptr, "Always 0."),
    getset("numerator", get_self, nullptr, "The number itself."),
    getset("denominator", get_one, nullptr, "Always 1."),
    {},
};

// --- bool ---

Ref bool_repr(Thread& t, Value self) { return str_intern(t, self == boolean(true) ? "True" : "False"); }

#define BOOL_BITWISE(name, op, fn)                                    \
    Ref name(Thread& t, Value a, Value b) {                           \
        if (!is_bool(a) || !is_bool(b)) {                             \
            if (!operands_ok(a, b)) return not_implemented_ref();     \
            return fn(t, a, b);                                       \
        }                                                             \
        return bool_ref((a == boolean(true)) op(b == boolean(true))); \
    }
BOOL_BITWISE(bool_and, &, int_and)
BOOL_BITWISE(bool_or, |, int_or)
BOOL_BITWISE(bool_xor, !=, int_xor)
#undef BOOL_BITWISE

Ref bool_invert(Thread& t, Value v) {
    TRY(warn(t, PyExc_DeprecationWarning, 1,
             "Bitwise inversion '~' on bool is deprecated and will be removed in Python 3.16. This returns "
             "the bitwise inversion of the underlying int object and is usually not what you expect from "
             "negating a bool. Use the 'not' operator for boolean negation or ~int(x) if you really want the "
             "bitwise inversion of the underlying int."));
    return slot_invert(t, v);
}

}  // namespace

Ref int_round(Thread& t, Value self, Value ndigits) {
    if (int_sign(ndigits) >= 0) return plain(t, self);
    int64_t n;
    if (!word_of(ndigits, &n) || -n > int_bit_length(self)) return Ref::from_int(0);
    TRY(room_for(t, int_bit_length(self)));
    Mpz v(self), unit, rest, half;
    mpz_ui_pow_ui(unit, 10, -n);
    mpz_fdiv_r(rest, v, unit);
    mpz_sub(v, v, rest);
    mpz_mul_2exp(half, rest, 1);
    int c = mpz_cmp(half, unit);
    bool up = c > 0;
    if (c == 0) {
        Mpz q;
        mpz_divexact(q, v, unit);
        up = mpz_tstbit(q, 0);
    }
    if (up) mpz_add(v, v, unit);
    return int_from_mpz(t, v);
}

Status init_builtin_int(Thread& t) {
    mp_set_memory_functions(
        malloc_surely, [](void* p, size_t, size_t n) { return realloc_surely(p, n); },
        [](void* p, size_t) { free(p); });
    static const TypeDecl decl = {
        .name = "int",
        .basicsize = offsetof(PyLongObject, ob_digit),
        .itemsize = 4,
        .flags = kTpDefault | kTpBaseType | kTpLongSubclass | kTpMatchSelf,
        .slots = {.dealloc = int_dealloc,
                  .repr = slot_repr,
                  .hash = slot_hash,
                  .richcompare = slot_compare,
                  .new_ = int_new,
                  .nb_add = slot_add,
                  .nb_subtract = slot_sub,
                  .nb_multiply = slot_mul,
                  .nb_remainder = slot_mod,
                  .nb_divmod = slot_divmod,
                  .nb_power = slot_power,
                  .nb_negative = slot_neg,
                  .nb_positive = slot_pos,
                  .nb_absolute = slot_abs,
                  .nb_bool = slot_bool,
                  .nb_invert = slot_invert,
                  .nb_lshift = slot_lshift,
                  .nb_rshift = slot_rshift,
                  .nb_and = slot_and,
                  .nb_xor = slot_xor,
                  .nb_or = slot_or,
                  .nb_int = slot_int,
                  .nb_float = slot_float,
                  .nb_index = slot_int,
                  .nb_floor_divide = slot_floor_div,
                  .nb_true_divide = slot_true_div},
        .spec = {.methods = int_methods,
                 .getset = int_getset,
                 .doc = "A whole number of any size.\n\nint(x) converts a number or text; int(text, base) "
                        "reads text in "
                        "base 2 to 36, or by its prefix for base 0.\n\n>>> int('0b101', base=0)\n5"},
    };
    init_static_type(PyLong_Type, decl);
    TRY(ready_type(t, &PyLong_Type));
    static const TypeDecl bool_decl = {
        .name = "bool",
        .basicsize = offsetof(PyLongObject, ob_digit),
        .itemsize = 4,
        .flags = kTpDefault | kTpLongSubclass,
        .base = &PyLong_Type,
        .slots = {.repr = bool_repr,
                  .new_ = bool_new,
                  .nb_invert = bool_invert,
                  .nb_and = bool_and,
                  .nb_xor = bool_xor,
                  .nb_or = bool_or},
        .spec = {.doc = "True or False: the truth of an object.", .text_signature = "(object=False, /)"},
    };
    init_static_type(PyBool_Type, bool_decl);
    return ready_type(t, &PyBool_Type);
}

}  // namespace krait

krait::Type PyLong_Type, PyBool_Type;
krait::PyLongObject _Py_TrueStruct = {
    {krait::kImmortalRefcnt, krait::kStaticUpper, &PyBool_Type}, 1 << 3 | 4, {1}};
krait::PyLongObject _Py_FalseStruct = {
    {krait::kImmortalRefcnt, krait::kStaticUpper, &PyBool_Type}, 1 | 4, {0}};
