#include <cstdio>
#include <cstdlib>

#include "frontend.h"
#include "lexer/lexer.h"

namespace krait::frontend {

// lex_errors BUNDLE [eval]: The file holds texts one behind the other, each with its size in decimal on a
// line before it. Prints a line for each: the first lexical error, or "ok"; before it the warnings, separated
// by tabs.
int command_lex_errors(int argc, char** argv) {
    std::string bundle;
    bool exec = argc == 2;
    if (argc < 2 || !read_file(argv[1], bundle)) return 2;
    struct Sink : WarningSink {
        bool warn(const Diagnostic& warning) override {
            std::printf("warning %lld %s\t", (long long)warning.line, quoted(warning.message).c_str());
            return true;
        }
    } sink;
    for (size_t at = 0; at < bundle.size();) {
        char* digits_end;
        size_t size = std::strtoull(bundle.c_str() + at, &digits_end, 10);
        at = digits_end + 1 - bundle.c_str();
        std::string_view text = std::string_view(bundle).substr(at, size);
        at += size;
        SourceText source;
        Diagnostic failure;
        SourceOptions source_options;
        source_options.origin = SourceOrigin::kBytes;
        source_options.decoder = iconv_decoder();
        source_options.add_newline = exec;
        if (source.load(text, source_options, failure)) {
            LexerOptions options;
            options.warnings = &sink;
            Lexer lexer(source, options);
            Token token;
            do {
                if (!lexer.next(token)) {
                    failure = lexer.diagnostic();
                    break;
                }
            } while (token.kind != Tok::ENDMARKER);
        }
        std::printf("%s\n", failure ? describe(failure).c_str() : "ok");
    }
    return 0;
}

}  // namespace krait::frontend
