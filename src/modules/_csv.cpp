// The module _csv: dialects, readers and writers of comma-separated values.
#include <algorithm>
#include <cstring>

#include "builtins/callable.h"
#include "builtins/dict.h"
#include "builtins/iterators.h"
#include "builtins/list.h"
#include "builtins/number.h"
#include "builtins/str_internal.h"
#include "builtins/str_methods.h"
#include "builtins/tuple.h"
#include "gc/gc.h"
#include "object/names.h"
#include "object/per_interpreter.h"
#include "object/protocol.h"

namespace krait {

namespace {

constexpr uint32_t kNotSet = UINT32_MAX;
enum Quoting { kMinimal, kAll, kNonNumeric, kNone, kStrings, kNotNull, kQuotingEnd };

struct DialectObject {
    PyObject ob_base;
    bool doublequote, skipinitialspace, strict;
    int quoting;
    uint32_t delimiter, quotechar, escapechar;
    Value lineterminator;  // str, owned
};

Type dialect_type, reader_type, writer_type;
PER_INTERPRETER_REFS Value g_error, g_dialects;  // _csv.Error; names of dialects; owned
PER_INTERPRETER int64_t g_field_limit = 128 * 1024;

PyTypeObject* error_type() { return g_error.as<PyTypeObject>(); }
DialectObject* as_dialect(Value v) { return v.as<DialectObject>(); }

// --- dialects ---

Status char_option(Thread& t, const char* name, Value v, bool none_allowed, uint32_t* out) {
    if (none_allowed && is_none(v)) {
        *out = kNotSet;
        return Status::ok();
    }
    const char* wanted = none_allowed ? "a unicode character or None" : "a unicode character";
    if (!is_str(v)) return raise(t, PyExc_TypeError, "\"%s\" must be %s, not %#T", name, wanted, v);
    if (str_length(v) != 1)
        return raise(t, PyExc_TypeError, "\"%s\" must be %s, not a string of length %zd", name, wanted,
                     str_length(v));
    *out = str_char(v, 0);
    return Status::ok();
}

Status check_char(Thread& t, const char* name, uint32_t c, bool space_allowed) {
    if (c == '\r' || c == '\n' || (c == ' ' && !space_allowed))
        return raise(t, PyExc_ValueError, "bad %s value", name);
    return Status::ok();
}
Status check_different(Thread& t, const char* a, uint32_t x, const char* b, uint32_t y) {
    if (x == y && x != kNotSet) return raise(t, PyExc_ValueError, "bad %s or %s value", a, b);
    return Status::ok();
}
bool contains_char(Value text, uint32_t c) {
    if (c == kNotSet) return false;
    return with_chars(text, [&](auto* s) {
        for (int64_t i = 0; i < str_length(text); i++)
            if (s[i] == c) return true;
        return false;
    });
}
Status check_terminator(Thread& t, const char* name, uint32_t c, Value terminator) {
    if (contains_char(terminator, c))
        return raise(t, PyExc_ValueError, "bad %s or lineterminator value", name);
    return Status::ok();
}

Status validate(Thread& t, DialectObject* d) {
    if (d->quoting != kNone && d->quotechar == kNotSet)
        return raise(t, PyExc_TypeError, "quotechar must be set if quoting enabled");
    TRY(check_char(t, "delimiter", d->delimiter, true));
    TRY(check_char(t, "escapechar", d->escapechar, !d->skipinitialspace));
    TRY(check_char(t, "quotechar", d->quotechar, !d->skipinitialspace));
    TRY(check_different(t, "delimiter", d->delimiter, "escapechar", d->escapechar));
    TRY(check_different(t, "delimiter", d->delimiter, "quotechar", d->quotechar));
    TRY(check_different(t, "escapechar", d->escapechar, "quotechar", d->quotechar));
    TRY(check_terminator(t, "delimiter", d->delimiter, d->lineterminator));
    TRY(check_terminator(t, "escapechar", d->escapechar, d->lineterminator));
    return check_terminator(t, "quotechar", d->quotechar, d->lineterminator);
}

constexpr const char* kOptions[] = {"delimiter", "doublequote", "escapechar",       "lineterminator",
                                    "quotechar", "quoting",     "skipinitialspace", "strict"};
enum Option {
    kDelimiter,
    kDoublequote,
    kEscapechar,
    kLineterminator,
    kQuotechar,
    kQuotingOption,
    kSkip,
    kStrict
};
constexpr int kOptionCount = 8;

Ref find_dialect(Thread& t, Value name) {
    Ref found = TRY(dict_get(t, g_dialects, name));
    if (!found) return raise(t, error_type(), "unknown dialect");
    return found;
}

Status fill(Thread& t, DialectObject* d, const Ref* options) {
    d->delimiter = ',';
    d->doublequote = true;
    d->escapechar = kNotSet;
    d->quotechar = '"';
    if (options[kDelimiter]) TRY(char_option(t, "delimiter", options[kDelimiter], false, &d->delimiter));
    if (options[kDoublequote]) d->doublequote = TRY(is_true(t, options[kDoublequote]));
    if (options[kEscapechar]) TRY(char_option(t, "escapechar", options[kEscapechar], true, &d->escapechar));
    Value terminator = options[kLineterminator];
    if (terminator && !is_str(terminator))
        return raise(t, PyExc_TypeError, "\"lineterminator\" must be a string, not %#T", terminator);
    d->lineterminator = terminator ? Ref::share(terminator).release() : TRY(str_from(t, "\r\n")).release();
    if (options[kQuotechar]) TRY(char_option(t, "quotechar", options[kQuotechar], true, &d->quotechar));
    if (Value quoting = options[kQuotingOption]) {
        if (!is_long(quoting))
            return raise(t, PyExc_TypeError, "\"quoting\" must be an integer, not %#T", quoting);
        d->quoting = TRY(as_int32(t, quoting));
        if (d->quoting < 0 || d->quoting >= kQuotingEnd)
            return raise(t, PyExc_TypeError, "bad \"quoting\" value");
    } else if (options[kQuotechar] && is_none(options[kQuotechar])) {
        d->quoting = kNone;
    }
    if (options[kSkip]) d->skipinitialspace = TRY(is_true(t, options[kSkip]));
    if (options[kStrict]) d->strict = TRY(is_true(t, options[kStrict]));
    return validate(t, d);
}

// Says what is wrong with the keywords of a call.
Ref refuse_option(Thread& t, const Value* kwvalues, Value kwnames) {
    Value out[kOptionCount + 1];
    Ref keep;
    TRY(bind_args(t, nullptr,
                  "(*, dialect=None, delimiter=None, doublequote=None, escapechar=None, lineterminator=None, "
                  "quotechar=None, quoting=None, skipinitialspace=None, strict=None)",
                  kwvalues, 0, kwnames, out, keep));
    return {};
}

// The dialect given by name or object (or nothing) with the options of the call over it. `options`: those
// given by position.
Ref make_dialect(Thread& t, PyTypeObject* type, Value given, Ref* options, const Value* kwvalues,
                 Value kwnames) {
    int64_t count = kwnames ? tuple_size(kwnames) : 0;
    for (int64_t k = 0; k < count; k++) {
        Value name = tuple_get(kwnames, k);
        int i = 0;
        while (i < kOptionCount && !str_equal(name, kOptions[i])) i++;
        if (i < kOptionCount && options[i])
            return raise(t, PyExc_TypeError, "argument for function given by name ('%S') and position (%d)",
                         name, i + 2);
        if (i < kOptionCount)
            options[i] = Ref::share(kwvalues[k]);
        else if (str_equal(name, "dialect") && !given)
            given = kwvalues[k];
        else
            return refuse_option(t, kwvalues, kwnames);
    }
    Ref base;
    if (given && !is_none(given)) base = is_str(given) ? TRY(find_dialect(t, given)) : Ref::share(given);
    if (base &&
        !std::any_of(options, options + kOptionCount, [](const Ref& o) { return static_cast<bool>(o); }) &&
        has_type(base, type))
        return base;
    for (int i = 0; i < kOptionCount && base; i++) {
        if (options[i]) continue;
        Ref v = get_attr(t, base, kOptions[i]);
        if (!v) clear_error(t);
        options[i] = std::move(v);
    }
    Ref r = TRY(alloc(t, type));
    TRY(fill(t, as_dialect(r), options));
    return r;
}

// That of reader(), writer() and register_dialect(): the second argument, and options by name.
Ref dialect_of_call(Thread& t, const Value* args, size_t nargs, Value kwnames) {
    Ref options[kOptionCount];
    return make_dialect(t, &dialect_type, nargs > 1 ? args[1] : Value(), options, args + nargs, kwnames);
}

Ref dialect_new(Thread& t, PyTypeObject* type, const Value* args, size_t nargs, Value kwnames) {
    if (nargs > 1 + kOptionCount)
        return raise(t, PyExc_TypeError, "function takes at most %d arguments (%zu given)", 1 + kOptionCount,
                     nargs + (kwnames ? static_cast<size_t>(tuple_size(kwnames)) : 0));
    Ref options[kOptionCount];
    for (size_t i = 1; i < nargs; i++) options[i - 1] = Ref::share(args[i]);
    return make_dialect(t, type, nargs ? args[0] : Value(), options, args + nargs, kwnames);
}
Status dialect_init(Thread&, Value, const Value*, size_t, Value) { return Status::ok(); }
void dialect_dealloc(Thread& t, PyObject* o) {
    xdecref(reinterpret_cast<DialectObject*>(o)->lineterminator);
    free_object(t, o);
}
Ref char_value(Thread& t, uint32_t c) { return c == kNotSet ? none_ref() : str_from_char(t, c); }
Ref get_delimiter(Thread& t, Value self, void*) { return char_value(t, as_dialect(self)->delimiter); }
Ref get_escapechar(Thread& t, Value self, void*) { return char_value(t, as_dialect(self)->escapechar); }
Ref get_quotechar(Thread& t, Value self, void*) { return char_value(t, as_dialect(self)->quotechar); }
Ref get_lineterminator(Thread&, Value self, void*) { return Ref::share(as_dialect(self)->lineterminator); }
Ref get_quoting(Thread&, Value self, void*) { return Ref::from_int(as_dialect(self)->quoting); }
Ref dialect_reduce(Thread& t, Value self, const Value*, size_t, Value) {
    return raise(t, PyExc_TypeError, "cannot pickle '%T' instances", self);
}

const NativeDef dialect_methods[] = {
    def<dialect_reduce>("__reduce__", "", "raises an exception to avoid pickling", kMethNoSignature),
    def<dialect_reduce>("__reduce_ex__", "", "raises an exception to avoid pickling", kMethNoSignature),
    {},
};
const GetSetDef dialect_getset[] = {
    getset("delimiter", get_delimiter, nullptr, nullptr),
    getset("escapechar", get_escapechar, nullptr, nullptr),
    getset("lineterminator", get_lineterminator, nullptr, nullptr),
    getset("quotechar", get_quotechar, nullptr, nullptr),
    getset("quoting", get_quoting, nullptr, nullptr),
    {},
};
const MemberDef dialect_members[] = {
    member("skipinitialspace", MemberKind::Bool, offsetof(DialectObject, skipinitialspace), kReadonly,
           nullptr),
    member("doublequote", MemberKind::Bool, offsetof(DialectObject, doublequote), kReadonly, nullptr),
    member("strict", MemberKind::Bool, offsetof(DialectObject, strict), kReadonly, nullptr),
    {},
};

// --- reader ---

enum class State : uint8_t {
    StartRecord,
    StartField,
    Escaped,
    InField,
    InQuoted,
    EscapedInQuoted,
    QuoteInQuoted,
    EatNewline,
    AfterEscapedNewline,
};

struct ReaderObject {
    PyObject ob_base;
    Value input, dialect;  // owned
    int64_t line_num;
};

// How many of the next characters merely belong to a field in this state.
template <class C>
int64_t plain_run(const DialectObject* d, State state, const C* s, int64_t n) {
    int64_t i = 0;
    uint32_t escape = d->escapechar;
    if (state == State::InField) {
        while (i < n && s[i] != d->delimiter && s[i] != escape && s[i] != '\n' && s[i] != '\r') i++;
    } else if (state == State::InQuoted) {
        while (i < n && s[i] != d->quotechar && s[i] != escape) i++;
    }
    return i;
}

// Reads one record, over as many lines as it takes.
class Record {
  public:
    Record(Thread& t, DialectObject* d) : t_(t), d_(d), field_(t) {}
    Status start() {
        fields_ = TRY(list_new(t_));
        return Status::ok();
    }
    // Takes fields that need no assembling from `i` on, where one begins: text up to a delimiter or the end
    // of the line, or quotes around text without any. Returns where something else begins.
    template <class C>
    Result<int64_t> whole_fields(Value text, const C* s, int64_t i, int64_t n) {
        bool plain = d_->quoting == kMinimal || d_->quoting == kAll;
        while (plain && i < n && (state_ == State::StartRecord || state_ == State::StartField)) {
            uint32_t c = s[i];
            bool quoted = c == d_->quotechar;
            int64_t from = i + quoted;
            State inside = quoted ? State::InQuoted : State::InField;
            int64_t end = from + plain_run(d_, inside, s + from, n - from), after = end + quoted;
            if ((quoted && (end >= n || s[end] != d_->quotechar)) || after >= n || end - from > g_field_limit)
                break;
            if (end == from && !quoted) break;
            if (!quoted && c == ' ' && d_->skipinitialspace) break;
            uint32_t next = s[after];
            if (next != d_->delimiter && next != '\n') break;
            Ref field = TRY(str_substring(t_, text, from, end));
            TRY(list_append_owned(t_, fields_, std::move(field)));
            unquoted_ = !quoted;
            state_ = next == '\n' ? State::EatNewline : State::StartField;
            i = after + 1;
        }
        return i;
    }

