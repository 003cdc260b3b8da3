#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace krait {

// The encodings that sources are decoded from without the runtime's codecs.
enum class NativeEncoding : uint8_t { kNone, kUtf8, kAscii, kLatin1 };

// By any of the names Python's codec registry knows for it.
NativeEncoding native_encoding(std::string_view name);

// Decodes into UTF-8. False: `message` is that of the UnicodeDecodeError.
bool decode_native(NativeEncoding encoding, std::string_view bytes, std::string& utf8, std::string& message);

}  // namespace krait
