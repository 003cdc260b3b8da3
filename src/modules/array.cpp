// The module array: sequences of machine numbers.
#include <cfloat>
#include <cstring>

#include "builtins/bytes.h"
#include "builtins/callable.h"
#include "builtins/dict.h"
#include "builtins/list.h"
#include "builtins/number.h"
#include "builtins/slice.h"
#include "builtins/str.h"
#include "builtins/tuple.h"
#include "builtins/type_flags.h"
#include "gc/gc.h"
#include "modules/fields.h"
#include "object/convert.h"
#include "object/names.h"
#include "object/protocol.h"

namespace krait {

namespace {

struct Kind {
    char code;
    uint8_t size;
    int8_t machine;  // number of the machine format in pickles
    const char* format;
};
constexpr Kind kKinds[] = {{'b', 1, 1, "b"},  {'B', 1, 0, "B"},  {'u', 4, 20, "w"}, {'w', 4, 20, "w"},
                           {'h', 2, 4, "h"},  {'H', 2, 2, "H"},  {'i', 4, 8, "i"},  {'I', 4, 6, "I"},
                           {'l', 8, 12, "l"}, {'L', 8, 10, "L"}, {'q', 8, 12, "q"}, {'Q', 8, 10, "Q"},
                           {'f', 4, 14, "f"}, {'d', 8, 16, "d"}};

struct ArrayObject {
    PyVarObject ob_base;
    char* items;  // owned
    int64_t allocated;
    const Kind* kind;
    PyObject* weaklist;
    int64_t exports;
};
Type array_type;
Type iter_type;
struct ArrayIter {
    PyObject ob_base;
    Value array;  // owned; empty when exhausted
    int64_t at;
};

ArrayObject* as_array(Value v) { return v.as<ArrayObject>(); }
bool is_array(Value v) { return v.is_ptr() && is_subtype(v.heap_type(), &array_type); }
int64_t size_of(Value v) { return as_array(v)->ob_base.ob_size; }
bool is_text(const Kind* k) { return k->code == 'u' || k->code == 'w'; }

// --- items ---

template <class T>
T load(const char* p) {
    T v;
    std::memcpy(&v, p, sizeof v);
    return v;
}
template <class T>
Status store(char* p, T v) {
    if (p) std::memcpy(p, &v, sizeof v);
    return Status::ok();
}

Ref item(Thread& t, const Kind* k, const char* p) {
    switch (k->code) {
        case 'b':
            return Ref::from_int(load<int8_t>(p));
        case 'B':
            return Ref::from_int(load<uint8_t>(p));
        case 'h':
            return Ref::from_int(load<int16_t>(p));
        case 'H':
            return Ref::from_int(load<uint16_t>(p));
        case 'i':
            return Ref::from_int(load<int32_t>(p));
        case 'I':
            return Ref::from_int(load<uint32_t>(p));
        case 'l':
        case 'q':
            return int_from(t, load<int64_t>(p));
        case 'L':
        case 'Q':
            return int_from_u64(t, load<uint64_t>(p));
        case 'f':
            return float_from(t, static_cast<double>(load<float>(p)));
        case 'd':
            return float_from(t, load<double>(p));
        default: {
            auto c = load<uint32_t>(p);
            if (c > 0x10ffff)
                return raise(t, PyExc_ValueError, "character U+%x is not in range [U+0000; U+10ffff]", c);
            return str_from_char(t, c);
        }
    }
}

Result<int64_t> ranged(Thread& t, Value v, int64_t least, int64_t most, const char* what) {
    int64_t n = TRY(as_int64(t, v));
    if (n < least) return raise(t, PyExc_OverflowError, "%s is less than minimum", what);
    if (n > most) return raise(t, PyExc_OverflowError, "%s is greater than maximum", what);
    return n;
}
Result<uint64_t> unsigned_item(Thread& t, Value v, const char* negative, const char* large) {
    Ref n = TRY(index(t, v));
    if (int_sign(n) < 0) return raise(t, PyExc_OverflowError, "%s", negative);
    uint64_t r;
    if (!int_to_u64(n, &r)) return raise(t, PyExc_OverflowError, "%s", large);
    return r;
}
constexpr const char* kNegative = "can't convert negative value to unsigned int";
constexpr const char* kLarge = "Python int too large to convert to C unsigned long";

struct Cell {  // a converted item
    char bytes[8];
};
Status convert(Thread& t, const Kind* k, Value v, Cell& cell) {
    char* p = cell.bytes;
    switch (k->code) {
        case 'b': {
            int64_t n = TRY(ranged(t, v, INT16_MIN, INT16_MAX, "signed short integer"));
            if (n < -128) return raise(t, PyExc_OverflowError, "signed char is less than minimum");
            if (n > 127) return raise(t, PyExc_OverflowError, "signed char is greater than maximum");
            return store(p, static_cast<int8_t>(n));
        }
        case 'B':
            return store(p, static_cast<uint8_t>(TRY(ranged(t, v, 0, 255, "unsigned byte integer"))));
        case 'h':
            return store(
                p, static_cast<int16_t>(TRY(ranged(t, v, INT16_MIN, INT16_MAX, "signed short integer"))));
        case 'H': {
            int64_t n = TRY(ranged(t, v, INT32_MIN, INT32_MAX, "signed integer"));
            if (n < 0) return raise(t, PyExc_OverflowError, "unsigned short is less than minimum");
            if (n > 65535) return raise(t, PyExc_OverflowError, "unsigned short is greater than maximum");
            return store(p, static_cast<uint16_t>(n));
        }
        case 'i':
            return store(p, static_cast<int32_t>(TRY(ranged(t, v, INT32_MIN, INT32_MAX, "signed integer"))));
        case 'I': {
            uint64_t n = TRY(unsigned_item(t, v, kNegative, kLarge));
            if (n > UINT32_MAX) return raise(t, PyExc_OverflowError, "unsigned int is greater than maximum");
            return store(p, static_cast<uint32_t>(n));
        }
        case 'l':
            return store(p, TRY(as_int64(t, v)));
        case 'q': {
            Ref n = TRY(index(t, v));
            int64_t r;
            if (!int_to_i64(n, &r)) return raise(t, PyExc_OverflowError, "int too big to convert");
            return store(p, r);
        }
        case 'L':
            return store(p, TRY(unsigned_item(t, v, kNegative, kLarge)));
        case 'Q':
            return store(p, TRY(unsigned_item(t, v, "can't convert negative int to unsigned",
                                              "int too big to convert")));
        case 'f':
            return store(p, static_cast<float>(TRY(as_double(t, v))));
        case 'd':
            return store(p, TRY(as_double(t, v)));
        default:
            if (!is_str(v))
                return raise(t, PyExc_TypeError, "array item must be a unicode character, not %#T", v);
            if (str_length(v) != 1)
                return raise(t, PyExc_TypeError,
                             "array item must be a unicode character, not a string of length %zd",
                             str_length(v));
            return store(p, str_char(v, 0));
    }
}

char* place(ArrayObject* a, int64_t i) { return a->items + i * a->kind->size; }

Status resize(Thread& t, ArrayObject* a, int64_t n) {
    int64_t old = a->ob_base.ob_size;
    if (a->exports > 0 && n != old)
        return raise(t, PyExc_BufferError, "cannot resize an array that is exporting buffers");
    if (n > a->allocated || n < a->allocated / 2) {
        if (n > INT64_MAX / 16) return raise_no_memory(t);
        int64_t room = n == 0 ? 0 : n + (n >> 3) + 4;
        if (n > 0 && old == 0) room = n;
        void* p = nullptr;
        if (room > 0) {
            p = mem_realloc(a->items, static_cast<size_t>(room * a->kind->size));
            if (!p) return raise_no_memory(t);
        } else {
            mem_free(a->items);
        }
        a->items = static_cast<char*>(p);
        a->allocated = room;
    }
    a->ob_base.ob_size = n;
    return Status::ok();
}

Ref array_alloc(Thread& t, PyTypeObject* type, const Kind* k, int64_t n) {
    Ref self = TRY(alloc(t, type));
    as_array(self)->kind = k;
    as_array(self)->ob_base.ob_size = 0;
    if (n) TRY(resize(t, as_array(self), n));
    return self;
}
void array_dealloc(Thread& t, PyObject* o) {
    mem_free(Value(o).as<ArrayObject>()->items);
    free_object(t, o);
}

Status append_value(Thread& t, Value self, Value v) {
    Cell cell;
    ArrayObject* a = as_array(self);
    TRY(convert(t, a->kind, v, cell));
    int64_t n = a->ob_base.ob_size;
    TRY(resize(t, a, n + 1));
    std::memcpy(place(a, n), cell.bytes, a->kind->size);
    return Status::ok();
}
Status append_bytes(Thread& t, Value self, const char* p, int64_t n) {
    ArrayObject* a = as_array(self);
    if (n % a->kind->size) return raise(t, PyExc_ValueError, "bytes length not a multiple of item size");
    int64_t old = a->ob_base.ob_size;
    if (n == 0) return Status::ok();
    TRY(resize(t, a, old + n / a->kind->size));
    std::memcpy(place(a, old), p, static_cast<size_t>(n));
    return Status::ok();
}
Status append_text(Thread& t, Value self, Value s) {
    ArrayObject* a = as_array(self);
    int64_t old = a->ob_base.ob_size, n = str_length(s);
    TRY(resize(t, a, old + n));
    for (int64_t i = 0; i < n; i++) TRY(store(place(a, old + i), str_char(s, i)));
    return Status::ok();
}
Status append_array(Thread& t, Value self, Value other) {
    ArrayObject *a = as_array(self), *b = as_array(other);
    if (a->kind != b->kind) return raise(t, PyExc_TypeError, "can only extend with array of same kind");
    int64_t old = a->ob_base.ob_size, n = b->ob_base.ob_size;
    if (n == 0) return Status::ok();
    TRY(resize(t, a, old + n));
    std::memcpy(place(a, old), b->items, static_cast<size_t>(n * a->kind->size));
    return Status::ok();
}
Status append_iterable(Thread& t, Value self, Value iterable) {
    Ref it = TRY(iter(t, iterable));
    for (;;) {
        Ref v = iter_next(t, it);
        if (!v) {
            if (occurred(t)) return {};
            return Status::ok();
        }
        TRY(append_value(t, self, v));
    }
}

// An empty array, with room for the items and no more.
Status fill(Thread& t, Value self, Value sequence) {
    ArrayObject* a = as_array(self);
    Ref items = TRY(to_tuple(t, sequence));  // a conversion may change the list
    int64_t n = tuple_size(items);
    TRY(resize(t, a, n));
    for (int64_t i = 0; i < n; i++) {
        Cell cell;
        TRY(convert(t, a->kind, tuple_get(items, i), cell));
        std::memcpy(place(a, i), cell.bytes, a->kind->size);
    }
    return Status::ok();
}

Result<const Kind*> kind_of(Thread& t, Value v, const char* fname, int place) {
    if (!is_str(v))
        return raise(t, PyExc_TypeError, "%s() argument %d must be a unicode character, not %K", fname, place,
                     v);
    if (str_length(v) != 1)
        return raise(t, PyExc_TypeError,
                     "%s() argument %d must be a unicode character, not a string of length %zd", fname, place,
                     str_length(v));
    for (const Kind& k : kKinds)
        if (static_cast<uint32_t>(k.code) == str_char(v, 0)) {
            if (k.code == 'u')
                TRY(warn(t, PyExc_DeprecationWarning, 1,
                         "The 'u' type code is deprecated and will be removed in Python 3.16"));
            return &k;
        }
    return raise(t, PyExc_ValueError, "bad typecode (must be b, B, u, w, h, H, i, I, l, L, q, Q, f or d)");
}

Ref array_new(Thread& t, PyTypeObject* type, const Value* args, size_t nargs, Value kwnames) {
    if (type == &array_type) TRY(no_kwargs(t, "array.array", kwnames));
    if (nargs < 1) return raise(t, PyExc_TypeError, "array() takes at least 1 argument (0 given)");
    if (nargs > 2) return raise(t, PyExc_TypeError, "array() takes at most 2 arguments (%zu given)", nargs);
    const Kind* k = TRY(kind_of(t, args[0], "array", 1));
    Ref self = TRY(array_alloc(t, type, k, 0));
    if (nargs < 2) return self;
    Value init = args[1];
    if (is_str(init)) {
        if (!is_text(k))
            return raise(t, PyExc_TypeError, "cannot use a str to initialize an array with typecode '%c'",
                         k->code);
        TRY(append_text(t, self, init));
    } else if (is_bytes(init)) {
        TRY(append_bytes(t, self, bytes_data(init), bytes_size(init)));
    } else if (is_bytearray(init)) {
        TRY(append_bytes(t, self, bytearray_data(init), bytearray_size(init)));
    } else if (is_array(init) && as_array(init)->kind == k) {
        TRY(append_array(t, self, init));
    } else {
        if (is_array(init) && is_text(as_array(init)->kind) && !is_text(k))
            return raise(t, PyExc_TypeError,
                         "cannot use a unicode array to initialize an array with typecode '%c'", k->code);
        if (is_list_exact(init) || is_tuple_exact(init))
            TRY(fill(t, self, init));
        else
            TRY(append_iterable(t, self, init));
    }
    return self;
}

// --- sequence ---

Ref get_at(Thread& t, Value self, int64_t i) {
    if (i < 0 || i >= size_of(self)) return raise(t, PyExc_IndexError, "array index out of range");
    return item(t, as_array(self)->kind, place(as_array(self), i));
}
Result<int64_t> array_length(Thread&, Value self) { return size_of(self); }

Ref subscript(Thread& t, Value self, Value key) {
    if (is_index(key)) {
        int64_t i = TRY(as_index(t, key, PyExc_IndexError));
        return get_at(t, self, i < 0 ? i + size_of(self) : i);
    }
    if (!has_type(key, &PySlice_Type)) return raise(t, PyExc_TypeError, "array indices must be integers");
    int64_t start, stop, step;
    TRY(slice_unpack(t, key, &start, &stop, &step));
    ArrayObject* a = as_array(self);
    int64_t n = slice_adjust(a->ob_base.ob_size, &start, &stop, step);
    Ref out = TRY(array_alloc(t, &array_type, a->kind, n));
    size_t width = a->kind->size;
    if (step == 1) {
        if (n) std::memcpy(as_array(out)->items, place(a, start), static_cast<size_t>(n) * width);
    } else {
        for (int64_t i = 0; i < n; i++)
            std::memcpy(place(as_array(out), i), place(a, start + i * step), width);
    }
    return out;
}

Status set_at(Thread& t, Value self, int64_t i, Value value) {
    ArrayObject* a = as_array(self);
    if (i < 0 || i >= a->ob_base.ob_size)
        return raise(t, PyExc_IndexError, "array assignment index out of range");
    size_t width = a->kind->size;
    if (!value) {
        if (a->exports)
            return raise(t, PyExc_BufferError, "cannot resize an array that is exporting buffers");
        std::memmove(place(a, i), place(a, i + 1), static_cast<size_t>(a->ob_base.ob_size - i - 1) * width);
        return resize(t, a, a->ob_base.ob_size - 1);
    }
    Cell cell;
    TRY(convert(t, a->kind, value, cell));
    if (i >= a->ob_base.ob_size)  // the conversion may have run code
        return raise(t, PyExc_IndexError, "array assignment index out of range");
    std::memcpy(place(a, i), cell.bytes, width);
    return Status::ok();
}

Status set_slice(Thread& t, Value self, Value key, Value value) {
    ArrayObject* a = as_array(self);
    Ref copy;
    int64_t needed = 0;
    if (value) {
        if (!is_array(value))
            return raise(t, PyExc_TypeError, "can only assign array (not \"%.200s\") to array slice",
                         type_of(value)->tp_name);
        if (as_array(value)->kind != a->kind)
            return raise(t, PyExc_TypeError, "bad argument type for built-in operation");
        if (value == self) {
            Ref all = TRY(slice_new(t, {}, {}, {}));
            copy = TRY(subscript(t, value, all));
            value = copy;
        }
        needed = size_of(value);
    }
    int64_t start, stop, step;
    TRY(slice_unpack(t, key, &start, &stop, &step));
    int64_t size = a->ob_base.ob_size, n = slice_adjust(size, &start, &stop, step);
    if ((step > 0 && stop < start) || (step < 0 && stop > start)) stop = start;
    auto width = static_cast<size_t>(a->kind->size);
    const char* source = value ? as_array(value)->items : nullptr;
    if (step == 1) {
        if (a->exports && needed != n)
            return raise(t, PyExc_BufferError, "cannot resize an array that is exporting buffers");
        if (needed < n) {
            std::memmove(place(a, start + needed), place(a, stop), static_cast<size_t>(size - stop) * width);
            TRY(resize(t, a, size + needed - n));
        } else if (needed > n) {
            TRY(resize(t, a, size + needed - n));
            std::memmove(place(a, start + needed), place(a, stop), static_cast<size_t>(size - stop) * width);
        }
        if (needed) std::memcpy(place(a, start), source, static_cast<size_t>(needed) * width);
        return Status::ok();
    }
    if (!value) {
        if (n == 0) return Status::ok();
        if (a->exports)
            return raise(t, PyExc_BufferError, "cannot resize an array that is exporting buffers");
        if (step < 0) {
            start += step * (n - 1);
            step = -step;
        }
        int64_t to = start, next = start, left = n;
        for (int64_t from = start; from < size; from++) {
            if (left && from == next) {
                next += step;
                left--;
                continue;
            }
            std::memmove(place(a, to++), place(a, from), width);
        }
        return resize(t, a, size - n);
    }
    if (needed != n)
        return raise(t, PyExc_ValueError, "attempt to assign array of size %zd to extended slice of size %zd",
                     needed, n);
    for (int64_t i = 0; i < n; i++)
        std::memcpy(place(a, start + i * step), source + static_cast<size_t>(i) * width, width);
    return Status::ok();
}
Status set_subscript(Thread& t, Value self, Value key, Value value) {
    if (is_index(key)) {
        int64_t i = TRY(as_index(t, key, PyExc_IndexError));
        return set_at(t, self, i < 0 ? i + size_of(self) : i, value);
    }
    if (has_type(key, &PySlice_Type)) return set_slice(t, self, key, value);
    return raise(t, PyExc_TypeError, "array indices must be integers");
}

Ref concat(Thread& t, Value self, Value other) {
    if (!is_array(other))
        return raise(t, PyExc_TypeError, "can only append array (not \"%.200s\") to array",
                     type_of(other)->tp_name);
    if (as_array(self)->kind != as_array(other)->kind)
        return raise(t, PyExc_TypeError, "bad argument type for built-in operation");
    Ref out = TRY(array_alloc(t, &array_type, as_array(self)->kind, 0));
    TRY(append_array(t, out, self));
    TRY(append_array(t, out, other));
    return out;
}
Ref inplace_concat(Thread& t, Value self, Value other) {
    if (!is_array(other))
        return raise(t, PyExc_TypeError, "can only extend array with array (not \"%.200s\")",
                     type_of(other)->tp_name);
    TRY(append_array(t, self, other));
    return Ref::share(self);
}
Status fill_repeated(Thread& t, ArrayObject* a, const char* p, int64_t n, int64_t times) {
    int64_t total;
    if (__builtin_mul_overflow(n, times, &total)) return raise_no_memory(t);
    TRY(resize(t, a, total));
    auto bytes = static_cast<size_t>(n * a->kind->size);
    for (int64_t i = p == a->items ? 1 : 0; i < times; i++)
        std::memcpy(a->items + static_cast<size_t>(i) * bytes, p, bytes);
    return Status::ok();
}
Ref repeat(Thread& t, Value self, int64_t times) {
    ArrayObject* a = as_array(self);
    Ref out = TRY(array_alloc(t, &array_type, a->kind, 0));
    if (times > 0 && a->ob_base.ob_size > 0)
        TRY(fill_repeated(t, as_array(out), a->items, a->ob_base.ob_size, times));
    return out;
}
Ref inplace_repeat(Thread& t, Value self, int64_t times) {
    Ref all = TRY(repeat(t, self, times));
    ArrayObject* a = as_array(self);
    int64_t n = size_of(all);
    TRY(resize(t, a, n));
    if (n) std::memcpy(a->items, as_array(all)->items, static_cast<size_t>(n * a->kind->size));
    return Ref::share(self);
}
// Index of the first equal item from `start` on, below `stop`; -1: none.
Result<int64_t> find(Thread& t, Value self, Value v, int64_t start, int64_t stop) {
    for (int64_t i = start; i < stop && i < size_of(self); i++) {
        Ref x = TRY(get_at(t, self, i));
        if (TRY(equal(t, x, v))) return i;
    }
    return int64_t{-1};
}
Result<bool> array_contains(Thread& t, Value self, Value v) {
    return TRY(find(t, self, v, 0, INT64_MAX)) >= 0;
}
Ref richcompare(Thread& t, Value a, Value b, CompareOp op) {
    if (!is_array(a) || !is_array(b)) return not_implemented_ref();
    if (size_of(a) != size_of(b) && (op == kEq || op == kNe)) return bool_ref(op == kNe);
    for (int64_t i = 0; i < size_of(a) && i < size_of(b); i++) {
        Ref x = TRY(get_at(t, a, i)), y = TRY(get_at(t, b, i));
        if (TRY(equal(t, x, y))) continue;
        if (op == kEq || op == kNe) return bool_ref(op == kNe);
        return compare(t, x, y, op);
    }
    return compare(t, Value::from_int(size_of(a)), Value::from_int(size_of(b)), op);
}

Ref to_list_method(Thread& t, Value self) {
    Ref list = TRY(list_with_capacity(t, size_of(self)));
    for (int64_t i = 0; i < size_of(self); i++) {
        Ref v = TRY(get_at(t, self, i));
        TRY(list_append_owned(t, list, std::move(v)));
    }
    return list;
}
Ref text_of(Thread& t, Value self) {
    ArrayObject* a = as_array(self);
    if (!is_text(a->kind))
        return raise(t, PyExc_ValueError,
                     "tounicode() may only be called on unicode type arrays ('u' or 'w')");
    for (int64_t i = 0; i < a->ob_base.ob_size; i++)
        if (load<uint32_t>(place(a, i)) > 0x10ffff) TRY_DISCARD(get_at(t, self, i));
    return str_from_kind(t, kStr4, a->items, a->ob_base.ob_size);
}
Ref array_repr(Thread& t, Value self) {
    ArrayObject* a = as_array(self);
    char code[2] = {a->kind->code, 0};
    Ref name = TRY(get_attr(t, Value(type_of(self)), ID(__name__)));
    if (a->ob_base.ob_size == 0) return str_format(t, "%U('%s')", name.get(), code);
    Ref v = is_text(a->kind) ? text_of(t, self) : to_list_method(t, self);
    if (!v) return {};
    return str_format(t, "%U('%s', %R)", name.get(), code, v.get());
}

// --- iterator ---

Ref array_iter(Thread& t, Value self) {
    Ref it = TRY(alloc(t, &iter_type));
    it.as<ArrayIter>()->array = Ref::share(self).release();
    return it;
}
Ref iter_step(Thread& t, Value self) {
    auto* it = self.as<ArrayIter>();
    if (!it->array) return {};
    if (it->at < size_of(it->array)) return get_at(t, it->array, it->at++);
    put_owned(it->array, Ref());
    return {};
}
Ref iter_self(Thread&, Value self) { return Ref::share(self); }
Ref iter_set_state(Thread& t, Value self, Value state) {
    int64_t at = TRY(as_ssize(t, state));
    auto* it = self.as<ArrayIter>();
    if (it->array) it->at = at < 0 ? 0 : at > size_of(it->array) ? size_of(it->array) : at;
    return none_ref();
}
Ref iter_reduce(Thread& t, Value self) {
    auto* it = self.as<ArrayIter>();
    Ref fn = TRY(import_attr(t, "builtins", "iter"));
    Ref target = it->array ? Ref::share(it->array) : list_new(t);
    if (!target) return {};
    Ref args = TRY(tuple_of(t, {target}));
    if (!it->array) return tuple_of(t, {fn, args});
    return tuple_of(t, {fn, args, Value::from_int(it->at)});
}

// --- methods ---

Ref append(Thread& t, Value self, Value v) {
    TRY(append_value(t, self, v));
    return none_ref();
}
Ref extend(Thread& t, Value self, Value v) {
    TRY(is_array(v) ? append_array(t, self, v) : append_iterable(t, self, v));
    return none_ref();
}
Ref insert(Thread& t, Value self, const Value* args, size_t) {
    int64_t i = TRY(as_ssize(t, args[0]));
    Cell cell;
    ArrayObject* a = as_array(self);
    TRY(convert(t, a->kind, args[1], cell));
    int64_t n = a->ob_base.ob_size;
    if (i < 0) i = i + n < 0 ? 0 : i + n;
    if (i > n) i = n;
    TRY(resize(t, a, n + 1));
    size_t width = a->kind->size;
    std::memmove(place(a, i + 1), place(a, i), static_cast<size_t>(n - i) * width);
    std::memcpy(place(a, i), cell.bytes, width);
    return none_ref();
}
Ref pop(Thread& t, Value self, const Value* args, size_t nargs) {
    int64_t i = nargs ? TRY(as_ssize(t, args[0])) : -1, n = size_of(self);
    if (n == 0) return raise(t, PyExc_IndexError, "pop from empty array");
    if (i < 0) i += n;
    if (i < 0 || i >= n) return raise(t, PyExc_IndexError, "pop index out of range");
    Ref v = TRY(get_at(t, self, i));
    TRY(set_at(t, self, i, Value()));
    return v;
}
Ref remove(Thread& t, Value self, Value v) {
    int64_t i = TRY(find(t, self, v, 0, INT64_MAX));
    if (i < 0) return raise(t, PyExc_ValueError, "array.remove(x): x not in array");
    TRY(set_at(t, self, i, Value()));
    return none_ref();
}
Ref index_of(Thread& t, Value self, const Value* args, size_t nargs) {
    int64_t n = size_of(self), start = 0, stop = INT64_MAX;
    if (nargs > 1) start = TRY(as_index(t, args[1], nullptr));
    if (nargs > 2) stop = TRY(as_index(t, args[2], nullptr));
    if (start < 0) start = start + n < 0 ? 0 : start + n;
    if (stop < 0) stop += n;
    int64_t i = TRY(find(t, self, args[0], start, stop));
    if (i < 0) return raise(t, PyExc_ValueError, "array.index(x): x not in array");
    return int_from(t, i);
}
Ref count(Thread& t, Value self, Value v) {
    int64_t n = 0;
    for (int64_t i = 0; i < size_of(self); i++) {
        Ref x = TRY(get_at(t, self, i));
        n += TRY(equal(t, x, v));
    }
    return int_from(t, n);
}
Ref clear(Thread& t, Value self) {
    TRY(resize(t, as_array(self), 0));
    return none_ref();
}
void reverse_bytes(char* p, size_t n) {
    for (size_t i = 0; i < n / 2; i++) std::swap(p[i], p[n - 1 - i]);
}
Ref reverse(Thread&, Value self) {
    ArrayObject* a = as_array(self);
    auto width = static_cast<size_t>(a->kind->size);
    char cell[8];
    for (int64_t i = 0, j = a->ob_base.ob_size - 1; i < j; i++, j--) {
        std::memcpy(cell, place(a, i), width);
        std::memcpy(place(a, i), place(a, j), width);
        std::memcpy(place(a, j), cell, width);
    }
    return none_ref();
}
Ref byte_swap(Thread&, Value self) {
    ArrayObject* a = as_array(self);
    for (int64_t i = 0; i < a->ob_base.ob_size; i++) reverse_bytes(place(a, i), a->kind->size);
    return none_ref();
}
Ref buffer_info(Thread& t, Value self) {
    Ref address = TRY(int_from_u64(t, reinterpret_cast<uint64_t>(as_array(self)->items)));
    return tuple_of(t, {address, Value::from_int(size_of(self))});
}
Ref to_bytes(Thread& t, Value self) {
    ArrayObject* a = as_array(self);
    return bytes_from(t, a->items, static_cast<size_t>(a->ob_base.ob_size * a->kind->size));
}
Ref from_bytes(Thread& t, Value self, Value v) {
    Buffer buffer;
    TRY(buffer.acquire(t, v));
    if (buffer.view().itemsize != 1) return raise(t, PyExc_TypeError, "a bytes-like object is required");
    TRY(append_bytes(t, self, buffer.data(), buffer.size()));
    return none_ref();
}
Ref from_list(Thread& t, Value self, Value list) {
    if (!is_list(list)) return raise(t, PyExc_TypeError, "arg must be list");
    int64_t old = size_of(self), n = list_size(list);
    for (int64_t i = 0; i < n; i++) {
        if (list_size(list) != n) return raise(t, PyExc_RuntimeError, "list changed size during iteration");
        Ref v = Ref::share(list_get(list, i));
        if (!append_value(t, self, v)) {
            SavedError error(t);
            if (!resize(t, as_array(self), old)) clear_error(t);
            return {};
        }
    }
    return none_ref();
}
Ref from_text(Thread& t, Value self, Value s) {
    if (!is_str(s)) return raise(t, PyExc_TypeError, "fromunicode() argument must be str, not %K", s);
    if (!is_text(as_array(self)->kind))
        return raise(t, PyExc_ValueError,
                     "fromunicode() may only be called on unicode type arrays ('u' or 'w')");
    TRY(append_text(t, self, s));
    return none_ref();
}
Ref from_file(Thread& t, Value self, const Value* args, size_t) {
    int64_t n = TRY(as_ssize(t, args[1])), bytes;
    if (n < 0) return raise(t, PyExc_ValueError, "negative count");
    if (__builtin_mul_overflow(n, as_array(self)->kind->size, &bytes) || !Value::int_fits(bytes))
        return raise_no_memory(t);
    Ref data = TRY(call_method(t, args[0], "read", {Value::from_int(bytes)}));
    if (!is_bytes(data)) return raise(t, PyExc_TypeError, "read() didn't return bytes");
    TRY(append_bytes(t, self, bytes_data(data), bytes_size(data)));
    if (bytes_size(data) != bytes) return raise(t, PyExc_EOFError, "read() didn't return enough bytes");
    return none_ref();
}
Ref to_file(Thread& t, Value self, Value file) {
    constexpr int64_t kBlock = 64 * 1024;
    for (int64_t at = 0; at < size_of(self) * as_array(self)->kind->size; at += kBlock) {
        int64_t left = size_of(self) * as_array(self)->kind->size - at;
        Ref part = TRY(
            bytes_from(t, as_array(self)->items + at, static_cast<size_t>(left < kBlock ? left : kBlock)));
        TRY_DISCARD(call_method(t, file, "write", {part}));
    }
    return none_ref();
}
Ref copy(Thread& t, Value self) {
    Ref out = TRY(array_alloc(t, &array_type, as_array(self)->kind, 0));
    TRY(append_array(t, out, self));
    return out;
}
Ref deep_copy(Thread& t, Value self, Value) { return copy(t, self); }
Ref reduce(Thread& t, Value self, Value protocol_arg) {
    int64_t protocol = TRY(as_int64(t, protocol_arg));
    const Kind* k = as_array(self)->kind;
    Ref dict = TRY(lookup_attr(t, self, "__dict__"));
    if (!dict) dict = none_ref();
    Ref code = TRY(str_from(t, &k->code, 1));
    auto type = Value(type_of(self));
    if (protocol < 3) {
        Ref list = TRY(to_list_method(t, self)), args = TRY(tuple_of(t, {code, list}));
        return tuple_of(t, {type, args, dict});
    }
    Ref make = TRY(import_attr(t, "array", "_array_reconstructor")), bytes = TRY(to_bytes(t, self));
    Ref args = TRY(tuple_of(t, {type, code, Value::from_int(k->machine), bytes}));
    return tuple_of(t, {make, args, dict});
}
Ref get_type_code(Thread& t, Value self, void*) { return str_from(t, &as_array(self)->kind->code, 1); }
Ref get_item_size(Thread&, Value self, void*) { return Ref::from_int(as_array(self)->kind->size); }

// --- buffers ---

Status get_array_buffer(Thread& t, Value self, Py_buffer* view, int flags) {
    ArrayObject* a = as_array(self);
    static char empty[8];
    char* p = a->items ? a->items : empty;
    TRY(fill_buffer_info(t, view, self, p, a->ob_base.ob_size * a->kind->size, false, flags));
    view->itemsize = a->kind->size;
    view->format = (flags & kBufFormat) ? const_cast<char*>(a->kind->format) : nullptr;
    if (view->shape) view->shape = &a->ob_base.ob_size;
    if (view->strides) view->strides = &view->itemsize;
    a->exports++;
    return Status::ok();
}
void release_array_buffer(Thread&, Value self, Py_buffer*) { as_array(self)->exports--; }

// --- pickles ---

// Items as another machine may have written them: formats 0 to 13 are ints, 14 to 17 floats, 18 to 21 text;
// odd ones from 3 on are big-endian.
Ref reconstruct(Thread& t, Value, const Value* args, size_t) {
    if (!is_type(args[0]))
        return raise(t, PyExc_TypeError, "first argument must be a type object, not %.200s",
                     type_of(args[0])->tp_name);
    if (!is_subtype(args[0].as<PyTypeObject>(), &array_type))
        return raise(t, PyExc_TypeError, "%.200s is not a subtype of %.200s",
                     args[0].as<PyTypeObject>()->tp_name, "array.array");
    const Kind* k = TRY(kind_of(t, args[1], "_array_reconstructor", 2));
    int format = TRY(as_int32(t, args[2]));
    if (format < 0 || format > 21)
        return raise(t, PyExc_ValueError, "third argument must be a valid machine format code.");
    if (!is_bytes(args[3]))
        return raise(t, PyExc_TypeError, "fourth argument should be bytes, not %.200s",
                     type_of(args[3])->tp_name);
    Value bytes = args[3];
    Ref self = TRY(array_alloc(t, args[0].as<PyTypeObject>(), k, 0));
    if (format == k->machine) {
        TRY(append_bytes(t, self, bytes_data(bytes), bytes_size(bytes)));
        return self;
    }
    if (format >= 18) {
        const char* const codecs[] = {"utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"};
        Ref text = TRY(decode(t, bytes_data(bytes), static_cast<size_t>(bytes_size(bytes)),
                              codecs[format - 18], nullptr));
        if (!is_text(k)) return raise(t, PyExc_TypeError, "must be real number, not str");
        TRY(append_text(t, self, text));
        return self;
    }
    bool is_float = format >= 14, big = format >= 2 && (format & 1);
    size_t width = is_float ? (format < 16 ? 4 : 8) : format < 2 ? 1 : format < 6 ? 2 : format < 10 ? 4 : 8;
    bool is_signed = format == 1 || (format >= 2 && (format - 2) % 4 >= 2);
    auto n = static_cast<size_t>(bytes_size(bytes));
    if (n % width) return raise(t, PyExc_ValueError, "bytes length not a multiple of item size");
    for (size_t at = 0; at < n; at += width) {
        char cell[8];
        std::memcpy(cell, bytes_data(bytes) + at, width);
        Ref v;
        if (is_float) {
            if (big) reverse_bytes(cell, width);
            v = float_from(t, width == 4 ? static_cast<double>(load<float>(cell)) : load<double>(cell));
        } else {
            v = int_from_bytes(t, reinterpret_cast<unsigned char*>(cell), width, !big, is_signed);
        }
        if (!v) return {};
        TRY(append_value(t, self, v));
    }
    return self;
}

Ref bytes_in_memory(Thread& t, Value self) {
    ArrayObject* a = as_array(self);
    return int_from(t, shown_basicsize(type_of(self)) + a->allocated * a->kind->size);
}

const NativeDef methods[] = {
    def<append>("append", "(v, /)", "Adds an item at the end."),
    def<buffer_info>("buffer_info", "()", "Address and number of the items."),
    def<byte_swap>("byteswap", "()", "Reverses the bytes of every item."),
    def<clear>("clear", "()", "Removes all items."),
    def<copy>("__copy__", "()", "A copy."),
    def<count>("count", "(v, /)", "How many items equal v."),
    def<deep_copy>("__deepcopy__", "(unused, /)", "A copy."),
    def<extend>("extend", "(bb, /)", "Adds the items of an iterable.", kMethMethod),
    def<from_file>("fromfile", "(f, n, /)", "Reads n items from a file.", kMethMethod),
    def<from_list>("fromlist", "(list, /)", "Adds the items of a list, or none of them."),
    def<from_bytes>("frombytes", "(buffer, /)", "Adds items from their bytes."),
    def<from_text>("fromunicode", "(ustr, /)", "Adds the characters of a str."),
    def<index_of>("index", "(v, start=0, stop=sys.maxsize, /)", "Index of the first item that equals v."),
    def<insert>("insert", "(i, v, /)", "Adds an item before index i."),
    def<pop>("pop", "(i=-1, /)", "Takes out the item at index i."),
    def<reduce>("__reduce_ex__", "(value, /)", "How to pickle the array.", kMethMethod),
    def<remove>("remove", "(v, /)", "Removes the first item that equals v."),
    def<reverse>("reverse", "()", "Reverses the order of the items."),
    def<to_file>("tofile", "(f, /)", "Writes the items' bytes to a file.", kMethMethod),
    def<to_list_method>("tolist", "()", "The items as a list."),
    def<to_bytes>("tobytes", "()", "The items' bytes."),
    def<text_of>("tounicode", "()", "The characters as a str."),
    def<bytes_in_memory>("__sizeof__", "()", "Bytes in memory."),
    def<class_getitem>("__class_getitem__", "(object, /)", "See PEP 585", kMethClass),
    {}};
const GetSetDef attributes[] = {getset("typecode", get_type_code, nullptr, "Code of the items' type."),
                                getset("itemsize", get_item_size, nullptr, "Bytes of an item."),
                                {}};
const NativeDef iter_methods[] = {def<iter_reduce>("__reduce__", "()", "How to pickle the iterator."),
                                  def<iter_set_state>("__setstate__", "(state, /)", "Goes on from an index."),
                                  {}};
void iter_dealloc(Thread& t, PyObject* o) {
    xdecref(Value(o).as<ArrayIter>()->array);
    free_object(t, o);
}

// The table is what users look up: code, C type, least size in bytes.
constexpr char kArrayDoc[] =
    "array(typecode[, initializer]): a sequence of machine numbers of one type.\n\n"
    "The type codes:\n\n"
    "    'b'         signed char       1\n"
    "    'B'         unsigned char     1\n"
    "    'u'         wchar_t           2\n"
    "    'w'         Py_UCS4           4\n"
    "    'h'         short             2\n"
    "    'H'         unsigned short    2\n"
    "    'i'         int               2\n"
    "    'I'         unsigned int      2\n"
    "    'l'         long              4\n"
    "    'L'         unsigned long     4\n"
    "    'q'         long long         8\n"
    "    'Q'         unsigned long long 8\n"
    "    'f'         float             4\n"
    "    'd'         double            8\n";
const TypeDecl array_decl{
    .name = "array.array",
    .basicsize = sizeof(ArrayObject),
    .flags = kTpBaseType | kTpImmutableType | kTpSequence,
    .slots = {.dealloc = array_dealloc,
              .repr = array_repr,
              .hash = hash_not_implemented,
              .richcompare = richcompare,
              .getattr = generic_get_attr,
              .iter = array_iter,
              .new_ = array_new,
              .mp_length = array_length,
              .mp_subscript = subscript,
              .mp_ass_subscript = set_subscript,
              .sq_length = array_length,
              .sq_concat = concat,
              .sq_repeat = repeat,
              .sq_item = get_at,
              .sq_ass_item = set_at,
              .sq_contains = array_contains,
              .sq_inplace_concat = inplace_concat,
              .sq_inplace_repeat = inplace_repeat,
              .getbuffer = get_array_buffer,
              .releasebuffer = release_array_buffer},
    .spec = {.methods = methods, .getset = attributes, .doc = kArrayDoc},
    .weaklistoffset = offsetof(ArrayObject, weaklist),
};
const TypeDecl iter_decl{
    .name = "array.arrayiterator",
    .basicsize = sizeof(ArrayIter),
    .flags = kTpDisallowInstantiation | kTpImmutableType,
    .slots = {.dealloc = iter_dealloc, .iter = iter_self, .iternext = iter_step},
    .spec = {.methods = iter_methods},
};

const NativeDef functions[] = {
    def<reconstruct>("_array_reconstructor",
                     "(arraytype, typecode, mformat_code, items,\n                     /)",
                     "Makes an array from a pickle."),
    {}};

Status exec(Thread& t, Value module) {
    TRY(add_static_type(t, module, array_type, array_decl));
    TRY(add_static_type(t, Value(), iter_type, iter_decl));
    TRY(module_add(t, module, "ArrayType", Ref::share(Value(&array_type))));
    Ref abc = TRY(import_attr(t, "collections.abc", "MutableSequence"));
    TRY_DISCARD(call_method(t, abc, "register", {Value(&array_type)}));
    return module_add_str(t, module, "typecodes", "bBuwhHiIlLqQfd");
}

}  // namespace

extern const ModuleSpec module_array;
const ModuleSpec module_array{
    .name = "array", .doc = "Arrays of machine numbers.", .functions = functions, .exec = exec};

}  // namespace krait
