// Helpers that modules of the library call beside the public API: identifiers, run-once flags, the printer of
// early start-up, reading lines as C's stdio does.
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

#include "builtins/codec.h"
#include "builtins/exceptions.h"
#include "builtins/str.h"
#include "builtins/tuple.h"
#include "capi/capi.h"
#include "gc/gc.h"

using namespace krait;

// --- _Py_Identifier: a name that is interned when it is first used ---

namespace {
struct Identifier {
    const char* string;
    Py_ssize_t index;
    uint8_t mutex;
};
}  // namespace
CAPI PyObject* _PyUnicode_FromId(void* p) {  // borrowed: interned for good
    Ref name = str_intern(here(), static_cast<Identifier*>(p)->string);
    if (!name) return nullptr;
    str_make_immortal(name);
    return ptr_of(name);
}

// --- flags of what is done once ---

CAPI int _PyOnceFlag_CallOnceSlow(uint8_t* flag, int (*fn)(void*), void* arg) {
    constexpr uint8_t kInitialized = 4;
    // The GIL keeps others out, unless `fn` gives it up: then both run it, as two failed attempts would.
    if (__atomic_load_n(flag, __ATOMIC_ACQUIRE) == kInitialized) return 0;
    if (fn(arg) < 0) return -1;
    __atomic_store_n(flag, kInitialized, __ATOMIC_RELEASE);
    return 0;
}

// --- objects ---

CAPI int _PyObject_IsFreed(PyObject* o) {
    auto low = reinterpret_cast<uintptr_t>(o);
    return low < 4096 || low == UINTPTR_MAX || (low & 7) != 0;
}
CAPI PyObject* _PyTuple_FromArray(PyObject* const* items, Py_ssize_t n) {
    Thread& t = here();
    Ref r = tuple_new(t, n);
    for (Py_ssize_t i = 0; r && i < n; i++) tuple_items(r)[i] = Ref::share(Value(items[i])).release();
    return out(std::move(r));
}
CAPI PyObject* PyUnstable_Exc_PrepReraiseStar(PyObject* orig, PyObject* excs) {
    Thread& t = here();
    if (!orig || !is_exception(orig))
        return out(raise(t, PyExc_TypeError, "orig must be an exception instance"));
    if (!excs || !is_list(excs)) return out(raise(t, PyExc_TypeError, "excs must be a list of exceptions"));
    auto* list = reinterpret_cast<PyListObject*>(excs);
    for (Py_ssize_t i = 0; i < list->ob_base.ob_size; i++) {
        Value exc = list->ob_item[i];
        if (!exc || !(is_exception(exc) || exc == none()))
            return out(raise(t, PyExc_TypeError, "item %zd in excs is not an exception", i));
    }
    if (!reinterpret_cast<PyBaseExceptionObject*>(orig)->traceback)
        return out(raise(t, PyExc_ValueError, "orig must be a raised exception"));
    return out(exception_group_prepare_reraise(t, orig, excs));
}
CAPI int _Py_GetBuiltWithAssert() {
#ifdef NDEBUG
    return 0;
#else
    return 1;
#endif
}

// --- how bytes are hashed ---

namespace {
struct HashFuncDef {
    Py_hash_t (*hash)(const void*, Py_ssize_t);
    const char* name;
    int hash_bits, seed_bits;
};
const HashFuncDef kHashFunction{
    [](const void* p, Py_ssize_t n) -> Py_hash_t { return hash_bytes(p, static_cast<size_t>(n)); },
    "siphash13", 64, 128};
}  // namespace
CAPI const HashFuncDef* PyHash_GetFuncDef() { return &kHashFunction; }

// --- files ---

CAPI int _Py_IsValidFD(int fd) { return fd >= 0 && fcntl(fd, F_GETFD) >= 0; }

