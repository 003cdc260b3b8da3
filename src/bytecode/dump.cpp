#include <cstdarg>
#include <cstdio>

#include "bytecode/decode.h"

namespace krait {

namespace {

__attribute__((format(printf, 2, 3))) void print(std::string& out, const char* format, ...) {
    char buffer[256];
    va_list args;
    va_start(args, format);
    int size = std::vsnprintf(buffer, sizeof buffer, format, args);
    va_end(args);
    out.append(buffer,
               static_cast<size_t>(size) < sizeof buffer ? static_cast<size_t>(size) : sizeof buffer - 1);
}

std::string name_at(std::span<const std::string_view> names, uint32_t i) {
    return i < names.size() ? std::string(names[i]) : "?";
}

std::string describe_constant(const Constant* constant) {
    if (constant->is(ConstantKind::kCode)) return "<code " + std::string(constant->code->qualname) + ">";
    return ascii_text(constant);
}

// The names of an argument table, by number.
std::string_view named(std::initializer_list<std::string_view> names, uint32_t i) {
    return i < names.size() ? names.begin()[i] : "?";
}

std::string_view intrinsic1_name(uint32_t arg) {
    return named(
        {
#define INTRINSIC1(name, number) #name,
#include "bytecode/opargs.def"
        },
        arg);
}

std::string_view intrinsic2_name(uint32_t arg) {
    return named(
        {
#define INTRINSIC2(name, number) #name,
#include "bytecode/opargs.def"
        },
        arg);
}

std::string_view special_name(uint32_t arg) {
    return named(
        {
#define SPECIAL(name, number, method) method,
#include "bytecode/opargs.def"
        },
        arg);
}

std::string_view common_name(uint32_t arg) {
    return named(
        {
#define COMMON(name, number) #name,
#include "bytecode/opargs.def"
        },
        arg);
}

std::string_view conversion_name(uint32_t arg) {
    return named(
        {
#define CONVERSION(name, number, text) text,
#include "bytecode/opargs.def"
        },
        arg);
}

std::string function_attributes(uint32_t arg) {
    std::string out;
    auto add = [&](uint32_t bit, std::string_view text) {
        if (!(arg & bit)) return;
        if (!out.empty()) out += ", ";
        out += text;
    };
#define FUNCTION_ATTRIBUTE(name, bit, text) add(bit, text);
#include "bytecode/opargs.def"
    return out;
}

// An opcode that names two locals: the first in the upper four bits.
std::string two_locals(const CodeObject* code, uint32_t arg) {
    return name_at(code->localsplusnames, arg >> 4) + ", " + name_at(code->localsplusnames, arg & 15);
}

void dump_head(std::string& out, const CodeObject* code) {
    out += "code " + std::string(code->qualname) + "\n";
    print(out, "  line %d, stack %d, flags 0x%x, arguments %d (%d positional-only, %d keyword-only)\n",
          code->firstlineno, code->stacksize, static_cast<unsigned>(code->flags), code->argcount,
          code->posonlyargcount, code->kwonlyargcount);
    if (!code->localsplusnames.empty()) {
        out += "  locals";
        for (size_t i = 0; i < code->localsplusnames.size(); i++) {
            auto kind =
                i < code->localspluskinds.size() ? static_cast<unsigned char>(code->localspluskinds[i]) : 0;
            out += " " + std::string(code->localsplusnames[i]);
            if (kind & kLocalCell) out += "(cell)";
            if (kind & kLocalFree) out += "(free)";
            if (kind & kLocalHidden) out += "(hidden)";
        }
        out += '\n';
    }
}

void dump_instructions(std::string& out, const CodeObject* code) {
    InstrReader reader(code->code);
    LocationReader locations(code->linetable, code->firstlineno);
    CodeRange range{0, 0, -1, -1, -1, -1};
    int32_t shown_line = -1;
    DecodedInstr instr;
    while (reader.next(instr)) {
        while (range.end <= instr.offset && locations.next(range)) {
        }
        if (range.line != shown_line && range.line >= 0) {
            print(out, "%6d", range.line);
        } else {
            out += "      ";
        }
        shown_line = range.line;
        std::string_view name = op_info(instr.op).name;
        print(out, " %6d  %-34.*s", instr.offset, static_cast<int>(name.size()), name.data());
        if (op_has(instr.op, opflag::kArg)) {
            print(out, " %4u", instr.arg);
            if (std::string text = describe_arg(code, instr); !text.empty()) out += "  (" + text + ")";
        }
        while (out.back() == ' ') out.pop_back();
        out += '\n';
    }
}

void dump(std::string& out, const CodeObject* code) {
    dump_head(out, code);
    dump_instructions(out, code);
    HandlerReader handlers(code->exceptiontable);
    HandlerRange range;
    while (handlers.next(range)) {
        print(out, "  handler %d to %d: %d, depth %d%s\n", range.start, range.end, range.target, range.depth,
              range.lasti ? " lasti" : "");
    }
    for (const Constant* constant : code->consts) {
        if (!constant->is(ConstantKind::kCode)) continue;
        out += '\n';
        dump(out, constant->code);
    }
}

}  // namespace

std::string describe_arg(const CodeObject* code, const DecodedInstr& instr) {
    uint32_t arg = instr.arg;
    switch (base_op(instr.op)) {
        case Op::BINARY_OP:
            return std::string(binary_op_text(static_cast<int>(arg)));
        case Op::COMPARE_OP: {
            std::string text(compare_text(static_cast<int>(arg >> 5)));
            return arg & kCompareToBool ? "bool(" + text + ")" : text;
        }
        case Op::IS_OP:
            return arg ? "is not" : "is";
        case Op::CONTAINS_OP:
            return arg ? "not in" : "in";
        case Op::LOAD_ATTR:
            return name_at(code->names, arg >> 1) + (arg & 1 ? " + NULL|self" : "");
        case Op::LOAD_GLOBAL:
            return name_at(code->names, arg >> 1) + (arg & 1 ? " + NULL" : "");
        case Op::LOAD_SUPER_ATTR:
            return name_at(code->names, arg >> 2) + (arg & 1 ? " + NULL|self" : "");
        case Op::LOAD_FAST_LOAD_FAST:
        case Op::LOAD_FAST_BORROW_LOAD_FAST_BORROW:
        case Op::STORE_FAST_LOAD_FAST:
        case Op::STORE_FAST_STORE_FAST:
            return two_locals(code, arg);
        case Op::CALL_INTRINSIC_1:
            return std::string(intrinsic1_name(arg));
        case Op::CALL_INTRINSIC_2:
            return std::string(intrinsic2_name(arg));
        case Op::LOAD_SPECIAL:
            return std::string(special_name(arg));
        case Op::LOAD_COMMON_CONSTANT:
            return std::string(common_name(arg));
        case Op::CONVERT_VALUE:
            return std::string(conversion_name(arg));
        case Op::SET_FUNCTION_ATTRIBUTE:
            return function_attributes(arg);
        default:
            break;
    }
    if (int64_t target = jump_target(instr); target != -1) return "to " + std::to_string(target);
    if (op_has(instr.op, opflag::kConst))
        return arg < code->consts.size() ? describe_constant(code->consts[arg]) : "?";
    if (op_has(instr.op, opflag::kName)) return name_at(code->names, arg);
    if (op_has(instr.op, opflag::kLocal | opflag::kFree)) return name_at(code->localsplusnames, arg);
    return "";
}

std::string dump_code(const CodeObject* code) {
    std::string out;
    dump(out, code);
    return out;
}

}  // namespace krait
