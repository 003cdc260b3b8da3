// The module builtins: functions on any object. compile, eval, exec and __import__ are in builtins_exec.cpp.
#include "modules/builtins.h"

#include <unistd.h>

#include <cmath>
#include <cstring>

#include "builtins/bytes.h"
#include "builtins/callable.h"
#include "builtins/dict.h"
#include "builtins/exceptions.h"
#include "builtins/int_internal.h"
#include "builtins/list.h"
#include "builtins/str.h"
#include "builtins/tuple.h"
#include "bytecode/opcodes.h"
#include "interp/generator.h"
#include "interp/interp.h"
#include "object/boundary.h"
#include "object/names.h"
#include "object/protocol.h"
#include "runtime/interpreters.h"

namespace krait {

void set_common_functions(Value all, Value any);  // interp/slowpaths-names.cpp

namespace {

Ref b_abs(Thread& t, Value, Value v) { return absolute(t, v); }
Ref b_ascii(Thread& t, Value, Value v) { return ascii(t, v); }
Ref b_repr(Thread& t, Value, Value v) { return repr(t, v); }
Ref b_callable(Thread&, Value, Value v) { return bool_ref(is_callable(v)); }
Ref b_hash(Thread& t, Value, Value v) {
    int64_t h = TRY(hash(t, v));
    if (Value::int_fits(h)) return Ref::from_int(h);
    return int_from(t, h);
}
// Numbers without an address of their own get one derived from their bits: equal immediates are one object.
Ref b_id(Thread& t, Value, Value v) {
    TRY(audit(t, "builtins.id", {v}));
    return int_from_u64(t, v.is_ptr() ? v.bits : v.bits >> 1 | uint64_t{1} << 62);
}
Ref b_len(Thread& t, Value, Value v) {
    int64_t n = TRY(length(t, v));
    return int_from(t, n);
}
Ref b_iter(Thread& t, Value, const Value* a, size_t n) {
    if (n == 1) return iter(t, a[0]);
    if (!is_callable(a[0])) return raise(t, PyExc_TypeError, "iter(v, w): v must be callable");
    return call_iter_new(t, a[0], a[1]);
}
Ref b_next(Thread& t, Value, const Value* a, size_t n) {
    UnaryFn next = ext(type_of(a[0]))->slots.iternext;
    if (!is_iterator(a[0])) return raise(t, PyExc_TypeError, "'%T' object is not an iterator", a[0]);
    Ref r = next(t, a[0]);
    if (r) return r;
    if (n > 1) {
        if (occurred(t) && !clear_if(t, PyExc_StopIteration)) return {};
        return Ref::share(a[1]);
    }
    if (occurred(t)) return {};
    return raise_none(t, PyExc_StopIteration);
}
Ref b_aiter(Thread& t, Value, Value v) { return async_iter(t, v); }

Ref b_all(Thread& t, Value, Value iterable) {
    Ref it = TRY(iter(t, iterable));
    for (;;) {
        Ref item = iter_next(t, it);
        if (!item) break;
        bool truth = TRY(is_true(t, item));
        if (!truth) return bool_ref(false);
    }
    if (occurred(t)) return {};
    return bool_ref(true);
}
Ref b_any(Thread& t, Value, Value iterable) {
    Ref it = TRY(iter(t, iterable));
    for (;;) {
        Ref item = iter_next(t, it);
        if (!item) break;
        bool truth = TRY(is_true(t, item));
        if (truth) return bool_ref(true);
    }
    if (occurred(t)) return {};
    return bool_ref(false);
}

Ref radix(Thread& t, Value v, int base, char letter) {
    if (v.is_int()) {
        char buf[72];
        char *end = buf + sizeof buf, *p = end;
        int64_t w = v.as_int();
        uint64_t a = w < 0 ? -static_cast<uint64_t>(w) : static_cast<uint64_t>(w);
        int shift = base == 2 ? 1 : base == 8 ? 3 : 4;
        do {
            *--p = "0123456789abcdef"[a & static_cast<unsigned>(base - 1)];
            a >>= shift;
        } while (a);
        *--p = letter;
        *--p = '0';
        if (w < 0) *--p = '-';
        return str_from_latin1(t, p, static_cast<size_t>(end - p));
    }
    Ref n = TRY(index(t, v));
    Ref digits = TRY(int_to_str(t, n, base));
    if (int_sign(n) >= 0) return str_format(t, "0%c%U", letter, digits.get());
    Ref rest = TRY(str_substring(t, digits, 1, str_length(digits)));
    return str_format(t, "-0%c%U", letter, rest.get());
}
Ref b_bin(Thread& t, Value, Value v) { return radix(t, v, 2, 'b'); }
Ref b_oct(Thread& t, Value, Value v) { return radix(t, v, 8, 'o'); }
Ref b_hex(Thread& t, Value, Value v) { return radix(t, v, 16, 'x'); }

Ref b_chr(Thread& t, Value, Value v) {
    Ref n = TRY(index(t, v));
    int64_t c;
    if (!int_to_i64(n, &c) || c < 0 || c > 0x10ffff)
        return raise(t, PyExc_ValueError, "chr() arg not in range(0x110000)");
    return str_from_char(t, static_cast<uint32_t>(c));
}
Ref b_ord(Thread& t, Value, Value v) {
    int64_t n;
    uint32_t c = 0;
    if (is_str(v)) {
        n = str_length(v);
        if (n == 1) c = str_char(v, 0);
    } else if (is_bytes(v)) {
        n = bytes_size(v);
        if (n == 1) c = static_cast<unsigned char>(bytes_data(v)[0]);
    } else if (is_bytearray(v)) {
        n = bytearray_size(v);
        if (n == 1) c = static_cast<unsigned char>(bytearray_data(v)[0]);
    } else {
        return raise(t, PyExc_TypeError, "ord() expected string of length 1, but %T found", v);
    }
    if (n != 1)
        return raise(t, PyExc_TypeError, "ord() expected a character, but string of length %zd found", n);
    return Ref::from_int(c);
}

Ref b_divmod(Thread& t, Value, const Value* a, size_t) {
    if (a[0].is_int() && a[1].is_int() && a[1].as_int() > 0) {
        int64_t x = a[0].as_int(), y = a[1].as_int(), q = x / y, m = x % y;
        if (m < 0) {
            q--;
            m += y;
        }
        Value pair[2] = {Value::from_int(q), Value::from_int(m)};
        return tuple_from(t, pair, 2);
    }
    return divmod(t, a[0], a[1]);
}
Ref b_pow(Thread& t, Value, const Value* p) { return power(t, p[0], p[1], p[2] ? p[2] : none()); }

Ref b_round(Thread& t, Value, const Value* p) {
    if (is_double_exact(p[0])) return float_round(t, float_value(p[0]), p[1]);
    Maybe found = lookup_special(t, p[0], ID(__round__));
    if (!found && !clear_if(t, PyExc_AttributeError)) return {};
    Ref method = found.take();
    if (!method) return raise(t, PyExc_TypeError, "type %T doesn't define __round__ method", p[0]);
    if (!p[1] || is_none(p[1])) return call(t, method);
    return call(t, method, {p[1]});
}

Ref b_format(Thread& t, Value, const Value* a, size_t n) {
    if (n > 1 && !is_str(a[1]))
        return raise(t, PyExc_TypeError, "format() argument 2 must be str, not %K", a[1]);
    return format(t, a[0], n > 1 ? a[1] : Value());
}

// --- attributes ---

Status attribute_name(Thread& t, Value name) {
    if (is_str(name)) return Status::ok();
    return raise(t, PyExc_TypeError, "attribute name must be string, not '%T'", name);
}
Ref b_getattr(Thread& t, Value, const Value* a, size_t n) {
    TRY(attribute_name(t, a[1]));
    if (n == 2) return get_attr(t, a[0], a[1]);
    Ref v = TRY(lookup_attr(t, a[0], a[1]));
    return v ? std::move(v) : Ref::share(a[2]);
}
Ref b_hasattr(Thread& t, Value, const Value* a, size_t) {
    TRY(attribute_name(t, a[1]));
    bool has = TRY(has_attr(t, a[0], a[1]));
    return bool_ref(has);
}
Ref b_setattr(Thread& t, Value, const Value* a, size_t) {
    TRY(attribute_name(t, a[1]));
    TRY(set_attr(t, a[0], a[1], a[2]));
    return none_ref();
}
Ref b_delattr(Thread& t, Value, const Value* a, size_t) {
    TRY(attribute_name(t, a[1]));
    TRY(set_attr(t, a[0], a[1], Value()));
    return none_ref();
}
Ref b_isinstance(Thread& t, Value, const Value* a, size_t) {
    bool is = TRY(is_instance(t, a[0], a[1]));
    return bool_ref(is);
}
Ref b_issubclass(Thread& t, Value, const Value* a, size_t) {
    bool is = TRY(is_subclass(t, a[0], a[1]));
    return bool_ref(is);
}
Ref b_dir(Thread& t, Value, const Value* a, size_t n) { return dir(t, n ? a[0] : Value()); }
Ref b_globals(Thread& t, Value) {
    Value g = current_globals(t);
    if (!g) g = running_main_globals(t);
    return g ? Ref::share(g) : none_ref();
}
Ref b_locals(Thread& t, Value) {
    Frame* f = current_frame(t);
    if (f) return frame_locals_snapshot(t, f);
    if (Value globals = running_main_globals(t)) return Ref::share(globals);
    return raise(t, PyExc_SystemError, "frame does not exist");
}
Ref b_vars(Thread& t, Value self, const Value* a, size_t n) {
    if (n == 0) return b_locals(t, self);
    Ref d = TRY(lookup_attr(t, a[0], ID(__dict__)));
    if (!d) return raise(t, PyExc_TypeError, "vars() argument must have __dict__ attribute");
    return d;
}

// --- min and max ---

// Of some arguments without key, the form that is called most.
Ref extremum_of(Thread& t, CompareOp better, const Value* args, size_t nargs) {
    Value best = args[0];
    for (size_t i = 1; i < nargs; i++) {
        Value next = args[i];
        bool wins;
        if (next.is_int() && best.is_int())
            wins = (better == kLt) == (next.as_int() < best.as_int()) && next != best;
        else
            wins = TRY(compare_bool(t, next, best, better));
        if (wins) best = next;
    }
    return Ref::share(best);
}

Ref extremum(Thread& t, const char* name, CompareOp better, const Value* all, size_t nargs, Value kwnames) {
    if (nargs > 1 && !kwnames) return extremum_of(t, better, all, nargs);
    if (nargs == 0) return raise(t, PyExc_TypeError, "%s expected at least 1 argument, got 0", name);
    Value p[2];
    Ref keep, several;
    TRY(bind_args(t, name, "(*, key=None, default=None)", all + nargs, 0, kwnames, p, keep));
    Value key = p[0], fallback = p[1];
    if (nargs > 1 && fallback)
        return raise(t, PyExc_TypeError,
                     "Cannot specify a default for %s() with multiple positional arguments", name);
    if (key && is_none(key)) key = Value();
    if (nargs > 1) several = TRY(tuple_from(t, all, nargs));
    Ref it = TRY(iter(t, nargs == 1 ? all[0] : several.get()));
    Ref best, best_key;
    for (;;) {
        Ref item = iter_next(t, it);
        if (!item) break;
        Ref item_key = key ? call(t, key, {item}) : item.share();
        if (!item_key) return {};
        if (best) {
            bool wins = TRY(compare_bool(t, item_key, best_key, better));
            if (!wins) continue;
        }
        best = std::move(item);
        best_key = std::move(item_key);
    }
    if (occurred(t)) return {};
    if (best) return best;
    if (fallback) return Ref::share(fallback);
    return raise(t, PyExc_ValueError, "%s() iterable argument is empty", name);
}
constexpr char kExtremumSignature[] = "(*args, key=None, default=<unrepresentable>)";
Ref b_max(Thread& t, Value, const Value* args, size_t nargs, Value kwnames) {
    return extremum(t, "max", kGt, args, nargs, kwnames);
}
Ref b_min(Thread& t, Value, const Value* args, size_t nargs, Value kwnames) {
    return extremum(t, "min", kLt, args, nargs, kwnames);
}

// --- sum ---

// Floats are summed with a compensation term (Neumaier); sums with overflow or nan do without it.
struct FloatSum {
    double high, low = 0;
    void add(double x) {
        double s = high + x;
        low += std::fabs(high) >= std::fabs(x) ? (high - s) + x : (x - s) + high;
        high = s;
    }
    double result() const { return low && std::isfinite(low) ? high + low : high; }
};

Ref sum_rest(Thread& t, Value it, Ref total) {
    for (;;) {
        Ref item = iter_next(t, it);
        if (!item) break;
        total = TRY(binary_op(t, total, item, BinaryOp::NB_ADD));
    }
    if (occurred(t)) return {};
    return total;
}

bool is_exact_complex(Value v) { return has_type(v, &PyComplex_Type); }

// Both parts with a compensation term of their own.
Ref sum_complexes(Thread& t, Value it, Value start) {
    auto* first = start.as<PyComplexObject>();
    FloatSum real{first->real}, imag{first->imag};
    for (;;) {
        Ref item = iter_next(t, it);
        if (!item) break;
        double d;
        if (is_exact_complex(item)) {
            real.add(item.as<PyComplexObject>()->real);
            imag.add(item.as<PyComplexObject>()->imag);
        } else if (is_exact_double(item, &d)) {
            real.add(d);
        } else if (is_long(item)) {
            real.add(TRY(int_to_double(t, item)));
        } else {
            Ref total = TRY(complex_from(t, real.result(), imag.result()));
            total = TRY(binary_op(t, total, item, BinaryOp::NB_ADD));
            return sum_rest(t, it, std::move(total));
        }
    }
    if (occurred(t)) return {};
    return complex_from(t, real.result(), imag.result());
}

Ref sum_floats(Thread& t, Value it, double start) {
    FloatSum sum{start};
    for (;;) {
        Ref item = iter_next(t, it);
        if (!item) break;
        double d;
        if (is_exact_double(item, &d)) {
            sum.add(d);
            continue;
        }
        if (is_long(item)) {
            sum.add(TRY(int_to_double(t, item)));
            continue;
        }
        Ref total = TRY(float_from(t, sum.result()));
        total = TRY(binary_op(t, total, item, BinaryOp::NB_ADD));
        if (is_exact_complex(total)) return sum_complexes(t, it, total);
        return sum_rest(t, it, std::move(total));
    }
    if (occurred(t)) return {};
    return float_from(t, sum.result());
}

// Small ints at the head of a list or tuple, in a plain loop; `at` is where something else begins.
int64_t sum_small_ints(Value items, int64_t* at) {
    int64_t sum = 0, i = 0;
    for (int64_t n = reinterpret_cast<PyVarObject*>(items.ptr())->ob_size; i < n; i++) {
        Value v = is_list_exact(items) ? list_get(items, i) : tuple_get(items, i);
        int64_t next;
        if (!v.is_int() || __builtin_add_overflow(sum, v.as_int(), &next) || !Value::int_fits(next)) break;
        sum = next;
    }
    *at = i;
    return sum;
}

Ref b_sum(Thread& t, Value, const Value* p) {
    if (!p[1] && (is_list_exact(p[0]) || is_tuple_exact(p[0]))) {
        int64_t at, sum = sum_small_ints(p[0], &at);
        if (at == reinterpret_cast<PyVarObject*>(p[0].ptr())->ob_size) return Ref::from_int(sum);
    }
    Ref it = TRY(iter(t, p[0]));
    Ref total = p[1] ? Ref::share(p[1]) : Ref::from_int(0);
    if (is_str(total)) return raise(t, PyExc_TypeError, "sum() can't sum strings [use ''.join(seq) instead]");
    if (is_bytes(total))
        return raise(t, PyExc_TypeError, "sum() can't sum bytes [use b''.join(seq) instead]");
    if (is_bytearray(total))
        return raise(t, PyExc_TypeError, "sum() can't sum bytearray [use b''.join(seq) instead]");
    double d;
    if (is_exact_double(total, &d)) return sum_floats(t, it, d);
    if (is_exact_complex(total)) return sum_complexes(t, it, total);
    if (!is_long_exact(total)) return sum_rest(t, it, std::move(total));
    UnaryFn next = ext(type_of(it))->slots.iternext;
    for (;;) {
        Ref item = next(t, it);
        if (!item) break;
        if (is_long(item)) {
            Value a = total, b = item;
            int64_t next;
            if (a.is_int() && b.is_int() &&
                !__builtin_add_overflow(static_cast<int64_t>(a.bits), static_cast<int64_t>(b.bits - 1),
                                        &next)) {
                (void)total.release();  // immediates both
                total = Ref::steal(Value(static_cast<uint64_t>(next)));
            } else {
                total = TRY(int_add(t, total, item));
            }
            continue;
        }
        bool to_float = is_exact_double(item, &d);
        total = TRY(binary_op(t, total, item, BinaryOp::NB_ADD));
        if (to_float && is_exact_double(total, &d)) return sum_floats(t, it, d);
        if (is_exact_complex(total)) return sum_complexes(t, it, total);
        return sum_rest(t, it, std::move(total));
    }
    if (occurred(t) && !clear_if(t, PyExc_StopIteration)) return {};
    return total;
}

Ref b_sorted(Thread& t, Value, const Value* args, size_t n, Value kwnames) {
    if (n != 1) return raise(t, PyExc_TypeError, "sorted expected 1 argument, got %zu", n);
    Ref list = TRY(to_list(t, args[0]));
    Ref sort = TRY(get_attr(t, list, ID(sort)));
    TRY_DISCARD(call(t, sort, args + 1, 0, kwnames));
    return list;
}

// --- input and output ---

Ref b_print(Thread& t, Value, const Value* p) {
    Value objects = p[0], sep = p[1], end = p[2], file = p[3];
    if (!file || is_none(file)) {
        file = sys_get(t, "stdout");
        if (!file) return raise(t, PyExc_RuntimeError, "lost sys.stdout");
        if (is_none(file)) return none_ref();
    }
    for (auto [v, what] : {std::pair{sep, "sep"}, std::pair{end, "end"}})
        if (v && !is_none(v) && !is_str(v))
            return raise(t, PyExc_TypeError, "%s must be None or a string, not %T", what, v);
    Ref keep = Ref::share(file);
    Ref write = TRY(get_attr(t, file, ID(write)));
    Ref sep_text = sep && !is_none(sep) ? Ref::share(sep) : str_from_char(t, ' ');
    Ref end_text = end && !is_none(end) ? Ref::share(end) : str_from_char(t, '\n');
    if (!sep_text || !end_text) return {};
    for (int64_t i = 0; i < tuple_size(objects); i++) {
        if (i) TRY_DISCARD(call(t, write, {sep_text}));
        Ref text = TRY(str(t, tuple_get(objects, i)));
        TRY_DISCARD(call(t, write, {text}));
    }
    TRY_DISCARD(call(t, write, {end_text}));
    if (p[4]) {
        bool flush = TRY(is_true(t, p[4]));
        if (flush) TRY_DISCARD(call_method(t, file, ID(flush)));
    }
    return none_ref();
}

Ref b_breakpoint(Thread& t, Value, const Value* args, size_t n, Value kwnames) {
    Value hook = sys_get(t, "breakpointhook");
    if (!hook) return raise(t, PyExc_RuntimeError, "lost sys.breakpointhook");
    Ref keep = Ref::share(hook);
    TRY(audit(t, "builtins.breakpoint", {keep}));
    return call(t, keep, args, n, kwnames);
}

// True: the stream is descriptor `fd`, and that is a terminal.
bool is_terminal(Thread& t, Value stream, int fd) {
    Ref n = call_method(t, stream, "fileno");
    if (!n) clear_error(t);
    return n && n.get().is_int() && n.get().as_int() == fd && isatty(fd);
}

// input() on a terminal whose line editor is a module's (readline). Absent: there is none.
Maybe edited_line(Thread& t, Value in, Value out, Value prompt) {
    if (!g_runtime.c_hooks || !is_terminal(t, in, 0) || !is_terminal(t, out, 1)) return Maybe::absent();
    auto encoded = [&](Value stream, Value text) -> Ref {
        Ref encoding = TRY(get_attr(t, stream, "encoding")), errors = TRY(get_attr(t, stream, "errors"));
        return call_method(t, text, "encode", {encoding, errors});
    };
    Ref text = prompt ? TRY(str(t, prompt)) : Ref::share(empty_str());
    Ref bytes = TRY(encoded(out, text));
    if (memchr(bytes_data(bytes), 0, static_cast<size_t>(bytes_size(bytes))))
        return raise(t, PyExc_ValueError, "input: prompt string cannot contain null characters");
    Ref line = TRY(g_runtime.c_hooks->read_line(t, bytes));
    if (!line) return Maybe::absent();
    int64_t size = bytes_size(line);
    const char* p = bytes_data(line);
    if (size == 0) return raise(t, PyExc_EOFError, "EOF when reading a line");
    if (p[size - 1] == '\n') size--;
    Ref encoding = TRY(get_attr(t, in, "encoding")), errors = TRY(get_attr(t, in, "errors"));
    auto e = TRY(str_utf8(t, encoding)), r = TRY(str_utf8(t, errors));
    return decode(t, p, static_cast<size_t>(size), e.data(), r.data());
}

Ref b_input(Thread& t, Value, const Value* a, size_t n) {
    Value in = sys_get(t, "stdin"), out = sys_get(t, "stdout"), err = sys_get(t, "stderr");
    if (!in || is_none(in)) return raise(t, PyExc_RuntimeError, "lost sys.stdin");
    if (!out || is_none(out)) return raise(t, PyExc_RuntimeError, "lost sys.stdout");
    if (!err || is_none(err)) return raise(t, PyExc_RuntimeError, "lost sys.stderr");
    TRY(audit(t, "builtins.input", {n ? a[0] : none()}));
    Ref keep_in = Ref::share(in), keep_out = Ref::share(out), keep_err = Ref::share(err);
    {
        Ref r = call_method(t, keep_err, ID(flush));
        if (!r) clear_error(t);
    }
    Ref edited = TRY(edited_line(t, keep_in, keep_out, n ? a[0] : Value()));
    if (edited) {
        TRY(audit(t, "builtins.input/result", {edited}));
        return edited;
    }
    if (n) {
        Ref text = TRY(str(t, a[0]));
        TRY_DISCARD(call_method(t, keep_out, ID(write), {text}));
    }
    {
        Ref r = call_method(t, keep_out, ID(flush));
        if (!r) clear_error(t);
    }
    Ref line = TRY(call_method(t, keep_in, ID(readline)));
    if (!is_str(line)) return raise(t, PyExc_TypeError, "object.readline() returned non-string");
    int64_t size = str_length(line);
    if (size == 0) return raise(t, PyExc_EOFError, "EOF when reading a line");
    TRY(audit(t, "builtins.input/result", {line}));
    return str_char(line, size - 1) == '\n' ? str_substring(t, line, 0, size - 1) : std::move(line);
}

Ref b_anext(Thread& t, Value, const Value* a, size_t n) {
    UnaryFn anext = ext(type_of(a[0]))->slots.am_anext;
    if (!anext) return raise(t, PyExc_TypeError, "'%T' object is not an async iterator", a[0]);
    Ref awaitable = TRY(anext(t, a[0]));
    if (n == 1) return awaitable;
    return anext_awaitable_new(t, awaitable, a[1]);
}

Ref b_build_class(Thread& t, Value, const Value* args, size_t n, Value kwnames) {
    return build_class(t, args, n, kwnames);
}

const NativeDef functions[] = {
    def<b_build_class>("__build_class__", "(func, name, /, *bases, **kwds)",
                       "What the class statement calls.", kMethNoSignature),
    def<builtin_import>(
        "__import__", "(name, globals=None, locals=None, fromlist=(),\n           level=0)",
        "Import a module: what the import statement calls. Use importlib.import_module() instead."),
    def<b_abs>("abs", "(x, /)", "The absolute value."),
    def<b_aiter>("aiter", "(async_iterable, /)", "The asynchronous iterator of an asynchronous iterable."),
    def<b_all>("all", "(iterable, /)", "True if no item is false."),
    def<b_anext>("anext", "(aiterator, default=<unrepresentable>, /)", "Awaitable for the next item."),
    def<b_any>("any", "(iterable, /)", "True if some item is true."),
    def<b_ascii>("ascii", "(obj, /)", "repr() with escapes for everything beyond ASCII."),
    def<b_bin>("bin", "(number, /)", "Binary text of an int.\n\n   >>> bin(10)\n   '0b1010'"),
    def<b_breakpoint>("breakpoint", "(*args, **kws)", "Enter the debugger through sys.breakpointhook."),
    def<b_callable>("callable", "(obj, /)", "True if the object can be called."),
    def<b_chr>("chr", "(i, /)", "The character with the given code point."),
    def<builtin_compile>(
        "compile",
        "(source, filename, mode, flags=0,\n        dont_inherit=False, optimize=-1, *, _feature_version=-1)",
        "Compile source text or a syntax tree to a code object."),
    def<b_delattr>("delattr", "(obj, name, /)", "Delete an attribute."),
    def<b_dir>("dir", "(object=<unrepresentable>, /)", "Names of the attributes, or of the local scope.",
               kMethNoSignature),
    def<b_divmod>("divmod", "(x, y, /)", "The pair (x // y, x % y)."),
    def<builtin_eval>("eval", "(source, /, globals=None, locals=None)", "Evaluate an expression."),
    def<builtin_exec>("exec", "(source, /, globals=None, locals=None, *, closure=None)", "Run statements."),
    def<b_format>("format", "(value, format_spec='', /)", "Text of a value in a format."),
    def<b_getattr>("getattr", "(object, name, default=<unrepresentable>, /)",
                   "The attribute with the given name.", kMethNoSignature),
    def<b_globals>("globals", "()", "The global names of the running code."),
    def<b_hasattr>("hasattr", "(obj, name, /)", "True if there is such an attribute."),
    def<b_hash>("hash", "(obj, /)", "The hash value."),
    def<b_hex>("hex", "(number, /)", "Hexadecimal text of an int.\n\n   >>> hex(255)\n   '0xff'"),
    def<b_id>("id", "(obj, /)", "A number that no other living object has."),
    def<b_input>("input", "(prompt='', /)", "Read a line from standard input."),
    def<b_isinstance>("isinstance", "(obj, class_or_tuple, /)",
                      "True if the object is of the class, or of one of them."),
    def<b_issubclass>("issubclass", "(cls, class_or_tuple, /)",
                      "True if the class derives from the other, or from one."),
    def<b_iter>("iter", "(object, sentinel=<unrepresentable>, /)", "An iterator.", kMethNoSignature),
    def<b_len>("len", "(obj, /)", "How many items a container has."),
    def<b_locals>("locals", "()", "The local names of the running code."),
    def<b_max>("max", kExtremumSignature,
               "max(iterable, *[, default=obj, key=func]) -> value\n"
               "max(arg1, arg2, *args, *[, key=func]) -> value\n\n"
               "The largest item of an iterable, or of two or more arguments. Items are compared by what\n"
               "key gives for them; default is the answer where the iterable is empty.",
               kMethNoSignature),
    def<b_min>("min", kExtremumSignature,
               "min(iterable, *[, default=obj, key=func]) -> value\n"
               "min(arg1, arg2, *args, *[, key=func]) -> value\n\n"
               "The smallest item of an iterable, or of two or more arguments. Items are compared by what\n"
               "key gives for them; default is the answer where the iterable is empty.",
               kMethNoSignature),
    def<b_next>("next", "(iterator, default=<unrepresentable>, /)", "The next item.", kMethNoSignature),
    def<b_oct>("oct", "(number, /)", "Octal text of an int.\n\n   >>> oct(64)\n   '0o100'"),
    def<b_ord>("ord", "(character, /)", "The code point of a character."),
    def<b_pow>("pow", "(base, exp, mod=None)", "base ** exp, or that modulo mod."),
    def<b_print>("print", "(*args, sep=' ', end='\\n', file=None, flush=False)",
                 "Write values to a text stream."),
    def<b_repr>("repr", "(obj, /)", "Text that describes the object exactly."),
    def<b_round>("round", "(number, ndigits=None)", "Round to a number of decimals."),
    def<b_setattr>("setattr", "(obj, name, value, /)", "Set an attribute."),
    def<b_sorted>("sorted", "(iterable, /, *, key=None, reverse=False)", "A sorted list of the items."),
    def<b_sum>("sum", "(iterable, /, start=0)", "The sum of start and the items."),
    def<b_vars>("vars", "(object=<unrepresentable>, /)", "The __dict__ of the object, or the local names.",
                kMethNoSignature),
    {},
};

Status add_types(Thread& t, Value dict) {
    static Type* const types[] = {
        &PyBool_Type,         &PyMemoryView_Type, &PyByteArray_Type, &PyBytes_Type,  &PyClassMethod_Type,
        &PyComplex_Type,      &PyDict_Type,       &PyEnum_Type,      &PyFilter_Type, &PyFloat_Type,
        &PyFrozenSet_Type,    &PyProperty_Type,   &PyLong_Type,      &PyList_Type,   &PyMap_Type,
        &PyBaseObject_Type,   &PyRange_Type,      &PyReversed_Type,  &PySet_Type,    &PySlice_Type,
        &PyStaticMethod_Type, &PyUnicode_Type,    &PySuper_Type,     &PyTuple_Type,  &PyType_Type,
        &PyZip_Type};
    for (Type* type : types) TRY(dict_set_str(t, dict, type->tp_name, Value(type)));
    TRY(dict_set_str(t, dict, "None", none()));
    TRY(dict_set_str(t, dict, "Ellipsis", ellipsis()));
    TRY(dict_set_str(t, dict, "NotImplemented", not_implemented()));
    TRY(dict_set_str(t, dict, "False", boolean(false)));
    TRY(dict_set_str(t, dict, "True", boolean(true)));
    return dict_set_str(t, dict, "__debug__", boolean(optimization_level(t) == 0));
}

Status exec_builtins(Thread& t, Value module) {
    Value dict = module_dict(module);
    set_common_functions(dict_get_str(dict, "all"), dict_get_str(dict, "any"));
    TRY(add_types(t, dict));
    return add_exceptions_to(t, dict);
}

}  // namespace

extern const ModuleSpec module_builtins = {
    "builtins",
    "What every program can use without an import.\n\nThe names of this module are looked up last.",
    functions,
    exec_builtins,
};

}  // namespace krait