    Status line(Value text) {
        int64_t n = str_length(text);
        TRY(with_chars(text, [&](auto* s) -> Status {
            for (int64_t i = 0; i < n; i++) {
                i = TRY(whole_fields(text, s, i, n));
                if (i == n) break;
                int64_t end = i + plain_run(d_, state_, s + i, n - i);
                if (end - i > 1 && end - i <= g_field_limit - field_.size()) {
                    TRY(field_.append(text, i, end));
                    i = end;
                    if (i == n) break;
                }
                TRY(take(s[i]));
            }
            return Status::ok();
        }));
        return take(kEnd);
    }
    bool complete() const { return state_ == State::StartRecord; }
    bool pending() const { return field_.size() != 0 || state_ == State::InQuoted; }
    Status save() {
        Ref v;
        bool numeric = d_->quoting == kNonNumeric || d_->quoting == kStrings;
        if (unquoted_ && field_.size() == 0 && (d_->quoting == kNotNull || d_->quoting == kStrings)) {
            v = none_ref();
        } else {
            bool number = unquoted_ && field_.size() != 0 && numeric;
            v = TRY(field_.finish());
            field_.truncate(0);
            if (number) v = TRY(to_float(t_, v));
        }
        return list_append_owned(t_, fields_, std::move(v));
    }
    Ref fields() { return std::move(fields_); }

