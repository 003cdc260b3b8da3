// The module _sre: compiled regular expressions.
#include "modules/sre/sre.h"

#include <cstring>

#include "builtins/bytes.h"
#include "builtins/callable.h"
#include "builtins/dict.h"
#include "builtins/iterators.h"
#include "builtins/list.h"
#include "builtins/number.h"
#include "builtins/str.h"
#include "builtins/str_methods.h"
#include "builtins/tuple.h"
#include "gc/gc.h"
#include "object/names.h"

namespace krait {

Type pattern_type, scanner_type;
Ref template_new(Thread& t, Value items);

namespace {

PatternObject* as_pattern(Value v) { return v.as<PatternObject>(); }

bool poll(void* arg) { return static_cast<bool>(handle_pending(*static_cast<Thread*>(arg))); }

}  // namespace

Status open_input(Thread& t, PatternObject* p, Value string, int64_t pos, int64_t endpos, MatchInput& in) {
    in.string = string;
    in.is_text = is_str(string);
    if (in.is_text) {
        in.length = str_length(string);
        in.subject.data = str_data(string);
        in.subject.width = static_cast<int>(str_kind(string));
    } else {
        if (!has_buffer(string))
            return raise(t, PyExc_TypeError, "expected string or bytes-like object, got '%T'", string);
        TRY(in.buffer.acquire(t, string));
        in.length = in.buffer.size();
        in.subject.data = in.buffer.data();
        in.subject.width = 1;
    }
    if (in.is_text && p->is_bytes > 0)
        return raise(t, PyExc_TypeError, "cannot use a bytes pattern on a string-like object");
    if (!in.is_text && p->is_bytes == 0)
        return raise(t, PyExc_TypeError, "cannot use a string pattern on a bytes-like object");
    pos = pos < 0 ? 0 : pos > in.length ? in.length : pos;
    endpos = endpos < 0 ? 0 : endpos > in.length ? in.length : endpos;
    in.pos = pos;
    in.endpos = endpos;
    in.subject.start = pos;
    in.subject.end = endpos;
    in.subject.beginning = 0;
    return Status::ok();
}

Ref input_slice(Thread& t, const MatchInput& in, int64_t from, int64_t to) {
    if (in.is_text) return str_substring(t, in.string, from, to);
    return bytes_from(t, static_cast<const char*>(in.subject.data) + from, static_cast<size_t>(to - from));
}

Status run_engine(Thread& t, PatternObject* p, const MatchInput& in, int64_t at, bool searching,
                  sre::MatchState& m, bool* found) {
    if (!m.prepare(2 * p->groups)) return raise_no_memory(t);
    *found = false;
    if (at > in.endpos) return Status::ok();
    sre::Outcome o = searching ? sre::search(p->program, in.subject, at, m, poll, &t)
                               : sre::match_at(p->program, in.subject, at, m, poll, &t);
    switch (o) {
        case sre::Outcome::Yes:
            *found = true;
            return Status::ok();
        case sre::Outcome::No:
            return Status::ok();
        case sre::Outcome::NoMemory:
            return raise_no_memory(t);
        default:
            return {};
    }
}

namespace {

struct Range {
    int64_t pos = 0, endpos = INT64_MAX;
};
Status parse_range(Thread& t, const Value* p, Range& r) {
    if (p[0]) r.pos = TRY(ssize_arg(t, p[0]));
    if (p[1]) r.endpos = TRY(ssize_arg(t, p[1]));
    return Status::ok();
}

Ref attempt(Thread& t, Value self, const Value* p, bool searching, bool full) {
    Range r;
    TRY(parse_range(t, p + 1, r));
    MatchInput in;
    TRY(open_input(t, as_pattern(self), p[0], r.pos, r.endpos, in));
    sre::MatchState m;
    m.full = full;
    bool found;
    TRY(run_engine(t, as_pattern(self), in, in.pos, searching, m, &found));
    return found ? new_match(t, self, in, m) : none_ref();
}
Ref p_match(Thread& t, Value self, const Value* p) { return attempt(t, self, p, false, false); }
Ref p_fullmatch(Thread& t, Value self, const Value* p) { return attempt(t, self, p, false, true); }
Ref p_search(Thread& t, Value self, const Value* p) { return attempt(t, self, p, true, false); }

// Finds the matches one after the other, as all the functions that go through a text do.
class Walk {
  public:
    Walk(Thread& t, PatternObject* p, MatchInput& in) : t_(t), p_(p), in_(in), at_(in.pos) {}
    // False with `done`: no more; false without: exception.
    Status next(bool* found) {
        m.must_advance = must_advance_;
        TRY(run_engine(t_, p_, in_, at_, true, m, found));
        if (!*found) return Status::ok();
        must_advance_ = m.to == m.from;
        at_ = m.to;
        return Status::ok();
    }
    sre::MatchState m;

