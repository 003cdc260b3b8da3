// The module _json: the scanner behind json.loads and the string encoders behind json.dumps.
#include "modules/_json.h"

#include <charconv>
#include <cstdlib>
#include <string>

#include "builtins/callable.h"
#include "builtins/dict.h"
#include "builtins/list.h"
#include "builtins/number.h"
#include "builtins/str_internal.h"
#include "builtins/str_methods.h"
#include "builtins/tuple.h"
#include "gc/gc.h"
#include "object/protocol.h"

namespace krait {

namespace {

Type scanner_type;

struct ScannerObject {
    PyObject ob_base;
    bool strict;
    Value object_hook, object_pairs_hook, parse_float, parse_int, parse_constant;  // owned; None: none
};

Raised decode_error(Thread& t, const char* message, Value text, int64_t at) {
    Ref type = import_attr(t, "json.decoder", "JSONDecodeError");
    if (!type) return {};
    Ref why = str_from(t, message);
    if (!why) return {};
    Ref exc = call(t, type, {why, text, Value::from_int(at)});
    if (!exc) return {};
    return raise_object(t, exc);
}

int hex_value(uint32_t c) {
    if (c >= '0' && c <= '9') return static_cast<int>(c - '0');
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? static_cast<int>(c - 'a' + 10) : -1;
}

// --- strings ---

template <class C>
class StringScan {
  public:
    StringScan(Thread& t, Value text, const C* p, int64_t n, bool strict)
        : t_(t), text_(text), p_(p), n_(n), strict_(strict) {}

    // The string that starts behind the quote at begin - 1; *end is the place behind its closing quote.
    Ref run(int64_t begin, int64_t* end) {
        int64_t at = begin;
        if (!plain_run(at)) return {};
        if (at < n_ && p_[at] == '"') {  // nothing to replace: most strings
            *end = at + 1;
            return str_from_kind(t_, sizeof(C), p_ + begin, at - begin);
        }
        StrBuilder out(t_, at - begin + 32);
        int64_t start = begin;
        for (;;) {
            TRY(out.append_chars(sizeof(C), p_ + start, at - start));
            if (at >= n_) return decode_error(t_, "Unterminated string starting at", text_, begin - 1);
            if (p_[at] == '"') break;
            at = TRY(escape(out, at, begin));
            start = at;
            if (!plain_run(at)) return {};
        }
        *end = at + 1;
        return out.finish();
    }

  private:
    // Moves to the next quote, backslash or the end.
    bool plain_run(int64_t& at) {
        for (; at < n_; at++) {
            C c = p_[at];
            if (c == '"' || c == '\\') break;
            if (c < 0x20 && strict_) {
                (void)static_cast<Status>(decode_error(t_, "Invalid control character at", text_, at));
                return false;
            }
        }
        return true;
    }

    // Four hexadecimal digits behind the u at `u`; -1: they are not.
    int32_t unit(int64_t u) const {
        if (u + 5 > n_) return -1;
        int32_t c = 0;
        for (int i = 1; i <= 4; i++) {
            int digit = hex_value(p_[u + i]);
            if (digit < 0) return -1;
            c = c << 4 | digit;
        }
        return c;
    }

    Result<int64_t> escape(StrBuilder& out, int64_t backslash, int64_t begin) {
        int64_t at = backslash + 1;
        if (at >= n_) return decode_error(t_, "Unterminated string starting at", text_, begin - 1);
        uint32_t c = p_[at];
        switch (c) {
            case '"':
            case '\\':
            case '/':
                break;
            case 'b':
                c = '\b';
                break;
            case 'f':
                c = '\f';
                break;
            case 'n':
                c = '\n';
                break;
            case 'r':
                c = '\r';
                break;
            case 't':
                c = '\t';
                break;
            case 'u':
                return unicode_escape(out, at);
            default:
                return decode_error(t_, "Invalid \\escape", text_, backslash);
        }
        TRY(out.put(c));
        return at + 1;
    }

