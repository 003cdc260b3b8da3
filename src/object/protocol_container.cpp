// Subscription, iteration, membership, length, buffers.
#include <cstring>
#include <utility>

#include "builtins/callable.h"
#include "builtins/dict.h"
#include "builtins/iterators.h"
#include "builtins/list.h"
#include "builtins/number.h"
#include "builtins/str.h"
#include "builtins/tuple.h"
#include "gc/gc.h"
#include "object/errors.h"
#include "object/internal.h"
#include "object/names.h"
#include "object/protocol.h"

namespace krait {

namespace {
const Slots& slots_of(Value v) { return ext(type_of(v))->slots; }
const char* type_name(Value v) { return type_of(v)->tp_name; }
}  // namespace

Result<int64_t> length(Thread& t, Value v) {
    const Slots& s = slots_of(v);
    LengthFn fn = s.sq_length ? s.sq_length : s.mp_length;
    if (fn) return fn(t, v);
    return raise(t, PyExc_TypeError, "object of type '%.200s' has no len()", type_name(v));
}

Result<int64_t> length_hint(Thread& t, Value v, int64_t default_value) {
    const Slots& s = slots_of(v);
    if (s.sq_length || s.mp_length) {
        auto n = length(t, v);
        if (n) return n;
        if (!clear_if(t, PyExc_TypeError)) return {};
    }
    Ref method = TRY(lookup_special(t, v, ID(__length_hint__)));
    if (!method) return default_value;
    Ref r = call(t, method);
    if (!r) {
        if (clear_if(t, PyExc_TypeError)) return default_value;
        return {};
    }
    if (r.get() == not_implemented()) return default_value;
    if (!is_long(r))
        return raise(t, PyExc_TypeError, "__length_hint__ must be an integer, not %.100s", type_name(r));
    int64_t n;
    if (!int_to_i64(r, &n))
        return raise(t, PyExc_OverflowError, "Python int too large to convert to C ssize_t");
    if (n < 0) return raise(t, PyExc_ValueError, "__length_hint__() should return >= 0");
    return n;
}

// A sequence's item; negative indices count from the end where the type knows its length.
static Result<int64_t> normalize(Thread& t, const Slots& s, Value v, int64_t i) {
    if (i >= 0 || !s.sq_length) return i;
    return i + TRY(s.sq_length(t, v));
}

Ref get_item(Thread& t, Value v, Value key) {
    const Slots& s = slots_of(v);
    if (s.mp_subscript) return s.mp_subscript(t, v, key);
    if (s.sq_item) {
        if (!is_index(key))
            return raise(t, PyExc_TypeError, "sequence index must be integer, not '%.200s'", type_name(key));
        int64_t i = TRY(as_index(t, key, PyExc_IndexError));
        i = TRY(normalize(t, s, v, i));
        return s.sq_item(t, v, i);
    }
    if (is_type(v)) {
        if (v == Value(&PyType_Type)) return generic_alias_new(t, v, key);
        Ref method = TRY(lookup_attr(t, v, ID(__class_getitem__)));
        if (method && !is_none(method)) return call(t, method, {key});
        return raise(t, PyExc_TypeError, "type '%.200s' is not subscriptable", as_type(v)->tp_name);
    }
    return raise(t, PyExc_TypeError, "'%.200s' object is not subscriptable", type_name(v));
}

Ref get_item(Thread& t, Value v, int64_t i) {
    const Slots& s = slots_of(v);
    if (s.sq_item) {
        i = TRY(normalize(t, s, v, i));
        return s.sq_item(t, v, i);
    }
    if (s.mp_subscript) {
        Ref key = TRY(int_from(t, i));
        return s.mp_subscript(t, v, key);
    }
    return raise(t, PyExc_TypeError, "'%.200s' object does not support indexing", type_name(v));
}

Status set_item(Thread& t, Value v, Value key, Value value) {
    const Slots& s = slots_of(v);
    if (s.mp_ass_subscript) return s.mp_ass_subscript(t, v, key, value);
    if (s.sq_ass_item) {
        if (!is_index(key))
            return raise(t, PyExc_TypeError, "sequence index must be integer, not '%.200s'", type_name(key));
        int64_t i = TRY(as_index(t, key, PyExc_IndexError));
        i = TRY(normalize(t, s, v, i));
        return s.sq_ass_item(t, v, i, value);
    }
    if (value)
        return raise(t, PyExc_TypeError, "'%.200s' object does not support item assignment", type_name(v));
    // The wording tells types with sequence slots (as every Python class has) and an index from the rest.
    bool sequence =
        (type_of(v)->tp_flags & kTpHeapType) || s.sq_length || s.sq_item || s.sq_concat || s.sq_contains;
    return raise(t, PyExc_TypeError,
                 sequence && is_index(key) ? "'%.200s' object doesn't support item deletion"
                                           : "'%.200s' object does not support item deletion",
                 type_name(v));
}

Result<bool> sequence_contains_by_iteration(Thread& t, Value container, Value item) {
    Ref it = iter(t, container);
    if (!it) {
        if (clear_if(t, PyExc_TypeError))
            return raise(t, PyExc_TypeError, "argument of type '%.200s' is not a container or iterable",
                         type_name(container));
        return {};
    }
    for (;;) {
        Ref v = iter_next(t, it);
        if (!v) {
            if (t.has_exception()) return {};
            return false;
        }
        if (TRY(compare_bool(t, v, item, kEq))) return true;
    }
}

Result<bool> contains(Thread& t, Value container, Value item) {
    const Slots& s = slots_of(container);
    if (s.sq_contains) return s.sq_contains(t, container, item);
    return sequence_contains_by_iteration(t, container, item);
}

Ref iter(Thread& t, Value v) {
    UnaryFn fn = slots_of(v).iter;
    if (!fn) {
        if (is_sequence(v)) return seq_iter_new(t, v);
        return raise(t, PyExc_TypeError, "'%.200s' object is not iterable", type_name(v));
    }
    Ref it = TRY(fn(t, v));
    if (!is_iterator(it))
        return raise(t, PyExc_TypeError, "iter() returned non-iterator of type '%.100s'", type_name(it));
    return it;
}

// Stands where a class had a __next__ once: iterators that hold its instances go on to call the slot.
Ref next_not_implemented(Thread& t, Value v) {
    return raise(t, PyExc_TypeError, "'%.200s' object is not iterable", type_name(v));
}

bool is_iterator(Value v) {
    UnaryFn fn = slots_of(v).iternext;
    return fn && fn != next_not_implemented;
}

Ref iter_next(Thread& t, Value it) {
    if (it.is_ptr())
        if (Ref item = next_at_hand(it)) return item;
    UnaryFn fn = slots_of(it).iternext;
    if (!fn) return raise(t, PyExc_TypeError, "'%.200s' object is not an iterator", type_name(it));
    Ref r = fn(t, it);
    if (!r && t.has_exception()) clear_if(t, PyExc_StopIteration);
    return r;
}

Ref async_iter(Thread& t, Value v) {
    UnaryFn fn = slots_of(v).am_aiter;
    if (!fn) return raise(t, PyExc_TypeError, "'%.200s' object is not an async iterable", type_name(v));
    Ref it = TRY(fn(t, v));
    if (!slots_of(it).am_anext)
        return raise(t, PyExc_TypeError, "aiter() returned not an async iterator of type '%.100s'",
                     type_name(it));
    return it;
}

Ref to_list(Thread& t, Value iterable) {
    Ref list = TRY(list_new(t));
    TRY(list_extend(t, list, iterable));
    return list;
}

namespace {
// Items whose number is not known before (nobody asks for a hint): few of them stay on the C++ stack.
class Gathered {
  public:
    Gathered() = default;
    Gathered(const Gathered&) = delete;
    ~Gathered() {
        for (int64_t i = 0; i < size_; i++) decref(items_[i]);
        if (items_ != few_) mem_free(items_);
    }
    Status add(Thread& t, Ref item) {
        if (size_ == room_) TRY(grow(t));
        items_[size_++] = item.release();
        return Status::ok();
    }
    Ref take(Thread& t) { return tuple_from_owned(t, items_, std::exchange(size_, 0)); }

