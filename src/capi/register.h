// Makes extension modules known to the runtime: called once, before it starts.
#pragma once

namespace krait {
void register_capi();
}  // namespace krait
