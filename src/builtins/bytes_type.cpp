// The type bytes and its iterator.
#include <algorithm>

#include "builtins/bytes_internal.h"
#include "builtins/iterators.h"
#include "builtins/tuple.h"
#include "gc/alloc.h"
#include "object/names.h"

krait::Type PyBytes_Type;

namespace krait {

Type bytes_iterator_type;

namespace {

// --- construction ---

Ref subclass_instance(Thread& t, PyTypeObject* type, Value bytes) {
    int64_t n = bytes_size(bytes);
    Ref r = TRY(alloc(t, type, n));
    auto* b = r.as<PyBytesObject>();
    b->ob_shash = -1;
    std::memcpy(b->ob_sval, bytes_data(bytes), static_cast<size_t>(n) + 1);
    return r;
}

Ref from_dunder_bytes(Thread& t, Value source, bool* found) {
    *found = false;
    if (source.is_immediate()) return none_ref();
    Ref method = TRY(lookup_special(t, source, ID(__bytes__)));
    if (!method) return none_ref();
    *found = true;
    Ref r = TRY(call(t, method));
    if (!is_bytes(r)) return raise(t, PyExc_TypeError, "__bytes__ returned non-bytes (type %T)", r.get());
    return r;
}

Ref make(Thread& t, Value source, Value encoding, Value errors) {
    Ref made;
    if (TRY(bytes_from_text(t, "bytes", source, encoding, errors, made))) return made;
    if (!source) return bytes_from(t, nullptr, 0);
    if (has_type(source, &PyBytes_Type)) return Ref::share(source);
    bool found;
    made = TRY(from_dunder_bytes(t, source, &found));
    if (found) return made;
    if (is_str(source)) return raise(t, PyExc_TypeError, "string argument without an encoding");
    BytesBuilder out(t);
    TRY(bytes_put_source(t, out, source, "bytes"));
    return out.finish();
}

Ref bytes_tp_new(Thread& t, PyTypeObject* type, const Value* args, size_t nargs, Value kwnames) {
    Value p[3];
    Ref keep;
    if (nargs <= 1 && !kwnames)
        p[0] = nargs ? args[0] : Value();
    else
        TRY(bind_args(t, "bytes", "(source=b'', encoding='utf-8', errors='strict')", args, nargs, kwnames, p,
                      keep));
    Ref r = TRY(make(t, p[0], p[1], p[2]));
    if (type == &PyBytes_Type) return r;
    return subclass_instance(t, type, r);
}

void bytes_dealloc(Thread& t, PyObject* o) { free_plain(t, o, &PyBytes_Type, false); }

// --- slots ---

Ref bytes_repr(Thread& t, Value v) { return bytes_repr_text(t, span_of(v), false); }
Ref bytes_str(Thread& t, Value v) {
    TRY(warn_bytes(t, "str() on a bytes instance"));
    return bytes_repr(t, v);
}
Result<int64_t> bytes_hash(Thread&, Value v) {
    auto* b = v.as<PyBytesObject>();
    if (b->ob_shash == -1) b->ob_shash = hash_bytes(b->ob_sval, static_cast<size_t>(b->ob_base.ob_size));
    return b->ob_shash;
}

Ref bytes_richcompare(Thread& t, Value a, Value b, CompareOp op) {
    if (!is_bytes(a) || !is_bytes(b)) {
        if ((op == kEq || op == kNe) && bytes_warning_level()) {
            if (is_str(a) || is_str(b)) TRY(warn_bytes(t, "Comparison between bytes and string"));
            if (is_long(a) || is_long(b)) TRY(warn_bytes(t, "Comparison between bytes and int"));
        }
        return not_implemented_ref();
    }
    int64_t na = bytes_size(a), nb = bytes_size(b);
    int c = a == b ? 0 : std::memcmp(bytes_data(a), bytes_data(b), static_cast<size_t>(std::min(na, nb)));
    if (c == 0) c = na < nb ? -1 : na > nb;
    bool answers[] = {c < 0, c <= 0, c == 0, c != 0, c > 0, c >= 0};
    return bool_ref(answers[op]);
}

Result<int64_t> bytes_len(Thread&, Value v) { return bytes_size(v); }
Ref bytes_item(Thread& t, Value v, int64_t i) {
    if (i < 0 || i >= bytes_size(v)) return raise(t, PyExc_IndexError, "index out of range");
    return Ref::from_int(static_cast<uint8_t>(bytes_data(v)[i]));
}
Ref bytes_subscript(Thread& t, Value v, Value key) {
    if (key.is_int() || is_index(key)) {
        int64_t i = TRY(as_index(t, key, PyExc_IndexError));
        if (i < 0) i += bytes_size(v);
        return bytes_item(t, v, i);
    }
    if (has_type(key, &PySlice_Type)) return bytes_slice(t, v, key);
    return raise(t, PyExc_TypeError, "byte indices must be integers or slices, not %T", key);
}

Ref concatenated(Thread& t, std::string_view a, std::string_view b) {
    if (a.size() > INT64_MAX - b.size()) return raise_no_memory(t);
    Ref r = TRY(bytes_new(t, static_cast<int64_t>(a.size() + b.size())));
    std::memcpy(bytes_data(r), a.data(), a.size());
    std::memcpy(bytes_data(r) + a.size(), b.data(), b.size());
    return r;
}

}  // namespace

Ref bytes_concat(Thread& t, Value a, Value b) {
    if (has_type(b, &PyBytes_Type) && has_type(a, &PyBytes_Type)) {
        if (bytes_size(a) == 0) return Ref::share(b);
        if (bytes_size(b) == 0) return Ref::share(a);
        return concatenated(t, bytes_view(a), bytes_view(b));
    }
    if (!has_buffer(a) || !has_buffer(b)) return raise(t, PyExc_TypeError, "can't concat %T to %T", b, a);
    Buffer x, y;
    if (!x.acquire(t, a) || !y.acquire(t, b)) return raise(t, PyExc_TypeError, "can't concat %T to %T", b, a);
    return concatenated(t, {x.data(), static_cast<size_t>(x.size())},
                        {y.data(), static_cast<size_t>(y.size())});
}

namespace {

Ref bytes_repeat(Thread& t, Value v, int64_t count) {
    if (count == 1 && has_type(v, &PyBytes_Type)) return Ref::share(v);
    if (count <= 0 || bytes_size(v) == 0) {
        // Not the shared empty one, as the oracle has it.
        PyObject* o = alloc_raw(t, &PyBytes_Type, sizeof(PyBytesObject));
        if (!o) return {};
        auto* b = reinterpret_cast<PyBytesObject*>(o);
        b->ob_base.ob_size = 0;
        b->ob_shash = -1;
        b->ob_sval[0] = 0;
        return Ref::steal(Value(o));
    }
    return bytes_repeat_new(t, v, count);
}
Ref bytes_remainder(Thread& t, Value a, Value b) {
    if (!is_bytes(a)) return not_implemented_ref();
    return bytes_format(t, span_of(a), b);
}
Status bytes_getbuffer(Thread& t, Value v, Py_buffer* view, int flags) {
    return fill_buffer_info(t, view, v, bytes_data(v), bytes_size(v), true, flags);
}

// --- methods of bytes alone ---

Ref m_getnewargs(Thread& t, Value self) {
    Ref copy = TRY(bytes_from(t, bytes_data(self), static_cast<size_t>(bytes_size(self))));
    return tuple_of(t, {copy});
}
Ref m_bytes(Thread& t, Value self) {
    if (has_type(self, &PyBytes_Type)) return Ref::share(self);
    return bytes_from(t, bytes_data(self), static_cast<size_t>(bytes_size(self)));
}
Ref m_fromhex(Thread& t, Value cls, Value text) {
    Ref r = TRY(bytes_from_hex(t, text));
    if (cls == Value(&PyBytes_Type)) return r;
    return call(t, cls, {r});
}

// --- iterator ---

Ref bytes_iter(Thread& t, Value v) { return index_iter_alloc(t, &bytes_iterator_type, v, 0); }
Ref next_byte(Thread&, Value self) {
    auto* it = self.as<IndexIterObject>();
    if (!it->seq) return {};
    if (it->index < bytes_size(it->seq))
        return Ref::from_int(static_cast<uint8_t>(bytes_data(it->seq)[it->index++]));
    Value seq = it->seq;
    it->seq = Value();
    decref(seq);
    return {};
}
Ref iter_hint(Thread&, Value self) {
    auto* it = self.as<IndexIterObject>();
    return Ref::from_int(it->seq ? bytes_size(it->seq) - it->index : 0);
}
Ref iter_reduce(Thread& t, Value self) {
    auto* it = self.as<IndexIterObject>();
    return reduce_as_iter(t, it->seq, it->index);
}
Ref iter_setstate(Thread& t, Value self, Value state) {
    auto* it = self.as<IndexIterObject>();
    if (!is_long(state)) return raise(t, PyExc_TypeError, "an integer is required");
    int64_t i = TRY(ssize_arg(t, state));
    if (it->seq) it->index = std::clamp<int64_t>(i, 0, bytes_size(it->seq));
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
    def<m_getnewargs>("__getnewargs__", "()", nullptr),
    def<m_bytes>("__bytes__", "()", "This object as exact bytes."),
    BYTES_METHODS(METHOD) def<m_fromhex>("fromhex", "(string, /)",
                                         "Bytes from hexadecimal digits; whitespace is skipped.", kMethClass),
    def<bytes_methods::maketrans>("maketrans", "(frm, to, /)", "A table for translate().", kMethStatic),
    {},
};

}  // namespace

Status init_builtin_bytes(Thread& t) {
    static const TypeDecl decl = {
        .name = "bytes",
        .basicsize = offsetof(PyBytesObject, ob_sval) + 1,
        .itemsize = 1,
        .flags = kTpDefault | kTpBaseType | kTpBytesSubclass | kTpMatchSelf,
        .slots = {.dealloc = bytes_dealloc,
                  .repr = bytes_repr,
                  .str = bytes_str,
                  .hash = bytes_hash,
                  .richcompare = bytes_richcompare,
                  .iter = bytes_iter,
                  .new_ = bytes_tp_new,
                  .nb_remainder = bytes_remainder,
                  .mp_length = bytes_len,
                  .mp_subscript = bytes_subscript,
                  .sq_length = bytes_len,
                  .sq_concat = bytes_concat,
                  .sq_repeat = bytes_repeat,
                  .sq_item = bytes_item,
                  .sq_contains = bytes_contains,
                  .getbuffer = bytes_getbuffer},
        .spec =
            {.methods = methods,
             .doc =
                 "bytes(source=b'', encoding, errors): constant bytes.\n\n"
                 "The source is an iterable of integers, text with its encoding, an object with a buffer, or "
                 "a number of zero bytes."},
    };
    static const TypeDecl iterator = {
        .name = "bytes_iterator",
        .basicsize = sizeof(IndexIterObject),
        .flags = kTpDefault | kTpHaveGC,
        .slots = {.dealloc = index_iter_dealloc,
                  .traverse = index_iter_traverse,
                  .iter = iter_self,
                  .iternext = next_byte},
        .spec = {.methods = iterator_methods},
    };
    init_static_type(PyBytes_Type, decl);
    TRY(ready_type(t, &PyBytes_Type));
    init_static_type(bytes_iterator_type, iterator);
    return ready_type(t, &bytes_iterator_type);
}

}  // namespace krait

// What C code calls it.
extern "C" __attribute__((visibility("default"),
                          alias("_ZN5krait19bytes_iterator_typeE"))) krait::Type PyBytesIter_Type;
