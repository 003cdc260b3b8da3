#include "compiler/assemble.h"

#include <algorithm>

namespace krait {

namespace assembler {

std::vector<Placed> place(cfg::Cfg& cfg) {
    int32_t count = 0;
    for (cfg::Block* b = cfg.entry(); b != nullptr; b = b->next) {
        b->first_index = count;
        count += static_cast<int32_t>(b->instrs.size());
    }
    std::vector<Placed> placed;
    placed.reserve(count);
    for (cfg::Block* b = cfg.entry(); b != nullptr; b = b->next) {
        for (const cfg::CfgInstr& instr : b->instrs) {
            Placed& to = placed.emplace_back(instr.op, static_cast<uint32_t>(instr.arg), instr.loc);
            if (instr.is_jump() && instr.target) to.target = instr.target->first_index;
            if (instr.except == nullptr) continue;
            to.handler = instr.except->first_index;
            to.handler_depth = instr.except->start_depth;
            to.handler_lasti = instr.except->preserve_lasti;
        }
    }
    return placed;
}

// What END_ASYNC_FOR's argument leads to is the END_SEND behind the SEND it names, for sys.monitoring.
constexpr int kSendToEndSend = 5;

void resolve_jumps(std::vector<Placed>& instrs) {
    for (size_t i = 0; i < instrs.size(); i++) {
        Placed& instr = instrs[i];
        bool forward = instr.target > static_cast<int32_t>(i);
        if (instr.op == Op::JUMP) {
            instr.op = forward ? Op::JUMP_FORWARD : Op::JUMP_BACKWARD;
        } else if (instr.op == Op::JUMP_NO_INTERRUPT) {
            instr.op = forward ? Op::JUMP_FORWARD : Op::JUMP_BACKWARD_NO_INTERRUPT;
        }
    }
    // Sizes and arguments depend on each other, and there may be two answers: CPython starts from the indices
    // of the targets, so must we. Should that go round in circles, the way up from 0 cannot.
    constexpr int kMaxRounds = 64;
    int rounds = 0;
    for (Placed& instr : instrs) {
        if (instr.target >= 0) instr.arg = static_cast<uint32_t>(instr.target);
    }
    bool again;
    do {
        again = false;
        int32_t offset = 0;
        for (Placed& instr : instrs) {
            if (rounds == kMaxRounds && instr.target >= 0) instr.arg = 0;
            instr.offset = offset;
            offset += instr.size();
        }
        for (Placed& instr : instrs) {
            if (instr.target < 0) continue;
            int size = instr.size();
            int32_t end = instr.offset + size, target = instrs[instr.target].offset;
            int32_t distance = target < end ? end - target : target - end;
            if (instr.op == Op::END_ASYNC_FOR) distance -= kSendToEndSend;
            instr.arg = static_cast<uint32_t>(distance);
            again |= instr.size() != size;
        }
        rounds++;
    } while (again);
}

std::string code_bytes(const std::vector<Placed>& instrs) {
    std::string code;
    code.reserve(instrs.empty() ? 0 : 2 * size_t(instrs.back().offset + instrs.back().size()));
    auto unit = [&](unsigned op, uint32_t arg) {
        code += static_cast<char>(op);
        code += static_cast<char>(arg & 0xFF);
    };
    for (const Placed& instr : instrs) {
        for (int shift = 24; shift > 0; shift -= 8) {
            if (instr.arg >> shift != 0) unit(unsigned(Op::EXTENDED_ARG), instr.arg >> shift);
        }
        unit(unsigned(instr.op), instr.arg);
        code.append(2 * cache_count(instr.op), '\0');
    }
    return code;
}

}  // namespace assembler

namespace {

// co_localsplusnames and co_localspluskinds: locals, then cells that are no locals, then free variables.
void fill_locals(Arena& arena, const CodeUnit& unit, CodeObject* code) {
    std::vector<std::string_view> names;
    std::string kinds;
    auto contains = [](const std::vector<std::string_view>& list, std::string_view name) {
        return std::ranges::find(list, name) != list.end();
    };
    int positional = unit.argcount, keyword_end = unit.argcount + unit.kwonlyargcount;
    auto parameter_kind = [&](int i) -> int {
        if (i < unit.posonlyargcount) return kLocalArgPositional;
        if (i < positional) return kLocalArgPositional | kLocalArgKeyword;
        if (i < keyword_end) return kLocalArgKeyword;
        if ((unit.flags & kCodeVarArgs) && i == keyword_end) return kLocalArgVariable | kLocalArgPositional;
        int keywords_at = keyword_end + ((unit.flags & kCodeVarArgs) != 0);
        if ((unit.flags & kCodeVarKeywords) && i == keywords_at) return kLocalArgVariable | kLocalArgKeyword;
        return 0;
    };
    auto put = [&](std::string_view name, int kind) {
        names.push_back(name);
        kinds += static_cast<char>(kind);
    };
    auto hidden = [&](std::string_view name) { return contains(unit.hidden, name) ? int(kLocalHidden) : 0; };
    for (int i = 0; i < int(unit.varnames.size()); i++) {
        std::string_view name = unit.varnames[i];
        int cell = contains(unit.cellvars, name) ? int(kLocalCell) : 0;
        put(name, kLocalPlain | cell | hidden(name) | parameter_kind(i));
    }
    for (std::string_view name : unit.cellvars) {
        if (!contains(unit.varnames, name)) put(name, kLocalCell | hidden(name));
    }
    for (std::string_view name : unit.freevars) put(name, kLocalFree);
    code->localsplusnames = arena.copy(std::span<const std::string_view>(names));
    code->localspluskinds = arena.copy(kinds);
}

}  // namespace

const CodeObject* assemble(Arena& arena, CodeUnit& unit, std::string_view filename, const char** error,
                           bool optimized) {
    for (const Instr& instr : unit.instrs.instrs()) {
        if (has_target(instr.op) && unit.instrs.label_target(Label{instr.arg}) < 0) {
            *error = "jump to a label without a place";
            return nullptr;
        }
    }
    cfg::Cfg cfg(unit, arena);
    if (optimized) {
        cfg.build();
        cfg.mark_handlers();
    } else {
        cfg.optimize();
    }
    cfg.convert_conditional_pseudo_jumps();
    cfg.prepare_locals();
    int depth = cfg.stack_depth();
    if (depth < 0) {
        *error = "inconsistent stack depth";
        return nullptr;
    }
    cfg.convert_pseudo_ops();
    cfg.normalize_jumps();
    cfg.borrow_locals();

    std::vector<assembler::Placed> placed = assembler::place(cfg);
    for (const assembler::Placed& instr : placed) {
        if (instr.target >= int32_t(placed.size()) || instr.handler >= int32_t(placed.size())) {
            *error = "jump behind the last instruction";
            return nullptr;
        }
    }
    assembler::resolve_jumps(placed);
    CodeObject* code = arena.make<CodeObject>();
    code->argcount = unit.argcount;
    code->posonlyargcount = unit.posonlyargcount;
    code->kwonlyargcount = unit.kwonlyargcount;
    code->stacksize = std::max(depth, 1);  // CPython's frames have one entry at least
    code->flags = unit.flags;
    code->firstlineno = unit.firstlineno;
    code->consts = arena.copy(std::span<const Constant* const>(unit.consts.values()));
    code->names = arena.copy(std::span<const std::string_view>(unit.names));
    code->filename = filename;
    code->name = unit.name;
    code->qualname = unit.qualname;
    code->linetable = arena.copy(assembler::location_table(placed, unit.firstlineno));
    code->exceptiontable = arena.copy(assembler::exception_table(placed));
    code->code = arena.copy(assembler::code_bytes(placed));
    fill_locals(arena, unit, code);
    return code;
}

}  // namespace krait
