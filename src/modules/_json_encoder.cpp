// make_encoder: the writer behind json.dumps.
#include <cmath>

#include "builtins/callable.h"
#include "builtins/dict.h"
#include "builtins/list.h"
#include "builtins/number.h"
#include "builtins/sequence.h"
#include "builtins/str_methods.h"
#include "builtins/tuple.h"
#include "gc/gc.h"
#include "modules/_json.h"
#include "object/names.h"

namespace krait {

namespace {

Type encoder_type;

struct EncoderObject {
    PyObject ob_base;
    Value markers, default_fn, encoder, indent, key_separator, item_separator;  // owned
    bool sort_keys, skipkeys, allow_nan;
    int known_encoder;
};

// Adds a note to the current exception; what goes wrong meanwhile is forgotten.
Status note(Thread& t, Ref text) {
    Ref exc = fetch_error(t);
    if (!text || !exc) {
        if (!exc) return Status::fail();
    } else {
        Ref done = call_method(t, exc, ID(add_note), {text});
        (void)static_cast<bool>(done);
    }
    if (occurred(t)) clear_error(t);
    restore_error(t, std::move(exc));
    return Status::fail();
}

class Writer {
  public:
    Writer(Thread& t, EncoderObject* e) : t_(t), e_(e), out_(t, 64) {}

    Status value(Value v, int64_t level) {
        if (is_none(v)) return out_.ascii("null", 4);
        if (v == boolean(true)) return out_.ascii("true", 4);
        if (v == boolean(false)) return out_.ascii("false", 5);
        if (is_str(v)) return string(v);
        if (v.is_int()) return append_repr(t_, out_, v);
        if (is_long(v)) {
            Ref text = TRY(int_to_str(t_, v, 10));
            return out_.append(text);
        }
        if (is_double(v)) {
            Ref text = TRY(float_text(v));
            return out_.append(text);
        }
        RecursionGuard guard(t_, " while encoding a JSON object");
        if (!guard) return {};
        if (is_list(v) || is_tuple(v)) return array(v, level);
        if (is_dict(v)) return object(v, level);
        return other(v, level);
    }
    Ref finish() { return out_.finish(); }

  private:
    Status string(Value v) {
        if (e_->known_encoder) return json_put_string(t_, out_, v, e_->known_encoder == 2);
        Ref text = TRY(call(t_, e_->encoder, {v}));
        if (!is_str(text))
            return raise(t_, PyExc_TypeError, "encoder() must return a string, not %T", text.get());
        return out_.append(text);
    }

    Ref float_text(Value v) {
        double d = float_value(v);
        if (std::isfinite(d)) return ext(&PyFloat_Type)->slots.repr(t_, v);
        if (!e_->allow_nan)
            return raise(t_, PyExc_ValueError, "Out of range float values are not JSON compliant: %R", v);
        return str_from(t_, std::isnan(d) ? "NaN" : d > 0 ? "Infinity" : "-Infinity");
    }

    Status newline(int64_t level) {
        TRY(out_.put('\n'));
        for (int64_t i = 0; i < level; i++) TRY(out_.append(e_->indent));
        return Status::ok();
    }
    bool indented() const { return !is_none(e_->indent); }

    // Circularity: containers being written stand in `markers` by their id. The key, or none.
    Ref mark(Value v) {
        if (is_none(e_->markers)) return none_ref();
        Ref key = TRY(int_from_u64(t_, v.bits));
        bool again = TRY(dict_contains(t_, e_->markers, key));
        if (again) return raise(t_, PyExc_ValueError, "Circular reference detected");
        TRY(dict_set(t_, e_->markers, key, v));
        return key;
    }
    Status unmark(Value key) {
        if (is_none(key)) return Status::ok();
        TRY_DISCARD(dict_delete(t_, e_->markers, key));
        return Status::ok();
    }

