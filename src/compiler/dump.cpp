#include "compiler/dump.h"

#include <algorithm>
#include <vector>

#include "bytecode/constant.h"

namespace krait {

namespace {

std::string hex(std::string_view bytes) {
    static constexpr char kDigits[] = "0123456789abcdef";
    std::string out;
    for (unsigned char c : bytes) {
        out += kDigits[c >> 4];
        out += kDigits[c & 15];
    }
    return out;
}

std::string text_of(const Constant* c);

std::string items_of(const Constant* c) {
    std::string out;
    std::vector<std::string> items;
    for (const Constant* i : c->items()) items.push_back(text_of(i));
    if (c->is(ConstantKind::kFrozenSet)) std::sort(items.begin(), items.end());
    for (const std::string& i : items) out += i + ",";
    return out;
}

// As the comparer writes constants: exact, and independent of the order of sets.
std::string text_of(const Constant* c) {
    switch (c->kind) {
        case ConstantKind::kTuple:
            return "(" + items_of(c) + ")";
        case ConstantKind::kFrozenSet:
            return "frozenset(" + items_of(c) + ")";
        case ConstantKind::kSlice:
            return "slice(" + items_of(c) + ")";
        case ConstantKind::kCode:
            return "code";
        default:
            return ascii_text(c);
    }
}

}  // namespace

void dump_fields(const CodeObject* code, std::string& out) {
    auto line = [&](const char* label, const std::string& text) {
        out += label;
        out += ' ';
        out += text;
        out += '\n';
    };
    auto number = [&](const char* label, int value) { line(label, std::to_string(value)); };
    line("code", std::string(code->qualname));
    line("name", std::string(code->name));
    number("argcount", code->argcount);
    number("posonlyargcount", code->posonlyargcount);
    number("kwonlyargcount", code->kwonlyargcount);
    number("flags", code->flags);
    number("firstlineno", code->firstlineno);
    std::string names, varnames, cellvars, freevars, consts;
    for (std::string_view n : code->names) (names += n) += ',';
    for (size_t i = 0; i < code->localsplusnames.size(); i++) {
        std::string name = std::string(code->localsplusnames[i]) + ",";
        uint8_t kind = static_cast<uint8_t>(code->localspluskinds[i]);
        if ((kind & kLocalPlain) != 0) varnames += name;
        if ((kind & kLocalCell) != 0) cellvars += name;
        if ((kind & kLocalFree) != 0) freevars += name;
    }
    for (const Constant* c : code->consts) consts += text_of(c) + " ; ";
    line("names", names);
    line("varnames", varnames);
    line("cellvars", cellvars);
    line("freevars", freevars);
    line("consts", consts);
    number("stacksize", code->stacksize);
    line("bytes", hex(code->code));
    line("exceptiontable", hex(code->exceptiontable));
    line("linetable", hex(code->linetable));
    out += "{\n";
    for (const Constant* c : code->consts) {
        if (c->is(ConstantKind::kCode)) dump_fields(c->code, out);
    }
    out += "}\n";
}

}  // namespace krait
