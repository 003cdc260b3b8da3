#include "source/source-text.h"

#include <algorithm>
#include <cstdio>
#include <cstring>

#include "source/encoding.h"
#include "support/utf8.h"

namespace krait {

namespace {

constexpr std::string_view kBom = "\xEF\xBB\xBF";

void set_error(Diagnostic& failure, Diagnostic::Kind kind, std::string message) {
    failure = Diagnostic();
    failure.kind = kind;
    failure.message = std::move(message);
    failure.has_location = false;
}

// Errors of decoding have no place in the text: line 0, column -1.
void set_decoding_error(Diagnostic& failure, std::string message) {
    set_error(failure, Diagnostic::Kind::kSyntaxError, std::move(message));
    failure.has_location = true;
    failure.short_location = true;
    failure.column = -1;
}

std::string normalised_newlines(std::string_view bytes) {
    std::string text;
    if (std::memchr(bytes.data(), '\r', bytes.size()) == nullptr) {
        text.reserve(bytes.size() + 1);
        text.assign(bytes);
        return text;
    }
    text.reserve(bytes.size() + 1);
    for (size_t at = 0; at < bytes.size();) {
        size_t cr = bytes.find('\r', at);
        if (cr == std::string_view::npos) cr = bytes.size();
        text.append(bytes, at, cr - at);
        if (cr == bytes.size()) break;
        text += '\n';
        at = cr + 1;
        if (at < bytes.size() && bytes[at] == '\n') at++;
    }
    return text;
}

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\f'; }

// True when a cookie may still stand on the line behind this one: it holds at most a comment.
bool without_code(std::string_view line) {
    for (char c : line) {
        if (c == '#' || c == '\n' || c == '\r') return true;
        if (!is_blank(c)) return false;
    }
    return true;
}

// Names of the two usual encodings get one form, whatever follows them behind a hyphen.
std::string normal_name(std::string_view name) {
    std::string head;
    for (char c : name.substr(0, 12)) {
        if (c == '_') {
            head += '-';
        } else {
            head += static_cast<char>(c >= 'A' && c <= 'Z' ? c | 0x20 : c);
        }
    }
    auto is = [&](std::string_view form) {
        return head.starts_with(form) && (head.size() == form.size() || head[form.size()] == '-');
    };
    if (is("utf-8")) return "utf-8";
    if (is("latin-1") || is("iso-8859-1") || is("iso-latin-1")) return "iso-8859-1";
    return std::string(name);
}

}  // namespace

std::string coding_cookie(std::string_view line) {
    size_t at = 0;
    while (at < line.size() && is_blank(line[at])) at++;
    if (at == line.size() || line[at] != '#') return {};
    for (;;) {
        at = line.find("coding", at);
        if (at == std::string_view::npos) return {};
        at += 6;
        if (at >= line.size() || (line[at] != ':' && line[at] != '=')) continue;
        do at++;
        while (at < line.size() && (line[at] == ' ' || line[at] == '\t'));
        size_t begin = at;
        auto in_name = [](char c) {
            return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
                   c == '_' || c == '.';
        };
        while (at < line.size() && in_name(line[at])) at++;
        if (at > begin) return normal_name(line.substr(begin, at - begin));
    }
}

std::string decode_replacing(std::string_view bytes) {
    std::string text;
    for (size_t at = 0; at < bytes.size();) {
        utf8::Fault fault = utf8::find_fault(bytes, at);
        if (!fault) {
            text.append(bytes, at);
            break;
        }
        text.append(bytes, at, fault.begin - at);
        utf8::append(text, 0xFFFD);
        at = fault.end;
    }
    return text;
}

size_t character_offset(std::string_view line, size_t bytes) {
    std::string_view part = line.substr(0, bytes);
    size_t count = 0;
    for (size_t at = 0; at < part.size();) {
        utf8::Fault fault = utf8::find_fault(part, at);
        if (!fault) return count + utf8::length(part.substr(at));
        count += utf8::length(part.substr(at, fault.begin - at)) + 1;
        at = fault.end;
    }
    return count;
}

size_t byte_offset(std::string_view line, size_t characters) {
    size_t at = 0;
    while (characters > 0 && at < line.size()) {
        at += utf8::sequence_length(static_cast<unsigned char>(line[at]));
        characters--;
    }
    return std::min(at, line.size());
}

// ---- Loading

bool SourceText::load(std::string_view bytes, const SourceOptions& options, Diagnostic& failure) {
    failure = Diagnostic();
    deferred_ = Diagnostic();
    encoding_.clear();
    newline_added_ = false;
    from_file_ = options.origin == SourceOrigin::kFile;
    line_begins_.clear();
    indexed_ = 0;
    filename_ = options.filename;
    if (bytes.size() > kMaxSize) {
        set_error(failure, Diagnostic::Kind::kOverflowError, "source code is too large");
        return false;
    }
    if (options.origin != SourceOrigin::kFile && std::memchr(bytes.data(), 0, bytes.size()) != nullptr) {
        set_error(failure, Diagnostic::Kind::kSyntaxError, "source code string cannot contain null bytes");
        return false;
    }
    bool bom = options.origin != SourceOrigin::kStr && bytes.starts_with(kBom);
    if (bom) bytes.remove_prefix(kBom.size());
    if (options.translate_newlines) {
        text_ = normalised_newlines(bytes);
    } else {
        text_.assign(bytes);
    }
    bool complete = text_.ends_with('\n') || (text_.empty() && options.origin == SourceOrigin::kFile);
    if (options.add_newline && !complete) {
        text_ += '\n';
        newline_added_ = true;
    }
    if (options.origin == SourceOrigin::kStr) return true;

    std::string encoding;
    if (!find_encoding(bom, options.origin == SourceOrigin::kFile, encoding, failure)) return false;
    encoding_ = encoding.empty() && bom ? "utf-8" : encoding;
    if (encoding.empty() || encoding == "utf-8") return check_utf8(!encoding_.empty(), options, failure);
    return decode_with(encoding, options, failure);
}

// PEP 263: a cookie on the first line, or on the second when the first holds no code.
bool SourceText::find_encoding(bool bom, bool file, std::string& encoding, Diagnostic& failure) const {
    std::string_view rest = text_;
    for (int number = 1; number <= 2; number++) {
        size_t newline = rest.find('\n');
        if (newline == std::string_view::npos) return true;
        std::string_view line = rest.substr(0, newline);
        rest.remove_prefix(newline + 1);
        std::string cookie = coding_cookie(line);
        if (!cookie.empty()) {
            if (bom && cookie != "utf-8") {
                failure.kind = Diagnostic::Kind::kSyntaxError;
                failure.message = "encoding problem: " + cookie + " with BOM";
                failure.has_filename = file;
                failure.line = failure.end_line = number;
                failure.column = 0;
                // CPython takes the newline for a part of the second line.
                failure.end_column =
                    static_cast<int64_t>(character_offset(line, line.size())) + (number == 2);
                failure.has_text = true;
                failure.text = decode_replacing(line);
                return false;
            }
            encoding = cookie;
            return true;
        }
        if (!without_code(line)) return true;
    }
    return true;
}

// CPython reads a file raw up to its cookie and opens it anew from the end of that line, with its "\n".
size_t SourceText::cookie_end() const {
    size_t end = text_.find('\n');
    if (end == std::string::npos) return 0;
    if (!coding_cookie(std::string_view(text_).substr(0, end)).empty()) return end;
    size_t second = text_.find('\n', end + 1);
    return second == std::string::npos ? end : second;
}

bool SourceText::decode_with(const std::string& encoding, const SourceOptions& options, Diagnostic& failure) {
    std::string decoded;
    bool file = options.origin == SourceOrigin::kFile && options.decoder.decode != nullptr;
    NativeEncoding native = native_encoding(encoding);
    std::string message;
    if (native != NativeEncoding::kNone && decode_native(native, text_, decoded, message)) {
        text_ = std::move(decoded);
        return true;
    }
    if (native != NativeEncoding::kNone && !file) {
        set_decoding_error(failure, std::move(message));
        return false;
    }
    Decoder::Result result = Decoder::Result::kUnknownEncoding;
    if (options.decoder.decode != nullptr) {
        decoded.clear();
        result = options.decoder.decode(options.decoder.context, encoding, text_, file ? cookie_end() : 0,
                                        decoded, failure);
    }
    if (result == Decoder::Result::kUnknownEncoding) {
        set_decoding_error(failure, "unknown encoding: " + encoding);
        return false;
    }
    if (result == Decoder::Result::kFailed) {
        if (failure.kind != Diagnostic::Kind::kExternal && failure.line == 0)
            set_decoding_error(failure, std::string(failure.message));
        return false;
    }
    if (decoded.size() > kMaxSize) {
        set_error(failure, Diagnostic::Kind::kOverflowError, "source code is too large");
        return false;
    }
    if (!utf8::valid(decoded)) {
        set_decoding_error(failure, "encoding problem: " + encoding);
        return false;
    }
    // An encoding may write line ends in its own way, as UTF-7 does.
    text_ = options.translate_newlines ? normalised_newlines(decoded) : std::move(decoded);
    if (result == Decoder::Result::kStopped) defer_decoding_error(failure);
    return true;
}

// The lexer raises it when it comes to the end of what could be read.
void SourceText::defer_decoding_error(Diagnostic& failure) {
    size_t lines = line_count();
    deferred_ = Diagnostic();
    deferred_.kind = Diagnostic::Kind::kSyntaxError;
    deferred_.message = "(unicode error) " + failure.message;
    deferred_.line = deferred_.end_line = static_cast<int64_t>(lines);
    deferred_.column = 0;
    deferred_.end_column = Diagnostic::kUnset;
    deferred_.has_text = true;
    deferred_.text = lines ? std::string(line(lines)) : std::string();
    newline_added_ = false;
    failure = Diagnostic();
}

bool SourceText::check_utf8(bool declared, const SourceOptions& options, Diagnostic& failure) {
    utf8::Fault fault = utf8::find_fault(text_);
    if (!fault) return true;
    bool file = options.origin == SourceOrigin::kFile;
    std::string_view text = text_;
    size_t begin = text.rfind('\n', fault.begin);
    begin = begin == std::string_view::npos ? 0 : begin + 1;
    std::string_view line = text.substr(begin, text.find('\n', begin) - begin);
    size_t number = 1 + std::count(text.begin(), text.begin() + begin, '\n');
    auto byte = static_cast<unsigned char>(text_[fault.begin]);

    Diagnostic& error = file ? deferred_ : failure;
    error = Diagnostic();
    error.kind = Diagnostic::Kind::kSyntaxError;
    error.has_filename = file;
    error.has_text = true;
    error.text = decode_replacing(line.substr(0, line.find('\0')));
    char message[128];
    if (file && declared) {
        std::string reason;
        std::string unused;
        decode_native(NativeEncoding::kUtf8, line, unused, reason);
        error.message = "(unicode error) " + reason;
        error.line = error.end_line = static_cast<int64_t>(number);
        error.column = error.end_column = 0;
    } else {
        // CPython has not counted the second line of a file yet when the first ended the search for a cookie.
        if (file && number == 2 && !without_code(text.substr(0, text.find('\n')))) number = 1;
        std::snprintf(message, sizeof message, "Non-UTF-8 code starting with '\\x%02x'", byte);
        error.message = message;
        if (file) error.message += " in file " + filename_;
        error.message += " on line " + std::to_string(number) +
                         ", but no encoding declared; see https://peps.python.org/pep-0263/ for details";
        error.line = error.end_line = static_cast<int64_t>(number);
        error.column = error.end_column =
            static_cast<int64_t>(character_offset(line, fault.begin - begin + 1));
    }
    if (!file) return false;
    text_.resize(begin);
    newline_added_ = false;
    return true;
}

void SourceText::append(std::string_view line) {
    text_ += line;
    newline_added_ = !line.empty() && !line.ends_with('\n');
    if (newline_added_) text_ += '\n';
}

// ---- Lines

void SourceText::index_lines() const {
    if (indexed_ == text_.size() && !line_begins_.empty()) return;
    if (line_begins_.empty()) line_begins_.push_back(0);
    const char* begin = text_.data();
    const char* end = begin + text_.size();
    for (const char* at = begin + indexed_; at < end;) {
        const void* newline = std::memchr(at, '\n', end - at);
        if (newline == nullptr) break;
        at = static_cast<const char*>(newline) + 1;
        line_begins_.push_back(static_cast<uint32_t>(at - begin));
    }
    indexed_ = text_.size();
}

size_t SourceText::line_count() const {
    index_lines();
    return line_begins_.back() == text_.size() ? line_begins_.size() - 1 : line_begins_.size();
}

size_t SourceText::line_begin(size_t line) const {
    index_lines();
    return line >= 1 && line <= line_begins_.size() ? line_begins_[line - 1] : text_.size();
}

std::string_view SourceText::line(size_t line) const {
    size_t begin = line_begin(line);
    return std::string_view(text_).substr(begin, line_begin(line + 1) - begin);
}

size_t SourceText::line_of(size_t offset) const {
    index_lines();
    return std::upper_bound(line_begins_.begin(), line_begins_.end(), offset) - line_begins_.begin();
}

}  // namespace krait
