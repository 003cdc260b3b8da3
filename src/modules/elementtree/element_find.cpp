// Looking elements up: find() and its kin, iter() and itertext().
#include "builtins/bytes.h"
#include "builtins/iterators.h"
#include "modules/elementtree/elementtree.h"

namespace krait::etree {

namespace {

bool is_path_char(uint32_t c) { return c == '/' || c == '*' || c == '[' || c == '@' || c == '.'; }

template <class At>
bool text_is_path(int64_t n, At at) {
    if (n >= 3 && at(0) == '{' && (at(1) == '}' || (at(1) == '*' && at(2) == '}')))
        return true;      // any namespace
    bool outside = true;  // of the braces around a namespace
    for (int64_t i = 0; i < n; i++) {
        uint32_t c = at(i);
        if (c == '{')
            outside = false;
        else if (c == '}')
            outside = true;
        else if (outside && is_path_char(c))
            return true;
    }
    return false;
}
// Whether it takes ElementPath to look this up; other than text might be anything.
bool is_path(Value v) {
    if (is_str(v)) return text_is_path(str_length(v), [&](int64_t i) { return str_char(v, i); });
    if (is_bytes(v))
        return text_is_path(bytes_size(v), [&](int64_t i) { return static_cast<uint8_t>(bytes_data(v)[i]); });
    return true;
}
Value or_none(Value v) { return v ? v : none(); }
bool simple(const Value path, Value namespaces) {
    return !is_path(path) && (!namespaces || is_none(namespaces));
}

// The next child with this tag from `i` on, which moves past it; absent: none.
Maybe next_match(Thread& t, Element* e, Value tag, int64_t& i) {
    while (i < child_count(e)) {
        Ref child = Ref::share(child_at(e, i++));
        Ref its_tag = Ref::share(as_element(child)->tag);
        if (TRY(equal(t, its_tag, tag))) return child;
    }
    return Maybe::absent();
}

}  // namespace

Ref m_find(Thread& t, Value self, const Value* a) {
    if (!simple(a[0], a[1]))
        return call_method(t, state_of(self)->element_path, "find", {self, a[0], or_none(a[1])});
    int64_t i = 0;
    Ref found = TRY(next_match(t, as_element(self), a[0], i));
    return found ? std::move(found) : none_ref();
}
Ref m_findtext(Thread& t, Value self, const Value* a) {
    if (!simple(a[0], a[2]))
        return call_method(t, state_of(self)->element_path, "findtext",
                           {self, a[0], or_none(a[1]), or_none(a[2])});
    int64_t i = 0;
    Ref found = TRY(next_match(t, as_element(self), a[0], i));
    if (!found) return Ref::share(or_none(a[1]));
    Value text = as_element(found)->text;
    return Ref::share(is_none(text) ? empty_str() : text);
}
Ref m_findall(Thread& t, Value self, const Value* a) {
    if (!simple(a[0], a[1]))
        return call_method(t, state_of(self)->element_path, "findall", {self, a[0], or_none(a[1])});
    Ref list = TRY(list_new(t));
    for (int64_t i = 0;;) {
        Ref found = TRY(next_match(t, as_element(self), a[0], i));
        if (!found) return list;
        TRY(list_append_owned(t, list, std::move(found)));
    }
}
Ref m_iterfind(Thread& t, Value self, const Value* a) {
    return call_method(t, state_of(self)->element_path, "iterfind", {self, a[0], or_none(a[1])});
}

// --- the iterator ---

namespace {

struct Level {
    Value element;  // owned
    int64_t next;   // child
};
struct Iterator {
    PyObject ob_base;
    Value root;  // owned; empty once it was visited
    Value tag;   // owned; None: all
    bool texts;
    Level* levels;  // from the root to the element whose children are visited
    int64_t used, room;
};
Iterator* as_iterator(Value v) { return v.as<Iterator>(); }

void drop(Iterator* it) {
    put_owned(it->root, Ref());
    put_owned(it->tag, none_ref());
    Level* levels = it->levels;
    int64_t n = it->used;
    it->levels = nullptr;
    it->used = it->room = 0;
    for (int64_t i = 0; i < n; i++) decref(levels[i].element);
    mem_free(levels);
}
void iter_dealloc(Thread& t, PyObject* o) {
    gc_untrack(t, o);
    drop(reinterpret_cast<Iterator*>(o));
    free_object(t, o);
}
void iter_traverse(PyObject* o, Visitor& v) {
    auto* it = reinterpret_cast<Iterator*>(o);
    v.visit(it->root);
    v.visit(it->tag);
    for (int64_t i = 0; i < it->used; i++) v.visit(it->levels[i].element);
}
void iter_clear(Thread&, PyObject* o) { drop(reinterpret_cast<Iterator*>(o)); }

Status enter(Thread& t, Iterator* it, Value element) {
    if (it->used == it->room) {
        int64_t room = it->room ? it->room * 2 : 8;
        auto* grown = static_cast<Level*>(mem_realloc(it->levels, static_cast<size_t>(room) * sizeof(Level)));
        if (!grown) return raise_no_memory(t);
        it->levels = grown;
        it->room = room;
    }
    it->levels[it->used++] = {Ref::share(element).release(), 0};
    return Status::ok();
}

// A text that is there and not empty.
Result<bool> is_text(Thread& t, Value v) {
    if (is_none(v)) return false;
    return is_true(t, v);
}

// Comments and the like have a function for a tag; their text is not part of the document's.
bool is_aside(Value element) {
    Value tag = as_element(element)->tag;
    return !is_str(tag) && !is_none(tag);
}

Ref iter_step(Thread& t, Value self) {
    Iterator* it = as_iterator(self);
    for (;;) {
        Ref element;
        if (it->used == 0) {
            if (!it->root) return {};
            element = Ref::steal(it->root);
            it->root = Value();
        } else {
            Level& level = it->levels[it->used - 1];
            Element* parent = as_element(level.element);
            if (level.next >= child_count(parent)) {
                Ref done = Ref::steal(level.element);
                it->used--;
                // The tail belongs to the text within the parent; the root's is outside.
                if (!it->texts || it->used == 0) continue;
                Ref tail = Ref::share(as_element(done)->tail);
                if (TRY(is_text(t, tail))) return tail;
                continue;
            }
            element = Ref::share(child_at(parent, level.next++));
        }
        if (it->texts && is_aside(element)) {
            Ref tail = Ref::share(as_element(element)->tail);
            if (it->used && TRY(is_text(t, tail))) return tail;
            continue;
        }
        TRY(enter(t, it, element));
        if (it->texts) {
            Ref text = Ref::share(as_element(element)->text);
            if (TRY(is_text(t, text))) return text;
            continue;
        }
        if (is_none(it->tag)) return element;
        Ref tag = Ref::share(as_element(element)->tag), wanted = Ref::share(it->tag);
        if (TRY(equal(t, tag, wanted))) return element;
    }
}

Ref make_iterator(Thread& t, Value self, Value tag, bool texts) {
    Ref made = TRY(alloc(t, state_of(self)->iterator));
    Iterator* it = as_iterator(made);
    it->root = Ref::share(self).release();
    it->tag = Ref::share(tag).release();
    it->texts = texts;
    return made;
}

}  // namespace

Ref m_iter(Thread& t, Value self, const Value* a) {
    Value tag = or_none(a[0]);
    bool all = (is_str(tag) && str_equal(tag, "*")) || (is_bytes(tag) && bytes_view(tag) == "*");
    return make_iterator(t, self, all ? none() : tag, false);
}
Ref m_itertext(Thread& t, Value self, const Value*, size_t n, Value kwnames) {
    if (n || (kwnames && tuple_size(kwnames)))
        return raise(t, PyExc_TypeError, "itertext() takes no arguments");
    return make_iterator(t, self, none(), true);
}

Status init_iterator(Thread& t, State* st, Value) {
    static const TypeDecl decl = {
        .name = "_elementtree._element_iterator",
        .basicsize = sizeof(Iterator),
        .flags = kTpDefault | kTpHaveGC | kTpImmutableType | kTpDisallowInstantiation,
        .slots = {.dealloc = iter_dealloc,
                  .traverse = iter_traverse,
                  .clear = iter_clear,
                  .iter = iter_self,
                  .iternext = iter_step}};
    st->iterator = TRY(new_native_heap_type(t, Value(), decl, {})).release().as<PyTypeObject>();
    ext(st->iterator)->user = st;
    return Status::ok();
}

}  // namespace krait::etree
