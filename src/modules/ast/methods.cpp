#include "modules/ast/methods.h"

#include "builtins/dict.h"
#include "builtins/list.h"
#include "builtins/set.h"
#include "builtins/str.h"
#include "builtins/tuple.h"
#include "modules/ast/classes.h"
#include "object/protocol.h"

namespace krait {
namespace {

constexpr int kReprDepth = 3;

Ref repr_to_depth(Thread& t, Value self, int depth);

Ref item_repr(Thread& t, Value item, int depth) {
    if (is_ast_object(t, item)) return repr_to_depth(t, item, depth);
    return repr(t, item);
}

// The first and the last of a list or tuple.
Ref ends_repr(Thread& t, Value items, int depth) {
    int64_t n = TRY(length(t, items));
    StrBuilder out(t);
    TRY(out.ascii(is_list(items) ? "[" : "("));
    for (int64_t i = 0; i < (n < 2 ? n : 2); i++) {
        if (i == 1) TRY(out.ascii(n > 2 ? ", ..., " : ", "));
        Ref item = TRY(get_item(t, items, i == 0 ? 0 : n - 1));
        Ref text = TRY(item_repr(t, item, depth));
        TRY(out.append(text));
    }
    TRY(out.ascii(is_list(items) ? "]" : ")"));
    return out.finish();
}

Ref fields_repr(Thread& t, Value self, int depth) {
    Ref names = TRY(get_attr(t, Value(type_of(self)), "_fields"));
    int64_t n = TRY(length(t, names));
    StrBuilder out(t);
    Ref head = TRY(str_format(t, "%s(", type_of(self)->tp_name));
    TRY(out.append(head));
    for (int64_t i = 0; i < n; i++) {
        Ref name = TRY(get_item(t, names, i));
        Ref value = TRY(get_attr(t, self, name));
        Ref text = is_list(value) || is_tuple(value) ? ends_repr(t, value, depth - 1)
                                                     : item_repr(t, value, depth - 1);
        if (!text) return {};
        if (i > 0) TRY(out.ascii(", "));
        TRY(out.append(name));
        TRY(out.put('='));
        TRY(out.append(text));
    }
    TRY(out.put(')'));
    return out.finish();
}

Ref repr_to_depth(Thread& t, Value self, int depth) {
    if (depth <= 0) return str_format(t, "%s(...)", type_of(self)->tp_name);
    bool entered = TRY(repr_enter(t, self));
    if (entered) return str_format(t, "%s(...)", type_of(self)->tp_name);
    Ref text = fields_repr(t, self, depth);
    repr_leave(t, self);
    return text;
}

Status discard_all(Thread& t, Value set, Value names) {
    Ref items = TRY(to_tuple(t, names));
    for (int64_t i = 0; i < tuple_size(items); i++) TRY_DISCARD(set_discard(t, set, tuple_get(items, i)));
    return Status::ok();
}

// Fields that the new node gets neither from `kwargs`, nor from `self`, nor by default.
Status check_replacement(Thread& t, Value self, Value dict, Value fields, Value attributes, Value kwargs) {
    const char* type = type_of(self)->tp_name;
    Ref expected = TRY(set_new(t, fields));
    TRY(set_update(t, expected, attributes));
    Ref given = TRY(to_tuple(t, kwargs));
    for (int64_t i = 0; i < tuple_size(given); i++) {
        bool known = TRY(set_discard(t, expected, tuple_get(given, i)));
        if (!known)
            return raise(t, PyExc_TypeError, "%.400s.__replace__ got an unexpected keyword argument %R.",
                         type, tuple_get(given, i));
    }
    TRY(discard_all(t, expected, dict));
    TRY(discard_all(t, expected, attributes));
    Ref types = TRY(lookup_attr(t, Value(type_of(self)), "_field_types"));
    if (types && is_dict(types)) {
        Ref names = TRY(to_tuple(t, types));
        for (int64_t i = 0; i < tuple_size(names); i++) {
            Ref field_type = TRY(dict_get(t, types, tuple_get(names, i)));
            if (field_type && has_type(field_type, &_PyUnion_Type))
                TRY_DISCARD(set_discard(t, expected, tuple_get(names, i)));
        }
    }
    int64_t n = set_size(expected);
    if (n == 0) return Status::ok();
    Ref names = TRY(list_new(t)), open = TRY(to_tuple(t, expected));
    for (int64_t i = 0; i < n; i++) {
        Ref name = TRY(repr(t, tuple_get(open, i)));
        TRY(list_append(t, names, name));
    }
    TRY_DISCARD(call_method(t, names, "sort"));
    Ref comma = TRY(str_from(t, ", "));
    Ref text = TRY(str_join(t, comma, names));
    return raise(t, PyExc_TypeError, "%.400s.__replace__ missing %ld keyword argument%s: %U.", type, n,
                 n == 1 ? "" : "s", text.get());
}

// What of `names` stands in `dict`.
Status copy_items(Thread& t, Value to, Value dict, Value names) {
    Ref items = TRY(to_tuple(t, names));
    for (int64_t i = 0; i < tuple_size(items); i++) {
        Maybe found = dict_get(t, dict, tuple_get(items, i));
        Ref value = TRY(std::move(found));
        if (value) TRY(dict_set(t, to, tuple_get(items, i), value));
    }
    return Status::ok();
}

}  // namespace

Ref ast_repr(Thread& t, Value self) { return repr_to_depth(t, self, kReprDepth); }

Ref ast_replace(Thread& t, Value self, Value kwargs) {
    Value type(type_of(self));
    Ref fields = TRY(lookup_attr(t, type, "_fields"));
    if (!fields) fields = Ref::share(empty_tuple());
    Ref attributes = TRY(lookup_attr(t, type, "_attributes"));
    if (!attributes) attributes = Ref::share(empty_tuple());
    Ref dict = TRY(get_attr(t, self, "__dict__"));
    TRY(check_replacement(t, self, dict, fields, attributes, kwargs));
    Ref payload = TRY(dict_new(t));
    TRY(copy_items(t, payload, dict, fields));
    TRY(copy_items(t, payload, dict, attributes));
    TRY(dict_update(t, payload, kwargs));
    return call_with(t, type, empty_tuple(), payload);
}

}  // namespace krait
