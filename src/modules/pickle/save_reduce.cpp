// Pickling of what __reduce_ex__ and its kin return, and the batches of items.
#include <cstdarg>

#include "modules/pickle/pickle.h"

namespace krait::pickle {

Status add_note(Thread& t, const char* format, ...) {
    Ref exc = fetch_error(t);
    va_list args;
    va_start(args, format);
    Ref text = str_vformat(t, format, args);
    va_end(args);
    if (exc && text) {
        Ref done = call_method(t, exc, ID(add_note), {text});
        (void)static_cast<bool>(done);
    }
    if (occurred(t)) clear_error(t);
    restore_error(t, std::move(exc));
    return {};
}

Status save_with_note(Thread& t, Pickler* p, Value v, Value of, const char* what) {
    if (save(t, p, v)) return Status::ok();
    return add_note(t, "when serializing %#T %s", of, what);
}
Status save_item(Thread& t, Pickler* p, Value v, Value of, int64_t index) {
    if (save(t, p, v)) [[likely]]
        return Status::ok();
    return add_note(t, "when serializing %#T item %zd", of, index);
}

Status save_reduced_call(Thread& t, Pickler* p, Value callable, std::initializer_list<Value> args,
                         Value obj) {
    Ref tuple = TRY(tuple_of(t, args));
    Ref pair = TRY(tuple_of(t, {callable, tuple}));
    return save_reduce(t, p, pair, obj);
}

namespace {

constexpr int kBatch = 1000;

struct Parts {
    Value callable, args, state, list_items, dict_items, state_setter;  // empty: None or not there
};

Status take_apart(Thread& t, Value reduced, Parts& parts) {
    int64_t n = tuple_size(reduced);
    if (n < 2 || n > 6)
        return raise(t, pickling_error(), "tuple returned by __reduce__ must contain 2 through 6 elements");
    Value* out[] = {&parts.callable,   &parts.args,       &parts.state,
                    &parts.list_items, &parts.dict_items, &parts.state_setter};
    for (int64_t i = 0; i < n; i++) {
        Value v = tuple_get(reduced, i);
        if (i < 2 || !is_none(v)) *out[i] = v;
    }
    if (!is_callable(parts.callable))
        return raise(t, pickling_error(),
                     "first item of the tuple returned by __reduce__ must be callable, not %#T",
                     parts.callable);
    if (!is_tuple(parts.args))
        return raise(t, pickling_error(),
                     "second item of the tuple returned by __reduce__ must be a tuple, not %#T", parts.args);
    if (parts.list_items && !is_iterator(parts.list_items))
        return raise(t, pickling_error(),
                     "fourth item of the tuple returned by __reduce__ must be an iterator, not %#T",
                     parts.list_items);
    if (parts.dict_items && !is_iterator(parts.dict_items))
        return raise(t, pickling_error(),
                     "fifth item of the tuple returned by __reduce__ must be an iterator, not %#T",
                     parts.dict_items);
    if (parts.state_setter && !is_callable(parts.state_setter))
        return raise(t, pickling_error(),
                     "sixth item of the tuple returned by __reduce__ must be callable, not %#T",
                     parts.state_setter);
    return Status::ok();
}

// copyreg.__newobj_ex__(cls, args, kwargs)
Status save_newobj_ex(Thread& t, Pickler* p, Value args, Value obj) {
    if (tuple_size(args) != 3)
        return raise(t, pickling_error(), "__newobj_ex__ expected 3 arguments, got %zd", tuple_size(args));
    Value cls = tuple_get(args, 0), new_args = tuple_get(args, 1), kwargs = tuple_get(args, 2);
    if (!is_type(cls))
        return raise(t, pickling_error(), "first argument to __newobj_ex__() must be a class, not %#T", cls);
    if (!is_tuple(new_args))
        return raise(t, pickling_error(), "second argument to __newobj_ex__() must be a tuple, not %#T",
                     new_args);
    if (!is_dict(kwargs))
        return raise(t, pickling_error(), "third argument to __newobj_ex__() must be a dict, not %#T",
                     kwargs);
    if (p->proto >= 4) {
        TRY(save_with_note(t, p, cls, obj, "class"));
        TRY(save_with_note(t, p, new_args, obj, "__new__ arguments"));
        TRY(save_with_note(t, p, kwargs, obj, "__new__ arguments"));
        return put_op(t, p, kNewObjEx);
    }
    // Older protocols have no opcode with keywords: partial(cls.__new__, cls, *args, **kwargs)()
    int64_t n = tuple_size(new_args);
    Ref all = TRY(tuple_new(t, n + 2));
    Ref maker = get_attr(t, cls, ID(__new__));
    tuple_items(all)[0] = (maker ? std::move(maker) : none_ref()).release();
    tuple_items(all)[1] = Ref::share(cls).release();
    for (int64_t i = 0; i < n; i++) tuple_items(all)[i + 2] = Ref::share(tuple_get(new_args, i)).release();
    if (occurred(t)) return {};
    Ref partial = TRY(call_with(t, g_state.partial, all, kwargs));
    TRY(save_with_note(t, p, partial, obj, "reconstructor"));
    TRY(save_with_note(t, p, empty_tuple(), obj, "reconstructor arguments"));
    return put_op(t, p, kReduce);
}

// copyreg.__newobj__(cls, *args)
Status save_newobj(Thread& t, Pickler* p, Value args, Value obj) {
    if (tuple_size(args) < 1)
        return raise(t, pickling_error(), "__newobj__ expected at least 1 argument, got %zd",
                     tuple_size(args));
    Value cls = tuple_get(args, 0);
    if (!is_type(cls))
        return raise(t, pickling_error(), "first argument to __newobj__() must be a class, not %#T", cls);
    Ref obj_class = lookup_attr(t, obj, ID(__class__)).take();
    if (!obj_class) {
        if (occurred(t)) return {};
        obj_class = Ref::share(Value(type_of(obj)));
    }
    if (!(obj_class == cls))
        return raise(t, pickling_error(), "first argument to __newobj__() must be %R, not %R",
                     obj_class.get(), cls);
    TRY(save_with_note(t, p, cls, obj, "class"));
    Ref rest = TRY(tuple_slice(t, args, 1, tuple_size(args)));
    TRY(save_with_note(t, p, rest, obj, "__new__ arguments"));
    return put_op(t, p, kNewObj);
}

Status save_constructor(Thread& t, Pickler* p, const Parts& parts, Value obj) {
    if (p->proto >= 2) {
        Ref name = TRY(lookup_attr(t, parts.callable, ID(__name__)));
        if (name && is_str(name)) {
            if (str_equal(name, "__newobj_ex__")) return save_newobj_ex(t, p, parts.args, obj);
            if (str_equal(name, "__newobj__")) return save_newobj(t, p, parts.args, obj);
        }
    }
    TRY(save_with_note(t, p, parts.callable, obj, "reconstructor"));
    TRY(save_with_note(t, p, parts.args, obj, "reconstructor arguments"));
    return put_op(t, p, kReduce);
}

Status save_state(Thread& t, Pickler* p, const Parts& parts, Value obj) {
    if (!parts.state) return Status::ok();
    if (!parts.state_setter) {
        TRY(save_with_note(t, p, parts.state, obj, "state"));
        return put_op(t, p, kBuild);
    }
    // state_setter(obj, state), whose result nobody wants.
    TRY(save_with_note(t, p, parts.state_setter, obj, "state setter"));
    TRY(save(t, p, obj));
    TRY(save_with_note(t, p, parts.state, obj, "state"));
    TRY(put_op(t, p, kTuple2));
    TRY(put_op(t, p, kReduce));
    return put_op(t, p, kPop);
}

}  // namespace

Status save_reduce(Thread& t, Pickler* p, Value reduced, Value obj) {
    Parts parts;
    TRY(take_apart(t, reduced, parts));
    TRY(save_constructor(t, p, parts, obj));
    if (const int64_t* number = p->memo->find(obj)) {
        // Its arguments contained the object itself: that one counts.
        int64_t there = *number;
        TRY(put_op(t, p, kPop));
        return memo_get(t, p, there);
    }
    TRY(memo_put(t, p, obj));
    if (parts.list_items) TRY(batch_list(t, p, parts.list_items, obj));
    if (parts.dict_items) TRY(batch_dict(t, p, parts.dict_items, obj));
    return save_state(t, p, parts, obj);
}

Status batch_list(Thread& t, Pickler* p, Value it, Value of) {
    int64_t total = 0;
    if (p->proto == 0) {
        while (Ref item = iter_next(t, it)) {
            TRY(save_item(t, p, item, of, total++));
            TRY(put_op(t, p, kAppend));
        }
        return occurred(t) ? Status() : Status::ok();
    }
    int n;
    do {
        Ref first = iter_next(t, it);
        if (!first) break;
        Ref item = iter_next(t, it);
        if (!item) {
            if (occurred(t)) return {};
            TRY(save_item(t, p, first, of, total));
            return put_op(t, p, kAppend);
        }
        TRY(put_op(t, p, kMark));
        TRY(save_item(t, p, first, of, total++));
        for (n = 1; item; item = iter_next(t, it)) {
            TRY(save_item(t, p, item, of, total++));
            if (++n == kBatch) break;
        }
        if (occurred(t)) return {};
        TRY(put_op(t, p, kAppends));
    } while (n == kBatch);
    return occurred(t) ? Status() : Status::ok();
}

namespace {

Status save_pair_of(Thread& t, Pickler* p, Value pair, Value of) {
    if (!is_tuple(pair) || tuple_size(pair) != 2)
        return raise(t, PyExc_TypeError, "dict items iterator must return 2-tuples");
    TRY(save(t, p, tuple_get(pair, 0)));
    if (save(t, p, tuple_get(pair, 1))) return Status::ok();
    return add_note(t, "when serializing %#T item %R", of, tuple_get(pair, 0));
}

}  // namespace

Status batch_dict(Thread& t, Pickler* p, Value it, Value of) {
    if (p->proto == 0) {
        while (Ref pair = iter_next(t, it)) {
            TRY(save_pair_of(t, p, pair, of));
            TRY(put_op(t, p, kSetItem));
        }
        return occurred(t) ? Status() : Status::ok();
    }
    int n;
    do {
        Ref first = iter_next(t, it);
        if (!first) break;
        if (!is_tuple(first) || tuple_size(first) != 2)
            return raise(t, PyExc_TypeError, "dict items iterator must return 2-tuples");
        Ref pair = iter_next(t, it);
        if (!pair) {
            if (occurred(t)) return {};
            TRY(save_pair_of(t, p, first, of));
            return put_op(t, p, kSetItem);
        }
        TRY(put_op(t, p, kMark));
        TRY(save_pair_of(t, p, first, of));
        for (n = 1; pair; pair = iter_next(t, it)) {
            TRY(save_pair_of(t, p, pair, of));
            if (++n == kBatch) break;
        }
        if (occurred(t)) return {};
        TRY(put_op(t, p, kSetItems));
    } while (n == kBatch);
    return occurred(t) ? Status() : Status::ok();
}

}  // namespace krait::pickle
