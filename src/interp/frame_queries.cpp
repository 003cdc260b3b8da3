// What builtins ask about the running Python function: the arguments of super() and the names in scope.
#include "builtins/bytes.h"
#include "builtins/str.h"
#include "builtins/tuple.h"
#include "interp/frame.h"
#include "interp/interp.h"
#include "object/errors.h"
#include "object/names.h"
#include "object/protocol.h"
#include "runtime/interpreters.h"

namespace krait {

Status super_arguments(Thread& t, Ref& type, Ref& obj);

namespace {

constexpr uint8_t kKindCell = 0x40;

Value cell_content(Value v) { return has_type(v, &PyCell_Type) ? v.as<PyCellObject>()->ob_ref : v; }

}  // namespace

Status super_arguments(Thread& t, Ref& type, Ref& obj) {
    Frame* f = current_frame(t);
    if (!f) return raise(t, PyExc_RuntimeError, "super(): no current frame");
    PyCodeObject* co = f->co();
    if (co->co_argcount == 0) return raise(t, PyExc_RuntimeError, "super(): no arguments");
    Value first = f->localsplus[0] ? f->localsplus[0].get() : Value();
    // An argument that an inner function uses sits in a cell.
    if (first && (static_cast<uint8_t>(bytes_data(co->co_localspluskinds)[0]) & kKindCell))
        first = cell_content(first);
    if (!first) return raise(t, PyExc_RuntimeError, "super(): arg[0] deleted");
    obj = Ref::share(first);
    for (int i = co->co_nlocalsplus - co->co_nfreevars; i < co->co_nlocalsplus; i++) {
        if (!str_equal(tuple_get(co->co_localsplusnames, i), ID(__class__))) continue;
        Value cell = f->localsplus[i] ? f->localsplus[i].get() : Value();
        if (!cell || !has_type(cell, &PyCell_Type))
            return raise(t, PyExc_RuntimeError, "super(): bad __class__ cell");
        Value cls = cell_content(cell);
        if (!cls) return raise(t, PyExc_RuntimeError, "super(): empty __class__ cell");
        if (!is_type(cls))
            return raise(t, PyExc_RuntimeError, "super(): __class__ is not a type (%s)",
                         type_of(cls)->tp_name);
        type = Ref::share(cls);
        return Status::ok();
    }
    return raise(t, PyExc_RuntimeError, "super(): __class__ cell not found");
}

Ref current_locals(Thread& t) {
    Frame* f = current_frame(t);
    if (f) return frame_locals(t, f);
    if (Value globals = running_main_globals(t)) return Ref::share(globals);
    return raise(t, PyExc_SystemError, "frame does not exist");
}

}  // namespace krait
