// modsupport.h, argument parsing: keywords, and what Argument Clinic's code calls.
#include <climits>

#include "builtins/dict.h"
#include "builtins/dict_table.h"
#include "builtins/str.h"
#include "builtins/tuple.h"
#include "capi/getargs.h"
#include "object/internal.h"

using namespace krait;

CAPI PyObject* PyDict_GetItemWithError(PyObject*, PyObject*);
CAPI int PyUnicode_EqualToUTF8(PyObject*, const char*);

namespace {
using P = PyObject*;

// The arguments of a call. Keyword values are those of a dict, or stand beside a tuple of names.
struct Arguments {
    P const* args;
    Py_ssize_t nargs;
    P kwargs;           // dict or null
    P const* kwvalues;  // or values for kwnames
    P kwnames;
    Py_ssize_t count() const { return kwargs ? dict_size(kwargs) : kwnames ? tuple_size(kwnames) : 0; }
};

// What is looked for by its C text: most keywords are short and ASCII, and comparing them with the few that a
// call has is less work than making a str. Results are borrowed and fit for C; 0: absent, -1: exception.
constexpr int64_t kFewKeywords = 8;
bool is_named(Value key, const char* name, size_t n) {
    return str_is_ascii(key) && str_length(key) == static_cast<int64_t>(n) &&
           memcmp(str_data(key), name, n) == 0;
}
int find_in_names(Thread& t, const Arguments& a, const char* name, size_t n, bool ascii, P* found) {
    Ref text;
    for (int64_t i = 0; i < tuple_size(a.kwnames); i++) {
        Value key = tuple_get(a.kwnames, i);
        if (!ascii && !text && !(text = decode_utf8(t, name, n, "strict"))) return -1;
        if (ascii ? is_named(key, name, n) : str_equal(key, text)) {
            *found = a.kwvalues[i];
            return 1;
        }
    }
    return 0;
}
int find_in_dict(Thread& t, P dict, const char* name, size_t n, bool ascii, P* found) {
    DictKeys* keys = dict_keys_of(dict);
    if (ascii && keys->str_only && keys->nentries <= kFewKeywords) {
        for (int64_t i = 0; i < keys->nentries; i++) {
            Value& value = keys->value_at(i);
            if (!value || !is_named(keys->key_at(i), name, n)) continue;
            if (!make_fit(value)) return -1;
            *found = value.ptr();
            return 1;
        }
        return 0;
    }
    Ref text = decode_utf8(t, name, n, "strict");
    if (!text) return -1;
    *found = PyDict_GetItemWithError(dict, text.get().ptr());
    return *found ? 1 : t.has_exception() ? -1 : 0;
}
int find(Thread& t, const Arguments& a, const char* name, P* found) {
    size_t n = strlen(name);
    bool ascii = true;
    for (size_t i = 0; i < n; i++) ascii &= !(name[i] & 0x80);
    return a.kwargs    ? find_in_dict(t, a.kwargs, name, n, ascii, found)
           : a.kwnames ? find_in_names(t, a, name, n, ascii, found)
                       : 0;
}

void missing(Thread& t, const char* function, const char* name, int position) {
    // Text that is no UTF-8 can be shown, though never be given.
    if (Ref shown = decode_utf8(t, name, strlen(name), "replace"))
        raise(t, PyExc_TypeError, "%.200s%s missing required argument '%U' (pos %i)",
              function ? function : "function", parens(function), shown.get(), position);
}

// Complains of a keyword that is none of the names from `from` on.
Status unexpected_keyword(Thread& t, const Arguments& k, const char* function, const char* const* names,
                          int from) {
    auto known = [&](Value key) {
        for (const char* const* name = names + from; *name; name++)
            if (PyUnicode_EqualToUTF8(key.ptr(), *name)) return true;
        return false;
    };
    auto check = [&](Value key) -> Status {
        if (!is_str(key)) return raise(t, PyExc_TypeError, "keywords must be strings");
        if (known(key)) return Status::ok();
        return raise(t, PyExc_TypeError, "%.200s%s got an unexpected keyword argument '%S'",
                     function ? function : "this function", parens(function), key);
    };
    if (k.kwargs) {
        int64_t pos = 0;
        Value key, value;
        while (dict_next(k.kwargs, pos, key, value)) TRY(check(key));
    } else if (k.kwnames) {
        for (int64_t i = 0; i < tuple_size(k.kwnames); i++) TRY(check(tuple_get(k.kwnames, i)));
    }
    return Status::ok();
}

// Keywords are left that no parameter took.
int complain_of_rest(Thread& t, const Arguments& a, const char* function, const char* const* names,
                     int pos_only, Py_ssize_t positional) {
    for (int i = pos_only; i < positional; i++) {
        P twice;
        int r = find(t, a, names[i], &twice);
        if (!r) continue;
        if (r > 0)
            raise(t, PyExc_TypeError, "argument for %.200s%s given by name ('%s') and position (%d)",
                  function ? function : "function", parens(function), names[i], i + 1);
        return 0;
    }
    // Every name may be one of the parameters, though looking it up did not find it: a str of a class of its
    // own.
    if (unexpected_keyword(t, a, function, names, pos_only))
        raise(t, PyExc_TypeError, "invalid keyword argument for %.200s%s",
              function ? function : "this function", parens(function));
    return 0;
}

bool is_end(char c) { return !c || c == ':' || c == ';'; }

// One pass over parameters and format together. `names` ends with null; empty ones are positional-only.
class KeywordParse {
  public:
    KeywordParse(Thread& t, const Arguments& a, const char* format, const char* const* names, va_list* va)
        : t_(t), a_(a), format_(format), f_(format), names_(names), va_(va), parse_(t, va, cleanup_) {}

