// The pickler's memo: open addressing by address.
#include <cstring>

#include "modules/pickle/pickle.h"

namespace krait::pickle {

namespace {
constexpr size_t kSmallest = 8;
constexpr int64_t kMany = 50000;  // from here on it grows more slowly
}  // namespace

MemoTable* MemoTable::create(Thread& t) {
    auto* table = static_cast<MemoTable*>(mem_alloc(sizeof(MemoTable)));
    auto* entries = static_cast<Entry*>(mem_alloc_zeroed(kSmallest * sizeof(Entry)));
    if (!table || !entries) {
        mem_free(table);
        mem_free(entries);
        raise_no_memory(t);
        return nullptr;
    }
    table->used_ = 0;
    table->mask_ = kSmallest - 1;
    table->entries_ = entries;
    return table;
}

MemoTable* MemoTable::copy(Thread& t, const MemoTable& from) {
    MemoTable* table = create(t);
    if (!table) return nullptr;
    for (size_t i = 0; i < from.capacity(); i++) {
        const Entry& e = from.at(i);
        if (e.key && !table->set(t, e.key, e.number)) {
            destroy(table);
            return nullptr;
        }
    }
    return table;
}

MemoTable::~MemoTable() {
    clear();
    mem_free(entries_);
}
void MemoTable::destroy(MemoTable* table) {
    if (!table) return;
    table->~MemoTable();
    mem_free(table);
}

Status MemoTable::resize(Thread& t, size_t want) {
    size_t size = kSmallest;
    while (size < want) size *= 2;
    auto* entries = static_cast<Entry*>(mem_alloc_zeroed(size * sizeof(Entry)));
    if (!entries) return raise_no_memory(t);
    Entry* old = entries_;
    size_t old_size = mask_ + 1;
    entries_ = entries;
    mask_ = size - 1;
    for (size_t i = 0; i < old_size; i++)
        if (old[i].key) place(old[i].key) = old[i];
    mem_free(old);
    return Status::ok();
}

Status MemoTable::set(Thread& t, Value v, int64_t number) {
    Entry& e = place(v);
    if (e.key) {
        e.number = number;
        return Status::ok();
    }
    incref(v);
    e = {v, number};
    used_++;
    if (used_ * 3 < static_cast<int64_t>(capacity()) * 2) return Status::ok();
    return resize(t, static_cast<size_t>(used_) * (used_ > kMany ? 2 : 4));
}

// Giving an object back may run code that uses this memo: it is empty by then.
void MemoTable::clear() {
    if (!used_) return;
    size_t n = capacity();
    Entry* old = entries_;
    auto* fresh = static_cast<Entry*>(mem_alloc_zeroed(kSmallest * sizeof(Entry)));
    used_ = 0;
    if (fresh) {
        entries_ = fresh;
        mask_ = kSmallest - 1;
        for (size_t i = 0; i < n; i++) xdecref(old[i].key);
        mem_free(old);
        return;
    }
    for (size_t i = 0; i < n; i++) {  // no memory: in place
        Value key = old[i].key;
        old[i].key = Value();
        xdecref(key);
    }
}

}  // namespace krait::pickle
