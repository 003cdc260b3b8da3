// The type str: construction, slots, iterators.
#include <algorithm>

#include "builtins/codec.h"
#include "builtins/iterators.h"
#include "builtins/slice.h"
#include "builtins/str_methods.h"
#include "builtins/tuple.h"
#include "gc/alloc.h"
#include "object/protocol.h"

krait::Type PyUnicode_Type;

namespace krait {

Type str_iterator_type, str_ascii_iterator_type;

namespace {

// --- construction ---

// An instance of a subclass: not compact, the characters in a block of their own (as CPython lays it out).
Ref subclass_instance(Thread& t, PyTypeObject* type, Value text) {
    Ref r = TRY(alloc(t, type));
    auto n = static_cast<size_t>(str_length(text));
    unsigned kind = str_kind(text);
    auto* data = static_cast<char*>(mem_alloc((n + 1) * kind));
    if (!data) return raise_no_memory(t);
    std::memcpy(data, str_data(text), (n + 1) * kind);
    auto* s = r.as<PyUnicodeObject>();
    s->data = data;
    s->base.base.length = static_cast<int64_t>(n);
    s->base.base.hash = str_hash(text);
    s->base.base.state = kind << 2 | (str_is_ascii(text) ? kStateAscii : 0);
    if (str_is_ascii(text)) {  // C code reads the UTF-8 form there
        s->base.utf8 = data;
        s->base.utf8_length = static_cast<int64_t>(n);
    }
    return r;
}

Ref decoded(Thread& t, Value object, Value encoding_arg, Value errors_arg) {
    const char* encoding = TRY(c_string_arg(t, "str", "encoding", encoding_arg));
    const char* errors = TRY(c_string_arg(t, "str", "errors", errors_arg));
    if (!object) return Ref::steal(empty_str());
    if (is_str(object)) return raise(t, PyExc_TypeError, "decoding str is not supported");
    if (!has_buffer(object))
        return raise(t, PyExc_TypeError, "decoding to str: need a bytes-like object, %T found", object);
    return bytes_decode(t, object, encoding, errors);
}

Ref str_tp_new(Thread& t, PyTypeObject* type, const Value* args, size_t nargs, Value kwnames) {
    Ref text;
    if (nargs <= 1 && !kwnames) [[likely]] {
        text = nargs ? str(t, args[0]) : Ref::steal(empty_str());
    } else {
        if (nargs > 3) return raise(t, PyExc_TypeError, "str expected at most 3 arguments, got %zu", nargs);
        Value p[3];
        Ref keep;
        if (!kwnames)
            std::copy_n(args, nargs, p);
        else
            TRY(bind_args(t, "str", "(object='', encoding='utf-8', errors='strict')", args, nargs, kwnames, p,
                          keep));
        if (p[1] || p[2])
            text = decoded(t, p[0], p[1], p[2]);
        else
            text = p[0] ? str(t, p[0]) : Ref::steal(empty_str());
    }
    if (!text || type == &PyUnicode_Type) return text;
    return subclass_instance(t, type, text);
}

}  // namespace
void str_dealloc(Thread& t, PyObject* o) {
    auto* s = reinterpret_cast<PyASCIIObject*>(o);
    if (s->state & kStateInterned) str_unintern(o);
    if (!(s->state & kStateAscii)) {
        if (char* utf8 = reinterpret_cast<PyCompactUnicodeObject*>(o)->utf8) mem_free(utf8);
    }
    if (!(s->state & kStateCompact)) {
        if (void* data = reinterpret_cast<PyUnicodeObject*>(o)->data) mem_free(data);
    }
    if (o->ob_type == &PyUnicode_Type) [[likely]]
        return free_text(o);
    free_object(t, o);
}
namespace {

// --- slots ---

Ref str_str(Thread& t, Value v) { return str_exact(t, v); }
Result<int64_t> str_hash_slot(Thread&, Value v) { return str_hash(v); }

Ref str_richcompare(Thread&, Value a, Value b, CompareOp op) {
    if (!is_str(a) || !is_str(b)) return not_implemented_ref();
    if (op == kEq) return bool_ref(str_equal(a, b));
    if (op == kNe) return bool_ref(!str_equal(a, b));
    int c = str_compare(a, b);
    return bool_ref(holds(op, c));
}

Result<int64_t> str_len(Thread&, Value v) { return str_length(v); }

Ref str_item(Thread& t, Value v, int64_t i) {
    if (i < 0 || i >= str_length(v)) return raise(t, PyExc_IndexError, "string index out of range");
    return str_from_char(t, str_char(v, i));
}

Ref slice_of(Thread& t, Value v, Value slice) {
    int64_t start, stop, step;
    TRY(slice_unpack(t, slice, &start, &stop, &step));
    int64_t n = slice_adjust(str_length(v), &start, &stop, step);
    if (n <= 0) return Ref::steal(empty_str());
    if (step == 1) return str_substring(t, v, start, start + n);
    if (n == 1) return str_from_char(t, str_char(v, start));
    uint32_t all = 0;
    with_chars(v, [&](auto* s) {
        for (int64_t i = 0, at = start; i < n; i++, at += step) all |= s[at];
    });
    Ref r = TRY(str_alloc(t, n, all));
    with_chars(v, [&](auto* s) {
        with_mutable_chars(r, [&](auto* d) {
            using C = std::remove_reference_t<decltype(*d)>;
            for (int64_t i = 0, at = start; i < n; i++, at += step) d[i] = static_cast<C>(s[at]);
        });
    });
    return r;
}

Ref str_subscript(Thread& t, Value v, Value key) {
    if (key.is_int() || is_index(key)) {
        int64_t i = TRY(as_index(t, key, PyExc_IndexError));
        if (i < 0) i += str_length(v);
        return str_item(t, v, i);
    }
    if (has_type(key, &PySlice_Type)) return slice_of(t, v, key);
    return raise(t, PyExc_TypeError, "string indices must be integers, not '%T'", key);
}

Ref str_concat_slot(Thread& t, Value a, Value b) {
    if (!is_str(b)) return raise(t, PyExc_TypeError, "can only concatenate str (not \"%T\") to str", b);
    return str_concat(t, a, b);
}

Ref str_repeat(Thread& t, Value v, int64_t count) {
    int64_t n = str_length(v), total;
    if (n == 0 || count <= 0) return Ref::steal(empty_str());
    if (count == 1) return str_exact(t, v);
    if (__builtin_mul_overflow(n, count, &total))
        return raise(t, PyExc_OverflowError, "repeated string is too long");
    Ref r = TRY(str_alloc(t, total, str_limit(v)));
    unsigned kind = str_kind(v);
    auto* out = static_cast<char*>(str_data(r));
    if (n == 1) {
        with_mutable_chars(r, [&](auto* d) {
            std::fill_n(d, count, static_cast<std::remove_reference_t<decltype(*d)>>(str_char(v, 0)));
        });
        return r;
    }
    // Double what is there until it is enough.
    int64_t size = total * kind, done = n * kind;
    std::memcpy(out, str_data(v), static_cast<size_t>(done));
    while (done < size) {
        int64_t more = std::min(done, size - done);
        std::memcpy(out + done, out, static_cast<size_t>(more));
        done += more;
    }
    return r;
}

Result<bool> str_contains(Thread& t, Value v, Value item) {
    if (!is_str(item))
        return raise(t, PyExc_TypeError, "'in <string>' requires string as left operand, not %T", item);
    return str_has(v, item);
}

Ref str_remainder(Thread& t, Value a, Value b) {
    if (!is_str(a)) return not_implemented_ref();
    return str_format_percent(t, a, b);
}

// --- iterators ---

IndexIterObject* as_iter(Value v) { return v.as<IndexIterObject>(); }

Ref str_iter(Thread& t, Value v) {
    return index_iter_alloc(t, str_is_ascii(v) ? &str_ascii_iterator_type : &str_iterator_type, v, 0);
}

Ref exhausted(IndexIterObject* it) {
    Value seq = it->seq;
    it->seq = Value();
    decref(seq);
    return {};
}

Ref next_ascii(Thread&, Value self) {
    auto* it = as_iter(self);
    if (!it->seq) return {};
    if (it->index < str_length(it->seq))
        return Ref::steal(latin1_char(static_cast<uint8_t*>(str_data(it->seq))[it->index++]));
    return exhausted(it);
}

Ref next_any(Thread& t, Value self) {
    auto* it = as_iter(self);
    if (!it->seq) return {};
    if (it->index < str_length(it->seq)) return str_from_char(t, str_char(it->seq, it->index++));
    return exhausted(it);
}

Ref iter_hint(Thread&, Value self) {
    auto* it = as_iter(self);
    return Ref::from_int(it->seq ? str_length(it->seq) - it->index : 0);
}

Ref iter_reduce(Thread& t, Value self) {
    return reduce_as_iter(t, as_iter(self)->seq, as_iter(self)->index, empty_str());
}

Ref iter_setstate(Thread& t, Value self, Value state) {
    auto* it = as_iter(self);
    if (!is_long(state)) return raise(t, PyExc_TypeError, "an integer is required");
    int64_t i;
    if (!int_to_i64(state, &i))
        return raise(t, PyExc_OverflowError, "Python int too large to convert to C ssize_t");
    if (it->seq) it->index = std::clamp<int64_t>(i, 0, str_length(it->seq));
    return none_ref();
}

const NativeDef iterator_methods[] = {
    def<iter_hint>("__length_hint__", "()", "How many characters are left."),
    def<iter_reduce>("__reduce__", "()", "State for pickling."),
    def<iter_setstate>("__setstate__", "(object, /)", "Set the position from a pickled state."),
    {},
};

TypeDecl iterator_decl(const char* name, UnaryFn next) {
    return TypeDecl{.name = name,
                    .basicsize = sizeof(IndexIterObject),
                    .flags = kTpDefault | kTpHaveGC,
                    .slots = {.dealloc = index_iter_dealloc,
                              .traverse = index_iter_traverse,
                              .iter = iter_self,
                              .iternext = next},
                    .spec = {.methods = iterator_methods}};
}

}  // namespace

Status init_builtin_str(Thread& t) {
    static const TypeDecl decl = {
        .name = "str",
        .basicsize = sizeof(PyUnicodeObject),
        .flags = kTpDefault | kTpBaseType | kTpUnicodeSubclass | kTpMatchSelf,
        .slots = {.dealloc = str_dealloc,
                  .repr = str_repr,
                  .str = str_str,
                  .hash = str_hash_slot,
                  .richcompare = str_richcompare,
                  .iter = str_iter,
                  .new_ = str_tp_new,
                  .nb_remainder = str_remainder,
                  .mp_length = str_len,
                  .mp_subscript = str_subscript,
                  .sq_length = str_len,
                  .sq_concat = str_concat_slot,
                  .sq_repeat = str_repeat,
                  .sq_item = str_item,
                  .sq_contains = str_contains},
        .spec = {.methods = kStrMethods,
                 .doc = "str(object='', encoding, errors): text.\n\n"
                        "What __str__() of the object says or, with an encoding, bytes decoded."},
    };
    init_static_type(PyUnicode_Type, decl);
    TRY(ready_type(t, &PyUnicode_Type));
    static const TypeDecl ascii_decl = iterator_decl("str_ascii_iterator", next_ascii);
    static const TypeDecl any_decl = iterator_decl("str_iterator", next_any);
    init_static_type(str_ascii_iterator_type, ascii_decl);
    TRY(ready_type(t, &str_ascii_iterator_type));
    init_static_type(str_iterator_type, any_decl);
    return ready_type(t, &str_iterator_type);
}

}  // namespace krait

// What C code calls it.
extern "C" __attribute__((visibility("default"),
                          alias("_ZN5krait17str_iterator_typeE"))) krait::Type PyUnicodeIter_Type;
