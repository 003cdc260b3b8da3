// Search on pairs of str.
#pragma once

#include "builtins/str_internal.h"
#include "builtins/text_search.h"

namespace krait {

// Calls f(hay characters, needle characters); `none` when the needle has characters that hay cannot hold.
template <class R, class F>
inline R with_pair(Value s, Value sub, R none, F&& f) {
    if (str_limit(sub) > str_limit(s)) return none;
    return with_chars(s, [&](auto* hay) -> R {
        return with_chars(sub, [&](auto* needle) -> R {
            if constexpr (sizeof(*needle) <= sizeof(*hay))
                return f(hay, needle);
            else
                return none;
        });
    });
}

// As str.count: occurrences that do not overlap, at most `most`.
int64_t str_count(Value s, Value sub, int64_t start, int64_t stop, int64_t most);

}  // namespace krait
