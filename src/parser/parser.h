#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "ast/nodes.h"
#include "lexer/lexer.h"
#include "source/diagnostic.h"
#include "source/source-text.h"

namespace krait {

enum class ParseMode : uint8_t { kExec, kSingle, kEval, kFuncType };

struct ParseOptions {
    ParseMode mode = ParseMode::kExec;
    // Keep `# type:` comments (ast.PyCF_TYPE_COMMENTS).
    bool type_comments = false;
    // `from __future__ import barry_as_FLUFL` is in force.
    bool barry = false;
    // PyCF_ALLOW_INCOMPLETE_INPUT: a text that ends too early is kIncompleteInput.
    bool allow_incomplete = false;
    // Not PyCF_DONT_IMPLY_DEDENT: in kSingle mode the end of the text closes open blocks.
    bool imply_dedent = true;
    // The minor version that the source may use (ast.parse(feature_version=)); 14 is everything.
    int feature_version = 14;
    // sys.get_int_max_str_digits(); 0: no limit.
    int max_int_digits = 4300;
    // Lines come one by one from `reader` (a terminal): the parser asks for no more than it needs.
    bool interactive = false;
    LineReader* reader = nullptr;
    LineLookup* lines = nullptr;
    // Null: by the tables of the front end.
    NameNormalizer* names = nullptr;
    // The text may hold bytes that are no UTF-8 (PyCF_IGNORE_COOKIE): what becomes a str is checked.
    bool unchecked_text = false;
    // Where warnings go; dropped when null.
    WarningSink* warnings = nullptr;
    // Bytes of the C++ stack that the parser may use before it gives up with a MemoryError.
    size_t stack_size = 2 * 1024 * 1024;
};

struct ParseResult {
    // Null: `error` says why. In the arena of the identifier table.
    ast::ModNode* module = nullptr;
    Diagnostic error;
    // Interactive input that ended before any statement: the REPL's end of file, no error.
    bool end_of_input = false;
};

// Parses the text with the grammar of Python 3.14. Everything the tree is made of lives in `arena`, its names
// in `identifiers` (of the same arena). Only kExec texts get the newline that lacks at their end
// (SourceOptions::add_newline), as errors show. Never fails but through the result; nesting is limited.
ParseResult parse(Arena& arena, IdentifierTable& identifiers, SourceText& source,
                  const ParseOptions& options);

}  // namespace krait
