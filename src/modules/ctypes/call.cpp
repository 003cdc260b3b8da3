// Arguments of calls, and the calls themselves.
#include <cerrno>
#include <cstring>
#include <utility>

#include "modules/ctypes/ctypes.h"
#include "object/per_interpreter.h"

namespace krait::ctypes {

Type argument_type;
PER_INTERPRETER_REFS Value g_argument_error, g_unpickle;

int& own_errno() {
    static thread_local int value = 0;
    return value;
}

Thread*& calling_thread() {
    static thread_local Thread* value = nullptr;
    return value;
}

// --- Argument objects ---

namespace {

void argument_dealloc(Thread& t, PyObject* o) {
    gc_untrack(t, o);
    xdecref(reinterpret_cast<Argument*>(o)->obj);
    free_object(t, o);
}
void argument_traverse(PyObject* o, Visitor& v) { v.visit(reinterpret_cast<Argument*>(o)->obj); }

template <class T>
T value_as(const Argument* a) {
    T v;
    memcpy(&v, a->value, sizeof v);
    return v;
}
Ref argument_repr(Thread& t, Value self) {
    auto* a = self.as<Argument>();
    switch (a->tag) {
        case 'b':
        case 'B':
            return str_format(t, "<cparam '%c' (%d)>", a->tag, a->value[0]);
        case 'h':
        case 'H':
            return str_format(t, "<cparam '%c' (%d)>", a->tag, value_as<int16_t>(a));
        case 'i':
        case 'I':
            return str_format(t, "<cparam '%c' (%d)>", a->tag, value_as<int32_t>(a));
        case 'l':
        case 'L':
        case 'q':
        case 'Q':
            return str_format(t, "<cparam '%c' (%lld)>", a->tag,
                              static_cast<long long>(value_as<int64_t>(a)));
        case 'd':
        case 'f': {
            Ref f = TRY(float_from(t, a->tag == 'f' ? value_as<float>(a) : value_as<double>(a)));
            return str_format(t, "<cparam '%c' (%R)>", a->tag, f.get());
        }
        case 'c': {
            auto c = static_cast<unsigned char>(a->value[0]);
            if (c >= 32 && c < 127 && c != '\'' && c != '\\')
                return str_format(t, "<cparam '%c' ('%c')>", a->tag, c);
            return str_format(t, "<cparam '%c' ('\\x%02x')>", a->tag, c);
        }
        case 'z':
        case 'Z':
        case 'P':
            return str_format(t, "<cparam '%c' (%p)>", a->tag, value_as<void*>(a));
        default:
            return str_format(t, "<cparam '%c' at %p>", a->tag, static_cast<void*>(self.ptr()));
    }
}
const MemberDef argument_members[] = {
    member("_obj", MemberKind::Object, offsetof(Argument, obj), kReadonly, "the wrapped object"), {}};

}  // namespace

Ref argument_new(Thread& t, char tag, ffi_type* ffi) {
    Ref self = TRY(alloc(t, &argument_type));
    self.as<Argument>()->tag = tag;
    self.as<Argument>()->ffi = ffi;
    return self;
}
Ref byref(Thread& t, Value data, int64_t offset) {
    Ref arg = TRY(argument_new(t, 'P', &ffi_type_pointer));
    char* p = as_data(data)->ptr + offset;
    memcpy(arg.as<Argument>()->value, &p, sizeof p);
    put_owned(arg.as<Argument>()->obj, Ref::share(data));
    return arg;
}

// --- conversion ---

namespace {

struct Arg {
    ffi_type* ffi;
    void* p;  // where libffi finds the value
    alignas(16) char value[32];
    Value keep;  // owned
};
void set_pointer(Arg& a, const void* v) {
    a.ffi = &ffi_type_pointer;
    a.p = a.value;
    memcpy(a.value, &v, sizeof v);
}
Status from_data(Thread& t, Value v, Arg& a) {
    auto* d = as_data(v);
    Info* info = info_of(type_of(v));
    if (!info) return raise(t, PyExc_TypeError, "abstract class");
    a.keep = Ref::share(v).release();
    a.p = a.value;
    a.ffi = ffi_of(info);
    switch (info->kind) {
        case Kind::Array:
            set_pointer(a, d->ptr);
            return Status::ok();
        case Kind::Struct:
        case Kind::Union:
            a.p = d->ptr;
            return Status::ok();
        case Kind::Simple:
            memcpy(a.value, d->ptr, static_cast<size_t>(info->size));
            return Status::ok();
        default:
            memcpy(a.value, d->ptr, sizeof(void*));
            return Status::ok();
    }
}
Status from_long(Thread& t, Value v, Arg& a) {
    int64_t n;
    uint64_t wide;
    if (!int_to_i64(v, &n)) {
        if (!int_to_u64(v, &wide)) return raise(t, PyExc_OverflowError, "int too long to convert");
        n = static_cast<int64_t>(wide);
    }
    a.ffi = &ffi_type_sint;
    a.p = a.value;
    memcpy(a.value, &n, sizeof n);
    return Status::ok();
}
Status convert(Thread& t, Value v, int64_t index, Arg& a) {
    if (is_data(v)) return from_data(t, v, a);
    if (has_type(v, &argument_type)) {
        auto* arg = v.as<Argument>();
        a.keep = Ref::share(v).release();
        a.ffi = arg->ffi;
        a.p = a.value;
        memcpy(a.value, arg->value, sizeof a.value);
        return Status::ok();
    }
    if (is_none(v)) {
        set_pointer(a, nullptr);
        return Status::ok();
    }
    if (is_long(v)) return from_long(t, v, a);
    if (is_bytes(v)) {
        a.keep = Ref::share(v).release();
        set_pointer(a, bytes_data(v));
        return Status::ok();
    }
    if (is_str(v)) {
        a.ffi = &ffi_type_pointer;
        a.p = a.value;
        Ref keep = TRY(find_code('Z')->set(t, a.value, v, 0, 0));
        a.keep = keep.release();
        return Status::ok();
    }
    Ref as = TRY(lookup_attr(t, v, "_as_parameter_"));
    if (as) {
        RecursionGuard guard(t, " while processing _as_parameter_");
        if (!guard) return {};
        TRY(convert(t, as, index, a));
        if (!a.keep) a.keep = as.release();
        return Status::ok();
    }
    return raise(t, PyExc_TypeError, "Don't know how to convert parameter %d", static_cast<int>(index));
}
Raised argument_error(Thread& t, int64_t i) {
    Ref old = fetch_error(t), text = str(t, old);
    if (!text) {
        clear_error(t);
        text = str_from(t, "???");
        if (!text) return {};
    }
    return raise(t, g_argument_error.as<PyTypeObject>(), "argument %zd: %s: %U", i + 1, type_of(old)->tp_name,
                 text.get());
}

// The arguments of one call.
class Args {
  public:
    explicit Args(Thread& t) : t_(t) {}
    ~Args() {
        for (int64_t i = 0; i < n_; i++) xdecref(args_[i].keep);
        if (args_ != small_) mem_free(args_);
    }
    Args(const Args&) = delete;
    Status set(Value tuple, Value converters) {
        int64_t n = tuple_size(tuple), typed = converters ? tuple_size(converters) : 0;
        if (n > kMost)
            return raise(t_, g_argument_error.as<PyTypeObject>(), "too many arguments (%zd), maximum is %d",
                         n, static_cast<int>(kMost));
        if (n > kSmall) {
            args_ = static_cast<Arg*>(mem_alloc(static_cast<size_t>(n) * sizeof(Arg)));
            if (!args_) {
                args_ = small_;
                return raise_no_memory(t_);
            }
        }
        for (int64_t i = 0; i < n; i++) {
            args_[i].keep = Value();
            memset(args_[i].value, 0, sizeof args_[i].value);
            n_ = i + 1;
            if (!one(tuple_get(tuple, i), i < typed ? tuple_get(converters, i) : Value(), i))
                return argument_error(t_, i);
        }
        return Status::ok();
    }
    int64_t size() const { return n_; }
    Arg& operator[](int64_t i) { return args_[i]; }
    static constexpr int64_t kMost = 1024;

