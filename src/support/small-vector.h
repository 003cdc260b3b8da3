#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <span>
#include <type_traits>

#include "support/panic.h"

namespace krait {

// A growing array of trivially copyable elements whose first `N` need no allocation. Ends the process when
// memory runs out.
template <typename T, size_t N>
class SmallVector {
    static_assert(std::is_trivially_copyable_v<T> && std::is_trivially_destructible_v<T>);

  public:
    SmallVector() = default;
    ~SmallVector() {
        if (data_ != inline_data()) std::free(data_);
    }
    SmallVector(const SmallVector&) = delete;
    SmallVector& operator=(const SmallVector&) = delete;

    size_t size() const { return size_; }
    bool empty() const { return size_ == 0; }
    T* data() { return data_; }
    const T* data() const { return data_; }
    T* begin() { return data_; }
    T* end() { return data_ + size_; }
    const T* begin() const { return data_; }
    const T* end() const { return data_ + size_; }
    T& operator[](size_t i) {
        KRAIT_ASSERT(i < size_);
        return data_[i];
    }
    const T& operator[](size_t i) const {
        KRAIT_ASSERT(i < size_);
        return data_[i];
    }
    T& back() { return (*this)[size_ - 1]; }
    const T& back() const { return (*this)[size_ - 1]; }
    operator std::span<T>() { return {data_, size_}; }
    operator std::span<const T>() const { return {data_, size_}; }

    void push_back(T item) {  // by value: the item may lie in this vector
        if (__builtin_expect(size_ == capacity_, 0)) grow(size_ + 1);
        data_[size_++] = item;
    }
    void append(std::span<const T> items) {
        if (items.empty()) return;
        if (size_ + items.size() > capacity_) grow(size_ + items.size());
        std::memcpy(static_cast<void*>(data_ + size_), items.data(), items.size() * sizeof(T));
        size_ += items.size();
    }
    void pop_back() {
        KRAIT_ASSERT(size_ > 0);
        size_--;
    }
    void clear() { size_ = 0; }
    // Only shrinks.
    void truncate(size_t size) {
        KRAIT_ASSERT(size <= size_);
        size_ = size;
    }
    void assign(size_t size, T item) {
        reserve(size);
        std::fill_n(data_, size, item);
        size_ = size;
    }
    void reserve(size_t capacity) {
        if (capacity > capacity_) grow(capacity);
    }

  private:
    T* inline_data() { return reinterpret_cast<T*>(inline_); }

    void grow(size_t least) {
        size_t capacity = capacity_ * 2 > least ? capacity_ * 2 : least;
        size_t bytes;
        if (__builtin_mul_overflow(capacity, sizeof(T), &bytes)) out_of_memory();
        bool was_inline = data_ == inline_data();
        void* data = was_inline ? std::malloc(bytes) : std::realloc(data_, bytes);
        if (data == nullptr) out_of_memory();
        if (was_inline) std::memcpy(data, inline_, size_ * sizeof(T));
        data_ = static_cast<T*>(data);
        capacity_ = capacity;
    }

    alignas(T) unsigned char inline_[(N > 0 ? N : 1) * sizeof(T)];
    T* data_ = reinterpret_cast<T*>(inline_);
    size_t size_ = 0;
    size_t capacity_ = N > 0 ? N : 1;
};

}  // namespace krait
