// The module _functools: partial, cmp_to_key and reduce; lru_cache is in _lru_cache.cpp.
#include "modules/_functools.h"

#include "builtins/callable.h"
#include "builtins/dict.h"
#include "builtins/list.h"
#include "builtins/str.h"
#include "builtins/tuple.h"
#include "modules/fields.h"
#include "object/instance.h"
#include "object/names.h"
#include "object/protocol.h"

namespace krait {
namespace {

// --- Placeholder ---

Type placeholder_type;
Value g_placeholder;  // the only instance, immortal

Ref placeholder_new(Thread& t, PyTypeObject*, const Value*, size_t nargs, Value kwnames) {
    if (nargs || (kwnames && tuple_size(kwnames)))
        return raise(t, PyExc_TypeError, "PlaceholderType takes no arguments");
    return Ref::share(g_placeholder);
}
Ref placeholder_repr(Thread& t, Value) { return str_from(t, "Placeholder"); }
Ref placeholder_reduce(Thread& t, Value) { return str_from(t, "Placeholder"); }
void placeholder_dealloc(Thread&, PyObject* o) { make_immortal(o); }

const NativeDef placeholder_methods[] = {def<placeholder_reduce>("__reduce__", "()", nullptr), {}};

// --- partial ---

Type partial_type;
struct PartialObject {
    PyObject ob_base;
    Value fn, args, keywords, dict;  // args: an exact tuple, keywords: an exact dict
    PyObject* weaklist;
    void* reserved;
    int64_t placeholders;  // how many stand in args
    void* vectorcall;
};
static_assert(sizeof(PartialObject) == 80);
PartialObject* as_partial(Value v) { return v.as<PartialObject>(); }

Ref partial_call(Thread& t, Value self, const Value* args, size_t nargs, Value kwnames);

// Room for the arguments of one call; on the stack where they are few.
class ArgBuffer {
  public:
    explicit ArgBuffer(size_t n)
        : items_(n <= kLocal ? local_ : static_cast<Value*>(mem_alloc(n * sizeof(Value)))) {}
    ~ArgBuffer() {
        if (items_ != local_) mem_free(items_);
    }
    ArgBuffer(const ArgBuffer&) = delete;
    Value* get() { return items_; }