  private:
    static constexpr uint32_t kEnd = UINT32_MAX - 1;
    static bool is_end(uint32_t c) { return c == '\n' || c == '\r' || c == kEnd; }

    Status add(uint32_t c) {
        if (field_.size() >= g_field_limit)
            return raise(t_, error_type(), "field larger than field limit (%ld)",
                         static_cast<long>(g_field_limit));
        return field_.put(c);
    }
    Status end_field(uint32_t c) {
        TRY(save());
        state_ = c == kEnd ? State::StartRecord : State::EatNewline;
        return Status::ok();
    }
    Status next_field() {
        TRY(save());
        state_ = State::StartField;
        return Status::ok();
    }

    Status take(uint32_t c) {
        switch (state_) {
            case State::StartRecord:
                if (c == kEnd) return Status::ok();
                if (is_end(c)) {
                    state_ = State::EatNewline;
                    return Status::ok();
                }
                state_ = State::StartField;
                [[fallthrough]];
            case State::StartField:
                return start_field(c);
            case State::Escaped:
                if (c == '\n' || c == '\r') {
                    state_ = State::AfterEscapedNewline;
                    return add(c);
                }
                state_ = State::InField;
                return add(c == kEnd ? '\n' : c);
            case State::AfterEscapedNewline:
                if (c == kEnd) return Status::ok();
                [[fallthrough]];
            case State::InField:
                if (is_end(c)) return end_field(c);
                if (c == d_->escapechar) {
                    state_ = State::Escaped;
                    return Status::ok();
                }
                if (c == d_->delimiter) return next_field();
                return add(c);
            case State::InQuoted:
                return in_quoted(c);
            case State::EscapedInQuoted:
                state_ = State::InQuoted;
                return add(c == kEnd ? '\n' : c);
            case State::QuoteInQuoted:
                return after_quote(c);
            case State::EatNewline:
                if (c == kEnd)
                    state_ = State::StartRecord;
                else if (!is_end(c))
                    return raise(
                        t_, error_type(),
                        "new-line character seen in unquoted field - do you need to open the file with "
                        "newline=''?");
                return Status::ok();
        }
        return Status::ok();
    }
    Status start_field(uint32_t c) {
        unquoted_ = true;
        if (is_end(c)) return end_field(c);
        if (c == d_->quotechar && d_->quoting != kNone) {
            unquoted_ = false;
            state_ = State::InQuoted;
        } else if (c == d_->escapechar) {
            state_ = State::Escaped;
        } else if (c == ' ' && d_->skipinitialspace) {
            return Status::ok();
        } else if (c == d_->delimiter) {
            return save();
        } else {
            state_ = State::InField;
            return add(c);
        }
        return Status::ok();
    }
    Status in_quoted(uint32_t c) {
        if (c == kEnd) return Status::ok();
        if (c == d_->escapechar)
            state_ = State::EscapedInQuoted;
        else if (c == d_->quotechar && d_->quoting != kNone)
            state_ = d_->doublequote ? State::QuoteInQuoted : State::InField;
        else
            return add(c);
        return Status::ok();
    }
    Status after_quote(uint32_t c) {
        if (d_->quoting != kNone && c == d_->quotechar) {
            state_ = State::InQuoted;
            return add(c);
        }
        if (c == d_->delimiter) return next_field();
        if (is_end(c)) return end_field(c);
        if (!d_->strict) {
            state_ = State::InField;
            return add(c);
        }
        Ref a = TRY(str_from_char(t_, d_->delimiter)), b = TRY(str_from_char(t_, d_->quotechar));
        return raise(t_, error_type(), "'%U' expected after '%U'", a.get(), b.get());
    }

