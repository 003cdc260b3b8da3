// pyframe.h, traceback.h, code.h, funcobject.h, genobject.h, ceval.h: frames, code and running it.
#include "builtins/bytes.h"
#include "builtins/callable.h"
#include "builtins/dict.h"
#include "builtins/number.h"
#include "builtins/str.h"
#include "builtins/tuple.h"
#include "capi/capi.h"
#include "capi/modules.h"
#include "gc/gc.h"
#include "interp/code.h"
#include "interp/frame.h"
#include "interp/frame_object.h"
#include "interp/generator.h"
#include "interp/interp.h"
#include "interp/monitoring.h"
#include "modules/sys.h"
#include "object/internal.h"
#include "object/names.h"

using namespace krait;

namespace {
using P = PyObject*;
PyFrameObject* as_frame(P o) { return reinterpret_cast<PyFrameObject*>(o); }
P code_of(PyFrameObject* f) { return f->frame->code.ptr(); }
P attribute(P o, const char* name) { return out(get_attr(here(), o, name)); }
}  // namespace

// --- frames: those that extensions make have no bytecode of their own to run ---

CAPI PyFrameObject* PyFrame_New(PyThreadState*, PyCodeObject* code, PyObject* globals, PyObject* locals) {
    Thread& t = here();
    Value co(&code->ob_base.ob_base);
    Ref func = function_new(t, co, globals);
    if (!func) return nullptr;
    size_t size = offsetof(PyFrameObject, data) + frame_bytes(code) + kRoomForSent;  // of a generator's
    PyObject* made = alloc_raw(t, &PyFrame_Type, size);
    if (!made) return nullptr;
    memset(reinterpret_cast<char*>(made) + sizeof(PyObject), 0, size - sizeof(PyObject));
    auto* o = as_frame(made);
    o->trace_lines = 1;
    auto* f = reinterpret_cast<Frame*>(o->data);
    o->frame = f;
    f->code = Ref::share(co).release();
    auto* fn = func.as<PyFunctionObject>();
    f->globals = fn->func_globals;
    f->builtins = fn->func_builtins;
    f->func = func.release();
    if (locals && (code->co_flags & 3) != 3) f->locals = Ref::share(Value(locals)).release();
    f->frame_obj = o;
    f->instr = instruction_of_fresh_frame(code);
    f->sp = f->localsplus + code->co_nlocalsplus;
    f->owner = kOwnedByFrameObject;
    gc_track(t, made);
    return o;
}
CAPI int PyFrame_GetLineNumber(PyFrameObject* f) {
    if (f->lineno) return f->lineno;
    int line = frame_line(f->frame);
    return line < 0 ? 0 : line;
}
CAPI PyCodeObject* PyFrame_GetCode(PyFrameObject* f) {
    return reinterpret_cast<PyCodeObject*>(new_ref(code_of(f)));
}
CAPI PyFrameObject* PyFrame_GetBack(PyFrameObject* f) {
    bool failed;
    PyFrameObject* b = frame_object_back(here(), f, &failed);
    if (b) incref(&b->ob_base);
    return b;
}
CAPI PyObject* PyFrame_GetLocals(PyFrameObject* f) { return attribute(&f->ob_base, "f_locals"); }
CAPI PyObject* PyFrame_GetGlobals(PyFrameObject* f) { return attribute(&f->ob_base, "f_globals"); }
CAPI PyObject* PyFrame_GetBuiltins(PyFrameObject* f) { return attribute(&f->ob_base, "f_builtins"); }
CAPI PyObject* PyFrame_GetGenerator(PyFrameObject* f) {
    P g = attribute(&f->ob_base, "f_generator");
    if (g == &_Py_NoneStruct) return nullptr;
    return g;
}
CAPI int PyFrame_GetLasti(PyFrameObject* f) {
    int i = f->frame->lasti();
    return i < 0 ? -1 : i;
}
CAPI PyObject* PyFrame_GetVar(PyFrameObject* f, PyObject* name) {
    Thread& t = here();
    if (!is_str(name))
        return out(raise(t, PyExc_TypeError, "name must be str, not %s", name->ob_type->tp_name));
    Ref locals = get_attr(t, Value(&f->ob_base), "f_locals");
    if (!locals) return nullptr;
    Ref v = get_item(t, locals, Value(name));
    if (!v && clear_if(t, PyExc_KeyError))
        raise(t, PyExc_NameError, "variable %R does not exist", Value(name));
    return out(std::move(v));
}
CAPI PyObject* PyFrame_GetVarString(PyFrameObject* f, const char* name) {
    Ref n = str_from(here(), name);
    return n ? PyFrame_GetVar(f, n.get().ptr()) : nullptr;
}
CAPI void PyFrame_LocalsToFast(PyFrameObject*, int) {}
CAPI void PyFrame_FastToLocals(PyFrameObject*) {}
CAPI int PyFrame_FastToLocalsWithError(PyFrameObject*) { return 0; }
CAPI int _PyFrame_IsEntryFrame(PyFrameObject* f) { return f->frame->is_entry == 1; }
CAPI PyObject* PyUnstable_InterpreterFrame_GetCode(Frame* f) { return new_ref(f->code.ptr()); }
CAPI int PyUnstable_InterpreterFrame_GetLasti(Frame* f) { return f->lasti(); }
CAPI int PyUnstable_InterpreterFrame_GetLine(Frame* f) { return frame_line(f); }
CAPI PyFrameObject* PyThreadState_GetFrame(PyThreadState* s) {
    Thread& t = *reinterpret_cast<Thread*>(s);
    Frame* f = visible_frame(t.c.current_frame);
    PyFrameObject* o = f ? frame_object(here(), f) : nullptr;
    if (o) incref(&o->ob_base);
    return o;
}
CAPI PyFrameObject* PyEval_GetFrame() {
    Thread& t = here();
    Frame* f = current_frame(t);
    return f ? frame_object(here(), f) : nullptr;
}

