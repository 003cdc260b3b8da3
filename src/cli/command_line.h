// The command line and the environment: what they ask for, in Config and Program.
#pragma once

#include "runtime/config.h"
#include "runtime/lifecycle.h"

namespace krait {

// Fills both. Returns -1 to go on, or the exit status where the command line says it all (-V, -h, an error).
int parse_command_line(int argc, char** argv, Config& config, Program& program);
// Where the program and its library are: executable, prefixes, sys.path. False (with a message): no library
// found.
bool find_library(Config& config);
// Chooses the locale of characters from the environment, and with it config.utf8_mode.
void choose_locale(Config& config);
// The value of an environment variable, null when it is empty or to be ignored.
const char* environment(const Config& config, const char* name);

enum class Help { Usage, Environment, XOptions, All };
void print_help(Help what, const char* program);

}  // namespace krait
