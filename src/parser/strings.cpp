// String literals: escapes, f-strings and t-strings, concatenation.
#include <cstring>

#include "parser/rules.h"
#include "support/unicode.h"
#include "support/utf8.h"

namespace krait::parser {

namespace {

const krait::Constant* text_constant(State& p, ConstantKind kind, const char* data, size_t size) {
    auto made = p.make<krait::Constant>();
    made->kind = kind;
    made->bytes = {data, size};
    return made;
}

// Decodes the body of one literal, or one text part of an f-string. CPython hands such a body to its
// unicode-escape codec in a form in which every character beyond ASCII is spelled \UXXXXXXXX; places in its
// messages, and the columns of its warnings, count in that form.
class Decoder {
  public:
    Decoder(State& p, Tk* token, std::string_view body, bool bytes)
        : p_(p), token_(token), body_(body), bytes_(bytes), at_(body.data()), end_(at_ + body.size()) {}

    // `warn_at`: the token whose line and column a warning counts from.
    const krait::Constant* decode(Tk* warn_at) {
        // No escape is shorter than what it stands for.
        out_ = begin_ = static_cast<char*>(p_.arena->allocate(body_.size() + 1, 1));
        while (at_ < end_) {
            auto slash = static_cast<const char*>(std::memchr(at_, '\\', static_cast<size_t>(end_ - at_)));
            size_t plain = static_cast<size_t>((slash ? slash : end_) - at_);
            std::memcpy(out_, at_, plain);
            out_ += plain;
            at_ += plain;
            if (slash) escape();
        }
        *out_ = 0;
        if (invalid_) warn(warn_at);
        return text_constant(p_, bytes_ ? ConstantKind::kBytes : ConstantKind::kStr, begin_,
                             static_cast<size_t>(out_ - begin_));
    }

  private:
    void put(char32_t c) {
        if (bytes_) {
            *out_++ = static_cast<char>(c);
        } else {
            out_ += utf8::encode(c, out_);
        }
    }

    void escape() {
        slash_ = at_++;
        // Before a field, or a character beyond ASCII, a backslash is just that.
        if (at_ == end_ || static_cast<unsigned char>(*at_) >= 0x80) return put('\\');
        char c = *at_++;
        switch (c) {
            case '\n':
                return;
            case '\\':
            case '\'':
            case '"':
                return put(static_cast<unsigned char>(c));
            case 'a':
                return put(7);
            case 'b':
                return put(8);
            case 'f':
                return put(12);
            case 'n':
                return put('\n');
            case 'r':
                return put('\r');
            case 't':
                return put('\t');
            case 'v':
                return put(11);
            case 'x':
                return bytes_ ? hex_byte() : hex(2, "truncated \\xXX escape");
            case '0':
            case '1':
            case '2':
            case '3':
            case '4':
            case '5':
            case '6':
            case '7':
                return octal(c);
            case 'u':
                if (!bytes_) return hex(4, "truncated \\uXXXX escape");
                break;
            case 'U':
                if (!bytes_) return hex(8, "truncated \\UXXXXXXXX escape");
                break;
            case 'N':
                if (!bytes_) return named();
                break;
        }
        note_invalid();
        *out_++ = '\\';
        *out_++ = c;
    }

    void note_invalid() {
        if (invalid_ == nullptr) invalid_ = slash_;
    }

    void octal(char first) {
        unsigned value = static_cast<unsigned>(first - '0');
        for (int i = 0; i < 2 && at_ < end_ && *at_ >= '0' && *at_ <= '7'; i++) {
            value = value * 8 + static_cast<unsigned>(*at_++ - '0');
        }
        if (value > 0377) note_invalid();
        put(bytes_ ? value & 0xFF : value);
    }

    static int hex_digit(char c) {
        if (c >= '0' && c <= '9') return c - '0';
        c |= 0x20;
        return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
    }

