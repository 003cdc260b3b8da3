// The layouts of objects whose structure the C API does not promise are Krait's own, but programs print and
// compare what types tell about them. CPython makes the types of its modules at run time, one set per
// interpreter; Krait's are static. What can be told apart by the flags, such as whether copyreg may look
// behind them for a base, is as in CPython.
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

struct Shape {
    std::string_view name;
    int64_t basicsize, itemsize;
    bool gc;
};
constexpr Shape kShapes[] = {
#define SHAPE(name, basicsize, itemsize, gc) {name, basicsize, itemsize, gc},
#include "builtins/type_shapes.def"
};

// Of the type itself, which a native module made; null: as it is.
const Shape* own_shape(const PyTypeObject* type) {
    if (!ext(type)->spec) return nullptr;
    for (const Shape& s : kShapes)
        if (s.name == type->tp_name) return &s;
    return nullptr;
}

}  // namespace

int64_t shown_basicsize(const PyTypeObject* type) {
    if (const Shape* s = own_shape(type)) return s->basicsize;
    // A class adds to its base what it adds.
    const PyTypeObject* base = type->tp_base;
    if (!base || (type->tp_flags & kTpStaticBuiltin)) return type->tp_basicsize;
    return shown_basicsize(base) + (type->tp_basicsize - base->tp_basicsize);
}

int64_t shown_itemsize(const PyTypeObject* type) {
    for (const PyTypeObject* t = type; t; t = t->tp_base)
        if (const Shape* s = own_shape(t)) return s->itemsize;
    return type->tp_itemsize;
}

uint64_t shown_type_flags(const PyTypeObject* type) {
    constexpr uint64_t kPublic = 0xffffffff;
    uint64_t flags = type->tp_flags & kPublic;
    if (const Shape* s = own_shape(type)) flags = s->gc ? flags | kTpHaveGC : flags & ~uint64_t{kTpHaveGC};
    if ((flags & kTpHeapType) || !(flags & kTpStaticBuiltin) || (flags & kTpBaseExcSubclass)) return flags;
    if (is_static_in_cpython(type->tp_name)) return flags;
    return (flags | kTpHeapType) & ~uint64_t{kTpStaticBuiltin};
}

}  // namespace krait
