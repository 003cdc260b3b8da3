// CPython makes the types of its modules at run time, one set per interpreter; Krait's are static. What can
// be told apart by the flags, such as whether copyreg may look behind them for a base, is as in CPython.
#include "builtins/type_flags.h"

#include <string_view>

namespace krait {

namespace {

// Types outside `builtins` that are static in CPython, too. A dot at the end: all of that module but those
// that are named here with `!`.
constexpr std::string_view kStatic[] = {"Token.",
                                        "_contextvars.",
                                        "collections.OrderedDict",
                                        "!datetime.IsoCalendarDate",
                                        "datetime.",
                                        "pickle.",
                                        "string.",
                                        "sys.",
                                        "types.",
                                        "typing.TypeAliasType",
                                        "weakref.",
                                        "typing.Union"};

bool is_static_in_cpython(std::string_view name) {
    if (name.find('.') == name.npos) return true;
    for (std::string_view s : kStatic) {
        if (s[0] == '!' && name == s.substr(1)) return false;
        if (s.ends_with('.') ? name.starts_with(s) : name == s) return true;
    }
    return false;
}

}  // namespace

uint64_t shown_type_flags(const PyTypeObject* type) {
    constexpr uint64_t kPublic = 0xffffffff;
    uint64_t flags = type->tp_flags & kPublic;
    if ((flags & kTpHeapType) || !(flags & kTpStaticBuiltin) || (flags & kTpBaseExcSubclass)) return flags;
    if (is_static_in_cpython(type->tp_name)) return flags;
    return (flags | kTpHeapType) & ~uint64_t{kTpStaticBuiltin};
}

}  // namespace krait
