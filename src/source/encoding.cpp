#include "source/encoding.h"

#include <algorithm>
#include <cstdio>

#include "support/utf8.h"

namespace krait {

namespace {

struct Alias {
    std::string_view name;
    NativeEncoding encoding;
};

constexpr Alias kAliases[] = {
    {"utf_8", NativeEncoding::kUtf8},       {"utf8", NativeEncoding::kUtf8},
    {"u8", NativeEncoding::kUtf8},          {"utf", NativeEncoding::kUtf8},
    {"utf8_ucs2", NativeEncoding::kUtf8},   {"utf8_ucs4", NativeEncoding::kUtf8},
    {"cp65001", NativeEncoding::kUtf8},     {"ascii", NativeEncoding::kAscii},
    {"us_ascii", NativeEncoding::kAscii},   {"us", NativeEncoding::kAscii},
    {"646", NativeEncoding::kAscii},        {"iso646_us", NativeEncoding::kAscii},
    {"latin_1", NativeEncoding::kLatin1},   {"latin1", NativeEncoding::kLatin1},
    {"latin", NativeEncoding::kLatin1},     {"l1", NativeEncoding::kLatin1},
    {"iso8859_1", NativeEncoding::kLatin1}, {"iso_8859_1", NativeEncoding::kLatin1},
    {"iso8859", NativeEncoding::kLatin1},   {"8859", NativeEncoding::kLatin1},
    {"cp819", NativeEncoding::kLatin1},
};

}  // namespace

NativeEncoding native_encoding(std::string_view name) {
    std::string key;
    for (char c : name) {
        bool word = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || c == '.';
        if (c >= 'A' && c <= 'Z') {
            key += static_cast<char>(c | 0x20);
        } else if (word) {
            key += c;
        } else if (!key.empty() && key.back() != '_') {
            key += '_';
        }
    }
    if (key.ends_with('_')) key.pop_back();
    for (const Alias& alias : kAliases) {
        if (alias.name == key) return alias.encoding;
    }
    return NativeEncoding::kNone;
}

bool decode_native(NativeEncoding encoding, std::string_view bytes, std::string& utf8, std::string& message) {
    char text[160];
    switch (encoding) {
        case NativeEncoding::kUtf8:
            if (utf8::Fault fault = utf8::find_fault(bytes)) {
                if (fault.end - fault.begin == 1) {
                    std::snprintf(
                        text, sizeof text, "'utf-8' codec can't decode byte 0x%02x in position %zu: %s",
                        static_cast<unsigned char>(bytes[fault.begin]), fault.begin, fault.reason());
                } else {
                    std::snprintf(text, sizeof text,
                                  "'utf-8' codec can't decode bytes in position %zu-%zu: %s", fault.begin,
                                  fault.end - 1, fault.reason());
                }
                message = text;
                return false;
            }
            utf8.assign(bytes);
            return true;
        case NativeEncoding::kAscii:
            if (size_t at = utf8::ascii_prefix(bytes); at < bytes.size()) {
                std::snprintf(
                    text, sizeof text,
                    "'ascii' codec can't decode byte 0x%02x in position %zu: ordinal not in range(128)",
                    static_cast<unsigned char>(bytes[at]), at);
                message = text;
                return false;
            }
            utf8.assign(bytes);
            return true;
        case NativeEncoding::kLatin1: {
            utf8.clear();
            utf8.reserve(bytes.size() + bytes.size() / 8);
            for (size_t at = 0; at < bytes.size();) {
                size_t ascii = utf8::ascii_prefix(bytes.substr(at));
                utf8.append(bytes, at, ascii);
                at += ascii;
                for (; at < bytes.size() && static_cast<unsigned char>(bytes[at]) >= 0x80; at++) {
                    utf8::append(utf8, static_cast<unsigned char>(bytes[at]));
                }
            }
            return true;
        }
        case NativeEncoding::kNone:
            break;
    }
    return false;
}

}  // namespace krait