    Thread& t_;
    DialectObject* d_;
    StrBuilder field_;
    Ref fields_;
    State state_ = State::StartRecord;
    bool unquoted_ = true;
};

Ref reader_next(Thread& t, Value self) {
    auto* r = self.as<ReaderObject>();
    Ref keep = Ref::share(r->dialect);
    Record record(t, as_dialect(r->dialect));
    TRY(record.start());
    int64_t before = r->line_num, lines = 0;
    do {
        Ref line = iter_next(t, r->input);
        if (!line) {
            if (occurred(t) || !record.pending()) return {};
            if (as_dialect(r->dialect)->strict) return raise(t, error_type(), "unexpected end of data");
            TRY(record.save());
            break;
        }
        if (r->line_num != before + lines)
            return raise(t, error_type(), "iterator has already advanced the reader");
        lines++;
        if (!is_str(line))
            return raise(t, error_type(),
                         "iterator should return strings, not %T (the file should be opened in text mode)",
                         line.get());
        r->line_num++;
        TRY(record.line(line));
    } while (!record.complete());
    return record.fields();
}
void reader_dealloc(Thread& t, PyObject* o) {
    gc_untrack(t, o);
    xdecref(reinterpret_cast<ReaderObject*>(o)->input);
    xdecref(reinterpret_cast<ReaderObject*>(o)->dialect);
    free_object(t, o);
}
void reader_traverse(PyObject* o, Visitor& v) {
    v.visit(reinterpret_cast<ReaderObject*>(o)->input);
    v.visit(reinterpret_cast<ReaderObject*>(o)->dialect);
}
const MemberDef reader_members[] = {
    member("dialect", MemberKind::Object, offsetof(ReaderObject, dialect), kReadonly, nullptr),
    member("line_num", MemberKind::LongLong, offsetof(ReaderObject, line_num), kReadonly, nullptr),
    {},
};

Status positional_count(Thread& t, const char* fname, size_t nargs) {
    if (nargs < 1) return raise(t, PyExc_TypeError, "%s expected at least 1 argument, got 0", fname);
    if (nargs > 2) return raise(t, PyExc_TypeError, "%s expected at most 2 arguments, got %zu", fname, nargs);
    return Status::ok();
}

Ref f_reader(Thread& t, Value, const Value* args, size_t nargs, Value kwnames) {
    TRY(positional_count(t, "reader", nargs));
    Ref input = TRY(iter(t, args[0]));
    Ref dialect = TRY(dialect_of_call(t, args, nargs, kwnames));
    Ref r = TRY(alloc(t, &reader_type));
    r.as<ReaderObject>()->input = input.release();
    r.as<ReaderObject>()->dialect = dialect.release();
    return r;
}

// --- writer ---

struct WriterObject {
    PyObject ob_base;
    Value write, dialect;  // owned
};

// Builds the text of one row.
class Row {
  public:
    Row(Thread& t, DialectObject* d) : t_(t), d_(d), out_(t) {}

