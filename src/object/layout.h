// C structs that compiled extensions read by offset, in CPython 3.14's layout (x86-64, default build). The
// offsets are asserted in object/layout_check.cpp. Fields that C reads as PyObject* are `Value` here:
// immediates may stand in containers that C has not seen (see kExposed); fields of type PyObject* are always
// real pointers or null, owned by the struct.
#pragma once

#include "object/value.h"

namespace krait {
struct Thread;
struct Frame;  // interp/frame.h
struct TypeExt;
struct GetSetDef;
}  // namespace krait

extern "C" {
struct PyMethodDef {
    const char* ml_name;
    void* ml_meth;
    int ml_flags;
    const char* ml_doc;
};
struct PyMemberDef {
    const char* name;
    int type;
    int64_t offset;
    int flags;
    const char* doc;
};
struct PyGetSetDef {
    const char* name;
    void* get;
    void* set;
    const char* doc;
    void* closure;
};
struct Py_buffer {
    void* buf;
    PyObject* obj;  // owned
    int64_t len;
    int64_t itemsize;
    int readonly;
    int ndim;
    char* format;
    int64_t* shape;
    int64_t* strides;
    int64_t* suboffsets;
    void* internal;
};

struct PyAsyncMethods {
    void *am_await, *am_aiter, *am_anext, *am_send;
};
struct PyNumberMethods {
    void *nb_add, *nb_subtract, *nb_multiply, *nb_remainder, *nb_divmod, *nb_power, *nb_negative,
        *nb_positive, *nb_absolute, *nb_bool, *nb_invert, *nb_lshift, *nb_rshift, *nb_and, *nb_xor, *nb_or,
        *nb_int, *nb_reserved, *nb_float, *nb_inplace_add, *nb_inplace_subtract, *nb_inplace_multiply,
        *nb_inplace_remainder, *nb_inplace_power, *nb_inplace_lshift, *nb_inplace_rshift, *nb_inplace_and,
        *nb_inplace_xor, *nb_inplace_or, *nb_floor_divide, *nb_true_divide, *nb_inplace_floor_divide,
        *nb_inplace_true_divide, *nb_index, *nb_matrix_multiply, *nb_inplace_matrix_multiply;
};
struct PySequenceMethods {
    void *sq_length, *sq_concat, *sq_repeat, *sq_item, *was_sq_slice, *sq_ass_item, *was_sq_ass_slice,
        *sq_contains, *sq_inplace_concat, *sq_inplace_repeat;
};
struct PyMappingMethods {
    void *mp_length, *mp_subscript, *mp_ass_subscript;
};
struct PyBufferProcs {
    void *bf_getbuffer, *bf_releasebuffer;
};

struct _typeobject {
    PyVarObject ob_base;
    const char* tp_name;
    int64_t tp_basicsize, tp_itemsize;
    void* tp_dealloc;
    int64_t tp_vectorcall_offset;
    void *tp_getattr, *tp_setattr;
    PyAsyncMethods* tp_as_async;
    void* tp_repr;
    PyNumberMethods* tp_as_number;
    PySequenceMethods* tp_as_sequence;
    PyMappingMethods* tp_as_mapping;
    void *tp_hash, *tp_call, *tp_str, *tp_getattro, *tp_setattro;
    PyBufferProcs* tp_as_buffer;
    uint64_t tp_flags;
    const char* tp_doc;
    void *tp_traverse, *tp_clear, *tp_richcompare;
    int64_t tp_weaklistoffset;
    void *tp_iter, *tp_iternext;
    PyMethodDef* tp_methods;
    PyMemberDef* tp_members;
    PyGetSetDef* tp_getset;
    PyTypeObject* tp_base;  // owned for heap types
    PyObject* tp_dict;      // owned
    void *tp_descr_get, *tp_descr_set;
    int64_t tp_dictoffset;  // -1: managed dict (object/instance.h)
    void *tp_init, *tp_alloc, *tp_new, *tp_free, *tp_is_gc;
    PyObject* tp_bases;        // owned tuple
    PyObject* tp_mro;          // owned tuple
    krait::TypeExt* tp_cache;  // unused by CPython; Krait's part of the type hangs here
    void* tp_subclasses;
    PyObject* tp_weaklist;
    void* tp_del;
    uint32_t tp_version_tag;  // 0: none assigned
    void *tp_finalize, *tp_vectorcall;
    uint8_t tp_watched;
    uint8_t krait_bits;  // padding in CPython: TypeBit
    uint16_t tp_versions_used;
};

struct PyHeapTypeObject {
    PyTypeObject ht_type;
    PyAsyncMethods as_async;
    PyNumberMethods as_number;
    PyMappingMethods as_mapping;
    PySequenceMethods as_sequence;
    PyBufferProcs as_buffer;
    PyObject *ht_name, *ht_slots, *ht_qualname;
    void* ht_cached_keys;
    PyObject* ht_module;
    char* _ht_tpname;
    void* ht_token;
    void* _spec_cache[3];
};
}

