// Declaring native functions, methods, attributes and modules. One table per type or module; the argument
// checks, error messages, text signatures and C-visible PyMethodDefs come from it.
//
//   const NativeDef list_methods[] = {
//       def<list_append>("append", "(object, /)", "Append object to the end of the list."),
//       def<list_pop>("pop", "(index=-1, /)", "..."),
//       {},
//   };
//
// The kind of a function follows from its C++ signature:
//   Ref f(Thread&, Value self)                                   takes no arguments
//   Ref f(Thread&, Value self, Value arg)                        takes exactly one argument
//   Ref f(Thread&, Value self, const Value* params)              bound by signature: params[i] is the i-th
//   parameter of the text
//                                                                signature, empty where omitted; *args
//                                                                arrives as a tuple,
//                                                                **kwargs as a dict (both never empty)
//   Ref f(Thread&, Value self, const Value* args, size_t nargs)  positional only; the count is checked
//   against the signature Ref f(Thread&, Value self, const Value* args, size_t nargs, Value kwnames)
//   everything raw; checks are its own
// `self`: the instance, the class (class methods), the module (module functions); empty for static methods.
// The error messages are CPython's for METH_NOARGS, METH_O, METH_FASTCALL (Argument Clinic) and keyword
// functions.
#pragma once

#include "object/layout.h"

namespace krait {

enum class NativeKind : uint8_t { NoArgs, One, Bound, Positional, Raw, C };

enum NativeFlag : uint8_t {
    kMethClass = 1,        // class method
    kMethStatic = 2,       // static method
    kMethCoexist = 4,      // replaces a slot wrapper of the same name
    kMethNoSignature = 8,  // no __text_signature__ (the oracle has none for this one)
    kMethMethod = 16,      // METH_METHOD of C: __get__ wants a type where it is given one
};

struct Signature;  // parsed text signature (call.cpp)

struct NativeDef {
    PyMethodDef c = {};  // must stay first: m_ml / d_method point here; ml_flags has kNativeDefBit
    NativeKind kind = NativeKind::C;
    uint8_t flags = 0;
    void* fn = nullptr;
    const char* signature = nullptr;  // "(a, b=None, /, *, key=None)" without self
    mutable Signature* parsed = nullptr;

    static constexpr int kNativeDefBit = 1 << 30;  // in ml_flags: this PyMethodDef is the head of a NativeDef
};

// Do the flags of a native say how C functions are called? C code that calls ml_meth itself would believe it:
// they say nothing any more once such a function crosses to C.
constexpr int kHowCalled = 0x8f;
inline bool tells_c_how_called(const PyMethodDef& d) {
    return (d.ml_flags & NativeDef::kNativeDefBit) && (d.ml_flags & kHowCalled);
}

namespace detail {
constexpr NativeKind kind_of(Ref (*)(Thread&, Value)) { return NativeKind::NoArgs; }
constexpr NativeKind kind_of(Ref (*)(Thread&, Value, Value)) { return NativeKind::One; }
constexpr NativeKind kind_of(Ref (*)(Thread&, Value, const Value*)) { return NativeKind::Bound; }
constexpr NativeKind kind_of(Ref (*)(Thread&, Value, const Value*, size_t)) { return NativeKind::Positional; }
constexpr NativeKind kind_of(Ref (*)(Thread&, Value, const Value*, size_t, Value)) { return NativeKind::Raw; }
// METH_* bits as C sees them: VARARGS 1, KEYWORDS 2, NOARGS 4, O 8, CLASS 0x10, STATIC 0x20, COEXIST 0x40,
// FASTCALL 0x80.
constexpr int c_flags(NativeKind k, int flags) {
    int f = k == NativeKind::NoArgs       ? 4
            : k == NativeKind::One        ? 8
            : k == NativeKind::Positional ? 0x80
                                          : 0x82;
    return f | (flags & kMethClass ? 0x10 : 0) | (flags & kMethStatic ? 0x20 : 0) |
           (flags & kMethCoexist ? 0x40 : 0) | NativeDef::kNativeDefBit;
}
}  // namespace detail

template <auto Fn>
NativeDef def(const char* name, const char* signature, const char* doc, uint8_t flags = 0) {
    constexpr NativeKind kind = detail::kind_of(Fn);
    return NativeDef{PyMethodDef{name, nullptr, detail::c_flags(kind, flags), doc},
                     kind,
                     flags,
                     reinterpret_cast<void*>(Fn),
                     signature,
                     nullptr};
}

// Computed attribute. `get` returns owned; `set` null means read-only; value empty means delete. `closure` is
// passed through.
using GetterFn = Ref (*)(Thread&, Value self, void* closure);
using SetterFn = Status (*)(Thread&, Value self, Value value, void* closure);
struct GetSetDef {
    PyGetSetDef c = {};  // name, doc and closure are used; get/set are for C
    GetterFn get = nullptr;
    SetterFn set = nullptr;
};
inline GetSetDef getset(const char* name, GetterFn get, SetterFn set, const char* doc,
                        void* closure = nullptr) {
    return GetSetDef{PyGetSetDef{name, nullptr, nullptr, doc, closure}, get, set};
}

// Plain field of the instance struct.
enum class MemberKind : int {  // CPython's Py_T_* numbers
    Short = 0,
    Int = 1,
    Long = 2,
    Float = 3,
    Double = 4,
    String = 5,
    Object = 6,
    Char = 7,
    Byte = 8,
    UByte = 9,
    UShort = 10,
    UInt = 11,
    ULong = 12,
    StringInplace = 13,
    Bool = 14,
    ObjectEx = 16,
    LongLong = 17,
    ULongLong = 18,
    Ssize = 19,
    // Object/ObjectEx fields hold a Value (empty: None, or AttributeError for ObjectEx).
};
struct MemberDef : PyMemberDef {};
inline constexpr int kReadonly = 1;
inline MemberDef member(const char* name, MemberKind kind, size_t offset, int flags, const char* doc) {
    return MemberDef{{name, static_cast<int>(kind), static_cast<int64_t>(offset), flags, doc}};
}

// A native module. `exec` adds what is not in the table (types, constants). Listed in modules/modules.def.
struct ModuleSpec {
    const char* name;
    const char* doc;
    const NativeDef* functions;  // ends with an entry without a name; may be null
    Status (*exec)(Thread&, Value module) = nullptr;
    bool single = false;  // what it knows is of the process: interpreters that insist on their own go without
};

}  // namespace krait
