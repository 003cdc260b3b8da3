// Between the files of the module _decimal, which is a thin layer over libmpdec: what the library computes,
// with Python's objects, contexts and signals around it.
#pragma once

#include <mpdecimal.h>

#include "builtins/number.h"
#include "builtins/str.h"
#include "builtins/tuple.h"
#include "object/protocol.h"

namespace krait::decimal {

// A number with room for 76 digits in the object itself; longer coefficients lie outside.
struct Number {
    PyObject ob_base;
    int64_t hash;  // -1: not computed
    mpd_t dec;
    mpd_uint_t words[4];
};
struct Context {
    PyObject ob_base;
    mpd_context_t ctx;
    Value traps, flags;  // the SignalDicts, made when first asked for
    int capitals;
    void* reserved[2];
};
static_assert(sizeof(Number) == 104 && sizeof(Context) == 104);
struct SignalDict {
    PyObject ob_base;
    uint32_t* bits;  // in a Context; null once that is gone
};

extern Type number_type, context_type, mixin_type, manager_type;

constexpr uint32_t kFloatOperation = MPD_Not_implemented;  // a bit that the library does not use
constexpr int kSignals = 9, kConditions = 5, kRoundings = 8;

// What the module makes when it is first imported; all owned.
struct State {
    Value context_var;  // the ContextVar behind getcontext()
    Value default_context, basic_context, extended_context;
    PyTypeObject* signal_dict = nullptr;  // SignalDict: the mixin and MutableMapping
    Value decimal_tuple, rational, py_decimal;
    Value base_exception, signals[kSignals], conditions[kConditions];
    Value roundings[kRoundings];  // interned names, in the order of the library
};
extern State g;

inline bool is_number(Value v) {
    return has_type(v, &number_type) || is_instance_exact_or_sub(v, &number_type);
}
inline bool is_context(Value v) {
    return has_type(v, &context_type) || is_instance_exact_or_sub(v, &context_type);
}
inline mpd_t* dec_of(Value v) { return &v.as<Number>()->dec; }
inline mpd_context_t* ctx_of(Value v) { return &v.as<Context>()->ctx; }

// --- signals ---

struct SignalInfo {
    const char* name;
    uint32_t flag;
};
extern const SignalInfo kSignalTable[kSignals];
// Adds to the flags of a context; fails with the signal that is trapped.
Status raise_status(Thread& t, Value context, uint32_t status);
inline Status add_status(Thread& t, Value context, uint32_t status) {
    mpd_context_t* c = ctx_of(context);
    c->status |= status;
    if (status & (c->traps | MPD_Malloc_error)) [[unlikely]]
        return raise_status(t, context, status);
    return Status::ok();
}
Ref signals_list(Thread& t, uint32_t flags);  // conditions, then signals
Status make_signals(Thread& t, Value module);
Status add_signal_dict(Thread& t);
Ref signal_dict_new(Thread& t, uint32_t* bits);
Result<uint32_t> flags_from_dict(Thread& t, Value dict);  // a dict of all nine signals
Result<uint32_t> flags_from_list(Thread& t, Value list);
Result<uint32_t> flags_from(Thread& t, Value v);  // a SignalDict or a dict

// --- contexts ---

Ref context_new(Thread& t, PyTypeObject* type = &context_type);  // the default of the library's users
Ref context_copy(Thread& t, Value self);
Ref current_context(Thread& t);
// A `context` argument: empty or None is the current one.
inline Ref context_arg(Thread& t, Value v) {
    if (!v || is_none(v)) return current_context(t);
    if (is_context(v)) return Ref::share(v);
    return raise(t, PyExc_TypeError, "optional argument must be a context");
}
Result<int> rounding_arg(Thread& t, Value v);
Result<int64_t> ssize_arg(Thread& t, Value v);
Status add_context(Thread& t, Value module);
extern const NativeDef context_methods[];
extern const NativeDef module_functions[];

// --- arguments ---

// Arguments by position or keyword as the signature says, in messages that name no function. `required` and
// `total` are those of the signature, which has no * in it.
inline Status parse_keywords(Thread& t, const char* signature, size_t required, size_t total,
                             const Value* args, size_t nargs, Value kwnames, Value* out) {
    if (!kwnames && nargs >= required && nargs <= total) [[likely]] {
        for (size_t i = 0; i < total; i++) out[i] = i < nargs ? args[i] : Value();
        return Status::ok();
    }
    Ref keep;
    return bind_args(t, nullptr, signature, args, nargs, kwnames, out, keep);
}
// Exactly n positional arguments.
Status exact_count(Thread& t, const char* method, size_t n, size_t nargs, Value kwnames);

// --- conversions ---

Ref number_alloc(Thread& t, PyTypeObject* type = &number_type);  // with an unset value
Ref number_from_int(Thread& t, Value v, Value context, bool exact, PyTypeObject* type = &number_type);
Ref number_from_ssize(Thread& t, int64_t v);
Ref number_from_double(Thread& t, double d, Value context, bool exact, PyTypeObject* type = &number_type);
Ref number_from_text(Thread& t, const char* s, Value context, bool exact, PyTypeObject* type = &number_type);
// Decimal(v) with all that it takes; not exact: rounded to the context, as create_decimal() does.
Ref number_from(Thread& t, PyTypeObject* type, Value v, Value context, bool exact);
Ref int_from_number(Thread& t, const mpd_t* dec, Value context, int rounding);
Ref number_to_text(Thread& t, Value self, bool engineering, int capitals);
Ref number_format(Thread& t, Value self, const Value* args, size_t nargs, Value kwnames);
Ref number_as_tuple(Thread& t, Value self);
Ref number_as_ratio(Thread& t, Value self);
Result<int64_t> number_hash(Thread& t, Value self);

// An operand as the library takes it: a Decimal as it is, an int converted.
class Operand {
  public:
    enum Outcome { kOk, kForeign, kFailed };
    Operand() = default;
    Operand(const Operand&) = delete;
    [[nodiscard]] Outcome set(Thread& t, Value v, Value context) {
        if (has_type(v, &number_type)) [[likely]] {
            p_ = dec_of(v);
            return kOk;
        }
        if (v.is_int()) {
            set_small(v.as_int());
            return kOk;
        }
        return set_slow(t, v, context);
    }
    // The same; what is neither is a TypeError.
    Status require(Thread& t, Value v, Value context);
    void set_small(int64_t v) {
        word_ = static_cast<mpd_uint_t>(v < 0 ? -static_cast<uint64_t>(v) : static_cast<uint64_t>(v));
        local_ = mpd_t{static_cast<uint8_t>(MPD_STATIC | MPD_CONST_DATA | (v < 0)),
                       0,
                       mpd_word_digits(word_),
                       1,
                       1,
                       &word_};
        p_ = &local_;
    }
    operator const mpd_t*() const { return p_; }  // NOLINT

  private:
    Outcome set_slow(Thread& t, Value v, Value context);
    const mpd_t* p_ = nullptr;
    mpd_t local_;
    mpd_uint_t word_;
    Ref keep_;
};

Status add_number(Thread& t, Value module);
extern const NativeDef number_methods[];

}  // namespace krait::decimal
