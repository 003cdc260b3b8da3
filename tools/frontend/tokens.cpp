#include <cstdio>
#include <cstring>

#include "frontend.h"
#include "lexer/tokenize.h"

namespace krait::frontend {

namespace {

// "== PATH", a line for every token, and at last what went wrong, if something did.
void dump(const char* path, const std::string& bytes, bool parser, bool types) {
    std::printf("== %s\n", path);
    SourceText source;
    Diagnostic failure;
    SourceOptions source_options;
    source_options.origin = SourceOrigin::kBytes;
    source_options.filename = path;
    source_options.decoder = iconv_decoder();
    source_options.add_newline = !bytes.empty();  // a reader of lines adds none to nothing
    if (!source.load(bytes, source_options, failure)) {
        std::printf("%s\n", describe(failure).c_str());
        return;
    }
    LexerOptions options;
    options.extra_tokens = !parser;
    options.type_comments = types;
    TokenizeStream stream(source, options);
    TokenInfo info;
    while (stream.next(info)) {
        std::printf("%lld,%lld-%lld,%lld %s %s", (long long)info.line, (long long)info.column,
                    (long long)info.end_line, (long long)info.end_column,
                    std::string(token_name(info.kind)).c_str(), quoted(info.text).c_str());
        if (info.line_changed) std::printf(" %s", quoted(info.line_text).c_str());
        std::printf("\n");
    }
    if (stream.error()) std::printf("%s\n", describe(stream.error()).c_str());
}

}  // namespace

int command_tokens(int argc, char** argv) {
    bool parser = false;
    bool types = false;
    int status = 0;
    for (int i = 1; i < argc; i++) {
        if (std::strcmp(argv[i], "--parser") == 0) {
            parser = true;
        } else if (std::strcmp(argv[i], "--types") == 0) {
            types = true;
        } else {
            std::string bytes;
            if (read_file(argv[i], bytes)) {
                dump(argv[i], bytes, parser, types);
            } else {
                status = 1;
            }
        }
    }
    return status;
}

}  // namespace krait::frontend
