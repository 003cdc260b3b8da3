// The tables of a code object that are read rarely: lines and columns, exception handlers; and the iterators
// over them.
#include <cstring>
#include <string>

#include "builtins/bytes.h"
#include "builtins/tuple.h"
#include "bytecode/opcodes.h"
#include "gc/gc.h"
#include "interp/internal.h"
#include "object/protocol.h"

namespace krait {

// --- line table ---
// Entries begin with a byte 1kkkknnn: kind k, n + 1 code units.
enum LocationKind { kOneLine0 = 10, kOneLine2 = 12, kNoColumns = 13, kLong = 14, kNoLocation = 15 };

CodeLines::CodeLines(PyCodeObject* co) : CodeLines(co->co_linetable, co->co_firstlineno) {}

CodeLines::CodeLines(Value linetable, int first_line)
    : p_(reinterpret_cast<const unsigned char*>(bytes_data(linetable))),
      end_(p_ + bytes_size(linetable)),
      line_(first_line) {}

int CodeLines::read() { return p_ < end_ ? *p_++ : 0; }
int CodeLines::varint() {
    unsigned b = static_cast<unsigned>(read()), v = b & 63, shift = 0;
    while (b & 64) {
        b = static_cast<unsigned>(read());
        shift += 6;
        if (shift < 32) v |= (b & 63) << shift;
    }
    return static_cast<int>(v);
}
int CodeLines::svarint() {
    auto v = static_cast<unsigned>(varint());
    return static_cast<int>(v & 1 ? 0u - (v >> 1) : v >> 1);
}

bool CodeLines::next(LocationEntry& e) {
    if (p_ >= end_) return false;
    int first = read();
    int kind = first >> 3 & 15;
    e.start = at_;
    e.units = (first & 7) + 1;
    at_ += e.units;
    switch (kind) {
        case kNoLocation:
            e.pos = {-1, -1, -1, -1};
            return true;
        case kLong: {
            line_ += svarint();
            int end_line = line_ + varint();
            int column = varint() - 1;
            int end_column = varint() - 1;
            e.pos = {line_, end_line, column, end_column};
            return true;
        }
        case kNoColumns:
            line_ += svarint();
            e.pos = {line_, line_, -1, -1};
            return true;
        case kOneLine0:
        case kOneLine0 + 1:
        case kOneLine2: {
            line_ += kind - kOneLine0;
            int column = read();
            int end_column = read();
            e.pos = {line_, line_, column, end_column};
            return true;
        }
        default: {
            int second = read();
            int column = kind << 3 | (second >> 4 & 7);
            e.pos = {line_, line_, column, column + (second & 15)};
            return true;
        }
    }
}

namespace {

void put_svarint(std::string& out, int v) {
    unsigned rest = v < 0 ? (0u - static_cast<unsigned>(v)) << 1 | 1 : static_cast<unsigned>(v) << 1;
    for (; rest >= 64; rest >>= 6) out += static_cast<char>(64 | (rest & 63));
    out += static_cast<char>(rest);
}

}  // namespace

Ref code_lines_only(Thread& t, Value linetable) {
    std::string out;
    CodeLines reader(linetable, 0);
    LocationEntry e;
    int line = 0;
    while (reader.next(e)) {
        bool none = e.pos.line == -1;
        out += static_cast<char>(128 | (none ? kNoLocation : kNoColumns) << 3 | (e.units - 1));
        if (none) continue;
        put_svarint(out, e.pos.line - line);
        line = e.pos.line;
    }
    return bytes_from(t, out);
}

CodePosition code_position(PyCodeObject* co, int byte_offset) {
    if (byte_offset < 0) return {co->co_firstlineno, co->co_firstlineno, -1, -1};
    int unit = byte_offset / 2;
    CodeLines reader(co);
    LocationEntry e;
    while (reader.next(e))
        if (unit < e.start + e.units) return e.pos;
    return {-1, -1, -1, -1};
}

int code_line(PyCodeObject* co, int byte_offset) {
    return byte_offset < 0 ? co->co_firstlineno : code_position(co, byte_offset).line;
}

// --- exception table ---
// Entries of four varints, most significant six bits first; the first byte of an entry has bit 7. Sorted by
// start, not overlapping, so a binary search over entry starts works.
bool code_find_handler(PyCodeObject* co, int byte_offset, int* handler, int* depth, bool* push_lasti) {
    auto* start = reinterpret_cast<const unsigned char*>(bytes_data(co->co_exceptiontable));
    const unsigned char* end = start + bytes_size(co->co_exceptiontable);
    const unsigned char* p;
    // The zero behind the bytes ends what a damaged table leaves open.
    auto varint = [&p, end] {
        if (p >= end) return 0;
        unsigned b = *p++, v = b & 63;
        while (b & 64) {
            b = *p++;
            v = v << 6 | (b & 63);
        }
        return static_cast<int>(v);
    };
    if (code_is_unchecked(co)) return false;
    int unit = byte_offset / 2;
    const unsigned char *low = start, *high = end;
    while (high - low > 12) {
        const unsigned char* mid = low + (high - low) / 2;
        while (mid > low && !(*mid & 128)) mid--;
        if (mid == low) break;
        p = mid;
        if (varint() > unit)
            high = mid;
        else
            low = mid;
    }
    for (p = low; p < high;) {
        int from = varint(), size = varint();
        if (from > unit) return false;
        if (unit >= from + size) {
            while (p < high && !(*p & 128)) p++;  // the start of the next
            continue;
        }
        int target = varint(), rest = varint();
        if (target < 0 || target >= co->ob_base.ob_size || rest >> 1 > co->co_stacksize) return false;
        *handler = target * 2;
        *depth = rest >> 1;
        *push_lasti = rest & 1;
        return true;
    }
    return false;
}

// --- iterators ---
namespace {

struct LinesIter {
    PyObject ob_base;
    PyCodeObject* code;  // owned
    CodeLines reader;
    LocationEntry pending;
    bool has_pending;
};
struct PositionsIter {
    PyObject ob_base;
    PyCodeObject* code;  // owned
    CodeLines reader;
    LocationEntry entry;
    int at;  // code unit
};
struct BranchesIter {
    PyObject ob_base;
    PyCodeObject* code;  // owned
    int at;              // code unit
};
Type lines_iter_type, positions_iter_type, branches_iter_type;

template <class T>
void iter_dealloc(Thread& t, PyObject* o) {
    decref(&reinterpret_cast<T*>(o)->code->ob_base.ob_base);
    free_object(t, o);
}
Ref self_iter(Thread& t, Value self) { return Ref::share(self); }

Value int_or_none(int v) { return v < 0 ? none() : Value::from_int(v); }

Ref lines_next(Thread& t, Value self) {
    auto* it = self.as<LinesIter>();
    if (!it->has_pending && !it->reader.next(it->pending)) return {};
    it->has_pending = false;
    LocationEntry run = it->pending;
    // Neighbours on the same line are one range.
    while (it->reader.next(it->pending)) {
        if (it->pending.pos.line != run.pos.line) {
            it->has_pending = true;
            break;
        }
        run.units += it->pending.units;
    }
    return tuple_of(t, {Value::from_int(run.start * 2), Value::from_int((run.start + run.units) * 2),
                        int_or_none(run.pos.line)});
}

Ref positions_next(Thread& t, Value self) {
    auto* it = self.as<PositionsIter>();
    if (it->at >= it->code->ob_base.ob_size) return {};
    while (it->at >= it->entry.start + it->entry.units) {
        LocationEntry e;
        if (!it->reader.next(e)) return {};
        it->entry = e;
    }
    it->at++;
    const CodePosition& p = it->entry.pos;
    return tuple_of(
        t, {int_or_none(p.line), int_or_none(p.end_line), int_or_none(p.column), int_or_none(p.end_column)});
}

// (from, not taken, taken) byte offsets of each conditional jump.
Ref branches_next(Thread& t, Value self) {
    auto* it = self.as<BranchesIter>();
    PyCodeObject* co = it->code;
    int64_t n = co->ob_base.ob_size;
    int oparg = 0;
    while (it->at < n) {
        int at = it->at;
        auto op = static_cast<Op>(code_base_opcode(co, at));
        oparg = oparg << 8 | co->co_code_adaptive[at] >> 8;
        int next = at + 1 + static_cast<int>(cache_count(op));
        it->at = next;
        if (op == Op::EXTENDED_ARG) continue;
        int64_t taken = -1;
        switch (op) {
            case Op::FOR_ITER:
                // Taken: behind END_FOR and POP_ITER.
                taken = next + oparg + 2;
                break;
            case Op::POP_JUMP_IF_FALSE:
            case Op::POP_JUMP_IF_TRUE:
            case Op::POP_JUMP_IF_NONE:
            case Op::POP_JUMP_IF_NOT_NONE:
                // Not taken: behind NOT_TAKEN.
                taken = next + oparg;
                break;
            case Op::END_ASYNC_FOR: {
                // Jumps (backwards, by its argument) to where the loop's exception comes from; falls through.
                int source = next - oparg;
                oparg = 0;
                return tuple_of(t, {Value::from_int(source * 2), Value::from_int(source * 2 + 4),
                                    Value::from_int(next * 2)});
            }
            default:
                break;
        }
        if (taken >= 0) {
            int64_t fall = next;
            if (fall < n && static_cast<Op>(code_base_opcode(co, static_cast<int>(fall))) == Op::NOT_TAKEN)
                fall++;
            return tuple_of(t,
                            {Value::from_int(at * 2), Value::from_int(fall * 2), Value::from_int(taken * 2)});
        }
        oparg = 0;
    }
    return {};
}

template <class T>
T* make_iter(Thread& t, Type& type, Value code) {
    PyObject* o = alloc_raw(t, &type, sizeof(T));
    if (!o) return nullptr;
    auto* it = reinterpret_cast<T*>(o);
    incref(code);
    it->code = as_code(code);
    return it;
}

}  // namespace

Ref code_lines_iter(Thread& t, Value code) {
    auto* it = make_iter<LinesIter>(t, lines_iter_type, code);
    if (!it) return {};
    it->reader = CodeLines(as_code(code));
    it->has_pending = false;
    return Ref::steal(Value(&it->ob_base));
}
Ref code_positions_iter(Thread& t, Value code) {
    auto* it = make_iter<PositionsIter>(t, positions_iter_type, code);
    if (!it) return {};
    it->reader = CodeLines(as_code(code));
    it->entry = {0, 0, {-1, -1, -1, -1}};
    it->at = 0;
    return Ref::steal(Value(&it->ob_base));
}
Ref code_branches_iter(Thread& t, Value code) {
    auto* it = make_iter<BranchesIter>(t, branches_iter_type, code);
    if (!it) return {};
    it->at = 0;
    return Ref::steal(Value(&it->ob_base));
}

Status init_code_iterators(Thread& t) {
#define ITERATOR(variable, type, text, next)                                            \
    static const TypeDecl variable##_decl = {                                           \
        .name = text,                                                                   \
        .basicsize = sizeof(type),                                                      \
        .flags = kTpDefault,                                                            \
        .slots = {.dealloc = iter_dealloc<type>, .iter = self_iter, .iternext = next}}; \
    init_static_type(variable, variable##_decl);                                        \
    TRY(ready_type(t, &variable))
    ITERATOR(lines_iter_type, LinesIter, "line_iterator", lines_next);
    ITERATOR(positions_iter_type, PositionsIter, "positions_iterator", positions_next);
    ITERATOR(branches_iter_type, BranchesIter, "line_iterator", branches_next);
#undef ITERATOR
    branches_iter_type.tp_flags &= ~uint64_t{kTpStaticBuiltin};  // as the oracle shows it
    return Status::ok();
}

}  // namespace krait
