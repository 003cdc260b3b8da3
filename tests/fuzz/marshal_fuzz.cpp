#include <cstdint>
#include <string>
#include <string_view>

#include "bytecode/decode.h"
#include "bytecode/marshal.h"
#include "support/panic.h"

// Whatever the bytes are, reading them ends in a code object or an error; what was read can be verified,
// shown, written and read again to the same.

using namespace krait;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    Arena arena;
    const char* error = nullptr;
    std::string_view text(reinterpret_cast<const char*>(data), size);
    const CodeObject* code = unmarshal_code(arena, text, &error);
    if ((code == nullptr) == (error == nullptr)) panic("neither code nor an error");
    if (code == nullptr || size > 4096) return 0;
    bool good = verify_code(code).empty();
    if (!good) return 0;
    dump_code(code);
    std::string written = marshal_code(code);
    if (written.empty()) return 0;  // nested too deeply
    const CodeObject* again = unmarshal_code(arena, written, &error);
    if (again == nullptr || marshal_code(again) != written) panic("written data reads back differently");
    return 0;
}
