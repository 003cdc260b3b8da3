// The command `krait`.
#include <cstdio>
#include <cstring>

#include "modules/compile_hook.h"
#include "runtime/lifecycle.h"

int main(int argc, char** argv) {
    krait::register_compiler();
    krait::Program program;
    int at = 1;
    if (argc > 1 && strcmp(argv[1], "-c") == 0) {
        if (argc < 3) {
            fprintf(stderr, "Argument expected for the -c option\n");
            return 2;
        }
        program.kind = krait::Program::Kind::Command;
        program.text = argv[2];
        program.argv.push_back("-c");
        at = 3;
    } else if (argc > 1 && strcmp(argv[1], "-") != 0) {
        program.kind = krait::Program::Kind::File;
        program.text = argv[1];
    } else {
        program.argv.push_back(argc > 1 ? "-" : "");
        at = 2;
    }
    for (; at < argc; at++) {
        if (program.kind == krait::Program::Kind::File && at == 1) {
            program.argv.push_back(argv[1]);
            continue;
        }
        program.argv.push_back(argv[at]);
    }
    return krait::program_main(program);
}