    Status field(Value v) {
        bool quoted = wants_quotes(v);
        if (is_str(v)) return append(v, quoted);
        null_ = is_none(v);
        if (null_) return append(Value(), quoted);
        Ref text = TRY(str(t_, v));
        return append(text, quoted);
    }

    Ref finish() {
        if (count_ > 0 && out_.size() == 0) {  // would read as a row without fields
            if (d_->quoting == kNone || (null_ && (d_->quoting == kStrings || d_->quoting == kNotNull)))
                return raise(t_, error_type(), "single empty field record must be quoted");
            count_--;
            TRY(append(Value(), true));
        }
        TRY(out_.append(d_->lineterminator));
        return out_.finish();
    }

  private:
    bool wants_quotes(Value v) const {
        switch (d_->quoting) {
            case kNonNumeric: {
                const Slots& slots = ext(type_of(v))->slots;
                return !(is_long(v) || is_double(v) || slots.nb_index || slots.nb_int || slots.nb_float ||
                         has_type(v, &PyComplex_Type));
            }
            case kAll:
                return true;
            case kStrings:
                return is_str(v);
            case kNotNull:
                return !is_none(v);
            default:
                return false;
        }
    }

    bool special(uint32_t c) const {
        return c == d_->delimiter || c == d_->escapechar || c == d_->quotechar || c == '\n' || c == '\r' ||
               contains_char(d_->lineterminator, c);
    }

