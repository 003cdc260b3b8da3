// Reading marshal data.
#include <algorithm>
#include <cstring>
#include <string>
#include <utility>

#include "builtins/bytes.h"
#include "builtins/dict.h"
#include "builtins/list.h"
#include "builtins/memoryview.h"
#include "builtins/number.h"
#include "builtins/set.h"
#include "builtins/slice.h"
#include "builtins/str.h"
#include "builtins/tuple.h"
#include "gc/gc.h"
#include "gc/state.h"
#include "interp/code.h"
#include "object/names.h"
#include "object/protocol.h"
#include "runtime/marshal.h"
#include "runtime/marshal_internal.h"

namespace krait {
namespace {

class Reader {
  public:
    Reader(Thread& t, MarshalSource& source, bool allow_code)
        : t_(t), source_(source), allow_code_(allow_code) {}
    ~Reader() {
        for (Value v : refs_) decref(v);
    }
    // Depth-checked; a NULL where an object must be: TypeError naming `what`.
    Ref object(const char* what) {
        // Most of what is read was read before.
        if (depth_ < kMarshalDepth && source_.skip('r')) return reference();
        return other_object(what);
    }
    Ref top() { return object("object"); }
    void trust() { trusted_ = true; }

  private:
    Ref other_object(const char* what);
    Ref item();  // empty: an exception, or the NULL that ends a dict (was_null())
    bool was_null() { return std::exchange(null_, false); }
    Ref item_of_type(char type, bool flag);
    bool read(void* out, size_t n) { return source_.read(t_, out, n); }
    bool read_long(int32_t* out) { return read(out, 4); }
    bool read_byte(unsigned char* out) { return source_.read_byte(t_, out); }
    Ref reference();
    Status remember(Value v) {
        if (!refs_.push(v)) return raise_no_memory(t_);
        incref(v);
        return Status::ok();
    }
    Ref give(Ref v, bool flag) {
        if (v && flag && !remember(v)) return {};
        return v;
    }
    Ref fail(const char* what) { return raise(t_, PyExc_ValueError, "bad marshal data (%s)", what); }
    bool size(int64_t* n, const char* what);

    Ref big_int();
    Ref ascii_float();
    bool ascii_double(double* out);
    Ref bytes(int64_t n);
    Ref text(int64_t n, bool ascii, bool intern);
    Ref tuple(int64_t n, bool flag);
    Ref list(bool flag);
    Ref dict(bool flag);
    Ref set(bool frozen, bool flag);
    Ref slice(bool flag);
    Ref code(bool flag);
    // More items are announced than bytes are left: reads until that fails.
    Ref doomed(int64_t n, const char* what);
    int64_t reserve(bool flag) {
        if (!flag) return 0;
        auto at = static_cast<int64_t>(refs_.size);
        return remember(none()) ? at : -1;
    }
    Ref fill(Ref v, int64_t at, bool flag) {
        if (v && flag) refs_[static_cast<size_t>(at)] = v.share().release();  // None before
        return v;
    }

