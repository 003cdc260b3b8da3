// Pickling of values of the built-in types, and the choice of what else to do.
#include <cstdarg>
#include <cstdio>
#include <cstring>

#include "builtins/bytes.h"
#include "builtins/memoryview.h"
#include "builtins/set.h"
#include "modules/pickle/pickle.h"

namespace krait::pickle {

namespace {

constexpr int64_t kBatch = 1000;
constexpr int kFastNesting = 50;  // from this depth on, fast mode looks for cycles

// opcode, then the size in `bytes` bytes.
int64_t size_header(char* out, Op op, uint64_t size, int bytes) {
    out[0] = static_cast<char>(op);
    for (int i = 0; i < bytes; i++) out[1 + i] = static_cast<char>(size >> (8 * i));
    return 1 + bytes;
}

Status save_bool(Thread& t, Pickler* p, Value v) {
    bool yes = v == boolean(true);
    if (p->proto >= 2) return put_op(t, p, yes ? kNewTrue : kNewFalse);
    return put(t, p, yes ? "I01\n" : "I00\n", 4);
}

Status save_big_int(Thread& t, Pickler* p, Value v) {
    int64_t n = (int_bit_length(v) >> 3) + 1;
    if (n > INT32_MAX) return raise(t, PyExc_OverflowError, "int too large to pickle");
    auto* digits = static_cast<unsigned char*>(mem_alloc(static_cast<size_t>(n)));
    if (!digits) return raise_no_memory(t);
    Status done = int_to_bytes(t, v, digits, static_cast<size_t>(n), true, true);
    if (done) {
        // The last byte is not needed where it only repeats a sign.
        if (n > 1 && int_sign(v) < 0 && digits[n - 1] == 0xff && (digits[n - 2] & 0x80)) n--;
        char header[5];
        int64_t size =
            size_header(header, n < 256 ? kLong1 : kLong4, static_cast<uint64_t>(n), n < 256 ? 1 : 4);
        done = put(t, p, header, size);
        if (done) done = put(t, p, digits, n);
    }
    mem_free(digits);
    return done;
}

Status save_int(Thread& t, Pickler* p, Value v) {
    int64_t n;
    if (int_to_i64(v, &n) && n >= INT32_MIN && n <= INT32_MAX) {
        char text[32];
        if (!p->bin) return put(t, p, text, snprintf(text, sizeof text, "%c%ld\n", kInt, n));
        int bytes = n < 0 || n > 0xffff ? 4 : n > 0xff ? 2 : 1;
        Op op = bytes == 4 ? kBinInt : bytes == 2 ? kBinInt2 : kBinInt1;
        return put_word(t, p,
                        static_cast<uint64_t>(op) | static_cast<uint64_t>(static_cast<uint32_t>(n)) << 8,
                        1 + bytes);
    }
    if (p->proto >= 2) return save_big_int(t, p, v);
    Ref digits = TRY(repr(t, v));
    std::string_view s = TRY(str_utf8(t, digits));
    TRY(put_op(t, p, kLong));
    TRY(put(t, p, s.data(), static_cast<int64_t>(s.size())));
    return put(t, p, "L\n", 2);
}

Status save_float(Thread& t, Pickler* p, double d) {
    if (p->bin) {
        TRY(put_op(t, p, kBinFloat));
        return put_word(t, p, __builtin_bswap64(std::bit_cast<uint64_t>(d)), 8);
    }
    char* text = double_to_text(d, 'r', 0, false, false, true);
    if (!text) return raise_no_memory(t);
    Status done = put_op(t, p, kFloat);
    if (done) done = put(t, p, text, static_cast<int64_t>(strlen(text)));
    if (done) done = put(t, p, "\n", 1);
    mem_free(text);
    return done;
}

Status put_bytes(Thread& t, Pickler* p, Value obj, const char* data, int64_t size, Value payload) {
    char header[9];
    int64_t n;
    if (size <= 0xff)
        n = size_header(header, kShortBinBytes, static_cast<uint64_t>(size), 1);
    else if (size <= UINT32_MAX)
        n = size_header(header, kBinBytes, static_cast<uint64_t>(size), 4);
    else if (p->proto >= 4)
        n = size_header(header, kBinBytes8, static_cast<uint64_t>(size), 8);
    else
        return raise(t, PyExc_OverflowError,
                     "serializing a bytes object larger than 4 GiB requires pickle protocol 4 or higher");
    TRY(put_data(t, p, header, n, data, size, payload));
    return memo_put(t, p, obj);
}
Status put_bytearray(Thread& t, Pickler* p, Value obj, const char* data, int64_t size, Value payload) {
    char header[9];
    int64_t n = size_header(header, kByteArray8, static_cast<uint64_t>(size), 8);
    TRY(put_data(t, p, header, n, data, size, payload));
    return memo_put(t, p, obj);
}

Status save_bytes(Thread& t, Pickler* p, Value v) {
    if (p->proto >= 3) return put_bytes(t, p, v, bytes_data(v), bytes_size(v), v);
    if (!bytes_size(v)) return save_reduced_call(t, p, Value(&PyBytes_Type), {}, v);
    Ref text = TRY(str_from_latin1(t, bytes_data(v), static_cast<size_t>(bytes_size(v))));
    Ref latin1 = TRY(str_intern(t, "latin1"));
    return save_reduced_call(t, p, g_state.codecs_encode, {text, latin1}, v);
}
Status save_bytearray(Thread& t, Pickler* p, Value v) {
    if (p->proto >= 5) {
        // Held meanwhile: a file's write() must not change its size.
        Buffer held;
        TRY(held.acquire(t, v));
        return put_bytearray(t, p, v, held.data(), held.size(), v);
    }
    if (!bytearray_size(v)) return save_reduced_call(t, p, Value(&PyByteArray_Type), {}, v);
    Ref bytes = TRY(bytes_from(t, bytearray_data(v), static_cast<size_t>(bytearray_size(v))));
    return save_reduced_call(t, p, Value(&PyByteArray_Type), {bytes}, v);
}

Status save_pickle_buffer(Thread& t, Pickler* p, Value v) {
    if (p->proto < 5)
        return raise(t, pickling_error(), "PickleBuffer can only be pickled with protocol >= 5");
    TRY_DISCARD(pickle_buffer_view(t, v));
    // Held all the time: the callback may release it.
    Buffer held;
    TRY(held.acquire(t, v, kBufFullRo));
    if (!buffer_is_contiguous(held.view()))
        return raise(t, pickling_error(),
                     "PickleBuffer can not be pickled when pointing to a non-contiguous buffer");
    bool in_band = true;
    if (p->buffer_callback) {
        Ref answer = TRY(call(t, p->buffer_callback, {v}));
        in_band = TRY(is_true(t, answer));
    }
    bool readonly = held.view().readonly;
    if (in_band) return (readonly ? put_bytes : put_bytearray)(t, p, v, held.data(), held.size(), v);
    TRY(put_op(t, p, kNextBuffer));
    return readonly ? put_op(t, p, kReadonlyBuffer) : Status::ok();
}

// Protocol 0: raw-unicode-escape, but without what would end the line or the file on some systems.
Status save_text_line(Thread& t, Pickler* p, Value v) {
    BytesBuilder out(t, str_length(v) + 2);
    TRY(out.put(static_cast<char>(kUnicode)));
    for (int64_t i = 0; i < str_length(v); i++) {
        uint32_t c = str_char(v, i);
        char text[16];
        if (c > 0xffff)
            TRY(out.append(text, static_cast<size_t>(snprintf(text, sizeof text, "\\U%08x", c))));
        else if (c > 0xff || c == '\\' || c == 0 || c == '\n' || c == '\r' || c == 0x1a)
            TRY(out.append(text, static_cast<size_t>(snprintf(text, sizeof text, "\\u%04x", c))));
        else
            TRY(out.put(static_cast<char>(c)));
    }
    TRY(out.put('\n'));
    TRY(put(t, p, out.data(), out.size()));
    return memo_put(t, p, v);
}

Status save_str(Thread& t, Pickler* p, Value v) {
    if (!p->bin) return save_text_line(t, p, v);
    Ref encoded;
    const char* data;
    int64_t size;
    if (str_is_ascii(v)) {
        data = static_cast<const char*>(str_data(v));
        size = str_length(v);
    } else {
        encoded = TRY(encode_utf8(t, v, "surrogatepass"));
        data = bytes_data(encoded);
        size = bytes_size(encoded);
    }
    char header[9];
    int64_t n;
    if (size <= 0xff && p->proto >= 4)
        n = size_header(header, kShortBinUnicode, static_cast<uint64_t>(size), 1);
    else if (size <= UINT32_MAX)
        n = size_header(header, kBinUnicode, static_cast<uint64_t>(size), 4);
    else if (p->proto >= 4)
        n = size_header(header, kBinUnicode8, static_cast<uint64_t>(size), 8);
    else
        return raise(t, PyExc_OverflowError,
                     "serializing a string larger than 4 GiB requires pickle protocol 4 or higher");
    TRY(put_data(t, p, header, n, data, size, encoded));
    return memo_put(t, p, v);
}

// --- containers ---

// In fast mode nothing is remembered, so that a cycle would never end.
struct FastGuard {
    FastGuard(Thread& t, Pickler* p) : t_(t), p_(p) {}
    Status enter(Value v) {
        key_ = TRY(int_from_u64(t_, v.bits));
        if (++p_->fast_nesting < kFastNesting) return Status::ok();
        Status ok = remember(v);
        if (!ok) p_->fast_nesting = -1;
        return ok;
    }
    Status leave() {
        if (p_->fast_nesting-- < kFastNesting || !p_->fast_memo) return Status::ok();
        TRY_DISCARD(dict_delete(t_, p_->fast_memo, key_));
        return Status::ok();
    }

