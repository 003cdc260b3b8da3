// frame.f_lineno = line: a debugger's jump. The kinds of the stack's entries are worked out for each
// instruction of the code, so that only jumps are made that the stack can follow.
#include <climits>
#include <string_view>
#include <vector>

#include "builtins/bytes.h"
#include "builtins/number.h"
#include "bytecode/opcodes.h"
#include "interp/frame_object.h"
#include "interp/internal.h"
#include "interp/monitoring.h"
#include "object/protocol.h"

namespace krait {
namespace {

// A stack is a number: three bits an entry, the top in the lowest ones. More depth makes a larger number.
using Stack = int64_t;
enum Kind { kIterator = 1, kException = 2, kObject = 3, kNull = 4, kLasti = 5 };
constexpr Stack kEmpty = 0, kTooDeep = -1, kUnreached = -2;
constexpr int kKindBits = 3;

Stack push(Stack s, int kind) {
    if (s < 0 || s >= Stack{1} << (63 - kKindBits)) return kTooDeep;
    return s << kKindBits | kind;
}
Stack pop(Stack s) { return s < 0 ? kTooDeep : s >> kKindBits; }
int top(Stack s) { return static_cast<int>(s & 7); }
int depth_of(Stack s) {
    int n = 0;
    for (; s > 0; s >>= kKindBits) n++;
    return n;
}
int peek(Stack s, int n) { return static_cast<int>(s >> (kKindBits * (n - 1)) & 7); }
Stack swap_entries(Stack s, int n) {
    if (s < 0 || n > 21 || n < 1) return s;
    int shift = kKindBits * (n - 1);
    Stack a = s & 7, b = s >> shift & 7;
    return (s & ~(Stack{7} | Stack{7} << shift)) | b | a << shift;
}

bool kinds_fit(int from, int to) {
    if (to == 0) return false;
    if (to == kObject) return from != kNull;
    return to == kNull || from == to;
}
// What is on `from` can be cut down to what `to` needs.
bool stacks_fit(Stack from, Stack to) {
    if (from < 0 || to < 0) return false;
    while (depth_of(from) > depth_of(to)) from = pop(from);
    for (; from; from = pop(from), to = pop(to))
        if (!kinds_fit(top(from), top(to))) return false;
    return to == kEmpty;
}

const char* why_not(Stack to) {
    if (to == kTooDeep) return "stack is too deep to analyze";
    if (to == kUnreached) return "can't jump into an exception handler, or code may be unreachable";
    switch (top(to)) {
        case kException:
            return "can't jump into an 'except' block as there's no exception";
        case kLasti:
            return "can't jump into a re-raising block as there's no location";
        case kIterator:
            return "can't jump into the body of a for loop";
        default:
            return "incompatible stacks";
    }
}

class StackMap {
  public:
    explicit StackMap(PyCodeObject* co)
        : co_(co), n_(static_cast<int>(co->ob_base.ob_size)), at_(static_cast<size_t>(n_), kUnreached) {
        if (n_) at_[0] = kEmpty;
        do {
            again_ = false;
            scan_code();
            scan_handlers();
        } while (again_);
    }
    Stack at(int i) const { return i >= 0 && i < n_ ? at_[static_cast<size_t>(i)] : kUnreached; }

