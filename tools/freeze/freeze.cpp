// krait-freeze: compiles Python source at build time.
//
//   krait-freeze [-O|-OO] [--name=SHOWN] --pyc FILE.py OUT.pyc      a .pyc file (header of zero time: never
//   stale) krait-freeze [-O|-OO] [--name=SHOWN] --marshal FILE.py OUT      the marshalled code alone
//   krait-freeze [-O|-OO] --cpp OUT.cpp MODULE=FILE.py...           a table of frozen modules, see below
//
// co_filename is SHOWN, or FILE.py; in a table "<frozen MODULE>", as CPython names it. A module whose name
// ends in
// ":package" is a package. The table is
//   extern const krait::FrozenModule kFrozenModules[]; ... kFrozenModuleCount
// as bytecode/frozen.h declares it.
#include <cstdio>
#include <cstring>
#include <string>
#include <vector>

#include "../frontend/compile.h"
#include "bytecode/marshal.h"

using namespace krait;

namespace {

bool read_file(const std::string& path, std::string& bytes) {
    std::FILE* file = std::fopen(path.c_str(), "rb");
    if (file == nullptr) {
        std::perror(path.c_str());
        return false;
    }
    char buffer[65536];
    for (size_t size; (size = std::fread(buffer, 1, sizeof buffer, file)) > 0;) bytes.append(buffer, size);
    bool good = std::ferror(file) == 0;
    std::fclose(file);
    return good;
}

bool write_file(const std::string& path, const std::string& bytes) {
    std::FILE* file = std::fopen(path.c_str(), "wb");
    bool good = file != nullptr && std::fwrite(bytes.data(), 1, bytes.size(), file) == bytes.size();
    if (file != nullptr) good &= std::fclose(file) == 0;
    if (!good) std::perror(path.c_str());
    return good;
}

bool compile_file(const std::string& path, std::string_view shown, int optimize, std::string& data) {
    std::string bytes;
    if (!read_file(path, bytes)) return false;
    Arena arena;
    Diagnostic error;
    frontend::CompileRequest request;
    request.filename = shown;
    request.optimize = optimize;
    const CodeObject* code = frontend::compile_source(arena, bytes, request, error);
    if (code != nullptr) {
        data = marshal_code(code);
        return true;
    }
    std::fprintf(stderr, "%s:%d: %s\n", path.c_str(), static_cast<int>(error.line), error.message.c_str());
    return false;
}

void append_array(std::string& out, size_t number, const std::string& data) {
    out += "static const unsigned char data_" + std::to_string(number) + "[] = {";
    char buffer[8];
    for (size_t i = 0; i < data.size(); i++) {
        std::snprintf(buffer, sizeof buffer, "%s%u,", i % 24 == 0 ? "\n" : "",
                      static_cast<unsigned char>(data[i]));
        out += buffer;
    }
    out += "\n};\n";
}

bool write_table(const std::string& to, const std::vector<std::string>& modules, int optimize) {
    std::string out = "// Made by krait-freeze.\n#include \"bytecode/frozen.h\"\n\nnamespace krait {\n\n",
                rows;
    for (size_t i = 0; i < modules.size(); i++) {
        size_t equals = modules[i].find('=');
        if (equals == std::string::npos) {
            std::fprintf(stderr, "krait-freeze: not MODULE=FILE: %s\n", modules[i].c_str());
            return false;
        }
        std::string name = modules[i].substr(0, equals), data;
        bool package = name.ends_with(":package");
        if (package) name.resize(name.size() - std::strlen(":package"));
        if (!compile_file(modules[i].substr(equals + 1), "<frozen " + name + ">", optimize, data))
            return false;
        append_array(out, i, data);
        rows += "    {\"" + name + "\", data_" + std::to_string(i) + ", " + std::to_string(data.size()) +
                ", " + (package ? "true" : "false") + "},\n";
    }
    out += "\nextern const FrozenModule kFrozenModules[] = {\n" + rows +
           "};\nextern const size_t kFrozenModuleCount = " + std::to_string(modules.size()) +
           ";\n\n}  // namespace krait\n";
    return write_file(to, out);
}

}  // namespace

int main(int argc, char** argv) {
    int optimize = 0;
    std::string_view form;
    std::string name;
    std::vector<std::string> paths;
    for (int i = 1; i < argc; i++) {
        std::string_view argument = argv[i];
        if (argument == "-O" || argument == "-OO") {
            optimize = argument == "-O" ? 1 : 2;
        } else if (argument == "--pyc" || argument == "--marshal" || argument == "--cpp") {
            form = argument;
        } else if (argument.starts_with("--name=")) {
            name = argument.substr(7);
        } else {
            paths.emplace_back(argument);
        }
    }
    if (form == "--cpp" && paths.size() >= 2) {
        return write_table(paths[0], {paths.begin() + 1, paths.end()}, optimize) ? 0 : 1;
    }
    if (form.empty() || form == "--cpp" || paths.size() != 2) {
        std::fputs(
            "usage: krait-freeze [-O|-OO] [--name=SHOWN] --pyc|--marshal FILE.py OUT\n"
            "       krait-freeze [-O|-OO] --cpp OUT.cpp MODULE=FILE.py...\n",
            stderr);
        return 2;
    }
    std::string data;
    if (!compile_file(paths[0], name.empty() ? paths[0] : name, optimize, data)) return 1;
    if (form == "--pyc") data = unchecked_pyc_header() + data;
    return write_file(paths[1], data) ? 0 : 1;
}
