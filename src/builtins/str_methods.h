// Methods of str that live in several files, and the argument checks they share with bytes.
#pragma once

#include "builtins/number.h"
#include "builtins/str_internal.h"

namespace krait {

// An argument of type Py_ssize_t: any integer; OverflowError.
Result<int64_t> ssize_arg(Thread& t, Value v);
// TypeError "fname() argument N must be str, not X" (without the number when position is 0).
Status str_arg(Thread& t, const char* fname, int position, Value v);
// A str argument without NULs as C text, null when omitted; valid while v lives.
Result<const char*> c_string_arg(Thread& t, const char* fname, const char* name, Value v);
// args[1] and args[2] as slice bounds.
Status range_args(Thread& t, const Value* args, size_t nargs, int64_t length, int64_t& start, int64_t& stop);
// `left` and `right` fill characters around s.
Ref str_pad(Thread& t, Value s, int64_t left, int64_t right, uint32_t fill);

// str_case.cpp
Ref str_capitalize(Thread& t, Value self);
Ref str_casefold(Thread& t, Value self);
Ref str_title(Thread& t, Value self);
Ref str_lower(Thread& t, Value self);
Ref str_upper(Thread& t, Value self);
Ref str_swapcase(Thread& t, Value self);
Ref str_isascii(Thread& t, Value self);
Ref str_islower(Thread& t, Value self);
Ref str_isupper(Thread& t, Value self);
Ref str_istitle(Thread& t, Value self);
Ref str_isspace(Thread& t, Value self);
Ref str_isdecimal(Thread& t, Value self);
Ref str_isdigit(Thread& t, Value self);
Ref str_isnumeric(Thread& t, Value self);
Ref str_isalpha(Thread& t, Value self);
Ref str_isalnum(Thread& t, Value self);
Ref str_isidentifier(Thread& t, Value self);
Ref str_isprintable(Thread& t, Value self);
// str_translate.cpp
Ref str_translate(Thread& t, Value self, Value table);
// What the table leaves out is a matter for the error handler; null: strict.
Ref str_translate_with(Thread& t, Value self, Value table, const char* errors);
Ref str_maketrans(Thread& t, Value, const Value* args, size_t nargs, Value kwnames);
// format_fields.cpp
Ref str_format_method(Thread& t, Value self, const Value* args, size_t nargs, Value kwnames);
Ref str_format_map(Thread& t, Value self, Value mapping);
Ref str_dunder_format(Thread& t, Value self, Value spec);

}  // namespace krait