    int run() {
        if (!count_names()) return 0;
        left_ = a_.count();
        if (a_.nargs + left_ > len_) {
            raise(t_, PyExc_TypeError, "%.200s%s takes at most %d %sargument%s (%zd given)", shown(),
                  parens(function()), len_, a_.nargs == 0 ? "keyword " : "", len_ == 1 ? "" : "s",
                  a_.nargs + left_);
            return 0;
        }
        for (i_ = 0; i_ < len_; i_++) {
            if (!marks()) return 0;
            if (too_few_ && max_ != INT_MAX) break;
            if (is_end(*f_)) {
                raise(t_, PyExc_SystemError, "More keyword list entries (%d) than format specifiers (%d)",
                      len_, i_);
                return 0;
            }
            switch (too_few_ ? Step::Skip : take()) {
                case Step::Taken:
                    continue;
                case Step::Skip:
                    break;
                case Step::Done:
                    return done();
                case Step::Failed:
                    return 0;
            }
            const char* item = f_;
            if (const char* e = skip_item(f_, va_)) {
                raise(t_, PyExc_SystemError, "%s: '%s'", e, item);
                return 0;
            }
        }
        if (too_few_) return wrong_positional(min_ < pos_only_ ? min_ : pos_only_, i_, "at least");
        if (!is_end(*f_) && *f_ != '|' && *f_ != '$') {
            raise(t_, PyExc_SystemError,
                  "more argument specifiers than keyword list entries (remaining format:'%s')", f_);
            return 0;
        }
        return left_ > 0 ? complain_of_rest(t_, a_, function(), names_, pos_only_, a_.nargs) : done();
    }

  private:
    enum class Step { Taken, Skip, Done, Failed };

