// The command `krait`.
#include "capi/register.h"
#include "cli/command_line.h"
#include "modules/compile_hook.h"
#include "support/wide-stack.h"

namespace {

struct Arguments {
    int count;
    char** values;
};

int run(void* p) {
    auto* arguments = static_cast<Arguments*>(p);
    static krait::Config config;
    krait::Program program;
    int status = krait::parse_command_line(arguments->count, arguments->values, config, program);
    if (status >= 0) return status;
    krait::choose_locale(config);
    if (!krait::find_library(config)) return 1;
    krait::register_compiler();
    krait::register_capi();
    return krait::program_main(program, config);
}

}  // namespace

int main(int argc, char** argv) {
    Arguments arguments{argc, argv};
    return krait::run_on_wide_stack(run, &arguments);
}
