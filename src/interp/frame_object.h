// Frame objects: what users see of a frame.
#pragma once

#include "interp/frame.h"

namespace krait {

// CPython's layout. While the frame runs, `frame` is on the data stack (or in a generator); afterwards, if
// somebody kept the object, its contents are moved to `data`.
struct PyFrameObject {
    PyObject ob_base;
    PyFrameObject* back;  // owned; set when the frame is taken over
    Frame* frame;         // null while being made only
    Value trace;          // owned
    int lineno;           // set by tracing: overrides the computed one while nonzero
    char trace_lines, trace_opcodes;
    Value extra_locals;        // owned dict of names that are not variables of the code, or empty
    Value locals_cache;        // owned
    Value overwritten_locals;  // owned list: values that f_locals replaced while the stack may borrow them
    uint64_t data[1];
};
static_assert(offsetof(PyFrameObject, data) == 72);

inline PyFrameObject* as_frame_object(Value v) { return v.as<PyFrameObject>(); }
// For a frame that ends: hands its contents to the frame object when somebody else holds that one (true:
// nothing is left to clear), otherwise drops the object.
bool release_frame_object(Thread& t, Frame* f);
Ref frame_object_ref(Thread& t, Frame* f);                                    // owned
PyFrameObject* frame_object_back(Thread& t, PyFrameObject* o, bool* failed);  // borrowed or null

}  // namespace krait
