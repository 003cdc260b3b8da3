#include <cstdlib>
#include <unordered_map>

#include "frontend.h"

namespace krait::frontend {

namespace {

std::unordered_map<std::string, char32_t>& names() {
    static std::unordered_map<std::string, char32_t> table;
    return table;
}

bool find(std::string_view name, char32_t& character) {
    std::string key(name);
    for (char& c : key) {
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    }
    auto found = names().find(key);
    if (found == names().end()) return false;
    character = found->second;
    return true;
}

}  // namespace

// Lines `HEX NAME`, as tools/compare/ writes them from the oracle's tables.
bool load_names(const char* path, bool (*&lookup)(std::string_view, char32_t&)) {
    std::string text;
    if (!read_file(path, text)) return false;
    for (size_t at = 0; at < text.size();) {
        char* end;
        auto character = static_cast<char32_t>(std::strtoul(text.c_str() + at, &end, 16));
        size_t begin = static_cast<size_t>(end - text.c_str()) + 1, stop = text.find('\n', begin);
        if (stop == text.npos) break;
        names().emplace(text.substr(begin, stop - begin), character);
        at = stop + 1;
    }
    lookup = find;
    return true;
}

}  // namespace krait::frontend
