// The opcodes of an unpickler that look names up, make objects and fill them.
#include <cstring>

#include "builtins/bytes.h"
#include "builtins/codec.h"
#include "builtins/set.h"
#include "modules/pickle/pickle.h"
#include "object/instance.h"
#include "object/names.h"

namespace krait::pickle {

namespace {

// The names Python 3 has for those of Python 2.
Status new_names(Thread& t, Ref& module_name, Ref& name) {
    Ref key = TRY(tuple_of(t, {module_name, name}));
    Ref pair = TRY(dict_get(t, g_state.name_2to3, key));
    if (pair) {
        if (!is_tuple(pair) || tuple_size(pair) != 2)
            return raise(t, PyExc_RuntimeError,
                         "_compat_pickle.NAME_MAPPING values should be 2-tuples, not %.200s",
                         type_of(pair)->tp_name);
        if (!is_str(tuple_get(pair, 0)) || !is_str(tuple_get(pair, 1)))
            return raise(t, PyExc_RuntimeError,
                         "_compat_pickle.NAME_MAPPING values should be pairs of str, not (%.200s, %.200s)",
                         type_of(tuple_get(pair, 0))->tp_name, type_of(tuple_get(pair, 1))->tp_name);
        module_name = Ref::share(tuple_get(pair, 0));
        name = Ref::share(tuple_get(pair, 1));
        return Status::ok();
    }
    Ref renamed = TRY(dict_get(t, g_state.import_2to3, module_name));
    if (!renamed) return Status::ok();
    if (!is_str(renamed))
        return raise(t, PyExc_RuntimeError,
                     "_compat_pickle.IMPORT_MAPPING values should be strings, not %.200s",
                     type_of(renamed)->tp_name);
    module_name = std::move(renamed);
    return Status::ok();
}

// find_class() of the unpickler, which may be overridden.
Ref call_find_class(Thread& t, Unpickler* u, Value module_name, Value name) {
    static LazyName find_class_name("find_class");
    return call_method(t, Value(&u->ob_base), find_class_name(t), {module_name, name});
}

Ref instantiate(Thread& t, Value cls, Value args) {
    if (tuple_size(args) == 0 && is_type(cls)) {
        Ref init_args = TRY(lookup_attr(t, cls, ID(__getinitargs__)));
        if (!init_args) return call_method(t, cls, ID(__new__), {cls});
    }
    return call(t, cls, tuple_items(args), static_cast<size_t>(tuple_size(args)));
}

Status make_instance(Thread& t, Unpickler* u, Value cls, Value args) {
    Ref made = TRY(instantiate(t, cls, args));
    return push(t, u, std::move(made));
}

// The text of a line without its end.
Ref name_line(Thread& t, Unpickler* u, bool ascii) {
    int64_t n = TRY(read_line(t, u));
    if (n < 2) return truncated(t);
    auto size = static_cast<size_t>(n - 1);
    return ascii ? decode_ascii(t, u->line, size, nullptr) : decode_utf8(t, u->line, size, nullptr);
}

}  // namespace

Ref find_class(Thread& t, Unpickler* u, Value module_name, Value name) {
    TRY(audit(t, "pickle.find_class", {module_name, name}));
    Ref in = Ref::share(module_name), what = Ref::share(name);
    if (u->proto < 3 && u->fix_imports) TRY(new_names(t, in, what));
    Ref module = TRY(import_by_name(t, in));
    if (u->proto < 4) return get_attr(t, module, what.get());
    Ref path = TRY(split_dots(t, what));
    Ref found = dotted_attr(t, module, path);
    if (found || list_size(path) <= 1 || !error_is(t, PyExc_AttributeError)) return found;
    Ref cause = fetch_error(t);
    raise(t, PyExc_AttributeError, "Can't resolve path %R on module %R", what.get(), in.get());
    Ref made = fetch_error(t);
    if (made && !set_attr(t, made, ID(__context__), cause)) clear_error(t);
    restore_error(t, std::move(made));
    return {};
}

Status load_global(Thread& t, Unpickler* u) {
    Ref module_name = TRY(name_line(t, u, false)), name = TRY(name_line(t, u, false));
    Ref v = TRY(call_find_class(t, u, module_name, name));
    return push(t, u, std::move(v));
}
Status load_stack_global(Thread& t, Unpickler* u) {
    Ref name = TRY(pop(t, u)), module_name = TRY(pop(t, u));
    if (!is_str_exact(name) || !is_str_exact(module_name))
        return raise(t, unpickling_error(), "STACK_GLOBAL requires str");
    Ref v = TRY(call_find_class(t, u, module_name, name));
    return push(t, u, std::move(v));
}

Status load_extension(Thread& t, Unpickler* u, int bytes) {
    const char* p = read_bytes(t, u, bytes);
    if (!p) return {};
    int32_t code = 0;
    memcpy(&code, p, static_cast<size_t>(bytes));
    if (code <= 0) return raise(t, unpickling_error(), "EXT specifies code <= 0");
    Value key = Value::from_int(code);
    Ref v = TRY(dict_get(t, g_state.extension_cache, key));
    if (v) return push(t, u, std::move(v));
    Ref pair = TRY(dict_get(t, g_state.inverted_registry, key));
    if (!pair) return raise(t, PyExc_ValueError, "unregistered extension code %ld", static_cast<long>(code));
    if (!is_tuple(pair) || tuple_size(pair) != 2 || !is_str(tuple_get(pair, 0)) ||
        !is_str(tuple_get(pair, 1)))
        return raise(t, PyExc_ValueError, "_inverted_registry[%ld] isn't a 2-tuple of strings",
                     static_cast<long>(code));
    v = TRY(call_find_class(t, u, tuple_get(pair, 0), tuple_get(pair, 1)));
    TRY(dict_set(t, g_state.extension_cache, key, v));
    return push(t, u, std::move(v));
}

Status load_inst(Thread& t, Unpickler* u) {
    int64_t mark = TRY(pop_mark(t, u));
    Ref module_name = TRY(name_line(t, u, true)), name = TRY(name_line(t, u, true));
    Ref cls = TRY(call_find_class(t, u, module_name, name));
    Ref args = TRY(pop_tuple(t, u, mark));
    return make_instance(t, u, cls, args);
}
Status load_obj(Thread& t, Unpickler* u) {
    int64_t mark = TRY(pop_mark(t, u));
    if (u->stack_size - mark < 1) return underflow(t, u);
    Ref args = TRY(pop_tuple(t, u, mark + 1));
    Ref cls = TRY(pop(t, u));
    return make_instance(t, u, cls, args);
}

Status load_new(Thread& t, Unpickler* u, bool with_kwargs) {
    const char* op = with_kwargs ? "NEWOBJ_EX" : "NEWOBJ";
    Ref kwargs;
    if (with_kwargs) kwargs = TRY(pop(t, u));
    Ref args = TRY(pop(t, u)), cls = TRY(pop(t, u));
    if (!is_type(cls))
        return raise(t, unpickling_error(), "%s class argument must be a type, not %.200s", op,
                     type_of(cls)->tp_name);
    auto* type = cls.as<PyTypeObject>();
    NewFn make = ext(type)->slots.new_;
    if (!make)
        return raise(t, unpickling_error(), "%s class argument '%.200s' doesn't have __new__", op,
                     type->tp_name);
    if (!is_tuple(args))
        return raise(t, unpickling_error(), "%s args argument must be a tuple, not %.200s", op,
                     type_of(args)->tp_name);
    if (kwargs && !is_dict(kwargs))
        return raise(t, unpickling_error(), "%s kwargs argument must be a dict, not %.200s", op,
                     type_of(kwargs)->tp_name);
    Ref made;
    if (kwargs && dict_size(kwargs)) {
        Ref fn = TRY(get_attr(t, cls, ID(__new__)));
        Ref head = TRY(tuple_new(t, tuple_size(args) + 1));
        tuple_items(head)[0] = cls.share().release();
        for (int64_t i = 0; i < tuple_size(args); i++)
            tuple_items(head)[i + 1] = Ref::share(tuple_get(args, i)).release();
        made = TRY(call_with(t, fn, head, kwargs));
    } else {
        made = TRY(make(t, type, tuple_items(args), static_cast<size_t>(tuple_size(args)), Value()));
    }
    return push(t, u, std::move(made));
}

// --- filling ---

// A position on the stack from which items go to the object just below it. Empty items: nothing to do.
#define CHECK_START(start)                                                          \
    do {                                                                            \
        if ((start) > u->stack_size || (start) <= u->fence) return underflow(t, u); \
        if ((start) == u->stack_size) return Status::ok();                          \
    } while (0)

namespace {

// Calls fn with each item from `start` on, which leave the stack.
Status call_for_each(Thread& t, Unpickler* u, Value fn, int64_t start) {
    Ref items = TRY(pop_tuple(t, u, start));
    for (int64_t i = 0; i < tuple_size(items); i++) TRY_DISCARD(call(t, fn, {tuple_get(items, i)}));
    return Status::ok();
}

}  // namespace

Status load_items(Thread& t, Unpickler* u, int64_t start) {
    CHECK_START(start);
    Value list = u->stack[start - 1];
    if (is_list_exact(list)) {
        for (int64_t i = start; i < u->stack_size; i++) TRY(list_append(t, list, u->stack[i]));
        cut_stack(u, start);
        return Status::ok();
    }
    static LazyName extend("extend");
    Ref fn = TRY(lookup_attr(t, list, extend(t)));
    if (fn) {
        Ref items = TRY(pop_list(t, u, start));
        TRY_DISCARD(call(t, fn, {items}));
        return Status::ok();
    }
    fn = TRY(get_attr(t, list, ID(append)));
    return call_for_each(t, u, fn, start);
}

Status load_set_items(Thread& t, Unpickler* u) {
    int64_t start = TRY(pop_mark(t, u));
    CHECK_START(start);
    Value set = u->stack[start - 1];
    if (is_instance_exact_or_sub(set, &PySet_Type)) {
        Ref items = TRY(pop_tuple(t, u, start));
        return set_update(t, set, items);
    }
    Ref fn = TRY(get_attr(t, set, ID(add)));
    return call_for_each(t, u, fn, start);
}

namespace {

Status store_pairs(Thread& t, Unpickler* u, Value dict, int64_t start) {
    bool exact = is_dict_exact(dict);
    for (int64_t i = start; i + 1 < u->stack_size; i += 2) {
        if (exact)
            TRY(dict_set(t, dict, u->stack[i], u->stack[i + 1]));
        else
            TRY(set_item(t, dict, u->stack[i], u->stack[i + 1]));
    }
    return Status::ok();
}

}  // namespace

Status load_pairs(Thread& t, Unpickler* u, int64_t start) {
    CHECK_START(start);
    if ((u->stack_size - start) % 2) return raise(t, unpickling_error(), "odd number of items for SETITEMS");
    TRY(store_pairs(t, u, u->stack[start - 1], start));
    cut_stack(u, start);
    return Status::ok();
}

Status load_dict(Thread& t, Unpickler* u) {
    int64_t start = TRY(pop_mark(t, u));
    if ((u->stack_size - start) % 2) return raise(t, unpickling_error(), "odd number of items for DICT");
    Ref dict = TRY(dict_new(t));
    TRY(store_pairs(t, u, dict, start));
    cut_stack(u, start);
    return push(t, u, std::move(dict));
}

namespace {

// Attributes of an instance whose class does nothing special may be stored without making its __dict__.
bool stores_plainly(Value v) {
    if (!v.is_ptr() || !has_managed_dict(v.heap_type()) || !ext(v.heap_type())->generic_getattr) return false;
    Value descr = type_lookup(v.heap_type(), ID(__dict__));
    return descr && has_type(descr, &PyGetSetDescr_Type);
}

Status set_dict_state(Thread& t, Value v, Value state) {
    if (!is_dict(state)) return raise(t, unpickling_error(), "state is not a dictionary");
    bool plain = stores_plainly(v);
    Ref dict;
    if (!plain) dict = TRY(get_attr(t, v, ID(__dict__)));
    int64_t pos = 0;
    Value k, w;
    while (dict_next(state, pos, k, w)) {
        Ref key = Ref::share(k), value = Ref::share(w);
        if (is_str_exact(key)) key = TRY(str_intern(t, std::move(key)));
        if (plain && is_str_exact(key)) {
            TRY(instance_set(t, v, key, value));
            continue;
        }
        if (!dict) dict = TRY(get_attr(t, v, ID(__dict__)));
        TRY(set_item(t, dict, key, value));
    }
    return Status::ok();
}

Status set_slot_state(Thread& t, Value v, Value state) {
    if (!is_dict(state)) return raise(t, unpickling_error(), "slot state is not a dictionary");
    int64_t pos = 0;
    Value k, w;
    while (dict_next(state, pos, k, w)) {
        Ref key = Ref::share(k), value = Ref::share(w);
        TRY(set_attr(t, v, key.get(), value));
    }
    return Status::ok();
}

}  // namespace

Status load_build(Thread& t, Unpickler* u) {
    if (u->stack_size - 2 < u->fence) return underflow(t, u);
    Ref state = TRY(pop(t, u));
    Value v = u->stack[u->stack_size - 1];
    Ref set_state = TRY(lookup_attr(t, v, ID(__setstate__)));
    if (set_state) {
        TRY_DISCARD(call(t, set_state, {state}));
        return Status::ok();
    }
    Ref slots;
    if (is_tuple(state) && tuple_size(state) == 2) {
        slots = Ref::share(tuple_get(state, 1));
        state = Ref::share(tuple_get(state, 0));
    }
    if (!is_none(state)) TRY(set_dict_state(t, v, state));
    return slots ? set_slot_state(t, v, slots) : Status::ok();
}

}  // namespace krait::pickle
