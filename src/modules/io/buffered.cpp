// BufferedReader, BufferedWriter, BufferedRandom: construction, the raw stream below, position, closing.
#include "modules/io/buffered.h"

#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace krait::io {

Type buffered_reader_type, buffered_writer_type, buffered_random_type;

// --- lock ---

Status BufferLock::enter(Thread& t, Value self) {
    uint32_t expected = 0;
    if (!state_.compare_exchange_strong(expected, 1, std::memory_order_acquire)) {
        if (owner_ == &t) return raise(t, PyExc_RuntimeError, "reentrant call inside %R", self);
        AllowThreads allow(t);
        while (state_.exchange(2, std::memory_order_acquire) != 0) state_.wait(2);
    }
    owner_ = &t;
    return Status::ok();
}

void BufferLock::leave() {
    owner_ = nullptr;
    if (state_.exchange(0, std::memory_order_release) == 2) state_.notify_one();
}

// --- checks ---

Status need_initialized(Thread& t, Buffered* b) {
    if (b->ok) return Status::ok();
    if (b->detached) return raise(t, PyExc_ValueError, "raw stream has been detached");
    return raise(t, PyExc_ValueError, "I/O operation on uninitialized object");
}

static Result<bool> is_closed(Thread& t, Value self) {
    Buffered* b = as_buffered(self);
    if (!b->buffer) return true;
    if (b->plain) return as_file(b->raw)->fd < 0;
    TRY(need_initialized(t, b));
    Ref raw = Ref::share(b->raw);
    return closed_attr(t, raw);
}

Status need_not_closed(Thread& t, Value self, const char* message) {
    if (TRY(is_closed(t, self))) return raise(t, PyExc_ValueError, "%s", message);
    return Status::ok();
}

// --- raw stream ---

static Result<int64_t> to_position(Thread& t, Value v) {
    Ref n = TRY(index(t, v));
    int64_t at;
    if (int_to_i64(n, &at)) return at;
    return raise(t, PyExc_ValueError, "cannot fit '%.200s' into an offset-sized integer",
                 type_of(v)->tp_name);
}

static Result<int64_t> accept_position(Thread& t, Buffered* b, Ref answer) {
    if (!answer) return {};
    auto n = to_position(t, answer);
    if (!n || n.value() < 0) {
        if (n)
            return raise(t, PyExc_OSError, "Raw stream returned invalid position %lld", (long long)n.value());
        return {};
    }
    b->abs_pos = n.value();
    return n.value();
}

Result<int64_t> raw_tell(Thread& t, Buffered* b) {
    if (plain_instance(b->raw, &fileio_type) && as_file(b->raw)->fd >= 0) {
        off_t at = lseek(as_file(b->raw)->fd, 0, SEEK_CUR);
        if (as_file(b->raw)->seekable < 0) as_file(b->raw)->seekable = at >= 0;
        if (at < 0) return raise_errno(t, errno);
        return b->abs_pos = at;
    }
    Ref raw = Ref::share(b->raw);
    return accept_position(t, b, call_method(t, raw, IO(tell)));
}

Result<int64_t> raw_seek(Thread& t, Buffered* b, int64_t target, int whence) {
    Ref raw = Ref::share(b->raw), where = TRY(int_from(t, target));
    return accept_position(t, b, call_method(t, raw, IO(seek), {where, Value::from_int(whence)}));
}

// The count that a readinto() or write() of a foreign raw stream answered.
static Result<int64_t> accept_count(Thread& t, Value answer, int64_t most, const char* method) {
    if (is_none(answer)) return kWouldBlock;
    auto n = as_index(t, answer, PyExc_ValueError);
    if (!n) return raise_from_cause(t, PyExc_OSError, "raw %s() failed", method);
    if (n.value() < 0 || n.value() > most)
        return raise(t, PyExc_OSError,
                     "raw %s() returned invalid length %zd (should have been between 0 and %zd)", method,
                     static_cast<size_t>(n.value()), static_cast<size_t>(most));
    return n.value();
}

