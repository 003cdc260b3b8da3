// Between the files of the module _ctypes: C's data types as Python classes, and calls into C by libffi.
#pragma once

#include <ffi.h>

#include "builtins/bytes.h"
#include "builtins/callable.h"
#include "builtins/dict.h"
#include "builtins/list.h"
#include "builtins/number.h"
#include "builtins/str.h"
#include "builtins/tuple.h"
#include "gc/gc.h"
#include "modules/fields.h"
#include "object/boundary.h"
#include "object/names.h"
#include "object/protocol.h"

namespace krait::ctypes {

// `bits` describes a bit field: size << 16 | offset from the least significant bit; 0: none.
using Getter = Ref (*)(Thread&, const char* p, int64_t size, int bits);
// Stores; the result is what has to live as long as the memory: None for nothing.
using Setter = Ref (*)(Thread&, char* p, Value v, int64_t size, int bits);

// One of the type codes of simple types.
struct Code {
    char code;
    ffi_type* ffi;
    Setter set;
    Getter get;
    Setter set_swapped;  // null: no other byte order
    Getter get_swapped;
};
const Code* find_code(uint32_t code);
extern const char kSimpleCodes[];
Getter char_array_getter(bool wide);
Setter char_array_setter(bool wide);

enum class Kind : uint8_t { Simple, Pointer, Array, Struct, Union, Function };
enum InfoFlag : int {
    kFinal = 0x1000,  // in use: the fields cannot change
    kIsPointer = 0x100,
    kHasPointer = 0x200,
    kHasUnion = 0x400,
    kHasBitfield = 0x800,
};
enum FunctionFlag : int { kCdecl = 1, kPythonApi = 4, kUseErrno = 8, kUseLastError = 16 };

// A scalar in a structure, for telling how it is passed.
struct Scalar {
    int64_t offset, size;
    char kind;  // f float, d double, g long double, i anything else
};

// What a class of C data knows; hangs at ext(class)->user.
struct Info {
    Kind kind;
    int flags = 0;
    int64_t size = 0, align = 0, length = 0;
    Value proto;  // the target of pointers, the items of arrays, the code (a str) of simple types
    const Code* code = nullptr;
    Getter get = nullptr;  // simple types
    Setter set = nullptr;
    Value pointer_type;
    Value arrays;                                  // dict of length to the array class, held weakly
    Value argtypes, converters, restype, checker;  // functions
    char* format = nullptr;                        // of the buffer; owned
    int ndim = 0;
    int64_t* shape = nullptr;  // owned
    ffi_type ffi{};
    ffi_type* elements[20] = {};
    Scalar* scalars = nullptr;  // structures: what they are made of, as far as that matters; owned
    int n_scalars = 0;
};
inline Info* info_of(const PyTypeObject* type) { return static_cast<Info*>(ext(type)->user); }
inline Info* info_of_class(Value v) { return v && is_type(v) ? info_of(v.as<PyTypeObject>()) : nullptr; }
// The class's, which must have none yet.
Result<Info*> new_info(Thread& t, PyTypeObject* type, Kind kind);
void free_info(PyTypeObject* type);
Status set_format(Thread& t, Info* info, const char* prefix, const char* format);
ffi_type* ffi_of(Info* info);
void classify(Info* info);  // fills ffi of structures and unions from size, align and scalars
Status add_scalars(Thread& t, Info* to, const Info* from, int64_t offset, bool integer);

// An object with C data: its own memory, somebody else's, or a part of another object's.
struct Data {
    PyObject ob_base;
    char* ptr;
    int needs_free;
    Value base;  // the object whose memory this is a part of; owned
    int64_t size;
    int64_t length;
    int64_t index;
    Value objects;              // what is kept alive: None, a dict, or anything; owned
    alignas(8) char value[24];  // objects are aligned by 8
};
static_assert(sizeof(Data) == 96);
struct Function {
    Data data;
    Value thunk, callable, converters, argtypes, restype, checker, errcheck, paramflags;  // owned or empty
};
struct Argument {  // what from_param() and byref() give
    PyObject ob_base;
    ffi_type* ffi;
    char tag;
    alignas(8) char value[32];
    Value obj;  // kept alive
    int64_t size;
};
struct Field {
    PyObject ob_base;
    int64_t byte_offset, byte_size, index;
    int bits;
    bool is_bitfield, anonymous;
    Value type, name;
    Getter get;
    Setter set;
};

extern Type meta_type, simple_meta, pointer_meta, array_meta, struct_meta, union_meta, function_meta;
extern Type data_type, simple_type, pointer_type, array_type, struct_type, union_type, function_type;
extern Type argument_type, field_type, thunk_type;
extern Value g_argument_error, g_unpickle;

inline bool is_a(Value v, const Type& type) { return is_instance_exact_or_sub(v, &type); }
inline bool is_data(Value v) { return v.is_ptr() && v && is_a(v, data_type); }
inline Data* as_data(Value v) { return v.as<Data>(); }
inline Info* info_of_object(Value v) { return is_data(v) ? info_of(type_of(v)) : nullptr; }
inline bool is_class_of(Value v, const Type& meta) { return is_type(v) && is_a(v, meta); }
// Is the class derived from a simple type, so that its instances are not turned into plain values?
bool is_simple_subclass(Value type);

// --- data ---

Status data_getbuffer(Thread& t, Value self, Py_buffer* view, int flags);  // of every kind

Ref data_new(Thread& t, PyTypeObject* type);  // zeroed memory of its own
Ref data_at(Thread& t, PyTypeObject* type, void* p);
// A part of `base`'s memory, or with an empty base a copy of what is at p.
Ref data_from_base(Thread& t, PyTypeObject* type, Value base, int64_t index, char* p);
Ref data_get(Thread& t, Value type, Getter get, Value src, int64_t index, int64_t size, char* p,
             int bits = 0);
Status data_set(Thread& t, Value inst, Value type, Setter set, Value v, int64_t index, int64_t size, char* p,
                int bits = 0);
Status keep_ref(Thread& t, Value target, int64_t index, Ref keep);
Ref kept_objects(Thread& t, Value v);
Ref generic_new(Thread& t, PyTypeObject* type, const Value* args, size_t nargs, Value kwnames);
void data_dealloc(Thread& t, PyObject* o);
void data_traverse(PyObject* o, Visitor& v);
void data_clear(Thread& t, PyObject* o);
Status add_data(Thread& t, Value module);

// --- classes ---

Ref array_of(Thread& t, Value item, int64_t length);  // cached
Ref from_param(Thread& t, Value type, Value v);       // of structures, functions, arrays and the rest
Status init_class(Thread& t, Value self, const Value* args, size_t nargs, Value kwnames);  // type.__init__
Status add_meta(Thread& t, Value module);
extern const NativeDef class_methods[];  // from_address() and so on
extern const NativeDef class_methods_param[];
Status add_simple(Thread& t, Value module);
Status add_pointer(Thread& t, Value module);
Status add_array(Thread& t, Value module);
Status add_structures(Thread& t, Value module);
Status add_fields(Thread& t, Value module);
Status add_functions(Thread& t, Value module);
void meta_dealloc(Thread& t, PyObject* o);
void meta_traverse(PyObject* o, Visitor& v);
void meta_clear(Thread& t, PyObject* o);
TypeDecl meta_decl(const char* name, const NativeDef* methods, InitFn init);

// --- arguments and calls ---

Ref argument_new(Thread& t, char tag, ffi_type* ffi);
Ref argument_of(Thread& t, Value data);  // how an object with C data is passed
Ref byref(Thread& t, Value data, int64_t offset);
// The memory of pointer values, such as the address in a c_void_p.
Ref call_function(Thread& t, void* fn, Value args_tuple, int flags, Value converters, Value restype,
                  Value checker);
Ref thunk_new(Thread& t, Value callable, Value converters_types, Value restype, int flags);
void* thunk_address(Value thunk);
Result<void*> symbol_of(Thread& t, Value handle_owner, const char* name, PyTypeObject* error);
void* pointer_from_int(Value v);
// Appends what was made, or hands on that it was not.
inline Status append(Thread& t, Value list, Ref item) {
    if (!item) return {};
    return list_append_owned(t, list, std::move(item));
}
inline Ref pointer_to_int(Thread& t, const void* p) { return int_from_u64(t, reinterpret_cast<uint64_t>(p)); }
extern const NativeDef module_functions[];
Status add_addresses(Thread& t, Value module);
// For the errno that belongs to the program of Python, one a thread.
int& own_errno();
// The thread that is inside of a C function without the lock; null: none. Callbacks of the function go on
// with it: its context, its exceptions, its depth.
Thread*& calling_thread();

}  // namespace krait::ctypes