    // What the end of the format says: only complaints want to know.
    const char* after(char mark) const {
        const char* end = format_ + strcspn(format_, ":;");
        return *end == mark ? end + 1 : nullptr;
    }
    const char* function() const { return after(':'); }
    const char* shown() const { return function() ? function() : "function"; }
    int done() {
        cleanup_.ok = true;
        return 1;
    }
    bool count_names() {
        while (names_[pos_only_] && !*names_[pos_only_]) pos_only_++;
        for (len_ = pos_only_; names_[len_]; len_++)
            if (!*names_[len_]) {
                raise(t_, PyExc_SystemError, "Empty keyword parameter name");
                return false;
            }
        return true;
    }
    bool bad_format(const char* what) {
        raise(t_, PyExc_SystemError, "%s", what);
        return false;
    }
    // The marks before parameter i_: from here on optional, from here on by keyword only.
    bool marks() {
        if (*f_ == '|') {
            if (min_ != INT_MAX) return bad_format("Invalid format string (| specified twice)");
            if (max_ != INT_MAX) return bad_format("Invalid format string ($ before |)");
            min_ = i_;
            f_++;
        }
        if (*f_ == '$') {
            if (max_ != INT_MAX) return bad_format("Invalid format string ($ specified twice)");
            max_ = i_;
            f_++;
            if (max_ < pos_only_) return bad_format("Empty parameter name after $");
            if (!too_few_ && max_ < a_.nargs)
                return wrong_positional(max_, min_ == INT_MAX ? max_ : INT_MAX, "at most");
        }
        return true;
    }
    int wrong_positional(int n, int exact, const char* bound) {
        if (n == 0)
            raise(t_, PyExc_TypeError, "%.200s%s takes no positional arguments", shown(), parens(function()));
        else
            raise(t_, PyExc_TypeError, "%.200s%s takes %s %d positional argument%s (%zd given)", shown(),
                  parens(function()), n == exact ? "exactly" : bound, n, n == 1 ? "" : "s", a_.nargs);
        return 0;
    }
    // Converts the argument of parameter i_, if there is one.
    Step take() {
        P arg = nullptr;
        if (i_ < a_.nargs) {
            arg = a_.args[i_];
        } else if (left_ && i_ >= pos_only_) {
            int r = find(t_, a_, names_[i_], &arg);
            if (r < 0) return Step::Failed;
            left_ -= r;
            if (!r) arg = nullptr;
        }
        if (arg) {
            const char* e = convert_item(parse_, arg, f_);
            if (!e) return Step::Taken;
            report(parse_, i_ + 1, e, function(), after(';'));
            return Step::Failed;
        }
        if (i_ < min_) {
            if (i_ >= pos_only_) {
                missing(t_, function(), names_[i_], i_ + 1);
                return Step::Failed;
            }
            // How many there have to be, the rest of the format tells.
            too_few_ = true;
            return Step::Skip;
        }
        // Everything else keeps its default.
        return left_ ? Step::Skip : Step::Done;
    }

    Thread& t_;
    const Arguments& a_;
    const char *format_, *f_;
    const char* const* names_;
    va_list* va_;
    Cleanup cleanup_;
    Parse parse_;
    int pos_only_ = 0, len_ = 0, i_ = 0, min_ = INT_MAX, max_ = INT_MAX;
    Py_ssize_t left_ = 0;   // keywords that no parameter has taken yet
    bool too_few_ = false;  // positional-only arguments are missing
};

bool prepare_parser(Thread& t, _PyArg_Parser* parser) {
    if (parser->once == 4) return true;
    if (parser->format) {
        Format r = read_format(parser->format);
        parser->fname = r.function;
        parser->custom_msg = r.message;
        parser->min = r.min;
        parser->max = r.positional;
    }
    int pos = 0, n = 0;
    if (parser->keywords) {
        while (parser->keywords[pos] && !*parser->keywords[pos]) pos++;
        n = pos;
        while (parser->keywords[n]) n++;
        parser->pos = pos;
    }
    if (!parser->kwtuple && parser->keywords) {
        Ref names = tuple_new(t, n - pos);
        if (!names) return false;
        for (int i = pos; i < n; i++) {
            Ref name = str_intern(t, parser->keywords[i]);
            if (!name) return false;
            tuple_items(names)[i - pos] = name.release();
        }
        parser->kwtuple = names.release().ptr();
        parser->is_kwtuple_owned = 1;
    }
    parser->once = 4;
    return true;
}

}  // namespace

CAPI int PyArg_VaParseTupleAndKeywords(PyObject* args, PyObject* kwargs, const char* format,
                                       const char* const* list, va_list va) {
    Thread& t = here();
    if (!args || !is_tuple(args) || (kwargs && !is_dict(kwargs)) || !format || !list) {
        bad_internal_call(t, "PyArg_ParseTupleAndKeywords");
        return 0;
    }
    if (!expose(args)) return 0;
    Arguments a{reinterpret_cast<P const*>(tuple_items(args)), tuple_size(args), kwargs, nullptr, nullptr};
    va_list copy;
    va_copy(copy, va);
    int r = KeywordParse(t, a, format, list, &copy).run();
    va_end(copy);
    return r;
}
CAPI int PyArg_ParseTupleAndKeywords(PyObject* args, PyObject* kwargs, const char* format,
                                     const char* const* list, ...) {
    va_list va;
    va_start(va, list);
    int r = PyArg_VaParseTupleAndKeywords(args, kwargs, format, list, va);
    va_end(va);
    return r;
}
CAPI int _PyArg_VaParseTupleAndKeywords_SizeT(PyObject* args, PyObject* kwargs, const char* format,
                                              const char* const* list, va_list va)
    ALIAS_OF(PyArg_VaParseTupleAndKeywords);
CAPI int _PyArg_ParseTupleAndKeywords_SizeT(PyObject* args, PyObject* kwargs, const char* format,
                                            const char* const* list, ...)
    ALIAS_OF(PyArg_ParseTupleAndKeywords);
