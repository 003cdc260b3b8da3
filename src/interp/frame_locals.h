// f_locals: the write-through view of a function's variables (PEP 667).
#pragma once

#include "interp/frame_object.h"

namespace krait {

Ref frame_locals_proxy_new(Thread& t, PyFrameObject* frame);
// The variable with this index in localsplus as users see it: looks through cells; empty when unbound or
// hidden.
Value frame_variable(Frame* f, int index);
// True where an inlined comprehension's or otherwise hidden variable stands.
bool frame_variable_hidden(Frame* f, int index);

}  // namespace krait