static Result<int64_t> advance(Buffered* b, int64_t n) {
    if (n > 0 && b->abs_pos != -1) b->abs_pos += n;
    return n;
}

// Calls `method` of the raw stream with a view of `memory` until no signal interrupts it.
static Ref call_with_view(Thread& t, Buffered* b, Value method, Value memory) {
    Ref view = TRY(call(t, Value(&PyMemoryView_Type), {memory}));
    Ref raw = Ref::share(b->raw);
    for (;;) {
        Ref r = call_method(t, raw, method, {view});
        if (r) return r;
        if (!TRY(retry_interrupted(t))) return {};
    }
}

Result<int64_t> raw_read(Thread& t, Buffered* b, char* p, int64_t n) {
    if (plain_instance(b->raw, &fileio_type)) {
        Ref keep = Ref::share(b->raw);
        return advance(b, TRY(fileio_read_into(t, keep, p, n)));
    }
    // A foreign readinto() may keep the view: it gets memory of its own.
    Ref memory = TRY(bytearray_from(t, nullptr, 0));
    TRY(bytearray_resize(t, memory, n));
    memset(bytearray_data(memory), 0, static_cast<size_t>(n));
    Ref answer = TRY(call_with_view(t, b, IO(readinto), memory));
    int64_t got = TRY(accept_count(t, answer, n, "readinto"));
    if (got > 0) memcpy(p, bytearray_data(memory), static_cast<size_t>(got));
    return advance(b, got);
}

Result<int64_t> raw_write(Thread& t, Buffered* b, const char* p, int64_t n) {
    if (plain_instance(b->raw, &fileio_type)) {
        Ref keep = Ref::share(b->raw);
        return advance(b, TRY(fileio_write_from(t, keep, p, n)));
    }
    Ref memory = TRY(bytes_from(t, p, static_cast<size_t>(n)));
    Ref answer = TRY(call_with_view(t, b, IO(write), memory));
    return advance(b, TRY(accept_count(t, answer, n, "write")));
}

// --- position ---

Status flush_and_rewind(Thread& t, Buffered* b) {
    TRY(writer_flush(t, b));
    if (!b->readable) return Status::ok();
    // The unread part is given back, so that the next write lands where the user stands.
    auto r = raw_seek(t, b, -b->raw_offset(), 1);
    b->reset_read();
    if (!r) return {};
    return Status::ok();
}

