// InstructionSequence: the instructions of one code object between two stages of the compiler, as an object.
#pragma once

#include <vector>

#include "compiler/instr_sequence.h"
#include "object/thread.h"

namespace krait::internals {

struct InstructionSequence {
    PyObject ob_base;
    std::vector<Instr> instrs;
    std::vector<int> labels;  // where each is; -1: nowhere yet
    bool resolved;            // arguments of jumps are indices of instructions, not labels
    Value nested;             // owned list of those of the functions and classes inside; empty: none
};

Ref sequence_new(Thread& t);
bool is_sequence_object(Value v);
inline InstructionSequence* as_sequence(Value v) { return v.as<InstructionSequence>(); }
Status sequence_add_nested(Thread& t, Value self, Value nested);
// Gives the arguments of jumps their final meaning. ValueError where a label has no place.
Status sequence_resolve(Thread& t, InstructionSequence& s);

}  // namespace krait::internals
