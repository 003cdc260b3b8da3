#include "compiler/assemble.h"

// The side tables of code objects: locations (PEP 626, 657) and exceptions.
namespace krait::assembler {

namespace {

// ---- location table ----

enum LocationForm : unsigned { kShort0 = 0, kOneLine0 = 10, kNoColumns = 13, kLong = 14, kNone = 15 };

class LocationWriter {
  public:
    explicit LocationWriter(int firstlineno) : line_(firstlineno) {}
    // An entry covers eight code units at most.
    void add(const Location& loc, int units) {
        for (; units > 8; units -= 8) entry(loc, 8);
        if (units > 0) entry(loc, units);
    }
    std::string take() { return std::move(table_); }

  private:
    void byte(unsigned value) { table_ += static_cast<char>(value); }
    void head(unsigned form, int units) { byte(0x80 | form << 3 | static_cast<unsigned>(units - 1)); }
    void varint(uint32_t value) {
        for (; value >= 64; value >>= 6) byte(64 | (value & 63));
        byte(value);
    }
    void signed_varint(int32_t value) {
        uint32_t magnitude = value < 0 ? 0 - static_cast<uint32_t>(value) : static_cast<uint32_t>(value);
        varint(magnitude << 1 | (value < 0));
    }
    void entry(const Location& loc, int units);

    std::string table_;
    int32_t line_;
};

void LocationWriter::entry(const Location& loc, int units) {
    if (loc.line == kNoLocation.line) return head(kNone, units);
    int32_t delta = loc.line - line_;
    int32_t column = loc.col, end = loc.end_col;
    line_ = loc.line;
    if (column < 0 || end < 0) {
        if (loc.end_line == loc.line || loc.end_line < 0) {
            head(kNoColumns, units);
            return signed_varint(delta);
        }
    } else if (loc.end_line == loc.line) {
        if (delta == 0 && column < 80 && end - column < 16 && end >= column) {
            head(kShort0 + static_cast<unsigned>(column) / 8, units);
            return byte(static_cast<unsigned>(column & 7) << 4 | static_cast<unsigned>(end - column));
        }
        if (delta >= 0 && delta < 3 && column < 128 && end < 128) {
            head(kOneLine0 + static_cast<unsigned>(delta), units);
            byte(static_cast<unsigned>(column));
            return byte(static_cast<unsigned>(end));
        }
    }
    head(kLong, units);
    signed_varint(delta);
    varint(static_cast<uint32_t>(loc.end_line - loc.line));
    varint(static_cast<uint32_t>(column + 1));
    varint(static_cast<uint32_t>(end + 1));
}

// ---- exception table ----

// Six bits a byte, most significant first; 0x40 says that more follow, 0x80 that an entry begins.
void exception_varint(std::string& table, uint32_t value, unsigned mark) {
    for (int shift = 24; shift > 0; shift -= 6) {
        if (value >> shift == 0) continue;
        table += static_cast<char>((value >> shift & 0x3F) | 0x40 | mark);
        mark = 0;
    }
    table += static_cast<char>((value & 0x3F) | mark);
}

}  // namespace

std::string location_table(std::vector<Placed>& instrs, int firstlineno) {
    for (size_t i = instrs.size(); i-- > 0;) {
        if (instrs[i].loc != kNextLocation) continue;
        bool ends = op_has(instrs[i].op, opflag::kJump | opflag::kExit) || i + 1 == instrs.size();
        instrs[i].loc = ends ? kNoLocation : instrs[i + 1].loc;
    }
    LocationWriter writer(firstlineno);
    Location loc = kNoLocation;
    int units = 0;
    for (const Placed& instr : instrs) {
        if (instr.loc != loc) {
            writer.add(loc, units);
            loc = instr.loc;
            units = 0;
        }
        units += instr.size();
    }
    writer.add(loc, units);
    return writer.take();
}

std::string exception_table(const std::vector<Placed>& instrs) {
    std::string table;
    const Placed* first = nullptr;  // of the range at work
    auto close = [&](int32_t end) {
        if (first == nullptr) return;
        int32_t depth = first->handler_depth - 1 - first->handler_lasti;
        exception_varint(table, static_cast<uint32_t>(first->offset), 0x80);
        exception_varint(table, static_cast<uint32_t>(end - first->offset), 0);
        exception_varint(table, static_cast<uint32_t>(instrs[first->handler].offset), 0);
        exception_varint(table, static_cast<uint32_t>(depth) << 1 | first->handler_lasti, 0);
    };
    int32_t handler = -1;
    for (const Placed& instr : instrs) {
        if (instr.handler == handler) continue;
        close(instr.offset);
        handler = instr.handler;
        first = handler >= 0 ? &instr : nullptr;
    }
    if (first != nullptr) close(instrs.back().offset + instrs.back().size());
    return table;
}

}  // namespace krait::assembler
