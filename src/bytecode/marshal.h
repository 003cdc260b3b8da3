#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "bytecode/code.h"

// Marshal (format version 5) for code objects and constants, as .pyc files and frozen modules hold them.
namespace krait {

constexpr uint16_t kPycMagic = 3627;  // CPython 3.14; in the file followed by "\r\n"
constexpr int kPycHeaderSize = 16;

// The bytes that CPython's marshal.dumps() gives for a code object fresh from its compiler, references and
// interning flags included. Empty when the constants are nested too deeply.
std::string marshal_code(const CodeObject* code);

// A code object from marshal data, made in `arena`; null, with CPython's message in *error, for anything
// else. Data may come from anywhere; what it describes may still be no sensible code: see verify_code().
const CodeObject* unmarshal_code(Arena& arena, std::string_view data, const char** error);

// Headers of .pyc files (PEP 552): one that is valid while the source has this modification time and size,
// and one that is valid whatever becomes of the source ("unchecked hash"; the hash is left 0).
std::string pyc_header(uint32_t mtime, uint32_t source_size);
std::string unchecked_pyc_header();

}  // namespace krait
