// The table of interned strings: one canonical object per value. The table holds no counts; a string leaves
// it when it dies.
#include <cstdlib>

#include "builtins/str_internal.h"
#include "gc/gc.h"
#include "object/protocol.h"
#include "support/panic.h"
#include "support/utf8.h"

namespace krait {

// Open addressing, linear probing; removal shifts back, so there are no tombstones. A slot holds the address
// and, where addresses have no bits, some of the hash: strings that are others are seldom looked at.
struct InternTable {
    uint64_t* slots;  // 0: free
    size_t mask, used;
};

namespace {

constexpr int kAddressBits = 48;
constexpr uint64_t kAddress = (uint64_t{1} << kAddressBits) - 1;

PyObject* str_in(uint64_t slot) { return reinterpret_cast<PyObject*>(slot & kAddress); }
uint64_t slot_of(PyObject* o, int64_t hash) {
    return reinterpret_cast<uint64_t>(o) | (static_cast<uint64_t>(hash) & ~kAddress);
}

// The place of the string with this hash that is `same`, or the free place where it belongs.
template <class Same>
size_t find_slot(const InternTable& table, int64_t hash, Same same) {
    size_t i = static_cast<size_t>(hash) & table.mask;
    for (; uint64_t slot = table.slots[i]; i = (i + 1) & table.mask)
        if (((slot ^ static_cast<uint64_t>(hash)) & ~kAddress) == 0 && same(str_in(slot))) break;
    return i;
}

uint64_t* new_slots(size_t n) { return static_cast<uint64_t*>(mem_alloc_zeroed(n * sizeof(uint64_t))); }

bool grow(InternTable& table) {
    size_t capacity = (table.mask + 1) * 2;
    InternTable bigger{new_slots(capacity), capacity - 1, table.used};
    if (!bigger.slots) return false;
    for (size_t i = 0; i <= table.mask; i++) {
        uint64_t slot = table.slots[i];
        if (!slot) continue;
        int64_t hash = str_hash(Value(str_in(slot)));
        bigger.slots[find_slot(bigger, hash, [](PyObject*) { return false; })] = slot;
    }
    mem_free(table.slots);
    table = bigger;
    return true;
}

InternTable* the_table() {
    if (!g_runtime.interned) {
        // Start-up fills it so that it does not grow.
        constexpr size_t kInitial = 8192;
        auto* table = static_cast<InternTable*>(mem_alloc(sizeof(InternTable)));
        if (!table) return nullptr;
        *table = {new_slots(kInitial), kInitial - 1, 0};
        if (!table->slots) {
            mem_free(table);
            return nullptr;
        }
        g_runtime.interned = table;
    }
    return g_runtime.interned;
}

// Puts a string that is not in the table there, at `i` as long as that has room.
Ref enter(Thread& t, InternTable& table, size_t i, Ref s) {
    int64_t hash = str_hash(s);
    if ((table.used + 1) * 4 > table.mask * 3) {
        if (!grow(table)) return raise_no_memory(t);
        i = find_slot(table, hash, [](PyObject*) { return false; });
    }
    PyObject* o = s.get().ptr();
    table.slots[i] = slot_of(o, hash);
    table.used++;
    str_head(s)->state |= is_immortal(o) ? kStateInternedImmortal : kStateInternedMortal;
    return s;
}

}  // namespace

int64_t str_interned_count() {
    return g_runtime.interned ? static_cast<int64_t>(g_runtime.interned->used) : 0;
}

Ref str_intern(Thread& t, Ref s) {
    PyASCIIObject* head = str_head(s);
    if ((head->state & kStateInterned) || !is_str_exact(s)) return s;
    if (head->length == 0) return Ref::steal(empty_str());
    if (head->length == 1 && str_kind(s) == 1) return Ref::steal(latin1_char(str_char(s, 0)));
    InternTable* table = the_table();
    if (!table) return raise_no_memory(t);
    size_t i = find_slot(*table, str_hash(s), [&](PyObject* o) { return str_equal(Value(o), s); });
    if (uint64_t slot = table->slots[i]) return Ref::share(Value(str_in(slot)));
    return enter(t, *table, i, std::move(s));
}

Ref str_intern_latin1(Thread& t, std::string_view text) {
    if (text.size() <= 1) return str_from_latin1(t, text.data(), text.size());
    InternTable* table = the_table();
    if (!table) return raise_no_memory(t);
    int64_t hash = hash_bytes(text.data(), text.size());
    auto same = [&](PyObject* o) {
        Value known(o);
        return str_kind(known) == 1 && static_cast<size_t>(str_length(known)) == text.size() &&
               memcmp(str_data(known), text.data(), text.size()) == 0;
    };
    size_t i = find_slot(*table, hash, same);
    if (uint64_t slot = table->slots[i]) return Ref::share(Value(str_in(slot)));
    Ref made = TRY(str_from_latin1(t, text.data(), text.size()));
    str_head(made)->hash = hash;
    return enter(t, *table, i, std::move(made));
}

Ref str_intern(Thread& t, const char* utf8) {
    std::string_view text(utf8);
    if (utf8::ascii_prefix(text) == text.size()) return str_intern_latin1(t, text);
    return str_intern(t, TRY(str_from(t, utf8)));
}

void str_make_immortal(Value s) {
    make_immortal(s.ptr());
    PyASCIIObject* head = str_head(s);
    if ((head->state & kStateInterned) == kStateInternedMortal) head->state += 1;
}

void str_unintern(PyObject* o) {
    InternTable* table = g_runtime.interned;
    if (!table) return;
    size_t i = find_slot(*table, str_hash(Value(o)), [&](PyObject* other) { return other == o; });
    if (!table->slots[i]) return;
    // Close the gap: move back whatever may not be found across it.
    for (size_t j = (i + 1) & table->mask; uint64_t slot = table->slots[j]; j = (j + 1) & table->mask) {
        size_t from = static_cast<size_t>(str_hash(Value(str_in(slot)))) & table->mask;
        if (((j - from) & table->mask) >= ((j - i) & table->mask)) {
            table->slots[i] = slot;
            i = j;
        }
    }
    table->slots[i] = 0;
    table->used--;
}

}  // namespace krait
