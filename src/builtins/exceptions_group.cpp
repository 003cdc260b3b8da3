// BaseExceptionGroup and ExceptionGroup (PEP 654).
#include "builtins/callable.h"
#include "builtins/dict.h"
#include "builtins/exceptions.h"
#include "builtins/list.h"
#include "builtins/sequence.h"
#include "builtins/str.h"
#include "builtins/tuple.h"
#include "gc/gc.h"
#include "object/names.h"
#include "object/protocol.h"

namespace krait {
namespace {

Value g_exception_group;  // the heap type, one for the process like every builtin type

PyBaseExceptionGroupObject* as_group(Value v) { return v.as<PyBaseExceptionGroupObject>(); }
bool is_group(Value v) { return is_exception(v) && is_subtype(type_of(v), PyExc_BaseExceptionGroup); }

void group_clear(Thread& t, PyObject* o) {
    auto* g = reinterpret_cast<PyBaseExceptionGroupObject*>(o);
    for (Value* f : {&g->msg, &g->excs, &g->excs_str}) set_field(*f, Value());
    base_exception_clear(t, o);
}
void group_traverse(PyObject* o, Visitor& v) {
    auto* g = reinterpret_cast<PyBaseExceptionGroupObject*>(o);
    for (Value f : {g->msg, g->excs, g->excs_str}) v.visit(f);
    base_exception_traverse(o, v);
}
void group_dealloc(Thread& t, PyObject* o) {
    gc_untrack(t, o);
    group_clear(t, o);
    free_object(t, o);
}

Status check_members(Thread& t, Value excs, bool* all_exceptions) {
    *all_exceptions = true;
    for (int64_t i = 0; i < tuple_size(excs); i++) {
        Value e = tuple_get(excs, i);
        if (!is_exception(e))
            return raise(t, PyExc_ValueError, "Item %zd of second argument (exceptions) is not an exception",
                         i);
        if (!is_subtype(type_of(e), PyExc_Exception)) *all_exceptions = false;
    }
    return Status::ok();
}

Ref group_new(Thread& t, PyTypeObject* type, const Value* args, size_t nargs, Value) {
    if (nargs != 2)
        return raise(t, PyExc_TypeError, "BaseExceptionGroup.__new__() takes exactly 2 arguments (%zu given)",
                     nargs);
    if (!is_str(args[0]))
        return raise(t, PyExc_TypeError, "BaseExceptionGroup.__new__() argument 1 must be str, not %K",
                     args[0]);
    if (!is_sequence(args[1]))
        return raise(t, PyExc_TypeError, "second argument (exceptions) must be a sequence");
    Ref excs = TRY(to_tuple(t, args[1]));
    if (tuple_size(excs) == 0)
        return raise(t, PyExc_ValueError, "second argument (exceptions) must be a non-empty sequence");
    bool all_exceptions;
    TRY(check_members(t, excs, &all_exceptions));
    auto* exception_group = g_exception_group.as<PyTypeObject>();
    if (type == PyExc_BaseExceptionGroup) {
        if (all_exceptions) type = exception_group;
    } else if (type == exception_group) {
        if (!all_exceptions)
            return raise(t, PyExc_TypeError, "Cannot nest BaseExceptions in an ExceptionGroup");
    } else if (!all_exceptions && is_subtype(type, PyExc_Exception)) {
        return raise(t, PyExc_TypeError, "Cannot nest BaseExceptions in '%.200s'", type->tp_name);
    }
    // repr shows the sequence as it was given; a list may change afterwards, so its text is kept when it is
    // one.
    Ref text;
    if (!is_list(args[1]) && !is_tuple(args[1])) text = TRY(repr(t, args[1]));
    Ref self = TRY(base_exception_new(t, type, args, nargs, Value()));
    auto* g = as_group(self);
    set_field(g->msg, args[0]);
    set_field(g->excs, excs);
    set_field(g->excs_str, text);
    return self;
}

Status group_init(Thread& t, Value self, const Value* args, size_t nargs, Value kwnames) {
    if (kwnames && tuple_size(kwnames) &&
        (type_of(self) == PyExc_BaseExceptionGroup || Value(type_of(self)) == g_exception_group))
        return raise(t, PyExc_TypeError, "%s() takes no keyword arguments", type_of(self)->tp_name);
    return base_exception_init(t, self, args, nargs, Value());
}

Ref group_str(Thread& t, Value self) {
    auto* g = as_group(self);
    int64_t n = tuple_size(g->excs);
    return str_format(t, "%S (%zd sub-exception%s)", g->msg, n, n > 1 ? "s" : "");
}

Ref group_repr(Thread& t, Value self) {
    auto* g = as_group(self);
    Ref shown;
    if (g->excs_str) {
        shown = Ref::share(g->excs_str);
    } else {
        Value args = g->base.args;
        bool was_list = tuple_size(args) == 2 && is_list(tuple_get(args, 1));
        Ref items = was_list ? to_list(t, g->excs) : Ref::share(g->excs);
        if (!items) return {};
        shown = TRY(repr(t, items));
    }
    return str_format(t, "%s(%R, %U)", type_of(self)->tp_name, g->msg, shown.get());
}

Ref group_derive(Thread& t, Value self, Value excs) {
    return call(t, Value(PyExc_BaseExceptionGroup), {as_group(self)->msg, excs});
}

// self.derive(excs), with the metadata of self.
Ref derive_with_metadata(Thread& t, Value self, Value excs) {
    Ref made = TRY(call_method(t, self, "derive", {excs}));
    if (!is_group(made))
        return raise(t, PyExc_TypeError, "derive must return an instance of BaseExceptionGroup");
    auto *from = as_base_exception(self), *to = as_base_exception(made);
    set_field(to->traceback, from->traceback);
    set_field(to->context, from->context);
    set_field(to->cause, from->cause);
    to->suppress_context = 1;  // as setting a cause does, also where there is none
    Ref notes = TRY(lookup_attr(t, self, ID(__notes__)));
    if (notes && is_sequence(notes)) {
        Ref copy = TRY(to_list(t, notes));
        TRY(set_attr(t, made, ID(__notes__), copy));
    }
    return made;
}

// What split and subgroup select by.
struct Matcher {
    enum Kind { ByType, ByPredicate, ByIdentity } kind;
    Value value;  // type, tuple of types, callable; for ByIdentity a set of the leaf exceptions (as a tuple)
};

bool is_exception_type(Value v) {
    return is_type(v) && (v.as<PyTypeObject>()->tp_flags & kTpBaseExcSubclass);
}

Result<Matcher> make_matcher(Thread& t, Value v) {
    if (is_callable(v) && !is_type(v)) return Matcher{Matcher::ByPredicate, v};
    bool ok = is_exception_type(v);
    if (!ok && is_tuple(v)) {
        ok = true;
        for (int64_t i = 0; i < tuple_size(v); i++) ok = ok && is_exception_type(tuple_get(v, i));
    }
    if (ok) return Matcher{Matcher::ByType, v};
    return raise(
        t, PyExc_TypeError,
        "expected an exception type, a tuple of exception types, or a callable (other than a class)");
}

Result<bool> matches(Thread& t, const Matcher& m, Value exc) {
    switch (m.kind) {
        case Matcher::ByType:
            return exception_matches(t, exc, m.value);
        case Matcher::ByPredicate: {
            Ref r = TRY(call(t, m.value, {exc}));
            return is_true(t, r);
        }
        default:
            if (is_group(exc)) return false;
            for (int64_t i = 0; i < list_size(m.value); i++)
                if (list_get(m.value, i) == exc) return true;
            return false;
    }
}

struct Split {
    Ref match, rest;  // empty: nothing on that side
};

Status split_group(Thread& t, Value exc, const Matcher& m, bool want_rest, Split& out) {
    RecursionGuard guard(t, " in exceptiongroup_split_recursive");
    if (!guard) return {};
    bool whole = TRY(matches(t, m, exc));
    if (whole) {
        out.match = Ref::share(exc);
        return Status::ok();
    }
    if (!is_group(exc)) {
        if (want_rest) out.rest = Ref::share(exc);
        return Status::ok();
    }
    Ref members = Ref::share(as_group(exc)->excs);
    Ref match = TRY(list_new(t)), rest = TRY(list_new(t));
    for (int64_t i = 0; i < tuple_size(members); i++) {
        Split part;
        TRY(split_group(t, tuple_get(members, i), m, want_rest, part));
        if (part.match) TRY(list_append(t, match, part.match));
        if (part.rest) TRY(list_append(t, rest, part.rest));
    }
    if (list_size(match)) out.match = TRY(derive_with_metadata(t, exc, match));
    if (want_rest && list_size(rest)) out.rest = TRY(derive_with_metadata(t, exc, rest));
    return Status::ok();
}

Ref group_split(Thread& t, Value self, Value what) {
    Matcher m = TRY(make_matcher(t, what));
    Split parts;
    TRY(split_group(t, self, m, true, parts));
    return tuple_of(t, {parts.match ? parts.match.get() : none(), parts.rest ? parts.rest.get() : none()});
}

Ref group_subgroup(Thread& t, Value self, Value what) {
    Matcher m = TRY(make_matcher(t, what));
    Split parts;
    TRY(split_group(t, self, m, false, parts));
    return parts.match ? std::move(parts.match) : none_ref();
}

const NativeDef group_methods[] = {
    def<class_getitem>("__class_getitem__", "(object, /)", "See PEP 585.", kMethClass),
    def<group_derive>("derive", "(excs, /)", nullptr),
    def<group_split>("split", "(matcher_value, /)", nullptr),
    def<group_subgroup>("subgroup", "(matcher_value, /)", nullptr),
    {},
};
const MemberDef group_members[] = {
    member("message", MemberKind::Object, offsetof(PyBaseExceptionGroupObject, msg), kReadonly,
           "The message."),
    member("exceptions", MemberKind::Object, offsetof(PyBaseExceptionGroupObject, excs), kReadonly,
           "The exceptions."),
    {},
};

Status collect_leaves(Thread& t, Value exc, Value list) {
    if (!is_group(exc)) return list_append(t, list, exc);
    RecursionGuard guard(t, " in collect_exception_group_leaf_ids");
    if (!guard) return {};
    Value members = as_group(exc)->excs;
    for (int64_t i = 0; i < tuple_size(members); i++) TRY(collect_leaves(t, tuple_get(members, i), list));
    return Status::ok();
}

bool same_metadata(Value a, Value b) {
    auto *x = as_base_exception(a), *y = as_base_exception(b);
    return x->notes == y->notes && x->traceback == y->traceback && x->cause == y->cause &&
           x->context == y->context;
}

}  // namespace

Ref exception_group_type(Thread&) { return Ref::share(g_exception_group); }

Ref exception_group_new(Thread& t, Value message, Value excs) {
    return call(t, Value(PyExc_BaseExceptionGroup), {message, excs});
}

Ref exception_group_split(Thread& t, Value group, Value type, Ref* rest) {
    Split parts;
    TRY(split_group(t, group, Matcher{Matcher::ByType, type}, true, parts));
    *rest = parts.rest ? std::move(parts.rest) : none_ref();
    return parts.match ? std::move(parts.match) : none_ref();
}

Ref exception_group_prepare_reraise(Thread& t, Value orig, Value excs) {
    if (list_size(excs) == 0) return none_ref();
    if (!is_group(orig)) {
        // A bare exception was caught: at most one was raised or re-raised for it.
        return Ref::share(list_get(excs, 0));
    }
    Ref raised = TRY(list_new(t)), reraised = TRY(list_new(t));
    for (int64_t i = 0; i < list_size(excs); i++) {
        Value e = list_get(excs, i);
        if (is_none(e)) continue;
        TRY(list_append(t, same_metadata(e, orig) ? reraised : raised, e));
    }
    Ref reraised_group = none_ref();
    if (list_size(reraised)) {
        Ref all = TRY(list_new(t));
        for (int64_t i = 0; i < list_size(reraised); i++) TRY(collect_leaves(t, list_get(reraised, i), all));
        Split parts;
        TRY(split_group(t, orig, Matcher{Matcher::ByIdentity, all}, false, parts));
        if (parts.match) reraised_group = std::move(parts.match);
    }
    if (list_size(raised) == 0) return reraised_group;
    if (!is_none(reraised_group)) TRY(list_append(t, raised, reraised_group));
    if (list_size(raised) == 1) return Ref::share(list_get(raised, 0));
    return exception_group_new(t, empty_str(), raised);
}

ExceptionExtras exception_group_extras() {
    ExceptionExtras x;
    x.slots = {.dealloc = group_dealloc,
               .traverse = group_traverse,
               .clear = group_clear,
               .repr = group_repr,
               .str = group_str,
               .init = group_init,
               .new_ = group_new};
    x.spec = {.methods = group_methods, .members = group_members};
    return x;
}

Status init_exception_group(Thread& t) {
    Ref name = TRY(str_intern(t, "ExceptionGroup"));
    Ref bases = TRY(tuple_of(t, {Value(PyExc_BaseExceptionGroup), Value(PyExc_Exception)}));
    Ref ns = TRY(dict_new(t));
    Ref module = TRY(str_intern(t, "builtins"));
    TRY(dict_set(t, ns, ID(__module__), module));
    Ref type = TRY(new_class(t, name, bases, ns));
    g_exception_group = type.release();
    return Status::ok();
}

}  // namespace krait
