// str.format and str.format_map: finding replacement fields and filling them in.
#include "builtins/format_fields.h"

#include "builtins/dict.h"
#include "builtins/format.h"
#include "builtins/str_methods.h"
#include "builtins/tuple.h"
#include "object/protocol.h"
#include "support/unicode.h"

namespace krait {

// --- reading ---

Result<bool> FieldReader::next(Thread& t, Piece& out) {
    out = Piece{};
    if (at >= end) return false;
    int64_t start = at;
    uint32_t c = 0;
    bool brace = false;
    while (at < end) {
        c = str_char(text, at++);
        if (c == '{' || c == '}') {
            brace = true;
            break;
        }
    }
    out.literal_start = start;
    out.literal_stop = at;
    if (!brace) return true;
    bool at_end = at >= end;
    if (c == '}' && (at_end || str_char(text, at) != '}'))
        return raise(t, PyExc_ValueError, "Single '}' encountered in format string");
    if (at_end && c == '{') return raise(t, PyExc_ValueError, "Single '{' encountered in format string");
    if (str_char(text, at) == c) {  // doubled: one of them is literal
        at++;
        return true;
    }
    out.literal_stop = at - 1;
    out.has_field = true;
    TRY(field(t, out));
    return true;
}

Status FieldReader::field(Thread& t, Piece& out) {
    // The name ends at : ! or }; inside brackets only ] counts.
    out.name_start = at;
    uint32_t c = 0;
    bool done = false;
    while (at < end && !done) {
        c = str_char(text, at++);
        switch (c) {
            case '{':
                return raise(t, PyExc_ValueError, "unexpected '{' in field name");
            case '[':
                while (at < end && str_char(text, at) != ']') at++;
                break;
            case '}':
            case ':':
            case '!':
                done = true;
                break;
            default:
                break;
        }
    }
    out.name_stop = done ? at - 1 : at;
    if (!done || (c != '!' && c != ':')) {
        if (!done || c != '}') return raise(t, PyExc_ValueError, "expected '}' before end of string");
        out.spec_start = out.spec_stop = at - 1;
        return Status::ok();
    }
    if (c == '!') {
        if (at >= end)
            return raise(t, PyExc_ValueError, "end of string while looking for conversion specifier");
        out.conversion = str_char(text, at++);
        if (at < end) {
            c = str_char(text, at++);
            if (c == '}') {
                out.spec_start = out.spec_stop = at - 1;
                return Status::ok();
            }
            if (c != ':') return raise(t, PyExc_ValueError, "expected ':' after conversion specifier");
        }
    }
    out.spec_start = at;
    for (int depth = 1; at < end;) {
        c = str_char(text, at++);
        if (c == '{') {
            out.spec_nested = true;
            depth++;
        } else if (c == '}' && --depth == 0) {
            out.spec_stop = at - 1;
            return Status::ok();
        }
    }
    return raise(t, PyExc_ValueError, "unmatched '{' in format spec");
}

Result<int64_t> field_index(Thread& t, Value text, int64_t start, int64_t stop) {
    if (start == stop) return int64_t{-1};
    int64_t n = 0;
    for (int64_t i = start; i < stop; i++) {
        int digit = unicode::decimal_value(str_char(text, i));
        if (digit < 0) return int64_t{-1};
        if (n > (INT64_MAX - digit) / 10)
            return raise(t, PyExc_ValueError, "Too many decimal digits in format string");
        n = n * 10 + digit;
    }
    return n;
}

int64_t first_name_end(Value text, int64_t start, int64_t stop) {
    while (start < stop) {
        uint32_t c = str_char(text, start);
        if (c == '.' || c == '[') break;
        start++;
    }
    return start;
}

Result<bool> NameReader::next(Thread& t, Part& out) {
    out = Part{};
    if (at >= end) return false;
    uint32_t c = str_char(text, at++);
    if (c == '.') {
        out.is_attribute = true;
        out.start = at;
        while (at < end && str_char(text, at) != '.' && str_char(text, at) != '[') at++;
        out.stop = at;
    } else if (c == '[') {
        out.start = at;
        while (at < end && str_char(text, at) != ']') at++;
        if (at >= end) return raise(t, PyExc_ValueError, "Missing ']' in format string");
        out.stop = at++;
        out.index = TRY(field_index(t, text, out.start, out.stop));
    } else {
        return raise(t, PyExc_ValueError, "Only '.' or '[' may follow ']' in format field specifier");
    }
    if (out.start == out.stop) return raise(t, PyExc_ValueError, "Empty attribute in format string");
    return true;
}

// --- filling in ---

namespace {

class Formatter {
  public:
    Formatter(Thread& t, const Value* args, int64_t nargs, Value kwnames, const Value* kwvalues,
              Value mapping)
        : t_(t), args_(args), nargs_(nargs), kwnames_(kwnames), kwvalues_(kwvalues), mapping_(mapping) {}

