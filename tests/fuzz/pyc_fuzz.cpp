#include <cstdint>
#include <string_view>

#include "interp/code.h"
#include "modules/compile_hook.h"
#include "object/errors.h"
#include "object/protocol.h"
#include "runtime/init.h"
#include "runtime/marshal.h"
#include "support/panic.h"

// What the import system does with the bytes of a .pyc file, in the whole runtime: behind the 16 bytes of the
// header is a value that marshal reads into objects. Whatever the bytes are, that ends in a value or an
// exception; code objects then answer what tools ask of them and are written again.

using namespace krait;

namespace {

void ask(Thread& t, Value code) {
    for (const char* name : {"co_code", "co_varnames", "co_freevars", "co_cellvars", "co_consts"})
        if (!get_attr(t, code, name)) clear_error(t);
    for (const char* name : {"co_lines", "co_positions", "co_branches"}) {
        Ref method = get_attr(t, code, name);
        Ref iterator = method ? call(t, method, {}) : Ref();
        if (!iterator || !to_list(t, iterator)) clear_error(t);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    static Thread& t = [] -> Thread& {
        InitOptions options;
        options.hash_seed = "0";
        Thread& made = runtime_init(options);
        return made;
    }();
    if (size < 16) return 0;
    std::string_view text(reinterpret_cast<const char*>(data) + 16, size - 16);
    Ref value = marshal_loads(t, text, true);
    if (!value != occurred(t)) panic("neither a value nor an exception, or both");
    if (!value) {
        clear_error(t);
        return 0;
    }
    if (has_type(value, &PyCode_Type)) ask(t, value);
    if (!marshal_dumps(t, value, 5, true)) clear_error(t);
    if (!repr(t, value)) clear_error(t);
    return 0;
}