CAPI int _PyArg_ParseTupleAndKeywordsFast(PyObject* args, PyObject* kwargs, _PyArg_Parser* parser, ...) {
    if (!expose(args)) return 0;
    va_list va;
    va_start(va, parser);
    Arguments a{reinterpret_cast<P const*>(tuple_items(args)), tuple_size(args), kwargs, nullptr, nullptr};
    int r = KeywordParse(here(), a, parser->format, parser->keywords, &va).run();
    va_end(va);
    return r;
}
CAPI int _PyArg_ParseStackAndKeywords(PyObject* const* args, Py_ssize_t nargs, PyObject* kwnames,
                                      _PyArg_Parser* parser, ...) {
    va_list va;
    va_start(va, parser);
    Arguments a{args, nargs, nullptr, args + nargs, kwnames};
    int r = KeywordParse(here(), a, parser->format, parser->keywords, &va).run();
    va_end(va);
    return r;
}
// --- what Argument Clinic's code calls ---

#undef _PyArg_UnpackKeywords
CAPI PyObject* const* _PyArg_UnpackKeywords(PyObject* const* args, Py_ssize_t nargs, PyObject* kwargs,
                                            PyObject* kwnames, _PyArg_Parser* parser, int minpos, int maxpos,
                                            int minkw, int varpos, PyObject** buf) {
    Thread& t = here();
    if (kwnames && !kwargs && tuple_size(kwnames) == 0) kwnames = nullptr;
    if (!parser || !prepare_parser(t, parser)) return nullptr;
    const char* const* names = parser->keywords;
    const char* fname = parser->fname;
    const char* shown = fname ? fname : "function";
    int posonly = parser->pos;
    auto nkwnames = static_cast<int>(tuple_size(parser->kwtuple));
    int total = posonly + nkwnames;
    int minposonly = posonly < minpos ? posonly : minpos;
    if (kwnames && !args) return nullptr;
    if (args && !kwnames && !kwargs && minkw == 0 && minpos <= nargs && (varpos || nargs <= maxpos))
        return args;
    Arguments k{args, nargs, kwargs, kwnames ? args + nargs : nullptr, kwnames};
    Py_ssize_t nkw = k.count();
    if (!varpos && nargs + nkw > total) {
        raise(t, PyExc_TypeError, "%.200s%s takes %s %d %sargument%s (%zd given)", shown, parens(fname),
              minpos < total || minkw ? (minpos + minkw < total ? "at most" : "exactly") : "exactly", total,
              nargs == 0 ? "keyword " : "", total == 1 ? "" : "s", nargs + nkw);
        return nullptr;
    }
    if (!varpos && nargs > maxpos) {
        if (maxpos == 0)
            raise(t, PyExc_TypeError, "%.200s%s takes no positional arguments", shown, parens(fname));
        else
            raise(t, PyExc_TypeError, "%.200s%s takes %s %zd positional argument%s (%zd given)", shown,
                  parens(fname), minpos < maxpos ? "at most" : "exactly", static_cast<Py_ssize_t>(maxpos),
                  maxpos == 1 ? "" : "s", nargs);
        return nullptr;
    }
    if (minposonly > nargs) {
        raise(t, PyExc_TypeError, "%.200s%s takes %s %d positional argument%s (%zd given)", shown,
              parens(fname), minposonly < maxpos ? "at least" : "exactly", minposonly,
              minposonly == 1 ? "" : "s", nargs);
        return nullptr;
    }
    Py_ssize_t taken = varpos && nargs > maxpos ? maxpos : nargs;
    for (Py_ssize_t i = 0; i < taken; i++) buf[i] = args[i];
    for (int i = static_cast<int>(taken); i < total; i++) buf[i] = nullptr;
    int need = minkw > 0 ? maxpos + minkw : minpos;
    Py_ssize_t used = 0;
    for (int i = static_cast<int>(taken) > posonly ? static_cast<int>(taken) : posonly; i < total; i++) {
        int found = nkw ? find(t, k, names[i], &buf[i]) : 0;
        if (found < 0) return nullptr;
        if (found) {
            used++;
        } else if (i < minpos || (maxpos <= i && i < need)) {
            missing(t, fname, names[i], i + 1);
            return nullptr;
        }
    }
    if (used < nkw) {
        complain_of_rest(t, k, fname, names, posonly, taken);
        return nullptr;
    }
    return buf;
}
