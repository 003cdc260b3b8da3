// The compiler as the runtime sees it.
#include "modules/compile_hook.h"

#include "modules/compilation.h"
#include "modules/dump_stages.h"
#include "object/protocol.h"

namespace krait {
namespace {

Ref compile_request(Thread& t, const CompileRequest& r) {
    RecursionGuard guard(t, " during compilation");
    if (!guard) return {};
    if (!r.dump.empty()) dump_stages(t, r);
    Compilation compilation(t, r);
    return is_str(r.source) || is_bytes(r.source) ? compilation.from_source() : compilation.from_objects();
}

constexpr CodeHooks kHooks = {.compile = compile_request, .dump_specialized = dump_specialized};

}  // namespace

void register_compiler() { g_runtime.hooks = &kHooks; }

}  // namespace krait
