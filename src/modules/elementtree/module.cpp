// The module _elementtree.
#include <utility>

#include "modules/elementtree/elementtree.h"
#include "object/per_interpreter.h"

namespace krait {
namespace etree {

// Types of Python code have no `user`, so the first one on the way down is ours.
State* state_of_type(PyTypeObject* type) {
    while (!ext(type)->user) type = type->tp_base;
    return static_cast<State*>(ext(type)->user);
}

namespace {

Status callable_or_none(Thread& t, const char* what, Value v) {
    if (is_none(v) || is_callable(v)) return Status::ok();
    return raise(t, PyExc_TypeError, "%s factory must be callable, not %.500s", what, type_of(v)->tp_name);
}
// The factories that builders have by default; the old ones.
Ref set_factories(Thread& t, Value module, const Value* a, size_t) {
    State* st = state_of_module(module);
    TRY(callable_or_none(t, "Comment", a[0]));
    TRY(callable_or_none(t, "PI", a[1]));
    Ref old = TRY(tuple_of(
        t, {st->comment_factory ? st->comment_factory : none(), st->pi_factory ? st->pi_factory : none()}));
    put_owned(st->comment_factory, is_none(a[0]) ? Ref() : Ref::share(a[0]));
    put_owned(st->pi_factory, is_none(a[1]) ? Ref() : Ref::share(a[1]));
    return old;
}

const NativeDef functions[] = {
    def<sub_element>("SubElement", "", nullptr, kMethNoSignature),
    def<set_factories>("_set_factories", "(comment_factory, pi_factory, /)",
                       "Set what makes comments and processing instructions; the old factories."),
    {},
};

Status make_error(Thread& t, State* st) {
    Ref ns = TRY(dict_new(t)), module = TRY(str_intern(t, "xml.etree.ElementTree"));
    Ref name = TRY(str_intern(t, "ParseError"));
    TRY(dict_set_str(t, ns, "__module__", module));
    Ref bases = TRY(tuple_of(t, {Value(PyExc_SyntaxError)}));
    st->parse_error = TRY(new_class(t, name, bases, ns)).release();
    return Status::ok();
}

PER_INTERPRETER State* g_states = nullptr;

void release_states(Thread&) {
    for (State* st = std::exchange(g_states, nullptr); st; st = st->next) {
        for (PyTypeObject* type : {st->element, st->iterator, st->builder, st->parser})
            if (type) decref(Value(type));
        for (Value* v :
             {&st->parse_error, &st->deepcopy, &st->element_path, &st->comment_factory, &st->pi_factory})
            put_owned(*v, Ref());
    }
}
AT_INTERPRETER_END(release_states)

// Every module object has types of its own: copies of xml.etree.ElementTree do not share their factories.
Status exec(Thread& t, Value module) {
    Ref expat = TRY(import_module(t, "pyexpat"));
    auto* st = static_cast<State*>(mem_alloc_zeroed(sizeof(State)));
    auto* place = static_cast<State**>(mem_alloc(sizeof(State*)));
    if (!st || !place) {
        mem_free(st);
        mem_free(place);
        return raise_no_memory(t);
    }
    *place = st;
    st->next = std::exchange(g_states, st);
    module.as<PyModuleObject>()->md_state = place;
    st->deepcopy = TRY(import_attr(t, "copy", "deepcopy")).release();
    st->element_path = TRY(import_module(t, "xml.etree.ElementPath")).release();
    TRY(make_error(t, st));
    TRY(module_add(t, module, "ParseError", Ref::share(st->parse_error)));
    TRY(init_element(t, st, module));
    TRY(init_iterator(t, st, module));
    TRY(init_builder(t, st, module));
    return init_parser(t, st, module);
}

}  // namespace
}  // namespace etree

extern const ModuleSpec module__elementtree;
const ModuleSpec module__elementtree = {"_elementtree", nullptr, etree::functions, etree::exec};

}  // namespace krait
