// The module _decimal.
#include "builtins/callable.h"
#include "builtins/dict.h"
#include "builtins/list.h"
#include "gc/gc.h"
#include "modules/decimal/decimal.h"
#include "object/per_interpreter.h"

namespace krait::decimal {

PER_INTERPRETER_REFS State g;

namespace {

void* library_alloc(size_t n) { return mem_alloc(n); }
void* library_calloc(size_t n, size_t size) { return mem_alloc_zeroed(n * size); }

void set_up_library() {
    if (mpd_mallocfunc == library_alloc) return;
    mpd_mallocfunc = library_alloc;
    mpd_callocfunc = library_calloc;
    mpd_reallocfunc = mem_realloc;
    mpd_free = mem_free;
    mpd_traphandler = [](mpd_context_t*) {};
    mpd_setminalloc(4);
}

Ref make_tuple_type(Thread& t) {
    Ref namedtuple = TRY(import_attr(t, "collections", "namedtuple")),
        name = TRY(str_from(t, "DecimalTuple"));
    Ref fields = TRY(str_from(t, "sign digits exponent")), home = TRY(str_intern(t, "decimal"));
    Ref kw = TRY(str_intern(t, "module")), names = TRY(tuple_of(t, {kw}));
    Value args[] = {name, fields, home};
    return call(t, namedtuple, args, 2, names);
}
Status register_number(Thread& t) {
    Ref numbers = TRY(import_module(t, "numbers")), base = TRY(get_attr(t, numbers, "Number"));
    TRY_DISCARD(call_method(t, base, "register", {&number_type}));
    if (!g.rational) g.rational = TRY(get_attr(t, numbers, "Rational")).release();
    return Status::ok();
}

Status exec(Thread& t, Value module) {
    set_up_library();
    for (int i = 0; i < kRoundings; i++) {
        if (!g.roundings[i]) g.roundings[i] = TRY(str_intern(t, mpd_round_string[i])).release();
        TRY(module_add(t, module, mpd_round_string[i], Ref::share(g.roundings[i])));
    }
    TRY(add_number(t, module));
    TRY(make_signals(t, module));
    if (!g.signal_dict) TRY(add_signal_dict(t));
    TRY(add_context(t, module));
    if (!g.decimal_tuple) g.decimal_tuple = TRY(make_tuple_type(t)).release();
    TRY(module_add(t, module, "DecimalTuple", Ref::share(g.decimal_tuple)));
    TRY(register_number(t));
    TRY(module_add(t, module, "HAVE_CONTEXTVAR", bool_ref(true)));
    TRY(module_add(t, module, "HAVE_THREADS", bool_ref(true)));
    TRY(module_add_int(t, module, "MAX_PREC", MPD_MAX_PREC));
    TRY(module_add_int(t, module, "MAX_EMAX", MPD_MAX_EMAX));
    TRY(module_add_int(t, module, "MIN_EMIN", MPD_MIN_EMIN));
    TRY(module_add_int(t, module, "MIN_ETINY", MPD_MIN_ETINY));
    TRY(module_add_int(t, module, "IEEE_CONTEXT_MAX_BITS", MPD_IEEE_CONTEXT_MAX_BITS));
    TRY(module_add_str(t, module, "__version__", "1.70"));
    return module_add_str(t, module, "__libmpdec_version__", mpd_version());
}

}  // namespace
}  // namespace krait::decimal

namespace krait {
extern const ModuleSpec module__decimal;
const ModuleSpec module__decimal{.name = "_decimal",
                                 .doc = "Decimal arithmetic, by libmpdec.",
                                 .functions = decimal::module_functions,
                                 .exec = decimal::exec};
}  // namespace krait
