// The table of interned strings: one canonical object per value. The table holds no counts; a string leaves
// it when it dies.
#include <cstdlib>

#include "builtins/str_internal.h"
#include "gc/gc.h"
#include "support/panic.h"

namespace krait {

// Open addressing, linear probing; removal shifts back, so there are no tombstones.
struct InternTable {
    PyObject** slots;
    size_t mask, used;
};

namespace {

size_t home(const InternTable& table, PyObject* o) {
    return static_cast<size_t>(str_hash(Value(o))) & table.mask;
}

// The place of the string equal to `s`, or the free place where it belongs.
size_t find_slot(const InternTable& table, PyObject* s) {
    size_t i = home(table, s);
    while (table.slots[i] && !str_equal(Value(table.slots[i]), Value(s))) i = (i + 1) & table.mask;
    return i;
}

PyObject** new_slots(size_t n) { return static_cast<PyObject**>(mem_alloc_zeroed(n * sizeof(PyObject*))); }

bool grow(InternTable& table) {
    size_t capacity = (table.mask + 1) * 2;
    InternTable bigger{new_slots(capacity), capacity - 1, table.used};
    if (!bigger.slots) return false;
    for (size_t i = 0; i <= table.mask; i++)
        if (PyObject* o = table.slots[i]) bigger.slots[find_slot(bigger, o)] = o;
    mem_free(table.slots);
    table = bigger;
    return true;
}

InternTable* the_table() {
    if (!g_runtime.interned) {
        constexpr size_t kInitial = 4096;
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
    PyObject* o = s.get().ptr();
    size_t i = find_slot(*table, o);
    if (table->slots[i]) return Ref::share(Value(table->slots[i]));
    if ((table->used + 1) * 2 > table->mask) {
        if (!grow(*table)) return raise_no_memory(t);
        i = find_slot(*table, o);
    }
    table->slots[i] = o;
    table->used++;
    head->state |= is_immortal(o) ? kStateInternedImmortal : kStateInternedMortal;
    return s;
}

Ref str_intern(Thread& t, const char* utf8) { return str_intern(t, TRY(str_from(t, utf8))); }

void str_make_immortal(Value s) {
    make_immortal(s.ptr());
    PyASCIIObject* head = str_head(s);
    if ((head->state & kStateInterned) == kStateInternedMortal) head->state += 1;
}

void str_unintern(PyObject* o) {
    InternTable* table = g_runtime.interned;
    if (!table) return;
    size_t i = home(*table, o);
    while (table->slots[i] != o) {
        if (!table->slots[i]) return;
        i = (i + 1) & table->mask;
    }
    // Close the gap: move back whatever may not be found across it.
    for (size_t j = (i + 1) & table->mask; PyObject* other = table->slots[j]; j = (j + 1) & table->mask) {
        size_t from = home(*table, other);
        if (((j - from) & table->mask) >= ((j - i) & table->mask)) {
            table->slots[i] = other;
            i = j;
        }
    }
    table->slots[i] = nullptr;
    table->used--;
}

}  // namespace krait
