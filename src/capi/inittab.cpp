// import.h: modules that a program adds to the builtin ones before it starts the runtime.
#include <cstdlib>
#include <cstring>

#include "builtins/str.h"
#include "capi/modules.h"
#include "capi/slots.h"

using namespace krait;

extern "C" {
struct _inittab {
    const char* name;
    PyObject* (*initfunc)();
};
#pragma GCC visibility push(default)
static _inittab g_none[1] = {{nullptr, nullptr}};
// What was added, closed by an entry without a name. Krait's own native modules are not in it.
_inittab* PyImport_Inittab = g_none;
#pragma GCC visibility pop
}

CAPI int PyImport_ExtendInittab(_inittab* more) {
    if (g_runtime.initialized) {
        fputs("Fatal Python error: PyImport_ExtendInittab: cannot be called after Py_Initialize()\n", stderr);
        abort();
    }
    size_t have = 0, n = 0;
    while (PyImport_Inittab[have].name) have++;
    while (more[n].name) n++;
    if (!n) return 0;
    auto* table = static_cast<_inittab*>(malloc((have + n + 1) * sizeof(_inittab)));
    if (!table) return -1;
    memcpy(table, PyImport_Inittab, have * sizeof(_inittab));
    memcpy(table + have, more, (n + 1) * sizeof(_inittab));
    if (PyImport_Inittab != g_none) free(PyImport_Inittab);
    PyImport_Inittab = table;
    return 0;
}
CAPI int PyImport_AppendInittab(const char* name, PyObject* (*init)()) {
    if (g_runtime.initialized) {
        fputs(
            "Fatal Python error: PyImport_AppendInittab: PyImport_AppendInittab() may not be called after "
            "Py_Initialize()\n",
            stderr);
        abort();
    }
    _inittab one[] = {{name, init}, {nullptr, nullptr}};
    return PyImport_ExtendInittab(one);
}

namespace krait {

const char* added_module(size_t i) { return PyImport_Inittab[i].name; }

Ref create_added(Thread& t, Value spec, Value name) {
    for (_inittab* e = PyImport_Inittab; e->name; e++) {
        if (!str_equal(name, e->name)) continue;
        activate_c_slots();
        return module_from_init(t, spec, name, Value(), std::string("builtin:") + e->name, e->initfunc);
    }
    return none_ref();
}

}  // namespace krait