namespace {

Ref flush_raw(Thread& t, Value self) {
    TRY(need_initialized(t, as_buffered(self)));
    Ref raw = Ref::share(as_buffered(self)->raw);
    return call_method(t, raw, ID(flush));
}

Ref flush(Thread& t, Value self) {
    Buffered* b = as_buffered(self);
    TRY(need_initialized(t, b));
    TRY(need_not_closed(t, self, "flush of closed file"));
    Locked lock(t, self);
    if (!lock) return {};
    TRY(need_initialized(t, b));
    TRY(flush_and_rewind(t, b));
    return none_ref();
}

Ref tell(Thread& t, Value self) {
    Buffered* b = as_buffered(self);
    TRY(need_initialized(t, b));
    int64_t pos = TRY(raw_tell(t, b)) - b->raw_offset();
    return int_from(t, pos < 0 ? 0 : pos);
}

Ref seek(Thread& t, Value self, const Value* args, size_t nargs) {
    Buffered* b = as_buffered(self);
    int whence = nargs > 1 ? TRY(as_int32(t, args[1])) : 0;
    TRY(need_initialized(t, b));
    if ((whence < 0 || whence > 2) && whence != SEEK_HOLE && whence != SEEK_DATA)
        return raise(t, PyExc_ValueError, "whence value %d unsupported", whence);
    TRY(need_not_closed(t, self, "seek of closed file"));
    Ref raw = Ref::share(b->raw);
    TRY(check_seekable_attr(t, raw, "File or stream is not seekable."));
    int64_t target = TRY(to_position(t, args[0]));
    if (whence <= 1 && b->readable) {
        // Within what is buffered nothing needs to be read again.
        int64_t current = b->abs_pos != -1 ? b->abs_pos : TRY(raw_tell(t, b));
        int64_t available = b->ahead();
        if (available > 0) {
            int64_t user = current - b->raw_offset();
            int64_t step = whence == 0 ? target - user : target;
            if (step >= -b->pos && step <= available) {
                b->pos += step;
                if (user + step >= 0) return int_from(t, user + step);
                b->pos -= step;
            }
        }
    }
    Locked lock(t, self);
    if (!lock) return {};
    TRY(need_initialized(t, b));
    if (b->writable) TRY(writer_flush(t, b));
    if (whence == 1) target -= b->raw_offset();
    int64_t at = TRY(raw_seek(t, b, target, whence));
    b->raw_pos = -1;
    if (b->readable) b->reset_read();
    return int_from(t, at);
}

Ref truncate(Thread& t, Value self, const Value* a) {
    Buffered* b = as_buffered(self);
    TRY(need_initialized(t, b));
    TRY(need_not_closed(t, self, "truncate of closed file"));
    if (!b->writable) return unsupported(t, "truncate");
    Locked lock(t, self);
    if (!lock) return {};
    TRY(need_initialized(t, b));
    TRY(flush_and_rewind(t, b));
    Ref raw = Ref::share(b->raw);
    Ref r = TRY(call_method(t, raw, IO(truncate), {a[0] ? a[0] : none()}));
    if (!raw_tell(t, b)) clear_error(t);
    return r;
}

// --- closing ---

Ref detach(Thread& t, Value self) {
    Buffered* b = as_buffered(self);
    TRY(need_initialized(t, b));
    TRY_DISCARD(call_method(t, self, ID(flush)));
    Ref raw = Ref::steal(b->raw);
    b->raw = Value();
    b->detached = true;
    b->ok = b->plain = false;
    return raw ? std::move(raw) : none_ref();
}

Ref close(Thread& t, Value self) {
    Buffered* b = as_buffered(self);
    TRY(need_initialized(t, b));
    {
        Locked lock(t, self);
        if (!lock) return {};
        TRY(need_initialized(t, b));
        if (TRY(is_closed(t, self))) return none_ref();
        if (b->finalizing && b->raw) {
            Ref raw = Ref::share(b->raw);
            if (!call_method(t, raw, IO(_dealloc_warn), {self})) clear_error(t);
        }
    }
    Ref flushed = call_method(t, self, ID(flush));
    Locked lock(t, self);
    Ref error = flushed ? Ref() : fetch_error(t);
    if (!lock) return {};
    if (!b->raw) {
        restore_error(t, std::move(error));
        return flushed ? none_ref() : Ref();
    }
    Ref raw = Ref::share(b->raw);
    Ref r = call_method(t, raw, ID(close));
    mem_free(b->buffer);
    b->buffer = nullptr;
    if (error) {
        chain_error(t, std::move(error));
        return {};
    }
    return r;
}

Ref dealloc_warn_method(Thread& t, Value self, Value source) {
    Buffered* b = as_buffered(self);
    if (b->ok && b->raw) {
        Ref raw = Ref::share(b->raw);
        if (!call_method(t, raw, IO(_dealloc_warn), {source})) clear_error(t);
    }
    return none_ref();
}

// --- answers of the raw stream ---

template <LazyName& name>
Ref ask_raw(Thread& t, Value self) {
    TRY(need_initialized(t, as_buffered(self)));
    Ref raw = Ref::share(as_buffered(self)->raw);
    return call_method(t, raw, name(t));
}
LazyName kFileno("fileno");

Ref raw_attr(Thread& t, Value self, Value name) {
    TRY(need_initialized(t, as_buffered(self)));
    Ref raw = Ref::share(as_buffered(self)->raw);
    return get_attr(t, raw, name);
}
Ref get_closed(Thread& t, Value self, void*) { return raw_attr(t, self, ID(closed)); }
Ref get_name(Thread& t, Value self, void*) { return raw_attr(t, self, ID(name)); }
Ref get_mode(Thread& t, Value self, void*) { return raw_attr(t, self, ID(mode)); }
Ref size_of(Thread& t, Value self) {
    Buffered* b = as_buffered(self);
    return int_from(t, type_of(self)->tp_basicsize + (b->buffer ? b->size : 0));
}

// --- construction ---

Status make_buffer(Thread& t, Value self, Value raw, int64_t size) {
    Buffered* b = as_buffered(self);
    b->raw = Ref::share(raw).release();
    b->size = size;
    b->mask = (size & (size - 1)) == 0 ? size - 1 : 0;
    b->buffer = static_cast<char*>(mem_alloc(static_cast<size_t>(size)));
    if (!b->buffer) return raise_no_memory(t);
    b->pos = 0;
    b->raw_pos = 0;
    b->abs_pos = -1;
    b->reset_read();
    b->reset_write();
    if (!raw_tell(t, b)) clear_error(t);  // a pipe has no position
    PyTypeObject* type = type_of(self);
    b->plain =
        has_type(raw, &fileio_type) &&
        (type == &buffered_reader_type || type == &buffered_writer_type || type == &buffered_random_type);
    b->ok = true;
    return Status::ok();
}

Status init_with(Thread& t, Value self, const char* name, bool readable, bool writable, const Value* args,
                 size_t nargs, Value kwnames) {
    Value a[2];
    Ref keep;
    TRY(bind_args(t, name, "(raw, buffer_size=DEFAULT_BUFFER_SIZE)", args, nargs, kwnames, a, keep));
    int64_t size = kDefaultBufferSize;
    if (a[1]) {
        Ref n = TRY(index(t, a[1]));
        if (!int_to_i64(n, &size))
            return raise(t, PyExc_OverflowError, "Python int too large to convert to C ssize_t");
    }
    Buffered* b = as_buffered(self);
    b->ok = b->detached = b->plain = false;
    if (readable && writable) TRY(check_seekable_attr(t, a[0], "File or stream is not seekable."));
    if (readable) TRY(check_readable_attr(t, a[0], "File or stream is not readable."));
    if (writable) TRY(check_writable_attr(t, a[0], "File or stream is not writable."));
    if (size <= 0) return raise(t, PyExc_ValueError, "buffer size must be strictly positive");
    Locked lock(t, self);
    if (!lock) return {};
    clear_value(b->raw);
    mem_free(b->buffer);
    b->buffer = nullptr;
    b->readable = readable;
    b->writable = writable;
    return make_buffer(t, self, a[0], size);
}
Status reader_init(Thread& t, Value self, const Value* args, size_t nargs, Value kwnames) {
    return init_with(t, self, "BufferedReader", true, false, args, nargs, kwnames);
}
Status writer_init(Thread& t, Value self, const Value* args, size_t nargs, Value kwnames) {
    return init_with(t, self, "BufferedWriter", false, true, args, nargs, kwnames);
}
Status random_init(Thread& t, Value self, const Value* args, size_t nargs, Value kwnames) {
    return init_with(t, self, "BufferedRandom", true, true, args, nargs, kwnames);
}

void traverse(PyObject* o, Visitor& v) {
    visit_io(o, v);
    v.visit(reinterpret_cast<Buffered*>(o)->raw);
}
void clear(Thread& t, PyObject* o) {
    auto* b = reinterpret_cast<Buffered*>(o);
    b->ok = b->plain = false;
    clear_value(b->raw);
    clear_io(t, o);
}
void dealloc(Thread& t, PyObject* o) {
    auto* b = reinterpret_cast<Buffered*>(o);
    clear(t, o);
    mem_free(b->buffer);
    free_object(t, o);
}

#define COMMON_METHODS                                                                               \
    def<detach>("detach", "()", nullptr), def<ask_raw<names::seekable_>>("seekable", "()", nullptr), \
        def<ask_raw<kFileno>>("fileno", "()", nullptr),                                              \
        def<ask_raw<names::isatty_>>("isatty", "()", nullptr),                                       \
        def<dealloc_warn_method>("_dealloc_warn", "(source, /)", nullptr),                           \
        def<no_pickle>("__getstate__", "()", nullptr), def<close>("close", "()", nullptr),           \
        def<tell>("tell", "()", nullptr), def<seek>("seek", "(target, whence=0, /)", nullptr),       \
        def<truncate>("truncate", "(pos=None, /)", nullptr, kMethMethod),                            \
        def<size_of>("__sizeof__", "()", nullptr)
#define READ_METHODS                                                  \
    def<ask_raw<names::readable_>>("readable", "()", nullptr),        \
        def<buffered_read>("read", "(size=-1, /)", nullptr),          \
        def<buffered_peek>("peek", "(size=0, /)", nullptr),           \
        def<buffered_read1>("read1", "(size=-1, /)", nullptr),        \
        def<buffered_readinto>("readinto", "(buffer, /)", nullptr),   \
        def<buffered_readinto1>("readinto1", "(buffer, /)", nullptr), \
        def<buffered_readline>("readline", "(size=-1, /)", nullptr)
#define WRITE_METHODS                                          \
    def<ask_raw<names::writable_>>("writable", "()", nullptr), \
        def<buffered_write>("write", "(buffer, /)", nullptr)

const NativeDef reader_methods[] = {COMMON_METHODS, READ_METHODS, def<flush_raw>("flush", "()", nullptr), {}};
const NativeDef writer_methods[] = {COMMON_METHODS, WRITE_METHODS, def<flush>("flush", "()", nullptr), {}};
const NativeDef random_methods[] = {
    COMMON_METHODS, READ_METHODS, WRITE_METHODS, def<flush>("flush", "()", nullptr), {}};

const GetSetDef getsets[] = {getset("closed", get_closed, nullptr, nullptr),
                             getset("name", get_name, nullptr, nullptr),
                             getset("mode", get_mode, nullptr, nullptr),
                             {}};
const MemberDef members[] = {
    member("raw", MemberKind::Object, sizeof(IoObject), kReadonly, nullptr),
    member("_finalizing", MemberKind::Bool, offsetof(IoObject, finalizing), 0, nullptr),
    {}};

constexpr TypeDecl decl(const char* name, const char* doc, InitFn init, const NativeDef* methods,
                        bool reads) {
    TypeDecl d{.name = name, .basicsize = sizeof(Buffered)};
    d.flags = kTpDefault | kTpBaseType | kTpHaveGC;
    d.base = &bufferediobase_type;
    d.slots.dealloc = dealloc;
    d.slots.traverse = traverse;
    d.slots.clear = clear;
    d.slots.repr = repr_with_name;
    d.slots.init = init;
    if (reads) d.slots.iternext = buffered_iternext;
    d.spec.methods = methods;
    d.spec.getset = getsets;
    d.spec.members = members;
    d.spec.doc = doc;
    d.spec.text_signature = "(raw, buffer_size=DEFAULT_BUFFER_SIZE)";
    return d;
}
const TypeDecl reader_decl = decl("_io.BufferedReader", "A buffer over a raw stream that can be read.",
                                  reader_init, reader_methods, true);
const TypeDecl writer_decl =
    decl("_io.BufferedWriter", "A buffer over a raw stream that can be written; flush() empties it.",
         writer_init, writer_methods, false);
const TypeDecl random_decl =
    decl("_io.BufferedRandom", "A buffer over a raw stream for reading, writing and moving about.",
         random_init, random_methods, true);

}  // namespace

Status init_buffered(Thread& t, Value module) {
    TRY(add_static_type(t, module, buffered_reader_type, reader_decl));
    TRY(add_static_type(t, module, buffered_writer_type, writer_decl));
    TRY(add_static_type(t, module, buffered_rwpair_type, rwpair_decl));
    return add_static_type(t, module, buffered_random_type, random_decl);
}

}  // namespace krait::io
