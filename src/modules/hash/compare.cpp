// Comparing digests.
#include "builtins/str.h"
#include "modules/hash/hash.h"

namespace krait {

// Equal or not in a time that tells nothing about where the texts differ.
namespace {
bool same_bytes(const char* a, size_t na, const char* b, size_t nb) {
    volatile unsigned char different = na != nb;
    const char* left = na == nb ? a : b;
    for (size_t i = 0; i < nb; i++) different = different | static_cast<unsigned char>(left[i] ^ b[i]);
    return !different;
}
}  // namespace

Ref compare_digest(Thread& t, Value, const Value* a, size_t) {
    if (is_str(a[0]) && is_str(a[1])) {
        if (!str_is_ascii(a[0]) || !str_is_ascii(a[1]))
            return raise(t, PyExc_TypeError, "comparing strings with non-ASCII characters is not supported");
        return bool_ref(same_bytes(static_cast<char*>(str_data(a[0])), str_length(a[0]),
                                   static_cast<char*>(str_data(a[1])), str_length(a[1])));
    }
    if (!has_buffer(a[0]) && !has_buffer(a[1]))
        return raise(t, PyExc_TypeError,
                     "unsupported operand types(s) or combination of types: '%.100s' and '%.100s'",
                     type_of(a[0])->tp_name, type_of(a[1])->tp_name);
    Buffer left, right;
    TRY(left.acquire(t, a[0]));
    TRY(right.acquire(t, a[1]));
    if (left.view().ndim > 1 || right.view().ndim > 1)
        return raise(t, PyExc_BufferError, "Buffer must be single dimension");
    return bool_ref(same_bytes(left.data(), left.size(), right.data(), right.size()));
}

}  // namespace krait
