// The module _testinternalcapi: its parts together.
#include <ctime>

#include "builtins/callable.h"
#include "interp/eval.h"
#include "modules/internals/internals.h"
#include "object/instance.h"

namespace krait {

namespace internals {
namespace {

// The runs of an adaptive instruction up to the one that specializes it, and up to the one that gives it up.
constexpr int64_t kRunsToSpecialize = (kCounterWarmup >> 4) + 1,
                  kMissesToGiveUp = (kCounterCooldown >> 4) + 1;
// There is no second optimizer: this many rounds of a loop, CPython's number, bring no change.
constexpr int64_t kRoundsToOptimize = 4096;
// What sys.getsizeof() adds for the collector, and for the words before an instance.
constexpr int64_t kShownGcHead = 16, kShownPreHeader = 16;

Status exec(Thread& t, Value module) {
    for (const NativeDef* table : {kObjectFunctions, kInterpreterFunctions, kCodeFunctions, kFrameFunctions,
                                   kNumberFunctions, kTimeFunctions, kTextFunctions, kCompilerFunctions})
        TRY(module_add_functions(t, module, table));
    const struct {
        const char* name;
        int64_t value;
    } numbers[] = {
        {"SHARED_KEYS_MAX_SIZE", SharedKeys::kMax},
        {"SIZEOF_MANAGED_PRE_HEADER", kShownPreHeader},
        {"SIZEOF_PYGC_HEAD", kShownGcHead},
        {"SIZEOF_PYOBJECT", sizeof(PyObject)},
        {"SIZEOF_TIME_T", sizeof(time_t)},
        {"SPECIALIZATION_COOLDOWN", kMissesToGiveUp},
        {"SPECIALIZATION_THRESHOLD", kRunsToSpecialize},
        {"TIER2_THRESHOLD", kRoundsToOptimize},
    };
    for (auto& n : numbers) TRY(module_add_int(t, module, n.name, n.value));
    return Status::ok();
}

}  // namespace
}  // namespace internals

extern const ModuleSpec module__testinternalcapi;
const ModuleSpec module__testinternalcapi{.name = "_testinternalcapi",
                                          .doc = "What tests ask about the inside of the interpreter.",
                                          .functions = nullptr,
                                          .exec = internals::exec};

}  // namespace krait
