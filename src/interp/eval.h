// Inside of the interpreter: handler shape, macros and the slow paths that the handlers call.
//
// Rules for handlers:
// 1. A handler is HANDLER(NAME) { ... } and ends in NEXT(n), DISPATCH_SAME(), JUMP_TO(p), ERROR() or a tail
// call. These tail-call, so
//    no object with a destructor may be alive: let slow paths return plain owned Values (`.release()`).
// 2. On entry `ip` is at the instruction itself; caches follow at ip[1...]. `oparg` includes EXTENDED_ARG.
// 3. Before anything that can raise or run other code: SAVE(). Errors are raised with the operands still on
// the stack (the unwinder
//    closes them) or with `sp` lowered after they were closed.
// 4. Slots popped are closed exactly once; results pushed are owned.
#pragma once

#include "bytecode/opcodes.h"
#include "interp/interp.h"
#include "object/protocol.h"

namespace krait {

struct Table;
#define OP_PARAMS                                                                     \
    [[maybe_unused]] Thread &t, [[maybe_unused]] Frame *f, [[maybe_unused]] Slot *sp, \
        [[maybe_unused]] uint16_t *ip, [[maybe_unused]] int64_t oparg, [[maybe_unused]] const Table *table
#define PRESERVE_NONE __attribute__((preserve_none))
typedef Value (*Handler)(OP_PARAMS) PRESERVE_NONE;
struct Table {
    Handler h[256];
};

#define HANDLER(NAME) static PRESERVE_NONE Value op_##NAME(OP_PARAMS)
// Kept out of the handlers that jump to it: they would pay for its registers.
#define ASIDE_HANDLER(NAME) __attribute__((noinline)) HANDLER(NAME)
// For what is rare: never merged into another handler, which would pay for its registers.
#define COLD_HANDLER(NAME) __attribute__((noinline, cold)) static PRESERVE_NONE Value op_##NAME(OP_PARAMS)
#define TAIL(fn) [[clang::musttail]] return fn(t, f, sp, ip, oparg, table)
// Opcode and argument are two loads: fewer instructions than taking one word apart. The compiler is kept from
// computing the next ip into another register for them.
#define OPCODE_AT(p) (reinterpret_cast<const uint8_t*>(p)[0])
#define ARGUMENT_AT(p) (reinterpret_cast<const uint8_t*>(p)[1])
#define DISPATCH()                                                                      \
    do {                                                                                \
        asm("" : "+r"(ip));                                                             \
        oparg = ARGUMENT_AT(ip);                                                        \
        [[clang::musttail]] return table->h[OPCODE_AT(ip)](t, f, sp, ip, oparg, table); \
    } while (0)
#define DISPATCH_SAME() [[clang::musttail]] return table->h[OPCODE_AT(ip)](t, f, sp, ip, oparg, table)
#define NEXT(units)    \
    do {               \
        ip += (units); \
        DISPATCH();    \
    } while (0)
#define JUMP_TO(target) \
    do {                \
        ip = (target);  \
        DISPATCH();     \
    } while (0)
#define SAVE() (f->instr = ip, f->sp = sp)
#define ERROR() TAIL(op_error)
// drop() and xclose() of slots, with a SAVE() only where other code may run.
#define RELEASE_OBJECT(object)                   \
    do {                                         \
        PyObject* object_ = (object);            \
        uint32_t count_ = object_->ob_refcnt;    \
        if (static_cast<int32_t>(count_) >= 0) { \
            KRAIT_ASSERT(count_ != 0);           \
            KRAIT_COUNT_REFS(-1);                \
            object_->ob_refcnt = count_ - 1;     \
            if (count_ == 1) [[unlikely]] {      \
                SAVE();                          \
                dealloc_aside(object_);          \
            }                                    \
        }                                        \
    } while (0)
#define RELEASE(slot)                                                                       \
    do {                                                                                    \
        Slot released_ = (slot);                                                            \
        if ((released_.bits & 7) == 0) {                                                    \
            asm volatile(""); /* two branches: what becomes of both conditions is longer */ \
            if (released_) RELEASE_OBJECT(reinterpret_cast<PyObject*>(released_.bits));     \
        }                                                                                   \
    } while (0)
#define LOCAL(i) (f->localsplus[i])
#define NAME_AT(i) (f->co()->co_names.as<PyTupleObject>()->ob_item[i])
#define CONST_AT(i) (f->co()->co_consts.as<PyTupleObject>()->ob_item[i])

// Enters the frame `g` (bound, previous == f); f goes on `units` behind this instruction with the result
// pushed. Its RESUME is stepped over where nothing is pending.
#define ENTER(g, units)                                                                          \
    do {                                                                                         \
        f->return_offset = (units);                                                              \
        t.c.current_frame = f = (g);                                                             \
        sp = f->sp;                                                                              \
        ip = f->instr;                                                                           \
        if (OPCODE_AT(ip) == static_cast<int>(Op::RESUME_CHECK) && !t.c.eval_breaker) [[likely]] \
            ip++;                                                                                \
        DISPATCH();                                                                              \
    } while (0)

// Frame::return_offset has 16 bits: what jumps farther does not enter frames that come back behind the jump.
constexpr int64_t kFarthestReturn = 0xFFF0;

constexpr int units_of(Op op) { return 1 + static_cast<int>(cache_count(op)); }
#define UNITS(NAME) (units_of(Op::NAME))

// Frame::is_entry: returning leaves run_frame(); or goes to the call of a class, whose instance lies on top
// of the caller's stack already.
constexpr uint8_t kEntry = 1, kInitCall = 2;
// Special methods entered by an instruction of the caller, whose operands stay on its stack meanwhile
// (interp/dunder.h).
constexpr uint8_t kLeftCall = 3, kRightCall = 4, kInplaceCall = 5, kCompareCall = 6, kContainsCall = 7,
                  kBoolCall = 8, kIterCall = 9, kNextCall = 10, kSetItemCall = 11, kInstanceCall = 12,
                  kAttrCall = 13;
// Are arguments of such a number handed to the class's own function at once?
constexpr int64_t kMaxBuiltinClassArgs = 4;
inline bool calls_as_builtin(PyTypeObject* type, int64_t nargs) {
    return type->tp_flags & kTpStaticBuiltin && nargs <= kMaxBuiltinClassArgs && type != &PyType_Type &&
           ext(type)->slots.new_;
}
// Can the code of an __init__ be entered with self and `nargs` plain arguments?
inline bool enters_as_init(const PyCodeObject* co, int64_t nargs) {
    constexpr int kOthers =
        kCodeVarArgs | kCodeVarKeywords | kCodeGenerator | kCodeCoroutine | kCodeAsyncGenerator;
    return (co->co_flags & (kCodeOptimized | kOthers)) == kCodeOptimized && co->co_kwonlyargcount == 0 &&
           co->co_argcount == nargs + 1;
}

// --- inline caches ---
inline uint32_t cache_u32(const uint16_t* p) { return p[0] | static_cast<uint32_t>(p[1]) << 16; }
inline void set_cache_u32(uint16_t* p, uint32_t v) {
    p[0] = static_cast<uint16_t>(v);
    p[1] = static_cast<uint16_t>(v >> 16);
}
inline Value cache_value(const uint16_t* p) {
    uint64_t v;
    __builtin_memcpy(&v, p, 8);
    return Value(v);
}
inline void set_cache_value(uint16_t* p, Value v) { __builtin_memcpy(p, &v.bits, 8); }
inline void set_opcode(uint16_t* ip, Op op) { *reinterpret_cast<uint8_t*>(ip) = static_cast<uint8_t>(op); }

// Counter in the first cache entry of adaptive instructions: value << 4 | backoff.
constexpr uint16_t kCounterWarmup = 1 << 4 | 1;
constexpr uint16_t kCounterCooldown = 52 << 4;
inline bool counter_triggers(uint16_t* c) {
    if (*c >= 16) {
        *c -= 16;
        return false;
    }
    return true;
}
// After a failed specialization: wait twice as long each time.
inline void counter_backoff(uint16_t* c) {
    unsigned b = *c & 15;
    if (b < 12) b++;
    *c = static_cast<uint16_t>((((1u << b) - 1) << 4) | b);
}
// A specialized instruction whose guard failed: runs its generic form; gives up the specialization after some
// misses.
#define DEOPT(BASE)                     \
    do {                                \
        if (counter_triggers(&ip[1])) { \
            set_opcode(ip, Op::BASE);   \
            ip[1] = kCounterWarmup;     \
        }                               \
        TAIL(op_##BASE##_generic);      \
    } while (0)

// --- specialization (specialize*.cpp): rewrites the instruction at ip or backs its counter off ---
void specialize_binary_op(Thread& t, Value left, Value right, uint16_t* ip, int op);
void specialize_compare_op(Thread& t, Value left, Value right, uint16_t* ip, int op);
void specialize_load_attr(Thread& t, Value owner, uint16_t* ip, Value name, bool method);
void specialize_store_attr(Thread& t, Value owner, uint16_t* ip, Value name);
void specialize_load_global(Thread& t, Value globals, Value builtins, uint16_t* ip, Value name);
void specialize_call(Thread& t, Value callable, uint16_t* ip, int64_t nargs, bool has_self);
void specialize_for_iter(Thread& t, Value iter, uint16_t* ip);
void specialize_unpack(Thread& t, Value seq, uint16_t* ip, int64_t n);
void specialize_to_bool(Thread& t, Value v, uint16_t* ip);
void specialize_contains(Thread& t, Value container, uint16_t* ip);
void specialize_store_subscr(Thread& t, Value container, Value key, uint16_t* ip);
void specialize_send(Thread& t, Value receiver, uint16_t* ip);
void specialize_load_super(Thread& t, uint16_t* ip, Value global_super, Value cls, bool method);

// --- slow paths (slowpaths-*.cpp). Values returned are owned, empty on exceptions; arguments borrowed. ---
Value slow_load_name(Thread& t, Frame* f, Value name);
Value slow_load_global(Thread& t, Frame* f, Value name);
Value slow_load_from_dict_or_globals(Thread& t, Frame* f, Value dict, Value name);
// As object's look-up: owned; empty with true: not there. False: exception set.
bool slow_find_attr(Thread& t, Value owner, Value name, Value* found);
bool slow_store_name(Thread& t, Frame* f, Value name, Value v);
bool slow_delete_name(Thread& t, Frame* f, Value name);
bool slow_delete_global(Thread& t, Frame* f, Value name);
void raise_unbound_local(Thread& t, PyCodeObject* co, int64_t index);
void raise_unbound_deref(Thread& t, PyCodeObject* co, int64_t index);
void raise_name_error(Thread& t, const char* format, Value name);
// Method look-up for LOAD_ATTR with the method bit: *self_out set (borrowed: the object) when the result is
// unbound. Functions of class methods are unbound, too: *cls (borrowed) is what they are called with.
Value slow_load_method(Thread& t, Value obj, Value name, bool* unbound, Value* cls);
Value slow_load_super(Thread& t, Value global_super, Value cls, Value self, Value name, int oparg,
                      bool* unbound);
// Calls anything but Python functions. Closes callable, self (if any) and all arguments.
Value slow_call(Thread& t, Slot callable, Slot* args, size_t nargs, Value kwnames);
Value slow_make_builtin(Thread& t, PyTypeObject* type, const Value* args, size_t nargs);
// Calls a native with `self`, or as a method: its instance is args[0]. Closes callable and arguments.
Value slow_call_native(Thread& t, const NativeDef& d, Slot callable, Value self, bool method, Slot* args,
                       size_t nargs);
// A function of C with METH_O or METH_FASTCALL whose arguments have to be made fit for it. `self` is. Closes
// nothing.
constexpr int64_t kFewForC = 4;
PyObject* call_c_converted(Thread& t, const PyMethodDef& d, PyObject* self, const Slot* args, int64_t n);
// METH_VARARGS | METH_KEYWORDS: n positional arguments as C may have them, and the values of `names`.
PyObject* call_c_with_dict(Thread& t, const PyMethodDef& d, PyObject* self, PyObject* const* args, int64_t n,
                           const Slot* values, Value names);
// Any function of C, as slow_call_native. `self`: empty for static methods.
Value slow_call_c(Thread& t, const PyMethodDef& d, Slot callable, Value self, PyTypeObject* defining,
                  bool method, Slot* args, size_t nargs);
Value isinstance_function(Thread& t);  // builtins.isinstance, borrowed
Value slow_call_ex(Thread& t, Value callable, Value args_tuple, Value kwargs);
// CALL_FUNCTION_EX operands made a tuple and a dict; false: exception set.
Value slow_star_args(Thread& t, Value callable, Value args);
bool slow_unpack_sequence(Thread& t, Value seq, int64_t n, int64_t after, Slot* top);  // after -1: exact
Value slow_match_class(Thread& t, Value subject, Value cls, Value names, int64_t npos);
Value slow_match_keys(Thread& t, Value subject, Value keys);
Value slow_build_map(Thread& t, Slot* pairs, int64_t n);
Value slow_build_string(Thread& t, Slot* pieces, int64_t n);
bool slow_dict_merge(Thread& t, Value callable, Value dict, Value update);
bool slow_dict_update(Thread& t, Value dict, Value update);
bool slow_list_extend(Thread& t, Value list, Value iterable);
int slow_check_exc_match(Thread& t, Value exc, Value type);  // 1, 0, -1
bool slow_check_eg_match(Thread& t, Value exc, Value type, Value* match, Value* rest);
void slow_raise(Thread& t, Value exc, Value cause);  // both borrowed, may be empty
bool slow_reraise_current(Thread& t);                // bare raise
Value slow_intrinsic1(Thread& t, Frame* f, int which, Value v);
Value slow_intrinsic2(Thread& t, int which, Value a, Value b);
Value slow_load_special(Thread& t, Value owner, int which, bool* has_self);
SendResult slow_send(Thread& t, Frame* f, uint16_t* ip, Value receiver, Value sent, Value* result);
// The iterator sent to gave nothing: what its StopIteration carries, unless it failed.
SendResult slow_send_ended(Thread& t, Frame* f, uint16_t* ip, Value* result);
// super() for INSTRUMENTED_LOAD_SUPER_ATTR: fires CALL, C_RETURN or C_RAISE; the attribute, bound.
Value slow_monitored_super(Thread& t, Frame* f, uint16_t* ip, Value global_super, Value cls, Value self,
                           Value name, bool two_arguments);
Value slow_get_awaitable(Thread& t, Frame* f, Value v, int oparg);
Value slow_get_aiter(Thread& t, Value v);
Value slow_get_anext(Thread& t, Value v);
Value slow_get_yield_from_iter(Thread& t, Frame* f, Value v);
Value slow_convert(Thread& t, int which, Value v);
Value slow_format_simple(Thread& t, Value v);
bool slow_fits_defaults(int attribute, Value v);  // SET_FUNCTION_ATTRIBUTE's argument
Value slow_build_template(Thread& t, Value strings, Value interpolations);
Value slow_build_interpolation(Thread& t, Value value, Value text, int conversion, Value spec);
Value slow_common_constant(Thread& t, int which);
Value slow_build_class_function(Thread& t, Frame* f);
bool slow_setup_annotations(Thread& t, Frame* f);
Value slow_dict_lookup(Thread& t, Value dict, Value key);         // empty without exception: absent
Value slow_lookup_mapping(Thread& t, Value mapping, Value name);  // likewise, KeyError counts as absent
Value slow_compare(Thread& t, Value a, Value b, int oparg);
Value slow_binary(Thread& t, Value a, Value b, int op);
Value slow_slice(Thread& t, Value container, Value start, Value stop);
// str_equal() for handlers, as dealloc_aside().
__attribute__((preserve_most)) bool str_equal_aside(Value a, Value b);
// list[start:stop:step]; empty without exception where they are not small.
Value slow_list_slice(Thread& t, Value list, Value start, Value stop, Value step);
bool slow_store_slice(Thread& t, Value container, Value start, Value stop, Value v);
Value slow_import_name(Thread& t, Frame* f, Value name, Value fromlist, Value level);
// For CALL_FUNCTION_EX. `self`, where there is one, comes before the arguments, a tuple; `kwargs` is a dict
// or empty. All stay the caller's, but tuple and dict may become the function's own where nobody else holds
// them.
Frame* bind_frame_ex(Thread& t, Value func, Value self, Slot args, Slot kwargs, Frame* previous);
Value cache_value_of_len(Thread& t);  // builtins.len, borrowed
Value list_append_descr(Thread& t);   // list.append, borrowed

// Closes everything from sp down to `to`. Each slot is empty before that: destructors may collect garbage,
// which looks at the stacks of generators.
inline Slot* pop_to(Slot* sp, Slot* to) {
    while (sp > to) {
        Slot s = *--sp;
        if ((s.bits & 7) != 0) continue;  // may stay there: nobody counts it
        *sp = Slot();
        xclose(s);
    }
    return sp;
}

// Generators (generator.cpp).
struct GenObject;
Value make_generator(Thread& t, Frame* f);  // RETURN_GENERATOR: moves f's contents; owned

void name_after_owner(Thread& t, Value annotate, PyFunctionObject* owner);  // function.cpp

}  // namespace krait
