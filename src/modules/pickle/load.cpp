// The loop of an unpickler, and the opcodes that make plain values.
#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "builtins/bytes.h"
#include "builtins/codec.h"
#include "builtins/memoryview.h"
#include "builtins/set.h"
#include "modules/fields.h"
#include "modules/pickle/pickle.h"

namespace krait::pickle {

namespace {

uint64_t little(const char* p, int bytes) {
    uint64_t v = 0;
    for (int i = bytes; i-- > 0;) v = v << 8 | static_cast<unsigned char>(p[i]);
    return v;
}

// A number of `bytes` bytes, without sign.
Result<uint64_t> number(Thread& t, Unpickler* u, int bytes) {
    const char* p = read_bytes(t, u, bytes);
    if (!p) return {};
    return little(p, bytes);
}
// A size: what does not fit is an OverflowError that names `what`.
Result<int64_t> size_of(Thread& t, Unpickler* u, int bytes, const char* what) {
    uint64_t n = TRY(number(t, u, bytes));
    if (n > INT64_MAX)
        return raise(t, PyExc_OverflowError, "%s exceeds system's maximum size of %zd bytes", what,
                     INT64_MAX);
    return static_cast<int64_t>(n);
}

Status push_int(Thread& t, Unpickler* u, int64_t v) {
    Ref n = TRY(int_from(t, v));
    return push(t, u, std::move(n));
}

// --- numbers ---

// The text of an int up to the end of the line, in base 10 with a suffix for messages.
Ref int_of_line(Thread& t, const char* s) {
    Ref text = TRY(str_from_latin1(t, s, strlen(s)));
    return to_int(t, text);
}

Status load_int(Thread& t, Unpickler* u) {
    int64_t n = TRY(read_line(t, u));
    if (n < 2) return truncated(t);
    char* end;
    errno = 0;
    long v = strtol(u->line, &end, 10);
    if (errno || (*end != '\n' && *end != 0)) {
        Ref big = int_of_line(t, u->line);
        if (big) return push(t, u, std::move(big));
        if (!clear_if(t, PyExc_ValueError)) return {};
        return raise(t, PyExc_ValueError, "could not convert string to int");
    }
    // The only ints of two characters are 00 and 01: bools before protocol 2.
    if (n == 3 && (v == 0 || v == 1)) return push(t, u, bool_ref(v));
    return push_int(t, u, v);
}

Status load_long(Thread& t, Unpickler* u) {
    int64_t n = TRY(read_line(t, u));
    if (n < 2) return truncated(t);
    if (u->line[n - 2] == 'L') u->line[n - 2] = 0;
    Ref v = TRY(int_of_line(t, u->line));
    return push(t, u, std::move(v));
}

Status load_counted_long(Thread& t, Unpickler* u, int bytes) {
    uint64_t n = TRY(number(t, u, bytes));
    if (bytes == 4 && static_cast<int32_t>(n) < 0)
        return raise(t, unpickling_error(), "LONG pickle has negative byte count");
    if (n == 0) return push_int(t, u, 0);
    const char* p = read_bytes(t, u, static_cast<int64_t>(n));
    if (!p) return {};
    Ref v = TRY(int_from_bytes(t, reinterpret_cast<const unsigned char*>(p), n, true, true));
    return push(t, u, std::move(v));
}

Status load_float(Thread& t, Unpickler* u) {
    int64_t n = TRY(read_line(t, u));
    if (n < 2) return truncated(t);
    char* end;
    double d = TRY(text_to_double(t, u->line, &end, PyExc_OverflowError));
    if (end == u->line)
        return raise(t, PyExc_ValueError, "could not convert string to float: '%.200s'", u->line);
    if (*end != '\n' && *end != 0) return raise(t, PyExc_ValueError, "could not convert string to float");
    Ref v = TRY(float_from(t, d));
    return push(t, u, std::move(v));
}
Status load_bin_float(Thread& t, Unpickler* u) {
    const char* p = read_bytes(t, u, 8);
    if (!p) return {};
    Ref v = TRY(float_from(t, std::bit_cast<double>(__builtin_bswap64(little(p, 8)))));
    return push(t, u, std::move(v));
}

// --- strings ---

// The strings of Python 2: text in the encoding given, or bytes.
Status push_old_string(Thread& t, Unpickler* u, Ref bytes) {
    if (str_equal(u->encoding, "bytes")) return push(t, u, std::move(bytes));
    std::string_view encoding = TRY(str_utf8(t, u->encoding)), errors = TRY(str_utf8(t, u->errors));
    Ref text = TRY(
        decode(t, bytes_data(bytes), static_cast<size_t>(bytes_size(bytes)), encoding.data(), errors.data()));
    return push(t, u, std::move(text));
}

Status load_string(Thread& t, Unpickler* u) {
    int64_t n = TRY(read_line(t, u)) - 1;
    const char* s = u->line;
    if (n < 2 || s[0] != s[n - 1] || (s[0] != '\'' && s[0] != '"'))
        return raise(t, unpickling_error(), "the STRING opcode argument must be quoted");
    Ref bytes = TRY(decode_bytes_escape(t, s + 1, static_cast<size_t>(n - 2), nullptr));
    return push_old_string(t, u, std::move(bytes));
}

Status load_old_string(Thread& t, Unpickler* u, int bytes) {
    uint64_t n = TRY(number(t, u, bytes));
    if (bytes == 4 && static_cast<int32_t>(n) < 0)
        return raise(t, unpickling_error(), "BINSTRING pickle has negative byte count");
    const char* p = read_bytes(t, u, static_cast<int64_t>(n));
    if (!p) return {};
    Ref data = TRY(bytes_from(t, p, n));
    return push_old_string(t, u, std::move(data));
}

Status load_bytes(Thread& t, Unpickler* u, int bytes) {
    int64_t n = TRY(size_of(t, u, bytes, "BINBYTES"));
    if (n > u->input.len - u->next && !u->read && n < INT64_MAX / 2) return truncated(t);
    Ref data = TRY(bytes_new(t, n));
    TRY(read_into(t, u, bytes_data(data), n));
    return push(t, u, std::move(data));
}

Status load_bytearray(Thread& t, Unpickler* u) {
    int64_t n = TRY(size_of(t, u, 8, "BYTEARRAY8"));
    Ref data = TRY(bytearray_from(t, nullptr, 0));
    TRY(bytearray_resize(t, data, n));
    TRY(read_into(t, u, bytearray_data(data), n));
    return push(t, u, std::move(data));
}

Status load_text(Thread& t, Unpickler* u, int bytes) {
    int64_t n = TRY(size_of(t, u, bytes, "BINUNICODE"));
    const char* p = read_bytes(t, u, n);
    if (!p) return {};
    Ref text = TRY(decode_utf8(t, p, static_cast<size_t>(n), "surrogatepass"));
    return push(t, u, std::move(text));
}
Status load_text_line(Thread& t, Unpickler* u) {
    int64_t n = TRY(read_line(t, u));
    if (n < 1) return truncated(t);
    Ref text = TRY(decode_raw_unicode_escape(t, u->line, static_cast<size_t>(n - 1), nullptr, nullptr));
    return push(t, u, std::move(text));
}

// --- out-of-band buffers ---

Status load_next_buffer(Thread& t, Unpickler* u) {
    if (!u->buffers)
        return raise(t, unpickling_error(),
                     "pickle stream refers to out-of-band data but no *buffers* argument was given");
    Ref buffer = iter_next(t, u->buffers);
    if (buffer) return push(t, u, std::move(buffer));
    if (occurred(t)) return {};
    return raise(t, unpickling_error(), "not enough out-of-band buffers");
}
Status load_readonly_buffer(Thread& t, Unpickler* u) {
    Ref buffer = TRY(pop(t, u));
    Ref view = TRY(memoryview_new(t, buffer));
    if (view.as<PyMemoryViewObject>()->view.readonly) return push(t, u, std::move(buffer));
    view = TRY(memoryview_readonly(t, view));
    return push(t, u, std::move(view));
}

// --- the memo ---

Result<int64_t> line_number(Thread& t, Unpickler* u) {
    int64_t n = TRY(read_line(t, u));
    if (n < 2) return truncated(t);
    Ref v = TRY(int_of_line(t, u->line));
    int64_t i;
    if (!int_to_i64(v, &i))
        return raise(t, PyExc_OverflowError, "Python int too large to convert to C ssize_t");
    return i;
}
Status load_get(Thread& t, Unpickler* u, int64_t i) {
    Value v = i >= 0 && i < u->memo_room ? u->memo[i] : Value();
    if (!v) return raise(t, unpickling_error(), "Memo value not found at index %ld", i);
    return push(t, u, Ref::share(v));
}
Status load_put(Thread& t, Unpickler* u, int64_t i) {
    if (u->stack_size <= u->fence) return underflow(t, u);
    if (i < 0) return raise(t, PyExc_ValueError, "negative PUT argument");
    return memo_store(t, u, i, u->stack[u->stack_size - 1]);
}

// --- the stack ---

Status load_mark(Thread& t, Unpickler* u) {
    if (u->mark_count == u->mark_room) {
        int64_t room = u->mark_room * 2 + 20;
        auto* grown = static_cast<int64_t*>(mem_realloc(u->marks, static_cast<size_t>(room) * 8));
        if (!grown) return raise_no_memory(t);
        u->marks = grown;
        u->mark_room = room;
    }
    u->marks[u->mark_count++] = u->fence = u->stack_size;
    return Status::ok();
}
// Marks are not on the stack, but stand for the places where they were set.
Status load_pop(Thread& t, Unpickler* u) {
    if (u->mark_count > 0 && u->marks[u->mark_count - 1] == u->stack_size) {
        TRY_DISCARD(pop_mark(t, u));
        return Status::ok();
    }
    TRY_DISCARD(pop(t, u));
    return Status::ok();
}
Status load_dup(Thread& t, Unpickler* u) {
    if (u->stack_size <= u->fence) return underflow(t, u);
    return push(t, u, Ref::share(u->stack[u->stack_size - 1]));
}

Status load_small_tuple(Thread& t, Unpickler* u, int n) {
    if (u->stack_size - n < u->fence) return underflow(t, u);
    u->stack_size -= n;
    Ref tuple = TRY(tuple_from_owned(t, u->stack + u->stack_size, n));
    return push(t, u, std::move(tuple));
}

template <Ref (*Make)(Thread&, Unpickler*, int64_t)>
Status load_from_mark(Thread& t, Unpickler* u) {
    int64_t mark = TRY(pop_mark(t, u));
    Ref made = TRY(Make(t, u, mark));
    return push(t, u, std::move(made));
}
Ref pop_frozenset(Thread& t, Unpickler* u, int64_t mark) {
    Ref items = TRY(pop_tuple(t, u, mark));
    return frozenset_new(t, items);
}

// --- calls ---

Status load_reduce(Thread& t, Unpickler* u) {
    Ref args = TRY(pop(t, u)), fn = TRY(pop(t, u));
    if (!is_tuple(args)) return raise(t, PyExc_TypeError, "argument list must be a tuple");
    Ref made = TRY(call(t, fn, tuple_items(args), static_cast<size_t>(tuple_size(args))));
    return push(t, u, std::move(made));
}
Status push_persistent(Thread& t, Unpickler* u, Value pid) {
    Ref hook = u->persistent_load ? Ref::share(u->persistent_load)
                                  : TRY(get_attr(t, Value(&u->ob_base), "persistent_load"));
    Ref v = TRY(call(t, hook, {pid}));
    return push(t, u, std::move(v));
}
Status load_persistent_line(Thread& t, Unpickler* u) {
    int64_t n = TRY(read_line(t, u));
    if (n < 1) return truncated(t);
    Ref pid = decode_ascii(t, u->line, static_cast<size_t>(n - 1), nullptr);
    if (!pid) {
        if (!clear_if(t, PyExc_UnicodeDecodeError)) return {};
        return raise(t, unpickling_error(), "persistent IDs in protocol 0 must be ASCII strings");
    }
    return push_persistent(t, u, pid);
}
Status load_persistent(Thread& t, Unpickler* u) {
    Ref pid = TRY(pop(t, u));
    return push_persistent(t, u, pid);
}

Status load_proto(Thread& t, Unpickler* u) {
    uint64_t proto = TRY(number(t, u, 1));
    if (proto > kHighestProtocol)
        return raise(t, PyExc_ValueError, "unsupported pickle protocol: %d", static_cast<int>(proto));
    u->proto = static_cast<int>(proto);
    return Status::ok();
}
Status load_frame(Thread& t, Unpickler* u) {
    uint64_t n = TRY(number(t, u, 8));
    if (n > INT64_MAX)
        return raise(t, PyExc_OverflowError, "FRAME length exceeds system's maximum of %zd bytes", INT64_MAX);
    return enter_frame(t, u, static_cast<int64_t>(n));
}

template <Ref (*Make)(Thread&)>
Status push_new(Thread& t, Unpickler* u) {
    Ref made = TRY(Make(t));
    return push(t, u, std::move(made));
}
Ref new_list(Thread& t) { return list_new(t); }
Ref new_dict(Thread& t) { return dict_new(t); }
Ref new_set(Thread& t) { return set_new(t); }

Raised bad_opcode(Thread& t, unsigned char c) {
    if (c >= 0x20 && c <= 0x7e && c != '\'' && c != '\\')
        return raise(t, unpickling_error(), "invalid load key, '%c'.", c);
    return raise(t, unpickling_error(), "invalid load key, '\\x%02x'.", c);
}

Status step(Thread& t, Unpickler* u, unsigned char op) {
    switch (op) {
        case kNone:
            return push(t, u, none_ref());
        case kNewTrue:
            return push(t, u, bool_ref(true));
        case kNewFalse:
            return push(t, u, bool_ref(false));
        case kBinInt:
            return push_int(t, u, static_cast<int32_t>(TRY(number(t, u, 4))));
        case kBinInt1:
            return push_int(t, u, static_cast<int64_t>(TRY(number(t, u, 1))));
        case kBinInt2:
            return push_int(t, u, static_cast<int64_t>(TRY(number(t, u, 2))));
        case kInt:
            return load_int(t, u);
        case kLong:
            return load_long(t, u);
        case kLong1:
            return load_counted_long(t, u, 1);
        case kLong4:
            return load_counted_long(t, u, 4);
        case kFloat:
            return load_float(t, u);
        case kBinFloat:
            return load_bin_float(t, u);
        case kShortBinBytes:
            return load_bytes(t, u, 1);
        case kBinBytes:
            return load_bytes(t, u, 4);
        case kBinBytes8:
            return load_bytes(t, u, 8);
        case kByteArray8:
            return load_bytearray(t, u);
        case kNextBuffer:
            return load_next_buffer(t, u);
        case kReadonlyBuffer:
            return load_readonly_buffer(t, u);
        case kShortBinString:
            return load_old_string(t, u, 1);
        case kBinString:
            return load_old_string(t, u, 4);
        case kString:
            return load_string(t, u);
        case kUnicode:
            return load_text_line(t, u);
        case kShortBinUnicode:
            return load_text(t, u, 1);
        case kBinUnicode:
            return load_text(t, u, 4);
        case kBinUnicode8:
            return load_text(t, u, 8);
        case kEmptyTuple:
            return push(t, u, Ref::share(empty_tuple()));
        case kTuple1:
            return load_small_tuple(t, u, 1);
        case kTuple2:
            return load_small_tuple(t, u, 2);
        case kTuple3:
            return load_small_tuple(t, u, 3);
        case kTuple:
            return load_from_mark<pop_tuple>(t, u);
        case kEmptyList:
            return push_new<new_list>(t, u);
        case kList:
            return load_from_mark<pop_list>(t, u);
        case kEmptyDict:
            return push_new<new_dict>(t, u);
        case kDict:
            return load_dict(t, u);
        case kEmptySet:
            return push_new<new_set>(t, u);
        case kAddItems:
            return load_set_items(t, u);
        case kFrozenSet:
            return load_from_mark<pop_frozenset>(t, u);
        case kObj:
            return load_obj(t, u);
        case kInst:
            return load_inst(t, u);
        case kNewObj:
            return load_new(t, u, false);
        case kNewObjEx:
            return load_new(t, u, true);
        case kGlobal:
            return load_global(t, u);
        case kStackGlobal:
            return load_stack_global(t, u);
        case kAppend:
            return load_items(t, u, u->stack_size - 1);
        case kAppends:
            return load_items(t, u, TRY(pop_mark(t, u)));
        case kBuild:
            return load_build(t, u);
        case kDup:
            return load_dup(t, u);
        case kBinGet:
            return load_get(t, u, static_cast<int64_t>(TRY(number(t, u, 1))));
        case kLongBinGet:
            return load_get(t, u, static_cast<int64_t>(TRY(number(t, u, 4))));
        case kGet:
            return load_get(t, u, TRY(line_number(t, u)));
        case kMark:
            return load_mark(t, u);
        case kBinPut:
            return load_put(t, u, static_cast<int64_t>(TRY(number(t, u, 1))));
        case kLongBinPut:
            return load_put(t, u, static_cast<int64_t>(TRY(number(t, u, 4))));
        case kPut:
            return load_put(t, u, TRY(line_number(t, u)));
        case kMemoize:
            return load_put(t, u, u->memo_size);
        case kPop:
            return load_pop(t, u);
        case kPopMark:
            cut_stack(u, TRY(pop_mark(t, u)));
            return Status::ok();
        case kSetItem:
            return load_pairs(t, u, u->stack_size - 2);
        case kSetItems:
            return load_pairs(t, u, TRY(pop_mark(t, u)));
        case kPersId:
            return load_persistent_line(t, u);
        case kBinPersId:
            return load_persistent(t, u);
        case kReduce:
            return load_reduce(t, u);
        case kProto:
            return load_proto(t, u);
        case kFrame:
            return load_frame(t, u);
        case kExt1:
            return load_extension(t, u, 1);
        case kExt2:
            return load_extension(t, u, 2);
        case kExt4:
            return load_extension(t, u, 4);
        default:
            return bad_opcode(t, op);
    }
}

}  // namespace

Ref unpickler_load(Thread& t, Unpickler* u) {
    u->mark_count = u->fence = 0;
    u->proto = 0;
    leave_frame(u);
    cut_stack(u, 0);
    for (;;) {
        const char* p = read_bytes(t, u, 1);
        if (!p) {
            if (!clear_if(t, unpickling_error())) return {};
            return raise(t, PyExc_EOFError, "Ran out of input");
        }
        auto op = static_cast<unsigned char>(*p);
        if (op == kStop) break;
        TRY(step(t, u, op));
    }
    TRY(skip_consumed(t, u));
    return pop(t, u);
}

}  // namespace krait::pickle