  private:
    Status grow(Thread& t) {
        auto bytes = static_cast<size_t>(room_) * sizeof(Value);
        bool first = items_ == few_;
        auto* more = static_cast<Value*>(first ? mem_alloc(bytes * 4) : mem_realloc(items_, bytes * 2));
        if (!more) return raise_no_memory(t);
        if (first) memcpy(static_cast<void*>(more), few_, bytes);
        items_ = more;
        room_ *= first ? 4 : 2;
        return Status::ok();
    }
    static constexpr int64_t kFew = 8;
    Value few_[kFew];
    Value* items_ = few_;
    int64_t size_ = 0, room_ = kFew;
};
}  // namespace

Ref to_tuple(Thread& t, Value iterable) {
    if (is_tuple_exact(iterable)) return Ref::share(iterable);
    if (is_list_exact(iterable)) return list_to_tuple(t, iterable);
    Ref it = TRY(iter(t, iterable));
    Gathered items;
    for (;;) {
        Ref item = iter_next(t, it);
        if (!item) break;
        TRY(items.add(t, std::move(item)));
    }
    if (occurred(t)) return {};
    return items.take(t);
}

Ref sequence_fast(Thread& t, Value v, const char* message) {
    if (is_list_exact(v) || is_tuple_exact(v)) return Ref::share(v);
    Ref it = iter(t, v);
    if (!it) {
        if (message && clear_if(t, PyExc_TypeError)) return raise(t, PyExc_TypeError, "%s", message);
        return {};
    }
    return to_list(t, it);
}

bool is_mapping(Value v) { return slots_of(v).mp_subscript != nullptr; }
bool is_sequence(Value v) {
    if (is_dict(v)) return false;
    return slots_of(v).sq_item != nullptr;
}

static Ref mapping_view_list(Thread& t, Value v, Value method) {
    Ref r = TRY(call_method(t, v, method));
    if (is_list_exact(r)) return r;
    Ref it = iter(t, r);
    if (!it) {
        if (clear_if(t, PyExc_TypeError))
            return raise(t, PyExc_TypeError, "%.200s.%U() returned a non-iterable (type %.200s)",
                         type_name(v), method, type_name(r));
        return {};
    }
    return to_list(t, it);
}
Ref mapping_keys(Thread& t, Value v) {
    return is_dict_exact(v) ? dict_keys_list(t, v) : mapping_view_list(t, v, ID(keys));
}
Ref mapping_items(Thread& t, Value v) {
    return is_dict_exact(v) ? dict_items_list(t, v) : mapping_view_list(t, v, ID(items));
}

// --- buffers ---

bool has_buffer(Value v) { return slots_of(v).getbuffer != nullptr; }

// Kinds of access to a file of C, and no flags for a buffer.
constexpr int kBufRead = 0x100, kBufWrite = 0x200;

Status get_buffer(Thread& t, Value v, Py_buffer* out, int flags) {
    if (flags == kBufRead || flags == kBufWrite) return bad_internal_call(t, "../Objects/abstract.c:433");
    GetBufferFn fn = slots_of(v).getbuffer;
    if (!fn) return raise(t, PyExc_TypeError, "a bytes-like object is required, not '%.100s'", type_name(v));
    return fn(t, v, out, flags);
}

void release_buffer(Thread& t, Py_buffer* view) {
    PyObject* o = view->obj;
    if (!o) return;
    if (ReleaseBufferFn fn = slots_of(Value(o)).releasebuffer) fn(t, Value(o), view);
    view->obj = nullptr;
    decref(o);
}

Status fill_buffer_info(Thread& t, Py_buffer* view, Value owner, void* buf, int64_t len, bool readonly,
                        int flags) {
    if (flags == kBufRead || flags == kBufWrite) return bad_internal_call(t, "../Objects/abstract.c:775");
    if ((flags & kBufWritable) && readonly) return raise(t, PyExc_BufferError, "Object is not writable.");
    view->obj = owner ? Ref::share(owner).release().ptr() : nullptr;
    view->buf = buf;
    view->len = len;
    view->readonly = readonly;
    view->itemsize = 1;
    view->format = (flags & kBufFormat) ? const_cast<char*>("B") : nullptr;
    view->ndim = 1;
    view->shape = (flags & kBufNd) ? &view->len : nullptr;
    view->strides = (flags & kBufStrides) == kBufStrides ? &view->itemsize : nullptr;
    view->suboffsets = nullptr;
    view->internal = nullptr;
    return Status::ok();
}

}  // namespace krait
