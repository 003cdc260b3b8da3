#include "ast/identifier.h"

#include <cstdlib>
#include <cstring>

#include "support/panic.h"

namespace krait {

namespace {

// Eight bytes at a time, multiply and fold: identifiers are short, so the loop is what counts.
uint32_t hash_text(std::string_view text) {
    const char* at = text.data();
    size_t left = text.size();
    uint64_t h = 0x9E3779B97F4A7C15u ^ left;
    while (left >= 8) {
        uint64_t word;
        std::memcpy(&word, at, 8);
        h = (h ^ word) * 0xFF51AFD7ED558CCDu;
        h ^= h >> 32;
        at += 8;
        left -= 8;
    }
    uint64_t word = 0;
    if (left >= 4) {
        uint32_t low, high;
        std::memcpy(&low, at, 4);
        std::memcpy(&high, at + left - 4, 4);
        word = uint64_t(high) << 32 | low;
    } else {
        for (size_t i = 0; i < left; i++) word = word << 8 | static_cast<unsigned char>(at[i]);
    }
    h = (h ^ word) * 0xFF51AFD7ED558CCDu;
    h ^= h >> 32;
    return static_cast<uint32_t>(h * 0xC4CEB9FE1A85EC53u >> 32);
}

}  // namespace

IdentifierTable::~IdentifierTable() { std::free(slots_); }

void IdentifierTable::grow() {
    size_t capacity = capacity_ ? capacity_ * 2 : 256;
    auto slots = static_cast<const Identifier**>(std::calloc(capacity, sizeof(Identifier*)));
    if (slots == nullptr) out_of_memory();
    for (size_t i = 0; i < capacity_; i++) {
        if (slots_[i] == nullptr) continue;
        size_t at = slots_[i]->hash & (capacity - 1);
        while (slots[at] != nullptr) at = (at + 1) & (capacity - 1);
        slots[at] = slots_[i];
    }
    std::free(slots_);
    slots_ = slots;
    capacity_ = capacity;
}

const Identifier* IdentifierTable::intern(std::string_view text) {
    if (count_ * 2 >= capacity_) grow();
    uint32_t hash = hash_text(text);
    size_t at = hash & (capacity_ - 1);
    while (const Identifier* found = slots_[at]) {
        if (found->hash == hash && found->view() == text) return found;
        at = (at + 1) & (capacity_ - 1);
    }
    if (text.size() > UINT32_MAX) panic("identifier too long");
    void* memory = arena_->allocate(offsetof(Identifier, text) + text.size() + 1, alignof(Identifier));
    auto made = static_cast<Identifier*>(memory);
    made->length = static_cast<uint32_t>(text.size());
    made->hash = hash;
    made->tag = 0;
    if (!text.empty()) std::memcpy(made->text, text.data(), text.size());
    made->text[text.size()] = 0;
    slots_[at] = made;
    count_++;
    return made;
}

}  // namespace krait
