// _opcode: what dis and opcode ask of the instruction set.
#include "builtins/callable.h"
#include "builtins/list.h"
#include "builtins/number.h"
#include "builtins/str.h"
#include "builtins/tuple.h"
#include "bytecode/opcodes.h"
#include "object/protocol.h"

namespace krait {
namespace {

bool is_valid_opcode(int op) {
    return op >= 0 && op < static_cast<int>(kAnyOpCount) && (kOpTable[op].flags & opflag::kDefined) &&
           !(kOpTable[op].flags & opflag::kHidden);
}

// A negative argument is nonsense where it counts entries of the stack, also those that are only looked over.
bool counts_entries(Op op) {
    switch (op) {
        case Op::COPY:
        case Op::SWAP:
        case Op::RERAISE:
        case Op::DICT_UPDATE:
        case Op::LIST_APPEND:
        case Op::LIST_EXTEND:
        case Op::MAP_ADD:
        case Op::SET_ADD:
        case Op::SET_UPDATE:
            return true;
        default:
            return stack_effect(op, -2, false) != stack_effect(op, 0, false);
    }
}

Ref stack_effect_(Thread& t, Value, const Value* p) {
    int op = TRY(as_int32(t, p[0]));
    int arg = 0;
    if (p[1] && !is_none(p[1])) arg = TRY(as_int32(t, p[1]));
    int jump = -1;
    if (p[2] && !is_none(p[2])) {
        if (p[2] == boolean(true))
            jump = 1;
        else if (p[2] == boolean(false))
            jump = 0;
        else
            return raise(t, PyExc_ValueError, "stack_effect: jump must be False, True or None");
    }
    // Specialized forms have no effect of their own.
    if (!is_valid_opcode(op) || kOpTable[op].flags & opflag::kSpecialized ||
        (arg < 0 && counts_entries(static_cast<Op>(op))))
        return raise(t, PyExc_ValueError, "invalid opcode or oparg");
    int no_jump = stack_effect(static_cast<Op>(op), arg, false),
        with_jump = stack_effect(static_cast<Op>(op), arg, true);
    int effect = jump == 0 ? no_jump : jump == 1 ? with_jump : no_jump > with_jump ? no_jump : with_jump;
    return Ref::from_int(effect);
}

template <unsigned Flags>
Ref has(Thread& t, Value, const Value* p) {
    int op = TRY(as_int32(t, p[0]));
    return bool_ref(is_valid_opcode(op) && (kOpTable[op].flags & Flags));
}
Ref is_valid(Thread& t, Value, const Value* p) {
    int op = TRY(as_int32(t, p[0]));
    return bool_ref(is_valid_opcode(op));
}

Ref name_list(Thread& t, std::initializer_list<const char*> names) {
    Ref list = TRY(list_new(t));
    for (const char* n : names) {
        Ref s = TRY(str_from(t, n));
        TRY(list_append(t, list, s));
    }
    return list;
}
Ref intrinsic1(Thread& t, Value) {
    return name_list(t, {
#define INTRINSIC1(name, number) #name,
#include "bytecode/opargs.def"
                        });
}
Ref intrinsic2(Thread& t, Value) {
    return name_list(t, {
#define INTRINSIC2(name, number) #name,
#include "bytecode/opargs.def"
                        });
}
Ref special_names(Thread& t, Value) {
    return name_list(t, {
#define SPECIAL(name, number, method) method,
#include "bytecode/opargs.def"
                        });
}
Ref nb_ops(Thread& t, Value) {
    static const struct {
        const char *name, *text;
    } rows[] = {
#define BINARY(name, number, text) {#name, text},
#include "bytecode/opargs.def"
    };
    Ref list = TRY(list_new(t));
    for (auto& row : rows) {
        Ref a = TRY(str_from(t, row.name)), b = TRY(str_from(t, row.text));
        Ref pair = TRY(tuple_of(t, {a, b}));
        TRY(list_append(t, list, pair));
    }
    return list;
}
Ref get_executor(Thread& t, Value, const Value* p) {
    if (!has_type(p[0], &PyCode_Type))
        return raise(t, PyExc_TypeError, "expected a code object, not '%T'", p[0]);
    return raise(t, PyExc_ValueError, "no executor at given byte offset");
}
Ref specialization_stats(Thread&, Value) { return none_ref(); }

const NativeDef functions[] = {
    def<stack_effect_>("stack_effect", "(opcode, oparg=None, /, *, jump=None)",
                       "The change of the stack's depth."),
    def<is_valid>("is_valid", "(opcode)", "True if there is such an opcode."),
    def<has<opflag::kArg>>("has_arg", "(opcode)", "True if it uses its argument."),
    def<has<opflag::kConst>>("has_const", "(opcode)", "True if it uses a constant."),
    def<has<opflag::kName>>("has_name", "(opcode)", "True if it uses a name."),
    def<has<opflag::kJump>>("has_jump", "(opcode)", "True if it has a target."),
    def<has<opflag::kFree>>("has_free", "(opcode)", "True if it uses a free variable."),
    def<has<opflag::kLocal>>("has_local", "(opcode)", "True if it uses a local variable."),
    def<has<opflag::kBlock>>("has_exc", "(opcode)", "True if it opens an exception block."),
    def<specialization_stats>("get_specialization_stats", "()", "None: nothing is counted."),
    def<nb_ops>("get_nb_ops", "()", "The operators of BINARY_OP."),
    def<intrinsic1>("get_intrinsic1_descs", "()", "The functions of CALL_INTRINSIC_1."),
    def<intrinsic2>("get_intrinsic2_descs", "()", "The functions of CALL_INTRINSIC_2."),
    def<special_names>("get_special_method_names", "()", "The methods of LOAD_SPECIAL."),
    def<get_executor>("get_executor", "(code, offset)", "Always fails: there is no second optimizer."),
    {},
};

Status exec(Thread& t, Value module) {
    TRY(module_add_int(t, module, "ENABLE_SPECIALIZATION", 1));
    return module_add_int(t, module, "ENABLE_SPECIALIZATION_FT", 1);
}

}  // namespace

extern const ModuleSpec module__opcode = {"_opcode", "The instruction set.", functions, exec};

}  // namespace krait
