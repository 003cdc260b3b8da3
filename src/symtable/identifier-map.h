#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "ast/identifier.h"

namespace krait {

// A map keyed by interned identifiers that remembers the order of insertion. Most scopes hold a handful of
// names, so short maps are searched linearly and only longer ones keep a hash index. Nothing can be removed
// singly; see IdentifierSet for that.
template <typename V>
class IdentifierMap {
  public:
    struct Entry {
        const Identifier* name;
        V value;
    };

    size_t size() const { return entries_.size(); }
    bool empty() const { return entries_.empty(); }
    auto begin() { return entries_.begin(); }
    auto end() { return entries_.end(); }
    auto begin() const { return entries_.begin(); }
    auto end() const { return entries_.end(); }
    const Entry& entry(size_t i) const { return entries_[i]; }

    // The position of the name; -1 when it is not there.
    int index_of(const Identifier* name) const {
        if (index_.empty()) {
            for (size_t i = 0; i < entries_.size(); i++) {
                if (entries_[i].name == name) return static_cast<int>(i);
            }
            return -1;
        }
        size_t mask = index_.size() - 1;
        for (size_t at = spread(name) & mask;; at = (at + 1) & mask) {
            if (index_[at] == 0) return -1;
            if (entries_[index_[at] - 1].name == name) return static_cast<int>(index_[at] - 1);
        }
    }
    bool contains(const Identifier* name) const { return index_of(name) >= 0; }
    V* find(const Identifier* name) {
        int i = index_of(name);
        return i < 0 ? nullptr : &entries_[i].value;
    }
    const V* find(const Identifier* name) const {
        int i = index_of(name);
        return i < 0 ? nullptr : &entries_[i].value;
    }
    // The value of the name, or `otherwise`.
    V get(const Identifier* name, V otherwise = V{}) const {
        int i = index_of(name);
        return i < 0 ? otherwise : entries_[i].value;
    }
    // The value of the name, made with V{} and put last when it was not there.
    V& operator[](const Identifier* name) {
        int i = index_of(name);
        if (i < 0) {
            append(name, V{});
            i = static_cast<int>(entries_.size()) - 1;
        }
        return entries_[i].value;
    }
    // Puts a name last that is not there yet.
    void append(const Identifier* name, V value) {
        entries_.push_back({name, std::move(value)});
        if (entries_.size() > kLinear) index_last();
    }
    void clear() {
        entries_.clear();
        index_.clear();
    }
    // Keeps the entries for which `keep` is true, in order.
    template <typename F>
    void filter(F keep) {
        std::vector<Entry> old = std::move(entries_);
        clear();
        for (Entry& e : old) {
            if (keep(e)) append(e.name, std::move(e.value));
        }
    }

  private:
    static constexpr size_t kLinear = 8;
    static size_t spread(const Identifier* name) { return name->hash * 0x9E3779B1u; }

    void place(uint32_t number) {
        size_t mask = index_.size() - 1;
        size_t at = spread(entries_[number - 1].name) & mask;
        while (index_[at] != 0) at = (at + 1) & mask;
        index_[at] = number;
    }
    void index_last() {
        if (entries_.size() * 2 > index_.size()) {
            index_.assign(index_.empty() ? 32 : index_.size() * 2, 0);
            for (size_t i = 1; i <= entries_.size(); i++) place(static_cast<uint32_t>(i));
        } else {
            place(static_cast<uint32_t>(entries_.size()));
        }
    }

    std::vector<Entry> entries_;
    std::vector<uint32_t> index_;  // entry number + 1; 0 is free
};

// A set of identifiers from which names can be taken out again: a map to "is in the set".
class IdentifierSet {
  public:
    bool contains(const Identifier* name) const { return map_.get(name, false); }
    void add(const Identifier* name) { map_[name] = true; }
    // True when the name was in the set.
    bool discard(const Identifier* name) {
        bool* present = map_.find(name);
        if (present == nullptr || !*present) return false;
        *present = false;
        return true;
    }
    void add_all(const IdentifierSet& other) {
        for (auto& e : other.map_) {
            if (e.value) add(e.name);
        }
    }
    // True when no name was ever added.
    bool untouched() const { return map_.empty(); }
    // Calls `f(name)` for each member in order of insertion.
    template <typename F>
    void each(F f) const {
        for (auto& e : map_) {
            if (e.value) f(e.name);
        }
    }

  private:
    IdentifierMap<bool> map_;
};

}  // namespace krait
