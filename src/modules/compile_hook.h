#pragma once

namespace krait {

// Makes the compiler known to the runtime; once, before anything is compiled.
void register_compiler();

}  // namespace krait
