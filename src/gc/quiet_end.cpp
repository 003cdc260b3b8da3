// Whether the end of the program may leave all objects where they are.
#include <iterator>

#include "builtins/callable.h"
#include "builtins/list.h"
#include "builtins/str.h"
#include "gc/state.h"
#include "object/internal.h"
#include "object/type.h"

namespace krait {

void gc_note_finalizer(Thread& t) { t.gc->untracked_finalizers = true; }

namespace {

bool is_one_of(PyObject* o, std::span<const Value> objects) {
    for (Value v : objects)
        if (v == Value(o)) return true;
    return false;
}

// The callback of a weak reference does no more than take an entry out of a cache: that of the registries of
// abstract classes, a method of another weak reference, and those of the library's containers.
bool keeps_tidy(Value callback) {
    if (!callback) return true;
    if (has_type(callback, &PyCFunction_Type)) {
        Value self(callback.as<PyCFunctionObject>()->m_self);
        return self && self.is_ptr() && is_subtype(self.heap_type(), &_PyWeakref_RefType);
    }
    if (!has_type(callback, &PyFunction_Type)) return false;
    Value module = callback.as<PyFunctionObject>()->func_module;
    if (!module || !is_str(module)) return false;
    for (const char* name : {"_weakrefset", "weakref", "logging"})
        if (str_equal(module, name)) return true;
    return false;
}

// Is the type no matter of ends_quietly(), whatever the object?
bool is_plain(PyTypeObject* type) {
    return !ext(type)->is_c_type && !ext(type)->slots.finalize && !is_subtype(type, &PyType_Type) &&
           !is_subtype(type, &_PyWeakref_RefType);
}

// Types that are: one for each remainder of their addresses.
class PlainTypes {
  public:
    bool has(PyTypeObject* type) {
        PyTypeObject*& known = known_[reinterpret_cast<uintptr_t>(type) / 16 % std::size(known_)];
        if (known == type) return true;
        if (!is_plain(type)) return false;
        known = type;
        return true;
    }

  private:
    PyTypeObject* known_[64] = {};
};

// True: nobody could tell that the object was destroyed, whatever becomes of what it holds.
bool ends_quietly(PyObject* o, std::span<const Value> exempt) {
    PyTypeObject* type = o->ob_type;
    if (ext(type)->is_c_type) return false;
    if (ext(type)->slots.finalize) return is_one_of(o, exempt);
    if (is_subtype(type, &PyType_Type)) {
        // Instances of a class with __del__ may be untracked. Native types note their own: gc_note_finalizer.
        auto* made = reinterpret_cast<PyTypeObject*>(o);
        return (made->tp_flags & kTpHaveGC) || ext(made)->slots.finalize != kPythonSlots.finalize;
    }
    if (is_subtype(type, &_PyWeakref_RefType)) {
        return keeps_tidy(reinterpret_cast<PyWeakReference*>(o)->wr_callback);
    }
    return true;
}

}  // namespace

bool gc_quiet_end(Thread& t, std::span<const Value> exempt) {
    GcState& gc = *t.gc;
    if (gc.untracked_finalizers || gc.debug || (gc.callbacks && list_size(gc.callbacks)) ||
        (gc.garbage && list_size(gc.garbage)))
        return false;
    PlainTypes plain;
    for (Generation& g : gc.gens)
        for (uint32_t i = 0; i < g.size; i++)
            if (PyObject* o = g.items[i]; o && !plain.has(o->ob_type) && !ends_quietly(o, exempt))
                return false;
    return true;
}

}  // namespace krait
