// The class statement, running code objects, and the namespaces of the running code.
#include "builtins/callable.h"
#include "builtins/dict.h"
#include "builtins/list.h"
#include "builtins/str.h"
#include "builtins/tuple.h"
#include "gc/marking.h"
#include "interp/internal.h"
#include "interp/monitoring.h"
#include "interp/template.h"
#include "object/names.h"
#include "object/protocol.h"

namespace krait {

namespace {

// For a body that is called without arguments (should it have parameters, they are missing) and keeps its
// names in `locals`, if that is given.
Ref run_body(Thread& t, Ref func, Value locals) {
    Frame* f = bind_frame(t, func.release(), nullptr, 0, Value(), t.c.current_frame);
    if (!f) return {};
    if (locals) {
        incref(locals);
        Value old = f->locals;
        f->locals = locals;
        xdecref(old);
    }
    return run_frame(t, f);
}

}  // namespace

Ref eval_code(Thread& t, Value code, Value globals, Value locals, Value closure) {
    Ref func = TRY(function_new(t, code, globals));
    if (closure && !is_none(closure)) {
        incref(closure);
        as_function(func)->func_closure = closure;
    }
    return run_body(t, std::move(func), locals);
}

namespace {

// Bases that are no classes are replaced by what their __mro_entries__ gives.
Ref resolve_bases(Thread& t, Value bases) {
    Ref out;  // a list once something was replaced
    for (int64_t i = 0; i < tuple_size(bases); i++) {
        Value base = tuple_get(bases, i);
        Ref entries;
        if (!is_type(base)) {
            Maybe method = lookup_attr(t, base, ID(__mro_entries__));
            if (!method) return {};
            if (method.has_value()) {
                Ref fn = method.take();
                entries = TRY(call(t, fn, {bases}));
                if (!is_tuple(entries))
                    return raise(t, PyExc_TypeError, "__mro_entries__ must return a tuple");
            }
        }
        if (!entries) {
            if (out) TRY(list_append(t, out, base));
            continue;
        }
        if (!out) out = TRY(list_from(t, tuple_items(bases), i));
        for (int64_t k = 0; k < tuple_size(entries); k++) TRY(list_append(t, out, tuple_get(entries, k)));
    }
    return out ? list_to_tuple(t, out) : Ref::share(bases);
}

// The most derived metaclass among the given one and those of the bases.
Ref most_derived(Thread& t, Value meta, Value bases) {
    auto* winner = meta.as<PyTypeObject>();
    for (int64_t i = 0; i < tuple_size(bases); i++) {
        PyTypeObject* other = type_of(tuple_get(bases, i));
        if (is_subtype(winner, other)) continue;
        if (is_subtype(other, winner)) {
            winner = other;
            continue;
        }
        return raise(
            t, PyExc_TypeError,
            "metaclass conflict: the metaclass of a derived class must be a (non-strict) subclass of "
            "the metaclasses of all its bases");
    }
    return Ref::share(Value(winner));
}

Ref prepare_namespace(Thread& t, Value meta, Value name, Value bases, Value keywords) {
    if (meta == Value(&PyType_Type)) return dict_new(t);
    Maybe prepare = lookup_attr(t, meta, ID(__prepare__));
    if (!prepare) return {};
    if (!prepare.has_value()) return dict_new(t);
    Ref fn = prepare.take();
    Ref args = TRY(tuple_of(t, {name, bases}));
    Ref ns = TRY(call_with(t, fn, args, keywords));
    if (!is_mapping(ns)) {
        if (is_type(meta))
            return raise(t, PyExc_TypeError, "%N.__prepare__() must return a mapping, not %T", meta,
                         ns.get());
        return raise(t, PyExc_TypeError, "<metaclass>.__prepare__() must return a mapping, not %T", ns.get());
    }
    return ns;
}

Status check_class_cell(Thread& t, Value cell, Value cls, Value name) {
    Value content = cell.as<PyCellObject>()->ob_ref;
    if (content == cls) return Status::ok();
    if (!content)
        return raise(t, PyExc_RuntimeError,
                     "__class__ not set defining %R as %R. Was __classcell__ propagated to type.__new__?",
                     name, cls);
    return raise(t, PyExc_TypeError, "__class__ set to %R defining %R as %R", content, name, cls);
}

}  // namespace

Ref build_class(Thread& t, const Value* args, size_t nargs, Value kwnames) {
    if (nargs < 2) return raise(t, PyExc_TypeError, "__build_class__: not enough arguments");
    Value func = args[0], name = args[1];
    if (!is_function(func)) return raise(t, PyExc_TypeError, "__build_class__: func must be a function");
    if (!is_str(name)) return raise(t, PyExc_TypeError, "__build_class__: name is not a string");
    Ref original = TRY(tuple_from(t, args + 2, static_cast<int64_t>(nargs) - 2));
    Ref bases = TRY(resolve_bases(t, original));
    Ref meta, keywords;
    if (kwnames && tuple_size(kwnames)) {
        keywords = TRY(dict_new(t));
        for (int64_t i = 0; i < tuple_size(kwnames); i++) {
            Value key = tuple_get(kwnames, i), v = args[nargs + static_cast<size_t>(i)];
            if (str_equal(key, "metaclass"))
                meta = Ref::share(v);
            else
                TRY(dict_set(t, keywords, key, v));
        }
    }
    if (!meta) meta = Ref::share(Value(tuple_size(bases) ? type_of(tuple_get(bases, 0)) : &PyType_Type));
    if (is_type(meta)) meta = TRY(most_derived(t, meta, bases));
    Ref ns = TRY(prepare_namespace(t, meta, name, bases, keywords));
    Ref cell = TRY(run_body(t, Ref::share(func), ns));
    if (bases.get() != original.get()) TRY(set_item(t, ns, ID(__orig_bases__), original));
    Ref call_args = TRY(tuple_of(t, {name, bases, ns}));
    Ref cls = TRY(call_with(t, meta, call_args, keywords));
    if (is_type(cls) && has_type(cell, &PyCell_Type)) TRY(check_class_cell(t, cell, cls, name));
    return cls;
}

// What frames hold, of all threads of the interpreter.
static void visit_roots(Thread& t, Visitor& v) {
    for (Thread* thread = t.interp->threads; thread; thread = reinterpret_cast<Thread*>(thread->c.next))
        for (Frame* f = thread->c.current_frame; f; f = f->previous) visit_frame(f, v);
}

Status init_interp(Thread& t) {
    g_gc_roots = visit_roots;
    TRY(init_monitoring(t));
    TRY(init_interp_code(t));
    TRY(init_interp_function(t));
    TRY(init_interp_frame(t));
    TRY(init_interp_traceback(t));
    TRY(init_interp_template(t));
    return init_interp_generators(t);
}

}  // namespace krait
