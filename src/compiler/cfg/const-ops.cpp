#include "compiler/cfg/const-ops.h"

#include <algorithm>
#include <string>
#include <vector>

#include "compiler/cfg/const-numbers.h"
#include "support/utf8.h"

namespace krait::cfg {

namespace {

// What folding may produce at most, as in CPython.
constexpr int64_t kMaxCollectionSize = 256;
constexpr int64_t kMaxStringSize = 4096;
constexpr int64_t kMaxTotalItems = 1024;

bool is_sequence(const Constant* c) {
    return c->is(ConstantKind::kStr) || c->is(ConstantKind::kBytes) || c->is(ConstantKind::kTuple);
}

int64_t length(const Constant* c) {
    if (c->is(ConstantKind::kStr)) return static_cast<int64_t>(utf8::length(c->text()));
    if (c->is(ConstantKind::kBytes)) return static_cast<int64_t>(c->bytes.size);
    return static_cast<int64_t>(c->sequence.size);
}

// What is left of `limit` after counting all items at all levels; negative when exceeded. The nesting of a
// constant is bounded by the parser's.
int64_t count_items(const Constant* c, int64_t limit) {
    if (!c->is(ConstantKind::kTuple) && !c->is(ConstantKind::kFrozenSet)) return limit;
    limit -= length(c);
    for (const Constant* item : c->items()) {
        if (limit < 0) break;
        limit = count_items(item, limit);
    }
    return limit;
}

// ---- sequences ----

const Constant* concatenate(Arena& arena, const Constant* a, const Constant* b) {
    if (a->kind != b->kind || !is_sequence(a)) return nullptr;
    if (a->is(ConstantKind::kTuple)) {
        std::vector<const Constant*> items(a->items().begin(), a->items().end());
        items.insert(items.end(), b->items().begin(), b->items().end());
        return tuple_constant(arena, items);
    }
    std::string text(a->text());
    text += b->text();
    return a->is(ConstantKind::kStr) ? str_constant(arena, text) : bytes_constant(arena, text);
}

const Constant* repeat(Arena& arena, const Constant* sequence, const Constant* times) {
    int64_t size = length(sequence);
    int64_t n = times->is(ConstantKind::kTrue) ? 1 : 0;
    if (times->is_int()) {
        n = times->is(ConstantKind::kInt) ? times->integer : -1;
        if (size > 0) {
            bool tuple = sequence->is(ConstantKind::kTuple);
            if (n < 0 || n > (tuple ? kMaxCollectionSize : kMaxStringSize) / size) return nullptr;
            if (tuple && n > 0 && count_items(sequence, kMaxTotalItems / n) < 0) return nullptr;
        } else if (times->is(ConstantKind::kBigInt)) {
            // The count does not fit an index, which is an error even for nothing repeated.
            return nullptr;
        }
    }
    if (n == 1) return sequence;
    if (sequence->is(ConstantKind::kTuple)) {
        std::vector<const Constant*> items;
        for (int64_t i = 0; i < n && size > 0; i++) {
            items.insert(items.end(), sequence->items().begin(), sequence->items().end());
        }
        return tuple_constant(arena, items);
    }
    std::string text;
    for (int64_t i = 0; i < n && size > 0; i++) text += sequence->text();
    return sequence->is(ConstantKind::kStr) ? str_constant(arena, text) : bytes_constant(arena, text);
}

// The item, or the character as a string; `at` is in range.
const Constant* item_at(Arena& arena, const Constant* sequence, int64_t at) {
    switch (sequence->kind) {
        case ConstantKind::kTuple:
            return sequence->items()[at];
        case ConstantKind::kBytes:
            return int_constant(arena, static_cast<unsigned char>(sequence->bytes.data[at]));
        default: {
            const char* from = sequence->bytes.data;
            for (; at > 0; at--) from += utf8::sequence_length(static_cast<unsigned char>(*from));
            return str_constant(arena, {from, utf8::sequence_length(static_cast<unsigned char>(*from))});
        }
    }
}

bool index_value(const Constant* c, int64_t& value) {
    if (c->is(ConstantKind::kTrue) || c->is(ConstantKind::kFalse)) {
        value = c->is(ConstantKind::kTrue);
    } else if (c->is(ConstantKind::kInt)) {
        value = c->integer;
    } else if (c->is(ConstantKind::kBigInt)) {
        value = c->big.negative ? INT64_MIN : INT64_MAX;
    } else {
        return false;
    }
    return true;
}

const Constant* slice_of(Arena& arena, const Constant* sequence, const Constant* slice) {
    int64_t size = length(sequence), step = 1;
    auto parts = slice->items();
    if (!parts[2]->is_none() && !index_value(parts[2], step)) return nullptr;
    if (step == 0) return nullptr;
    step = std::max(step, -INT64_MAX);
    int64_t lowest = step < 0 ? -1 : 0, highest = step < 0 ? size - 1 : size;
    auto bound = [&](const Constant* part, int64_t otherwise, int64_t& value) {
        if (part->is_none()) {
            value = otherwise;
            return true;
        }
        if (!index_value(part, value)) return false;
        if (value < 0) value = value < -size ? lowest : value + size;
        value = std::clamp(value, lowest, highest);
        return true;
    };
    int64_t start, stop;
    if (!bound(parts[0], step < 0 ? highest : lowest, start)) return nullptr;
    if (!bound(parts[1], step < 0 ? lowest : highest, stop)) return nullptr;
    int64_t count = 0;
    if (step > 0 && start < stop) count = (stop - start - 1) / step + 1;
    if (step < 0 && start > stop) count = (start - stop - 1) / -step + 1;
    if (count == size && step == 1) return sequence;
    if (sequence->is(ConstantKind::kTuple)) {
        std::vector<const Constant*> items;
        for (int64_t i = 0; i < count; i++) items.push_back(sequence->items()[start + i * step]);
        return tuple_constant(arena, items);
    }
    std::string text;
    if (sequence->is(ConstantKind::kBytes)) {
        for (int64_t i = 0; i < count; i++) text += sequence->bytes.data[start + i * step];
        return bytes_constant(arena, text);
    }
    std::u32string points;
    for (const char *at = sequence->bytes.data, *end = at + sequence->bytes.size; at < end;) {
        points += utf8::next(at);
    }
    for (int64_t i = 0; i < count; i++) utf8::append(text, points[start + i * step]);
    return str_constant(arena, text);
}

const Constant* subscript(Arena& arena, const Constant* sequence, const Constant* index) {
    if (!is_sequence(sequence)) return nullptr;
    if (index->is(ConstantKind::kSlice)) return slice_of(arena, sequence, index);
    int64_t at, size = length(sequence);
    if (!index_value(index, at)) return nullptr;
    if (at < 0) at = at < -size ? -1 : at + size;
    if (at < 0 || at >= size) return nullptr;
    return item_at(arena, sequence, at);
}

bool is_integral(const Constant* c) {
    return c->is_int() || c->is(ConstantKind::kTrue) || c->is(ConstantKind::kFalse);
}

}  // namespace

const Constant* fold_binary(Arena& arena, BinaryOp op, const Constant* left, const Constant* right) {
    if (op == BinaryOp::NB_SUBSCR) return subscript(arena, left, right);
    if (is_number(left) && is_number(right)) return fold_numbers(arena, op, left, right);
    if (op == BinaryOp::NB_ADD) return concatenate(arena, left, right);
    if (op == BinaryOp::NB_MULTIPLY) {
        if (is_sequence(left) && is_integral(right)) return repeat(arena, left, right);
        if (is_sequence(right) && is_integral(left)) return repeat(arena, right, left);
    }
    return nullptr;
}

bool truth(const Constant* c) {
    switch (c->kind) {
        case ConstantKind::kNone:
        case ConstantKind::kFalse:
            return false;
        case ConstantKind::kInt:
            return c->integer != 0;
        case ConstantKind::kFloat:
            return c->real != 0;
        case ConstantKind::kComplex:
            return c->complex.re != 0 || c->complex.im != 0;
        case ConstantKind::kStr:
        case ConstantKind::kBytes:
            return c->bytes.size > 0;
        case ConstantKind::kTuple:
        case ConstantKind::kFrozenSet:
            return c->sequence.size > 0;
        default:
            return true;
    }
}

bool python_equal(const Constant* a, const Constant* b) {
    if (a == b) return true;
    if (is_number(a) && is_number(b)) return equal_numbers(a, b);
    if (a->kind != b->kind) return false;
    auto equal_item = [](const Constant* x, const Constant* y) { return python_equal(x, y); };
    switch (a->kind) {
        case ConstantKind::kTuple:
        case ConstantKind::kSlice:
            return std::ranges::equal(a->items(), b->items(), equal_item);
        case ConstantKind::kFrozenSet:
            return a->sequence.size == b->sequence.size &&
                   std::ranges::all_of(a->items(), [&](const Constant* x) {
                       return std::ranges::any_of(b->items(),
                                                  [&](const Constant* y) { return python_equal(x, y); });
                   });
        default:
            return same_constant(a, b);
    }
}

uint64_t python_hash(const Constant* constant) {
    if (is_number(constant)) return hash_number(constant);
    uint64_t h = uint64_t(constant->kind) * 0x9E3779B97F4A7C15u;
    switch (constant->kind) {
        case ConstantKind::kTuple:
        case ConstantKind::kSlice:
            for (const Constant* item : constant->items()) h = (h ^ python_hash(item)) * 0x100000001B3u;
            return h;
        case ConstantKind::kFrozenSet:
            for (const Constant* item : constant->items()) h += python_hash(item) * 0xFF51AFD7ED558CCDu;
            return h;
        default:
            return hash_constant(constant);
    }
}

}  // namespace krait::cfg
