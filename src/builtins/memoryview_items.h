// The items behind a buffer: reading, writing and comparing them by their format.
#pragma once

#include "object/thread.h"

namespace krait {

Status memoryview_check(Thread& t, PyMemoryViewObject* m);  // ValueError once released

namespace buffer_items {

char native_format(const char* format);  // its single native format character, or 0
bool same_format(const char* a, const char* b);
int64_t format_size(char native);
char* item_pointer(const Py_buffer& v, char* p, int dim, int64_t i);
Ref unpack(Thread& t, const char* p, const char* format);
// Stores an item at `p` in the memory of `m`, which converting the item may release.
Status pack(Thread& t, PyMemoryViewObject* m, char* p, Value item, const char* format);
// Whether shapes and items are equal. Both buffers have shape and strides.
Result<bool> buffers_equal(Thread& t, const Py_buffer& x, const Py_buffer& y);

}  // namespace buffer_items
}  // namespace krait