// --- tracebacks ---

CAPI int PyTraceBack_Here(PyFrameObject* f) {
    Thread& t = here();
    Ref exc = fetch_error(t);
    if (!exc) return 0;
    auto* e = exc.as<PyBaseExceptionObject>();
    Value next = e->traceback;
    Ref tb = traceback_new(t, next && !is_none(next) ? next : Value(), f, f->frame->lasti(),
                           PyFrame_GetLineNumber(f));
    if (tb) {
        e->traceback = tb.release();
        xdecref(next);
    } else {
        clear_error(t);
    }
    restore_error(t, std::move(exc));
    return 0;
}
CAPI PyCodeObject* PyCode_NewEmpty(const char* file, const char* name, int line) {
    return reinterpret_cast<PyCodeObject*>(out(code_new_empty(here(), file, name, line)));
}
CAPI void _PyTraceback_Add(const char* name, const char* file, int line) {
    Thread& t = here();
    Ref exc = fetch_error(t);
    PyCodeObject* code = PyCode_NewEmpty(file, name, line);
    Ref globals = code ? dict_new(t) : Ref();
    PyFrameObject* f = globals ? PyFrame_New(&t.c, code, globals.get().ptr(), nullptr) : nullptr;
    restore_error(t, std::move(exc));
    if (code) decref(&code->ob_base.ob_base);
    if (!f) return;
    f->lineno = line;
    PyTraceBack_Here(f);
    decref(&f->ob_base);
}
CAPI int PyTraceBack_Print(PyObject* tb, PyObject* file) {
    Thread& t = here();
    if (!tb) return 0;
    if (!has_type(tb, &PyTraceBack_Type)) return fail(bad_call("PyTraceBack_Print"));
    std::string text = traceback_text(t, tb);
    Ref s = str_from_wtf8(t, text.data(), text.size());
    return s && call_method(t, file, "write", {s}) ? 0 : -1;
}

// --- code ---