// A line with any end of line turned into \n.
CAPI char* Py_UniversalNewlineFgets(char* buffer, int n, FILE* stream, PyObject* file) {
    if (file) {
        errno = ENXIO;  // a file object's own idea of lines is not known here
        return nullptr;
    }
    char* p = buffer;
    int c = 'x';
    flockfile(stream);
    while (--n > 0 && (c = getc_unlocked(stream)) != EOF) {
        if (c == '\r') {
            // A \n that follows belongs to it.
            int next = getc_unlocked(stream);
            if (next != '\n' && next != EOF) ungetc(next, stream);
            c = '\n';
        }
        *p++ = static_cast<char>(c);
        if (c == '\n') break;
    }
    funlockfile(stream);
    *p = '\0';
    return p == buffer ? nullptr : buffer;
}

extern "C" __attribute__((visibility("default"))) krait::Type PyStdPrinter_Type;
krait::Type PyStdPrinter_Type;
namespace {
// Writes to a descriptor without codecs or buffers: what stderr is before io can be imported.
struct StdPrinter {
    PyObject ob_base;
    int fd;
};

int fd_of(Value self) { return self.as<StdPrinter>()->fd; }
Ref printer_write(Thread& t, Value self, const Value* args, size_t nargs) {
    if (nargs != 1)
        return raise(t, PyExc_TypeError, "write() takes exactly 1 argument (%zd given)",
                     static_cast<int64_t>(nargs));
    if (!is_str(args[0])) return raise(t, PyExc_TypeError, "argument 1 must be str, not %T", args[0]);
    Ref bytes = TRY(str_encode(t, args[0], "utf-8", "backslashreplace"));
    auto* b = bytes.as<PyBytesObject>();
    ssize_t n;
    int failed = 0;
    {
        AllowThreads allow(t);
        do n = ::write(fd_of(self), b->ob_sval, static_cast<size_t>(b->ob_base.ob_size));
        while (n < 0 && errno == EINTR);
        failed = errno;
    }
    if (n >= 0) return Ref::steal(Value::from_int(n));
    if (failed == EAGAIN) return none_ref();
    return raise_errno(t, failed);
}
Ref printer_fileno(Thread&, Value self) { return Ref::steal(Value::from_int(fd_of(self))); }
Ref printer_isatty(Thread&, Value self) { return bool_ref(isatty(fd_of(self))); }
Ref printer_nothing(Thread&, Value) { return none_ref(); }
Ref printer_repr(Thread& t, Value self) {
    return str_format(t, "<stdprinter(fd=%d) object at %p>", fd_of(self), self.ptr());
}
const NativeDef printer_methods[] = {
    def<printer_nothing>("close", "()", "Does nothing.", kMethNoSignature),
    def<printer_nothing>("flush", "()", "Does nothing.", kMethNoSignature),
    def<printer_fileno>("fileno", "()", "The descriptor.", kMethNoSignature),
    def<printer_isatty>("isatty", "()", "Whether it writes to a terminal.", kMethNoSignature),
    def<printer_write>("write", "(text, /)", "Writes text at once.", kMethNoSignature),
    {}};
const GetSetDef printer_attributes[] = {
    getset(
        "encoding", [](Thread&, Value, void*) { return none_ref(); }, nullptr, "None."),
    getset(
        "closed", [](Thread&, Value, void*) { return bool_ref(false); }, nullptr, "False."),
    getset(
        "mode", [](Thread& t, Value, void*) { return str_from(t, "w"); }, nullptr, "Always 'w'."),
    {}};
const TypeDecl printer_decl{
    .name = "stderrprinter",
    .basicsize = sizeof(StdPrinter),
    .flags = kTpDefault | kTpDisallowInstantiation,
    .slots = {.dealloc = free_object, .repr = printer_repr},
    .spec = {.methods = printer_methods, .getset = printer_attributes},
};
}  // namespace
CAPI PyObject* PyFile_NewStdPrinter(int fd) {
    Thread& t = here();
    if (fd != STDOUT_FILENO && fd != STDERR_FILENO) return nullptr;  // without an exception, as documented
    if (!add_static_type(t, Value(), PyStdPrinter_Type, printer_decl)) return nullptr;
    Ref r = alloc(t, &PyStdPrinter_Type);
    if (r) r.as<StdPrinter>()->fd = fd;
    return out(std::move(r));
}
