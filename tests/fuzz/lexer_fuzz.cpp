#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "lexer/tokenize.h"
#include "support/panic.h"

// The first byte chooses how the rest is read. Whatever it is, the lexer ends in bounded time, and its tokens
// lie in the text and in order.

using namespace krait;

namespace {

void check(bool condition) {
    if (!condition) panic("the lexer broke its promise");
}

// Gives a text line by line, as a prompt does.
class Lines : public LineReader {
  public:
    explicit Lines(std::string_view text) : rest_(text) {}
    Result read(SourceText& text, bool) override {
        if (rest_.empty()) return Result::kEnd;
        size_t size = rest_.find('\n');
        size = size == std::string_view::npos ? rest_.size() : size + 1;
        text.append(rest_.substr(0, size));
        rest_.remove_prefix(size);
        return Result::kLine;
    }

  private:
    std::string_view rest_;
};

class Warnings : public WarningSink {
  public:
    explicit Warnings(bool fatal) : fatal_(fatal) {}
    bool warn(const Diagnostic&) override { return !fatal_; }

  private:
    bool fatal_;
};

void run(SourceText& source, const LexerOptions& options) {
    Lexer lexer(source, options);
    Token token;
    uint32_t end = 0;
    while (lexer.next(token)) {
        check(token.begin <= token.end && token.end <= source.size());
        if (!options.extra_tokens) check(token.begin >= end);
        check(token.line <= token.end_line);
        check(lexer.expression_text(token).size() <= source.size());
        end = token.end;
        if (token.kind == Tok::ENDMARKER) return;
    }
    check(lexer.failure() != Lexer::Failure::kNone);
    check(lexer.diagnostic().kind != Diagnostic::Kind::kNone);
    check(!lexer.next(token));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    if (size == 0) return 0;
    uint8_t how = data[0];
    std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
    LexerOptions options;
    options.extra_tokens = how & 1;
    options.type_comments = how & 2;
    options.interactive = how & 4;
    Warnings warnings(how & 8);
    options.warnings = &warnings;
    SourceText source;
    Diagnostic failure;
    SourceOptions source_options;
    source_options.filename = "fuzz.py";
    source_options.origin = how & 16 ? SourceOrigin::kFile : SourceOrigin::kBytes;
    source_options.add_newline = !(how & 32);
    source_options.translate_newlines = !(how & 1);
    if (!source.load(text, source_options, failure)) {
        check(failure.is_error());
        return 0;
    }
    if (how & 64) {
        std::string whole(source.text());
        Lines lines(whole);
        SourceText by_lines;
        options.reader = &lines;
        run(by_lines, options);
    } else if (how & 128) {
        TokenizeStream stream(source, options);
        TokenInfo info;
        while (stream.next(info)) check(info.line <= info.end_line);
    } else {
        run(source, options);
    }
    return 0;
}
