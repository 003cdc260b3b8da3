// CFuncPtr: C functions as Python callables, and their classes.
#include <dlfcn.h>

#include <cstring>
#include <string>

#include "modules/ctypes/ctypes.h"

namespace krait::ctypes {

Type function_meta, function_type;

namespace {

Function* as_function(Value v) { return v.as<Function>(); }

// --- classes ---

// What turns arguments into C's, one for each type.
Ref converters_of(Thread& t, Value types) {
    if (!is_tuple(types) && !is_list(types))
        return raise(t, PyExc_TypeError, "_argtypes_ must be a sequence of types");
    Ref all = TRY(to_tuple(t, types));
    int64_t n = tuple_size(all);
    if (n > 1024)
        return raise(t, g_argument_error.as<PyTypeObject>(),
                     "_argtypes_ has too many arguments (%zd), maximum is 1024", n);
    Ref list = TRY(list_new(t));
    for (int64_t i = 0; i < n; i++) {
        Ref from = TRY(lookup_attr(t, tuple_get(all, i), "from_param"));
        if (!from) return raise(t, PyExc_TypeError, "item %zd in _argtypes_ has no from_param method", i + 1);
        TRY(list_append(t, list, from));
    }
    return to_tuple(t, list);
}
Status check_restype(Thread& t, Value v, const char* name) {
    if (is_none(v) || info_of_class(v) || is_callable(v)) return Status::ok();
    return raise(t, PyExc_TypeError, "%s must be a type, a callable, or None", name);
}
Maybe checker_of(Thread& t, Value restype) {
    if (is_none(restype)) return Maybe::absent();
    return lookup_attr(t, restype, "_check_retval_");
}
Status class_init(Thread& t, Value self, const Value* args, size_t nargs, Value kwnames) {
    TRY(init_class(t, self, args, nargs, kwnames));
    auto* type = self.as<PyTypeObject>();
    Info* info = TRY(new_info(t, type, Kind::Function));
    info->size = sizeof(void*);
    info->align = alignof(void*);
    info->length = 1;
    TRY(set_format(t, info, "", "X{}"));
    Value ns(type->tp_dict);
    Value flags = dict_get_str(ns, "_flags_");
    int64_t bits;
    if (!flags || !is_long(flags) || !int_to_i64(flags, &bits))
        return raise(t, PyExc_TypeError, "class must define _flags_ which must be an integer");
    info->flags = static_cast<int>(bits) | kIsPointer;
    if (Value types = dict_get_str(ns, "_argtypes_")) {
        Ref keep = Ref::share(types), converters = TRY(converters_of(t, keep)), all = TRY(to_tuple(t, keep));
        put_owned(info->argtypes, std::move(all));
        put_owned(info->converters, std::move(converters));
    }
    if (Value restype = dict_get_str(ns, "_restype_")) {
        Ref keep = Ref::share(restype);
        TRY(check_restype(t, keep, "_restype_"));
        put_owned(info->restype, keep.share());
        Ref checker = TRY(checker_of(t, keep));
        put_owned(info->checker, std::move(checker));
    }
    return Status::ok();
}

// --- attributes ---

template <Value Function::* Place, Value Info::* Default>
Ref get_setting(Thread&, Value self, void*) {
    if (Value v = as_function(self)->*Place) return Ref::share(v);
    if constexpr (Default != nullptr)
        if (Value v = info_of(type_of(self))->*Default) return Ref::share(v);
    return none_ref();
}
Status put_errcheck(Thread& t, Value self, Value v, void*) {
    if (v && !is_callable(v)) return raise(t, PyExc_TypeError, "the errcheck attribute must be callable");
    put_owned(as_function(self)->errcheck, Ref::share(v));
    return Status::ok();
}
Status put_restype(Thread& t, Value self, Value v, void*) {
    auto* f = as_function(self);
    if (!v) {
        put_owned(f->restype, Ref());
        put_owned(f->checker, Ref());
        return Status::ok();
    }
    TRY(check_restype(t, v, "restype"));
    Ref checker = TRY(checker_of(t, v));
    put_owned(f->checker, std::move(checker));
    put_owned(f->restype, Ref::share(v));
    return Status::ok();
}
// --- flags of parameters ---

enum ParamFlag : unsigned { kIn = 1, kOut = 2, kLcid = 4 };
struct Param {
    unsigned flag = 0;
    Value name, fallback;  // borrowed from the tuple
};
bool read_param(Value item, Param* p) {
    int64_t flag;
    if (!is_tuple(item) || tuple_size(item) < 1 || tuple_size(item) > 3) return false;
    if (!is_long(tuple_get(item, 0)) || !int_to_i64(tuple_get(item, 0), &flag)) return false;
    p->flag = static_cast<unsigned>(flag);
    if (tuple_size(item) > 1) {
        p->name = tuple_get(item, 1);
        if (!is_none(p->name) && !is_str(p->name)) return false;
    }
    if (p->name && is_none(p->name)) p->name = Value();
    if (tuple_size(item) > 2) p->fallback = tuple_get(item, 2);
    return true;
}
bool can_be_out(Value type) {
    Info* info = info_of_class(type);
    if (!info) return false;
    if (info->kind == Kind::Pointer || info->kind == Kind::Array) return true;
    return info->kind == Kind::Simple && strchr("PzZ", info->code->code);
}
Status check_paramflags(Thread& t, Value types, Value flags) {
    if (!flags || !types) return Status::ok();
    if (!is_tuple(flags)) return raise(t, PyExc_TypeError, "paramflags must be a tuple or None");
    int64_t n = tuple_size(flags);
    if (n != tuple_size(types))
        return raise(t, PyExc_ValueError, "paramflags must have the same length as argtypes");
    for (int64_t i = 0; i < n; i++) {
        Param p;
        if (!read_param(tuple_get(flags, i), &p))
            return raise(t, PyExc_TypeError,
                         "paramflags must be a sequence of (int [,string [,value]]) tuples");
        switch (p.flag & (kIn | kOut | kLcid)) {
            case 0:
            case kIn:
            case kLcid:
            case kIn | kLcid:
            case kIn | kOut:
                break;
            case kOut:
                if (!can_be_out(tuple_get(types, i)))
                    return raise(t, PyExc_TypeError, "'out' parameter %d must be a pointer type, not %s",
                                 static_cast<int>(i + 1),
                                 is_type(tuple_get(types, i))
                                     ? tuple_get(types, i).as<PyTypeObject>()->tp_name
                                     : type_of(tuple_get(types, i))->tp_name);
                break;
            default:
                return raise(t, PyExc_TypeError, "paramflag value %d not supported",
                             static_cast<int>(p.flag));
        }
    }
    return Status::ok();
}

Status put_argtypes(Thread& t, Value self, Value v, void*) {
    auto* f = as_function(self);
    if (!v || is_none(v)) {
        put_owned(f->converters, Ref());
        put_owned(f->argtypes, Ref());
        return Status::ok();
    }
    Ref converters = TRY(converters_of(t, v)), types = TRY(to_tuple(t, v));
    TRY(check_paramflags(t, types, f->paramflags));
    put_owned(f->converters, std::move(converters));
    put_owned(f->argtypes, std::move(types));
    return Status::ok();
}
const GetSetDef function_getset[] = {
    getset("errcheck", get_setting<&Function::errcheck, static_cast<Value Info::*>(nullptr)>, put_errcheck,
           "a function to check for errors"),
    getset("restype", get_setting<&Function::restype, &Info::restype>, put_restype,
           "specify the result type"),
    getset("argtypes", get_setting<&Function::argtypes, &Info::argtypes>, put_argtypes,
           "specify the argument types"),
    {}};

// --- making ---

Ref with_address(Thread& t, PyTypeObject* type, void* address) {
    Ref self = TRY(data_new(t, type));
    memcpy(as_data(self)->ptr, &address, sizeof address);
    return self;
}
Ref from_library(Thread& t, PyTypeObject* type, Value spec, Value flags) {
    if (tuple_size(spec) != 2) return raise(t, PyExc_TypeError, "illegal func_spec argument");
    if (flags && is_none(flags)) flags = Value();
    Value name = tuple_get(spec, 0), dll = tuple_get(spec, 1);
    TRY(audit(t, "ctypes.dlsym", {dll, name}));
    std::string text;
    if (is_str(name))
        text = std::string(TRY(str_utf8(t, name)));
    else if (is_bytes(name))
        text = std::string(bytes_view(name));
    Ref handle = TRY(get_attr(t, dll, "_handle"));
    if (!is_long(handle))
        return raise(t, PyExc_TypeError, "the _handle attribute of the second argument must be an integer");
    if (!is_str(name) && !is_bytes(name))
        return raise(t, PyExc_TypeError, "function name must be string, bytes object or integer");
    void* address = TRY(symbol_of(t, dll, text.c_str(), PyExc_AttributeError));
    if (!info_of(type)) return raise(t, PyExc_TypeError, "abstract class");
    TRY(check_paramflags(t, info_of(type)->argtypes, flags));
    Ref self = TRY(with_address(t, type, address));
    TRY(keep_ref(t, self, 0, Ref::share(dll)));
    if (flags) put_owned(as_function(self)->paramflags, Ref::share(flags));
    return self;
}
Ref tp_new(Thread& t, PyTypeObject* type, const Value* args, size_t nargs, Value kwnames) {
    if (nargs == 0) return data_new(t, type);
    if (is_tuple(args[0])) return from_library(t, type, args[0], nargs > 1 ? args[1] : Value());
    if (nargs == 1 && is_long(args[0])) return with_address(t, type, pointer_from_int(args[0]));
    if (nargs > 1)
        return raise(t, PyExc_TypeError, "%s() takes at most 1 argument (%zu given)", type->tp_name, nargs);
    if (!is_callable(args[0]))
        return raise(t, PyExc_TypeError, "argument must be callable or integer function address");
    Info* info = info_of(type);
    if (!info || !info->argtypes)
        return raise(t, PyExc_TypeError, "cannot construct instance of this class: no argtypes");
    Ref thunk = TRY(thunk_new(t, args[0], info->argtypes, info->restype, info->flags));
    Ref self = TRY(with_address(t, type, thunk_address(thunk)));
    auto* f = as_function(self);
    f->callable = Ref::share(args[0]).release();
    f->thunk = thunk.share().release();
    TRY(keep_ref(t, self, 0, std::move(thunk)));
    return self;
}
Status tp_init(Thread&, Value, const Value*, size_t, Value) { return Status::ok(); }

// --- calling ---

struct Returned {
    uint32_t out = 0, inout = 0;
    int count = 0;
};
// The next argument: by position, by keyword, or the default.
Ref next_arg(Thread& t, size_t& used, const Param& p, const Value* args, size_t nargs, Value kwnames) {
    if (used < nargs) return Ref::share(args[used++]);
    for (int64_t k = 0; p.name && kwnames && k < tuple_size(kwnames); k++)
        if (str_equal(tuple_get(kwnames, k), p.name)) {
            used++;
            return Ref::share(args[nargs + static_cast<size_t>(k)]);
        }
    if (p.fallback) return Ref::share(p.fallback);
    if (p.name) return raise(t, PyExc_TypeError, "required argument '%S' missing", p.name);
    return raise(t, PyExc_TypeError, "not enough arguments");
}
Ref out_arg(Thread& t, Value type) {
    Info* info = info_of_class(type);
    if (!info) return raise(t, PyExc_TypeError, "NULL stgdict unexpected");
    if (!info->proto || is_str(info->proto))
        return raise(t, PyExc_TypeError, "%s 'out' parameter must be passed as default value",
                     type.as<PyTypeObject>()->tp_name);
    return call(t, info->kind == Kind::Array ? type : info->proto);
}
Ref build_args(Thread& t, Value flags, Value types, const Value* args, size_t nargs, Value kwnames,
               Returned& r) {
    if (!flags || !types || tuple_size(types) == 0) return tuple_from(t, args, static_cast<int64_t>(nargs));
    Ref list = TRY(list_new(t));
    size_t used = 0;
    for (int64_t i = 0; i < tuple_size(types); i++) {
        Param p;
        Ref v;
        if (i >= tuple_size(flags) || !read_param(tuple_get(flags, i), &p))
            return raise(t, PyExc_TypeError,
                         "paramflags must be a sequence of (int [,string [,value]]) tuples");
        uint32_t bit = i < 32 ? 1u << i : 0;
        switch (p.flag & (kIn | kOut | kLcid)) {
            case kIn | kLcid:
                v = p.fallback ? Ref::share(p.fallback) : Ref::from_int(0);
                break;
            case kIn | kOut:
                r.inout |= bit;
                r.count++;
                [[fallthrough]];
            case 0:
            case kIn:
                v = next_arg(t, used, p, args, nargs, kwnames);
                break;
            case kOut:
                r.out |= bit;
                r.count++;
                v = p.fallback ? Ref::share(p.fallback) : out_arg(t, tuple_get(types, i));
                break;
            default:
                return raise(t, PyExc_ValueError, "paramflag %u not yet implemented", p.flag);
        }
        if (!v) return {};
        TRY(list_append_owned(t, list, std::move(v)));
    }
    size_t given = nargs + static_cast<size_t>(kwnames ? tuple_size(kwnames) : 0);
    if (given != used)
        return raise(t, PyExc_TypeError, "call takes exactly %d arguments (%zd given)",
                     static_cast<int>(used), given);
    return to_tuple(t, list);
}
Ref build_result(Thread& t, Ref result, Value args, const Returned& r) {
    if (r.count == 0) return result;
    Ref list = TRY(list_new(t));
    for (int i = 0; i < 32 && i < tuple_size(args); i++) {
        uint32_t bit = 1u << i;
        Ref v;
        if (bit & r.inout)
            v = Ref::share(tuple_get(args, i));
        else if (bit & r.out)
            v = TRY(call_method(t, tuple_get(args, i), "__ctypes_from_outparam__"));
        else
            continue;
        if (r.count == 1) return v;
        TRY(list_append_owned(t, list, std::move(v)));
    }
    return to_tuple(t, list);
}
Ref tp_call(Thread& t, Value self, const Value* args, size_t nargs, Value kwnames) {
    auto* f = as_function(self);
    Info* info = info_of(type_of(self));
    // Shared: what is called may change the function's settings.
    Ref restype = Ref::share(f->restype ? f->restype : info->restype);
    Ref converters = Ref::share(f->converters ? f->converters : info->converters);
    Ref checker = Ref::share(f->checker ? f->checker : f->restype ? Value() : info->checker);
    Ref types = Ref::share(f->argtypes ? f->argtypes : info->argtypes), flags = Ref::share(f->paramflags);
    if (types && !is_tuple(types)) types = TRY(to_tuple(t, types));
    void* address;
    memcpy(&address, f->data.ptr, sizeof address);
    Returned r;
    Ref all = TRY(build_args(t, flags, types, args, nargs, kwnames, r));
    if (converters) {
        int64_t need = tuple_size(converters), have = tuple_size(all);
        bool variadic = info->flags & kCdecl;
        if (variadic ? need > have : need != have)
            return raise(t, PyExc_TypeError, "this function takes %s%d argument%s (%d given)",
                         variadic ? "at least " : "", static_cast<int>(need), need == 1 ? "" : "s",
                         static_cast<int>(have));
    }
    if (!address) return raise(t, PyExc_ValueError, "attempt to call a NULL function pointer");
    Ref result = TRY(call_function(t, address, all, info->flags, converters, restype, checker));
    Ref errcheck = Ref::share(as_function(self)->errcheck);
    if (errcheck) {
        Ref checked = TRY(call(t, errcheck, {result, self, all}));
        if (!(checked == all)) return checked;
    }
    return build_result(t, std::move(result), all, r);
}
Result<bool> tp_bool(Thread&, Value self) {
    void* address;
    memcpy(&address, as_data(self)->ptr, sizeof address);
    return address != nullptr;
}
Ref tp_repr(Thread& t, Value self) {
    return str_format(t, "<%s object at %p>", type_of(self)->tp_name, static_cast<void*>(self.ptr()));
}

// --- memory ---

template <class F>
void each_setting(Function* f, F do_it) {
    for (Value* v : {&f->thunk, &f->callable, &f->converters, &f->argtypes, &f->restype, &f->checker,
                     &f->errcheck, &f->paramflags})
        do_it(*v);
}
void release_settings(PyObject* o) {
    each_setting(reinterpret_cast<Function*>(o), [](Value& v) {
        Value old = v;
        v = Value();
        xdecref(old);
    });
}
void tp_dealloc(Thread& t, PyObject* o) {
    gc_untrack(t, o);
    release_settings(o);
    data_dealloc(t, o);
}
void tp_traverse(PyObject* o, Visitor& v) {
    each_setting(reinterpret_cast<Function*>(o), [&](Value& x) { v.visit(x); });
    data_traverse(o, v);
}
void tp_clear(Thread& t, PyObject* o) {
    release_settings(o);
    data_clear(t, o);
}

}  // namespace

Result<void*> symbol_of(Thread& t, Value owner, const char* name, PyTypeObject* error) {
    Ref handle = TRY(get_attr(t, owner, "_handle"));
    if (!is_long(handle))
        return raise(t, PyExc_TypeError, "the _handle attribute of the second argument must be an integer");
    dlerror();
    void* p = dlsym(pointer_from_int(handle), name);
    if (p) return p;
    const char* message = dlerror();
    if (!message)  // an indirect function may well be null
        return raise(t, error, "%s '%s' not found", error == PyExc_AttributeError ? "function" : "symbol",
                     name);
    Ref text = TRY(fs_decode(t, message, strlen(message)));
    return raise_value(t, error, text);
}

Status add_functions(Thread& t, Value module) {
    static const TypeDecl meta = meta_decl("_ctypes.PyCFuncPtrType", class_methods_param, class_init);
    TRY(add_static_type(t, Value(), function_meta, meta));
    static const TypeDecl function{.name = "_ctypes.CFuncPtr",
                                   .basicsize = sizeof(Function),
                                   .flags = kTpDefault | kTpBaseType | kTpHaveGC | kTpImmutableType,
                                   .base = &data_type,
                                   .slots = {.dealloc = tp_dealloc,
                                             .traverse = tp_traverse,
                                             .clear = tp_clear,
                                             .repr = tp_repr,
                                             .call = tp_call,
                                             .init = tp_init,
                                             .new_ = tp_new,
                                             .nb_bool = tp_bool,
                                             .getbuffer = data_getbuffer},
                                   .spec = {.getset = function_getset, .doc = "Function Pointer"}};
    function_type.ob_base.ob_base.ob_type = &function_meta;
    return add_static_type(t, module, function_type, function);
}

}  // namespace krait::ctypes
