// What the files of bytes and bytearray share.
#pragma once

#include <string_view>

#include "builtins/bytes.h"
#include "builtins/number.h"
#include "builtins/str_methods.h"
#include "object/protocol.h"

namespace krait {

struct ByteSpan {
    const uint8_t* data;
    int64_t size;
};
// The contents of a bytes or bytearray; read it after anything that may run code.
inline ByteSpan span_of(Value v) {
    if (is_bytes(v)) return {reinterpret_cast<const uint8_t*>(bytes_data(v)), bytes_size(v)};
    return {reinterpret_cast<const uint8_t*>(bytearray_data(v)), bytearray_size(v)};
}
// A new object of the builtin type self is of.
inline Ref bytes_like(Thread& t, Value self, const void* p, int64_t n) {
    return is_bytes(self) ? bytes_from(t, p, static_cast<size_t>(n))
                          : bytearray_from(t, p, static_cast<size_t>(n));
}
// self when it is exactly bytes, otherwise a copy.
inline Ref bytes_same(Thread& t, Value self) {
    if (has_type(self, &PyBytes_Type)) return Ref::share(self);
    ByteSpan s = span_of(self);
    return bytes_like(t, self, s.data, s.size);
}

// An integer 0..255; ValueError "byte must be in range(0, 256)".
Result<int> byte_arg(Thread& t, Value v);
// The items of an iterable of ints; `what` is "bytes" or "byte" in the message about the range.
Status bytes_put_iterable(Thread& t, BytesBuilder& out, Value iterable, const char* what);
// The contents of bytes(source) / bytearray(source) into out. `type` names the type in messages.
Status bytes_put_source(Thread& t, BytesBuilder& out, Value source, const char* type);
// Checks the three arguments of the constructors and encodes text: out is filled when that made the value.
Result<bool> bytes_from_text(Thread& t, const char* type, Value source, Value encoding, Value errors,
                             Ref& out);

// Without smart_quotes always between apostrophes.
Ref bytes_repr_text(Thread& t, ByteSpan s, bool bytearray, bool smart_quotes = true);
// a + b of any two buffers, as bytes and as bytearray.
Ref bytes_concat(Thread& t, Value a, Value b);
Ref bytearray_concat(Thread& t, Value a, Value b);
Ref bytes_compare(Thread& t, Value a, Value b, CompareOp op);
Ref bytes_slice(Thread& t, Value self, Value slice);
Ref bytes_repeat_new(Thread& t, Value self, int64_t count);  // the repeated contents as bytes
Result<bool> bytes_contains(Thread& t, Value self, Value item);
Ref bytes_hex(Thread& t, const char* p, int64_t n, Value sep, Value bytes_per_sep);
Ref bytes_from_hex(Thread& t, Value text);                 // bytes
Ref bytes_format(Thread& t, ByteSpan format, Value args);  // bytes
Ref bytes_iter_new(Thread& t, PyTypeObject* type, Value seq);
Status warn_bytes(Thread& t, const char* message);  // BytesWarning under -b, an error under -bb

// Methods common to both types: every entry without the final empty one.
#define BYTES_METHODS(X)                                                                                  \
    X(capitalize, "()", "A copy whose first byte is upper case and the rest lower case (ASCII).")         \
    X(center, "(width, fillchar=b' ', /)", "These bytes in the middle of width bytes.")                   \
    X(count, "(sub[, start[, end]], /)", "How often sub occurs without overlapping.")                     \
    X(decode, "(encoding='utf-8', errors='strict')", "The text these bytes encode.")                      \
    X(endswith, "(suffix[, start[, end]], /)", "Whether these bytes end with suffix, or one of a tuple.") \
    X(expandtabs, "(tabsize=8)", "A copy with spaces in place of tabs.")                                  \
    X(find, "(sub[, start[, end]], /)", "The lowest index where sub is found, or -1.")                    \
    X(hex, "(sep=<unrepresentable>, bytes_per_sep=1)",                                                    \
      "The bytes as hexadecimal digits.\n\n>>> data = b'\\x12\\xab\\xcd'\n>>> data.hex()\n'12abcd'\n>>> " \
      "data.hex('-')\n'12-ab-cd'\n>>> data.hex('-', 2)\n'12-abcd'\n>>> data.hex('-', -2)\n'12ab-cd'")     \
    X(index, "(sub[, start[, end]], /)", "As find(), but raises ValueError when sub is missing.")         \
    X(isalnum, "()", "Whether there is something and all of it is ASCII letters or digits.")              \
    X(isalpha, "()", "Whether there is something and all of it is ASCII letters.")                        \
    X(isascii, "()", "Whether all bytes are ASCII.")                                                      \
    X(isdigit, "()", "Whether there is something and all of it is ASCII digits.")                         \
    X(islower, "()", "Whether there are letters and all of them are lower case.")                         \
    X(isspace, "()", "Whether there is something and all of it is ASCII whitespace.")                     \
    X(istitle, "()", "Whether words start with upper case and go on in lower case.")                      \
    X(isupper, "()", "Whether there are letters and all of them are upper case.")                         \
    X(join, "(iterable_of_bytes, /)", "The items of the iterable with these bytes between them.")         \
    X(ljust, "(width, fillchar=b' ', /)", "These bytes at the left of width bytes.")                      \
    X(lower, "()", "A copy in lower case (ASCII).")                                                       \
    X(lstrip, "(bytes=None, /)", "A copy without whitespace, or the given bytes, at the start.")          \
    X(partition, "(sep, /)", "The parts before and after the first sep, with sep between.")               \
    X(replace, "(old, new, count=-1, /)", "A copy in which occurrences of old are new.")                  \
    X(removeprefix, "(prefix, /)", "A copy without prefix at the start.")                                 \
    X(removesuffix, "(suffix, /)", "A copy without suffix at the end.")                                   \
    X(rfind, "(sub[, start[, end]], /)", "The highest index where sub is found, or -1.")                  \
    X(rindex, "(sub[, start[, end]], /)", "As rfind(), but raises ValueError when sub is missing.")       \
    X(rjust, "(width, fillchar=b' ', /)", "These bytes at the right of width bytes.")                     \
    X(rpartition, "(sep, /)", "The parts before and after the last sep, with sep between.")               \
    X(rsplit, "(sep=None, maxsplit=-1)", "The parts between separators, counting from the right.")        \
    X(rstrip, "(bytes=None, /)", "A copy without whitespace, or the given bytes, at the end.")            \
    X(split, "(sep=None, maxsplit=-1)", "The list of the parts between separators.")                      \
    X(splitlines, "(keepends=False)", "The list of the lines.")                                           \
    X(startswith, "(prefix[, start[, end]], /)",                                                          \
      "Whether these bytes start with prefix, or one of a tuple.")                                        \
    X(strip, "(bytes=None, /)", "A copy without whitespace, or the given bytes, at both ends.")           \
    X(swapcase, "()", "A copy with upper and lower case exchanged (ASCII).")                              \
    X(title, "()", "A copy in which every word starts in upper case (ASCII).")                            \
    X(translate, "(table, /, delete=b'')", "A copy with each byte mapped through a table of 256.")        \
    X(upper, "()", "A copy in upper case (ASCII).")                                                       \
    X(zfill, "(width, /)", "This number with zeros between its sign and its digits.")

// Keeps a bytearray from being resized for a scope in which code of its arguments may run.
class SizeLock {
  public:
    explicit SizeLock(Value v) : array_(is_bytearray(v) ? v.as<PyByteArrayObject>() : nullptr) {
        if (array_) array_->ob_exports++;
    }
    ~SizeLock() {
        if (array_) array_->ob_exports--;
    }
    SizeLock(const SizeLock&) = delete;

