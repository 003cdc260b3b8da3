// _imp: what importlib asks of the runtime.
#include <unistd.h>

#include "builtins/bytes.h"
#include "builtins/callable.h"
#include "builtins/dict.h"
#include "builtins/list.h"
#include "builtins/number.h"
#include "builtins/str.h"
#include "builtins/tuple.h"
#include "interp/code.h"
#include "interp/interp.h"
#include "modules/_thread.h"
#include "modules/import_lock.h"
#include "object/boundary.h"
#include "object/names.h"
#include "object/per_interpreter.h"
#include "object/protocol.h"
#include "runtime/config.h"
#include "runtime/import.h"
#include "runtime/interpreters.h"
#include "runtime/marshal.h"

namespace krait {
namespace {

constexpr uint32_t kMagicToken = 3627 | 0x0a0d0000;  // the .pyc magic of CPython 3.14

// --- the import lock: one for the interpreter, taken again by its owner ---

PER_INTERPRETER OsLock* g_lock;
OsLock& import_lock() {
    if (!g_lock) g_lock = new OsLock;
    return *g_lock;
}
void free_import_lock(Thread&) {
    delete g_lock;
    g_lock = nullptr;
}
AT_INTERPRETER_END(free_import_lock)
PER_INTERPRETER uint64_t g_lock_owner = 0;
PER_INTERPRETER int g_lock_depth = 0;

void let_go() {
    if (--g_lock_depth) return;
    g_lock_owner = 0;
    import_lock().release();
}

}  // namespace

void import_lock_before_fork(Thread& t) {
    if (g_lock_depth && g_lock_owner == t.c.thread_id) {
        g_lock_depth++;
        return;
    }
    while (!import_lock().try_acquire()) {
        AllowThreads allow(t);
        usleep(500);
    }
    g_lock_owner = t.c.thread_id;
    g_lock_depth = 1;
}
void import_lock_after_fork(Thread&) { let_go(); }

namespace {

Ref lock_held(Thread&, Value) { return bool_ref(g_lock_depth > 0); }
Ref acquire_lock(Thread& t, Value) {
    if (g_lock_depth && g_lock_owner == t.c.thread_id) {
        g_lock_depth++;
        return none_ref();
    }
    TRY(import_lock().acquire(t, -1));
    g_lock_owner = t.c.thread_id;
    g_lock_depth = 1;
    return none_ref();
}
Ref release_lock(Thread& t, Value) {
    if (!g_lock_depth || g_lock_owner != t.c.thread_id)
        return raise(t, PyExc_RuntimeError, "not holding the import lock");
    let_go();
    return none_ref();
}

// --- native modules ---

Ref extension_suffixes(Thread& t, Value) {
    Ref list = TRY(list_new(t));
    for (const char* s :
         {".cpython-314-x86_64-linux-gnu.so", ".abi3.so", ".abi3-x86_64-linux-gnu.so", ".so"}) {
        Ref v = TRY(str_from(t, s));
        TRY(list_append(t, list, v));
    }
    return list;
}
// A module that the program which embeds this runtime has added.
bool is_added(Value name) {
    if (!g_runtime.c_hooks) return false;
    for (size_t i = 0; const char* added = g_runtime.c_hooks->added_module(i); i++)
        if (str_equal(name, added)) return true;
    return false;
}
Ref is_builtin(Thread& t, Value, Value name) {
    if (!is_str(name)) return raise(t, PyExc_TypeError, "is_builtin() argument must be str, not %K", name);
    if (is_added(name)) return Ref::from_int(1);
    if (!find_native_module(name)) return Ref::from_int(0);
    return Ref::from_int(str_equal(name, "sys") || str_equal(name, "builtins") ? -1 : 1);
}
Ref create_builtin(Thread& t, Value, Value spec) {
    Ref name = TRY(get_attr(t, spec, "name"));
    if (!is_str(name)) return raise(t, PyExc_TypeError, "name must be string, not %T", name.get());
    if (is_added(name)) return g_runtime.c_hooks->create_added(t, spec, name);
    if (!find_native_module(name)) return none_ref();
    return create_native_module(t, name, spec);
}
Ref exec_builtin(Thread& t, Value, Value module) {
    if (!g_runtime.c_hooks || !is_subtype(type_of(module), &PyModule_Type) ||
        !module.as<PyModuleObject>()->md_def)
        return Ref::from_int(0);
    int done = TRY(g_runtime.c_hooks->exec_dynamic(t, module));
    return Ref::from_int(done);
}
Ref create_dynamic(Thread& t, Value, const Value* a, size_t) {
    return g_runtime.c_hooks->create_dynamic(t, a[0]);
}
Ref exec_dynamic(Thread& t, Value, Value module) {
    int done = TRY(g_runtime.c_hooks->exec_dynamic(t, module));
    return Ref::from_int(done);
}

// --- frozen modules ---

Ref find_frozen(Thread& t, Value, const Value* p) {
    if (!is_str(p[0])) return raise(t, PyExc_TypeError, "find_frozen() argument 1 must be str, not %K", p[0]);
    bool with_data = p[1] ? TRY(is_true(t, p[1])) : false;
    FrozenInfo info;
    if (!find_frozen_module(p[0], &info)) return none_ref();
    Ref data = none_ref();
    if (with_data) {
        Ref bytes = TRY(bytes_from(t, info.module->data, info.module->size));
        data = TRY(call(t, Value(&PyMemoryView_Type), {bytes}));
    }
    Ref origin = TRY(info.origname ? str_from(t, info.origname) : none_ref());
    return tuple_of(t, {data, boolean(info.is_package), origin});
}
Raised frozen_error(Thread& t, const char* format, Value name) {
    Ref message = str_format(t, format, name);
    Ref key = str_intern(t, "name");
    Ref kw = key ? tuple_of(t, {key}) : Ref();
    if (!message || !kw) return {};
    Value args[2] = {message, name};
    Ref exc = call(t, Value(PyExc_ImportError), args, 1, kw);
    return exc ? raise_object(t, exc) : Raised{};
}
Raised no_frozen(Thread& t, Value name) { return frozen_error(t, "No such frozen object named %R", name); }
Ref get_frozen_object(Thread& t, Value, const Value* a, size_t n) {
    if (!is_str(a[0]))
        return raise(t, PyExc_TypeError, "get_frozen_object() argument 1 must be str, not %K", a[0]);
    if (n > 1 && !is_none(a[1])) {
        Buffer b;
        TRY(b.acquire(t, a[1]));
        if (b.size() == 0) return no_frozen(t, a[0]);
        Ref code = marshal_loads(t, {b.data(), static_cast<size_t>(b.size())}, true);
        if (!code) {
            clear_error(t);
            return frozen_error(t, "Frozen object named %R is invalid", a[0]);
        }
        if (!has_type(code, &PyCode_Type))
            return raise(t, PyExc_TypeError, "frozen object %R is not a code object", a[0]);
        return code;
    }
    FrozenInfo info;
    if (!find_frozen_module(a[0], &info)) return no_frozen(t, a[0]);
    return frozen_code(t, info);
}
Ref is_frozen(Thread& t, Value, Value name) {
    if (!is_str(name)) return raise(t, PyExc_TypeError, "is_frozen() argument must be str, not %K", name);
    FrozenInfo info;
    return bool_ref(find_frozen_module(name, &info));
}
Ref is_frozen_package(Thread& t, Value, Value name) {
    if (!is_str(name))
        return raise(t, PyExc_TypeError, "is_frozen_package() argument must be str, not %K", name);
    FrozenInfo info;
    if (!find_frozen_module(name, &info)) return no_frozen(t, name);
    return bool_ref(info.is_package);
}
Ref init_frozen(Thread& t, Value, Value name) {
    if (!is_str(name)) return raise(t, PyExc_TypeError, "init_frozen() argument must be str, not %K", name);
    FrozenInfo info;
    if (!find_frozen_module(name, &info)) return none_ref();
    Ref code = TRY(frozen_code(t, info));
    std::string_view text = TRY(str_utf8(t, name));
    Ref module = TRY(module_new(t, std::string(text).c_str()));
    TRY(dict_set(t, module_dict(module), ID(__builtins__), t.interp->builtins_module));
    TRY_DISCARD(eval_code(t, code, module_dict(module), module_dict(module)));
    return module;
}
Ref frozen_names(Thread& t, Value) { return frozen_module_names(t); }
Ref override_frozen(Thread& t, Value, Value v) {
    g_runtime.config->frozen_override = TRY(as_int32(t, v));
    return none_ref();
}
Ref override_multi(Thread& t, Value, Value v) {
    int wanted = TRY(as_int32(t, v));
    if (t.interp == g_runtime.main)
        return raise(t, PyExc_RuntimeError,
                     "_imp._override_multi_interp_extensions_check() cannot be used in the main interpreter");
    int& now = record(*t.interp).multi_check_override;
    int before = now;
    now = wanted;
    return Ref::from_int(before);
}

// --- code ---

// Replaces the file name in a code object and those inside it that have the same one.
Status fix_filename(Thread& t, Value code, Value old_name, Value new_name) {
    RecursionGuard guard(t, "");
    if (!guard) return {};
    auto* co = as_code(code);
    bool same = TRY(equal(t, co->co_filename, old_name));
    if (!same) return Status::ok();
    Value old = co->co_filename;
    incref(new_name);
    co->co_filename = new_name;
    decref(old);
    for (int64_t i = 0; i < tuple_size(co->co_consts); i++) {
        Value c = tuple_get(co->co_consts, i);
        if (has_type(c, &PyCode_Type)) TRY(fix_filename(t, c, old_name, new_name));
    }
    return Status::ok();
}
Ref fix_co_filename(Thread& t, Value, const Value* a, size_t) {
    if (!has_type(a[0], &PyCode_Type))
        return raise(t, PyExc_TypeError, "_fix_co_filename() argument 1 must be code, not %K", a[0]);
    if (!is_str(a[1]))
        return raise(t, PyExc_TypeError, "_fix_co_filename() argument 2 must be str, not %K", a[1]);
    Ref old = Ref::share(as_code(a[0])->co_filename);
    TRY(fix_filename(t, a[0], old, a[1]));
    return none_ref();
}
Ref source_hash(Thread& t, Value, const Value* p) {
    int64_t key = TRY(as_int64(t, p[0]));
    Buffer b;
    TRY(b.acquire(t, p[1]));
    uint64_t h = siphash13(static_cast<uint64_t>(key), 0, b.data(), static_cast<size_t>(b.size()));
    return bytes_from(t, &h, sizeof h);
}

const NativeDef functions[] = {
    def<extension_suffixes>("extension_suffixes", "()", "File name endings of extension modules."),
    def<lock_held>("lock_held", "()", "True if some thread has the import lock."),
    def<acquire_lock>("acquire_lock", "()", "Take the import lock."),
    def<release_lock>("release_lock", "()", "Let the import lock go."),
    def<find_frozen>("find_frozen", "(name, /, *, withdata=False)", "Information on a frozen module."),
    def<get_frozen_object>("get_frozen_object", "(name, data=None, /)", "The code of a frozen module."),
    def<is_frozen_package>("is_frozen_package", "(name, /)", "True if the frozen module is a package."),
    def<create_builtin>("create_builtin", "(spec, /)", "Make a native module."),
    def<init_frozen>("init_frozen", "(name, /)", "Make a frozen module."),
    def<is_builtin>("is_builtin", "(name, /)",
                    "1 for a native module, -1 for one that cannot be made again, else 0."),
    def<is_frozen>("is_frozen", "(name, /)", "True for a frozen module."),
    def<frozen_names>("_frozen_module_names", "()", "The names of all frozen modules."),
    def<override_frozen>("_override_frozen_modules_for_tests", "(override, /)", "Private."),
    def<override_multi>("_override_multi_interp_extensions_check", "(override, /)", "Private."),
    def<create_dynamic>("create_dynamic", "(spec, file=<unrepresentable>, /)", "Load an extension module."),
    def<exec_dynamic>("exec_dynamic", "(mod, /)", "Initialize an extension module."),
    def<exec_builtin>("exec_builtin", "(mod, /)", "Initialize a native module."),
    def<fix_co_filename>("_fix_co_filename", "(code, path, /)", "Change the file name of code."),
    def<source_hash>("source_hash", "(key, source)", nullptr),
    {},
};

Status exec(Thread& t, Value module) {
    TRY(module_add_int(t, module, "pyc_magic_number_token", kMagicToken));
    const Config* c = g_runtime.config;
    return module_add_str(t, module, "check_hash_based_pycs", c ? c->check_hash_pycs.c_str() : "default");
}

}  // namespace

extern const ModuleSpec module__imp = {"_imp", "What importlib asks of the runtime.", functions, exec};

}  // namespace krait