  private:
    Status remember(Value v) {
        if (!p_->fast_memo) p_->fast_memo = TRY(dict_new(t_)).release();
        if (TRY(dict_contains(t_, p_->fast_memo, key_)))
            return raise(t_, PyExc_ValueError,
                         "fast mode: can't pickle cyclic objects including object type %.200s at %p",
                         type_of(v)->tp_name, v.ptr());
        return dict_set(t_, p_->fast_memo, key_, none());
    }
    Thread& t_;
    Pickler* p_;
    Ref key_;
};

Status save_list_items(Thread& t, Pickler* p, Value v) {
    if (list_size(v) == 0) return Status::ok();
    if (p->proto == 0 || !is_list_exact(v)) {
        Ref it = TRY(iter(t, v));
        return batch_list(t, p, it, v);
    }
    if (list_size(v) == 1) {
        Ref item = Ref::share(list_get(v, 0));
        TRY(save_item(t, p, item, v, 0));
        return put_op(t, p, kAppend);
    }
    int64_t i = 0;
    do {
        TRY(put_op(t, p, kMark));
        for (int64_t n = 0; n < kBatch && i < list_size(v); n++, i++) {
            Ref item = Ref::share(list_get(v, i));
            TRY(save_item(t, p, item, v, i));
        }
        TRY(put_op(t, p, kAppends));
    } while (i < list_size(v));
    return Status::ok();
}

Status save_pair(Thread& t, Pickler* p, Value key, Value value, Value of) {
    TRY(save(t, p, key));
    if (!save(t, p, value)) return add_note(t, "when serializing %#T item %R", of, key);
    return Status::ok();
}

Status save_dict_items(Thread& t, Pickler* p, Value v) {
    int64_t size = dict_size(v);
    if (size == 0) return Status::ok();
    if (p->proto == 0 || !is_dict_exact(v)) {
        static LazyName items("items");
        Ref view = TRY(call_method(t, v, items(t)));
        Ref it = TRY(iter(t, view));
        return batch_dict(t, p, it, v);
    }
    int64_t pos = 0, n;
    Value k, w;
    do {
        if (size > 1) TRY(put_op(t, p, kMark));
        for (n = 0; n < kBatch && dict_next(v, pos, k, w); n++) {
            Ref key = Ref::share(k), value = Ref::share(w);
            TRY(save_pair(t, p, key, value, v));
            if (size == 1) return put_op(t, p, kSetItem);
        }
        TRY(put_op(t, p, kSetItems));
        if (dict_size(v) != size)
            return raise(t, PyExc_RuntimeError, "dictionary changed size during iteration");
    } while (n == kBatch);
    return Status::ok();
}

template <Status (*Items)(Thread&, Pickler*, Value), Op Empty, Op Old>
Status save_container(Thread& t, Pickler* p, Value v) {
    FastGuard fast(t, p);
    bool guarded = p->fast != 0;
    if (guarded) TRY(fast.enter(v));
    if (p->bin) {
        TRY(put_op(t, p, Empty));
    } else {
        TRY(put_op(t, p, kMark));
        TRY(put_op(t, p, Old));
    }
    TRY(memo_put(t, p, v));
    TRY(Items(t, p, v));
    return guarded ? fast.leave() : Status::ok();
}

// A container whose items brought it into the memo is recursive: what they put on the stack is dropped again.
Status recursive(Thread& t, Pickler* p, int64_t pops, int64_t number) {
    for (; pops > 0; pops--) TRY(put_op(t, p, kPop));
    return memo_get(t, p, number);
}

Status save_tuple(Thread& t, Pickler* p, Value v) {
    int64_t n = tuple_size(v);
    if (n == 0) {
        if (p->proto) return put_op(t, p, kEmptyTuple);
        TRY(put_op(t, p, kMark));
        return put_op(t, p, kTuple);
    }
    bool small = n <= 3 && p->proto >= 2;
    if (!small) TRY(put_op(t, p, kMark));
    for (int64_t i = 0; i < n; i++) {
        Ref item = Ref::share(tuple_get(v, i));
        TRY(save_item(t, p, item, v, i));
    }
    if (const int64_t* number = p->memo->find(v)) {
        int64_t there = *number;
        if (small) return recursive(t, p, n, there);
        if (!p->bin) return recursive(t, p, n + 1, there);
        TRY(put_op(t, p, kPopMark));
        return memo_get(t, p, there);
    }
    constexpr Op kSmall[] = {kTuple, kTuple1, kTuple2, kTuple3};
    TRY(put_op(t, p, small ? kSmall[n] : kTuple));
    return memo_put(t, p, v);
}

Status save_set_batches(Thread& t, Pickler* p, Value v) {
    int64_t size = set_size(v), pos = 0, n;
    if (size == 0) return Status::ok();
    Value k;
    do {
        TRY(put_op(t, p, kMark));
        for (n = 0; n < kBatch && set_next(v, pos, k); n++) {
            Ref item = Ref::share(k);
            if (!save(t, p, item)) return add_note(t, "when serializing %#T element", v);
        }
        TRY(put_op(t, p, kAddItems));
        if (set_size(v) != size) return raise(t, PyExc_RuntimeError, "set changed size during iteration");
    } while (n == kBatch);
    return Status::ok();
}
Status save_set(Thread& t, Pickler* p, Value v) {
    if (p->proto < 4) {
        Ref items = TRY(to_list(t, v));
        return save_reduced_call(t, p, Value(&PySet_Type), {items}, v);
    }
    TRY(put_op(t, p, kEmptySet));
    TRY(memo_put(t, p, v));
    return save_set_batches(t, p, v);
}
Status save_frozenset(Thread& t, Pickler* p, Value v) {
    if (p->proto < 4) {
        Ref items = TRY(to_list(t, v));
        return save_reduced_call(t, p, Value(&PyFrozenSet_Type), {items}, v);
    }
    TRY(put_op(t, p, kMark));
    int64_t pos = 0;
    Value k;
    while (set_next(v, pos, k)) {
        Ref item = Ref::share(k);
        if (!save(t, p, item)) return add_note(t, "when serializing %#T element", v);
    }
    if (const int64_t* number = p->memo->find(v)) {
        int64_t there = *number;
        TRY(put_op(t, p, kPopMark));
        return memo_get(t, p, there);
    }
    TRY(put_op(t, p, kFrozenSet));
    return memo_put(t, p, v);
}

// --- the choice ---

Status save_type(Thread& t, Pickler* p, Value v) {
    for (Value single : {none(), ellipsis(), not_implemented()})
        if (v == Value(type_of(single))) return save_reduced_call(t, p, Value(&PyType_Type), {single}, v);
    return save_global(t, p, v, Value());
}

// True when a persistent id stands for the object.
Result<bool> save_persistent(Thread& t, Pickler* p, Value v) {
    Ref pid = TRY(call(t, p->persistent_id, {v}));
    if (is_none(pid)) return false;
    if (p->bin) {
        TRY(save(t, p, pid, true));
        TRY(put_op(t, p, kBinPersId));
        return true;
    }
    Ref text = TRY(str(t, pid));
    if (!str_is_ascii(text))
        return raise(t, pickling_error(), "persistent IDs in protocol 0 must be ASCII strings");
    TRY(put_op(t, p, kPersId));
    TRY(put(t, p, str_data(text), str_length(text)));
    TRY(put(t, p, "\n", 1));
    return true;
}

using SaveFn = Status (*)(Thread&, Pickler*, Value);
SaveFn builtin_saver(const PyTypeObject* type) {
    if (type == &PyDict_Type) return save_container<save_dict_items, kEmptyDict, kDict>;
    if (type == &PyList_Type) return save_container<save_list_items, kEmptyList, kList>;
    if (type == &PyTuple_Type) return save_tuple;
    if (type == &PySet_Type) return save_set;
    if (type == &PyFrozenSet_Type) return save_frozenset;
    if (type == &PyByteArray_Type) return save_bytearray;
    if (type == &PyPickleBuffer_Type) return save_pickle_buffer;
    return nullptr;
}

// What the object says of how to make it; empty without an exception: it is saved as a global.
Maybe reduced(Thread& t, Pickler* p, Value v, PyTypeObject* type) {
    Ref fn;
    if (!p->dispatch_table) {
        fn = TRY(dict_get(t, g_state.dispatch_table, Value(type)));
    } else if (is_dict_exact(p->dispatch_table)) {
        fn = TRY(dict_get(t, p->dispatch_table, Value(type)));
    } else {
        fn = get_item(t, p->dispatch_table, Value(type));
        if (!fn && !clear_if(t, PyExc_KeyError)) return {};
    }
    if (fn) return call(t, fn, {v});
    if (is_subtype(type, &PyType_Type)) return Maybe::absent();
    fn = TRY(lookup_attr(t, v, ID(__reduce_ex__)));
    if (fn) return call(t, fn, {Value::from_int(p->proto)});
    fn = TRY(lookup_attr(t, v, ID(__reduce__)));
    if (fn) return call(t, fn);
    return raise(t, pickling_error(), "Can't pickle %#T object", v);
}

Status save_by_reduce(Thread& t, Pickler* p, Value v, Ref how) {
    if (is_str(how)) return save_global(t, p, v, how);
    if (!is_tuple(how)) {
        raise(t, pickling_error(), "__reduce__ must return a string or tuple, not %#T", how.get());
        return add_note(t, "when serializing %#T object", v);
    }
    if (!save_reduce(t, p, how, v)) return add_note(t, "when serializing %#T object", v);
    return Status::ok();
}

}  // namespace

Status save(Thread& t, Pickler* p, Value v, bool no_persistent_id) {
    TRY(opcode_boundary(t, p));
    if (!no_persistent_id && p->persistent_id && TRY(save_persistent(t, p, v))) return Status::ok();
    if (is_none(v)) return put_op(t, p, kNone);
    if (is_bool(v)) return save_bool(t, p, v);
    if (is_long_exact(v)) return save_int(t, p, v);
    double d;
    if (is_exact_double(v, &d)) return save_float(t, p, d);
    if (const int64_t* number = p->memo->find(v)) return memo_get(t, p, *number);
    PyTypeObject* type = type_of(v);
    if (type == &PyUnicode_Type) return save_str(t, p, v);
    if (type == &PyBytes_Type) return save_bytes(t, p, v);

    if (stack_is_low(t)) [[unlikely]]
        return with_more_stack<save, kSomeMoreStack>(t, " while pickling an object", p, v, true);
    if (SaveFn fn = builtin_saver(type)) return fn(t, p, v);
    Ref how;
    if (p->reducer_override) {
        Ref fn = Ref::share(p->reducer_override);
        how = TRY(call(t, fn, {v}));
        if (how == not_implemented()) how.reset();
    }
    if (!how) {
        if (type == &PyType_Type) return save_type(t, p, v);
        if (type == &PyFunction_Type) return save_global(t, p, v, Value());
        how = TRY(reduced(t, p, v, type));
        if (!how) return save_global(t, p, v, Value());
    }
    return save_by_reduce(t, p, v, std::move(how));
}

}  // namespace krait::pickle
