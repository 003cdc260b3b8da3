// The module _weakref.
#include "builtins/callable.h"
#include "builtins/dict.h"
#include "builtins/list.h"
#include "builtins/number.h"
#include "gc/state.h"
#include "object/errors.h"
#include "object/instance.h"
#include "object/protocol.h"

namespace krait {

Ref weakref_proxy_new(Thread& t, Value obj, Value callback);

namespace {

PyWeakReference* first_reference(Value obj) {
    PyObject** list = obj.is_ptr() ? weaklist_slot(obj.ptr()) : nullptr;
    return list ? reinterpret_cast<PyWeakReference*>(*list) : nullptr;
}

// References to what all interpreters share are shown to their own only.
bool is_shown(Thread& t, Value obj, PyWeakReference* w) {
    return w->ob_base.ob_refcnt > 0 && (has_preheader(obj.ptr()) || gc_owns(t, &w->ob_base));
}

Ref count(Thread& t, Value, Value obj) {
    int64_t n = 0;
    for (auto* w = first_reference(obj); w; w = w->wr_next) n += is_shown(t, obj, w);
    return int_from(t, n);
}

Ref references(Thread& t, Value, Value obj) {
    Ref list = TRY(list_new(t));
    for (auto* w = first_reference(obj); w; w = w->wr_next)
        if (is_shown(t, obj, w)) TRY(list_append(t, list, Value(&w->ob_base)));
    return list;
}

Ref proxy(Thread& t, Value, const Value* a) { return weakref_proxy_new(t, a[0], a[1] ? a[1] : Value()); }

// Takes dict[key] out if it is a dead reference: what WeakValueDictionary does in callbacks.
Ref remove_dead(Thread& t, Value, const Value* a) {
    if (!is_dict(a[0]))
        return raise(t, PyExc_TypeError, "_remove_dead_weakref() argument 1 must be dict, not %.50s",
                     type_of(a[0])->tp_name);
    Ref found = TRY(dict_get(t, a[0], a[1]));
    if (!found) return none_ref();
    if (!is_instance_exact_or_sub(found, &_PyWeakref_RefType))
        return raise(t, PyExc_TypeError, "not a weakref");
    if (!is_none(weakref_get(found))) return none_ref();
    if (!dict_delete(t, a[0], a[1])) return {};
    return none_ref();
}

const NativeDef functions[] = {
    def<count>("getweakrefcount", "(object, /)", "The number of weak references to the object."),
    def<references>("getweakrefs", "(object, /)", "A list of the weak references to the object."),
    def<proxy>("proxy", "(object, callback=None, /)",
               "A proxy that acts as the object without keeping it alive; callback is told when it dies."),
    def<remove_dead>("_remove_dead_weakref", "(dct, key, /)",
                     "Removes a key whose value is a dead reference."),
    {}};

Status exec(Thread& t, Value module) {
    struct {
        const char* name;
        Type* type;
    } const types[] = {{"ref", &_PyWeakref_RefType},
                       {"ReferenceType", &_PyWeakref_RefType},
                       {"ProxyType", &_PyWeakref_ProxyType},
                       {"CallableProxyType", &_PyWeakref_CallableProxyType}};
    for (auto& e : types) TRY(module_add(t, module, e.name, Ref::share(Value(e.type))));
    return Status::ok();
}

}  // namespace

extern const ModuleSpec module__weakref;
const ModuleSpec module__weakref{
    .name = "_weakref", .doc = "Weak references.", .functions = functions, .exec = exec};

}  // namespace krait
