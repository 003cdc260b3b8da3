#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "bytecode/decode.h"
#include "bytecode/marshal.h"
#include "compile.h"
#include "frontend.h"

namespace krait::frontend {

namespace {

bool flag(const char* argument, CompileRequest& request) {
    if (std::strcmp(argument, "-O") == 0) {
        request.optimize = 1;
    } else if (std::strcmp(argument, "-OO") == 0) {
        request.optimize = 2;
    } else if (std::strcmp(argument, "--eval") == 0) {
        request.mode = ParseMode::kEval;
    } else if (std::strcmp(argument, "--single") == 0) {
        request.mode = ParseMode::kSingle;
    } else {
        return false;
    }
    return true;
}

// Compiles each file that `argv` names and hands it to `use`; describes errors on stderr.
template <typename Use>
int each_file(int argc, char** argv, Use&& use, CompileRequest request = {}) {
    request.decoder = iconv_decoder();
    int status = 0;
    for (int i = 1; i < argc; i++) {
        if (flag(argv[i], request)) continue;
        std::string bytes;
        if (!read_file(argv[i], bytes)) {
            status = 1;
            continue;
        }
        request.filename = argv[i];
        Arena arena;
        Diagnostic error;
        const CodeObject* code = compile_source(arena, bytes, request, error);
        if (code == nullptr) {
            std::fprintf(stderr, "%s: %s\n", argv[i], describe(error).c_str());
            status = 1;
        }
        use(argv[i], code);
    }
    return status;
}

// Prints the flow graph of each unit before it is assembled.
class GraphDump : public UnitSink {
  public:
    GraphDump(Arena& arena, bool optimized) : arena_(arena), optimized_(optimized) {}
    const CodeObject* finish(CodeUnit& unit, Diagnostic& failure) override {
        std::printf("%s\n", dump_flow_graph(unit, optimized_).c_str());
        const char* error = nullptr;
        const CodeObject* code = assemble(arena_, unit, "", &error);
        if (code == nullptr) failure.message = error;
        return code;
    }

  private:
    Arena& arena_;
    bool optimized_;
};

}  // namespace

int command_cfg(int argc, char** argv) {
    bool raw = argc > 1 && std::strcmp(argv[1], "--raw") == 0;
    if (raw) argc--, argv++;
    Arena arena;
    GraphDump dump(arena, !raw);
    CompileRequest request;
    request.sink = &dump;
    return each_file(argc, argv, [](const char*, const CodeObject*) {}, request);
}

int command_dis(int argc, char** argv) {
    return each_file(argc, argv, [](const char* path, const CodeObject* code) {
        if (code != nullptr) std::printf("== %s\n%s", path, dump_code(code).c_str());
    });
}

int command_verify(int argc, char** argv) {
    return each_file(argc, argv, [](const char* path, const CodeObject* code) {
        std::string problem = code != nullptr ? verify_code(code) : "does not compile";
        if (!problem.empty()) std::printf("%s: %s\n", path, problem.c_str());
    });
}

int command_marshal(int argc, char** argv) {
    return each_file(argc, argv, [](const char*, const CodeObject* code) {
        std::string data = code != nullptr ? marshal_code(code) : std::string();
        for (int i = 0; i < 4; i++) std::putchar(static_cast<int>(data.size() >> 8 * i & 0xFF));
        std::fwrite(data.data(), 1, data.size(), stdout);
    });
}

}  // namespace krait::frontend
