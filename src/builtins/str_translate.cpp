// str.maketrans and str.translate.
#include <cstring>

#include "builtins/codec.h"
#include "builtins/dict.h"
#include "builtins/str_methods.h"
#include "builtins/tuple.h"
#include "object/protocol.h"

namespace krait {

namespace {

Ref table_from_dict(Thread& t, Value from) {
    if (!is_dict_exact(from))
        return raise(t, PyExc_TypeError, "if you give only one argument to maketrans it must be a dict");
    Ref table = TRY(dict_new(t));
    int64_t pos = 0;
    Value key, value;
    while (dict_next(from, pos, key, value)) {
        if (is_str(key)) {
            if (str_length(key) != 1)
                return raise(t, PyExc_ValueError, "string keys in translatetable must be of length 1");
            TRY(dict_set(t, table, Value::from_int(str_char(key, 0)), value));
        } else if (is_long(key)) {
            TRY(dict_set(t, table, key, value));
        } else {
            return raise(t, PyExc_TypeError, "keys in translate table mustbe strings or integers");
        }
    }
    return table;
}

// What the table says for one character.
struct Answer {
    bool absent = false;  // the character stays
    Ref text;             // str to put, empty: drop the character
    uint32_t c = 0;
    bool is_char = false;
    bool drops() const { return !absent && !is_char && !text; }
};

Status look_up(Thread& t, Value table, uint32_t c, Answer& out) {
    out = Answer{};
    Ref found;
    if (is_dict_exact(table)) {
        found = TRY(dict_get(t, table, Value::from_int(c)));
        out.absent = !found;
    } else {
        found = get_item(t, table, Value::from_int(c));
        if (!found && !error_is(t, PyExc_LookupError)) return {};
        out.absent = !found;
        if (!found) clear_error(t);
    }
    if (out.absent) return Status::ok();
    if (is_none(found)) return Status::ok();
    if (is_long(found)) {
        int64_t code;
        if (!int_to_i64(found, &code) || code < 0 || code > 0x10ffff)
            return raise(t, PyExc_ValueError, "character mapping must be in range(0x%x)", 0x110000);
        out.c = static_cast<uint32_t>(code);
        out.is_char = true;
        return Status::ok();
    }
    if (!is_str(found))
        return raise(t, PyExc_TypeError, "character mapping must return integer, None or str");
    out.text = std::move(found);
    return Status::ok();
}

Status put_answer(StrBuilder& out, const Answer& answer, uint32_t c) {
    if (answer.absent) return out.put(c);
    if (answer.is_char) return out.put(answer.c);
    if (answer.text) return out.append(answer.text);
    return Status::ok();
}

// ASCII text: a character that becomes one of ASCII or nothing is looked up once. Returns where it ended: at
// the first that becomes something else where the table is no dict and may count how often it is asked; the
// caller goes on from there in the general way.
Result<int64_t> translate_ascii(Thread& t, Value self, Value table, StrBuilder& out) {
    enum : uint8_t { kUnknown = 0xff, kDropped = 0xfe };
    uint8_t known[128];
    std::memset(known, kUnknown, sizeof known);
    int64_t n = str_length(self);
    TRY(out.reserve(n));
    for (int64_t i = 0; i < n; i++) {
        uint32_t c = str_char(self, i);
        if (known[c] == kUnknown) {
            Answer answer;
            TRY(look_up(t, table, c, answer));
            uint32_t put = answer.absent ? c : answer.c;
            if (answer.text && str_length(answer.text) == 1) put = str_char(answer.text, 0);
            if ((answer.text && str_length(answer.text) != 1) || put >= 128) {
                if (!is_dict_exact(table)) return i;
                TRY(put_answer(out, answer, c));
                continue;
            }
            known[c] = answer.absent || answer.is_char || answer.text ? static_cast<uint8_t>(put) : kDropped;
        }
        if (known[c] != kDropped) TRY(out.put(known[c]));
    }
    return n;
}

}  // namespace

Ref str_maketrans(Thread& t, Value, const Value* args, size_t nargs, Value kwnames) {
    TRY(no_kwargs(t, "str.maketrans", kwnames));
    if (nargs < 1) return raise(t, PyExc_TypeError, "maketrans expected at least 1 argument, got 0");
    if (nargs > 3) return raise(t, PyExc_TypeError, "maketrans expected at most 3 arguments, got %zu", nargs);
    if (nargs == 1) return table_from_dict(t, args[0]);
    TRY(str_arg(t, "maketrans", 2, args[1]));
    if (nargs == 3) TRY(str_arg(t, "maketrans", 3, args[2]));
    if (!is_str(args[0]))
        return raise(t, PyExc_TypeError,
                     "first maketrans argument must be a string if there is a second argument");
    int64_t n = str_length(args[0]);
    if (n != str_length(args[1]))
        return raise(t, PyExc_ValueError, "the first two maketrans arguments must have equal length");
    Ref table = TRY(dict_new(t));
    for (int64_t i = 0; i < n; i++)
        TRY(dict_set(t, table, Value::from_int(str_char(args[0], i)), Value::from_int(str_char(args[1], i))));
    if (nargs == 3)
        for (int64_t i = 0; i < str_length(args[2]); i++)
            TRY(dict_set(t, table, Value::from_int(str_char(args[2], i)), none()));
    return table;
}

Ref str_translate(Thread& t, Value self, Value table) {
    int64_t n = str_length(self);
    StrBuilder out(t, n);
    int64_t i = 0;
    if (str_is_ascii(self)) i = TRY(translate_ascii(t, self, table, out));
    while (i < n) {
        uint32_t c = str_char(self, i++);
        Answer answer;
        TRY(look_up(t, table, c, answer));
        TRY(put_answer(out, answer, c));
        if (!answer.drops()) continue;
        // As in CPython, the next one is asked about already; if it is not dropped, it is asked about again.
        for (; i < n; i++) {
            Answer next;
            TRY(look_up(t, table, str_char(self, i), next));
            if (!next.drops()) break;
        }
    }
    return out.finish();
}

Ref str_translate_with(Thread& t, Value self, Value table, const char* errors) {
    int64_t n = str_length(self);
    StrBuilder out(t, n);
    Ref handler;
    for (int64_t i = 0; i < n;) {
        uint32_t c = str_char(self, i);
        Answer answer;
        TRY(look_up(t, table, c, answer));
        if (!answer.drops()) {
            TRY(put_answer(out, answer, c));
            i++;
            continue;
        }
        int64_t end = i + 1;
        for (; end < n; end++) {
            Answer next;
            TRY(look_up(t, table, str_char(self, end), next));
            if (!next.drops()) break;
        }
        if (!handler) handler = TRY(codec_lookup_error(t, errors));
        Ref reason = TRY(str_from(t, "character maps to <undefined>"));
        Ref exc = TRY(call(t, Value(PyExc_UnicodeTranslateError),
                           {self, Value::from_int(i), Value::from_int(end), reason.get()}));
        Ref answered = TRY(call(t, handler, {exc.get()}));
        int64_t at;
        if (!is_tuple(answered) || tuple_size(answered) != 2 || !is_str(tuple_get(answered, 0)) ||
            !is_long(tuple_get(answered, 1)))
            return raise(t, PyExc_TypeError, "translating error handler must return (str, int) tuple");
        bool fits = int_to_i64(tuple_get(answered, 1), &at);
        if (fits && at < 0) at += n;
        if (!fits || at < 0 || at > n)
            return raise(t, PyExc_IndexError, "position %zd from error handler out of bounds", fits ? at : n);
        TRY(out.append(tuple_get(answered, 0)));
        i = at;
    }
    return out.finish();
}

}  // namespace krait
