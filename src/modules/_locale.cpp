// The module _locale.
#include <langinfo.h>
#include <libintl.h>
#include <locale.h>

#include <climits>
#include <cwchar>
#include <string>

#include "gc/room.h"
#include "modules/posix/posix.h"
#include "object/per_interpreter.h"

namespace krait {

namespace {

PER_INTERPRETER_REFS PyTypeObject* g_error;  // locale.Error

Ref text(Thread& t, const char* s) { return fs_decode(t, s, strlen(s)); }

Ref setlocale_fn(Thread& t, Value, const Value* args, size_t nargs) {
    int category = TRY(as_int32(t, args[0]));
    const char* wanted = nullptr;
    Ref keep;
    if (nargs > 1 && !is_none(args[1])) {
        if (!is_str(args[1]))
            return raise(t, PyExc_TypeError, "setlocale() argument 2 must be str or None, not %.50s",
                         type_of(args[1])->tp_name);
        keep = TRY(fs_encode(t, args[1]));
        wanted = bytes_data(keep);
    }
    const char* r = setlocale(category, wanted);
    if (!r) return raise(t, g_error, wanted ? "unsupported locale setting" : "locale query failed");
    return text(t, r);
}

Ref grouping(Thread& t, const char* s) {
    Ref list = TRY(list_new(t));
    if (!*s) return list;
    for (; *s && *s != CHAR_MAX; s++) TRY(list_append(t, list, Value::from_int(*s)));
    // The end: 0 repeats the last one, CHAR_MAX stops.
    TRY(list_append(t, list, Value::from_int(*s)));
    return list;
}

Ref localeconv_fn(Thread& t, Value) {
    const lconv* l = localeconv();
    Ref d = TRY(dict_new(t));
    auto put = [&](const char* key, Ref v) { return v && dict_set_str(t, d, key, v); };
    const struct {
        const char *key, *value;
    } texts[] = {{"decimal_point", l->decimal_point},         {"thousands_sep", l->thousands_sep},
                 {"int_curr_symbol", l->int_curr_symbol},     {"currency_symbol", l->currency_symbol},
                 {"mon_decimal_point", l->mon_decimal_point}, {"mon_thousands_sep", l->mon_thousands_sep},
                 {"positive_sign", l->positive_sign},         {"negative_sign", l->negative_sign}};
    const struct {
        const char* key;
        char value;
    } numbers[] = {{"int_frac_digits", l->int_frac_digits}, {"frac_digits", l->frac_digits},
                   {"p_cs_precedes", l->p_cs_precedes},     {"p_sep_by_space", l->p_sep_by_space},
                   {"n_cs_precedes", l->n_cs_precedes},     {"n_sep_by_space", l->n_sep_by_space},
                   {"p_sign_posn", l->p_sign_posn},         {"n_sign_posn", l->n_sign_posn}};
    for (int i = 2; i < 8; i++) {
        if (!put(texts[i].key, text(t, texts[i].value))) return {};
        if (i == 5 && !put("mon_grouping", grouping(t, l->mon_grouping))) return {};
    }
    for (auto& n : numbers)
        if (!put(n.key, Ref::from_int(n.value))) return {};
    for (int i = 0; i < 2; i++)
        if (!put(texts[i].key, text(t, texts[i].value))) return {};
    if (!put("grouping", grouping(t, l->grouping))) return {};
    return d;
}

// The wide form of a str without NULs in front of its end.
Status wide(Thread& t, Value v, const char* what, std::wstring& out) {
    if (!is_str(v))
        return raise(t, PyExc_TypeError, "%s must be str, not %.50s", what,
                     is_none(v) ? "None" : type_of(v)->tp_name);
    TRY(room_for(t, str_length(v) * 64));  // the text, and what strxfrm() makes of it
    for (int64_t i = 0; i < str_length(v); i++) {
        uint32_t c = str_char(v, i);
        if (c == 0) return raise(t, PyExc_ValueError, "embedded null character");
        out.push_back(static_cast<wchar_t>(c));
    }
    return Status::ok();
}
Ref strcoll_fn(Thread& t, Value, const Value* args, size_t) {
    std::wstring a, b;
    TRY(wide(t, args[0], "strcoll() argument 1", a));
    TRY(wide(t, args[1], "strcoll() argument 2", b));
    return int_from(t, wcscoll(a.c_str(), b.c_str()));
}
Ref strxfrm_fn(Thread& t, Value, Value arg) {
    std::wstring s;
    TRY(wide(t, arg, "strxfrm() argument", s));
    std::wstring out(s.size() + 1, 0);
    for (;;) {
        errno = 0;
        size_t n = wcsxfrm(out.data(), s.c_str(), out.size());
        if (errno && errno != ERANGE) return raise_errno(t, errno);
        if (n < out.size()) return str_from_kind(t, 4, out.data(), static_cast<int64_t>(n));
        out.resize(n + 1);
    }
}

const struct {
    const char* name;
    int value;
} constants[] = {
#define LOCALE(name) {#name, name},
#include "modules/system_constants.def"
};
bool is_category(const char* name) { return name[0] == 'L' && name[1] == 'C' && name[2] == '_'; }

Ref nl_langinfo_fn(Thread& t, Value, Value arg) {
    int key = TRY(as_int32(t, arg));
    for (auto& c : constants) {
        if (c.value != key || is_category(c.name) || !strcmp(c.name, "CHAR_MAX")) continue;
        const char* s = nl_langinfo(key);
        if (key == ALT_DIGITS && s && *s) {
            // A hundred texts one after the other.
            Ref list = TRY(list_new(t));
            for (int i = 0; i < 100 && *s; i++, s += strlen(s) + 1)
                TRY(list_append_owned(t, list, text(t, s)));
            Ref semicolon = TRY(str_from(t, ";"));
            return str_join(t, semicolon, list);
        }
        return text(t, s ? s : "");
    }
    return raise(t, PyExc_ValueError, "unsupported langinfo constant");
}

Ref getencoding_fn(Thread& t, Value) {
    const char* codeset = nl_langinfo(CODESET);
    return str_from(t, codeset && *codeset ? codeset : "UTF-8");
}

// --- messages ---

struct Text {
    Ref keep;
    const char* s = nullptr;  // null for None
};
Status text_arg(Thread& t, const char* what, Value v, bool or_none, Text& out) {
    if (or_none && is_none(v)) return Status::ok();
    if (!is_str(v))
        return raise(t, PyExc_TypeError, "%s must be str%s, not %.50s", what, or_none ? " or None" : "",
                     is_none(v) ? "None" : type_of(v)->tp_name);
    out.keep = fs_encode(t, v);
    if (!out.keep) return {};
    out.s = bytes_data(out.keep);
    return Status::ok();
}
Ref gettext_fn(Thread& t, Value, Value arg) {
    Text m;
    TRY(text_arg(t, "gettext() argument", arg, false, m));
    return text(t, gettext(m.s));
}
Ref dgettext_fn(Thread& t, Value, const Value* args, size_t) {
    Text d, m;
    TRY(text_arg(t, "dgettext() argument 1", args[0], true, d));
    TRY(text_arg(t, "dgettext() argument 2", args[1], false, m));
    return text(t, dgettext(d.s, m.s));
}
Ref dcgettext_fn(Thread& t, Value, const Value* args, size_t) {
    Text d, m;
    TRY(text_arg(t, "dcgettext() argument 1", args[0], true, d));
    TRY(text_arg(t, "dcgettext() argument 2", args[1], false, m));
    int category = TRY(as_int32(t, args[2]));
    return text(t, dcgettext(d.s, m.s, category));
}
Ref textdomain_fn(Thread& t, Value, Value arg) {
    Text d;
    TRY(text_arg(t, "textdomain() argument", arg, true, d));
    const char* r = textdomain(d.s);
    if (!r) return raise_errno(t, errno);
    return text(t, r);
}
Ref bindtextdomain_fn(Thread& t, Value, const Value* args, size_t) {
    Text d;
    TRY(text_arg(t, "bindtextdomain() argument 1", args[0], false, d));
    if (!*d.s) return raise(t, g_error, "domain must be a non-empty string");
    Ref dir;
    if (!is_none(args[1])) dir = TRY(fs_encode(t, args[1]));
    const char* r = bindtextdomain(d.s, dir ? bytes_data(dir) : nullptr);
    if (!r) return raise_errno(t, errno);
    return text(t, r);
}
Ref bind_textdomain_codeset_fn(Thread& t, Value, const Value* args, size_t) {
    Text d, c;
    TRY(text_arg(t, "bind_textdomain_codeset() argument 1", args[0], false, d));
    TRY(text_arg(t, "bind_textdomain_codeset() argument 2", args[1], true, c));
    const char* r = bind_textdomain_codeset(d.s, c.s);
    return r ? text(t, r) : none_ref();
}

const NativeDef functions[] = {
    def<setlocale_fn>("setlocale", "(category, locale=None, /)", "Sets or asks the locale of a category."),
    def<localeconv_fn>("localeconv", "()", "How numbers and amounts are written."),
    def<strcoll_fn>("strcoll", "(os1, os2, /)", "Compares two texts as the locale orders them."),
    def<strxfrm_fn>("strxfrm", "(string, /)", "A text whose plain order is the locale's."),
    def<nl_langinfo_fn>("nl_langinfo", "(key, /)", "A piece of the locale."),
    def<gettext_fn>("gettext", "(msg, /)", "The translation of a message."),
    def<dgettext_fn>("dgettext", "(domain, msg, /)", "The translation of a message in a domain."),
    def<dcgettext_fn>("dcgettext", "(domain, msg, category, /)", "The same in a category."),
    def<textdomain_fn>("textdomain", "(domain, /)", "Sets or asks the domain."),
    def<bindtextdomain_fn>("bindtextdomain", "(domain, dir, /)", "Says where the messages of a domain are."),
    def<bind_textdomain_codeset_fn>("bind_textdomain_codeset", "(domain, codeset, /)",
                                    "Says in which encoding messages come."),
    def<getencoding_fn>("getencoding", "()", "The encoding of the locale."),
    {}};

Status exec(Thread& t, Value module) {
    for (auto& c : constants) TRY(module_add_int(t, module, c.name, c.value));
    if (!g_error) {
        Ref name = TRY(str_from(t, "Error")), where = TRY(str_from(t, "locale")), ns = TRY(dict_new(t));
        TRY(dict_set(t, ns, ID(__module__), where));
        Ref bases = TRY(tuple_of(t, {Value(PyExc_Exception)}));
        g_error = TRY(new_class(t, name, bases, ns)).release().as<PyTypeObject>();
    }
    return module_add(t, module, "Error", Ref::share(Value(g_error)));
}

}  // namespace

extern const ModuleSpec module__locale;
const ModuleSpec module__locale{
    .name = "_locale", .doc = "The locale of the C library.", .functions = functions, .exec = exec};

}  // namespace krait
