// Text signatures: parsing, and binding of arguments with CPython's messages.
#include "object/signature.h"

#include <cctype>
#include <cstring>

#include "builtins/dict.h"
#include "builtins/str.h"
#include "builtins/tuple.h"
#include "gc/state.h"
#include "object/errors.h"
#include "object/internal.h"
#include "object/names.h"
#include "object/protocol.h"
#include "object/suggest.h"

namespace krait {

namespace {

// End of one parameter: the comma or parenthesis outside brackets and quotes, or the bracket of an optional
// group "sub[, start[, end]]".
const char* skip_parameter(const char* p) {
    int depth = 0;
    char quote = 0;
    for (; *p; p++) {
        if (quote) {
            if (*p == '\\' && p[1])
                p++;
            else if (*p == quote)
                quote = 0;
            continue;
        }
        if (*p == '"' || *p == '\'')
            quote = *p;
        else if (p[0] == '[' && p[1] == ',' && depth == 0)
            return p;
        else if (strchr("([{", *p))
            depth++;
        else if (strchr(")]}", *p)) {
            if (depth-- == 0) return p;
        } else if (*p == ',' && depth == 0)
            return p;
    }
    return p;
}

constexpr int kMaxParams = 64;

struct Parser {
    Signature s;
    Value names[kMaxParams];
    bool required[kMaxParams] = {};
    int count = 0;
    bool kwonly = false;

