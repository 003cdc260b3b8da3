#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace krait {

// What the front end says about a source text: an error that ends the compilation, or a warning.
struct Diagnostic {
    enum class Kind : uint8_t {
        kNone,
        kSyntaxError,
        kIndentationError,
        kTabError,
        kIncompleteInput,  // _IncompleteInputError: PyCF_ALLOW_INCOMPLETE_INPUT and the text ended too early
        kUnicodeError,  // UnicodeEncodeError: UTF-8 cannot hold `text` from `column` to `end_column` (from 0)
        kUndecodable,   // UnicodeDecodeError: `text` is no UTF-8
        kValueError,
        kOverflowError,
        kMemoryError,
        kRecursionError,
        kSystemError,  // a tree or a name that the compiler cannot make sense of
        kExternal,     // a hook (decoder, line reader, warning filter) failed and has set an exception itself
        kSyntaxWarning,
        kDeprecationWarning,
    };

    static constexpr int64_t kUnset = -1;

    Kind kind = Kind::kNone;
    // False for errors without place: the exception then has only its message (args of length 1).
    bool has_location = true;
    // True: details of length 4, (filename, line, column, None), as errors of decoding have.
    bool short_location = false;
    // True: the end is (None, None).
    bool end_unknown = false;
    // False: the place names no file (None), since the tokenizer did not know it yet.
    bool has_filename = true;
    // False: the exception's `text` is None.
    bool has_text = false;
    // Symbol table errors: args holds only the message, the place is set as attributes afterwards. They and
    // the code generator's errors leave `text` to the runtime, which reads the line from the named file if it
    // can.
    bool message_only_args = false;
    std::string message;
    // As in the attributes of SyntaxError: lines from 1, columns in characters from 1. CPython gives 0 and -1
    // for ends it does not know; they are kept, since programs see them.
    int64_t line = 0;
    int64_t column = 0;
    int64_t end_line = 0;
    int64_t end_column = kUnset;
    std::string text;
    // Errors of the parser: the place for the exception's _metadata.
    bool has_metadata = false;
    int64_t metadata_line = 0;
    int64_t metadata_column = 0;

    bool is_error() const { return kind != Kind::kNone && kind < Kind::kSyntaxWarning; }
    explicit operator bool() const { return kind != Kind::kNone; }
};

// How names that are not ASCII become identifiers, where that is not left to the front end (Python calls
// unicodedata.normalize(), which a program may replace).
class NameNormalizer {
  public:
    // NFKC of the name in `out`. False: an exception is set.
    virtual bool normalize(std::string_view name, std::string& out) = 0;
    // Whether there are names for \N{...}.
    virtual bool has_character_names() = 0;

  protected:
    ~NameNormalizer() = default;
};

// Where warnings go while a text is compiled.
class WarningSink {
  public:
    // Called in source order. False: a filter made it an error; when that error is the warning's own, the
    // caller raises SyntaxError with the same message and place, as CPython does (see `external`).
    virtual bool warn(const Diagnostic& warning) = 0;
    // After `warn` returned false: true when another exception was raised and must go through unchanged.
    virtual bool external() const { return false; }

  protected:
    ~WarningSink() = default;
};

}  // namespace krait
