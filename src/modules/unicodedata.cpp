// The module unicodedata, and its object ucd_3_2_0: the functions with the data of Unicode 3.2.0 (today's
// data with the differences listed in ucd_3_2_0.def).
#include <algorithm>
#include <cmath>
#include <cstring>

#include "builtins/callable.h"
#include "builtins/number.h"
#include "builtins/str_internal.h"
#include "builtins/str_methods.h"
#include "gc/room.h"
#include "object/protocol.h"
#include "support/unicode.h"

namespace krait {

namespace {

Type ucd_type;

bool is_old(Value self) { return self.is_ptr() && self && has_type(self, &ucd_type); }

// --- the differences of 3.2.0 ---

enum class Property : uint8_t { Unassigned, Category, Bidi, Mirrored, Decimal, Numeric, Width };

struct Change {
    Property property;
    uint32_t first, last;
    const char* text = nullptr;
    double number = 0;  // NaN: none
    constexpr Change(Property p, uint32_t a, uint32_t b) : property(p), first(a), last(b) {}
    constexpr Change(Property p, uint32_t a, uint32_t b, const char* t)
        : property(p), first(a), last(b), text(t) {}
    constexpr Change(Property p, uint32_t a, uint32_t b, double n)
        : property(p), first(a), last(b), number(n) {}
};

constexpr double NONE = __builtin_nan("");
Change g_changes[] = {
#define UNASSIGNED(first, last) Change(Property::Unassigned, first, last),
#define CHANGED(first, last, property, value)                                                              \
    Change(Property::property, first, last,                                                                \
           static_cast<                                                                                    \
               std::conditional_t<std::is_pointer_v<std::decay_t<decltype(value)>>, const char*, double>>( \
               value)),
#include "modules/ucd_3_2_0.def"
};

bool before(const Change& a, const Change& b) {
    return a.property != b.property ? a.property < b.property : a.last < b.last;
}

// The change of this property at c; null: as today.
const Change* change_of(Property property, uint32_t c) {
    const Change* end = std::end(g_changes);
    const Change* at = std::lower_bound(std::cbegin(g_changes), end, Change(property, c, c), before);
    return at != end && at->property == property && at->first <= c ? at : nullptr;
}
bool unassigned_then(Value self, uint32_t c) { return is_old(self) && change_of(Property::Unassigned, c); }
const Change* changed(Value self, Property property, uint32_t c) {
    return is_old(self) ? change_of(property, c) : nullptr;
}

// --- arguments ---

Result<uint32_t> char_arg(Thread& t, const char* fname, Value v, bool alone) {
    const char* number = alone ? "" : " 1";
    if (!is_str(v))
        return raise(t, PyExc_TypeError, "%s() argument%s must be a unicode character, not %K", fname, number,
                     v);
    if (str_length(v) != 1)
        return raise(t, PyExc_TypeError,
                     "%s(): argument%s must be a unicode character, not a string of length %zd", fname,
                     number, str_length(v));
    return str_char(v, 0);
}

Ref missing(Thread& t, const Value* args, size_t nargs, const char* message) {
    if (nargs > 1) return Ref::share(args[1]);
    return raise(t, PyExc_ValueError, "%s", message);
}

// --- properties ---

Ref decimal(Thread& t, Value self, const Value* args, size_t nargs) {
    uint32_t c = TRY(char_arg(t, "decimal", args[0], false));
    int value = unicode::decimal_value(c);
    if (unassigned_then(self, c))
        value = -1;
    else if (const Change* change = changed(self, Property::Decimal, c))
        value = static_cast<int>(change->number);
    if (value < 0) return missing(t, args, nargs, "not a decimal");
    return Ref::from_int(value);
}
Ref digit(Thread& t, Value, const Value* args, size_t nargs) {
    uint32_t c = TRY(char_arg(t, "digit", args[0], false));
    int value = unicode::digit_value(c);
    if (value < 0) return missing(t, args, nargs, "not a digit");
    return Ref::from_int(value);
}
Ref numeric(Thread& t, Value self, const Value* args, size_t nargs) {
    uint32_t c = TRY(char_arg(t, "numeric", args[0], false));
    double value;
    bool found = unicode::numeric_value(c, &value) && !unassigned_then(self, c);
    if (const Change* change = changed(self, Property::Numeric, c)) {
        value = change->number;
        found = !std::isnan(value);
    }
    if (!found) return missing(t, args, nargs, "not a numeric character");
    return float_from(t, value);
}
Ref category(Thread& t, Value self, Value v) {
    uint32_t c = TRY(char_arg(t, "category", v, true));
    const char* text = unicode::category(c);
    if (unassigned_then(self, c))
        text = "Cn";
    else if (const Change* change = changed(self, Property::Category, c))
        text = change->text;
    return str_from(t, text);
}
Ref bidirectional(Thread& t, Value self, Value v) {
    uint32_t c = TRY(char_arg(t, "bidirectional", v, true));
    const char* text = unicode::tables::bidi_names[unicode::data_record(c).bidi];
    if (unassigned_then(self, c))
        text = "";
    else if (const Change* change = changed(self, Property::Bidi, c))
        text = change->text;
    return str_from(t, text);
}
Ref combining(Thread& t, Value self, Value v) {
    uint32_t c = TRY(char_arg(t, "combining", v, true));
    return Ref::from_int(unassigned_then(self, c) ? 0 : unicode::combining(c));
}
Ref mirrored(Thread& t, Value self, Value v) {
    uint32_t c = TRY(char_arg(t, "mirrored", v, true));
    int64_t value = unicode::data_record(c).mirrored;
    if (unassigned_then(self, c))
        value = 0;
    else if (const Change* change = changed(self, Property::Mirrored, c))
        value = static_cast<int64_t>(change->number);
    return Ref::from_int(value);
}
Ref east_asian_width(Thread& t, Value self, Value v) {
    uint32_t c = TRY(char_arg(t, "east_asian_width", v, true));
    const char* text = unicode::tables::width_names[unicode::data_record(c).width];
    if (unassigned_then(self, c))
        text = "N";
    else if (const Change* change = changed(self, Property::Width, c))
        text = change->text;
    return str_from(t, text);
}
Ref decomposition(Thread& t, Value self, Value v) {
    uint32_t c = TRY(char_arg(t, "decomposition", v, true));
    if (unassigned_then(self, c)) return Ref::steal(empty_str());
    char text[16];
    StrBuilder out(t);
    auto put = [&](uint32_t part) -> Status {
        if (out.size()) TRY(out.put(' '));
        return out.ascii(text, static_cast<size_t>(snprintf(text, sizeof text, "%04X", part)));
    };
    if (c - 0xAC00 < 11172) {
        uint32_t s = c - 0xAC00;
        TRY(put(0x1100 + s / 588));
        TRY(put(0x1161 + s % 588 / 28));
        if (s % 28) TRY(put(0x11A7 + s % 28));
        return out.finish();
    }
    int n, tag;
    const uint32_t* to = unicode::decomposition(c, &n, &tag);
    if (!to) return Ref::steal(empty_str());
    if (tag) TRY(out.ascii(unicode::tables::decomposition_tags[tag]));
    for (int i = 0; i < n; i++) TRY(put(to[i]));
    return out.finish();
}

// --- names ---

Ref name(Thread& t, Value self, const Value* args, size_t nargs) {
    uint32_t c = TRY(char_arg(t, "name", args[0], false));
    std::string text;
    if (!unassigned_then(self, c)) text = unicode::name(c);
    if (text.empty()) return missing(t, args, nargs, "no such name");
    return str_from(t, text.data(), text.size());
}

Ref lookup(Thread& t, Value self, Value v) {
    Buffer buffer;
    std::string_view text;
    if (is_str(v)) {
        text = TRY(str_utf8(t, v));
    } else {
        TRY(buffer.acquire(t, v));
        text = {buffer.data(), static_cast<size_t>(buffer.size())};
    }
    if (text.size() > 256) return raise(t, PyExc_KeyError, "name too long");
    uint32_t found[4];
    bool extras = !is_old(self);
    int n = unicode::lookup(text, extras, found, extras);
    if (n == 0) {
        std::string copy(text);
        return raise(t, PyExc_KeyError, "undefined character name '%s'", copy.c_str());
    }
    return str_from_kind(t, 4, found, n);
}

// --- normalization ---

Status form_arg(Thread& t, Value v, unicode::Form* form) {
    constexpr const char* kForms[] = {"NFD", "NFKD", "NFC", "NFKC"};
    for (int i = 0; i < 4; i++) {
        if (!str_equal(v, kForms[i])) continue;
        *form = static_cast<unicode::Form>(i);
        return Status::ok();
    }
    return raise(t, PyExc_ValueError, "invalid normalization form");
}

// Characters that did not exist in 3.2.0 stay; five had other mappings.
uint32_t old_mapping(uint32_t c) {
    switch (c) {
        case 0x2F868:
            return 0x2136A;
        case 0x2F874:
            return 0x5F33;
        case 0x2F91F:
            return 0x43AB;
        case 0x2F95F:
            return 0x7AAE;
        case 0x2F9BF:
            return 0x4D57;
        default:
            return change_of(Property::Unassigned, c) ? c : 0;
    }
}

Ref normalized(Thread& t, Value self, unicode::Form form, Value text) {
    auto n = static_cast<size_t>(str_length(text));
    // Two copies with room to grow; no decomposition but a few takes more than four characters.
    TRY(room_for(t, static_cast<int64_t>(n) * 48));
    std::vector<uint32_t> chars(n);
    copy_chars(4, chars.data(), str_kind(text), str_data(text), static_cast<int64_t>(n));
    std::vector<uint32_t> out = unicode::normalize(form, chars, is_old(self) ? old_mapping : nullptr);
    return str_from_kind(t, 4, out.data(), static_cast<int64_t>(out.size()));
}

unicode::Answer quick(Value self, unicode::Form form, Value text) {
    if (str_is_ascii(text)) return unicode::Answer::Yes;
    if (is_old(self)) return unicode::Answer::Maybe;
    auto n = static_cast<size_t>(str_length(text));
    return with_chars(text, [&](auto* s) { return unicode::quick_check(form, s, n); });
}

Status normalize_args(Thread& t, const char* fname, const Value* args) {
    TRY(str_arg(t, fname, 1, args[0]));
    return str_arg(t, fname, 2, args[1]);
}

Ref normalize(Thread& t, Value self, const Value* args, size_t) {
    TRY(normalize_args(t, "normalize", args));
    if (str_length(args[1]) == 0) return Ref::steal(empty_str());
    unicode::Form form;
    TRY(form_arg(t, args[0], &form));
    if (quick(self, form, args[1]) == unicode::Answer::Yes) return str_exact(t, args[1]);
    return normalized(t, self, form, args[1]);
}

Ref is_normalized(Thread& t, Value self, const Value* args, size_t) {
    TRY(normalize_args(t, "is_normalized", args));
    if (str_length(args[1]) == 0) return bool_ref(true);
    unicode::Form form;
    TRY(form_arg(t, args[0], &form));
    unicode::Answer answer = quick(self, form, args[1]);
    if (answer != unicode::Answer::Maybe) return bool_ref(answer == unicode::Answer::Yes);
    Ref r = TRY(normalized(t, self, form, args[1]));
    return bool_ref(str_equal(r, args[1]));
}

const NativeDef functions[] = {
    def<decimal>("decimal", "($self, chr, default=<unrepresentable>, /)",
                 "The decimal value of a character."),
    def<digit>("digit", "($self, chr, default=<unrepresentable>, /)", "The digit value of a character."),
    def<numeric>("numeric", "($self, chr, default=<unrepresentable>, /)",
                 "The numeric value of a character as a float."),
    def<category>("category", "($self, chr, /)", "The general category."),
    def<bidirectional>("bidirectional", "($self, chr, /)",
                       "The bidirectional class, empty when there is none."),
    def<combining>("combining", "($self, chr, /)", "The canonical combining class."),
    def<mirrored>("mirrored", "($self, chr, /)", "1 when the character is mirrored in right-to-left text."),
    def<east_asian_width>("east_asian_width", "($self, chr, /)", "The East Asian width class."),
    def<decomposition>("decomposition", "($self, chr, /)", "The decomposition mapping as text."),
    def<name>("name", "($self, chr, default=<unrepresentable>, /)", "The name of a character."),
    def<lookup>("lookup", "($self, name, /)", "The character, or sequence, of a name."),
    def<is_normalized>("is_normalized", "($self, form, unistr, /)", "Whether the text is in a normal form."),
    def<normalize>("normalize", "($self, form, unistr, /)", "The text in a normal form."),
    {},
};

Ref old_version(Thread& t, Value, void*) { return str_from(t, "3.2.0"); }
const GetSetDef ucd_getset[] = {getset("unidata_version", old_version, nullptr, nullptr), {}};

// --- the capsule that C code looks names up through ---

int capi_getname(uint32_t c, char* buffer, int size, int) {
    std::string text = unicode::name(c);
    if (text.empty() || text.size() >= static_cast<size_t>(size)) return 0;
    memcpy(buffer, text.c_str(), text.size() + 1);
    return 1;
}
int capi_getcode(const char* name, int length, uint32_t* c) {
    uint32_t found[4];
    if (unicode::lookup({name, static_cast<size_t>(length)}, false, found) != 1) return 0;
    *c = found[0];
    return 1;
}
struct {
    int (*getname)(uint32_t, char*, int, int);
    int (*getcode)(const char*, int, uint32_t*);
} g_name_api = {capi_getname, capi_getcode};

Status exec(Thread& t, Value module) {
    static const TypeDecl decl = {
        .name = "unicodedata.UCD",
        .basicsize = sizeof(PyObject),
        .flags = kTpDefault | kTpDisallowInstantiation,
        .slots = {.dealloc = free_object, .getattr = generic_get_attr},
        .spec = {.methods = functions, .getset = ucd_getset},
    };
    if (!ucd_type.tp_name) {
        std::sort(std::begin(g_changes), std::end(g_changes), before);
        init_static_type(ucd_type, decl);
    }
    TRY(ready_type(t, &ucd_type));
    TRY(module_add(t, module, "UCD", Ref::share(Value(&ucd_type))));
    TRY(module_add_str(t, module, "unidata_version", unicode::kVersion));
    TRY(module_add(t, module, "ucd_3_2_0", alloc(t, &ucd_type)));
    return module_add(t, module, "_ucnhash_CAPI", capsule_new(t, &g_name_api, "unicodedata._ucnhash_CAPI"));
}

}  // namespace

extern const ModuleSpec module_unicodedata = {
    "unicodedata", "Properties, names and normal forms of Unicode characters (version 16.0.0).", functions,
    exec};

}  // namespace krait
