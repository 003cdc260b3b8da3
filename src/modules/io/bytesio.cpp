// BytesIO: a binary stream in memory.
//
// The contents are the first `size` bytes of the bytes object `buf`, which may be larger. getvalue() hands
// that very object out when it fits exactly; whoever wants to write while others hold it copies it first.
#include <algorithm>
#include <cstring>

#include "modules/io/io.h"
#include "object/convert.h"

namespace krait::io {

Type bytesio_type, bytesio_buffer_type;

namespace {

struct BytesIO : IoObject {
    Value buf;  // bytes; empty: closed or not initialized
    int64_t pos, size;
};
BytesIO* as_bytesio(Value v) { return v.as<BytesIO>(); }

struct BytesIOBuffer {
    PyObject ob_base;
    Value source;  // the BytesIO
};

Status need_open(Thread& t, BytesIO* b) {
    if (!b->buf) return raise(t, PyExc_ValueError, "I/O operation on closed file.");
    return Status::ok();
}
Status need_no_exports(Thread& t, BytesIO* b) {
    if (b->exports > 0)
        return raise(t, PyExc_BufferError, "Existing exports of data: object cannot be re-sized");
    return Status::ok();
}

char* data(BytesIO* b) { return bytes_data(b->buf); }
int64_t capacity(BytesIO* b) { return bytes_size(b->buf); }
bool shared(BytesIO* b) { return b->buf.ptr()->ob_refcnt != 1; }

// Failure leaves it as it was. Precondition: it is not shared.
Status resize_buffer(Thread& t, BytesIO* b, int64_t size) {
    Ref buf = Ref::steal(b->buf);
    Status s = bytes_resize(t, buf, size);
    b->buf = buf.release();
    return s;
}

// A buffer of its own that holds `size` bytes of contents, with CPython's room.
Status own(Thread& t, BytesIO* b, int64_t size) {
    int64_t have = capacity(b), want = have;
    if (size < have / 2 && !b->exports)
        want = size + 1;
    else if (size >= have && size <= have + have / 8)
        want = size + (size >> 3) + (size < 9 ? 3 : 6);  // it grows slowly
    else if (size >= have)
        want = size + 1;
    if (want < size) return raise(t, PyExc_OverflowError, "new buffer size too large");
    if (!shared(b) && !b->exports) return want == have ? Status::ok() : resize_buffer(t, b, want);
    if (!shared(b) && want == have) return Status::ok();
    Ref fresh = TRY(bytes_new(t, want));
    int64_t keep = std::min(b->size, want);
    memcpy(bytes_data(fresh), data(b), static_cast<size_t>(keep));
    set_value(b->buf, std::move(fresh));
    return Status::ok();
}

// A buffer of its own that is just as large as the contents.
Status unshare(Thread& t, BytesIO* b) {
    Ref fresh = TRY(bytes_new(t, b->size));
    memcpy(bytes_data(fresh), data(b), static_cast<size_t>(b->size));
    set_value(b->buf, std::move(fresh));
    return Status::ok();
}

Result<int64_t> put(Thread& t, BytesIO* b, Value arg) {
    TRY(need_open(t, b));
    TRY(need_no_exports(t, b));
    Buffer in;
    TRY(in.acquire(t, arg, 0x18 /* contiguous */ | 0x20));
    // Getting the buffer may have run code.
    TRY(need_open(t, b));
    TRY(need_no_exports(t, b));
    int64_t n = in.size();
    if (n == 0) return 0;
    int64_t end;
    if (__builtin_add_overflow(b->pos, n, &end)) return raise_no_memory(t);
    if (end > capacity(b))
        TRY(own(t, b, end));
    else if (shared(b))
        TRY(unshare(t, b));
    if (b->pos > b->size) memset(data(b) + b->size, 0, static_cast<size_t>(b->pos - b->size));
    memcpy(data(b) + b->pos, in.data(), static_cast<size_t>(n));
    b->pos = end;
    if (b->size < end) b->size = end;
    return n;
}

// --- reading ---

Ref take(Thread& t, BytesIO* b, int64_t n) {
    if (n > 1 && b->pos == 0 && n == capacity(b) && b->exports == 0) {
        b->pos += n;
        return Ref::share(b->buf);
    }
    const char* p = data(b) + b->pos;
    b->pos += n;
    return bytes_from(t, p, static_cast<size_t>(n));
}
int64_t rest(BytesIO* b) { return b->pos < b->size ? b->size - b->pos : 0; }
int64_t line_length(BytesIO* b, int64_t most) {
    int64_t n = rest(b);
    if (n == 0) return 0;
    if (most >= 0 && most < n) n = most;
    int64_t at = find_newline(data(b) + b->pos, n);
    return at >= 0 ? at + 1 : n;
}

Ref read(Thread& t, Value self, const Value* a) {
    BytesIO* b = as_bytesio(self);
    int64_t n = TRY(optional_size(t, a[0]));
    TRY(need_open(t, b));
    if (n < 0 || n > rest(b)) n = rest(b);
    return take(t, b, n);
}
Ref readline(Thread& t, Value self, const Value* a) {
    BytesIO* b = as_bytesio(self);
    int64_t n = TRY(optional_size(t, a[0]));
    TRY(need_open(t, b));
    return take(t, b, line_length(b, n));
}
Ref readlines(Thread& t, Value self, const Value* a) {
    BytesIO* b = as_bytesio(self);
    TRY(need_open(t, b));
    int64_t most = 0, total = 0;
    if (a[0] && !is_none(a[0])) {
        if (!is_index(a[0]))
            return raise(t, PyExc_TypeError, "integer argument expected, got '%s'", type_of(a[0])->tp_name);
        most = TRY(as_ssize(t, a[0]));
    }
    Ref lines = TRY(list_new(t));
    while (int64_t n = line_length(b, -1)) {
        TRY(list_append_owned(t, lines, bytes_from(t, data(b) + b->pos, static_cast<size_t>(n))));
        b->pos += n;
        total += n;
        if (most > 0 && total >= most) break;
    }
    return lines;
}
Ref readinto(Thread& t, Value self, Value arg) {
    BytesIO* b = as_bytesio(self);
    Buffer out;
    if (!out.acquire(t, arg, kBufWritable)) {
        clear_error(t);
        return raise(t, PyExc_TypeError,
                     "readinto() argument must be read-write bytes-like object, not %.50s",
                     is_none(arg) ? "None" : type_of(arg)->tp_name);
    }
    TRY(need_open(t, b));
    int64_t n = out.size() < rest(b) ? out.size() : rest(b);
    memmove(out.mutable_data(), data(b) + (n ? b->pos : 0), static_cast<size_t>(n));
    b->pos += n;
    return int_from(t, n);
}
Ref iternext(Thread& t, Value self) {
    BytesIO* b = as_bytesio(self);
    TRY(need_open(t, b));
    int64_t n = line_length(b, -1);
    if (n == 0) return {};
    return take(t, b, n);
}
Ref iter_(Thread&, Value self) { return Ref::share(self); }
Ref getvalue(Thread& t, Value self) {
    BytesIO* b = as_bytesio(self);
    TRY(need_open(t, b));
    if (b->size == capacity(b) && b->exports == 0) return Ref::share(b->buf);
    if (b->exports == 0 && !shared(b)) {
        TRY(resize_buffer(t, b, b->size));
        return Ref::share(b->buf);
    }
    return bytes_from(t, data(b), static_cast<size_t>(b->size));
}

// --- writing and moving ---

Ref write(Thread& t, Value self, Value arg) { return int_from(t, TRY(put(t, as_bytesio(self), arg))); }
Ref writelines(Thread& t, Value self, Value lines) {
    BytesIO* b = as_bytesio(self);
    TRY(need_open(t, b));
    Ref it = TRY(iter(t, lines));
    for (;;) {
        Ref line = iter_next(t, it);
        if (!line) break;
        TRY_DISCARD(put(t, b, line));
    }
    if (occurred(t)) return {};
    return none_ref();
}
Ref tell(Thread& t, Value self) {
    TRY(need_open(t, as_bytesio(self)));
    return int_from(t, as_bytesio(self)->pos);
}
Ref seek(Thread& t, Value self, const Value* args, size_t nargs) {
    BytesIO* b = as_bytesio(self);
    Ref pos_index = TRY(index(t, args[0]));
    int64_t pos;
    if (!int_to_i64(pos_index, &pos))
        return raise(t, PyExc_OverflowError, "Python int too large to convert to C ssize_t");
    int whence = nargs > 1 ? TRY(as_int32(t, args[1])) : 0;
    TRY(need_open(t, b));
    if (pos < 0 && whence == 0)
        return raise(t, PyExc_ValueError, "negative seek value %zd", static_cast<size_t>(pos));
    if (whence < 0 || whence > 2)
        return raise(t, PyExc_ValueError, "invalid whence (%i, should be 0, 1 or 2)", whence);
    int64_t from = whence == 1 ? b->pos : whence == 2 ? b->size : 0;
    if (__builtin_add_overflow(pos, from, &pos))
        return raise(t, PyExc_OverflowError, "new position too large");
    b->pos = pos < 0 ? 0 : pos;
    return int_from(t, b->pos);
}
Ref truncate(Thread& t, Value self, const Value* a) {
    BytesIO* b = as_bytesio(self);
    TRY(need_open(t, b));
    TRY(need_no_exports(t, b));
    int64_t size = b->pos;
    if (a[0] && !is_none(a[0])) {
        size = TRY(as_int64(t, a[0]));
        TRY(need_open(t, b));
        TRY(need_no_exports(t, b));
    }
    if (size < 0) return raise(t, PyExc_ValueError, "negative size value %zd", static_cast<size_t>(size));
    if (size < b->size) {
        TRY(own(t, b, size));
        b->size = size;
    }
    return int_from(t, size);
}
Ref yes(Thread& t, Value self) {
    TRY(need_open(t, as_bytesio(self)));
    return bool_ref(true);
}
Ref no(Thread& t, Value self) {
    TRY(need_open(t, as_bytesio(self)));
    return bool_ref(false);
}
Ref flush(Thread& t, Value self) {
    TRY(need_open(t, as_bytesio(self)));
    return none_ref();
}
Ref close(Thread& t, Value self) {
    TRY(need_no_exports(t, as_bytesio(self)));
    clear_value(as_bytesio(self)->buf);
    return none_ref();
}
Ref get_closed(Thread&, Value self, void*) { return bool_ref(!as_bytesio(self)->buf); }

Ref getbuffer(Thread& t, Value self) {
    TRY(need_open(t, as_bytesio(self)));
    Ref r = TRY(alloc(t, &bytesio_buffer_type));
    r.as<BytesIOBuffer>()->source = Ref::share(self).release();
    return call(t, Value(&PyMemoryView_Type), {r});
}

// --- pickling ---

Ref getstate(Thread& t, Value self) {
    Ref value = TRY(getvalue(t, self));
    Ref pos = TRY(int_from(t, as_bytesio(self)->pos));
    Ref dict = as_io(self)->dict ? TRY(dict_copy(t, as_io(self)->dict)) : none_ref();
    return tuple_of(t, {value, pos, dict});
}
Ref setstate(Thread& t, Value self, Value state) {
    BytesIO* b = as_bytesio(self);
    if (!is_tuple(state) || tuple_size(state) < 3)
        return raise(t, PyExc_TypeError, "%.200s.__setstate__ argument should be 3-tuple, got %.200s",
                     type_of(self)->tp_name, type_of(state)->tp_name);
    TRY(need_open(t, b));
    TRY(need_no_exports(t, b));
    Ref empty = TRY(bytes_from(t, nullptr, 0));
    set_value(b->buf, std::move(empty));
    b->pos = b->size = 0;
    TRY_DISCARD(put(t, b, tuple_get(state, 0)));
    Value pos = tuple_get(state, 1), dict = tuple_get(state, 2);
    if (!is_long(pos))
        return raise(t, PyExc_TypeError, "second item of state must be an integer, not %.200s",
                     type_of(pos)->tp_name);
    int64_t at = TRY(as_index(t, pos, PyExc_OverflowError));
    if (at < 0) return raise(t, PyExc_ValueError, "position value cannot be negative");
    b->pos = at;
    if (!is_none(dict)) {
        if (!is_dict(dict))
            return raise(t, PyExc_TypeError, "third item of state should be a dict, got a %.200s",
                         type_of(dict)->tp_name);
        if (b->dict)
            TRY(dict_update(t, b->dict, dict));
        else
            b->dict = Ref::share(dict).release();
    }
    return none_ref();
}
Ref sizeof_(Thread& t, Value self) {
    BytesIO* b = as_bytesio(self);
    int64_t n = type_of(self)->tp_basicsize;
    if (b->buf && !shared(b)) n += 33 + capacity(b);
    return int_from(t, n);
}

// --- life ---

Status init(Thread& t, Value self, const Value* args, size_t nargs, Value kwnames) {
    Value a[1];
    Ref keep;
    if (nargs <= 1 && !kwnames)
        a[0] = nargs ? args[0] : Value();
    else
        TRY(bind_args(t, "BytesIO", "(initial_bytes=b'')", args, nargs, kwnames, a, keep));
    BytesIO* b = as_bytesio(self);
    TRY(need_no_exports(t, b));
    b->pos = b->size = 0;
    if (a[0] && has_type(a[0], &PyBytes_Type)) {
        set_value(b->buf, Ref::share(a[0]));
        b->size = bytes_size(a[0]);
        return Status::ok();
    }
    Ref empty = TRY(bytes_from(t, nullptr, 0));
    set_value(b->buf, std::move(empty));
    if (a[0] && !is_none(a[0])) {
        TRY_DISCARD(put(t, b, a[0]));
        b->pos = 0;
    }
    return Status::ok();
}
Ref new_(Thread& t, PyTypeObject* type, const Value*, size_t, Value) {
    Ref empty = TRY(bytes_from(t, nullptr, 0));
    Ref r = TRY(alloc(t, type));
    as_bytesio(r)->buf = empty.release();
    return r;
}
void dealloc(Thread& t, PyObject* o) {
    auto* b = reinterpret_cast<BytesIO*>(o);
    clear_io(t, o);
    clear_value(b->buf);
    free_object(t, o);
}

// --- what getbuffer() views ---

Status buffer_get(Thread& t, Value self, Py_buffer* view, int flags) {
    Value source = self.as<BytesIOBuffer>()->source;
    BytesIO* b = as_bytesio(source);
    if (b->exports == 0 && shared(b)) TRY(unshare(t, b));
    TRY(fill_buffer_info(t, view, self, data(b), b->size, false, flags));
    b->exports++;
    return Status::ok();
}
void buffer_release(Thread&, Value self, Py_buffer*) {
    as_bytesio(self.as<BytesIOBuffer>()->source)->exports--;
}
void buffer_traverse(PyObject* o, Visitor& v) { v.visit(reinterpret_cast<BytesIOBuffer*>(o)->source); }
void buffer_dealloc(Thread& t, PyObject* o) {
    clear_value(reinterpret_cast<BytesIOBuffer*>(o)->source);
    free_object(t, o);
}

const NativeDef methods[] = {
    def<yes>("readable", "()", "Whether the stream can be read."),
    def<yes>("seekable", "()", "Whether the stream can be moved in."),
    def<yes>("writable", "()", "Whether the stream can be written."),
    def<close>("close", "()", "Closes the stream and lets go of its contents."),
    def<flush>("flush", "()", "Does nothing."),
    def<no>("isatty", "()", "False."),
    def<tell>("tell", "()", "The position in bytes."),
    def<write>("write", "(b, /)", "Writes bytes; returns how many."),
    def<writelines>("writelines", "(lines, /)", "Writes each bytes-like item."),
    def<read>("read1", "(size=-1, /)", "As read()."),
    def<readinto>("readinto", "(buffer, /)", "Reads into a writable buffer; returns how many bytes."),
    def<readline>("readline", "(size=-1, /)", "The next line, or at most size bytes of it."),
    def<readlines>("readlines", "(size=None, /)", "The list of the lines left; size bounds their total."),
    def<read>("read", "(size=-1, /)", "At most size bytes, or all that are left."),
    def<getbuffer>("getbuffer", "()", "A writable memoryview of the contents.", kMethMethod),
    def<getvalue>("getvalue", "()", "All contents as bytes."),
    def<seek>("seek", "(pos, whence=0, /)", "Moves to a new position and returns it."),
    def<truncate>("truncate", "(size=None, /)", "Cuts the contents to at most size bytes."),
    def<getstate>("__getstate__", "()", nullptr),
    def<setstate>("__setstate__", "(object, /)", nullptr),
    def<sizeof_>("__sizeof__", "()", nullptr),
    {}};
const GetSetDef getsets[] = {getset("closed", get_closed, nullptr, "Whether the stream is closed."), {}};

const TypeDecl bytesio_decl{.name = "_io.BytesIO",
                            .basicsize = sizeof(BytesIO),
                            .flags = kTpDefault | kTpBaseType | kTpHaveGC,
                            .base = &bufferediobase_type,
                            .slots = {.dealloc = dealloc,
                                      .traverse = visit_io,
                                      .clear = clear_io,
                                      .iter = iter_,
                                      .iternext = iternext,
                                      .init = init,
                                      .new_ = new_},
                            .spec = {.methods = methods,
                                     .getset = getsets,
                                     .doc = "A binary stream whose contents are in memory.",
                                     .text_signature = "(initial_bytes=b'')"}};
const TypeDecl buffer_decl{.name = "_io._BytesIOBuffer",
                           .basicsize = sizeof(BytesIOBuffer),
                           .flags = kTpDefault | kTpHaveGC | kTpDisallowInstantiation,
                           .slots = {.dealloc = buffer_dealloc,
                                     .traverse = buffer_traverse,
                                     .getbuffer = buffer_get,
                                     .releasebuffer = buffer_release}};

}  // namespace

Status init_bytesio(Thread& t, Value module) {
    TRY(add_static_type(t, module, bytesio_type, bytesio_decl));
    return add_static_type(t, module, bytesio_buffer_type, buffer_decl);
}

}  // namespace krait::io
