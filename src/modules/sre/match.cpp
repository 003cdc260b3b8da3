// re.Match, and templates of replacements.
#include <cstring>

#include "builtins/bytes.h"
#include "builtins/callable.h"
#include "builtins/dict.h"
#include "builtins/list.h"
#include "builtins/number.h"
#include "builtins/str.h"
#include "builtins/tuple.h"
#include "gc/alloc.h"
#include "modules/sre/sre.h"
#include "object/names.h"

namespace krait {

Type match_type, template_type;

namespace {

MatchObject* as_match(Value v) { return v.as<MatchObject>(); }
PatternObject* pattern_of(MatchObject* m) { return m->pattern.as<PatternObject>(); }

Ref slice_of(Thread& t, Value string, int64_t from, int64_t to) {
    if (is_str(string)) return str_substring(t, string, from, to);
    if (is_bytes(string))
        return from == 0 && to == bytes_size(string) && has_type(string, &PyBytes_Type)
                   ? Ref::share(string)
                   : bytes_from(t, bytes_data(string) + from, to - from);
    Buffer b;
    TRY(b.acquire(t, string));
    if (to > b.size()) to = b.size();
    if (from > to) from = to;
    return bytes_from(t, b.data() + from, to - from);
}

// A group's number from an index or a name.
Result<int64_t> group_number(Thread& t, MatchObject* m, Value key) {
    int64_t n = -1;
    if (is_index(key)) {
        n = TRY(as_index(t, key, nullptr));
    } else {
        Maybe found = dict_get(t, pattern_of(m)->groupindex, key);
        if (!found) {
            if (!error_is(t, PyExc_TypeError)) return {};
            clear_error(t);
        } else {
            Ref v = found.take();
            if (v && is_long(v)) int_to_i64(v, &n);
        }
    }
    if (n < 0 || n >= m->groups) return raise(t, PyExc_IndexError, "no such group");
    return n;
}

void match_dealloc(Thread& t, PyObject* o) {
    gc_untrack(t, o);
    auto* m = reinterpret_cast<MatchObject*>(o);
    xdecref(m->string);
    xdecref(m->regs);
    xdecref(m->pattern);
    free_object(t, o);
}
void match_traverse(PyObject* o, Visitor& v) {
    auto* m = reinterpret_cast<MatchObject*>(o);
    v.visit(m->string);
    v.visit(m->regs);
    v.visit(m->pattern);
}

Ref m_group(Thread& t, Value self, const Value* a, size_t n) {
    auto* m = as_match(self);
    if (n == 0) return match_group(t, m, 0, none());
    if (n == 1) {
        int64_t g = TRY(group_number(t, m, a[0]));
        return match_group(t, m, g, none());
    }
    Ref r = TRY(tuple_new(t, static_cast<int64_t>(n)));
    for (size_t i = 0; i < n; i++) {
        int64_t g = TRY(group_number(t, m, a[i]));
        tuple_items(r)[i] = TRY(match_group(t, m, g, none())).release();
    }
    return r;
}
Ref m_getitem(Thread& t, Value self, Value key) {
    int64_t g = TRY(group_number(t, as_match(self), key));
    return match_group(t, as_match(self), g, none());
}
Ref m_groups(Thread& t, Value self, const Value* p) {
    auto* m = as_match(self);
    Ref r = TRY(tuple_new(t, m->groups - 1));
    for (int64_t g = 1; g < m->groups; g++)
        tuple_items(r)[g - 1] = TRY(match_group(t, m, g, p[0] ? p[0] : none())).release();
    return r;
}
Ref m_groupdict(Thread& t, Value self, const Value* p) {
    auto* m = as_match(self);
    Ref r = TRY(dict_new(t));
    int64_t pos = 0;
    Value name, number;
    while (dict_next(pattern_of(m)->groupindex, pos, name, number)) {
        int64_t g = TRY(group_number(t, m, name));
        Ref v = TRY(match_group(t, m, g, p[0] ? p[0] : none()));
        TRY(dict_set(t, r, name, v));
    }
    return r;
}
Ref m_start(Thread& t, Value self, const Value* a, size_t n) {
    int64_t g = n ? TRY(group_number(t, as_match(self), a[0])) : 0;
    return int_from(t, as_match(self)->marks[2 * g]);
}
Ref m_end(Thread& t, Value self, const Value* a, size_t n) {
    int64_t g = n ? TRY(group_number(t, as_match(self), a[0])) : 0;
    return int_from(t, as_match(self)->marks[2 * g + 1]);
}
Ref span_of(Thread& t, MatchObject* m, int64_t g) {
    Ref a = TRY(int_from(t, m->marks[2 * g])), b = TRY(int_from(t, m->marks[2 * g + 1]));
    return tuple_of(t, {a, b});
}
Ref m_span(Thread& t, Value self, const Value* a, size_t n) {
    int64_t g = n ? TRY(group_number(t, as_match(self), a[0])) : 0;
    return span_of(t, as_match(self), g);
}
Ref m_expand(Thread& t, Value self, const Value* p) {
    Ref tmpl = TRY(compiled_template(t, as_match(self)->pattern, p[0]));
    return expand_template(t, tmpl, as_match(self));
}
Ref m_copy(Thread&, Value self) { return Ref::share(self); }
Ref m_deepcopy(Thread&, Value self, Value) { return Ref::share(self); }

Ref get_lastindex(Thread& t, Value self, void*) {
    int64_t i = as_match(self)->lastindex;
    return i >= 0 ? int_from(t, i) : none_ref();
}
Ref get_lastgroup(Thread&, Value self, void*) {
    auto* m = as_match(self);
    Value names = pattern_of(m)->indexgroup;
    if (m->lastindex >= 0 && names && is_tuple(names) && m->lastindex < tuple_size(names))
        return Ref::share(tuple_get(names, m->lastindex));
    return none_ref();
}
Ref get_regs(Thread& t, Value self, void*) {
    auto* m = as_match(self);
    if (!m->regs) {
        Ref r = TRY(tuple_new(t, m->groups));
        for (int64_t g = 0; g < m->groups; g++) tuple_items(r)[g] = TRY(span_of(t, m, g)).release();
        if (!m->regs) m->regs = r.release();
    }
    return Ref::share(m->regs);
}
Ref match_repr(Thread& t, Value self) {
    Ref text = TRY(match_group(t, as_match(self), 0, none()));
    return str_format(t, "<%s object; span=(%zd, %zd), match=%.50R>", type_of(self)->tp_name,
                      as_match(self)->marks[0], as_match(self)->marks[1], text.get());
}

const NativeDef methods[] = {
    def<m_group>("group", "(*groups)", "The text of groups.", kMethNoSignature),
    def<m_start>("start", "(group=0, /)", "Where a group starts."),
    def<m_end>("end", "(group=0, /)", "Where a group ends."),
    def<m_span>("span", "(group=0, /)", "Where a group starts and ends."),
    def<m_groups>("groups", "(default=None)", "The texts of all groups."),
    def<m_groupdict>("groupdict", "(default=None)", "The texts of the named groups."),
    def<m_expand>("expand", "(template)", "The template with group references replaced."),
    def<m_copy>("__copy__", "()", nullptr),
    def<m_deepcopy>("__deepcopy__", "(memo, /)", nullptr),
    def<class_getitem>("__class_getitem__", "(object, /)", "See PEP 585.", kMethClass),
    {},
};
const GetSetDef attributes[] = {
    getset("lastindex", get_lastindex, nullptr, "The number of the last matched group."),
    getset("lastgroup", get_lastgroup, nullptr, "The name of the last matched group."),
    getset("regs", get_regs, nullptr, nullptr),
    {},
};
const MemberDef members[] = {
    member("string", MemberKind::Object, offsetof(MatchObject, string), kReadonly,
           "The text that was matched."),
    member("re", MemberKind::Object, offsetof(MatchObject, pattern), kReadonly, "The regular expression."),
    member("pos", MemberKind::Ssize, offsetof(MatchObject, pos), kReadonly, "Where matching was to start."),
    member("endpos", MemberKind::Ssize, offsetof(MatchObject, endpos), kReadonly,
           "Where matching was to end."),
    {},
};

// --- templates: literal, group, literal, group, ... literal ---

struct TemplateObject {
    PyObject ob_base;
    Value items;  // list as re._parser made it
};
void template_dealloc(Thread& t, PyObject* o) {
    gc_untrack(t, o);
    xdecref(reinterpret_cast<TemplateObject*>(o)->items);
    free_object(t, o);
}
void template_traverse(PyObject* o, Visitor& v) { v.visit(reinterpret_cast<TemplateObject*>(o)->items); }

}  // namespace

Ref template_new(Thread& t, Value items) {
    if (!is_list(items))
        return raise(t, PyExc_TypeError, "template() argument 2 must be list, not %K", items);
    int64_t n = list_size(items);
    if (!(n & 1)) return raise(t, PyExc_TypeError, "invalid template");
    for (int64_t i = 1; i < n; i += 2) {
        Value group = list_get(items, i);
        if (!is_long(group)) return raise(t, PyExc_TypeError, "an integer is required");
        int64_t number;
        if (!int_to_i64(group, &number))
            return raise(t, PyExc_OverflowError, "Python int too large to convert to C ssize_t");
        if (number < 0 || !group.is_int()) return raise(t, PyExc_TypeError, "invalid template");
    }
    Ref r = TRY(alloc(t, &template_type));
    r.as<TemplateObject>()->items = TRY(list_slice(t, items, 0, n)).release();
    return r;
}

Ref expand_template(Thread& t, Value tmpl, MatchObject* m) {
    if (!has_type(tmpl, &template_type)) return Ref::share(tmpl);
    Value items = tmpl.as<TemplateObject>()->items;
    int64_t n = list_size(items);
    if (n == 1) return Ref::share(list_get(items, 0));
    Ref parts = TRY(list_with_capacity(t, n));
    for (int64_t i = 0; i < n; i++) {
        Value item = list_get(items, i);
        if (i & 1) {
            int64_t g = item.as_int();
            if (g >= m->groups) return raise(t, PyExc_IndexError, "invalid group reference %zd", g);
            Ref text = TRY(match_group(t, m, g, none()));
            if (!is_none(text)) TRY(list_append(t, parts, text));
        } else {
            TRY(list_append(t, parts, item));
        }
    }
    if (is_bytes(list_get(items, 0))) {
        Ref empty = TRY(bytes_from(t, "", 0));
        return call_method(t, empty, ID(join), {parts});
    }
    return str_join(t, empty_str(), parts);
}

Ref compiled_template(Thread& t, Value pattern, Value repl) {
    bool literal = false;
    if (is_str(repl)) {
        Ref backslash = TRY(str_from_char(t, '\\'));
        literal = str_find(repl, backslash, 0, str_length(repl), 1) < 0;
    } else if (is_bytes(repl)) {
        literal = !memchr(bytes_data(repl), '\\', static_cast<size_t>(bytes_size(repl)));
    }
    if (literal) return Ref::share(repl);
    Ref fn = TRY(import_attr(t, "re", "_compile_template"));
    Ref made = call(t, fn, {pattern, repl});
    if (!made && error_is(t, PyExc_TypeError)) {
        // It could not be hashed: once more as plain text or bytes.
        Ref plain;
        if (is_str(repl) && !is_str_exact(repl))
            plain = (clear_error(t), str_substring(t, repl, 0, str_length(repl)));
        else if (has_buffer(repl) && !has_type(repl, &PyBytes_Type))
            plain = (clear_error(t), bytes_from_object(t, repl));
        if (plain) made = call(t, fn, {pattern, plain});
    }
    if (made && !has_type(made, &template_type) && !is_str(made) && !is_bytes(made))
        return raise(t, PyExc_RuntimeError,
                     "the result of compiling a replacement string is %.200s, not %.200s",
                     type_of(made)->tp_name, template_type.tp_name);
    return made;
}

Ref match_group(Thread& t, MatchObject* m, int64_t group, Value fallback) {
    int64_t from = m->marks[2 * group], to = m->marks[2 * group + 1];
    if (from < 0 || is_none(m->string)) return Ref::share(fallback);
    return slice_of(t, m->string, from, to);
}

Ref new_match(Thread& t, Value pattern, const MatchInput& in, const sre::MatchState& s) {
    auto* p = pattern.as<PatternObject>();
    int64_t groups = p->groups + 1;
    PyObject* o = alloc_plain(t, &match_type, sizeof(MatchObject) + 16 * static_cast<size_t>(groups));
    if (!o) return {};
    auto* m = reinterpret_cast<MatchObject*>(o);
    m->groups = groups;
    m->regs = Value();
    m->string = Ref::share(in.string).release();
    m->pattern = Ref::share(pattern).release();
    m->pos = in.pos;
    m->endpos = in.endpos;
    m->lastindex = s.lastindex;
    m->marks[0] = s.from;
    m->marks[1] = s.to;
    for (int64_t g = 1; g < m->groups; g++) {
        int64_t from = s.marks[2 * g - 2], to = s.marks[2 * g - 1];
        bool set = from >= 0 && to >= from;
        m->marks[2 * g] = set ? from : -1;
        m->marks[2 * g + 1] = set ? to : -1;
    }
    gc_track_new(t, o);
    return Ref::steal(Value(o));
}

Status init_match_type(Thread& t, Value module) {
    static const TypeDecl decl = {
        .name = "re.Match",
        .basicsize = sizeof(MatchObject),
        .flags = kTpDefault | kTpHaveGC | kTpDisallowInstantiation,
        .slots = {.dealloc = match_dealloc,
                  .traverse = match_traverse,
                  .repr = match_repr,
                  .mp_subscript = m_getitem},
        .spec = {.methods = methods,
                 .getset = attributes,
                 .members = members,
                 .doc = "The result of a match."},
    };
    TRY(add_static_type(t, Value(), match_type, decl));
    static const TypeDecl template_decl = {
        .name = "_sre.SRE_Template",
        .basicsize = sizeof(TemplateObject),
        .flags = kTpDefault | kTpHaveGC | kTpDisallowInstantiation,
        .slots = {.dealloc = template_dealloc, .traverse = template_traverse},
    };
    return add_static_type(t, Value(), template_type, template_decl);
}

}  // namespace krait