CAPI PyCodeObject* PyUnstable_Code_NewWithPosOnlyArgs(int argcount, int posonly, int kwonly, int nlocals,
                                                      int stacksize, int flags, PyObject* code,
                                                      PyObject* consts, PyObject* names, PyObject* varnames,
                                                      PyObject* freevars, PyObject* cellvars,
                                                      PyObject* filename, PyObject* name, PyObject* qualname,
                                                      int firstlineno, PyObject* linetable,
                                                      PyObject* exceptiontable) {
    Thread& t = here();
    // By way of the type, which checks everything.
    Value args[] = {Value::from_int(argcount),
                    Value::from_int(posonly),
                    Value::from_int(kwonly),
                    Value::from_int(nlocals),
                    Value::from_int(stacksize),
                    Value::from_int(flags),
                    Value(code),
                    Value(consts),
                    Value(names),
                    Value(varnames),
                    Value(filename),
                    Value(name),
                    Value(qualname),
                    Value::from_int(firstlineno),
                    Value(linetable),
                    Value(exceptiontable),
                    Value(freevars),
                    Value(cellvars)};
    if (bytes_size(code) == 0 || bytes_size(code) % 2 == 0) {
        // Extensions describe their functions with code that never runs: any bytes will do for it.
        Ref plain =
            code_new_empty(t, str_utf8_or(filename, "?").data(), str_utf8_or(name, "?").data(), firstlineno);
        if (!plain) return nullptr;
        Ref bytes = code_bytes(t, as_code(plain));
        if (!bytes) return nullptr;
        args[6] = bytes;
        args[4] = Value::from_int(stacksize < 2 ? 2 : stacksize);
        Ref r = call(t, Value(&PyCode_Type), args, 18);
        return reinterpret_cast<PyCodeObject*>(out(std::move(r)));
    }
    return reinterpret_cast<PyCodeObject*>(out(call(t, Value(&PyCode_Type), args, 18)));
}
CAPI PyCodeObject* PyUnstable_Code_New(int argcount, int kwonly, int nlocals, int stacksize, int flags,
                                       PyObject* code, PyObject* consts, PyObject* names, PyObject* varnames,
                                       PyObject* freevars, PyObject* cellvars, PyObject* filename,
                                       PyObject* name, PyObject* qualname, int firstlineno,
                                       PyObject* linetable, PyObject* exceptiontable) {
    return PyUnstable_Code_NewWithPosOnlyArgs(argcount, 0, kwonly, nlocals, stacksize, flags, code, consts,
                                              names, varnames, freevars, cellvars, filename, name, qualname,
                                              firstlineno, linetable, exceptiontable);
}
CAPI int PyCode_Addr2Line(PyCodeObject* co, int at) {
    return at < 0 ? co->co_firstlineno : code_line(co, at);
}
CAPI int PyCode_Addr2Location(PyCodeObject* co, int at, int* line, int* column, int* end_line,
                              int* end_column) {
    CodePosition p = code_position(co, at);
    *line = p.line;
    *column = p.column;
    *end_line = p.end_line;
    *end_column = p.end_column;
    return 1;
}
CAPI PyObject* PyCode_GetCode(PyCodeObject* co) { return out(code_bytes(here(), co)); }
CAPI PyObject* PyCode_GetVarnames(PyCodeObject* co) { return attribute(&co->ob_base.ob_base, "co_varnames"); }
CAPI PyObject* PyCode_GetCellvars(PyCodeObject* co) { return attribute(&co->ob_base.ob_base, "co_cellvars"); }
CAPI PyObject* PyCode_GetFreevars(PyCodeObject* co) { return attribute(&co->ob_base.ob_base, "co_freevars"); }
CAPI int PyCode_GetNumFree(PyCodeObject* co) { return co->co_nfreevars; }
CAPI int PyCode_GetFirstFree(PyCodeObject* co) { return co->co_nlocalsplus - co->co_nfreevars; }

// --- extra data of code objects ---

