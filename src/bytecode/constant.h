#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "support/arena.h"

// Constants as plain C++ values: what the front end and the compiler know of Python objects. They live in an
// arena, never change once made, and refer to other constants of the same or a longer-lived arena.
namespace krait {

struct CodeObject;

enum class ConstantKind : uint8_t {
    kNone,
    kFalse,
    kTrue,
    kEllipsis,
    kInt,     // fits int64_t
    kBigInt,  // does not fit int64_t
    kFloat,
    kComplex,
    kStr,  // UTF-8; lone surrogates in three bytes each ("surrogatepass")
    kBytes,
    kTuple,
    kFrozenSet,
    kSlice,  // three items: start, stop, step
    kCode,
    kInvalid,  // only in trees that are not validated yet: an object that is no constant; bytes: its type
};

// Sign and magnitude in GMP's limb order (least significant first, the last one not 0): `mpn_*` and
// `mpz_roinit_n` take it as it is.
struct BigInt {
    bool negative;
    uint32_t count;
    const uint64_t* limbs;

    std::span<const uint64_t> magnitude() const { return {limbs, count}; }
};

struct Constant {
    ConstantKind kind;
    union {
        int64_t integer;  // kInt
        BigInt big;       // kBigInt
        double real;      // kFloat
        struct {          // kComplex
            double re, im;
        } complex;
        struct {  // kStr, kBytes; followed by a NUL that does not count
            const char* data;
            size_t size;
        } bytes;
        struct {  // kTuple, kFrozenSet, kSlice
            const Constant* const* data;
            size_t size;
        } sequence;
        const CodeObject* code;  // kCode
    };

    bool is(ConstantKind k) const { return kind == k; }
    bool is_none() const { return kind == ConstantKind::kNone; }
    bool is_int() const { return kind == ConstantKind::kInt || kind == ConstantKind::kBigInt; }
    std::string_view text() const { return {bytes.data, bytes.size}; }
    std::span<const Constant* const> items() const { return {sequence.data, sequence.size}; }
};

// The four singletons: static, usable with any arena.
extern const Constant kNoneConstant, kFalseConstant, kTrueConstant, kEllipsisConstant;

inline const Constant* bool_constant(bool value) { return value ? &kTrueConstant : &kFalseConstant; }
const Constant* int_constant(Arena& arena, int64_t value);
// Takes any magnitude (leading zero limbs too) and gives kInt when it fits; copies the limbs.
const Constant* int_constant(Arena& arena, bool negative, std::span<const uint64_t> limbs);
const Constant* float_constant(Arena& arena, double value);
const Constant* complex_constant(Arena& arena, double re, double im);
const Constant* str_constant(Arena& arena, std::string_view text);                     // copies
const Constant* bytes_constant(Arena& arena, std::string_view data);                   // copies
const Constant* tuple_constant(Arena& arena, std::span<const Constant* const> items);  // copies the pointers
const Constant* frozenset_constant(Arena& arena, std::span<const Constant* const> items);
const Constant* slice_constant(Arena& arena, const Constant* start, const Constant* stop,
                               const Constant* step);
const Constant* code_constant(Arena& arena, const CodeObject* code);
const Constant* invalid_constant(Arena& arena, std::string_view type_name);

// Same type and same value all the way down, as co_consts are merged: 1, 1.0 and True differ, so do 0.0 and
// -0.0; a NaN equals only itself (by address); code as same_code says; frozensets in any order.
bool same_constant(const Constant* a, const Constant* b);
// Agrees with same_constant.
uint64_t hash_constant(const Constant* constant);

// The integer in decimal (any size; a caller that wants a digit limit checks it before).
std::string decimal_text(const Constant* integer);

// As Python's ascii() writes it: for dumps and tests. A code constant is written as <code object>.
std::string ascii_text(const Constant* constant);

}  // namespace krait
