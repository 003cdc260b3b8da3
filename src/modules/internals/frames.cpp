// Of _testinternalcapi: what the interpreter's frames say, through the objects that stand for them.
#include "builtins/number.h"
#include "interp/frame.h"
#include "interp/frame_object.h"
#include "interp/interp.h"
#include "modules/internals/internals.h"
#include "object/errors.h"

namespace krait::internals {
namespace {

Result<Frame*> frame_of(Thread& t, Value v) {
    if (!has_type(v, &PyFrame_Type)) return raise(t, PyExc_TypeError, "argument must be a frame");
    return v.as<PyFrameObject>()->frame;
}

Ref code(Thread& t, Value, Value v) { return Ref::share(TRY(frame_of(t, v))->code); }
Ref lasti(Thread& t, Value, Value v) { return int_from(t, TRY(frame_of(t, v))->lasti()); }
Ref line(Thread& t, Value, Value v) { return int_from(t, frame_line(TRY(frame_of(t, v)))); }

}  // namespace

const NativeDef kFrameFunctions[] = {
    def<code>("iframe_getcode", "(frame, /)", nullptr),
    def<lasti>("iframe_getlasti", "(frame, /)", nullptr),
    def<line>("iframe_getline", "(frame, /)", nullptr),
    {},
};

}  // namespace krait::internals