    void hex(int count, const char* truncated) {
        char32_t value = 0;
        for (; count > 0; count--, at_++) {
            int digit = at_ < end_ ? hex_digit(*at_) : -1;
            if (digit < 0) fail(truncated);
            value = value << 4 | static_cast<char32_t>(digit);
        }
        if (value > 0x10FFFF) fail("illegal Unicode character");
        put(value);
    }

    void hex_byte() {
        int high = at_ < end_ ? hex_digit(at_[0]) : -1, low = end_ - at_ > 1 ? hex_digit(at_[1]) : -1;
        if (high < 0 || low < 0) fail_bytes(nullptr);
        at_ += 2;
        put(static_cast<char32_t>(high << 4 | low));
    }

    void named() {
        if (NameNormalizer* names = p_.options().names; names && !names->has_character_names()) {
            p_.raise(Diagnostic::Kind::kSyntaxError,
                     "(unicode error) \\N escapes not supported (can't load unicodedata module)",
                     State::place(token_));
        }
        const char* malformed = "malformed \\N character escape";
        if (at_ == end_ || *at_ != '{') fail(malformed);
        auto close = static_cast<const char*>(std::memchr(at_, '}', static_cast<size_t>(end_ - at_)));
        at_++;
        std::string_view name(at_, static_cast<size_t>((close ? close : end_) - at_));
        at_ += name.size();
        if (close == nullptr || name.empty()) fail(malformed);
        at_++;
        uint32_t character[4];
        if (unicode::lookup(name, false, character) == 0) fail("unknown Unicode character name");
        put(character[0]);
    }

    // Where `at` is in CPython's form of the body, and how many line ends are before it; `column` counts from
    // the last of them.
    size_t place(const char* at, uint32_t* lines = nullptr, size_t* column = nullptr) {
        size_t offset = 0, line_begin = 0;
        uint32_t count = 0;
        for (const char* c = body_.data(); c < at;) {
            if (bytes_ || static_cast<unsigned char>(*c) < 0x80) {
                if (*c == '\\' && c + 1 < end_ && static_cast<unsigned char>(c[1]) >= 0x80 && !bytes_)
                    offset += 5;
                offset++;
                if (*c == '\n') {
                    count++;
                    line_begin = offset;
                }
                // The second of two backslashes does not begin an escape.
                if (*c == '\\' && c + 1 < at && c[1] == '\\') {
                    c++;
                    offset++;
                }
                c++;
            } else {
                offset += 10;
                utf8::next(c);
            }
        }
        if (lines) *lines = count;
        if (column) *column = offset - line_begin;
        return offset;
    }

    [[noreturn]] void fail(const char* reason) {
        size_t begin = place(slash_), end = place(at_);
        const char* message;
        if (end - begin == 1) {
            message =
                p_.format("(unicode error) 'unicodeescape' codec can't decode byte 0x5c in position %zu: %s",
                          begin, reason);
        } else {
            message =
                p_.format("(unicode error) 'unicodeescape' codec can't decode bytes in position %zu-%zu: %s",
                          begin, end - 1, reason);
        }
        p_.raise(Diagnostic::Kind::kSyntaxError, message, State::place(token_));
    }

    [[noreturn]] void fail_bytes(const char* reason) {
        const char* message =
            reason ? p_.format("(value error) %s", reason)
                   : p_.format("(value error) invalid \\x escape at position %td", slash_ - body_.data());
        p_.raise(Diagnostic::Kind::kSyntaxError, message, State::place(token_));
    }

    void warn(Tk* at) {
        char c = invalid_[1];
        bool octal = c >= '4' && c <= '7';
        bool part = token_->kind == FSTRING_MIDDLE || token_->kind == TSTRING_MIDDLE;
        if (part && (c == '{' || c == '}')) return;  // the lexer has warned
        uint32_t lines;
        size_t column;
        place(invalid_, &lines, &column);
        if (lines == 0) column += at->column + opening_quotes(p_.text(static_cast<const Token&>(*at)));
        std::string_view escape(invalid_ + 1, octal ? 3 : 1);
        p_.warn_escape(*token_, escape, at->line + lines, static_cast<int64_t>(column), octal);
    }