namespace {
constexpr size_t kMaxCodeExtras = 255;
struct Extras : CodeExtra {
    std::vector<void*> values;  // by index
};
void release_extras(Thread& t, CodeExtra* head) {
    auto* extras = static_cast<Extras*>(head);
    auto& known = capi_state(t).code_extra_free;  // a release function may add to it
    for (size_t i = 0; i < extras->values.size() && i < known.size(); i++)
        if (auto release = known[i]) release(extras->values[i]);
    delete extras;
}
}  // namespace
CAPI Py_ssize_t PyUnstable_Eval_RequestCodeExtraIndex(void (*release)(void*)) {
    auto& known = capi_state(here()).code_extra_free;
    if (known.size() >= kMaxCodeExtras) return -1;
    known.push_back(release);
    return static_cast<Py_ssize_t>(known.size() - 1);
}
CAPI int PyUnstable_Code_GetExtra(PyObject* code, Py_ssize_t index, void** extra) {
    if (!has_type(Value(code), &PyCode_Type)) return fail(bad_call("code"));
    auto* extras = static_cast<Extras*>(as_code(code)->co_extra);
    bool known = extras && index >= 0 && static_cast<size_t>(index) < extras->values.size();
    *extra = known ? extras->values[static_cast<size_t>(index)] : nullptr;
    return 0;
}
CAPI int PyUnstable_Code_SetExtra(PyObject* code, Py_ssize_t index, void* extra) {
    auto& known = capi_state(here()).code_extra_free;
    auto i = static_cast<size_t>(index);
    if (!has_type(Value(code), &PyCode_Type) || index < 0 || i >= known.size()) return fail(bad_call("code"));
    auto* extras = static_cast<Extras*>(as_code(code)->co_extra);
    if (!extras) {
        extras = new Extras{{release_extras}, {}};
        as_code(code)->co_extra = static_cast<CodeExtra*>(extras);
    }
    if (extras->values.size() < known.size()) extras->values.resize(known.size());
    void* old = extras->values[i];
    extras->values[i] = extra;
    if (old && known[i]) known[i](old);
    return 0;
}

// --- functions ---

