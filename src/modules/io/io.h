// The module _io: what its files share.
#pragma once

#include <atomic>
#include <cstdint>

#include "builtins/bytes.h"
#include "builtins/callable.h"
#include "builtins/dict.h"
#include "builtins/list.h"
#include "builtins/number.h"
#include "builtins/str.h"
#include "builtins/tuple.h"
#include "gc/gc.h"
#include "object/names.h"
#include "object/protocol.h"

namespace krait {

// sys.stdin, stdout, stderr and their __x__ twins; a closed descriptor gives None.
Status io_init_std_streams(Thread& t);

namespace io {

inline constexpr int64_t kDefaultBufferSize = 128 * 1024;

// Every io object begins with its dict and weak references.
struct IoObject {
    PyObject ob_base;
    Value dict;
    PyObject* weaklist;
    bool finalizing;  // close() is called by the finalizer: the member `_finalizing` where there is one
    int32_t exports;  // of BytesIO: buffers handed out by getbuffer()
};
inline IoObject* as_io(Value v) { return v.as<IoObject>(); }

struct FileIO : IoObject {
    int fd;  // -1: closed
    bool created, readable, writable, appending, closefd;
    bool has_stat;    // st_mode and st_size of the time of opening are known
    int8_t seekable;  // -1: not known yet
    unsigned st_mode;
    int64_t st_size;
    unsigned blksize;
};

extern Type iobase_type, rawiobase_type, bufferediobase_type, textiobase_type, fileio_type, bytesio_type,
    bytesio_buffer_type, stringio_type, buffered_reader_type, buffered_writer_type, buffered_random_type,
    buffered_rwpair_type, newline_decoder_type, textio_type;

Status init_iobase(Thread& t, Value module);
Status init_fileio(Thread& t, Value module);
Status init_bytesio(Thread& t, Value module);
Status init_buffered(Thread& t, Value module);
Status init_newline_decoder(Thread& t, Value module);
Status init_stringio(Thread& t, Value module);
Status init_textio(Thread& t, Value module);

extern PyTypeObject* g_unsupported_operation;
Raised unsupported(Thread& t, const char* message);

// --- names ---
// clang-format off: the macro has no stable form under it
#define IO_NAMES(X)                                                                                         \
    X(__IOBase_closed)                                                                                      \
    X(_dealloc_warn)                                                                                        \
    X(_finalizing)                                                                                          \
    X(_isatty_open_only)                                                                                    \
    X(detach)                                                                                               \
    X(getstate)                                                                                             \
    X(incrementaldecoder)                                                                                   \
    X(incrementalencoder) X(isatty) X(newlines) X(nl) X(opener) X(peek) X(raw) X(read) X(read1) X(readable) \
        X(readall) X(readinto) X(readinto1) X(readline) X(replace) X(reset) X(seek) X(seekable) X(setstate) \
            X(strict) X(tell) X(truncate) X(writable) X(write)
namespace names {
#define X(text) extern LazyName text##_;
IO_NAMES(X)
#undef X
}  // namespace names
#define IO(text) (::krait::io::names::text##_(t))
// clang-format on

// --- helpers ---
void visit_io(PyObject* o, Visitor& v);  // the dict
void clear_io(Thread& t, PyObject* o);
inline void clear_value(Value& field) {
    Value old = field;
    field = Value();
    xdecref(old);
}
inline void set_value(Value& field, Ref v) {
    Value old = field;
    field = v.release();
    xdecref(old);
}
// An exact instance without attributes of its own but `name`: none shadows a method, which may be called
// directly.
inline bool plain_instance(Value v, const PyTypeObject* type) {
    if (!has_type(v, type)) return false;
    Value d = as_io(v)->dict;
    return !d || dict_size(d) == 0 || (dict_size(d) == 1 && dict_get_str(d, ID(name)));
}
Status check_closed_attr(Thread& t, Value self);  // ValueError "I/O operation on closed file."
Status check_readable_attr(Thread& t, Value self, const char* message);
Status check_writable_attr(Thread& t, Value self, const char* message);
Status check_seekable_attr(Thread& t, Value self, const char* message);
Result<bool> closed_attr(Thread& t, Value self);  // bool(self.closed)
// The exception of a clean-up step joined with an earlier one: `first` becomes __context__.
void chain_error(Thread& t, Ref first);
// size arguments: None and absent give -1.
Result<int64_t> optional_size(Thread& t, Value v);
// The current exception is InterruptedError: cleared, signals handled.  False: it is something else.
Result<bool> retry_interrupted(Thread& t);
// The setup of a type whose instances object.__new__ makes; it has no __new__ of its own.
Status made_by_object(Thread& t, PyTypeObject* type);
Status dealloc_warn(Thread& t, Value self, Value source);
// Opening text of "reentrant call" reprs: <type name=...>; the name attribute or nothing.
Ref repr_with_name(Thread& t, Value self);
Ref no_pickle(Thread& t, Value self);
int64_t find_newline(const char* p, int64_t n);  // index or -1

// iobase.cpp
Ref iobase_close(Thread& t, Value self);
void iobase_finalize(Thread& t, PyObject* o);
Ref iobase_tell(Thread& t, Value self);
Ref iobase_iternext(Thread& t, Value self);
Ref self_iter(Thread& t, Value self);

// fileio.cpp: system calls with the GIL released, EINTR handled.  would_block: the result is -2.
inline constexpr int64_t kWouldBlock = -2;
Result<int64_t> fd_read(Thread& t, int fd, void* p, int64_t n);
Result<int64_t> fd_write(Thread& t, int fd, const void* p, int64_t n);
Ref fileio_readall(Thread& t, Value self);
Result<int64_t> fileio_read_into(Thread& t, Value self, void* p, int64_t n);  // -2: would block
Result<int64_t> fileio_write_from(Thread& t, Value self, const void* p, int64_t n);
inline FileIO* as_file(Value v) { return v.as<FileIO>(); }

// buffered: direct ways in for TextIOWrapper; precondition: plain_instance of the type.
Ref buffered_read1_direct(Thread& t, Value self, int64_t n);
Status buffered_write_direct(Thread& t, Value self, const char* p, int64_t n);

// newline.cpp
enum Newlines : uint8_t { kSeenCr = 1, kSeenLf = 2, kSeenCrLf = 4 };
struct NewlineDecoder {
    PyObject ob_base;
    Value decoder;  // None: input is str
    Value errors;
    bool pending_cr, translate;
    uint8_t seen;
};
// Applies universal newlines to decoded text, keeping a final \r back unless `final`.
Ref newline_apply(Thread& t, Ref text, bool translate, bool final, bool& pending_cr, uint8_t& seen);
Ref newlines_seen(Thread& t, uint8_t seen);
// How a stream of text tells its lines apart.
struct LineRule {
    bool translated = false;     // all line ends have become \n
    bool universal = false;      // \r, \n and \r\n all count
    const char* newline = "\n";  // otherwise: \n, \r or \r\n
};
// Where the first line of chars [start, end) ends, behind its terminator; -1: it is not complete. *resume:
// from where on a terminator may still show up when more text follows.
int64_t find_line_end(unsigned kind, const void* data, int64_t start, int64_t end, const LineRule& rule,
                      int64_t* resume);
// The `newline` argument: null for None. Fails for anything but None, "", "\n", "\r", "\r\n".
Status check_newline(Thread& t, const char* newline, const char* format);

// open.cpp

Ref locale_encoding(Thread& t);
Ref text_encoding_default(Thread& t, Value encoding, int stacklevel);

}  // namespace io
}  // namespace krait