    Result<int64_t> unicode_escape(StrBuilder& out, int64_t u) {
        int32_t c = unit(u);
        if (c < 0) return decode_error(t_, "Invalid \\uXXXX escape", text_, u);
        int64_t at = u + 5;
        if (c >= 0xD800 && c <= 0xDBFF && at + 6 < n_ && p_[at] == '\\' && p_[at + 1] == 'u') {
            int32_t low = unit(at + 1);
            if (low < 0) return decode_error(t_, "Invalid \\uXXXX escape", text_, at + 1);
            if (low >= 0xDC00 && low <= 0xDFFF) {
                c = 0x10000 + ((c & 0x3FF) << 10 | (low & 0x3FF));
                at += 6;
            }
        }
        TRY(out.put(static_cast<uint32_t>(c)));
        return at;
    }

    Thread& t_;
    Value text_;
    const C* p_;
    int64_t n_;
    bool strict_;
};

// --- values ---

template <class C>
class Scan {
  public:
    Scan(Thread& t, ScannerObject* s, Value text, const C* p, int64_t n, Value memo)
        : t_(t), s_(s), text_(text), p_(p), n_(n), memo_(memo) {}

    // The value that starts at `at`, which moves behind it. StopIteration(at) when none does.
    Ref value(int64_t& at) {
        if (at >= n_) return raise_stop_iteration(t_, Value::from_int(at));
        switch (p_[at]) {
            case '"':
                return string(at);
            case '{': {
                RecursionGuard guard(t_, " while decoding a JSON object from a unicode string");
                if (!guard) return {};
                return object(at);
            }
            case '[': {
                RecursionGuard guard(t_, " while decoding a JSON array from a unicode string");
                if (!guard) return {};
                return array(at);
            }
            case 'n':
                if (word(at, "null")) return none_ref();
                break;
            case 't':
                if (word(at, "true")) return bool_ref(true);
                break;
            case 'f':
                if (word(at, "false")) return bool_ref(false);
                break;
            case 'N':
                if (word(at, "NaN")) return constant("NaN");
                break;
            case 'I':
                if (word(at, "Infinity")) return constant("Infinity");
                break;
            case '-':
                if (word(at, "-Infinity")) return constant("-Infinity");
                break;
            default:
                break;
        }
        return number(at);
    }

  private:
    bool word(int64_t& at, std::string_view w) const {
        auto m = static_cast<int64_t>(w.size());
        if (n_ - at < m) return false;
        for (int64_t i = 0; i < m; i++)
            if (p_[at + i] != static_cast<C>(w[static_cast<size_t>(i)])) return false;
        at += m;
        return true;
    }
    Ref constant(const char* name) {
        Ref text = TRY(str_from(t_, name));
        return call(t_, s_->parse_constant, {text});
    }
    void skip_space(int64_t& at) const {
        while (at < n_ && (p_[at] == ' ' || p_[at] == '\t' || p_[at] == '\n' || p_[at] == '\r')) at++;
    }
    bool is(int64_t at, char c) const { return at < n_ && p_[at] == static_cast<C>(c); }
    bool digit(int64_t at) const { return at < n_ && p_[at] >= '0' && p_[at] <= '9'; }

    Ref string(int64_t& at) {
        int64_t end;
        Ref r = TRY((StringScan<C>(t_, text_, p_, n_, s_->strict).run(at + 1, &end)));
        at = end;
        return r;
    }

    Raised stop(int64_t at) { return raise_stop_iteration(t_, Value::from_int(at)); }

    Ref number(int64_t& at) {
        int64_t i = at;
        if (is(i, '-')) i++;
        if (!digit(i)) return stop(at);
        if (is(i, '0'))
            i++;
        else
            while (digit(i)) i++;
        bool is_float = false;
        if (is(i, '.') && digit(i + 1)) {
            is_float = true;
            for (i += 2; digit(i);) i++;
        }
        if (is(i, 'e') || is(i, 'E')) {
            int64_t e = i + 1;
            if (is(e, '-') || is(e, '+')) e++;
            if (digit(e)) {
                is_float = true;
                while (digit(e)) e++;
                i = e;
            }
        }
        int64_t start = at;
        at = i;
        return is_float ? make_float(start, i) : make_int(start, i);
    }

