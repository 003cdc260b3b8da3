#pragma once

#include <string>
#include <string_view>

#include "source/diagnostic.h"
#include "source/source-text.h"

// What the subcommands of krait-frontend share.
namespace krait::frontend {

#define FRONTEND_COMMAND(name, help) int command_##name(int argc, char** argv);
#include "commands.def"

// The whole file; false, with a message on stderr, when it cannot be read.
bool read_file(const char* path, std::string& bytes);

// One line of text with backslash, newline and other control characters escaped, in double quotes.
std::string quoted(std::string_view text);

// One line: `error KIND LINE COLUMN END_LINE END_COLUMN "message" "text"`.
std::string describe(const Diagnostic& diagnostic);

// Decodes with the C library what Krait itself leaves to Python's codecs.
Decoder iconv_decoder();

}  // namespace krait::frontend
