// Checks that bytecode from outside cannot harm: arguments index what exists, jumps land on instructions, the
// stack neither under- nor overflows.
#include <vector>

#include "builtins/bytes.h"
#include "builtins/tuple.h"
#include "bytecode/opcodes.h"
#include "interp/internal.h"
#include "object/errors.h"

namespace krait {

namespace {

struct Verifier {
    const CodeParts& c;
    int64_t units;
    const unsigned char* p;
    std::vector<uint8_t> starts;  // 1: an instruction begins here

    explicit Verifier(const CodeParts& parts)
        : c(parts),
          units(static_cast<int64_t>(parts.code.size() / 2)),
          p(reinterpret_cast<const unsigned char*>(parts.code.data())) {}

    bool run();

  private:
    bool check_instruction(int64_t at, int64_t next, Op op, int64_t oparg);
    bool target(int64_t at) const { return at >= 0 && at < units && starts[static_cast<size_t>(at)]; }
};

bool Verifier::run() {
    starts.assign(static_cast<size_t>(units) + 1, 0);
    for (int64_t i = 0; i < units; i++) {
        const OpInfo& info = op_info(p[2 * i]);
        // (What is no opcode raises when it is reached.)
        starts[static_cast<size_t>(i)] = 1;
        i += info.caches;
        if (i >= units) return false;
    }
    int64_t oparg = 0;
    for (int64_t i = 0; i < units;) {
        const OpInfo& info = op_info(p[2 * i]);
        oparg = oparg << 8 | p[2 * i + 1];
        if (oparg > INT32_MAX) return false;
        int64_t next = i + 1 + info.caches;
        if (info.base == Op::EXTENDED_ARG) {
            i = next;
            continue;
        }
        if (!check_instruction(i, next, info.base, oparg)) return false;
        oparg = 0;
        i = next;
    }
    return true;
}

bool Verifier::check_instruction(int64_t at, int64_t next, Op op, int64_t oparg) {
    int64_t nlocals = tuple_size(c.localsplusnames), nnames = tuple_size(c.names),
            nconsts = tuple_size(c.consts);
    switch (op) {
        case Op::LOAD_CONST:
            return oparg < nconsts;
        case Op::LOAD_GLOBAL:
        case Op::LOAD_ATTR:
            return oparg >> 1 < nnames;
        case Op::LOAD_SUPER_ATTR:
            return oparg >> 2 < nnames;
        case Op::LOAD_FAST_LOAD_FAST:
        case Op::LOAD_FAST_BORROW_LOAD_FAST_BORROW:
        case Op::STORE_FAST_LOAD_FAST:
        case Op::STORE_FAST_STORE_FAST:
            return oparg < 256 && (oparg >> 4) < nlocals && (oparg & 15) < nlocals;
        case Op::JUMP_BACKWARD:
        case Op::JUMP_BACKWARD_NO_INTERRUPT:
            return target(next - oparg);
        case Op::END_ASYNC_FOR:
            return true;
        case Op::COPY_FREE_VARS:
            return oparg <= nlocals;
        case Op::COPY:
        case Op::SWAP:
            return oparg >= 1 && oparg <= c.stacksize;
        default:
            break;
    }
    const OpInfo& info = op_info(op);
    if (info.flags & (opflag::kLocal | opflag::kFree)) return oparg < nlocals;
    if (info.flags & opflag::kName) return oparg < nnames;
    if (info.flags & opflag::kConst) return oparg < nconsts;
    if (info.flags & opflag::kJump) return target(next + oparg);
    return true;
}

}  // namespace

Status verify_code(Thread& t, const CodeParts& parts) {
    Verifier v(parts);
    if (!v.run()) return raise(t, PyExc_ValueError, "code: co_code is malformed");
    return Status::ok();
}

}  // namespace krait
