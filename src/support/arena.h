#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <new>
#include <span>
#include <string_view>
#include <type_traits>
#include <utility>

namespace krait {

// A bump allocator: memory lives until the arena dies or is reset, nothing is freed singly and no destructor
// runs. What one compilation makes (AST, scopes, blocks) lives in one arena.
class Arena {
  public:
    explicit Arena(size_t first_chunk = 16 * 1024) : next_size_(first_chunk) {}
    ~Arena() { release(nullptr); }
    Arena(const Arena&) = delete;
    Arena& operator=(const Arena&) = delete;
    Arena(Arena&& other) noexcept { swap(other); }
    Arena& operator=(Arena&& other) noexcept {
        swap(other);
        return *this;
    }

    // Uninitialised memory; never null (the process ends when the system has none left).
    void* allocate(size_t size, size_t align = alignof(std::max_align_t)) {
        uintptr_t at = (reinterpret_cast<uintptr_t>(cursor_) + align - 1) & ~(uintptr_t(align) - 1);
        if (__builtin_expect(at + size > reinterpret_cast<uintptr_t>(limit_) || at + size < at, 0)) {
            return allocate_slow(size, align);
        }
        cursor_ = reinterpret_cast<char*>(at + size);
        return reinterpret_cast<void*>(at);
    }

    // One object, constructed in place.
    template <typename T, typename... Args>
    T* make(Args&&... args) {
        static_assert(std::is_trivially_destructible_v<T>, "an arena runs no destructors");
        return new (allocate(sizeof(T), alignof(T))) T{std::forward<Args>(args)...};
    }

    // `count` value-initialised elements.
    template <typename T>
    std::span<T> make_array(size_t count) {
        static_assert(std::is_trivially_destructible_v<T>, "an arena runs no destructors");
        if (count == 0) return {};
        T* items = static_cast<T*>(allocate_array(count, sizeof(T), alignof(T)));
        for (size_t i = 0; i < count; i++) new (items + i) T{};
        return {items, count};
    }

    // A copy of the elements that the arena owns.
    template <typename T>
    std::span<T> copy(std::span<const T> from) {
        static_assert(std::is_trivially_copyable_v<T> && std::is_trivially_destructible_v<T>);
        if (from.empty()) return {};
        T* items = static_cast<T*>(allocate_array(from.size(), sizeof(T), alignof(T)));
        std::memcpy(static_cast<void*>(items), from.data(), from.size() * sizeof(T));
        return {items, from.size()};
    }

    // A copy of the text, with a NUL after it that does not count.
    std::string_view copy(std::string_view text) {
        char* to = static_cast<char*>(allocate(text.size() + 1, 1));
        if (!text.empty()) std::memcpy(to, text.data(), text.size());
        to[text.size()] = 0;
        return {to, text.size()};
    }

    // Gives back everything; the largest chunk is kept for reuse.
    void reset();

    // Bytes obtained from the system.
    size_t footprint() const { return footprint_; }

    void swap(Arena& other) noexcept {
        std::swap(cursor_, other.cursor_);
        std::swap(limit_, other.limit_);
        std::swap(chunks_, other.chunks_);
        std::swap(next_size_, other.next_size_);
        std::swap(footprint_, other.footprint_);
    }

  private:
    struct Chunk {
        Chunk* previous;
        size_t size;  // of the whole block, this header included
    };

    void* allocate_slow(size_t size, size_t align);
    void* allocate_array(size_t count, size_t item, size_t align);
    void release(Chunk* keep);

    char* cursor_ = nullptr;
    char* limit_ = nullptr;
    Chunk* chunks_ = nullptr;
    size_t next_size_ = 16 * 1024;
    size_t footprint_ = 0;
};

}  // namespace krait
