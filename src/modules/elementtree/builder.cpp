// The type TreeBuilder: turns starts, ends and data into a tree.
#include "modules/elementtree/elementtree.h"

namespace krait::etree {

namespace {

template <class F>
void each_value(Builder* b, F&& f) {
    for (Value* v :
         {&b->root, &b->current, &b->last, &b->last_for_tail, &b->data, &b->stack, &b->element_factory,
          &b->comment_factory, &b->pi_factory, &b->events_append, &b->start_event, &b->end_event,
          &b->start_ns_event, &b->end_ns_event, &b->comment_event, &b->pi_event})
        f(*v);
}
void dealloc(Thread& t, PyObject* o) {
    gc_untrack(t, o);
    each_value(reinterpret_cast<Builder*>(o), [](Value& v) { put_owned(v, Ref()); });
    free_object(t, o);
}
void traverse(PyObject* o, Visitor& visitor) {
    each_value(reinterpret_cast<Builder*>(o), [&](Value& v) { visitor.visit(v); });
}
// The stack stays: methods rely on it.
void clear(Thread&, PyObject* o) {
    auto* b = reinterpret_cast<Builder*>(o);
    each_value(b, [&](Value& v) {
        if (&v != &b->stack) put_owned(v, Ref());
    });
}

Ref new_(Thread& t, PyTypeObject* type, const Value*, size_t, Value) {
    Ref self = TRY(alloc(t, type));
    as_builder(self)->stack = TRY(list_new(t)).release();
    return self;
}

Status init(Thread& t, Value self, const Value* args, size_t nargs, Value kwnames) {
    Value a[5];
    Ref keep;
    if (nargs > 1)
        return raise(t, PyExc_TypeError, "TreeBuilder() takes at most 1 positional argument (%zu given)",
                     nargs);
    TRY(bind_args(t, "TreeBuilder",
                  "(element_factory=None, *, comment_factory=None, pi_factory=None, insert_comments=False, "
                  "insert_pis=False)",
                  args, nargs, kwnames, a, keep));
    bool insert_comments = a[3] ? TRY(is_true(t, a[3])) : false;
    bool insert_pis = a[4] ? TRY(is_true(t, a[4])) : false;
    State* st = state_of(self);
    Builder* b = as_builder(self);
    auto factory = [](Value given, Value otherwise) {
        return Ref::share(given && !is_none(given) ? given : otherwise);
    };
    put_owned(b->element_factory, factory(a[0], Value()));
    put_owned(b->comment_factory, factory(a[1], st->comment_factory));
    put_owned(b->pi_factory, factory(a[2], st->pi_factory));
    b->insert_comments = insert_comments && b->comment_factory;
    b->insert_pis = insert_pis && b->pi_factory;
    return Status::ok();
}

// --- text ---

Ref joined(Thread& t, Value data) {
    if (!is_list_exact(data)) return Ref::share(data);
    return str_join(t, empty_str(), data);
}

// What has been held back becomes the text of the node opened last, or the tail of the one closed last.
Status flush(Thread& t, Builder* b) {
    if (!b->data) return Status::ok();
    Ref data = Ref::steal(b->data);
    b->data = Value();
    bool tail = static_cast<bool>(b->last_for_tail);
    Ref node = Ref::share(tail ? b->last_for_tail : b->last);
    if (!node) return Status::ok();
    Ref text = TRY(joined(t, data));
    if (has_type(node, state_of(Value(&b->ob_base))->element)) {
        Value& place = tail ? as_element(node)->tail : as_element(node)->text;
        if (is_none(place)) {
            put_owned(place, std::move(text));
            return Status::ok();
        }
    }
    const char* name = tail ? "tail" : "text";
    Ref before = TRY(get_attr(t, node, name));
    if (!is_none(before)) {
        if (is_str_exact(before) && is_str_exact(text))
            text = TRY(str_concat(t, before, text));
        else
            text = TRY(call_method(t, before, "__add__", {text}));
    }
    return set_attr(t, node, name, text);
}

Status add_below(Thread& t, State* st, Value parent, Value node) {
    if (has_type(parent, st->element) && is_element(st, node)) return add_child(t, as_element(parent), node);
    static LazyName append("append");
    TRY_DISCARD(call_method(t, parent, append(t), {node}));
    return Status::ok();
}

// A comment or processing instruction, which may stand in the tree.
Status insert_aside(Thread& t, Builder* b, Value node, bool insert) {
    if (!insert || !b->current) return Status::ok();
    Ref parent = Ref::share(b->current);
    TRY(add_below(t, state_of(Value(&b->ob_base)), parent, node));
    put_owned(b->last_for_tail, Ref::share(node));
    return Status::ok();
}

}  // namespace

Status builder_event(Thread& t, Builder* b, Value event, Value node) {
    if (!event || !b->events_append) return Status::ok();
    Ref pair = TRY(tuple_of(t, {event, node}));
    Ref append = Ref::share(b->events_append);
    TRY_DISCARD(call(t, append, {pair}));
    return Status::ok();
}

Ref builder_start(Thread& t, Builder* b, Value tag, Value attrib) {
    State* st = state_of(Value(&b->ob_base));
    TRY(flush(t, b));
    Ref node;
    if (!b->element_factory) {
        node = TRY(element_new(t, st, tag, attrib));
    } else {
        Ref dict = attrib ? Ref::share(attrib) : TRY(dict_new(t));
        Ref factory = Ref::share(b->element_factory);
        node = TRY(call(t, factory, {tag, dict}));
    }
    put_owned(b->last_for_tail, Ref());
    Ref parent = Ref::share(b->current);
    if (parent) {
        TRY(add_below(t, st, parent, node));
    } else {
        if (b->root) return raise(t, st->parse_error.as<PyTypeObject>(), "multiple elements on top level");
        put_owned(b->root, node.share());
    }
    Value around = parent ? parent.get() : none();
    if (b->depth < list_size(b->stack))
        TRY(list_set(t, b->stack, b->depth, Ref::share(around)));
    else
        TRY(list_append(t, b->stack, around));
    b->depth++;
    put_owned(b->current, node.share());
    put_owned(b->last, node.share());
    TRY(builder_event(t, b, b->start_event, node));
    return node;
}

Ref builder_end(Thread& t, Builder* b) {
    TRY(flush(t, b));
    if (b->depth == 0) return raise(t, PyExc_IndexError, "pop from empty stack");
    put_owned(b->last, Ref::share(b->current));
    put_owned(b->last_for_tail, Ref::share(b->current));
    b->depth--;
    Value around = list_get(b->stack, b->depth);
    put_owned(b->current, is_none(around) ? Ref() : Ref::share(around));
    Ref node = Ref::share(b->last);
    TRY(builder_event(t, b, b->end_event, node));
    return node;
}

Ref builder_data(Thread& t, Builder* b, Value data) {
    if (!b->data) {
        if (b->last) put_owned(b->data, Ref::share(data));  // before the first start it is nobody's
        return none_ref();
    }
    if (is_list_exact(b->data)) {
        TRY(list_append(t, b->data, data));
        return none_ref();
    }
    Ref list = TRY(list_new(t));
    TRY(list_append(t, list, b->data));
    TRY(list_append(t, list, data));
    put_owned(b->data, std::move(list));
    return none_ref();
}

Ref builder_comment(Thread& t, Builder* b, Value text) {
    TRY(flush(t, b));
    Ref node = Ref::share(text);
    if (b->comment_factory) {
        Ref factory = Ref::share(b->comment_factory);
        node = TRY(call(t, factory, {text}));
        TRY(insert_aside(t, b, node, b->insert_comments));
    }
    TRY(builder_event(t, b, b->comment_event, node));
    return node;
}

Ref builder_pi(Thread& t, Builder* b, Value target, Value text) {
    TRY(flush(t, b));
    Ref node;
    if (b->pi_factory) {
        Ref factory = Ref::share(b->pi_factory);
        node = TRY(call(t, factory, {target, text}));
        TRY(insert_aside(t, b, node, b->insert_pis));
    } else {
        node = TRY(tuple_of(t, {target, text}));
    }
    TRY(builder_event(t, b, b->pi_event, node));
    return node;
}

Ref builder_done(Builder* b) { return b->root ? Ref::share(b->root) : none_ref(); }

Ref builder_new(Thread& t, State* st) { return new_(t, st->builder, nullptr, 0, Value()); }

namespace {

Ref m_data(Thread& t, Value self, Value data) { return builder_data(t, as_builder(self), data); }
Ref m_start(Thread& t, Value self, const Value* a, size_t) {
    if (!is_dict(a[1]))
        return raise(t, PyExc_TypeError, "start() argument 2 must be dict, not %s",
                     is_none(a[1]) ? "None" : type_of(a[1])->tp_name);
    return builder_start(t, as_builder(self), a[0], a[1]);
}
Ref m_end(Thread& t, Value self, Value) { return builder_end(t, as_builder(self)); }
Ref m_comment(Thread& t, Value self, Value text) { return builder_comment(t, as_builder(self), text); }
Ref m_pi(Thread& t, Value self, const Value* a, size_t n) {
    return builder_pi(t, as_builder(self), a[0], n > 1 ? a[1] : none());
}
Ref m_close(Thread&, Value self) { return builder_done(as_builder(self)); }

const NativeDef methods[] = {
    def<m_data>("data", "(data, /)", nullptr),
    def<m_start>("start", "(tag, attrs, /)", nullptr),
    def<m_end>("end", "(tag, /)", nullptr),
    def<m_comment>("comment", "(text, /)", nullptr),
    def<m_pi>("pi", "(target, text=None, /)", nullptr),
    def<m_close>("close", "()", nullptr),
    {},
};

}  // namespace

Status init_builder(Thread& t, State* st, Value module) {
    static const TypeDecl decl = {
        .name = "xml.etree.ElementTree.TreeBuilder",
        .basicsize = sizeof(Builder),
        .flags = kTpDefault | kTpBaseType | kTpHaveGC | kTpImmutableType,
        .slots = {.dealloc = dealloc, .traverse = traverse, .clear = clear, .init = init, .new_ = new_},
        .spec = {.methods = methods}};
    st->builder = TRY(new_native_heap_type(t, Value(), decl, {})).release().as<PyTypeObject>();
    ext(st->builder)->user = st;
    return module_add(t, module, "TreeBuilder", Ref::share(Value(st->builder)));
}

}  // namespace krait::etree
