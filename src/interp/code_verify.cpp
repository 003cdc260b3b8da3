// Code objects from outside, before they run: bytecode/verify.h says what is looked for.
#include "builtins/bytes.h"
#include "builtins/dict.h"
#include "builtins/list.h"
#include "builtins/number.h"
#include "builtins/str.h"
#include "builtins/tuple.h"
#include "bytecode/verify.h"
#include "interp/frame.h"
#include "interp/internal.h"
#include "object/errors.h"
#include "support/panic.h"

namespace krait {

namespace {

uint16_t& first_word_kept(const PyCodeObject* co) {
    return const_cast<uint16_t&>(co->co_code_adaptive[co->ob_base.ob_size + kCodePadding - 1]);
}

uint16_t& is_trusted(const PyCodeObject* co) { return *(&first_word_kept(co) - 1); }

void set_first_opcode(PyCodeObject* co, uint8_t op) {
    co->co_code_adaptive[0] = static_cast<uint16_t>((co->co_code_adaptive[0] & 0xFF00) | op);
}

Entry constant_of(const void* owner, int64_t index) {
    Value v = tuple_get(static_cast<const PyCodeObject*>(owner)->co_consts, index);
    if (is_str_exact(v)) return {kStr};
    if (has_type(v, &PyCode_Type)) return {kCode, entry_count(as_code(v)->co_nfreevars)};
    if (!is_tuple_exact(v)) return {};
    for (int64_t i = 0; i < tuple_size(v); i++)
        if (!is_str_exact(tuple_get(v, i))) return {kTuple};
    return {kNames, entry_count(tuple_size(v))};
}

CodeView view_of(const PyCodeObject* co, std::string_view code) {
    return {.code = code,
            .localspluskinds = bytes_view(co->co_localspluskinds),
            .exceptiontable = bytes_view(co->co_exceptiontable),
            .argcount = co->co_argcount,
            .posonlyargcount = co->co_posonlyargcount,
            .kwonlyargcount = co->co_kwonlyargcount,
            .stacksize = co->co_stacksize,
            .flags = co->co_flags,
            .nconsts = tuple_size(co->co_consts),
            .nnames = tuple_size(co->co_names),
            .nlocals = tuple_size(co->co_localsplusnames),
            .owner = co,
            .constant = constant_of};
}

}  // namespace

uint8_t unchecked_first_opcode(const PyCodeObject* co) { return static_cast<uint8_t>(first_word_kept(co)); }

void mark_unchecked(PyCodeObject* co, bool trusted) {
    is_trusted(co) = trusted;
    first_word_kept(co) = co->co_code_adaptive[0];
    set_first_opcode(co, static_cast<uint8_t>(Op::RESERVED));
}

namespace {

// What came along in the places of inline caches.
void clear_caches(PyCodeObject* co) {
    uint16_t* p = co->co_code_adaptive;
    for (int64_t i = 0; i < co->ob_base.ob_size; i++) {
        int caches = op_info(static_cast<uint8_t>(p[i])).caches;
        for (int k = 1; k <= caches; k++) p[i + k] = 0;
        i += caches;
    }
}

}  // namespace

Status check_code(Thread& t, PyCodeObject* co) {
    set_first_opcode(co, unchecked_first_opcode(co));
    if (is_trusted(co)) {
        is_trusted(co) = false;
        prepare_caches(co);
        return Status::ok();
    }
    std::string_view instructions(reinterpret_cast<const char*>(co->co_code_adaptive),
                                  2 * static_cast<size_t>(co->ob_base.ob_size));
    std::string problem;
    bool done = with_memory([&] { problem = verify(view_of(co, instructions)); });
    if (done && problem.empty()) {
        clear_caches(co);
        prepare_caches(co);
        return Status::ok();
    }
    mark_unchecked(co);
    if (!done) return raise_no_memory(t);
    return raise(t, PyExc_SystemError, "bad bytecode in %U: %s", co->co_qualname, problem.c_str());
}

// ---- jumps out of turn ----

namespace {

bool is_cell(Value v) { return v && has_type(v, &PyCell_Type); }

bool is_tuple_of_cells(Value v, int64_t n) {
    if (!is_tuple_exact(v) || tuple_size(v) != n) return false;
    for (int64_t i = 0; i < n; i++)
        if (!is_cell(tuple_get(v, i))) return false;
    return true;
}

// Is it something that the code expects there?
bool fits(Slot slot, const Entry& expected, const PyCodeObject* co) {
    uint32_t kinds = expected.kinds;
    if (!slot) return kinds & kNull;
    Value v = slot.get();
    int64_t lasti;
    return (kinds & kPlain) || ((kinds & kCell) && is_cell(v)) ||
           ((kinds & kCells) && is_tuple_of_cells(v, expected.info)) ||
           ((kinds & kTuple) && is_tuple_exact(v)) || ((kinds & kList) && is_list_exact(v)) ||
           ((kinds & kSet) && has_type(v, &PySet_Type)) || ((kinds & kDict) && is_dict_exact(v)) ||
           ((kinds & kStr) && is_str(v)) || ((kinds & (kException | kPrevious)) && is_exception(v)) ||
           ((kinds & kPrevious) && is_none(v)) || ((kinds & kFunction) && is_function(v)) ||
           ((kinds & kLasti) && int_to_i64(v, &lasti) && lasti >= 0 && lasti < co->ob_base.ob_size);
}

bool frame_fits(Frame* f, const Landing& landing) {
    if (f->sp - f->stack_base() < static_cast<int64_t>(landing.stack.size())) return false;
    if (landing.generating != (f->owner == kOwnedByGenerator)) return false;
    for (size_t i = 0; i < landing.stack.size(); i++)
        if (!fits(f->stack_base()[i], landing.stack[i], f->co())) return false;
    for (size_t i = 0; i < landing.locals.size(); i++)
        if (landing.locals[i] == kHoldsCell && !is_cell(f->localsplus[i].get())) return false;
    return true;
}

}  // namespace

Result<bool> may_land(Thread& t, Frame* f, int unit) {
    Ref code = TRY(code_bytes(t, f->co()));
    Landing landing;
    bool found = false;
    if (!with_memory([&] { found = find_landing(view_of(f->co(), bytes_view(code)), unit, landing); }))
        return raise_no_memory(t);
    return found && frame_fits(f, landing);
}

}  // namespace krait
