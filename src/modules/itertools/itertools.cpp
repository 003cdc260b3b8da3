// The module itertools.
#include "modules/itertools/itertools.h"

#include <cstring>

#include "object/convert.h"

namespace krait {
namespace itertools {

void iter_dealloc(Thread& t, PyObject* o) {
    gc_untrack(t, o);
    auto* it = reinterpret_cast<Iter*>(o);
    for (Value v : it->f) xdecref(v);
    mem_free(it->indices);
    free_object(t, o);
}
void iter_traverse(PyObject* o, Visitor& v) {
    for (Value x : reinterpret_cast<Iter*>(o)->f) v.visit(x);
}

Status plain_kwargs(Thread& t, PyTypeObject* type, const char* name, Value kwnames) {
    if (ext(type)->slots.init != ext(&PyBaseObject_Type)->slots.init) return Status::ok();
    return no_kwargs(t, name, kwnames);
}

// How the types are called, as inspect.signature() shows it.
static const char* signature_of_type(std::string_view name) {
    static const struct {
        std::string_view name;
        const char* signature;
    } all[] = {
        {"itertools.accumulate", "(iterable, func=None, *, initial=None)"},
        {"itertools.batched", "(iterable, n, *, strict=False)"},
        {"itertools.chain", "(*iterables)"},
        {"itertools.combinations", "(iterable, r)"},
        {"itertools.combinations_with_replacement", "(iterable, r)"},
        {"itertools.compress", "(data, selectors)"},
        {"itertools.count", "(start=0, step=1)"},
        {"itertools.cycle", "(iterable, /)"},
        {"itertools.dropwhile", "(predicate, iterable, /)"},
        {"itertools.filterfalse", "(function, iterable, /)"},
        {"itertools.pairwise", "(iterable, /)"},
        {"itertools.permutations", "(iterable, r=None)"},
        {"itertools.product", "(*iterables, repeat=1)"},
        {"itertools.starmap", "(function, iterable, /)"},
        {"itertools.takewhile", "(predicate, iterable, /)"},
        {"itertools.zip_longest", "(*iterables, fillvalue=None)"},
    };
    for (auto& row : all)
        if (row.name == name) return row.signature;
    return nullptr;
}

Status add_type(Thread& t, Value module, Type& type, const char* name, NewFn new_fn, UnaryFn next,
                const NativeDef* methods, const char* doc, UnaryFn repr) {
    if (type.tp_flags & kTpReady)  // another interpreter imports the module
        return module ? module_add(t, module, strrchr(name, '.') + 1, Ref::share(Value(&type)))
                      : Status::ok();
    auto* decl = new TypeDecl{
        .name = name,
        .basicsize = sizeof(Iter),
        .flags = kTpDefault | kTpHaveGC | (new_fn ? kTpBaseType : kTpDisallowInstantiation),
        .slots = {.dealloc = iter_dealloc,
                  .traverse = iter_traverse,
                  .repr = repr,
                  .getattr = generic_get_attr,
                  .iter = iter_self,
                  .iternext = next,
                  .new_ = new_fn},
        .spec = {.methods = methods, .doc = doc, .text_signature = signature_of_type(name)},
    };
    return add_static_type(t, module, type, *decl);
}

}  // namespace itertools

namespace {
Ref tee(Thread& t, Value module, const Value* a, size_t n);

Status exec(Thread& t, Value module) {
    TRY(itertools::add_simple(t, module));
    TRY(itertools::add_combinatoric(t, module));
    return itertools::add_grouping(t, module);
}
}  // namespace

namespace itertools {
Ref tee_function(Thread& t, Value iterable, int64_t n);
}

namespace {
Ref tee(Thread& t, Value, const Value* a, size_t n) {
    int64_t count = n > 1 ? TRY(as_ssize(t, a[1])) : 2;
    if (count < 0) return raise(t, PyExc_ValueError, "n must be >= 0");
    return itertools::tee_function(t, a[0], count);
}
const NativeDef functions[] = {
    def<tee>("tee", "(iterable, n=2, /)", "Independent iterators over one iterable."), {}};
}  // namespace

extern const ModuleSpec module_itertools = {"itertools", "Iterators made of iterators.", functions, exec};

}  // namespace krait