    Status array(Value v, int64_t level) {
        if (items_of(v).size == 0) return out_.ascii("[]", 2);
        Ref key = TRY(mark(v));
        TRY(out_.put('['));
        if (indented()) TRY(newline(level + 1));
        for (int64_t i = 0; i < items_of(v).size; i++) {
            Ref item = Ref::share(items_of(v).data[i]);
            if (i) {
                TRY(out_.append(e_->item_separator));
                if (indented()) TRY(newline(level + 1));
            }
            if (!value(item, level + 1)) {
                Ref about;
                {
                    SavedError keep(t_);
                    about = str_format(t_, "when serializing %#T item %zd", v, i);
                    if (!about) clear_error(t_);
                }
                return note(t_, std::move(about));
            }
        }
        TRY(unmark(key));
        if (indented()) TRY(newline(level));
        return out_.put(']');
    }

    // The text of a key; absent: skip it.
    Maybe key_text(Value key) {
        if (is_str(key)) return Maybe::found(Ref::share(key));
        if (is_double(key)) return Maybe(float_text(key));
        if (key == boolean(true)) return Maybe(str_from(t_, "true"));
        if (key == boolean(false)) return Maybe(str_from(t_, "false"));
        if (is_none(key)) return Maybe(str_from(t_, "null"));
        if (is_long(key)) return Maybe(int_to_str(t_, key, 10));
        if (e_->skipkeys) return Maybe::absent();
        return raise(t_, PyExc_TypeError, "keys must be str, int, float, bool or None, not %T", key);
    }

    Status object(Value v, int64_t level) {
        if (dict_size(v) == 0) return out_.ascii("{}", 2);
        Ref marker = TRY(mark(v));
        TRY(out_.put('{'));
        Ref items = is_dict_exact(v) ? TRY(dict_items_list(t_, v)) : TRY(mapping_items(t_, v));
        if (e_->sort_keys) TRY(list_sort(t_, items));
        bool first = true;
        for (int64_t i = 0; i < list_size(items); i++) {
            Ref pair = Ref::share(list_get(items, i));
            if (!is_tuple(pair) || tuple_size(pair) != 2)
                return raise(t_, PyExc_ValueError, "items must return 2-tuples");
            Ref text = TRY(key_text(tuple_get(pair, 0)));
            if (!text) continue;
            if (!first) TRY(out_.append(e_->item_separator));
            if (indented()) TRY(newline(level + 1));
            first = false;
            TRY(string(text));
            TRY(out_.append(e_->key_separator));
            if (!value(tuple_get(pair, 1), level + 1)) {
                Ref about;
                {
                    SavedError keep(t_);
                    about = str_format(t_, "when serializing %#T item %R", v, tuple_get(pair, 0));
                    if (!about) clear_error(t_);
                }
                return note(t_, std::move(about));
            }
        }
        TRY(unmark(marker));
        if (!first && indented()) TRY(newline(level));
        return out_.put('}');
    }

    Status other(Value v, int64_t level) {
        Ref marker = TRY(mark(v));
        Ref replaced = TRY(call(t_, e_->default_fn, {v}));
        if (!value(replaced, level)) {
            Ref about;
            {
                SavedError keep(t_);
                about = str_format(t_, "when serializing %#T object", v);
                if (!about) clear_error(t_);
            }
            return note(t_, std::move(about));
        }
        return unmark(marker);
    }