    // depth: how many nested levels of fields are still allowed.
    Status run(StrBuilder& out, Value text, int64_t start, int64_t stop, int depth) {
        if (depth < 0) return raise(t_, PyExc_ValueError, "Max string recursion exceeded");
        FieldReader reader{text, start, stop};
        FieldReader::Piece piece;
        for (;;) {
            bool more = TRY(reader.next(t_, piece));
            if (!more) return Status::ok();
            TRY(out.append(text, piece.literal_start, piece.literal_stop));
            if (piece.has_field) TRY(field(out, text, piece, depth));
        }
    }

  private:
    Status field(StrBuilder& out, Value text, const FieldReader::Piece& piece, int depth) {
        Ref v = TRY(object(text, piece.name_start, piece.name_stop));
        if (piece.conversion) v = TRY(convert(v, piece.conversion));
        Ref spec;
        if (piece.spec_nested) {
            StrBuilder inner(t_);
            TRY(run(inner, text, piece.spec_start, piece.spec_stop, depth - 1));
            spec = TRY(inner.finish());
        } else {
            if (piece.spec_start == piece.spec_stop && is_str_exact(v)) return out.append(v);
            spec = TRY(str_substring(t_, text, piece.spec_start, piece.spec_stop));
        }
        Ref formatted = TRY(formatted_value(v, spec));
        return out.append(formatted);
    }

    // format(), without the look-up of __format__ for the types everyone formats.
    Ref formatted_value(Value v, Value spec) {
        if (is_str_exact(v)) return format_str(t_, v, spec);
        if (is_long_exact(v)) return format_int(t_, v, spec);
        if (is_double_exact(v)) return format_float(t_, v, spec);
        return format(t_, v, spec);
    }

    Ref convert(Value v, uint32_t conversion) {
        switch (conversion) {
            case 'r':
                return repr(t_, v);
            case 's':
                return str(t_, v);
            case 'a':
                return ascii(t_, v);
            default:
                break;
        }
        if (conversion > 32 && conversion < 127)
            return raise(t_, PyExc_ValueError, "Unknown conversion specifier %c",
                         static_cast<int>(conversion));
        return raise(t_, PyExc_ValueError, "Unknown conversion specifier \\x%x", conversion);
    }

    Ref object(Value text, int64_t start, int64_t stop) {
        int64_t name_stop = first_name_end(text, start, stop);
        Ref v = TRY(root(text, start, name_stop));
        NameReader reader{text, name_stop, stop};
        NameReader::Part part;
        for (;;) {
            bool more = TRY(reader.next(t_, part));
            if (!more) return v;
            if (part.index >= 0) {
                v = TRY(get_item(t_, v, part.index));
                continue;
            }
            Ref name = TRY(str_substring(t_, text, part.start, part.stop));
            v = part.is_attribute ? TRY(get_attr(t_, v, TRY(str_intern(t_, std::move(name)))))
                                  : TRY(get_item(t_, v, name));
        }
    }

    Ref root(Value text, int64_t start, int64_t stop) {
        int64_t index = TRY(field_index(t_, text, start, stop));
        bool automatic = start == stop;
        if (automatic || index >= 0) {
            Numbering kind = automatic ? Numbering::Automatic : Numbering::Manual;
            if (numbering_ == Numbering::Unknown) numbering_ = kind;
            if (numbering_ != kind)
                return raise(
                    t_, PyExc_ValueError,
                    automatic ? "cannot switch from manual field specification to automatic field numbering"
                              : "cannot switch from automatic field numbering to manual field specification");
            if (automatic) index = automatic_++;
            if (mapping_) return raise(t_, PyExc_ValueError, "Format string contains positional fields");
            if (index >= nargs_)
                return raise(t_, PyExc_IndexError,
                             "Replacement index %zd out of range for positional args tuple", index);
            return Ref::share(args_[index]);
        }
        Ref name = TRY(str_substring(t_, text, start, stop));
        if (mapping_) return get_item(t_, mapping_, name);
        int64_t n = kwnames_ ? tuple_size(kwnames_) : 0;
        for (int64_t i = 0; i < n; i++)
            if (str_equal(tuple_get(kwnames_, i), name)) return Ref::share(kwvalues_[i]);
        return raise_key_error(t_, name);
    }

    enum class Numbering { Unknown, Automatic, Manual };
    Thread& t_;
    const Value* args_;
    int64_t nargs_;
    Value kwnames_;
    const Value* kwvalues_;
    Value mapping_;
    Numbering numbering_ = Numbering::Unknown;
    int64_t automatic_ = 0;
};

Ref run_formatter(Thread& t, Formatter& formatter, Value text) {
    StrBuilder out(t, str_length(text) + 16);
    TRY(formatter.run(out, text, 0, str_length(text), 1));
    return out.finish();
}

}  // namespace

Ref str_format_method(Thread& t, Value self, const Value* args, size_t nargs, Value kwnames) {
    Formatter formatter(t, args, static_cast<int64_t>(nargs), kwnames, args + nargs, Value());
    return run_formatter(t, formatter, self);
}

Ref str_format_map(Thread& t, Value self, Value mapping) {
    Formatter formatter(t, nullptr, 0, Value(), nullptr, mapping);
    return run_formatter(t, formatter, self);
}

}  // namespace krait
