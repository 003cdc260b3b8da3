#include "modules/interpreters/session.h"

#include <vector>

#include "builtins/callable.h"
#include "builtins/dict.h"
#include "builtins/exceptions.h"
#include "builtins/str.h"
#include "object/names.h"
#include "object/protocol.h"
#include "runtime/init.h"

namespace krait::xi {

Session::~Session() {
    xdecref(kept_);
    xdecref(excinfo_);
    free_data(outer_, preserved_data_);
}

namespace {

// Values on their way into a namespace.
struct Items {
    Thread& t;
    std::vector<std::pair<std::string, Data*>> all;

    explicit Items(Thread& thread) : t(thread) {}
    Items(const Items&) = delete;
    ~Items() {
        for (auto& [name, data] : all) free_data(t, data);
    }
    Status add(Value name, Value value) {
        if (!is_str(name)) return raise(t, PyExc_TypeError, "bad argument type for built-in operation");
        std::string text(TRY(str_utf8(t, name)));
        if (text.find('\0') != text.npos) return raise(t, PyExc_ValueError, "found embedded NULL character");
        Data* data = get_data(t, value, Fallback::DataOnly);
        if (!data) return {};
        all.emplace_back(std::move(text), data);
        return Status::ok();
    }
};

}  // namespace

Status Session::enter(InterpreterRecord& in, Value shared) {
    Items items(outer_);
    if (shared) {
        Ref names = TRY(dict_keys_list(outer_, shared));
        Ref it = TRY(iter(outer_, names));
        while (Ref name = iter_next(outer_, it)) {
            Ref value = TRY(dict_get(outer_, shared, name));
            if (value) TRY(items.add(name, value));
        }
        if (outer_.has_exception()) return {};
    }
    interp_ = &in;
    inner_ = &outer_;
    if (&in != outer_.interp) {
        inner_ = thread_new(in);
        if (!inner_) return raise_no_memory(outer_);
        thread_switch(outer_, *inner_);
    }
    // The main interpreter runs its program.
    if (in.running_main || &in == g_runtime.main) {
        capture(Fault::AlreadyRunning);
    } else {
        in.running_main = inner_;
        running_ = true;
        if (items.all.empty() || apply(items.all.data(), items.all.size())) return Status::ok();
    }
    leave();
    tell();
    return {};
}

Status Session::apply(const std::pair<std::string, Data*>* items, size_t n) {
    Ref ns = main_namespace();
    if (!ns) {
        capture(Fault::MainNamespace);
        return {};
    }
    Thread& t = *inner_;
    for (size_t i = 0; i < n; i++) {
        Ref name = str_from(t, items[i].first), value = name ? new_object(t, *items[i].second) : Ref();
        if (value && dict_set(t, ns, name, value)) continue;
        ns.reset();
        value.reset();
        name.reset();
        capture(Fault::ApplyNamespace);
        return {};
    }
    return Status::ok();
}

Ref Session::main_namespace() {
    Thread& t = *inner_;
    Ref name = TRY(str_intern(t, "__main__"));
    Ref module = TRY(get_item(t, t.interp->modules, name));
    if (!is_subtype(type_of(module), &PyModule_Type) || !module_dict(module))
        return raise(t, PyExc_RuntimeError, "interpreter has no __main__ module");
    return Ref::share(module_dict(module));
}

void Session::fail_not_shareable(const std::string& message) {
    message_ = message;
    has_message_ = true;
    fault_ = Fault::NotShareable;
}

// Takes a picture of the exception that is set in the other interpreter.
void Session::capture(Fault fault) {
    Thread& t = *inner_;
    failed_ = true;
    fault_ = fault;
    Ref exc = fetch_error(t);
    if (!exc || fault == Fault::AlreadyRunning) return;
    if (excinfo_from(t, exc, info_)) {
        write_unraisable(t, nullptr, Value());
        info_.set = info_.has_type;  // as much as there is
    }
}

void Session::preserve(Value result) { preserved_ = Ref::share(result).release(); }

void Session::exit() {
    Thread& t = *inner_;
    if (t.has_exception()) {
        capture(fault_);
    } else if (preserved_) {
        if (inner_ == &outer_) {
            kept_ = preserved_;
            preserved_ = Value();
        } else {
            preserved_data_ = get_data(t, preserved_, Fallback::Full);
            if (!preserved_data_) {
                PyTypeObject* type = not_shareable_error(t);
                capture(type && error_is(t, type) ? Fault::NotShareable : Fault::Preserve);
            }
        }
    }
    leave();
    if (failed_) tell();
}

void Session::leave() {
    Thread& t = *inner_;
    Value old = preserved_;
    preserved_ = Value();
    xdecref(old);
    if (running_) interp_->running_main = nullptr;
    running_ = false;
    if (inner_ == &outer_) return;
    clear_error(t);
    thread_clear(t, t);
    thread_switch(t, outer_);
    thread_delete(inner_);
    inner_ = nullptr;
}

// Back here: an exception for what went wrong, or the description of the code's own.
void Session::tell() {
    Thread& t = outer_;
    if (fault_ == Fault::None) {
        excinfo_ = excinfo_object(t, info_).release();
        return;
    }
    Ref other;
    if (fault_ == Fault::NotShareable) {
        if (info_.set) {
            excinfo_raise(t, info_, PyExc_Exception);
            other = fetch_error(t);
        }
        raise_not_shareable(
            t, has_message_ ? message_.c_str() : "object does not support cross-interpreter data", other);
        return;
    }
    PyTypeObject* error = interpreter_error(t);
    if (!error) return;
    raise(t, error, "%s",
          fault_ == Fault::AlreadyRunning   ? "interpreter already running"
          : fault_ == Fault::MainNamespace  ? "failed to get __main__ namespace"
          : fault_ == Fault::ApplyNamespace ? "failed to apply namespace to __main__"
                                            : "failed to preserve objects across session");
    if (!info_.set) return;
    Ref exc = fetch_error(t);
    excinfo_raise(t, info_, error);
    other = fetch_error(t);
    set_field(as_base_exception(exc)->context, other);
    restore_error(t, std::move(exc));
}

Ref Session::take_excinfo() {
    Value v = excinfo_;
    excinfo_ = Value();
    return Ref::steal(v);
}

Ref Session::take_preserved() {
    if (kept_) {
        Value v = kept_;
        kept_ = Value();
        return Ref::steal(v);
    }
    if (!preserved_data_) return none_ref();
    Ref v = new_object(outer_, *preserved_data_);
    if (v) return v;
    Ref error = fetch_error(outer_);
    raise_not_shareable(outer_, "object does not support cross-interpreter data", Value());
    Ref exc = fetch_error(outer_);
    if (exc) set_field(as_base_exception(exc)->context, error);
    restore_error(outer_, std::move(exc));
    return {};
}

}  // namespace krait::xi
