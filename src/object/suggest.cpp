#include "object/suggest.h"

#include <string_view>

#include "builtins/str.h"

namespace krait {
namespace {

constexpr int kMove = 2, kCase = 1;  // costs: a character more, less or other; another case of it
constexpr size_t kMaxLength = 40;
constexpr int64_t kMaxCandidates = 750;

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }
int substitution(char a, char b) { return a == b ? 0 : lower(a) == lower(b) ? kCase : kMove; }

// Edit distance, or something above `limit`.
int distance(std::string_view a, std::string_view b, int limit) {
    while (!a.empty() && !b.empty() && a.front() == b.front()) a.remove_prefix(1), b.remove_prefix(1);
    while (!a.empty() && !b.empty() && a.back() == b.back()) a.remove_suffix(1), b.remove_suffix(1);
    if (a.empty() || b.empty()) return static_cast<int>(a.size() + b.size()) * kMove;
    if (a.size() > kMaxLength || b.size() > kMaxLength) return limit + 1;
    if (b.size() < a.size()) std::swap(a, b);
    if (static_cast<int>(b.size() - a.size()) * kMove > limit) return limit + 1;
    int row[kMaxLength + 1];
    for (size_t i = 0; i <= a.size(); i++) row[i] = static_cast<int>(i) * kMove;
    int result = 0;
    for (size_t j = 0; j < b.size(); j++) {
        int diagonal = row[0], best = limit + 1;
        row[0] = static_cast<int>(j + 1) * kMove;
        for (size_t i = 0; i < a.size(); i++) {
            int replace = diagonal + substitution(a[i], b[j]);
            diagonal = row[i + 1];
            int shift = (row[i] < row[i + 1] ? row[i] : row[i + 1]) + kMove;
            result = row[i + 1] = replace < shift ? replace : shift;
            if (result < best) best = result;
        }
        if (best > limit) return limit + 1;
    }
    return result;
}

}  // namespace

Value suggest_name(Value name, const Value* candidates, int64_t n) {
    if (!is_str(name) || n > kMaxCandidates) return {};
    std::string_view wanted = str_utf8_or(name, "");
    if (wanted.empty() || wanted.size() > kMaxLength) return {};
    Value best;
    int best_distance = INT32_MAX;
    for (int64_t i = 0; i < n; i++) {
        if (!is_str(candidates[i])) continue;
        std::string_view text = str_utf8_or(candidates[i], "");
        if (text == wanted) continue;
        int limit = static_cast<int>(wanted.size() + text.size() + 3) * kMove / 6;
        if (limit > best_distance - 1) limit = best_distance - 1;
        int d = distance(wanted, text, limit);
        if (d > limit) continue;
        if (d < best_distance) {
            best = candidates[i];
            best_distance = d;
        }
    }
    return best;
}

}  // namespace krait
