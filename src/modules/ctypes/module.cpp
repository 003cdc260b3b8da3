// The module _ctypes: its functions, and the C functions that ctypes calls by address.
#include <dlfcn.h>
#include <link.h>

#include <cstring>
#include <cwchar>
#include <string>
#include <vector>

#include "builtins/memoryview.h"
#include "modules/ctypes/ctypes.h"
#include "support/libm.h"

namespace krait::ctypes {

Status add_argument(Thread& t);
Status add_thunk(Thread& t);

namespace {

// --- sizes and addresses ---

Ref size_of(Thread& t, Value, Value v) {
    if (Info* info = info_of_class(v)) return int_from(t, info->size);
    if (is_data(v)) return int_from(t, as_data(v)->size);
    return raise(t, PyExc_TypeError, "this type has no size");
}
Ref alignment(Thread& t, Value, Value v) {
    Info* info = info_of_class(v);
    if (!info) info = info_of_object(v);
    if (!info) return raise(t, PyExc_TypeError, "no alignment info");
    return int_from(t, info->align);
}
Ref address_of(Thread& t, Value, Value v) {
    if (!is_data(v))
        return raise(t, PyExc_TypeError, "addressof() argument must be _ctypes._CData, not %K", v);
    TRY(audit(t, "ctypes.addressof", {v}));
    return pointer_to_int(t, as_data(v)->ptr);
}
Ref by_reference(Thread& t, Value, const Value* a, size_t n) {
    if (!is_data(a[0]))
        return raise(t, PyExc_TypeError, "byref() argument 1 must be _ctypes._CData, not %K", a[0]);
    int64_t offset = n > 1 ? TRY(as_index(t, a[1], PyExc_OverflowError)) : 0;
    return byref(t, a[0], offset);
}
Ref resize(Thread& t, Value, const Value* a, size_t) {
    if (!is_data(a[0]))
        return raise(t, PyExc_TypeError, "resize() argument 1 must be _ctypes._CData, not %K", a[0]);
    int64_t size = TRY(as_index(t, a[1], PyExc_OverflowError));
    auto* d = as_data(a[0]);
    Info* info = info_of(type_of(a[0]));
    if (!info) return raise(t, PyExc_TypeError, "excepted ctypes instance");
    if (size < info->size) return raise(t, PyExc_ValueError, "minimum size is %zd", info->size);
    if (!d->needs_free)
        return raise(t, PyExc_ValueError, "Memory cannot be resized because this object doesn't own it");
    if (size <= static_cast<int64_t>(sizeof d->value)) {
        d->size = size;
        return none_ref();
    }
    auto* p = static_cast<char*>(mem_alloc_zeroed(static_cast<size_t>(size)));
    if (!p) return raise_no_memory(t);
    memcpy(p, d->ptr, static_cast<size_t>(d->size < size ? d->size : size));
    if (d->ptr != d->value) mem_free(d->ptr);
    d->ptr = p;
    d->size = size;
    return none_ref();
}
Ref buffer_info(Thread& t, Value, Value v) {
    Info* info = info_of_class(v);
    if (!info) info = info_of_object(v);
    if (!info) return raise(t, PyExc_TypeError, "not a ctypes type or object");
    Ref shape = TRY(tuple_new(t, info->ndim));
    for (int i = 0; i < info->ndim; i++) tuple_items(shape)[i] = TRY(int_from(t, info->shape[i])).release();
    Ref format = info->format ? TRY(str_from(t, info->format)) : none_ref();
    return tuple_of(t, {format, Value::from_int(info->ndim), shape});
}
Ref unpickle(Thread& t, Value, const Value* a, size_t n, Value kwnames) {
    TRY(no_kwargs(t, "_unpickle", kwnames));
    if (n != 2) return raise(t, PyExc_TypeError, "_unpickle expected 2 arguments, got %zu", n);
    if (!is_tuple(a[1]))
        return raise(t, PyExc_TypeError, "_unpickle() argument 2 must be tuple, not %T", a[1]);
    Ref make = TRY(get_attr(t, a[0], "__new__")), self = TRY(call(t, make, {a[0]}));
    Ref set = TRY(get_attr(t, self, "__setstate__"));
    TRY_DISCARD(call_with(t, set, a[1], Value()));
    return self;
}

// --- errno ---

Ref get_errno(Thread& t, Value) {
    TRY(audit(t, "ctypes.get_errno"));
    return int_from(t, own_errno());
}
Ref set_errno(Thread& t, Value, const Value* a, size_t n, Value kwnames) {
    TRY(no_kwargs(t, "set_errno", kwnames));
    if (n != 1) return raise(t, PyExc_TypeError, "function takes exactly 1 argument (%zu given)", n);
    int value = TRY(as_int32(t, a[0]));
    TRY(audit(t, "ctypes.set_errno", {a[0]}));
    int old = own_errno();
    own_errno() = value;
    return int_from(t, old);
}

// --- libraries ---

Raised loader_error(Thread& t, const char* otherwise) {
    const char* message = dlerror();
    if (!message) return raise(t, PyExc_OSError, "%s", otherwise);
    Ref text = TRY(fs_decode(t, message, strlen(message)));
    return raise_value(t, PyExc_OSError, text);
}

Ref lib_open(Thread& t, Value, const Value* a, size_t n, Value kwnames) {
    TRY(no_kwargs(t, "dlopen", kwnames));
    if (n < 1 || n > 2)
        return raise(t, PyExc_TypeError, "dlopen() takes at %s %d argument%s (%zu given)",
                     n ? "most" : "least", n ? 2 : 1, n ? "s" : "", n);
    int mode = n > 1 ? TRY(as_int32(t, a[1])) : RTLD_NOW;
    TRY(audit(t, "ctypes.dlopen", {a[0]}));
    Ref path;
    if (!is_none(a[0])) path = TRY(fs_encode(t, a[0]));
    libm_load();
    void* handle;
    {
        AllowThreads allow(t);
        handle = dlopen(path ? bytes_data(path) : nullptr, mode | RTLD_NOW);
    }
    if (handle) return pointer_to_int(t, handle);
    return loader_error(t, "dlopen() error");
}
// An address from a number: zero is none, though the oracle says no more than this of it.
Result<void*> address_arg(Thread& t, const char* function, Value v) {
    if (!is_long(v)) return raise(t, PyExc_TypeError, "an integer is required");
    void* p = pointer_from_int(v);
    if (!p) return raise(t, PyExc_SystemError, "%sargument 1 (unspecified)", function);
    return p;
}
Ref lib_close(Thread& t, Value, const Value* a, size_t n, Value kwnames) {
    TRY(no_kwargs(t, "dlclose", kwnames));
    if (n != 1) return raise(t, PyExc_TypeError, "dlclose() takes exactly 1 argument (%zu given)", n);
    if (!dlclose(TRY(address_arg(t, "dlclose() ", a[0])))) return none_ref();
    return loader_error(t, "dlclose() error");
}
Ref lib_symbol(Thread& t, Value, const Value* a, size_t n, Value kwnames) {
    TRY(no_kwargs(t, "dlsym", kwnames));
    if (n != 2) return raise(t, PyExc_TypeError, "dlsym() takes exactly 2 arguments (%zu given)", n);
    void* library = TRY(address_arg(t, "dlsym() ", a[0]));
    if (!is_str(a[1])) return raise(t, PyExc_TypeError, "dlsym() argument 2 must be str, not %K", a[1]);
    std::string_view name = TRY(str_utf8(t, a[1]));
    TRY(audit(t, "ctypes.dlsym/handle", {a[0], a[1]}));
    dlerror();
    void* p = dlsym(library, name.data());
    if (p) return pointer_to_int(t, p);
    std::string otherwise = "symbol '" + std::string(name) + "' not found";
    return loader_error(t, otherwise.c_str());
}
Ref lib_list(Thread& t, Value) {
    std::vector<std::string> names;
    {
        AllowThreads allow(t);
        dl_iterate_phdr(
            [](dl_phdr_info* info, size_t, void* out) {
                static_cast<std::vector<std::string>*>(out)->push_back(info->dlpi_name ? info->dlpi_name
                                                                                       : "");
                return 0;
            },
            &names);
    }
    Ref list = TRY(list_new(t));
    for (const std::string& name : names) TRY(append(t, list, fs_decode(t, name.data(), name.size())));
    return list;
}

// --- raw calls and references ---

template <int Flags>
Ref call_raw(Thread& t, Value, const Value* a, size_t n, Value kwnames) {
    TRY(no_kwargs(t, "call_function", kwnames));
    if (n != 2) return raise(t, PyExc_TypeError, "function takes exactly 2 arguments (%zu given)", n);
    void* function = TRY(address_arg(t, "", a[0]));
    if (!is_tuple(a[1])) return raise(t, PyExc_TypeError, "argument 2 must be tuple, not %T", a[1]);
    return call_function(t, function, a[1], Flags, Value(), Value(), Value());
}
Ref object_from_pointer(Thread& t, Value, const Value* a, size_t n, Value kwnames) {
    TRY(no_kwargs(t, "PyObj_FromPtr", kwnames));
    if (n != 1) return raise(t, PyExc_TypeError, "function takes exactly 1 argument (%zu given)", n);
    auto* o = static_cast<PyObject*>(TRY(address_arg(t, "PyObj_FromPtr() ", a[0])));
    TRY(audit(t, "ctypes.PyObj_FromPtr", {a[0]}));
    incref(o);
    return from_c(o);
}
Ref count_up(Thread&, Value, Value v) {
    incref(v);
    return Ref::share(v);
}
Ref count_down(Thread&, Value, Value v) {
    Ref r = Ref::share(v);
    decref(v);
    return r;
}

// --- what ctypes calls as C functions, with the lock held ---

Status check_cast_type(Thread& t, Value type) {
    Info* info = info_of_class(type);
    if (info && (info->kind == Kind::Pointer || info->kind == Kind::Function)) return Status::ok();
    if (info && info->kind == Kind::Simple && strchr("sPzUZXO", info->code->code)) return Status::ok();
    if (is_type(type))
        return raise(t, PyExc_TypeError, "cast() argument 2 must be a pointer type, not %s",
                     type.as<PyTypeObject>()->tp_name);
    return raise(t, PyExc_TypeError, "cast() argument 2 must be a pointer type, not %s",
                 type_of(type)->tp_name);
}
Ref cast(Thread& t, void* p, Value source, Value type) {
    TRY(check_cast_type(t, type));
    Ref result = TRY(call(t, type));
    if (!is_data(result)) return raise(t, PyExc_TypeError, "not a ctype instance");
    if (is_data(source)) {
        Ref kept = TRY(kept_objects(t, source));
        Value objects = as_data(source)->objects;
        if (objects) {
            put_owned(as_data(result)->objects, Ref::share(objects));
            if (is_dict_exact(objects)) {
                Ref key = TRY(pointer_to_int(t, source.ptr()));
                TRY(dict_set(t, objects, key, source));
            }
        }
    }
    memcpy(as_data(result)->ptr, &p, sizeof p);
    return result;
}
PyObject* c_cast(void* p, PyObject* source, PyObject* type) {
    return to_c(cast(current_thread(), p, Value(source), Value(type)));
}
Status audit_at(Thread& t, const char* event, const void* p, int64_t size) {
    Ref address = TRY(pointer_to_int(t, p)), n = TRY(int_from(t, size));
    return audit(t, event, {address, n});
}
Ref string_at(Thread& t, const char* p, int size) {
    TRY(audit_at(t, "ctypes.string_at", p, size));
    if (size == -1) return bytes_from(t, p, strlen(p));
    if (size < 0) return raise(t, PyExc_SystemError, "Negative size passed to PyBytes_FromStringAndSize");
    return bytes_from(t, p, static_cast<size_t>(size));
}
PyObject* c_string_at(const char* p, int size) { return to_c(string_at(current_thread(), p, size)); }
Ref wstring_at(Thread& t, const wchar_t* p, int size) {
    TRY(audit_at(t, "ctypes.wstring_at", p, size));
    int64_t n = size == -1 ? static_cast<int64_t>(wcslen(p)) : size;
    if (n < 0) return bad_internal_call(t, "unicodeobject.c");
    for (int64_t i = 0; i < n; i++)
        if (static_cast<uint32_t>(p[i]) > 0x10ffff)
            return raise(t, PyExc_ValueError, "character U+%x is not in range [U+0000; U+10ffff]",
                         static_cast<uint32_t>(p[i]));
    return str_from_kind(t, 4, p, n);
}
PyObject* c_wstring_at(const wchar_t* p, int size) { return to_c(wstring_at(current_thread(), p, size)); }
PyObject* c_memoryview_at(char* p, int64_t size, int readonly) {
    Thread& t = current_thread();
    if (size < 0)
        return to_c(raise(t, PyExc_ValueError, "memoryview_at: size is negative (or overflowed): %zd", size));
    Ref address = pointer_to_int(t, p), n = int_from(t, size);
    if (!address || !n || !audit(t, "ctypes.memoryview_at", {address, n, boolean(readonly)})) return nullptr;
    // The C API's function is in the program; this library is below it.
    using FromMemory = PyObject* (*)(char*, int64_t, int);
    static const auto make = reinterpret_cast<FromMemory>(dlsym(RTLD_DEFAULT, "PyMemoryView_FromMemory"));
    if (!make) return to_c(raise(t, PyExc_SystemError, "the program has no C API"));
    return make(p, size, readonly ? 0x100 : 0x200);
}

Status add_error(Thread& t, Value module) {
    if (!g_argument_error) {
        Ref ns = TRY(dict_new(t)), name = TRY(str_intern(t, "ArgumentError")),
            home = TRY(str_intern(t, "ctypes"));
        Ref bases = TRY(tuple_of(t, {PyExc_Exception}));
        TRY(dict_set_str(t, ns, "__module__", home));
        g_argument_error = TRY(new_class(t, name, bases, ns)).release();
    }
    return module_add(t, module, "ArgumentError", Ref::share(g_argument_error));
}
template <class F>
Status add_address(Thread& t, Value module, const char* name, F* f) {
    return module_add(t, module, name, pointer_to_int(t, reinterpret_cast<void*>(f)));
}

Status exec(Thread& t, Value module) {
    TRY(add_error(t, module));
    TRY(add_meta(t, module));
    TRY(add_data(t, module));
    TRY(add_argument(t));
    TRY(add_thunk(t));
    TRY(add_fields(t, module));
    TRY(add_simple(t, module));
    TRY(add_pointer(t, module));
    TRY(add_array(t, module));
    TRY(add_structures(t, module));
    TRY(add_functions(t, module));
    if (!g_unpickle) g_unpickle = TRY(get_attr(t, module, "_unpickle")).release();
    TRY(add_address(t, module, "_cast_addr", c_cast));
    TRY(add_address(t, module, "_memmove_addr", static_cast<void* (*)(void*, const void*, size_t)>(memmove)));
    TRY(add_address(t, module, "_memset_addr", static_cast<void* (*)(void*, int, size_t)>(memset)));
    TRY(add_address(t, module, "_string_at_addr", c_string_at));
    TRY(add_address(t, module, "_wstring_at_addr", c_wstring_at));
    TRY(add_address(t, module, "_memoryview_at_addr", c_memoryview_at));
    TRY(module_add_int(t, module, "FUNCFLAG_CDECL", kCdecl));
    TRY(module_add_int(t, module, "FUNCFLAG_PYTHONAPI", kPythonApi));
    TRY(module_add_int(t, module, "FUNCFLAG_USE_ERRNO", kUseErrno));
    TRY(module_add_int(t, module, "FUNCFLAG_USE_LASTERROR", kUseLastError));
    TRY(module_add_int(t, module, "RTLD_LOCAL", RTLD_LOCAL));
    TRY(module_add_int(t, module, "RTLD_GLOBAL", RTLD_GLOBAL));
    TRY(module_add_int(t, module, "CTYPES_MAX_ARGCOUNT", 1024));
    TRY(module_add_int(t, module, "SIZEOF_TIME_T", sizeof(time_t)));
    return module_add_str(t, module, "__version__", "1.1.0");
}

}  // namespace

const NativeDef module_functions[] = {
    def<size_of>("sizeof", "(obj, /)", "The size in bytes of a C type or of an object of one."),
    def<alignment>("alignment", "(object, /)", "The alignment of a C type or of an object of one."),
    def<address_of>("addressof", "(obj, /)", "Where the data of an object lies, as an int."),
    def<by_reference>("byref", "(obj, offset=0, /)", "A pointer to an object, for an argument of a call."),
    def<resize>("resize", "(obj, size, /)", nullptr),
    def<buffer_info>("buffer_info", "(object, /)", "Format, dimensions and shape of a type's buffer."),
    def<unpickle>("_unpickle", nullptr, nullptr, kMethNoSignature),
    def<get_errno>("get_errno", "()", nullptr),
    def<set_errno>("set_errno", nullptr, nullptr, kMethNoSignature),
    def<lib_open>("dlopen", nullptr, "Loads a shared library.", kMethNoSignature),
    def<lib_close>("dlclose", nullptr, "Lets go of a shared library.", kMethNoSignature),
    def<lib_symbol>("dlsym", nullptr, "The address of a name in a shared library.", kMethNoSignature),
    def<lib_list>("dllist", "()", "The names of the shared libraries of the process."),
    def<call_raw<0>>("call_function", nullptr, nullptr, kMethNoSignature),
    def<call_raw<kCdecl>>("call_cdeclfunction", nullptr, nullptr, kMethNoSignature),
    def<object_from_pointer>("PyObj_FromPtr", nullptr, nullptr, kMethNoSignature),
    def<count_up>("Py_INCREF", "(object, /)", nullptr),
    def<count_down>("Py_DECREF", "(object, /)", nullptr),
    {}};

}  // namespace krait::ctypes

namespace krait {
extern const ModuleSpec module__ctypes;
const ModuleSpec module__ctypes{.name = "_ctypes",
                                .doc = "Create and manipulate C compatible data types in Python.",
                                .functions = ctypes::module_functions,
                                .exec = ctypes::exec};
}  // namespace krait
