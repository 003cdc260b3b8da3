#include "support/arena.h"

#include <cstdlib>

#include "support/panic.h"

namespace krait {

namespace {
constexpr size_t kLargestChunk = size_t(1) << 20;
}

void* Arena::allocate_slow(size_t size, size_t align) {
    size_t need = size + align + sizeof(Chunk);
    if (need < size) out_of_memory();
    // Something large gets a chunk of its own and leaves the current one in use.
    bool own = chunks_ != nullptr && need > next_size_ / 2;
    size_t bytes = own ? need : (need > next_size_ ? need : next_size_);
    auto* chunk = static_cast<Chunk*>(std::malloc(bytes));
    if (chunk == nullptr) out_of_memory();
    chunk->size = bytes;
    footprint_ += bytes;
    char* begin = reinterpret_cast<char*>(chunk + 1);
    uintptr_t at = (reinterpret_cast<uintptr_t>(begin) + align - 1) & ~(uintptr_t(align) - 1);
    if (own) {
        chunk->previous = chunks_->previous;
        chunks_->previous = chunk;
        return reinterpret_cast<void*>(at);
    }
    chunk->previous = chunks_;
    chunks_ = chunk;
    cursor_ = reinterpret_cast<char*>(at + size);
    limit_ = reinterpret_cast<char*>(chunk) + bytes;
    if (next_size_ < kLargestChunk) next_size_ *= 2;
    return reinterpret_cast<void*>(at);
}

void* Arena::allocate_array(size_t count, size_t item, size_t align) {
    size_t bytes;
    if (__builtin_mul_overflow(count, item, &bytes)) out_of_memory();
    return allocate(bytes, align);
}

void Arena::release(Chunk* keep) {
    for (Chunk* chunk = chunks_; chunk != nullptr;) {
        Chunk* previous = chunk->previous;
        if (chunk != keep) std::free(chunk);
        chunk = previous;
    }
    chunks_ = keep;
}

void Arena::reset() {
    Chunk* largest = chunks_;
    for (Chunk* chunk = chunks_; chunk != nullptr; chunk = chunk->previous) {
        if (chunk->size > largest->size) largest = chunk;
    }
    release(largest);
    if (largest == nullptr) return;
    largest->previous = nullptr;
    footprint_ = largest->size;
    cursor_ = reinterpret_cast<char*>(largest + 1);
    limit_ = reinterpret_cast<char*>(largest) + largest->size;
}

}  // namespace krait
