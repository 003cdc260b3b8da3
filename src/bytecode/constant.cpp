#include "bytecode/constant.h"

#include <gmp.h>

#include <bit>
#include <charconv>
#include <cmath>
#include <cstring>

#include "bytecode/code.h"
#include "support/utf8.h"

namespace krait {

static_assert(sizeof(mp_limb_t) == 8 && GMP_NAIL_BITS == 0, "BigInt is handed to GMP as it is");

const Constant kNoneConstant{ConstantKind::kNone, {0}};
const Constant kFalseConstant{ConstantKind::kFalse, {0}};
const Constant kTrueConstant{ConstantKind::kTrue, {0}};
const Constant kEllipsisConstant{ConstantKind::kEllipsis, {0}};

namespace {

Constant* make(Arena& arena, ConstantKind kind) { return arena.make<Constant>(kind); }

const Constant* make_bytes(Arena& arena, ConstantKind kind, std::string_view data) {
    Constant* made = make(arena, kind);
    std::string_view copy = arena.copy(data);
    made->bytes = {copy.data(), copy.size()};
    return made;
}

const Constant* make_sequence(Arena& arena, ConstantKind kind, std::span<const Constant* const> items) {
    Constant* made = make(arena, kind);
    std::span<const Constant*> copy = arena.copy(items);
    made->sequence = {copy.data(), copy.size()};
    return made;
}

}  // namespace

const Constant* int_constant(Arena& arena, int64_t value) {
    Constant* made = make(arena, ConstantKind::kInt);
    made->integer = value;
    return made;
}

const Constant* int_constant(Arena& arena, bool negative, std::span<const uint64_t> limbs) {
    size_t count = limbs.size();
    while (count > 0 && limbs[count - 1] == 0) count--;
    if (count == 0) return int_constant(arena, 0);
    if (count == 1 && limbs[0] <= uint64_t(INT64_MAX) + negative) {
        return int_constant(arena, static_cast<int64_t>(negative ? 0 - limbs[0] : limbs[0]));
    }
    Constant* made = make(arena, ConstantKind::kBigInt);
    made->big = {negative, static_cast<uint32_t>(count), arena.copy(limbs.first(count)).data()};
    return made;
}

const Constant* float_constant(Arena& arena, double value) {
    Constant* made = make(arena, ConstantKind::kFloat);
    made->real = value;
    return made;
}

const Constant* complex_constant(Arena& arena, double re, double im) {
    Constant* made = make(arena, ConstantKind::kComplex);
    made->complex = {re, im};
    return made;
}

const Constant* str_constant(Arena& arena, std::string_view text) {
    return make_bytes(arena, ConstantKind::kStr, text);
}

const Constant* bytes_constant(Arena& arena, std::string_view data) {
    return make_bytes(arena, ConstantKind::kBytes, data);
}

const Constant* tuple_constant(Arena& arena, std::span<const Constant* const> items) {
    return make_sequence(arena, ConstantKind::kTuple, items);
}

const Constant* frozenset_constant(Arena& arena, std::span<const Constant* const> items) {
    return make_sequence(arena, ConstantKind::kFrozenSet, items);
}

const Constant* slice_constant(Arena& arena, const Constant* start, const Constant* stop,
                               const Constant* step) {
    const Constant* items[] = {start, stop, step};
    return make_sequence(arena, ConstantKind::kSlice, items);
}

const Constant* code_constant(Arena& arena, const CodeObject* code) {
    Constant* made = make(arena, ConstantKind::kCode);
    made->code = code;
    return made;
}

const Constant* invalid_constant(Arena& arena, std::string_view type_name) {
    return make_bytes(arena, ConstantKind::kInvalid, type_name);
}

// ---- equality and hash ----

namespace {

bool same_bits(double a, double b) {
    return std::bit_cast<uint64_t>(a) == std::bit_cast<uint64_t>(b) && !std::isnan(a);
}

bool same_items(std::span<const Constant* const> a, std::span<const Constant* const> b) {
    if (a.size() != b.size()) return false;
    for (size_t i = 0; i < a.size(); i++) {
        if (!same_constant(a[i], b[i])) return false;
    }
    return true;
}

// The elements of each are distinct already, so counting one way is enough.
bool same_set(std::span<const Constant* const> a, std::span<const Constant* const> b) {
    if (a.size() != b.size()) return false;
    for (const Constant* item : a) {
        uint64_t hash = hash_constant(item);
        bool found = false;
        for (const Constant* other : b) {
            if (hash_constant(other) == hash && same_constant(item, other)) {
                found = true;
                break;
            }
        }
        if (!found) return false;
    }
    return true;
}

uint64_t mix(uint64_t h, uint64_t word) {
    h = (h ^ word) * 0xFF51AFD7ED558CCDu;
    return h ^ h >> 32;
}

uint64_t hash_bytes(uint64_t h, std::string_view data) {
    size_t i = 0;
    for (; i + 8 <= data.size(); i += 8) {
        uint64_t word;
        std::memcpy(&word, data.data() + i, 8);
        h = mix(h, word);
    }
    uint64_t word = data.size();
    for (; i < data.size(); i++) word = word << 8 | static_cast<unsigned char>(data[i]);
    return mix(h, word);
}

}  // namespace

bool same_constant(const Constant* a, const Constant* b) {
    if (a == b) return true;
    if (a->kind != b->kind) return false;
    switch (a->kind) {
        case ConstantKind::kNone:
        case ConstantKind::kFalse:
        case ConstantKind::kTrue:
        case ConstantKind::kEllipsis:
            return true;
        case ConstantKind::kInt:
            return a->integer == b->integer;
        case ConstantKind::kBigInt:
            return a->big.negative == b->big.negative && a->big.count == b->big.count &&
                   std::memcmp(a->big.limbs, b->big.limbs, a->big.count * sizeof(uint64_t)) == 0;
        case ConstantKind::kFloat:
            return same_bits(a->real, b->real);
        case ConstantKind::kComplex:
            return same_bits(a->complex.re, b->complex.re) && same_bits(a->complex.im, b->complex.im);
        case ConstantKind::kStr:
        case ConstantKind::kBytes:
        case ConstantKind::kInvalid:
            return a->text() == b->text();
        case ConstantKind::kTuple:
        case ConstantKind::kSlice:
            return same_items(a->items(), b->items());
        case ConstantKind::kFrozenSet:
            return same_set(a->items(), b->items());
        case ConstantKind::kCode:
            return same_code(a->code, b->code);
    }
    return false;
}

uint64_t hash_constant(const Constant* constant) {
    uint64_t h = mix(0x9E3779B97F4A7C15u, uint64_t(constant->kind));
    switch (constant->kind) {
        case ConstantKind::kNone:
        case ConstantKind::kFalse:
        case ConstantKind::kTrue:
        case ConstantKind::kEllipsis:
            return h;
        case ConstantKind::kInt:
            return mix(h, uint64_t(constant->integer));
        case ConstantKind::kBigInt:
            h = mix(h, constant->big.negative);
            for (uint64_t limb : constant->big.magnitude()) h = mix(h, limb);
            return h;
        case ConstantKind::kFloat:
            return mix(h, std::bit_cast<uint64_t>(constant->real));
        case ConstantKind::kComplex:
            return mix(mix(h, std::bit_cast<uint64_t>(constant->complex.re)),
                       std::bit_cast<uint64_t>(constant->complex.im));
        case ConstantKind::kStr:
        case ConstantKind::kBytes:
        case ConstantKind::kInvalid:
            return hash_bytes(h, constant->text());
        case ConstantKind::kTuple:
        case ConstantKind::kSlice:
            for (const Constant* item : constant->items()) h = mix(h, hash_constant(item));
            return mix(h, constant->sequence.size);
        case ConstantKind::kFrozenSet: {
            uint64_t sum = 0;
            for (const Constant* item : constant->items()) sum += hash_constant(item);
            return mix(h, sum);
        }
        case ConstantKind::kCode:
            return mix(h, hash_code(constant->code));
    }
    return h;
}

// ---- text ----

std::string decimal_text(const Constant* integer) {
    if (integer->is(ConstantKind::kInt)) return std::to_string(integer->integer);
    const BigInt& big = integer->big;
    mpz_t value;
    mpz_roinit_n(value, reinterpret_cast<const mp_limb_t*>(big.limbs), static_cast<mp_size_t>(big.count));
    std::string text(mpz_sizeinbase(value, 10) + 2, 0);
    char* at = text.data();
    if (big.negative) *at++ = '-';
    mpz_get_str(at, 10, value);
    text.resize(std::strlen(text.data()));
    return text;
}

namespace {

// Shortest digits that read back the same, in Python's layout: an exponent of two digits at least, from 1e16
// and below 1e-4 on.
void append_float(std::string& out, double value, bool point_zero) {
    if (std::isnan(value)) {
        out += "nan";
        return;
    }
    if (std::isinf(value)) {
        out += value < 0 ? "-inf" : "inf";
        return;
    }
    char buffer[40];
    double magnitude = std::fabs(value);
    bool scientific = magnitude != 0 && (magnitude < 1e-4 || magnitude >= 1e16);
    auto format = scientific ? std::chars_format::scientific : std::chars_format::fixed;
    auto end = std::to_chars(buffer, buffer + sizeof buffer, value, format).ptr;
    std::string_view text(buffer, static_cast<size_t>(end - buffer));
    out += text;
    if (!scientific && point_zero && text.find('.') == text.npos) out += ".0";
}

void append_escape(std::string& out, char32_t c, bool bytes) {
    static const char digits[] = "0123456789abcdef";
    int count = bytes || c < 0x100 ? 2 : c < 0x10000 ? 4 : 8;
    out += '\\';
    out += count == 2 ? 'x' : count == 4 ? 'u' : 'U';
    for (int shift = 4 * (count - 1); shift >= 0; shift -= 4) out += digits[c >> shift & 15];
}

void append_quoted(std::string& out, std::string_view text, bool bytes) {
    bool single = text.find('\'') != text.npos, twofold = text.find('"') != text.npos;
    char quote = single && !twofold ? '"' : '\'';
    out += quote;
    const char* at = text.data();
    const char* end = at + text.size();
    while (at < end) {
        char32_t c = bytes ? static_cast<unsigned char>(*at++) : utf8::next(at);
        if (c == static_cast<unsigned char>(quote) || c == '\\') {
            out += '\\';
            out += static_cast<char>(c);
        } else if (c == '\n') {
            out += "\\n";
        } else if (c == '\r') {
            out += "\\r";
        } else if (c == '\t') {
            out += "\\t";
        } else if (c < 0x20 || c >= 0x7F) {
            append_escape(out, c, bytes);
        } else {
            out += static_cast<char>(c);
        }
    }
    out += quote;
}

void append_ascii(std::string& out, const Constant* constant);

void append_list(std::string& out, std::span<const Constant* const> items) {
    for (size_t i = 0; i < items.size(); i++) {
        if (i > 0) out += ", ";
        append_ascii(out, items[i]);
    }
}

void append_complex(std::string& out, double re, double im) {
    if (re == 0 && !std::signbit(re)) {
        append_float(out, im, false);
        out += 'j';
        return;
    }
    out += '(';
    append_float(out, re, false);
    if (!std::signbit(im) || std::isnan(im)) out += '+';
    append_float(out, im, false);
    out += "j)";
}

void append_ascii(std::string& out, const Constant* constant) {
    switch (constant->kind) {
        case ConstantKind::kNone:
            out += "None";
            break;
        case ConstantKind::kFalse:
            out += "False";
            break;
        case ConstantKind::kTrue:
            out += "True";
            break;
        case ConstantKind::kEllipsis:
            out += "Ellipsis";
            break;
        case ConstantKind::kInt:
        case ConstantKind::kBigInt:
            out += decimal_text(constant);
            break;
        case ConstantKind::kFloat:
            append_float(out, constant->real, true);
            break;
        case ConstantKind::kComplex:
            append_complex(out, constant->complex.re, constant->complex.im);
            break;
        case ConstantKind::kStr:
            append_quoted(out, constant->text(), false);
            break;
        case ConstantKind::kBytes:
            out += 'b';
            append_quoted(out, constant->text(), true);
            break;
        case ConstantKind::kInvalid:
            out += '<';
            out += constant->text();
            out += '>';
            break;
        case ConstantKind::kTuple:
            out += '(';
            append_list(out, constant->items());
            out += constant->sequence.size == 1 ? ",)" : ")";
            break;
        case ConstantKind::kFrozenSet:
            out += constant->sequence.size ? "frozenset({" : "frozenset(";
            append_list(out, constant->items());
            out += constant->sequence.size ? "})" : ")";
            break;
        case ConstantKind::kSlice:
            out += "slice(";
            append_list(out, constant->items());
            out += ')';
            break;
        case ConstantKind::kCode:
            out += "<code object>";
            break;
    }
}

}  // namespace

std::string ascii_text(const Constant* constant) {
    std::string out;
    append_ascii(out, constant);
    return out;
}

}  // namespace krait
