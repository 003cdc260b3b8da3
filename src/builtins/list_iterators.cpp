// list_iterator and list_reverseiterator, and what all index iterators share.
#include "builtins/iterators.h"
#include "builtins/list.h"
#include "builtins/tuple.h"
#include "gc/alloc.h"
#include "object/names.h"
#include "object/protocol.h"

namespace krait {

Type list_iterator_type, list_reverse_iterator_type;

Ref index_iter_alloc(Thread& t, PyTypeObject* type, Value seq, int64_t index) {
    PyObject* o = alloc_plain(t, type, sizeof(IndexIterObject));
    if (!o) return {};
    auto* it = reinterpret_cast<IndexIterObject*>(o);
    incref(seq);
    it->seq = seq;
    it->index = index;
    gc_track_new(t, o);
    return Ref::steal(Value(o));
}

void index_iter_dealloc(Thread& t, PyObject* o) {
    xdecref(reinterpret_cast<IndexIterObject*>(o)->seq);
    free_plain(t, o, o->ob_type, true);  // none of these types has subclasses
}
void index_iter_traverse(PyObject* o, Visitor& v) { v.visit(reinterpret_cast<IndexIterObject*>(o)->seq); }
Value current_builtins(Thread& t);  // interp

Ref builtin_of_frame(Thread& t, Value name) {
    Ref builtins = Ref::share(current_builtins(t));
    Ref r = get_item(t, builtins, name);
    if (!r && clear_if(t, PyExc_KeyError)) return raise_value(t, PyExc_AttributeError, name);
    return r;
}

Ref iter_self(Thread&, Value self) { return Ref::share(self); }

namespace {
Ref reduce_as(Thread& t, Value builtin_name, const Value& seq, const int64_t& index, Value exhausted) {
    Ref fn = TRY(builtin_of_frame(t, builtin_name));
    if (!seq) {
        Ref args = TRY(tuple_of(t, {exhausted}));
        return tuple_of(t, {fn, args});
    }
    Ref args = TRY(tuple_of(t, {seq}));
    return tuple_of(t, {fn, args, Value::from_int(index)});
}
}  // namespace

Ref reduce_as_iter(Thread& t, const Value& seq, const int64_t& index, Value exhausted) {
    return reduce_as(t, ID(iter), seq, index, exhausted ? exhausted : empty_tuple());
}

namespace {

IndexIterObject* as_iter(Value v) { return v.as<IndexIterObject>(); }

void finish(IndexIterObject* it) {
    Value seq = it->seq;
    it->seq = Value();
    decref(seq);
}

Ref next_forward(Thread&, Value self) {
    auto* it = as_iter(self);
    if (!it->seq) return {};
    if (it->index < list_size(it->seq)) return Ref::share(list_get(it->seq, it->index++));
    finish(it);
    return {};
}

Ref next_backward(Thread&, Value self) {
    auto* it = as_iter(self);
    if (!it->seq) return {};
    if (it->index >= 0 && it->index < list_size(it->seq)) return Ref::share(list_get(it->seq, it->index--));
    it->index = -1;
    finish(it);
    return {};
}

Ref hint_forward(Thread&, Value self) {
    auto* it = as_iter(self);
    int64_t left = it->seq ? list_size(it->seq) - it->index : 0;
    return Ref::from_int(left < 0 ? 0 : left);
}

Ref hint_backward(Thread&, Value self) {
    auto* it = as_iter(self);
    int64_t left = it->index + 1;
    if (!it->seq || list_size(it->seq) < left) left = 0;
    return Ref::from_int(left);
}

Ref reduce_forward(Thread& t, Value self) {
    Ref empty = TRY(list_new(t));
    return reduce_as(t, ID(iter), as_iter(self)->seq, as_iter(self)->index, empty);
}
Ref reduce_backward(Thread& t, Value self) {
    Ref empty = TRY(list_new(t));
    return reduce_as(t, ID(reversed), as_iter(self)->seq, as_iter(self)->index, empty);
}

Ref set_state(Thread& t, Value self, Value state) {
    auto* it = as_iter(self);
    if (!is_long(state)) return raise(t, PyExc_TypeError, "an integer is required");
    int64_t i = TRY(as_int64(t, state));
    if (!it->seq) return none_ref();
    int64_t n = list_size(it->seq);
    if (has_type(self, &list_reverse_iterator_type))
        it->index = i < -1 ? -1 : i > n - 1 ? n - 1 : i;
    else
        it->index = i < 0 ? 0 : i > n ? n : i;
    return none_ref();
}

const NativeDef forward_methods[] = {
    def<hint_forward>("__length_hint__", "()", "How many items are left."),
    def<reduce_forward>("__reduce__", "()", "State for pickling."),
    def<set_state>("__setstate__", "(object, /)", "Set the position from a pickled state."),
    {},
};
const NativeDef backward_methods[] = {
    def<hint_backward>("__length_hint__", "()", "How many items are left."),
    def<reduce_backward>("__reduce__", "()", "State for pickling."),
    def<set_state>("__setstate__", "(object, /)", "Set the position from a pickled state."),
    {},
};

Status init_one(Thread& t, Type& type, const char* name, UnaryFn next, const NativeDef* methods) {
    auto* decl = new TypeDecl{
        .name = name,
        .basicsize = sizeof(IndexIterObject),
        .flags = kTpDefault | kTpHaveGC | kTpDisallowInstantiation,
        .slots = {.dealloc = index_iter_dealloc,
                  .traverse = index_iter_traverse,
                  .iter = iter_self,
                  .iternext = next},
        .spec = {.methods = methods},
    };
    init_static_type(type, *decl);
    return ready_type(t, &type);
}

}  // namespace

Ref list_iter_new(Thread& t, Value list) { return index_iter_alloc(t, &list_iterator_type, list, 0); }

Status init_builtin_list_iterators(Thread& t) {
    TRY(init_one(t, list_iterator_type, "list_iterator", next_forward, forward_methods));
    return init_one(t, list_reverse_iterator_type, "list_reverseiterator", next_backward, backward_methods);
}

}  // namespace krait

// What C code calls them.
extern "C" __attribute__((visibility("default"),
                          alias("_ZN5krait18list_iterator_typeE"))) krait::Type PyListIter_Type;
extern "C" __attribute__((visibility("default"),
                          alias("_ZN5krait26list_reverse_iterator_typeE"))) krait::Type PyListRevIter_Type;
