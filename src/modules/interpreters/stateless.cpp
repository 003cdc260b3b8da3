// Which functions and scripts depend on nothing of the interpreter that made them.
#include "modules/interpreters/stateless.h"

#include "builtins/dict.h"
#include "builtins/str.h"
#include "builtins/tuple.h"
#include "modules/interpreters/cross.h"
#include "object/names.h"
#include "object/protocol.h"
#include "runtime/hooks.h"

namespace krait::xi {
namespace {

constexpr int kVarArgs = 4, kVarKeywords = 8, kGenerators = 0x20 | 0x80 | 0x200;

// Names that are looked up beyond the function have to be builtins. `globals` and `builtins` may be empty:
// then any name is one too many.
Status verify_no_globals(Thread& t, PyCodeObject* co, Value globals, Value builtins) {
    bool any = false;
    TRY(each_instruction(t, co, [&](Op op, uint32_t arg) -> Status {
        if (op != Op::LOAD_GLOBAL && op != Op::STORE_GLOBAL && op != Op::DELETE_GLOBAL) return Status::ok();
        Value name = tuple_get(Value(co->co_names), op == Op::LOAD_GLOBAL ? arg >> 1 : arg);
        if (op == Op::LOAD_GLOBAL) {
            Ref global = globals ? TRY(dict_get(t, globals, name)) : Ref();
            Ref builtin = builtins ? TRY(dict_get(t, builtins, name)) : Ref();
            if (!global && builtin) return Status::ok();
        }
        any = true;
        return Status::ok();
    }));
    if (any) return raise(t, PyExc_ValueError, "globals not supported");
    return Status::ok();
}

}  // namespace

Status verify_code(Thread& t, PyCodeObject* co, Value globals, Value builtins, bool check_globals) {
    if (co->co_nfreevars > 0) return raise(t, PyExc_ValueError, "closures not supported");
    if (check_globals) TRY(verify_no_globals(t, co, globals, builtins));
    return Status::ok();
}

Result<bool> returns_only_none(Thread& t, PyCodeObject* co) {
    if (co->co_flags & kGenerators) return false;
    int64_t none_at = -1;
    for (int64_t i = 0, n = tuple_size(Value(co->co_consts)); i < n && none_at < 0; i++)
        if (is_none(tuple_get(Value(co->co_consts), i))) none_at = i;
    bool good = true;
    Op before = Op::CACHE;
    uint32_t before_arg = 0;
    TRY(each_instruction(t, co, [&](Op op, uint32_t arg) -> Status {
        if (op == Op::RETURN_VALUE && (none_at < 0 || before != Op::LOAD_CONST || before_arg != none_at))
            good = false;
        before = op;
        before_arg = arg;
        return Status::ok();
    }));
    return good;
}

namespace {
bool is_script_text(Value v) { return is_str(v) || is_bytes(v) || is_bytearray(v); }

}  // namespace

Status verify_stateless(Thread& t, Value function) {
    auto* f = as_function(function);
    if (!is_dict(Value(f->func_globals)))
        return raise(t, PyExc_TypeError, "unsupported globals %R", Value(f->func_globals));
    if (!is_dict(Value(f->func_builtins)))
        return raise(t, PyExc_TypeError, "unsupported builtins %R", Value(f->func_builtins));
    TRY(verify_code(t, as_code(Value(f->func_code)), Value(f->func_globals), Value(f->func_builtins), true));
    Ref defaults = TRY(get_attr(t, function, "__defaults__")),
        kw = TRY(get_attr(t, function, "__kwdefaults__")),
        closure = TRY(get_attr(t, function, "__closure__"));
    if (!is_none(defaults) && TRY(length(t, defaults)) > 0)
        return raise(t, PyExc_ValueError, "defaults not supported");
    if (!is_none(kw) && TRY(length(t, kw)) > 0)
        return raise(t, PyExc_ValueError, "keyword defaults not supported");
    if (!is_none(closure) && TRY(length(t, closure)) > 0)
        return raise(t, PyExc_ValueError, "closures not supported");
    return Status::ok();
}

Ref script_code(Thread& t, Value script, bool pure) {
    Ref code;
    if (has_type(script, &PyCode_Type)) {
        code = Ref::share(script);
    } else if (has_type(script, &PyFunction_Type)) {
        code = TRY(get_attr(t, script, "__code__"));
        if (pure) TRY(verify_stateless(t, script));
    } else if (is_script_text(script)) {
        Ref name = TRY(str_from(t, "<script>"));
        Ref text = is_str(script) ? Ref::share(script) : TRY(bytes_from_object(t, script));
        if (is_str(text)) {
            std::string_view s = TRY(str_utf8(t, text));
            if (s.find('\0') != s.npos)
                return raise(t, PyExc_SyntaxError, "source code string cannot contain null bytes");
        }
        CompileRequest request;
        request.source = text;
        request.filename = name;
        request.flags = kSourceIsUtf8;
        request.optimize = 0;
        code = TRY(compile_source(t, request));
    } else {
        return raise(t, PyExc_TypeError, "unsupported script %R", script);
    }
    PyCodeObject* co = as_code(code);
    Value builtins = pure ? t.interp->builtins_dict : Value();
    TRY(verify_code(t, co, Value(), builtins, pure && !has_type(script, &PyFunction_Type)));
    if (co->co_argcount > 0 || co->co_posonlyargcount > 0 || co->co_kwonlyargcount > 0 ||
        (co->co_flags & (kVarArgs | kVarKeywords)))
        return raise(t, PyExc_ValueError, "code with args not supported");
    if (!TRY(returns_only_none(t, co)))
        return raise(t, PyExc_ValueError, "code that returns a value is not a script");
    return code;
}

}  // namespace krait::xi
