#include "builtins/list.h"

#include <algorithm>
#include <cstring>

#include "builtins/callable.h"
#include "builtins/dict.h"
#include "builtins/dict_table.h"
#include "builtins/dict_views.h"
#include "builtins/iterators.h"
#include "builtins/sequence.h"
#include "builtins/set.h"
#include "builtins/slice.h"
#include "builtins/str_internal.h"
#include "builtins/tuple.h"
#include "gc/alloc.h"
#include "object/boundary.h"
#include "object/convert.h"
#include "object/names.h"
#include "object/protocol.h"
#include "object/values.h"

namespace krait {

Status init_builtin_list_iterators(Thread& t);

namespace {

constexpr int64_t kMaxItems = INT64_MAX / 8;

PyListObject* as_list(Value v) { return v.as<PyListObject>(); }

// CPython's growth pattern (0, 4, 8, 16, 24, 32, 40, 52, 64, 76, ...): visible through sys.getsizeof.
Status resize_to(Thread& t, PyListObject* l, int64_t n) {
    int64_t allocated = l->allocated;
    if (allocated >= n && n >= (allocated >> 1)) {
        l->ob_base.ob_size = n;
        return Status::ok();
    }
    if (n == 0) {
        mem_free(l->ob_item);
        l->ob_item = nullptr;
        l->ob_base.ob_size = l->allocated = 0;
        return Status::ok();
    }
    if (n > kMaxItems - (kMaxItems >> 3)) return raise_no_memory(t);
    int64_t capacity = (n + (n >> 3) + 6) & ~int64_t{3};
    if (n - l->ob_base.ob_size > capacity - n) capacity = (n + 3) & ~int64_t{3};
    if (capacity == allocated) {  // four places for one item or two
        l->ob_base.ob_size = n;
        return Status::ok();
    }
    auto* items = static_cast<Value*>(mem_realloc(l->ob_item, capacity * 8));
    if (!items) return raise_no_memory(t);
    l->ob_item = items;
    l->ob_base.ob_size = n;
    l->allocated = capacity;
    return Status::ok();
}

Status reserve_exact(Thread& t, PyListObject* l, int64_t n) {
    if (n <= l->allocated) return Status::ok();
    if (n > kMaxItems) return raise_no_memory(t);
    auto* items = static_cast<Value*>(mem_realloc(l->ob_item, n * 8));
    if (!items) return raise_no_memory(t);
    l->ob_item = items;
    l->allocated = n;
    return Status::ok();
}

PyListObject* list_raw(Thread& t, int64_t capacity) {
    if (capacity > kMaxItems) {
        raise_no_memory(t);
        return nullptr;
    }
    Value* items = nullptr;
    if (capacity > 0) {
        items = static_cast<Value*>(mem_alloc(capacity * 8));
        if (!items) {
            raise_no_memory(t);
            return nullptr;
        }
    }
    PyObject* o = alloc_plain(t, &PyList_Type, sizeof(PyListObject));
    if (!o) {
        mem_free(items);
        return nullptr;
    }
    auto* l = reinterpret_cast<PyListObject*>(o);
    l->ob_base.ob_size = 0;
    l->ob_item = items;
    l->allocated = capacity;
    return l;
}

Ref finish_new(Thread& t, PyListObject* l) {
    gc_track_new(t, &l->ob_base.ob_base);
    return Ref::steal(Value(&l->ob_base.ob_base));
}

// Empties the list before anything is released: releasing may run code that looks at it.
void clear_items(PyListObject* l) {
    Value* items = l->ob_item;
    int64_t n = l->ob_base.ob_size;
    l->ob_item = nullptr;
    l->ob_base.ob_size = l->allocated = 0;
    release_values(items, n);
    mem_free(items);
}

}  // namespace
void list_dealloc(Thread& t, PyObject* o) {
    auto* l = reinterpret_cast<PyListObject*>(o);
    release_values(l->ob_item, l->ob_base.ob_size);
    if (l->ob_item) mem_free_fast(l->ob_item);
    free_plain(t, o, &PyList_Type, true);
}
namespace {

void list_traverse(PyObject* o, Visitor& v) {
    auto* l = reinterpret_cast<PyListObject*>(o);
    for (int64_t i = l->ob_base.ob_size; i-- > 0;) v.visit(l->ob_item[i]);  // CPython's order
}

void list_clear_slot(Thread&, PyObject* o) { clear_items(reinterpret_cast<PyListObject*>(o)); }

Status list_init(Thread& t, Value self, const Value* args, size_t nargs, Value kwnames) {
    // A subclass with a __new__ or __init__ of its own may take keywords.
    const Slots& slots = ext(type_of(self))->slots;
    if (slots.init == ext(&PyList_Type)->slots.init && slots.new_ == ext(&PyList_Type)->slots.new_)
        TRY(no_kwargs(t, "list", kwnames));
    if (nargs > 1) return raise(t, PyExc_TypeError, "list expected at most 1 argument, got %zu", nargs);
    if (list_size(self)) clear_items(as_list(self));
    return nargs ? list_extend(t, self, args[0]) : Status::ok();
}

Ref list_tp_new(Thread& t, PyTypeObject* type, const Value*, size_t, Value) {
    return type == &PyList_Type ? list_new(t) : alloc(t, type);
}

Ref list_repr(Thread& t, Value self) {
    if (list_size(self) == 0) return str_from(t, "[]");
    return items_repr(t, self, "[", "]", "[...]");
}

Ref list_compare(Thread& t, Value a, Value b, CompareOp op) {
    if (!is_list(a) || !is_list(b)) return not_implemented_ref();
    return items_compare(t, a, b, op);
}

Result<int64_t> list_length(Thread&, Value self) { return list_size(self); }

Ref list_item(Thread& t, Value self, int64_t i) {
    if (i < 0 || i >= list_size(self)) return raise(t, PyExc_IndexError, "list index out of range");
    return Ref::share(list_get(self, i));
}

}  // namespace

Ref list_slice_step(Thread& t, Value self, int64_t start, int64_t n, int64_t step) {
    PyListObject* r = list_raw(t, n);
    if (!r) return {};
    for (int64_t i = 0; i < n; i++) {
        Value item = list_get(self, start + i * step);
        incref(item);
        r->ob_item[i] = item;
    }
    r->ob_base.ob_size = n;
    return finish_new(t, r);
}

namespace {

Ref list_subscript(Thread& t, Value self, Value key) {
    if (key.is_int() || is_index(key)) {
        int64_t i = TRY(as_index(t, key, PyExc_IndexError));
        if (i < 0) i += list_size(self);
        return list_item(t, self, i);
    }
    if (has_type(key, &PySlice_Type)) {
        int64_t start, stop, step;
        TRY(slice_unpack(t, key, &start, &stop, &step));
        int64_t n = slice_adjust(list_size(self), &start, &stop, step);
        return list_slice_step(t, self, start, n < 0 ? 0 : n, step);
    }
    return raise(t, PyExc_TypeError, "list indices must be integers or slices, not %T", key);
}

Status delete_index(Thread& t, PyListObject* l, int64_t i) {
    Value gone = l->ob_item[i];
    int64_t n = l->ob_base.ob_size;
    memmove(l->ob_item + i, l->ob_item + i + 1, (n - i - 1) * 8);
    Status ok = resize_to(t, l, n - 1);
    if (!ok) l->ob_base.ob_size = n - 1;  // shrinking could not move the buffer: keep the old one
    if (!ok) clear_error(t);
    decref(gone);
    return Status::ok();
}

Status assign_index(Thread& t, Value self, int64_t i, Value value) {
    auto* l = as_list(self);
    if (i < 0 || i >= l->ob_base.ob_size)
        return raise(t, PyExc_IndexError, "list assignment index out of range");
    if (!value) return delete_index(t, l, i);
    Value form = store_form(self.ptr(), Ref::share(value));
    if (!form) return {};
    Value old = l->ob_item[i];
    l->ob_item[i] = form;
    xdecref(old);  // C may have left it empty
    return Status::ok();
}

// Replaces items[start:stop) by the m items of `source` (shared); the old ones are released last.
Status replace_range(Thread& t, PyListObject* l, int64_t start, int64_t stop, const Value* source,
                     int64_t m) {
    int64_t n = l->ob_base.ob_size, gone = stop - start;
    if (n - gone + m == 0) {
        clear_items(l);
        return Status::ok();
    }
    StoreForms forms(&l->ob_base.ob_base, source, m);
    if (!forms.ok()) return {};
    Value small[8];
    Value* old = small;
    if (gone > 8) {
        old = static_cast<Value*>(mem_alloc(gone * 8));
        if (!old) return raise_no_memory(t);
    }
    memcpy(old, l->ob_item + start, gone * 8);
    if (m < gone) {
        memmove(l->ob_item + start + m, l->ob_item + stop, (n - stop) * 8);
        if (!resize_to(t, l, n - gone + m)) {
            clear_error(t);
            l->ob_base.ob_size = n - gone + m;
        }
    } else if (m > gone) {
        if (!resize_to(t, l, n - gone + m)) {
            if (old != small) mem_free(old);
            return {};
        }
        memmove(l->ob_item + start + m, l->ob_item + stop, (n - stop) * 8);
    }
    share_values(l->ob_item + start, forms.get(), m);
    for (int64_t i = gone; --i >= 0;) decref(old[i]);
    if (old != small) mem_free(old);
    return Status::ok();
}

Status delete_extended(Thread& t, PyListObject* l, int64_t start, int64_t n, int64_t step) {
    if (step < 0) {
        start = start + step * (n - 1);
        step = -step;
    }
    auto* gone = static_cast<Value*>(mem_alloc(n * 8));
    if (!gone) return raise_no_memory(t);
    int64_t size = l->ob_base.ob_size, out = start, taken = 0;
    for (int64_t i = start; i < size; i++) {
        if (taken < n && i == start + taken * step)
            gone[taken++] = l->ob_item[i];
        else
            l->ob_item[out++] = l->ob_item[i];
    }
    if (!resize_to(t, l, size - n)) {
        clear_error(t);
        l->ob_base.ob_size = size - n;
    }
    for (int64_t i = 0; i < n; i++) decref(gone[i]);
    mem_free(gone);
    return Status::ok();
}

Status assign_extended(Thread& t, Value self, Value value, int64_t start, int64_t n, int64_t step) {
    auto* l = as_list(self);
    Ref items = value == self ? list_slice_step(t, self, 0, list_size(self), 1)
                              : sequence_fast(t, value, "must assign iterable to extended slice");
    if (!items) return {};
    Items source = items_of(items);
    if (source.size != n)
        return raise(t, PyExc_ValueError,
                     "attempt to assign sequence of size %zd to extended slice of size %zd", source.size, n);
    if (n == 0) return Status::ok();
    StoreForms forms(self.ptr(), source.data, n);
    if (!forms.ok()) return {};
    auto* old = static_cast<Value*>(mem_alloc(n * 8));
    if (!old) return raise_no_memory(t);
    for (int64_t i = 0, at = start; i < n; i++, at += step) {
        old[i] = l->ob_item[at];
        l->ob_item[at] = Ref::share(forms.get()[i]).release();
    }
    for (int64_t i = 0; i < n; i++) decref(old[i]);
    mem_free(old);
    return Status::ok();
}

Status assign_slice(Thread& t, Value self, Value slice, Value value) {
    int64_t start, stop, step;
    TRY(slice_unpack(t, slice, &start, &stop, &step));
    int64_t n = slice_adjust(list_size(self), &start, &stop, step);
    if (n < 0) n = 0;
    if (step == 1) return list_set_slice(t, self, start, stop, value);
    if (!value) return n ? delete_extended(t, as_list(self), start, n, step) : Status::ok();
    // Making the value a sequence may run code that changes this list: take the bounds again afterwards.
    Ref items = value == self ? list_slice_step(t, self, 0, list_size(self), 1)
                              : sequence_fast(t, value, "must assign iterable to extended slice");
    if (!items) return {};
    TRY(slice_unpack(t, slice, &start, &stop, &step));
    n = slice_adjust(list_size(self), &start, &stop, step);
    return assign_extended(t, self, items, start, n < 0 ? 0 : n, step);
}

Status list_ass_subscript(Thread& t, Value self, Value key, Value value) {
    if (key.is_int() || is_index(key)) {
        int64_t i = TRY(as_index(t, key, PyExc_IndexError));
        if (i < 0) i += list_size(self);
        return assign_index(t, self, i, value);
    }
    if (has_type(key, &PySlice_Type)) return assign_slice(t, self, key, value);
    return raise(t, PyExc_TypeError, "list indices must be integers or slices, not %T", key);
}

Ref list_concat(Thread& t, Value a, Value b) {
    if (!is_list(b)) return raise(t, PyExc_TypeError, "can only concatenate list (not \"%T\") to list", b);
    int64_t n = list_size(a), m = list_size(b);
    PyListObject* r = list_raw(t, n + m);
    if (!r) return {};
    share_values(r->ob_item, list_items(a), n);
    share_values(r->ob_item + n, list_items(b), m);
    r->ob_base.ob_size = n + m;
    return finish_new(t, r);
}

void fill_repeated(Value* out, int64_t n, int64_t count) {
    if (n == 1) {
        Value v = out[0];
        bool counted = v.is_ptr() && v && !is_immortal(v.ptr());
        if (!counted || v.ptr()->ob_refcnt + count < kImmortalIncLimit / 2) {
            if (counted) {
                v.ptr()->ob_refcnt += static_cast<uint32_t>(count - 1);
                KRAIT_COUNT_REFS(count - 1);
            }
            std::fill(out + 1, out + count, v);
            return;
        }
    }
    for (int64_t i = 1; i < count; i++) share_values(out + i * n, out, n);
}

Ref list_repeat(Thread& t, Value self, int64_t count) {
    int64_t n = list_size(self);
    if (count < 0) count = 0;
    if (n && count > kMaxItems / n) return raise_no_memory(t);
    PyListObject* r = list_raw(t, n * count);
    if (!r) return {};
    if (n && count) {
        share_values(r->ob_item, list_items(self), n);
        fill_repeated(r->ob_item, n, count);
    }
    r->ob_base.ob_size = n * count;
    return finish_new(t, r);
}

Ref list_inplace_repeat(Thread& t, Value self, int64_t count) {
    auto* l = as_list(self);
    int64_t n = l->ob_base.ob_size;
    if (count <= 0) {
        clear_items(l);
    } else if (n && count > 1) {
        if (count > kMaxItems / n) return raise_no_memory(t);
        TRY(resize_to(t, l, n * count));
        fill_repeated(l->ob_item, n, count);
    }
    return Ref::share(self);
}

Ref list_inplace_concat(Thread& t, Value self, Value other) {
    TRY(list_extend(t, self, other));
    return Ref::share(self);
}

Ref list_iter(Thread& t, Value self) { return list_iter_new(t, self); }

Ref list_method_append(Thread& t, Value self, Value item) {
    TRY(list_append(t, self, item));
    return none_ref();
}
Ref list_method_extend(Thread& t, Value self, Value iterable) {
    TRY(list_extend(t, self, iterable));
    return none_ref();
}
Ref list_method_insert(Thread& t, Value self, const Value* args, size_t) {
    int64_t i = TRY(as_ssize(t, args[0]));
    TRY(list_insert(t, self, i, args[1]));
    return none_ref();
}

Ref list_method_pop(Thread& t, Value self, const Value* args, size_t nargs) {
    int64_t i = -1;
    if (nargs) i = TRY(as_ssize(t, args[0]));
    auto* l = as_list(self);
    int64_t n = l->ob_base.ob_size;
    if (n == 0) return raise(t, PyExc_IndexError, "pop from empty list");
    if (i < 0) i += n;
    if (i < 0 || i >= n) return raise(t, PyExc_IndexError, "pop index out of range");
    Ref item = Ref::steal(l->ob_item[i]);
    if (i < n - 1) memmove(l->ob_item + i, l->ob_item + i + 1, (n - i - 1) * 8);
    if (!resize_to(t, l, n - 1)) {
        clear_error(t);
        l->ob_base.ob_size = n - 1;
    }
    return item;
}

Ref list_method_remove(Thread& t, Value self, Value item) {
    for (int64_t i = 0; i < list_size(self); i++) {
        Ref keep = Ref::share(list_get(self, i));
        bool same = TRY(equal(t, keep, item));
        if (!same) continue;
        if (i < list_size(self)) TRY(delete_index(t, as_list(self), i));
        return none_ref();
    }
    return raise(t, PyExc_ValueError, "list.remove(x): x not in list");
}

Ref list_method_index(Thread& t, Value self, const Value* args, size_t nargs) {
    int64_t i = TRY(items_index(t, self, args, nargs));
    if (i < 0) return raise(t, PyExc_ValueError, "list.index(x): x not in list");
    return Ref::from_int(i);
}

Ref list_method_count(Thread& t, Value self, Value item) {
    int64_t n = TRY(items_count(t, self, item));
    return Ref::from_int(n);
}

Ref list_method_reverse(Thread&, Value self) {
    reverse_values(list_items(self), list_size(self));
    return none_ref();
}

Ref list_method_clear(Thread&, Value self) {
    clear_items(as_list(self));
    return none_ref();
}
Ref list_method_copy(Thread& t, Value self) { return list_slice(t, self, 0, list_size(self)); }

Ref list_method_sort(Thread& t, Value self, const Value* p) {
    bool reverse = false;
    if (p[1]) reverse = TRY(is_true(t, p[1]));
    TRY(list_sort(t, self, p[0], reverse));
    return none_ref();
}

Ref list_reversed(Thread& t, Value self) {
    return index_iter_alloc(t, &list_reverse_iterator_type, self, list_size(self) - 1);
}

Ref list_sizeof(Thread&, Value self) {
    return Ref::from_int(type_of(self)->tp_basicsize + as_list(self)->allocated * 8);
}

Ref list_method_getitem(Thread& t, Value self, Value key) { return list_subscript(t, self, key); }

const NativeDef list_methods[] = {
    def<list_method_getitem>("__getitem__", "(index, /)", "Return self[index].", kMethCoexist),
    def<list_reversed>("__reversed__", "()", "An iterator over the items, last first."),
    def<list_sizeof>("__sizeof__", "()", "Size of the list in memory, in bytes."),
    def<list_method_clear>("clear", "()", "Remove every item."),
    def<list_method_copy>("copy", "()", "A shallow copy."),
    def<list_method_append>("append", "(object, /)", "Add an item at the end."),
    def<list_method_insert>("insert", "(index, object, /)", "Put an item before the one at index."),
    def<list_method_extend>("extend", "(iterable, /)", "Add the items of the iterable at the end."),
    def<list_method_pop>("pop", "(index=-1, /)",
                         "Remove and return the item at index (the last one by default)."),
    def<list_method_remove>("remove", "(value, /)",
                            "Remove the first item equal to value; ValueError if there is none."),
    def<list_method_index>("index", "(value, start=0, stop=sys.maxsize, /)",
                           "First index of value; ValueError if it is not there."),
    def<list_method_count>("count", "(value, /)", "How often value occurs."),
    def<list_method_reverse>("reverse", "()", "Reverse the order in place."),
    def<list_method_sort>("sort", "(*, key=None, reverse=False)",
                          "Sort in place, keeping equal items in order; key computes what is compared."),
    def<class_getitem>("__class_getitem__", "(object, /)", "See PEP 585.", kMethClass),
    {},
};

// Makes room for `more` items at the end, as much as a list that grows; the size stays.
Status make_room(Thread& t, PyListObject* l, int64_t more) {
    int64_t n = l->ob_base.ob_size;
    if (l->allocated >= n + more) return Status::ok();
    TRY(resize_to(t, l, n + more));
    l->ob_base.ob_size = n;
    return Status::ok();
}

Status append_in_room(PyListObject* l, Ref item) {
    Value form = store_form(&l->ob_base.ob_base, std::move(item));
    if (!form) return {};
    l->ob_item[l->ob_base.ob_size++] = form;
    return Status::ok();
}

// The elements of dicts, their views and sets are taken without an iterator: no code runs meanwhile.
Status extend_from_dict(Thread& t, PyListObject* l, Value dict, DictIterKind kind) {
    if (dict_size(dict) == 0) return Status::ok();
    TRY(make_room(t, l, dict_size(dict)));
    if (kind != DictIterKind::Items && !(preheader(&l->ob_base.ob_base)->flags & kExposed)) {
        DictKeys* k = dict_keys_of(dict);
        bool keys = kind == DictIterKind::Keys;
        Value* out = l->ob_item + l->ob_base.ob_size;
        auto take = [&](auto* entries) {
            for (int64_t i = 0; i < k->nentries; i++) {
                if (!entries[i].value) continue;
                *out = keys ? entries[i].key : entries[i].value;
                incref(*out++);
            }
        };
        k->str_only ? take(k->str_entries()) : take(k->hash_entries());
        l->ob_base.ob_size = out - l->ob_item;
        return Status::ok();
    }
    Value key, value;
    for (int64_t pos = 0; dict_next(dict, pos, key, value);) {
        if (kind == DictIterKind::Items)
            TRY(append_in_room(l, TRY(tuple_pair(t, Ref::share(key), Ref::share(value)))));
        else
            TRY(append_in_room(l, Ref::share(kind == DictIterKind::Keys ? key : value)));
    }
    return Status::ok();
}
Status extend_from_set(Thread& t, PyListObject* l, Value set) {
    if (set_size(set) == 0) return Status::ok();
    TRY(make_room(t, l, set_size(set)));
    Value key;
    for (int64_t pos = 0; set_next(set, pos, key);) TRY(append_in_room(l, Ref::share(key)));
    return Status::ok();
}

Status extend_from_str(Thread& t, PyListObject* l, Value text) {
    int64_t n = str_length(text);
    if (n == 0) return Status::ok();
    if (l->ob_item == nullptr)
        TRY(reserve_exact(t, l, n + (n & 1)));  // as from an iterator
    else
        TRY(make_room(t, l, n));
    return with_chars(text, [&](auto* s) -> Status {
        for (int64_t i = 0; i < n; i++) {
            if constexpr (sizeof(*s) == 1)
                TRY(append_in_room(l, Ref::share(latin1_char(s[i]))));
            else
                TRY(append_in_room(l, TRY(str_from_char(t, s[i]))));
        }
        return Status::ok();
    });
}

// Which of the two serves; false: neither.
bool extend_directly(Thread& t, Value self, Value iterable, Status& done) {
    if (!iterable.is_ptr()) return false;
    auto* l = as_list(self);
    PyTypeObject* type = iterable.heap_type();
    if (type == &PyDict_Type)
        done = extend_from_dict(t, l, iterable, DictIterKind::Keys);
    else if (type == &PyDictKeys_Type)
        done = extend_from_dict(t, l, iterable.as<DictViewObject>()->dict, DictIterKind::Keys);
    else if (type == &PyDictValues_Type)
        done = extend_from_dict(t, l, iterable.as<DictViewObject>()->dict, DictIterKind::Values);
    else if (type == &PyDictItems_Type)
        done = extend_from_dict(t, l, iterable.as<DictViewObject>()->dict, DictIterKind::Items);
    else if (type == &PySet_Type || type == &PyFrozenSet_Type)
        done = extend_from_set(t, l, iterable);
    else if (type == &PyUnicode_Type)
        done = extend_from_str(t, l, iterable);
    else
        return false;
    return true;
}

// Grows by what the iterator yields. The size may be changed by code that the iterator runs.
Status extend_from_iterator(Thread& t, Value self, Value iterable) {
    Ref it = TRY(iter(t, iterable));
    auto* l = as_list(self);
    int64_t hint = TRY(length_hint(t, iterable, 8));
    // More than fits is refused at once; a hint that overflows the size counts as none.
    if (hint >= kMaxItems - l->ob_base.ob_size && hint <= INT64_MAX - l->ob_base.ob_size)
        return raise_no_memory(t);
    // As much room as CPython takes.
    if (l->ob_base.ob_size == 0 && l->ob_item == nullptr && hint > 0 && hint < kMaxItems)
        TRY(reserve_exact(t, l, hint + (hint & 1)));
    else if (hint > 0 && hint < kMaxItems - l->ob_base.ob_size && l->allocated < l->ob_base.ob_size + hint) {
        int64_t n = l->ob_base.ob_size;
        TRY(resize_to(t, l, n + hint));
        l->ob_base.ob_size = n;
    }
    UnaryFn next = ext(type_of(it))->slots.iternext;
    for (;;) {
        Ref item = next(t, it);
        if (!item) break;
        if (l->ob_base.ob_size < l->allocated) [[likely]]
            TRY(append_in_room(l, std::move(item)));
        else
            TRY(list_append_owned(t, self, std::move(item)));
    }
    if (occurred(t) && !clear_if(t, PyExc_StopIteration)) return {};
    int64_t n = l->ob_base.ob_size;
    // Too good a guess is taken back where it matters.
    if (l->allocated > 32 && n < l->allocated && !resize_to(t, l, n)) clear_error(t);
    return Status::ok();
}

}  // namespace

Ref list_new(Thread& t, int64_t n) {
    PyListObject* l = list_raw(t, n);
    if (!l) return {};
    if (n) memset(l->ob_item, 0, n * 8);
    l->ob_base.ob_size = n;
    return finish_new(t, l);
}

Ref list_with_capacity(Thread& t, int64_t capacity) {
    PyListObject* l = list_raw(t, capacity);
    if (!l) return {};
    return finish_new(t, l);
}

Ref list_from(Thread& t, const Value* items, int64_t n) {
    PyListObject* l = list_raw(t, n);
    if (!l) return {};
    share_values(l->ob_item, items, n);
    l->ob_base.ob_size = n;
    return finish_new(t, l);
}

Ref list_from_owned(Thread& t, Value* items, int64_t n) {
    PyListObject* l = list_raw(t, n);
    if (!l) {
        for (int64_t i = 0; i < n; i++) xdecref(items[i]);
        return {};
    }
    if (n) memcpy(l->ob_item, items, n * 8);
    l->ob_base.ob_size = n;
    return finish_new(t, l);
}

Status list_append_owned(Thread& t, Value list, Ref item) {
    auto* l = as_list(list);
    int64_t n = l->ob_base.ob_size;
    if (n < l->allocated) [[likely]] {
        Value form = store_form(list.ptr(), std::move(item));
        if (!form) return {};
        l->ob_item[n] = form;
        l->ob_base.ob_size = n + 1;
        return Status::ok();
    }
    TRY(resize_to(t, l, n + 1));
    Value form = store_form(list.ptr(), std::move(item));
    if (!form) return l->ob_base.ob_size = n, Status();
    l->ob_item[n] = form;
    return Status::ok();
}

Status list_append(Thread& t, Value list, Value item) { return list_append_owned(t, list, Ref::share(item)); }

Status list_extend(Thread& t, Value list, Value iterable) {
    if (!is_list_exact(iterable) && !is_tuple_exact(iterable)) {
        Status done;
        if (extend_directly(t, list, iterable, done)) return done;
        return extend_from_iterator(t, list, iterable);
    }
    auto* l = as_list(list);
    int64_t m = items_of(iterable).size;
    if (m == 0) return Status::ok();
    int64_t n = l->ob_base.ob_size;
    if (l->ob_item == nullptr) {
        TRY(reserve_exact(t, l, m + (m & 1)));  // as CPython: blocks are of 16 bytes
        l->ob_base.ob_size = m;
    } else {
        TRY(resize_to(t, l, n + m));
    }
    Value* from = items_of(iterable).data;  // after the resize: the list may be extended by itself
    share_values(l->ob_item + n, from, m);
    if (!expose_stored(list.ptr(), l->ob_item + n, m)) [[unlikely]] {
        l->ob_base.ob_size = n;
        release_values(l->ob_item + n, m);
        return {};
    }
    return Status::ok();
}

Status list_insert(Thread& t, Value list, int64_t index, Value item) {
    auto* l = as_list(list);
    int64_t n = l->ob_base.ob_size;
    if (index < 0) index = index + n < 0 ? 0 : index + n;
    if (index > n) index = n;
    TRY(resize_to(t, l, n + 1));
    Value form = item;
    if (!store_form(list.ptr(), form)) return l->ob_base.ob_size = n, Status();
    incref(item);  // a box is new
    memmove(l->ob_item + index + 1, l->ob_item + index, (n - index) * 8);
    l->ob_item[index] = form;
    return Status::ok();
}

Status list_set(Thread&, Value list, int64_t index, Ref item) {
    Value form = store_form(list.ptr(), std::move(item));
    if (!form) return {};
    auto* l = as_list(list);
    Value old = l->ob_item[index];
    l->ob_item[index] = form;
    xdecref(old);
    return Status::ok();
}

Status list_resize(Thread& t, Value list, int64_t n) {
    auto* l = as_list(list);
    int64_t old = l->ob_base.ob_size;
    for (int64_t i = n; i < old; i++) xdecref(l->ob_item[i]);
    if (n < old) l->ob_base.ob_size = n;
    TRY(resize_to(t, l, n));
    for (int64_t i = old; i < n; i++) l->ob_item[i] = Value();
    return Status::ok();
}

Status list_set_slice(Thread& t, Value list, int64_t start, int64_t stop, Value value) {
    auto* l = as_list(list);
    Ref items;
    if (value) {
        items = value == list ? list_slice(t, list, 0, list_size(list))
                              : sequence_fast(t, value, "must assign iterable to extended slice");
        if (!items) return {};
    }
    int64_t n = l->ob_base.ob_size;
    start = start < 0 ? 0 : start > n ? n : start;
    stop = stop < start ? start : stop > n ? n : stop;
    Items source = items ? items_of(items) : Items{nullptr, 0};
    return replace_range(t, l, start, stop, source.data, source.size);
}

Ref list_slice(Thread& t, Value list, int64_t start, int64_t stop) {
    int64_t n = list_size(list);
    if (start < 0) start = 0;
    if (stop > n) stop = n;
    return list_from(t, list_items(list) + start, stop > start ? stop - start : 0);
}

Ref list_to_tuple(Thread& t, Value list) { return tuple_from(t, list_items(list), list_size(list)); }

Status init_builtin_list(Thread& t) {
    static const TypeDecl decl = {
        .name = "list",
        .basicsize = sizeof(PyListObject),
        .flags = kTpDefault | kTpBaseType | kTpHaveGC | kTpListSubclass | kTpMatchSelf | kTpSequence,
        .slots = {.dealloc = list_dealloc,
                  .traverse = list_traverse,
                  .clear = list_clear_slot,
                  .repr = list_repr,
                  .hash = hash_not_implemented,
                  .richcompare = list_compare,
                  .iter = list_iter,
                  .init = list_init,
                  .new_ = list_tp_new,
                  .mp_length = list_length,
                  .mp_subscript = list_subscript,
                  .mp_ass_subscript = list_ass_subscript,
                  .sq_length = list_length,
                  .sq_concat = list_concat,
                  .sq_repeat = list_repeat,
                  .sq_item = list_item,
                  .sq_ass_item = assign_index,
                  .sq_contains = items_contains,
                  .sq_inplace_concat = list_inplace_concat,
                  .sq_inplace_repeat = list_inplace_repeat},
        .spec = {.methods = list_methods,
                 .doc = "A sequence that can change.\n\nWithout an argument: a new empty list; otherwise the "
                        "items of "
                        "the iterable.",
                 .text_signature = "(iterable=(), /)"},
    };
    init_static_type(PyList_Type, decl);
    TRY(ready_type(t, &PyList_Type));
    return init_builtin_list_iterators(t);
}

}  // namespace krait

krait::Type PyList_Type;