    bool is_special(uint32_t c) const {
        return c < 128 ? special_[c] : special(c);
    }  // once has_special() ran
    // Decides for ASCII by a table of this row's.
    bool has_special(Value text, int64_t n) {
        if (!known_) {
            auto note = [&](uint32_t c) {
                if (c < 128) special_[c] = true;
            };
            for (uint32_t c : {d_->delimiter, d_->escapechar, d_->quotechar, uint32_t{'\n'}, uint32_t{'\r'}})
                note(c);
            for (int64_t i = 0; i < str_length(d_->lineterminator); i++)
                note(str_char(d_->lineterminator, i));
            known_ = true;
        }
        bool found = false;
        (void)with_chars(text, [&](auto* s) -> Status {
            for (int64_t i = 0; i < n && !found; i++) found = is_special(s[i]);
            return Status::ok();
        });
        return found;
    }

    // What must stand before c; also decides that the field needs quotes.
    Result<uint32_t> escape_for(uint32_t c, bool* quoted) {
        bool escape = d_->quoting == kNone;
        if (!escape) {
            if (c == d_->quotechar) {
                *quoted = *quoted || d_->doublequote;
                if (d_->doublequote) return d_->quotechar;
                escape = true;
            } else if (c == d_->escapechar) {
                escape = true;
            }
            if (!escape) *quoted = true;
        }
        if (!escape) return kNotSet;
        if (d_->escapechar == kNotSet)
            return raise(t_, error_type(), "need to escape, but no escapechar set");
        return d_->escapechar;
    }

    Status append(Value text, bool quoted) {
        int64_t n = text ? str_length(text) : 0;
        if (count_ > 0) TRY(out_.put(d_->delimiter));
        if (n == 0 && d_->delimiter == ' ' && d_->skipinitialspace) {
            if (d_->quoting == kNone || (!text && (d_->quoting == kStrings || d_->quoting == kNotNull)))
                return raise(
                    t_, error_type(),
                    "empty field must be quoted if delimiter is a space and skipinitialspace is true");
            quoted = true;
        }
        bool plain = !n || !has_special(text, n);
        for (int64_t i = 0; !plain && i < n; i++) {
            uint32_t c = str_char(text, i);
            if (is_special(c)) TRY_DISCARD(escape_for(c, &quoted));
        }
        if (quoted) TRY(out_.put(d_->quotechar));
        if (plain && n) {
            TRY(out_.append(text));
        } else {
            for (int64_t i = 0; i < n; i++) {
                uint32_t c = str_char(text, i);
                uint32_t before = is_special(c) ? TRY(escape_for(c, &quoted)) : kNotSet;
                if (before != kNotSet) TRY(out_.put(before));
                TRY(out_.put(c));
            }
        }
        if (quoted) TRY(out_.put(d_->quotechar));
        count_++;
        return Status::ok();
    }

