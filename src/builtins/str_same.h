// Equality of text without a call, for tables and sequences that compare many.
#pragma once

#include <cstring>

#include "builtins/str_internal.h"

namespace krait {

// Are n bytes the same? memcmp() costs a call and finding its own way: words and names are short.
inline bool same_bytes(const char* a, const char* b, size_t n) {
    auto differs = [&]<class T>(T) {
        T head_a, head_b, tail_a, tail_b;
        memcpy(&head_a, a, sizeof(T));
        memcpy(&head_b, b, sizeof(T));
        memcpy(&tail_a, a + n - sizeof(T), sizeof(T));
        memcpy(&tail_b, b + n - sizeof(T), sizeof(T));
        return ((head_a ^ head_b) | (tail_a ^ tail_b)) != 0;
    };
    if (n > 16) return memcmp(a, b, n) == 0;
    if (n >= 8) return !differs(uint64_t{});
    if (n >= 4) return !differs(uint32_t{});
    if (n >= 2) return !differs(uint16_t{});
    return n == 0 || *a == *b;
}

// Of exact strs.
inline bool same_text(Value a, Value b) {
    const PyASCIIObject *x = str_head(a), *y = str_head(b);
    if (x->length != y->length) return false;
    constexpr uint32_t kPlain = kStateAscii | kStateCompact;
    if ((x->state & y->state & kPlain) != kPlain) return str_equal(a, b);
    return same_bytes(reinterpret_cast<const char*>(x + 1), reinterpret_cast<const char*>(y + 1),
                      static_cast<size_t>(x->length));
}

enum class Sameness { No, Yes, Unsure };  // Unsure: a comparison that may run code has to tell
inline Sameness plain_sameness(Value a, Value b) {
    if (a == b) return Sameness::Yes;
    if (a.is_int() && b.is_int()) return Sameness::No;
    if (is_str_exact(a) && is_str_exact(b)) return same_text(a, b) ? Sameness::Yes : Sameness::No;
    return Sameness::Unsure;
}

}  // namespace krait
