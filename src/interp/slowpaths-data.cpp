// Slow paths: operators, containers, formatting, unpacking, matching, exceptions.
#include <cstring>

#include "builtins/callable.h"
#include "builtins/dict_table.h"
#include "builtins/exceptions.h"
#include "builtins/list.h"
#include "builtins/number.h"
#include "builtins/sequence.h"
#include "builtins/set.h"
#include "builtins/slice.h"
#include "builtins/str.h"
#include "builtins/tuple.h"
#include "interp/eval.h"
#include "interp/template.h"
#include "object/names.h"

namespace krait {

Value slow_binary(Thread& t, Value a, Value b, int op) {
    if (op == static_cast<int>(BinaryOp::NB_SUBSCR)) return get_item(t, a, b).release();
    return binary_op(t, a, b, static_cast<BinaryOp>(op)).release();
}

Value slow_compare(Thread& t, Value a, Value b, int oparg) {
    Ref r = compare(t, a, b, static_cast<CompareOp>(oparg >> 5));
    if (!r || !(oparg & kCompareToBool)) return r.release();
    Result<bool> truth = is_true(t, r);
    return truth ? boolean(truth.value()) : Value();
}

namespace {
// Bounds that are None or small: clamped to [0, n]. False: look at them the long way.
bool plain_bounds(Value start, Value stop, int64_t n, int64_t* from, int64_t* to) {
    auto bound = [n](Value v, int64_t fallback, int64_t* out) {
        if (is_none(v)) {
            *out = fallback;
            return true;
        }
        if (!v.is_int()) return false;
        int64_t i = v.as_int();
        if (i < 0) i = i + n < 0 ? 0 : i + n;
        *out = i > n ? n : i;
        return true;
    };
    if (!bound(start, 0, from) || !bound(stop, n, to)) return false;
    if (*to < *from) *to = *from;
    return true;
}
}  // namespace

Value slow_slice(Thread& t, Value container, Value start, Value stop) {
    int64_t from, to;
    if (is_list_exact(container)) {
        if (plain_bounds(start, stop, list_size(container), &from, &to))
            return list_slice(t, container, from, to).release();
    } else if (is_str_exact(container)) {
        if (plain_bounds(start, stop, str_length(container), &from, &to))
            return str_substring(t, container, from, to).release();
    } else if (is_tuple_exact(container)) {
        if (plain_bounds(start, stop, tuple_size(container), &from, &to))
            return tuple_slice(t, container, from, to).release();
    }
    Ref slice = slice_new(t, start, stop, Value());
    if (!slice) return {};
    return get_item(t, container, slice).release();
}

__attribute__((preserve_most)) bool str_equal_aside(Value a, Value b) { return str_equal(a, b); }

Value slow_list_slice(Thread& t, Value list, Value start, Value stop, Value step) {
    auto small = [](Value v) { return v.is_int() || is_none(v); };
    if (!small(start) || !small(stop) || !step.is_int() || step.as_int() == 0) return {};
    bool back = step.as_int() < 0;
    int64_t from = !is_none(start) ? start.as_int() : back ? INT64_MAX : 0;
    int64_t to = !is_none(stop) ? stop.as_int() : back ? INT64_MIN : INT64_MAX;
    int64_t n = slice_adjust(list_size(list), &from, &to, step.as_int());
    return list_slice_step(t, list, from, n, step.as_int()).release();
}

bool slow_store_slice(Thread& t, Value container, Value start, Value stop, Value v) {
    int64_t from, to;
    if (is_list_exact(container) && is_list_exact(v) &&
        plain_bounds(start, stop, list_size(container), &from, &to))
        return static_cast<bool>(list_set_slice(t, container, from, to, v));
    Ref slice = slice_new(t, start, stop, Value());
    return slice && set_item(t, container, slice, v);
}

Value slow_build_map(Thread& t, Slot* pairs, int64_t n) {
    Ref d = dict_new(t, n);
    if (!d) return {};
    for (int64_t i = 0; i < n; i++)
        if (!dict_set(t, d, pairs[2 * i].get(), pairs[2 * i + 1].get())) return {};
    return d.release();
}

Value slow_build_string(Thread& t, Slot* pieces, int64_t n) {
    int64_t total = 0;
    bool ascii = true;
    for (int64_t i = 0; i < n && ascii; i++) {
        Value s = pieces[i].get();
        ascii = str_is_ascii(s) && !__builtin_add_overflow(total, str_length(s), &total);
    }
    if (ascii && total > 1) {
        Ref made = str_new(t, total, 0x7f);
        if (!made) return {};
        char* out = static_cast<char*>(str_data(made));
        for (int64_t i = 0; i < n; i++) {
            Value s = pieces[i].get();
            auto size = static_cast<size_t>(str_length(s));
            memcpy(out, str_data(s), size);
            out += size;
        }
        return made.release();
    }
    StrBuilder out(t, 16);
    for (int64_t i = 0; i < n; i++)
        if (!out.append(pieces[i].get())) return {};
    return out.finish().release();
}

bool slow_list_extend(Thread& t, Value list, Value iterable) {
    if (list_extend(t, list, iterable)) return true;
    // *x of something that is not iterable at all.
    if (error_is(t, PyExc_TypeError) && !ext(type_of(iterable))->slots.iter && !is_sequence(iterable)) {
        clear_error(t);
        raise(t, PyExc_TypeError, "Value after * must be an iterable, not %T", iterable);
    }
    return false;
}

bool slow_dict_update(Thread& t, Value dict, Value update) {
    if (dict_merge(t, dict, update, 1)) return true;
    if (clear_if(t, PyExc_AttributeError)) raise(t, PyExc_TypeError, "'%T' object is not a mapping", update);
    return false;
}

namespace {
// "module.qualname()" as errors about calls name the callee.
Ref function_description(Thread& t, Value callable) {
    Ref qualname = TRY(lookup_attr(t, callable, ID(__qualname__)));
    if (!qualname) return str(t, callable);
    Ref module = TRY(lookup_attr(t, callable, ID(__module__)));
    if (module && is_str(module) && !str_equal(module, "builtins"))
        return str_format(t, "%S.%S()", module.get(), qualname.get());
    return str_format(t, "%S()", qualname.get());
}
}  // namespace

bool slow_dict_merge(Thread& t, Value callable, Value dict, Value update) {
    // f(**kwargs), mostly: nothing can clash with what an empty dict has.
    if (is_dict_exact(update) && dict_size(dict) == 0 && dict_keys_of(update)->str_only)
        return static_cast<bool>(dict_merge(t, dict, update, 1));
    if (dict_merge(t, dict, update, 2)) return true;
    if (clear_if(t, PyExc_AttributeError)) {
        Ref what = function_description(t, callable);
        if (what)
            raise(t, PyExc_TypeError, "%U argument after ** must be a mapping, not %T", what.get(), update);
        return false;
    }
    if (error_is(t, PyExc_KeyError)) {
        Ref exc = fetch_error(t);
        Value args = as_base_exception(exc)->args;
        if (tuple_size(args) != 1) {
            restore_error(t, std::move(exc));
            return false;
        }
        Ref what = function_description(t, callable);
        Value key = tuple_get(args, 0);
        if (!what) return false;
        raise(t, PyExc_TypeError, "%U got multiple values for keyword argument '%S'", what.get(), key);
    }
    return false;
}

Value slow_star_args(Thread& t, Value callable, Value args) {
    if (!ext(type_of(args))->slots.iter && !is_sequence(args)) {
        Ref what = function_description(t, callable);
        if (what)
            raise(t, PyExc_TypeError, "%U argument after * must be an iterable, not %T", what.get(), args);
        return {};
    }
    return to_tuple(t, args).release();
}

Value slow_convert(Thread& t, int which, Value v) {
    return (which == 1 ? str(t, v) : which == 2 ? repr(t, v) : ascii(t, v)).release();
}
Value slow_format_simple(Thread& t, Value v) { return format(t, v, Value()).release(); }

Value slow_build_interpolation(Thread& t, Value value, Value text, int conversion, Value spec) {
    Ref conv = none_ref();
    if (conversion) conv = str_from_char(t, conversion == 1 ? 's' : conversion == 2 ? 'r' : 'a');
    if (!conv) return {};
    return interpolation_new(t, value, text, conv, spec).release();
}

Value slow_build_template(Thread& t, Value strings, Value interpolations) {
    return template_new(t, strings, interpolations).release();
}

// --- unpacking ---

namespace {

bool unpack_error(Thread& t, int64_t expected, int64_t got, bool at_least) {
    if (at_least)
        raise(t, PyExc_ValueError, "not enough values to unpack (expected at least %zd, got %zd)", expected,
              got);
    else
        raise(t, PyExc_ValueError, "not enough values to unpack (expected %zd, got %zd)", expected, got);
    return false;
}

// Takes the items that `iterator` still has after the exact count was reached.
bool check_exhausted(Thread& t, Value seq, Value it, int64_t expected) {
    Ref extra = iter_next(t, it);
    if (!extra) return !occurred(t);
    if (is_list_exact(seq) || is_tuple_exact(seq) || is_dict_exact(seq)) {
        Result<int64_t> n = length(t, seq);
        if (!n) return false;
        if (n.value() > expected) {
            raise(t, PyExc_ValueError, "too many values to unpack (expected %zd, got %zd)", expected,
                  n.value());
            return false;
        }
    }
    raise(t, PyExc_ValueError, "too many values to unpack (expected %zd)", expected);
    return false;
}

}  // namespace

// Fills the slots below `top` downwards: the first item ends on top of the stack.
bool slow_unpack_sequence(Thread& t, Value seq, int64_t n, int64_t after, Slot* top) {
    Slot* at = top;
    auto fail = [&]() {
        for (Slot* s = at; s < top; s++) {
            xclose(*s);
            *s = Slot();
        }
        return false;
    };
    if (after < 0 && (is_list_exact(seq) || is_tuple_exact(seq)) && items_of(seq).size == n) {
        for (int64_t i = 0; i < n; i++) *--at = shared(items_of(seq).data[i]);
        return true;
    }
    if (after >= 0 && (is_list_exact(seq) || is_tuple_exact(seq)) && items_of(seq).size >= n + after) {
        int64_t m = items_of(seq).size;
        Ref middle = list_from(t, items_of(seq).data + n, m - n - after);
        if (!middle) return false;
        Value* items = items_of(seq).data;
        for (int64_t i = 0; i < n; i++) *--at = shared(items[i]);
        *--at = owned(std::move(middle));
        for (int64_t i = m - after; i < m; i++) *--at = shared(items[i]);
        return true;
    }
    Ref it = iter(t, seq);
    if (!it) {
        if (error_is(t, PyExc_TypeError) && !ext(type_of(seq))->slots.iter && !is_sequence(seq)) {
            clear_error(t);
            raise(t, PyExc_TypeError, "cannot unpack non-iterable %T object", seq);
        }
        return false;
    }
    // The items are collected aside: the sequence itself still lies in one of the slots.
    Ref taken = list_with_capacity(t, n);
    if (!taken) return false;
    for (int64_t i = 0; i < n; i++) {
        Ref item = iter_next(t, it);
        if (!item) {
            if (occurred(t)) return false;
            return unpack_error(t, after < 0 ? n : n + after, i, after >= 0);
        }
        if (!list_append_owned(t, taken, std::move(item))) return false;
    }
    if (after < 0) {
        if (!check_exhausted(t, seq, it, n)) return false;
        for (int64_t i = 0; i < n; i++) *--at = shared(list_get(taken, i));
        return true;
    }
    Ref rest = to_list(t, it);
    if (!rest) return fail();
    int64_t m = list_size(rest);
    if (m < after) return unpack_error(t, n + after, n + m, true);
    Ref middle = list_slice(t, rest, 0, m - after);
    if (!middle) return false;
    for (int64_t i = 0; i < n; i++) *--at = shared(list_get(taken, i));
    *--at = owned(std::move(middle));
    for (int64_t i = m - after; i < m; i++) *--at = shared(list_get(rest, i));
    return true;
}

// --- matching ---

namespace {

// Texts, each of them once: what patterns mostly ask for.
bool are_different_texts(Value keys) {
    for (int64_t i = 0; i < tuple_size(keys); i++) {
        if (!is_str_exact(tuple_get(keys, i))) return false;
        for (int64_t k = 0; k < i; k++)
            if (str_equal(tuple_get(keys, i), tuple_get(keys, k))) return false;
    }
    return true;
}
Value match_texts(Thread& t, Value dict, Value keys) {
    int64_t n = tuple_size(keys);
    for (int64_t i = 0; i < n; i++)
        if (!dict_get_str(dict, tuple_get(keys, i))) return none();
    Ref values = tuple_new(t, n);
    if (!values) return {};
    for (int64_t i = 0; i < n; i++)
        tuple_items(values)[i] = Ref::share(dict_get_str(dict, tuple_get(keys, i))).release();
    return values.release();
}

}  // namespace

Value slow_match_keys(Thread& t, Value subject, Value keys) {
    int64_t n = tuple_size(keys);
    if (is_dict_exact(subject) && n <= 8 && dict_keys_of(subject)->str_only && are_different_texts(keys))
        return match_texts(t, subject, keys);
    Ref seen = set_new(t), values = tuple_new(t, n);
    if (!seen || !values) return {};
    static LazyName get_name("get");
    Ref get = n ? get_attr(t, subject, get_name(t)) : none_ref();
    if (!get) return {};
    // A default that no mapping holds tells a missing key from a None value.
    Ref missing = call(t, Value(&PyBaseObject_Type));
    if (!missing) return {};
    for (int64_t i = 0; i < n; i++) {
        Value key = tuple_get(keys, i);
        Result<bool> twice = set_contains(t, seen, key);
        if (!twice) return {};
        if (twice.value()) {
            raise(t, PyExc_ValueError, "mapping pattern checks duplicate key (%R)", key);
            return {};
        }
        if (!set_add(t, seen, key)) return {};
        Ref v = call(t, get, {key, missing});
        if (!v) return {};
        if (v == missing) return none();
        tuple_items(values)[i] = v.release();
    }
    return values.release();
}

namespace {

// A class pattern while it is matched: the attributes it asks for are the first `npos` of __match_args__,
// then `names`; their values fill `out`.
struct ClassPattern {
    Value subject;
    PyTypeObject* type;
    Value match_args, names;
    int64_t npos;

