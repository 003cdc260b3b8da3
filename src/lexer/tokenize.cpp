#include "lexer/tokenize.h"

namespace krait {

namespace {

bool is_string_like(Tok kind) {
    return kind == Tok::STRING || (kind >= Tok::FSTRING_START && kind <= Tok::TSTRING_END);
}

}  // namespace

int64_t TokenizeStream::characters(uint32_t line_begin, uint32_t bytes) {
    if (line_begin != known_begin_ || bytes < known_bytes_) {
        known_begin_ = line_begin;
        known_bytes_ = 0;
        known_characters_ = 0;
    }
    std::string_view part = source_.text().substr(line_begin + known_bytes_, bytes - known_bytes_);
    known_characters_ += static_cast<int64_t>(character_offset(part, part.size()));
    known_bytes_ = bytes;
    return known_characters_;
}

bool TokenizeStream::next(TokenInfo& info) {
    if (done_) return false;
    Token token;
    if (!lexer_.next(token)) {
        done_ = true;
        set_error();
        return false;
    }
    bool extra = lexer_.options_.extra_tokens;
    info.kind = token.kind;
    info.text = lexer_.text(token);
    bool trailing = token.kind == Tok::ENDMARKER || (token.kind == Tok::DEDENT && lexer_.at_end_);
    uint32_t last_line_begin = lexer_.offset(lexer_.line_begin_);
    uint32_t line_begin =
        is_string_like(token.kind) ? lexer_.offset(lexer_.start_line_begin_) : last_line_begin;
    bool newline_added = source_.newline_added() && lexer_.inp_ == lexer_.end_;
    info.line_changed = true;
    if (extra && trailing) {
        info.line_text = {};
    } else {
        if (lexer_.line_ != last_line_) {
            text_begin_ = line_begin;
            text_end_ = lexer_.offset(lexer_.inp_);
            if (newline_added && text_end_ > text_begin_) text_end_--;
        } else {
            info.line_changed = false;
        }
        info.line_text = source_.text().substr(text_begin_, text_end_ - text_begin_);
    }
    info.line = is_string_like(token.kind) ? token.line : lexer_.line_;
    info.end_line = lexer_.line_;
    last_line_ = info.line;
    info.column = info.end_column = -1;
    if (token.column != kNoColumn) {
        if (token.begin >= line_begin) info.column = characters(line_begin, token.begin - line_begin);
        if (token.end >= last_line_begin)
            info.end_column = characters(last_line_begin, token.end - last_line_begin);
    }
    if (token.kind == Tok::ENDMARKER) done_ = true;
    if (!extra) return true;
    if (trailing) {
        info.end_line = ++info.line;
        info.column = info.end_column = 0;
    }
    if (token.kind > Tok::DEDENT && token.kind < Tok::OP) {
        info.kind = Tok::OP;
    } else if (token.kind == Tok::NEWLINE) {
        // The token itself ends before its newline.
        info.end_column++;
        bool carriage_return = lexer_.source_.data()[token.begin] == '\r';
        info.text = newline_added ? "" : carriage_return ? "\r\n" : "\n";
    } else if (token.kind == Tok::NL && newline_added) {
        info.text = "";
    }
    return true;
}

void TokenizeStream::set_error() {
    error_ = lexer_.diagnostic();
    Lexer::Failure failure = lexer_.failure();
    if (failure == Lexer::Failure::kError || failure == Lexer::Failure::kStopped) return;
    // What the parser words and places in its way is worded and placed otherwise here.
    std::string_view buffer(lexer_.buffer_, lexer_.inp_ - lexer_.buffer_);
    error_.line = error_.end_line = lexer_.line_;
    error_.column = static_cast<int64_t>(character_offset(buffer, buffer.size()));
    error_.end_column = Diagnostic::kUnset;
    if (failure == Lexer::Failure::kEof) {
        error_.message = "unexpected EOF in multi-line statement";
        error_.has_location = false;
        error_.has_text = false;
        // Between tokens the reading of lines has emptied the buffer.
        bool emptied = lexer_.start_ == nullptr && !lexer_.in_template();
        error_.column = emptied ? 0 : static_cast<int64_t>(buffer.size());
        return;
    }
    if (buffer.ends_with('\n')) buffer.remove_suffix(1);
    error_.text = buffer;
    error_.end_unknown = true;
}

}  // namespace krait