    Thread& t_;
    DialectObject* d_;
    StrBuilder out_;
    int64_t count_ = 0;
    bool null_ = false;
    bool known_ = false;      // special_ is filled
    bool special_[128] = {};  // special() of ASCII
};

Ref writerow(Thread& t, Value self, Value fields) {
    auto* w = self.as<WriterObject>();
    Ref it = iter(t, fields);
    if (!it) {
        if (!clear_if(t, PyExc_TypeError)) return {};
        return raise(t, error_type(), "iterable expected, not %T", fields);
    }
    Row row(t, as_dialect(w->dialect));
    for (;;) {
        Ref field = iter_next(t, it);
        if (!field) break;
        TRY(row.field(field));
    }
    if (occurred(t)) return {};
    Ref text = TRY(row.finish());
    return call(t, w->write, {text});
}
Ref writerows(Thread& t, Value self, Value rows) {
    Ref it = TRY(iter(t, rows));
    for (;;) {
        Ref row = iter_next(t, it);
        if (!row) break;
        TRY_DISCARD(writerow(t, self, row));
    }
    if (occurred(t)) return {};
    return none_ref();
}
void writer_dealloc(Thread& t, PyObject* o) {
    gc_untrack(t, o);
    xdecref(reinterpret_cast<WriterObject*>(o)->write);
    xdecref(reinterpret_cast<WriterObject*>(o)->dialect);
    free_object(t, o);
}
void writer_traverse(PyObject* o, Visitor& v) {
    v.visit(reinterpret_cast<WriterObject*>(o)->write);
    v.visit(reinterpret_cast<WriterObject*>(o)->dialect);
}
const NativeDef writer_methods[] = {
    def<writerow>("writerow", "(row, /)", "Write one row."),
    def<writerows>("writerows", "(rows, /)", "Write rows."),
    {},
};
const MemberDef writer_members[] = {
    member("dialect", MemberKind::Object, offsetof(WriterObject, dialect), kReadonly, nullptr),
    {},
};

Ref f_writer(Thread& t, Value, const Value* args, size_t nargs, Value kwnames) {
    TRY(positional_count(t, "writer", nargs));
    Ref write = TRY(lookup_attr(t, args[0], "write"));
    if (!write || !is_callable(write))
        return raise(t, PyExc_TypeError, "argument 1 must have a \"write\" method");
    Ref dialect = TRY(dialect_of_call(t, args, nargs, kwnames));
    Ref r = TRY(alloc(t, &writer_type));
    r.as<WriterObject>()->write = write.release();
    r.as<WriterObject>()->dialect = dialect.release();
    return r;
}

// --- the registry of dialects ---

Ref f_list_dialects(Thread& t, Value) { return dict_keys_list(t, g_dialects); }
Ref f_register_dialect(Thread& t, Value, const Value* args, size_t nargs, Value kwnames) {
    TRY(positional_count(t, "register_dialect", nargs));
    if (!is_str(args[0])) return raise(t, PyExc_TypeError, "dialect name must be a string");
    Ref dialect = TRY(dialect_of_call(t, args, nargs, kwnames));
    TRY(dict_set(t, g_dialects, args[0], dialect));
    return none_ref();
}
Ref f_unregister_dialect(Thread& t, Value, const Value* p) {
    bool there = TRY(dict_delete(t, g_dialects, p[0]));
    if (!there) return raise(t, error_type(), "unknown dialect");
    return none_ref();
}
Ref f_get_dialect(Thread& t, Value, const Value* p) { return find_dialect(t, p[0]); }
Ref f_field_size_limit(Thread& t, Value, const Value* p) {
    int64_t old = g_field_limit;
    if (p[0]) {
        if (!is_long(p[0])) return raise(t, PyExc_TypeError, "limit must be an integer");
        g_field_limit = TRY(ssize_arg(t, p[0]));
    }
    return int_from(t, old);
}

const NativeDef functions[] = {
    def<f_reader>("reader", "(iterable, /, dialect='excel', **fmtparams)",
                  "An iterator of the rows in an iterable of lines."),
    def<f_writer>("writer", "(fileobj, /, dialect='excel', **fmtparams)", "A writer of rows to a file."),
    def<f_list_dialects>("list_dialects", "()", "The names of the registered dialects."),
    def<f_register_dialect>("register_dialect", "(name, /, dialect='excel', **fmtparams)",
                            "Give a dialect a name."),
    def<f_unregister_dialect>("unregister_dialect", "(name)", "Forget the dialect of this name."),
    def<f_get_dialect>("get_dialect", "(name)", "The dialect of this name."),
    def<f_field_size_limit>("field_size_limit", "(new_limit=<unrepresentable>)",
                            "Set an upper limit on parsed fields; the old one."),
    {},
};

Ref make_error(Thread& t, Value module) {
    static const TypeDecl decl = {.name = "_csv.Error",
                                  .basicsize = PyExc_Exception->tp_basicsize,
                                  .flags = kTpDefault | kTpBaseType | kTpHaveGC};
    Ref bases = TRY(tuple_of(t, {Value(PyExc_Exception)}));
    return new_native_heap_type(t, module, decl, bases);
}

Status init_types(Thread& t, Value module) {
    static const TypeDecl dialect = {
        .name = "_csv.Dialect",
        .basicsize = sizeof(DialectObject),
        .flags = kTpDefault | kTpBaseType,
        .slots = {.dealloc = dialect_dealloc, .init = dialect_init, .new_ = dialect_new},
        .spec = {.methods = dialect_methods,
                 .getset = dialect_getset,
                 .members = dialect_members,
                 .doc = "How rows are written as text."},
    };
    static const TypeDecl reader = {
        .name = "_csv.reader",
        .basicsize = sizeof(ReaderObject),
        .flags = kTpDefault | kTpHaveGC | kTpDisallowInstantiation,
        .slots = {.dealloc = reader_dealloc,
                  .traverse = reader_traverse,
                  .iter = iter_self,
                  .iternext = reader_next},
        .spec = {.members = reader_members, .doc = "Iterates over the rows of a text."},
    };
    static const TypeDecl writer = {
        .name = "_csv.writer",
        .basicsize = sizeof(WriterObject),
        .flags = kTpDefault | kTpHaveGC | kTpDisallowInstantiation,
        .slots = {.dealloc = writer_dealloc, .traverse = writer_traverse},
        .spec = {.methods = writer_methods, .members = writer_members, .doc = "Writes rows as text."},
    };
    if (!dialect_type.tp_name) {
        init_static_type(dialect_type, dialect);
        init_static_type(reader_type, reader);
        init_static_type(writer_type, writer);
    }
    if (!g_error) {
        g_error = TRY(make_error(t, module)).release();
        g_dialects = TRY(dict_new(t)).release();
    }
    TRY(ready_type(t, &dialect_type));
    TRY(ready_type(t, &reader_type));
    return ready_type(t, &writer_type);
}

Status exec(Thread& t, Value module) {
    TRY(init_types(t, module));
    constexpr const char* kNames[] = {"QUOTE_MINIMAL", "QUOTE_ALL",     "QUOTE_NONNUMERIC",
                                      "QUOTE_NONE",    "QUOTE_STRINGS", "QUOTE_NOTNULL"};
    for (int i = 0; i < kQuotingEnd; i++) TRY(module_add_int(t, module, kNames[i], i));
    TRY(module_add(t, module, "Dialect", Ref::share(Value(&dialect_type))));
    TRY(module_add(t, module, "Reader", Ref::share(Value(&reader_type))));
    TRY(module_add(t, module, "Writer", Ref::share(Value(&writer_type))));
    TRY(module_add(t, module, "_dialects", Ref::share(g_dialects)));
    return module_add(t, module, "Error", Ref::share(g_error));
}

}  // namespace

extern const ModuleSpec module__csv = {"_csv", "CSV parsing and writing.", functions, exec};

}  // namespace krait
