#include "compiler/instr_sequence.h"

namespace krait {

namespace {
constexpr size_t kLinear = 8;  // up to so many values are searched one by one
}

int ConstantTable::add(const Constant* constant) {
    uint64_t hash = hash_constant(constant);
    if (slots_.empty()) {
        for (size_t i = 0; i < values_.size(); i++) {
            if (hashes_[i] == hash && same_constant(values_[i], constant)) return static_cast<int>(i);
        }
    } else {
        size_t mask = slots_.size() - 1;
        for (size_t at = hash & mask; slots_[at] >= 0; at = (at + 1) & mask) {
            size_t i = static_cast<size_t>(slots_[at]);
            if (hashes_[i] == hash && same_constant(values_[i], constant)) return static_cast<int>(i);
        }
    }
    values_.push_back(constant);
    hashes_.push_back(hash);
    if (values_.size() > kLinear) {
        if (values_.size() * 2 > slots_.size()) {
            rebuild_index(values_.size() * 4);
        } else {
            index(values_.size() - 1);
        }
    }
    return static_cast<int>(values_.size()) - 1;
}

void ConstantTable::index(size_t i) {
    size_t mask = slots_.size() - 1;
    size_t at = hashes_[i] & mask;
    while (slots_[at] >= 0) at = (at + 1) & mask;
    slots_[at] = static_cast<int32_t>(i);
}

void ConstantTable::rebuild_index(size_t least) {
    size_t capacity = 32;
    while (capacity < least) capacity *= 2;
    slots_.assign(capacity, -1);
    for (size_t i = 0; i < values_.size(); i++) index(i);
}

void ConstantTable::compact(const std::vector<bool>& keep, std::vector<int>& renumbered) {
    renumbered.assign(values_.size(), -1);
    size_t kept = 0;
    for (size_t i = 0; i < values_.size(); i++) {
        if (!keep[i]) continue;
        renumbered[i] = static_cast<int>(kept);
        values_[kept] = values_[i];
        hashes_[kept] = hashes_[i];
        kept++;
    }
    values_.resize(kept);
    hashes_.resize(kept);
    slots_.clear();
    if (kept > kLinear) rebuild_index(kept * 4);
}

}  // namespace krait