  private:
    void put(int i, Stack s) {
        if (i >= 0 && i < n_) at_[static_cast<size_t>(i)] = s;
    }
    void scan_code() {
        for (int i = 0; i < n_;) {
            Stack s = at(i);
            auto op = static_cast<Op>(code_base_opcode(co_, i));
            int oparg = 0;
            while (op == Op::EXTENDED_ARG && i + 1 < n_) {
                oparg = (oparg << 8) | co_->co_code_adaptive[i] >> 8;
                put(++i, s);
                op = static_cast<Op>(code_base_opcode(co_, i));
            }
            oparg = (oparg << 8) | co_->co_code_adaptive[i] >> 8;
            int next = i + 1 + static_cast<int>(cache_count(op));
            if (s != kUnreached) step(i, next, op, oparg, s);
            i = next;
        }
    }
    void step(int i, int next, Op op, int oparg, Stack s) {
        switch (op) {
            case Op::POP_JUMP_IF_FALSE:
            case Op::POP_JUMP_IF_TRUE:
            case Op::POP_JUMP_IF_NONE:
            case Op::POP_JUMP_IF_NOT_NONE:
                put(next + oparg, pop(s));
                return put(next, pop(s));
            case Op::SEND:
                put(next + oparg, s);
                return put(next, s);
            case Op::JUMP_FORWARD:
                return put(next + oparg, s);
            case Op::JUMP_BACKWARD:
            case Op::JUMP_BACKWARD_NO_INTERRUPT: {
                int target = next - oparg;
                if (at(target) == kUnreached && target < i) again_ = true;
                return put(target, s);
            }
            case Op::GET_ITER:
            case Op::GET_AITER:
                return put(next, push(pop(s), kIterator));
            case Op::FOR_ITER:
                put(next + oparg, push(s, kObject));
                return put(next, push(s, kObject));
            case Op::END_ASYNC_FOR:
                return put(next, pop(pop(s)));
            case Op::PUSH_EXC_INFO:
                return put(next, push(s, kException));
            case Op::POP_EXCEPT:
                return put(next, pop(s));
            case Op::RETURN_VALUE:
            case Op::RAISE_VARARGS:
            case Op::RERAISE:
                return;
            case Op::PUSH_NULL:
                return put(next, push(s, kNull));
            case Op::LOAD_GLOBAL:
                s = push(s, kObject);
                return put(next, oparg & 1 ? push(s, kNull) : s);
            case Op::LOAD_ATTR:
                return put(next, oparg & 1 ? push(push(pop(s), kObject), kNull) : s);
            case Op::SWAP:
                return put(next, swap_entries(s, oparg));
            case Op::COPY:
                return put(next, push(s, peek(s, oparg)));
            default: {
                int change = stack_effect(op, oparg, false);
                for (; change < 0; change++) s = pop(s);
                for (; change > 0; change--) s = push(s, kObject);
                put(next, s);
            }
        }
    }
    void scan_handlers() {
        std::string_view table = bytes_view(co_->co_exceptiontable);
        size_t p = 0;
        auto varint = [&] {
            unsigned v = 0;
            while (p < table.size()) {
                auto b = static_cast<unsigned char>(table[p++]);
                v = v << 6 | (b & 63);
                if (!(b & 64)) break;
            }
            return static_cast<int>(v);
        };
        while (p < table.size()) {
            int start = varint();
            varint();
            int handler = varint(), rest = varint();
            Stack s = at(start);
            if (s == kUnreached || handler < 0 || handler >= n_ || at(handler) != kUnreached) continue;
            again_ = true;
            while (s > 0 && depth_of(s) > rest >> 1) s = pop(s);
            if (rest & 1) s = push(s, kLasti);
            put(handler, push(s, kException));
        }
    }

