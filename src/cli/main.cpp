// The command `krait`.
#include "capi/register.h"
#include "cli/command_line.h"
#include "modules/compile_hook.h"

int main(int argc, char** argv) {
    static krait::Config config;
    krait::Program program;
    int status = krait::parse_command_line(argc, argv, config, program);
    if (status >= 0) return status;
    krait::choose_locale(config);
    if (!krait::find_library(config)) return 1;
    krait::register_compiler();
    krait::register_capi();
    return krait::program_main(program, config);
}
