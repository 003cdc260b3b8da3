#include "bytecode/code.h"

#include <algorithm>

namespace krait {

namespace {
int count_kinds(std::string_view kinds, unsigned bits) {
    return static_cast<int>(std::ranges::count_if(
        kinds, [&](char kind) { return (static_cast<unsigned char>(kind) & bits) != 0; }));
}
}  // namespace

int CodeObject::nlocals() const { return count_kinds(localspluskinds, kLocalPlain); }
int CodeObject::ncellvars() const { return count_kinds(localspluskinds, kLocalCell); }
int CodeObject::nfreevars() const { return count_kinds(localspluskinds, kLocalFree); }

bool same_code(const CodeObject* a, const CodeObject* b) {
    if (a == b) return true;
    return a->name == b->name && a->argcount == b->argcount && a->posonlyargcount == b->posonlyargcount &&
           a->kwonlyargcount == b->kwonlyargcount && a->flags == b->flags &&
           a->firstlineno == b->firstlineno && a->code == b->code && a->linetable == b->linetable &&
           a->exceptiontable == b->exceptiontable && std::ranges::equal(a->names, b->names) &&
           std::ranges::equal(a->localsplusnames, b->localsplusnames) &&
           std::ranges::equal(a->consts, b->consts, same_constant);
}

uint64_t hash_code(const CodeObject* code) {
    // Equal code has equal instructions in equal places (many lambdas differ in the place alone); what else
    // differs is told apart by same_code.
    uint64_t h = 0xCBF29CE484222325u;
    for (std::string_view part : {std::string_view(code->code), std::string_view(code->linetable)})
        for (char byte : part) h = (h ^ static_cast<unsigned char>(byte)) * 0x100000001B3u;
    return (h ^ static_cast<uint64_t>(code->firstlineno)) * 0x100000001B3u;
}

}  // namespace krait
