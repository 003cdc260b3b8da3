// The module _suggestions: "did you mean" for code in Python.
#include "builtins/list.h"
#include "builtins/str.h"
#include "object/protocol.h"
#include "object/suggest.h"

namespace krait {
namespace {

Ref generate(Thread& t, Value, const Value* a, size_t) {
    Value candidates = a[0], item = a[1];
    if (!is_str(item))
        return raise(t, PyExc_TypeError, "_generate_suggestions() argument 2 must be str, not %T", item);
    if (!is_list_exact(candidates)) return raise(t, PyExc_TypeError, "candidates must be a list");
    for (int64_t i = 0; i < list_size(candidates); i++)
        if (!is_str(list_get(candidates, i)))
            return raise(t, PyExc_TypeError, "all elements in 'candidates' must be strings");
    // Distances are counted in UTF-8, which there has to be.
    TRY_DISCARD(str_utf8(t, item));
    for (int64_t i = 0; i < list_size(candidates); i++) TRY_DISCARD(str_utf8(t, list_get(candidates, i)));
    Value best = suggest_name(item, list_items(candidates), list_size(candidates));
    return best ? Ref::share(best) : none_ref();
}

const NativeDef functions[] = {
    def<generate>("_generate_suggestions", "(candidates, item, /)",
                  "The candidate nearest in spelling to the item, or None."),
    {},
};

}  // namespace

extern const ModuleSpec module__suggestions;
const ModuleSpec module__suggestions = {
    .name = "_suggestions", .doc = nullptr, .functions = functions, .single = true};

}  // namespace krait
