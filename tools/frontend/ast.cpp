#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "ast/dump.h"
#include "frontend.h"
#include "parser/parser.h"

namespace krait::frontend {

namespace {

struct Sink : WarningSink {
    std::string out;
    bool errors = false;  // as with -W error
    bool warn(const Diagnostic& warning) override {
        if (errors) return false;
        bool syntax = warning.kind == Diagnostic::Kind::kSyntaxWarning;
        out += syntax ? "SyntaxWarning " : "DeprecationWarning ";
        out += std::to_string(warning.line) + " " + quoted(warning.message) + "\n";
        return true;
    }
};

// The tree, or the error; before either the warnings.
std::string parse_text(std::string_view bytes, SourceOptions source_options, ParseOptions options,
                       bool warnings_are_errors = false) {
    SourceText source;
    Diagnostic failure;
    source_options.decoder = iconv_decoder();
    source_options.add_newline = options.mode == ParseMode::kExec;
    if (!source.load(bytes, source_options, failure)) return describe(failure) + "\n";
    Sink sink;
    sink.errors = warnings_are_errors;
    options.warnings = &sink;
    Arena arena;
    IdentifierTable identifiers(arena);
    ParseResult result = parse(arena, identifiers, source, options);
    std::string out = std::move(sink.out);
    if (result.module) {
        ast::dump(result.module, out);
        return out + "\n";
    }
    return out + describe(result.error) + "\n";
}

bool flag(const char* argument, ParseOptions& options) {
    static constexpr struct {
        const char* name;
        ParseMode mode;
    } kModes[] = {{"--exec", ParseMode::kExec},
                  {"--eval", ParseMode::kEval},
                  {"--single", ParseMode::kSingle},
                  {"--func_type", ParseMode::kFuncType}};
    for (auto& mode : kModes) {
        if (std::strcmp(argument, mode.name) != 0) continue;
        options.mode = mode.mode;
        return true;
    }
    if (std::strcmp(argument, "--types") == 0) {
        options.type_comments = true;
    } else if (std::strcmp(argument, "--incomplete") == 0) {
        options.allow_incomplete = true;
    } else if (std::strcmp(argument, "--no-dedent") == 0) {
        options.imply_dedent = false;
    } else if (std::strncmp(argument, "--version=", 10) == 0) {
        options.feature_version = std::atoi(argument + 10);
    } else {
        return false;
    }
    return true;
}

}  // namespace

int command_ast(int argc, char** argv) {
    ParseOptions options;
    int status = 0;
    bool only_time = false, pretty = false;
    for (int i = 1; i < argc; i++) {
        if (flag(argv[i], options)) continue;
        if (std::strcmp(argv[i], "--quiet") == 0) {
            only_time = true;
            continue;
        }
        if (std::strcmp(argv[i], "--pretty") == 0) {
            pretty = true;
            continue;
        }
        std::string bytes;
        if (!read_file(argv[i], bytes)) {
            status = 1;
            continue;
        }
        SourceOptions source_options;
        source_options.origin = SourceOrigin::kBytes;
        source_options.filename = argv[i];
        if (only_time || pretty) {
            SourceText source;
            Diagnostic failure;
            source_options.decoder = iconv_decoder();
            Arena arena;
            IdentifierTable identifiers(arena);
            if (!source.load(bytes, source_options, failure)) continue;
            ParseResult result = parse(arena, identifiers, source, options);
            if (pretty && result.module) std::printf("%s\n", ast::pretty(result.module).c_str());
            continue;
        }
        std::printf("== %s\n%s", argv[i], parse_text(bytes, source_options, options).c_str());
    }
    return status;
}

// The file holds texts one behind the other, each with its size in decimal on a line before it. Prints for
// each
// "==", the warnings and the error, or "ok" (--trees: the tree).
int command_parse_errors(int argc, char** argv) {
    ParseOptions options;
    std::string bundle;
    int last = argc - 1;
    bool errors = false, trees = false;
    for (int i = 1; i < last; i++) {
        if (std::strcmp(argv[i], "--werror") == 0) errors = true;
        if (std::strcmp(argv[i], "--trees") == 0) trees = true;
        flag(argv[i], options);
    }
    if (argc < 2 || !read_file(argv[last], bundle)) return 2;
    for (size_t at = 0; at < bundle.size();) {
        char* digits_end;
        size_t size = std::strtoull(bundle.c_str() + at, &digits_end, 10);
        at = static_cast<size_t>(digits_end + 1 - bundle.c_str());
        SourceOptions source_options;
        std::string out =
            parse_text(std::string_view(bundle).substr(at, size), source_options, options, errors);
        at += size;
        size_t line = out.rfind('\n', out.size() - 2);
        line = line == out.npos ? 0 : line + 1;
        if (!trees && out.compare(line, 6, "error ") != 0) out = out.substr(0, line) + "ok\n";
        std::printf("==\n%s", out.c_str());
    }
    return 0;
}

}  // namespace krait::frontend
