#include "modules/interpreters/config.h"

#include <iterator>

#include "builtins/callable.h"
#include "builtins/dict.h"
#include "builtins/str.h"
#include "object/errors.h"
#include "object/protocol.h"

namespace krait::xi {
namespace {

struct Field {
    const char* name;
    int InterpreterConfig::* place;
};
constexpr Field kFields[] = {
    {"use_main_obmalloc", &InterpreterConfig::use_main_obmalloc},
    {"allow_fork", &InterpreterConfig::allow_fork},
    {"allow_exec", &InterpreterConfig::allow_exec},
    {"allow_threads", &InterpreterConfig::allow_threads},
    {"allow_daemon_threads", &InterpreterConfig::allow_daemon_threads},
    {"check_multi_interp_extensions", &InterpreterConfig::check_multi_interp_extensions},
};
constexpr const char* kGil[] = {"default", "shared", "own"};

Status take_gil(Thread& t, Value v, InterpreterConfig& config) {
    if (!is_str(v)) return raise(t, PyExc_TypeError, "invalid config type: gil");
    TRY_DISCARD(str_utf8(t, v));
    for (int i = 0; i < 3; i++)
        if (str_equal(v, kGil[i])) {
            config.gil = i;
            return Status::ok();
        }
    return raise(t, PyExc_ValueError, "unsupported interpreter config .gil value '%U'", v);
}

}  // namespace

Status config_by_name(Thread& t, Value name, InterpreterConfig& config) {
    TRY_DISCARD(str_utf8(t, name));
    if (str_length(name) == 0 || str_equal(name, "default") || str_equal(name, "isolated"))
        config = kIsolatedConfig;
    else if (str_equal(name, "legacy"))
        config = kLegacyConfig;
    else if (str_equal(name, "empty"))
        config = InterpreterConfig{};
    else
        return raise(t, PyExc_ValueError, "unsupported config name '%U'", name);
    return Status::ok();
}

Status config_update(Thread& t, Value dict, bool complete, InterpreterConfig& config) {
    Ref left = TRY(dict_copy(t, dict));
    auto take = [&](const char* name) -> Maybe {
        Ref key = TRY(str_intern(t, name));
        Ref v = TRY(dict_get(t, left, key));
        if (!v) {
            if (complete) return raise(t, PyExc_ValueError, "missing config key: %s", name);
            return Maybe::absent();
        }
        if (!dict_delete(t, left, key)) return {};
        return Maybe::found(std::move(v));
    };
    for (const Field& f : kFields) {
        Ref v = TRY(take(f.name));
        if (!v) continue;
        if (!has_type(v, &PyBool_Type)) return raise(t, PyExc_TypeError, "invalid config type: %s", f.name);
        config.*f.place = v == boolean(true);
    }
    Ref gil = TRY(take("gil"));
    if (gil) TRY(take_gil(t, gil, config));
    int64_t more = dict_size(left);
    if (more == 1) return raise(t, PyExc_ValueError, "config dict has 1 extra item (%R)", left.get());
    if (more > 1) return raise(t, PyExc_ValueError, "config dict has %zd extra items (%R)", more, left.get());
    return Status::ok();
}

Status config_from(Thread& t, Value v, InterpreterConfig& config) {
    if (is_str(v)) return config_by_name(t, v, config);
    Ref dict = get_attr(t, v, "__dict__");
    if (!dict) return raise(t, PyExc_TypeError, "bad config %R", v);
    if (!is_dict(dict)) return raise(t, PyExc_TypeError, "dict expected");
    return config_update(t, dict, true, config);
}

Ref config_object(Thread& t, const InterpreterConfig& config) {
    Ref dict = TRY(dict_new(t));
    for (const Field& f : kFields) TRY(dict_set_str(t, dict, f.name, boolean(config.*f.place)));
    Ref gil = TRY(str_from(t, kGil[config.gil]));
    TRY(dict_set_str(t, dict, "gil", gil));
    return namespace_new(t, dict);
}

const char* config_fault(const InterpreterConfig& config) {
    if (!config.use_main_obmalloc && !config.check_multi_interp_extensions)
        return "per-interpreter obmalloc does not support single-phase init extension modules";
    return nullptr;
}

}  // namespace krait::xi
