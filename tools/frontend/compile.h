#pragma once

#include <string>
#include <string_view>

#include "compiler/codegen.h"
#include "parser/parser.h"

// From source to code, as the subcommands that show or write code need it.
namespace krait::frontend {

struct CompileRequest {
    std::string_view filename;
    ParseMode mode = ParseMode::kExec;
    int optimize = 0;
    WarningSink* warnings = nullptr;
    UnitSink* sink = nullptr;  // gets the units instead of the assembler
    Decoder decoder = {};      // for source that is not UTF-8
};

// Null, with a description in `error`, when the source does not compile. The code lives in `arena`.
inline const CodeObject* compile_source(Arena& arena, std::string_view bytes, const CompileRequest& request,
                                        Diagnostic& error) {
    SourceText source;
    SourceOptions source_options;
    source_options.origin = SourceOrigin::kBytes;
    source_options.filename = request.filename;
    source_options.decoder = request.decoder;
    source_options.add_newline = request.mode == ParseMode::kExec;
    if (!source.load(bytes, source_options, error)) return nullptr;
    IdentifierTable identifiers(arena);
    ParseOptions parse_options;
    parse_options.mode = request.mode;
    parse_options.warnings = request.warnings;
    ParseResult parsed = parse(arena, identifiers, source, parse_options);
    if (parsed.module == nullptr) {
        error = parsed.error;
        return nullptr;
    }
    CompileOptions options;
    options.filename = request.filename;
    options.optimize = request.optimize;
    options.warnings = request.warnings;
    CompileResult result = request.sink != nullptr
                               ? compile(arena, identifiers, parsed.module, options, *request.sink)
                               : compile(arena, identifiers, parsed.module, options);
    if (result.code == nullptr) error = result.failure;
    return result.code;
}

}  // namespace krait::frontend