    // The characters as ASCII bytes.
    std::string_view ascii(int64_t start, int64_t stop_at, std::string& storage) const {
        if constexpr (sizeof(C) == 1) {
            return {reinterpret_cast<const char*>(p_ + start), static_cast<size_t>(stop_at - start)};
        } else {
            for (int64_t i = start; i < stop_at; i++) storage += static_cast<char>(p_[i]);
            return storage;
        }
    }
    Ref make_int(int64_t start, int64_t stop_at) {
        if (s_->parse_int != Value(&PyLong_Type)) {
            Ref text = TRY(str_substring(t_, text_, start, stop_at));
            return call(t_, s_->parse_int, {text});
        }
        std::string storage;
        std::string_view digits = ascii(start, stop_at, storage);
        int64_t small;
        auto r = std::from_chars(digits.data(), digits.data() + digits.size(), small);
        if (r.ec == std::errc()) return int_from(t_, small);
        Ref text = TRY(str_substring(t_, text_, start, stop_at));
        return call(t_, Value(&PyLong_Type), {text});
    }
    Ref make_float(int64_t start, int64_t stop_at) {
        if (s_->parse_float != Value(&PyFloat_Type)) {
            Ref text = TRY(str_substring(t_, text_, start, stop_at));
            return call(t_, s_->parse_float, {text});
        }
        std::string storage;
        std::string_view digits = ascii(start, stop_at, storage);
        double d;
        auto r = std::from_chars(digits.data(), digits.data() + digits.size(), d);
        if (r.ec == std::errc()) return float_from(t_, d);
        Ref text = TRY(str_substring(t_, text_, start, stop_at));  // too large or too small
        return call(t_, Value(&PyFloat_Type), {text});
    }

    Ref array(int64_t& at) {
        Ref list = TRY(list_new(t_));
        int64_t i = at + 1;
        skip_space(i);
        if (is(i, ']')) {
            at = i + 1;
            return list;
        }
        for (;;) {
            Ref item = TRY(value(i));
            TRY(list_append_owned(t_, list, std::move(item)));
            skip_space(i);
            if (is(i, ']')) break;
            if (!is(i, ',')) return decode_error(t_, "Expecting ',' delimiter", text_, i);
            int64_t comma = i++;
            skip_space(i);
            if (is(i, ']'))
                return decode_error(t_, "Illegal trailing comma before end of array", text_, comma);
        }
        at = i + 1;
        return list;
    }

    Ref object(int64_t& at) {
        bool pairs = !is_none(s_->object_pairs_hook);
        Ref result = pairs ? TRY(list_new(t_)) : TRY(dict_new(t_));
        int64_t i = at + 1;
        skip_space(i);
        if (!is(i, '}')) {
            for (;;) {
                if (!is(i, '"'))
                    return decode_error(t_, "Expecting property name enclosed in double quotes", text_, i);
                TRY(member(result, pairs, i));
                skip_space(i);
                if (is(i, '}')) break;
                if (!is(i, ',')) return decode_error(t_, "Expecting ',' delimiter", text_, i);
                int64_t comma = i++;
                skip_space(i);
                if (is(i, '}'))
                    return decode_error(t_, "Illegal trailing comma before end of object", text_, comma);
            }
        }
        at = i + 1;
        if (pairs) return call(t_, s_->object_pairs_hook, {result});
        if (!is_none(s_->object_hook)) return call(t_, s_->object_hook, {result});
        return result;
    }

    Status member(Value result, bool pairs, int64_t& i) {
        Ref key = TRY(string(i));
        key = TRY(dict_set_default(t_, memo_, key, key));  // one object for all equal keys
        skip_space(i);
        if (!is(i, ':')) return decode_error(t_, "Expecting ':' delimiter", text_, i);
        i++;
        skip_space(i);
        Ref v = TRY(value(i));
        if (!pairs) return dict_set(t_, result, key, v);
        return list_append_owned(t_, result, TRY(tuple_of(t_, {key, v})));
    }

