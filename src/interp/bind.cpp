// Binding arguments to the parameters of a Python function.
#include "builtins/dict.h"
#include "builtins/str.h"
#include "builtins/tuple.h"
#include "gc/gc.h"
#include "interp/eval.h"
#include "interp/internal.h"
#include "object/boundary.h"
#include "object/names.h"
#include "object/protocol.h"
#include "object/suggest.h"

namespace krait {
namespace {

bool same_name(Value a, Value b) { return a == b || str_equal(a, b); }

// 'a', 'b', and 'c'
Ref name_list(Thread& t, const Value* names, int64_t n) {
    StrBuilder out(t);
    for (int64_t i = 0; i < n; i++) {
        if (i) {
            bool last = i == n - 1;
            TRY(out.ascii(n == 2 ? " and " : last ? ", and " : ", "));
        }
        Ref r = TRY(repr(t, names[i]));
        TRY(out.append(r));
    }
    return out.finish();
}

class Binder {
  public:
    Binder(Thread& t, Frame* f) : t_(t), fn_(as_function(f->func)), co_(f->co()), locals_(f->localsplus) {}

    int argcount() const { return co_->co_argcount; }
    int named() const { return co_->co_argcount + co_->co_kwonlyargcount; }
    Value param(int64_t i) const { return tuple_get(co_->co_localsplusnames, i); }
    Slot& local(int64_t i) { return locals_[i]; }
    bool has_varargs() const { return co_->co_flags & kCodeVarArgs; }
    bool has_varkw() const { return co_->co_flags & kCodeVarKeywords; }
    int varargs_at() const { return named(); }
    int varkw_at() const { return named() + has_varargs(); }

    Status make_varkw() {
        if (!has_varkw()) return Status::ok();
        local(varkw_at()) = owned(TRY(dict_new(t_)));
        return Status::ok();
    }
    // A dict of our own becomes the one of keywords, less what is named by parameters. False: it cannot be,
    // and nothing was done.
    bool take_varkw(Value kwargs);
    // `value` is taken over in every case.
    Status keyword(Value name, Ref value, Value all_names, bool names_are_dict);
    Status finish(int64_t given);

    // The parameter of that very name; below 0: none.
    int same_param(Value name) const {
        for (int i = co_->co_posonlyargcount, n = named(); i < n; i++)
            if (param(i) == name) return i;
        return -1;
    }
    // Parameters are interned: another interned name is none of them.
    bool goes_to_varkw(Value name) const {
        return has_varkw() && is_str_exact(name) && str_is_interned(name) && same_param(name) < 0;
    }

  private:
    Result<int64_t> find(Value name);
    Status all_are_text(Value all_names, bool names_are_dict);
    Status unexpected(Value name, Value all_names, bool names_are_dict);
    Status positional_only_by_name(Value all_names, bool names_are_dict, bool* any);
    Status too_many(int64_t given);
    Status missing(const char* kind, int64_t from, int64_t to);