  private:
    PyByteArrayObject* array_;
};

namespace bytes_methods {
Ref capitalize(Thread& t, Value self);
Ref center(Thread& t, Value self, const Value* args, size_t nargs);
Ref count(Thread& t, Value self, const Value* args, size_t nargs);
Ref decode(Thread& t, Value self, const Value* p);
Ref endswith(Thread& t, Value self, const Value* args, size_t nargs);
Ref expandtabs(Thread& t, Value self, const Value* p);
Ref find(Thread& t, Value self, const Value* args, size_t nargs);
Ref hex(Thread& t, Value self, const Value* p);
Ref index(Thread& t, Value self, const Value* args, size_t nargs);
Ref isalnum(Thread& t, Value self);
Ref isalpha(Thread& t, Value self);
Ref isascii(Thread& t, Value self);
Ref isdigit(Thread& t, Value self);
Ref islower(Thread& t, Value self);
Ref isspace(Thread& t, Value self);
Ref istitle(Thread& t, Value self);
Ref isupper(Thread& t, Value self);
Ref join(Thread& t, Value self, Value iterable);
Ref ljust(Thread& t, Value self, const Value* args, size_t nargs);
Ref lower(Thread& t, Value self);
Ref lstrip(Thread& t, Value self, const Value* args, size_t nargs);
Ref partition(Thread& t, Value self, Value sep);
Ref replace(Thread& t, Value self, const Value* args, size_t nargs);
Ref removeprefix(Thread& t, Value self, Value prefix);
Ref removesuffix(Thread& t, Value self, Value suffix);
Ref rfind(Thread& t, Value self, const Value* args, size_t nargs);
Ref rindex(Thread& t, Value self, const Value* args, size_t nargs);
Ref rjust(Thread& t, Value self, const Value* args, size_t nargs);
Ref rpartition(Thread& t, Value self, Value sep);
Ref rsplit(Thread& t, Value self, const Value* p);
Ref rstrip(Thread& t, Value self, const Value* args, size_t nargs);
Ref split(Thread& t, Value self, const Value* p);
Ref splitlines(Thread& t, Value self, const Value* p);
Ref startswith(Thread& t, Value self, const Value* args, size_t nargs);
Ref strip(Thread& t, Value self, const Value* args, size_t nargs);
Ref swapcase(Thread& t, Value self);
Ref title(Thread& t, Value self);
Ref translate(Thread& t, Value self, const Value* p);
Ref upper(Thread& t, Value self);
Ref zfill(Thread& t, Value self, Value width);
Ref maketrans(Thread& t, Value, const Value* args, size_t nargs);
}  // namespace bytes_methods

}  // namespace krait
