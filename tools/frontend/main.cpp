#include <cstdio>
#include <cstring>

#include "frontend.h"

// krait-frontend: the stages of the front end one by one, for comparing them with the oracle.

namespace krait::frontend {

bool read_file(const char* path, std::string& bytes) {
    std::FILE* file = std::fopen(path, "rb");
    if (file == nullptr) {
        std::fprintf(stderr, "krait-frontend: cannot read %s\n", path);
        return false;
    }
    bytes.clear();
    char buffer[65536];
    while (size_t got = std::fread(buffer, 1, sizeof buffer, file)) bytes.append(buffer, got);
    std::fclose(file);
    return true;
}

std::string quoted(std::string_view text) {
    std::string out = "\"";
    for (char c : text) {
        auto byte = static_cast<unsigned char>(c);
        if (c == '\\' || c == '"') {
            out += '\\';
            out += c;
        } else if (c == '\n') {
            out += "\\n";
        } else if (byte < 0x20 || byte == 0x7F) {
            char hex[8];
            std::snprintf(hex, sizeof hex, "\\x%02x", byte);
            out += hex;
        } else {
            out += c;
        }
    }
    return out + '"';
}

std::string describe(const Diagnostic& d) {
    static constexpr const char* kKinds[] = {
        "none",         "SyntaxError", "IndentationError", "TabError",          "_IncompleteInputError",
        "UnicodeError", "ValueError",  "OverflowError",    "MemoryError",       "RecursionError",
        "SystemError",  "external",    "SyntaxWarning",    "DeprecationWarning"};
    std::string out = std::string("error ") + kKinds[static_cast<size_t>(d.kind)];
    if (!d.has_location) return out + " " + quoted(d.message);
    for (int64_t number : {d.line, d.column, d.end_line, d.end_column}) out += " " + std::to_string(number);
    return out + " " + quoted(d.message) + " " + (d.has_text ? quoted(d.text) : "None");
}

}  // namespace krait::frontend

namespace {

struct Command {
    const char* name;
    int (*run)(int argc, char** argv);
    const char* help;
};

constexpr Command kCommands[] = {
#define FRONTEND_COMMAND(name, help) {#name, krait::frontend::command_##name, help},
#include "commands.def"
};

}  // namespace

int main(int argc, char** argv) {
    if (argc >= 2) {
        for (const Command& command : kCommands) {
            if (std::strcmp(command.name, argv[1]) == 0) return command.run(argc - 1, argv + 1);
        }
    }
    std::fprintf(stderr, "usage:\n");
    for (const Command& command : kCommands)
        std::fprintf(stderr, "  krait-frontend %s %s\n", command.name, command.help);
    return 2;
}
