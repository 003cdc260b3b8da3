#include <cstdint>
#include <string_view>

#include "bytecode/decode.h"
#include "bytecode/marshal.h"
#include "compiler/compiler.h"
#include "parser/parser.h"
#include "support/panic.h"

// The first byte chooses mode and optimization; the rest is source. What compiles passes the verifier and
// survives marshal.

using namespace krait;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    if (size == 0) return 0;
    constexpr ParseMode kModes[] = {ParseMode::kExec, ParseMode::kExec, ParseMode::kSingle, ParseMode::kEval};
    ParseMode mode = kModes[data[0] & 3];
    SourceText source;
    SourceOptions source_options;
    Diagnostic failure;
    source_options.origin = SourceOrigin::kBytes;
    source_options.add_newline = mode == ParseMode::kExec;
    if (!source.load({reinterpret_cast<const char*>(data + 1), size - 1}, source_options, failure)) return 0;
    Arena arena;
    IdentifierTable identifiers(arena);
    ParseOptions parse_options;
    parse_options.mode = mode;
    ParseResult parsed = parse(arena, identifiers, source, parse_options);
    if (parsed.module == nullptr) return 0;
    CompileOptions options;
    options.filename = "fuzz";
    options.optimize = data[0] >> 2 & 1 ? 2 : 0;
    options.allow_top_level_await = data[0] >> 3 & 1;
    CompileResult result = compile(arena, identifiers, parsed.module, options);
    if (result.code == nullptr) {
        if (result.failure.message.empty()) panic("neither code nor an error");
        return 0;
    }
    std::string problem = verify_code(result.code);
    if (!problem.empty()) panic(problem.c_str());
    std::string written = marshal_code(result.code);
    const char* error = nullptr;
    if (!written.empty() && unmarshal_code(arena, written, &error) == nullptr) panic(error);
    return 0;
}