    Value name_at(int64_t i) const {
        return i < npos ? tuple_get(match_args, i) : tuple_get(names, i - npos);
    }
    // Absent: the pattern does not match.
    Maybe attribute(Thread& t, int64_t i) const {
        Value name = name_at(i);
        if (!is_str_exact(name))
            return raise(t, PyExc_TypeError, "__match_args__ elements must be strings (got %T)", name);
        for (int64_t k = 0; k < i; k++)
            if (name_at(k) == name || str_equal(name_at(k), name))
                return raise(t, PyExc_TypeError, "%s() got multiple sub-patterns for attribute %R",
                             type->tp_name, name);
        return lookup_attr(t, subject, name);
    }
};

Ref match_class(Thread& t, Value subject, Value cls, Value names, int64_t npos) {
    if (!is_type(cls)) return raise(t, PyExc_TypeError, "called match pattern must be a class");
    auto* type = cls.as<PyTypeObject>();
    if (type_of(subject) != type) {
        bool is = TRY(is_instance(t, subject, cls));
        if (!is) return none_ref();
    }
    Ref match_args;
    bool match_self = false;
    if (npos) {
        match_args = TRY(lookup_attr(t, cls, ID(__match_args__)));
        if (match_args && !is_tuple_exact(match_args))
            return raise(t, PyExc_TypeError, "%s.__match_args__ must be a tuple (got %T)", type->tp_name,
                         match_args.get());
        match_self = !match_args && (type->tp_flags & kTpMatchSelf);
        int64_t allowed = match_self ? 1 : match_args ? tuple_size(match_args) : 0;
        if (allowed < npos)
            return raise(t, PyExc_TypeError, "%s() accepts %zd positional sub-pattern%s (%zd given)",
                         type->tp_name, allowed, allowed == 1 ? "" : "s", npos);
    }
    int64_t selves = match_self ? 1 : 0, n = npos + tuple_size(names);
    Ref out = TRY(tuple_new(t, n));
    if (match_self) tuple_items(out)[0] = Ref::share(subject).release();
    ClassPattern pattern{subject, type, match_args, names, npos - selves};
    for (int64_t i = 0; i < n - selves; i++) {
        Ref v = TRY(pattern.attribute(t, i));
        if (!v) return none_ref();
        tuple_items(out)[i + selves] = v.release();
    }
    return out;
}

}  // namespace

Value slow_match_class(Thread& t, Value subject, Value cls, Value names, int64_t npos) {
    return match_class(t, subject, cls, names, npos).release();
}

// --- exceptions ---

namespace {
bool is_exception_class(Value v) {
    return is_type(v) && (v.as<PyTypeObject>()->tp_flags & kTpBaseExcSubclass);
}

bool check_handler_type(Thread& t, Value type) {
    bool ok = is_exception_class(type);
    if (is_tuple(type)) {
        ok = true;
        for (int64_t i = 0; ok && i < tuple_size(type); i++) ok = is_exception_class(tuple_get(type, i));
    }
    if (!ok)
        raise(t, PyExc_TypeError, "catching classes that do not inherit from BaseException is not allowed");
    return ok;
}

bool derives_from_group(Value type) { return is_subtype(type.as<PyTypeObject>(), PyExc_BaseExceptionGroup); }
}  // namespace

int slow_check_exc_match(Thread& t, Value exc, Value type) {
    if (!check_handler_type(t, type)) return -1;
    return exception_matches(t, exc, type);
}

bool slow_check_eg_match(Thread& t, Value exc, Value type, Value* match, Value* rest) {
    if (!check_handler_type(t, type)) return false;
    bool group = false;
    if (is_tuple(type))
        for (int64_t i = 0; i < tuple_size(type); i++)
            group = group || derives_from_group(tuple_get(type, i));
    else
        group = derives_from_group(type);
    if (group) {
        raise(t, PyExc_TypeError, "catching ExceptionGroup with except* is not allowed. Use except instead.");
        return false;
    }
    if (is_none(exc)) {
        *match = *rest = none();
        return true;
    }
    bool exc_is_group = is_subtype(type_of(exc), PyExc_BaseExceptionGroup);
    if (exception_matches(t, exc, type)) {
        Ref m = Ref::share(exc);
        if (!exc_is_group) {
            // A bare exception is handed to the handler in a group of its own.
            Ref one = tuple_from(t, &exc, 1);
            if (!one) return false;
            m = exception_group_new(t, empty_str(), one);
            if (!m) return false;
            // It was made here: its traceback begins at this line.
            restore_error(t, std::move(m));
            add_traceback(t, t.c.current_frame);
            m = fetch_error(t);
        }
        *match = m.release();
        *rest = none();
        return true;
    }
    if (exc_is_group) {
        Ref pair = call_method(t, exc, "split", {type});
        if (!pair) return false;
        if (!is_tuple_exact(pair)) {
            raise(t, PyExc_TypeError, "%T.split must return a tuple, not %T", exc, pair.get());
            return false;
        }
        // More than two are let pass, as they always were.
        if (tuple_size(pair) < 2) {
            raise(t, PyExc_TypeError, "%T.split must return a 2-tuple, got tuple of size %zd", exc,
                  tuple_size(pair));
            return false;
        }
        for (int i = 0; i < 2; i++) {
            Value part = tuple_get(pair, i);
            if (is_none(part) || is_exception(part)) continue;
            raise(t, PyExc_TypeError, "%T.split must return exceptions or None, not %T", exc, part);
            return false;
        }
        *match = Ref::share(tuple_get(pair, 0)).release();
        *rest = Ref::share(tuple_get(pair, 1)).release();
        return true;
    }
    *match = none();
    *rest = Ref::share(exc).release();
    return true;
}

void slow_raise(Thread& t, Value exc, Value cause) {
    Ref instance;
    if (is_exception_class(exc)) {
        instance = call(t, exc);
        if (!instance) return;
        if (!is_exception(instance)) {
            raise(t, PyExc_TypeError, "calling %R should have returned an instance of BaseException, not %R",
                  exc, Value(type_of(instance)));
            return;
        }
    } else if (is_exception(exc)) {
        instance = Ref::share(exc);
    } else {
        raise(t, PyExc_TypeError, "exceptions must derive from BaseException");
        return;
    }
    if (cause) {
        Ref fixed;
        if (is_exception_class(cause)) {
            fixed = call(t, cause);
            if (!fixed) return;
            if (!is_exception(fixed)) {
                raise(t, PyExc_TypeError,
                      "calling %R should have returned an instance of BaseException, not %R", cause,
                      Value(type_of(fixed)));
                return;
            }
        } else if (is_exception(cause)) {
            fixed = Ref::share(cause);
        } else if (!is_none(cause)) {
            raise(t, PyExc_TypeError, "exception causes must derive from BaseException");
            return;
        }
        set_field(as_base_exception(instance)->cause, fixed);
        as_base_exception(instance)->suppress_context = 1;
    }
    raise_object(t, instance);
}

bool slow_reraise_current(Thread& t) {
    Value exc = handled_exception(t);
    if (is_none(exc)) {
        raise(t, PyExc_RuntimeError, "No active exception to reraise");
        return false;
    }
    restore_error(t, Ref::share(exc));
    return true;
}

}  // namespace krait
