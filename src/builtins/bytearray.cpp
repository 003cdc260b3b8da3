// bytearray. The contents start at ob_start, which deletions at the front move on within the block at
// ob_bytes; while buffers are exported (ob_exports) the size must not change.
#include <algorithm>

#include "builtins/bytes_internal.h"
#include "builtins/iterators.h"
#include "builtins/slice.h"
#include "builtins/tuple.h"
#include "gc/gc.h"
#include "object/names.h"

krait::Type PyByteArray_Type;

namespace krait {

Type bytearray_iterator_type;

namespace {

char g_nothing[1] = {0};  // where empty ones without a block point

PyByteArrayObject* as_array(Value v) { return v.as<PyByteArrayObject>(); }

Status check_unlocked(Thread& t, PyByteArrayObject* a) {
    if (a->ob_exports > 0)
        return raise(t, PyExc_BufferError, "Existing exports of data: object cannot be re-sized");
    return Status::ok();
}

Ref new_array(Thread& t, PyTypeObject* type, int64_t n) {
    Ref r = TRY(alloc(t, type));
    auto* a = as_array(r);
    a->ob_start = g_nothing;
    if (n == 0) return r;
    auto* block = n < INT64_MAX - 1 ? static_cast<char*>(mem_alloc(static_cast<size_t>(n) + 1)) : nullptr;
    if (!block) return raise_no_memory(t);
    a->ob_bytes = a->ob_start = block;
    a->ob_alloc = n + 1;
    a->ob_base.ob_size = n;
    block[n] = 0;
    return r;
}

}  // namespace

Ref bytearray_from(Thread& t, const void* p, size_t n) {
    Ref r = TRY(new_array(t, &PyByteArray_Type, static_cast<int64_t>(n)));
    if (p && n) std::memcpy(bytearray_data(r), p, n);
    return r;
}

Status bytearray_resize(Thread& t, Value v, int64_t n) {
    auto* a = as_array(v);
    if (n == a->ob_base.ob_size) return Status::ok();
    TRY(check_unlocked(t, a));
    int64_t offset = a->ob_start - (a->ob_bytes ? a->ob_bytes : a->ob_start);
    int64_t alloc = a->ob_alloc;
    if (n > INT64_MAX / 2) return raise_no_memory(t);
    if (n + offset + 1 <= alloc && n >= alloc / 2) {  // there is room, and not too much of it
        a->ob_base.ob_size = n;
        a->ob_start[n] = 0;
        return Status::ok();
    }
    int64_t room;
    if (n + offset + 1 <= alloc || n > alloc + alloc / 8)
        room = n + 1;  // much smaller, or much more at once: exactly that
    else
        room = n + (n >> 3) + (n < 9 ? 3 : 6);  // appending: amortized
    if (offset > 0) {
        auto* block = static_cast<char*>(mem_alloc(static_cast<size_t>(room)));
        if (!block) return raise_no_memory(t);
        std::memcpy(block, a->ob_start, static_cast<size_t>(std::min(n, a->ob_base.ob_size)));
        mem_free(a->ob_bytes);
        a->ob_bytes = a->ob_start = block;
    } else {
        auto* block = static_cast<char*>(a->ob_bytes ? mem_realloc(a->ob_bytes, static_cast<size_t>(room))
                                                     : mem_alloc(static_cast<size_t>(room)));
        if (!block) return raise_no_memory(t);
        a->ob_bytes = a->ob_start = block;
    }
    a->ob_alloc = room;
    a->ob_base.ob_size = n;
    a->ob_start[n] = 0;
    return Status::ok();
}

namespace {

// self[lo:hi] = p[0..n). p must not lie in self.
Status set_range(Thread& t, Value self, int64_t lo, int64_t hi, const void* p, int64_t n) {
    auto* a = as_array(self);
    int64_t size = a->ob_base.ob_size, growth = n - (hi - lo);
    if (growth < 0) {
        TRY(check_unlocked(t, a));
        if (lo == 0) {
            a->ob_start -= growth;  // drop from the front: only the start moves
            a->ob_base.ob_size = size + growth;
            if (a->ob_base.ob_size < a->ob_alloc / 2) {
                int64_t wanted = a->ob_base.ob_size++;  // have resize look at the room, too
                if (!bytearray_resize(t, self, wanted)) {
                    a->ob_start += growth;
                    a->ob_base.ob_size = size;
                    return {};
                }
            }
        } else {
            std::memmove(a->ob_start + lo + n, a->ob_start + hi, static_cast<size_t>(size - hi));
            TRY(bytearray_resize(t, self, size + growth));
        }
    } else if (growth > 0) {
        TRY(bytearray_resize(t, self, size + growth));
        std::memmove(a->ob_start + lo + n, a->ob_start + hi, static_cast<size_t>(size - hi));
    }
    if (n) std::memcpy(a->ob_start + lo, p, static_cast<size_t>(n));
    return Status::ok();
}

Status append_bytes(Thread& t, Value self, const void* p, int64_t n) {
    int64_t size = bytearray_size(self);
    if (n == 0) return Status::ok();
    if (size > INT64_MAX - n) return raise_no_memory(t);
    TRY(bytearray_resize(t, self, size + n));
    std::memcpy(bytearray_data(self) + size, p, static_cast<size_t>(n));
    return Status::ok();
}

// --- construction ---

Ref bytearray_tp_new(Thread& t, PyTypeObject* type, const Value*, size_t, Value) {
    return new_array(t, type, 0);
}

// Neither a number, a buffer nor text, nor a list or tuple, which are looked at before the array is.
bool has_items_in_turn(Value v) {
    if (v.is_immediate() || is_index(v) || has_buffer(v) || is_str(v)) return false;
    return ext(type_of(v))->slots.iter && !is_list_exact(v) && !is_tuple_exact(v);
}

// The array grows by each item before the iterator is asked for the next.
Status append_items(Thread& t, Value self, Value iterable) {
    Ref it = TRY(iter(t, iterable));
    while (Ref item = iter_next(t, it)) {
        int c = TRY(byte_arg(t, item));
        int64_t n = bytearray_size(self);
        TRY(bytearray_resize(t, self, n + 1));
        bytearray_data(self)[n] = static_cast<char>(c);
    }
    return occurred(t) ? Status::fail() : Status::ok();
}

Status bytearray_init(Thread& t, Value self, const Value* args, size_t nargs, Value kwnames) {
    if (nargs == 1 && !kwnames && has_type(args[0], &PyBytes_Type) && !bytearray_size(self))
        return append_bytes(t, self, bytes_data(args[0]), bytes_size(args[0]));
    Value p[3];
    Ref keep, text;
    TRY(bind_args(t, "bytearray", "(source=b'', encoding='utf-8', errors='strict')", args, nargs, kwnames, p,
                  keep));
    if (bytearray_size(self)) TRY(bytearray_resize(t, self, 0));
    if (TRY(bytes_from_text(t, "bytearray", p[0], p[1], p[2], text)))
        return append_bytes(t, self, bytes_data(text), bytes_size(text));
    if (!p[0]) return Status::ok();
    if (has_items_in_turn(p[0])) return append_items(t, self, p[0]);
    BytesBuilder out(t);
    TRY(bytes_put_source(t, out, p[0], "bytearray"));
    return append_bytes(t, self, out.data(), out.size());
}

void bytearray_dealloc(Thread& t, PyObject* o) {
    auto* a = reinterpret_cast<PyByteArrayObject*>(o);
    if (a->ob_exports > 0) {
        SavedError saved(t);
        (void)static_cast<Status>(
            raise(t, PyExc_SystemError, "deallocated bytearray object has exported buffers"));
        write_unraisable(t, nullptr, Value());
    }
    if (a->ob_bytes) mem_free(a->ob_bytes);
    free_object(t, o);
}

// --- slots ---

Ref bytearray_repr(Thread& t, Value v) {
    Ref text = TRY(bytes_repr_text(t, span_of(v), true));
    const char* name = type_of(v)->tp_name;
    if (const char* dot = std::strrchr(name, '.')) name = dot + 1;
    return str_format(t, "%s(%U)", name, text.get());
}
Ref bytearray_str(Thread& t, Value v) {
    TRY(warn_bytes(t, "str() on a bytearray instance"));
    return bytearray_repr(t, v);
}

Result<int64_t> bytearray_len(Thread&, Value v) { return bytearray_size(v); }
Ref bytearray_item(Thread& t, Value v, int64_t i) {
    if (i < 0 || i >= bytearray_size(v)) return raise(t, PyExc_IndexError, "bytearray index out of range");
    return Ref::from_int(static_cast<uint8_t>(bytearray_data(v)[i]));
}
Ref bytearray_subscript(Thread& t, Value v, Value key) {
    if (key.is_int() || is_index(key)) {
        int64_t i = TRY(as_index(t, key, PyExc_IndexError));
        if (i < 0) i += bytearray_size(v);
        return bytearray_item(t, v, i);
    }
    if (has_type(key, &PySlice_Type)) return bytes_slice(t, v, key);
    return raise(t, PyExc_TypeError, "bytearray indices must be integers or slices, not %T", key);
}

Status bytearray_ass_item(Thread& t, Value self, int64_t i, Value value) {
    // First the value, whose __index__ may shrink the array.
    int c = value ? TRY(byte_arg(t, value)) : 0;
    if (i < 0 || i >= bytearray_size(self)) return raise(t, PyExc_IndexError, "bytearray index out of range");
    if (!value) return set_range(t, self, i, i + 1, nullptr, 0);
    bytearray_data(self)[i] = static_cast<char>(c);
    return Status::ok();
}

// self[start:stop:step] = p[0..n), or deletion when p is null and n 0.
Status assign_slice(Thread& t, Value self, int64_t start, int64_t stop, int64_t step, const void* p,
                    int64_t n) {
    int64_t count = slice_adjust(bytearray_size(self), &start, &stop, step);
    if (step == 1) return set_range(t, self, start, std::max(start, stop), p, n);
    char* data = bytearray_data(self);
    if (n == 0) {  // deletion: close the gaps from the left
        if (count == 0) return Status::ok();
        TRY(check_unlocked(t, as_array(self)));
        if (step < 0) {
            start += step * (count - 1);
            step = -step;
        }
        int64_t size = bytearray_size(self), to = start;
        for (int64_t i = 0; i < count; i++) {
            int64_t from = start + i * step + 1;
            int64_t until = i + 1 < count ? from - 1 + step : size;
            std::memmove(data + to, data + from, static_cast<size_t>(until - from));
            to += until - from;
        }
        return bytearray_resize(t, self, size - count);
    }
    if (n != count)
        return raise(t, PyExc_ValueError, "attempt to assign bytes of size %zd to extended slice of size %zd",
                     n, count);
    for (int64_t i = 0; i < count; i++) data[start + i * step] = static_cast<const char*>(p)[i];
    return Status::ok();
}

Status bytearray_ass_subscript(Thread& t, Value self, Value key, Value value) {
    if (key.is_int() || is_index(key)) {
        int64_t i = TRY(as_index(t, key, PyExc_IndexError));
        if (i < 0) i += bytearray_size(self);
        return bytearray_ass_item(t, self, i, value);
    }
    if (!has_type(key, &PySlice_Type))
        return raise(t, PyExc_TypeError, "bytearray indices must be integers or slices, not %T", key);
    int64_t start, stop, step;
    TRY(slice_unpack(t, key, &start, &stop, &step));
    if (!value) return assign_slice(t, self, start, stop, step, nullptr, 0);
    if (value != self && is_bytearray(value)) {
        Buffer b;
        TRY(b.acquire(t, value));
        return assign_slice(t, self, start, stop, step, b.data(), b.size());
    }
    if (is_str(value) || value.is_immediate() || (!has_buffer(value) && is_index(value)))
        return raise(t, PyExc_TypeError,
                     "can assign only bytes, buffers, or iterables of ints in range(0, 256)");
    BytesBuilder copy(t);
    TRY(bytes_put_source(t, copy, value, "bytearray"));
    return assign_slice(t, self, start, stop, step, copy.data(), copy.size());
}

}  // namespace

Ref bytearray_concat(Thread& t, Value a, Value b) {
    if (!has_buffer(a) || !has_buffer(b)) return raise(t, PyExc_TypeError, "can't concat %T to %T", b, a);
    Buffer x, y;
    if (!x.acquire(t, a) || !y.acquire(t, b)) return raise(t, PyExc_TypeError, "can't concat %T to %T", b, a);
    if (x.size() > INT64_MAX - y.size()) return raise_no_memory(t);
    Ref r = TRY(new_array(t, &PyByteArray_Type, x.size() + y.size()));
    if (x.size()) std::memcpy(bytearray_data(r), x.data(), static_cast<size_t>(x.size()));
    if (y.size()) std::memcpy(bytearray_data(r) + x.size(), y.data(), static_cast<size_t>(y.size()));
    return r;
}

namespace {

Ref bytearray_iconcat(Thread& t, Value self, Value other) {
    if (!has_buffer(other)) return raise(t, PyExc_TypeError, "can't concat %T to %T", other, self);
    Buffer b;
    if (!b.acquire(t, other)) return raise(t, PyExc_TypeError, "can't concat %T to %T", other, self);
    TRY(append_bytes(t, self, b.data(), b.size()));
    return Ref::share(self);
}

Ref bytearray_repeat(Thread& t, Value v, int64_t count) {
    int64_t total;
    if (__builtin_mul_overflow(bytearray_size(v), count < 0 ? 0 : count, &total)) return raise_no_memory(t);
    Ref b = TRY(bytes_repeat_new(t, v, count));
    return bytearray_from(t, bytes_data(b), static_cast<size_t>(bytes_size(b)));
}
Ref bytearray_irepeat(Thread& t, Value v, int64_t count) {
    int64_t n = bytearray_size(v), total;
    if (count < 0) count = 0;
    if (__builtin_mul_overflow(n, count, &total)) return raise_no_memory(t);
    TRY(bytearray_resize(t, v, total));
    char* p = bytearray_data(v);
    for (int64_t done = n; done < total;) {
        int64_t more = std::min(done, total - done);
        std::memcpy(p + done, p, static_cast<size_t>(more));
        done += more;
    }
    return Ref::share(v);
}

Ref bytearray_remainder(Thread& t, Value a, Value b) {
    if (!is_bytearray(a)) return not_implemented_ref();
    Buffer format;
    TRY(format.acquire(t, a));
    Ref r = TRY(bytes_format(t, span_of(a), b));
    return bytearray_from(t, bytes_data(r), static_cast<size_t>(bytes_size(r)));
}

Status bytearray_getbuffer(Thread& t, Value v, Py_buffer* view, int flags) {
    TRY(fill_buffer_info(t, view, v, bytearray_data(v), bytearray_size(v), false, flags));
    as_array(v)->ob_exports++;
    return Status::ok();
}
void bytearray_releasebuffer(Thread&, Value v, Py_buffer*) { as_array(v)->ob_exports--; }

// --- methods of bytearray alone ---

Ref m_append(Thread& t, Value self, Value item) {
    int c = TRY(byte_arg(t, item));
    int64_t n = bytearray_size(self);
    TRY(bytearray_resize(t, self, n + 1));
    bytearray_data(self)[n] = static_cast<char>(c);
    return none_ref();
}
Ref m_clear(Thread& t, Value self) {
    TRY(bytearray_resize(t, self, 0));
    return none_ref();
}
Ref m_copy(Thread& t, Value self) {
    return bytearray_from(t, bytearray_data(self), static_cast<size_t>(bytearray_size(self)));
}
Ref m_extend(Thread& t, Value self, Value items) {
    Ref copy;  // its own buffer would keep it from growing
    if (items == self) items = copy = TRY(m_copy(t, self));
    if (has_buffer(items)) {
        int64_t end = bytearray_size(self);  // where it belongs, even if __buffer__ makes the array grow
        Buffer b;
        if (!b.acquire(t, items))
            return raise(t, PyExc_TypeError, "can't set bytearray slice from %T", items);
        end = std::min(end, bytearray_size(self));
        TRY(set_range(t, self, end, end, b.data(), b.size()));
        return none_ref();
    }
    if (is_str(items)) return raise(t, PyExc_TypeError, "expected iterable of integers; got: 'str'");
    Ref it = iter(t, items);
    if (!it) {
        if (error_is(t, PyExc_TypeError)) {
            clear_error(t);
            return raise(t, PyExc_TypeError, "can't extend bytearray with %T", items);
        }
        return {};
    }
    // Only for its errors: guesses are no reason to allocate.
    TRY_DISCARD(length_hint(t, items, 0));
    BytesBuilder out(t);
    TRY(bytes_put_iterable(t, out, it, "byte"));
    TRY(append_bytes(t, self, out.data(), out.size()));
    return none_ref();
}
Ref m_insert(Thread& t, Value self, const Value* args, size_t) {
    int64_t at = TRY(ssize_arg(t, args[0]));
    int c = TRY(byte_arg(t, args[1]));
    int64_t n = bytearray_size(self);
    if (at < 0) at = std::max<int64_t>(at + n, 0);
    at = std::min(at, n);
    TRY(bytearray_resize(t, self, n + 1));
    char* p = bytearray_data(self);
    std::memmove(p + at + 1, p + at, static_cast<size_t>(n - at));
    p[at] = static_cast<char>(c);
    return none_ref();
}
Ref m_pop(Thread& t, Value self, const Value* args, size_t nargs) {
    int64_t at = nargs ? TRY(ssize_arg(t, args[0])) : -1;
    int64_t n = bytearray_size(self);
    if (n == 0) return raise(t, PyExc_IndexError, "pop from empty bytearray");
    if (at < 0) at += n;
    if (at < 0 || at >= n) return raise(t, PyExc_IndexError, "pop index out of range");
    int64_t c = static_cast<uint8_t>(bytearray_data(self)[at]);
    TRY(set_range(t, self, at, at + 1, nullptr, 0));
    return Ref::from_int(c);
}
Ref m_remove(Thread& t, Value self, Value item) {
    int c = TRY(byte_arg(t, item));
    int64_t n = bytearray_size(self);
    auto* at = n ? static_cast<char*>(std::memchr(bytearray_data(self), c, static_cast<size_t>(n))) : nullptr;
    if (!at) return raise(t, PyExc_ValueError, "value not found in bytearray");
    int64_t i = at - bytearray_data(self);
    TRY(set_range(t, self, i, i + 1, nullptr, 0));
    return none_ref();
}
Ref m_resize(Thread& t, Value self, Value size_arg) {
    int64_t size = TRY(ssize_arg(t, size_arg)), old = bytearray_size(self);
    if (size < 0) return raise(t, PyExc_ValueError, "Can only resize to positive sizes, got %zd", size);
    TRY(bytearray_resize(t, self, size));
    if (size > old) std::memset(bytearray_data(self) + old, 0, static_cast<size_t>(size - old));
    return none_ref();
}
Ref m_reverse(Thread&, Value self) {
    std::reverse(bytearray_data(self), bytearray_data(self) + bytearray_size(self));
    return none_ref();
}
Ref m_alloc(Thread&, Value self) { return Ref::from_int(as_array(self)->ob_alloc); }
Ref m_sizeof(Thread&, Value self) {
    return Ref::from_int(type_of(self)->tp_basicsize + as_array(self)->ob_alloc);
}
Ref reduce(Thread& t, Value self, int protocol) {
    Ref state = TRY(call_method(t, self, ID(__getstate__)));
    auto n = static_cast<size_t>(bytearray_size(self));
    Ref args;
    if (n == 0) {
        args = Ref::share(empty_tuple());
    } else if (protocol < 3) {
        Ref text = TRY(str_from_latin1(t, bytearray_data(self), n));
        Ref name = TRY(str_from(t, "latin-1"));
        args = TRY(tuple_of(t, {text, name}));
    } else {
        Ref bytes = TRY(bytes_from(t, bytearray_data(self), n));
        args = TRY(tuple_of(t, {bytes}));
    }
    return tuple_of(t, {Value(type_of(self)), args, state});
}
Ref m_reduce(Thread& t, Value self) { return reduce(t, self, 2); }
Ref m_reduce_ex(Thread& t, Value self, const Value* args, size_t nargs) {
    return reduce(t, self, nargs ? TRY(as_int32(t, args[0])) : 0);
}
Ref m_fromhex(Thread& t, Value cls, Value text) {
    Ref bytes = TRY(bytes_from_hex(t, text));
    if (cls == Value(&PyByteArray_Type))
        return bytearray_from(t, bytes_data(bytes), static_cast<size_t>(bytes_size(bytes)));
    return call(t, cls, {bytes});
}

// --- iterator ---

IndexIterObject* as_iter(Value v) { return v.as<IndexIterObject>(); }
Ref bytearray_iter(Thread& t, Value v) { return index_iter_alloc(t, &bytearray_iterator_type, v, 0); }
Ref next_byte(Thread&, Value self) {
    auto* it = as_iter(self);
    if (it->index < 0 || !it->seq) return {};
    if (it->index < bytearray_size(it->seq))
        return Ref::from_int(static_cast<uint8_t>(bytearray_data(it->seq)[it->index++]));
    it->index = -1;
    Value seq = it->seq;
    it->seq = Value();
    decref(seq);
    return {};
}
Ref iter_hint(Thread&, Value self) {
    auto* it = as_iter(self);
    return Ref::from_int(it->seq ? std::max<int64_t>(bytearray_size(it->seq) - it->index, 0) : 0);
}
Ref iter_reduce(Thread& t, Value self) { return reduce_as_iter(t, as_iter(self)->seq, as_iter(self)->index); }
Ref iter_setstate(Thread& t, Value self, Value state) {
    if (!is_long(state)) return raise(t, PyExc_TypeError, "an integer is required");
    int64_t i = TRY(ssize_arg(t, state));
    auto* it = as_iter(self);
    if (it->seq) it->index = std::clamp<int64_t>(i, 0, bytearray_size(it->seq));
    return none_ref();
}
const NativeDef iterator_methods[] = {
    def<iter_hint>("__length_hint__", "()", "How many bytes are left."),
    def<iter_reduce>("__reduce__", "()", "State for pickling."),
    def<iter_setstate>("__setstate__", "(object, /)", "Set the position from a pickled state."),
    {},
};

#define METHOD(name, signature, doc) def<bytes_methods::name>(#name, signature, doc),
const NativeDef methods[] = {
    def<m_alloc>("__alloc__", "()", "How many bytes are allocated."),
    def<m_reduce>("__reduce__", "()", "State for pickling."),
    def<m_reduce_ex>("__reduce_ex__", "(proto=0, /)", "State for pickling with a protocol."),
    def<m_sizeof>("__sizeof__", "()", "The size of this object in memory, in bytes."),
    def<m_append>("append", "(item, /)", "Add one byte at the end."),
    def<m_clear>("clear", "()", "Remove everything."),
    def<m_copy>("copy", "()", "A copy."),
    def<m_extend>("extend", "(iterable_of_ints, /)", "Add the bytes of an iterable at the end."),
    def<m_insert>("insert", "(index, item, /)", "Insert one byte before index."),
    def<m_pop>("pop", "(index=-1, /)", "Remove the byte at index and return it."),
    def<m_remove>("remove", "(value, /)", "Remove the first byte of this value."),
    def<m_resize>("resize", "(size, /)", "Change the size; new bytes are zero."),
    def<m_reverse>("reverse", "()", "Reverse the order in place."),
    BYTES_METHODS(METHOD) def<m_fromhex>(
        "fromhex", "(string, /)", "A bytearray from hexadecimal digits; whitespace is skipped.", kMethClass),
    def<bytes_methods::maketrans>("maketrans", "(frm, to, /)", "A table for translate().", kMethStatic),
    {},
};

}  // namespace

Status init_builtin_bytearray(Thread& t) {
    static const TypeDecl decl = {
        .name = "bytearray",
        .basicsize = sizeof(PyByteArrayObject),
        .flags = kTpDefault | kTpBaseType | kTpMatchSelf,
        .slots = {.dealloc = bytearray_dealloc,
                  .repr = bytearray_repr,
                  .str = bytearray_str,
                  .hash = hash_not_implemented,
                  .richcompare = bytes_compare,
                  .iter = bytearray_iter,
                  .init = bytearray_init,
                  .new_ = bytearray_tp_new,
                  .nb_remainder = bytearray_remainder,
                  .mp_length = bytearray_len,
                  .mp_subscript = bytearray_subscript,
                  .mp_ass_subscript = bytearray_ass_subscript,
                  .sq_length = bytearray_len,
                  .sq_concat = bytearray_concat,
                  .sq_repeat = bytearray_repeat,
                  .sq_item = bytearray_item,
                  .sq_ass_item = bytearray_ass_item,
                  .sq_contains = bytes_contains,
                  .sq_inplace_concat = bytearray_iconcat,
                  .sq_inplace_repeat = bytearray_irepeat,
                  .getbuffer = bytearray_getbuffer,
                  .releasebuffer = bytearray_releasebuffer},
        .spec =
            {.methods = methods,
             .doc = "bytearray(source=b'', encoding, errors): bytes that can change.\n\n"
                    "The source is an iterable of integers, text with its encoding, an object with a buffer, "
                    "or a number of zero bytes."},
    };
    static const TypeDecl iterator = {
        .name = "bytearray_iterator",
        .basicsize = sizeof(IndexIterObject),
        .flags = kTpDefault | kTpHaveGC,
        .slots = {.dealloc = index_iter_dealloc,
                  .traverse = index_iter_traverse,
                  .iter = iter_self,
                  .iternext = next_byte},
        .spec = {.methods = iterator_methods},
    };
    init_static_type(PyByteArray_Type, decl);
    TRY(ready_type(t, &PyByteArray_Type));
    init_static_type(bytearray_iterator_type, iterator);
    return ready_type(t, &bytearray_iterator_type);
}

}  // namespace krait

// What C code calls it.
extern "C" __attribute__((visibility("default"),
                          alias("_ZN5krait23bytearray_iterator_typeE"))) krait::Type PyByteArrayIter_Type;
