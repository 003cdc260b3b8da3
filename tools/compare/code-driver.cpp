// Reads marshalled code objects from standard input, each behind its size (4 bytes, little-endian), and
// answers each with a line: "same", "other" with the offset of the first difference, or an error. Argument:
// marshal, verify or dump.
#include <cstdio>
#include <cstring>
#include <string>

#include "bytecode/decode.h"
#include "bytecode/marshal.h"

using namespace krait;

namespace {

void answer(std::string_view mode, const std::string& data) {
    Arena arena;
    const char* error = nullptr;
    const CodeObject* code = unmarshal_code(arena, data, &error);
    if (code == nullptr) {
        std::printf("error %s\n", error);
    } else if (mode == "dump") {
        std::fputs(dump_code(code).c_str(), stdout);
    } else if (mode == "verify") {
        std::string problem = verify_code(code);
        std::printf("%s\n", problem.empty() ? "same" : problem.c_str());
    } else {
        std::string written = marshal_code(code);
        size_t i = 0;
        while (i < written.size() && i < data.size() && written[i] == data[i]) i++;
        if (written == data) {
            std::printf("same\n");
        } else {
            std::printf("other %zu of %zu, %zu\n", i, data.size(), written.size());
        }
    }
}

}  // namespace

int main(int argc, char** argv) {
    unsigned char head[4];
    std::string data;
    while (std::fread(head, 1, 4, stdin) == 4) {
        data.resize(head[0] | head[1] << 8 | head[2] << 16 | size_t(head[3]) << 24);
        if (std::fread(data.data(), 1, data.size(), stdin) != data.size()) return 2;
        answer(argc > 1 ? argv[1] : "marshal", data);
    }
    return 0;
}
