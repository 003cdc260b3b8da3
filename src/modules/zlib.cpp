// The module zlib, over the system's library.
#include <zlib.h>

#include <algorithm>
#include <climits>
#include <cstring>
#include <new>

#include "builtins/bytes.h"
#include "builtins/callable.h"
#include "builtins/dict.h"
#include "builtins/number.h"
#include "builtins/str.h"
#include "builtins/tuple.h"
#include "modules/_thread.h"
#include "object/convert.h"
#include "object/per_interpreter.h"
#include "object/protocol.h"

namespace krait {

namespace {

constexpr int64_t kDefaultSize = 16384;
constexpr int kMemLevel = 8;

PER_INTERPRETER_REFS Value g_error;  // zlib.error, owned
PER_INTERPRETER_REFS PyTypeObject *g_compress, *g_decompress, *g_reader;

// One struct for the three types; what a type does not use stays empty.
struct Stream {
    PyObject ob_base;
    z_stream zs;
    OsLock lock;  // held while the stream is at work without the GIL
    bool ready;   // zs is between its init and its end
    bool eof, needs_input, inflating;
    Value unused, tail, zdict;  // bytes, bytes, bytes or empty; owned
    int64_t offset;             // _ZlibDecompressor: how much of `tail` is done
};
Stream* as_stream(Value v) { return v.as<Stream>(); }

class Locked {
  public:
    explicit Locked(Stream* s) : s_(s) {}
    Locked(const Locked&) = delete;
    ~Locked() {
        if (held_) s_->lock.release();
    }
    Status take(Thread& t) {
        held_ = TRY(s_->lock.acquire(t, -1));
        return Status::ok();
    }

  private:
    Stream* s_;
    bool held_ = false;
};

Raised zlib_error(Thread& t, const z_stream& zs, int err, const char* doing) {
    const char* why = err == Z_VERSION_ERROR ? "library version mismatch" : zs.msg;
    if (!why) {
        if (err == Z_BUF_ERROR) why = "incomplete or truncated stream";
        if (err == Z_STREAM_ERROR) why = "inconsistent stream state";
        if (err == Z_DATA_ERROR) why = "invalid input data";
    }
    auto* type = g_error.as<PyTypeObject>();
    if (!why) return raise(t, type, "Error %d %s", err, doing);
    return raise(t, type, "Error %d %s: %.200s", err, doing, why);
}
Result<int> int_arg(Thread& t, Value v, int absent) {
    if (!v) return absent;
    return as_int32(t, v);
}
Result<int64_t> size_arg(Thread& t, Value v, int64_t absent) {
    if (!v) return absent;
    return as_ssize(t, v);
}

// Input longer than zlib counts, fed in pieces; output into growing bytes.
class Pump {
  public:
    Pump(Thread& t, z_stream& zs, bool inflating, const void* data, int64_t size, int64_t first,
         int64_t limit = INT64_MAX)
        : t_(t), zs_(zs), inflating_(inflating), left_(size), next_(first), limit_(limit), out_(t) {
        zs.next_in = static_cast<Bytef*>(const_cast<void*>(data));
    }
    // Runs until the input is used up (or, with a flush that ends, the stream is done), or the limit is
    // reached. Fails only without memory; otherwise `err` is zlib's last word.
    Status run(int flush, Value zdict = {}) {
        do {
            feed();
            int mode = left_ ? Z_NO_FLUSH : flush;
            do {
                TRY_DISCARD(room());
                if (!space_) break;
                step(mode);
                if (err == Z_NEED_DICT && zdict) {
                    err = inflateSetDictionary(&zs_, reinterpret_cast<const Bytef*>(bytes_data(zdict)),
                                               static_cast<uInt>(bytes_size(zdict)));
                    if (err != Z_OK) {
                        bad_dict = true;
                        return Status::ok();
                    }
                    zs_.avail_out = space_;
                    continue;
                }
                if (err != Z_OK && err != Z_BUF_ERROR) return Status::ok();
            } while (zs_.avail_out == 0 || (err == Z_OK && zdict && zs_.avail_in));
        } while (left_ && out_.size() < limit_);
        return Status::ok();
    }
    int64_t remaining() const { return left_ + zs_.avail_in; }
    const char* rest() const { return reinterpret_cast<const char*>(zs_.next_in); }
    Ref finish() { return out_.finish(); }