namespace {
PyFunctionObject* as_fn(P o) { return reinterpret_cast<PyFunctionObject*>(o); }
bool need_function(P o, const char* where) {
    if (is_function(Value(o))) return true;
    bad_call(where);
    return false;
}
int set_field(P o, const char* name, P v) { return out(set_attr(here(), o, name, v ? Value(v) : none())); }
// For a function, what is a `kind` or None. Null counts as None.
int set_function_field(P o, const char* name, P v, bool good, const char* where, const char* wrong) {
    if (!need_function(o, where)) return -1;
    if (v && v != &_Py_NoneStruct && !good) return fail(raise(here(), PyExc_SystemError, "%s", wrong));
    return set_field(o, name, v);
}
}  // namespace
CAPI PyObject* PyFunction_New(PyObject* code, PyObject* globals) {
    if (!code || code->ob_type != &PyCode_Type || !is_dict(globals)) return out(bad_call("PyFunction_New"));
    return out(function_new(here(), code, globals));
}
CAPI PyObject* PyFunction_NewWithQualName(PyObject* code, PyObject* globals, PyObject* qualname) {
    if (!code || code->ob_type != &PyCode_Type || !is_dict(globals))
        return out(bad_call("PyFunction_NewWithQualName"));
    Ref f = function_new(here(), code, globals);
    if (f && qualname && !set_attr(here(), f, "__qualname__", Value(qualname))) return nullptr;
    return out(std::move(f));
}
CAPI PyObject* PyFunction_GetCode(PyObject* o) {
    return need_function(o, "PyFunction_GetCode") ? ptr_of(as_fn(o)->func_code) : nullptr;
}
CAPI PyObject* PyFunction_GetGlobals(PyObject* o) {
    return need_function(o, "PyFunction_GetGlobals") ? ptr_of(as_fn(o)->func_globals) : nullptr;
}
CAPI PyObject* PyFunction_GetModule(PyObject* o) {
    return need_function(o, "PyFunction_GetModule") ? ptr_of(as_fn(o)->func_module) : nullptr;
}
CAPI PyObject* PyFunction_GetDefaults(PyObject* o) {
    if (!need_function(o, "PyFunction_GetDefaults")) return nullptr;
    Value v = as_fn(o)->func_defaults;
    return !v || expose(v.ptr()) ? ptr_of(v) : nullptr;
}
CAPI PyObject* PyFunction_GetKwDefaults(PyObject* o) {
    return need_function(o, "PyFunction_GetKwDefaults") ? ptr_of(as_fn(o)->func_kwdefaults) : nullptr;
}
CAPI PyObject* PyFunction_GetClosure(PyObject* o) {
    return need_function(o, "PyFunction_GetClosure") ? ptr_of(as_fn(o)->func_closure) : nullptr;
}
CAPI PyObject* PyFunction_GetAnnotations(PyObject* o) {
    if (!need_function(o, "PyFunction_GetAnnotations")) return nullptr;
    if (!as_fn(o)->func_annotations && (!as_fn(o)->func_annotate || is_none(as_fn(o)->func_annotate)))
        return &_Py_NoneStruct;
    P r = attribute(o, "__annotations__");
    if (r) decref(r);  // the function keeps it
    return r;
}
CAPI int PyFunction_SetDefaults(PyObject* o, PyObject* v) {
    return set_function_field(o, "__defaults__", v, is_tuple(v), "PyFunction_SetDefaults",
                              "non-tuple default args");
}
CAPI int PyFunction_SetKwDefaults(PyObject* o, PyObject* v) {
    return set_function_field(o, "__kwdefaults__", v, is_dict(v), "PyFunction_SetKwDefaults",
                              "non-dict keyword only default args");
}
CAPI int PyFunction_SetAnnotations(PyObject* o, PyObject* v) {
    return set_function_field(o, "__annotations__", v, is_dict(v), "PyFunction_SetAnnotations",
                              "non-dict annotations");
}
namespace {
// The code takes its cells from there without a look.
bool fits_closure(P f, P cells) {
    auto* co = as_code(as_fn(f)->func_code);
    Value v(cells);
    if (tuple_size(v) < co->co_nfreevars) return false;
    for (int64_t i = 0; i < co->co_nfreevars; i++)
        if (!has_type(tuple_get(v, i), &PyCell_Type)) return false;
    return true;
}
}  // namespace
CAPI int PyFunction_SetClosure(PyObject* o, PyObject* v) {
    if (!need_function(o, "PyFunction_SetClosure")) return -1;
    if (v == &_Py_NoneStruct) v = nullptr;
    if (v && !is_tuple(v))
        return fail(raise(here(), PyExc_SystemError, "expected tuple for closure, got '%.100s'",
                          v->ob_type->tp_name));
    if (v && !fits_closure(o, v)) return fail(bad_call("PyFunction_SetClosure"));
    Value old = as_fn(o)->func_closure;
    as_fn(o)->func_closure = v ? Ref::share(Value(v)).release() : Value();
    xdecref(old);
    return 0;
}
CAPI void PyFunction_SetVectorcall(PyFunctionObject* f, void* fn) {
    f->func_version = 0;
    f->vectorcall = fn;
}

// --- generators ---

namespace {
P generator(PyTypeObject* type, PyFrameObject* f, P name, P qualname) {
    return out(generator_of_frame(here(), type, Ref::steal(Value(&f->ob_base)), name, qualname));
}
}  // namespace
CAPI PyObject* PyGen_New(PyFrameObject* f) { return generator(&PyGen_Type, f, nullptr, nullptr); }
CAPI PyObject* PyGen_NewWithQualName(PyFrameObject* f, PyObject* name, PyObject* qualname) {
    return generator(&PyGen_Type, f, name, qualname);
}
CAPI PyObject* PyCoro_New(PyFrameObject* f, PyObject* name, PyObject* qualname) {
    return generator(&PyCoro_Type, f, name, qualname);
}
CAPI PyObject* PyAsyncGen_New(PyFrameObject* f, PyObject* name, PyObject* qualname) {
    return generator(&PyAsyncGen_Type, f, name, qualname);
}
CAPI PyCodeObject* PyGen_GetCode(PyObject* g) {
    return reinterpret_cast<PyCodeObject*>(attribute(g, "gi_code"));
}
CAPI int _PyGen_SetStopIterationValue(PyObject* v) {
    raise_stop_iteration(here(), v);
    return -1;
}
CAPI int _PyGen_FetchStopIterationValue(PyObject** result) {
    Thread& t = here();
    *result = nullptr;
    if (error_is(t, PyExc_StopIteration)) {
        Ref exc = fetch_error(t);
        Value v = exc.as<PyStopIterationObject>()->value;
        if (give(Ref::share(v), result) < 0) return -1;
    } else if (t.has_exception()) {
        return -1;
    }
    if (!*result) *result = new_none();
    return 0;
}