    Thread& t_;
    PyFunctionObject* fn_;
    PyCodeObject* co_;
    Slot* locals_;
};

Result<int64_t> Binder::find(Value name) {
    if (int i = same_param(name); i >= 0 || (is_str_exact(name) && str_is_interned(name))) return int64_t{i};
    for (int i = co_->co_posonlyargcount, n = named(); i < n; i++) {
        bool same = is_str_exact(name) ? str_equal(param(i), name) : TRY(equal(t_, name, param(i)));
        if (same) return int64_t{i};
    }
    return int64_t{-1};
}

bool Binder::take_varkw(Value kwargs) {
    if (!has_varkw() || !is_dict_exact(kwargs)) return false;
    int64_t pos = 0;
    Value key, value;
    while (dict_next(kwargs, pos, key, value))
        if (!goes_to_varkw(key)) return false;
    local(varkw_at()) = shared(kwargs);
    return true;
}

Status Binder::keyword(Value name, Ref value, Value all_names, bool names_are_dict) {
    if (!is_str(name)) return raise(t_, PyExc_TypeError, "keywords must be strings");
    int64_t at = TRY(find(name));
    if (at < 0) {
        if (!has_varkw()) return unexpected(name, all_names, names_are_dict);
        return dict_set(t_, local(varkw_at()).get(), name, value);
    }
    if (local(at)) {
        TRY(all_are_text(all_names, names_are_dict));
        return raise(t_, PyExc_TypeError, "%U() got multiple values for argument '%S'", fn_->func_qualname,
                     name);
    }
    local(at) = owned(std::move(value));
    return Status::ok();
}

// A name that is none is complained about before all others, wherever it stands.
Status Binder::all_are_text(Value all_names, bool names_are_dict) {
    int64_t pos = 0;
    Value key, value;
    while (names_are_dict && dict_next(all_names, pos, key, value))
        if (!is_str(key)) return raise(t_, PyExc_TypeError, "keywords must be strings");
    return Status::ok();
}

Status Binder::positional_only_by_name(Value all_names, bool names_are_dict, bool* any) {
    StrBuilder out(t_);
    *any = false;
    auto look = [&](int i) -> Status {
        if (*any) TRY(out.ascii(", "));
        *any = true;
        return out.append(param(i));
    };
    for (int i = 0; i < co_->co_posonlyargcount; i++) {
        bool found = false;
        if (names_are_dict) {
            found = static_cast<bool>(dict_get_str(all_names, param(i)));
        } else {
            for (int64_t k = 0; k < tuple_size(all_names) && !found; k++)
                found = is_str(tuple_get(all_names, k)) && same_name(tuple_get(all_names, k), param(i));
        }
        if (found) TRY(look(i));
    }
    if (!*any) return Status::ok();
    Ref names = TRY(out.finish());
    return raise(t_, PyExc_TypeError,
                 "%U() got some positional-only arguments passed as keyword arguments: '%U'",
                 fn_->func_qualname, names.get());
}

Status Binder::unexpected(Value name, Value all_names, bool names_are_dict) {
    TRY(all_are_text(all_names, names_are_dict));
    if (co_->co_posonlyargcount) {
        bool any;
        TRY(positional_only_by_name(all_names, names_are_dict, &any));
    }
    Value suggestion = suggest_name(name, tuple_items(co_->co_localsplusnames) + co_->co_posonlyargcount,
                                    named() - co_->co_posonlyargcount);
    if (suggestion)
        return raise(t_, PyExc_TypeError, "%U() got an unexpected keyword argument '%S'. Did you mean '%S'?",
                     fn_->func_qualname, name, suggestion);
    return raise(t_, PyExc_TypeError, "%U() got an unexpected keyword argument '%S'", fn_->func_qualname,
                 name);
}

Status Binder::too_many(int64_t given) {
    int64_t defaults = fn_->func_defaults ? tuple_size(fn_->func_defaults) : 0;
    int64_t n = argcount();
    int64_t by_keyword = 0;
    for (int64_t i = n; i < named(); i++) by_keyword += static_cast<bool>(local(i));
    Ref takes = TRY(defaults ? str_format(t_, "from %zd to %zd", n - defaults, n) : str_format(t_, "%zd", n));
    bool plural = defaults || n != 1;
    Ref extra = TRY(by_keyword ? str_format(t_, " positional argument%s (and %zd keyword-only argument%s)",
                                            given != 1 ? "s" : "", by_keyword, by_keyword != 1 ? "s" : "")
                               : str_format(t_, ""));
    return raise(t_, PyExc_TypeError, "%U() takes %U positional argument%s but %zd%U %s given",
                 fn_->func_qualname, takes.get(), plural ? "s" : "", given, extra.get(),
                 given == 1 && !by_keyword ? "was" : "were");
}

Status Binder::missing(const char* kind, int64_t from, int64_t to) {
    int64_t n = 0;
    Ref names = TRY(tuple_new(t_, to - from));
    for (int64_t i = from; i < to; i++) {
        if (local(i)) continue;
        tuple_items(names)[n++] = Ref::share(param(i)).release();
    }
    Ref text = TRY(name_list(t_, tuple_items(names), n));
    for (int64_t i = n; i < to - from; i++) tuple_items(names)[i] = none();
    return raise(t_, PyExc_TypeError, "%U() missing %zd required %s argument%s: %U", fn_->func_qualname, n,
                 kind, n == 1 ? "" : "s", text.get());
}

// After everything given has its place: what was too much, defaults, what is missing.
Status Binder::finish(int64_t given) {
    int64_t n = argcount();
    if (given > n && !has_varargs()) return too_many(given);
    if (given < n) {
        int64_t defaults = fn_->func_defaults ? tuple_size(fn_->func_defaults) : 0;
        int64_t required = n - defaults;
        for (int64_t i = given; i < required; i++)
            if (!local(i)) return missing("positional", given, required);
        for (int64_t i = given > required ? given : required; i < n; i++)
            if (!local(i) && i >= required) local(i) = shared(tuple_get(fn_->func_defaults, i - required));
    }
    if (co_->co_kwonlyargcount) {
        Ref defaults = Ref::share(fn_->func_kwdefaults);
        bool lacks = false;
        for (int64_t i = n; i < named(); i++) {
            if (local(i)) continue;
            Ref v;
            if (defaults && is_dict_exact(defaults)) {
                v = Ref::share(dict_get_str(defaults, param(i)));
            } else if (defaults) {
                Maybe found = dict_get(t_, defaults, param(i));
                if (!found) return {};
                v = found.take();
            }
            if (v)
                local(i) = owned(std::move(v));
            else
                lacks = true;
        }
        if (lacks) {
            for (int64_t i = n; i < named(); i++)
                if (!local(i)) return missing("keyword-only", n, named());
        }
    }
    return Status::ok();
}

void discard(Thread& t, Frame* f) {
    clear_frame(t, f);
    pop_frame_memory(t, f);
}

// Arguments are owned words when `Steal`, otherwise borrowed Values.
template <bool Steal>
Value take_arg(const Slot* args, int64_t i) {
    if constexpr (Steal) {
        return own(args[i]);
    } else {
        Value v(args[i].bits);
        incref(v);
        return v;
    }
}
template <bool Steal>
void drop_args(const Slot* args, int64_t from, int64_t to) {
    if constexpr (Steal)
        for (int64_t i = from; i < to; i++) xclose(args[i]);
}

template <bool Steal>
Status bind_positional(Thread& t, Binder& b, const Slot* args, int64_t nargs) {
    int64_t direct = nargs < b.argcount() ? nargs : b.argcount();
    for (int64_t i = 0; i < direct; i++) b.local(i) = owned(take_arg<Steal>(args, i));
    if (b.has_varargs()) {
        auto* from = reinterpret_cast<const Value*>(args + direct);
        Ref rest;
        if constexpr (Steal) {
            // Their slots are ours: there they become plain values.
            auto* values = const_cast<Value*>(from);
            for (int64_t i = direct; i < nargs; i++) values[i - direct] = own(args[i]);
            rest = tuple_from_owned(t, values, nargs - direct);
        } else {
            rest = tuple_from(t, from, nargs - direct);
        }
        if (!rest) return {};
        b.local(b.varargs_at()) = owned(std::move(rest));
    } else {
        drop_args<Steal>(args, direct, nargs);
    }
    return Status::ok();
}

// Code of a module or of exec() in a function object: its names are those of the globals.
void share_globals(Frame* f, PyCodeObject* co) {
    if (co->co_flags & kCodeOptimized) [[likely]]
        return;
    incref(f->globals);
    f->locals = f->globals;
}

// What kwnames names; the values stand at `args`.
template <bool Steal>
Status bind_keywords(Thread& t, Binder& b, const Slot* args, Value kwnames, int64_t nkw) {
    bool plain = true;  // the dict has only interned names of kwnames
    int64_t k = 0;
    Status ok = Status::ok();
    while (ok && k < nkw) {
        Value name = tuple_get(kwnames, k);
        int at = b.same_param(name);
        if (at >= 0 && !b.local(at)) {
            b.local(at) = owned(take_arg<Steal>(args, k++));
            continue;
        }
        Ref value = Ref::steal(take_arg<Steal>(args, k));
        bool added = at < 0 && plain && b.goes_to_varkw(name);
        for (int64_t i = 0; added && i < k; i++) added = tuple_get(kwnames, i) != name;
        if (added) {
            ok = dict_add_name(t, b.local(b.varkw_at()).get(), name, std::move(value));
        } else {
            plain = false;
            ok = b.keyword(name, std::move(value), kwnames, false);
        }
        k++;
    }
    drop_args<Steal>(args, k, nkw);
    return ok;
}

template <bool Steal>
Frame* bind(Thread& t, Value func, const Slot* args, int64_t nargs, Value kwnames, Frame* previous) {
    int64_t nkw = kwnames ? tuple_size(kwnames) : 0;
    PyCodeObject* co = as_code(as_function(func)->func_code);
    constexpr int kSpecial = kCodeVarArgs | kCodeVarKeywords;
    bool simple = !nkw && !co->co_kwonlyargcount && !(co->co_flags & kSpecial) && nargs <= co->co_argcount;
    Frame* f = new_call_frame(t, func, simple ? nargs : 0, previous);
    if (!f) [[unlikely]] {
        drop_args<Steal>(args, 0, nargs + nkw);
        return nullptr;
    }
    share_globals(f, co);
    if (simple) [[likely]] {
        for (int64_t i = 0; i < nargs; i++) f->localsplus[i] = owned(take_arg<Steal>(args, i));
        if (nargs == co->co_argcount) return f;
        // Defaults for the rest, when there are enough.
        Value defaults = as_function(func)->func_defaults;
        int64_t at = nargs - co->co_argcount + (defaults ? tuple_size(defaults) : 0);
        if (at >= 0) {
            for (int64_t i = nargs; i < co->co_argcount; i++)
                f->localsplus[i] = shared(tuple_get(defaults, at++));
            return f;
        }
        Binder missing(t, f);
        if (missing.finish(nargs)) return f;
        discard(t, f);
        return nullptr;
    }
    Binder b(t, f);
    Status ok = bind_positional<Steal>(t, b, args, nargs);
    if (ok) ok = b.make_varkw();
    if (ok && nkw)
        ok = bind_keywords<Steal>(t, b, args + nargs, kwnames, nkw);
    else
        drop_args<Steal>(args, nargs, nargs + nkw);
    if (ok) ok = b.finish(nargs);
    if (ok) return f;
    discard(t, f);
    return nullptr;
}

}  // namespace

Frame* bind_frame(Thread& t, Value func, Slot* args, size_t nargs, Value kwnames, Frame* previous) {
    return bind<true>(t, func, args, static_cast<int64_t>(nargs), kwnames, previous);
}

namespace {
// self and the items of a tuple in a row: on the C++ stack where they are few. Borrowed.
class WithSelf {
  public:
    WithSelf(Thread& t, Value self, Value args_tuple) : size_(tuple_size(args_tuple)) {
        items_ = tuple_items(args_tuple);
        if (!self) return;
        constexpr int64_t kFew = 12;
        Value* to = few_;
        if (size_ >= kFew) {
            to = many_ = static_cast<Value*>(mem_alloc(static_cast<size_t>(size_ + 1) * sizeof(Value)));
            if (!to) {
                raise_no_memory(t);
                items_ = nullptr;
                return;
            }
        }
        to[0] = self;
        for (int64_t i = 0; i < size_; i++) to[i + 1] = items_[i];
        items_ = to;
        size_++;
    }
    ~WithSelf() { mem_free(many_); }
    WithSelf(const WithSelf&) = delete;
    explicit operator bool() const { return items_ != nullptr; }
    const Slot* slots() const { return reinterpret_cast<const Slot*>(items_); }
    int64_t size() const { return size_; }