  private:
    Status one(Value v, Value converter, int64_t i) {
        if (!converter) return convert(t_, v, i + 1, args_[i]);
        Ref made = TRY(call(t_, converter, {v}));
        TRY(convert(t_, made, i + 1, args_[i]));
        // The converted object owns what the argument points to.
        if (!args_[i].keep) args_[i].keep = made.release();
        return Status::ok();
    }
    static constexpr int64_t kSmall = 8;
    Thread& t_;
    Arg small_[kSmall];
    Arg* args_ = small_;
    int64_t n_ = 0;
};

void run(Thread& t, ffi_cif* cif, void* fn, void* result, void** values, int flags) {
    auto go = [&] {
        if (flags & kUseErrno) std::swap(errno, own_errno());
        ffi_call(cif, reinterpret_cast<void (*)()>(fn), result, values);
        if (flags & kUseErrno) std::swap(errno, own_errno());
    };
    if (flags & kPythonApi) {
        go();
        return;
    }
    Thread* outer = std::exchange(calling_thread(), &t);
    {
        AllowThreads allow(t);
        go();
    }
    calling_thread() = outer;
}

// The result as a Python object.
Ref result_of(Thread& t, Value restype, char* result, Value checker) {
    if (!restype) return int_from(t, *reinterpret_cast<int*>(result));
    if (is_none(restype)) return none_ref();
    Info* info = info_of_class(restype);
    if (!info) return call(t, restype, {Value::from_int(*reinterpret_cast<int*>(result))});
    Ref v;
    if (info->get && !is_simple_subclass(restype)) {
        v = info->get(t, result, info->size, 0);
        // A new reference came from C; the value read is one more.
        if (info->code->code == 'O' && v) {
            auto* o = *reinterpret_cast<PyObject**>(result);
            decref(o);
        }
    } else {
        v = data_from_base(t, restype.as<PyTypeObject>(), Value(), 0, result);
    }
    if (!checker || !v) return v;
    return call(t, checker, {v});
}

}  // namespace

Ref call_function(Thread& t, void* fn, Value args_tuple, int flags, Value converters, Value restype,
                  Value checker) {
    Ref address = TRY(int_from_u64(t, reinterpret_cast<uintptr_t>(fn)));
    TRY(audit(t, "ctypes.call_function", {address, args_tuple}));
    Args args(t);
    TRY(args.set(args_tuple, converters));
    int64_t n = args.size();
    ffi_type* result_type = &ffi_type_sint;
    int64_t result_size = 16;
    if (restype && is_none(restype)) {
        result_type = &ffi_type_void;
    } else if (Info* info = restype ? info_of_class(restype) : nullptr) {
        result_type = ffi_of(info);
        if (info->size > result_size) result_size = info->size;
    }
    ffi_type* small_types[16];
    void* small_values[16];
    char small_result[64] __attribute__((aligned(16)));
    size_t room = static_cast<size_t>(n) * (sizeof(ffi_type*) + sizeof(void*));
    void* more = n > 16 ? mem_alloc(room) : nullptr;
    if (n > 16 && !more) return raise_no_memory(t);
    auto** types = more ? static_cast<ffi_type**>(more) : small_types;
    auto** values = more ? static_cast<void**>(more) + n : small_values;
    auto* result = result_size > static_cast<int64_t>(sizeof small_result)
                       ? static_cast<char*>(mem_alloc(static_cast<size_t>(result_size)))
                       : small_result;
    Ref r;
    if (!result) {
        r = raise_no_memory(t);
    } else {
        memset(result, 0, static_cast<size_t>(result_size));
        for (int64_t i = 0; i < n; i++) {
            types[i] = args[i].ffi;
            values[i] = args[i].p;
        }
        ffi_cif cif;
        if (ffi_prep_cif(&cif, FFI_DEFAULT_ABI, static_cast<unsigned>(n), result_type, types) != FFI_OK) {
            r = raise(t, PyExc_RuntimeError, "ffi_prep_cif failed");
        } else {
            run(t, &cif, fn, result, values, flags);
            if (!((flags & kPythonApi) && occurred(t))) r = result_of(t, restype, result, checker);
        }
    }
    if (result != small_result) mem_free(result);
    mem_free(more);
    return r;
}

Status add_argument(Thread& t) {
    static const TypeDecl argument{
        .name = "_ctypes.CArgObject",
        .basicsize = sizeof(Argument),
        .flags = kTpDefault | kTpHaveGC | kTpImmutableType | kTpDisallowInstantiation,
        .slots = {.dealloc = argument_dealloc, .traverse = argument_traverse, .repr = argument_repr},
        .spec = {.members = argument_members}};
    return add_static_type(t, Value(), argument_type, argument);
}

}  // namespace krait::ctypes
