// _operator: the operators as functions, and itemgetter, attrgetter, methodcaller.
#include "builtins/bytes.h"
#include "builtins/callable.h"
#include "builtins/dict.h"
#include "builtins/number.h"
#include "builtins/str.h"
#include "builtins/tuple.h"
#include "bytecode/opcodes.h"
#include "modules/fields.h"
#include "modules/hash/hash.h"
#include "object/convert.h"
#include "object/names.h"
#include "object/protocol.h"

namespace krait {
namespace {

template <CompareOp Op>
Ref comparing(Thread& t, Value, const Value* a, size_t) {
    return compare(t, a[0], a[1], Op);
}
template <BinaryOp Op>
Ref binary(Thread& t, Value, const Value* a, size_t) {
    return binary_op(t, a[0], a[1], Op);
}
template <Ref (*Fn)(Thread&, Value)>
Ref unary(Thread& t, Value, Value v) {
    return Fn(t, v);
}

Ref truth(Thread& t, Value, Value v) { return bool_ref(TRY(is_true(t, v))); }
Ref not_(Thread& t, Value, Value v) { return bool_ref(!TRY(is_true(t, v))); }
Ref is_(Thread&, Value, const Value* a, size_t) { return bool_ref(is_same(a[0], a[1])); }
Ref is_not(Thread&, Value, const Value* a, size_t) { return bool_ref(!is_same(a[0], a[1])); }
Ref is_none_fn(Thread&, Value, Value v) { return bool_ref(is_none(v)); }
Ref is_not_none(Thread&, Value, Value v) { return bool_ref(!is_none(v)); }
Ref contains_fn(Thread& t, Value, const Value* a, size_t) { return bool_ref(TRY(contains(t, a[0], a[1]))); }
Ref getitem(Thread& t, Value, const Value* a, size_t) { return get_item(t, a[0], a[1]); }
Ref setitem(Thread& t, Value, const Value* a, size_t) {
    TRY(set_item(t, a[0], a[1], a[2]));
    return none_ref();
}
Ref delitem(Thread& t, Value, const Value* a, size_t) {
    TRY(set_item(t, a[0], a[1], Value()));
    return none_ref();
}

template <BinaryOp Op>
Ref concat(Thread& t, Value, const Value* a, size_t) {
    // What a sequence says of + stands above what a number (an array may be both) does.
    Slots& s = ext(type_of(a[0]))->slots;
    if (Op != BinaryOp::NB_ADD && s.sq_inplace_concat) return s.sq_inplace_concat(t, a[0], a[1]);
    if (s.sq_concat) return s.sq_concat(t, a[0], a[1]);
    if (!is_sequence(a[0]) || !is_sequence(a[1]))
        return raise(t, PyExc_TypeError, "'%.200s' object can't be concatenated", type_of(a[0])->tp_name);
    return binary_op(t, a[0], a[1], Op);
}

Ref not_iterable(Thread& t, Value v) {
    if (!error_is(t, PyExc_TypeError)) return {};
    clear_error(t);
    return raise(t, PyExc_TypeError, "argument of type '%T' is not iterable", v);
}
Ref count_of(Thread& t, Value, const Value* a, size_t) {
    Ref it = iter(t, a[0]);
    if (!it) return not_iterable(t, a[0]);
    int64_t n = 0;
    while (Ref item = iter_next(t, it)) n += TRY(equal(t, item, a[1]));
    if (occurred(t)) return {};
    return int_from(t, n);
}
Ref index_of(Thread& t, Value, const Value* a, size_t) {
    Ref it = iter(t, a[0]);
    if (!it) return not_iterable(t, a[0]);
    for (int64_t i = 0;; i++) {
        Ref item = iter_next(t, it);
        if (!item) break;
        if (TRY(equal(t, item, a[1]))) return int_from(t, i);
    }
    if (occurred(t)) return {};
    return raise(t, PyExc_ValueError, "sequence.index(x): x not in sequence");
}
Ref length_hint_fn(Thread& t, Value, const Value* a, size_t n) {
    int64_t value = n > 1 ? TRY(as_ssize(t, a[1])) : 0;
    return int_from(t, TRY(length_hint(t, a[0], value)));
}
Ref call_fn(Thread& t, Value, const Value* a, size_t n, Value kwnames) {
    if (n < 1) return raise(t, PyExc_TypeError, "call expected at least 1 argument, got 0");
    return call(t, a[0], a + 1, n - 1, kwnames);
}

// --- itemgetter, attrgetter, methodcaller ---

Type item_type, attr_type, method_type;
enum { kItems };                 // tuple of keys, or of attribute paths (str or tuple of str)
enum { kName, kArgs, kKwargs };  // methodcaller
using Getter = Fields<1>;
using Caller = Fields<3>;

Status check_call(Thread& t, const char* name, size_t nargs, Value kwnames) {
    if (kwnames && tuple_size(kwnames))
        return raise(t, PyExc_TypeError, "%s() takes no keyword arguments", name);
    if (nargs != 1) return raise(t, PyExc_TypeError, "%s expected 1 argument, got %zu", name, nargs);
    return Status::ok();
}
Status check_new(Thread& t, const char* name, size_t nargs, Value kwnames) {
    if (kwnames && tuple_size(kwnames))
        return raise(t, PyExc_TypeError, "%s() takes no keyword arguments", name);
    if (nargs < 1) return raise(t, PyExc_TypeError, "%s expected 1 argument, got 0", name);
    return Status::ok();
}

Ref item_new(Thread& t, PyTypeObject* type, const Value* args, size_t nargs, Value kwnames) {
    TRY(check_new(t, "itemgetter", nargs, kwnames));
    Ref items = TRY(tuple_from(t, args, static_cast<int64_t>(nargs)));
    Ref self = TRY(alloc(t, type));
    self.as<Getter>()->f[kItems] = items.release();
    return self;
}
Ref item_call(Thread& t, Value self, const Value* args, size_t nargs, Value kwnames) {
    TRY(check_call(t, "itemgetter", nargs, kwnames));
    Value items = self.as<Getter>()->f[kItems];
    int64_t n = tuple_size(items);
    if (n == 1) return get_item(t, args[0], tuple_get(items, 0));
    Ref r = TRY(tuple_new(t, n));
    for (int64_t i = 0; i < n; i++)
        tuple_items(r)[i] = TRY(get_item(t, args[0], tuple_get(items, i))).release();
    return r;
}
// "operator.name(a, b)" with the repr of a tuple of arguments.
Ref getter_repr_of(Thread& t, Value self, Value args) {
    bool entered = !TRY(repr_enter(t, self));
    if (!entered) return str_format(t, "%s(...)", type_of(self)->tp_name);
    Ref r;
    if (tuple_size(args) == 1)
        r = str_format(t, "%s(%R)", type_of(self)->tp_name, tuple_get(args, 0));
    else
        r = str_format(t, "%s%R", type_of(self)->tp_name, args);
    repr_leave(t, self);
    return r;
}
Ref item_repr(Thread& t, Value self) { return getter_repr_of(t, self, self.as<Getter>()->f[kItems]); }
Ref item_reduce(Thread& t, Value self) {
    return tuple_of(t, {Value(type_of(self)), self.as<Getter>()->f[kItems]});
}

// "a.b" as ("a", "b"); a name without dots interned.
Ref attr_path(Thread& t, Value name) {
    Ref dot = TRY(str_from_char(t, '.'));
    if (str_find(name, dot, 0, str_length(name), 1) < 0) return str_intern(t, Ref::share(name));
    Ref parts = TRY(call_method(t, name, ID(split), {dot}));
    Ref path = TRY(to_tuple(t, parts));
    for (int64_t i = 0; i < tuple_size(path); i++) {
        Ref part = TRY(str_intern(t, Ref::share(tuple_get(path, i))));
        put_owned(tuple_items(path)[i], std::move(part));
    }
    return path;
}
Ref attr_new(Thread& t, PyTypeObject* type, const Value* args, size_t nargs, Value kwnames) {
    TRY(check_new(t, "attrgetter", nargs, kwnames));
    Ref paths = TRY(tuple_new(t, static_cast<int64_t>(nargs)));
    for (size_t i = 0; i < nargs; i++) {
        if (!is_str(args[i])) return raise(t, PyExc_TypeError, "attribute name must be a string");
        tuple_items(paths)[i] = TRY(attr_path(t, args[i])).release();
    }
    Ref self = TRY(alloc(t, type));
    self.as<Getter>()->f[kItems] = paths.release();
    return self;
}
Ref follow(Thread& t, Value obj, Value path) {
    if (!is_tuple(path)) return get_attr(t, obj, path);
    Ref at = Ref::share(obj);
    for (int64_t i = 0; i < tuple_size(path); i++) at = TRY(get_attr(t, at, tuple_get(path, i)));
    return at;
}
Ref attr_call(Thread& t, Value self, const Value* args, size_t nargs, Value kwnames) {
    TRY(check_call(t, "attrgetter", nargs, kwnames));
    Value paths = self.as<Getter>()->f[kItems];
    int64_t n = tuple_size(paths);
    if (n == 1) return follow(t, args[0], tuple_get(paths, 0));
    Ref r = TRY(tuple_new(t, n));
    for (int64_t i = 0; i < n; i++)
        tuple_items(r)[i] = TRY(follow(t, args[0], tuple_get(paths, i))).release();
    return r;
}
Ref attr_names(Thread& t, Value self) {
    Value paths = self.as<Getter>()->f[kItems];
    Ref names = TRY(tuple_new(t, tuple_size(paths)));
    Ref dot = TRY(str_from_char(t, '.'));
    for (int64_t i = 0; i < tuple_size(paths); i++) {
        Value p = tuple_get(paths, i);
        tuple_items(names)[i] = TRY(is_tuple(p) ? str_join(t, dot, p) : Ref::share(p)).release();
    }
    return names;
}
Ref attr_repr(Thread& t, Value self) {
    Ref names = TRY(attr_names(t, self));
    return getter_repr_of(t, self, names);
}
Ref attr_reduce(Thread& t, Value self) {
    Ref names = TRY(attr_names(t, self));
    return tuple_of(t, {Value(type_of(self)), names});
}

Ref method_new_object(Thread& t, PyTypeObject* type, const Value* args, size_t nargs, Value kwnames) {
    if (nargs < 1)
        return raise(t, PyExc_TypeError, "methodcaller needs at least one argument, the method name");
    if (!is_str(args[0])) return raise(t, PyExc_TypeError, "method name must be a string");
    Ref name = TRY(str_intern(t, Ref::share(args[0])));
    Ref rest = TRY(tuple_from(t, args + 1, static_cast<int64_t>(nargs - 1)));
    Ref kw;
    if (kwnames && tuple_size(kwnames)) {
        kw = TRY(dict_new(t));
        for (int64_t i = 0; i < tuple_size(kwnames); i++)
            TRY(dict_set(t, kw, tuple_get(kwnames, i), args[nargs + i]));
    }
    Ref self = TRY(alloc(t, type));
    auto* f = self.as<Caller>()->f;
    f[kName] = name.release();
    f[kArgs] = rest.release();
    f[kKwargs] = kw.release();
    return self;
}
Ref method_call(Thread& t, Value self, const Value* args, size_t nargs, Value kwnames) {
    TRY(check_call(t, "methodcaller", nargs, kwnames));
    auto* f = self.as<Caller>()->f;
    Ref method = TRY(get_attr(t, args[0], f[kName]));
    if (!f[kKwargs]) return call(t, method, tuple_items(f[kArgs]), tuple_size(f[kArgs]));
    return call_with(t, method, f[kArgs], f[kKwargs]);
}
Ref method_repr(Thread& t, Value self) {
    auto* f = self.as<Caller>()->f;
    if (TRY(repr_enter(t, self))) return str_format(t, "%s(...)", type_of(self)->tp_name);
    struct Leave {
        Thread& t;
        Value self;
        ~Leave() { repr_leave(t, self); }
    } leave{t, self};
    Ref text = TRY(str_format(t, "%s(%R", type_of(self)->tp_name, f[kName]));
    for (int64_t i = 0; i < tuple_size(f[kArgs]); i++) {
        Ref part = TRY(str_format(t, ", %R", tuple_get(f[kArgs], i)));
        TRY(str_append(t, text, part));
    }
    int64_t pos = 0;
    Value key, value;
    while (f[kKwargs] && dict_next(f[kKwargs], pos, key, value)) {
        Ref part = TRY(str_format(t, ", %U=%R", key, value));
        TRY(str_append(t, text, part));
    }
    Ref end = TRY(str_from_char(t, ')'));
    return str_concat(t, text, end);
}
Ref method_reduce(Thread& t, Value self) {
    auto* f = self.as<Caller>()->f;
    if (!f[kKwargs]) {
        Ref args = TRY(tuple_new(t, tuple_size(f[kArgs]) + 1));
        tuple_items(args)[0] = Ref::share(f[kName]).release();
        for (int64_t i = 0; i < tuple_size(f[kArgs]); i++)
            tuple_items(args)[i + 1] = Ref::share(tuple_get(f[kArgs], i)).release();
        return tuple_of(t, {Value(type_of(self)), args});
    }
    Ref partial = TRY(import_attr(t, "functools", "partial"));
    Ref args = TRY(tuple_of(t, {Value(type_of(self)), f[kName]}));
    Ref constructor = TRY(call_with(t, partial, args, f[kKwargs]));
    return tuple_of(t, {constructor, f[kArgs]});
}

const NativeDef item_methods[] = {
    def<item_reduce>("__reduce__", "()", "Return state information for pickling"), {}};
const NativeDef attr_methods[] = {
    def<attr_reduce>("__reduce__", "()", "Return state information for pickling"), {}};
const NativeDef method_methods[] = {
    def<method_reduce>("__reduce__", "()", "Return state information for pickling"), {}};

#define COMPARING(name, op, doc) def<comparing<op>>(name, "(a, b, /)", doc)
#define BINARY_FN(name, op, doc) def<binary<BinaryOp::op>>(name, "(a, b, /)", doc)
const NativeDef functions[] = {
    def<truth>("truth", "(a, /)", "Return True if a is true, False otherwise."),
    def<contains_fn>("contains", "(a, b, /)", "Same as b in a (note reversed operands)."),
    def<index_of>("indexOf", "(a, b, /)", "Return the first index of b in a."),
    def<count_of>("countOf", "(a, b, /)", "Return the number of items in a which are, or which equal, b."),
    def<is_>("is_", "(a, b, /)", "Same as a is b."),
    def<is_not>("is_not", "(a, b, /)", "Same as a is not b."),
    def<is_none_fn>("is_none", "(a, /)", "Same as a is None."),
    def<is_not_none>("is_not_none", "(a, /)", "Same as a is not None."),
    BINARY_FN("add", NB_ADD, "Same as a + b."),
    BINARY_FN("sub", NB_SUBTRACT, "Same as a - b."),
    BINARY_FN("mul", NB_MULTIPLY, "Same as a * b."),
    BINARY_FN("matmul", NB_MATRIX_MULTIPLY, "Same as a @ b."),
    BINARY_FN("floordiv", NB_FLOOR_DIVIDE, "Same as a // b."),
    BINARY_FN("truediv", NB_TRUE_DIVIDE, "Same as a / b."),
    BINARY_FN("mod", NB_REMAINDER, "Same as a % b."),
    BINARY_FN("pow", NB_POWER, "Same as a ** b."),
    BINARY_FN("lshift", NB_LSHIFT, "Same as a << b."),
    BINARY_FN("rshift", NB_RSHIFT, "Same as a >> b."),
    BINARY_FN("and_", NB_AND, "Same as a & b."),
    BINARY_FN("xor", NB_XOR, "Same as a ^ b."),
    BINARY_FN("or_", NB_OR, "Same as a | b."),
    BINARY_FN("iadd", NB_INPLACE_ADD, "Same as a += b."),
    BINARY_FN("isub", NB_INPLACE_SUBTRACT, "Same as a -= b."),
    BINARY_FN("imul", NB_INPLACE_MULTIPLY, "Same as a *= b."),
    BINARY_FN("imatmul", NB_INPLACE_MATRIX_MULTIPLY, "Same as a @= b."),
    BINARY_FN("ifloordiv", NB_INPLACE_FLOOR_DIVIDE, "Same as a //= b."),
    BINARY_FN("itruediv", NB_INPLACE_TRUE_DIVIDE, "Same as a /= b."),
    BINARY_FN("imod", NB_INPLACE_REMAINDER, "Same as a %= b."),
    BINARY_FN("ipow", NB_INPLACE_POWER, "Same as a **= b."),
    BINARY_FN("ilshift", NB_INPLACE_LSHIFT, "Same as a <<= b."),
    BINARY_FN("irshift", NB_INPLACE_RSHIFT, "Same as a >>= b."),
    BINARY_FN("iand", NB_INPLACE_AND, "Same as a &= b."),
    BINARY_FN("ixor", NB_INPLACE_XOR, "Same as a ^= b."),
    BINARY_FN("ior", NB_INPLACE_OR, "Same as a |= b."),
    def<unary<index>>("index", "(a, /)", "Same as a.__index__()"),
    def<unary<negative>>("neg", "(a, /)", "Same as -a."),
    def<unary<positive>>("pos", "(a, /)", "Same as +a."),
    def<unary<absolute>>("abs", "(a, /)", "Same as abs(a)."),
    def<unary<invert>>("inv", "(a, /)", "Same as ~a."),
    def<unary<invert>>("invert", "(a, /)", "Same as ~a."),
    def<not_>("not_", "(a, /)", "Same as not a."),
    def<concat<BinaryOp::NB_ADD>>("concat", "(a, b, /)", "Same as a + b, for a and b sequences."),
    def<concat<BinaryOp::NB_INPLACE_ADD>>("iconcat", "(a, b, /)", "Same as a += b, for a and b sequences."),
    def<getitem>("getitem", "(a, b, /)", "Same as a[b]."),
    def<setitem>("setitem", "(a, b, c, /)", "Same as a[b] = c."),
    def<delitem>("delitem", "(a, b, /)", "Same as del a[b]."),
    COMPARING("lt", kLt, "Same as a < b."),
    COMPARING("le", kLe, "Same as a <= b."),
    COMPARING("eq", kEq, "Same as a == b."),
    COMPARING("ne", kNe, "Same as a != b."),
    COMPARING("gt", kGt, "Same as a > b."),
    COMPARING("ge", kGe, "Same as a >= b."),
    def<compare_digest>("_compare_digest", "(a, b, /)", "a == b in constant time."),
    def<length_hint_fn>("length_hint", "(obj, default=0, /)", "An estimate of the number of items in obj."),
    def<call_fn>("call", "(obj, /, *args, **kwargs)", "Same as obj(*args, **kwargs)."),
    {}};

Ref call_signature(Thread& t, Value, void*) { return str_from(t, "(obj, /)"); }
const GetSetDef signature_getset[] = {getset("__text_signature__", call_signature, nullptr, nullptr), {}};

Status exec(Thread& t, Value module) {
    constexpr uint64_t kFlags = kTpDefault | kTpHaveGC | kTpImmutableType;
    static const TypeDecl item{.name = "operator.itemgetter",
                               .basicsize = sizeof(Getter),
                               .flags = kTpHaveVectorcall | kFlags,
                               .slots = {.dealloc = Getter::dealloc,
                                         .traverse = Getter::traverse,
                                         .clear = Getter::clear,
                                         .repr = item_repr,
                                         .call = item_call,
                                         .getattr = generic_get_attr,
                                         .new_ = item_new},
                               .spec = {.methods = item_methods,
                                        .getset = signature_getset,
                                        .doc = "A callable that takes the given item(s) of its operand.",
                                        .text_signature = "(item, /, *items)"}};
    static const TypeDecl attr{.name = "operator.attrgetter",
                               .basicsize = sizeof(Getter),
                               .flags = kTpHaveVectorcall | kFlags,
                               .slots = {.dealloc = Getter::dealloc,
                                         .traverse = Getter::traverse,
                                         .clear = Getter::clear,
                                         .repr = attr_repr,
                                         .call = attr_call,
                                         .getattr = generic_get_attr,
                                         .new_ = attr_new},
                               .spec = {.methods = attr_methods,
                                        .getset = signature_getset,
                                        .doc = "A callable that takes the given attribute(s) of its operand.",
                                        .text_signature = "(attr, /, *attrs)"}};
    static const TypeDecl method{.name = "operator.methodcaller",
                                 .basicsize = sizeof(Caller),
                                 .flags = kTpHaveVectorcall | kFlags,
                                 .slots = {.dealloc = Caller::dealloc,
                                           .traverse = Caller::traverse,
                                           .clear = Caller::clear,
                                           .repr = method_repr,
                                           .call = method_call,
                                           .getattr = generic_get_attr,
                                           .new_ = method_new_object},
                                 .spec = {.methods = method_methods,
                                          .getset = signature_getset,
                                          .doc = "A callable that calls the given method of its operand.",
                                          .text_signature = "(name, /, *args, **kwargs)"}};
    TRY(add_static_type(t, module, item_type, item));
    TRY(add_static_type(t, module, attr_type, attr));
    return add_static_type(t, module, method_type, method);
}

}  // namespace

extern const ModuleSpec module__operator;
const ModuleSpec module__operator{
    .name = "_operator", .doc = "The operators as functions.", .functions = functions, .exec = exec};

}  // namespace krait
