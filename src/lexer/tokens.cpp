#include "lexer/token.h"

namespace krait {

std::string_view token_name(Tok kind) {
    static constexpr std::string_view kNames[] = {
#define KRAIT_TOKEN(name) #name,
#include "lexer/tokens.def"
    };
    return kNames[static_cast<size_t>(kind)];
}

std::string_view token_text(Tok kind) {
    static constexpr std::string_view kTexts[] = {
#define KRAIT_TOKEN(name) {},
#define KRAIT_OPERATOR(name, text) text,
#include "lexer/tokens.def"
    };
    return kTexts[static_cast<size_t>(kind)];
}

}  // namespace krait
