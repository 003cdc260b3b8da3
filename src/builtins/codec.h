// The codecs behind str.encode, bytes.decode and the module _codecs, and what they share: error handling
// without objects for the handlers everyone uses, with the registered callables for the others.
#pragma once

#include <string_view>

#include "builtins/bytes.h"
#include "builtins/str.h"
#include "object/errors.h"

namespace krait {

enum class OnError : uint8_t {
    Strict,
    Ignore,
    Replace,
    SurrogateEscape,
    SurrogatePass,
    BackslashReplace,
    XmlCharRefReplace,
    Other,
};
OnError on_error(const char* errors);  // null means strict

// What a decoder knows about its input, and its way out of faults. A handler may exchange the input: read
// data() and size() again after handle().
class Decoding {
  public:
    Decoding(Thread& t, const char* encoding, const char* errors, const char* data, size_t size)
        : t(t),
          encoding_(encoding),
          errors_(errors),
          mode(on_error(errors)),
          data_(data),
          size_(static_cast<int64_t>(size)) {}
    const unsigned char* data() const { return reinterpret_cast<const unsigned char*>(data_); }
    int64_t size() const { return size_; }
    // Bytes [start, stop) cannot be decoded: appends the replacement to `out` and says where to go on.
    Result<int64_t> handle(StrBuilder& out, int64_t start, int64_t stop, const char* reason);
    Thread& t;

  private:
    Result<int64_t> call_handler(StrBuilder& out, int64_t start, int64_t stop, const char* reason);
    const char* encoding_;
    const char* errors_;

  public:
    const OnError mode;

  private:
    const char* data_;
    int64_t size_;
    Ref object_, handler_;
};

// The same for encoders. handle() writes the replacement through `put`, which encodes a str or bytes given.
struct Replacement {
    Ref text;  // str, or bytes to be taken as they are; empty for none
    int64_t resume = 0;
};
class Encoding {
  public:
    Encoding(Thread& t, const char* encoding, const char* errors, Value text)
        : t(t), mode(on_error(errors)), encoding_(encoding), errors_(errors), text_(text) {}
    // Characters [start, stop) cannot be encoded. Empty text on failure is told by ok.
    Result<bool> handle(int64_t start, int64_t stop, const char* reason, Replacement& out);
    // Raises the UnicodeEncodeError itself.
    Raised fail(int64_t start, int64_t stop, const char* reason);
    Value text() const { return text_; }
    Thread& t;
    const OnError mode;

  private:
    const char* encoding_;
    const char* errors_;
    Value text_;
    Ref handler_;
};

Raised raise_decode_error(Thread& t, const char* encoding, Value object, int64_t start, int64_t end,
                          const char* reason);
Raised raise_encode_error(Thread& t, const char* encoding, Value object, int64_t start, int64_t end,
                          const char* reason);

// Byte orders: -1 little, 1 big, 0 by byte order mark (native without one); decoders store what they found.
// `consumed` null: the input is complete; otherwise an unfinished sequence at its end is left.
Ref decode_utf16(Thread& t, const char* s, size_t n, const char* errors, int* byteorder, int64_t* consumed);
Ref decode_utf32(Thread& t, const char* s, size_t n, const char* errors, int* byteorder, int64_t* consumed);
Ref encode_utf16(Thread& t, Value s, const char* errors, int byteorder);
Ref encode_utf32(Thread& t, Value s, const char* errors, int byteorder);
Ref decode_utf7(Thread& t, const char* s, size_t n, const char* errors, int64_t* consumed);
Ref encode_utf7(Thread& t, Value s, const char* errors);
Ref decode_latin1(Thread& t, const char* s, size_t n);
Ref encode_latin1(Thread& t, Value s, const char* errors);
Ref decode_ascii(Thread& t, const char* s, size_t n, const char* errors);
Ref encode_ascii(Thread& t, Value s, const char* errors);
// Whether \N{...} may be read: the names are in tables, but they are unicodedata's, which has to be
// importable.
bool character_names_ready(Thread& t);
inline constexpr const char* kNoCharacterNames = "\\N escapes not supported (can't load unicodedata module)";
Ref decode_unicode_escape(Thread& t, const char* s, size_t n, const char* errors, int64_t* consumed);
Ref encode_unicode_escape(Thread& t, Value s);
Ref decode_raw_unicode_escape(Thread& t, const char* s, size_t n, const char* errors, int64_t* consumed);
Ref encode_raw_unicode_escape(Thread& t, Value s);
Ref decode_charmap(Thread& t, const char* s, size_t n, Value mapping_or_empty, const char* errors);
Ref encode_charmap(Thread& t, Value s, Value mapping_or_empty, const char* errors);
Ref charmap_build(Thread& t, Value map);
Ref decode_bytes_escape(Thread& t, const char* s, size_t n, const char* errors);  // bytes

// --- registry (codec_registry.cpp) ---
Ref codec_lookup(Thread& t, const char* encoding);  // the CodecInfo tuple
Status codec_register(Thread& t, Value search_function);
Status codec_unregister(Thread& t, Value search_function);
Ref codec_encode(Thread& t, Value object, const char* encoding, const char* errors);  // codecs.encode
Ref codec_decode(Thread& t, Value object, const char* encoding, const char* errors);
Status codec_register_error(Thread& t, const char* name, Value handler);
Result<bool> codec_unregister_error(Thread& t, const char* name);
Ref codec_lookup_error(Thread& t, const char* name);  // null: strict

// In development mode: names that are not known are an error even where they would not be used.
Status check_codec_names(Thread& t, const char* encoding, const char* errors);

struct BuiltinErrorHandler {
    const char* name;
    NativeDef def;
};
extern const BuiltinErrorHandler kBuiltinErrorHandlers[];  // ends with a null name

// str.encode and bytes.decode with arguments as given (names may be empty: utf-8, strict).
Ref str_encode(Thread& t, Value s, const char* encoding, const char* errors);
Ref bytes_decode(Thread& t, Value object, const char* encoding, const char* errors);  // any buffer

}  // namespace krait