  private:
    const Value* items_;
    int64_t size_;
    Value* many_ = nullptr;
    Value few_[12];
};
}  // namespace

// A fresh object that only this slot holds.
static bool is_ours_alone(Slot s) { return s && !s.is_borrowed() && s.ptr()->ob_refcnt == 1; }

// What a dict names.
static Status bind_dict(Thread& t, Binder& b, Value kwargs) {
    // Nothing in the loop runs user code that could change the dict but comparing odd keys.
    Ref dict = Ref::share(kwargs);
    bool plain = true;  // the dict of keywords has only interned names of this dict
    int64_t pos = 0;
    Value key, value;
    while (dict_next(dict, pos, key, value)) {
        int at = b.same_param(key);
        if (at >= 0 && !b.local(at)) {
            b.local(at) = shared(value);
        } else if (at < 0 && plain && b.goes_to_varkw(key)) {
            TRY(dict_add_name(t, b.local(b.varkw_at()).get(), key, Ref::share(value)));
        } else {
            plain = false;
            Ref keep = Ref::share(key);
            TRY(b.keyword(key, Ref::share(value), dict, true));
        }
    }
    return Status::ok();
}

Frame* bind_frame_ex(Thread& t, Value func, Value self, Slot args_slot, Slot kwargs_slot, Frame* previous) {
    Value args_tuple = args_slot.get(), kwargs = kwargs_slot.get();
    bool named = kwargs && dict_size(kwargs);
    const PyCodeObject* co = as_code(as_function(func)->func_code);
    bool takes_tuple = !self && !co->co_argcount && (co->co_flags & kCodeVarArgs) && is_ours_alone(args_slot);
    bool takes_dict = named && (co->co_flags & kCodeVarKeywords) && is_ours_alone(kwargs_slot);
    WithSelf all(t, self, args_tuple);
    if (!all) return nullptr;
    const Slot* args = all.slots();
    int64_t nargs = all.size();
    incref(func);
    if (!named && !takes_tuple) return bind<false>(t, func, args, nargs, Value(), previous);
    Frame* f = new_call_frame(t, func, 0, previous);
    if (!f) return nullptr;
    share_globals(f, f->co());
    Binder b(t, f);
    Status ok = Status::ok();
    if (takes_tuple)
        b.local(b.varargs_at()) = shared(args_tuple);
    else
        ok = bind_positional<false>(t, b, args, nargs);
    if (ok && !(takes_dict && b.take_varkw(kwargs))) {
        ok = b.make_varkw();
        if (ok && named) ok = bind_dict(t, b, kwargs);
    }
    if (ok) ok = b.finish(nargs);
    if (ok) return f;
    discard(t, f);
    return nullptr;
}

// The call slot of functions.
Ref function_call(Thread& t, Value self, const Value* args, size_t nargs, Value kwnames) {
    if (!runs_its_code(self)) [[unlikely]]
        return call_vectorcall(t, reinterpret_cast<VectorcallFn>(self.as<PyFunctionObject>()->vectorcall),
                               self, args, nargs, kwnames);
    incref(self);
    auto n = static_cast<int64_t>(nargs);
    const PyCodeObject* co = as_code(as_function(self)->func_code);
    constexpr int kOthers = kCodeVarArgs | kCodeVarKeywords;
    Frame* f;
    if (!kwnames && co->co_argcount == n && !co->co_kwonlyargcount &&
        (co->co_flags & (kCodeOptimized | kOthers)) == kCodeOptimized) [[likely]] {
        f = new_call_frame(t, self, n, t.c.current_frame);
        if (!f) return {};
        for (int64_t i = 0; i < n; i++) f->localsplus[i] = shared(args[i]);
    } else {
        f = bind<false>(t, self, reinterpret_cast<const Slot*>(args), n, kwnames, t.c.current_frame);
        if (!f) return {};
    }
    return run_frame(t, f);
}

}  // namespace krait