// --- running ---

CAPI PyObject* PyEval_EvalCode(PyObject* code, PyObject* globals, PyObject* locals) {
    Thread& t = here();
    Value g(globals);
    if (!is_dict(globals)) return out(bad_call("PyEval_EvalCode"));
    if (!dict_get_str(g, ID(__builtins__)) && !dict_set(t, g, ID(__builtins__), t.interp->builtins_module))
        return nullptr;
    return out(eval_code(t, code, g, locals ? Value(locals) : g));
}
CAPI PyObject* PyEval_EvalCodeEx(PyObject* code, PyObject* globals, PyObject* locals, PyObject* const* args,
                                 int nargs, PyObject* const* kws, int nkws, PyObject* const* defs, int ndefs,
                                 PyObject* kwdefs, PyObject* closure) {
    Thread& t = here();
    if (!is_dict(globals)) return out(bad_call("PyEval_EvalCodeEx"));
    if (!nargs && !nkws && !ndefs && !closure && (!(Value(code).as<PyCodeObject>()->co_flags & 1)))
        return PyEval_EvalCode(code, globals, locals);
    Ref f = function_new(t, code, globals);
    if (!f) return nullptr;
    if (ndefs) {
        Ref d = tuple_from(t, values(defs), ndefs);
        if (!d || !set_attr(t, f, "__defaults__", d)) return nullptr;
    }
    if (kwdefs && PyFunction_SetKwDefaults(f.get().ptr(), kwdefs) < 0) return nullptr;
    if (closure) PyFunction_SetClosure(f.get().ptr(), closure);
    Ref names = nkws ? tuple_new(t, nkws) : Ref();

    auto* all = static_cast<Value*>(mem_alloc(sizeof(Value) * static_cast<size_t>(nargs + nkws + 1)));
    if (!all) return out(raise_no_memory(t));
    for (int i = 0; i < nargs; i++) all[i] = args[i];
    for (int i = 0; i < nkws; i++) {
        tuple_items(names)[i] = Ref::share(Value(kws[2 * i])).release();
        all[nargs + i] = kws[2 * i + 1];
    }
    Ref r = call(t, f, all, static_cast<size_t>(nargs), names);
    mem_free(all);
    return out(std::move(r));
}
CAPI PyObject* PyEval_EvalFrame(PyFrameObject*) {
    return out(raise(here(), PyExc_SystemError, "frames made by C cannot be run"));
}
CAPI PyObject* PyEval_EvalFrameEx(PyFrameObject* f, int) { return PyEval_EvalFrame(f); }
CAPI PyObject* PyEval_GetBuiltins() {
    Value v = current_builtins(here());
    return ptr_of(v ? v : here().interp->builtins_dict);
}
CAPI PyObject* PyEval_GetGlobals() { return ptr_of(current_globals(here())); }
CAPI PyObject* PyEval_GetLocals() {
    Thread& t = here();
    Frame* f = current_frame(t);
    if (!f) return out(raise(t, PyExc_SystemError, "frame does not exist"));
    if (f->locals) return ptr_of(f->locals);
    // Borrowed: the frame object keeps the last dict it was asked for.
    PyFrameObject* o = frame_object(t, f);
    Ref d = o ? frame_locals_snapshot(t, f) : Ref();
    if (!d) return nullptr;
    Value old = o->locals_cache;
    o->locals_cache = d.release();
    xdecref(old);
    return ptr_of(o->locals_cache);
}
CAPI PyObject* PyEval_GetFrameBuiltins() {
    P o = PyEval_GetBuiltins();
    return o ? new_ref(o) : nullptr;
}
CAPI PyObject* PyEval_GetFrameGlobals() {
    P o = PyEval_GetGlobals();
    return o ? new_ref(o) : nullptr;
}
CAPI PyObject* PyEval_GetFrameLocals() {
    Thread& t = here();
    Frame* f = current_frame(t);
    if (!f) return out(raise(t, PyExc_SystemError, "frame does not exist"));
    return out(frame_locals_snapshot(t, f));
}
CAPI const char* PyEval_GetFuncName(PyObject* f) {
    if (has_type(Value(f), &PyMethod_Type))
        return PyEval_GetFuncName(reinterpret_cast<PyMethodObject*>(f)->im_func.ptr());
    if (is_function(Value(f))) return str_utf8_or(as_fn(f)->func_name, "?").data();
    if (is_instance_exact_or_sub(f, &PyCFunction_Type))
        return reinterpret_cast<PyCFunctionObject*>(f)->m_ml->ml_name;
    return f->ob_type->tp_name;
}
CAPI const char* PyEval_GetFuncDesc(PyObject* f) {
    if (has_type(Value(f), &PyMethod_Type) || is_function(Value(f)) ||
        is_instance_exact_or_sub(f, &PyCFunction_Type))
        return "()";
    return " object";
}
CAPI int PyEval_MergeCompilerFlags(int* flags) {
    Frame* f = current_frame(here());
    if (f) *flags |= f->co()->co_flags & 0x1fe0000;
    return *flags != 0;
}
CAPI int _PyEval_SliceIndex(PyObject* o, Py_ssize_t* i) {
    Thread& t = here();
    if (o == &_Py_NoneStruct) return 1;
    if (!is_index(o)) {
        raise(t, PyExc_TypeError, "slice indices must be integers or None or have an __index__ method");
        return 0;
    }
    auto r = as_index(t, o, nullptr);
    if (!r) return 0;
    *i = r.value();
    return 1;
}
CAPI int _PyEval_SliceIndexNotNone(PyObject* o, Py_ssize_t* i) {
    if (o != &_Py_NoneStruct) return _PyEval_SliceIndex(o, i);
    raise(here(), PyExc_TypeError, "slice indices must be integers or have an __index__ method");
    return 0;
}
namespace {
using SetHook = Status (*)(Thread& t, Thread& other, TraceFn fn, Value arg);
void set_hook(const char* what, SetHook set, Thread& other, TraceFn fn, PyObject* arg) {
    Thread& t = here();
    if (!set(t, other, fn, fn ? Value(arg) : Value())) write_unraisable(t, what, Value());
}
void set_hook_everywhere(const char* what, SetHook set, TraceFn fn, PyObject* arg) {
    for (Thread* other = here().interp->threads; other; other = reinterpret_cast<Thread*>(other->c.next))
        set_hook(what, set, *other, fn, arg);
}
}  // namespace
CAPI void PyEval_SetTrace(TraceFn fn, PyObject* arg) {
    set_hook("Exception ignored in PyEval_SetTrace", set_trace, here(), fn, arg);
}
CAPI void PyEval_SetTraceAllThreads(TraceFn fn, PyObject* arg) {
    set_hook_everywhere("Exception ignored in PyEval_SetTraceAllThreads", set_trace, fn, arg);
}
CAPI void PyEval_SetProfile(TraceFn fn, PyObject* arg) {
    set_hook("Exception ignored in PyEval_SetProfile", set_profile, here(), fn, arg);
}
CAPI int _PyEval_SetProfile(PyThreadState* s, TraceFn fn, PyObject* arg) {
    return out(set_profile(here(), *reinterpret_cast<Thread*>(s), fn, fn ? Value(arg) : Value()));
}
CAPI void PyEval_SetProfileAllThreads(TraceFn fn, PyObject* arg) {
    set_hook_everywhere("Exception ignored in PyEval_SetProfileAllThreads", set_profile, fn, arg);
}
CAPI PyObject* PyObject_FunctionStr(PyObject* f) { return out(function_str(here(), f)); }
CAPI PyObject* _PyObject_FunctionStr(PyObject* f) { return out(function_str(here(), f)); }
