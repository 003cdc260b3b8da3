// Makes extension modules known to the runtime: called once, before it starts.
#pragma once

#include "object/thread.h"

namespace krait {
void register_capi();
Status install_audit_hooks(Thread& t);  // those that were added before there was a runtime
}  // namespace krait
