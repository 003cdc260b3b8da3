// The encoding of file names, arguments and environment variables: UTF-8, or that of the locale where the
// program was started in another one and without UTF-8 mode.
#pragma once

#include "object/thread.h"

namespace krait {

// Before anything is decoded: names are in the encoding that the C library calls `codeset`.
void file_names_in_codeset(const char* codeset);
bool file_names_are_utf8();
const char* file_name_encoding();  // as Python's codecs call it

Ref file_name_bytes(Thread& t, Value text);  // with surrogates for what is no text; UnicodeEncodeError

// As the C library converts in the locale of file names. Where a character cannot be, *at tells its place and
// nothing is raised: empty. With `escape`, bytes that mean nothing become surrogates, and back.
Ref decode_in_locale(Thread& t, const char* bytes, size_t n, bool escape, size_t* at);
Ref encode_in_locale(Thread& t, Value text, bool escape, size_t* at);

}  // namespace krait
