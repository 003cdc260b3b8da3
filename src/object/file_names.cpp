#include "object/file_names.h"

#include <cctype>
#include <climits>
#include <cwchar>
#include <string>
#include <vector>

#include "builtins/bytes.h"
#include "builtins/str.h"
#include "object/protocol.h"

namespace krait {
namespace {

// Written once, when the program starts.
enum class Form { Utf8, Ascii, Other } g_form = Form::Utf8;
std::string& encoding() {
    static std::string name = "utf-8";
    return name;
}

// Of Python's codecs that glibc names otherwise.
std::string codec_name(std::string name) {
    for (char& c : name) c = static_cast<char>(tolower(static_cast<unsigned char>(c)));
    if (name == "ansi_x3.4-1968") return "ascii";
    if (name.starts_with("iso-8859-")) return "iso8859-" + name.substr(9);
    if (name.starts_with("euc-")) return "euc_" + name.substr(4);
    return name;
}

constexpr uint32_t kEscape = 0xdc00;
bool is_escaped(uint32_t c) { return c >= kEscape + 0x80 && c <= kEscape + 0xff; }
bool is_surrogate(uint32_t c) { return c >= 0xd800 && c <= 0xdfff; }

// One character at p: its length, 0 where there is none.
size_t next_character(const char* p, size_t n, mbstate_t& state, uint32_t* to) {
    auto byte = static_cast<unsigned char>(*p);
    if (byte < 0x80 && g_form != Form::Other) {
        *to = byte;
        return 1;
    }
    if (g_form == Form::Ascii) return 0;
    wchar_t w = 0;
    size_t used = mbrtowc(&w, p, n, &state);
    if (used == static_cast<size_t>(-1) || used == static_cast<size_t>(-2) ||
        is_surrogate(static_cast<uint32_t>(w))) {
        state = {};
        return 0;
    }
    *to = static_cast<uint32_t>(w);
    return used ? used : 1;
}

}  // namespace

void file_names_in_codeset(const char* codeset) {
    encoding() = codec_name(codeset);
    g_form = encoding() == "utf-8" ? Form::Utf8 : encoding() == "ascii" ? Form::Ascii : Form::Other;
}
bool file_names_are_utf8() { return g_form == Form::Utf8; }
const char* file_name_encoding() { return encoding().c_str(); }

Ref file_name_bytes(Thread& t, Value text) {
    if (g_form == Form::Utf8) return encode_utf8(t, text, "surrogateescape");
    size_t at = 0;
    Ref bytes = encode_in_locale(t, text, true, &at);
    if (bytes || t.has_exception()) return bytes;
    // The codec tells what is wrong as it does elsewhere.
    Ref name = TRY(str_from(t, file_name_encoding())), errors = TRY(str_from(t, "surrogateescape"));
    return call_method(t, text, "encode", {name, errors});
}

Ref decode_in_locale(Thread& t, const char* bytes, size_t n, bool escape, size_t* at) {
    StrBuilder out(t, static_cast<int64_t>(n));
    mbstate_t state{};
    for (size_t i = 0; i < n;) {
        uint32_t c;
        size_t used = next_character(bytes + i, n - i, state, &c);
        if (!used && !escape) {
            *at = i;
            return {};
        }
        if (!used) c = kEscape + static_cast<unsigned char>(bytes[i]);
        TRY(out.put(c));
        i += used ? used : 1;
    }
    return out.finish();
}

Ref encode_in_locale(Thread& t, Value text, bool escape, size_t* at) {
    std::string out;
    mbstate_t state{};
    for (int64_t i = 0, n = str_length(text); i < n; i++) {
        uint32_t c = str_char(text, i);
        char buffer[MB_LEN_MAX];
        size_t used = static_cast<size_t>(-1);
        if (escape && is_escaped(c)) {
            buffer[0] = static_cast<char>(c - kEscape);
            used = 1;
        } else if (c < 0x80 && g_form != Form::Other) {
            buffer[0] = static_cast<char>(c);
            used = 1;
        } else if (g_form != Form::Ascii && !is_surrogate(c)) {
            used = wcrtomb(buffer, static_cast<wchar_t>(c), &state);
        }
        if (used == static_cast<size_t>(-1)) {
            *at = static_cast<size_t>(i);
            return {};
        }
        out.append(buffer, used);
    }
    return bytes_from(t, out.data(), out.size());
}

}  // namespace krait