  private:
    static constexpr size_t kLocal = 12;
    Value local_[kLocal];
    Value* items_;
};

int64_t count_placeholders(Value tuple) {
    int64_t n = 0;
    for (int64_t i = 0; i < tuple_size(tuple); i++) n += tuple_get(tuple, i) == g_placeholder;
    return n;
}

// The arguments of a partial of a partial: `more` fills the placeholders of `first`, what is left follows.
Ref merged_args(Thread& t, Value first, const Value* more, int64_t n) {
    int64_t size = tuple_size(first), used = 0;
    int64_t extra = n - count_placeholders(first);
    Ref all = TRY(tuple_new(t, size + (extra > 0 ? extra : 0)));
    for (int64_t i = 0; i < size; i++) {
        Value v = tuple_get(first, i);
        if (v == g_placeholder && used < n) v = more[used++];
        tuple_items(all)[i] = Ref::share(v).release();
    }
    for (int64_t i = size; used < n; i++) tuple_items(all)[i] = Ref::share(more[used++]).release();
    return all;
}

Ref partial_new(Thread& t, PyTypeObject* type, const Value* args, size_t nargs, Value kwnames) {
    if (nargs < 1) return raise(t, PyExc_TypeError, "type 'partial' takes at least one argument");
    Value fn = args[0];
    if (!is_callable(fn)) return raise(t, PyExc_TypeError, "the first argument must be callable");
    int64_t nkw = kwnames ? tuple_size(kwnames) : 0;
    for (int64_t i = 0; i < nkw; i++)
        if (args[nargs + static_cast<size_t>(i)] == g_placeholder)
            return raise(t, PyExc_TypeError, "Placeholder cannot be passed as a keyword argument");
    if (nargs > 1 && args[nargs - 1] == g_placeholder)
        return raise(t, PyExc_TypeError, "trailing Placeholders are not allowed");

    Ref all_args, keywords;
    int64_t given = static_cast<int64_t>(nargs) - 1;
    bool nested = ext(type_of(fn))->slots.call == partial_call && !as_partial(fn)->dict;
    if (nested) {
        Value inner = fn;
        all_args = TRY(merged_args(t, as_partial(inner)->args, args + 1, given));
        keywords = TRY(dict_copy(t, as_partial(inner)->keywords));
        fn = as_partial(inner)->fn;
    } else {
        all_args = TRY(tuple_from(t, args + 1, given));
        keywords = TRY(dict_new(t, nkw));
    }
    for (int64_t i = 0; i < nkw; i++)
        TRY(dict_set(t, keywords, tuple_get(kwnames, i), args[nargs + static_cast<size_t>(i)]));
    Ref self = TRY(alloc(t, type));
    auto* p = as_partial(self);
    p->fn = Ref::share(fn).release();
    p->placeholders = count_placeholders(all_args);
    p->args = all_args.release();
    p->keywords = keywords.release();
    return self;
}

void partial_clear(Thread&, PyObject* o) {
    auto* p = reinterpret_cast<PartialObject*>(o);
    for (Value* place : {&p->fn, &p->args, &p->keywords, &p->dict}) put_owned(*place, Ref());
}
void partial_dealloc(Thread& t, PyObject* o) {
    gc_untrack(t, o);
    weakrefs_clear(t, o);
    partial_clear(t, o);
    free_object(t, o);
}
void partial_traverse(PyObject* o, Visitor& v) {
    auto* p = reinterpret_cast<PartialObject*>(o);
    for (Value x : {p->fn, p->args, p->keywords, p->dict}) v.visit(x);
}

// Calls with the keywords of the partial, which those of the call override in place.
Ref call_merging_keywords(Thread& t, Value fn, const Value* positional, size_t n, Value own,
                          const Value* given, Value kwnames) {
    int64_t n_own = dict_size(own), n_given = kwnames ? tuple_size(kwnames) : 0;
    ArgBuffer buffer(n + static_cast<size_t>(n_own + n_given));
    Value* all = buffer.get();
    if (!all) return raise_no_memory(t);
    Ref names = TRY(list_with_capacity(t, n_own + n_given));
    Ref values = TRY(list_with_capacity(t, n_own + n_given));  // keeps them alive whatever the callee does
    int64_t pos = 0;
    Value key, value;
    while (dict_next(own, pos, key, value)) {
        if (!is_str(key)) return raise(t, PyExc_TypeError, "keywords must be strings");
        for (int64_t i = 0; i < n_given; i++)
            if (str_equal(tuple_get(kwnames, i), key)) value = given[i];
        TRY(list_append(t, names, key));
        TRY(list_append(t, values, value));
    }
    for (int64_t i = 0; i < n_given; i++) {
        if (dict_get_str(own, tuple_get(kwnames, i))) continue;
        TRY(list_append(t, names, tuple_get(kwnames, i)));
        TRY(list_append(t, values, given[i]));
    }
    for (size_t i = 0; i < n; i++) all[i] = positional[i];
    for (int64_t i = 0; i < list_size(values); i++) all[n + static_cast<size_t>(i)] = list_get(values, i);
    Ref name_tuple = TRY(list_to_tuple(t, names));
    return call(t, fn, all, n, name_tuple);
}

Ref partial_call(Thread& t, Value self, const Value* args, size_t nargs, Value kwnames) {
    auto* p = as_partial(self);
    auto n_holes = static_cast<size_t>(p->placeholders);
    if (nargs < n_holes)
        return raise(t, PyExc_TypeError,
                     "missing positional arguments in 'partial' call; expected at least %zd, got %zd",
                     p->placeholders, static_cast<int64_t>(nargs));
    Ref fn = Ref::share(p->fn), held_args = Ref::share(p->args);  // __setstate__ may replace them meanwhile
    auto n_own = static_cast<size_t>(tuple_size(held_args));
    size_t n_given_kw = kwnames ? static_cast<size_t>(tuple_size(kwnames)) : 0;
    size_t n = n_own + nargs - n_holes;
    ArgBuffer buffer(n + n_given_kw);
    Value* all = buffer.get();
    if (!all) return raise_no_memory(t);
    size_t used = 0;
    for (size_t i = 0; i < n_own; i++) {
        Value v = tuple_items(held_args)[i];
        all[i] = n_holes && v == g_placeholder ? args[used++] : v;
    }
    for (size_t i = n_own; i < n; i++) all[i] = args[used++];
    if (dict_size(p->keywords)) {
        Ref keywords = Ref::share(p->keywords);
        return call_merging_keywords(t, fn, all, n, keywords, args + nargs, kwnames);
    }
    for (size_t i = 0; i < n_given_kw; i++) all[n + i] = args[nargs + i];
    return call(t, fn, all, n, kwnames);
}

Ref partial_descr_get(Thread& t, Value self, Value obj, Value) {
    if (!obj || is_none(obj)) return Ref::share(self);
    return method_new(t, self, obj);
}

// "functools.partial", or module and name of a subclass.
Status put_type_name(Thread& t, StrBuilder& out, Value self) {
    Value type(type_of(self));
    Ref module = TRY(get_attr(t, type, ID(__module__)));
    Ref name = TRY(get_attr(t, type, ID(__qualname__)));
    if (is_str(module) && !str_equal(module, "builtins")) {
        TRY(out.append(module));
        TRY(out.put('.'));
    }
    return out.append(name);
}
Status put_repr(Thread& t, StrBuilder& out, Value v) {
    Ref text = TRY(repr(t, v));
    return out.append(text);
}
Status put_partial(Thread& t, StrBuilder& out, Value self) {
    auto* p = as_partial(self);
    Ref fn = Ref::share(p->fn), args = Ref::share(p->args), keywords = TRY(dict_copy(t, p->keywords));
    TRY(put_type_name(t, out, self));
    TRY(out.put('('));
    TRY(put_repr(t, out, fn));
    for (int64_t i = 0; i < tuple_size(args); i++) {
        TRY(out.ascii(", "));
        TRY(put_repr(t, out, tuple_get(args, i)));
    }
    int64_t pos = 0;
    Value key, value;
    while (dict_next(keywords, pos, key, value)) {
        TRY(out.ascii(", "));
        Ref name = TRY(str(t, key));  // a pickled state may hold any key
        TRY(out.append(name));
        TRY(out.put('='));
        TRY(put_repr(t, out, value));
    }
    return out.put(')');
}
Ref partial_repr(Thread& t, Value self) {
    if (TRY(repr_enter(t, self))) return str_from(t, "...");
    StrBuilder out(t);
    Status done = put_partial(t, out, self);
    repr_leave(t, self);
    if (!done) return {};
    return out.finish();
}

Ref partial_reduce(Thread& t, Value self) {
    auto* p = as_partial(self);
    Ref args = TRY(tuple_of(t, {p->fn}));
    Ref state = TRY(tuple_of(t, {p->fn, p->args, p->keywords, p->dict ? p->dict : none()}));
    return tuple_of(t, {Value(type_of(self)), args, state});
}

Ref partial_setstate(Thread& t, Value self, Value state) {
    Value fn, args, keywords, dict;
    bool good = is_tuple(state) && tuple_size(state) == 4;
    if (good) {
        fn = tuple_get(state, 0), args = tuple_get(state, 1);
        keywords = tuple_get(state, 2), dict = tuple_get(state, 3);
        good = is_callable(fn) && is_tuple(args) && (is_none(keywords) || is_dict(keywords)) &&
               (is_none(dict) || is_dict(dict));
    }
    if (!good) return raise(t, PyExc_TypeError, "invalid partial state");
    int64_t n = tuple_size(args);
    if (n && tuple_get(args, n - 1) == g_placeholder)
        return raise(t, PyExc_TypeError, "trailing Placeholders are not allowed");
    Ref new_args = TRY(is_tuple_exact(args) ? Ref::share(args) : tuple_slice(t, args, 0, n));
    Ref new_keywords = TRY(is_none(keywords)         ? dict_new(t)
                           : is_dict_exact(keywords) ? Ref::share(keywords)
                                                     : dict_copy(t, keywords));
    auto* p = as_partial(self);
    p->placeholders = count_placeholders(new_args);
    Ref held = Ref::share(state);  // releasing the old parts may run code
    put_owned(p->fn, Ref::share(fn));
    put_owned(p->args, std::move(new_args));
    put_owned(p->keywords, std::move(new_keywords));
    put_owned(p->dict, is_none(dict) ? Ref() : Ref::share(dict));
    return none_ref();
}

Ref get_dict(Thread& t, Value self, void*) { return instance_dict(t, self); }
Status set_dict(Thread& t, Value self, Value v, void*) {
    if (!v) return raise(t, PyExc_TypeError, "cannot delete __dict__");
    return instance_set_dict(t, self, v);
}

const NativeDef partial_methods[] = {
    def<partial_reduce>("__reduce__", "()", nullptr),
    def<partial_setstate>("__setstate__", "(object, /)", nullptr),
    def<class_getitem>("__class_getitem__", "(object, /)", "See PEP 585", kMethClass),
    {}};
const MemberDef partial_members[] = {
    member("func", MemberKind::Object, offsetof(PartialObject, fn), kReadonly, "what is called"),
    member("args", MemberKind::Object, offsetof(PartialObject, args), kReadonly,
           "positional arguments that come first"),
    member("keywords", MemberKind::Object, offsetof(PartialObject, keywords), kReadonly,
           "keyword arguments of every call"),
    {}};
const GetSetDef partial_getset[] = {getset("__dict__", get_dict, set_dict, nullptr), {}};

// --- cmp_to_key ---

Type key_type;
struct KeyObject {
    Fields<2> fields;
};
enum { kCompareFunction, kWrapped };
Value* key_fields(Value v) { return v.as<KeyObject>()->fields.f; }

Ref key_make(Thread& t, Value compare_function, Value wrapped) {
    Ref self = TRY(alloc(t, &key_type));
    key_fields(self)[kCompareFunction] = Ref::share(compare_function).release();
    key_fields(self)[kWrapped] = Ref::share(wrapped).release();
    return self;
}
Ref key_call(Thread& t, Value self, const Value* args, size_t nargs, Value kwnames) {
    Value p[1];
    Ref keep;
    TRY(bind_args(t, "K", "(obj)", args, nargs, kwnames, p, keep));
    return key_make(t, key_fields(self)[kCompareFunction], p[0]);
}
Ref key_compare(Thread& t, Value a, Value b, CompareOp op) {
    if (!has_type(b, &key_type)) return raise(t, PyExc_TypeError, "other argument must be K instance");
    Value x = key_fields(a)[kWrapped], y = key_fields(b)[kWrapped];
    if (!x || !y) return raise(t, PyExc_AttributeError, "object");
    Ref fn = Ref::share(key_fields(a)[kCompareFunction]), left = Ref::share(x), right = Ref::share(y);
    Ref order = TRY(call(t, fn, {left, right}));
    return compare(t, order, Value::from_int(0), op);
}
Ref key_signature(Thread& t, Value, void*) { return str_from(t, "(obj)"); }

const MemberDef key_members[] = {
    member("obj", MemberKind::Object, offsetof(KeyObject, fields.f) + kWrapped * sizeof(Value), 0,
           "what is compared"),
    {}};
const GetSetDef key_getset[] = {getset("__text_signature__", key_signature, nullptr, nullptr), {}};

Ref cmp_to_key(Thread& t, Value, const Value* params) { return key_make(t, params[0], Value()); }

// --- reduce ---

Ref reduce(Thread& t, Value, const Value* params) {
    Value fn = params[0];
    Ref it = iter(t, params[1]);
    if (!it) {
        if (error_is(t, PyExc_TypeError))
            return raise(t, PyExc_TypeError, "reduce() arg 2 must support iteration");
        return {};
    }
    Ref total = Ref::share(params[2]);
    while (Ref item = iter_next(t, it)) {
        if (!total)
            total = std::move(item);
        else
            total = TRY(call(t, fn, {total, item}));
    }
    if (occurred(t)) return {};
    if (!total) return raise(t, PyExc_TypeError, "reduce() of empty iterable with no initial value");
    return total;
}

const NativeDef functions[] = {
    def<cmp_to_key>("cmp_to_key", "(mycmp)", "A key function out of a comparison function."),
    def<reduce>("reduce", "(function, iterable, /, initial=<unrepresentable>)",
                "Combines the items from left to right by a function of two arguments."),
    {}};

Status add_partial(Thread& t, Value module) {
    static const TypeDecl decl{
        .name = "functools.partial",
        .basicsize = sizeof(PartialObject),
        .flags = kTpDefault | kTpHaveVectorcall | kTpHaveGC | kTpBaseType | kTpImmutableType,
        .slots = {.dealloc = partial_dealloc,
                  .traverse = partial_traverse,
                  .clear = partial_clear,
                  .repr = partial_repr,
                  .call = partial_call,
                  .getattr = generic_get_attr,
                  .setattr = generic_set_attr,
                  .descr_get = partial_descr_get,
                  .new_ = partial_new},
        .spec = {.methods = partial_methods,
                 .getset = partial_getset,
                 .members = partial_members,
                 .doc = "A function with some of its arguments given beforehand.",
                 .text_signature = "(func, /, *args, **keywords)"},
        .weaklistoffset = offsetof(PartialObject, weaklist),
        .dictoffset = offsetof(PartialObject, dict)};
    return add_static_type(t, module, partial_type, decl);
}

Status add_placeholder(Thread& t, Value module) {
    static const TypeDecl decl{
        .name = "functools._PlaceholderType",
        .basicsize = sizeof(PyObject),
        .flags = kTpDefault | kTpImmutableType,
        .slots = {.dealloc = placeholder_dealloc, .repr = placeholder_repr, .new_ = placeholder_new},
        .spec = {.methods = placeholder_methods,
                 .doc = "The type of Placeholder, the mark of an open place."}};
    TRY(add_static_type(t, module, placeholder_type, decl));
    if (!g_placeholder) {
        g_placeholder = TRY(alloc(t, &placeholder_type)).release();
        make_immortal(g_placeholder.ptr());
    }
    return module_add(t, module, "Placeholder", Ref::share(g_placeholder));
}

Status exec(Thread& t, Value module) {
    static const TypeDecl key{.name = "functools.KeyWrapper",
                              .basicsize = sizeof(KeyObject),
                              .flags = kTpDefault | kTpHaveGC | kTpImmutableType | kTpDisallowInstantiation,
                              .slots = {.dealloc = Fields<2>::dealloc,
                                        .traverse = Fields<2>::traverse,
                                        .clear = Fields<2>::clear,
                                        .hash = hash_not_implemented,
                                        .richcompare = key_compare,
                                        .call = key_call},
                              .spec = {.getset = key_getset, .members = key_members}};
    if (!key_type.tp_name) init_static_type(key_type, key);
    TRY(ready_type(t, &key_type));
    TRY(add_placeholder(t, module));
    TRY(add_partial(t, module));
    return add_lru_cache(t, module);
}

}  // namespace

extern const ModuleSpec module__functools;
const ModuleSpec module__functools{
    .name = "_functools", .doc = "Tools for functions.", .functions = functions, .exec = exec};

}  // namespace krait
