// The type Element: a tag with text, attributes and children.
#include <cstring>

#include "builtins/list.h"
#include "modules/elementtree/elementtree.h"

namespace krait::etree {

namespace {

// --- life ---

void set_place(Value& place, Value v) { put_owned(place, Ref::share(v)); }

Ref new_(Thread& t, PyTypeObject* type, const Value*, size_t, Value) {
    Ref self = TRY(alloc(t, type));
    Element* e = as_element(self);
    e->tag = e->text = e->tail = none();
    return self;
}

void release(Element* e) {
    put_owned(e->tag, none_ref());
    put_owned(e->text, none_ref());
    put_owned(e->tail, none_ref());
    drop_extra(e);
}
void dealloc(Thread& t, PyObject* o) {
    gc_untrack(t, o);
    weakrefs_clear(t, o);
    release(reinterpret_cast<Element*>(o));
    free_object(t, o);
}
void traverse(PyObject* o, Visitor& v) {
    auto* e = reinterpret_cast<Element*>(o);
    v.visit(e->tag);
    v.visit(e->text);
    v.visit(e->tail);
    if (!e->extra) return;
    v.visit(e->extra->attrib);
    for (int64_t i = 0; i < e->extra->length; i++) v.visit(e->extra->children[i]);
}
void clear_slot(Thread&, PyObject* o) { release(reinterpret_cast<Element*>(o)); }

Status init(Thread& t, Value self, const Value* args, size_t nargs, Value kwnames) {
    if (nargs < 1) return raise(t, PyExc_TypeError, "Element() takes at least 1 argument (0 given)");
    if (nargs > 2) return raise(t, PyExc_TypeError, "Element() takes at most 2 arguments (%zu given)", nargs);
    if (nargs == 2 && !is_dict(args[1]))
        return raise(t, PyExc_TypeError, "Element() argument 2 must be dict, not %s",
                     is_none(args[1]) ? "None" : type_of(args[1])->tp_name);
    Ref attrib = attributes_of(t, nargs == 2 ? args[1] : Value(), args + nargs, kwnames);
    if (!attrib && occurred(t)) return {};
    Element* e = as_element(self);
    if (attrib) {
        TRY(make_extra(t, e));
        put_owned(e->extra->attrib, std::move(attrib));
    }
    set_place(e->tag, args[0]);
    set_place(e->text, none());
    set_place(e->tail, none());
    return Status::ok();
}

Ref repr(Thread& t, Value self) {
    Ref keep = Ref::share(as_element(self)->tag);
    if (TRY(repr_enter(t, self)))
        return raise(t, PyExc_RuntimeError, "reentrant call inside %s.__repr__", type_of(self)->tp_name);
    Ref text = str_format(t, "<Element %R at %p>", keep.get(), self.ptr());
    repr_leave(t, self);
    return text;
}

// --- attributes ---

// The dict of attributes, made when there is none.
Ref attrib_of(Thread& t, Element* e) {
    TRY(make_extra(t, e));
    if (!e->extra->attrib) {
        Ref dict = TRY(dict_new(t));
        put_owned(e->extra->attrib, std::move(dict));
    }
    return Ref::share(e->extra->attrib);
}
// The attributes there are; empty for none. State from a pickle may hold anything.
Result<Value> attrib_there(Thread& t, Element* e) {
    if (!e->extra || !e->extra->attrib) return Value();
    if (!is_dict(e->extra->attrib)) return bad_internal_call(t, "_elementtree");
    return e->extra->attrib;
}

template <Value Element::* Place>
Ref get_place(Thread&, Value self, void*) {
    return Ref::share(as_element(self)->*Place);
}
Raised cannot_delete(Thread& t) { return raise(t, PyExc_AttributeError, "can't delete element attribute"); }
template <Value Element::* Place>
Status set_place_of(Thread& t, Value self, Value v, void*) {
    if (!v) return cannot_delete(t);
    set_place(as_element(self)->*Place, v);
    return Status::ok();
}
Ref get_attrib(Thread& t, Value self, void*) { return attrib_of(t, as_element(self)); }
Status set_attrib(Thread& t, Value self, Value v, void*) {
    if (!v) return cannot_delete(t);
    if (!is_dict(v)) return raise(t, PyExc_TypeError, "attrib must be dict, not %.200s", type_of(v)->tp_name);
    TRY(make_extra(t, as_element(self)));
    set_place(as_element(self)->extra->attrib, v);
    return Status::ok();
}

Ref m_get(Thread& t, Value self, const Value* a) {
    Value there = TRY(attrib_there(t, as_element(self)));
    Ref found;
    if (there) {
        Ref dict = Ref::share(there);
        found = TRY(dict_get(t, dict, a[0]));
    }
    return found ? std::move(found) : a[1] ? Ref::share(a[1]) : none_ref();
}
Ref m_set(Thread& t, Value self, const Value* a, size_t) {
    Ref dict = TRY(attrib_of(t, as_element(self)));
    if (!is_dict(dict)) return bad_internal_call(t, "_elementtree");
    TRY(dict_set(t, dict, a[0], a[1]));
    return none_ref();
}
Ref m_items(Thread& t, Value self) {
    Value there = TRY(attrib_there(t, as_element(self)));
    return there ? dict_items_list(t, there) : list_new(t);
}
Ref m_keys(Thread& t, Value self) {
    Value there = TRY(attrib_there(t, as_element(self)));
    return there ? dict_keys_list(t, there) : list_new(t);
}

Ref m_clear(Thread&, Value self) {
    Element* e = as_element(self);
    drop_extra(e);
    set_place(e->text, none());
    set_place(e->tail, none());
    return none_ref();
}

// --- copies ---

Ref copy(Thread& t, Value self) {
    Element* e = as_element(self);
    Ref attrib;
    if (Value there = TRY(attrib_there(t, e)); there && dict_size(there)) attrib = TRY(dict_copy(t, there));
    Ref made = TRY(element_new(t, state_of(self), e->tag, attrib));
    Element* c = as_element(made);
    set_place(c->text, e->text);
    set_place(c->tail, e->tail);
    for (int64_t i = 0; i < child_count(e); i++) TRY(add_child(t, c, child_at(e, i)));
    return made;
}

Ref deepcopy_element(Thread& t, State* st, Value self, Value memo);
Ref deepcopy_value(Thread& t, State* st, Value v, Value memo) {
    if (is_none(v) || is_str_exact(v) || v.is_immediate()) return Ref::share(v);
    if (has_type(v, st->element) && v.ptr()->ob_refcnt == 1) return deepcopy_element(t, st, v, memo);
    return call(t, st->deepcopy, {v, memo});
}
Ref deepcopy_element(Thread& t, State* st, Value self, Value memo) {
    RecursionGuard guard(t, " in copy.deepcopy");
    if (!guard) return {};
    Element* e = as_element(self);
    Ref from_tag = Ref::share(e->tag), from_text = Ref::share(e->text), from_tail = Ref::share(e->tail);
    Ref tag = TRY(deepcopy_value(t, st, from_tag, memo));
    Ref attrib;
    if (e->extra && e->extra->attrib) {
        Ref from = Ref::share(e->extra->attrib);
        attrib = TRY(deepcopy_value(t, st, from, memo));
    }
    Ref made = TRY(element_new(t, st, tag, attrib));
    Element* c = as_element(made);
    Ref text = TRY(deepcopy_value(t, st, from_text, memo));
    put_owned(c->text, std::move(text));
    Ref tail = TRY(deepcopy_value(t, st, from_tail, memo));
    put_owned(c->tail, std::move(tail));
    for (int64_t i = 0; i < child_count(e); i++) {
        Ref from = Ref::share(child_at(e, i));
        Ref child = TRY(deepcopy_value(t, st, from, memo));
        if (!is_element(st, child)) return not_an_element(t, child);
        TRY(add_child(t, c, child));
    }
    Ref id = TRY(int_from_u64(t, self.bits));
    TRY(dict_set(t, memo, id, made));
    return made;
}
Ref m_deepcopy(Thread& t, Value self, Value memo) {
    if (!is_dict(memo))
        return raise(t, PyExc_TypeError, "__deepcopy__() argument must be dict, not %s",
                     is_none(memo) ? "None" : type_of(memo)->tp_name);
    return deepcopy_element(t, state_of(self), self, memo);
}

// --- pickling ---

Ref m_getstate(Thread& t, Value self) {
    Element* e = as_element(self);
    Ref children = TRY(list_new(t));
    for (int64_t i = 0; i < child_count(e); i++) TRY(list_append(t, children, child_at(e, i)));
    Ref attrib = e->extra && e->extra->attrib ? Ref::share(e->extra->attrib) : TRY(dict_new(t));
    Ref state = TRY(dict_new(t));
    TRY(dict_set_str(t, state, "tag", e->tag));
    TRY(dict_set_str(t, state, "_children", children));
    TRY(dict_set_str(t, state, "attrib", attrib));
    TRY(dict_set_str(t, state, "text", e->text));
    TRY(dict_set_str(t, state, "tail", e->tail));
    return state;
}

Status set_children(Thread& t, State* st, Element* e, Value children) {
    if (!is_list(children)) return raise(t, PyExc_TypeError, "'_children' is not a list");
    for (int64_t i = 0; i < list_size(children); i++)
        if (!is_element(st, list_get(children, i))) return not_an_element(t, list_get(children, i));
    for (int64_t i = 0; i < list_size(children); i++) TRY(add_child(t, e, list_get(children, i)));
    return Status::ok();
}

Ref m_setstate(Thread& t, Value self, const Value* a, size_t n, Value kwnames) {
    TRY(exactly(t, "__setstate__", 1, n, kwnames));
    Value state = a[0];
    if (!is_dict_exact(state))
        return raise(t, PyExc_TypeError, "Don't know how to unpickle \"%.200R\" as an Element", state);
    constexpr const char* kKeys[] = {"tag", "attrib", "text", "tail", "_children"};
    Ref parts[5];
    int64_t pos = 0;
    Value key, v;
    while (dict_next(state, pos, key, v)) {
        int which = 0;
        while (which < 5 && !(is_str(key) && str_equal(key, kKeys[which]))) which++;
        if (which == 5) {
            if (!is_str(key)) return raise(t, PyExc_TypeError, "keywords must be strings");
            return raise(t, PyExc_TypeError, "this function got an unexpected keyword argument '%U'", key);
        }
        parts[which] = Ref::share(v);
    }
    if (!parts[0]) return raise(t, PyExc_TypeError, "tag may not be NULL");
    Element* e = as_element(self);
    set_place(e->tag, parts[0]);
    set_place(e->text, parts[2] ? parts[2].get() : none());
    set_place(e->tail, parts[3] ? parts[3].get() : none());
    // The children go, the attributes stay unless there are new ones.
    Ref attrib = e->extra ? Ref::share(e->extra->attrib) : Ref();
    drop_extra(e);
    if (attrib) {
        TRY(make_extra(t, e));
        put_owned(e->extra->attrib, std::move(attrib));
    }
    if (parts[4]) TRY(set_children(t, state_of(self), e, parts[4]));
    if (parts[1]) {
        TRY(make_extra(t, e));
        set_place(e->extra->attrib, parts[1]);
    }
    return none_ref();
}

// --- the rest ---

Ref m_makeelement(Thread& t, Value self, const Value* a, size_t n, Value kwnames) {
    if (n + (kwnames ? static_cast<size_t>(tuple_size(kwnames)) : 0) > 2)
        return raise(t, PyExc_TypeError, "makeelement() takes at most 2 arguments (%zu given)", n);
    if (n != 2)
        return raise(t, PyExc_TypeError, "makeelement() takes exactly 2 positional arguments (%zu given)", n);
    if (!is_dict(a[1]))
        return raise(t, PyExc_TypeError, "makeelement() argument 2 must be dict, not %s",
                     is_none(a[1]) ? "None" : type_of(a[1])->tp_name);
    Ref attrib = TRY(dict_copy(t, a[1]));
    return element_new(t, state_of(self), a[0], attrib);
}
Ref size_of(Thread& t, Value self) {
    int64_t size = type_of(self)->tp_basicsize;
    if (Extra* x = as_element(self)->extra) {
        size += static_cast<int64_t>(sizeof(Extra));
        if (x->children != x->own) size += 8 * x->allocated;
    }
    return int_from(t, size);
}
Result<int64_t> length(Thread&, Value self) { return child_count(as_element(self)); }
Result<bool> truth(Thread& t, Value self) {
    TRY(warn(t, PyExc_DeprecationWarning, 1,
             "Testing an element's truth value will always return True in future versions.  Use specific "
             "'len(elem)' or 'elem is not None' test instead."));
    return child_count(as_element(self)) > 0;
}

const NativeDef methods[] = {
    def<m_clear>("clear", "()", nullptr),
    def<m_get>("get", "(key, default=None)", nullptr),
    def<m_set>("set", "(key, value, /)", nullptr),
    def<m_find>("find", "(path, namespaces=None)", nullptr, kMethMethod),
    def<m_findtext>("findtext", "(path, default=None, namespaces=None)", nullptr, kMethMethod),
    def<m_findall>("findall", "(path, namespaces=None)", nullptr, kMethMethod),
    def<m_append>("append", "(subelement, /)", nullptr, kMethMethod),
    def<m_extend>("extend", "(elements, /)", nullptr, kMethMethod),
    def<m_insert>("insert", "(index, subelement, /)", nullptr),
    def<m_remove>("remove", "(subelement, /)", nullptr),
    def<m_iter>("iter", "(tag=None)", nullptr, kMethMethod),
    def<m_itertext>("itertext", "()", nullptr, kMethMethod),
    def<m_iterfind>("iterfind", "(path, namespaces=None)", nullptr, kMethMethod),
    def<m_items>("items", "()", nullptr),
    def<m_keys>("keys", "()", nullptr),
    def<m_makeelement>("makeelement", "(tag, attrib, /)", nullptr, kMethMethod),
    def<copy>("__copy__", "()", nullptr, kMethMethod),
    def<m_deepcopy>("__deepcopy__", "(memo, /)", nullptr),
    def<size_of>("__sizeof__", "()", nullptr),
    def<m_getstate>("__getstate__", "()", nullptr),
    def<m_setstate>("__setstate__", "(state, /)", nullptr, kMethMethod),
    {},
};
const GetSetDef attributes[] = {
    getset("tag", get_place<&Element::tag>, set_place_of<&Element::tag>, "What kind of element this is"),
    getset("text", get_place<&Element::text>, set_place_of<&Element::text>,
           "The text right after the start tag, or None"),
    getset("tail", get_place<&Element::tail>, set_place_of<&Element::tail>,
           "The text right after the end tag, or None"),
    getset("attrib", get_attrib, set_attrib, "The attributes as a dict"),
    {},
};

}  // namespace

Raised not_an_element(Thread& t, Value v) {
    return raise(t, PyExc_TypeError, "expected an Element, not \"%.200s\"", type_of(v)->tp_name);
}

Ref element_new(Thread& t, State* st, Value tag, Value attrib) {
    Ref self = TRY(new_(t, st->element, nullptr, 0, Value()));
    Element* e = as_element(self);
    e->tag = Ref::share(tag).release();
    if (attrib && !(is_dict(attrib) && dict_size(attrib) == 0)) {
        TRY(make_extra(t, e));
        e->extra->attrib = Ref::share(attrib).release();
    }
    return self;
}

Status make_extra(Thread& t, Element* e) {
    if (e->extra) return Status::ok();
    auto* x = static_cast<Extra*>(mem_alloc_zeroed(sizeof(Extra)));
    if (!x) return raise_no_memory(t);
    x->allocated = 4;
    x->children = x->own;
    e->extra = x;
    return Status::ok();
}

// Taken off first: what goes may run code that looks at the element.
void drop_extra(Element* e) {
    Extra* x = e->extra;
    e->extra = nullptr;
    if (!x) return;
    xdecref(x->attrib);
    for (int64_t i = 0; i < x->length; i++) decref(x->children[i]);
    if (x->children != x->own) mem_free(x->children);
    mem_free(x);
}

Status add_child(Thread& t, Element* e, Value child) {
    TRY(make_extra(t, e));
    Extra* x = e->extra;
    if (x->length == x->allocated) {
        int64_t size = x->length + 1;
        size += (size >> 3) + (size < 9 ? 3 : 6);
        auto* grown = static_cast<Value*>(mem_alloc(static_cast<size_t>(size) * sizeof(Value)));
        if (!grown) return raise_no_memory(t);
        memcpy(static_cast<void*>(grown), x->children, static_cast<size_t>(x->length) * sizeof(Value));
        if (x->children != x->own) mem_free(x->children);
        x->children = grown;
        x->allocated = size;
    }
    x->children[x->length++] = Ref::share(child).release();
    return Status::ok();
}

Ref attributes_of(Thread& t, Value attrib, const Value* kwvalues, Value kwnames) {
    int64_t n = kwnames ? tuple_size(kwnames) : 0;
    if (!attrib && n == 0) return Ref();
    Ref dict = attrib ? TRY(dict_copy(t, attrib)) : Ref();
    int given = -1;  // the keyword `attrib` counts where there is no positional one
    for (int64_t i = 0; !attrib && i < n; i++)
        if (str_equal(tuple_get(kwnames, i), "attrib")) given = static_cast<int>(i);
    if (given >= 0) {
        Value v = kwvalues[given];
        if (!is_dict(v))
            return raise(t, PyExc_TypeError, "attrib must be dict, not %.100s", type_of(v)->tp_name);
        dict = TRY(dict_copy(t, v));
    }
    if (!dict) dict = TRY(dict_new(t));
    for (int64_t i = 0; i < n; i++)
        if (i != given) TRY(dict_set(t, dict, tuple_get(kwnames, i), kwvalues[i]));
    return dict;
}

Ref sub_element(Thread& t, Value module, const Value* args, size_t nargs, Value kwnames) {
    State* st = state_of_module(module);
    if (nargs < 2)
        return raise(t, PyExc_TypeError, "SubElement() takes at least 2 arguments (%zu given)", nargs);
    if (nargs > 3)
        return raise(t, PyExc_TypeError, "SubElement() takes at most 3 arguments (%zu given)", nargs);
    if (!is_element(st, args[0]))
        return raise(t, PyExc_TypeError,
                     "SubElement() argument 1 must be xml.etree.ElementTree.Element, not %s",
                     is_none(args[0]) ? "None" : type_of(args[0])->tp_name);
    if (nargs == 3 && !is_dict(args[2]))
        return raise(t, PyExc_TypeError, "SubElement() argument 3 must be dict, not %s",
                     is_none(args[2]) ? "None" : type_of(args[2])->tp_name);
    Ref attrib = attributes_of(t, nargs == 3 ? args[2] : Value(), args + nargs, kwnames);
    if (!attrib && occurred(t)) return {};
    Ref made = TRY(element_new(t, st, args[1], attrib));
    TRY(add_child(t, as_element(args[0]), made));
    return made;
}

Status init_element(Thread& t, State* st, Value module) {
    static const TypeDecl decl = {.name = "xml.etree.ElementTree.Element",
                                  .basicsize = sizeof(Element),
                                  .flags = kTpDefault | kTpBaseType | kTpHaveGC | kTpImmutableType,
                                  .slots = {.dealloc = dealloc,
                                            .traverse = traverse,
                                            .clear = clear_slot,
                                            .repr = repr,
                                            .getattr = generic_get_attr,
                                            .init = init,
                                            .new_ = new_,
                                            .nb_bool = truth,
                                            .mp_length = length,
                                            .mp_subscript = element_subscript,
                                            .mp_ass_subscript = element_ass_subscript,
                                            .sq_length = length,
                                            .sq_item = element_item,
                                            .sq_ass_item = element_set_item},
                                  .spec = {.methods = methods, .getset = attributes},
                                  .weaklistoffset = offsetof(Element, weaklist)};
    st->element = TRY(new_native_heap_type(t, Value(), decl, {})).release().as<PyTypeObject>();
    ext(st->element)->user = st;
    return module_add(t, module, "Element", Ref::share(Value(st->element)));
}

}  // namespace krait::etree
