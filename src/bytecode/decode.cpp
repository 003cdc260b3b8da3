#include "bytecode/decode.h"

namespace krait {

bool InstrReader::next(DecodedInstr& instr) {
    instr.start = static_cast<int32_t>(at_);
    uint32_t arg = 0;
    while (at_ + 2 <= code_.size()) {
        auto byte = static_cast<unsigned char>(code_[at_]);
        arg = arg << 8 | static_cast<unsigned char>(code_[at_ + 1]);
        instr.offset = static_cast<int32_t>(at_);
        at_ += 2;
        if (Op{byte} == Op::EXTENDED_ARG) continue;
        instr.op = Op{byte};
        instr.arg = arg;
        at_ += 2 * size_t(cache_count(instr.op));
        instr.end = static_cast<int32_t>(at_);
        return at_ <= code_.size();
    }
    return false;
}

int64_t jump_target(const DecodedInstr& instr) {
    Op op = base_op(instr.op);
    if (!op_has(op, opflag::kJump) || op == Op::END_ASYNC_FOR) return -1;
    return 2 * jump_unit(op, instr.end / 2, instr.arg);
}

uint32_t LocationReader::varint() {
    uint32_t value = 0;
    for (int shift = 0;; shift += 6) {
        unsigned next = byte();
        if (shift < 32) value |= (next & 63) << shift;
        if (!(next & 64)) return value;
    }
}

int32_t LocationReader::signed_varint() {
    uint32_t value = varint();
    return static_cast<int32_t>(value & 1 ? 0 - (value >> 1) : value >> 1);
}

bool LocationReader::next(CodeRange& range) {
    if (at_ >= table_.size()) return false;
    unsigned first = byte();
    if (!(first & 0x80)) bad_ = true;
    unsigned form = first >> 3 & 15;
    range.start = offset_;
    range.end = offset_ += 2 * static_cast<int32_t>((first & 7) + 1);
    range.line = range.end_line = range.col = range.end_col = -1;
    // Wrap-around of hostile deltas is well defined: the build has -fwrapv.
    if (form == 15) return !bad_;
    if (form >= 13) {
        range.line = range.end_line = line_ += signed_varint();
        if (form == 14) {
            range.end_line += static_cast<int32_t>(varint());
            range.col = static_cast<int32_t>(varint()) - 1;
            range.end_col = static_cast<int32_t>(varint()) - 1;
        }
        return !bad_;
    }
    unsigned second = byte();
    if (form >= 10) {
        line_ += static_cast<int32_t>(form - 10);
        range.col = static_cast<int32_t>(second);
        range.end_col = static_cast<int32_t>(byte());
    } else {
        range.col = static_cast<int32_t>(form << 3 | second >> 4);
        range.end_col = range.col + static_cast<int32_t>(second & 15);
    }
    range.line = range.end_line = line_;
    return !bad_;
}

uint32_t HandlerReader::varint() {
    uint32_t value = 0;
    while (at_ < table_.size()) {
        auto byte = static_cast<unsigned char>(table_[at_++]);
        value = value << 6 | (byte & 63);
        if (!(byte & 64)) return value;
    }
    bad_ = true;
    return 0;
}

bool HandlerReader::next(HandlerRange& range) {
    if (at_ >= table_.size()) return false;
    // Bit 7 marks the first byte of an entry, and only that: searches rely on it.
    size_t first = at_;
    uint32_t start = varint(), size = varint(), target = varint(), depth = varint();
    for (size_t i = first; i < at_; i++) bad_ |= ((table_[i] & 0x80) != 0) != (i == first);
    constexpr uint32_t kLargest = 1u << 29;
    if (start > kLargest || size > kLargest || target > kLargest || depth > kLargest) bad_ = true;
    if (bad_) return false;
    range.start = static_cast<int32_t>(start * 2);
    range.end = static_cast<int32_t>((start + size) * 2);
    range.target = static_cast<int32_t>(target * 2);
    range.depth = static_cast<int32_t>(depth >> 1);
    range.lasti = depth & 1;
    return true;
}

}  // namespace krait
