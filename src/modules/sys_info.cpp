// The module sys: constants, structures, configuration.
#include <unistd.h>

#include <cfloat>
#include <climits>
#include <cstring>

#include "builtins/dict.h"
#include "builtins/list.h"
#include "builtins/number.h"
#include "builtins/set.h"
#include "builtins/str.h"
#include "builtins/structseq.h"
#include "builtins/tuple.h"
#include "modules/sys.h"
#include "object/names.h"
#include "object/protocol.h"
#include "object/unraisable.h"
#include "runtime/config.h"
#include "runtime/import.h"
#include "runtime/version.h"

namespace krait {
namespace {

// Field values of a structure under construction.
struct FieldList {
    Thread& t;
    Value v[32];
    int n = 0;
    bool ok = true;
    explicit FieldList(Thread& thread) : t(thread) {}
    FieldList(const FieldList&) = delete;
    ~FieldList() {
        for (int i = 0; i < n; i++) xdecref(v[i]);
    }
    FieldList& add(Ref r) {
        if (!r) ok = false;
        v[n++] = r.release();
        return *this;
    }
    FieldList& add(int64_t i) { return add(int_from(t, i)); }
    FieldList& add(const char* s) { return add(str_from(t, s)); }
    FieldList& flag(bool b) { return add(bool_ref(b)); }
    Ref make(PyTypeObject* type) {
        if (!ok) return {};
        n = 0;
        return structseq_new(t, type, v);
    }
};

const StructSeqField version_fields[] = {{"major", "Major release number"},
                                         {"minor", "Minor release number"},
                                         {"micro", "Patch release number"},
                                         {"releaselevel", "'alpha', 'beta', 'candidate', or 'final'"},
                                         {"serial", "Serial release number"}};
const StructSeqDesc version_desc = {"sys.version_info", "Version information as a named tuple.",
                                    version_fields, 5, 5};

const StructSeqField flags_fields[] = {
    {"debug", "-d"},
    {"inspect", "-i"},
    {"interactive", "-i"},
    {"optimize", "-O or -OO"},
    {"dont_write_bytecode", "-B"},
    {"no_user_site", "-s"},
    {"no_site", "-S"},
    {"ignore_environment", "-E"},
    {"verbose", "-v"},
    {"bytes_warning", "-b"},
    {"quiet", "-q"},
    {"hash_randomization", "-R"},
    {"isolated", "-I"},
    {"dev_mode", "-X dev"},
    {"utf8_mode", "-X utf8"},
    {"warn_default_encoding", "-X warn_default_encoding"},
    {"safe_path", "-P"},
    {"int_max_str_digits", "-X int_max_str_digits"},
    {"gil", "-X gil"},
    {"thread_inherit_context", "-X thread_inherit_context"},
    {"context_aware_warnings", "-X context_aware_warnings"},
};
const StructSeqDesc flags_desc = {"sys.flags", "Flags given on the command line or by the environment.",
                                  flags_fields, 21, 18};

const StructSeqField float_fields[] = {{"max", nullptr},   {"max_exp", nullptr},  {"max_10_exp", nullptr},
                                       {"min", nullptr},   {"min_exp", nullptr},  {"min_10_exp", nullptr},
                                       {"dig", nullptr},   {"mant_dig", nullptr}, {"epsilon", nullptr},
                                       {"radix", nullptr}, {"rounds", nullptr}};
const StructSeqDesc float_desc = {"sys.float_info", "Properties of the type float.", float_fields, 11, 11};
const StructSeqField int_fields[] = {{"bits_per_digit", nullptr},
                                     {"sizeof_digit", nullptr},
                                     {"default_max_str_digits", nullptr},
                                     {"str_digits_check_threshold", nullptr}};
const StructSeqDesc int_desc = {"sys.int_info", "Properties of the type int.", int_fields, 4, 4};
const StructSeqField hash_fields[] = {{"width", nullptr},     {"modulus", nullptr},   {"inf", nullptr},
                                      {"nan", nullptr},       {"imag", nullptr},      {"algorithm", nullptr},
                                      {"hash_bits", nullptr}, {"seed_bits", nullptr}, {"cutoff", nullptr}};
const StructSeqDesc hash_desc = {"sys.hash_info", "Parameters of numeric hashes.", hash_fields, 9, 9};
const StructSeqField thread_fields[] = {{"name", nullptr}, {"lock", nullptr}, {"version", nullptr}};
const StructSeqDesc thread_desc = {"sys.thread_info", "Properties of threads.", thread_fields, 3, 3};
const StructSeqField hooks_fields[] = {{"firstiter", nullptr}, {"finalizer", nullptr}};
const StructSeqDesc hooks_desc = {"asyncgen_hooks", "Hooks of asynchronous generators.", hooks_fields, 2, 2};
const StructSeqField unraisable_fields[] = {{"exc_type", nullptr},
                                            {"exc_value", nullptr},
                                            {"exc_traceback", nullptr},
                                            {"err_msg", nullptr},
                                            {"object", nullptr}};
const StructSeqDesc unraisable_desc = {"UnraisableHookArgs", "What sys.unraisablehook is given.",
                                       unraisable_fields, 5, 5};

Value g_hooks_type;  // one for the process, like every builtin type

Ref make_version(Thread& t) {
    Ref type = TRY(structseq_static_type(t, version_desc, false));
    return FieldList(t)
        .add(3)
        .add(14)
        .add(version::kMicro)
        .add("final")
        .add(int64_t{0})
        .make(type.as<PyTypeObject>());
}

Ref make_implementation(Thread& t, Value version_info) {
    Ref d = TRY(dict_new(t));
    Ref name = TRY(str_from(t, "cpython")), tag = TRY(str_from(t, version::kCacheTag));
    Ref multiarch = TRY(str_from(t, "x86_64-linux-gnu"));
    Ref krait = TRY(tuple_of(t, {Value::from_int(version::kKraitMajor), Value::from_int(version::kKraitMinor),
                                 Value::from_int(version::kKraitPatch)}));
    TRY(dict_set_str(t, d, "name", name));
    TRY(dict_set_str(t, d, "cache_tag", tag));
    TRY(dict_set_str(t, d, "version", version_info));
    TRY(dict_set_str(t, d, "hexversion", Value::from_int(version::kHex)));
    TRY(dict_set_str(t, d, "_multiarch", multiarch));
    TRY(dict_set_str(t, d, "supports_isolated_interpreters", boolean(true)));
    TRY(dict_set_str(t, d, "krait", krait));
    return namespace_new(t, d);
}

Ref make_float_info(Thread& t) {
    Ref type = TRY(structseq_static_type(t, float_desc, true));
    FieldList f(t);
    f.add(float_from(t, DBL_MAX))
        .add(DBL_MAX_EXP)
        .add(DBL_MAX_10_EXP)
        .add(float_from(t, DBL_MIN))
        .add(DBL_MIN_EXP);
    f.add(DBL_MIN_10_EXP)
        .add(DBL_DIG)
        .add(DBL_MANT_DIG)
        .add(float_from(t, DBL_EPSILON))
        .add(FLT_RADIX)
        .add(1);
    return f.make(type.as<PyTypeObject>());
}
Ref make_int_info(Thread& t) {
    Ref type = TRY(structseq_static_type(t, int_desc, true));
    return FieldList(t).add(30).add(4).add(4300).add(640).make(type.as<PyTypeObject>());
}
Ref make_hash_info(Thread& t) {
    Ref type = TRY(structseq_static_type(t, hash_desc, true));
    FieldList f(t);
    f.add(64)
        .add((int64_t{1} << 61) - 1)
        .add(314159)
        .add(int64_t{0})
        .add(1000003)
        .add("siphash13")
        .add(64)
        .add(128);
    f.add(int64_t{0});
    return f.make(type.as<PyTypeObject>());
}
Ref make_thread_info(Thread& t) {
    Ref type = TRY(structseq_static_type(t, thread_desc, true));
    char text[128] = "";
    confstr(_CS_GNU_LIBPTHREAD_VERSION, text, sizeof text);
    return FieldList(t).add("pthread").add("semaphore").add(text).make(type.as<PyTypeObject>());
}

Ref make_stdlib_names(Thread& t) {
    static const char* const names[] = {
#define NAME(name) #name,
#include "modules/stdlib_names.def"
    };
    Ref list = TRY(list_new(t));
    for (const char* n : names) {
        Ref s = TRY(str_intern(t, n));
        TRY(list_append(t, list, s));
    }
    return frozenset_new(t, list);
}

Status add_constants(Thread& t, Value m) {
    Ref version_info = TRY(make_version(t));
    TRY(module_add(t, m, "version_info", version_info.share()));
    TRY(module_add(t, m, "implementation", make_implementation(t, version_info)));
    TRY(module_add_str(t, m, "version", version::kText));
    TRY(module_add_int(t, m, "hexversion", version::kHex));
    TRY(module_add_int(t, m, "api_version", 1013));
    TRY(module_add_str(t, m, "copyright", version::kCopyright));
    TRY(module_add_str(t, m, "platform", "linux"));
    TRY(module_add_str(t, m, "byteorder", "little"));
    TRY(module_add(t, m, "maxsize", int_from(t, INT64_MAX)));
    TRY(module_add_int(t, m, "maxunicode", 0x10ffff));
    TRY(module_add_str(t, m, "float_repr_style", "short"));
    TRY(module_add_str(t, m, "abiflags", ""));
    TRY(module_add_str(t, m, "_framework", ""));
    Ref empty = TRY(str_from(t, "")), cpython = TRY(str_from(t, "CPython"));
    TRY(module_add(t, m, "_git", tuple_of(t, {cpython, empty, empty})));
    TRY(module_add(t, m, "float_info", make_float_info(t)));
    TRY(module_add(t, m, "int_info", make_int_info(t)));
    TRY(module_add(t, m, "hash_info", make_hash_info(t)));
    TRY(module_add(t, m, "thread_info", make_thread_info(t)));
    TRY(module_add(t, m, "builtin_module_names", native_module_names(t)));
    TRY(module_add(t, m, "stdlib_module_names", make_stdlib_names(t)));
    if (g_hooks_type) return Status::ok();
    Ref hooks = TRY(structseq_static_type(t, hooks_desc, true));
    g_hooks_type = hooks.release();
    Ref args = TRY(structseq_static_type(t, unraisable_desc, true));
    set_unraisable_args_type(args.get().as<PyTypeObject>());
    return Status::ok();
}

Status add_originals(Thread& t, Value m) {
    for (const char* name : {"displayhook", "excepthook", "breakpointhook", "unraisablehook"}) {
        Value fn = dict_get_str(module_dict(m), name);
        Ref key = TRY(str_format(t, "__%s__", name));
        TRY(dict_set(t, module_dict(m), key, fn));
    }
    return Status::ok();
}

Status exec_sys(Thread& t, Value m) {
    TRY(add_constants(t, m));
    TRY(add_originals(t, m));
    Ref meta_path = TRY(list_new(t)), path_hooks = TRY(list_new(t)), cache = TRY(dict_new(t));
    TRY(module_add(t, m, "monitoring", make_monitoring_module(t)));
    TRY(module_add(t, m, "meta_path", std::move(meta_path)));
    TRY(module_add(t, m, "path_hooks", std::move(path_hooks)));
    return module_add(t, m, "path_importer_cache", std::move(cache));
}

// --- configuration ---

Ref path_text(Thread& t, const std::string& s) { return fs_decode(t, s.data(), s.size()); }

Ref text_list(Thread& t, const std::vector<std::string>& items) {
    Ref list = TRY(list_new(t));
    for (const std::string& s : items) {
        Ref v = TRY(path_text(t, s));
        TRY(list_append(t, list, v));
    }
    return list;
}

Ref make_flags(Thread& t, const Config& c) {
    Ref type = TRY(structseq_static_type(t, flags_desc, false));
    FieldList f(t);
    f.add(c.debug)
        .add(c.inspect)
        .add(c.interactive)
        .add(c.optimize)
        .add(c.dont_write_bytecode)
        .add(c.no_user_site);
    f.add(c.no_site).add(c.ignore_environment).add(c.verbose).add(c.bytes_warning).add(c.quiet);
    f.add(c.hash_randomization)
        .add(c.isolated)
        .flag(c.dev_mode)
        .add(c.utf8_mode)
        .add(c.warn_default_encoding);
    f.flag(c.safe_path).add(t.interp->int_max_str_digits).add(1).add(c.thread_inherit_context);
    f.add(c.context_aware_warnings);
    return f.make(type.as<PyTypeObject>());
}

Status add_x_options(Thread& t, Value m, const Config& c) {
    Ref d = TRY(dict_new(t));
    for (const auto& [name, value] : c.x_options) {
        Ref k = TRY(path_text(t, name));
        Ref v = value ? path_text(t, *value) : bool_ref(true);
        if (!v) return {};
        TRY(dict_set(t, d, k, v));
    }
    return module_add(t, m, "_xoptions", std::move(d));
}

}  // namespace

Ref asyncgen_hooks_new(Thread& t, Value firstiter, Value finalizer) {
    return FieldList(t)
        .add(Ref::share(firstiter))
        .add(Ref::share(finalizer))
        .make(g_hooks_type.as<PyTypeObject>());
}

namespace {

// sys._jit: what the process says about compiling to machine code. There is no such compiler in this build.
Ref jit_is_available(Thread&, Value) { return bool_ref(false); }
Ref jit_is_off(Thread&, Value) { return bool_ref(false); }

const NativeDef jit_functions[] = {
    def<jit_is_available>("is_available", "()", "True if this program could compile to machine code."),
    def<jit_is_off>("is_enabled", "()", "True if compiling to machine code was asked for."),
    def<jit_is_off>("is_active", "()", "True if the calling frame runs as machine code."),
    {},
};
const ModuleSpec module_jit = {"sys._jit", "What there is to see of the just-in-time compiler.",
                               jit_functions, nullptr};

}  // namespace

extern const ModuleSpec module_sys = {
    "sys",
    "What the runtime shares with programs: arguments, streams, hooks, limits, and how it was built.",
    sys_functions,
    exec_sys,
};

Status make_sys_module(Thread& t) {
    Ref modules = TRY(dict_new(t));
    t.interp->modules = modules.share().release();
    Ref m = TRY(module_from_spec(t, module_sys));
    t.interp->sys_dict = Ref::share(module_dict(m)).release();
    t.interp->sys_module = m.share().release();
    TRY(module_add(t, m, "modules", modules.share()));
    TRY(module_add(t, m, "_jit", module_from_spec(t, module_jit)));
    return dict_set_str(t, modules, "sys", m);
}

Status renew_sys_flags(Thread& t) {
    Ref flags = TRY(make_flags(t, *g_runtime.config));
    return sys_set(t, "flags", flags);
}

Status configure_sys(Thread& t) {
    const Config& c = *g_runtime.config;
    Value m = t.interp->sys_module;
    TRY(module_add(t, m, "flags", make_flags(t, c)));
    TRY(module_add(t, m, "argv", text_list(t, c.argv)));
    TRY(module_add(t, m, "orig_argv", text_list(t, c.orig_argv)));
    TRY(module_add(t, m, "path", text_list(t, c.module_search_paths)));
    TRY(module_add(t, m, "warnoptions", text_list(t, c.warn_options)));
    TRY(add_x_options(t, m, c));
    TRY(module_add(t, m, "executable", path_text(t, c.executable)));
    TRY(module_add(t, m, "_base_executable", path_text(t, c.base_executable)));
    TRY(module_add(t, m, "prefix", path_text(t, c.prefix)));
    TRY(module_add(t, m, "exec_prefix", path_text(t, c.exec_prefix)));
    TRY(module_add(t, m, "base_prefix", path_text(t, c.base_prefix)));
    TRY(module_add(t, m, "base_exec_prefix", path_text(t, c.base_exec_prefix)));
    TRY(module_add(t, m, "platlibdir", path_text(t, c.platlibdir)));
    TRY(module_add(t, m, "_stdlib_dir", c.stdlib_dir.empty() ? none_ref() : path_text(t, c.stdlib_dir)));
    TRY(module_add(t, m, "_home", none_ref()));
    TRY(module_add(t, m, "pycache_prefix",
                   c.pycache_prefix.empty() ? none_ref() : path_text(t, c.pycache_prefix)));
    return module_add(t, m, "dont_write_bytecode", bool_ref(c.dont_write_bytecode));
}

}  // namespace krait
