// builtins.compile, eval, exec and __import__.
#include "builtins/bytes.h"
#include "builtins/callable.h"
#include "builtins/dict.h"
#include "builtins/number.h"
#include "builtins/str.h"
#include "builtins/tuple.h"
#include "interp/interp.h"
#include "modules/ast/ast.h"
#include "modules/builtins.h"
#include "object/names.h"
#include "object/protocol.h"
#include "runtime/config.h"
#include "runtime/hooks.h"
#include "runtime/import.h"
#include "runtime/interpreters.h"

namespace krait {

int optimization_level(Thread&) { return g_runtime.config ? g_runtime.config->optimize : 0; }

Ref compile_source(Thread& t, const CompileRequest& request) {
    if (!g_runtime.hooks || !g_runtime.hooks->compile)
        return raise(t, PyExc_SystemError, "this program has no compiler");
    return g_runtime.hooks->compile(t, request);
}

int inherited_compiler_flags(Thread& t) {
    Frame* f = current_frame(t);
    return f ? f->co()->co_flags & kFutureMask : 0;
}

Ref compilable_text(Thread& t, Value source, const char* fname, const char* expected) {
    if (is_str(source) || is_bytes(source)) return Ref::share(source);
    if (!has_buffer(source)) return raise(t, PyExc_TypeError, "%s() arg 1 must be a %s", fname, expected);
    Buffer b;
    TRY(b.acquire(t, source));
    return bytes_from(t, b.data(), b.size());
}

Status audit_source(Thread& t, Value source, Value filename) {
    Ref text = is_str(source) ? encode_utf8(t, source, nullptr) : Ref::share(source);
    if (!text) return {};
    return audit(t, "compile", {text, filename});
}

Ref builtin_compile(Thread& t, Value, const Value* p) {
    Value source = p[0];
    Ref filename;
    if (is_bytes(p[1])) {
        filename = TRY(fs_decode(t, bytes_data(p[1]), bytes_size(p[1])));
    } else {
        Ref path = TRY(fs_path(t, p[1]));
        filename = is_bytes(path) ? fs_decode(t, bytes_data(path), bytes_size(path)) : std::move(path);
        if (!filename) return {};
    }
    if (!is_str(p[2]))
        return raise(t, PyExc_TypeError, "compile() argument 'mode' must be str, not %K", p[2]);
    int flags = p[3] ? TRY(as_int32(t, p[3])) : 0;
    bool dont_inherit = p[4] ? TRY(is_true(t, p[4])) : false;
    int optimize = p[5] ? TRY(as_int32(t, p[5])) : -1;
    int feature_version = p[6] ? TRY(as_int32(t, p[6])) : -1;
    constexpr int kKnown = kCompileFlagMask & ~(kSourceIsUtf8 | kIgnoreCookie);
    constexpr int kNested = 0x10;  // of Python 2.2, without effect
    if (flags & ~(kKnown | kFutureMask | kNested))
        return raise(t, PyExc_ValueError, "compile(): unrecognised flags");
    if (optimize < -1 || optimize > 2) return raise(t, PyExc_ValueError, "compile(): invalid optimize value");
    CompileRequest r;
    r.filename = filename;
    r.flags = flags | (dont_inherit ? 0 : inherited_compiler_flags(t));
    r.optimize = optimize;
    r.feature_version = flags & kOnlyAst ? feature_version : -1;
    if (str_equal(p[2], "exec")) {
        r.mode = CompileMode::Exec;
    } else if (str_equal(p[2], "eval")) {
        r.mode = CompileMode::Eval;
    } else if (str_equal(p[2], "single")) {
        r.mode = CompileMode::Single;
    } else if (str_equal(p[2], "func_type")) {
        if (!(flags & kOnlyAst))
            return raise(t, PyExc_ValueError, "compile() mode 'func_type' requires flag PyCF_ONLY_AST");
        r.mode = CompileMode::FuncType;
    } else {
        return raise(t, PyExc_ValueError,
                     flags & kOnlyAst ? "compile() mode must be 'exec', 'eval', 'single' or 'func_type'"
                                      : "compile() mode must be 'exec', 'eval' or 'single'");
    }
    bool ast = is_ast_object(t, source);
    Ref text;
    if (!ast) {
        text = TRY(compilable_text(t, source, "compile", "string, bytes or AST object"));
        source = text;
    }
    if (!ast) TRY(audit_source(t, source, filename));
    r.source = source;
    return compile_source(t, r);
}

namespace {

// Makes sure that `globals` has builtins, as every namespace code runs in.
Status ensure_builtins(Thread& t, Value globals) {
    if (dict_get_str(globals, ID(__builtins__))) return Status::ok();
    Value b = current_builtins(t);
    return dict_set(t, globals, ID(__builtins__), b ? b : t.interp->builtins_module);
}

struct Namespaces {
    Ref globals, locals;
};
Status choose_namespaces(Thread& t, Value globals, Value locals, Namespaces& out) {
    Frame* f = current_frame(t);
    if (!globals || is_none(globals)) {
        Value current = f ? f->globals : running_main_globals(t);
        if (!current) return raise(t, PyExc_SystemError, "globals and locals cannot be NULL");
        out.globals = Ref::share(current);
        if (!locals || is_none(locals))
            out.locals = f ? TRY(frame_locals_snapshot(t, f)) : Ref::share(current);
        else
            out.locals = Ref::share(locals);
    } else {
        out.globals = Ref::share(globals);
        out.locals = Ref::share(!locals || is_none(locals) ? globals : locals);
    }
    return ensure_builtins(t, out.globals);
}

bool is_mapping_or_none(Value v) { return !v || is_none(v) || is_mapping(v); }

int64_t free_variables(Value code) { return code.as<PyCodeObject>()->co_nfreevars; }

Ref compile_text(Thread& t, Value source, const char* fname, CompileMode mode) {
    Ref filename = TRY(str_from(t, "<string>"));
    CompileRequest r;
    r.source = source;
    r.filename = filename;
    r.mode = mode;
    r.flags = inherited_compiler_flags(t) | kSourceIsUtf8 * is_str(source);
    r.function_name = fname;
    TRY(audit_source(t, source, filename));
    return compile_source(t, r);
}

// eval() lets expressions be indented.
Ref skip_blanks(Thread& t, Value source) {
    if (is_str(source)) {
        int64_t i = 0, n = str_length(source);
        while (i < n && (str_char(source, i) == ' ' || str_char(source, i) == '\t')) i++;
        return i ? str_substring(t, source, i, n) : Ref::share(source);
    }
    const char* p = bytes_data(source);
    int64_t i = 0, n = bytes_size(source);
    while (i < n && (p[i] == ' ' || p[i] == '\t')) i++;
    return i ? bytes_from(t, p + i, n - i) : Ref::share(source);
}

}  // namespace

Ref builtin_eval(Thread& t, Value, const Value* p) {
    Value globals = p[1], locals = p[2];
    if (!is_mapping_or_none(locals)) return raise(t, PyExc_TypeError, "locals must be a mapping");
    if (globals && !is_none(globals) && !is_dict(globals))
        return raise(t, PyExc_TypeError,
                     is_mapping(globals) ? "globals must be a real dict; try eval(code, {}, mapping)"
                                         : "globals must be a dict");
    Namespaces ns;
    TRY(choose_namespaces(t, globals, locals, ns));
    if (has_type(p[0], &PyCode_Type)) {
        TRY(audit(t, "exec", {p[0]}));
        if (free_variables(p[0]) > 0)
            return raise(t, PyExc_TypeError, "code object passed to eval() may not contain free variables");
        return eval_code(t, p[0], ns.globals, ns.locals);
    }
    Ref source = TRY(compilable_text(t, p[0], "eval", "string, bytes or code object"));
    source = TRY(skip_blanks(t, source));
    Ref code = TRY(compile_text(t, source, "eval", CompileMode::Eval));
    TRY(audit(t, "exec", {code}));
    return eval_code(t, code, ns.globals, ns.locals);
}

Ref builtin_exec(Thread& t, Value, const Value* p) {
    Value globals = p[1], locals = p[2], closure = p[3];
    if (globals && !is_none(globals) && !is_dict(globals))
        return raise(t, PyExc_TypeError, "exec() globals must be a dict, not %T", globals);
    if (!is_mapping_or_none(locals))
        return raise(t, PyExc_TypeError, "locals must be a mapping or None, not %T", locals);
    Namespaces ns;
    TRY(choose_namespaces(t, globals, locals, ns));
    if (closure && is_none(closure)) closure = Value();
    if (has_type(p[0], &PyCode_Type)) {
        int64_t n = free_variables(p[0]);
        if (n == 0 && closure) return raise(t, PyExc_TypeError, "cannot use a closure with this code object");
        if (n > 0) {
            bool ok = closure && is_tuple_exact(closure) && tuple_size(closure) == n;
            for (int64_t i = 0; ok && i < n; i++) ok = has_type(tuple_get(closure, i), &PyCell_Type);
            if (!ok) {
                if (!closure)
                    return raise(t, PyExc_TypeError, "code object requires a closure of exactly length %zd",
                                 n);
                return raise(t, PyExc_TypeError, "code object requires a closure of exactly length %zd", n);
            }
        }
        TRY(audit(t, "exec", {p[0]}));
        TRY_DISCARD(eval_code(t, p[0], ns.globals, ns.locals, closure));
        return none_ref();
    }
    if (closure) return raise(t, PyExc_TypeError, "closure can only be used when source is a code object");
    Ref source = TRY(compilable_text(t, p[0], "exec", "string, bytes or code object"));
    Ref code = TRY(compile_text(t, source, "exec", CompileMode::Exec));
    TRY(audit(t, "exec", {code}));
    TRY_DISCARD(eval_code(t, code, ns.globals, ns.locals));
    return none_ref();
}

Ref builtin_import(Thread& t, Value, const Value* p) {
    int level = p[4] ? TRY(as_int32(t, p[4])) : 0;
    return import_module_level(t, p[0], p[1], p[2], p[3], level);
}

}  // namespace krait
