#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "source/diagnostic.h"

namespace krait {

// Turns bytes of an encoding other than UTF-8, Latin-1 and ASCII into UTF-8 (PEP 263). The runtime sets it;
// until then such encodings are unknown.
struct Decoder {
    enum class Result : uint8_t {
        kDecoded,
        kUnknownEncoding,  // LookupError
        kFailed,           // `failure` was filled
        kStopped,          // a file of which only `utf8` could be decoded; `failure` was filled
    };
    // `failure` may be of kind kExternal: an exception is set and goes through. `from`: a file is decoded
    // line by line from there; what stands before is decoded already, or 0: all at once.
    Result (*decode)(void* context, std::string_view encoding, std::string_view bytes, size_t from,
                     std::string& utf8, Diagnostic& failure) = nullptr;
    void* context = nullptr;
};

// Where a text comes from decides how CPython words and places what is wrong with its bytes.
enum class SourceOrigin : uint8_t {
    kStr,    // a str object: already UTF-8, a coding cookie means nothing
    kBytes,  // compile(b"...")
    kFile,   // a script: faults are found line by line, so an earlier syntax error wins
};

struct SourceOptions {
    SourceOrigin origin = SourceOrigin::kStr;
    // Append the newline that is lacking at the end ("exec" input and every file).
    bool add_newline = true;
    // Translate \r\n and \r to \n; off for the lines of `tokenize`, which shows them as they are.
    bool translate_newlines = true;
    std::string_view filename;
    Decoder decoder;
};

// A Python source as UTF-8, with "\n" for every line end, and its lines. One NUL follows the text.
class SourceText {
  public:
    // Offsets are 32 bits wide, and the end must be one.
    static constexpr size_t kMaxSize = UINT32_MAX - 16;

    SourceText() = default;

    // False: `failure` says why the bytes are no source. With kFile, what is wrong further down is kept for
    // the lexer instead (`deferred`), and the text ends before that line.
    bool load(std::string_view bytes, const SourceOptions& options, Diagnostic& failure);

    // For texts that arrive line by line. `line` is UTF-8; it gets a newline if it has none.
    void append(std::string_view line);

    std::string_view text() const { return text_; }
    const char* data() const { return text_.data(); }
    size_t size() const { return text_.size(); }
    const std::string& filename() const { return filename_; }
    void set_filename(std::string_view name) { filename_ = name; }
    // The cookie's or BOM's encoding, normalised as CPython's tokenizer does ("utf-8", "iso-8859-1", else as
    // written); empty when none was declared.
    const std::string& encoding() const { return encoding_; }
    bool from_file() const { return from_file_; }
    // True when the last line's "\n" was not in the source.
    bool newline_added() const { return newline_added_; }
    // What the lexer is to raise when it reaches the end of the text.
    const Diagnostic& deferred() const { return deferred_; }

    // Number of lines; the empty text after a final newline counts as none.
    size_t line_count() const;
    // Offset of the first byte of a line (from 1); size() for lines behind the last.
    size_t line_begin(size_t line) const;
    // The bytes of a line with its "\n".
    std::string_view line(size_t line) const;
    // The line (from 1) that holds the byte.
    size_t line_of(size_t offset) const;

  private:
    bool decode(const SourceOptions& options, Diagnostic& failure);
    size_t cookie_end() const;
    void defer_decoding_error(Diagnostic& failure);
    bool decode_with(const std::string& encoding, const SourceOptions& options, Diagnostic& failure);
    bool find_encoding(bool bom, bool file, std::string& encoding, Diagnostic& failure) const;
    bool check_utf8(bool declared, const SourceOptions& options, Diagnostic& failure);
    void index_lines() const;

    std::string text_;
    std::string filename_;
    std::string encoding_;
    bool newline_added_ = false;
    bool from_file_ = false;
    Diagnostic deferred_;
    // Begins of lines, made when first asked for: only errors do.
    mutable std::vector<uint32_t> line_begins_;
    mutable size_t indexed_ = 0;
};

// Characters in the first `bytes` bytes of `line`; bytes that are no UTF-8 count as one each.
size_t character_offset(std::string_view line, size_t bytes);
// The reverse: the byte at which character number `characters` (from 0) begins.
size_t byte_offset(std::string_view line, size_t characters);

// The encoding a line's coding cookie names, normalised; empty when there is none.
std::string coding_cookie(std::string_view line);

// Bytes decoded as CPython's "replace" handler does.
std::string decode_replacing(std::string_view bytes);

}  // namespace krait