    Thread& t_;
    EncoderObject* e_;
    StrBuilder out_;
};

Ref encoder_new(Thread& t, PyTypeObject* type, const Value* args, size_t nargs, Value kwnames) {
    Value p[9];
    Ref keep;
    TRY(bind_args(
        t, "make_encoder",
        "(markers, default, encoder, indent, key_separator, item_separator, sort_keys, skipkeys, allow_nan)",
        args, nargs, kwnames, p, keep));
    if (!is_none(p[0]) && !is_dict(p[0]))
        return raise(t, PyExc_TypeError, "make_encoder() argument 1 must be dict or None, not %K", p[0]);
    TRY(str_arg(t, "make_encoder", 5, p[4]));
    TRY(str_arg(t, "make_encoder", 6, p[5]));
    if (!is_none(p[3]) && !is_str(p[3]))
        return raise(t, PyExc_TypeError, "make_encoder() argument 4 must be str or None, not %K", p[3]);
    bool flags[3];
    for (int i = 0; i < 3; i++) flags[i] = TRY(is_true(t, p[6 + i]));
    Ref r = TRY(alloc(t, type));
    auto* e = r.as<EncoderObject>();
    Value* fields[] = {&e->markers, &e->default_fn,    &e->encoder,
                       &e->indent,  &e->key_separator, &e->item_separator};
    for (int i = 0; i < 6; i++) *fields[i] = Ref::share(p[i]).release();
    e->sort_keys = flags[0];
    e->skipkeys = flags[1];
    e->allow_nan = flags[2];
    e->known_encoder = json_known_encoder(p[2]);
    return r;
}

template <class F>
void each_field(PyObject* o, F&& f) {
    auto* e = reinterpret_cast<EncoderObject*>(o);
    for (Value v : {e->markers, e->default_fn, e->encoder, e->indent, e->key_separator, e->item_separator})
        f(v);
}
void encoder_dealloc(Thread& t, PyObject* o) {
    gc_untrack(t, o);
    each_field(o, [](Value v) { xdecref(v); });
    free_object(t, o);
}
void encoder_traverse(PyObject* o, Visitor& visitor) {
    each_field(o, [&](Value v) { visitor.visit(v); });
}

Ref encoder_call(Thread& t, Value self, const Value* args, size_t nargs, Value kwnames) {
    Value p[2];
    Ref keep;
    TRY(bind_args(t, "_iterencode", "(obj, _current_indent_level)", args, nargs, kwnames, p, keep));
    int64_t level = TRY(ssize_arg(t, p[1]));
    if (level < 0) level = 0;
    Writer writer(t, self.as<EncoderObject>());
    TRY(writer.value(p[0], level));
    Ref text = TRY(writer.finish());
    return tuple_of(t, {text});
}

const MemberDef encoder_members[] = {
    member("markers", MemberKind::Object, offsetof(EncoderObject, markers), kReadonly, "markers"),
    member("default", MemberKind::Object, offsetof(EncoderObject, default_fn), kReadonly, "default"),
    member("encoder", MemberKind::Object, offsetof(EncoderObject, encoder), kReadonly, "encoder"),
    member("indent", MemberKind::Object, offsetof(EncoderObject, indent), kReadonly, "indent"),
    member("key_separator", MemberKind::Object, offsetof(EncoderObject, key_separator), kReadonly,
           "key_separator"),
    member("item_separator", MemberKind::Object, offsetof(EncoderObject, item_separator), kReadonly,
           "item_separator"),
    member("sort_keys", MemberKind::Bool, offsetof(EncoderObject, sort_keys), kReadonly, "sort_keys"),
    member("skipkeys", MemberKind::Bool, offsetof(EncoderObject, skipkeys), kReadonly, "skipkeys"),
    {},
};

}  // namespace

Status json_init_encoder(Thread& t, Value module) {
    static const TypeDecl decl = {
        .name = "_json.Encoder",
        .basicsize = sizeof(EncoderObject),
        .flags = kTpDefault | kTpBaseType | kTpHaveGC,
        .slots = {.dealloc = encoder_dealloc,
                  .traverse = encoder_traverse,
                  .call = encoder_call,
                  .new_ = encoder_new},
        .spec = {.members = encoder_members, .doc = "Writes values as JSON."},
    };
    if (!encoder_type.tp_name) init_static_type(encoder_type, decl);
    TRY(ready_type(t, &encoder_type));
    return module_add(t, module, "make_encoder", Ref::share(Value(&encoder_type)));
}

}  // namespace krait
