// Shared between the files of the interpreter; nobody else includes this.
#pragma once

#include "bytecode/opcodes.h"
#include "interp/generator.h"
#include "interp/interp.h"
#include "object/layout.h"

namespace krait {

// --- BINARY_OP_EXTEND ---
enum class Extended : uint16_t {
#define EXTENDED(name, shown) name,
#include "interp/extended.def"
};
#define EXTENDED(name, shown) +1
inline constexpr int kExtendedCount = 0
#include "interp/extended.def"
    ;
// What Python code sees in place of one.
inline constexpr Op kExtendedShown[] = {
#define EXTENDED(name, shown) Op::shown,
#include "interp/extended.def"
};

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
class CodeLines {
  public:
    explicit CodeLines(PyCodeObject* co);
    CodeLines(Value linetable, int first_line);
    bool next(LocationEntry& out);

  private:
    int read();
    int varint();
    int svarint();
    const unsigned char *p_, *end_;
    int line_, at_ = 0;
};
// The same lines without columns; bytes.
Ref code_lines_only(Thread& t, Value linetable);
Ref code_lines_iter(Thread& t, Value code);
Ref code_positions_iter(Thread& t, Value code);
Ref code_branches_iter(Thread& t, Value code);
Status init_code_iterators(Thread& t);

// --- generators ---
void gen_finalize(Thread& t, PyObject* o);  // tp_finalize: closes, or warns that it was never awaited

// Delegation target of a suspended `yield from` / `await`, borrowed; empty when there is none.
Value gen_yield_from(GenObject* g);
// throw(type[, value[, traceback]]) as one exception; owned.
Ref gen_throw_argument(Thread& t, const Value* args, size_t nargs, Value kwnames);
// With `close_inner`, a GeneratorExit closes what the generator delegates to.
Ref gen_throw_full(Thread& t, Value gen, Value exc, bool close_inner);
Ref gen_close_result(Thread& t, Value gen);
void gen_dealloc(Thread& t, PyObject* o);
bool gen_is_over(const PyObject* o);  // TypeExt::finalizer_is_idle
void gen_traverse(PyObject* o, Visitor& v);
Ref gen_repr(Thread& t, Value self);
Status raise_stop_async(Thread& t);
Status init_interp_coroutines(Thread& t);
Status init_interp_async_generators(Thread& t);
// The origin of a coroutine made now, (filename, line, name) by frame; None when that is not tracked.
Ref coroutine_origin(Thread& t, Frame* f);
void warn_unawaited_coroutine(Thread& t, Value coro);
// Attributes and methods that the three kinds share; each table prefixes the names.
Status audit_getattr(Thread& t, Value self, const char* name);  // "object.__getattr__"
Ref gen_get_name(Thread& t, Value self, void*);
Status gen_set_name(Thread& t, Value self, Value v, void*);
Ref gen_get_qualname(Thread& t, Value self, void*);
Status gen_set_qualname(Thread& t, Value self, Value v, void*);
Ref gen_get_yieldfrom(Thread& t, Value self, void*);
Ref gen_get_running(Thread& t, Value self, void*);
Ref gen_get_suspended(Thread& t, Value self, void*);
Ref gen_get_frame(Thread& t, Value self, void*);
Ref gen_get_code(Thread& t, Value self, void*);
Ref gen_sizeof(Thread& t, Value self);
Ref gen_send_method(Thread& t, Value self, Value arg);
Ref gen_throw_method(Thread& t, Value self, const Value* args, size_t nargs, Value kwnames);
Ref gen_close_method(Thread& t, Value self);
void gen_clear_refs(Thread& t, PyObject* o);

Maybe lookup_modules(Thread& t, const char* name);  // sys.modules[name]

// --- frame objects ---
// Is there in the frame what the instruction at `unit` takes for granted? What lies on the stack above that
// counts as gone, unbound locals as None.
Result<bool> may_land(Thread& t, Frame* f, int unit);
Status init_interp_frame(Thread& t);
Status init_interp_traceback(Thread& t);
Status init_frame_locals_proxy(Thread& t);
// Drops a frame's locals and stack (slots, the mapping): what clear_frame and f.clear() share.
void clear_frame_contents(Frame* f);
// clear_frame without giving the recursion count back.
void release_frame(Thread& t, Frame* f);
void visit_frame(Frame* f, Visitor& v);

}  // namespace krait
