// The module _pickle: what its files share.
#pragma once

#include <cstring>

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

namespace krait::pickle {

inline constexpr int kHighestProtocol = 5, kDefaultProtocol = 5;

enum Op : unsigned char {
    kMark = '(',
    kStop = '.',
    kPop = '0',
    kPopMark = '1',
    kDup = '2',
    kFloat = 'F',
    kInt = 'I',
    kBinInt = 'J',
    kBinInt1 = 'K',
    kLong = 'L',
    kBinInt2 = 'M',
    kNone = 'N',
    kPersId = 'P',
    kBinPersId = 'Q',
    kReduce = 'R',
    kString = 'S',
    kBinString = 'T',
    kShortBinString = 'U',
    kUnicode = 'V',
    kBinUnicode = 'X',
    kAppend = 'a',
    kBuild = 'b',
    kGlobal = 'c',
    kDict = 'd',
    kEmptyDict = '}',
    kAppends = 'e',
    kGet = 'g',
    kBinGet = 'h',
    kInst = 'i',
    kLongBinGet = 'j',
    kList = 'l',
    kEmptyList = ']',
    kObj = 'o',
    kPut = 'p',
    kBinPut = 'q',
    kLongBinPut = 'r',
    kSetItem = 's',
    kTuple = 't',
    kEmptyTuple = ')',
    kSetItems = 'u',
    kBinFloat = 'G',
    kProto = 0x80,
    kNewObj = 0x81,
    kExt1 = 0x82,
    kExt2 = 0x83,
    kExt4 = 0x84,
    kTuple1 = 0x85,
    kTuple2 = 0x86,
    kTuple3 = 0x87,
    kNewTrue = 0x88,
    kNewFalse = 0x89,
    kLong1 = 0x8a,
    kLong4 = 0x8b,
    kBinBytes = 'B',
    kShortBinBytes = 'C',
    kShortBinUnicode = 0x8c,
    kBinUnicode8 = 0x8d,
    kBinBytes8 = 0x8e,
    kEmptySet = 0x8f,
    kAddItems = 0x90,
    kFrozenSet = 0x91,
    kNewObjEx = 0x92,
    kStackGlobal = 0x93,
    kMemoize = 0x94,
    kFrame = 0x95,
    kByteArray8 = 0x96,
    kNextBuffer = 0x97,
    kReadonlyBuffer = 0x98,
};

// What the module looks up in others, and its types; all owned.
struct State {
    Value pickle_error, pickling_error, unpickling_error;
    Value dispatch_table, extension_registry, inverted_registry, extension_cache;  // of copyreg
    Value name_2to3, import_2to3, name_3to2, import_3to2;                          // of _compat_pickle
    Value codecs_encode, getattr, partial;
    Value pickler_type, unpickler_type, pickler_memo_type, unpickler_memo_type;
};
extern State g_state;
inline PyTypeObject* pickling_error() { return g_state.pickling_error.as<PyTypeObject>(); }
inline PyTypeObject* unpickling_error() { return g_state.unpickling_error.as<PyTypeObject>(); }

// The pickler's memo: objects by address with the number each was given. Owns the objects.
class MemoTable {
  public:
    struct Entry {
        Value key;
        int64_t number;
    };
    static MemoTable* create(Thread& t);                       // null with MemoryError
    static MemoTable* copy(Thread& t, const MemoTable& from);  // likewise
    ~MemoTable();
    const int64_t* find(Value v) const {
        const Entry& e = place(v);
        return e.key ? &e.number : nullptr;
    }
    Status set(Thread& t, Value v, int64_t number);
    void clear();
    int64_t size() const { return used_; }
    int64_t memory() const { return 32 + static_cast<int64_t>((mask_ + 1) * sizeof(Entry)); }
    size_t capacity() const { return mask_ + 1; }
    const Entry& at(size_t i) const { return entries_[i]; }
    static void destroy(MemoTable* table);

