// Runs the flow graph or the assembler on instruction sequences read from standard input, one token stream,
// and prints what comes out; tools/compare/cfg.py feeds it with the oracle's and compares.
//
//   unit MODE NLOCALS NPARAMS FIRSTLINE FLAGS ARGCOUNT POSONLY KWONLY
//   NAMES names, VARNAMES, CELLVARS, FREEVARS, HIDDEN: each a count, then hex strings
//   a count of constants, then constants; a count of instructions, then `op arg line end_line col end_col`
#include <cinttypes>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "compiler/assemble.h"

using namespace krait;

namespace {

Arena arena;

bool token(std::string& to) {
    to.clear();
    int c = getchar_unlocked();
    while (c == ' ' || c == '\n') c = getchar_unlocked();
    if (c == EOF) return false;
    for (; c != ' ' && c != '\n' && c != EOF; c = getchar_unlocked()) to += static_cast<char>(c);
    return true;
}

std::string word() {
    std::string text;
    if (!token(text)) std::exit(2);
    return text;
}
int number() { return std::atoi(word().c_str()); }

std::string unhex() {
    std::string hex = word(), out;
    for (size_t i = 1; i + 1 < hex.size(); i += 2)
        out += static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16));
    return out;
}

std::vector<std::string_view> strings() {
    std::vector<std::string_view> list(number());
    for (std::string_view& text : list) text = arena.copy(unhex());
    return list;
}

const Constant* constant() {
    std::string kind = word();
    switch (kind[0]) {
        case 'N':
            return &kNoneConstant;
        case 'T':
            return &kTrueConstant;
        case 'F':
            return &kFalseConstant;
        case 'E':
            return &kEllipsisConstant;
        case 'i': {
            std::string hex = word();
            bool negative = hex[0] == '-';
            std::string digits = hex.substr(negative);
            std::vector<uint64_t> limbs;
            for (size_t end = digits.size(); end > 0;) {
                size_t from = end > 16 ? end - 16 : 0;
                limbs.push_back(std::strtoull(digits.substr(from, end - from).c_str(), nullptr, 16));
                end = from;
            }
            return int_constant(arena, negative, limbs);
        }
        case 'f':
            return float_constant(arena, std::strtod(word().c_str(), nullptr));
        case 'c': {
            double re = std::strtod(word().c_str(), nullptr);
            return complex_constant(arena, re, std::strtod(word().c_str(), nullptr));
        }
        case 's':
            return str_constant(arena, unhex());
        case 'b':
            return bytes_constant(arena, unhex());
        default: {
            std::vector<const Constant*> items(number());
            for (const Constant*& item : items) item = constant();
            if (kind[0] == 't') return tuple_constant(arena, items);
            if (kind[0] == 'z') return frozenset_constant(arena, items);
            return slice_constant(arena, items[0], items[1], items[2]);
        }
    }
}

void read_instructions(InstrSequence& seq) {
    int count = number();
    std::vector<Instr> instrs;
    std::vector<Label> labels(count + 1);
    for (int i = 0; i < count; i++) {
        Op op = static_cast<Op>(number());
        int arg = number();
        Location loc;
        loc.line = number(), loc.end_line = number(), loc.col = number(), loc.end_col = number();
        instrs.push_back({op, arg, loc});
        if (has_target(op) && !labels[arg]) labels[arg] = seq.new_label();
    }
    for (int i = 0; i < count; i++) {
        if (labels[i]) seq.use_label(labels[i]);
        if (has_target(instrs[i].op)) {
            seq.add_jump(instrs[i].op, labels[instrs[i].arg], instrs[i].loc);
        } else {
            seq.add(instrs[i].op, instrs[i].arg, instrs[i].loc);
        }
    }
    if (labels[count]) seq.use_label(labels[count]);
}

std::string hex(std::string_view bytes) {
    std::string out = "=";
    char buffer[3];
    for (char c : bytes) {
        std::snprintf(buffer, sizeof buffer, "%02x", static_cast<unsigned char>(c));
        out += buffer;
    }
    return out;
}

void print_constants(std::span<const Constant* const> constants) {
    for (const Constant* c : constants) std::printf("c %s\n", ascii_text(c).c_str());
}

void run_optimizer(CodeUnit& unit) {
    cfg::Cfg cfg(unit, arena);
    cfg.optimize();
    if (cfg.stack_depth() < 0) std::printf("stack\n");
    cfg.borrow_locals();
    std::vector<assembler::Placed> placed = assembler::place(cfg);
    size_t at = 0;
    for (cfg::Block* b = cfg.entry(); b != nullptr; b = b->next) {
        for (const cfg::CfgInstr& instr : b->instrs) {
            const assembler::Placed& p = placed[at++];
            int arg = instr.has_target() ? instr.target->first_index : instr.arg;
            std::printf("i %d %d %d %d %d %d\n", int(p.op), arg, p.loc.line, p.loc.end_line, p.loc.col,
                        p.loc.end_col);
        }
    }
    print_constants(unit.consts.values());
}

void run_assembler(CodeUnit& unit) {
    const char* error = nullptr;
    const CodeObject* code = assemble(arena, unit, "f", &error);
    if (code == nullptr) {
        std::printf("error %s\n", error);
        return;
    }
    std::printf("code %s\nlines %s\nexceptions %s\nkinds %s\nstack %d\nlocals", hex(code->code).c_str(),
                hex(code->linetable).c_str(), hex(code->exceptiontable).c_str(),
                hex(code->localspluskinds).c_str(), code->stacksize);
    for (std::string_view name : code->localsplusnames) std::printf(" %s", hex(name).c_str());
    std::printf("\n");
    print_constants(code->consts);
}

}  // namespace

int main() {
    std::string text;
    while (token(text)) {
        CodeUnit unit;
        std::string mode = word();
        number();
        unit.parameter_count = number();
        unit.firstlineno = number();
        unit.flags = number();
        unit.argcount = number();
        unit.posonlyargcount = number();
        unit.kwonlyargcount = number();
        unit.names = strings();
        unit.varnames = strings();
        unit.cellvars = strings();
        unit.freevars = strings();
        unit.hidden = strings();
        for (int count = number(); count > 0; count--) unit.consts.add(constant());
        read_instructions(unit.instrs);
        std::printf("unit\n");
        if (mode == "opt") {
            run_optimizer(unit);
        } else {
            run_assembler(unit);
        }
    }
    return 0;
}
