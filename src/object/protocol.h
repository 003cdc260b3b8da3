// Abstract operations on any value: what the interpreter, builtins and modules call. They run Python code
// unless their name says otherwise; results are owned; failure means an exception is set. Semantics and
// messages are those of CPython's abstract layer.
#pragma once

#include <initializer_list>

#include "object/errors.h"

namespace krait {

// --- calls ---
// args[0..nargs) positional then one value per name in kwnames (a tuple of str, or empty). Everything is
// borrowed.
Ref call(Thread& t, Value callable, const Value* args, size_t nargs, Value kwnames = {});
inline Ref call(Thread& t, Value callable) { return call(t, callable, nullptr, 0); }
inline Ref call(Thread& t, Value callable, std::initializer_list<Value> args) {
    return call(t, callable, args.begin(), args.size());
}
Ref call_with(Thread& t, Value callable, Value args_tuple, Value kwargs_dict);  // kwargs may be empty
Ref call_method(Thread& t, Value self, Value name, std::initializer_list<Value> args = {});
Ref call_method(Thread& t, Value self, const char* name, std::initializer_list<Value> args = {});
bool is_callable(Value v);
// For natives of kind Raw.
Status no_kwargs(Thread& t, const char* fname,
                 Value kwnames);  // TypeError "fname() takes no keyword arguments"
// Binds arguments to a text signature as kind Bound does; out has one place per parameter. For type
// constructors and initializers:
//     Value a[2]; Ref keep; TRY(bind_args(t, "list", "(iterable=(), /)", args, nargs, kwnames, a, keep));
// `keep` owns the tuple/dict made for *args / **kwargs. Parsing is cached by the signature's address.
Status bind_args(Thread& t, const char* fname, const char* signature, const Value* args, size_t nargs,
                 Value kwnames, Value* out, Ref& keep);

// --- attributes ---
Ref get_attr(Thread& t, Value v, Value name);
Ref get_attr(Thread& t, Value v, const char* name);
Maybe lookup_attr(Thread& t, Value v, Value name);  // AttributeError counts as absent
Maybe lookup_attr(Thread& t, Value v, const char* name);
Status set_attr(Thread& t, Value v, Value name, Value value);  // value empty: delete
Status set_attr(Thread& t, Value v, const char* name, Value value);
Result<bool> has_attr(Thread& t, Value v, Value name);
// object.__getattribute__ / __setattr__ themselves.
Ref generic_get_attr(Thread& t, Value v, Value name);
// What get_attr does where `descr` is known: the data descriptor of v's type under that name.
Ref get_data_attr(Thread& t, Value v, Value name, Value descr);
Maybe generic_lookup_attr(Thread& t, Value v, Value name);  // same without making the AttributeError
Status generic_set_attr(Thread& t, Value v, Value name, Value value);

// --- text ---
Ref repr(Thread& t, Value v);  // a str
Ref str(Thread& t, Value v);   // a str
Ref ascii(Thread& t, Value v);
Ref format(Thread& t, Value v, Value spec);  // spec empty: ""
Ref dir(Thread& t, Value v_or_empty);        // empty: of the running frame's locals
Ref current_locals(Thread& t);               // locals() of the running frame (interp)
// For containers: true means `v` is already being printed (print "..."); pair with repr_leave. Failure:
// exception.
Result<bool> repr_enter(Thread& t, Value v);
void repr_leave(Thread& t, Value v);

// --- comparison, truth, hash ---
inline bool is_same_word(Value a, Value b) { return a == b; }
bool is_same(Value a, Value b);  // `a is b`: words, or equal numbers where exactly one side is an immediate
Ref compare(Thread& t, Value a, Value b, CompareOp op);
Result<bool> compare_bool(Thread& t, Value a, Value b, CompareOp op);  // identity implies equality
inline Result<bool> equal(Thread& t, Value a, Value b) { return compare_bool(t, a, b, kEq); }
Result<bool> is_true(Thread& t, Value v);
Result<int64_t> hash(Thread& t, Value v);
// The hash slot of types that set `__hash__ = None`: TypeError "unhashable type: 'X'".
Result<int64_t> hash_not_implemented(Thread& t, Value v);
int64_t hash_double(Value v_or_empty, double d);  // number hashes, CPython's (modulus 2**61-1)
int64_t hash_bytes(const void* p, size_t n);      // SipHash-1-3 keyed by Runtime::hash_secret, as CPython
uint64_t siphash13(uint64_t k0, uint64_t k1, const char* p, size_t n);  // with any key
int64_t hash_pointer(const void* p);

// --- numbers ---
enum class BinaryOp : uint8_t;  // the operators, numbered as the BINARY_OP argument: bytecode/opcodes.h
Ref binary_op(Thread& t, Value a, Value b, BinaryOp op);
Ref power(Thread& t, Value a, Value b, Value mod);  // mod None or empty: two-argument form
Ref divmod(Thread& t, Value a, Value b);
Ref negative(Thread& t, Value v);
Ref positive(Thread& t, Value v);
Ref invert(Thread& t, Value v);
Ref absolute(Thread& t, Value v);
Ref index(Thread& t, Value v);     // int via __index__
Ref to_int(Thread& t, Value v);    // int(v) for numbers and text
Ref to_float(Thread& t, Value v);  // float(v)
bool is_index(Value v);
// Machine integers. `exc` is raised when out of range (null: clamp to the ends).
Result<int64_t> as_index(Thread& t, Value v,
                         PyTypeObject* exc);  // __index__, "cannot fit 'X' into an index-sized integer"
Result<int64_t> as_int64(Thread& t,
                         Value v);  // __index__; OverflowError "Python int too large to convert to C long"
Result<uint64_t> as_uint64(Thread& t, Value v);  // int only; negative: OverflowError
Result<int> as_int32(Thread& t, Value v);        // __index__; OverflowError as C int
Result<double> as_double(Thread& t,
                         Value v);  // __float__ or __index__; TypeError "must be real number, not X"

// --- containers ---
Result<int64_t> length(Thread& t, Value v);
Result<int64_t> length_hint(Thread& t, Value v, int64_t default_value);
Ref get_item(Thread& t, Value v, Value key);
Ref get_item(Thread& t, Value v, int64_t index);
Status set_item(Thread& t, Value v, Value key, Value value);  // value empty: delete
Result<bool> contains(Thread& t, Value container, Value item);
Result<bool> sequence_contains_by_iteration(Thread& t, Value container, Value item);
Ref iter(Thread& t, Value v);
Ref iter_next(Thread& t, Value it);  // empty without an exception: exhausted (StopIteration is swallowed)
bool is_iterator(Value v);
Ref async_iter(Thread& t, Value v);
Ref to_list(Thread& t, Value iterable);   // always a new list
Ref to_tuple(Thread& t, Value iterable);  // the same object when an exact tuple
// A list or tuple to index directly: `v` itself, or a new list. `message` for the TypeError.
Ref sequence_fast(Thread& t, Value v, const char* message);
bool is_mapping(Value v);
bool is_sequence(Value v);
Ref mapping_keys(Thread& t, Value v);
Ref mapping_items(Thread& t, Value v);

// --- types ---
Result<bool> is_instance(Thread& t, Value v, Value cls);
Result<bool> is_subclass(Thread& t, Value cls, Value of);

// --- buffers (flags as PyBUF_*) ---
enum BufferFlag {
    kBufSimple = 0,
    kBufWritable = 1,
    kBufFormat = 4,
    kBufNd = 8,
    kBufStrides = 0x18,
    kBufCContig = 0x38,
    kBufFContig = 0x58,
    kBufAnyContig = 0x98,
    kBufIndirect = 0x118,
    kBufFullRo = 0x11c,
    kBufFull = 0x11d
};
bool has_buffer(Value v);
Status get_buffer(Thread& t, Value v, Py_buffer* out,
                  int flags);  // "a bytes-like object is required, not 'X'"
void release_buffer(Thread& t, Py_buffer* view);
Status fill_buffer_info(Thread& t, Py_buffer* view, Value owner, void* buf, int64_t len, bool readonly,
                        int flags);
// Holds a buffer for a scope.
class Buffer {
  public:
    Buffer() = default;
    Buffer(const Buffer&) = delete;
    ~Buffer() { release(); }
    Status acquire(Thread& t, Value v, int flags = kBufSimple) {
        t_ = &t;
        return get_buffer(t, v, &view_, flags);
    }
    void release() {
        if (view_.obj) release_buffer(*t_, &view_);
    }
    const char* data() const { return static_cast<const char*>(view_.buf); }
    char* mutable_data() const { return static_cast<char*>(view_.buf); }
    int64_t size() const { return view_.len; }
    Py_buffer& view() { return view_; }

  private:
    Thread* t_ = nullptr;
    Py_buffer view_{};
};

// --- modules and import ---
Ref import_module(Thread& t, const char* dotted_name);  // as `import a.b; a.b`
Ref import_attr(Thread& t, const char* module, const char* name);
Status audit(Thread& t, const char* event,
             std::initializer_list<Value> args = {});  // sys.audit; cheap without hooks
Status call_audit_hooks(Thread& t, Value event, Value args_tuple);
Value sys_get(Thread& t, const char* name);  // borrowed; empty when absent
Status sys_set(Thread& t, const char* name, Value v);

// os.fspath: str or bytes.
Ref fs_path(Thread& t, Value v);
// Path argument for system calls: bytes in the file system encoding, without NULs (ValueError "embedded null
// byte").
Ref fs_encode(Thread& t, Value path);                   // str, bytes or path-like → bytes object
Ref fs_decode(Thread& t, const char* bytes, size_t n);  // surrogateescape

}  // namespace krait
