#include "modules/interpreters/arguments.h"

#include "builtins/number.h"
#include "builtins/str.h"
#include "builtins/tuple.h"
#include "object/protocol.h"

namespace krait::xi {

Status bind_names(Thread& t, const Names& n, const Value* args, size_t nargs, Value kwnames, Value* out) {
    for (int i = 0; i < n.count; i++) out[i] = Value();
    int64_t named = kwnames ? tuple_size(kwnames) : 0, most = n.count, positional = n.count - n.only_named;
    if (static_cast<int64_t>(nargs) + named > most)
        return raise(t, PyExc_TypeError, "%s() takes at most %zd %sargument%s (%zd given)", n.function, most,
                     nargs == 0 ? "keyword " : "", most == 1 ? "" : "s", static_cast<int64_t>(nargs) + named);
    if (static_cast<int64_t>(nargs) > positional)
        return raise(t, PyExc_TypeError, "%s() takes %s %zd positional argument%s (%zu given)", n.function,
                     n.required < positional || n.only_named ? "at most" : "exactly", positional,
                     positional == 1 ? "" : "s", nargs);
    for (size_t i = 0; i < nargs; i++) out[i] = args[i];
    for (int64_t k = 0; k < named; k++) {
        Value name = tuple_get(kwnames, k);
        int at = 0;
        while (at < n.count && !str_equal(name, n.names[at])) at++;
        if (at == n.count)
            return raise(t, PyExc_TypeError, "%s() got an unexpected keyword argument '%S'", n.function,
                         name);
        if (out[at])
            return raise(t, PyExc_TypeError, "argument for %s() given by name ('%s') and position (%d)",
                         n.function, n.names[at], at + 1);
        out[at] = args[nargs + static_cast<size_t>(k)];
    }
    for (int i = 0; i < n.required; i++)
        if (!out[i])
            return raise(t, PyExc_TypeError, "%s() missing required argument '%s' (pos %d)", n.function,
                         n.names[i], i + 1);
    return Status::ok();
}

Result<bool> flag(Thread& t, Value v) { return v ? is_true(t, v) : Result<bool>(false); }
Result<int> number(Thread& t, Value v, int otherwise) { return v ? as_int32(t, v) : Result<int>(otherwise); }

Result<int64_t> id_number(Thread& t, Value v, const char* label) {
    if (!is_index(v))
        return raise(t, PyExc_TypeError, "%s must be an int, got %.100s", label, type_of(v)->tp_name);
    Ref n = TRY(index(t, v));
    int64_t id;
    if (!int_to_i64(n, &id)) {
        if (TRY(compare_bool(t, n, Value::from_int(0), kLt)))
            return raise(t, PyExc_ValueError, "%s must be a non-negative int, got %R", label, v);
        return raise(t, PyExc_OverflowError, "max %s is %lld, got %R", label,
                     static_cast<long long>(INT64_MAX), v);
    }
    if (id < 0) return raise(t, PyExc_ValueError, "%s must be a non-negative int, got %R", label, v);
    return id;
}

Result<int> unbound_op(Thread& t, Value v, int otherwise) {
    int n = TRY(number(t, v, -1));
    if (n < 0) return otherwise;
    if (n >= kUnboundRemove && n <= kUnboundReplace) return n;
    return raise(t, PyExc_ValueError, "unsupported unboundop %d", n);
}

Result<int> fallback_number(Thread& t, Value v, int otherwise) {
    int n = TRY(number(t, v, -1));
    if (n < 0) return otherwise;
    if (n <= 1) return n;
    return raise(t, PyExc_ValueError, "unsupported fallback %d", n);
}

}  // namespace krait::xi
