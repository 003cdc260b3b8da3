#include "compiler/constant-util.h"

#include <cmath>
#include <cstdio>
#include <functional>

#include "support/unicode.h"
#include "support/utf8.h"

namespace krait {

namespace {

// The value as a number, for comparing across types.
bool number(const Constant* c, double& re, double& im, bool& exact_int) {
    im = 0;
    exact_int = false;
    switch (c->kind) {
        case ConstantKind::kFalse:
        case ConstantKind::kTrue:
            re = c->kind == ConstantKind::kTrue;
            exact_int = true;
            return true;
        case ConstantKind::kInt:
            re = static_cast<double>(c->integer);
            exact_int = true;
            return true;
        case ConstantKind::kBigInt: {
            re = 0;
            for (size_t i = c->big.count; i-- > 0;) {
                re = re * 18446744073709551616.0 + static_cast<double>(c->big.limbs[i]);
            }
            if (c->big.negative) re = -re;
            exact_int = true;
            return true;
        }
        case ConstantKind::kFloat:
            re = c->real;
            return true;
        case ConstantKind::kComplex:
            re = c->complex.re;
            im = c->complex.im;
            return true;
        default:
            return false;
    }
}

}  // namespace

std::string repr_of_str(std::string_view text) {
    bool has_single = text.find('\'') != text.npos, has_double = text.find('"') != text.npos;
    char quote = has_single && !has_double ? '"' : '\'';
    std::string out(1, quote);
    for (const char *at = text.data(), *end = at + text.size(); at < end;) {
        const char* begin = at;
        char32_t c = utf8::next(at);
        char escape[16];
        if (c == static_cast<unsigned char>(quote) || c == '\\') {
            out += '\\';
            out += static_cast<char>(c);
        } else if (c == '\n' || c == '\r' || c == '\t') {
            out += c == '\n' ? "\\n" : c == '\r' ? "\\r" : "\\t";
        } else if (unicode::is_printable(c)) {
            out.append(begin, at);
        } else {
            const char* format = c < 0x100 ? "\\x%02x" : c < 0x10000 ? "\\u%04x" : "\\U%08x";
            std::snprintf(escape, sizeof escape, format, static_cast<unsigned>(c));
            out += escape;
        }
    }
    return out += quote;
}

std::string repr_text(const Constant* constant) {
    return constant->is(ConstantKind::kStr) ? repr_of_str(constant->text()) : ascii_text(constant);
}

bool equal_keys(const Constant* a, const Constant* b) {
    if (a == b || same_constant(a, b)) return true;
    double are, aim, bre, bim;
    bool aint, bint;
    if (!number(a, are, aim, aint) || !number(b, bre, bim, bint)) return false;
    if (aint && bint) {
        auto small = [](const Constant* c, int64_t& v) {
            if (c->kind == ConstantKind::kBigInt) return false;
            v = c->kind == ConstantKind::kInt ? c->integer : c->kind == ConstantKind::kTrue;
            return true;
        };
        int64_t x, y;
        return small(a, x) && small(b, y) && x == y;  // equal big ones are the same constant
    }
    return are == bre && aim == bim;
}

uint64_t hash_key(const Constant* constant) {
    double re, im;
    bool exact_int;
    if (!number(constant, re, im, exact_int)) return hash_constant(constant);
    return std::hash<double>()(re) * 31 + std::hash<double>()(im);  // the same for 0.0 and -0.0
}

const char* type_name(const Constant* constant) {
    switch (constant->kind) {
        case ConstantKind::kNone:
            return "NoneType";
        case ConstantKind::kFalse:
        case ConstantKind::kTrue:
            return "bool";
        case ConstantKind::kEllipsis:
            return "ellipsis";
        case ConstantKind::kInt:
        case ConstantKind::kBigInt:
            return "int";
        case ConstantKind::kFloat:
            return "float";
        case ConstantKind::kComplex:
            return "complex";
        case ConstantKind::kStr:
            return "str";
        case ConstantKind::kBytes:
            return "bytes";
        case ConstantKind::kTuple:
            return "tuple";
        case ConstantKind::kFrozenSet:
            return "frozenset";
        case ConstantKind::kSlice:
        case ConstantKind::kInvalid:
            return "slice";
        case ConstantKind::kCode:
            return "code";
    }
    return "object";
}

}  // namespace krait
