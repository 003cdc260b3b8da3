// memoryview: a window on the buffer of another object. All views of one export share its managed buffer,
// which holds the export until the last of them goes.
#include "builtins/memoryview.h"

#include <algorithm>
#include <cstring>
#include <string>

#include "builtins/bytes.h"
#include "builtins/callable.h"
#include "builtins/iterators.h"
#include "builtins/list.h"
#include "builtins/memoryview_items.h"
#include "builtins/number.h"
#include "builtins/slice.h"
#include "builtins/str.h"
#include "builtins/tuple.h"
#include "gc/gc.h"
#include "object/names.h"
#include "object/protocol.h"

namespace krait {

using namespace buffer_items;

Status memoryview_check(Thread& t, PyMemoryViewObject* m) {
    if (!(m->flags & 1) && !(m->mbuf->flags & 1)) return Status::ok();
    return raise(t, PyExc_ValueError, "operation forbidden on released memoryview object");
}

namespace {

enum Flag { kReleased = 1, kRestricted = 0x20 };  // restricted: no further view may be made of it
constexpr int kMaxDims = 64;

PyMemoryViewObject* as_view(Value v) { return v.as<PyMemoryViewObject>(); }
bool is_released(PyMemoryViewObject* m) { return (m->flags & kReleased) || (m->mbuf->flags & kReleased); }
Status check(Thread& t, PyMemoryViewObject* m) { return memoryview_check(t, m); }

// The same for what makes another view of the memory.
Status check_viewable(Thread& t, PyMemoryViewObject* m) {
    TRY(check(t, m));
    if (!(m->flags & kRestricted)) return Status::ok();
    return raise(t, PyExc_ValueError, "cannot create new view on restricted memoryview");
}

// --- managed buffer ---

void release_export(Thread& t, PyManagedBufferObject* b) {
    if (b->flags & kReleased) return;
    b->flags |= kReleased;
    release_buffer(t, &b->master);
}
void mbuf_dealloc(Thread& t, PyObject* o) {
    gc_untrack(t, o);
    auto* b = reinterpret_cast<PyManagedBufferObject*>(o);
    release_export(t, b);
    free_object(t, o);
}
void mbuf_traverse(PyObject* o, Visitor& v) {
    v.visit(reinterpret_cast<PyManagedBufferObject*>(o)->master.obj);
}
void mbuf_clear(Thread& t, PyObject* o) {
    auto* b = reinterpret_cast<PyManagedBufferObject*>(o);
    if (b->exports == 0) release_export(t, b);
}

// --- views ---

// A view with room for ndim dimensions, registered with `mbuf`; shape and strides are in its own array.
Ref new_view(Thread& t, PyManagedBufferObject* mbuf, const Py_buffer& src, int ndim) {
    if (ndim > kMaxDims)
        return raise(t, PyExc_ValueError, "memoryview: number of dimensions must not exceed 64");
    int64_t items = 3 * (ndim ? ndim : 1);
    PyObject* o = alloc_raw(t, &PyMemoryView_Type, offsetof(PyMemoryViewObject, ob_array) + 8 * items);
    if (!o) return {};
    auto* m = reinterpret_cast<PyMemoryViewObject*>(o);
    memset(reinterpret_cast<char*>(o) + sizeof(PyObject), 0,
           offsetof(PyMemoryViewObject, ob_array) + 8 * items - sizeof(PyObject));
    m->ob_base.ob_size = 3 * ndim;
    m->hash = -1;
    m->mbuf = mbuf;
    incref(&mbuf->ob_base);
    mbuf->exports++;
    m->view = src;
    m->view.ndim = ndim;
    m->view.shape = m->ob_array;
    m->view.strides = m->ob_array + ndim;
    m->view.suboffsets = nullptr;
    if (!m->view.format) m->view.format = const_cast<char*>("B");
    gc_track(t, o);
    return Ref::steal(Value(o));
}

void set_contiguous_strides(Py_buffer& v) {
    int64_t step = v.itemsize;
    for (int i = v.ndim; i-- > 0;) {
        v.strides[i] = step;
        step *= v.shape[i];
    }
}

Ref view_of_buffer(Thread& t, PyManagedBufferObject* mbuf, const Py_buffer& src) {
    Ref r = TRY(new_view(t, mbuf, src, src.ndim));
    Py_buffer& v = as_view(r)->view;
    for (int i = 0; i < src.ndim; i++)
        v.shape[i] = src.shape ? src.shape[i] : src.len / (src.itemsize ? src.itemsize : 1);
    if (src.strides)
        for (int i = 0; i < src.ndim; i++) v.strides[i] = src.strides[i];
    else
        set_contiguous_strides(v);
    if (src.suboffsets) {
        v.suboffsets = as_view(r)->ob_array + 2 * src.ndim;
        for (int i = 0; i < src.ndim; i++) v.suboffsets[i] = src.suboffsets[i];
    }
    return r;
}

// A managed buffer that holds nothing yet.
Ref new_managed_buffer(Thread& t) {
    PyObject* o = alloc_raw(t, &_PyManagedBuffer_Type, sizeof(PyManagedBufferObject));
    if (!o) return {};
    auto* b = reinterpret_cast<PyManagedBufferObject*>(o);
    b->flags = kReleased;
    b->exports = 0;
    memset(&b->master, 0, sizeof b->master);
    gc_track(t, o);
    return Ref::steal(Value(o));
}

}  // namespace

Ref memoryview_from_slot(Thread& t, Value obj, GetBufferFn fn, int flags) {
    Ref keep = TRY(new_managed_buffer(t));
    auto* b = keep.as<PyManagedBufferObject>();
    TRY(fn(t, obj, &b->master, flags));
    b->flags = 0;
    return view_of_buffer(t, b, b->master);
}

// A view of memory that nobody owns, or whose owner the caller sees to.
Ref memoryview_from_buffer(Thread& t, const Py_buffer* info) {
    Ref keep = TRY(new_managed_buffer(t));
    auto* b = keep.as<PyManagedBufferObject>();
    b->flags = 0;
    b->master = *info;
    b->master.obj = nullptr;
    return view_of_buffer(t, b, b->master);
}
Ref memoryview_restricted(Thread& t, const Py_buffer* info) {
    Ref r = TRY(memoryview_from_buffer(t, info));
    as_view(r)->flags |= kRestricted;
    return r;
}

Ref memoryview_give_back(Thread& t, Value view, Value owner) {
    PyMemoryViewObject* m = as_view(view);
    if (!m->view.obj) return none_ref();
    if (Value(m->view.obj) != owner)
        return raise(t, PyExc_ValueError, "memoryview's buffer is not this object");
    if (m->flags & kReleased)
        return raise(t, PyExc_ValueError, "memoryview's buffer has already been released");
    return call_method(t, view, "release");
}

namespace {

Ref view_from_object(Thread& t, Value obj, int flags) {
    if (has_type(obj, &PyMemoryView_Type)) {
        TRY(check_viewable(t, as_view(obj)));
        return view_of_buffer(t, as_view(obj)->mbuf, as_view(obj)->view);
    }
    if (!has_buffer(obj))
        return raise(t, PyExc_TypeError, "memoryview: a bytes-like object is required, not '%T'", obj);
    return memoryview_from_slot(t, obj, get_buffer, flags);
}

void drop_view(Thread& t, PyMemoryViewObject* m) {
    if (m->flags & kReleased) return;
    m->flags |= kReleased;
    if (--m->mbuf->exports == 0) release_export(t, m->mbuf);
}
void view_dealloc(Thread& t, PyObject* o) {
    gc_untrack(t, o);
    auto* m = reinterpret_cast<PyMemoryViewObject*>(o);
    if (m->weakreflist) weakrefs_clear(t, o);
    drop_view(t, m);
    decref(&m->mbuf->ob_base);
    free_object(t, o);
}
void view_traverse(PyObject* o, Visitor& v) {
    auto* m = reinterpret_cast<PyMemoryViewObject*>(o);
    v.visit(&m->mbuf->ob_base);
}
void view_clear(Thread& t, PyObject* o) {
    auto* m = reinterpret_cast<PyMemoryViewObject*>(o);
    if (m->exports == 0) drop_view(t, m);
}

Ref view_new(Thread& t, PyTypeObject*, const Value* args, size_t n, Value kwnames) {
    Value p[1];
    Ref keep;
    TRY(bind_args(t, "memoryview", "(object)", args, n, kwnames, p, keep));
    return view_from_object(t, p[0], kBufFullRo);
}

// One dimension is looked at more strictly than several: an empty slice with a step is not contiguous.
bool contiguous(const Py_buffer& v, bool fortran) {
    if (v.suboffsets) return false;
    if (v.ndim == 1) return v.shape[0] == 1 || v.strides[0] == v.itemsize;
    for (int i = 0; i < v.ndim; i++)
        if (v.shape[i] == 0) return true;
    int64_t step = v.itemsize;
    for (int k = 0; k < v.ndim; k++) {
        int i = fortran ? k : v.ndim - 1 - k;
        if (v.shape[i] != 1 && v.strides[i] != step) return false;
        step *= v.shape[i];
    }
    return true;
}
bool c_contiguous(const Py_buffer& v) { return contiguous(v, false); }
bool f_contiguous(const Py_buffer& v) { return contiguous(v, true); }

Status view_getbuffer(Thread& t, Value self, Py_buffer* out, int flags) {
    auto* m = as_view(self);
    TRY(check_viewable(t, m));
    const Py_buffer& v = m->view;
    if ((flags & kBufWritable) && v.readonly)
        return raise(t, PyExc_BufferError, "memoryview: underlying buffer is not writable");
    bool c = c_contiguous(v), f = f_contiguous(v);
    if ((flags & kBufCContig) == kBufCContig && !c)
        return raise(t, PyExc_BufferError, "memoryview: underlying buffer is not C-contiguous");
    if ((flags & kBufFContig) == kBufFContig && !f)
        return raise(t, PyExc_BufferError, "memoryview: underlying buffer is not Fortran contiguous");
    if ((flags & kBufAnyContig) == kBufAnyContig && !c && !f)
        return raise(t, PyExc_BufferError, "memoryview: underlying buffer is not contiguous");
    if ((flags & kBufIndirect) != kBufIndirect && v.suboffsets)
        return raise(t, PyExc_BufferError, "memoryview: underlying buffer requires suboffsets");
    if ((flags & kBufStrides) != kBufStrides && !c)
        return raise(t, PyExc_BufferError, "memoryview: underlying buffer is not C-contiguous");
    if (!(flags & kBufNd) && (flags & kBufFormat))
        return raise(t, PyExc_BufferError,
                     "memoryview: cannot cast to unsigned bytes if the format flag is present");
    *out = v;
    out->obj = Ref::share(self).release().ptr();
    out->internal = nullptr;
    if (v.ndim == 0) out->shape = out->strides = nullptr;
    if (!(flags & kBufFormat)) out->format = nullptr;
    if ((flags & kBufStrides) != kBufStrides) out->strides = nullptr;
    if (!(flags & kBufNd)) {
        out->ndim = 1;
        out->shape = nullptr;
    }
    m->exports++;
    return Status::ok();
}
void view_releasebuffer(Thread&, Value self, Py_buffer*) { as_view(self)->exports--; }

// --- items ---

Result<char*> lookup_index(Thread& t, const Py_buffer& v, char* p, int dim, int64_t i) {
    if (i < 0) i += v.shape[dim];
    if (i < 0 || i >= v.shape[dim])
        return raise(t, PyExc_IndexError, "index out of bounds on dimension %d", dim + 1);
    return item_pointer(v, p, dim, i);
}

Status check_format(Thread& t, const Py_buffer& v) {
    if (native_format(v.format)) return Status::ok();
    return raise(t, PyExc_NotImplementedError, "memoryview: unsupported format %s", v.format);
}

// All items as nested lists.
Ref to_nested(Thread& t, const Py_buffer& v, char* p, int dim) {
    if (dim == v.ndim) return unpack(t, p, v.format);
    Ref list = TRY(list_with_capacity(t, v.shape[dim]));
    for (int64_t i = 0; i < v.shape[dim]; i++) {
        Ref item = TRY(to_nested(t, v, item_pointer(v, p, dim, i), dim + 1));
        TRY(list_append_owned(t, list, std::move(item)));
    }
    return list;
}

// The bytes of all items in C order.
void copy_out(const Py_buffer& v, char* p, int dim, char*& out) {
    if (dim == v.ndim) {
        memcpy(out, p, static_cast<size_t>(v.itemsize));
        out += v.itemsize;
        return;
    }
    for (int64_t i = 0; i < v.shape[dim]; i++) copy_out(v, item_pointer(v, p, dim, i), dim + 1, out);
}
void copy_out_f(const Py_buffer& v, char*& out) {
    int64_t index[kMaxDims] = {};
    int64_t total = 1;
    for (int i = 0; i < v.ndim; i++) total *= v.shape[i];
    for (int64_t n = 0; n < total; n++) {
        char* p = static_cast<char*>(v.buf);
        for (int d = 0; d < v.ndim; d++) p = item_pointer(v, p, d, index[d]);
        memcpy(out, p, static_cast<size_t>(v.itemsize));
        out += v.itemsize;
        for (int d = 0; d < v.ndim && ++index[d] == v.shape[d]; d++) index[d] = 0;
    }
}

Ref bytes_of(Thread& t, const Py_buffer& v, char order = 'C') {
    if (order == 'A') order = f_contiguous(v) && !c_contiguous(v) ? 'F' : 'C';
    int64_t total = v.itemsize;
    for (int i = 0; i < v.ndim; i++) total *= v.shape[i];
    if (order == 'C' && c_contiguous(v)) return bytes_from(t, v.buf, static_cast<size_t>(total));
    Ref r = TRY(bytes_new(t, total));
    char* out = bytes_data(r);
    if (order == 'F')
        copy_out_f(v, out);
    else
        copy_out(v, static_cast<char*>(v.buf), 0, out);
    return r;
}

// --- subscripts ---

Ref view_item(Thread& t, Value self, int64_t i) {
    auto* m = as_view(self);
    TRY(check(t, m));
    TRY(check_format(t, m->view));
    if (m->view.ndim == 0) return raise(t, PyExc_TypeError, "invalid indexing of 0-dim memory");
    if (m->view.ndim > 1)
        return raise(t, PyExc_NotImplementedError, "multi-dimensional sub-views are not implemented");
    char* p = TRY(lookup_index(t, m->view, static_cast<char*>(m->view.buf), 0, i));
    return unpack(t, p, m->view.format);
}

Result<char*> tuple_pointer(Thread& t, const Py_buffer& v, Value key) {
    int64_t n = tuple_size(key);
    if (n < v.ndim) return raise(t, PyExc_NotImplementedError, "sub-views are not implemented");
    if (n > v.ndim)
        return raise(t, PyExc_TypeError, "cannot index %zd-dimension view with %zd-element tuple",
                     int64_t{v.ndim}, n);
    char* p = static_cast<char*>(v.buf);
    for (int d = 0; d < v.ndim; d++) {
        int64_t i = TRY(as_index(t, tuple_get(key, d), PyExc_IndexError));
        p = TRY(lookup_index(t, v, p, d, i));
    }
    return p;
}
bool all_indices(Value key) {
    if (!is_tuple(key)) return false;
    for (int64_t i = 0; i < tuple_size(key); i++)
        if (!is_index(tuple_get(key, i))) return false;
    return true;
}

bool all_slices(Value key) {
    if (!is_tuple(key) || tuple_size(key) == 0) return false;
    for (int64_t i = 0; i < tuple_size(key); i++)
        if (!has_type(tuple_get(key, i), &PySlice_Type)) return false;
    return true;
}

Status slice_view(Thread& t, Py_buffer& v, Value slice) {
    int64_t start, stop, step;
    TRY(slice_unpack(t, slice, &start, &stop, &step));
    int64_t n = slice_adjust(v.shape[0], &start, &stop, step);
    if (n < 0) n = 0;
    v.buf =
        static_cast<char*>(v.buf) + v.strides[0] * start;  // of an empty view, too: C code looks where it is
    v.shape[0] = n;
    v.strides[0] *= step;
    v.len = v.itemsize;
    for (int i = 0; i < v.ndim; i++) v.len *= v.shape[i];
    return Status::ok();
}

Ref view_subscript(Thread& t, Value self, Value key) {
    auto* m = as_view(self);
    TRY(check(t, m));
    const Py_buffer& v = m->view;
    if (v.ndim == 0) {
        if (is_tuple(key) && tuple_size(key) == 0) {
            TRY(check_format(t, v));
            return unpack(t, static_cast<char*>(v.buf), v.format);
        }
        if (key == ellipsis()) return Ref::share(self);
        return raise(t, PyExc_TypeError, "invalid indexing of 0-dim memory");
    }
    if (key.is_int() || is_index(key)) {
        int64_t i = TRY(as_index(t, key, PyExc_IndexError));
        return view_item(t, self, i);
    }
    if (has_type(key, &PySlice_Type)) {
        TRY(check_viewable(t, m));
        Ref r = TRY(view_of_buffer(t, m->mbuf, v));
        TRY(slice_view(t, as_view(r)->view, key));
        return r;
    }
    if (all_indices(key)) {
        TRY(check_format(t, v));
        char* p = TRY(tuple_pointer(t, v, key));
        TRY(check(t, m));  // the indices may have run code
        return unpack(t, p, v.format);
    }
    if (all_slices(key))
        return raise(t, PyExc_NotImplementedError, "multi-dimensional slicing is not implemented");
    return raise(t, PyExc_TypeError, "memoryview: invalid slice key");
}

Status assign_slice(Thread& t, Value self, Value slice, Value value) {
    auto* m = as_view(self);
    Ref dest = TRY(view_of_buffer(t, m->mbuf, m->view));
    TRY(slice_view(t, as_view(dest)->view, slice));
    Py_buffer& d = as_view(dest)->view;
    Buffer source;
    TRY(source.acquire(t, value, kBufFullRo));
    TRY(check(t, m));
    const Py_buffer& raw = source.view();
    int64_t items = raw.itemsize ? raw.len / raw.itemsize : 0, step = raw.itemsize;
    Py_buffer s = raw;
    if (!s.shape) s.shape = &items;
    if (!s.strides) s.strides = &step;
    if (s.ndim != 1 || !same_format(s.format ? s.format : "B", d.format) || s.shape[0] != d.shape[0] ||
        s.itemsize != d.itemsize)
        return raise(t, PyExc_ValueError,
                     "memoryview assignment: lvalue and rvalue have different structures");
    // Source and destination may overlap: go through a copy.
    auto size = static_cast<size_t>(d.itemsize);
    std::string copy;
    copy.reserve(static_cast<size_t>(d.len));
    for (int64_t i = 0; i < d.shape[0]; i++)
        copy.append(item_pointer(s, static_cast<char*>(s.buf), 0, i), size);
    for (int64_t i = 0; i < d.shape[0]; i++)
        memcpy(item_pointer(d, static_cast<char*>(d.buf), 0, i), copy.data() + static_cast<size_t>(i) * size,
               size);
    return Status::ok();
}

Status view_ass_subscript(Thread& t, Value self, Value key, Value value) {
    auto* m = as_view(self);
    TRY(check(t, m));
    const Py_buffer& v = m->view;
    TRY(check_format(t, v));
    if (v.readonly) return raise(t, PyExc_TypeError, "cannot modify read-only memory");
    if (!value) return raise(t, PyExc_TypeError, "cannot delete memory");
    if (v.ndim == 0) {
        if (key == ellipsis() || (is_tuple(key) && tuple_size(key) == 0))
            return pack(t, m, static_cast<char*>(v.buf), value, v.format);
        return raise(t, PyExc_TypeError, "invalid indexing of 0-dim memory");
    }
    if (key.is_int() || is_index(key)) {
        if (v.ndim > 1) return raise(t, PyExc_NotImplementedError, "sub-views are not implemented");
        int64_t i = TRY(as_index(t, key, PyExc_IndexError));
        TRY(check(t, m));
        char* p = TRY(lookup_index(t, v, static_cast<char*>(v.buf), 0, i));
        return pack(t, m, p, value, v.format);
    }
    if (has_type(key, &PySlice_Type) && v.ndim == 1) return assign_slice(t, self, key, value);
    if (all_indices(key)) {
        char* p = TRY(tuple_pointer(t, v, key));
        TRY(check(t, m));
        return pack(t, m, p, value, v.format);
    }
    if (has_type(key, &PySlice_Type) || all_slices(key))
        return raise(t, PyExc_NotImplementedError,
                     "memoryview slice assignments are currently restricted to ndim = 1");
    return raise(t, PyExc_TypeError, "memoryview: invalid slice key");
}

Result<int64_t> view_length(Thread& t, Value self) {
    TRY(check(t, as_view(self)));
    const Py_buffer& v = as_view(self)->view;
    if (v.ndim == 0) return raise(t, PyExc_TypeError, "0-dim memory has no length");
    return v.shape[0];
}

Result<int64_t> view_hash(Thread& t, Value self) {
    auto* m = as_view(self);
    if (m->hash != -1) return m->hash;
    TRY(check(t, m));
    if (!m->view.readonly) return raise(t, PyExc_ValueError, "cannot hash writable memoryview object");
    char f = native_format(m->view.format);
    if (f != 'B' && f != 'b' && f != 'c')
        return raise(t, PyExc_ValueError, "memoryview: hashing is restricted to formats 'B', 'b' or 'c'");
    if (m->view.obj) {
        m->exports++;  // the object's __hash__ may try to take its memory away
        Result<int64_t> whole = hash(t, Value(m->view.obj));
        m->exports--;
        if (!whole) return {};
    }
    Ref bytes = TRY(bytes_of(t, m->view));
    m->hash = hash_bytes(bytes_data(bytes), static_cast<size_t>(bytes_size(bytes)));
    return m->hash;
}

Ref view_compare(Thread& t, Value a, Value b, CompareOp op) {
    if (op != kEq && op != kNe) return not_implemented_ref();
    auto* m = as_view(a);
    if (is_released(m)) return bool_ref((a == b) == (op == kEq));
    Ref other;
    if (has_type(b, &PyMemoryView_Type)) {
        if (is_released(as_view(b))) return bool_ref((a == b) == (op == kEq));
        other = Ref::share(b);
    } else {
        if (!has_buffer(b)) return not_implemented_ref();
        other = view_from_object(t, b, kBufFullRo);
        if (!other) {
            clear_error(t);
            return not_implemented_ref();
        }
    }
    m->exports++;  // comparing may run code, which must not take the memory away
    Result<bool> r = buffers_equal(t, m->view, as_view(other)->view);
    m->exports--;
    bool same = TRY(r);
    return bool_ref(same == (op == kEq));
}

Ref view_repr(Thread& t, Value self) {
    return str_format(t, is_released(as_view(self)) ? "<released memory at %p>" : "<memory at %p>",
                      self.ptr());
}

// --- methods ---

Ref m_release(Thread& t, Value self) {
    auto* m = as_view(self);
    if (m->flags & kReleased) return none_ref();
    if (m->exports) {
        return raise(t, PyExc_BufferError, "memoryview has %zd exported buffer%s", m->exports,
                     m->exports == 1 ? "" : "s");
    }
    drop_view(t, m);
    return none_ref();
}
Ref m_enter(Thread& t, Value self) {
    TRY(check(t, as_view(self)));
    return Ref::share(self);
}
Ref m_exit(Thread& t, Value self, const Value*, size_t) { return m_release(t, self); }
Ref m_tobytes(Thread& t, Value self, const Value* p) {
    TRY(check(t, as_view(self)));
    char order = 'C';
    if (p[0] && !is_none(p[0])) {
        if (!is_str(p[0]))
            return raise(t, PyExc_TypeError, "tobytes() argument 'order' must be str or None, not %K", p[0]);
        order = str_length(p[0]) == 1 ? static_cast<char>(str_char(p[0], 0)) : 0;
        if (order != 'C' && order != 'F' && order != 'A')
            return raise(t, PyExc_ValueError, "order must be 'C', 'F' or 'A'");
    }
    return bytes_of(t, as_view(self)->view, order);
}
Ref m_tolist(Thread& t, Value self) {
    TRY(check(t, as_view(self)));
    const Py_buffer& v = as_view(self)->view;
    TRY(check_format(t, v));
    return to_nested(t, v, static_cast<char*>(v.buf), 0);
}
Ref m_toreadonly(Thread& t, Value self) {
    TRY(check_viewable(t, as_view(self)));
    Ref r = TRY(view_of_buffer(t, as_view(self)->mbuf, as_view(self)->view));
    as_view(r)->view.readonly = 1;
    return r;
}
Ref m_hex(Thread& t, Value self, const Value* args, size_t n, Value kwnames) {
    TRY(check(t, as_view(self)));
    Ref bytes = TRY(bytes_of(t, as_view(self)->view));
    Ref fn = TRY(get_attr(t, bytes, "hex"));
    as_view(self)->exports++;  // the separator may be of a class that tries to release this view
    Ref text = call(t, fn, args, n, kwnames);
    as_view(self)->exports--;
    return text;
}
// The new format in `v`; the buffer is then one-dimensional.
Status cast_format(Thread& t, Value format, Py_buffer& v) {
    Ref codec = TRY(str_intern(t, "ascii")), ascii = TRY(call_method(t, format, "encode", {codec}));
    char from = native_format(v.format), to = native_format(bytes_data(ascii));
    if (!to)
        return raise(t, PyExc_ValueError,
                     "memoryview: destination format must be a native single character format prefixed "
                     "with an optional '@'");
    auto is_byte = [](char f) { return f == 'b' || f == 'B' || f == 'c'; };
    if (!is_byte(to) && !is_byte(from))
        return raise(t, PyExc_TypeError, "memoryview: cannot cast between two non-byte formats");
    int64_t size = format_size(to);
    if (v.len % size) return raise(t, PyExc_TypeError, "memoryview: length is not a multiple of itemsize");
    v.itemsize = size;
    // One static string per format: views outlive the argument.
    static const char* const formats =
        "@c\0@b\0@B\0@?\0@h\0@H\0@i\0@I\0@l\0@L\0@q\0@Q\0@n\0@N\0@f\0@d\0@e\0@P\0";
    const char* f = formats + 1;
    while (*f != to) f += 3;
    v.format = const_cast<char*>(bytes_data(ascii)[0] == '@' ? f - 1 : f);
    return Status::ok();
}
Status cast_shape(Thread& t, Value dims, const Py_buffer& v, int64_t* shape) {
    int64_t product = v.itemsize;
    for (int64_t i = 0; i < tuple_size(dims); i++) {
        Value dim = tuple_get(dims, i);
        if (!is_long(dim))
            return raise(t, PyExc_TypeError, "memoryview.cast(): elements of shape must be integers");
        if (!int_to_i64(dim, &shape[i]))
            return raise(t, PyExc_OverflowError, "Python int too large to convert to C ssize_t");
        if (shape[i] <= 0)
            return raise(t, PyExc_ValueError, "memoryview.cast(): elements of shape must be integers > 0");
        if (__builtin_mul_overflow(product, shape[i], &product))
            return raise(t, PyExc_ValueError, "memoryview.cast(): product(shape) > SSIZE_MAX");
    }
    if (product != v.len)
        return raise(t, PyExc_TypeError, "memoryview: product(shape) * itemsize != buffer size");
    return Status::ok();
}
Ref m_cast(Thread& t, Value self, const Value* p) {
    auto* m = as_view(self);
    TRY(check_viewable(t, m));
    if (!is_str(p[0])) return raise(t, PyExc_TypeError, "cast() argument 'format' must be str, not %K", p[0]);
    Py_buffer changed = m->view;
    if (!c_contiguous(changed))
        return raise(t, PyExc_TypeError, "memoryview: casts are restricted to C-contiguous views");
    bool zero = false;
    for (int i = 0; i < changed.ndim; i++) zero |= changed.shape[i] == 0 || changed.strides[i] == 0;
    if (zero && (p[1] || changed.ndim != 1))
        return raise(t, PyExc_TypeError, "memoryview: cannot cast view with zeros in shape or strides");
    int ndim = 1;
    Ref dims;
    if (p[1]) {
        if (!is_list(p[1]) && !is_tuple(p[1]))
            return raise(t, PyExc_TypeError, "shape must be a list or a tuple");
        dims = TRY(to_tuple(t, p[1]));
        if (tuple_size(dims) > kMaxDims)
            return raise(t, PyExc_ValueError, "memoryview: number of dimensions must not exceed 64");
        ndim = static_cast<int>(tuple_size(dims));
        if (changed.ndim != 1 && ndim != 1)
            return raise(t, PyExc_TypeError, "memoryview: cast must be 1D -> ND or ND -> 1D");
    }
    TRY(cast_format(t, p[0], changed));
    int64_t shape[kMaxDims];
    shape[0] = changed.len / changed.itemsize;
    if (dims) TRY(cast_shape(t, dims, changed, shape));
    Ref r = TRY(new_view(t, m->mbuf, changed, ndim));
    for (int i = 0; i < ndim; i++) as_view(r)->view.shape[i] = shape[i];
    set_contiguous_strides(as_view(r)->view);
    return r;
}
Status check_iterable(Thread& t, PyMemoryViewObject* m) {
    TRY(check(t, m));
    if (m->view.ndim == 1) return check_format(t, m->view);
    if (m->view.ndim == 0) return raise(t, PyExc_TypeError, "invalid indexing of 0-dim memory");
    return raise(t, PyExc_NotImplementedError, "multi-dimensional sub-views are not implemented");
}
Ref m_count(Thread& t, Value self, Value item) {
    TRY(check_iterable(t, as_view(self)));
    int64_t count = 0;
    for (int64_t i = 0, n = as_view(self)->view.shape[0]; i < n; i++) {
        Ref own = TRY(view_item(t, self, i));
        bool same = TRY(equal(t, own, item));
        count += same;
    }
    return Ref::from_int(count);
}
Ref m_index(Thread& t, Value self, const Value* args, size_t nargs) {
    auto* m = as_view(self);
    TRY(check(t, m));
    if (m->view.ndim == 0) return raise(t, PyExc_TypeError, "invalid lookup on 0-dim memory");
    if (m->view.ndim != 1)
        return raise(t, PyExc_NotImplementedError, "multi-dimensional lookup is not implemented");
    int64_t n = m->view.shape[0], bounds[2] = {0, n};
    for (size_t i = 1; i < nargs; i++) {
        if (!is_index(args[i]))
            return raise(t, PyExc_TypeError, "slice indices must be integers or have an __index__ method");
        int64_t bound = TRY(as_index(t, args[i], nullptr));
        bounds[i - 1] = bound < 0 ? std::max(bound + n, int64_t{0}) : bound;
    }
    for (int64_t i = bounds[0]; i < bounds[1] && i < n; i++) {
        Ref own = TRY(view_item(t, self, i));
        bool same = TRY(equal(t, own, args[0]));
        if (same) return Ref::from_int(i);
    }
    return raise(t, PyExc_ValueError, "memoryview.index(x): x not found");
}

struct MemoryIterator {
    PyObject ob_base;
    int64_t index;
    Value view;  // empty once exhausted
    int64_t length;
    const char* format;
};
Type g_iterator_type;

Ref view_iter(Thread& t, Value self) {
    TRY(check_iterable(t, as_view(self)));
    Ref r = TRY(alloc(t, &g_iterator_type));
    auto* it = r.as<MemoryIterator>();
    it->view = Ref::share(self).release();
    it->length = as_view(self)->view.shape[0];
    it->format = as_view(self)->view.format;
    return r;
}
Ref iterator_next(Thread& t, Value self) {
    auto* it = self.as<MemoryIterator>();
    if (!it->view) return {};
    PyMemoryViewObject* m = as_view(it->view);
    if (it->index < it->length) {
        TRY(check(t, m));
        char* p = TRY(lookup_index(t, m->view, static_cast<char*>(m->view.buf), 0, it->index++));
        return unpack(t, p, it->format);
    }
    Ref drop = Ref::steal(std::exchange(it->view, Value()));
    return {};
}
void iterator_dealloc(Thread& t, PyObject* o) {
    gc_untrack(t, o);
    xdecref(reinterpret_cast<MemoryIterator*>(o)->view);
    free_object(t, o);
}
void iterator_traverse(PyObject* o, Visitor& v) { v.visit(reinterpret_cast<MemoryIterator*>(o)->view); }

Ref m_from_flags(Thread& t, Value, const Value* p) {
    int flags = TRY(as_int32(t, p[1]));
    return view_from_object(t, p[0], flags);
}

// --- attributes ---

Ref number_tuple(Thread& t, const int64_t* v, int n) {
    Ref r = TRY(tuple_new(t, v ? n : 0));
    for (int i = 0; v && i < n; i++) tuple_items(r)[i] = TRY(int_from(t, v[i])).release();
    return r;
}
enum class Attr { Obj, Nbytes, Readonly, Itemsize, Format, Ndim, Shape, Strides, Suboffsets, C, F, Any };
Ref get_attribute(Thread& t, Value self, void* closure) {
    auto* m = as_view(self);
    TRY(check(t, m));
    const Py_buffer& v = m->view;
    switch (static_cast<Attr>(reinterpret_cast<intptr_t>(closure))) {
        case Attr::Obj:
            return v.obj ? Ref::share(Value(v.obj)) : none_ref();
        case Attr::Nbytes:
            return int_from(t, v.len);
        case Attr::Readonly:
            return bool_ref(v.readonly);
        case Attr::Itemsize:
            return int_from(t, v.itemsize);
        case Attr::Format:
            return str_from(t, v.format);
        case Attr::Ndim:
            return Ref::from_int(v.ndim);
        case Attr::Shape:
            return number_tuple(t, v.shape, v.ndim);
        case Attr::Strides:
            return number_tuple(t, v.strides, v.ndim);
        case Attr::Suboffsets:
            return number_tuple(t, v.suboffsets, v.ndim);
        case Attr::C:
            return bool_ref(c_contiguous(v));
        case Attr::F:
            return bool_ref(f_contiguous(v));
        default:
            return bool_ref(c_contiguous(v) || f_contiguous(v));
    }
}
void* attr(Attr a) { return reinterpret_cast<void*>(static_cast<intptr_t>(a)); }

const NativeDef methods[] = {
    def<m_from_flags>("_from_flags", "(object, flags)", "A view made with the given flags.", kMethClass),
    def<m_release>("release", "()", "Let the buffer go."),
    def<m_tobytes>("tobytes", "(order='C')", "The data as bytes."),
    def<m_hex>("hex", "(sep=<unrepresentable>, bytes_per_sep=1)",
               "The data in hexadecimal.\n\n>>> data = memoryview(b'\\x12\\xab\\xcd')\n>>> "
               "data.hex()\n'12abcd'\n>>> data.hex('-')\n'12-ab-cd'\n>>> data.hex('-', 2)\n'12-abcd'\n>>> "
               "data.hex('-', -2)\n'12ab-cd'"),
    def<m_tolist>("tolist", "()", "The items as a list."),
    def<m_cast>("cast", "(format, shape=<unrepresentable>)", "A view with another format or shape."),
    def<m_toreadonly>("toreadonly", "()", "A view that cannot be written to."),
    def<m_count>("count", "(value, /)", "How often value occurs."),
    def<m_index>("index", "(value, start=0, stop=sys.maxsize, /)", "First index of value."),
    def<m_enter>("__enter__", "()", nullptr),
    def<m_exit>("__exit__", "(*exc_info)", "Release the memory."),
    def<class_getitem>("__class_getitem__", "(object, /)", "See PEP 585.", kMethClass),
    {},
};
const GetSetDef attributes[] = {
    getset("obj", get_attribute, nullptr, "The object whose memory it is.", attr(Attr::Obj)),
    getset("nbytes", get_attribute, nullptr, "Size in bytes.", attr(Attr::Nbytes)),
    getset("readonly", get_attribute, nullptr, "True if it cannot be written to.", attr(Attr::Readonly)),
    getset("itemsize", get_attribute, nullptr, "Size of an item in bytes.", attr(Attr::Itemsize)),
    getset("format", get_attribute, nullptr, "Format of an item, as of struct.", attr(Attr::Format)),
    getset("ndim", get_attribute, nullptr, "Number of dimensions.", attr(Attr::Ndim)),
    getset("shape", get_attribute, nullptr, "Items in each dimension.", attr(Attr::Shape)),
    getset("strides", get_attribute, nullptr, "Bytes from item to item in each dimension.",
           attr(Attr::Strides)),
    getset("suboffsets", get_attribute, nullptr, "Offsets of indirect dimensions.", attr(Attr::Suboffsets)),
    getset("c_contiguous", get_attribute, nullptr, "True if contiguous in C order.", attr(Attr::C)),
    getset("f_contiguous", get_attribute, nullptr, "True if contiguous in Fortran order.", attr(Attr::F)),
    getset("contiguous", get_attribute, nullptr, "True if contiguous.", attr(Attr::Any)),
    {},
};

}  // namespace

Ref memoryview_contiguous_copy(Thread& t, Value view, char order) {
    const Py_buffer& v = as_view(view)->view;
    Ref bytes = TRY(bytes_of(t, v, order));
    Ref whole = TRY(view_from_object(t, bytes, kBufFullRo));
    Py_buffer flat = as_view(whole)->view;
    flat.itemsize = v.itemsize;
    flat.format = v.format;
    Ref r = TRY(new_view(t, as_view(whole)->mbuf, flat, v.ndim));
    Py_buffer& copy = as_view(r)->view;
    for (int i = 0; i < v.ndim; i++) copy.shape[i] = v.shape[i];
    set_contiguous_strides(copy);
    if (order != 'F') return r;
    int64_t step = v.itemsize;
    for (int i = 0; i < v.ndim; step *= v.shape[i++]) copy.strides[i] = step;
    return r;
}

Ref memoryview_new(Thread& t, Value obj) { return view_from_object(t, obj, kBufFullRo); }

Ref memoryview_raw(Thread& t, Value obj) {
    Ref whole = TRY(view_from_object(t, obj, kBufFullRo));
    Py_buffer flat = as_view(whole)->view;
    if (!buffer_is_contiguous(flat))
        return raise(t, PyExc_BufferError, "cannot extract raw buffer from non-contiguous buffer");
    flat.format = const_cast<char*>("B");
    flat.itemsize = 1;
    flat.ndim = 1;
    flat.shape = flat.strides = flat.suboffsets = nullptr;
    return view_of_buffer(t, as_view(whole)->mbuf, flat);
}

Ref memoryview_readonly(Thread& t, Value view) {
    return as_view(view)->view.readonly ? Ref::share(view) : m_toreadonly(t, view);
}

bool buffer_is_contiguous(const Py_buffer& view) {
    return !view.suboffsets && (!view.strides || c_contiguous(view) || f_contiguous(view));
}

Status init_builtin_memoryview(Thread& t) {
    static const TypeDecl mbuf_decl = {
        .name = "managedbuffer",
        .basicsize = sizeof(PyManagedBufferObject),
        .flags = kTpDefault | kTpHaveGC | kTpDisallowInstantiation,
        .slots = {.dealloc = mbuf_dealloc, .traverse = mbuf_traverse, .clear = mbuf_clear},
    };
    init_static_type(_PyManagedBuffer_Type, mbuf_decl);
    TRY(ready_type(t, &_PyManagedBuffer_Type));
    static const TypeDecl decl = {
        .name = "memoryview",
        .basicsize = offsetof(PyMemoryViewObject, ob_array),
        .itemsize = 8,
        .flags = kTpDefault | kTpHaveGC | kTpSequence,
        .slots = {.dealloc = view_dealloc,
                  .traverse = view_traverse,
                  .clear = view_clear,
                  .repr = view_repr,
                  .hash = view_hash,
                  .richcompare = view_compare,
                  .iter = view_iter,
                  .new_ = view_new,
                  .mp_length = view_length,
                  .mp_subscript = view_subscript,
                  .mp_ass_subscript = view_ass_subscript,
                  .sq_length = view_length,
                  .sq_item = view_item,
                  .getbuffer = view_getbuffer,
                  .releasebuffer = view_releasebuffer},
        .spec = {.methods = methods,
                 .getset = attributes,
                 .doc = "A view of the memory of an object that offers it.",
                 .text_signature = "(object)"},
        .weaklistoffset = offsetof(PyMemoryViewObject, weakreflist),
    };
    init_static_type(PyMemoryView_Type, decl);
    TRY(ready_type(t, &PyMemoryView_Type));
    static const TypeDecl iterator_decl = {
        .name = "memory_iterator",
        .basicsize = sizeof(MemoryIterator),
        .flags = kTpDefault | kTpHaveGC | kTpDisallowInstantiation,
        .slots = {.dealloc = iterator_dealloc,
                  .traverse = iterator_traverse,
                  .iter = iter_self,
                  .iternext = iterator_next},
    };
    init_static_type(g_iterator_type, iterator_decl);
    return ready_type(t, &g_iterator_type);
}

}  // namespace krait

krait::Type PyMemoryView_Type, _PyManagedBuffer_Type;
