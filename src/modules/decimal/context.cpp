// Contexts: precision, rounding, limits, traps and flags; and which one is current.
#include "builtins/callable.h"
#include "builtins/dict.h"
#include "gc/gc.h"
#include "modules/contextvars.h"
#include "modules/decimal/decimal.h"
#include "modules/fields.h"

namespace krait::decimal {

Type context_type, manager_type;

namespace {

constexpr mpd_context_t kDefault{.prec = 28,
                                 .emax = 999999,
                                 .emin = -999999,
                                 .traps = MPD_IEEE_Invalid_operation | MPD_Division_by_zero | MPD_Overflow,
                                 .status = 0,
                                 .newtrap = 0,
                                 .round = MPD_ROUND_HALF_EVEN,
                                 .clamp = 0,
                                 .allcr = 1};

// --- attributes ---

using Setter = int (*)(mpd_context_t*, mpd_ssize_t);
struct NumberField {
    Setter set;
    mpd_ssize_t (*get)(const mpd_context_t*);
    const char* message;
};
const NumberField kPrec{mpd_qsetprec, mpd_getprec, "valid range for prec is [1, MAX_PREC]"};
const NumberField kEmax{mpd_qsetemax, mpd_getemax, "valid range for Emax is [0, MAX_EMAX]"};
const NumberField kEmin{mpd_qsetemin, mpd_getemin, "valid range for Emin is [MIN_EMIN, 0]"};

Status set_number(Thread& t, Value self, Value v, const NumberField& field) {
    int64_t n = TRY(ssize_arg(t, v));
    if (!field.set(ctx_of(self), n)) return raise(t, PyExc_ValueError, field.message);
    return Status::ok();
}
template <const NumberField& Field>
Ref get_number(Thread& t, Value self, void*) {
    return int_from(t, Field.get(ctx_of(self)));
}
template <const NumberField& Field>
Status put_number(Thread& t, Value self, Value v, void*) {
    return set_number(t, self, v, Field);
}
Ref get_rounding(Thread&, Value self, void*) { return Ref::share(g.roundings[ctx_of(self)->round]); }
Status put_rounding(Thread& t, Value self, Value v, void*) {
    int mode = TRY(rounding_arg(t, v));
    ctx_of(self)->round = mode;
    return Status::ok();
}
Ref get_capitals(Thread&, Value self, void*) { return Ref::from_int(self.as<Context>()->capitals); }
Status put_capitals(Thread& t, Value self, Value v, void*) {
    int64_t n = TRY(ssize_arg(t, v));
    if (n != 0 && n != 1) return raise(t, PyExc_ValueError, "valid values for capitals are 0 or 1");
    self.as<Context>()->capitals = static_cast<int>(n);
    return Status::ok();
}
Ref get_clamp(Thread&, Value self, void*) { return Ref::from_int(ctx_of(self)->clamp); }
Status put_clamp(Thread& t, Value self, Value v, void*) {
    int64_t n = TRY(ssize_arg(t, v));
    if (n != 0 && n != 1) return raise(t, PyExc_ValueError, "valid values for clamp are 0 or 1");
    ctx_of(self)->clamp = static_cast<int>(n);
    return Status::ok();
}
const GetSetDef context_getset[] = {getset("prec", get_number<kPrec>, put_number<kPrec>, nullptr),
                                    getset("Emax", get_number<kEmax>, put_number<kEmax>, nullptr),
                                    getset("Emin", get_number<kEmin>, put_number<kEmin>, nullptr),
                                    getset("rounding", get_rounding, put_rounding, nullptr),
                                    getset("capitals", get_capitals, put_capitals, nullptr),
                                    getset("clamp", get_clamp, put_clamp, nullptr),
                                    {}};

// `traps` and `flags` are no attributes of the class: the dicts are reached through the instance only.
Ref context_getattr(Thread& t, Value self, Value name) {
    if (is_str(name)) {
        auto* c = self.as<Context>();
        bool traps = str_equal(name, "traps");
        if (traps || str_equal(name, "flags")) {
            Value& place = traps ? c->traps : c->flags;
            if (!place) {
                Ref dict = TRY(signal_dict_new(t, traps ? &c->ctx.traps : &c->ctx.status));
                put_owned(place, std::move(dict));
            }
            return Ref::share(place);
        }
    }
    return generic_get_attr(t, self, name);
}
Status context_setattr(Thread& t, Value self, Value name, Value value) {
    if (is_str(name)) {
        if (!value) return raise(t, PyExc_AttributeError, "context attributes cannot be deleted");
        bool traps = str_equal(name, "traps");
        if (traps || str_equal(name, "flags")) {
            uint32_t bits = TRY(flags_from(t, value));
            (traps ? ctx_of(self)->traps : ctx_of(self)->status) = bits;
            return Status::ok();
        }
    }
    if (generic_set_attr(t, self, name, value)) return Status::ok();
    // A class with a __setattr__ of its own says nothing of a __dict__ that is missing.
    if (is_str(name) && has_type(self, &context_type) && !type_lookup(&context_type, name) &&
        clear_if(t, PyExc_AttributeError))
        return raise(t, PyExc_AttributeError, "'%.100s' object has no attribute '%U'", context_type.tp_name,
                     name);
    return {};
}

// --- making ---

Ref tp_new(Thread& t, PyTypeObject* type, const Value*, size_t, Value) { return context_new(t, type); }
void release_dict(Value& place) {
    Value dict = place;
    place = Value();
    if (!dict) return;
    dict.as<SignalDict>()->bits = nullptr;
    decref(dict);
}
void context_dealloc(Thread& t, PyObject* o) {
    gc_untrack(t, o);
    auto* c = reinterpret_cast<Context*>(o);
    release_dict(c->traps);
    release_dict(c->flags);
    free_object(t, o);
}
void context_traverse(PyObject* o, Visitor& v) {
    v.visit(reinterpret_cast<Context*>(o)->traps);
    v.visit(reinterpret_cast<Context*>(o)->flags);
}
void context_clear(Thread&, PyObject* o) {
    release_dict(reinterpret_cast<Context*>(o)->traps);
    release_dict(reinterpret_cast<Context*>(o)->flags);
}
Status set_signals(Thread& t, Value v, uint32_t* out) {
    uint32_t bits = is_list(v) ? TRY(flags_from_list(t, v)) : TRY(flags_from(t, v));
    *out = bits;
    return Status::ok();
}
bool given(Value v) { return v && !is_none(v); }
// The eight settings, each of which may be missing.
Status apply_settings(Thread& t, Value self, const Value* p) {
    if (given(p[0])) TRY(set_number(t, self, p[0], kPrec));
    if (given(p[1])) TRY(put_rounding(t, self, p[1], nullptr));
    if (given(p[2])) TRY(set_number(t, self, p[2], kEmin));
    if (given(p[3])) TRY(set_number(t, self, p[3], kEmax));
    if (given(p[4])) TRY(put_capitals(t, self, p[4], nullptr));
    if (given(p[5])) TRY(put_clamp(t, self, p[5], nullptr));
    if (given(p[7])) TRY(set_signals(t, p[7], &ctx_of(self)->traps));
    if (given(p[6])) TRY(set_signals(t, p[6], &ctx_of(self)->status));
    return Status::ok();
}
Status context_init(Thread& t, Value self, const Value* args, size_t nargs, Value kwnames) {
    Value p[8];
    TRY(parse_keywords(t,
                       "(prec=None, rounding=None, Emin=None, Emax=None, capitals=None, clamp=None, "
                       "flags=None, traps=None)",
                       0, 8, args, nargs, kwnames, p));
    return apply_settings(t, self, p);
}

// --- text and pickling ---

// In the order of the bits.
constexpr SignalInfo kShown[] = {{"Clamped", MPD_Clamped},
                                 {"InvalidOperation", MPD_IEEE_Invalid_operation},
                                 {"DivisionByZero", MPD_Division_by_zero},
                                 {"Inexact", MPD_Inexact},
                                 {"FloatOperation", kFloatOperation},
                                 {"Overflow", MPD_Overflow},
                                 {"Rounded", MPD_Rounded},
                                 {"Subnormal", MPD_Subnormal},
                                 {"Underflow", MPD_Underflow}};
Ref shown_signals(Thread& t, uint32_t bits) {
    StrBuilder out(t);
    TRY(out.ascii("["));
    bool first = true;
    for (const SignalInfo& s : kShown) {
        if (!(bits & s.flag)) continue;
        if (!first) TRY(out.ascii(", "));
        first = false;
        TRY(out.ascii(s.name));
    }
    TRY(out.ascii("]"));
    return out.finish();
}
Ref context_repr(Thread& t, Value self) {
    const mpd_context_t* c = ctx_of(self);
    Ref flags = TRY(shown_signals(t, c->status)), traps = TRY(shown_signals(t, c->traps));
    return str_format(t,
                      "Context(prec=%zd, rounding=%U, Emin=%zd, Emax=%zd, capitals=%d, clamp=%d, flags=%U, "
                      "traps=%U)",
                      c->prec, g.roundings[c->round], c->emin, c->emax, self.as<Context>()->capitals,
                      c->clamp, flags.get(), traps.get());
}

// --- the current one ---

Ref get_context(Thread& t, Value) { return current_context(t); }
bool is_template(Value v) {
    return v == g.default_context || v == g.basic_context || v == g.extended_context;
}
Status make_current(Thread& t, Value context) {
    if (!is_context(context)) return raise(t, PyExc_TypeError, "argument must be a context");
    // The module's own are never current themselves: what one thread sets in it, others would see.
    Ref use = Ref::share(context);
    if (is_template(context)) {
        use = TRY(context_copy(t, context));
        ctx_of(use)->status = 0;
    }
    return contextvar_set(t, g.context_var, use);
}
Ref set_context(Thread& t, Value, Value context) {
    TRY(make_current(t, context));
    return none_ref();
}
Ref local_context(Thread& t, Value, const Value* args, size_t nargs, Value kwnames) {
    Value p[9];
    Ref keep;
    TRY(bind_args(t, nullptr,
                  "(ctx=None, prec=None, rounding=None, Emin=None, Emax=None, capitals=None, clamp=None, "
                  "flags=None, traps=None)",
                  args, nargs, kwnames, p, keep));
    Ref global = TRY(current_context(t));
    Value from = p[0] && !is_none(p[0]) ? p[0] : global.get();
    if (!is_context(from)) return raise(t, PyExc_TypeError, "optional argument must be a context");
    Ref local = TRY(context_copy(t, from));
    TRY(apply_settings(t, local, p + 1));
    Ref self = TRY(alloc(t, &manager_type));
    auto* f = self.as<Fields<2>>()->f;
    f[0] = local.release();
    f[1] = global.release();
    return self;
}
Ref manager_enter(Thread& t, Value self) {
    Value local = self.as<Fields<2>>()->f[0];
    TRY(make_current(t, local));
    return Ref::share(local);
}
Ref manager_exit(Thread& t, Value self, const Value*, size_t, Value) {
    TRY(make_current(t, self.as<Fields<2>>()->f[1]));
    return bool_ref(false);
}
const NativeDef manager_methods[] = {
    def<manager_enter>("__enter__", "()", "Makes the local context current and returns it."),
    def<manager_exit>("__exit__", "(*args)", "Makes the former context current again.", kMethNoSignature),
    {}};

Ref ieee_context(Thread& t, Value, Value bits) {
    int64_t n = TRY(ssize_arg(t, bits));
    mpd_context_t c;
    if (n <= 0 || n > MPD_IEEE_CONTEXT_MAX_BITS || mpd_ieee_context(&c, static_cast<int>(n)) < 0)
        return raise(t, PyExc_ValueError, "argument must be a multiple of 32, with a maximum of %d",
                     MPD_IEEE_CONTEXT_MAX_BITS);
    Ref self = TRY(context_new(t));
    *ctx_of(self) = c;
    return self;
}

Ref make_template(Thread& t, mpd_ssize_t prec, int round, uint32_t traps) {
    Ref self = TRY(context_new(t));
    mpd_context_t* c = ctx_of(self);
    c->prec = prec;
    c->round = round;
    c->traps = traps;
    return self;
}

}  // namespace

const NativeDef module_functions[] = {
    def<get_context>("getcontext", "()", "The context of the running code."),
    def<set_context>("setcontext", "(context, /)", "Makes a context the one of the running code."),
    def<local_context>("localcontext", "(ctx=None, **kwargs)",
                       "A context manager that makes a copy of a context current for the length of its "
                       "block, with the attributes changed that are given."),
    def<ieee_context>("IEEEContext", "(bits, /)",
                      "A context for the interchange format of IEEE 754 that is so many bits wide."),
    {}};

Ref context_new(Thread& t, PyTypeObject* type) {
    Ref self = TRY(alloc(t, type));
    auto* c = self.as<Context>();
    c->ctx = kDefault;
    if (Value base = g.default_context) {
        c->ctx = *ctx_of(base);
        c->ctx.status = 0;
    }
    c->capitals = 1;
    return self;
}
Ref context_copy(Thread& t, Value self) {
    Ref copy = TRY(context_new(t));
    *ctx_of(copy) = *ctx_of(self);
    ctx_of(copy)->newtrap = 0;
    copy.as<Context>()->capitals = self.as<Context>()->capitals;
    return copy;
}
Ref current_context(Thread& t) {
    Ref found = TRY(contextvar_get(t, g.context_var));
    if (found) [[likely]]
        return found;
    Ref fresh = TRY(context_copy(t, g.default_context));
    ctx_of(fresh)->status = 0;
    TRY(contextvar_set(t, g.context_var, fresh));
    return fresh;
}
Result<int> rounding_arg(Thread& t, Value v) {
    for (int i = 0; i < kRoundings; i++)
        if (g.roundings[i] == v) return i;
    if (is_str(v))
        for (int i = 0; i < kRoundings; i++)
            if (str_equal(g.roundings[i], v)) return i;
    return raise(t, PyExc_TypeError,
                 "valid values for rounding are:\n  [ROUND_CEILING, ROUND_FLOOR, ROUND_UP, ROUND_DOWN,\n   "
                 "ROUND_HALF_UP, ROUND_HALF_DOWN, ROUND_HALF_EVEN,\n   ROUND_05UP]");
}
Result<int64_t> ssize_arg(Thread& t, Value v) {
    int64_t n;
    if (!is_long(v)) return raise(t, PyExc_TypeError, "an integer is required");
    if (!int_to_i64(v, &n))
        return raise(t, PyExc_OverflowError, "Python int too large to convert to C ssize_t");
    return n;
}

Status add_context(Thread& t, Value module) {
    static const TypeDecl context{
        .name = "decimal.Context",
        .basicsize = sizeof(Context),
        .flags = kTpDefault | kTpBaseType | kTpHaveGC | kTpImmutableType,
        .slots = {.dealloc = context_dealloc,
                  .traverse = context_traverse,
                  .clear = context_clear,
                  .repr = context_repr,
                  .getattr = context_getattr,
                  .setattr = context_setattr,
                  .init = context_init,
                  .new_ = tp_new},
        .spec = {.methods = context_methods,
                 .getset = context_getset,
                 .doc =
                     "The environment of decimal arithmetic: precision, rounding, the limits of exponents, "
                     "which signals are traps, and the flags of those that have been raised.",
                 .text_signature = "(prec=None, rounding=None, Emin=None, Emax=None, capitals=None, "
                                   "clamp=None, flags=None, traps=None)"}};
    static const TypeDecl manager{
        .name = "decimal.ContextManager",
        .basicsize = sizeof(Fields<2>),
        .flags = kTpDefault | kTpHaveGC | kTpImmutableType | kTpDisallowInstantiation,
        .slots = {.dealloc = Fields<2>::dealloc, .traverse = Fields<2>::traverse, .clear = Fields<2>::clear},
        .spec = {.methods = manager_methods}};
    TRY(add_static_type(t, module, context_type, context));
    TRY(add_static_type(t, Value(), manager_type, manager));
    if (!g.context_var) {
        g.context_var = TRY(contextvar_new(t, "decimal_context")).release();
        g.default_context = TRY(context_new(t)).release();
        constexpr uint32_t kUsual = MPD_IEEE_Invalid_operation | MPD_Division_by_zero | MPD_Overflow;
        g.basic_context =
            TRY(make_template(t, 9, MPD_ROUND_HALF_UP, kUsual | MPD_Underflow | MPD_Clamped)).release();
        g.extended_context = TRY(make_template(t, 9, MPD_ROUND_HALF_EVEN, 0)).release();
    }
    TRY(module_add(t, module, "DefaultContext", Ref::share(g.default_context)));
    TRY(module_add(t, module, "BasicContext", Ref::share(g.basic_context)));
    return module_add(t, module, "ExtendedContext", Ref::share(g.extended_context));
}

}  // namespace krait::decimal