  private:
    Thread& t_;
    PatternObject* p_;
    MatchInput& in_;
    int64_t at_;
    bool must_advance_ = false;
};

Ref group_text(Thread& t, const MatchInput& in, const sre::MatchState& m, int64_t g) {
    int64_t from = g ? m.marks[2 * g - 2] : m.from, to = g ? m.marks[2 * g - 1] : m.to;
    if (from < 0 || to < from) return Ref();
    return input_slice(t, in, from, to);
}

Ref p_findall(Thread& t, Value self, const Value* p) {
    auto* pat = as_pattern(self);
    Range r;
    TRY(parse_range(t, p + 1, r));
    MatchInput in;
    TRY(open_input(t, pat, p[0], r.pos, r.endpos, in));
    Ref list = TRY(list_new(t));
    Ref empty = TRY(input_slice(t, in, 0, 0));
    Walk walk(t, pat, in);
    for (;;) {
        bool found;
        TRY(walk.next(&found));
        if (!found) return list;
        Ref item;
        if (pat->groups <= 1) {
            item = group_text(t, in, walk.m, pat->groups);
            if (!item && !occurred(t)) item = empty.share();
        } else {
            item = TRY(tuple_new(t, pat->groups));
            for (int64_t g = 1; g <= pat->groups; g++) {
                Ref text = group_text(t, in, walk.m, g);
                if (!text && occurred(t)) return {};
                tuple_items(item)[g - 1] = (text ? std::move(text) : empty.share()).release();
            }
        }
        if (!item) return {};
        TRY(list_append_owned(t, list, std::move(item)));
    }
}

Ref p_split(Thread& t, Value self, const Value* p) {
    auto* pat = as_pattern(self);
    int64_t maxsplit = p[1] ? TRY(ssize_arg(t, p[1])) : 0;
    MatchInput in;
    TRY(open_input(t, pat, p[0], 0, INT64_MAX, in));
    Ref list = TRY(list_new(t));
    Walk walk(t, pat, in);
    int64_t last = 0;
    for (int64_t n = 0; maxsplit == 0 || n < maxsplit; n++) {
        bool found = false;
        if (maxsplit < 0) break;
        TRY(walk.next(&found));
        if (!found) break;
        Ref piece = TRY(input_slice(t, in, last, walk.m.from));
        TRY(list_append_owned(t, list, std::move(piece)));
        for (int64_t g = 1; g <= pat->groups; g++) {
            Ref text = group_text(t, in, walk.m, g);
            if (!text && occurred(t)) return {};
            TRY(list_append_owned(t, list, text ? std::move(text) : none_ref()));
        }
        last = walk.m.to;
    }
    Ref rest = TRY(input_slice(t, in, last, in.length));
    TRY(list_append_owned(t, list, std::move(rest)));
    return list;
}

Ref join_pieces(Thread& t, const MatchInput& in, Value list) {
    if (in.is_text) return str_join(t, empty_str(), list);
    Ref empty = TRY(bytes_from(t, "", 0));
    return call_method(t, empty, ID(join), {list});
}

Ref substitute(Thread& t, Value self, const Value* p, int64_t* count_out) {
    auto* pat = as_pattern(self);
    Value repl = p[0];
    int64_t count = p[2] ? TRY(ssize_arg(t, p[2])) : 0;
    bool callable = is_callable(repl);
    Ref filter = callable ? Ref::share(repl) : compiled_template(t, self, repl);
    if (!filter) return {};
    bool is_template = !callable && has_type(filter, &template_type);
    MatchInput in;
    TRY(open_input(t, pat, p[1], 0, INT64_MAX, in));
    Ref list = TRY(list_new(t));
    Walk walk(t, pat, in);
    int64_t last = 0, n = 0;
    while (count == 0 || n < count) {
        bool found = false;
        if (count < 0) break;
        TRY(walk.next(&found));
        if (!found) break;
        if (last < walk.m.from) {
            Ref piece = TRY(input_slice(t, in, last, walk.m.from));
            TRY(list_append_owned(t, list, std::move(piece)));
        }
        Ref item;
        if (callable || is_template) {
            Ref match = TRY(new_match(t, self, in, walk.m));
            item = callable ? call(t, filter, {match}) : expand_template(t, filter, match.as<MatchObject>());
        } else {
            item = filter.share();
        }
        if (!item) return {};
        if (!is_none(item)) TRY(list_append_owned(t, list, std::move(item)));
        last = walk.m.to;
        n++;
    }
    *count_out = n;
    if (last < in.length) {
        Ref piece = TRY(input_slice(t, in, last, in.length));
        TRY(list_append_owned(t, list, std::move(piece)));
    }
    return join_pieces(t, in, list);
}
Ref p_sub(Thread& t, Value self, const Value* p) {
    int64_t n;
    return substitute(t, self, p, &n);
}
Ref p_subn(Thread& t, Value self, const Value* p) {
    int64_t n = 0;
    Ref text = TRY(substitute(t, self, p, &n));
    Ref number = TRY(int_from(t, n));
    return tuple_of(t, {text, number});
}

// --- scanner and finditer ---

struct ScannerObject {
    PyObject ob_base;
    Value pattern, string;
    int64_t at, endpos, pos;
    bool must_advance, ended, held;
    Py_buffer buffer;  // of a subject that is no text: it must not change its size meanwhile
};
void release_subject(Thread& t, ScannerObject* s) {
    if (!s->held) return;
    s->held = false;
    release_buffer(t, &s->buffer);
}
void scanner_dealloc(Thread& t, PyObject* o) {
    gc_untrack(t, o);
    release_subject(t, reinterpret_cast<ScannerObject*>(o));
    xdecref(reinterpret_cast<ScannerObject*>(o)->pattern);
    xdecref(reinterpret_cast<ScannerObject*>(o)->string);
    free_object(t, o);
}
void scanner_traverse(PyObject* o, Visitor& v) {
    v.visit(reinterpret_cast<ScannerObject*>(o)->pattern);
    v.visit(reinterpret_cast<ScannerObject*>(o)->string);
}
Ref scan(Thread& t, Value self, bool searching) {
    auto* s = self.as<ScannerObject>();
    if (s->ended) return none_ref();
    MatchInput in;
    TRY(open_input(t, as_pattern(s->pattern), s->string, s->pos, s->endpos, in));
    sre::MatchState m;
    m.must_advance = s->must_advance;
    bool found;
    TRY(run_engine(t, as_pattern(s->pattern), in, s->at, searching, m, &found));
    if (!found) {
        s->ended = true;
        return none_ref();
    }
    s->must_advance = m.to == m.from;
    s->at = m.to;
    return new_match(t, s->pattern, in, m);
}
Ref s_match(Thread& t, Value self) { return scan(t, self, false); }
Ref s_search(Thread& t, Value self) { return scan(t, self, true); }
const NativeDef scanner_methods[] = {
    def<s_match>("match", "()", nullptr), def<s_search>("search", "()", nullptr), {}};
const MemberDef scanner_members[] = {
    member("pattern", MemberKind::Object, offsetof(ScannerObject, pattern), kReadonly, nullptr), {}};

Ref p_scanner(Thread& t, Value self, const Value* p) {
    Range r;
    TRY(parse_range(t, p + 1, r));
    MatchInput in;
    TRY(open_input(t, as_pattern(self), p[0], r.pos, r.endpos, in));
    Ref o = TRY(alloc(t, &scanner_type));
    auto* s = o.as<ScannerObject>();
    s->pattern = Ref::share(self).release();
    s->string = Ref::share(p[0]).release();
    s->at = s->pos = in.pos;
    s->endpos = in.endpos;
    if (!in.is_text) {
        TRY(get_buffer(t, p[0], &s->buffer, kBufSimple));
        s->held = true;
    }
    return o;
}
Ref p_finditer(Thread& t, Value self, const Value* p) {
    Ref scanner = TRY(p_scanner(t, self, p));
    Ref search = TRY(get_attr(t, scanner, "search"));
    return call_iter_new(t, search, none());
}

// --- the pattern itself ---

Ref p_copy(Thread&, Value self) { return Ref::share(self); }
Ref p_deepcopy(Thread&, Value self, Value) { return Ref::share(self); }

void pattern_dealloc(Thread& t, PyObject* o) {
    gc_untrack(t, o);
    weakrefs_clear(t, o);
    auto* p = reinterpret_cast<PatternObject*>(o);
    xdecref(p->pattern);
    xdecref(p->groupindex);
    xdecref(p->indexgroup);
    mem_free(p->code);
    free_object(t, o);
}
void pattern_traverse(PyObject* o, Visitor& v) {
    auto* p = reinterpret_cast<PatternObject*>(o);
    v.visit(p->pattern);
    v.visit(p->groupindex);
    v.visit(p->indexgroup);
}

Ref pattern_repr(Thread& t, Value self) {
    auto* p = as_pattern(self);
    static const struct {
        const char* name;
        int value;
    } names[] = {{"re.IGNORECASE", 2}, {"re.MULTILINE", 8}, {"re.DOTALL", 16}, {"re.VERBOSE", 64},
                 {"re.DEBUG", 128},    {"re.ASCII", 256},   {"re.LOCALE", 4}};
    int flags = p->flags;
    // UNICODE is the default of text patterns.
    if (p->is_bytes == 0 && (flags & (4 | 32 | 256)) == 32) flags &= ~32;
    Ref text = TRY(str_from(t, ""));
    auto add = [&](Ref piece) -> Status {
        if (!piece) return {};
        text = str_length(text) ? str_format(t, "%U|%U", text.get(), piece.get()) : std::move(piece);
        return text ? Status::ok() : Status();
    };
    for (auto [name, value] : names) {
        if (!(flags & value)) continue;
        TRY(add(str_from(t, name)));
        flags &= ~value;
    }
    if (flags) TRY(add(str_format(t, "0x%x", static_cast<unsigned>(flags))));
    if (str_length(text)) return str_format(t, "re.compile(%.200R, %U)", p->pattern, text.get());
    return str_format(t, "re.compile(%.200R)", p->pattern);
}
Result<int64_t> pattern_hash(Thread& t, Value self) {
    auto* p = as_pattern(self);
    int64_t h = TRY(hash(t, p->pattern));
    h ^= hash_bytes(p->code, static_cast<size_t>(p->code_size) * sizeof(sre::Code));
    h ^= p->flags ^ p->is_bytes ^ p->groups;
    return h == -1 ? -2 : h;
}
Ref pattern_compare(Thread& t, Value a, Value b, CompareOp op) {
    if ((op != kEq && op != kNe) || !has_type(b, &pattern_type)) return not_implemented_ref();
    auto *x = as_pattern(a), *y = as_pattern(b);
    bool same = a == b;
    if (!same && x->flags == y->flags && x->is_bytes == y->is_bytes && x->code_size == y->code_size &&
        !memcmp(x->code, y->code, static_cast<size_t>(x->code_size) * sizeof(sre::Code)))
        same = TRY(equal(t, x->pattern, y->pattern));
    return bool_ref(same == (op == kEq));
}
Ref get_groupindex(Thread& t, Value self, void*) { return dict_proxy_new(t, as_pattern(self)->groupindex); }

const NativeDef pattern_methods[] = {
    def<p_match>("match", "(string, pos=0, endpos=sys.maxsize)", "Match at the start."),
    def<p_fullmatch>("fullmatch", "(string, pos=0, endpos=sys.maxsize)", "Match the whole text."),
    def<p_search>("search", "(string, pos=0, endpos=sys.maxsize)", "Find the first match."),
    def<p_sub>("sub", "(repl, string, count=0)", "Replace the matches."),
    def<p_subn>("subn", "(repl, string, count=0)", "Replace the matches and count them."),
    def<p_findall>("findall", "(string, pos=0, endpos=sys.maxsize)", "A list of all matches."),
    def<p_split>("split", "(string, maxsplit=0)", "Split at the matches."),
    def<p_finditer>("finditer", "(string, pos=0, endpos=sys.maxsize)", "An iterator over the matches."),
    def<p_scanner>("scanner", "(string, pos=0, endpos=sys.maxsize)", nullptr),
    def<p_copy>("__copy__", "()", nullptr),
    def<p_deepcopy>("__deepcopy__", "(memo, /)", nullptr),
    def<class_getitem>("__class_getitem__", "(object, /)", "See PEP 585.", kMethClass),
    {},
};
const GetSetDef pattern_getset[] = {
    getset("groupindex", get_groupindex, nullptr, "The numbers of the named groups."), {}};
const MemberDef pattern_members[] = {
    member("pattern", MemberKind::Object, offsetof(PatternObject, pattern), kReadonly, "The source."),
    member("flags", MemberKind::Int, offsetof(PatternObject, flags), kReadonly, "The flags."),
    member("groups", MemberKind::Ssize, offsetof(PatternObject, groups), kReadonly, "The number of groups."),
    {},
};

// --- module functions ---

Ref f_compile(Thread& t, Value, const Value* p) {
    int flags = TRY(as_int32(t, p[1]));
    if (!is_list(p[2]))
        return raise(t, PyExc_TypeError, "compile() argument 'code' must be list, not %K", p[2]);
    int64_t groups = TRY(as_index(t, p[3], PyExc_OverflowError));
    if (!is_dict(p[4]))
        return raise(t, PyExc_TypeError, "compile() argument 'groupindex' must be dict, not %K", p[4]);
    if (!is_tuple(p[5]))
        return raise(t, PyExc_TypeError, "compile() argument 'indexgroup' must be tuple, not %K", p[5]);
    int64_t n = list_size(p[2]);
    Ref r = TRY(alloc(t, &pattern_type));
    auto* pat = as_pattern(r);
    pat->code = static_cast<sre::Code*>(mem_alloc(static_cast<size_t>(n ? n : 1) * sizeof(sre::Code)));
    if (!pat->code) return raise_no_memory(t);
    for (int64_t i = 0; i < n && i < list_size(p[2]); i++) {
        uint64_t c = TRY(as_uint64(t, list_get(p[2], i)));
        if (c > UINT32_MAX)
            return raise(t, PyExc_OverflowError, "regular expression code size limit exceeded");
        pat->code[i] = static_cast<sre::Code>(c);
    }
    pat->code_size = n;
    pat->flags = flags;
    pat->groups = groups;
    pat->is_bytes = is_none(p[0]) ? -1 : is_str(p[0]) ? 0 : 1;
    pat->pattern = Ref::share(p[0]).release();
    pat->groupindex = Ref::share(p[4]).release();
    pat->indexgroup = Ref::share(p[5]).release();
    if (!sre::valid_code(pat->code, n, groups)) return raise(t, PyExc_RuntimeError, "invalid SRE code");
    int64_t words = n + sre::table_words(pat->code, n);
    auto* code =
        static_cast<sre::Code*>(mem_realloc(pat->code, static_cast<size_t>(words) * sizeof(sre::Code)));
    if (!code) return raise_no_memory(t);
    pat->code = code;
    pat->program = sre::prepare(code, n, code + n);
    return r;
}
Ref f_template(Thread& t, Value, const Value* a, size_t) { return template_new(t, a[1]); }
Ref f_getcodesize(Thread&, Value) { return Ref::from_int(sizeof(sre::Code)); }
Result<uint32_t> character(Thread& t, Value v) {
    int c = TRY(as_int32(t, v));
    return static_cast<uint32_t>(c < 0 || c > 0x10ffff ? 0 : c);
}
Ref f_ascii_iscased(Thread& t, Value, Value v) {
    uint32_t c = TRY(character(t, v));
    return bool_ref(c < 128 && ((c | 32) >= 'a' && (c | 32) <= 'z'));
}
Ref f_unicode_iscased(Thread& t, Value, Value v) {
    uint32_t c = TRY(character(t, v));
    return bool_ref(sre::lower_unicode(c) != c || sre::upper_unicode(c) != c);
}
Ref f_ascii_tolower(Thread& t, Value, Value v) {
    uint32_t c = TRY(character(t, v));
    return Ref::from_int(sre::lower_ascii(c));
}
Ref f_unicode_tolower(Thread& t, Value, Value v) {
    uint32_t c = TRY(character(t, v));
    return Ref::from_int(sre::lower_unicode(c));
}

const NativeDef functions[] = {
    def<f_compile>("compile", "(pattern, flags, code, groups, groupindex,\n        indexgroup)", nullptr),
    def<f_template>("template", "(pattern, template, /)", "A replacement text ready for use."),
    def<f_getcodesize>("getcodesize", "()", nullptr),
    def<f_ascii_iscased>("ascii_iscased", "(character, /)", nullptr),
    def<f_unicode_iscased>("unicode_iscased", "(character, /)", nullptr),
    def<f_ascii_tolower>("ascii_tolower", "(character, /)", nullptr),
    def<f_unicode_tolower>("unicode_tolower", "(character, /)", nullptr),
    {},
};

Status exec(Thread& t, Value module) {
    static const TypeDecl pattern_decl = {
        .name = "re.Pattern",
        .basicsize = sizeof(PatternObject),
        .flags = kTpDefault | kTpHaveGC | kTpDisallowInstantiation | kTpManagedWeakref,
        .slots = {.dealloc = pattern_dealloc,
                  .traverse = pattern_traverse,
                  .repr = pattern_repr,
                  .hash = pattern_hash,
                  .richcompare = pattern_compare},
        .spec = {.methods = pattern_methods,
                 .getset = pattern_getset,
                 .members = pattern_members,
                 .doc = "A compiled regular expression."},
    };
    TRY(add_static_type(t, Value(), pattern_type, pattern_decl));
    static const TypeDecl scanner_decl = {
        .name = "_sre.SRE_Scanner",
        .basicsize = sizeof(ScannerObject),
        .flags = kTpDefault | kTpHaveGC | kTpDisallowInstantiation,
        .slots = {.dealloc = scanner_dealloc, .traverse = scanner_traverse},
        .spec = {.methods = scanner_methods, .members = scanner_members},
    };
    TRY(add_static_type(t, Value(), scanner_type, scanner_decl));
    TRY(init_match_type(t, module));
    TRY(module_add_int(t, module, "MAGIC", 20230612));
    TRY(module_add_int(t, module, "CODESIZE", sizeof(sre::Code)));
    TRY(module_add_int(t, module, "MAXREPEAT", sre::kMaxRepeat));
    TRY(module_add_int(t, module, "MAXGROUPS", INT32_MAX / 2));
    return module_add_str(t, module, "copyright", " SRE for Krait ");
}

}  // namespace

extern const ModuleSpec module__sre = {"_sre", nullptr, functions, exec};

}  // namespace krait
