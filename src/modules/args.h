// Positional arguments by a format, for native functions whose messages are those of format strings and not
// of signatures.
//
//     int64_t size; int flags = 0;
//     TRY(parse_args(t, "n|i:recv", args, nargs, &size, &flags));
//
// Codes and what their places are: O Value, n int64_t, i int, I unsigned, H uint16_t, B uint8_t, K uint64_t
// (these four wrap around), s const char* (text without NULs), y Buffer (readable), w Buffer (writable), &
// two arguments: an ArgConverter and its void*. What stands behind | may be left out. The end is ":function",
// or ";message" for a message of one's own where the number or the type is wrong.
#pragma once

#include "object/protocol.h"

namespace krait {

using ArgConverter = Status (*)(Thread&, Value, void*);
Status parse_args(Thread& t, const char* format, const Value* args, size_t nargs, ...);
// The same for functions called with raw arguments: keywords are refused in the name of `method`.
#define PARSE_RAW(t, method, format, args, nargs, kwnames, ...) \
    do {                                                        \
        TRY(no_kwargs(t, method, kwnames));                     \
        TRY(parse_args(t, format, args, nargs, __VA_ARGS__));   \
    } while (0)

}  // namespace krait
