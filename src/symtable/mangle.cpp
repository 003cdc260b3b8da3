#include <string>

#include "symtable/symtable.h"

namespace krait {

const Identifier* mangle(IdentifierTable& identifiers, const Identifier* private_name,
                         const Identifier* name) {
    std::string_view text = name->view();
    if (private_name == nullptr || !text.starts_with("__")) return name;
    // Special names, and dotted ones (of imports), stay as they are.
    if (text.ends_with("__") || text.find('.') != text.npos) return name;
    std::string_view owner = private_name->view();
    size_t begin = owner.find_first_not_of('_');
    if (begin == owner.npos) return name;
    std::string mangled = "_";
    mangled += owner.substr(begin);
    mangled += text;
    return identifiers.intern(mangled);
}

const Identifier* maybe_mangle(IdentifierTable& identifiers, const Identifier* private_name,
                               const SymbolBlock* block, const Identifier* name) {
    if (block != nullptr && block->mangled_names != nullptr && !block->mangled_names->contains(name)) {
        return name;
    }
    return mangle(identifiers, private_name, name);
}

}  // namespace krait
