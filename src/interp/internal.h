// Shared between the files of the interpreter; nobody else includes this.
#pragma once

#include "interp/interp.h"
#include "object/layout.h"

namespace krait {

// --- code objects ---
// What code objects remember of attributes that are computed; hangs off _co_cached.
struct CodeCache {
    Value code, varnames, cellvars, freevars;  // owned, empty until asked for
};
// Adaptive instructions specialize on their second run: value << 4 | backoff.
inline constexpr uint16_t kAdaptiveWarmup = 1 << 4 | 1;

// One entry of the line table: `units` code units from `start` on.
struct LocationEntry {
    int start, units;  // code units
    CodePosition pos;  // line -1: no line
};
// Walks a line table. Tolerates any bytes.
class LocationReader {
  public:
    explicit LocationReader(PyCodeObject* co);
    bool next(LocationEntry& out);

  private:
    int read();
    int varint();
    int svarint();
    const unsigned char *p_, *end_;
    int line_, at_ = 0;
};
Ref code_lines_iter(Thread& t, Value code);
Ref code_positions_iter(Thread& t, Value code);
Ref code_branches_iter(Thread& t, Value code);
Status init_code_iterators(Thread& t);

// --- generators ---
void gen_finalize(Thread& t, PyObject* o);  // tp_finalize: closes, or warns that it was never awaited

// --- frame objects ---
Status init_interp_frame(Thread& t);
Status init_interp_traceback(Thread& t);
Status init_frame_locals_proxy(Thread& t);
// Drops a frame's locals and stack (slots, the mapping): what clear_frame and f.clear() share.
void clear_frame_contents(Frame* f);
void visit_frame(Frame* f, Visitor& v);

}  // namespace krait
