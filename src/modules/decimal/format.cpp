// Decimal.__format__. The library knows most of the language of specifications; what it does not (options
// that are younger than it) goes to the library's Python twin.
#include <clocale>
#include <cstring>
#include <cwchar>
#include <string>

#include "builtins/dict.h"
#include "modules/decimal/decimal.h"

namespace krait::decimal {

namespace {

Ref format_in_python(Thread& t, Value self, Value context, Value spec) {
    if (!g.py_decimal) g.py_decimal = TRY(import_attr(t, "_pydecimal", "Decimal")).release();
    Ref text = TRY(number_to_text(t, self, false, 1)), number = TRY(call(t, g.py_decimal, {text}));
    Ref r = call_method(t, number, "__format__", {spec, context});
    if (!r && clear_if(t, PyExc_ValueError)) return raise(t, PyExc_ValueError, "invalid format string");
    return r;
}

// The separators of a locale, out of a dict like that of localeconv().
struct Override {
    std::string dot, sep, grouping;
    Status take(Thread& t, Value dict, const char* key, std::string& out) {
        Value v = dict_get_str(dict, key);
        if (!v) return raise(t, PyExc_ValueError, "invalid override dict");
        if (!is_str(v)) return raise(t, PyExc_TypeError, "bad argument type for built-in operation");
        out = std::string(TRY(str_utf8(t, v)));
        return Status::ok();
    }
    Status set(Thread& t, Value dict, mpd_spec_t& spec) {
        if (!is_dict(dict)) return raise(t, PyExc_TypeError, "optional argument must be a dict");
        TRY(take(t, dict, "decimal_point", dot));
        TRY(take(t, dict, "thousands_sep", sep));
        TRY(take(t, dict, "grouping", grouping));
        spec.dot = dot.c_str();
        spec.sep = sep.c_str();
        spec.grouping = grouping.c_str();
        if (mpd_validate_lconv(&spec) < 0) return raise(t, PyExc_ValueError, "invalid override dict");
        return Status::ok();
    }
};

// A separator in the encoding of the locale, as UTF-8.
Status recode(Thread& t, const char*& s, std::string& keep) {
    size_t n = strlen(s);
    if (n == 0 || (n == 1 && static_cast<unsigned char>(s[0]) < 128)) return Status::ok();
    wchar_t wide[2];
    if (mbstowcs(wide, s, 2) != 1)
        return raise(t, PyExc_ValueError,
                     "invalid decimal point or unsupported combination of LC_CTYPE and LC_NUMERIC");
    Ref text = TRY(str_from_char(t, static_cast<uint32_t>(wide[0])));
    keep = std::string(TRY(str_utf8(t, text)));
    s = keep.c_str();
    return Status::ok();
}

}  // namespace

Ref number_format(Thread& t, Value self, const Value* args, size_t nargs, Value kwnames) {
    TRY(no_kwargs(t, "Decimal.__format__", kwnames));
    if (nargs < 1 || nargs > 2)
        return raise(t, PyExc_TypeError, "function takes at %s %d argument%s (%zu given)",
                     nargs < 1 ? "least" : "most", nargs < 1 ? 1 : 2, nargs < 1 ? "" : "s", nargs);
    Ref context = TRY(current_context(t));
    if (!is_str(args[0])) return raise(t, PyExc_TypeError, "format arg must be str");
    std::string format(TRY(str_utf8(t, args[0])));
    // NUL is a fill character like any other, but ends the library's strings.
    bool nul_fill = !format.empty() && format[0] == '\0';
    if (nul_fill) format[0] = '_';
    if (!format.empty() && format.back() == 'N')
        TRY(warn(t, PyExc_DeprecationWarning, 1,
                 "Format specifier 'N' is deprecated and slated for removal in Python 3.18"));
    mpd_spec_t spec;
    if (!mpd_parse_fmt_str(&spec, format.c_str(), context.as<Context>()->capitals))
        return format_in_python(t, self, context, args[0]);
    Override own;
    std::string dot, sep;
    if (nargs > 1) {
        TRY(own.set(t, args[1], spec));
    } else {
        TRY(recode(t, spec.dot, dot));
        TRY(recode(t, spec.sep, sep));
    }
    uint32_t status = 0;
    char* s = mpd_qformat_spec(dec_of(self), &spec, ctx_of(context), &status);
    if (!s) {
        if (status & MPD_Malloc_error) return raise_no_memory(t);
        return raise(t, PyExc_ValueError, "format specification exceeds internal limits of _decimal");
    }
    size_t n = strlen(s);
    if (nul_fill)
        for (size_t i = 0; i < n; i++)
            if (s[i] == '_') s[i] = '\0';
    Ref r = str_from(t, s, n);
    mpd_free(s);
    return r;
}

}  // namespace krait::decimal