namespace krait {

struct PyTupleObject {
    PyVarObject ob_base;
    int64_t ob_hash;  // -1: not computed
    Value ob_item[1];
};
struct PyListObject {
    PyVarObject ob_base;
    Value* ob_item;
    int64_t allocated;
};
struct PyBytesObject {
    PyVarObject ob_base;
    int64_t ob_shash;  // -1: not computed
    char ob_sval[1];   // ob_size bytes and a NUL
};
struct PyByteArrayObject {
    PyVarObject ob_base;
    int64_t ob_alloc;
    char *ob_bytes, *ob_start;
    int64_t ob_exports;
};
// str, PEP 393. state: bits 0-1 interned, 2-4 kind (1, 2, 4 bytes), 5 compact, 6 ascii, 7 statically
// allocated.
struct PyASCIIObject {
    PyObject ob_base;
    int64_t length;  // in code points
    int64_t hash;    // -1: not computed
    uint32_t state;
};
struct PyCompactUnicodeObject {
    PyASCIIObject base;
    int64_t utf8_length;
    char* utf8;
};
struct PyUnicodeObject {
    PyCompactUnicodeObject base;
    void* data;
};
struct PyLongObject {
    PyObject ob_base;
    uint64_t lv_tag;       // ndigits << 3 | sign (0 positive, 1 zero, 2 negative); bit 2: small int
    uint32_t ob_digit[1];  // 30 bits each, least significant first
};
struct PyFloatObject {
    PyObject ob_base;
    double ob_fval;
};
struct PyComplexObject {
    PyObject ob_base;
    double real, imag;
};
struct DictKeys;
struct PyDictObject {
    PyObject ob_base;
    int64_t ma_used;
    uint64_t ma_version;  // _ma_watcher_tag in CPython
    DictKeys* ma_keys;    // Krait's own form (builtins/dict.h)
    void* ma_values;
};
struct SetEntry {
    Value key;
    int64_t hash;
};
struct PySetObject {
    PyObject ob_base;
    int64_t fill, used, mask;
    SetEntry* table;
    int64_t hash;
    int64_t finger;
    SetEntry smalltable[8];
    PyObject* weakreflist;
};
struct PySliceObject {
    PyObject ob_base;
    Value start, stop, step;
};
struct PyCellObject {
    PyObject ob_base;
    Value ob_ref;
};
struct PyMethodObject {
    PyObject ob_base;
    Value im_func, im_self;
    PyObject* im_weakreflist;
    void* vectorcall;
};
struct PyCFunctionObject {
    PyObject ob_base;
    PyMethodDef* m_ml;
    Value m_self;    // module, instance or type; empty for static methods
    Value m_module;  // name of the module, or empty
    PyObject* m_weakreflist;
    void* vectorcall;
};
struct PyCMethodObject {
    PyCFunctionObject func;
    PyTypeObject* mm_class;
};
struct PyDescrObject {
    PyObject ob_base;
    PyTypeObject* d_type;  // owned
    Value d_name;
    Value d_qualname;
};
struct PyMethodDescrObject {
    PyDescrObject d_common;
    PyMethodDef* d_method;
    void* vectorcall;
};
struct PyMemberDescrObject {
    PyDescrObject d_common;
    PyMemberDef* d_member;
};
struct PyGetSetDescrObject {
    PyDescrObject d_common;
    PyGetSetDef* d_getset;
};
struct SlotWrapper;
struct PyWrapperDescrObject {
    PyDescrObject d_common;
    const SlotWrapper* d_base;
    void* d_wrapped;
};
struct PyFunctionObject {
    PyObject ob_base;
    Value func_globals, func_builtins, func_name, func_qualname, func_code, func_defaults, func_kwdefaults,
        func_closure, func_doc, func_dict;
    PyObject* func_weakreflist;
    Value func_module, func_annotations, func_annotate, func_typeparams;
    void* vectorcall;
    uint32_t func_version;  // 0: none; changes when code, defaults or kwdefaults do
};
struct PyCodeObject {
    PyVarObject ob_base;  // ob_size: number of code units
    Value co_consts, co_names, co_exceptiontable;
    int co_flags, co_argcount, co_posonlyargcount, co_kwonlyargcount, co_stacksize, co_firstlineno,
        co_nlocalsplus, co_framesize, co_nlocals, co_ncellvars, co_nfreevars;
    uint32_t co_version;
    Value co_localsplusnames, co_localspluskinds, co_filename, co_name, co_qualname, co_linetable;
    PyObject* co_weakreflist;
    void* co_executors;
    void* _co_cached;
    uint64_t _co_instrumentation_version;
    void* _co_monitoring;
    int64_t _co_unique_id;
    int _co_firsttraceable;
    void* co_extra;
    uint16_t co_code_adaptive[1];
};
struct PyWeakReference {
    PyObject ob_base;
    PyObject* wr_object;  // borrowed; None when dead
    Value wr_callback;
    int64_t hash;
    PyWeakReference *wr_prev, *wr_next;
    void* vectorcall;
};
struct PyManagedBufferObject {
    PyObject ob_base;
    int flags;
    int64_t exports;
    Py_buffer master;
};
struct PyMemoryViewObject {
    PyVarObject ob_base;
    PyManagedBufferObject* mbuf;
    int64_t hash;
    int flags;
    int64_t exports;
    Py_buffer view;
    PyObject* weakreflist;
    int64_t ob_array[1];
};
struct PyModuleObject {
    PyObject ob_base;
    Value md_dict;
    void* md_def;
    void* md_state;
    PyObject* md_weaklist;
    Value md_name;
};
struct PyBaseExceptionObject {
    PyObject ob_base;
    Value dict, args, notes, traceback, context, cause;
    char suppress_context;
};
struct PyBaseExceptionGroupObject {
    PyBaseExceptionObject base;
    Value msg, excs;
    Value excs_str;
};
struct PySyntaxErrorObject {
    PyBaseExceptionObject base;
    Value msg, filename, lineno, offset, end_lineno, end_offset, text, print_file_and_line, metadata;
};
struct PyImportErrorObject {
    PyBaseExceptionObject base;
    Value msg, name, path, name_from;
};
struct PyUnicodeErrorObject {
    PyBaseExceptionObject base;
    Value encoding, object;
    int64_t start, end;
    Value reason;
};
struct PySystemExitObject {
    PyBaseExceptionObject base;
    Value code;
};
struct PyOSErrorObject {
    PyBaseExceptionObject base;
    Value myerrno, strerror, filename, filename2;
    int64_t written;
};
struct PyStopIterationObject {
    PyBaseExceptionObject base;
    Value value;
};
struct PyNameErrorObject {
    PyBaseExceptionObject base;
    Value name;
};
struct PyAttributeErrorObject {
    PyBaseExceptionObject base;
    Value obj, name;
};
struct PyFrameObject;
struct PyTracebackObject {
    PyObject ob_base;
    PyTracebackObject* tb_next;
    PyFrameObject* tb_frame;
    int tb_lasti;   // in bytes
    int tb_lineno;  // -1: compute from tb_lasti
};

// A handled exception being worked on; generators have their own and link it in while they run.
struct ExcStackItem {
    Value exc_value;  // the exception, None or empty
    ExcStackItem* previous_item;
};

// The part of a thread's state that compiled extensions read and write.
struct PyThreadState {
    PyThreadState *prev, *next;
    void* interp;
    uint64_t eval_breaker;
    uint32_t _status;
    int holds_gil, _whence, state;
    int py_recursion_remaining, py_recursion_limit, recursion_headroom;
    int tracing, what_event;
    Frame* current_frame;  // innermost; null outside Python code, and on a new stack (greenlet)
    void *c_profilefunc, *c_tracefunc;
    PyObject *c_profileobj, *c_traceobj;
    PyObject* current_exception;  // owned; null: none
    ExcStackItem* exc_info;       // never null
    PyObject* dict;
    int gilstate_counter;
    PyObject* async_exc;
    uint64_t thread_id, native_thread_id;
    PyObject* delete_later;
    uint64_t critical_section;
    int coroutine_origin_tracking_depth;
    PyObject *async_gen_firstiter, *async_gen_finalizer;
    PyObject* context;
    uint64_t context_ver;
    uint64_t id;
    void *datastack_chunk, *datastack_top, *datastack_limit;
    ExcStackItem exc_state;
    void* current_executor;
    uint64_t dict_global_version;
    PyObject *threading_local_key, *threading_local_sentinel;
    char remote_debugger_support[520];
    void* datastack_cached_chunk;
};

// tp_flags, CPython's bits.
enum TypeFlag : uint64_t {
    kTpStaticBuiltin = 1 << 1,
    kTpInlineValues = 1 << 2,
    kTpManagedWeakref = 1 << 3,
    kTpManagedDict = 1 << 4,
    kTpSequence = 1 << 5,
    kTpMapping = 1 << 6,
    kTpDisallowInstantiation = 1 << 7,
    kTpImmutableType = 1 << 8,
    kTpHeapType = 1 << 9,
    kTpBaseType = 1 << 10,
    kTpHaveVectorcall = 1 << 11,
    kTpReady = 1 << 12,
    kTpReadying = 1 << 13,
    kTpHaveGC = 1 << 14,
    kTpMethodDescriptor = 1 << 17,
    kTpValidVersion = 1 << 19,
    kTpIsAbstract = 1 << 20,
    kTpMatchSelf = 1 << 22,
    kTpItemsAtEnd = 1 << 23,
    kTpLongSubclass = 1 << 24,
    kTpListSubclass = 1 << 25,
    kTpTupleSubclass = 1 << 26,
    kTpBytesSubclass = 1 << 27,
    kTpUnicodeSubclass = 1 << 28,
    kTpDictSubclass = 1 << 29,
    kTpBaseExcSubclass = 1 << 30,
    kTpTypeSubclass = uint64_t{1} << 31,
    kTpDefault = 0,
};

}  // namespace krait