    int err = Z_OK;
    bool bad_dict = false;

  private:
    void feed() {
        auto n = static_cast<uInt>(std::min<int64_t>(left_, UINT_MAX));
        zs_.avail_in = n;
        left_ -= n;
    }
    Status room() {
        int64_t n = std::min({next_, limit_ - out_.size(), int64_t{UINT_MAX}});
        space_ = static_cast<uInt>(n);
        if (!n) return Status::ok();
        char* p = out_.extend(n);
        if (!p) return {};
        zs_.next_out = reinterpret_cast<Bytef*>(p);
        zs_.avail_out = space_;
        next_ = std::min<int64_t>(next_ * 2, int64_t{1} << 28);
        return Status::ok();
    }
    void step(int mode) {
        {
            AllowThreads allow(t_);
            err = inflating_ ? inflate(&zs_, mode) : deflate(&zs_, mode);
        }
        out_.truncate(out_.size() - zs_.avail_out);
    }

    Thread& t_;
    z_stream& zs_;
    bool inflating_;
    int64_t left_, next_, limit_;
    uInt space_ = 0;
    BytesBuilder out_;
};

// A z_stream for one call.
struct Local {
    z_stream zs{};
    int (*end)(z_streamp) = nullptr;
    Local() = default;
    Local(const Local&) = delete;
    ~Local() {
        if (end) end(&zs);
    }
};

Ref m_compress(Thread& t, Value, const Value* p) {
    Buffer in;
    TRY(in.acquire(t, p[0]));
    int level = TRY(int_arg(t, p[1], Z_DEFAULT_COMPRESSION)), wbits = TRY(int_arg(t, p[2], MAX_WBITS));
    Local s;
    int err = deflateInit2(&s.zs, level, Z_DEFLATED, wbits, kMemLevel, Z_DEFAULT_STRATEGY);
    if (err == Z_MEM_ERROR) return raise(t, PyExc_MemoryError, "Out of memory while compressing data");
    if (err == Z_STREAM_ERROR) return raise(t, g_error.as<PyTypeObject>(), "Bad compression level");
    if (err != Z_OK) return zlib_error(t, s.zs, err, "while compressing data");
    s.end = deflateEnd;
    Pump pump(t, s.zs, false, in.data(), in.size(), kDefaultSize);
    TRY(pump.run(Z_FINISH));
    if (pump.err == Z_STREAM_ERROR) return zlib_error(t, s.zs, pump.err, "while compressing data");
    s.end = nullptr;
    err = deflateEnd(&s.zs);
    if (err != Z_OK) return zlib_error(t, s.zs, err, "while finishing compression");
    return pump.finish();
}

Ref m_decompress(Thread& t, Value, const Value* p) {
    Buffer in;
    TRY(in.acquire(t, p[0]));
    int wbits = TRY(int_arg(t, p[1], MAX_WBITS));
    int64_t size = TRY(size_arg(t, p[2], kDefaultSize));
    if (size < 0) return raise(t, PyExc_ValueError, "bufsize must be non-negative");
    Local s;
    int err = inflateInit2(&s.zs, wbits);
    if (err == Z_MEM_ERROR) return raise(t, PyExc_MemoryError, "Out of memory while decompressing data");
    if (err != Z_OK) return zlib_error(t, s.zs, err, "while preparing to decompress data");
    s.end = inflateEnd;
    Pump pump(t, s.zs, true, in.data(), in.size(), std::max<int64_t>(size, 1));
    TRY(pump.run(Z_SYNC_FLUSH));
    if (pump.err == Z_MEM_ERROR) return raise(t, PyExc_MemoryError, "Out of memory while decompressing data");
    if (pump.err != Z_STREAM_END)
        return zlib_error(t, s.zs, pump.err == Z_OK ? Z_BUF_ERROR : pump.err, "while decompressing data");
    return pump.finish();
}

// --- the objects ---

Ref stream_new(Thread& t, PyTypeObject* type, bool inflating) {
    Ref self = TRY(alloc(t, type));
    auto* s = as_stream(self);
    new (&s->lock) OsLock;
    s->inflating = inflating;
    s->unused = TRY(bytes_from(t, "", 0)).release();
    s->tail = TRY(bytes_from(t, "", 0)).release();
    return self;
}
void stream_dealloc(Thread& t, PyObject* o) {
    auto* s = as_stream(Value(o));
    if (s->ready) s->inflating ? inflateEnd(&s->zs) : deflateEnd(&s->zs);
    s->lock.~OsLock();
    xdecref(s->unused);
    xdecref(s->tail);
    xdecref(s->zdict);
    free_object(t, o);
}
void put(Value& field, Ref v) {
    Value old = field;
    field = v.release();
    xdecref(old);
}
Status set_zdict(Thread& t, Stream* s, Value v) {
    if (!has_buffer(v)) return raise(t, PyExc_TypeError, "zdict argument must support the buffer protocol");
    Buffer b;
    TRY(b.acquire(t, v));
    if (b.size() > UINT_MAX)
        return raise(t, PyExc_OverflowError, "zdict length does not fit in an unsigned int");
    put(s->zdict, TRY(bytes_from(t, b.data(), static_cast<size_t>(b.size()))));
    return Status::ok();
}
Raised bad_init(Thread& t, const z_stream& zs, int err, const char* what) {
    if (err == Z_MEM_ERROR) return raise(t, PyExc_MemoryError, "Can't allocate memory for %s object", what);
    if (err == Z_STREAM_ERROR) return raise(t, PyExc_ValueError, "Invalid initialization option");
    return zlib_error(
        t, zs, err,
        what[0] == 'c' ? "while creating compression object" : "while creating decompression object");
}

Ref m_compressobj(Thread& t, Value, const Value* p) {
    int level = TRY(int_arg(t, p[0], Z_DEFAULT_COMPRESSION)), method = TRY(int_arg(t, p[1], Z_DEFLATED)),
        wbits = TRY(int_arg(t, p[2], MAX_WBITS)), mem = TRY(int_arg(t, p[3], kMemLevel)),
        strategy = TRY(int_arg(t, p[4], Z_DEFAULT_STRATEGY));
    Buffer dict;
    if (p[5]) TRY(dict.acquire(t, p[5]));
    if (dict.size() > UINT_MAX)
        return raise(t, PyExc_OverflowError, "zdict length does not fit in an unsigned int");
    Ref self = TRY(stream_new(t, g_compress, false));
    auto* s = as_stream(self);
    int err = deflateInit2(&s->zs, level, method, wbits, mem, strategy);
    if (err != Z_OK) return bad_init(t, s->zs, err, "compression");
    s->ready = true;
    if (p[5]) {
        err = deflateSetDictionary(&s->zs, reinterpret_cast<const Bytef*>(dict.data()),
                                   static_cast<uInt>(dict.size()));
        if (err == Z_STREAM_ERROR) return raise(t, PyExc_ValueError, "Invalid dictionary");
        if (err != Z_OK) return raise(t, PyExc_ValueError, "deflateSetDictionary()");
    }
    return self;
}

// zdict empty or None-like absence: none. An empty dictionary counts as none for _ZlibDecompressor.
Ref inflater(Thread& t, PyTypeObject* type, Value wbits_arg, Value zdict) {
    int wbits = TRY(int_arg(t, wbits_arg, MAX_WBITS));
    Ref self = TRY(stream_new(t, type, true));
    auto* s = as_stream(self);
    if (zdict) TRY(set_zdict(t, s, zdict));
    int err = inflateInit2(&s->zs, wbits);
    if (err != Z_OK) return bad_init(t, s->zs, err, "decompression");
    s->ready = true;
    if (s->zdict && wbits < 0) {
        err = inflateSetDictionary(&s->zs, reinterpret_cast<const Bytef*>(bytes_data(s->zdict)),
                                   static_cast<uInt>(bytes_size(s->zdict)));
        if (err != Z_OK) return zlib_error(t, s->zs, err, "while setting zdict");
    }
    return self;
}
Ref m_decompressobj(Thread& t, Value, const Value* p) { return inflater(t, g_decompress, p[0], p[1]); }

Ref c_compress(Thread& t, Value self, Value data) {
    auto* s = as_stream(self);
    Buffer in;
    TRY(in.acquire(t, data));
    Locked lock(s);
    TRY(lock.take(t));
    Pump pump(t, s->zs, false, in.data(), in.size(), kDefaultSize);
    TRY(pump.run(Z_NO_FLUSH));
    if (pump.err == Z_STREAM_ERROR) return zlib_error(t, s->zs, pump.err, "while compressing data");
    return pump.finish();
}
Ref c_flush(Thread& t, Value self, const Value* args, size_t n) {
    auto* s = as_stream(self);
    int mode = TRY(int_arg(t, n ? args[0] : Value(), Z_FINISH));
    if (mode == Z_NO_FLUSH) return bytes_from(t, "", 0);
    Locked lock(s);
    TRY(lock.take(t));
    Pump pump(t, s->zs, false, nullptr, 0, kDefaultSize);
    TRY(pump.run(mode));
    if (pump.err == Z_STREAM_END && mode == Z_FINISH) {
        s->ready = false;
        int err = deflateEnd(&s->zs);
        if (err != Z_OK) return zlib_error(t, s->zs, err, "while finishing compression");
    } else if (pump.err != Z_OK && pump.err != Z_BUF_ERROR) {
        return zlib_error(t, s->zs, pump.err, "while flushing");
    }
    return pump.finish();
}
Ref stream_copy(Thread& t, Value self) {
    auto* s = as_stream(self);
    Ref other = TRY(stream_new(t, type_of(self), s->inflating));
    auto* o = as_stream(other);
    Locked lock(s);
    TRY(lock.take(t));
    int err = s->inflating ? inflateCopy(&o->zs, &s->zs) : deflateCopy(&o->zs, &s->zs);
    if (err == Z_STREAM_ERROR) return raise(t, PyExc_ValueError, "Inconsistent stream state");
    if (err == Z_MEM_ERROR)
        return raise(t, PyExc_MemoryError, "Can't allocate memory for %s object",
                     s->inflating ? "decompression" : "compression");
    if (err != Z_OK)
        return zlib_error(
            t, s->zs, err,
            s->inflating ? "while copying decompression object" : "while copying compression object");
    o->ready = true;
    put(o->unused, Ref::share(s->unused));
    put(o->tail, Ref::share(s->tail));
    if (s->zdict) put(o->zdict, Ref::share(s->zdict));
    o->eof = s->eof;
    return other;
}
Ref stream_deepcopy(Thread& t, Value self, Value) { return stream_copy(t, self); }

// What the input still held goes to unused_data after the end, to unconsumed_tail before it.
Status keep_rest(Thread& t, Stream* s, Pump& pump) {
    int64_t n = pump.remaining();
    if (pump.err == Z_STREAM_END && n) {
        BytesBuilder b(t, bytes_size(s->unused) + n);
        TRY(b.append(bytes_view(s->unused)));
        TRY(b.append(pump.rest(), static_cast<size_t>(n)));
        put(s->unused, TRY(b.finish()));
        n = 0;
    }
    if (n || bytes_size(s->tail)) put(s->tail, TRY(bytes_from(t, pump.rest(), static_cast<size_t>(n))));
    return Status::ok();
}
Ref d_decompress(Thread& t, Value self, const Value* p) {
    auto* s = as_stream(self);
    Buffer in;
    TRY(in.acquire(t, p[0]));
    int64_t limit = TRY(size_arg(t, p[1], 0));
    if (limit < 0) return raise(t, PyExc_ValueError, "max_length must be non-negative");
    Locked lock(s);
    TRY(lock.take(t));
    Pump pump(t, s->zs, true, in.data(), in.size(), kDefaultSize, limit ? limit : INT64_MAX);
    TRY(pump.run(Z_SYNC_FLUSH, s->zdict));
    if (pump.bad_dict) return zlib_error(t, s->zs, pump.err, "while setting zdict");
    TRY(keep_rest(t, s, pump));
    if (pump.err == Z_STREAM_END)
        s->eof = true;
    else if (pump.err != Z_OK && pump.err != Z_BUF_ERROR)
        return zlib_error(t, s->zs, pump.err, "while decompressing data");
    return pump.finish();
}
Ref d_flush(Thread& t, Value self, const Value* args, size_t n) {
    auto* s = as_stream(self);
    int64_t size = TRY(size_arg(t, n ? args[0] : Value(), kDefaultSize));
    if (size <= 0) return raise(t, PyExc_ValueError, "length must be greater than zero");
    Locked lock(s);
    TRY(lock.take(t));
    Ref in = Ref::share(s->tail);
    Pump pump(t, s->zs, true, bytes_data(in), bytes_size(in), size);
    TRY(pump.run(Z_FINISH, s->zdict));
    if (pump.bad_dict) return zlib_error(t, s->zs, pump.err, "while setting zdict");
    TRY(keep_rest(t, s, pump));
    // After its end a stream has nothing more, which is no error.
    if (pump.err == Z_DATA_ERROR || pump.err == Z_NEED_DICT || pump.err == Z_MEM_ERROR)
        return zlib_error(t, s->zs, pump.err, "while decompressing data");
    if (pump.err == Z_STREAM_END) {
        s->eof = true;
        s->ready = false;
        int err = inflateEnd(&s->zs);
        if (err != Z_OK) return zlib_error(t, s->zs, err, "while finishing decompression");
    }
    return pump.finish();
}

// --- _ZlibDecompressor: keeps what it has not used itself ---

Ref reader_new(Thread& t, PyTypeObject*, const Value* args, size_t n, Value kwnames) {
    Value p[2];
    Ref keep;
    TRY(bind_args(t, "_ZlibDecompressor", "(wbits=15, zdict=b'')", args, n, kwnames, p, keep));
    Ref self = TRY(inflater(t, g_reader, p[0], p[1]));
    as_stream(self)->needs_input = true;
    return self;
}
Ref reader_decompress(Thread& t, Value self, const Value* p) {
    auto* s = as_stream(self);
    Buffer in;
    TRY(in.acquire(t, p[0]));
    int64_t limit = TRY(size_arg(t, p[1], -1));
    Locked lock(s);
    TRY(lock.take(t));
    if (s->eof) return raise(t, PyExc_EOFError, "End of stream already reached");
    int64_t kept = bytes_size(s->tail) - s->offset;
    if (kept && in.size()) {
        BytesBuilder b(t, kept + in.size());
        TRY(b.append(bytes_data(s->tail) + s->offset, static_cast<size_t>(kept)));
        TRY(b.append(in.data(), static_cast<size_t>(in.size())));
        put(s->tail, TRY(b.finish()));
        s->offset = 0;
        kept = bytes_size(s->tail);
    }
    Ref hold = Ref::share(s->tail);
    const char* data = kept ? bytes_data(hold) + s->offset : in.data();
    int64_t size = kept ? kept : in.size();
    Pump pump(t, s->zs, true, data, size, kDefaultSize, limit < 0 ? INT64_MAX : limit);
    TRY(pump.run(Z_SYNC_FLUSH, s->zdict));
    if (pump.bad_dict) return zlib_error(t, s->zs, pump.err, "while setting zdict");
    if (pump.err != Z_OK && pump.err != Z_BUF_ERROR && pump.err != Z_STREAM_END)
        return zlib_error(t, s->zs, pump.err, "while decompressing data");
    int64_t rest = pump.remaining();
    s->eof = pump.err == Z_STREAM_END;
    s->needs_input = !s->eof && rest == 0;
    if (s->eof && rest) put(s->unused, TRY(bytes_from(t, pump.rest(), static_cast<size_t>(rest))));
    if (s->eof || !rest) {
        put(s->tail, TRY(bytes_from(t, "", 0)));
        s->offset = 0;
    } else if (kept) {
        s->offset = bytes_size(s->tail) - rest;
    } else {
        put(s->tail, TRY(bytes_from(t, pump.rest(), static_cast<size_t>(rest))));
        s->offset = 0;
    }
    return pump.finish();
}

// --- checksums ---

Result<uint32_t> start_value(Thread& t, const Value* args, size_t n, uint32_t absent) {
    if (n < 2) return absent;
    Ref i = TRY(index(t, args[1]));
    return static_cast<uint32_t>(int_to_u64_wrapping(i));
}
template <uLong (*Fn)(uLong, const Bytef*, z_size_t)>
Ref checksum(Thread& t, const Value* args, size_t n, uint32_t absent) {
    Buffer in;
    TRY(in.acquire(t, args[0]));
    uLong sum = TRY(start_value(t, args, n, absent));
    auto* p = reinterpret_cast<const Bytef*>(in.data());
    if (!p) return Ref::from_int(static_cast<int64_t>(sum));
    auto size = static_cast<z_size_t>(in.size());
    if (size > 5 * 1024) {
        AllowThreads allow(t);
        sum = Fn(sum, p, size);
    } else {
        sum = Fn(sum, p, size);
    }
    return Ref::from_int(static_cast<int64_t>(sum & 0xffffffff));
}
Ref m_adler32(Thread& t, Value, const Value* args, size_t n) { return checksum<adler32_z>(t, args, n, 1); }
Ref m_crc32(Thread& t, Value, const Value* args, size_t n) { return checksum<crc32_z>(t, args, n, 0); }

// --- tables ---

const NativeDef compress_methods[] = {
    def<c_compress>("compress", "(data, /)", "Compressed data, as far as there is any yet."),
    def<c_flush>("flush", "(mode=zlib.Z_FINISH, /)", "What is still inside."),
    def<stream_copy>("copy", "()", "A copy of the object."),
    def<stream_copy>("__copy__", "()", nullptr),
    def<stream_deepcopy>("__deepcopy__", "(memo, /)", nullptr),
    {}};
const NativeDef decompress_methods[] = {
    def<d_decompress>("decompress", "(data, /, max_length=0)", "Decompressed data, at most max_length."),
    def<d_flush>("flush", "(length=zlib.DEF_BUF_SIZE, /)", "What is still inside."),
    def<stream_copy>("copy", "()", "A copy of the object."),
    def<stream_copy>("__copy__", "()", nullptr),
    def<stream_deepcopy>("__deepcopy__", "(memo, /)", nullptr),
    {}};
const NativeDef reader_methods[] = {
    def<reader_decompress>("decompress", "(data, max_length=-1)", "Decompressed data, at most max_length."),
    {}};
const MemberDef decompress_members[] = {
    member("unused_data", MemberKind::Object, offsetof(Stream, unused), kReadonly, nullptr),
    member("unconsumed_tail", MemberKind::Object, offsetof(Stream, tail), kReadonly, nullptr),
    member("eof", MemberKind::Bool, offsetof(Stream, eof), kReadonly, nullptr),
    {}};
const MemberDef reader_members[] = {
    member("eof", MemberKind::Bool, offsetof(Stream, eof), kReadonly, "Whether the end was reached."),
    member("unused_data", MemberKind::Object, offsetof(Stream, unused), kReadonly,
           "What came after the end."),
    member("needs_input", MemberKind::Bool, offsetof(Stream, needs_input), kReadonly,
           "Whether more input is needed."),
    {}};
constexpr uint64_t kNoNew = kTpDefault | kTpDisallowInstantiation;
const TypeDecl compress_decl{.name = "zlib.Compress",
                             .basicsize = sizeof(Stream),
                             .flags = kNoNew,
                             .slots = {.dealloc = stream_dealloc},
                             .spec = {.methods = compress_methods}};
const TypeDecl decompress_decl{.name = "zlib.Decompress",
                               .basicsize = sizeof(Stream),
                               .flags = kNoNew,
                               .slots = {.dealloc = stream_dealloc},
                               .spec = {.methods = decompress_methods, .members = decompress_members}};
const TypeDecl reader_decl{.name = "zlib._ZlibDecompressor",
                           .basicsize = sizeof(Stream),
                           .flags = kTpDefault | kTpImmutableType,
                           .slots = {.dealloc = stream_dealloc, .new_ = reader_new},
                           .spec = {.methods = reader_methods,
                                    .members = reader_members,
                                    .doc = "Decompresses piece by piece.",
                                    .text_signature = "(wbits=15, zdict=b'')"}};

const NativeDef functions[] = {
    def<m_adler32>("adler32", "(data, value=1, /)", "Adler-32 checksum, going on from value."),
    def<m_compress>("compress", "(data, /, level=Z_DEFAULT_COMPRESSION, wbits=MAX_WBITS)",
                    "Compressed data."),
    def<m_compressobj>(
        "compressobj",
        "(level=Z_DEFAULT_COMPRESSION, method=DEFLATED,\n            wbits=MAX_WBITS, "
        "memLevel=DEF_MEM_LEVEL,\n            strategy=Z_DEFAULT_STRATEGY, zdict=<unrepresentable>)",
        "A compressor object."),
    def<m_crc32>("crc32", "(data, value=0, /)", "CRC-32 checksum, going on from value."),
    def<m_decompress>("decompress", "(data, /, wbits=MAX_WBITS, bufsize=DEF_BUF_SIZE)", "Decompressed data."),
    def<m_decompressobj>("decompressobj", "(wbits=MAX_WBITS, zdict=b'')", "A decompressor object."),
    {}};

Status exec(Thread& t, Value module) {
    static const struct {
        const char* name;
        int value;
    } constants[] = {
#define Z(name) {#name, name}
        Z(MAX_WBITS),
        Z(Z_BEST_COMPRESSION),
        Z(Z_BEST_SPEED),
        Z(Z_BLOCK),
        Z(Z_DEFAULT_COMPRESSION),
        Z(Z_DEFAULT_STRATEGY),
        Z(Z_FILTERED),
        Z(Z_FINISH),
        Z(Z_FIXED),
        Z(Z_FULL_FLUSH),
        Z(Z_HUFFMAN_ONLY),
        Z(Z_NO_COMPRESSION),
        Z(Z_NO_FLUSH),
        Z(Z_PARTIAL_FLUSH),
        Z(Z_RLE),
        Z(Z_SYNC_FLUSH),
        Z(Z_TREES),
#undef Z
        {"DEFLATED", Z_DEFLATED},
        {"DEF_MEM_LEVEL", kMemLevel},
        {"DEF_BUF_SIZE", kDefaultSize},
    };
    for (auto& c : constants) TRY(module_add_int(t, module, c.name, c.value));
    if (!g_error) {
        Ref ns = TRY(dict_new(t)), name = TRY(str_from(t, "error")), owner = TRY(str_from(t, "zlib"));
        TRY(dict_set_str(t, ns, "__module__", owner));
        Ref bases = TRY(tuple_of(t, {Value(PyExc_Exception)}));
        g_error = TRY(new_class(t, name, bases, ns)).release();
        g_compress = TRY(new_native_heap_type(t, module, compress_decl, {})).release().as<PyTypeObject>();
        g_decompress = TRY(new_native_heap_type(t, module, decompress_decl, {})).release().as<PyTypeObject>();
        g_reader = TRY(new_native_heap_type(t, module, reader_decl, {})).release().as<PyTypeObject>();
    }
    TRY(module_add(t, module, "error", Ref::share(g_error)));
    TRY(module_add(t, module, "_ZlibDecompressor", Ref::share(Value(g_reader))));
    TRY(module_add_str(t, module, "ZLIB_VERSION", ZLIB_VERSION));
    TRY(module_add_str(t, module, "ZLIB_RUNTIME_VERSION", zlibVersion()));
    return module_add_str(t, module, "__version__", "1.0");
}

}  // namespace

extern const ModuleSpec module_zlib;
const ModuleSpec module_zlib{.name = "zlib",
                             .doc = "Compression as gzip has it, over the zlib library.",
                             .functions = functions,
                             .exec = exec};

}  // namespace krait
