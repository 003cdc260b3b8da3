#include "lexer/identifier.h"

#include "support/unicode.h"
#include "support/utf8.h"

namespace krait {

size_t identifier_prefix(std::string_view name) {
    const char* at = name.data();
    const char* end = at + name.size();
    for (const char* c = at; at < end; c = at) {
        char32_t code = utf8::next(at);
        bool ok =
            c != name.data() ? unicode::is_xid_continue(code) : unicode::is_xid_start(code) || code == '_';
        if (!ok) return static_cast<size_t>(c - name.data());
    }
    return name.size();
}

bool is_printable(char32_t c) { return c < 0x110000 && unicode::is_printable(c); }

}  // namespace krait
