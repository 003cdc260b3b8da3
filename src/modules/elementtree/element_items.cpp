// The children of an element as a sequence.
#include "builtins/slice.h"
#include "modules/elementtree/elementtree.h"
#include "object/convert.h"

namespace krait::etree {

Status exactly(Thread& t, const char* fname, size_t want, size_t n, Value kwnames) {
    size_t all = n + (kwnames ? static_cast<size_t>(tuple_size(kwnames)) : 0);
    const char* plural = want == 1 ? "" : "s";
    if (all > want)
        return raise(t, PyExc_TypeError, "%s() takes at most %zu argument%s (%zu given)", fname, want, plural,
                     all);
    if (n < want)
        return raise(t, PyExc_TypeError, "%s() takes exactly %zu positional argument%s (%zu given)", fname,
                     want, plural, n);
    return Status::ok();
}

namespace {

Status element_arg(Thread& t, Value self, const char* fname, const char* position, Value v) {
    if (is_element(state_of(self), v)) return Status::ok();
    return raise(t, PyExc_TypeError, "%s() argument%s must be xml.etree.ElementTree.Element, not %s", fname,
                 position, is_none(v) ? "None" : type_of(v)->tp_name);
}

Ref take_child(Element* e, int64_t i) {
    Extra* x = e->extra;
    Value child = x->children[i];
    x->length--;
    for (; i < x->length; i++) x->children[i] = x->children[i + 1];
    return Ref::steal(child);
}

// Puts in order what is wanted now; the old children go when the element is consistent again.
Status replace_children(Thread& t, Element* e, Value list) {
    Ref attrib = e->extra ? Ref::share(e->extra->attrib) : Ref();
    Extra* old = e->extra;
    e->extra = nullptr;
    Status ok = make_extra(t, e);
    for (int64_t i = 0; ok && i < list_size(list); i++) ok = add_child(t, e, list_get(list, i));
    if (!ok) {
        drop_extra(e);
        e->extra = old;
        return {};
    }
    e->extra->attrib = attrib.release();
    Element rest{};
    rest.extra = old;
    drop_extra(&rest);
    return Status::ok();
}

Ref children_list(Thread& t, Element* e) {
    Ref list = TRY(list_new(t));
    for (int64_t i = 0; i < child_count(e); i++) TRY(list_append(t, list, child_at(e, i)));
    return list;
}

Status set_slice(Thread& t, Value self, Value slice, Value value) {
    Element* e = as_element(self);
    int64_t start, stop, step;
    TRY(slice_unpack(t, slice, &start, &stop, &step));
    Ref items = value ? sequence_fast(t, value, "assignment expects an iterable") : list_new(t);
    if (!items) return {};
    // What the items come from may have changed this element: only now it is looked at.
    Ref list = TRY(children_list(t, e));
    int64_t n = slice_adjust(child_count(e), &start, &stop, step);
    int64_t given = TRY(length(t, items));
    State* st = state_of(self);
    for (int64_t i = 0; i < given; i++) {
        Ref item = TRY(get_item(t, items, i));
        if (!is_element(st, item)) return not_an_element(t, item);
    }
    if (step == 1) {
        if (stop < start) stop = start;
        TRY(list_set_slice(t, list, start, stop, items));
        return replace_children(t, e, list);
    }
    if (value && given != n)
        return raise(t, PyExc_ValueError,
                     "attempt to assign sequence of size %zd to extended slice of size %zd", given, n);
    TRY(set_item(t, list, slice, value ? items.get() : Value()));
    return replace_children(t, e, list);
}

}  // namespace

Ref element_item(Thread& t, Value self, int64_t i) {
    Element* e = as_element(self);
    if (i < 0 || i >= child_count(e)) return raise(t, PyExc_IndexError, "child index out of range");
    return Ref::share(child_at(e, i));
}
Status element_set_item(Thread& t, Value self, int64_t i, Value v) {
    Element* e = as_element(self);
    if (i < 0 || i >= child_count(e))
        return raise(t, PyExc_IndexError, "child assignment index out of range");
    if (!v) {
        Ref gone = take_child(e, i);
        return Status::ok();
    }
    if (!is_element(state_of(self), v)) return not_an_element(t, v);
    put_owned(e->extra->children[i], Ref::share(v));
    return Status::ok();
}
Ref element_subscript(Thread& t, Value self, Value key) {
    Element* e = as_element(self);
    if (is_index(key)) {
        int64_t i = TRY(as_index(t, key, PyExc_IndexError));
        return element_item(t, self, i < 0 ? i + child_count(e) : i);
    }
    if (!has_type(key, &PySlice_Type)) return raise(t, PyExc_TypeError, "element indices must be integers");
    int64_t start, stop, step;
    TRY(slice_unpack(t, key, &start, &stop, &step));
    int64_t n = slice_adjust(child_count(e), &start, &stop, step);
    Ref list = TRY(list_new(t));
    for (int64_t i = 0; i < n; i++) TRY(list_append(t, list, child_at(e, start + i * step)));
    return list;
}
Status element_ass_subscript(Thread& t, Value self, Value key, Value value) {
    if (is_index(key)) {
        int64_t i = TRY(as_index(t, key, PyExc_IndexError));
        return element_set_item(t, self, i < 0 ? i + child_count(as_element(self)) : i, value);
    }
    if (!has_type(key, &PySlice_Type)) return raise(t, PyExc_TypeError, "element indices must be integers");
    return set_slice(t, self, key, value);
}

Ref m_append(Thread& t, Value self, const Value* a, size_t n, Value kwnames) {
    TRY(exactly(t, "append", 1, n, kwnames));
    TRY(element_arg(t, self, "append", " 1", a[0]));
    TRY(add_child(t, as_element(self), a[0]));
    return none_ref();
}
Ref m_extend(Thread& t, Value self, const Value* a, size_t n, Value kwnames) {
    TRY(exactly(t, "extend", 1, n, kwnames));
    Ref items = sequence_fast(t, a[0], "'elements' must be an iterable");
    if (!items) return {};
    State* st = state_of(self);
    for (int64_t i = 0;; i++) {
        if (i >= TRY(length(t, items))) return none_ref();
        Ref item = TRY(get_item(t, items, i));
        if (!is_element(st, item)) return not_an_element(t, item);
        TRY(add_child(t, as_element(self), item));
    }
}
Ref m_insert(Thread& t, Value self, const Value* a, size_t) {
    int64_t at = TRY(as_ssize(t, a[0]));
    TRY(element_arg(t, self, "insert", " 2", a[1]));
    Element* e = as_element(self);
    int64_t n = child_count(e);
    if (at < 0) at = at + n < 0 ? 0 : at + n;
    if (at > n) at = n;
    TRY(add_child(t, e, a[1]));
    Extra* x = e->extra;
    Value child = x->children[n];
    for (int64_t i = n; i > at; i--) x->children[i] = x->children[i - 1];
    x->children[at] = child;
    return none_ref();
}
Ref m_remove(Thread& t, Value self, Value child) {
    TRY(element_arg(t, self, "remove", "", child));
    Element* e = as_element(self);
    for (int64_t i = 0; i < child_count(e); i++) {
        Ref item = Ref::share(child_at(e, i));
        if (!(item == child) && !TRY(equal(t, item, child))) continue;
        // Comparing may have changed the children: what was found could be gone already.
        if (i >= child_count(e)) return none_ref();
        Ref gone = take_child(e, i);
        return none_ref();
    }
    return raise(t, PyExc_ValueError, "Element.remove(x): element not found");
}

}  // namespace krait::etree