    static size_t opening_quotes(std::string_view text) {
        if (text.empty() || (text[0] != '"' && text[0] != '\'')) return 0;
        return text.size() >= 3 && text[1] == text[0] && text[2] == text[0] ? 3 : 1;
    }

    State& p_;
    Tk* token_;
    std::string_view body_;
    bool bytes_;
    const char* at_;
    const char* end_;
    const char* slash_ = nullptr;
    const char* invalid_ = nullptr;  // the first backslash that begins no escape
    char* begin_ = nullptr;
    char* out_ = nullptr;
};

bool has_backslash(std::string_view text) { return std::memchr(text.data(), '\\', text.size()) != nullptr; }

const krait::Constant* decode_part(State& p, Tk* token, bool raw, Tk* warn_at) {
    std::string_view body = p.text(static_cast<const Token&>(*token));
    p.check_text(token, body);
    if (raw || !has_backslash(body)) return str_constant(*p.arena, body);
    return Decoder(p, token, body, false).decode(warn_at);
}

// A text of an f-string that waits for the f-string's end, whose token warnings mention.
struct RawPart : ast::Constant {
    Tk* token;
};

}  // namespace

ExprNode* string_literal(State& p, Tk* token) {
    std::string_view text = p.text(static_cast<const Token&>(*token));
    bool bytes = false, raw = false, u = false;
    while (text[0] != '"' && text[0] != '\'') {
        char c = text[0] | 0x20;
        bytes |= c == 'b';
        raw |= c == 'r';
        u |= text[0] == 'u';
        text.remove_prefix(1);
    }
    size_t quotes = text.size() >= 6 && text[1] == text[0] && text[2] == text[0] ? 3 : 1;
    std::string_view body = text.substr(quotes, text.size() - 2 * quotes);
    if (bytes && !utf8::is_ascii(body)) {
        p.raise_at(token, "bytes can only contain ASCII literal characters");
    }
    p.check_text(token, body);
    const krait::Constant* value;
    if (!raw && has_backslash(body)) {
        value = Decoder(p, token, body, bytes).decode(token);
    } else {
        value = bytes ? bytes_constant(*p.arena, body) : str_constant(*p.arena, body);
    }
    return p.make<ast::Constant>(State::place(token), value, u ? p.intern("u") : nullptr);
}

ExprNode* string_part(State& p, Tk* middle) {
    auto part = static_cast<RawPart*>(p.arena->allocate(sizeof(RawPart), alignof(RawPart)));
    new (part) ast::Constant(State::place(middle), nullptr, nullptr);
    part->token = middle;
    return part;
}

ExprNode* format_part(State& p, Tk* middle) {
    const krait::Constant* value = decode_part(p, middle, middle->raw, middle);
    return p.make<ast::Constant>(State::place(middle), value, nullptr);
}

namespace {

bool is_text(const ExprNode* node) { return ast::is<ast::Constant>(node); }

size_t text_size(const ExprNode* node) { return ast::as<ast::Constant>(node)->value->bytes.size; }

// The parts of one f-string: texts decoded, empty ones dropped, and what `{x=}` gave in its place.
Seq<ExprNode*> finish_parts(State& p, Tk* start, Seq<ExprNode*> parts, Tk* end) {
    std::string_view prefix = p.text(static_cast<const Token&>(*start));
    bool raw = prefix.find_first_of("rR") != prefix.npos;
    size_t base = p.scratch_size();
    for (ExprNode* part : parts) {
        if (auto debug = ast::try_as<ast::JoinedStr>(part)) {
            for (ExprNode* item : debug->values) p.push(item);
            continue;
        }
        if (is_text(part)) {
            auto waiting = static_cast<RawPart*>(part);
            const krait::Constant* value = decode_part(p, waiting->token, raw, end);
            if (value->bytes.size == 0) continue;
            part = p.make<ast::Constant>(*waiting, value, nullptr);
        }
        p.push(part);
    }
    Seq<ExprNode*> result;
    p.pop(base, result);
    return result;
}

Position between(const Tk* start, const Tk* end) {
    return {int(start->line), int(start->column), int(end->end_line), int(end->end_column)};
}

// Neighbouring texts become one; `kind` is that of the first.
ExprNode* fold(State& p, Seq<ExprNode*> texts) {
    if (texts.size() == 1) return texts[0];
    size_t size = 0;
    for (ExprNode* text : texts) size += text_size(text);
    auto data = static_cast<char*>(p.arena->allocate(size + 1, 1));
    char* to = data;
    for (ExprNode* text : texts) {
        std::string_view view = ast::as<ast::Constant>(text)->value->text();
        to = std::copy(view.begin(), view.end(), to);
    }
    *to = 0;
    auto first = ast::as<ast::Constant>(texts[0]);
    const ExprNode* last = texts.back();
    return p.make<ast::Constant>(
        Position{first->lineno, first->col_offset, last->end_lineno, last->end_col_offset},
        text_constant(p, first->value->kind, data, size), first->kind);
}

Seq<ExprNode*> values_of(ExprNode* node, ExprNode*& self) {
    if (auto joined = ast::try_as<ast::JoinedStr>(node)) return joined->values;
    if (auto text = ast::try_as<ast::TemplateStr>(node)) return text->values;
    return {&self, 1};
}

// What all the literals contain, in order; texts folded, and dropped when empty.
Seq<ExprNode*> flatten_values(State& p, Seq<ExprNode*> strings, bool keep_empty) {
    size_t base = p.scratch_size();
    for (ExprNode*& string : strings) {
        for (ExprNode* value : values_of(string, string)) p.push(value);
    }
    Seq<ExprNode*> all;
    p.pop(base, all);
    for (size_t i = 0; i < all.size();) {
        size_t end = i + 1;
        ExprNode* value = all[i];
        if (is_text(value)) {
            while (end < all.size() && is_text(all[end])) end++;
            value = fold(p, {all.data() + i, end - i});
            if (text_size(value) == 0 && !keep_empty) value = nullptr;
        }
        if (value != nullptr) p.push(value);
        i = end;
    }
    p.pop(base, all);
    return all;
}

}  // namespace

ExprNode* joined_string(State& p, Tk* start, Seq<ExprNode*> parts, Tk* end) {
    return p.make<ast::JoinedStr>(between(start, end), finish_parts(p, start, parts, end));
}

ExprNode* template_string(State& p, Tk* start, Seq<ExprNode*> parts, Tk* end) {
    return p.make<ast::TemplateStr>(between(start, end), finish_parts(p, start, parts, end));
}

ExprNode* concatenate_strings(State& p, Seq<ExprNode*> strings, uint32_t start) {
    bool bytes = false, text = false, formatted = false;
    for (ExprNode* string : strings) {
        if (!is_text(string)) {
            formatted = true;
        } else if (ast::as<ast::Constant>(string)->value->is(ConstantKind::kBytes)) {
            bytes = true;
        } else {
            text = true;
        }
    }
    if (bytes && (text || formatted)) p.raise_last("cannot mix bytes and nonbytes literals");
    if (!formatted && strings.size() == 1) return strings[0];
    Seq<ExprNode*> values = flatten_values(p, strings, !formatted);
    if (!formatted) return values[0];
    return p.make<ast::JoinedStr>(p.span(start), values);
}

ExprNode* concatenate_templates(State& p, Seq<ExprNode*> strings, uint32_t start) {
    return p.make<ast::TemplateStr>(p.span(start), flatten_values(p, strings, false));
}

// ---- replacement fields ----

namespace {

int conversion_of(State& p, Conversion* conversion, bool debug, bool spec) {
    if (conversion) return conversion->name->identifier->text[0];
    return debug && !spec ? 'r' : -1;
}

// The text of an interpolation's expression, as the template keeps it.
const krait::Constant* expression_source(State& p, Tk* token, bool debug) {
    std::string source = p.lexer().expression_text(*token);
    if (debug) {
        // Only space can follow the "=".
        size_t end = source.rfind('=');
        if (end != source.npos) source.resize(end);
    }
    return str_constant(*p.arena, source);
}

// `value` with the text of `{value=}` before it.
ExprNode* with_debug_text(State& p, ExprNode* field, Conversion* conversion, FormatSpec* spec, Tk* brace) {
    int line, column;
    Tk* token;
    if (conversion) {
        line = int(conversion->name->line);
        column = int(conversion->name->column) - 1;
        token = conversion->mark;
    } else if (spec) {
        line = spec->spec->lineno;
        column = spec->spec->col_offset;
        token = spec->colon;
    } else {
        line = int(brace->end_line);
        column = int(brace->end_column) - 1;
        token = brace;
    }
    std::string source = p.lexer().expression_text(*token);
    auto text = p.make<ast::Constant>(Position{field->lineno, field->col_offset + 1, line, column},
                                      str_constant(*p.arena, source), nullptr);
    Seq<ExprNode*> values = p.array<ExprNode*>(2);
    values[0] = text;
    values[1] = field;
    return p.make<ast::JoinedStr>(*field, values);
}

}  // namespace

Conversion* check_conversion(State& p, Tk* mark, Tk* name) {
    if (mark->line != name->line || mark->end_column != name->column) {
        p.raise_range(
            mark, name,
            p.format("%c-string: conversion type must come right after the exclamation mark", mark->prefix));
    }
    std::string_view text = name->identifier->view();
    if (text != "s" && text != "r" && text != "a") {
        p.raise_at(name, p.format("%c-string: invalid conversion character '%s': expected 's', 'r', or 'a'",
                                  mark->prefix, text.data()));
    }
    return p.make<Conversion>(mark, name);
}

ExprNode* formatted_value(State& p, ExprNode* value, Tk* debug, Conversion* conversion, FormatSpec* spec,
                          Tk* brace, uint32_t start) {
    auto field = p.make<ast::FormattedValue>(p.span(start), value,
                                             conversion_of(p, conversion, debug, spec != nullptr),
                                             spec ? spec->spec : nullptr);
    return debug ? with_debug_text(p, field, conversion, spec, brace) : field;
}

ExprNode* interpolation(State& p, ExprNode* value, Tk* debug, Conversion* conversion, FormatSpec* spec,
                        Tk* brace, uint32_t start) {
    Tk* token = conversion ? conversion->mark : spec ? spec->colon : brace;
    const krait::Constant* source = expression_source(p, token, debug != nullptr);
    auto field = p.make<ast::Interpolation>(p.span(start), value, source,
                                            conversion_of(p, conversion, debug, spec != nullptr),
                                            spec ? spec->spec : nullptr);
    return debug ? with_debug_text(p, field, conversion, spec, brace) : field;
}

FormatSpec* format_spec(State& p, Tk* colon, Seq<ExprNode*> parts, uint32_t start) {
    size_t base = p.scratch_size();
    for (ExprNode* part : parts) {
        if (!is_text(part) || text_size(part) > 0) p.push(part);
    }
    Seq<ExprNode*> kept;
    p.pop(base, kept);
    ExprNode* spec;
    if (kept.empty() || (kept.size() == 1 && is_text(kept[0]))) {
        spec = p.make<ast::JoinedStr>(p.span(start), kept);
    } else {
        spec = concatenate_strings(p, kept, start);
    }
    return p.make<FormatSpec>(colon, spec);
}

}  // namespace krait::parser
