// The signals of decimal arithmetic: exception classes, status words, and the dicts that show them.
#include "builtins/callable.h"
#include "builtins/dict.h"
#include "builtins/list.h"
#include "modules/decimal/decimal.h"

namespace krait::decimal {

Type mixin_type;

// In the order in which they are looked for when something is trapped.
const SignalInfo kSignalTable[kSignals] = {{"InvalidOperation", MPD_IEEE_Invalid_operation},
                                           {"FloatOperation", kFloatOperation},
                                           {"DivisionByZero", MPD_Division_by_zero},
                                           {"Overflow", MPD_Overflow},
                                           {"Underflow", MPD_Underflow},
                                           {"Subnormal", MPD_Subnormal},
                                           {"Inexact", MPD_Inexact},
                                           {"Rounded", MPD_Rounded},
                                           {"Clamped", MPD_Clamped}};

namespace {

// What InvalidOperation can mean in detail.
constexpr SignalInfo kConditionTable[kConditions] = {{"InvalidOperation", MPD_Invalid_operation},
                                                     {"ConversionSyntax", MPD_Conversion_syntax},
                                                     {"DivisionImpossible", MPD_Division_impossible},
                                                     {"DivisionUndefined", MPD_Division_undefined},
                                                     {"InvalidContext", MPD_Invalid_context}};
constexpr char kSignalNames[] =
    "valid values for signals are:\n  [InvalidOperation, FloatOperation, DivisionByZero,\n   "
    "Overflow, Underflow, Subnormal, Inexact, Rounded,\n   Clamped]";

Ref exception_class(Thread& t, const char* name, std::initializer_list<Value> bases) {
    Ref ns = TRY(dict_new(t)), text = TRY(str_intern(t, name)), b = TRY(tuple_of(t, bases));
    Ref home = TRY(str_intern(t, "decimal"));
    TRY(dict_set_str(t, ns, "__module__", home));
    return new_class(t, text, b, ns);
}
Result<uint32_t> flag_of(Thread& t, Value signal) {
    for (int i = 0; i < kSignals; i++)
        if (g.signals[i] == signal) return kSignalTable[i].flag;
    return raise(t, PyExc_KeyError, kSignalNames);
}

// --- the dicts ---

Result<uint32_t*> bits_of(Thread& t, Value self) {
    uint32_t* bits = self.as<SignalDict>()->bits;
    if (!bits) return raise(t, PyExc_ValueError, "invalid signal dict");
    return bits;
}
Status mixin_init(Thread&, Value self, const Value*, size_t, Value) {
    self.as<SignalDict>()->bits = nullptr;
    return Status::ok();
}
Result<int64_t> mixin_length(Thread& t, Value self) {
    TRY(bits_of(t, self));
    return kSignals;
}
Ref mixin_iter(Thread& t, Value self) {
    TRY(bits_of(t, self));
    Ref all = TRY(tuple_from(t, g.signals, kSignals));
    return iter(t, all);
}
Ref mixin_get(Thread& t, Value self, Value key) {
    uint32_t* bits = TRY(bits_of(t, self));
    uint32_t flag = TRY(flag_of(t, key));
    return bool_ref(*bits & flag);
}
Status mixin_set(Thread& t, Value self, Value key, Value value) {
    TRY(bits_of(t, self));
    if (!value) return raise(t, PyExc_ValueError, "signal keys cannot be deleted");
    uint32_t flag = TRY(flag_of(t, key));
    bool on = TRY(is_true(t, value));
    uint32_t* bits = TRY(bits_of(t, self));  // __bool__ may have ended the context
    *bits = on ? *bits | flag : *bits & ~flag;
    return Status::ok();
}
Ref mixin_repr(Thread& t, Value self) {
    uint32_t bits = *TRY(bits_of(t, self));
    StrBuilder out(t);
    TRY(out.ascii("{"));
    for (int i = 0; i < kSignals; i++) {
        TRY(out.ascii(i ? ", <class 'decimal." : "<class 'decimal."));
        TRY(out.ascii(kSignalTable[i].name));
        TRY(out.ascii(bits & kSignalTable[i].flag ? "'>:True" : "'>:False"));
    }
    TRY(out.ascii("}"));
    return out.finish();
}
Ref mixin_compare(Thread& t, Value a, Value b, CompareOp op) {
    uint32_t left = *TRY(bits_of(t, a));
    if (op != kEq && op != kNe) return not_implemented_ref();
    uint32_t right;
    if (is_instance_exact_or_sub(b, &mixin_type)) {
        right = *TRY(bits_of(t, b));
    } else if (is_dict(b)) {
        if (dict_size(b) == 0) return raise(t, PyExc_ValueError, "invalid signal dict");
        Result<uint32_t> flags = flags_from_dict(t, b);
        if (!flags) {  // keys that are no signals: not equal
            if (!clear_if(t, PyExc_KeyError)) return {};
            return bool_ref(op == kNe);
        }
        right = flags.value();
        left = *TRY(bits_of(t, a));
    } else {
        return not_implemented_ref();
    }
    return bool_ref((left == right) == (op == kEq));
}
Ref mixin_copy(Thread& t, Value self) {
    uint32_t bits = *TRY(bits_of(t, self));
    Ref dict = TRY(dict_new(t));
    for (int i = 0; i < kSignals; i++)
        TRY(dict_set(t, dict, g.signals[i], boolean(bits & kSignalTable[i].flag)));
    return dict;
}
const NativeDef mixin_methods[] = {def<mixin_copy>("copy", "()", "The same as a plain dict."), {}};

}  // namespace

Ref signals_list(Thread& t, uint32_t flags) {
    Ref list = TRY(list_new(t));
    for (int i = 0; i < kConditions; i++)
        if (flags & kConditionTable[i].flag) TRY(list_append(t, list, g.conditions[i]));
    for (int i = 1; i < kSignals; i++)  // the first has been told in detail
        if (flags & kSignalTable[i].flag) TRY(list_append(t, list, g.signals[i]));
    return list;
}
Status raise_status(Thread& t, Value context, uint32_t status) {
    if (status & MPD_Malloc_error) return raise_no_memory(t);
    uint32_t trapped = status & ctx_of(context)->traps;
    for (int i = 0; i < kSignals; i++) {
        if (!(trapped & kSignalTable[i].flag)) continue;
        Ref list = TRY(signals_list(t, trapped));
        return raise_value(t, g.signals[i].as<PyTypeObject>(), list);
    }
    return raise(t, PyExc_RuntimeError, "internal error in flags_as_exception");
}
Result<uint32_t> flags_from_dict(Thread& t, Value dict) {
    if (!is_dict(dict)) return raise(t, PyExc_TypeError, "argument must be a signal dict");
    if (dict_size(dict) != kSignals) return raise(t, PyExc_KeyError, "invalid signal dict");
    uint32_t flags = 0;
    Ref items = TRY(dict_items_list(t, dict));  // __bool__ of a value may change the dict
    int64_t n = list_size(items);
    for (int64_t i = 0; i < n; i++) {
        Value pair = list_get(items, i);
        Result<uint32_t> known = flag_of(t, tuple_get(pair, 0));
        if (!known) {
            clear_error(t);
            return raise(t, PyExc_KeyError, "invalid signal dict");
        }
        uint32_t flag = known.value();
        bool on = TRY(is_true(t, tuple_get(pair, 1)));
        if (on) flags |= flag;
    }
    return flags;
}
Result<uint32_t> flags_from_list(Thread& t, Value list) {
    uint32_t flags = 0;
    for (int64_t i = 0; i < list_size(list); i++) {
        Value item = list_get(list, i);
        bool known = false;
        for (int k = 0; k < kSignals; k++)
            if (g.signals[k] == item) flags |= kSignalTable[k].flag, known = true;
        if (!known) return raise(t, PyExc_KeyError, kSignalNames);
    }
    return flags;
}
Result<uint32_t> flags_from(Thread& t, Value v) {
    if (is_instance_exact_or_sub(v, &mixin_type)) {
        uint32_t* bits = TRY(bits_of(t, v));
        return *bits;
    }
    return flags_from_dict(t, v);
}
Ref signal_dict_new(Thread& t, uint32_t* bits) {
    Ref dict = TRY(call(t, Value(g.signal_dict)));
    dict.as<SignalDict>()->bits = bits;
    return dict;
}

Status make_signals(Thread& t, Value module) {
    if (!g.base_exception) {
        Ref base = TRY(exception_class(t, "DecimalException", {PyExc_ArithmeticError}));
        auto make = [&](const char* name, std::initializer_list<Value> bases, Value& place) -> Status {
            place = TRY(exception_class(t, name, bases)).release();
            return Status::ok();
        };
        Value* s = g.signals;
        enum { kInvalid, kFloat, kByZero, kOverflow, kUnderflow, kSubnormal, kInexact, kRounded, kClamped };
        TRY(make("InvalidOperation", {base}, s[kInvalid]));
        TRY(make("FloatOperation", {base, PyExc_TypeError}, s[kFloat]));
        TRY(make("DivisionByZero", {base, PyExc_ZeroDivisionError}, s[kByZero]));
        TRY(make("Inexact", {base}, s[kInexact]));
        TRY(make("Rounded", {base}, s[kRounded]));
        TRY(make("Subnormal", {base}, s[kSubnormal]));
        TRY(make("Clamped", {base}, s[kClamped]));
        TRY(make("Overflow", {s[kInexact], s[kRounded]}, s[kOverflow]));
        TRY(make("Underflow", {s[kInexact], s[kRounded], s[kSubnormal]}, s[kUnderflow]));
        Value* c = g.conditions;
        c[0] = Ref::share(s[kInvalid]).release();
        TRY(make("ConversionSyntax", {c[0]}, c[1]));
        TRY(make("DivisionImpossible", {c[0]}, c[2]));
        TRY(make("DivisionUndefined", {c[0], PyExc_ZeroDivisionError}, c[3]));
        TRY(make("InvalidContext", {c[0]}, c[4]));
        g.base_exception = base.release();
    }
    TRY(module_add(t, module, "DecimalException", Ref::share(g.base_exception)));
    for (int i = 0; i < kSignals; i++)
        TRY(module_add(t, module, kSignalTable[i].name, Ref::share(g.signals[i])));
    for (int i = 1; i < kConditions; i++)
        TRY(module_add(t, module, kConditionTable[i].name, Ref::share(g.conditions[i])));
    return Status::ok();
}

Status add_signal_dict(Thread& t) {
    static const TypeDecl mixin{.name = "decimal.SignalDictMixin",
                                .basicsize = sizeof(SignalDict),
                                .flags = kTpDefault | kTpBaseType | kTpImmutableType,
                                .slots = {.repr = mixin_repr,
                                          .hash = hash_not_implemented,
                                          .richcompare = mixin_compare,
                                          .iter = mixin_iter,
                                          .init = mixin_init,
                                          .mp_length = mixin_length,
                                          .mp_subscript = mixin_get,
                                          .mp_ass_subscript = mixin_set},
                                .spec = {.methods = mixin_methods}};
    TRY(add_static_type(t, Value(), mixin_type, mixin));
    mixin_type.x.slots.new_ = PyBaseObject_Type.x.slots.new_;  // without a __new__ of its own
    Ref mapping = TRY(import_attr(t, "collections.abc", "MutableMapping"));
    Ref name = TRY(str_intern(t, "SignalDict")), bases = TRY(tuple_of(t, {&mixin_type, mapping}));
    Ref ns = TRY(dict_new(t));
    Ref type = TRY(call(t, Value(type_of(mapping)), {name, bases, ns}));
    g.signal_dict = type.release().as<PyTypeObject>();
    return Status::ok();
}

}  // namespace krait::decimal
