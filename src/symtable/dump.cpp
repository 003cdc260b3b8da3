#include "symtable/dump.h"

#include <algorithm>

namespace krait {

void dump_symbols(const SymbolBlock* block, std::string& out) {
    out += "block " + std::to_string(static_cast<int>(block->type)) + " " + std::string(block->name->view()) +
           " " + std::to_string(block->position.lineno) + " " + std::to_string(block->nested) + "\nvarnames ";
    for (const Identifier* n : block->varnames) (out += n->view()) += ',';
    out += "\n";
    std::vector<std::string> symbols;
    for (auto& e : block->symbols) {
        symbols.push_back(std::string(e.name->view()) + " " + std::to_string(e.value) + "\n");
    }
    std::sort(symbols.begin(), symbols.end());
    for (const std::string& s : symbols) out += s;
    out += "{\n";
    for (const SymbolBlock* child : block->children) dump_symbols(child, out);
    out += "}\n";
}

}  // namespace krait