    Status add(Thread& t, const char* name, size_t len, bool req) {
        if (count == kMaxParams)
            return raise(t, PyExc_SystemError, "too many parameters in a text signature");
        Ref n = TRY(str_from(t, name, len));
        n = TRY(str_intern(t, std::move(n)));
        if (!is_immortal(n.get().ptr())) make_immortal(n.get().ptr());
        names[count] = n.release();
        required[count++] = req;
        return Status::ok();
    }
};

size_t identifier_length(const char* p) {
    size_t n = 0;
    while (isalnum(static_cast<unsigned char>(p[n])) || p[n] == '_') n++;
    return n;
}

Status parse_into(Thread& t, const char* text, Parser& ps) {
    Signature& s = ps.s;
    const char* p = strchr(text, '(');
    if (!p) return raise(t, PyExc_SystemError, "bad text signature '%s'", text);
    const char *varargs = nullptr, *varkw = nullptr;
    bool optional_group = false;
    for (p++; *p && *p != ')';) {
        for (; *p && strchr(" ,\n[]", *p); p++) optional_group |= *p == '[';
        if (*p == ')' || !*p) break;
        const char* end = skip_parameter(p);
        if (*p == '/') {
            s.n_posonly = ps.count;
        } else if (p[0] == '*' && p[1] == '*') {
            varkw = p + 2;
        } else if (*p == '*') {
            ps.kwonly = true;
            if (identifier_length(p + 1)) varargs = p + 1;
        } else if (*p != '$') {
            size_t len = identifier_length(p);
            bool req = !optional_group && !memchr(p, '=', end - p);
            TRY(ps.add(t, p, len, req));
            if (!ps.kwonly) {
                s.n_positional++;
                if (req) s.n_required = ps.count;
            } else if (req) {
                s.required_kwonly++;
            }
        }
        p = end;
    }
    s.n = ps.count;
    s.n_out = s.n;
    s.plain = !varargs && !varkw && !s.required_kwonly && !optional_group;
    // In the output *args stands where the text has it: before the keyword-only parameters.
    if (varargs) {
        s.varargs = s.n_positional;
        s.n_out++;
    }
    if (varkw) s.varkw = s.n_out++;
    return Status::ok();
}

struct CacheSlot {
    const char* text;
    Signature* parsed;
};
PodVector<CacheSlot>& signature_cache() {
    [[clang::no_destroy]] static PodVector<CacheSlot> cache;  // it would leave what its slots point to
    return cache;
}

Signature* build(Thread& t, const char* text) {
    Parser ps;
    if (!parse_into(t, text, ps)) return nullptr;
    size_t bytes = sizeof(Signature) + ps.count * (sizeof(Value) + sizeof(bool));
    auto* s = static_cast<Signature*>(mem_alloc(bytes));
    if (!s) {
        (void)static_cast<Status>(raise_no_memory(t));
        return nullptr;
    }
    *s = ps.s;
    s->names = reinterpret_cast<Value*>(s + 1);
    s->required = reinterpret_cast<bool*>(s->names + ps.count);
    memcpy(s->names, ps.names, ps.count * sizeof(Value));
    memcpy(s->required, ps.required, ps.count * sizeof(bool));
    return s;
}

size_t address_hash(const char* p) { return (reinterpret_cast<uintptr_t>(p) * 0x9E3779B97F4A7C15u) >> 32; }

}  // namespace

const Signature* parse_signature(Thread& t, const char* text) {
    auto& cache = signature_cache();
    static size_t used = 0;
    if (used * 2 >= cache.capacity) {
        // Rehash into a table of twice the size; capacity stays a power of two.
        size_t n = cache.capacity ? cache.capacity * 2 : 256;
        auto* fresh = static_cast<CacheSlot*>(mem_alloc_zeroed(n * sizeof(CacheSlot)));
        if (!fresh) {
            (void)static_cast<Status>(raise_no_memory(t));
            return nullptr;
        }
        for (size_t i = 0; i < cache.capacity; i++) {
            if (!cache.items[i].text) continue;
            size_t k = address_hash(cache.items[i].text) & (n - 1);
            while (fresh[k].text) k = (k + 1) & (n - 1);
            fresh[k] = cache.items[i];
        }
        mem_free(cache.items);
        cache.items = fresh;
        cache.capacity = n;
    }
    size_t mask = cache.capacity - 1, k = address_hash(text) & mask;
    for (; cache.items[k].text; k = (k + 1) & mask)
        if (cache.items[k].text == text) return cache.items[k].parsed;
    Signature* s = build(t, text);
    if (!s) return nullptr;
    cache.items[k] = {text, s};
    used++;
    return s;
}

// --- binding ---

namespace {

struct Call {
    Thread& t;
    const char* fname;
    const Signature& s;
    const Value* args;
    size_t nargs;
    Value kwnames;
    size_t nkw;
    const char* parens;  // after the name, which may be missing
    const char* plural(size_t n) const { return n == 1 ? "" : "s"; }
};

Status check_positional_count(Thread& t, const char* fname, const Signature& s, size_t nargs) {
    size_t min = s.n_required, max = s.n_positional;
    if (nargs >= min && (nargs <= max || s.varargs >= 0)) return Status::ok();
    bool too_few = nargs < min;
    size_t bound = too_few ? min : max;
    const char* how = min == max && s.varargs < 0 ? "" : too_few ? "at least " : "at most ";
    return raise(t, PyExc_TypeError, "%.200s expected %s%zu argument%s, got %zu", fname, how, bound,
                 bound == 1 ? "" : "s", nargs);
}

Status check_counts(const Call& c) {
    const Signature& s = c.s;
    size_t n = s.n, max_pos = s.n_positional;
    if (s.varargs < 0) {
        if (s.varkw < 0 && c.nargs + c.nkw > n)
            return raise(c.t, PyExc_TypeError, "%.200s%s takes at most %zu %sargument%s (%zu given)", c.fname,
                         c.parens, n, c.nargs == 0 ? "keyword " : "", c.plural(n), c.nargs + c.nkw);
        if (c.nargs > max_pos) {
            if (max_pos == 0)
                return raise(c.t, PyExc_TypeError, "%.200s%s takes no positional arguments", c.fname,
                             c.parens);
            return raise(c.t, PyExc_TypeError, "%.200s%s takes %s %zu positional argument%s (%zu given)",
                         c.fname, c.parens, s.n_required < s.n_positional ? "at most" : "exactly", max_pos,
                         c.plural(max_pos), c.nargs);
        }
    }
    size_t min_posonly = s.n_required < s.n_posonly ? s.n_required : s.n_posonly;
    if (c.nargs < min_posonly)
        return raise(
            c.t, PyExc_TypeError, "%.200s%s takes %s %zu positional argument%s (%zu given)", c.fname,
            c.parens,
            s.varargs >= 0 || static_cast<int>(min_posonly) < s.n_positional ? "at least" : "exactly",
            min_posonly, c.plural(min_posonly), c.nargs);
    return Status::ok();
}

bool same_name(Value a, Value b) { return a == b || (is_str(a) && str_equal(a, b)); }

Status unexpected_keyword(const Call& c) {
    const Signature& s = c.s;
    for (int i = s.n_posonly; i < s.n_positional && static_cast<size_t>(i) < c.nargs; i++)
        for (size_t k = 0; k < c.nkw; k++)
            if (same_name(tuple_get(c.kwnames, k), s.names[i]))
                return raise(c.t, PyExc_TypeError,
                             "argument for %.200s%s given by name ('%U') and position (%d)", c.fname,
                             c.parens, s.names[i], i + 1);
    for (size_t k = 0; k < c.nkw; k++) {
        Value kw = tuple_get(c.kwnames, k);
        if (!is_str(kw)) return raise(c.t, PyExc_TypeError, "keywords must be strings");
        bool known = false;
        for (int i = s.n_posonly; i < s.n && !known; i++) {
            // Not known by its characters, yet equal: a str of a class with an __eq__ of its own.
            known = TRY(equal(c.t, kw, s.names[i]));
        }
        if (known) continue;
        const char* subject = *c.parens ? c.fname : "this function";
        if (Value guess = suggest_name(kw, s.names + s.n_posonly, s.n - s.n_posonly))
            return raise(c.t, PyExc_TypeError,
                         "%.200s%s got an unexpected keyword argument '%S'. Did you mean '%S'?", subject,
                         c.parens, kw, guess);
        return raise(c.t, PyExc_TypeError, "%.200s%s got an unexpected keyword argument '%S'", subject,
                     c.parens, kw);
    }
    return raise(c.t, PyExc_TypeError, "invalid keyword argument for %.200s%s", c.fname, c.parens);
}

Ref rest_of_keywords(const Call& c) {
    Ref rest = TRY(dict_new(c.t));
    for (size_t k = 0; k < c.nkw; k++) {
        Value kw = tuple_get(c.kwnames, k);
        bool known = false;
        for (int i = c.s.n_posonly; i < c.s.n && !known; i++) known = same_name(kw, c.s.names[i]);
        if (!known) TRY(dict_set(c.t, rest, kw, c.args[c.nargs + k]));
    }
    return rest;
}

Status bind_rest(const Call& c, Value* out, Ref& keep) {
    const Signature& s = c.s;
    Ref tuple, dict;
    if (s.varargs >= 0) {
        size_t extra = c.nargs > static_cast<size_t>(s.n_positional) ? c.nargs - s.n_positional : 0;
        tuple = TRY(tuple_from(c.t, c.args + s.n_positional, extra));
        out[s.varargs] = tuple;
    }
    if (s.varkw >= 0) {
        dict = TRY(rest_of_keywords(c));
        out[s.varkw] = dict;
    }
    if (tuple && dict)
        keep = TRY(tuple_of(c.t, {tuple, dict}));
    else
        keep = tuple ? std::move(tuple) : std::move(dict);
    return Status::ok();
}

Status bind_general(const Call& c, Value* out, Ref& keep) {
    const Signature& s = c.s;
    TRY(check_counts(c));
    size_t direct = c.nargs < static_cast<size_t>(s.n_positional) ? c.nargs : s.n_positional;
    for (size_t i = 0; i < direct; i++) out[i] = c.args[i];
    for (int i = static_cast<int>(direct); i < s.n_out; i++) out[i] = Value();
    size_t matched = 0;
    for (int i = static_cast<int>(direct); i < s.n; i++) {
        Value& place = out[s.place(i)];
        if (i >= s.n_posonly && matched < c.nkw) {
            for (size_t k = 0; k < c.nkw; k++) {
                if (!same_name(tuple_get(c.kwnames, k), s.names[i])) continue;
                place = c.args[c.nargs + k];
                matched++;
                break;
            }
        }
        if (!place && (s.required[i] || i < s.n_required))
            return raise(c.t, PyExc_TypeError, "%.200s%s missing required argument '%U' (pos %d)", c.fname,
                         c.parens, s.names[i], i + 1);
    }
    if (matched < c.nkw) {
        if (s.varkw < 0) return unexpected_keyword(c);
        for (int i = s.n_posonly; i < static_cast<int>(direct); i++)
            for (size_t k = 0; k < c.nkw; k++)
                if (same_name(tuple_get(c.kwnames, k), s.names[i])) return unexpected_keyword(c);
    }
    if (s.varargs >= 0 || s.varkw >= 0) return bind_rest(c, out, keep);
    return Status::ok();
}

Status bind_parsed(Thread& t, const char* fname, const Signature& s, const Value* args, size_t nargs,
                   Value kwnames, Value* out, Ref& keep) {
    size_t nkw = kwnames ? tuple_size(kwnames) : 0;
    if (s.positional_only() && !nkw) {
        TRY(check_positional_count(t, fname, s, nargs));
        if (s.varargs < 0) {
            for (size_t i = 0; i < nargs; i++) out[i] = args[i];
            for (int i = static_cast<int>(nargs); i < s.n; i++) out[i] = Value();
            return Status::ok();
        }
    } else if (!nkw && s.varargs < 0 && s.varkw < 0 && s.required_kwonly == 0 &&
               nargs >= static_cast<size_t>(s.n_required) && nargs <= static_cast<size_t>(s.n_positional)) {
        for (size_t i = 0; i < nargs; i++) out[i] = args[i];
        for (int i = static_cast<int>(nargs); i < s.n_out; i++) out[i] = Value();
        return Status::ok();
    }
    return bind_general(Call{t, fname ? fname : "function", s, args, nargs, kwnames, nkw, fname ? "()" : ""},
                        out, keep);
}

}  // namespace

Status no_kwargs(Thread& t, const char* fname, Value kwnames) {
    if (!kwnames || tuple_size(kwnames) == 0) return Status::ok();
    return raise(t, PyExc_TypeError, "%.200s() takes no keyword arguments", fname);
}

// Without a name the messages speak of "function".
Status bind_args(Thread& t, const char* fname, const char* signature, const Value* args, size_t nargs,
                 Value kwnames, Value* out, Ref& keep) {
    const Signature* s = parse_signature(t, signature);
    if (!s) return {};
    if (s->positional_only()) TRY(no_kwargs(t, fname, kwnames));
    return bind_parsed(t, fname, *s, args, nargs, kwnames, out, keep);
}

// --- calling natives ---

Ref function_str(Thread& t, Value callable) {
    Ref qualname = TRY(lookup_attr(t, callable, ID(__qualname__)));
    if (!qualname || !is_str(qualname)) return str(t, callable);
    Ref module = TRY(lookup_attr(t, callable, ID(__module__)));
    if (module && is_str(module) && !str_equal(module, "builtins"))
        return str_format(t, "%U.%U()", module.get(), qualname.get());
    return str_format(t, "%U()", qualname.get());
}

namespace {

Raised raise_counted(Thread& t, Value callable, const char* what, size_t nargs) {
    Ref name = function_str(t, callable);
    if (!name) return {};
    return raise(t, PyExc_TypeError, "%U takes %s (%zu given)", name.get(), what, nargs);
}

Status refuse_keywords(Thread& t, Value callable) {
    Ref name = TRY(function_str(t, callable));
    return raise(t, PyExc_TypeError, "%U takes no keyword arguments", name.get());
}

const Signature* signature_of(Thread& t, const NativeDef& d) {
    if (!d.parsed)
        d.parsed =
            const_cast<Signature*>(parse_signature(t, d.signature ? d.signature : "(*args, **kwargs)"));
    return d.parsed;
}

Ref call_bound(Thread& t, const NativeDef& d, Value callable, Value self, const Value* args, size_t nargs,
               Value kwnames) {
    const Signature* s = signature_of(t, d);
    if (!s) return {};
    if (s->positional_only()) {
        if (kwnames && tuple_size(kwnames)) {
            TRY(refuse_keywords(t, callable));
        }
        if (s->n == 1 && s->n_required == 1 && s->varargs < 0 && nargs != 1)
            return raise_counted(t, callable, "exactly one argument", nargs);
    }
    // Left uninitialised: binding fills what it uses.
    uint64_t places[kMaxParams];
    auto* out = reinterpret_cast<Value*>(places);
    if (!kwnames && s->plain && nargs >= static_cast<size_t>(s->n_required) &&
        nargs <= static_cast<size_t>(s->n_positional)) [[likely]] {
        for (size_t i = 0; i < nargs; i++) out[i] = args[i];
        for (size_t i = nargs; i < static_cast<size_t>(s->n); i++) out[i] = Value();
        return reinterpret_cast<Ref (*)(Thread&, Value, const Value*)>(d.fn)(t, self, out);
    }
    Ref keep;
    TRY(bind_parsed(t, d.c.ml_name, *s, args, nargs, kwnames, out, keep));
    return reinterpret_cast<Ref (*)(Thread&, Value, const Value*)>(d.fn)(t, self, out);
}

}  // namespace

Ref call_native(Thread& t, const NativeDef& d, Value callable, Value self, const Value* args, size_t nargs,
                Value kwnames) {
    switch (d.kind) {
        case NativeKind::NoArgs:
            if (kwnames && tuple_size(kwnames)) [[unlikely]]
                TRY(refuse_keywords(t, callable));
            if (nargs != 0) [[unlikely]]
                return raise_counted(t, callable, "no arguments", nargs);
            return reinterpret_cast<Ref (*)(Thread&, Value)>(d.fn)(t, self);
        case NativeKind::One:
            if (kwnames && tuple_size(kwnames)) [[unlikely]]
                TRY(refuse_keywords(t, callable));
            if (nargs != 1) [[unlikely]]
                return raise_counted(t, callable, "exactly one argument", nargs);
            return reinterpret_cast<Ref (*)(Thread&, Value, Value)>(d.fn)(t, self, args[0]);
        case NativeKind::Bound:
            return call_bound(t, d, callable, self, args, nargs, kwnames);
        case NativeKind::Positional:
            if (kwnames && tuple_size(kwnames)) [[unlikely]]
                TRY(refuse_keywords(t, callable));
            if (d.signature) {
                const Signature* s = signature_of(t, d);
                if (!s) return {};
                TRY(check_positional_count(t, d.c.ml_name, *s, nargs));
            }
            return reinterpret_cast<Ref (*)(Thread&, Value, const Value*, size_t)>(d.fn)(t, self, args,
                                                                                         nargs);
        case NativeKind::Raw:
            return reinterpret_cast<Ref (*)(Thread&, Value, const Value*, size_t, Value)>(d.fn)(
                t, self, args, nargs, kwnames);
        case NativeKind::C:
            break;
    }
    return raise(t, PyExc_SystemError, "a function of C among the native ones");
}

Ref text_signature_of(Thread& t, const NativeDef& d, const char* self_name) {
    if (d.flags & kMethNoSignature) return none_ref();
    // Where nobody wrote a signature the number of arguments still gives one.
    if (!d.signature && d.kind == NativeKind::NoArgs) return str_from(t, "($self, /)");
    if (!d.signature && d.kind == NativeKind::One) return str_from(t, "($self, object, /)");
    if (!d.signature) return none_ref();
    if (!self_name) return str_from(t, d.signature);
    if (d.signature[1] == '$') return str_from(t, d.signature);  // written out
    const char* inner = d.signature + 1;
    if (*inner == ')') return str_format(t, "($%s, /)", self_name);
    // Without positional-only parameters of its own, the slash comes right after self.
    const Signature* s = signature_of(t, d);
    if (!s) return {};
    if (s->n_posonly == 0) return str_format(t, "($%s, /, %s", self_name, inner);
    return str_format(t, "($%s, %s", self_name, inner);
}

}  // namespace krait
