// _contextvars: contexts are dicts that copies share until one of them writes.
#include "builtins/callable.h"
#include "builtins/dict.h"
#include "builtins/number.h"
#include "builtins/str.h"
#include "builtins/tuple.h"
#include "modules/contextvars.h"
#include "modules/fields.h"
#include "object/names.h"
#include "object/protocol.h"
#include "object/watchers.h"

krait::Type PyContext_Type, PyContextVar_Type, PyContextToken_Type;

namespace krait {
namespace {

Type &context_type = PyContext_Type, &var_type = PyContextVar_Type, &token_type = PyContextToken_Type;
Type missing_type;

struct ContextObject {
    Fields<2> fields;  // dict of ContextVar to value (may be shared with copies), context to go back to
    bool entered;
    PyObject* weaklist;
};
struct VarObject {
    Fields<2> fields;  // name, default (may be empty)
};
struct TokenObject {
    Fields<3> fields;  // context, var, old value (may be empty)
    bool used;
};
ContextObject* as_context(Value v) { return v.as<ContextObject>(); }
// What code of C reads by offset, the context before this one, comes first.
Value dict_of(Value context) { return as_context(context)->fields.f[1]; }
Value g_missing;

// --- contexts ---

Ref context_with(Thread& t, Ref dict) {
    if (!dict) return {};
    Ref self = TRY(alloc(t, &context_type));
    as_context(self)->fields.f[1] = dict.release();
    return self;
}
Ref context_new(Thread& t, PyTypeObject*, const Value*, size_t nargs, Value kwnames) {
    if (nargs || (kwnames && tuple_size(kwnames)))
        return raise(t, PyExc_TypeError, "Context() does not accept any arguments");
    return context_with(t, dict_new(t));
}
void context_dealloc(Thread& t, PyObject* o) {
    gc_untrack(t, o);
    weakrefs_clear(t, o);
    Fields<2>::release(o);
    free_object(t, o);
}
// The thread's current context, borrowed.
Value current(Thread& t) {
    if (!thread_context(t)) thread_context(t) = context_with(t, dict_new(t)).release();
    return thread_context(t);
}
// The dict of a context for writing, borrowed.
Value writable(Thread& t, Value context) {
    Value& place = as_context(context)->fields.f[1];
    if (place.ptr()->ob_refcnt > 1) {
        Ref copy = dict_copy(t, place);
        if (!copy) return {};
        put_owned(place, std::move(copy));
    }
    return place;
}
Status check_key(Thread& t, Value key) {
    if (has_type(key, &var_type)) return Status::ok();
    return raise(t, PyExc_TypeError, "a ContextVar key was expected, got %R", key);
}
Ref context_subscript(Thread& t, Value self, Value key) {
    TRY(check_key(t, key));
    Ref v = TRY(dict_get(t, dict_of(self), key));
    if (!v) return raise_key_error(t, key);
    return v;
}
Result<bool> context_contains(Thread& t, Value self, Value key) {
    TRY(check_key(t, key));
    return dict_contains(t, dict_of(self), key);
}
Result<int64_t> context_length(Thread&, Value self) { return dict_size(dict_of(self)); }
// Readers keep the dict they started with: a writer then makes its own copy.
Ref context_iter(Thread& t, Value self) {
    Ref dict = Ref::share(dict_of(self));
    return iter(t, dict);
}
Ref context_compare(Thread& t, Value a, Value b, CompareOp op) {
    if (!has_type(a, &context_type) || !has_type(b, &context_type) || (op != kEq && op != kNe))
        return not_implemented_ref();
    Ref left = Ref::share(dict_of(a)), right = Ref::share(dict_of(b));
    return compare(t, left, right, op);
}
Ref context_get(Thread& t, Value self, const Value* a, size_t n) {
    TRY(check_key(t, a[0]));
    Ref v = TRY(dict_get(t, dict_of(self), a[0]));
    if (v) return v;
    return n > 1 ? Ref::share(a[1]) : none_ref();
}
template <const char* Name>
Ref context_view(Thread& t, Value self) {
    Ref dict = Ref::share(dict_of(self));
    Ref view = TRY(call_method(t, dict, Name));
    return iter(t, view);
}
constexpr char kKeys[] = "keys", kValues[] = "values", kItems[] = "items";
Ref context_copy(Thread& t, Value self) { return context_with(t, Ref::share(dict_of(self))); }

}  // namespace

Ref any_context_copy(Thread& t, Value context) {
    if (!has_type(context, &context_type))
        return raise(t, PyExc_TypeError, "an instance of Context was expected");
    return context_copy(t, context);
}
Ref context_copy_current(Thread& t) {
    Value now = current(t);
    if (!now) return {};
    return context_copy(t, now);
}
static void tell_of_switch(Thread& t) {
    if (!watches_contexts(t)) [[likely]]
        return;
    Ref now = Ref::share(thread_context(t) ? thread_context(t) : none());
    tell_context_watchers(t, now);
}
Status context_enter(Thread& t, Value context, Ref& previous) {
    if (!has_type(context, &context_type))
        return raise(t, PyExc_TypeError, "an instance of Context was expected");
    if (as_context(context)->entered)
        return raise(t, PyExc_RuntimeError, "cannot enter context: %R is already entered", context);
    previous = Ref::steal(thread_context(t));
    thread_context(t) = Ref::share(context).release();
    as_context(context)->entered = true;
    tell_of_switch(t);
    return Status::ok();
}
void context_exit(Thread& t, Value context, Ref previous) {
    as_context(context)->entered = false;
    put_owned(thread_context(t), std::move(previous));
    tell_of_switch(t);
}

// For extensions, whose calls keep nothing: the context itself remembers where to go back to.
Status context_enter(Thread& t, Value self) {
    Ref previous;
    TRY(context_enter(t, self, previous));
    as_context(self)->fields.f[0] = previous.release();
    return Status::ok();
}
Status context_exit(Thread& t, Value self) {
    if (!has_type(self, &context_type))
        return raise(t, PyExc_TypeError, "an instance of Context was expected");
    auto* c = as_context(self);
    if (!c->entered)
        return raise(t, PyExc_RuntimeError, "cannot exit context: %R has not been entered", self);
    if (thread_context(t) != self)
        return raise(t, PyExc_RuntimeError,
                     "cannot exit context: thread state references a different context object");
    Ref previous = Ref::steal(c->fields.f[0]);
    c->fields.f[0] = Value();
    context_exit(t, self, std::move(previous));
    return Status::ok();
}

namespace {

Ref context_run(Thread& t, Value self, const Value* args, size_t nargs, Value kwnames) {
    if (nargs < 1) return raise(t, PyExc_TypeError, "run() missing 1 required positional argument");
    Ref previous;
    TRY(context_enter(t, self, previous));
    Ref r = call(t, args[0], args + 1, nargs - 1, kwnames);
    context_exit(t, self, std::move(previous));
    return r;
}

const NativeDef context_methods[] = {
    def<context_get>("get", "(key, default=None, /)",
                     "Return the value for `key` if `key` has the value in the context object."),
    def<context_view<kItems>>("items", "()", "Return all variables and their values in the context object."),
    def<context_view<kKeys>>("keys", "()", "Return a list of all variables in the context object."),
    def<context_view<kValues>>("values", "()",
                               "Return a list of all variables' values in the context object."),
    def<context_copy>("copy", "()", "Return a shallow copy of the context object."),
    def<context_run>("run", "(callable, /, *args, **kwargs)", nullptr, kMethNoSignature),
    {}};

// --- variables ---

Ref var_new(Thread& t, PyTypeObject*, const Value* args, size_t nargs, Value kwnames) {
    Value p[2] = {};
    Ref keep;
    TRY(bind_args(t, "ContextVar", "(name, /, *, default=<unrepresentable>)", args, nargs, kwnames, p, keep));
    if (!is_str(p[0])) return raise(t, PyExc_TypeError, "context variable name must be a str");
    TRY_DISCARD(hash(t, p[0]));  // a subclass of str may have none
    Ref self = TRY(alloc(t, &var_type));
    auto* f = self.as<VarObject>()->fields.f;
    f[0] = Ref::share(p[0]).release();
    if (p[1]) f[1] = Ref::share(p[1]).release();
    return self;
}
Ref var_get(Thread& t, Value self, const Value* a, size_t n) {
    if (thread_context(t)) {
        Ref v = TRY(dict_get(t, dict_of(thread_context(t)), self));
        if (v) return v;
    }
    if (n) return Ref::share(a[0]);
    if (Value v = self.as<VarObject>()->fields.f[1]) return Ref::share(v);
    return raise_value(t, PyExc_LookupError, self);
}
// Puts a value into the current context, which is returned.
Ref store(Thread& t, Value var, Value value) {
    Ref context = Ref::share(current(t));
    if (!context) return {};
    Value dict = writable(t, context);
    if (!dict) return {};
    TRY(dict_set(t, dict, var, value));
    return context;
}
Ref var_set(Thread& t, Value self, Value value) {
    Ref old;
    if (thread_context(t)) old = TRY(dict_get(t, dict_of(thread_context(t)), self));
    Ref context = TRY(store(t, self, value));
    Ref token = TRY(alloc(t, &token_type));
    auto* f = token.as<TokenObject>()->fields.f;
    f[0] = context.release();
    f[1] = Ref::share(self).release();
    f[2] = old.release();
    return token;
}
Ref var_reset(Thread& t, Value self, Value token) {
    if (!has_type(token, &token_type))
        return raise(t, PyExc_TypeError, "expected an instance of Token, got %R", token);
    auto* o = token.as<TokenObject>();
    if (o->used) return raise(t, PyExc_RuntimeError, "%R has already been used once", token);
    if (o->fields.f[1] != self)
        return raise(t, PyExc_ValueError, "%R was created by a different ContextVar", token);
    Value context = current(t);
    if (!context) return {};
    if (o->fields.f[0] != context)
        return raise(t, PyExc_ValueError, "%R was created in a different Context", token);
    o->used = true;
    Value dict = writable(t, context);
    if (!dict) return {};
    if (o->fields.f[2])
        TRY(dict_set(t, dict, self, o->fields.f[2]));
    else
        TRY_DISCARD(dict_delete(t, dict, self));
    return none_ref();
}
Ref var_repr(Thread& t, Value self) {
    auto* f = self.as<VarObject>()->fields.f;
    if (f[1])
        return str_format(t, "<ContextVar name=%R default=%R at %p>", f[0], f[1],
                          static_cast<void*>(self.ptr()));
    return str_format(t, "<ContextVar name=%R at %p>", f[0], static_cast<void*>(self.ptr()));
}
const NativeDef var_methods[] = {
    def<var_get>("get", "(default=<unrepresentable>, /)",
                 "Return a value for the context variable for the current context."),
    def<var_set>("set", "(value, /)",
                 "Call to set a new value for the context variable in the current context."),
    def<var_reset>("reset", "(token, /)", "Reset the context variable."),
    def<class_getitem>("__class_getitem__", "(object, /)", "See PEP 585", kMethClass),
    {}};
const MemberDef var_members[] = {
    member("name", MemberKind::Object, offsetof(Fields<2>, f), kReadonly, nullptr), {}};

// --- tokens ---

Ref token_new(Thread& t, PyTypeObject*, const Value*, size_t, Value) {
    return raise(t, PyExc_RuntimeError, "Tokens can only be created by ContextVars");
}
Ref token_repr(Thread& t, Value self) {
    auto* o = self.as<TokenObject>();
    return str_format(t, "<Token%s var=%R at %p>", o->used ? " used" : "", o->fields.f[1],
                      static_cast<void*>(self.ptr()));
}
Ref token_old(Thread&, Value self, void*) {
    Value old = self.as<TokenObject>()->fields.f[2];
    return Ref::share(old ? old : g_missing);
}
Ref token_enter(Thread&, Value self) { return Ref::share(self); }
Ref token_exit(Thread& t, Value self, const Value*, size_t) {
    return var_reset(t, self.as<TokenObject>()->fields.f[1], self);
}
const NativeDef token_methods[] = {
    def<token_enter>("__enter__", "()", "Enter into Token context manager."),
    def<token_exit>("__exit__", "(type, val, tb, /)",
                    "Exit from Token context manager, restore the linked ContextVar."),
    def<class_getitem>("__class_getitem__", "(object, /)", "See PEP 585", kMethClass),
    {}};
Ref token_var(Thread&, Value self, void*) { return Ref::share(self.as<TokenObject>()->fields.f[1]); }
const GetSetDef token_getset[] = {
    getset("var", token_var, nullptr, nullptr), getset("old_value", token_old, nullptr, nullptr), {}};
Result<int64_t> var_hash(Thread&, Value self) { return hash_pointer(self.ptr()); }
Ref missing_repr(Thread& t, Value) { return str_from(t, "<Token.MISSING>"); }

}  // namespace

Ref contextvar_new(Thread& t, const char* name) {
    Ref self = TRY(alloc(t, &var_type));
    self.as<VarObject>()->fields.f[0] = TRY(str_intern(t, name)).release();
    return self;
}
static Status check_variable(Thread& t, Value var) {
    if (has_type(var, &var_type)) return Status::ok();
    return raise(t, PyExc_TypeError, "an instance of ContextVar was expected");
}
Maybe contextvar_value(Thread& t, Value var, Value fallback) {
    TRY(check_variable(t, var));
    Maybe of_context = contextvar_get(t, var);
    if (!of_context || of_context.has_value()) return of_context;
    if (!fallback) fallback = var.as<VarObject>()->fields.f[1];
    return fallback ? Maybe::found(Ref::share(fallback)) : Maybe::absent();
}
Ref contextvar_exchange(Thread& t, Value var, Value value) {
    TRY(check_variable(t, var));
    return var_set(t, var, value);
}
Status contextvar_reset(Thread& t, Value var, Value token) {
    TRY(check_variable(t, var));
    if (!has_type(token, &token_type)) return raise(t, PyExc_TypeError, "an instance of Token was expected");
    TRY_DISCARD(var_reset(t, var, token));
    return Status::ok();
}
Maybe contextvar_get(Thread& t, Value var) {
    if (!thread_context(t)) return Maybe::absent();
    return dict_get_hash(t, dict_of(thread_context(t)), var, hash_pointer(var.ptr()));
}
Status contextvar_set(Thread& t, Value var, Value value) {
    TRY_DISCARD(store(t, var, value));
    return Status::ok();
}

namespace {

Ref copy_context(Thread& t, Value) {
    Value context = current(t);
    if (!context) return {};
    return context_copy(t, context);
}
const NativeDef functions[] = {def<copy_context>("copy_context", "()", nullptr), {}};

Status exec(Thread& t, Value module) {
    constexpr uint64_t kFlags = kTpDefault | kTpHaveGC | kTpImmutableType;
    static const TypeDecl context{.name = "_contextvars.Context",
                                  .basicsize = sizeof(ContextObject),
                                  .flags = kFlags,
                                  .slots = {.dealloc = context_dealloc,
                                            .traverse = Fields<2>::traverse,
                                            .clear = Fields<2>::clear,
                                            .hash = hash_not_implemented,
                                            .richcompare = context_compare,
                                            .iter = context_iter,
                                            .new_ = context_new,
                                            .mp_length = context_length,
                                            .mp_subscript = context_subscript,
                                            .sq_contains = context_contains},
                                  .spec = {.methods = context_methods},
                                  .weaklistoffset = offsetof(ContextObject, weaklist)};
    static const TypeDecl var{.name = "_contextvars.ContextVar",
                              .basicsize = sizeof(VarObject),
                              .flags = kFlags,
                              .slots = {.dealloc = Fields<2>::dealloc,
                                        .traverse = Fields<2>::traverse,
                                        .clear = Fields<2>::clear,
                                        .repr = var_repr,
                                        .hash = var_hash,
                                        .new_ = var_new},
                              .spec = {.methods = var_methods, .members = var_members}};
    static const TypeDecl token{.name = "_contextvars.Token",
                                .basicsize = sizeof(TokenObject),
                                .flags = kFlags,
                                .slots = {.dealloc = Fields<3>::dealloc,
                                          .traverse = Fields<3>::traverse,
                                          .clear = Fields<3>::clear,
                                          .repr = token_repr,
                                          .hash = hash_not_implemented,
                                          .new_ = token_new},
                                .spec = {.methods = token_methods, .getset = token_getset}};
    static const TypeDecl missing{.name = "Token.MISSING",
                                  .basicsize = sizeof(PyObject),
                                  .flags = kTpDefault | kTpDisallowInstantiation | kTpImmutableType,
                                  .slots = {.repr = missing_repr}};
    TRY(add_static_type(t, module, context_type, context));
    TRY(add_static_type(t, module, var_type, var));
    TRY(add_static_type(t, module, token_type, token));
    TRY(add_static_type(t, Value(), missing_type, missing));
    if (!g_missing) g_missing = TRY(alloc(t, &missing_type)).release();
    TRY(dict_set_str(t, Value(token_type.tp_dict), "MISSING", g_missing));
    type_modified(&token_type);
    return Status::ok();
}

}  // namespace

extern const ModuleSpec module__contextvars;
const ModuleSpec module__contextvars{
    .name = "_contextvars", .doc = "Context Variables", .functions = functions, .exec = exec};

}  // namespace krait
