#pragma once

#include <string>
#include <vector>

#include "compiler/cfg/cfg.h"

// The assembler: from blocks in their final order to the bytes of a code object.
namespace krait::assembler {

// An instruction of the final sequence, with its place.
struct Placed {
    Op op;
    uint32_t arg;
    Location loc;
    int32_t target = -1;        // index of the instruction it jumps to
    int32_t handler = -1;       // index of the first instruction of the handler in force
    int32_t handler_depth = 0;  // stack depth that the handler expects on entry
    bool handler_lasti = false;
    int32_t offset = 0;  // in code units

    // In code units: EXTENDED_ARGs, itself, caches.
    int size() const {
        int extended = (arg > 0xFFFFFF) + (arg > 0xFFFF) + (arg > 0xFF);
        return extended + 1 + static_cast<int>(cache_count(op));
    }
};

std::vector<Placed> place(cfg::Cfg& cfg);
// Chooses between forward and backward jumps and computes all offsets and jump arguments.
void resolve_jumps(std::vector<Placed>& instrs);
std::string code_bytes(const std::vector<Placed>& instrs);
// tables.cpp; the location table gives instructions with kNextLocation their place.
std::string location_table(std::vector<Placed>& instrs, int firstlineno);
std::string exception_table(const std::vector<Placed>& instrs);

}  // namespace krait::assembler
