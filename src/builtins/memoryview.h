// memoryview, for natives that hand out windows on memory.
#pragma once

#include "object/thread.h"

namespace krait {
Ref memoryview_new(Thread& t, Value obj);  // memoryview(obj)
// A view of what a slot exports for `obj`.
Ref memoryview_from_slot(Thread& t, Value obj, GetBufferFn fn, int flags);
// A view of memory that the caller sees to: it does not outlive the caller's use, so no further view may be
// made.
Ref memoryview_restricted(Thread& t, const Py_buffer* info);
// A copy of the items with the same shape and format, contiguous in `order` ('C', 'F' or 'A').
Ref memoryview_contiguous_copy(Thread& t, Value view, char order);
// obj.__release_buffer__(view) of a built-in exporter: the view is released.
Ref memoryview_give_back(Thread& t, Value view, Value owner);
// A one-dimensional view of the bytes of `obj`, whose buffer has to be contiguous in one order or the other
// (BufferError otherwise).
Ref memoryview_raw(Thread& t, Value obj);
// The same memory without the permission to write: `view` itself when it is read-only.
Ref memoryview_readonly(Thread& t, Value view);
bool buffer_is_contiguous(const Py_buffer& view);  // in either order, of any number of dimensions

// pickle.PickleBuffer (pickle_buffer.cpp).
Ref pickle_buffer_new(Thread& t, Value obj);
Result<const Py_buffer*> pickle_buffer_view(Thread& t, Value self);  // ValueError once released
}  // namespace krait

extern "C" {
extern krait::Type PyPickleBuffer_Type __attribute__((visibility("default")));
}

namespace krait {
inline bool is_pickle_buffer(Value v) { return is_instance_exact_or_sub(v, &PyPickleBuffer_Type); }
}  // namespace krait