    PyCodeObject* co_;
    int n_;
    bool again_ = false;
    std::vector<Stack> at_;
};

// For each code unit the line that starts there, or -1.
std::vector<int> line_starts(PyCodeObject* co) {
    std::vector<int> lines(static_cast<size_t>(co->ob_base.ob_size), -1);
    CodeLines reader(co);
    LocationEntry e;
    int last = -1;
    while (reader.next(e)) {
        if (e.pos.line == last || e.pos.line < 0) continue;
        if (e.start < co->ob_base.ob_size) lines[static_cast<size_t>(e.start)] = e.pos.line;
        last = e.pos.line;
    }
    return lines;
}

Status may_jump(Thread& t, Frame* f) {
    switch (t.c.what_event) {
        case -1:
            return raise(t, PyExc_ValueError, "f_lineno can only be set in a trace function");
        case kEventPyStart:
            return raise(t, PyExc_ValueError, "can't jump from the 'call' trace event of a new frame");
        case kEventCall:
        case kEventCReturn:
            return raise(t, PyExc_ValueError, "can't jump during a call");
        case kEventPyReturn:
        case kEventPyThrow:
        case kEventPyUnwind:
        case kEventCRaise:
        case kEventRaise:
        case kEventExceptionHandled:
        case kEventInstruction:
            return raise(t, PyExc_ValueError, "can only jump from a 'line' trace event");
        case kEventLine:
        case kEventJump:
        case kEventPyResume:
        case kEventPyYield:
        case kEventBranchLeft:
        case kEventBranchRight:
        case kEventStopIteration:
            // Another frame waits for what it called, which goes on there.
            if (f == t_event_frame) return Status::ok();
            return raise(t, PyExc_ValueError, "can only jump in the frame that is traced");
        default:
            return raise(t, PyExc_SystemError, "unexpected event type");
    }
}

Result<int> wanted_line(Thread& t, PyCodeObject* co, const std::vector<int>& lines, Value line) {
    int64_t wanted;
    if (!int_to_i64(line, &wanted) || wanted > INT_MAX || wanted < INT_MIN)
        return raise(t, PyExc_ValueError, "lineno out of range");
    if (wanted < co->co_firstlineno)
        return raise(t, PyExc_ValueError, "line %d comes before the current code block",
                     static_cast<int>(wanted));
    int best = INT_MAX;
    for (int l : lines)
        if (l < best && l >= wanted) best = l;
    if (best == INT_MAX)
        return raise(t, PyExc_ValueError, "line %d comes after the current code block",
                     static_cast<int>(wanted));
    return best;
}

// The compiler has proved that some locals are bound where the jump goes: None stands for those that are not.
Status bind_locals(Thread& t, Frame* f) {
    int unbound = 0, n = f->co()->co_nlocalsplus;
    for (int i = 0; i < n; i++) unbound += !f->localsplus[i];
    if (!unbound) return Status::ok();
    TRY(warn(t, PyExc_RuntimeWarning, 0, "assigning None to %d unbound local%s", unbound,
             unbound == 1 ? "" : "s"));
    for (int i = 0; i < n; i++)
        if (!f->localsplus[i]) f->localsplus[i] = owned(none());
    return Status::ok();
}

void cut_stack(Thread& t, Frame* f, Stack from, Stack to) {
    for (; from > to && f->sp > f->stack_base(); from = pop(from)) {
        Slot s = *--f->sp;
        if (top(from) != kException) {
            xclose(s);
            continue;
        }
        // Leaving an except block: the exception handled before it is handled again.
        Value previous = own(s), old = t.c.exc_info->exc_value;
        t.c.exc_info->exc_value = is_none(previous) ? Value() : previous;
        xdecref(old);
    }
}

}  // namespace

Status frame_set_line(Thread& t, PyFrameObject* o, Value line) {
    Frame* f = o->frame;
    PyCodeObject* co = f->co();
    if (!is_long(line) || type_of(line) != &PyLong_Type)
        return raise(t, PyExc_ValueError, "lineno must be an integer");
    TRY(may_jump(t, f));
    std::vector<int> lines = line_starts(co);
    int target = TRY(wanted_line(t, co, lines, line));
    StackMap stacks(co);
    Stack start = stacks.at(static_cast<int>(f->instr - f->code_start())), best = kTooDeep;
    int best_at = -1;
    bool explained = false;
    const char* problem = "cannot find bytecode for specified line";
    for (int i = 0; i < static_cast<int>(lines.size()); i++) {
        if (lines[static_cast<size_t>(i)] != target) continue;
        Stack to = stacks.at(i);
        if (stacks_fit(start, to)) {
            problem = nullptr;
            if (to > best) {
                best = to;
                best_at = i;
            }
        } else if (problem && !explained) {
            explained = start >= 0;
            problem = start == kTooDeep     ? "stack to deep to analyze"
                      : start == kUnreached ? "can't jump from unreachable code"
                                            : why_not(to);
        }
    }
    if (problem) return raise(t, PyExc_ValueError, problem);
    bool fits = TRY(may_land(t, f, best_at));
    if (!fits) return raise(t, PyExc_ValueError, "incompatible stacks");
    TRY(bind_locals(t, f));
    // Nothing may be left that leans on a local which changes behind the jump.
    for (Slot* s = f->stack_base(); s < f->sp; s++) *s = owned(own(*s));
    bool suspended = f->owner == kOwnedByGenerator && gen_of_frame(f)->gi_frame_state < 0;
    if (suspended) start = pop(start);  // the yielded value is gone
    cut_stack(t, f, start, best);
    o->lineno = 0;
    f->instr = f->code_start() + best_at;
    return Status::ok();
}

}  // namespace krait