    Thread& t_;
    ScannerObject* s_;
    Value text_;
    const C* p_;
    int64_t n_;
    Value memo_;
};

// --- the scanner object ---

ScannerObject* as_scanner(Value v) { return v.as<ScannerObject>(); }

Ref scanner_new(Thread& t, PyTypeObject* type, const Value* args, size_t nargs, Value kwnames) {
    Value p[1];
    Ref keep;
    TRY(bind_args(t, "make_scanner", "(context)", args, nargs, kwnames, p, keep));
    Ref r = TRY(alloc(t, type));
    ScannerObject* s = as_scanner(r);
    Ref strict = TRY(get_attr(t, p[0], "strict"));
    s->strict = TRY(is_true(t, strict));
    s->object_hook = TRY(get_attr(t, p[0], "object_hook")).release();
    s->object_pairs_hook = TRY(get_attr(t, p[0], "object_pairs_hook")).release();
    s->parse_float = TRY(get_attr(t, p[0], "parse_float")).release();
    s->parse_int = TRY(get_attr(t, p[0], "parse_int")).release();
    s->parse_constant = TRY(get_attr(t, p[0], "parse_constant")).release();
    return r;
}

template <class F>
void each_field(PyObject* o, F&& f) {
    auto* s = reinterpret_cast<ScannerObject*>(o);
    for (Value* v :
         {&s->object_hook, &s->object_pairs_hook, &s->parse_float, &s->parse_int, &s->parse_constant})
        f(*v);
}
void scanner_dealloc(Thread& t, PyObject* o) {
    gc_untrack(t, o);
    each_field(o, [](Value v) { xdecref(v); });
    free_object(t, o);
}
void scanner_traverse(PyObject* o, Visitor& visitor) {
    each_field(o, [&](Value v) { visitor.visit(v); });
}

Ref scanner_call(Thread& t, Value self, const Value* args, size_t nargs, Value kwnames) {
    Value p[2];
    Ref keep;
    TRY(bind_args(t, "scan_once", "(string, idx)", args, nargs, kwnames, p, keep));
    int64_t at = TRY(ssize_arg(t, p[1]));
    if (!is_str(p[0])) return raise(t, PyExc_TypeError, "first argument must be a string, not %K", p[0]);
    if (at < 0) return raise(t, PyExc_ValueError, "idx cannot be negative");
    Ref memo = TRY(dict_new(t));
    Ref v = TRY(with_chars(p[0], [&](auto* s) -> Ref {
        using C = std::remove_cvref_t<decltype(*s)>;
        return Scan<C>(t, as_scanner(self), p[0], s, str_length(p[0]), memo).value(at);
    }));
    return tuple_of(t, {v, Value::from_int(at)});
}

const MemberDef scanner_members[] = {
    member("strict", MemberKind::Bool, offsetof(ScannerObject, strict), kReadonly, "strict"),
    member("object_hook", MemberKind::Object, offsetof(ScannerObject, object_hook), kReadonly, "object_hook"),
    member("object_pairs_hook", MemberKind::Object, offsetof(ScannerObject, object_pairs_hook), kReadonly,
           nullptr),
    member("parse_float", MemberKind::Object, offsetof(ScannerObject, parse_float), kReadonly, "parse_float"),
    member("parse_int", MemberKind::Object, offsetof(ScannerObject, parse_int), kReadonly, "parse_int"),
    member("parse_constant", MemberKind::Object, offsetof(ScannerObject, parse_constant), kReadonly,
           "parse_constant"),
    {},
};

// --- functions ---

Ref f_scanstring(Thread& t, Value, const Value* args, size_t nargs, Value kwnames) {
    TRY(no_kwargs(t, "_json.scanstring", kwnames));
    if (nargs < 2)
        return raise(t, PyExc_TypeError, "scanstring() takes at least 2 arguments (%zu given)", nargs);
    if (nargs > 3)
        return raise(t, PyExc_TypeError, "scanstring() takes at most 3 arguments (%zu given)", nargs);
    int64_t begin = TRY(ssize_arg(t, args[1]));
    bool strict = nargs > 2 ? TRY(is_true(t, args[2])) : true;
    if (!is_str(args[0]))
        return raise(t, PyExc_TypeError, "first argument must be a string, not %K", args[0]);
    if (begin < 0 || begin > str_length(args[0])) return raise(t, PyExc_ValueError, "end is out of bounds");
    int64_t end = 0;
    Ref text = TRY(with_chars(args[0], [&](auto* s) -> Ref {
        using C = std::remove_cvref_t<decltype(*s)>;
        return StringScan<C>(t, args[0], s, str_length(args[0]), strict).run(begin, &end);
    }));
    return tuple_of(t, {text, Value::from_int(end)});
}

Status put_unit(StrBuilder& out, uint32_t c) {
    constexpr char kHex[] = "0123456789abcdef";
    char text[6] = {'\\', 'u', kHex[c >> 12 & 15], kHex[c >> 8 & 15], kHex[c >> 4 & 15], kHex[c & 15]};
    return out.ascii(text, 6);
}

// The letter of a short escape, 0: there is none.
char short_escape(uint32_t c) {
    switch (c) {
        case '"':
        case '\\':
            return static_cast<char>(c);
        case '\b':
            return 'b';
        case '\f':
            return 'f';
        case '\n':
            return 'n';
        case '\r':
            return 'r';
        case '\t':
            return 't';
        default:
            return 0;
    }
}

Ref encoded(Thread& t, Value text, bool ascii_only) {
    if (!is_str(text)) return raise(t, PyExc_TypeError, "first argument must be a string, not %K", text);
    StrBuilder out(t, str_length(text) + 2);
    TRY(json_put_string(t, out, text, ascii_only));
    return out.finish();
}
Ref f_encode_basestring(Thread& t, Value, Value text) { return encoded(t, text, false); }
Ref f_encode_basestring_ascii(Thread& t, Value, Value text) { return encoded(t, text, true); }

const NativeDef functions[] = {
    def<f_encode_basestring_ascii>("encode_basestring_ascii", "($self, object, /)",
                                   "A str as an ASCII JSON string."),
    def<f_encode_basestring>("encode_basestring", "($self, object, /)", "A str as a JSON string."),
    def<f_scanstring>("scanstring", "", "Read a JSON string: (str, end).", kMethNoSignature),
    {},
};

Status exec(Thread& t, Value module) {
    static const TypeDecl decl = {
        .name = "_json.Scanner",
        .basicsize = sizeof(ScannerObject),
        .flags = kTpDefault | kTpBaseType | kTpHaveGC,
        .slots = {.dealloc = scanner_dealloc,
                  .traverse = scanner_traverse,
                  .call = scanner_call,
                  .new_ = scanner_new},
        .spec = {.members = scanner_members, .doc = "Reads JSON values."},
    };
    if (!scanner_type.tp_name) init_static_type(scanner_type, decl);
    TRY(ready_type(t, &scanner_type));
    TRY(json_init_encoder(t, module));
    return module_add(t, module, "make_scanner", Ref::share(Value(&scanner_type)));
}

}  // namespace

Status json_put_string(Thread&, StrBuilder& out, Value text, bool ascii_only) {
    int64_t n = str_length(text);
    auto plain = [&](uint32_t c) { return c >= 0x20 && c != '"' && c != '\\' && (!ascii_only || c < 0x7f); };
    TRY(out.put('"'));
    TRY(with_chars(text, [&](auto* s) -> Status {
        for (int64_t i = 0; i < n;) {
            int64_t start = i;
            while (i < n && plain(s[i])) i++;
            if (start == 0 && i == n) return out.append(text);
            TRY(out.append_chars(sizeof(*s), s + start, i - start));
            if (i == n) break;
            uint32_t c = s[i++];
            if (char letter = short_escape(c)) {
                TRY(out.put('\\'));
                TRY(out.put(static_cast<uint32_t>(letter)));
            } else if (c >= 0x10000) {
                TRY(put_unit(out, 0xD800 + ((c - 0x10000) >> 10)));
                TRY(put_unit(out, 0xDC00 + ((c - 0x10000) & 0x3FF)));
            } else {
                TRY(put_unit(out, c));
            }
        }
        return Status::ok();
    }));
    return out.put('"');
}

int json_known_encoder(Value encoder) {
    if (!has_type(encoder, &PyCFunction_Type)) return 0;
    const PyMethodDef* d = encoder.as<PyCFunctionObject>()->m_ml;
    return d == &functions[1].c ? 1 : d == &functions[0].c ? 2 : 0;
}

extern const ModuleSpec module__json = {"_json", "json speedups", functions, exec};

}  // namespace krait
