#include <cstdint>
#include <string_view>

#include "ast/dump.h"
#include "parser/parser.h"
#include "support/panic.h"

// The first bytes choose mode and options. Whatever the rest is, the parser ends with a tree or an error.

using namespace krait;

namespace {

class Warnings : public WarningSink {
  public:
    explicit Warnings(bool fatal) : fatal_(fatal) {}
    bool warn(const Diagnostic&) override { return !fatal_; }

  private:
    bool fatal_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    if (size < 2) return 0;
    uint8_t how = data[0];
    ParseOptions options;
    options.mode = static_cast<ParseMode>(how & 3);
    options.type_comments = how & 4;
    options.allow_incomplete = how & 8;
    options.barry = how & 16;
    options.imply_dedent = !(how & 32);
    Warnings warnings(how & 64);
    options.warnings = &warnings;
    options.feature_version = 4 + data[1] % 11;
    std::string_view text(reinterpret_cast<const char*>(data) + 2, size - 2);
    SourceOptions source_options;
    source_options.filename = "fuzz.py";
    source_options.origin = how & 128 ? SourceOrigin::kFile : SourceOrigin::kBytes;
    source_options.add_newline = options.mode == ParseMode::kExec;
    SourceText source;
    Diagnostic failure;
    if (!source.load(text, source_options, failure)) return 0;
    Arena arena;
    IdentifierTable identifiers(arena);
    ParseResult result = parse(arena, identifiers, source, options);
    if ((result.module != nullptr) == result.error.is_error()) panic("neither a tree nor an error, or both");
    if (result.module != nullptr) {
        std::string dump;
        ast::dump(result.module, dump);
    }
    return 0;
}
