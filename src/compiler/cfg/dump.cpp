#include <cstdio>
#include <unordered_map>

#include "compiler/cfg/cfg.h"

namespace krait::cfg {

namespace {

class Dump {
  public:
    Dump(Cfg& cfg) : cfg_(cfg) {
        int number = 0;
        for (Block* b = cfg.entry(); b != nullptr; b = b->next) numbers_[b] = number++;
    }
    std::string run() {
        for (Block* b = cfg_.entry(); b != nullptr; b = b->next) {
            if (!b->instrs.empty()) block(b);
        }
        return std::move(out_);
    }

  private:
    std::string name(const Block* block) const {
        auto found = numbers_.find(block);
        return found != numbers_.end() ? "B" + std::to_string(found->second) : "?";
    }
    std::string meaning(const CfgInstr& instr) const;
    void block(Block* b);

    Cfg& cfg_;
    std::unordered_map<const Block*, int> numbers_;
    std::string out_;
};

std::string Dump::meaning(const CfgInstr& instr) const {
    const CodeUnit& unit = cfg_.unit();
    auto at = [](const std::vector<std::string_view>& names, size_t i) {
        return i < names.size() ? std::string(names[i]) : std::string("?");
    };
    size_t arg = static_cast<size_t>(instr.arg);
    switch (instr.op) {
        case Op::LOAD_CONST:
            if (unit.consts[arg]->is(ConstantKind::kCode)) {
                return "<code " + std::string(unit.consts[arg]->code->qualname) + ">";
            }
            return ascii_text(unit.consts[arg]);
        case Op::LOAD_ATTR:
        case Op::LOAD_GLOBAL:
            return at(unit.names, arg >> 1);
        case Op::LOAD_SUPER_ATTR:
            return at(unit.names, arg >> 2);
        case Op::LOAD_FAST_LOAD_FAST:
        case Op::STORE_FAST_LOAD_FAST:
        case Op::STORE_FAST_STORE_FAST:
            return at(unit.varnames, arg >> 4) + ", " + at(unit.varnames, arg & 15);
        case Op::LOAD_CLOSURE:
        case Op::LOAD_DEREF:
        case Op::STORE_DEREF:
        case Op::DELETE_DEREF:
        case Op::LOAD_FROM_DICT_OR_DEREF:
            return arg < unit.cellvars.size() ? at(unit.cellvars, arg)
                                              : at(unit.freevars, arg - unit.cellvars.size());
        case Op::BINARY_OP:
            return std::string(binary_op_text(instr.arg));
        case Op::COMPARE_OP:
            return std::string(compare_text(instr.arg >> 5));
        default:
            if (op_has(instr.op, opflag::kName)) return at(unit.names, arg);
            if (op_has(instr.op, opflag::kLocal)) return at(unit.varnames, arg);
            return "";
    }
}

void Dump::block(Block* b) {
    out_ += name(b) + ":";
    if (b->start_depth >= 0) out_ += " depth " + std::to_string(b->start_depth);
    if (b->except_handler) out_ += b->preserve_lasti ? " handler lasti" : " handler";
    if (b->cold) out_ += " cold";
    out_ += '\n';
    for (const CfgInstr& instr : b->instrs) {
        char line[96];
        std::string_view op = op_info(instr.op).name;
        if (instr.loc.line >= 0) {
            std::snprintf(line, sizeof line, "%6d:%-4d %-34.*s", instr.loc.line, instr.loc.col,
                          static_cast<int>(op.size()), op.data());
        } else {
            std::snprintf(line, sizeof line, "%11s %-34.*s", "", static_cast<int>(op.size()), op.data());
        }
        std::string text = line;
        if (instr.has_target()) {
            text += " " + name(instr.target);
        } else if (op_has(instr.op, opflag::kArg)) {
            text += " " + std::to_string(instr.arg);
            if (std::string what = meaning(instr); !what.empty()) text += "  (" + what + ")";
        }
        if (instr.except != nullptr) text += "  !" + name(instr.except);
        while (text.back() == ' ') text.pop_back();
        out_ += text + "\n";
    }
    if (b->next != nullptr && b->falls_through()) out_ += "            -> " + name(b->next) + "\n";
}

}  // namespace

std::string dump(Cfg& cfg) { return Dump(cfg).run(); }

}  // namespace krait::cfg

namespace krait {

std::string dump_flow_graph(CodeUnit& unit, bool optimized) {
    ConstantTable constants = unit.consts;
    Arena arena;
    cfg::Cfg cfg(unit, arena);
    std::string out = "graph " + std::string(unit.qualname) + "\n";
    if (optimized) {
        cfg.optimize();
        cfg.stack_depth();
    } else {
        cfg.build();
    }
    out += cfg::dump(cfg);
    unit.consts = std::move(constants);
    return out;
}

}  // namespace krait
