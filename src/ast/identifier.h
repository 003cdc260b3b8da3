#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "support/arena.h"

namespace krait {

// An interned string of one compilation: within one IdentifierTable equal texts have equal addresses. UTF-8
// (identifiers are in NFKC form already); the text is followed by a NUL.
struct Identifier {
    uint32_t length;
    uint32_t hash;
    uint8_t tag;   // whatever the table's user wants to know of the text at once (the parser: its keyword)
    char text[1];  // in fact length + 1 bytes

    std::string_view view() const { return {text, length}; }
};

// Interns into the arena, which must outlive the table and everything that keeps its identifiers.
class IdentifierTable {
  public:
    explicit IdentifierTable(Arena& arena) : arena_(&arena) {}
    ~IdentifierTable();
    IdentifierTable(const IdentifierTable&) = delete;
    IdentifierTable& operator=(const IdentifierTable&) = delete;

    // The one identifier with this text; never null.
    const Identifier* intern(std::string_view text);
    // The same, and marks it.
    void tag(std::string_view text, uint8_t tag) { const_cast<Identifier*>(intern(text))->tag = tag; }
    size_t size() const { return count_; }

  private:
    void grow();

    Arena* arena_;
    const Identifier** slots_ = nullptr;
    size_t capacity_ = 0;  // a power of two, or 0
    size_t count_ = 0;
};

}  // namespace krait