    Thread& t_;
    MarshalSource& source_;
    bool allow_code_;
    bool trusted_ = false;
    bool null_ = false;
    int depth_ = 0;
    PodVector<Value> refs_;  // owned
};

bool Reader::size(int64_t* n, const char* what) {
    int32_t v;
    if (!read_long(&v)) return false;
    if (v < 0) {
        std::string text = std::string(what) + " size out of range";
        (void)fail(text.c_str());
        return false;
    }
    *n = v;
    return true;
}

Ref Reader::big_int() {
    int32_t n;
    if (!read_long(&n)) return {};
    if (n == 0) return Ref::from_int(0);
    if (n == INT32_MIN) return fail("long size out of range");
    int64_t count = n < 0 ? -int64_t{n} : n;
    if (source_.known() && count * 2 > source_.left())
        return raise(t_, PyExc_EOFError, "marshal data too short");
    // 15 bits a digit, put together to bytes.
    std::string out;
    uint64_t pending = 0;
    int bits = 0;
    for (int64_t i = 0; i < count; i++) {
        int16_t digit;
        if (!read(&digit, 2)) return {};
        if (digit < 0) return fail("digit out of range in long");
        if (digit == 0 && i == count - 1) return fail("unnormalized long data");
        pending |= static_cast<uint64_t>(digit) << bits;
        for (bits += 15; bits >= 8; bits -= 8, pending >>= 8) out += static_cast<char>(pending & 255);
    }
    out += static_cast<char>(pending & 255);
    Ref v =
        TRY(int_from_bytes(t_, reinterpret_cast<const unsigned char*>(out.data()), out.size(), true, false));
    return n < 0 ? int_neg(t_, v) : v.take();
}

bool Reader::ascii_double(double* out) {
    unsigned char n;
    char buffer[256];
    if (!read_byte(&n) || !read(buffer, n)) return false;
    buffer[n] = 0;
    Result<double> d = text_to_double(t_, buffer, nullptr, nullptr);
    if (!d) return false;
    *out = d.value();
    return true;
}

Ref Reader::bytes(int64_t n) {
    if (source_.known() && n > source_.left()) return raise(t_, PyExc_EOFError, "marshal data too short");
    if (n <= 1) {  // these exist once
        char c = 0;
        if (!read(&c, static_cast<size_t>(n))) return {};
        return bytes_from(t_, &c, static_cast<size_t>(n));
    }
    Ref b = TRY(bytes_new(t_, n));
    if (!read(bytes_data(b), static_cast<size_t>(n))) return {};
    return b;
}

Ref Reader::text(int64_t n, bool ascii, bool intern) {
    if (const char* there = source_.take(static_cast<size_t>(n))) {
        std::string_view chars(there, static_cast<size_t>(n));
        if (ascii && intern) return str_intern_latin1(t_, chars);
        Ref s = ascii ? str_from_latin1(t_, there, chars.size())
                      : decode_utf8(t_, there, chars.size(), "surrogatepass");
        if (!s || !intern) return s;
        return str_intern(t_, std::move(s));
    }
    Ref raw = TRY(bytes(n));
    Ref s = ascii ? str_from_latin1(t_, bytes_data(raw), static_cast<size_t>(n))
                  : decode_utf8(t_, bytes_data(raw), static_cast<size_t>(n), "surrogatepass");
    if (!s || !intern) return s;
    return str_intern(t_, std::move(s));
}

Ref Reader::doomed(int64_t n, const char* what) {
    for (int64_t i = 0; i < n; i++)
        if (!object(what)) return {};
    return {};
}

Ref Reader::tuple(int64_t n, bool flag) {
    if (source_.known() && n > source_.left()) {
        if (reserve(flag) < 0) return {};
        return doomed(n, "tuple");
    }
    Ref v = tuple_unfilled(t_, n);
    if (!v) return {};
    if (flag) {
        // What the tuple holds may refer to it, even as a key, which is hashed at once (CPython crashes
        // then).
        std::fill_n(tuple_items(v), n, none());
        if (!remember(v)) return {};
    }
    for (int64_t i = 0; i < n; i++) {
        Ref x = object("tuple");
        if (!x) return {};
        tuple_items(v)[i] = x.release();
    }
    if (flag) v.get().as<PyTupleObject>()->ob_hash = -1;
    tuple_filled(t_, v);
    return v;
}

Ref Reader::list(bool flag) {
    int64_t n;
    if (!size(&n, "list")) return {};
    if (source_.known() && n > source_.left()) {
        if (reserve(flag) < 0) return {};
        return doomed(n, "list");
    }
    Ref v = list_new(t_);
    if (!v || (flag && !remember(v))) return {};
    for (int64_t i = 0; i < n; i++) {
        Ref x = object("list");
        if (!x || !list_append_owned(t_, v, std::move(x))) return {};
    }
    return v;
}

Ref Reader::dict(bool flag) {
    Ref v = dict_new(t_);
    if (!v || (flag && !remember(v))) return {};
    for (;;) {
        Ref key = item();
        if (was_null()) break;
        if (!key) return {};
        Ref value = item();
        if (was_null()) break;
        if (!value || !dict_set(t_, v, key, value)) return {};
    }
    return v;
}

Ref Reader::set(bool frozen, bool flag) {
    int64_t n;
    if (!size(&n, "set")) return {};
    if (n == 0 && frozen) return give(frozenset_new(t_), flag);
    int64_t at = 0;
    Ref v = frozen ? frozenset_new(t_, Value()) : set_new(t_);
    Ref items;
    if (frozen) {
        // Items are gathered first: a frozenset never changes once made.
        at = reserve(flag);
        if (at < 0) return {};
        items = list_new(t_);
        if (!items) return {};
    } else if (!v || (flag && !remember(v))) {
        return {};
    }
    for (int64_t i = 0; i < n; i++) {
        Ref x = object("set");
        if (!x) return {};
        if (!(frozen ? list_append(t_, items, x) : set_add(t_, v, x))) return {};
    }
    if (!frozen) return v;
    return fill(frozenset_new(t_, items), at, flag);
}

Ref Reader::slice(bool flag) {
    int64_t at = reserve(flag);
    if (at < 0) return {};
    Ref start = object("object");
    if (!start) return {};
    Ref stop = object("object");
    if (!stop) return {};
    Ref step = object("object");
    if (!step) return {};
    return fill(slice_new(t_, start, stop, step), at, flag);
}

Ref Reader::code(bool flag) {
    if (!allow_code_) {
        raise(t_, PyExc_ValueError, "unmarshalling code objects is disallowed");
        return {};
    }
    int64_t at = reserve(flag);
    if (at < 0) return {};
    int32_t ints[5], firstlineno;
    for (int32_t& v : ints)
        if (!read_long(&v)) return {};
    Ref code = object("object"), consts, names, locals, kinds, filename, name, qualname, linetable,
        exceptions;
    if (!code) return {};
    for (Ref* part : {&consts, &names, &locals, &kinds, &filename, &name, &qualname}) {
        *part = object("object");
        if (!*part) return {};
    }
    if (!read_long(&firstlineno)) return {};
    for (Ref* part : {&linetable, &exceptions}) {
        *part = object("object");
        if (!*part) return {};
    }
    if (!is_bytes(code) || !is_tuple(consts) || !is_tuple(names) || !is_tuple(locals) || !is_bytes(kinds) ||
        !is_str(filename) || !is_str(name) || !is_str(qualname) || !is_bytes(linetable) ||
        !is_bytes(exceptions)) {
        bad_internal_call(t_, "code object");
        return {};
    }
    CodeParts parts{ints[0], ints[1], ints[2], ints[3],  ints[4], firstlineno, bytes_view(code), consts,
                    names,   locals,  kinds,   filename, name,    qualname,    linetable,        exceptions};
    return fill(code_new(t_, parts, trusted_), at, flag);
}

Ref Reader::item_of_type(char type, bool flag) {
    int64_t n;
    int32_t small;
    unsigned char byte;
    double d, e;
    switch (type) {
        case '0':
            null_ = true;
            return {};
        case 'N':
            return none_ref();
        case 'S':
            return Ref::share(Value(PyExc_StopIteration));
        case '.':
            return Ref::share(ellipsis());
        case 'F':
            return bool_ref(false);
        case 'T':
            return bool_ref(true);
        case 'i':
            if (!read_long(&small)) return {};
            return give(Ref::from_int(small), flag);
        case 'I': {
            int64_t wide;
            if (!read(&wide, 8)) return {};
            return give(int_from(t_, wide), flag);
        }
        case 'l':
            return give(big_int(), flag);
        case 'f':
            if (!ascii_double(&d)) return {};
            return give(float_from(t_, d), flag);
        case 'g':
            if (!read(&d, 8)) return {};
            return give(float_from(t_, d), flag);
        case 'x':
            if (!ascii_double(&d) || !ascii_double(&e)) return {};
            return give(complex_from(t_, d, e), flag);
        case 'y':
            if (!read(&d, 8) || !read(&e, 8)) return {};
            return give(complex_from(t_, d, e), flag);
        case 's':
            if (!size(&n, "bytes object")) return {};
            return give(bytes(n), flag);
        case 'a':
        case 'A':
            if (!size(&n, "string")) return {};
            return give(text(n, true, type == 'A'), flag);
        case 'z':
        case 'Z':
            if (!read_byte(&byte)) return {};
            return give(text(byte, true, type == 'Z'), flag);
        case 'u':
        case 't':
            if (!size(&n, "string")) return {};
            return give(text(n, false, type == 't'), flag);
        case ')':
            if (!read_byte(&byte)) return {};
            return tuple(byte, flag);
        case '(':
            if (!size(&n, "tuple")) return {};
            return tuple(n, flag);
        case '[':
            return list(flag);
        case '{':
            return dict(flag);
        case '<':
        case '>':
            return set(type == '>', flag);
        case ':':
            return slice(flag);
        case 'c':
            return code(flag);
        default:
            return fail("unknown type code");
    }
}

// To something read before.
Ref Reader::reference() {
    int32_t at;
    if (!read_long(&at)) return {};
    if (at < 0 || static_cast<size_t>(at) >= refs_.size || is_none(refs_[static_cast<size_t>(at)]))
        return fail("invalid reference");
    return Ref::share(refs_[static_cast<size_t>(at)]);
}

Ref Reader::item() {
    unsigned char code;
    if (source_.at_end(t_)) {
        if (!occurred(t_)) raise(t_, PyExc_EOFError, "EOF read where object expected");
        return {};
    }
    if (!read_byte(&code)) return {};
    if (depth_ >= kMarshalDepth) return raise(t_, PyExc_ValueError, "recursion limit exceeded");
    RecursionGuard guard(t_, " while unmarshalling");
    if (!guard) return {};
    if ((code & 127) == 'r') return reference();
    depth_++;
    Ref v = item_of_type(static_cast<char>(code & 127), code & 128);
    depth_--;
    return v;
}

Ref Reader::other_object(const char* what) {
    Ref v = item();
    if (was_null() && !occurred(t_))
        return raise(t_, PyExc_TypeError, "NULL object in marshal data for %s", what);
    return v;
}

}  // namespace

bool MarshalSource::slow_read(Thread& t, void* out, size_t n) {
    if (known()) {
        if (n == 0) return true;
        raise(t, PyExc_EOFError, "marshal data too short");
        return false;
    }
    if (have_peeked_ && n > 0) {
        *static_cast<char*>(out) = peeked_;
        have_peeked_ = false;
        return read_file(t, static_cast<char*>(out) + 1, n - 1, nullptr);
    }
    return read_file(t, static_cast<char*>(out), n, nullptr);
}

// The end of memory in a single byte is worded as the end of a file.
bool MarshalSource::slow_read_byte(Thread& t, unsigned char* out) {
    if (!known()) return slow_read(t, out, 1);
    raise(t, PyExc_EOFError, "EOF read where not expected");
    return false;
}

// From a file object: exactly n bytes by readinto(). With `ended`, the end of the file is no error.
bool MarshalSource::read_file(Thread& t, char* out, size_t n, bool* ended) {
    if (n == 0) return true;
    if (c_file_) {
        if (fread(out, 1, n, c_file_) == n) return true;
        if (ended)
            *ended = true;
        else
            raise(t, PyExc_EOFError, "EOF read where not expected");
        return false;
    }
    Ref buffer = bytearray_from(t, nullptr, n);
    if (!buffer) return false;
    Ref view = memoryview_new(t, buffer);
    if (!view) return false;
    Ref answer = call_method(t, file_, ID(readinto), {view});
    if (!answer) return false;
    Result<int64_t> count = as_index(t, answer, PyExc_ValueError);
    if (!count) return false;
    int64_t got = count.value();
    auto wanted = static_cast<int64_t>(n);
    if (got == wanted) {
        memcpy(out, bytearray_data(buffer), n);
        return true;
    }
    if (got > wanted) {
        raise(t, PyExc_ValueError, "read() returned too much data: %zd bytes requested, %zd returned", n,
              got);
    } else if (ended) {
        *ended = true;
    } else {
        raise(t, PyExc_EOFError, "EOF read where not expected");
    }
    return false;
}

bool MarshalSource::slow_at_end(Thread& t) {
    if (known()) return true;
    if (have_peeked_) return false;
    bool ended = false;
    if (!read_file(t, &peeked_, 1, &ended)) return true;
    have_peeked_ = true;
    return false;
}

Ref marshal_read(Thread& t, MarshalSource& source, bool allow_code) {
    return Reader(t, source, allow_code).top();
}

Ref marshal_loads(Thread& t, std::string_view data, bool allow_code, size_t* used) {
    MarshalSource source(data);
    Ref v = marshal_read(t, source, allow_code);
    if (used) *used = data.size() - static_cast<size_t>(source.left());
    return v;
}

Ref marshal_load_frozen(Thread& t, std::string_view data) {
    MarshalSource source(data);
    Reader r(t, source, true);
    r.trust();
    return r.top();
}

}  // namespace krait