  private:
    Entry& place(Value v) const {
        for (size_t i = v.bits >> 3;; i++) {
            Entry& e = entries_[i & mask_];
            if (!e.key || e.key == v) return e;
        }
    }
    Status resize(Thread& t, size_t want);
    int64_t used_;
    size_t mask_;
    Entry* entries_;
};

struct Pickler {
    PyObject ob_base;
    Value write, dispatch_table, buffer_callback;      // owned; empty: none
    Value persistent_id_attr;                          // what was stored into the attribute
    Value persistent_id, reducer_override, fast_memo;  // only during dump()
    MemoTable* memo;
    Value buffer;                 // bytes: what is not written yet, in the first `length`
    int64_t length, frame_start;  // -1: no frame is open
    int proto, bin, fast, fast_nesting;
    bool fix_imports, framing, running, ready;
};
inline Pickler* as_pickler(Value v) { return v.as<Pickler>(); }

Status save(Thread& t, Pickler* p, Value v, bool no_persistent_id = false);
Status save_global(Thread& t, Pickler* p, Value v, Value name_or_empty);
Status save_reduce(Thread& t, Pickler* p, Value reduced, Value obj);
Status save_with_note(Thread& t, Pickler* p, Value v, Value of, const char* what);
Status save_item(Thread& t, Pickler* p, Value v, Value of, int64_t index);
Status save_reduced_call(Thread& t, Pickler* p, Value callable, std::initializer_list<Value> args, Value obj);
Status batch_list(Thread& t, Pickler* p, Value iterator, Value of);
Status batch_dict(Thread& t, Pickler* p, Value iterator, Value of);
// Adds the note to the current exception. Always fails.
Status add_note(Thread& t, const char* format, ...);

// --- output (pickler_output.cpp) ---
Status put(Thread& t, Pickler* p, const void* data, int64_t n);
// put() of the lowest `n` bytes, 8 at most, lowest first. Behind them may stand anything until more is put.
inline Status put_word(Thread& t, Pickler* p, uint64_t word, int64_t n) {
    bool new_frame = p->framing && p->frame_start < 0;
    if (new_frame || !p->buffer || bytes_size(p->buffer) - p->length < 8)
        return put(t, p, reinterpret_cast<const char*>(&word), n);
    memcpy(bytes_data(p->buffer) + p->length, &word, sizeof word);
    p->length += n;
    return Status::ok();
}
inline Status put_op(Thread& t, Pickler* p, Op op) {
    if (p->buffer && (p->frame_start >= 0 || !p->framing)) {
        auto* b = p->buffer.as<PyBytesObject>();
        if (p->length < b->ob_base.ob_size) {
            b->ob_sval[p->length++] = static_cast<char>(op);
            return Status::ok();
        }
    }
    char c = static_cast<char>(op);
    return put(t, p, &c, 1);
}
// Opcode with its size, then the data; large data goes to the file directly, as `payload` when given.
Status put_data(Thread& t, Pickler* p, const char* header, int64_t header_size, const char* data,
                int64_t size, Value payload);
Status opcode_boundary(Thread& t, Pickler* p);
Status commit_frame(Thread& t, Pickler* p);
Status start_output(Thread& t, Pickler* p);
Ref take_output(Thread& t, Pickler* p);  // the bytes so far; leaves no buffer
Status flush_output(Thread& t, Pickler* p);
Status memo_put(Thread& t, Pickler* p, Value v);
Status memo_get(Thread& t, Pickler* p, int64_t number);

// --- pickler.cpp ---
Status init_pickler(Thread& t, Value module);
Ref pickler_new(Thread& t);
Status pickler_setup(Thread& t, Pickler* p, Value protocol, bool fix_imports, Value file_or_empty,
                     Value buffer_callback);
Status pickler_dump(Thread& t, Pickler* p, Value v);

// --- unpickling ---
struct Unpickler {
    PyObject ob_base;
    // The stack of values and the places of the marks on it.
    Value* stack;
    int64_t stack_size, stack_room, fence;  // nothing below the fence, the topmost mark, may be taken off
    int64_t* marks;
    int64_t mark_count, mark_room;
    Value* memo;  // by number; empty places were not set
    int64_t memo_room, memo_size;
    Value read, readinto, readline, peek;  // owned; no read: all of the input is here
    Value buffers;                         // iterator over out-of-band buffers
    Value persistent_load_attr, persistent_load;
    Py_buffer input;  // owner of data; its len is how much there is
    const char* data;
    // Of data: how far may be read, which is the end of the frame in one; where to read on; what the file is
    // past of.
    int64_t limit, next, prefetched;
    char* line;              // the line read last, NUL-terminated; from mem_alloc
    Value encoding, errors;  // str, owned
    int proto;
    bool fix_imports, running, ready, framed;
};
inline Unpickler* as_unpickler(Value v) { return v.as<Unpickler>(); }

Status init_unpickler(Thread& t, Value module);
Ref unpickler_new(Thread& t);
// From a file, or from the data when that is given.
Status unpickler_setup(Thread& t, Unpickler* u, Value file, Value data, bool fix_imports, Value encoding,
                       Value errors, Value buffers);
Ref unpickler_load(Thread& t, Unpickler* u);
Ref find_class(Thread& t, Unpickler* u, Value module_name, Value global_name);
Status memo_store(Thread& t, Unpickler* u, int64_t number, Value v);

// --- input (unpickler_input.cpp) ---
// The next n bytes; null on failure.
const char* read_slow(Thread& t, Unpickler* u, int64_t n);
inline const char* read_bytes(Thread& t, Unpickler* u, int64_t n) {
    if (n <= u->limit - u->next) {
        const char* p = u->data + u->next;
        u->next += n;
        return p;
    }
    return read_slow(t, u, n);
}
Status read_into(Thread& t, Unpickler* u, char* out, int64_t n);
// The rest of the line with its end, in u->line; the length.
Result<int64_t> read_line(Thread& t, Unpickler* u);
Status skip_consumed(Thread& t, Unpickler* u);
Status enter_frame(Thread& t, Unpickler* u, int64_t n);
void leave_frame(Unpickler* u);
Status set_input_file(Thread& t, Unpickler* u, Value file);
Status set_input_data(Thread& t, Unpickler* u, Value data);
Raised truncated(Thread& t);

// --- the stack (unpickler_stack.cpp) ---
Raised underflow(Thread& t, Unpickler* u);
Status push(Thread& t, Unpickler* u, Ref v);
Ref pop(Thread& t, Unpickler* u);
Result<int64_t> pop_mark(Thread& t, Unpickler* u);
Ref pop_tuple(Thread& t, Unpickler* u, int64_t start);
Ref pop_list(Thread& t, Unpickler* u, int64_t start);
void cut_stack(Unpickler* u, int64_t size);

// --- opcodes that make and fill objects (load_objects.cpp) ---
Status load_build(Thread& t, Unpickler* u);
Status load_new(Thread& t, Unpickler* u, bool with_kwargs);
Status load_inst(Thread& t, Unpickler* u);
Status load_obj(Thread& t, Unpickler* u);
Status load_global(Thread& t, Unpickler* u);
Status load_stack_global(Thread& t, Unpickler* u);
Status load_extension(Thread& t, Unpickler* u, int bytes);
Status load_items(Thread& t, Unpickler* u, int64_t start);
Status load_pairs(Thread& t, Unpickler* u, int64_t start);
Status load_set_items(Thread& t, Unpickler* u);
Status load_dict(Thread& t, Unpickler* u);

// --- names (names.cpp) ---
Ref dotted_attr(Thread& t, Value obj, Value dotted_path_list);
Ref split_dots(Thread& t, Value name);
Ref import_by_name(Thread& t, Value module_name);  // sys.modules[name] once imported
// A pickler or unpickler must not be used by what it calls.
struct InUse {
    InUse(bool& flag) : flag_(flag) { flag_ = true; }
    ~InUse() { flag_ = false; }
    InUse(const InUse&) = delete;
    bool& flag_;
};

}  // namespace krait::pickle
