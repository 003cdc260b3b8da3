// The module _elementtree: elements, the builder of trees, and the parser that drives it.
#pragma once

#include "builtins/callable.h"
#include "builtins/dict.h"
#include "builtins/list.h"
#include "builtins/number.h"
#include "builtins/str.h"
#include "builtins/tuple.h"
#include "gc/gc.h"
#include "modules/fields.h"
#include "object/names.h"
#include "object/protocol.h"

namespace krait::etree {

// What one module object has made; its types point here. Lives for ever, what it refers to as long as the
// interpreter.
struct State {
    State* next;
    PyTypeObject *element, *iterator, *builder, *parser;
    Value parse_error, deepcopy, element_path;  // owned
    Value comment_factory, pi_factory;          // owned; empty: none
};
State* state_of_type(PyTypeObject* type);  // of a type of this module or a subclass of one
inline State* state_of(Value v) { return state_of_type(type_of(v)); }
// A module's memory is freed with it, so it holds no more than the address.
inline State* state_of_module(Value module) {
    return *static_cast<State**>(module.as<PyModuleObject>()->md_state);
}

// Attributes and children, which most elements do not have both of.
struct Extra {
    Value attrib;  // owned; empty: none yet
    int64_t length, allocated;
    Value* children;  // `own`, or from mem_alloc
    Value own[4];
};
struct Element {
    PyObject ob_base;
    Value tag, text, tail;  // owned
    Extra* extra;           // may be null
    PyObject* weaklist;
};
inline Element* as_element(Value v) { return v.as<Element>(); }
inline bool is_element(const State* st, Value v) { return is_instance_exact_or_sub(v, st->element); }
inline int64_t child_count(Element* e) { return e->extra ? e->extra->length : 0; }
inline Value child_at(Element* e, int64_t i) { return e->extra->children[i]; }

// element.cpp
Ref element_new(Thread& t, State* st, Value tag, Value attrib_or_empty);  // shares the dict
Status add_child(Thread& t, Element* e, Value child);
Status make_extra(Thread& t, Element* e);
void drop_extra(Element* e);
Status init_element(Thread& t, State* st, Value module);
// SubElement(parent, tag, attrib={}, **extra) and what Element() has in common with it: the attributes as a
// new dict, or nothing. `attrib` is the positional one, or empty.
Ref attributes_of(Thread& t, Value attrib, const Value* kwvalues, Value kwnames);
Ref sub_element(Thread& t, Value module, const Value* args, size_t nargs, Value kwnames);
Raised not_an_element(Thread& t, Value v);

// element_items.cpp: children as a sequence
Ref element_subscript(Thread& t, Value self, Value key);
Status element_ass_subscript(Thread& t, Value self, Value key, Value value);
Ref element_item(Thread& t, Value self, int64_t i);
Status element_set_item(Thread& t, Value self, int64_t i, Value v);
Ref m_append(Thread& t, Value self, const Value* a, size_t n, Value kwnames);
Ref m_extend(Thread& t, Value self, const Value* a, size_t n, Value kwnames);
Ref m_insert(Thread& t, Value self, const Value* a, size_t n);
Ref m_remove(Thread& t, Value self, Value child);
// Positional arguments only, exactly `want` of them.
Status exactly(Thread& t, const char* fname, size_t want, size_t n, Value kwnames);

// element_find.cpp: find and its kin, the iterator
Ref m_find(Thread& t, Value self, const Value* a);
Ref m_findtext(Thread& t, Value self, const Value* a);
Ref m_findall(Thread& t, Value self, const Value* a);
Ref m_iterfind(Thread& t, Value self, const Value* a);
Ref m_iter(Thread& t, Value self, const Value* a);
Ref m_itertext(Thread& t, Value self, const Value* a, size_t n, Value kwnames);
Status init_iterator(Thread& t, State* st, Value module);

// builder.cpp
struct Builder {
    PyObject ob_base;
    Value root, current, last, last_for_tail;  // nodes; empty: none
    Value data;     // text not delivered yet: a single object, or a list of several
    Value stack;    // list of the nodes around `current`
    int64_t depth;  // how much of it counts
    Value element_factory, comment_factory, pi_factory;
    Value events_append;  // of the queue of events; empty: none wanted
    Value start_event, end_event, start_ns_event, end_ns_event, comment_event, pi_event;
    bool insert_comments, insert_pis;
};
inline Builder* as_builder(Value v) { return v.as<Builder>(); }
Ref builder_new(Thread& t, State* st);
Ref builder_start(Thread& t, Builder* b, Value tag, Value attrib_or_empty);
Ref builder_end(Thread& t, Builder* b);
Ref builder_data(Thread& t, Builder* b, Value data);
Ref builder_comment(Thread& t, Builder* b, Value text);
Ref builder_pi(Thread& t, Builder* b, Value target, Value text);
Ref builder_done(Builder* b);
Status builder_event(Thread& t, Builder* b, Value event, Value node);
Status init_builder(Thread& t, State* st, Value module);

// parser.cpp
Status init_parser(Thread& t, State* st, Value module);

}  // namespace krait::etree
